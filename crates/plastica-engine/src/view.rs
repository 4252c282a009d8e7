//! Values that are not stored as such (sub-expressions, decaying traces), worked out by the interpreter from what a back end holds.

use std::collections::HashMap;

use plastica_kernel::interpret::{self, Memory};
use plastica_kernel::ir::{Kernel, Op, Place, ProjectionProgram, View};
use plastica_lang::model::{Builtin, Function};

use crate::backend::{Array, Backend, NEVER, PopulationId, ProjectionId, Step};

/// Slots of the presynaptic population that the synapses of a program read, and whether they do so at other times than at spikes.
pub fn reads_of_pre(program: &ProjectionProgram) -> (Vec<u32>, bool) {
    let read = |kernel: &Kernel| kernel.ops.iter().filter_map(|op| if let Op::Load(Place::Pre(k)) = op { Some(*k) } else { None }).collect::<Vec<u32>>();
    let events = program.on_pre.iter().chain(&program.on_post);
    let at_spikes = events.flat_map(|e| [Some(&e.kernel), e.after.as_ref()].into_iter().flatten()).flat_map(read);
    let between: Vec<u32> = program.clocked.iter().chain(program.on_interval.iter().map(|(_, k)| k)).flat_map(read).collect();
    let any = !between.is_empty();
    (at_spikes.chain(between).collect(), any)
}

/// Slots of the presynaptic population that the conditions of `prune` rules read.
pub fn conditions_read_of_pre(program: &ProjectionProgram) -> Vec<u32> {
    let ops = program.prune.iter().flat_map(|rule| &rule.condition).flat_map(|c| &c.kernel.ops);
    ops.filter_map(|op| if let Op::Load(Place::Pre(k)) = op { Some(*k) } else { None }).collect()
}

/// Who looks, and at what.
pub struct Look<'a> {
    /// Holds the arrays.
    pub backend: &'a mut dyn Backend,
    /// The step at whose start values are looked at.
    pub now: Step,
    /// Step in seconds.
    pub dt_s: f64,
}

/// A neuron population as a view needs it.
#[derive(Clone, Copy)]
pub struct Neurons {
    /// Handle.
    pub id: PopulationId,
    /// First neuron of the part.
    pub first: usize,
    /// Neurons in the whole population.
    pub size: usize,
}

/// The synapses that a view looks at.
pub struct Synapses<'a> {
    /// Handle.
    pub id: ProjectionId,
    /// Places within the part.
    pub list: &'a [u32],
    /// Source of each, in the whole population.
    pub pre: &'a [u32],
    /// Target of each, in the whole population.
    pub post: &'a [u32],
    /// Presynaptic population.
    pub pre_neurons: Neurons,
    /// Postsynaptic population.
    pub post_neurons: Neurons,
}

/// Values of a view for some neurons of the part, numbered in the whole population.
pub fn neurons(look: &mut Look<'_>, of: Neurons, view: &View, list: &[u32]) -> Vec<f64> {
    let mut seen = Seen::new(look, of.size, list.to_vec(), Vec::new());
    for place in loads(&view.kernel) {
        let values = match place {
            Place::Own(k) => sampled(look, of, k, list),
            _ => look.backend.read(Array::PopulationShared(of.id), look.now),
        };
        seen.arrays.insert(place, values);
    }
    seen.last_spike = last_spikes(look, &view.kernel, of, list);
    seen.free = free(look, &view.kernel, of, list);
    seen.run(view, list.len())
}

/// Values of a view for some synapses of the part.
pub fn synapses(look: &mut Look<'_>, of: &Synapses<'_>, view: &View) -> Vec<f64> {
    let mut seen = Seen::new(look, of.list.len(), of.pre.to_vec(), of.post.to_vec());
    let pick = |values: Vec<f64>, at: &mut dyn Iterator<Item = usize>| at.map(|k| values.get(k).copied().unwrap_or(f64::NAN)).collect::<Vec<f64>>();
    for place in loads(&view.kernel) {
        let values = match place {
            Place::Own(k) => {
                let mut out = Vec::new();
                look.backend.sample_synapses(of.id, k, of.list, look.now, &mut out);
                out
            }
            Place::Row(k) => pick(look.backend.read(Array::Rows(of.id, k), look.now), &mut of.pre.iter().map(|n| *n as usize)),
            Place::Column(k) => pick(look.backend.read(Array::Columns(of.id, k), look.now), &mut of.post.iter().map(|n| *n as usize - of.post_neurons.first)),
            Place::Pre(_) => panic!("views-read-no-presynaptic-variable"),
            Place::Post(k) => sampled(look, of.post_neurons, k, of.post),
            Place::Shared(_) => look.backend.read(Array::ProjectionShared(of.id), look.now),
            Place::PreShared(_) => look.backend.read(Array::PopulationShared(of.pre_neurons.id), look.now),
            Place::PostShared(_) => look.backend.read(Array::PopulationShared(of.post_neurons.id), look.now),
        };
        seen.arrays.insert(place, values);
    }
    seen.last_spike = last_spikes(look, &view.kernel, of.post_neurons, of.post);
    seen.free = free(look, &view.kernel, of.post_neurons, of.post);
    seen.run(view, of.list.len())
}

fn loads(kernel: &Kernel) -> Vec<Place> {
    kernel.ops.iter().filter_map(|op| if let Op::Load(p) | Op::Elapsed(p) = op { Some(*p) } else { None }).collect()
}

fn uses(kernel: &Kernel, builtin: Builtin) -> bool {
    kernel.ops.contains(&Op::Builtin(builtin))
}

/// Values of a slot of owned neurons.
fn sampled(look: &mut Look<'_>, of: Neurons, slot: u32, list: &[u32]) -> Vec<f64> {
    let mut out = Vec::with_capacity(list.len());
    look.backend.sample(of.id, slot, list, &mut out);
    out
}

fn last_spikes(look: &mut Look<'_>, kernel: &Kernel, of: Neurons, list: &[u32]) -> Vec<f64> {
    if !uses(kernel, Builtin::LastSpike) {
        return Vec::new();
    }
    let steps = look.backend.read(Array::LastSpike(of.id), look.now);
    list.iter().map(|n| steps[*n as usize - of.first]).map(|s| if s == NEVER as f64 { f64::NEG_INFINITY } else { s * look.dt_s }).collect()
}

fn free(look: &mut Look<'_>, kernel: &Kernel, of: Neurons, list: &[u32]) -> Vec<f64> {
    if !uses(kernel, Builtin::NotRefractory) {
        return Vec::new();
    }
    let values = look.backend.read(Array::NotRefractory(of.id), look.now);
    list.iter().map(|n| values[*n as usize - of.first]).collect()
}

struct Seen {
    now: Step,
    dt_s: f64,
    n: usize,
    i: Vec<u32>,
    j: Vec<u32>,
    arrays: HashMap<Place, Vec<f64>>,
    last_spike: Vec<f64>,
    free: Vec<f64>,
}

impl Seen {
    fn new(look: &Look<'_>, n: usize, i: Vec<u32>, j: Vec<u32>) -> Seen {
        Seen { now: look.now, dt_s: look.dt_s, n, i, j, arrays: HashMap::new(), last_spike: Vec::new(), free: Vec::new() }
    }

    fn run(mut self, view: &View, count: usize) -> Vec<f64> {
        let mut values = Vec::new();
        (0..count)
            .map(|element| {
                interpret::run(&view.kernel, element, &mut self, &mut values);
                values[view.value as usize]
            })
            .collect()
    }
}

impl Memory for Seen {
    fn load(&self, place: Place, element: usize) -> f64 {
        match place {
            Place::Shared(k) | Place::PreShared(k) | Place::PostShared(k) => self.arrays[&place][k as usize],
            _ => self.arrays[&place][element],
        }
    }

    fn store(&mut self, _: Place, _: usize, _: f64) {
        panic!("a view writes nothing");
    }

    fn add(&mut self, _: Place, _: usize, _: f64) {
        panic!("a view writes nothing");
    }

    fn builtin(&self, builtin: Builtin, element: usize) -> f64 {
        match builtin {
            Builtin::T => self.now as f64 * self.dt_s,
            Builtin::Dt => self.dt_s,
            Builtin::I => f64::from(self.i[element]),
            Builtin::J => f64::from(*self.j.get(element).unwrap_or(&self.i[element])),
            Builtin::N => self.n as f64,
            Builtin::LastSpike => self.last_spike[element],
            Builtin::NotRefractory => self.free[element],
        }
    }

    fn elapsed(&self, place: Place, element: usize) -> f64 {
        (self.now as f64 - self.load(place, element)) * self.dt_s
    }

    fn mark(&mut self, _: Place, _: usize) {
        panic!("a view writes nothing");
    }

    fn random(&self, _: Function, _: f64, _: u32, _: usize) -> f64 {
        panic!("a view draws nothing");
    }
}
