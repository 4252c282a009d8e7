//! The folder of a run: its name, and what is written into it before the first step.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use plastica_record::Store;
use serde_json::json;

use super::branch::Before;
use super::{Failure, How};
use crate::experiment::Experiment;
use crate::resolve::Resolved;

/// The checkpoint of a run.
pub const CHECKPOINT: &str = "checkpoint.plastica";
/// The resolved experiment.
pub const EXPERIMENT: &str = "experiment.toml";

/// The folder asked for, or the first free one of `runs/NAME-1`, `runs/NAME-2` and so on.
pub(crate) fn choose(out: Option<&Path>, name: &str) -> Result<PathBuf, Failure> {
    if let Some(out) = out {
        return Ok(out.to_path_buf());
    }
    let runs = Path::new("runs");
    fs::create_dir_all(runs).map_err(|e| Failure::Folder(format!("cannot create the folder {}: {e}", runs.display())))?;
    for k in 1_u32.. {
        let folder = runs.join(format!("{name}-{k}"));
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(Failure::Folder(format!("cannot create the folder {}: {e}", folder.display()))),
        }
    }
    Err(Failure::Folder(format!("all folders runs/{name}-N are taken")))
}

/// Makes the store and writes what was asked for into it.
pub(super) fn create(folder: &Path, experiment: &Experiment, how: &How, past: Option<&Before>, resolved: &Resolved) -> Result<Store, Failure> {
    let settings = &experiment.settings;
    let about = json!({
        "experiment": experiment.name,
        "doc": experiment.doc,
        "claim": experiment.claim,
        "source": experiment.source,
        "version": crate::VERSION,
        "seed": settings.seed,
        "dt_s": settings.dt_s,
        "duration_s": settings.steps as f64 * settings.dt_s,
        "precision": settings.precision.word(),
        "full": how.full,
        "exact": how.exact,
        "without": how.without,
        "subject": how.subject.as_ref().map(|(group, number)| json!([group, number])),
        "groups": how.groups,
        "past": past.map(Before::about),
        "pairings": experiment.pairings.iter().map(|p| &p.name).collect::<Vec<_>>(),
        "neurons": neurons(experiment),
    });
    let store = Store::create(folder, &about).map_err(|e| match e {
        plastica_record::RecordError::NotEmpty { path } => {
            Failure::Folder(format!("{} is not empty: a run is never written over another; name another folder with --out", path.display()))
        }
        other => Failure::Record(other),
    })?;
    store.write_text(EXPERIMENT, &resolved.text)?;
    for (name, bytes) in &resolved.files {
        let path = folder.join(name);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, bytes));
        written.map_err(|e| Failure::Folder(format!("cannot write {}: {e}", path.display())))?;
    }
    Ok(store)
}

/// For each record of spikes: how many neurons it watches.
fn neurons(experiment: &Experiment) -> serde_json::Map<String, serde_json::Value> {
    let Some(network) = &experiment.network else { return serde_json::Map::new() };
    let watched = |record: &crate::experiment::Record| match &record.what {
        crate::experiment::Recorded::Spikes { population, neurons } => {
            Some((record.name.clone(), json!(neurons.as_ref().map_or(network.populations[*population].size, Vec::len))))
        }
        _ => None,
    };
    experiment.records.iter().filter_map(watched).collect()
}
