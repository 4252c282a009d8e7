//! The atlas: what the library tests and what it does not, and an atlas of a small folder that fails, stops and goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use plastica::atlas::{Atlas, Chosen, Counts, Fate, How, atlas, is_atlas, resume};
use plastica::experiment::parse_experiment;
use plastica::library::Library;
use plastica::open::open;
use plastica::run::{Failure, NoObserver, Observer, Verdict};
use plastica::targets::{Target, Targets};
use plastica::tested::experiments;

/// (id, quantity) of every row that an experiment of the library really asks for, with what it is held against.
fn asked(library: &Library, name: &str) -> Vec<(String, String, Target)> {
    let mut opened = open(library, name).unwrap();
    let parsed = parse_experiment(&mut opened, library);
    let experiment = parsed.unwrap_or_else(|| panic!("{name}: {}", plastica::render(&opened.sources, &opened.diagnostics, false)));
    let studies = experiment.study.iter().flat_map(|s| &s.rows).map(|r| (r.id.clone(), r.quantity.clone(), r.target.clone()));
    let pairings = experiment.pairings.iter().flat_map(|p| p.summaries.iter().map(|s| (p.id.clone(), s.quantity.clone(), s.target.clone())));
    studies.chain(pairings).collect()
}

#[test]
fn every_published_number_is_tested_or_listed_as_having_no_experiment() {
    let library = Library::default();
    let targets = Targets::of_library(&library).unwrap();
    assert!(targets.rows.len() >= 60);
    let mut produced: Vec<(String, String)> = Vec::new();
    for tested in experiments(&library) {
        let rows = asked(&library, &tested.name);
        let told: Vec<(String, String)> = tested.rows.iter().map(|r| (r.id.clone(), r.quantity.clone())).collect();
        assert_eq!(rows.iter().map(|r| (r.0.clone(), r.1.clone())).collect::<Vec<_>>(), told, "{}: the text alone tells the rows", tested.name);
        for (declared, (id, quantity, target)) in tested.rows.iter().zip(rows) {
            // An experiment cannot hold a number against another interval than the table of targets, nor score what is calibrated.
            let Some(name) = &declared.target else { continue };
            if let Some(wanted) = targets.find(&id, name) {
                assert_eq!(&target, wanted, "{}: {id} {quantity}", tested.name);
                produced.push((id, name.clone()));
            } else {
                panic!("{}: the table of targets has no {id} {name}", tested.name);
            }
        }
        assert!(tested.rows.is_empty() || !tested.claims.is_empty(), "{} has rows, but no claim", tested.name);
    }
    let open: Vec<(String, String)> = Chosen::new(&library, &[]).unwrap().open.into_iter().map(|r| (r.id, r.quantity)).collect();
    for (id, quantity, _) in &targets.rows {
        let key = (id.clone(), quantity.clone());
        assert_ne!(produced.contains(&key), open.contains(&key), "{id} {quantity}: tested, or listed as having no experiment, and not both");
    }
    assert!(open.iter().all(|key| targets.find(&key.0, &key.1).is_some()));
}

/// A folder of its own with a small library in it, removed at the end.
struct Small {
    path: PathBuf,
}

const TARGETS: &str = "id,quantity,published,unit,low,high,kind,verification,calibrated\nE02,change at 10 ms,0.18,rel,0.1,0.3,quant,V,no\nE02,change at -10 ms,0,rel,0,1,quant,V,no\nE02,lost,1,rel,0.9,1.1,quant,V,no\nE99,nobody asks,5,Hz,4,6,quant,V,no\n";

impl Small {
    fn new() -> Small {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let path = std::env::temp_dir().join(format!("plastica-atlas-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst)));
        let small = Small { path };
        small.write("targets.csv", TARGETS);
        small.write("small-window/experiment.toml", &window(60));
        let broken = window(60).replace("triplet_minimal", "triplet_nowhere").replace("change at 10 ms", "lost").replace("change at -10 ms", "lost");
        small.write("small-broken/experiment.toml", &broken);
        small
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn library(&self) -> Library {
        Library { paths: vec![self.path.clone()] }
    }

    fn how(&self, only: &[&str]) -> How {
        How { only: only.iter().map(|s| s.to_string()).collect(), out: Some(self.path.join("out")), threads: Some(1), ..How::default() }
    }

    fn make(&self, only: &[&str]) -> Atlas {
        atlas(&self.library(), &self.how(only), &mut NoObserver).unwrap()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn window(repetitions: u32) -> String {
    format!(
        r#"
[experiment]
doc = "Does timing matter? It does."
claim = "C4, C5"
[pairing.window]
id = "E02"
title = "Window"
targets = "../targets.csv"
dt = "1 ms"
measure = "w"
initial = {{ w = 1 }}
vary = {{ timing = ["-10 ms", "10 ms"] }}
name = "{{timing/ms}} ms"
curve = "window"
x = "timing/ms"
pre = ["0 ms"]
post = ["timing"]
repetitions = {repetitions}
interval = "1 s"
rules = [{{ name = "rule", synapse = "triplet_minimal", parameters = {{ tau_y = "40 ms" }} }}]
summary = [
  {{ of = "value", rule = "rule", protocol = "10 ms", target = "change at 10 ms" }},
  {{ of = "value", rule = "rule", protocol = "-10 ms", target = "change at -10 ms" }},
]
"#
    )
}

/// The verdict of each row of the table of targets.
fn verdicts(atlas: &Atlas) -> Vec<(String, Verdict)> {
    atlas.entries.iter().flat_map(|e| e.targets()).chain(&atlas.open).map(|r| (r.quantity.clone(), r.verdict)).collect()
}

#[test]
fn a_failed_experiment_is_a_line_and_no_row_is_hidden() {
    let small = Small::new();
    let made = small.make(&["small-window", "small-broken", "e99"]);
    let expected = [
        ("lost", Verdict::NotRun),
        ("change at 10 ms", Verdict::Reproduced),
        ("change at -10 ms", Verdict::NotReproduced),
        ("nobody asks", Verdict::NoExperiment),
    ];
    assert_eq!(verdicts(&made), expected.map(|(q, v)| (q.to_string(), v)));
    let Fate::Failed(message) = &made.entries[0].fate else { panic!("{:?}", made.entries[0].fate) };
    assert!(message.contains("experiment.toml:") && message.contains("triplet_nowhere"), "{message}");
    assert_eq!(made.target_counts(), Counts { rows: 4, reproduced: 1, not_reproduced: 1, not_run: 1, no_experiment: 1, ..Counts::default() });
    let rows = made.rows();
    let row = rows.iter().find(|r| r.quantity == "change at 10 ms").unwrap();
    assert_eq!((row.claim.as_str(), row.published.as_deref(), row.low, row.high), ("C4, C5", Some("0.18"), Some(0.1), Some(0.3)));
    assert_eq!(made.json()["rows"].as_array().unwrap().len(), rows.len());
    let table = fs::read_to_string(made.folder.join("atlas.csv")).unwrap();
    assert_eq!(table.lines().count(), rows.len() + 1);
    assert!(table.starts_with("id,quantity,unit,claim,kind,published,error,verification,low,high,model,simulated,spread,n,calibrated,seconds,verdict\n"));
    let page = fs::read_to_string(made.folder.join("report.html")).unwrap();
    for wanted in [
        "nobody asks",
        "no experiment yet",
        "small-window/report.html",
        "triplet_nowhere",
        "Long-term potentiation strengthens",
        "<h2 id=\"small-window\">",
        "<svg",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    assert!(["src=", "<link", "<script", "@import", "url("].iter().all(|outside| !page.contains(outside)), "self-contained");
}

#[test]
fn what_is_finished_is_not_run_again_and_what_has_changed_is() {
    let small = Small::new();
    let first = small.make(&["small-window"]);
    let stamp = |folder: &str| fs::metadata(small.path.join("out").join(folder).join("results.json")).and_then(|m| m.modified()).ok();
    let before = stamp("small-window").unwrap();
    let again = small.make(&["small-window"]);
    assert_eq!((stamp("small-window"), again.rows()), (Some(before), first.rows()));
    small.write("small-window/experiment.toml", &window(30));
    let changed = small.make(&["small-window"]);
    assert_eq!(stamp("small-window"), Some(before), "a run is never written over another");
    assert!(stamp("small-window-2").is_some() && changed.rows() != first.rows());
    let other = How { seed: Some(7), ..small.how(&["small-window"]) };
    let refused = atlas(&small.library(), &other, &mut NoObserver);
    assert!(matches!(&refused, Err(Failure::Folder(text)) if text.contains("seed") && text.contains("--out")), "{refused:?}");
}

/// Stops as soon as it is asked for the nth time.
struct Impatient(u32);

impl Observer for Impatient {
    fn begin(&mut self, _: &str, _: f64) {}
    fn progress(&mut self, _: f64) {}
    fn stop(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 == 0
    }
}

#[test]
fn an_interrupted_atlas_shows_what_there_is_and_goes_on() {
    let small = Small::new();
    let out = small.path.join("out");
    let stopped = atlas(&small.library(), &small.how(&["small-window"]), &mut Impatient(3));
    assert!(matches!(&stopped, Err(Failure::Checkpointed(folder)) if *folder == out), "{stopped:?}");
    let table = fs::read_to_string(out.join("atlas.csv")).unwrap();
    assert_eq!(table.matches("not run").count(), 2, "{table}");
    assert!(is_atlas(&out) && !is_atlas(Path::new("nowhere")));
    let made = resume(&out, Some(1), &mut NoObserver).unwrap();
    assert_eq!(made.target_counts().scored(), 2);
    assert!(!out.join("small-window-2").exists(), "the run that was interrupted goes on");
}

#[test]
fn an_unknown_choice_names_the_nearest_known() {
    let check = |word: &str, help: &str| {
        let refused = Chosen::new(&Library::default(), &[word.to_string()]);
        assert!(matches!(&refused, Err(text) if text.contains(word) && text.contains(help)), "{refused:?}");
    };
    check("taging", "did you mean `tagging`?");
    check("E99", "E09");
    check("brunel", "held against no number");
    let chosen = Chosen::new(&Library::default(), &["c9".into(), "E31".into()]).unwrap();
    assert!(chosen.experiments.iter().any(|t| t.name == "tagging") && chosen.experiments.iter().all(|t| t.name != "ltp-ltd"));
}
