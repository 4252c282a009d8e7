//! A running circuit, as the facade sees it: build, watch, advance, look, change, save.

use std::sync::Arc;

use plastica_kernel::interpret::run_setup;
use plastica_kernel::ir::{Place, Setup, Slot};
use plastica_network::arrays::Part;
use plastica_network::network::NetworkError;

use crate::backend::{Array, Backend, PopulationId, ProjectionId, Seeds, Step};
use crate::circuit::Circuit;
use crate::drawn::{Drawn, draw};
use crate::exchange::{Alone, Exchange, Threads};
use crate::plan::{Plan, ProjectionDelays};
use crate::record::{Found, PartWatch, What};
use crate::step::Worker;
use crate::topology::Topology;

/// Makes the back end of one part.
pub type MakeBackend = Arc<dyn Fn() -> Box<dyn Backend> + Send + Sync>;

/// What is to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum Watch {
    /// Spikes of some neurons (all when `None`), index in the population, ascending.
    Spikes {
        /// Index of the population.
        population: usize,
        /// Which neurons.
        neurons: Option<Vec<u32>>,
    },
    /// A variable of some neurons at an interval, sampled at the start of a step.
    Neurons {
        /// Index of the population.
        population: usize,
        /// Name of the variable.
        variable: String,
        /// Which neurons.
        neurons: Option<Vec<u32>>,
        /// Interval in steps.
        every: u64,
    },
    /// A variable of some synapses (places in the order of [`Simulation::synapses`]) at an interval.
    Synapses {
        /// Index of the projection.
        projection: usize,
        /// Name of the variable.
        variable: String,
        /// Which synapses.
        synapses: Option<Vec<u64>>,
        /// Interval in steps; `None`: whenever it has changed in a step.
        every: Option<u64>,
    },
    /// Number of spikes of a population in bins of so many steps.
    Rate {
        /// Index of the population.
        population: usize,
        /// Steps in a bin.
        bin: u64,
    },
    /// How many synapses a projection has, or has grown or lost since the start, at an interval.
    Turnover {
        /// Index of the projection.
        projection: usize,
        /// What is counted.
        what: Counted,
        /// Interval in steps.
        every: u64,
    },
}

/// What is counted of the synapses of a projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Those that there are.
    Synapses,
    /// Those that have grown since the start.
    Grown,
    /// Those that have been pruned since the start.
    Pruned,
}

impl Counted {
    /// All, with the words for them.
    pub const WORDS: [(&'static str, Counted); 3] = [("synapses", Counted::Synapses), ("grown", Counted::Grown), ("pruned", Counted::Pruned)];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::WORDS.into_iter().find(|(_, what)| *what == self).map_or("", |(word, _)| word)
    }
}

/// Takes what is recorded, in order of step for each watch.
pub trait Sink {
    /// Spikes of one step (neurons ascending).
    fn spikes(&mut self, watch: usize, step: Step, neurons: &[u32]);
    /// Values of all watched neurons or synapses at the start of a step.
    fn samples(&mut self, watch: usize, step: Step, values: &[f64]);
    /// Synapses that changed in a step: places in the watch's list, new values.
    fn changes(&mut self, watch: usize, step: Step, places: &[u32], values: &[f64]);
    /// Spikes counted from `step` on for one bin (the last one may be cut short by [`Simulation::close`]), or synapses at the start of a step.
    fn count(&mut self, watch: usize, step: Step, spikes: u64);
}

/// Drops everything.
pub struct NoSink;

impl Sink for NoSink {
    fn spikes(&mut self, _: usize, _: Step, _: &[u32]) {}
    fn samples(&mut self, _: usize, _: Step, _: &[f64]) {}
    fn changes(&mut self, _: usize, _: Step, _: &[u32], _: &[f64]) {}
    fn count(&mut self, _: usize, _: Step, _: u64) {}
}

/// Whose value is read or set.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// A variable or parameter of a population: one value for each neuron (or one, if it is shared).
    Population(usize, String),
    /// A variable or parameter of a projection: one value for each synapse in the order of [`Simulation::synapses`] (or one, if it is shared).
    Projection(usize, String),
}

/// The synapses of a projection in their public order: by source, then axonal delay, then target, then which of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SynapseList {
    /// Presynaptic neuron, `[n_synapses]`.
    pub pre: Vec<u32>,
    /// Postsynaptic neuron, `[n_synapses]`.
    pub post: Vec<u32>,
    /// Which of several synapses of the pair, `[n_synapses]`.
    pub which: Vec<u16>,
    /// Axonal delay in steps, `[n_synapses]`.
    pub axonal: Vec<u32>,
    /// Dendritic delay in steps, `[n_synapses]`.
    pub dendritic: Vec<u32>,
}

/// Why a run stopped.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// A value is not a number, or infinite.
    #[error("{owner}: `{variable}` of element {element} is {value} after {time_s} s")]
    NotFinite {
        /// Population or projection.
        owner: String,
        /// Variable.
        variable: String,
        /// Neuron, or place in the list of synapses.
        element: usize,
        /// The value.
        value: f64,
        /// When it was found.
        time_s: f64,
    },
    /// A projection that has no slow clock.
    #[error(
        "projection `{projection}`: {variables} is advanced at every step, so that time cannot be skipped; make it (event-driven), freeze the projection, or run the stretch"
    )]
    NoSlowClock {
        /// The projection.
        projection: String,
        /// Its variables that are advanced at every step.
        variables: String,
    },
    /// Steps are counted exactly up to 2^53.
    #[error("{0} s is too far ahead: steps are counted up to 2^53")]
    TooFar(f64),
    /// A lesion by a mark that there is not.
    #[error("population `{population}` has no variable or parameter `{variable}` by which neurons could be lost")]
    NoVariable {
        /// The population.
        population: String,
        /// The mark.
        variable: String,
    },
    /// A new synapse with a delay or a value that cannot be used.
    #[error("a new synapse: {0}")]
    NewSynapse(String),
    /// A checkpoint that does not belong to this circuit.
    #[error("this checkpoint is of another circuit: {0}")]
    OtherCircuit(String),
}

/// The complete state of a run: arrays in public order by name, spikes under way, random state is none (it is a function of the step).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkpoint {
    /// Step at whose start it was taken.
    pub step: Step,
    /// Named arrays: what the numbers mean is the engine's business; all are needed to go on.
    pub arrays: Vec<(String, Vec<f64>)>,
}

/// A running circuit.
pub struct Simulation {
    pub(crate) plan: Arc<Plan>,
    pub(crate) workers: Vec<Worker>,
    /// The synapses of each projection, over all parts.
    pub(crate) topology: Vec<Topology>,
    /// The delays that synapses of each projection have had so far.
    pub(crate) delays: Vec<ProjectionDelays>,
    pub(crate) seeds: Seeds,
    /// Numbers of synapses of the presynaptic and postsynaptic neurons of each projection, where somebody asks for them.
    pub(crate) degrees: Vec<[Vec<f64>; 2]>,
    watches: Vec<Watch>,
    /// Scalars of each population and projection, in full precision: what derived values are worked out from.
    population_shared: Vec<Vec<f64>>,
    projection_shared: Vec<Vec<f64>>,
    /// Steps since values that are not finite were looked for.
    unscanned: u64,
}

/// A closed loop advances by single steps; values that are not finite are then looked for once in so many of them.
const SCAN_STEPS: u64 = 1000;

impl Simulation {
    /// Draws the network and gives its parts to back ends, one for each thread.
    ///
    /// # Errors
    /// What was drawn cannot be used (a negative delay, a value that is not finite), at its place in the text.
    pub fn build(circuit: Arc<Circuit>, seeds: Seeds, threads: usize, make: MakeBackend) -> Result<Simulation, NetworkError> {
        let of = threads.max(1);
        let mut drawn = Vec::new();
        let parts: Vec<Part> = (0..of).map(|index| Part { index, of }).collect();
        std::thread::scope(|scope| {
            let handles: Vec<_> = parts.iter().map(|part| scope.spawn(|| draw(&circuit, seeds, *part, &make))).collect();
            drawn.extend(handles.into_iter().map(|h| h.join().expect("building a part does not panic")));
        });
        let drawn: Vec<Drawn> = drawn.into_iter().collect::<Result<_, _>>()?;
        let mut delays = vec![ProjectionDelays::default(); circuit.network.projections.len()];
        let mut topology = Vec::new();
        for (k, delays) in delays.iter_mut().enumerate() {
            for d in &drawn {
                delays.axonal.extend(&d.synapses[k].1.axonal);
                delays.dendritic.extend(&d.synapses[k].1.dendritic);
            }
            let pre_size = circuit.network.populations[circuit.network.projections[k].pre].size;
            topology.push(Topology::new(k, pre_size, drawn.iter().map(|d| d.synapses[k].0).collect()));
        }
        let (population_shared, projection_shared) = drawn.first().map(|d| (d.population_shared.clone(), d.projection_shared.clone())).unwrap_or_default();
        let plan = Arc::new(Plan::new(circuit, &delays));
        let mut workers = Vec::new();
        for (part, drawn) in parts.into_iter().zip(drawn) {
            let counts: Vec<usize> = drawn.synapses.iter().map(|s| s.0).collect();
            workers.push(Worker::new(plan.clone(), part, drawn.backend, drawn.resting, &counts));
        }
        let degrees = vec![Default::default(); topology.len()];
        let (watches, unscanned) = (Vec::new(), 0);
        let mut simulation = Simulation { plan, workers, topology, delays, seeds, degrees, watches, population_shared, projection_shared, unscanned };
        (0..simulation.topology.len()).for_each(|k| simulation.count_degrees(k));
        Ok(simulation)
    }

    /// The step that comes next; time is `now * dt`.
    pub fn now(&self) -> Step {
        self.workers[0].now
    }

    /// The circuit.
    pub fn circuit(&self) -> &Circuit {
        &self.plan.circuit
    }

    /// Records something from now on; watches are numbered from 0 in order.
    ///
    /// `None` when there is no such variable, or when what decays by itself is to be recorded whenever it changes.
    pub fn watch(&mut self, watch: Watch) -> Option<usize> {
        let number = self.watches.len();
        let mut shares = Vec::new();
        for index in 0..self.workers.len() {
            shares.push(self.share(&watch, index)?);
        }
        for (worker, share) in self.workers.iter_mut().zip(shares) {
            worker.watches.push(share);
            if let PartWatch::Synapses { every: None, .. } = &worker.watches[number] {
                let first = worker.values(number);
                if let PartWatch::Synapses { last, .. } = &mut worker.watches[number] {
                    *last = first;
                }
            }
        }
        self.watches.push(watch);
        Some(number)
    }

    fn share(&self, watch: &Watch, index: usize) -> Option<PartWatch> {
        let network = &self.plan.circuit.network;
        let part = self.workers[index].part;
        Some(match watch {
            Watch::Spikes { population, neurons } => {
                let owned = part.range(network.populations[*population].size);
                let only = neurons.as_ref().map(|list| list.iter().copied().filter(|n| owned.contains(&(*n as usize))).collect());
                PartWatch::Spikes { population: *population, only }
            }
            Watch::Neurons { population, variable, neurons, every } => {
                let size = network.populations[*population].size;
                let owned = part.range(size);
                let found = self.find(&Quantity::Population(*population, variable.clone()))?;
                let all: Vec<u32> = neurons.clone().unwrap_or_else(|| (0..size as u32).collect());
                let mine: Vec<(u32, u32)> = all.iter().enumerate().filter(|(_, n)| owned.contains(&(**n as usize))).map(|(k, n)| (*n, k as u32)).collect();
                PartWatch::Neurons {
                    population: *population,
                    found,
                    neurons: mine.iter().map(|m| m.0).collect(),
                    places: mine.iter().map(|m| m.1).collect(),
                    every: (*every).max(1),
                }
            }
            Watch::Synapses { projection, variable, synapses, every } => {
                let found = self.find(&Quantity::Projection(*projection, variable.clone()))?;
                if every.is_none() && matches!(found, Found::View(_)) {
                    return None;
                }
                let topology = self.topology[*projection].look(&self.workers);
                let mine = topology.share(index, synapses.as_deref());
                let list: Vec<u32> = mine.iter().map(|m| m.0).collect();
                let (pre, post) = topology.ends(index, &list);
                let which = topology.which(index, &list);
                PartWatch::Synapses {
                    projection: *projection,
                    found,
                    list: list.into_iter().map(Some).collect(),
                    pre,
                    post,
                    which,
                    places: mine.iter().map(|m| m.1).collect(),
                    every: every.map(|e| e.max(1)),
                    last: Vec::new(),
                }
            }
            Watch::Turnover { projection, what, every } => PartWatch::Turnover { projection: *projection, what: *what, every: (*every).max(1) },
            Watch::Rate { population, bin } => PartWatch::Rate { population: *population, bin: (*bin).max(1), from: self.now(), count: 0 },
        })
    }

    /// Runs so many steps, and hands over what was recorded.
    ///
    /// # Errors
    /// A value that is not finite; what was recorded until then has been handed over. A call of several steps looks for such
    /// values at its end, single steps do so once in a thousand, so that a closed loop is not slowed down; see [`Simulation::scan`].
    pub fn advance(&mut self, steps: u64, sink: &mut dyn Sink) -> Result<(), RunError> {
        let end = self.now() + steps as Step;
        while self.now() < end {
            let now = self.now();
            if self.next_rewiring(now) == Some(now) {
                self.workers.iter_mut().for_each(Worker::open);
                self.restructure(now)?;
            }
            let next = self.next_rewiring(now + 1).unwrap_or(end).min(end);
            self.step_to(next);
        }
        self.hand_over(sink);
        self.unscanned += steps;
        if steps == 1 && self.unscanned < SCAN_STEPS { Ok(()) } else { self.scan() }
    }

    /// Steps all parts; no synapse comes or goes on the way.
    fn step_to(&mut self, end: Step) {
        let steps = (end - self.now()) as u64;
        if let [worker] = &mut self.workers[..] {
            worker.run(steps, &mut Alone);
        } else {
            let ends = Threads::new(self.workers.len());
            std::thread::scope(|scope| {
                for (worker, mut end) in self.workers.iter_mut().zip(ends) {
                    scope.spawn(move || worker.run(steps, &mut end as &mut dyn Exchange));
                }
            });
        }
    }

    /// Hands over the bins that are still open, at the end of a run.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn close(&mut self, sink: &mut dyn Sink) -> Result<(), RunError> {
        for worker in &mut self.workers {
            (0..worker.watches.len()).for_each(|w| worker.close_bin(w));
        }
        self.hand_over(sink);
        self.scan()
    }

    /// Joins what the parts have recorded.
    fn hand_over(&mut self, sink: &mut dyn Sink) {
        if self.workers.iter().all(|w| w.recorded.is_empty()) {
            return;
        }
        let mut parts: Vec<Vec<_>> = self.workers.iter_mut().map(|w| std::mem::take(&mut w.recorded)).collect();
        let mut all: Vec<(usize, Step, usize, What)> = Vec::new();
        for (index, list) in parts.iter_mut().enumerate() {
            all.extend(list.drain(..).map(|r| (r.watch, r.step, index, r.what)));
        }
        let key = |(watch, step, index, _): &(usize, Step, usize, What)| (*step, *watch, *index);
        // What one part records is nearly always in order already.
        if !all.is_sorted_by_key(key) {
            all.sort_by_key(key);
        }
        let mut neurons = Vec::new();
        for group in all.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let (watch, step) = (group[0].0, group[0].1);
            match &group[0].3 {
                What::Spikes(_) => {
                    neurons.clear();
                    for (_, _, index, what) in group {
                        if let What::Spikes(range) = what {
                            neurons.extend(&self.workers[*index].spiked[range.clone()]);
                        }
                    }
                    sink.spikes(watch, step, &neurons);
                }
                What::Samples(_) => {
                    let mut values = vec![f64::NAN; group.iter().map(|g| if let What::Samples(v) = &g.3 { v.len() } else { 0 }).sum()];
                    for (_, _, index, what) in group {
                        let places = match &self.workers[*index].watches[watch] {
                            PartWatch::Neurons { places, .. } | PartWatch::Synapses { places, .. } => places,
                            _ => continue,
                        };
                        if let What::Samples(v) = what {
                            places.iter().zip(v).for_each(|(p, v)| values[*p as usize] = *v);
                        }
                    }
                    sink.samples(watch, step, &values);
                }
                What::Changes(..) => {
                    let mut changes: Vec<(u32, f64)> = Vec::new();
                    for g in group {
                        if let What::Changes(places, values) = &g.3 {
                            changes.extend(places.iter().copied().zip(values.iter().copied()));
                        }
                    }
                    changes.sort_by_key(|c| c.0);
                    let (places, values): (Vec<u32>, Vec<f64>) = changes.into_iter().unzip();
                    sink.changes(watch, step, &places, &values);
                }
                What::Count(_) => sink.count(watch, step, group.iter().map(|g| if let What::Count(n) = &g.3 { *n } else { 0 }).sum()),
            }
        }
        self.workers.iter_mut().for_each(|w| w.spiked.clear());
    }

    /// Looks for values that are not finite, before a state is saved, say.
    ///
    /// # Errors
    /// The first that is found.
    pub fn scan(&mut self) -> Result<(), RunError> {
        self.unscanned = 0;
        let circuit = self.plan.circuit.clone();
        for worker in &mut self.workers {
            let Some(bad) = worker.backend.find_not_finite() else { continue };
            let time_s = worker.now as f64 * circuit.network.dt_s;
            let (owner, variable) = match bad.array {
                Array::Neurons(p, k) => {
                    (format!("population `{}`", circuit.network.populations[p.0].name), circuit.populations[p.0].slots[k as usize].name.clone())
                }
                Array::Synapses(p, k) => {
                    (format!("projection `{}`", circuit.network.projections[p.0].name), circuit.projections[p.0].slots[k as usize].name.clone())
                }
                other => (format!("{other:?}"), String::new()),
            };
            return Err(RunError::NotFinite { owner, variable, element: bad.element, value: bad.value, time_s });
        }
        Ok(())
    }

    /// Where a quantity is kept.
    pub(crate) fn find(&self, what: &Quantity) -> Option<Found> {
        let (slots, shared, views, name) = match what {
            Quantity::Population(p, name) => {
                let program = self.plan.circuit.populations.get(*p)?;
                (&program.slots, &program.shared, &program.views, name)
            }
            Quantity::Projection(p, name) => {
                let program = self.plan.circuit.projections.get(*p)?;
                (&program.slots, &program.shared, &program.views, name)
            }
        };
        if let Some(view) = views.iter().find(|v| v.name == *name) {
            return Some(Found::View(view.clone()));
        }
        let at = |list: &[Slot]| list.iter().position(|s| s.visible && s.name == *name).map(|k| k as u32);
        at(slots).map(Found::Slot).or_else(|| at(shared).map(Found::Shared))
    }

    /// Present values, in public order.
    pub fn read(&mut self, what: &Quantity) -> Option<Vec<f64>> {
        let found = self.find(what)?;
        match (what, &found) {
            (Quantity::Population(p, _), Found::Shared(k)) => Some(vec![self.population_shared[*p][*k as usize]]),
            (Quantity::Projection(p, _), Found::Shared(k)) => Some(vec![self.projection_shared[*p][*k as usize]]),
            (Quantity::Population(p, _), _) => {
                let size = self.plan.circuit.network.populations[*p].size;
                let mut out = Vec::with_capacity(size);
                for worker in &mut self.workers {
                    let owned: Vec<u32> = worker.part.range(size).map(|n| n as u32).collect();
                    out.extend(worker.neuron_values(*p, &found, &owned));
                }
                Some(out)
            }
            (Quantity::Projection(p, _), _) => {
                let topology = &self.topology[*p];
                topology.look(&self.workers);
                let parts: Vec<Vec<f64>> = self
                    .workers
                    .iter_mut()
                    .enumerate()
                    .map(|(index, worker)| {
                        if let Found::Slot(k) = found {
                            return worker.backend.read(Array::Synapses(ProjectionId(*p), k), worker.now);
                        }
                        let list: Vec<u32> = (0..topology.len(index) as u32).collect();
                        let (pre, post) = topology.ends(index, &list);
                        let list: Vec<Option<u32>> = list.into_iter().map(Some).collect();
                        worker.synapse_values(*p, &found, &list, &pre, &post)
                    })
                    .collect();
                Some(topology.join(&parts))
            }
        }
    }

    /// Replaces values (one value: for all). Derived values follow. False when there is no such quantity, or another number of values.
    pub fn write(&mut self, what: &Quantity, values: &[f64]) -> bool {
        match *what {
            Quantity::Population(p, ref name) => {
                let (circuit, size) = (self.plan.circuit.clone(), self.plan.circuit.network.populations[p].size);
                let program = &circuit.populations[p];
                match position(&program.slots, &program.shared, name) {
                    Some(Found::Slot(k)) if [1, size].contains(&values.len()) => {
                        for worker in &mut self.workers {
                            let owned = worker.part.range(size);
                            let part: Vec<f64> = if values.len() == 1 { vec![values[0]; owned.len()] } else { values[owned].to_vec() };
                            worker.backend.write(Array::Neurons(PopulationId(p), k), &part, worker.now);
                        }
                    }
                    Some(Found::Shared(k)) if values.len() == 1 => self.population_shared[p][k as usize] = values[0],
                    _ => return false,
                }
                let shared = &mut self.population_shared[p];
                for worker in &mut self.workers {
                    let now = worker.now;
                    derive(&program.setup, &program.slots, shared, circuit.network.dt_s, |k, new| match new {
                        None => worker.backend.read(Array::Neurons(PopulationId(p), k), now),
                        Some(new) => {
                            worker.backend.write(Array::Neurons(PopulationId(p), k), &new, now);
                            new
                        }
                    });
                    worker.backend.write(Array::PopulationShared(PopulationId(p)), shared, now);
                }
                true
            }
            Quantity::Projection(p, ref name) => self.write_projection(p, name, values),
        }
    }

    fn write_projection(&mut self, p: usize, name: &str, values: &[f64]) -> bool {
        let circuit = self.plan.circuit.clone();
        let program = &circuit.projections[p];
        let id = ProjectionId(p);
        let size = self.topology[p].total();
        let hoisted =
            [(&program.row_slots, true), (&program.column_slots, false)].into_iter().find_map(|(slots, row)| Some((row, position(slots, &[], name)?)));
        if let Some((row, Found::Slot(k))) = hoisted {
            // One copy serves many synapses, so that only one value for all can be given.
            let [value] = values else { return false };
            for worker in &mut self.workers {
                let (now, n) = (worker.now, |worker: &mut Worker, array| worker.backend.read(array, worker.now).len());
                let (at, last) = if row { (Array::Rows(id, k), Array::Rows(id, k + 1)) } else { (Array::Columns(id, k), Array::Columns(id, k + 1)) };
                let n = n(worker, at);
                worker.backend.write(at, &vec![*value; n], now);
                worker.backend.write(last, &vec![now as f64; n], now);
            }
            return true;
        }
        match position(&program.slots, &program.shared, name) {
            Some(Found::Slot(k)) if values.len() == 1 || values.len() == size => self.settle(p, Place::Own(k)),
            Some(Found::Shared(k)) if values.len() == 1 && values[0].to_bits() != self.projection_shared[p][k as usize].to_bits() => {
                self.settle(p, Place::Shared(k));
            }
            _ => {}
        }
        match position(&program.slots, &program.shared, name) {
            Some(Found::Slot(k)) if values.len() == 1 || values.len() == size => {
                let is_trace = program.slots.get(k as usize + 1).is_some_and(|s| s.name == format!("last event of {name}"));
                let parts = if values.len() == 1 {
                    (0..self.workers.len()).map(|i| vec![values[0]; self.topology[p].len(i)]).collect()
                } else {
                    self.topology[p].look(&self.workers).split(values)
                };
                for (worker, part) in self.workers.iter_mut().zip(parts) {
                    worker.backend.write(Array::Synapses(id, k), &part, worker.now);
                    if is_trace {
                        worker.backend.write(Array::Synapses(id, k + 1), &vec![worker.now as f64; part.len()], worker.now);
                    }
                }
            }
            Some(Found::Shared(k)) if values.len() == 1 => self.projection_shared[p][k as usize] = values[0],
            _ => return false,
        }
        let shared = &mut self.projection_shared[p];
        for worker in &mut self.workers {
            let now = worker.now;
            derive(&program.setup, &program.slots, shared, circuit.network.dt_s, |k, new| match new {
                None => worker.backend.read(Array::Synapses(id, k), now),
                Some(new) => {
                    worker.backend.write(Array::Synapses(id, k), &new, now);
                    new
                }
            });
            worker.backend.write(Array::ProjectionShared(id), shared, now);
        }
        true
    }

    /// Freezes (true) or releases the plasticity of a projection: while frozen, statements change no variable of the synapse but
    /// its event-driven traces, its clock-driven equations stand still, and its slow clocks do not run.
    pub fn freeze(&mut self, projection: usize, frozen: bool) {
        self.workers.iter_mut().for_each(|w| w.frozen[projection] = frozen);
    }

    /// Lets an input act (true, as at the start) or not. One that is timed gives its variable the present values as it begins to act,
    /// and leaves it what it has when it stops.
    pub fn enable_input(&mut self, input: usize, enabled: bool) {
        for worker in &mut self.workers {
            let was = std::mem::replace(&mut worker.enabled[input], enabled);
            if enabled && !was {
                worker.set_timed(input);
            }
        }
    }

    /// Number of synapses of a projection.
    pub fn synapse_count(&self, projection: usize) -> usize {
        self.topology[projection].total()
    }

    /// How many synapses a projection has, or has grown or lost since the start.
    pub fn counted(&self, projection: usize, what: Counted) -> u64 {
        self.workers.iter().map(|w| w.turnover[projection].of(what)).sum()
    }

    /// Synapses of a projection that have come or gone since the start, by rules or by lesions: who keeps a list of them looks here whether it still holds.
    pub fn turnover(&self, projection: usize) -> u64 {
        self.counted(projection, Counted::Grown) + self.counted(projection, Counted::Pruned)
    }

    /// The synapses of a projection.
    pub fn synapses(&self, projection: usize) -> SynapseList {
        self.topology[projection].look(&self.workers).list()
    }

    /// Spikes of each population since the start.
    pub fn spike_counts(&self) -> Vec<u64> {
        let n = self.plan.circuit.network.populations.len();
        (0..n).map(|k| self.workers.iter().map(|w| w.counts[k]).sum()).collect()
    }

    /// The complete state.
    pub fn checkpoint(&mut self) -> Checkpoint {
        crate::checkpoint::save(self)
    }

    /// Goes on from a state.
    ///
    /// # Errors
    /// [`RunError::OtherCircuit`] when an array is missing or has another length.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), RunError> {
        crate::checkpoint::restore(self, checkpoint)
    }

    pub(crate) fn scalars(&mut self) -> [&mut Vec<Vec<f64>>; 2] {
        [&mut self.population_shared, &mut self.projection_shared]
    }
}

fn position(slots: &[Slot], shared: &[Slot], name: &str) -> Option<Found> {
    let at = |list: &[Slot]| list.iter().position(|s| s.visible && s.name == *name).map(|k| k as u32);
    at(slots).map(Found::Slot).or_else(|| at(shared).map(Found::Shared))
}

/// Works out derived values again. `array` reads a slot, or writes new values of one.
fn derive(setup: &[Setup], slots: &[Slot], shared: &mut [f64], dt_s: f64, mut array: impl FnMut(u32, Option<Vec<f64>>) -> Vec<f64>) {
    if setup.is_empty() {
        return;
    }
    // Only where something is derived for each element are the arrays needed.
    let each = slots.iter().any(|s| !s.visible && s.storage != plastica_kernel::ir::Storage::Step);
    let mut arrays: Vec<Vec<f64>> = if each { (0..slots.len() as u32).map(|k| array(k, None)).collect() } else { Vec::new() };
    run_setup(setup, &mut arrays, shared, dt_s);
    for (k, _) in slots.iter().enumerate().filter(|(_, s)| each && !s.visible && s.storage != plastica_kernel::ir::Storage::Step) {
        array(k as u32, Some(std::mem::take(&mut arrays[k])));
    }
}
