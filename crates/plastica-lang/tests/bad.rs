//! Bad model files: each gives the expected diagnostic at the expected place, with a repair, and no panic.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plastica_lang::check::check_file;
use plastica_lang::source::{Diagnostic, Sources, render};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bad/models")
}

/// All that is said about a file, in the order of places.
fn said(file: &str) -> (Sources, Vec<Diagnostic>) {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let bytes = std::fs::read(folder().join(file)).unwrap();
    match sources.add_bytes(file, &bytes) {
        Ok(id) => {
            check_file(&sources, id, &mut diagnostics);
        }
        Err(diagnostic) => diagnostics.push(*diagnostic),
    }
    diagnostics.sort_by_key(|d| d.span);
    (sources, diagnostics)
}

fn check(file: &str, id: &str, line: usize, count: usize) -> Result<(), String> {
    let (sources, diagnostics) = said(file);
    let shown = render(&sources, &diagnostics, false);
    let Some(first) = diagnostics.first() else { return Err(format!("{file}: nothing is said")) };
    let found = (first.id, sources.line(first.span).0, diagnostics.len());
    if found != (id, line, count) {
        return Err(format!("{file}: expected {:?}, found {found:?}\n{shown}", (id, line, count)));
    }
    match diagnostics.iter().find(|d| d.help.as_deref().is_none_or(|h| h.len() < 5) || d.message.is_empty()) {
        Some(d) => Err(format!("{file}: {} has no help", d.id)),
        None => Ok(()),
    }
}

#[test]
fn each_bad_file_gets_its_diagnostic() {
    let table = std::fs::read_to_string(folder().join("expected.csv")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().filter(|l| !l.starts_with('#')).skip(1).map(|l| l.split(',').collect()).collect();
    let faults: Vec<String> = rows.iter().filter_map(|row| check(row[0], row[1], row[2].parse().unwrap(), row[3].parse().unwrap()).err()).collect();
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), rows.len(), faults.join("\n\n"));

    let named: BTreeSet<String> = rows.iter().map(|row| row[0].to_string()).collect();
    let there: BTreeSet<String> =
        std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).filter(|n| n.ends_with(".toml")).collect();
    assert_eq!(named, there, "every file is in the table, and every row has its file");
    assert!(there.len() >= 60);
    let kinds: BTreeSet<&str> = rows.iter().map(|row| row[1]).collect();
    assert!(kinds.len() >= 25, "{kinds:?}");
}
