//! `[population.NAME]`: neurons of a model, or a list of spikes.

use plastica_lang::check::{warn_of_wrong_time, wrong_times};
use plastica_lang::model::Model;
use plastica_lang::source::{Diagnostic, Key, Table, Value, ValueKind};

use super::values::{Owner, ValueReader};
use super::{Parser, count};
use crate::network::{InitialValue, MAX_NEURONS, Population, PopulationKind};

impl Parser<'_> {
    /// Reads a population; `None` if there were errors in it.
    pub(super) fn population(&mut self, key: &Key, table: &Table) -> Option<Population> {
        let what = format!("population `{}`", key.name);
        let size = table.get("size").map(|v| count(v, "size", MAX_NEURONS as f64, self.diagnostics));
        match (table.key("model"), table.key("spikes")) {
            (Some(_), None) => self.neurons(key, table, &what, size),
            (None, Some(_)) => self.spikes(key, table, &what, size),
            (Some(_), Some(spikes)) => {
                self.diagnostics.push(
                    Diagnostic::error("given-twice", spikes.span, format!("{what} has both a model and a list of spikes")).help("remove `model` or `spikes`"),
                );
                None
            }
            (None, None) => {
                self.diagnostics.push(
                    Diagnostic::error("missing-key", key.span, format!("{what} has no `model`"))
                        .help("add a line: model = \"...\", or spikes = \"file.csv\" for spikes at given times"),
                );
                None
            }
        }
    }

    fn neurons(&mut self, key: &Key, table: &Table, what: &str, size: Option<Option<usize>>) -> Option<Population> {
        table.known_keys(what, &["doc", "model", "size", "parameters", "initial", "positions"], self.diagnostics);
        if size.is_none() {
            self.diagnostics.push(Diagnostic::error("missing-key", key.span, format!("{what} has no `size`")).help("add a line: size = 100"));
        }
        let model = table.text("model", self.diagnostics).and_then(|name| self.models.neuron(name, self.diagnostics));
        let (size, (mut model, model_table)) = (size??, model?);
        let positions = self.positions(table, what, size);
        let mut population = Population {
            name: key.name.clone(),
            span: key.span,
            size,
            dt_s: self.dt_s,
            kind: PopulationKind::Spikes(Default::default()),
            parameters: Vec::new(),
            defaults: Vec::new(),
            initial: Vec::new(),
            positions,
        };
        let mut reader = ValueReader::new(what.into(), Owner::Population(size), self.dt_s, self.files);
        reader.add_model(&model);
        reader.names.add_positions(&population, plastica_lang::model::Scope::Local);
        (population.parameters, population.defaults, population.initial) = reader.all(table, &model_table, &model, self.diagnostics);
        override_constants(&mut model, &population.parameters);
        warn_of_overrides(&model, table, self.diagnostics);
        population.kind = PopulationKind::Model(model);
        Some(population)
    }

    fn spikes(&mut self, key: &Key, table: &Table, what: &str, size: Option<Option<usize>>) -> Option<Population> {
        table.known_keys(what, &["doc", "spikes", "size", "positions"], self.diagnostics);
        let size = match size {
            Some(None) => return None,
            Some(size) => size,
            None => None,
        };
        let (list, size) = self.spike_list(key, table, what, size)?;
        let positions = self.positions(table, what, size);
        Some(Population {
            name: key.name.clone(),
            span: key.span,
            size,
            dt_s: self.dt_s,
            kind: PopulationKind::Spikes(list),
            parameters: Vec::new(),
            defaults: Vec::new(),
            initial: Vec::new(),
            positions,
        })
    }
}

/// Values by name.
type Values = Vec<(String, InitialValue)>;

impl ValueReader<'_> {
    /// Reads `parameters` and `initial` of a population or projection, and `initial` of its model.
    pub fn all(&mut self, table: &Table, model_table: &Table, model: &Model, diagnostics: &mut Vec<Diagnostic>) -> (Values, Values, Values) {
        let parameters = table.table("parameters", diagnostics).map_or_else(Vec::new, |t| self.parameters(t, model, diagnostics));
        let what = std::mem::replace(&mut self.what, format!("model `{}`", model.name));
        let defaults = model_table.table("initial", diagnostics).map_or_else(Vec::new, |t| self.initial(t, model, diagnostics));
        self.what = what;
        let initial = table.table("initial", diagnostics).map_or_else(Vec::new, |t| self.initial(t, model, diagnostics));
        (parameters, defaults, initial)
    }
}

/// Puts the overrides that are one value for all into the model.
pub(super) fn override_constants(model: &mut Model, parameters: &[(String, InitialValue)]) {
    for (name, value) in parameters {
        if let (InitialValue::Constant(x), Some(p)) = (value, model.parameters.iter_mut().find(|p| p.name == *name)) {
            p.value = *x;
        }
    }
}

/// Warns of times that a table `parameters` has made zero or negative.
pub(super) fn warn_of_overrides(model: &Model, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let Some(Value { kind: ValueKind::Table(parameters), .. }) = table.get("parameters") else { return };
    for name in wrong_times(model) {
        if let Some(key) = parameters.key(name) {
            warn_of_wrong_time(name, key.span, diagnostics);
        }
    }
}
