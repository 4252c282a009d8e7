//! The kernels of every library model, as text: `tests/golden/kernels/`. Accept a change with
//! `PLASTICA_ACCEPT=1 cargo test -p plastica-kernel --test golden`, and read the difference.

use std::fs;
use std::path::{Path, PathBuf};

use plastica_kernel::ir::PopulationProgram;
use plastica_kernel::passes::Passes;
use plastica_kernel::{NeuronBinding, Side, SynapseBinding, compile_neuron, compile_synapse, print};
use plastica_lang::check::check_model;
use plastica_lang::model::{Model, ModelKind};
use plastica_lang::source::{Diagnostic, Key, Sources, Table, ValueKind, parse_toml, render};

const DT_S: f64 = 1e-4;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Name and text of each file of a folder of the library.
fn texts(folder: &str) -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join("models").join(folder)).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|p| (p.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(p).unwrap())).collect()
}

fn checked(kind: ModelKind, name: &str, text: &str, sides: Option<(&Model, &Model)>) -> Result<Model, String> {
    let mut sources = Sources::default();
    let id = sources.add(name, text);
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let table: Table = parse_toml(&sources, id, &mut diagnostics);
    let outer = table.get(if kind == ModelKind::Neuron { "neuron" } else { "synapse" });
    let Some(ValueKind::Table(outer)) = outer.map(|v| &v.kind) else { return Err(format!("{name} holds no model")) };
    let (key, value) = &outer.entries[0];
    let ValueKind::Table(body) = &value.kind else { return Err(format!("{name} is no table")) };
    let key = Key { name: key.name.clone(), span: key.span };
    let model = check_model(kind, &key, body, sides.map(|s| s.0), sides.map(|s| s.1), &mut diagnostics);
    model.ok_or_else(|| render(&sources, &diagnostics, false))
}

fn compare(name: &str, found: &str) {
    let path = root().join("tests/golden/kernels").join(format!("{name}.txt"));
    if std::env::var_os("PLASTICA_ACCEPT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let line = expected.lines().zip(found.lines()).position(|(a, b)| a != b);
    assert!(expected == found, "{name} differs from {} (line {line:?}); see the head of this file", path.display());
}

#[test]
fn kernels_of_the_library() {
    let mut neurons: Vec<(Model, PopulationProgram)> = Vec::new();
    for (name, text) in texts("neurons") {
        let model = checked(ModelKind::Neuron, &name, &text, None).unwrap_or_else(|e| panic!("{e}"));
        let program = compile_neuron(&model, &NeuronBinding { varying: Vec::new(), dt_s: DT_S }, Passes::default()).unwrap();
        compare(&name, &print::population(&program));
        neurons.push((model, program));
    }
    for (name, text) in texts("synapses") {
        // The first neuron model that has what the synapse reads and writes.
        let fitting = neurons.iter().find_map(|(m, p)| Some((checked(ModelKind::Synapse, &name, &text, Some((m, m))).ok()?, m, p)));
        let (model, neuron, program) = fitting.unwrap_or_else(|| panic!("no neuron of the library fits {name}"));
        let side = Side { model: Some(neuron), program };
        let binding = SynapseBinding { one_axonal_delay: true, one_dendritic_delay: true, dt_s: DT_S, ..SynapseBinding::default() };
        let compiled = compile_synapse(&model, &binding, side, side, Passes::default()).unwrap();
        compare(&name, &format!("between neurons {}\n{}", neuron.name, print::projection(&compiled, program, program)));
    }
}
