//! `plastica run`, `resume` and `report`.

use std::path::Path;

use plastica::open::open;
use plastica::run::{self, Failure, Results};
use plastica::{Diagnostic, Sources};

use crate::arguments::{How, Run};
use crate::output::Output;
use crate::progress::Progress;
use crate::{BAD_INPUT, DONE, FAILED, INTERRUPTED, table};

pub fn run(output: &mut Output, arguments: &Run) -> u8 {
    let library = plastica::library::Library { paths: arguments.place.path.clone() };
    let mut opened = match open(&library, &arguments.what) {
        Ok(opened) => opened,
        Err(error) => {
            output.error(&error.to_string());
            return BAD_INPUT;
        }
    };
    let how = run::How {
        threads: arguments.how.threads,
        seed: arguments.seed,
        out: arguments.out.clone(),
        full: arguments.full,
        exact: arguments.exact,
        without: arguments.without.clone(),
        subject: arguments.subject.clone(),
        set: arguments.set.clone(),
        ..run::How::default()
    };
    let mut progress = Progress::new(arguments.how.quiet || arguments.how.json);
    let outcome = run::run(&mut opened, &library, &how, &mut progress);
    progress.clear();
    ended(output, outcome, &opened.sources, &opened.diagnostics, &arguments.how)
}

pub fn resume(output: &mut Output, folder: &Path, how: &How) -> u8 {
    if plastica::atlas::is_atlas(folder) {
        return crate::atlas::resume(output, folder, how);
    }
    let mut progress = Progress::new(how.quiet || how.json);
    let mut texts = run::Texts::default();
    let outcome = run::resume(folder, how.threads, &mut texts, &mut progress);
    progress.clear();
    ended(output, outcome, &texts.sources, &texts.diagnostics, how)
}

pub fn report(output: &mut Output, folder: &Path) -> u8 {
    match run::report(folder) {
        Ok(path) => {
            output.line(&path.display().to_string());
            DONE
        }
        Err(failure) => failed(output, failure, &Sources::default()),
    }
}

pub fn ended(output: &mut Output, outcome: Result<Results, Failure>, sources: &Sources, warnings: &[Diagnostic], how: &How) -> u8 {
    let results = match outcome {
        Ok(results) => results,
        Err(failure) => return failed(output, failure, sources),
    };
    if !how.quiet {
        output.diagnostics(sources, warnings);
    }
    if how.json {
        output.line(&results.json().to_string());
    } else if !how.quiet {
        output.text(&table::results(&results, output));
    }
    for fault in &results.faults {
        output.error(fault);
    }
    if results.faults.is_empty() { DONE } else { FAILED }
}

pub fn failed(output: &mut Output, failure: Failure, sources: &Sources) -> u8 {
    match failure {
        Failure::Text(diagnostics) => {
            output.diagnostics(sources, &diagnostics);
            BAD_INPUT
        }
        Failure::Folder(message) => {
            output.error(&message);
            BAD_INPUT
        }
        Failure::Interrupted | Failure::Checkpointed(_) => {
            output.error_line(&failure.to_string());
            INTERRUPTED
        }
        Failure::Run(_) | Failure::Record(_) => {
            output.error(&failure.to_string());
            FAILED
        }
    }
}
