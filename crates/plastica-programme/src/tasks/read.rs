//! Reads the keys of a task's table: times, shares, groups of neurons and what is set in them.
//!
//! Each reading function remembers its key, so that [`read`] can report the keys that nobody asked for. A fault gives the
//! default, and a diagnostic that keeps the task from being made; so all faults of a table are found at once.

use std::ops::RangeInclusive;

use plastica_lang::check::check_quantity;
use plastica_lang::source::{Diagnostic, Span, Table, Value, ValueKind};
use plastica_lang::units::Dimension;

use super::{Drive, GroupBy, Groups};

/// Times are not longer, so that steps can be counted.
const LONGEST_S: f64 = 1e9;
/// Windows are not longer: each of their steps takes memory.
const LONGEST_WINDOW_S: f64 = 10.0;

/// A table, and which of its keys are known.
pub(super) struct Reader<'a, 'd> {
    /// What it is, for messages.
    what: &'static str,
    pub table: &'a Table,
    known: Vec<&'static str>,
    pub diagnostics: &'d mut Vec<Diagnostic>,
    /// What the amounts of a drive are in, once one has been read.
    dimension: Option<Dimension>,
}

/// Reads a table with `f`; `None` if there was a fault in it.
pub(super) fn read<R>(what: &'static str, table: &Table, diagnostics: &mut Vec<Diagnostic>, f: impl FnOnce(&mut Reader<'_, '_>) -> Option<R>) -> Option<R> {
    let errors = |diagnostics: &[Diagnostic]| diagnostics.iter().filter(|d| d.is_error()).count();
    let before = errors(diagnostics);
    let mut reader = Reader { what, table, known: vec!["kind"], diagnostics, dimension: None };
    let result = f(&mut reader);
    let known = std::mem::take(&mut reader.known);
    table.known_keys(what, &known, diagnostics);
    // What TOML could not read has been reported before, and has no value here.
    let is_whole = table.entries.iter().all(|(_, value)| !is_faulty(value));
    result.filter(|_| is_whole && errors(diagnostics) == before)
}

fn is_faulty(value: &Value) -> bool {
    match &value.kind {
        ValueKind::Faulty => true,
        ValueKind::Array(items) => items.iter().any(is_faulty),
        _ => false,
    }
}

impl<'a> Reader<'a, '_> {
    /// Reports that a key must be there.
    pub fn missing(&mut self, key: &str, example: &str) {
        self.report("missing-key", self.table.span, format!("{} has no `{key}`", self.what), format!("add {key} = {example}"));
    }

    /// Reports a fault.
    pub fn report(&mut self, id: &'static str, span: Span, message: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(id, span, message).help(help));
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.table.get(key)
    }

    /// Place of a value, or of the table.
    pub fn span(&self, key: &str) -> Span {
        self.table.get(key).map_or(self.table.span, |v| v.span)
    }

    /// A constant in SI units and its dimension.
    pub fn quantity(&mut self, key: &str, value: &Value, expected: Option<Dimension>) -> Option<(f64, Dimension)> {
        if let ValueKind::Boolean(_) = value.kind {
            self.report("wrong-type", value.span, format!("`{key}` must be a number, but this is true or false"), "write a number or a quantity");
            return None;
        }
        check_quantity(value, expected, self.diagnostics)
    }

    /// Seconds in this range.
    fn seconds(&mut self, key: &'static str, default: f64, range: RangeInclusive<f64>, wanted: &str) -> f64 {
        let Some(value) = self.get(key) else { return default };
        match self.quantity(key, value, Some(Dimension::SECOND)) {
            Some((time, _)) if range.contains(&time) => time,
            Some((time, _)) => {
                self.report("out-of-range", value.span, format!("`{key}` must be {wanted}, but this is {time} s"), "write a time such as \"20 ms\"");
                default
            }
            None => default,
        }
    }

    /// A time above 0, in seconds.
    pub fn time(&mut self, key: &'static str, default: f64) -> f64 {
        self.seconds(key, default, f64::MIN_POSITIVE..=LONGEST_S, "longer than 0 s, and at most 1e9 s")
    }

    /// A time of at least 0, in seconds.
    pub fn time_or_zero(&mut self, key: &'static str, default: f64) -> f64 {
        self.seconds(key, default, 0.0..=LONGEST_S, "at least 0 s, and at most 1e9 s")
    }

    /// The length of a window whose steps are kept, in seconds.
    pub fn window(&mut self, key: &'static str, default: f64) -> f64 {
        self.seconds(key, default, f64::MIN_POSITIVE..=LONGEST_WINDOW_S, "longer than 0 s, and at most 10 s")
    }

    /// A pure number in a range.
    pub fn number(&mut self, key: &'static str, default: f64, range: RangeInclusive<f64>) -> f64 {
        let Some(value) = self.get(key) else { return default };
        match self.quantity(key, value, Some(Dimension::NONE)) {
            Some((x, _)) if range.contains(&x) => x,
            Some((x, _)) => {
                let (low, high) = (range.start(), range.end());
                let wanted = if high.is_finite() { format!("from {low} to {high}") } else { format!("at least {low}") };
                self.report("out-of-range", value.span, format!("`{key}` must be {wanted}, but this is {x}"), format!("write a number {wanted}"));
                default
            }
            None => default,
        }
    }

    /// A whole number in a range.
    pub fn whole(&mut self, key: &'static str, default: i64, range: RangeInclusive<i64>) -> i64 {
        self.known.push(key);
        match self.table.integer(key, *range.start(), self.diagnostics) {
            Some(i) if i > *range.end() => {
                let message = format!("`{key}` must be at most {}, but this is {i}", range.end());
                self.report("out-of-range", self.span(key), message, format!("write {} or less", range.end()));
                default
            }
            Some(i) => i,
            None => default,
        }
    }

    /// True or false.
    pub fn yes(&mut self, key: &'static str, default: bool) -> bool {
        if self.get(key).is_some() { self.table.boolean(key, self.diagnostics).unwrap_or(default) } else { default }
    }

    /// The items of a list, each read by `f`; at least one.
    pub fn list<T>(&mut self, key: &'static str, example: &str, mut f: impl FnMut(&mut Self, &'a Value) -> Option<T>) -> Vec<T> {
        let Some(value) = self.get(key) else {
            self.missing(key, example);
            return Vec::new();
        };
        let Some(items) = self.table.array(key, self.diagnostics) else { return Vec::new() };
        if items.is_empty() {
            self.report("wrong-length", value.span, format!("`{key}` is empty"), format!("write {key} = {example}"));
        }
        // A list with a fault is no list: what hangs on its length would be reported for nothing.
        let read: Vec<Option<T>> = items.iter().map(|item| f(self, item)).collect();
        read.into_iter().collect::<Option<Vec<T>>>().unwrap_or_default()
    }

    /// A value that `f` makes sense of.
    pub fn value<T>(&mut self, key: &'static str, f: impl FnOnce(&mut Self, &'a Value) -> Option<T>) -> Option<T> {
        let value = self.get(key)?;
        f(self, value)
    }

    /// A text that must be there.
    pub fn word(&mut self, key: &'static str) -> Option<String> {
        self.known.push(key);
        self.table.required_text(self.what, key, self.diagnostics).map(|t| t.text.clone())
    }

    /// A table within the table, if it is there.
    pub fn part<R>(&mut self, key: &'static str, what: &'static str, f: impl FnOnce(&mut Reader<'_, '_>) -> Option<R>) -> Option<R> {
        self.get(key)?;
        read(what, self.table.table(key, self.diagnostics)?, self.diagnostics, |r| {
            // A part has no kind.
            r.known.clear();
            f(r)
        })
    }

    /// A table within the table that must be there.
    pub fn needed<R>(&mut self, key: &'static str, what: &'static str, example: &str, f: impl FnOnce(&mut Reader<'_, '_>) -> Option<R>) -> Option<R> {
        if self.table.get(key).is_none() {
            self.known.push(key);
            self.missing(key, example);
            return None;
        }
        self.part(key, what, f)
    }

    /// Groups that are read; they must be there.
    pub fn groups(&mut self, key: &'static str, at_least: usize) -> Option<Groups> {
        self.needed(key, "a choice of neurons", "{ population = \"...\", each = true }", |r| r.these_groups(at_least))
    }

    /// The keys that choose groups, in the table itself.
    pub fn these_groups(&mut self, at_least: usize) -> Option<Groups> {
        self.known.push("population");
        let population = self.table.required_text(self.what, "population", self.diagnostics).cloned();
        let (by, by_span) = self.sorted(at_least)?;
        let population = population?;
        Some(Groups { span: population.span, population: population.text, by, by_span, at_least })
    }

    /// How the neurons of a population that is known already are sorted.
    pub fn sorting(&mut self, population: &str) -> Option<Groups> {
        // A choice of groups has no kind.
        self.known.clear();
        let (by, by_span) = self.sorted(1)?;
        Some(Groups { population: population.into(), span: self.table.span, by, by_span, at_least: 1 })
    }

    fn sorted(&mut self, at_least: usize) -> Option<(GroupBy, Span)> {
        self.known.extend(["each", "value", "members"]);
        let ways: Vec<&plastica_lang::source::Key> = ["each", "value", "members"].iter().filter_map(|way| self.table.key(way)).collect();
        if let [_, second, ..] = ways[..] {
            let (span, message) = (second.span, format!("{} sorts its neurons twice", self.what));
            self.report("given-twice", span, message, "keep one of `each`, `value` and `members`");
            return None;
        }
        let by_span = ways.first().map_or(self.table.span, |k| self.span(&k.name));
        let by = match ways.first().map(|k| k.name.as_str()) {
            Some("each") if self.table.boolean("each", self.diagnostics)? => GroupBy::Each,
            Some("value") => GroupBy::Value(self.table.text("value", self.diagnostics)?.text.clone()),
            Some("members") => GroupBy::Members(self.members()?),
            _ => GroupBy::All,
        };
        let groups = match &by {
            GroupBy::All => 1,
            GroupBy::Members(names) => names.len(),
            _ => usize::MAX,
        };
        if groups < at_least {
            let message = format!("{} must have at least {at_least} groups, but this gives {groups}", self.what);
            self.report("too-few-groups", by_span, message, "sort the neurons by `each = true`, `value = \"name\"` or `members = [\"name\", ..]`");
            return None;
        }
        Some((by, by_span))
    }

    fn members(&mut self) -> Option<Vec<String>> {
        let items = self.table.array("members", self.diagnostics)?;
        let mut names = Vec::with_capacity(items.len());
        for item in items {
            match &item.kind {
                ValueKind::Text(text) => names.push(text.text.clone()),
                _ => self.report(
                    "wrong-type",
                    item.span,
                    format!("`members` lists names of variables, but this is {}", item.word()),
                    "write members = [\"first\", \"second\"]",
                ),
            }
        }
        (names.len() == items.len()).then_some(names)
    }

    /// What is set in groups: their keys, `variable`, and what `f` reads beside, which holds the amounts.
    pub fn drive<R>(&mut self, key: &'static str, at_least: usize, f: impl FnOnce(&mut Reader<'_, '_>) -> Option<R>) -> Option<(Drive, R)> {
        self.part(key, "a drive", |r| {
            let groups = r.these_groups(at_least);
            let variable = r.word("variable");
            let span = r.span("variable");
            let rest = f(r);
            Some((Drive { groups: groups?, variable: variable?, span, dimension: r.dimension.unwrap_or(Dimension::NONE) }, rest?))
        })
    }

    /// [`Reader::drive`] that must be there.
    pub fn needed_drive<R>(&mut self, key: &'static str, at_least: usize, f: impl FnOnce(&mut Reader<'_, '_>) -> Option<R>) -> Option<(Drive, R)> {
        if self.table.get(key).is_none() {
            self.known.push(key);
            self.missing(key, "{ population = \"...\", each = true, variable = \"...\", amount = 1, length = \"12 ms\" }");
            return None;
        }
        self.drive(key, at_least, f)
    }

    /// How much is set, in SI units; all amounts of a drive have the same dimension.
    pub fn amount(&mut self, key: &'static str) -> f64 {
        if self.table.get(key).is_none() {
            self.missing(key, "1, or a quantity such as \"0.8 mV\"");
        }
        self.amount_or(key, 0.0)
    }

    /// [`Reader::amount`] with a default.
    pub fn amount_or(&mut self, key: &'static str, default: f64) -> f64 {
        let Some(value) = self.get(key) else { return default };
        match self.quantity(key, value, self.dimension) {
            Some((x, dimension)) => {
                self.dimension = Some(dimension);
                x
            }
            None => default,
        }
    }

    /// A list of amounts.
    pub fn amounts(&mut self, key: &'static str) -> Vec<f64> {
        self.list(key, "[\"1 mV\", \"2 mV\"]", |r, item| {
            let (x, dimension) = r.quantity(key, item, r.dimension)?;
            r.dimension = Some(dimension);
            Some(x)
        })
    }
}
