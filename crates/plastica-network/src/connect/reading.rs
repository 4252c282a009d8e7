//! What a rule sees of its text and of the two populations while it is read.

use plastica_lang::source::{Diagnostic, Span, Table};

use crate::network::{MAX_MULTAPSES, Population};
use crate::parse::count;
use crate::parse::files::Columns;
use crate::parse::values::ValueReader;

/// The two sides of a projection, as far as rules need them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub n_pre: usize,
    pub n_post: usize,
    /// Is it a projection from a population to itself?
    pub recurrent: bool,
    pub autapses: bool,
    pub multapses: bool,
}

impl Ends {
    /// The neuron of the other side that a neuron must not connect to.
    pub fn excluded(&self, neuron: u32) -> Option<u32> {
        (self.recurrent && !self.autapses).then_some(neuron)
    }

    /// Number of sources that a target may have.
    pub fn sources(&self) -> usize {
        self.n_pre - usize::from(self.excluded(0).is_some())
    }

    /// Number of targets that a source may have.
    pub fn targets(&self) -> usize {
        self.n_post - usize::from(self.excluded(0).is_some())
    }

    /// Number of pairs that may be connected.
    pub fn pairs(&self) -> f64 {
        self.n_post as f64 * self.sources() as f64
    }
}

/// A rule's text, and what it may refer to.
pub(crate) struct Reading<'a> {
    /// Keys of the rule.
    pub table: &'a Table,
    pub span: Span,
    /// `projection `E``, for messages.
    pub what: &'a str,
    pub ends: Ends,
    pub pre: &'a Population,
    pub post: &'a Population,
    /// Reads formulas.
    pub values: &'a ValueReader<'a>,
    /// The file of a list.
    pub columns: Option<&'a Columns>,
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reading<'_> {
    /// Reports a fault at the place of a key, or of the whole rule.
    pub fn fault(&mut self, id: &'static str, key: &str, message: String, help: impl Into<String>) {
        let span = self.table.get(key).map_or(self.span, |v| v.span);
        self.diagnostics.push(Diagnostic::error(id, span, message).help(help));
    }

    /// A whole number of at least 1.
    pub fn count(&mut self, key: &str, most: f64, example: &str) -> Option<usize> {
        let Some(value) = self.table.get(key) else {
            self.fault("missing-key", key, format!("the connection of {} has no `{key}`", self.what), format!("write connect = {example}"));
            return None;
        };
        count(value, key, most, self.diagnostics)
    }

    /// Reports a number of synapses that one neuron cannot have. `partners`: how many neurons it may connect to.
    pub fn enough(&mut self, key: &str, k: usize, partners: usize, side: &str) -> bool {
        if self.ends.multapses && partners > 0 {
            let most = partners as f64 * MAX_MULTAPSES as f64;
            if k as f64 > most {
                self.fault(
                    "too-large",
                    key,
                    format!("{} wants {k} {side} for each neuron, more than {MAX_MULTAPSES} synapses of each pair", self.what),
                    format!("write {most} or less"),
                );
            }
            return k as f64 <= most;
        }
        if k <= partners {
            return true;
        }
        let without = if self.ends.excluded(0).is_some() { " other than itself" } else { "" };
        let help = if partners == 0 {
            "add autapses = true, or make the population larger".to_string()
        } else {
            format!("write {partners} or less, or allow several synapses of a pair with multapses = true")
        };
        self.fault("too-few-neurons", key, format!("{} wants {k} {side} for each neuron, but there are only {partners}{without}", self.what), help);
        false
    }
}
