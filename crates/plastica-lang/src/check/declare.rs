//! Declarations: parameters, variables with unit and flags, and which names may be used.

use std::collections::HashSet;

use super::builtin;
use super::expression::{check_quantity, is_function, unit};
use crate::model::{Expr, ExprKind, Flags, Model, ModelKind, Parameter, Role, ValueType, Variable};
use crate::source::{Diagnostic, Span, Table, nearest};
use crate::syntax::Equation;
use crate::units::{self, Dimension};

const FLAGS: [&str; 7] = ["constant", "shared", "event-driven", "unless refractory", "input", "after events", "modulator"];

/// The parameters; the names of faulty ones go into `doubtful`.
pub(super) fn parameters(table: &Table, doubtful: &mut HashSet<String>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Parameter> {
    let Some(table) = table.table("parameters", diagnostics) else { return Vec::new() };
    let mut out = Vec::new();
    for (key, value) in &table.entries {
        legal_name(&key.name, key.span, diagnostics);
        let quantity = check_quantity(value, None, diagnostics);
        if quantity.is_none() {
            doubtful.insert(key.name.clone());
        }
        let (value, dimension) = quantity.unwrap_or((0.0, Dimension::NONE));
        out.push(Parameter { name: key.name.clone(), span: key.span, dimension, value });
    }
    out
}

/// Names that would hide what every reader takes for something else.
pub(super) fn legal_name(name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) {
    let well_formed = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let reserved = builtin(name).is_some()
        || name == "xi"
        || name.starts_with("xi_")
        || is_function(name)
        || matches!(name, "and" | "or" | "not" | "if" | "else" | "pi" | "True" | "False")
        || units::common().any(|u| u == name);
    if !well_formed {
        diagnostics
            .push(Diagnostic::error("bad-name", span, format!("`{name}` is no name")).help("names are letters, digits and `_`, and do not begin with a digit"));
    } else if reserved {
        diagnostics
            .push(Diagnostic::error("reserved-name", span, format!("`{name}` has a meaning of its own")).help(format!("use another name, such as `{name}_0`")));
    }
}

/// Names of variables; a parameter may end in `_pre` or `_post`, as in `C_pre`, and then hides the neuron's variable.
fn legal_variable(name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) {
    legal_name(name, span, diagnostics);
    if name.ends_with("_pre") || name.ends_with("_post") {
        diagnostics.push(
            Diagnostic::error("reserved-name", span, format!("`{name}` would mean a variable of the neuron on that side"))
                .help("leave out the ending `_pre` or `_post`"),
        );
    }
}

/// Declares the variables, without their right-hand sides; the names of those with a faulty unit go into `doubtful`.
pub(super) fn declare(model: &mut Model, equations: &[Equation], doubtful: &mut HashSet<String>, diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: Vec<(String, Span)> = model.parameters.iter().map(|p| (p.name.clone(), p.span)).collect();
    for equation in equations {
        legal_variable(&equation.name, equation.name_span, diagnostics);
        if let Some((_, first)) = seen.iter().find(|(n, _)| *n == equation.name) {
            diagnostics.push(
                Diagnostic::error("declared-twice", equation.name_span, format!("`{}` is declared twice", equation.name))
                    .other(*first, "first here")
                    .help("rename or remove one"),
            );
        }
        seen.push((equation.name.clone(), equation.name_span));
        let unit = unit(&equation.unit, diagnostics);
        if unit.is_none() {
            doubtful.insert(equation.name.clone());
        }
        let (dimension, value_type) = unit.unwrap_or((Dimension::NONE, ValueType::Real));
        let role = match (&equation.value, equation.differential) {
            (None, _) => Role::Plain,
            // Right-hand sides are filled in when all names are known.
            (Some(_), true) => Role::Differential(placeholder(equation.span)),
            (Some(_), false) => Role::Subexpression(placeholder(equation.span)),
        };
        let flags = flags(model.kind, equation, diagnostics);
        model.variables.push(Variable { name: equation.name.clone(), span: equation.name_span, dimension, value_type, role, flags });
    }
}

fn placeholder(span: Span) -> Expr {
    Expr { kind: ExprKind::Number(0.0), span, dimension: None, value_type: ValueType::Real }
}

fn flags(kind: ModelKind, equation: &Equation, diagnostics: &mut Vec<Diagnostic>) -> Flags {
    let mut flags = Flags::default();
    for (word, span) in &equation.flags {
        let wrong = |why: &str, help: &str| Diagnostic::error("wrong-flag", *span, format!("`({word})` {why}")).help(help.to_string());
        let plain = equation.value.is_none();
        match word.as_str() {
            "constant over dt" if plain => diagnostics.push(wrong("belongs to a sub-expression", "write (constant)")),
            "constant over dt" => diagnostics.push(wrong("is not needed: a sub-expression is evaluated where it is read", "leave the flag out")),
            "constant" if plain => flags.constant = true,
            "constant" => diagnostics.push(wrong("belongs to a variable without an equation", "remove the flag, or the equation")),
            "shared" if equation.differential => {
                diagnostics.push(wrong("cannot stand at a differential equation", "leave the flag out: every neuron or synapse then has its own value"))
            }
            "shared" => flags.shared = true,
            // Whatever is right for a shared value is right for a modulator, which differs only in who may set it.
            "modulator" if plain => (flags.shared, flags.modulator) = (true, true),
            "modulator" => diagnostics.push(wrong("belongs to a variable without an equation", "remove the equation: the programme sets it")),
            "event-driven" if equation.differential && kind == ModelKind::Synapse => flags.event_driven = true,
            "event-driven" => diagnostics.push(wrong("belongs to a differential equation of a synapse", "remove the flag")),
            "unless refractory" if kind == ModelKind::Neuron && (equation.differential || plain) => flags.unless_refractory = true,
            "unless refractory" => diagnostics.push(wrong("belongs to a differential equation or an input of a neuron", "remove the flag")),
            "input" if kind == ModelKind::Neuron && (equation.differential || plain) => flags.input = true,
            "input" => diagnostics.push(wrong("belongs to a variable of a neuron", "remove the flag")),
            "after events" if kind == ModelKind::Synapse && (equation.differential || plain) => flags.after_events = true,
            "after events" => diagnostics.push(wrong("belongs to a trace of a synapse", "remove the flag")),
            "summed" => diagnostics.push(wrong("is not supported", "add to a variable of the neuron in `on_pre` instead: I_post += w")),
            _ => {
                let help = nearest(word, FLAGS).map_or_else(|| format!("flags: {}", FLAGS.join(", ")), |n| format!("did you mean `({n})`?"));
                diagnostics.push(Diagnostic::error("unknown-flag", *span, format!("there is no flag `({word})`")).help(help));
            }
        }
    }
    flags
}
