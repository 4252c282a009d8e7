//! From a stretch of a tape to machine code: values stay in vector registers from one instruction to the next.
//!
//! A block of sixteen elements goes through all instructions before the next begins. The operations, their order and their rounding are those of
//! `chunk`, so that no bit differs. What this cannot do ends the stretch, and is done by `chunk`.

use plastica_lang::model::{BinaryOp, Function, UnaryOp};

use super::assemble::{self as asm, Code, Label, Operand, Relation};
use super::layout::*;
use super::values::{Held, Note, Writer};
use crate::tape::{Instruction, Source};

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
    /// Does it note the blocks in which what is asked for is not 0?
    pub answers: bool,
}

/// What is asked for in the end.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The value.
    pub value: Option<Source>,
    /// Only whether it is 0.
    pub condition: bool,
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

/// Translates as many instructions of `body` as it can, which all fit; `after` are those that follow.
pub fn translate(body: &[Instruction], after: &[Instruction], asked: Asked) -> Option<Translated> {
    let mut len = body.len();
    loop {
        let rest: Vec<Instruction> = body[len..].iter().chain(after).copied().collect();
        let mut writer = Writer::new();
        match writer.write(&body[..len], &rest, asked) {
            Ok(answers) => return Some(Translated { code: writer.code, places: writer.places, stores: writer.stores, len, answers }),
            // There is no room for one more: the stretch ends before it.
            Err(Full(at)) if at > 1 && at < len => len = at,
            Err(Full(_)) => return None,
        }
    }
}

/// Registers or places did not suffice for this instruction.
struct Full(usize);

/// Scalars that get a register of their own.
const SPREAD_SCALARS: usize = 14;

impl Writer {
    /// Writes the whole code; does it answer what is asked?
    fn write(&mut self, body: &[Instruction], rest: &[Instruction], asked: Asked) -> Result<bool, Full> {
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
        let answers = self.block(body, rest, asked, false)?;
        self.code.advance(16);
        self.code.jump_if_below(END, &mut again);
        self.code.bind(&mut tail);
        self.code.load_word(END, FRAME, REST);
        self.code.jump_if_zero(END, &mut end);
        self.code.load_mask(TAIL, FRAME, REST);
        self.block(body, rest, asked, true)?;
        self.code.bind(&mut end);
        KEPT.iter().rev().for_each(|r| self.code.pop(*r));
        self.code.leave();
        self.slow_ways();
        Ok(answers)
    }

    /// One block of sixteen elements, or the last one of fewer; does it answer what is asked?
    fn block(&mut self, body: &[Instruction], rest: &[Instruction], asked: Asked, tail: bool) -> Result<bool, Full> {
        let mut answers = false;
        for (k, instruction) in body.iter().enumerate() {
            let (to, from) = parts(instruction);
            let later = &body[k + 1..];
            for place in from.iter().filter_map(|s| if let Source::View(p) = s { Some(*p) } else { None }) {
                if views(&body[k..], place) > 1 {
                    self.keep_view(place);
                }
            }
            let done = self.instruction(instruction, tail).ok_or(Full(k))?;
            for source in from {
                match source {
                    Source::Register(r) if !is_read(r, later, None) => self.forget(r),
                    Source::View(place) if views(later, place) == 0 => self.forget_view(place),
                    _ => {}
                }
            }
            if let Instruction::Store(place, _) = instruction
                && let Some(stored) = done
            {
                self.forget_view(*place);
                // What has been stored is what stands there now.
                match stored {
                    Held::Vector(x) if views(later, *place) > 0 => self.hold_view(*place, x),
                    _ => self.give_up(stored),
                }
            }
            if let (Some(to), Some(held)) = (to, done) {
                self.forget(to);
                // Kept in memory if anyone outside reads it; but if all that is asked for is where it is not 0, that is noted.
                let last = !later.iter().any(|i| parts(i).0 == Some(to));
                if last && asked.condition && rest.is_empty() && asked.value == Some(Source::Register(to)) {
                    self.answer(held, tail);
                    answers = true;
                } else if last && is_read(to, rest, asked.value) {
                    self.store_value(to, held).ok_or(Full(k))?;
                }
                if is_read(to, later, None) {
                    self.values.push((to, held));
                } else {
                    self.give_up(held);
                }
            }
        }
        self.forget_views();
        Ok(answers)
    }

    /// Writes an instruction; where its value is, or the one that it has stored.
    fn instruction(&mut self, instruction: &Instruction, tail: bool) -> Option<Option<Held>> {
        if let Some(mask) = self.truth(instruction)? {
            return Some(Some(mask));
        }
        let to = self.free.pop()?;
        match instruction {
            Instruction::Binary(op, _, a, b) => {
                let op = match op {
                    BinaryOp::Add => asm::ADD,
                    BinaryOp::Sub => asm::SUB,
                    BinaryOp::Mul => asm::MUL,
                    BinaryOp::Div => asm::DIV,
                    _ => return None,
                };
                let (a, b) = (self.held(*a, to)?, self.at(*b)?);
                self.code.binary(op, to, a, b);
            }
            Instruction::ProductPlus(_, [a, b, c]) => {
                let (a, b, c) = (self.held(*a, to)?, self.at(*b)?, self.at(*c)?);
                self.code.binary(asm::MUL, to, a, b);
                self.code.binary(asm::ADD, to, to, c);
            }
            Instruction::Unary(UnaryOp::Neg, _, a) => {
                let a = self.held(*a, to)?;
                self.code.binary(asm::XOR, to, a, constant(SIGN));
            }
            Instruction::Select(_, [c, a, b]) => {
                let mask = self.holds(*c, to, 1)?;
                let (a, b) = (self.at(*a)?, self.held(*b, to)?);
                self.code.select(to, mask, a, b);
            }
            Instruction::Call(f, _, sources) => self.function(*f, to, *sources)?,
            Instruction::Load(_, place) => {
                let from = self.at(Source::View(*place))?;
                self.code.load(to, from);
            }
            Instruction::Store(place, source) if *source == Source::View(*place) => {
                self.free.push(to);
                return Some(None);
            }
            Instruction::Store(place, source) => {
                let (x, at) = (self.held(*source, to)?, self.place(*place)?);
                // What is below the smallest normal number is stored as 0.
                self.code.any_bits(1, x, constant(EXPONENT));
                self.code.keep_where(to, 1, x);
                self.code.store(at, to, if tail { TAIL } else { 0 });
            }
            _ => return None,
        }
        Some(Some(Held::Vector(to)))
    }

    /// Writes an instruction whose value is true or false: a mask, or 1 and 0 where masks have run out. Nothing if it is another instruction.
    fn truth(&mut self, instruction: &Instruction) -> Option<Option<Held>> {
        if !matches!(instruction, Instruction::NotRefractory(_) | Instruction::Unary(UnaryOp::Not, ..)) && !compares(instruction) {
            return Some(None);
        }
        let spare = self.free.pop()?;
        let own = self.masks.pop();
        let mask = own.unwrap_or(1);
        match instruction {
            Instruction::Binary(op @ (BinaryOp::And | BinaryOp::Or), _, a, b) => {
                let (a, b) = (self.holds(*a, spare, 1)?, self.holds(*b, spare, 2)?);
                if *op == BinaryOp::And { self.code.both(mask, a, b) } else { self.code.either(mask, a, b) }
            }
            Instruction::Binary(op, _, a, b) => {
                let relation = match op {
                    BinaryOp::Lt => Relation::Less,
                    BinaryOp::Le => Relation::LessOrEqual,
                    BinaryOp::Gt => Relation::Greater,
                    BinaryOp::Ge => Relation::GreaterOrEqual,
                    BinaryOp::Eq => Relation::Equal,
                    BinaryOp::Ne => Relation::Unequal,
                    _ => return None,
                };
                let (a, b) = (self.held(*a, spare)?, self.at(*b)?);
                self.code.compare(mask, relation, a, b);
            }
            Instruction::Unary(UnaryOp::Not, _, a) => {
                let a = self.held(*a, spare)?;
                self.code.compare(mask, Relation::Equal, a, constant(ZERO));
            }
            _ => self.code.bytes_set(mask, Operand::Bytes(FREE, 0), spare),
        }
        if own.is_some() {
            self.free.push(spare);
            return Some(Some(Held::Mask(mask)));
        }
        self.code.load_where(spare, mask, CONSTANT, 4 * ONE);
        Some(Some(Held::Vector(spare)))
    }

    /// Notes the block if a value is not 0 in one of its elements.
    fn answer(&mut self, held: Held, tail: bool) {
        let mut lanes = match held {
            Held::Mask(mask) => mask,
            Held::Vector(x) => {
                self.code.compare(2, Relation::Unequal, x, constant(ZERO));
                2
            }
        };
        if tail {
            self.code.both(2, lanes, TAIL);
            lanes = 2;
        }
        let mut note = Note { from: Label::default(), back: Label::default(), lanes };
        self.code.jump_if_any(lanes, &mut note.from);
        self.code.bind(&mut note.back);
        self.notes.push(note);
    }
}

/// Is it a relation, or joins two of them?
fn compares(instruction: &Instruction) -> bool {
    use BinaryOp::{And, Eq, Ge, Gt, Le, Lt, Ne, Or};
    matches!(instruction, Instruction::Binary(Lt | Le | Gt | Ge | Eq | Ne | And | Or, ..))
}

/// How often the array of a place is read where it stands, before it is stored to.
fn views(body: &[Instruction], place: u16) -> usize {
    let mut count = 0;
    for instruction in body {
        count += parts(instruction).1.iter().filter(|s| **s == Source::View(place)).count();
        count += usize::from(matches!(instruction, Instruction::Load(_, p) if *p == place));
        if matches!(instruction, Instruction::Store(p, _) if *p == place) {
            break;
        }
    }
    count
}
