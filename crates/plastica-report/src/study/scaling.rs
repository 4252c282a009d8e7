//! How the weights of many synapses changed together: by how much, how many, and whether in proportion to their size.

use crate::statistics::quantile;

/// What became of weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// Change of the mean weight, percent.
    pub mean: f64,
    /// Share of the weights that shrank by more than a hundredth, percent.
    pub share: f64,
    /// Slope of the relative change (as a logarithm) over the logarithm of the size, among the lower 80 % of the weights; 0 where all
    /// shrink in proportion.
    pub slope: f64,
    /// Change of the mean of the largest 20 %, percent.
    pub largest: f64,
}

/// Compares weights before and after, synapse by synapse; weights that were 0 or less are left out. NaN where there is nothing to compare.
///
/// # Source
/// The measures of de Vivo et al. (2017), Science 355:507: mean change, share that scales, proportionality to size, sparing of the largest.
///
/// ```
/// let before: Vec<f64> = (1..=100).map(f64::from).collect();
/// let after: Vec<f64> = before.iter().map(|w| if *w <= 80.0 { 0.75 * w } else { *w }).collect();
/// let found = plastica_report::study::scaling(&before, &after);
/// assert_eq!(found.share, 80.0);
/// assert!(found.slope.abs() < 1e-12 && found.largest == 0.0 && (found.mean + 16.04).abs() < 0.01);
/// ```
pub fn scaling(before: &[f64], after: &[f64]) -> Scaling {
    let pairs: Vec<(f64, f64)> = before.iter().copied().zip(after.iter().copied()).filter(|(b, a)| *b > 0.0 && a.is_finite()).collect();
    let sizes: Vec<f64> = pairs.iter().map(|p| p.0).collect();
    let Some(border) = quantile(&sizes, 0.8) else { return Scaling { mean: f64::NAN, share: f64::NAN, slope: f64::NAN, largest: f64::NAN } };
    let percent = |pairs: &[(f64, f64)]| 100.0 * (pairs.iter().map(|p| p.1).sum::<f64>() / pairs.iter().map(|p| p.0).sum::<f64>() - 1.0);
    let (lower, upper): (Vec<_>, Vec<_>) = pairs.iter().copied().partition(|p: &(f64, f64)| p.0 <= border);
    let shrunk = pairs.iter().filter(|(b, a)| *a < 0.99 * b).count();
    let logs: Vec<(f64, f64)> = lower.iter().filter(|p| p.1 > 0.0).map(|(b, a)| (b.ln(), (a / b).ln())).collect();
    Scaling { mean: percent(&pairs), share: 100.0 * shrunk as f64 / pairs.len() as f64, slope: slope(&logs), largest: percent(&upper) }
}

fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let (xy, xx) = points.iter().fold((0.0, 0.0), |(xy, xx), (x, y)| (xy + (x - mx) * (y - my), xx + (x - mx).powi(2)));
    xy / xx
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_loss_is_not_in_proportion() {
        let before: Vec<f64> = (1..=50).map(|k| 1.0 + f64::from(k)).collect();
        let after: Vec<f64> = before.iter().map(|w| w - 0.5).collect();
        let found = scaling(&before, &after);
        assert!(found.slope > 0.05 && found.share == 96.0, "{found:?}");
    }

    #[test]
    fn nothing_gives_no_numbers() {
        assert!(scaling(&[], &[]).mean.is_nan());
        assert!(scaling(&[0.0], &[1.0]).share.is_nan());
    }
}
