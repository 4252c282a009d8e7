//! `fixed_outdegree`: each source has `k` targets, all different unless `multapses = true`.
//!
//! Each part draws the targets of all sources and keeps those that it owns, so that the targets do not hang on the part.

use super::sample::Sampler;
use super::{Building, Connect, Pairs, Reading, Rule};
use crate::network::MAX_SYNAPSES;

pub(super) const RULE: Rule = Rule { name: "fixed_outdegree", keys: &["k"], example: "{ rule = \"fixed_outdegree\", k = 100 }", read };

fn read(reading: &mut Reading<'_>) -> Option<Connect> {
    let k = reading.count("k", MAX_SYNAPSES, RULE.example)?;
    let targets = reading.ends.targets();
    reading.enough("k", k, targets, "targets").then_some(Connect::FixedOutdegree(k))
}

pub(super) fn pairs(k: usize, building: &Building<'_>) -> Pairs {
    let mut sampler = Sampler::new(building.stream(0), building.ends.targets(), building.ends.multapses);
    let mut targets = Vec::with_capacity(k);
    building.by_source(|source, post| {
        targets.clear();
        sampler.draw(u64::from(source), k, building.ends.excluded(source), &mut targets);
        post.extend(targets.iter().filter(|target| building.owned.contains(&(**target as usize))));
    })
}
