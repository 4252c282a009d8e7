//! What every kind of task has alike: whom it reads, what it sets, the block that it runs in, and the trials that are done.
//!
//! A kind of task holds a [`Stage`] and implements [`Kind`]; it is a [`Task`] by that. What goes back at the end of a block, and
//! what is forgotten at the beginning of one, stands here and not in the kinds.

use plastica_lang::source::Span;
use plastica_numerics::random::Stream;

use super::feedback::Reward;
use super::pulses::Pulses;
use super::{Answers, Drive, Groups, Hands, Score, Setting, Task, Trial};
use crate::BlockKind;

/// What a kind of task stands on.
#[derive(Clone)]
pub(super) struct Stage {
    /// Groups whose spikes it counts.
    pub reads: Vec<Groups>,
    /// What it sets.
    pub drives: Vec<Drive>,
    /// The block, or the last one.
    pub setting: Setting,
    /// What is set for a time.
    pub pulses: Pulses,
    /// Trials of this block.
    pub trials: u32,
    reward: Option<Reward>,
    /// Step of the last reward.
    rewarded: i64,
    done: Vec<Trial>,
}

impl Stage {
    /// Before the first block.
    pub fn new(reads: Vec<Groups>, drives: Vec<Drive>, reward: Option<Reward>) -> Stage {
        let setting = Setting { kind: BlockKind::Wake, strength: 1.0, trials: Some(0), dt_s: 1e-3, stream: Stream::new(0, 0, 0), sizes: Vec::new() };
        Stage { reads, drives, setting, pulses: Pulses::default(), trials: 0, reward, rewarded: 0, done: Vec::new() }
    }

    /// Step of the engine in seconds.
    pub fn dt_s(&self) -> f64 {
        self.setting.dt_s
    }

    /// A row of the table of trials; it counts for nothing else.
    pub fn write(&mut self, from: i64, to: i64, scores: Vec<f64>) {
        self.done.push(Trial { from, to, scores });
    }

    /// A trial is over.
    pub fn finish(&mut self, from: i64, to: i64, scores: Vec<f64>) {
        self.write(from, to, scores);
        self.trials += 1;
    }

    /// Pulses the modulator of the reward, if there is one, by what was not expected.
    pub fn reward(&mut self, reward: f64, expectation: &mut f64, now: i64, hands: &mut Hands) {
        let passed_s = (now - self.rewarded) as f64 * self.dt_s();
        if let Some(given) = &self.reward {
            given.give(reward, expectation, passed_s, self.setting.kind, hands);
            self.rewarded = now;
        }
    }
}

/// What a kind of task does in its own way; see [`Task`] for the meaning of each.
pub(super) trait Kind: Clone + Send + Sync + 'static {
    /// What it stands on.
    fn stage(&self) -> &Stage;
    /// What it stands on, to be changed.
    fn stage_mut(&mut self) -> &mut Stage;
    /// What it scores.
    fn table(&self) -> &[Score];
    /// A block begins; the stage has its setting, and nothing is set.
    fn open_block(&mut self, now: i64);
    /// One step; the pulses that are over have been set back.
    fn advance(&mut self, now: i64, seen: &[Vec<u32>], hands: &mut Hands);
    /// The block ends; what was set is set back afterwards.
    fn close_block(&mut self, now: i64);
    /// Have all trials of the block been done?
    fn is_over(&self) -> bool;
    /// The population whose cells it probes, if it does.
    fn probed_population(&self) -> Option<&str> {
        None
    }
    /// What they answered to each stimulus.
    fn by_stimulus(&self) -> Option<&Answers> {
        None
    }
    /// What it keeps from block to block.
    fn keeps(&self) -> Vec<f64> {
        Vec::new()
    }
    /// Goes on from that.
    fn recall(&mut self, _: &[f64]) {}
}

impl<K: Kind> Task for K {
    fn copy(&self) -> Box<dyn Task> {
        Box::new(self.clone())
    }

    fn reads(&self) -> &[Groups] {
        &self.stage().reads
    }

    fn drives(&self) -> &[Drive] {
        &self.stage().drives
    }

    fn modulators(&self) -> Vec<(String, Span)> {
        self.stage().reward.iter().map(Reward::modulator).collect()
    }

    fn scores(&self) -> &[Score] {
        self.table()
    }

    fn begin(&mut self, setting: Setting, now: i64) {
        let stage = self.stage_mut();
        (stage.setting, stage.pulses, stage.trials, stage.rewarded) = (setting, Pulses::default(), 0, now);
        self.open_block(now);
    }

    fn step(&mut self, now: i64, seen: &[Vec<u32>], hands: &mut Hands) {
        self.stage_mut().pulses.step(now, hands);
        self.advance(now, seen, hands);
    }

    fn end(&mut self, now: i64, hands: &mut Hands) {
        self.close_block(now);
        self.stage_mut().pulses.clear(hands);
    }

    fn take_trials(&mut self) -> Vec<Trial> {
        std::mem::take(&mut self.stage_mut().done)
    }

    fn probed(&self) -> Option<&str> {
        self.probed_population()
    }

    fn answers(&self) -> Option<&Answers> {
        self.by_stimulus()
    }

    fn is_done(&self) -> bool {
        self.is_over()
    }

    fn memory(&self) -> Vec<f64> {
        self.keeps()
    }

    fn remember(&mut self, memory: &[f64]) {
        self.recall(memory);
    }
}
