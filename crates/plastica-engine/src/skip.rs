//! The slow clock: time passes without spikes.
//!
//! What has a value of its own between spikes keeps its meaning: event-driven variables decay in closed form, because they are functions of the
//! time since their last event, and `on_interval` statements run at their times. Everything that belongs to the clock of spikes is put to rest:
//! neurons' differential variables have their first values, spikes and increments under way are dropped, inputs and statements of every step
//! (`every = "dt"`) do not run. What is sampled at an interval is not sampled meanwhile.

use crate::backend::{Array, PopulationId, ProjectionId, Step};
use crate::record::PartWatch;
use crate::simulation::{RunError, Simulation};
use crate::step::Worker;

/// Steps are saved and read as `f64`, so that they must be exact in it.
const LAST_STEP: Step = 1 << 53;

impl Simulation {
    /// Lets so many steps pass on the slow clock.
    ///
    /// A refractory *time* goes on to be counted from the last spike; a refractory condition holds no more.
    /// Bins of rates end where the stretch begins, and the next ones begin where it ends.
    ///
    /// # Errors
    /// [`RunError::NoSlowClock`] if a projection that is not frozen has variables that are advanced at every step,
    /// [`RunError::TooFar`] beyond step 2^53. Nothing has changed then.
    pub fn skip(&mut self, steps: u64) -> Result<(), RunError> {
        let (now, plan) = (self.now(), self.plan.clone());
        let circuit = &plan.circuit;
        for (k, (program, projection)) in circuit.projections.iter().zip(&circuit.network.projections).enumerate() {
            if program.clocked.is_some() && !self.workers[0].frozen[k] {
                let variables: Vec<String> = clocked_variables(&projection.model);
                return Err(RunError::NoSlowClock { projection: projection.name.clone(), variables: variables.join(", ") });
            }
        }
        let end = i64::try_from(steps).ok().and_then(|steps| now.checked_add(steps)).filter(|end| *end <= LAST_STEP);
        let Some(end) = end else { return Err(RunError::TooFar(now as f64 * circuit.network.dt_s + steps as f64 * circuit.network.dt_s)) };
        if steps == 0 {
            return Ok(());
        }
        self.workers.iter_mut().for_each(Worker::begin_skip);
        let mut from = now;
        while let Some(due) = self.next_due(from).filter(|due| *due < end) {
            self.workers.iter_mut().for_each(|w| w.rest_at(due));
            if self.next_rewiring_of(due, 2) == Some(due) {
                self.restructure(due)?;
            }
            self.slow_clocks(due);
            from = due + 1;
        }
        self.workers.iter_mut().for_each(|w| w.end_skip(end));
        Ok(())
    }

    /// The first step from `from` on at which a slow clock is due.
    fn next_due(&self, from: Step) -> Option<Step> {
        let plan = &self.plan;
        let synapses = plan.circuit.projections.iter().zip(&self.workers[0].frozen).filter(|(_, frozen)| !**frozen).flat_map(|(p, _)| &p.on_interval);
        let periods = synapses.map(|(every, _)| *every).chain(plan.intervals.iter().map(|i| i.every));
        let clocks = periods.filter(|every| *every > 1).map(|every| (from.max(1) as u64).next_multiple_of(every) as Step).min();
        clocks.into_iter().chain(self.next_rewiring_of(from, 2)).min()
    }

    /// Runs what is due, in the order of a step.
    fn slow_clocks(&mut self, now: Step) {
        if self.plan.published_between {
            let values: Vec<_> = self.workers.iter_mut().flat_map(Worker::published).collect();
            for worker in &mut self.workers {
                for (population, slot, first, values) in &values {
                    worker.backend.receive(PopulationId(*population), *slot, *first, values);
                }
            }
        }
        for worker in &mut self.workers {
            let plan = worker.plan.clone();
            let is_due = |every: u64| every > 1 && now % every as Step == 0;
            for (k, program) in plan.circuit.projections.iter().enumerate().filter(|(k, _)| !worker.frozen[*k]) {
                for (index, _) in program.on_interval.iter().enumerate().filter(|(_, (every, _))| is_due(*every)) {
                    worker.backend.interval(ProjectionId(k), index, now);
                }
            }
            for interval in plan.intervals.iter().filter(|i| is_due(i.every)) {
                worker.backend.input(interval.input, now);
            }
            worker.record_all_changes();
        }
    }
}

fn clocked_variables(model: &plastica_lang::model::Model) -> Vec<String> {
    let differential = |v: &&plastica_lang::model::Variable| matches!(v.role, plastica_lang::model::Role::Differential(_)) && !v.flags.event_driven;
    model.variables.iter().filter(differential).map(|v| format!("`{}`", v.name)).collect()
}

impl Worker {
    fn begin_skip(&mut self) {
        (0..self.watches.len()).for_each(|w| self.close_bin(w));
        self.forget_spikes();
        for k in 0..self.plan.circuit.projections.len() {
            self.backend.set_pending(ProjectionId(k), &[], self.now);
        }
    }

    /// Goes to a step, at which the neurons are at rest.
    fn rest_at(&mut self, now: Step) {
        self.now = now;
        for (k, values) in self.resting.iter().enumerate() {
            let id = PopulationId(k);
            for (slot, values) in values {
                self.backend.write(Array::Neurons(id, *slot), values, now);
            }
            let population = &self.plan.circuit.network.populations[k];
            if population.model().is_some() {
                self.backend.write(Array::NotRefractory(id), &vec![1.0; self.part.range(population.size).len()], now);
            }
        }
    }

    fn end_skip(&mut self, end: Step) {
        self.rest_at(end);
        for watch in &mut self.watches {
            if let PartWatch::Rate { from, .. } = watch {
                *from = end;
            }
        }
    }
}
