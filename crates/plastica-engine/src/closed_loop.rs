//! What a closed loop needs in each step: setting a variable of some neurons, and seeing who has spiked, without tables and without waiting work.

use std::borrow::Cow;

use crate::backend::PopulationId;
use crate::in_place::follows;
use crate::record::Found;
use crate::simulation::{Quantity, Simulation};

/// A variable of neurons that can be set quickly, see [`Simulation::neuron_variable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeuronVariable {
    population: usize,
    slot: u32,
}

impl Simulation {
    /// Finds a variable that [`Simulation::set_neurons`] can set; `None` if there is none of this name, if it is one value for all
    /// neurons, or if derived values hang on it (then [`Simulation::write`] does).
    pub fn neuron_variable(&self, population: usize, name: &str) -> Option<NeuronVariable> {
        let Found::Slot(slot) = self.find(&Quantity::Population(population, name.into()))? else { return None };
        let program = &self.circuit().populations[population];
        let derived = program.setup.iter().any(|setup| follows(setup, slot));
        (!derived).then_some(NeuronVariable { population, slot })
    }

    /// Sets a variable of some neurons: `neurons` ascending, one value for each or one for all. Other values stay as they are, and nothing that
    /// waits is done for it, so that it is cheap enough to be called in each step.
    ///
    /// False, and nothing is set, if there is another number of values or a neuron that does not exist.
    pub fn set_neurons(&mut self, variable: NeuronVariable, neurons: &[u32], values: &[f64]) -> bool {
        let size = self.circuit().network.populations[variable.population].size;
        let fits = values.len() == neurons.len() || values.len() == 1;
        if !fits || neurons.last().is_some_and(|n| *n as usize >= size) || !neurons.is_sorted() {
            return false;
        }
        let id = PopulationId(variable.population);
        for worker in &mut self.workers {
            let owned = worker.part.range(size);
            let (from, to) = (neurons.partition_point(|n| (*n as usize) < owned.start), neurons.partition_point(|n| (*n as usize) < owned.end));
            if let [value] = values {
                // One neuron after another, so that nothing need be put together for it.
                neurons[from..to].iter().for_each(|n| worker.backend.set(id, variable.slot, &[*n], &[*value]));
            } else {
                worker.backend.set(id, variable.slot, &neurons[from..to], &values[from..to]);
            }
        }
        true
    }

    /// The neurons of a population that spiked in the last step, ascending.
    pub fn spiking(&self, population: usize) -> Cow<'_, [u32]> {
        match &self.workers[..] {
            [worker] => worker.spiking(population).into(),
            workers => workers.iter().flat_map(|w| w.spiking(population).iter().copied()).collect::<Vec<u32>>().into(),
        }
    }
}
