//! The run itself: the circuit with its changes and checkpoints, then the pairings.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use plastica_engine::circuit::Circuit;
use plastica_engine::simulation::{Checkpoint, Quantity, Simulation};
use plastica_kernel::passes::Passes;
use plastica_network::network::Network;
use plastica_record::{Store, checkpoint};
use serde_json::json;

use super::folder::CHECKPOINT;
use super::recorder::Recorder;
use super::{Engine, Failure, Observer, Pace};
use crate::experiment::{Action, Change, Experiment};
use crate::pairing::{Shown, run_pairing};

/// Real seconds between two flushes of what was recorded.
const FLUSH_S: f64 = 5.0;

/// Draws the network of an experiment; nothing is written.
pub(super) fn build(network: &Network, engine: &Engine) -> Result<Simulation, Failure> {
    super::memory::enough(network)?;
    let circuit = Circuit::compile(network.clone(), Passes::default()).map_err(Failure::Text)?;
    Simulation::build(Arc::new(circuit), engine.seeds, engine.threads, engine.backend(network.dt_s)).map_err(|e| Failure::Text(vec![*e.diagnostic]))
}

/// What is to be done, and where.
pub(super) struct Job<'a> {
    pub experiment: &'a Experiment,
    pub engine: &'a Engine,
    pub full: bool,
    pub folder: &'a Path,
    pub begin: Instant,
    /// Real seconds that earlier parts of the run took.
    pub before_s: f64,
}

/// What came out, before it is made into rows.
#[derive(Debug, Default)]
pub(super) struct Raw {
    /// Spikes of each population.
    pub spikes: Vec<u64>,
    /// One for each pairing.
    pub pairings: Vec<Shown>,
}

impl Job<'_> {
    /// Real seconds so far, those before an interruption included.
    pub fn seconds(&self) -> f64 {
        self.before_s + self.begin.elapsed().as_secs_f64()
    }

    /// Runs the circuit, perhaps from a checkpoint on, then the pairings that are not done yet.
    pub fn run(&mut self, simulation: Option<Simulation>, store: &mut Store, from: Option<&Checkpoint>, observer: &mut dyn Observer) -> Result<Raw, Failure> {
        let mut raw = Raw::default();
        if let Some(mut simulation) = simulation {
            self.circuit(&mut simulation, store, from, observer)?;
            raw.spikes = simulation.spike_counts();
        }
        for pairing in &self.experiment.pairings {
            let file = format!("pairing-{}.json", pairing.name);
            // A pairing that was finished before an interruption is not done again.
            if let Some(shown) = std::fs::read_to_string(self.folder.join(&file)).ok().and_then(|t| serde_json::from_str::<Shown>(&t).ok()) {
                raw.pairings.push(shown);
                continue;
            }
            observer.begin(&pairing.name, pairing.simulated_s());
            let outcome = run_pairing(pairing, self.engine, self.full, observer).map_err(|e| match e {
                Failure::Interrupted => Failure::Checkpointed(self.folder.into()),
                other => other,
            })?;
            let shown = Shown::new(pairing, outcome);
            store.write_json(&file, &serde_json::to_value(&shown).unwrap_or_default())?;
            raw.pairings.push(shown);
        }
        Ok(raw)
    }

    fn circuit(&self, simulation: &mut Simulation, store: &mut Store, from: Option<&Checkpoint>, observer: &mut dyn Observer) -> Result<(), Failure> {
        let settings = &self.experiment.settings;
        let Some(network) = &self.experiment.network else { return Ok(()) };
        let mut recorder = Recorder::new(self.experiment, network, simulation, store)?;
        if let Some(checkpoint) = from {
            simulation.restore(checkpoint).map_err(|e| Failure::Run(e.to_string()))?;
        }
        observer.begin(&self.experiment.name, settings.steps as f64 * settings.dt_s);
        let (mut flushed, mut saved) = (Instant::now(), Instant::now());
        let mut pace = Pace::default();
        let mut now = from.map_or(0, |c| c.step as u64);
        while now < settings.steps {
            apply(self.experiment.changes.iter().filter(|c| c.step == now), simulation);
            let next_change = self.experiment.changes.iter().map(|c| c.step).find(|s| *s > now).unwrap_or(u64::MAX);
            let chunk = pace.next().min(settings.steps - now).min(next_change - now);
            let advanced = pace.timed(chunk, || simulation.advance(chunk, &mut recorder));
            recorder.check()?;
            if let Err(e) = advanced {
                recorder.flush()?;
                return Err(Failure::Run(self.with_checkpoint(&e.to_string())));
            }
            now += chunk;
            observer.progress(now as f64 * settings.dt_s);
            let stop = observer.stop() && now < settings.steps;
            if stop || saved.elapsed().as_secs_f64() > settings.checkpoint_s {
                self.save(simulation, &mut recorder, now)?;
                (flushed, saved) = (Instant::now(), Instant::now());
            } else if flushed.elapsed().as_secs_f64() > FLUSH_S {
                recorder.flush()?;
                flushed = Instant::now();
            }
            if stop {
                return Err(Failure::Checkpointed(self.folder.into()));
            }
        }
        // The last bin may be cut short by the end; it is recorded all the same.
        let closed = simulation.close(&mut recorder);
        recorder.check()?;
        if let Err(e) = closed {
            recorder.flush()?;
            return Err(Failure::Run(self.with_checkpoint(&e.to_string())));
        }
        self.save(simulation, &mut recorder, now)
    }

    /// Saves the state, with how much was recorded until then: a checkpoint must never be newer than the recording that it continues.
    fn save(&self, simulation: &mut Simulation, recorder: &mut Recorder<'_>, now: u64) -> Result<(), Failure> {
        // A state that is not finite is no state to go on from.
        simulation.scan().map_err(|e| Failure::Run(self.with_checkpoint(&e.to_string())))?;
        let recorded = recorder.sync()?;
        let state = simulation.checkpoint();
        let header = json!({ "step": now, "seconds": self.seconds(), "version": crate::VERSION, "experiment": self.experiment.name, "recorded": recorded });
        Ok(checkpoint::save(&self.folder.join(CHECKPOINT), &header, &state.arrays)?)
    }

    fn with_checkpoint(&self, message: &str) -> String {
        let path = self.folder.join(CHECKPOINT);
        match checkpoint::load(&path).ok().and_then(|(header, _)| header["step"].as_u64()) {
            Some(step) => format!(
                "{message}\n  what was recorded is kept; the last good checkpoint is of {} s: {}",
                step as f64 * self.experiment.settings.dt_s,
                path.display()
            ),
            None => format!("{message}\n  what was recorded is kept in {}", self.folder.display()),
        }
    }
}

/// Does what a file asks for at this step.
pub(super) fn apply<'c>(changes: impl Iterator<Item = &'c Change>, simulation: &mut Simulation) {
    for action in changes.flat_map(|c| &c.actions) {
        match action {
            Action::Freeze { projection, frozen } => simulation.freeze(*projection, *frozen),
            Action::Lesion(lesion) => simulation.lesion(lesion).expect("that marks exist has been checked"),
            Action::Population { population, name, value } => {
                simulation.write(&Quantity::Population(*population, name.clone()), &[*value]);
            }
            Action::Projection { projection, name, value } => {
                simulation.write(&Quantity::Projection(*projection, name.clone()), &[*value]);
            }
        }
    }
}
