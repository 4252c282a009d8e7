//! Numbers that describe a recording (rates, irregularity, weights, distance from measurements) and, in the files beside this one,
//! what a laboratory would compute of the subjects of a study. A statistic that the values do not allow is `None`, never a guess.

mod compare;
mod distribution;
mod effect;
mod power;
mod rank;
mod relation;
mod sample;

pub use compare::{Anova, Test, anova, holm, one_sample_t, paired_t, repeated_anova, welch};
pub use distribution::{f_tail, normal_tail, student_quantile, student_two_sided};
pub use effect::{Bootstrap, d_z, hedges_g, paired_g};
pub use power::{Design, power, subjects_for};
pub use rank::{mann_whitney, wilcoxon};
pub use relation::{Correlation, Fit, Form, correlations_differ, fit, monotone, pearson, reaches, spearman};
pub use sample::{Estimate, mean_interval, median, quantile, standard_error};

use plastica_record::read::Series;
use std::collections::HashMap;

/// Mean firing rate, hertz: spikes per neuron and second. `None` without neurons or time.
///
/// ```
/// assert_eq!(plastica_report::statistics::rate(30, 10, 2.0), Some(1.5));
/// ```
pub fn rate(spikes: usize, neurons: usize, seconds: f64) -> Option<f64> {
    (neurons > 0 && seconds > 0.0).then(|| spikes as f64 / neurons as f64 / seconds)
}

/// Irregularity: the coefficient of variation of the intervals between spikes, averaged over neurons with three spikes or more.
///
/// - `time_s`: times of spikes, seconds, ascending for each neuron, `[n_spikes]`
/// - `neuron`: which neuron fired, `[n_spikes]`
///
/// 0 is a clock, 1 a Poisson process. The standard deviation is that of the intervals at hand (divided by their number).
/// `None` where no neuron has three spikes.
pub fn irregularity(time_s: &[f64], neuron: &[f64]) -> Option<f64> {
    // Trains stand in the order of their first spikes, so that their sum has an order.
    let mut trains: Vec<Vec<f64>> = Vec::new();
    let mut places: HashMap<u64, usize> = HashMap::new();
    for (time, neuron) in time_s.iter().zip(neuron) {
        let place = *places.entry(neuron.to_bits()).or_insert(trains.len());
        if place == trains.len() {
            trains.push(Vec::new());
        }
        trains[place].push(*time);
    }
    let each: Vec<f64> = trains.iter().filter_map(|train| variation(train)).collect();
    mean(&each)
}

fn variation(train: &[f64]) -> Option<f64> {
    if train.len() < 3 {
        return None;
    }
    let intervals: Vec<f64> = train.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = mean(&intervals)?;
    let variance = intervals.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / intervals.len() as f64;
    (mean > 0.0).then(|| variance.sqrt() / mean)
}

/// The mean; `None` of nothing.
///
/// ```
/// assert_eq!(plastica_report::statistics::mean(&[1.0, 2.0, 6.0]), Some(3.0));
/// ```
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The standard deviation of a sample (divided by n - 1); `None` of fewer than two values.
///
/// ```
/// assert_eq!(plastica_report::statistics::standard_deviation(&[1.0, 2.0, 6.0]), Some(7.0_f64.sqrt()));
/// ```
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    (values.len() > 1).then(|| (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64).sqrt())
}

/// How far a model lies from measurements: the mean of `((model - data) / sem)^2`, as Pfister and Gerstner (2006) define E.
///
/// The three slices have one value per measurement. `None` where they differ in length, are empty, or a standard error is not positive.
pub fn error_in_sem(model: &[f64], data: &[f64], sem: &[f64]) -> Option<f64> {
    if model.len() != data.len() || data.len() != sem.len() || sem.iter().any(|s| s.is_nan() || *s <= 0.0) {
        return None;
    }
    let squares: Vec<f64> = model.iter().zip(data).zip(sem).map(|((m, d), s)| ((m - d) / s).powi(2)).collect();
    mean(&squares)
}

/// How many values fall into each of a row of equal bins.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Borders of the bins, ascending, `[bins + 1]`.
    pub edges: Vec<f64>,
    /// Values in each bin, `[bins]`; a bin owns its lower border, the last one both.
    pub counts: Vec<u64>,
    /// Values outside the borders, or not a number.
    pub outside: u64,
}

/// Counts `values` in `bins` equal bins from `low` to `high`.
pub fn histogram(values: &[f64], low: f64, high: f64, bins: usize) -> Histogram {
    let bins = bins.max(1);
    let width = (high - low) / bins as f64;
    let mut out = Histogram { edges: (0..=bins).map(|i| low + width * i as f64).collect(), counts: vec![0; bins], outside: 0 };
    for value in values {
        if *value >= low && *value <= high {
            // Where low equals high all values are in the first bin: 0/0 casts to 0.
            out.counts[(((value - low) / width) as usize).min(bins - 1)] += 1;
        } else {
            out.outside += 1;
        }
    }
    out
}

/// What a series of weights comes to: mean, standard deviation and histogram of the last sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Mean.
    pub mean: f64,
    /// Standard deviation; 0 of a single weight.
    pub spread: f64,
    /// Twenty bins from the smallest to the largest.
    pub histogram: Histogram,
}

/// The last weights of a recording; `None` where it has no sample.
pub fn weights(series: &Series) -> Option<Weights> {
    let last = series.last();
    let (low, high) = last.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    Some(Weights { mean: mean(last)?, spread: standard_deviation(last).unwrap_or(0.0), histogram: histogram(last, low, high, 20) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, found: Option<f64>, expected: Option<f64>) {
        let same = match (found, expected) {
            (Some(f), Some(e)) => (f - e).abs() <= 1e-12 * e.abs().max(1.0),
            (f, e) => f == e,
        };
        assert!(same, "{name}: {found:?} is not {expected:?}");
    }

    #[test]
    fn numbers_are_those_of_the_definitions() {
        check("rate", rate(300, 100, 1.5), Some(2.0));
        check("rate of nobody", rate(0, 0, 1.0), None);
        check("mean", mean(&[1.0, 2.0, 6.0]), Some(3.0));
        check("deviation", standard_deviation(&[1.0, 2.0, 6.0]), Some(7.0_f64.sqrt()));
        check("deviation of one", standard_deviation(&[1.0]), None);
        check("a clock", irregularity(&[0.1, 0.2, 0.3, 0.4], &[1.0; 4]), Some(0.0));
        // Intervals 1 and 3: mean 2, deviation 1. The other neuron has too few spikes.
        check("two intervals", irregularity(&[0.0, 0.5, 1.0, 4.0], &[1.0, 2.0, 1.0, 1.0]), Some(0.5));
        check("silence", irregularity(&[], &[]), None);
        check("E", error_in_sem(&[1.0, 2.0], &[0.0, 2.5], &[0.5, 0.25]), Some(4.0));
        check("E without error", error_in_sem(&[1.0], &[1.0], &[0.0]), None);
        check("E of unequal lengths", error_in_sem(&[1.0], &[], &[]), None);
    }

    #[test]
    fn bins_own_their_lower_border_and_the_last_one_both() {
        let found = histogram(&[0.0, 0.5, 1.0, 1.0001, f64::NAN, -1.0], 0.0, 1.0, 2);
        assert_eq!((found.edges, found.counts, found.outside), (vec![0.0, 0.5, 1.0], vec![1, 2], 3));
        assert_eq!(histogram(&[2.0, 2.0], 2.0, 2.0, 3).counts, [2, 0, 0]);
    }
}
