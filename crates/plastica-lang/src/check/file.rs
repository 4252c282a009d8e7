//! A file of models: `[neuron.NAME]` and `[synapse.NAME]`, nothing else.

use super::check_model;
use crate::model::{Model, ModelKind};
use crate::source::{Diagnostic, SourceId, Sources, Span, ValueKind, parse_toml};

/// Checks every model of a file by itself. Models with faults are left out; the faults are in `diagnostics`.
pub fn check_file(sources: &Sources, source: SourceId, diagnostics: &mut Vec<Diagnostic>) -> Vec<Model> {
    let before = diagnostics.len();
    let file = parse_toml(sources, source, diagnostics);
    file.known_keys("a model file", &["neuron", "synapse"], diagnostics);
    let mut models = Vec::new();
    for (kind, word) in [(ModelKind::Neuron, "neuron"), (ModelKind::Synapse, "synapse")] {
        let Some(named) = file.table(word, diagnostics) else { continue };
        for (key, value) in &named.entries {
            match &value.kind {
                ValueKind::Table(table) => models.extend(check_model(kind, key, table, None, None, diagnostics)),
                _ => diagnostics.push(
                    Diagnostic::error("wrong-type", key.span, format!("`{}` stands where the name of a {word} model is expected", key.name))
                        .help(format!("begin the model with its name: [{word}.NAME]")),
                ),
            }
        }
    }
    if models.is_empty() && diagnostics.len() == before {
        let start = Span { source, start: 0, end: 0 };
        diagnostics
            .push(Diagnostic::error("no-model", start, "this file has no model").help("begin a model with a line such as [neuron.NAME] or [synapse.NAME]"));
    }
    models
}
