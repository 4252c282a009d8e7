//! Stretches of tapes as machine code, where the processor has AVX-512 and the system lets code be made.
//!
//! A tape's instruction is a loop over a chunk, and each passes its values to the next through memory. Here a stretch of instructions that act
//! on each element by itself becomes one loop, in which values stay in registers. It takes microseconds to make and gives the same bits, so
//! that nothing but time tells whether it was taken; where it cannot be, `chunk` does the work.

mod assemble;
mod translate;

use memmap2::Mmap;
use plastica_kernel::ir::Place;

use crate::array::{BLOCK, Kind, Lane};
use crate::frame::Bound;
use crate::tape::{Instruction, Tape};
use translate::{CONSTANTS, Frame, PLACES, Translated, fits, translate};

/// Fewer instructions than these gain nothing.
const LEAST: usize = 2;

/// A stretch of a tape.
pub struct Stretch {
    /// First instruction.
    pub start: usize,
    /// The one after the last.
    pub end: usize,
    at: usize,
    places: Vec<u16>,
    stores: Vec<u16>,
    /// Do the arrays of this call fit?
    fits: bool,
}

/// The stretches of a tape.
pub struct Native {
    /// In order.
    pub stretches: Vec<Stretch>,
    code: Mmap,
    frame: Box<Frame>,
}

// SAFETY: the addresses in `frame` are set anew at each call and are not used after it.
unsafe impl Send for Native {}

/// Where a chunk is.
pub struct Chunk {
    /// Registers of the tape.
    pub registers: *mut f32,
    /// Scalars of the tape.
    pub scalars: *const f32,
    /// 1 where a neuron is free, from the first element on.
    pub free: *const u8,
    /// First element.
    pub start: usize,
    /// Number of elements.
    pub n: usize,
}

impl Native {
    /// Makes code for the stretches of a tape that computes in `f32`; none if there are none, or if it may not be made.
    pub fn new(tape: &Tape) -> Option<Native> {
        if tape.one_by_one {
            return None;
        }
        // Where elements stand anywhere, what is in registers already can be worked on, but no array.
        let side_by_side = tape.mode.consecutive();
        let own = |place: u16| side_by_side && matches!(tape.places[place as usize], Place::Own(_));
        let (mut bytes, mut stretches, mut k) = (Vec::new(), Vec::new(), 0);
        while k < tape.body.len() {
            let len = tape.body[k..].iter().take_while(|i| fits(i, &own, tape.mode.of_neurons())).count();
            let made = if work(&tape.body[k..k + len]) < LEAST { None } else { translate(&tape.body[k..k + len], &tape.body[k + len..], tape.result) };
            let Some(Translated { code, places, stores, len }) = made.filter(|m| work(&tape.body[k..k + m.len]) >= LEAST) else {
                k += len.max(1);
                continue;
            };
            stretches.push(Stretch { start: k, end: k + len, at: bytes.len(), places, stores, fits: false });
            bytes.extend(code.bytes);
            k += len;
        }
        if stretches.is_empty() {
            return None;
        }
        let mut memory = memmap2::MmapMut::map_anon(bytes.len()).ok()?;
        memory.copy_from_slice(&bytes);
        let frame = Frame {
            registers: std::ptr::null_mut(),
            scalars: std::ptr::null(),
            free: std::ptr::null(),
            constants: CONSTANTS.as_ptr(),
            whole: 0,
            rest: 0,
            places: [std::ptr::null_mut(); PLACES],
        };
        Some(Native { stretches, code: memory.make_exec().ok()?, frame: Box::new(frame) })
    }

    /// A call begins: are the arrays of the types that the code was made for, and may all their elements be written?
    pub fn begin(&mut self, bounds: &[Bound]) {
        for stretch in &mut self.stretches {
            let typed = stretch.places.iter().all(|p| bounds[*p as usize].kind == Kind::Single);
            stretch.fits = typed && stretch.stores.iter().all(|p| bounds[*p as usize].gate.is_null() && !bounds[*p as usize].raw);
        }
    }

    /// Runs the stretch with this number over a chunk; false if the arrays do not fit.
    ///
    /// # Safety
    /// As for `Machine::chunk`: the arrays have the elements of the chunk and a spare block, and so has `free`; the processor has AVX-512.
    pub unsafe fn run(&mut self, number: usize, chunk: &Chunk, bounds: &[Bound]) -> bool {
        let stretch = &self.stretches[number];
        if !stretch.fits {
            return false;
        }
        let frame = &mut *self.frame;
        frame.registers = chunk.registers;
        frame.scalars = chunk.scalars;
        frame.free = chunk.free;
        frame.whole = chunk.n / BLOCK * BLOCK;
        frame.rest = (1 << (chunk.n % BLOCK)) - 1;
        for (to, place) in frame.places.iter_mut().zip(&stretch.places) {
            *to = bounds[*place as usize].pointer.wrapping_add(4 * chunk.start);
        }
        // SAFETY: the bytes at this place are such a function, made by `translate` for these places; the rest is the caller's promise.
        unsafe {
            let function: unsafe extern "sysv64" fn(*mut Frame) = std::mem::transmute(self.code.as_ptr().wrapping_add(stretch.at));
            function(frame);
        }
        true
    }
}

/// Number of instructions that compute.
fn work(body: &[Instruction]) -> usize {
    body.iter().filter(|i| !matches!(i, Instruction::Load(..) | Instruction::Store(..))).count()
}

/// Native code for a tape, if it computes in `C` and the processor has what it needs.
pub fn made<C: Lane>(tape: &Tape, wide_enough: bool) -> Option<Native> {
    if wide_enough && C::KIND == Kind::Single { Native::new(tape) } else { None }
}

#[cfg(test)]
mod tests {
    use plastica_engine::backend::Seeds;
    use plastica_lang::model::{BinaryOp, Function, UnaryOp};

    use super::*;
    use crate::array::Values;
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

    /// Bits of the arrays after a tape has run over elements `start` to `start + n`, of which the rest must stay.
    fn run(body: &[Instruction], start: usize, n: usize, native: bool) -> Vec<u32> {
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
            result: None,
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
        let around =
            Around { now: 3, dt_s: 1e-3, size: N, first: 0, free: free.as_ptr(), last: std::ptr::null(), multapse: std::ptr::null(), kept: Kept::NONE };
        let bind = |place: Place| if let Place::Own(k) = place { bounds[k as usize] } else { panic!("only own places") };
        machine.begin(around, Scalars { own: &[], pre: &[], post: &[] }, &bind);
        // SAFETY: the arrays have the elements, and a spare block.
        unsafe { machine.chunk(&Frame::run(start, n)) };
        // What is not a number has no bits of its own.
        let bits = |x: f64| if x.is_nan() { u32::MAX } else { (x as f32).to_bits() };
        arrays.iter().flat_map(|v| v.read(0, N)).map(bits).collect()
    }

    fn check(body: &[Instruction]) {
        if !Instructions::available().contains(&Instructions::Avx512) {
            eprintln!("skipped (no AVX-512)");
            return;
        }
        for (start, n) in [(0, N), (0, 16), (5, 33), (7, 1), (3, 0), (32, 64)] {
            assert_eq!(run(body, start, n, true), run(body, start, n, false), "{body:?}, {n} elements from {start}");
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
}
