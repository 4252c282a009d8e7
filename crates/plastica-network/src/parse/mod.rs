//! Text to a checked network: populations, projections, inputs, and the models that they use.
//!
//! Goes on after an error, so that all faults are reported at once; each is reported once.

mod connect;
pub(crate) mod delay;
mod distribution;
pub(crate) mod files;
mod input;
mod models;
pub(crate) mod names;
mod population;
mod positions;
mod projection;
mod spikes;
mod structure;
mod timed;
mod value;
pub(crate) mod values;

use std::collections::HashSet;
use std::sync::Arc;

use plastica_lang::model::ModelKind;
use plastica_lang::source::{Diagnostic, Key, Sources, Span, Table, Value, ValueKind};

use crate::network::{Network, Population};

/// Models by name.
pub trait Library {
    /// The name and the table of a model. `None` when there is none of that name, or when it could not be read, which has
    /// then been reported.
    fn model(&self, sources: &mut Sources, kind: ModelKind, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<(Key, Table)>;
    /// All names, to find the nearest to a mistyped one.
    fn names(&self, kind: ModelKind) -> Vec<String>;
}

/// Columns of numbers by name, which many may hold at once.
pub type NamedColumns = Vec<(String, Arc<Vec<f64>>)>;

/// Tables of numbers by path.
pub trait Files {
    /// The columns of a CSV or Parquet file, by name; a number that is missing is NaN.
    ///
    /// # Errors
    /// A sentence with the path and the cause.
    fn columns(&self, path: &str) -> Result<NamedColumns, String>;
}

/// Reads `[neuron.*]`, `[synapse.*]`, `[population.*]`, `[projection.*]` and `[input.*]` of a table.
///
/// - `dt_s`: step in seconds, positive
///
/// Other keys of the table are not looked at. Returns `None` only if there were errors.
pub fn parse_network(
    sources: &mut Sources,
    table: &Table,
    dt_s: f64,
    library: &dyn Library,
    files: &dyn Files,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Network> {
    let mut found = Vec::new();
    let network = Parser { models: models::Models::new(sources, table, library), dt_s, files, diagnostics: &mut found }.network(table);
    let failed = found.iter().any(Diagnostic::is_error);
    // A model that several projections use is checked for each: say the same thing once.
    let mut seen = HashSet::new();
    diagnostics.extend(found.into_iter().filter(|d| seen.insert((d.id, d.span, d.message.clone()))));
    (!failed).then_some(network)
}

pub(crate) struct Parser<'a> {
    models: models::Models<'a>,
    dt_s: f64,
    files: &'a dyn Files,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// A population's name, and the population unless it had faults.
type Named<'a> = (&'a str, Option<Population>);

impl Parser<'_> {
    fn network(&mut self, table: &Table) -> Network {
        let mut network = Network { dt_s: self.dt_s, populations: Vec::new(), projections: Vec::new(), inputs: Vec::new() };
        if !(self.dt_s.is_finite() && self.dt_s > 0.0) {
            self.diagnostics.push(
                Diagnostic::error("out-of-range", table.span, format!("the time step is {} s", self.dt_s)).help("write a positive dt, such as \"0.1 ms\""),
            );
            return network;
        }
        let mut populations: Vec<Named<'_>> = Vec::new();
        for (key, body) in self.tables(table, "population") {
            let population = self.population(key, body);
            populations.push((&key.name, population));
        }
        for (key, body) in self.tables(table, "projection") {
            network.projections.extend(self.projection(key, body, &populations));
        }
        for (key, body) in self.tables(table, "input") {
            let input = self.input(key, body, &populations, &network.inputs);
            network.inputs.extend(input);
        }
        self.models.check_unused(self.diagnostics);
        network.populations = populations.into_iter().filter_map(|(_, p)| p).collect();
        network
    }

    /// The tables `[what.NAME]`.
    fn tables<'t>(&mut self, table: &'t Table, what: &str) -> Vec<(&'t Key, &'t Table)> {
        let Some(outer) = table.table(what, self.diagnostics) else { return Vec::new() };
        let mut out = Vec::with_capacity(outer.entries.len());
        for (key, value) in &outer.entries {
            match &value.kind {
                ValueKind::Table(body) => out.push((key, body)),
                _ => self.diagnostics.push(
                    Diagnostic::error("wrong-type", value.span, format!("`{what}.{}` must be a table, but this is {}", key.name, value.word()))
                        .help(format!("write a header [{what}.NAME] for each {what}, then its keys")),
                ),
            }
        }
        out
    }

    /// The population that a text names; its index, and itself unless it had faults.
    fn find<'p>(&mut self, table: &Table, what: &str, key: &str, populations: &'p [Named<'_>]) -> Option<(usize, Option<&'p Population>)> {
        let name = table.required_text(what, key, self.diagnostics)?;
        if let Some(index) = populations.iter().position(|(n, _)| *n == name.text) {
            return Some((index, populations[index].1.as_ref()));
        }
        let names = || populations.iter().map(|(n, _)| *n);
        self.diagnostics.push(
            Diagnostic::error("unknown-population", name.span, format!("there is no population `{}`", name.text))
                .label("unknown population")
                .help(did_you_mean(&name.text, "populations", names())),
        );
        None
    }
}

/// `did you mean ..?`, or the list of all.
pub(crate) fn did_you_mean<'a>(name: &str, what: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    match plastica_lang::source::nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => values::list(what, names),
    }
}

/// A diagnostic for a value of the wrong kind.
pub(crate) fn wrong(value: &Value, key: &str, wanted: &str, help: &str) -> Diagnostic {
    Diagnostic::error("wrong-type", value.span, format!("`{key}` must be {wanted}, but this is {}", value.word())).label(value.word()).help(help)
}

/// A whole number of at least 1 that may also stand as `1e6`.
pub(crate) fn count(value: &Value, key: &str, most: f64, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let x = match value.kind {
        ValueKind::Integer(i) => i as f64,
        ValueKind::Float(f) if f.fract() == 0.0 => f,
        _ => {
            diagnostics.push(wrong(value, key, "a whole number", "write a whole number"));
            return None;
        }
    };
    let complaint = |id, span: Span, message: String, help: String| Diagnostic::error(id, span, message).help(help);
    if x < 1.0 {
        diagnostics.push(complaint("out-of-range", value.span, format!("`{key}` must be at least 1, but this is {x}"), "write 1 or more".into()));
        return None;
    }
    if x > most {
        diagnostics.push(complaint("too-large", value.span, format!("`{key}` must be at most {most}, but this is {x}"), format!("write {most} or less")));
        return None;
    }
    Some(x as usize)
}
