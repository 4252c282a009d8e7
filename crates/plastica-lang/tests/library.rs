//! Every model of the library: no diagnostics, a citation, a source for each parameter, an expected result.

use std::path::{Path, PathBuf};

use plastica_lang::check::{NeuronNames, check_model, check_quantity, check_value};
use plastica_lang::model::{Model, ModelKind, Role};
use plastica_lang::source::{Diagnostic, Key, Sources, Table, Value, ValueKind, parse_toml, render};
use plastica_lang::units::{Dimension, unit};

fn library(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 5, "{}", root.display());
    files
}

/// What a file holds: name and table of its one model.
fn read(sources: &mut Sources, path: &Path, word: &str, diagnostics: &mut Vec<Diagnostic>) -> (Key, Table) {
    let id = sources.add(path.display().to_string(), std::fs::read_to_string(path).unwrap());
    let file = parse_toml(sources, id, diagnostics);
    file.known_keys("the file", &[word], diagnostics);
    let models = file.table(word, diagnostics).unwrap_or_else(|| panic!("{} has no [{word}.NAME]", path.display()));
    assert_eq!(models.entries.len(), 1, "{}: one model per file", path.display());
    let (key, value) = &models.entries[0];
    assert_eq!(path.file_stem().unwrap().to_str(), Some(key.name.as_str()), "the file is named as its model");
    let ValueKind::Table(table) = &value.kind else { panic!("{}: [{word}.NAME]", path.display()) };
    (key.clone(), table.clone())
}

fn clean(sources: &Sources, diagnostics: &[Diagnostic]) {
    assert!(diagnostics.is_empty(), "{}", render(sources, diagnostics, false));
}

fn neuron(name: &str) -> (Model, Sources) {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../models/neurons/{name}.toml"));
    let (key, table) = read(&mut sources, &path, "neuron", &mut diagnostics);
    let model = check_model(ModelKind::Neuron, &key, &table, None, None, &mut diagnostics);
    clean(&sources, &diagnostics);
    (model.unwrap(), sources)
}

#[test]
fn neurons_are_complete_and_faultless() {
    for path in library("neurons") {
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let (key, table) = read(&mut sources, &path, "neuron", &mut diagnostics);
        let model = check_model(ModelKind::Neuron, &key, &table, None, None, &mut diagnostics);
        clean(&sources, &diagnostics);
        let model = model.unwrap();
        complete(&model, &table, &mut diagnostics);
        clean(&sources, &diagnostics);
    }
}

#[test]
fn synapses_are_complete_and_faultless() {
    for path in library("synapses") {
        let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
        let (key, table) = read(&mut sources, &path, "synapse", &mut diagnostics);
        // A rule that names a variable of the postsynaptic neuron is checked with the neuron that its `expected` names.
        let post = table.table("expected", &mut diagnostics).and_then(|t| t.text("neuron", &mut diagnostics)).map(|name| neuron(&name.text).0);
        let writes_post = format!("{table:?}").contains("_post ");
        assert_eq!(post.is_some(), writes_post, "{}: `expected.neuron` is given where the text names a `_post` variable", path.display());
        let model = check_model(ModelKind::Synapse, &key, &table, None, post.as_ref(), &mut diagnostics);
        clean(&sources, &diagnostics);
        let model = model.unwrap();
        complete(&model, &table, &mut diagnostics);
        clean(&sources, &diagnostics);
        // Alone, as `plastica check` does it, the text is faultless too.
        check_model(ModelKind::Synapse, &key, &table, None, None, &mut diagnostics);
        clean(&sources, &diagnostics);
    }
}

fn complete(model: &Model, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let name = &model.name;
    assert!(!model.doc.trim().is_empty(), "{name} has no doc");
    assert!(model.source.len() > 20, "{name} has no citation");
    let sources = table.table("parameter_sources", diagnostics).unwrap_or_else(|| panic!("{name} has no parameter_sources"));
    let given: Vec<&str> = sources.entries.iter().map(|(k, _)| k.name.as_str()).collect();
    let wanted: Vec<&str> = model.parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(given, wanted, "{name}: parameter_sources name every parameter, in order");
    for (key, value) in &sources.entries {
        assert!(matches!(&value.kind, ValueKind::Text(t) if t.text.len() > 8), "{name}: source of {}", key.name);
    }
    initial(model, table, diagnostics);
    expected(model, table.table("expected", diagnostics).unwrap_or_else(|| panic!("{name} has no expected result")), diagnostics);
}

fn initial(model: &Model, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let Some(values) = table.table("initial", diagnostics) else { return };
    for (key, value) in &values.entries {
        let variable = model.variables.iter().find(|v| v.name == key.name && !matches!(v.role, Role::Subexpression(_)));
        let variable = variable.unwrap_or_else(|| panic!("{}: no variable {}", model.name, key.name));
        check_value(value, &NeuronNames(model), Some(variable.dimension), diagnostics);
    }
}

fn expected(model: &Model, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let name = &model.name;
    for (key, dimensions) in [("parameters", parameters(model)), ("initial", variables(model))] {
        for (key, value) in table.table(key, diagnostics).map_or(&[][..], |t| &t.entries) {
            let (_, dimension) = dimensions.iter().find(|(n, _)| *n == key.name).unwrap_or_else(|| panic!("{name}: expected names {}", key.name));
            check_quantity(value, Some(*dimension), diagnostics);
        }
    }
    assert!(table.text("from", diagnostics).is_some_and(|t| t.text.len() > 8), "{name}: where the expected result is from");
    if model.kind == ModelKind::Neuron {
        table.known_keys("expected", &["duration", "dt", "parameters", "initial", "spikes", "final", "tolerance", "from"], diagnostics);
        quantity(table, "duration", Dimension::SECOND, diagnostics);
        quantity(table, "dt", Dimension::SECOND, diagnostics);
        assert!(table.get("spikes").is_some() || table.get("final").is_some(), "{name}: a number of spikes or final values");
        if let Some(values) = table.table("final", diagnostics) {
            assert!(table.number("tolerance", diagnostics).is_some(), "{name}: tolerance");
            for (key, value) in &values.entries {
                let (_, dimension) = variables(model).into_iter().find(|(n, _)| *n == key.name).unwrap();
                check_quantity(value, Some(dimension), diagnostics);
            }
        }
        return;
    }
    table.known_keys(
        "expected",
        &["pre", "post", "neuron", "dt", "neuron_initial", "parameters", "initial", "at", "variable", "value", "tolerance", "from"],
        diagnostics,
    );
    for side in ["pre", "post"] {
        for time in table.array(side, diagnostics).unwrap_or_default() {
            check_quantity(time, Some(Dimension::SECOND), diagnostics);
        }
    }
    quantity(table, "at", Dimension::SECOND, diagnostics);
    assert!(table.number("tolerance", diagnostics).is_some(), "{name}: tolerance");
    let variable = &table.text("variable", diagnostics).unwrap().text;
    let dimension = match variable.strip_suffix("_post") {
        Some(short) => {
            let (neuron, _) = neuron(&table.text("neuron", diagnostics).unwrap().text);
            variables(&neuron).into_iter().find(|(n, _)| n == short).unwrap().1
        }
        None => variables(model).into_iter().find(|(n, _)| n == variable).unwrap().1,
    };
    quantity(table, "value", dimension, diagnostics);
}

fn quantity(table: &Table, key: &str, dimension: Dimension, diagnostics: &mut Vec<Diagnostic>) {
    let value: &Value = table.get(key).unwrap_or_else(|| panic!("expected has no {key}"));
    check_quantity(value, Some(dimension), diagnostics);
}

fn parameters(model: &Model) -> Vec<(String, Dimension)> {
    model.parameters.iter().map(|p| (p.name.clone(), p.dimension)).collect()
}

fn variables(model: &Model) -> Vec<(String, Dimension)> {
    model.variables.iter().map(|v| (v.name.clone(), v.dimension)).collect()
}

#[test]
fn the_library_has_what_the_page_promises() {
    let names = |folder: &str| -> Vec<String> { library(folder).iter().map(|p| p.file_stem().unwrap().to_str().unwrap().to_string()).collect() };
    for name in ["lif_delta", "lif_exp", "lif_alpha", "lif_cond_exp", "adex", "adex_clopath", "izhikevich", "hodgkin_huxley", "poisson"] {
        assert!(names("neurons").iter().any(|n| n == name), "{name}");
    }
    // The units of what is transmitted fit the neurons that they are for.
    for (variable, neurons) in [("v", ["lif_delta", "izhikevich"]), ("I_syn", ["lif_exp", "adex"]), ("g_e", ["lif_cond_exp", "hodgkin_huxley"])] {
        for name in neurons {
            let (model, _) = neuron(name);
            let word = match variable {
                "v" => "volt",
                "I_syn" => "amp",
                _ => "siemens",
            };
            assert_eq!(variables(&model).into_iter().find(|(n, _)| n == variable).map(|(_, d)| d), unit(word).map(|(_, d)| d), "{name}");
        }
    }
}
