//! `one_to_one`: neuron `i` to neuron `i` of a population of the same size.

use super::{Building, Connect, Pairs, Reading, Rule};

pub(super) const RULE: Rule = Rule { name: "one_to_one", keys: &[], example: "\"one_to_one\"", read };

fn read(reading: &mut Reading<'_>) -> Option<Connect> {
    let (n_pre, n_post) = (reading.ends.n_pre, reading.ends.n_post);
    if n_pre != n_post {
        let message =
            format!("one_to_one needs populations of equal size, but `{}` has {n_pre} neurons and `{}` has {n_post}", reading.pre.name, reading.post.name);
        reading.fault("sizes-differ", "rule", message, "make the sizes equal, or write the pairs as a list");
        return None;
    }
    if reading.ends.excluded(0).is_some() {
        let message = format!("one_to_one from `{}` to itself would connect each neuron to itself only, which autapses = false rules out", reading.pre.name);
        reading.fault("no-pairs", "rule", message, "add autapses = true, or use another rule");
        return None;
    }
    Some(Connect::OneToOne)
}

pub(super) fn pairs(building: &Building<'_>) -> Pairs {
    building.by_source(|source, post| post.extend(building.owned.contains(&(source as usize)).then_some(source)))
}
