//! A table of a neuron or a synapse to a checked model.

use std::collections::HashSet;

use super::declare::{declare, parameters};
use super::events::{intervals, pathways};
use super::expression::{Checker, check_expression, fits};
use super::rules::{cycles, empty, initial_values, shared_reads, unused, warn_of_wrong_time, wrong_times};
use super::structure::{grows, prunes};
use super::{Known, Names, builtin, check_statements, names_of, of_model};
use crate::model::{Expr, Grow, IN_DEGREE, Interval, Model, ModelKind, OUT_DEGREE, Pathway, Prune, Role, Scope, Statement, ValueType};
use crate::source::{Diagnostic, Key, Span, Table, Text, nearest};
use crate::syntax::{Equation, parse_equations};
use crate::units::Dimension;

const NEURON_KEYS: [&str; 12] =
    ["doc", "source", "equations", "threshold", "reset", "refractory", "on_interval", "method", "parameters", "initial", "parameter_sources", "expected"];
const SYNAPSE_KEYS: [&str; 13] =
    ["doc", "source", "equations", "on_pre", "on_post", "on_interval", "prune", "grow", "method", "parameters", "initial", "parameter_sources", "expected"];
const METHODS: [&str; 7] = ["exact", "exponential_euler", "rk4", "heun", "euler", "euler_maruyama", "stochastic_heun"];

/// Checks the table of a model. `pre` and `post` are the neuron models on both sides of a synapse, where they are known.
///
/// Returns `None` only if an error was reported.
pub fn check_model(kind: ModelKind, name: &Key, table: &Table, pre: Option<&Model>, post: Option<&Model>, diagnostics: &mut Vec<Diagnostic>) -> Option<Model> {
    let before = diagnostics.iter().filter(|d| d.is_error()).count();
    let what = if kind == ModelKind::Neuron { "a neuron model" } else { "a synapse model" };
    table.known_keys(what, if kind == ModelKind::Neuron { &NEURON_KEYS } else { &SYNAPSE_KEYS }, diagnostics);
    // What was declared with a fault has a dimension that nobody knows, so that one fault is one diagnostic.
    let mut doubtful = HashSet::new();
    let mut model = Model {
        name: name.name.clone(),
        kind,
        doc: table.text("doc", diagnostics).map_or(String::new(), |t| t.text.clone()),
        source: table.text("source", diagnostics).map_or(String::new(), |t| t.text.clone()),
        variables: Vec::new(),
        parameters: parameters(table, &mut doubtful, diagnostics),
        threshold: None,
        reset: Vec::new(),
        refractory: None,
        on_pre: Vec::new(),
        on_post: Vec::new(),
        on_interval: Vec::new(),
        prune: Vec::new(),
        grow: Vec::new(),
        method: method(table, diagnostics),
        span: name.span,
    };
    let equations = match table.text("equations", diagnostics) {
        Some(text) => parse_equations(text, diagnostics),
        None => Vec::new(),
    };
    declare(&mut model, &equations, &mut doubtful, diagnostics);
    right_hand_sides(&mut model, &equations, &doubtful, pre, post, diagnostics);
    cycles(&model, diagnostics);
    shared_reads(&model, diagnostics);

    let names = ModelNames { model: &model, doubtful: &doubtful, pre, post };
    initial_values(&model, &names, table, diagnostics);
    let statements = |text: Option<&Text>, diagnostics: &mut Vec<Diagnostic>| text.map_or(Vec::new(), |t| check_statements(t, &names, diagnostics));
    let mut filled = Filled::default();
    if kind == ModelKind::Neuron {
        filled.threshold = table.text("threshold", diagnostics).and_then(|text| {
            let expr = check_expression(text, &names, None, diagnostics)?;
            Checker { names: &names, noise: false, diagnostics }.condition(&expr)?;
            Some(expr)
        });
        filled.reset = statements(table.text("reset", diagnostics), diagnostics);
        filled.refractory = table.text("refractory", diagnostics).and_then(|text| {
            let expr = check_expression(text, &names, None, diagnostics)?;
            if expr.value_type == ValueType::Boolean || fits(&expr, Some(Dimension::SECOND), diagnostics) { Some(expr) } else { None }
        });
        for key in ["reset", "refractory"] {
            if let (Some(found), None) = (table.key(key), table.get("threshold")) {
                diagnostics.push(
                    Diagnostic::error("missing-threshold", found.span, format!("a neuron with `{key}` needs a `threshold`"))
                        .help("add a line such as threshold = \"v > v_threshold\""),
                );
            }
        }
    } else {
        filled.on_pre = pathways(table, "on_pre", &names, diagnostics);
        filled.on_post = pathways(table, "on_post", &names, diagnostics);
        filled.prune = prunes(table, &model, &names, diagnostics);
        filled.grow = grows(table, &model, &names, diagnostics);
    }
    filled.on_interval = intervals(table, &names, diagnostics);
    let Filled { threshold, reset, refractory, on_pre, on_post, on_interval, prune, grow } = filled;
    model.threshold = threshold;
    model.reset = reset;
    model.refractory = refractory;
    model.on_pre = on_pre;
    model.on_post = on_post;
    model.on_interval = on_interval;
    model.prune = prune;
    model.grow = grow;
    empty(name, table, diagnostics);
    unused(&model, table, diagnostics);
    for name in wrong_times(&model) {
        let span = model.parameters.iter().find(|p| p.name == name).map_or(model.span, |p| p.span);
        warn_of_wrong_time(name, span, diagnostics);
    }
    (diagnostics.iter().filter(|d| d.is_error()).count() == before).then_some(model)
}

#[derive(Default)]
struct Filled {
    threshold: Option<Expr>,
    reset: Vec<Statement>,
    refractory: Option<Expr>,
    on_pre: Vec<Pathway>,
    on_post: Vec<Pathway>,
    on_interval: Vec<Interval>,
    prune: Vec<Prune>,
    grow: Vec<Grow>,
}

/// Own variables and parameters, and in a synapse `X_pre` and `X_post`.
struct ModelNames<'a> {
    model: &'a Model,
    doubtful: &'a HashSet<String>,
    pre: Option<&'a Model>,
    post: Option<&'a Model>,
}

impl Names for ModelNames<'_> {
    fn find(&self, name: &str) -> Option<Known> {
        if let Some(known) = of_model(self.model, Scope::Own, name) {
            let dimension = if self.doubtful.contains(name) { None } else { known.dimension };
            return Some(Known { dimension, ..known });
        }
        if self.model.kind == ModelKind::Neuron || builtin(name).is_some() {
            return None;
        }
        if [OUT_DEGREE, IN_DEGREE].contains(&name) {
            return Some(around(name, Dimension::NONE));
        }
        let (scope, model, short) =
            if let Some(short) = name.strip_suffix("_pre") { (Scope::Pre, self.pre, short) } else { (Scope::Post, self.post, name.strip_suffix("_post")?) };
        if short.is_empty() {
            return None;
        }
        match model {
            Some(model) => {
                let known = of_model(model, scope, short)?;
                Some(Known { writable: known.writable && scope == Scope::Post, ..known })
            }
            None => Some(Known { scope, name: short.into(), dimension: None, value_type: ValueType::Real, writable: scope == Scope::Post }),
        }
    }

    fn all(&self) -> Vec<String> {
        let mut all = names_of(self.model);
        all.extend(self.pre.iter().flat_map(|m| names_of(m)).map(|n| n + "_pre"));
        all.extend(self.post.iter().flat_map(|m| names_of(m)).map(|n| n + "_post"));
        if self.model.kind == ModelKind::Synapse {
            all.extend([OUT_DEGREE, IN_DEGREE].map(String::from));
        }
        all
    }

    fn refuses(&self, name: &str) -> Option<(&'static str, String)> {
        let (short, side) = name.rsplit_once('_').filter(|(_, side)| matches!(*side, "pre" | "post")).unwrap_or((name, ""));
        let engine = matches!(short, "lastspike" | "not_refractory");
        match (self.model.kind, side) {
            (ModelKind::Neuron, "") if name == "j" => Some(("a neuron has only one index", "write `i`".into())),
            (ModelKind::Neuron, "pre" | "post") if engine => Some(("a neuron has no other side", format!("write `{short}`"))),
            (ModelKind::Synapse, "") if name == "N" => {
                Some(("how many synapses there are is known only when a network is drawn", "give the number as a parameter".into()))
            }
            (ModelKind::Synapse, "") if engine => Some(("a synapse has no spikes of its own", format!("write `{short}_post`"))),
            (ModelKind::Synapse, "pre") if engine => Some((
                "only the postsynaptic neuron's can be read",
                format!("write `{short}_post`, or keep the time of a presynaptic spike in a variable: t_pre_spike = t"),
            )),
            _ => None,
        }
    }
}

/// A value that the surroundings of a synapse have.
pub(super) fn around(name: &str, dimension: Dimension) -> Known {
    Known { scope: Scope::Local, name: name.into(), dimension: Some(dimension), value_type: ValueType::Real, writable: false }
}

fn method(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<(String, Span)> {
    let text = table.text("method", diagnostics)?;
    if METHODS.contains(&text.text.as_str()) {
        return Some((text.text.clone(), text.span));
    }
    let help = nearest(&text.text, METHODS).map_or_else(|| format!("methods: {}", METHODS.join(", ")), |n| format!("did you mean `{n}`?"));
    diagnostics.push(Diagnostic::error("unknown-method", text.span, format!("there is no integration method `{}`", text.text)).help(help));
    None
}

fn right_hand_sides(
    model: &mut Model,
    equations: &[Equation],
    doubtful: &HashSet<String>,
    pre: Option<&Model>,
    post: Option<&Model>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut values = Vec::new();
    let names = ModelNames { model, doubtful, pre, post };
    for (equation, variable) in equations.iter().zip(&model.variables) {
        let Some(node) = &equation.value else {
            values.push(None);
            continue;
        };
        let expr = Checker { names: &names, noise: equation.differential && !variable.flags.event_driven, diagnostics }.expression(node);
        values.push(expr.and_then(|expr| {
            if doubtful.contains(&equation.name) {
                return Some(expr);
            }
            if equation.differential {
                if variable.value_type != ValueType::Real || expr.value_type == ValueType::Boolean {
                    diagnostics.push(
                        Diagnostic::error("type-mismatch", expr.span, format!("d{}/dt is a rate of change, so both sides must be real numbers", equation.name))
                            .help("give the variable a unit (`: 1` for a pure number), and write int(...) around a condition"),
                    );
                    return None;
                }
                let wanted = variable.dimension.per(Dimension::SECOND);
                if let Some(found) = expr.dimension
                    && found != wanted
                {
                    let help = if found == variable.dimension {
                        "divide by a time constant: (...)/tau".to_string()
                    } else {
                        format!("multiply or divide by what turns {found} into {wanted}")
                    };
                    diagnostics.push(
                        Diagnostic::error("unit-mismatch", expr.span, format!("d{}/dt must be in {wanted}, but this is in {found}", equation.name))
                            .label(found.to_string())
                            .help(help),
                    );
                    return None;
                }
                Some(expr)
            } else {
                if (variable.value_type == ValueType::Boolean) != (expr.value_type == ValueType::Boolean) {
                    diagnostics.push(
                        Diagnostic::error("type-mismatch", expr.span, format!("`{}` is declared otherwise", equation.name))
                            .help("declare a condition as `: boolean`, or write int(...) around it"),
                    );
                    return None;
                }
                fits(&expr, Some(variable.dimension), diagnostics).then_some(expr)
            }
        }));
    }
    for (variable, value) in model.variables.iter_mut().zip(values) {
        if let (Role::Differential(e) | Role::Subexpression(e), Some(value)) = (&mut variable.role, value) {
            *e = value;
        }
    }
}
