//! `[measure.NAME]`: a number, or a matrix of numbers, read from the circuit at the borders of blocks.
//!
//! Of a projection it is the mean of a variable over the synapses from each group of neurons to each group; of a population, over
//! each group. `statistic` puts the median or another statistic in the place of the mean. With `change = true` it compares every synapse after a block with itself before it.
//! With `rate = true` instead of a variable it is the mean rate of each group of neurons in hertz, over what of the block has spikes.

use plastica_engine::simulation::{Quantity, Simulation};
use plastica_lang::source::{Diagnostic, Key, Table, ValueKind};
use plastica_programme::tasks::{Groups, parse_groups};

use plastica_report::study::scaling;

use super::diary::Reading;
use super::groups::{Complaint, Members};
use super::parse::check_groups;
use super::select::{Statistic, statistic};
use crate::experiment::{Named, Owner, tables, wrong_type};

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
    /// What is made of the values of a cell.
    statistic: Statistic,
    /// Blocks at whose beginning it is read.
    pub before: Vec<String>,
    /// Blocks at whose end it is read.
    pub after: Vec<String>,
    /// Compares each synapse after a block with itself before it.
    pub change: bool,
    /// Counts spikes from the beginning of a block to its end, instead of reading a variable.
    pub rate: bool,
}

const KEYS: [&str; 12] = ["doc", "projection", "population", "variable", "rate", "from", "to", "pick", "statistic", "before", "after", "change"];

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
    let variable = if rate { Some(String::new()) } else { table.required_text(&what, "variable", diagnostics).map(|v| v.text.clone()) };
    if let (Some(index), Some(variable)) = (index, table.text("variable", diagnostics)) {
        names.value(owner, index, variable, diagnostics);
    }
    for key in ["projection", "variable", "statistic", "before", "change", "to"].iter().filter(|_| rate).filter_map(|word| table.key(word)) {
        diagnostics.push(
            Diagnostic::error("unknown-key", key.span, format!("{what} is a rate and has no `{}`", key.name))
                .help("a rate counts the spikes of a `population`, by groups `from`, in the blocks `after` which it is read"),
        );
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
    if let Some(wrong) = table.key("statistic").filter(|_| change) {
        diagnostics.push(
            Diagnostic::error("unknown-key", wrong.span, format!("{what} is a change and has no `statistic`"))
                .help(format!("a change has the readings {}", CHANGE.map(|word| format!("`{}.{word}`", key.name)).join(", "))),
        );
    }
    let what = match owner {
        Owner::Population => Quantity::Population(index, variable),
        Owner::Projection => Quantity::Projection(index, variable),
    };
    Some(Measure { name: key.name.clone(), what, from, to, pick, statistic: statistic?, before, after, change, rate })
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
    /// Values before the block, for a change; for a rate, while its block lasts: spikes of each cell, then seconds.
    earlier: Vec<f64>,
    /// Groups of each neuron, for a rate; without it all neurons are one group.
    members: Option<Members>,
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
        let of = |members: &Option<Members>, neuron: u32| members.as_ref().map_or_else(|| vec![0], |m| m.of(neuron).to_vec());
        let mut cells = vec![Vec::new(); rows * columns];
        match &measure.what {
            Quantity::Population(population, _) => {
                let size = simulation.circuit().network.populations[*population].size as u32;
                for neuron in 0..size {
                    of(&from, neuron).into_iter().for_each(|row| cells[row as usize * columns].push(neuron));
                }
            }
            Quantity::Projection(projection, _) => {
                let synapses = simulation.synapses(*projection);
                for (k, (pre, post)) in synapses.pre.iter().zip(&synapses.post).enumerate() {
                    for row in of(&from, *pre) {
                        of(&to, *post).into_iter().for_each(|column| cells[row as usize * columns + column as usize].push(k as u32));
                    }
                }
            }
        }
        if let Some((row, column)) = measure.pick.iter().find(|(row, column)| *row >= rows || *column >= columns) {
            return Err(format!("measure `{}` picks [{}, {}] of {rows} times {columns} groups", measure.name, row + 1, column + 1));
        }
        Ok(Bound { measure: measure.clone(), cells, columns, earlier: Vec::new(), members: from.filter(|_| measure.rate) })
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
        match &self.members {
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
        let values = simulation.read(&self.measure.what).unwrap_or_default();
        if self.measure.change {
            self.earlier = values;
            return Vec::new();
        }
        self.reading(&values)
    }

    /// At the end of a block.
    pub fn after(&mut self, simulation: &mut Simulation) -> Vec<(String, Reading)> {
        if self.measure.rate {
            return self.rates();
        }
        let values = simulation.read(&self.measure.what).unwrap_or_default();
        if !self.measure.change {
            return self.reading(&values);
        }
        let earlier = std::mem::take(&mut self.earlier);
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

    fn reading(&self, values: &[f64]) -> Vec<(String, Reading)> {
        // The mean is summed in the order of the synapses, without a copy of them.
        let of = |cells: &mut dyn Iterator<Item = &Vec<u32>>| {
            let found = cells.flatten().map(|k| values.get(*k as usize).copied().unwrap_or(f64::NAN));
            if self.measure.statistic != Statistic::Mean {
                return self.measure.statistic.of(&found.collect::<Vec<f64>>());
            }
            let (sum, n) = found.fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
            sum / n
        };
        let reading = if self.measure.pick.is_empty() {
            Reading::of(self.cells.iter().map(|cell| of(&mut std::iter::once(cell))), self.columns)
        } else {
            Reading::of([of(&mut self.measure.pick.iter().map(|(row, column)| &self.cells[row * self.columns + column]))], 1)
        };
        vec![(self.measure.name.clone(), reading)]
    }
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
        let measure = Measure {
            name: "r".into(),
            what,
            from,
            to: None,
            pick: pick.to_vec(),
            statistic: Statistic::Mean,
            before: Vec::new(),
            after,
            change: false,
            rate: true,
        };
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

    /// `kind` of the eight neurons is 0, 0, 1, 1, 2, 2, 2, 2.
    fn check_statistic(statistic: Statistic, from: &str, expected: &[f64]) {
        let mut sources = Sources::default();
        let id = sources.add("a.toml", from);
        let mut diagnostics = Vec::new();
        let table = parse_toml(&sources, id, &mut diagnostics);
        let from = (!from.is_empty()).then(|| parse_groups("from", "P", &table, &mut diagnostics).unwrap());
        let (what, after) = (Quantity::Population(0, "kind".to_string()), vec!["test".to_string()]);
        let measure = Measure { name: "k".into(), what, from, to: None, pick: Vec::new(), statistic, before: Vec::new(), after, change: false, rate: false };
        let mut simulation = Simulation::build(compiled(CIRCUIT, DT_S, Passes::default()), SEEDS, 1, reference_with(DT_S)).unwrap();
        let mut bound = Bound::new(&measure, &mut simulation).unwrap();
        let found: Vec<f64> = bound.after(&mut simulation)[0].1.numbers().collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn statistics_other_than_the_mean_are_of_the_values_of_a_cell() {
        check_statistic(Statistic::Mean, "", &[10.0 / 8.0]);
        check_statistic(Statistic::Median, "", &[1.5]);
        check_statistic(Statistic::Max, "", &[2.0]);
        check_statistic(Statistic::Sum, "value = \"kind\"", &[0.0, 2.0, 8.0]);
    }

    #[test]
    fn rates_of_groups_are_spikes_per_neuron_and_second() {
        check("value = \"kind\"", &[], &[0.0, 500.0, 1000.0]);
        check("value = \"kind\"", &[(1, 0), (2, 0)], &[(2.0 * 500.0 + 4.0 * 1000.0) / 6.0]);
        check("members = [\"kind\"]", &[], &[(2.0 * 500.0 + 4.0 * 1000.0) / 6.0]);
        check("", &[], &[(2.0 * 500.0 + 4.0 * 1000.0) / 8.0]);
    }
}
