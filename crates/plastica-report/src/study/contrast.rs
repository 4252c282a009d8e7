//! Two groups held against each other as a laboratory would: effect size with its interval, test, power; and the same for many studies.

use super::{Value, paired, values};
use crate::figure::Grid;
use crate::number;
use crate::statistics::{Bootstrap, Design, Estimate, Test, d_z, hedges_g, mann_whitney, paired_g, paired_t, power, subjects_for, welch, wilcoxon};

/// What two groups come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Contrast {
    /// Whether the same subjects live in both groups.
    pub design: Design,
    /// Subjects of the first group, and of the second; in a paired design those that both have.
    pub n: [usize; 2],
    /// First minus second in standard deviations between subjects, corrected for small samples, with its bootstrap interval.
    pub effect: Estimate,
    /// The same in standard deviations of the differences; `None` for different subjects.
    pub d_z: Option<f64>,
    /// The t-test: of pairs, or Welch's.
    pub t: Option<Test>,
    /// The test by rank: Wilcoxon's of pairs, or Mann and Whitney's.
    pub rank: Option<Test>,
}

/// Holds two groups against each other; positive where the first has more. `None` where there is no effect size, as with one subject.
///
/// ```
/// use plastica_report::statistics::{Bootstrap, Design};
/// use plastica_report::study::{Value, contrast};
/// let of = |group: &str, values: [f64; 4]| -> Vec<Value> {
///     values.iter().zip(1..).map(|(value, subject)| Value { group: group.into(), subject, value: *value }).collect()
/// };
/// let found = contrast(&of("a", [5.0, 7.0, 9.0, 6.0]), &of("b", [4.0, 5.0, 6.0, 5.5]), Design::Paired, &Bootstrap::default()).unwrap();
/// assert!((found.effect.value - 0.930657).abs() < 1e-5 && (found.t.unwrap().p - 0.060931).abs() < 1e-6);
/// ```
pub fn contrast(a: &[Value], b: &[Value], design: Design, how: &Bootstrap) -> Option<Contrast> {
    let (a, b) = sides(a, b, design);
    let n = [a.len(), b.len()];
    Some(match design {
        Design::Paired => {
            let effect = how.paired(&[&a, &b], |s| paired_g(&s[0], &s[1]))?;
            Contrast { design, n, effect, d_z: d_z(&a, &b), t: paired_t(&a, &b), rank: wilcoxon(&a, &b) }
        }
        Design::Independent => {
            let effect = how.independent(&[&a, &b], |s| hedges_g(&s[0], &s[1]))?;
            Contrast { design, n, effect, d_z: None, t: welch(&a, &b), rank: mann_whitney(&a, &b) }
        }
    })
}

fn sides(a: &[Value], b: &[Value], design: Design) -> (Vec<f64>, Vec<f64>) {
    match design {
        Design::Paired => paired(a, b),
        Design::Independent => (values(a), values(b)),
    }
}

impl Contrast {
    /// The effect that decides power: of the differences in a paired design, else between subjects.
    fn deciding(&self) -> f64 {
        self.d_z.unwrap_or(self.effect.value)
    }

    /// How often a study with `n` subjects a group (or pairs) would find this effect at `alpha`, were it the true one.
    /// [`power`](crate::statistics::power) of the effect of the pairs, or of that between subjects.
    pub fn power(&self, n: u32, alpha: f64) -> Option<f64> {
        power(self.design, self.deciding(), n, alpha)
    }

    /// How many subjects a group (or pairs) find this effect with the wanted power.
    pub fn subjects_for(&self, wanted: f64, alpha: f64) -> Option<u32> {
        subjects_for(self.design, self.deciding(), wanted, alpha)
    }
}

/// Named contrasts as a table. The probabilities are corrected by Holm over the table's rows; power is at the number of subjects at hand.
pub fn contrasts_table(named: &[(String, Contrast)]) -> Grid {
    let head = ["contrast", "subjects", "effect (SD)", "95 % interval", "effect of pairs", "p (t)", "p (Holm)", "p (rank)", "power", "n for 80 %"];
    let raw: Vec<f64> = named.iter().map(|(_, c)| c.t.map_or(1.0, |t| t.p)).collect();
    let corrected = crate::statistics::holm(&raw);
    let or_dash = |v: Option<f64>| v.map_or("–".into(), |v| number(v).replace('-', "−"));
    let p = |v: f64| if v < 0.001 { "< 0.001".into() } else { number((v * 1000.0).round() / 1000.0) };
    let rows = named.iter().zip(corrected).map(|((name, c), holm)| {
        let smaller = u32::try_from(c.n[0].min(c.n[1])).unwrap_or(u32::MAX);
        let subjects = if c.design == Design::Paired { format!("{} pairs", c.n[0]) } else { format!("{} and {}", c.n[0], c.n[1]) };
        vec![
            name.clone(),
            subjects,
            or_dash(Some(c.effect.value)),
            format!("{} to {}", or_dash(Some(c.effect.low)), or_dash(Some(c.effect.high))),
            or_dash(c.d_z),
            c.t.map_or("–".into(), |t| p(t.p)),
            c.t.map_or("–".into(), |_| p(holm)),
            c.rank.map_or("–".into(), |t| p(t.p)),
            or_dash(c.power(smaller, 0.05)),
            c.subjects_for(0.8, 0.05).map_or("–".into(), |n| n.to_string()),
        ]
    });
    Grid { head: head.map(String::from).to_vec(), rows: rows.collect() }
}

/// The effect size of each of many studies with `n` subjects a group: the subjects in the order of their numbers, `n` at a time, an incomplete
/// study at the end left out. Their mean is judged, their spread shows what a study of the original size would have found.
///
/// ```
/// use plastica_report::statistics::Design;
/// use plastica_report::study::{Value, studies};
/// let of = |group: &str, values: [f64; 5]| -> Vec<Value> {
///     values.iter().zip(1..).map(|(value, subject)| Value { group: group.into(), subject, value: *value }).collect()
/// };
/// let found = studies(&of("a", [2.0, 4.0, 1.0, 5.0, 9.0]), &of("b", [1.0, 3.0, 1.0, 3.0, 9.0]), 2, Design::Independent);
/// assert_eq!(found.len(), 2);
/// assert!((found[0] - 4.0 / 7.0 / 2.0_f64.sqrt()).abs() < 1e-12);
/// ```
pub fn studies(a: &[Value], b: &[Value], n: usize, design: Design) -> Vec<f64> {
    let ordered = |of: &[Value]| {
        let mut of = of.to_vec();
        of.sort_by_key(|v| v.subject);
        of
    };
    let (a, b) = sides(&ordered(a), &ordered(b), design);
    let pairs = a.chunks_exact(n.max(1)).zip(b.chunks_exact(n.max(1)));
    pairs.filter_map(|(a, b)| if design == Design::Paired { paired_g(a, b) } else { hedges_g(a, b) }).collect()
}
