//! Statement lists: targets that may be written, right-hand sides in the right unit, local names.

use std::cell::RefCell;

use super::expression::{Checker, fits};
use super::{Known, Names, builtin};
use crate::model::{AssignOp, Scope, Statement, ValueType};
use crate::source::{Diagnostic, Text, nearest};
use crate::syntax::{Assignment, NodeKind, parse_statements};
use crate::units::Dimension;

/// Names outside, with the local names of a statement list on top.
struct WithLocals<'a> {
    outside: &'a dyn Names,
    locals: RefCell<Vec<Known>>,
}

impl Names for WithLocals<'_> {
    fn find(&self, name: &str) -> Option<Known> {
        self.locals.borrow().iter().find(|k| k.name == name).cloned().or_else(|| self.outside.find(name))
    }

    fn all(&self) -> Vec<String> {
        let mut all = self.outside.all();
        all.extend(self.locals.borrow().iter().map(|k| k.name.clone()));
        all
    }

    fn refuses(&self, name: &str) -> Option<(&'static str, String)> {
        self.outside.refuses(name)
    }

    fn unknown(&self, name: &str) -> String {
        self.outside.unknown(name)
    }
}

/// Checks a statement list.
///
/// A name that is not known and is read later in the list is local to it; one that is never read is a fault.
pub fn check_statements(text: &Text, names: &dyn Names, diagnostics: &mut Vec<Diagnostic>) -> Vec<Statement> {
    let assignments = parse_statements(text, diagnostics);
    let scope = WithLocals { outside: names, locals: RefCell::default() };
    let mut out = Vec::new();
    for (k, assignment) in assignments.iter().enumerate() {
        if let Some(statement) = statement(assignment, &assignments[k + 1..], &scope, diagnostics) {
            out.push(statement);
        }
    }
    out
}

fn statement(a: &Assignment, later: &[Assignment], scope: &WithLocals<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Statement> {
    let value = Checker { names: scope, noise: false, diagnostics }.expression(&a.value);
    let known = match scope.find(&a.name) {
        Some(known) => known,
        None => {
            let read_later = later.iter().any(|s| mentions(&s.value, &a.name) || s.name == a.name && s.op != AssignOp::Set);
            if a.op != AssignOp::Set || !read_later || builtin(&a.name).is_some() {
                unknown_target(a, scope, diagnostics);
                return None;
            }
            super::declare::legal_name(&a.name, a.name_span, diagnostics);
            let known = Known {
                scope: Scope::Local,
                name: a.name.clone(),
                dimension: value.as_ref().map_or(Some(Dimension::NONE), |v| v.dimension),
                value_type: value.as_ref().map_or(ValueType::Real, |v| v.value_type),
                writable: true,
            };
            scope.locals.borrow_mut().push(known.clone());
            known
        }
    };
    if !known.writable {
        let (why, help) = match known.scope {
            Scope::Pre => ("belongs to the presynaptic neuron, and a synapse may only read it", "write a `_post` variable, or keep the value in the synapse"),
            Scope::Post => ("belongs to the postsynaptic neuron, and cannot be changed here", "keep the value in the synapse"),
            Scope::Local => ("is a number of synapses, which the engine counts", "use another name"),
            _ => (
                "is a constant, a modulator or another shared value, or a sub-expression",
                "declare it as a variable, `name : unit`, if statements shall change it; a modulator is set by the programme only",
            ),
        };
        diagnostics.push(Diagnostic::error("not-writable", a.name_span, format!("`{}` {why}", a.name)).label("cannot be assigned to").help(help));
        return None;
    }
    let value = value?;
    let boolean = (known.value_type == ValueType::Boolean) != (value.value_type == ValueType::Boolean);
    if boolean && known.dimension.is_some() && !matches!(value.kind, crate::model::ExprKind::Number(_)) {
        let help = if known.value_type == ValueType::Boolean { "assign a comparison" } else { "write int(...) to make it 1 or 0" };
        diagnostics.push(
            Diagnostic::error(
                "type-mismatch",
                value.span,
                format!("`{}` is {}, but this is not", a.name, if known.value_type == ValueType::Boolean { "true or false" } else { "a number" }),
            )
            .help(help),
        );
        return None;
    }
    let expected = match a.op {
        AssignOp::Set | AssignOp::Add | AssignOp::Sub => known.dimension,
        AssignOp::Mul | AssignOp::Div => Some(Dimension::NONE),
    };
    if !fits(&value, expected, diagnostics) {
        return None;
    }
    Some(Statement { scope: known.scope, name: known.name, op: a.op, value, span: a.span })
}

fn unknown_target(a: &Assignment, scope: &WithLocals<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if builtin(&a.name).is_some() {
        diagnostics.push(
            Diagnostic::error("not-writable", a.name_span, format!("`{}` belongs to the engine", a.name))
                .label("cannot be assigned to")
                .help("use another name"),
        );
        return;
    }
    let all = scope.all();
    // What a spike adds to is most often the neuron's, and is written there without an ending in most scripts.
    let posts = scope.find(&format!("{}_post", a.name)).filter(|known| known.scope == Scope::Post && known.writable && a.op != AssignOp::Set);
    let help = match (posts, nearest(&a.name, all.iter().map(String::as_str))) {
        (Some(known), _) if known.dimension.is_some() => format!("a variable of the postsynaptic neuron is written `{}_post`", a.name),
        (_, Some(near)) => format!("did you mean `{near}`?"),
        (Some(_), None) => {
            format!("a variable of the postsynaptic neuron is written `{0}_post`; one of the synapse is declared in `equations`: {0} : unit", a.name)
        }
        (None, None) => format!("declare it in `equations`: {} : unit", a.name),
    };
    diagnostics.push(Diagnostic::error("unknown-name", a.name_span, format!("`{}` is not known here", a.name)).label("unknown name").help(help));
}

fn mentions(node: &crate::syntax::Node, name: &str) -> bool {
    match &node.kind {
        NodeKind::Name(n) => n == name,
        NodeKind::Unary(_, a) => mentions(a, name),
        NodeKind::Binary(_, a, b) => mentions(a, name) || mentions(b, name),
        NodeKind::Call(_, args) => args.iter().any(|a| mentions(a, name)),
        NodeKind::If(a, b, c) => mentions(a, name) || mentions(b, name) || mentions(c, name),
        NodeKind::Number(_) | NodeKind::Unit(_) | NodeKind::Boolean(_) | NodeKind::Wrong => false,
    }
}
