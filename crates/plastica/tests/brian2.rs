//! Spike for spike with Brian2: every circuit of `tests/reference/brian2`, in double precision, on two threads.
//! How the references were made, and why rounding does not matter, stands in `tests/reference/README.md`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plastica::experiment::parse_experiment;
use plastica::library::Library;
use plastica::open::open;
use plastica::render;
use plastica::run::Engine;
use plastica_engine::backend::Step;
use plastica_engine::circuit::Circuit;
use plastica_engine::simulation::{Quantity, Simulation, Sink, Watch};
use plastica_kernel::passes::Passes;

/// Relative difference of final weights.
const WEIGHTS: f64 = 1e-9;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/brian2")
}

fn records(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    reader.records().map(|r| r.unwrap().iter().map(str::to_string).collect()).collect()
}

/// Spikes of each population: step, neuron.
#[derive(Default)]
struct Spikes(Vec<Vec<(Step, u32)>>);

impl Sink for Spikes {
    fn spikes(&mut self, watch: usize, step: Step, neurons: &[u32]) {
        self.0[watch].extend(neurons.iter().map(|n| (step, *n)));
    }
    fn samples(&mut self, _: usize, _: Step, _: &[f64]) {}
    fn changes(&mut self, _: usize, _: Step, _: &[u32], _: &[f64]) {}
    fn count(&mut self, _: usize, _: Step, _: u64) {}
}

fn check(name: &str) {
    let folder = folder().join(name);
    let library = Library::default();
    let mut opened = open(&library, &folder.join("experiment.toml").to_string_lossy()).unwrap();
    let Some(experiment) = parse_experiment(&mut opened, &library) else { panic!("{}", render(&opened.sources, &opened.diagnostics, false)) };
    let network = experiment.network.unwrap();
    let names: Vec<String> = network.populations.iter().map(|p| p.name.clone()).collect();
    let projections: Vec<String> = network.projections.iter().map(|p| p.name.clone()).collect();
    let engine = Engine::new(&experiment.settings, Some(2));
    let make = engine.backend(network.dt_s);
    let circuit = Arc::new(Circuit::compile(network, Passes::default()).unwrap());
    let mut simulation = Simulation::build(circuit, engine.seeds, engine.threads, make).unwrap();
    let mut spikes = Spikes(vec![Vec::new(); names.len()]);
    for population in 0..names.len() {
        simulation.watch(Watch::Spikes { population, neurons: None });
    }
    simulation.advance(experiment.settings.steps, &mut spikes).unwrap();

    let mut compared = 0;
    for (population, found) in names.iter().zip(&spikes.0) {
        let path = folder.join(format!("spikes_{population}.csv"));
        if !path.exists() {
            continue;
        }
        let mut expected: Vec<(Step, u32)> = records(&path).iter().map(|r| (r[1].parse().unwrap(), r[0].parse().unwrap())).collect();
        expected.sort_unstable();
        let first = expected.iter().zip(found).find(|(a, b)| a != b);
        assert!(
            first.is_none() && expected.len() == found.len(),
            "{name}: {population}: first difference {first:?}; {} and {} spikes",
            expected.len(),
            found.len()
        );
        compared += found.len();
    }
    assert!(compared > 300, "{name}: {compared} spikes show too little");
    weights(name, &folder.join("weights.csv"), &projections, &mut simulation);
}

fn weights(name: &str, path: &Path, projections: &[String], simulation: &mut Simulation) {
    if !path.exists() {
        return;
    }
    let mut found: HashMap<(String, String), HashMap<(u32, u32), f64>> = HashMap::new();
    for record in records(path) {
        let [projection, variable, pre, post, value] = &record[..] else { panic!("{}: five columns", path.display()) };
        let values = found.entry((projection.clone(), variable.clone())).or_insert_with(|| {
            let index = projections.iter().position(|p| p == projection).unwrap();
            let list = simulation.synapses(index);
            let values = simulation.read(&Quantity::Projection(index, variable.clone())).unwrap();
            list.pre.into_iter().zip(list.post).zip(values).collect()
        });
        let (expected, key): (f64, _) = (value.parse().unwrap(), (pre.parse().unwrap(), post.parse().unwrap()));
        let value = values[&key];
        assert!((value - expected).abs() <= WEIGHTS * expected.abs().max(1e-30), "{name}: {projection}.{variable} of {key:?} is {value}, not {expected}");
    }
    assert!(!found.is_empty(), "{name}: no weights were compared");
}

macro_rules! circuits {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(stringify!($name)); })*

        #[test]
        fn every_reference_has_its_test() {
            let mut there: Vec<String> = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
            there.sort();
            let mut tested = vec![$(stringify!($name)),*];
            tested.sort_unstable();
            assert_eq!(there, tested);
        }
    };
}

circuits! {
    adex clopath graupner_brunel hodgkin_huxley izhikevich lif_alpha lif_cond lif_delta lif_exp
    method_euler method_euler_maruyama method_heun method_rk4 method_stochastic_heun
    recurrent reward scaling stdp_additive stdp_multiplicative stdp_nearest stdp_power
    triplet_full triplet_minimal tsodyks_markram vogels
}
