//! Synapses that go and come: which, when, what is on its way, and that each rule does what its page says.

use plastica_engine::conformance::{SEEDS, compiled, reference_with};
use plastica_engine::lesion::Lesion;
use plastica_engine::simulation::{Counted, NoSink, Quantity, Simulation, Sink, Watch};
use plastica_kernel::passes::Passes;

const DT_S: f64 = 1e-3;

/// Neurons on a line, 10 um apart, with numbers of elements; `pre` spikes when told.
const NEURONS: &str = r#"
[neuron.n]
equations = """
x : 1
spike : 1
axons : 1
spines : 1
bound : 1
gate : 1 (modulator)
"""
threshold = "spike > 0"
reset = "spike = 0"
"#;

fn built(size: usize, synapse: &str, projection: &str, parts: usize) -> Simulation {
    let text = format!(
        "{NEURONS}[synapse.s]\nequations = \"\"\"\nw : 1\nage : 1\n\"\"\"\non_pre = \"x_post += w\"\n{synapse}\n\
         [population.P]\nmodel = \"n\"\nsize = {size}\npositions = {{ x = \"i*10*um\" }}\ninitial = {{ axons = 3, spines = 2 }}\n\
         [projection.PP]\npre = \"P\"\npost = \"P\"\nsynapse = \"s\"\n{projection}\n"
    );
    Simulation::build(compiled(&text, DT_S, Passes::default()), SEEDS, parts, reference_with(DT_S)).unwrap()
}

fn run(simulation: &mut Simulation, steps: u64) {
    simulation.advance(steps, &mut NoSink).unwrap();
}

fn pairs(simulation: &Simulation) -> Vec<(u32, u32)> {
    let list = simulation.synapses(0);
    list.pre.into_iter().zip(list.post).collect()
}

fn of_synapses(simulation: &mut Simulation, name: &str) -> Vec<f64> {
    simulation.read(&Quantity::Projection(0, name.into())).unwrap()
}

fn counts(simulation: &Simulation) -> [u64; 3] {
    Counted::WORDS.map(|(_, what)| simulation.counted(0, what))
}

#[test]
fn what_a_condition_names_goes_and_the_rest_stays() {
    let weak = "prune = { every = \"5 ms\", where = \"w < 0.5 and i != 3\" }";
    let mut simulation = built(6, weak, "connect = \"all_to_all\"\ninitial = { w = \"j/6\", age = \"i + 10*j\" }", 3);
    run(&mut simulation, 5);
    assert_eq!(counts(&simulation), [30, 0, 0], "nothing goes at the start, and what is due at a step goes when that step is made");
    run(&mut simulation, 1);
    let kept = |(i, j): &(u32, u32)| *j >= 3 || *i == 3;
    let all = (0..6).flat_map(|i| (0..6).map(move |j| (i, j))).filter(|(i, j)| i != j);
    assert_eq!(pairs(&simulation), all.filter(kept).collect::<Vec<_>>());
    let expected: Vec<f64> = pairs(&simulation).iter().map(|(i, j)| f64::from(i + 10 * j)).collect();
    assert_eq!(of_synapses(&mut simulation, "age"), expected, "values move with their synapses");
    assert_eq!(counts(&simulation), [18, 0, 12]);
    simulation.freeze(0, true);
    let strong = Quantity::Projection(0, "w".into());
    assert!(simulation.write(&strong, &[0.0]));
    run(&mut simulation, 10);
    assert_eq!(counts(&simulation)[2], 12, "what is frozen loses nothing");
}

#[test]
fn numbers_of_elements_are_kept() {
    // Everybody is to have 2 incoming synapses, whatever there was before.
    let rules = "prune = { every = \"2 ms\", post = \"in_degree - spines_post\" }\ngrow = { every = \"2 ms\", post = \"spines_post - in_degree\", do = \"w = in_degree\" }";
    for connect in ["connect = \"all_to_all\"", "connect = { pairs = [[0, 1]] }"] {
        let mut simulation = built(20, rules, connect, 2);
        run(&mut simulation, 3);
        let mut incoming = [0; 20];
        pairs(&simulation).iter().for_each(|(_, j)| incoming[*j as usize] += 1);
        assert_eq!(incoming, [2; 20]);
        assert!(pairs(&simulation).iter().all(|(i, j)| i != j), "no autapse unless it is allowed");
        assert!(pairs(&simulation).windows(2).all(|w| w[0] != w[1]), "no second synapse of a pair unless it is allowed");
    }
    // Between 3 axonal and 2 dendritic elements of each, all dendritic ones find a partner, and no axonal one finds two.
    let both = "grow = { every = \"2 ms\", pre = \"axons_pre - out_degree\", post = \"spines_post - in_degree\", tries = 200 }";
    let mut simulation = built(20, both, "connect = { pairs = [[0, 1]] }\nmultapses = true\nautapses = true", 3);
    run(&mut simulation, 9);
    let (mut out, mut incoming) = ([0; 20], [0; 20]);
    pairs(&simulation).iter().for_each(|(i, j)| (out[*i as usize], incoming[*j as usize]) = (out[*i as usize] + 1, incoming[*j as usize] + 1));
    assert_eq!(incoming, [2; 20]);
    assert!(out.iter().all(|n| *n <= 3), "{out:?}");
    // Where several synapses of a pair are allowed, their numbers differ.
    let list = simulation.synapses(0);
    let mut keys: Vec<_> = list.pre.iter().zip(&list.post).zip(&list.which).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 40);
}

#[test]
fn a_rate_is_an_expected_number_and_the_kernel_a_range() {
    let near = "grow = { every = \"1 ms\", post = 0.1, kernel = \"distance < 25*um\", do = \"w = 0.25; age = abs(i - j)\" }";
    let mut simulation = built(200, near, "connect = { pairs = [[0, 1]] }", 1);
    run(&mut simulation, 11);
    // 10 intervals, 200 neurons, 0.1 each: 200 expected, standard deviation below 14; but each try meets a near neuron in 2 of 100 cases only,
    // so that 20 tries find one with probability 0.33. Five standard deviations either way: a false alarm in a million.
    let grown = simulation.counted(0, Counted::Grown);
    assert!((27..=105).contains(&grown), "{grown}");
    assert!(of_synapses(&mut simulation, "age").iter().all(|d| *d <= 2.0));
    assert!(of_synapses(&mut simulation, "w")[1..].iter().all(|w| *w == 0.25));
}

#[test]
fn a_spike_acts_through_the_synapses_that_are_there_when_it_arrives() {
    let arrives = |rule: &str, connect: &str| {
        let mut simulation = built(2, rule, &format!("{connect}\ndelay = \"4 ms\"\ninitial = {{ w = 1 }}"), 2);
        let spike = simulation.neuron_variable(0, "spike").unwrap();
        run(&mut simulation, 3);
        assert!(simulation.set_neurons(spike, &[0], &[1.0]));
        run(&mut simulation, 8);
        simulation.read(&Quantity::Population(0, "x".into())).unwrap()[1]
    };
    let none = "grow = { every = \"1 s\", post = 1 }";
    assert_eq!(arrives(none, "connect = { pairs = [[0, 1]] }"), 1.0);
    assert_eq!(arrives("prune = { every = \"5 ms\", where = \"i == 0\" }", "connect = { pairs = [[0, 1], [1, 0]] }"), 0.0, "it has gone before the spike came");
    assert_eq!(arrives("prune = { every = \"8 ms\", where = \"i == 0\" }", "connect = { pairs = [[0, 1], [1, 0]] }"), 1.0, "it went afterwards");
    assert_eq!(arrives("grow = { every = \"5 ms\", post = \"1 - in_degree\" }", "connect = { pairs = [[1, 0]] }"), 1.0, "it had come when the spike arrived");
    assert_eq!(arrives("grow = { every = \"8 ms\", post = \"1 - in_degree\" }", "connect = { pairs = [[1, 0]] }"), 0.0, "it came too late");
}

/// Keeps the samples and counts of each watch.
#[derive(Default)]
struct Kept(Vec<(usize, i64, Vec<f64>)>);

impl Sink for Kept {
    fn spikes(&mut self, _: usize, _: i64, _: &[u32]) {}
    fn samples(&mut self, watch: usize, step: i64, values: &[f64]) {
        self.0.push((watch, step, values.to_vec()));
    }
    fn changes(&mut self, watch: usize, step: i64, places: &[u32], values: &[f64]) {
        self.0.push((watch, step, places.iter().map(|p| f64::from(*p)).chain(values.iter().copied()).collect()));
    }
    fn count(&mut self, watch: usize, step: i64, n: u64) {
        self.0.push((watch, step, vec![n as f64]));
    }
}

#[test]
fn a_recorded_synapse_is_its_pair() {
    // 0 -> 1 goes at 4 ms and comes again at 6 ms; 2 -> 1 stays, whatever its place.
    let rules = "prune = { every = \"4 ms\", where = \"i == 0 and t < 5*ms\" }\ngrow = { every = \"6 ms\", post = \"3*int(j == 1)\", do = \"w = 7\" }";
    let mut simulation = built(3, rules, "connect = { pairs = [[0, 1], [2, 1]] }\ninitial = { w = \"i + 1\" }", 2);
    let w = || "w".to_string();
    simulation.watch(Watch::Synapses { projection: 0, variable: w(), synapses: None, every: Some(2) });
    simulation.watch(Watch::Synapses { projection: 0, variable: w(), synapses: Some(vec![0]), every: None });
    simulation.watch(Watch::Turnover { projection: 0, what: Counted::Synapses, every: 4 });
    let mut kept = Kept::default();
    simulation.advance(9, &mut kept).unwrap();
    let of = |watch: usize| kept.0.iter().filter(|k| k.0 == watch).map(|k| (k.1, k.2.iter().map(|x| if x.is_nan() { -1.0 } else { *x }).collect())).collect();
    let samples: Vec<(i64, Vec<f64>)> = of(0);
    let pair = |a: f64, b: f64| vec![a, b];
    assert_eq!(samples, [(0, pair(1.0, 3.0)), (2, pair(1.0, 3.0)), (4, pair(1.0, 3.0)), (6, pair(-1.0, 3.0)), (8, pair(7.0, 3.0))]);
    let changes: Vec<(i64, Vec<f64>)> = of(1);
    assert_eq!(changes, [(4, pair(0.0, -1.0)), (6, pair(0.0, 7.0))], "what goes is recorded as not a number");
    let number: Vec<(i64, Vec<f64>)> = of(2);
    assert_eq!(number, [(0, vec![2.0]), (4, vec![2.0]), (8, vec![2.0])]);
    assert_eq!(counts(&simulation), [2, 1, 1]);
}

#[test]
fn a_number_that_is_none_stops_the_run() {
    let mut simulation = built(3, "grow = { every = \"2 ms\", post = \"1/x_post\" }", "connect = \"all_to_all\"", 1);
    let error = simulation.advance(5, &mut NoSink).unwrap_err().to_string();
    assert!(error.contains("projection `PP`") && error.contains("grow post") && error.contains("inf"), "{error}");
}

#[test]
fn a_new_synapse_with_an_impossible_delay_stops_the_run() {
    let mut simulation = built(
        4,
        "grow = { every = \"2 ms\", post = 1 }",
        "connect = { pairs = [[0, 1]] }\ndelay = \"(i + j - 1)*ms + 0*ms*rand() - int(i + j > 3)*second\"",
        1,
    );
    let error = simulation.advance(50, &mut NoSink).unwrap_err().to_string();
    assert!(error.contains("would be") && error.contains("delay"), "{error}");
}

#[test]
fn lesions_take_neurons_and_synapses() {
    let lesioned = |lesion: Lesion, parts: usize| {
        let mut simulation = built(40, "grow = { every = \"5 ms\", post = \"1 - in_degree\" }", "connect = \"all_to_all\"\ninitial = { w = 1 }", parts);
        simulation.lesion(&lesion).unwrap();
        let spike = simulation.neuron_variable(0, "spike").unwrap();
        let all: Vec<u32> = (0..40).collect();
        assert!(simulation.set_neurons(spike, &all, &[1.0; 40]));
        run(&mut simulation, 2);
        let saved = simulation.checkpoint();
        let mut again = built(40, "grow = { every = \"5 ms\", post = \"1 - in_degree\" }", "connect = \"all_to_all\"\ninitial = { w = 1 }", 2);
        again.restore(&saved).unwrap();
        run(&mut simulation, 10);
        run(&mut again, 10);
        assert_eq!(simulation.checkpoint(), again.checkpoint());
        (simulation.spike_counts()[0], pairs(&simulation))
    };
    let share = || Lesion::Share { population: 0, share: 0.25 };
    let (spikes, left) = lesioned(share(), 3);
    assert_eq!((spikes, left.len()), (30, 30 * 29), "ten neurons are dead, have no synapses, and get none");
    assert_eq!(lesioned(share(), 1), (spikes, left), "whatever the number of threads");
    let (spikes, left) = lesioned(Lesion::Marked { population: 0, variable: "spines".into() }, 2);
    assert_eq!((spikes, left.len()), (0, 0), "all are marked");
    // 1560 synapses, each lost with probability 0.5: 780 are left, five standard deviations are 99.
    let (spikes, left) = lesioned(Lesion::Synapses { projection: 0, share: 0.5 }, 2);
    assert!(spikes == 40 && (681..=879).contains(&left.len()), "{}", left.len());
    let mut simulation = built(3, "", "connect = \"all_to_all\"", 1);
    let error = simulation.lesion(&Lesion::Marked { population: 0, variable: "nothing".into() }).unwrap_err().to_string();
    assert!(error.contains("`nothing`"), "{error}");
}

#[test]
fn neurons_hold_their_numbers_of_synapses() {
    // What one projection leaves of 3 elements is what the other, which counts in the same variable, may take.
    let more = "degrees = { pre = \"bound\" }\n[synapse.other]\nequations = \"w : 1\"\non_pre = \"x_post += w\"\n\
                grow = { every = \"2 ms\", pre = \"axons_pre - bound_pre\" }\n\
                [projection.second]\npre = \"P\"\npost = \"P\"\nsynapse = \"other\"\nconnect = { pairs = [[0, 1]] }\ndegrees = { pre = \"bound\" }";
    let mut simulation = built(10, "grow = { every = \"2 ms\", pre = \"2 - out_degree\" }", &format!("connect = {{ pairs = [[0, 1]] }}\n{more}"), 2);
    let bound = |simulation: &mut Simulation| simulation.read(&Quantity::Population(0, "bound".into())).unwrap();
    assert_eq!(bound(&mut simulation), [&[2.0][..], &[0.0; 9]].concat());
    run(&mut simulation, 3);
    assert_eq!(bound(&mut simulation), [3.0; 10]);
    assert_eq!((simulation.synapse_count(0), simulation.synapse_count(1)), (20, 10));
}
