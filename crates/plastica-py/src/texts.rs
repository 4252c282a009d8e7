//! Texts: opening by name, checking without running, the library, quantities.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use numpy::PyReadonlyArray1;
use plastica::experiment::Length;
use plastica::library::Library;
use plastica::open::{Opened, open, open_text, quantity as read_quantity};
use plastica::tables::{Columns, Folder};
use pyo3::exceptions::PyFileNotFoundError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::{diagnostics, model_error};

/// A column in the type that it has in Python, so that long lists of neurons are converted once.
#[derive(FromPyObject)]
pub enum Column<'py> {
    /// Floats.
    Float(PyReadonlyArray1<'py, f64>),
    /// What numpy makes of whole numbers.
    Long(PyReadonlyArray1<'py, i64>),
    /// Shorter whole numbers.
    Short(PyReadonlyArray1<'py, i32>),
    /// Neurons as Plastica hands them out.
    Index(PyReadonlyArray1<'py, u32>),
}

impl Column<'_> {
    fn values(&self) -> Vec<f64> {
        match self {
            Column::Float(a) => a.as_array().iter().copied().collect(),
            Column::Long(a) => a.as_array().iter().map(|x| *x as f64).collect(),
            Column::Short(a) => a.as_array().iter().map(|x| f64::from(*x)).collect(),
            Column::Index(a) => a.as_array().iter().map(|x| f64::from(*x)).collect(),
        }
    }
}

/// Tables of numbers that were made in Python: by path, columns by name.
pub type Tables<'py> = HashMap<String, Vec<(String, Column<'py>)>>;

/// A text with all that belongs to it, as Python hands it over.
#[derive(FromPyObject)]
pub struct Given<'py> {
    /// What diagnostics call it.
    name: String,
    /// The text.
    text: String,
    /// Folder of the files that it names: on disk, or in the library.
    disk: Option<PathBuf>,
    embedded: Option<String>,
    /// Tables that go before such files.
    tables: Tables<'py>,
    /// Folders with models, searched before the library.
    paths: Vec<PathBuf>,
}

/// A text out of Python's hands, which can be opened again and again.
pub struct Held {
    name: String,
    text: String,
    folder: Folder,
    /// Where its models are found.
    pub library: Library,
}

impl Held {
    /// The text, not yet judged.
    pub fn open(&self) -> Opened {
        open_text(&self.library, &self.name, &self.text, self.folder.clone())
    }
}

impl Given<'_> {
    /// The text without Python.
    pub fn hold(self) -> Held {
        let columns = |list: Vec<(String, Column<'_>)>| -> Columns { list.into_iter().map(|(name, column)| (name, Arc::new(column.values()))).collect() };
        let given = self.tables.into_iter().map(|(path, list)| (path, columns(list))).collect();
        let folder = Folder { disk: self.disk, embedded: self.embedded, given: Arc::new(given) };
        Held { name: self.name, text: self.text, folder, library: Library { paths: self.paths } }
    }

    /// The opened text, and where its models are found.
    pub fn open(self) -> (Opened, Library) {
        let held = self.hold();
        (held.open(), held.library)
    }
}

/// A file, an experiment or a model by name: its name, text, folder on disk and folder in the library.
#[pyfunction]
pub fn open_named(what: &str, paths: Vec<PathBuf>) -> PyResult<(String, String, Option<PathBuf>, Option<String>)> {
    let opened = open(&Library { paths }, what).map_err(|e| PyFileNotFoundError::new_err(e.to_string()))?;
    let text = opened.sources.text(opened.id).to_string();
    Ok((opened.sources.name(opened.id).to_string(), text, opened.folder.disk, opened.folder.embedded))
}

/// What is wrong with a text: a list of dictionaries. `open_ended`: as a circuit in the hand, which needs no duration.
#[pyfunction]
pub fn check<'py>(py: Python<'py>, given: Given<'py>, open_ended: bool) -> PyResult<Vec<Bound<'py, PyDict>>> {
    let (mut opened, library) = given.open();
    py.detach(|| plastica::explain::explain(&mut opened, &library, length(open_ended)));
    diagnostics(py, &opened.sources, &opened.diagnostics)
}

fn length(open_ended: bool) -> Length {
    if open_ended { Length::Open } else { Length::Told }
}

/// How the models of a text will be computed, and why.
#[pyfunction]
pub fn explain(py: Python<'_>, given: Given<'_>, kernels: bool, open_ended: bool) -> PyResult<String> {
    let (mut opened, library) = given.open();
    match py.detach(|| plastica::explain::explain(&mut opened, &library, length(open_ended))) {
        Some(explained) => Ok(if kernels { plastica::explain::kernels(&explained) } else { explained.text }),
        None => Err(model_error(py, &opened.sources, &opened.diagnostics)),
    }
}

/// What the groups of a study live through: drawn, and counted as JSON. None where the text is no study.
#[pyfunction]
pub fn show_study(py: Python<'_>, given: Given<'_>) -> PyResult<Option<(String, String)>> {
    let (mut opened, library) = given.open();
    match py.detach(|| plastica::experiment::parse_experiment(&mut opened, &library)) {
        Some(experiment) => Ok(experiment.study.map(|study| (study.show(), study.counts().to_string()))),
        None => Err(model_error(py, &opened.sources, &opened.diagnostics)),
    }
}

/// Names and first sentences of what comes with Plastica: `experiments`, `neurons` or `synapses`.
#[pyfunction]
pub fn library(kind: &str, paths: Vec<PathBuf>) -> Vec<(String, String)> {
    let library = Library { paths };
    let listed = if kind == "experiments" { library.listed_experiments() } else { library.listed(kind) };
    listed.into_iter().map(|l| (l.name, l.doc)).collect()
}

/// A quantity such as `10 ms`: its value in SI units, and the name of the unit.
#[pyfunction]
pub fn quantity(py: Python<'_>, text: &str) -> PyResult<(f64, String)> {
    match read_quantity(text) {
        Ok((value, dimension)) => Ok((value, if dimension.is_none() { "1".into() } else { dimension.to_string() })),
        Err((sources, list)) => Err(model_error(py, &sources, &list)),
    }
}
