//! What a life amounts to, counted from its timeline: times, trials, hours, nights, and what of it is simulated with spikes.

use crate::block::{Block, KINDS};
use crate::time::HOUR_US;
use crate::timeline::{Mode, Stretch};
use crate::{BlockKind, Lives};

/// Shortest sleep that counts as a night; a shorter one is a nap.
pub const NIGHT_US: i64 = 3 * HOUR_US;

/// What a life amounts to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Blocks that occur, in the order of the file.
    pub blocks: Vec<BlockCount>,
    /// Microseconds of each kind that occurs.
    pub kinds: Vec<(BlockKind, i64)>,
    /// Days.
    pub days: u32,
    /// Sleeps without a break of at least [`NIGHT_US`].
    pub nights: u32,
    /// Shorter sleeps.
    pub naps: u32,
    /// Microseconds of the whole life.
    pub length_us: i64,
    /// Microseconds that are simulated with spikes.
    pub spikes_us: i64,
    /// What is accelerated: place in the list of blocks, factor, microseconds that are simulated.
    pub accelerated: Vec<(usize, f64, i64)>,
}

/// How often and how long a block occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockCount {
    /// Place in the list of blocks.
    pub block: usize,
    /// Occurrences.
    pub times: u32,
    /// Trials of all occurrences at most, where the block says how many it has.
    pub trials: Option<u64>,
    /// Microseconds.
    pub length_us: i64,
}

/// The kind of a stretch's block.
pub(crate) fn kind(blocks: &[Block], stretch: &Stretch) -> BlockKind {
    blocks.get(stretch.block).and_then(Block::plain).map_or(BlockKind::Wake, |p| p.kind)
}

impl Counts {
    /// Counts a timeline.
    pub fn of(lives: &Lives, timeline: &[Stretch]) -> Counts {
        let mut counts = Counts::default();
        let mut lengths = vec![(0, 0); lives.blocks.len()];
        let mut kinds = [0; KINDS.len()];
        let mut seen = [false; KINDS.len()];
        for stretch in timeline {
            let block = &mut lengths[stretch.block];
            *block = (stretch.nth, block.1 + stretch.length_us);
            let place = KINDS.iter().position(|(_, k)| *k == kind(&lives.blocks, stretch)).unwrap_or(0);
            kinds[place] += stretch.length_us;
            seen[place] = true;
            counts.days = counts.days.max(stretch.day);
            counts.length_us = stretch.end_us();
            if let Mode::Spikes { acceleration } = stretch.mode {
                counts.spikes_us += stretch.length_us;
                counts.accelerate(stretch.block, acceleration, stretch.length_us);
            }
        }
        for (block, (times, length_us)) in lengths.into_iter().enumerate().filter(|(_, (times, _))| *times > 0) {
            let trials = lives.blocks[block].plain().and_then(|p| p.trials).map(|n| u64::from(n) * u64::from(times));
            counts.blocks.push(BlockCount { block, times, trials, length_us });
        }
        counts.kinds = KINDS.iter().zip(kinds).zip(seen).filter(|(_, seen)| *seen).map(|((k, us), _)| (k.1, us)).collect();
        for (_, length_us) in sleeps(lives, timeline) {
            *(if length_us >= NIGHT_US { &mut counts.nights } else { &mut counts.naps }) += 1;
        }
        counts
    }

    fn accelerate(&mut self, block: usize, factor: f64, length_us: i64) {
        if factor == 1.0 {
            return;
        }
        match self.accelerated.iter_mut().find(|(b, f, _)| *b == block && *f == factor) {
            Some((.., us)) => *us += length_us,
            None => self.accelerated.push((block, factor, length_us)),
        }
    }
}

/// Sleeps without a break, whatever their stages: start and length.
fn sleeps(lives: &Lives, timeline: &[Stretch]) -> Vec<(i64, i64)> {
    let mut out: Vec<(i64, i64)> = Vec::new();
    for stretch in timeline.iter().filter(|s| s.length_us > 0 && kind(&lives.blocks, s).is_sleep()) {
        match out.last_mut() {
            Some((from, length)) if *from + *length == stretch.from_us => *length += stretch.length_us,
            _ => out.push((stretch.from_us, stretch.length_us)),
        }
    }
    out
}

/// A timeline for a figure: kind, start and length in seconds, neighbours of one kind merged. What takes no time stays.
pub fn bars(lives: &Lives, timeline: &[Stretch]) -> Vec<(BlockKind, f64, f64)> {
    let mut out: Vec<(BlockKind, i64, i64)> = Vec::new();
    for stretch in timeline {
        let kind = kind(&lives.blocks, stretch);
        match out.last_mut() {
            Some((last, _, length)) if *last == kind => *length += stretch.length_us,
            _ => out.push((kind, stretch.from_us, stretch.length_us)),
        }
    }
    out.into_iter().map(|(kind, from, length)| (kind, crate::time::seconds(from), crate::time::seconds(length))).collect()
}
