//! What a circuit in the hand has recorded: growing columns in memory, one set for each record of the text.

use plastica_engine::backend::Step;
use plastica_engine::simulation::{Simulation, Sink, Watch};

use super::super::recorder::{chosen, unit};
use crate::experiment::{Experiment, Recorded};

/// Growing columns; which of them are used hangs on what is recorded.
///
/// - spikes: `step` and `element` (the neuron), one row for each spike
/// - a variable at an interval: `step`, one for each sample, and `value`, one for each sample and element
/// - a variable whenever it changes: all three, one row for each change; `element` is a place among the watched synapses
/// - a rate: `step` at which a bin begins, and `value`, its spikes
/// - a count of synapses: `step` and `value`, one for each sample
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// Steps.
    pub step: Vec<i64>,
    /// Neurons, or places among the watched synapses.
    pub element: Vec<u32>,
    /// Values in SI units.
    pub value: Vec<f64>,
}

/// Which neurons or synapses the columns are about.
#[derive(Clone, Debug, PartialEq)]
pub enum Labels {
    /// None: spikes, rates and counts say it themselves.
    None,
    /// Neurons, ascending.
    Neurons(Vec<u32>),
    /// Synapses: number in public order, source, target.
    Synapses {
        /// Number in public order.
        number: Vec<u64>,
        /// Presynaptic neuron.
        pre: Vec<u32>,
        /// Postsynaptic neuron.
        post: Vec<u32>,
    },
}

/// A record with what it has kept.
#[derive(Debug)]
pub struct Kept<'a> {
    /// Name in the text.
    pub name: &'a str,
    /// `spikes`, `series`, `changes` or `rate`.
    pub kind: &'static str,
    /// Name of the population or projection.
    pub owner: &'a str,
    /// Name of the variable; `spikes` or `rate` otherwise.
    pub variable: &'a str,
    /// Its unit; empty for pure numbers.
    pub unit: String,
    /// Neurons of the population (0 for a projection).
    pub neurons: usize,
    /// Steps from one sample or bin to the next; 0 for spikes and changes.
    pub every: u64,
    /// Which elements.
    pub labels: &'a Labels,
    /// The numbers.
    pub columns: &'a Columns,
}

/// The sink of a circuit in the hand.
pub(super) struct Memory {
    pub columns: Vec<Columns>,
    labels: Vec<Labels>,
    /// Spikes of single neurons: population, its watch, counts.
    tallies: Vec<(usize, usize, Vec<u32>)>,
}

impl Memory {
    /// Asks the simulation for all records of an experiment.
    pub fn new(experiment: &Experiment, simulation: &mut Simulation) -> Memory {
        let mut labels = Vec::new();
        for record in &experiment.records {
            let (watch, label) = watch(&record.what, simulation);
            simulation.watch(watch);
            labels.push(label);
        }
        Memory { columns: vec![Columns::default(); labels.len()], labels, tallies: Vec::new() }
    }

    pub fn is_counting(&self, population: usize) -> bool {
        self.tallies.iter().any(|t| t.0 == population)
    }

    /// Counts the spikes that a watch sees.
    pub fn count(&mut self, population: usize, watch: usize, counts: Vec<u32>) {
        self.tallies.push((population, watch, counts));
    }

    pub fn counts(&self, population: usize) -> &[u32] {
        self.tallies.iter().find(|t| t.0 == population).map_or(&[], |t| &t.2)
    }

    pub fn counted(&self) -> impl Iterator<Item = (usize, &[u32])> {
        self.tallies.iter().map(|t| (t.0, &t.2[..]))
    }

    pub fn set_counts(&mut self, population: usize, counts: Vec<u32>) {
        self.tallies.iter_mut().filter(|t| t.0 == population).for_each(|t| t.2.clone_from(&counts));
    }

    pub fn forget_counts(&mut self) {
        self.tallies.iter_mut().for_each(|t| t.2.fill(0));
    }

    pub fn forget(&mut self) {
        self.columns.iter_mut().for_each(|c| *c = Columns::default());
    }

    pub fn kept<'a>(&'a self, experiment: &'a Experiment) -> Vec<Kept<'a>> {
        let Some(network) = &experiment.network else { return Vec::new() };
        let rows = experiment.records.iter().zip(&self.labels).zip(&self.columns);
        rows.map(|((record, labels), columns)| {
            let (kind, variable, every) = match &record.what {
                Recorded::Spikes { .. } => ("spikes", "spikes", 0),
                Recorded::Neurons { variable, every, .. } => ("series", variable.as_str(), *every),
                Recorded::Synapses { variable, every: Some(every), .. } => ("series", variable.as_str(), *every),
                Recorded::Synapses { variable, every: None, .. } => ("changes", variable.as_str(), 0),
                Recorded::Rate { bin, .. } => ("rate", "rate", *bin),
                Recorded::Count { what, every, .. } => ("series", what.word(), *every),
            };
            let (owner, neurons, unit) = match &record.what {
                Recorded::Spikes { population, .. } => (&network.populations[*population].name, network.populations[*population].size, String::new()),
                Recorded::Rate { population, .. } => (&network.populations[*population].name, network.populations[*population].size, "hertz".into()),
                Recorded::Neurons { population, variable, .. } => {
                    let own = &network.populations[*population];
                    (&own.name, own.size, own.model().map_or_else(String::new, |m| unit(m, variable)))
                }
                Recorded::Synapses { projection, variable, .. } => {
                    let own = &network.projections[*projection];
                    (&own.name, 0, unit(&own.model, variable))
                }
                Recorded::Count { projection, .. } => (&network.projections[*projection].name, 0, String::new()),
            };
            Kept { name: &record.name, kind, owner, variable, unit, neurons, every, labels, columns }
        })
        .collect()
    }
}

fn watch(what: &Recorded, simulation: &Simulation) -> (Watch, Labels) {
    match what {
        Recorded::Spikes { population, neurons } => (Watch::Spikes { population: *population, neurons: neurons.clone() }, Labels::None),
        Recorded::Rate { population, bin } => (Watch::Rate { population: *population, bin: *bin }, Labels::None),
        Recorded::Count { projection, what, every } => (Watch::Turnover { projection: *projection, what: *what, every: *every }, Labels::None),
        Recorded::Neurons { population, variable, every, neurons } => {
            let size = simulation.circuit().network.populations[*population].size;
            let labels = Labels::Neurons(neurons.clone().unwrap_or_else(|| (0..size as u32).collect()));
            (Watch::Neurons { population: *population, variable: variable.clone(), neurons: neurons.clone(), every: *every }, labels)
        }
        Recorded::Synapses { projection, variable, every, which } => {
            let list = simulation.synapses(*projection);
            let number = chosen(which, list.pre.len());
            let of = |side: &[u32]| number.iter().map(|s| side[*s as usize]).collect();
            let labels = Labels::Synapses { pre: of(&list.pre), post: of(&list.post), number: number.clone() };
            (Watch::Synapses { projection: *projection, variable: variable.clone(), synapses: Some(number), every: *every }, labels)
        }
    }
}

impl Sink for Memory {
    fn spikes(&mut self, watch: usize, step: Step, neurons: &[u32]) {
        let Some(kept) = self.columns.get_mut(watch) else {
            // What is watched beside the records is counted only.
            for tally in self.tallies.iter_mut().filter(|t| t.1 == watch) {
                neurons.iter().for_each(|n| tally.2[*n as usize] += 1);
            }
            return;
        };
        kept.step.extend(std::iter::repeat_n(step, neurons.len()));
        kept.element.extend_from_slice(neurons);
    }

    fn samples(&mut self, watch: usize, step: Step, values: &[f64]) {
        self.columns[watch].step.push(step);
        self.columns[watch].value.extend_from_slice(values);
    }

    fn changes(&mut self, watch: usize, step: Step, places: &[u32], values: &[f64]) {
        let kept = &mut self.columns[watch];
        kept.step.extend(std::iter::repeat_n(step, places.len()));
        kept.element.extend_from_slice(places);
        kept.value.extend_from_slice(values);
    }

    fn count(&mut self, watch: usize, step: Step, spikes: u64) {
        self.columns[watch].step.push(step);
        self.columns[watch].value.push(spikes as f64);
    }
}
