//! The tutorial of the first study does what it says.

use std::path::{Path, PathBuf};

use plastica::library::Library;
use plastica::open::open;
use plastica::run::{Branch, Failure, How, NoObserver, Over, Results, Verdict, branch, run};

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The study that a reader has written when the page ends, and what is laid over it at last.
fn texts() -> (String, String) {
    let page = include_str!("../../../docs/tutorial/first-night-of-sleep.md");
    let mut blocks: Vec<&str> = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    let last = blocks.pop().unwrap();
    (blocks.join("\n"), last.to_string())
}

fn go(text: &str, folder: &Path, out: &str, how: How) -> Results {
    let path = folder.join("first-night.toml");
    std::fs::write(&path, text).unwrap();
    let mut opened = open(&Library::default(), path.to_str().unwrap()).unwrap();
    match run(&mut opened, &Library::default(), &How { out: Some(folder.join(out)), ..how }, &mut NoObserver) {
        Ok(results) => results,
        Err(Failure::Text(found)) => panic!("{}", plastica::render(&opened.sources, &found, false)),
        Err(e) => panic!("{e}"),
    }
}

/// The one row: its verdict, and its number as the table prints it.
fn check(results: &Results, verdict: Verdict, printed: &str) {
    assert_eq!(results.rows.len(), 1);
    let row = &results.rows[0];
    assert!(row.verdict == verdict, "{:?}", row.simulated);
    assert_eq!(row.simulated.map(|x| format!("{x:.2}")).as_deref(), Some(printed));
}

#[test]
fn a_first_night_of_sleep() {
    let folder = Folder(std::env::temp_dir().join(format!("plastica-first-night-{}", std::process::id())));
    let _ = std::fs::remove_dir_all(&folder.0);
    std::fs::create_dir_all(&folder.0).unwrap();
    let (study, slept) = texts();
    let past = go(&study, &folder.0, "past", How::default());
    check(&past, Verdict::Reproduced, "48.64");
    // Without dreams a night is like being awake.
    let still = How { set: vec!["state.dreaming.population.reader.dreams=0 Hz".into()], ..How::default() };
    check(&go(&study, &folder.0, "still", still), Verdict::NotReproduced, "0.00");
    // Had the others slept, they would be as the sleepers are: the same people.
    let with = folder.0.join("slept.toml");
    std::fs::write(&with, slept).unwrap();
    let what =
        Branch { past: past.folder.clone(), at: "day 1 23:00".into(), with: Over::read(&with).unwrap(), out: Some(folder.0.join("branch")), threads: None };
    check(&branch(&what, &mut None, &mut NoObserver).unwrap(), Verdict::NotReproduced, "0.00");
}
