//! `lesion = { neurons = { E = 0.4 }, synapses = { EE = 0.5 } }`: what an injury takes away.

use plastica_lang::source::{Diagnostic, Table, ValueKind};

use crate::circuit::{Circuit, Noun, Owner, exists};
use crate::tables::{did_you_mean, wrong_type};

/// What of a population or projection is lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesion {
    /// Neurons of a population, or synapses of a projection.
    pub owner: Owner,
    /// Its name.
    pub of: String,
    /// Which of them.
    pub which: Lost,
}

/// Which are lost.
#[derive(Clone, Debug, PartialEq)]
pub enum Lost {
    /// A share of them, drawn at random.
    Share(f64),
    /// Neurons for which this variable or parameter is not 0.
    Marked(String),
}

impl Lesion {
    /// Reads the key `lesion` of a table.
    pub fn parse_all(table: &Table, circuit: &dyn Circuit, diagnostics: &mut Vec<Diagnostic>) -> Vec<Lesion> {
        let Some(lesion) = table.table("lesion", diagnostics) else { return Vec::new() };
        lesion.known_keys("`lesion`", &["neurons", "synapses"], diagnostics);
        let mut out = Vec::new();
        for (key, owner) in [("neurons", Owner::Population), ("synapses", Owner::Projection)] {
            let Some(list) = lesion.table(key, diagnostics) else { continue };
            for (of, value) in &list.entries {
                if !exists(circuit, Noun::Owner(owner), &of.name, of.span, diagnostics) {
                    continue;
                }
                let share = match &value.kind {
                    ValueKind::Integer(i) => Some(*i as f64),
                    ValueKind::Float(x) => Some(*x),
                    _ => None,
                };
                let which = match (share, &value.kind, owner) {
                    (Some(x), ..) if (0.0..=1.0).contains(&x) => Lost::Share(x),
                    (Some(x), ..) => {
                        let fault = Diagnostic::error("out-of-range", value.span, format!("a share lies between 0 and 1, but this is {x}"));
                        diagnostics.push(fault.help("write 0.4 for two fifths"));
                        continue;
                    }
                    (None, ValueKind::Text(mark), Owner::Population) => {
                        if let Some(known) = circuit.values(&of.name)
                            && !known.contains(&mark.text)
                        {
                            let message = format!("population `{}` has no variable or parameter `{}`", of.name, mark.text);
                            let help = did_you_mean(&mark.text, "values", known.iter().map(String::as_str));
                            diagnostics.push(Diagnostic::error("unknown-variable", mark.span, message).help(help));
                            continue;
                        }
                        Lost::Marked(mark.text.clone())
                    }
                    _ => {
                        let wanted = if owner == Owner::Population { "a share, or the name of a value that marks neurons" } else { "a share" };
                        diagnostics.push(wrong_type(value, &of.name, wanted, "write a number from 0 to 1, such as 0.4"));
                        continue;
                    }
                };
                out.push(Lesion { owner, of: of.name.clone(), which });
            }
        }
        out
    }
}
