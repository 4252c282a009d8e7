//! Association: a cue, and after a delay the outcome that it announces.
//!
//! What has been learned is seen in the outcome's groups before the outcome comes, or when it does not come at all: in probe
//! trials and in tests the cue stands alone. A cue may announce nothing.

use plastica_lang::source::{Diagnostic, Table};

use super::discrimination::numbers_from_1;
use super::feedback::Reward;
use super::read::read;
use super::stage::{Kind, Stage};
use super::{Hands, Score, Task, some_steps, steps};
use crate::BlockKind;

const SCORES: [Score; 7] = [
    Score { name: "cue", unit: "", doc: "which cue was given, from 1" },
    Score { name: "outcome", unit: "", doc: "group of the outcome that the cue announces, from 1; 0 for none" },
    Score { name: "probe", unit: "", doc: "1 if the cue stood alone; else 0" },
    Score { name: "response", unit: "", doc: "spikes per neuron of the announced group, from the cue to the end of the response window" },
    Score { name: "baseline", unit: "", doc: "the same in a window of this length before the cue" },
    Score { name: "gain", unit: "", doc: "response - baseline" },
    Score { name: "other", unit: "", doc: "spikes per neuron of the other groups in the response window" },
];

#[derive(Clone, Debug)]
struct Config {
    /// Outcome of each cue; 0 for none.
    pairs: Vec<usize>,
    cue: (f64, f64),
    outcome: (f64, f64),
    delay: f64,
    response_window: f64,
    inter_trial: f64,
    jitter: f64,
    start: f64,
    /// Each so manieth trial is a probe; 0 for none.
    probe_every: u32,
}

/// Reads the table of an association task.
pub(super) fn parse(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Box<dyn Task>> {
    read("an association task", table, diagnostics, |r| {
        let pairs = numbers_from_1(r, "pairs", "[1, 0]: the outcome of each cue, 0 for none", 0);
        let outcomes = pairs.iter().max().copied().unwrap_or(1).max(1);
        let reads = r.groups("responses", outcomes);
        let cue = r.needed_drive("cue", pairs.len(), |r| Some((r.amount("amount"), r.time("length", 200e-3))));
        let outcome = r.needed_drive("outcome", outcomes, |r| Some((r.amount("amount"), r.time("length", 100e-3))));
        let (reward, delay) = (Reward::read(r), r.time("delay", 500e-3));
        let config = Config {
            response_window: r.time("response_window", delay),
            inter_trial: r.time("inter_trial", 2.0),
            jitter: r.number("jitter", 0.2, 0.0..=1.0),
            start: r.time_or_zero("start", 500e-3),
            probe_every: r.whole("probe_every", 0, 0..=1_000_000) as u32,
            cue: cue.as_ref()?.1,
            outcome: outcome.as_ref()?.1,
            delay,
            pairs,
        };
        if config.response_window > delay {
            let message = format!("the response is counted before the outcome: `response_window` must not be longer than `delay`, {delay} s");
            r.report("out-of-range", r.span("response_window"), message, "write a shorter `response_window`");
        }
        let task: Box<dyn Task> = Box::new(Association {
            config,
            stage: Stage::new(vec![reads?], vec![cue?.0, outcome?.0], reward),
            phase: Phase::Over,
            cue: 0,
            is_probe: false,
            before: Spikes::default(),
            after: Spikes::default(),
            expectations: Vec::new(),
        });
        Some(task)
    })
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// The next cue comes at this step.
    Waiting(i64),
    /// A cue was given at this step.
    Cued(i64),
    /// The last trial is over, but not its outcome.
    Ending,
    Over,
}

/// Spikes of each group in a part of a trial.
#[derive(Clone, Debug, Default)]
struct Spikes(Vec<u64>);

impl Spikes {
    fn add(&mut self, seen: &[u32]) {
        for (sum, n) in self.0.iter_mut().zip(seen) {
            *sum += u64::from(*n);
        }
    }

    /// Spikes per neuron of the groups that are chosen; NaN if there is no neuron.
    fn per_neuron(&self, sizes: &[usize], chosen: impl Fn(usize) -> bool) -> f64 {
        let groups = || (0..self.0.len()).filter(|g| chosen(*g));
        groups().map(|g| self.0[g]).sum::<u64>() as f64 / groups().map(|g| sizes[g]).sum::<usize>() as f64
    }
}

#[derive(Clone)]
struct Association {
    config: Config,
    stage: Stage,
    phase: Phase,
    cue: usize,
    is_probe: bool,
    before: Spikes,
    after: Spikes,
    /// What each cue lets the subject expect.
    expectations: Vec<f64>,
}

impl Association {
    fn present(&mut self, now: i64, hands: &mut Hands) {
        self.cue = self.stage.setting.pick(self.config.pairs.len(), now, 0);
        let every = self.config.probe_every;
        self.is_probe = self.stage.setting.kind == BlockKind::Test || (every > 0 && (self.stage.trials + 1).is_multiple_of(every));
        let (amount, length) = self.config.cue;
        self.stage.pulses.set(0, self.cue, amount * self.stage.setting.strength, now + some_steps(length, self.stage.setting.dt_s), hands);
        self.after.0.fill(0);
        self.phase = Phase::Cued(now);
    }

    /// The time of the outcome, whether it comes or not.
    fn close(&mut self, from: i64, now: i64, hands: &mut Hands) {
        let (paired, dt_s) = (self.config.pairs[self.cue], self.stage.setting.dt_s);
        let comes = paired > 0 && !self.is_probe;
        if comes {
            let (amount, length) = self.config.outcome;
            self.stage.pulses.set(1, paired - 1, amount * self.stage.setting.strength, now + some_steps(length, dt_s), hands);
        }
        let flag = |is: bool| f64::from(u8::from(is));
        self.stage.reward(flag(comes), &mut self.expectations[self.cue], now, hands);
        let sizes = self.stage.setting.sizes(0);
        // A cue that announces nothing is compared with all groups.
        let announced = |g: usize| paired == 0 || g + 1 == paired;
        let (response, baseline) = (self.after.per_neuron(sizes, announced), self.before.per_neuron(sizes, announced));
        let other = self.after.per_neuron(sizes, |g| !announced(g));
        let scores = vec![(self.cue + 1) as f64, paired as f64, flag(self.is_probe), response, baseline, response - baseline, other];
        self.stage.finish(from, now, scores);
        self.before.0.fill(0);
        // The next baseline is counted after the outcome has ended.
        let pause = self.stage.setting.jittered(self.config.inter_trial, self.config.jitter, now, 1);
        let least = some_steps(self.config.outcome.1, dt_s) + some_steps(self.config.response_window, dt_s);
        self.phase = if self.stage.setting.enough(self.stage.trials) { Phase::Ending } else { Phase::Waiting(now + pause.max(least)) };
    }
}

impl Kind for Association {
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
        let first = steps(c.start, dt_s).max(some_steps(c.response_window, dt_s));
        self.phase = if setting.is_active() && !setting.enough(0) { Phase::Waiting(now + first) } else { Phase::Over };
        let none = Spikes(vec![0; setting.sizes(0).len()]);
        (self.before, self.after) = (none.clone(), none);
        self.expectations.resize(c.pairs.len(), 0.0);
    }

    fn advance(&mut self, now: i64, seen: &[Vec<u32>], hands: &mut Hands) {
        let (Some(responses), dt_s) = (seen.first(), self.stage.setting.dt_s) else { return };
        let window = some_steps(self.config.response_window, dt_s);
        match self.phase {
            Phase::Ending if self.stage.pulses.is_empty() => self.phase = Phase::Over,
            Phase::Waiting(at) => {
                // What is seen now was fired in the step before.
                if now > at - window {
                    self.before.add(responses);
                }
                if now >= at {
                    self.present(now, hands);
                }
            }
            Phase::Cued(from) => {
                if now - from <= window {
                    self.after.add(responses);
                }
                if now >= from + some_steps(self.config.delay, dt_s) {
                    self.close(from, now, hands);
                }
            }
            Phase::Ending | Phase::Over => {}
        }
    }

    fn close_block(&mut self, _: i64) {
        self.phase = Phase::Over;
    }

    fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    fn keeps(&self) -> Vec<f64> {
        self.expectations.clone()
    }

    fn recall(&mut self, memory: &[f64]) {
        self.expectations = memory.to_vec();
    }
}

#[cfg(test)]
mod tests {
    use super::super::Setting;
    use super::super::fake::{Log, check_exchanged, good, run, setting};
    use super::*;

    const TEXT: &str = r#"
kind = "association"
cue = { population = "tone", each = true, variable = "drive", amount = 1, length = "200 ms" }
outcome = { population = "shock", each = true, variable = "drive", amount = 3, length = "50 ms" }
responses = { population = "fear", value = "group" }
pairs = [2, 0]
delay = "400 ms"
probe_every = 3
reward = { modulator = "DA", expectation_tau = "10 s" }
"#;

    /// A subject whose second group fires 2 spikes in each step of the first cue, and whose groups fire one spike in each 100 ms.
    fn block(kind: BlockKind, trials: u32) -> (Box<dyn Task>, Log) {
        let mut task = good(TEXT);
        let setting = Setting { trials: Some(trials), ..setting(kind, &[&[10, 20]]) };
        let log = run(&mut *task, setting, 0, 200_000, |now, values| {
            let background = u32::from(now % 100 == 50);
            vec![vec![background, background + if values[0][0] > 0.0 { 2 } else { 0 }]]
        });
        assert_eq!(log.trials.len(), trials as usize);
        (task, log)
    }

    #[test]
    fn the_response_to_the_cue_is_measured_before_the_outcome() {
        let (task, log) = block(BlockKind::Practice, 30);
        let (cues, probes, outcomes) = (log.scores(&*task, "cue"), log.scores(&*task, "probe"), log.scores(&*task, "outcome"));
        let (gains, others, baselines) = (log.scores(&*task, "gain"), log.scores(&*task, "other"), log.scores(&*task, "baseline"));
        for k in 0..30 {
            assert_eq!(probes[k], f64::from(u8::from(k % 3 == 2)));
            if cues[k] == 1.0 {
                // 200 ms of 2 spikes in 20 neurons, and the same background before and after.
                assert!((gains[k] - 20.0).abs() < 1e-9 && (baselines[k] - 0.2).abs() < 1e-9, "{} {}", gains[k], baselines[k]);
                assert!((others[k] - 0.4).abs() < 1e-9 && outcomes[k] == 2.0);
            } else {
                assert!(gains[k].abs() < 1e-9 && others[k].is_nan() && outcomes[k] == 0.0);
            }
        }
        let given: usize = log.set.iter().filter(|s| (s.1, s.2, s.3) == (1, 1, 3.0)).count();
        assert_eq!(given, (0..30).filter(|k| cues[*k] == 1.0 && probes[*k] == 0.0).count());
        assert!(log.set.iter().all(|s| (s.1, s.2) != (1, 0)), "nothing announces the first outcome");
        assert!(task.memory()[0] > 0.1 && task.memory()[1] == 0.0, "{:?}", task.memory());
    }

    #[test]
    fn in_a_test_the_cue_stands_alone() {
        let (task, log) = block(BlockKind::Test, 8);
        assert!(log.set.iter().all(|s| s.1 == 0) && log.pulses.is_empty());
        assert_eq!(log.scores(&*task, "probe"), [1.0; 8]);
    }

    #[test]
    fn an_outcome_that_does_not_come_is_a_disappointment() {
        let (task, log) = block(BlockKind::Practice, 30);
        let (cues, probes) = (log.scores(&*task, "cue"), log.scores(&*task, "probe"));
        let disappointed = (3..30).filter(|k| cues[*k] == 1.0 && probes[*k] == 1.0).collect::<Vec<_>>();
        assert!(!disappointed.is_empty());
        for k in disappointed {
            assert!(log.pulses[k].1 < 0.0);
        }
    }

    #[test]
    fn bad_texts_are_reported_where_they_are_bad() {
        let check = |old: &str, new: &str, id: &str| check_exchanged(TEXT.trim_start(), old, new, id);
        check("\"association\"", "\"asociation\"", "unknown-task-kind");
        check("pairs = [2, 0]", "", "missing-key");
        check("pairs = [2, 0]", "pairs = [2, -1]", "wrong-type");
        check("pairs = [2, 0]", "pairs = [2, 0.5]", "wrong-type");
        check("pairs = [2, 0]", "pairs = []", "wrong-length");
        check("delay = \"400 ms\"", "delay = \"0 ms\"", "out-of-range");
        check("delay = \"400 ms\"", "delay = \"400 mm\"", "unit-mismatch");
        check("delay = \"400 ms\"", "dealy = \"400 ms\"", "unknown-key");
        check("probe_every = 3", "probe_every = -3", "out-of-range");
        check("probe_every = 3", "probe_every = \"3\"", "wrong-type");
        check("probe_every = 3", "response_window = \"600 ms\"", "out-of-range");
        check("probe_every = 3", "jitter = 2", "out-of-range");
        check("population = \"tone\", each = true", "population = \"tone\"", "too-few-groups");
        check("amount = 3, ", "", "missing-key");
        check("modulator = \"DA\"", "modulator = 3", "wrong-type");
        check("value = \"group\"", "value = 3", "wrong-type");
    }
}
