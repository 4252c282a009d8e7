//! The sequence task: press the fingers of a sequence in order, as fast as can be done without errors.
//!
//! Elements are cued one by one; an element that fires before its cue was self-paced, and the sequence gets faster. What is
//! pressed is read from columns of fingers; after each press a report tells the columns how far the press was from what was
//! meant. In imagery nothing is pressed: the elements' own times are scored, and the report comes weakly from a forward model
//! that hears which column was active. Exposure gives the cues only.
//!
//! A trial goes on either with the elements or with the presses (`advance`). By presses nothing but the columns is read: each press
//! stands for the element that is expected, right or wrong, and in imagery the columns that would have pressed stand for presses.
//!
//! Source: tapping and piano tasks as in Karni et al. 1995 and Pascual-Leone et al. 1995; numbers by default from the project's
//! prototype of the skill circuit.

mod config;
mod score;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use plastica_lang::source::{Diagnostic, Table};
use plastica_numerics::elementary::Real;

use self::config::{Advance, Config, Pace, Packet};
use self::score::{Tally, scores};
use super::stage::{Kind, Stage};
use super::window::Detector;
use super::{Hands, Score, Task, some_steps, steps};
use crate::BlockKind;

/// Reads the table of a sequence task.
pub(super) fn parse(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Box<dyn Task>> {
    let (stage, config) = config::config(table, diagnostics)?;
    Some(Box::new(Sequence::new(stage, config)))
}

/// Where a trial is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// It begins at this step.
    Waiting(i64),
    /// Element `next` is expected.
    Running,
    /// All elements have fired; the last press may come until this step.
    Settling(i64),
    /// No more trials in this block.
    Over,
}

/// A report that is under way.
#[derive(Clone, Copy, Debug)]
struct Pending {
    due: i64,
    /// The activity of the columns is counted until this step.
    until: i64,
    target: usize,
    pressed: usize,
}

/// The state machine.
#[derive(Clone)]
pub(super) struct Sequence {
    config: Config,
    stage: Stage,
    scores: Vec<Score>,
    /// Running mean of the time from element to element, in seconds; 0 before the first block.
    running_s: f64,
    /// Running mean of the reward.
    expectation: f64,

    // What follows belongs to a block.
    elements: Detector,
    columns: Detector,
    phase: Phase,
    /// The element that is expected.
    next: usize,
    /// It has been cued.
    cued: bool,
    cue_at: i64,
    /// When the next finger is made ready.
    ready_at: i64,
    /// The finger that is ready.
    ready: Option<usize>,
    /// The element that the subject is about to press: the last that was cued or fired.
    intended: Option<usize>,
    /// Step of the last element in turn, of this trial or the one before.
    last_element: Option<i64>,
    /// When something happened in this trial.
    progress: i64,
    from: i64,
    /// The first trial's beginning; beats are counted from here.
    origin: i64,
    tally: Tally,
    before: Option<i64>,
    pending: VecDeque<Pending>,
    /// Spikes of each column for each pending report, one after the other.
    activity: VecDeque<u32>,
}

impl Sequence {
    fn new(stage: Stage, config: Config) -> Sequence {
        Sequence {
            // Not known before the subject is.
            running_s: 0.0,
            expectation: 0.0,
            scores: scores(config.sequence.len()),
            elements: Detector::default(),
            columns: Detector::default(),
            phase: Phase::Over,
            next: 0,
            cued: false,
            cue_at: 0,
            ready_at: i64::MAX,
            ready: None,
            intended: None,
            last_element: None,
            progress: 0,
            from: 0,
            origin: 0,
            tally: Tally::default(),
            before: None,
            pending: VecDeque::new(),
            activity: VecDeque::new(),
            config,
            stage,
        }
    }

    fn dt_s(&self) -> f64 {
        self.stage.setting.dt_s
    }

    fn kind(&self) -> BlockKind {
        self.stage.setting.kind
    }

    fn is(&self, kind: BlockKind) -> bool {
        self.kind() == kind
    }

    fn give(&mut self, packet: Packet, group: usize, now: i64, hands: &mut Hands) {
        let strength = self.stage.setting.strength;
        let until = now + some_steps(packet.length, self.dt_s());
        self.stage.pulses.set(packet.drive, group, packet.amount * strength, until, hands);
    }

    /// Cues the expected element.
    fn cue(&mut self, now: i64, hands: &mut Hands) {
        self.give(self.config.cue, self.next, now, hands);
        if let Some(fingers) = self.config.finger_drive
            && !self.is(BlockKind::Exposure)
        {
            self.give(fingers.cued, self.config.sequence[self.next], now, hands);
        }
        self.cued = true;
        self.intended = Some(self.next);
        self.cue_at = now + some_steps(self.config.re_cue, self.dt_s());
        self.ready_at = self.ready_at.min(now);
        if self.is(BlockKind::Exposure) && self.config.advance == Advance::Presses {
            // Nobody presses: the cues follow one another.
            (self.last_element, self.progress) = (Some(now), now);
            self.go_on(now, hands);
        }
    }

    /// The expected element is done: the next one is expected.
    fn go_on(&mut self, now: i64, hands: &mut Hands) {
        self.cued = false;
        self.cue_at = self.next_cue(now);
        self.next += 1;
        if let Some(prepare) = self.config.prepare {
            if let Some(finger) = self.ready.take() {
                self.stage.pulses.set(prepare.drive, finger, 0.0, now, hands);
            }
            self.ready_at = now + steps(prepare.delay, self.dt_s());
        }
        if self.next == self.config.sequence.len() {
            match self.config.advance {
                // The last press has been made.
                Advance::Presses => self.close(now, false, hands),
                Advance::Elements => self.phase = Phase::Settling(now + steps(self.config.settle, self.dt_s())),
            }
        }
    }

    /// Makes the next finger ready when it is time.
    fn prepare(&mut self, now: i64, hands: &mut Hands) {
        let Some(prepare) = self.config.prepare else { return };
        let finger = match self.config.sequence.get(self.next) {
            Some(finger) if self.phase == Phase::Running && !self.is(BlockKind::Exposure) => *finger,
            _ => return,
        };
        if now < self.ready_at || self.ready == Some(finger) {
            return;
        }
        if let Some(other) = self.ready.replace(finger) {
            self.stage.pulses.set(prepare.drive, other, 0.0, now, hands);
        }
        self.stage.pulses.set(prepare.drive, finger, prepare.amount, i64::MAX, hands);
    }

    /// This subject's longest time from an element to the cue of the next, in seconds.
    fn own_interval(&self) -> f64 {
        // Draw 1 of step 0 is the subject's, whatever the block.
        self.config.cue_interval * if self.config.between > 0.0 { Real::exp(self.config.between * self.stage.setting.stream.normal(1, 0, 0)) } else { 1.0 }
    }

    /// When the next element is cued, if element before it fired at `now`.
    fn next_cue(&self, now: i64) -> i64 {
        let c = &self.config;
        let own = self.own_interval();
        let wanted = if c.use_running { own.min(c.running_factor * self.running_s + c.running_margin) } else { own };
        let noise = self.stage.setting.stream.normal(0, now as u64, 0);
        // Two standard deviations bound the jitter, so that a cue never comes before its element.
        let factor = (1.0 + c.jitter * noise.clamp(-2.0, 2.0)).max(0.1);
        now + some_steps(wanted * factor, self.dt_s())
    }

    /// Element `e` has fired.
    fn element(&mut self, e: usize, now: i64, hands: &mut Hands) {
        if self.phase == Phase::Over || matches!(self.phase, Phase::Waiting(_)) {
            return;
        }
        if matches!(self.phase, Phase::Settling(_)) && e == 0 && self.config.pace == Pace::Own {
            // The next sequence has begun before the last press of this one was waited for in full.
            self.close(now, false, hands);
            if self.phase == Phase::Over {
                return;
            }
            self.start(now);
        }
        if self.phase == Phase::Running && e == self.next {
            self.in_turn(now, hands);
        } else {
            self.tally.order_errors += 1;
            if self.is(BlockKind::Imagery) {
                self.tally.presses.push((self.config.sequence[e], now));
            }
        }
    }

    fn in_turn(&mut self, now: i64, hands: &mut Hands) {
        let e = self.next;
        if let Some(last) = self.last_element {
            self.tally.followers += 1;
            self.tally.self_paced += u32::from(!self.cued);
            self.follow(now - last);
        }
        if self.is(BlockKind::Imagery) {
            self.tally.presses.push((self.config.sequence[e], now));
            self.tally.right[e] = Some(now);
        }
        if let Some(packet) = self.config.finger_drive.and_then(|f| f.self_paced)
            && !self.cued
            && !self.is(BlockKind::Exposure)
        {
            self.give(packet, self.config.sequence[e], now, hands);
        }
        (self.intended, self.last_element, self.progress) = (Some(e), Some(now), now);
        self.go_on(now, hands);
    }

    /// Column `f` acts, where presses take the trial on.
    fn acts(&mut self, f: usize, now: i64, hands: &mut Hands) {
        if self.phase != Phase::Running {
            return;
        }
        self.tally.presses.push((f, now));
        if self.last_element.is_some_and(|last| now - last < steps(self.config.fuse, self.dt_s())) {
            // One too many, with the press before it: it is nobody's turn.
            self.tally.wrong_presses += 1;
            return;
        }
        self.tally.turns.push(now);
        let (e, target) = (self.next, self.config.sequence[self.next]);
        if let Some(last) = self.last_element {
            self.tally.followers += 1;
            self.tally.self_paced += u32::from(!self.cued);
            self.follow(now - last);
        }
        self.tally.wrong_presses += u32::from(f != target);
        self.tally.right[e] = (f == target).then_some(now);
        (self.intended, self.last_element, self.progress) = (Some(e), Some(now), now);
        self.await_report(f, target, now);
        self.go_on(now, hands);
    }

    /// The running interval follows this one, in steps. In a test nothing is learned.
    fn follow(&mut self, interval: i64) {
        if !self.is(BlockKind::Test) {
            self.running_s += self.config.running_rate * (interval as f64 * self.dt_s() - self.running_s);
        }
    }

    /// Column `f` is active enough for a press.
    fn press(&mut self, f: usize, now: i64) {
        let Some(element) = self.intended else { return };
        let target = self.config.sequence[element];
        if !self.is(BlockKind::Imagery) && matches!(self.phase, Phase::Running | Phase::Settling(_)) {
            self.tally.presses.push((f, now));
            self.tally.wrong_presses += u32::from(f != target);
            // A press that comes after its trial belongs to no element of this one.
            let is_here = element < self.next || (self.cued && element == self.next);
            if f == target && is_here && self.tally.right[element].is_none() {
                self.tally.right[element] = Some(now);
            }
        }
        self.await_report(f, target, now);
    }

    /// The report of a press is under way.
    fn await_report(&mut self, pressed: usize, target: usize, now: i64) {
        let Some(report) = self.config.report else { return };
        let dt_s = self.dt_s();
        let due = now + steps(report.delay, dt_s);
        let until = due.min(now + steps(self.config.press_window, dt_s));
        self.pending.push_back(Pending { due, until, target, pressed });
        self.activity.extend((0..self.columns.window.groups()).map(|g| self.columns.window.count(g)));
    }

    /// Counts for the reports that are under way, and gives those that are due.
    fn report(&mut self, now: i64, seen: &[u32], hands: &mut Hands) {
        let columns = self.columns.window.groups();
        for (k, pending) in self.pending.iter().enumerate() {
            if now <= pending.until {
                for (g, n) in seen.iter().take(columns).enumerate() {
                    self.activity[k * columns + g] += n;
                }
            }
        }
        let Some(report) = self.config.report else { return };
        while let Some(pending) = self.pending.front().copied().filter(|p| p.due <= now) {
            self.pending.pop_front();
            let gain = report.gain(self.kind());
            let until = now + some_steps(report.length, self.dt_s());
            for g in 0..columns {
                let share = f64::from(self.activity.pop_front().unwrap_or(0)) / self.columns.window.size(g).max(1) as f64;
                let error = report.error(g == pending.target, g == pending.pressed, share);
                self.stage.pulses.set(report.drive, g, gain * error, until, hands);
            }
        }
    }

    /// A trial begins; its first element is expected.
    fn start(&mut self, now: i64) {
        self.tally.clear(self.config.sequence.len());
        (self.phase, self.next, self.from, self.progress) = (Phase::Running, 0, now, now);
    }

    /// A trial ends.
    fn close(&mut self, now: i64, timed_out: bool, hands: &mut Hands) {
        let dt_s = self.dt_s();
        let scores = self.tally.score(&self.config.sequence, self.before, timed_out, dt_s);
        self.stage.finish(self.from, now, scores);
        let correct = f64::from(u8::from(self.tally.is_correct(&self.config.sequence)));
        self.stage.reward(correct, &mut self.expectation, now, hands);
        self.before = self.tally.right.last().copied().flatten();
        if timed_out || self.config.pace != Pace::Own {
            // What comes now is not the continuation of what was.
            (self.last_element, self.before, self.intended) = (None, None, None);
            (self.cued, self.cue_at) = (false, now);
        }
        if let Some(finger) = self.ready.take()
            && let Some(prepare) = self.config.prepare
        {
            self.stage.pulses.set(prepare.drive, finger, 0.0, now, hands);
        }
        self.phase = match self.config.pace {
            _ if self.stage.setting.enough(self.stage.trials) => Phase::Over,
            Pace::Own => Phase::Waiting(now),
            Pace::Beat(beat) => {
                let beat = some_steps(beat, dt_s);
                Phase::Waiting(self.origin + (now - self.origin + beat - 1) / beat * beat)
            }
        };
    }

    /// Columns beside the right one, while an element is fresh.
    fn count_off_target(&mut self, now: i64, seen: &[u32], fresh: i64) {
        let (Some(element), Some(last)) = (self.intended, self.last_element) else { return };
        if now > last + fresh || matches!(self.phase, Phase::Waiting(_) | Phase::Over) {
            return;
        }
        for (g, n) in seen.iter().enumerate().filter(|(_, n)| **n > 0) {
            *(if g == self.config.sequence[element] { &mut self.tally.on_target } else { &mut self.tally.off_target }) += u64::from(*n);
        }
    }
}

impl Kind for Sequence {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn stage_mut(&mut self) -> &mut Stage {
        &mut self.stage
    }

    fn table(&self) -> &[Score] {
        &self.scores
    }

    fn open_block(&mut self, now: i64) {
        let memory = self.keeps();
        *self = Sequence::new(self.stage.clone(), self.config.clone());
        self.recall(&memory);
        let (setting, c) = (&self.stage.setting, &self.config);
        let dt_s = setting.dt_s;
        let detector = |r, share, window, refractory| Detector::new(setting.sizes(r), share, some_steps(window, dt_s), steps(refractory, dt_s));
        if c.advance == Advance::Elements {
            self.elements = detector(0, c.element_share, c.element_window, c.element_refractory);
        }
        self.columns = detector(self.stage.reads.len() - 1, c.press_share, c.press_window, c.press_refractory);
        self.origin = now + steps(c.start, dt_s);
        (self.cue_at, self.ready_at) = (self.origin, self.origin);
        self.phase = if setting.is_active() && !setting.enough(0) { Phase::Waiting(self.origin) } else { Phase::Over };
        if self.running_s == 0.0 {
            self.running_s = self.own_interval();
        }
    }

    fn advance(&mut self, now: i64, seen: &[Vec<u32>], hands: &mut Hands) {
        // The columns are read last, and where presses take the trial on, alone.
        let Some((columns, elements)) = seen.split_last() else { return };
        if let Some(elements) = elements.first() {
            self.elements.push(elements);
        }
        self.columns.push(columns);
        let dt_s = self.dt_s();
        if !self.pending.is_empty() {
            self.report(now, columns, hands);
        }
        if let Phase::Waiting(at) = self.phase
            && now >= at
        {
            self.start(now);
        }
        for e in 0..self.config.sequence.len() {
            if self.elements.notices(e, now) {
                self.element(e, now, hands);
            }
        }
        self.count_off_target(now, columns, steps(self.config.coactivation_window, dt_s));
        if !self.is(BlockKind::Exposure) && self.phase != Phase::Over {
            for f in 0..self.columns.window.groups() {
                if self.columns.notices(f, now) {
                    match self.config.advance {
                        Advance::Elements => self.press(f, now),
                        Advance::Presses => self.acts(f, now, hands),
                    }
                }
            }
        }
        match self.phase {
            Phase::Settling(until) if now >= until => self.close(now, false, hands),
            Phase::Running if now - self.progress >= some_steps(self.config.time_out, dt_s) => self.close(now, true, hands),
            Phase::Running if now >= self.cue_at => self.cue(now, hands),
            _ => {}
        }
        self.prepare(now, hands);
    }

    fn close_block(&mut self, _: i64) {
        self.pending.clear();
        self.activity.clear();
        self.phase = Phase::Over;
    }

    fn is_over(&self) -> bool {
        // The last press is still reported.
        self.phase == Phase::Over && self.pending.is_empty() && self.stage.pulses.is_empty()
    }

    fn keeps(&self) -> Vec<f64> {
        vec![self.running_s, self.expectation]
    }

    fn recall(&mut self, memory: &[f64]) {
        if let [running_s, expectation] = *memory {
            (self.running_s, self.expectation) = (running_s, expectation);
        }
    }
}
