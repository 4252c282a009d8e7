//! A study as a run: its folder, carrying it out, going on with it, and what is laid over its text.

use std::path::Path;
use std::time::Instant;

use plastica_lang::source::{Diagnostic, Key, Table, ValueKind, parse_toml};

use super::branch::Before;
use super::{Engine, Failure, How, Observer, Results, folder, results};
use crate::experiment::{Experiment, did_you_mean};
use crate::library::Library;
use crate::open::Opened;
use crate::study;

/// Lays `path.to.key=value` over a text; a value that is no TOML is taken as text.
///
/// # Errors
/// The path is no key, or it names a thing (a projection, a block, an ablation) or a parameter of a model that the text does not have:
/// a value is changed here, and nothing new is made, so that a mistyped name is never silently without effect.
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
    if let Some(fault) = unknown_name(&opened.table, &over) {
        return Err(Failure::Text(vec![fault]));
    }
    crate::overlay::lay(&mut opened.table, &over, &[]);
    Ok(())
}

/// The first name on the path of `--set` that must be there and is not. Keys of a thing that is there are judged with the whole text.
fn unknown_name(base: &Table, over: &Table) -> Option<Diagnostic> {
    let (head, value) = over.entries.first()?;
    let ValueKind::Table(inside) = &value.kind else { return None };
    let (name, below) = inside.entries.first()?;
    let fault = |name: &Key, what: &str, known: Vec<String>| {
        let help = did_you_mean(&name.name, what, &known);
        Diagnostic::error("unknown-key", name.span, format!("--set: the file has no {what} `{}`", name.name)).label("not in the file").help(help)
    };
    let names = |table: &Table| table.entries.iter().map(|(key, _)| key.name.clone()).collect::<Vec<_>>();
    let things = match base.get(&head.name).map(|v| &v.kind) {
        Some(ValueKind::Table(things)) => things,
        // `simulation.seed` may come where no [simulation] is; a table of named things may not.
        None if matches!(below.kind, ValueKind::Table(_)) => return Some(fault(head, "table", names(base))),
        _ => return None,
    };
    let named = !things.entries.is_empty() && things.entries.iter().all(|(_, v)| matches!(v.kind, ValueKind::Table(_)));
    match things.get(&name.name).map(|v| &v.kind) {
        None if named => Some(fault(name, &head.name, names(things))),
        // A model of the file says itself which keys it has, and would only warn of a parameter that no equation reads.
        Some(ValueKind::Table(model)) if matches!(head.name.as_str(), "neuron" | "synapse") => {
            let (mut known, mut value) = (model, below);
            while let ValueKind::Table(over) = &value.kind {
                let (key, next) = over.entries.first()?;
                match known.get(&key.name).map(|v| &v.kind) {
                    None => return Some(fault(key, &format!("key of `{}`", name.name), names(known))),
                    Some(ValueKind::Table(inner)) => (known, value) = (inner, next),
                    Some(_) => break,
                }
            }
            None
        }
        _ => None,
    }
}

/// Makes the folder of a study and carries it out.
pub(super) fn begin(
    opened: &mut Opened,
    library: &Library,
    experiment: &Experiment,
    engine: &Engine,
    how: &How,
    mut past: Option<Before>,
    observer: &mut dyn Observer,
) -> Result<Results, Failure> {
    let clock = Instant::now();
    if let (Some(only), Some(study)) = (&how.subject, &experiment.study) {
        is_subject(study, only)?;
    }
    let resolved = crate::resolve::resolve(opened, experiment, library);
    let folder = folder::choose(how.out.as_deref(), &experiment.name)?;
    let mut store = folder::create(&folder, experiment, how, past.as_ref(), &resolved)?;
    let (exact, only, groups) = (how.exact, how.subject.clone(), &how.groups[..]);
    let task = study::Task { opened, library, experiment, engine, folder: &folder, exact, only, groups, past: past.as_mut().map(Before::past), before_s: 0.0 };
    let rows = study::carry_out(task, &mut store, observer).inspect_err(|_| remember(&folder, clock.elapsed().as_secs_f64()))?;
    results::finish_rows(experiment, &folder, clock.elapsed().as_secs_f64(), rows, Vec::new(), store)
}

/// Checks that there is a subject of this number in a group of this name.
fn is_subject(study: &study::Study, (group, number): &(String, u32)) -> Result<(), Failure> {
    let groups = &study.lives.groups;
    match groups.iter().find(|g| g.name == *group) {
        Some(found) if *number <= found.subjects => Ok(()),
        Some(found) => Err(Failure::Folder(format!("--subject {group}:{number}: the subjects of `{group}` are numbered from 1 to {}", found.subjects))),
        None => {
            let known: Vec<String> = groups.iter().map(|g| g.name.clone()).collect();
            Err(Failure::Folder(format!("--subject {group}:{number}: there is no group `{group}`; {}", did_you_mean(group, "groups", &known))))
        }
    }
}

/// The file that says how long a study took before it was interrupted.
const SECONDS: &str = "seconds.json";

/// Keeps how long a study took until now. It is for readers only, so that a disk that is full is no second failure.
fn remember(folder: &Path, seconds: f64) {
    let _ = plastica_record::write_whole(&folder.join(SECONDS), format!("{seconds}\n").as_bytes());
}

/// How long a study took before it was interrupted.
fn remembered(folder: &Path) -> f64 {
    std::fs::read_to_string(folder.join(SECONDS)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0.0)
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
    let mut past = match about["past"].as_object() {
        Some(_) => Some(Before::read(&about["past"], library)?),
        None => None,
    };
    let mut store = plastica_record::Store::resume_at(folder, &serde_json::Value::Null)?;
    let only = about["subject"].as_array().and_then(|s| Some((s.first()?.as_str()?.to_string(), s.get(1)?.as_u64()? as u32)));
    let exact = about["exact"].as_bool().unwrap_or(false);
    let before_s = remembered(folder);
    let seconds = || before_s + clock.elapsed().as_secs_f64();
    let groups: Vec<String> = serde_json::from_value(about["groups"].clone()).unwrap_or_default();
    let past = past.as_mut().map(Before::past);
    let task = study::Task { opened, library, experiment, engine, folder, exact, only, groups: &groups, past, before_s };
    let rows = study::carry_out(task, &mut store, observer).inspect_err(|_| remember(folder, seconds()))?;
    results::finish_rows(experiment, folder, seconds(), rows, Vec::new(), store)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::open_text;
    use crate::tables::Folder;

    const TEXT: &str = "[neuron.fibre]\nequations = \"v : 1\"\nparameters = { tau = 1 }\n[projection.chain]\npre = \"E\"\n[without.ltd]\ndoc = \"x\"\n[simulation]\nseed = 1\n";

    /// The name that is refused, and what its help says.
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let mut opened = open_text(&Library::default(), "own", TEXT, Folder::default());
        match (set(&mut opened, text), expected) {
            (Ok(()), None) => {}
            (Err(Failure::Text(found)), Some((name, help))) => {
                assert!(found[0].message.contains(&format!("`{name}`")), "{text}: {found:?}");
                assert!(found[0].help.as_deref().is_some_and(|h| h.contains(help)), "{text}: {found:?}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_value_is_set_where_there_is_something_to_set() {
        for text in
            ["projection.chain.parameters.eta=2", "simulation.dt=0.1 ms", "checkpoint.interval=5 s", "without.ltd.doc=y", "neuron.fibre.parameters.tau=2"]
        {
            check(text, None);
        }
        check("projection.chian.parameters.eta=2", Some(("chian", "`chain`")));
        check("without.lt.x=1", Some(("lt", "ltd")));
        check("neuron.fibre.parameters.tua=2", Some(("tua", "`tau`")));
        check("neuron.fibre.parameter.tau=2", Some(("parameter", "`parameters`")));
        check("projektion.chain.parameters.eta=2", Some(("projektion", "`projection`")));
    }
}
