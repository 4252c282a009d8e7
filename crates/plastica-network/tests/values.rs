//! Values, delays from files, and inputs of good texts.

mod common;

use common::{MemoryFiles, check_parts, good, two, whole};
use plastica_lang::model::{AssignOp, ExprKind, Function};
use plastica_network::arrays::{Delays, Part, Synapses};
use plastica_network::build::build_population;
use plastica_network::network::Phase;

fn value<'a>(synapses: &'a Synapses, name: &str) -> Option<&'a [f64]> {
    synapses.values.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_slice())
}

fn built(lines: &str) -> Synapses {
    whole(&good(&two(2, 2, "B", &format!("connect = \"all_to_all\"\n{lines}")), &MemoryFiles::default()), 1)
}

#[test]
fn only_what_the_engine_would_not_take_by_itself_is_an_array() {
    assert_eq!(built("").values, []);
    assert_eq!(built("parameters = { k = 2 }\ninitial = { w = 0 }").values, []);
    let synapses = built("parameters = { k = 2, scale = 3 }\ninitial = { w = \"0.1 mV\", drift = \"1 mV\" }");
    assert_eq!((value(&synapses, "w"), value(&synapses, "scale"), value(&synapses, "k")), (Some([1e-4; 4].as_slice()), Some([3.0; 4].as_slice()), None));
    assert_eq!(synapses.shared, [("drift".to_string(), 1e-3)]);
    assert_eq!(value(&built("parameters = { k = \"i + 10*j\" }"), "k"), Some([0.0, 10.0, 1.0, 11.0].as_slice()));
}

#[test]
fn formulas_read_what_was_set_before_and_the_neurons_on_both_sides() {
    let text =
        two(2, 2, "B", "connect = \"all_to_all\"\nparameters = { k = \"1 + i\", scale = \"2*k\" }\ninitial = { w = \"scale*U_pre*v_th_post + N_post*mV\" }");
    let text = text
        .replacen("size = 2", "size = 2\ninitial = { U = \"i + 1\" }", 1)
        .replace("[projection.P]", "parameters = { v_th = [\"1 mV\", \"2 mV\"] }\n[projection.P]");
    let synapses = whole(&good(&text, &MemoryFiles::default()), 1);
    let expected: Vec<f64> =
        [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)].iter().map(|(i, j)| 2.0 * (1.0 + i) * (i + 1.0) * ((j + 1.0) * 1e-3) + 2e-3).collect();
    let found = value(&synapses, "w").unwrap();
    assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-15), "{found:?} {expected:?}");
}

#[test]
fn a_list_brings_delays_and_values() {
    let files = MemoryFiles(vec![(
        "s.parquet",
        vec![
            ("pre", vec![1.0, 0.0, 1.0, 1.0]),
            ("post", vec![0.0, 1.0, 0.0, 1.0]),
            ("delay_s", vec![2e-3, 1e-3, 1e-3, 1.04e-3]),
            ("dendritic_delay_s", vec![0.0, 1e-3, 2e-3, 3e-3]),
            ("w", vec![1e-3, 2e-3, 3e-3, 4e-3]),
            ("k", vec![5.0, 6.0, 7.0, 8.0]),
            ("scale", vec![1.0, 1.0, 1.0, 2.0]),
        ],
    )]);
    let network = good(&two(2, 2, "B", "connect = { rule = \"list\", file = \"s.parquet\" }\nmultapses = true"), &files);
    let synapses = whole(&network, 1);
    assert_eq!((&synapses.row, &synapses.post, &synapses.multapse), (&vec![0, 1, 4], &vec![1, 0, 1, 0], &vec![0, 1, 0, 0]));
    assert_eq!((&synapses.axonal, &synapses.dendritic), (&Delays::Each(vec![10, 10, 10, 20]), &Delays::Each(vec![10, 20, 30, 0])));
    assert_eq!((value(&synapses, "w"), value(&synapses, "k")), (Some([2e-3, 3e-3, 4e-3, 1e-3].as_slice()), Some([6.0, 7.0, 8.0, 5.0].as_slice())));
    assert_eq!(synapses.rounded, 1);
    check_parts(&network, 1, 2);
}

#[test]
fn neurons_do_not_hang_on_the_part() {
    let text = "[population.A]\nmodel = \"lif\"\nsize = 11\npositions = { x = \"rand()*mm\", y = \"i*um\" }\nparameters = { v_th = \"-50*mV + randn()*mV\", tau_m = \"10 ms\" }\ninitial = { v = { distribution = \"uniform\", low = \"-60 mV\", high = \"-50 mV\" }, I = \"v_th*0.5 + y/um*mV\", U = 2, n = \"i\" }";
    let network = good(text, &MemoryFiles::default());
    let all = build_population(&network, 0, Part { index: 0, of: 1 }, 1, 0).unwrap();
    assert_eq!(all.values.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["v_th", "v", "I", "U", "n"]);
    assert_eq!(all.values[4].1, (0..11).map(f64::from).collect::<Vec<_>>());
    for of in [2, 7] {
        let parts: Vec<_> = (0..of).map(|index| build_population(&network, 0, Part { index, of }, 1, 0).unwrap()).collect();
        for (k, (name, values)) in all.values.iter().enumerate() {
            let joined: Vec<f64> = parts.iter().flat_map(|p| p.values[k].1.clone()).collect();
            assert_eq!(&joined, values, "{name}");
        }
    }
    assert_ne!(all, build_population(&network, 0, Part { index: 0, of: 1 }, 2, 0).unwrap());
}

/// Each neuron and each pair within 5 standard errors of what 4,000 subjects must give: a correct drawing fails once in 100,000 seeds.
#[test]
fn exactly_so_many_are_members_and_every_set_is_equally_likely() {
    let (n, count, subjects) = (7_usize, 3_usize, 4000_u32);
    let text = format!(
        "[population.A]\nmodel = \"lif\"\nsize = {n}\nparameters = {{ gain = \"2 mV\" }}\ninitial = {{ U = {{ distribution = \"members\", count = {count} }}, n = {{ distribution = \"members\", count = {n} }} }}\n"
    );
    let network = good(&text, &MemoryFiles::default());
    let drawn = |subject, part| build_population(&network, 0, part, 1, subject).unwrap().values;
    let mut single = vec![0.0; n];
    let mut pairs = vec![0.0; n];
    for subject in 0..subjects {
        let values = drawn(subject, Part { index: 0, of: 1 });
        let members = &values[0].1;
        assert!(members.iter().sum::<f64>() == count as f64 && members.iter().all(|x| *x == 0.0 || *x == 1.0), "{members:?}");
        assert_eq!(values[1].1, vec![1.0; n]);
        let parts: Vec<f64> = (0..3).flat_map(|index| drawn(subject, Part { index, of: 3 })[0].1.clone()).collect();
        assert_eq!(&parts, members);
        for k in 0..n {
            single[k] += members[k];
            pairs[k] += members[k] * members[(k + 1) % n];
        }
    }
    let check = |counts: &[f64], p: f64| {
        let (mean, sd) = (f64::from(subjects) * p, (f64::from(subjects) * p * (1.0 - p)).sqrt());
        assert!(counts.iter().all(|c| (c - mean).abs() < 5.0 * sd), "{counts:?}, not {mean}");
    };
    check(&single, 3.0 / 7.0);
    check(&pairs, 3.0 / 7.0 * 2.0 / 6.0);
}

/// Mean within 5 standard errors of 40,000 draws: a correct drawing fails once in 1.7 million seeds.
#[test]
fn weights_and_delays_are_drawn_from_their_distributions() {
    let lines = "connect = \"all_to_all\"\ndelay = { distribution = \"normal\", mean = \"1.5 ms\", sd = \"0.4 ms\", min = \"0.1 ms\" }\ninitial = { w = \"1*mV + 0.2*mV*randn()\" }";
    let synapses = whole(&good(&two(200, 200, "B", lines), &MemoryFiles::default()), 1);
    let mean = |x: &mut dyn Iterator<Item = f64>| x.sum::<f64>() / 40_000.0;
    let w = mean(&mut value(&synapses, "w").unwrap().iter().copied());
    assert!((w - 1e-3).abs() < 5.0 * 0.2e-3 / 200.0, "{w}");
    let Delays::Each(axonal) = &synapses.axonal else { panic!("drawn delays differ") };
    let delay = mean(&mut axonal.iter().map(|d| f64::from(*d)));
    assert!((delay - 15.0).abs() < 5.0 * 4.0 / 200.0 + 0.01, "{delay}");
}

#[test]
fn spikes_at_given_times_can_be_sources() {
    let text = two(2, 3, "B", "connect = \"all_to_all\"\ninitial = { w = \"(10*i + j)*mV/N_pre\" }")
        .replace("model = \"lif\"\nsize = 2", "spikes = { times = [[\"1 ms\"], []] }");
    let synapses = whole(&good(&text, &MemoryFiles::default()), 1);
    let expected: Vec<f64> = [0.0, 1.0, 2.0, 10.0, 11.0, 12.0].iter().map(|w| w * 1e-3 / 2.0).collect();
    assert_eq!(value(&synapses, "w"), Some(expected.as_slice()));
}

#[test]
fn inputs_become_statements() {
    let text = r#"
[population.A]
model = "lif"
size = 3
[input.background]
population = "A"
poisson = { rate = "20*kHz*(1 + sin(2*pi*5*Hz*t))", weight = "0.1 mV", variable = "v" }
[input.step]
population = "A"
current = { variable = "I", value = "10*mV*int(t >= 50*ms) + gain*randn()" }
[input.kick]
population = "A"
do = "x = 2*mV; v += x; U += 1"
when = "deliver"
"#;
    let network = good(text, &MemoryFiles::default());
    let found: Vec<_> =
        network.inputs.iter().map(|i| (i.name.as_str(), i.phase, i.statements.iter().map(|s| (s.name.as_str(), s.op)).collect::<Vec<_>>())).collect();
    assert_eq!(
        found,
        [
            ("background", Phase::Deliver, vec![("v", AssignOp::Add)]),
            ("step", Phase::Start, vec![("I", AssignOp::Set)]),
            ("kick", Phase::Deliver, vec![("x", AssignOp::Set), ("v", AssignOp::Add), ("U", AssignOp::Add)]),
        ]
    );
    let ExprKind::Binary(_, weight, events) = &network.inputs[0].statements[0].value.kind else { panic!("weight times events") };
    assert!(matches!(events.kind, ExprKind::Call(Function::Poisson, _)));
    assert!(weight.span.end > weight.span.start, "places still point at the text");
}
