//! What the compiler chooses, what it refuses, and why.

use plastica_kernel::ir::{PopulationProgram, ProjectionProgram, Slot, Storage};
use plastica_kernel::passes::Passes;
use plastica_kernel::{NeuronBinding, Side, SynapseBinding, compile_neuron, compile_synapse};
use plastica_lang::check::check_model;
use plastica_lang::model::{Model, ModelKind};
use plastica_lang::source::{Key, Sources, Span, Table, parse_toml, render};

fn model(kind: ModelKind, text: &str) -> Model {
    let mut sources = Sources::default();
    let id = sources.add("model.toml", text);
    let mut diagnostics = Vec::new();
    let table: Table = parse_toml(&sources, id, &mut diagnostics);
    let key = Key { name: "m".into(), span: Span::default() };
    let model = check_model(kind, &key, &table, None, None, &mut diagnostics);
    model.unwrap_or_else(|| panic!("{}", render(&sources, &diagnostics, false)))
}

fn neuron(text: &str) -> Result<PopulationProgram, String> {
    let model = model(ModelKind::Neuron, text);
    compile_neuron(&model, &NeuronBinding { varying: Vec::new(), dt_s: 1e-4 }, Passes::default()).map_err(|d| d[0].id.to_string())
}

fn check_method(equations: &str, expected: &str) {
    let found = neuron(&format!("equations = '''\n{equations}\n'''\n")).map(|p| p.method);
    assert_eq!(found.as_deref(), Ok(expected), "{equations}");
}

fn check_refused(equations: &str, method: &str, id: &str) {
    let found = neuron(&format!("method = '{method}'\nequations = '''\n{equations}\n'''\n"));
    assert_eq!(found.map(|p| p.method), Err(id.to_string()), "{equations}");
}

#[test]
fn the_best_method_that_fits_is_chosen() {
    check_method("dv/dt = -v/(10*ms) : 1", "exact");
    check_method("dv/dt = (I - v)/(10*ms) : 1\ndI/dt = -I/(5*ms) : 1", "exact");
    // A variable that only statements change is constant during a step.
    check_method("dv/dt = (I - v)/(10*ms) : 1\nI : 1", "exact");
    check_method("dv/dt = (sin(t/ms) - v)/(10*ms) : 1", "exponential_euler");
    check_method("dv/dt = -g*v/(10*ms) : 1\ndg/dt = -g/(5*ms) : 1", "exponential_euler");
    check_method("dv/dt = -leak : 1\nleak = v**3/ms : Hz", "rk4");
    check_method("dv/dt = -v/(10*ms) + xi*ms**-0.5 : 1", "euler_maruyama");
    check_method("v : 1", "none");
}

#[test]
fn a_method_that_does_not_fit_is_refused() {
    check_refused("dv/dt = -v**2/ms : 1", "exact", "method-does-not-fit");
    check_refused("dv/dt = -v**2/ms : 1", "exponential_euler", "method-does-not-fit");
    check_refused("dv/dt = -v/ms + xi*ms**-0.5 : 1", "rk4", "method-does-not-fit");
    check_refused("dv/dt = -v/ms + xi*xi : 1", "euler", "noise-is-no-factor");
    check_refused("dv/dt = -v/ms + abs(xi*ms**0.5)/ms : 1", "euler_maruyama", "noise-is-no-factor");
}

#[test]
fn moments_are_kept_in_double_precision_and_durations_are_not() {
    let text = r#"
equations = """
v : 1
until : second
left : second
"""
on_interval = { every = "dt", do = "until = t + 400*ms if v > 1 else until; left = max(left - dt, 0*ms)" }
"#;
    let plateau = neuron(text).unwrap();
    let storage: Vec<_> = plateau.slots.iter().map(|s| (s.name.as_str(), s.storage)).collect();
    assert_eq!(storage, [("v", Storage::Real), ("until", Storage::Wide), ("left", Storage::Real)]);
    assert!(plateau.reason.contains("until in double precision: the time of a run is read"), "{}", plateau.reason);
    assert_eq!((plateau.on_interval.len(), plateau.on_interval[0].0), (1, 1), "dt is one step");
}

#[test]
fn slow_variables_are_kept_in_double_precision() {
    let slow = neuron("equations = '''\ndh/dt = -h/tau : 1\ndv/dt = -v/(10*ms) : 1\n'''\nparameters = { tau = '600 s' }\n").unwrap();
    let storage: Vec<_> = slow.slots.iter().filter(|s| s.visible).map(|s| (s.name.as_str(), s.storage)).collect();
    assert_eq!(storage, [("h", Storage::Wide), ("v", Storage::Real)]);
    assert!(slow.reason.contains("h in double precision"), "{}", slow.reason);
}

const PAIR: &str = r#"
equations = """
w : 1
dx/dt = -x/(17*ms) : 1 (event-driven)
dy/dt = -y/(34*ms) : 1 (event-driven)
"""
on_pre = "x += 1; w -= 0.01*y"
on_post = "y += 1; w += 0.01*x"
"#;

fn synapse(text: &str, one_delay: bool) -> ProjectionProgram {
    let synapse = model(ModelKind::Synapse, text);
    // The neurons on both sides have one variable.
    let program = neuron("equations = 'v : 1'\n").unwrap();
    let neuron = model(ModelKind::Neuron, "equations = 'v : 1'\n");
    let side = Side { model: Some(&neuron), program: &program };
    let binding = SynapseBinding { one_axonal_delay: one_delay, one_dendritic_delay: one_delay, dt_s: 1e-4, ..SynapseBinding::default() };
    compile_synapse(&synapse, &binding, side, side, Passes::default()).unwrap()
}

fn check_class(text: &str, one_delay: bool, rows: usize, columns: usize, class: &str) {
    let p = synapse(text, one_delay);
    let visible = |slots: &[Slot]| slots.iter().filter(|s| s.visible).count();
    assert_eq!((visible(&p.row_slots), visible(&p.column_slots), &p.class[..1]), (rows, columns, class), "{}: {}", p.class, p.reason);
}

#[test]
fn traces_are_hoisted_where_all_synapses_of_a_neuron_share_them() {
    check_class(PAIR, true, 1, 1, "a");
    // Delays that differ between synapses let the spikes arrive at different times.
    check_class(PAIR, false, 0, 0, "b");
    // An increment that hangs on the synapse makes the trace its own.
    check_class(&PAIR.replace("x += 1", "x += w"), true, 0, 1, "a");
    // A nearest-spike trace is set, not incremented.
    check_class(&PAIR.replace("y += 1", "y = 1"), true, 1, 1, "a");
    // A trace that both sides change.
    check_class(&PAIR.replace("y += 1", "y += 1; x = 0"), true, 0, 1, "a");
}

#[test]
fn postsynaptic_events_wait_only_if_spike_times_are_all_they_need() {
    check_class(&PAIR.replace("w += 0.01*x", "w += 0.01*x*v_post"), true, 1, 1, "b");
    check_class(&PAIR.replace("w += 0.01*x", "v_post += w"), true, 1, 1, "b");
    check_class(&PAIR.replace("w += 0.01*x", "w += 0.01*x*rand()"), true, 1, 1, "b");
    check_class("equations = 'dw/dt = v_post/second : 1'\non_pre = 'w += 1'\n", true, 0, 0, "c");
    check_class("equations = 'w : 1'\non_pre = 'v_post += w'\n", true, 0, 0, "n");
}
