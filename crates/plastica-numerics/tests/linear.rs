//! The propagator against mpmath (`reference/linear.csv`), closed forms and small steps.

use plastica_numerics::elementary::double;
use plastica_numerics::linear::propagator;

fn close(got: f64, want: f64, tolerance: f64, what: &str) {
    let error = if got == want { 0.0 } else { ((got - want) / want).abs() };
    assert!(error <= tolerance, "{what}: {got:e} instead of {want:e}, relative error {error:e}");
}

#[test]
fn agrees_with_mpmath() {
    let mut worst = 0.0f64;
    let mut cases = 0;
    for row in include_str!("../reference/linear.csv").lines() {
        let cells: Vec<&str> = row.split(';').collect();
        let number = |s: &str| f64::from_bits(u64::from_str_radix(s, 16).unwrap());
        let n: usize = cells[0].parse().unwrap();
        let dt = number(cells[1]);
        let values: Vec<f64> = cells[2].split(',').map(number).collect();
        let (a, rest) = values.split_at(n * n);
        let (e, f) = rest.split_at(n * n);
        let (got_e, got_f) = propagator(n, a, dt);
        for k in 0..n * n {
            let i = k / n;
            let lonely = (0..n).all(|j| j == i || a[i * n + j] == 0.0);
            // A lone decay is the scalar formula, whose product rate * dt is rounded.
            let tolerance = if lonely { (3.0 + (a[i * n + i] * dt).abs()) * f64::EPSILON } else { f64::EPSILON };
            for (got, want) in [(got_e[k], e[k]), (got_f[k], f[k])] {
                assert_eq!(got == 0.0, want == 0.0, "zeros of {row}");
                if want.abs() > 1e-290 {
                    close(got, want, tolerance, row);
                    if !lonely && want != 0.0 {
                        worst = worst.max(((got - want) / want).abs());
                    }
                }
            }
        }
        cases += 1;
    }
    println!("{cases} systems, largest relative error {worst:e}");
    assert!(cases > 60);
}

#[test]
fn lone_decays_are_the_scalar_formula() {
    // Row 0 is driven, rows 1 to 4 are alone.
    let mut a = vec![0.0; 25];
    let rates = [-0.3, -0.05, 0.0, -1e4, 2.5];
    for (i, r) in rates.into_iter().enumerate() {
        a[i * 5 + i] = r;
    }
    for drive in [0.0, 0.7] {
        a[1] = drive;
        let (e, f) = propagator(5, &a, 0.1);
        for (i, r) in rates.into_iter().enumerate().skip(usize::from(drive != 0.0)) {
            assert_eq!(e[i * 6], double::exp(r * 0.1));
            let integral = if r == 0.0 { 0.1 } else { double::expm1(r * 0.1) / r };
            assert_eq!(f[i * 6], integral);
        }
        for k in 0..25 {
            if k % 6 != 0 && !(k == 1 && drive != 0.0) {
                assert_eq!(e[k], 0.0);
                assert_eq!(f[k], 0.0);
            }
        }
    }
}

#[test]
fn closed_forms() {
    // x' = y / c - x / tau, y' = -y / tau_s.
    let (tau, tau_s, c, dt) = (10.0, 2.0, 250.0, 0.1);
    let (e, _) = propagator(2, &[-1.0 / tau, 1.0 / c, 0.0, -1.0 / tau_s], dt);
    let want = tau * tau_s / (c * (tau - tau_s)) * (double::exp(-dt / tau) - double::exp(-dt / tau_s));
    close(e[1], want, 1e-14, "exponential current");
    // Equal rates: alpha function.
    let (e, _) = propagator(2, &[-0.5, 1.0, 0.0, -0.5], 3.0);
    close(e[1], 3.0 * double::exp(-1.5), 5e-16, "alpha function");
    // Rates equal but for their last bits.
    let (e, _) = propagator(2, &[-0.5, 1.0, 0.0, -0.5 - 1e-15], 3.0);
    close(e[1], 3.0 * double::exp(-1.5), 5e-15, "nearly alpha function");
    // Oscillator.
    let (e, f) = propagator(2, &[0.0, 2.0, -2.0, 0.0], 0.4);
    close(e[0], double::cos(0.8), 5e-16, "oscillator");
    close(e[1], double::sin(0.8), 5e-16, "oscillator");
    close(e[2], -double::sin(0.8), 5e-16, "oscillator");
    close(f[0], double::sin(0.8) / 2.0, 5e-16, "oscillator");
    close(f[1], (1.0 - double::cos(0.8)) / 2.0, 2e-15, "oscillator");
    // Zero matrix, and no variables.
    let (e, f) = propagator(3, &[0.0; 9], 0.25);
    for k in 0..9 {
        let diagonal = f64::from(u8::from(k % 4 == 0));
        assert_eq!((e[k], f[k]), (diagonal, 0.25 * diagonal));
    }
    assert_eq!(propagator(0, &[], 1.0), (vec![], vec![]));
    let (e, f) = propagator(2, &[-1.0, 2.0, 0.5, -1.0], 0.0);
    assert_eq!((e, f), (vec![1.0, 0.0, 0.0, 1.0], vec![0.0; 4]));
}

/// Many short Taylor steps in plain arithmetic, for random matrices.
#[test]
fn agrees_with_small_steps() {
    let mut seed = 1u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / 9_007_199_254_740_992.0 - 0.5
    };
    for n in 1..=5 {
        for _ in 0..5 {
            let a: Vec<f64> = (0..n * n).map(|_| 4.0 * random()).collect();
            let (steps, h) = (64, 0.5 / 64.0);
            let (e, f) = propagator(n, &a, 0.5);
            for j in 0..n {
                let mut x = vec![0.0; n];
                let mut y = vec![0.0; n];
                x[j] = 1.0;
                for _ in 0..steps {
                    let (mut term, mut sum) = (x.clone(), x.clone());
                    for (yi, t) in y.iter_mut().zip(&term) {
                        *yi += h * t;
                    }
                    for k in 1..=12 {
                        let next: Vec<f64> = (0..n).map(|i| (0..n).map(|m| a[i * n + m] * term[m]).sum::<f64>() * h / f64::from(k)).collect();
                        term = next;
                        for i in 0..n {
                            sum[i] += term[i];
                            y[i] += h * term[i] / f64::from(k + 1);
                        }
                    }
                    x = sum;
                }
                for i in 0..n {
                    assert!((x[i] - e[i * n + j]).abs() < 1e-13);
                    assert!((y[i] - f[i * n + j]).abs() < 1e-13);
                }
            }
        }
    }
}

#[test]
fn stiff_and_extreme_input() {
    // exp(-5000) is 0, its integral is not.
    let (e, f) = propagator(2, &[-5e4, 1.0, 0.0, -1.0], 0.1);
    assert_eq!(e[0], 0.0);
    close(f[0], 2e-5, 1e-15, "stiff integral");
    close(e[1], double::exp(-0.1) / (5e4 - 1.0), 1e-15, "slaved to the slow variable");
    let (e, f) = propagator(2, &[f64::NAN, 1.0, 0.0, -1.0], 0.1);
    assert!(e[0].is_nan() && f[1].is_nan());
    assert_eq!((e[2], e[3]), (0.0, double::exp(-0.1)));
    let (e, _) = propagator(2, &[1e6, 1.0, 1.0, 1e6], 1.0);
    assert!(!e[0].is_finite());
}
