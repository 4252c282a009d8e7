//! What a subject is told after it acted: which group was meant and which acted, and whether that was better than expected.

use plastica_lang::source::Span;

use super::read::Reader;
use super::{Drive, Hands};
use crate::BlockKind;

/// Errors that groups are told after an action.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Report {
    /// Place in `drives`.
    pub drive: usize,
    /// Seconds after the action.
    pub delay: f64,
    /// Seconds that it lasts.
    pub length: f64,
    /// What the group that was meant gets when another one acted.
    pub target: f64,
    /// What it gets when it acted itself.
    pub right: f64,
    /// What a group gets that acted but was not meant.
    pub wrong: f64,
    /// The errors follow the activity of each group instead of who acted.
    pub graded: bool,
    /// What a share of active neurons counts, where errors are graded; it counts at most 1.
    pub sensitivity: f64,
    /// In imagery: what there is of the errors.
    pub forward_model: f64,
}

impl Report {
    /// Reads the key `report`, and adds its drive.
    pub fn read(r: &mut Reader<'_, '_>, groups: usize, drives: &mut Vec<Drive>) -> Option<Report> {
        let (drive, mut report) = r.drive("report", groups, |r| {
            let target = r.amount_or("target", 1.0);
            Some(Report {
                drive: 0,
                delay: r.time_or_zero("delay", 70e-3),
                length: r.time("length", 10e-3),
                target,
                right: r.amount_or("right", target),
                wrong: r.amount_or("wrong", -1.0),
                graded: r.yes("graded", false),
                sensitivity: r.number("sensitivity", 1.0, 0.0..=100.0),
                forward_model: r.number("forward_model", 0.2, 0.0..=f64::INFINITY),
            })
        })?;
        drives.push(drive);
        report.drive = drives.len() - 1;
        Some(report)
    }

    /// The error of a group: was it meant, did it act, and which share of it was active?
    pub fn error(&self, is_target: bool, acted: bool, share: f64) -> f64 {
        match (is_target, acted) {
            _ if self.graded => self.wrong * (self.sensitivity * share).min(1.0) + if is_target { self.target } else { 0.0 },
            (true, true) => self.right,
            (true, false) => self.target,
            (false, true) => self.wrong,
            (false, false) => 0.0,
        }
    }

    /// What there is of the errors in a block of this kind.
    pub fn gain(&self, kind: BlockKind) -> f64 {
        if kind == BlockKind::Imagery { self.forward_model } else { 1.0 }
    }
}

/// Reward beyond expectation, as a modulator.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reward {
    modulator: String,
    /// Where it is named.
    span: Span,
    gain: f64,
    expectation_tau: f64,
    imagery_gain: f64,
}

impl Reward {
    /// Reads the key `reward`.
    pub fn read(r: &mut Reader<'_, '_>) -> Option<Reward> {
        r.part("reward", "a reward", |r| {
            let (modulator, span) = (r.word("modulator"), r.span("modulator"));
            let (gain, expectation_tau) = (r.number("gain", 1.0, f64::MIN..=f64::INFINITY), r.time("expectation_tau", 60.0));
            let imagery_gain = r.number("imagery_gain", 0.3, 0.0..=f64::INFINITY);
            Some(Reward { modulator: modulator?, span, gain, expectation_tau, imagery_gain })
        })
    }

    /// What it pulses, and where that is named.
    pub fn modulator(&self) -> (String, Span) {
        (self.modulator.clone(), self.span)
    }

    /// Pulses the modulator by what was not expected, and expects it a little more. Only practice and imagery are rewarded.
    ///
    /// - `passed_s`: seconds since the last reward
    pub fn give(&self, reward: f64, expectation: &mut f64, passed_s: f64, kind: BlockKind, hands: &mut Hands) {
        let gain = match kind {
            BlockKind::Practice => self.gain,
            BlockKind::Imagery => self.gain * self.imagery_gain,
            _ => return,
        };
        let surprise = reward - *expectation;
        hands.pulse.push((self.modulator.clone(), gain * surprise));
        *expectation += surprise * (1.0 - (-passed_s / self.expectation_tau).exp());
    }
}
