//! Whole experiments, with a folder of results, as `plastica run` does them.

use std::path::PathBuf;

use plastica::library::Library;
use plastica::run::{Branch, Failure, How, Observer, Opening, Over, Results, Texts, audit, branch, calibrate, resume, rows_as_json, run, sweep};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{diagnostics, failure};
use crate::texts::Given;

/// Tells a Python function how a run goes, and hears signals and exceptions. The interpreter's lock is taken for that only.
struct Watching {
    progress: Option<Py<PyAny>>,
    what: String,
    length_s: f64,
    error: Option<PyErr>,
}

impl Watching {
    fn new(progress: Option<Py<PyAny>>) -> Self {
        Watching { progress, what: String::new(), length_s: 0.0, error: None }
    }
}

impl Observer for Watching {
    fn begin(&mut self, what: &str, seconds: f64) {
        (self.what, self.length_s) = (what.into(), seconds);
    }

    fn progress(&mut self, seconds: f64) {
        if let Some(progress) = &self.progress
            && self.error.is_none()
        {
            self.error = Python::attach(|py| progress.call1(py, (&self.what, seconds, self.length_s)).err());
        }
    }

    fn stop(&mut self) -> bool {
        if self.error.is_none() {
            self.error = Python::attach(|py| py.check_signals().err());
        }
        self.error.is_some()
    }
}

fn outcome<'py>(py: Python<'py>, done: Result<Results, Failure>, texts: Texts, error: Option<PyErr>) -> PyResult<Bound<'py, PyDict>> {
    let results = match (done, error) {
        (Ok(results), _) => results,
        // What was recorded is kept, and a checkpoint lies in the folder; the reason to stop was Python's.
        (Err(Failure::Interrupted | Failure::Checkpointed(_)), Some(error)) => return Err(error),
        (Err(other), _) => return Err(failure(py, &texts.sources, other)),
    };
    let out = PyDict::new(py);
    out.set_item("folder", &results.folder)?;
    out.set_item("json", results.json().to_string())?;
    out.set_item("faults", &results.faults)?;
    out.set_item("warnings", diagnostics(py, &texts.sources, &texts.diagnostics)?)?;
    Ok(out)
}

/// How a run is carried out, as Python hands it over: attributes of `plastica._experiments.How`.
#[derive(FromPyObject)]
pub struct Asked {
    threads: Option<usize>,
    seed: Option<u64>,
    out: Option<PathBuf>,
    full: bool,
    exact: bool,
    without: Vec<String>,
    subject: Option<(String, u32)>,
    set: Vec<String>,
}

impl From<Asked> for How {
    fn from(asked: Asked) -> How {
        let Asked { threads, seed, out, full, exact, without, subject, set } = asked;
        How { threads, seed, out, full, exact, without, subject, set, ..How::default() }
    }
}

/// Runs an experiment and writes its folder. `progress` is called with a name, simulated seconds and their sum.
#[pyfunction]
#[pyo3(signature = (given, how, *, progress))]
pub fn run_experiment<'py>(py: Python<'py>, given: Given<'py>, how: Asked, progress: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyDict>> {
    let (mut opened, library) = given.open();
    let how = How::from(how);
    let mut watching = Watching::new(progress);
    let done = py.detach(|| run(&mut opened, &library, &how, &mut watching));
    outcome(py, done, Texts { sources: opened.sources, diagnostics: opened.diagnostics }, watching.error)
}

/// Carries out runs that are made of others, with a text that is opened again and again.
fn again<T: Send>(
    py: Python<'_>,
    given: Given<'_>,
    how: Asked,
    progress: Option<Py<PyAny>>,
    go: impl FnOnce(Opening<'_>, &Library, &How, &mut Texts, &mut dyn Observer) -> Result<T, Failure> + Send,
) -> PyResult<T> {
    let held = given.hold();
    let (how, mut texts, mut watching) = (How::from(how), Texts::default(), Watching::new(progress));
    let done = py.detach(|| go(&mut || Ok(held.open()), &held.library, &how, &mut texts, &mut watching));
    match (done, watching.error) {
        (Ok(done), _) => Ok(done),
        (Err(Failure::Interrupted | Failure::Checkpointed(_)), Some(error)) => Err(error),
        (Err(other), _) => Err(failure(py, &texts.sources, other)),
    }
}

/// Runs a study with its accelerations and without, so many subjects of each group: the folder, rows of both as JSON, and whether they agree.
#[pyfunction]
#[pyo3(signature = (given, subjects, how, *, progress))]
pub fn audit_study(
    py: Python<'_>,
    given: Given<'_>,
    subjects: u32,
    how: Asked,
    progress: Option<Py<PyAny>>,
) -> PyResult<(PathBuf, String, String, Vec<Option<bool>>)> {
    let (folder, rows) = again(py, given, how, progress, |open, library, how, texts, observer| audit(open, library, subjects, how, texts, observer))?;
    let agree = rows.iter().map(|row| row.agrees()).collect();
    let (accelerated, exact): (Vec<_>, Vec<_>) = rows.into_iter().map(|row| (row.accelerated, row.exact)).unzip();
    Ok((folder, rows_as_json(&accelerated).to_string(), rows_as_json(&exact).to_string(), agree))
}

/// Finds the constants that a study calibrates again: the folder with the table.
#[pyfunction]
#[pyo3(signature = (given, how, *, progress))]
pub fn calibrate_study(py: Python<'_>, given: Given<'_>, how: Asked, progress: Option<Py<PyAny>>) -> PyResult<PathBuf> {
    Ok(again(py, given, how, progress, |open, library, how, texts, observer| calibrate(open, library, how, texts, observer))?.0)
}

/// Runs a study over the values of two constants: the folder with the table.
#[pyfunction]
#[pyo3(signature = (given, name, how, *, progress))]
pub fn sweep_study(py: Python<'_>, given: Given<'_>, name: &str, how: Asked, progress: Option<Py<PyAny>>) -> PyResult<PathBuf> {
    again(py, given, how, progress, |open, library, how, texts, observer| sweep(open, name, library, how, texts, observer))
}

/// Another future from the past of a run: a text is laid over that of the run, from a moment on.
#[pyfunction]
#[pyo3(signature = (past, at, with, *, out, threads, progress))]
pub fn branch_study<'py>(
    py: Python<'py>,
    past: PathBuf,
    at: String,
    with: (String, String),
    out: Option<PathBuf>,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let what = Branch { past, at, with: Over { name: with.0, text: with.1 }, out, threads };
    let (mut opened, mut watching) = (None, Watching::new(progress));
    let done = py.detach(|| branch(&what, &mut opened, &mut watching));
    let texts = opened.map(|o| Texts { sources: o.sources, diagnostics: o.diagnostics }).unwrap_or_default();
    outcome(py, done, texts, watching.error)
}

/// Goes on with a run that was interrupted.
#[pyfunction]
#[pyo3(signature = (folder, *, threads, progress))]
pub fn resume_experiment<'py>(py: Python<'py>, folder: PathBuf, threads: Option<usize>, progress: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyDict>> {
    let mut texts = Texts::default();
    let mut watching = Watching::new(progress);
    let done = py.detach(|| resume(&folder, threads, &mut texts, &mut watching));
    outcome(py, done, texts, watching.error)
}
