//! A circuit in the hand: built from a text, run step by step, looked at and changed between the steps, recorded in memory.
//!
//! Running in pieces gives the same bits as running at once. Nothing is written to disk: that is what [`super::run`] does.

mod kept;
mod owners;

pub use plastica_engine::in_place::InPlace;
pub use plastica_engine::simulation::{Quantity, RunError, SynapseList};

use plastica_engine::simulation::{Checkpoint, Simulation, Watch};
use plastica_lang::source::Diagnostic;
use plastica_network::network::Network;

pub use kept::{Columns, Kept, Labels};
pub use owners::{Owner, Shape, Variable};

use super::simulate::{apply, build};
use super::{Engine, Failure, Pace, recorder};
use crate::experiment::{Action, Experiment, Precision, parse_open_ended};
use crate::library::Library;
use crate::open::Opened;
use kept::Memory;

/// Below so many synapses one thread is faster than two that wait for each other in every step.
const FEW_SYNAPSES: f64 = 200_000.0;

/// Names of the arrays of a state in which spikes of single neurons are counted begin so.
const TALLY: &str = "tally.population.";

/// A circuit that is run by hand.
pub struct Live {
    experiment: Experiment,
    engine: Engine,
    simulation: Simulation,
    memory: Memory,
    frozen: Vec<bool>,
    pace: Pace,
}

/// All that is needed to go on elsewhere, once the circuit has been built from the same text and seed.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The next step.
    pub step: i64,
    /// The engine's arrays.
    pub arrays: Vec<(String, Vec<f64>)>,
    /// What was recorded: one for each record of the text.
    pub kept: Vec<Columns>,
}

impl Live {
    /// Checks a text and draws its circuit. A duration in the text is not needed, and not heeded.
    ///
    /// - `threads`, `seed`: go before the text's; results do not depend on the threads
    ///
    /// # Errors
    /// [`Failure::Text`] with all diagnostics; warnings are left in `opened.diagnostics`.
    pub fn build(opened: &mut Opened, library: &Library, threads: Option<usize>, seed: Option<u64>) -> Result<Live, Failure> {
        let Some(mut experiment) = parse_open_ended(opened, library) else {
            return Err(Failure::Text(std::mem::take(&mut opened.diagnostics)));
        };
        let Some(network) = &experiment.network else {
            return Err(Failure::Text(vec![
                Diagnostic::error("nothing-to-run", opened.table.span, "this text has no population").help("write at least one [population.NAME]"),
            ]));
        };
        if let Some(seed) = seed {
            experiment.settings.seed = seed;
        }
        let threads = threads.or(experiment.settings.threads).or(few_synapses(network).then_some(1));
        let engine = Engine::new(&experiment.settings, threads);
        let mut simulation = build(network, &engine)?;
        recorder::check_synapses(&experiment, &mut simulation)?;
        for (name, value) in &experiment.resting {
            simulation.set_modulator(name, *value);
        }
        let memory = Memory::new(&experiment, &mut simulation);
        let frozen = vec![false; network.projections.len()];
        Ok(Live { experiment, engine, simulation, memory, frozen, pace: Pace::default() })
    }

    fn network(&self) -> &Network {
        &self.simulation.circuit().network
    }

    /// The step that comes next.
    pub fn now(&self) -> u64 {
        self.simulation.now() as u64
    }

    /// The experiment that was built.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Threads, precision and seed.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Populations, then projections, each in the order of the text.
    pub fn owners(&self) -> (Vec<Owner>, Vec<Owner>) {
        owners::owners(self.network(), |k| self.simulation.synapse_count(k))
    }

    /// Runs at most so many steps, for a twentieth to a fifth of a second; how many were run.
    ///
    /// # Errors
    /// A value that is not finite; what was recorded until then is kept.
    pub fn advance(&mut self, steps: u64) -> Result<u64, RunError> {
        let now = self.now();
        let changes = &self.experiment.changes;
        for change in changes.iter().filter(|c| c.step == now) {
            apply(std::iter::once(change), &mut self.simulation);
            for action in &change.actions {
                if let Action::Freeze { projection, frozen } = action {
                    self.frozen[*projection] = *frozen;
                }
            }
        }
        let next_change = changes.iter().map(|c| c.step).find(|s| *s > now).unwrap_or(u64::MAX);
        let chunk = self.pace.next().min(steps).min(next_change - now);
        let (simulation, memory) = (&mut self.simulation, &mut self.memory);
        self.pace.timed(chunk, || simulation.advance(chunk, memory))?;
        Ok(chunk)
    }

    /// Present values of a variable or parameter, in SI units: one for each neuron, or for each synapse in public order, or a single
    /// one that is shared. `None` when there is none of that name.
    pub fn read(&mut self, what: &Quantity) -> Option<Vec<f64>> {
        self.simulation.read(what)
    }

    /// Values of a variable where they lie, without a copy; `None` where that cannot be, see [`Simulation::in_place`], and where a
    /// lesion may move them.
    pub fn in_place(&mut self, what: &Quantity, writing: bool) -> Option<InPlace<'_>> {
        let mut actions = self.experiment.changes.iter().flat_map(|change| &change.actions);
        if matches!(what, Quantity::Projection(..)) && actions.any(|action| matches!(action, Action::Lesion(_))) {
            return None;
        }
        self.simulation.in_place(what, writing)
    }

    /// Is a quantity kept in single precision?
    pub fn is_single(&self, what: &Quantity) -> bool {
        self.engine.precision == Precision::Single && self.simulation.is_narrow(what)
    }

    /// Replaces values (one value: for all). False when there is no such quantity, or it takes another number of values.
    pub fn write(&mut self, what: &Quantity, values: &[f64]) -> bool {
        self.simulation.write(what, values)
    }

    /// Number of synapses of a projection, and how many have come or gone since the start.
    pub fn synapse_count(&self, projection: usize) -> (usize, u64) {
        (self.simulation.synapse_count(projection), self.simulation.turnover(projection))
    }

    /// The synapses of a projection in public order.
    pub fn synapses(&self, projection: usize) -> SynapseList {
        self.simulation.synapses(projection)
    }

    /// Stops or releases the plasticity of a projection.
    pub fn freeze(&mut self, projection: usize, frozen: bool) {
        self.frozen[projection] = frozen;
        self.simulation.freeze(projection, frozen);
    }

    /// Is the plasticity of a projection stopped?
    pub fn is_frozen(&self, projection: usize) -> bool {
        self.frozen[projection]
    }

    /// Names of the modulators that the circuit's models read.
    pub fn modulators(&self) -> Vec<String> {
        self.simulation.modulators()
    }

    /// The value of a modulator; `None` if no model reads one of that name.
    pub fn modulator(&mut self, name: &str) -> Option<f64> {
        self.simulation.modulator(name)
    }

    /// Sets a modulator wherever it is read; false if no model reads one of that name.
    pub fn set_modulator(&mut self, name: &str, value: f64) -> bool {
        self.simulation.set_modulator(name, value) > 0
    }

    /// Lets an input act (true, as at the start) or not.
    pub fn enable_input(&mut self, input: usize, enabled: bool) {
        self.simulation.enable_input(input, enabled);
    }

    /// Names of the inputs, in the order of the text.
    pub fn inputs(&self) -> Vec<String> {
        self.network().inputs.iter().map(|i| i.name.clone()).collect()
    }

    /// Where the neurons of a population are: metres, by axis.
    ///
    /// # Errors
    /// A position that is not finite.
    pub fn positions(&self, population: usize) -> Result<Vec<(String, Vec<f64>)>, Failure> {
        let seeds = self.engine.seeds;
        plastica_network::build::build_positions(self.network(), population, seeds.seed, seeds.subject).map_err(|e| Failure::Text(vec![*e.diagnostic]))
    }

    /// The neurons of a population that spiked in the last step, ascending.
    pub fn spiking(&self, population: usize) -> Vec<u32> {
        self.simulation.spiking(population).into_owned()
    }

    /// Counts the spikes of each neuron of a population from now on, if that is not done yet; the counts so far.
    pub fn tally(&mut self, population: usize) -> &[u32] {
        let size = self.network().populations[population].size;
        if !self.memory.is_counting(population) {
            let watch = self.simulation.watch(Watch::Spikes { population, neurons: None }).expect("every population has spikes");
            self.memory.count(population, watch, vec![0; size]);
        }
        self.memory.counts(population)
    }

    /// Spikes of each population since the start.
    pub fn spike_counts(&self) -> Vec<u64> {
        self.simulation.spike_counts()
    }

    /// What each record of the text has kept, in the order of the text.
    pub fn kept(&self) -> Vec<Kept<'_>> {
        self.memory.kept(&self.experiment)
    }

    /// Forgets what was recorded so far, to keep memory small in a long run.
    pub fn forget(&mut self) {
        self.memory.forget();
    }

    /// The complete state, with what was recorded.
    pub fn state(&mut self) -> State {
        let Checkpoint { step, mut arrays } = self.simulation.checkpoint();
        let counts = self.memory.counted().map(|(population, counts)| (format!("{TALLY}{population}"), counts.iter().map(|n| f64::from(*n)).collect()));
        arrays.extend(counts);
        State { step, arrays, kept: self.memory.columns.clone() }
    }

    /// Goes on from a state of the same text and seed, on any number of threads.
    ///
    /// # Errors
    /// [`RunError::OtherCircuit`] when it is of another circuit.
    pub fn restore(&mut self, state: State) -> Result<(), RunError> {
        let State { step, arrays, kept } = state;
        if kept.len() != self.memory.columns.len() {
            return Err(RunError::OtherCircuit(format!("it has {} records, not {}", kept.len(), self.memory.columns.len())));
        }
        // The engine does not tell whether plasticity is stopped, but its arrays do.
        let frozen = self.network().projections.iter().map(|p| {
            let name = format!("projection.{}.frozen", p.name);
            arrays.iter().any(|(n, values)| *n == name && values.first().is_some_and(|x| *x != 0.0))
        });
        let frozen = frozen.collect();
        let tallies = arrays.iter().filter_map(|(name, values)| {
            let population = name.strip_prefix(TALLY)?.parse::<usize>().ok()?;
            let fits = self.network().populations.get(population).is_some_and(|p| p.size == values.len());
            fits.then(|| (population, values.iter().map(|x| *x as u32).collect()))
        });
        let tallies: Vec<(usize, Vec<u32>)> = tallies.collect();
        self.simulation.restore(&Checkpoint { step, arrays })?;
        self.memory.columns = kept;
        self.memory.forget_counts();
        for (population, counts) in tallies {
            self.tally(population);
            self.memory.set_counts(population, counts);
        }
        self.frozen = frozen;
        Ok(())
    }
}

fn few_synapses(network: &Network) -> bool {
    network.projections.iter().map(|p| p.expected_synapses(network)).sum::<f64>() < FEW_SYNAPSES
}
