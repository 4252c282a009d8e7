//! The tables of a study: lives and tasks (read by `plastica-programme`), measures, rows and figures.

use std::collections::BTreeSet;

use plastica_lang::source::{Diagnostic, Table, Value, ValueKind};
use plastica_network::network::Network;
use plastica_programme::Lives;
use plastica_programme::tasks::{self, GroupBy, Groups, Task};

use super::measure::{Measure, parse_measures};
use super::row::{self, parse_rows};
use super::select::{self, Select, Vocabulary};
use crate::experiment::{Named, Owner, did_you_mean, tables_in, wrong_type};
use crate::tables::Folder;
use crate::targets::Targets;

/// A checked study.
pub struct Study {
    /// Programmes, states, groups.
    pub lives: Lives,
    /// Tasks by name.
    pub tasks: Vec<(String, Box<dyn Task>)>,
    /// Measures.
    pub measures: Vec<Measure>,
    /// Rows.
    pub rows: Vec<row::Asked>,
    /// Figures.
    pub figures: Vec<Figure>,
    /// For each group the names of what is laid over the file for it.
    pub without: Vec<Vec<String>>,
}

impl std::fmt::Debug for Study {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Study").field("lives", &self.lives).field("measures", &self.measures).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Clone for Study {
    fn clone(&self) -> Self {
        Study {
            lives: self.lives.clone(),
            tasks: self.tasks.iter().map(|(name, task)| (name.clone(), task.copy())).collect(),
            measures: self.measures.clone(),
            rows: self.rows.clone(),
            figures: self.figures.clone(),
            without: self.without.clone(),
        }
    }
}

/// A figure of the report.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Figure {
    /// Title.
    pub title: String,
    /// Sentences for readers.
    pub doc: String,
    /// Name of the vertical axis.
    pub label: String,
    /// Unit of the vertical axis.
    pub unit: String,
    /// What it shows.
    pub kind: FigureKind,
    /// One choice of scores for each group that is shown.
    pub choices: Vec<Select>,
}

/// What a figure shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum FigureKind {
    /// A score by day, mean and single subjects, for each group.
    Days,
    /// A score by occurrence of the block.
    Blocks,
    /// A score by trial, occurrences of the block one after another.
    Trials,
    /// A measure that is a matrix, a panel for each day, for each group.
    Matrix,
}

const FIGURES: [(&str, FigureKind); 4] =
    [("days", FigureKind::Days), ("blocks", FigureKind::Blocks), ("trials", FigureKind::Trials), ("matrix", FigureKind::Matrix)];

/// Names of the tables that make a study, besides those of lives.
pub const TABLES: [&str; 7] = ["measure", "row", "figure", "calibration", "sweep", "without", "full"];

/// Reads a study; `None` if there is none, or if it has faults.
pub(crate) fn parse_study(table: &Table, names: &Named<'_>, folder: &Folder, diagnostics: &mut Vec<Diagnostic>) -> Option<Study> {
    if !Lives::are_in(table) {
        for key in TABLES.iter().take(5).filter_map(|name| table.key(name)) {
            diagnostics.push(
                Diagnostic::error("unknown-key", key.span, format!("[{}] belongs to a study, but there is no [[group]]", key.name))
                    .help("write [[group]] with name, subjects and programme"),
            );
        }
        return None;
    }
    let errors = |diagnostics: &[Diagnostic]| diagnostics.iter().filter(|d| d.is_error()).count();
    let before = errors(diagnostics);
    let lives = Lives::parse(table, names, diagnostics);
    let tasks = parse_tasks(table, names, diagnostics);
    let (lives, network) = (lives?, names.network?);
    super::branch::check_shared(&lives, diagnostics);
    let blocks: Vec<String> = lives.blocks.iter().map(|b| b.name.clone()).collect();
    let measures = parse_measures(table, names, &blocks, &tasks, diagnostics);
    let empty = Table::default();
    let about = table.table("study", diagnostics).unwrap_or(&empty);
    let targets = Targets::read(folder, about, diagnostics);
    let study = Study { lives, tasks, measures, rows: Vec::new(), figures: Vec::new(), without: Vec::new() };
    let words = Words::new(&study, network);
    let rows = parse_rows(table, &targets, &words.vocabulary(), diagnostics);
    let figures = parse_figures(table, &words, diagnostics);
    let without = overlays(table, diagnostics);
    let named: Vec<(&str, &str)> = rows.iter().map(|r| (r.id.as_str(), r.quantity.as_str())).collect();
    crate::run::check_calibrations(table, &named, diagnostics);
    crate::run::check_sweeps(table, diagnostics);
    (errors(diagnostics) == before).then_some(Study { rows, figures, without, ..study })
}

fn parse_tasks(table: &Table, names: &Named<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<(String, Box<dyn Task>)> {
    let mut out = Vec::new();
    for (key, body) in crate::experiment::tables(table, "task", diagnostics) {
        let Some(task) = tasks::parse(&key.name, body, diagnostics) else { continue };
        for groups in task.reads() {
            check_groups(groups, names, diagnostics);
        }
        for drive in task.drives() {
            let population = check_groups(&drive.groups, names, diagnostics);
            let model = population.and_then(|p| names.model(Owner::Population, p));
            let Some(model) = model else { continue };
            let found = model.variables.iter().find(|v| v.name == drive.variable);
            let fault = match found {
                None => Some((
                    format!("the model `{}` has no variable `{}`", model.name, drive.variable),
                    format!("declare it in the model: {} : 1", drive.variable),
                )),
                Some(v) if v.flags.shared || v.flags.constant || !matches!(v.role, plastica_lang::model::Role::Plain) => Some((
                    format!("`{}` is not for a task to set", v.name),
                    format!("declare it as a plain variable, without flags and without an equation: {} : ..", v.name),
                )),
                Some(v) if v.dimension != drive.dimension => Some((
                    format!("`{}` is in {}, but the task sets it in {}", v.name, v.dimension, drive.dimension),
                    "give the amounts of the task the unit of the variable".into(),
                )),
                Some(_) => None,
            };
            if let Some((message, help)) = fault {
                diagnostics.push(Diagnostic::error("unknown-variable", drive.span, message).help(help));
            }
        }
        out.push((key.name.clone(), task));
    }
    out
}

/// Checks that the neurons of groups can be found; the index of their population.
pub(super) fn check_groups(groups: &Groups, names: &Named<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let name = plastica_lang::source::Text::made(groups.population.clone(), groups.span);
    let population = names.find(Owner::Population, &name, diagnostics)?;
    let model = names.model(Owner::Population, population)?;
    let wanted: Vec<&String> = match &groups.by {
        GroupBy::Value(name) => vec![name],
        GroupBy::Members(names) => names.iter().collect(),
        GroupBy::All | GroupBy::Each => Vec::new(),
    };
    let known: Vec<String> = model.variables.iter().map(|v| v.name.clone()).chain(model.parameters.iter().map(|p| p.name.clone())).collect();
    for name in wanted.into_iter().filter(|n| !known.contains(n)) {
        diagnostics.push(
            Diagnostic::error("unknown-variable", groups.by_span, format!("the model `{}` has no variable or parameter `{name}`", model.name))
                .help(did_you_mean(name, "variables and parameters", &known)),
        );
    }
    Some(population)
}

/// The names that choices of scores may use.
pub(super) struct Words {
    groups: Vec<String>,
    pub blocks: Vec<(String, Vec<String>)>,
    measures: Vec<String>,
    populations: Vec<String>,
}

impl Words {
    pub fn new(study: &Study, network: &Network) -> Words {
        let scores = |block: &plastica_programme::block::Block| {
            let name = block.plain().and_then(|p| p.task.as_ref());
            let task = name.and_then(|name| study.tasks.iter().find(|(n, _)| n == name));
            task.map_or(Vec::new(), |(_, task)| task.scores().iter().map(|s| s.name.to_string()).collect())
        };
        Words {
            groups: study.lives.groups.iter().map(|g| g.name.clone()).collect(),
            blocks: study.lives.blocks.iter().map(|b| (b.name.clone(), scores(b))).collect(),
            measures: study.measures.iter().flat_map(Measure::readings).collect(),
            populations: network.populations.iter().map(|p| p.name.clone()).collect(),
        }
    }

    pub fn vocabulary(&self) -> Vocabulary<'_> {
        Vocabulary { groups: &self.groups, blocks: &self.blocks, measures: &self.measures, populations: &self.populations }
    }
}

fn parse_figures(table: &Table, words: &Words, diagnostics: &mut Vec<Diagnostic>) -> Vec<Figure> {
    let mut out = Vec::new();
    for own in tables_in(table, "figure", diagnostics) {
        out.extend(figure(own, words, diagnostics));
    }
    out
}

fn figure(table: &Table, words: &Words, diagnostics: &mut Vec<Diagnostic>) -> Option<Figure> {
    let what = "a figure";
    table.known_keys(what, &[&["title", "doc", "label", "unit", "by", "groups"][..], &select::KEYS].concat(), diagnostics);
    let mut text = |key: &str| table.text(key, diagnostics).map(|t| t.text.clone());
    let (title, doc, label, unit) = (text("title"), text("doc"), text("label"), text("unit"));
    let by = table.required_text(what, "by", diagnostics)?;
    let Some((_, kind)) = FIGURES.iter().find(|(word, _)| *word == by.text) else {
        let known: Vec<String> = FIGURES.iter().map(|f| f.0.to_string()).collect();
        diagnostics.push(
            Diagnostic::error("unknown-figure", by.span, format!("there are no figures by `{}`", by.text)).help(did_you_mean(&by.text, "figures", &known)),
        );
        return None;
    };
    let groups: Vec<String> = match table.get("groups") {
        Some(_) => strings(table, "groups", diagnostics)?,
        None => words.groups.clone(),
    };
    let mut choices = Vec::with_capacity(groups.len());
    for group in groups {
        let key = plastica_lang::source::Key { name: "group".into(), span: table.span };
        let value =
            Value { kind: ValueKind::Text(plastica_lang::source::Text::made(group, table.get("groups").map_or(table.span, |v| v.span))), span: table.span };
        let own = Table { span: table.span, entries: vec![(key, value)] };
        choices.push(Select::parse(&own, table, &words.vocabulary(), diagnostics)?);
    }
    let label = label.or_else(|| table.text("score", diagnostics).map(|t| t.text.clone())).unwrap_or_default();
    Some(Figure { title: title.unwrap_or_else(|| label.clone()), doc: doc.unwrap_or_default(), label, unit: unit.unwrap_or_default(), kind: *kind, choices })
}

/// The texts of a list.
pub(crate) fn strings(table: &Table, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
    let mut out = Vec::new();
    for item in table.array(key, diagnostics)? {
        match &item.kind {
            ValueKind::Text(text) => out.push(text.text.clone()),
            _ => {
                diagnostics.push(wrong_type(item, key, "a list of names", &format!("write {key} = [\"first\", \"second\"]")));
                return None;
            }
        }
    }
    Some(out)
}

/// `without = ["ltd"]` of each group: names of `[without.*]`.
fn overlays(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Vec<Vec<String>> {
    let known: BTreeSet<String> = match table.get("without").map(|v| &v.kind) {
        Some(ValueKind::Table(t)) => t.entries.iter().map(|(k, _)| k.name.clone()).collect(),
        _ => BTreeSet::new(),
    };
    let mut out = Vec::new();
    for group in tables_in(table, "group", diagnostics) {
        let names = if group.get("without").is_some() { strings(group, "without", diagnostics).unwrap_or_default() } else { Vec::new() };
        for name in names.iter().filter(|n| !known.contains(*n)) {
            let span = group.get("without").map_or(group.span, |v| v.span);
            diagnostics.push(unknown_overlay(name, &known.iter().cloned().collect::<Vec<_>>(), span));
        }
        out.push(names);
    }
    out
}

/// There is no `[without.NAME]`.
pub(crate) fn unknown_overlay(name: &str, known: &[String], span: plastica_lang::source::Span) -> Diagnostic {
    Diagnostic::error("unknown-overlay", span, format!("there is no [without.{name}]")).help(did_you_mean(name, "ablations", known))
}
