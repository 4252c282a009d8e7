//! One value for each element: a number, a formula, a distribution, a list, or a column of a file.

use std::collections::HashMap;
use std::sync::Arc;

use plastica_lang::check::{check_quantity, check_value};
use plastica_lang::evaluate::{Values, evaluate};
use plastica_lang::model::{Builtin, Expr, ExprKind, Function, Scope, ValueType};
use plastica_lang::source::{Diagnostic, Table, Value, ValueKind};
use plastica_lang::units::Dimension;

use super::distribution::parse_distribution;
use super::values::{Owner, ValueReader};
use crate::elements::visit;
use crate::network::InitialValue;

impl ValueReader<'_> {
    /// Reads one value.
    pub fn value(&self, name: &str, value: &Value, dimension: Dimension, value_type: ValueType, diagnostics: &mut Vec<Diagnostic>) -> Option<InitialValue> {
        match &value.kind {
            ValueKind::Table(table) if table.get("distribution").is_some() => {
                let members = matches!(table.get("distribution").map(|v| &v.kind), Some(ValueKind::Text(t)) if t.text == "members");
                if value_type != ValueType::Real && !members {
                    diagnostics.push(
                        Diagnostic::error("type-mismatch", value.span, format!("`{name}` is no real number and cannot be drawn from a distribution"))
                            .help("write a formula, such as \"rand() < 0.5\" or \"int(10*rand())\""),
                    );
                    return None;
                }
                let neurons = if let Owner::Population(n) = self.owner { Some(n) } else { None };
                parse_distribution(table, value.span, dimension, neurons, diagnostics).map(InitialValue::Distribution)
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
        (column.len() == n).then_some(InitialValue::Column(Arc::new(column)))
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
        super::files::all_finite(&file.text, wanted, values, span, diagnostics).then(|| InitialValue::Column(Arc::clone(values)))
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
