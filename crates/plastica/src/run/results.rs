//! What a run gives: rows, faults, and the files that show them.

use std::path::PathBuf;

use plastica_record::Store;
use plastica_report::Row;
use serde_json::{Value, json};

use super::Failure;
use super::simulate::{Job, Raw};
use crate::experiment::Experiment;
use crate::pairing;

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
    for (pairing, outcome) in experiment.pairings.iter().zip(&raw.outcomes) {
        let (more, wrong) = pairing::rows(pairing, outcome);
        rows.extend(more);
        faults.extend(wrong);
    }
    let results = Results { experiment: experiment.name.clone(), seed: experiment.settings.seed, seconds: job.seconds(), rows, faults, folder: job.folder.into() };
    let mut kept = results.json();
    kept["faults"] = json!(results.faults);
    store.write_json(RESULTS, &kept)?;
    store.finish()?;
    Ok(results)
}

/// Mean rate of each population: nothing is published about it, so it is shown only.
fn rates(experiment: &Experiment, raw: &Raw, seconds: f64) -> Vec<Row> {
    let Some(network) = &experiment.network else { return Vec::new() };
    let duration_s = experiment.settings.steps as f64 * experiment.settings.dt_s;
    let row = |(population, spikes): (&plastica_network::network::Population, &u64)| Row {
        id: experiment.name.clone(),
        quantity: format!("mean rate of {}", population.name),
        unit: "Hz".into(),
        claim: experiment.claim.clone(),
        kind: "quant".into(),
        simulated: Some(*spikes as f64 / (duration_s * population.size as f64)),
        n: population.size,
        seconds,
        verdict: pairing::SHOWN_ONLY.into(),
        ..Row::default()
    };
    network.populations.iter().zip(&raw.spikes).map(row).collect()
}
