//! Selecting trials, and bringing those of a subject or a block down to one value.

use super::{Trials, Unfit};
use crate::statistics::{mean, median, standard_deviation};
use std::collections::BTreeMap;

/// A stretch of counted things (days, occurrences, trials), both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The first.
    pub from: f64,
    /// The last.
    pub to: f64,
}

impl Span {
    /// One thing only.
    pub fn only(at: f64) -> Self {
        Span { from: at, to: at }
    }

    fn holds(self, value: f64) -> bool {
        self.from <= value && value <= self.to
    }
}

/// Which trials; what is `None` is not asked about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Where {
    /// Name of the group.
    pub group: Option<String>,
    /// Name of the block.
    pub block: Option<String>,
    /// Days.
    pub day: Option<Span>,
    /// Occurrences of the block.
    pub nth: Option<Span>,
    /// Trials within an occurrence.
    pub trial: Option<Span>,
}

/// How the scores of several trials become one value. Scores that are not a number are left out first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// Their mean.
    Mean,
    /// Their median.
    Median,
    /// The mean of the first n.
    First(usize),
    /// The mean of the last n.
    Last(usize),
    /// The mean of the best n.
    Best(usize, Better),
    /// Their sum.
    Sum,
    /// Their standard deviation (divided by n - 1).
    Deviation,
    /// Their standard deviation over their mean.
    Variation,
    /// How many there are.
    Count,
}

/// Which way a score improves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better: speed, accuracy.
    Higher,
    /// Less is better: errors, time.
    Lower,
}

impl Better {
    /// 1 where more is better, else -1.
    pub(super) fn sign(self) -> f64 {
        match self {
            Better::Higher => 1.0,
            Better::Lower => -1.0,
        }
    }
}

impl Aggregate {
    /// The value of scores in the order of their trials; `None` where they do not suffice (n of them for first, last and best n).
    ///
    /// ```
    /// use plastica_report::study::{Aggregate, Better};
    /// let scores = [4.0, f64::NAN, 1.0, 3.0, 2.0];
    /// assert_eq!(Aggregate::Last(2).of(&scores), Some(2.5));
    /// assert_eq!(Aggregate::Best(2, Better::Lower).of(&scores), Some(1.5));
    /// ```
    pub fn of(self, scores: &[f64]) -> Option<f64> {
        let mut scores: Vec<f64> = scores.iter().copied().filter(|s| !s.is_nan()).collect();
        match self {
            Aggregate::Mean => mean(&scores),
            Aggregate::Median => median(&scores),
            Aggregate::First(n) => mean(scores.get(..n)?),
            Aggregate::Last(n) => mean(&scores[scores.len().checked_sub(n)?..]),
            Aggregate::Best(n, better) => {
                scores.sort_by(|a, b| (better.sign() * b).total_cmp(&(better.sign() * a)));
                mean(scores.get(..n)?)
            }
            Aggregate::Sum => Some(scores.iter().sum()),
            Aggregate::Deviation => standard_deviation(&scores),
            Aggregate::Variation => Some(standard_deviation(&scores)? / mean(&scores)?).filter(|v| v.is_finite()),
            Aggregate::Count => Some(scores.len() as f64),
        }
    }
}

/// The value of a subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// Name of the group.
    pub group: String,
    /// Number of the subject.
    pub subject: u64,
    /// The value.
    pub value: f64,
}

/// The value of one occurrence of a block in a subject's life.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Name of the group.
    pub group: String,
    /// Number of the subject.
    pub subject: u64,
    /// Day of the occurrence.
    pub day: f64,
    /// Name of the block.
    pub block: String,
    /// Which occurrence.
    pub nth: f64,
    /// The value.
    pub value: f64,
}

impl Trials {
    /// The trials that are meant: their lines by group, subject, day, occurrence, trial. Where two of one subject have the same place
    /// they keep the order of the table. Occurrences are counted for each block by itself, so where the order of time matters
    /// ([`Aggregate::Last`], for one) name the block.
    pub fn select(&self, which: &Where) -> Vec<usize> {
        let named = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|w| w == found);
        let inside = |span: Option<Span>, value: f64| span.is_none_or(|s| s.holds(value));
        let meant = |i: &usize| {
            named(&which.group, &self.group[*i])
                && named(&which.block, &self.block[*i])
                && inside(which.day, self.day[*i])
                && inside(which.nth, self.nth[*i])
                && inside(which.trial, self.trial[*i])
        };
        let order = self.groups();
        let rank: BTreeMap<&str, usize> = order.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        let mut lines: Vec<usize> = (0..self.len()).filter(meant).collect();
        lines.sort_by(|a, b| {
            let who = |i: usize| (rank.get(self.group[i].as_str()), self.subject[i]);
            let when = |i: usize| [self.day[i], self.nth[i], self.trial[i]];
            who(*a).cmp(&who(*b)).then_with(|| when(*a).iter().zip(when(*b)).map(|(a, b)| a.total_cmp(&b)).find(|o| o.is_ne()).unwrap_or(a.cmp(b)))
        });
        lines
    }

    /// One value for each subject that has trials of this kind; those whose trials do not suffice are left out.
    ///
    /// # Errors
    /// [`Unfit::NoScore`].
    ///
    /// ```
    /// use plastica_report::study::{Aggregate, Place, Trials, Where};
    /// let mut trials = Trials::new(["errors"]);
    /// for (subject, errors) in [(1, 4.0), (2, 1.0), (1, 6.0)] {
    ///     trials.push(Place { subject, ..Place::default() }, &[errors]).unwrap();
    /// }
    /// let found = trials.per_subject("errors", &Where::default(), Aggregate::Sum).unwrap();
    /// assert_eq!(found.iter().map(|v| v.value).collect::<Vec<_>>(), [10.0, 1.0]);
    /// ```
    pub fn per_subject(&self, score: &str, which: &Where, how: Aggregate) -> Result<Vec<Value>, Unfit> {
        let column = self.score(score)?;
        let lines = self.select(which);
        let subjects = lines.chunk_by(|a, b| self.group[*a] == self.group[*b] && self.subject[*a] == self.subject[*b]);
        let each = subjects.filter_map(|lines| {
            let first = *lines.first()?;
            let scores: Vec<f64> = lines.iter().map(|i| column[*i]).collect();
            Some(Value { group: self.group[first].clone(), subject: self.subject[first], value: how.of(&scores)? })
        });
        Ok(each.collect())
    }

    /// One value for each occurrence of a block in each subject's life, as curves of learning need them.
    ///
    /// # Errors
    /// [`Unfit::NoScore`].
    ///
    /// ```
    /// use plastica_report::study::{Aggregate, Place, Trials, Where};
    /// let mut trials = Trials::new(["errors"]);
    /// for (nth, errors) in [(1.0, 4.0), (2.0, 1.0), (1.0, 6.0)] {
    ///     trials.push(Place { nth, ..Place::default() }, &[errors]).unwrap();
    /// }
    /// let found = trials.per_block("errors", &Where::default(), Aggregate::Mean).unwrap();
    /// assert_eq!(found.iter().map(|b| (b.nth, b.value)).collect::<Vec<_>>(), [(1.0, 5.0), (2.0, 1.0)]);
    /// ```
    pub fn per_block(&self, score: &str, which: &Where, how: Aggregate) -> Result<Vec<Block>, Unfit> {
        let column = self.score(score)?;
        let key = |i: usize| (self.group[i].as_str(), self.subject[i], self.day[i].to_bits(), self.nth[i].to_bits(), self.block[i].as_str());
        let mut lines = self.select(which);
        // Blocks of different names may share a day and a number. Each day and number is ordered by name; trials keep their order.
        for shared in lines.chunk_by_mut(|a, b| (key(*a).0, key(*a).1, key(*a).2, key(*a).3) == (key(*b).0, key(*b).1, key(*b).2, key(*b).3)) {
            shared.sort_by_key(|i| self.block[*i].as_str());
        }
        let same = |a: &usize, b: &usize| key(*a) == key(*b);
        let blocks = lines.chunk_by(same).filter_map(|lines| {
            let first = *lines.first()?;
            let scores: Vec<f64> = lines.iter().map(|i| column[*i]).collect();
            Some(Block {
                group: self.group[first].clone(),
                subject: self.subject[first],
                day: self.day[first],
                block: self.block[first].clone(),
                nth: self.nth[first],
                value: how.of(&scores)?,
            })
        });
        Ok(blocks.collect())
    }
}

/// The bare values, as statistics take them.
///
/// ```
/// use plastica_report::study::{Value, values};
/// assert_eq!(values(&[Value { group: "a".into(), subject: 1, value: 2.0 }]), [2.0]);
/// ```
pub fn values(of: &[Value]) -> Vec<f64> {
    of.iter().map(|v| v.value).collect()
}

/// The values of the subjects that both have, side by side, by their number alone: in a paired study the same subject lives in two groups.
/// A number that occurs several times on a side is taken once, the first time.
///
/// ```
/// use plastica_report::study::{Value, paired};
/// let of = |group: &str, subject, value| Value { group: group.into(), subject, value };
/// let (a, b) = paired(&[of("a", 1, 5.0), of("a", 2, 6.0)], &[of("b", 2, 3.0), of("b", 3, 9.0)]);
/// assert_eq!((a, b), (vec![6.0], vec![3.0]));
/// ```
pub fn paired(a: &[Value], b: &[Value]) -> (Vec<f64>, Vec<f64>) {
    let by_number = |of: &[Value]| -> BTreeMap<u64, f64> { of.iter().rev().map(|v| (v.subject, v.value)).collect() };
    let b = by_number(b);
    by_number(a).into_iter().filter_map(|(subject, value)| Some((value, *b.get(&subject)?))).unzip()
}
