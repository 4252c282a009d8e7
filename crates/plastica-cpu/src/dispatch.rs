//! Chooses, once, the widest vector instructions that the processor has.
//!
//! All give the same bits: nothing is reassociated, and no multiplication is fused with an addition.

use crate::array::Lane;
use crate::chunk;
use crate::defer::{DEPTH, Row, Spikes, Waiting};
use crate::machine::{Frame, Machine};
use crate::rows::Targets;

/// A set of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instructions {
    /// What every processor of the target has.
    Baseline,
    /// 256 bits.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// 512 bits.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Instructions {
    /// The sets that this processor has, the widest last.
    pub fn available() -> Vec<Instructions> {
        #[allow(unused_mut)]
        let mut sets = vec![Instructions::Baseline];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                sets.push(Instructions::Avx2);
            }
            let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") && is_x86_feature_detected!("avx512vl");
            if wide && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("popcnt") && is_x86_feature_detected!("avx2") {
                sets.push(Instructions::Avx512);
            }
        }
        sets
    }

    /// The widest set that this processor has.
    pub fn widest() -> Instructions {
        Instructions::available().pop().unwrap_or(Instructions::Baseline)
    }

    /// Finds the synapses of a row whose postsynaptic events wait.
    pub fn collect(self, waiting: &mut Waiting, spikes: Spikes<'_>, targets: &Targets, row: Row) {
        match self {
            Instructions::Baseline => waiting.collect(spikes, targets, row, count_since),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a set is chosen among those that the processor has.
            Instructions::Avx2 => unsafe { collect_avx2(waiting, spikes, targets, row) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx512 => unsafe { collect_avx512(waiting, spikes, targets, row) },
        }
    }

    /// Runs the body of a tape for a chunk.
    ///
    /// # Safety
    /// As for [`Machine::chunk`]; the processor has this set.
    #[inline]
    pub unsafe fn run<C: Lane>(self, machine: &mut Machine<C>, frame: &Frame) {
        // SAFETY: passed on to the caller.
        unsafe {
            match self {
                Instructions::Baseline => chunk::run(machine, frame),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx2 => run_avx2(machine, frame),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx512 => run_avx512(machine, frame),
            }
        }
    }
}

#[inline(always)]
fn count_since(steps: &[u32; DEPTH], since: u32) -> u32 {
    steps.iter().map(|step| u32::from(*step >= since)).sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn collect_avx2(waiting: &mut Waiting, spikes: Spikes<'_>, targets: &Targets, row: Row) {
    waiting.collect(spikes, targets, row, count_since);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl,avx512bw,popcnt")]
fn collect_avx512(waiting: &mut Waiting, spikes: Spikes<'_>, targets: &Targets, row: Row) {
    use std::arch::x86_64::{_mm512_cmpge_epu32_mask, _mm512_loadu_epi32, _mm512_set1_epi32};
    const { assert!(DEPTH == 16) };
    waiting.collect(spikes, targets, row, |steps, since| {
        // SAFETY: sixteen steps are one vector, and this function is called only where the processor has these instructions.
        unsafe { u32::from(_mm512_cmpge_epu32_mask(_mm512_loadu_epi32(steps.as_ptr().cast()), _mm512_set1_epi32(since.cast_signed()))).count_ones() }
    });
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn run_avx2<C: Lane>(machine: &mut Machine<C>, frame: &Frame) {
    // SAFETY: passed on to the caller.
    unsafe { chunk::run(machine, frame) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl,avx512bw")]
unsafe fn run_avx512<C: Lane>(machine: &mut Machine<C>, frame: &Frame) {
    // SAFETY: passed on to the caller.
    unsafe { chunk::run(machine, frame) }
}
