//! Kernels in every mode, against the interpreter: in double precision bit for bit, on every set of vector instructions.

mod world;

use plastica_cpu::{Precision, Settings};
use plastica_engine::backend::{Backend, Event, PopulationId, ProjectionId, Side};
use plastica_kernel::ir::{EventProgram, Kernel, Op, Place, PopulationProgram, ProjectionProgram, Refractory, Threshold, Value};
use plastica_lang::model::{BinaryOp, Builtin, Function, UnaryOp};
use world::{Dice, GATED, Scope, World, settings, slots};

const BINARY: [BinaryOp; 15] = [
    BinaryOp::Add,
    BinaryOp::Sub,
    BinaryOp::Mul,
    BinaryOp::Div,
    BinaryOp::FloorDiv,
    BinaryOp::Mod,
    BinaryOp::Pow,
    BinaryOp::Lt,
    BinaryOp::Le,
    BinaryOp::Gt,
    BinaryOp::Ge,
    BinaryOp::Eq,
    BinaryOp::Ne,
    BinaryOp::And,
    BinaryOp::Or,
];

const FUNCTIONS: [Function; 25] = [
    Function::Exp,
    Function::Log,
    Function::Log10,
    Function::Expm1,
    Function::Log1p,
    Function::Exprel,
    Function::Sqrt,
    Function::Abs,
    Function::Sign,
    Function::Floor,
    Function::Ceil,
    Function::Round,
    Function::Sin,
    Function::Cos,
    Function::Tan,
    Function::Sinh,
    Function::Cosh,
    Function::Tanh,
    Function::Arcsin,
    Function::Arccos,
    Function::Arctan,
    Function::Min,
    Function::Max,
    Function::Clip,
    Function::Int,
];

fn kernel(ops: Vec<Op>) -> Kernel {
    Kernel { name: "test".into(), ops, sequential: false }
}

fn population(integrate: Kernel) -> PopulationProgram {
    PopulationProgram { slots: slots(4), shared: slots(1), integrate, gated_inputs: GATED.to_vec(), ..PopulationProgram::default() }
}

fn projection() -> ProjectionProgram {
    ProjectionProgram { slots: slots(4), row_slots: slots(4), column_slots: slots(4), shared: slots(1), ..ProjectionProgram::default() }
}

/// Integrates once and compares.
fn check_integrate(op: Op, n: usize) {
    let mut ops: Vec<Op> = (0..3).map(|k| Op::Load(Place::Own(k))).collect();
    // The operation on values, and once more with scalars for its later operands.
    ops.push(op.clone());
    ops.push(Op::Store(Place::Own(3), 3));
    ops.push(Op::Load(Place::Shared(0)));
    ops.push(Op::Load(Place::Shared(1)));
    let scalar = plastica_kernel::passes::renamed(&op, |v| if v == 0 { 0 } else { v + 4 });
    ops.push(scalar);
    ops.push(Op::Store(Place::Own(0), 7));
    let program = population(kernel(ops));
    for settings in settings() {
        let double = settings.precision == Precision::Double;
        let mut world = World::new(&mut Dice(n as u64), double, &[1, 0], 5..5 + n, false, (0, 0));
        let mut backend = world.backend(&program, &projection(), settings);
        backend.integrate(PopulationId(1), 0);
        (0..n).for_each(|j| drop(world.run(&program.integrate, j, Scope::Neuron)));
        world.compare(&mut backend, &format!("{op:?} of {n} in {settings:?}"));
    }
}

#[test]
fn each_operation() {
    for n in [1, 17, 255, 256, 257, 530] {
        check_integrate(Op::Unary(UnaryOp::Neg, 0), n);
        check_integrate(Op::Unary(UnaryOp::Not, 0), n);
        check_integrate(Op::Select(0, 1, 2), n);
        BINARY.iter().for_each(|op| check_integrate(Op::Binary(*op, 0, 1), n));
        FUNCTIONS.iter().for_each(|f| check_integrate(Op::Call(*f, [0, 1, 2]), n));
        [Builtin::T, Builtin::Dt, Builtin::I, Builtin::N, Builtin::LastSpike, Builtin::NotRefractory]
            .into_iter()
            .for_each(|b| check_integrate(Op::Builtin(b), n));
        for function in [Function::Rand, Function::Randn, Function::Poisson] {
            check_integrate(Op::Random { function, mean: 1, stream: 4 }, n);
        }
        check_integrate(Op::Elapsed(Place::Own(5)), n);
        check_integrate(Op::Load(Place::Own(4)), n);
    }
}

/// A random tape that reads and writes the given places.
fn tape(dice: &mut Dice, loads: &[Place], steps: &[Place], stores: &[Place], adds: &[Place], random: bool) -> Kernel {
    let mut ops = vec![Op::Const(0.7), Op::Builtin(Builtin::T), Op::Const(-5.0), Op::Const(5.0)];
    for k in 0..14 + dice.below(10) {
        let mut v = || dice_value(dice, ops.len());
        let (a, b, c) = (v(), v(), v());
        ops.push(match dice.below(12) {
            0..4 => Op::Load(loads[dice.below(loads.len())]),
            4 if !steps.is_empty() => Op::Elapsed(steps[dice.below(steps.len())]),
            5 if random => Op::Random { function: [Function::Rand, Function::Randn, Function::Poisson][dice.below(3)], mean: a, stream: k as u32 },
            6 | 7 => Op::Binary(BINARY[dice.below(4)], a, b),
            8 => Op::Call(FUNCTIONS[dice.below(25)], [a, b, c]),
            9 => Op::Select(a, b, c),
            10 => Op::Binary(BINARY[7 + dice.below(8)], a, b),
            _ => Op::Binary(BINARY[dice.below(3)], a, b),
        });
        if dice.below(6) == 0 {
            write(dice, &mut ops, steps, stores, adds);
        }
    }
    write(dice, &mut ops, steps, stores, adds);
    kernel(ops)
}

fn dice_value(dice: &mut Dice, n: usize) -> Value {
    // Writes define no value that may be read; the interpreter gives them one, which is that of their operand.
    dice.below(n) as Value
}

fn write(dice: &mut Dice, ops: &mut Vec<Op>, steps: &[Place], stores: &[Place], adds: &[Place]) {
    let readable: Vec<Value> = (0..ops.len()).filter(|k| !matches!(ops[*k], Op::Store(..) | Op::Add(..) | Op::Mark(_))).map(|k| k as Value).collect();
    let v = readable[readable.len() - 1 - dice.below(readable.len().min(4))];
    let last = ops.len() as Value;
    ops.push(Op::Call(Function::Clip, [v, 2, 3]));
    if !stores.is_empty() && dice.below(3) > 0 {
        ops.push(Op::Store(stores[dice.below(stores.len())], last));
    } else if !adds.is_empty() {
        ops.push(Op::Add(adds[dice.below(adds.len())], last));
    }
    if !steps.is_empty() && dice.below(4) == 0 {
        ops.push(Op::Mark(steps[dice.below(steps.len())]));
    }
}

/// Operands may name writes; a compiled program never does, so they are moved to what was written.
fn tidy(mut kernel: Kernel) -> Kernel {
    for k in 0..kernel.ops.len() {
        let op = plastica_kernel::passes::renamed(&kernel.ops[k], |v| {
            let mut v = v;
            loop {
                match &kernel.ops[v as usize] {
                    Op::Store(_, of) | Op::Add(_, of) => v = *of,
                    Op::Mark(_) => return 0,
                    _ => return v,
                }
            }
        });
        kernel.ops[k] = op;
    }
    kernel
}

#[derive(Clone, Copy, Debug)]
enum What {
    Integrate,
    Input,
    Reset,
    Pre,
    Post,
    Clocked,
}

fn each(k: impl Fn(u32) -> Place, n: u32) -> impl Iterator<Item = Place> {
    (0..n).map(k).collect::<Vec<_>>().into_iter()
}

/// Runs a random tape in the back end and in the interpreter.
fn check_tape(seed: u64, what: What, multapses: bool, delays: (u32, u32)) {
    let mut dice = Dice(seed);
    let neurons = matches!(what, What::Integrate | What::Input | What::Reset);
    let own = each(Place::Own, 5);
    let (loads, stores, adds): (Vec<Place>, Vec<Place>, Vec<Place>) = if neurons {
        (own.chain(each(Place::Shared, 3)).collect(), each(Place::Own, 5).collect(), each(Place::Own, 5).collect())
    } else {
        let pre = each(Place::Row, 5).chain(each(Place::Pre, 5)).chain(each(Place::PreShared, 2)).chain(each(Place::Shared, 2));
        let post = each(Place::Column, 5).chain(each(Place::Post, 5)).chain(each(Place::PostShared, 2));
        let stores = if seed.is_multiple_of(3) { vec![Place::Own(0), Place::Own(4), Place::Column(1), Place::Row(0)] } else { each(Place::Own, 5).collect() };
        (own.chain(pre).chain(post).collect(), stores, vec![Place::Post(0), Place::Post(1), Place::Post(4), Place::Own(1)])
    };
    let steps = if neurons { vec![Place::Own(5)] } else { vec![Place::Own(5), Place::Row(5), Place::Column(5)] };
    let main = tidy(tape(&mut dice, &loads, &steps, &stores, &adds, true));
    let pre_side = [Place::Row(0), Place::Row(4), Place::Shared(1)];
    let post_side = [Place::Column(0), Place::Column(4), Place::Shared(1)];
    let (side, step) = if matches!(what, What::Pre) { (pre_side, Place::Row(5)) } else { (post_side, Place::Column(5)) };
    let side = tidy(tape(&mut dice, &side, &[step], &side[..2], &[], true));
    let event = EventProgram { kernel: main.clone(), frozen: main.clone(), side: Some(side), ..EventProgram::default() };
    let mut population = population(Kernel::default());
    let mut program = projection();
    let nothing = Kernel::default();
    match what {
        What::Integrate => population.integrate = main.clone(),
        What::Reset => population.reset = main.clone(),
        What::Input => {}
        What::Pre => program.on_pre = vec![event],
        What::Post => program.on_post = vec![event],
        What::Clocked => program.clocked = Some(main.clone()),
    }
    let spikes: Vec<u32> = (0..6).collect();
    let mut singles: Vec<Vec<u64>> = Vec::new();
    for settings in settings() {
        let double = settings.precision == Precision::Double;
        let mut world = World::new(&mut Dice(seed + 1), double, &[1, 255, 0, 256, 300, 257, 3], 5..605, multapses, delays);
        world.now = 100;
        let mut backend = world.backend(&population, &program, settings);
        let input = backend.add_input("input", PopulationId(1), if matches!(what, What::Input) { &main } else { &nothing });
        let targets: Vec<u32> = (5..605).step_by(7).collect();
        for round in 0..3 {
            match what {
                What::Integrate => backend.integrate(PopulationId(1), world.now),
                What::Input => backend.input(input, world.now),
                What::Reset => backend.reset(PopulationId(1), world.now, &targets),
                What::Clocked => backend.clocked(ProjectionId(0), world.now, false),
                What::Pre | What::Post => {
                    backend.arrive(ProjectionId(0), world.now);
                    let (side, neurons) = if matches!(what, What::Pre) { (Side::Pre, &spikes) } else { (Side::Post, &targets) };
                    let event =
                        Event { projection: ProjectionId(0), side, pathway: 0, delay: round % 2, neurons, after: false, frozen: round == 2, summed: false };
                    backend.deliver(event, world.now);
                    if double {
                        world.arrive(&GATED);
                        world.deliver(&program, event);
                    }
                }
            }
            if double {
                match what {
                    What::Integrate | What::Input => {
                        let scope = if matches!(what, What::Input) { Scope::Input } else { Scope::Neuron };
                        (0..600).for_each(|j| drop(world.run(&main, j, scope)));
                    }
                    What::Reset => targets.iter().for_each(|j| drop(world.run(&main, *j as usize - 5, Scope::Neuron))),
                    What::Clocked => (0..world.sources.len()).for_each(|s| drop(world.run(&main, s, Scope::Synapse { delayed: false }))),
                    What::Pre | What::Post => {}
                }
                world
                    .compare(&mut backend, &format!("{what:?} {seed} round {round} in {settings:?}\n{:#?}\n", main.ops.iter().enumerate().collect::<Vec<_>>()));
            }
            world.now += 1;
        }
        if !double {
            let mut bits = Vec::new();
            for k in 0..5 {
                bits.extend(backend.read(plastica_engine::backend::Array::Neurons(PopulationId(1), k), 0).iter().map(|x| x.to_bits()));
                bits.extend(backend.read(plastica_engine::backend::Array::Synapses(ProjectionId(0), k), 0).iter().map(|x| x.to_bits()));
            }
            singles.push(bits);
        }
    }
    assert!(singles.windows(2).all(|w| w[0] == w[1]), "{what:?} {seed}: instruction sets differ");
}

#[test]
fn random_tapes_over_neurons() {
    for seed in 0..60 {
        check_tape(seed, What::Integrate, false, (0, 0));
        check_tape(seed, What::Input, false, (0, 0));
        check_tape(seed, What::Reset, false, (0, 0));
    }
}

#[test]
fn random_tapes_over_rows() {
    for seed in 0..60 {
        check_tape(seed, What::Pre, seed % 2 == 0, (u32::from(seed % 4 < 2), [0, 3, 1][seed as usize % 3]));
    }
}

#[test]
fn random_tapes_over_columns() {
    for seed in 0..60 {
        check_tape(seed, What::Post, seed % 2 == 0, (u32::from(seed % 4 < 2), [0, 3, 1][seed as usize % 3]));
    }
}

#[test]
fn random_tapes_over_all_synapses() {
    for seed in 0..60 {
        check_tape(seed, What::Clocked, seed % 2 == 0, (0, 0));
    }
}

/// Steps a population with a threshold at 1, and gives the spikes of each step.
fn check_spikes(refractory: Refractory, n: usize, expected: &[usize]) {
    let integrate = kernel(vec![Op::Load(Place::Own(0)), Op::Const(0.25), Op::Binary(BinaryOp::Add, 0, 1), Op::Store(Place::Own(0), 2)]);
    let condition = kernel(vec![Op::Load(Place::Own(0)), Op::Const(1.0), Op::Binary(BinaryOp::Ge, 0, 1)]);
    let reset = kernel(vec![Op::Const(0.0), Op::Store(Place::Own(0), 0)]);
    let program = PopulationProgram { reset, threshold: Some(Threshold { kernel: condition, condition: 2 }), refractory, ..population(integrate) };
    for settings in settings() {
        let mut world = World::new(&mut Dice(1), true, &[0, 0], 5..5 + n, false, (0, 0));
        world.post[0].fill(0.0);
        world.free.fill(true);
        world.last.fill(plastica_engine::backend::NEVER);
        let mut backend = world.backend(&program, &projection(), settings);
        for (now, expected) in expected.iter().enumerate() {
            let (now, mut spikes) = (now as i64, Vec::new());
            backend.integrate(PopulationId(1), now);
            backend.threshold(PopulationId(1), now, &mut spikes);
            backend.reset(PopulationId(1), now, &spikes);
            assert_eq!(spikes.len(), *expected, "step {now} in {settings:?}");
            assert!(spikes.iter().enumerate().all(|(k, s)| *s as usize == k + 5));
        }
    }
}

#[test]
fn spikes_and_refractoriness() {
    let time = kernel(vec![Op::Const(5.04e-4)]);
    let high = kernel(vec![Op::Load(Place::Own(0)), Op::Const(0.9), Op::Binary(BinaryOp::Lt, 0, 1)]);
    for n in [1, 256, 300] {
        check_spikes(Refractory::None, n, &[0, 0, 0, n, 0, 0, 0, n]);
        // Free again five steps after the spike (5.04 are counted as 5).
        check_spikes(Refractory::Time { kernel: time.clone(), time: 0 }, n, &[0, 0, 0, n, 0, 0, 0, 0, n]);
        // Held while v < 0.9, tested at the start of the step: it is above only after the threshold.
        check_spikes(Refractory::While { kernel: high.clone(), condition: 2 }, n, &[0, 0, 0, n, 0, 0, 0, 0, n]);
    }
}

#[test]
fn what_is_not_finite_is_found() {
    let settings = Settings { set: plastica_cpu::Instructions::widest(), ..settings()[0] };
    let world = World::new(&mut Dice(1), true, &[5, 0], 5..605, false, (0, 0));
    let mut backend = world.backend(&population(Kernel::default()), &projection(), settings);
    assert_eq!(backend.find_not_finite(), None);
    let array = plastica_engine::backend::Array::Synapses(ProjectionId(0), 2);
    backend.write(array, &[1.0, 2.0, f64::INFINITY, 0.0, f64::NAN], 0);
    let found = backend.find_not_finite().expect("an infinite weight");
    assert_eq!((found.array, found.element, found.value), (array, 2, f64::INFINITY));
}
