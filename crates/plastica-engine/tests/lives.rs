//! What a life needs of the engine: modulators, slow clocks, skipped time, inputs switched off, neurons that a task reads and sets.

use plastica_engine::conformance::{Outcome, SEEDS, compiled, reference_with};
use plastica_engine::simulation::{NoSink, Quantity, Simulation, Watch};
use plastica_kernel::passes::Passes;

const DT_S: f64 = 1e-3;

fn built(text: &str, parts: usize) -> Simulation {
    let mut simulation = Simulation::build(compiled(text, DT_S, Passes::default()), SEEDS, parts, reference_with(DT_S)).unwrap();
    simulation.watch(Watch::Spikes { population: 0, neurons: None });
    simulation
}

fn run(simulation: &mut Simulation, steps: u64) {
    simulation.advance(steps, &mut NoSink).unwrap();
}

fn of_neurons(simulation: &mut Simulation, name: &str) -> Vec<f64> {
    simulation.read(&Quantity::Population(0, name.into())).unwrap()
}

fn of_synapses(simulation: &mut Simulation, name: &str) -> Vec<f64> {
    simulation.read(&Quantity::Projection(0, name.into())).unwrap()
}

fn close(what: &str, found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{what} is {found}, not {expected}");
}

/// One neuron that decays at a rate that a modulator sets.
const DECAY: &str = r#"
[neuron.d]
equations = """
dx/dt = -ACh*x/tau : 1
dy/dt = (acceleration*ACh - y)/tau : 1
ACh : 1 (modulator)
acceleration : 1 (modulator)
"""
parameters = { tau = "100 ms" }
[population.P]
model = "d"
size = 3
initial = { x = 1, ACh = 2 }
"#;

#[test]
fn a_modulator_counts_from_the_next_step_also_where_coefficients_are_worked_out_once() {
    let mut simulation = built(DECAY, 2);
    assert_eq!(simulation.modulators(), ["ACh", "acceleration"]);
    assert_eq!((simulation.modulator("ACh"), simulation.modulator("acceleration"), simulation.modulator("NE")), (Some(2.0), Some(1.0), None));
    run(&mut simulation, 100);
    assert_eq!((simulation.set_modulator("ACh", 0.5), simulation.set_modulator("NE", 0.5)), (1, 0));
    run(&mut simulation, 100);
    close("x", of_neurons(&mut simulation, "x")[2], (-2.5_f64).exp());
    close("y", of_neurons(&mut simulation, "y")[0], 2.0 * (1.0 - (-1.0_f64).exp()) * (-1.0_f64).exp() + 0.5 * (1.0 - (-1.0_f64).exp()));
}

#[test]
fn a_parameter_of_each_neuron_can_be_changed_in_mid_run() {
    let text = DECAY.replace("initial = {", "parameters = { tau = \"100*ms + i*ms\" }\ninitial = {");
    let mut simulation = built(&text, 2);
    run(&mut simulation, 100);
    assert!(simulation.write(&Quantity::Population(0, "tau".into()), &[0.05, 0.1, 0.2]));
    run(&mut simulation, 50);
    assert!(simulation.write(&Quantity::Population(0, "tau".into()), &[0.02]));
    run(&mut simulation, 50);
    let x = of_neurons(&mut simulation, "x");
    for (i, (first, then)) in [(0.1, 0.05), (0.101, 0.1), (0.102, 0.2)].into_iter().enumerate() {
        close("x", x[i], (-2.0_f64 * (0.1 / first + 0.05 / then + 0.05 / 0.02)).exp());
    }
}

/// Three traces that decay alike and are kept once per presynaptic neuron, once per postsynaptic neuron, and in the synapse.
const TRACES: &str = r#"
[synapse.s]
equations = """
w : 1
dx/dt = -rate*x : 1 (event-driven)
dy/dt = -rate*y : 1 (event-driven)
dz/dt = rate*(3 - z) : 1 (event-driven)
rate = acceleration/tau : Hz
acceleration : 1 (modulator)
"""
on_pre = "x += 1; z += 1"
on_post = "y += 1; z += 1; w += x"
parameters = { tau = "1 s" }
[population.pre]
spikes = { times = [["1 ms"], ["1 ms"]] }
[population.post]
spikes = { times = [["1 ms"], ["1 ms"], ["201 ms"]] }
[projection.P]
pre = "pre"
post = "post"
synapse = "s"
connect = "all_to_all"
delay = "0 ms"
"#;

/// Changes a constant.
type Change<'a> = &'a dyn Fn(&mut Simulation) -> bool;

#[test]
fn a_trace_has_decayed_as_before_until_its_constant_changes() {
    let each = TRACES.replace("delay = \"0 ms\"", "delay = \"0 ms\"\nparameters = { tau = \"second + 0*second*i\" }");
    let modulator = |s: &mut Simulation| s.set_modulator("acceleration", 4.0) == 1;
    let one = |s: &mut Simulation| s.write(&Quantity::Projection(0, "tau".into()), &[0.25]);
    let all = |s: &mut Simulation| s.write(&Quantity::Projection(0, "tau".into()), &[0.25; 6]);
    let cases: [(&str, Change<'_>); 5] = [(TRACES, &modulator), (TRACES, &one), (&each, &modulator), (&each, &one), (&each, &all)];
    for (text, change) in cases {
        let mut simulation = built(text, 2);
        run(&mut simulation, 101);
        assert!(change(&mut simulation));
        run(&mut simulation, 100);
        // 100 ms at 1/s, then 100 ms at 4/s; both spikes at 1 ms.
        let decayed = (-0.5_f64).exp();
        let (x, y, z) = (of_synapses(&mut simulation, "x"), of_synapses(&mut simulation, "y"), of_synapses(&mut simulation, "z"));
        let first = 3.0 * (1.0 - (-0.001_f64).exp()) + 2.0;
        for s in [0, 1, 3, 4] {
            close("x", x[s], decayed);
            close("y", y[s], decayed);
            close("z", z[s], first * decayed + 3.0 * (1.0 - decayed));
        }
        run(&mut simulation, 1);
        close("w", of_synapses(&mut simulation, "w")[2], decayed);
    }
}

#[test]
fn the_same_value_again_changes_no_bit() {
    let mut once = built(TRACES, 1);
    run(&mut once, 150);
    let mut twice = built(TRACES, 1);
    run(&mut twice, 70);
    assert_eq!(twice.set_modulator("acceleration", 1.0), 1);
    run(&mut twice, 80);
    assert_eq!(once.checkpoint(), twice.checkpoint());
}

/// A weight that relaxes, sums in the neuron, and a slow variable that is fed by them.
const SLOW: &str = r#"
[neuron.n]
equations = """
dv/dt = -v/(20*ms) : 1 (unless refractory)
S : 1
p : 1
"""
threshold = "v > 1"
reset = "v = 0"
refractory = "5 ms"
on_interval = { every = "50 s", do = "p += 0.1*(S - p); S = 0" }
[synapse.late]
equations = """
dh/dt = 0.1*(h0 - h)/tau_h : 1 (event-driven)
z : 1
h0 : 1 (constant)
"""
on_pre = "h += 1"
on_interval = [{ every = "50 s", do = "S_post += abs(h - h0)" }, { every = "75 s", do = "z += p_post" }]
parameters = { tau_h = "688.4 s" }
[population.P]
model = "n"
size = 2
initial = { v = 0.5 }
[population.pre]
spikes = { times = [["0 ms"], ["4 ms"]] }
[projection.A]
pre = "pre"
post = "P"
synapse = "late"
connect = "all_to_all"
delay = "1 ms"
parameters = { h0 = 0.42 }
initial = { h = 0.42 }
"#;

#[test]
fn skipped_time_follows_the_closed_form() {
    let mut simulation = built(SLOW, 1);
    run(&mut simulation, 10);
    simulation.skip(8 * 3600 * 1000).unwrap();
    let decayed = |from_s: f64, to_s: f64| (-0.1 * (to_s - from_s) / 688.4_f64).exp();
    assert_eq!(simulation.now(), 28_800_010);
    let h = of_synapses(&mut simulation, "h");
    close("h", h[0], 0.42 + decayed(0.001, 28_800.01));
    close("h", h[3], 0.42 + decayed(0.005, 28_800.01));
    // The proteins, by hand: each neuron has one synapse of each source.
    let (mut p, mut z) = (0.0, 0.0);
    for k in 1..=28_800 / 25 {
        let t = f64::from(k) * 25.0;
        if k % 3 == 0 {
            // Due after the sums of the same step, but before the neurons' clock.
            z += p;
        }
        if k % 2 == 0 {
            p += 0.1 * (decayed(0.001, t) + decayed(0.005, t) - p);
        }
    }
    assert!((of_neurons(&mut simulation, "p")[1] / p - 1.0).abs() < 1e-9 && of_neurons(&mut simulation, "S") == [0.0; 2]);
    assert!((of_synapses(&mut simulation, "z")[0] / z - 1.0).abs() < 1e-9);
    assert_eq!(of_neurons(&mut simulation, "v"), [0.5; 2], "neurons go back to their first values");
}

#[test]
fn skipped_time_is_the_same_for_synapses_as_time_without_spikes() {
    let (mut ran, mut skipped) = (built(SLOW, 1), built(SLOW, 1));
    run(&mut ran, 160_010);
    run(&mut skipped, 10);
    skipped.skip(160_000).unwrap();
    for name in ["h", "z"] {
        let (a, b) = (of_synapses(&mut ran, name), of_synapses(&mut skipped, name));
        a.iter().zip(&b).for_each(|(a, b)| close(name, *a, *b));
    }
}

/// Tagging and capture with the models of the library: one synapse gets a strong tetanus, the other none. The background is silent, so that nothing
/// spikes by itself.
fn tagging() -> Simulation {
    let library = concat!(include_str!("../../../models/neurons/lif_tagging.toml"), include_str!("../../../models/synapses/calcium_tagging.toml"));
    let circuit = r#"
[population.P]
model = "lif_tagging"
size = 2
parameters = { sigma_WN = "0 nA*second**0.5" }
initial = { nm = 1.999 }
[population.pre]
spikes = { start = "10 ms", interval = "10 ms", count = 100 }
size = 1
[projection.A]
pre = "pre"
post = "P"
synapse = "calcium_tagging"
connect = { pairs = [[0, 0]] }
delay = "3 ms"
[projection.B]
pre = "P"
post = "P"
synapse = "calcium_tagging"
connect = { pairs = [[1, 0]] }
delay = "3 ms"
initial = { h = "6 mV" }
"#;
    built(&format!("{library}{circuit}"), 1)
}

#[test]
fn tagging_and_capture_on_the_slow_clock_are_what_the_clock_of_spikes_makes_of_them() {
    let (mut ran, mut skipped) = (tagging(), tagging());
    run(&mut ran, 602_000);
    run(&mut skipped, 2_000);
    skipped.skip(600_000).unwrap();
    let read = |s: &mut Simulation| {
        let mut out = Vec::new();
        for what in
            [Quantity::Projection(0, "h".into()), Quantity::Projection(0, "z".into()), Quantity::Projection(1, "h".into()), Quantity::Projection(1, "z".into())]
        {
            out.extend(s.read(&what).unwrap());
        }
        for name in ["p", "making", "dose"] {
            out.push(of_neurons(s, name)[0]);
        }
        out
    };
    let (a, b) = (read(&mut ran), read(&mut skipped));
    a.iter().zip(&b).enumerate().for_each(|(k, (a, b))| close(&format!("value {k}"), *b, *a));
    // The tetanus made proteins, and both tagged synapses of the neuron have captured some; the untouched synapse only relaxed.
    assert!(a[0] > 7.4e-3 && a[1] > 0.005 && a[3] == a[1] && a[4] > 0.1, "{a:?}");
    close("the other early weight", a[2], 4.20075e-3 + (6e-3 - 4.20075e-3) * (-0.1 * 602.0 / 688.4_f64).exp());
    // Hours go on as minutes did.
    skipped.skip(28_800_000).unwrap();
    let relaxed = 4.20075e-3 + (a[0] - 4.20075e-3) * (-0.1 * 28_800.0 / 688.4_f64).exp();
    close("the early weight after eight hours", read(&mut skipped)[0], relaxed);
}

#[test]
fn the_noise_of_an_early_weight_does_not_hang_on_how_often_events_look_at_it() {
    // Calcium stays above both thresholds, so `h` is one Ornstein-Uhlenbeck process; it is advanced by two or more draws every 4 ms.
    let library = concat!(include_str!("../../../models/neurons/lif_tagging.toml"), include_str!("../../../models/synapses/calcium_tagging.toml"));
    let circuit = r#"
[population.P]
model = "lif_tagging"
size = 500
[population.pre]
spikes = { start = "1 ms", interval = "4 ms", count = 550 }
size = 1
[projection.A]
pre = "pre"
post = "P"
synapse = "calcium_tagging"
connect = "all_to_all"
delay = "3 ms"
"#;
    let mut simulation = built(&format!("{library}{circuit}"), 1);
    run(&mut simulation, 2_200);
    let h = of_synapses(&mut simulation, "h");
    let n = h.len() as f64;
    let mean = h.iter().sum::<f64>() / n;
    let sd = (h.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    // Of the stationary process; 2.2 s are six of its time constants. Four standard errors: a false alarm in 16,000 seeds.
    let rates = 0.1 + 1645.6 + 313.1;
    let (expected, expected_sd) = ((0.1 * 4.20075e-3 + 1645.6 * 10e-3) / rates, 2.90436e-3 / f64::sqrt(rates));
    assert!((sd / expected_sd - 1.0).abs() < 4.0 / (2.0 * n).sqrt(), "sd {sd}, not {expected_sd}");
    let still_rising = (expected - 4.20075e-3) * (-rates / 688.4 * 2.1_f64).exp();
    assert!((mean - expected + still_rising).abs() < 4.0 * expected_sd / n.sqrt(), "mean {mean}, not {expected}");
}

#[test]
fn what_cannot_be_skipped_is_refused() {
    let mut simulation = built(SLOW, 1);
    let error = simulation.skip(1 << 60).unwrap_err().to_string();
    assert!(error.contains("too far ahead") && simulation.now() == 0, "{error}");
}

#[test]
fn bins_end_where_skipped_time_begins() {
    let mut simulation = built(SLOW, 1);
    simulation.watch(Watch::Rate { population: 1, bin: 8 });
    let mut seen = Outcome::default();
    simulation.advance(10, &mut seen).unwrap();
    simulation.skip(1000).unwrap();
    simulation.skip(5).unwrap();
    simulation.advance(9, &mut seen).unwrap();
    simulation.close(&mut seen).unwrap();
    let bins: Vec<(i64, u64)> = seen.samples.iter().filter(|s| s.0 == 1).map(|s| (s.1, s.2[0])).collect();
    assert_eq!(bins, [(0, 2), (8, 0), (1015, 0), (1023, 0)]);
}

/// Neurons that spike when they are told to.
const TOLD: &str = r#"
[neuron.n]
equations = """
kick : 1
level : 1 (constant)
n : 1
"""
threshold = "kick > level"
reset = "n += 1; kick = 0"
parameters = {}
[population.P]
model = "n"
size = 10
parameters = { level = 1 }
[input.drip]
population = "P"
do = "kick += 0.5*int(i == 9)"
"#;

#[test]
fn a_task_sets_neurons_and_sees_who_spiked() {
    for parts in [1, 3] {
        let mut simulation = built(TOLD, parts);
        simulation.enable_input(0, false);
        let kick = simulation.neuron_variable(0, "kick").unwrap();
        assert_eq!(simulation.neuron_variable(0, "kicks"), None);
        assert!(simulation.set_neurons(kick, &[1, 4, 8], &[2.0]) && simulation.set_neurons(kick, &[2, 3], &[0.5, 3.0]));
        assert!(!simulation.set_neurons(kick, &[3, 10], &[9.0]) && !simulation.set_neurons(kick, &[4, 3], &[9.0]) && !simulation.set_neurons(kick, &[3], &[]));
        run(&mut simulation, 1);
        assert_eq!(simulation.spiking(0)[..], [1, 3, 4, 8]);
        run(&mut simulation, 1);
        assert_eq!(simulation.spiking(0)[..], []);
        assert_eq!(of_neurons(&mut simulation, "kick")[2], 0.5);
    }
}

#[test]
fn an_input_that_is_off_stays_off_when_a_run_is_resumed() {
    let mut simulation = built(TOLD, 1);
    run(&mut simulation, 9);
    assert_eq!(of_neurons(&mut simulation, "n")[9], 3.0);
    simulation.enable_input(0, false);
    let saved = simulation.checkpoint();
    let mut resumed = built(TOLD, 2);
    resumed.restore(&saved).unwrap();
    run(&mut resumed, 9);
    assert_eq!(of_neurons(&mut resumed, "n")[9], 3.0);
    resumed.enable_input(0, true);
    run(&mut resumed, 9);
    assert_eq!(of_neurons(&mut resumed, "n")[9], 6.0);
}

/// Five neurons that add up what a list gives them, a row for each 3 ms.
const LISTED: &str = r#"
[neuron.n]
equations = """
x : 1
sum : 1
"""
on_interval = { every = "1 ms", do = "sum += x" }
[population.P]
model = "n"
size = 5
[input.list]
population = "P"
timed = { variable = "x", every = "3 ms", values = VALUES }
"#;

#[test]
fn a_timed_input_gives_its_rows_one_after_another_and_the_last_stays() {
    for parts in [1, 3] {
        let mut one = built(&LISTED.replace("VALUES", "[1, 10]"), parts);
        run(&mut one, 9);
        // The slow clock of a step comes before its inputs, and does not run at step 0.
        assert_eq!(of_neurons(&mut one, "sum"), [1.0 * 3.0 + 10.0 * 5.0; 5]);
        let mut each = built(&LISTED.replace("VALUES", "[[1, 2, 3, 4, 5], [0, 0, 0, 0, 10]]"), parts);
        run(&mut each, 7);
        assert_eq!(of_neurons(&mut each, "x"), [0.0, 0.0, 0.0, 0.0, 10.0]);
        assert_eq!(of_neurons(&mut each, "sum"), [3.0, 6.0, 9.0, 12.0, 15.0 + 30.0]);
    }
}

#[test]
fn a_timed_input_keeps_time_while_it_is_off_while_time_is_skipped_and_when_it_is_resumed() {
    let text = LISTED.replace("VALUES", "[1, 2, 3, 4, 5]");
    let mut simulation = built(&text, 2);
    simulation.enable_input(0, false);
    run(&mut simulation, 4);
    assert_eq!(of_neurons(&mut simulation, "x"), [0.0; 5]);
    simulation.enable_input(0, true);
    assert_eq!(of_neurons(&mut simulation, "x"), [2.0; 5]);
    simulation.skip(4).unwrap();
    assert_eq!(of_neurons(&mut simulation, "x"), [3.0; 5]);
    // What somebody else wrote stays until the next row, also over a checkpoint.
    assert!(simulation.write(&Quantity::Population(0, "x".into()), &[7.0]));
    let saved = simulation.checkpoint();
    let mut resumed = built(&text, 3);
    resumed.restore(&saved).unwrap();
    for simulation in [&mut simulation, &mut resumed] {
        run(simulation, 1);
        assert_eq!(of_neurons(simulation, "x"), [7.0; 5]);
        run(simulation, 1);
        assert_eq!(of_neurons(simulation, "x"), [4.0; 5]);
    }
}

#[test]
fn values_that_are_not_finite_are_found_in_single_steps_too() {
    let text = TOLD.replace("kick += 0.5*int(i == 9)", "n += ms/(t - 5*ms)");
    let mut simulation = built(&text, 1);
    (0..12).for_each(|_| run(&mut simulation, 1));
    let error = simulation.close(&mut NoSink).unwrap_err().to_string();
    assert!(error.contains("population `P`: `n` of element"), "{error}");
    let mut simulation = built(&text, 1);
    assert!((0..1000).any(|_| simulation.advance(1, &mut NoSink).is_err()));
}
