//! Columns of a pairing: a synapse model with parameters and a state to start from.

use plastica_lang::check::check_quantity;
use plastica_lang::model::{Model, Role};
use plastica_lang::source::{Diagnostic, Span, Table};

use super::lookup::inner;
use crate::experiment::{did_you_mean, tables_in};

/// A synapse model with parameters.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Name, distinct within the pairing.
    pub name: String,
    /// Place in the text.
    pub span: Span,
    /// Key in the tables of oracles.
    pub key: Option<String>,
    /// Name of the synapse model.
    pub synapse: String,
    /// How sure its parameters are: V seen, R recalled, C computed, D our choice.
    pub verification: String,
    /// What the copies start from; empty: all alike.
    pub starts: Vec<Start>,
    /// What an exact evaluation of the rule gives for each protocol, where it is known.
    pub oracle: Vec<Option<f64>>,
    /// How far from it Plastica's value may be.
    pub tolerance: f64,
}

/// What some of the copies start from.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// Which share of the copies.
    pub share: f64,
    /// Variables, SI units.
    pub values: Vec<(String, f64)>,
}

/// Keys of a rule.
const KEYS: [&str; 8] = ["name", "key", "synapse", "verification", "delay", "parameters", "initial", "start"];

/// Reads one rule; what concerns the model is read by the network room.
pub(super) fn parse_rule(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Rule> {
    let what = "a rule";
    table.known_keys(what, &KEYS, diagnostics);
    let name = table.required_text(what, "name", diagnostics);
    let synapse = table.required_text(what, "synapse", diagnostics);
    let word = |key: &str, diagnostics: &mut Vec<Diagnostic>| table.text(key, diagnostics).map(|t| t.text.clone());
    let key = word("key", diagnostics);
    let verification = word("verification", diagnostics).unwrap_or_default();
    Some(Rule {
        name: name?.text.clone(),
        span: table.span,
        key,
        synapse: synapse?.text.clone(),
        verification,
        starts: Vec::new(),
        oracle: Vec::new(),
        tolerance: 0.0,
    })
}

/// Reads `start`, now that the model is known.
pub(super) fn parse_starts(table: &Table, model: &Model, diagnostics: &mut Vec<Diagnostic>) -> Vec<Start> {
    let mut starts = Vec::new();
    for part in tables_in(table, "start", diagnostics) {
        part.known_keys("a part of `start`", &["share", "initial"], diagnostics);
        let share = part.number("share", diagnostics).unwrap_or(1.0);
        let mut values = Vec::new();
        for (key, value) in part.get("initial").and_then(inner).map_or(&[][..], |t| &t.entries) {
            let variables = || model.variables.iter().filter(|v| !matches!(v.role, Role::Subexpression(_)));
            let Some(variable) = variables().find(|v| v.name == key.name) else {
                let names: Vec<String> = variables().map(|v| v.name.clone()).collect();
                diagnostics.push(
                    Diagnostic::error("unknown-variable", key.span, format!("the model `{}` has no variable `{}` with an initial value", model.name, key.name))
                        .label("no such variable")
                        .help(did_you_mean(&key.name, "variables", &names)),
                );
                continue;
            };
            values.extend(check_quantity(value, Some(variable.dimension), diagnostics).map(|(x, _)| (key.name.clone(), x)));
        }
        starts.push(Start { share, values });
    }
    let sum: f64 = starts.iter().map(|s| s.share).sum();
    if !starts.is_empty() && ((sum - 1.0).abs() > 1e-9 || starts.iter().any(|s| s.share.is_nan() || s.share < 0.0)) {
        let span = table.get("start").map_or(table.span, |v| v.span);
        diagnostics.push(
            Diagnostic::error("out-of-range", span, format!("the shares of `start` add up to {sum}, not to 1"))
                .help("write shares of 0 or more that add up to 1"),
        );
    }
    starts
}

impl Rule {
    /// Which part of `starts` a copy belongs to.
    pub fn start_of(&self, copy: usize, copies: usize) -> usize {
        let place = (copy as f64 + 0.5) / copies as f64;
        let mut sum = 0.0;
        self.starts
            .iter()
            .position(|s| {
                sum += s.share;
                place < sum
            })
            .unwrap_or(self.starts.len().saturating_sub(1))
    }
}
