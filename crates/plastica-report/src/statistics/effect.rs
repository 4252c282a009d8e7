//! Sizes of effects in standard deviations, and bootstrap intervals of any statistic.
//!
//! Three forms, which must not be mixed: [`hedges_g`] for two groups of different subjects; [`paired_g`] for the same subjects under
//! two programmes, in units of the spread *between subjects*, comparable with the first; [`d_z`] for the same subjects in units of
//! the spread *of their differences*, which decides power and is larger the more alike a subject's two values are.

use super::sample::{Estimate, finite};
use super::{mean, quantile, standard_deviation};
use plastica_numerics::random::{Stream, stream_id};

/// The factor that removes the bias of a standardised difference in small samples (Hedges 1981, J Educ Stat 6:107), approximately.
fn small_sample(freedom: f64) -> f64 {
    1.0 - 3.0 / (4.0 * freedom - 1.0)
}

/// The mean of `a` minus that of `b` over their pooled standard deviation, with Hedges's correction for small samples.
/// `None` with fewer than two values on a side, or without spread.
///
/// # Source
/// Hedges (1981), J Educ Stat 6:107.
///
/// ```
/// let g = plastica_report::statistics::hedges_g(&[5.0, 6.0, 7.0], &[3.0, 4.0, 5.0]).unwrap();
/// assert!((g - 1.6).abs() < 1e-12);
/// ```
pub fn hedges_g(a: &[f64], b: &[f64]) -> Option<f64> {
    let freedom = (a.len() + b.len()).checked_sub(2)? as f64;
    let (of_a, of_b) = (standard_deviation(a)?, standard_deviation(b)?);
    let pooled = (((a.len() - 1) as f64 * of_a.powi(2) + (b.len() - 1) as f64 * of_b.powi(2)) / freedom).sqrt();
    let g = small_sample(freedom) * (mean(a)? - mean(b)?) / pooled;
    g.is_finite().then_some(g)
}

/// The same subjects twice: the mean difference over the pooled standard deviation between subjects, corrected for small samples.
/// `a[i]` and `b[i]` are of one subject. `None` where the lengths differ or there is no spread.
///
/// The pooled spread of pairs that correlate by r is known with 2(n - 1)/(1 + r²) degrees of freedom, which the correction takes.
///
/// # Source
/// Cousineau (2020), Quant Methods Psychol 16:418, for the degrees of freedom; r is that of the sample.
///
/// ```
/// let g = plastica_report::statistics::paired_g(&[5.0, 6.0, 7.0], &[3.0, 4.0, 5.0]).unwrap();
/// assert!((g - 2.0 * (1.0 - 3.0 / 7.0)).abs() < 1e-12);
/// ```
pub fn paired_g(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let pooled = ((standard_deviation(a)?.powi(2) + standard_deviation(b)?.powi(2)) / 2.0).sqrt();
    // Where one side does not vary there is no correlation, and nothing is shared.
    let (of_a, of_b) = (mean(a)?, mean(b)?);
    let products: f64 = a.iter().zip(b).map(|(a, b)| (a - of_a) * (b - of_b)).sum();
    let r = products / ((a.len() - 1) as f64 * standard_deviation(a)? * standard_deviation(b)?);
    let freedom = 2.0 * (a.len() - 1) as f64 / (1.0 + if r.is_finite() { r * r } else { 0.0 });
    let g = small_sample(freedom) * (of_a - of_b) / pooled;
    g.is_finite().then_some(g)
}

/// The same subjects twice: the mean difference over the standard deviation of the differences, without correction, as power takes it.
/// `None` where the lengths differ or the differences do not vary.
///
/// ```
/// let d = plastica_report::statistics::d_z(&[5.0, 7.0, 9.0], &[4.0, 5.0, 6.0]).unwrap();
/// assert_eq!(d, 2.0);
/// ```
pub fn d_z(a: &[f64], b: &[f64]) -> Option<f64> {
    let differences = differences(a, b)?;
    let d = mean(&differences)? / standard_deviation(&differences)?;
    d.is_finite().then_some(d)
}

/// The difference of each pair; `None` where the lengths differ.
pub(super) fn differences(a: &[f64], b: &[f64]) -> Option<Vec<f64>> {
    (a.len() == b.len()).then(|| a.iter().zip(b).map(|(a, b)| a - b).collect())
}

/// How a bootstrap is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Seed; the same one gives the same interval.
    pub seed: u64,
    /// How many samples are drawn.
    pub rounds: u32,
    /// What the interval holds: 0.95 for 95 %.
    pub level: f64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Bootstrap { seed: 1, rounds: 2000, level: 0.95 }
    }
}

impl Bootstrap {
    /// The interval of a statistic of several groups of different subjects; each group is drawn anew by itself, with replacement.
    ///
    /// - `samples`: values of each group
    /// - `statistic`: of as many groups; rounds in which it is `None` are left out
    ///
    /// `None` where the statistic of the sample itself is `None`, or fewer than half of the rounds have one.
    /// Percentile interval (Efron and Tibshirani 1993, chapter 13): it is too narrow for very few subjects.
    ///
    /// ```
    /// use plastica_report::statistics::{Bootstrap, hedges_g};
    /// let (a, b) = ([5.0, 6.0, 7.0, 8.0, 6.5], [3.0, 4.0, 5.0, 4.5, 3.5]);
    /// let found = Bootstrap::default().independent(&[&a, &b], |s| hedges_g(&s[0], &s[1])).unwrap();
    /// assert!((found.value - 2.332119).abs() < 1e-6 && found.low > 1.0 && found.high > found.value);
    /// ```
    pub fn independent(&self, samples: &[&[f64]], statistic: impl Fn(&[Vec<f64>]) -> Option<f64>) -> Option<Estimate> {
        self.drawn(samples, statistic, |group| group as u32)
    }

    /// The interval of a statistic of several values of the same subjects; subjects are drawn, and keep their values together.
    /// `None` where the samples differ in length, and as for [`Bootstrap::independent`].
    ///
    /// ```
    /// use plastica_report::statistics::{Bootstrap, paired_g};
    /// // All differences are equal, so drawing subjects changes the spread alone.
    /// let found = Bootstrap::default().paired(&[&[2.0, 3.0, 4.0, 5.0], &[1.0, 2.0, 3.0, 4.0]], |s| paired_g(&s[0], &s[1])).unwrap();
    /// assert!((found.value - 0.5633).abs() < 1e-4 && found.low > 0.0);
    /// ```
    pub fn paired(&self, samples: &[&[f64]], statistic: impl Fn(&[Vec<f64>]) -> Option<f64>) -> Option<Estimate> {
        if samples.windows(2).any(|pair| pair[0].len() != pair[1].len()) {
            return None;
        }
        self.drawn(samples, statistic, |_| 0)
    }

    fn drawn(&self, samples: &[&[f64]], statistic: impl Fn(&[Vec<f64>]) -> Option<f64>, who: impl Fn(usize) -> u32) -> Option<Estimate> {
        if samples.iter().any(|s| s.is_empty() || !finite(s)) {
            return None;
        }
        let value = statistic(&samples.iter().map(|s| s.to_vec()).collect::<Vec<_>>())?;
        // Groups with the same number draw the same subjects.
        let streams: Vec<Stream> = (0..samples.len()).map(|g| Stream::new(self.seed, who(g), stream_id("bootstrap", 0))).collect();
        let mut found = Vec::with_capacity(self.rounds as usize);
        for round in 0..u64::from(self.rounds) {
            let again: Vec<Vec<f64>> = samples
                .iter()
                .zip(&streams)
                .map(|(sample, stream)| (0..sample.len()).map(|i| sample[(stream.uniform(i as u64, round, 0) * sample.len() as f64) as usize]).collect())
                .collect();
            found.extend(statistic(&again).filter(|v| v.is_finite()));
        }
        if found.is_empty() || found.len() < (self.rounds as usize).div_ceil(2) {
            return None;
        }
        let tail = (1.0 - self.level) / 2.0;
        Some(Estimate { value, low: quantile(&found, tail)?, high: quantile(&found, 1.0 - tail)? })
    }
}
