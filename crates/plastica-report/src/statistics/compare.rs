//! Tests of means: t for two samples, F for several, Holm's correction for many tests.

use super::effect::differences;
use super::{f_tail, mean, standard_deviation, student_two_sided};

/// What a test of two samples gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// t, U or W.
    pub statistic: f64,
    /// Degrees of freedom; `None` for tests by rank.
    pub freedom: Option<f64>,
    /// Two-sided probability of a result at least as extreme where nothing differs.
    pub p: f64,
}

fn student(statistic: f64, freedom: f64) -> Option<Test> {
    statistic.is_finite().then(|| Test { statistic, freedom: Some(freedom), p: student_two_sided(statistic, freedom) })
}

/// Welch's t-test: two groups of different subjects whose spreads may differ. `None` without spread or with fewer than two values.
///
/// ```
/// let found = plastica_report::statistics::welch(&[5.1, 6.2, 7.3, 6.0], &[4.0, 4.5, 5.0, 3.9]).unwrap();
/// assert!((found.statistic - 3.474843).abs() < 1e-6 && (found.p - 0.01951994).abs() < 1e-8);
/// ```
pub fn welch(a: &[f64], b: &[f64]) -> Option<Test> {
    let of_a = standard_deviation(a)?.powi(2) / a.len() as f64;
    let of_b = standard_deviation(b)?.powi(2) / b.len() as f64;
    let freedom = (of_a + of_b).powi(2) / (of_a.powi(2) / (a.len() - 1) as f64 + of_b.powi(2) / (b.len() - 1) as f64);
    student((mean(a)? - mean(b)?) / (of_a + of_b).sqrt(), freedom)
}

/// The t-test of pairs: `a[i]` and `b[i]` are of one subject. `None` where the lengths differ or the differences do not vary.
///
/// ```
/// let found = plastica_report::statistics::paired_t(&[5.0, 7.0, 9.0], &[4.0, 5.0, 6.0]).unwrap();
/// assert!((found.statistic - 12.0_f64.sqrt()).abs() < 1e-12 && (found.p - 0.0741799).abs() < 1e-7);
/// ```
pub fn paired_t(a: &[f64], b: &[f64]) -> Option<Test> {
    one_sample_t(&differences(a, b)?, 0.0)
}

/// The t-test of one sample against a value.
///
/// ```
/// let found = plastica_report::statistics::one_sample_t(&[1.0, 2.0, 3.0], 0.0).unwrap();
/// assert!((found.p - 0.0741799).abs() < 1e-7);
/// ```
pub fn one_sample_t(values: &[f64], against: f64) -> Option<Test> {
    let error = standard_deviation(values)? / (values.len() as f64).sqrt();
    student((mean(values)? - against) / error, values.len() as f64 - 1.0)
}

/// What an analysis of variance gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anova {
    /// Variance between over variance within.
    pub f: f64,
    /// Degrees of freedom between.
    pub between: f64,
    /// Degrees of freedom within.
    pub within: f64,
    /// Probability of an F at least as large where nothing differs.
    pub p: f64,
    /// Repeated measures only: Greenhouse and Geisser's epsilon (1 where sphericity holds) and the probability that it corrects.
    pub corrected: Option<(f64, f64)>,
}

/// One-way analysis of variance of groups of different subjects. `None` with fewer than two groups, an empty one, or no spread within.
///
/// ```
/// let found = plastica_report::statistics::anova(&[&[1.0, 2.0, 3.0], &[2.0, 3.0, 4.0], &[5.0, 6.0, 7.0]]).unwrap();
/// assert!((found.f - 13.0).abs() < 1e-9 && (found.p - 0.006591796875).abs() < 1e-10);
/// ```
pub fn anova(groups: &[&[f64]]) -> Option<Anova> {
    let all: Vec<f64> = groups.concat();
    let (grand, k) = (mean(&all)?, groups.len() as f64);
    let (mut between, mut within) = (0.0, 0.0);
    for group in groups {
        let centre = mean(group)?;
        between += group.len() as f64 * (centre - grand).powi(2);
        within += group.iter().map(|v| (v - centre).powi(2)).sum::<f64>();
    }
    ratio(between, k - 1.0, within, all.len() as f64 - k)
}

fn ratio(between: f64, free_between: f64, within: f64, free_within: f64) -> Option<Anova> {
    let f = (between / free_between) / (within / free_within);
    let valid = free_between > 0.0 && free_within > 0.0 && f.is_finite();
    valid.then(|| Anova { f, between: free_between, within: free_within, p: f_tail(f, free_between, free_within), corrected: None })
}

/// Analysis of variance of repeated measures: one row for each subject, one column for each condition (day, test).
/// `None` where rows differ in length, or there are fewer than two of either.
///
/// # Source
/// Greenhouse and Geisser (1959), Psychometrika 24:95, for the correction.
///
/// ```
/// let days = [vec![1.0, 2.0, 4.0], vec![2.0, 4.0, 5.0], vec![1.0, 3.0, 6.0], vec![3.0, 3.0, 5.0]];
/// let found = plastica_report::statistics::repeated_anova(&days).unwrap();
/// assert!((found.f - 20.368421).abs() < 1e-6 && (found.p - 0.002116).abs() < 1e-6);
/// ```
pub fn repeated_anova(subjects: &[Vec<f64>]) -> Option<Anova> {
    let (n, k) = (subjects.len(), subjects.first()?.len());
    if n < 2 || k < 2 || subjects.iter().any(|s| s.len() != k) {
        return None;
    }
    let grand = mean(&subjects.concat())?;
    let of_condition: Vec<f64> = (0..k).map(|c| subjects.iter().map(|s| s[c]).sum::<f64>() / n as f64).collect();
    let between = n as f64 * of_condition.iter().map(|m| (m - grand).powi(2)).sum::<f64>();
    // What is left of each value when its subject's and its condition's mean are taken away.
    let mut left = Vec::with_capacity(n);
    for subject in subjects {
        let own = mean(subject)?;
        left.push(subject.iter().zip(&of_condition).map(|(v, c)| v - own - c + grand).collect::<Vec<f64>>());
    }
    let within: f64 = left.iter().flatten().map(|v| v * v).sum();
    let found = ratio(between, k as f64 - 1.0, within, ((k - 1) * (n - 1)) as f64)?;
    // These remainders have the double-centred covariance from which epsilon is defined.
    let covariance = |a: usize, b: usize| left.iter().map(|s| s[a] * s[b]).sum::<f64>();
    let trace: f64 = (0..k).map(|c| covariance(c, c)).sum();
    let squares: f64 = (0..k).flat_map(|a| (0..k).map(move |b| (a, b))).map(|(a, b)| covariance(a, b).powi(2)).sum();
    let epsilon = (trace * trace / ((k - 1) as f64 * squares)).min(1.0);
    Some(Anova { corrected: Some((epsilon, f_tail(found.f, epsilon * found.between, epsilon * found.within))), ..found })
}

/// Probabilities corrected for their number after Holm (1979, Scand J Stat 6:65), in the order given.
///
/// ```
/// assert_eq!(plastica_report::statistics::holm(&[0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
/// ```
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let (mut out, mut largest) = (vec![0.0; p.len()], 0.0_f64);
    for (passed, at) in order.into_iter().enumerate() {
        largest = largest.max((p[at] * (p.len() - passed) as f64).min(1.0));
        out[at] = if p[at].is_nan() { f64::NAN } else { largest };
    }
    out
}
