//! Heun's method: the mean of the slopes at both ends of a step that forward Euler predicts. Order 2.

use super::euler::moved;
use super::{Gate, System};
use crate::ir::Value;
use crate::tape::Tape;

/// The new values.
pub(super) fn step(system: &System<'_>, tape: &mut Tape<'_>, gate: &Gate) -> Vec<Value> {
    let old = system.present(tape);
    let first = system.rates(tape, gate);
    let dt = tape.dt();
    let predicted = moved(tape, &old, &first, dt);
    system.stage(tape, &predicted);
    tape.end_of_step();
    let second = system.rates(tape, gate);
    let half = tape.constant(0.5);
    let half_dt = tape.mul(half, dt);
    let sums: Vec<Value> = first.iter().zip(&second).map(|(a, b)| tape.add(*a, *b)).collect();
    moved(tape, &old, &sums, half_dt)
}
