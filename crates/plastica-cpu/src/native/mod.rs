//! Stretches of tapes as machine code, where the processor has AVX-512 and the system lets code be made.
//!
//! A tape's instruction is a loop over a chunk, and each passes its values to the next through memory. Here a stretch of instructions that act
//! on each element by itself becomes one loop, in which values stay in registers. It takes microseconds to make and gives the same bits, so
//! that nothing but time tells whether it was taken; where it cannot be, `chunk` does the work.

mod assemble;
mod functions;
mod layout;
#[cfg(test)]
mod tests;
mod translate;
mod values;

use memmap2::Mmap;
use plastica_kernel::ir::Place;

use crate::array::{BLOCK, Kind, Lane};
use crate::frame::Bound;
use crate::tape::{CHUNK, Instruction, Tape};
pub use layout::Hit;
use layout::{CONSTANTS, Frame, PLACES};
use translate::{Asked, Translated, fits, translate};

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
    /// Does it note where what is asked for is not 0?
    answers: bool,
    /// Do the arrays of this call fit?
    fits: bool,
}

/// The stretches of a tape.
pub struct Native {
    /// In order.
    pub stretches: Vec<Stretch>,
    code: Mmap,
    frame: Box<Frame>,
    /// The blocks of the last chunk in which what is asked for is not 0 everywhere.
    hits: Box<[Hit; CHUNK / BLOCK]>,
    answered: bool,
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
        let asked = Asked { value: tape.result, condition: tape.condition };
        let (mut bytes, mut stretches, mut k) = (Vec::new(), Vec::new(), 0);
        while k < tape.body.len() {
            let len = tape.body[k..].iter().take_while(|i| fits(i, &own, tape.mode.of_neurons())).count();
            let made = if work(&tape.body[k..k + len]) < LEAST { None } else { translate(&tape.body[k..k + len], &tape.body[k + len..], asked) };
            let Some(Translated { code, places, stores, len, answers }) = made.filter(|m| work(&tape.body[k..k + m.len]) >= LEAST) else {
                k += len.max(1);
                continue;
            };
            stretches.push(Stretch { start: k, end: k + len, at: bytes.len(), places, stores, answers, fits: false });
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
            hits: std::ptr::null_mut(),
            places: [std::ptr::null_mut(); PLACES],
        };
        Some(Native { stretches, code: memory.make_exec().ok()?, frame: Box::new(frame), hits: Box::new([Hit::default(); CHUNK / BLOCK]), answered: false })
    }

    /// New arrays: are they of the types that the code was made for, and may all their elements be written?
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
        self.answered = stretch.fits && stretch.answers;
        if !stretch.fits {
            return false;
        }
        let frame = &mut *self.frame;
        frame.registers = chunk.registers;
        frame.scalars = chunk.scalars;
        frame.free = chunk.free;
        frame.whole = chunk.n / BLOCK * BLOCK;
        frame.rest = (1 << (chunk.n % BLOCK)) - 1;
        frame.hits = self.hits.as_mut_ptr();
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

    /// The blocks of the last chunk in which what is asked for is not 0 everywhere, if the code says so.
    pub fn answer(&self) -> Option<&[Hit]> {
        if !self.answered {
            // Then the address may never have been set.
            return None;
        }
        // SAFETY: the code, which has run, has moved the address on by one place for each block that it has noted.
        let noted = unsafe { self.frame.hits.cast_const().offset_from(self.hits.as_ptr()) };
        Some(&self.hits[..noted as usize])
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
