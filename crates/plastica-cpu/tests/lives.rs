//! Days in single precision: what is short must stay exact when the time is long.

use std::sync::Arc;

use plastica_cpu::{Precision, backend};
use plastica_engine::conformance::{SEEDS, compiled};
use plastica_engine::simulation::{MakeBackend, NoSink, Quantity, Simulation};
use plastica_kernel::passes::Passes;

const DT_S: f64 = 1e-3;
/// Ten days.
const DAYS: u64 = 10 * 86_400_000;

const TEXT: &str = r#"
[neuron.n]
equations = """
start : 1
until : second
steps : 1
"""
threshold = "start > 0"
reset = "start = 0; until = t + 399.5*ms"
on_interval = { every = "dt", do = "steps += int(t < until)" }
[synapse.s]
equations = """
h : 1
dx/dt = -x/(20*ms) : 1 (event-driven)
"""
on_pre = "x += 1"
on_post = "h += x"
[population.P]
model = "n"
size = 3
[projection.PP]
pre = "P"
post = "P"
synapse = "s"
connect = "all_to_all"
delay = "1 ms"
"#;

#[test]
fn a_plateau_and_a_pairing_are_the_same_after_ten_days() {
    let outcome = |skipped: u64| {
        let make: MakeBackend = Arc::new(|| backend(Precision::Single, SEEDS, DT_S));
        let mut simulation = Simulation::build(compiled(TEXT, DT_S, Passes::default()), SEEDS, 1, make).unwrap();
        let start = simulation.neuron_variable(0, "start").unwrap();
        simulation.advance(5, &mut NoSink).unwrap();
        simulation.skip(skipped).unwrap();
        for (neuron, steps) in [(1, 10), (0, 10), (1, 600)] {
            assert!(simulation.set_neurons(start, &[neuron], &[1.0]));
            simulation.advance(steps, &mut NoSink).unwrap();
        }
        let h = simulation.read(&Quantity::Projection(0, "h".into())).unwrap();
        let steps = simulation.read(&Quantity::Population(0, "steps".into())).unwrap();
        assert!(h.iter().any(|h| *h > 0.5), "{h:?}");
        (h, steps)
    };
    let (h, steps) = outcome(0);
    // The first plateau of neuron 1 is prolonged by its second, 20 steps later.
    assert_eq!(steps, [399.0, 419.0, 0.0]);
    assert_eq!(outcome(DAYS), (h, steps));
}
