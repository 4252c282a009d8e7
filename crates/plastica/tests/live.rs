//! A circuit in the hand: in pieces and at once, saved and restored, changed between the steps: the same bits.

use plastica::library::Library;
use plastica::open::open_text;
use plastica::run::Failure;
use plastica::run::live::{InPlace, Live, Quantity, Shape};
use plastica::tables::Folder;

const TEXT: &str = r#"
[population.P]
model = "poisson"
size = 20

[population.E]
model = "lif_delta"
size = 10
initial = { v = "19*mV*i/N" }

[projection.PE]
pre = "P"
post = "E"
synapse = "stdp_additive_delta"
connect = "all_to_all"

[record.spikes]
spikes = "E"

[record.changes]
projection = "PE"
variable = "w"
interval = "change"

[record.rate]
rate = "E"
bin = "1 ms"

[change.stop]
at = "30 ms"
freeze = "PE"
"#;

fn build(threads: usize) -> Live {
    let text = TEXT.replace("size = 20", "size = 20\ninitial = { rate = \"1 kHz\" }");
    let mut opened = open_text(&Library::default(), "test", &text, Folder::default());
    match Live::build(&mut opened, &Library::default(), Some(threads), Some(3)) {
        Ok(live) => live,
        Err(failure) => panic!("{failure}: {}", plastica::render(&opened.sources, &opened.diagnostics, false)),
    }
}

fn run(live: &mut Live, steps: u64) {
    let mut left = steps;
    while left > 0 {
        left -= live.advance(left).unwrap();
    }
}

#[test]
fn in_pieces_on_other_threads_and_restored_is_the_same() {
    let mut whole = build(1);
    run(&mut whole, 500);
    let mut pieces = build(2);
    for steps in [1, 99, 199, 1] {
        run(&mut pieces, steps);
        // Looking changes nothing.
        assert_eq!(pieces.read(&Quantity::Projection(0, "w".into())).unwrap().len(), 200);
    }
    assert!(!pieces.is_frozen(0));
    run(&mut pieces, 10);
    assert!(pieces.is_frozen(0));
    let mut restored = build(1);
    restored.restore(pieces.state()).unwrap();
    assert!(restored.is_frozen(0));
    run(&mut restored, 190);
    let (a, b) = (whole.state(), restored.state());
    assert_eq!((a.step, b.step), (500, 500));
    assert_eq!(a.arrays, b.arrays);
    assert_eq!(a.kept, b.kept);
    assert!(whole.spike_counts()[1] > 10 && !a.kept[1].value.is_empty() && a.kept[2].value.len() == 49);
}

#[test]
fn what_it_holds_is_named() {
    let live = build(1);
    let (populations, projections) = live.owners();
    assert_eq!(populations.iter().map(|p| (p.name.as_str(), p.size)).collect::<Vec<_>>(), [("P", 20), ("E", 10)]);
    assert_eq!((projections[0].ends, projections[0].size), (Some((0, 1)), 200));
    let w = projections[0].variables.iter().find(|v| v.name == "w").unwrap();
    assert_eq!((w.unit.as_str(), w.shape), ("volt", Shape::Variable));
}

#[test]
fn values_are_set_where_they_lie_as_by_copies() {
    let (mut one, mut other) = (build(1), build(1));
    let w = Quantity::Projection(0, "w".into());
    for live in [&mut one, &mut other] {
        run(live, 150);
    }
    let halved: Vec<f64> = other.read(&w).unwrap().iter().map(|x| f64::from(*x as f32 * 0.5)).collect();
    assert!(other.write(&w, &halved));
    match one.in_place(&w, true) {
        Some(InPlace::Single(values)) => values.iter_mut().for_each(|x| *x *= 0.5),
        found => panic!("state is in single precision, in one piece: {found:?}"),
    }
    for live in [&mut one, &mut other] {
        run(live, 100);
    }
    assert_eq!(one.state().arrays, other.state().arrays);
    // What decays in closed form, and what lies in several pieces, is read as a copy.
    assert!(one.in_place(&Quantity::Projection(0, "x".into()), false).is_none() && build(2).in_place(&w, false).is_none());
    assert!(one.is_single(&w) && !one.is_single(&Quantity::Population(1, "tau_m".into())));
}

#[test]
fn spikes_of_single_neurons_are_counted_from_the_first_look_on() {
    let mut live = build(2);
    run(&mut live, 100);
    assert_eq!(live.tally(1), [0; 10]);
    let before = live.spike_counts()[1];
    run(&mut live, 300);
    let counted: u32 = live.tally(1).iter().sum();
    assert!(counted > 0 && u64::from(counted) == live.spike_counts()[1] - before);
    let mut restored = build(1);
    restored.restore(live.state()).unwrap();
    assert_eq!(restored.tally(1), live.tally(1));
}

#[test]
fn modulators_begin_at_rest_and_a_circuit_needs_nobody_who_lives() {
    let text = "[neuron.n]\nequations = \"m : 1 (modulator)\"\n[population.N]\nmodel = \"n\"\nsize = 1\npositions = { x = \"3 um\" }\n[modulator.m]\nvalue = \"age/5\"\n";
    let mut opened = open_text(&Library::default(), "test", text, Folder::default());
    let mut live = Live::build(&mut opened, &Library::default(), None, None).unwrap_or_else(|e| panic!("{e}: {:?}", opened.diagnostics));
    assert_eq!((live.modulators(), live.modulator("m"), live.modulator("n")), (vec!["m".to_string()], Some(5.0), None));
    assert!(live.set_modulator("m", 2.0) && !live.set_modulator("n", 2.0));
    assert_eq!(live.modulator("m"), Some(2.0));
    assert_eq!(live.positions(0).unwrap(), [("x".to_string(), vec![3e-6])]);
}

#[test]
fn a_text_without_a_population_is_a_diagnostic() {
    let mut opened = open_text(&Library::default(), "test", "[experiment]\nname = \"x\"\n", Folder::default());
    let Err(Failure::Text(found)) = Live::build(&mut opened, &Library::default(), None, None) else { panic!("there is nothing to run") };
    assert_eq!(found[0].id, "nothing-to-run");
}

#[test]
fn a_quantity_is_read_with_its_unit() {
    let (value, unit) = plastica::open::quantity("10 ms").unwrap();
    assert_eq!((value, unit.to_string().as_str()), (0.01, "second"));
    let (sources, found) = plastica::open::quantity("10 mss").unwrap_err();
    assert!(plastica::render(&sources, &found, false).contains("10 mss"));
    assert!(plastica::open::quantity("a\"b\n").is_err());
}
