//! `[change.NAME]`: what is done to a circuit in mid-run.
//!
//! `at = "1 s"`, and one or more of `freeze = "EE"`, `release = "EE"`, `parameters = { .. }` of a `population` or a `projection`,
//! and `lesion = { neurons = { E = 0.4 }, synapses = { EE = 0.5 } }`.

use plastica_engine::lesion::Lesion;
use plastica_lang::check::check_quantity;
use plastica_lang::source::{Diagnostic, Key, Table};
use plastica_lang::units::Dimension;
use plastica_network::network::Network;
use plastica_programme::lesion::Lost;

use super::names::{Named, Owner};
use super::simulation::Settings;
use super::tables;

/// What is done at one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Name in the file.
    pub name: String,
    /// At the start of this step.
    pub step: u64,
    /// In order.
    pub actions: Vec<Action>,
}

/// One thing that is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Stops (true) or releases the plasticity of a projection.
    Freeze {
        /// Index of the projection.
        projection: usize,
        /// Stop, or go on.
        frozen: bool,
    },
    /// Takes away neurons or synapses.
    Lesion(Lesion),
    /// Gives a parameter of a population another value, for all neurons.
    Population {
        /// Index of the population.
        population: usize,
        /// Parameter.
        name: String,
        /// SI units.
        value: f64,
    },
    /// Gives a parameter of a projection another value, for all synapses.
    Projection {
        /// Index of the projection.
        projection: usize,
        /// Parameter.
        name: String,
        /// SI units.
        value: f64,
    },
}

/// Reads all `[change.*]`, and sorts them by time.
pub(super) fn parse_changes(table: &Table, names: &Named<'_>, settings: Option<&Settings>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Change> {
    let mut out = Vec::new();
    for (key, body) in tables(table, "change", diagnostics) {
        out.extend(change(key, body, names, settings, diagnostics));
    }
    out.sort_by_key(|c| c.step);
    out
}

fn change(key: &Key, table: &Table, names: &Named<'_>, settings: Option<&Settings>, diagnostics: &mut Vec<Diagnostic>) -> Option<Change> {
    let what = format!("change `{}`", key.name);
    table.known_keys(&what, &["at", "freeze", "release", "population", "projection", "parameters", "lesion"], diagnostics);
    let step = at(key, table, &what, settings, diagnostics);
    let mut actions = Vec::new();
    for (word, frozen) in [("freeze", true), ("release", false)] {
        if let Some(name) = table.text(word, diagnostics) {
            actions.extend(names.find(Owner::Projection, name, diagnostics).map(|projection| Action::Freeze { projection, frozen }));
        }
    }
    let lost = plastica_programme::lesion::Lesion::parse_all(table, names, diagnostics);
    actions.extend(names.network.iter().flat_map(|network| lost.iter().filter_map(|lesion| lesion_of(lesion, network))).map(Action::Lesion));
    let owner = match (table.key("population"), table.key("projection")) {
        (Some(_), Some(second)) => {
            diagnostics.push(
                Diagnostic::error("given-twice", second.span, format!("{what} has both a population and a projection"))
                    .help("write one [change.NAME] for each"),
            );
            None
        }
        (Some(_), None) => Some(Owner::Population),
        (None, Some(_)) => Some(Owner::Projection),
        (None, None) => None,
    };
    match (owner, table.key("parameters")) {
        (Some(owner), Some(_)) => parameters(owner, table, names, &mut actions, diagnostics),
        (Some(owner), None) => {
            diagnostics.push(
                Diagnostic::error("missing-key", table.span, format!("{what} names a {} but no `parameters`", owner.word()))
                    .help("add a line: parameters = { name = \"value\" }"),
            );
        }
        (None, Some(second)) if table.key("population").is_none() => {
            diagnostics.push(
                Diagnostic::error("missing-key", second.span, format!("{what} does not say whose parameters"))
                    .help("add a line: population = \"...\" or projection = \"...\""),
            );
        }
        (None, None) if ["freeze", "release", "lesion"].iter().all(|word| table.key(word).is_none()) => {
            diagnostics.push(Diagnostic::error("missing-key", key.span, format!("{what} changes nothing")).help(
                "write freeze = \"...\", release = \"...\", a population or projection with parameters = { .. }, or lesion = { neurons = { NAME = 0.4 } }",
            ));
        }
        _ => {}
    }
    Some(Change { name: key.name.clone(), step: step?, actions })
}

/// A lesion by the places of its population or projection; `None` where there is none of that name.
pub(crate) fn lesion_of(lesion: &plastica_programme::lesion::Lesion, network: &Network) -> Option<Lesion> {
    Some(match (&lesion.which, lesion.owner) {
        (Lost::Share(share), Owner::Population) => Lesion::Share { population: network.population(&lesion.of)?, share: *share },
        (Lost::Marked(variable), _) => Lesion::Marked { population: network.population(&lesion.of)?, variable: variable.clone() },
        (Lost::Share(share), Owner::Projection) => Lesion::Synapses { projection: network.projection(&lesion.of)?, share: *share },
    })
}

fn at(key: &Key, table: &Table, what: &str, settings: Option<&Settings>, diagnostics: &mut Vec<Diagnostic>) -> Option<u64> {
    let Some(value) = table.get("at") else {
        diagnostics.push(Diagnostic::error("missing-key", key.span, format!("{what} has no `at`")).help("add a line: at = \"1 s\""));
        return None;
    };
    let (time, _) = check_quantity(value, Some(Dimension::SECOND), diagnostics)?;
    if time.is_nan() || time < 0.0 {
        diagnostics.push(
            Diagnostic::error("negative-time", value.span, format!("{what} would be before the start")).help("the run starts at 0 s; write a later time"),
        );
        return None;
    }
    let settings = settings?;
    let step = (time / settings.dt_s).round() as u64;
    if step >= settings.steps {
        diagnostics.push(
            Diagnostic::warning("never-happens", value.span, format!("{what} comes after the end of the run"))
                .note(format!("the run ends after {} s", settings.steps as f64 * settings.dt_s))
                .help("write an earlier time, or a longer duration"),
        );
    }
    Some(step)
}

fn parameters(owner: Owner, table: &Table, names: &Named<'_>, actions: &mut Vec<Action>, diagnostics: &mut Vec<Diagnostic>) {
    let index = table.text(owner.word(), diagnostics).and_then(|name| names.find(owner, name, diagnostics));
    let (Some(index), Some(values)) = (index, table.table("parameters", diagnostics)) else { return };
    for (key, value) in &values.entries {
        let Some(dimension) = names.parameter(owner, index, key, diagnostics) else { continue };
        let Some((x, _)) = check_quantity(value, Some(dimension), diagnostics) else { continue };
        actions.push(match owner {
            Owner::Population => Action::Population { population: index, name: key.name.clone(), value: x },
            Owner::Projection => Action::Projection { projection: index, name: key.name.clone(), value: x },
        });
    }
}
