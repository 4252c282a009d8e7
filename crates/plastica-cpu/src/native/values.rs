//! Where the values of a stretch are while it is written: in vector registers, in mask registers if they are true or false, or in memory.

use super::assemble::{Code, Label, Mask, Operand, Relation, Zmm};
use super::layout::*;
use crate::tape::{CHUNK, Source};

/// Where a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Held {
    /// In a vector register.
    Vector(Zmm),
    /// It is 1 in lanes of a mask, 0 in others.
    Mask(Mask),
}

/// Writes one stretch.
pub struct Writer {
    /// The code so far.
    pub code: Code,
    /// The places that it touches.
    pub places: Vec<u16>,
    /// Those that it stores to.
    pub stores: Vec<u16>,
    /// Scalars that have a vector register of their own.
    pub scalars: Vec<(u32, Zmm)>,
    /// Where the values of the tape's registers are.
    pub values: Vec<(u16, Held)>,
    /// Arrays of which the present block is in a register, because it is read more than once.
    views: Vec<(u16, Zmm)>,
    /// Vector registers that hold nothing.
    pub free: Vec<Zmm>,
    /// Mask registers that hold nothing.
    pub masks: Vec<Mask>,
    /// What is still to be written behind the code.
    pub slow: Vec<Slow>,
    /// The same.
    pub notes: Vec<Note>,
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

/// Code out of the way that notes a block.
pub struct Note {
    /// Where it is left for.
    pub from: Label,
    /// Where it goes back to.
    pub back: Label,
    /// Lanes.
    pub lanes: Mask,
}

/// Registers that must be free for an array to be kept in one: functions and values come first.
const LEFT_FREE: usize = 14;

impl Writer {
    /// Nothing is written yet.
    pub fn new() -> Writer {
        Writer {
            code: Code::default(),
            places: Vec::new(),
            stores: Vec::new(),
            scalars: Vec::new(),
            values: Vec::new(),
            views: Vec::new(),
            free: (0..REGISTER_COUNT).rev().collect(),
            masks: MASKS.to_vec(),
            slow: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Nobody reads a value any more.
    pub fn forget(&mut self, register: u16) {
        if let Some(at) = self.values.iter().position(|(r, _)| *r == register) {
            let held = self.values.swap_remove(at).1;
            self.give_up(held);
        }
    }

    /// What held a value holds nothing any more.
    pub fn give_up(&mut self, held: Held) {
        match held {
            Held::Vector(register) => self.free.push(register),
            Held::Mask(mask) => self.masks.push(mask),
        }
    }

    /// Loads the present block of an array, which is read again.
    pub fn keep_view(&mut self, place: u16) {
        if self.free.len() > LEFT_FREE
            && !self.views.iter().any(|(p, _)| *p == place)
            && let (Some(from), Some(register)) = (self.place(place), self.free.pop())
        {
            self.code.load(register, from);
            self.views.push((place, register));
        }
    }

    /// The present block of an array is in a register.
    pub fn hold_view(&mut self, place: u16, register: Zmm) {
        self.views.push((place, register));
    }

    /// An array is not read again, or is about to change.
    pub fn forget_view(&mut self, place: u16) {
        if let Some(at) = self.views.iter().position(|(p, _)| *p == place) {
            self.free.push(self.views.swap_remove(at).1);
        }
    }

    /// The block ends.
    pub fn forget_views(&mut self) {
        self.free.extend(self.views.drain(..).map(|(_, register)| register));
    }

    /// Where a place is in memory, at the present block.
    pub fn place(&self, place: u16) -> Option<Operand> {
        let at = self.places.iter().position(|p| *p == place)?;
        Some(Operand::Lanes(PLACE_REGISTERS[at], 0))
    }

    /// Where an operand is; what was a mask becomes numbers.
    pub fn at(&mut self, source: Source) -> Option<Operand> {
        match source {
            Source::Register(r) => match self.values.iter().position(|(held, _)| *held == r) {
                None => Some(in_memory(r)),
                Some(at) => match self.values[at].1 {
                    Held::Vector(zmm) => Some(Operand::Zmm(zmm)),
                    Held::Mask(mask) => {
                        let zmm = self.free.pop()?;
                        self.code.load_where(zmm, mask, CONSTANT, 4 * ONE);
                        self.masks.push(mask);
                        self.values[at].1 = Held::Vector(zmm);
                        Some(Operand::Zmm(zmm))
                    }
                },
            },
            Source::Scalar(v) => {
                let held = self.scalars.iter().find(|(held, _)| *held == v);
                Some(held.map_or(Operand::Spread(SCALARS, 4 * v as i32), |(_, zmm)| Operand::Zmm(*zmm)))
            }
            Source::View(place) => match self.views.iter().find(|(p, _)| *p == place) {
                Some((_, zmm)) => Some(Operand::Zmm(*zmm)),
                None => self.place(place),
            },
        }
    }

    /// An operand in a register: its own, or `spare`.
    pub fn held(&mut self, source: Source, spare: Zmm) -> Option<Zmm> {
        let at = self.at(source)?;
        Some(self.in_register(at, spare))
    }

    /// The same of an operand that is somewhere.
    pub fn in_register(&mut self, at: Operand, spare: Zmm) -> Zmm {
        if let Operand::Zmm(r) = at {
            return r;
        }
        self.code.load(spare, at);
        spare
    }

    /// The lanes in which an operand is not 0: its own mask, or `mask`.
    pub fn holds(&mut self, source: Source, spare: Zmm, mask: Mask) -> Option<Mask> {
        if let Source::Register(r) = source
            && let Some((_, Held::Mask(own))) = self.values.iter().find(|(held, _)| *held == r)
        {
            return Some(*own);
        }
        let x = self.held(source, spare)?;
        self.code.compare(mask, Relation::Unequal, x, constant(ZERO));
        Some(mask)
    }

    /// Writes a value to its place among the tape's registers.
    pub fn store_value(&mut self, register: u16, held: Held) -> Option<()> {
        let at = in_memory(register);
        match held {
            Held::Vector(zmm) => self.code.store(at, zmm, 0),
            Held::Mask(mask) => {
                let zmm = self.free.pop()?;
                self.code.load_where(zmm, mask, CONSTANT, 4 * ONE);
                self.code.store(at, zmm, 0);
                self.free.push(zmm);
            }
        }
        Some(())
    }
}

/// Where a register of the tape is in memory.
fn in_memory(register: u16) -> Operand {
    Operand::Lanes(REGISTERS, (register as usize * CHUNK * 4) as i32)
}
