//! The expected result of every model of the library, run through the reference back end.
//!
//! The results are computed apart from Plastica, by `tests/reference/expected.py`; `tests/spec/models.md` says what the keys mean.

use std::path::Path;

use plastica_engine::conformance::{Outcome, SEEDS, compiled, reference_with};
use plastica_engine::simulation::{Quantity, Simulation, Watch};
use plastica_kernel::passes::Passes;
use plastica_lang::check::check_quantity;
use plastica_lang::source::{SourceId, Sources, Table, Value, ValueKind, parse_toml};

/// A file of the library.
struct File {
    name: String,
    text: String,
    sources: Sources,
    expected: Table,
}

fn text_of(folder: &str, name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../models/{folder}/{name}.toml"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn library(folder: &str, word: &str) -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(folder);
    let mut names: Vec<String> = std::fs::read_dir(&root).unwrap().map(|e| e.unwrap().path().file_stem().unwrap().to_str().unwrap().to_string()).collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let text = text_of(folder, &name);
            let mut sources = Sources::default();
            let id = sources.add(name.clone(), text.clone());
            let mut diagnostics = Vec::new();
            let file = parse_toml(&sources, id, &mut diagnostics);
            let expected = table(&table(&table(&file, word), &name), "expected");
            File { name, text, sources, expected }
        })
        .collect()
}

fn table(of: &Table, key: &str) -> Table {
    match of.get(key) {
        Some(Value { kind: ValueKind::Table(t), .. }) => t.clone(),
        _ => panic!("there is no table {key}"),
    }
}

fn number(value: &Value) -> f64 {
    let mut diagnostics = Vec::new();
    check_quantity(value, None, &mut diagnostics).unwrap_or_else(|| panic!("{diagnostics:?}")).0
}

impl File {
    /// A value of `expected` in SI units.
    fn number(&self, key: &str) -> f64 {
        number(self.expected.get(key).unwrap_or_else(|| panic!("{}: no {key}", self.name)))
    }

    /// A line `to = ...` with the text of a key of `expected`, if it is there.
    fn line(&self, key: &str, to: &str) -> String {
        let shown = |value: &Value| self.sources.text(SourceId(0))[value.span.start as usize..value.span.end as usize].to_string();
        self.expected.get(key).map_or_else(String::new, |value| format!("{to} = {}\n", shown(value)))
    }
}

fn run(text: &str, dt_s: f64, after_s: f64) -> (Simulation, usize) {
    let circuit = compiled(text, dt_s, Passes::default());
    let mut simulation = Simulation::build(circuit, SEEDS, 1, reference_with(dt_s)).unwrap();
    simulation.watch(Watch::Spikes { population: 0, neurons: None });
    let mut seen = Outcome::default();
    simulation.advance((after_s / dt_s).round() as u64, &mut seen).unwrap();
    (simulation, seen.spikes.iter().map(|s| s.2.len()).sum())
}

fn check(what: &str, found: f64, expected: f64, tolerance: f64) -> Option<String> {
    let near = (found - expected).abs() <= tolerance * expected.abs();
    (!near).then(|| format!("{what} is {found}, expected {expected}, off by {:.1e} of it", (found - expected).abs() / expected.abs()))
}

#[test]
fn neurons_give_their_expected_results() {
    let mut faults = Vec::new();
    for file in library("neurons", "neuron") {
        let name = &file.name;
        let text = format!(
            "{}\n[population.P]\nmodel = \"{name}\"\nsize = 1\n{}{}",
            file.text,
            file.line("parameters", "parameters"),
            file.line("initial", "initial")
        );
        let (mut simulation, spikes) = run(&text, file.number("dt"), file.number("duration"));
        if let Some(Value { kind: ValueKind::Integer(expected), .. }) = file.expected.get("spikes")
            && spikes != *expected as usize
        {
            faults.push(format!("{name}: {spikes} spikes, expected {expected}"));
        }
        if file.expected.get("final").is_some() {
            for (key, value) in &table(&file.expected, "final").entries {
                let found = simulation.read(&Quantity::Population(0, key.name.clone())).unwrap()[0];
                faults.extend(check(&format!("{name}: {}", key.name), found, number(value), file.number("tolerance")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn synapses_give_their_expected_results() {
    let mut faults = Vec::new();
    for file in library("synapses", "synapse") {
        let name = &file.name;
        let text_at = |key: &str| match file.expected.get(key) {
            Some(Value { kind: ValueKind::Text(t), .. }) => Some(t.text.clone()),
            _ => None,
        };
        let spikes = |key: &str| format!("spikes = {{ times = [{}] }}\n", file.line(key, "").trim_start_matches(" = ").trim_end());
        let (library, post) = match text_at("neuron") {
            Some(neuron) => (text_of("neurons", &neuron), format!("model = \"{neuron}\"\nsize = 1\n{}", file.line("neuron_initial", "initial"))),
            None => (String::new(), spikes("post")),
        };
        let text = format!(
            "{library}\n{}\n[population.pre]\n{}[population.post]\n{post}[projection.S]\npre = \"pre\"\npost = \"post\"\nsynapse = \"{name}\"\nconnect = \"one_to_one\"\ndelay = \"0 ms\"\n{}{}",
            file.text,
            spikes("pre"),
            file.line("parameters", "parameters"),
            file.line("initial", "initial")
        );
        let (mut simulation, _) = run(&text, file.number("dt"), file.number("at"));
        let variable = text_at("variable").unwrap();
        let quantity = match variable.strip_suffix("_post") {
            Some(short) => Quantity::Population(1, short.into()),
            None => Quantity::Projection(0, variable.clone()),
        };
        let found = simulation.read(&quantity).unwrap()[0];
        faults.extend(check(&format!("{name}: {variable}"), found, file.number("value"), file.number("tolerance")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
