//! The examples of the reference page are one good file, and it can be built.

mod common;

use common::{MemoryFiles, good};
use plastica_network::arrays::Part;
use plastica_network::build::{build_population, build_projection};

const PAGE: &str = include_str!("../../../docs/reference/experiment.md");

#[test]
fn the_examples_of_the_reference_page_run() {
    let part = PAGE.split("<!-- networks: begin -->").nth(1).and_then(|rest| rest.split("<!-- networks: end -->").next()).expect("the marks of this part");
    let text: String = part.split("```toml\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    let files = MemoryFiles(vec![
        ("spikes.csv", vec![("neuron", vec![0.0, 2.0]), ("time_s", vec![0.01, 0.02])]),
        ("synapses.csv", vec![("pre", vec![0.0, 2.0]), ("post", vec![5.0, 7.0]), ("delay_s", vec![1e-3, 2e-3]), ("w", vec![1e-3, 1e-3])]),
    ]);
    let network = good(&text, &files);
    assert_eq!((network.populations.len(), network.projections.len(), network.inputs.len()), (5, 7, 5));
    let whole = Part { index: 0, of: 1 };
    for k in 0..network.populations.len() {
        build_population(&network, k, whole, 1, 0).unwrap_or_else(|e| panic!("{e}"));
    }
    for k in 0..network.projections.len() {
        assert!(!build_projection(&network, k, whole, 1, 0).unwrap_or_else(|e| panic!("{e}")).post.is_empty());
    }
}

/// Every rule that can be written stands on the page.
#[test]
fn the_page_names_every_rule() {
    for rule in plastica_network::rules() {
        assert!(PAGE.contains(&format!("\"{rule}\"")), "{rule}");
    }
}
