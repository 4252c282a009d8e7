//! Draws `k` of `n` neurons, with or without repetition, for one row after another.
//!
//! Without repetition by Floyd's algorithm (Bentley and Floyd, Programming Pearls, Communications of the ACM 30, 1987): `k`
//! random numbers, each subset equally likely.

use plastica_numerics::random::Stream;

/// Draws neurons; the numbers of a row hang on the stream and the row only.
pub(crate) struct Sampler {
    stream: Stream,
    n: usize,
    repeat: bool,
    /// One bit for each neuron: was it drawn? All are 0 between two rows.
    drawn: Vec<u64>,
    numbers: [f64; CHUNK],
}

/// Uniform numbers drawn at a time.
const CHUNK: usize = 512;

impl Sampler {
    /// Draws from `n` neurons; `repeat`: the same one may come again.
    pub fn new(stream: Stream, n: usize, repeat: bool) -> Self {
        Sampler { stream, n, repeat, drawn: vec![0; if repeat { 0 } else { n.div_ceil(64) }], numbers: [0.0; CHUNK] }
    }

    /// Appends `k` neurons for a row in ascending order. `excluded` is not drawn: the others are numbered without it.
    pub fn draw(&mut self, row: u64, k: usize, excluded: Option<u32>, out: &mut Vec<u32>) {
        let start = out.len();
        // Floyd's algorithm offers one neuron more at each draw: the first draw has `n - k + 1` to choose from, the last `n`.
        let mut last = if self.repeat { 0 } else { self.n - k };
        for first in (0..k).step_by(CHUNK) {
            let numbers = &mut self.numbers[..(k - first).min(CHUNK)];
            self.stream.uniforms(first as u64, row, 0, numbers);
            for u in numbers {
                if self.repeat {
                    out.push(below(*u, self.n) as u32);
                    continue;
                }
                let candidate = below(*u, last + 1);
                let chosen = if self.drawn[candidate / 64] >> (candidate % 64) & 1 == 0 { candidate } else { last };
                self.drawn[chosen / 64] |= 1 << (chosen % 64);
                out.push(chosen as u32);
                last += 1;
            }
        }
        self.sort(start, out);
        if let Some(excluded) = excluded {
            for neuron in out[start..].iter_mut().rev() {
                if *neuron < excluded {
                    break;
                }
                *neuron += 1;
            }
        }
    }

    /// Sorts what was drawn, and clears the bits.
    fn sort(&mut self, start: usize, out: &mut Vec<u32>) {
        // The bits are already in order: reading them all is cheaper than sorting, unless they are few and far between.
        if self.repeat || self.drawn.len() > 16 * (out.len() - start) {
            out[start..].sort_unstable();
            if !self.repeat {
                out[start..].iter().for_each(|neuron| self.drawn[*neuron as usize / 64] = 0);
            }
            return;
        }
        out.truncate(start);
        for (place, word) in self.drawn.iter_mut().enumerate() {
            while *word != 0 {
                out.push(place as u32 * 64 + word.trailing_zeros());
                *word &= *word - 1;
            }
        }
    }
}

/// A whole number below `n` from a number in [0, 1).
fn below(u: f64, n: usize) -> usize {
    ((u * n as f64) as usize).min(n.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(row: u64, n: usize, k: usize, excluded: Option<u32>, repeat: bool) -> Vec<u32> {
        let mut out = Vec::new();
        Sampler::new(Stream::new(1, 2, 3), n, repeat).draw(row, k, excluded, &mut out);
        out
    }

    #[test]
    fn a_draw_is_ascending_and_without_repetition() {
        for (n, k) in [(1, 1), (10, 10), (100, 7), (10_000, 3), (10_000, 800)] {
            let drawn = draw(5, n, k, None, false);
            assert_eq!(drawn.len(), k);
            assert!(drawn.windows(2).all(|w| w[0] < w[1]) && drawn.iter().all(|x| (*x as usize) < n));
        }
        assert_eq!(draw(5, 4, 4, Some(2), false), [0, 1, 3, 4]);
        assert!(draw(5, 3, 100, Some(1), true).iter().all(|x| *x != 1 && *x < 4));
    }

    #[test]
    fn a_row_does_not_hang_on_the_rows_before() {
        let mut sampler = Sampler::new(Stream::new(1, 2, 3), 500, false);
        let mut out = Vec::new();
        sampler.draw(8, 100, None, &mut out);
        out.clear();
        sampler.draw(9, 40, None, &mut out);
        assert_eq!(out, draw(9, 500, 40, None, false));
    }

    /// Chi-squared over the 10 subsets of 2 of 5: below 33.7 with 9 degrees of freedom, a correct sampler fails once in 10,000 seeds.
    #[test]
    fn every_subset_is_equally_likely() {
        let mut counts = [0_f64; 25];
        const ROWS: u64 = 10_000;
        for row in 0..ROWS {
            let pair = draw(row, 5, 2, None, false);
            counts[(pair[0] * 5 + pair[1]) as usize] += 1.0;
        }
        let seen: Vec<f64> = counts.into_iter().filter(|c| *c > 0.0).collect();
        let expected = ROWS as f64 / 10.0;
        let chi2: f64 = seen.iter().map(|c| (c - expected).powi(2) / expected).sum();
        assert!(seen.len() == 10 && chi2 < 33.7, "{chi2} {seen:?}");
    }
}
