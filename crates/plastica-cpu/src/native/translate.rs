//! From a stretch of a tape to machine code: values stay in vector registers from one instruction to the next.
//!
//! A block of sixteen elements goes through all instructions before the next begins. The operations, their order and their rounding are those of
//! `chunk`, so that no bit differs. What this cannot do ends the stretch, and is done by `chunk`.

use plastica_lang::model::{BinaryOp, Function, UnaryOp};

use super::assemble::{self as asm, Code, Label, Mask, Op, Operand, Relation, Zmm};
use super::layout::*;
use crate::tape::{CHUNK, Instruction, Source};

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

/// Writes one stretch.
pub struct Writer {
    /// The code so far.
    pub code: Code,
    places: Vec<u16>,
    stores: Vec<u16>,
    /// Scalars that have a vector register of their own.
    scalars: Vec<(u32, Zmm)>,
    /// Where the values of the tape's registers are.
    values: Vec<(u16, Zmm)>,
    /// Vector registers that hold nothing.
    pub free: Vec<Zmm>,
    /// What is still to be written behind the code.
    pub slow: Vec<Slow>,
}

/// Code out of the way, for arguments for which the short one does not do.
pub struct Slow {
    /// Where it is left for.
    pub from: Label,
    /// Where it goes back to.
    pub back: Label,
    /// Its argument.
    pub x: Zmm,
    /// Its result.
    pub to: Zmm,
    /// Registers that it may use.
    pub spare: [Zmm; 8],
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
    pub fn at(&self, source: Source) -> Option<Operand> {
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
    pub fn held(&mut self, source: Source, spare: Zmm) -> Option<Zmm> {
        let at = self.at(source)?;
        Some(self.in_register(at, spare))
    }

    pub fn in_register(&mut self, at: Operand, spare: Zmm) -> Zmm {
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

    /// An operation of a register and any operand.
    pub fn plain(&mut self, op: Op, to: Zmm, a: Zmm, b: Operand) -> Option<()> {
        self.code.binary(op, to, a, b);
        Some(())
    }
}
