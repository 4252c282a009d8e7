//! `plastica branch`: another future from the past of a run.

use std::path::{Path, PathBuf};

use plastica_lang::source::{Diagnostic, Key, Sources, Span, Table, Text, Value, ValueKind, parse_toml};
use plastica_programme::time::{Moment, read_moment};
use plastica_record::read;

use super::folder::EXPERIMENT;
use super::{Engine, Failure, How, Observer, Results, lives};
use crate::experiment::{Experiment, parse_experiment};
use crate::library::Library;
use crate::open::{Opened, open};
use crate::study;

/// A text that is laid over another.
#[derive(Clone, Debug)]
pub struct Over {
    /// What diagnostics call it.
    pub name: String,
    /// The text.
    pub text: String,
}

impl Over {
    /// A file.
    ///
    /// # Errors
    /// [`Failure::Folder`] when it cannot be read.
    pub fn read(path: &Path) -> Result<Over, Failure> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| Failure::Folder(format!("cannot read {name}: {e}")))?;
        Ok(Over { name, text })
    }
}

/// What a branch is.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Folder of the run that is the past.
    pub past: PathBuf,
    /// When the branch begins: `day 3`, `day 3 22:00`, `36 h`.
    pub at: String,
    /// A text that is laid over that of the run.
    pub with: Over,
    /// Folder for the results, instead of `runs/NAME-branch-1`, `-2` and so on.
    pub out: Option<PathBuf>,
    /// Threads.
    pub threads: Option<usize>,
}

/// The past of a branch: the run that it goes out from, and when.
pub(super) struct Before {
    opened: Opened,
    experiment: Experiment,
    folder: PathBuf,
    at: String,
    moment: Moment,
    exact: bool,
}

impl Before {
    /// Opens the run in `folder`. What is wrong with `at` is told in the texts of `sources`.
    fn open(folder: &Path, at: &str, sources: &mut Sources, library: &Library) -> Result<Before, Failure> {
        let about = read::Run::open(folder).and_then(|run| run.json("run.json")).map_err(|e| Failure::Folder(e.to_string()))?;
        let mut opened = open(library, &folder.join(EXPERIMENT).display().to_string()).map_err(|e| Failure::Folder(e.to_string()))?;
        let experiment = parse_experiment(&mut opened, library).ok_or_else(|| Failure::Text(std::mem::take(&mut opened.diagnostics)))?;
        let mut found = Vec::new();
        let id = sources.add("--at", at.to_string());
        let span = Span { source: id, start: 0, end: at.len() as u32 };
        let moment = read_moment(&Text::made(at, span), &mut found);
        let (Some(moment), false) = (moment, found.iter().any(Diagnostic::is_error)) else { return Err(Failure::Text(found)) };
        let exact = about["exact"].as_bool().unwrap_or(false);
        Ok(Before { opened, experiment, folder: folder.into(), at: at.into(), moment, exact })
    }

    /// Opens what [`Before::about`] kept.
    ///
    /// # Errors
    /// The past is no longer where it was.
    pub fn read(about: &serde_json::Value, library: &Library) -> Result<Before, Failure> {
        let (folder, at) = (about["folder"].as_str().unwrap_or_default(), about["at"].as_str().unwrap_or_default());
        let gone = |e| match e {
            Failure::Folder(message) => Failure::Folder(format!("the past of this branch is no longer in {folder}: {message}")),
            other => other,
        };
        Before::open(Path::new(folder), at, &mut Sources::default(), library).map_err(gone)
    }

    /// What is kept of it in the folder of the branch, so that an interrupted branch can go on.
    pub fn about(&self) -> serde_json::Value {
        let folder = std::fs::canonicalize(&self.folder).unwrap_or_else(|_| self.folder.clone());
        serde_json::json!({ "folder": folder.display().to_string(), "at": self.at })
    }

    /// As a study takes it.
    pub fn past(&mut self) -> study::Past<'_> {
        study::Past { opened: &mut self.opened, experiment: &self.experiment, folder: &self.folder, moment: self.moment }
    }
}

/// Starts another future from the past of a run. The texts are left in `past` and `future`, for diagnostics.
///
/// # Errors
/// [`Failure`]; with [`Failure::Text`] nothing has been written.
pub fn branch(what: &Branch, opened: &mut Option<Opened>, observer: &mut dyn Observer) -> Result<Results, Failure> {
    let library = Library::default();
    let text = what.past.join(EXPERIMENT).display().to_string();
    let future = opened.insert(open(&library, &text).map_err(|e| Failure::Folder(e.to_string()))?);
    let before = Before::open(&what.past, &what.at, &mut future.sources, &library)?;
    let id = future.sources.add(what.with.name.clone(), what.with.text.clone());
    let mut found = Vec::new();
    let over = parse_toml(&future.sources, id, &mut found);
    if found.iter().any(Diagnostic::is_error) {
        return Err(Failure::Text(found));
    }
    let name = format!("{}-branch", before.experiment.name);
    rename(&mut future.table, &name);
    crate::overlay::lay(&mut future.table, &over, &[]);
    let experiment = parse_experiment(future, &library).ok_or_else(|| Failure::Text(std::mem::take(&mut future.diagnostics)))?;
    let (Some(lived), Some(other)) = (&before.experiment.study, &experiment.study) else {
        return Err(Failure::Folder(format!("the run in {} is no study: only lives branch", what.past.display())));
    };
    study::check_branch(lived, other, before.moment, before.exact)?;
    let engine = Engine::new(&experiment.settings, what.threads);
    let how = How { out: what.out.clone(), exact: before.exact, ..How::default() };
    lives::begin(future, &library, &experiment, &engine, &how, Some(before), observer)
}

/// Gives a text another name.
fn rename(table: &mut Table, name: &str) {
    let span = table.span;
    let entry = |name: &str, kind: ValueKind| (Key { name: name.into(), span }, Value { kind, span });
    let over = Table {
        span,
        entries: vec![entry("experiment", ValueKind::Table(Table { span, entries: vec![entry("name", ValueKind::Text(Text::made(name, span)))] }))],
    };
    crate::overlay::lay(table, &over, &[]);
}
