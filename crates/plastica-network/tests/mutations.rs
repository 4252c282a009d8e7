//! The examples of the reference page with something cut out or put in: the parser reports and never panics.

mod common;

use common::{MemoryFiles, read};
use proptest::prelude::*;

const PAGE: &str = include_str!("../../../docs/reference/experiment.md");
const TOKENS: [&str; 24] = [
    "\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    "-",
    "/",
    "0",
    "rand()",
    "w",
    "v_post",
    "i",
    "N",
    "distance",
    "t",
    "\n",
    "''",
    "1e400",
    "nan",
    "true",
    "mV",
    "rule = \"list\"",
    "[projection.E_to_I]\n",
];

fn files() -> MemoryFiles {
    MemoryFiles(vec![
        ("spikes.csv", vec![("neuron", vec![0.0, 2.0]), ("time_s", vec![0.01, 0.02])]),
        ("synapses.csv", vec![("pre", vec![0.0, 2.0]), ("post", vec![5.0, 7.0]), ("delay_s", vec![1e-3, 2e-3]), ("w", vec![1e-3, 1e-3])]),
    ])
}

fn boundary(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]
    #[test]
    fn a_damaged_text_is_reported(changes in prop::collection::vec((0.0..1.0_f64, 0..12_usize, 0..TOKENS.len()), 1..4)) {
        let mut text: String = PAGE.split("```toml\n").skip(1).filter_map(|block| block.split("```").next()).collect();
        for (place, cut, token) in changes {
            let start = boundary(&text, (place * text.len() as f64) as usize);
            let end = boundary(&text, (start + cut).min(text.len()));
            text.replace_range(start..end, if cut % 3 == 0 { TOKENS[token] } else { "" });
        }
        let found = read(&text, &files());
        prop_assert!(found.network.is_some() || found.diagnostics.iter().any(|d| d.is_error()), "nothing was said");
        for diagnostic in &found.diagnostics {
            prop_assert!(diagnostic.help.is_some(), "{} has no help", diagnostic.id);
        }
    }
}
