//! `positions`: where neurons are, in metres.
//!
//! Either `{ grid = [10, 10], spacing = "50 um" }` (the first axis runs fastest, the origin is at neuron 0), or `x`, `y`, `z`,
//! each a value as a parameter may have it (a formula of `i` and `N`, a distribution, a column of a file, a list).

use std::sync::Arc;

use plastica_lang::check::check_quantity;
use plastica_lang::model::ValueType;
use plastica_lang::source::{Diagnostic, Table, ValueKind};

use super::names::metre;
use super::values::{Owner, ValueReader};
use super::{Parser, count};
use crate::network::{InitialValue, MAX_NEURONS, Positions};

impl Parser<'_> {
    pub(super) fn positions(&mut self, table: &Table, what: &str, size: usize) -> Option<Positions> {
        let table = table.table("positions", self.diagnostics)?;
        let what = format!("`positions` of {what}");
        table.known_keys(&what, &["x", "y", "z", "grid", "spacing"], self.diagnostics);
        if table.get("grid").is_some() {
            return self.grid(table, &what, size);
        }
        let reader = ValueReader::new(what, Owner::Population(size), self.dt_s, self.files);
        let mut axes = Vec::new();
        for axis in ["x", "y", "z"] {
            if let Some(value) = table.get(axis)
                && let Some(read) = reader.value(axis, value, metre(), ValueType::Real, self.diagnostics)
            {
                axes.push((axis.to_string(), read));
            }
        }
        if axes.is_empty() && !table.entries.iter().any(|(k, _)| ["x", "y", "z"].contains(&k.name.as_str())) {
            self.diagnostics.push(
                Diagnostic::error("missing-key", table.span, format!("{} has no `x`", reader.what))
                    .help("write { grid = [10, 10], spacing = \"50 um\" } or { x = \"i * 10 um\" }"),
            );
        }
        (!axes.is_empty()).then_some(Positions { axes, span: table.span })
    }

    fn grid(&mut self, table: &Table, what: &str, size: usize) -> Option<Positions> {
        if let Some(key) = ["x", "y", "z"].iter().find_map(|axis| table.key(axis)) {
            self.diagnostics.push(Diagnostic::error("given-twice", key.span, format!("{what} has both a grid and `{}`", key.name)).help("remove one of them"));
        }
        let items = table.array("grid", self.diagnostics)?;
        let value = table.get("grid")?;
        let spacing = table.get("spacing").or_else(|| {
            self.diagnostics.push(Diagnostic::error("missing-key", table.span, format!("{what} has no `spacing`")).help("add spacing = \"50 um\""));
            None
        });
        if items.is_empty() || items.len() > 3 || matches!(value.kind, ValueKind::Table(_)) {
            self.diagnostics.push(
                Diagnostic::error("wrong-length", value.span, format!("a grid has 1 to 3 numbers, but this has {}", items.len())).help("write grid = [10, 10]"),
            );
            return None;
        }
        let counts: Vec<usize> = items.iter().filter_map(|v| count(v, "grid", MAX_NEURONS as f64, self.diagnostics)).collect();
        let (spacing, _) = check_quantity(spacing?, Some(metre()), self.diagnostics)?;
        if counts.len() != items.len() {
            return None;
        }
        let product = counts.iter().map(|n| *n as f64).product::<f64>();
        if product != size as f64 {
            self.diagnostics.push(
                Diagnostic::error("sizes-differ", value.span, format!("this grid has {product} places, but there are {size} neurons"))
                    .help("make the product of the grid equal to `size`"),
            );
            return None;
        }
        let mut stride = 1;
        let mut axes = Vec::new();
        for (axis, n) in ["x", "y", "z"].iter().zip(counts) {
            axes.push((axis.to_string(), InitialValue::Column(Arc::new((0..size).map(|i| (i / stride % n) as f64 * spacing).collect()))));
            stride *= n;
        }
        Some(Positions { axes, span: table.span })
    }
}
