//! `[study]` and `[[group]]`: who lives through what.

use plastica_lang::source::{Diagnostic, Span, Table, ValueKind};

use crate::programme::Programme;
use crate::tables::{did_you_mean, doc, wrong_type};
use crate::time::{DAY_US, HOUR_US, Moment, YEAR_US, clock_text, duration_value, read_moment};

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
    /// What they live through; of a group with a shared past the whole life, of which only the later part is lived.
    pub programme: Programme,
    /// Whose past they have.
    pub from: Option<SharedPast>,
    /// Place of its table.
    pub span: Span,
}

/// The past that the subjects of a group share with those of another.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedPast {
    /// Name of the other group.
    pub group: String,
    /// Until when.
    pub at: Moment,
    /// Place of the name.
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
        check_pasts(&out, diagnostics);
        out
    }
}

/// Checks that the other group of each shared past is there, and has a past of its own.
fn check_pasts(groups: &[Group], diagnostics: &mut Vec<Diagnostic>) {
    for (group, from) in groups.iter().filter_map(|g| Some((g, g.from.as_ref()?))) {
        let fault = match groups.iter().find(|g| g.name == from.group) {
            Some(other) if other.name == group.name => Diagnostic::error("bad-past", from.span, format!("`{}` cannot begin from itself", group.name))
                .help("name another group, or leave out `from` and `at`"),
            Some(other) => match &other.from {
                None => continue,
                Some(first) => Diagnostic::error("bad-past", from.span, format!("`{}` itself begins from the state of `{}`", other.name, first.group))
                    .help(format!("begin from `{}`, and write the whole life into the programme", first.group)),
            },
            None => {
                let known = groups.iter().map(|g| g.name.as_str()).filter(|name| *name != group.name);
                Diagnostic::error("unknown-group", from.span, format!("there is no group `{}`", from.group)).help(did_you_mean(&from.group, "groups", known))
            }
        };
        diagnostics.push(fault);
    }
}

/// `from = "control"` and `at = "day 3"`.
fn shared_past(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<SharedPast> {
    let (from, at) = (table.get("from"), table.get("at"));
    if from.is_none() && at.is_none() {
        return None;
    }
    let group = table.required_text("a group with the past of another one", "from", diagnostics);
    let at = table.required_text("a group with the past of another one", "at", diagnostics);
    let (group, at) = (group?, read_moment(at?, diagnostics)?);
    Some(SharedPast { group: group.text.clone(), at, span: group.span })
}

fn group(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Group> {
    table.known_keys("a group", &["name", "doc", "subjects", "age", "programme", "without", "from", "at"], diagnostics);
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
    let from = shared_past(table, diagnostics);
    let subjects = subjects.min(MOST_SUBJECTS) as u32;
    let span = name.map_or(table.span, |n| n.span);
    Some(Group { name: name?.text.clone(), doc: doc(table, diagnostics), subjects, age, programme: programme?, from, span })
}
