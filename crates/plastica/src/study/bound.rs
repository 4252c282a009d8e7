//! A measure bound to the circuit of one subject: which elements each cell of its matrix has, and the numbers at the borders of blocks.

use std::collections::HashMap;

use plastica_engine::simulation::{Counted, Quantity, Simulation};
use plastica_programme::tasks::{Answers, Groups};
use plastica_report::study::scaling;

use super::diary::Reading;
use super::field::Field;
use super::groups::{Complaint, Members};
use super::measure::{Measure, Reads};
use super::select::Statistic;

/// A measure bound to a drawn circuit.
pub struct Bound {
    /// What is measured.
    pub measure: Measure,
    /// Elements of each cell, row by row; of a probe, the cells of each column.
    cells: Vec<Vec<u32>>,
    columns: usize,
    /// Groups of presynaptic and of postsynaptic neurons; none: all are one group.
    sides: [Option<Members>; 2],
    /// How many synapses had come or gone when the cells were found.
    seen: u64,
    /// Values before the block, for a change (with what tells the synapses apart, where they can come and go); what a probe answered,
    /// until that is read; for a rate, while its block lasts: spikes of each cell, then seconds.
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
        // The rows of a probe are its stimuli.
        let is_probe = matches!(measure.reads, Reads::Probe(_));
        if let Some((row, column)) = measure.pick.iter().find(|(row, column)| (*row >= rows && !is_probe) || *column >= columns) {
            return Err(match is_probe {
                true => format!("measure `{}` picks column {} of {columns} groups of cells", measure.name, column + 1),
                false => format!("measure `{}` picks [{}, {}] of {rows} times {columns} groups", measure.name, row + 1, column + 1),
            });
        }
        let cells = vec![Vec::new(); rows * columns];
        let mut bound = Bound { measure: measure.clone(), cells, columns, sides: [from, to], seen: 0, earlier: Vec::new() };
        bound.find(simulation);
        Ok(bound)
    }

    fn find(&mut self, simulation: &Simulation) {
        let of = |members: &Option<Members>, neuron: u32| members.as_ref().map_or_else(|| vec![0], |m| m.of(neuron).to_vec());
        let ([from, to], columns) = (&self.sides, self.columns);
        self.cells.iter_mut().for_each(Vec::clear);
        match &self.measure.what {
            Quantity::Population(population, _) => {
                let size = simulation.circuit().network.populations[*population].size as u32;
                // A probe's cells are sorted into columns, other neurons into rows.
                let (groups, stride) = if matches!(self.measure.reads, Reads::Probe(_)) { (to, 1) } else { (from, columns) };
                for neuron in 0..size {
                    of(groups, neuron).into_iter().for_each(|group| self.cells[group as usize * stride].push(neuron));
                }
            }
            Quantity::Projection(projection, _) => {
                self.seen = simulation.turnover(*projection);
                let synapses = simulation.synapses(*projection);
                for (k, (pre, post)) in synapses.pre.iter().zip(&synapses.post).enumerate() {
                    for row in of(from, *pre) {
                        of(to, *post).into_iter().for_each(|column| self.cells[row as usize * columns + column as usize].push(k as u32));
                    }
                }
            }
        }
    }

    /// A task of this name has ended in a block, and its cells answered so.
    pub fn answered(&mut self, task: &str, answers: &Answers) {
        if matches!(&self.measure.reads, Reads::Probe(field) if field.task == task) {
            self.earlier = Field::kept(answers);
        }
    }

    fn is_rate(&self) -> bool {
        self.measure.reads == Reads::Rate
    }

    /// Has it something to do at the beginning of a block of this name?
    pub fn begins(&self, block: &String) -> bool {
        self.measure.before.contains(block) || (self.is_rate() && self.measure.after.contains(block))
    }

    /// Does it count spikes now?
    pub fn is_counting(&self) -> bool {
        self.is_rate() && !self.earlier.is_empty()
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
        match self.measure.reads {
            Reads::Rate => self.earlier = vec![0.0; self.cells.len() + 1],
            Reads::Change => {
                self.earlier = self.values(simulation);
                self.earlier.extend(self.identities(simulation));
            }
            _ => return self.after(simulation),
        }
        Vec::new()
    }

    /// At the end of a block.
    pub fn after(&mut self, simulation: &mut Simulation) -> Vec<(String, Reading)> {
        let reading = match self.measure.reads.clone() {
            Reads::Rate => self.rates(),
            Reads::Probe(field) => self.answers(&field),
            Reads::Count(what) => self.counts(what, simulation),
            Reads::Variable(statistic) => Some(self.statistics(statistic, simulation)),
            Reads::Change => return self.changes(simulation),
        };
        reading.map(|reading| (self.measure.name.clone(), reading)).into_iter().collect()
    }

    /// The present values; the cells follow the synapses that have come and gone.
    fn values(&mut self, simulation: &mut Simulation) -> Vec<f64> {
        self.follow(simulation);
        simulation.read(&self.measure.what).unwrap_or_default()
    }

    fn follow(&mut self, simulation: &Simulation) {
        if let Quantity::Projection(projection, _) = &self.measure.what
            && self.seen != simulation.turnover(*projection)
        {
            self.find(simulation);
        }
    }

    /// A number for each cell, or one for those that are picked together; `of` gets their places.
    fn matrix(&self, of: impl Fn(&mut dyn Iterator<Item = usize>) -> f64) -> Reading {
        match self.measure.pick.as_slice() {
            [] => Reading::of((0..self.cells.len()).map(|cell| of(&mut std::iter::once(cell))), self.columns),
            pick => Reading::of([of(&mut pick.iter().map(|(row, column)| row * self.columns + column))], 1),
        }
    }

    fn statistics(&mut self, statistic: Statistic, simulation: &mut Simulation) -> Reading {
        let values = self.values(simulation);
        // The mean is summed in the order of the synapses, without a copy of them.
        self.matrix(|cells| {
            let found = cells.flat_map(|cell| &self.cells[cell]).map(|k| values.get(*k as usize).copied().unwrap_or(f64::NAN));
            if statistic != Statistic::Mean {
                return statistic.of(&found.collect::<Vec<f64>>());
            }
            let (sum, n) = found.fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
            sum / n
        })
    }

    /// Synapses of each cell; of picked cells their sum.
    fn counts(&mut self, what: Counted, simulation: &Simulation) -> Option<Reading> {
        let Quantity::Projection(projection, _) = self.measure.what else { return None };
        self.follow(simulation);
        Some(match what {
            Counted::Grown | Counted::Pruned => Reading::of([simulation.counted(projection, what) as f64], 1),
            Counted::Synapses => self.matrix(|cells| cells.map(|cell| self.cells[cell].len() as f64).sum()),
        })
    }

    /// Spikes per neuron and second; of picked groups the mean over their neurons.
    fn rates(&mut self) -> Option<Reading> {
        let counts = std::mem::take(&mut self.earlier);
        let (seconds, spikes) = counts.split_last()?;
        Some(self.matrix(|cells| {
            let (sum, n) = cells.fold((0.0, 0.0), |(sum, n), cell| (sum + spikes[cell], n + self.cells[cell].len() as f64));
            sum / (n * seconds)
        }))
    }

    /// What the cells of a probe answered; nothing if it has not run since the last reading.
    fn answers(&mut self, field: &Field) -> Option<Reading> {
        let kept = std::mem::take(&mut self.earlier);
        if kept.is_empty() {
            return None;
        }
        let (matrix, pick) = (field.matrix(&kept, &self.cells), &self.measure.pick);
        Some(if pick.is_empty() { Reading::of(matrix, self.columns) } else { Reading::of([Field::mean(&matrix, self.columns, pick)], 1) })
    }

    /// Each synapse after the block beside itself before it.
    fn changes(&mut self, simulation: &mut Simulation) -> Vec<(String, Reading)> {
        let (earlier, values, identities) = (std::mem::take(&mut self.earlier), self.values(simulation), self.identities(simulation));
        let (earlier, values) = if identities.is_empty() { (earlier, values) } else { in_both(&earlier, &values, &identities) };
        if earlier.len() != values.len() {
            return Vec::new();
        }
        let change = scaling(&earlier, &values);
        let numbers = [change.mean, change.share, change.slope, change.largest];
        self.measure.readings().into_iter().zip(numbers).map(|(name, x)| (name, Reading::of([x], 1))).collect()
    }

    /// Source, target and which of several of all synapses, if they can come and go: so a synapse is found again.
    fn identities(&self, simulation: &Simulation) -> Vec<f64> {
        let Quantity::Projection(projection, _) = &self.measure.what else { return Vec::new() };
        if !simulation.can_rewire(*projection) {
            return Vec::new();
        }
        let list = simulation.synapses(*projection);
        list.pre.iter().chain(&list.post).map(|x| f64::from(*x)).chain(list.which.iter().map(|x| f64::from(*x))).collect()
    }

    /// What was read before a block, for a checkpoint.
    pub fn earlier(&self) -> &[f64] {
        &self.earlier
    }

    /// Goes on from a checkpoint.
    pub fn set_earlier(&mut self, values: Vec<f64>) {
        self.earlier = values;
    }
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
    use plastica_programme::tasks::parse_groups;

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
        let measure = Measure { name: "r".into(), what, from, to: None, pick: pick.to_vec(), before: Vec::new(), after, reads: Reads::Rate };
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
        let measure = Measure { name: "k".into(), what, from, to: None, pick: Vec::new(), before: Vec::new(), after, reads: Reads::Variable(statistic) };
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
        let measure = |variable: &str, reads: Reads| Measure {
            name: "m".into(),
            what: Quantity::Projection(0, variable.into()),
            from: None,
            to: matches!(reads, Reads::Variable(_) | Reads::Count(Counted::Synapses)).then(|| read("value = \"kind\"")),
            pick: Vec::new(),
            before: Vec::new(),
            after: vec!["b".into()],
            reads,
        };
        let mut simulation = Simulation::build(compiled(TURNING, DT_S, Passes::default()), SEEDS, 1, reference_with(DT_S)).unwrap();
        let measures = [
            measure("w", Reads::Variable(Statistic::Mean)),
            measure("", Reads::Count(Counted::Synapses)),
            measure("", Reads::Count(Counted::Grown)),
            measure("", Reads::Count(Counted::Pruned)),
            measure("w", Reads::Change),
        ];
        let mut bound: Vec<Bound> = measures.iter().map(|m| Bound::new(m, &mut simulation).unwrap()).collect();
        let mut change = bound.pop().unwrap();
        // What has no mean, because there is no synapse, shows as -1.
        let numbers =
            |readings: Vec<(String, Reading)>| -> Vec<f64> { readings.iter().flat_map(|r| r.1.numbers()).map(|x| if x.is_nan() { -1.0 } else { x }).collect() };
        let mut check = |simulation: &mut Simulation, expected: [&[f64]; 4]| {
            for (bound, expected) in bound.iter_mut().zip(expected) {
                assert_eq!(numbers(bound.after(simulation)), expected, "{:?}", bound.measure.reads);
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
