//! Rules that a model must keep as a whole, once its names and dimensions are known.

use std::collections::HashSet;

use super::{Known, Names, check_value, of_model};
use crate::model::{BinaryOp, Builtin, Expr, ExprKind, Model, Role, Scope, ValueType, Variable};
use crate::source::{Diagnostic, Key, Span, Table, Value, ValueKind, nearest};
use crate::units::Dimension;

/// Sub-expressions must not lead back to themselves.
pub(super) fn cycles(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    fn names(expr: &Expr, out: &mut Vec<String>) {
        match &expr.kind {
            ExprKind::Name(Scope::Own, n) => out.push(n.clone()),
            ExprKind::Unary(_, a) => names(a, out),
            ExprKind::Binary(_, a, b) => {
                names(a, out);
                names(b, out);
            }
            ExprKind::Call(_, args) => args.iter().for_each(|a| names(a, out)),
            ExprKind::If { condition, then, otherwise } => {
                names(condition, out);
                names(then, out);
                names(otherwise, out);
            }
            _ => {}
        }
    }
    // Repeatedly takes away what depends on nothing that is left; what stays is in a circle, or hangs on one.
    let mut left: Vec<(&Variable, Vec<String>)> = model
        .variables
        .iter()
        .filter_map(|v| match &v.role {
            Role::Subexpression(e) => {
                let mut found = Vec::new();
                names(e, &mut found);
                Some((v, found))
            }
            _ => None,
        })
        .collect();
    loop {
        let open: HashSet<String> = left.iter().map(|(v, _)| v.name.clone()).collect();
        let before = left.len();
        left.retain(|(_, needs)| needs.iter().any(|n| open.contains(n)));
        if left.len() == before {
            break;
        }
    }
    if let Some((first, needs)) = left.first() {
        let around: Vec<&str> = left.iter().map(|(v, _)| v.name.as_str()).collect();
        let mut d = Diagnostic::error("cyclic-subexpressions", first.span, format!("sub-expressions lead back to themselves: {}", around.join(", ")))
            .help("make one of them a differential equation, or a variable that statements change");
        for (v, _) in left.iter().skip(1).filter(|(v, _)| needs.contains(&v.name)) {
            d = d.other(v.span, "needed by it");
        }
        diagnostics.push(d);
    }
}

/// A shared sub-expression has one value for all, so it must not read what differs between neurons or synapses.
pub(super) fn shared_reads(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    fn differs<'a>(expr: &'a Expr, model: &Model) -> Option<&'a Expr> {
        match &expr.kind {
            ExprKind::Name(Scope::Own, name) => model.variables.iter().any(|v| v.name == *name && !v.flags.shared).then_some(expr),
            ExprKind::Name(Scope::Pre | Scope::Post, _) | ExprKind::Builtin(Builtin::I | Builtin::J | Builtin::LastSpike | Builtin::NotRefractory) => {
                Some(expr)
            }
            ExprKind::Unary(_, a) => differs(a, model),
            ExprKind::Binary(_, a, b) => differs(a, model).or_else(|| differs(b, model)),
            ExprKind::Call(_, args) => args.iter().find_map(|a| differs(a, model)),
            ExprKind::If { condition, then, otherwise } => differs(condition, model).or_else(|| differs(then, model)).or_else(|| differs(otherwise, model)),
            _ => None,
        }
    }
    for variable in model.variables.iter().filter(|v| v.flags.shared) {
        if let Role::Subexpression(expr) = &variable.role
            && let Some(found) = differs(expr, model)
        {
            diagnostics.push(
                Diagnostic::error("not-shared", found.span, format!("`{}` is shared, but this differs from one to the next", variable.name))
                    .label("not shared")
                    .help("leave out `(shared)`, or read shared variables and parameters only"),
            );
        }
    }
}

/// Names that an initial value may use: the model's own, positions, and the neurons' on both sides, which are not known here.
struct InitialNames<'a>(&'a dyn Names);

impl Names for InitialNames<'_> {
    fn find(&self, name: &str) -> Option<Known> {
        let later = matches!(name, "x" | "y" | "z" | "distance") || name.ends_with("_pre") || name.ends_with("_post");
        let unbound = Known { scope: Scope::Local, name: name.into(), dimension: None, value_type: ValueType::Real, writable: false };
        self.0.find(name).or(later.then_some(unbound))
    }

    fn all(&self) -> Vec<String> {
        self.0.all()
    }
}

/// Initial values must belong to variables that have one, in their unit.
pub(super) fn initial_values(model: &Model, names: &dyn Names, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let Some(initial) = table.table("initial", diagnostics) else { return };
    for (key, value) in &initial.entries {
        let variable = model.variables.iter().find(|v| v.name == key.name);
        let Some(variable) = variable.filter(|v| !matches!(v.role, Role::Subexpression(_))) else {
            let with_state = model.variables.iter().filter(|v| !matches!(v.role, Role::Subexpression(_))).map(|v| v.name.as_str());
            let help = if of_model(model, Scope::Own, &key.name).is_some() {
                match variable {
                    Some(_) => format!("`{}` follows from other variables; give those a value", key.name),
                    None => format!("`{}` is a parameter: write it under `parameters`", key.name),
                }
            } else {
                nearest(&key.name, with_state)
                    .map_or_else(|| "write the name of a variable of `equations`".to_string(), |near| format!("did you mean `{near}`?"))
            };
            let message = format!("model `{0}`: the model `{0}` has no variable `{1}` with an initial value", model.name, key.name);
            diagnostics.push(Diagnostic::error("unknown-variable", key.span, message).label("no such variable").help(help));
            continue;
        };
        // Distributions, lists and columns of files are the network's business.
        if matches!(value.kind, ValueKind::Text(_) | ValueKind::Integer(_) | ValueKind::Float(_) | ValueKind::Boolean(_)) {
            let dimension = names.find(&variable.name).and_then(|known| known.dimension);
            check_value(value, &InitialNames(names), dimension, diagnostics);
        }
    }
}

/// A model that says nothing is more likely a slip than a wish.
pub(super) fn empty(name: &Key, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let says = ["equations", "threshold", "on_pre", "on_post", "on_interval", "prune", "grow"];
    if !says.iter().any(|key| table.get(key).is_some()) {
        diagnostics.push(Diagnostic::error("empty-model", name.span, format!("the model `{}` says nothing", name.name)).help("add `equations`"));
    }
}

/// Warns of parameters that nothing reads.
pub(super) fn unused(model: &Model, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let mut text = String::new();
    fn gather(value: &Value, text: &mut String) {
        match &value.kind {
            ValueKind::Text(t) => {
                text.push_str(&t.text);
                text.push('\n');
            }
            ValueKind::Table(t) => t.entries.iter().for_each(|(_, v)| gather(v, text)),
            ValueKind::Array(a) => a.iter().for_each(|v| gather(v, text)),
            _ => {}
        }
    }
    for (key, value) in &table.entries {
        if !matches!(key.name.as_str(), "doc" | "source" | "parameters" | "parameter_sources" | "expected") {
            gather(value, &mut text);
        }
    }
    let words: HashSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    for p in &model.parameters {
        if !words.contains(p.name.as_str()) {
            diagnostics.push(
                Diagnostic::warning("unused-parameter", p.span, format!("nothing reads the parameter `{}`", p.name))
                    .help("remove it, or look for a mistyped name in the equations"),
            );
        }
    }
}

/// Parameters that are a time, not greater than zero, and divide the right-hand side of a differential equation: what was to decay would grow.
pub fn wrong_times(model: &Model) -> Vec<&str> {
    fn divisors<'a>(expr: &'a Expr, out: &mut Vec<&'a str>) {
        match &expr.kind {
            ExprKind::Binary(op, a, b) => {
                if let (BinaryOp::Div, ExprKind::Name(Scope::Own, name)) = (op, &b.kind) {
                    out.push(name);
                }
                divisors(a, out);
                divisors(b, out);
            }
            ExprKind::Unary(_, a) => divisors(a, out),
            ExprKind::Call(_, args) => args.iter().for_each(|a| divisors(a, out)),
            ExprKind::If { condition, then, otherwise } => [condition, then, otherwise].iter().for_each(|e| divisors(e, out)),
            _ => {}
        }
    }
    let mut names = Vec::new();
    for variable in &model.variables {
        if let Role::Differential(rhs) = &variable.role {
            divisors(rhs, &mut names);
        }
    }
    let wrong = |name: &&str| model.parameters.iter().any(|p| p.name == **name && p.dimension == Dimension::SECOND && p.value <= 0.0);
    names.sort_unstable();
    names.dedup();
    names.into_iter().filter(|name| wrong(name)).collect()
}

/// Warns of such a time, at the place of its value.
pub fn warn_of_wrong_time(name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.push(
        Diagnostic::warning("wrong-time", span, format!("`{name}` divides a rate of change, but is not greater than zero"))
            .note("with a negative time constant a variable grows instead of decaying, and with zero it is no number")
            .help("check its sign"),
    );
}
