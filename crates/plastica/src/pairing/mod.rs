//! `[pairing.NAME]`: pairing protocols at single synapses, and the published numbers that they are held against.
//!
//! A pairing is a table: its rows are protocols (two spike trains), its columns are rules (synapse models with parameters).
//! Each cell is one synapse between two neurons that fire at given times, simulated by the engine like any other network;
//! all cells are in one circuit, so that one run serves a table. A stochastic rule is simulated in many copies.

mod cases;
mod circuit;
mod lookup;
mod measure;
mod parse;
mod protocol;
mod rows;
mod rule;
mod run;
mod shown;
mod statistics;
mod summary;

use plastica_lang::model::Expr;
use plastica_lang::source::Span;
use plastica_network::network::Network;

pub(crate) use parse::parse_pairings;
pub use protocol::Protocol;
pub use rule::{Rule, Start};
pub use run::{Cell, Outcome, run_pairing};
pub use shown::Shown;
pub use summary::{Measure, Summary};

/// A checked pairing.
#[derive(Clone, Debug)]
pub struct Pairing {
    /// Name in the file.
    pub name: String,
    /// Place of the name.
    pub span: Span,
    /// Code of the experiment in the atlas.
    pub id: String,
    /// Heading of its section.
    pub title: String,
    /// What it shows, as written.
    pub doc: String,
    /// Citation, as written.
    pub source: String,
    /// Claims that it tests.
    pub claim: String,
    /// Step in seconds.
    pub dt_s: f64,
    /// What is measured at a synapse, as written and checked for each rule.
    pub measure: String,
    /// How a measurement before and one after become a result.
    pub result: Change,
    /// Synapses for each cell: in a quick run, and in a full one.
    pub copies: Copies,
    /// What the horizontal axis of the figure shows.
    pub x_label: String,
    /// Columns.
    pub rules: Vec<Rule>,
    /// Rows.
    pub protocols: Vec<Protocol>,
    /// Numbers made of several cells.
    pub summaries: Vec<Summary>,
    /// The circuit for one copy, with empty spike lists: population `pre`, then `post`, then perhaps `drive`; one projection for each rule.
    pub network: Network,
    /// The measure for each rule.
    pub(crate) measures: Vec<Expr>,
}

/// Synapses for each cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copies {
    /// In a quick run.
    pub quick: usize,
    /// In a full one.
    pub full: usize,
}

/// How a measurement before and one after become a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// after / before - 1
    Relative,
    /// after / before
    Ratio,
    /// after - before
    Difference,
}

impl Pairing {
    /// Unit of the results.
    pub(crate) fn unit(&self) -> &'static str {
        match self.result {
            Change::Relative => "rel",
            Change::Ratio => "ratio",
            Change::Difference => "-",
        }
    }
}

impl Change {
    /// Names in the file.
    pub const WORDS: [(&'static str, Change); 3] = [("relative change", Change::Relative), ("ratio", Change::Ratio), ("difference", Change::Difference)];

    /// The result for two measurements.
    pub fn of(self, before: f64, after: f64) -> f64 {
        match self {
            Change::Relative => after / before - 1.0,
            Change::Ratio => after / before,
            Change::Difference => after - before,
        }
    }

    /// Factor from a difference of measurements to a difference of results.
    pub fn scale(self, before: f64) -> f64 {
        match self {
            Change::Relative | Change::Ratio => 1.0 / before,
            Change::Difference => 1.0,
        }
    }
}
