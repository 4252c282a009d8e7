//! Published numbers that results are held against: the table of targets, and what a row of the experiment says itself.

use plastica_lang::source::{Diagnostic, Table};

use crate::experiment::did_you_mean;
use crate::tables::Folder;

/// What a number is held against.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// As in the table of targets.
    pub published: String,
    /// Unit, as in the table.
    pub unit: String,
    /// Lower end of what is accepted.
    pub low: Option<f64>,
    /// Upper end of what is accepted.
    pub high: Option<f64>,
    /// oracle, quant, ordinal or design.
    pub kind: String,
    /// V, C, R or D.
    pub verification: String,
    /// May the value be fitted?
    pub calibrated: bool,
}

/// The table of targets of the atlas: one for each (id, quantity).
#[derive(Clone, Debug, Default)]
pub(crate) struct Targets {
    rows: Vec<(String, String, Target)>,
}

impl Targets {
    /// Reads the file that `table` names under `targets`; empty if it names none.
    pub fn read(folder: &Folder, table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Targets {
        let Some(file) = table.text("targets", diagnostics) else { return Targets::default() };
        let (header, rows) = match folder.records(&file.text) {
            Ok(records) => records,
            Err(message) => {
                diagnostics.push(
                    Diagnostic::error("unreadable-file", file.span, message).label("cannot be read").help("paths are relative to the file that names them"),
                );
                return Targets::default();
            }
        };
        let cell = |row: &Vec<String>, name: &str| header.iter().position(|h| h == name).and_then(|c| row.get(c)).cloned().unwrap_or_default();
        let target = |row: &Vec<String>| Target {
            published: cell(row, "published"),
            unit: cell(row, "unit"),
            low: cell(row, "low").parse().ok(),
            high: cell(row, "high").parse().ok(),
            kind: cell(row, "kind"),
            verification: cell(row, "verification"),
            calibrated: cell(row, "calibrated") == "yes",
        };
        Targets { rows: rows.iter().map(|row| (cell(row, "id"), cell(row, "quantity"), target(row))).collect() }
    }

    /// Quantity and target of a row: `target` names one of the table for this id, other keys go before what it says.
    pub fn of_row(&self, what: &str, id: &str, row: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<(String, Target)> {
        let (quantity, mut target) = match row.get("target") {
            Some(_) => {
                let name = row.text("target", diagnostics)?;
                let Some((_, _, found)) = self.rows.iter().find(|(i, quantity, _)| i == id && *quantity == name.text) else {
                    let known: Vec<String> = self.rows.iter().filter(|r| r.0 == id).map(|r| r.1.clone()).collect();
                    diagnostics.push(
                        Diagnostic::error("no-such-row", name.span, format!("the table of targets has no quantity `{}` for `{id}`", name.text))
                            .help(did_you_mean(&name.text, "quantities", &known)),
                    );
                    return None;
                };
                (row.text("quantity", diagnostics).unwrap_or(name).text.clone(), found.clone())
            }
            None => (row.required_text(what, "quantity", diagnostics)?.text.clone(), Target::default()),
        };
        target.overlay(row, diagnostics);
        Some((quantity, target))
    }
}

/// Keys of a row that say what it is held against.
pub(crate) const TARGET_KEYS: [&str; 8] = ["target", "quantity", "published", "unit", "low", "high", "kind", "verification"];

impl Target {
    /// What a row says itself goes before what the table says.
    pub fn overlay(&mut self, row: &Table, diagnostics: &mut Vec<Diagnostic>) {
        for (key, into) in [("published", &mut self.published), ("unit", &mut self.unit), ("kind", &mut self.kind), ("verification", &mut self.verification)] {
            if let Some(text) = row.text(key, diagnostics) {
                into.clone_from(&text.text);
            }
        }
        for (key, into) in [("low", &mut self.low), ("high", &mut self.high)] {
            if let Some(x) = row.number(key, diagnostics) {
                *into = Some(x);
            }
        }
        if let (Some(low), Some(high), Some(value)) = (self.low, self.high, row.get("low").or(row.get("high")))
            && low > high
        {
            diagnostics.push(
                Diagnostic::error("empty-interval", value.span, format!("nothing lies between `low` = {low} and `high` = {high}"))
                    .help("exchange the two numbers"),
            );
        }
    }
}
