//! A scripted circuit for tests: a closure from what is set to what fires.

use plastica_lang::source::{Diagnostic, Sources, parse_toml, render};
use plastica_numerics::random::Stream;

use super::{Hands, Setting, Task, Trial};
use crate::BlockKind;

/// Reads the first task of a text, with all that is said about it.
pub(super) fn parse_text(text: &str) -> (Option<Box<dyn Task>>, Vec<Diagnostic>, Sources) {
    let mut sources = Sources::default();
    let source = sources.add("task.toml", text);
    let mut diagnostics = Vec::new();
    let table = parse_toml(&sources, source, &mut diagnostics);
    let task = super::parse("t", &table, &mut diagnostics);
    (task, diagnostics, sources)
}

/// Reads a good text.
pub(super) fn good(text: &str) -> Box<dyn Task> {
    let (task, diagnostics, sources) = parse_text(text);
    assert!(diagnostics.is_empty(), "{}", render(&sources, &diagnostics, false));
    task.expect("a text without faults gives a task")
}

/// A text must give exactly this fault, on this line.
pub(super) fn check_fault(text: &str, id: &str, line: usize) {
    let (task, diagnostics, sources) = parse_text(text);
    let found: Vec<(&str, usize)> = diagnostics.iter().map(|d| (d.id, sources.line(d.span).0)).collect();
    assert_eq!(found, [(id, line)], "{}", render(&sources, &diagnostics, false));
    assert!(task.is_none() && diagnostics[0].help.is_some());
}

/// A good text with one line exchanged must give exactly this fault, at that line.
pub(super) fn check_exchanged(good: &str, old: &str, new: &str, id: &str) {
    assert_eq!(good.matches(old).count(), 1, "`{old}` stands once in the text");
    let at = good[..good.find(old).unwrap_or(0)].matches('\n').count() + 1;
    // A line that is left out is missed at its table, which begins where the text does.
    let line = if new.is_empty() && !old.ends_with(", ") { 1 } else { at };
    check_fault(&good.replace(old, new), id, line);
}

/// A block of steps of 1 ms.
pub(super) fn setting(kind: BlockKind, sizes: &[&[usize]]) -> Setting {
    Setting { kind, strength: 1.0, trials: None, dt_s: 1e-3, stream: Stream::new(7, 0, 1), sizes: sizes.iter().map(|s| s.to_vec()).collect() }
}

/// What happened in a block.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub trials: Vec<Trial>,
    /// Step, drive, group, value.
    pub set: Vec<(i64, usize, usize, f64)>,
    /// Step, amount.
    pub pulses: Vec<(i64, f64)>,
}

impl Log {
    /// One score of each trial.
    pub fn scores(&self, task: &dyn Task, name: &str) -> Vec<f64> {
        let k = task.scores().iter().position(|s| s.name == name).unwrap_or_else(|| panic!("no score `{name}`"));
        self.trials.iter().map(|t| t.scores[k]).collect()
    }
}

/// Runs a block from step `from`: `circuit(step, values)` gives the spikes of that step, where `values[drive][group]` is what is set.
pub(super) fn run(task: &mut dyn Task, setting: Setting, from: i64, steps: i64, mut circuit: impl FnMut(i64, &[Vec<f64>]) -> Vec<Vec<u32>>) -> Log {
    let mut log = Log::default();
    let mut values = vec![vec![0.0; 64]; task.drives().len()];
    let mut seen: Vec<Vec<u32>> = setting.sizes.iter().map(|s| vec![0; s.len()]).collect();
    task.begin(setting, from);
    for now in from..from + steps {
        let mut hands = Hands::default();
        task.step(now, &seen, &mut hands);
        apply(&mut log, now, hands, &mut values);
        log.trials.extend(task.take_trials());
        if task.is_done() {
            break;
        }
        seen = circuit(now, &values);
    }
    let mut hands = Hands::default();
    task.end(from + steps, &mut hands);
    apply(&mut log, from + steps, hands, &mut values);
    log.trials.extend(task.take_trials());
    assert!(values.iter().flatten().all(|x| *x == 0.0), "what was set goes back at the end of the block");
    for trial in &log.trials {
        assert_eq!(trial.scores.len(), task.scores().len());
        assert!(trial.from <= trial.to);
    }
    log
}

fn apply(log: &mut Log, now: i64, hands: Hands, values: &mut [Vec<f64>]) {
    for (drive, group, value) in hands.set {
        values[drive][group] = value;
        log.set.push((now, drive, group, value));
    }
    log.pulses.extend(hands.pulse.into_iter().map(|(_, x)| (now, x)));
}
