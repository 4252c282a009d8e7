//! The model library and the experiments: text embedded at build, with folders of the user before them.

use std::path::PathBuf;

use include_dir::{Dir, include_dir};
use plastica_lang::model::ModelKind;
use plastica_lang::source::{Diagnostic, Key, Sources, Span, Table, ValueKind, parse_toml};

use crate::tables::Folder;

static MODELS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../models");
static EXPERIMENTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../experiments");

/// Where models and experiments are found by name.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// Folders searched first; each may hold `neurons/`, `synapses/`, experiments, or model files directly.
    pub paths: Vec<PathBuf>,
}

/// A text with the name that diagnostics show.
#[derive(Clone, Debug)]
pub struct Found {
    /// Path shown in diagnostics.
    pub name: String,
    /// The text.
    pub text: String,
    /// Where files that it names lie.
    pub folder: Folder,
}

impl Library {
    /// The text of a model, `kind` being `neurons` or `synapses`.
    pub fn model(&self, kind: &str, name: &str) -> Option<Found> {
        for base in &self.paths {
            for path in [base.join(kind).join(format!("{name}.toml")), base.join(format!("{name}.toml"))] {
                if let Some(found) = on_disk(path) {
                    return Some(found);
                }
            }
        }
        let file = MODELS.get_file(format!("{kind}/{name}.toml"))?;
        Some(Found {
            name: format!("models/{kind}/{name}.toml"),
            text: file.contents_utf8()?.to_string(),
            folder: Folder { embedded: Some(format!("models/{kind}")), ..Folder::default() },
        })
    }

    /// The text of an experiment: a path to a file, or a name.
    pub fn experiment(&self, what: &str) -> Option<Found> {
        let direct = PathBuf::from(what);
        let path = if direct.is_dir() { direct.join("experiment.toml") } else { direct };
        on_disk(path).or_else(|| self.experiment_named(what))
    }

    /// The text of an experiment by its name alone, whatever lies in the working folder.
    pub fn experiment_named(&self, what: &str) -> Option<Found> {
        for base in &self.paths {
            for path in [base.join(what).join("experiment.toml"), base.join(format!("{what}.toml"))] {
                if let Some(found) = on_disk(path) {
                    return Some(found);
                }
            }
        }
        let file = EXPERIMENTS.get_file(format!("{what}/experiment.toml"))?;
        Some(Found {
            name: format!("experiments/{what}/experiment.toml"),
            text: file.contents_utf8()?.to_string(),
            folder: Folder { embedded: Some(format!("experiments/{what}")), ..Folder::default() },
        })
    }

    /// Names of the models of a kind (`neurons`, `synapses`).
    pub fn models(&self, kind: &str) -> Vec<String> {
        let mut names: Vec<String> = MODELS
            .get_dir(kind)
            .map(|d| d.files().filter_map(|f| f.path().file_stem().map(|s| s.to_string_lossy().into_owned())).collect())
            .unwrap_or_default();
        for base in &self.paths {
            if let Ok(entries) = std::fs::read_dir(base.join(kind)) {
                names.extend(
                    entries
                        .flatten()
                        .map(|e| e.path())
                        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
                        .filter_map(|p| p.file_stem().map(|s| s.to_string_lossy().into_owned())),
                );
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// Names of the experiments.
    pub fn experiments(&self) -> Vec<String> {
        let mut names: Vec<String> =
            EXPERIMENTS.dirs().filter(|d| d.files().any(|f| f.path().ends_with("experiment.toml"))).map(|d| d.path().to_string_lossy().into_owned()).collect();
        for base in &self.paths {
            let entries = std::fs::read_dir(base).into_iter().flatten().flatten().map(|e| e.path());
            names.extend(entries.filter(|p| p.join("experiment.toml").is_file()).filter_map(|p| p.file_name().map(|n| n.to_string_lossy().into_owned())));
        }
        names.sort();
        names.dedup();
        names
    }

    /// The models of a kind with the first sentence of their description.
    pub fn listed(&self, kind: &str) -> Vec<Listed> {
        let word = kind.trim_end_matches('s');
        let doc = |name: &str| self.model(kind, name).and_then(|found| inner_text(&read(found), &[word, name, "doc"])).unwrap_or_default();
        let entry = |name: String| Listed { doc: first_sentence(&doc(&name)), name, ..Listed::default() };
        self.models(kind).into_iter().map(entry).collect()
    }

    /// The experiments with the first sentence of their description and what they test.
    pub fn listed_experiments(&self) -> Vec<Listed> {
        let entry = |t: crate::tested::Tested| Listed { doc: first_sentence(&t.doc), ids: t.ids(), claims: t.claims, run_time_s: t.run_time_s, name: t.name };
        crate::tested::experiments(self).into_iter().map(entry).collect()
    }

    /// An embedded file by its path in the tree (`models/...` or `experiments/...`).
    pub fn embedded_text(path: &str) -> Option<&'static str> {
        let (root, rest) = path.split_once('/')?;
        let dir = match root {
            "models" => &MODELS,
            "experiments" => &EXPERIMENTS,
            _ => return None,
        };
        dir.get_file(rest)?.contents_utf8()
    }
}

impl plastica_network::Library for Library {
    fn model(&self, sources: &mut Sources, kind: ModelKind, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<(Key, Table)> {
        let (word, folder) = words(kind);
        let found = self.model(folder, name)?;
        let id = sources.add(found.name.clone(), found.text);
        let file = parse_toml(sources, id, diagnostics);
        let model = match file.get(word).map(|v| &v.kind) {
            Some(ValueKind::Table(models)) => models.entries.iter().find_map(|(key, value)| match &value.kind {
                ValueKind::Table(table) if key.name == name => Some((key.clone(), table.clone())),
                _ => None,
            }),
            _ => None,
        };
        if model.is_none() {
            let start = Span { source: id, start: 0, end: 0 };
            diagnostics.push(
                Diagnostic::error("missing-model", start, format!("{} does not hold a {word} model `{name}`", found.name))
                    .help(format!("write a header [{word}.{name}], or rename the file")),
            );
        }
        model
    }

    fn names(&self, kind: ModelKind) -> Vec<String> {
        self.models(words(kind).1)
    }
}

/// A library entry, for listing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listed {
    /// Name.
    pub name: String,
    /// First sentence of its description.
    pub doc: String,
    /// Codes of the claims that an experiment tests.
    pub claims: Vec<String>,
    /// Its numbers in the atlas.
    pub ids: Vec<String>,
    /// About how many real seconds its default size takes on two cores, if it says so.
    pub run_time_s: Option<f64>,
}

fn read(found: Found) -> Table {
    let mut sources = Sources::default();
    let id = sources.add(found.name, found.text);
    parse_toml(&sources, id, &mut Vec::new())
}

fn inner_text(table: &Table, path: &[&str]) -> Option<String> {
    match (&table.get(path.first()?)?.kind, path.len()) {
        (ValueKind::Text(text), 1) => Some(text.text.clone()),
        (ValueKind::Table(inner), n) if n > 1 => inner_text(inner, &path[1..]),
        _ => None,
    }
}

/// The first sentence of a text, over the ends of lines and with its mark if that is a question's.
fn first_sentence(doc: &str) -> String {
    let words: Vec<&str> = doc.split_whitespace().collect();
    // A full stop ends a sentence where a capital letter, a number, a name or nothing follows: `et al. (2000)` goes on.
    let ends = |k: &usize| {
        let next = words.get(k + 1).and_then(|w| w.chars().next());
        words[*k].ends_with(['.', '?']) && words[*k] != "al." && next.is_none_or(|c| c.is_uppercase() || c.is_ascii_digit() || c == '`')
    };
    let last = (0..words.len()).find(ends).map_or(words.len(), |k| k + 1);
    words[..last].join(" ").trim_end_matches('.').to_string()
}

/// The word for a kind of model in a text, and the folder of such models.
pub fn words(kind: ModelKind) -> (&'static str, &'static str) {
    match kind {
        ModelKind::Neuron => ("neuron", "neurons"),
        ModelKind::Synapse => ("synapse", "synapses"),
    }
}

/// A text on disk, or `None` when there is no such file.
pub fn on_disk(path: PathBuf) -> Option<Found> {
    let text = std::fs::read_to_string(&path).ok()?;
    Some(Found { name: path.display().to_string(), text, folder: Folder { disk: path.parent().map(Into::into), ..Folder::default() } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_goes_over_lines_and_ends_at_its_mark() {
        let check = |doc: &str, expected: &str| assert_eq!(first_sentence(doc), expected);
        check("One line: and\nits end. Another.", "One line: and its end");
        check("Does it last? It does.", "Does it last?");
        check("After Song et al. (2000), 0.5 mV at most.\nMore.", "After Song et al. (2000), 0.5 mV at most");
        check("One. `g_e` is another.", "One");
        check("No end", "No end");
        check("", "");
    }
}
