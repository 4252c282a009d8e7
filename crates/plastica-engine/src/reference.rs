//! The reference back end: one element at a time, in `f64`, by the interpreter. Slow and obvious; every other one must agree.

use std::collections::BTreeMap;

use plastica_kernel::interpret::{self, Memory};
use plastica_kernel::ir::{Kernel, Place, PopulationProgram, ProjectionProgram, Refractory};
use plastica_lang::model::{Builtin, Function};
use plastica_network::arrays::{Delays, Synapses};
use plastica_network::synapse_element;
use plastica_numerics::random::{Stream, stream_id};

use crate::backend::{
    Array, Backend, Event, InputId, NEVER, NotFinite, Pending, PopulationId, PopulationSetup, ProjectionId, ProjectionSetup, Rewiring, Seeds, Side, Step,
    is_free_after,
};

/// The interpreter as a back end.
pub struct Reference {
    seeds: Seeds,
    dt_s: f64,
    populations: Vec<Population>,
    projections: Vec<Projection>,
    inputs: Vec<(String, PopulationId, Kernel)>,
}

impl Reference {
    /// An empty back end.
    pub fn new(seeds: Seeds, dt_s: f64) -> Reference {
        Reference { seeds, dt_s, populations: Vec::new(), projections: Vec::new(), inputs: Vec::new() }
    }
}

struct Population {
    name: String,
    program: PopulationProgram,
    size: usize,
    first: usize,
    slots: Vec<Vec<f64>>,
    shared: Vec<f64>,
    /// Published slots, for all neurons of the population.
    published: BTreeMap<u32, Vec<f64>>,
    last_spike: Vec<Step>,
    free: Vec<bool>,
    /// Sums that reach the neurons with `land`, by slot and neuron within the part.
    sums: BTreeMap<(u32, usize), f64>,
}

/// Source, axonal delay, target, which of several: the order of synapses.
type Key = (u32, u32, u32, u16);

struct Projection {
    name: String,
    program: ProjectionProgram,
    pre: usize,
    post: usize,
    synapses: Synapses,
    /// Source of each synapse.
    source: Vec<u32>,
    /// Synapses of each owned target, by source.
    column: Vec<Vec<u32>>,
    slots: Vec<Vec<f64>>,
    rows: Vec<Vec<f64>>,
    columns: Vec<Vec<f64>>,
    shared: Vec<f64>,
    pending: BTreeMap<Step, Vec<(u32, u32, f64)>>,
}

/// Values below the normal range become zero, as in every back end.
fn flushed(x: f64) -> f64 {
    if x.abs() < f64::MIN_POSITIVE { 0.0 } else { x }
}

/// Elements are neurons, numbered within the part.
struct NeuronMemory<'a> {
    population: &'a mut Population,
    seeds: Seeds,
    dt_s: f64,
    now: Step,
    /// Whose random streams.
    owner: &'a str,
    /// Increments come from outside: those to gated inputs are lost while refractory.
    arriving: bool,
}

impl NeuronMemory<'_> {
    fn gated(&self, slot: u32, neuron: usize) -> bool {
        self.arriving && !self.population.free[neuron] && self.population.program.gated_inputs.contains(&slot)
    }
}

impl Memory for NeuronMemory<'_> {
    fn load(&self, place: Place, element: usize) -> f64 {
        match place {
            Place::Own(k) => self.population.slots[k as usize][element],
            Place::Shared(k) => self.population.shared[k as usize],
            _ => panic!("a neuron reads its own arrays only"),
        }
    }

    fn store(&mut self, place: Place, element: usize, value: f64) {
        match place {
            Place::Own(k) if self.gated(k, element) => {}
            Place::Own(k) => self.population.slots[k as usize][element] = flushed(value),
            _ => panic!("a neuron writes its own arrays only"),
        }
    }

    fn add(&mut self, place: Place, element: usize, value: f64) {
        let old = self.load(place, element);
        self.store(place, element, old + value);
    }

    fn builtin(&self, builtin: Builtin, element: usize) -> f64 {
        match builtin {
            Builtin::T => self.now as f64 * self.dt_s,
            Builtin::Dt => self.dt_s,
            Builtin::I | Builtin::J => (self.population.first + element) as f64,
            Builtin::N => self.population.size as f64,
            Builtin::LastSpike => last_spike_s(self.population.last_spike[element], self.dt_s),
            Builtin::NotRefractory => f64::from(u8::from(self.population.free[element])),
        }
    }

    fn elapsed(&self, _: Place, _: usize) -> f64 {
        panic!("a neuron has no step slots");
    }

    fn mark(&mut self, _: Place, _: usize) {
        panic!("a neuron has no step slots");
    }

    fn random(&self, function: Function, mean: f64, stream: u32, element: usize) -> f64 {
        draw(self.seeds, self.owner, stream, function, mean, (self.population.first + element) as u64, self.now)
    }
}

fn last_spike_s(step: Step, dt_s: f64) -> f64 {
    if step == NEVER { f64::NEG_INFINITY } else { step as f64 * dt_s }
}

fn draw(seeds: Seeds, owner: &str, stream: u32, function: Function, mean: f64, element: u64, now: Step) -> f64 {
    let stream = Stream::new(seeds.seed, seeds.subject, stream_id(owner, stream));
    match function {
        Function::Rand => stream.rand(element, now as u64, 0),
        Function::Randn => f64::from(stream.randn(element, now as u64, 0)),
        _ => stream.poisson(mean, element, now as u64, 0),
    }
}

/// What the elements of a synapse tape are.
#[derive(Clone, Copy, PartialEq)]
enum Elements {
    /// Synapses, numbered within the part.
    Synapses,
    /// Presynaptic neurons, numbered in the whole population.
    Rows,
    /// Postsynaptic neurons, numbered within the part.
    Columns,
}

struct SynapseMemory<'a> {
    populations: &'a mut [Population],
    projection: &'a mut Projection,
    elements: Elements,
    seeds: Seeds,
    dt_s: f64,
    now: Step,
    /// Increments of neurons do not travel: a slow clock is no spike.
    at_once: bool,
    /// Increments of neurons are summed first.
    summed: bool,
}

impl SynapseMemory<'_> {
    fn pre(&self, element: usize) -> usize {
        if self.elements == Elements::Rows { element } else { self.projection.source[element] as usize }
    }

    /// Within the part.
    fn post(&self, element: usize) -> usize {
        if self.elements == Elements::Columns {
            element
        } else {
            self.projection.synapses.post[element] as usize - self.populations[self.projection.post].first
        }
    }

    fn slot(&mut self, place: Place, element: usize) -> &mut f64 {
        match place {
            Place::Own(k) => &mut self.projection.slots[k as usize][element],
            Place::Row(k) => {
                let at = self.pre(element);
                &mut self.projection.rows[k as usize][at]
            }
            Place::Column(k) => {
                let at = self.post(element);
                &mut self.projection.columns[k as usize][at]
            }
            other => panic!("a synapse keeps nothing in {other:?}"),
        }
    }
}

impl Memory for SynapseMemory<'_> {
    fn load(&self, place: Place, element: usize) -> f64 {
        let (pre, post) = (self.projection.pre, self.projection.post);
        match place {
            Place::Own(k) => self.projection.slots[k as usize][element],
            Place::Row(k) => self.projection.rows[k as usize][self.pre(element)],
            Place::Column(k) => self.projection.columns[k as usize][self.post(element)],
            Place::Shared(k) => self.projection.shared[k as usize],
            Place::Pre(k) => self.populations[pre].published[&k][self.pre(element)],
            Place::PreShared(k) => self.populations[pre].shared[k as usize],
            Place::Post(k) => self.populations[post].slots[k as usize][self.post(element)],
            Place::PostShared(k) => self.populations[post].shared[k as usize],
        }
    }

    fn store(&mut self, place: Place, element: usize, value: f64) {
        if let Place::Post(k) = place {
            let at = self.post(element);
            let population = &mut self.populations[self.projection.post];
            if population.free[at] || !population.program.gated_inputs.contains(&k) {
                population.slots[k as usize][at] = flushed(value);
            }
            return;
        }
        *self.slot(place, element) = flushed(value);
    }

    fn add(&mut self, place: Place, element: usize, value: f64) {
        let delay = match place {
            Place::Post(_) if !self.at_once => self.projection.synapses.dendritic.get(element),
            _ => 0,
        };
        match place {
            Place::Post(k) if self.summed => {
                let at = self.post(element);
                let sum = self.populations[self.projection.post].sums.entry((k, at)).or_default();
                *sum = flushed(*sum + value);
            }
            Place::Post(k) if delay > 0 => {
                let neuron = self.projection.synapses.post[element];
                self.projection.pending.entry(self.now + Step::from(delay)).or_default().push((k, neuron, value));
            }
            _ => {
                let old = self.load(place, element);
                self.store(place, element, old + value);
            }
        }
    }

    fn builtin(&self, builtin: Builtin, element: usize) -> f64 {
        let post = &self.populations[self.projection.post];
        match builtin {
            Builtin::T => self.now as f64 * self.dt_s,
            Builtin::Dt => self.dt_s,
            Builtin::I => self.pre(element) as f64,
            Builtin::J => (post.first + self.post(element)) as f64,
            Builtin::N => panic!("check lets no synapse read a number of synapses"),
            Builtin::LastSpike => last_spike_s(post.last_spike[self.post(element)], self.dt_s),
            Builtin::NotRefractory => f64::from(u8::from(post.free[self.post(element)])),
        }
    }

    fn elapsed(&self, place: Place, element: usize) -> f64 {
        (self.now as f64 - self.load(place, element)) * self.dt_s
    }

    fn mark(&mut self, place: Place, element: usize) {
        let now = self.now as f64;
        *self.slot(place, element) = now;
    }

    fn random(&self, function: Function, mean: f64, stream: u32, element: usize) -> f64 {
        let synapses = &self.projection.synapses;
        let which = synapses.multapse.get(element).copied().unwrap_or(0);
        let key = synapse_element(self.projection.source[element], synapses.post[element], which);
        draw(self.seeds, &self.projection.name, stream, function, mean, key, self.now)
    }
}

impl Reference {
    fn neurons(&mut self, population: usize, now: Step, run: impl FnOnce(&mut NeuronMemory<'_>, &PopulationProgram)) {
        let program = std::mem::take(&mut self.populations[population].program);
        let owner = self.populations[population].name.clone();
        // Gated inputs are told by the program, which is lent out while its tapes run; only arriving increments ask for them.
        let mut memory =
            NeuronMemory { population: &mut self.populations[population], seeds: self.seeds, dt_s: self.dt_s, now, owner: &owner, arriving: false };
        run(&mut memory, &program);
        self.populations[population].program = program;
    }

    fn synapses(&mut self, projection: ProjectionId, elements: Elements, now: Step, kernel: &Kernel, summed: bool, list: impl Iterator<Item = usize>) {
        let mut memory = SynapseMemory {
            populations: &mut self.populations,
            projection: &mut self.projections[projection.0],
            elements,
            seeds: self.seeds,
            dt_s: self.dt_s,
            now,
            at_once: false,
            summed,
        };
        let mut values = Vec::new();
        for element in list {
            interpret::run(kernel, element, &mut memory, &mut values);
        }
    }

    /// Takes the ends of all synapses of a projection.
    fn connect(&mut self, projection: ProjectionId, synapses: Synapses) {
        let p = &mut self.projections[projection.0];
        let post = &self.populations[p.post];
        p.source = synapses.row.windows(2).enumerate().flat_map(|(pre, row)| std::iter::repeat_n(pre as u32, row[1] - row[0])).collect();
        p.column = vec![Vec::new(); post.free.len()];
        for (s, target) in synapses.post.iter().enumerate() {
            p.column[*target as usize - post.first].push(s as u32);
        }
        p.synapses = synapses;
    }

    fn all_synapses(&self, projection: ProjectionId) -> usize {
        self.projections[projection.0].source.len()
    }
}

impl Backend for Reference {
    fn add_population(&mut self, setup: PopulationSetup<'_>) -> PopulationId {
        let owned = setup.owned.len();
        self.populations.push(Population {
            name: setup.name.into(),
            program: setup.program.clone(),
            size: setup.size,
            first: setup.owned.start,
            slots: setup.slots,
            shared: setup.shared,
            published: setup.published.iter().map(|k| (*k, vec![0.0; setup.size])).collect(),
            last_spike: vec![NEVER; owned],
            free: vec![true; owned],
            sums: BTreeMap::new(),
        });
        PopulationId(self.populations.len() - 1)
    }

    fn add_projection(&mut self, setup: ProjectionSetup<'_>) -> ProjectionId {
        let owned = self.populations[setup.post.0].free.len();
        let filled = |slots: &[plastica_kernel::ir::Slot], n: usize| slots.iter().map(|s| vec![s.initial; n]).collect();
        self.projections.push(Projection {
            name: setup.name.into(),
            program: setup.program.clone(),
            pre: setup.pre.0,
            post: setup.post.0,
            source: Vec::new(),
            column: Vec::new(),
            slots: setup.slots,
            rows: filled(&setup.program.row_slots, setup.pre_size),
            columns: filled(&setup.program.column_slots, owned),
            shared: setup.shared,
            pending: BTreeMap::new(),
            synapses: Synapses::default(),
        });
        let id = ProjectionId(self.projections.len() - 1);
        self.connect(id, setup.synapses);
        id
    }

    fn add_input(&mut self, name: &str, population: PopulationId, kernel: &Kernel) -> InputId {
        self.inputs.push((name.into(), population, kernel.clone()));
        InputId(self.inputs.len() - 1)
    }

    fn input(&mut self, input: InputId, now: Step) {
        let (owner, population, kernel) = &self.inputs[input.0];
        let population = &mut self.populations[population.0];
        let count = population.free.len();
        let mut memory = NeuronMemory { population, seeds: self.seeds, dt_s: self.dt_s, now, owner, arriving: true };
        let mut values = Vec::new();
        for element in 0..count {
            interpret::run(kernel, element, &mut memory, &mut values);
        }
    }

    fn integrate(&mut self, population: PopulationId, now: Step) {
        let dt_s = self.dt_s;
        self.neurons(population.0, now, |memory, program| {
            let mut values = Vec::new();
            for element in 0..memory.population.free.len() {
                let last = memory.population.last_spike[element];
                match &program.refractory {
                    Refractory::None => {}
                    Refractory::Time { kernel, time } => {
                        interpret::run(kernel, element, memory, &mut values);
                        memory.population.free[element] = is_free_after(last, now, values[*time as usize], dt_s);
                    }
                    Refractory::While { kernel, condition } => {
                        interpret::run(kernel, element, memory, &mut values);
                        memory.population.free[element] |= values[*condition as usize] == 0.0;
                    }
                }
                interpret::run(&program.integrate, element, memory, &mut values);
            }
        });
    }

    fn threshold(&mut self, population: PopulationId, now: Step, spikes: &mut Vec<u32>) {
        self.neurons(population.0, now, |memory, program| {
            let Some(threshold) = &program.threshold else { return };
            let mut values = Vec::new();
            for element in 0..memory.population.free.len() {
                interpret::run(&threshold.kernel, element, memory, &mut values);
                if values[threshold.condition as usize] != 0.0 && memory.population.free[element] {
                    spikes.push((memory.population.first + element) as u32);
                    memory.population.last_spike[element] = now;
                    memory.population.free[element] = matches!(program.refractory, Refractory::None);
                }
            }
        });
    }

    fn arrive(&mut self, projection: ProjectionId, now: Step) {
        let projection = &mut self.projections[projection.0];
        let population = &mut self.populations[projection.post];
        for (slot, neuron, value) in projection.pending.remove(&now).unwrap_or_default() {
            let at = neuron as usize - population.first;
            if population.free[at] || !population.program.gated_inputs.contains(&slot) {
                let x = &mut population.slots[slot as usize][at];
                *x = flushed(*x + value);
            }
        }
    }

    fn deliver(&mut self, event: Event<'_>, now: Step) {
        let p = &self.projections[event.projection.0];
        let program = match event.side {
            Side::Pre => &p.program.on_pre[event.pathway],
            Side::Post => &p.program.on_post[event.pathway],
        };
        let (kernel, side) = match (event.after, event.frozen) {
            (true, _) => (program.after.clone(), program.after_side.clone()),
            (false, true) => (Some(program.frozen.clone()), program.side.clone()),
            (false, false) => (Some(program.kernel.clone()), program.side.clone()),
        };
        let first = self.populations[p.post].first;
        if let Some(kernel) = kernel {
            for neuron in event.neurons {
                let p = &self.projections[event.projection.0];
                let of_delay: Vec<usize> = match event.side {
                    Side::Pre => {
                        let row = p.synapses.row[*neuron as usize]..p.synapses.row[*neuron as usize + 1];
                        row.filter(|s| p.synapses.axonal.get(*s) == event.delay).collect()
                    }
                    Side::Post => {
                        p.column[*neuron as usize - first].iter().map(|s| *s as usize).filter(|s| p.synapses.dendritic.get(*s) == event.delay).collect()
                    }
                };
                self.synapses(event.projection, Elements::Synapses, now, &kernel, event.summed, of_delay.into_iter());
            }
        }
        if let Some(side) = side {
            let (elements, first) = if event.side == Side::Pre { (Elements::Rows, 0) } else { (Elements::Columns, first) };
            self.synapses(event.projection, elements, now, &side, false, event.neurons.iter().map(|n| *n as usize - first));
        }
    }

    fn land(&mut self, _: Step) {
        for population in &mut self.populations {
            for ((slot, at), sum) in std::mem::take(&mut population.sums) {
                if population.free[at] || !population.program.gated_inputs.contains(&slot) {
                    let x = &mut population.slots[slot as usize][at];
                    *x = flushed(*x + sum);
                }
            }
        }
    }

    fn reset(&mut self, population: PopulationId, now: Step, spikes: &[u32]) {
        self.neurons(population.0, now, |memory, program| {
            let mut values = Vec::new();
            for neuron in spikes {
                let element = *neuron as usize - memory.population.first;
                interpret::run(&program.reset, element, memory, &mut values);
            }
        });
    }

    fn clocked(&mut self, projection: ProjectionId, now: Step, frozen: bool) {
        if frozen {
            return;
        }
        if let Some(kernel) = self.projections[projection.0].program.clocked.clone() {
            self.synapses(projection, Elements::Synapses, now, &kernel, false, 0..self.all_synapses(projection));
        }
    }

    fn interval(&mut self, projection: ProjectionId, index: usize, now: Step) {
        let kernel = self.projections[projection.0].program.on_interval[index].1.clone();
        let all = 0..self.all_synapses(projection);
        let (projection, populations) = (&mut self.projections[projection.0], &mut self.populations);
        let mut memory =
            SynapseMemory { populations, projection, elements: Elements::Synapses, seeds: self.seeds, dt_s: self.dt_s, now, at_once: true, summed: false };
        let mut values = Vec::new();
        all.for_each(|element| interpret::run(&kernel, element, &mut memory, &mut values));
    }

    fn doomed(&mut self, projection: ProjectionId, rule: usize, now: Step) -> Vec<u32> {
        let Some(condition) = self.projections[projection.0].program.prune[rule].condition.clone() else { return Vec::new() };
        let all = 0..self.all_synapses(projection);
        let (projection, populations) = (&mut self.projections[projection.0], &mut self.populations);
        let mut memory =
            SynapseMemory { populations, projection, elements: Elements::Synapses, seeds: self.seeds, dt_s: self.dt_s, now, at_once: true, summed: false };
        let mut values = Vec::new();
        let holds = |element: &usize| {
            interpret::run(&condition.kernel, *element, &mut memory, &mut values);
            values[condition.value as usize] != 0.0
        };
        all.filter(holds).map(|element| element as u32).collect()
    }

    fn synapses(&self, projection: ProjectionId) -> Synapses {
        self.projections[projection.0].synapses.clone()
    }

    fn rewire(&mut self, projection: ProjectionId, change: &Rewiring, _: Step) {
        let p = &mut self.projections[projection.0];
        let (old, born) = (std::mem::take(&mut p.synapses), &change.born);
        let which = |s: &Synapses, k: usize| s.multapse.get(k).copied().unwrap_or(0);
        // Where it comes from: is it new, and its place there.
        let mut list: Vec<(Key, (bool, usize))> = Vec::new();
        for (is_new, synapses) in [(false, &old), (true, born)] {
            for (pre, row) in synapses.row.windows(2).enumerate() {
                list.extend((row[0]..row[1]).map(|k| ((pre as u32, synapses.axonal.get(k), synapses.post[k], which(synapses, k)), (is_new, k))));
            }
        }
        list.retain(|(_, (is_new, k))| *is_new || change.gone.binary_search(&(*k as u32)).is_err());
        list.sort_unstable();
        for (k, slot) in p.slots.iter_mut().enumerate() {
            let new = change.slots.get(k).map_or(&[][..], Vec::as_slice);
            *slot = list.iter().map(|(_, (is_new, k))| if *is_new { new[*k] } else { slot[*k] }).collect();
        }
        let delays = |old: &Delays, born: &Delays| match old {
            Delays::Same(d) => Delays::Same(*d),
            Delays::Each(_) => Delays::Each(list.iter().map(|(_, (is_new, k))| if *is_new { born.get(*k) } else { old.get(*k) }).collect()),
        };
        let mut synapses = Synapses { row: vec![0; old.row.len()], axonal: delays(&old.axonal, &born.axonal), ..Synapses::default() };
        synapses.dendritic = delays(&old.dendritic, &born.dendritic);
        for ((pre, _, post, which), _) in &list {
            synapses.row[*pre as usize + 1] += 1;
            synapses.post.push(*post);
            if !old.multapse.is_empty() || !born.multapse.is_empty() {
                synapses.multapse.push(*which);
            }
        }
        (1..synapses.row.len()).for_each(|k| synapses.row[k] += synapses.row[k - 1]);
        self.connect(projection, synapses);
    }

    fn read(&mut self, array: Array, _: Step) -> Vec<f64> {
        let steps = |list: &[Step]| list.iter().map(|s| *s as f64).collect();
        match array {
            Array::Neurons(p, k) => self.populations[p.0].slots[k as usize].clone(),
            Array::PopulationShared(p) => self.populations[p.0].shared.clone(),
            Array::LastSpike(p) => steps(&self.populations[p.0].last_spike),
            Array::NotRefractory(p) => self.populations[p.0].free.iter().map(|f| f64::from(u8::from(*f))).collect(),
            Array::Synapses(p, k) => self.projections[p.0].slots[k as usize].clone(),
            Array::Rows(p, k) => self.projections[p.0].rows[k as usize].clone(),
            Array::Columns(p, k) => self.projections[p.0].columns[k as usize].clone(),
            Array::ProjectionShared(p) => self.projections[p.0].shared.clone(),
        }
    }

    fn sample(&mut self, population: PopulationId, slot: u32, neurons: &[u32], out: &mut Vec<f64>) {
        let p = &self.populations[population.0];
        out.extend(neurons.iter().map(|n| p.slots[slot as usize][*n as usize - p.first]));
    }

    fn set(&mut self, population: PopulationId, slot: u32, neurons: &[u32], values: &[f64]) {
        let p = &mut self.populations[population.0];
        neurons.iter().zip(values).for_each(|(n, x)| p.slots[slot as usize][*n as usize - p.first] = *x);
    }

    fn sample_synapses(&mut self, projection: ProjectionId, slot: u32, synapses: &[u32], _: Step, out: &mut Vec<f64>) {
        let p = &self.projections[projection.0];
        out.extend(synapses.iter().map(|s| p.slots[slot as usize][*s as usize]));
    }

    fn write(&mut self, array: Array, values: &[f64], _: Step) {
        match array {
            Array::Neurons(p, k) => self.populations[p.0].slots[k as usize] = values.to_vec(),
            Array::PopulationShared(p) => self.populations[p.0].shared = values.to_vec(),
            Array::LastSpike(p) => self.populations[p.0].last_spike = values.iter().map(|s| *s as Step).collect(),
            Array::NotRefractory(p) => self.populations[p.0].free = values.iter().map(|f| *f != 0.0).collect(),
            Array::Synapses(p, k) => self.projections[p.0].slots[k as usize] = values.to_vec(),
            Array::Rows(p, k) => self.projections[p.0].rows[k as usize] = values.to_vec(),
            Array::Columns(p, k) => self.projections[p.0].columns[k as usize] = values.to_vec(),
            Array::ProjectionShared(p) => self.projections[p.0].shared = values.to_vec(),
        }
    }

    fn receive(&mut self, population: PopulationId, slot: u32, first: usize, values: &[f64]) {
        if let Some(all) = self.populations[population.0].published.get_mut(&slot) {
            all[first..first + values.len()].copy_from_slice(values);
        }
    }

    fn pending(&mut self, projection: ProjectionId, _: Step) -> Vec<Pending> {
        let list = self.projections[projection.0].pending.iter();
        list.flat_map(|(step, list)| list.iter().map(|(slot, neuron, value)| Pending { step: *step, slot: *slot, neuron: *neuron, value: *value })).collect()
    }

    fn set_pending(&mut self, projection: ProjectionId, pending: &[Pending], _: Step) {
        let mut map: BTreeMap<Step, Vec<(u32, u32, f64)>> = BTreeMap::new();
        for p in pending {
            map.entry(p.step).or_default().push((p.slot, p.neuron, p.value));
        }
        self.projections[projection.0].pending = map;
    }

    fn find_not_finite(&mut self) -> Option<NotFinite> {
        let bad = |list: &[f64]| list.iter().position(|x| !x.is_finite());
        for (k, p) in self.populations.iter().enumerate() {
            for (s, _) in p.program.slots.iter().enumerate().filter(|(_, s)| s.visible) {
                if let Some(i) = bad(&p.slots[s]) {
                    return Some(NotFinite { array: Array::Neurons(PopulationId(k), s as u32), element: p.first + i, value: p.slots[s][i] });
                }
            }
        }
        for (k, p) in self.projections.iter().enumerate() {
            for (s, _) in p.program.slots.iter().enumerate().filter(|(_, s)| s.visible) {
                if let Some(i) = bad(&p.slots[s]) {
                    return Some(NotFinite { array: Array::Synapses(ProjectionId(k), s as u32), element: i, value: p.slots[s][i] });
                }
            }
        }
        None
    }
}
