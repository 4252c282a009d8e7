//! From a name or a path to a text, its table and what is wrong with it as TOML.

use std::path::Path;

use plastica_lang::check::check_quantity;
use plastica_lang::model::ModelKind;
use plastica_lang::source::{Diagnostic, SourceId, Sources, Table, nearest, parse_toml};
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

/// Opens a file, an experiment or a model.
///
/// # Errors
/// [`OpenError`] when there is no such thing, or no text in it.
pub fn open(library: &Library, what: &str) -> Result<Opened, OpenError> {
    let path = Path::new(what);
    if path.is_file() {
        return read(path).map(|found| opened(found, stem(path)));
    }
    if let Some(found) = library.experiment(what) {
        return Ok(opened(found, last(what)));
    }
    for folder in ["neurons", "synapses"] {
        if let Some(found) = library.model(folder, what) {
            return Ok(opened(found, what.into()));
        }
    }
    let names: Vec<String> = library.experiments().into_iter().chain(library.models("neurons")).chain(library.models("synapses")).collect();
    Err(OpenError::Unknown { what: what.into(), help: nearest(what, names.iter().map(String::as_str)).map(Into::into) })
}

/// Opens a text that is no file: `name` is what diagnostics call it, and the name of an experiment that gives itself none.
pub fn open_text(name: &str, text: &str, folder: Folder) -> Opened {
    opened(Found { name: name.into(), text: text.into(), folder }, name.into())
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

fn opened(found: Found, name: String) -> Opened {
    let mut sources = Sources::default();
    let mut diagnostics = Vec::new();
    let id = sources.add(found.name, found.text);
    let table = parse_toml(&sources, id, &mut diagnostics);
    let models_only = !table.entries.is_empty() && table.entries.iter().all(|(key, _)| matches!(key.name.as_str(), "neuron" | "synapse"));
    let kind = if models_only { Kind::Models } else { Kind::Experiment };
    Opened { sources, id, table, folder: found.folder, kind, name, diagnostics }
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
