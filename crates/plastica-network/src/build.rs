//! From a checked network to the flat arrays of one part, from a seed.

use crate::arrays::{Part, Synapses};
use crate::network::{Network, NetworkError};
use crate::settings::{Run, neurons, positions};
use crate::synapses::{new_synapses, synapses};

/// Values of the neurons of one population that a part owns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neurons {
    /// Variables with an initial value, and parameters and `(constant)` variables that differ between neurons, by name; each `[n_owned]`, SI units.
    /// What is not named begins at 0 (variables) or has the model's value (parameters).
    pub values: Vec<(String, Vec<f64>)>,
    /// `(shared)` variables that were given a value, by name.
    pub shared: Vec<(String, f64)>,
}

/// Draws the values of a population's neurons.
///
/// # Errors
/// A value that is not finite.
pub fn build_population(network: &Network, population: usize, part: Part, seed: u64, subject: u32) -> Result<Neurons, NetworkError> {
    let population = &network.populations[population];
    let Some(model) = population.model() else { return Ok(Neurons::default()) };
    let range = part.range(population.size);
    let settings = neurons(network, population, range.clone(), Run { seed, subject, step: 0 })?;
    let names: Vec<&str> = population.parameters.iter().chain(&population.defaults).chain(&population.initial).map(|(name, _)| name.as_str()).collect();
    let given = settings.given(model, &names, range.len());
    Ok(Neurons { values: given.values, shared: given.shared })
}

/// Draws the synapses of a projection onto the neurons that a part owns, with their delays and values.
///
/// Which synapses there are, and their values, does not depend on the part: building in 1 part or in 7 gives the same synapses.
///
/// # Errors
/// A delay that is negative or too long, a value that is not finite, more synapses than a projection can have,
/// a rule that cannot be satisfied (a fixed in-degree above the number of sources without multapses).
pub fn build_projection(network: &Network, projection: usize, part: Part, seed: u64, subject: u32) -> Result<Synapses, NetworkError> {
    synapses(network, &network.projections[projection], part, Run { seed, subject, step: 0 })
}

/// Two neurons, and which of several synapses of theirs.
pub type Pair = (u32, u32, u16);

/// Draws delays and values of synapses that come into being at a step.
///
/// - `pairs`: in order of source, then target, then which of several
///
/// What formulas read of the neurons is what these had at the start.
///
/// # Errors
/// As [`build_projection`].
pub fn build_new_synapses(network: &Network, projection: usize, pairs: &[Pair], seed: u64, subject: u32, step: u64) -> Result<Synapses, NetworkError> {
    new_synapses(network, &network.projections[projection], pairs, Run { seed, subject, step })
}

/// Positions along one axis, metres: of all presynaptic and of all postsynaptic neurons.
pub type Axis = (Vec<f64>, Vec<f64>);

/// Positions of the neurons on both sides of a projection, for each axis.
///
/// # Errors
/// A position that is not finite.
pub fn build_positions(network: &Network, projection: usize, seed: u64, subject: u32) -> Result<Vec<Axis>, NetworkError> {
    let projection = &network.projections[projection];
    let of = |population: usize| {
        let population = &network.populations[population];
        positions(network, population, 0..population.size, Run { seed, subject, step: 0 })
    };
    Ok(of(projection.pre)?.into_iter().zip(of(projection.post)?).map(|((_, pre), (_, post))| (pre, post)).collect())
}
