//! Runs the body of a tape for one chunk: each instruction is one loop over whole blocks, which the compiler turns into vector instructions.
//!
//! Everything here is inlined into the functions of `dispatch`, each of which is compiled for another set of instructions.

use plastica_lang::model::{BinaryOp, Function, UnaryOp};

use crate::array::{BLOCK, Block, Kind, Lane};
use crate::draw::{draw, poisson};
use crate::frame::{Bound, Frame, Index};
use crate::machine::{BLOCKS, Machine, SPARE};
use crate::meaning;
use crate::memory::{add, last_spike, load, seconds, store};
#[cfg(target_arch = "x86_64")]
use crate::native;
use crate::tape::{Axis, CHUNK, Instruction, Mode, Source};

// In the loops below a block is computed in full before it is stored, so that the compiler need not ask whether registers overlap.

#[inline(always)]
fn one<C: Lane>(to: &mut [Block<C>], a: &[Block<C>], f: impl Fn(C) -> C) {
    for (to, a) in to.iter_mut().zip(a) {
        let a = *a;
        let mut block = [C::ZERO; BLOCK];
        for l in 0..BLOCK {
            block[l] = f(a[l]);
        }
        *to = block;
    }
}

/// A function that is quicker for small arguments: blocks that have no others take the quick way.
#[inline(always)]
fn one_or_small<C: Lane>(to: &mut [Block<C>], a: &[Block<C>], small: impl Fn(C) -> C, f: impl Fn(C) -> C) {
    for (to, a) in to.iter_mut().zip(a) {
        let a = *a;
        let mut block = [C::ZERO; BLOCK];
        let mut all = true;
        for x in a {
            all &= x.is_small();
        }
        if all {
            for l in 0..BLOCK {
                block[l] = small(a[l]);
            }
        } else {
            for l in 0..BLOCK {
                block[l] = f(a[l]);
            }
        }
        *to = block;
    }
}

#[inline(always)]
fn two<C: Lane>(to: &mut [Block<C>], a: &[Block<C>], b: &[Block<C>], f: impl Fn(C, C) -> C) {
    for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
        let (a, b) = (*a, *b);
        let mut block = [C::ZERO; BLOCK];
        for l in 0..BLOCK {
            block[l] = f(a[l], b[l]);
        }
        *to = block;
    }
}

#[inline(always)]
fn three<C: Lane>(to: &mut [Block<C>], a: &[Block<C>], b: &[Block<C>], c: &[Block<C>], f: impl Fn(C, C, C) -> C) {
    for (((to, a), b), c) in to.iter_mut().zip(a).zip(b).zip(c) {
        let (a, b, c) = (*a, *b, *c);
        let mut block = [C::ZERO; BLOCK];
        for l in 0..BLOCK {
            block[l] = f(a[l], b[l], c[l]);
        }
        *to = block;
    }
}

/// The registers of a machine, of which one is written and others are read at a time.
struct Bank<C> {
    registers: *mut Block<C>,
    scalars: *const C,
    bounds: *const Bound,
    spare: usize,
    blocks: usize,
    start: usize,
}

impl<C: Lane> Bank<C> {
    /// A register to write to.
    ///
    /// # Safety
    /// It is no operand of the same instruction: lowering gives registers free only after the instruction that reads them last.
    #[inline(always)]
    unsafe fn to<'a>(&self, register: u16) -> &'a mut [Block<C>] {
        // SAFETY: lowering counts the registers; see above for the rest.
        unsafe { std::slice::from_raw_parts_mut(self.registers.add(register as usize * BLOCKS), self.blocks) }
    }

    /// An operand that differs between elements; a scalar is spread over spare register `k`.
    ///
    /// # Safety
    /// Sources come from lowering; two operands of one instruction have different `k`.
    #[inline(always)]
    unsafe fn vector<'a>(&self, source: Source, k: usize) -> &'a [Block<C>] {
        // SAFETY: registers and scalars are counted by lowering; views lie in arrays of this type that end in a spare block.
        unsafe {
            let from = match source {
                Source::Register(r) => self.registers.add(r as usize * BLOCKS).cast_const(),
                Source::View(place) => (*self.bounds.add(place as usize)).pointer.cast::<C>().add(self.start).cast(),
                Source::Scalar(v) => {
                    let spare = self.registers.add((self.spare + k) * BLOCKS);
                    std::slice::from_raw_parts_mut(spare, self.blocks).fill([*self.scalars.add(v as usize); BLOCK]);
                    spare.cast_const()
                }
            };
            std::slice::from_raw_parts(from, self.blocks)
        }
    }

    /// The value of a scalar operand.
    ///
    /// # Safety
    /// Sources come from lowering.
    #[inline(always)]
    unsafe fn scalar(&self, source: Source) -> Option<C> {
        match source {
            // SAFETY: lowering counts the scalars.
            Source::Scalar(v) => Some(unsafe { *self.scalars.add(v as usize) }),
            _ => None,
        }
    }
}

/// Runs the body of a tape: stretches of machine code, and the other instructions one by one.
///
/// # Safety
/// As for [`Machine::chunk`].
pub unsafe fn run<C: Lane>(machine: &mut Machine<C>, frame: &Frame) {
    let (mut k, mut stretch) = (0, 0);
    while k < machine.tape.body.len() {
        // SAFETY: the caller's promise.
        unsafe {
            if let Some(end) = native(machine, frame, k, &mut stretch) {
                k = end;
            } else {
                machine.set.run(machine, frame, machine.tape.body[k]);
                k += 1;
            }
        }
    }
}

/// Runs one instruction.
///
/// # Safety
/// As for [`Machine::chunk`].
#[inline(always)]
pub unsafe fn instruction<C: Lane>(machine: &mut Machine<C>, frame: &Frame, instruction: Instruction) {
    let n = frame.n.min(CHUNK);
    let bank = Bank {
        registers: machine.registers.as_mut_ptr(),
        scalars: machine.scalars.as_ptr(),
        bounds: machine.bounds.as_ptr(),
        spare: machine.registers.len() / BLOCKS - SPARE,
        blocks: n.div_ceil(BLOCK),
        start: start(frame),
    };
    let mode = machine.tape.mode;
    let around = machine.around;
    // SAFETY: the caller's promise, and what lowering counts.
    unsafe {
        match instruction {
            Instruction::Binary(op, to, a, b) => infix(&bank, op, to, a, b),
            Instruction::ProductPlus(to, sources) => product_plus(&bank, to, sources),
            Instruction::Unary(op, to, a) => {
                let (to, a) = (bank.to(to), bank.vector(a, 0));
                match op {
                    UnaryOp::Neg => one(to, a, |x| -x),
                    UnaryOp::Not => one(to, a, |x| meaning::unary(UnaryOp::Not, x)),
                }
            }
            Instruction::Call(function, to, sources) => call(&bank, function, to, sources),
            Instruction::Select(to, [c, a, b]) => three(bank.to(to), bank.vector(c, 0), bank.vector(a, 1), bank.vector(b, 2), meaning::select),
            Instruction::Load(to, place) => {
                let bound = &machine.bounds[place as usize];
                let index = frame.on(mode.axis(machine.tape.places[place as usize]));
                match bound.kind {
                    Kind::Single if C::KIND == Kind::Single => load(bank.to(to), bound.pointer.cast::<C>(), index, n, |x| x),
                    Kind::Single => load(bank.to(to), bound.pointer.cast::<f32>(), index, n, |x| C::from_f64(f64::from(x))),
                    _ => load(bank.to(to), bound.pointer.cast::<f64>(), index, n, C::from_f64),
                }
            }
            Instruction::Store(place, source) => {
                let bound = &machine.bounds[place as usize];
                let index = frame.on(mode.axis(machine.tape.places[place as usize]));
                if source != Source::View(place) {
                    let from = bank.vector(source, 0);
                    match bound.kind {
                        kind if !bound.gate.is_null() && kind == C::KIND && matches!(index, Index::Run(_)) => {
                            let start = index.at(0);
                            let to = std::slice::from_raw_parts_mut(bound.pointer.cast::<C>().add(start), n);
                            let gate = std::slice::from_raw_parts(bound.gate.add(start), n);
                            for ((to, free), x) in to.iter_mut().zip(gate).zip(from.as_flattened()) {
                                let (old, new) = (*to, x.flushed());
                                *to = if *free != 0 { new } else { old };
                            }
                        }
                        kind if !bound.gate.is_null() => {
                            // A gated value that is written while the neuron is refractory stays as it is.
                            for (i, x) in from.as_flattened().iter().enumerate().take(n) {
                                let at = index.at(i);
                                match kind {
                                    _ if *bound.gate.add(at) == 0 => {}
                                    Kind::Single => *bound.pointer.cast::<f32>().add(at) = (x.to_f64() as f32).flushed(),
                                    _ => *bound.pointer.cast::<f64>().add(at) = x.to_f64().flushed(),
                                }
                            }
                        }
                        kind if kind == C::KIND && bound.raw => store(from, bound.pointer.cast::<C>(), index, n, |x| x),
                        Kind::Single if C::KIND == Kind::Single => store(from, bound.pointer.cast::<C>(), index, n, C::flushed),
                        Kind::Single => store(from, bound.pointer.cast::<f32>(), index, n, |x| (x.to_f64() as f32).flushed()),
                        _ => store(from, bound.pointer.cast::<f64>(), index, n, |x| x.to_f64().flushed()),
                    }
                }
            }
            Instruction::Add(place, source) => {
                let bound = machine.bounds[place as usize];
                let axis = mode.axis(machine.tape.places[place as usize]);
                let from = bank.vector(source, 0);
                match bound.kind {
                    Kind::Single if C::KIND == Kind::Single => add::<C, C>(from, &bound, frame, axis, n, |old, x| old + x),
                    Kind::Single => add::<C, f32>(from, &bound, frame, axis, n, |old, x| (f64::from(old) + x.to_f64()) as f32),
                    _ => add::<C, f64>(from, &bound, frame, axis, n, |old, x| old + x.to_f64()),
                }
            }
            Instruction::Elapsed(to, place) => {
                let pointer = machine.bounds[place as usize].pointer.cast::<i64>();
                let index = frame.on(mode.axis(machine.tape.places[place as usize]));
                if let (Mode::Deferred, Index::One(at)) = (mode, index) {
                    // All elements are of one row, which was marked once.
                    let (kept, marked) = (around.kept, *pointer.add(at));
                    let since = (around.kept.base - marked) as f64;
                    for (to, entries) in bank.to(to).iter_mut().zip(std::slice::from_raw_parts(kept.entries, n).chunks(BLOCK)) {
                        let mut steps = [0; BLOCK];
                        for (step, entry) in steps.iter_mut().zip(entries) {
                            *step = *kept.steps.add(*entry as usize);
                        }
                        for l in 0..BLOCK {
                            // Whole numbers, so that the sum is exact.
                            to[l] = C::from_f64((f64::from(steps[l]) + since) * around.dt_s);
                        }
                    }
                } else if let (Mode::Deferred, Index::List(list)) = (mode, index) {
                    // The steps are gathered one by one, but made seconds a block at a time.
                    let (kept, base) = (around.kept, around.kept.base);
                    let (list, entries) = (std::slice::from_raw_parts(list, n).chunks(BLOCK), std::slice::from_raw_parts(kept.entries, n).chunks(BLOCK));
                    for (to, (list, entries)) in bank.to(to).iter_mut().zip(list.zip(entries)) {
                        let mut steps = [0; BLOCK];
                        for (step, (at, entry)) in steps.iter_mut().zip(list.iter().zip(entries)) {
                            *step = i64::from(*kept.steps.add(*entry as usize)) + base - *pointer.add(*at as usize);
                        }
                        for l in 0..BLOCK {
                            to[l] = seconds(steps[l], 0, around.dt_s);
                        }
                    }
                } else {
                    load(bank.to(to), pointer, index, n, |marked| seconds(around.now, marked, around.dt_s));
                }
            }
            Instruction::Mark(place) => {
                let pointer = machine.bounds[place as usize].pointer.cast::<i64>();
                let index = frame.on(mode.axis(machine.tape.places[place as usize]));
                for i in 0..n {
                    let step = if mode == Mode::Deferred { around.kept.step(i) } else { around.now };
                    *pointer.add(index.at(i)) = step;
                }
            }
            Instruction::Index(to, axis) => {
                let first = if axis == Axis::Pre { 0 } else { around.first };
                let index = frame.on(axis);
                for (i, to) in bank.to(to).as_flattened_mut().iter_mut().enumerate().take(n) {
                    *to = C::from_f64((index.at(i) + first) as f64);
                }
            }
            Instruction::LastSpike(to) => load(bank.to(to), around.last, frame.on(mode.neuron_axis()), n, |step| last_spike(step, around.dt_s)),
            Instruction::NotRefractory(to) => load(bank.to(to), around.free, frame.on(mode.neuron_axis()), n, |free| C::truth(free != 0)),
            Instruction::Kept(to, k) => {
                let values = around.kept.values.cast::<C>().add(k as usize * around.kept.width);
                load(bank.to(to), values, Index::List(around.kept.entries), n, |x| x);
            }
            Instruction::Random(to, Function::Poisson, mean, stream) => {
                let same = if let Source::Scalar(v) = mean { Some(machine.wide[v as usize]) } else { None };
                if same.is_none() {
                    for (to, x) in machine.means.iter_mut().zip(bank.vector(mean, 0).as_flattened()).take(n) {
                        *to = x.to_f64();
                    }
                }
                poisson(machine, frame, same, stream as usize, n);
                for (to, x) in bank.to(to).as_flattened_mut().iter_mut().zip(machine.noise.iter()).take(n) {
                    *to = C::from_f64(*x);
                }
            }
            Instruction::Random(to, function, _, stream) => {
                draw(machine, frame, function, stream as usize, &mut bank.to(to).as_flattened_mut()[..n]);
            }
        }
    }
}

/// Place of the first element of a chunk in the arrays of its own.
fn start(frame: &Frame) -> usize {
    if let Index::Run(start) = frame.own { start } else { 0 }
}

/// Runs the stretch of machine code that begins at instruction `k`, if there is one, and says where it ends.
///
/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn native<C: Lane>(machine: &mut Machine<C>, frame: &Frame, k: usize, stretch: &mut usize) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if let Some(native) = &mut machine.native
        && let Some(next) = native.stretches.get(*stretch)
        && next.start == k
    {
        let (number, end) = (*stretch, next.end);
        *stretch += 1;
        let start = start(frame);
        let free = machine.around.free.wrapping_add(start);
        let (registers, scalars) = (machine.registers.as_mut_ptr().cast(), machine.scalars.as_ptr().cast());
        let chunk = native::Chunk { registers, scalars, free, start, n: frame.n.min(CHUNK) };
        // SAFETY: the caller's promise; code is made for tapes of `f32` only.
        return unsafe { native.run(number, &chunk, &machine.bounds) }.then_some(end);
    }
    let _ = (machine, frame, k, stretch);
    None
}

#[inline(always)]
unsafe fn infix<C: Lane>(bank: &Bank<C>, op: BinaryOp, to: u16, a: Source, b: Source) {
    macro_rules! each {
        ($($fast:ident)*; $($slow:ident)*) => {
            // SAFETY: sources come from lowering.
            unsafe {
                let to = bank.to(to);
                match (bank.scalar(a), bank.scalar(b)) {
                    (None, Some(y)) => match op {
                        $(BinaryOp::$fast => one(to, bank.vector(a, 0), |x| meaning::binary(BinaryOp::$fast, x, y)),)*
                        $(BinaryOp::$slow => two(to, bank.vector(a, 0), bank.vector(b, 1), |x, y| meaning::binary(BinaryOp::$slow, x, y)),)*
                    },
                    (Some(x), None) => match op {
                        $(BinaryOp::$fast => one(to, bank.vector(b, 1), |y| meaning::binary(BinaryOp::$fast, x, y)),)*
                        $(BinaryOp::$slow => two(to, bank.vector(a, 0), bank.vector(b, 1), |x, y| meaning::binary(BinaryOp::$slow, x, y)),)*
                    },
                    _ => match op {
                        $(BinaryOp::$fast => two(to, bank.vector(a, 0), bank.vector(b, 1), |x, y| meaning::binary(BinaryOp::$fast, x, y)),)*
                        $(BinaryOp::$slow => two(to, bank.vector(a, 0), bank.vector(b, 1), |x, y| meaning::binary(BinaryOp::$slow, x, y)),)*
                    },
                }
            }
        };
    }
    each!(Add Sub Mul Div Lt Le Gt Ge Eq Ne; And Or FloorDiv Mod Pow)
}

#[inline(always)]
unsafe fn product_plus<C: Lane>(bank: &Bank<C>, to: u16, [a, b, c]: [Source; 3]) {
    // Products commute, and one of the factors differs between elements.
    let (a, b) = if matches!(a, Source::Scalar(_)) { (b, a) } else { (a, b) };
    // SAFETY: sources come from lowering.
    unsafe {
        let (to, x) = (bank.to(to), bank.vector(a, 0));
        match (bank.scalar(b), bank.scalar(c)) {
            (Some(y), Some(z)) => one(to, x, |x| x * y + z),
            (Some(y), None) => two(to, x, bank.vector(c, 2), |x, z| x * y + z),
            (None, Some(z)) => two(to, x, bank.vector(b, 1), |x, y| x * y + z),
            (None, None) => three(to, x, bank.vector(b, 1), bank.vector(c, 2), |x, y, z| x * y + z),
        }
    }
}

#[inline(always)]
unsafe fn call<C: Lane>(bank: &Bank<C>, function: Function, to: u16, [a, b, c]: [Source; 3]) {
    // SAFETY: sources come from lowering.
    let (to, x) = unsafe { (bank.to(to), bank.vector(a, 0)) };
    macro_rules! each {
        ($($f:ident)*) => {
            // SAFETY: sources come from lowering.
            unsafe {
                match (function, bank.scalar(b), bank.scalar(c)) {
                    (Function::Clip, Some(low), Some(high)) => one(to, x, |x| meaning::call(Function::Clip, x, low, high)),
                    (Function::Clip, ..) => three(to, x, bank.vector(b, 1), bank.vector(c, 2), |x, y, z| meaning::call(Function::Clip, x, y, z)),
                    (Function::Min, ..) => two(to, x, bank.vector(b, 1), |x, y| meaning::call(Function::Min, x, y, y)),
                    (Function::Max, ..) => two(to, x, bank.vector(b, 1), |x, y| meaning::call(Function::Max, x, y, y)),
                    (Function::Exp, ..) => one_or_small(to, x, C::exp_small, |x| meaning::call(Function::Exp, x, x, x)),
                    (Function::Exprel, ..) => one_or_small(to, x, C::exprel_small, |x| meaning::call(Function::Exprel, x, x, x)),
                    $((Function::$f, ..) => one(to, x, |x| meaning::call(Function::$f, x, x, x)),)*
                    (Function::Rand | Function::Randn | Function::Poisson, ..) => {}
                }
            }
        };
    }
    each!(Log Log10 Expm1 Log1p Sqrt Abs Sign Floor Ceil Round Sin Cos Tan Sinh Cosh Tanh Arcsin Arccos Arctan Int)
}
