//! `plastica atlas`: all experiments, then one table of 80 columns, by claim.

use std::fmt::Write as _;
use std::path::Path;

use plastica::atlas::{self, Atlas, Counts, Entry, Fate, How, time};
use plastica::library::Library;
use plastica::run::{Failure, Row, Verdict};
use plastica::{Sources, VERSION};

use crate::arguments::Atlas as Arguments;
use crate::output::Output;
use crate::progress::Progress;
use crate::run::failed;
use crate::table::{published, shown, wrapped};
use crate::{DONE, FAILED};

/// Columns of the terminal that a line may take.
const WIDTH: usize = 80;
/// Characters of the quantity, the published value, ours and the verdict.
const COLUMNS: [usize; 4] = [30, 13, 17, 17];

pub fn make(output: &mut Output, arguments: &Arguments) -> u8 {
    let library = Library { paths: arguments.place.path.clone() };
    let how = How { full: arguments.full, only: arguments.only.clone(), out: arguments.out.clone(), threads: arguments.how.threads, seed: arguments.seed };
    let mut progress = Progress::new(arguments.how.quiet || arguments.how.json);
    let outcome = atlas::atlas(&library, &how, &mut progress);
    progress.clear();
    told(output, outcome, arguments.how.quiet, arguments.how.json)
}

/// Goes on with an atlas that was interrupted.
pub fn resume(output: &mut Output, folder: &Path, how: &crate::arguments::How) -> u8 {
    let mut progress = Progress::new(how.quiet || how.json);
    let outcome = atlas::resume(folder, how.threads, &mut progress);
    progress.clear();
    told(output, outcome, how.quiet, how.json)
}

fn told(output: &mut Output, outcome: Result<Atlas, Failure>, quiet: bool, json: bool) -> u8 {
    let atlas = match outcome {
        Ok(atlas) => atlas,
        Err(failure) => return failed(output, failure, &Sources::default()),
    };
    if json {
        output.line(&atlas.json().to_string());
    } else if !quiet {
        output.text(&table(&atlas, output));
    }
    let mut code = DONE;
    for entry in &atlas.entries {
        match &entry.fate {
            Fate::Failed(message) => {
                output.error(&format!("{}: {message}", entry.tested.name));
                code = FAILED;
            }
            Fate::Done { faults, .. } => {
                for fault in faults {
                    output.error(fault);
                    code = FAILED;
                }
            }
            Fate::Waiting => {}
        }
    }
    code
}

/// All rows by claim and experiment, the counts, and where everything lies.
fn table(atlas: &Atlas, output: &Output) -> String {
    let mut out = String::new();
    for code in atlas.shown_claims() {
        let title = if code.is_empty() { "Not about a claim".into() } else { format!("{code}  {}", atlas.claims.sentence(&code)) };
        for line in wrapped(&title, WIDTH) {
            let _ = writeln!(out, "{}", output.bold(&line));
        }
        for entry in atlas.under(&code) {
            experiment(&mut out, entry);
        }
        let also: Vec<String> = atlas.also_under(&code).map(|e| format!("{} ({})", e.tested.name, e.claim())).collect();
        if !also.is_empty() {
            indented(&mut out, &format!("See also {}.", also.join(", ")), 0);
        }
        if atlas.open_under(&code).next().is_some() {
            line(&mut out, ["no experiment yet", "published", "", ""]);
            atlas.open_under(&code).for_each(|row| result(&mut out, row));
        }
        out.push('\n');
    }
    let (targets, all) = (atlas.target_counts(), atlas.rows());
    indented(&mut out, &format!("Table of targets, {} rows: {}.", targets.rows, targets.words()), 0);
    indented(&mut out, &format!("All {} rows, ablations and single protocols among them: {}.", all.len(), Counts::of(&all).words()), 0);
    let size = if atlas.full { "full" } else { "quick" };
    let run = atlas.entries.iter().filter(|e| matches!(e.fate, Fate::Done { .. })).count();
    let _ = writeln!(out, "{run} of {} experiments run in their {size} size by plastica {VERSION}, {}", atlas.entries.len(), time(atlas.seconds()));
    let _ = writeln!(out, "table {}\nreport {}", atlas.folder.join("atlas.csv").display(), atlas.folder.join("report.html").display());
    out
}

fn experiment(out: &mut String, entry: &Entry) {
    let tested = &entry.tested;
    let took = if let Fate::Done { seconds, .. } = &entry.fate { format!(", {}", time(*seconds)) } else { String::new() };
    let name = format!("{} ({}){took}", tested.name, tested.claims.join(", "));
    // The heads of the columns go on the line of the name where there is room for them.
    if name.chars().count() <= COLUMNS[0] {
        line(out, [&name, "published", "Plastica", "verdict"]);
    } else {
        let _ = writeln!(out, "{name}");
        line(out, ["", "published", "Plastica", "verdict"]);
    }
    entry.asked().for_each(|row| result(out, row));
    for remark in entry.remarks() {
        indented(out, &remark, 2);
    }
}

/// A row on one line or several, each cell broken within its column.
fn result(out: &mut String, row: &Row) {
    let missing = matches!(row.verdict, Verdict::NotRun | Verdict::NoExperiment);
    let several = row.n.is_some_and(|n| n > 1);
    let spread = row.spread.filter(|_| several).map_or(String::new(), |s| format!(" ± {}", two_digits(s)));
    let simulated = if missing { String::new() } else { format!("{}{spread}", shown(row.simulated)) };
    let name = format!("  {} {}", row.id, row.quantity);
    line(out, [&name, &published(row), &simulated, row.verdict.words()]);
}

/// A spread: two digits of it are known at best.
fn two_digits(x: f64) -> String {
    plastica::run::number(format!("{x:.1e}").parse().unwrap_or(x))
}

/// Cells side by side; the first and the last to the left, numbers to the right.
fn line(out: &mut String, cells: [&str; 4]) {
    let indent = cells[0].len() - cells[0].trim_start().len();
    let parts: Vec<Vec<String>> =
        cells.iter().zip(COLUMNS).enumerate().map(|(k, (cell, width))| pieces(cell, width - if k == 0 { 2 * indent } else { 0 })).collect();
    for k in 0..parts.iter().map(Vec::len).max().unwrap_or(0) {
        let cell = |column: usize| parts[column].get(k).map_or("", String::as_str);
        let name = format!("{}{}", " ".repeat(if k == 0 { indent } else { 2 * indent }), cell(0));
        let [a, b, c, _] = COLUMNS;
        let _ = writeln!(out, "{}", format!("{name:<a$} {:>b$} {:>c$} {}", cell(1), cell(2), cell(3)).trim_end());
    }
}

/// A cell in lines of its width; a word that is longer than that is broken.
fn pieces(text: &str, width: usize) -> Vec<String> {
    let mut out = Vec::new();
    for part in wrapped(text, width) {
        let letters: Vec<char> = part.chars().collect();
        out.extend(letters.chunks(width).map(|chunk| chunk.iter().collect::<String>()));
    }
    out
}

fn indented(out: &mut String, text: &str, indent: usize) {
    for (k, part) in wrapped(text, WIDTH - indent - 2).iter().enumerate() {
        let _ = writeln!(out, "{}{part}", " ".repeat(if k == 0 { indent } else { indent + 2 }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_in_their_columns() {
        let mut out = String::new();
        line(&mut out, ["  E09 a quantity with a name that is long", "between 20 and 40", "0.0341 ± 0.0021", "contradicted elsewhere"]);
        assert!(out.lines().all(|l| l.chars().count() <= WIDTH), "{out}");
        assert_eq!(out.lines().next(), Some("  E09 a quantity with a name      between 20   0.0341 ± 0.0021 contradicted"));
        assert_eq!(pieces("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!([two_digits(0.003308), two_digits(13.27), two_digits(1.858e-16)], ["0.0033", "13", "1.9e-16"]);
    }
}
