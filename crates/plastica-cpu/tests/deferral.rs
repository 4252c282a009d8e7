//! Postsynaptic events done later, and traces worked out once for each neuron, change no bit.

mod world;

use plastica_cpu::{CpuBackend, Precision, Settings};
use plastica_engine::backend::{Array, Backend, Event, ProjectionId, Side};
use plastica_kernel::ir::{EventProgram, Kernel, Op, Place, PopulationProgram, ProjectionProgram};
use plastica_lang::model::{BinaryOp, Function};
use world::{Dice, GATED, World, settings, slots};

fn kernel(ops: Vec<Op>) -> Kernel {
    Kernel { name: "test".into(), ops, sequential: false }
}

/// Operations 0 to 5: a trace decayed to now is value 5.
fn trace(x: Place, last: Place) -> Vec<Op> {
    vec![Op::Load(x), Op::Elapsed(last), Op::Const(-40.0), Op::Binary(BinaryOp::Mul, 1, 2), Op::Call(Function::Exp, [3; 3]), Op::Binary(BinaryOp::Mul, 0, 4)]
}

/// The weight changes by a trace, and has a time of its own.
fn change(x: Place, last: Place, amount: f64, sends: bool) -> Kernel {
    let mut ops = trace(x, last);
    ops.extend([
        Op::Load(Place::Own(0)),
        Op::Load(Place::Shared(0)),
        Op::Const(amount),
        Op::Binary(BinaryOp::Mul, 7, 8),
        Op::Binary(BinaryOp::Mul, 5, 9),
        Op::Binary(BinaryOp::Add, 6, 10),
        Op::Elapsed(Place::Own(5)),
        Op::Const(-3.0),
        Op::Binary(BinaryOp::Mul, 12, 13),
        Op::Call(Function::Exp, [14; 3]),
        Op::Binary(BinaryOp::Mul, 11, 15),
        Op::Const(-1.0),
        Op::Const(1.0),
        Op::Call(Function::Clip, [16, 17, 18]),
        Op::Store(Place::Own(0), 19),
        Op::Mark(Place::Own(5)),
    ]);
    if sends {
        ops.push(Op::Add(Place::Post(0), 6));
    }
    kernel(ops)
}

/// The trace grows by one.
fn grow(x: Place, last: Place) -> Kernel {
    let mut ops = trace(x, last);
    ops.extend([Op::Const(1.0), Op::Binary(BinaryOp::Add, 5, 6), Op::Store(x, 7), Op::Mark(last)]);
    kernel(ops)
}

fn program(after: bool) -> ProjectionProgram {
    let row = (Place::Row(0), Place::Row(5));
    let column = (Place::Column(0), Place::Column(5));
    let event = |main: Kernel, frozen: Kernel, side: Kernel| {
        let (side, after_side) = if after { (None, Some(side)) } else { (Some(side), None) };
        EventProgram { kernel: main, frozen, side, after_side, ..EventProgram::default() }
    };
    let send = kernel(vec![Op::Load(Place::Own(0)), Op::Add(Place::Post(0), 0)]);
    ProjectionProgram {
        slots: slots(4),
        row_slots: slots(4),
        column_slots: slots(4),
        shared: slots(1),
        on_pre: vec![event(change(column.0, column.1, -0.02, true), send, grow(row.0, row.1))],
        on_post: vec![event(change(row.0, row.1, 0.03, false), Kernel::default(), grow(column.0, column.1))],
        deferrable: true,
        ..ProjectionProgram::default()
    }
}

fn spikes(dice: &mut Dice, from: usize, n: usize, chance: usize) -> Vec<u32> {
    // Neuron 1 of the sources is silent, so that histories fill up.
    (from..from + n).filter(|k| *k != 1 && dice.below(100) < chance * (1 + k % 3)).map(|k| k as u32).collect()
}

/// Runs random spikes; compares with the plain simulation at the end, and samples on the way.
fn check(seed: u64, after: bool, multapses: bool, (chance_pre, chance): (usize, usize)) {
    let program = program(after);
    let population = PopulationProgram { slots: slots(4), shared: slots(1), gated_inputs: GATED.to_vec(), ..PopulationProgram::default() };
    for precision in [Precision::Single, Precision::Double] {
        let base = Settings { precision, set: plastica_cpu::Instructions::widest(), ..settings()[0] };
        let mut world = World::new(&mut Dice(seed), precision == Precision::Double, &[3, 40, 0, 64, 9, 30, 64, 1], 5..69, multapses, (0, 0));
        world.now = 100;
        let mut both: Vec<CpuBackend> = [true, false].iter().map(|defer| world.backend(&population, &program, Settings { defer: *defer, ..base })).collect();
        let mut dice = Dice(seed + 9);
        for step in 0..400 {
            let frozen = step % 100 > 80;
            let (pre, post) = (spikes(&mut dice, 0, 8, chance_pre), spikes(&mut dice, 5, 64, chance));
            for (side, neurons, after) in [(Side::Pre, &pre, false), (Side::Post, &post, false), (Side::Pre, &pre, true), (Side::Post, &post, true)] {
                let event = Event { projection: ProjectionId(0), side, pathway: 0, delay: 0, neurons, after, frozen, summed: false };
                both.iter_mut().for_each(|b| b.deliver(event, world.now));
                world.deliver(&program, event);
            }
            world.now += 1;
            if step % 37 == 0 {
                let samples: Vec<Vec<f64>> = both
                    .iter_mut()
                    .map(|b| {
                        let mut out = Vec::new();
                        b.sample_synapses(ProjectionId(0), 0, &[0, 2, 70], world.now, &mut out);
                        out
                    })
                    .collect();
                assert_eq!(samples[0], samples[1], "step {step}");
            }
            if step == 150 {
                let scalars = [0.5, 0.1, 0.2];
                both.iter_mut().for_each(|b| b.write(Array::ProjectionShared(ProjectionId(0)), &scalars, world.now));
                world.shared = scalars.to_vec();
            }
            if step == 250 {
                // As when an earlier state is restored.
                world.now = 90;
                for k in [0, 5] {
                    let steps = k == 5;
                    let (n, m) = (world.row[k].len(), world.column[k].len());
                    let values = |n| if steps { vec![80.0; n] } else { vec![0.3; n] };
                    (world.row[k], world.column[k], world.own[5]) = (values(n), values(m), vec![70.0; world.own[5].len()]);
                    for b in &mut both {
                        b.write(Array::Rows(ProjectionId(0), k as u32), &world.row[k], world.now);
                        b.write(Array::Columns(ProjectionId(0), k as u32), &world.column[k], world.now);
                        b.write(Array::Synapses(ProjectionId(0), 5), &world.own[5], world.now);
                    }
                }
            }
        }
        let read = |b: &mut CpuBackend| (0..6).map(|k| b.read(Array::Synapses(ProjectionId(0), k), world.now)).collect::<Vec<_>>();
        let [later, at_once] = &mut both[..] else { panic!("two back ends") };
        assert_eq!(read(later), read(at_once), "{seed} {precision:?}");
        world.compare(at_once, "at once");
        world.compare(later, "later");
    }
}

#[test]
fn deferral_changes_no_bit() {
    for seed in 0..6 {
        for after in [false, true] {
            check(seed, after, seed % 2 == 0, (1, 3));
            // Silent rows and full histories.
            check(seed, after, seed % 2 == 0, (10, 20));
            // Hardly a row is visited: events are done by column.
            check(seed, after, seed % 2 == 0, (1, 33));
        }
    }
}
