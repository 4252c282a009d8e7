//! `[measure.NAME]`: a number, or a matrix of numbers, read from the circuit at the borders of blocks; from text to a checked measure.
//!
//! What each way of reading means stands in `docs/reference/measures.md`; how it is done, in `bound`.

use plastica_engine::simulation::{Counted, Quantity};
use plastica_lang::source::{Diagnostic, Key, Table, ValueKind};
use plastica_programme::tasks::{Groups, Task, parse_groups};

use super::field::{self, Field};
use super::parse::check_groups;
use super::select::{Statistic, statistic};
use crate::experiment::{Named, Owner, counted, tables, wrong_type};

/// A checked measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Name in the file.
    pub name: String,
    /// What is read.
    pub what: Quantity,
    /// Groups of the presynaptic neurons, or of the population's.
    pub from: Option<Groups>,
    /// Groups of the postsynaptic neurons, or of a probe's cells.
    pub to: Option<Groups>,
    /// Cells of the matrix, from 0, whose mean is taken; empty: the whole matrix.
    pub pick: Vec<(usize, usize)>,
    /// Blocks at whose beginning it is read.
    pub before: Vec<String>,
    /// Blocks at whose end it is read.
    pub after: Vec<String>,
    /// What the numbers are.
    pub reads: Reads,
}

/// What the numbers of a measure are.
#[derive(Clone, Debug, PartialEq)]
pub enum Reads {
    /// A statistic of a variable over the elements of each cell.
    Variable(Statistic),
    /// Each synapse after a block beside itself before it.
    Change,
    /// Spikes per neuron and second, of each cell, from the beginning of a block to its end.
    Rate,
    /// Synapses of each cell, or those that have come or gone.
    Count(Counted),
    /// What the cells of a probe answered.
    Probe(Field),
}

const KEYS: [&str; 13] = ["doc", "projection", "population", "variable", "rate", "count", "from", "to", "pick", "statistic", "before", "after", "change"];

/// Reads all `[measure.*]`. `blocks` are the names of all blocks.
pub(crate) fn parse_measures(
    table: &Table,
    names: &Named<'_>,
    blocks: &[String],
    tasks: &[(String, Box<dyn Task>)],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Measure> {
    let mut out = Vec::new();
    for (key, body) in tables(table, "measure", diagnostics) {
        let what = format!("measure `{}`", key.name);
        body.known_keys(&what, &[&KEYS[..], &field::KEYS].concat(), diagnostics);
        if body.get("probe").is_some() {
            out.extend(parse_field(key, body, names, blocks, tasks, diagnostics));
            continue;
        }
        for key in field::KEYS.into_iter().filter_map(|word| body.key(word)) {
            let fault = Diagnostic::error("unknown-key", key.span, format!("{what} has `{}`, but is not read from a probe", key.name));
            diagnostics.push(fault.help("add a line: probe = \"...\", the name of a task of kind \"probe\""));
        }
        out.extend(parse(key, body, names, blocks, diagnostics));
    }
    out
}

fn parse(key: &Key, table: &Table, names: &Named<'_>, blocks: &[String], diagnostics: &mut Vec<Diagnostic>) -> Option<Measure> {
    let what = format!("measure `{}`", key.name);
    let owner = match (table.key("population"), table.key("projection")) {
        (Some(_), None) => Owner::Population,
        (None, Some(_)) => Owner::Projection,
        _ => {
            diagnostics.push(
                Diagnostic::error("missing-key", key.span, format!("{what} needs one of `population` and `projection`"))
                    .help("add a line: projection = \"...\""),
            );
            return None;
        }
    };
    let index = table.text(owner.word(), diagnostics).and_then(|name| names.find(owner, name, diagnostics));
    let flag = |word: &str, diagnostics: &mut Vec<Diagnostic>| table.get(word).is_some() && table.boolean(word, diagnostics).unwrap_or(false);
    let (rate, change) = (flag("rate", diagnostics), flag("change", diagnostics));
    let (count, counts) = (counted(table, diagnostics), table.get("count").is_some());
    let variable = if rate || counts { Some(String::new()) } else { table.required_text(&what, "variable", diagnostics).map(|v| v.text.clone()) };
    if let (Some(index), Some(variable)) = (index, table.text("variable", diagnostics)) {
        names.value(owner, index, variable, diagnostics);
    }
    let mut refuse = |is: &str, words: &[&str], help: &str| {
        for key in words.iter().filter_map(|word| table.key(word)) {
            diagnostics.push(Diagnostic::error("unknown-key", key.span, format!("{what} is {is} and has no `{}`", key.name)).help(help.to_string()));
        }
    };
    if rate {
        let help = "a rate counts the spikes of a `population`, by groups `from`, in the blocks `after` which it is read";
        refuse("a rate", &["projection", "variable", "statistic", "before", "change", "to"], help);
    }
    if counts {
        let help = "a count is of a `projection`: \"synapses\", which may be counted by groups `from` and `to`, or \"grown\" or \"pruned\" since the start";
        refuse("a count", &["population", "variable", "rate", "change", "statistic"], help);
        if matches!(count, Some(Counted::Grown | Counted::Pruned)) {
            refuse("a count", &["from", "to", "pick"], help);
        }
    }
    if change {
        refuse("a change", &["statistic"], &format!("a change has the readings {}", CHANGE.map(|word| format!("`{}.{word}`", key.name)).join(", ")));
    }
    let network = names.network?;
    let (index, variable) = (index?, variable?);
    let (pre, post) = match owner {
        Owner::Population => (index, index),
        Owner::Projection => (network.projections[index].pre, network.projections[index].post),
    };
    let (from, to) = (groups(table, "from", names, pre, diagnostics), groups(table, "to", names, post, diagnostics));
    let pick = pick(table, diagnostics);
    let statistic = statistic(table, diagnostics);
    let (before, after) = borders(key, table, blocks, diagnostics);
    let what = match owner {
        Owner::Population => Quantity::Population(index, variable),
        Owner::Projection => Quantity::Projection(index, variable),
    };
    let reads = match (rate, change) {
        _ if counts => Reads::Count(count?),
        (true, _) => Reads::Rate,
        (_, true) => Reads::Change,
        _ => Reads::Variable(statistic?),
    };
    Some(Measure { name: key.name.clone(), what, from, to, pick, before, after, reads })
}

/// A measure that is read from a probe: its columns are groups `to` of the cells.
fn parse_field(
    key: &Key,
    table: &Table,
    names: &Named<'_>,
    blocks: &[String],
    tasks: &[(String, Box<dyn Task>)],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Measure> {
    let field = Field::parse(key, table, tasks, diagnostics);
    let (before, after) = borders(key, table, blocks, diagnostics);
    let field = field?;
    // The task has reported a population that does not exist.
    let index = names.network?.populations.iter().position(|p| p.name == field.population)?;
    let (to, pick) = (groups(table, "to", names, index, diagnostics), pick(table, diagnostics));
    let what = Quantity::Population(index, String::new());
    Some(Measure { name: key.name.clone(), what, from: None, to, pick, before, after, reads: Reads::Probe(field) })
}

/// The blocks at whose beginning and at whose end a measure is read.
fn borders(key: &Key, table: &Table, blocks: &[String], diagnostics: &mut Vec<Diagnostic>) -> (Vec<String>, Vec<String>) {
    let what = format!("measure `{}`", key.name);
    let mut borders = [Vec::new(), Vec::new()];
    for (word, into) in ["before", "after"].into_iter().zip(&mut borders) {
        for item in table.array(word, diagnostics).unwrap_or(&[]) {
            match &item.kind {
                ValueKind::Text(block) if blocks.contains(&block.text) => into.push(block.text.clone()),
                ValueKind::Text(block) => diagnostics.push(
                    Diagnostic::error("unknown-block", item.span, format!("there is no block `{}`", block.text)).help(crate::experiment::did_you_mean(
                        &block.text,
                        "blocks",
                        blocks,
                    )),
                ),
                _ => diagnostics.push(wrong_type(item, word, "a list of names of blocks", "write after = [\"test\"]")),
            }
        }
    }
    let [before, after] = borders;
    if before.is_empty() && after.is_empty() {
        diagnostics
            .push(Diagnostic::error("missing-key", key.span, format!("{what} is never read")).help("name blocks: before = [\"night\"] or after = [\"test\"]"));
    }
    (before, after)
}

fn groups(table: &Table, key: &'static str, names: &Named<'_>, population: usize, diagnostics: &mut Vec<Diagnostic>) -> Option<Groups> {
    table.get(key)?;
    let own = table.table(key, diagnostics)?;
    let groups = parse_groups(key, &names.network?.populations[population].name, own, diagnostics)?;
    check_groups(&groups, names, diagnostics);
    Some(groups)
}

/// `pick = [[1, 2], [2, 3]]`: row and column, from 1.
fn pick(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for item in table.array("pick", diagnostics).unwrap_or(&[]) {
        let cell = match &item.kind {
            ValueKind::Array(pair) => match &pair[..] {
                [a, b] => match (&a.kind, &b.kind) {
                    (ValueKind::Integer(a), ValueKind::Integer(b)) if *a > 0 && *b > 0 => Some((*a as usize - 1, *b as usize - 1)),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        match cell {
            Some(cell) => out.push(cell),
            None => diagnostics.push(wrong_type(
                item,
                "pick",
                "a list of pairs of numbers from 1",
                "write pick = [[1, 2], [2, 3]]: from the first group to the second, ..",
            )),
        }
    }
    out
}

impl Measure {
    /// The names of what it reads: its own, or those of a change.
    pub fn readings(&self) -> Vec<String> {
        match self.reads {
            Reads::Change => CHANGE.iter().map(|word| format!("{}.{word}", self.name)).collect(),
            _ => vec![self.name.clone()],
        }
    }
}

/// What a change consists of.
const CHANGE: [&str; 4] = ["mean", "share", "slope", "largest"];
