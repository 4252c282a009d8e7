//! `[measure.NAME]`: a number, or a matrix of numbers, read from the circuit at the borders of blocks.
//!
//! Of a projection it is the mean of a variable over the synapses from each group of neurons to each group; of a population, over
//! each group. With `change = true` it compares every synapse after a block with itself before it.
//! With `count` instead of a variable it is the number of synapses from each group to each group, or of those that have grown or been pruned.
//! With `rate = true` instead of a variable it is the mean rate of each group of neurons in hertz, over what of the block has spikes.

use std::collections::HashMap;

use plastica_engine::simulation::{Counted, Quantity, Simulation};
use plastica_lang::source::{Diagnostic, Key, Table, ValueKind};
use plastica_programme::tasks::{Groups, parse_groups};

use plastica_report::study::scaling;

use super::diary::Reading;
use super::groups::{Complaint, Members};
use super::parse::check_groups;
use crate::experiment::{Named, Owner, counted, tables, wrong_type};

/// A checked measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Name in the file.
    pub name: String,
    /// What is read.
    pub what: Quantity,
    /// Groups of the presynaptic neurons, or of the population's.
    from: Option<Groups>,
    /// Groups of the postsynaptic neurons.
    to: Option<Groups>,
    /// Cells of the matrix, from 0, whose mean is taken; empty: the whole matrix.
    pick: Vec<(usize, usize)>,
    /// Blocks at whose beginning it is read.
    pub before: Vec<String>,
    /// Blocks at whose end it is read.
    pub after: Vec<String>,
    /// Compares each synapse after a block with itself before it.
    pub change: bool,
    /// Counts spikes from the beginning of a block to its end, instead of reading a variable.
    pub rate: bool,
    /// Counts synapses, instead of reading a variable.
    pub count: Option<Counted>,
}

const KEYS: [&str; 12] = ["doc", "projection", "population", "variable", "rate", "count", "from", "to", "pick", "before", "after", "change"];

/// Reads all `[measure.*]`. `blocks` are the names of all blocks.
pub(crate) fn parse_measures(table: &Table, names: &Named<'_>, blocks: &[String], diagnostics: &mut Vec<Diagnostic>) -> Vec<Measure> {
    let mut out = Vec::new();
    for (key, body) in tables(table, "measure", diagnostics) {
        out.extend(parse(key, body, names, blocks, diagnostics));
    }
    out
}

fn parse(key: &Key, table: &Table, names: &Named<'_>, blocks: &[String], diagnostics: &mut Vec<Diagnostic>) -> Option<Measure> {
    let what = format!("measure `{}`", key.name);
    table.known_keys(&what, &KEYS, diagnostics);
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
    let rate = table.get("rate").is_some() && table.boolean("rate", diagnostics).unwrap_or(false);
    let count = counted(table, diagnostics);
    let counts = table.get("count").is_some();
    let variable = if rate || counts { Some(String::new()) } else { table.required_text(&what, "variable", diagnostics).map(|v| v.text.clone()) };
    if let (Some(index), Some(variable)) = (index, table.text("variable", diagnostics)) {
        names.value(owner, index, variable, diagnostics);
    }
    for key in ["projection", "variable", "before", "change", "to"].iter().filter(|_| rate).filter_map(|word| table.key(word)) {
        diagnostics.push(
            Diagnostic::error("unknown-key", key.span, format!("{what} is a rate and has no `{}`", key.name))
                .help("a rate counts the spikes of a `population`, by groups `from`, in the blocks `after` which it is read"),
        );
    }
    let of_all = matches!(count, Some(Counted::Grown | Counted::Pruned));
    let wrong = ["population", "variable", "rate", "change"].iter().chain(["from", "to", "pick"].iter().filter(|_| of_all));
    for key in wrong.filter(|_| counts).filter_map(|word| table.key(word)) {
        diagnostics
            .push(Diagnostic::error("unknown-key", key.span, format!("{what} is a count and has no `{}`", key.name)).help(
                "a count is of a `projection`: \"synapses\", which may be counted by groups `from` and `to`, or \"grown\" or \"pruned\" since the start",
            ));
    }
    if counts && count.is_none() {
        return None;
    }
    let network = names.network?;
    let (index, variable) = (index?, variable?);
    let (pre, post) = match owner {
        Owner::Population => (index, index),
        Owner::Projection => (network.projections[index].pre, network.projections[index].post),
    };
    let (from, to) = (groups(table, "from", names, pre, diagnostics), groups(table, "to", names, post, diagnostics));
    let pick = pick(table, diagnostics);
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
    let change = table.get("change").is_some() && table.boolean("change", diagnostics).unwrap_or(false);
    let what = match owner {
        Owner::Population => Quantity::Population(index, variable),
        Owner::Projection => Quantity::Projection(index, variable),
    };
    Some(Measure { name: key.name.clone(), what, from, to, pick, before, after, change, rate, count })
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
        match self.change {
            true => CHANGE.iter().map(|word| format!("{}.{word}", self.name)).collect(),
            false => vec![self.name.clone()],
        }
    }
}

/// What a change consists of.
const CHANGE: [&str; 4] = ["mean", "share", "slope", "largest"];

/// A measure bound to a drawn circuit.
pub struct Bound {
    /// What is measured.
    pub measure: Measure,
    /// Elements of each cell, row by row.
    cells: Vec<Vec<u32>>,
    columns: usize,
    /// Groups of presynaptic and of postsynaptic neurons; none: all are one group.
    sides: [Option<Members>; 2],
    /// How many synapses had come or gone when the cells were found.
    seen: u64,
    /// Values before the block, for a change; for a rate, while its block lasts: spikes of each cell, then seconds.
    earlier: Vec<f64>,
}

impl Bound {
    /// Finds the elements of each cell.
    ///
    /// # Errors
    /// Groups or cells that do not exist, in words.
    pub fn new(measure: &Measure, simulation: &mut Simulation) -> Result<Bound, Complaint> {
        let mut members = |groups: &Option<Groups>| groups.as_ref().map(|g| Members::find(g, simulation)).transpose();
        let (from, to) = (members(&measure.from)?, members(&measure.to)?);
        let (rows, columns) = (from.as_ref().map_or(1, |m| m.neurons.len()), to.as_ref().map_or(1, |m| m.neurons.len()));
        if let Some((row, column)) = measure.pick.iter().find(|(row, column)| *row >= rows || *column >= columns) {
            return Err(format!("measure `{}` picks [{}, {}] of {rows} times {columns} groups", measure.name, row + 1, column + 1));
        }
        let cells = vec![Vec::new(); rows * columns];
        let mut bound = Bound { measure: measure.clone(), cells, columns, sides: [from, to], seen: 0, earlier: Vec::new() };
        bound.find(simulation);
        Ok(bound)
    }

    /// Finds the elements of each cell.
    fn find(&mut self, simulation: &Simulation) {
        let of = |members: &Option<Members>, neuron: u32| members.as_ref().map_or_else(|| vec![0], |m| m.of(neuron).to_vec());
        let ([from, to], columns) = (&self.sides, self.columns);
        self.cells.iter_mut().for_each(Vec::clear);
        match &self.measure.what {
            Quantity::Population(population, _) => {
                let size = simulation.circuit().network.populations[*population].size as u32;
                for neuron in 0..size {
                    of(from, neuron).into_iter().for_each(|row| self.cells[row as usize * columns].push(neuron));
                }
            }
            Quantity::Projection(projection, _) => {
                self.seen = come_and_gone(simulation, *projection);
                let synapses = simulation.synapses(*projection);
                for (k, (pre, post)) in synapses.pre.iter().zip(&synapses.post).enumerate() {
                    for row in of(from, *pre) {
                        of(to, *post).into_iter().for_each(|column| self.cells[row as usize * columns + column as usize].push(k as u32));
                    }
                }
            }
        }
    }

    /// The present values; the cells follow the synapses that have come and gone.
    fn values(&mut self, simulation: &mut Simulation) -> Vec<f64> {
        if let Quantity::Projection(projection, _) = &self.measure.what {
            if self.seen != come_and_gone(simulation, *projection) {
                self.find(simulation);
            }
            if self.measure.count.is_some() {
                return Vec::new();
            }
        }
        simulation.read(&self.measure.what).unwrap_or_default()
    }

    /// Has it something to do at the beginning of a block of this name?
    pub fn begins(&self, block: &String) -> bool {
        self.measure.before.contains(block) || (self.measure.rate && self.measure.after.contains(block))
    }

    /// Does it count spikes now?
    pub fn is_counting(&self) -> bool {
        self.measure.rate && !self.earlier.is_empty()
    }

    /// After a step with spikes, of so many seconds.
    pub fn count(&mut self, simulation: &Simulation, dt_s: f64) {
        let (true, Quantity::Population(population, _)) = (self.is_counting(), &self.measure.what) else { return };
        let spikes = simulation.spiking(*population);
        match &self.sides[0] {
            Some(members) => spikes.iter().flat_map(|n| members.of(*n)).for_each(|group| self.earlier[*group as usize] += 1.0),
            None => self.earlier[0] += spikes.len() as f64,
        }
        if let Some(seconds) = self.earlier.last_mut() {
            *seconds += dt_s;
        }
    }

    /// At the beginning of a block.
    pub fn before(&mut self, simulation: &mut Simulation) -> Vec<(String, Reading)> {
        if self.measure.rate {
            self.earlier = vec![0.0; self.cells.len() + 1];
            return Vec::new();
        }
        let values = self.values(simulation);
        if self.measure.change {
            self.earlier = values;
            self.earlier.extend(self.identities(simulation));
            return Vec::new();
        }
        self.reading(&values, simulation)
    }

    /// Source, target and which of several of all synapses, if they can come and go: so a synapse is found again.
    fn identities(&self, simulation: &Simulation) -> Vec<f64> {
        let Quantity::Projection(projection, _) = &self.measure.what else { return Vec::new() };
        let program = &simulation.circuit().projections[*projection];
        if program.prune.is_empty() && program.grow.is_empty() {
            return Vec::new();
        }
        let list = simulation.synapses(*projection);
        list.pre.iter().chain(&list.post).map(|x| f64::from(*x)).chain(list.which.iter().map(|x| f64::from(*x))).collect()
    }

    /// At the end of a block.
    pub fn after(&mut self, simulation: &mut Simulation) -> Vec<(String, Reading)> {
        if self.measure.rate {
            return self.rates();
        }
        let values = self.values(simulation);
        if !self.measure.change {
            return self.reading(&values, simulation);
        }
        let earlier = std::mem::take(&mut self.earlier);
        let identities = self.identities(simulation);
        let (earlier, values) = if identities.is_empty() { (earlier, values) } else { in_both(&earlier, &values, &identities) };
        if earlier.len() != values.len() {
            return Vec::new();
        }
        let change = scaling(&earlier, &values);
        let numbers = [change.mean, change.share, change.slope, change.largest];
        self.measure.readings().into_iter().zip(numbers).map(|(name, x)| (name, Reading::of([x], 1))).collect()
    }

    /// Spikes per neuron and second; of picked groups the mean over their neurons.
    fn rates(&mut self) -> Vec<(String, Reading)> {
        let counts = std::mem::take(&mut self.earlier);
        let Some((seconds, spikes)) = counts.split_last() else { return Vec::new() };
        let rate = |cells: &mut dyn Iterator<Item = usize>| {
            let (mut sum, mut n) = (0.0, 0.0);
            for cell in cells {
                sum += spikes[cell];
                n += self.cells[cell].len() as f64;
            }
            sum / (n * seconds)
        };
        let reading = if self.measure.pick.is_empty() {
            Reading::of((0..self.cells.len()).map(|cell| rate(&mut std::iter::once(cell))), self.columns)
        } else {
            Reading::of([rate(&mut self.measure.pick.iter().map(|(row, column)| row * self.columns + column))], 1)
        };
        vec![(self.measure.name.clone(), reading)]
    }

    /// What was read before a block, for a checkpoint.
    pub fn earlier(&self) -> &[f64] {
        &self.earlier
    }

    /// Goes on from a checkpoint.
    pub fn set_earlier(&mut self, values: Vec<f64>) {
        self.earlier = values;
    }

    fn reading(&self, values: &[f64], simulation: &Simulation) -> Vec<(String, Reading)> {
        if let (Some(what), Quantity::Projection(projection, _)) = (self.measure.count, &self.measure.what) {
            let size = |(row, column): &(usize, usize)| self.cells[row * self.columns + column].len() as f64;
            let reading = match what {
                Counted::Grown | Counted::Pruned => Reading::of([simulation.counted(*projection, what) as f64], 1),
                Counted::Synapses if self.measure.pick.is_empty() => Reading::of(self.cells.iter().map(|cell| cell.len() as f64), self.columns),
                Counted::Synapses => Reading::of([self.measure.pick.iter().map(size).sum()], 1),
            };
            return vec![(self.measure.name.clone(), reading)];
        }
        let mean = |cells: &mut dyn Iterator<Item = &Vec<u32>>| {
            let (mut sum, mut n) = (0.0, 0.0);
            for k in cells.flatten() {
                sum += values.get(*k as usize).copied().unwrap_or(f64::NAN);
                n += 1.0;
            }
            sum / n
        };
        let reading = if self.measure.pick.is_empty() {
            Reading::of(self.cells.iter().map(|cell| mean(&mut std::iter::once(cell))), self.columns)
        } else {
            Reading::of([mean(&mut self.measure.pick.iter().map(|(row, column)| &self.cells[row * self.columns + column]))], 1)
        };
        vec![(self.measure.name.clone(), reading)]
    }
}

/// Synapses that have come or gone since the start.
fn come_and_gone(simulation: &Simulation, projection: usize) -> u64 {
    simulation.counted(projection, Counted::Grown) + simulation.counted(projection, Counted::Pruned)
}

/// The values before and after of the synapses that were there both times.
///
/// - `earlier`: values, then sources, targets, which of several, `[4 n_before]`
/// - `identities`: sources, targets, which of several, `[3 n_after]`
fn in_both(earlier: &[f64], values: &[f64], identities: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let (n, m) = (earlier.len() / 4, values.len());
    let key = |list: &[f64], n: usize, k: usize| [list[k], list[n + k], list[2 * n + k]].map(|x| x as u64);
    let before: HashMap<[u64; 3], f64> = (0..n).map(|k| (key(&earlier[n..], n, k), earlier[k])).collect();
    (0..m).filter_map(|k| before.get(&key(identities, m, k)).map(|x| (*x, values[k]))).unzip()
}

#[cfg(test)]
mod tests {
    use plastica_engine::conformance::{SEEDS, compiled, reference_with};
    use plastica_engine::simulation::NoSink;
    use plastica_kernel::passes::Passes;
    use plastica_lang::source::{Sources, parse_toml};

    use super::*;

    const DT_S: f64 = 1e-3;

    /// Two neurons that never spike, two that spike at every second step, and four at every step.
    const CIRCUIT: &str = r#"
[neuron.n]
equations = """
kind : 1 (constant)
x : 1
"""
threshold = "x > 1.5"
reset = "x = 0"
[population.P]
model = "n"
size = 8
parameters = { kind = "int(i > 1) + int(i > 3)" }
[input.up]
population = "P"
do = "x += kind"
"#;

    fn check(from: &str, pick: &[(usize, usize)], expected: &[f64]) {
        let mut sources = Sources::default();
        let id = sources.add("a.toml", from);
        let mut diagnostics = Vec::new();
        let table = parse_toml(&sources, id, &mut diagnostics);
        let from = (!from.is_empty()).then(|| parse_groups("from", "P", &table, &mut diagnostics).unwrap());
        let (what, after) = (Quantity::Population(0, String::new()), vec!["recall".to_string()]);
        let measure =
            Measure { name: "r".into(), what, from, to: None, pick: pick.to_vec(), before: Vec::new(), after, change: false, rate: true, count: None };
        let mut simulation = Simulation::build(compiled(CIRCUIT, DT_S, Passes::default()), SEEDS, 1, reference_with(DT_S)).unwrap();
        let mut bound = Bound::new(&measure, &mut simulation).unwrap();
        assert!(bound.begins(&"recall".to_string()) && !bound.begins(&"other".to_string()) && !bound.is_counting());
        // What was counted in an earlier block is forgotten, and what is not simulated with spikes is no time.
        for steps in [3, 10] {
            assert!(bound.before(&mut simulation).is_empty());
            for _ in 0..steps {
                simulation.advance(1, &mut NoSink).unwrap();
                bound.count(&simulation, DT_S);
            }
            simulation.skip(1000).unwrap();
        }
        let readings = bound.after(&mut simulation);
        assert_eq!(readings.len(), 1);
        let found: Vec<f64> = readings[0].1.numbers().collect();
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9) && found.len() == expected.len(), "{found:?}");
        assert!(!bound.is_counting());
    }

    #[test]
    fn rates_of_groups_are_spikes_per_neuron_and_second() {
        check("value = \"kind\"", &[], &[0.0, 500.0, 1000.0]);
        check("value = \"kind\"", &[(1, 0), (2, 0)], &[(2.0 * 500.0 + 4.0 * 1000.0) / 6.0]);
        check("members = [\"kind\"]", &[], &[(2.0 * 500.0 + 4.0 * 1000.0) / 6.0]);
        check("", &[], &[(2.0 * 500.0 + 4.0 * 1000.0) / 8.0]);
    }

    /// Neuron 0 sends to 1, 2 and 3; at the second step 0 -> 1 goes, at the fourth two more come to neuron 1.
    const TURNING: &str = r#"
[neuron.n]
equations = "kind : 1 (constant)"
[synapse.s]
equations = "w : 1"
on_interval = { every = "1 ms", do = "w += 1" }
prune = { every = "2 ms", where = "j == 1 and t < 3*ms" }
grow = { every = "4 ms", post = "2*int(j == 1 and t < 5*ms)", do = "w = 100" }
[population.P]
model = "n"
size = 4
parameters = { kind = "int(i > 1)" }
[projection.PP]
pre = "P"
post = "P"
synapse = "s"
connect = { pairs = [[0, 1], [0, 2], [0, 3]] }
initial = { w = "j" }
"#;

    #[test]
    fn measures_follow_synapses_that_go_and_come() {
        let read = |text: &str| {
            let mut sources = Sources::default();
            let id = sources.add("a.toml", text);
            let mut diagnostics = Vec::new();
            let table = parse_toml(&sources, id, &mut diagnostics);
            parse_groups("to", "P", &table, &mut diagnostics).unwrap()
        };
        let measure = |variable: &str, count: Option<Counted>, change: bool| Measure {
            name: "m".into(),
            what: Quantity::Projection(0, variable.into()),
            from: None,
            to: (!change && !matches!(count, Some(Counted::Grown | Counted::Pruned))).then(|| read("value = \"kind\"")),
            pick: Vec::new(),
            before: Vec::new(),
            after: vec!["b".into()],
            change,
            rate: false,
            count,
        };
        let mut simulation = Simulation::build(compiled(TURNING, DT_S, Passes::default()), SEEDS, 1, reference_with(DT_S)).unwrap();
        let measures = [
            measure("w", None, false),
            measure("", Some(Counted::Synapses), false),
            measure("", Some(Counted::Grown), false),
            measure("", Some(Counted::Pruned), false),
            measure("w", None, true),
        ];
        let mut bound: Vec<Bound> = measures.iter().map(|m| Bound::new(m, &mut simulation).unwrap()).collect();
        let mut change = bound.pop().unwrap();
        // What has no mean, because there is no synapse, shows as -1.
        let numbers =
            |readings: Vec<(String, Reading)>| -> Vec<f64> { readings.iter().flat_map(|r| r.1.numbers()).map(|x| if x.is_nan() { -1.0 } else { x }).collect() };
        let mut check = |simulation: &mut Simulation, expected: [&[f64]; 4]| {
            for (bound, expected) in bound.iter_mut().zip(expected) {
                assert_eq!(numbers(bound.after(simulation)), expected, "{:?}", bound.measure.count);
            }
        };
        check(&mut simulation, [&[1.0, 2.5], &[1.0, 2.0], &[0.0], &[0.0]]);
        assert!(change.before(&mut simulation).is_empty());
        simulation.advance(3, &mut NoSink).unwrap();
        check(&mut simulation, [&[-1.0, 4.5], &[0.0, 2.0], &[0.0], &[1.0]]);
        // Only what was there both times is compared: from 2 and 3 to 4 and 5.
        let mean = numbers(change.after(&mut simulation))[0];
        assert!((mean - 100.0 * (4.5 / 2.5 - 1.0)).abs() < 1e-9, "{mean}");
        simulation.advance(3, &mut NoSink).unwrap();
        check(&mut simulation, [&[102.0, 7.5], &[2.0, 2.0], &[2.0], &[1.0]]);
    }
}
