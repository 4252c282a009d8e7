//! How long it takes to build a projection of millions of synapses: `cargo run --release -p plastica-network --example build_time [case]`.

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Instant;

use common::{MemoryFiles, good, two, whole};

fn main() {
    let placed = "positions = { grid = [100, 100], spacing = \"50 um\" }\n[population.B]";
    let cases = [
        ("in-degree 800", two(10_000, 10_000, "A", "connect = { rule = \"fixed_indegree\", k = 800 }\ndelay = \"1.5 ms\"")),
        ("in-degree 800, w", two(10_000, 10_000, "A", "connect = { rule = \"fixed_indegree\", k = 800 }\ninitial = { w = \"0.1 mV\" }")),
        ("out-degree 800", two(10_000, 10_000, "A", "connect = { rule = \"fixed_outdegree\", k = 800 }")),
        ("total 8e6", two(10_000, 10_000, "A", "connect = { rule = \"fixed_total\", n = 8_000_000 }")),
        ("total 8e6, multapses", two(10_000, 10_000, "A", "connect = { rule = \"fixed_total\", n = 8_000_000 }\nmultapses = true")),
        ("probability 0.02", two(10_000, 10_000, "A", "connect = { rule = \"probability\", p = 0.02 }")),
        ("distance", two(10_000, 10_000, "A", "connect = { rule = \"distance\", p = \"0.5*exp(-distance/(100*um))\" }").replace("[population.B]", placed)),
        (
            "in-degree 800, drawn delays and weights",
            two(
                10_000,
                10_000,
                "A",
                "connect = { rule = \"fixed_indegree\", k = 800 }\ndelay = { distribution = \"normal\", mean = \"1.5 ms\", sd = \"0.75 ms\", min = \"0.1 ms\" }\ninitial = { w = \"(1 + 0.1*randn())*mV\" }",
            ),
        ),
    ];
    let wanted = std::env::args().nth(1).and_then(|a| a.parse::<usize>().ok());
    for (_, (name, text)) in cases.iter().enumerate().filter(|(k, _)| wanted.is_none_or(|w| w == *k)) {
        let network = good(text, &MemoryFiles::default());
        let start = Instant::now();
        let synapses = whole(&network, 1);
        println!("{name}: {} synapses in {:.2} s", synapses.post.len(), start.elapsed().as_secs_f64());
    }
}
