//! How synapses come: vacant elements of both sides meet, and what connects gets its first values.
//!
//! Meetings are drawn over the whole network, on lists in the order of its neurons, so that they do not hang on the number of parts;
//! parts only say which pairs they have already, and make the values of their own new synapses.

use std::collections::HashSet;

use plastica_kernel::interpret::run_setup;
use plastica_kernel::ir::{GrowProgram, Storage};
use plastica_network::arrays::{Delays, Synapses};
use plastica_network::build::{Pair, build_both_positions, build_new_synapses};
use plastica_network::distance;
use plastica_numerics::random::Stream;

use crate::backend::{ProjectionId, Rewiring};
use crate::drawn::first_values;
use crate::simulation::{RunError, Simulation};
use crate::structure::{For, Rule, on_parts};
use crate::surroundings::{Elements, Surroundings};

impl Simulation {
    /// Lets synapses come by a rule.
    pub(crate) fn grow(&mut self, rule: Rule<'_>, program: &GrowProgram) -> Result<(), RunError> {
        let around = {
            let kernels = [&program.pre, &program.post, &program.kernel].into_iter().flatten().map(|c| &c.kernel).chain([&program.first]);
            Surroundings::gather(&mut self.workers, self.seeds, rule.projection, &kernels.collect::<Vec<_>>())
        };
        let pre = self.numbers(rule, &around, program.pre.as_ref(), true)?;
        let post = self.numbers(rule, &around, program.post.as_ref(), false)?;
        let pairs = self.meetings(rule, program, &around, [pre, post])?;
        if pairs.is_empty() {
            return Ok(());
        }
        let changes = self.new_synapses(rule, program, &around, &pairs)?;
        self.rewire(rule.projection, changes);
        Ok(())
    }

    /// The pairs that connect, in order of source, target, which of several. `vacant`: elements of each neuron of both sides, where they are limited.
    fn meetings(&mut self, rule: Rule<'_>, program: &GrowProgram, around: &Surroundings, vacant: [Option<Vec<u32>>; 2]) -> Result<Vec<Pair>, RunError> {
        let circuit = self.plan.circuit.clone();
        let projection = &circuit.network.projections[rule.projection];
        let sizes = [projection.pre, projection.post].map(|p| circuit.network.populations[p].size);
        let loops = projection.pre == projection.post && !projection.autapses;
        let seeds = self.seeds;
        let positions = if program.reads_distance {
            build_both_positions(&circuit.network, rule.projection, seeds.seed, seeds.subject).map_err(|e| RunError::NewSynapse(e.to_string()))?
        } else {
            Vec::new()
        };
        let axes: Vec<(&[f64], &[f64])> = positions.iter().map(|(pre, post)| (pre.as_slice(), post.as_slice())).collect();
        let parts = self.workers.len();
        let synapses = on_parts(&mut self.workers, vec![(); parts], |worker, ()| worker.backend.synapses(ProjectionId(rule.projection)));
        let present = Present { synapses: &synapses, bounds: self.workers.iter().map(|w| w.part.range(sizes[1]).end as u32).collect() };
        let mut left = vacant.map(|numbers| numbers.map(|n| elements(&n)));
        let orders = [For::PreOrder, For::PostOrder].map(|what| self.stream(rule, what));
        let (partner, chance) = (self.stream(rule, For::Partner), self.stream(rule, For::Kernel));
        let step = rule.now as u64;
        let both_limited = program.pre.is_some() && program.post.is_some();
        let mut born: HashSet<Pair> = HashSet::new();
        for round in 0..program.tries {
            if left.iter().flatten().any(Vec::is_empty) {
                break;
            }
            // Who meets whom: places in the lists of vacant elements, where there are lists.
            for (list, order) in left.iter_mut().zip(orders) {
                if let Some(list) = list.as_mut().filter(|_| both_limited) {
                    shuffle(list, order, step, round);
                }
            }
            let any = |(neuron, n): &Element, size: usize| {
                ((partner.uniform(u64::from(*neuron) << 32 | u64::from(*n), step, round) * size as f64) as u32).min(size as u32 - 1)
            };
            let (sources, targets): (Vec<u32>, Vec<u32>) = match &left {
                [Some(pre), Some(post)] => pre.iter().zip(post).map(|(p, q)| (p.0, q.0)).unzip(),
                [Some(pre), None] => pre.iter().map(|p| (p.0, any(p, sizes[1]))).unzip(),
                [None, Some(post)] => post.iter().map(|q| (any(q, sizes[0]), q.0)).unzip(),
                [None, None] => return Ok(Vec::new()),
            };
            let probability = program.kernel.as_ref().map(|kernel| {
                let distances = if program.reads_distance {
                    sources.iter().zip(&targets).map(|(i, j)| distance(&axes, *i as usize, *j as usize)).collect()
                } else {
                    Vec::new()
                };
                around.of_pairs(kernel, Elements::Pairs(&sources, &targets, &[]), distances)
            });
            let mut connected = vec![false; sources.len()];
            for (k, (i, j)) in sources.iter().zip(&targets).enumerate() {
                if loops && i == j || self.is_dead(projection.pre, *i) || self.is_dead(projection.post, *j) {
                    continue;
                }
                let p = probability.as_ref().map_or(1.0, |p| p[k]);
                if p.is_nan() {
                    return Err(self.not_finite(rule, "grow kernel", *j as usize, p));
                }
                // With several elements the same two neurons may meet several times.
                let key = (u64::from(*i) << 32 | u64::from(*j)) ^ (k as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                connected[k] = p >= 1.0 || chance.uniform(key, step, round) < p;
            }
            if !projection.multapses {
                self.leave_out_present(&present, &sources, &targets, &mut connected);
            }
            for (k, (i, j)) in sources.iter().zip(&targets).enumerate().filter(|(k, _)| connected[*k]).collect::<Vec<_>>() {
                let taken = |which: u16| born.contains(&(*i, *j, which)) || projection.multapses && present.has((*i, *j, which));
                let free = |which: &u16| !taken(*which);
                let which = if projection.multapses { (0..u16::MAX).find(free) } else { Some(0).filter(free) };
                connected[k] = which.is_some_and(|which| born.insert((*i, *j, which)));
            }
            for list in left.iter_mut().flatten() {
                let mut k = 0;
                list.retain(|_| {
                    k += 1;
                    !connected.get(k - 1).copied().unwrap_or(false)
                });
            }
        }
        let mut pairs: Vec<Pair> = born.into_iter().collect();
        pairs.sort_unstable();
        Ok(pairs)
    }

    /// Takes back what would connect a pair that has a synapse. Parts look side by side, and along their rows, so that memory is read in order.
    fn leave_out_present(&mut self, present: &Present<'_>, sources: &[u32], targets: &[u32], connected: &mut [bool]) {
        let mut asked = vec![Vec::new(); self.workers.len()];
        for k in (0..sources.len()).filter(|k| connected[*k]) {
            asked[present.part(targets[k])].push((sources[k], targets[k], k));
        }
        let found = on_parts(&mut self.workers, asked, |_, mut asked| {
            asked.sort_unstable();
            asked.retain(|(i, j, _)| present.has((*i, *j, 0)));
            asked
        });
        found.iter().flatten().for_each(|(_, _, k)| connected[*k] = false);
    }

    /// What each part gets of the new synapses, with their first values.
    fn new_synapses(&mut self, rule: Rule<'_>, program: &GrowProgram, around: &Surroundings, pairs: &[Pair]) -> Result<Vec<Rewiring>, RunError> {
        let circuit = self.plan.circuit.clone();
        let projection = &circuit.network.projections[rule.projection];
        let slots = &circuit.projections[rule.projection];
        let size = circuit.network.populations[projection.post].size;
        let (seeds, shared, parts) = (self.seeds, self.scalars()[1][rule.projection].clone(), self.workers.len());
        let made = on_parts(&mut self.workers, vec![(); parts], |worker, ()| {
            let owned = worker.part.range(size);
            let mine: Vec<Pair> = pairs.iter().copied().filter(|p| owned.contains(&(p.1 as usize))).collect();
            let mut born = build_new_synapses(&circuit.network, rule.projection, &mine, seeds.seed, seeds.subject, rule.now as u64)?;
            let given = std::mem::take(&mut born.values);
            let (mut values, _) = first_values(&slots.slots, &slots.shared, born.post.len(), given);
            run_setup(&slots.setup, &mut values, &mut shared.clone(), circuit.network.dt_s);
            for (slot, values) in slots.slots.iter().zip(&mut values) {
                if slot.storage == Storage::Step {
                    values.fill(rule.now as f64);
                }
            }
            let sources: Vec<u32> = born.row.windows(2).enumerate().flat_map(|(i, row)| std::iter::repeat_n(i as u32, row[1] - row[0])).collect();
            around.run(&program.first, Elements::Pairs(&sources, &born.post, &born.multapse), &mut values);
            Ok(Rewiring { gone: Vec::new(), born, slots: values })
        });
        made.into_iter().collect::<Result<_, plastica_network::network::NetworkError>>().map_err(|e| RunError::NewSynapse(e.to_string()))
    }
}

/// A vacant element: its neuron, and which of the neuron's.
type Element = (u32, u32);

fn elements(numbers: &[u32]) -> Vec<Element> {
    numbers.iter().enumerate().flat_map(|(neuron, n)| (0..*n).map(move |k| (neuron as u32, k))).collect()
}

/// Every order is equally likely (Fisher and Yates).
fn shuffle(list: &mut [Element], stream: Stream, step: u64, round: u32) {
    for k in (1..list.len()).rev() {
        let other = ((stream.uniform(k as u64, step, round) * (k + 1) as f64) as usize).min(k);
        list.swap(k, other);
    }
}

/// The synapses that there are, by part.
struct Present<'a> {
    synapses: &'a [Synapses],
    /// End of each part's targets.
    bounds: Vec<u32>,
}

impl Present<'_> {
    fn part(&self, post: u32) -> usize {
        self.bounds.partition_point(|end| *end <= post)
    }

    fn has(&self, (pre, post, which): Pair) -> bool {
        let s = &self.synapses[self.part(post)];
        let row = s.row[pre as usize]..s.row[pre as usize + 1];
        let is_it = |k: usize| s.post[k] == post && s.multapse.get(k).copied().unwrap_or(0) == which;
        match s.axonal {
            // One delay for all: the row is in the order of its targets.
            Delays::Same(_) => {
                let first = row.start + s.post[row.clone()].partition_point(|j| *j < post);
                (first..row.end).take_while(|k| s.post[*k] == post).any(is_it)
            }
            Delays::Each(_) => row.into_iter().any(is_it),
        }
    }
}
