//! Tasks: what is trained. A task presents input, reads output and scores it, trial by trial.
//!
//! A task is a state machine that is stepped once in each step of the engine. It sees the spikes of the last step, counted in
//! groups, and sets values of neurons. One file for each kind; [`Task`] is what a kind implements. Names of populations and
//! variables are left as they stand, with their places: who knows the network resolves them.

mod association;
mod discrimination;
mod feedback;
mod force;
mod probe;
mod pulses;
mod read;
mod replay;
mod sequence;
mod window;

#[cfg(test)]
mod fake;

use plastica_lang::source::{Diagnostic, Span, Table, nearest};
use plastica_lang::units::Dimension;
use plastica_numerics::random::Stream;

use crate::BlockKind;

/// Neurons sorted into groups, whose spikes a task counts or whose variable it sets. A neuron may be in several groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// Name of the population.
    pub population: String,
    /// Where its name stands.
    pub span: Span,
    /// How they are told apart.
    pub by: GroupBy,
    /// Where that stands.
    pub by_span: Span,
    /// The task has no meaning with fewer groups.
    pub at_least: usize,
}

/// How neurons are sorted into groups.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupBy {
    /// All neurons are one group.
    All,
    /// Each neuron is a group.
    Each,
    /// Group `g` (from 0) holds the neurons whose variable or parameter of this name equals `g`.
    Value(String),
    /// Group `g` holds the neurons whose `g`-th variable or parameter of these is not zero.
    Members(Vec<String>),
}

/// A variable of groups of neurons that a task sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Drive {
    /// Whose.
    pub groups: Groups,
    /// Name of the variable; the model must declare it as plain (`drive : 1`).
    pub variable: String,
    /// Where its name stands.
    pub span: Span,
    /// What the file's amounts for it are in; the variable must have the same dimension.
    pub dimension: Dimension,
}

/// The block that a task runs in.
#[derive(Clone, Debug)]
pub struct Setting {
    /// What goes on: in imagery nothing moves, in a test nothing is taught.
    pub kind: BlockKind,
    /// Of the drive that the real stimulus would give.
    pub strength: f64,
    /// The task stops after so many trials.
    pub trials: Option<u32>,
    /// Step of the engine in seconds.
    pub dt_s: f64,
    /// Random numbers of this task and subject; the step is the block's and trial's business.
    pub stream: Stream,
    /// Neurons in each group, for each of [`Task::reads`].
    pub sizes: Vec<Vec<usize>>,
}

/// What a task does to the circuit in one step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hands {
    /// Values to be set: place in [`Task::drives`], group, value in SI units. It stays until it is set again.
    /// A group that the drive does not have is passed over.
    pub set: Vec<(usize, usize, f64)>,
    /// Increments of modulators: name, how much.
    pub pulse: Vec<(String, f64)>,
}

/// A column of the table of trials.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Name, as rows and figures use it.
    pub name: &'static str,
    /// Unit; empty for pure numbers.
    pub unit: &'static str,
    /// What it is, for readers.
    pub doc: &'static str,
}

/// One finished trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// Step at which it began.
    pub from: i64,
    /// Step at which it ended.
    pub to: i64,
    /// One for each of [`Task::scores`]; NaN where there is none.
    pub scores: Vec<f64>,
}

/// What single cells answered to each stimulus of a probe in one block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// Spikes of each cell in all windows after a stimulus, `[stimulus][cell]`.
    pub spikes: Vec<Vec<u32>>,
    /// Pulses of each stimulus that were finished.
    pub pulses: Vec<u32>,
}

impl Answers {
    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.spikes.first().map_or(0, Vec::len)
    }
}

/// Reads the table of one kind.
type Parse = fn(&Table, &mut Vec<Diagnostic>) -> Option<Box<dyn Task>>;

/// Every kind of task: its name in the file, and what reads it.
const KINDS: &[(&str, Parse)] = &[
    ("sequence", sequence::parse),
    ("replay", replay::parse),
    ("discrimination", discrimination::parse),
    ("association", association::parse),
    ("force", force::parse),
    ("probe", probe::parse),
];

/// The kinds of task that a file may name.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name)
}

/// Reads `[task.NAME]`.
///
/// The result knows nothing of a network: whose groups it reads and what it sets stands in [`Task::reads`] and [`Task::drives`].
pub fn parse(name: &str, table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Box<dyn Task>> {
    let kind = table.required_text(&format!("task `{name}`"), "kind", diagnostics)?;
    let Some((_, parse)) = KINDS.iter().find(|(known, _)| *known == kind.text) else {
        let help = match nearest(&kind.text, kinds()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("kinds of task: {}", kinds().collect::<Vec<_>>().join(", ")),
        };
        diagnostics
            .push(Diagnostic::error("unknown-task-kind", kind.span, format!("there is no kind of task `{}`", kind.text)).label("unknown kind").help(help));
        return None;
    };
    parse(table, diagnostics)
}

/// No block.
fn idle() -> Setting {
    Setting { kind: BlockKind::Wake, strength: 1.0, trials: Some(0), dt_s: 1e-3, stream: Stream::new(0, 0, 0), sizes: Vec::new() }
}

impl Setting {
    /// Neurons in each group of a read.
    fn sizes(&self, read: usize) -> &[usize] {
        self.sizes.get(read).map_or(&[], Vec::as_slice)
    }

    /// One of `n` things, by chance; `draw` tells several choices at one step apart.
    fn pick(&self, n: usize, now: i64, draw: u32) -> usize {
        ((self.stream.uniform(0, now as u64, draw) * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// A time in steps, at least one, made up to this share longer or shorter by chance.
    fn jittered(&self, seconds: f64, share: f64, now: i64, draw: u32) -> i64 {
        some_steps(seconds * (1.0 + share * (2.0 * self.stream.uniform(1, now as u64, draw) - 1.0)), self.dt_s)
    }

    /// Have so many trials been enough?
    fn enough(&self, trials: u32) -> bool {
        self.trials.is_some_and(|n| trials >= n)
    }

    /// Does a task go on in a block of this kind?
    fn is_active(&self) -> bool {
        matches!(self.kind, BlockKind::Practice | BlockKind::Imagery | BlockKind::Exposure | BlockKind::Test)
    }
}

/// Reads how the neurons of a population are sorted: `{ each = true }`, `{ value = "finger" }` or `{ members = ["s1", "s2"] }`.
pub fn parse_groups(what: &'static str, population: &str, table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Groups> {
    read::read(what, table, diagnostics, |r| r.sorting(population))
}

/// Seconds in steps, never negative.
fn steps(seconds: f64, dt_s: f64) -> i64 {
    (seconds / dt_s).round().max(0.0) as i64
}

/// Seconds in steps, at least one.
fn some_steps(seconds: f64, dt_s: f64) -> i64 {
    steps(seconds, dt_s).max(1)
}

/// A closed loop with a clock of its own.
pub trait Task: Send + Sync {
    /// Another one for another subject, with the same memory.
    fn copy(&self) -> Box<dyn Task>;
    /// Groups whose spikes it counts.
    fn reads(&self) -> &[Groups];
    /// What it sets.
    fn drives(&self) -> &[Drive];
    /// The modulators that it pulses, and where they are named.
    fn modulators(&self) -> Vec<(String, Span)>;
    /// What it scores.
    fn scores(&self) -> &[Score];
    /// A block begins.
    fn begin(&mut self, setting: Setting, now: i64);
    /// Called before step `now`, in each step of the block from the one that [`Task::begin`] was told: `seen[r][g]` spikes fell in step `now - 1` in group `g` of read `r`.
    fn step(&mut self, now: i64, seen: &[Vec<u32>], hands: &mut Hands);
    /// The block ends: what was set goes back, a trial that is not over is dropped. A summary of the block may be among the trials
    /// that are taken afterwards.
    fn end(&mut self, now: i64, hands: &mut Hands);
    /// The trials finished since the last call.
    fn take_trials(&mut self) -> Vec<Trial>;
    /// For a probe, the population whose cells are counted one by one; measures may ask what they answered.
    fn probed(&self) -> Option<&str> {
        None
    }
    /// For a probe, what its cells answered in the block that has just ended; the spikes of all pulses of a stimulus together.
    fn answers(&self) -> Option<&Answers> {
        None
    }
    /// Have all trials of the block been done?
    fn is_done(&self) -> bool;
    /// What it keeps from block to block (a running mean, an expectation), for checkpoints.
    fn memory(&self) -> Vec<f64>;
    /// Goes on from a memory.
    fn remember(&mut self, memory: &[f64]);
}
