//! The main job's deterministic tables: every value of a triplet rule equals an exact evaluation of the rule.

use plastica::experiment::{Experiment, parse_experiment};
use plastica::library::Library;
use plastica::open::open;
use plastica::pairing::{Shown, run_pairing};
use plastica::run::{Engine, NoObserver, Verdict};

fn experiment() -> Experiment {
    let library = Library::default();
    let mut opened = open(&library, "ltp-ltd").unwrap();
    let parsed = parse_experiment(&mut opened, &library);
    assert!(opened.diagnostics.is_empty(), "{}", plastica::render(&opened.sources, &opened.diagnostics, false));
    parsed.unwrap()
}

/// Runs a pairing: `oracles` values are held against an exact evaluation, and all of them agree.
fn check(experiment: &Experiment, name: &str, oracles: usize) -> Shown {
    let pairing = experiment.pairings.iter().find(|p| p.name == name).unwrap();
    let engine = Engine::new(&experiment.settings, Some(1));
    let shown = Shown::new(pairing, run_pairing(pairing, &engine, false, &mut NoObserver).unwrap());
    assert_eq!(shown.rows.iter().filter(|r| r.model.is_some()).count(), oracles, "{name}");
    assert_eq!(shown.faults, Vec::<String>::new());
    for row in shown.rows.iter().filter(|r| r.model.is_some()) {
        let miss = (row.simulated.unwrap() - row.model.unwrap()).abs();
        assert!(miss < 1e-9, "{}: {miss:e}", row.quantity);
    }
    shown
}

#[test]
fn triplet_rules_equal_the_oracle_and_their_published_fit_errors() {
    let experiment = experiment();
    let mut fits = 0;
    for (name, oracles) in [("visual_cortex", 40), ("hippocampus", 52)] {
        let shown = check(&experiment, name, oracles);
        for row in shown.summaries().iter().filter(|r| r.kind == "oracle") {
            assert_eq!(row.verdict, Verdict::Reproduced, "{}: {:?}", row.quantity, row.simulated);
            fits += 1;
        }
        // Without the triplet term the signs are wrong: the test has power.
        for row in shown.summaries().iter().filter(|r| r.quantity.contains("without the triplet term")) {
            assert_eq!(row.verdict, Verdict::Reproduced, "{}: {:?}", row.quantity, row.simulated);
        }
    }
    assert_eq!(fits, 8);
}

#[test]
fn the_window_is_made_of_the_exponentials_that_went_in() {
    let shown = check(&experiment(), "window", 0);
    for row in shown.summaries() {
        assert_eq!(row.verdict, Verdict::Reproduced, "{}: {:?}", row.quantity, row.simulated);
    }
    assert_eq!(shown.summaries().len(), 5);
}

#[test]
fn a_rule_with_another_parameter_misses_the_oracle_loudly() {
    let library = Library::default();
    let mut opened = open(&library, "ltp-ltd").unwrap();
    let text = opened.sources.text(opened.id).replace("A3_plus = 6.5e-3", "A3_plus = 6.6e-3");
    let folder = std::env::temp_dir().join(format!("plastica-loud-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("experiment.toml");
    let home = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../experiments/ltp-ltd");
    let at_home = |text: String, path: &str| text.replace(&format!("\"{path}"), &format!("\"{}/{path}", home.display()));
    std::fs::write(&path, at_home(at_home(text, "data/"), "../targets.csv")).unwrap();
    opened = open(&library, path.to_str().unwrap()).unwrap();
    let experiment = parse_experiment(&mut opened, &library).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let pairing = &experiment.pairings[0];
    let shown = Shown::new(pairing, run_pairing(pairing, &Engine::new(&experiment.settings, Some(1)), false, &mut NoObserver).unwrap());
    // At 0.1 Hz the slow trace is gone before the next pair, and with A2_plus = 0 the amplitude does not matter.
    assert_eq!(shown.faults.len(), 8, "{:#?}", shown.faults);
    assert!(shown.faults[0].contains("triplet minimal, all to all") && shown.faults[0].contains("exact evaluation"), "{}", shown.faults[0]);
}
