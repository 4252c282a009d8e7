//! Subjects side by side: each on one thread at a time, none sharing what changes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use crate::run::{Failure, Observer};

/// How often the one who watches is told.
const TELL: Duration = Duration::from_millis(100);

/// What a job tells of itself, and hears.
pub struct Watched {
    milliseconds: AtomicU64,
    stop: AtomicBool,
}

impl Watched {
    /// So many more simulated seconds are done.
    pub fn done(&self, seconds: f64) {
        self.milliseconds.fetch_add((seconds * 1000.0).round() as u64, Ordering::Relaxed);
    }

    /// Should all jobs stop as soon as they can?
    pub fn stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Does all jobs, so many at a time, in their order. The observer is told of simulated seconds, and may stop all.
///
/// # Errors
/// The failure of the first job, in their order, that failed; the others have then been asked to stop.
pub fn side_by_side<J: Sync, T: Send>(
    jobs: &[J],
    threads: usize,
    observer: &mut dyn Observer,
    work: impl Fn(&J, &Watched) -> Result<T, Failure> + Sync,
) -> Result<Vec<T>, Failure> {
    let watched = Watched { milliseconds: AtomicU64::new(0), stop: AtomicBool::new(false) };
    let (next, left) = (AtomicUsize::new(0), AtomicUsize::new(threads.min(jobs.len())));
    let results: Mutex<Vec<Option<Result<T, Failure>>>> = Mutex::new(jobs.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..threads.min(jobs.len()) {
            scope.spawn(|| {
                while let Some((at, job)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, jobs.get(at)?))) {
                    let result = if watched.stop() { Err(Failure::Interrupted) } else { work(job, &watched) };
                    if result.is_err() {
                        watched.stop.store(true, Ordering::Relaxed);
                    }
                    if let Ok(mut results) = results.lock() {
                        results[at] = Some(result);
                    }
                }
                left.fetch_sub(1, Ordering::Release);
            });
        }
        while left.load(Ordering::Acquire) > 0 {
            std::thread::sleep(TELL);
            observer.progress(watched.milliseconds.load(Ordering::Relaxed) as f64 / 1000.0);
            if observer.stop() {
                watched.stop.store(true, Ordering::Relaxed);
            }
        }
    });
    let results = results.into_inner().unwrap_or_default();
    // A job that was stopped because of another is not the cause.
    let is_cause = |r: &Option<Result<T, Failure>>| matches!(r, Some(Err(e)) if !matches!(e, Failure::Interrupted));
    let mut out = Vec::with_capacity(results.len());
    let first = results.iter().position(is_cause);
    for (at, result) in results.into_iter().enumerate() {
        match result {
            Some(Err(e)) if first.is_none_or(|first| first == at) => return Err(e),
            Some(Ok(value)) => out.push(value),
            _ => {}
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::NoObserver;

    fn check(threads: usize, failing: Option<u32>) -> Result<Vec<u32>, String> {
        let jobs: Vec<u32> = (0..20).collect();
        let work = |job: &u32, watched: &Watched| {
            watched.done(1.0);
            if Some(*job) == failing { Err(Failure::Run(format!("job {job}"))) } else { Ok(job * job) }
        };
        side_by_side(&jobs, threads, &mut NoObserver, work).map_err(|e| e.to_string())
    }

    #[test]
    fn results_keep_their_order_and_a_failure_is_told() {
        let squares: Vec<u32> = (0..20).map(|n| n * n).collect();
        assert_eq!(check(1, None), Ok(squares.clone()));
        assert_eq!(check(4, None), Ok(squares));
        assert_eq!(check(1, Some(3)), Err("job 3".into()));
        assert_eq!(check(4, Some(3)), Err("job 3".into()));
    }

    /// Stops at once.
    struct Impatient;

    impl Observer for Impatient {
        fn begin(&mut self, _: &str, _: f64) {}
        fn progress(&mut self, _: f64) {}
        fn stop(&mut self) -> bool {
            true
        }
    }

    #[test]
    fn the_observer_stops_all() {
        let work = |_: &(), watched: &Watched| {
            while !watched.stop() {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err::<(), _>(Failure::Interrupted)
        };
        assert!(matches!(side_by_side(&[(), (), ()], 2, &mut Impatient, work), Err(Failure::Interrupted)));
    }
}
