//! The table of trials: columns of equal length.

use thiserror::Error;

/// When and by whom a trial was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// Name of the subject's group.
    pub group: String,
    /// Number of the subject; in a paired study the same number in several groups is the same circuit.
    pub subject: u64,
    /// Day, counted from 1.
    pub day: f64,
    /// Name of the block.
    pub block: String,
    /// Which occurrence of this block in the subject's life, counted from 1.
    pub nth: f64,
    /// Which trial of this occurrence, counted from 1.
    pub trial: f64,
}

/// Trials as columns; all have the same length, `[n_trials]`.
///
/// Build it by [`Trials::new`] with the names of the scores and one [`Trials::push`] for each trial, or from columns that were read by
/// [`Trials::from_columns`]. A score that a trial does not have (no answer, so no interval) is not a number, and is left out of every value.
///
/// ```
/// use plastica_report::study::{Place, Trials};
/// let mut trials = Trials::new(["speed", "errors"]);
/// let place = Place { group: "imagery".into(), subject: 1, day: 1.0, block: "test".into(), nth: 1.0, trial: 1.0 };
/// trials.push(place, &[2.5, 0.0]).unwrap();
/// assert_eq!((trials.len(), trials.score("speed").unwrap()), (1, &[2.5][..]));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trials {
    pub(super) group: Vec<String>,
    pub(super) subject: Vec<u64>,
    pub(super) day: Vec<f64>,
    pub(super) block: Vec<String>,
    pub(super) nth: Vec<f64>,
    pub(super) trial: Vec<f64>,
    scores: Vec<(String, Vec<f64>)>,
}

/// Why a table of trials cannot be what was asked.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Unfit {
    /// There is no score of this name.
    #[error("there is no score `{name}`; the trials have {}", .known.join(", "))]
    NoScore {
        /// The name that was asked for.
        name: String,
        /// Those that exist.
        known: Vec<String>,
    },
    /// Columns, or the scores of a trial, are not as many as they should be.
    #[error("{what} has {found} values and not {expected}")]
    Length {
        /// Which column, or `a trial`.
        what: String,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
}

impl Trials {
    /// An empty table whose trials have these scores.
    pub fn new<S: Into<String>>(scores: impl IntoIterator<Item = S>) -> Self {
        Trials { scores: scores.into_iter().map(|name| (name.into(), Vec::new())).collect(), ..Default::default() }
    }

    /// Adds a trial with its scores, in the order of [`Trials::new`].
    ///
    /// # Errors
    /// [`Unfit::Length`] where the scores are not as many; nothing is added then.
    pub fn push(&mut self, place: Place, scores: &[f64]) -> Result<(), Unfit> {
        if scores.len() != self.scores.len() {
            return Err(Unfit::Length { what: "a trial".into(), found: scores.len(), expected: self.scores.len() });
        }
        self.group.push(place.group);
        self.subject.push(place.subject);
        self.day.push(place.day);
        self.block.push(place.block);
        self.nth.push(place.nth);
        self.trial.push(place.trial);
        for ((_, column), score) in self.scores.iter_mut().zip(scores) {
            column.push(*score);
        }
        Ok(())
    }

    /// A table from places and whole columns of scores.
    ///
    /// # Errors
    /// [`Unfit::Length`] where a column is not as long as the places.
    ///
    /// ```
    /// use plastica_report::study::{Place, Trials};
    /// let trials = Trials::from_columns(vec![Place::default(); 2], vec![("speed".into(), vec![1.0, 2.0])]).unwrap();
    /// assert_eq!(trials.len(), 2);
    /// assert!(Trials::from_columns(vec![], vec![("speed".into(), vec![1.0])]).is_err());
    /// ```
    pub fn from_columns(places: Vec<Place>, scores: Vec<(String, Vec<f64>)>) -> Result<Self, Unfit> {
        if let Some((name, column)) = scores.iter().find(|(_, column)| column.len() != places.len()) {
            return Err(Unfit::Length { what: format!("the score `{name}`"), found: column.len(), expected: places.len() });
        }
        let mut out = Trials { scores, ..Default::default() };
        for place in places {
            out.group.push(place.group);
            out.subject.push(place.subject);
            out.day.push(place.day);
            out.block.push(place.block);
            out.nth.push(place.nth);
            out.trial.push(place.trial);
        }
        Ok(out)
    }

    /// How many trials.
    pub fn len(&self) -> usize {
        self.group.len()
    }

    /// Whether there is no trial.
    pub fn is_empty(&self) -> bool {
        self.group.is_empty()
    }

    /// Names of the scores.
    pub fn scores(&self) -> impl Iterator<Item = &str> {
        self.scores.iter().map(|(name, _)| name.as_str())
    }

    /// A score of all trials, `[n_trials]`.
    ///
    /// # Errors
    /// [`Unfit::NoScore`] names those that exist.
    pub fn score(&self, name: &str) -> Result<&[f64], Unfit> {
        let found = self.scores.iter().find(|(known, _)| known == name);
        found.map(|(_, column)| column.as_slice()).ok_or_else(|| Unfit::NoScore { name: name.into(), known: self.scores().map(String::from).collect() })
    }

    /// Names of the groups, in the order of their first trial.
    pub fn groups(&self) -> Vec<&str> {
        let mut out: Vec<&str> = Vec::new();
        for group in &self.group {
            if !out.contains(&group.as_str()) {
                out.push(group);
            }
        }
        out
    }
}
