//! Tests by rank, which do not ask for normal values: exact where samples are small and free of ties, else by the normal distribution.

use super::compare::Test;
use super::effect::differences;
use super::normal_tail;
use super::sample::{finite, ranks};

/// Samples up to this size are counted exactly.
const EXACT: usize = 50;

/// The test of Mann and Whitney (Wilcoxon's for two groups of different subjects); the statistic is U of `a`.
/// With ties, or with more than 50 in a group, by the normal approximation with the corrections for ties and continuity.
///
/// ```
/// let found = plastica_report::statistics::mann_whitney(&[5.1, 6.2, 7.3, 6.0], &[4.0, 4.5, 5.0, 3.9]).unwrap();
/// assert!(found.statistic == 16.0 && (found.p - 2.0 / 70.0).abs() < 1e-12);
/// ```
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<Test> {
    if a.is_empty() || b.is_empty() || !finite(a) || !finite(b) {
        return None;
    }
    let (n, m) = (a.len() as f64, b.len() as f64);
    let (ranks, ties) = ranks(&[a, b].concat());
    let statistic = ranks[..a.len()].iter().sum::<f64>() - n * (n + 1.0) / 2.0;
    let extreme = statistic.max(n * m - statistic);
    let p = if ties.is_empty() && a.len() <= EXACT && b.len() <= EXACT {
        let ways = ways_of_u(a.len(), b.len());
        2.0 * ways[extreme as usize..].iter().sum::<f64>() / ways.iter().sum::<f64>()
    } else {
        let all = n + m;
        let tied: f64 = ties.iter().map(|t| t.powi(3) - t).sum();
        let spread = (n * m / 12.0 * (all + 1.0 - tied / (all * (all - 1.0)))).sqrt();
        if spread > 0.0 { 2.0 * normal_tail((extreme - n * m / 2.0 - 0.5) / spread) } else { 1.0 }
    };
    Some(Test { statistic, freedom: None, p: p.min(1.0) })
}

/// In how many orders of `n` and `m` values U takes each value from 0 to `n m`: the coefficients of a Gaussian binomial.
fn ways_of_u(n: usize, m: usize) -> Vec<f64> {
    // ways[i][u]: i values of the first group placed, after some of the second; adding one of the second raises U by i.
    let size = n * m + 1;
    let mut ways = vec![vec![0.0; size]; n + 1];
    ways.iter_mut().for_each(|w| w[0] = 1.0);
    for _ in 0..m {
        let mut next = vec![vec![0.0; size]; n + 1];
        for i in 0..=n {
            for u in 0..size {
                next[i][u] = if i > 0 { next[i - 1][u] } else { 0.0 } + if u >= i { ways[i][u - i] } else { 0.0 };
            }
        }
        ways = next;
    }
    ways.swap_remove(n)
}

/// Wilcoxon's signed-rank test of pairs; the statistic is the smaller of the two sums of ranks. Pairs without a difference are left out.
/// With ties, or with more than 50 pairs, by the normal approximation with the correction for ties.
///
/// ```
/// let found = plastica_report::statistics::wilcoxon(&[5.0, 7.0, 9.5, 8.0, 6.2], &[4.0, 5.0, 6.0, 8.1, 5.7]).unwrap();
/// assert!(found.statistic == 1.0 && found.p == 0.125);
/// ```
pub fn wilcoxon(a: &[f64], b: &[f64]) -> Option<Test> {
    let differences: Vec<f64> = differences(a, b)?.into_iter().filter(|d| *d != 0.0).collect();
    if differences.is_empty() || !finite(&differences) {
        return None;
    }
    let n = differences.len();
    let (ranks, ties) = ranks(&differences.iter().map(|d| d.abs()).collect::<Vec<_>>());
    let up: f64 = ranks.iter().zip(&differences).filter(|(_, d)| **d > 0.0).map(|(r, _)| r).sum();
    let all = (n * (n + 1)) as f64 / 2.0;
    let statistic = up.min(all - up);
    let p = if ties.is_empty() && n <= EXACT {
        // In how many of the 2^n choices of signs the sum of the positive ranks takes each value.
        let mut ways = vec![0.0; all as usize + 1];
        ways[0] = 1.0;
        for rank in 1..=n {
            for sum in (rank..ways.len()).rev() {
                ways[sum] += ways[sum - rank];
            }
        }
        2.0 * ways[..=statistic as usize].iter().sum::<f64>() / 2f64.powi(n as i32)
    } else {
        let tied: f64 = ties.iter().map(|t| t.powi(3) - t).sum();
        let spread = (all * (2 * n + 1) as f64 / 12.0 - tied / 48.0).sqrt();
        2.0 * normal_tail((all / 2.0 - statistic) / spread)
    };
    Some(Test { statistic, freedom: None, p: p.min(1.0) })
}
