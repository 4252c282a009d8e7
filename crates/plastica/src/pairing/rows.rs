//! A pairing's outcome as rows: published, model and simulated side by side, with a verdict.
//!
//! A value is `reproduced` when it lies within two standard errors of the measurement. A value that misses the oracle, an
//! exact evaluation of the same rule, is a fault of the code, not a result: it is returned apart, to be shown loudly.

use plastica_report::{Row, Standing, Verdict, verdict};

use super::{Outcome, Pairing, Summary};
use crate::targets::Simulated;

/// Rows of a pairing, and what Plastica computed wrongly, one sentence for each fault.
pub(super) fn rows(pairing: &Pairing, outcome: &Outcome) -> (Vec<Row>, Vec<String>) {
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    for rule in 0..pairing.rules.len() {
        for protocol in 0..pairing.protocols.len() {
            let (row, fault) = cell_row(pairing, outcome, rule, protocol);
            rows.push(row);
            faults.extend(fault);
        }
    }
    rows.extend(pairing.summaries.iter().map(|s| summary_row(pairing, s, outcome)));
    (rows, faults)
}

fn cell_row(pairing: &Pairing, outcome: &Outcome, rule: usize, protocol: usize) -> (Row, Option<String>) {
    let cell = outcome.cells[rule][protocol];
    let (rule, protocol) = (&pairing.rules[rule], &pairing.protocols[protocol]);
    let oracle = rule.oracle.get(protocol.index).copied().flatten();
    // What is not a number misses too.
    let near = |o: f64| (cell.simulated - o).abs() <= rule.tolerance;
    let missed = oracle.filter(|o| outcome.full && !near(*o));
    let fault = missed.map(|o| {
        let (title, name, of) = (&pairing.title, &rule.name, &protocol.name);
        format!(
            "{title}, {name}, {of}: Plastica gives {:.10}, but an exact evaluation of the rule gives {o:.10} (tolerance {:e})",
            cell.simulated, rule.tolerance
        )
    });
    let published = protocol.published.as_ref();
    let (low, high) = (published.map(|p| p.value - 2.0 * p.error), published.map(|p| p.value + 2.0 * p.error));
    let standing = if outcome.full { Standing::Scored } else { Standing::Shown };
    let scored = verdict(standing, Some(cell.simulated), low, high);
    let row = Row {
        id: pairing.id.clone(),
        quantity: format!("{}: {}", rule.name, protocol.name),
        unit: pairing.unit().into(),
        claim: pairing.claim.clone(),
        kind: if published.is_some() { "quant" } else { "oracle" }.into(),
        published: published.map(|p| number(p.value)),
        error: published.map(|p| p.error),
        verification: if published.is_some() { "V" } else { "C" }.into(),
        low,
        high,
        model: oracle,
        simulated: finite(cell.simulated),
        spread: (cell.n > 1).then_some(cell.spread),
        n: Some(cell.n as u64),
        calibrated: false,
        seconds: Some(outcome.seconds),
        verdict: if missed.is_some() { Verdict::NotReproduced } else { scored },
    };
    (row, fault)
}

fn summary_row(pairing: &Pairing, summary: &Summary, outcome: &Outcome) -> Row {
    let rule = &pairing.rules[summary.rule];
    let simulated: Vec<f64> = outcome.cells[summary.rule].iter().map(|c| c.simulated).collect();
    let (value, n) = summary.compute(rule, &pairing.protocols, &simulated);
    let target = &summary.target;
    let standing = match (outcome.full, target.calibrated) {
        (false, _) => Standing::Shown,
        (true, true) => Standing::Calibrated,
        (true, false) => Standing::Scored,
    };
    // What does not exist, as a crossing of a curve that stays below zero, lies in no interval.
    let scored = verdict(standing, Some(value.unwrap_or(f64::NAN)), target.low, target.high);
    let found = Simulated {
        id: pairing.id.clone(),
        quantity: summary.quantity.clone(),
        claim: pairing.claim.clone(),
        simulated: value,
        spread: None,
        n: Some(n as u64),
        seconds: Some(outcome.seconds),
    };
    target.row(found, scored)
}

/// Without the noise of an addition.
fn number(x: f64) -> String {
    format!("{:.9}", x).parse::<f64>().unwrap_or(x).to_string()
}

fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}
