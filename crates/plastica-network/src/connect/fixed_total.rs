//! `fixed_total`: `n` synapses, every set of `n` pairs equally likely (every list of `n` pairs with `multapses = true`).
//!
//! How many of them fall onto each target is drawn by halving: of the synapses onto a range of targets, the number that falls onto
//! its first half is hypergeometric (binomial with multapses), with the range as the key. So a part halves only the ranges in which
//! it owns targets, and all parts agree. The sources of a target are then drawn as for a fixed in-degree.

use plastica_numerics::random::Stream;

use super::sample::Sampler;
use super::{Building, Connect, Pairs, Reading, Rule};
use crate::network::MAX_SYNAPSES;

pub(super) const RULE: Rule = Rule { name: "fixed_total", keys: &["n"], example: "{ rule = \"fixed_total\", n = 1000 }", read };

fn read(reading: &mut Reading<'_>) -> Option<Connect> {
    let n = reading.count("n", MAX_SYNAPSES, RULE.example)?;
    let pairs = reading.ends.pairs();
    let several = reading.ends.multapses && pairs > 0.0;
    if n as f64 > pairs && !several {
        let message = format!("{} wants {n} synapses, but there are only {pairs} pairs", reading.what);
        reading.fault("too-few-neurons", "n", message, format!("write {pairs} or less, or allow several synapses of a pair with multapses = true"));
        return None;
    }
    Some(Connect::FixedTotal(n))
}

pub(super) fn pairs(n: usize, building: &Building<'_>) -> Pairs {
    let halving = Halving { stream: building.stream(1), sources: building.ends.sources() as u64, multapses: building.ends.multapses };
    let mut degrees = vec![0; building.owned.len()];
    halving.degrees(0, building.ends.n_post, n as u64, building.owned.start, &mut degrees);
    let mut sampler = Sampler::new(building.stream(0), building.ends.sources(), building.ends.multapses);
    let found = building.by_target(|target, sources| {
        let k = degrees[target as usize - building.owned.start] as usize;
        sampler.draw(u64::from(target), k, building.ends.excluded(target), sources);
        Ok(())
    });
    found.unwrap_or_default()
}

struct Halving {
    stream: Stream,
    /// Sources that each target may have.
    sources: u64,
    multapses: bool,
}

impl Halving {
    /// Distributes `n` synapses over the targets `low..high`; notes the in-degrees of the targets from `start` on.
    fn degrees(&self, low: usize, high: usize, n: u64, start: usize, degrees: &mut [u64]) {
        if high <= start || low >= start + degrees.len() || n == 0 {
            return;
        }
        if high - low == 1 {
            degrees[low - start] = n;
            return;
        }
        let middle = low + (high - low) / 2;
        let u = self.stream.uniform((low as u64) << 32 | high as u64, 0, 0);
        let first = self.first_half(n, (middle - low) as u64 * self.sources, (high - middle) as u64 * self.sources, u);
        self.degrees(low, middle, first, start, degrees);
        self.degrees(middle, high, n - first, start, degrees);
    }

    /// How many of `n` synapses fall onto `left` pairs rather than onto `right` others, from a uniform number.
    ///
    /// The cumulative distribution is inverted, with weights that grow outwards from its most likely value: they need ratios of
    /// neighbours only. Weights below 2^-66 of the greatest are left out.
    fn first_half(&self, n: u64, left: u64, right: u64, u: f64) -> u64 {
        let (least, most) = if self.multapses { (0, n) } else { (n.saturating_sub(right), n.min(left)) };
        let (n_f, left_f, right_f) = (n as f64, left as f64, right as f64);
        // Probability of k + 1 over that of k.
        let ratio = |k: u64| {
            let k = k as f64;
            if self.multapses { (n_f - k) / (k + 1.0) * (left_f / right_f) } else { (n_f - k) / (k + 1.0) * ((left_f - k) / (right_f - n_f + k + 1.0)) }
        };
        let likely = if self.multapses { (n_f + 1.0) * (left_f / (left_f + right_f)) } else { (n_f + 1.0) * ((left_f + 1.0) / (left_f + right_f + 2.0)) };
        let mode = (likely as u64).clamp(least, most);
        const NEGLIGIBLE: f64 = 1.0 / (1_u128 << 66) as f64;
        let (mut below, mut weight, mut k) = (Vec::new(), 1.0, mode);
        while k > least && weight > NEGLIGIBLE {
            k -= 1;
            weight /= ratio(k);
            below.push(weight);
        }
        let mut weights: Vec<f64> = below.into_iter().rev().collect();
        let lowest = mode - weights.len() as u64;
        (weight, k) = (1.0, mode);
        weights.push(weight);
        while k < most && weight > NEGLIGIBLE {
            weight *= ratio(k);
            weights.push(weight);
            k += 1;
        }
        let total = weights.iter().fold(0.0, |sum, w| sum + w);
        let mut rest = u * total;
        for (place, weight) in weights.iter().enumerate() {
            rest -= weight;
            if rest < 0.0 {
                return lowest + place as u64;
            }
        }
        lowest + weights.len() as u64 - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of 20,000 draws within 5 standard errors: a correct sampler fails once in a million seeds.
    fn check_moments(n: u64, left: u64, right: u64, multapses: bool, mean: f64, variance: f64) {
        let halving = Halving { stream: Stream::new(7, 0, 1), sources: 1, multapses };
        const DRAWS: u64 = 20_000;
        let drawn: Vec<f64> = (0..DRAWS).map(|e| halving.first_half(n, left, right, halving.stream.uniform(e, 0, 0)) as f64).collect();
        let found = drawn.iter().sum::<f64>() / DRAWS as f64;
        let spread = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / DRAWS as f64;
        assert!((found - mean).abs() < 5.0 * (variance / DRAWS as f64).sqrt(), "mean {found} instead of {mean}");
        assert!((spread - variance).abs() < 5.0 * variance * (2.5 / DRAWS as f64).sqrt(), "variance {spread} instead of {variance}");
    }

    #[test]
    fn halves_are_hypergeometric_or_binomial() {
        check_moments(60, 100, 200, true, 20.0, 60.0 / 3.0 * 2.0 / 3.0);
        check_moments(60, 100, 200, false, 20.0, 60.0 / 3.0 * 2.0 / 3.0 * 240.0 / 299.0);
        check_moments(250, 100, 200, false, 250.0 / 3.0, 250.0 / 3.0 * 2.0 / 3.0 * 50.0 / 299.0);
    }

    #[test]
    fn a_half_never_gets_more_than_it_can_hold() {
        let halving = Halving { stream: Stream::new(7, 0, 1), sources: 1, multapses: false };
        for u in [0.0, 0.5, 1.0 - f64::EPSILON] {
            for n in 0..=7 {
                let first = halving.first_half(n, 3, 4, u);
                assert!(first <= 3 && n - first <= 4);
            }
        }
    }
}
