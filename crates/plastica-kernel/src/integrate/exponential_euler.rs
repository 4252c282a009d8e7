//! Exponential Euler (Moore and Ramon 1974, J Theor Biol 45:249): where dx/dt = a x + b with a and b taken as constant
//! during a step, x(t + dt) = x exp(a dt) + b dt (exp(a dt) - 1)/(a dt) = x + (a x + b) dt (exp(a dt) - 1)/(a dt).
//!
//! The last form takes one function, not two, and rounds less where little changes in a step.

use plastica_lang::model::Function;

use super::{Gate, System};
use crate::algebra::Linear;
use crate::ir::Value;
use crate::tape::Tape;

/// The new values.
pub(super) fn step(system: &System<'_>, rows: &[Linear], tape: &mut Tape<'_>, gate: &Gate) -> Vec<Value> {
    let old = system.present(tape);
    let dt = tape.dt();
    system
        .unknowns
        .iter()
        .zip(rows)
        .zip(&old)
        .map(|(((v, _), row), x)| {
            let a = row.coefficients[0].as_ref().map(|a| tape.expression(a));
            let b = row.rest.as_ref().map(|b| tape.expression(b));
            let new = match (a, b) {
                (None, None) => *x,
                (None, Some(b)) => {
                    let gained = tape.mul(b, dt);
                    tape.add(*x, gained)
                }
                (Some(a), b) => {
                    let exponent = tape.mul(a, dt);
                    match b {
                        None => {
                            let factor = tape.call(Function::Exp, exponent);
                            tape.mul(*x, factor)
                        }
                        Some(b) => {
                            let pulled = tape.mul(a, *x);
                            let slope = tape.add(pulled, b);
                            let relative = tape.call(Function::Exprel, exponent);
                            let width = tape.mul(relative, dt);
                            let gained = tape.mul(slope, width);
                            tape.add(*x, gained)
                        }
                    }
                }
            };
            gate.value(v, tape, new, *x)
        })
        .collect()
}
