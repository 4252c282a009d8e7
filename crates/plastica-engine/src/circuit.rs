//! A network with its compiled models: all that a run needs besides seed, precision and threads.

use plastica_kernel::ir::{Kernel, PopulationProgram, ProjectionProgram};
use plastica_kernel::passes::Passes;
use plastica_kernel::{NeuronBinding, Side, SynapseBinding, compile_neuron, compile_statements, compile_synapse};
use plastica_lang::source::Diagnostic;
use plastica_network::network::{DelaySpec, InitialValue, Network, Projection};

/// A compiled network.
#[derive(Clone, Debug)]
pub struct Circuit {
    /// The checked network.
    pub network: Network,
    /// One for each population; empty for a list of spikes.
    pub populations: Vec<PopulationProgram>,
    /// One for each projection.
    pub projections: Vec<ProjectionProgram>,
    /// One for each input.
    pub inputs: Vec<Kernel>,
}

impl Circuit {
    /// Compiles every model of a network.
    ///
    /// # Errors
    /// A method that does not fit the equations, at its place in the text; all of them at once.
    pub fn compile(network: Network, passes: Passes) -> Result<Circuit, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let mut populations = Vec::new();
        for population in &network.populations {
            let binding = NeuronBinding { varying: population.varying(), dt_s: network.dt_s };
            let program = population.model().map_or(Ok(PopulationProgram::default()), |model| compile_neuron(model, &binding, passes));
            populations.push(program.unwrap_or_else(|d| {
                faults.extend(d);
                PopulationProgram::default()
            }));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut projections = Vec::new();
        for projection in &network.projections {
            let side = |k: usize| Side { model: network.populations[k].model(), program: &populations[k] };
            match compile_synapse(&projection.model, &binding(projection, network.dt_s), side(projection.pre), side(projection.post), passes) {
                Ok(mut program) => {
                    first_values(projection, &mut program);
                    projections.push(program);
                }
                Err(d) => faults.extend(d),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let inputs = network.inputs.iter().filter_map(|input| {
            let model = network.populations[input.population].model()?;
            Some(compile_statements(&input.name, &input.statements, model, &populations[input.population]))
        });
        let inputs = inputs.collect();
        Ok(Circuit { network, populations, projections, inputs })
    }
}

/// Lets slots begin with the first values that are one for all synapses.
fn first_values(projection: &Projection, program: &mut ProjectionProgram) {
    for (name, value) in projection.defaults.iter().chain(&projection.initial) {
        let InitialValue::Constant(x) = value else { continue };
        let slots = program.slots.iter_mut().chain(&mut program.row_slots).chain(&mut program.column_slots).chain(&mut program.shared);
        slots.filter(|s| s.visible && s.name == *name).for_each(|s| s.initial = *x);
    }
}

fn binding(projection: &Projection, dt_s: f64) -> SynapseBinding {
    let individual = projection.defaults.iter().chain(&projection.initial).filter(|(_, value)| !matches!(value, InitialValue::Constant(_)));
    let one = |delay: &DelaySpec| matches!(delay.value, InitialValue::Constant(_));
    SynapseBinding {
        varying: projection.varying(),
        individual: individual.map(|(name, _)| name.clone()).collect(),
        one_axonal_delay: one(&projection.axonal),
        one_dendritic_delay: one(&projection.dendritic),
        dt_s,
    }
}
