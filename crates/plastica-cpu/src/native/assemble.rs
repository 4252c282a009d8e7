//! Writes the few instructions of AVX-512 that stretches of tapes need, as bytes. Knows nothing of tapes.
//!
//! Encodings: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, sections 2.6 and 2.7 (EVEX). Displacements always have 32 bits.

/// A vector register, 0 to 31.
pub type Zmm = u8;
/// A mask register, 1 to 7.
pub type Mask = u8;

/// A general register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gpr(pub u8);

/// The counter of elements, which indexes memory.
pub const INDEX: Gpr = Gpr(0);

/// Where the last operand of an instruction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// In a register.
    Zmm(Zmm),
    /// From `base + 4*INDEX + displacement` on.
    Lanes(Gpr, i32),
    /// From `base + INDEX + displacement` on.
    Bytes(Gpr, i32),
    /// From `base + displacement` on.
    Fixed(Gpr, i32),
    /// One number at `base + displacement`, for all lanes.
    Spread(Gpr, i32),
}

/// An operation of two sources: prefix, map and byte of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op {
    prefix: u8,
    map: u8,
    code: u8,
}

const fn op(prefix: u8, map: u8, code: u8) -> Op {
    Op { prefix, map, code }
}

/// a + b
pub const ADD: Op = op(0, 1, 0x58);
/// a b
pub const MUL: Op = op(0, 1, 0x59);
/// a - b
pub const SUB: Op = op(0, 1, 0x5c);
/// a < b ? a : b
pub const MIN: Op = op(0, 1, 0x5d);
/// a / b
pub const DIV: Op = op(0, 1, 0x5e);
/// a > b ? a : b
pub const MAX: Op = op(0, 1, 0x5f);
/// The root of b; a is not read.
pub const ROOT: Op = op(0, 1, 0x51);
/// Bits in both.
pub const AND: Op = op(0, 1, 0x54);
/// Bits in one of both.
pub const XOR: Op = op(0, 1, 0x57);
/// Sum of whole numbers.
pub const ADD_WHOLE: Op = op(1, 1, 0xfe);
/// Difference of whole numbers.
pub const SUB_WHOLE: Op = op(1, 1, 0xfa);
const SHIFT: Op = op(1, 1, 0x72);
const LOAD: Op = op(0, 1, 0x10);
const STORE: Op = op(0, 1, 0x11);
const SPREAD: Op = op(1, 2, 0x18);
const COMPARE: Op = op(0, 1, 0xc2);
const BLEND: Op = op(1, 2, 0x65);
const WIDEN: Op = op(1, 2, 0x31);
const TEST: Op = op(1, 2, 0x27);

/// A relation between two numbers, as the processor counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Relation {
    /// a == b
    Equal = 0x00,
    /// a != b, or either is no number
    Unequal = 0x04,
    /// a < b
    Less = 0x11,
    /// a <= b
    LessOrEqual = 0x12,
    /// not a < b
    NotLess = 0x15,
    /// a >= b
    GreaterOrEqual = 0x1d,
    /// a > b
    Greater = 0x1e,
}

/// A place to jump to, and the jumps that wait for it.
#[derive(Default)]
pub struct Label {
    at: Option<usize>,
    from: Vec<usize>,
}

/// Machine code.
#[derive(Default)]
pub struct Code {
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Code {
    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// `reg` and `first` are registers; under `mask` (0: none) lanes that are not in it stay, or become 0.
    fn evex(&mut self, op: Op, reg: u8, first: u8, last: Operand, (mask, zero): (Mask, bool)) {
        let (x, b, spread) = match last {
            Operand::Zmm(r) => (r >> 4, r >> 3, 0),
            Operand::Lanes(base, _) | Operand::Bytes(base, _) | Operand::Fixed(base, _) => (0, base.0 >> 3, 0),
            Operand::Spread(base, _) => (0, base.0 >> 3, 1),
        };
        let not = |bit: u8| !bit & 1;
        self.put(&[
            0x62,
            not(reg >> 3) << 7 | not(x) << 6 | not(b) << 5 | not(reg >> 4) << 4 | op.map,
            (!first & 15) << 3 | 4 | op.prefix,
            u8::from(zero) << 7 | 2 << 5 | spread << 4 | not(first >> 4) << 3 | mask,
            op.code,
        ]);
        self.operand(reg, last);
    }

    fn operand(&mut self, reg: u8, last: Operand) {
        let reg = (reg & 7) << 3;
        let (scale, index, base, displacement) = match last {
            Operand::Zmm(r) => return self.put(&[0xc0 | reg | r & 7]),
            Operand::Lanes(base, d) => (2, INDEX.0, base, d),
            Operand::Bytes(base, d) => (0, INDEX.0, base, d),
            Operand::Fixed(base, d) | Operand::Spread(base, d) => (0, 4, base, d),
        };
        self.put(&[0x80 | reg | 4, scale << 6 | index << 3 | base.0 & 7]);
        self.put(&displacement.to_le_bytes());
    }

    /// `to` = `op(a, b)`.
    pub fn binary(&mut self, op: Op, to: Zmm, a: Zmm, b: Operand) {
        self.evex(op, to, a, b, (0, false));
    }

    /// `to` = the bits of `from`, `by` places higher; what leaves a lane is lost.
    pub fn shift_up(&mut self, to: Zmm, from: Zmm, by: u8) {
        self.evex(SHIFT, 6, to, Operand::Zmm(from), (0, false));
        self.put(&[by]);
    }

    /// `to` = the bits of `from`, `by` places lower.
    pub fn shift_down(&mut self, to: Zmm, from: Zmm, by: u8) {
        self.evex(SHIFT, 2, to, Operand::Zmm(from), (0, false));
        self.put(&[by]);
    }

    /// `to` = what is at `from`.
    pub fn load(&mut self, to: Zmm, from: Operand) {
        let op = if matches!(from, Operand::Spread(..)) { SPREAD } else { LOAD };
        // A broadcast has no bit for one.
        let from = if let Operand::Spread(base, d) = from { Operand::Fixed(base, d) } else { from };
        self.evex(op, to, 0, from, (0, false));
    }

    /// `to` = the number at `base + displacement` in lanes of the mask, 0 in others.
    pub fn load_where(&mut self, to: Zmm, mask: Mask, base: Gpr, displacement: i32) {
        self.evex(SPREAD, to, 0, Operand::Fixed(base, displacement), (mask, true));
    }

    /// `to` = `from` in lanes of the mask, 0 in others.
    pub fn keep_where(&mut self, to: Zmm, mask: Mask, from: Zmm) {
        self.evex(LOAD, to, 0, Operand::Zmm(from), (mask, true));
    }

    /// Stores the lanes of a mask (0: all).
    pub fn store(&mut self, to: Operand, from: Zmm, mask: Mask) {
        self.evex(STORE, from, 0, to, (mask, false));
    }

    /// Lanes for which a relation holds.
    pub fn compare(&mut self, to: Mask, relation: Relation, a: Zmm, b: Operand) {
        self.evex(COMPARE, to, a, b, (0, false));
        self.put(&[relation as u8]);
    }

    /// `to` = `a` in lanes of the mask, `b` in others.
    pub fn select(&mut self, to: Zmm, mask: Mask, a: Operand, b: Zmm) {
        self.evex(BLEND, to, b, a, (mask, false));
    }

    /// Lanes for which a byte at `from` is not 0; `by` is overwritten.
    pub fn bytes_set(&mut self, to: Mask, from: Operand, by: Zmm) {
        self.evex(WIDEN, by, 0, from, (0, false));
        self.evex(TEST, to, by, Operand::Zmm(by), (0, false));
    }

    /// Lanes in which any of the bits of `b` is set in `a`.
    pub fn any_bits(&mut self, to: Mask, a: Zmm, b: Operand) {
        self.evex(TEST, to, a, b, (0, false));
    }

    /// `to` = lanes that are in both masks.
    pub fn both(&mut self, to: Mask, a: Mask, b: Mask) {
        self.put(&[0xc5, 0x84 | (!a & 15) << 3, 0x41, 0xc0 | to << 3 | b]);
    }

    /// `to` = lanes that are in one of two masks.
    pub fn either(&mut self, to: Mask, a: Mask, b: Mask) {
        self.put(&[0xc5, 0x84 | (!a & 15) << 3, 0x45, 0xc0 | to << 3 | b]);
    }

    /// `to` = the mask at `base + displacement`.
    pub fn load_mask(&mut self, to: Mask, base: Gpr, displacement: i32) {
        assert!(base.0 < 8, "masks-are-loaded-from-low-registers");
        self.put(&[0xc5, 0xf8, 0x90]);
        self.operand(to, Operand::Fixed(base, displacement));
    }

    /// Jumps if not all lanes are in a mask.
    pub fn jump_unless_all(&mut self, mask: Mask, to: &mut Label) {
        self.put(&[0xc5, 0xf8, 0x98, 0xc0 | mask << 3 | mask]);
        self.jump(&[0x0f, 0x83], to);
    }

    /// Jumps if any lane is in a mask.
    pub fn jump_if_any(&mut self, mask: Mask, to: &mut Label) {
        self.put(&[0xc5, 0xf8, 0x98, 0xc0 | mask << 3 | mask]);
        self.jump(&[0x0f, 0x85], to);
    }

    /// Writes `INDEX` (32 bits) and a mask (16 bits) to where register 8 points, and moves it on by 8 bytes.
    pub fn note(&mut self, mask: Mask) {
        self.put(&[0x41, 0x89, 0x00]);
        self.put(&[0xc4, 0xc1, 0x78, 0x91, 0x40 | mask << 3, 4]);
        self.put(&[0x49, 0x83, 0xc0, 8]);
    }

    /// The word at `base + displacement` = a register.
    pub fn store_word(&mut self, from: Gpr, base: Gpr, displacement: i32) {
        self.put(&[0x48 | (from.0 >> 3) << 2 | base.0 >> 3, 0x89]);
        self.operand(from.0, Operand::Fixed(base, displacement));
    }

    /// `to` = the word at `base + displacement`.
    pub fn load_word(&mut self, to: Gpr, base: Gpr, displacement: i32) {
        self.put(&[0x48 | (to.0 >> 3) << 2 | base.0 >> 3, 0x8b]);
        self.operand(to.0, Operand::Fixed(base, displacement));
    }

    /// `INDEX` = 0.
    pub fn clear_index(&mut self) {
        self.put(&[0x31, 0xc0]);
    }

    /// `INDEX` += n.
    pub fn advance(&mut self, n: u8) {
        self.put(&[0x48, 0x83, 0xc0, n]);
    }

    /// Jumps if `INDEX` is below a register.
    pub fn jump_if_below(&mut self, end: Gpr, to: &mut Label) {
        self.put(&[0x48 | (end.0 >> 3) << 2, 0x39, 0xc0 | (end.0 & 7) << 3]);
        self.jump(&[0x0f, 0x82], to);
    }

    /// Jumps if `INDEX` is a register.
    pub fn jump_if_at(&mut self, end: Gpr, to: &mut Label) {
        self.put(&[0x48 | (end.0 >> 3) << 2, 0x39, 0xc0 | (end.0 & 7) << 3]);
        self.jump(&[0x0f, 0x84], to);
    }

    /// Jumps if a register above the seventh is 0.
    pub fn jump_if_zero(&mut self, word: Gpr, to: &mut Label) {
        assert!(word.0 >= 8, "words-are-tested-in-high-registers");
        self.put(&[0x4d, 0x85, 0xc0 | (word.0 & 7) << 3 | word.0 & 7]);
        self.jump(&[0x0f, 0x84], to);
    }

    /// Jumps.
    pub fn jump_always(&mut self, to: &mut Label) {
        self.jump(&[0xe9], to);
    }

    fn jump(&mut self, code: &[u8], to: &mut Label) {
        self.put(code);
        to.from.push(self.bytes.len());
        self.put(&[0; 4]);
        if let Some(at) = to.at {
            self.bind_to(to, at);
        }
    }

    /// The label stands here.
    pub fn bind(&mut self, label: &mut Label) {
        let at = self.bytes.len();
        label.at = Some(at);
        self.bind_to(label, at);
    }

    fn bind_to(&mut self, label: &mut Label, at: usize) {
        for from in label.from.drain(..) {
            let distance = at as i32 - (from as i32 + 4);
            self.bytes[from..from + 4].copy_from_slice(&distance.to_le_bytes());
        }
    }

    /// Puts a register on the stack.
    pub fn push(&mut self, r: Gpr) {
        self.put(&[0x40 | r.0 >> 3, 0x50 | r.0 & 7]);
    }

    /// Takes a register from the stack.
    pub fn pop(&mut self, r: Gpr) {
        self.put(&[0x40 | r.0 >> 3, 0x58 | r.0 & 7]);
    }

    /// Returns to a caller that may use other vector instructions.
    pub fn leave(&mut self) {
        self.put(&[0xc5, 0xf8, 0x77, 0xc3]);
    }
}
