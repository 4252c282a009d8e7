//! Values for each element: a number, a formula, a distribution, a list, or a column of a file.

use std::collections::{HashMap, HashSet};

use plastica_lang::check::{check_quantity, check_value};
use plastica_lang::evaluate::{Values, evaluate};
use plastica_lang::model::{Builtin, Expr, ExprKind, Function, Model, Role, Scope, ValueType, Variable};
use plastica_lang::source::{Diagnostic, Key, Table, Value, ValueKind, nearest};
use plastica_lang::units::Dimension;

use super::distribution::parse_distribution;
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
        self.known.extend(model.variables.iter().map(|v| (v.name.clone(), Some(0.0))));
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

    /// Reads one value.
    pub fn value(&self, name: &str, value: &Value, dimension: Dimension, value_type: ValueType, diagnostics: &mut Vec<Diagnostic>) -> Option<InitialValue> {
        match &value.kind {
            ValueKind::Table(table) if table.get("distribution").is_some() => {
                if value_type != ValueType::Real {
                    diagnostics.push(
                        Diagnostic::error("type-mismatch", value.span, format!("`{name}` is no real number and cannot be drawn from a distribution"))
                            .help("write a formula, such as \"rand() < 0.5\" or \"int(10*rand())\""),
                    );
                    return None;
                }
                parse_distribution(table, value.span, dimension, diagnostics).map(InitialValue::Distribution)
            }
            ValueKind::Table(table) if table.get("file").is_some() => self.file_column(table, name, diagnostics),
            ValueKind::Array(items) => self.list(name, value, items, dimension, value_type, diagnostics),
            ValueKind::Table(_) | ValueKind::Date => {
                diagnostics.push(
                    Diagnostic::error("wrong-type", value.span, format!("`{name}` must be a number, a formula, a distribution or a column of a file, but this is {}", value.word()))
                        .help("write \"10 mV\", \"-60 mV + 2 mV*randn()\", { distribution = \"normal\", mean = \"..\", sd = \"..\" } or { file = \"..\", column = \"..\" }"),
                );
                None
            }
            _ => {
                let expr = check_value(value, &self.names, Some(dimension), diagnostics)?;
                self.formula(name, expr, value_type, diagnostics)
            }
        }
    }

    /// Judges a formula, and evaluates it where it hangs on nothing that varies.
    fn formula(&self, name: &str, expr: Expr, value_type: ValueType, diagnostics: &mut Vec<Diagnostic>) -> Option<InitialValue> {
        if !self.builtins_fit(&expr, diagnostics) || !type_fits(name, &expr, value_type, diagnostics) {
            return None;
        }
        if self.varies(&expr) {
            return Some(InitialValue::Formula(expr));
        }
        let x = self.constant(&expr);
        if !x.is_finite() {
            diagnostics.push(
                Diagnostic::error("not-finite", expr.span, format!("`{name}` would be {x}"))
                    .help("check for a division by zero or the logarithm of a negative number"),
            );
            return None;
        }
        Some(InitialValue::Constant(x))
    }

    fn builtins_fit(&self, expr: &Expr, diagnostics: &mut Vec<Diagnostic>) -> bool {
        let before = diagnostics.len();
        visit(expr, &mut |e| {
            let ExprKind::Builtin(builtin) = e.kind else { return };
            let complaint = match (builtin, &self.owner) {
                (Builtin::T, _) => Some(("`t` is not known before the run starts", "write a number, or use an input for what changes with time")),
                (Builtin::LastSpike | Builtin::NotRefractory, _) => Some(("no neuron has spiked before the run starts", "write a number")),
                (Builtin::J, Owner::Population(_)) => Some(("a neuron has only one index", "write `i`")),
                (Builtin::N, Owner::Projection) => Some(("a projection has two numbers of neurons", "write `N_pre` or `N_post`")),
                _ => None,
            };
            if let Some((message, help)) = complaint {
                diagnostics.push(Diagnostic::error("not-available", e.span, message).help(help));
            }
        });
        diagnostics.len() == before
    }

    /// Reports what a formula cannot know before there are synapses: of a synapse's own names it may read the parameters that are one value for all.
    pub fn known_before(&self, expr: &Expr, diagnostics: &mut Vec<Diagnostic>) -> bool {
        let before = diagnostics.len();
        visit(expr, &mut |e| {
            if let ExprKind::Name(Scope::Own, name) = &e.kind
                && !(self.constants.contains(name) && self.known.get(name).copied().flatten().is_some())
            {
                let fault =
                    Diagnostic::error("not-available", e.span, format!("`{name}` of a synapse is not known when the synapses and their delays are drawn"));
                diagnostics.push(
                    fault.help("read a variable or parameter of the neurons (`..._pre`, `..._post`), or a parameter of the synapse that is one value for all"),
                );
            }
        });
        diagnostics.len() == before
    }

    /// Does a formula differ between elements?
    pub fn varies(&self, expr: &Expr) -> bool {
        let mut varies = false;
        visit(expr, &mut |e| {
            varies |= match &e.kind {
                ExprKind::Name(Scope::Own, name) => self.known.get(name).copied().flatten().is_none(),
                ExprKind::Name(..) | ExprKind::Builtin(Builtin::I | Builtin::J) | ExprKind::Call(Function::Rand | Function::Randn | Function::Poisson, _) => {
                    true
                }
                _ => false,
            }
        });
        varies
    }

    fn constant(&self, expr: &Expr) -> f64 {
        struct Constants<'a>(&'a HashMap<String, Option<f64>>, f64, f64);
        impl Values for Constants<'_> {
            fn name(&mut self, _: Scope, name: &str) -> f64 {
                self.0.get(name).copied().flatten().unwrap_or(f64::NAN)
            }
            fn builtin(&mut self, builtin: Builtin) -> f64 {
                match builtin {
                    Builtin::Dt => self.1,
                    Builtin::N => self.2,
                    _ => f64::NAN,
                }
            }
            fn random(&mut self, _: Function, _: f64, _: u32) -> f64 {
                f64::NAN
            }
        }
        let n = if let Owner::Population(n) = self.owner { n as f64 } else { f64::NAN };
        evaluate(expr, &mut Constants(&self.known, self.dt_s, n))
    }

    fn list(
        &self,
        name: &str,
        value: &Value,
        items: &[Value],
        dimension: Dimension,
        value_type: ValueType,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<InitialValue> {
        let Owner::Population(n) = self.owner else {
            diagnostics.push(
                Diagnostic::error("wrong-type", value.span, format!("`{name}` of a projection cannot be a list"))
                    .help("give each synapse its value as a column of connect = { rule = \"list\", file = \"..\" }"),
            );
            return None;
        };
        if items.len() != n {
            diagnostics.push(
                Diagnostic::error("wrong-length", value.span, format!("`{name}` needs {n} values, one for each neuron, but this list has {}", items.len()))
                    .help("write one value for each neuron, or a formula of `i`"),
            );
            return None;
        }
        let mut column = Vec::with_capacity(n);
        for item in items {
            if let ValueKind::Boolean(b) = item.kind
                && value_type == ValueType::Boolean
            {
                column.push(f64::from(u8::from(b)));
            } else if let Some((x, _)) = check_quantity(item, Some(dimension), diagnostics) {
                column.push(x);
            }
        }
        (column.len() == n).then_some(InitialValue::Column(column))
    }

    fn file_column(&self, table: &Table, name: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<InitialValue> {
        table.known_keys("a column of a file", &["file", "column"], diagnostics);
        let file = table.required_text("a column of a file", "file", diagnostics)?;
        let column = table.text("column", diagnostics);
        let Owner::Population(n) = self.owner else {
            diagnostics.push(
                Diagnostic::error("wrong-type", table.span, format!("`{name}` of a projection cannot come from a file of its own"))
                    .help("make it a column of connect = { rule = \"list\", file = \"..\" }"),
            );
            return None;
        };
        let columns = super::files::read_columns(self.files, file, diagnostics)?;
        let (wanted, span) = column.map_or((name, file.span), |c| (c.text.as_str(), c.span));
        let values = columns.find(wanted, span, diagnostics)?;
        if values.len() != n {
            diagnostics.push(
                Diagnostic::error(
                    "wrong-length",
                    file.span,
                    format!("`{name}` needs {n} values, one for each neuron, but `{}` has {} rows", file.text, values.len()),
                )
                .help("write one row for each neuron"),
            );
            return None;
        }
        super::files::all_finite(&file.text, wanted, values, span, diagnostics).then(|| InitialValue::Column(values.to_vec()))
    }
}

fn type_fits(name: &str, expr: &Expr, value_type: ValueType, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let (message, help) = match (value_type, expr.value_type) {
        (ValueType::Boolean, ValueType::Boolean) | (ValueType::Integer, ValueType::Integer) => return true,
        (ValueType::Real, ValueType::Real | ValueType::Integer) => return true,
        (ValueType::Boolean, _) => ("true or false", "write true, false or a comparison, such as \"rand() < 0.5\""),
        (ValueType::Integer, _) => ("a whole number", "write int(...)"),
        (ValueType::Real, ValueType::Boolean) => ("a number", "write int(...) to make it 1 or 0"),
    };
    diagnostics.push(Diagnostic::error("type-mismatch", expr.span, format!("`{name}` must be {message}")).help(help));
    false
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
