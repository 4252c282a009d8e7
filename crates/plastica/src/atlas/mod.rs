//! The atlas: every experiment of the library that asks for rows, one after another, each as an ordinary run in a folder of its own,
//! and all published numbers in one table, those that nothing is held against yet among them.
//!
//! An experiment that fails is a line of the table, and the next one is run. What is finished is not run again when the atlas is
//! called for the same folder: an experiment is finished when its folder holds the results of the same text, seed and size.

mod chosen;
mod go;
mod page;

use std::path::PathBuf;

use plastica_report::{Row, Verdict};
use serde_json::{Value, json};

use crate::claims::Claims;
use crate::run::rows_as_json;
use crate::tested::Tested;

pub use chosen::Chosen;
pub use go::{atlas, is_atlas, resume};

/// How an atlas is made.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// The full size of each experiment that has one.
    pub full: bool,
    /// Names of experiments, numbers of the atlas and codes of claims; all if empty.
    pub only: Vec<String>,
    /// Folder, instead of `runs/atlas-1`, `-2` and so on.
    pub out: Option<PathBuf>,
    /// Threads.
    pub threads: Option<usize>,
    /// Seed of all experiments, instead of the files' own.
    pub seed: Option<u64>,
}

/// What became of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It was run.
    Done {
        /// Its folder within that of the atlas.
        folder: String,
        /// Its seed.
        seed: u64,
        /// Real seconds.
        seconds: f64,
        /// What Plastica computed wrongly.
        faults: Vec<String>,
    },
    /// It failed, and how.
    Failed(String),
    /// The atlas was interrupted before it.
    Waiting,
}

/// An experiment in the atlas.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it tests.
    pub tested: Tested,
    /// What became of it.
    pub fate: Fate,
    /// All its rows; those of the table of targets that it would have given, where it was not run.
    pub rows: Vec<Row>,
}

/// The whole atlas.
#[derive(Clone, Debug)]
pub struct Atlas {
    /// Its folder.
    pub folder: PathBuf,
    /// The seed of all experiments; `None` where each has its own.
    pub seed: Option<u64>,
    /// Were full sizes run?
    pub full: bool,
    /// Experiments, by claim.
    pub entries: Vec<Entry>,
    /// Rows of the table of targets that no experiment of the library is held against.
    pub open: Vec<Row>,
    /// Claims and numbers.
    pub claims: Claims,
}

/// How many rows came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All.
    pub rows: usize,
    /// In the accepted interval.
    pub reproduced: usize,
    /// Not in it.
    pub not_reproduced: usize,
    /// Had a constant fitted to them: not scored.
    pub calibrated: usize,
    /// Other studies found otherwise: not scored.
    pub contradicted: usize,
    /// Nothing to hold them against, or too little was run.
    pub shown: usize,
    /// Their experiment failed or was not reached.
    pub not_run: usize,
    /// No experiment is held against them.
    pub no_experiment: usize,
}

impl Counts {
    /// Counts rows.
    pub fn of<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Counts {
        let mut out = Counts::default();
        for row in rows {
            out.rows += 1;
            *match row.verdict {
                Verdict::Reproduced => &mut out.reproduced,
                Verdict::NotReproduced => &mut out.not_reproduced,
                Verdict::Calibrated => &mut out.calibrated,
                Verdict::ContradictedElsewhere => &mut out.contradicted,
                Verdict::ShownOnly => &mut out.shown,
                Verdict::NotRun => &mut out.not_run,
                Verdict::NoExperiment => &mut out.no_experiment,
            } += 1;
        }
        out
    }

    /// Rows that were scored.
    pub fn scored(&self) -> usize {
        self.reproduced + self.not_reproduced
    }

    /// The counts in words.
    pub fn words(&self) -> String {
        let rest = [
            (self.calibrated, "calibrated (not scored)"),
            (self.contradicted, "contradicted elsewhere (not scored)"),
            (self.shown, "shown only"),
            (self.not_run, "not run"),
            (self.no_experiment, "no experiment yet"),
        ];
        let mut parts = Vec::new();
        if self.scored() > 0 {
            parts.push(format!("of {} that are scored, {} reproduced, {} not reproduced", self.scored(), self.reproduced, self.not_reproduced));
        }
        parts.extend(rest.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")));
        parts.join(", ")
    }
}

impl Entry {
    /// Real seconds; 0 where it was not run.
    pub fn seconds(&self) -> f64 {
        if let Fate::Done { seconds, .. } = &self.fate { *seconds } else { 0.0 }
    }

    /// The claim under which it is shown: the first that it names.
    pub fn claim(&self) -> &str {
        self.tested.claims.first().map_or("", String::as_str)
    }

    /// Does it ask for a row itself? The single cells of a pairing are many, and are summed up in one line.
    pub fn asks_for(&self, row: &Row) -> bool {
        matches!(row.verdict, Verdict::NotRun) || self.tested.rows.iter().any(|a| a.id == row.id && a.quantity == row.quantity)
    }

    /// Rows that it asks for itself.
    pub fn asked(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| self.asks_for(row))
    }

    /// All other rows.
    pub fn others(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| !self.asks_for(row))
    }

    /// What must be said of it besides its rows, a sentence each.
    pub fn remarks(&self) -> Vec<String> {
        let mut out = Vec::new();
        match &self.fate {
            Fate::Done { faults, .. } => out.extend(faults.iter().map(|fault| format!("ERROR OF PLASTICA: {fault}"))),
            Fate::Failed(message) => out.push(format!("failed: {message}")),
            Fate::Waiting => out.push("not run yet: the atlas was interrupted".into()),
        }
        let counts = Counts::of(self.others());
        if counts.rows > 0 {
            out.push(format!("{} values more, such as those of single protocols: {}; the page of its run shows them", counts.rows, counts.words()));
        }
        out
    }

    /// Rows that stand in the table of targets under the very same name.
    pub fn targets(&self) -> impl Iterator<Item = &Row> {
        let is_target = |row: &&Row| self.tested.rows.iter().any(|a| a.id == row.id && a.target.as_ref() == Some(&row.quantity) && a.quantity == row.quantity);
        self.rows.iter().filter(move |row| matches!(row.verdict, Verdict::NotRun) || is_target(row))
    }
}

impl Atlas {
    /// All rows: those of each experiment, then those that have none.
    pub fn rows(&self) -> Vec<Row> {
        self.entries.iter().flat_map(|e| &e.rows).chain(&self.open).cloned().collect()
    }

    /// Counts of the rows of the table of targets.
    pub fn target_counts(&self) -> Counts {
        Counts::of(self.entries.iter().flat_map(Entry::targets).chain(&self.open))
    }

    /// Real seconds of all experiments, also of those that were run before.
    pub fn seconds(&self) -> f64 {
        self.entries.iter().map(Entry::seconds).sum()
    }

    /// Codes of claims with something to show, in their order; what belongs to none comes last, under an empty code.
    pub fn shown_claims(&self) -> Vec<String> {
        let mut codes: Vec<String> = self.claims.list.iter().map(|c| c.code.clone()).collect();
        codes.push(String::new());
        codes.retain(|code| self.under(code).next().is_some() || self.open_under(code).next().is_some() || self.also_under(code).next().is_some());
        codes
    }

    /// Experiments that are shown under a claim.
    pub fn under<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |e| self.shelf(e.claim()) == code)
    }

    /// Experiments that test a claim too, and are shown under another one.
    pub fn also_under<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |e| e.tested.claims.iter().skip(1).any(|c| c == code))
    }

    /// Rows without an experiment that bear on a claim.
    pub fn open_under<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Row> {
        self.open.iter().filter(move |row| self.shelf(row.claim.split(',').next().unwrap_or_default().trim()) == code)
    }

    /// A code that is no claim of the table is shown under none.
    fn shelf<'c>(&self, code: &'c str) -> &'c str {
        if self.claims.sentence(code).is_empty() { "" } else { code }
    }

    /// The object that `--json` prints.
    pub fn json(&self) -> Value {
        json!({ "experiment": "atlas", "version": crate::VERSION, "seed": self.seed, "seconds": self.seconds(), "rows": rows_as_json(&self.rows()) })
    }
}

/// A stretch of real time for readers: two digits are enough.
pub fn time(seconds: f64) -> String {
    match seconds {
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 119.5 => format!("{s:.0} s"),
        s if s < 7170.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}
