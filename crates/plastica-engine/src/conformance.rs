//! Tests that every back end must pass: small circuits, each with something that is easily got wrong.
//!
//! In double precision a back end gives the reference's spikes in the very same steps, and its values to [`TOLERANCE`];
//! and it gives the same bits on 1, 2 and 7 threads, in one go and resumed, with every pass on or off where a pass promises that.

use std::collections::BTreeMap;
use std::sync::Arc;

use plastica_kernel::passes::Passes;
use plastica_lang::model::ModelKind;
use plastica_lang::source::{Diagnostic, Key, Sources, Table, parse_toml, render};
use plastica_network::{Files, Library, NamedColumns, parse_network};

use crate::backend::{Seeds, Step};
use crate::circuit::Circuit;
use crate::lesion::Lesion;
use crate::reference::Reference;
use crate::simulation::{Checkpoint, MakeBackend, Quantity, Simulation, Sink, Watch};

/// Relative difference that rounding may make in double precision between two back ends (the order of two operations may differ).
pub const TOLERANCE: f64 = 1e-9;
/// Seed of all circuits here.
pub const SEEDS: Seeds = Seeds { seed: 20_261_124, subject: 3 };
const DT_S: f64 = 1e-4;
const STEPS: u64 = 1500;

const NEURONS: &str = r#"
[neuron.lif]
equations = """
dv/dt = (v_rest - v + r_m*(I + I_ext))/tau_m : volt (unless refractory)
dI/dt = -I/tau_syn : amp
I_ext : amp
"""
threshold = "v > v_th"
reset = "v = v_rest"
refractory = "2 ms"
parameters = { v_rest = "-60 mV", tau_m = "20 ms", tau_syn = "5 ms", r_m = "100 Mohm", v_th = "-50 mV" }

[neuron.delta]
equations = "dv/dt = -v/tau_m : volt (input, unless refractory)"
threshold = "v >= 20*mV"
reset = "v = 10*mV"
refractory = "2.1 ms"
parameters = { tau_m = "20 ms" }

[neuron.cond]
equations = """
dv/dt = (g_l*(E_l - v) + g_e*(0*mV - v))/C : volt (unless refractory)
dg_e/dt = -g_e/tau_e : siemens
doubled = 2*v : volt
"""
threshold = "v > -50*mV"
reset = "v = E_l"
refractory = "not_refractory or v > -70*mV"
parameters = { C = "200 pF", g_l = "10 nS", E_l = "-60 mV", tau_e = "5 ms" }

[neuron.izhikevich]
method = "heun"
equations = """
dv/dt = (0.04*v**2 + 5*v + 140 - u + I)/ms : 1
du/dt = a*(b*v - u)/ms : 1
I : 1
"""
threshold = "v >= 30"
reset = "v = -65; u += 8"
parameters = { a = 0.02, b = 0.2 }

[neuron.noisy]
equations = """
dv/dt = -v/tau + sigma*xi*tau**-0.5 : 1
n : integer
"""
threshold = "v > 1"
reset = "v = 0; n += 1"
refractory = "3 ms*rand()"
parameters = { tau = "10 ms", sigma = 0.8 }

[neuron.cell]
equations = """
dv/dt = (-v + drive*ACh)/tau : 1 (unless refractory)
dg/dt = -g/(acceleration*tau) : 1
drive : 1
S : 1
p : 1
until : second
member : 1 (constant)
ACh : 1 (modulator)
acceleration : 1 (modulator)
"""
threshold = "v > 1"
reset = "v = 0; until = t + 3*ms"
refractory = "2 ms"
on_interval = [
  { every = "10 ms", do = "p += 0.1*(S - p) + 0.01*randn(); S = 0" },
  { every = "dt", do = "v += 0.002*member*(int(t < until) + g)" },
]
parameters = { tau = "20 ms" }
initial = { ACh = 1 }

[neuron.rk]
method = "rk4"
equations = "dx/dt = (sin(2*pi*t/(30*ms)) - x**3)/(5*ms) : 1"
threshold = "x > 0.6"
reset = "x = -0.2"
"#;

/// The circuits: name and text.
pub const CIRCUITS: &[(&str, &str)] = &[
    (
        "plastic",
        r#"
[synapse.stdp]
equations = """
w : amp
dx/dt = -x/(16.8*ms) : 1 (event-driven)
dy/dt = -y/(33.7*ms) : 1 (event-driven)
dz/dt = -z/(114*ms) : 1 (event-driven)
"""
on_pre = "I_post += w; w = clip(w - 2*pA*y, 0*pA, w_max); x += 1"
on_post = "w = clip(w + x*(1*pA + 1.5*pA*z), 0*pA, w_max); y += 1; z += 1"
parameters = { w_max = "80 pA" }
[population.E]
model = "lif"
size = 60
initial = { v = "-60*mV + 10*mV*rand()", I_ext = "120*pA + 2*pA*i" }
[projection.EE]
pre = "E"
post = "E"
synapse = "stdp"
connect = { rule = "probability", p = 0.3 }
delay = "1.5 ms"
initial = { w = "40*pA*rand()" }
"#,
    ),
    (
        "delays",
        r#"
[synapse.stdp]
equations = """
w : 1
dx/dt = -x/(20*ms) : 1 (event-driven)
dy/dt = -y/(20*ms) : 1 (event-driven)
"""
on_pre = "w = clip(w - 0.01*y, 0, 2); v_post += w*0.5*mV; x += 1"
on_post = "w = clip(w + 0.01*x, 0, 2); y += 1"
[population.E]
model = "delta"
size = 50
initial = { v = "20*mV*rand()" }
[input.noise]
population = "E"
poisson = { rate = "9 kHz", weight = "0.1 mV", variable = "v" }
[projection.EE]
pre = "E"
post = "E"
synapse = "stdp"
connect = { rule = "fixed_indegree", k = 12 }
axonal_delay = { distribution = "uniform", low = "0.5 ms", high = "3 ms" }
dendritic_delay = { distribution = "uniform", low = "0 ms", high = "2 ms" }
initial = { w = 1 }
"#,
    ),
    (
        "dendritic",
        r#"
[synapse.stdp]
equations = """
w : 1
dx/dt = -x/(20*ms) : 1 (event-driven, after events)
dy/dt = -y/(20*ms) : 1 (event-driven, after events)
"""
on_pre = "w = clip(w - 0.01*y, 0, 2); v_post += w*0.6*mV; x += 1"
on_post = "w = clip(w + 0.02*x, 0, 2); y += 1"
[population.E]
model = "delta"
size = 50
initial = { v = "20*mV*rand()" }
[input.noise]
population = "E"
poisson = { rate = "9 kHz", weight = "0.1 mV", variable = "v" }
[projection.EE]
pre = "E"
post = "E"
synapse = "stdp"
connect = { rule = "fixed_outdegree", k = 12 }
axonal_delay = "0 ms"
dendritic_delay = "1.4 ms"
initial = { w = 1 }
"#,
    ),
    (
        "no-delay",
        r#"
[synapse.s]
equations = "w : siemens"
on_pre = "g_e_post += w"
[population.A]
model = "lif"
size = 20
initial = { I_ext = "150*pA + 5*pA*i" }
[population.B]
model = "cond"
size = 23
initial = { v = "-60*mV" }
[projection.AB]
pre = "A"
post = "B"
synapse = "s"
connect = "all_to_all"
delay = "0 ms"
initial = { w = "1.5 nS" }
"#,
    ),
    (
        "pathways",
        r#"
[synapse.calcium]
equations = """
dc/dt = -c/(20*ms) : 1
dw/dt = (0.5*int(c > 1.2) - 0.3*int(c > 1)*w)/second + 0.01*sqrt(int(c > 1))*xi*second**-0.5 : 1
"""
on_pre.transmit = "v_post += w*0.3*mV"
on_pre.calcium = { delay = "13.7 ms", do = "c += 1" }
on_post = "c += 2"
[population.E]
model = "delta"
size = 30
initial = { v = "20*mV*rand()" }
[input.noise]
population = "E"
poisson = { rate = "11 kHz", weight = "0.1 mV", variable = "v" }
[projection.EE]
pre = "E"
post = "E"
synapse = "calcium"
connect = { rule = "fixed_total", n = 200 }
multapses = true
delay = "1 ms"
initial = { w = "0.5 + 0.5*rand()" }
"#,
    ),
    (
        "short-term",
        r#"
[synapse.stp]
equations = """
w : amp
du/dt = -u/tau_f : 1 (event-driven)
dx/dt = (1 - x)/tau_d : 1 (event-driven)
"""
on_pre = "u += U*(1 - u); r = u*x; x -= r; I_post += w*r"
on_interval = { every = "20 ms", do = "w *= 0.99" }
parameters = { tau_f = "600 ms", tau_d = "200 ms", U = 0.2 }
[population.E]
model = "lif"
size = 40
parameters = { tau_m = "15*ms + 10*ms*rand()" }
initial = { v = "-60*mV", I_ext = "120*pA + 4*pA*i" }
[projection.EE]
pre = "E"
post = "E"
synapse = "stp"
connect = { rule = "probability", p = 0.2 }
delay = "0.8 ms"
parameters = { U = "0.1 + 0.3*rand()" }
initial = { w = "80 pA", x = 1 }
"#,
    ),
    (
        "nonlinear",
        r#"
[synapse.kick]
equations = "w : 1"
on_pre = "v_post += w*exp(-abs(u_post)/20)*(1 if v_post < 0 else 0.5)"
[population.R]
model = "izhikevich"
size = 33
initial = { v = -65, u = -13, I = "5 + 0.3*i" }
[population.K]
model = "rk"
size = 9
initial = { x = "i/20" }
[projection.RR]
pre = "R"
post = "R"
synapse = "kick"
connect = { rule = "probability", p = 0.2 }
autapses = true
delay = { distribution = "normal", mean = "2 ms", sd = "1 ms", min = "0.1 ms" }
initial = { w = "rand()" }
"#,
    ),
    (
        "noise",
        r#"
[synapse.homeo]
equations = """
w : 1
drate/dt = -rate/(50*ms) : 1 (event-driven)
"""
on_pre = "v_post += 0.05*w"
on_post = "rate += 1; w -= 0.001*v_pre"
on_interval = { every = "10 ms", do = "w = clip(w + 0.01*(2 - rate), 0, 3)" }
[population.N]
model = "noisy"
size = 45
[projection.NN]
pre = "N"
post = "N"
synapse = "homeo"
connect = { rule = "fixed_indegree", k = 5 }
delay = "2 ms"
initial = { w = 1 }
"#,
    ),
    (
        "rewiring",
        r#"
[synapse.spine]
equations = """
w : amp
tag : 1
born : second
dx/dt = -x/(17*ms) : 1 (event-driven)
dy/dt = -y/(34*ms) : 1 (event-driven)
share = w/in_degree : amp
"""
on_pre = "I_post += w; x += 1; w = clip(w - 4*pA*y, 0*pA, w_max)"
on_post = "y += 1; w = clip(w + 5*pA*x, 0*pA, w_max)"
on_interval = { every = "10 ms", do = "tag = 0.7*tag + int(x > 0.5)" }
prune = [
  { every = "10 ms", where = "w < 0.2*w_max*rand() and tag < 0.5 and t - born > 5*ms" },
  { every = "30 ms", where = "v_pre < v_post and w < 20*pA" },
]
grow = { every = "10 ms", post = "1.3 + 0.01*out_of_reach_post", do = "w = w_0*(0.5 + rand()) + 0.1*pA*in_degree; born = t" }
parameters = { w_max = "100 pA", w_0 = "30 pA" }
[neuron.reached]
equations = """
dv/dt = (-60*mV - v + 100*Mohm*(I + I_ext))/(20*ms) : volt (unless refractory)
dI/dt = -I/(5*ms) : amp
I_ext : amp
out_of_reach : 1
"""
threshold = "v > -50*mV"
reset = "v = -60*mV; out_of_reach += 1"
refractory = "2 ms"
[population.E]
model = "reached"
size = 41
initial = { v = "-60*mV + 8*mV*rand()", I_ext = "90*pA + 2*pA*i" }
[projection.EE]
pre = "E"
post = "E"
synapse = "spine"
connect = { rule = "probability", p = 0.2 }
delay = "1.2 ms"
initial = { w = "20*pA + 20*pA*rand()" }
[projection.several]
pre = "E"
post = "E"
synapse = "spine"
connect = { rule = "probability", p = 0.02 }
autapses = true
multapses = true
dendritic_delay = "0.7 ms"
initial = { w = "5 pA" }
"#,
    ),
    (
        "elements",
        r#"
[synapse.element]
equations = """
w : 1
dr/dt = -r/(20*ms) : 1 (event-driven)
strength : 1 (constant)
"""
on_pre = "v_post += 0.3*mV*w*strength; r += 1"
on_post = "w = clip(w + 0.02*r, 0, 2)"
prune = { every = "15 ms", where = "w < 1.9", pre = "out_degree - z_axon_pre", post = "in_degree - floor(z_dend_post)" }
grow = [
  { every = "15 ms", pre = "z_axon_pre - out_degree", post = "z_dend_post - in_degree", kernel = "0.9*exp(-(distance/(reach*um))**2)", tries = 7, do = "r = 0.1" },
  { every = "45 ms", pre = "0.2", kernel = "distance < 100*um and i != 3" },
]
parameters = { reach = 150 }
[neuron.elements]
equations = """
dv/dt = -v/(20*ms) : volt (input, unless refractory)
z_axon : 1
z_dend : 1
bound : 1
"""
threshold = "v >= 20*mV"
reset = "v = 10*mV; z_axon += 0.3; z_dend -= 0.2"
refractory = "2.1 ms"
on_interval = { every = "5 ms", do = "z_axon -= 0.05 + 0.001*(z_axon - bound); z_dend += 0.2*(1 - z_dend/12)" }
[population.E]
model = "elements"
size = 36
positions = { grid = [6, 6], spacing = "50 um" }
initial = { v = "20*mV*rand()", z_axon = "6 + 3*rand()", z_dend = "6 + 3*rand()" }
[input.drive]
population = "E"
poisson = { rate = "9 kHz", weight = "0.12 mV", variable = "v" }
[projection.EE]
pre = "E"
post = "E"
synapse = "element"
connect = { rule = "probability", p = 0.05 }
axonal_delay = "0.3*ms + distance/(0.1*meter/second)"
dendritic_delay = "0.2*ms + 1.5*ms*rand()"
degrees = { pre = "bound" }
parameters = { strength = "0.5 + rand()" }
initial = { w = 1 }
"#,
    ),
    (
        "given-spikes",
        r#"
[synapse.pair]
equations = """
w : 1
dx/dt = -x/(17*ms) : 1 (event-driven)
dy/dt = -y/(34*ms) : 1 (event-driven)
"""
on_pre = "x = 1; w -= 0.01*y"
on_post = "y = 1; w += 0.01*x"
[population.pre]
spikes = { times = [["10 ms", "60 ms"], ["20 ms", "70 ms"], ["30 ms"]] }
[population.post]
spikes = { times = [["15 ms"], ["15 ms", "71 ms"], ["30 ms"]] }
[projection.P]
pre = "pre"
post = "post"
synapse = "pair"
connect = "one_to_one"
delay = "0 ms"
initial = { w = 1 }
"#,
    ),
    (
        "slow-clocks",
        r#"
[synapse.early_late]
equations = """
h : 1
z : 1
dx/dt = -x/(20*ms) : 1 (event-driven)
dc/dt = acceleration*(0.2 - c)/(300*ms) : 1 (event-driven)
de/dt = -ACh*e/(40*ms) : 1 (event-driven)
ACh : 1 (modulator)
acceleration : 1 (modulator)
"""
on_pre = "g_post += 0.3*h; x += 1; c += 0.1; h = clip(h - 0.001*c, 0, 2)"
on_post = "h = clip(h + ACh*0.01*x*e, 0, 2); e += 1"
on_interval = { every = "10 ms", do = "S_post += abs(h - 1) + c; z += 0.01*acceleration*p_post" }
[population.C]
model = "cell"
size = 40
parameters = { member = { distribution = "members", count = 13 } }
initial = { v = "rand()", drive = "1.05 + 0.02*i" }
[projection.CC]
pre = "C"
post = "C"
synapse = "early_late"
connect = { rule = "probability", p = 0.3 }
delay = "1.5 ms"
dendritic_delay = "0.4 ms"
initial = { h = 1 }
"#,
    ),
    (
        "ahead",
        r#"
[synapse.fixed]
equations = "w : volt"
on_pre.near = "v_post += w"
on_pre.far = { delay = "1.3 ms", do = "v_post += gain*w" }
parameters = { gain = 0.3 }
[synapse.turned_over]
equations = "w : volt"
on_pre = "v_post += w"
prune = { every = "10 ms", where = "w < 0.4*mV*rand()" }
grow = { every = "10 ms", post = "0.5", do = "w = 0.5*mV*rand()" }
[synapse.shaped]
equations = "w : amp"
on_pre = "I_post += w*exp(-w/(50*pA)); I_ext_post += 0.01*w"
[population.G]
spikes = { times = [["10 ms", "60.1 ms"], ["20 ms", "70 ms"], ["10 ms", "30 ms"]] }
[population.E]
model = "delta"
size = 45
initial = { v = "20*mV*rand()" }
[population.L]
model = "lif"
size = 31
initial = { v = "-60*mV", I_ext = "80*pA + 2*pA*i" }
[input.noise]
population = "E"
poisson = { rate = "10 kHz", weight = "0.12 mV", variable = "v" }
[projection.EE]
pre = "E"
post = "E"
synapse = "fixed"
connect = { rule = "fixed_total", n = 400 }
multapses = true
delay = { distribution = "normal", mean = "1.5 ms", sd = "0.75 ms", min = "0 ms" }
initial = { w = "0.6*mV*rand()" }
[projection.several]
pre = "E"
post = "E"
synapse = "turned_over"
connect = { rule = "probability", p = 0.2 }
delay = { distribution = "uniform", low = "0.2 ms", high = "4 ms" }
initial = { w = "-0.3*mV*rand()" }
[projection.EL]
pre = "E"
post = "L"
synapse = "shaped"
connect = { rule = "fixed_indegree", k = 9 }
delay = { distribution = "uniform", low = "0.3 ms", high = "3 ms" }
initial = { w = "60*pA*rand()" }
[projection.GE]
pre = "G"
post = "E"
synapse = "fixed"
connect = "all_to_all"
delay = { distribution = "uniform", low = "0 ms", high = "9 ms" }
initial = { w = "3*mV*rand()" }
"#,
    ),
];

/// Circuits that spike again after time has been skipped.
const LIVELY: [&str; 5] = ["plastic", "delays", "dendritic", "short-term", "slow-clocks"];

struct Inline;

impl Library for Inline {
    fn model(&self, _: &mut Sources, _: ModelKind, _: &str, _: &mut Vec<Diagnostic>) -> Option<(Key, Table)> {
        None
    }

    fn names(&self, _: ModelKind) -> Vec<String> {
        Vec::new()
    }
}

impl Files for Inline {
    fn columns(&self, path: &str) -> Result<NamedColumns, String> {
        Err(format!("there is no `{path}`"))
    }
}

/// Compiles a circuit of this suite.
///
/// # Panics
/// If it has faults, which are shown.
pub fn circuit(text: &str, passes: Passes) -> Arc<Circuit> {
    compiled(&format!("{NEURONS}\n{text}"), DT_S, passes)
}

/// Compiles a text in which all models stand.
///
/// # Panics
/// If it has faults, which are shown.
pub fn compiled(text: &str, dt_s: f64, passes: Passes) -> Arc<Circuit> {
    let mut sources = Sources::default();
    let id = sources.add("circuit.toml", text);
    let mut diagnostics = Vec::new();
    let table = parse_toml(&sources, id, &mut diagnostics);
    let network = parse_network(&mut sources, &table, dt_s, &Inline, &Inline, &mut diagnostics);
    let Some(network) = network else { panic!("{}", render(&sources, &diagnostics, false)) };
    match Circuit::compile(network, passes) {
        Ok(circuit) => Arc::new(circuit),
        Err(d) => panic!("{}", render(&sources, &d, false)),
    }
}

/// All that a run of a circuit shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Watch, step, neurons.
    pub spikes: Vec<(usize, Step, Vec<u32>)>,
    /// Watch, step, bits of the values.
    pub samples: Vec<(usize, Step, Vec<u64>)>,
    /// State at the end: name, values.
    pub end: Vec<(String, Vec<f64>)>,
}

impl Sink for Outcome {
    fn spikes(&mut self, watch: usize, step: Step, neurons: &[u32]) {
        self.spikes.push((watch, step, neurons.to_vec()));
    }

    fn samples(&mut self, watch: usize, step: Step, values: &[f64]) {
        self.samples.push((watch, step, values.iter().map(|x| x.to_bits()).collect()));
    }

    fn changes(&mut self, watch: usize, step: Step, places: &[u32], values: &[f64]) {
        let both = places.iter().map(|p| u64::from(*p)).chain(values.iter().map(|x| x.to_bits()));
        self.samples.push((watch, step, both.collect()));
    }

    fn count(&mut self, watch: usize, step: Step, spikes: u64) {
        self.samples.push((watch, step, vec![spikes]));
    }
}

/// How a circuit is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    /// Number of parts.
    pub threads: usize,
    /// Save in the middle, and go on from the save with so many parts.
    pub resume_with: Option<usize>,
    /// Record variables too, so that deferred work is forced often.
    pub look: bool,
}

/// In one go, one part, nothing looked at on the way.
pub const PLAIN: How = How { threads: 1, resume_with: None, look: false };

fn watched(circuit: &Arc<Circuit>, make: &MakeBackend, threads: usize, look: bool) -> Simulation {
    let mut simulation = Simulation::build(circuit.clone(), SEEDS, threads, make.clone()).unwrap_or_else(|e| panic!("{e}"));
    for population in 0..circuit.network.populations.len() {
        simulation.watch(Watch::Spikes { population, neurons: None });
    }
    if look {
        for (population, program) in circuit.populations.iter().enumerate() {
            for variable in program.slots.iter().filter(|s| s.visible).map(|s| s.name.clone()).chain(program.views.iter().map(|v| v.name.clone())) {
                simulation.watch(Watch::Neurons { population, variable, neurons: None, every: 37 });
            }
            simulation.watch(Watch::Rate { population, bin: 100 });
        }
        for (projection, program) in circuit.projections.iter().enumerate() {
            for variable in program.slots.iter().filter(|s| s.visible).map(|s| s.name.clone()) {
                simulation.watch(Watch::Synapses { projection, variable: variable.clone(), synapses: None, every: Some(41) });
                simulation.watch(Watch::Synapses { projection, variable, synapses: Some(vec![0, 2]), every: None });
            }
        }
    }
    simulation
}

fn go(simulation: &mut Simulation, outcome: &mut Outcome, steps: u64) {
    simulation.advance(steps, outcome).unwrap_or_else(|e| panic!("{e}"));
}

/// Where runs are cut.
const MIDDLE: u64 = STEPS / 2 + 3;

/// Runs to the middle, where the modulators change.
fn first_part(simulation: &mut Simulation, outcome: &mut Outcome) {
    go(simulation, outcome, MIDDLE);
    for name in simulation.modulators() {
        simulation.set_modulator(&name, if name == "acceleration" { 4.0 } else { 0.9 });
    }
}

/// Runs a circuit in pieces, between which weights and parameters change, synapses are lost, plasticity stands still and the state is restored:
/// each acts on what is under way.
fn disturbed(circuit: &Arc<Circuit>, make: &MakeBackend, threads: usize, single_steps: bool) -> Outcome {
    let mut outcome = Outcome::default();
    let mut simulation = watched(circuit, make, threads, false);
    let weights = Quantity::Projection(0, "w".into());
    for piece in 0..40 {
        let steps = 11 + piece % 7;
        (0..if single_steps { steps } else { 1 }).for_each(|_| go(&mut simulation, &mut outcome, if single_steps { 1 } else { steps }));
        match piece % 5 {
            0 => {
                let old = simulation.read(&weights).unwrap_or_default();
                let new: Vec<f64> = old.iter().enumerate().map(|(k, w)| w * if k % 3 == 0 { 1.2 } else { 0.9 }).collect();
                assert!(simulation.write(&weights, &new), "weights can be written");
            }
            1 => assert!(simulation.write(&Quantity::Projection(0, "gain".into()), &[0.2 + 0.02 * piece as f64]), "a parameter can be written"),
            2 => simulation.lesion(&Lesion::Synapses { projection: (piece as usize / 5) % 3, share: 0.05 }).unwrap_or_else(|e| panic!("{e}")),
            3 => simulation.freeze(1, piece % 2 == 0),
            _ => {
                let saved = simulation.checkpoint();
                simulation.restore(&saved).unwrap_or_else(|e| panic!("{e}"));
            }
        }
    }
    go(&mut simulation, &mut outcome, 300);
    outcome.end = simulation.checkpoint().arrays;
    outcome.spikes.sort();
    outcome
}

/// Checks that what is under way hangs on the values of the step in which it arrives, as in the reference, on any number of threads.
///
/// # Panics
/// If it does not.
pub fn reads_values_at_arrival(make: &MakeBackend) {
    let circuit = circuit(text("ahead"), Passes::default());
    let (expected, one) = (disturbed(&circuit, &reference(), 1, false), disturbed(&circuit, make, 1, false));
    assert!(expected.spikes.len() > 100, "a circuit that is silent shows nothing");
    same_spikes("disturbed", &expected, &one);
    close("disturbed", &expected.end, &one.end, TOLERANCE);
    for (threads, single_steps) in [(3, false), (1, true), (2, true)] {
        let other = disturbed(&circuit, make, threads, single_steps);
        same_spikes("disturbed", &one, &other);
        same_bits("disturbed", &format!("{threads} threads, single steps {single_steps}"), &one.end, &other.end);
    }
}

/// Runs a circuit.
pub fn run(circuit: &Arc<Circuit>, make: &MakeBackend, how: How) -> Outcome {
    let mut outcome = Outcome::default();
    let mut simulation = watched(circuit, make, how.threads, how.look);
    if let Some(threads) = how.resume_with {
        first_part(&mut simulation, &mut outcome);
        let saved: Checkpoint = simulation.checkpoint();
        simulation = watched(circuit, make, threads, how.look);
        simulation.restore(&saved).unwrap_or_else(|e| panic!("{e}"));
        go(&mut simulation, &mut outcome, STEPS - MIDDLE);
    } else if simulation.modulators().is_empty() {
        go(&mut simulation, &mut outcome, STEPS);
    } else {
        first_part(&mut simulation, &mut outcome);
        go(&mut simulation, &mut outcome, STEPS - MIDDLE);
    }
    simulation.close(&mut outcome).unwrap_or_else(|e| panic!("{e}"));
    outcome.end = simulation.checkpoint().arrays;
    for (projection, program) in circuit.projections.iter().enumerate() {
        for view in &program.views {
            let values = simulation.read(&Quantity::Projection(projection, view.name.clone()));
            outcome.end.push((format!("view {}", view.name), values.unwrap_or_default()));
        }
    }
    outcome.spikes.sort();
    outcome.samples.sort();
    outcome
}

/// The reference back end in double precision.
pub fn reference() -> MakeBackend {
    reference_with(DT_S)
}

/// The same for another step.
pub fn reference_with(dt_s: f64) -> MakeBackend {
    Arc::new(move || Box::new(Reference::new(SEEDS, dt_s)))
}

/// Step of the circuits, in seconds.
pub fn dt_s() -> f64 {
    DT_S
}

/// Checks that a back end in double precision agrees with the reference on a circuit.
///
/// # Panics
/// If it does not.
pub fn agrees_with_reference(name: &str, make: &MakeBackend) {
    let circuit = circuit(text(name), Passes::default());
    let (expected, found) = (run(&circuit, &reference(), PLAIN), run(&circuit, make, PLAIN));
    assert!(expected.spikes.iter().map(|s| s.2.len()).sum::<usize>() > 4, "{name}: a circuit that is silent shows nothing");
    same_spikes(name, &expected, &found);
    close(name, &expected.end, &found.end, TOLERANCE);
}

/// Checks that neither threads nor a pause nor looking change a bit.
///
/// # Panics
/// If one does.
pub fn is_deterministic(name: &str, make: &MakeBackend) {
    let circuit = circuit(text(name), Passes::default());
    let one = run(&circuit, make, PLAIN);
    let looked = run(&circuit, make, How { look: true, ..PLAIN });
    assert!(one.spikes == looked.spikes, "{name}: looking changed the spikes");
    same_bits(name, "looking", &one.end, &without_bins(&looked.end));
    for (threads, resume_with) in [(2, None), (7, None), (1, Some(1)), (2, Some(3)), (3, Some(1))] {
        let other = run(&circuit, make, How { threads, resume_with, look: true });
        let what = format!("{threads} threads, resumed {resume_with:?}");
        same_spikes(name, &looked, &other);
        assert!(looked.samples == other.samples, "{name}: {what}: samples differ");
        same_bits(name, &what, &looked.end, &other.end);
    }
}

/// Checks that passes change nothing but the last bits.
///
/// # Panics
/// If one does.
pub fn passes_change_nothing(name: &str, make: &MakeBackend) {
    let all = circuit(text(name), Passes::default());
    let expected = run(&all, make, PLAIN);
    for k in 0..3 {
        let mut passes = Passes::default();
        *[&mut passes.hoist_constants, &mut passes.hoist_traces, &mut passes.defer][k] = false;
        let without = circuit(text(name), passes);
        let found = run(&without, make, PLAIN);
        same_spikes(name, &expected, &found);
        // Without a pass there are other slots; what a user can name is compared.
        let mut simulations = [watched(&all, make, 1, false), watched(&without, make, 1, false)];
        let ends = simulations.each_mut().map(|s| {
            first_part(s, &mut Outcome::default());
            go(s, &mut Outcome::default(), STEPS - MIDDLE);
            named(s)
        });
        close(name, &ends[0], &ends[1], TOLERANCE);
    }
}

/// Runs, lets time pass on the slow clock in pieces, saves and restores between two of them, and runs again.
fn with_pause(circuit: &Arc<Circuit>, make: &MakeBackend, threads: usize, pieces: &[u64], resume_with: Option<usize>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut simulation = watched(circuit, make, threads, true);
    first_part(&mut simulation, &mut outcome);
    for (k, steps) in pieces.iter().enumerate() {
        simulation.skip(*steps).unwrap_or_else(|e| panic!("{e}"));
        if let (0, Some(threads)) = (k, resume_with) {
            // What has been recorded is not part of the state.
            simulation.close(&mut outcome).unwrap_or_else(|e| panic!("{e}"));
            let saved = simulation.checkpoint();
            simulation = watched(circuit, make, threads, true);
            simulation.restore(&saved).unwrap_or_else(|e| panic!("{e}"));
        }
    }
    go(&mut simulation, &mut outcome, STEPS);
    simulation.close(&mut outcome).unwrap_or_else(|e| panic!("{e}"));
    outcome.end = simulation.checkpoint().arrays;
    outcome.spikes.sort();
    outcome.samples.sort();
    outcome
}

/// Checks that skipped time is skipped alike in a back end and the reference, on any number of threads, in one piece or several.
///
/// # Panics
/// If it is not.
pub fn skips_time(name: &str, make: &MakeBackend) {
    let circuit = circuit(text(name), Passes::default());
    if circuit.projections.iter().any(|p| p.clocked.is_some()) {
        let mut simulation = watched(&circuit, make, 1, false);
        let error = simulation.skip(7).expect_err("equations that are advanced at every step have no slow clock").to_string();
        assert!(error.contains("advanced at every step") && simulation.now() == 0, "{name}: {error}");
        simulation.freeze(0, true);
        assert!(simulation.skip(7).is_ok() && simulation.now() == 7, "{name}: what is frozen stands still anyway");
        return;
    }
    let has_clock = |p: &plastica_kernel::ir::ProjectionProgram| !(p.on_interval.is_empty() && p.prune.is_empty() && p.grow.is_empty());
    if !circuit.projections.iter().any(has_clock) && circuit.populations.iter().all(|p| p.on_interval.is_empty()) {
        // Six days of 0.1 ms: more steps than 32 bits count.
        let ends = [make, &reference()].map(|make| with_pause(&circuit, make, 1, &[6 * 864_000_000], None));
        same_spikes(name, &ends[1], &ends[0]);
        close(name, &ends[1].end, &ends[0].end, TOLERANCE);
    }
    let one = with_pause(&circuit, make, 1, &[5000], None);
    let expected = with_pause(&circuit, &reference(), 1, &[5000], None);
    same_spikes(name, &expected, &one);
    close(name, &expected.end, &one.end, TOLERANCE);
    for (threads, pieces, resume_with) in [(3, &[5000][..], None), (1, &[1, 1233, 3766], None), (2, &[2100, 2900], Some(3))] {
        let other = with_pause(&circuit, make, threads, pieces, resume_with);
        let what = format!("{threads} threads, skipped in {pieces:?}, resumed {resume_with:?}");
        same_spikes(name, &one, &other);
        assert!(one.samples == other.samples, "{name}: {what}: samples differ");
        same_bits(name, &what, &one.end, &other.end);
    }
    if LIVELY.contains(&name) {
        let (from, to) = (MIDDLE as Step, MIDDLE as Step + 5000);
        assert!(one.spikes.iter().any(|s| s.1 >= to) && !one.spikes.iter().any(|s| (from..to).contains(&s.1)), "{name}");
    }
}

fn named(simulation: &mut Simulation) -> Vec<(String, Vec<f64>)> {
    let network = simulation.circuit().network.clone();
    let mut out = Vec::new();
    for (k, p) in network.populations.iter().enumerate() {
        for v in p.model().iter().flat_map(|m| &m.variables) {
            out.extend(simulation.read(&Quantity::Population(k, v.name.clone())).map(|x| (v.name.clone(), x)));
        }
    }
    for (k, p) in network.projections.iter().enumerate() {
        for v in &p.model.variables {
            out.extend(simulation.read(&Quantity::Projection(k, v.name.clone())).map(|x| (v.name.clone(), x)));
        }
    }
    out
}

fn text(name: &str) -> &'static str {
    CIRCUITS.iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("there is no circuit {name}")).1
}

fn without_bins(end: &[(String, Vec<f64>)]) -> Vec<(String, Vec<f64>)> {
    end.iter().filter(|(name, _)| !name.starts_with("watch.")).cloned().collect()
}

fn same_spikes(name: &str, a: &Outcome, b: &Outcome) {
    let first = a.spikes.iter().zip(&b.spikes).find(|(a, b)| a != b);
    assert!(first.is_none() && a.spikes.len() == b.spikes.len(), "{name}: spikes differ, first {first:?} ({} and {} entries)", a.spikes.len(), b.spikes.len());
}

fn same_bits(name: &str, what: &str, a: &[(String, Vec<f64>)], b: &[(String, Vec<f64>)]) {
    assert_eq!(a.len(), b.len(), "{name}: {what}");
    for ((n, x), (_, y)) in a.iter().zip(b) {
        let at = x.iter().zip(y).position(|(x, y)| x.to_bits() != y.to_bits());
        assert!(at.is_none() && x.len() == y.len(), "{name}: {what}: {n} differs at {at:?}: {:?} and {:?}", at.map(|k| x[k]), at.map(|k| y[k]));
    }
}

/// Increments under way, those that arrive together as one: a back end may keep them one by one or as their sum.
fn with_sums(end: &[(String, Vec<f64>)]) -> Vec<(String, Vec<f64>)> {
    let mut end = end.to_vec();
    for k in 0..end.len() {
        if end[k].0.ends_with(".pending_step") {
            let mut sums: BTreeMap<[u64; 3], f64> = BTreeMap::new();
            for e in 0..end[k].1.len() {
                *sums.entry([0, 1, 2].map(|a| end[k + a].1[e] as u64)).or_default() += end[k + 3].1[e];
            }
            // Nothing under way is nothing.
            sums.retain(|_, value| *value != 0.0);
            for a in 0..3 {
                end[k + a].1 = sums.keys().map(|key| key[a] as f64).collect();
            }
            end[k + 3].1 = sums.values().copied().collect();
        }
    }
    end
}

fn close(name: &str, a: &[(String, Vec<f64>)], b: &[(String, Vec<f64>)], tolerance: f64) {
    let (a, b) = (&with_sums(a), &with_sums(b));
    assert_eq!(a.len(), b.len(), "{name}");
    for ((n, x), (_, y)) in a.iter().zip(b) {
        assert_eq!(x.len(), y.len(), "{name}: {n}");
        let scale = x.iter().fold(0.0_f64, |m, x| if x.is_finite() { m.max(x.abs()) } else { m });
        let at = x.iter().zip(y).position(|(x, y)| (x - y).abs() > tolerance * scale);
        assert!(at.is_none(), "{name}: {n} differs at {at:?}: {:?} and {:?}", at.map(|k| x[k]), at.map(|k| y[k]));
    }
}

/// Tests a back end (`fn() -> MakeBackend`, double precision, [`SEEDS`], [`dt_s`]) on every circuit.
#[macro_export]
macro_rules! conformance {
    ($make:expr) => {
        $crate::conformance!($make, plastic delays dendritic no_delay pathways short_term nonlinear noise rewiring elements given_spikes slow_clocks ahead);
        mod under_way {
            #[test]
            fn reads_values_at_arrival() {
                $crate::conformance::reads_values_at_arrival(&$make());
            }
        }
    };
    ($make:expr, $($name:ident)*) => {
        mod agrees_with_reference {
            $(#[test] fn $name() { $crate::conformance::agrees_with_reference(&stringify!($name).replace('_', "-"), &$make()); })*
        }
        mod is_deterministic {
            $(#[test] fn $name() { $crate::conformance::is_deterministic(&stringify!($name).replace('_', "-"), &$make()); })*
        }
        mod skips_time {
            $(#[test] fn $name() { $crate::conformance::skips_time(&stringify!($name).replace('_', "-"), &$make()); })*
        }
        mod passes_change_nothing {
            $(#[test] fn $name() { $crate::conformance::passes_change_nothing(&stringify!($name).replace('_', "-"), &$make()); })*
        }
    };
}
