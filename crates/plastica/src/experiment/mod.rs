//! The experiment file: text to a checked experiment, all faults reported at once.
//!
//! Populations, projections, inputs and models are the network room's; here are the tables around them:
//! `[experiment]`, `[simulation]`, `[record.*]`, `[change.*]`, `[checkpoint]`, `[pairing.*]`; those of a study are read in `study/`.

mod change;
mod names;
mod record;
mod simulation;

use plastica_lang::source::{Diagnostic, Key, Table, Value, ValueKind, nearest};
use plastica_network::network::Network;

pub(crate) use change::lesion_of;
pub use change::{Action, Change};
pub(crate) use names::{Named, Owner};
pub(crate) use record::counted;
pub use record::{Neurons, Record, Recorded, Which};
pub(crate) use simulation::positive_time;
pub use simulation::{MAX_THREADS, Precision, Settings};

use crate::library::Library;
use crate::open::Opened;
use crate::pairing::{Pairing, parse_pairings};
use crate::study::{Study, parse_study};

/// A checked experiment.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Name, also of its folder of results.
    pub name: String,
    /// What it is about, as written.
    pub doc: String,
    /// Codes of the claims that it tests, as written.
    pub claim: String,
    /// Citation, as written.
    pub source: String,
    /// Step, duration, seed, precision.
    pub settings: Settings,
    /// The circuit; `None` when the file has pairings only.
    pub network: Option<Network>,
    /// What is recorded, in the order of the text.
    pub records: Vec<Record>,
    /// What is changed in mid-run, in order of time.
    pub changes: Vec<Change>,
    /// Pairing protocols.
    pub pairings: Vec<Pairing>,
    /// Groups of subjects and what they live through.
    pub study: Option<Study>,
    /// Modulators and their values at rest, for a circuit that is run step by step.
    pub resting: Vec<(String, f64)>,
}

const KEYS: [&str; 11] = ["experiment", "simulation", "neuron", "synapse", "population", "projection", "input", "record", "change", "checkpoint", "pairing"];

/// Every table that an experiment may have.
fn keys() -> Vec<&'static str> {
    [&KEYS[..], &plastica_programme::TABLES, &crate::study::TABLES].concat()
}

/// Checks an opened experiment; its diagnostics grow by all that is found. `None` only if there were errors.
pub fn parse_experiment(opened: &mut Opened, library: &Library) -> Option<Experiment> {
    parse_as(opened, library, Length::Told)
}

/// As [`parse_experiment`], for a circuit that is run step by step and has no duration of its own.
pub fn parse_open_ended(opened: &mut Opened, library: &Library) -> Option<Experiment> {
    parse_as(opened, library, Length::Open)
}

/// Is the length of a run told by the file?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Yes, or by the programmes of a study.
    Told,
    /// No: a circuit in the hand is run step by step.
    Open,
}

/// As [`parse_experiment`] or [`parse_open_ended`].
pub fn parse_as(opened: &mut Opened, library: &Library, length: Length) -> Option<Experiment> {
    let Opened { sources, table, folder, diagnostics, name, .. } = opened;
    let mut found = Vec::new();
    table.known_keys("an experiment", &keys(), &mut found);
    if table.entries.is_empty() && !diagnostics.iter().any(Diagnostic::is_error) {
        found.push(
            Diagnostic::error("empty-file", table.span, "this file says nothing")
                .help("write [experiment], [simulation], [population.NAME] and so on; `plastica show balanced-plastic` prints an example"),
        );
    }
    let about = About::parse(table, name, &mut found);
    let has_circuit = table.get("population").is_some();
    // A study is as long as its programmes are.
    let needs_duration = has_circuit && length == Length::Told && !plastica_programme::Lives::are_in(table);
    let mut settings = Settings::parse(table, needs_duration, &mut found);
    if let (Some(settings), Length::Open) = (&mut settings, length) {
        settings.steps = u64::MAX;
    }
    let dt_s = settings.as_ref().map_or(1e-4, |s| s.dt_s);
    let network = plastica_network::parse_network(sources, table, dt_s, library, folder, &mut found);
    let pairings = parse_pairings(sources, table, library, folder, &mut found);
    if !has_circuit && table.get("pairing").is_none() && !table.entries.is_empty() {
        found.push(
            Diagnostic::error("nothing-to-run", table.span, "this file has neither populations nor pairings")
                .help("write at least one [population.NAME] with model = \"...\" and size = 100"),
        );
    }
    let names = names::Named::new(table, network.as_ref());
    let records = record::parse_records(table, &names, settings.as_ref(), &mut found);
    let mut resting = Vec::new();
    if length == Length::Open {
        resting = plastica_programme::modulator::at_rest(table, &names, plastica_programme::group::ADULT_YEARS, &mut found);
    }
    // A circuit in the hand may have states, tasks and modulators, and nobody who lives through them.
    let study = if length == Length::Told || table.get("group").is_some() { parse_study(table, &names, folder, &mut found) } else { None };
    if study.is_some() && length == Length::Told {
        for (word, help) in [("record", "name what is kept as [measure.NAME] and [[figure]]"), ("change", "write a [state.NAME], and a block that has it")] {
            if let Some(key) = table.key(word) {
                found.push(Diagnostic::error("not-available", key.span, format!("a study has no [{word}.NAME]")).help(help));
            }
        }
    }
    let changes = change::parse_changes(table, &names, settings.as_ref(), &mut found);
    if let Some(settings) = &mut settings {
        (settings.checkpoint_s, settings.keep_days) = simulation::checkpoint(table, &mut found);
    }
    // The file's own models are read for the circuit and for each pairing: say the same thing once.
    let mut seen = std::collections::HashSet::new();
    found.retain(|d| seen.insert((d.id, d.span, d.message.clone())));
    let failed = found.iter().chain(diagnostics.iter()).any(Diagnostic::is_error);
    diagnostics.append(&mut found);
    if failed {
        return None;
    }
    Some(Experiment {
        name: about.name,
        doc: about.doc,
        claim: about.claim,
        source: about.source,
        settings: settings?,
        network: network.filter(|_| has_circuit),
        records,
        changes,
        pairings,
        study,
        resting,
    })
}

/// `[experiment]`.
struct About {
    name: String,
    doc: String,
    claim: String,
    source: String,
}

impl About {
    fn parse(table: &Table, fallback: &str, diagnostics: &mut Vec<Diagnostic>) -> About {
        let mut about = About { name: fallback.into(), doc: String::new(), claim: String::new(), source: String::new() };
        let Some(table) = table.table("experiment", diagnostics) else { return about };
        table.known_keys("[experiment]", &["name", "doc", "claim", "source", "run_time"], diagnostics);
        // For lists and the atlas (`tested.rs`): a run does not depend on it.
        if let Some(value) = table.get("run_time") {
            positive_time(value, "run_time", diagnostics);
        }
        for (key, into) in [("doc", &mut about.doc), ("claim", &mut about.claim), ("source", &mut about.source)] {
            if let Some(text) = table.text(key, diagnostics) {
                *into = text.text.trim().into();
            }
        }
        if let Some(text) = table.text("name", diagnostics) {
            let good = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
            if !text.text.is_empty() && text.text.len() <= 80 && text.text.chars().all(good) {
                about.name.clone_from(&text.text);
            } else {
                diagnostics.push(
                    Diagnostic::error("bad-name", text.span, "a name is made of letters, digits, `-` and `_`")
                        .note("the folder of results is called after it")
                        .help("write a short name, such as \"balanced-plastic\""),
                );
            }
        }
        about
    }
}

/// The tables `[what.NAME]` of a file.
pub(crate) fn tables<'t>(table: &'t Table, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<(&'t Key, &'t Table)> {
    let Some(outer) = table.table(what, diagnostics) else { return Vec::new() };
    let mut out = Vec::with_capacity(outer.entries.len());
    for (key, value) in &outer.entries {
        match &value.kind {
            ValueKind::Table(body) => out.push((key, body)),
            _ => diagnostics.push(wrong_type(value, &format!("{what}.{}", key.name), "a table", &format!("write a header [{what}.NAME], then its keys"))),
        }
    }
    out
}

/// A diagnostic for a value of the wrong kind.
pub(crate) fn wrong_type(value: &Value, key: &str, wanted: &str, help: &str) -> Diagnostic {
    Diagnostic::error("wrong-type", value.span, format!("`{key}` must be {wanted}, but this is {}", value.word())).label(value.word()).help(help)
}

/// `did you mean ..?`, or the list of all.
pub(crate) fn did_you_mean(name: &str, what: &str, names: &[String]) -> String {
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => format!("there are no {what}"),
        None if names.len() > 20 => format!("known {what}: {}, and {} more", names[..20].join(", "), names.len() - 20),
        None => format!("known {what}: {}", names.join(", ")),
    }
}

/// The tables of a list `key = [{ .. }, { .. }]` (or `[[key]]`).
pub(crate) fn tables_in<'t>(table: &'t Table, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<&'t Table> {
    let mut out = Vec::new();
    for item in table.array(key, diagnostics).unwrap_or(&[]) {
        match &item.kind {
            ValueKind::Table(inner) => out.push(inner),
            _ => diagnostics.push(wrong_type(item, key, "a list of tables", &format!("write {key} = [ {{ .. }}, {{ .. }} ]"))),
        }
    }
    out
}
