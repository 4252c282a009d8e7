//! The synapses of a projection over all parts, and their public order: by source, axonal delay, target, which of several.
//!
//! Parts own disjoint ranges of targets and keep their rows in this very order, so that the public order is a merge of their rows.

use std::cell::OnceCell;

use plastica_network::arrays::{Delays, Synapses};
use plastica_network::build::Pair;

use crate::backend::ProjectionId;
use crate::simulation::SynapseList;
use crate::step::Worker;

/// The ends and delays of a part's synapses.
#[derive(Clone, Debug, Default)]
struct PartSynapses {
    row: Vec<usize>,
    post: Vec<u32>,
    multapse: Vec<u16>,
    axonal: Delays,
    dendritic: Delays,
}

/// All parts of a projection. A back end keeps the ends in a form of its own; here they are written out when somebody
/// asks for them, so that a run that is only stepped does not keep them twice.
#[derive(Debug)]
pub struct Topology {
    projection: usize,
    /// Sources.
    pre_size: usize,
    /// Synapses of each part.
    counts: Vec<usize>,
    seen: OnceCell<Vec<PartSynapses>>,
}

impl Topology {
    /// A projection with so many synapses in each part.
    pub fn new(projection: usize, pre_size: usize, counts: Vec<usize>) -> Topology {
        Topology { projection, pre_size, counts, seen: OnceCell::new() }
    }

    /// The synapses are others now, so many in each part.
    pub fn changed(&mut self, counts: Vec<usize>) {
        self.counts = counts;
        self.seen = OnceCell::new();
    }

    /// Asks the parts for their synapses, unless that has been done: the rest then works without them.
    pub fn look(&self, workers: &[Worker]) -> &Topology {
        self.seen.get_or_init(|| {
            let of = |worker: &Worker| {
                let Synapses { row, post, multapse, axonal, dendritic, .. } = worker.backend.synapses(ProjectionId(self.projection));
                PartSynapses { row, post, multapse, axonal, dendritic }
            };
            workers.iter().map(of).collect()
        });
        self
    }

    fn parts(&self) -> &[PartSynapses] {
        self.seen.get().expect("somebody looks before asking for ends")
    }

    /// Synapses of a part.
    pub fn len(&self, part: usize) -> usize {
        self.counts[part]
    }

    /// Synapses of all parts.
    pub fn total(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Calls `f` with part and place in the part of every synapse, in public order.
    fn for_each(&self, mut f: impl FnMut(usize, usize)) {
        let parts = self.parts();
        let mut next: Vec<usize> = vec![0; parts.len()];
        for pre in 0..self.pre_size {
            let count = parts.iter().map(|p| p.row[pre + 1] - p.row[pre]).sum();
            for _ in 0..count {
                let key = |k: usize| {
                    let p = &parts[k];
                    (next[k] < p.row[pre + 1]).then(|| (p.axonal.get(next[k]), p.post[next[k]]))
                };
                let Some(k) = (0..parts.len()).filter(|k| key(*k).is_some()).min_by_key(|k| key(*k)) else { break };
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
        if self.counts.len() == 1 {
            return vec![values.to_vec()];
        }
        let mut out: Vec<Vec<f64>> = self.counts.iter().map(|n| Vec::with_capacity(*n)).collect();
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
        let p = &self.parts()[part];
        let pre = list.iter().map(|s| (p.row.partition_point(|start| *start <= *s as usize) - 1) as u32).collect();
        (pre, list.iter().map(|s| p.post[*s as usize]).collect())
    }

    /// Which of several synapses of its pair each of some synapses of a part is.
    pub fn which(&self, part: usize, list: &[u32]) -> Vec<u16> {
        let p = &self.parts()[part];
        list.iter().map(|s| p.multapse.get(*s as usize).copied().unwrap_or(0)).collect()
    }

    /// The place in a part of the synapse of a pair, if there is one.
    pub fn place(&self, part: usize, (pre, post, which): Pair) -> Option<u32> {
        let p = &self.parts()[part];
        let row = p.row[pre as usize]..p.row[pre as usize + 1];
        let is_it = |s: &usize| p.post[*s] == post && p.multapse.get(*s).copied().unwrap_or(0) == which;
        let found = match p.axonal {
            // One delay for all: the row is in the order of its targets.
            Delays::Same(_) => (row.start + p.post[row.clone()].partition_point(|t| *t < post)..row.end).take_while(|s| p.post[*s] == post).find(is_it),
            Delays::Each(_) => row.into_iter().find(is_it),
        };
        found.map(|s| s as u32)
    }

    /// All synapses in public order.
    pub fn list(&self) -> SynapseList {
        let mut out = SynapseList::default();
        let mut pre = 0;
        let mut seen = 0;
        self.for_each(|part, at| {
            while seen == self.parts().iter().map(|p| p.row[pre + 1]).sum::<usize>() {
                pre += 1;
            }
            seen += 1;
            let p = &self.parts()[part];
            out.pre.push(pre as u32);
            out.post.push(p.post[at]);
            out.which.push(p.multapse.get(at).copied().unwrap_or(0));
            out.axonal.push(p.axonal.get(at));
            out.dendritic.push(p.dendritic.get(at));
        });
        out
    }
}
