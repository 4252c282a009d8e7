//! The classical Runge-Kutta method. Order 4.

use super::euler::moved;
use super::{Gate, System};
use crate::ir::Value;
use crate::tape::Tape;

/// The new values.
pub(super) fn step(system: &System<'_>, tape: &mut Tape<'_>, gate: &Gate) -> Vec<Value> {
    let old = system.present(tape);
    let dt = tape.dt();
    let half = tape.constant(0.5);
    let half_dt = tape.mul(half, dt);
    let k1 = system.rates(tape, gate);
    let at = moved(tape, &old, &k1, half_dt);
    system.stage(tape, &at);
    tape.middle_of_step();
    let k2 = system.rates(tape, gate);
    let at = moved(tape, &old, &k2, half_dt);
    system.stage(tape, &at);
    let k3 = system.rates(tape, gate);
    let at = moved(tape, &old, &k3, dt);
    system.stage(tape, &at);
    tape.end_of_step();
    let k4 = system.rates(tape, gate);
    let two = tape.constant(2.0);
    let sixth = tape.constant(6.0);
    let sixth_dt = tape.binary(plastica_lang::model::BinaryOp::Div, dt, sixth);
    let sums: Vec<Value> = (0..old.len())
        .map(|i| {
            let middle = tape.add(k2[i], k3[i]);
            let middle = tape.mul(two, middle);
            let ends = tape.add(k1[i], k4[i]);
            tape.add(ends, middle)
        })
        .collect();
    moved(tape, &old, &sums, sixth_dt)
}
