//! From a name or a path to a text, its table and what is wrong with it as TOML.

use std::path::Path;

use plastica_lang::check::check_quantity;
use plastica_lang::model::ModelKind;
use plastica_lang::source::{Diagnostic, SourceId, Sources, Table, ValueKind, nearest, parse_toml};
use plastica_lang::units::Dimension;

use crate::library::{Found, Library, on_disk};
use crate::tables::Folder;

/// A text that has been read, not yet judged.
#[derive(Debug)]
pub struct Opened {
    /// All texts read so far; models of the library join them later.
    pub sources: Sources,
    /// Which of them this one is.
    pub id: SourceId,
    /// Its keys and values.
    pub table: Table,
    /// Where files that it names lie.
    pub folder: Folder,
    /// What it holds.
    pub kind: Kind,
    /// Name for a text that gives itself none: of the folder or the file.
    pub name: String,
    /// What is wrong so far.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An experiment.
    Experiment,
    /// Models only.
    Models,
}

/// Nothing of that name can be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// There is neither a file nor a library entry of that name.
    #[error("there is no file, experiment or model `{what}`{}", help.as_ref().map(|h| format!("; did you mean `{h}`?")).unwrap_or_else(|| "; `plastica list` names all".into()))]
    Unknown {
        /// As given.
        what: String,
        /// The nearest known name.
        help: Option<String>,
    },
    /// The file is there but cannot be read as text.
    #[error("cannot read {path}: {cause}")]
    Unreadable {
        /// Path as given.
        path: String,
        /// Why not.
        cause: String,
    },
}

/// Opens a file, a folder with an `experiment.toml`, an experiment or a model.
///
/// # Errors
/// [`OpenError`] when there is no such thing, or no text in it.
pub fn open(library: &Library, what: &str) -> Result<Opened, OpenError> {
    let path = Path::new(what);
    if path.is_file() {
        return read(path).map(|found| opened(library, found, stem(path)));
    }
    if let Some(found) = library.experiment(what) {
        return Ok(opened(library, found, last(what)));
    }
    for folder in ["neurons", "synapses"] {
        if let Some(found) = library.model(folder, what) {
            return Ok(opened(library, found, what.into()));
        }
    }
    // A library entry goes before a folder, which may be what a run of that entry has left behind.
    if path.is_dir() {
        let file = path.join("experiment.toml");
        if file.is_file() {
            return read(&file).map(|found| opened(library, found, stem(&file)));
        }
        return Err(OpenError::Unreadable { path: what.into(), cause: "it is a folder without an `experiment.toml`; name the file in it".into() });
    }
    let names: Vec<String> = library.experiments().into_iter().chain(library.models("neurons")).chain(library.models("synapses")).collect();
    Err(OpenError::Unknown { what: what.into(), help: nearest(what, names.iter().map(String::as_str)).map(Into::into) })
}

/// Opens a text that is no file: `name` is what diagnostics call it, and the name of an experiment that gives itself none.
pub fn open_text(library: &Library, name: &str, text: &str, folder: Folder) -> Opened {
    opened(library, Found { name: name.into(), text: text.into(), folder }, name.into())
}

/// Reads a quantity, such as `10 ms`: its value in SI units, and the unit.
///
/// # Errors
/// What is wrong with it, with the text for [`plastica_lang::source::render`].
pub fn quantity(text: &str) -> Result<(f64, Dimension), (Sources, Vec<Diagnostic>)> {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let id = sources.add("quantity", format!("quantity = {text:?}"));
    let table = parse_toml(&sources, id, &mut diagnostics);
    let found = table.get("quantity").and_then(|value| check_quantity(value, None, &mut diagnostics));
    found.filter(|_| diagnostics.is_empty()).ok_or((sources, diagnostics))
}

fn read(path: &Path) -> Result<Found, OpenError> {
    let unreadable = |cause: String| OpenError::Unreadable { path: path.display().to_string(), cause };
    let bytes = std::fs::read(path).map_err(|e| unreadable(e.to_string()))?;
    if std::str::from_utf8(&bytes).is_err() {
        return Err(unreadable("it is not UTF-8 text; an experiment or a model is a TOML file".into()));
    }
    on_disk(path.to_path_buf()).ok_or_else(|| unreadable("it changed while it was read".into()))
}

/// What an experiment does not take over from its base: what is asked, and of whom.
const OWN: [&str; 7] = ["experiment", "study", "group", "row", "figure", "calibration", "full"];
/// Bases of bases are not deeper.
const MOST_BASES: usize = 8;

/// Reads a text that was found, with what it begins from below it.
pub(crate) fn opened(library: &Library, found: Found, name: String) -> Opened {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let folder = found.folder;
    let id = sources.add(found.name, found.text);
    let mut table = parse_toml(&sources, id, &mut diagnostics);
    for _ in 0..MOST_BASES {
        let Some(base) = take_base(&mut table, &mut diagnostics) else { break };
        // A neighbour goes before the library, so that a folder of experiments can be copied and changed.
        let neighbour = folder.disk.as_ref().and_then(|own| on_disk(own.join("..").join(&base.text).join("experiment.toml")));
        let Some(found) = neighbour.or_else(|| library.experiment(&base.text)) else {
            let known = library.experiments();
            let help = nearest(&base.text, known.iter().map(String::as_str))
                .map_or("`plastica list` names all experiments".into(), |near| format!("did you mean `{near}`?"));
            diagnostics.push(Diagnostic::error("unknown-base", base.span, format!("there is no experiment `{}` to begin from", base.text)).help(help));
            break;
        };
        let id = sources.add(found.name, found.text);
        let under = parse_toml(&sources, id, &mut diagnostics);
        let mut whole = Table { span: table.span, entries: under.entries.iter().filter(|(key, _)| !OWN.contains(&key.name.as_str())).cloned().collect() };
        // The base of the base goes on below.
        let next = under.get("experiment").and_then(|v| match &v.kind {
            ValueKind::Table(own) => own.entries.iter().find(|(key, _)| key.name == "base").cloned(),
            _ => None,
        });
        crate::overlay::lay(&mut whole, &table, &[]);
        if let (Some(next), Some((_, own))) = (next, whole.entries.iter_mut().find(|(key, _)| key.name == "experiment"))
            && let ValueKind::Table(own) = &mut own.kind
        {
            own.entries.push(next);
        }
        table = whole;
    }
    let models_only = !table.entries.is_empty() && table.entries.iter().all(|(key, _)| matches!(key.name.as_str(), "neuron" | "synapse"));
    let kind = if models_only { Kind::Models } else { Kind::Experiment };
    Opened { sources, id, table, folder, kind, name, diagnostics }
}

/// Takes `base` out of `[experiment]`.
fn take_base(table: &mut Table, diagnostics: &mut Vec<Diagnostic>) -> Option<plastica_lang::source::Text> {
    let (_, value) = table.entries.iter_mut().find(|(key, _)| key.name == "experiment")?;
    let ValueKind::Table(own) = &mut value.kind else { return None };
    own.get("base")?;
    let base = own.text("base", diagnostics).cloned();
    own.entries.retain(|(key, _)| key.name != "base");
    base
}

/// `folder/experiment.toml` is called after its folder, any other file after itself.
fn stem(path: &Path) -> String {
    let own = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    if own == "experiment" {
        let folder = std::fs::canonicalize(path).ok().and_then(|p| p.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned()));
        return folder.filter(|f| !f.is_empty()).unwrap_or(own);
    }
    own
}

fn last(what: &str) -> String {
    Path::new(what).file_name().map_or_else(|| "experiment".into(), |n| n.to_string_lossy().into_owned())
}

/// The kinds of model in the order in which they are listed.
pub const KINDS: [ModelKind; 2] = [ModelKind::Neuron, ModelKind::Synapse];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) -> Opened {
        let library = Library::default();
        let found = Found { name: "own.toml".into(), text: text.into(), folder: Folder { disk: None, embedded: None, given: Default::default() } };
        let opened = opened(&library, found, "own".into());
        assert_eq!(opened.diagnostics.iter().map(|d| d.id).collect::<Vec<_>>(), expected);
        opened
    }

    #[test]
    fn an_experiment_begins_from_another_one() {
        let opened = check("[experiment]\nname = \"own\"\nbase = \"brunel\"\n[simulation]\nseed = 7\n", &[]);
        let Some(ValueKind::Table(simulation)) = opened.table.get("simulation").map(|v| &v.kind) else { panic!("it has a simulation") };
        assert!(matches!(simulation.get("seed").map(|v| &v.kind), Some(ValueKind::Integer(7))));
        assert!(simulation.get("dt").is_some() && opened.table.get("population").is_some(), "the rest comes from the base");
        check("[experiment]\nbase = \"brunell\"\n", &["unknown-base"]);
    }
}
