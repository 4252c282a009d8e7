//! The synapses of a projection over all parts, and their public order: by source, axonal delay, target, which of several.
//!
//! Parts own disjoint ranges of targets and keep their rows in this very order, so that the public order is a merge of their rows.

use plastica_network::arrays::{Delays, Synapses};

use crate::simulation::SynapseList;

/// The ends and delays of a part's synapses.
#[derive(Clone, Debug, Default)]
pub struct PartSynapses {
    row: Vec<usize>,
    post: Vec<u32>,
    axonal: Delays,
    dendritic: Delays,
}

impl PartSynapses {
    /// Keeps what the public order needs.
    pub fn of(synapses: &Synapses) -> PartSynapses {
        PartSynapses { row: synapses.row.clone(), post: synapses.post.clone(), axonal: synapses.axonal.clone(), dendritic: synapses.dendritic.clone() }
    }
}

/// All parts of a projection.
#[derive(Clone, Debug)]
pub struct Topology {
    pre_size: usize,
    parts: Vec<PartSynapses>,
}

impl Topology {
    /// A projection from so many neurons, without synapses yet.
    pub fn new(pre_size: usize) -> Topology {
        Topology { pre_size, parts: Vec::new() }
    }

    /// Adds the next part.
    pub fn add(&mut self, part: PartSynapses) {
        self.parts.push(part);
    }

    /// Synapses of a part.
    pub fn len(&self, part: usize) -> usize {
        self.parts[part].post.len()
    }

    /// Synapses of all parts.
    pub fn total(&self) -> usize {
        self.parts.iter().map(|p| p.post.len()).sum()
    }

    /// Calls `f` with part and place in the part of every synapse, in public order.
    fn for_each(&self, mut f: impl FnMut(usize, usize)) {
        let mut next: Vec<usize> = vec![0; self.parts.len()];
        for pre in 0..self.pre_size {
            let count = self.parts.iter().map(|p| p.row[pre + 1] - p.row[pre]).sum();
            for _ in 0..count {
                let key = |k: usize| {
                    let p = &self.parts[k];
                    (next[k] < p.row[pre + 1]).then(|| (p.axonal.get(next[k]), p.post[next[k]]))
                };
                let Some(k) = (0..self.parts.len()).filter(|k| key(*k).is_some()).min_by_key(|k| key(*k)) else { break };
                f(k, next[k]);
                next[k] += 1;
            }
        }
    }

    /// Values of parts to values in public order.
    pub fn join(&self, parts: &[Vec<f64>]) -> Vec<f64> {
        if let [only] = parts {
            return only.clone();
        }
        let mut out = Vec::with_capacity(self.total());
        self.for_each(|part, at| out.push(parts[part][at]));
        out
    }

    /// Values in public order to values of parts.
    pub fn split(&self, values: &[f64]) -> Vec<Vec<f64>> {
        if self.parts.len() == 1 {
            return vec![values.to_vec()];
        }
        let mut out: Vec<Vec<f64>> = self.parts.iter().map(|p| Vec::with_capacity(p.post.len())).collect();
        let mut next = 0;
        self.for_each(|part, _| {
            out[part].push(values[next]);
            next += 1;
        });
        out
    }

    /// A part's share of some synapses (public places; all when `None`): place in the part, place in the list.
    pub fn share(&self, part: usize, wanted: Option<&[u64]>) -> Vec<(u32, u32)> {
        let mut places: std::collections::HashMap<u64, u32> = std::collections::HashMap::new();
        if let Some(wanted) = wanted {
            places.extend(wanted.iter().enumerate().map(|(k, s)| (*s, k as u32)));
        }
        let mut out = Vec::new();
        let mut public = 0_u64;
        self.for_each(|of, at| {
            if of == part {
                match wanted {
                    None => out.push((at as u32, public as u32)),
                    Some(_) => out.extend(places.get(&public).map(|k| (at as u32, *k))),
                }
            }
            public += 1;
        });
        out
    }

    /// Sources and targets of some synapses of a part (ascending places).
    pub fn ends(&self, part: usize, list: &[u32]) -> (Vec<u32>, Vec<u32>) {
        let p = &self.parts[part];
        let pre = list.iter().map(|s| (p.row.partition_point(|start| *start <= *s as usize) - 1) as u32).collect();
        (pre, list.iter().map(|s| p.post[*s as usize]).collect())
    }

    /// All synapses in public order.
    pub fn list(&self) -> SynapseList {
        let mut out = SynapseList::default();
        let mut pre = 0;
        let mut seen = 0;
        self.for_each(|part, at| {
            while seen == self.parts.iter().map(|p| p.row[pre + 1]).sum::<usize>() {
                pre += 1;
            }
            seen += 1;
            let p = &self.parts[part];
            out.pre.push(pre as u32);
            out.post.push(p.post[at]);
            out.axonal.push(p.axonal.get(at));
            out.dendritic.push(p.dendritic.get(at));
        });
        out
    }
}
