//! Carrying an experiment out: circuit and pairings, recording, checkpoints, changes in mid-run, results.
//!
//! [`live`] is a circuit in the hand, run step by step and recorded in memory.
//! The engine steps, the store writes, the report shows; this room hands things from one to the next and watches the clock.

mod audit;
mod branch;
mod calibrate;
mod engine;
pub(crate) mod folder;
pub mod live;
mod lives;
pub(crate) mod memory;
pub(crate) mod page;
mod recorder;
mod results;
mod resume;
mod simulate;
mod sweep;

use std::path::PathBuf;
use std::time::Instant;

use plastica_lang::source::Diagnostic;

pub use audit::{Audited, audit};
pub use branch::{Branch, Over, branch};
pub(crate) use calibrate::check_calibrations;
pub use calibrate::{Calibrated, calibrate};
pub use engine::Engine;
pub use lives::set;
pub use plastica_report::{Row, Verdict, number};
pub use results::{Results, rows_as_json};
pub use resume::{Texts, report, resume};
pub(crate) use sweep::check_sweeps;
pub use sweep::sweep;

use crate::experiment::{Experiment, parse_experiment};
use crate::library::Library;
use crate::open::Opened;

/// How a run is carried out.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// Threads; results do not depend on it.
    pub threads: Option<usize>,
    /// Seed, instead of the file's.
    pub seed: Option<u64>,
    /// Folder for the results, instead of `runs/NAME-1`, `-2` and so on.
    pub out: Option<PathBuf>,
    /// The full size of a published study.
    pub full: bool,
    /// Without the accelerations that a study declares.
    pub exact: bool,
    /// Ablations: names of `[without.*]`.
    pub without: Vec<String>,
    /// One subject of a study alone: group and number.
    pub subject: Option<(String, u32)>,
    /// Groups of a study that are simulated; all if it is empty. Rows that need another one have no value.
    pub groups: Vec<String>,
    /// `path.to.key=value`, laid over the text.
    pub set: Vec<String>,
}

/// Opens the text of an experiment, again and again for runs that are made of others.
pub type Opening<'a> = &'a mut dyn FnMut() -> Result<Opened, Failure>;

/// Is told how a run goes, and may stop it.
pub trait Observer {
    /// A part of the run begins, with so many simulated seconds.
    fn begin(&mut self, what: &str, seconds: f64);
    /// So many simulated seconds of this part are done.
    fn progress(&mut self, seconds: f64);
    /// Should the run stop as soon as it can?
    fn stop(&mut self) -> bool;
    /// Something is done that deserves a line of its own, in a run of many.
    fn note(&mut self, _: &str) {}
}

/// Watches nothing.
pub struct NoObserver;

impl Observer for NoObserver {
    fn begin(&mut self, _: &str, _: f64) {}
    fn progress(&mut self, _: f64) {}
    fn stop(&mut self) -> bool {
        false
    }
}

/// Why there are no results, or not all of them.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The user's text is at fault.
    #[error("the experiment has errors")]
    Text(Vec<Diagnostic>),
    /// The folder for the results cannot be used.
    #[error("{0}")]
    Folder(String),
    /// The run failed; what was recorded is kept.
    #[error("{0}")]
    Run(String),
    /// A file could not be written or read.
    #[error(transparent)]
    Record(#[from] plastica_record::RecordError),
    /// The observer asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The observer asked to stop, and a checkpoint lies in this folder.
    #[error("interrupted; go on with: plastica resume {}", .0.display())]
    Checkpointed(PathBuf),
}

/// Checks and runs an experiment. Warnings are left in `opened.diagnostics`.
///
/// # Errors
/// [`Failure`]; with [`Failure::Text`] nothing has been written.
pub fn run(opened: &mut Opened, library: &Library, how: &How, observer: &mut dyn Observer) -> Result<Results, Failure> {
    let experiment = prepared(opened, library, how)?;
    let engine = Engine::new(&experiment.settings, how.threads);
    if experiment.study.is_some() {
        return lives::begin(opened, library, &experiment, &engine, how, None, observer);
    }
    let mut circuit = experiment.network.as_ref().map(|n| simulate::build(n, &engine)).transpose()?;
    if let Some(simulation) = &mut circuit {
        recorder::check_synapses(&experiment, simulation)?;
    }
    let resolved = crate::resolve::resolve(opened, &experiment, library);
    let folder = folder::choose(how.out.as_deref(), &experiment.name)?;
    let mut store = folder::create(&folder, &experiment, how, None, &resolved)?;
    let mut job = simulate::Job { experiment: &experiment, engine: &engine, full: how.full, folder: &folder, begin: Instant::now(), before_s: 0.0 };
    let rows = job.run(circuit, &mut store, None, observer)?;
    results::finish(&job, rows, store)
}

/// The experiment with all that was asked for laid over its text.
fn prepared(opened: &mut Opened, library: &Library, how: &How) -> Result<Experiment, Failure> {
    how.set.iter().try_for_each(|text| set(opened, text))?;
    crate::study::prepare(opened, &how.without, how.full)?;
    let Some(mut experiment) = parse_experiment(opened, library) else {
        return Err(Failure::Text(std::mem::take(&mut opened.diagnostics)));
    };
    if let Some(seed) = how.seed {
        experiment.settings.seed = seed;
    }
    Ok(experiment)
}

/// The resolved text that a run would write into its folder. The text of `opened` is used up by it.
///
/// # Errors
/// The text is at fault.
pub(crate) fn resolved_text(opened: &mut Opened, library: &Library, how: &How) -> Result<String, Failure> {
    let experiment = prepared(opened, library, how)?;
    Ok(crate::resolve::resolve(opened, &experiment, library).text)
}

/// How many steps to hand to the engine at once, so that progress is shown and an interruption is heard a few times a second.
#[derive(Debug)]
pub(crate) struct Pace {
    steps: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Pace { steps: 64 }
    }
}

impl Pace {
    const LONG_S: f64 = 0.2;
    const SHORT_S: f64 = 0.05;

    /// Steps to take next.
    pub fn next(&self) -> u64 {
        self.steps
    }

    /// Runs something that takes so many steps, and learns from how long that takes.
    pub fn timed<T>(&mut self, steps: u64, f: impl FnOnce() -> T) -> T {
        let begin = Instant::now();
        let out = f();
        let seconds = begin.elapsed().as_secs_f64();
        if seconds < Self::SHORT_S && steps == self.steps {
            self.steps = self.steps.saturating_mul(2).min(1 << 40);
        } else if seconds > Self::LONG_S {
            self.steps = (self.steps / 2).max(1);
        }
        out
    }
}
