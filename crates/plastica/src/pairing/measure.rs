//! What is measured at a synapse: an expression of its own variables and parameters.

use plastica_lang::check::{NeuronNames, check_expression};
use plastica_lang::model::{Expr, ExprKind, Model, Role, Scope};
use plastica_lang::source::{Diagnostic, Text};

/// Checks a measure for a model.
pub(super) fn parse_measure(text: &Text, model: &Model, diagnostics: &mut Vec<Diagnostic>) -> Option<Expr> {
    let expr = check_expression(text, &NeuronNames(model), None, diagnostics)?;
    let mut foreign = None;
    walk(&expr, model, &mut |_| {}, &mut |e| foreign = foreign.or(Some(e.span)));
    if let Some(span) = foreign {
        diagnostics.push(
            Diagnostic::error("not-measurable", text.span, "a measure is read before and after a run, when only the synapse's own variables are known")
                .other(span, "not known then")
                .help("use variables and parameters of the synapse"),
        );
        return None;
    }
    Some(expr)
}

/// Visits the names with arrays of their own, through sub-expressions, and what cannot be known outside of a run.
pub(super) fn walk(expr: &Expr, model: &Model, name: &mut dyn FnMut(&str), foreign: &mut dyn FnMut(&Expr)) {
    match &expr.kind {
        ExprKind::Number(_) => {}
        ExprKind::Name(Scope::Own, own) => match model.variables.iter().find(|v| v.name == *own).map(|v| &v.role) {
            Some(Role::Subexpression(inner)) => walk(inner, model, name, foreign),
            _ => name(own),
        },
        ExprKind::Name(..) | ExprKind::Builtin(_) | ExprKind::Noise(_) => foreign(expr),
        ExprKind::Unary(_, a) => walk(a, model, name, foreign),
        ExprKind::Binary(_, a, b) => {
            walk(a, model, name, foreign);
            walk(b, model, name, foreign);
        }
        ExprKind::Call(function, arguments) => {
            use plastica_lang::model::Function::{Poisson, Rand, Randn};
            if matches!(function, Rand | Randn | Poisson) {
                foreign(expr);
            }
            for a in arguments {
                walk(a, model, name, foreign);
            }
        }
        ExprKind::If { condition, then, otherwise } => {
            for a in [condition, then, otherwise] {
                walk(a, model, name, foreign);
            }
        }
    }
}
