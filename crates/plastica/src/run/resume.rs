//! Going on with a run that was interrupted, and making its report again.

use std::path::{Path, PathBuf};
use std::time::Instant;

use plastica_engine::simulation::Checkpoint;
use plastica_lang::source::{Diagnostic, Sources};
use plastica_record::{Store, checkpoint, read};

use super::folder::{CHECKPOINT, EXPERIMENT};
use super::results::{self, RESULTS, Results};
use super::{Engine, Failure, Observer, simulate};
use crate::experiment::parse_experiment;
use crate::library::Library;
use crate::open::open;

/// The texts of a resumed run, for diagnostics.
#[derive(Debug, Default)]
pub struct Texts {
    /// Texts.
    pub sources: Sources,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Goes on from the last checkpoint of a folder, bit for bit, on any number of threads.
///
/// # Errors
/// [`Failure`]: the folder holds no run, or one that is complete, or its checkpoint is damaged; then as for a new run.
pub fn resume(folder: &Path, threads: Option<usize>, texts: &mut Texts, observer: &mut dyn Observer) -> Result<Results, Failure> {
    let about = read::Run::open(folder).and_then(|run| run.json("run.json")).map_err(|e| Failure::Folder(e.to_string()))?;
    if folder.join(RESULTS).exists() {
        return Err(Failure::Folder(format!("the run in {} is complete; `plastica report` shows it again", folder.display())));
    }
    let library = Library::default();
    let mut opened = open(&library, &folder.join(EXPERIMENT).display().to_string()).map_err(|e| Failure::Folder(e.to_string()))?;
    let parsed = parse_experiment(&mut opened, &library);
    texts.diagnostics = std::mem::take(&mut opened.diagnostics);
    let Some(experiment) = parsed else {
        texts.sources = opened.sources;
        return Err(Failure::Text(std::mem::take(&mut texts.diagnostics)));
    };
    let engine = Engine::new(&experiment.settings, threads);
    if experiment.study.is_some() {
        let results = super::lives::go_on(&mut opened, &library, &experiment, &engine, folder, &about, observer);
        texts.sources = opened.sources;
        return results;
    }
    texts.sources = opened.sources;
    let path = folder.join(CHECKPOINT);
    let (mut from, mut before_s, mut recorded) = (None, 0.0, serde_json::Value::Null);
    if path.exists() {
        let (header, arrays) = checkpoint::load(&path)?;
        before_s = header["seconds"].as_f64().unwrap_or(0.0);
        recorded = header["recorded"].clone();
        from = Some(Checkpoint { step: header["step"].as_i64().unwrap_or(0), arrays });
    }
    let simulation = experiment.network.as_ref().map(|n| simulate::build(n, &engine)).transpose()?;
    let mut store = Store::resume_at(folder, &recorded)?;
    let full = about["full"].as_bool().unwrap_or(false);
    let mut job = simulate::Job { experiment: &experiment, engine: &engine, full, folder, begin: Instant::now(), before_s };
    let raw = job.run(simulation, &mut store, from.as_ref(), observer)?;
    results::finish(&job, raw, store)
}

/// Makes `report.html` again from what a folder holds; its path.
///
/// # Errors
/// The folder holds no finished run.
pub fn report(folder: &Path) -> Result<PathBuf, Failure> {
    let Some(results) = Results::read(folder)? else {
        return Err(Failure::Folder(format!("the run in {} is not complete; go on with: plastica resume {}", folder.display(), folder.display())));
    };
    super::page::write(&read::Run::open(folder)?, &results.rows, &results.faults)
}
