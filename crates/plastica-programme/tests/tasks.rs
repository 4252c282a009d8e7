//! The examples of the reference page are good tasks, and the page names what there is.

use plastica_numerics::random::Stream;
use plastica_programme::BlockKind;
use proptest::prelude::*;

use plastica_lang::source::{Sources, ValueKind, parse_toml, render};
use plastica_programme::tasks::{Hands, Setting, Task, kinds, parse};

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
            ValueKind::Table(table) => parse(&key.name, table, &mut diagnostics),
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

/// Runs a block of noise; everything that was set goes back.
fn storm(task: &mut dyn Task, kind: BlockKind, steps: i64, seed: u64) {
    let stream = Stream::new(seed, 0, 1);
    let sizes: Vec<Vec<usize>> = task.reads().iter().map(|r| vec![10; r.at_least.clamp(2, 8)]).collect();
    let mut seen: Vec<Vec<u32>> = sizes.iter().map(|s| vec![0; s.len()]).collect();
    task.begin(Setting { kind, strength: 0.7, trials: None, dt_s: 1e-3, stream, sizes }, 50);
    let mut on = std::collections::BTreeMap::new();
    let mut apply = |hands: Hands| {
        for (drive, group, value) in hands.set {
            assert!(value.is_finite());
            on.insert((drive, group), value);
        }
        on.values().filter(|x| **x != 0.0).count()
    };
    for now in 50..50 + steps {
        let mut hands = Hands::default();
        task.step(now, &seen, &mut hands);
        apply(hands);
        for (r, groups) in seen.iter_mut().enumerate() {
            for (g, n) in groups.iter_mut().enumerate() {
                *n = stream.poisson(0.2, g as u64, now as u64, r as u32) as u32;
            }
        }
    }
    let mut hands = Hands::default();
    task.end(50 + steps, &mut hands);
    assert_eq!(apply(hands), 0, "what was set goes back");
    for trial in task.take_trials() {
        assert!(trial.scores.len() == task.scores().len() && trial.from <= trial.to && trial.to <= 50 + steps);
    }
}

#[test]
fn every_task_lives_through_every_kind_of_block() {
    use BlockKind::*;
    for mut task in tasks() {
        for (k, kind) in [Practice, Imagery, Exposure, Wake, Rest, Nrem, Rem, Sleep, Injury, Test].into_iter().enumerate() {
            storm(&mut *task, kind, 20_000, k as u64);
            let mut other = task.copy();
            assert_eq!(other.memory(), task.memory());
            other.remember(&task.memory());
            assert_eq!(other.memory(), task.memory());
        }
    }
}

const TOKENS: [&str; 20] = [
    "\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    "-",
    ",",
    "0",
    "1e9",
    "true",
    "\n",
    " ms\"",
    "each = true",
    "amount = 1",
    "\"own\"",
    "999999999",
    "[1, 2]",
    "= 0.5 #",
    "\"\"",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The page with something cut out or put in is read or reported, and what is read can be run.
    #[test]
    fn broken_pages_are_reported(from in 0usize..4000, length in 0usize..12, token in 0usize..TOKENS.len()) {
        let text: String = PAGE.split("```toml\n").skip(1).filter_map(|block| block.split("```").next()).collect();
        let from = from.min(text.len());
        let text = format!("{}{}{}", &text[..from], TOKENS[token], &text[(from + length).min(text.len())..]);
        let mut sources = Sources::default();
        let source = sources.add("tasks.toml", text);
        let mut diagnostics = Vec::new();
        let table = parse_toml(&sources, source, &mut diagnostics);
        for (key, value) in table.table("task", &mut diagnostics).map(|t| t.entries.clone()).unwrap_or_default() {
            if let ValueKind::Table(table) = &value.kind {
                let before = diagnostics.len();
                match parse(&key.name, table, &mut diagnostics) {
                    Some(mut task) => storm(&mut *task, BlockKind::Practice, 300, 1),
                    None => prop_assert!(diagnostics.len() > before || before > 0),
                }
            }
        }
        prop_assert!(diagnostics.iter().all(|d| d.help.is_some()));
    }
}

/// Who knows the network must be able to point at each name.
#[test]
fn names_keep_their_places() {
    let text: String = PAGE.split("```toml\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    let at = |span: plastica_lang::source::Span| text[span.start as usize..span.end as usize].trim_matches('"').to_string();
    for task in tasks() {
        for groups in task.reads().iter().chain(task.drives().iter().map(|d| &d.groups)) {
            assert_eq!(at(groups.span), groups.population);
        }
        for drive in task.drives() {
            assert_eq!(at(drive.span), drive.variable);
        }
        for (name, span) in task.modulators() {
            assert_eq!(at(span), name);
        }
    }
}
