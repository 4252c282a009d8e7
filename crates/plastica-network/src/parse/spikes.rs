//! `spikes`: spikes at given times, rounded to the nearest step; at most one per neuron and step.
//!
//! - `"file.csv"`: columns `neuron` and `time_s` (then `size` must be given)
//! - `[[0, "10 ms"], [1, "12 ms"]]`: neuron and time
//! - `{ times = [["0 ms", "20 ms"], ["10 ms"]] }`: the times of each neuron; with `repeat = 60, every = "1 s"` all of it again and again
//! - `{ start = "10 ms", interval = "100 ms", count = 60 }`: a regular train in every neuron; `start` may be a list, one for each

use plastica_lang::check::check_quantity;
use plastica_lang::source::{Diagnostic, Key, Span, Table, Value, ValueKind};
use plastica_lang::units::Dimension;

use super::files::{all_finite, read_columns};
use super::{Parser, count, wrong};
use crate::network::SpikeList;

/// Most spikes of a list.
const MAX_SPIKES: f64 = (1_u32 << 30) as f64;
const FORMS: &str = "write a file name, [[neuron, \"10 ms\"], ...], { times = [[\"10 ms\"], ...] } or { start = \"..\", interval = \"..\", count = .. }";

impl Parser<'_> {
    /// The spikes and the number of neurons.
    pub(super) fn spike_list(&mut self, key: &Key, table: &Table, what: &str, size: Option<usize>) -> Option<(SpikeList, usize)> {
        let value = table.get("spikes")?;
        let needed = |parser: &mut Self| {
            if size.is_none() {
                parser.diagnostics.push(Diagnostic::error("missing-key", key.span, format!("{what} has no `size`")).help("add a line: size = 100"));
            }
            size
        };
        let (spikes, size) = match &value.kind {
            ValueKind::Text(file) => {
                let columns = read_columns(self.files, file, self.diagnostics);
                let size = needed(self)?;
                let columns = columns?;
                let (neurons, times) = (columns.indices("neuron", size, what, self.diagnostics), columns.find("time_s", file.span, self.diagnostics));
                let (neurons, times) = (neurons?, times?);
                if !all_finite(&file.text, "time_s", times, file.span, self.diagnostics) {
                    return None;
                }
                let steps: Option<Vec<i64>> = times.iter().map(|t| self.step(*t, file.span)).collect();
                (neurons.into_iter().zip(steps?).collect(), size)
            }
            ValueKind::Array(items) => {
                let size = needed(self)?;
                (self.pairs(items, size)?, size)
            }
            ValueKind::Table(t) if t.get("times").is_some() => self.times(t, what, size)?,
            ValueKind::Table(t) if t.get("interval").is_some() || t.get("count").is_some() => {
                let size = needed(self)?;
                (self.regular(t, what, size)?, size)
            }
            _ => {
                self.diagnostics.push(wrong(value, "spikes", "a file, a list or a pattern", FORMS));
                return None;
            }
        };
        Some((self.sorted(spikes, value.span), size))
    }

    fn pairs(&mut self, items: &[Value], size: usize) -> Option<Vec<(u32, i64)>> {
        let mut spikes = Vec::with_capacity(items.len());
        let mut good = true;
        for item in items {
            let spike = match &item.kind {
                ValueKind::Array(pair) if pair.len() == 2 => match pair[0].kind {
                    ValueKind::Integer(i) if i >= 0 && (i as u64) < size as u64 => self.time(&pair[1]).map(|step| (i as u32, step)),
                    _ => {
                        self.diagnostics.push(
                            Diagnostic::error("not-an-index", pair[0].span, "this is no neuron of the population")
                                .note(format!("its neurons are 0 to {}", size - 1))
                                .help("write a whole number in that range"),
                        );
                        None
                    }
                },
                _ => {
                    self.diagnostics.push(wrong(item, "spikes", "a pair of neuron and time", "write [0, \"10 ms\"]"));
                    None
                }
            };
            good &= spike.is_some();
            spikes.extend(spike);
        }
        good.then_some(spikes)
    }

    fn times(&mut self, table: &Table, what: &str, size: Option<usize>) -> Option<(Vec<(u32, i64)>, usize)> {
        table.known_keys("a list of spike times", &["times", "repeat", "every"], self.diagnostics);
        let rows = table.array("times", self.diagnostics)?;
        let span = table.get("times")?.span;
        if rows.is_empty() || size.is_some_and(|n| n != rows.len()) {
            let wanted = size.map_or("at least one neuron".to_string(), |n| format!("{n} neurons"));
            self.diagnostics.push(
                Diagnostic::error("wrong-length", span, format!("{what} needs the times of {wanted}, but this is a list for {}", rows.len()))
                    .help("write one list of times for each neuron; it may be empty"),
            );
            return None;
        }
        let mut once = Vec::new();
        let mut good = true;
        for (neuron, row) in rows.iter().enumerate() {
            let ValueKind::Array(items) = &row.kind else {
                self.diagnostics.push(wrong(row, "times", "a list of times for each neuron", "write [[\"0 ms\", \"20 ms\"], [\"10 ms\"]]"));
                good = false;
                continue;
            };
            for item in items {
                let time = check_quantity(item, Some(Dimension::SECOND), self.diagnostics).map(|(t, _)| t);
                good &= time.is_some();
                once.extend(time.map(|t| (neuron as u32, t, item.span)));
            }
        }
        let repeat = match table.get("repeat") {
            Some(v) => count(v, "repeat", MAX_SPIKES, self.diagnostics)?,
            None => 1,
        };
        let every = match table.get("every") {
            Some(v) => self.period(v, "every")?,
            None if repeat > 1 => {
                self.diagnostics.push(Diagnostic::error("missing-key", table.span, "`repeat` needs to know how often").help("add every = \"1 s\""));
                return None;
            }
            None => 0.0,
        };
        if !good || !self.not_too_many(once.len() as f64 * repeat as f64, span) {
            return None;
        }
        let mut spikes = Vec::with_capacity(once.len() * repeat);
        for k in 0..repeat {
            for (neuron, time, span) in &once {
                spikes.push((*neuron, self.step(time + k as f64 * every, *span)?));
            }
        }
        Some((spikes, rows.len()))
    }

    fn regular(&mut self, table: &Table, what: &str, size: usize) -> Option<Vec<(u32, i64)>> {
        table.known_keys("a regular spike train", &["start", "interval", "count"], self.diagnostics);
        for key in ["interval", "count"] {
            if table.get(key).is_none() {
                self.diagnostics.push(
                    Diagnostic::error("missing-key", table.span, format!("a regular spike train has no `{key}`"))
                        .help("write { start = \"10 ms\", interval = \"100 ms\", count = 60 }"),
                );
            }
        }
        let number = table.get("count").and_then(|v| count(v, "count", MAX_SPIKES, self.diagnostics));
        let interval = table.get("interval").and_then(|v| self.period(v, "interval"));
        let starts: Vec<f64> = match table.get("start") {
            None => vec![0.0],
            Some(Value { kind: ValueKind::Array(items), span }) => {
                if items.len() != size {
                    self.diagnostics.push(
                        Diagnostic::error("wrong-length", *span, format!("{what} has {size} neurons, but this is a list of {} starts", items.len()))
                            .help("write one start, or one for each neuron"),
                    );
                    return None;
                }
                items.iter().map(|v| check_quantity(v, Some(Dimension::SECOND), self.diagnostics).map(|(t, _)| t)).collect::<Option<_>>()?
            }
            Some(v) => vec![check_quantity(v, Some(Dimension::SECOND), self.diagnostics)?.0],
        };
        let (number, interval) = (number?, interval?);
        if !self.not_too_many(number as f64 * size as f64, table.span) {
            return None;
        }
        let span = table.get("start").map_or(table.span, |v| v.span);
        let mut spikes = Vec::with_capacity(number * size);
        for k in 0..number {
            for neuron in 0..size {
                spikes.push((neuron as u32, self.step(starts[neuron % starts.len()] + k as f64 * interval, span)?));
            }
        }
        Some(spikes)
    }

    fn period(&mut self, value: &Value, key: &str) -> Option<f64> {
        let (x, _) = check_quantity(value, Some(Dimension::SECOND), self.diagnostics)?;
        if x > 0.0 {
            return Some(x);
        }
        self.diagnostics.push(Diagnostic::error("out-of-range", value.span, format!("`{key}` must be greater than 0")).help("write a positive time"));
        None
    }

    fn time(&mut self, value: &Value) -> Option<i64> {
        let (t, _) = check_quantity(value, Some(Dimension::SECOND), self.diagnostics)?;
        self.step(t, value.span)
    }

    fn step(&mut self, time_s: f64, span: Span) -> Option<i64> {
        let step = (time_s / self.dt_s).round();
        if (0.0..9e15).contains(&step) {
            return Some(step as i64);
        }
        let (id, message, help) = if step < 0.0 {
            ("negative-time", format!("a spike at {time_s} s is before the start"), "the run starts at 0 s; shift the times")
        } else {
            ("too-large", format!("a spike at {time_s} s is more than 2^53 steps after the start"), "check its unit")
        };
        self.diagnostics.push(Diagnostic::error(id, span, message).help(help));
        None
    }

    fn not_too_many(&mut self, spikes: f64, span: Span) -> bool {
        if spikes > MAX_SPIKES {
            self.diagnostics.push(
                Diagnostic::error("too-large", span, format!("this would be {spikes:.3e} spikes, but a list holds at most {MAX_SPIKES:.3e}"))
                    .help("use a smaller count, or a neuron model that spikes"),
            );
        }
        spikes <= MAX_SPIKES
    }

    fn sorted(&mut self, mut spikes: Vec<(u32, i64)>, span: Span) -> SpikeList {
        spikes.sort_unstable_by_key(|(neuron, step)| (*step, *neuron));
        let before = spikes.len();
        spikes.dedup();
        let lost = before - spikes.len();
        if lost > 0 {
            self.diagnostics.push(
                Diagnostic::warning(
                    "duplicate-spike",
                    span,
                    format!("{lost} spike{} in the same step of {} s as another of the same neuron", if lost == 1 { " falls" } else { "s fall" }, self.dt_s),
                )
                .note("a neuron spikes at most once in a step; one spike is kept")
                .help("use a smaller dt, or remove them"),
            );
        }
        SpikeList { neuron: spikes.iter().map(|s| s.0).collect(), step: spikes.iter().map(|s| s.1).collect() }
    }
}
