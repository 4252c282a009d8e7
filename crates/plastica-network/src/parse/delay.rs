//! Delays: `delay` or `axonal_delay`, and `dendritic_delay`; or the columns of a connection list with `_s` after the name.
//!
//! A delay is kept in seconds. Whole steps come of it when the synapses are built; a constant is judged here.

use std::sync::Arc;

use plastica_lang::model::{AssignOp, Model, Scope, ValueType};
use plastica_lang::source::{Diagnostic, Key, Span, Table};
use plastica_lang::units::Dimension;

use super::Parser;
use super::files::{Columns, all_finite};
use super::values::ValueReader;
use crate::network::{DelaySpec, InitialValue, MAX_DELAY_STEPS};

/// The keys of a kind of delay; as columns they end in `_s`.
const AXONAL: &[&str] = &["delay", "axonal_delay"];
const DENDRITIC: &[&str] = &["dendritic_delay"];
/// The columns of a list that are delays.
pub(super) const COLUMNS: [&str; 3] = ["delay_s", "axonal_delay_s", "dendritic_delay_s"];

/// A column counts as whole steps within this part of a step.
pub(crate) const WHOLE: f64 = 1e-6;

impl Parser<'_> {
    /// The axonal and the dendritic delay.
    pub(super) fn delays(&mut self, key: &Key, table: &Table, reader: &ValueReader<'_>, columns: Option<&Columns>) -> Option<(DelaySpec, DelaySpec)> {
        let axonal = self.delay(AXONAL, key, table, reader, columns);
        let dendritic = self.delay(DENDRITIC, key, table, reader, columns);
        Some((axonal?, dendritic?))
    }

    fn delay(&mut self, keys: &[&str], owner: &Key, table: &Table, reader: &ValueReader<'_>, columns: Option<&Columns>) -> Option<DelaySpec> {
        let mut found: Vec<(Span, String)> = keys.iter().filter_map(|k| table.key(k)).map(|k| (k.span, format!("`{}`", k.name))).collect();
        let listed: Vec<(&Columns, &str, &Arc<Vec<f64>>)> = columns.map_or_else(Vec::new, |c| {
            let own = c.columns.iter().filter(|(name, _)| name.strip_suffix("_s").is_some_and(|n| keys.contains(&n)));
            own.map(|(name, values)| (c, name.as_str(), values)).collect()
        });
        found.extend(listed.iter().map(|(c, name, _)| (c.span, format!("column `{name}` of `{}`", c.file))));
        if let [(first, one), (second, other), ..] = found.as_slice() {
            self.diagnostics.push(
                Diagnostic::error("given-twice", *second, format!("{}: this delay is given by {one} and by {other}", reader.what))
                    .other(*first, "also here")
                    .help("remove one of them; `delay` and `axonal_delay` mean the same"),
            );
            return None;
        }
        if let Some((columns, name, values)) = listed.first() {
            return self.delay_column(columns, name, values);
        }
        let Some((key, value)) = keys.iter().find_map(|k| Some((table.key(k)?, table.get(k)?))) else {
            return Some(DelaySpec { value: InitialValue::Constant(0.0), span: owner.span });
        };
        let read = reader.value(&key.name, value, Dimension::SECOND, ValueType::Real, self.diagnostics)?;
        match &read {
            InitialValue::Constant(x) if !self.constant_delay(&key.name, *x, value.span) => return None,
            InitialValue::Formula(expr) if !reader.known_before(expr, self.diagnostics) => return None,
            _ => {}
        }
        Some(DelaySpec { value: read, span: value.span })
    }

    fn constant_delay(&mut self, name: &str, delay_s: f64, span: Span) -> bool {
        let (dt_s, steps) = (self.dt_s, delay_s / self.dt_s);
        let fault = |id, message: String, help: String| Diagnostic::error(id, span, message).help(help);
        let fault = if delay_s < 0.0 {
            fault("negative-delay", format!("`{name}` is {delay_s} s, but a spike cannot arrive before it was sent"), "write 0 or a positive time".into())
        } else if steps.round() > MAX_DELAY_STEPS {
            fault(
                "too-large",
                format!("`{name}` is {steps:.3e} steps, but at most {MAX_DELAY_STEPS} are possible"),
                "check its unit, or use a larger dt".into(),
            )
        } else if delay_s > 0.0 && steps.round() == 0.0 {
            let help = format!("write 0 if there shall be no delay, at least {dt_s} s, or use a smaller dt");
            fault("delay-too-short", format!("`{name}` is {delay_s} s, which rounds to no step of {dt_s} s at all"), help).label("less than half a step")
        } else {
            if (steps - steps.round()).abs() > WHOLE {
                let message = format!("`{name}` is {steps} steps of {dt_s} s and becomes {} s", steps.round() * dt_s);
                self.diagnostics.push(
                    Diagnostic::warning("delay-rounded", span, message).label("no whole number of steps").help("write a multiple of dt, or use a smaller dt"),
                );
            }
            return true;
        };
        self.diagnostics.push(fault);
        false
    }

    fn delay_column(&mut self, columns: &Columns, name: &str, values: &Arc<Vec<f64>>) -> Option<DelaySpec> {
        if !all_finite(&columns.file, name, values, columns.span, self.diagnostics) {
            return None;
        }
        let fault = |row: usize, id, what: &str, help: &str| {
            Diagnostic::error(id, columns.span, format!("row {} of column `{name}` of `{}` is {}, {what}", row + 1, columns.file, values[row])).help(help)
        };
        let most = MAX_DELAY_STEPS * self.dt_s;
        if let Some(row) = values.iter().position(|x| *x < 0.0) {
            self.diagnostics.push(fault(
                row,
                "negative-delay",
                "but a spike cannot arrive before it was sent",
                "give every row a delay of 0 or more, in seconds",
            ));
            return None;
        }
        if let Some(row) = values.iter().position(|x| *x > most) {
            self.diagnostics.push(fault(row, "too-large", &format!("but at most {most} s are possible"), "delays are in seconds; check the unit"));
            return None;
        }
        Some(DelaySpec { value: InitialValue::Column(Arc::clone(values)), span: columns.span })
    }

    /// Reports statements that a dendritic delay has no meaning for: only an increment can travel on to the neuron.
    pub(super) fn dendritic_writes(&mut self, model: &Model, dendritic: &DelaySpec) {
        if matches!(dendritic.value, InitialValue::Constant(0.0)) {
            return;
        }
        for statement in model.on_pre.iter().flat_map(|p| &p.statements).filter(|s| s.scope == Scope::Post && s.op != AssignOp::Add) {
            self.diagnostics.push(
                Diagnostic::error(
                    "dendritic-write",
                    statement.span,
                    format!("`{}_post` is written here, but only an increment (`+=`) can arrive after a dendritic delay", statement.name),
                )
                .label("no `+=`")
                .other(dendritic.span, "the dendritic delay")
                .help("write it as `+=`, or remove the dendritic delay"),
            );
        }
    }
}
