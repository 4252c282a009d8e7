//! What all tables of this room are read with: headers with names, names that must exist, lists of names.

use plastica_lang::check::check_quantity;
use plastica_lang::source::{Diagnostic, Key, Table, Text, Value, ValueKind, nearest};
use plastica_lang::units::Dimension;

/// The tables `[what.NAME]` of a file.
pub(crate) fn named_tables<'t>(table: &'t Table, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<(&'t Key, &'t Table)> {
    let Some(outer) = table.table(what, diagnostics) else { return Vec::new() };
    let mut out = Vec::with_capacity(outer.entries.len());
    for (key, value) in &outer.entries {
        match &value.kind {
            ValueKind::Table(body) => out.push((key, body)),
            _ => diagnostics.push(wrong_type(value, &format!("{what}.{}", key.name), "a table", &format!("write a header [{what}.NAME], then its keys"))),
        }
    }
    out
}

/// A diagnostic for a value of the wrong kind.
pub(crate) fn wrong_type(value: &Value, key: &str, wanted: &str, help: &str) -> Diagnostic {
    Diagnostic::error("wrong-type", value.span, format!("`{key}` must be {wanted}, but this is {}", value.word())).label(value.word()).help(help)
}

/// `did you mean ..?`, or the list of all.
pub(crate) fn did_you_mean<'a>(name: &str, what: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    match nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => format!("there are no {what}"),
        None if names.len() > 20 => format!("known {what}: {}, and {} more", names[..20].join(", "), names.len() - 20),
        None => format!("known {what}: {}", names.join(", ")),
    }
}

/// Texts of a key that is one text or a list of them.
pub(crate) fn texts<'t>(table: &'t Table, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<&'t Text> {
    let Some(value) = table.get(key) else { return Vec::new() };
    let one_or_more = match &value.kind {
        ValueKind::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    let mut out = Vec::with_capacity(one_or_more.len());
    for item in one_or_more {
        match &item.kind {
            ValueKind::Text(text) => out.push(text),
            ValueKind::Faulty => {}
            _ => diagnostics.push(wrong_type(item, key, "a list of names", &format!("write {key} = [\"NAME\", \"NAME\"]"))),
        }
    }
    out
}

/// The `doc` of a table, without the white space around it.
pub(crate) fn doc(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> String {
    table.text("doc", diagnostics).map_or(String::new(), |t| t.text.trim().to_string())
}

/// A quantity of a dimension, in SI units; true and false are none.
pub(crate) fn quantity(key: &str, value: &Value, dimension: Dimension, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    if let ValueKind::Boolean(_) = value.kind {
        diagnostics.push(wrong_type(value, key, "a number", "write a number, or a quantity in quotes; true is 1 and false is 0"));
        return None;
    }
    check_quantity(value, Some(dimension), diagnostics).map(|(x, _)| x)
}
