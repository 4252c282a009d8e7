//! `[record.NAME]`: what is kept of a run.
//!
//! - `{ spikes = "E", neurons = "0:100" }`: spikes of some neurons, or of all
//! - `{ population = "E", variable = "v", interval = "1 ms", neurons = [0, 1] }`: a variable at an interval
//! - `{ projection = "EE", variable = "w", interval = "1 s", every = 100 }`: a variable of each hundredth synapse, or of
//!   `synapses = [..]`; with `interval = "change"` whenever it has changed
//! - `{ projection = "EE", count = "synapses", interval = "1 s" }`: how many synapses there are, or have `"grown"` or been `"pruned"`
//! - `{ rate = "E", bin = "10 ms" }`: the rate of a population

use plastica_engine::simulation::Counted;
use plastica_lang::source::{Diagnostic, Key, Span, Table, Text, Value, ValueKind};

use super::names::{Named, Owner};
use super::simulation::{Settings, positive_time, whole_steps};
use super::{did_you_mean, tables, wrong_type};

/// Something that is recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Name in the file, and in the store.
    pub name: String,
    /// Place of the name.
    pub span: Span,
    /// What.
    pub what: Recorded,
}

/// Kinds of recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Recorded {
    /// Spikes.
    Spikes {
        /// Index of the population.
        population: usize,
        /// Which neurons, ascending.
        neurons: Neurons,
    },
    /// A variable of neurons.
    Neurons {
        /// Index of the population.
        population: usize,
        /// Name of the variable.
        variable: String,
        /// Interval in steps.
        every: u64,
        /// Which neurons, ascending.
        neurons: Neurons,
    },
    /// A variable of synapses.
    Synapses {
        /// Index of the projection.
        projection: usize,
        /// Name of the variable.
        variable: String,
        /// Interval in steps; `None`: on change.
        every: Option<u64>,
        /// Which synapses.
        which: Which,
    },
    /// How many synapses there are, or have come or gone.
    Count {
        /// Index of the projection.
        projection: usize,
        /// What is counted.
        what: Counted,
        /// Interval in steps.
        every: u64,
    },
    /// Spikes per second and neuron, in bins.
    Rate {
        /// Index of the population.
        population: usize,
        /// Steps in a bin.
        bin: u64,
    },
}

/// Which neurons: all, or these, ascending.
pub type Neurons = Option<Vec<u32>>;

/// Which synapses, in the public order of a projection.
#[derive(Clone, Debug, PartialEq)]
pub enum Which {
    /// Each n-th (1: all).
    Every(u64),
    /// These, ascending.
    These(Vec<u64>),
}

const FORMS: &str =
    "write spikes = \"E\", or rate = \"E\" with bin = \"10 ms\", or population = \"E\" or projection = \"EE\" with variable = \"...\" and interval = \"1 ms\"";

/// Reads all `[record.*]`.
pub(super) fn parse_records(table: &Table, names: &Named<'_>, settings: Option<&Settings>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Record> {
    let mut out = Vec::new();
    for (key, body) in tables(table, "record", diagnostics) {
        let mut reader = Reader { names, dt_s: settings.map(|s| s.dt_s), what: format!("record `{}`", key.name), diagnostics };
        out.extend(reader.record(key, body).map(|what| Record { name: key.name.clone(), span: key.span, what }));
    }
    out
}

/// `count = "synapses"`, `"grown"` or `"pruned"`.
pub(crate) fn counted(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Counted> {
    let text = table.text("count", diagnostics)?;
    let found = Counted::WORDS.into_iter().find(|(word, _)| *word == text.text);
    if found.is_none() {
        let words: Vec<String> = Counted::WORDS.iter().map(|(word, _)| (*word).to_string()).collect();
        diagnostics.push(
            Diagnostic::error("unknown-count", text.span, format!("`{}` of a projection cannot be counted", text.text))
                .help(did_you_mean(&text.text, "counts", &words)),
        );
    }
    found.map(|(_, what)| what)
}

struct Reader<'a> {
    names: &'a Named<'a>,
    dt_s: Option<f64>,
    what: String,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn record(&mut self, key: &Key, table: &Table) -> Option<Recorded> {
        if !key.name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) || key.name.is_empty() {
            self.diagnostics.push(
                Diagnostic::error("bad-name", key.span, "a name is made of letters, digits, `-` and `_`")
                    .note("arrays and tables of the store are called after it")
                    .help("rename this record"),
            );
        }
        let kinds: Vec<&str> = ["spikes", "rate", "population", "projection"].into_iter().filter(|k| table.get(k).is_some()).collect();
        match kinds[..] {
            ["spikes"] => self.spikes(table),
            ["rate"] => self.rate(table),
            ["population"] => self.neurons(table),
            [_] => self.synapses(table),
            [] => {
                self.known(table, &["spikes", "rate", "population", "projection", "variable", "interval", "bin", "neurons", "synapses", "every"]);
                self.diagnostics.push(Diagnostic::error("missing-key", key.span, format!("{} does not say what to record", self.what)).help(FORMS));
                None
            }
            [_, second, ..] => {
                let place = table.key(second).map_or(key.span, |k| k.span);
                self.diagnostics.push(
                    Diagnostic::error("given-twice", place, format!("{} says more than one thing to record: {}", self.what, kinds.join(", ")))
                        .help("write one [record.NAME] for each"),
                );
                None
            }
        }
    }

    fn known(&mut self, table: &Table, keys: &[&str]) {
        table.known_keys(&self.what, keys, self.diagnostics);
    }

    fn spikes(&mut self, table: &Table) -> Option<Recorded> {
        self.known(table, &["spikes", "neurons"]);
        let population = self.owner(Owner::Population, table, "spikes");
        let neurons = self.selection(table, population);
        Some(Recorded::Spikes { population: population?, neurons: neurons? })
    }

    fn rate(&mut self, table: &Table) -> Option<Recorded> {
        self.known(table, &["rate", "bin"]);
        let population = self.owner(Owner::Population, table, "rate");
        let bin = self.steps(table, "bin", "10 ms");
        Some(Recorded::Rate { population: population?, bin: bin? })
    }

    fn neurons(&mut self, table: &Table) -> Option<Recorded> {
        self.known(table, &["population", "variable", "interval", "neurons"]);
        let population = self.owner(Owner::Population, table, "population");
        let variable = self.variable(Owner::Population, population, table);
        let every = self.steps(table, "interval", "1 ms");
        let neurons = self.selection(table, population);
        Some(Recorded::Neurons { population: population?, variable: variable?, every: every?, neurons: neurons? })
    }

    fn synapses(&mut self, table: &Table) -> Option<Recorded> {
        if table.get("count").is_some() {
            return self.count(table);
        }
        self.known(table, &["projection", "variable", "count", "interval", "every", "synapses"]);
        let projection = self.owner(Owner::Projection, table, "projection");
        let variable = self.variable(Owner::Projection, projection, table);
        let on_change = matches!(table.get("interval").map(|v| &v.kind), Some(ValueKind::Text(Text { text, .. })) if text == "change");
        let every = if on_change { Some(None) } else { self.steps(table, "interval", "1 s").map(Some) };
        let which = self.which(table);
        Some(Recorded::Synapses { projection: projection?, variable: variable?, every: every?, which: which? })
    }

    fn count(&mut self, table: &Table) -> Option<Recorded> {
        self.known(table, &["projection", "count", "interval"]);
        let projection = self.owner(Owner::Projection, table, "projection");
        let what = counted(table, self.diagnostics);
        let every = self.steps(table, "interval", "1 s");
        Some(Recorded::Count { projection: projection?, what: what?, every: every? })
    }

    fn owner(&mut self, owner: Owner, table: &Table, key: &str) -> Option<usize> {
        let name = table.text(key, self.diagnostics)?;
        self.names.find(owner, name, self.diagnostics)
    }

    fn variable(&mut self, owner: Owner, index: Option<usize>, table: &Table) -> Option<String> {
        let name = table.required_text(&self.what, "variable", self.diagnostics)?;
        if let Some(index) = index {
            self.names.variable(owner, index, name, self.diagnostics);
        }
        Some(name.text.clone())
    }

    fn steps(&mut self, table: &Table, key: &str, example: &str) -> Option<u64> {
        let Some(value) = table.get(key) else {
            self.diagnostics
                .push(Diagnostic::error("missing-key", table.span, format!("{} has no `{key}`", self.what)).help(format!("add a line: {key} = \"{example}\"")));
            return None;
        };
        let time = positive_time(value, key, self.diagnostics)?;
        whole_steps(value, key, time, self.dt_s?, self.diagnostics)
    }

    /// `"0:100"`, `"0:100:10"` or a list; the outer `None` after a fault.
    fn selection(&mut self, table: &Table, population: Option<usize>) -> Option<Neurons> {
        let size = population.and_then(|p| self.names.size(p));
        let Some(value) = table.get("neurons") else { return Some(None) };
        let list: Vec<u64> = match &value.kind {
            ValueKind::Text(text) => self.slice(text, size)?,
            ValueKind::Array(items) => self.indices(items, "neurons")?,
            _ => {
                self.diagnostics.push(wrong_type(value, "neurons", "a list of neurons or a range", "write [0, 1, 2] or \"0:100\""));
                return None;
            }
        };
        if let (Some(size), Some(last)) = (size, list.last())
            && *last >= size as u64
        {
            self.diagnostics.push(
                Diagnostic::error("not-an-index", value.span, format!("there is no neuron {last}"))
                    .note(format!("the population has the neurons 0 to {}", size - 1))
                    .help("write numbers in that range"),
            );
            return None;
        }
        Some(Some(list.into_iter().map(|i| i as u32).collect()))
    }

    fn slice(&mut self, text: &Text, size: Option<usize>) -> Option<Vec<u64>> {
        let size = size.map_or(u64::from(u32::MAX), |s| s as u64);
        let numbers: Vec<Option<u64>> = text.text.split(':').map(|s| s.trim().parse().ok()).collect();
        let blank: Vec<bool> = text.text.split(':').map(|s| s.trim().is_empty()).collect();
        let part = |k: usize, default: u64| if k >= numbers.len() || blank[k] { Some(default) } else { numbers[k] };
        let range = match numbers.len() {
            2 | 3 => part(0, 0).zip(part(1, size)).zip(part(2, 1)),
            _ => None,
        };
        match range {
            Some(((start, stop), step)) if step >= 1 && start < stop && stop <= size => Some((start..stop).step_by(step as usize).collect()),
            Some(((start, stop), _)) if start < stop && stop > size => {
                self.diagnostics.push(
                    Diagnostic::error("not-an-index", text.span, format!("there is no neuron {}", stop - 1))
                        .note(format!("the population has the neurons 0 to {}", size - 1))
                        .help(format!("write \"{start}:{size}\"")),
                );
                None
            }
            _ => {
                self.diagnostics.push(
                    Diagnostic::error("bad-range", text.span, format!("`{}` is no range of neurons", text.text))
                        .note("a range is start:stop or start:stop:step; stop is not in it")
                        .help("write \"0:100\""),
                );
                None
            }
        }
    }

    fn indices(&mut self, items: &[Value], key: &str) -> Option<Vec<u64>> {
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            match item.kind {
                ValueKind::Integer(i) if (0..1 << 40).contains(&i) => out.push(i as u64),
                _ => {
                    self.diagnostics
                        .push(Diagnostic::error("not-an-index", item.span, format!("`{key}` holds whole numbers from 0 on")).help("write [0, 1, 2]"));
                    return None;
                }
            }
        }
        out.sort_unstable();
        out.dedup();
        Some(out)
    }

    fn which(&mut self, table: &Table) -> Option<Which> {
        match (table.get("every"), table.get("synapses")) {
            (Some(_), Some(second)) => {
                self.diagnostics
                    .push(Diagnostic::error("given-twice", second.span, format!("{} has both `every` and `synapses`", self.what)).help("remove one of them"));
                None
            }
            (Some(_), None) => table.integer("every", 1, self.diagnostics).map(|n| Which::Every(n as u64)),
            (None, Some(_)) => {
                let items = table.array("synapses", self.diagnostics)?;
                self.indices(items, "synapses").map(Which::These)
            }
            (None, None) => Some(Which::Every(1)),
        }
    }
}
