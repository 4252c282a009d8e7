//! How two quantities go together, and curves of learning: correlation, a fitted approach to a plateau, the day at which a value is reached.

use super::sample::{finite, ranks};
use super::{mean, normal_tail, student_two_sided};

/// A correlation over pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// The coefficient, -1 to 1.
    pub r: f64,
    /// How many pairs.
    pub n: usize,
    /// Two-sided probability of one at least as large where there is none, by the t distribution.
    pub p: f64,
    /// Lower end of the 95 % interval by Fisher's z; `None` with fewer than four pairs.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// Pearson's correlation; `None` where lengths differ, with fewer than three pairs, or where a side does not vary.
///
/// ```
/// let found = plastica_report::statistics::pearson(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, 3.0, 2.0, 5.0, 4.0]).unwrap();
/// assert!((found.r - 0.8).abs() < 1e-12 && (found.p - 0.1040881).abs() < 1e-7);
/// ```
pub fn pearson(x: &[f64], y: &[f64]) -> Option<Correlation> {
    if x.len() != y.len() || x.len() < 3 || !finite(x) || !finite(y) {
        return None;
    }
    let (of_x, of_y) = (mean(x)?, mean(y)?);
    let sum = |f: fn(f64, f64) -> f64| x.iter().zip(y).map(|(x, y)| f(x - of_x, y - of_y)).sum::<f64>();
    let r = sum(|x, y| x * y) / (sum(|x, _| x * x) * sum(|_, y| y * y)).sqrt();
    if !r.is_finite() {
        return None;
    }
    let (r, n) = (r.clamp(-1.0, 1.0), x.len());
    let freedom = n as f64 - 2.0;
    let p = student_two_sided(r * (freedom / (1.0 - r * r)).sqrt(), freedom);
    let end = |sign: f64| (n > 3).then(|| (r.atanh() + sign * 1.959963984540054 / (n as f64 - 3.0).sqrt()).tanh());
    Some(Correlation { r, n, p, low: end(-1.0), high: end(1.0) })
}

/// Spearman's correlation: Pearson's of the ranks, equal values sharing theirs.
///
/// ```
/// let found = plastica_report::statistics::spearman(&[1.0, 2.0, 3.0, 4.0], &[1.0, 8.0, 27.0, 64.0]).unwrap();
/// assert_eq!(found.r, 1.0);
/// ```
pub fn spearman(x: &[f64], y: &[f64]) -> Option<Correlation> {
    if !finite(x) || !finite(y) {
        return None;
    }
    pearson(&ranks(x).0, &ranks(y).0)
}

/// Whether two correlations of different subjects differ: the two-sided probability by Fisher's z. `None` with fewer than four pairs.
///
/// ```
/// let p = plastica_report::statistics::correlations_differ((0.5, 28), (0.0, 28)).unwrap();
/// assert!((p - 0.0521261).abs() < 1e-6);
/// ```
pub fn correlations_differ(a: (f64, usize), b: (f64, usize)) -> Option<f64> {
    if a.1 < 4 || b.1 < 4 {
        return None;
    }
    let error = (1.0 / (a.1 as f64 - 3.0) + 1.0 / (b.1 as f64 - 3.0)).sqrt();
    let z = (a.0.atanh() - b.0.atanh()).abs() / error;
    (!z.is_nan()).then(|| 2.0 * normal_tail(z))
}

/// The form of a curve of learning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `plateau + amplitude exp(-x / shape)`.
    Exponential,
    /// `plateau + amplitude x^(-shape)`, of `x > 0`.
    Power,
}

/// A fitted curve of learning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The form that was fitted.
    pub form: Form,
    /// Where the curve goes.
    pub plateau: f64,
    /// What it has to go; negative where values rise.
    pub amplitude: f64,
    /// Time constant in units of x, or exponent.
    pub shape: f64,
    /// Share of the variance that the curve explains.
    pub explained: f64,
}

impl Fit {
    /// The curve at `x`.
    pub fn at(&self, x: f64) -> f64 {
        self.plateau + self.amplitude * base(self.form, self.shape, x)
    }
}

fn base(form: Form, shape: f64, x: f64) -> f64 {
    match form {
        Form::Exponential => (-x / shape).exp(),
        Form::Power => x.powf(-shape),
    }
}

/// Fits a curve by least squares: for each shape the rest is a straight line, so only the shape is searched, first on a grid of its
/// logarithm and then by golden section. Time constants are sought from a fiftieth to fifty times the extent of x, exponents from 0.01 to 10.
/// `None` with fewer than four points, without variance, or where `x` is not positive for a power.
///
/// ```
/// use plastica_report::statistics::{Form, fit};
/// let x: Vec<f64> = (0..10).map(f64::from).collect();
/// let y: Vec<f64> = x.iter().map(|x| 2.0 + 3.0 * (-x / 2.5_f64).exp()).collect();
/// let found = fit(&x, &y, Form::Exponential).unwrap();
/// assert!((found.plateau - 2.0).abs() < 1e-5 && (found.shape - 2.5).abs() < 1e-5);
/// ```
pub fn fit(x: &[f64], y: &[f64], form: Form) -> Option<Fit> {
    let usable = x.len() == y.len() && x.len() >= 4 && finite(x) && finite(y) && (form == Form::Exponential || x.iter().all(|x| *x > 0.0));
    let (low, high) = x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    if !usable || high <= low {
        return None;
    }
    let (from, to) = match form {
        Form::Exponential => ((0.02 * (high - low)).ln(), (50.0 * (high - low)).ln()),
        Form::Power => (0.01_f64.ln(), 10.0_f64.ln()),
    };
    let centre = mean(y)?;
    let total: f64 = y.iter().map(|y| (y - centre).powi(2)).sum();
    let at = |log: f64| line(x, y, form, log.exp());
    let error = |log: f64| at(log).map_or(f64::INFINITY, |l| l.2);
    const GRID: u32 = 80;
    let step = (to - from) / f64::from(GRID);
    let best = (0..=GRID).map(|i| from + step * f64::from(i)).min_by(|a, b| error(*a).total_cmp(&error(*b)))?;
    let (mut a, mut b) = ((best - step).max(from), (best + step).min(to));
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    for _ in 0..60 {
        let (c, d) = (b - golden * (b - a), a + golden * (b - a));
        if error(c) < error(d) { b = d } else { a = c }
    }
    let (plateau, amplitude, left) = at(0.5 * (a + b))?;
    (total > 0.0).then(|| Fit { form, plateau, amplitude, shape: (0.5 * (a + b)).exp(), explained: 1.0 - left / total })
}

/// The straight line of `y` over the base of a shape: plateau, amplitude, sum of squares that is left.
fn line(x: &[f64], y: &[f64], form: Form, shape: f64) -> Option<(f64, f64, f64)> {
    let over: Vec<f64> = x.iter().map(|x| base(form, shape, *x)).collect();
    let (of_x, of_y) = (mean(&over)?, mean(y)?);
    let slope = over.iter().zip(y).map(|(x, y)| (x - of_x) * (y - of_y)).sum::<f64>() / over.iter().map(|x| (x - of_x).powi(2)).sum::<f64>();
    let left: f64 = over.iter().zip(y).map(|(x, y)| (y - of_y - slope * (x - of_x)).powi(2)).sum();
    left.is_finite().then_some((of_y - slope * of_x, slope, left))
}

/// The nearest curve that only rises (or only falls), by pooling neighbours that disagree; all points weigh the same.
///
/// ```
/// assert_eq!(plastica_report::statistics::monotone(&[1.0, 3.0, 2.0, 5.0], true), [1.0, 2.5, 2.5, 5.0]);
/// ```
pub fn monotone(y: &[f64], rising: bool) -> Vec<f64> {
    let sign = if rising { 1.0 } else { -1.0 };
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for value in y {
        pools.push((sign * value, 1));
        while let [.., before, last] = pools[..] {
            if before.0 <= last.0 {
                break;
            }
            pools.pop();
            pools.pop();
            let count = before.1 + last.1;
            pools.push(((before.0 * before.1 as f64 + last.0 * last.1 as f64) / count as f64, count));
        }
    }
    pools.into_iter().flat_map(|(value, count)| std::iter::repeat_n(sign * value, count)).collect()
}

/// At which `x` (a day, say) a curve reaches `value`: the first crossing of the monotone curve through the points, linear between them.
/// Whether it rises or falls is told by its ends. `None` where the curve does not reach the value, or begins beyond it.
///
/// - `x`: ascending, `[n]`
/// - `y`: the curve, such as the means of a group by day, `[n]`
///
/// ```
/// // Errors of one group by day: another group's 7.5 errors are worth its day 3.5.
/// let day = plastica_report::statistics::reaches(&[1.0, 2.0, 3.0, 4.0, 5.0], &[20.0, 14.0, 9.0, 6.0, 5.0], 7.5);
/// assert_eq!(day, Some(3.5));
/// ```
pub fn reaches(x: &[f64], y: &[f64], value: f64) -> Option<f64> {
    if x.len() != y.len() || !finite(x) || !finite(y) || x.windows(2).any(|w| w[1] <= w[0]) {
        return None;
    }
    let (first, last) = (*y.first()?, *y.last()?);
    let curve = monotone(y, last >= first);
    if curve[0] == value {
        return Some(x[0]);
    }
    let between = |a: f64, b: f64| (a < value && value <= b) || (b <= value && value < a);
    let at = (1..x.len()).find(|i| between(curve[i - 1], curve[*i]))?;
    Some(x[at - 1] + (value - curve[at - 1]) / (curve[at] - curve[at - 1]) * (x[at] - x[at - 1]))
}
