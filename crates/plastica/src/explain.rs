//! How models and experiments will be computed, and why: what `plastica check` and `plastica show --kernels` print.
//!
//! A synapse alone cannot be compiled, for its meaning hangs on the neurons at both ends. So a model file is checked in a small
//! circuit: its own neurons, or the first neuron of the library that the synapse fits.

use std::fmt::Write as _;

use plastica_engine::circuit::Circuit;
use plastica_kernel::passes::Passes;
use plastica_kernel::print;
use plastica_lang::source::{Diagnostic, Key, Sources, Table, Text, Value, ValueKind};
use plastica_network::network::{InitialValue, Network, PopulationKind};

use crate::experiment::{Experiment, Length, parse_as};
use crate::library::Library;
use crate::open::{Kind, Opened};
use crate::tables::Folder;

/// What can be said about a text without running it.
#[derive(Debug)]
pub struct Explained {
    /// One heading, then one line for each fact.
    pub text: String,
    /// The compiled circuits, with a heading each.
    pub circuits: Vec<(String, Circuit)>,
}

/// Checks and compiles an opened text; its diagnostics grow. `None` if there were errors. `length` matters to experiments only.
pub fn explain(opened: &mut Opened, library: &Library, length: Length) -> Option<Explained> {
    match opened.kind {
        Kind::Experiment => explain_experiment(opened, library, length),
        Kind::Models => explain_models(opened, library),
    }
}

/// The compiled kernels as text.
pub fn kernels(explained: &Explained) -> String {
    let mut out = String::new();
    for (heading, circuit) in &explained.circuits {
        let _ = writeln!(out, "# {heading}\n");
        for (population, program) in circuit.network.populations.iter().zip(&circuit.populations) {
            if population.model().is_some() {
                let _ = writeln!(out, "{}", print::population(program));
            }
        }
        for (projection, program) in circuit.network.projections.iter().zip(&circuit.projections) {
            let _ = writeln!(out, "{}", print::projection(program, &circuit.populations[projection.pre], &circuit.populations[projection.post]));
        }
    }
    out
}

fn compile(network: &Network, diagnostics: &mut Vec<Diagnostic>) -> Option<Circuit> {
    match Circuit::compile(network.clone(), Passes::default()) {
        Ok(circuit) => Some(circuit),
        Err(mut found) => {
            diagnostics.append(&mut found);
            None
        }
    }
}

fn explain_experiment(opened: &mut Opened, library: &Library, length: Length) -> Option<Explained> {
    let experiment = parse_as(opened, library, length)?;
    let mut overlays = crate::study::check_overlays(opened, library);
    if !overlays.is_empty() {
        opened.diagnostics.append(&mut overlays);
        return None;
    }
    let mut text = heading(&experiment);
    let mut circuits = Vec::new();
    if let Some(network) = &experiment.network {
        let circuit = compile(network, &mut opened.diagnostics)?;
        describe(&circuit, &mut text);
        circuits.push((format!("experiment {}", experiment.name), circuit));
    }
    for pairing in &experiment.pairings {
        let circuit = compile(&pairing.network, &mut opened.diagnostics)?;
        let _ =
            writeln!(text, "\npairing {}: {} rules x {} protocols, dt {}", pairing.name, pairing.rules.len(), pairing.protocols.len(), seconds(pairing.dt_s));
        describe(&circuit, &mut text);
        circuits.push((format!("pairing {}", pairing.name), circuit));
    }
    Some(Explained { text, circuits })
}

fn heading(experiment: &Experiment) -> String {
    let settings = &experiment.settings;
    let mut out = format!("experiment {}", experiment.name);
    if let Some(study) = &experiment.study {
        let groups: Vec<String> = study.lives.groups.iter().map(|g| format!("{} ({})", g.name, g.subjects)).collect();
        let _ =
            write!(out, ": a study of {}, dt {}, {} precision, seed {}", groups.join(", "), seconds(settings.dt_s), settings.precision.word(), settings.seed);
    } else if experiment.network.is_some() {
        let _ = write!(
            out,
            ": {} in {} steps of {}, {} precision, seed {}",
            seconds(settings.steps as f64 * settings.dt_s),
            settings.steps,
            seconds(settings.dt_s),
            settings.precision.word(),
            settings.seed
        );
    }
    out.push('\n');
    out
}

/// Populations with their methods, projections with the class of their postsynaptic events.
fn describe(circuit: &Circuit, out: &mut String) {
    for (population, program) in circuit.network.populations.iter().zip(&circuit.populations) {
        match &population.kind {
            PopulationKind::Model(model) => {
                let _ = writeln!(out, "population {}: {} x {}\n  method {}: {}", population.name, population.size, model.name, program.method, program.reason);
            }
            PopulationKind::Spikes(list) => {
                let _ = writeln!(out, "population {}: {} x given spikes, {} in all", population.name, population.size, list.step.len());
            }
        }
    }
    for (projection, program) in circuit.network.projections.iter().zip(&circuit.projections) {
        let name = |k: usize| &circuit.network.populations[k].name;
        let _ = writeln!(out, "projection {}: {} from {} to {}", projection.name, projection.model.name, name(projection.pre), name(projection.post));
        let _ = writeln!(out, "  {}: {}", program.class, program.reason);
        let every = |steps: u64| seconds(steps as f64 * circuit.network.dt_s);
        let pruned = program.prune.iter().map(|r| format!("pruned every {}", every(r.every)));
        let rules: Vec<String> = pruned.chain(program.grow.iter().map(|r| format!("grown every {}", every(r.every)))).collect();
        if !rules.is_empty() {
            let _ = writeln!(out, "  synapses are {}", rules.join(", "));
        }
        for (word, delay) in [("axonal", &projection.axonal), ("dendritic", &projection.dendritic)] {
            match delay.value {
                InitialValue::Constant(0.0) => {}
                InitialValue::Constant(d) => {
                    let steps = (d / circuit.network.dt_s).round();
                    let _ = writeln!(
                        out,
                        "  {word} delay {}, {steps} steps{}",
                        seconds(d),
                        if (steps * circuit.network.dt_s - d).abs() > 1e-6 * d { " (rounded)" } else { "" }
                    );
                }
                _ => {
                    let _ = writeln!(out, "  {word} delay of its own for each synapse, rounded to whole steps");
                }
            }
        }
    }
    for input in &circuit.network.inputs {
        let _ = writeln!(out, "input {}: to {}", input.name, circuit.network.populations[input.population].name);
    }
}

fn explain_models(opened: &mut Opened, library: &Library) -> Option<Explained> {
    let Opened { sources, table, folder, diagnostics, .. } = opened;
    table.known_keys("a model file", &["neuron", "synapse"], diagnostics);
    let names = |what: &str| match table.get(what).map(|v| &v.kind) {
        Some(ValueKind::Table(t)) => t.entries.iter().filter(|(_, v)| matches!(v.kind, ValueKind::Table(_))).map(|(k, _)| k.name.clone()).collect(),
        _ => Vec::<String>::new(),
    };
    let (neurons, synapses) = (names("neuron"), names("synapse"));
    let mut bench = Bench { sources, table, folder, library, diagnostics };
    let mut text = String::new();
    let mut circuits = Vec::new();
    for neuron in &neurons {
        let mut found = Vec::new();
        let network = bench.network(None, Some(neuron), &mut found);
        bench.diagnostics.append(&mut found);
        let circuit = compile(&network?, bench.diagnostics)?;
        let _ = writeln!(text, "neuron {neuron}\n  method {}: {}", circuit.populations[1].method, circuit.populations[1].reason);
        circuits.push((format!("neuron {neuron}"), circuit));
    }
    for synapse in &synapses {
        let (network, onto) = bench.synapse(synapse, &neurons)?;
        let circuit = compile(&network, bench.diagnostics)?;
        let _ = writeln!(text, "synapse {synapse}, checked {onto}\n  {}: {}", circuit.projections[0].class, circuit.projections[0].reason);
        circuits.push((format!("synapse {synapse}"), circuit));
    }
    (!bench.diagnostics.iter().any(Diagnostic::is_error)).then_some(Explained { text, circuits })
}

/// A small circuit with a synapse in it, and words for where it ends.
type Placed = (Network, String);

/// Puts single models into small circuits.
struct Bench<'a> {
    sources: &'a mut Sources,
    table: &'a Table,
    folder: &'a Folder,
    library: &'a Library,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Bench<'_> {
    /// One neuron that spikes at given times, one of a model (or another list of spikes), and perhaps a synapse between them.
    fn network(&mut self, synapse: Option<&str>, neuron: Option<&str>, found: &mut Vec<Diagnostic>) -> Option<Network> {
        let mut file = self.table.clone();
        if synapse.is_none() {
            // Synapses are judged with the neurons that fit them.
            file.entries.retain(|(k, _)| k.name != "synapse");
        }
        let text = |name: &str| ValueKind::Text(Text::made(name, self.table.span));
        // Rules by which synapses grow may read a distance.
        let place = || ("positions", ValueKind::Table(made(self.table, &[("x", text("0 um"))])));
        let spikes = || made(self.table, &[("size", ValueKind::Integer(1)), ("spikes", ValueKind::Array(Vec::new())), place()]);
        let post = neuron.map_or_else(spikes, |name| made(self.table, &[("size", ValueKind::Integer(1)), ("model", text(name)), place()]));
        let populations = made(self.table, &[("given spikes", ValueKind::Table(spikes())), ("one neuron", ValueKind::Table(post))]);
        file.entries.extend(made(self.table, &[("population", ValueKind::Table(populations))]).entries);
        if let Some(name) = synapse {
            let projection =
                made(self.table, &[("pre", text("given spikes")), ("post", text("one neuron")), ("synapse", text(name)), ("connect", text("all_to_all"))]);
            let projections = made(self.table, &[("one synapse", ValueKind::Table(projection))]);
            file.entries.extend(made(self.table, &[("projection", ValueKind::Table(projections))]).entries);
        }
        plastica_network::parse_network(self.sources, &file, 1e-4, self.library, self.folder, found)
    }

    /// A synapse onto the first neuron that it fits, and words for that neuron. One that fits none of them, but that a list of spikes can
    /// stand for, is explained with that list: the warning says what was left out.
    fn synapse(&mut self, synapse: &str, own: &[String]) -> Option<Placed> {
        let mut candidates: Vec<Option<String>> = vec![None];
        candidates.extend(own.iter().cloned().map(Some));
        candidates.extend(self.library.models("neurons").into_iter().map(Some));
        let mut fewest: Option<(Vec<Diagnostic>, Option<Placed>)> = None;
        for neuron in candidates {
            let mut found = Vec::new();
            let network = self.network(Some(synapse), neuron.as_deref(), &mut found);
            let made = network.map(|n| (n, neuron.map_or("between given spikes".into(), |n| format!("onto {n}"))));
            if made.is_some() && found.iter().all(|d| d.id != "no-receiver") {
                self.diagnostics.append(&mut found);
                return made;
            }
            if fewest.as_ref().is_none_or(|(f, _)| found.len() < f.len()) {
                fewest = Some((found, made));
            }
        }
        let (found, made) = fewest?;
        self.diagnostics.extend(found);
        made
    }
}

fn made(at: &Table, entries: &[(&str, ValueKind)]) -> Table {
    let entry = |(name, kind): &(&str, ValueKind)| (Key { name: (*name).into(), span: at.span }, Value { kind: kind.clone(), span: at.span });
    Table { span: at.span, entries: entries.iter().map(entry).collect() }
}

/// A time in the unit that reads best.
pub fn seconds(x: f64) -> String {
    let (scale, unit) = match x.abs() {
        a if a >= 1.0 || a == 0.0 => (1.0, "s"),
        a if a >= 1e-4 => (1e3, "ms"),
        _ => (1e6, "us"),
    };
    let digits: f64 = format!("{:.6}", x * scale).parse().unwrap_or(x * scale);
    format!("{digits} {unit}")
}
