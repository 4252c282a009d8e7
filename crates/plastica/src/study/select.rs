//! A choice of scores from diaries: `{ group = "imagery", block = "test", day = 5, score = "errors", trials = "last 3" }`.
//!
//! It gives one number for each subject, or one for each of a subject's trials. Keys that a row has itself hold for all of its
//! choices.

use plastica_lang::source::{Diagnostic, Table, Text, Value, ValueKind};
use plastica_report::study::Aggregate;

use super::diary::{Diary, Entry};
use crate::experiment::{did_you_mean, wrong_type};

/// Which numbers.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Select {
    /// Name of the group.
    pub group: String,
    /// Name of the block.
    pub block: String,
    /// Days; empty: all.
    pub days: Vec<u32>,
    /// Which of the blocks of that name in the life; empty: all.
    pub nth: Vec<u32>,
    /// Which of them on their day; empty: all.
    pub in_day: Vec<u32>,
    /// A score of the block's task, a measure, or a rate.
    pub score: Score,
    /// Which trials of each block.
    pub trials: Trials,
    /// What is made of them.
    pub statistic: Statistic,
}

/// What is looked up.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Score {
    /// A score of the task, by name.
    Task(String),
    /// A measure read at the beginning (true) or end of the block.
    Measure(String, bool),
    /// Mean rate of a population, by its place.
    Rate(usize),
    /// Number of trials that were finished, per minute.
    Pace,
}

/// Which trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Trials {
    /// All.
    All,
    /// The first so many.
    First(usize),
    /// The last so many.
    Last(usize),
}

/// What is made of several numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Statistic {
    /// Mean.
    Mean,
    /// Median.
    Median,
    /// Sum.
    Sum,
    /// Standard deviation.
    Sd,
    /// Standard deviation over mean.
    Cv,
    /// Largest.
    Max,
    /// Smallest.
    Min,
}

const STATISTICS: [(&str, Statistic); 7] = [
    ("mean", Statistic::Mean),
    ("median", Statistic::Median),
    ("sum", Statistic::Sum),
    ("sd", Statistic::Sd),
    ("cv", Statistic::Cv),
    ("max", Statistic::Max),
    ("min", Statistic::Min),
];

/// The names that a choice may use.
pub struct Vocabulary<'a> {
    /// Groups.
    pub groups: &'a [String],
    /// Blocks, with the scores of their tasks.
    pub blocks: &'a [(String, Vec<String>)],
    /// Measures (those of a change with their endings).
    pub measures: &'a [String],
    /// Populations.
    pub populations: &'a [String],
}

/// Keys of a choice.
pub const KEYS: [&str; 9] = ["group", "block", "day", "nth", "in_day", "score", "trials", "statistic", "at"];

impl Select {
    /// Reads a choice; keys that it does not have come from `outer`.
    pub fn parse(own: &Table, outer: &Table, words: &Vocabulary<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Select> {
        let found = |key: &str| if own.get(key).is_some() { own } else { outer };
        let name = |key: &'static str, known: Vec<String>, diagnostics: &mut Vec<Diagnostic>| -> Option<(String, Text)> {
            let table = found(key);
            if table.get(key).is_none() {
                diagnostics.push(
                    Diagnostic::error("missing-key", own.span, format!("it is not said which {key}"))
                        .help(format!("add {key} = \"..\"; {}", listed(key, &known))),
                );
                return None;
            }
            let text = table.text(key, diagnostics)?;
            if !known.contains(&text.text) {
                let id = if key == "group" { "unknown-group" } else { "unknown-block" };
                diagnostics.push(Diagnostic::error(id, text.span, format!("there is no {key} `{}`", text.text)).help(did_you_mean(
                    &text.text,
                    &format!("{key}s"),
                    &known,
                )));
                return None;
            }
            Some((text.text.clone(), text.clone()))
        };
        let group = name("group", words.groups.to_vec(), diagnostics);
        let block = name("block", words.blocks.iter().map(|b| b.0.clone()).collect(), diagnostics);
        let days = numbers(found("day"), "day", diagnostics);
        let nth = numbers(found("nth"), "nth", diagnostics);
        let in_day = numbers(found("in_day"), "in_day", diagnostics);
        let trials = trials(found("trials"), diagnostics);
        let statistic = statistic(found("statistic"), diagnostics);
        let before = found("at").text("at", diagnostics).is_some_and(|t| t.text == "before");
        let (group, block) = (group?.0, block?.0);
        let score = found("score").required_text("a choice", "score", diagnostics)?;
        let score = words.score(&block, score, before, diagnostics)?;
        Some(Select { group, block, days, nth, in_day, score, trials: trials?, statistic: statistic? })
    }

    /// The entries of a diary that are chosen.
    pub fn entries<'d>(&self, diary: &'d Diary) -> impl Iterator<Item = &'d Entry> {
        let (days, nth, in_day, block) = (self.days.clone(), self.nth.clone(), self.in_day.clone(), self.block.clone());
        let is = |list: &[u32], n: u32| list.is_empty() || list.contains(&n);
        diary.blocks.iter().filter(move |e| e.block == block && is(&days, e.day) && is(&nth, e.nth) && is(&in_day, e.in_day))
    }

    /// The numbers of one block. `scores` are the names of its task's scores.
    pub fn of_entry(&self, entry: &Entry, scores: &[String]) -> Vec<f64> {
        match &self.score {
            Score::Task(name) => {
                let Some(at) = scores.iter().position(|s| s == name) else { return Vec::new() };
                let n = entry.trials.len();
                let range = match self.trials {
                    Trials::All => 0..n,
                    Trials::First(k) => 0..k.min(n),
                    Trials::Last(k) => n.saturating_sub(k)..n,
                };
                entry.trials[range].iter().filter_map(|t| t.scores.get(at).copied().flatten()).collect()
            }
            Score::Measure(name, before) => {
                let list = if *before { &entry.before } else { &entry.after };
                list.iter().filter(|(n, _)| n == name).flat_map(|(_, reading)| reading.numbers()).collect()
            }
            Score::Rate(population) => entry.rates.get(*population).copied().into_iter().collect(),
            Score::Pace if entry.acceleration > 0.0 => vec![entry.trials.len() as f64 * 60.0 / entry.length_s],
            Score::Pace => Vec::new(),
        }
    }

    /// One number of a subject; NaN where there is none.
    pub fn of_subject(&self, diary: &Diary, scores: &[String]) -> f64 {
        let values: Vec<f64> = self.entries(diary).flat_map(|e| self.of_entry(e, scores)).filter(|x| x.is_finite()).collect();
        self.statistic.of(&values)
    }
}

impl Vocabulary<'_> {
    fn score(&self, block: &str, name: &Text, before: bool, diagnostics: &mut Vec<Diagnostic>) -> Option<Score> {
        let of_task = self.blocks.iter().find(|b| b.0 == block).map_or(&[][..], |b| &b.1);
        if of_task.contains(&name.text) {
            return Some(Score::Task(name.text.clone()));
        }
        if self.measures.contains(&name.text) {
            return Some(Score::Measure(name.text.clone(), before));
        }
        if let Some(place) = name.text.strip_prefix("rate of ").and_then(|p| self.populations.iter().position(|q| q == p)) {
            return Some(Score::Rate(place));
        }
        if name.text == "trials per minute" {
            return Some(Score::Pace);
        }
        let mut known: Vec<String> = of_task.to_vec();
        known.extend(self.measures.iter().cloned());
        known.extend(self.populations.iter().map(|p| format!("rate of {p}")));
        known.push("trials per minute".into());
        diagnostics.push(
            Diagnostic::error("unknown-score", name.span, format!("block `{block}` has no score `{}`", name.text))
                .help(did_you_mean(&name.text, "scores", &known)),
        );
        None
    }
}

impl Statistic {
    /// Of several numbers; NaN of none.
    pub fn of(self, values: &[f64]) -> f64 {
        let of = |how: Aggregate| how.of(values).filter(|_| !values.is_empty());
        let found = match self {
            Statistic::Mean => of(Aggregate::Mean),
            Statistic::Median => of(Aggregate::Median),
            Statistic::Sum => of(Aggregate::Sum),
            Statistic::Sd => of(Aggregate::Deviation),
            Statistic::Cv => of(Aggregate::Variation),
            Statistic::Max => values.iter().copied().reduce(f64::max),
            Statistic::Min => values.iter().copied().reduce(f64::min),
        };
        found.unwrap_or(f64::NAN)
    }
}

fn listed(key: &str, known: &[String]) -> String {
    format!("{key}s: {}", known.join(", "))
}

/// A number from 1, or a list of them.
fn numbers(table: &Table, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<u32> {
    let Some(value) = table.get(key) else { return Vec::new() };
    let mut one = |value: &Value| match &value.kind {
        ValueKind::Integer(n) if (1..=i64::from(u32::MAX)).contains(n) => Some(*n as u32),
        ValueKind::Faulty => None,
        _ => {
            diagnostics.push(wrong_type(value, key, "a number from 1, or a list of them", &format!("write {key} = 5 or {key} = [1, 2]")));
            None
        }
    };
    match &value.kind {
        ValueKind::Array(items) => items.iter().filter_map(one).collect(),
        _ => one(value).into_iter().collect(),
    }
}

/// `all`, `first 3`, `last 3`.
fn trials(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Trials> {
    if table.get("trials").is_none() {
        return Some(Trials::All);
    }
    let text = table.text("trials", diagnostics)?;
    let words: Vec<&str> = text.text.split_whitespace().collect();
    let found = match words[..] {
        ["all"] => Some(Trials::All),
        [word, n] => n.parse().ok().filter(|n| *n > 0).and_then(|n| match word {
            "first" => Some(Trials::First(n)),
            "last" => Some(Trials::Last(n)),
            _ => None,
        }),
        _ => None,
    };
    if found.is_none() {
        diagnostics.push(
            Diagnostic::error("unknown-trials", text.span, format!("`{}` is no choice of trials", text.text)).help("write \"all\", \"first 3\" or \"last 3\""),
        );
    }
    found
}

/// `statistic` of a choice or a measure; the mean unless it is said.
pub(super) fn statistic(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Statistic> {
    if table.get("statistic").is_none() {
        return Some(Statistic::Mean);
    }
    let text = table.text("statistic", diagnostics)?;
    let found = STATISTICS.iter().find(|(word, _)| *word == text.text).map(|(_, s)| *s);
    if found.is_none() {
        let names: Vec<String> = STATISTICS.iter().map(|s| s.0.to_string()).collect();
        diagnostics.push(Diagnostic::error("unknown-statistic", text.span, format!("there is no statistic `{}`", text.text)).help(did_you_mean(
            &text.text,
            "statistics",
            &names,
        )));
    }
    found
}

/// `better = "lower"`; higher unless it is said.
pub(super) fn lower_is_better(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<bool> {
    if table.get("better").is_none() {
        return Some(false);
    }
    let text = table.text("better", diagnostics)?;
    match text.text.as_str() {
        "higher" => Some(false),
        "lower" => Some(true),
        _ => {
            diagnostics.push(
                Diagnostic::error("unknown-word", text.span, "`better` is \"higher\" or \"lower\"").help("write better = \"lower\" for errors and intervals"),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::diary::{Reading, Trial};
    use super::*;

    fn diary() -> Diary {
        let entry = |day: u32, nth: u32, errors: &[f64]| Entry {
            block: "test".into(),
            day,
            nth,
            in_day: 1,
            length_s: 30.0,
            acceleration: 1.0,
            rates: vec![2.0],
            trials: errors.iter().map(|e| Trial { scores: vec![None, Some(*e)], ..Trial::default() }).collect(),
            after: vec![("chain".into(), Reading::of([0.5], 1))],
            ..Entry::default()
        };
        Diary { group: "g".into(), subject: 1, blocks: vec![entry(1, 1, &[4.0, 2.0]), entry(2, 2, &[1.0, 1.0, 4.0])] }
    }

    fn check(choice: &str, expected: f64) {
        let mut sources = plastica_lang::source::Sources::default();
        let id = sources.add("a.toml", choice);
        let mut diagnostics = Vec::new();
        let table = plastica_lang::source::parse_toml(&sources, id, &mut diagnostics);
        let scores = vec!["correct".to_string(), "errors".to_string()];
        let words =
            Vocabulary { groups: &["g".into()], blocks: &[("test".into(), scores.clone())], measures: &["chain".into()], populations: &["PM_E".into()] };
        let select = Select::parse(&table, &Table::default(), &words, &mut diagnostics).unwrap_or_else(|| panic!("{choice}: {diagnostics:?}"));
        let value = select.of_subject(&diary(), &scores);
        assert!(value == expected || (value.is_nan() && expected.is_nan()), "{choice}: {value}");
    }

    #[test]
    fn scores_are_chosen_by_day_trial_and_statistic() {
        let base = "group = \"g\"\nblock = \"test\"\n";
        check(&format!("{base}score = \"errors\""), 2.4);
        check(&format!("{base}score = \"errors\"\nday = 2"), 2.0);
        check(&format!("{base}score = \"errors\"\nday = [1]\nstatistic = \"sum\""), 6.0);
        check(&format!("{base}score = \"errors\"\ntrials = \"last 1\""), 3.0);
        check(&format!("{base}score = \"errors\"\ntrials = \"first 1\"\nnth = 1"), 4.0);
        check(&format!("{base}score = \"errors\"\nday = 7"), f64::NAN);
        check(&format!("{base}score = \"correct\""), f64::NAN);
        check(&format!("{base}score = \"chain\"\nday = 1"), 0.5);
        check(&format!("{base}score = \"rate of PM_E\""), 2.0);
        check(&format!("{base}score = \"trials per minute\"\nday = 1"), 4.0);
    }
}
