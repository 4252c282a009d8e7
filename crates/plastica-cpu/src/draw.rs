//! Draws the random numbers of the elements of a chunk.
//!
//! Inlined into the functions of `dispatch`, as `chunk` is.

use plastica_lang::model::Function;
use plastica_numerics::random::PoissonTable;

use crate::array::Lane;
use crate::frame::{Frame, Index};
use crate::machine::Machine;
use crate::tape::Mode;

/// Draws `rand()` or `randn()` for each element.
///
/// # Safety
/// As for [`Machine::chunk`].
#[inline(always)]
pub unsafe fn draw<C: Lane>(machine: &mut Machine<C>, frame: &Frame, function: Function, k: usize, out: &mut [C]) {
    let (stream, step) = (machine.streams[k], machine.around.now as u64);
    let normal = function == Function::Randn;
    if let (Mode::Neurons, Index::Run(start)) = (machine.tape.mode, frame.own) {
        let first = (start + machine.around.first) as u64;
        if normal {
            stream.randns(first, step, 0, out)
        } else {
            stream.rands(first, step, 0, out)
        }
        return;
    }
    // SAFETY: the caller's promise.
    unsafe { find_elements(machine, frame, out.len()) };
    let elements = &machine.elements[..out.len()];
    if normal { stream.randns_at(elements, step, 0, out) } else { stream.rands_at(elements, step, 0, out) }
}

/// Finds the keys of the elements of a chunk, and leaves them in the machine.
///
/// # Safety
/// As for [`Machine::chunk`].
unsafe fn find_elements<C: Lane>(machine: &mut Machine<C>, frame: &Frame, n: usize) {
    for i in 0..n {
        // SAFETY: the caller's promise.
        machine.elements[i] = unsafe { machine.element(frame, i) };
    }
}

/// Draws a Poisson number for each element into the machine's `noise`; their means are `same`, or else the machine's `means`.
///
/// # Safety
/// As for [`Machine::chunk`].
#[inline(always)]
pub unsafe fn poisson<C: Lane>(machine: &mut Machine<C>, frame: &Frame, same: Option<f64>, k: usize, n: usize) {
    let (stream, step) = (machine.streams[k], machine.around.now as u64);
    if let (Mode::Neurons, Index::Run(start)) = (machine.tape.mode, frame.own) {
        let first = (start + machine.around.first) as u64;
        let noise = &mut machine.noise[..n];
        match same {
            Some(mean) => {
                if machine.tables[k].as_ref().is_none_or(|t| t.mean().to_bits() != mean.to_bits()) {
                    machine.tables[k] = Some(PoissonTable::new(mean));
                }
                if let Some(table) = &machine.tables[k] {
                    stream.poissons_from(table, first, step, 0, noise);
                }
            }
            None => stream.poissons_each(&machine.means[..n], first, step, 0, noise),
        }
        return;
    }
    // SAFETY: the caller's promise.
    unsafe { find_elements(machine, frame, n) };
    for i in 0..n {
        machine.noise[i] = machine.draw(Function::Poisson, same.unwrap_or(machine.means[i]), k, machine.elements[i]);
    }
}
