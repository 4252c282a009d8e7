//! A running circuit, as the facade sees it: build, watch, advance, look, change, save.

use std::sync::Arc;

use plastica_network::network::NetworkError;

use crate::backend::{Backend, Seeds, Step};
use crate::circuit::Circuit;

/// Makes the back end of one part.
pub type MakeBackend = Arc<dyn Fn() -> Box<dyn Backend> + Send + Sync>;

/// What is to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Watch {
    /// Spikes of some neurons (all when `None`), index in the population, ascending.
    Spikes {
        /// Index of the population.
        population: usize,
        /// Which neurons.
        neurons: Option<Vec<u32>>,
    },
    /// A variable of some neurons at an interval, sampled at the start of a step.
    Neurons {
        /// Index of the population.
        population: usize,
        /// Name of the variable.
        variable: String,
        /// Which neurons.
        neurons: Option<Vec<u32>>,
        /// Interval in steps.
        every: u64,
    },
    /// A variable of some synapses (places in the order of [`Simulation::synapses`]) at an interval.
    Synapses {
        /// Index of the projection.
        projection: usize,
        /// Name of the variable.
        variable: String,
        /// Which synapses.
        synapses: Option<Vec<u64>>,
        /// Interval in steps; `None`: whenever it has changed in a step.
        every: Option<u64>,
    },
    /// Number of spikes of a population in bins of so many steps.
    Rate {
        /// Index of the population.
        population: usize,
        /// Steps in a bin.
        bin: u64,
    },
}

/// Takes what is recorded, in order of step for each watch.
pub trait Sink {
    /// Spikes of one step (neurons ascending).
    fn spikes(&mut self, watch: usize, step: Step, neurons: &[u32]);
    /// Values of all watched neurons or synapses at the start of a step.
    fn samples(&mut self, watch: usize, step: Step, values: &[f64]);
    /// Synapses that changed in a step: places in the watch's list, new values.
    fn changes(&mut self, watch: usize, step: Step, places: &[u32], values: &[f64]);
    /// Spikes counted from `step` on for one bin (the last one may be cut short by the end of the run).
    fn count(&mut self, watch: usize, step: Step, spikes: u64);
}

/// Drops everything.
pub struct NoSink;

impl Sink for NoSink {
    fn spikes(&mut self, _: usize, _: Step, _: &[u32]) {}
    fn samples(&mut self, _: usize, _: Step, _: &[f64]) {}
    fn changes(&mut self, _: usize, _: Step, _: &[u32], _: &[f64]) {}
    fn count(&mut self, _: usize, _: Step, _: u64) {}
}

/// Whose value is read or set.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// A variable or parameter of a population: one value for each neuron (or one, if it is shared).
    Population(usize, String),
    /// A variable or parameter of a projection: one value for each synapse in the order of [`Simulation::synapses`] (or one, if it is shared).
    Projection(usize, String),
}

/// The synapses of a projection in their public order: by source, then axonal delay, then target, then which of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SynapseList {
    /// Presynaptic neuron, `[n_synapses]`.
    pub pre: Vec<u32>,
    /// Postsynaptic neuron, `[n_synapses]`.
    pub post: Vec<u32>,
    /// Axonal delay in steps, `[n_synapses]`.
    pub axonal: Vec<u32>,
    /// Dendritic delay in steps, `[n_synapses]`.
    pub dendritic: Vec<u32>,
}

/// Why a run stopped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// A value is not a number, or infinite.
    #[error("{owner}: `{variable}` of element {element} is {value} after {time_s} s")]
    NotFinite {
        /// Population or projection.
        owner: String,
        /// Variable.
        variable: String,
        /// Neuron, or place in the list of synapses.
        element: usize,
        /// The value.
        value: f64,
        /// When it was found.
        time_s: f64,
    },
    /// A checkpoint that does not belong to this circuit.
    #[error("this checkpoint is of another circuit: {0}")]
    OtherCircuit(String),
}

/// The complete state of a run: arrays in public order by name, spikes under way, random state is none (it is a function of the step).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// Step at whose start it was taken.
    pub step: Step,
    /// Named arrays: what the numbers mean is the engine's business; all are needed to go on.
    pub arrays: Vec<(String, Vec<f64>)>,
}

/// A running circuit.
pub struct Simulation {
    _private: (),
}

impl Simulation {
    /// Draws the network and gives its parts to back ends, one for each thread.
    ///
    /// # Errors
    /// What was drawn cannot be used (a negative delay, a value that is not finite), at its place in the text.
    pub fn build(circuit: Arc<Circuit>, seeds: Seeds, threads: usize, make: MakeBackend) -> Result<Simulation, NetworkError> {
        let _ = (circuit, seeds, threads, make);
        todo!()
    }

    /// The step that comes next; time is `now * dt`.
    pub fn now(&self) -> Step {
        todo!()
    }

    /// The circuit.
    pub fn circuit(&self) -> &Circuit {
        todo!()
    }

    /// Records something from now on; watches are numbered from 0 in order.
    pub fn watch(&mut self, watch: Watch) -> usize {
        let _ = watch;
        todo!()
    }

    /// Runs so many steps, and hands over what was recorded.
    ///
    /// # Errors
    /// A value that is not finite; what was recorded until then has been handed over.
    pub fn advance(&mut self, steps: u64, sink: &mut dyn Sink) -> Result<(), RunError> {
        let _ = (steps, sink);
        todo!()
    }

    /// Present values, in public order.
    pub fn read(&mut self, what: &Quantity) -> Option<Vec<f64>> {
        let _ = what;
        todo!()
    }

    /// Replaces values (one value: for all). Derived values follow. False when there is no such quantity.
    pub fn write(&mut self, what: &Quantity, values: &[f64]) -> bool {
        let _ = (what, values);
        todo!()
    }

    /// Freezes (true) or releases the plasticity of a projection.
    pub fn freeze(&mut self, projection: usize, frozen: bool) {
        let _ = (projection, frozen);
        todo!()
    }

    /// The synapses of a projection.
    pub fn synapses(&mut self, projection: usize) -> SynapseList {
        let _ = projection;
        todo!()
    }

    /// Spikes of each population since the start.
    pub fn spike_counts(&self) -> Vec<u64> {
        todo!()
    }

    /// The complete state.
    pub fn checkpoint(&mut self) -> Checkpoint {
        todo!()
    }

    /// Goes on from a state.
    ///
    /// # Errors
    /// [`RunError::OtherCircuit`] when an array is missing or has another length.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), RunError> {
        let _ = checkpoint;
        todo!()
    }
}
