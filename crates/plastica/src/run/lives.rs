//! A study as a run: its folder, carrying it out, going on with it, and what is laid over its text.

use std::path::Path;
use std::time::Instant;

use plastica_lang::source::{Diagnostic, parse_toml};

use super::{Engine, Failure, How, Observer, Results, folder, results};
use crate::experiment::Experiment;
use crate::library::Library;
use crate::open::Opened;
use crate::study;

/// Lays `path.to.key=value` over a text; a value that is no TOML is taken as text.
///
/// # Errors
/// The path is no key.
pub fn set(opened: &mut Opened, text: &str) -> Result<(), Failure> {
    let (key, value) =
        text.split_once('=').ok_or_else(|| Failure::Folder(format!("--set {text}: write KEY=VALUE, such as projection.chain.parameters.eta=2")))?;
    let parse = |opened: &mut Opened, value: &str| {
        let id = opened.sources.add("--set", format!("{} = {value}\n", key.trim()));
        let mut found = Vec::new();
        let table = parse_toml(&opened.sources, id, &mut found);
        (table, found)
    };
    let (mut over, mut found) = parse(opened, value.trim());
    if found.iter().any(Diagnostic::is_error) {
        (over, found) = parse(opened, &format!("\"{}\"", value.trim().replace('\\', "\\\\").replace('"', "\\\"")));
    }
    if found.iter().any(Diagnostic::is_error) {
        return Err(Failure::Text(found));
    }
    crate::overlay::lay(&mut opened.table, &over, &[]);
    Ok(())
}

/// Makes the folder of a study and carries it out.
pub(super) fn begin(
    opened: &mut Opened,
    library: &Library,
    experiment: &Experiment,
    engine: &Engine,
    how: &How,
    past: Option<study::Past<'_>>,
    observer: &mut dyn Observer,
) -> Result<Results, Failure> {
    let clock = Instant::now();
    let resolved = crate::resolve::resolve(opened, experiment, library);
    let folder = folder::choose(how.out.as_deref(), &experiment.name)?;
    let mut store = folder::create(&folder, experiment, how, &resolved)?;
    let task = study::Task { opened, library, experiment, engine, folder: &folder, exact: how.exact, only: how.subject.clone(), past };
    let rows = study::carry_out(task, &mut store, observer)?;
    results::finish_rows(experiment, &folder, clock.elapsed().as_secs_f64(), rows, Vec::new(), store)
}

/// Goes on with a study that was interrupted.
pub(super) fn go_on(
    opened: &mut Opened,
    library: &Library,
    experiment: &Experiment,
    engine: &Engine,
    folder: &Path,
    about: &serde_json::Value,
    observer: &mut dyn Observer,
) -> Result<Results, Failure> {
    let clock = Instant::now();
    if about["branch"].as_bool() == Some(true) {
        return Err(Failure::Folder("a branch that was interrupted is begun anew: its past is in another folder".into()));
    }
    let mut store = plastica_record::Store::resume_at(folder, &serde_json::Value::Null)?;
    let only = about["subject"].as_array().and_then(|s| Some((s.first()?.as_str()?.to_string(), s.get(1)?.as_u64()? as u32)));
    let exact = about["exact"].as_bool().unwrap_or(false);
    let task = study::Task { opened, library, experiment, engine, folder, exact, only, past: None };
    let rows = study::carry_out(task, &mut store, observer)?;
    results::finish_rows(experiment, folder, clock.elapsed().as_secs_f64(), rows, Vec::new(), store)
}
