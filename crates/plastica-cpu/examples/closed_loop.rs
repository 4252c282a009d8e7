//! What a closed loop costs: a skill circuit's size (700 neurons, 1 ms), advanced in single steps, with neurons set and spikes read in each.
//!
//! `cargo run --release -p plastica-cpu --example closed_loop`

use std::sync::Arc;
use std::time::Instant;

use plastica_cpu::{Precision, backend};
use plastica_engine::conformance::{SEEDS, compiled};
use plastica_engine::simulation::{MakeBackend, NoSink, Simulation};
use plastica_kernel::passes::Passes;

const DT_S: f64 = 1e-3;
const STEPS: u64 = 100_000;

const TEXT: &str = r#"
[neuron.cell]
equations = """
dv/dt = (-v + g + drive)/(20*ms) : 1 (unless refractory)
dg/dt = -g/(5*ms) : 1
drive : 1
"""
threshold = "v > 1"
reset = "v = 0"
refractory = "3 ms"
[synapse.plastic]
equations = """
w : 1
dx/dt = -x/(20*ms) : 1 (event-driven)
dy/dt = -y/(20*ms) : 1 (event-driven)
de/dt = -e/second : 1 (event-driven)
"""
on_pre = "g_post += w; x += 1; e -= 0.1*y"
on_post = "y += 1; e += 0.1*x"
[population.E]
model = "cell"
size = 600
initial = { drive = "0.6 + 0.5*rand()" }
[population.I]
model = "cell"
size = 100
initial = { drive = "0.6 + 0.5*rand()" }
[projection.EE]
pre = "E"
post = "E"
synapse = "plastic"
connect = { rule = "probability", p = 0.1 }
delay = "1 ms"
initial = { w = 0.001 }
[projection.EI]
pre = "E"
post = "I"
synapse = "plastic"
connect = { rule = "probability", p = 0.1 }
delay = "1 ms"
initial = { w = 0.001 }
[projection.IE]
pre = "I"
post = "E"
synapse = "plastic"
connect = { rule = "probability", p = 0.1 }
delay = "1 ms"
initial = { w = -0.001 }
"#;

/// Runs so many steps in a way of one's own, and prints the time of one.
fn time(what: &str, mut run: impl FnMut(&mut Simulation)) {
    let make: MakeBackend = Arc::new(|| backend(Precision::Single, SEEDS, DT_S));
    let mut simulation = Simulation::build(compiled(TEXT, DT_S, Passes::default()), SEEDS, 1, make).unwrap_or_else(|e| panic!("{e}"));
    simulation.advance(1000, &mut NoSink).unwrap_or_else(|e| panic!("{e}"));
    let begun = Instant::now();
    run(&mut simulation);
    let spikes: u64 = simulation.spike_counts().iter().sum();
    println!("{what:50} {:8.2} us a step ({spikes} spikes)", begun.elapsed().as_secs_f64() * 1e6 / STEPS as f64);
}

fn main() {
    let step = |simulation: &mut Simulation, steps| simulation.advance(steps, &mut NoSink).unwrap_or_else(|e| panic!("{e}"));
    for _ in 0..2 {
        time("all steps in one call", |s| step(s, STEPS));
        time("a call for each step", |s| (0..STEPS).for_each(|_| step(s, 1)));
        time("the same, 20 neurons set and spikes counted", |s| {
            let drive = s.neuron_variable(0, "drive").expect("cells have a drive");
            let neurons: Vec<u32> = (0..20).collect();
            let mut counted = 0;
            for k in 0..STEPS {
                s.set_neurons(drive, &neurons, &[if k % 200 < 50 { 1.2 } else { 0.8 }]);
                step(s, 1);
                counted += s.spiking(0).len();
            }
            assert!(counted > 0);
        });
        time("a call for each step, all values looked at in each", |s| {
            (0..STEPS).for_each(|_| {
                step(s, 1);
                s.scan().unwrap_or_else(|e| panic!("{e}"));
            });
        });
    }
}
