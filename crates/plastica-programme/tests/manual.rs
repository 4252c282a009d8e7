//! The examples of the manual make one file without faults.

mod common;

use common::good;
use plastica_programme::draw::show;

#[test]
fn the_examples_of_the_manual_are_good() {
    let page = include_str!("../../../docs/reference/programme.md");
    let blocks: Vec<&str> = page.split("```toml\n").skip(1).map(|b| b.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 7);
    let lives = good(&blocks.join("\n"));
    assert_eq!((lives.groups.len(), lives.blocks.len(), lives.states.len()), (4, 10, 3));
    let awake = lives.groups.iter().find(|g| g.from.is_some()).unwrap();
    assert_eq!(awake.from.as_ref().unwrap().group, "practice");
    for group in &lives.groups {
        let shown = show(&lives, group).unwrap();
        assert!(shown.lines().all(|l| l.chars().count() <= 80), "{shown}");
    }
    let seen = show(&lives, &lives.groups[1]).unwrap();
    assert!(seen.contains("day     08:00") && seen.contains("5 nights") && seen.contains("nrem x 30"), "{seen}");
}
