//! A pairing as it is kept with the results: all that a report shows of it, without the experiment it came from.

use plastica_report::Row;
use serde::{Deserialize, Serialize};

use super::rows::rows;
use super::{Change, Outcome, Pairing};

/// What is kept of a pairing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Heading.
    pub title: String,
    /// What it shows.
    pub doc: String,
    /// Citation.
    pub source: String,
    /// Label of the horizontal axis; empty: the results have no order, and are shown below each other.
    pub x_label: String,
    /// What the result is.
    pub y_label: String,
    /// Name of each rule, with its mark where its parameters are not verified.
    pub rules: Vec<String>,
    /// Curve and place on it of each protocol.
    pub places: Vec<(String, f64)>,
    /// Rows of the cells, rule by rule, then of the summaries.
    pub rows: Vec<Row>,
    /// What Plastica computed wrongly.
    pub faults: Vec<String>,
    /// The cells.
    pub outcome: Outcome,
}

impl Shown {
    /// Puts a pairing and its outcome together.
    pub fn new(pairing: &Pairing, outcome: Outcome) -> Shown {
        let (rows, faults) = rows(pairing, &outcome);
        let y_label = match pairing.result {
            Change::Relative => "relative change",
            Change::Ratio => "after / before",
            Change::Difference => "change",
        };
        Shown {
            title: pairing.title.clone(),
            doc: pairing.doc.clone(),
            source: pairing.source.clone(),
            x_label: pairing.x_label.clone(),
            y_label: y_label.into(),
            rules: pairing
                .rules
                .iter()
                .map(|r| if r.verification == "R" { format!("{} [parameters recalled, not re-checked]", r.name) } else { r.name.clone() })
                .collect(),
            places: pairing.protocols.iter().map(|p| (p.curve.clone(), p.x)).collect(),
            rows,
            faults,
            outcome,
        }
    }

    /// Rows of the cells of a rule.
    pub fn cells(&self, rule: usize) -> &[Row] {
        let n = self.places.len();
        &self.rows[(rule * n).min(self.rows.len())..((rule + 1) * n).min(self.rows.len())]
    }

    /// Rows of the summaries.
    pub fn summaries(&self) -> &[Row] {
        &self.rows[(self.rules.len() * self.places.len()).min(self.rows.len())..]
    }
}
