//! Numbers made of several cells of a pairing: fit errors, crossings, time constants, counts of right signs.

use plastica_lang::source::{Diagnostic, Table};

use super::lookup::{Lookup, inner};
use super::parse::Context;
use super::protocol::Protocol;
use super::rule::Rule;
use super::statistics;
use crate::experiment::{did_you_mean, tables_in};
use crate::targets::{TARGET_KEYS, Target, Targets};

/// A number made of several cells of one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// What it says, distinct within the file.
    pub quantity: String,
    /// Index of the rule.
    pub rule: usize,
    /// How it is computed.
    pub measure: Measure,
    /// What it is held against.
    pub target: Target,
}

/// How a summary is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// Mean of ((simulated - published) / error) squared.
    Fit,
    /// Where a curve first goes from below zero to above.
    Crossing(String),
    /// Mean of one curve minus that of another.
    Difference(String, String),
    /// Constant of an exponential on the positive or negative side of a curve.
    Exponential(String, bool),
    /// How many signs are right, of the measurements that differ from zero by a standard error or more.
    Signs,
    /// How many values lie within two standard errors.
    Inside,
    /// Largest value of a curve.
    Maximum(String),
    /// Smallest value of a curve.
    Minimum(String),
    /// Largest distance from the oracle.
    LargestMiss,
    /// The value of one protocol.
    Value(String),
}

const WORDS: [&str; 10] = ["fit", "crossing", "difference", "exponential", "signs", "inside", "maximum", "minimum", "largest miss", "value"];

/// Reads `[[pairing.NAME.summary]]`.
pub(super) fn parse_summaries(context: &mut Context<'_>, id: &str, table: &Table, rules: &[Rule], protocols: &[Protocol]) -> Vec<Summary> {
    let targets = Targets::read(context.folder, table, context.diagnostics);
    let mut out = Vec::new();
    for own in tables_in(table, "summary", context.diagnostics) {
        out.extend(parse(context, id, own, &targets, rules, protocols));
    }
    out
}

fn parse(context: &mut Context<'_>, id: &str, table: &Table, targets: &Targets, rules: &[Rule], protocols: &[Protocol]) -> Option<Summary> {
    let what = "a summary";
    let keys = ["rule", "of", "curve", "minus", "side", "protocol", "tolerance"];
    table.known_keys(what, &[&keys[..], &TARGET_KEYS].concat(), context.diagnostics);
    let diagnostics = &mut *context.diagnostics;
    let rule_name = table.required_text(what, "rule", diagnostics)?;
    let names: Vec<String> = rules.iter().map(|r| r.name.clone()).collect();
    let Some(rule) = rules.iter().position(|r| r.name == rule_name.text) else {
        diagnostics.push(
            Diagnostic::error("unknown-rule", rule_name.span, format!("there is no rule `{}`", rule_name.text)).label("unknown rule").help(did_you_mean(
                &rule_name.text,
                "rules",
                &names,
            )),
        );
        return None;
    };
    let measure = measure(table, protocols, diagnostics)?;
    let (quantity, mut target) = match table.get("target") {
        Some(value) if inner(value).is_some() => {
            let lookup = Lookup::optional(what, "target", table, &[], context.folder, diagnostics)?;
            let Some((value, _)) = lookup.find(&super::cases::Case::default(), &[("rule", rules[rule].key.as_deref().unwrap_or(""))], diagnostics) else {
                diagnostics.push(
                    Diagnostic::error("no-such-row", lookup.span, format!("no row of `{}` fits", lookup.file)).help("check the conditions under `where`"),
                );
                return None;
            };
            let tolerance = table.number("tolerance", diagnostics).unwrap_or(0.0);
            let target = Target {
                published: value.to_string(),
                low: Some(value - tolerance),
                high: Some(value + tolerance),
                kind: "oracle".into(),
                verification: "C".into(),
                unit: "-".into(),
                calibrated: false,
            };
            (table.required_text(what, "quantity", diagnostics)?.text.clone(), target)
        }
        _ => return targets.of_row(what, id, table, diagnostics).map(|(quantity, target)| Summary { quantity, rule, measure, target }),
    };
    target.overlay(table, diagnostics);
    Some(Summary { quantity, rule, measure, target })
}

fn measure(table: &Table, protocols: &[Protocol], diagnostics: &mut Vec<Diagnostic>) -> Option<Measure> {
    let of = table.required_text("a summary", "of", diagnostics)?;
    let curve = |key: &str, diagnostics: &mut Vec<Diagnostic>| {
        let name = table.required_text("this summary", key, diagnostics)?;
        let mut curves: Vec<String> = protocols.iter().map(|p| p.curve.clone()).collect();
        curves.sort();
        curves.dedup();
        if !curves.contains(&name.text) {
            diagnostics.push(
                Diagnostic::error("unknown-curve", name.span, format!("there is no curve `{}`", name.text)).help(did_you_mean(&name.text, "curves", &curves)),
            );
            return None;
        }
        Some(name.text.clone())
    };
    Some(match of.text.as_str() {
        "fit" => Measure::Fit,
        "signs" => Measure::Signs,
        "inside" => Measure::Inside,
        "largest miss" => Measure::LargestMiss,
        "crossing" => Measure::Crossing(curve("curve", diagnostics)?),
        "maximum" => Measure::Maximum(curve("curve", diagnostics)?),
        "minimum" => Measure::Minimum(curve("curve", diagnostics)?),
        "difference" => Measure::Difference(curve("curve", diagnostics)?, curve("minus", diagnostics)?),
        "exponential" => {
            let side = table.required_text("this summary", "side", diagnostics)?;
            if side.text != "positive" && side.text != "negative" {
                diagnostics
                    .push(Diagnostic::error("unknown-side", side.span, "`side` is \"positive\" or \"negative\"").help("write side = \"positive\" for x > 0"));
                return None;
            }
            Measure::Exponential(curve("curve", diagnostics)?, side.text == "positive")
        }
        "value" => {
            let name = table.required_text("this summary", "protocol", diagnostics)?;
            if !protocols.iter().any(|p| p.name == name.text) {
                let names: Vec<String> = protocols.iter().map(|p| p.name.clone()).collect();
                diagnostics.push(Diagnostic::error("unknown-protocol", name.span, format!("there is no protocol `{}`", name.text)).help(did_you_mean(
                    &name.text,
                    "protocols",
                    &names,
                )));
                return None;
            }
            Measure::Value(name.text.clone())
        }
        other => {
            let help = did_you_mean(other, "summaries", &WORDS.map(String::from));
            diagnostics.push(Diagnostic::error("unknown-summary", of.span, format!("there is no summary `{other}`")).help(help));
            return None;
        }
    })
}

impl Summary {
    /// The value, and how many cells it is made of. `None` when it does not exist, as a crossing of a curve that stays below zero.
    pub fn compute(&self, rule: &Rule, protocols: &[Protocol], simulated: &[f64]) -> (Option<f64>, usize) {
        let curve = |name: &str| -> Vec<(f64, f64)> { protocols.iter().zip(simulated).filter(|(p, _)| p.curve == name).map(|(p, y)| (p.x, *y)).collect() };
        let mean = |points: &[(f64, f64)]| points.iter().map(|p| p.1).sum::<f64>() / points.len() as f64;
        let measured: Vec<(f64, f64, f64)> =
            protocols.iter().zip(simulated).filter_map(|(p, y)| p.published.as_ref().map(|m| (*y, m.value, m.error))).collect();
        match &self.measure {
            Measure::Fit => {
                let sum: f64 = measured.iter().map(|(y, m, e)| ((y - m) / e).powi(2)).sum();
                ((!measured.is_empty()).then_some(sum / measured.len() as f64), measured.len())
            }
            Measure::Signs => {
                let judged = measured.iter().filter(|(_, m, e)| m.abs() >= *e);
                (Some(judged.clone().filter(|(y, m, _)| y * m > 0.0).count() as f64), judged.count())
            }
            Measure::Inside => (Some(measured.iter().filter(|(y, m, e)| (y - m).abs() <= 2.0 * e).count() as f64), measured.len()),
            Measure::LargestMiss => {
                let misses: Vec<f64> = rule.oracle.iter().zip(simulated).filter_map(|(o, y)| o.map(|o| (o - y).abs())).collect();
                (misses.iter().copied().reduce(f64::max), misses.len())
            }
            Measure::Crossing(name) => (statistics::crossing(&curve(name)), curve(name).len()),
            Measure::Exponential(name, positive) => (statistics::exponential(&curve(name), *positive), curve(name).len()),
            Measure::Difference(a, b) => (Some(mean(&curve(a)) - mean(&curve(b))), curve(a).len() + curve(b).len()),
            Measure::Maximum(name) => (curve(name).iter().map(|p| p.1).reduce(f64::max), curve(name).len()),
            Measure::Minimum(name) => (curve(name).iter().map(|p| p.1).reduce(f64::min), curve(name).len()),
            Measure::Value(name) => (protocols.iter().position(|p| p.name == *name).map(|k| simulated[k]), 1),
        }
    }
}
