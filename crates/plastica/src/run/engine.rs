//! Which back end, how many threads, which seed.

use std::sync::Arc;

use plastica_engine::backend::Seeds;
use plastica_engine::simulation::MakeBackend;

use crate::experiment::{Precision, Settings};

/// What the simulations of a run share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Precision of state.
    pub precision: Precision,
    /// Threads.
    pub threads: usize,
    /// Keys of all random numbers.
    pub seeds: Seeds,
}

/// So many threads are made when they are asked for, on any machine.
const ALWAYS: usize = 4;

impl Engine {
    /// `threads` goes before the file's wish; without either there is one for each core. Threads beyond the cores would only wait
    /// for each other, and change no result, so that there are never more than the cores, or [`ALWAYS`].
    pub fn new(settings: &Settings, threads: Option<usize>) -> Engine {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.or(settings.threads).unwrap_or(cores).clamp(1, cores.max(ALWAYS));
        Engine { precision: settings.precision, threads, seeds: Seeds { seed: settings.seed, subject: 0 } }
    }

    /// Makes the back end of a part of a circuit with this step, in seconds.
    pub fn backend(&self, dt_s: f64) -> MakeBackend {
        let precision = match self.precision {
            Precision::Single => plastica_cpu::Precision::Single,
            Precision::Double => plastica_cpu::Precision::Double,
        };
        let seeds = self.seeds;
        Arc::new(move || plastica_cpu::backend(precision, seeds, dt_s))
    }
}
