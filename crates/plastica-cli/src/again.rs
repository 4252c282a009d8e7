//! `plastica branch`, `audit`, `calibrate` and `sweep`: runs made of other runs.

use std::path::PathBuf;

use plastica::library::Library;
use plastica::open::{Opened, open};
use plastica::run::{self, Branch, Over};

use crate::arguments::{Again, How};
use crate::output::Output;
use crate::progress::Progress;
use crate::run::{ended, failed};
use crate::{DONE, FAILED};

pub fn branch(output: &mut Output, past: PathBuf, at: String, with: PathBuf, out: Option<PathBuf>, how: &How) -> u8 {
    let mut progress = Progress::new(how.quiet || how.json);
    let mut opened = None;
    let outcome = Over::read(&with).and_then(|with| run::branch(&Branch { past, at, with, out, threads: how.threads }, &mut opened, &mut progress));
    progress.clear();
    let (sources, warnings) = opened.map(|o| (o.sources, o.diagnostics)).unwrap_or_default();
    ended(output, outcome, &sources, &warnings, how)
}

/// How a run is carried out, from what all these commands share.
fn shared(run: &Again) -> (Library, run::How) {
    let how = run::How { threads: run.how.threads, seed: run.seed, out: run.out.clone(), set: run.set.clone(), ..run::How::default() };
    (Library { paths: run.place.path.clone() }, how)
}

/// Opens the text of a run, as often as it is made.
fn opened(library: &Library, what: &str) -> Result<Opened, run::Failure> {
    open(library, what).map_err(|e| run::Failure::Folder(e.to_string()))
}

pub fn audit(output: &mut Output, what: &str, subjects: u32, again: Again) -> u8 {
    let (library, how) = shared(&again);
    let mut progress = Progress::new(again.how.quiet || again.how.json);
    let mut texts = run::Texts::default();
    let outcome = run::audit(&mut || opened(&library, what), &library, subjects, &how, &mut texts, &mut progress);
    progress.clear();
    let (folder, rows) = match outcome {
        Ok(found) => found,
        Err(failure) => return failed(output, failure, &texts.sources),
    };
    let differ = rows.iter().filter(|r| r.agrees() == Some(false)).count();
    if again.how.json {
        let row = |r: &run::Audited| {
            serde_json::json!({
                "id": r.accelerated.id,
                "quantity": r.accelerated.quantity,
                "accelerated": r.accelerated.simulated,
                "exact": r.exact.simulated,
                "spread": r.accelerated.spread,
                "agrees": r.agrees(),
            })
        };
        output.line(&serde_json::json!({ "folder": folder, "rows": rows.iter().map(row).collect::<Vec<_>>() }).to_string());
    } else if !again.how.quiet {
        output.line(&format!("{:<48} {:>10} {:>10}  agrees", "", "accel.", "exact"));
        for row in &rows {
            let number = |x: Option<f64>| x.map_or("–".into(), plastica::run::number);
            let name: String = format!("{} {}", row.accelerated.id, row.accelerated.quantity).chars().take(48).collect();
            let agrees = row.agrees().map_or("–", |yes| if yes { "yes" } else { "no" });
            output.line(&format!("{name:<48} {:>10} {:>10}  {agrees}", number(row.accelerated.simulated), number(row.exact.simulated)));
        }
        let compared = rows.iter().filter(|r| r.agrees().is_some()).count();
        let rest = rows.len() - compared;
        output.line(&format!("{differ} of {compared} differ by more than subjects do; {rest} without a spread over subjects cannot be judged"));
        output.line(&format!("table {}", folder.join("audit.csv").display()));
    }
    if differ == 0 { DONE } else { FAILED }
}

pub fn calibrate(output: &mut Output, what: &str, again: Again) -> u8 {
    let (library, how) = shared(&again);
    let mut progress = Progress::new(again.how.quiet || again.how.json);
    let mut texts = run::Texts::default();
    let outcome = run::calibrate(&mut || opened(&library, what), &library, &how, &mut texts, &mut progress);
    progress.clear();
    let (folder, found) = match outcome {
        Ok(found) => found,
        Err(failure) => return failed(output, failure, &texts.sources),
    };
    if again.how.json {
        let one = |c: &run::Calibrated| serde_json::json!({ "name": c.name, "set": c.path, "value": c.value, "unit": c.unit, "wanted": c.wanted, "reached": c.reached, "runs": c.runs });
        output.line(&serde_json::json!({ "folder": folder, "calibrations": found.iter().map(one).collect::<Vec<_>>() }).to_string());
    } else if !again.how.quiet {
        for c in &found {
            let number = plastica::run::number;
            let reached = c.reached.map_or("nothing".into(), number);
            output.line(&format!("{}: {} = {} {} (wanted {}, reached {reached})", c.name, c.path, number(c.value), c.unit, number(c.wanted)));
            let [from, to] = c.ends;
            if c.wanted < from.min(to) || c.wanted > from.max(to) {
                output.line(&format!("  not between what the ends of its interval give, {} and {}: looked through in equal steps", number(from), number(to)));
            }
        }
        output.line(&format!("table {}", folder.join("calibration.csv").display()));
    }
    DONE
}

pub fn sweep(output: &mut Output, what: &str, name: &str, again: Again) -> u8 {
    let (library, how) = shared(&again);
    let mut progress = Progress::new(again.how.quiet || again.how.json);
    let mut texts = run::Texts::default();
    let outcome = run::sweep(&mut || opened(&library, what), name, &library, &how, &mut texts, &mut progress);
    progress.clear();
    match outcome {
        Ok(folder) if again.how.json => output.line(&serde_json::json!({ "folder": folder }).to_string()),
        Ok(folder) => {
            output.line(&format!("table {}", folder.join("sweep.csv").display()));
            output.line(&format!("report {}", folder.join("report.html").display()));
        }
        Err(failure) => return failed(output, failure, &texts.sources),
    }
    DONE
}
