//! The checked network: what `parse` makes of a text, and what `build` reads.
//!
//! Every number is in SI base units and every name has been resolved; spans still point at the text.

use std::fmt;
use std::sync::Arc;

use plastica_lang::model::{Expr, Model, Statement};
use plastica_lang::source::{Diagnostic, Span};

use crate::connect::{Connect, Ends};
use crate::distribution::Distribution;

/// Populations, projections and inputs in the order of the text.
#[derive(Clone, Debug)]
pub struct Network {
    /// Step in seconds.
    pub dt_s: f64,
    /// In the order of the text.
    pub populations: Vec<Population>,
    /// In the order of the text, which is the order of sums at a target.
    pub projections: Vec<Projection>,
    /// In the order of the text.
    pub inputs: Vec<Input>,
}

impl Network {
    /// Index of the population of a name.
    pub fn population(&self, name: &str) -> Option<usize> {
        self.populations.iter().position(|p| p.name == name)
    }

    /// Index of the projection of a name.
    pub fn projection(&self, name: &str) -> Option<usize> {
        self.projections.iter().position(|p| p.name == name)
    }
}

/// Neurons of one model, or a list of spikes.
#[derive(Clone, Debug)]
pub struct Population {
    /// Name in the text.
    pub name: String,
    /// The name's place.
    pub span: Span,
    /// Number of neurons, at most [`MAX_NEURONS`].
    pub size: usize,
    /// Step in seconds, the network's.
    pub dt_s: f64,
    /// What its neurons are.
    pub kind: PopulationKind,
    /// Overrides of parameters and of `(constant)` variables, in the order of the text. What hangs on nothing that
    /// varies has been evaluated to a `Constant`.
    pub parameters: Vec<(String, InitialValue)>,
    /// Default initial values of the model, in the order of its text.
    pub defaults: Vec<(String, InitialValue)>,
    /// Initial values of this population, in the order of the text; they come after the defaults.
    pub initial: Vec<(String, InitialValue)>,
    /// Where the neurons are.
    pub positions: Option<Positions>,
}

impl Population {
    /// The model, unless this is a list of spikes.
    pub fn model(&self) -> Option<&Model> {
        match &self.kind {
            PopulationKind::Model(model) => Some(model),
            PopulationKind::Spikes(_) => None,
        }
    }

    /// Parameters of the model that differ between neurons.
    pub fn varying(&self) -> Vec<String> {
        self.model().map_or_else(Vec::new, |m| varying(m, &self.parameters))
    }

    /// Parameters of the model that this population overrides with one value for all, SI units.
    ///
    /// [`Population::model`] has them already.
    pub fn constants(&self) -> Vec<(String, f64)> {
        self.model().map_or_else(Vec::new, |m| constants(m, &self.parameters))
    }
}

/// What the neurons of a population are.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant)] // There are few populations, and each is stored once.
pub enum PopulationKind {
    /// Neurons of a model, whose parameters have this population's constant overrides as their values.
    Model(Model),
    /// Spikes at given times.
    Spikes(SpikeList),
}

/// Spikes in order of step, then neuron; at most one per neuron and step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpikeList {
    /// Index of the neuron, `[n_spikes]`.
    pub neuron: Vec<u32>,
    /// Step, time over dt rounded to the nearest, `[n_spikes]`.
    pub step: Vec<i64>,
}

/// Where neurons are, in metres.
#[derive(Clone, Debug)]
pub struct Positions {
    /// `x`, `y` and `z`, as many as are given, in this order.
    pub axes: Vec<(String, InitialValue)>,
    /// Place in the text.
    pub span: Span,
}

/// Synapses from one population to another.
#[derive(Clone, Debug)]
pub struct Projection {
    /// Name in the text.
    pub name: String,
    /// The name's place.
    pub span: Span,
    /// Index of the presynaptic population.
    pub pre: usize,
    /// Index of the postsynaptic population.
    pub post: usize,
    /// The synapse model, bound to both neurons; its parameters have this projection's constant overrides.
    pub model: Model,
    /// Which pairs are connected.
    pub connect: Connect,
    /// Place of the connection rule.
    pub connect_span: Span,
    /// May a neuron connect to itself (in a projection from a population to itself)?
    pub autapses: bool,
    /// May a pair have several synapses?
    pub multapses: bool,
    /// Delay of presynaptic spikes on their way to the synapse.
    pub axonal: DelaySpec,
    /// Delay between the synapse and the postsynaptic neuron's body, both ways.
    pub dendritic: DelaySpec,
    /// Overrides of parameters and of `(constant)` variables, in the order of the text.
    pub parameters: Vec<(String, InitialValue)>,
    /// Default initial values of the model.
    pub defaults: Vec<(String, InitialValue)>,
    /// Initial values of this projection, in the order of the text; they come after the defaults.
    pub initial: Vec<(String, InitialValue)>,
    /// Variables of the presynaptic and of the postsynaptic neurons that hold their numbers of synapses.
    pub degrees: [Option<String>; 2],
}

impl Projection {
    /// Number of synapses that is to be expected (an upper bound where a formula decides).
    pub fn expected_synapses(&self, network: &Network) -> f64 {
        let ends = Ends {
            n_pre: network.populations[self.pre].size,
            n_post: network.populations[self.post].size,
            recurrent: self.pre == self.post,
            autapses: self.autapses,
            multapses: self.multapses,
        };
        self.connect.expected(&ends)
    }

    /// Parameters of the model that differ between synapses.
    pub fn varying(&self) -> Vec<String> {
        varying(&self.model, &self.parameters)
    }

    /// Parameters of the model that this projection overrides with one value for all, SI units.
    pub fn constants(&self) -> Vec<(String, f64)> {
        constants(&self.model, &self.parameters)
    }
}

fn varying(model: &Model, parameters: &[(String, InitialValue)]) -> Vec<String> {
    parameters
        .iter()
        .filter(|(name, value)| !matches!(value, InitialValue::Constant(_)) && model.parameters.iter().any(|p| p.name == *name))
        .map(|(name, _)| name.clone())
        .collect()
}

fn constants(model: &Model, parameters: &[(String, InitialValue)]) -> Vec<(String, f64)> {
    let own = |name: &String| model.parameters.iter().any(|p| p.name == *name);
    parameters
        .iter()
        .filter_map(|(name, value)| if let (InitialValue::Constant(x), true) = (value, own(name)) { Some((name.clone(), *x)) } else { None })
        .collect()
}

/// How an element gets its value.
#[derive(Clone, Debug)]
pub enum InitialValue {
    /// The same for all, SI units.
    Constant(f64),
    /// Evaluated for each element.
    Formula(Expr),
    /// Drawn for each element.
    Distribution(Distribution),
    /// One for each neuron `[size]`, or for each entry of a connection list; SI units.
    Column(Arc<Vec<f64>>),
}

/// How synapses get a delay.
#[derive(Clone, Debug)]
pub struct DelaySpec {
    /// Seconds.
    pub value: InitialValue,
    /// Place in the text (the projection's name when no delay is given).
    pub span: Span,
}

/// Statements that run for every neuron of a population in each step.
#[derive(Clone, Debug)]
pub struct Input {
    /// Name in the text.
    pub name: String,
    /// Index of the population.
    pub population: usize,
    /// When in the step.
    pub phase: Phase,
    /// In order; none if it is timed.
    pub statements: Vec<Statement>,
    /// Instead of statements: values one after another.
    pub timed: Option<Timed>,
    /// The name's place.
    pub span: Span,
}

/// A variable of neurons that takes the values of a list, one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// Name of the variable.
    pub variable: String,
    /// How many steps each row lasts, at least 1.
    pub every: u64,
    /// Values of a row: 1, or one for each neuron of the population.
    pub width: usize,
    /// Row after row, SI units, `[rows * width]`, at least one row.
    pub values: Arc<Vec<f64>>,
}

impl Timed {
    /// The row that holds at a step (0 or later); the last one stays.
    pub fn row(&self, step: u64) -> &[f64] {
        let last = self.values.len() / self.width - 1;
        let row = usize::try_from(step / self.every).unwrap_or(last).min(last);
        &self.values[row * self.width..(row + 1) * self.width]
    }
}

/// When in a step an input acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before the integration.
    Start,
    /// With the arriving spikes, before them.
    Deliver,
}

/// Most neurons of a population.
pub const MAX_NEURONS: usize = 1 << 31;
/// Most synapses of a projection.
pub const MAX_SYNAPSES: f64 = (1_u64 << 40) as f64;
/// Most synapses of one pair.
pub const MAX_MULTAPSES: usize = 1 << 16;
/// Longest delay in steps.
pub const MAX_DELAY_STEPS: f64 = (1_u32 << 24) as f64;

/// A network that cannot be built: what was drawn cannot be used, or there is too much of it.
#[derive(Clone, Debug)]
pub struct NetworkError {
    /// What to tell the user, with the place in the text.
    pub diagnostic: Box<Diagnostic>,
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.message)?;
        match &self.diagnostic.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for NetworkError {}

impl From<Diagnostic> for NetworkError {
    fn from(diagnostic: Diagnostic) -> Self {
        NetworkError { diagnostic: Box::new(diagnostic) }
    }
}
