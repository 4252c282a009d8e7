//! The exact propagator of a linear system with constant coefficients.
//!
//! x' = A x + b with constant b has x(t + dt) = E x(t) + F b with E = exp(A dt) and F the
//! integral of exp(A s) over s from 0 to dt (Rotter and Diesmann, Biological Cybernetics 81,
//! 1999). Both are computed by scaling, a Taylor series and squaring in double-double
//! arithmetic (about 105 bits), so that the doubling of errors by the squarings, nearly equal
//! rates and badly scaled units do not show in the results.

use crate::elementary::double;
use crate::elementary::twofold::Twofold;

/// E = exp(A dt) and F = the integral of exp(A s) ds from 0 to dt.
///
/// `a` is the matrix of n * n coefficients, row by row (unit 1/time); `dt` the time step, of
/// either sign. Both results are n * n, row by row; E has no unit (relative to those of the
/// variables), F that of time.
///
/// * An entry from which no chain of nonzero coefficients leads is exactly 0, so triangular and
///   block structure is kept.
/// * A row i with nothing but its diagonal entry r is exactly `exp(r * dt)` and
///   `expm1(r * dt) / r` (`dt` where r is 0) with the functions of [`crate::elementary::double`].
/// * All other entries are right to about 1e-15 of themselves, except where true cancellation
///   between positive and negative contributions makes an entry smaller than its parts by more
///   than 1e15.
///
/// A coefficient or step that is not finite, or a result too large for `f64`, gives entries that
/// are not finite.
///
/// # Panics
/// If `a` has not n * n entries.
pub fn propagator(n: usize, a: &[f64], dt: f64) -> (Vec<f64>, Vec<f64>) {
    assert_eq!(a.len(), n * n, "the matrix of {n} variables has {n} * {n} coefficients");
    let lonely = |i: usize| (0..n).all(|j| j == i || a[i * n + j] == 0.0);
    let (mut e, mut f) = if (0..n).all(lonely) {
        (vec![0.0; n * n], vec![0.0; n * n])
    } else if a.iter().all(|x| x.is_finite()) && dt.is_finite() {
        by_series(n, a, dt)
    } else {
        // Nothing sensible: NaN wherever the structure allows a value.
        let reach = closure(n, a);
        let entries: Vec<f64> = reach.iter().map(|&r| if r { f64::NAN } else { 0.0 }).collect();
        (entries.clone(), entries)
    };
    for i in (0..n).filter(|&i| lonely(i)) {
        let rate = a[i * n + i];
        e[i * n + i] = double::exp(rate * dt);
        f[i * n + i] = if rate == 0.0 { dt } else { double::expm1(rate * dt) / rate };
    }
    (e, f)
}

/// Which variables a variable depends on, through any chain (itself included).
fn closure(n: usize, a: &[f64]) -> Vec<bool> {
    let mut reach: Vec<bool> = a.iter().map(|&x| x != 0.0).collect();
    for i in 0..n {
        reach[i * n + i] = true;
    }
    for k in 0..n {
        for i in 0..n {
            for j in 0..n {
                reach[i * n + j] |= reach[i * n + k] && reach[k * n + j];
            }
        }
    }
    reach
}

fn multiply(n: usize, a: &[Twofold], b: &[Twofold]) -> Vec<Twofold> {
    let mut c = vec![Twofold::ZERO; n * n];
    for i in 0..n {
        for k in 0..n {
            let x = a[i * n + k];
            if x.is_zero() {
                continue;
            }
            for j in 0..n {
                let y = b[k * n + j];
                if !y.is_zero() {
                    c[i * n + j] = c[i * n + j] + x * y;
                }
            }
        }
    }
    c
}

fn by_series(n: usize, a: &[f64], dt: f64) -> (Vec<f64>, Vec<f64>) {
    // The largest row sum of |A dt| decides the number of halvings: down to at most 1/8.
    let mut norm = 0.0;
    for row in a.chunks_exact(n) {
        let sum: f64 = row.iter().map(|x| (x * dt).abs()).sum();
        norm = if sum > norm { sum } else { norm };
    }
    let mut halvings = 0;
    let mut step = dt;
    while norm > 0.125 && halvings < 2100 {
        norm *= 0.5;
        step *= 0.5;
        halvings += 1;
    }
    let scaled: Vec<Twofold> = a.iter().map(|&x| Twofold::new(x) * Twofold::new(step)).collect();
    // phi = I + M/2! + M^2/3! + ...; E = I + M phi, F = step phi.
    // 0.125^20 / 21! is 2e-38, beyond the precision of double-double numbers.
    const TERMS: u32 = 20;
    let identity = || {
        let mut m = vec![Twofold::ZERO; n * n];
        for i in 0..n {
            m[i * n + i] = Twofold::ONE;
        }
        m
    };
    let mut phi = identity();
    for k in (2..=TERMS).rev() {
        // Horner: phi = I + M phi / k.
        phi = multiply(n, &scaled, &phi);
        for x in &mut phi {
            *x = x.over(f64::from(k));
        }
        for i in 0..n {
            phi[i * n + i] = phi[i * n + i] + Twofold::ONE;
        }
    }
    let mut e = multiply(n, &scaled, &phi);
    for i in 0..n {
        e[i * n + i] = e[i * n + i] + Twofold::ONE;
    }
    let mut f: Vec<Twofold> = phi.iter().map(|&x| x * Twofold::new(step)).collect();
    for _ in 0..halvings {
        let moved = multiply(n, &e, &f);
        for (x, y) in f.iter_mut().zip(moved) {
            *x = *x + y;
        }
        e = multiply(n, &e, &e);
    }
    let value = |m: Vec<Twofold>| m.into_iter().map(Twofold::value).collect();
    (value(e), value(f))
}
