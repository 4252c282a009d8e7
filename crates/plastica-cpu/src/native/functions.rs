//! Functions of one and more arguments in machine code, step by step as `plastica_numerics` has them.

use plastica_lang::model::Function;

use super::assemble::{self as asm, Label, Op, Operand, Relation, Zmm};
use super::layout::*;
use super::values::{Slow, Writer};
use crate::tape::Source;

impl Writer {
    pub fn function(&mut self, f: Function, to: Zmm, [a, b, c]: [Source; 3]) -> Option<()> {
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

    /// An operation of a register and any operand.
    fn plain(&mut self, op: Op, to: Zmm, a: Zmm, b: Operand) -> Option<()> {
        self.code.binary(op, to, a, b);
        Some(())
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

    /// The long ways, and the notes of blocks with an answer, behind the code.
    pub fn slow_ways(&mut self) {
        for mut slow in std::mem::take(&mut self.slow) {
            self.code.bind(&mut slow.from);
            self.long_exprel(slow.to, slow.x, slow.spare);
            self.code.jump_always(&mut slow.back);
        }
        for mut note in std::mem::take(&mut self.notes) {
            self.code.bind(&mut note.from);
            self.code.load_word(END, FRAME, HITS);
            self.code.note(note.lanes);
            self.code.store_word(END, FRAME, HITS);
            self.code.load_word(END, FRAME, WHOLE);
            self.code.jump_always(&mut note.back);
        }
    }
}
