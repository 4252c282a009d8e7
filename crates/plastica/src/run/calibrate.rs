//! `plastica calibrate`: constants that are each fitted to one number, made again.

use std::fmt::Write as _;
use std::path::PathBuf;

use plastica_lang::source::{Diagnostic, Table, ValueKind};

use super::audit::fewer;
use super::lives::set;
use super::{Failure, How, Observer, Opening, Texts, folder, run};
use crate::experiment::tables;
use crate::library::Library;

/// A constant that was found, and how well the number is met with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibrated {
    /// Name of the calibration.
    pub name: String,
    /// What was set.
    pub path: String,
    /// Its value.
    pub value: f64,
    /// Unit of the value, as in the file.
    pub unit: String,
    /// What the row was to be.
    pub wanted: f64,
    /// What it is.
    pub reached: Option<f64>,
    /// How many studies were run for it.
    pub runs: usize,
}

/// `[calibration.NAME]` of a file.
struct Calibration {
    name: String,
    /// Keys that get the value.
    paths: Vec<String>,
    unit: String,
    from: f64,
    to: f64,
    id: String,
    quantity: String,
    wanted: f64,
    rounds: i64,
    seed: Option<i64>,
    subjects: Option<i64>,
}

fn calibrations(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Vec<Calibration> {
    let mut out = Vec::new();
    for (key, body) in tables(table, "calibration", diagnostics) {
        let what = format!("calibration `{}`", key.name);
        body.known_keys(&what, &["doc", "source", "set", "unit", "from", "to", "id", "quantity", "wanted", "rounds", "seed", "subjects"], diagnostics);
        let mut text = |name: &str| body.required_text(&what, name, diagnostics).map(|t| t.text.clone());
        let (id, quantity) = (text("id"), text("quantity"));
        let paths = match body.get("set").map(|v| &v.kind) {
            Some(ValueKind::Array(_)) => crate::study::strings(body, "set", diagnostics),
            _ => body.required_text(&what, "set", diagnostics).map(|t| vec![t.text.clone()]),
        };
        let unit = body.text("unit", diagnostics).map_or(String::new(), |t| t.text.clone());
        let mut number = |name: &str| {
            let found = body.number(name, diagnostics);
            if found.is_none() && body.get(name).is_none() {
                diagnostics.push(Diagnostic::error("missing-key", key.span, format!("{what} has no `{name}`")).help("add a number"));
            }
            found
        };
        let (from, to, wanted) = (number("from"), number("to"), number("wanted"));
        let rounds = body.integer("rounds", 1, diagnostics).unwrap_or(6);
        let seed = body.integer("seed", 0, diagnostics);
        let subjects = body.integer("subjects", 1, diagnostics);
        if let (Some(paths), Some(id), Some(quantity), Some(from), Some(to), Some(wanted)) = (paths, id, quantity, from, to, wanted) {
            out.push(Calibration { name: key.name.clone(), paths, unit, from, to, id, quantity, wanted, rounds, seed, subjects });
        }
    }
    out
}

/// Reads the calibrations of a file without carrying them out, for its check.
pub(crate) fn check_calibrations(table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    calibrations(table, diagnostics);
}

/// Finds the constants that a file calibrates, each on one number, in the order of the file: halving the interval so many times.
///
/// `open` opens the study, once for each run; `texts` gets the texts of the last one, for diagnostics.
///
/// # Errors
/// The file has no calibrations, or a run fails.
pub fn calibrate(
    open: Opening<'_>,
    library: &Library,
    how: &How,
    texts: &mut Texts,
    observer: &mut dyn Observer,
) -> Result<(PathBuf, Vec<Calibrated>), Failure> {
    let opened = open()?;
    let (name, mut found) = (opened.name.clone(), Vec::new());
    let list = calibrations(&opened.table, &mut found);
    *texts = Texts { sources: opened.sources, diagnostics: opened.diagnostics };
    if found.iter().any(Diagnostic::is_error) {
        return Err(Failure::Text(found));
    }
    if list.is_empty() {
        return Err(Failure::Folder(format!("{name} calibrates nothing: it has no [calibration.NAME]")));
    }
    let root = folder::choose(how.out.as_deref(), &format!("{name}-calibration"))?;
    let mut settled: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for calibration in &list {
        let mut runs = 0;
        let mut at = |value: f64| -> Result<Option<f64>, Failure> {
            runs += 1;
            let mut opened = open()?;
            for earlier in &settled {
                set(&mut opened, earlier)?;
            }
            calibration.settings(value).iter().try_for_each(|text| set(&mut opened, text))?;
            if let Some(subjects) = calibration.subjects {
                fewer(&mut opened.table, subjects as u32);
            }
            let own =
                How { out: Some(root.join(format!("{}-{runs}", calibration.name))), seed: calibration.seed.map(|s| s as u64).or(how.seed), ..how.clone() };
            let done = run(&mut opened, library, &own, observer);
            *texts = Texts { sources: opened.sources, diagnostics: opened.diagnostics };
            let results = done?;
            let row = results.rows.iter().find(|r| r.id == calibration.id && r.quantity == calibration.quantity);
            row.map(|r| r.simulated).ok_or_else(|| Failure::Folder(format!("there is no row `{}` of {}", calibration.quantity, calibration.id)))
        };
        let (mut low, mut high) = (calibration.from, calibration.to);
        let rising = match (at(low)?, at(high)?) {
            (Some(a), Some(b)) => b > a,
            _ => return Err(Failure::Run(format!("calibration `{}`: the row has no value at an end of the interval", calibration.name))),
        };
        let (mut best, mut reached) = (low, None::<f64>);
        for _ in 0..calibration.rounds {
            let middle = 0.5 * (low + high);
            let value = at(middle)?;
            let Some(value) = value else { break };
            if reached.is_none_or(|r| (value - calibration.wanted).abs() < (r - calibration.wanted).abs()) {
                (best, reached) = (middle, Some(value));
            }
            if (value < calibration.wanted) == rising { low = middle } else { high = middle }
        }
        settled.extend(calibration.settings(best));
        out.push(Calibrated {
            name: calibration.name.clone(),
            path: calibration.paths.join(" and "),
            value: best,
            unit: calibration.unit.clone(),
            wanted: calibration.wanted,
            reached,
            runs,
        });
    }
    let mut table = String::from("calibration,set,value,unit,wanted,reached,runs\n");
    for c in &out {
        let reached = c.reached.map_or(String::new(), |r| r.to_string());
        let _ = writeln!(table, "{},{},{},{},{},{reached},{}", c.name, c.path, c.value, c.unit, c.wanted, c.runs);
    }
    plastica_record::write_whole(&root.join("calibration.csv"), table.as_bytes())?;
    Ok((root, out))
}

impl Calibration {
    fn settings(&self, value: f64) -> Vec<String> {
        let one = |path: &String| match self.unit.is_empty() {
            true => format!("{path}={value:?}"),
            false => format!("{path}=\"{value:?} {}\"", self.unit),
        };
        self.paths.iter().map(one).collect()
    }
}
