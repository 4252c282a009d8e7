//! Probe: short pulses to groups at several intensities, and how many cells answer.
//!
//! The block's state stops plasticity; the probe itself teaches nothing. Each pulse is a trial; after the last intensity of a
//! group a summary follows: the volume of its map and the slope from input to output. Modelled on maps by stimulation.

use plastica_lang::source::{Diagnostic, Span, Table};

use super::pulses::Pulses;
use super::read::read;
use super::{Answers, Drive, GroupBy, Groups, Hands, Score, Setting, Task, Trial, idle, some_steps, steps};

const SCORES: [Score; 8] = [
    Score { name: "group", unit: "", doc: "group that was stimulated, from 1" },
    Score { name: "intensity", unit: "", doc: "amount of the pulse, in SI units of its variable" },
    Score { name: "cells", unit: "", doc: "neurons that fired at least once after the pulse" },
    Score { name: "own", unit: "", doc: "spikes per neuron of the stimulated group" },
    Score { name: "others", unit: "", doc: "spikes per neuron of the other groups" },
    Score { name: "map_volume", unit: "", doc: "sum of the cells over all pulses of the group (summary)" },
    Score { name: "slope", unit: "", doc: "cells per unit of intensity, by least squares (summary)" },
    Score { name: "strongest", unit: "", doc: "cells at the strongest intensity (summary)" },
];

/// Most intensities, and most pulses of each.
const MOST: i64 = 1000;

#[derive(Clone, Debug)]
struct Config {
    intensities: Vec<f64>,
    length: f64,
    interval: f64,
    window: f64,
    start: f64,
    repeats: usize,
}

/// Reads the table of a probe.
pub(super) fn parse(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Box<dyn Task>> {
    read("a probe", table, diagnostics, |r| {
        let pulse = r.needed_drive("pulse", 1, |r| Some((r.amounts("intensities"), r.time("length", 5e-3))));
        let cells = r.needed("cells", "a choice of neurons", "{ population = \"...\" }", |r| {
            let population = r.word("population")?;
            let span = r.span("population");
            // Cells are counted, not spikes: each neuron is a group.
            Some(Groups { population, span, by: GroupBy::Each, by_span: span, at_least: 1 })
        });
        let (window, interval) = (r.time("window", 30e-3), r.time("interval", 500e-3));
        if interval < window {
            let message = format!("the next pulse would come before the answer has been counted: `window` is {window} s");
            r.report("out-of-range", r.span("interval"), message, "write a longer `interval`, or a shorter `window`");
        }
        let (start, repeats) = (r.time_or_zero("start", 200e-3), r.whole("repeats", 1, 1..=MOST) as usize);
        let (drive, (intensities, length)) = pulse?;
        let config = Config { intensities, length, interval, window, start, repeats };
        let reads: Vec<Groups> = vec![cells?, drive.groups.clone()];
        let task: Box<dyn Task> = Box::new(Probe {
            config,
            reads,
            drives: vec![drive],
            setting: idle(),
            pulses: Pulses::default(),
            at: 0,
            place: 0,
            is_open: false,
            is_over: true,
            fired: Vec::new(),
            spikes: Vec::new(),
            answers: Vec::new(),
            counts: Vec::new(),
            by_stimulus: Answers::default(),
            from: 0,
            done: Vec::new(),
        });
        Some(task)
    })
}

#[derive(Clone)]
struct Probe {
    config: Config,
    /// Cells one by one, then the groups that are stimulated.
    reads: Vec<Groups>,
    drives: Vec<Drive>,
    setting: Setting,
    pulses: Pulses,
    /// Step of the next pulse, or of the last while its answer is counted.
    at: i64,
    /// Which pulse of the block.
    place: usize,
    is_open: bool,
    is_over: bool,
    /// Has each cell fired since the pulse?
    fired: Vec<bool>,
    spikes: Vec<u64>,
    /// Spikes of each cell since the pulse.
    counts: Vec<u32>,
    /// Spikes of each cell by group, over the whole block.
    by_stimulus: Answers,
    /// Intensity and cells of each pulse of this group.
    answers: Vec<(f64, f64)>,
    /// Step of the group's first pulse.
    from: i64,
    done: Vec<Trial>,
}

impl Probe {
    fn pulses_of_a_group(&self) -> usize {
        self.config.intensities.len() * self.config.repeats
    }

    fn intensity(&self) -> f64 {
        self.config.intensities[self.place / self.config.repeats % self.config.intensities.len()]
    }

    fn open(&mut self, now: i64, hands: &mut Hands) {
        let until = now + some_steps(self.config.length, self.setting.dt_s);
        self.pulses.set(0, self.place / self.pulses_of_a_group(), self.intensity(), until, hands);
        self.fired.fill(false);
        self.counts.fill(0);
        self.spikes.fill(0);
        (self.is_open, self.at) = (true, now);
    }

    fn close(&mut self, now: i64) {
        let (group, intensity) = (self.place / self.pulses_of_a_group(), self.intensity());
        let cells = self.fired.iter().filter(|fired| **fired).count() as f64;
        let sizes = self.setting.sizes(1);
        let per_neuron = |own: bool| {
            let chosen = || (0..self.spikes.len()).filter(move |g| (*g == group) == own);
            chosen().map(|g| self.spikes[g]).sum::<u64>() as f64 / chosen().map(|g| sizes[g]).sum::<usize>() as f64
        };
        let nan = f64::NAN;
        let scores = vec![(group + 1) as f64, intensity, cells, per_neuron(true), per_neuron(false), nan, nan, nan];
        self.done.push(Trial { from: self.at, to: now, scores });
        if self.answers.is_empty() {
            self.from = self.at;
        }
        self.answers.push((intensity, cells));
        self.by_stimulus.pulses[group] += 1;
        self.by_stimulus.spikes[group].iter_mut().zip(&self.counts).for_each(|(sum, n)| *sum += n);
        self.place += 1;
        if self.place.is_multiple_of(self.pulses_of_a_group()) {
            self.summarise(group, now);
        }
        self.is_open = false;
        self.at += some_steps(self.config.interval, self.setting.dt_s);
        self.is_over = self.place >= self.spikes.len() * self.pulses_of_a_group() || self.setting.enough(self.place as u32);
    }

    fn summarise(&mut self, group: usize, now: i64) {
        let n = self.answers.len() as f64;
        let mean = |f: fn(&(f64, f64)) -> f64| self.answers.iter().map(f).sum::<f64>() / n;
        let (x, y) = (mean(|a| a.0), mean(|a| a.1));
        let products: f64 = self.answers.iter().map(|a| (a.0 - x) * (a.1 - y)).sum();
        let squares: f64 = self.answers.iter().map(|a| (a.0 - x).powi(2)).sum();
        let slope = if squares > 0.0 { products / squares } else { f64::NAN };
        let most = self.config.intensities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let strong = || self.answers.iter().filter(|a| a.0 == most).map(|a| a.1);
        let nan = f64::NAN;
        let scores = vec![(group + 1) as f64, nan, nan, nan, nan, y * n, slope, strong().sum::<f64>() / strong().count() as f64];
        self.done.push(Trial { from: self.from, to: now, scores });
        self.answers.clear();
    }
}

impl Task for Probe {
    fn copy(&self) -> Box<dyn Task> {
        Box::new(self.clone())
    }

    fn reads(&self) -> &[Groups] {
        &self.reads
    }

    fn drives(&self) -> &[Drive] {
        &self.drives
    }

    fn modulators(&self) -> Vec<(String, Span)> {
        Vec::new()
    }

    fn scores(&self) -> &[Score] {
        &SCORES
    }

    fn begin(&mut self, setting: Setting, now: i64) {
        self.fired = vec![false; setting.sizes(0).len()];
        self.counts = vec![0; setting.sizes(0).len()];
        self.spikes = vec![0; setting.sizes(1).len()];
        self.by_stimulus = Answers { spikes: vec![self.counts.clone(); self.spikes.len()], pulses: vec![0; self.spikes.len()] };
        self.at = now + steps(self.config.start, setting.dt_s);
        (self.place, self.is_open, self.is_over) = (0, false, setting.enough(0) || setting.sizes(1).is_empty());
        (self.pulses, self.setting) = (Pulses::default(), setting);
        self.answers.clear();
    }

    fn step(&mut self, now: i64, seen: &[Vec<u32>], hands: &mut Hands) {
        self.pulses.step(now, hands);
        if self.is_over {
            return;
        }
        let (Some(cells), Some(groups)) = (seen.first(), seen.get(1)) else { return };
        if self.is_open {
            for ((fired, count), n) in self.fired.iter_mut().zip(&mut self.counts).zip(cells) {
                *fired |= *n > 0;
                *count += n;
            }
            for (sum, n) in self.spikes.iter_mut().zip(groups) {
                *sum += u64::from(*n);
            }
            if now >= self.at + some_steps(self.config.window, self.setting.dt_s) {
                self.close(now);
            }
        } else if now >= self.at {
            self.open(now, hands);
        }
    }

    fn end(&mut self, _: i64, hands: &mut Hands) {
        self.pulses.clear(hands);
        (self.is_open, self.is_over) = (false, true);
    }

    fn take_trials(&mut self) -> Vec<Trial> {
        std::mem::take(&mut self.done)
    }

    fn probed(&self) -> Option<&str> {
        self.reads.first().map(|cells| cells.population.as_str())
    }

    fn answers(&self) -> Option<&Answers> {
        Some(&self.by_stimulus)
    }

    fn is_done(&self) -> bool {
        self.is_over
    }

    fn memory(&self) -> Vec<f64> {
        Vec::new()
    }

    fn remember(&mut self, _: &[f64]) {}
}

#[cfg(test)]
mod tests {
    use super::super::fake::{check_exchanged, good, run, setting};
    use super::*;
    use crate::BlockKind;

    const TEXT: &str = r#"
kind = "probe"
pulse = { population = "M1_E", value = "finger", variable = "drive", intensities = ["1 mV", "2 mV", "3 mV"], length = "5 ms" }
cells = { population = "M1_E" }
interval = "100 ms"
window = "20 ms"
repeats = 2
"#;

    /// Two groups of four cells; a pulse of n mV fires the first n cells of the group twice, and all of them too late.
    #[test]
    fn cells_are_counted_by_group_and_intensity() {
        let mut task = good(TEXT);
        let mut pulse = (i64::MIN / 2, 0, 0);
        let log = run(&mut *task, setting(BlockKind::Test, &[&[1; 8], &[4, 4]]), 0, 5000, |now, values| {
            for (g, value) in values[0].iter().enumerate() {
                if *value > 0.0 && now > pulse.0 + 50 {
                    pulse = (now, g, (value * 1e3).round() as usize);
                }
            }
            let n = match now - pulse.0 {
                3 | 15 => pulse.2,
                20 => 4,
                _ => 0,
            };
            let mut cells = vec![0; 8];
            cells[pulse.1 * 4..pulse.1 * 4 + n].fill(1);
            let groups = vec![cells[..4].iter().sum(), cells[4..].iter().sum()];
            vec![cells, groups]
        });
        assert_eq!(log.trials.len(), 2 * (6 + 1));
        assert_eq!(log.scores(&*task, "cells")[..6], [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
        assert_eq!(log.scores(&*task, "own")[..6], [0.5, 0.5, 1.0, 1.0, 1.5, 1.5]);
        assert_eq!(log.scores(&*task, "others")[..6], [0.0; 6]);
        assert_eq!(log.scores(&*task, "group")[7..], [2.0; 7]);
        for summary in [6, 13] {
            assert_eq!((log.scores(&*task, "map_volume")[summary], log.scores(&*task, "strongest")[summary]), (12.0, 3.0));
            assert!((log.scores(&*task, "slope")[summary] - 1e3).abs() < 1e-6);
        }
        let answers = task.answers().unwrap();
        // One, two and three of the first four cells fired twice, each pulse was given twice.
        assert_eq!(answers.spikes, [[12, 8, 4, 0, 0, 0, 0, 0], [0, 0, 0, 0, 12, 8, 4, 0]]);
        assert_eq!((&answers.pulses[..], answers.cells(), task.probed()), (&[6, 6][..], 8, Some("M1_E")));
        assert_eq!((log.set[0], log.set[1]), ((200, 0, 0, 1e-3), (205, 0, 0, 0.0)));
        assert_eq!(log.trials[1].from, 300);
    }

    #[test]
    fn a_block_may_end_the_probe_early() {
        let mut task = good(TEXT);
        let block = Setting { trials: Some(2), ..setting(BlockKind::Test, &[&[1; 8], &[4, 4]]) };
        let log = run(&mut *task, block, 0, 5000, |_, _| vec![vec![0; 8], vec![0; 2]]);
        assert_eq!((log.trials.len(), log.scores(&*task, "cells")), (2, vec![0.0; 2]));
    }

    #[test]
    fn bad_texts_are_reported_where_they_are_bad() {
        let check = |old: &str, new: &str, id: &str| check_exchanged(TEXT.trim_start(), old, new, id);
        check("\"probe\"", "\"prob\"", "unknown-task-kind");
        check("[\"1 mV\", \"2 mV\", \"3 mV\"]", "[\"1 mV\", \"2 pA\", \"3 mV\"]", "unit-mismatch");
        check("[\"1 mV\", \"2 mV\", \"3 mV\"]", "[]", "wrong-length");
        check("[\"1 mV\", \"2 mV\", \"3 mV\"]", "\"1 mV\"", "wrong-type");
        check("intensities = [\"1 mV\", \"2 mV\", \"3 mV\"], ", "", "missing-key");
        check("cells = { population = \"M1_E\" }", "", "missing-key");
        check("cells = { population = \"M1_E\" }", "cells = { population = \"M1_E\", each = true }", "unknown-key");
        check("cells = { population = \"M1_E\" }", "cells = {}", "missing-key");
        check("interval = \"100 ms\"", "interval = \"10 ms\"", "out-of-range");
        check("interval = \"100 ms\"", "interval = \"100\"", "unit-mismatch");
        check("window = \"20 ms\"", "windows = \"20 ms\"", "unknown-key");
        check("repeats = 2", "repeats = 0", "out-of-range");
        check("repeats = 2", "repeats = 2000", "out-of-range");
        check("repeats = 2", "start = \"-1 s\"", "out-of-range");
        check("value = \"finger\"", "value = \"finger\", members = [\"a\"]", "given-twice");
    }
}
