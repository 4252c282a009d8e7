//! The commonest shapes of a presynaptic event in one loop: something is added to each target of a row.

use std::ops::Range;

use crate::ahead::DELAYS;
use crate::array::{Kind, Lane};
use crate::compiled::Compiled;
use crate::machine::Machine;
use crate::rows::{self, Rows, Targets};
use crate::tape::{Axis, Instruction, Source, Tape};
use plastica_lang::model::BinaryOp;

/// What is added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// The same to all targets of the row.
    Same(Source),
    /// A value of the synapse.
    Own(u16),
    /// A value of the synapse, times one that is the same for the row.
    Scaled(u16, Source),
}

/// Such a shape: the place that is added to, and what is added.
pub fn shape(tape: &Tape) -> Option<(u16, Amount)> {
    let (place, amount) = match tape.body.as_slice() {
        [Instruction::Add(to, Source::View(w))] => (*to, Amount::Own(*w)),
        [Instruction::Add(to, same @ Source::Scalar(_))] => (*to, Amount::Same(*same)),
        [Instruction::Binary(BinaryOp::Mul, r, a, b), Instruction::Add(to, Source::Register(from))] if r == from => match (a, b) {
            // Products commute, bit for bit.
            (Source::View(w), same @ Source::Scalar(_)) | (same @ Source::Scalar(_), Source::View(w)) => (*to, Amount::Scaled(*w, *same)),
            _ => return None,
        },
        _ => return None,
    };
    (!tape.one_by_one && tape.mode.axis(tape.places[place as usize]) == Axis::Post).then_some((place, amount))
}

/// Asks for the values of synapses that will be added.
pub fn prefetch(compiled: &mut Compiled, amount: Amount, range: Range<usize>) {
    if let Amount::Own(w) | Amount::Scaled(w, _) = amount {
        let bound = compiled.bound(w as usize);
        let bytes = if bound.kind == Kind::Single { 4 } else { 8 };
        rows::prefetch(bound.pointer.wrapping_add(bytes * range.start), bytes * range.len());
    }
}

/// Runs a shape over consecutive synapses; false if the arrays do not fit it.
///
/// # Safety
/// As for [`Machine::chunk`], for the synapses of `range`.
pub unsafe fn run(compiled: &Compiled, shape: (u16, Amount), rows: &Rows, range: Range<usize>) -> bool {
    // SAFETY: passed on to the caller.
    unsafe {
        match compiled {
            Compiled::Single(m) => typed(m, shape, rows, range, None),
            Compiled::Double(m) => typed(m, shape, rows, range, None),
        }
    }
}

unsafe fn typed<C: Lane>(machine: &Machine<C>, (place, amount): (u16, Amount), rows: &Rows, range: Range<usize>, along: Option<Along<'_>>) -> bool {
    let bound = &machine.bounds[place as usize];
    if bound.kind != C::KIND || !bound.waiting.is_null() {
        return false;
    }
    let to = bound.sink.cast::<C>();
    let value = |source: Source| if let Source::Scalar(v) = source { machine.scalars[v as usize] } else { C::ZERO };
    let own = |w: u16| {
        // SAFETY: the caller says that the synapses exist; a view has the type of the machine.
        unsafe { std::slice::from_raw_parts(machine.bounds[w as usize].pointer.cast::<C>().cast_const().add(range.start), range.len()) }
    };
    macro_rules! amounts {
        ($places:expr) => {
            // SAFETY: the targets are owned neurons, for which the array has an element, at each of its rows, and the gate too.
            unsafe {
                match amount {
                    Amount::Same(same) => {
                        let x = value(same);
                        add(to, bound.gate, $places.map(|at| (at, x)));
                    }
                    Amount::Own(w) => add(to, bound.gate, $places.zip(own(w)).map(|(at, w)| (at, *w))),
                    Amount::Scaled(w, same) => {
                        let x = value(same);
                        add(to, bound.gate, $places.zip(own(w)).map(|(at, w)| (at, *w * x)));
                    }
                }
            }
        };
    }
    macro_rules! each {
        ($targets:expr) => {{
            let targets = &$targets[range.clone()];
            match along {
                None => amounts!(targets.iter().map(|t| *t as usize)),
                Some((delays, places)) => amounts!(targets.iter().zip(&delays[range.clone()]).map(|(t, d)| places[*d as usize] + *t as usize)),
            }
        }};
    }
    match &rows.targets {
        Targets::Narrow(targets) => each!(targets),
        Targets::Wide(targets) => each!(targets),
    }
    true
}

/// Delay of each synapse of a projection, and for each delay where, in the array that is added to, its increments go.
pub type Along<'a> = (&'a [u8], &'a [usize; DELAYS]);

/// Runs a shape over a whole row with many delays.
///
/// # Safety
/// As for [`run`]; the array has a row of owned neurons at each of the places, and the increments have its type.
pub unsafe fn send(compiled: &Compiled, shape: (u16, Amount), rows: &Rows, range: Range<usize>, along: Along<'_>) -> bool {
    // SAFETY: passed on to the caller.
    unsafe {
        match compiled {
            Compiled::Single(m) => typed(m, shape, rows, range, Some(along)),
            Compiled::Double(m) => typed(m, shape, rows, range, Some(along)),
        }
    }
}

/// Adds to elements of an array, one after another.
///
/// # Safety
/// The elements exist, and those of the gate too if there is one.
#[inline(always)]
unsafe fn add<C: Lane>(to: *mut C, gate: *const u8, amounts: impl Iterator<Item = (usize, C)>) {
    // SAFETY: the caller's promise.
    unsafe {
        if gate.is_null() {
            amounts.for_each(|(at, x)| *to.add(at) += x);
        } else {
            for (at, x) in amounts {
                let old = *to.add(at);
                *to.add(at) = if *gate.add(at) != 0 { old + x } else { old };
            }
        }
    }
}
