//! The numbers that models draw in each step: `rand()` and `randn()`.
//!
//! They are made for speed, because a network with noise draws one for every neuron and step. A uniform number takes one 32-bit word and
//! a normal one too, so that a block of the generator gives four; normal numbers are computed in single precision, whatever the precision
//! of the run. What is drawn once (networks, initial values) comes from [`Stream::uniform`] and [`Stream::normal`] with 53 bits.
//!
//! Elements 64g to 64g + 63 share the blocks 16g to 16g + 15, as for Poisson numbers. Of normal numbers the first and second sixteen are the
//! cosines and sines of one pair of words, the third and fourth those of the other.

use super::{GROUP, LANES, Stream, WORD, philox4x32, words, words_at};
use crate::elementary::single;

/// A type that these numbers are wanted in.
pub trait Drawn: Copy + Default {
    /// A word as a number in [0, 1).
    fn of_word(word: u32) -> Self;
    /// A normal number.
    fn of_normal(x: f32) -> Self;
}

impl Drawn for f64 {
    #[inline(always)]
    fn of_word(word: u32) -> f64 {
        f64::from(word) * WORD
    }
    #[inline(always)]
    fn of_normal(x: f32) -> f64 {
        f64::from(x)
    }
}

impl Drawn for f32 {
    /// Rounded, but never up to 1.
    #[inline(always)]
    fn of_word(word: u32) -> f32 {
        const BELOW_ONE: f32 = 1.0 - f32::EPSILON / 2.0;
        let x = word as f32 * WORD as f32;
        if x < 1.0 { x } else { BELOW_ONE }
    }
    #[inline(always)]
    fn of_normal(x: f32) -> f32 {
        x
    }
}

/// Two normal numbers of two words (Box and Muller 1958): one word is the radius, the other the angle as a part of a turn.
#[inline(always)]
fn box_muller(radius: u32, angle: u32) -> (f32, f32) {
    // Half a unit keeps away from 0; above 2^24 it is lost in rounding.
    let u = (radius as f32 + 0.5) * WORD as f32;
    let r = single::sqrt(-2.0 * single::log_normal(u));
    let (s, c) = single::turn(angle);
    (r * c, r * s)
}

/// The words of sixteen blocks.
#[inline(always)]
fn narrow(wide: [[u64; LANES]; 4]) -> [[u32; LANES]; 4] {
    let mut out = [[0; LANES]; 4];
    for (out, wide) in out.iter_mut().zip(&wide) {
        for i in 0..LANES {
            out[i] = wide[i] as u32;
        }
    }
    out
}

/// The normal numbers of sixteen blocks.
#[inline(always)]
fn normals_of([a, b, c, d]: [[u32; LANES]; 4]) -> [[f32; LANES]; 4] {
    let mut out = [[0.0; LANES]; 4];
    for i in 0..LANES {
        (out[0][i], out[1][i]) = box_muller(a[i], b[i]);
    }
    for i in 0..LANES {
        (out[2][i], out[3][i]) = box_muller(c[i], d[i]);
    }
    out
}

/// Which of the four numbers of its block an element has.
#[inline(always)]
fn part(element: u64) -> usize {
    (element >> 4) as usize & 3
}

/// The block of an element.
#[inline(always)]
fn block(element: u64) -> u64 {
    (element >> 6) * LANES as u64 + (element & 15)
}

impl Stream {
    /// What `rand()` of a model is: a uniform number in [0, 1), a multiple of 2^-32.
    #[inline(always)]
    pub fn rand(self, element: u64, step: u64, draw: u32) -> f64 {
        self.word(element, step, draw)
    }

    /// What `randn()` and `xi` of a model are: a normal number of mean 0 and standard deviation 1, of magnitude at most 6.8.
    #[inline(always)]
    pub fn randn(self, element: u64, step: u64, draw: u32) -> f32 {
        let (c, d) = Stream::address(step, draw);
        let counter = block(element);
        let w = philox4x32([counter as u32, (counter >> 32) as u32, c, d], self.key);
        let part = part(element);
        let (x, y) = box_muller(w[part & 2], w[part | 1]);
        if part & 1 == 0 { x } else { y }
    }

    /// [`Stream::rand`] of elements `first`, `first` + 1, … into `out`.
    #[inline(always)]
    pub fn rands<T: Drawn>(self, first: u64, step: u64, draw: u32, out: &mut [T]) {
        let (mut element, mut rest) = (first, out);
        while !rest.is_empty() {
            let from = (element % GROUP as u64) as usize;
            let n = rest.len().min(GROUP - from);
            let (now, later) = rest.split_at_mut(n);
            let group = self.group(element / GROUP as u64, step, draw);
            if let Ok(now) = <&mut [T; GROUP]>::try_from(&mut *now) {
                for i in 0..GROUP {
                    now[i] = T::of_word(group[i]);
                }
            } else {
                for (x, word) in now.iter_mut().zip(&group[from..]) {
                    *x = T::of_word(*word);
                }
            }
            element = element.wrapping_add(n as u64);
            rest = later;
        }
    }

    /// [`Stream::randn`] of elements `first`, `first` + 1, … into `out`.
    #[inline(always)]
    pub fn randns<T: Drawn>(self, first: u64, step: u64, draw: u32, out: &mut [T]) {
        let (c, d) = Stream::address(step, draw);
        let (mut element, mut rest) = (first, out);
        while !rest.is_empty() {
            let from = (element % GROUP as u64) as usize;
            let n = rest.len().min(GROUP - from);
            let (now, later) = rest.split_at_mut(n);
            let numbers = normals_of(narrow(words(self.key, (element / GROUP as u64).wrapping_mul(LANES as u64), c, d)));
            let numbers = numbers.as_flattened();
            if now.len() == GROUP {
                for i in 0..GROUP {
                    now[i] = T::of_normal(numbers[i]);
                }
            } else {
                for (x, number) in now.iter_mut().zip(&numbers[from..]) {
                    *x = T::of_normal(*number);
                }
            }
            element = element.wrapping_add(n as u64);
            rest = later;
        }
    }

    /// The words of the blocks of up to sixteen elements.
    #[inline(always)]
    fn blocks_at(self, elements: &[u64], step: u64, draw: u32) -> [[u32; LANES]; 4] {
        let (c, d) = Stream::address(step, draw);
        let mut counters = [0; LANES];
        for (counter, element) in counters.iter_mut().zip(elements) {
            *counter = block(*element);
        }
        narrow(words_at(self.key, counters, c, d))
    }

    /// [`Stream::rand`] of any elements into `out`.
    ///
    /// # Panics
    /// If `elements` and `out` differ in length.
    #[inline(always)]
    pub fn rands_at<T: Drawn>(self, elements: &[u64], step: u64, draw: u32, out: &mut [T]) {
        assert_eq!(elements.len(), out.len(), "as many elements as numbers");
        for (elements, out) in elements.chunks(LANES).zip(out.chunks_mut(LANES)) {
            let words = self.blocks_at(elements, step, draw);
            for (i, (x, element)) in out.iter_mut().zip(elements).enumerate() {
                *x = T::of_word(words[part(*element)][i]);
            }
        }
    }

    /// [`Stream::randn`] of any elements into `out`.
    ///
    /// # Panics
    /// If `elements` and `out` differ in length.
    #[inline(always)]
    pub fn randns_at<T: Drawn>(self, elements: &[u64], step: u64, draw: u32, out: &mut [T]) {
        assert_eq!(elements.len(), out.len(), "as many elements as numbers");
        for (elements, out) in elements.chunks(LANES).zip(out.chunks_mut(LANES)) {
            let numbers = normals_of(self.blocks_at(elements, step, draw));
            for (i, (x, element)) in out.iter_mut().zip(elements).enumerate() {
                *x = T::of_normal(numbers[part(*element)][i]);
            }
        }
    }
}
