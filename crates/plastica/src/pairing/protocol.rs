//! Rows of a pairing: when the two neurons fire, how often, and where on the figure the result goes.

use plastica_lang::source::{Diagnostic, Span, Table, Value, ValueKind};
use plastica_lang::units::Dimension;

use super::cases::Case;
use super::lookup::Published;
use crate::experiment::wrong_type;

/// Two spike trains.
#[derive(Clone, Debug, PartialEq)]
pub struct Protocol {
    /// Name, distinct within the pairing.
    pub name: String,
    /// Its row in the table of the pairing.
    pub index: usize,
    /// Place in the text.
    pub span: Span,
    /// Which curve of the figure.
    pub curve: String,
    /// Where on the curve.
    pub x: f64,
    /// Presynaptic spike steps, ascending.
    pub pre: Vec<i64>,
    /// Postsynaptic spike steps (of the drive, when the neuron is one of a model), ascending.
    pub post: Vec<i64>,
    /// Length of the run in steps.
    pub steps: u64,
    /// Farthest that a spike was moved onto a whole step, seconds.
    pub moved_s: f64,
    /// The measurement.
    pub published: Option<Published>,
    pub(crate) case: Case,
}

/// Keys of a protocol; a pairing may have them too, as the default of its protocols.
pub(crate) const KEYS: [&str; 13] = ["name", "curve", "x", "vary", "cases", "repetitions", "interval", "start", "rest", "pre", "post", "published", "error"];
const MAX_SPIKES: f64 = 1e6;
const MAX_STEPS: f64 = 1e12;

/// A protocol's keys, then its pairing's.
pub(crate) struct Keys<'a> {
    pub own: &'a Table,
    pub pairing: &'a Table,
}

impl<'a> Keys<'a> {
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.own.get(key).or_else(|| self.pairing.get(key))
    }

    fn required(&self, key: &str, example: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<&'a Value> {
        let found = self.get(key);
        if found.is_none() {
            diagnostics
                .push(Diagnostic::error("missing-key", self.own.span, format!("this protocol has no `{key}`")).help(format!("add a line: {key} = {example}")));
        }
        found
    }

    /// All protocols that these keys describe.
    pub fn protocols(&self, dt_s: f64, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Protocol>> {
        let source = if self.own.get("vary").is_some() || self.own.get("cases").is_some() { self.own } else { self.pairing };
        let cases = Case::all(source, diagnostics)?;
        let mut out = Vec::with_capacity(cases.len());
        for case in cases {
            // The same mistake would be found for each case.
            out.push(self.protocol(case, dt_s, diagnostics)?);
        }
        Some(out)
    }

    fn protocol(&self, case: Case, dt_s: f64, diagnostics: &mut Vec<Diagnostic>) -> Option<Protocol> {
        let before = diagnostics.len();
        let name = self.filled(&case, "name", "\"{timing/ms} ms\"", diagnostics);
        let curve = if self.get("curve").is_some() { self.filled(&case, "curve", "", diagnostics) } else { Some(String::new()) };
        let x = self.required("x", "\"timing/ms\"", diagnostics).and_then(|v| case.value(v, Dimension::NONE, diagnostics));
        let repetitions = self.required("repetitions", "60", diagnostics).and_then(|v| whole(v, diagnostics));
        let seconds = |key: &str, default: f64, diagnostics: &mut Vec<Diagnostic>| match self.get(key) {
            Some(v) => {
                let x = case.value(v, Dimension::SECOND, diagnostics)?;
                if x < 0.0 {
                    diagnostics.push(Diagnostic::error("negative-time", v.span, format!("`{key}` is negative")).help("write a time of 0 s or more"));
                    return None;
                }
                Some(x)
            }
            None => Some(default),
        };
        let interval = self.required("interval", "\"1 s\"", diagnostics).and_then(|_| seconds("interval", 0.0, diagnostics));
        let start = seconds("start", 0.0, diagnostics);
        let rest = seconds("rest", 0.0, diagnostics);
        let pre = self.offsets(&case, "pre", diagnostics);
        let post = self.offsets(&case, "post", diagnostics);
        if diagnostics[before..].iter().any(Diagnostic::is_error) {
            return None;
        }
        let train = Train { start_s: start?, interval_s: interval?, repetitions: repetitions?, dt_s };
        let (pre, post) = (pre?, post?);
        let first = pre.iter().chain(&post).copied().fold(f64::INFINITY, f64::min);
        if first.is_infinite() {
            diagnostics
                .push(Diagnostic::error("no-spikes", self.own.span, "this protocol has no spikes").help("write pre = [\"0 ms\"] and post = [\"10 ms\"]"));
            return None;
        }
        if train.repetitions as f64 * (pre.len() + post.len()) as f64 > MAX_SPIKES || train.repetitions as f64 * train.interval_s / dt_s > MAX_STEPS {
            diagnostics.push(Diagnostic::error("too-large", self.own.span, "this protocol is too long").help("check `repetitions` and `interval`"));
            return None;
        }
        let mut moved_s = 0.0_f64;
        let pre = train.steps(&pre, first, &mut moved_s);
        let post = train.steps(&post, first, &mut moved_s);
        if pre.windows(2).chain(post.windows(2)).any(|w| w[0] == w[1]) {
            diagnostics.push(
                Diagnostic::error("spikes-meet", self.own.span, format!("two spikes of one neuron fall into one step of {dt_s} s")).help("use a smaller dt"),
            );
            return None;
        }
        // To the end of the last period, and past the last spike.
        let end = train.start_s + train.repetitions as f64 * train.interval_s + rest?;
        let last = pre.last().copied().unwrap_or(0).max(post.last().copied().unwrap_or(0));
        let steps = ((end / dt_s).round() as u64).max(last as u64 + 1);
        Some(Protocol {
            name: name?,
            index: 0,
            span: self.own.span,
            curve: curve?,
            x: x?,
            pre,
            post,
            steps,
            moved_s,
            published: Published::inline(self, diagnostics),
            case,
        })
    }

    fn filled(&self, case: &Case, key: &str, example: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
        let value = self.required(key, example, diagnostics)?;
        match &value.kind {
            ValueKind::Text(text) => case.fill(text, &[], diagnostics),
            _ => {
                diagnostics.push(wrong_type(value, key, "text", "write a text; {expression} in it is replaced by its value"));
                None
            }
        }
    }

    fn offsets(&self, case: &Case, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<f64>> {
        let value = self.required(key, "[\"0 ms\"]", diagnostics)?;
        let ValueKind::Array(items) = &value.kind else {
            diagnostics.push(wrong_type(value, key, "a list of times", "write [\"0 ms\"]"));
            return None;
        };
        items.iter().map(|v| case.value(v, Dimension::SECOND, diagnostics)).collect()
    }
}

fn whole(value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    match value.kind {
        ValueKind::Integer(i) if i >= 1 && (i as f64) <= MAX_SPIKES => Some(i as usize),
        _ => {
            diagnostics
                .push(Diagnostic::error("out-of-range", value.span, "`repetitions` must be a whole number from 1 to a million").help("write repetitions = 60"));
            None
        }
    }
}

struct Train {
    start_s: f64,
    interval_s: f64,
    repetitions: usize,
    dt_s: f64,
}

impl Train {
    /// Steps of the spikes at these offsets in each period; the earliest offset of the protocol, `first`, is at the start.
    fn steps(&self, offsets: &[f64], first: f64, moved_s: &mut f64) -> Vec<i64> {
        let mut out = Vec::with_capacity(self.repetitions * offsets.len());
        for k in 0..self.repetitions {
            for offset in offsets {
                let time = self.start_s + k as f64 * self.interval_s + (offset - first);
                let step = (time / self.dt_s).round();
                *moved_s = moved_s.max((time - step * self.dt_s).abs());
                out.push(step as i64);
            }
        }
        out.sort_unstable();
        out
    }
}
