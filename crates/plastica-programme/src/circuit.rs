//! What this room asks about the circuit that lives: names and dimensions, nothing else.

use plastica_lang::source::{Diagnostic, Key, Span};
use plastica_lang::units::Dimension;

use crate::tables::did_you_mean;

/// Which of the two that have parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// Neurons.
    Population,
    /// Synapses.
    Projection,
}

impl Owner {
    /// As in the file.
    pub fn word(self) -> &'static str {
        match self {
            Owner::Population => "population",
            Owner::Projection => "projection",
        }
    }
}

/// The circuit that tables of lives refer to; the facade answers from the network.
pub trait Circuit {
    /// Names of the populations.
    fn populations(&self) -> Vec<String>;
    /// Names of the projections.
    fn projections(&self) -> Vec<String>;
    /// Names of the inputs.
    fn inputs(&self) -> Vec<String>;
    /// The modulators that models declare, and their dimensions.
    fn modulators(&self) -> Vec<(String, Dimension)>;
    /// The parameters of a population or projection that may be changed in mid-run, and their dimensions; `None` when they are
    /// not known, because the network has faults that were reported already.
    fn parameters(&self, owner: Owner, name: &str) -> Option<Vec<(String, Dimension)>>;
    /// The variables and parameters of a population that have a value for each neuron or one for all; `None` when they are not known.
    fn values(&self, population: &str) -> Option<Vec<String>>;
}

/// Names of one kind.
#[derive(Clone, Copy)]
pub(crate) enum Noun {
    Owner(Owner),
    Input,
}

/// Is there one of this name? Reports it if not.
pub(crate) fn exists(circuit: &dyn Circuit, noun: Noun, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let (names, id, word) = match noun {
        Noun::Owner(Owner::Population) => (circuit.populations(), "unknown-population", "population"),
        Noun::Owner(Owner::Projection) => (circuit.projections(), "unknown-projection", "projection"),
        Noun::Input => (circuit.inputs(), "unknown-input", "input"),
    };
    if names.iter().any(|n| n == name) {
        return true;
    }
    let help = did_you_mean(name, &format!("{word}s"), names.iter().map(String::as_str));
    diagnostics.push(Diagnostic::error(id, span, format!("there is no {word} `{name}`")).label(format!("unknown {word}")).help(help));
    false
}

/// Dimension of a parameter; reports a name that is none.
pub(crate) fn parameter(circuit: &dyn Circuit, owner: Owner, of: &str, key: &Key, diagnostics: &mut Vec<Diagnostic>) -> Option<Dimension> {
    let known = circuit.parameters(owner, of)?;
    if let Some((_, dimension)) = known.iter().find(|(n, _)| *n == key.name) {
        return Some(*dimension);
    }
    let help = did_you_mean(&key.name, "parameters", known.iter().map(|(n, _)| n.as_str()));
    let fault = Diagnostic::error("unknown-parameter", key.span, format!("{} `{of}` has no parameter `{}`", owner.word(), key.name));
    diagnostics.push(fault.label("no such parameter").help(help));
    None
}
