//! A tiny network and its slow, obvious simulation by `interpret::run`, to compare the back end with.

// Each test uses another part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::ops::Range;

use plastica_cpu::{CpuBackend, Precision, Settings};
use plastica_engine::backend::{Array, Backend, Event, NEVER, PopulationId, PopulationSetup, ProjectionId, ProjectionSetup, Seeds, Side, Step};
use plastica_kernel::interpret::{Memory, run};
use plastica_kernel::ir::{Kernel, Place, PopulationProgram, ProjectionProgram, Slot, Storage};
use plastica_lang::model::{Builtin, Function};
use plastica_network::arrays::{Delays, Synapses};
use plastica_network::synapse_element;
use plastica_numerics::random::{Stream, stream_id};

pub const DT: f64 = 1e-4;
pub const SEEDS: Seeds = Seeds { seed: 7, subject: 3 };

/// Numbers for tests.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) % n as u64) as usize
    }

    pub fn value(&mut self) -> f64 {
        (self.below(1 << 20) as f64 / (1 << 20) as f64 - 0.4) * 3.0
    }

    pub fn values(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.value()).collect()
    }
}

/// Slots: so many real ones, then one of doubles, then one of steps.
pub fn slots(real: usize) -> Vec<Slot> {
    let slot = |k: usize, storage| Slot { name: format!("s{k}"), storage, initial: if storage == Storage::Step { NEVER as f64 } else { 0.0 }, visible: true };
    (0..real).map(|k| slot(k, Storage::Real)).chain([slot(real, Storage::Wide), slot(real + 1, Storage::Step)]).collect()
}

/// The plain simulation.
#[derive(Clone)]
pub struct World {
    pub double: bool,
    pub now: Step,
    pub owned: Range<usize>,
    pub pre: Vec<Vec<f64>>,
    pub post: Vec<Vec<f64>>,
    pub own: Vec<Vec<f64>>,
    pub row: Vec<Vec<f64>>,
    pub column: Vec<Vec<f64>>,
    pub shared: Vec<f64>,
    pub pre_shared: Vec<f64>,
    pub post_shared: Vec<f64>,
    pub free: Vec<bool>,
    pub last: Vec<Step>,
    pub synapses: Synapses,
    pub sources: Vec<usize>,
    pub under_way: BTreeMap<(Step, u32, usize), f64>,
    pub scope: Scope,
    pub pre_size: usize,
}

/// What the elements of a tape are.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scope {
    Neuron,
    Input,
    Synapse { delayed: bool },
    PreSide,
    PostSide,
}

impl World {
    fn round(&self, x: f64, storage: Storage) -> f64 {
        if self.double || storage == Storage::Wide {
            if x.abs() < f64::MIN_POSITIVE { 0.0 } else { x }
        } else {
            let y = x as f32;
            f64::from(if y.abs() < f32::MIN_POSITIVE { 0.0 } else { y })
        }
    }

    /// (own, pre, local post) of an element.
    fn places(&self, element: usize) -> (usize, usize, usize) {
        match self.scope {
            Scope::Neuron | Scope::Input => (element, 0, element),
            Scope::Synapse { .. } => (element, self.sources[element], self.synapses.post[element] as usize - self.owned.start),
            Scope::PreSide => (0, element, 0),
            Scope::PostSide => (0, 0, element),
        }
    }

    /// Is a gated value being written while its neuron is refractory?
    fn is_lost(&self, place: Place, element: usize) -> bool {
        let gate = match place {
            Place::Post(k) => GATED.contains(&k),
            Place::Own(k) => self.scope == Scope::Input && GATED.contains(&k),
            _ => false,
        };
        gate && !self.free[self.places(element).2]
    }

    /// Which list of arrays, which array and which element a place means.
    fn spot(&self, place: Place, element: usize) -> (usize, usize, usize) {
        let (own, pre, post) = self.places(element);
        let neurons = matches!(self.scope, Scope::Neuron | Scope::Input);
        match place {
            Place::Own(k) => (if neurons { 4 } else { 0 }, k as usize, own),
            Place::Row(k) => (1, k as usize, pre),
            Place::Column(k) => (2, k as usize, post),
            Place::Pre(k) => (3, k as usize, pre),
            Place::Post(k) => (4, k as usize, post),
            Place::Shared(k) => (5, if neurons { 2 } else { 0 }, k as usize),
            Place::PreShared(k) => (5, 1, k as usize),
            Place::PostShared(k) => (5, 2, k as usize),
        }
    }

    fn value(&self, place: Place, element: usize) -> f64 {
        let (list, k, at) = self.spot(place, element);
        match list {
            5 => [&self.shared, &self.pre_shared, &self.post_shared][k][at],
            _ => [&self.own, &self.row, &self.column, &self.pre, &self.post][list][k][at],
        }
    }

    fn array(&mut self, place: Place, element: usize) -> (&mut f64, Storage) {
        let (list, k, at) = self.spot(place, element);
        let storage = if list == 5 || k == 4 { Storage::Wide } else { Storage::Real };
        let value = match list {
            5 => &mut [&mut self.shared, &mut self.pre_shared, &mut self.post_shared][k][at],
            _ => &mut [&mut self.own, &mut self.row, &mut self.column, &mut self.pre, &mut self.post][list][k][at],
        };
        (value, storage)
    }

    pub fn run(&mut self, kernel: &Kernel, element: usize, scope: Scope) -> Vec<f64> {
        self.scope = scope;
        let mut values = Vec::new();
        run(kernel, element, self, &mut values);
        values
    }

    /// Synapses of an event, in order.
    pub fn synapses_of(&self, side: Side, neuron: usize, delay: u32) -> Vec<usize> {
        match side {
            Side::Pre => (self.synapses.row[neuron]..self.synapses.row[neuron + 1]).filter(|s| self.synapses.axonal.get(*s) == delay).collect(),
            Side::Post => {
                (0..self.synapses.post.len()).filter(|s| self.synapses.post[*s] as usize == neuron && self.synapses.dendritic.get(*s) == delay).collect()
            }
        }
    }

    pub fn deliver(&mut self, program: &ProjectionProgram, event: Event<'_>) {
        let pathways = if event.side == Side::Pre { &program.on_pre } else { &program.on_post };
        let pathway = &pathways[event.pathway];
        let (kernel, side) = match (event.after, event.frozen) {
            (true, _) => (pathway.after.as_ref(), pathway.after_side.as_ref()),
            (_, true) => (Some(&pathway.frozen), pathway.side.as_ref()),
            _ => (Some(&pathway.kernel), pathway.side.as_ref()),
        };
        for n in event.neurons {
            for s in self.synapses_of(event.side, *n as usize, event.delay) {
                if let Some(kernel) = kernel {
                    self.run(kernel, s, Scope::Synapse { delayed: event.side == Side::Pre });
                }
            }
        }
        for n in event.neurons {
            let own = self.owned.contains(&(*n as usize));
            match (side, event.side) {
                (Some(side), Side::Pre) => drop(self.run(side, *n as usize, Scope::PreSide)),
                (Some(side), Side::Post) if own => drop(self.run(side, *n as usize - self.owned.start, Scope::PostSide)),
                _ => {}
            }
        }
    }

    pub fn arrive(&mut self, gated: &[u32]) {
        let due: Vec<_> = self.under_way.iter().filter(|((step, ..), _)| *step == self.now).map(|(k, v)| (*k, *v)).collect();
        for ((step, slot, j), value) in due {
            self.under_way.remove(&(step, slot, j));
            if self.free[j] || !gated.contains(&slot) {
                let storage = if slot as usize + 2 == self.post.len() { Storage::Wide } else { Storage::Real };
                self.post[slot as usize][j] = self.round(self.post[slot as usize][j] + value, storage);
            }
        }
    }
}

/// Slots of the postsynaptic neurons that are gated in all tests.
pub const GATED: [u32; 1] = [1];

impl Memory for World {
    fn load(&self, place: Place, element: usize) -> f64 {
        self.value(place, element)
    }

    fn store(&mut self, place: Place, element: usize, value: f64) {
        let storage = self.array(place, element).1;
        let value = self.round(value, storage);
        if !self.is_lost(place, element) {
            *self.array(place, element).0 = value;
        }
    }

    fn add(&mut self, place: Place, element: usize, value: f64) {
        let (_, _, j) = self.places(element);
        if let (Place::Post(k), Scope::Synapse { delayed: true }) = (place, self.scope) {
            let delay = i64::from(self.synapses.dendritic.get(element));
            if delay > 0 {
                let old = self.under_way.get(&(self.now + delay, k, j)).copied().unwrap_or(0.0);
                let storage = if k as usize + 2 == self.post.len() { Storage::Wide } else { Storage::Real };
                let new = self.round(old + value, storage);
                self.under_way.insert((self.now + delay, k, j), new);
                return;
            }
        }
        if self.is_lost(place, element) {
            return;
        }
        let (old, storage) = self.array(place, element);
        let sum = *old + value;
        let value = self.round(sum, storage);
        *self.array(place, element).0 = value;
    }

    fn builtin(&self, builtin: Builtin, element: usize) -> f64 {
        let (own, pre, post) = self.places(element);
        let neurons = matches!(self.scope, Scope::Neuron | Scope::Input);
        match builtin {
            Builtin::T => self.now as f64 * DT,
            Builtin::Dt => DT,
            Builtin::I if neurons => (own + self.owned.start) as f64,
            Builtin::I => pre as f64,
            Builtin::J => (post + self.owned.start) as f64,
            Builtin::N if neurons => 1000.0,
            Builtin::N => self.sources.len() as f64,
            Builtin::LastSpike => {
                if self.last[post] == NEVER {
                    f64::NEG_INFINITY
                } else {
                    self.last[post] as f64 * DT
                }
            }
            Builtin::NotRefractory => f64::from(u8::from(self.free[post])),
        }
    }

    fn elapsed(&self, place: Place, element: usize) -> f64 {
        let marked = self.value(place, element);
        (self.now - marked as i64) as f64 * DT
    }

    fn mark(&mut self, place: Place, element: usize) {
        *self.array(place, element).0 = self.now as f64;
    }

    fn random(&self, function: Function, mean: f64, stream: u32, element: usize) -> f64 {
        let (own, pre, post) = self.places(element);
        let (owner, element) = match self.scope {
            Scope::Neuron => ("post", (own + self.owned.start) as u64),
            Scope::Input => ("input", (own + self.owned.start) as u64),
            Scope::Synapse { .. } => {
                let multapse = self.synapses.multapse.get(own).copied().unwrap_or(0);
                ("projection", synapse_element(pre as u32, (post + self.owned.start) as u32, multapse))
            }
            Scope::PreSide => ("projection", pre as u64),
            Scope::PostSide => ("projection", (post + self.owned.start) as u64),
        };
        let stream = Stream::new(SEEDS.seed, SEEDS.subject, stream_id(owner, stream));
        match function {
            Function::Rand => stream.rand(element, self.now as u64, 0),
            Function::Randn => f64::from(stream.randn(element, self.now as u64, 0)),
            _ => stream.poisson(mean, element, self.now as u64, 0),
        }
    }
}

impl World {
    /// A network of `pre` neurons with rows of the given lengths onto `owned`, in the precision of the run.
    pub fn new(dice: &mut Dice, double: bool, rows: &[usize], owned: Range<usize>, multapses: bool, (axonal, dendritic): (u32, u32)) -> World {
        let mut synapses = Synapses { row: vec![0], ..Synapses::default() };
        let mut sources = Vec::new();
        let (mut axonals, mut dendritics) = (Vec::new(), Vec::new());
        for (source, n) in rows.iter().enumerate() {
            let mut row: Vec<(u32, u32)> = if multapses {
                (0..*n).map(|_| (dice.below(axonal as usize + 1) as u32, (owned.start + dice.below(owned.len())) as u32)).collect()
            } else {
                let mut all: Vec<u32> = owned.clone().map(|j| j as u32).collect();
                for k in 0..all.len() {
                    let other = dice.below(all.len());
                    all.swap(k, other);
                }
                all.into_iter().take(*n).map(|j| (dice.below(axonal as usize + 1) as u32, j)).collect()
            };
            row.sort_unstable();
            for (k, (delay, j)) in row.iter().enumerate() {
                if multapses {
                    let same = row[..k].iter().filter(|(_, other)| other == j).count();
                    synapses.multapse.push(same as u16);
                }
                axonals.push(*delay);
                dendritics.push(dice.below(dendritic as usize + 1) as u32);
                synapses.post.push(*j);
                sources.push(source);
            }
            synapses.row.push(synapses.post.len());
        }
        synapses.axonal = if axonal == 0 { Delays::Same(0) } else { Delays::Each(axonals) };
        synapses.dendritic = if dendritic == 0 { Delays::Same(0) } else { Delays::Each(dendritics) };
        let mut world = World {
            double,
            now: 0,
            pre: Vec::new(),
            post: Vec::new(),
            own: Vec::new(),
            row: Vec::new(),
            column: Vec::new(),
            shared: dice.values(3),
            pre_shared: dice.values(3),
            post_shared: dice.values(3),
            free: owned.clone().map(|_| dice.below(3) > 0).collect(),
            last: owned.clone().map(|_| if dice.below(2) > 0 { NEVER } else { dice.below(90) as i64 }).collect(),
            pre_size: rows.len(),
            sources,
            under_way: BTreeMap::new(),
            scope: Scope::Neuron,
            synapses,
            owned,
        };
        let mut arrays = |n: usize| -> Vec<Vec<f64>> {
            (0..6)
                .map(|k| {
                    let steps = k == 5;
                    (0..n)
                        .map(|_| {
                            if steps {
                                if dice.below(4) == 0 { NEVER as f64 } else { dice.below(90) as f64 }
                            } else {
                                world.round(dice.value(), if k == 4 { Storage::Wide } else { Storage::Real })
                            }
                        })
                        .collect()
                })
                .collect()
        };
        let (pre, post, own) = (arrays(rows.len()), arrays(world.owned.len()), arrays(world.synapses.post.len()));
        let (row, column) = (arrays(rows.len()), arrays(world.owned.len()));
        (world.pre, world.post, world.own, world.row, world.column) = (pre, post, own, row, column);
        world
    }

    /// The same network in the back end.
    pub fn backend(&self, population: &PopulationProgram, projection: &ProjectionProgram, settings: Settings) -> CpuBackend {
        let mut backend = CpuBackend::new(settings);
        let pre_program = PopulationProgram { slots: slots(4), shared: slots(1), ..PopulationProgram::default() };
        // The presynaptic neurons of another part are seen through published slots only.
        let half = self.pre_size / 2;
        let pre = backend.add_population(PopulationSetup {
            name: "pre",
            program: &pre_program,
            size: self.pre_size,
            owned: 0..half,
            slots: self.pre.iter().map(|v| v[..half].to_vec()).collect(),
            shared: self.pre_shared.clone(),
            published: (0..6).collect(),
        });
        let post = backend.add_population(PopulationSetup {
            name: "post",
            program: population,
            size: 1000,
            owned: self.owned.clone(),
            slots: self.post.clone(),
            shared: self.post_shared.clone(),
            published: vec![2],
        });
        backend.add_projection(ProjectionSetup {
            name: "projection",
            program: projection,
            pre,
            post,
            synapses: self.synapses.clone(),
            pre_size: self.pre_size,
            slots: self.own.clone(),
            shared: self.shared.clone(),
            ahead: false,
        });
        for k in 0..6 {
            backend.receive(pre, k, 0, &self.pre[k as usize]);
            backend.write(Array::Rows(ProjectionId(0), k), &self.row[k as usize], self.now);
            backend.write(Array::Columns(ProjectionId(0), k), &self.column[k as usize], self.now);
        }
        backend.write(Array::LastSpike(post), &self.last.iter().map(|x| *x as f64).collect::<Vec<_>>(), self.now);
        backend.write(Array::NotRefractory(post), &self.free.iter().map(|x| f64::from(u8::from(*x))).collect::<Vec<_>>(), self.now);
        backend
    }

    /// Compares every array.
    pub fn compare(&self, backend: &mut CpuBackend, what: &str) {
        let post = PopulationId(1);
        let projection = ProjectionId(0);
        for k in 0..6u32 {
            let at = k as usize;
            self.same(&backend.read(Array::Neurons(post, k), self.now), &self.post[at], k, &format!("{what}: post {k}"));
            self.same(&backend.read(Array::Synapses(projection, k), self.now), &self.own[at], k, &format!("{what}: own {k}"));
            self.same(&backend.read(Array::Rows(projection, k), self.now), &self.row[at], k, &format!("{what}: row {k}"));
            self.same(&backend.read(Array::Columns(projection, k), self.now), &self.column[at], k, &format!("{what}: column {k}"));
        }
        self.same(&backend.read(Array::PopulationShared(post), self.now), &self.post_shared, 4, &format!("{what}: shared of post"));
        self.same(&backend.read(Array::ProjectionShared(projection), self.now), &self.shared, 4, &format!("{what}: shared"));
        let pending: BTreeMap<_, _> =
            backend.pending(projection, self.now).iter().map(|p| ((p.step, p.slot, p.neuron as usize - self.owned.start), p.value)).collect();
        let expected: BTreeMap<_, _> = self.under_way.iter().filter(|(_, x)| **x != 0.0).map(|(k, v)| (*k, *v)).collect();
        assert_eq!(pending.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{what}: under way");
        self.same(&pending.into_values().collect::<Vec<_>>(), &expected.into_values().collect::<Vec<_>>(), 0, &format!("{what}: under way"));
    }

    /// In double precision the bits, in single precision within the error of a few operations.
    fn same(&self, found: &[f64], expected: &[f64], slot: u32, what: &str) {
        assert_eq!(found.len(), expected.len(), "{what}");
        for (k, (a, b)) in found.iter().zip(expected).enumerate() {
            let close = if self.double || slot == 5 { a.to_bits() == b.to_bits() || a == b } else { (a - b).abs() <= 2e-4 * (1.0 + b.abs()) || a == b };
            assert!(close || (a.is_nan() && b.is_nan()), "{what}: element {k} of {} is {a:?}, expected {b:?}", found.len());
        }
    }
}

/// All settings whose results must agree.
pub fn settings() -> Vec<Settings> {
    let mut all = Vec::new();
    for precision in [Precision::Single, Precision::Double] {
        for set in plastica_cpu::Instructions::available() {
            all.push(Settings { precision, seeds: SEEDS, dt_s: DT, set, defer: true });
        }
    }
    all
}
