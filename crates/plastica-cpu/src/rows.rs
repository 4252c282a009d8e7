//! Which synapses there are: rows by source and delay, and, where it is needed, columns by target.

use std::ops::Range;

use plastica_network::arrays::{Delays, Synapses};

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
    /// Axonal delay, if it is the same for all.
    axonal: Option<u32>,
    /// First group of each row, where axonal delays differ: `[n_pre + 1]`.
    group: Vec<usize>,
    /// Delay and first synapse of each group: the synapses of a row with one delay.
    groups: Vec<(u32, u32)>,
    /// Dendritic delays.
    pub dendritic: Delays,
    /// Which of several synapses of a pair; empty without multapses.
    pub multapse: Vec<u16>,
    columns: Option<Columns>,
    sources: Vec<u32>,
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

impl Rows {
    /// Takes the engine's arrays; `owned` are the targets of this part.
    pub fn new(synapses: Synapses, owned: &Range<usize>) -> Rows {
        assert!(u32::try_from(synapses.post.len()).is_ok(), "a part has fewer than 2^32 synapses of a projection");
        let local = synapses.post.iter().map(|p| p - owned.start as u32);
        let targets = if owned.len() <= 1 << 16 { Targets::Narrow(local.map(|p| p as u16).collect()) } else { Targets::Wide(local.collect()) };
        let (mut group, mut groups) = (Vec::new(), Vec::new());
        let axonal = match &synapses.axonal {
            Delays::Same(d) => Some(*d),
            Delays::Each(delays) => {
                group.push(0);
                for row in synapses.row.windows(2) {
                    for s in row[0]..row[1] {
                        if s == row[0] || delays[s] != delays[s - 1] {
                            groups.push((delays[s], s as u32));
                        }
                    }
                    group.push(groups.len());
                }
                None
            }
        };
        Rows {
            row: synapses.row,
            targets,
            axonal,
            group,
            groups,
            dendritic: synapses.dendritic,
            multapse: synapses.multapse,
            columns: None,
            sources: Vec::new(),
        }
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
        match self.axonal {
            Some(d) if d == delay => whole,
            Some(_) => 0..0,
            None => {
                let groups = &self.groups[self.group[source]..self.group[source + 1]];
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
        8 * (self.row.len() + self.group.len()) + 8 * self.groups.len() + targets + columns + dendritic + 2 * self.multapse.len() + 4 * self.sources.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_one_delay() {
        let synapses = Synapses { row: vec![0, 4, 4, 6], post: vec![5, 6, 5, 7, 6, 5], axonal: Delays::Each(vec![1, 1, 3, 3, 2, 3]), ..Synapses::default() };
        let mut rows = Rows::new(synapses, &(5..9));
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
