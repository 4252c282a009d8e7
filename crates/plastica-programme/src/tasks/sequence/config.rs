//! The table of a sequence task.

use plastica_lang::source::{Diagnostic, Table, ValueKind};

use super::super::Drive;
use super::super::feedback::{Report, Reward};
use super::super::read::{Reader, read};
use super::super::stage::Stage;
use super::score::MOST_ELEMENTS;

/// When trials begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pace {
    /// The next trial follows at once.
    Own,
    /// Trials begin on a beat of so many seconds.
    Beat(f64),
}

/// What takes a trial from one element to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advance {
    /// The element that is expected has fired.
    Elements,
    /// Something was pressed, right or wrong.
    Presses,
}

/// A drive that is on for a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Packet {
    /// Place in `drives`.
    pub drive: usize,
    /// SI units of the variable.
    pub amount: f64,
    /// Seconds.
    pub length: f64,
}

/// What the explicit knowledge of the fingers does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FingerDrive {
    /// With the cue.
    pub cued: Packet,
    /// When an element came by itself.
    pub self_paced: Option<Packet>,
}

/// Readiness of the finger that is to press next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Prepare {
    /// Place in `drives`.
    pub drive: usize,
    /// SI units of the variable.
    pub amount: f64,
    /// Seconds from an action to the readiness for the next.
    pub delay: f64,
}

/// All that the file says; times in seconds.
#[derive(Clone, Debug)]
pub(super) struct Config {
    /// Finger (from 0) of each element.
    pub sequence: Vec<usize>,
    pub advance: Advance,
    /// By presses: a press that follows another one sooner is one too many.
    pub fuse: f64,
    pub cue: Packet,
    pub prepare: Option<Prepare>,
    pub finger_drive: Option<FingerDrive>,
    pub report: Option<Report>,
    pub element_share: f64,
    pub element_window: f64,
    pub element_refractory: f64,
    pub press_share: f64,
    pub press_window: f64,
    pub press_refractory: f64,
    pub cue_interval: f64,
    /// Standard deviation between subjects of the logarithm of `cue_interval`.
    pub between: f64,
    pub use_running: bool,
    pub running_factor: f64,
    pub running_margin: f64,
    pub running_rate: f64,
    pub jitter: f64,
    pub re_cue: f64,
    pub start: f64,
    pub time_out: f64,
    pub settle: f64,
    pub coactivation_window: f64,
    pub pace: Pace,
}

/// Reads the table; gives what is read, what is set, and the rest.
pub(super) fn config(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<(Stage, Config)> {
    read("a sequence task", table, diagnostics, |r| {
        let sequence = r.list("sequence", "[1, 2, 3, 4, 5]", |r, item| match item.kind {
            ValueKind::Integer(finger) if finger >= 1 => Some(finger as usize - 1),
            ValueKind::Faulty => None,
            _ => {
                r.report("wrong-type", item.span, "a sequence lists fingers, counted from 1".into(), "write sequence = [1, 2, 3, 4, 5]");
                None
            }
        });
        if sequence.len() == 1 || sequence.len() > MOST_ELEMENTS {
            let message = format!("a sequence has 2 to {MOST_ELEMENTS} elements, but this has {}", sequence.len());
            r.report("wrong-length", r.span("sequence"), message, "write sequence = [1, 2, 3, 4, 5]");
        }
        let columns = sequence.iter().max().map_or(0, |f| f + 1);
        let advance = advance(r);
        let elements = if advance == Advance::Elements { Some(r.groups("elements", sequence.len())) } else { None };
        let fingers = r.groups("fingers", columns);
        let mut drives = Vec::new();
        let cue = r.needed_drive("cue", sequence.len(), |r| Some((r.amount("amount"), r.time("length", 12e-3)))).map(|(drive, (amount, length))| {
            drives.push(drive);
            Packet { drive: drives.len() - 1, amount, length }
        });
        let finger_drive = finger_drive(r, columns, &mut drives);
        let prepare = prepare(r, columns, &mut drives);
        let report = Report::read(r, columns, &mut drives);
        let reward = Reward::read(r);
        let config = Config {
            element_share: r.number("element_share", 0.4, 1e-6..=100.0),
            element_window: r.window("element_window", 20e-3),
            element_refractory: r.time_or_zero("element_refractory", 100e-3),
            press_share: r.number("press_share", 0.4, 1e-6..=100.0),
            press_window: r.window("press_window", 20e-3),
            press_refractory: r.time_or_zero("press_refractory", 120e-3),
            cue_interval: r.time("cue_interval", 350e-3),
            between: r.number("between", 0.0, 0.0..=2.0),
            use_running: r.yes("use_running", true),
            running_factor: r.number("running_factor", 1.15, 0.0..=100.0),
            running_margin: r.time_or_zero("running_margin", 20e-3),
            running_rate: r.number("running_rate", 0.1, 0.0..=1.0),
            jitter: r.number("jitter", 0.3, 0.0..=1.0),
            re_cue: r.time("re_cue", 400e-3),
            start: r.time_or_zero("start", 200e-3),
            time_out: r.time("time_out", 2.5),
            settle: r.time_or_zero("settle", 80e-3),
            coactivation_window: r.time("coactivation_window", 50e-3),
            pace: pace(r),
            fuse: r.time_or_zero("fuse", 70e-3),
            advance,
            sequence,
            cue: cue?,
            prepare,
            finger_drive,
            report,
        };
        let mut reads = Vec::new();
        if let Some(elements) = elements {
            reads.push(elements?);
        }
        reads.push(fingers?);
        Some((Stage::new(reads, drives, reward), config))
    })
}

fn finger_drive(r: &mut Reader<'_, '_>, columns: usize, drives: &mut Vec<Drive>) -> Option<FingerDrive> {
    let (drive, (amount, length, own, own_length)) = r.drive("finger_drive", columns, |r| {
        let (amount, length) = (r.amount("amount"), r.time("length", 12e-3));
        Some((amount, length, r.amount_or("self_paced", 0.0), r.time("self_paced_length", 1e-3)))
    })?;
    drives.push(drive);
    let drive = drives.len() - 1;
    let self_paced = (own != 0.0).then_some(Packet { drive, amount: own, length: own_length });
    Some(FingerDrive { cued: Packet { drive, amount, length }, self_paced })
}

fn prepare(r: &mut Reader<'_, '_>, columns: usize, drives: &mut Vec<Drive>) -> Option<Prepare> {
    let (drive, (amount, delay)) = r.drive("prepare", columns, |r| Some((r.amount("amount"), r.time_or_zero("delay", 60e-3))))?;
    drives.push(drive);
    Some(Prepare { drive: drives.len() - 1, amount, delay })
}

fn advance(r: &mut Reader<'_, '_>) -> Advance {
    let found = r.value("advance", |r, value| match &value.kind {
        ValueKind::Text(text) if text.text == "elements" => Some(Advance::Elements),
        ValueKind::Text(text) if text.text == "presses" => Some(Advance::Presses),
        ValueKind::Faulty => None,
        _ => {
            r.report(
                "unknown-word",
                value.span,
                "`advance` is \"elements\" or \"presses\"".into(),
                "write advance = \"presses\" if trials go on at each press",
            );
            None
        }
    });
    found.unwrap_or(Advance::Elements)
}

fn pace(r: &mut Reader<'_, '_>) -> Pace {
    let own = r.value("pace", |r, value| {
        let ValueKind::Text(text) = &value.kind else { return None };
        if text.text == "own" {
            return Some(());
        }
        // A word is no time; what begins like a number is read as one below.
        if !text.text.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '-') {
            r.report("unknown-word", value.span, format!("`pace` cannot be `{}`", text.text), "write \"own\", or the time from trial to trial such as \"4 s\"");
            return Some(());
        }
        None
    });
    if own.is_some() || r.table.get("pace").is_none() { Pace::Own } else { Pace::Beat(r.time("pace", 1.0)) }
}
