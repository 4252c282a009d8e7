//! Which synapses there are: rows by source and delay, and, where it is needed, columns by target.

use std::ops::Range;

use plastica_network::arrays::{Delays, Synapses};

use crate::array::Kind;
use crate::frame::Bound;

/// Targets, numbered among the owned neurons.
pub enum Targets {
    /// A part of at most 65,536 neurons: half the memory to read.
    Narrow(Vec<u16>),
    /// A larger one.
    Wide(Vec<u32>),
}

impl Targets {
    /// Target of a synapse.
    pub fn get(&self, synapse: usize) -> u32 {
        match self {
            Targets::Narrow(t) => u32::from(t[synapse]),
            Targets::Wide(t) => t[synapse],
        }
    }

    /// Targets of consecutive synapses, where they stand or widened into `buffer`.
    #[inline]
    pub fn list<'a>(&'a self, synapses: Range<usize>, buffer: &'a mut Vec<u32>) -> &'a [u32] {
        match self {
            Targets::Narrow(t) => {
                buffer.clear();
                buffer.extend(t[synapses].iter().map(|t| u32::from(*t)));
                buffer
            }
            Targets::Wide(t) => &t[synapses],
        }
    }
}

/// The synapses of a projection onto the owned neurons.
pub struct Rows {
    /// Start of each source's row, `[n_pre + 1]`.
    row: Vec<usize>,
    /// Targets, `[n_synapses]`.
    pub targets: Targets,
    axonal: Axonal,
    /// Dendritic delays.
    pub dendritic: Delays,
    /// Which of several synapses of a pair; empty without multapses.
    pub multapse: Vec<u16>,
    columns: Option<Columns>,
    sources: Vec<u32>,
}

/// Axonal delays, which rise along a row.
enum Axonal {
    /// The same for all.
    Same(u32),
    /// One for each synapse: for rows that are worked through as a whole.
    Each(Vec<u8>),
    /// By groups: the synapses of a row with one delay.
    Groups(Groups),
}

struct Groups {
    /// First group of each row, `[n_pre + 1]`.
    first: Vec<usize>,
    /// Delay and first synapse of each group.
    list: Vec<(u32, u32)>,
}

/// A piece of an array after a rewiring.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Entries of the array as it was.
    Old(Range<usize>),
    /// Entries of the new synapses.
    New(Range<usize>),
}

/// An array put together from pieces.
pub fn joined<T: Copy>(pieces: &[Piece], old: &[T], new: &[T]) -> Vec<T> {
    let mut out = Vec::with_capacity(old.len() + new.len());
    for piece in pieces {
        match piece {
            Piece::Old(range) => out.extend_from_slice(&old[range.clone()]),
            Piece::New(range) => out.extend_from_slice(&new[range.clone()]),
        }
    }
    out
}

/// Pieces while they are found, in order of the rows.
struct Pieces<'a> {
    list: Vec<Piece>,
    /// Synapses that go and have not been passed, ascending.
    gone: &'a [u32],
    /// The next one of the old synapses.
    at: usize,
    /// Entries so far.
    len: usize,
}

impl Pieces<'_> {
    /// Keeps the old synapses before this one, but for those that go.
    fn keep_until(&mut self, end: usize) {
        while let Some((first, rest)) = self.gone.split_first()
            && (*first as usize) < end
        {
            self.old(*first as usize);
            self.at = *first as usize + 1;
            self.gone = rest;
        }
        self.old(end);
    }

    fn old(&mut self, end: usize) {
        if self.at >= end {
            return;
        }
        self.len += end - self.at;
        match self.list.last_mut() {
            Some(Piece::Old(range)) if range.end == self.at => range.end = end,
            _ => self.list.push(Piece::Old(self.at..end)),
        }
        self.at = end;
    }

    fn add(&mut self, synapse: usize) {
        self.len += 1;
        match self.list.last_mut() {
            Some(Piece::New(range)) if range.end == synapse => range.end += 1,
            _ => self.list.push(Piece::New(synapse..synapse + 1)),
        }
    }
}

impl Axonal {
    /// Delays that differ; `whole`: rows are to be worked through as a whole, if the delays fit.
    fn differing(row: &[usize], delays: &[u32], whole: bool) -> Axonal {
        let narrow: Option<Vec<u8>> = if whole { delays.iter().map(|d| u8::try_from(*d).ok()).collect() } else { None };
        if let Some(delays) = narrow {
            return Axonal::Each(delays);
        }
        let mut groups = Groups { first: vec![0], list: Vec::new() };
        for row in row.windows(2) {
            for s in row[0]..row[1] {
                if s == row[0] || delays[s] != delays[s - 1] {
                    groups.list.push((delays[s], s as u32));
                }
            }
            groups.first.push(groups.list.len());
        }
        Axonal::Groups(groups)
    }

    fn bytes(&self) -> usize {
        match self {
            Axonal::Same(_) => 0,
            Axonal::Each(delays) => delays.len(),
            Axonal::Groups(groups) => 8 * (groups.first.len() + groups.list.len()),
        }
    }
}

/// The synapses by target.
struct Columns {
    /// Start of each target's column, `[n_owned + 1]`.
    start: Vec<usize>,
    /// Synapses by target, then source.
    synapse: Vec<u32>,
    /// Their sources.
    source: Vec<u32>,
}

/// Asks for so many bytes of memory that are about to be read.
#[inline]
pub fn prefetch(from: *const u8, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        const LINE: usize = 64;
        for at in (0..bytes).step_by(LINE) {
            // SAFETY: asking reads nothing, and does no harm at any address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(at).cast()) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (from, bytes);
}

/// Asks for the values of synapses that are about to be visited.
pub fn prefetch_values(bound: &Bound, range: Range<usize>) {
    let width = if bound.kind == Kind::Single { 4 } else { 8 };
    prefetch(bound.pointer.wrapping_add(range.start * width), range.len() * width);
}

impl Rows {
    /// Takes the engine's arrays; `owned` are the targets of this part. `whole`: rows are worked through as a whole, all delays at once.
    pub fn new(synapses: Synapses, owned: &Range<usize>, whole: bool) -> Rows {
        assert!(u32::try_from(synapses.post.len()).is_ok(), "a part has fewer than 2^32 synapses of a projection");
        let local = synapses.post.iter().map(|p| p - owned.start as u32);
        let targets = if owned.len() <= 1 << 16 { Targets::Narrow(local.map(|p| p as u16).collect()) } else { Targets::Wide(local.collect()) };
        let axonal = match &synapses.axonal {
            Delays::Same(d) => Axonal::Same(*d),
            Delays::Each(delays) => Axonal::differing(&synapses.row, delays, whole),
        };
        Rows { row: synapses.row, targets, axonal, dendritic: synapses.dendritic, multapse: synapses.multapse, columns: None, sources: Vec::new() }
    }

    /// The synapses as the engine knows them; `first` is the first owned neuron.
    pub fn synapses(&self, first: usize) -> Synapses {
        let post = (0..self.len()).map(|s| self.targets.get(s) + first as u32).collect();
        let axonal = if let Axonal::Same(delay) = self.axonal { Delays::Same(delay) } else { Delays::Each(self.axonal_delays()) };
        Synapses { row: self.row.clone(), post, multapse: self.multapse.clone(), axonal, dendritic: self.dendritic.clone(), ..Synapses::default() }
    }

    /// Axonal delay of each synapse, where they differ.
    fn axonal_delays(&self) -> Vec<u32> {
        match &self.axonal {
            Axonal::Same(_) => Vec::new(),
            Axonal::Each(delays) => delays.iter().map(|d| u32::from(*d)).collect(),
            Axonal::Groups(Groups { list, .. }) => {
                let mut out = Vec::with_capacity(self.len());
                for (k, (delay, _)) in list.iter().enumerate() {
                    out.resize(list.get(k + 1).map_or(self.len(), |next| next.1 as usize), *delay);
                }
                out
            }
        }
    }

    /// Axonal delay of each synapse, if rows are worked through as a whole.
    pub fn delays(&self) -> Option<&[u8]> {
        if let Axonal::Each(delays) = &self.axonal { Some(delays) } else { None }
    }

    /// Removes and adds synapses; how the arrays by synapse must be put together anew.
    pub fn rewire(&mut self, gone: &[u32], born: &Synapses, first: usize) -> Vec<Piece> {
        let (one_delay, whole) = (matches!(self.axonal, Axonal::Same(_)), matches!(self.axonal, Axonal::Each(_)));
        let delays = self.axonal_delays();
        let old_key = |s: usize| (delays.get(s).copied().unwrap_or(0), self.targets.get(s), self.multapse.get(s).copied().unwrap_or(0));
        let new_key = |s: usize| {
            let delay = if one_delay { 0 } else { born.axonal.get(s) };
            (delay, born.post[s] - first as u32, born.multapse.get(s).copied().unwrap_or(0))
        };
        let mut pieces = Pieces { list: Vec::new(), gone, at: 0, len: 0 };
        let mut row = Vec::with_capacity(self.row.len());
        for source in 0..self.sources_count() {
            row.push(pieces.len);
            let whole = self.whole(source);
            let mut from = whole.start;
            for s in born.row.get(source..source + 2).map_or(0..0, |r| r[0]..r[1]) {
                let key = new_key(s);
                let mut end = whole.end;
                while from < end {
                    let middle = from + (end - from) / 2;
                    if old_key(middle) < key { from = middle + 1 } else { end = middle }
                }
                pieces.keep_until(from);
                pieces.add(s);
            }
            pieces.keep_until(whole.end);
        }
        row.push(pieces.len);
        let pieces = pieces.list;
        let local = || born.post.iter().map(|p| p - first as u32);
        match &mut self.targets {
            Targets::Narrow(t) => *t = joined(&pieces, t, &local().map(|p| p as u16).collect::<Vec<u16>>()),
            Targets::Wide(t) => *t = joined(&pieces, t, &local().collect::<Vec<u32>>()),
        }
        if self.multapse.is_empty() && !born.multapse.is_empty() {
            self.multapse = vec![0; self.row.last().copied().unwrap_or(0)];
        }
        if !self.multapse.is_empty() {
            let new: Vec<u16> = (0..born.post.len()).map(|s| born.multapse.get(s).copied().unwrap_or(0)).collect();
            self.multapse = joined(&pieces, &self.multapse, &new);
        }
        let each = |delays: &Delays| (0..born.post.len()).map(|s| delays.get(s)).collect::<Vec<u32>>();
        if let Delays::Each(old) = &mut self.dendritic {
            *old = joined(&pieces, old, &each(&born.dendritic));
        }
        self.row = row;
        if !one_delay {
            self.axonal = Axonal::differing(&self.row, &joined(&pieces, &delays, &each(&born.axonal)), whole);
        }
        self.columns = None;
        self.sources.clear();
        pieces
    }

    /// Number of synapses.
    pub fn len(&self) -> usize {
        self.row.last().copied().unwrap_or(0)
    }

    /// Number of sources.
    pub fn sources_count(&self) -> usize {
        self.row.len().saturating_sub(1)
    }

    /// All synapses of a source.
    pub fn whole(&self, source: usize) -> Range<usize> {
        self.row[source]..self.row[source + 1]
    }

    /// The synapses of a source with an axonal delay.
    #[inline]
    pub fn range(&self, source: usize, delay: u32) -> Range<usize> {
        let whole = self.whole(source);
        match &self.axonal {
            Axonal::Same(d) if *d == delay => whole,
            Axonal::Same(_) => 0..0,
            Axonal::Each(delays) => {
                let row = &delays[whole.clone()];
                whole.start + row.partition_point(|d| u32::from(*d) < delay)..whole.start + row.partition_point(|d| u32::from(*d) <= delay)
            }
            Axonal::Groups(groups) => {
                let groups = &groups.list[groups.first[source]..groups.first[source + 1]];
                let Some(shortest) = groups.first().map(|g| g.0).filter(|d| *d <= delay) else { return 0..0 };
                // Delays rise from group to group, nearly always by one step, so that the place is this one or shortly before.
                let mut at = groups.len().min((delay - shortest) as usize + 1) - 1;
                while groups[at].0 > delay {
                    at -= 1;
                }
                let end = groups.get(at + 1).map_or(whole.end, |g| g.1 as usize);
                if groups[at].0 == delay { groups[at].1 as usize..end } else { 0..0 }
            }
        }
    }

    /// Asks for the targets of synapses that are about to be visited: rows are too short for the processor to guess where the next one is.
    #[inline]
    pub fn prefetch(&self, range: Range<usize>) {
        match &self.targets {
            Targets::Narrow(t) => prefetch(t[range.clone()].as_ptr().cast(), 2 * range.len()),
            Targets::Wide(t) => prefetch(t[range.clone()].as_ptr().cast(), 4 * range.len()),
        }
        if let Axonal::Each(delays) = &self.axonal {
            prefetch(delays[range.clone()].as_ptr(), range.len());
        }
    }

    /// The source of a synapse.
    pub fn source(&self, synapse: usize) -> usize {
        self.row.partition_point(|start| *start <= synapse) - 1
    }

    /// The source of each synapse.
    pub fn sources(&mut self) -> &[u32] {
        if self.sources.is_empty() {
            self.sources.reserve_exact(self.len());
            for source in 0..self.sources_count() {
                self.sources.resize(self.row[source + 1], source as u32);
            }
        }
        &self.sources
    }

    /// Makes the columns, unless they are there.
    pub fn make_columns(&mut self, owned: usize) {
        if self.columns.is_some() {
            return;
        }
        let mut start = vec![0; owned + 1];
        for s in 0..self.len() {
            start[self.targets.get(s) as usize + 1] += 1;
        }
        for t in 0..owned {
            start[t + 1] += start[t];
        }
        let mut next = start.clone();
        let (mut synapse, mut source) = (vec![0; self.len()], vec![0; self.len()]);
        for pre in 0..self.sources_count() {
            for s in self.whole(pre) {
                let at = &mut next[self.targets.get(s) as usize];
                (synapse[*at], source[*at]) = (s as u32, pre as u32);
                *at += 1;
            }
        }
        self.columns = Some(Columns { start, synapse, source });
    }

    /// Have the columns been made?
    pub fn has_columns(&self) -> bool {
        self.columns.is_some()
    }

    /// Synapses and sources of a target, by source; empty before [`Rows::make_columns`].
    pub fn column(&self, target: usize) -> (&[u32], &[u32]) {
        self.columns.as_ref().map_or((&[], &[]), |c| {
            let range = c.start[target]..c.start[target + 1];
            (&c.synapse[range.clone()], &c.source[range])
        })
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        let targets = match &self.targets {
            Targets::Narrow(t) => 2 * t.len(),
            Targets::Wide(t) => 4 * t.len(),
        };
        let columns = self.columns.as_ref().map_or(0, |c| 8 * c.start.len() + 8 * c.synapse.len());
        let dendritic = if let Delays::Each(d) = &self.dendritic { 4 * d.len() } else { 0 };
        8 * self.row.len() + self.axonal.bytes() + targets + columns + dendritic + 2 * self.multapse.len() + 4 * self.sources.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_one_delay() {
        let synapses = Synapses { row: vec![0, 4, 4, 6], post: vec![5, 6, 5, 7, 6, 5], axonal: Delays::Each(vec![1, 1, 3, 3, 2, 3]), ..Synapses::default() };
        for whole in [false, true] {
            let mut rows = Rows::new(synapses.clone(), &(5..9), whole);
            let check =
                |rows: &Rows, source, delay, expected: Range<usize>| assert_eq!(rows.range(source, delay).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
            check(&rows, 0, 1, 0..2);
            check(&rows, 0, 2, 0..0);
            check(&rows, 0, 3, 2..4);
            check(&rows, 1, 1, 0..0);
            check(&rows, 2, 2, 4..5);
            check(&rows, 2, 3, 5..6);
            assert_eq!(rows.sources(), [0, 0, 0, 0, 2, 2]);
            rows.make_columns(4);
            assert_eq!(rows.column(0), (&[0, 2, 5][..], &[0, 0, 2][..]));
            assert_eq!(rows.column(1), (&[1, 4][..], &[0, 2][..]));
            assert_eq!(rows.column(3), (&[][..], &[][..]));
        }
    }

    #[test]
    fn rows_keep_their_order_when_synapses_go_and_come() {
        let delays = |list: &[u32]| Delays::Each(list.to_vec());
        let synapses = Synapses { row: vec![0, 4, 4, 6], post: vec![5, 6, 5, 7, 6, 5], axonal: delays(&[1, 1, 3, 3, 2, 3]), ..Synapses::default() };
        for whole in [false, true] {
            let mut rows = Rows::new(synapses.clone(), &(5..9), whole);
            let born = Synapses { row: vec![0, 1, 2, 4], post: vec![8, 5, 5, 8], axonal: delays(&[1, 7, 2, 3]), ..Synapses::default() };
            let pieces = rows.rewire(&[0, 3, 5], &born, 5);
            let expected = Synapses { row: vec![0, 3, 4, 7], post: vec![6, 8, 5, 5, 5, 6, 8], axonal: delays(&[1, 1, 3, 7, 2, 2, 3]), ..Synapses::default() };
            assert_eq!(rows.synapses(5), expected);
            assert_eq!(joined(&pieces, &[0, 1, 2, 3, 4, 5], &[10, 11, 12, 13]), [1, 10, 2, 11, 12, 4, 13]);
            assert_eq!((rows.range(0, 1).len(), rows.range(0, 3).len(), rows.range(1, 7).len(), rows.range(2, 2).len()), (2, 1, 1, 2));
        }
    }
}
