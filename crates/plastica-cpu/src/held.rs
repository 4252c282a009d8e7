//! Increments to targets that are refractory are lost: the cheap way to lose very many of them.
//!
//! Asking at each increment whether its target is free is a branch that is guessed wrong as often as neurons spike. Few neurons are
//! refractory at a time, so their values are put aside, everything is added to everybody, and the values are put back.

use crate::array::Kind;
use crate::compiled::Compiled;
use crate::frame::Bound;
use crate::tape::{Axis, Instruction, Tape};

/// Values put aside.
#[derive(Default)]
pub struct Held {
    /// Targets that are refractory.
    neurons: Vec<u32>,
    /// Places of the tape that are added to.
    places: Vec<usize>,
    /// Their values at these targets, array after array.
    values: Vec<f64>,
}

/// Are targets only added to, never read or set, so that what is added to a refractory one meanwhile shows nowhere?
pub fn only_adds(tape: &Tape) -> bool {
    let is_target = |place: u16| place != u16::MAX && tape.mode.axis(tape.places[place as usize]) == Axis::Post;
    let reads_line = tape.line.iter().any(|(_, _, place)| is_target(*place));
    !reads_line && !tape.body.iter().any(|i| matches!(i, Instruction::Load(_, p) | Instruction::Store(p, _) if is_target(*p) && added(tape, *p)))
}

fn added(tape: &Tape, place: u16) -> bool {
    tape.body.iter().any(|i| matches!(i, Instruction::Add(p, _) if *p == place))
}

impl Held {
    /// Puts the values of refractory targets aside, and lets everything be added; a tape that has begun, and [`only_adds`] to its targets.
    ///
    /// # Safety
    /// The arrays that the tape was given, and their gates, have `owned` elements.
    pub unsafe fn put_aside(&mut self, tape: &mut Compiled, owned: usize) {
        self.neurons.clear();
        self.places.clear();
        self.values.clear();
        for k in 0..tape.tape().places.len() {
            let place = tape.tape().places[k];
            let is_target = tape.tape().mode.axis(place) == Axis::Post && added(tape.tape(), k as u16);
            let bound = tape.bound(k);
            if !is_target || bound.gate.is_null() || !bound.waiting.is_null() {
                continue;
            }
            if self.places.is_empty() {
                // SAFETY: the caller's promise; all gates of a projection are those of its targets.
                self.find(unsafe { std::slice::from_raw_parts(bound.gate, owned) });
            }
            // SAFETY: the targets are among the owned ones.
            self.values.extend(self.neurons.iter().map(|n| unsafe { read(bound, *n as usize) }));
            self.places.push(k);
            bound.gate = std::ptr::null();
        }
    }

    /// Puts the values back.
    ///
    /// # Safety
    /// It is the same tape, and the arrays that it was given are still there.
    pub unsafe fn put_back(&self, tape: &mut Compiled) {
        let mut values = self.values.iter();
        for place in &self.places {
            let bound = tape.bound(*place);
            for (neuron, value) in self.neurons.iter().zip(values.by_ref()) {
                // SAFETY: the targets are among the owned ones.
                unsafe {
                    match bound.kind {
                        Kind::Single => *bound.sink.cast::<f32>().add(*neuron as usize) = *value as f32,
                        _ => *bound.sink.cast::<f64>().add(*neuron as usize) = *value,
                    }
                }
            }
        }
    }

    fn find(&mut self, free: &[u8]) {
        let (words, rest) = free.as_chunks::<8>();
        for (k, word) in words.iter().enumerate() {
            // A free neuron is 1, so that a bit stands where a neuron is held.
            let mut held = u64::from_le_bytes(*word) ^ 0x0101_0101_0101_0101;
            while held != 0 {
                self.neurons.push(k as u32 * 8 + held.trailing_zeros() / 8);
                held &= held - 1;
            }
        }
        let first = 8 * words.len();
        self.neurons.extend(rest.iter().enumerate().filter(|(_, f)| **f == 0).map(|(i, _)| (first + i) as u32));
    }
}

/// A value, as it is: `f64` holds each `f32`.
///
/// # Safety
/// The array has the element.
unsafe fn read(bound: &Bound, at: usize) -> f64 {
    // SAFETY: the caller's promise.
    unsafe {
        match bound.kind {
            Kind::Single => f64::from(*bound.sink.cast::<f32>().add(at)),
            _ => *bound.sink.cast::<f64>().add(at),
        }
    }
}
