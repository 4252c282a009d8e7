//! Lists of synapses whose postsynaptic events wait: how they are found in a row, and how they are worked off.

use std::ops::Range;

use crate::array::BLOCK;
use crate::compiled::Compiled;
use crate::frame::{Frame, Index, Kept};
use crate::rows::Targets;
use crate::tape::CHUNK;

/// Spikes that the history of a neuron holds.
pub const DEPTH: usize = 8;
/// The place of a spike in the history is its number under this mask.
pub const MASK: u32 = DEPTH as u32 - 1;
/// The last spikes of the owned neurons.
#[derive(Clone, Copy)]
pub struct Spikes<'a> {
    /// Steps of the last spikes of each.
    pub steps: &'a [[u32; DEPTH]],
    /// The last of them, in short.
    pub brief: &'a [Brief],
    /// How many spikes each has had.
    pub count: &'a [u32],
}

/// The last three spikes of a neuron in a word of eight bytes, which is nearly always all that must be known of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Brief {
    /// Step of the last spike; 0: none.
    pub latest: u32,
    /// Steps from the last but one and from the last but two to the last, at most [`Brief::FAR`], and the place of the last in the history.
    packed: u32,
}

impl Brief {
    /// A distance that stands for itself and all longer ones.
    pub const FAR: u32 = 0x3fff;
    /// Where the two distances begin in `packed`; the place stands before them.
    pub const SHIFTS: [u32; 2] = [4, 18];

    /// After a spike that has been written to the place `count` of the history.
    pub fn new(steps: &[u32; DEPTH], count: u32) -> Brief {
        const { assert!(MASK < 1 << Brief::SHIFTS[0]) };
        let latest = steps[(count & MASK) as usize];
        let back = |k: u32| (latest - steps[(count.wrapping_sub(k) & MASK) as usize]).min(Brief::FAR);
        Brief { latest, packed: (count & MASK) | back(1) << Brief::SHIFTS[0] | back(2) << Brief::SHIFTS[1] }
    }
}

/// A row to be done.
#[derive(Clone, Debug)]
pub struct Row {
    /// Presynaptic neuron.
    pub source: usize,
    /// Its synapses.
    pub range: Range<usize>,
    /// Events of earlier steps have been done.
    pub since: u32,
    /// An event of this step reads the row's traces as they were before their last change.
    pub changed: u32,
}

/// Synapses with events to do.
///
/// The lists are as long as they have ever been; `n` says how much of them counts, so that nothing is cleared again and again.
#[derive(Default)]
pub struct Waiting {
    /// How many there are.
    pub n: usize,
    synapse: Vec<u32>,
    source: Vec<u32>,
    /// Place in the history of the next event.
    entry: Vec<u32>,
    /// How many follow it.
    more: Vec<u32>,
    /// Synapses of which more must be looked at than a [`Brief`], and their targets.
    rest: [Vec<u32>; 2],
    /// Where the synapses of each row end that stand together at the beginning of the list, and the row's source.
    rows: Vec<(usize, u32)>,
}

impl Waiting {
    /// Finds the synapses of a row with events since its last visit, and the first event of each; `early` takes those that read earlier traces.
    ///
    /// Compiled for each set of vector instructions, see `dispatch`; `find` is [`Find::plainly`] or does the same with less left to look at;
    /// `count_since` counts the steps that are not before another.
    #[inline(always)]
    pub fn collect(
        &mut self,
        early: &mut Waiting,
        spikes: Spikes<'_>,
        targets: &Targets,
        row: Row,
        find: impl Fn(Find<'_>) -> (usize, usize),
        count_since: impl Fn(&[u32; DEPTH], u32) -> u32,
    ) {
        let Row { source, range, since, changed } = row;
        let first = self.n;
        let room = range.len() + BLOCK;
        self.reserve(first + room);
        self.rest.iter_mut().filter(|list| list.len() < room).for_each(|list| list.resize(room, 0));
        let [rest_synapse, rest_target] = &mut self.rest;
        let (synapse, entry, more) = (&mut self.synapse[first..], &mut self.entry[first..], &mut self.more[first..]);
        let (found, rest) = find(Find { synapse, entry, more, rest_synapse, rest_target, targets, range, brief: spikes.brief, since, changed });
        let mut n = first + found;
        for k in 0..rest {
            let (synapse, j) = (self.rest[0][k], self.rest[1][k] as usize);
            // SAFETY: the history has an entry for each owned neuron.
            let (steps, count) = unsafe { (spikes.steps.get_unchecked(j), *spikes.count.get_unchecked(j)) };
            // Never above the depth: what is overwritten does not wait.
            let waiting = count_since(steps, since);
            let at = count.wrapping_sub(waiting) & MASK;
            let entry = j as u32 * DEPTH as u32 + at;
            if steps[at as usize] == changed {
                early.push(synapse, source as u32, entry, waiting - 1);
            } else {
                (self.synapse[n], self.entry[n], self.more[n]) = (synapse, entry, waiting - 1);
                n += 1;
            }
        }
        self.source[first..n].fill(source as u32);
        self.n = n;
        if n > first && self.rows.last().map_or(0, |(end, _)| *end) == first {
            self.rows.push((n, source as u32));
        }
    }

    /// Moves the synapses of another list here.
    pub fn take(&mut self, other: &mut Waiting) {
        for k in 0..std::mem::take(&mut other.n) {
            self.push(other.synapse[k], other.source[k], other.entry[k], other.more[k]);
        }
    }

    /// Does the next event of each synapse.
    pub fn run(&self, tape: &mut Compiled, kept: Kept) {
        // What a row shares is read once for it, not for each synapse.
        let mut start = 0;
        for (end, source) in &self.rows {
            self.run_part(tape, kept, start..*end, Some(*source));
            start = *end;
        }
        self.run_part(tape, kept, start..self.n, None);
    }

    fn run_part(&self, tape: &mut Compiled, kept: Kept, part: Range<usize>, source: Option<u32>) {
        let lists = self.synapse[part.clone()].chunks(CHUNK).zip(self.source[part.clone()].chunks(CHUNK)).zip(self.entry[part].chunks(CHUNK));
        for ((synapses, sources), entries) in lists {
            tape.set_kept(Kept { entries: entries.as_ptr(), ..kept });
            let pre = source.map_or(Index::List(sources.as_ptr()), |s| Index::One(s as usize));
            let frame = Frame { n: synapses.len(), own: Index::List(synapses.as_ptr()), pre, post: Index::One(0) };
            // SAFETY: the synapses are those of the sources, each once; the entries lie in the history.
            unsafe { tape.chunk(&frame) };
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.n = 0;
        self.rows.clear();
    }

    /// Goes on to the next events, and forgets synapses that have none; `pack` is [`Lists::plainly`] or does the same.
    #[inline(always)]
    pub fn advance(&mut self, pack: impl Fn(Lists<'_>) -> usize) {
        self.rows.clear();
        self.reserve(self.n + BLOCK);
        self.n = pack(Lists { n: self.n, synapse: &mut self.synapse, source: &mut self.source, entry: &mut self.entry, more: &mut self.more });
    }

    fn reserve(&mut self, n: usize) {
        if self.synapse.len() < n {
            [&mut self.synapse, &mut self.source, &mut self.entry, &mut self.more].into_iter().for_each(|list| list.resize(n, 0));
        }
    }

    /// Adds a synapse, the place of its next event, and how many follow.
    pub fn push(&mut self, synapse: u32, source: u32, entry: u32, more: u32) {
        self.reserve(self.n + 1);
        let n = self.n;
        (self.synapse[n], self.source[n], self.entry[n], self.more[n]) = (synapse, source, entry, more);
        self.n += 1;
    }
}

/// The lists of a [`Waiting`], of which `n` entries count; they are longer by a block.
pub struct Lists<'a> {
    /// How many entries count.
    pub n: usize,
    /// Synapses.
    pub synapse: &'a mut [u32],
    /// Their sources.
    pub source: &'a mut [u32],
    /// Places in the history.
    pub entry: &'a mut [u32],
    /// How many events follow.
    pub more: &'a mut [u32],
}

impl Lists<'_> {
    /// Goes on to the next event of each synapse that has one, and forgets the others; returns how many are left.
    #[inline(always)]
    pub fn plainly(self) -> usize {
        let mut left = 0;
        let n = self.n;
        let (synapse, source, entry, more) = (&mut self.synapse[..n], &mut self.source[..n], &mut self.entry[..n], &mut self.more[..n]);
        for k in 0..n {
            let (e, m) = (entry[k], more[k]);
            synapse[left] = synapse[k];
            source[left] = source[k];
            entry[left] = (e & !MASK) | (e.wrapping_add(1) & MASK);
            more[left] = m.saturating_sub(1);
            left += usize::from(m > 0);
        }
        left
    }
}

/// Where to look for synapses whose target has spiked since a step, and where to write what is found.
///
/// Lists that receive are longer than the row by a block.
pub struct Find<'a> {
    /// Receives the synapses with one or two events, of which the first reads no earlier traces.
    pub synapse: &'a mut [u32],
    /// Receives the places of their next events in the history.
    pub entry: &'a mut [u32],
    /// Receives how many events follow.
    pub more: &'a mut [u32],
    /// Receives the other synapses with events.
    pub rest_synapse: &'a mut [u32],
    /// Receives their targets.
    pub rest_target: &'a mut [u32],
    /// Targets of all synapses.
    pub targets: &'a Targets,
    /// The row.
    pub range: Range<usize>,
    /// Last spikes of each owned neuron.
    pub brief: &'a [Brief],
    /// The step.
    pub since: u32,
    /// An event of this step reads earlier traces.
    pub changed: u32,
}

impl Find<'_> {
    /// Looks one by one, and leaves all with events to be looked at; returns how many have been written to both lists.
    #[inline(always)]
    pub fn plainly(self) -> (usize, usize) {
        let Find { rest_synapse: synapse, rest_target, targets, range, brief, since, .. } = self;
        assert!(synapse.len() > range.len() && rest_target.len() > range.len(), "found-synapses-have-a-place");
        let (mut n, synapse, rest_target) = (0, synapse.as_mut_ptr(), rest_target.as_mut_ptr());
        macro_rules! each {
            ($targets:expr) => {
                for (k, target) in $targets[range.clone()].iter().enumerate() {
                    // SAFETY: `n` is at most `k`, which is below the length of the row; targets are owned neurons.
                    unsafe {
                        *synapse.add(n) = (range.start + k) as u32;
                        *rest_target.add(n) = u32::from(*target);
                        n += usize::from(brief.get_unchecked(*target as usize).latest >= since);
                    }
                }
            };
        }
        match targets {
            Targets::Narrow(targets) => each!(targets),
            Targets::Wide(targets) => each!(targets),
        }
        (0, n)
    }
}
