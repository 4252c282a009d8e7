//! `plastica calibrate`: constants that are each fitted to one number, made again.

use std::fmt::Write as _;
use std::path::PathBuf;

use plastica_lang::source::{Diagnostic, Span, Table, ValueKind};

use super::audit::fewer;
use super::lives::set;
use super::{Failure, How, Observer, Opening, Texts, folder, run};
use crate::experiment::{did_you_mean, parse_experiment, tables};
use crate::library::Library;
use crate::open::Opened;

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
    /// What it is at the two ends of the interval; where `wanted` is not between them, the constant alone cannot reach it.
    pub ends: [f64; 2],
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
    span: Span,
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
            out.push(Calibration { name: key.name.clone(), paths, unit, from, to, id, quantity, wanted, rounds, seed, subjects, span: key.span });
        }
    }
    out
}

/// Reads the calibrations of a file without carrying them out, for its check. `rows` are those of the file, as id and quantity.
pub(crate) fn check_calibrations(table: &Table, rows: &[(&str, &str)], diagnostics: &mut Vec<Diagnostic>) {
    for calibration in calibrations(table, diagnostics) {
        if rows.contains(&(&calibration.id, &calibration.quantity)) {
            continue;
        }
        let message = format!("calibration `{}`: there is no row `{}` of {}", calibration.name, calibration.quantity, calibration.id);
        let known: Vec<String> = rows.iter().filter(|r| r.0 == calibration.id).map(|r| r.1.to_string()).collect();
        let fault = Diagnostic::error("unknown-row", calibration.span, message);
        diagnostics.push(fault.help(did_you_mean(&calibration.quantity, &format!("rows of {}", calibration.id), &known)));
    }
}

/// Finds the constants that a file calibrates, each on one number, in the order of the file: halving the interval so many times, or in as
/// many equal steps where the number does not lie between what the ends of the interval give.
///
/// Only the groups that the row of a calibration needs are simulated: what others do cannot change it.
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
            let (out, seed) = (root.join(format!("{}-{runs}", calibration.name)), calibration.seed.map(|s| s as u64).or(how.seed));
            let groups = needed(&mut opened, library, calibration);
            let own = How { out: Some(out), seed, groups, ..how.clone() };
            let done = run(&mut opened, library, &own, observer);
            *texts = Texts { sources: opened.sources, diagnostics: opened.diagnostics };
            let results = done?;
            let row = results.rows.iter().find(|r| r.id == calibration.id && r.quantity == calibration.quantity);
            let row = row.ok_or_else(|| Failure::Folder(format!("there is no row `{}` of {}", calibration.quantity, calibration.id)))?;
            let number = |x: Option<f64>| x.map_or("nothing".into(), super::number);
            let (name, all) = (&calibration.name, calibration.rounds + 2);
            observer.note(&format!("{name}, {runs} of {all}: {} {} gives {}", super::number(value), calibration.unit, number(row.simulated)));
            Ok(row.simulated)
        };
        let (mut low, mut high) = (calibration.from, calibration.to);
        let ends = match (at(low)?, at(high)?) {
            (Some(a), Some(b)) => [a, b],
            _ => return Err(Failure::Run(format!("calibration `{}`: the row has no value at an end of the interval", calibration.name))),
        };
        let rising = ends[1] > ends[0];
        let nearer = |value: f64, than: f64| (value - calibration.wanted).abs() < (than - calibration.wanted).abs();
        // An end may be the best there is.
        let (mut best, mut reached) = if nearer(ends[1], ends[0]) { (high, ends[1]) } else { (low, ends[0]) };
        let between = (ends[0].min(ends[1])..=ends[0].max(ends[1])).contains(&calibration.wanted);
        for round in 1..=calibration.rounds {
            // Where the ends give no two sides, halving would run to one of them: the interval is looked through in equal steps.
            let middle = if between { 0.5 * (low + high) } else { low + (high - low) * round as f64 / (calibration.rounds + 1) as f64 };
            let Some(value) = at(middle)? else { if between { break } else { continue } };
            if nearer(value, reached) {
                (best, reached) = (middle, value);
            }
            match (value < calibration.wanted) == rising {
                _ if !between => {}
                true => low = middle,
                false => high = middle,
            }
        }
        settled.extend(calibration.settings(best));
        out.push(Calibrated {
            name: calibration.name.clone(),
            path: calibration.paths.join(" and "),
            value: best,
            unit: calibration.unit.clone(),
            wanted: calibration.wanted,
            reached: Some(reached),
            ends,
            runs,
        });
    }
    let mut table = String::from("calibration,set,value,unit,wanted,reached,at_from,at_to,runs,seed,subjects,version\n");
    for (c, asked) in out.iter().zip(&list) {
        let reached = c.reached.map_or(String::new(), |r| r.to_string());
        let seed = asked.seed.map(|s| s as u64).or(how.seed).map_or("of the file".into(), |s| s.to_string());
        let subjects = asked.subjects.map_or("of the file".into(), |n| n.to_string());
        let [from, to] = c.ends;
        let _ =
            writeln!(table, "{},{},{},{},{},{reached},{from},{to},{},{seed},{subjects},{}", c.name, c.path, c.value, c.unit, c.wanted, c.runs, crate::VERSION);
    }
    plastica_record::write_whole(&root.join("calibration.csv"), table.as_bytes())?;
    Ok((root, out))
}

/// The groups that the row of a calibration is made of; none, which means all, where that cannot be told.
fn needed(opened: &mut Opened, library: &Library, calibration: &Calibration) -> Vec<String> {
    let before = opened.diagnostics.len();
    let study = parse_experiment(opened, library).and_then(|experiment| experiment.study);
    // The run itself tells what is wrong with the text.
    opened.diagnostics.truncate(before);
    let row = study.as_ref().and_then(|s| s.rows.iter().find(|r| r.id == calibration.id && r.quantity == calibration.quantity));
    row.map(|row| row.groups()).unwrap_or_default()
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
