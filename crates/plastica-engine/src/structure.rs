//! Structural plasticity: which synapses go and come, between two steps.
//!
//! The rules of a projection run in the order of the text, `prune` before `grow`, each on what the one before has left.
//! A back end finds the synapses for which a condition holds, and moves its arrays; what is drawn is drawn here, over all parts,
//! so that it does not hang on their number. How elements meet stands in `docs/design/0007-structure.md`.

use std::collections::HashSet;

use plastica_kernel::interpret::run_setup;
use plastica_kernel::ir::{Computed, GrowProgram, PruneProgram, Storage};
use plastica_network::arrays::{Delays, Synapses};
use plastica_network::build::{Pair, build_both_positions, build_new_synapses};
use plastica_network::{distance, synapse_element};
use plastica_numerics::random::{Stream, stream_id};

use crate::backend::{Array, PopulationId, ProjectionId, Rewiring, Step};
use crate::drawn::first_values;
use crate::plan::{Plan, ProjectionDelays};
use crate::record::PartWatch;
use crate::simulation::{RunError, Simulation, SynapseList};
use crate::step::Worker;
use crate::surroundings::{Elements, Surroundings};

/// What the random numbers of a rule are for; each has a stream of its own.
#[derive(Clone, Copy)]
enum For {
    /// The fraction of a presynaptic neuron's elements.
    PreFraction,
    /// The fraction of a postsynaptic neuron's elements.
    PostFraction,
    /// The order of presynaptic elements, or of the synapses that a presynaptic neuron may lose.
    PreOrder,
    /// The order of postsynaptic elements, or of the synapses that a postsynaptic neuron may lose.
    PostOrder,
    /// The other neuron, where any may be met.
    Partner,
    /// Do two that have met connect?
    Kernel,
}

/// A rule of a projection.
#[derive(Clone, Copy)]
struct Rule<'a> {
    projection: usize,
    owner: &'a str,
    /// Its place among the rules of the projection.
    number: u32,
    now: Step,
}

/// Runs something for each part, side by side.
fn on_parts<A: Send, B: Send>(workers: &mut [Worker], inputs: Vec<A>, f: impl Fn(&mut Worker, A) -> B + Sync) -> Vec<B> {
    if let [worker] = workers {
        return inputs.into_iter().map(|input| f(worker, input)).collect();
    }
    std::thread::scope(|scope| {
        let f = &f;
        let handles: Vec<_> = workers.iter_mut().zip(inputs).map(|(worker, input)| scope.spawn(move || f(worker, input))).collect();
        handles.into_iter().map(|h| h.join().expect("a part does not panic")).collect()
    })
}

impl Simulation {
    /// The first step from `from` on before which synapses may come or go.
    pub(crate) fn next_rewiring(&self, from: Step) -> Option<Step> {
        self.next_rewiring_of(from, 1)
    }

    /// The same, of rules with a period of at least so many steps.
    pub(crate) fn next_rewiring_of(&self, from: Step, least: u64) -> Option<Step> {
        let programs = self.plan.circuit.projections.iter().zip(&self.workers[0].frozen).filter(|(_, frozen)| !**frozen);
        let periods = programs.flat_map(|(p, _)| p.prune.iter().map(|r| r.every).chain(p.grow.iter().map(|r| r.every)));
        periods.filter(|every| *every >= least).map(|every| (from.max(1) as u64).next_multiple_of(every) as Step).min()
    }

    /// Lets synapses go and come before the step `now`.
    pub(crate) fn restructure(&mut self, now: Step) -> Result<(), RunError> {
        let circuit = self.plan.circuit.clone();
        self.publish_for_conditions();
        for (projection, program) in circuit.projections.iter().enumerate() {
            if self.workers[0].frozen[projection] {
                continue;
            }
            let owner = format!("{} structure", circuit.network.projections[projection].name);
            let rule = |number: usize| Rule { projection, owner: &owner, number: number as u32, now };
            for (k, prune) in program.prune.iter().enumerate().filter(|(_, r)| now % r.every as Step == 0) {
                self.prune(rule(k), k, prune)?;
            }
            for (k, grow) in program.grow.iter().enumerate().filter(|(_, r)| now % r.every as Step == 0) {
                self.grow(rule(program.prune.len() + k), grow)?;
            }
        }
        Ok(())
    }

    /// Tells all parts what conditions read of presynaptic neurons.
    fn publish_for_conditions(&mut self) {
        let slots = &self.plan.read_to_prune;
        if slots.iter().all(Vec::is_empty) {
            return;
        }
        let values: Vec<_> = self.workers.iter_mut().flat_map(|w| w.published_of(slots)).collect();
        for worker in &mut self.workers {
            for (population, slot, first, values) in &values {
                worker.backend.receive(PopulationId(*population), *slot, *first, values);
            }
        }
    }

    fn prune(&mut self, rule: Rule<'_>, index: usize, program: &PruneProgram) -> Result<(), RunError> {
        let id = ProjectionId(rule.projection);
        let parts = self.workers.len();
        let mut doomed =
            program.condition.is_some().then(|| on_parts(&mut self.workers, vec![(); parts], |worker, ()| worker.backend.doomed(id, index, rule.now)));
        if program.pre.is_some() || program.post.is_some() {
            doomed = Some(self.chosen(rule, program, doomed)?);
        }
        let changes = doomed.into_iter().flatten().map(|gone| Rewiring { gone, ..Rewiring::default() }).collect();
        self.rewire(rule.projection, changes);
        Ok(())
    }

    /// Of the synapses that may go (all when `None`), those that the numbers of neurons ask for, drawn at random.
    fn chosen(&mut self, rule: Rule<'_>, program: &PruneProgram, may: Option<Vec<Vec<u32>>>) -> Result<Vec<Vec<u32>>, RunError> {
        let around = self.surroundings(rule.projection, [&program.pre, &program.post]);
        let pre = self.numbers(rule, &around, program.pre.as_ref(), true)?.unwrap_or_default();
        let post = self.numbers(rule, &around, program.post.as_ref(), false)?.unwrap_or_default();
        let asked = |list: &[u32], neuron: u32| list.get(neuron as usize).is_some_and(|n| *n > 0);
        let (pre_order, post_order) = (self.stream(rule, For::PreOrder), self.stream(rule, For::PostOrder));
        let mut gone = vec![Vec::new(); self.workers.len()];
        // Neuron, random order, the other neuron, which of several; then part and place.
        let mut of_pre: Vec<((u32, f64, u32, u16), (usize, u32))> = Vec::new();
        for (part, worker) in self.workers.iter().enumerate() {
            let synapses = worker.backend.synapses(ProjectionId(rule.projection));
            let all: Vec<u32>;
            let list = match &may {
                Some(may) => &may[part],
                None => {
                    all = (0..synapses.post.len() as u32).collect();
                    &all
                }
            };
            let mut of_post: Vec<((u32, f64, u32, u16), u32)> = Vec::new();
            let mut source = 0;
            for place in list {
                while synapses.row[source + 1] <= *place as usize {
                    source += 1;
                }
                let (i, j) = (source as u32, synapses.post[*place as usize]);
                let which = synapses.multapse.get(*place as usize).copied().unwrap_or(0);
                let key = synapse_element(i, j, which);
                if asked(&pre, i) {
                    of_pre.push(((i, pre_order.uniform(key, rule.now as u64, 0), j, which), (part, *place)));
                }
                if asked(&post, j) {
                    of_post.push(((j, post_order.uniform(key, rule.now as u64, 0), i, which), *place));
                }
            }
            first_of_each(&mut of_post, &post, |place| gone[part].push(*place));
        }
        first_of_each(&mut of_pre, &pre, |(part, place)| gone[*part].push(*place));
        for list in &mut gone {
            list.sort_unstable();
            list.dedup();
        }
        Ok(gone)
    }

    fn grow(&mut self, rule: Rule<'_>, program: &GrowProgram) -> Result<(), RunError> {
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
                let free = |which: &u16| !born.contains(&(*i, *j, *which)) && !(projection.multapses && present.has((*i, *j, *which)));
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

    /// Puts other synapses (in public order) in the place of all that there are, with no values yet.
    ///
    /// # Errors
    /// [`RunError::OtherCircuit`] when a neuron or a delay does not exist here, or the order is another one.
    pub(crate) fn replace_synapses(&mut self, projection: usize, list: &SynapseList, delays: &ProjectionDelays) -> Result<(), RunError> {
        let circuit = self.plan.circuit.clone();
        let ends = &circuit.network.projections[projection];
        let [n_pre, n_post] = [ends.pre, ends.post].map(|p| circuit.network.populations[p].size);
        let key = |k: usize| (list.pre[k], list.axonal[k], list.post[k], list.which[k]);
        let known = |k: usize| {
            let exist = (list.pre[k] as usize) < n_pre && (list.post[k] as usize) < n_post;
            exist && delays.axonal.contains(&list.axonal[k]) && delays.dendritic.contains(&list.dendritic[k])
        };
        if !(0..list.pre.len()).all(known) || !(1..list.pre.len()).all(|k| key(k - 1) < key(k)) {
            return Err(RunError::OtherCircuit(format!("the synapses of projection `{}` are not such as it can have", ends.name)));
        }
        self.delays[projection].axonal.extend(&delays.axonal);
        self.delays[projection].dendritic.extend(&delays.dendritic);
        self.follow_delays();
        let n_slots = circuit.projections[projection].slots.len();
        let several = list.which.iter().any(|w| *w > 0);
        let changes = self.workers.iter().map(|worker| {
            let old = worker.backend.synapses(ProjectionId(projection));
            let owned = worker.part.range(n_post);
            let mine: Vec<usize> = (0..list.pre.len()).filter(|k| owned.contains(&(list.post[*k] as usize))).collect();
            let of = |from: &[u32]| mine.iter().map(|k| from[*k]).collect::<Vec<u32>>();
            let delays = |old: &Delays, from: &[u32]| if let Delays::Same(d) = old { Delays::Same(*d) } else { Delays::Each(of(from)) };
            let mut born = Synapses { row: vec![0; n_pre + 1], post: of(&list.post), ..Synapses::default() };
            mine.iter().for_each(|k| born.row[list.pre[*k] as usize + 1] += 1);
            (0..n_pre).for_each(|i| born.row[i + 1] += born.row[i]);
            (born.axonal, born.dendritic) = (delays(&old.axonal, &list.axonal), delays(&old.dendritic, &list.dendritic));
            if several || !old.multapse.is_empty() {
                born.multapse = mine.iter().map(|k| list.which[*k]).collect();
            }
            Rewiring { gone: (0..old.post.len() as u32).collect(), slots: vec![vec![0.0; mine.len()]; n_slots], born }
        });
        let changes = changes.collect();
        self.rewire(projection, changes);
        Ok(())
    }

    /// Moves the arrays of all parts, and tells everybody who must know.
    pub(crate) fn rewire(&mut self, projection: usize, changes: Vec<Rewiring>) {
        if changes.iter().all(|c| c.gone.is_empty() && c.born.post.is_empty()) {
            return;
        }
        for change in changes.iter().filter(|c| !c.born.post.is_empty()) {
            self.delays[projection].gather(&change.born);
        }
        self.follow_delays();
        let now = self.now();
        on_parts(&mut self.workers, changes, |worker, change| {
            let turnover = &mut worker.turnover[projection];
            let (gone, born) = (change.gone.len() as u64, change.born.post.len() as u64);
            (turnover.pruned, turnover.grown) = (turnover.pruned + gone, turnover.grown + born);
            turnover.synapses = turnover.synapses + born - gone;
            if gone + born > 0 {
                worker.backend.rewire(ProjectionId(projection), &change, now);
            }
        });
        self.topology[projection].changed(self.workers.iter().map(|w| w.turnover[projection].synapses as usize).collect());
        self.count_degrees(projection);
        self.find_watched(projection);
    }

    /// Makes a new plan, if there are delays that the present one does not know.
    fn follow_delays(&mut self) {
        if self.delays != self.plan.delays {
            let plan = std::sync::Arc::new(Plan::new(self.plan.circuit.clone(), &self.delays));
            self.workers.iter_mut().for_each(|w| w.set_plan(plan.clone()));
            self.plan = plan;
        }
    }

    /// Counts the synapses of each neuron, if the model reads them.
    pub(crate) fn count_degrees(&mut self, projection: usize) {
        let circuit = self.plan.circuit.clone();
        let program = &circuit.projections[projection];
        if program.out_degree.is_none() && program.in_degree.is_none() {
            return;
        }
        let ends = &circuit.network.projections[projection];
        let [n_pre, n_post] = [ends.pre, ends.post].map(|p| circuit.network.populations[p].size);
        let id = ProjectionId(projection);
        let mut out = vec![0.0; n_pre];
        for worker in &mut self.workers {
            let synapses = worker.backend.synapses(id);
            out.iter_mut().zip(synapses.row.windows(2)).for_each(|(n, row)| *n += (row[1] - row[0]) as f64);
            if let Some(slot) = program.in_degree {
                let owned = worker.part.range(n_post);
                let mut degree = vec![0.0; owned.len()];
                synapses.post.iter().for_each(|j| degree[*j as usize - owned.start] += 1.0);
                worker.backend.write(Array::Columns(id, slot), &degree, worker.now);
            }
        }
        if let Some(slot) = program.out_degree {
            self.workers.iter_mut().for_each(|w| w.backend.write(Array::Rows(id, slot), &out, w.now));
        }
    }

    /// Finds the recorded synapses of a projection again.
    fn find_watched(&mut self, projection: usize) {
        let is_watched = |watch: &PartWatch| matches!(watch, PartWatch::Synapses { projection: p, .. } if *p == projection);
        if !self.workers.iter().any(|w| w.watches.iter().any(is_watched)) {
            return;
        }
        let topology = &self.topology[projection];
        topology.look(&self.workers);
        for (part, worker) in self.workers.iter_mut().enumerate() {
            for watch in worker.watches.iter_mut().filter(|w| is_watched(w)) {
                if let PartWatch::Synapses { list, pre, post, which, .. } = watch {
                    list.iter_mut().enumerate().for_each(|(k, place)| *place = topology.place(part, (pre[k], post[k], which[k])));
                }
            }
        }
    }

    fn stream(&self, rule: Rule<'_>, what: For) -> Stream {
        Stream::new(self.seeds.seed, self.seeds.subject, stream_id(rule.owner, 16 * rule.number + what as u32))
    }

    fn surroundings<const N: usize>(&mut self, projection: usize, computed: [&Option<Computed>; N]) -> Surroundings {
        let kernels: Vec<_> = computed.into_iter().flatten().map(|c| &c.kernel).collect();
        Surroundings::gather(&mut self.workers, self.seeds, projection, &kernels)
    }

    /// A number for each neuron of a side: whole, the fraction being the probability of one more; none below zero.
    fn numbers(&self, rule: Rule<'_>, around: &Surroundings, computed: Option<&Computed>, of_pre: bool) -> Result<Option<Vec<u32>>, RunError> {
        let Some(computed) = computed else { return Ok(None) };
        let network = &self.plan.circuit.network;
        let ends = &network.projections[rule.projection];
        let [size, other] = if of_pre { [ends.pre, ends.post] } else { [ends.post, ends.pre] }.map(|p| network.populations[p].size);
        let stream = self.stream(rule, if of_pre { For::PreFraction } else { For::PostFraction });
        let values = around.values(computed, Elements::Neurons(size));
        if let Some(neuron) = values.iter().position(|x| !x.is_finite()) {
            return Err(self.not_finite(rule, &computed.kernel.name, neuron, values[neuron]));
        }
        let population = if of_pre { ends.pre } else { ends.post };
        let number = |(neuron, x): (usize, &f64)| {
            if self.is_dead(population, neuron as u32) {
                return 0;
            }
            let whole = x.max(0.0).floor();
            // Nobody can connect with more neurons at once than there are.
            (whole + f64::from(u8::from(stream.uniform(neuron as u64, rule.now as u64, 0) < x.max(0.0) - whole))).min(other as f64) as u32
        };
        Ok(Some(values.iter().enumerate().map(number).collect()))
    }

    fn not_finite(&self, rule: Rule<'_>, variable: &str, element: usize, value: f64) -> RunError {
        let network = &self.plan.circuit.network;
        let owner = format!("projection `{}`", network.projections[rule.projection].name);
        RunError::NotFinite { owner, variable: variable.into(), element, value, time_s: rule.now as f64 * network.dt_s }
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

/// Calls `f` for the first so many of each neuron, in their random order.
fn first_of_each<T: Copy>(list: &mut [((u32, f64, u32, u16), T)], numbers: &[u32], mut f: impl FnMut(&T)) {
    list.sort_unstable_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
    for of_neuron in list.chunk_by(|(a, _), (b, _)| a.0 == b.0) {
        of_neuron.iter().take(numbers[of_neuron[0].0.0 as usize] as usize).for_each(|(_, what)| f(what));
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
