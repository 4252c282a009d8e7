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
                self.with(asm::AND, to, a, MAGNITUDE);
                Some(())
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
            self.with(asm::MUL, pair_sum, x, pair.1);
            self.with(asm::ADD, pair_sum, pair_sum, pair.0);
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
        let highest = self.constant_in_register(HIGHEST, h);
        self.code.binary(asm::MIN, h, highest, Operand::Zmm(x));
        let lowest = self.constant_in_register(LOWEST, k);
        self.code.binary(asm::MAX, h, lowest, Operand::Zmm(h));
        // x = k ln 2 + h - l
        self.with(asm::MUL, k, h, LOG2_E);
        self.with(asm::ADD, k, k, MAGIC);
        self.with(asm::SUB, l, k, MAGIC);
        self.with(asm::SUB_WHOLE, k, k, MAGIC);
        self.with(asm::MUL, r, l, LN2_HIGH);
        self.code.binary(asm::SUB, h, h, Operand::Zmm(r));
        self.with(asm::MUL, l, l, LN2_LOW);
        self.code.binary(asm::SUB, r, h, Operand::Zmm(l));
        self.exp_tail(r, q, s, to);
        // s + ((h - (s - 1)) + (tail - l)), s = 1 + h
        self.code.binary(asm::SUB, q, q, Operand::Zmm(l));
        self.with(asm::ADD, s, h, ONE);
        self.with(asm::SUB, to, s, ONE);
        self.code.binary(asm::SUB, to, h, Operand::Zmm(to));
        self.code.binary(asm::ADD, to, to, Operand::Zmm(q));
        self.code.binary(asm::ADD, to, s, Operand::Zmm(to));
        // Times 2^k in two steps, so that neither is out of range.
        self.with(asm::ADD_WHOLE, k, k, TWICE_BIAS);
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
        let own = self.spare::<4>()?;
        let [argument, magnitude, square, sum] = own;
        let x = self.held(a, argument)?;
        self.with(asm::AND, magnitude, x, MAGNITUDE);
        self.compare_with(1, Relation::LessOrEqual, magnitude, SMALL);
        // The long way takes registers of constants, which it loads again, or free ones.
        let lent: Vec<(i32, Zmm)> = self.constants.iter().rev().take(4).copied().collect();
        let taken = self.free.len() - (4 - lent.len()).min(self.free.len());
        let others = lent.iter().map(|(_, register)| *register).chain(self.free[taken..].iter().copied());
        let spare: Vec<Zmm> = own.into_iter().chain(others).collect();
        let mut slow = Slow { from: Label::default(), back: Label::default(), x, to, spare: spare.try_into().ok()?, lent };
        self.code.jump_unless_all(1, &mut slow.from);
        self.exp_tail(x, sum, square, to);
        self.code.binary(asm::ADD, to, x, Operand::Zmm(sum));
        self.code.binary(asm::DIV, to, to, Operand::Zmm(x));
        self.code.bind(&mut slow.back);
        // 1 near 0
        self.compare_with(1, Relation::Less, magnitude, TINY);
        let one = self.constant(ONE);
        self.code.select(to, 1, one, to);
        self.slow.push(slow);
        self.give_back(&own);
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
        // Constants may have lent their registers.
        let constants = std::mem::take(&mut self.constants);
        for mut slow in std::mem::take(&mut self.slow) {
            self.code.bind(&mut slow.from);
            self.long_exprel(slow.to, slow.x, slow.spare);
            slow.lent.iter().for_each(|(k, register)| self.code.load(*register, constant(*k)));
            self.code.jump_always(&mut slow.back);
        }
        self.constants = constants;
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
