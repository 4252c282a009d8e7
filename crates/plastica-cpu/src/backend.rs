//! The back end itself: finds the arrays that a call is about, and lets populations and projections do the work.

use plastica_engine::backend::{
    Array, Backend, Event, InputId, NotFinite, Pending, PopulationId, PopulationSetup, ProjectionId, ProjectionSetup, Rewiring, Seeds, Sent, Step,
};
use plastica_engine::in_place::InPlace;
use plastica_kernel::ir::Kernel;
use plastica_network::arrays::Synapses;

use crate::ahead::Ahead;
use crate::array::{Kind, Values};
use crate::compiled::Compiled;
use crate::dispatch::Instructions;
use crate::places::Sides;
use crate::population::Population;
use crate::projection::Projection;

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

impl Settings {
    /// Type of the state.
    pub(crate) fn real(&self) -> Kind {
        if self.precision == Precision::Single { Kind::Single } else { Kind::Double }
    }
}

/// One part of a network on one thread.
pub struct CpuBackend {
    settings: Settings,
    real: Kind,
    populations: Vec<Population>,
    projections: Vec<Projection>,
    inputs: Vec<(usize, Option<Compiled>)>,
    /// What was sent ahead, by slot of a population.
    ahead: Vec<Ahead>,
    /// Something has been written that it hangs on.
    outdated: bool,
}

/// A back end with the widest vector instructions of this processor.
pub fn backend(precision: Precision, seeds: Seeds, dt_s: f64) -> Box<dyn Backend> {
    Box::new(CpuBackend::new(Settings { precision, seeds, dt_s, set: Instructions::widest(), defer: true }))
}

impl CpuBackend {
    /// A back end without populations.
    pub fn new(settings: Settings) -> CpuBackend {
        CpuBackend { real: settings.real(), settings, populations: Vec::new(), projections: Vec::new(), inputs: Vec::new(), ahead: Vec::new(), outdated: false }
    }

    /// Memory that the arrays take, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.populations.iter().map(Population::bytes).sum::<usize>()
            + self.projections.iter().map(Projection::bytes).sum::<usize>()
            + self.ahead.iter().map(Ahead::bytes).sum::<usize>()
    }

    /// A projection, and the neurons on both sides of it, which are about to change.
    fn with_sides(&mut self, projection: ProjectionId, now: Step) -> (&mut Projection, Sides<'_>) {
        let projection = &mut self.projections[projection.0];
        self.populations[projection.post].touch();
        let sides = Sides::new(&mut self.populations, projection.pre, projection.post, now);
        (projection, sides)
    }

    /// Does what waits in a projection.
    fn flush(&mut self, projection: ProjectionId, now: Step) {
        let (projection, sides) = self.with_sides(projection, now);
        projection.flush(None, &sides);
    }

    /// An array is about to be written.
    fn outdate(&mut self, array: Array) {
        if let Array::Synapses(p, _) | Array::ProjectionShared(p) = array {
            self.outdated |= self.projections[p.0].sends();
        }
    }

    /// Makes the rings for what a projection sends ahead, unless they are there.
    fn make_rings(&mut self, projection: usize) {
        let post = self.projections[projection].post;
        let is_there = |ring: &Ahead, slot: u32| ring.is_of(post, slot);
        let wanted: Vec<u32> = self.projections[projection].added.iter().copied().filter(|slot| !self.ahead.iter().any(|ring| is_there(ring, *slot))).collect();
        if wanted.is_empty() {
            return;
        }
        let reach = self.projections.iter().filter(|p| p.post == post).filter_map(|p| p.reach).max().unwrap_or(0);
        let population = &self.populations[post];
        self.ahead.extend(wanted.into_iter().map(|slot| Ahead::new(post, slot, population.slots[slot as usize].kind(), population.owned.len(), reach)));
    }

    /// Does what waits, if an array of a projection is about to be read or written.
    fn flush_for(&mut self, array: Array, now: Step) {
        if let Array::Synapses(p, _) | Array::Rows(p, _) | Array::Columns(p, _) | Array::ProjectionShared(p) = array {
            self.flush(p, now);
        }
    }

    /// The values of an array of slots.
    fn values(&mut self, array: Array) -> Option<&mut Values> {
        match array {
            Array::Neurons(p, slot) => Some(&mut self.populations[p.0].slots[slot as usize]),
            Array::Synapses(p, slot) => Some(&mut self.projections[p.0].slots[slot as usize]),
            Array::Rows(p, slot) => Some(&mut self.projections[p.0].row_slots[slot as usize]),
            Array::Columns(p, slot) => Some(&mut self.projections[p.0].column_slots[slot as usize]),
            Array::PopulationShared(_) | Array::LastSpike(_) | Array::NotRefractory(_) | Array::ProjectionShared(_) => None,
        }
    }
}

impl Backend for CpuBackend {
    fn add_population(&mut self, setup: PopulationSetup<'_>) -> PopulationId {
        self.populations.push(Population::new(setup, self.real, self.settings.seeds, self.settings.set, self.settings.dt_s));
        PopulationId(self.populations.len() - 1)
    }

    fn add_projection(&mut self, setup: ProjectionSetup<'_>) -> ProjectionId {
        self.projections.push(Projection::new(setup, &self.populations, &self.settings));
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

    fn sends(&self) -> bool {
        true
    }

    fn send(&mut self, sent: Sent<'_>, now: Step) {
        self.make_rings(sent.projection.0);
        let projection = &mut self.projections[sent.projection.0];
        let sides = Sides::new(&mut self.populations, projection.pre, projection.post, now);
        projection.send(sent, &mut self.ahead, &sides, now);
    }

    fn recall(&mut self) {
        self.ahead.clear();
        self.outdated = false;
    }

    fn is_outdated(&self) -> bool {
        self.outdated
    }

    fn land(&mut self, now: Step) {
        self.ahead.iter_mut().for_each(|ring| ring.land(&mut self.populations, now));
    }

    fn reset(&mut self, population: PopulationId, now: Step, spikes: &[u32]) {
        self.populations[population.0].reset(now, spikes);
    }

    fn clocked(&mut self, projection: ProjectionId, now: Step, frozen: bool) {
        if !frozen {
            let (projection, sides) = self.with_sides(projection, now);
            projection.clocked(&sides);
        }
    }

    fn interval(&mut self, projection: ProjectionId, index: usize, now: Step) {
        let (projection, sides) = self.with_sides(projection, now);
        projection.interval(index, &sides);
    }

    fn doomed(&mut self, projection: ProjectionId, rule: usize, now: Step) -> Vec<u32> {
        let (projection, sides) = self.with_sides(projection, now);
        projection.doomed(rule, &sides)
    }

    fn synapses(&self, projection: ProjectionId) -> Synapses {
        let projection = &self.projections[projection.0];
        projection.rows.synapses(projection.owned.start)
    }

    fn rewire(&mut self, projection: ProjectionId, change: &Rewiring, now: Step) {
        let (projection, sides) = self.with_sides(projection, now);
        projection.rewire(change, &sides);
        self.outdated |= projection.sends();
    }

    fn read(&mut self, array: Array, now: Step) -> Vec<f64> {
        self.flush_for(array, now);
        match array {
            Array::PopulationShared(p) => self.populations[p.0].shared.clone(),
            Array::ProjectionShared(p) => self.projections[p.0].shared.clone(),
            Array::LastSpike(p) => self.populations[p.0].last.iter().map(|s| *s as f64).collect(),
            Array::NotRefractory(p) => self.populations[p.0].free.iter().map(|f| f64::from(*f)).collect(),
            _ => self.values(array).map_or_else(Vec::new, |values| values.read(0, values.len())),
        }
    }

    fn in_place(&mut self, array: Array, now: Step, writing: bool) -> Option<InPlace<'_>> {
        self.flush_for(array, now);
        if writing {
            self.outdate(array);
            self.populations.iter_mut().for_each(Population::forget);
        }
        self.values(array).and_then(Values::in_place)
    }

    fn sample(&mut self, population: PopulationId, slot: u32, neurons: &[u32], out: &mut Vec<f64>) {
        let p = &self.populations[population.0];
        out.extend(neurons.iter().map(|n| p.slots[slot as usize].get(*n as usize - p.owned.start)));
    }

    fn set(&mut self, population: PopulationId, slot: u32, neurons: &[u32], values: &[f64]) {
        let p = &mut self.populations[population.0];
        p.touch();
        neurons.iter().zip(values).for_each(|(n, x)| p.slots[slot as usize].set(*n as usize - p.owned.start, *x));
    }

    fn sample_synapses(&mut self, projection: ProjectionId, slot: u32, synapses: &[u32], now: Step, out: &mut Vec<f64>) {
        let (p, sides) = self.with_sides(projection, now);
        let mut rows: Vec<usize> = synapses.iter().map(|s| p.rows.source(*s as usize)).collect();
        rows.sort_unstable();
        rows.dedup();
        p.flush(Some(&rows), &sides);
        let values = &self.projections[projection.0].slots[slot as usize];
        out.extend(synapses.iter().map(|s| values.get(*s as usize)));
    }

    fn write(&mut self, array: Array, new: &[f64], now: Step) {
        self.flush_for(array, now);
        self.outdate(array);
        match array {
            Array::PopulationShared(p) => self.populations[p.0].shared.copy_from_slice(new),
            Array::ProjectionShared(p) => self.projections[p.0].shared.copy_from_slice(new),
            Array::LastSpike(p) => self.populations[p.0].last.iter_mut().zip(new).for_each(|(to, x)| *to = *x as i64),
            Array::NotRefractory(p) => self.populations[p.0].free.iter_mut().zip(new).for_each(|(to, x)| *to = u8::from(*x != 0.0)),
            _ => {
                if let Some(values) = self.values(array) {
                    values.write(0, new);
                }
            }
        }
        self.populations.iter_mut().for_each(Population::forget);
    }

    fn receive(&mut self, population: PopulationId, slot: u32, first: usize, values: &[f64]) {
        if let Some(published) = &mut self.populations[population.0].published[slot as usize] {
            published.write(first, values);
        }
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
                if let Some(at) = values.find_not_finite(0, values.len()) {
                    let array = Array::Neurons(PopulationId(p), k as u32);
                    return Some(NotFinite { array, element: population.owned.start + at, value: values.get(at) });
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
