//! Carries a pairing out: one simulation for all protocols of one length, all rules in it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use plastica_engine::circuit::Circuit;
use plastica_engine::simulation::{NoSink, Quantity, Simulation};
use plastica_kernel::passes::Passes;
use plastica_lang::evaluate::{Values, evaluate};
use plastica_lang::model::{Builtin, Expr, Function, Model, Role, Scope};

use super::Pairing;
use super::circuit::{circuit, first_rule};
use super::statistics::mean_and_spread;
use crate::run::{Engine, Failure, Observer, Pace};

/// What came out for one rule and one protocol.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Cell {
    /// The result, from the mean over the copies.
    pub simulated: f64,
    /// Standard deviation over the copies.
    pub spread: f64,
    /// Copies.
    pub n: usize,
}

/// What came out of a pairing.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// For each rule, for each protocol.
    pub cells: Vec<Vec<Cell>>,
    /// Was it of the full size?
    pub full: bool,
    /// Real seconds.
    pub seconds: f64,
}

/// Circuits with fewer synapses run faster on one thread.
const FEW: usize = 2000;

impl Pairing {
    /// Protocols by length, the longest first.
    fn groups(&self) -> Vec<(u64, Vec<usize>)> {
        let mut groups: Vec<(u64, Vec<usize>)> = Vec::new();
        for (k, p) in self.protocols.iter().enumerate() {
            match groups.iter_mut().find(|(steps, _)| *steps == p.steps) {
                Some((_, list)) => list.push(k),
                None => groups.push((p.steps, vec![k])),
            }
        }
        groups.sort_by_key(|(steps, _)| std::cmp::Reverse(*steps));
        groups
    }

    /// Simulated seconds of all groups.
    pub fn simulated_s(&self) -> f64 {
        self.groups().iter().map(|(steps, _)| *steps as f64 * self.dt_s).sum()
    }
}

/// Simulates every cell of a pairing. The observer is told simulated seconds, from 0 for this pairing.
///
/// # Errors
/// The circuit cannot be compiled or built, a value is not finite, or the observer asked to stop.
pub fn run_pairing(pairing: &Pairing, engine: &Engine, full: bool, observer: &mut dyn Observer) -> Result<Outcome, Failure> {
    let begin = Instant::now();
    let copies = if full { pairing.copies.full } else { pairing.copies.quick };
    let nothing = Cell { simulated: f64::NAN, spread: 0.0, n: 0 };
    let mut cells = vec![vec![nothing; pairing.protocols.len()]; pairing.rules.len()];
    let mut done_s = 0.0;
    for (steps, chosen) in pairing.groups() {
        let network = circuit(pairing, &chosen, copies);
        let first = first_rule(&network);
        let circuit = Arc::new(Circuit::compile(network, Passes::default()).map_err(Failure::Text)?);
        let threads = if chosen.len() * copies * pairing.rules.len() < FEW { 1 } else { engine.threads };
        let mut simulation = Simulation::build(circuit, engine.seeds, threads, engine.backend(pairing.dt_s)).map_err(|e| Failure::Text(vec![*e.diagnostic]))?;
        for (k, rule) in pairing.rules.iter().enumerate() {
            start(&mut simulation, first + k, rule, chosen.len(), copies);
        }
        let before = measured(&mut simulation, pairing, first);
        let mut pace = Pace::default();
        let mut left = steps;
        while left > 0 {
            let chunk = pace.next().min(left);
            pace.timed(chunk, || simulation.advance(chunk, &mut NoSink)).map_err(|e| Failure::Run(e.to_string()))?;
            left -= chunk;
            observer.progress(done_s + (steps - left) as f64 * pairing.dt_s);
            if observer.stop() {
                return Err(Failure::Interrupted);
            }
        }
        done_s += steps as f64 * pairing.dt_s;
        let after = measured(&mut simulation, pairing, first);
        for (rule, cells) in cells.iter_mut().enumerate() {
            for (place, protocol) in chosen.iter().enumerate() {
                let range = place * copies..(place + 1) * copies;
                let (b, _) = mean_and_spread(&before[rule][range.clone()]);
                let (a, spread) = mean_and_spread(&after[rule][range]);
                cells[*protocol] = Cell { simulated: pairing.result.of(b, a), spread: spread * pairing.result.scale(b).abs(), n: copies };
            }
        }
    }
    Ok(Outcome { cells, full: full || pairing.copies.full == pairing.copies.quick, seconds: begin.elapsed().as_secs_f64() })
}

/// Gives the copies what they start from.
fn start(simulation: &mut Simulation, projection: usize, rule: &super::Rule, protocols: usize, copies: usize) {
    let mut names: Vec<&String> = rule.starts.iter().flat_map(|s| &s.values).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    for name in names {
        let what = Quantity::Projection(projection, name.clone());
        let Some(mut values) = simulation.read(&what) else { continue };
        if values.len() == 1 {
            values.resize(protocols * copies, values[0]);
        }
        for (k, value) in values.iter_mut().enumerate() {
            let part = &rule.starts[rule.start_of(k % copies, copies)];
            if let Some((_, x)) = part.values.iter().find(|(n, _)| n == name) {
                *value = *x;
            }
        }
        simulation.write(&what, &values);
    }
}

/// The measure of each synapse, for each rule.
fn measured(simulation: &mut Simulation, pairing: &Pairing, first: usize) -> Vec<Vec<f64>> {
    let mut out = Vec::with_capacity(pairing.rules.len());
    for (k, expr) in pairing.measures.iter().enumerate() {
        let model = &pairing.network.projections[first + k].model;
        let mut arrays = HashMap::new();
        for name in leaves(expr, model) {
            arrays.insert(name.clone(), simulation.read(&Quantity::Projection(first + k, name)).unwrap_or_default());
        }
        let n = simulation.synapses(first + k).pre.len();
        out.push((0..n).map(|s| evaluate(expr, &mut Element { model, arrays: &arrays, element: s })).collect());
    }
    out
}

/// Variables and parameters with arrays of their own that an expression needs, through sub-expressions.
fn leaves(expr: &Expr, model: &Model) -> Vec<String> {
    let mut out = Vec::new();
    super::measure::walk(expr, model, &mut |name| out.push(name.to_string()), &mut |_| {});
    out.sort();
    out.dedup();
    out
}

/// One synapse.
struct Element<'a> {
    model: &'a Model,
    arrays: &'a HashMap<String, Vec<f64>>,
    element: usize,
}

impl Values for Element<'_> {
    fn name(&mut self, _: Scope, name: &str) -> f64 {
        if let Some(Role::Subexpression(expr)) = self.model.variables.iter().find(|v| v.name == name).map(|v| &v.role) {
            return evaluate(expr, self);
        }
        match self.arrays.get(name).map(Vec::as_slice) {
            Some([one]) => *one,
            Some(many) => many.get(self.element).copied().unwrap_or(f64::NAN),
            None => f64::NAN,
        }
    }

    fn builtin(&mut self, _: Builtin) -> f64 {
        f64::NAN
    }

    fn random(&mut self, _: Function, _: f64, _: u32) -> f64 {
        f64::NAN
    }
}
