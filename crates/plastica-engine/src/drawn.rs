//! One part of a network, drawn from a seed and handed to a back end.

use plastica_kernel::interpret::run_setup;
use plastica_kernel::ir::Slot;
use plastica_lang::model::{Model, Role};
use plastica_network::arrays::Part;
use plastica_network::build::{build_population, build_projection};
use plastica_network::network::NetworkError;

use crate::backend::{Backend, InputId, PopulationId, PopulationSetup, ProjectionSetup, Seeds};
use crate::circuit::Circuit;
use crate::plan::ProjectionDelays;
use crate::simulation::MakeBackend;

/// A part as it was drawn.
pub struct Drawn {
    /// Holds its arrays.
    pub backend: Box<dyn Backend>,
    /// For each projection: number of synapses, distinct delays.
    pub synapses: Vec<(usize, ProjectionDelays)>,
    /// For each population, what its differential variables go back to when time is skipped: slot, first values of the part's neurons.
    pub resting: Vec<Vec<(u32, Vec<f64>)>>,
    /// First scalars of each population.
    pub population_shared: Vec<Vec<f64>>,
    /// First scalars of each projection.
    pub projection_shared: Vec<Vec<f64>>,
}

/// Draws a part.
///
/// # Errors
/// What was drawn cannot be used, at its place in the text.
pub fn draw(circuit: &Circuit, seeds: Seeds, part: Part, make: &MakeBackend) -> Result<Drawn, NetworkError> {
    let network = &circuit.network;
    let mut backend = make();
    let mut drawn = (Vec::new(), Vec::new(), Vec::new());
    let mut resting = Vec::new();
    let published = |p: usize| {
        let mut list: Vec<u32> = network
            .projections
            .iter()
            .zip(&circuit.projections)
            .filter(|(q, _)| q.pre == p)
            .flat_map(|(_, program)| [crate::view::reads_of_pre(program).0, crate::view::conditions_read_of_pre(program)].concat())
            .collect();
        list.sort_unstable();
        list.dedup();
        list
    };
    for (k, (population, program)) in network.populations.iter().zip(&circuit.populations).enumerate() {
        let built = build_population(network, k, part, seeds.seed, seeds.subject)?;
        let owned = part.range(population.size);
        let (mut slots, mut shared) = first_values(&program.slots, &program.shared, owned.len(), built.values);
        given_scalars(&program.shared, &mut shared, &built.shared);
        run_setup(&program.setup, &mut slots, &mut shared, network.dt_s);
        drawn.1.push(shared.clone());
        resting.push(population.model().map_or_else(Vec::new, |model| resting_values(model, &program.slots, &slots)));
        let published = published(k);
        backend.add_population(PopulationSetup { name: &population.name, program, size: population.size, owned, slots, shared, published });
    }
    for (k, (projection, program)) in network.projections.iter().zip(&circuit.projections).enumerate() {
        let mut synapses = build_projection(network, k, part, seeds.seed, seeds.subject)?;
        let values = std::mem::take(&mut synapses.values);
        if projection.multapses && !program.grow.is_empty() && synapses.multapse.is_empty() {
            // Second synapses of a pair may come later.
            synapses.multapse = vec![0; synapses.post.len()];
        }
        let (mut slots, mut shared) = first_values(&program.slots, &program.shared, synapses.post.len(), values);
        given_scalars(&program.shared, &mut shared, &synapses.shared);
        run_setup(&program.setup, &mut slots, &mut shared, network.dt_s);
        drawn.2.push(shared.clone());
        let mut delays = ProjectionDelays::default();
        delays.gather(&synapses);
        drawn.0.push((synapses.post.len(), delays));
        let (pre, post) = (PopulationId(projection.pre), PopulationId(projection.post));
        let pre_size = network.populations[projection.pre].size;
        let ahead = crate::ahead::may_be_sent(circuit, k);
        backend.add_projection(ProjectionSetup { name: &projection.name, program, pre, post, synapses, pre_size, slots, shared, ahead });
    }
    for (k, (input, kernel)) in network.inputs.iter().zip(&circuit.inputs).enumerate() {
        let id = backend.add_input(&input.name, PopulationId(input.population), kernel);
        assert!(id == InputId(k), "inputs-are-numbered-in-order");
    }
    // Slow clocks of neurons run as inputs do; their random numbers are those of the population.
    for (k, (population, program)) in network.populations.iter().zip(&circuit.populations).enumerate() {
        for (_, kernel) in &program.on_interval {
            backend.add_input(&population.name, PopulationId(k), kernel);
        }
    }
    Ok(Drawn { resting, backend, synapses: drawn.0, population_shared: drawn.1, projection_shared: drawn.2 })
}

fn resting_values(model: &Model, slots: &[Slot], values: &[Vec<f64>]) -> Vec<(u32, Vec<f64>)> {
    let is_differential = |slot: &Slot| slot.visible && model.variables.iter().any(|v| v.name == slot.name && matches!(v.role, Role::Differential(_)));
    slots.iter().zip(values).enumerate().filter(|(_, (slot, _))| is_differential(slot)).map(|(k, (_, values))| (k as u32, values.clone())).collect()
}

/// Sets the scalars that were given a value.
fn given_scalars(slots: &[Slot], shared: &mut [f64], given: &[(String, f64)]) {
    for (name, value) in given {
        slots.iter().zip(shared.iter_mut()).filter(|(s, _)| s.visible && s.name == *name).for_each(|(_, x)| *x = *value);
    }
}

/// The first values of all slots and scalars: of the program, or as given by name.
pub(crate) fn first_values(slots: &[Slot], shared: &[Slot], n: usize, mut given: Vec<(String, Vec<f64>)>) -> (Vec<Vec<f64>>, Vec<f64>) {
    let arrays = slots.iter().map(|s| {
        let given = given.iter_mut().rev().find(|(name, _)| s.visible && *name == s.name);
        given.map_or_else(|| vec![s.initial; n], |(_, values)| std::mem::take(values))
    });
    (arrays.collect(), shared.iter().map(|s| s.initial).collect())
}
