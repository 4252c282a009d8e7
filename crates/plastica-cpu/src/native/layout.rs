//! What the code of a stretch finds where: the words of its frame, the general registers that hold them, and the numbers that it needs.
#![allow(missing_docs, reason = "the places of constants are named after what stands there")]

use plastica_numerics::elementary::single;

use super::assemble::{Gpr, INDEX, Mask, Operand, Zmm};

/// Places that a stretch can touch.
pub const PLACES: usize = 8;
/// Vector registers.
pub const REGISTER_COUNT: Zmm = 32;

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
    /// Where the next block that holds an answer is noted.
    pub hits: *mut Hit,
    /// Arrays, at the present chunk.
    pub places: [*mut u8; PLACES],
}

/// A block in which the value that is asked for is not 0 everywhere.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Hit {
    /// Its first element.
    pub first: u32,
    /// Lanes in which it is not 0.
    pub lanes: u16,
}

pub const WHOLE: i32 = 8 * 4;
pub const REST: i32 = 8 * 5;
pub const HITS: i32 = 8 * 6;
pub const PLACE: i32 = 8 * 7;

pub const FRAME: Gpr = Gpr(7);
pub const REGISTERS: Gpr = Gpr(6);
pub const SCALARS: Gpr = Gpr(2);
pub const FREE: Gpr = Gpr(1);
pub const CONSTANT: Gpr = Gpr(9);
pub const END: Gpr = Gpr(8);
pub const PLACE_REGISTERS: [Gpr; PLACES] = [Gpr(10), Gpr(11), Gpr(3), Gpr(5), Gpr(12), Gpr(13), Gpr(14), Gpr(15)];
/// What a function must leave as it was.
pub const KEPT: [Gpr; 6] = [Gpr(3), Gpr(5), Gpr(12), Gpr(13), Gpr(14), Gpr(15)];
/// Lanes of the last block that are stored.
pub const TAIL: Mask = 7;
/// Masks that hold values from one instruction to the next; the first two are for use within one.
pub const MASKS: [Mask; 4] = [3, 4, 5, 6];

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
    // The bits of the exponent: none is set in what is below the smallest normal number.
    f32::from_bits(0x7f80_0000),
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
pub const ZERO: i32 = 0;
pub const ONE: i32 = 1;
pub const HALF: i32 = 2;
pub const SMALL: i32 = 8;
pub const TINY: i32 = 9;
pub const EXPONENT: i32 = 10;
pub const MAGNITUDE: i32 = 11;
pub const SIGN: i32 = 12;
pub const HIGHEST: i32 = 13;
pub const LOWEST: i32 = 14;
pub const LOG2_E: i32 = 15;
pub const MAGIC: i32 = 16;
pub const LN2_HIGH: i32 = 17;
pub const LN2_LOW: i32 = 18;
pub const TWICE_BIAS: i32 = 19;
pub const HIGHEST_EXPREL: i32 = 20;
pub const LOWEST_EXPREL: i32 = 21;
pub const THIRTY: i32 = 22;
pub const BIAS: i32 = 23;
pub const MINUS_ONE: i32 = 24;
pub const INFINITE: i32 = 25;

/// One of [`CONSTANTS`], for all lanes.
pub fn constant(k: i32) -> Operand {
    Operand::Spread(CONSTANT, 4 * k)
}

const _: () = assert!(INDEX.0 == 0 && std::mem::offset_of!(Frame, places) == PLACE as usize && std::mem::offset_of!(Frame, rest) == REST as usize);
const _: () = assert!(std::mem::offset_of!(Frame, hits) == HITS as usize && size_of::<Hit>() == 8 && std::mem::offset_of!(Hit, lanes) == 4);
