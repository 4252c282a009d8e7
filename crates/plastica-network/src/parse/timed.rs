//! `timed` of an input: a variable takes the values of a list, one after another.
//!
//! - `values = ["0 nA", "1 nA"]`: one value for all neurons, or `[["0 nA", "1 nA"], ...]`: one for each
//! - `file = "stimulus.csv"`: rows of a file in SI units, with one column, or one for each neuron
//!
//! The last row stays.

use std::sync::Arc;

use plastica_lang::check::check_quantity;
use plastica_lang::model::{Model, Variable};
use plastica_lang::source::{Diagnostic, Table, Value, ValueKind};
use plastica_lang::units::Dimension;

use super::files::{all_finite, read_columns};
use super::{Parser, wrong};
use crate::network::Timed;

/// Most values of a list.
const MAX_VALUES: usize = 1 << 28;

impl Parser<'_> {
    /// Reads the table `timed`, for a population of this size.
    pub(super) fn timed(&mut self, table: &Table, model: &Model, size: usize) -> Option<Timed> {
        let what = "a timed input";
        table.known_keys(what, &["variable", "every", "values", "file"], self.diagnostics);
        let variable = self.variable(table, what, model);
        let shared = |v: &&Variable| v.flags.shared && variable.as_ref().is_some_and(|k| k.name == v.name);
        if let (Some(v), Some(value)) = (model.variables.iter().find(shared), table.get("variable")) {
            let message = format!("`{}` is one value for all neurons, and a timed input sets those of neurons", v.name);
            self.diagnostics.push(Diagnostic::error("shared-value", value.span, message).help("leave out `(shared)` in the model"));
            return None;
        }
        let every = self.whole_steps(table, what);
        let dimension = variable.as_ref().map(|v| v.dimension).unwrap_or_default();
        let rows = match (table.get("values"), table.key("file")) {
            (Some(_), Some(key)) => {
                self.diagnostics.push(Diagnostic::error("given-twice", key.span, format!("{what} has both `values` and `file`")).help("remove one of them"));
                None
            }
            (Some(value), None) => self.rows(value, dimension),
            (None, Some(_)) => self.rows_of_file(table, what),
            (None, None) => {
                let fault = Diagnostic::error("missing-key", table.span, format!("{what} has no values"));
                self.diagnostics.push(fault.help("add values = [\"0 nA\", \"1 nA\"], or file = \"stimulus.csv\""));
                None
            }
        };
        let place = table.get("values").or_else(|| table.get("file")).map_or(table.span, |v| v.span);
        let (width, values) = rows?;
        if width != 1 && width != size {
            let message = format!("a row needs one value, or {size}, one for each neuron, but these have {width}");
            self.diagnostics.push(Diagnostic::error("wrong-length", place, message).help("write one value, or one for each neuron"));
            return None;
        }
        if values.is_empty() || values.len() > MAX_VALUES {
            let message = format!("{what} has 1 to {MAX_VALUES} values, but this has {}", values.len());
            self.diagnostics.push(Diagnostic::error("wrong-length", place, message).help("write one row for each time"));
            return None;
        }
        Some(Timed { variable: variable?.name, every: every?, width, values: Arc::new(values) })
    }

    /// The key `every`, a time of whole steps.
    fn whole_steps(&mut self, table: &Table, what: &str) -> Option<u64> {
        let Some(value) = table.get("every") else {
            self.diagnostics
                .push(Diagnostic::error("missing-key", table.span, format!("{what} has no `every`")).help("add every = \"1 ms\": how long each row lasts"));
            return None;
        };
        let (time, _) = check_quantity(value, Some(Dimension::SECOND), self.diagnostics)?;
        let steps = (time / self.dt_s).round();
        if !(1.0..9e15).contains(&steps) || (time / self.dt_s - steps).abs() > 1e-6 * steps {
            let message = format!("`every` must be a whole number of steps of {} s", self.dt_s);
            self.diagnostics.push(Diagnostic::error("out-of-range", value.span, message).help("write a multiple of `dt`"));
            return None;
        }
        Some(steps as u64)
    }

    /// Width and values of a list of rows.
    fn rows(&mut self, value: &Value, dimension: Option<Dimension>) -> Option<(usize, Vec<f64>)> {
        let ValueKind::Array(rows) = &value.kind else {
            self.diagnostics.push(wrong(value, "values", "a list", "write values = [\"0 nA\", \"1 nA\"]"));
            return None;
        };
        let (mut values, mut width) = (Vec::with_capacity(rows.len()), None);
        for row in rows {
            let items = match &row.kind {
                ValueKind::Array(items) => items.as_slice(),
                _ => std::slice::from_ref(row),
            };
            if *width.get_or_insert(items.len()) != items.len() {
                let message = format!("this row has {} values, but the first has {}", items.len(), width.unwrap_or(0));
                self.diagnostics.push(Diagnostic::error("wrong-length", row.span, message).help("write as many values in each row"));
                return None;
            }
            for item in items {
                let (x, _) = check_quantity(item, dimension, self.diagnostics)?;
                values.push(x);
            }
        }
        Some((width.unwrap_or(1), values))
    }

    /// The same of a file.
    fn rows_of_file(&mut self, table: &Table, what: &str) -> Option<(usize, Vec<f64>)> {
        let file = table.required_text(what, "file", self.diagnostics)?;
        let found = read_columns(self.files, file, self.diagnostics)?;
        let good = found.columns.iter().all(|(name, column)| all_finite(&file.text, name, column, file.span, self.diagnostics));
        let rows = found.columns.first().map_or(0, |(_, column)| column.len());
        let values = (0..rows).flat_map(|row| found.columns.iter().map(move |(_, column)| column[row])).collect();
        good.then_some((found.columns.len(), values))
    }
}
