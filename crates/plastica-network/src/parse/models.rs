//! Finds models by name, in the text itself first, then in the library; checks each neuron once.

use std::collections::{HashMap, HashSet};

use plastica_lang::check::check_model;
use plastica_lang::model::{Model, ModelKind};
use plastica_lang::source::{Diagnostic, Key, Sources, Table, Text, ValueKind};

use crate::network::Population;

/// The models that a text may use.
pub(crate) struct Models<'a> {
    sources: &'a mut Sources,
    table: &'a Table,
    library: &'a dyn Library,
    found: HashMap<(bool, String), Option<(Key, Table)>>,
    neurons: HashMap<String, Option<Model>>,
    synapses: HashSet<String>,
}

use super::Library;

impl<'a> Models<'a> {
    pub fn new(sources: &'a mut Sources, table: &'a Table, library: &'a dyn Library) -> Self {
        Models { sources, table, library, found: HashMap::new(), neurons: HashMap::new(), synapses: HashSet::new() }
    }

    fn inline(&self, kind: ModelKind) -> impl Iterator<Item = (&'a Key, &'a Table)> + use<'a> {
        let outer = self.table.get(word(kind)).and_then(|v| if let ValueKind::Table(t) = &v.kind { Some(t) } else { None });
        outer.into_iter().flat_map(|t| &t.entries).filter_map(|(key, value)| if let ValueKind::Table(t) = &value.kind { Some((key, t)) } else { None })
    }

    /// Name and table of a model; the library is asked for each once.
    pub fn find(&mut self, kind: ModelKind, name: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<(Key, Table)> {
        if let Some((key, table)) = self.inline(kind).find(|(key, _)| key.name == name.text) {
            return Some((key.clone(), table.clone()));
        }
        let id = (kind == ModelKind::Neuron, name.text.clone());
        if let Some(found) = self.found.get(&id) {
            if found.is_some() {
                return found.clone();
            }
        } else {
            let before = diagnostics.len();
            let found = self.library.model(self.sources, kind, &name.text, diagnostics);
            self.found.insert(id, found.clone());
            if found.is_some() || diagnostics.len() > before {
                return found;
            }
        }
        let mut names: Vec<String> = self.inline(kind).map(|(key, _)| key.name.clone()).collect();
        names.extend(self.library.names(kind));
        let help = super::did_you_mean(&name.text, "models", names.iter().map(String::as_str));
        diagnostics
            .push(Diagnostic::error("unknown-model", name.span, format!("there is no {} model `{}`", word(kind), name.text)).label("unknown model").help(help));
        None
    }

    /// A checked neuron model.
    pub fn neuron(&mut self, name: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<(Model, Table)> {
        let (key, table) = self.find(ModelKind::Neuron, name, diagnostics)?;
        if !self.neurons.contains_key(&name.text) {
            let model = check_model(ModelKind::Neuron, &key, &table, None, None, diagnostics);
            self.neurons.insert(name.text.clone(), model);
        }
        self.neurons.get(&name.text)?.clone().map(|model| (model, table))
    }

    /// A synapse model, checked with the neurons at both ends.
    pub fn synapse(&mut self, name: &Text, pre: &Population, post: &Population, diagnostics: &mut Vec<Diagnostic>) -> Option<(Model, Table)> {
        let (key, table) = self.find(ModelKind::Synapse, name, diagnostics)?;
        self.synapses.insert(name.text.clone());
        check_model(ModelKind::Synapse, &key, &table, pre.model(), post.model(), diagnostics).map(|model| (model, table))
    }

    /// Checks the models of the text that nothing uses.
    pub fn check_unused(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        for kind in [ModelKind::Neuron, ModelKind::Synapse] {
            for (key, table) in self.inline(kind) {
                let used = if kind == ModelKind::Neuron { self.neurons.contains_key(&key.name) } else { self.synapses.contains(&key.name) };
                if !used {
                    check_model(kind, key, table, None, None, diagnostics);
                }
            }
        }
    }
}

fn word(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Neuron => "neuron",
        ModelKind::Synapse => "synapse",
    }
}
