//! Numbers in tables beside the experiment: measurements, oracles, targets.
//!
//! `{ file = "data/x.csv", value = "mean", error = "sem", where = { frequency_hz = "{frequency/Hz}" } }` takes the first row whose
//! columns have these values, and adds `add` to it; `{name}` is the protocol's name and `{rule}` the rule's key.

use plastica_lang::source::{Diagnostic, Span, Table, Text, Value, ValueKind};

use super::cases::Case;
use super::protocol::Keys;
use crate::tables::Folder;

/// A measurement.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// Mean.
    pub value: f64,
    /// Standard error of the mean.
    pub error: f64,
}

impl Published {
    /// Is a simulated value within two standard errors?
    pub fn holds(&self, simulated: f64) -> bool {
        (simulated - self.value).abs() <= 2.0 * self.error
    }

    /// `published` and `error` written beside a protocol.
    pub(super) fn inline(keys: &Keys<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Published> {
        match &keys.own.get("published")?.kind {
            ValueKind::Table(_) => None,
            _ => Some(Published { value: keys.own.number("published", diagnostics)?, error: keys.own.number("error", diagnostics).unwrap_or(0.0) }),
        }
    }
}

/// A table of numbers and how to find one in it.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    pub file: String,
    pub span: Span,
    value: usize,
    error: Option<usize>,
    add: f64,
    conditions: Vec<(usize, Text)>,
    rows: Vec<Vec<String>>,
}

impl Lookup {
    /// Reads the table and finds its columns. `more` are further keys that the caller reads.
    pub fn parse(what: &str, table: &Table, more: &[&str], folder: &Folder, diagnostics: &mut Vec<Diagnostic>) -> Option<Lookup> {
        let known: Vec<&str> = ["file", "value", "error", "add", "where"].iter().chain(more).copied().collect();
        table.known_keys(what, &known, diagnostics);
        let file = table.required_text(what, "file", diagnostics)?;
        let (header, rows) = match folder.records(&file.text) {
            Ok(records) => records,
            Err(message) => {
                diagnostics.push(
                    Diagnostic::error("unreadable-file", file.span, message).label("cannot be read").help("paths are relative to the file that names them"),
                );
                return None;
            }
        };
        let column = |name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>| {
            let found = header.iter().position(|h| h == name);
            if found.is_none() {
                let help = crate::experiment::did_you_mean(name, "columns", &header);
                diagnostics
                    .push(Diagnostic::error("missing-column", span, format!("`{}` has no column `{name}`", file.text)).label("no such column").help(help));
            }
            found
        };
        let value = table.required_text(what, "value", diagnostics).and_then(|t| column(&t.text, t.span, diagnostics));
        let error = match table.text("error", diagnostics) {
            Some(t) => Some(column(&t.text, t.span, diagnostics)?),
            None => None,
        };
        let mut conditions = Vec::new();
        for (key, condition) in table.table("where", diagnostics).map_or(&[][..], |t| &t.entries) {
            let text = match &condition.kind {
                ValueKind::Text(text) => text.clone(),
                ValueKind::Integer(i) => Text::made(i.to_string(), condition.span),
                ValueKind::Float(f) => Text::made(f.to_string(), condition.span),
                _ => {
                    diagnostics.push(crate::experiment::wrong_type(condition, &key.name, "a text or a number", "write { column = \"value\" }"));
                    return None;
                }
            };
            conditions.push((column(&key.name, key.span, diagnostics)?, text));
        }
        let add = table.number("add", diagnostics).unwrap_or(0.0);
        Some(Lookup { file: file.text.clone(), span: table.span, value: value?, error, add, conditions, rows })
    }

    /// As [`Lookup::parse`], of a value that may be there.
    pub fn optional(what: &str, key: &str, table: &Table, more: &[&str], folder: &Folder, diagnostics: &mut Vec<Diagnostic>) -> Option<Lookup> {
        match &table.get(key)?.kind {
            ValueKind::Table(inner) => Lookup::parse(&format!("`{key}` of {what}"), inner, more, folder, diagnostics),
            _ => None,
        }
    }

    /// The number, and its error, for a protocol and a rule.
    pub fn find(&self, case: &Case, also: &[(&str, &str)], diagnostics: &mut Vec<Diagnostic>) -> Option<(f64, f64)> {
        let mut wanted = Vec::with_capacity(self.conditions.len());
        for (column, text) in &self.conditions {
            wanted.push((*column, case.fill(text, also, diagnostics)?));
        }
        let row = self.rows.iter().find(|row| wanted.iter().all(|(c, w)| row.get(*c).is_some_and(|cell| same(cell, w))))?;
        let number = |c: usize| row.get(c).and_then(|cell| cell.parse::<f64>().ok());
        Some((number(self.value)? + self.add, self.error.and_then(number).unwrap_or(0.0)))
    }
}

/// Equal as numbers, or as texts.
fn same(cell: &str, wanted: &str) -> bool {
    match (cell.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
        _ => cell == wanted,
    }
}

/// A value that is a table, or `None`.
pub(crate) fn inner(value: &Value) -> Option<&Table> {
    if let ValueKind::Table(t) = &value.kind { Some(t) } else { None }
}
