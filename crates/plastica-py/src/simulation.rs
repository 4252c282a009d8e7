//! A circuit in the hand as a Python object: numbers in and out, the interpreter's lock released while it runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use numpy::{PyArray1, PyReadonlyArray1};
use plastica::run::live::{Columns, Kept, Labels, Live, Owner, Quantity, Shape, State};
use plastica::{Diagnostic, Sources};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use crate::alias::alias;
use crate::errors::{busy, diagnostics, failure, run_error};
use crate::texts::Given;

/// A running circuit. One thread at a time may use it.
#[pyclass(frozen, module = "plastica._plastica")]
pub struct Simulation {
    live: Mutex<Live>,
    sources: Sources,
    warnings: Vec<Diagnostic>,
}

/// Dictionaries, one for each population, projection or record.
type Dicts<'py> = Vec<Bound<'py, PyDict>>;

/// Steps, elements and values of a record.
type RecordedArrays<'py> = (PyReadonlyArray1<'py, i64>, PyReadonlyArray1<'py, u32>, PyReadonlyArray1<'py, f64>);

#[pymethods]
impl Simulation {
    #[new]
    #[pyo3(signature = (given, *, threads, seed))]
    fn new(py: Python<'_>, given: Given<'_>, threads: Option<usize>, seed: Option<u64>) -> PyResult<Simulation> {
        let (mut opened, library) = given.open();
        match py.detach(|| Live::build(&mut opened, &library, threads, seed)) {
            Ok(live) => Ok(Simulation { live: Mutex::new(live), sources: opened.sources, warnings: opened.diagnostics }),
            Err(error) => Err(failure(py, &opened.sources, error)),
        }
    }

    /// Warnings of the text.
    fn warnings<'py>(&self, py: Python<'py>) -> PyResult<Dicts<'py>> {
        diagnostics(py, &self.sources, &self.warnings)
    }

    /// Step, seed, threads, precision and name.
    fn about<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let live = self.hold(py)?;
        let out = PyDict::new(py);
        out.set_item("name", &live.experiment().name)?;
        out.set_item("dt", live.experiment().settings.dt_s)?;
        out.set_item("seed", live.engine().seeds.seed)?;
        out.set_item("threads", live.engine().threads)?;
        out.set_item("precision", live.engine().precision.word())?;
        Ok(out)
    }

    /// Populations and projections: dictionaries of names, sizes and variables.
    fn owners<'py>(&self, py: Python<'py>) -> PyResult<(Dicts<'py>, Dicts<'py>)> {
        let (populations, projections) = self.hold(py)?.owners();
        let list = |owners: Vec<Owner>| owners.into_iter().map(|o| owner(py, o)).collect::<PyResult<_>>();
        Ok((list(populations)?, list(projections)?))
    }

    /// The step that comes next.
    fn now(&self, py: Python<'_>) -> PyResult<u64> {
        Ok(self.hold(py)?.now())
    }

    /// Runs so many steps. `progress`, if given, is called with the number of steps done, a few times a second, and may look into the
    /// simulation then. A signal or an exception of `progress` ends the run between two steps, with all that was done until then.
    #[pyo3(signature = (steps, progress=None))]
    fn advance(&self, py: Python<'_>, steps: u64, progress: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        drop(self.hold(py)?);
        let mut done = 0;
        while done < steps {
            // Who looks in from another thread now is waited for, without the interpreter's lock, which he may need to finish.
            let advanced = py.detach(|| self.live.lock().unwrap_or_else(PoisonError::into_inner).advance(steps - done));
            done += advanced.map_err(|e| run_error(py, e.to_string()))?;
            py.check_signals()?;
            if let Some(progress) = progress {
                progress.call1((done,))?;
            }
        }
        Ok(())
    }

    /// Calls a function with the values of variables: arrays over the engine's memory where they lie in one piece (None elsewhere), which may
    /// be written to if `writing`. What it returns. The simulation is locked meanwhile.
    fn look<'py>(slf: &Bound<'py, Self>, places: Vec<(bool, usize, String)>, writing: bool, function: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let mut live = slf.get().hold(py)?;
        let mut arrays = Vec::with_capacity(places.len());
        for (of_population, index, name) in places {
            let what = quantity(of_population, index, name);
            let live = &mut *live;
            // What waits may take long; the values themselves cost nothing.
            arrays.push(live.in_place(&what, writing).map(|values| alias(values, writing, slf.as_any())).transpose()?);
        }
        function.call1(PyTuple::new(py, arrays)?)
    }

    /// Is a variable kept in single precision?
    fn is_single(&self, py: Python<'_>, of_population: bool, index: usize, name: String) -> PyResult<bool> {
        Ok(self.hold(py)?.is_single(&quantity(of_population, index, name)))
    }

    /// Spikes of each neuron since somebody first asked.
    fn tally<'py>(&self, py: Python<'py>, population: usize) -> PyResult<Bound<'py, PyArray1<u32>>> {
        Ok(PyArray1::from_slice(py, self.hold(py)?.tally(population)))
    }

    /// Values of a variable or parameter in SI units, or None when there is none of that name.
    fn read<'py>(&self, py: Python<'py>, of_population: bool, index: usize, name: String) -> PyResult<Option<Bound<'py, PyArray1<f64>>>> {
        let mut live = self.hold(py)?;
        let live = &mut *live;
        let values = py.detach(|| live.read(&quantity(of_population, index, name)));
        Ok(values.map(|v| PyArray1::from_vec(py, v)))
    }

    /// Replaces values; False when that cannot be.
    fn write(&self, py: Python<'_>, of_population: bool, index: usize, name: String, values: PyReadonlyArray1<'_, f64>) -> PyResult<bool> {
        let values: Vec<f64> = values.as_array().iter().copied().collect();
        let mut live = self.hold(py)?;
        let live = &mut *live;
        Ok(py.detach(|| live.write(&quantity(of_population, index, name), &values)))
    }

    /// Source, target, axonal and dendritic delay in steps of every synapse.
    fn synapses<'py>(&self, py: Python<'py>, projection: usize) -> PyResult<[Bound<'py, PyArray1<u32>>; 4]> {
        let mut live = self.hold(py)?;
        let live = &mut *live;
        let list = py.detach(move || live.synapses(projection));
        Ok([list.pre, list.post, list.axonal, list.dendritic].map(|v| PyArray1::from_vec(py, v)))
    }

    /// Number of synapses of a projection, and how many have come or gone since the start.
    fn synapse_count(&self, py: Python<'_>, projection: usize) -> PyResult<(usize, u64)> {
        Ok(self.hold(py)?.synapse_count(projection))
    }

    /// Stops or releases plasticity.
    fn freeze(&self, py: Python<'_>, projection: usize, frozen: bool) -> PyResult<()> {
        self.hold(py)?.freeze(projection, frozen);
        Ok(())
    }

    /// Is plasticity stopped?
    fn is_frozen(&self, py: Python<'_>, projection: usize) -> PyResult<bool> {
        Ok(self.hold(py)?.is_frozen(projection))
    }

    /// Spikes of each population since the start.
    fn spike_counts(&self, py: Python<'_>) -> PyResult<Vec<u64>> {
        Ok(self.hold(py)?.spike_counts())
    }

    /// Modulators that models read, by name.
    fn modulators(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        Ok(self.hold(py)?.modulators())
    }

    /// The value of a modulator, or None when no model reads it.
    fn modulator(&self, py: Python<'_>, name: &str) -> PyResult<Option<f64>> {
        Ok(self.hold(py)?.modulator(name))
    }

    /// Sets a modulator; False when no model reads it.
    fn set_modulator(&self, py: Python<'_>, name: &str, value: f64) -> PyResult<bool> {
        Ok(self.hold(py)?.set_modulator(name, value))
    }

    /// Names of the inputs.
    fn inputs(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        Ok(self.hold(py)?.inputs())
    }

    /// Lets an input act or not.
    fn enable_input(&self, py: Python<'_>, input: usize, enabled: bool) -> PyResult<()> {
        self.hold(py)?.enable_input(input, enabled);
        Ok(())
    }

    /// Where the neurons of a population are: an array for each axis, metres.
    fn positions<'py>(&self, py: Python<'py>, population: usize) -> PyResult<Vec<(String, Bound<'py, PyArray1<f64>>)>> {
        let found = self.hold(py)?.positions(population).map_err(|e| failure(py, &self.sources, e))?;
        Ok(found.into_iter().map(|(axis, values)| (axis, PyArray1::from_vec(py, values))).collect())
    }

    /// Neurons of a population that spiked in the last step, ascending.
    fn spiking<'py>(&self, py: Python<'py>, population: usize) -> PyResult<Bound<'py, PyArray1<u32>>> {
        Ok(PyArray1::from_vec(py, self.hold(py)?.spiking(population)))
    }

    /// What each record is about, without its numbers.
    fn records<'py>(&self, py: Python<'py>) -> PyResult<Dicts<'py>> {
        let live = self.hold(py)?;
        live.kept().iter().map(|k| record(py, k)).collect()
    }

    /// The numbers of a record: steps, elements, values.
    fn kept<'py>(&self, py: Python<'py>, record: usize) -> PyResult<Bound<'py, PyAny>> {
        let live = self.hold(py)?;
        let kept = live.kept();
        let kept = kept.get(record).ok_or_else(|| PyIndexError::new_err("there is no such record"))?;
        arrays(py, kept.columns)
    }

    /// Forgets what was recorded.
    fn forget(&self, py: Python<'_>) -> PyResult<()> {
        self.hold(py)?.forget();
        Ok(())
    }

    /// The complete state: step, arrays by name, recorded numbers.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<(i64, Bound<'py, PyDict>, Bound<'py, PyList>)> {
        let mut live = self.hold(py)?;
        let live = &mut *live;
        let state = py.detach(|| live.state());
        let named = PyDict::new(py);
        for (name, values) in state.arrays {
            named.set_item(name, PyArray1::from_vec(py, values))?;
        }
        let kept = PyList::empty(py);
        for columns in &state.kept {
            kept.append(arrays(py, columns)?)?;
        }
        Ok((state.step, named, kept))
    }

    /// Goes on from a state of the same circuit.
    fn restore(&self, py: Python<'_>, step: i64, named: Vec<(String, PyReadonlyArray1<'_, f64>)>, kept: Vec<RecordedArrays<'_>>) -> PyResult<()> {
        let state = State {
            step,
            arrays: named.into_iter().map(|(name, values)| (name, values.as_array().iter().copied().collect())).collect(),
            kept: kept
                .into_iter()
                .map(|(step, element, value)| Columns {
                    step: step.as_array().iter().copied().collect(),
                    element: element.as_array().iter().copied().collect(),
                    value: value.as_array().iter().copied().collect(),
                })
                .collect(),
        };
        self.hold(py)?.restore(state).map_err(|e| run_error(py, e.to_string()))
    }
}

impl Simulation {
    /// The circuit, unless another thread is at it: waiting here with the interpreter's lock could block for hours.
    fn hold(&self, py: Python<'_>) -> PyResult<MutexGuard<'_, Live>> {
        self.live.try_lock().map_err(|_| busy(py))
    }
}

fn quantity(of_population: bool, index: usize, name: String) -> Quantity {
    if of_population { Quantity::Population(index, name) } else { Quantity::Projection(index, name) }
}

fn owner(py: Python<'_>, owner: Owner) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("name", owner.name)?;
    out.set_item("size", owner.size)?;
    out.set_item("model", owner.model)?;
    out.set_item("ends", owner.ends)?;
    let shape = |shape| match shape {
        Shape::Variable => "variable",
        Shape::Parameter => "parameter",
        Shape::Derived => "derived",
    };
    let variables: Vec<(String, String, &str)> = owner.variables.into_iter().map(|v| (v.name, v.unit, shape(v.shape))).collect();
    out.set_item("variables", variables)?;
    Ok(out)
}

fn record<'py>(py: Python<'py>, kept: &Kept<'_>) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("name", kept.name)?;
    out.set_item("kind", kept.kind)?;
    out.set_item("owner", kept.owner)?;
    out.set_item("variable", kept.variable)?;
    out.set_item("unit", &kept.unit)?;
    out.set_item("neurons", kept.neurons)?;
    out.set_item("every", kept.every)?;
    match kept.labels {
        Labels::None => {}
        Labels::Neurons(list) => out.set_item("neuron", PyArray1::from_slice(py, list))?,
        Labels::Synapses { number, pre, post } => {
            out.set_item("synapse", PyArray1::from_slice(py, number))?;
            out.set_item("pre", PyArray1::from_slice(py, pre))?;
            out.set_item("post", PyArray1::from_slice(py, post))?;
        }
    }
    Ok(out)
}

fn arrays<'py>(py: Python<'py>, columns: &Columns) -> PyResult<Bound<'py, PyAny>> {
    let three = (PyArray1::from_slice(py, &columns.step), PyArray1::from_slice(py, &columns.element), PyArray1::from_slice(py, &columns.value));
    Ok(three.into_pyobject(py)?.into_any())
}
