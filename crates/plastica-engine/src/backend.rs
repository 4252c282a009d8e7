//! What a back end must do: hold the arrays of one part of the network and run kernels over them.
//!
//! A back end knows no time loop, no delays queue and no model names. It is told which spikes are due.
//! One object serves one [`Part`] (a thread's or a rank's share) and is called by one worker.

use std::ops::Range;

use plastica_kernel::ir::{Kernel, PopulationProgram, ProjectionProgram};
use plastica_network::arrays::Synapses;

use crate::in_place::InPlace;

/// A step number; time is `step * dt`.
pub type Step = i64;

/// "Never", for the last spike of a neuron that has not fired.
pub const NEVER: Step = i64::MIN / 2;

/// Handle of a population in a back end (its place in the network's list).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PopulationId(pub usize);

/// Handle of a projection in a back end (its place in the network's list).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProjectionId(pub usize);

/// Handle of an input in a back end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InputId(pub usize);

/// One array that can be read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Array {
    /// Slot of a population: one value for each neuron that this part owns.
    Neurons(PopulationId, u32),
    /// Scalars of a population, all of them.
    PopulationShared(PopulationId),
    /// Last spike step of each owned neuron ([`NEVER`] before the first).
    LastSpike(PopulationId),
    /// 1 where an owned neuron is free, 0 where it is refractory.
    NotRefractory(PopulationId),
    /// Slot of a projection: one value for each synapse of this part, in the order of its `Synapses`. Step slots as step numbers.
    Synapses(ProjectionId, u32),
    /// Row slot of a projection: one value for each neuron of the whole presynaptic population.
    Rows(ProjectionId, u32),
    /// Column slot of a projection: one value for each postsynaptic neuron that this part owns.
    Columns(ProjectionId, u32),
    /// Scalars of a projection, all of them.
    ProjectionShared(ProjectionId),
}

/// What the random numbers of a run are keyed by, besides stream, element and step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// Seed of the run.
    pub seed: u64,
    /// Number of the subject.
    pub subject: u32,
}

/// A population as a back end receives it.
pub struct PopulationSetup<'a> {
    /// Name, which keys its random streams: `stream_id(name, op.stream)`.
    pub name: &'a str,
    /// Compiled model; a population of given spikes has an empty program.
    pub program: &'a PopulationProgram,
    /// Neurons in the whole population.
    pub size: usize,
    /// The ones that this part owns.
    pub owned: Range<usize>,
    /// Initial value of each slot for the owned neurons.
    pub slots: Vec<Vec<f64>>,
    /// Initial scalars.
    pub shared: Vec<f64>,
    /// Slots that synapses of any part read through `Pre`: such reads see the values that [`Backend::receive`] brought last, also
    /// of the part's own neurons, so that they do not hang on the number of parts.
    pub published: Vec<u32>,
}

/// A projection as a back end receives it.
pub struct ProjectionSetup<'a> {
    /// Name, which keys its random streams.
    pub name: &'a str,
    /// Compiled model.
    pub program: &'a ProjectionProgram,
    /// Presynaptic population.
    pub pre: PopulationId,
    /// Postsynaptic population.
    pub post: PopulationId,
    /// Synapses onto the owned neurons.
    pub synapses: Synapses,
    /// Neurons in the whole presynaptic population.
    pub pre_size: usize,
    /// Initial value of each slot for those synapses; row and column slots begin with their `initial`.
    pub slots: Vec<Vec<f64>>,
    /// Initial scalars.
    pub shared: Vec<f64>,
    /// May presynaptic events be sent ahead ([`Backend::send`])?
    pub ahead: bool,
}

/// Which of the two sides of a synapse an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// A presynaptic spike: the synapses of a row.
    Pre,
    /// A postsynaptic spike: the synapses of a column.
    Post,
}

/// Spikes that reach the synapses of a projection now, along one pathway, after one delay.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The projection.
    pub projection: ProjectionId,
    /// From which side.
    pub side: Side,
    /// Index in `on_pre` or `on_post`.
    pub pathway: usize,
    /// Only synapses with this axonal (`Pre`) or dendritic (`Post`) delay, in steps.
    pub delay: u32,
    /// Neurons of that side that spiked, ascending, numbered in the whole population.
    pub neurons: &'a [u32],
    /// Run the `(after events)` tape instead of the main one.
    pub after: bool,
    /// Run the tape that leaves plastic variables alone.
    pub frozen: bool,
    /// What is added to neurons is summed for each of them, and reaches them with [`Backend::land`].
    pub summed: bool,
}

/// Spikes whose increments are put under way.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The projection.
    pub projection: ProjectionId,
    /// Index in `on_pre`.
    pub pathway: usize,
    /// Delay of the pathway, in steps; that of each synapse comes on top.
    pub delay: u32,
    /// Neurons that spiked, ascending, numbered in the whole population.
    pub neurons: &'a [u32],
    /// The step in which they spiked.
    pub then: Step,
}

/// Which synapses of a part go, and which come.
#[derive(Clone, Debug, Default)]
pub struct Rewiring {
    /// Those that go (places in the part, ascending).
    pub gone: Vec<u32>,
    /// Those that come, in the order of a part; none of them is there already. Delays are `Each` where the part's are. No values.
    pub born: Synapses,
    /// Their values, for each slot.
    pub slots: Vec<Vec<f64>>,
}

/// An increment under way in a dendrite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pending {
    /// When it arrives.
    pub step: Step,
    /// Slot of the postsynaptic population.
    pub slot: u32,
    /// Neuron, numbered in the whole population.
    pub neuron: u32,
    /// How much.
    pub value: f64,
}

/// A value that is not a number, or infinite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NotFinite {
    /// Where it was found.
    pub array: Array,
    /// Element in that array (for neurons: numbered in the whole population).
    pub element: usize,
    /// The value.
    pub value: f64,
}

/// Is a neuron free in this step, if it stays refractory for a time? Whole steps, as Brian counts them.
pub fn is_free_after(last_spike: Step, now: Step, time_s: f64, dt_s: f64) -> bool {
    last_spike == NEVER || (now - last_spike) as f64 >= (time_s / dt_s + 1e-3).floor().max(0.0)
}

/// Holds the arrays of one part and runs kernels over them.
pub trait Backend: Send {
    /// Takes a population. Called in the order of the network, before any projection.
    fn add_population(&mut self, setup: PopulationSetup<'_>) -> PopulationId;
    /// Takes a projection. Called in the order of the network.
    fn add_projection(&mut self, setup: ProjectionSetup<'_>) -> ProjectionId;
    /// Takes statements that act on every owned neuron of a population; `name` keys their random streams.
    fn add_input(&mut self, name: &str, population: PopulationId, kernel: &Kernel) -> InputId;

    /// Runs an input.
    fn input(&mut self, input: InputId, now: Step);
    /// Works out who is refractory in this step, then advances the state from `now * dt` to `(now + 1) * dt`.
    fn integrate(&mut self, population: PopulationId, now: Step);
    /// Appends the owned neurons that spike in this step (numbered in the whole population, ascending),
    /// sets their last spike, and makes them refractory where the model says so.
    fn threshold(&mut self, population: PopulationId, now: Step, spikes: &mut Vec<u32>);
    /// Adds the dendritic increments of a projection that arrive now.
    fn arrive(&mut self, projection: ProjectionId, now: Step);
    /// Runs an event's tape over its synapses, in the order of `neurons`, then of the row (or column, by source);
    /// then the side tape over its neurons.
    fn deliver(&mut self, event: Event<'_>, now: Step);
    /// Does this back end put increments under way when it learns of a spike ([`Backend::send`])? If not, it is given the events when they are
    /// due, with [`Event::summed`].
    fn sends(&self) -> bool {
        false
    }
    /// Puts under way what spikes add to neurons, for synapses that they reach in the present step or later. Called in the order of the steps
    /// of the spikes, then of the projections, then of the pathways; only for projections that may be sent ahead.
    fn send(&mut self, sent: Sent<'_>, now: Step) {
        let _ = (sent, now);
    }
    /// Forgets all that was sent; it is sent anew.
    fn recall(&mut self) {}
    /// Has something been written, since the last [`Backend::recall`], that increments under way hang on?
    fn is_outdated(&self) -> bool {
        false
    }
    /// Adds what arrives now of what was sent or summed: for each target one sum, which was begun at 0.
    fn land(&mut self, now: Step);
    /// Runs the reset of the neurons that spiked in this step (owned ones, numbered in the whole population).
    fn reset(&mut self, population: PopulationId, now: Step, spikes: &[u32]);
    /// Runs the dense terms of a projection over all its synapses (after all populations have been integrated).
    fn clocked(&mut self, projection: ProjectionId, now: Step, frozen: bool);
    /// Runs the statements of the slow clock `index` of a projection. What they add to neurons is there at once.
    fn interval(&mut self, projection: ProjectionId, index: usize, now: Step);

    /// The synapses of this part (places, ascending) for which the condition of the `prune` rule `rule` holds. Deferred work is done first.
    fn doomed(&mut self, projection: ProjectionId, rule: usize, now: Step) -> Vec<u32>;
    /// The present synapses: ends and delays, no values. `multapse` has an entry for each, or is empty.
    fn synapses(&self, projection: ProjectionId) -> Synapses;
    /// Removes and adds synapses, between two steps. Deferred work is done first; increments under way stay under way, and
    /// arrays keep their order: by source, axonal delay, target, which of several.
    fn rewire(&mut self, projection: ProjectionId, change: &Rewiring, now: Step);

    /// Values of an array. Deferred work is done first, so that nothing shows that it was deferred.
    fn read(&mut self, array: Array, now: Step) -> Vec<f64>;
    /// An array where it lies, in the order of `read`, if this back end keeps it so. Deferred work is done first; with `writing`, as in `write`.
    fn in_place(&mut self, array: Array, now: Step, writing: bool) -> Option<InPlace<'_>> {
        let _ = (array, now, writing);
        None
    }
    /// Some values of a neuron array (owned neurons, numbered in the whole population), appended to `out`.
    fn sample(&mut self, population: PopulationId, slot: u32, neurons: &[u32], out: &mut Vec<f64>);
    /// Replaces some values of a neuron array (owned neurons, numbered in the whole population).
    fn set(&mut self, population: PopulationId, slot: u32, neurons: &[u32], values: &[f64]);
    /// Some values of a synapse array (synapses of this part, numbered as in its `Synapses`), appended to `out`.
    /// Deferred work on them is done first.
    fn sample_synapses(&mut self, projection: ProjectionId, slot: u32, synapses: &[u32], now: Step, out: &mut Vec<f64>);
    /// Replaces the values of an array.
    fn write(&mut self, array: Array, values: &[f64], now: Step);
    /// Takes the present values of a published slot for the neurons of a part (also of this one), beginning with neuron `first`.
    fn receive(&mut self, population: PopulationId, slot: u32, first: usize, values: &[f64]);
    /// Increments under way in the dendrites of a projection, by step, slot, neuron.
    fn pending(&mut self, projection: ProjectionId, now: Step) -> Vec<Pending>;
    /// Replaces them.
    fn set_pending(&mut self, projection: ProjectionId, pending: &[Pending], now: Step);
    /// The first value that is not finite, if any, among the neurons' and synapses' visible slots.
    fn find_not_finite(&mut self) -> Option<NotFinite>;
}
