//! What a subject lives through: modulators, states, blocks, programmes and tasks.
//!
//! Text becomes a checked programme, and that a timeline of stretches. Tasks are state machines: they are told how many
//! spikes each group of neurons fired, and answer with values to be set. Nothing here knows an engine; the facade is the only
//! place where a stretch becomes calls on one. The file's tables are described in `docs/reference/programme.md`.
#![forbid(unsafe_code)]

pub mod block;
pub mod circuit;
pub mod count;
pub mod draw;
pub mod group;
pub mod lesion;
mod lexer;
mod lives;
pub mod modulator;
mod nesting;
pub mod programme;
pub mod sample;
pub mod state;
mod tables;
pub mod tasks;
pub mod time;
pub mod timeline;
pub mod variation;

pub use lives::{Lives, TABLES};

/// What goes on in a block, as far as tasks and counts care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// The closed loop of goal, action and feedback.
    Practice,
    /// The goal is driven from within: no movement, no feedback but the subject's own expectation.
    Imagery,
    /// Stimuli without a response.
    Exposure,
    /// Awake, without a task.
    Wake,
    /// Quiet rest.
    Rest,
    /// Sleep without rapid eye movements.
    Nrem,
    /// Sleep with rapid eye movements.
    Rem,
    /// Sleep whose stages are not told apart.
    Sleep,
    /// Lasting changes of the circuit.
    Injury,
    /// Practice that is only scored.
    Test,
}
