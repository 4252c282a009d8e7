//! `[[row]]`: a published number, and how the one that is held against it comes from the scores of a study.
//!
//! `with` names choices of scores (`select.rs`) or of gains (`gain.rs`); `of` says what is made of them.
//!
//! | `of` | the row's value is |
//! | --- | --- |
//! | `"each"` (unless said) | the mean over subjects of the formula `value` |
//! | `"means"` | the formula `value` of the means over subjects |
//! | `"count"` | the number of subjects whose formula `value` is above 0 |
//! | `"effect"` | the standardised mean difference of `a` and `b` (Hedges's g), the mean over studies of `study` subjects a group |
//! | `"distance"` | the mean of `a` less that of `b`, in standard deviations of `b` |
//! | `"p"` | the probability of a difference as large where there is none: Welch's t-test, of pairs with `paired = true` |
//! | `"correlation"` | Pearson's correlation of `value` and `against` over subjects; with `rank = true` that of their ranks (Spearman's) |
//! | `"day"` | the day on which the mean of `curve` reaches the mean of `a` |
//! | `"rise"` | the trial at which the mean of `curve` has made `share` of its way to its peak |

use plastica_lang::check::{Known, Names, check_value};
use plastica_lang::evaluate::{Values, evaluate};
use plastica_lang::model::{Builtin, Expr, Function, Scope, ValueType};
use plastica_lang::source::{Diagnostic, Table, ValueKind};
use plastica_lang::units::Dimension;
use plastica_report::statistics::{Bootstrap, Design, mean, paired_t, pearson, reaches, spearman, standard_deviation, welch};
use plastica_report::study::{Contrast, Value, contrast, contrasts_table, paired, studies, values};
use plastica_report::{Grid, Row, Standing, verdict};

use super::diary::Diary;
use super::gain::{self, Choice};
use super::select::{self, Select, Vocabulary, lower_is_better};
use crate::experiment::{did_you_mean, tables_in, wrong_type};
use crate::targets::{Simulated, TARGET_KEYS, Target, Targets};

/// A checked row.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Experiment in the atlas.
    pub id: String,
    /// What it says.
    pub quantity: String,
    /// What it is held against.
    pub target: Target,
    /// Codes of the claims that it bears on.
    pub claim: String,
    /// Other studies found otherwise.
    contradicted: bool,
    /// Fewer subjects (studies, for an effect) than this decide nothing.
    needs: u64,
    /// Named choices of scores.
    with: Vec<(String, Choice)>,
    of: Of,
}

/// What is made of the choices.
#[derive(Clone, Debug)]
enum Of {
    Each(Expr),
    Means(Expr),
    Count(Expr),
    Effect { study: usize, lower_is_better: bool },
    Distance,
    P { paired: bool },
    Correlation { value: Expr, against: Expr, rank: bool },
    Day,
    Rise { share: f64 },
}

const WORDS: [&str; 9] = ["each", "means", "count", "effect", "distance", "p", "correlation", "day", "rise"];

/// Reads all `[[row]]`. `targets` is the table that the study names.
pub(crate) fn parse_rows(table: &Table, targets: &Targets, words: &Vocabulary<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Asked> {
    let mut out = Vec::new();
    for own in tables_in(table, "row", diagnostics) {
        out.extend(parse(own, targets, words, diagnostics));
    }
    out
}

fn parse(table: &Table, targets: &Targets, words: &Vocabulary<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Asked> {
    let what = "a row";
    let own = ["id", "doc", "claim", "with", "of", "value", "against", "rank", "study", "better", "paired", "share", "needs", "contradicted"];
    let known = [&own[..], &TARGET_KEYS, &select::KEYS].concat();
    // What gains have may stand in the row only where there is one, so that it is never silently without effect.
    let known = if has_gain(table) { [&known[..], &gain::KEYS].concat() } else { known };
    table.known_keys(what, &known, diagnostics);
    let id = table.required_text(what, "id", diagnostics)?.text.clone();
    let (quantity, target) = targets.of_row(what, &id, table, diagnostics)?;
    let claim = table.text("claim", diagnostics).map(|t| t.text.clone()).unwrap_or_default();
    let with = choices(table, words, diagnostics)?;
    let of = of(table, &with, diagnostics)?;
    let needs = if table.get("needs").is_some() { table.integer("needs", 1, diagnostics)? as u64 } else { 1 };
    let contradicted = table.get("contradicted").is_some() && table.boolean("contradicted", diagnostics)?;
    Some(Asked { id, quantity, target, claim, contradicted, needs, with, of })
}

/// Is a choice of the row a gain?
fn has_gain(table: &Table) -> bool {
    let ValueKind::Table(with) = table.get("with").map_or(&ValueKind::Faulty, |v| &v.kind) else { return false };
    table.get("gain").is_some() || with.entries.iter().any(|(_, v)| matches!(&v.kind, ValueKind::Table(own) if own.get("gain").is_some()))
}

fn choices(table: &Table, words: &Vocabulary<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<(String, Choice)>> {
    if table.get("with").is_none() {
        diagnostics.push(
            Diagnostic::error("missing-key", table.span, "a row has no `with`").help("add with = { a = { day = 1 }, b = { day = 5 } }: choices of scores"),
        );
        return None;
    }
    let mut out = Vec::new();
    for (key, value) in &table.table("with", diagnostics)?.entries {
        match &value.kind {
            ValueKind::Table(own) => {
                out.push((key.name.clone(), Choice::parse(own, table, words, diagnostics)?));
            }
            _ => {
                diagnostics.push(wrong_type(value, &key.name, "a choice of scores", "write { block = \"test\", day = 5, score = \"errors\" }"));
                return None;
            }
        }
    }
    Some(out)
}

fn of(table: &Table, with: &[(String, Choice)], diagnostics: &mut Vec<Diagnostic>) -> Option<Of> {
    let word = if table.get("of").is_some() { table.text("of", diagnostics)?.clone() } else { plastica_lang::source::Text::made("each", table.span) };
    let formula_of = |key: &str, diagnostics: &mut Vec<Diagnostic>| {
        let Some(value) = table.get(key) else {
            diagnostics.push(
                Diagnostic::error("missing-key", table.span, format!("a row has no `{key}`"))
                    .help(format!("add a formula of the choices: {key} = \"100*(after/before - 1)\"")),
            );
            return None;
        };
        check_value(value, &Choices(with), Some(Dimension::NONE), diagnostics)
    };
    let formula = |diagnostics: &mut Vec<Diagnostic>| formula_of("value", diagnostics);
    let needs = |names: &[&str], diagnostics: &mut Vec<Diagnostic>| {
        let missing = names.iter().find(|n| !with.iter().any(|(name, _)| name == *n));
        if let Some(name) = missing {
            diagnostics.push(
                Diagnostic::error("missing-key", table.span, format!("a row of \"{}\" needs a choice `{name}`", word.text))
                    .help(format!("add it to `with`: {name} = {{ .. }}")),
            );
        }
        let gain = names.contains(&"curve") && with.iter().any(|(name, choice)| name == "curve" && choice.scores().is_none());
        if gain {
            let fault = Diagnostic::error("wrong-choice", table.span, format!("the `curve` of a row of \"{}\" is of scores, not a gain", word.text));
            diagnostics.push(fault.help("choose a score: curve = { block = \"practice\", score = \"interval_mean\" }"));
        }
        (missing.is_none() && !gain).then_some(())
    };
    let yes = |key: &str, diagnostics: &mut Vec<Diagnostic>| table.get(key).is_some() && table.boolean(key, diagnostics).unwrap_or(false);
    Some(match word.text.as_str() {
        "each" => Of::Each(formula(diagnostics)?),
        "means" => Of::Means(formula(diagnostics)?),
        "count" => Of::Count(formula(diagnostics)?),
        "effect" => {
            needs(&["a", "b"], diagnostics)?;
            let study = if table.get("study").is_some() { table.integer("study", 2, diagnostics)? as usize } else { usize::MAX };
            Of::Effect { study, lower_is_better: lower_is_better(table, diagnostics)? }
        }
        "distance" => needs(&["a", "b"], diagnostics).map(|()| Of::Distance)?,
        "p" => needs(&["a", "b"], diagnostics).map(|()| Of::P { paired: yes("paired", diagnostics) })?,
        "correlation" => {
            let (value, against) = (formula(diagnostics), formula_of("against", diagnostics));
            Of::Correlation { value: value?, against: against?, rank: yes("rank", diagnostics) }
        }
        "day" => needs(&["a", "curve"], diagnostics).map(|()| Of::Day)?,
        "rise" => {
            needs(&["curve"], diagnostics)?;
            let share = if table.get("share").is_some() { table.number("share", diagnostics)? } else { 0.95 };
            Of::Rise { share }
        }
        other => {
            diagnostics.push(Diagnostic::error("unknown-row", word.span, format!("a row cannot be of \"{other}\"")).help(did_you_mean(
                other,
                "kinds of row",
                &WORDS.map(String::from),
            )));
            return None;
        }
    })
}

/// The names of a row's choices, as names of a formula.
struct Choices<'a>(&'a [(String, Choice)]);

impl Names for Choices<'_> {
    fn find(&self, name: &str) -> Option<Known> {
        self.0.iter().find(|(n, _)| n == name).map(|_| Known {
            scope: Scope::Own,
            name: name.into(),
            dimension: Some(Dimension::NONE),
            value_type: ValueType::Real,
            writable: false,
        })
    }

    fn all(&self) -> Vec<String> {
        self.0.iter().map(|(n, _)| n.clone()).collect()
    }

    fn unknown(&self, name: &str) -> String {
        format!("add a choice of this name to `with`: {name} = {{ .. }}")
    }
}

/// Values of the choices.
struct Chosen<'a>(&'a [(String, f64)]);

impl Values for Chosen<'_> {
    fn name(&mut self, _: Scope, name: &str) -> f64 {
        self.0.iter().find(|(n, _)| n == name).map_or(f64::NAN, |c| c.1)
    }
    fn builtin(&mut self, _: Builtin) -> f64 {
        f64::NAN
    }
    fn random(&mut self, _: Function, _: f64, _: u32) -> f64 {
        f64::NAN
    }
}

/// What a study gave, as rows look at it.
pub struct Outcome<'a> {
    /// All diaries.
    pub diaries: &'a [Diary],
    /// Blocks with the names of the scores of their tasks.
    pub blocks: &'a [(String, Vec<String>)],
    /// Real seconds of the whole study.
    pub seconds: f64,
}

impl Outcome<'_> {
    fn scores(&self, block: &str) -> &[String] {
        self.blocks.iter().find(|b| b.0 == block).map_or(&[], |b| &b.1)
    }

    /// The value of each subject that has one, in their order.
    fn values(&self, choice: &Choice) -> Vec<Value> {
        let select = match choice {
            Choice::Scores(select) => select,
            Choice::Gain(gain) => return gain.values(self.diaries, |block| self.scores(block)),
        };
        let scores = self.scores(&select.block);
        let own = self.diaries.iter().filter(|d| d.group == select.group);
        let each = own.map(|d| Value { group: d.group.clone(), subject: u64::from(d.subject), value: select.of_subject(d, scores) });
        each.filter(|v| v.value.is_finite()).collect()
    }

    /// Mean over subjects for each day.
    fn by_day(&self, select: &Select) -> Vec<(f64, f64)> {
        let scores = self.scores(&select.block);
        let mut days: Vec<(u32, Vec<f64>)> = Vec::new();
        for diary in self.diaries.iter().filter(|d| d.group == select.group) {
            let mut own: Vec<(u32, Vec<f64>)> = Vec::new();
            for entry in select.entries(diary) {
                let values = select.of_entry(entry, scores);
                match own.iter_mut().find(|d| d.0 == entry.day) {
                    Some(day) => day.1.extend(values),
                    None => own.push((entry.day, values)),
                }
            }
            for (day, values) in own {
                let value = select.statistic.of(&values);
                match days.iter_mut().find(|d| d.0 == day) {
                    _ if !value.is_finite() => {}
                    Some(found) => found.1.push(value),
                    None => days.push((day, vec![value])),
                }
            }
        }
        days.sort_by_key(|d| d.0);
        days.into_iter().filter_map(|(day, values)| Some((f64::from(day), mean(&values)?))).collect()
    }

    /// Mean over subjects of the first, second .. chosen trial.
    fn by_trial(&self, select: &Select) -> Vec<f64> {
        let scores = self.scores(&select.block);
        let mut sums: Vec<(f64, f64)> = Vec::new();
        for diary in self.diaries.iter().filter(|d| d.group == select.group) {
            let values = select.entries(diary).map(|e| select.statistic.of(&select.of_entry(e, scores)));
            for (k, value) in values.enumerate() {
                if sums.len() <= k {
                    sums.push((0.0, 0.0));
                }
                if value.is_finite() {
                    sums[k] = (sums[k].0 + value, sums[k].1 + 1.0);
                }
            }
        }
        sums.into_iter().map(|(sum, n)| sum / n).collect()
    }
}

/// Value, spread, number of subjects or studies.
type Found = (Option<f64>, Option<f64>, u64);

impl Asked {
    /// The row of a study.
    pub fn row(&self, outcome: &Outcome<'_>) -> Row {
        let (simulated, spread, n) = self.find(outcome);
        // What is infinite, as a ratio to nothing, is no value.
        let simulated = simulated.filter(|x| x.is_finite());
        let standing = match () {
            () if self.target.calibrated => Standing::Calibrated,
            () if n < self.needs => Standing::Shown,
            () if self.contradicted => Standing::Contradicted,
            () => Standing::Scored,
        };
        let found = Simulated {
            id: self.id.clone(),
            quantity: self.quantity.clone(),
            claim: self.claim.clone(),
            simulated,
            spread,
            n: Some(n),
            seconds: Some(outcome.seconds),
        };
        // What does not exist lies in no interval.
        self.target.row(found, verdict(standing, Some(simulated.unwrap_or(f64::NAN)), self.target.low, self.target.high))
    }

    /// The groups whose subjects it is made of.
    pub fn groups(&self) -> Vec<String> {
        let mut out: Vec<String> = self.with.iter().flat_map(|(_, choice)| choice.groups()).map(String::from).collect();
        out.sort();
        out.dedup();
        out
    }

    fn choice(&self, name: &str) -> Option<&Choice> {
        self.with.iter().find(|(n, _)| n == name).map(|(_, c)| c)
    }

    fn curve(&self) -> Option<&Select> {
        self.choice("curve")?.scores()
    }

    fn find(&self, outcome: &Outcome<'_>) -> Found {
        let of = |name: &str| self.choice(name).map(|s| outcome.values(s)).unwrap_or_default();
        match &self.of {
            Of::Each(expr) => {
                let values = self.each(expr, outcome);
                (mean(&values), standard_deviation(&values), values.len() as u64)
            }
            Of::Count(expr) => {
                let values = self.each(expr, outcome);
                (Some(values.iter().filter(|x| **x > 0.0).count() as f64), None, values.len() as u64)
            }
            Of::Means(expr) => {
                let all: Vec<(String, Vec<f64>)> = self.with.iter().map(|(name, s)| (name.clone(), values(&outcome.values(s)))).collect();
                let n = all.iter().map(|a| a.1.len()).min().unwrap_or(0);
                let means: Vec<(String, f64)> = all.iter().map(|(name, values)| (name.clone(), mean(values).unwrap_or(f64::NAN))).collect();
                (Some(evaluate(expr, &mut Chosen(&means))), None, n as u64)
            }
            Of::Effect { study, lower_is_better } => {
                let (a, b) = (of("a"), of("b"));
                // Groups of a laboratory are different people, also where here the same subjects live in both.
                let sign = if *lower_is_better { -1.0 } else { 1.0 };
                let size = (*study).min(a.len().min(b.len()).max(1));
                let effects: Vec<f64> = studies(&a, &b, size, Design::Independent).into_iter().map(|g| sign * g).collect();
                (mean(&effects), standard_deviation(&effects), effects.len() as u64)
            }
            Of::Distance => {
                let (a, b) = (values(&of("a")), values(&of("b")));
                let distance = standard_deviation(&b).filter(|sd| *sd > 0.0).and_then(|sd| Some((mean(&a)? - mean(&b)?) / sd));
                (distance, None, a.len().min(b.len()) as u64)
            }
            Of::P { paired: pairs } => {
                let (a, b) = (of("a"), of("b"));
                let n = a.len().min(b.len()) as u64;
                let test = if *pairs {
                    let (a, b) = paired(&a, &b);
                    paired_t(&a, &b)
                } else {
                    welch(&values(&a), &values(&b))
                };
                (test.map(|t| t.p), None, n)
            }
            Of::Correlation { value, against, rank } => {
                let pairs: Vec<(f64, f64)> =
                    self.subjects(outcome).iter().map(|own| [value, against].map(|e| evaluate(e, &mut Chosen(own)))).map(|[x, y]| (x, y)).collect();
                let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite()).unzip();
                let found = if *rank { spearman(&x, &y) } else { pearson(&x, &y) };
                (found.map(|found| found.r), None, x.len() as u64)
            }
            Of::Day => {
                let a = values(&of("a"));
                let (days, curve): (Vec<f64>, Vec<f64>) = self.curve().map(|s| outcome.by_day(s)).unwrap_or_default().into_iter().unzip();
                (mean(&a).and_then(|a| reaches(&days, &curve, a)), None, a.len() as u64)
            }
            Of::Rise { share } => {
                let curve = self.curve().map(|s| outcome.by_trial(s)).unwrap_or_default();
                let n = self.curve().map_or(0, |s| outcome.diaries.iter().filter(|d| d.group == s.group).count());
                (risen(&curve, *share), None, n as u64)
            }
        }
    }

    /// The formula for each subject that has all choices.
    fn each(&self, expr: &Expr, outcome: &Outcome<'_>) -> Vec<f64> {
        self.subjects(outcome).iter().map(|own| evaluate(expr, &mut Chosen(own))).filter(|x| x.is_finite()).collect()
    }

    /// The choices of each subject that has all of them, by name.
    fn subjects(&self, outcome: &Outcome<'_>) -> Vec<Vec<(String, f64)>> {
        let all: Vec<(&String, Vec<Value>)> = self.with.iter().map(|(name, s)| (name, outcome.values(s))).collect();
        let Some((_, first)) = all.first() else { return Vec::new() };
        let of = |subject: u64| -> Option<Vec<(String, f64)>> {
            all.iter().map(|(name, values)| values.iter().find(|v| v.subject == subject).map(|v| ((*name).clone(), v.value))).collect()
        };
        first.iter().filter_map(|v| of(v.subject)).collect()
    }

    /// The two groups that the row compares, with interval, tests and power; `None` for a row of another kind.
    fn contrast(&self, outcome: &Outcome<'_>) -> Option<(String, Contrast)> {
        let (design, lower) = match &self.of {
            Of::Effect { lower_is_better, .. } => (Design::Independent, *lower_is_better),
            Of::P { paired: true } => (Design::Paired, false),
            Of::P { paired: false } => (Design::Independent, false),
            _ => return None,
        };
        let (a, b) = (outcome.values(self.choice("a")?), outcome.values(self.choice("b")?));
        let (a, b) = if lower { (b, a) } else { (a, b) };
        Some((format!("{}: {}", self.id, self.quantity), contrast(&a, &b, design, &Bootstrap::default())?))
    }
}

/// All comparisons of groups as a table; `None` if no row compares groups.
pub fn contrasts(rows: &[Asked], outcome: &Outcome<'_>) -> Option<Grid> {
    let named: Vec<(String, Contrast)> = rows.iter().filter_map(|row| row.contrast(outcome)).collect();
    (!named.is_empty()).then(|| contrasts_table(&named))
}

/// The first trial, from 1, at which a curve has made a share of its way from its first value to its peak (the farthest from it).
fn risen(curve: &[f64], share: f64) -> Option<f64> {
    let first = *curve.first()?;
    let peak = curve.iter().copied().filter(|x| x.is_finite()).max_by(|a, b| (a - first).abs().total_cmp(&(b - first).abs()))?;
    (peak != first).then(|| curve.iter().position(|x| (x - first) / (peak - first) >= share).map(|k| k as f64 + 1.0)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rise_counts_trials_from_one() {
        assert_eq!(risen(&[1.0, 2.0, 2.9, 3.0, 2.95], 0.95), Some(3.0));
        assert_eq!(risen(&[400.0, 300.0, 220.0, 200.0], 0.95), Some(4.0));
        assert_eq!(risen(&[1.0, 1.0], 0.95), None);
        assert_eq!(risen(&[], 0.95), None);
    }
}
