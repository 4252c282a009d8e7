//! The resolved experiment: every default spelled out, every model inside, every table of numbers beside it.
//!
//! It is kept with the results, and is what `resume` goes on with, whatever has become of the files it came from.

use std::fmt::Write as _;

use plastica_lang::model::ModelKind;
use plastica_lang::source::{Key, Sources, Table, Text, Value, ValueKind};

use crate::experiment::Experiment;
use crate::library::{Library, words};
use crate::open::Opened;

/// A resolved experiment.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The text.
    pub text: String,
    /// Files that it names, relative to it.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Resolves a checked experiment.
pub fn resolve(opened: &Opened, experiment: &Experiment, library: &Library) -> Resolved {
    let mut table = opened.table.clone();
    let mut files = Vec::new();
    carry_files(&mut table, opened, &mut files);
    let settings = &experiment.settings;
    let mut simulation = vec![("dt", quantity(settings.dt_s, "s"))];
    if experiment.network.is_some() && settings.steps > 0 {
        simulation.push(("duration", quantity(settings.steps as f64 * settings.dt_s, "s")));
    }
    simulation.push(("seed", ValueKind::Integer(settings.seed as i64)));
    simulation.push(("precision", text(settings.precision.word())));
    fill(&mut table, "simulation", simulation, true);
    fill(&mut table, "experiment", vec![("name", text(&experiment.name))], true);
    fill(&mut table, "checkpoint", vec![("interval", quantity(settings.checkpoint_s, "s"))], false);
    for kind in [ModelKind::Neuron, ModelKind::Synapse] {
        for (name, model) in models(&opened.table, kind, library) {
            let mut model = model;
            // Where defaults come from and what is expected of a model stays in the library.
            model.entries.retain(|(k, _)| !matches!(k.name.as_str(), "expected" | "parameter_sources"));
            fill(&mut table, words(kind).0, vec![(&name, ValueKind::Table(model))], false);
        }
    }
    let mut out = format!("# Resolved by plastica {}: every default spelled out, every model inside.\n", crate::VERSION);
    print(&table, &mut Vec::new(), &mut out);
    Resolved { text: out, files }
}

fn text(s: &str) -> ValueKind {
    ValueKind::Text(Text::made(s, Default::default()))
}

fn quantity(x: f64, unit: &str) -> ValueKind {
    text(&format!("{x:?} {unit}"))
}

/// Sets keys of the table of a name (which may not be there yet): all of them, or only those that are missing.
fn fill(table: &mut Table, name: &str, keys: Vec<(&str, ValueKind)>, replace: bool) {
    let made = |name: &str, kind: ValueKind| (Key { name: name.into(), span: Default::default() }, Value { kind, span: Default::default() });
    if table.get(name).is_none() {
        table.entries.push(made(name, ValueKind::Table(Table::default())));
    }
    let Some((_, Value { kind: ValueKind::Table(inner), .. })) = table.entries.iter_mut().find(|(k, _)| k.name == name) else { return };
    for (key, kind) in keys {
        match inner.entries.iter_mut().find(|(k, _)| k.name == key) {
            Some((_, value)) if replace => value.kind = kind,
            Some(_) => {}
            None => inner.entries.push(made(key, kind)),
        }
    }
}

/// Models of the library that a text uses.
fn models(table: &Table, kind: ModelKind, library: &Library) -> Vec<(String, Table)> {
    let mut names = Vec::new();
    used(table, kind, &mut names);
    names.sort();
    names.dedup();
    let own = |name: &String| matches!(table.get(words(kind).0).map(|v| &v.kind), Some(ValueKind::Table(t)) if t.get(name).is_some());
    names.retain(|n| !own(n));
    let mut out = Vec::new();
    for name in names {
        // Models and their names have been checked.
        let found = plastica_network::Library::model(library, &mut Sources::default(), kind, &name, &mut Vec::new());
        out.extend(found.map(|(_, model)| (name, model)));
    }
    out
}

/// Names under the keys that stand for a model of a kind, anywhere in a text.
fn used(table: &Table, kind: ModelKind, names: &mut Vec<String>) {
    let keys: &[&str] = match kind {
        ModelKind::Neuron => &["model"],
        ModelKind::Synapse => &["synapse", "drive"],
    };
    for (key, value) in &table.entries {
        match &value.kind {
            ValueKind::Text(t) if keys.contains(&key.name.as_str()) => names.push(t.text.clone()),
            ValueKind::Table(inner) => used(inner, kind, names),
            ValueKind::Array(items) => {
                for item in items {
                    if let ValueKind::Table(inner) = &item.kind {
                        used(inner, kind, names);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Takes the files that a text names, and lets it name the copies.
fn carry_files(table: &mut Table, opened: &Opened, files: &mut Vec<(String, Vec<u8>)>) {
    let mut taken: Vec<(String, String)> = Vec::new();
    carry(table, opened, files, &mut taken);
}

fn carry(table: &mut Table, opened: &Opened, files: &mut Vec<(String, Vec<u8>)>, taken: &mut Vec<(String, String)>) {
    for (_, value) in &mut table.entries {
        carry_value(value, opened, files, taken);
    }
}

fn carry_value(value: &mut Value, opened: &Opened, files: &mut Vec<(String, Vec<u8>)>, taken: &mut Vec<(String, String)>) {
    match &mut value.kind {
        ValueKind::Table(inner) => carry(inner, opened, files, taken),
        ValueKind::Array(items) => items.iter_mut().for_each(|i| carry_value(i, opened, files, taken)),
        ValueKind::Text(t) if t.text.ends_with(".csv") || t.text.ends_with(".parquet") => {
            let name = match taken.iter().find(|(from, _)| *from == t.text) {
                Some((_, to)) => to.clone(),
                None => {
                    let Ok(bytes) = opened.folder.bytes(&t.text) else { return };
                    let last = t.text.rsplit(['/', '\\']).next().unwrap_or("table.csv");
                    let to = format!("inputs/{}-{last}", taken.len() + 1);
                    taken.push((t.text.clone(), to.clone()));
                    files.push((to.clone(), bytes));
                    to
                }
            };
            *t = Text::made(name, t.span);
        }
        _ => {}
    }
}

/// A table as TOML.
pub fn printed(table: &Table) -> String {
    let mut out = String::new();
    print(table, &mut Vec::new(), &mut out);
    out
}

/// Writes a table as TOML: its own keys, then each table in it under a header.
fn print(table: &Table, path: &mut Vec<String>, out: &mut String) {
    let is_table = |v: &Value| matches!(v.kind, ValueKind::Table(_));
    let own: Vec<&(Key, Value)> = table.entries.iter().filter(|(_, v)| !is_table(v)).collect();
    if !path.is_empty() && (!own.is_empty() || table.entries.is_empty()) {
        let _ = writeln!(out, "\n[{}]", path.join("."));
    }
    for (key, value) in own {
        let _ = writeln!(out, "{} = {}", name(&key.name), inline(value, true));
    }
    for (key, value) in &table.entries {
        if let ValueKind::Table(inner) = &value.kind {
            path.push(name(&key.name));
            print(inner, path, out);
            path.pop();
        }
    }
}

fn name(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if bare { key.into() } else { quoted(key) }
}

fn inline(value: &Value, own_line: bool) -> String {
    match &value.kind {
        ValueKind::Text(t)
            if own_line && t.text.contains('\n') && !t.text.contains("'''") && t.text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control()) =>
        {
            format!("'''\n{}'''", t.text)
        }
        ValueKind::Text(t) => quoted(&t.text),
        ValueKind::Integer(i) => i.to_string(),
        ValueKind::Float(f) => format!("{f:?}"),
        ValueKind::Boolean(b) => b.to_string(),
        ValueKind::Array(items) => format!("[{}]", items.iter().map(|i| inline(i, false)).collect::<Vec<_>>().join(", ")),
        ValueKind::Table(t) => {
            format!("{{ {} }}", t.entries.iter().map(|(k, v)| format!("{} = {}", name(&k.name), inline(v, false))).collect::<Vec<_>>().join(", "))
        }
        // A date or a faulty value is an error wherever it stands, so a checked text has none.
        ValueKind::Date | ValueKind::Faulty => "\"\"".into(),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use plastica_lang::source::parse_toml;

    /// Printed and read again, a text says the same.
    fn check_round_trip(toml: &str) {
        let read = |toml: &str| {
            let mut sources = Sources::default();
            let id = sources.add("a.toml", toml);
            let mut diagnostics = Vec::new();
            let table = parse_toml(&sources, id, &mut diagnostics);
            assert!(diagnostics.is_empty(), "{toml}\n{diagnostics:?}");
            let mut out = String::new();
            print(&table, &mut Vec::new(), &mut out);
            out
        };
        let once = read(toml);
        assert_eq!(read(&once), once);
        assert!(!once.is_empty());
    }

    #[test]
    fn a_printed_text_says_the_same() {
        check_round_trip(
            "a = 1\nb = 2.5\nc = [1, \"x\", { d = true }]\n[e.f]\ng = \"say \\\"hi\\\" \\\\ \\t\"\n[e.\"two words\"]\nh = '''\nfirst\nsecond\n'''\n[empty]\n",
        );
        check_round_trip("a = \"one\\ntwo ''' three\"\nb = 1e-20\n");
    }
}
