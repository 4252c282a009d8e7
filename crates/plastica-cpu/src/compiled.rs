//! A kernel made ready, in the precision that it needs.

use plastica_engine::backend::Seeds;
use plastica_kernel::ir::{Kernel, Place, Value};
use plastica_numerics::elementary::Real;

use crate::array::{Kind, Lane, Values};
use crate::dispatch::Instructions;
use crate::frame::{Around, Bound, Frame, Index, Kept, Scalars};
use crate::lower::{Context, lower};
use crate::machine::{BLOCKS, Machine};
#[cfg(target_arch = "x86_64")]
use crate::native::Native;
use crate::tape::{CHUNK, Mode, Source, Tape};

/// What all kernels of a population or projection have in common.
pub struct Maker<'a> {
    /// Name that keys the random streams.
    pub owner: &'a str,
    /// Keys of the random numbers.
    pub seeds: Seeds,
    /// Vector instructions.
    pub set: Instructions,
    /// Precision of the run.
    pub real: Kind,
    /// May two synapses of a row have the same target?
    pub multapses: bool,
    /// Type of the array of a place.
    pub kind: &'a dyn Fn(Place) -> Kind,
}

impl Maker<'_> {
    /// Makes a kernel ready for a mode; none if there is nothing to do.
    pub fn make(&self, kernel: &Kernel, keep: Option<Value>, mode: Mode) -> Option<Compiled> {
        self.make_as(kernel, keep, mode, None)
    }

    /// Makes a kernel ready of which is asked where a value is not 0: see [`Compiled::holds`].
    pub fn make_condition(&self, kernel: &Kernel, condition: Value, mode: Mode) -> Option<Compiled> {
        self.make_in(kernel, Some(condition), Context { condition: true, ..self.context(mode, None) })
    }

    /// Makes a kernel ready that computes in double precision or not.
    pub fn make_as(&self, kernel: &Kernel, keep: Option<Value>, mode: Mode, wide: Option<bool>) -> Option<Compiled> {
        self.make_in(kernel, keep, self.context(mode, wide))
    }

    fn context(&self, mode: Mode, wide: Option<bool>) -> Context<'_> {
        Context { mode, multapses: self.multapses, real: self.real, condition: false, wide, kind: self.kind }
    }

    fn make_in(&self, kernel: &Kernel, keep: Option<Value>, context: Context<'_>) -> Option<Compiled> {
        if kernel.ops.is_empty() {
            return None;
        }
        let tape = lower(kernel, keep, context);
        Some(if tape.wide {
            Compiled::Double(Box::new(Machine::new(tape, self.owner, self.seeds, self.set)))
        } else {
            Compiled::Single(Box::new(Machine::new(tape, self.owner, self.seeds, self.set)))
        })
    }
}

/// A kernel made ready.
pub enum Compiled {
    /// It computes in single precision.
    Single(Box<Machine<f32>>),
    /// It computes in double precision.
    Double(Box<Machine<f64>>),
}

macro_rules! each {
    ($this:expr, $m:ident => $body:expr) => {
        match $this {
            Compiled::Single($m) => $body,
            Compiled::Double($m) => $body,
        }
    };
}

impl Compiled {
    /// Its tape.
    pub fn tape(&self) -> &Tape {
        each!(self, m => &m.tape)
    }

    /// Most elements of a frame.
    pub fn step(&self) -> usize {
        if self.tape().one_by_one { 1 } else { CHUNK }
    }

    /// See [`Machine::begin`].
    pub fn begin(&mut self, around: Around, scalars: Scalars<'_>, bind: &dyn Fn(Place) -> Bound) {
        each!(self, m => m.begin(around, scalars, bind));
    }

    /// See [`Machine::bind`].
    pub fn bind(&mut self, bind: &dyn Fn(Place) -> Bound) {
        each!(self, m => m.bind(bind));
    }

    /// See [`Machine::start`].
    pub fn start(&mut self, around: Around, scalars: Scalars<'_>) {
        each!(self, m => m.start(around, scalars));
    }

    /// See [`Machine::line`].
    ///
    /// # Safety
    /// As there.
    pub unsafe fn line(&mut self, frame: &Frame) {
        // SAFETY: passed on to the caller.
        each!(self, m => unsafe { m.line(frame) });
    }

    /// See [`Machine::chunk`].
    ///
    /// # Safety
    /// As there.
    #[inline]
    pub unsafe fn chunk(&mut self, frame: &Frame) {
        // SAFETY: passed on to the caller.
        each!(self, m => unsafe { m.chunk(frame) });
    }

    /// See [`Machine::swap`].
    pub fn swap(&mut self) {
        each!(self, m => m.swap());
    }

    /// See [`Machine::keep`].
    pub fn keep(&self, values: &mut Values, entry: usize, width: usize) {
        each!(self, m => m.keep(values, entry, width));
    }

    /// Says where the kept values of the next chunk are.
    pub fn set_kept(&mut self, kept: Kept) {
        each!(self, m => m.around.kept = kept);
    }

    /// The array of a place of the tape, as it was given at the beginning.
    pub fn bound(&mut self, place: usize) -> &mut Bound {
        each!(self, m => &mut m.bounds[place])
    }

    /// See [`Machine::end`].
    pub fn end(&self, shared: &mut [f64]) {
        each!(self, m => m.end(shared));
    }

    /// Appends `first + i` for each element `i` of the last chunk for which the value asked for is not 0.
    ///
    /// # Safety
    /// `frame` is the one of the last chunk.
    pub unsafe fn holds(&self, frame: &Frame, first: u32, out: &mut Vec<u32>) {
        #[cfg(target_arch = "x86_64")]
        if let Compiled::Single(m) = self
            && let Some(hits) = m.native.as_ref().and_then(Native::answer)
        {
            for hit in hits {
                let mut lanes = hit.lanes;
                while lanes != 0 {
                    out.push(first + hit.first + lanes.trailing_zeros());
                    lanes &= lanes - 1;
                }
            }
            return;
        }
        each!(self, m => {
            // SAFETY: passed on to the caller.
            let values = unsafe { result(m, frame) };
            m.set.holds(values, first, out);
        });
    }

    /// The value asked for, if it is the same for all elements.
    pub fn same_for_all(&self) -> Option<f64> {
        each!(self, m => if let Some(Source::Scalar(v)) = m.tape.result { Some(m.wide[v as usize]) } else { None })
    }

    /// The value asked for, of each element of the last chunk.
    ///
    /// # Safety
    /// `frame` is the one of the last chunk.
    pub unsafe fn results(&self, frame: &Frame, out: &mut Vec<f64>) {
        out.clear();
        each!(self, m => {
            if let Some(x) = self.same_for_all() {
                out.resize(frame.n, x);
            } else {
                // SAFETY: passed on to the caller.
                out.extend(unsafe { result(m, frame) }.iter().map(|x| Real::to_f64(*x)));
            }
        });
    }
}

/// Values of the last chunk.
///
/// # Safety
/// `frame` is the one of the last chunk.
unsafe fn result<'a, C: Lane>(machine: &'a Machine<C>, frame: &Frame) -> &'a [C] {
    match machine.tape.result {
        Some(Source::Register(r)) => &machine.registers[r as usize * BLOCKS..].as_flattened()[..frame.n],
        Some(Source::View(place)) => {
            let Index::Run(start) = frame.own else { panic!("views-are-consecutive") };
            // SAFETY: the array has the elements of the frame.
            unsafe { std::slice::from_raw_parts(machine.bounds[place as usize].pointer.cast::<C>().add(start), frame.n) }
        }
        Some(Source::Scalar(v)) if machine.scalars[v as usize] != C::ZERO => C::ones(frame.n),
        _ => &[],
    }
}
