//! Measuring how fast a circuit runs: build, run, rates, weights, memory. Nothing is recorded and no folder is written.
//!
//! The circuit is an ordinary experiment's, run by the ordinary engine. Figures have the names that the scripts for other
//! simulators print, so that both can be laid side by side.

use std::sync::Arc;
use std::time::Instant;

use plastica_engine::backend::Step;
use plastica_engine::circuit::Circuit;
use plastica_engine::simulation::{Quantity, Simulation, Sink, Watch};
use plastica_kernel::ir::{Op, Place, ProjectionProgram};
use plastica_kernel::passes::Passes;
use plastica_network::Connect;
use plastica_network::network::{InitialValue, Network, PopulationKind};
use plastica_report::statistics::{irregularity, mean, standard_deviation};
use serde_json::{Map, Value, json};

use crate::experiment::Experiment;
use crate::run::{Engine, Failure};

/// How a circuit is measured.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Threads.
    pub threads: usize,
    /// Seed, instead of the file's.
    pub seed: Option<u64>,
    /// Simulated seconds, instead of the file's.
    pub seconds: Option<f64>,
    /// Simulated seconds before, which count in nothing.
    pub warmup: f64,
    /// Multiplies the numbers of neurons; numbers of sources per neuron stay the same.
    pub scale: f64,
    /// Also the irregularity of spikes, which costs a little time.
    pub check: bool,
}

/// Neurons of each population whose spikes are kept for the irregularity.
const LISTENED: u32 = 500;

/// Builds and runs the circuit of an experiment; the figures by name.
///
/// - `started`: when the process began, so that reading and compiling count as building
///
/// # Errors
/// The experiment has no circuit, cannot be scaled, or fails.
pub fn bench(experiment: &Experiment, measure: &Measure, started: Instant) -> Result<Map<String, Value>, Failure> {
    let Some(network) = &experiment.network else { return Err(Failure::Run("this experiment has no circuit of its own, only pairings".into())) };
    let mut network = network.clone();
    scale(&mut network, measure.scale)?;
    let mut engine = Engine::new(&experiment.settings, Some(measure.threads));
    if let Some(seed) = measure.seed {
        engine.seeds.seed = seed;
    }
    let dt_s = network.dt_s;
    let steps = measure.seconds.map_or(experiment.settings.steps, |s| (s / dt_s).round().max(1.0) as u64);
    crate::run::memory::enough(&network)?;
    let before_mb = memory_mb("VmRSS");
    let circuit = Arc::new(Circuit::compile(network, Passes::default()).map_err(Failure::Text)?);
    let built = Simulation::build(circuit.clone(), engine.seeds, engine.threads, engine.backend(dt_s));
    let mut simulation = built.map_err(|e| Failure::Text(vec![*e.diagnostic]))?;
    let mut heard = Heard::default();
    if measure.check {
        for (population, of) in circuit.network.populations.iter().enumerate() {
            simulation.watch(Watch::Spikes { population, neurons: Some((0..LISTENED.min(of.size as u32)).collect()) });
        }
        heard.spikes.resize(circuit.network.populations.len(), Vec::new());
    }
    let build_s = started.elapsed().as_secs_f64();
    let run_error = |e: plastica_engine::simulation::RunError| Failure::Run(e.to_string());
    simulation.advance((measure.warmup / dt_s).round() as u64, &mut heard).map_err(run_error)?;
    heard.spikes.iter_mut().for_each(Vec::clear);
    let before = simulation.spike_counts();
    let begin = Instant::now();
    simulation.advance(steps, &mut heard).map_err(run_error)?;
    let run_s = begin.elapsed().as_secs_f64();
    let peak_mb = memory_mb("VmHWM");

    let seconds = steps as f64 * dt_s;
    let counts: Vec<u64> = simulation.spike_counts().iter().zip(before).map(|(now, before)| now - before).collect();
    let synapses: Vec<usize> = (0..circuit.projections.len()).map(|p| simulation.synapse_count(p)).collect();
    let all: usize = synapses.iter().sum();
    // Populations that receive nothing are sources, not neurons of the model.
    let is_model = |p: usize| circuit.network.projections.iter().any(|q| q.post == p) || circuit.network.projections.is_empty();
    let neurons: usize = circuit.network.populations.iter().enumerate().filter(|(p, _)| is_model(*p)).map(|(_, q)| q.size).sum();
    let spikes: u64 = counts.iter().enumerate().filter(|(p, _)| is_model(*p)).map(|(_, n)| n).sum();
    let events: f64 =
        circuit.network.projections.iter().zip(&synapses).map(|(q, n)| counts[q.pre] as f64 * *n as f64 / circuit.network.populations[q.pre].size as f64).sum();

    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.into(), value);
    put("simulator", json!("plastica"));
    put("version", json!(crate::VERSION));
    put("workload", json!(experiment.name));
    put("neurons", json!(neurons));
    put("synapses", json!(all));
    put("sim_s", json!(seconds));
    put("wall_build_s", json!(rounded(build_s, 3)));
    put("wall_run_s", json!(rounded(run_s, 4)));
    put("rtf", json!(rounded(run_s / seconds, 5)));
    put("mean_rate_hz", json!(rounded(spikes as f64 / neurons.max(1) as f64 / seconds, 4)));
    put("peak_rss_mb", json!(peak_mb));
    put("threads", json!(engine.threads));
    put("seed", json!(engine.seeds.seed));
    put("syn_events_per_s", json!((events / run_s).round()));
    put("bytes_per_synapse", json!(peak_mb.zip(before_mb).map(|(peak, before)| rounded((peak - before) * 1_048_576.0 / all.max(1) as f64, 1))));
    for (p, population) in circuit.network.populations.iter().enumerate() {
        put(&format!("rate_{}_hz", population.name), json!(rounded(counts[p] as f64 / population.size as f64 / seconds, 4)));
        if let Some(heard) = heard.spikes.get(p) {
            let times: Vec<f64> = heard.iter().map(|s| s.0 as f64 * dt_s).collect();
            let neurons: Vec<f64> = heard.iter().map(|s| f64::from(s.1)).collect();
            put(&format!("cv_{}", population.name), json!(irregularity(&times, &neurons)));
        }
    }
    for (p, projection) in circuit.network.projections.iter().enumerate() {
        for variable in changed(&circuit.projections[p]) {
            let Some(values) = simulation.read(&Quantity::Projection(p, variable.clone())) else { continue };
            put(&format!("{}_{variable}_mean", projection.name), json!(mean(&values)));
            put(&format!("{}_{variable}_sd", projection.name), json!(standard_deviation(&values)));
        }
    }
    Ok(out)
}

/// Spikes of the neurons that are listened to: step, neuron.
#[derive(Default)]
struct Heard {
    spikes: Vec<Vec<(Step, u32)>>,
}

impl Sink for Heard {
    fn spikes(&mut self, watch: usize, step: Step, neurons: &[u32]) {
        self.spikes[watch].extend(neurons.iter().map(|n| (step, *n)));
    }
    fn samples(&mut self, _: usize, _: Step, _: &[f64]) {}
    fn changes(&mut self, _: usize, _: Step, _: &[u32], _: &[f64]) {}
    fn count(&mut self, _: usize, _: Step, _: u64) {}
}

/// Multiplies the numbers of neurons, and keeps the number of sources of each.
fn scale(network: &mut Network, factor: f64) -> Result<(), Failure> {
    if factor == 1.0 {
        return Ok(());
    }
    let refuse = |what: String| Err(Failure::Run(format!("{what} cannot be scaled: it is given neuron by neuron")));
    for population in &mut network.populations {
        let values = population.parameters.iter().chain(&population.defaults).chain(&population.initial);
        let listed =
            values.map(|(_, v)| v).chain(population.positions.iter().flat_map(|p| p.axes.iter().map(|a| &a.1))).any(|v| matches!(v, InitialValue::Column(_)));
        if listed || matches!(population.kind, PopulationKind::Spikes(_)) {
            return refuse(format!("population `{}`", population.name));
        }
        population.size = (population.size as f64 * factor).round().max(1.0) as usize;
    }
    for projection in &mut network.projections {
        match &mut projection.connect {
            Connect::Probability(p) => *p = (*p / factor).min(1.0),
            Connect::FixedTotal(n) => *n = (*n as f64 * factor).round() as usize,
            Connect::List { .. } => return refuse(format!("projection `{}`", projection.name)),
            _ => {}
        }
    }
    Ok(())
}

/// Variables of the synapse that something changes during a run.
fn changed(program: &ProjectionProgram) -> Vec<String> {
    let events = program.on_pre.iter().chain(&program.on_post).flat_map(|e| [Some(&e.kernel), e.after.as_ref()].into_iter().flatten());
    let kernels = events.chain(&program.clocked).chain(program.on_interval.iter().map(|(_, k)| k));
    let stored: Vec<u32> = kernels.flat_map(|k| &k.ops).filter_map(|op| if let Op::Store(Place::Own(k), _) = op { Some(*k) } else { None }).collect();
    let slots = program.slots.iter().enumerate();
    slots.filter(|(k, s)| s.visible && stored.contains(&(*k as u32))).map(|(_, s)| s.name.clone()).collect()
}

/// A figure of the process's memory in MB, where the system tells it.
fn memory_mb(name: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(rounded(kilobytes / 1024.0, 1))
}

fn rounded(x: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (x * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::parse_experiment;
    use crate::library::Library;
    use crate::open::open;

    #[test]
    fn a_scaled_workload_keeps_its_sources_per_neuron_and_its_rate() {
        let library = Library::default();
        let mut opened = open(&library, "coba").unwrap();
        let experiment = parse_experiment(&mut opened, &library).unwrap();
        let measure = Measure { threads: 2, seed: Some(5), seconds: Some(0.3), warmup: 0.1, scale: 0.25, check: true };
        let figures = bench(&experiment, &measure, Instant::now()).unwrap();
        let number = |name: &str| figures[name].as_f64().unwrap();
        assert_eq!(number("neurons"), 1000.0);
        // 80 sources per neuron (0.02 of 4,000); standard error of the total 0.36 %.
        assert!((number("synapses") / 80_000.0 - 1.0).abs() < 0.02, "{}", number("synapses"));
        assert!((5.0..60.0).contains(&number("rate_E_hz")) && number("cv_E") > 0.3 && number("syn_events_per_s") > 0.0, "{figures:?}");
    }
}
