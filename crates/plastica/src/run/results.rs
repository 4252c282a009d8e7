//! What a run gives: rows, faults, and the files that show them.

use std::path::{Path, PathBuf};

use plastica_record::Store;
use plastica_record::read::Run;
use plastica_report::{Row, Verdict};
use serde_json::{Value, json};

use super::Failure;
use super::simulate::{Job, Raw};
use crate::claims::Claims;
use crate::experiment::Experiment;
use crate::targets::{Simulated, Target};

/// The file of the results.
pub const RESULTS: &str = "results.json";

/// What a run gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// Name of the experiment.
    pub experiment: String,
    /// Seed.
    pub seed: u64,
    /// Real seconds.
    pub seconds: f64,
    /// Published and simulated numbers.
    pub rows: Vec<Row>,
    /// What Plastica computed wrongly, one sentence for each; empty if all is well.
    pub faults: Vec<String>,
    /// Where everything lies.
    pub folder: PathBuf,
}

impl Results {
    /// What the folder of a finished run holds; `None` if it is not finished.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn read(folder: &Path) -> Result<Option<Results>, Failure> {
        let run = Run::open(folder).map_err(|e| Failure::Folder(e.to_string()))?;
        let Ok(kept) = run.json(RESULTS) else { return Ok(None) };
        let damaged = |e: serde_json::Error| Failure::Folder(format!("{} is damaged: {e}", folder.join(RESULTS).display()));
        Ok(Some(Results {
            experiment: kept["experiment"].as_str().unwrap_or_default().into(),
            seed: kept["seed"].as_u64().unwrap_or_default(),
            seconds: kept["seconds"].as_f64().unwrap_or_default(),
            rows: serde_json::from_value(kept["rows"].clone()).map_err(damaged)?,
            faults: serde_json::from_value(kept["faults"].clone()).map_err(damaged)?,
            folder: folder.into(),
        }))
    }

    /// The object that `--json` prints.
    pub fn json(&self) -> Value {
        json!({ "experiment": self.experiment, "version": crate::VERSION, "seed": self.seed, "seconds": self.seconds, "rows": rows_as_json(&self.rows) })
    }
}

/// Rows as JSON, each with all its keys.
pub fn rows_as_json(rows: &[Row]) -> Value {
    serde_json::to_value(rows).unwrap_or_default()
}

/// Makes rows, writes `results.json` and `report.html`, and closes the store.
pub(super) fn finish(job: &Job<'_>, raw: Raw, store: Store) -> Result<Results, Failure> {
    let experiment = job.experiment;
    let mut rows = rates(experiment, &raw, job.seconds());
    let mut faults = Vec::new();
    for shown in raw.pairings {
        rows.extend(shown.rows);
        faults.extend(shown.faults);
    }
    finish_rows(experiment, job.folder, job.seconds(), rows, faults, store)
}

/// Writes `results.csv`, `report.html` and `results.json`, and closes the store.
pub(super) fn finish_rows(
    experiment: &Experiment,
    folder: &Path,
    seconds: f64,
    mut rows: Vec<Row>,
    faults: Vec<String>,
    store: Store,
) -> Result<Results, Failure> {
    let claims = Claims::read();
    for row in &mut rows {
        row.claim = claims.of_row(&row.claim, &experiment.claim, &row.id);
    }
    let results = Results { experiment: experiment.name.clone(), seed: experiment.settings.seed, seconds, rows, faults, folder: folder.into() };
    let mut kept = results.json();
    kept["faults"] = json!(results.faults);
    store.write_text("results.csv", &plastica_report::csv(&results.rows))?;
    let folder = store.folder().to_path_buf();
    store.finish()?;
    // The page is made from what is on disk, as `plastica report` makes it again. `results.json` says that all is done, so it comes last.
    super::page::write(&Run::open(&folder)?, &results.rows, &results.faults)?;
    plastica_record::write_whole(&folder.join(RESULTS), format!("{kept:#}\n").as_bytes())?;
    Ok(results)
}

/// Mean rate of each population: nothing is published about it, so it is shown only.
fn rates(experiment: &Experiment, raw: &Raw, seconds: f64) -> Vec<Row> {
    let Some(network) = &experiment.network else { return Vec::new() };
    let duration_s = experiment.settings.steps as f64 * experiment.settings.dt_s;
    let target = Target { unit: "Hz".into(), kind: "quant".into(), ..Target::default() };
    let row = |(population, spikes): (&plastica_network::network::Population, &u64)| {
        let found = Simulated {
            id: experiment.name.clone(),
            quantity: format!("mean rate of {}", population.name),
            claim: String::new(),
            simulated: Some(*spikes as f64 / (duration_s * population.size as f64)),
            spread: None,
            n: Some(population.size as u64),
            seconds: Some(seconds),
        };
        target.row(found, Verdict::ShownOnly)
    };
    network.populations.iter().zip(&raw.spikes).map(row).collect()
}
