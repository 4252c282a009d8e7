//! What one part records: samples at the start of steps, spikes and changed weights at their end.

use std::ops::Range;

use plastica_kernel::ir::View;

use crate::backend::{Array, PopulationId, ProjectionId, Step};
use crate::simulation::Counted;
use crate::step::Worker;
use crate::view::{self, Look, Neurons};

/// Where a recorded quantity is found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A slot of the population or projection.
    Slot(u32),
    /// A scalar.
    Shared(u32),
    /// Worked out.
    View(View),
}

/// A part's share of a watch. `places` are the places of its elements in the whole watch.
#[derive(Clone, Debug)]
pub enum PartWatch {
    /// Spikes, of these neurons if given (those that the part owns, ascending).
    Spikes {
        /// Index of the population.
        population: usize,
        /// Which neurons.
        only: Option<Vec<u32>>,
    },
    /// Values of neurons.
    Neurons {
        /// Index of the population.
        population: usize,
        /// What.
        found: Found,
        /// Owned neurons, numbered in the whole population.
        neurons: Vec<u32>,
        /// Their places.
        places: Vec<u32>,
        /// Interval in steps.
        every: u64,
    },
    /// Values of synapses.
    Synapses {
        /// Index of the projection.
        projection: usize,
        /// What.
        found: Found,
        /// Present places in this part; none while a synapse is not there. A synapse is its pair, and which of several of that pair.
        list: Vec<Option<u32>>,
        /// Source of each.
        pre: Vec<u32>,
        /// Target of each.
        post: Vec<u32>,
        /// Which of several of its pair.
        which: Vec<u16>,
        /// Their places.
        places: Vec<u32>,
        /// Interval in steps; `None`: on change.
        every: Option<u64>,
        /// Values that were recorded last (on change).
        last: Vec<f64>,
    },
    /// Spikes counted in bins.
    Rate {
        /// Index of the population.
        population: usize,
        /// Steps in a bin.
        bin: u64,
        /// Step at which the present bin began.
        from: Step,
        /// Spikes in it so far.
        count: u64,
    },
    /// Synapses counted.
    Turnover {
        /// Index of the projection.
        projection: usize,
        /// What is counted.
        what: Counted,
        /// Interval in steps.
        every: u64,
    },
}

/// Something recorded by a part.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Number of the watch.
    pub watch: usize,
    /// When.
    pub step: Step,
    /// What.
    pub what: What,
}

/// Kinds of recorded things.
#[derive(Clone, Debug)]
pub enum What {
    /// Neurons that spiked: a stretch of [`Worker::spiked`].
    Spikes(Range<usize>),
    /// Values of the part's elements of the watch.
    Samples(Vec<f64>),
    /// Changed elements (places in the whole watch) and their values.
    Changes(Vec<u32>, Vec<f64>),
    /// Spikes of a bin, or synapses.
    Count(u64),
}

impl Worker {
    /// Samples what is due at the start of a step, and closes bins.
    pub fn record_start(&mut self) {
        let now = self.now;
        for watch in 0..self.watches.len() {
            let due = match &self.watches[watch] {
                PartWatch::Neurons { every, .. } | PartWatch::Synapses { every: Some(every), .. } | PartWatch::Turnover { every, .. } => {
                    now % *every as Step == 0
                }
                PartWatch::Rate { bin, from, .. } => now - from == *bin as Step,
                _ => false,
            };
            if due && let PartWatch::Rate { .. } = &self.watches[watch] {
                self.close_bin(watch);
            } else if due && let PartWatch::Turnover { projection, what, .. } = &self.watches[watch] {
                let count = self.turnover[*projection].of(*what);
                self.recorded.push(Recorded { watch, step: now, what: What::Count(count) });
            } else if due {
                let values = self.values(watch);
                self.recorded.push(Recorded { watch, step: now, what: What::Samples(values) });
            }
        }
    }

    /// Hands over an open bin at the end of a run.
    pub fn close_bin(&mut self, watch: usize) {
        let now = self.now;
        if let PartWatch::Rate { from, count, .. } = &mut self.watches[watch]
            && now > *from
        {
            self.recorded.push(Recorded { watch, step: *from, what: What::Count(*count) });
            (*from, *count) = (now, 0);
        }
    }

    /// Records the spikes of a step and the synapses that it changed.
    pub fn record_end(&mut self) {
        let step = self.now;
        for watch in 0..self.watches.len() {
            match &self.watches[watch] {
                PartWatch::Spikes { population, only } => {
                    let from = self.spiked.len();
                    let spikes = &self.spiking[*population];
                    match only {
                        None => self.spiked.extend(spikes),
                        Some(only) => self.spiked.extend(spikes.iter().filter(|n| only.binary_search(n).is_ok())),
                    }
                    let to = self.spiked.len();
                    if to > from {
                        self.recorded.push(Recorded { watch, step, what: What::Spikes(from..to) });
                    }
                }
                PartWatch::Rate { population, .. } => {
                    let spikes = self.spiking(*population).len() as u64;
                    if let PartWatch::Rate { count, .. } = &mut self.watches[watch] {
                        *count += spikes;
                    }
                }
                PartWatch::Synapses { every: None, .. } => self.record_changes(watch),
                _ => {}
            }
        }
    }

    /// Records the synapses that slow clocks have changed while time is skipped.
    pub fn record_all_changes(&mut self) {
        for watch in 0..self.watches.len() {
            if let PartWatch::Synapses { every: None, .. } = &self.watches[watch] {
                self.record_changes(watch);
            }
        }
    }

    fn record_changes(&mut self, watch: usize) {
        let step = self.now;
        let values = self.values(watch);
        if let PartWatch::Synapses { places, last, .. } = &mut self.watches[watch] {
            let changed: Vec<usize> = (0..values.len()).filter(|k| last.get(*k).is_none_or(|old| old.to_bits() != values[*k].to_bits())).collect();
            if !changed.is_empty() {
                let what = What::Changes(changed.iter().map(|k| places[*k]).collect(), changed.iter().map(|k| values[*k]).collect());
                *last = values;
                self.recorded.push(Recorded { watch, step, what });
            }
        }
    }

    /// Present values of a watch's elements in this part.
    pub fn values(&mut self, watch: usize) -> Vec<f64> {
        let watch = self.watches[watch].clone();
        match &watch {
            PartWatch::Neurons { population, found, neurons, .. } => self.neuron_values(*population, found, neurons),
            PartWatch::Synapses { projection, found, list, pre, post, .. } => self.synapse_values(*projection, found, list, pre, post),
            _ => Vec::new(),
        }
    }

    /// Present values of owned neurons.
    pub fn neuron_values(&mut self, population: usize, found: &Found, neurons: &[u32]) -> Vec<f64> {
        let id = PopulationId(population);
        match found {
            Found::Slot(k) => {
                let mut out = Vec::new();
                self.backend.sample(id, *k, neurons, &mut out);
                out
            }
            Found::Shared(k) => vec![self.backend.read(Array::PopulationShared(id), self.now)[*k as usize]; neurons.len()],
            Found::View(view) => {
                let of = self.neurons(population);
                view::neurons(&mut self.look(), of, view, neurons)
            }
        }
    }

    /// Present values of synapses of this part; not a number for those that are not there.
    pub fn synapse_values(&mut self, projection: usize, found: &Found, list: &[Option<u32>], pre: &[u32], post: &[u32]) -> Vec<f64> {
        let there: Vec<usize> = (0..list.len()).filter(|k| list[*k].is_some()).collect();
        let ends = |of: &[u32]| there.iter().map(|k| of[*k]).collect::<Vec<u32>>();
        let present: Vec<u32> = list.iter().copied().flatten().collect();
        if there.len() == list.len() {
            return self.present_values(projection, found, &present, pre, post);
        }
        let values = self.present_values(projection, found, &present, &ends(pre), &ends(post));
        let mut out = vec![f64::NAN; list.len()];
        there.into_iter().zip(values).for_each(|(k, x)| out[k] = x);
        out
    }

    fn present_values(&mut self, projection: usize, found: &Found, list: &[u32], pre: &[u32], post: &[u32]) -> Vec<f64> {
        let id = ProjectionId(projection);
        match found {
            Found::Slot(k) => {
                let mut out = Vec::new();
                self.backend.sample_synapses(id, *k, list, self.now, &mut out);
                out
            }
            Found::Shared(k) => vec![self.backend.read(Array::ProjectionShared(id), self.now)[*k as usize]; list.len()],
            Found::View(view) => {
                let ends = &self.plan.circuit.network.projections[projection];
                let (pre_neurons, post_neurons) = (self.neurons(ends.pre), self.neurons(ends.post));
                view::synapses(&mut self.look(), &view::Synapses { id, list, pre, post, pre_neurons, post_neurons }, view)
            }
        }
    }

    fn look(&mut self) -> Look<'_> {
        let dt_s = self.plan.circuit.network.dt_s;
        Look { backend: &mut *self.backend, now: self.now, dt_s }
    }

    fn neurons(&self, population: usize) -> Neurons {
        let size = self.plan.circuit.network.populations[population].size;
        Neurons { id: PopulationId(population), first: self.part.range(size).start, size }
    }
}
