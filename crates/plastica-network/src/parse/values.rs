//! The tables `parameters` and `initial`: which names they may have, and in which order values are set. One value is read in `value.rs`.

use std::collections::{HashMap, HashSet};

use plastica_lang::model::{Expr, ExprKind, Model, Role, Scope, ValueType, Variable};
use plastica_lang::source::{Diagnostic, Key, Table, Value, nearest};
use plastica_lang::units::Dimension;

use super::names::NameTable;
use crate::Files;
use crate::elements::visit;
use crate::network::InitialValue;

/// Whose values are read.
pub(crate) enum Owner {
    /// Neurons; so many.
    Population(usize),
    /// Synapses; those of a connection list have columns.
    Projection,
}

/// What is known while values are read, one after another.
pub(crate) struct ValueReader<'a> {
    /// `population `E``, for messages.
    pub what: String,
    pub owner: Owner,
    pub names: NameTable,
    /// The model's own names: the value where it is one for all, `None` where it varies.
    pub known: HashMap<String, Option<f64>>,
    /// Which of the model's own names are parameters.
    pub constants: HashSet<String>,
    pub dt_s: f64,
    pub files: &'a dyn Files,
}

impl<'a> ValueReader<'a> {
    /// Knows nothing yet.
    pub fn new(what: String, owner: Owner, dt_s: f64, files: &'a dyn Files) -> Self {
        ValueReader { what, owner, names: NameTable::default(), known: HashMap::new(), constants: HashSet::new(), dt_s, files }
    }

    /// Takes in a model: its parameters have their defaults, its variables are 0.
    pub fn add_model(&mut self, model: &Model) {
        self.names.add_model(model, Scope::Own);
        self.known.extend(model.variables.iter().map(|v| (v.name.clone(), Some(v.first_value()))));
        self.known.extend(model.parameters.iter().map(|p| (p.name.clone(), Some(p.value))));
        self.constants.extend(model.parameters.iter().map(|p| p.name.clone()));
    }

    /// Takes in a value that is now set.
    pub fn set(&mut self, name: &str, value: &InitialValue) {
        self.known.insert(name.into(), if let InitialValue::Constant(x) = value { Some(*x) } else { None });
    }

    /// Reads a table `parameters = { ... }`.
    pub fn parameters(&mut self, table: &Table, model: &Model, diagnostics: &mut Vec<Diagnostic>) -> Vec<(String, InitialValue)> {
        self.table(table, diagnostics, |reader, key, diagnostics| {
            if let Some(p) = model.parameters.iter().find(|p| p.name == key.name) {
                return Some((p.dimension, ValueType::Real, false));
            }
            let variable = model.variables.iter().find(|v| v.name == key.name);
            if let Some(v) = variable
                && v.flags.constant
                && !matches!(v.role, Role::Subexpression(_))
            {
                return Some((v.dimension, v.value_type, v.flags.shared));
            }
            let names = model.parameters.iter().map(|p| p.name.as_str()).chain(model.variables.iter().filter(|v| v.flags.constant).map(|v| v.name.as_str()));
            let help = match (variable, nearest(&key.name, names.clone())) {
                (Some(v), _) if !matches!(v.role, Role::Subexpression(_)) => format!("`{}` changes during a run: write it under `initial`", v.name),
                (_, Some(near)) => format!("did you mean `{near}`?"),
                _ => list("parameters", names),
            };
            diagnostics.push(
                Diagnostic::error("unknown-parameter", key.span, format!("{}: the model `{}` has no parameter `{}`", reader.what, model.name, key.name))
                    .label("no such parameter")
                    .help(help),
            );
            None
        })
    }

    /// Reads a table `initial = { ... }`.
    pub fn initial(&mut self, table: &Table, model: &Model, diagnostics: &mut Vec<Diagnostic>) -> Vec<(String, InitialValue)> {
        self.table(table, diagnostics, |reader, key, diagnostics| {
            let has_state = |v: &&Variable| !matches!(v.role, Role::Subexpression(_));
            if let Some(v) = model.variables.iter().filter(has_state).find(|v| v.name == key.name) {
                return Some((v.dimension, v.value_type, v.flags.shared));
            }
            let names = model.variables.iter().filter(has_state).map(|v| v.name.as_str());
            let help = if model.parameters.iter().any(|p| p.name == key.name) {
                format!("`{}` is a parameter: write it under `parameters`", key.name)
            } else if model.variables.iter().any(|v| v.name == key.name) {
                format!("`{}` follows from other variables; give those a value", key.name)
            } else {
                match nearest(&key.name, names.clone()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => list("variables", names),
                }
            };
            diagnostics.push(
                Diagnostic::error(
                    "unknown-variable",
                    key.span,
                    format!("{}: the model `{}` has no variable `{}` with an initial value", reader.what, model.name, key.name),
                )
                .label("no such variable")
                .help(help),
            );
            None
        })
    }

    fn table(
        &mut self,
        table: &Table,
        diagnostics: &mut Vec<Diagnostic>,
        target: impl Fn(&Self, &Key, &mut Vec<Diagnostic>) -> Option<(Dimension, ValueType, bool)>,
    ) -> Vec<(String, InitialValue)> {
        let mut out: Vec<(String, InitialValue)> = Vec::with_capacity(table.entries.len());
        for (place, (key, value)) in table.entries.iter().enumerate() {
            let Some((dimension, value_type, shared)) = target(self, key, diagnostics) else { continue };
            let Some(read) = self.value(&key.name, value, dimension, value_type, diagnostics) else {
                self.known.insert(key.name.clone(), None);
                continue;
            };
            if let InitialValue::Formula(expr) = &read
                && let Some(later) = later_name(expr, &table.entries[place + 1..])
            {
                diagnostics.push(
                    Diagnostic::error("used-before-set", expr.span, format!("`{}` reads `{}`, which is set after it", key.name, later.name))
                        .other(later.span, "set here".to_string())
                        .note("values are set in the order of the text")
                        .help(format!("write `{}` before `{}`", later.name, key.name)),
                );
            }
            if shared && !matches!(read, InitialValue::Constant(_)) {
                diagnostics.push(
                    Diagnostic::error("shared-value", value.span, format!("`{}` is shared and takes one value for all", key.name))
                        .label("differs between elements")
                        .help("write one number"),
                );
                continue;
            }
            self.set(&key.name, &read);
            out.push((key.name.clone(), read));
        }
        out
    }
}

fn later_name<'a>(expr: &Expr, later: &'a [(Key, Value)]) -> Option<&'a Key> {
    let mut found = None;
    visit(expr, &mut |e| {
        if let ExprKind::Name(Scope::Own, name) = &e.kind
            && found.is_none()
        {
            found = later.iter().map(|(key, _)| key).find(|key| key.name == *name);
        }
    });
    found
}

/// `parameters: a, b, c`, or that there are none.
pub(crate) fn list<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.take(40).collect();
    if names.is_empty() { format!("it has no {what}") } else { format!("{what}: {}", names.join(", ")) }
}
