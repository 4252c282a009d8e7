//! Whole experiments, with a folder of results, as `plastica run` does them.

use std::path::PathBuf;

use plastica::run::{Failure, How, Observer, Results, Texts, resume, run};
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

/// Runs an experiment and writes its folder. `progress` is called with a name, simulated seconds and their sum.
#[pyfunction]
#[pyo3(signature = (given, *, threads, seed, out, full, progress))]
pub fn run_experiment<'py>(
    py: Python<'py>,
    given: Given<'py>,
    threads: Option<usize>,
    seed: Option<u64>,
    out: Option<PathBuf>,
    full: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let (mut opened, library) = given.open();
    let how = How { threads, seed, out, full, ..How::default() };
    let mut watching = Watching::new(progress);
    let done = py.detach(|| run(&mut opened, &library, &how, &mut watching));
    outcome(py, done, Texts { sources: opened.sources, diagnostics: opened.diagnostics }, watching.error)
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
