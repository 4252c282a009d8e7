//! What a circuit holds, by name: populations and projections, and the variables and parameters of each.

use plastica_lang::model::{Model, Role};
use plastica_lang::units::Dimension;
use plastica_network::network::Network;

/// A population or a projection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Name in the text.
    pub name: String,
    /// Neurons, or synapses.
    pub size: usize,
    /// Name of the model; empty for a list of spikes.
    pub model: String,
    /// Indices of the presynaptic and the postsynaptic population of a projection.
    pub ends: Option<(usize, usize)>,
    /// Variables, then parameters.
    pub variables: Vec<Variable>,
}

/// A variable or a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Name in the model.
    pub name: String,
    /// Unit of its values; `1` for pure numbers.
    pub unit: String,
    /// How it comes about.
    pub shape: Shape,
}

/// How a value comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Kept; may be set.
    Variable,
    /// A parameter; may be set.
    Parameter,
    /// Follows from others.
    Derived,
}

pub(super) fn owners(network: &Network, synapses: impl Fn(usize) -> usize) -> (Vec<Owner>, Vec<Owner>) {
    let populations = network.populations.iter().map(|p| Owner {
        name: p.name.clone(),
        size: p.size,
        model: p.model().map_or_else(String::new, |m| m.name.clone()),
        ends: None,
        variables: p.model().map_or_else(Vec::new, variables),
    });
    let projections = network.projections.iter().enumerate().map(|(k, p)| Owner {
        name: p.name.clone(),
        size: synapses(k),
        model: p.model.name.clone(),
        ends: Some((p.pre, p.post)),
        variables: variables(&p.model),
    });
    (populations.collect(), projections.collect())
}

fn variables(model: &Model) -> Vec<Variable> {
    let own = model.variables.iter().map(|v| {
        let shape = if matches!(v.role, Role::Subexpression(_)) { Shape::Derived } else { Shape::Variable };
        Variable { name: v.name.clone(), unit: unit(v.dimension), shape }
    });
    let parameters = model.parameters.iter().map(|p| Variable { name: p.name.clone(), unit: unit(p.dimension), shape: Shape::Parameter });
    own.chain(parameters).collect()
}

/// The name of a unit; `1` for pure numbers.
pub(super) fn unit(dimension: Dimension) -> String {
    if dimension.is_none() { "1".into() } else { dimension.to_string() }
}
