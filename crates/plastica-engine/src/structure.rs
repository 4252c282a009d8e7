//! Structural plasticity: which synapses go and come, between two steps.
//!
//! The rules of a projection run in the order of the text, `prune` before `grow`, each on what the one before has left.
//! A back end finds the synapses for which a condition holds, and moves its arrays; what is drawn is drawn here, over all parts,
//! so that it does not hang on their number. How elements meet stands in `docs/design/0007-structure.md`.

use plastica_kernel::ir::{Computed, PruneProgram};
use plastica_network::arrays::{Delays, Synapses};
use plastica_network::synapse_element;
use plastica_numerics::random::{Stream, stream_id};

use crate::backend::{Array, PopulationId, ProjectionId, Rewiring, Step};
use crate::plan::{Plan, ProjectionDelays};
use crate::record::PartWatch;
use crate::simulation::{RunError, Simulation, SynapseList};
use crate::step::Worker;
use crate::surroundings::{Elements, Surroundings};

/// What the random numbers of a rule are for; each has a stream of its own.
#[derive(Clone, Copy)]
pub(crate) enum For {
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
pub(crate) struct Rule<'a> {
    /// Index of the projection.
    pub projection: usize,
    owner: &'a str,
    /// Its place among the rules of the projection.
    number: u32,
    /// The step before which it is followed.
    pub now: Step,
}

/// Runs something for each part, side by side.
pub(crate) fn on_parts<A: Send, B: Send>(workers: &mut [Worker], inputs: Vec<A>, f: impl Fn(&mut Worker, A) -> B + Sync) -> Vec<B> {
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
    /// Has a projection rules by which synapses come or go?
    pub fn can_rewire(&self, projection: usize) -> bool {
        let program = &self.plan.circuit.projections[projection];
        !program.prune.is_empty() || !program.grow.is_empty()
    }

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
        let mut of_pre: Vec<(Order, (usize, u32))> = Vec::new();
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
            let mut of_post: Vec<(Order, u32)> = Vec::new();
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

    /// Counts the synapses of each neuron, if the model reads them or variables of the neurons hold them.
    pub(crate) fn count_degrees(&mut self, projection: usize) {
        let circuit = self.plan.circuit.clone();
        let program = &circuit.projections[projection];
        let ends = &circuit.network.projections[projection];
        if program.out_degree.is_none() && program.in_degree.is_none() && ends.degrees == [None, None] {
            return;
        }
        let [n_pre, n_post] = [ends.pre, ends.post].map(|p| circuit.network.populations[p].size);
        let id = ProjectionId(projection);
        let (mut out, mut incoming) = (vec![0.0; n_pre], vec![0.0; n_post]);
        for worker in &mut self.workers {
            let synapses = worker.backend.synapses(id);
            out.iter_mut().zip(synapses.row.windows(2)).for_each(|(n, row)| *n += (row[1] - row[0]) as f64);
            synapses.post.iter().for_each(|j| incoming[*j as usize] += 1.0);
        }
        for worker in &mut self.workers {
            if let Some(slot) = program.in_degree {
                worker.backend.write(Array::Columns(id, slot), &incoming[worker.part.range(n_post)], worker.now);
            }
            if let Some(slot) = program.out_degree {
                worker.backend.write(Array::Rows(id, slot), &out, worker.now);
            }
        }
        self.degrees[projection] = [out, incoming];
        for (population, variable) in [ends.pre, ends.post].into_iter().zip(&ends.degrees) {
            if let Some(variable) = variable {
                self.hold_degrees(population, variable);
            }
        }
    }

    /// Sets a variable of neurons to their synapses in all projections that count in it.
    fn hold_degrees(&mut self, population: usize, variable: &str) {
        let circuit = self.plan.circuit.clone();
        let size = circuit.network.populations[population].size;
        let mut sum = vec![0.0; size];
        for (projection, degrees) in circuit.network.projections.iter().zip(&self.degrees) {
            for ((end, name), degrees) in [projection.pre, projection.post].into_iter().zip(&projection.degrees).zip(degrees) {
                if end == population && name.as_deref() == Some(variable) {
                    sum.iter_mut().zip(degrees).for_each(|(sum, n)| *sum += n);
                }
            }
        }
        let slots = &circuit.populations[population].slots;
        let Some(slot) = slots.iter().position(|s| s.visible && s.name == variable) else { return };
        for worker in &mut self.workers {
            worker.backend.write(Array::Neurons(PopulationId(population), slot as u32), &sum[worker.part.range(size)], worker.now);
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

    pub(crate) fn stream(&self, rule: Rule<'_>, what: For) -> Stream {
        Stream::new(self.seeds.seed, self.seeds.subject, stream_id(rule.owner, 16 * rule.number + what as u32))
    }

    fn surroundings<const N: usize>(&mut self, projection: usize, computed: [&Option<Computed>; N]) -> Surroundings {
        let kernels: Vec<_> = computed.into_iter().flatten().map(|c| &c.kernel).collect();
        Surroundings::gather(&mut self.workers, self.seeds, projection, &kernels)
    }

    /// A number for each neuron of a side: whole, the fraction being the probability of one more; none below zero.
    pub(crate) fn numbers(&self, rule: Rule<'_>, around: &Surroundings, computed: Option<&Computed>, of_pre: bool) -> Result<Option<Vec<u32>>, RunError> {
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

    pub(crate) fn not_finite(&self, rule: Rule<'_>, variable: &str, element: usize, value: f64) -> RunError {
        let network = &self.plan.circuit.network;
        let owner = format!("projection `{}`", network.projections[rule.projection].name);
        RunError::NotFinite { owner, variable: variable.into(), element, value, time_s: rule.now as f64 * network.dt_s }
    }
}

/// A neuron, the random place of one of its synapses, then the neuron on the other side and which of several.
type Order = (u32, f64, u32, u16);

/// Calls `f` for the first so many of each neuron, in their random order.
fn first_of_each<T: Copy>(list: &mut [(Order, T)], numbers: &[u32], mut f: impl FnMut(&T)) {
    list.sort_unstable_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
    for of_neuron in list.chunk_by(|(a, _), (b, _)| a.0 == b.0) {
        of_neuron.iter().take(numbers[of_neuron[0].0.0 as usize] as usize).for_each(|(_, what)| f(what));
    }
}
