//! Methods for dx = f(x, t) dt + g(x, t) dW, with dW = sqrt(dt) N(0, 1) for each noise symbol.
//!
//! Euler-Maruyama (Maruyama 1955) converges to the Ito solution with strong order 1/2; the stochastic Heun method
//! (Rümelin 1982, SIAM J Numer Anal 19:604) to the Stratonovich solution.

use plastica_lang::model::{ExprKind, Function};

use super::euler::moved;
use super::{Gate, System};
use crate::algebra::{Dependence, Linear, Unknown};
use crate::ir::Value;
use crate::tape::Tape;

/// The new values by Euler-Maruyama.
pub(super) fn euler_maruyama(system: &System<'_>, tape: &mut Tape<'_>, gate: &Gate) -> Vec<Value> {
    let noisy = Noisy::new(system);
    let old = system.present(tape);
    let (drift, kicks) = noisy.slopes(tape, gate);
    let dt = tape.dt();
    let moved = moved(tape, &old, &drift, dt);
    moved.into_iter().zip(kicks).map(|(x, kick)| kick.map_or(x, |k| tape.add(x, k))).collect()
}

/// The new values by the stochastic Heun method.
pub(super) fn heun(system: &System<'_>, tape: &mut Tape<'_>, gate: &Gate) -> Vec<Value> {
    let noisy = Noisy::new(system);
    let old = system.present(tape);
    let (drift, kicks) = noisy.slopes(tape, gate);
    let dt = tape.dt();
    let predicted: Vec<Value> = moved(tape, &old, &drift, dt).into_iter().zip(&kicks).map(|(x, kick)| kick.map_or(x, |k| tape.add(x, k))).collect();
    system.stage(tape, &predicted);
    tape.end_of_step();
    let (drift_end, kicks_end) = noisy.slopes(tape, gate);
    let half = tape.constant(0.5);
    let half_dt = tape.mul(half, dt);
    let sums: Vec<Value> = drift.iter().zip(&drift_end).map(|(a, b)| tape.add(*a, *b)).collect();
    let moved = moved(tape, &old, &sums, half_dt);
    moved
        .into_iter()
        .zip(kicks.into_iter().zip(kicks_end))
        .map(|(x, kicks)| match kicks {
            (Some(a), Some(b)) => {
                let sum = tape.add(a, b);
                let mean = tape.mul(half, sum);
                tape.add(x, mean)
            }
            _ => x,
        })
        .collect()
}

struct Noisy<'a> {
    system: &'a System<'a>,
    symbols: Vec<String>,
    rows: Vec<Linear>,
}

impl<'a> Noisy<'a> {
    fn new(system: &'a System<'a>) -> Noisy<'a> {
        let symbols = system.noise();
        let is_noise = |kind: &ExprKind| matches!(kind, ExprKind::Noise(_));
        let dependence = Dependence::new(system.model, &is_noise);
        let unknowns: Vec<Unknown> = symbols.iter().map(|n| Unknown::Noise(n.clone())).collect();
        // The unit of xi, second**-0.5, lets it stand in no other way than as a factor of a term.
        let rows = system.unknowns.iter().map(|(_, rhs)| dependence.linear(rhs, &unknowns).expect("noise is a factor")).collect();
        Noisy { system, symbols, rows }
    }

    /// Drift, and the noise of the step (nothing where there is none), at the present values of the tape.
    fn slopes(&self, tape: &mut Tape<'_>, gate: &Gate) -> (Vec<Value>, Vec<Option<Value>>) {
        let mut drift = Vec::new();
        let mut kicks = Vec::new();
        for ((v, _), row) in self.system.unknowns.iter().zip(&self.rows) {
            let f = match &row.rest {
                Some(f) => tape.expression(f),
                None => tape.constant(0.0),
            };
            drift.push(gate.rate(v, tape, f));
            let mut kick: Option<Value> = None;
            for (symbol, g) in self.symbols.iter().zip(&row.coefficients) {
                let Some(g) = g else { continue };
                let g = tape.expression(g);
                let dt = tape.dt();
                let root = tape.call(Function::Sqrt, dt);
                let scale = tape.mul(g, root);
                let number = tape.white_noise(symbol);
                let term = tape.mul(scale, number);
                kick = Some(kick.map_or(term, |k| tape.add(k, term)));
            }
            kicks.push(kick.map(|k| gate.rate(v, tape, k)));
        }
        (drift, kicks)
    }
}
