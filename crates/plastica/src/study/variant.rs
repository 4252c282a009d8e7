//! A study as it is carried out: the text with everything laid over it that a group asks for, checked and compiled.

use std::sync::Arc;

use plastica_engine::circuit::Circuit;
use plastica_engine::simulation::Quantity;
use plastica_programme::Lives;
use plastica_programme::circuit::Owner;
use plastica_programme::state::Changes;
use plastica_programme::tasks::Task;

use super::conditions::Asked;
use super::measure::Measure;

/// What several groups share: one circuit, its states, tasks and measures.
pub struct Variant {
    /// Compiled models and network.
    pub circuit: Arc<Circuit>,
    /// Programmes and states.
    pub lives: Lives,
    /// Tasks by name, as new.
    pub tasks: Vec<(String, Box<dyn Task>)>,
    /// Measures.
    pub measures: Vec<Measure>,
    /// All parameters that states or injuries name.
    pub named: Vec<Quantity>,
}

impl Variant {
    /// Puts together what was checked and compiled.
    pub fn new(circuit: Arc<Circuit>, lives: Lives, tasks: Vec<(String, Box<dyn Task>)>, measures: Vec<Measure>) -> Variant {
        let mut variant = Variant { circuit, lives, tasks, measures, named: Vec::new() };
        let injuries = variant.lives.blocks.iter().filter_map(|b| b.plain()).map(|p| &p.lasting);
        let all = variant.lives.states.iter().map(|s| &s.changes).chain(injuries);
        variant.named = all.flat_map(|changes| variant.values(changes)).map(|v| v.0).collect();
        variant
    }

    /// Step in seconds.
    pub fn dt_s(&self) -> f64 {
        self.circuit.network.dt_s
    }

    fn quantity(&self, owner: Owner, of: &str, parameter: &str) -> Option<Quantity> {
        let network = &self.circuit.network;
        match owner {
            Owner::Population => network.population(of).map(|p| Quantity::Population(p, parameter.into())),
            Owner::Projection => network.projection(of).map(|p| Quantity::Projection(p, parameter.into())),
        }
    }

    /// The parameters that changes name.
    fn values(&self, changes: &Changes) -> Vec<(Quantity, f64)> {
        changes.values.iter().filter_map(|v| Some((self.quantity(v.owner, &v.of, &v.parameter)?, v.value))).collect()
    }

    /// What a state or an injury asks of the circuit.
    pub fn asked(&self, changes: &Changes) -> Asked {
        let network = &self.circuit.network;
        let gates = |names: &[String], frozen: bool| names.iter().filter_map(|n| Some((network.projection(n)?, frozen))).collect::<Vec<_>>();
        let input = |(name, on): &(String, bool)| Some((network.inputs.iter().position(|i| i.name == *name)?, *on));
        Asked {
            parameters: self.values(changes),
            frozen: [gates(&changes.freeze, true), gates(&changes.release, false)].concat(),
            inputs: changes.inputs.iter().filter_map(input).collect(),
        }
    }

    /// What differs in this subject: factors on parameters.
    pub fn factors(&self, seed: u64, subject: u32) -> Vec<(Quantity, f64)> {
        let variations = self.lives.variations.iter();
        variations.filter_map(|v| Some((self.quantity(v.owner, &v.of, &v.parameter)?, v.draw(seed, subject)))).collect()
    }
}
