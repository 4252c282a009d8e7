//! Counter-based random numbers: a number is a function of where it is used, not of what was
//! drawn before it.
//!
//! The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy
//! as 1, 2, 3", SC11). A [`Stream`] fixes (seed, subject, stream); each number is then addressed
//! by (element, step, draw), so that any number of threads, in any order and with any block size,
//! obtain the same numbers. The slice forms give, bit for bit, the numbers of the single forms.
//!
//! **Addresses.** `element` may use all 64 bits, `step` its low 48 bits (2.8e14 steps; higher
//! bits are ignored) and `draw` its low 16 bits. The key of a stream is half a Philox block of
//! (seed, subject, stream). Elements 2j and 2j + 1 share a block. Poisson numbers of small means
//! take one 32-bit word each: elements 64g to 64g + 63 share the blocks 16g to 16g + 15, the
//! first sixteen the first words, and so on, so that vectors of words need no reordering. The
//! `rand` and `randn` of models do the same. The
//! retries of the Poisson rejection use keys of their own.
//!
//! All distributions are computed with [`crate::elementary`], so they are the same on every
//! machine too.

use crate::elementary::double;

mod model;

pub use model::Drawn;

const M0: u64 = 0xd251_1f53;
const M1: u64 = 0xcd9e_8d57;
const W0: u32 = 0x9e37_79b9;
const W1: u32 = 0xbb67_ae85;
/// Blocks computed side by side by the slice forms.
const LANES: usize = 16;
/// Words of these blocks.
const GROUP: usize = 4 * LANES;
/// What a 32-bit word counts.
const WORD: f64 = 1.0 / 4_294_967_296.0;

/// The Philox4x32-10 block function: 128 random bits from a counter and a key.
#[inline(always)]
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut k, mut l] = key;
    for _ in 0..10 {
        let p = u64::from(a) * M0;
        let q = u64::from(c) * M1;
        (a, b, c, d) = ((q >> 32) as u32 ^ b ^ k, q as u32, (p >> 32) as u32 ^ d ^ l, p as u32);
        k = k.wrapping_add(W0);
        l = l.wrapping_add(W1);
    }
    [a, b, c, d]
}

/// 53 bits of two words as a number in [0, 1), a multiple of 2^-53.
#[inline(always)]
fn unit(high: u64, low: u64) -> f64 {
    const TWO52: f64 = 4_503_599_627_370_496.0;
    // Integers below 2^32 become floats by way of their bits, which every vector unit can do.
    let h = f64::from_bits(((high & 0xffff_ffff) >> 5) | TWO52.to_bits()) - TWO52;
    let l = f64::from_bits(((low & 0xffff_ffff) >> 6) | TWO52.to_bits()) - TWO52;
    (h * 67_108_864.0 + l) * (1.0 / 9_007_199_254_740_992.0)
}

/// Sixteen blocks, counters (first + i, c0, d0): their four words, in the low halves of 64-bit lanes.
#[inline(always)]
fn words(key: [u32; 2], first: u64, c0: u32, d0: u32) -> [[u64; LANES]; 4] {
    words_at(key, core::array::from_fn(|i| first.wrapping_add(i as u64)), c0, d0)
}

/// [`words`] of any counters.
#[inline(always)]
fn words_at(key: [u32; 2], counters: [u64; LANES], c0: u32, d0: u32) -> [[u64; LANES]; 4] {
    let mut a = [0u64; LANES];
    let mut b = [0u64; LANES];
    let mut c = [u64::from(c0); LANES];
    let mut d = [u64::from(d0); LANES];
    for i in 0..LANES {
        a[i] = counters[i] & 0xffff_ffff;
        b[i] = counters[i] >> 32;
    }
    let [mut k, mut l] = key;
    // The words are kept in 64-bit lanes; the high halves of b and d are left unclean and are
    // masked before use.
    for _ in 0..10 {
        let (k64, l64) = (u64::from(k), u64::from(l));
        for i in 0..LANES {
            let p = (a[i] & 0xffff_ffff) * M0;
            let q = (c[i] & 0xffff_ffff) * M1;
            a[i] = (q >> 32) ^ b[i] ^ k64;
            c[i] = (p >> 32) ^ d[i] ^ l64;
            b[i] = q;
            d[i] = p;
        }
        k = k.wrapping_add(W0);
        l = l.wrapping_add(W1);
    }
    [a, b, c, d]
}

/// Sixteen blocks, each as two uniform numbers.
#[inline(always)]
fn blocks(key: [u32; 2], first: u64, c0: u32, d0: u32) -> ([f64; LANES], [f64; LANES]) {
    let [a, b, c, d] = words(key, first, c0, d0);
    let mut u = [0.0; LANES];
    let mut v = [0.0; LANES];
    for i in 0..LANES {
        u[i] = unit(a[i], b[i]);
        v[i] = unit(c[i], d[i]);
    }
    (u, v)
}

/// Two standard normal numbers from two uniform ones (Box and Muller 1958).
#[inline(always)]
fn box_muller(u: f64, v: f64) -> (f64, f64) {
    let r = (-2.0 * double::log(1.0 - u)).sqrt();
    let (s, c) = double::turn(v);
    (r * c, r * s)
}

/// The number of a stream of random numbers: FNV-1a over the bytes of `owner` and then the four
/// bytes of `place` (least significant first), its two halves combined by exclusive or.
pub fn stream_id(owner: &str, place: u32) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in owner.bytes().chain(place.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    (hash >> 32) as u32 ^ hash as u32
}

/// Random numbers of one purpose: a key made of (seed, subject, stream).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
}

/// Means above which a Poisson number is drawn by rejection, and by the normal approximation.
const REJECTION_FROM: f64 = 10.0;
const NORMAL_FROM: f64 = 1e7;

impl Stream {
    /// The stream of (seed, subject, stream); different triples have unrelated keys (two given
    /// triples coincide with probability 2^-64).
    pub fn new(seed: u64, subject: u32, stream: u32) -> Stream {
        let counter = [seed as u32, (seed >> 32) as u32, subject, stream];
        let [a, b, _, _] = philox4x32(counter, [0x706c_6173, 0x7469_6361]);
        Stream { key: [a, b] }
    }

    /// The low words of the counter that all elements of a call share.
    #[inline(always)]
    fn address(step: u64, draw: u32) -> (u32, u32) {
        (step as u32, ((step >> 32) as u32 & 0xffff) | (draw << 16))
    }

    /// The block of elements 2 pair and 2 pair + 1, as two uniform numbers.
    #[inline(always)]
    fn pair(self, pair: u64, step: u64, draw: u32) -> (f64, f64) {
        let (c, d) = Stream::address(step, draw);
        let w = philox4x32([pair as u32, (pair >> 32) as u32, c, d], self.key).map(u64::from);
        (unit(w[0], w[1]), unit(w[2], w[3]))
    }

    /// [`Stream::pair`] of pairs first to first + 15.
    #[inline(always)]
    fn pairs(self, first: u64, step: u64, draw: u32) -> ([f64; LANES], [f64; LANES]) {
        let (c, d) = Stream::address(step, draw);
        blocks(self.key, first, c, d)
    }

    /// The word of an element as a number in [0, 1), a multiple of 2^-32.
    #[inline(always)]
    fn word(self, element: u64, step: u64, draw: u32) -> f64 {
        let (c, d) = Stream::address(step, draw);
        let block = (element >> 6) * LANES as u64 + (element & 15);
        let w = philox4x32([block as u32, (block >> 32) as u32, c, d], self.key);
        f64::from(w[(element >> 4) as usize & 3]) * WORD
    }

    /// The words of elements 64 group to 64 group + 63.
    #[inline(always)]
    fn group(self, group: u64, step: u64, draw: u32) -> [u32; GROUP] {
        let (c, d) = Stream::address(step, draw);
        let parts = words(self.key, group.wrapping_mul(LANES as u64), c, d);
        let mut out = [0; GROUP];
        for (part, lanes) in parts.iter().enumerate() {
            for i in 0..LANES {
                out[part * LANES + i] = lanes[i] as u32;
            }
        }
        out
    }

    /// Calls `f` with the words of each group that holds some of the elements `first`, `first` + 1, …, and the part of `out`
    /// that they belong to, beginning with the given word.
    #[inline(always)]
    fn groups(self, first: u64, step: u64, draw: u32, out: &mut [f64], mut f: impl FnMut(&[u32; GROUP], usize, &mut [f64])) {
        let mut element = first;
        let mut rest = out;
        while !rest.is_empty() {
            let from = (element % GROUP as u64) as usize;
            let n = rest.len().min(GROUP - from);
            let (now, later) = rest.split_at_mut(n);
            f(&self.group(element / GROUP as u64, step, draw), from, now);
            element = element.wrapping_add(n as u64);
            rest = later;
        }
    }

    /// A uniform number in [0, 1), a multiple of 2^-53.
    #[inline(always)]
    pub fn uniform(self, element: u64, step: u64, draw: u32) -> f64 {
        let (u, v) = self.pair(element >> 1, step, draw);
        if element & 1 == 0 { u } else { v }
    }

    /// A normal number of mean 0 and standard deviation 1, of magnitude at most 8.6.
    #[inline(always)]
    pub fn normal(self, element: u64, step: u64, draw: u32) -> f64 {
        let (u, v) = self.pair(element >> 1, step, draw);
        let (x, y) = box_muller(u, v);
        if element & 1 == 0 { x } else { y }
    }

    /// A Poisson number of the given mean.
    ///
    /// Below mean 10 by inversion of the cumulative distribution (to the resolution 2^-32 of a
    /// uniform word); from there by Hörmann's transformed rejection PTRS (Insurance:
    /// Mathematics and Economics 12, 1993); above 1e7 as a rounded normal number of the same mean
    /// and variance, at least 0. A mean that is NaN, 0 or negative gives 0, an infinite one inf.
    pub fn poisson(self, mean: f64, element: u64, step: u64, draw: u32) -> f64 {
        if mean > 0.0 && mean < REJECTION_FROM { invert(mean, self.word(element, step, draw)) } else { self.poisson_large(mean, element, step, draw) }
    }

    /// A Poisson number for every mean that inversion does not serve.
    #[inline(never)]
    fn poisson_large(self, mean: f64, element: u64, step: u64, draw: u32) -> f64 {
        if mean.is_nan() || mean < REJECTION_FROM {
            return 0.0;
        }
        if mean == f64::INFINITY {
            return mean;
        }
        if mean > NORMAL_FROM {
            let x = mean + mean.sqrt() * self.normal(element, step, draw);
            return double::floor(x + 0.5).max(0.0);
        }
        Rejection::new(mean).draw(self, element, step, draw, 1)
    }

    /// [`Stream::uniform`] of elements `first_element`, `first_element` + 1, … into `out`.
    #[inline(always)]
    pub fn uniforms(self, first_element: u64, step: u64, draw: u32, out: &mut [f64]) {
        let head = out.len().min((first_element & 1) as usize);
        let (start, rest) = out.split_at_mut(head);
        if let [x] = start {
            *x = self.uniform(first_element, step, draw);
        }
        let mut element = first_element.wrapping_add(head as u64);
        let mut blocks = rest.chunks_exact_mut(2 * LANES);
        for block in &mut blocks {
            let (u, v) = self.pairs(element >> 1, step, draw);
            for i in 0..LANES {
                block[2 * i] = u[i];
                block[2 * i + 1] = v[i];
            }
            element = element.wrapping_add(2 * LANES as u64);
        }
        let tail = blocks.into_remainder();
        if !tail.is_empty() {
            let (u, v) = self.pairs(element >> 1, step, draw);
            for (i, x) in tail.iter_mut().enumerate() {
                *x = if i & 1 == 0 { u[i / 2] } else { v[i / 2] };
            }
        }
    }

    /// The blocks of sixteen elements, each as two uniform numbers.
    #[inline(always)]
    fn pairs_at(self, elements: &[u64], step: u64, draw: u32) -> ([f64; LANES], [f64; LANES]) {
        let (c, d) = Stream::address(step, draw);
        let mut counters = [0; LANES];
        for (counter, element) in counters.iter_mut().zip(elements) {
            *counter = element >> 1;
        }
        let [w0, w1, w2, w3] = words_at(self.key, counters, c, d);
        let mut u = [0.0; LANES];
        let mut v = [0.0; LANES];
        for i in 0..LANES {
            u[i] = unit(w0[i], w1[i]);
            v[i] = unit(w2[i], w3[i]);
        }
        (u, v)
    }

    /// [`Stream::uniform`] of any elements into `out`.
    ///
    /// # Panics
    /// If `elements` and `out` differ in length.
    #[inline(always)]
    pub fn uniforms_at(self, elements: &[u64], step: u64, draw: u32, out: &mut [f64]) {
        assert_eq!(elements.len(), out.len(), "as many elements as numbers");
        for (elements, out) in elements.chunks(LANES).zip(out.chunks_mut(LANES)) {
            let (u, v) = self.pairs_at(elements, step, draw);
            for (i, (x, element)) in out.iter_mut().zip(elements).enumerate() {
                *x = if element & 1 == 0 { u[i] } else { v[i] };
            }
        }
    }

    /// [`Stream::normal`] of any elements into `out`.
    ///
    /// # Panics
    /// If `elements` and `out` differ in length.
    #[inline(always)]
    pub fn normals_at(self, elements: &[u64], step: u64, draw: u32, out: &mut [f64]) {
        assert_eq!(elements.len(), out.len(), "as many elements as numbers");
        for (elements, out) in elements.chunks(LANES).zip(out.chunks_mut(LANES)) {
            let (mut u, mut v) = self.pairs_at(elements, step, draw);
            for i in 0..LANES {
                (u[i], v[i]) = box_muller(u[i], v[i]);
            }
            for (i, (x, element)) in out.iter_mut().zip(elements).enumerate() {
                *x = if element & 1 == 0 { u[i] } else { v[i] };
            }
        }
    }

    /// [`Stream::normal`] of elements `first_element`, `first_element` + 1, … into `out`.
    #[inline(always)]
    pub fn normals(self, first_element: u64, step: u64, draw: u32, out: &mut [f64]) {
        let head = out.len().min((first_element & 1) as usize);
        let (start, rest) = out.split_at_mut(head);
        if let [x] = start {
            *x = self.normal(first_element, step, draw);
        }
        let mut element = first_element.wrapping_add(head as u64);
        for block in rest.chunks_mut(2 * LANES) {
            let (mut u, mut v) = self.pairs(element >> 1, step, draw);
            for i in 0..LANES {
                (u[i], v[i]) = box_muller(u[i], v[i]);
            }
            if let Ok(block) = <&mut [f64; 2 * LANES]>::try_from(&mut *block) {
                for i in 0..LANES {
                    block[2 * i] = u[i];
                    block[2 * i + 1] = v[i];
                }
            } else {
                for (i, x) in block.iter_mut().enumerate() {
                    *x = if i & 1 == 0 { u[i / 2] } else { v[i / 2] };
                }
            }
            element = element.wrapping_add(2 * LANES as u64);
        }
    }

    /// [`Stream::poisson`] with one mean for elements `first_element`, `first_element` + 1, …
    /// into `out`. Builds a [`PoissonTable`]; keep one yourself where a mean is used again.
    #[inline(always)]
    pub fn poissons(self, mean: f64, first_element: u64, step: u64, draw: u32, out: &mut [f64]) {
        self.poissons_from(&PoissonTable::new(mean), first_element, step, draw, out);
    }

    /// [`Stream::poisson`] with the mean of `table` for elements `first_element`,
    /// `first_element` + 1, … into `out`.
    #[inline(always)]
    pub fn poissons_from(self, table: &PoissonTable, first_element: u64, step: u64, draw: u32, out: &mut [f64]) {
        if let Some(rejection) = table.rejection {
            let mut element = first_element;
            for block in out.chunks_mut(LANES) {
                rejection.fill(self, element, step, draw, block);
                element = element.wrapping_add(LANES as u64);
            }
        } else if table.cumulative.is_empty() {
            for (i, x) in out.iter_mut().enumerate() {
                let element = first_element.wrapping_add(i as u64);
                *x = self.poisson_large(table.mean, element, step, draw);
            }
        } else {
            // Not through `groups`: what is called there is not compiled for the vector instructions of the caller.
            let mut element = first_element;
            let mut rest = out;
            while !rest.is_empty() {
                let from = (element % GROUP as u64) as usize;
                let n = rest.len().min(GROUP - from);
                let (now, later) = rest.split_at_mut(n);
                let counts = count_words(&table.thresholds, &self.group(element / GROUP as u64, step, draw));
                if let Ok(now) = <&mut [f64; GROUP]>::try_from(&mut *now) {
                    for i in 0..GROUP {
                        now[i] = f64::from(counts[i]);
                    }
                } else {
                    for (x, count) in now.iter_mut().zip(&counts[from..]) {
                        *x = f64::from(*count);
                    }
                }
                element = element.wrapping_add(n as u64);
                rest = later;
            }
        }
    }

    /// [`Stream::poisson`] with a mean for each of the elements `first_element`,
    /// `first_element` + 1, … into `out`.
    ///
    /// # Panics
    /// If `means` and `out` differ in length.
    #[inline(always)]
    pub fn poissons_each(self, means: &[f64], first_element: u64, step: u64, draw: u32, out: &mut [f64]) {
        assert_eq!(means.len(), out.len(), "as many means as numbers");
        self.groups(first_element, step, draw, out, |words, from, out| {
            for (x, word) in out.iter_mut().zip(&words[from..]) {
                *x = f64::from(*word) * WORD;
            }
        });
        let whole = out.len() - out.len() % LANES;
        for (start, block) in (0..whole).step_by(LANES).zip(out.chunks_exact_mut(LANES)) {
            invert_block(&means[start..start + LANES], block);
        }
        for (x, &mean) in out[whole..].iter_mut().zip(&means[whole..]) {
            *x = invert(if mean > 0.0 && mean < REJECTION_FROM { mean } else { 0.0 }, *x);
        }
        for (i, (x, &mean)) in out.iter_mut().zip(means).enumerate() {
            if mean >= REJECTION_FROM {
                let element = first_element.wrapping_add(i as u64);
                *x = self.poisson_large(mean, element, step, draw);
            }
        }
    }
}

/// The smallest k with u < P(0) + … + P(k) for a mean in [0, 10).
#[inline(always)]
fn invert(mean: f64, u: f64) -> f64 {
    let mut term = double::exp(-mean);
    let mut sum = term;
    let mut k = 0.0;
    while u >= sum {
        k += 1.0;
        term *= mean * (1.0 / k);
        let next = sum + term;
        if next == sum {
            break;
        }
        sum = next;
    }
    k
}

/// [`invert`] of 16 uniform numbers in place; means outside (0, 10) count as 0.
#[inline(always)]
fn invert_block(means: &[f64], block: &mut [f64]) {
    let mut mean = [0.0; LANES];
    let mut u = [0.0; LANES];
    mean.copy_from_slice(means);
    u.copy_from_slice(block);
    let mut term = [0.0; LANES];
    let mut sum = [0.0; LANES];
    let mut count = [0.0; LANES];
    for i in 0..LANES {
        let m = if mean[i] > 0.0 { mean[i] } else { 0.0 };
        mean[i] = if m < REJECTION_FROM { m } else { 0.0 };
        term[i] = double::exp(-mean[i]);
        sum[i] = term[i];
    }
    let mut k = 0.0;
    loop {
        // Each lane above its sum goes on, unless its sum has stopped growing, which closes it.
        k += 1.0;
        let inverse = 1.0 / k;
        let mut open = 0;
        for i in 0..LANES {
            let above = u[i] >= sum[i];
            term[i] *= mean[i] * inverse;
            let next = sum[i] + term[i];
            let next = if next == sum[i] { f64::INFINITY } else { next };
            count[i] += if above { 1.0 } else { 0.0 };
            open |= u64::from(above);
            sum[i] = if above { next } else { sum[i] };
        }
        if open == 0 {
            break;
        }
    }
    block.copy_from_slice(&count);
}

/// How many of the rising thresholds each word reaches.
#[inline(always)]
fn count_words(thresholds: &[u32], words: &[u32; GROUP]) -> [u32; GROUP] {
    let mut counts = [0_u32; GROUP];
    let largest = words.iter().fold(0, |a: u32, b| a.max(*b));
    for &threshold in thresholds {
        if largest < threshold {
            break;
        }
        for i in 0..GROUP {
            counts[i] += u32::from(words[i] >= threshold);
        }
    }
    counts
}

/// What a Poisson distribution of one mean needs, worked out once: below mean 10 the cumulative
/// probabilities, from there the constants of the rejection.
#[derive(Clone, Debug)]
pub struct PoissonTable {
    mean: f64,
    cumulative: Vec<f64>,
    /// The least word that reaches each entry of `cumulative`, as far as there is one.
    thresholds: Vec<u32>,
    rejection: Option<Rejection>,
}

impl PoissonTable {
    /// The table of `mean` (as for [`Stream::poisson`], any value is allowed).
    pub fn new(mean: f64) -> PoissonTable {
        let mut cumulative = Vec::new();
        if mean > 0.0 && mean < REJECTION_FROM {
            // As `invert` does it.
            let mut term = double::exp(-mean);
            let mut sum = term;
            let mut k = 0.0;
            loop {
                cumulative.push(sum);
                k += 1.0;
                term *= mean * (1.0 / k);
                let next = sum + term;
                if next == sum {
                    break;
                }
                sum = next;
            }
        }
        let rejection = (REJECTION_FROM..=NORMAL_FROM).contains(&mean).then(|| Rejection::new(mean));
        let reached = |sum: &f64| double::ceil(sum / WORD);
        let thresholds = cumulative.iter().map(reached).take_while(|t| *t <= f64::from(u32::MAX)).map(|t| t as u32).collect();
        PoissonTable { mean, cumulative, thresholds, rejection }
    }

    /// The mean that the table was made for.
    pub fn mean(&self) -> f64 {
        self.mean
    }
}

/// The constants of PTRS for one mean.
#[derive(Clone, Copy, Debug)]
struct Rejection {
    mean: f64,
    log_mean: f64,
    a: f64,
    b: f64,
    inverse_alpha: f64,
    v_accept: f64,
}

impl Rejection {
    fn new(mean: f64) -> Rejection {
        let b = 0.931 + 2.53 * mean.sqrt();
        Rejection {
            mean,
            log_mean: double::log(mean),
            a: -0.059 + 0.02483 * b,
            b,
            inverse_alpha: 1.1239 + 1.1328 / (b - 3.4),
            v_accept: 0.9277 - 3.6224 / (b - 2.0),
        }
    }

    /// The key of an attempt: the stream's own key is the one of `uniform`.
    #[inline(always)]
    fn key(stream: Stream, attempt: u32) -> [u32; 2] {
        let [k, l] = stream.key;
        [k.wrapping_add(attempt.wrapping_mul(0x85eb_ca6b)), l ^ 0xc2b2_ae35]
    }

    /// (k, distance from the edge) proposed by a uniform number less 1/2.
    #[inline(always)]
    fn propose(&self, u: f64) -> (f64, f64) {
        let us = 0.5 - u.abs();
        (double::floor((2.0 * self.a / us + self.b) * u + self.mean + 0.43), us)
    }

    /// [`Rejection::draw`] of up to 16 elements: the first attempts side by side, and one by one
    /// those not accepted there.
    #[inline(always)]
    fn fill(&self, stream: Stream, first: u64, step: u64, draw: u32, out: &mut [f64]) {
        let (c, d) = Stream::address(step, draw);
        let (u, v) = blocks(Rejection::key(stream, 1), first, c, d);
        let mut proposal = [0.0; LANES];
        for i in 0..LANES {
            let (k, us) = self.propose(u[i] - 0.5);
            let quick = (us >= 0.07) & (v[i] <= self.v_accept);
            let out = (us < 0.013) & (v[i] > us);
            let full = self.log_height(us, v[i]) <= self.log_probability_from_ten(k);
            let accept = quick | (full & !out & (k >= 10.0));
            // Decided here, but for k from 0 to 9 beyond the quick test: -1 begins again.
            let small = (0.0..10.0).contains(&k);
            proposal[i] = if accept { k } else { -2.0 };
            proposal[i] = if small & !quick { -1.0 } else { proposal[i] };
        }
        for (i, (x, k)) in out.iter_mut().zip(proposal).enumerate() {
            *x = if k >= 0.0 {
                k
            } else {
                let attempt = if k == -1.0 { 1 } else { 2 };
                self.draw(stream, first.wrapping_add(i as u64), step, draw, attempt)
            };
        }
    }

    /// The first number accepted from the given attempt on.
    #[inline(never)]
    fn draw(&self, stream: Stream, element: u64, step: u64, draw: u32, first: u32) -> f64 {
        let (c, d) = Stream::address(step, draw);
        let counter = [element as u32, (element >> 32) as u32, c, d];
        let mut attempt = first.wrapping_sub(1);
        loop {
            attempt = attempt.wrapping_add(1);
            let w = philox4x32(counter, Rejection::key(stream, attempt)).map(u64::from);
            let u = unit(w[0], w[1]) - 0.5;
            let v = unit(w[2], w[3]);
            let (k, us) = self.propose(u);
            if us >= 0.07 && v <= self.v_accept {
                return k;
            }
            if k < 0.0 || (us < 0.013 && v > us) {
                continue;
            }
            if self.log_height(us, v) <= self.log_probability(k) {
                return k;
            }
        }
    }

    /// The logarithm of the probability of k >= 0.
    fn log_probability(&self, k: f64) -> f64 {
        // ln k! for k < 10.
        const LOG_FACTORIAL: [f64; 10] = [
            0.0,
            0.0,
            core::f64::consts::LN_2,
            1.791_759_469_228_055,
            3.178_053_830_347_945_8,
            4.787_491_742_782_046,
            6.579_251_212_010_101,
            8.525_161_361_065_415,
            10.604_602_902_745_25,
            12.801_827_480_081_469,
        ];
        if k < 10.0 {
            return k * self.log_mean - self.mean - LOG_FACTORIAL[k as usize];
        }
        self.log_probability_from_ten(k)
    }

    /// The logarithm of the height of the point (us, v) under the hat.
    #[inline(always)]
    fn log_height(&self, us: f64, v: f64) -> f64 {
        double::log(v * self.inverse_alpha / (self.a / (us * us) + self.b))
    }

    /// [`Rejection::log_probability`] for k >= 10, without branches.
    #[inline(always)]
    fn log_probability_from_ten(&self, k: f64) -> f64 {
        // Stirling's series for ln k!, its large terms combined with those of the mean.
        const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_7;
        let d = k - self.mean;
        let r = 1.0 / k;
        let r2 = r * r;
        let series = r * (1.0 / 12.0 - r2 * (1.0 / 360.0 - r2 * (1.0 / 1260.0 - r2 * (1.0 / 1680.0))));
        d - k * double::log1p(d / self.mean) - 0.5 * double::log(k) - HALF_LOG_TAU - series
    }
}
