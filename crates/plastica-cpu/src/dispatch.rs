//! Chooses, once, the widest vector instructions that the processor has.
//!
//! All give the same bits: nothing is reassociated, and no multiplication is fused with an addition.

use crate::array::BLOCK;
use crate::array::Lane;
use crate::chunk;
use crate::frame::Frame;
use crate::machine::Machine;
use crate::rows::Targets;
use crate::tape::Instruction;
#[cfg(target_arch = "x86_64")]
use crate::waiting::{Brief, DEPTH, Find, Lists, MASK};
use crate::waiting::{Row, Spikes, Waiting};

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
    pub fn collect(self, waiting: [&mut Waiting; 2], spikes: Spikes<'_>, targets: &Targets, row: Row) {
        match self {
            Instructions::Baseline => collect(waiting, spikes, targets, row),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a set is chosen among those that the processor has.
            Instructions::Avx2 => unsafe { collect_avx2(waiting, spikes, targets, row) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx512 => unsafe { collect_avx512(waiting, spikes, targets, row) },
        }
    }

    /// Goes on to the next events of a list.
    pub fn advance(self, waiting: &mut Waiting) {
        match self {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a set is chosen among those that the processor has.
            Instructions::Avx512 => waiting.advance(|lists| unsafe { pack_avx512(lists) }),
            _ => waiting.advance(|lists| lists.plainly()),
        }
    }

    /// Appends `first + i` for each value `i` that is not 0.
    pub fn holds<C: Lane>(self, values: &[C], first: u32, out: &mut Vec<u32>) {
        match self {
            Instructions::Baseline => holds(values, first, out),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a set is chosen among those that the processor has.
            Instructions::Avx2 => unsafe { holds_avx2(values, first, out) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Instructions::Avx512 => unsafe { holds_avx512(values, first, out) },
        }
    }

    /// Runs one instruction of a tape for a chunk.
    ///
    /// # Safety
    /// As for [`Machine::chunk`]; the processor has this set.
    #[inline]
    pub unsafe fn run<C: Lane>(self, machine: &mut Machine<C>, frame: &Frame, instruction: Instruction) {
        // SAFETY: passed on to the caller.
        unsafe {
            match self {
                Instructions::Baseline => chunk::instruction(machine, frame, instruction),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx2 => run_avx2(machine, frame, instruction),
                #[cfg(target_arch = "x86_64")]
                Instructions::Avx512 => run_avx512(machine, frame, instruction),
            }
        }
    }
}

/// Whole blocks are tested at once: hardly any holds anything.
#[inline(always)]
fn holds<C: Lane>(values: &[C], first: u32, out: &mut Vec<u32>) {
    let add = |out: &mut Vec<u32>, start: usize, part: &[C]| {
        out.extend(part.iter().enumerate().filter(|(_, x)| **x != C::ZERO).map(|(i, _)| first + (start + i) as u32));
    };
    let (blocks, rest) = values.as_chunks::<BLOCK>();
    for (k, block) in blocks.iter().enumerate() {
        let mut any = false;
        for x in block {
            any |= *x != C::ZERO;
        }
        if any {
            add(out, k * BLOCK, block);
        }
    }
    add(out, blocks.len() * BLOCK, rest);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn holds_avx2<C: Lane>(values: &[C], first: u32, out: &mut Vec<u32>) {
    holds(values, first, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl,avx512bw")]
fn holds_avx512<C: Lane>(values: &[C], first: u32, out: &mut Vec<u32>) {
    holds(values, first, out);
}

#[inline(always)]
fn collect([waiting, early]: [&mut Waiting; 2], spikes: Spikes<'_>, targets: &Targets, row: Row) {
    waiting.collect(early, spikes, targets, row, |find| find.plainly(), |steps, since| steps.iter().map(|step| u32::from(*step >= since)).sum());
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn collect_avx2(waiting: [&mut Waiting; 2], spikes: Spikes<'_>, targets: &Targets, row: Row) {
    collect(waiting, spikes, targets, row);
}

/// Compares and packs whole vectors, which the compiler does not find by itself.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl,avx512bw,popcnt")]
fn collect_avx512([waiting, early]: [&mut Waiting; 2], spikes: Spikes<'_>, targets: &Targets, row: Row) {
    use std::arch::x86_64::{_mm256_cmpge_epu32_mask, _mm256_loadu_epi32, _mm256_set1_epi32};
    const { assert!(DEPTH == 8) };
    let count_since = |steps: &[u32; DEPTH], since: u32| {
        // SAFETY: eight steps are one vector, and this function is called only where the processor has these instructions.
        unsafe { u32::from(_mm256_cmpge_epu32_mask(_mm256_loadu_epi32(steps.as_ptr().cast()), _mm256_set1_epi32(since.cast_signed()))).count_ones() }
    };
    waiting.collect(early, spikes, targets, row, |find| find_avx512(find), count_since);
}

/// [`Lists::plainly`], sixteen at a time.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl,avx512bw,popcnt")]
fn pack_avx512(lists: Lists<'_>) -> usize {
    use std::arch::x86_64::{
        __m512i, _mm512_add_epi32, _mm512_and_si512, _mm512_andnot_si512, _mm512_loadu_epi32, _mm512_maskz_compress_epi32, _mm512_or_si512, _mm512_set1_epi32,
        _mm512_storeu_epi32, _mm512_sub_epi32, _mm512_test_epi32_mask,
    };
    let Lists { n, synapse, source, entry, more } = lists;
    let room = [synapse.len(), source.len(), entry.len(), more.len()].into_iter().all(|len| len >= n + BLOCK);
    assert!(room, "lists-end-in-a-block-of-room");
    let (one, low) = (_mm512_set1_epi32(1), _mm512_set1_epi32(MASK.cast_signed()));
    let mut left = 0;
    for k in (0..n).step_by(BLOCK) {
        let present = if n - k >= BLOCK { u16::MAX } else { (1_u16 << (n - k)) - 1 };
        // SAFETY: the lists have a block of room after the entry `n`, and no more than `k` entries are left before entry `k`, so that what is
        // written has been read.
        unsafe {
            let load = |list: &[u32]| _mm512_loadu_epi32(list.as_ptr().add(k).cast());
            let (s, p, e, m) = (load(synapse), load(source), load(entry), load(more));
            let mask = _mm512_test_epi32_mask(m, m) & present;
            let next = _mm512_or_si512(_mm512_andnot_si512(low, e), _mm512_and_si512(_mm512_add_epi32(e, one), low));
            let store = |list: &mut [u32], x: __m512i| _mm512_storeu_epi32(list.as_mut_ptr().add(left).cast(), _mm512_maskz_compress_epi32(mask, x));
            store(synapse, s);
            store(source, p);
            store(entry, next);
            store(more, _mm512_sub_epi32(m, one));
            left += mask.count_ones() as usize;
        }
    }
    left
}

/// Does what [`Find::plainly`] does, sixteen at a time, and leaves out of the rest what the last three spikes tell.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl,avx512bw,popcnt")]
fn find_avx512(find: Find<'_>) -> (usize, usize) {
    use std::arch::x86_64::{
        __m256i, __m512i, _mm256_loadu_si256, _mm512_add_epi32, _mm512_and_si512, _mm512_cmpeq_epi32_mask, _mm512_cmpge_epu32_mask, _mm512_cvtepu16_epi32,
        _mm512_mask_i32gather_epi32, _mm512_mask_sub_epi32, _mm512_maskz_compress_epi32, _mm512_maskz_set1_epi32, _mm512_or_si512, _mm512_set1_epi32,
        _mm512_setr_epi32, _mm512_setzero_si512, _mm512_slli_epi32, _mm512_srli_epi32, _mm512_storeu_epi32, _mm512_sub_epi32,
    };
    const { assert!(DEPTH == 8 && size_of::<Brief>() == 8) };
    let Targets::Narrow(targets) = find.targets else { return find.plainly() };
    let Find { synapse, entry, more, rest_synapse, rest_target, range, brief, since, changed, .. } = find;
    let room = [synapse.len(), entry.len(), more.len(), rest_synapse.len(), rest_target.len()].into_iter().all(|len| len >= range.len() + BLOCK);
    assert!(room, "found-synapses-have-a-place");
    let row = &targets[range.clone()];
    let (mut n, mut rest) = (0, 0);
    let all = |x: u32| _mm512_set1_epi32(x.cast_signed());
    let (lanes, zero) = (_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), _mm512_setzero_si512());
    let (since_all, changed_all, far, mask_all, one) = (all(since), all(changed), all(Brief::FAR), all(MASK), all(1));
    for (k, part) in row.chunks(BLOCK).enumerate() {
        let mut whole = [0_u16; BLOCK];
        let part: &[u16] = if part.len() == BLOCK {
            part
        } else {
            whole[..part.len()].copy_from_slice(part);
            &whole
        };
        let present = if k * BLOCK + BLOCK <= row.len() { u16::MAX } else { (1_u16 << (row.len() - k * BLOCK)) - 1 };
        // SAFETY: a part has sixteen targets, which are owned neurons with eight bytes in `brief` each; the lists have a block of room behind
        // what is found, which is at most one entry for each synapse.
        unsafe {
            let target = _mm512_cvtepu16_epi32(_mm256_loadu_si256(part.as_ptr().cast::<__m256i>()));
            let latest = _mm512_mask_i32gather_epi32::<8>(zero, present, target, brief.as_ptr().cast());
            let any = _mm512_cmpge_epu32_mask(latest, since_all) & present;
            if any == 0 {
                continue;
            }
            let packed = _mm512_mask_i32gather_epi32::<8>(zero, any, target, brief.as_ptr().cast::<u8>().add(4).cast());
            let back = [_mm512_and_si512(_mm512_srli_epi32::<{ Brief::SHIFTS[0] }>(packed), far), _mm512_srli_epi32::<{ Brief::SHIFTS[1] }>(packed)];
            let distance = _mm512_sub_epi32(latest, since_all);
            let two = any & _mm512_cmpge_epu32_mask(distance, back[0]);
            let first = _mm512_mask_sub_epi32(latest, two, latest, back[0]);
            let unclear = _mm512_cmpge_epu32_mask(distance, far) | _mm512_cmpge_epu32_mask(distance, back[1]) | _mm512_cmpeq_epi32_mask(first, changed_all);
            let clear = any & !unclear;
            let unclear = any & unclear;
            let at = _mm512_add_epi32(all((range.start + k * BLOCK) as u32), lanes);
            let place = _mm512_and_si512(_mm512_mask_sub_epi32(packed, two, packed, one), mask_all);
            let next = _mm512_or_si512(_mm512_slli_epi32::<3>(target), place);
            let store = |list: &mut [u32], at: usize, mask: u16, x: __m512i| {
                _mm512_storeu_epi32(list.as_mut_ptr().add(at).cast(), _mm512_maskz_compress_epi32(mask, x))
            };
            store(synapse, n, clear, at);
            store(entry, n, clear, next);
            store(more, n, clear, _mm512_maskz_set1_epi32(two, 1));
            n += clear.count_ones() as usize;
            store(rest_synapse, rest, unclear, at);
            store(rest_target, rest, unclear, target);
            rest += unclear.count_ones() as usize;
        }
    }
    (n, rest)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn run_avx2<C: Lane>(machine: &mut Machine<C>, frame: &Frame, instruction: Instruction) {
    // SAFETY: passed on to the caller.
    unsafe { chunk::instruction(machine, frame, instruction) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl,avx512bw")]
unsafe fn run_avx512<C: Lane>(machine: &mut Machine<C>, frame: &Frame, instruction: Instruction) {
    // SAFETY: passed on to the caller.
    unsafe { chunk::instruction(machine, frame, instruction) }
}
