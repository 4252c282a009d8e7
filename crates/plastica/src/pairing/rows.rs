//! A pairing's outcome as rows: published, model and simulated side by side, with a verdict.
//!
//! A value is `reproduced` when it lies within two standard errors of the measurement. A value that misses the oracle, an
//! exact evaluation of the same rule, is a fault of the code, not a result: it is returned apart, to be shown loudly.

use plastica_report::Row;

use super::{Cell, Change, Outcome, Pairing, Protocol, Rule, Summary};

pub(crate) const REPRODUCED: &str = "reproduced";
pub(crate) const NOT_REPRODUCED: &str = "not reproduced";
pub(crate) const SHOWN_ONLY: &str = "shown only";

/// Rows of a pairing, and what Plastica computed wrongly, one sentence for each fault.
pub fn rows(pairing: &Pairing, outcome: &Outcome) -> (Vec<Row>, Vec<String>) {
    let mut rows = Vec::new();
    let mut faults = Vec::new();
    for (k, rule) in pairing.rules.iter().enumerate() {
        for (p, protocol) in pairing.protocols.iter().enumerate() {
            let cell = outcome.cells[k][p];
            let oracle = rule.oracle.get(p).copied().flatten();
            let missed = oracle.is_some_and(|o| !((cell.simulated - o).abs() <= rule.tolerance));
            let decided = outcome.full || pairing.copies.full == 1;
            if let (Some(oracle), true, true) = (oracle, missed, decided) {
                let (title, name, of) = (&pairing.title, &rule.name, &protocol.name);
                faults.push(format!("{title}, {name}, {of}: Plastica gives {:.10}, but an exact evaluation of the rule gives {oracle:.10} (tolerance {:e})", cell.simulated, rule.tolerance));
            }
            rows.push(cell_row(pairing, rule, protocol, cell, oracle, missed, decided, outcome.seconds));
        }
    }
    rows.extend(pairing.summaries.iter().map(|s| summary_row(pairing, s, outcome)));
    (rows, faults)
}

#[allow(clippy::too_many_arguments)]
fn cell_row(pairing: &Pairing, rule: &Rule, protocol: &Protocol, cell: Cell, oracle: Option<f64>, missed: bool, decided: bool, seconds: f64) -> Row {
    let published = protocol.published.as_ref();
    let verdict = match published {
        _ if !decided => SHOWN_ONLY,
        Some(p) if p.holds(cell.simulated) && !missed => REPRODUCED,
        Some(_) => NOT_REPRODUCED,
        None if missed => NOT_REPRODUCED,
        None => SHOWN_ONLY,
    };
    let unit = match pairing.result {
        Change::Relative => "rel",
        Change::Ratio => "ratio",
        Change::Difference => "-",
    };
    Row {
        id: pairing.id.clone(),
        quantity: format!("{}: {}", rule.name, protocol.name),
        unit: unit.into(),
        claim: pairing.claim.clone(),
        kind: if published.is_some() { "quant" } else { "oracle" }.into(),
        published: published.map_or_else(String::new, |p| p.value.to_string()),
        error: published.map(|p| p.error),
        verification: rule.verification.clone(),
        low: published.map(|p| p.value - 2.0 * p.error),
        high: published.map(|p| p.value + 2.0 * p.error),
        model: oracle,
        simulated: finite(cell.simulated),
        spread: (cell.n > 1).then_some(cell.spread),
        n: cell.n,
        calibrated: false,
        seconds,
        verdict: verdict.into(),
    }
}

fn summary_row(pairing: &Pairing, summary: &Summary, outcome: &Outcome) -> Row {
    let rule = &pairing.rules[summary.rule];
    let simulated: Vec<f64> = outcome.cells[summary.rule].iter().map(|c| c.simulated).collect();
    let (value, n) = summary.compute(rule, &pairing.protocols, &simulated);
    let target = &summary.target;
    let bounded = target.low.is_some() || target.high.is_some();
    let inside = |x: f64| target.low.is_none_or(|low| x >= low) && target.high.is_none_or(|high| x <= high);
    let verdict = match value {
        _ if !outcome.full || !bounded => SHOWN_ONLY,
        _ if target.calibrated => "calibrated",
        Some(x) if inside(x) => REPRODUCED,
        _ => NOT_REPRODUCED,
    };
    Row {
        id: pairing.id.clone(),
        quantity: summary.quantity.clone(),
        unit: target.unit.clone(),
        claim: pairing.claim.clone(),
        kind: target.kind.clone(),
        published: target.published.clone(),
        error: None,
        verification: target.verification.clone(),
        low: target.low,
        high: target.high,
        model: None,
        simulated: value.and_then(finite),
        spread: None,
        n,
        calibrated: target.calibrated,
        seconds: outcome.seconds,
        verdict: verdict.into(),
    }
}

fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}
