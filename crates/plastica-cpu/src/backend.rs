//! The back end itself: finds the arrays that a call is about, and lets populations and projections do the work.

use plastica_engine::backend::{Array, Backend, Event, InputId, NotFinite, Pending, PopulationId, PopulationSetup, ProjectionId, ProjectionSetup, Seeds, Step};
use plastica_kernel::ir::Kernel;

use crate::array::{Kind, Values};
use crate::compiled::Compiled;
use crate::dispatch::Instructions;
use crate::population::Population;
use crate::projection::{Projection, Sides};

/// Precision of the state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// `f32`
    Single,
    /// `f64`
    Double,
}

/// How a [`CpuBackend`] works. Nothing here changes a bit of what it computes, but for `precision`.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Precision of the state.
    pub precision: Precision,
    /// Keys of the random numbers.
    pub seeds: Seeds,
    /// Step in seconds.
    pub dt_s: f64,
    /// Vector instructions.
    pub set: Instructions,
    /// Do postsynaptic events later, where the program allows it.
    pub defer: bool,
}

/// One part of a network on one thread.
pub struct CpuBackend {
    settings: Settings,
    real: Kind,
    populations: Vec<Population>,
    projections: Vec<Projection>,
    inputs: Vec<(usize, Option<Compiled>)>,
}

/// A back end with the widest vector instructions of this processor.
pub fn backend(precision: Precision, seeds: Seeds, dt_s: f64) -> Box<dyn Backend> {
    Box::new(CpuBackend::new(Settings { precision, seeds, dt_s, set: Instructions::widest(), defer: true }))
}

impl CpuBackend {
    /// A back end without populations.
    pub fn new(settings: Settings) -> CpuBackend {
        let real = if settings.precision == Precision::Single { Kind::Single } else { Kind::Double };
        CpuBackend { settings, real, populations: Vec::new(), projections: Vec::new(), inputs: Vec::new() }
    }

    /// Memory that the arrays take, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.populations.iter().map(Population::bytes).sum::<usize>() + self.projections.iter().map(Projection::bytes).sum::<usize>()
    }

    /// A projection, and the neurons on both sides of it, which are about to change.
    fn with_sides(&mut self, projection: ProjectionId, now: Step) -> (&mut Projection, Sides<'_>) {
        let projection = &mut self.projections[projection.0];
        self.populations[projection.post].touch();
        let sides = Sides::new(&mut self.populations, projection.pre, projection.post, now);
        (projection, sides)
    }

    /// The values of an array, the first of them that belongs to this part, and how many do.
    fn values(&mut self, array: Array) -> Option<(&mut Values, usize, usize)> {
        match array {
            Array::Neurons(p, slot) => {
                let population = &mut self.populations[p.0];
                let (base, n) = (population.base[slot as usize], population.owned.len());
                Some((&mut population.slots[slot as usize], base, n))
            }
            Array::Synapses(p, slot) => all(&mut self.projections[p.0].slots[slot as usize]),
            Array::Rows(p, slot) => all(&mut self.projections[p.0].row_slots[slot as usize]),
            Array::Columns(p, slot) => all(&mut self.projections[p.0].column_slots[slot as usize]),
            Array::PopulationShared(_) | Array::LastSpike(_) | Array::NotRefractory(_) | Array::ProjectionShared(_) => None,
        }
    }
}

fn all(values: &mut Values) -> Option<(&mut Values, usize, usize)> {
    let n = values.len();
    Some((values, 0, n))
}

impl Backend for CpuBackend {
    fn add_population(&mut self, setup: PopulationSetup<'_>) -> PopulationId {
        self.populations.push(Population::new(setup, self.real, self.settings.seeds, self.settings.set, self.settings.dt_s));
        PopulationId(self.populations.len() - 1)
    }

    fn add_projection(&mut self, setup: ProjectionSetup<'_>) -> ProjectionId {
        self.projections.push(Projection::new(setup, &self.populations, self.real, self.settings.seeds, self.settings.set));
        ProjectionId(self.projections.len() - 1)
    }

    fn add_input(&mut self, name: &str, population: PopulationId, kernel: &Kernel) -> InputId {
        let input = self.populations[population.0].make_input(name, kernel, self.real, self.settings.seeds, self.settings.set);
        self.inputs.push((population.0, input));
        InputId(self.inputs.len() - 1)
    }

    fn input(&mut self, input: InputId, now: Step) {
        if let (population, Some(tape)) = &mut self.inputs[input.0] {
            self.populations[*population].input(tape, now);
        }
    }

    fn integrate(&mut self, population: PopulationId, now: Step) {
        self.populations[population.0].integrate(now);
    }

    fn threshold(&mut self, population: PopulationId, now: Step, spikes: &mut Vec<u32>) {
        self.populations[population.0].threshold(now, spikes);
    }

    fn arrive(&mut self, projection: ProjectionId, now: Step) {
        let projection = &mut self.projections[projection.0];
        projection.ring.arrive(&mut self.populations[projection.post], now);
    }

    fn deliver(&mut self, event: Event<'_>, now: Step) {
        if !event.neurons.is_empty() {
            let (projection, sides) = self.with_sides(event.projection, now);
            projection.deliver(event, &sides);
        }
    }

    fn reset(&mut self, population: PopulationId, now: Step, spikes: &[u32]) {
        self.populations[population.0].reset(now, spikes);
    }

    fn clocked(&mut self, projection: ProjectionId, now: Step, frozen: bool) {
        let _ = frozen;
        let (projection, sides) = self.with_sides(projection, now);
        projection.clocked(&sides);
    }

    fn interval(&mut self, projection: ProjectionId, index: usize, now: Step) {
        let (projection, sides) = self.with_sides(projection, now);
        projection.interval(index, &sides);
    }

    fn read(&mut self, array: Array, now: Step) -> Vec<f64> {
        let _ = now;
        match array {
            Array::PopulationShared(p) => self.populations[p.0].shared.clone(),
            Array::ProjectionShared(p) => self.projections[p.0].shared.clone(),
            Array::LastSpike(p) => self.populations[p.0].last.iter().map(|s| *s as f64).collect(),
            Array::NotRefractory(p) => self.populations[p.0].free.iter().map(|f| f64::from(*f)).collect(),
            _ => self.values(array).map_or_else(Vec::new, |(values, first, n)| values.read(first, n)),
        }
    }

    fn sample(&mut self, population: PopulationId, slot: u32, neurons: &[u32], out: &mut Vec<f64>) {
        let p = &self.populations[population.0];
        let (values, base, first) = (&p.slots[slot as usize], p.base[slot as usize], p.owned.start);
        out.extend(neurons.iter().map(|n| values.get(*n as usize - first + base)));
    }

    fn sample_synapses(&mut self, projection: ProjectionId, slot: u32, synapses: &[u32], now: Step, out: &mut Vec<f64>) {
        let _ = now;
        let values = &self.projections[projection.0].slots[slot as usize];
        out.extend(synapses.iter().map(|s| values.get(*s as usize)));
    }

    fn write(&mut self, array: Array, new: &[f64], now: Step) {
        let _ = now;
        match array {
            Array::PopulationShared(p) => self.populations[p.0].shared.copy_from_slice(new),
            Array::ProjectionShared(p) => self.projections[p.0].shared.copy_from_slice(new),
            Array::LastSpike(p) => self.populations[p.0].last.iter_mut().zip(new).for_each(|(to, x)| *to = *x as i64),
            Array::NotRefractory(p) => self.populations[p.0].free.iter_mut().zip(new).for_each(|(to, x)| *to = u8::from(*x != 0.0)),
            _ => {
                if let Some((values, first, n)) = self.values(array) {
                    values.write(first, &new[..n]);
                }
            }
        }
        self.populations.iter_mut().for_each(Population::touch);
    }

    fn receive(&mut self, population: PopulationId, slot: u32, first: usize, values: &[f64]) {
        self.populations[population.0].slots[slot as usize].write(first, values);
    }

    fn pending(&mut self, projection: ProjectionId, now: Step) -> Vec<Pending> {
        let projection = &self.projections[projection.0];
        projection.ring.pending(now, projection.owned.start)
    }

    fn set_pending(&mut self, projection: ProjectionId, pending: &[Pending], now: Step) {
        let _ = now;
        let projection = &mut self.projections[projection.0];
        projection.ring.set_pending(pending, projection.owned.start);
    }

    fn find_not_finite(&mut self) -> Option<NotFinite> {
        for (p, population) in self.populations.iter().enumerate() {
            for (k, values) in population.slots.iter().enumerate().filter(|(k, _)| population.visible[*k]) {
                let (base, first) = (population.base[k], population.owned.start);
                if let Some(at) = values.find_not_finite(base, population.owned.len()) {
                    let array = Array::Neurons(PopulationId(p), k as u32);
                    return Some(NotFinite { array, element: first + at, value: values.get(base + at) });
                }
            }
        }
        for (p, projection) in self.projections.iter().enumerate() {
            for (k, values) in projection.slots.iter().enumerate().filter(|(k, _)| projection.visible[*k]) {
                if let Some(at) = values.find_not_finite(0, values.len()) {
                    return Some(NotFinite { array: Array::Synapses(ProjectionId(p), k as u32), element: at, value: values.get(at) });
                }
            }
        }
        None
    }
}
