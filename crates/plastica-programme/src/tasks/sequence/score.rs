//! What a trial of a sequence task is scored by.

use super::super::Score;

/// Sequences are not longer than this; each element has a score of its own.
pub(super) const MOST_ELEMENTS: usize = 12;

const SCORES: [Score; 12] = [
    Score { name: "correct", unit: "", doc: "1 if exactly the fingers of the sequence were pressed, in order; else 0" },
    Score { name: "errors", unit: "", doc: "fewest presses to insert, leave out or exchange to get the sequence" },
    Score { name: "presses", unit: "", doc: "presses; in imagery, elements that fired" },
    Score { name: "wrong_presses", unit: "", doc: "presses of another finger than the one meant" },
    Score { name: "order_errors", unit: "", doc: "elements that fired out of turn" },
    Score { name: "duration", unit: "s", doc: "from the first to the last press" },
    Score { name: "interval_mean", unit: "s", doc: "mean time from press to press" },
    Score { name: "interval_sd", unit: "s", doc: "standard deviation of the time from press to press" },
    Score { name: "interval_cv", unit: "", doc: "interval_sd / interval_mean" },
    Score { name: "self_paced", unit: "", doc: "share of the elements that fired before they were cued" },
    Score { name: "off_target", unit: "", doc: "spikes of the wrong columns over those of the right one, shortly after the elements" },
    Score { name: "timed_out", unit: "", doc: "1 if the trial was given up; else 0" },
];

const TRANSITION: &str = "time from the right press of the element before to the right press of this one; of the first, from the end of the trial before";
const TRANSITIONS: [&str; MOST_ELEMENTS] = [
    "transition_1",
    "transition_2",
    "transition_3",
    "transition_4",
    "transition_5",
    "transition_6",
    "transition_7",
    "transition_8",
    "transition_9",
    "transition_10",
    "transition_11",
    "transition_12",
];

/// The scores of a sequence of so many elements.
pub(super) fn scores(elements: usize) -> Vec<Score> {
    SCORES.into_iter().chain(TRANSITIONS.iter().take(elements).map(|name| Score { name, unit: "s", doc: TRANSITION })).collect()
}

/// What happened in a trial. All vectors have room from the start and are emptied, not dropped.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Finger and step of each press.
    pub presses: Vec<(usize, i64)>,
    /// Steps of the presses that took the trial on, where presses do.
    pub turns: Vec<i64>,
    /// Step of the right press of each element.
    pub right: Vec<Option<i64>>,
    pub wrong_presses: u32,
    pub order_errors: u32,
    /// Elements that had one before them, and those of them that fired by themselves.
    pub followers: u32,
    pub self_paced: u32,
    /// Spikes of the wrong columns and of the right one.
    pub off_target: u64,
    pub on_target: u64,
}

impl Tally {
    /// An empty one.
    pub fn clear(&mut self, elements: usize) {
        let (mut presses, mut turns, mut right) = (std::mem::take(&mut self.presses), std::mem::take(&mut self.turns), std::mem::take(&mut self.right));
        presses.clear();
        turns.clear();
        right.clear();
        right.resize(elements, None);
        *self = Tally { presses, turns, right, ..Tally::default() };
    }

    /// Was the sequence pressed, the whole sequence and nothing but the sequence?
    pub fn is_correct(&self, sequence: &[usize]) -> bool {
        self.presses.iter().map(|p| p.0).eq(sequence.iter().copied())
    }

    /// The numbers of [`scores`]; `before` is the last right press of the trial before, where the trials follow one another.
    pub fn score(&self, sequence: &[usize], before: Option<i64>, timed_out: bool, dt_s: f64) -> Vec<f64> {
        let fingers: Vec<usize> = self.presses.iter().map(|p| p.0).collect();
        // A finger that pressed twice has not been twice as fast.
        let times: Vec<i64> = if self.turns.is_empty() { self.presses.iter().map(|p| p.1).collect() } else { self.turns.clone() };
        let intervals: Vec<f64> = times.windows(2).map(|t| (t[1] - t[0]) as f64 * dt_s).collect();
        let (mean, sd) = mean_and_sd(&intervals);
        let duration = if intervals.is_empty() { f64::NAN } else { intervals.iter().sum() };
        let mut out = vec![
            f64::from(u8::from(self.is_correct(sequence))),
            edit_distance(&fingers, sequence) as f64,
            fingers.len() as f64,
            f64::from(self.wrong_presses),
            f64::from(self.order_errors),
            duration,
            mean,
            sd,
            sd / mean,
            ratio(f64::from(self.self_paced), f64::from(self.followers)),
            ratio(self.off_target as f64, self.on_target as f64),
            f64::from(u8::from(timed_out)),
        ];
        let mut last = before;
        for right in &self.right {
            out.push(match (last, right) {
                (Some(a), Some(b)) => (b - a) as f64 * dt_s,
                _ => f64::NAN,
            });
            last = *right;
        }
        out
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}

/// Mean, and standard deviation of a sample (n - 1); NaN where there are too few.
fn mean_and_sd(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let squares = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, if x.len() < 2 { f64::NAN } else { (squares / (n - 1.0)).sqrt() })
}

/// Fewest insertions, deletions and exchanges that make `a` into `b` (Levenshtein 1966).
pub(super) fn edit_distance(a: &[usize], b: &[usize]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let exchanged = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = exchanged.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_distance(a: &[usize], b: &[usize], expected: usize) {
        assert_eq!((edit_distance(a, b), edit_distance(b, a)), (expected, expected), "{a:?} {b:?}");
    }

    #[test]
    fn distances_count_insertions_deletions_and_exchanges() {
        check_distance(&[0, 1, 2, 3, 4], &[0, 1, 2, 3, 4], 0);
        check_distance(&[0, 1, 1, 2, 3, 4], &[0, 1, 2, 3, 4], 1);
        check_distance(&[0, 2, 3, 4], &[0, 1, 2, 3, 4], 1);
        check_distance(&[0, 2, 1, 3, 4], &[0, 1, 2, 3, 4], 2);
        check_distance(&[], &[0, 1], 2);
    }

    #[test]
    fn a_trial_without_presses_has_no_intervals() {
        let mut tally = Tally::default();
        tally.clear(3);
        let x = tally.score(&[0, 1, 2], None, true, 1e-3);
        assert_eq!((x[0], x[1], x[2], x[11]), (0.0, 3.0, 0.0, 1.0));
        assert!(x[5..11].iter().chain(&x[12..]).all(|x| x.is_nan()));
        assert_eq!(x.len(), scores(3).len());
    }
}
