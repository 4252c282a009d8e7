//! Force production: hold a force, or the greatest that can be had.
//!
//! Force is the low-passed, weighted rate of motor groups. The subject's effort is a drive in proportion to the target; what is
//! missing is told by a feedback drive while the force is held. In imagery nothing moves, so there is no feedback: the force is
//! scored that the same activity would have given.

use std::collections::VecDeque;

use plastica_lang::source::{Diagnostic, Table};
use plastica_lang::units::Dimension;

use super::feedback::Reward;
use super::read::{Reader, read};
use super::stage::{Kind, Stage};
use super::{Drive, GroupBy, Hands, Score, Task, some_steps, steps};
use crate::BlockKind;

const SCORES: [Score; 7] = [
    Score { name: "target", unit: "", doc: "force to be held; none for a maximal contraction" },
    Score { name: "force_mean", unit: "", doc: "mean force while it is scored" },
    Score { name: "force_sd", unit: "", doc: "standard deviation of the force while it is scored" },
    Score { name: "error", unit: "", doc: "root of the mean square of (force - target)/target" },
    Score { name: "on_target", unit: "", doc: "share of the time within the tolerance" },
    Score { name: "peak", unit: "", doc: "greatest force of the trial" },
    Score { name: "mvc", unit: "", doc: "maximal voluntary contraction: greatest mean force over `mvc_window`; none if there is a target" },
];

#[derive(Clone, Debug)]
struct Feedback {
    groups: usize,
    amount: f64,
    delay: f64,
    every: f64,
}

#[derive(Clone, Debug)]
struct Config {
    /// Of each motor group; 1 where the file says nothing.
    weights: Vec<f64>,
    gain: f64,
    tau: f64,
    /// Forces to be held; none for maximal contractions.
    targets: Vec<f64>,
    /// The force that full effort is meant for.
    full: f64,
    effort_groups: usize,
    effort: f64,
    feedback: Option<Feedback>,
    hold: f64,
    rest: f64,
    start: f64,
    score_from: f64,
    tolerance: f64,
    mvc_window: f64,
}

/// Reads the table of a force task.
pub(super) fn parse(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Box<dyn Task>> {
    read("a force task", table, diagnostics, |r| {
        let is_maximal = r.yes("maximal", false);
        let targets = match (is_maximal, r.table.key("targets")) {
            (true, Some(key)) => {
                let span = key.span;
                r.report("given-twice", span, "a maximal contraction has no targets".into(), "remove `targets`, or `maximal`");
                r.value("targets", |_, _| Some(Vec::new())).unwrap_or_default()
            }
            (true, None) => Vec::new(),
            (false, _) => positive(r, "targets", "[10, 20], or maximal = true", f64::MIN_POSITIVE),
        };
        let full = targets.iter().copied().fold(0.0, f64::max);
        let weights = if r.table.get("weights").is_some() { positive(r, "weights", "[1, 0.5]", 0.0) } else { Vec::new() };
        let reads = r.groups("muscles", weights.len().max(1));
        let effort = r.needed_drive("effort", 1, |r| Some(r.amount("amount")));
        let feedback = r.drive("feedback", 1, |r| Some((r.amount("amount"), r.time_or_zero("delay", 50e-3), r.time("every", 20e-3))));
        let effort_groups = effort.as_ref().and_then(|(drive, _)| known_groups(r, "effort", drive));
        let feedback_groups = feedback.as_ref().and_then(|(drive, _)| known_groups(r, "feedback", drive));
        let reward = Reward::read(r);
        let config = Config {
            gain: r.number("gain", 1.0, f64::MIN_POSITIVE..=f64::INFINITY),
            tau: r.time("tau", 100e-3),
            full: r.number("full", if full > 0.0 { full } else { 1.0 }, f64::MIN_POSITIVE..=f64::INFINITY),
            hold: r.time("hold", 3.0),
            rest: r.time("rest", 3.0),
            start: r.time_or_zero("start", 500e-3),
            score_from: r.time_or_zero("score_from", 1.0),
            tolerance: r.number("tolerance", 0.1, 0.0..=10.0),
            mvc_window: r.window("mvc_window", 500e-3),
            effort_groups: effort_groups?,
            effort: effort.as_ref()?.1,
            feedback: match &feedback {
                Some((_, (amount, delay, every))) => Some(Feedback { groups: feedback_groups?, amount: *amount, delay: *delay, every: *every }),
                None => None,
            },
            targets,
            weights,
        };
        for (key, time) in [("score_from", config.score_from), ("mvc_window", config.mvc_window)] {
            if time >= config.hold && r.table.get(key).is_some() {
                r.report("out-of-range", r.span(key), format!("`{key}` must be shorter than `hold`, {} s", config.hold), "write a longer `hold`");
            }
        }
        let task: Box<dyn Task> = Box::new(Force {
            config,
            stage: Stage::new(vec![reads?], [effort?.0].into_iter().chain(feedback.map(|f| f.0)).collect(), reward),
            phase: Phase::Over,
            target: f64::NAN,
            force: 0.0,
            rise: 1.0,
            factors: Vec::new(),
            tally: Tally::default(),
            errors: VecDeque::new(),
            sample_at: 0,
            expectation: 0.0,
        });
        Some(task)
    })
}

fn positive(r: &mut Reader<'_, '_>, key: &'static str, example: &str, least: f64) -> Vec<f64> {
    r.list(key, example, |r, item| {
        let (x, _) = r.quantity(key, item, Some(Dimension::NONE))?;
        if x < least {
            r.report("out-of-range", item.span, format!("`{key}` cannot hold {x}"), "write a positive number");
            return None;
        }
        Some(x)
    })
}

/// Groups of a drive that is set as a whole; how many there are must be seen from the file.
fn known_groups(r: &mut Reader<'_, '_>, key: &str, drive: &Drive) -> Option<usize> {
    match &drive.groups.by {
        GroupBy::All => Some(1),
        GroupBy::Members(names) => Some(names.len()),
        _ => {
            r.report("wrong-type", drive.groups.by_span, format!("`{key}` drives all its neurons alike"), "leave out `each` and `value`, or list `members`");
            None
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// The next trial begins at this step.
    Waiting(i64),
    /// The force is held since this step.
    Holding(i64),
    Over,
}

/// Sums over the scored part of a trial.
#[derive(Clone, Debug, Default)]
struct Tally {
    n: f64,
    sum: f64,
    squares: f64,
    error: f64,
    on_target: f64,
    peak: f64,
    /// The last forces, in a ring, and their sum.
    last: Vec<f64>,
    at: usize,
    last_sum: f64,
    filled: usize,
    mvc: f64,
}

impl Tally {
    fn clear(&mut self, window: usize) {
        let mut last = std::mem::take(&mut self.last);
        last.clear();
        last.resize(window, 0.0);
        *self = Tally { last, mvc: f64::NAN, ..Tally::default() };
    }

    /// A force of the trial; it counts for the mean if it is scored.
    fn add(&mut self, force: f64, target: f64, tolerance: f64, is_scored: bool) {
        self.peak = self.peak.max(force);
        self.last_sum += force - std::mem::replace(&mut self.last[self.at], force);
        self.at = (self.at + 1) % self.last.len();
        self.filled += 1;
        if self.filled >= self.last.len() {
            // `max` passes over the NaN of the beginning.
            self.mvc = self.mvc.max(self.last_sum / self.last.len() as f64);
        }
        if is_scored {
            let error = (force - target) / target;
            self.n += 1.0;
            self.sum += force;
            self.squares += force * force;
            self.error += error * error;
            self.on_target += f64::from(u8::from(error.abs() <= tolerance));
        }
    }
}

#[derive(Clone)]
struct Force {
    config: Config,
    stage: Stage,
    phase: Phase,
    /// NaN for a maximal contraction.
    target: f64,
    force: f64,
    /// Share of the way to its goal that the force goes in a step.
    rise: f64,
    /// Force that a spike of each group in each step would sustain.
    factors: Vec<f64>,
    tally: Tally,
    /// When an error is told, and which.
    errors: VecDeque<(i64, f64)>,
    sample_at: i64,
    expectation: f64,
}

impl Force {
    fn is_maximal(&self) -> bool {
        self.config.targets.is_empty()
    }

    fn open(&mut self, now: i64, hands: &mut Hands) {
        let (c, dt_s) = (&self.config, self.stage.setting.dt_s);
        let effort = if c.targets.is_empty() {
            self.target = f64::NAN;
            1.0
        } else {
            self.target = c.targets[self.stage.setting.pick(c.targets.len(), now, 0)];
            self.target / c.full
        };
        for group in 0..c.effort_groups {
            self.stage.pulses.set(0, group, c.effort * effort * self.stage.setting.strength, now + some_steps(c.hold, dt_s), hands);
        }
        self.tally.clear(some_steps(c.mvc_window, dt_s) as usize);
        (self.phase, self.sample_at) = (Phase::Holding(now), now);
    }

    fn close(&mut self, from: i64, now: i64, hands: &mut Hands) {
        let (t, dt_s) = (&self.tally, self.stage.setting.dt_s);
        let mean = t.sum / t.n;
        let sd = (t.squares / t.n - mean * mean).max(0.0).sqrt();
        let (error, on_target, mvc) = if self.is_maximal() { (f64::NAN, f64::NAN, t.mvc) } else { ((t.error / t.n).sqrt(), t.on_target / t.n, f64::NAN) };
        self.stage.finish(from, now, vec![self.target, mean, sd, error, on_target, t.peak, mvc]);
        if on_target.is_finite() {
            self.stage.reward(on_target, &mut self.expectation, now, hands);
        }
        self.errors.clear();
        self.phase = if self.stage.setting.enough(self.stage.trials) { Phase::Over } else { Phase::Waiting(now + some_steps(self.config.rest, dt_s)) };
    }

    /// Tells what is missing, as it was a while ago.
    fn tell(&mut self, now: i64, hands: &mut Hands) {
        let Some(feedback) = self.config.feedback.as_ref().filter(|_| self.stage.setting.kind != BlockKind::Imagery && !self.target.is_nan()) else { return };
        let every = some_steps(feedback.every, self.stage.setting.dt_s);
        if now >= self.sample_at {
            self.errors.push_back((now + steps(feedback.delay, self.stage.setting.dt_s), (self.target - self.force) / self.target));
            self.sample_at = now + every;
        }
        while let Some(&(due, error)) = self.errors.front().filter(|(due, _)| *due <= now) {
            self.errors.pop_front();
            for group in 0..feedback.groups {
                self.stage.pulses.set(1, group, feedback.amount * error, due + every, hands);
            }
        }
    }
}

impl Kind for Force {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn table(&self) -> &[Score] {
        &SCORES
    }

    fn open_block(&mut self, now: i64) {
        let (c, setting) = (&self.config, &self.stage.setting);
        let dt_s = setting.dt_s;
        let runs = matches!(setting.kind, BlockKind::Practice | BlockKind::Imagery | BlockKind::Test) && !setting.enough(0);
        self.phase = if runs { Phase::Waiting(now + steps(c.start, dt_s)) } else { Phase::Over };
        self.rise = 1.0 - (-dt_s / c.tau).exp();
        let weight = |g: usize| c.weights.get(g).copied().unwrap_or(if c.weights.is_empty() { 1.0 } else { 0.0 });
        self.factors = setting.sizes(0).iter().enumerate().map(|(g, n)| c.gain * weight(g) / ((*n).max(1) as f64 * dt_s)).collect();
        (self.force, self.errors) = (0.0, VecDeque::with_capacity(64));
    }

    fn advance(&mut self, now: i64, seen: &[Vec<u32>], hands: &mut Hands) {
        let Some(muscles) = seen.first() else { return };
        let goal: f64 = muscles.iter().zip(&self.factors).map(|(n, factor)| f64::from(*n) * factor).sum();
        self.force += self.rise * (goal - self.force);
        match self.phase {
            Phase::Waiting(at) if now >= at => self.open(now, hands),
            Phase::Holding(from) => {
                let dt_s = self.stage.setting.dt_s;
                let is_scored = now - from >= steps(self.config.score_from.min(self.config.hold / 2.0), dt_s);
                self.tally.add(self.force, self.target, self.config.tolerance, is_scored);
                if now >= from + some_steps(self.config.hold, dt_s) {
                    self.close(from, now, hands);
                } else {
                    self.tell(now, hands);
                }
            }
            _ => {}
        }
    }

    fn close_block(&mut self, _: i64) {
        self.errors.clear();
        self.phase = Phase::Over;
    }

    fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    fn keeps(&self) -> Vec<f64> {
        vec![self.expectation]
    }

    fn recall(&mut self, memory: &[f64]) {
        if let [expectation] = *memory {
            self.expectation = expectation;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Setting;
    use super::super::fake::{Log, check_exchanged, good, run, setting};
    use super::*;

    const TEXT: &str = r#"
kind = "force"
muscles = { population = "M1_E", value = "muscle" }
weights = [1, 0.5]
effort = { population = "PM_E", variable = "drive", amount = "4 mV" }
feedback = { population = "M1_E", variable = "error", amount = "1 mV", delay = "50 ms", every = "20 ms" }
reward = { modulator = "DA" }
targets = [20]
gain = 2
tau = "50 ms"
hold = "2 s"
"#;

    /// A subject of two groups of 10 cells: with full effort the first fires so many spikes in each step.
    fn block(text: &str, kind: BlockKind, spikes: u32) -> (Box<dyn Task>, Log) {
        let mut task = good(text);
        let setting = Setting { trials: Some(2), ..setting(kind, &[&[10, 10]]) };
        let log = run(&mut *task, setting, 0, 60_000, |_, values| vec![vec![if values[0][0] > 0.0 { spikes } else { 0 }, 0]]);
        assert_eq!(log.trials.len(), 2);
        (task, log)
    }

    #[test]
    fn force_is_the_rate_times_the_gain() {
        // 1 spike in 10 cells in each millisecond is 100 Hz, and at gain 2 a force of 200.
        let (task, log) = block(&TEXT.replace("[20]", "[200]"), BlockKind::Practice, 1);
        for (name, value) in [("target", 200.0), ("force_mean", 200.0), ("force_sd", 0.0), ("error", 0.0), ("on_target", 1.0), ("peak", 200.0)] {
            let found = log.scores(&*task, name)[0];
            assert!((found - value).abs() < 1e-3, "{name}: {found}");
        }
        assert!(log.scores(&*task, "mvc")[0].is_nan());
        assert_eq!((log.set[0], log.pulses[0].1), ((500, 0, 0, 4e-3), 1.0));
    }

    #[test]
    fn the_error_is_told_late_and_not_in_imagery() {
        let (_, log) = block(TEXT, BlockKind::Practice, 0);
        let told: Vec<(i64, f64)> = log.set.iter().filter(|s| s.1 == 1 && s.3 != 0.0).map(|s| (s.0, s.3)).collect();
        // Without force all is missing. The trial begins at 500; the first sample is taken a step later.
        assert_eq!((told[0], told[1]), ((551, 1e-3), (571, 1e-3)));
        let (task, log) = block(TEXT, BlockKind::Imagery, 0);
        assert!(log.set.iter().all(|s| s.1 == 0));
        assert_eq!((log.scores(&*task, "error")[0], log.pulses[0].1), (1.0, 0.0));
    }

    #[test]
    fn a_maximal_contraction_is_scored_by_its_best_half_second() {
        let text = TEXT.replace("targets = [20]", "maximal = true");
        let (task, log) = block(&text, BlockKind::Test, 2);
        assert!((log.scores(&*task, "mvc")[0] - 400.0).abs() < 1e-3 && log.scores(&*task, "target")[0].is_nan());
        assert!(log.set.iter().all(|s| s.1 == 0) && log.pulses.is_empty());
    }

    #[test]
    fn effort_follows_the_target() {
        let mut task = good(&TEXT.replace("[20]", "[10, 40]"));
        let log = run(&mut *task, setting(BlockKind::Practice, &[&[10, 10]]), 0, 60_000, |_, _| vec![vec![0, 0]]);
        let targets = log.scores(&*task, "target");
        let efforts: Vec<f64> = log.set.iter().filter(|s| s.1 == 0 && s.3 != 0.0).map(|s| s.3).collect();
        assert!(targets.contains(&10.0) && targets.contains(&40.0));
        for (target, effort) in targets.iter().zip(efforts) {
            assert!((effort - 4e-3 * target / 40.0).abs() < 1e-12);
        }
    }

    #[test]
    fn bad_texts_are_reported_where_they_are_bad() {
        let check = |old: &str, new: &str, id: &str| check_exchanged(TEXT.trim_start(), old, new, id);
        check("\"force\"", "\"forze\"", "unknown-task-kind");
        check("targets = [20]", "", "missing-key");
        check("targets = [20]", "targets = [0]", "out-of-range");
        check("targets = [20]", "targets = [\"20 mV\"]", "unit-mismatch");
        check("targets = [20]", "targets = [true]", "wrong-type");
        check("targets = [20]", "targets = []", "wrong-length");
        check("tau = \"50 ms\"", "maximal = \"no\"", "wrong-type");
        check("weights = [1, 0.5]", "weights = [1, -0.5]", "out-of-range");
        check("weights = [1, 0.5]", "score_from = \"3 s\"", "out-of-range");
        check("gain = 2", "gain = 0", "out-of-range");
        check("gain = 2", "gian = 2", "unknown-key");
        check("tau = \"50 ms\"", "tau = \"0 ms\"", "out-of-range");
        check("hold = \"2 s\"", "hold = \"2 m\"", "unit-mismatch");
        check("population = \"PM_E\"", "population = \"PM_E\", each = true", "wrong-type");
        check("population = \"PM_E\"", "population = \"PM_E\", members = [\"a\"], each = true", "given-twice");
        check("amount = \"4 mV\"", "amount = \"4 mW/\"", "syntax");
        check("modulator = \"DA\"", "modulator = \"DA\", gain = \"1 mV\"", "unit-mismatch");
    }
}
