//! A choice of a gain from diaries: `{ gain = "controlled", before = { nth = 1 }, after = { nth = 2 } }`.
//!
//! It gives one number for each subject, as a choice of scores does (`select.rs`), so that formulas, effects and correlations may be of gains.
//! How each gain is computed stands in `plastica_report::study`; here is only which trials it is computed of.

use plastica_lang::source::{Diagnostic, Key, Table, Text, Value as TomlValue, ValueKind};
use plastica_report::study::{Aggregate, Better, Place, Span, Trials, Value, Where, micro_gains, overnight_gain, transition_gains};

use super::diary::Diary;
use super::parse::strings;
use super::select::{self, Select, Vocabulary};
use crate::experiment::did_you_mean;

/// Keys that only a gain has.
pub const KEYS: [&str; 6] = ["gain", "before", "after", "scores", "best_of", "better"];

/// What a row chooses: scores, or what was gained.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Scores of trials and measures.
    Scores(Select),
    /// A gain.
    Gain(Gain),
}

/// A gain of each subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Gain {
    way: Way,
    better: Better,
    /// How many trials are taken on each side.
    best_of: usize,
    /// For each score: the trials before and after; of gains between bouts, the bouts alone.
    sides: Vec<Vec<Select>>,
}

/// Which gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Classic,
    Unselected,
    Controlled,
    Slowest,
    Fastest,
    Online,
    Offline,
    Rested,
    Share,
}

const WAYS: [(&str, Way); 9] = [
    ("classic", Way::Classic),
    ("unselected", Way::Unselected),
    ("controlled", Way::Controlled),
    ("slowest", Way::Slowest),
    ("fastest", Way::Fastest),
    ("online", Way::Online),
    ("offline", Way::Offline),
    ("rested", Way::Rested),
    ("share", Way::Share),
];

impl Choice {
    /// Reads a choice of a row; keys that it does not have come from the row, `outer`.
    pub fn parse(own: &Table, outer: &Table, words: &Vocabulary<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Choice> {
        if own.get("gain").or(outer.get("gain")).is_none() {
            own.known_keys("a choice of scores", &select::KEYS, diagnostics);
            return Select::parse(own, outer, words, diagnostics).map(Choice::Scores);
        }
        let known: Vec<&str> = select::KEYS.into_iter().filter(|key| *key != "statistic").chain(KEYS).collect();
        own.known_keys("a choice of a gain", &known, diagnostics);
        Gain::parse(&over(own, outer), words, diagnostics).map(Choice::Gain)
    }

    /// The scores; `None` of a gain.
    pub fn scores(&self) -> Option<&Select> {
        match self {
            Choice::Scores(select) => Some(select),
            Choice::Gain(_) => None,
        }
    }

    /// The groups that it chooses from.
    pub fn groups(&self) -> Vec<&str> {
        match self {
            Choice::Scores(select) => vec![&select.group],
            Choice::Gain(gain) => gain.sides.iter().flatten().map(|select| select.group.as_str()).collect(),
        }
    }
}

impl Gain {
    /// Reads a gain whose row is laid under it.
    fn parse(table: &Table, words: &Vocabulary<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Gain> {
        let word = table.text("gain", diagnostics)?.clone();
        let Some((_, way)) = WAYS.iter().find(|(w, _)| *w == word.text) else {
            let known = WAYS.map(|w| w.0.to_string());
            let fault = Diagnostic::error("unknown-gain", word.span, format!("there is no gain `{}`", word.text));
            diagnostics.push(fault.help(did_you_mean(&word.text, "gains", &known)));
            return None;
        };
        let better = if select::lower_is_better(table, diagnostics)? { Better::Lower } else { Better::Higher };
        let best_of = if table.get("best_of").is_some() { table.integer("best_of", 1, diagnostics)? as usize } else { 3 };
        let names = way.names(table, diagnostics)?;
        let mut sides = Vec::new();
        for name in &names {
            let scored = name.as_ref().map_or_else(|| table.clone(), |name| over(&score(name, word.span), table));
            let mut own = Vec::new();
            for side in way.sides() {
                let chosen = match side {
                    Some(key) if table.get(key).is_none() => {
                        let fault = Diagnostic::error("missing-key", word.span, format!("the gain \"{}\" needs `{key}`", word.text));
                        diagnostics.push(fault.help(format!("say which trials: {key} = {{ nth = 1 }}")));
                        return None;
                    }
                    Some(key) => {
                        let own = table.table(key, diagnostics)?;
                        let known: Vec<&str> = select::KEYS.into_iter().filter(|key| !["statistic", "score"].contains(key)).collect();
                        own.known_keys(&format!("`{key}` of a gain"), &known, diagnostics);
                        Select::parse(own, &scored, words, diagnostics)?
                    }
                    None => Select::parse(&scored, &Table::default(), words, diagnostics)?,
                };
                own.push(chosen);
            }
            sides.push(own);
        }
        Some(Gain { way: *way, better, best_of, sides })
    }

    /// The value of each subject that has one. `scores` gives the names of the scores of a block's task.
    pub fn values<'s>(&self, diaries: &[Diary], scores: impl Fn(&str) -> &'s [String]) -> Vec<Value> {
        let names: Vec<String> = (0..self.sides.len()).map(|k| k.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let trials = self.trials(&names, diaries, scores);
        // What is before stands on day 0 of the table, what is after on day 1, whenever it was.
        let sides = [0.0, 1.0].map(|day| Where { day: Some(Span::only(day)), ..Where::default() });
        let [before, after] = &sides;
        let (first, both) = (names.first().copied().unwrap_or_default(), [before, after]);
        let overnight = || overnight_gain(&trials, first, both, self.best_of, self.better);
        let transitions = || transition_gains(&trials, &names, both, Aggregate::Mean, self.better);
        let bouts = |of: fn(&plastica_report::study::Micro) -> Option<f64>| {
            let each = micro_gains(&trials, first, before, self.better)?.into_iter();
            Ok(each.filter_map(|m| of(&m).map(|value| Value { group: m.group.clone(), subject: m.subject, value })).collect())
        };
        let found: Result<Vec<Value>, plastica_report::study::Unfit> = match self.way {
            Way::Classic => overnight().map(|g| g.classic),
            Way::Unselected => overnight().map(|g| g.unselected),
            Way::Controlled => overnight().map(|g| g.controlled),
            Way::Slowest => transitions().map(|[slowest, _]| slowest),
            Way::Fastest => transitions().map(|[_, fastest]| fastest),
            Way::Online => bouts(|m| Some(m.online.iter().sum())),
            Way::Offline => bouts(|m| Some(m.offline.iter().sum())),
            Way::Rested => bouts(|m| Some(m.rested.iter().sum())),
            Way::Share => bouts(|m| m.share()),
        };
        // Its names are those of the table, so nothing is missing.
        found.unwrap_or_default().into_iter().filter(|v| v.value.is_finite()).collect()
    }

    /// The chosen trials as a table with a column for each score; each line has one of them.
    fn trials<'s>(&self, names: &[&str], diaries: &[Diary], scores: impl Fn(&str) -> &'s [String]) -> Trials {
        let mut out = Trials::new(names.iter().copied());
        for (column, sides) in self.sides.iter().enumerate() {
            for (side, select) in sides.iter().enumerate() {
                for diary in diaries.iter().filter(|d| d.group == select.group) {
                    for entry in select.entries(diary) {
                        for (k, value) in select.of_entry(entry, scores(&select.block)).into_iter().enumerate() {
                            let place = Place {
                                group: diary.group.clone(),
                                subject: u64::from(diary.subject),
                                day: side as f64,
                                block: entry.block.clone(),
                                nth: f64::from(entry.nth),
                                trial: k as f64,
                            };
                            let mut line = vec![f64::NAN; names.len()];
                            line[column] = value;
                            // The line has as many values as there are names.
                            let _ = out.push(place, &line);
                        }
                    }
                }
            }
        }
        out
    }
}

impl Way {
    /// The keys of the trials on each side; `None` where a choice is itself what is meant.
    fn sides(self) -> &'static [Option<&'static str>] {
        match self {
            Way::Online | Way::Offline | Way::Rested | Way::Share => &[None],
            _ => &[Some("before"), Some("after")],
        }
    }

    /// The scores of a gain; `None` for the one that its choices name themselves.
    fn names(self, table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Option<Text>>> {
        if !matches!(self, Way::Slowest | Way::Fastest) {
            return Some(vec![None]);
        }
        let list = strings(table, "scores", diagnostics).unwrap_or_default();
        if list.len() < 2 {
            let span = table.get("scores").map_or(table.span, |v| v.span);
            let fault = Diagnostic::error("missing-key", span, "the slowest and the fastest are told apart among several `scores`");
            diagnostics.push(fault.help("name one score for each transition: scores = [\"transition_1\", \"transition_2\"]"));
            return None;
        }
        let span = table.get("scores").map_or(table.span, |v| v.span);
        Some(list.into_iter().map(|name| Some(Text::made(name, span))).collect())
    }
}

/// A table with what another one has besides.
fn over(own: &Table, outer: &Table) -> Table {
    let mut out = own.clone();
    // `with` holds the choices themselves.
    out.entries.extend(outer.entries.iter().filter(|(key, _)| own.get(&key.name).is_none() && key.name != "with").cloned());
    out
}

/// `score = "NAME"` as a table.
fn score(name: &Text, span: plastica_lang::source::Span) -> Table {
    Table { span, entries: vec![(Key { name: "score".into(), span }, TomlValue { kind: ValueKind::Text(name.clone()), span })] }
}

#[cfg(test)]
mod tests {
    use super::super::diary::{Entry, Trial};
    use super::*;

    const SCORES: [&str; 2] = ["a", "b"];

    /// Two bouts of practice on the first day and one on the second: `a` falls within each bout and recovers across the rest; `b` stays.
    fn diary() -> Diary {
        let entry = |day: u32, nth: u32, a: &[f64], b: f64| Entry {
            block: "bout".into(),
            day,
            nth,
            in_day: if day == 1 { nth } else { 1 },
            trials: a.iter().map(|a| Trial { scores: vec![Some(*a), Some(b)], ..Trial::default() }).collect(),
            ..Entry::default()
        };
        let blocks = vec![entry(1, 1, &[4.0, 5.0], 1.0), entry(1, 2, &[2.0, 4.0], 1.0), entry(2, 3, &[3.0, 1.0], 1.0)];
        Diary { group: "g".into(), subject: 1, blocks }
    }

    fn read(choice: &str, row: &str) -> Result<Choice, Vec<&'static str>> {
        let mut sources = plastica_lang::source::Sources::default();
        let mut diagnostics = Vec::new();
        let id = sources.add("a.toml", choice);
        let own = plastica_lang::source::parse_toml(&sources, id, &mut diagnostics);
        let id = sources.add("b.toml", format!("group = \"g\"\nblock = \"bout\"\n{row}"));
        let outer = plastica_lang::source::parse_toml(&sources, id, &mut diagnostics);
        let scores = SCORES.map(String::from).to_vec();
        let words = Vocabulary { groups: &["g".into()], blocks: &[("bout".into(), scores)], measures: &[], populations: &[] };
        let choice = Choice::parse(&own, &outer, &words, &mut diagnostics);
        choice.filter(|_| diagnostics.is_empty()).ok_or_else(|| diagnostics.iter().map(|d| d.id).collect())
    }

    fn check(choice: &str, row: &str, expected: f64) {
        let Ok(Choice::Gain(gain)) = read(choice, row) else { panic!("{choice}: {:?}", read(choice, row)) };
        let scores = SCORES.map(String::from);
        let found = gain.values(&[diary()], |_| &scores);
        assert_eq!(found.iter().map(|v| (v.subject, v.value)).collect::<Vec<_>>(), [(1, expected)], "{choice}");
    }

    #[test]
    fn gains_are_positive_where_the_score_improved() {
        let night = "score = \"a\"\nbetter = \"lower\"\nbest_of = 1\nbefore = { day = 1, in_day = 2 }\nafter = { day = 2 }";
        check("gain = \"classic\"", night, 0.75);
        check("gain = \"unselected\"", night, 0.25);
        check("gain = \"controlled\"", night, 0.5);
        check("gain = \"controlled\"\nbetter = \"higher\"", night, -0.25);
        let transitions = "scores = [\"b\", \"a\"]\nbetter = \"lower\"\nbefore = { nth = 2 }\nafter = { nth = 3 }";
        check("gain = \"slowest\"", transitions, 1.0 / 3.0);
        check("gain = \"fastest\"", transitions, 0.0);
        let bouts = "score = \"a\"\nbetter = \"lower\"";
        check("gain = \"online\"", bouts, -1.0);
        check("gain = \"offline\"", bouts, 4.0);
        check("gain = \"rested\"", bouts, 1.0);
        check("gain = \"share\"", bouts, 4.0 / 3.0);
    }

    #[test]
    fn what_a_gain_lacks_is_told() {
        let check = |choice: &str, expected: &[&str]| assert_eq!(read(choice, "score = \"a\"").unwrap_err(), expected, "{choice}");
        check("gain = \"clasic\"", &["unknown-gain"]);
        check("gain = \"classic\"\nbefore = { nth = 1 }", &["missing-key"]);
        check("gain = \"slowest\"\nscores = [\"a\"]", &["missing-key"]);
        check("gain = \"share\"\nstatistic = \"sd\"", &["unknown-key"]);
        check("before = { nth = 1 }", &["unknown-key"]);
        assert!(matches!(read("", "score = \"a\""), Ok(Choice::Scores(_))));
    }
}
