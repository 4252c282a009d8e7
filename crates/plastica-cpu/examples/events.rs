//! How long a neuron's step and a synaptic event take, for each set of vector instructions that the processor has.
//!
//! `cargo run --release -p plastica-cpu --example events`, with words such as `Single Avx512 plastic` after `--` to choose. Sizes are those of a network of 10,000 neurons with 640 synapses each.

use std::time::Instant;

use plastica_cpu::{CpuBackend, Instructions, Precision, Settings};
use plastica_engine::backend::{Backend, Event, NEVER, PopulationId, PopulationSetup, ProjectionId, ProjectionSetup, Seeds, Side};
use plastica_kernel::ir::{EventProgram, Kernel, Op, Place, PopulationProgram, ProjectionProgram, Refractory, Slot, Storage, Threshold};
use plastica_lang::model::{BinaryOp, Builtin, Function};
use plastica_network::arrays::{Delays, Synapses};

const NEURONS: usize = 10_000;
const FAN: usize = 640;
const DT: f64 = 1e-4;

fn kernel(ops: Vec<Op>) -> Kernel {
    Kernel { name: "bench".into(), ops, sequential: false }
}

fn slot(name: &str, storage: Storage, initial: f64) -> Slot {
    Slot { name: name.into(), storage, initial, visible: true }
}

/// v and I decay, v integrates I and takes Poisson input; threshold, reset and a refractory time.
fn neuron() -> PopulationProgram {
    let integrate = vec![
        Op::Load(Place::Own(0)),
        Op::Load(Place::Own(1)),
        Op::Const(0.995),
        Op::Const(0.98),
        Op::Const(0.004),
        Op::Binary(BinaryOp::Mul, 0, 2),
        Op::Binary(BinaryOp::Mul, 1, 4),
        Op::Binary(BinaryOp::Add, 5, 6),
        Op::Const(2.0),
        Op::Random { function: Function::Poisson, mean: 8, stream: 0 },
        Op::Const(0.001),
        Op::Binary(BinaryOp::Mul, 9, 10),
        Op::Binary(BinaryOp::Add, 7, 11),
        Op::Builtin(Builtin::NotRefractory),
        Op::Select(13, 12, 0),
        Op::Binary(BinaryOp::Mul, 1, 3),
        Op::Store(Place::Own(0), 14),
        Op::Store(Place::Own(1), 15),
    ];
    let condition = vec![Op::Load(Place::Own(0)), Op::Const(1.0), Op::Binary(BinaryOp::Gt, 0, 1)];
    PopulationProgram {
        slots: vec![slot("v", Storage::Real, 0.0), slot("I", Storage::Real, 0.0)],
        integrate: kernel(integrate),
        threshold: Some(Threshold { kernel: kernel(condition), condition: 2 }),
        reset: kernel(vec![Op::Const(0.0), Op::Store(Place::Own(0), 0)]),
        refractory: Refractory::Time { kernel: kernel(vec![Op::Const(2e-3)]), time: 0 },
        ..PopulationProgram::default()
    }
}

fn fixed() -> ProjectionProgram {
    let event = EventProgram { kernel: kernel(vec![Op::Load(Place::Own(0)), Op::Add(Place::Post(1), 0)]), ..EventProgram::default() };
    ProjectionProgram { slots: vec![slot("w", Storage::Real, 0.1)], on_pre: vec![event], ..ProjectionProgram::default() }
}

/// The decayed value of a trace: operations from `first` on, value `first + 4`.
fn trace(first: u32, x: Place, last: Place) -> Vec<Op> {
    vec![
        Op::Load(x),
        Op::Elapsed(last),
        Op::Const(-50.0),
        Op::Binary(BinaryOp::Mul, first + 1, first + 2),
        Op::Call(Function::Exp, [first + 3; 3]),
        Op::Binary(BinaryOp::Mul, first, first + 4),
    ]
}

/// w changes by the trace of the other side.
fn change(of: (Place, Place), amount: f64, adds: bool) -> Vec<Op> {
    let mut ops = trace(0, of.0, of.1);
    ops.extend([
        Op::Load(Place::Own(0)),
        Op::Const(amount),
        Op::Binary(BinaryOp::Mul, 5, 7),
        Op::Binary(BinaryOp::Add, 6, 8),
        Op::Const(0.0),
        Op::Const(1.0),
        Op::Call(Function::Clip, [9, 10, 11]),
    ]);
    if adds {
        ops.push(Op::Add(Place::Post(1), 6));
    }
    ops.push(Op::Store(Place::Own(0), 12));
    ops
}

fn plastic() -> ProjectionProgram {
    let side = |x: Place, last: Place| {
        let mut ops = trace(0, x, last);
        ops.extend([Op::Const(1.0), Op::Binary(BinaryOp::Add, 5, 6), Op::Store(x, 7), Op::Mark(last)]);
        kernel(ops)
    };
    let (row, column) = ((Place::Row(0), Place::Row(1)), (Place::Column(0), Place::Column(1)));
    let event = |ops: Vec<Op>, side: Kernel| EventProgram { kernel: kernel(ops), side: Some(side), ..EventProgram::default() };
    let traces = vec![slot("x", Storage::Real, 0.0), slot("last", Storage::Step, NEVER as f64)];
    ProjectionProgram {
        slots: vec![slot("w", Storage::Real, 0.1)],
        row_slots: traces.clone(),
        column_slots: traces,
        on_pre: vec![event(change(column, -0.001, true), side(row.0, row.1))],
        on_post: vec![event(change(row, 0.001, false), side(column.0, column.1))],
        deferrable: true,
        ..ProjectionProgram::default()
    }
}

fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    (*state >> 33) as usize
}

fn build(program: &ProjectionProgram, settings: Settings) -> CpuBackend {
    let neuron = neuron();
    let mut backend = CpuBackend::new(settings);
    let n = NEURONS;
    let population = backend.add_population(PopulationSetup {
        name: "E",
        program: &neuron,
        size: n,
        owned: 0..n,
        slots: vec![vec![0.0; n]; 2],
        shared: Vec::new(),
        published: Vec::new(),
    });
    let mut state = 1;
    let mut synapses = Synapses { row: vec![0], axonal: Delays::Same(15), ..Synapses::default() };
    for _ in 0..n {
        let mut row: Vec<u32> = (0..FAN).map(|_| (next(&mut state) % n) as u32).collect();
        row.sort_unstable();
        row.dedup();
        synapses.post.extend(row);
        synapses.row.push(synapses.post.len());
    }
    let weights = vec![0.1; synapses.post.len()];
    backend.add_projection(ProjectionSetup {
        name: "EE",
        program,
        pre: population,
        post: population,
        synapses,
        pre_size: n,
        slots: vec![weights],
        shared: Vec::new(),
        ahead: false,
    });
    backend
}

/// 31 spikes in each step, as neurons at 31 Hz send.
fn spikes(state: &mut u64) -> Vec<u32> {
    let mut list: Vec<u32> = (0..31).map(|_| (next(state) % NEURONS) as u32).collect();
    list.sort_unstable();
    list.dedup();
    list
}

fn events(program: &ProjectionProgram, settings: Settings, steps: i64, post: bool) -> f64 {
    let mut backend = build(program, settings);
    let mut state = 5;
    let mut run = |first: i64, steps: i64| {
        let mut count = 0;
        for now in first..first + steps {
            let neurons = spikes(&mut state);
            count += neurons.len() * FAN;
            let event =
                |side, neurons, delay| Event { projection: ProjectionId(0), side, pathway: 0, delay, neurons, after: false, frozen: false, summed: false };
            backend.deliver(event(Side::Pre, &neurons, 15), now);
            if post {
                backend.deliver(event(Side::Post, &spikes(&mut state), 0), now);
            }
        }
        count
    };
    // The fastest of many pieces: others use this machine too.
    let piece = 50;
    (0..steps / piece).fold(f64::INFINITY, |best, k| {
        let start = Instant::now();
        let count = run(k * piece, piece);
        best.min(start.elapsed().as_secs_f64() * 1e9 / count as f64)
    })
}

fn neurons(settings: Settings) -> f64 {
    let mut backend = build(&ProjectionProgram::default(), settings);
    let (piece, mut list) = (50, Vec::new());
    (0..60).fold(f64::INFINITY, |best, k| {
        let start = Instant::now();
        for now in k * piece..(k + 1) * piece {
            list.clear();
            backend.integrate(PopulationId(0), now);
            backend.threshold(PopulationId(0), now, &mut list);
            backend.reset(PopulationId(0), now, &list);
        }
        best.min(start.elapsed().as_secs_f64() * 1e9 / (piece as f64 * NEURONS as f64))
    })
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let chosen = |name: &str, of: &[&str]| !words.iter().any(|w| of.contains(&w.as_str())) || words.iter().any(|w| w == name);
    const RUNS: [&str; 5] = ["neuron", "static", "plastic", "deferred", "immediate"];
    println!("nanoseconds           neuron step   static event   plastic event   with its postsynaptic one: deferred   immediate");
    for precision in [Precision::Single, Precision::Double] {
        for set in Instructions::available() {
            let (p, s) = (format!("{precision:?}"), format!("{set:?}"));
            if !chosen(&p, &["Single", "Double"]) || !chosen(&s, &["Baseline", "Avx2", "Avx512"]) {
                continue;
            }
            let settings = Settings { precision, seeds: Seeds { seed: 1, subject: 0 }, dt_s: DT, set, defer: true };
            let measured = RUNS.map(|run| match run {
                run if !chosen(run, &RUNS) => f64::NAN,
                "neuron" => neurons(settings),
                "static" => events(&fixed(), settings, 2000, false),
                "plastic" => events(&plastic(), settings, 2000, false),
                "deferred" => events(&plastic(), settings, 2000, true),
                _ => events(&plastic(), Settings { defer: false, ..settings }, 400, true),
            });
            let [a, b, c, d, e] = measured;
            println!("{:<20} {a:>12.2} {b:>14.2} {c:>15.2} {d:>37.2} {e:>11.2}", format!("{p} {s}"));
        }
    }
}
