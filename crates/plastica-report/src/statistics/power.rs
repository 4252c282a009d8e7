//! Power: how often a study of a given size finds an effect of a given size, and how many subjects it takes.

use super::distribution::noncentral_student;
use super::student_quantile;

/// Whether a study compares different subjects or the same ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Design {
    /// Two groups of n different subjects each; the effect is in standard deviations between subjects.
    Independent,
    /// n subjects, each measured twice; the effect is in standard deviations of the differences ([`d_z`](super::d_z)).
    Paired,
}

/// Power of the two-sided t-test with `n` subjects a group (or pairs), from the noncentral t distribution. `None` where `n` is below 2, or
/// `alpha` is not between 0 and 1.
///
/// ```
/// use plastica_report::statistics::{Design, power};
/// let found = power(Design::Independent, 0.5, 64, 0.05).unwrap();
/// assert!((found - 0.801460).abs() < 1e-5);
/// ```
pub fn power(design: Design, effect: f64, n: u32, alpha: f64) -> Option<f64> {
    let count = f64::from(n);
    let (freedom, shift) = match design {
        Design::Independent => (2.0 * count - 2.0, effect * (count / 2.0).sqrt()),
        Design::Paired => (count - 1.0, effect * count.sqrt()),
    };
    let critical = if n >= 2 { student_quantile(alpha, freedom) } else { f64::NAN };
    if critical.is_nan() || !shift.is_finite() {
        return None;
    }
    Some(1.0 - noncentral_student(critical, freedom, shift) + noncentral_student(-critical, freedom, shift))
}

/// The smallest number of subjects a group (or of pairs) with which the power is at least `wanted`; `None` where 100 000 do not suffice.
///
/// ```
/// use plastica_report::statistics::{Design, subjects_for};
/// assert_eq!(subjects_for(Design::Independent, 0.5, 0.8, 0.05), Some(64));
/// assert_eq!(subjects_for(Design::Paired, 0.5, 0.8, 0.05), Some(34));
/// ```
pub fn subjects_for(design: Design, effect: f64, wanted: f64, alpha: f64) -> Option<u32> {
    let enough = |n: u32| power(design, effect, n, alpha).is_some_and(|p| p >= wanted);
    let mut high = 2;
    while !enough(high) {
        high *= 2;
        if high > 100_000 {
            return None;
        }
    }
    // Power grows with n, so the border lies between half of the first that suffices and it.
    let mut low = high / 2;
    while high - low > 1 {
        let middle = (low + high) / 2;
        if enough(middle) { high = middle } else { low = middle }
    }
    Some(high)
}
