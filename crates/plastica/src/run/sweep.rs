//! `plastica sweep`: a study over values of two constants, and where its rows come out as published.

use std::fmt::Write as _;
use std::path::PathBuf;

use plastica_lang::source::{Diagnostic, Key, Table, ValueKind};
use plastica_report::figures::{Axis, Regions};
use plastica_report::{Piece, Section, Verdict, page};

use super::audit::fewer;
use super::lives::set;
use super::{Failure, How, Observer, Opening, Row, Texts, folder, run};
use crate::experiment::{did_you_mean, tables, wrong_type};
use crate::library::Library;

/// A constant and the values that it takes.
#[derive(Clone, Debug, PartialEq)]
struct Along {
    label: String,
    path: String,
    unit: String,
    values: Vec<f64>,
}

/// `[sweep.NAME]` of a file.
struct Sweep {
    name: String,
    doc: String,
    x: Along,
    y: Along,
    subjects: Option<i64>,
}

/// Reads the sweeps of a file.
fn sweeps(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Vec<Sweep> {
    let mut out = Vec::new();
    for (key, body) in tables(table, "sweep", diagnostics) {
        body.known_keys(&format!("sweep `{}`", key.name), &["doc", "x", "y", "subjects"], diagnostics);
        let doc = body.text("doc", diagnostics).map_or(String::new(), |t| t.text.clone());
        let subjects = body.integer("subjects", 1, diagnostics);
        if let (Some(x), Some(y)) = (along(key, body, "x", diagnostics), along(key, body, "y", diagnostics)) {
            out.push(Sweep { name: key.name.clone(), doc, x, y, subjects });
        }
    }
    out
}

/// Reads the sweeps of a file without carrying them out, for its check.
pub(crate) fn check_sweeps(table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    sweeps(table, diagnostics);
}

fn along(key: &Key, table: &Table, word: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Along> {
    let what = format!("`{word}` of sweep `{}`", key.name);
    if table.get(word).is_none() {
        diagnostics.push(
            Diagnostic::error("missing-key", key.span, format!("sweep `{}` has no `{word}`", key.name))
                .help(format!("add {word} = {{ set = \"projection.chain.parameters.eta\", values = [1, 2, 4] }}")),
        );
        return None;
    }
    let own = table.table(word, diagnostics)?;
    own.known_keys(&what, &["set", "values", "unit", "label"], diagnostics);
    let path = own.required_text(&what, "set", diagnostics)?.text.clone();
    let unit = own.text("unit", diagnostics).map_or(String::new(), |t| t.text.clone());
    let label = own.text("label", diagnostics).map_or_else(|| path.clone(), |t| t.text.clone());
    let mut values = Vec::new();
    for item in own.array("values", diagnostics)? {
        match item.kind {
            ValueKind::Integer(n) => values.push(n as f64),
            ValueKind::Float(x) => values.push(x),
            _ => {
                diagnostics.push(wrong_type(item, "values", "a list of numbers", "write values = [0.5, 1, 2], and the unit as unit = \"mV\""));
                return None;
            }
        }
    }
    let rising = values.windows(2).all(|w| w[0] < w[1]) && !values.is_empty();
    if !rising {
        diagnostics
            .push(Diagnostic::error("out-of-range", own.span, format!("{what} needs values that rise")).help("write them in ascending order, each once"));
    }
    rising.then_some(Along { label, path, unit, values })
}

impl Along {
    fn setting(&self, value: f64) -> String {
        if self.unit.is_empty() { format!("{}={value:?}", self.path) } else { format!("{}=\"{value:?} {}\"", self.path, self.unit) }
    }
}

/// Runs the sweep of a name: one study for each pair of values. The folder, and its table.
///
/// `open` and `texts` as for [`super::calibrate`].
///
/// # Errors
/// There is no such sweep, or a run fails.
pub fn sweep(open: Opening<'_>, name: &str, library: &Library, how: &How, texts: &mut Texts, observer: &mut dyn Observer) -> Result<PathBuf, Failure> {
    let opened = open()?;
    let (study, mut found) = (opened.name.clone(), Vec::new());
    let list = sweeps(&opened.table, &mut found);
    *texts = Texts { sources: opened.sources, diagnostics: opened.diagnostics };
    if found.iter().any(Diagnostic::is_error) {
        return Err(Failure::Text(found));
    }
    let Some(sweep) = list.iter().find(|s| s.name == name) else {
        let known: Vec<String> = list.iter().map(|s| s.name.clone()).collect();
        return Err(Failure::Folder(format!("there is no [sweep.{name}]; {}", did_you_mean(name, "sweeps", &known))));
    };
    let root = folder::choose(how.out.as_deref(), &format!("{study}-sweep-{name}"))?;
    let mut cells: Vec<Vec<Vec<Row>>> = Vec::new();
    for (j, y) in sweep.y.values.iter().enumerate() {
        let mut line = Vec::new();
        for (i, x) in sweep.x.values.iter().enumerate() {
            let mut opened = open()?;
            set(&mut opened, &sweep.x.setting(*x))?;
            set(&mut opened, &sweep.y.setting(*y))?;
            if let Some(subjects) = sweep.subjects {
                fewer(&mut opened.table, subjects as u32);
            }
            let own = How { out: Some(root.join(format!("{}-{}", i + 1, j + 1))), ..how.clone() };
            let done = run(&mut opened, library, &own, observer);
            *texts = Texts { sources: opened.sources, diagnostics: opened.diagnostics };
            line.push(done?.rows);
        }
        cells.push(line);
    }
    plastica_record::write_whole(&root.join("sweep.csv"), sweep.csv(&cells).as_bytes())?;
    plastica_record::write_whole(&root.join("report.html"), sweep.page(&study, &cells).as_bytes())?;
    Ok(root)
}

impl Sweep {
    fn csv(&self, cells: &[Vec<Vec<Row>>]) -> String {
        let mut out = format!("\"{}\",\"{}\",id,quantity,simulated,low,high,inside\n", self.x.path, self.y.path);
        let number = |x: Option<f64>| x.map_or(String::new(), |x| x.to_string());
        for (y, line) in self.y.values.iter().zip(cells) {
            for (x, rows) in self.x.values.iter().zip(line) {
                for row in rows {
                    let inside = inside(row).map_or("", |yes| if yes { "yes" } else { "no" });
                    let quantity = row.quantity.replace('"', "\"\"");
                    let _ = writeln!(out, "{x},{y},{},\"{quantity}\",{},{},{},{inside}", row.id, number(row.simulated), number(row.low), number(row.high));
                }
            }
        }
        out
    }

    /// One panel for each row that has an interval, and one for all of them together.
    fn page(&self, study: &str, cells: &[Vec<Vec<Row>>]) -> String {
        let first = cells.first().and_then(|line| line.first()).map_or(&[][..], |rows| &rows[..]);
        let judged: Vec<usize> = (0..first.len()).filter(|k| first[*k].low.is_some() || first[*k].high.is_some()).collect();
        let panel = |holds: &dyn Fn(&[Row]) -> Option<bool>| cells.iter().map(|line| line.iter().map(|rows| holds(rows)).collect()).collect();
        let mut panels = vec![(
            "all".to_string(),
            panel(&|rows| judged.iter().map(|k| inside(rows.get(*k)?)).collect::<Option<Vec<bool>>>().map(|all| all.iter().all(|x| *x))),
        )];
        for k in &judged {
            panels.push((format!("{} {}", first[*k].id, first[*k].quantity), panel(&|rows| inside(rows.get(*k)?))));
        }
        let regions = Regions {
            x: Axis::new(self.x.label.clone(), self.x.unit.clone()),
            y: Axis::new(self.y.label.clone(), self.y.unit.clone()),
            columns: self.x.values.clone(),
            rows: self.y.values.clone(),
            panels,
            used: None,
        };
        let caption = "Where each row lies in its accepted interval; calibrated rows too, so that it is seen what the fit holds in place.";
        let pieces = vec![Piece::Text(self.doc.clone()), Piece::Figure(regions.figure(caption))];
        page(&format!("{study}: sweep {}", self.name), &[Section { title: String::new(), pieces }])
    }
}

/// Does a row lie in its interval? `None` where there is none.
fn inside(row: &Row) -> Option<bool> {
    (row.low.is_some() || row.high.is_some())
        .then(|| plastica_report::verdict(plastica_report::Standing::Scored, Some(row.simulated.unwrap_or(f64::NAN)), row.low, row.high) == Verdict::Reproduced)
}
