//! `[simulation]` and `[checkpoint]`: step, duration, seed, precision, threads, how often to save.

use plastica_lang::check::check_quantity;
use plastica_lang::source::{Diagnostic, Table, Value};
use plastica_lang::units::Dimension;

use super::did_you_mean;

/// Precision of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit.
    Single,
    /// 64-bit.
    Double,
}

impl Precision {
    /// As in the file.
    pub fn word(self) -> &'static str {
        match self {
            Precision::Single => "single",
            Precision::Double => "double",
        }
    }
}

/// How long and how exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Step in seconds.
    pub dt_s: f64,
    /// Steps of the run; 0 for a file of pairings only.
    pub steps: u64,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Precision of state.
    pub precision: Precision,
    /// Threads that the file asks for.
    pub threads: Option<usize>,
    /// Real seconds between checkpoints.
    pub checkpoint_s: f64,
    /// Is a checkpoint of each day's beginning kept, of every subject of a study?
    pub keep_days: bool,
}

/// Seconds between checkpoints, unless the file says otherwise.
pub const CHECKPOINT_S: f64 = 60.0;
/// Most threads that can be asked for.
pub const MAX_THREADS: usize = 1024;
/// A run may not be longer than this many steps, so that steps stay exact as `f64`.
const MAX_STEPS: f64 = (1_u64 << 53) as f64;

impl Settings {
    /// Reads `[simulation]`; `needs_duration` when there is a circuit to run.
    pub(super) fn parse(table: &Table, needs_duration: bool, diagnostics: &mut Vec<Diagnostic>) -> Option<Settings> {
        let empty = Table { span: table.span, entries: Vec::new() };
        let table = match table.get("simulation") {
            Some(_) => table.table("simulation", diagnostics)?,
            None => &empty,
        };
        table.known_keys("[simulation]", &["dt", "duration", "seed", "precision", "threads"], diagnostics);
        let dt_s = match table.get("dt") {
            Some(value) => positive_time(value, "dt", diagnostics),
            None => Some(1e-4),
        };
        let duration = match table.get("duration") {
            Some(value) => positive_time(value, "duration", diagnostics).map(|d| Some((d, value))),
            None if needs_duration => {
                diagnostics.push(
                    Diagnostic::error("missing-key", table.span, "[simulation] has no `duration`").help("write [simulation] with a line: duration = \"1 s\""),
                );
                None
            }
            None => Some(None),
        };
        let steps = match (duration?, dt_s) {
            (Some((duration, value)), Some(dt)) => whole_steps(value, "duration", duration, dt, diagnostics),
            _ => Some(0),
        };
        let seed = match table.get("seed") {
            Some(_) => table.integer("seed", 0, diagnostics).map(|s| s as u64),
            None => Some(1),
        };
        let precision = precision(table, diagnostics);
        let threads = table.integer("threads", 1, diagnostics).map(|n| n as usize);
        if let (Some(n), Some(value)) = (threads, table.get("threads"))
            && n > MAX_THREADS
        {
            diagnostics.push(
                Diagnostic::error("too-large", value.span, format!("`threads` must be at most {MAX_THREADS}, but this is {n}"))
                    .help("leave it out: there is one thread for each core"),
            );
        }
        Some(Settings { dt_s: dt_s?, steps: steps?, seed: seed?, precision: precision?, threads, checkpoint_s: CHECKPOINT_S, keep_days: false })
    }
}

fn precision(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Precision> {
    if table.get("precision").is_none() {
        return Some(Precision::Single);
    }
    let text = table.text("precision", diagnostics)?;
    match text.text.as_str() {
        "single" => Some(Precision::Single),
        "double" => Some(Precision::Double),
        other => {
            let help = did_you_mean(other, "precisions", &["single".to_string(), "double".to_string()]);
            diagnostics.push(Diagnostic::error("unknown-precision", text.span, format!("there is no precision `{other}`")).help(help));
            None
        }
    }
}

/// Reads `[checkpoint]`: real seconds between two.
pub(super) fn checkpoint(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> (f64, bool) {
    let Some(table) = table.table("checkpoint", diagnostics) else { return (CHECKPOINT_S, false) };
    table.known_keys("[checkpoint]", &["interval", "days"], diagnostics);
    let interval = table.get("interval").and_then(|v| positive_time(v, "interval", diagnostics)).unwrap_or(CHECKPOINT_S);
    (interval, table.boolean("days", diagnostics).unwrap_or(false))
}

/// A time greater than zero, in seconds.
pub(crate) fn positive_time(value: &Value, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    let (x, _) = check_quantity(value, Some(Dimension::SECOND), diagnostics)?;
    if x > 0.0 && x.is_finite() {
        return Some(x);
    }
    diagnostics.push(
        Diagnostic::error("out-of-range", value.span, format!("`{key}` must be greater than 0, but this is {x} s"))
            .help("write a positive time, such as \"10 ms\""),
    );
    None
}

/// A time as a number of whole steps, at least one.
pub(crate) fn whole_steps(value: &Value, key: &str, time_s: f64, dt_s: f64, diagnostics: &mut Vec<Diagnostic>) -> Option<u64> {
    let exact = time_s / dt_s;
    let steps = exact.round();
    if exact > MAX_STEPS {
        diagnostics.push(Diagnostic::error("too-large", value.span, format!("`{key}` is more than 2^53 steps")).help("check its unit, or use a longer dt"));
        return None;
    }
    // Decimal fractions are not exact in binary: a millionth of a step is no difference.
    if steps < 1.0 || (exact - steps).abs() > 1e-6 * exact.max(1.0) {
        let near = steps.max(1.0) * dt_s;
        diagnostics.push(
            Diagnostic::error("not-whole-steps", value.span, format!("`{key}` is {exact:.6} steps of dt, not a whole number"))
                .note(format!("dt is {dt_s} s"))
                .help(format!("write \"{} ms\", or another dt", round(near * 1e3))),
        );
        return None;
    }
    Some(steps as u64)
}

/// Without the noise of the last digits.
fn round(x: f64) -> f64 {
    format!("{x:.9}").parse().unwrap_or(x)
}
