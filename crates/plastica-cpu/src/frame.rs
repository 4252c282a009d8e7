//! What a tape is run on: the elements of a chunk, the addresses of arrays, and what else a tape reads.

use std::ops::{Deref, DerefMut};

use plastica_engine::backend::Step;

use crate::array::{Kind, Values};
use crate::tape::Axis;

/// Where the elements of a chunk stand on an axis.
#[derive(Clone, Copy, Debug)]
pub enum Index {
    /// One after another, from here on.
    Run(usize),
    /// At these places, one for each element.
    List(*const u32),
    /// All at the same place.
    One(usize),
}

impl Index {
    /// Place of an element.
    ///
    /// # Safety
    /// A list has more than `i` entries.
    #[inline(always)]
    pub unsafe fn at(self, i: usize) -> usize {
        match self {
            Index::Run(start) => start + i,
            // SAFETY: the caller says that the list is long enough.
            Index::List(list) => unsafe { *list.add(i) as usize },
            Index::One(place) => place,
        }
    }
}

/// The elements of a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// How many, at most [`CHUNK`].
    pub n: usize,
    /// On the axis of their own.
    pub own: Index,
    /// Presynaptic neurons, numbered in the whole population.
    pub pre: Index,
    /// Postsynaptic neurons, numbered among the owned ones.
    pub post: Index,
}

impl Frame {
    /// On any axis.
    #[inline(always)]
    pub fn on(&self, axis: Axis) -> Index {
        match axis {
            Axis::Own => self.own,
            Axis::Pre => self.pre,
            Axis::Post => self.post,
            Axis::Scalar => Index::One(0),
        }
    }

    /// Consecutive elements.
    pub fn run(start: usize, n: usize) -> Frame {
        Frame { n, own: Index::Run(start), pre: Index::One(0), post: Index::One(0) }
    }
}

/// Where increments with a delay of their own wait: one row of values for each step of a ring.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// First value of the first row.
    pub rows: *mut u8,
    /// Number of rows.
    pub count: usize,
    /// Values in a row.
    pub width: usize,
    /// Delay of each synapse in steps.
    pub delays: *const u32,
    /// Row of the present step.
    pub present: usize,
}

/// The array of a place.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// Type of its elements.
    pub kind: Kind,
    /// Address of the element at place 0 of the axis.
    pub pointer: *mut u8,
    /// Where increments go: the same, unless they travel on.
    pub sink: *mut u8,
    /// Where increments that find 0 here, at the place of the target, are lost (or null).
    pub gate: *const u8,
    /// Values are stored as they are: they belong to a computation, not to the state.
    pub raw: bool,
    /// Increments wait here first (or null).
    pub waiting: *const Waiting,
}

impl Bound {
    /// An array that any increment reaches at once.
    pub fn plain(kind: Kind, pointer: *mut u8) -> Bound {
        Bound { kind, pointer, sink: pointer, gate: std::ptr::null(), raw: false, waiting: std::ptr::null() }
    }
}

/// Addresses of a list of arrays, none of which moves or grows while they are in use.
#[derive(Default)]
pub struct Bounds(Vec<Bound>);

// SAFETY: the arrays belong to the same population or projection as their addresses, and travel with it.
unsafe impl Send for Bounds {}

impl Bounds {
    /// Of arrays that every increment reaches at once.
    pub fn plain(values: &mut [Values]) -> Bounds {
        values.iter_mut().map(|v| Bound::plain(v.kind(), v.pointer())).collect()
    }
}

impl FromIterator<Bound> for Bounds {
    fn from_iter<T: IntoIterator<Item = Bound>>(bounds: T) -> Bounds {
        Bounds(bounds.into_iter().collect())
    }
}

impl Deref for Bounds {
    type Target = Vec<Bound>;
    fn deref(&self) -> &Vec<Bound> {
        &self.0
    }
}

impl DerefMut for Bounds {
    fn deref_mut(&mut self) -> &mut Vec<Bound> {
        &mut self.0
    }
}

/// What a tape reads besides places.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// Step.
    pub now: Step,
    /// Its length in seconds.
    pub dt_s: f64,
    /// Number of neurons of the population.
    pub size: usize,
    /// Number, in the whole population, of the neuron at place 0 of the neurons' axis.
    pub first: usize,
    /// 1 where a neuron is free.
    pub free: *const u8,
    /// Last spike of each neuron.
    pub last: *const i64,
    /// Which of several synapses of a pair, or null.
    pub multapse: *const u16,
    /// What was kept of the postsynaptic spikes.
    pub kept: Kept,
}

/// What was kept of the postsynaptic spikes of the elements of a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Place of each element's spike in the arrays of the history.
    pub entries: *const u32,
    /// Step of each spike in the history, from `base` on.
    pub steps: *const u32,
    /// See `steps`.
    pub base: Step,
    /// Values of each spike in the history: array after array.
    pub values: *const u8,
    /// Distance between two of those arrays, in values.
    pub width: usize,
}

impl Kept {
    /// Nothing.
    pub const NONE: Kept = Kept { entries: std::ptr::null(), steps: std::ptr::null(), base: 0, values: std::ptr::null(), width: 0 };

    /// Step of the spike of an element.
    ///
    /// # Safety
    /// There are more than `i` entries.
    #[inline(always)]
    pub unsafe fn step(&self, i: usize) -> Step {
        // SAFETY: the caller's promise; entries are places of the history.
        unsafe { self.base + i64::from(*self.steps.add(*self.entries.add(i) as usize)) }
    }
}

/// The scalars that a tape may read.
#[derive(Clone, Copy)]
pub struct Scalars<'a> {
    /// Own.
    pub own: &'a [f64],
    /// Of the presynaptic population.
    pub pre: &'a [f64],
    /// Of the postsynaptic population.
    pub post: &'a [f64],
}
