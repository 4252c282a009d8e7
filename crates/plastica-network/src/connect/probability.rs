//! `probability`: each pair with probability `p`, independently.
//!
//! The gaps between the sources of a target are drawn, not the pairs: they are geometric numbers, and there are few of them when
//! `p` is small. A formula for `p` gives each pair a probability of its own (see `distance.rs`).

use plastica_lang::model::ValueType;
use plastica_lang::units::Dimension;
use plastica_numerics::elementary::Real;

use super::{Building, Connect, Pairs, Reading, Rule};
use crate::network::InitialValue;

pub(super) const RULE: Rule = Rule { name: "probability", keys: &["p"], example: "{ rule = \"probability\", p = 0.1 }", read };

/// Uniform numbers drawn at a time.
const CHUNK: usize = 64;

fn read(reading: &mut Reading<'_>) -> Option<Connect> {
    read_p(reading, RULE.example)
}

/// Reads `p`, a number or a formula.
pub(super) fn read_p(reading: &mut Reading<'_>, example: &str) -> Option<Connect> {
    let Some(value) = reading.table.get("p") else {
        reading.fault("missing-key", "p", format!("the connection of {} has no `p`", reading.what), format!("write connect = {example}"));
        return None;
    };
    match reading.values.value("p", value, Dimension::NONE, ValueType::Real, reading.diagnostics)? {
        InitialValue::Constant(p) if (0.0..=1.0).contains(&p) => Some(Connect::Probability(p)),
        InitialValue::Constant(p) => {
            reading.fault("not-a-probability", "p", format!("`p` is a probability, but this is {p}"), "write a number from 0 to 1");
            None
        }
        InitialValue::Formula(expr) => reading.values.known_before(&expr, reading.diagnostics).then_some(Connect::Formula(expr)),
        InitialValue::Distribution(_) | InitialValue::Column(_) => {
            reading.fault("wrong-type", "p", "`p` must be a number or a formula".into(), format!("write connect = {example}"));
            None
        }
    }
}

pub(super) fn pairs(p: f64, building: &Building<'_>) -> Pairs {
    let n = building.ends.n_pre;
    if p == 0.0 {
        return building.by_source(|_, _| ());
    }
    let stream = building.stream(0);
    let log_without = Real::log1p(-p);
    let mut numbers = [0.0; CHUNK];
    let found = building.by_target(|target, sources| {
        let excluded = building.ends.excluded(target);
        let mut source = 0;
        for chunk in 0.. {
            stream.uniforms(chunk * CHUNK as u64, u64::from(target), 0, &mut numbers);
            for u in numbers {
                // The number of misses before a hit; 0 when p is 1, where the logarithm is minus infinity.
                let gap = Real::floor(Real::log1p(-u) / log_without);
                if gap >= (n - source) as f64 {
                    return Ok(());
                }
                source += gap as usize;
                if Some(source as u32) != excluded {
                    sources.push(source as u32);
                }
                source += 1;
            }
        }
        Ok(())
    });
    found.unwrap_or_default()
}
