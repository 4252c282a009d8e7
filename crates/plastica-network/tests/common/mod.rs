//! A library of inline text, files in memory, and short ways to a network.
#![allow(dead_code)] // Each test program uses its own part of this.

use std::sync::Arc;

use plastica_lang::model::ModelKind;
use plastica_lang::source::{Diagnostic, Key, Sources, Table, ValueKind, parse_toml, render};
use plastica_network::arrays::{Part, Synapses};
use plastica_network::build::build_projection;
use plastica_network::network::{Network, NetworkError};
use plastica_network::{Files, Library, NamedColumns, parse_network};

/// Models of one text, `[neuron.*]` and `[synapse.*]`.
pub struct TextLibrary(pub &'static str);

impl Library for TextLibrary {
    fn model(&self, sources: &mut Sources, kind: ModelKind, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<(Key, Table)> {
        let id = sources.add("library.toml", self.0);
        let table = parse_toml(sources, id, diagnostics);
        let models = table.table(if kind == ModelKind::Neuron { "neuron" } else { "synapse" }, diagnostics)?;
        let (key, value) = models.entries.iter().find(|(key, _)| key.name == name)?;
        if let ValueKind::Table(table) = &value.kind { Some((key.clone(), table.clone())) } else { None }
    }

    fn names(&self, kind: ModelKind) -> Vec<String> {
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let id = sources.add("library.toml", self.0);
        let table = parse_toml(&sources, id, &mut diagnostics);
        let models = table.table(if kind == ModelKind::Neuron { "neuron" } else { "synapse" }, &mut diagnostics);
        models.map_or_else(Vec::new, |t| t.entries.iter().map(|(key, _)| key.name.clone()).collect())
    }
}

/// Columns by path.
#[derive(Default)]
pub struct MemoryFiles(pub Vec<(&'static str, Columns)>);

type Columns = Vec<(&'static str, Vec<f64>)>;

impl Files for MemoryFiles {
    fn columns(&self, path: &str) -> Result<NamedColumns, String> {
        let (_, columns) = self.0.iter().find(|(p, _)| *p == path).ok_or_else(|| format!("cannot read {path}: no such file"))?;
        Ok(columns.iter().map(|(name, values)| (name.to_string(), Arc::new(values.clone()))).collect())
    }
}

/// What all tests build with.
pub const MODELS: &str = r#"
[neuron.lif]
equations = """
dv/dt = (v_rest - v + I + gain*U)/tau_m : volt (unless refractory)
I : volt
U : 1
n : integer
"""
threshold = "v > v_th"
reset = "v = v_rest"
refractory = "2 ms"
parameters = { v_rest = "-60 mV", tau_m = "20 ms", v_th = "-50 mV", gain = "1 mV" }

[synapse.static]
equations = """
w : volt
scale : 1 (constant)
drift : volt (shared)
"""
on_pre = "v_post += w*scale*k + drift"
parameters = { k = 1 }

[synapse.setting]
equations = "w : volt"
on_pre = "v_post = w"

[synapse.reading]
equations = "w : volt"
on_pre = "w = v_post + v_pre"
"#;

pub struct Read {
    pub network: Option<Network>,
    pub diagnostics: Vec<Diagnostic>,
    pub shown: String,
    pub sources: Sources,
}

/// Reads a text with `dt = 0.1 ms`.
pub fn read(text: &str, files: &MemoryFiles) -> Read {
    let mut sources = Sources::default();
    let id = sources.add("experiment.toml", text);
    let mut diagnostics = Vec::new();
    let table = parse_toml(&sources, id, &mut diagnostics);
    let network = parse_network(&mut sources, &table, 1e-4, &TextLibrary(MODELS), files, &mut diagnostics);
    let shown = render(&sources, &diagnostics, false);
    Read { network, diagnostics, shown, sources }
}

/// A network without any diagnostic.
pub fn good(text: &str, files: &MemoryFiles) -> Network {
    let found = read(text, files);
    assert!(found.diagnostics.is_empty(), "{}", found.shown);
    found.network.expect("a network without diagnostics")
}

/// Two populations of LIF neurons and a projection `P` from `A` to `B` with these lines; `post` may be `A`.
pub fn two(n_pre: usize, n_post: usize, post: &str, lines: &str) -> String {
    format!(
        "[population.A]\nmodel = \"lif\"\nsize = {n_pre}\n[population.B]\nmodel = \"lif\"\nsize = {n_post}\n[projection.P]\npre = \"A\"\npost = \"{post}\"\nsynapse = \"static\"\n{lines}\n"
    )
}

/// All synapses of the first projection.
pub fn whole(network: &Network, seed: u64) -> Synapses {
    build(network, seed).unwrap_or_else(|e| panic!("{e}"))
}

pub fn build(network: &Network, seed: u64) -> Result<Synapses, NetworkError> {
    build_projection(network, 0, Part { index: 0, of: 1 }, seed, 0)
}

/// Source, axonal delay, target, which of several, dendritic delay, values as bits.
pub type Line = (u32, u32, u32, u16, u32, Vec<(String, u64)>);

/// One line for each synapse: all that is known of it.
pub fn lines(synapses: &Synapses) -> Vec<Line> {
    let mut out = Vec::new();
    for pre in 0..synapses.row.len() - 1 {
        for s in synapses.row[pre]..synapses.row[pre + 1] {
            let multapse = synapses.multapse.get(s).copied().unwrap_or(0);
            let values = synapses.values.iter().map(|(name, values)| (name.clone(), values[s].to_bits())).collect();
            out.push((pre as u32, synapses.axonal.get(s), synapses.post[s], multapse, synapses.dendritic.get(s), values));
        }
    }
    out
}

/// Builds the first projection in `of` parts, puts them together, and compares with the whole.
pub fn check_parts(network: &Network, seed: u64, of: usize) {
    let expected = lines(&whole(network, seed));
    let parts: Vec<Synapses> = (0..of).map(|index| build_projection(network, 0, Part { index, of }, seed, 0).unwrap_or_else(|e| panic!("{e}"))).collect();
    let mut found: Vec<_> = parts.iter().flat_map(lines).collect();
    for part in &parts {
        assert!(lines(part).is_sorted(), "rows in order of source, axonal delay, target, which of several");
    }
    found.sort();
    assert!(expected.is_sorted());
    assert_eq!(found, expected, "in {of} parts");
    assert_eq!(parts.iter().map(|p| p.rounded).sum::<usize>(), whole(network, seed).rounded);
}
