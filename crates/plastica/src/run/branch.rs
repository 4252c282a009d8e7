//! `plastica branch`: another future from the past of a run.

use std::path::{Path, PathBuf};

use plastica_lang::source::{Diagnostic, Key, Table, Text, Value, ValueKind, parse_toml};
use plastica_programme::time::read_moment;
use plastica_record::read;

use super::folder::EXPERIMENT;
use super::{Engine, Failure, How, Observer, Results, lives};
use crate::experiment::parse_experiment;
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

/// Starts another future from the past of a run. The texts are left in `past` and `future`, for diagnostics.
///
/// # Errors
/// [`Failure`]; with [`Failure::Text`] nothing has been written.
pub fn branch(what: &Branch, opened: &mut Option<Opened>, observer: &mut dyn Observer) -> Result<Results, Failure> {
    let library = Library::default();
    let about = read::Run::open(&what.past).and_then(|run| run.json("run.json")).map_err(|e| Failure::Folder(e.to_string()))?;
    let text = what.past.join(EXPERIMENT).display().to_string();
    let mut past = open(&library, &text).map_err(|e| Failure::Folder(e.to_string()))?;
    let before = parse_experiment(&mut past, &library).ok_or_else(|| Failure::Text(std::mem::take(&mut past.diagnostics)))?;
    let future = opened.insert(open(&library, &text).map_err(|e| Failure::Folder(e.to_string()))?);
    let id = future.sources.add(what.with.name.clone(), what.with.text.clone());
    let mut found = Vec::new();
    let over = parse_toml(&future.sources, id, &mut found);
    let at = future.sources.add("--at", what.at.clone());
    let span = plastica_lang::source::Span { source: at, start: 0, end: what.at.len() as u32 };
    let moment = read_moment(&Text::made(what.at.clone(), span), &mut found);
    let (Some(moment), false) = (moment, found.iter().any(Diagnostic::is_error)) else { return Err(Failure::Text(found)) };
    let name = format!("{}-branch", before.name);
    rename(&mut future.table, &name);
    crate::overlay::lay(&mut future.table, &over, &[]);
    let experiment = parse_experiment(future, &library).ok_or_else(|| Failure::Text(std::mem::take(&mut future.diagnostics)))?;
    let (Some(lived), Some(other)) = (&before.study, &experiment.study) else {
        return Err(Failure::Folder(format!("the run in {} is no study: only lives branch", what.past.display())));
    };
    let exact = about["exact"].as_bool().unwrap_or(false);
    study::check_branch(lived, other, moment, exact)?;
    let engine = Engine::new(&experiment.settings, what.threads);
    let past = study::Past { opened: &mut past, experiment: &before, folder: &what.past, moment };
    let how = How { out: what.out.clone(), exact, ..How::default() };
    lives::begin(future, &library, &experiment, &engine, &how, Some(past), observer)
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
