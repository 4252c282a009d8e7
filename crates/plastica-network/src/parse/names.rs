//! The names that formulas of populations, projections and inputs may use.

use plastica_lang::check::{Known, Names};
use plastica_lang::model::{Model, Role, Scope, ValueType};
use plastica_lang::units::{Dimension, unit};

use crate::network::Population;

/// Names with what they stand for.
#[derive(Default)]
pub(crate) struct NameTable {
    entries: Vec<(String, Known)>,
}

impl Names for NameTable {
    fn find(&self, name: &str) -> Option<Known> {
        self.entries.iter().find(|(n, _)| n == name).map(|(_, known)| known.clone())
    }

    fn all(&self) -> Vec<String> {
        self.entries.iter().map(|(n, _)| n.clone()).collect()
    }
}

impl NameTable {
    fn add(&mut self, written: String, scope: Scope, name: &str, dimension: Dimension, value_type: ValueType) {
        // The first meaning stands: a model's own name goes before a position of the same name.
        if self.find(&written).is_none() {
            self.entries.push((written, Known { scope, name: name.into(), dimension: Some(dimension), value_type, writable: false }));
        }
    }

    /// Parameters and variables with values of their own, under `X` or `X_pre`, `X_post`.
    pub fn add_model(&mut self, model: &Model, scope: Scope) {
        for p in &model.parameters {
            self.add(written(&p.name, scope), scope, &p.name, p.dimension, ValueType::Real);
        }
        for v in model.variables.iter().filter(|v| !matches!(v.role, Role::Subexpression(_))) {
            self.add(written(&v.name, scope), scope, &v.name, v.dimension, v.value_type);
        }
    }

    /// Positions of a population's neurons: `x` for its own formulas, `x_pre` and `x_post` for a projection's.
    pub fn add_positions(&mut self, population: &Population, scope: Scope) {
        for (axis, _) in population.positions.iter().flat_map(|p| &p.axes) {
            self.add(written(axis, scope), scope, axis, metre(), ValueType::Real);
        }
    }

    /// What a projection's formulas may read beside the synapse's own names.
    pub fn add_ends(&mut self, pre: &Population, post: &Population) {
        for (population, scope) in [(pre, Scope::Pre), (post, Scope::Post)] {
            if let Some(model) = population.model() {
                self.add_model(model, scope);
            }
            self.add_positions(population, scope);
            self.add(written("N", scope), scope, "N", Dimension::NONE, ValueType::Integer);
        }
        if same_axes(pre, post) {
            self.add("distance".into(), Scope::Local, "distance", metre(), ValueType::Real);
        }
    }
}

/// Have both populations positions on the same axes, so that there is a distance?
pub(crate) fn same_axes(pre: &Population, post: &Population) -> bool {
    match (&pre.positions, &post.positions) {
        (Some(a), Some(b)) => a.axes.iter().map(|(axis, _)| axis).eq(b.axes.iter().map(|(axis, _)| axis)),
        _ => false,
    }
}

fn written(name: &str, scope: Scope) -> String {
    match scope {
        Scope::Own | Scope::Local => name.into(),
        Scope::Pre => format!("{name}_pre"),
        Scope::Post => format!("{name}_post"),
    }
}

/// The dimension of a length.
pub(crate) fn metre() -> Dimension {
    unit("metre").map_or(Dimension::NONE, |(_, d)| d)
}
