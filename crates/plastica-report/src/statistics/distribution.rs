//! Tails and quantiles of the normal, t and F distributions, and the noncentral t for power. The incomplete beta function comes
//! from `statrs`; everything is written as a tail, so that small probabilities keep their digits.

use statrs::function::{beta::beta_reg, erf::erfc, gamma::ln_gamma};

/// Probability that a standard normal number lies above `z`.
///
/// ```
/// let tail = plastica_report::statistics::normal_tail(1.959963984540054);
/// assert!((tail - 0.025).abs() < 1e-10);
/// ```
pub fn normal_tail(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

/// Probability that |t| is at least as large as this, with `freedom` degrees of freedom (two-sided). Not a number outside `freedom > 0`.
///
/// ```
/// let p = plastica_report::statistics::student_two_sided(2.5, 10.0);
/// assert!((p - 0.0314468442).abs() < 1e-9);
/// ```
pub fn student_two_sided(t: f64, freedom: f64) -> f64 {
    if t.is_nan() || !(freedom > 0.0) {
        return f64::NAN;
    }
    if t.is_infinite() {
        return 0.0;
    }
    if freedom.is_infinite() {
        return 2.0 * normal_tail(t.abs());
    }
    beta_reg(freedom / 2.0, 0.5, freedom / (freedom + t * t))
}

/// The t that |t| exceeds with probability `tail` (two-sided): `student_quantile(0.05, 10.0)` is the half-width of a 95 % interval in
/// standard errors. Not a number where `tail` is not between 0 and 1.
///
/// ```
/// let t = plastica_report::statistics::student_quantile(0.05, 10.0);
/// assert!((t - 2.228138851964939).abs() < 1e-9);
/// ```
pub fn student_quantile(tail: f64, freedom: f64) -> f64 {
    if !(tail > 0.0 && tail < 1.0 && freedom > 0.0) {
        return f64::NAN;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while student_two_sided(high, freedom) > tail && high < 1e300 {
        high *= 2.0;
    }
    // The tail falls with t, so halving finds it; a hundred halvings exhaust a double.
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if student_two_sided(middle, freedom) > tail { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Probability that F is at least as large as this. Not a number outside positive, finite degrees of freedom.
///
/// ```
/// let p = plastica_report::statistics::f_tail(4.0, 2.0, 12.0);
/// assert!((p - 0.0466560).abs() < 1e-7);
/// ```
pub fn f_tail(f: f64, between: f64, within: f64) -> f64 {
    if f.is_nan() || !(between > 0.0 && within > 0.0 && between.is_finite() && within.is_finite()) {
        return f64::NAN;
    }
    if f <= 0.0 {
        return 1.0;
    }
    if f.is_infinite() {
        return 0.0;
    }
    beta_reg(within / 2.0, between / 2.0, within / (within + between * f))
}

/// Probability that a noncentral t lies at or below `t`, by the series of Lenth (1989, Applied Statistics 38:185, AS 243).
/// A shift beyond ±1000 is taken as ±1000, where every power is 0 or 1.
pub(super) fn noncentral_student(t: f64, freedom: f64, shift: f64) -> f64 {
    if t < 0.0 {
        return 1.0 - noncentral_student(-t, freedom, -shift);
    }
    let shift = shift.clamp(-1000.0, 1000.0);
    let half = shift * shift / 2.0;
    let x = t * t / (freedom + t * t);
    let mut sum = 0.0;
    if x > 0.0 && x < 1.0 {
        // The weights are those of a Poisson distribution of mean `half`: ten deviations around it hold everything.
        let reach = 10.0 * half.sqrt() + 60.0;
        let first = (half - reach).max(0.0).floor() as u64;
        for j in first..=(half + reach) as u64 {
            let j = j as f64;
            let log = if half > 0.0 {
                j * half.ln()
            } else if j == 0.0 {
                0.0
            } else {
                f64::NEG_INFINITY
            };
            let even = (log - half - ln_gamma(j + 1.0)).exp();
            let odd = shift / std::f64::consts::SQRT_2 * (log - half - ln_gamma(j + 1.5)).exp();
            sum += even * beta_reg(j + 0.5, freedom / 2.0, x) + odd * beta_reg(j + 1.0, freedom / 2.0, x);
        }
    } else if x >= 1.0 {
        return 1.0;
    }
    (normal_tail(shift) + 0.5 * sum).clamp(0.0, 1.0)
}
