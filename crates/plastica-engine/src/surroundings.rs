//! What the expressions of `prune` and `grow` read, gathered from all parts: numbers of elements, probabilities of pairs, first values.
//!
//! They are asked once for a neuron, a pair or a new synapse, so that the interpreter is fast enough, and every back end gives the same.

use std::collections::HashMap;

use plastica_kernel::interpret::{self, Memory};
use plastica_kernel::ir::{Computed, Kernel, Op, Place};
use plastica_lang::model::{Builtin, Function};
use plastica_network::synapse_element;
use plastica_numerics::random::{Stream, stream_id};

use crate::backend::{Array, NEVER, PopulationId, ProjectionId, Seeds, Step};
use crate::step::Worker;

/// Arrays of the whole network, as they are between two steps.
pub struct Surroundings {
    arrays: HashMap<Place, Vec<f64>>,
    /// Time of the last spike of each postsynaptic neuron; empty where nobody asks.
    last_spike: Vec<f64>,
    /// 1 for each postsynaptic neuron that is not refractory; empty where nobody asks.
    free: Vec<f64>,
    owner: String,
    seeds: Seeds,
    now: Step,
    dt_s: f64,
}

impl Surroundings {
    /// Gathers what some kernels of a projection read.
    pub fn gather(workers: &mut [Worker], seeds: Seeds, projection: usize, kernels: &[&Kernel]) -> Surroundings {
        let circuit = workers[0].plan.circuit.clone();
        let ends = &circuit.network.projections[projection];
        let id = ProjectionId(projection);
        let (pre, post) = (PopulationId(ends.pre), PopulationId(ends.post));
        let now = workers[0].now;
        let mut joined = |array: Array| workers.iter_mut().flat_map(|w| w.backend.read(array, now)).collect::<Vec<f64>>();
        let mut arrays = HashMap::new();
        let ops = || kernels.iter().flat_map(|k| &k.ops);
        for op in ops() {
            let (Op::Load(place) | Op::Elapsed(place)) = op else { continue };
            let values = match place {
                _ if arrays.contains_key(place) => continue,
                Place::Own(_) => continue,
                Place::Pre(k) => joined(Array::Neurons(pre, *k)),
                Place::Post(k) => joined(Array::Neurons(post, *k)),
                Place::Column(k) => joined(Array::Columns(id, *k)),
                // Every part has the same rows and scalars; the first copy is read.
                Place::Row(k) => joined(Array::Rows(id, *k)),
                Place::Shared(_) => joined(Array::ProjectionShared(id)),
                Place::PreShared(_) => joined(Array::PopulationShared(pre)),
                Place::PostShared(_) => joined(Array::PopulationShared(post)),
            };
            arrays.insert(*place, values);
        }
        let uses = |builtin| ops().any(|op| *op == Op::Builtin(builtin));
        let dt_s = circuit.network.dt_s;
        let mut last_spike = if uses(Builtin::LastSpike) { joined(Array::LastSpike(post)) } else { Vec::new() };
        last_spike.iter_mut().for_each(|s| *s = if *s == NEVER as f64 { f64::NEG_INFINITY } else { *s * dt_s });
        let free = if uses(Builtin::NotRefractory) { joined(Array::NotRefractory(post)) } else { Vec::new() };
        Surroundings { arrays, last_spike, free, owner: ends.name.clone(), seeds, now, dt_s }
    }

    /// The value for each element.
    pub fn values(&self, computed: &Computed, elements: Elements<'_>) -> Vec<f64> {
        let mut memory = Pairs { around: self, elements, own: &mut [] };
        let mut values = Vec::new();
        let value = |element| {
            interpret::run(&computed.kernel, element, &mut memory, &mut values);
            values[computed.value as usize]
        };
        (0..elements.len()).map(value).collect()
    }

    /// The value for each pair of neurons; `distance` has that of each pair, or nothing where it is not read.
    pub fn of_pairs(&self, computed: &Computed, elements: Elements<'_>, distance: Vec<f64>) -> Vec<f64> {
        let mut own = [distance];
        let mut memory = Pairs { around: self, elements, own: &mut own };
        let mut values = Vec::new();
        let value = |element| {
            interpret::run(&computed.kernel, element, &mut memory, &mut values);
            values[computed.value as usize]
        };
        (0..elements.len()).map(value).collect()
    }

    /// Runs statements for each new synapse, whose values are in `own`, by slot.
    pub fn run(&self, kernel: &Kernel, elements: Elements<'_>, own: &mut [Vec<f64>]) {
        let mut memory = Pairs { around: self, elements, own };
        let mut values = Vec::new();
        (0..elements.len()).for_each(|element| interpret::run(kernel, element, &mut memory, &mut values));
    }
}

/// What the elements of a kernel are.
#[derive(Clone, Copy)]
pub enum Elements<'a> {
    /// So many neurons of one side, all in order.
    Neurons(usize),
    /// Pairs of neurons, and which of several synapses of each (none: the first).
    Pairs(&'a [u32], &'a [u32], &'a [u16]),
}

impl Elements<'_> {
    fn len(&self) -> usize {
        match self {
            Elements::Neurons(n) => *n,
            Elements::Pairs(pre, ..) => pre.len(),
        }
    }

    fn pre(&self, element: usize) -> usize {
        if let Elements::Pairs(pre, ..) = self { pre[element] as usize } else { element }
    }

    fn post(&self, element: usize) -> usize {
        if let Elements::Pairs(_, post, _) = self { post[element] as usize } else { element }
    }
}

/// Elements with what they read, and values of their own.
struct Pairs<'a> {
    around: &'a Surroundings,
    elements: Elements<'a>,
    own: &'a mut [Vec<f64>],
}

impl Memory for Pairs<'_> {
    fn load(&self, place: Place, element: usize) -> f64 {
        let of = |at: usize| self.around.arrays[&place][at];
        match place {
            Place::Own(k) => self.own[k as usize][element],
            Place::Row(_) | Place::Pre(_) => of(self.elements.pre(element)),
            Place::Column(_) | Place::Post(_) => of(self.elements.post(element)),
            Place::Shared(k) | Place::PreShared(k) | Place::PostShared(k) => of(k as usize),
        }
    }

    fn store(&mut self, place: Place, element: usize, value: f64) {
        let Place::Own(k) = place else { panic!("a new synapse changes only itself") };
        self.own[k as usize][element] = if value.abs() < f64::MIN_POSITIVE { 0.0 } else { value };
    }

    fn add(&mut self, place: Place, element: usize, value: f64) {
        let old = self.load(place, element);
        self.store(place, element, old + value);
    }

    fn builtin(&self, builtin: Builtin, element: usize) -> f64 {
        match builtin {
            Builtin::T => self.around.now as f64 * self.around.dt_s,
            Builtin::Dt => self.around.dt_s,
            Builtin::I => self.elements.pre(element) as f64,
            Builtin::J => self.elements.post(element) as f64,
            Builtin::N => panic!("check lets no synapse read a number of synapses"),
            Builtin::LastSpike => self.around.last_spike[self.elements.post(element)],
            Builtin::NotRefractory => self.around.free[self.elements.post(element)],
        }
    }

    fn elapsed(&self, place: Place, element: usize) -> f64 {
        (self.around.now as f64 - self.load(place, element)) * self.around.dt_s
    }

    fn mark(&mut self, place: Place, element: usize) {
        let now = self.around.now as f64;
        let Place::Own(k) = place else { panic!("a new synapse changes only itself") };
        self.own[k as usize][element] = now;
    }

    fn random(&self, function: Function, mean: f64, stream: u32, element: usize) -> f64 {
        let key = match self.elements {
            Elements::Neurons(_) => element as u64,
            Elements::Pairs(pre, post, which) => synapse_element(pre[element], post[element], which.get(element).copied().unwrap_or(0)),
        };
        let (seeds, now) = (self.around.seeds, self.around.now as u64);
        let stream = Stream::new(seeds.seed, seeds.subject, stream_id(&self.around.owner, stream));
        match function {
            Function::Rand => stream.rand(key, now, 0),
            Function::Randn => f64::from(stream.randn(key, now, 0)),
            _ => stream.poisson(mean, key, now, 0),
        }
    }
}
