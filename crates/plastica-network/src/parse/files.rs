//! Columns of numbers that a text names: found, of equal length, finite, whole where they are indices.

use std::sync::Arc;

use plastica_lang::source::{Diagnostic, Span, Text, nearest};

use crate::{Files, NamedColumns};

/// Columns of a file.
pub(crate) struct Columns {
    pub file: String,
    pub span: Span,
    pub columns: NamedColumns,
}

/// Reads a file that a text names.
pub(crate) fn read_columns(files: &dyn Files, file: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Columns> {
    let columns = match files.columns(&file.text) {
        Ok(columns) => columns,
        Err(message) => {
            diagnostics
                .push(Diagnostic::error("unreadable-file", file.span, message).label("cannot be read").help("paths are relative to the file that names them"));
            return None;
        }
    };
    let rows = columns.first().map_or(0, |(_, c)| c.len());
    if let Some((name, column)) = columns.iter().find(|(_, c)| c.len() != rows) {
        diagnostics.push(
            Diagnostic::error(
                "ragged-file",
                file.span,
                format!("column `{name}` of `{}` has {} rows, but the first column has {rows}", file.text, column.len()),
            )
            .help("give each row all its values"),
        );
        return None;
    }
    Some(Columns { file: file.text.clone(), span: file.span, columns })
}

impl Columns {
    /// A column that must be there.
    pub fn find(&self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<&Arc<Vec<f64>>> {
        if let Some((_, column)) = self.columns.iter().find(|(n, _)| n == name) {
            return Some(column);
        }
        let names = || self.columns.iter().map(|(n, _)| n.as_str());
        let help = match nearest(name, names()) {
            Some(near) => format!("it has `{near}`; rename that column to `{name}`"),
            None => super::values::list("columns", names()),
        };
        diagnostics.push(Diagnostic::error("missing-column", span, format!("`{}` has no column `{name}`", self.file)).label("no such column").help(help));
        None
    }

    /// A column of indices below `size`.
    pub fn indices(&self, name: &str, size: usize, of: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<u32>> {
        let column = self.find(name, self.span, diagnostics)?;
        let mut out = Vec::with_capacity(column.len());
        for (row, x) in column.iter().enumerate() {
            let index = *x as u32;
            if f64::from(index) != *x || index as usize >= size {
                diagnostics.push(
                    Diagnostic::error("not-an-index", self.span, format!("row {} of column `{name}` of `{}` is {x}", row + 1, self.file))
                        .note(format!("{of} has the neurons 0 to {}", size.saturating_sub(1)))
                        .help("write whole numbers in that range"),
                );
                return None;
            }
            out.push(index);
        }
        Some(out)
    }
}

/// Reports the first number of a column that is missing or infinite.
pub(crate) fn all_finite(file: &str, name: &str, values: &[f64], span: Span, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let Some(row) = values.iter().position(|x| !x.is_finite()) else { return true };
    let found = if values[row].is_nan() { "is empty or not a number" } else { "is infinite" };
    diagnostics.push(
        Diagnostic::error("not-finite", span, format!("row {} of column `{name}` of `{file}` {found}", row + 1))
            .label("a value is missing")
            .help("give every row a finite number in SI units"),
    );
    false
}
