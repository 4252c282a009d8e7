//! Named values that a list of protocols runs through, and texts and expressions that use them.
//!
//! `vary = { frequency = ["1 Hz", "5 Hz"], timing = ["10 ms", "-10 ms"] }` makes every combination, the last name fastest;
//! `cases = { a = [..], b = [..] }` makes as many cases as the lists are long.

use plastica_lang::check::{Known, Names, check_expression, check_quantity, check_value};
use plastica_lang::evaluate::{Values, evaluate};
use plastica_lang::model::{Builtin, Function, Scope, ValueType};
use plastica_lang::source::{Diagnostic, Table, Text, Value, ValueKind};
use plastica_lang::units::Dimension;

use crate::experiment::wrong_type;

/// The values of one case.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Case {
    values: Vec<(String, f64, Dimension)>,
}

/// Cases are few: a file with more has a mistake in it.
const MAX_CASES: usize = 10_000;

impl Case {
    /// All cases of a table; one without names when the table has none.
    pub fn all(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Case>> {
        let mut cases = vec![Case::default()];
        if let Some(columns) = columns(table, "cases", diagnostics)? {
            let length = columns.first().map_or(0, |(_, c)| c.len());
            if columns.iter().any(|(_, c)| c.len() != length) {
                let span = table.get("cases").map_or(table.span, |v| v.span);
                diagnostics.push(Diagnostic::error("wrong-length", span, "the lists of `cases` have different lengths").help("give each name as many values"));
                return None;
            }
            cases = (0..length).map(|k| Case { values: columns.iter().map(|(name, c)| (name.clone(), c[k].0, c[k].1)).collect() }).collect();
        }
        for (name, column) in columns(table, "vary", diagnostics)?.unwrap_or_default() {
            if cases.len() * column.len() > MAX_CASES {
                let span = table.get("vary").map_or(table.span, |v| v.span);
                diagnostics.push(Diagnostic::error("too-large", span, format!("these are more than {MAX_CASES} cases")).help("use shorter lists"));
                return None;
            }
            cases = cases
                .iter()
                .flat_map(|case| {
                    column.iter().map(|(x, dimension)| {
                        let mut case = case.clone();
                        case.values.push((name.clone(), *x, *dimension));
                        case
                    })
                })
                .collect();
        }
        Some(cases)
    }

    /// The value of a number or an expression of the case's names.
    pub fn value(&self, value: &Value, dimension: Dimension, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
        let expr = check_value(value, self, Some(dimension), diagnostics)?;
        let x = evaluate(&expr, &mut Numbers(self));
        if !x.is_finite() {
            diagnostics.push(Diagnostic::error("not-finite", value.span, format!("this would be {x}")).help("check for a division by zero"));
            return None;
        }
        Some(x)
    }

    /// The value of an expression of any dimension, as a text that means the same.
    pub fn quantity(&self, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
        let expr = check_value(value, self, None, diagnostics)?;
        let x = evaluate(&expr, &mut Numbers(self));
        Some(match expr.dimension {
            Some(d) if !d.is_none() => format!("{x:?}*({d})"),
            _ => format!("{x:?}"),
        })
    }

    /// A text with each `{expression}` replaced by its value.
    pub fn fill(&self, text: &Text, also: &[(&str, &str)], diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
        let mut out = String::new();
        let mut at = 0;
        while let Some(open) = text.text[at..].find('{').map(|k| at + k) {
            out.push_str(&text.text[at..open]);
            let Some(close) = text.text[open..].find('}').map(|k| open + k) else {
                diagnostics.push(Diagnostic::error("open-brace", text.place(open, text.text.len()), "`{` without `}`").help("write {expression}"));
                return None;
            };
            let inside = &text.text[open + 1..close];
            at = close + 1;
            if let Some((_, replacement)) = also.iter().find(|(name, _)| *name == inside) {
                out.push_str(replacement);
                continue;
            }
            let part = Text::made(inside, text.place(open + 1, close));
            let expr = check_expression(&part, self, Some(Dimension::NONE), diagnostics)?;
            out.push_str(&number(evaluate(&expr, &mut Numbers(self))));
        }
        out.push_str(&text.text[at..]);
        Some(out)
    }
}

/// A number as one would write it: without the noise of the last digits.
fn number(x: f64) -> String {
    let rounded: f64 = format!("{x:.9}").parse().unwrap_or(x);
    // Adding zero turns -0 into 0.
    format!("{}", rounded + 0.0)
}

/// Lists of quantities by name.
type Columns = Vec<(String, Vec<(f64, Dimension)>)>;

/// The lists under a key; `Some(None)` when the key is not there, `None` after a fault.
fn columns(table: &Table, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<Columns>> {
    if table.get(key).is_none() {
        return Some(None);
    }
    let lists = table.table(key, diagnostics)?;
    let mut out = Vec::new();
    for (name, value) in &lists.entries {
        let ValueKind::Array(items) = &value.kind else {
            diagnostics.push(wrong_type(value, &name.name, "a list", "write [\"10 ms\", \"-10 ms\"]"));
            return None;
        };
        let mut column = Vec::with_capacity(items.len());
        for item in items {
            column.push(check_quantity(item, None, diagnostics)?);
        }
        if let Some((_, first)) = column.first()
            && let Some(other) = column.iter().position(|(_, d)| d != first)
        {
            diagnostics.push(
                Diagnostic::error(
                    "unit-mismatch",
                    items[other].span,
                    format!("`{}` begins with a value in {first}, but this is in {}", name.name, column[other].1),
                )
                .help("give all values of a list the same unit"),
            );
            return None;
        }
        out.push((name.name.clone(), column));
    }
    Some(Some(out))
}

impl Names for Case {
    fn find(&self, name: &str) -> Option<Known> {
        let (name, _, dimension) = self.values.iter().find(|(n, ..)| n == name)?;
        Some(Known { scope: Scope::Local, name: name.clone(), dimension: Some(*dimension), value_type: ValueType::Real, writable: false })
    }

    fn all(&self) -> Vec<String> {
        self.values.iter().map(|(n, ..)| n.clone()).collect()
    }
}

struct Numbers<'a>(&'a Case);

impl Values for Numbers<'_> {
    fn name(&mut self, _: Scope, name: &str) -> f64 {
        self.0.values.iter().find(|(n, ..)| n == name).map_or(f64::NAN, |(_, x, _)| *x)
    }

    fn builtin(&mut self, _: Builtin) -> f64 {
        f64::NAN
    }

    fn random(&mut self, _: Function, _: f64, _: u32) -> f64 {
        f64::NAN
    }
}
