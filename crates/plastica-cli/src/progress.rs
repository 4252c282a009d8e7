//! The progress bar: simulated time, real time and the rest; and Ctrl-C, which asks a run to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plastica::explain::seconds;
use plastica::run::Observer;

/// Shows how a run goes on standard error, where that is a terminal.
pub struct Progress {
    shown: bool,
    bar: ProgressBar,
    total: f64,
    interrupted: Arc<AtomicBool>,
}

/// The bar counts in parts of the run's length.
const PARTS: u64 = 10_000;

impl Progress {
    /// `quiet`: shows nothing, but still hears Ctrl-C.
    pub fn new(quiet: bool) -> Self {
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = interrupted.clone();
        // A second Ctrl-C ends the program at once. Where no handler can be set, Ctrl-C does so the first time.
        let _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(crate::INTERRUPTED));
            }
        });
        Progress { shown: !quiet, bar: ProgressBar::hidden(), total: 1.0, interrupted }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn begin(&mut self, what: &str, length_s: f64) {
        self.bar.finish_and_clear();
        self.total = length_s.max(f64::MIN_POSITIVE);
        self.bar = ProgressBar::with_draw_target(Some(PARTS), if self.shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        // Simulated time of the whole, real time so far, real time that is left.
        if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar} {msg} simulated, {elapsed} real, {eta} left") {
            self.bar.set_style(style);
        }
        self.bar.set_prefix(what.to_string());
        self.progress(0.0);
    }

    fn progress(&mut self, done_s: f64) {
        self.bar.set_position((done_s / self.total * PARTS as f64) as u64);
        self.bar.set_message(format!("{} of {}", seconds(done_s), seconds(self.total)));
    }

    fn note(&mut self, line: &str) {
        if self.shown {
            self.bar.suspend(|| eprintln!("{line}"));
        }
    }

    fn stop(&mut self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }
}
