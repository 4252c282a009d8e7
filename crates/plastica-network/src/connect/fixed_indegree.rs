//! `fixed_indegree`: each target has `k` sources, all different unless `multapses = true`.

use super::sample::Sampler;
use super::{Building, Connect, Pairs, Reading, Rule};
use crate::network::MAX_SYNAPSES;

pub(super) const RULE: Rule = Rule { name: "fixed_indegree", keys: &["k"], example: "{ rule = \"fixed_indegree\", k = 100 }", read };

fn read(reading: &mut Reading<'_>) -> Option<Connect> {
    let k = reading.count("k", MAX_SYNAPSES, RULE.example)?;
    let sources = reading.ends.sources();
    reading.enough("k", k, sources, "sources").then_some(Connect::FixedIndegree(k))
}

pub(super) fn pairs(k: usize, building: &Building<'_>) -> Pairs {
    let mut sampler = Sampler::new(building.stream(0), building.ends.sources(), building.ends.multapses);
    let found = building.by_target(|target, sources| {
        sampler.draw(u64::from(target), k, building.ends.excluded(target), sources);
        Ok(())
    });
    found.unwrap_or_default()
}
