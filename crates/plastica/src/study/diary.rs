//! What is known of one subject's life: the blocks it went through, the trials it did, the numbers read from its circuit.
//!
//! A diary is plain data: it is saved with a subject's checkpoint, and rows and figures are made from diaries alone.

use serde::{Deserialize, Serialize};

/// The diary of one subject.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diary {
    /// Name of the group.
    pub group: String,
    /// Number of the subject in its group, from 1.
    pub subject: u32,
    /// In order of time.
    pub blocks: Vec<Entry>,
}

/// One stretch of a block, simulated with spikes or on the slow clock.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Name of the block.
    pub block: String,
    /// Where it stands, as `night/nrem`.
    pub path: String,
    /// Day, from 1; 0 outside of days.
    pub day: u32,
    /// How many blocks of this name there were, this one included.
    pub nth: u32,
    /// How many there were on this day, this one included.
    pub in_day: u32,
    /// Seconds since the start of the life.
    pub from_s: f64,
    /// Seconds.
    pub length_s: f64,
    /// By how much plasticity was accelerated; 0 where time passed on the slow clock.
    pub acceleration: f64,
    /// Mean rate of each population in hertz, in the order of the file; empty on the slow clock.
    pub rates: Vec<f64>,
    /// Task of the block; empty if it has none.
    pub task: String,
    /// Trials that were finished.
    pub trials: Vec<Trial>,
    /// Numbers read before the block: name, value.
    pub before: Vec<(String, Reading)>,
    /// Numbers read after it.
    pub after: Vec<(String, Reading)>,
}

/// A finished trial.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Seconds since the start of the life.
    pub from_s: f64,
    /// Seconds.
    pub length_s: f64,
    /// In the order of the task's scores; `None` where there is none.
    pub scores: Vec<Option<f64>>,
}

/// What a measure gave: numbers in rows, of one length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Row by row; `None` where there is no number.
    pub values: Vec<Option<f64>>,
    /// Length of a row.
    pub columns: usize,
}

impl Reading {
    /// The numbers, row by row.
    pub fn numbers(&self) -> impl Iterator<Item = f64> {
        self.values.iter().map(|v| v.unwrap_or(f64::NAN))
    }

    /// A reading of numbers; what is not finite is kept as missing.
    pub fn of(values: impl IntoIterator<Item = f64>, columns: usize) -> Reading {
        Reading { values: values.into_iter().map(|v| v.is_finite().then_some(v)).collect(), columns }
    }
}
