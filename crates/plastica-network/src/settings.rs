//! Values set one after another: each formula reads what was set before it.

use std::ops::Range;

use plastica_lang::model::{Model, Scope};
use plastica_lang::source::{Diagnostic, Span};

use crate::elements::{Draws, Here, Quantity, Surroundings, each_value};
use crate::network::{InitialValue, Network, NetworkError, Population};

/// A value of all elements.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    /// One for all.
    Same(f64),
    /// One for each.
    Each(Vec<f64>),
}

/// Values by name; one that is set again comes again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings(pub Vec<(String, Setting)>);

impl Settings {
    /// What a model has before anything is set: variables 0 (or what `first_value` says), parameters their values.
    pub fn of_model(model: &Model) -> Self {
        let variables = model.variables.iter().map(|v| (v.name.clone(), Setting::Same(v.first_value())));
        Settings(variables.chain(model.parameters.iter().map(|p| (p.name.clone(), Setting::Same(p.value)))).collect())
    }

    /// The last value of a name, taken out.
    fn take(&mut self, name: &str) -> Option<Setting> {
        let (_, setting) = self.0.iter_mut().rev().find(|(n, _)| n == name)?;
        Some(std::mem::replace(setting, Setting::Same(0.0)))
    }

    /// All values, as formulas read them.
    pub fn names(&self, scope: Scope) -> impl Iterator<Item = (Scope, &str, Quantity<'_>)> {
        self.0.iter().map(move |(name, setting)| {
            let quantity = match setting {
                Setting::Same(x) => Quantity::Same(*x),
                Setting::Each(values) => Quantity::Each(values),
            };
            (scope, name.as_str(), quantity)
        })
    }

    /// What differs from what the engine takes by itself (variables 0, parameters the model's value): arrays of `n`, and shared values.
    pub fn given(mut self, model: &Model, names: &[&str], n: usize) -> Given {
        let mut given = Given::default();
        let mut seen = Vec::with_capacity(names.len());
        for name in names {
            if seen.contains(name) {
                continue;
            }
            seen.push(*name);
            let Some(setting) = self.take(name) else { continue };
            let shared = model.variables.iter().any(|v| v.name == *name && v.flags.shared);
            let is_parameter = model.parameters.iter().any(|p| p.name == *name);
            match setting {
                Setting::Same(x) if shared => given.shared.push((name.to_string(), x)),
                Setting::Same(_) if is_parameter => {}
                Setting::Same(0.0) => {}
                Setting::Same(x) => given.values.push((name.to_string(), vec![x; n])),
                Setting::Each(values) => given.values.push((name.to_string(), values)),
            }
        }
        given
    }
}

/// What the engine is told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pub values: Vec<(String, Vec<f64>)>,
    pub shared: Vec<(String, f64)>,
}

/// Which run: the seed, and which subject.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub seed: u64,
    pub subject: u32,
    /// At which step: 0 for what is drawn before the run.
    pub step: u64,
}

impl Run {
    /// The random numbers of an owner.
    pub fn draws<'a>(&self, owner: &'a str) -> Draws<'a> {
        Draws { owner, place: 0, seed: self.seed, subject: self.subject, step: self.step }
    }
}

/// The values of a population's neurons `range`.
pub(crate) fn neurons(network: &Network, population: &Population, range: Range<usize>, run: Run) -> Result<Settings, NetworkError> {
    let Some(model) = population.model() else { return Ok(Settings::default()) };
    let positions = positions(network, population, range.clone(), run)?;
    let mut settings = Settings::of_model(model);
    for (name, value) in population.parameters.iter().chain(&population.defaults).chain(&population.initial) {
        let setting = {
            // A model's own name goes before a position of the same name.
            let names =
                positions.iter().map(|(axis, values)| (Scope::Local, axis.as_str(), Quantity::Each(values))).chain(settings.names(Scope::Own)).collect();
            let around = Surroundings { dt_s: network.dt_s, n: population.size as f64, names };
            neuron_values(population, name, value, &around, range.clone(), run)?
        };
        settings.0.push((name.clone(), setting));
    }
    Ok(settings)
}

/// Where neurons are, by axis.
pub(crate) fn positions(network: &Network, population: &Population, range: Range<usize>, run: Run) -> Result<Vec<(String, Vec<f64>)>, NetworkError> {
    let around = Surroundings { dt_s: network.dt_s, n: population.size as f64, names: Vec::new() };
    let axes = population.positions.iter().flat_map(|p| &p.axes);
    let one = |(axis, value): &(String, InitialValue)| {
        let values = match neuron_values(population, &format!("positions.{axis}"), value, &around, range.clone(), run)? {
            Setting::Same(x) => vec![x; range.len()],
            Setting::Each(values) => values,
        };
        Ok((axis.clone(), values))
    };
    axes.map(one).collect()
}

fn neuron_values(
    population: &Population,
    name: &str,
    value: &InitialValue,
    around: &Surroundings<'_>,
    range: Range<usize>,
    run: Run,
) -> Result<Setting, NetworkError> {
    if let InitialValue::Constant(x) = value {
        return Ok(Setting::Same(*x));
    }
    let owner = format!("population.{}.{name}", population.name);
    let first = range.start;
    let elements = range.clone().map(|k| Here { index: k - first, pre: k, post: k, element: k as u64, entry: k });
    let mut values = Vec::with_capacity(range.len());
    each_value(value, around, run.draws(&owner), elements, |here, x| {
        values.push(x);
        if x.is_finite() {
            Ok(())
        } else {
            Err(not_finite(value, population.span, &format!("population `{}`: `{name}` of neuron {}", population.name, here.pre), x))
        }
    })?;
    Ok(Setting::Each(values))
}

/// A value that cannot be used, at the place of what gave it.
pub(crate) fn not_finite(value: &InitialValue, owner: Span, what: &str, x: f64) -> NetworkError {
    let span = match value {
        InitialValue::Formula(expr) => expr.span,
        InitialValue::Distribution(distribution) => distribution.span,
        InitialValue::Constant(_) | InitialValue::Column(_) => owner,
    };
    Diagnostic::error("not-finite", span, format!("{what} would be {x}"))
        .help("check for a division by zero, or the logarithm or square root of a negative number")
        .into()
}
