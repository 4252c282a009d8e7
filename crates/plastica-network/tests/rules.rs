//! The rules: which pairs they make, and that parts agree on them.

mod common;

use common::{MemoryFiles, build, check_parts, good, lines, two, whole};
use plastica_network::arrays::{Delays, Synapses};
use plastica_network::network::Network;
use proptest::prelude::*;

fn network(text: &str) -> Network {
    good(text, &MemoryFiles::default())
}

fn pairs(synapses: &Synapses) -> Vec<(u32, u32)> {
    lines(synapses).into_iter().map(|(pre, _, post, ..)| (pre, post)).collect()
}

fn check_pairs(text: &str, expected: &[(u32, u32)]) {
    assert_eq!(pairs(&whole(&network(text), 1)), expected);
}

#[test]
fn all_to_all_and_one_to_one() {
    check_pairs(&two(2, 3, "B", "connect = \"all_to_all\""), &[(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]);
    check_pairs(&two(3, 1, "A", "connect = \"all_to_all\""), &[(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]);
    check_pairs(&two(2, 1, "A", "connect = \"all_to_all\"\nautapses = true"), &[(0, 0), (0, 1), (1, 0), (1, 1)]);
    check_pairs(&two(3, 3, "B", "connect = \"one_to_one\""), &[(0, 0), (1, 1), (2, 2)]);
    check_pairs(&two(2, 3, "A", "connect = \"one_to_one\"\nautapses = true"), &[(0, 0), (1, 1)]);
}

#[test]
fn pairs_of_the_text() {
    check_pairs(&two(3, 3, "B", "connect = { pairs = [[2, 0], [0, 1], [0, 0]] }"), &[(0, 0), (0, 1), (2, 0)]);
    check_pairs(&two(3, 3, "B", "connect = { rule = \"list\", pairs = [] }"), &[]);
    let several = whole(&network(&two(3, 3, "A", "connect = { pairs = [[1, 1], [0, 2], [1, 1], [1, 1]] }\nautapses = true\nmultapses = true")), 1);
    assert_eq!((pairs(&several), several.multapse), (vec![(0, 2), (1, 1), (1, 1), (1, 1)], vec![0, 0, 1, 2]));
}

#[test]
fn extreme_probabilities() {
    assert_eq!(pairs(&whole(&network(&two(5, 4, "A", "connect = { rule = \"probability\", p = 1 }")), 1)).len(), 20);
    check_pairs(&two(5, 4, "A", "connect = { rule = \"probability\", p = 0 }"), &[]);
    check_pairs(&two(5, 4, "A", "connect = { rule = \"probability\", p = 1e-300 }"), &[]);
    assert_eq!(pairs(&whole(&network(&two(5, 4, "A", "connect = { rule = \"fixed_total\", n = 20 }")), 1)).len(), 20);
}

fn degrees(pairs: &[(u32, u32)], n: usize, side: impl Fn(&(u32, u32)) -> u32) -> Vec<usize> {
    let mut degrees = vec![0; n];
    pairs.iter().for_each(|pair| degrees[side(pair) as usize] += 1);
    degrees
}

fn distinct(pairs: &[(u32, u32)]) -> bool {
    pairs.windows(2).all(|w| w[0] < w[1])
}

#[test]
fn fixed_degrees_are_exact() {
    for (post, n_post) in [("A", 40), ("B", 25)] {
        let found = pairs(&whole(&network(&two(40, 25, post, "connect = { rule = \"fixed_indegree\", k = 7 }")), 3));
        assert_eq!(degrees(&found, n_post, |p| p.1), vec![7; n_post]);
        assert!(distinct(&found) && (post == "B" || found.iter().all(|(a, b)| a != b)));
        let found = pairs(&whole(&network(&two(40, 25, post, "connect = { rule = \"fixed_outdegree\", k = 7 }")), 3));
        assert_eq!(degrees(&found, 40, |p| p.0), vec![7; 40]);
        assert!(distinct(&found) && (post == "B" || found.iter().all(|(a, b)| a != b)));
        let found = pairs(&whole(&network(&two(40, 25, post, "connect = { rule = \"fixed_total\", n = 321 }")), 3));
        assert!(distinct(&found) && found.len() == 321 && (post == "B" || found.iter().all(|(a, b)| a != b)));
    }
    let found = whole(&network(&two(3, 25, "B", "connect = { rule = \"fixed_indegree\", k = 100 }\nmultapses = true")), 3);
    assert_eq!(degrees(&pairs(&found), 25, |p| p.1), vec![100; 25]);
    assert!(found.multapse.iter().max() > Some(&20));
}

/// Chi-squared of counts that should all be `expected` and are binomial or hypergeometric with variance `variance`.
fn chi2(counts: &[usize], expected: f64, variance: f64) -> f64 {
    counts.iter().map(|c| (*c as f64 - expected).powi(2) / variance).sum()
}

/// The sum of squares of `n` standardised counts is near `n` with standard deviation about sqrt(2n): within 5 of them, a
/// correct rule fails once in a million seeds.
fn check_spread(counts: &[usize], expected: f64, variance: f64) {
    let (n, found) = (counts.len() as f64, chi2(counts, expected, variance));
    assert!((found - n).abs() < 5.0 * (2.0 * n).sqrt() + 1.0, "chi-squared {found} for {n} counts");
}

#[test]
fn degrees_that_are_not_fixed_are_distributed_as_they_should() {
    let (n, k) = (400, 40);
    let p = k as f64 / n as f64;
    // Out-degrees under a fixed in-degree are binomial, up to the fixed total.
    let found = pairs(&whole(&network(&two(n, n, "B", &format!("connect = {{ rule = \"fixed_indegree\", k = {k} }}"))), 5));
    check_spread(&degrees(&found, n, |x| x.0), k as f64, n as f64 * p * (1.0 - p));
    let found = pairs(&whole(&network(&two(n, n, "B", &format!("connect = {{ rule = \"fixed_outdegree\", k = {k} }}"))), 5));
    check_spread(&degrees(&found, n, |x| x.1), k as f64, n as f64 * p * (1.0 - p));
    let found = pairs(&whole(&network(&two(n, n, "B", &format!("connect = {{ rule = \"probability\", p = {p} }}"))), 5));
    check_spread(&degrees(&found, n, |x| x.0), k as f64, n as f64 * p * (1.0 - p));
    check_spread(&degrees(&found, n, |x| x.1), k as f64, n as f64 * p * (1.0 - p));
    let sd = ((n * n) as f64 * p * (1.0 - p)).sqrt();
    assert!((found.len() as f64 - (n * k) as f64).abs() < 5.0 * sd, "{} synapses", found.len());
    let found = pairs(&whole(&network(&two(n, n, "B", &format!("connect = {{ rule = \"fixed_total\", n = {} }}", n * k))), 5));
    check_spread(&degrees(&found, n, |x| x.0), k as f64, n as f64 * p * (1.0 - p));
    check_spread(&degrees(&found, n, |x| x.1), k as f64, n as f64 * p * (1.0 - p));
    let found = pairs(&whole(&network(&two(n, n, "B", &format!("connect = {{ rule = \"fixed_total\", n = {} }}\nmultapses = true", n * k))), 5));
    check_spread(&degrees(&found, n, |x| x.1), k as f64, k as f64);
}

#[test]
fn a_wrong_degree_distribution_would_be_seen() {
    let equal = vec![40; 400];
    assert!((chi2(&equal, 40.0, 36.0) - 400.0).abs() > 5.0 * 800_f64.sqrt() + 1.0);
}

#[test]
fn seeds_subjects_and_names_give_other_synapses() {
    let text = two(50, 50, "B", "connect = { rule = \"probability\", p = 0.1 }");
    let here = network(&text);
    assert_eq!(pairs(&whole(&here, 1)), pairs(&whole(&here, 1)));
    assert_ne!(pairs(&whole(&here, 1)), pairs(&whole(&here, 2)));
    assert_ne!(pairs(&whole(&here, 1)), pairs(&whole(&network(&text.replace("projection.P", "projection.Q")), 1)));
    let subject = plastica_network::build::build_projection(&here, 0, plastica_network::arrays::Part { index: 0, of: 1 }, 1, 9).unwrap();
    assert_ne!(pairs(&whole(&here, 1)), pairs(&subject));
}

const GRID: &str = "positions = { grid = [20, 20], spacing = \"50 um\" }";

fn placed(connect: &str) -> String {
    two(400, 400, "A", connect).replacen("size = 400", &format!("size = 400\n{GRID}"), 1)
}

#[test]
fn distance_decides() {
    // All neighbours within 60 um on a grid of 50 um: 2*20*19 undirected neighbours.
    let near = pairs(&whole(&network(&placed("connect = { rule = \"distance\", p = \"int(distance < 60*um)\" }")), 1));
    assert_eq!(near.len(), 2 * 2 * 20 * 19);
    assert!(near.iter().all(|(a, b)| (*a as i64 - *b as i64).abs() == 1 || (*a as i64 - *b as i64).abs() == 20));
    let left = pairs(&whole(&network(&placed("connect = { rule = \"distance\", p = \"int(x_pre < 10*um and y_post < 10*um)\" }")), 1));
    assert_eq!(left.len(), 20 * 20 - 1);
}

#[test]
fn connections_fall_off_with_distance() {
    let scale = 200e-6;
    let found = pairs(&whole(&network(&placed("connect = { rule = \"distance\", p = \"0.5*exp(-distance/(200*um))\" }")), 1));
    let place = |i: u32| (f64::from(i % 20) * 50e-6, f64::from(i / 20) * 50e-6);
    let distance = |a: u32, b: u32| (place(a).0 - place(b).0).hypot(place(a).1 - place(b).1);
    // Three rings of distance; the count in each within 5 standard deviations: a correct rule fails in one of two million seeds.
    for (low, high) in [(0.0, 150e-6), (150e-6, 400e-6), (400e-6, 2e-3)] {
        let inside = |a: u32, b: u32| a != b && distance(a, b) >= low && distance(a, b) < high;
        let (mut expected, mut variance) = (0.0, 0.0);
        for a in 0..400 {
            for b in (0..400).filter(|b| inside(a, *b)) {
                let p = 0.5 * (-distance(a, b) / scale).exp();
                expected += p;
                variance += p * (1.0 - p);
            }
        }
        let count = found.iter().filter(|(a, b)| inside(*a, *b)).count() as f64;
        assert!((count - expected).abs() < 5.0 * f64::sqrt(variance), "{count} instead of {expected} from {low} to {high} m");
    }
}

#[test]
fn a_formula_that_is_no_probability_is_an_error_of_the_place() {
    let error = build(&network(&placed("connect = { rule = \"distance\", p = \"distance/(100*um)\" }")), 1).unwrap_err();
    assert_eq!(error.diagnostic.id, "not-a-probability");
    assert!(error.to_string().contains("from neuron"), "{error}");
}

#[test]
fn delays_are_whole_steps_and_rows_are_sorted_by_them() {
    let lines = "connect = \"all_to_all\"\ndelay = { distribution = \"uniform\", low = \"0 ms\", high = \"2 ms\" }\ndendritic_delay = \"0.5 ms + 0.1*j*ms\"";
    let synapses = whole(&network(&two(10, 30, "B", lines)), 4);
    let Delays::Each(axonal) = &synapses.axonal else { panic!("drawn delays differ") };
    assert!(axonal.iter().all(|d| *d <= 20) && axonal.iter().any(|d| *d > 15));
    for s in 0..300 {
        assert_eq!(synapses.dendritic.get(s), 5 + synapses.post[s]);
    }
    for row in synapses.row.windows(2) {
        let keys: Vec<_> = (row[0]..row[1]).map(|s| (axonal[s], synapses.post[s])).collect();
        assert!(keys.is_sorted());
    }
    assert_eq!(synapses.rounded, 300, "each drawn delay lies between two steps, the computed ones on steps");
}

#[test]
fn constant_delays_need_no_array() {
    let synapses = whole(&network(&two(3, 3, "B", "connect = \"all_to_all\"\naxonal_delay = \"1.5 ms\"")), 4);
    assert_eq!((synapses.axonal, synapses.dendritic, synapses.rounded), (Delays::Same(15), Delays::Same(0), 0));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]
    #[test]
    fn parts_agree(n_pre in 1_usize..40, n_post in 1_usize..40, of in 1_usize..9, rule in 0_usize..9, recurrent: bool, autapses: bool, multapses: bool, seed: u64) {
        let n_targets = if recurrent { n_pre } else { n_post };
        let excluded = usize::from(recurrent && !autapses);
        let (sources, targets) = (n_pre - excluded, n_targets - excluded);
        prop_assume!(sources > 0 && targets > 0);
        let connect = match rule {
            0 => "\"all_to_all\"".to_string(),
            1 => format!("{{ rule = \"fixed_indegree\", k = {} }}", sources.div_ceil(2)),
            2 => format!("{{ rule = \"fixed_outdegree\", k = {} }}", targets.div_ceil(3)),
            3 => format!("{{ rule = \"fixed_total\", n = {} }}", (sources * n_targets).div_ceil(3)),
            4 => "{ rule = \"probability\", p = 0.3 }".into(),
            5 => "{ rule = \"probability\", p = \"1/(1 + abs(i - j))\" }".into(),
            6 => "{ rule = \"probability\", p = 0.01 }".into(),
            7 => format!("{{ pairs = [[0, {}], [{}, 0]] }}", n_targets - 1, n_pre - 1),
            _ => "{ rule = \"probability\", p = \"v_th_pre/v_th_post*0.5\" }".into(),
        };
        // These lists must not break what the projection forbids.
        prop_assume!(rule != 7 || (excluded == 0 && (multapses || (n_targets > 1 || n_pre > 1))));
        let values = "delay = { distribution = \"exponential\", mean = \"0.3 ms\" }\ndendritic_delay = \"0.4*rand()*ms\"\nparameters = { k = \"1 + rand()\", scale = \"N_pre + i\" }\ninitial = { w = \"k*mV + 0.1*randn()*mV + v_post\", drift = \"1 mV\" }";
        let text = two(n_pre, n_post, if recurrent { "A" } else { "B" }, &format!("connect = {connect}\nautapses = {autapses}\nmultapses = {multapses}\n{values}"))
            .replace("[population.B]", "initial = { v = \"rand()*mV\" }\nparameters = { v_th = \"-50*mV - rand()*mV\" }\n[population.B]");
        let mut text = text;
        if rule == 8 {
            text = text.replace("v_th_pre/v_th_post*0.5", "clip(v_th_pre/v_th_post*0.5, 0, 1)");
        }
        check_parts(&network(&text), seed, of);
    }
}
