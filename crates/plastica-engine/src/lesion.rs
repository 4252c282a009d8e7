//! Lesions: neurons that never spike again and lose all their synapses, and synapses that are cut, whatever the models say.

use plastica_network::synapse_element;
use plastica_numerics::random::{Stream, stream_id};

use crate::backend::{ProjectionId, Rewiring};
use crate::simulation::{Quantity, RunError, Simulation};

/// What is lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Lesion {
    /// This share of the living neurons of a population, drawn at random: the nearest whole number of them.
    Share {
        /// Index of the population.
        population: usize,
        /// From 0 to 1.
        share: f64,
    },
    /// The neurons for which a variable or parameter is not 0.
    Marked {
        /// Index of the population.
        population: usize,
        /// Its name.
        variable: String,
    },
    /// Each synapse of a projection with this probability.
    Synapses {
        /// Index of the projection.
        projection: usize,
        /// From 0 to 1.
        share: f64,
    },
}

impl Simulation {
    /// Lesions the circuit, before its next step.
    ///
    /// # Errors
    /// [`RunError::NoVariable`] for a mark that does not exist.
    pub fn lesion(&mut self, lesion: &Lesion) -> Result<(), RunError> {
        let now = self.now() as u64;
        let circuit = self.plan.circuit.clone();
        let stream = |owner: &str| Stream::new(self.seeds.seed, self.seeds.subject, stream_id(&format!("{owner} lesion"), 0));
        match lesion {
            Lesion::Share { population, share } => {
                let of = &circuit.network.populations[*population];
                let stream = stream(&of.name);
                let mut order: Vec<(f64, u32)> =
                    (0..of.size as u32).filter(|n| !self.is_dead(*population, *n)).map(|n| (stream.uniform(u64::from(n), now, 0), n)).collect();
                order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                let count = (share * order.len() as f64).round() as usize;
                let neurons: Vec<u32> = order.iter().take(count).map(|(_, n)| *n).collect();
                self.kill(*population, &neurons);
            }
            Lesion::Marked { population, variable } => {
                let of = &circuit.network.populations[*population];
                let values = self.read(&Quantity::Population(*population, variable.clone()));
                let values = values.ok_or_else(|| RunError::NoVariable { population: of.name.clone(), variable: variable.clone() })?;
                let neurons: Vec<u32> = (0..of.size).filter(|n| values[*n % values.len()] != 0.0).map(|n| n as u32).collect();
                self.kill(*population, &neurons);
            }
            Lesion::Synapses { projection, share } => {
                let stream = stream(&circuit.network.projections[*projection].name);
                self.cut(*projection, |pre, post, which| stream.uniform(synapse_element(pre, post, which), now, 0) < *share);
            }
        }
        Ok(())
    }

    /// Can a neuron spike no more?
    pub(crate) fn is_dead(&self, population: usize, neuron: u32) -> bool {
        self.workers[0].dead[population].get(neuron as usize).is_some_and(|d| *d)
    }

    /// Dead neurons of a population, ascending.
    pub(crate) fn dead(&self, population: usize) -> Vec<u32> {
        let marks = self.workers[0].dead[population].iter().enumerate();
        marks.filter(|(_, d)| **d).map(|(n, _)| n as u32).collect()
    }

    /// Lets neurons of a population be dead, and no others.
    pub(crate) fn set_dead(&mut self, population: usize, neurons: &[u32]) {
        let size = self.plan.circuit.network.populations[population].size;
        let mut marks = if neurons.is_empty() { Vec::new() } else { vec![false; size] };
        neurons.iter().for_each(|n| marks[*n as usize] = true);
        self.workers.iter_mut().for_each(|w| w.dead[population].clone_from(&marks));
    }

    fn kill(&mut self, population: usize, neurons: &[u32]) {
        let all = [self.dead(population), neurons.to_vec()].concat();
        self.set_dead(population, &all);
        let marks = self.workers[0].dead[population].clone();
        let is_dead = |n: u32| marks.get(n as usize).is_some_and(|d| *d);
        let circuit = self.plan.circuit.clone();
        for (k, projection) in circuit.network.projections.iter().enumerate() {
            let (of_pre, of_post) = (projection.pre == population, projection.post == population);
            if of_pre || of_post {
                self.cut(k, |pre, post, _| of_pre && is_dead(pre) || of_post && is_dead(post));
            }
        }
    }

    /// Takes out the synapses that are named: source, target, which of several.
    fn cut(&mut self, projection: usize, goes: impl Fn(u32, u32, u16) -> bool) {
        let changes = self.workers.iter().map(|worker| {
            let synapses = worker.backend.synapses(ProjectionId(projection));
            let rows = synapses.row.windows(2).enumerate().flat_map(|(pre, row)| (row[0]..row[1]).map(move |s| (pre as u32, s)));
            let which = |s: usize| synapses.multapse.get(s).copied().unwrap_or(0);
            let gone = rows.filter(|(pre, s)| goes(*pre, synapses.post[*s], which(*s))).map(|(_, s)| s as u32).collect();
            Rewiring { gone, ..Rewiring::default() }
        });
        let changes = changes.collect();
        self.rewire(projection, changes);
    }
}
