//! Exact propagator of a linear system with constant coefficients (Rotter and Diesmann 1999, Biol Cybern 81:381):
//! x(t + dt) = exp(A dt) x(t) + (integral of exp(A s) from 0 to dt) b, where b is constant during a step.
//!
//! The matrices are worked out in numbers when parameters are set, per neuron where parameters differ between neurons.

use plastica_lang::model::BinaryOp;

use super::{Gate, System};
use crate::algebra::Linear;
use crate::ir::{Op, Place, Setup, Storage, Value};
use crate::program::Arrays;
use crate::tape::Tape;

/// The new values.
pub(super) fn step(system: &System<'_>, rows: &[Linear], tape: &mut Tape<'_>, arrays: &mut Arrays<'_>, gate: &Gate) -> Vec<Value> {
    let n = rows.len();
    let held: Vec<bool> = system.unknowns.iter().map(|(v, _)| gate.holds(v)).collect();
    let old = system.present(tape);
    let rest: Vec<Option<Value>> = rows.iter().map(|r| r.rest.as_ref().map(|b| tape.expression(b))).collect();
    let free = Propagator::new(system, rows, &vec![false; n], tape, arrays);
    // While some variables are held, the others follow the system in which the held ones stand still. That is another
    // propagator only if one of the others hangs on a held variable.
    let coupled = (0..n).any(|i| !held[i] && (0..n).any(|j| held[j] && free.reaches[i * n + j]));
    let standing = coupled.then(|| Propagator::new(system, rows, &held, tape, arrays));
    (0..n)
        .map(|i| {
            let moved = free.row(i, &old, &rest, tape);
            let while_held = match &standing {
                _ if held[i] => old[i],
                Some(p) => p.row(i, &old, &rest, tape),
                None => moved,
            };
            if while_held == moved {
                return moved;
            }
            let not_refractory = tape.push(Op::Builtin(plastica_lang::model::Builtin::NotRefractory));
            tape.push(Op::Select(not_refractory, moved, while_held))
        })
        .collect()
}

struct Propagator {
    n: usize,
    /// Is entry (i, j) of the matrices other than zero?
    reaches: Vec<bool>,
    /// Variables that stand still: nothing drives them.
    held: Vec<bool>,
    exp: Vec<Place>,
    integral: Vec<Place>,
}

impl Propagator {
    /// Adds the derivation of the matrices to `setup`; rows that are `held` are zero.
    fn new(system: &System<'_>, rows: &[Linear], held: &[bool], tape: &mut Tape<'_>, arrays: &mut Arrays<'_>) -> Propagator {
        let n = rows.len();
        let entries: Vec<_> = (0..n * n).map(|k| if held[k / n] { None } else { rows[k / n].coefficients[k % n].as_ref() }).collect();
        let mut reaches: Vec<bool> = (0..n * n).map(|k| k / n == k % n || entries[k].is_some()).collect();
        for via in 0..n {
            for i in 0..n {
                for j in 0..n {
                    reaches[i * n + j] |= reaches[i * n + via] && reaches[via * n + j];
                }
            }
        }
        // If one coefficient differs between elements, all matrices do.
        let kernels: Vec<_> = entries.iter().map(|e| e.map(|e| tape.apart(e))).collect();
        let each = kernels.iter().flatten().any(|(k, _)| k.ops.iter().any(|op| matches!(op, Op::Load(Place::Own(_)))));
        let suffix = if held.iter().any(|h| *h) { " while refractory" } else { "" };
        let place =
            |name: String, arrays: &mut Arrays<'_>| if each { arrays.add_slot(&name, Storage::Real, 0.0, false) } else { arrays.add_shared(&name, 0.0, false) };
        let name = |k: usize| system.unknowns[k].0.name.as_str();
        let mut a = Vec::new();
        for (k, kernel) in kernels.into_iter().enumerate() {
            let at = place(format!("A({}, {}){suffix}", name(k / n), name(k % n)), arrays);
            if let Some((mut kernel, value)) = kernel {
                kernel.name = format!("setup A({}, {})", name(k / n), name(k % n));
                kernel.ops.push(Op::Store(at, value));
                arrays.setup.push(Setup::Kernel(kernel));
            }
            a.push(at);
        }
        let exp: Vec<Place> = (0..n * n).map(|k| place(format!("exp(A dt)({}, {}){suffix}", name(k / n), name(k % n)), arrays)).collect();
        let integral: Vec<Place> = (0..n * n).map(|k| place(format!("integral exp(A s)({}, {}){suffix}", name(k / n), name(k % n)), arrays)).collect();
        arrays.setup.push(Setup::Propagator { n, a, exp: exp.clone(), integral: integral.clone() });
        Propagator { n, reaches, held: held.to_vec(), exp, integral }
    }

    fn row(&self, i: usize, old: &[Value], rest: &[Option<Value>], tape: &mut Tape<'_>) -> Value {
        let mut sum: Option<Value> = None;
        let join = |tape: &mut Tape<'_>, sum: Option<Value>, term: Value| Some(sum.map_or(term, |s| tape.binary(BinaryOp::Add, s, term)));
        for j in (0..self.n).filter(|j| self.reaches[i * self.n + j]) {
            let factor = tape.load(self.exp[i * self.n + j]);
            let term = tape.mul(old[j], factor);
            sum = join(tape, sum, term);
        }
        for j in (0..self.n).filter(|j| self.reaches[i * self.n + j]) {
            if let Some(b) = rest[j].filter(|_| !self.held[j]) {
                let factor = tape.load(self.integral[i * self.n + j]);
                let term = tape.mul(b, factor);
                sum = join(tape, sum, term);
            }
        }
        sum.unwrap_or_else(|| tape.constant(0.0))
    }
}
