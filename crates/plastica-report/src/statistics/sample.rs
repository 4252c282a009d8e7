//! What a few subjects say about a mean: its standard error and its interval, quantiles, ranks.

use super::{mean, standard_deviation, student_quantile};

/// A value with the interval it lies in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value of the sample at hand.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The standard error of the mean; `None` of fewer than two values.
///
/// ```
/// assert_eq!(plastica_report::statistics::standard_error(&[1.0, 3.0, 5.0, 7.0]), Some((20.0_f64 / 3.0 / 4.0).sqrt()));
/// ```
pub fn standard_error(values: &[f64]) -> Option<f64> {
    Some(standard_deviation(values)? / (values.len() as f64).sqrt())
}

/// The mean with its confidence interval by the t distribution; `level` is 0.95 for 95 %. `None` of fewer than two values.
///
/// ```
/// let found = plastica_report::statistics::mean_interval(&[4.0, 5.0, 6.0], 0.95).unwrap();
/// assert!((found.low - 2.515862).abs() < 1e-6 && found.value == 5.0 && (found.high - 7.484138).abs() < 1e-6);
/// ```
pub fn mean_interval(values: &[f64], level: f64) -> Option<Estimate> {
    let (value, error) = (mean(values)?, standard_error(values)?);
    let half = student_quantile(1.0 - level, values.len() as f64 - 1.0) * error;
    half.is_finite().then_some(Estimate { value, low: value - half, high: value + half })
}

/// The quantile at `part` (0 to 1), linear between the values; `None` of nothing, or where a value is not a number.
///
/// ```
/// assert_eq!(plastica_report::statistics::quantile(&[4.0, 1.0, 3.0, 2.0], 0.25), Some(1.75));
/// ```
pub fn quantile(values: &[f64], part: f64) -> Option<f64> {
    if values.is_empty() || values.iter().any(|v| v.is_nan()) || !(0.0..=1.0).contains(&part) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = part * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    let rest = place - below as f64;
    // At a value itself there is nothing to mix, which also keeps infinite neighbours out.
    Some(if rest == 0.0 { sorted[below] } else { sorted[below] + rest * (sorted[above] - sorted[below]) })
}

/// The median; `None` of nothing.
///
/// ```
/// assert_eq!(plastica_report::statistics::median(&[9.0, 1.0, 2.0]), Some(2.0));
/// ```
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// Ranks from 1, equal values sharing their mean rank, and the sizes of the ties.
pub(super) fn ranks(values: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let (mut ranks, mut ties) = (vec![0.0; values.len()], Vec::new());
    let mut from = 0;
    while from < order.len() {
        let mut to = from + 1;
        while to < order.len() && values[order[to]] == values[order[from]] {
            to += 1;
        }
        for at in &order[from..to] {
            ranks[*at] = (from + 1 + to) as f64 / 2.0;
        }
        if to - from > 1 {
            ties.push((to - from) as f64);
        }
        from = to;
    }
    (ranks, ties)
}

/// Whether all values are finite.
pub(super) fn finite(values: &[f64]) -> bool {
    values.iter().all(|v| v.is_finite())
}
