//! The populations and projections that the tables around a network refer to.
//!
//! When the network itself has faults its names are still known from the text, so that one mistake is not reported twice.

use plastica_lang::model::{Model, Role, ValueType};
use plastica_lang::source::{Diagnostic, Key, Table, Text, ValueKind};
use plastica_lang::units::Dimension;
use plastica_network::network::Network;
use plastica_programme::circuit::Circuit;
pub(crate) use plastica_programme::circuit::Owner;

use super::did_you_mean;

/// Names, and the network if it has no faults.
pub(crate) struct Named<'a> {
    populations: Vec<String>,
    projections: Vec<String>,
    inputs: Vec<String>,
    pub network: Option<&'a Network>,
}

impl<'a> Named<'a> {
    pub fn new(table: &Table, network: Option<&'a Network>) -> Self {
        let names = |what: &str| match table.get(what).map(|v| &v.kind) {
            Some(ValueKind::Table(t)) => t.entries.iter().map(|(k, _)| k.name.clone()).collect(),
            _ => Vec::new(),
        };
        Named { populations: names("population"), projections: names("projection"), inputs: names("input"), network }
    }

    /// Index of a population or projection; reports a name that does not exist.
    pub fn find(&self, owner: Owner, name: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
        let (names, id) = match owner {
            Owner::Population => (&self.populations, "unknown-population"),
            Owner::Projection => (&self.projections, "unknown-projection"),
        };
        let found = names.iter().position(|n| *n == name.text);
        if found.is_none() {
            let word = owner.word();
            diagnostics.push(
                Diagnostic::error(id, name.span, format!("there is no {word} `{}`", name.text)).label(format!("unknown {word}")).help(did_you_mean(
                    &name.text,
                    &format!("{word}s"),
                    names,
                )),
            );
        }
        found
    }

    /// Number of neurons of a population.
    pub fn size(&self, population: usize) -> Option<usize> {
        self.network.and_then(|n| n.populations.get(population)).map(|p| p.size)
    }

    /// The model behind a name; `None` for a list of spikes, or when the network has faults.
    pub fn model(&self, owner: Owner, index: usize) -> Option<&'a Model> {
        let network = self.network?;
        match owner {
            Owner::Population => network.populations.get(index)?.model(),
            Owner::Projection => network.projections.get(index).map(|p| &p.model),
        }
    }

    /// Reports a variable that cannot be recorded.
    pub fn variable(&self, owner: Owner, index: usize, name: &Text, diagnostics: &mut Vec<Diagnostic>) {
        self.known(owner, index, name, false, diagnostics);
    }

    /// Checks a variable or sub-expression that is to be looked at between steps.
    pub fn value(&self, owner: Owner, index: usize, name: &Text, diagnostics: &mut Vec<Diagnostic>) {
        self.known(owner, index, name, true, diagnostics);
    }

    fn known(&self, owner: Owner, index: usize, name: &Text, subexpressions: bool, diagnostics: &mut Vec<Diagnostic>) {
        let Some(network) = self.network else { return };
        let Some(model) = self.model(owner, index) else {
            let population = &network.populations[index].name;
            diagnostics.push(
                Diagnostic::error("unknown-variable", name.span, format!("`{population}` is a list of spikes and has no variables"))
                    .help(format!("record its spikes: {{ spikes = \"{population}\" }}")),
            );
            return;
        };
        let recordable = |role: &Role| subexpressions || !matches!(role, Role::Subexpression(_));
        let names: Vec<String> = model.variables.iter().filter(|v| recordable(&v.role) && !v.flags.shared).map(|v| v.name.clone()).collect();
        let complaint = match model.variables.iter().find(|v| v.name == name.text) {
            Some(v) if !recordable(&v.role) => Some((
                format!("`{}` is a sub-expression and has no array of its own", v.name),
                format!("record what it is computed from: {}", names.join(", ")),
            )),
            Some(v) if v.flags.shared => Some((format!("`{}` is shared: one value for all", v.name), "record a variable of the single elements".into())),
            Some(_) => None,
            None => Some((format!("the model `{}` has no variable `{}`", model.name, name.text), did_you_mean(&name.text, "variables", &names))),
        };
        if let Some((message, help)) = complaint {
            diagnostics.push(Diagnostic::error("unknown-variable", name.span, message).label("cannot be recorded").help(help));
        }
    }

    /// Dimension of a parameter or constant that may be changed in mid-run; reports a name that is none.
    pub fn parameter(&self, owner: Owner, index: usize, key: &Key, diagnostics: &mut Vec<Diagnostic>) -> Option<Dimension> {
        self.network?;
        let Some(model) = self.model(owner, index) else {
            diagnostics.push(Diagnostic::error("unknown-parameter", key.span, "a list of spikes has no parameters").help("remove this change"));
            return None;
        };
        let known = changeable(model);
        if let Some((_, dimension)) = known.iter().find(|(name, _)| *name == key.name) {
            return Some(*dimension);
        }
        let names: Vec<String> = known.into_iter().map(|k| k.0).collect();
        diagnostics.push(
            Diagnostic::error("unknown-parameter", key.span, format!("the model `{}` has no parameter `{}`", model.name, key.name))
                .label("no such parameter")
                .help(did_you_mean(&key.name, "parameters", &names)),
        );
        None
    }
}

/// Parameters and constants of a model that may be changed in mid-run.
fn changeable(model: &Model) -> Vec<(String, Dimension)> {
    let is_constant = |v: &&plastica_lang::model::Variable| v.flags.constant && v.value_type == ValueType::Real && !matches!(v.role, Role::Subexpression(_));
    let constants = model.variables.iter().filter(is_constant).map(|v| (v.name.clone(), v.dimension));
    model.parameters.iter().map(|p| (p.name.clone(), p.dimension)).chain(constants).collect()
}

impl Circuit for Named<'_> {
    fn populations(&self) -> Vec<String> {
        self.populations.clone()
    }

    fn projections(&self) -> Vec<String> {
        self.projections.clone()
    }

    fn inputs(&self) -> Vec<String> {
        self.inputs.clone()
    }

    fn modulators(&self) -> Vec<(String, Dimension)> {
        let Some(network) = self.network else { return Vec::new() };
        let models = network.populations.iter().filter_map(|p| p.model()).chain(network.projections.iter().map(|p| &p.model));
        let mut out: Vec<(String, Dimension)> = Vec::new();
        for variable in models.flat_map(|m| &m.variables).filter(|v| v.flags.modulator) {
            if !out.iter().any(|(name, _)| *name == variable.name) {
                out.push((variable.name.clone(), variable.dimension));
            }
        }
        out
    }

    fn parameters(&self, owner: Owner, name: &str) -> Option<Vec<(String, Dimension)>> {
        let names = match owner {
            Owner::Population => &self.populations,
            Owner::Projection => &self.projections,
        };
        let index = names.iter().position(|n| n == name)?;
        self.network?;
        // A list of spikes has no parameters.
        Some(self.model(owner, index).map_or_else(Vec::new, changeable))
    }

    fn values(&self, population: &str) -> Option<Vec<String>> {
        let index = self.populations.iter().position(|n| n == population)?;
        self.network?;
        let of = |m: &Model| m.variables.iter().map(|v| v.name.clone()).chain(m.parameters.iter().map(|p| p.name.clone())).collect();
        Some(self.model(Owner::Population, index).map_or_else(Vec::new, of))
    }
}
