//! Replay: finds ordered bursts of elements in what a circuit does by itself. It sets nothing.
//!
//! Each ordered run is a trial. The last trial of a block is its summary: how many runs and links there were, and which share of
//! shuffled templates would have found as many. For the shuffles, each stretch of bursts gets a random order of the elements of
//! its own: one order for the whole block would not do, since of the orders of five elements in a circle only twelve differ.

mod order;

use plastica_lang::source::{Diagnostic, Table};

use self::order::{Burst, Link, Rule};
use super::read::read;
use super::stage::{Kind, Stage};
use super::window::Detector;
use super::{Hands, Score, Task, some_steps, steps};

/// Most elements of a template.
const MOST_ELEMENTS: usize = 64;

const SCORES: [Score; 18] = [
    Score { name: "length", unit: "", doc: "bursts in the run" },
    Score { name: "first", unit: "", doc: "element that the run begins with, from 1" },
    Score { name: "direction", unit: "", doc: "1 forward, -1 reverse" },
    Score { name: "step", unit: "s", doc: "mean time from element to element" },
    Score { name: "duration", unit: "s", doc: "from the first to the last burst" },
    Score { name: "compression", unit: "", doc: "how many times faster than the performance" },
    Score { name: "events", unit: "", doc: "runs in the block (summary)" },
    Score { name: "event_rate", unit: "Hz", doc: "runs per second (summary)" },
    Score { name: "events_forward", unit: "", doc: "forward runs (summary)" },
    Score { name: "events_reverse", unit: "", doc: "reverse runs (summary)" },
    Score { name: "links_forward", unit: "", doc: "bursts followed by the next element (summary)" },
    Score { name: "links_reverse", unit: "", doc: "bursts followed by the element before (summary)" },
    Score { name: "links_skip", unit: "", doc: "bursts followed by the element after the next (summary)" },
    Score { name: "links_other", unit: "", doc: "bursts followed by another element, or two at once (summary)" },
    Score { name: "start_most", unit: "", doc: "share of the runs that begin with the commonest first element (summary)" },
    Score { name: "start_least", unit: "", doc: "share of the runs that begin with the rarest first element (summary)" },
    Score { name: "shuffled_events", unit: "", doc: "mean number of runs by shuffled templates (summary)" },
    Score { name: "p_shuffle", unit: "", doc: "share of the shuffles, the real order counted in, that find at least as many runs (summary)" },
];

#[derive(Clone, Debug)]
struct Config {
    share: f64,
    window: f64,
    refractory: f64,
    at_least: usize,
    within: f64,
    cyclic: bool,
    shuffles: u32,
    performance_interval: Option<f64>,
}

/// Reads the table of a replay task.
pub(super) fn parse(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Box<dyn Task>> {
    read("a replay task", table, diagnostics, |r| {
        let performance = r.time("performance_interval", 0.0);
        let config = Config {
            share: r.number("element_share", 0.3, 1e-6..=100.0),
            window: r.window("element_window", 10e-3),
            refractory: r.time_or_zero("element_refractory", 40e-3),
            at_least: r.whole("at_least", 3, 2..=1000) as usize,
            within: r.time("within", 80e-3),
            cyclic: r.yes("cyclic", false),
            shuffles: r.whole("shuffles", 500, 0..=65_535) as u32,
            performance_interval: (performance > 0.0).then_some(performance),
        };
        let reads = vec![r.groups("elements", config.at_least)?];
        let task: Box<dyn Task> = Box::new(Replay {
            config,
            stage: Stage::new(reads, Vec::new(), None),
            rule: Rule { elements: 0, cyclic: false, at_least: 2, within: 0 },
            detector: Detector::default(),
            is_open: false,
            stretch: Vec::new(),
            past: Vec::new(),
            ends: Vec::new(),
            template: Vec::new(),
            counts: Counts::default(),
            from: 0,
            events: 0,
        });
        Some(task)
    })
}

/// What the summary tells.
#[derive(Clone, Debug, Default)]
struct Counts {
    forward: u32,
    reverse: u32,
    /// Forward, reverse, skip, other.
    links: [u32; 4],
    /// Runs by their first element.
    starts: Vec<u32>,
}

#[derive(Clone)]
struct Replay {
    config: Config,
    stage: Stage,
    rule: Rule,
    detector: Detector,
    /// Does a block last?
    is_open: bool,
    /// Bursts that are not further apart than `within`.
    stretch: Vec<Burst>,
    /// The stretches that are over, one after the other, and where each ends.
    past: Vec<Burst>,
    ends: Vec<usize>,
    /// Each element at its own place.
    template: Vec<usize>,
    counts: Counts,
    from: i64,
    events: u32,
}

impl Replay {
    /// A stretch is over: its runs become trials.
    fn close(&mut self) {
        let dt_s = self.stage.dt_s();
        let (bursts, counts, stage, performance) = (&self.stretch, &mut self.counts, &mut self.stage, self.config.performance_interval);
        for pair in bursts.windows(2) {
            counts.links[match self.rule.link(pair[0], pair[1], &self.template) {
                Link::Forward => 0,
                Link::Reverse => 1,
                Link::Skip => 2,
                Link::Other => 3,
            }] += 1;
        }
        let events = &mut self.events;
        self.rule.runs(bursts, &self.template, |first, last, forward| {
            let (a, b) = (bursts[first], bursts[last]);
            let (length, duration) = (last - first + 1, (b.at - a.at) as f64 * dt_s);
            let step = duration / (length - 1) as f64;
            let mut scores = vec![f64::NAN; SCORES.len()];
            let direction = if forward { 1.0 } else { -1.0 };
            let known = [length as f64, (a.element + 1) as f64, direction, step, duration, performance.map_or(f64::NAN, |p| p / step)];
            scores[..known.len()].copy_from_slice(&known);
            stage.write(a.at, b.at, scores);
            *(if forward { &mut counts.forward } else { &mut counts.reverse }) += 1;
            counts.starts[a.element] += 1;
            *events += 1;
        });
        self.past.append(&mut self.stretch);
        self.ends.push(self.past.len());
    }

    /// Runs that each shuffle finds.
    fn shuffled(&self) -> Vec<u32> {
        let n = self.rule.elements;
        let mut place: Vec<usize> = (0..n).collect();
        let mut draws = vec![0.0; n];
        (0..self.config.shuffles)
            .map(|shuffle| {
                let (mut start, mut events) = (0, 0);
                for &end in &self.ends {
                    let stretch = &self.past[start..end];
                    start = end;
                    // A single burst or a pair has no run in any order.
                    if stretch.len() < self.rule.at_least {
                        continue;
                    }
                    self.stage.setting.stream.uniforms(0, stretch[0].at as u64, shuffle, &mut draws);
                    // Fisher and Yates.
                    for i in (1..n).rev() {
                        place.swap(i, ((draws[i] * (i + 1) as f64) as usize).min(i));
                    }
                    self.rule.runs(stretch, &place, |_, _, _| events += 1);
                }
                events
            })
            .collect()
    }

    /// The scores of the summary.
    fn summary(&self, now: i64) -> Vec<f64> {
        let (seconds, counts) = ((now - self.from) as f64 * self.stage.dt_s(), &self.counts);
        let share = |n: Option<&u32>| n.map_or(f64::NAN, |n| f64::from(*n) / f64::from(self.events));
        let shuffled = self.shuffled();
        let as_many = shuffled.iter().filter(|n| **n >= self.events).count();
        let mut scores = vec![f64::NAN; 6];
        scores.extend([f64::from(self.events), f64::from(self.events) / seconds, f64::from(counts.forward), f64::from(counts.reverse)]);
        scores.extend(counts.links.map(f64::from));
        scores.extend([share(counts.starts.iter().max()), share(counts.starts.iter().min())]);
        scores.push(shuffled.iter().map(|n| f64::from(*n)).sum::<f64>() / shuffled.len() as f64);
        scores.push(if shuffled.is_empty() { f64::NAN } else { (as_many + 1) as f64 / (shuffled.len() + 1) as f64 });
        scores
    }
}

impl Kind for Replay {
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
        let (c, dt_s) = (&self.config, self.stage.dt_s());
        let sizes = self.stage.setting.sizes(0);
        let sizes = &sizes[..sizes.len().min(MOST_ELEMENTS)];
        self.detector = Detector::new(sizes, c.share, some_steps(c.window, dt_s), steps(c.refractory, dt_s));
        self.rule = Rule { elements: sizes.len(), cyclic: c.cyclic, at_least: c.at_least, within: some_steps(c.within, dt_s) };
        self.template = (0..sizes.len()).collect();
        self.counts = Counts { starts: vec![0; sizes.len()], ..Counts::default() };
        (self.stretch, self.past, self.ends) = (Vec::with_capacity(64), Vec::with_capacity(1024), Vec::with_capacity(256));
        (self.from, self.events) = (now, 0);
        self.is_open = true;
    }

    fn advance(&mut self, now: i64, seen: &[Vec<u32>], _: &mut Hands) {
        let Some(elements) = seen.first() else { return };
        self.detector.push(elements);
        if self.stretch.last().is_some_and(|last| now - last.at > self.rule.within) {
            self.close();
        }
        for element in 0..self.rule.elements {
            if self.detector.notices(element, now) {
                self.stretch.push(Burst { element, at: now });
            }
        }
    }

    fn close_block(&mut self, now: i64) {
        if !self.stretch.is_empty() {
            self.close();
        }
        if std::mem::take(&mut self.is_open) {
            let summary = self.summary(now);
            self.stage.write(self.from, now, summary);
        }
    }

    fn is_over(&self) -> bool {
        self.is_open && self.stage.setting.enough(self.events)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::{Log, check_exchanged, good, run, setting};
    use super::*;
    use crate::BlockKind;

    const TEXT: &str = r#"
kind = "replay"
elements = { population = "PM_E", members = ["s1", "s2", "s3", "s4", "s5"] }
at_least = 3
within = "80 ms"
performance_interval = "230 ms"
shuffles = 200
"#;

    /// A circuit in which elements burst at these steps.
    fn replay(text: &str, steps: i64, bursts: impl Fn(i64) -> Option<usize>) -> (Box<dyn Task>, Log) {
        let mut task = good(text);
        let log = run(&mut *task, setting(BlockKind::Rest, &[&[40; 5]]), 0, steps, |now, _| {
            let mut spikes = vec![0; 5];
            if let Some(e) = bursts(now) {
                spikes[e] = 20;
            }
            vec![spikes]
        });
        (task, log)
    }

    /// Once in 500 ms the five elements in this order, 23 ms apart.
    fn chain(order: [usize; 5]) -> impl Fn(i64) -> Option<usize> {
        move |now| {
            let phase = now % 500;
            (phase % 23 == 0 && phase < 115).then(|| order[(phase / 23) as usize])
        }
    }

    fn check(order: [usize; 5], expected: &[(&str, f64)], summary: &[(&str, f64)]) {
        let (task, log) = replay(TEXT, 10_000, chain(order));
        for (name, value) in expected {
            let found = log.scores(&*task, name)[0];
            assert!((found - value).abs() < 1e-9, "{name}: {found}, not {value}");
        }
        for (name, value) in summary {
            let found = log.scores(&*task, name)[log.trials.len() - 1];
            assert!((found - value).abs() < 1e-9, "{name}: {found}, not {value}");
        }
    }

    #[test]
    fn a_forward_replay_is_found_and_its_compression_measured() {
        let event = [("length", 5.0), ("first", 1.0), ("direction", 1.0), ("step", 0.023), ("duration", 0.092), ("compression", 10.0)];
        let summary = [("events", 20.0), ("event_rate", 2.0), ("events_reverse", 0.0), ("links_forward", 80.0), ("links_skip", 0.0), ("links_other", 0.0)];
        check([0, 1, 2, 3, 4], &event, &summary);
        check([0, 1, 2, 3, 4], &[], &[("p_shuffle", 1.0 / 201.0), ("start_most", 1.0), ("start_least", 0.0)]);
    }

    #[test]
    fn a_reverse_replay_has_its_direction() {
        check([4, 3, 2, 1, 0], &[("direction", -1.0), ("first", 5.0)], &[("events_forward", 0.0), ("events_reverse", 20.0), ("links_reverse", 80.0)]);
    }

    #[test]
    fn bursts_without_order_are_no_replay() {
        check([0, 2, 4, 1, 3], &[], &[("events", 0.0), ("links_skip", 60.0), ("links_other", 20.0), ("p_shuffle", 1.0)]);
    }

    #[test]
    fn chance_order_is_not_taken_for_replay() {
        // Random orders: by the shuffles, chance finds about as many runs as there are.
        let stream = plastica_numerics::random::Stream::new(3, 0, 9);
        let (task, log) = replay(TEXT, 100_000, |now| (now % 35 == 0 && now % 500 < 270).then(|| (stream.uniform(0, now as u64, 0) * 5.0) as usize));
        let last = log.trials.len() - 1;
        let value = |name| log.scores(&*task, name)[last];
        assert!(value("events") > 0.0 && value("p_shuffle") > 0.02, "{} {}", value("events"), value("p_shuffle"));
        assert!(value("shuffled_events") > 0.0);
    }

    #[test]
    fn performance_is_too_slow_to_be_replay() {
        let (task, log) = replay(TEXT, 10_000, |now| (now % 230 == 0).then_some((now / 230 % 5) as usize));
        assert_eq!((log.trials.len(), log.scores(&*task, "events")[0]), (1, 0.0));
    }

    #[test]
    fn two_blocks_are_two_summaries() {
        let (mut task, log) = replay(TEXT, 5000, chain([0, 1, 2, 3, 4]));
        let again = run(&mut *task, setting(BlockKind::Rest, &[&[40; 5]]), 5000, 1000, |_, _| vec![vec![0; 5]]);
        assert_eq!((log.trials.len(), again.trials.len(), again.scores(&*task, "events")[0]), (11, 1, 0.0));
    }

    #[test]
    fn bad_texts_are_reported_where_they_are_bad() {
        let check = |old: &str, new: &str, id: &str| check_exchanged(TEXT.trim_start(), old, new, id);
        check("at_least = 3", "at_least = 1", "out-of-range");
        check("at_least = 3", "at_least = 3.5", "wrong-type");
        check("at_least = 3", "atleast = 3", "unknown-key");
        check("within = \"80 ms\"", "within = 80", "unit-mismatch");
        check("within = \"80 ms\"", "within = \"0 s\"", "out-of-range");
        check("within = \"80 ms\"", "within = true", "wrong-type");
        check("shuffles = 200", "shuffles = 100000", "out-of-range");
        check("shuffles = 200", "element_share = 0", "out-of-range");
        check("shuffles = 200", "cyclic = \"yes\"", "wrong-type");
        check("\"replay\"", "\"replai\"", "unknown-task-kind");
        check("\"230 ms\"", "\"230 mss\"", "unknown-unit");
        check("population = \"PM_E\"", "population = 5", "wrong-type");
        check("members = [\"s1\", \"s2\", \"s3\", \"s4\", \"s5\"]", "members = \"s1\"", "wrong-type");
        check("members = [\"s1\", \"s2\", \"s3\", \"s4\", \"s5\"]", "members = [\"s1\"]", "too-few-groups");
        check("members = [\"s1\", \"s2\", \"s3\", \"s4\", \"s5\"]", "each = false", "too-few-groups");
    }
}
