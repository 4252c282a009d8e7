//! `all_to_all`: every pair, without a neuron's synapse onto itself unless `autapses = true`.

use super::{Building, Connect, Pairs, Rule};

pub(super) const RULE: Rule = Rule { name: "all_to_all", keys: &[], example: "\"all_to_all\"", read: |_| Some(Connect::AllToAll) };

pub(super) fn pairs(building: &Building<'_>) -> Pairs {
    building.by_source(|source, post| {
        let excluded = building.ends.excluded(source);
        post.extend(building.owned.clone().map(|target| target as u32).filter(|target| Some(*target) != excluded));
    })
}
