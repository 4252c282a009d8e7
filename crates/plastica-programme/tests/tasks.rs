//! The examples of the reference page are good tasks, and the page names what there is.

use plastica_lang::source::{Sources, ValueKind, parse_toml, render};
use plastica_programme::tasks::{Task, kinds, parse};

const PAGE: &str = include_str!("../../../docs/reference/tasks.md");

/// Every task of the page.
fn tasks() -> Vec<Box<dyn Task>> {
    let text: String = PAGE.split("```toml\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    let mut sources = Sources::default();
    let source = sources.add("tasks.toml", text);
    let mut diagnostics = Vec::new();
    let table = parse_toml(&sources, source, &mut diagnostics);
    let tables = table.table("task", &mut diagnostics).expect("the page has tasks");
    let tasks: Vec<Box<dyn Task>> = tables
        .entries
        .iter()
        .filter_map(|(key, value)| match &value.kind {
            ValueKind::Table(table) => parse(key, table, &mut diagnostics),
            _ => None,
        })
        .collect();
    assert!(diagnostics.is_empty(), "{}", render(&sources, &diagnostics, false));
    assert_eq!(tasks.len(), tables.entries.len());
    tasks
}

#[test]
fn the_examples_of_the_reference_page_are_tasks() {
    assert!(tasks().len() >= kinds().count());
    for kind in kinds() {
        assert!(PAGE.contains(&format!("## `kind = \"{kind}\"`")), "{kind}");
        assert!(PAGE.contains(&format!("\nkind = \"{kind}\"\n")), "{kind}");
    }
}

#[test]
fn the_page_names_every_score() {
    for task in tasks() {
        for score in task.scores() {
            // Transitions are told by their first.
            assert!(PAGE.contains(&format!("`{}`", score.name)) || score.name.starts_with("transition_"), "{}", score.name);
            assert!(!score.doc.is_empty());
        }
        let mut names: Vec<&str> = task.scores().iter().map(|s| s.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), task.scores().len(), "no two scores have one name");
    }
}
