//! `[state.NAME]`: levels of modulators, gates of plasticity, inputs and parameters that hold together.
//!
//! A state is complete: what it does not name has the value of the file. What an injury changes for good has the same form
//! ([`Changes`]) and becomes the value of the file from then on.

use plastica_lang::source::{Diagnostic, Key, Span, Table, Value, ValueKind};

use crate::circuit::{Circuit, Noun, Owner, exists, parameter};
use crate::modulator::{self, Course, Modulator};
use crate::tables::{doc, named_tables, quantity, texts, wrong_type};
use crate::time::{duration_key, seconds};

/// Gates, inputs and parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Projections whose plasticity stops.
    pub freeze: Vec<String>,
    /// Projections whose plasticity goes on.
    pub release: Vec<String>,
    /// Inputs that are switched on or off.
    pub inputs: Vec<(String, bool)>,
    /// Parameters with other values.
    pub values: Vec<ParameterValue>,
}

/// A parameter and its value, the same for all neurons or synapses.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterValue {
    /// Of a population or of a projection.
    pub owner: Owner,
    /// Its name.
    pub of: String,
    /// The parameter.
    pub parameter: String,
    /// SI units.
    pub value: f64,
}

/// A named set of modulator levels, gates, inputs and parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Name.
    pub name: String,
    /// What it is, as written.
    pub doc: String,
    /// Places in the list of modulators, and where they go.
    pub modulators: Vec<(usize, Course)>,
    /// Gates, inputs and parameters.
    pub changes: Changes,
    /// Place of its name.
    pub span: Span,
}

/// Levels of all modulators at the start of a stretch.
///
/// - `state`: that of the block; `None` names no modulator
/// - `before`: levels at the end of the last stretch, one for each modulator, SI units
/// - `age`: years
pub fn levels_at_start(modulators: &[Modulator], state: Option<&State>, before: &[f64], age: f64) -> Vec<f64> {
    let level = |(place, modulator): (usize, &Modulator)| match course(state, place) {
        Some(course) => course.begin(before.get(place).copied().unwrap_or_else(|| modulator.at_rest(age))),
        None => modulator.at_rest(age),
    };
    modulators.iter().enumerate().map(level).collect()
}

/// Levels of all modulators a time after they had the values `start`, within one stretch.
///
/// A task that changes a level in mid-stretch goes on from there: pass the new levels as `start` and count the time anew.
pub fn levels_after(state: Option<&State>, start: &[f64], time_s: f64) -> Vec<f64> {
    start.iter().enumerate().map(|(place, x)| course(state, place).map_or(*x, |c| c.after(*x, time_s))).collect()
}

fn course(state: Option<&State>, modulator: usize) -> Option<&Course> {
    state?.modulators.iter().find(|(place, _)| *place == modulator).map(|(_, course)| course)
}

impl State {
    /// Reads all `[state.*]`.
    pub(crate) fn parse_all(table: &Table, modulators: &[Modulator], circuit: &dyn Circuit, diagnostics: &mut Vec<Diagnostic>) -> Vec<State> {
        named_tables(table, "state", diagnostics).into_iter().map(|(key, body)| state(key, body, modulators, circuit, diagnostics)).collect()
    }
}

fn state(key: &Key, table: &Table, all: &[Modulator], circuit: &dyn Circuit, diagnostics: &mut Vec<Diagnostic>) -> State {
    let what = format!("state `{}`", key.name);
    table.known_keys(&what, &["doc", "modulators", "freeze", "release", "inputs", "population", "projection"], diagnostics);
    let mut modulators = Vec::new();
    for (name, value) in table.table("modulators", diagnostics).map_or(&[][..], |t| &t.entries) {
        let Some(place) = modulator::find(all, name, diagnostics) else { continue };
        modulators.extend(read_course(name, value, &all[place], diagnostics).map(|course| (place, course)));
    }
    let changes = Changes::parse(table, circuit, diagnostics);
    State { name: key.name.clone(), doc: doc(table, diagnostics), modulators, changes, span: key.span }
}

/// A number, or `{ to = 0.3, tau = "18 s", from = 1 }`.
fn read_course(key: &Key, value: &Value, modulator: &Modulator, diagnostics: &mut Vec<Diagnostic>) -> Option<Course> {
    let read = |value: &Value, diagnostics: &mut Vec<Diagnostic>| quantity(&key.name, value, modulator.dimension, diagnostics);
    let ValueKind::Table(table) = &value.kind else {
        return read(value, diagnostics).map(|to| Course { from: None, to, tau_s: None });
    };
    let what = format!("the course of `{}`", key.name);
    table.known_keys(&what, &["from", "to", "tau"], diagnostics);
    if table.get("to").is_none() {
        let fault = Diagnostic::error("missing-key", value.span, format!("{what} has no `to`"));
        diagnostics.push(fault.help("write { to = 0.3, tau = \"18 s\" }, or one number for a level that is taken at once"));
        return None;
    }
    let to = table.get("to").and_then(|v| read(v, diagnostics));
    let from = table.get("from").map(|v| read(v, diagnostics));
    let tau_s = duration_key(table, "tau", diagnostics).map(seconds);
    if let Some(from) = table.key("from")
        && table.get("tau").is_none()
    {
        let fault = Diagnostic::error("missing-key", from.span, format!("{what} has `from` but no `tau`"));
        diagnostics.push(fault.help("add tau = \"18 s\", or leave `from` out: without `tau` the level is taken at once"));
        return None;
    }
    let from = match from {
        Some(read) => Some(read?),
        None => None,
    };
    Some(Course { from, to: to?, tau_s })
}

impl Changes {
    /// Reads `freeze`, `release`, `inputs`, and the tables `population` and `projection`.
    pub(crate) fn parse(table: &Table, circuit: &dyn Circuit, diagnostics: &mut Vec<Diagnostic>) -> Changes {
        let mut out = Changes::default();
        for (key, into) in [("freeze", &mut out.freeze), ("release", &mut out.release)] {
            for text in texts(table, key, diagnostics) {
                if exists(circuit, Noun::Owner(Owner::Projection), &text.text, text.span, diagnostics) {
                    into.push(text.text.clone());
                }
            }
        }
        for text in texts(table, "release", &mut Vec::new()) {
            if out.freeze.contains(&text.text) {
                let fault = Diagnostic::error("given-twice", text.span, format!("`{}` is frozen and released", text.text));
                diagnostics.push(fault.help("leave it in one of the two lists"));
            }
        }
        for (key, value) in table.table("inputs", diagnostics).map_or(&[][..], |t| &t.entries) {
            if !exists(circuit, Noun::Input, &key.name, key.span, diagnostics) {
                continue;
            }
            match value.kind {
                ValueKind::Boolean(on) => out.inputs.push((key.name.clone(), on)),
                ValueKind::Faulty => {}
                _ => diagnostics.push(wrong_type(value, &key.name, "true or false", "write true for an input that is on, false for one that is off")),
            }
        }
        for owner in [Owner::Population, Owner::Projection] {
            for (of, values) in named_tables(table, owner.word(), diagnostics) {
                if exists(circuit, Noun::Owner(owner), &of.name, of.span, diagnostics) {
                    out.values.extend(values_of(owner, of, values, circuit, diagnostics));
                }
            }
        }
        out
    }

    /// Does it change nothing?
    pub fn is_empty(&self) -> bool {
        *self == Changes::default()
    }
}

fn values_of(owner: Owner, of: &Key, values: &Table, circuit: &dyn Circuit, diagnostics: &mut Vec<Diagnostic>) -> Vec<ParameterValue> {
    let mut out = Vec::with_capacity(values.entries.len());
    for (key, value) in &values.entries {
        let Some(dimension) = parameter(circuit, owner, &of.name, key, diagnostics) else { continue };
        let Some(value) = quantity(&key.name, value, dimension, diagnostics) else { continue };
        out.push(ParameterValue { owner, of: of.name.clone(), parameter: key.name.clone(), value });
    }
    out
}
