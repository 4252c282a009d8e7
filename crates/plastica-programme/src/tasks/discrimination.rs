//! Discrimination: one of several stimuli, and the response that belongs to it within a time.
//!
//! The first response group that becomes active is the response. Feedback comes as errors of the response groups and as reward.
//! In imagery the response is inner: it is scored as imagined, and judged by a forward model. Exposure gives the stimuli only;
//! in a test there is no feedback.

use plastica_lang::source::{Diagnostic, Table, ValueKind};

use super::feedback::{Report, Reward};
use super::read::{Reader, read};
use super::stage::{Kind, Stage};
use super::window::Detector;
use super::{Hands, Score, Task, some_steps, steps};
use crate::BlockKind;

const SCORES: [Score; 5] = [
    Score { name: "stimulus", unit: "", doc: "which stimulus was given, from 1" },
    Score { name: "response", unit: "", doc: "which group responded, from 1; none if there was no response" },
    Score { name: "correct", unit: "", doc: "1 for the response that belongs to the stimulus; else 0" },
    Score { name: "omitted", unit: "", doc: "1 if there was no response in time; else 0" },
    Score { name: "reaction_time", unit: "s", doc: "from the stimulus to the response" },
];

#[derive(Clone, Debug)]
struct Config {
    /// Response (from 0) that belongs to each stimulus.
    mapping: Vec<usize>,
    amount: f64,
    length: f64,
    share: f64,
    window: f64,
    response_from: f64,
    response_window: f64,
    inter_trial: f64,
    jitter: f64,
    start: f64,
    alternate: bool,
    report: Option<Report>,
}

/// Reads the table of a discrimination task.
pub(super) fn parse(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Box<dyn Task>> {
    read("a discrimination task", table, diagnostics, |r| {
        let mapping = numbers_from_1(r, "mapping", "[1, 2]", 1);
        let responses = mapping.iter().max().map_or(0, |m| m + 1).max(2);
        if mapping.len() == 1 {
            r.report("wrong-length", r.span("mapping"), "one stimulus cannot be discriminated".into(), "write mapping = [1, 2]: the response of each stimulus");
        }
        let reads = r.groups("responses", responses);
        let mut drives = Vec::new();
        let stimulus = r.needed_drive("stimulus", mapping.len(), |r| Some((r.amount("amount"), r.time("length", 100e-3))));
        let stimulus = stimulus.map(|(drive, rest)| {
            drives.push(drive);
            rest
        });
        let report = Report::read(r, responses, &mut drives);
        let reward = Reward::read(r);
        let config = Config {
            share: r.number("response_share", 0.4, 1e-6..=100.0),
            window: r.window("share_window", 20e-3),
            response_from: r.time_or_zero("response_from", 0.0),
            response_window: r.time("response_window", 500e-3),
            inter_trial: r.time("inter_trial", 1.0),
            jitter: r.number("jitter", 0.2, 0.0..=1.0),
            start: r.time_or_zero("start", 200e-3),
            alternate: order(r),
            report,
            mapping,
            amount: stimulus?.0,
            length: stimulus?.1,
        };
        if config.response_from >= config.response_window {
            let message = format!("`response_from` must be before the end of `response_window`, {} s", config.response_window);
            r.report("out-of-range", r.span("response_from"), message, "write a longer `response_window`");
        }
        if config.report.is_some_and(|report| report.delay >= config.inter_trial * (1.0 - config.jitter)) {
            let message = "the report would come after the next trial has begun".into();
            let key = if r.table.get("inter_trial").is_some() { "inter_trial" } else { "report" };
            r.report("out-of-range", r.span(key), message, "write a longer `inter_trial`, or a shorter `delay` in `report`");
        }
        let task: Box<dyn Task> = Box::new(Discrimination {
            config,
            stage: Stage::new(vec![reads?], drives, reward),
            detector: Detector::default(),
            phase: Phase::Over,
            stimulus: 0,
            expectation: 0.0,
            pending: None,
            shares: Vec::new(),
        });
        Some(task)
    })
}

/// A list of whole numbers from `low` on, each made one smaller.
pub(super) fn numbers_from_1(r: &mut Reader<'_, '_>, key: &'static str, example: &str, low: i64) -> Vec<usize> {
    r.list(key, example, |r, item| match item.kind {
        ValueKind::Integer(n) if n >= low && n <= 1_000_000 => Some((n - low) as usize),
        ValueKind::Faulty => None,
        _ => {
            r.report("wrong-type", item.span, format!("`{key}` lists whole numbers from {low}"), format!("write {key} = {example}"));
            None
        }
    })
}

fn order(r: &mut Reader<'_, '_>) -> bool {
    let alternate = r.value("order", |r, value| match &value.kind {
        ValueKind::Text(text) if text.text == "alternate" => Some(true),
        ValueKind::Text(text) if text.text == "random" => Some(false),
        _ => {
            r.report("unknown-word", value.span, "`order` must be \"random\" or \"alternate\"".into(), "write order = \"random\"");
            None
        }
    });
    alternate.unwrap_or(false)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// The next stimulus comes at this step.
    Waiting(i64),
    /// A stimulus was given at this step.
    Open(i64),
    /// The last trial is over, but not its report.
    Ending,
    Over,
}

#[derive(Clone)]
struct Discrimination {
    config: Config,
    stage: Stage,
    detector: Detector,
    phase: Phase,
    stimulus: usize,
    /// Running mean of the reward.
    expectation: f64,
    /// When the report comes, which group was meant, which acted.
    pending: Option<(i64, usize, Option<usize>)>,
    /// Activity of each response group at the response.
    shares: Vec<f64>,
}

impl Discrimination {
    fn present(&mut self, now: i64, hands: &mut Hands) {
        let n = self.config.mapping.len();
        self.stimulus = if self.config.alternate { self.stage.trials as usize % n } else { self.stage.setting.pick(n, now, 0) };
        let until = now + some_steps(self.config.length, self.stage.setting.dt_s);
        self.stage.pulses.set(0, self.stimulus, self.config.amount * self.stage.setting.strength, until, hands);
        self.phase = Phase::Open(now);
    }

    /// The trial ends, with a response or without.
    fn close(&mut self, from: i64, response: Option<usize>, now: i64, hands: &mut Hands) {
        let dt_s = self.stage.setting.dt_s;
        let target = self.config.mapping[self.stimulus];
        let flag = |is: bool| f64::from(u8::from(is));
        let correct = flag(response == Some(target));
        let reaction_s = response.map_or(f64::NAN, |_| (now - from) as f64 * dt_s);
        let scores = vec![(self.stimulus + 1) as f64, response.map_or(f64::NAN, |g| (g + 1) as f64), correct, flag(response.is_none()), reaction_s];
        self.stage.finish(from, now, scores);
        self.stage.reward(correct, &mut self.expectation, now, hands);
        if let Some(report) = self.config.report
            && matches!(self.stage.setting.kind, BlockKind::Practice | BlockKind::Imagery)
        {
            self.pending = Some((now + steps(report.delay, dt_s), target, response));
            for (g, share) in self.shares.iter_mut().enumerate() {
                *share = self.detector.window.share(g);
            }
        }
        let pause = self.stage.setting.jittered(self.config.inter_trial, self.config.jitter, now, 1);
        self.phase = if self.stage.setting.enough(self.stage.trials) { Phase::Ending } else { Phase::Waiting(now + pause) };
    }

    fn report(&mut self, now: i64, hands: &mut Hands) {
        let (Some((due, target, response)), Some(report)) = (self.pending, self.config.report) else { return };
        if now < due {
            return;
        }
        self.pending = None;
        let until = now + some_steps(report.length, self.stage.setting.dt_s);
        for (g, share) in self.shares.iter().enumerate() {
            let error = report.error(g == target, response == Some(g), *share);
            self.stage.pulses.set(report.drive, g, report.gain(self.stage.setting.kind) * error, until, hands);
        }
    }
}

impl Kind for Discrimination {
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
        self.detector = Detector::new(setting.sizes(0), c.share, some_steps(c.window, dt_s), 0);
        self.shares = vec![0.0; setting.sizes(0).len()];
        self.phase = if setting.is_active() && !setting.enough(0) { Phase::Waiting(now + steps(c.start, dt_s)) } else { Phase::Over };
        self.pending = None;
    }

    fn advance(&mut self, now: i64, seen: &[Vec<u32>], hands: &mut Hands) {
        let Some(responses) = seen.first() else { return };
        self.detector.push(responses);
        self.report(now, hands);
        match self.phase {
            Phase::Ending if self.pending.is_none() && self.stage.pulses.is_empty() => self.phase = Phase::Over,
            Phase::Waiting(at) if now >= at => self.present(now, hands),
            Phase::Open(from) => {
                let dt_s = self.stage.setting.dt_s;
                let listens = now > from + steps(self.config.response_from, dt_s) && self.stage.setting.kind != BlockKind::Exposure;
                let response = if listens { (0..self.shares.len()).find(|g| self.detector.notices(*g, now)) } else { None };
                if response.is_some() || now >= from + some_steps(self.config.response_window, dt_s) {
                    self.close(from, response, now, hands);
                }
            }
            _ => {}
        }
    }

    fn close_block(&mut self, _: i64) {
        (self.phase, self.pending) = (Phase::Over, None);
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
    use super::super::fake::{Log, check_exchanged, good, run, setting};
    use super::*;

    const TEXT: &str = r#"
kind = "discrimination"
stimulus = { population = "V1", value = "orientation", variable = "drive", amount = "2 mV", length = "100 ms" }
responses = { population = "out", value = "choice" }
mapping = [2, 1]
report = { population = "out", value = "choice", variable = "error", delay = "50 ms" }
reward = { modulator = "DA", expectation_tau = "20 s" }
response_window = "500 ms"
order = "random"
"#;

    /// A subject that answers stimulus `s` with `answer[s]` after 150 ms; 9 is no answer.
    fn check(kind: BlockKind, answer: [usize; 2], expected: &[(&str, &[f64])]) -> (Box<dyn Task>, Log) {
        let mut task = good(&TEXT.replace("random", "alternate"));
        let mut due = (0, 9);
        let mut block = setting(kind, &[&[20, 20]]);
        block.trials = Some(2);
        let log = run(&mut *task, block, 100, 10_000, |now, values| {
            for s in 0..2 {
                if values[0][s] > 0.0 && now > due.0 {
                    due = (now + 150, answer[s]);
                }
            }
            let mut spikes = vec![0; 2];
            if now == due.0 && due.1 < 2 {
                spikes[due.1] = 15;
            }
            vec![spikes]
        });
        assert_eq!(log.trials.len(), 2);
        for (name, values) in expected {
            for (found, value) in log.scores(&*task, name).iter().zip(*values) {
                assert!((found - value).abs() < 1e-9 || (found.is_nan() && value.is_nan()), "{name}: {found}, not {value}");
            }
        }
        (task, log)
    }

    #[test]
    fn right_and_wrong_responses_are_scored_and_reported() {
        // Both stimuli are answered with the second response, which belongs to the first.
        let (task, log) = check(
            BlockKind::Practice,
            [1, 1],
            &[("stimulus", &[1.0, 2.0]), ("response", &[2.0, 2.0]), ("correct", &[1.0, 0.0]), ("reaction_time", &[0.151, 0.151]), ("omitted", &[0.0, 0.0])],
        );
        let reports: Vec<(usize, f64)> = log.set.iter().filter(|s| s.1 == 1 && s.3 != 0.0).map(|s| (s.2, s.3)).collect();
        assert_eq!(reports, [(1, 1.0), (0, 1.0), (1, -1.0)]);
        assert_eq!(log.set[0], (300, 0, 0, 2e-3));
        assert!(log.pulses[0].1 == 1.0 && log.pulses[1].1 < 0.0 && task.memory()[0] > 0.0);
    }

    #[test]
    fn an_omission_is_an_error_of_its_own() {
        check(BlockKind::Practice, [9, 0], &[("omitted", &[1.0, 0.0]), ("correct", &[0.0, 1.0]), ("response", &[f64::NAN, 1.0])]);
    }

    #[test]
    fn feedback_hangs_on_the_kind_of_block() {
        let (_, log) = check(BlockKind::Imagery, [1, 0], &[("correct", &[1.0, 1.0])]);
        assert!(log.set.iter().any(|s| (s.1, s.3) == (1, 0.2)) && (log.pulses[0].1 - 0.3).abs() < 1e-12);
        let (_, log) = check(BlockKind::Test, [1, 0], &[("correct", &[1.0, 1.0])]);
        assert!(log.set.iter().all(|s| s.1 == 0) && log.pulses.is_empty());
        let (_, log) = check(BlockKind::Exposure, [1, 0], &[("omitted", &[1.0, 1.0])]);
        assert!(log.set.iter().all(|s| s.1 == 0) && log.pulses.is_empty());
    }

    #[test]
    fn stimuli_come_in_a_random_order_that_hangs_on_the_stream() {
        let once = |seed| {
            let mut task = good(TEXT);
            let mut block = setting(BlockKind::Practice, &[&[20, 20]]);
            block.stream = plastica_numerics::random::Stream::new(seed, 0, 1);
            let log = run(&mut *task, block, 0, 60_000, |_, _| vec![vec![0, 0]]);
            log.scores(&*task, "stimulus")
        };
        let (first, second) = (once(1), once(2));
        assert_eq!(first, once(1));
        assert_ne!(first, second);
        let ones = first.iter().filter(|s| **s == 1.0).count();
        assert!(first.len() >= 30 && ones > first.len() / 4 && ones < 3 * first.len() / 4);
    }

    #[test]
    fn bad_texts_are_reported_where_they_are_bad() {
        let check = |old: &str, new: &str, id: &str| check_exchanged(TEXT.trim_start(), old, new, id);
        check("\"discrimination\"", "\"discriminaton\"", "unknown-task-kind");
        check("mapping = [2, 1]", "mapping = [2]", "wrong-length");
        check("mapping = [2, 1]", "mapping = []", "wrong-length");
        check("mapping = [2, 1]", "mapping = [2, 0]", "wrong-type");
        check("mapping = [2, 1]", "mapping = [2, \"one\"]", "wrong-type");
        check("mapping = [2, 1]", "mapping = 2", "wrong-type");
        check("order = \"random\"", "order = \"randon\"", "unknown-word");
        check("order = \"random\"", "ordre = \"random\"", "unknown-key");
        check("order = \"random\"", "inter_trial = \"40 ms\"", "out-of-range");
        check("order = \"random\"", "jitter = -0.1", "out-of-range");
        check("response_window = \"500 ms\"", "response_window = \"-1 ms\"", "out-of-range");
        check("response_window = \"500 ms\"", "response_window = 500", "unit-mismatch");
        check("response_window = \"500 ms\"", "response_from = \"600 ms\"", "out-of-range");
        check("amount = \"2 mV\", ", "", "missing-key");
        check("responses = { population = \"out\", value = \"choice\" }", "responses = { population = \"out\" }", "too-few-groups");
        check("responses = { population = \"out\", value = \"choice\" }", "responses = \"out\"", "wrong-type");
        check("modulator = \"DA\", ", "", "missing-key");
    }
}
