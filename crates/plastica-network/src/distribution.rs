//! Distributions that parameters, initial values and delays may be drawn from.
//!
//! An interval that a distribution practically never hits is refused when the text is read, so that
//! drawing again always ends.

use plastica_lang::source::{Diagnostic, Span};
use plastica_numerics::elementary::Real;
use plastica_numerics::random::Stream;

/// A distribution, in SI units, perhaps bounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distribution {
    /// Its shape.
    pub kind: DistributionKind,
    /// Least value.
    pub low: Option<f64>,
    /// Greatest value.
    pub high: Option<f64>,
    /// What becomes of a value beyond the bounds.
    pub outside: Outside,
    /// Place in the text.
    pub span: Span,
}

/// Shapes of distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DistributionKind {
    /// Normal.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// The exponential of a normal number.
    Lognormal {
        /// Mean of the logarithm (of the value in SI units).
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// All values between two are equally likely.
    Uniform {
        /// Least.
        low: f64,
        /// Greatest.
        high: f64,
    },
    /// Exponential.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// 1 for exactly so many of the neurons of a population, 0 for the others; every such set is equally likely.
    Members {
        /// How many.
        count: usize,
    },
}

/// What becomes of a value beyond the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// It becomes the bound.
    Clip,
    /// It is drawn again.
    Redraw,
}

/// Least probability of the interval between the bounds for which values are drawn again.
pub const LEAST_MASS: f64 = 1e-3;
/// With [`LEAST_MASS`] this many draws miss with probability below 1e-43.
const MOST_DRAWS: u32 = 100_000;

impl Distribution {
    /// The value of an element; a function of stream, element and step only.
    pub fn draw(&self, stream: &Stream, element: u64, step: u64) -> f64 {
        let mut x = self.kind.draw(stream, element, step, 0);
        if self.outside == Outside::Redraw {
            let mut draw = 1;
            while !self.inside(x) && draw < MOST_DRAWS {
                x = self.kind.draw(stream, element, step, draw);
                draw += 1;
            }
        }
        if let Some(low) = self.low
            && x < low
        {
            x = low;
        }
        if let Some(high) = self.high
            && x > high
        {
            x = high;
        }
        x
    }

    /// Which of `n` elements are members, if this says so; a function of the stream only.
    ///
    /// Those with the least random numbers are: numbers of 53 bits, so that two are hardly ever alike (then the first goes before).
    pub(crate) fn members(&self, stream: &Stream, n: usize) -> Option<Vec<bool>> {
        let DistributionKind::Members { count } = self.kind else { return None };
        let mut order: Vec<(f64, usize)> = (0..n).map(|element| (stream.uniform(element as u64, 0, 0), element)).collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut is_member = vec![false; n];
        order.iter().take(count).for_each(|(_, element)| is_member[*element] = true);
        Some(is_member)
    }

    fn inside(&self, x: f64) -> bool {
        self.low.is_none_or(|low| x >= low) && self.high.is_none_or(|high| x <= high)
    }

    /// Reports bounds that are the wrong way round, or that values drawn again would practically never meet.
    pub fn check(&self, diagnostics: &mut Vec<Diagnostic>) -> bool {
        if let (Some(low), Some(high)) = (self.low, self.high)
            && low > high
        {
            diagnostics.push(
                Diagnostic::error("empty-interval", self.span, format!("`min` ({low}) is greater than `max` ({high}), in SI units")).help("exchange them"),
            );
            return false;
        }
        if self.outside == Outside::Clip {
            return true;
        }
        let above = self.high.map_or(1.0, |high| self.kind.below(high));
        let mass = above - self.low.map_or(0.0, |low| self.kind.below(low));
        // A constant (sd = 0) on the bound has no mass by this formula, but it is inside.
        if mass >= LEAST_MASS || self.kind.constant().is_some_and(|x| self.inside(x)) {
            return true;
        }
        diagnostics.push(
            Diagnostic::error(
                "never-inside",
                self.span,
                format!("a value drawn from this distribution lies between its bounds with probability {:.1e} only", mass.max(0.0)),
            )
            .label("practically never inside")
            .note(format!("values outside are drawn again, which needs a probability of at least {LEAST_MASS}"))
            .help("widen the bounds, check the units, or write outside = \"clip\""),
        );
        false
    }
}

impl DistributionKind {
    fn draw(&self, stream: &Stream, element: u64, step: u64, draw: u32) -> f64 {
        match *self {
            DistributionKind::Normal { mean, sd } => mean + sd * stream.normal(element, step, draw),
            DistributionKind::Lognormal { mu, sigma } => Real::exp(mu + sigma * stream.normal(element, step, draw)),
            DistributionKind::Uniform { low, high } => low + (high - low) * stream.uniform(element, step, draw),
            DistributionKind::Exponential { mean } => -mean * Real::log1p(-stream.uniform(element, step, draw)),
            DistributionKind::Members { .. } => panic!("members-are-drawn-together"),
        }
    }

    /// The value, if there is only one.
    fn constant(&self) -> Option<f64> {
        match *self {
            DistributionKind::Normal { mean, sd: 0.0 } | DistributionKind::Exponential { mean: mean @ 0.0 } => Some(mean),
            DistributionKind::Lognormal { mu, sigma: 0.0 } => Some(Real::exp(mu)),
            DistributionKind::Uniform { low, high } if low == high => Some(low),
            _ => None,
        }
    }

    /// Probability of a value below `x`, to about 1e-7.
    fn below(&self, x: f64) -> f64 {
        match *self {
            DistributionKind::Normal { mean, sd } => standard_normal_below((x - mean) / sd),
            DistributionKind::Lognormal { .. } if x <= 0.0 => 0.0,
            DistributionKind::Lognormal { mu, sigma } => standard_normal_below((Real::log(x) - mu) / sigma),
            DistributionKind::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            DistributionKind::Exponential { .. } if x <= 0.0 => 0.0,
            DistributionKind::Exponential { mean } => -Real::expm1(-x / mean),
            DistributionKind::Members { .. } => 1.0,
        }
    }
}

/// Abramowitz and Stegun, Handbook of Mathematical Functions (1964), formula 26.2.17: error below 7.5e-8.
fn standard_normal_below(x: f64) -> f64 {
    if x.is_nan() {
        return 0.0;
    }
    if x < 0.0 {
        return 1.0 - standard_normal_below(-x);
    }
    let t = 1.0 / (1.0 + 0.231_641_9 * x);
    let poly = t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    1.0 - Real::exp(-0.5 * x * x) / (2.0 * std::f64::consts::PI).sqrt() * poly
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: u64 = 20_000;

    fn sample(kind: DistributionKind, low: Option<f64>, high: Option<f64>, outside: Outside) -> Vec<f64> {
        let stream = Stream::new(3, 0, 7);
        let d = Distribution { kind, low, high, outside, span: Span::default() };
        (0..N).map(|e| d.draw(&stream, e, 0)).collect()
    }

    /// Mean within 5 standard errors: a correct sampler fails once in 1.7 million seeds.
    fn check_mean(values: &[f64], mean: f64, sd: f64) {
        let found = values.iter().sum::<f64>() / values.len() as f64;
        assert!((found - mean).abs() < 5.0 * sd / (N as f64).sqrt(), "{found} instead of {mean}");
    }

    #[test]
    fn means_are_right() {
        check_mean(&sample(DistributionKind::Normal { mean: 2.0, sd: 3.0 }, None, None, Outside::Clip), 2.0, 3.0);
        check_mean(&sample(DistributionKind::Uniform { low: -1.0, high: 3.0 }, None, None, Outside::Clip), 1.0, 4.0 / 12f64.sqrt());
        check_mean(&sample(DistributionKind::Exponential { mean: 0.5 }, None, None, Outside::Clip), 0.5, 0.5);
        let (mu, sigma) = (0.0, 0.5_f64);
        let mean = (sigma * sigma / 2.0).exp();
        check_mean(&sample(DistributionKind::Lognormal { mu, sigma }, None, None, Outside::Clip), mean, mean * ((sigma * sigma).exp() - 1.0).sqrt());
    }

    #[test]
    fn bounds_hold_and_only_clipping_piles_up_on_them() {
        let kind = DistributionKind::Normal { mean: 0.0, sd: 1.0 };
        let clipped = sample(kind, Some(-0.5), Some(1.0), Outside::Clip);
        let redrawn = sample(kind, Some(-0.5), Some(1.0), Outside::Redraw);
        for values in [&clipped, &redrawn] {
            assert!(values.iter().all(|x| (-0.5..=1.0).contains(x)));
        }
        // 31 % below, 16 % above; 5 standard errors are 1.6 %.
        let at = |bound: f64| clipped.iter().filter(|x| **x == bound).count() as f64 / N as f64;
        assert!((at(-0.5) - 0.3085).abs() < 0.017 && (at(1.0) - 0.1587).abs() < 0.017);
        assert!(redrawn.iter().all(|x| *x != -0.5 && *x != 1.0));
    }

    #[test]
    fn an_interval_that_is_never_hit_is_refused() {
        let d = |low, high, outside| Distribution { kind: DistributionKind::Normal { mean: 0.0, sd: 1.0 }, low, high, outside, span: Span::default() };
        let mut diagnostics = Vec::new();
        assert!(!d(Some(10.0), None, Outside::Redraw).check(&mut diagnostics));
        assert!(!d(Some(1.0), Some(0.0), Outside::Clip).check(&mut diagnostics));
        assert_eq!(diagnostics.iter().map(|d| d.id).collect::<Vec<_>>(), ["never-inside", "empty-interval"]);
        assert!(d(Some(10.0), None, Outside::Clip).check(&mut diagnostics));
        assert!(d(Some(2.0), None, Outside::Redraw).check(&mut diagnostics));
    }

    #[test]
    fn the_normal_integral_is_right() {
        for (x, p) in [(0.0, 0.5), (1.0, 0.841_344_746), (-1.96, 0.024_997_895), (3.0, 0.998_650_102)] {
            assert!((standard_normal_below(x) - p).abs() < 1e-7);
        }
    }
}
