//! The compiled half of the Python package: simulations, texts and experiments as Python objects. No science lives here.
//!
//! What a user sees is written in Python (`python/plastica`); this module is private to it, and hands over numbers, texts and arrays
//! only. Units, names and plots are not its business.
#![deny(unsafe_code)]

mod alias;
mod errors;
mod experiments;
mod simulation;
mod texts;

use std::ffi::OsString;

use pyo3::prelude::*;

/// The command line: the first word is the name of the program. Returns the exit code.
#[pyfunction]
fn command(py: Python<'_>, line: Vec<String>) -> u8 {
    py.detach(|| plastica_cli::command(line.into_iter().map(OsString::from)))
}

/// The private module `plastica._plastica`.
#[pymodule]
mod _plastica {
    #[pymodule_export]
    use super::command;
    #[pymodule_export]
    use super::experiments::{audit_study, branch_study, calibrate_study, resume_experiment, run_experiment, sweep_study};
    #[pymodule_export]
    use super::simulation::Simulation;
    #[pymodule_export]
    use super::texts::{check, explain, library, open_named, quantity, show_study};
    #[pymodule_export]
    const VERSION: &str = plastica::VERSION;
}
