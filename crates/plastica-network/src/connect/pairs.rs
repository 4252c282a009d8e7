//! Pairs in rows of their source, however a rule finds them.

use std::ops::Range;

use plastica_numerics::random::Stream;

use super::Ends;
use crate::elements::{Draws, Surroundings};
use crate::network::NetworkError;

/// What a rule may look at while pairs are drawn.
pub(crate) struct Building<'a> {
    pub ends: Ends,
    /// The targets of this part.
    pub owned: Range<usize>,
    pub draws: Draws<'a>,
    pub around: &'a Surroundings<'a>,
    /// Name of the projection, for messages.
    pub name: &'a str,
}

/// Pairs in rows of their source; within a row by target, then by entry.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// Start of each source's row, `[n_pre + 1]`.
    pub row: Vec<usize>,
    /// Target, `[n_pairs]`.
    pub post: Vec<u32>,
    /// Entry of the list, `[n_pairs]`; empty unless the pairs come from one.
    pub entry: Vec<u32>,
}

impl Building<'_> {
    /// The random numbers of a rule; `place` tells several streams apart.
    pub fn stream(&self, place: u32) -> Stream {
        self.draws.stream(place)
    }

    /// Pairs of a rule that finds the sources of a target: `f` appends them in ascending order.
    pub fn by_target(&self, mut f: impl FnMut(u32, &mut Vec<u32>) -> Result<(), NetworkError>) -> Result<Pairs, NetworkError> {
        let mut sources = Vec::new();
        let mut ends = Vec::with_capacity(self.owned.len());
        for target in self.owned.clone() {
            f(target as u32, &mut sources)?;
            ends.push(sources.len());
        }
        let mut row = vec![0; self.ends.n_pre + 1];
        for source in &sources {
            row[*source as usize + 1] += 1;
        }
        for k in 1..row.len() {
            row[k] += row[k - 1];
        }
        // Targets ascend, so each row is filled in the order of its targets.
        let mut next = row.clone();
        let mut post = vec![0; sources.len()];
        let mut start = 0;
        for (target, end) in self.owned.clone().zip(ends) {
            for source in &sources[start..end] {
                let place = &mut next[*source as usize];
                post[*place] = target as u32;
                *place += 1;
            }
            start = end;
        }
        Ok(Pairs { row, post, entry: Vec::new() })
    }

    /// Pairs of a rule that finds the targets of a source: `f` appends those that this part owns in ascending order.
    pub fn by_source(&self, mut f: impl FnMut(u32, &mut Vec<u32>)) -> Pairs {
        let mut post = Vec::new();
        let mut row = Vec::with_capacity(self.ends.n_pre + 1);
        row.push(0);
        for source in 0..self.ends.n_pre {
            f(source as u32, &mut post);
            row.push(post.len());
        }
        Pairs { row, post, entry: Vec::new() }
    }
}
