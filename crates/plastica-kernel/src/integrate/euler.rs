//! Forward Euler: x(t + dt) = x + dt f(x, t). Order 1.

use super::{Gate, System};
use crate::ir::Value;
use crate::tape::Tape;

/// The new values.
pub(super) fn step(system: &System<'_>, tape: &mut Tape<'_>, gate: &Gate) -> Vec<Value> {
    let old = system.present(tape);
    let rates = system.rates(tape, gate);
    let dt = tape.dt();
    moved(tape, &old, &rates, dt)
}

/// x + h k for each variable.
pub(super) fn moved(tape: &mut Tape<'_>, old: &[Value], rates: &[Value], h: Value) -> Vec<Value> {
    old.iter()
        .zip(rates)
        .map(|(x, k)| {
            let change = tape.mul(h, *k);
            tape.add(*x, change)
        })
        .collect()
}
