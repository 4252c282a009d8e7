//! What happens at spikes and on slow clocks: pathways and intervals.

use super::{Names, check_quantity, check_statements};
use crate::model::{Interval, Pathway};
use crate::source::{Diagnostic, Table, Value, ValueKind};
use crate::units::Dimension;

/// `on_pre` or `on_post`.
pub(super) fn pathways(table: &Table, key: &str, names: &dyn Names, diagnostics: &mut Vec<Diagnostic>) -> Vec<Pathway> {
    let plain = key.trim_start_matches("on_");
    match table.get(key) {
        None => Vec::new(),
        Some(Value { kind: ValueKind::Text(text), span }) => {
            vec![Pathway { name: plain.into(), delay_s: 0.0, statements: check_statements(text, names, diagnostics), span: *span }]
        }
        Some(Value { kind: ValueKind::Table(ways), .. }) => {
            let mut out = Vec::new();
            for (name, way) in &ways.entries {
                match &way.kind {
                    ValueKind::Text(text) if name.name != "do" && name.name != "delay" => {
                        out.push(Pathway { name: name.name.clone(), delay_s: 0.0, statements: check_statements(text, names, diagnostics), span: name.span });
                    }
                    ValueKind::Table(way) => {
                        way.known_keys("a pathway", &["delay", "do"], diagnostics);
                        let delay_s = way.get("delay").map_or(0.0, |v| delay(v, diagnostics));
                        let statements = way.required_text("a pathway", "do", diagnostics).map_or(Vec::new(), |t| check_statements(t, names, diagnostics));
                        out.push(Pathway { name: name.name.clone(), delay_s, statements, span: name.span });
                    }
                    _ => diagnostics.push(
                        Diagnostic::error("wrong-type", way.span, format!("a pathway of `{key}` is a table"))
                            .help(format!("write {key}.NAME = {{ delay = \"1 ms\", do = \"...\" }}")),
                    ),
                }
            }
            out
        }
        Some(other) => {
            diagnostics.push(
                Diagnostic::error("wrong-type", other.span, format!("`{key}` must be text or a table of pathways, but this is {}", other.word()))
                    .help(format!("write {key} = \"w += 1\"")),
            );
            Vec::new()
        }
    }
}

fn delay(value: &Value, diagnostics: &mut Vec<Diagnostic>) -> f64 {
    match check_quantity(value, Some(Dimension::SECOND), diagnostics) {
        Some((d, _)) if d < 0.0 => {
            diagnostics.push(
                Diagnostic::error("negative-delay", value.span, "a delay cannot be negative").help("a spike arrives at once or later; write 0 ms or more"),
            );
            0.0
        }
        Some((d, _)) => d,
        None => 0.0,
    }
}

/// `on_interval`: one table, or a list of them.
pub(super) fn intervals(table: &Table, names: &dyn Names, diagnostics: &mut Vec<Diagnostic>) -> Vec<Interval> {
    let tables: Vec<&Value> = match table.get("on_interval") {
        None => return Vec::new(),
        Some(Value { kind: ValueKind::Array(list), .. }) => list.iter().collect(),
        Some(one) => vec![one],
    };
    let mut out = Vec::new();
    for value in tables {
        let ValueKind::Table(way) = &value.kind else {
            diagnostics
                .push(Diagnostic::error("wrong-type", value.span, "`on_interval` is a table").help("write on_interval = { every = \"1 s\", do = \"...\" }"));
            continue;
        };
        way.known_keys("`on_interval`", &["every", "do"], diagnostics);
        let Some(every_s) = period("on_interval", way, diagnostics) else { continue };
        let statements = way.required_text("`on_interval`", "do", diagnostics).map_or(Vec::new(), |t| check_statements(t, names, diagnostics));
        out.push(Interval { every_s, statements, span: value.span });
    }
    out
}

/// The period of a slow clock in seconds; 0 for `every = "dt"`.
pub(super) fn period(key: &str, table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    match table.get("every") {
        // The step is known only where the model is used.
        Some(Value { kind: ValueKind::Text(text), .. }) if text.text.trim() == "dt" => Some(0.0),
        Some(v) => match check_quantity(v, Some(Dimension::SECOND), diagnostics) {
            Some((s, _)) if s > 0.0 => Some(s),
            Some(_) => {
                diagnostics.push(Diagnostic::error("out-of-range", v.span, "an interval must be longer than zero").help("write, for example, every = \"1 s\""));
                None
            }
            None => None,
        },
        None => {
            diagnostics.push(Diagnostic::error("missing-key", table.span, format!("`{key}` has no `every`")).help("add every = \"1 s\""));
            None
        }
    }
}
