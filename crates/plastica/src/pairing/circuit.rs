//! The circuit of a pairing: one neuron on each side for each protocol (and copy), one projection for each rule.
//!
//! The text that the network room reads is put together from the pairing's own values, so that a diagnostic points at them.

use plastica_lang::source::{Diagnostic, Key, Span, Table, Text, Value, ValueKind};
use plastica_network::network::{InitialValue, Network, PopulationKind, SpikeList};

use super::Pairing;
use super::parse::Context;
use super::protocol::Protocol;
use super::rule::Rule;

/// Index of the presynaptic population.
const PRE: usize = 0;
/// Index of the postsynaptic population.
const POST: usize = 1;
/// Index of the population that makes a postsynaptic neuron spike.
const DRIVE: usize = 2;

/// Index of the projection of the first rule: after that of the drive, if there is one.
pub(super) fn first_rule(network: &Network) -> usize {
    network.populations.len() - DRIVE
}

/// A table that is being made; all that has no place of its own has the pairing's.
struct Made {
    span: Span,
    table: Table,
}

impl Made {
    fn new(span: Span) -> Self {
        Made { span, table: Table { span, entries: Vec::new() } }
    }

    fn set(&mut self, name: &str, kind: ValueKind) {
        self.table.entries.push((Key { name: name.into(), span: self.span }, Value { kind, span: self.span }));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.set(name, ValueKind::Text(Text::made(text, self.span)));
    }

    /// A key of the user, with its place.
    fn keep(&mut self, table: &Table, from: &str, to: &str) {
        if let (Some(key), Some(value)) = (table.key(from), table.get(from)) {
            self.table.entries.push((Key { name: to.into(), span: key.span }, value.clone()));
        }
    }
}

/// Puts the circuit together and checks it. The spike lists are empty: [`circuit`] fills them.
pub(super) fn parse(context: &mut Context<'_>, table: &Table, rule_tables: &[&Table], rules: &[Rule], protocols: &[Protocol], dt_s: f64) -> Option<Network> {
    let size = protocols.len() as i64;
    let mut file = Made::new(table.span);
    for kind in ["neuron", "synapse"] {
        file.keep(context.file, kind, kind);
    }
    let spikes = || {
        let mut made = Made::new(table.span);
        made.set("size", ValueKind::Integer(size));
        made.set("spikes", ValueKind::Array(Vec::new()));
        made.table
    };
    let neuron = table.table("neuron", context.diagnostics);
    let mut populations = Made::new(table.span);
    populations.set("pre", ValueKind::Table(spikes()));
    let mut projections = Made::new(table.span);
    match neuron {
        None => populations.set("post", ValueKind::Table(spikes())),
        Some(neuron) => {
            neuron.known_keys("`neuron` of a pairing", &["model", "parameters", "initial", "drive", "each"], context.diagnostics);
            let mut post = Made::new(neuron.span);
            post.set("size", ValueKind::Integer(size));
            post.keep(neuron, "model", "model");
            post.keep(neuron, "initial", "initial");
            let parameters = parameters(neuron, protocols, context.diagnostics)?;
            post.set("parameters", ValueKind::Table(parameters));
            populations.set("post", ValueKind::Table(post.table));
            if let Some(own) = neuron.table("drive", context.diagnostics) {
                own.known_keys("`drive` of a neuron", &["synapse", "parameters", "initial"], context.diagnostics);
                populations.set("drive", ValueKind::Table(spikes()));
                let mut drive = projection(own.span, "drive", "post");
                for key in ["synapse", "parameters", "initial"] {
                    drive.keep(own, key, key);
                }
                projections.set("drive", ValueKind::Table(drive.table));
            }
        }
    }
    for (rule, own) in rules.iter().zip(rule_tables) {
        let mut made = projection(own.span, "pre", "post");
        made.keep(own, "synapse", "synapse");
        made.keep(own, "delay", "delay");
        made.keep(own, "parameters", "parameters");
        made.keep(if own.get("initial").is_some() { own } else { table }, "initial", "initial");
        projections.table.entries.push((Key { name: rule.name.clone(), span: own.span }, Value { kind: ValueKind::Table(made.table), span: own.span }));
    }
    file.set("population", ValueKind::Table(populations.table));
    file.set("projection", ValueKind::Table(projections.table));
    plastica_network::parse_network(context.sources, &file.table, dt_s, context.library, context.folder, context.diagnostics)
}

fn projection(span: Span, pre: &str, post: &str) -> Made {
    let mut made = Made::new(span);
    made.text("pre", pre);
    made.text("post", post);
    made.text("connect", "one_to_one");
    made
}

/// Parameters of the postsynaptic neuron: those for all, then those that differ between protocols, as lists.
fn parameters(neuron: &Table, protocols: &[Protocol], diagnostics: &mut Vec<Diagnostic>) -> Option<Table> {
    let mut out = match neuron.get("parameters") {
        Some(_) => neuron.table("parameters", diagnostics)?.clone(),
        None => Table { span: neuron.span, entries: Vec::new() },
    };
    for (key, value) in neuron.table("each", diagnostics).map_or(&[][..], |t| &t.entries) {
        let mut items = Vec::with_capacity(protocols.len());
        for protocol in protocols {
            let text = protocol.case.quantity(value, diagnostics)?;
            items.push(Value { kind: ValueKind::Text(Text::made(text, value.span)), span: value.span });
        }
        out.entries.push((key.clone(), Value { kind: ValueKind::Array(items), span: value.span }));
    }
    Some(out)
}

/// The circuit for some of the protocols, each in so many copies; neuron `p * copies + c` is copy `c` of the `p`-th of them.
pub(super) fn circuit(pairing: &Pairing, chosen: &[usize], copies: usize) -> Network {
    let mut network = pairing.network.clone();
    let driven = network.populations.len() > DRIVE;
    for (k, population) in network.populations.iter_mut().enumerate() {
        population.size = chosen.len() * copies;
        for values in [&mut population.parameters, &mut population.defaults, &mut population.initial] {
            for (_, value) in values {
                if let InitialValue::Column(column) = value {
                    *column = std::sync::Arc::new(chosen.iter().flat_map(|p| std::iter::repeat_n(column[*p], copies)).collect());
                }
            }
        }
        let is_pre = k == PRE;
        if is_pre || k == DRIVE || (k == POST && !driven && population.model().is_none()) {
            population.kind = PopulationKind::Spikes(spikes(pairing, chosen, copies, is_pre));
        }
    }
    network
}

fn spikes(pairing: &Pairing, chosen: &[usize], copies: usize, pre: bool) -> SpikeList {
    let mut all: Vec<(i64, u32)> = Vec::new();
    for (place, p) in chosen.iter().enumerate() {
        let protocol = &pairing.protocols[*p];
        let steps = if pre { &protocol.pre } else { &protocol.post };
        for step in steps {
            all.extend((0..copies).map(|c| (*step, (place * copies + c) as u32)));
        }
    }
    all.sort_unstable();
    SpikeList { neuron: all.iter().map(|s| s.1).collect(), step: all.iter().map(|s| s.0).collect() }
}
