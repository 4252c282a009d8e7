//! Machine code gives the bits of the loops in `chunk`, for every kind of instruction and numbers of all kinds.

use plastica_engine::backend::Seeds;
use plastica_lang::model::{BinaryOp, Function, UnaryOp};

use super::*;
use crate::array::Values;
use crate::compiled::Compiled;
use crate::dispatch::Instructions;
use crate::frame::{Around, Frame, Kept, Scalars};
use crate::machine::Machine;
use crate::tape::{Mode, Source};

const N: usize = 100;

/// Numbers of all sizes and kinds.
fn number(k: usize) -> f32 {
    const ODD: [f32; 12] = [0.0, -0.0, 1.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e-39, -1e-45, 3e38, 0.34, -0.340_000_1, 1e-8];
    let mixed = (k as u32).wrapping_mul(0x9e37_79b9);
    match k % 5 {
        0 => ODD[k / 5 % ODD.len()],
        1 => f32::from_bits(mixed),
        2 => (mixed as f32 / u32::MAX as f32 - 0.5) * 240.0,
        _ => (mixed as f32 / u32::MAX as f32 - 0.5) * 0.6,
    }
}

/// Lets a machine be used that has begun, with machine code or without; the bits of its arrays afterwards.
fn with(body: &[Instruction], result: Option<Source>, native: bool, then: &mut dyn FnMut(Machine<f32>)) -> Vec<u32> {
    let tape = Tape {
        mode: Mode::Neurons,
        one_by_one: false,
        wide: false,
        globals: Vec::new(),
        line: Vec::new(),
        body: body.to_vec(),
        finals: Vec::new(),
        places: (0..4).map(Place::Own).collect(),
        streams: Vec::new(),
        kept: Vec::new(),
        registers: 24,
        values: 20,
        result,
        condition: true,
    };
    let mut arrays: Vec<Values> = (0..4).map(|_| Values::new(Kind::Single, N, 0.0)).collect();
    let mut free = [0; N + BLOCK];
    free.iter_mut().enumerate().for_each(|(k, f)| *f = (k % 3 != 0) as u8);
    let mut machine = Machine::<f32>::new(tape, "", Seeds { seed: 1, subject: 0 }, Instructions::Avx512);
    assert!(machine.native.is_some(), "there is a stretch");
    if !native {
        machine.native = None;
    }
    for (k, x) in machine.scalars.iter_mut().enumerate() {
        *x = [0.25, -3.0, 1.5e-3, 7.0][k % 4] + k as f32;
    }
    for (k, values) in arrays.iter_mut().enumerate() {
        let to = values.pointer().cast::<f32>();
        // SAFETY: the array has so many elements; they are put there as they are, not flushed.
        (0..N).for_each(|i| unsafe { *to.add(i) = number(7 * i + 3 * k) });
    }
    let bounds: Vec<Bound> = arrays.iter_mut().map(|v| Bound::plain(Kind::Single, v.pointer())).collect();
    let around = Around { now: 3, dt_s: 1e-3, size: N, first: 0, free: free.as_ptr(), last: std::ptr::null(), multapse: std::ptr::null(), kept: Kept::NONE };
    let bind = |place: Place| if let Place::Own(k) = place { bounds[k as usize] } else { panic!("only own places") };
    machine.begin(around, Scalars { own: &[], pre: &[], post: &[] }, &bind);
    then(machine);
    // What is not a number has no bits of its own.
    let bits = |x: f64| if x.is_nan() { u32::MAX } else { (x as f32).to_bits() };
    arrays.iter().flat_map(|v| v.read(0, N)).map(bits).collect()
}

/// Bits of the arrays after a tape has run over elements `start` to `start + n`, of which the rest must stay.
fn run(body: &[Instruction], start: usize, n: usize, native: bool) -> Vec<u32> {
    // SAFETY: the arrays have the elements, and a spare block.
    with(body, None, native, &mut |mut machine| unsafe { machine.chunk(&Frame::run(start, n)) })
}

/// With machine code and without, something is the same.
fn check_same(of: fn(&[Instruction], usize, usize, bool) -> Vec<u32>, body: &[Instruction], start: usize, n: usize) {
    if !Instructions::available().contains(&Instructions::Avx512) {
        eprintln!("skipped (no AVX-512)");
        return;
    }
    assert_eq!(of(body, start, n, true), of(body, start, n, false), "{body:?}, {n} elements from {start}");
}

fn check(body: &[Instruction]) {
    for (start, n) in [(0, N), (0, 16), (5, 33), (7, 1), (3, 0), (32, 64)] {
        check_same(run, body, start, n);
    }
}

const V: fn(u16) -> Source = Source::View;
const R: fn(u16) -> Source = Source::Register;
const S: fn(u32) -> Source = Source::Scalar;

#[test]
fn each_instruction_gives_the_bits_of_the_loop() {
    use BinaryOp::{Add, And, Div, Eq, Ge, Gt, Le, Lt, Mul, Ne, Or, Sub};
    for op in [Add, Sub, Mul, Div, Lt, Le, Gt, Ge, Eq, Ne, And, Or] {
        for (a, b) in [(V(1), V(2)), (S(3), V(2)), (V(1), S(4))] {
            check(&[Instruction::Binary(op, 0, a, b), Instruction::Binary(Mul, 1, R(0), S(0)), Instruction::Store(0, R(0)), Instruction::Store(3, R(1))]);
        }
    }
    use Function::{Abs, Clip, Exp, Exprel, Max, Min, Sqrt};
    for f in [Abs, Sqrt, Exp, Exprel, Min, Max, Clip] {
        for sources in [[V(1), V(2), V(3)], [V(1), S(1), S(5)], [V(2), S(2), V(0)]] {
            check(&[Instruction::Call(f, 0, sources), Instruction::Unary(UnaryOp::Neg, 1, R(0)), Instruction::Store(0, R(0)), Instruction::Store(3, R(1))]);
        }
    }
    for sources in [[V(1), V(2), V(3)], [S(1), V(2), S(3)], [V(0), S(2), V(1)]] {
        check(&[Instruction::ProductPlus(0, sources), Instruction::Select(1, sources), Instruction::Store(0, R(0)), Instruction::Store(3, R(1))]);
    }
    check(&[Instruction::NotRefractory(0), Instruction::Unary(UnaryOp::Not, 1, V(1)), Instruction::Store(0, R(0)), Instruction::Store(3, R(1))]);
}

#[test]
fn values_outlive_functions_and_stretches() {
    // Many values are held while a function is worked out; a logarithm parts the stretches.
    let mut body: Vec<Instruction> = (0..20).map(|r| Instruction::Binary(BinaryOp::Mul, r, V(1), S(u32::from(r)))).collect();
    body.push(Instruction::Call(Function::Exprel, 20, [V(2), V(2), V(2)]));
    body.push(Instruction::Load(22, 3));
    body.push(Instruction::Call(Function::Log, 21, [R(20), R(20), R(20)]));
    for r in 0..20 {
        body.push(Instruction::ProductPlus(21, [R(r), S(u32::from(r)), R(21)]));
        if r == 11 {
            // The sum goes through another register, as lowering has it.
            body.push(Instruction::Store(2, R(21)));
        }
    }
    body.push(Instruction::Binary(BinaryOp::Add, 23, R(21), R(22)));
    body.push(Instruction::Store(0, R(23)));
    body.push(Instruction::Store(3, R(20)));
    check(&body);
}

/// Where the value of register 0 is not 0 after a tape has run over elements `start` to `start + n`.
fn holds(body: &[Instruction], start: usize, n: usize, native: bool) -> Vec<u32> {
    let mut out = Vec::new();
    with(body, Some(R(0)), native, &mut |machine| {
        let mut compiled = Compiled::Single(Box::new(machine));
        let frame = Frame::run(start, n);
        // SAFETY: the arrays have the elements, and a spare block.
        unsafe {
            compiled.chunk(&frame);
            compiled.holds(&frame, start as u32, &mut out);
        }
    });
    out
}

#[test]
fn conditions_hold_where_they_hold_in_the_loop() {
    use BinaryOp::{And, Gt, Le, Lt, Mul, Or};
    let first = Instruction::Binary(Gt, 1, V(1), S(0));
    let second = Instruction::Binary(Le, 2, V(2), V(3));
    let bodies = [
        vec![first, second, Instruction::Binary(And, 0, R(1), R(2))],
        vec![first, second, Instruction::Binary(Or, 0, R(1), R(2))],
        vec![first, Instruction::Unary(UnaryOp::Not, 0, R(1))],
        // What is no truth value, and a truth value that is also a number.
        vec![first, Instruction::Binary(Mul, 0, R(1), V(2))],
        vec![Instruction::NotRefractory(1), Instruction::Select(2, [R(1), V(1), V(2)]), Instruction::Store(0, R(2)), Instruction::Binary(Lt, 0, V(0), S(1))],
    ];
    for body in bodies {
        for (start, n) in [(0, N), (0, 16), (5, 33), (7, 1), (3, 0), (32, 64)] {
            check_same(holds, &body, start, n);
        }
    }
}

#[test]
fn more_truth_values_than_masks_and_arrays_that_are_read_and_written() {
    let mut body: Vec<Instruction> = (0..8).map(|r| Instruction::Binary(BinaryOp::Gt, r, V(r % 4), S(u32::from(r)))).collect();
    body.extend((0..8).map(|r| Instruction::ProductPlus(8 + r, [R(r), V(1), V(2)])));
    for r in 0..8 {
        body.push(Instruction::Select(16, [R(r), R(8 + r), V(r % 4)]));
        body.push(Instruction::Store(r % 4, R(16)));
        body.push(Instruction::Binary(BinaryOp::Add, 17, V(r % 4), V(r % 4)));
        body.push(Instruction::Store(3, R(17)));
    }
    check(&body);
    // An array that is read last where it is copied to a register.
    check(&[
        Instruction::Binary(BinaryOp::Add, 0, V(1), V(1)),
        Instruction::Load(1, 1),
        Instruction::Binary(BinaryOp::Mul, 2, R(0), R(1)),
        Instruction::Store(0, R(2)),
        Instruction::Store(3, R(1)),
    ]);
}
