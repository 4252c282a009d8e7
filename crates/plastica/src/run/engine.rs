//! Which back end, how many threads, which seed.

use plastica_engine::simulation::MakeBackend;

use crate::experiment::Settings;

/// What simulations of a run share.
#[derive(Clone)]
pub struct Engine {
    /// Makes the back end of a part.
    pub make: MakeBackend,
    /// Threads.
    pub threads: usize,
    /// Seed of all random numbers.
    pub seed: u64,
}

impl Engine {
    /// The processor's back end in the precision that the experiment asks for; `threads` goes before the file's wish, and
    /// without either there is one for each core.
    pub fn new(settings: &Settings, threads: Option<usize>) -> Engine {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.or(settings.threads).unwrap_or_else(cores).clamp(1, crate::experiment::MAX_THREADS);
        Engine { make: std::sync::Arc::new(|| todo!()), threads, seed: settings.seed }
    }
}
