//! `distance`: each pair with the probability that a formula gives for it, such as `exp(-distance/(100*um))`.
//!
//! Every pair is looked at, a block of sources at a time, so this costs a few nanoseconds for each pair and operation.

use plastica_lang::model::Expr;
use plastica_lang::source::Diagnostic;

use super::{Building, Connect, Pairs, Reading, Rule};
use crate::elements::{BLOCK, Draws, Formula, Here, synapse_element};
use crate::network::NetworkError;
use crate::parse::names::same_axes;

pub(super) const RULE: Rule = Rule { name: "distance", keys: &["p"], example: "{ rule = \"distance\", p = \"exp(-distance/(100*um))\" }", read };

fn read(reading: &mut Reading<'_>) -> Option<Connect> {
    for population in [reading.pre, reading.post] {
        if population.positions.is_none() {
            let message = format!("a connection by distance needs to know where the neurons of `{}` are", population.name);
            reading.fault("no-positions", "rule", message, format!("add to [population.{}]: positions = {{ x = \"...\", y = \"...\" }}", population.name));
            return None;
        }
    }
    if !same_axes(reading.pre, reading.post) {
        let message = format!("`{}` and `{}` have positions on different axes", reading.pre.name, reading.post.name);
        reading.fault("axes-differ", "rule", message, "give both populations the same axes of x, y and z");
        return None;
    }
    super::probability::read_p(reading, RULE.example)
}

pub(super) fn pairs(p: &Expr, building: &Building<'_>) -> Result<Pairs, NetworkError> {
    // Place 0 decides; the random calls of the formula take the places after it.
    let stream = building.stream(0);
    let formula = Formula::new(p, building.around, Draws { place: 1, ..building.draws });
    let mut numbers = [0.0; BLOCK];
    let mut here = Vec::with_capacity(BLOCK);
    building.by_target(|target, sources| {
        let excluded = building.ends.excluded(target);
        for start in (0..building.ends.n_pre).step_by(BLOCK) {
            let end = (start + BLOCK).min(building.ends.n_pre);
            here.clear();
            here.extend((start..end).map(|pre| Here { pre, post: target as usize, element: synapse_element(pre as u32, target, 0), ..Here::default() }));
            stream.uniforms(start as u64, u64::from(target), 0, &mut numbers[..end - start]);
            for ((here, probability), u) in here.iter().zip(formula.values(&here)).zip(numbers) {
                let source = here.pre as u32;
                if Some(source) == excluded {
                    continue;
                }
                if !(0.0..=1.0).contains(&probability) {
                    return Err(no_probability(p, building.name, source, target, probability));
                }
                if u < probability {
                    sources.push(source);
                }
            }
        }
        Ok(())
    })
}

fn no_probability(p: &Expr, name: &str, source: u32, target: u32, found: f64) -> NetworkError {
    Diagnostic::error(
        "not-a-probability",
        p.span,
        format!("projection `{name}`: `p` is a probability, but from neuron {source} to neuron {target} this is {found}"),
    )
    .help("bound it: clip(..., 0, 1)")
    .into()
}
