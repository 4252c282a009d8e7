//! What each experiment of the library tests: its claims, its numbers in the atlas, the rows that it asks for. Read from the text
//! alone, without checking or running it, so that an experiment with a fault is listed like any other.

use plastica_lang::check::check_quantity;
use plastica_lang::source::{Table, Value, ValueKind};
use plastica_lang::units::Dimension;

use crate::claims::{Claims, codes};
use crate::library::Library;
use crate::open::{Opened, opened};

/// What an experiment tests.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// Name in the library.
    pub name: String,
    /// What it is about.
    pub doc: String,
    /// Citation.
    pub source: String,
    /// Codes of its claims, those that it names itself first.
    pub claims: Vec<String>,
    /// Rows of studies and summaries of pairings; single cells of pairings have no row of their own here.
    pub rows: Vec<Asked>,
    /// About how many real seconds the default size takes on two cores, if it says so.
    pub run_time_s: Option<f64>,
    /// Has it a size for `--full`?
    pub has_full: bool,
}

/// A row that an experiment asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Number in the atlas.
    pub id: String,
    /// What it is called.
    pub quantity: String,
    /// The quantity of the table of targets that it is held against, if it is one of that table.
    pub target: Option<String>,
}

impl Tested {
    /// Numbers in the atlas, in order, each once.
    pub fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.rows.iter().map(|r| r.id.clone()).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// Reads what the text of an experiment says.
    pub fn read(opened: &Opened, name: &str, claims: &Claims) -> Tested {
        let empty = Table::default();
        let table = &opened.table;
        let about = inner(table, "experiment").unwrap_or(&empty);
        let mut rows = Vec::new();
        let mut own: Vec<String> = codes(&text(about, "claim"));
        for row in list(table, "row") {
            rows.extend(asked(row, &text(row, "id")));
            own.extend(codes(&text(row, "claim")));
        }
        for pairing in inner(table, "pairing").unwrap_or(&empty).entries.iter().filter_map(|(_, value)| as_table(value)) {
            rows.extend(list(pairing, "summary").into_iter().filter_map(|row| asked(row, &text(pairing, "id"))));
            own.extend(codes(&text(pairing, "claim")));
        }
        if own.is_empty() {
            own.extend(rows.iter().filter_map(|r| claims.topic(&r.id)).flat_map(|t| t.claims.clone()));
        }
        let mut distinct: Vec<String> = Vec::new();
        own.into_iter().for_each(|code| {
            if !distinct.contains(&code) {
                distinct.push(code);
            }
        });
        let run_time = about.get("run_time").and_then(|value| check_quantity(value, Some(Dimension::SECOND), &mut Vec::new()));
        Tested {
            name: name.into(),
            doc: text(about, "doc").trim().into(),
            source: text(about, "source").trim().into(),
            claims: distinct,
            rows,
            run_time_s: run_time.map(|(seconds, _)| seconds),
            has_full: table.get("full").is_some() || table.get("pairing").is_some(),
        }
    }
}

/// What each experiment of the library tests, by name.
pub fn experiments(library: &Library) -> Vec<Tested> {
    let claims = Claims::read();
    let read = |name: String| {
        let found = library.experiment_named(&name)?;
        Some(Tested::read(&opened(library, found, name.clone()), &name, &claims))
    };
    library.experiments().into_iter().filter_map(read).collect()
}

fn asked(row: &Table, id: &str) -> Option<Asked> {
    let word = |key: &str| Some(text(row, key)).filter(|t| !t.is_empty());
    let target = word("target");
    Some(Asked { id: id.into(), quantity: word("quantity").or_else(|| target.clone())?, target })
}

fn as_table(value: &Value) -> Option<&Table> {
    if let ValueKind::Table(table) = &value.kind { Some(table) } else { None }
}

fn inner<'t>(table: &'t Table, key: &str) -> Option<&'t Table> {
    table.get(key).and_then(as_table)
}

fn text(table: &Table, key: &str) -> String {
    match table.get(key).map(|v| &v.kind) {
        Some(ValueKind::Text(text)) => text.text.clone(),
        _ => String::new(),
    }
}

fn list<'t>(table: &'t Table, key: &str) -> Vec<&'t Table> {
    match table.get(key).map(|v| &v.kind) {
        Some(ValueKind::Array(items)) => items.iter().filter_map(as_table).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::open_text;
    use crate::tables::Folder;

    fn check(text: &str, claims: &[&str], rows: &[(&str, &str, Option<&str>)]) -> Tested {
        let tested = Tested::read(&open_text(&Library::default(), "own", text, Folder::default()), "own", &Claims::read());
        assert_eq!(tested.claims, claims, "{text}");
        let found: Vec<(&str, &str, Option<&str>)> = tested.rows.iter().map(|r| (r.id.as_str(), r.quantity.as_str(), r.target.as_deref())).collect();
        assert_eq!(found, rows, "{text}");
        tested
    }

    #[test]
    fn rows_of_studies_and_summaries_of_pairings_are_found() {
        check("[[row]]\nid = \"E09\"\ntarget = \"a\"\n[[row]]\nid = \"E09\"\nquantity = \"b\"\n", &["C9"], &[("E09", "a", Some("a")), ("E09", "b", None)]);
        let text = "[experiment]\nclaim = \"C4\"\nrun_time = \"120 s\"\n[pairing.x]\nid = \"E02\"\nclaim = \"C5, C4\"\nsummary = [{ target = \"a\", quantity = \"of x\" }]\n";
        let tested = check(text, &["C4", "C5"], &[("E02", "of x", Some("a"))]);
        assert_eq!((tested.run_time_s, tested.has_full, tested.ids()), (Some(120.0), true, vec!["E02".to_string()]));
        check("", &[], &[]);
    }
}
