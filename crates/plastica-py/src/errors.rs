//! From what can go wrong in Rust to exceptions of the package: the one place where they are mapped.

use plastica::run::Failure;
use plastica::{Diagnostic, Sources, render};
use pyo3::exceptions::{PyKeyboardInterrupt, PyOSError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Diagnostics as a list of dictionaries, in the order of their places.
pub fn diagnostics<'py>(py: Python<'py>, sources: &Sources, list: &[Diagnostic]) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let mut sorted: Vec<&Diagnostic> = list.iter().collect();
    sorted.sort_by_key(|d| (d.span, d.id));
    sorted.dedup();
    let one = |d: &Diagnostic| {
        let out = PyDict::new(py);
        let (line, column) = sources.line(d.span);
        let text = sources.text(d.span.source);
        out.set_item("id", d.id)?;
        out.set_item("severity", if d.is_error() { "error" } else { "warning" })?;
        out.set_item("message", &d.message)?;
        out.set_item("label", &d.label)?;
        out.set_item("note", &d.note)?;
        out.set_item("help", &d.help)?;
        out.set_item("file", sources.name(d.span.source))?;
        out.set_item("line", line)?;
        out.set_item("column", column)?;
        out.set_item("underlined", text.get(d.span.start as usize..d.span.end as usize).unwrap_or_default())?;
        out.set_item("text", render(sources, std::slice::from_ref(d), false))?;
        Ok(out)
    };
    sorted.into_iter().map(one).collect()
}

/// An exception of `plastica._errors`.
fn raised<'py>(py: Python<'py>, class: &str, arguments: impl pyo3::call::PyCallArgs<'py>) -> PyErr {
    let made = py.import("plastica._errors").and_then(|module| module.getattr(class)).and_then(|class| class.call1(arguments));
    match made {
        Ok(value) => PyErr::from_value(value),
        Err(error) => error,
    }
}

/// `plastica.ModelError`, with the diagnostics drawn and as values.
pub fn model_error(py: Python<'_>, sources: &Sources, list: &[Diagnostic]) -> PyErr {
    match diagnostics(py, sources, list) {
        Ok(values) => raised(py, "ModelError", (render(sources, list, false), values)),
        Err(error) => error,
    }
}

/// `plastica.RunError`.
pub fn run_error(py: Python<'_>, message: String) -> PyErr {
    raised(py, "RunError", (message,))
}

/// `plastica.RunError`, for a simulation that another thread is running.
pub fn busy(py: Python<'_>) -> PyErr {
    run_error(py, "this simulation is running in another thread; give each thread a simulation of its own, or wait".into())
}

/// The exception for a run that failed.
pub fn failure(py: Python<'_>, sources: &Sources, failure: Failure) -> PyErr {
    let message = failure.to_string();
    match failure {
        Failure::Text(list) => model_error(py, sources, &list),
        Failure::Interrupted | Failure::Checkpointed(_) => PyKeyboardInterrupt::new_err(message),
        Failure::Folder(_) | Failure::Record(_) => PyOSError::new_err(message),
        Failure::Run(_) => run_error(py, message),
    }
}
