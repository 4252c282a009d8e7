//! Published numbers that results are held against: the table of targets, what a row of the experiment says itself, and the row
//! that a number gives beside them. Studies, pairings and the atlas make their rows here.

use plastica_lang::source::{Diagnostic, Table};
use plastica_report::{Row, Verdict};

use crate::experiment::did_you_mean;
use crate::library::Library;
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

/// What was found for a quantity.
#[derive(Clone, Debug, Default)]
pub(crate) struct Simulated {
    pub id: String,
    pub quantity: String,
    pub claim: String,
    pub simulated: Option<f64>,
    pub spread: Option<f64>,
    pub n: Option<u64>,
    pub seconds: Option<f64>,
}

impl Target {
    /// The row of what was found, held against this.
    pub(crate) fn row(&self, found: Simulated, verdict: Verdict) -> Row {
        Row {
            id: found.id,
            quantity: found.quantity,
            unit: self.unit.clone(),
            claim: found.claim,
            kind: self.kind.clone(),
            published: Some(self.published.clone()).filter(|p| !p.is_empty()),
            error: None,
            verification: self.verification.clone(),
            low: self.low,
            high: self.high,
            model: None,
            simulated: found.simulated.filter(|x| x.is_finite()),
            spread: found.spread.filter(|x| x.is_finite()),
            n: found.n,
            calibrated: self.calibrated,
            seconds: found.seconds,
            verdict,
        }
    }
}

/// The table of targets of the atlas: one for each (id, quantity).
#[derive(Clone, Debug, Default)]
pub struct Targets {
    /// Number in the atlas, quantity, and what it is held against, in the order of the table.
    pub rows: Vec<(String, String, Target)>,
}

impl Targets {
    /// The table of the library; a `targets.csv` in a folder that is searched before it goes before it.
    ///
    /// # Errors
    /// A sentence that names the file and says what is wrong with it.
    pub fn of_library(library: &Library) -> Result<Targets, String> {
        let own = library.paths.iter().find(|path| path.join("targets.csv").is_file());
        let folder = match own {
            Some(path) => Folder { disk: Some(path.clone()), ..Folder::default() },
            None => Folder { embedded: Some("experiments".into()), ..Folder::default() },
        };
        folder.records("targets.csv").map(|(header, rows)| Targets::of_records(&header, &rows))
    }

    /// What a quantity is held against.
    pub fn find(&self, id: &str, quantity: &str) -> Option<&Target> {
        self.rows.iter().find(|(i, q, _)| i == id && q == quantity).map(|(_, _, target)| target)
    }

    /// Reads the file that `table` names under `targets`; empty if it names none.
    pub(crate) fn read(folder: &Folder, table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Targets {
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
        Targets::of_records(&header, &rows)
    }

    fn of_records(header: &[String], rows: &[Vec<String>]) -> Targets {
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
    pub(crate) fn of_row(&self, what: &str, id: &str, row: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<(String, Target)> {
        let (quantity, mut target) = match row.get("target") {
            Some(_) => {
                let name = row.text("target", diagnostics)?;
                let Some(found) = self.find(id, &name.text) else {
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
