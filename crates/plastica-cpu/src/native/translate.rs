//! From a stretch of a tape to machine code: values stay in vector registers from one instruction to the next.
//!
//! A block of sixteen elements goes through all instructions before the next begins. The operations, their order and their rounding are those of
//! `chunk`, so that no bit differs. What this cannot do ends the stretch, and is done by `chunk`.

use plastica_lang::model::{BinaryOp, Function, UnaryOp};
use plastica_numerics::elementary::single;

use super::assemble::{self as asm, Code, Gpr, INDEX, Label, Mask, Op, Operand, Relation, Zmm};
use crate::tape::{CHUNK, Instruction, Source};

/// Places that a stretch can touch.
pub const PLACES: usize = 8;
/// Vector registers.
const REGISTER_COUNT: Zmm = 32;

/// What the code reads, in the order of its words; it gets the address of this in `rdi`.
#[repr(C)]
pub struct Frame {
    /// Registers of the tape, at the present chunk.
    pub registers: *mut f32,
    /// Scalars of the tape.
    pub scalars: *const f32,
    /// 1 where a neuron is free, at the present chunk.
    pub free: *const u8,
    /// [`CONSTANTS`].
    pub constants: *const f32,
    /// Elements in whole blocks.
    pub whole: usize,
    /// Lanes of the rest.
    pub rest: usize,
    /// Arrays, at the present chunk.
    pub places: [*mut u8; PLACES],
}

const WHOLE: i32 = 8 * 4;
const REST: i32 = 8 * 5;
const PLACE: i32 = 8 * 6;

const FRAME: Gpr = Gpr(7);
const REGISTERS: Gpr = Gpr(6);
const SCALARS: Gpr = Gpr(2);
const FREE: Gpr = Gpr(1);
const CONSTANT: Gpr = Gpr(9);
const END: Gpr = Gpr(8);
const PLACE_REGISTERS: [Gpr; PLACES] = [Gpr(10), Gpr(11), Gpr(3), Gpr(5), Gpr(12), Gpr(13), Gpr(14), Gpr(15)];
/// What a function must leave as it was.
const KEPT: [Gpr; 6] = [Gpr(3), Gpr(5), Gpr(12), Gpr(13), Gpr(14), Gpr(15)];
/// Lanes of the last block that are stored.
const TAIL: Mask = 7;

/// Numbers that the code needs.
pub static CONSTANTS: [f32; 26] = [
    0.0,
    1.0,
    0.5,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5040.0,
    single::SMALL,
    1e-8,
    f32::MIN_POSITIVE,
    // All bits but that of the sign, and that bit.
    f32::from_bits(0x7fff_ffff),
    f32::from_bits(0x8000_0000),
    // Those of `single::exp`; the last is twice the bias of an exponent.
    89.0,
    -105.0,
    core::f32::consts::LOG2_E,
    12_582_912.0,
    0.693_359_4,
    -2.121_944_4e-4,
    f32::from_bits(254),
    // Those of `single::exprel`; the fourth is the bias.
    95.0,
    -18.0,
    30.0,
    f32::from_bits(127),
    -1.0,
    f32::INFINITY,
];
const ZERO: i32 = 0;
const ONE: i32 = 1;
const HALF: i32 = 2;
const SMALL: i32 = 8;
const TINY: i32 = 9;
const NORMAL: i32 = 10;
const MAGNITUDE: i32 = 11;
const SIGN: i32 = 12;
const HIGHEST: i32 = 13;
const LOWEST: i32 = 14;
const LOG2_E: i32 = 15;
const MAGIC: i32 = 16;
const LN2_HIGH: i32 = 17;
const LN2_LOW: i32 = 18;
const TWICE_BIAS: i32 = 19;
const HIGHEST_EXPREL: i32 = 20;
const LOWEST_EXPREL: i32 = 21;
const THIRTY: i32 = 22;
const BIAS: i32 = 23;
const MINUS_ONE: i32 = 24;
const INFINITE: i32 = 25;

fn constant(k: i32) -> Operand {
    Operand::Spread(CONSTANT, 4 * k)
}

/// A stretch of a tape as machine code.
pub struct Translated {
    /// The code.
    pub code: Code,
    /// The places that it touches, in the order of [`Frame::places`].
    pub places: Vec<u16>,
    /// Those that it stores to.
    pub stores: Vec<u16>,
    /// Number of instructions of the tape.
    pub len: usize,
}

/// Can an instruction be part of a stretch? `own` says of a place whether it is an array by element, `neurons` whether the elements are neurons.
pub fn fits(instruction: &Instruction, own: &dyn Fn(u16) -> bool, neurons: bool) -> bool {
    use BinaryOp::{Add, And, Div, Eq, Ge, Gt, Le, Lt, Mul, Ne, Or, Sub};
    use Function::{Abs, Clip, Exp, Exprel, Max, Min, Sqrt};
    match instruction {
        Instruction::Binary(op, ..) => matches!(op, Add | Sub | Mul | Div | Lt | Le | Gt | Ge | Eq | Ne | And | Or),
        Instruction::Unary(..) | Instruction::ProductPlus(..) | Instruction::Select(..) => true,
        Instruction::NotRefractory(_) => neurons,
        Instruction::Call(f, ..) => matches!(f, Exp | Exprel | Abs | Sqrt | Min | Max | Clip),
        Instruction::Load(_, place) | Instruction::Store(place, _) => own(*place),
        _ => false,
    }
}

/// The register that an instruction writes, and its operands.
fn parts(instruction: &Instruction) -> (Option<u16>, Vec<Source>) {
    match instruction {
        Instruction::Binary(_, to, a, b) => (Some(*to), vec![*a, *b]),
        Instruction::Unary(_, to, a) => (Some(*to), vec![*a]),
        Instruction::ProductPlus(to, s) | Instruction::Select(to, s) | Instruction::Call(_, to, s) => (Some(*to), s.to_vec()),
        Instruction::Load(to, _)
        | Instruction::NotRefractory(to)
        | Instruction::Elapsed(to, _)
        | Instruction::Index(to, _)
        | Instruction::LastSpike(to)
        | Instruction::Kept(to, _) => (Some(*to), Vec::new()),
        Instruction::Random(to, _, mean, _) => (Some(*to), vec![*mean]),
        Instruction::Store(_, a) | Instruction::Add(_, a) => (None, vec![*a]),
        Instruction::Mark(_) => (None, Vec::new()),
    }
}

/// Is the value of a register read by these instructions, or asked for after them, before another is written?
fn is_read(register: u16, by: &[Instruction], result: Option<Source>) -> bool {
    for instruction in by {
        let (to, from) = parts(instruction);
        if from.contains(&Source::Register(register)) {
            return true;
        }
        if to == Some(register) {
            return false;
        }
    }
    result == Some(Source::Register(register))
}

/// Translates as many instructions of `body` as it can, which all fit; `after` are those that follow, `result` is what is asked for in the end.
pub fn translate(body: &[Instruction], after: &[Instruction], result: Option<Source>) -> Option<Translated> {
    let mut len = body.len();
    loop {
        let rest: Vec<Instruction> = body[len..].iter().chain(after).copied().collect();
        let mut writer = Writer::new();
        match writer.write(&body[..len], &rest, result) {
            Ok(()) => return Some(Translated { code: writer.code, places: writer.places, stores: writer.stores, len }),
            // There is no room for one more: the stretch ends before it.
            Err(Full(at)) if at > 1 && at < len => len = at,
            Err(Full(_)) => return None,
        }
    }
}

/// Registers or places did not suffice for this instruction.
struct Full(usize);

struct Writer {
    code: Code,
    places: Vec<u16>,
    stores: Vec<u16>,
    /// Scalars that have a vector register of their own.
    scalars: Vec<(u32, Zmm)>,
    /// Where the values of the tape's registers are.
    values: Vec<(u16, Zmm)>,
    free: Vec<Zmm>,
    slow: Vec<Slow>,
}

/// Code out of the way, for arguments for which the short one does not do.
struct Slow {
    from: Label,
    back: Label,
    x: Zmm,
    to: Zmm,
    spare: [Zmm; 8],
}

/// Scalars that get a register of their own.
const SPREAD_SCALARS: usize = 14;

impl Writer {
    fn new() -> Writer {
        Writer {
            code: Code::default(),
            places: Vec::new(),
            stores: Vec::new(),
            scalars: Vec::new(),
            values: Vec::new(),
            free: (0..REGISTER_COUNT).rev().collect(),
            slow: Vec::new(),
        }
    }

    fn write(&mut self, body: &[Instruction], rest: &[Instruction], result: Option<Source>) -> Result<(), Full> {
        for (k, instruction) in body.iter().enumerate() {
            let (_, from) = parts(instruction);
            let places = from.iter().filter_map(|s| if let Source::View(p) = s { Some(*p) } else { None });
            for place in places.chain(if let Instruction::Load(_, p) | Instruction::Store(p, _) = instruction { Some(*p) } else { None }) {
                if !self.places.contains(&place) {
                    if self.places.len() == PLACES {
                        return Err(Full(k));
                    }
                    self.places.push(place);
                }
            }
            if let Instruction::Store(p, _) = instruction {
                self.stores.push(*p);
            }
        }
        KEPT.iter().for_each(|r| self.code.push(*r));
        for (k, r) in [REGISTERS, SCALARS, FREE, CONSTANT].into_iter().enumerate() {
            self.code.load_word(r, FRAME, 8 * k as i32);
        }
        self.code.load_word(END, FRAME, WHOLE);
        for (k, register) in PLACE_REGISTERS.iter().enumerate().take(self.places.len()) {
            self.code.load_word(*register, FRAME, PLACE + 8 * k as i32);
        }
        for instruction in body {
            for source in parts(instruction).1 {
                if let Source::Scalar(v) = source
                    && self.scalars.len() < SPREAD_SCALARS
                    && !self.scalars.iter().any(|(s, _)| *s == v)
                    && let Some(register) = self.free.pop()
                {
                    self.code.load(register, Operand::Spread(SCALARS, 4 * v as i32));
                    self.scalars.push((v, register));
                }
            }
        }
        self.code.clear_index();
        let (mut again, mut tail, mut end) = (Label::default(), Label::default(), Label::default());
        self.code.jump_if_at(END, &mut tail);
        self.code.bind(&mut again);
        self.block(body, rest, result, false)?;
        self.code.advance(16);
        self.code.jump_if_below(END, &mut again);
        self.code.bind(&mut tail);
        self.code.load_word(END, FRAME, REST);
        self.code.jump_if_zero(END, &mut end);
        self.code.load_mask(TAIL, FRAME, REST);
        self.block(body, rest, result, true)?;
        self.code.bind(&mut end);
        KEPT.iter().rev().for_each(|r| self.code.pop(*r));
        self.code.leave();
        self.slow_ways();
        Ok(())
    }

    /// One block of sixteen elements, or the last one of fewer.
    fn block(&mut self, body: &[Instruction], rest: &[Instruction], result: Option<Source>, tail: bool) -> Result<(), Full> {
        for (k, instruction) in body.iter().enumerate() {
            let (to, from) = parts(instruction);
            let done = self.instruction(instruction, tail).ok_or(Full(k))?;
            let later = &body[k + 1..];
            for source in from {
                if let Source::Register(r) = source
                    && !is_read(r, later, None)
                {
                    self.forget(r);
                }
            }
            if let (Some(to), Some(register)) = (to, done) {
                self.forget(to);
                // Kept in memory if anyone outside reads it.
                let written_again = later.iter().any(|i| parts(i).0 == Some(to));
                if !written_again && is_read(to, rest, result) {
                    self.code.store(Operand::Lanes(REGISTERS, (to as usize * CHUNK * 4) as i32), register, 0);
                }
                if is_read(to, later, None) {
                    self.values.push((to, register));
                } else {
                    self.free.push(register);
                }
            }
        }
        Ok(())
    }

    fn forget(&mut self, register: u16) {
        if let Some(at) = self.values.iter().position(|(r, _)| *r == register) {
            self.free.push(self.values.swap_remove(at).1);
        }
    }

    /// Where a place is, at the present block.
    fn place(&self, place: u16) -> Option<Operand> {
        let at = self.places.iter().position(|p| *p == place)?;
        Some(Operand::Lanes(PLACE_REGISTERS[at], 0))
    }

    /// Where an operand is.
    fn at(&self, source: Source) -> Option<Operand> {
        match source {
            Source::Register(r) => {
                let held = self.values.iter().find(|(held, _)| *held == r);
                Some(held.map_or(Operand::Lanes(REGISTERS, (r as usize * CHUNK * 4) as i32), |(_, zmm)| Operand::Zmm(*zmm)))
            }
            Source::Scalar(v) => {
                let held = self.scalars.iter().find(|(held, _)| *held == v);
                Some(held.map_or(Operand::Spread(SCALARS, 4 * v as i32), |(_, zmm)| Operand::Zmm(*zmm)))
            }
            Source::View(place) => self.place(place),
        }
    }

    /// An operand in a register: its own, or `spare`.
    fn held(&mut self, source: Source, spare: Zmm) -> Option<Zmm> {
        let at = self.at(source)?;
        Some(self.in_register(at, spare))
    }

    fn in_register(&mut self, at: Operand, spare: Zmm) -> Zmm {
        if let Operand::Zmm(r) = at {
            return r;
        }
        self.code.load(spare, at);
        spare
    }

    /// Writes an instruction; the register that its value is in, if it has one.
    fn instruction(&mut self, instruction: &Instruction, tail: bool) -> Option<Option<Zmm>> {
        let to = self.free.pop()?;
        match instruction {
            Instruction::Binary(op, _, a, b) => self.infix(*op, to, *a, *b)?,
            Instruction::ProductPlus(_, [a, b, c]) => {
                let (a, b, c) = (self.held(*a, to)?, self.at(*b)?, self.at(*c)?);
                self.code.binary(asm::MUL, to, a, b);
                self.code.binary(asm::ADD, to, to, c);
            }
            Instruction::Unary(UnaryOp::Neg, _, a) => {
                let a = self.held(*a, to)?;
                self.code.binary(asm::XOR, to, a, constant(SIGN));
            }
            Instruction::Unary(UnaryOp::Not, _, a) => {
                let a = self.held(*a, to)?;
                self.code.compare(1, Relation::Equal, a, constant(ZERO));
                self.truth(to, 1);
            }
            Instruction::Select(_, [c, a, b]) => {
                let c = self.held(*c, to)?;
                self.code.compare(1, Relation::Unequal, c, constant(ZERO));
                let (a, b) = (self.at(*a)?, self.held(*b, to)?);
                self.code.select(to, 1, a, b);
            }
            Instruction::NotRefractory(_) => {
                self.code.bytes_set(1, Operand::Bytes(FREE, 0), to);
                self.truth(to, 1);
            }
            Instruction::Call(f, _, sources) => self.function(*f, to, *sources)?,
            Instruction::Load(_, place) => {
                let from = self.place(*place)?;
                self.code.load(to, from);
            }
            Instruction::Store(place, source) => {
                if *source != Source::View(*place) {
                    let (x, at) = (self.held(*source, to)?, self.place(*place)?);
                    let magnitude = self.free.pop()?;
                    // What is below the smallest normal number is stored as 0.
                    self.code.binary(asm::AND, magnitude, x, constant(MAGNITUDE));
                    self.code.compare(1, Relation::NotLess, magnitude, constant(NORMAL));
                    self.code.keep_where(to, 1, x);
                    self.code.store(at, to, if tail { TAIL } else { 0 });
                    self.free.push(magnitude);
                }
                self.free.push(to);
                return Some(None);
            }
            _ => return None,
        }
        Some(Some(to))
    }

    /// `to` = 1 in lanes of a mask, 0 in others.
    fn truth(&mut self, to: Zmm, mask: Mask) {
        self.code.load_where(to, mask, CONSTANT, 4 * ONE);
    }

    fn infix(&mut self, op: BinaryOp, to: Zmm, a: Source, b: Source) -> Option<()> {
        let (a, b) = (self.held(a, to)?, self.at(b)?);
        let relation = match op {
            BinaryOp::Add => return self.plain(asm::ADD, to, a, b),
            BinaryOp::Sub => return self.plain(asm::SUB, to, a, b),
            BinaryOp::Mul => return self.plain(asm::MUL, to, a, b),
            BinaryOp::Div => return self.plain(asm::DIV, to, a, b),
            BinaryOp::Lt => Relation::Less,
            BinaryOp::Le => Relation::LessOrEqual,
            BinaryOp::Gt => Relation::Greater,
            BinaryOp::Ge => Relation::GreaterOrEqual,
            BinaryOp::Eq => Relation::Equal,
            BinaryOp::Ne => Relation::Unequal,
            BinaryOp::And | BinaryOp::Or => {
                self.code.compare(1, Relation::Unequal, a, constant(ZERO));
                let b = self.in_register(b, to);
                self.code.compare(2, Relation::Unequal, b, constant(ZERO));
                if op == BinaryOp::And {
                    self.code.both(1, 1, 2)
                } else {
                    self.code.either(1, 1, 2)
                }
                self.truth(to, 1);
                return Some(());
            }
            _ => return None,
        };
        self.code.compare(1, relation, a, b);
        self.truth(to, 1);
        Some(())
    }

    fn plain(&mut self, op: Op, to: Zmm, a: Zmm, b: Operand) -> Option<()> {
        self.code.binary(op, to, a, b);
        Some(())
    }

    fn function(&mut self, f: Function, to: Zmm, [a, b, c]: [Source; 3]) -> Option<()> {
        match f {
            Function::Abs => {
                let a = self.held(a, to)?;
                self.plain(asm::AND, to, a, constant(MAGNITUDE))
            }
            Function::Sqrt => {
                let a = self.at(a)?;
                // A number for all lanes is no operand of every instruction's short form: it is put in a register.
                let a = self.in_register(a, to);
                self.plain(asm::ROOT, to, 0, Operand::Zmm(a))
            }
            // The processor's minimum is the second operand unless the first is smaller.
            Function::Min | Function::Max => {
                let (a, b) = (self.at(a)?, self.held(b, to)?);
                self.plain(if f == Function::Min { asm::MIN } else { asm::MAX }, to, b, a)
            }
            Function::Clip => {
                let (a, b) = (self.at(a)?, self.held(b, to)?);
                self.code.binary(asm::MAX, to, b, a);
                let spare = self.free.pop()?;
                let c = self.held(c, spare)?;
                self.code.binary(asm::MIN, to, c, Operand::Zmm(to));
                self.free.push(spare);
                Some(())
            }
            Function::Exp => self.exp(to, a),
            Function::Exprel => self.exprel(to, a),
            _ => None,
        }
    }

    /// So many registers for what is between.
    fn spare<const N: usize>(&mut self) -> Option<[Zmm; N]> {
        let mut spare = [0; N];
        for register in &mut spare {
            *register = self.free.pop()?;
        }
        Some(spare)
    }

    fn give_back(&mut self, spare: &[Zmm]) {
        self.free.extend(spare.iter().rev());
    }

    /// `sum` = e^x - 1 - x as `single::exp_tail` has it: three pairs of coefficients.
    fn exp_tail(&mut self, x: Zmm, sum: Zmm, square: Zmm, between: Zmm) {
        self.code.binary(asm::MUL, square, x, Operand::Zmm(x));
        for (k, pair) in [(6, 7), (4, 5), (HALF, 3)].into_iter().enumerate() {
            let pair_sum = if k == 0 { sum } else { between };
            self.code.load(pair_sum, constant(pair.1));
            self.code.binary(asm::MUL, pair_sum, pair_sum, Operand::Zmm(x));
            self.code.binary(asm::ADD, pair_sum, pair_sum, constant(pair.0));
            if k > 0 {
                self.code.binary(asm::MUL, sum, sum, Operand::Zmm(square));
                self.code.binary(asm::ADD, sum, sum, Operand::Zmm(between));
            }
        }
        self.code.binary(asm::MUL, sum, sum, Operand::Zmm(square));
    }

    /// `single::exp`, step by step.
    fn exp(&mut self, to: Zmm, a: Source) -> Option<()> {
        let spare = self.spare::<6>()?;
        let [h, k, l, r, s, q] = spare;
        let x = self.held(a, s)?;
        self.code.load(h, constant(HIGHEST));
        self.code.binary(asm::MIN, h, h, Operand::Zmm(x));
        self.code.load(k, constant(LOWEST));
        self.code.binary(asm::MAX, h, k, Operand::Zmm(h));
        // x = k ln 2 + h - l
        self.code.binary(asm::MUL, k, h, constant(LOG2_E));
        self.code.binary(asm::ADD, k, k, constant(MAGIC));
        self.code.binary(asm::SUB, l, k, constant(MAGIC));
        self.code.binary(asm::SUB_WHOLE, k, k, constant(MAGIC));
        self.code.binary(asm::MUL, r, l, constant(LN2_HIGH));
        self.code.binary(asm::SUB, h, h, Operand::Zmm(r));
        self.code.binary(asm::MUL, l, l, constant(LN2_LOW));
        self.code.binary(asm::SUB, r, h, Operand::Zmm(l));
        self.exp_tail(r, q, s, to);
        // s + ((h - (s - 1)) + (tail - l)), s = 1 + h
        self.code.binary(asm::SUB, q, q, Operand::Zmm(l));
        self.code.binary(asm::ADD, s, h, constant(ONE));
        self.code.binary(asm::SUB, to, s, constant(ONE));
        self.code.binary(asm::SUB, to, h, Operand::Zmm(to));
        self.code.binary(asm::ADD, to, to, Operand::Zmm(q));
        self.code.binary(asm::ADD, to, s, Operand::Zmm(to));
        // Times 2^k in two steps, so that neither is out of range.
        self.code.binary(asm::ADD_WHOLE, k, k, constant(TWICE_BIAS));
        self.code.shift_down(l, k, 1);
        self.code.binary(asm::SUB_WHOLE, k, k, Operand::Zmm(l));
        self.code.shift_up(l, l, 23);
        self.code.shift_up(k, k, 23);
        self.code.binary(asm::MUL, to, to, Operand::Zmm(l));
        self.code.binary(asm::MUL, to, to, Operand::Zmm(k));
        self.give_back(&spare);
        Some(())
    }

    /// The short way of `single::exprel` if all arguments are small, else the long one, which stands behind the code.
    fn exprel(&mut self, to: Zmm, a: Source) -> Option<()> {
        let spare = self.spare::<8>()?;
        let [argument, magnitude, square, sum, ..] = spare;
        let x = self.held(a, argument)?;
        self.code.binary(asm::AND, magnitude, x, constant(MAGNITUDE));
        self.code.compare(1, Relation::LessOrEqual, magnitude, constant(SMALL));
        let mut slow = Slow { from: Label::default(), back: Label::default(), x, to, spare };
        self.code.jump_unless_all(1, &mut slow.from);
        self.exp_tail(x, sum, square, to);
        self.code.binary(asm::ADD, to, x, Operand::Zmm(sum));
        self.code.binary(asm::DIV, to, to, Operand::Zmm(x));
        self.code.bind(&mut slow.back);
        // 1 near 0
        self.code.compare(1, Relation::Less, magnitude, constant(TINY));
        self.code.select(to, 1, constant(ONE), to);
        self.slow.push(slow);
        self.give_back(&spare);
        Some(())
    }

    /// `single::expm1_parts` and what `exprel` makes of them, step by step.
    fn long_exprel(&mut self, to: Zmm, x: Zmm, [_, _, h, k, l, s, t, q]: [Zmm; 8]) {
        self.code.load(h, constant(HIGHEST_EXPREL));
        self.code.binary(asm::MIN, h, h, Operand::Zmm(x));
        self.code.load(k, constant(LOWEST_EXPREL));
        self.code.binary(asm::MAX, h, k, Operand::Zmm(h));
        // x = k ln 2 + h - l
        self.code.binary(asm::MUL, k, h, constant(LOG2_E));
        self.code.binary(asm::ADD, k, k, constant(MAGIC));
        self.code.binary(asm::SUB, k, k, constant(MAGIC));
        self.code.binary(asm::MUL, l, k, constant(LN2_HIGH));
        self.code.binary(asm::SUB, h, h, Operand::Zmm(l));
        self.code.binary(asm::MUL, l, k, constant(LN2_LOW));
        self.code.binary(asm::SUB, t, h, Operand::Zmm(l));
        self.exp_tail(t, q, s, to);
        self.code.binary(asm::SUB, q, q, Operand::Zmm(l));
        // 2^k as a product of two powers, of which the first is at most 2^30.
        self.code.load(t, constant(THIRTY));
        self.code.binary(asm::MIN, t, t, Operand::Zmm(k));
        self.code.binary(asm::SUB, k, k, Operand::Zmm(t));
        self.code.binary(asm::ADD, s, t, constant(MAGIC));
        self.code.binary(asm::ADD, k, k, constant(MAGIC));
        for power in [s, k] {
            self.code.binary(asm::SUB_WHOLE, power, power, constant(MAGIC));
            self.code.binary(asm::ADD_WHOLE, power, power, constant(BIAS));
            self.code.shift_up(power, power, 23);
        }
        // With s the first: (s - 1) + s h, and what these two sums lose.
        self.code.binary(asm::SUB, t, s, constant(ONE));
        self.code.binary(asm::SUB, l, t, Operand::Zmm(s));
        self.code.load(to, constant(MINUS_ONE));
        self.code.binary(asm::SUB, l, to, Operand::Zmm(l));
        self.code.compare(1, Relation::NotLess, s, constant(ONE));
        self.code.keep_where(l, 1, l);
        self.code.binary(asm::MUL, q, s, Operand::Zmm(q));
        self.code.binary(asm::ADD, l, l, Operand::Zmm(q));
        self.code.binary(asm::MUL, q, s, Operand::Zmm(h));
        self.code.binary(asm::ADD, h, t, Operand::Zmm(q));
        self.code.binary(asm::SUB, s, h, Operand::Zmm(t));
        self.code.binary(asm::SUB, to, h, Operand::Zmm(s));
        self.code.binary(asm::SUB, to, t, Operand::Zmm(to));
        self.code.binary(asm::SUB, q, q, Operand::Zmm(s));
        self.code.binary(asm::ADD, to, to, Operand::Zmm(q));
        self.code.binary(asm::ADD, to, to, Operand::Zmm(l));
        self.code.binary(asm::ADD, to, h, Operand::Zmm(to));
        self.code.binary(asm::DIV, to, to, Operand::Zmm(x));
        self.code.binary(asm::MUL, to, to, Operand::Zmm(k));
        self.code.compare(1, Relation::Greater, x, constant(HIGHEST_EXPREL));
        self.code.select(to, 1, constant(INFINITE), to);
    }

    /// The long ways, behind the code.
    fn slow_ways(&mut self) {
        for mut slow in std::mem::take(&mut self.slow) {
            self.code.bind(&mut slow.from);
            self.long_exprel(slow.to, slow.x, slow.spare);
            self.code.jump_always(&mut slow.back);
        }
    }
}

const _: () = assert!(INDEX.0 == 0 && std::mem::offset_of!(Frame, places) == PLACE as usize && std::mem::offset_of!(Frame, rest) == REST as usize);
