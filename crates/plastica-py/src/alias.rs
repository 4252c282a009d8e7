//! Arrays of numpy that lie over the engine's memory: the one place of this crate that the compiler cannot vouch for.
//!
//! Such an array is handed to one function, which runs while the simulation is locked, so that nobody steps it meanwhile; the package
//! copies what would outlast that. Should an array outlast it nevertheless, it keeps the simulation alive, and with it the memory, which
//! the engine never moves after a circuit was built: where synapses may come or go, there are no such arrays (`Live::in_place`).
#![allow(unsafe_code)]

use numpy::ndarray::ArrayViewMut1;
use numpy::{Element, PyArray1};
use plastica::run::live::InPlace;
use pyo3::prelude::*;

/// An array over values of the engine, which may be written to if `writing`. `owner` is the simulation that holds them.
pub fn alias<'py>(values: InPlace<'_>, writing: bool, owner: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    match values {
        InPlace::Single(values) => over(values, writing, owner),
        InPlace::Double(values) => over(values, writing, owner),
    }
}

fn over<'py, T: Element>(values: &mut [T], writing: bool, owner: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: `owner` owns the memory, which stays where it is for as long as `owner` lives, and the array keeps `owner` alive. The
    // values are borrowed for as long as the lock is held, under which alone the engine uses them.
    let array = unsafe { PyArray1::borrow_from_array(&ArrayViewMut1::from(values), owner.clone()) };
    if !writing {
        array.call_method1("setflags", (false,))?;
    }
    Ok(array.into_any())
}
