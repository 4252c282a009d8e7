//! `[study]` and `[[group]]`: who lives through what.

use plastica_lang::source::{Diagnostic, Span, Table, ValueKind};

use crate::programme::Programme;
use crate::tables::{doc, wrong_type};
use crate::time::{DAY_US, HOUR_US, YEAR_US, clock_text, duration_value};

/// Age of the subjects of a group that does not say it, in years: development is over.
pub const ADULT_YEARS: f64 = 25.0;
/// Most subjects of a group.
pub const MOST_SUBJECTS: i64 = 100_000;

/// What holds for all groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// What it is about, as written.
    pub doc: String,
    /// When days begin, microseconds since midnight.
    pub morning_us: i64,
    /// Do subjects of the same number have the same circuit in all groups?
    pub paired: bool,
}

/// Subjects who share a programme.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Name.
    pub name: String,
    /// What it is, as written.
    pub doc: String,
    /// How many.
    pub subjects: u32,
    /// Years.
    pub age: f64,
    /// What they live through.
    pub programme: Programme,
    /// Place of its table.
    pub span: Span,
}

impl Study {
    /// Reads `[study]`.
    pub(crate) fn parse(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Study {
        let mut study = Study { doc: String::new(), morning_us: 7 * HOUR_US, paired: true };
        let Some(table) = table.table("study", diagnostics) else { return study };
        table.known_keys("[study]", &["doc", "morning", "paired", "targets"], diagnostics);
        study.doc = doc(table, diagnostics);
        if let Some(us) = table.text("morning", diagnostics).and_then(|text| clock_text(text, diagnostics)) {
            study.morning_us = us % DAY_US;
        }
        study.paired = table.boolean("paired", diagnostics).unwrap_or(true);
        study
    }
}

impl Group {
    /// Reads all `[[group]]`.
    pub(crate) fn parse_all(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Vec<Group> {
        let mut out: Vec<Group> = Vec::new();
        let list = match table.get("group") {
            Some(value) if matches!(value.kind, ValueKind::Table(_)) => {
                diagnostics.push(wrong_type(value, "group", "a list of tables", "write [[group]] with two brackets on each side, and name = \"..\""));
                return out;
            }
            _ => table.array("group", diagnostics).unwrap_or(&[]),
        };
        for value in list {
            let ValueKind::Table(body) = &value.kind else {
                diagnostics.push(wrong_type(value, "group", "a list of tables", "write [[group]], then name, subjects and programme"));
                continue;
            };
            let Some(group) = group(body, diagnostics) else { continue };
            if let Some(first) = out.iter().find(|g| g.name == group.name) {
                let span = body.get("name").map_or(body.span, |v| v.span);
                let fault = Diagnostic::error("given-twice", span, format!("there are two groups `{}`", group.name)).other(first.span, "the first");
                diagnostics.push(fault.help("give each group a name of its own"));
            }
            out.push(group);
        }
        out
    }
}

fn group(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Group> {
    table.known_keys("a group", &["name", "doc", "subjects", "age", "programme", "without"], diagnostics);
    let name = table.required_text("a group", "name", diagnostics);
    if let Some(name) = name {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if name.text.is_empty() || name.text.len() > 80 || !name.text.chars().all(good) {
            let fault = Diagnostic::error("bad-name", name.span, "the name of a group is made of letters, digits, `-` and `_`");
            diagnostics.push(fault.note("tables and files are called after it").help("write a short name, such as \"imagery\"; `doc` may say more"));
        }
    }
    let subjects = table.integer("subjects", 1, diagnostics).unwrap_or(1);
    if subjects > MOST_SUBJECTS {
        let span = table.get("subjects").map_or(table.span, |v| v.span);
        let fault = Diagnostic::error("too-large", span, format!("`subjects` must be at most {MOST_SUBJECTS}, but this is {subjects}"));
        diagnostics.push(fault.help("write fewer subjects"));
    }
    let age = match table.get("age") {
        // The days of a mouse are written as days.
        Some(value) if matches!(value.kind, ValueKind::Text(_)) => {
            duration_value("age", value, diagnostics).map_or(ADULT_YEARS, |us| us as f64 / YEAR_US as f64)
        }
        _ => table.number("age", diagnostics).unwrap_or(ADULT_YEARS),
    };
    if !(0.0..=150.0).contains(&age) {
        let span = table.get("age").map_or(table.span, |v| v.span);
        let fault = Diagnostic::error("out-of-range", span, format!("`age` must be 0 to 150 years, but this is {age}"));
        diagnostics.push(fault.help("write years as a number, such as age = 25, or a text with a unit, such as age = \"28 d\""));
    }
    let programme = table.required_text("a group", "programme", diagnostics).map(|text| Programme::parse(text, diagnostics));
    let subjects = subjects.min(MOST_SUBJECTS) as u32;
    let span = name.map_or(table.span, |n| n.span);
    Some(Group { name: name?.text.clone(), doc: doc(table, diagnostics), subjects, age, programme: programme?, span })
}
