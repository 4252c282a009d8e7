//! The examples of the manual make one file, and it can be run.

use plastica::library::Library;
use plastica::open::open;
use plastica::run::{How, NoObserver, Verdict, run};

#[test]
fn the_examples_of_the_manual_run() {
    let page = include_str!("../../../docs/reference/experiment.md");
    let part = page.split("<!-- runs: begin -->").nth(1).unwrap().split("<!-- runs: end -->").next().unwrap();
    let blocks: Vec<&str> = part.split("```toml\n").skip(1).map(|b| b.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 6);
    let folder = std::env::temp_dir().join(format!("plastica-manual-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("manual.toml");
    std::fs::write(&path, blocks.join("\n")).unwrap();
    let library = Library::default();
    let mut opened = open(&library, path.to_str().unwrap()).unwrap();
    let how = How { out: Some(folder.join("out")), threads: Some(2), ..How::default() };
    let results = run(&mut opened, &library, &how, &mut NoObserver);
    assert!(opened.diagnostics.is_empty() && results.is_ok(), "{}{:?}", plastica::render(&opened.sources, &opened.diagnostics, false), results.err());
    let rows = results.unwrap().rows;
    assert_eq!(rows.iter().filter(|r| r.verdict == Verdict::Reproduced).count(), 2, "{rows:#?}");
    std::fs::remove_dir_all(&folder).unwrap();
}
