//! The commonest shapes of a presynaptic event in one loop: something is added to each target of a row.

use std::ops::Range;

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
pub unsafe fn run(compiled: &Compiled, (place, amount): (u16, Amount), rows: &Rows, range: Range<usize>) -> bool {
    // SAFETY: passed on to the caller.
    unsafe {
        match compiled {
            Compiled::Single(m) => typed(m, place, amount, rows, range),
            Compiled::Double(m) => typed(m, place, amount, rows, range),
        }
    }
}

unsafe fn typed<C: Lane>(machine: &Machine<C>, place: u16, amount: Amount, rows: &Rows, range: Range<usize>) -> bool {
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
    macro_rules! each {
        ($targets:expr) => {{
            let targets = &$targets[range.clone()];
            // SAFETY: the targets are owned neurons, for which the array and the gate have an element.
            unsafe {
                match amount {
                    Amount::Same(same) => {
                        let x = value(same);
                        add(to, bound.gate, targets.iter().map(|t| (*t as usize, x)));
                    }
                    Amount::Own(w) => add(to, bound.gate, targets.iter().zip(own(w)).map(|(t, w)| (*t as usize, *w))),
                    Amount::Scaled(w, same) => {
                        let x = value(same);
                        add(to, bound.gate, targets.iter().zip(own(w)).map(|(t, w)| (*t as usize, *w * x)));
                    }
                }
            }
        }};
    }
    match &rows.targets {
        Targets::Narrow(targets) => each!(targets),
        Targets::Wide(targets) => each!(targets),
    }
    true
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
