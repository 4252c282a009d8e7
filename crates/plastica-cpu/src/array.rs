//! Arrays of values: in single or double precision, or step numbers.
//!
//! Each array is followed by a few spare elements, so that a whole block can be read at its end.

use plastica_kernel::ir::Storage;
use plastica_numerics::elementary::{Real, single};
use plastica_numerics::random::Drawn;

use crate::rows::{Piece, joined};
use crate::tape::CHUNK;

/// Elements that the inner loops treat as one unit: a 512-bit vector of `f32`.
pub const BLOCK: usize = 16;

/// A unit of values.
pub type Block<C> = [C; BLOCK];

/// Type of the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `f32`
    Single,
    /// `f64`
    Double,
    /// `i64`
    Step,
}

/// A number that tapes compute with.
pub trait Lane: Real + Drawn {
    /// Its type.
    const KIND: Kind;
    /// The value for a condition that holds, or does not.
    #[inline(always)]
    fn truth(holds: bool) -> Self {
        if holds { Self::ONE } else { Self::ZERO }
    }
    /// So many ones, at most [`CHUNK`].
    fn ones(n: usize) -> &'static [Self];
    /// May [`Lane::exp_small`] and [`Lane::exprel_small`] be taken?
    fn is_small(self) -> bool;
    /// e^x, bit for bit as [`Real::exp`], for small x.
    fn exp_small(self) -> Self;
    /// (e^x - 1)/x, bit for bit as [`Real::exprel`], for small x.
    fn exprel_small(self) -> Self;
    /// 0 in place of a magnitude below the smallest normal number: such numbers are slow on many processors, and zero on some.
    fn flushed(self) -> Self;
}

impl Lane for f32 {
    fn ones(n: usize) -> &'static [f32] {
        &[1.0; CHUNK][..n]
    }
    const KIND: Kind = Kind::Single;
    #[inline(always)]
    fn is_small(self) -> bool {
        Real::abs(self) <= single::SMALL
    }
    #[inline(always)]
    fn exp_small(self) -> f32 {
        single::exp_small(self)
    }
    #[inline(always)]
    fn exprel_small(self) -> f32 {
        single::exprel_small(self)
    }
    #[inline(always)]
    fn flushed(self) -> f32 {
        if Real::abs(self) < f32::MIN_POSITIVE { 0.0 } else { self }
    }
}

impl Lane for f64 {
    fn ones(n: usize) -> &'static [f64] {
        &[1.0; CHUNK][..n]
    }
    const KIND: Kind = Kind::Double;
    #[inline(always)]
    fn is_small(self) -> bool {
        false
    }
    #[inline(always)]
    fn exp_small(self) -> f64 {
        Real::exp(self)
    }
    #[inline(always)]
    fn exprel_small(self) -> f64 {
        Real::exprel(self)
    }
    #[inline(always)]
    fn flushed(self) -> f64 {
        if Real::abs(self) < f64::MIN_POSITIVE { 0.0 } else { self }
    }
}

/// Values of all elements of a population or projection.
#[derive(Clone, Debug)]
pub struct Values {
    data: Data,
    len: usize,
}

#[derive(Clone, Debug)]
enum Data {
    Single(Vec<f32>),
    Double(Vec<f64>),
    Step(Vec<i64>),
}

/// Calls one piece of code for each type of array.
macro_rules! each {
    ($data:expr, $v:ident => $body:expr) => {
        match $data {
            Data::Single($v) => $body,
            Data::Double($v) => $body,
            Data::Step($v) => $body,
        }
    };
}

/// Type of the elements of a slot when the run has the precision `real`.
pub fn kind(storage: Storage, real: Kind) -> Kind {
    match storage {
        Storage::Real => real,
        Storage::Wide => Kind::Double,
        Storage::Step => Kind::Step,
    }
}

impl Values {
    /// So many copies of a value.
    pub fn new(kind: Kind, len: usize, value: f64) -> Values {
        let data = match kind {
            Kind::Single => Data::Single(vec![(value as f32).flushed(); len + BLOCK]),
            Kind::Double => Data::Double(vec![value.flushed(); len + BLOCK]),
            Kind::Step => Data::Step(vec![value as i64; len + BLOCK]),
        };
        Values { data, len }
    }

    /// Puts the array together anew: pieces of what it was, and of new values.
    pub fn rejoin(&mut self, pieces: &[Piece], new: &[f64]) {
        // The spare elements at the end must be there again.
        fn put<T: Copy>(values: &mut Vec<T>, pieces: &[Piece], new: &[T], spare: T) -> usize {
            *values = joined(pieces, values, new);
            let len = values.len();
            values.resize(len + BLOCK, spare);
            len
        }
        self.len = match &mut self.data {
            Data::Single(v) => put(v, pieces, &new.iter().map(|x| (*x as f32).flushed()).collect::<Vec<f32>>(), 0.0),
            Data::Double(v) => put(v, pieces, &new.iter().map(|x| x.flushed()).collect::<Vec<f64>>(), 0.0),
            Data::Step(v) => put(v, pieces, &new.iter().map(|x| *x as i64).collect::<Vec<i64>>(), 0),
        };
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Type of the elements.
    pub fn kind(&self) -> Kind {
        match self.data {
            Data::Single(_) => Kind::Single,
            Data::Double(_) => Kind::Double,
            Data::Step(_) => Kind::Step,
        }
    }

    /// Address of the first element.
    pub fn pointer(&mut self) -> *mut u8 {
        each!(&mut self.data, v => v.as_mut_ptr().cast())
    }

    /// One value.
    pub fn get(&self, at: usize) -> f64 {
        match &self.data {
            Data::Single(v) => f64::from(v[at]),
            Data::Double(v) => v[at],
            Data::Step(v) => v[at] as f64,
        }
    }

    /// Sets one value.
    pub fn set(&mut self, at: usize, value: f64) {
        match &mut self.data {
            Data::Single(v) => v[at] = (value as f32).flushed(),
            Data::Double(v) => v[at] = value.flushed(),
            Data::Step(v) => v[at] = value as i64,
        }
    }

    /// The values from `first` on, `count` of them.
    pub fn read(&self, first: usize, count: usize) -> Vec<f64> {
        match &self.data {
            Data::Single(v) => v[first..first + count].iter().map(|x| f64::from(*x)).collect(),
            Data::Double(v) => v[first..first + count].to_vec(),
            Data::Step(v) => v[first..first + count].iter().map(|x| *x as f64).collect(),
        }
    }

    /// Replaces the values from `first` on.
    pub fn write(&mut self, first: usize, values: &[f64]) {
        for (k, x) in values.iter().enumerate() {
            self.set(first + k, *x);
        }
    }

    /// The first element from `first` on, among `count`, that is not finite.
    pub fn find_not_finite(&self, first: usize, count: usize) -> Option<usize> {
        match &self.data {
            Data::Single(v) => find(&v[first..first + count], |x| !x.is_finite()),
            Data::Double(v) => find(&v[first..first + count], |x| !x.is_finite()),
            Data::Step(_) => None,
        }
    }

    /// Adds the values of another array of the same type from `from` on to those from `first` on, and clears them.
    /// Where `gate` is 0 they are lost.
    pub fn add_from(&mut self, first: usize, other: &mut Values, from: usize, count: usize, gate: Option<&[u8]>) {
        fn add<T: Lane>(to: &mut [T], other: &mut [T], gate: Option<&[u8]>) {
            match gate {
                Some(gate) => to.iter_mut().zip(&*other).zip(gate).for_each(|((to, x), free)| *to = if *free != 0 { *to + *x } else { *to }),
                None => to.iter_mut().zip(&*other).for_each(|(to, x)| *to += *x),
            }
            other.fill(T::ZERO);
        }
        match (&mut self.data, &mut other.data) {
            (Data::Single(to), Data::Single(other)) => add(&mut to[first..first + count], &mut other[from..from + count], gate),
            (Data::Double(to), Data::Double(other)) => add(&mut to[first..first + count], &mut other[from..from + count], gate),
            _ => panic!("increments-have-the-type-of-their-target"),
        }
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        each!(&self.data, v => std::mem::size_of_val(v.as_slice()))
    }
}

/// Place of the first element for which `bad` holds; whole pieces are tested at once.
fn find<T: Copy>(values: &[T], bad: impl Fn(T) -> bool) -> Option<usize> {
    const PIECE: usize = 256;
    for (k, piece) in values.chunks(PIECE).enumerate() {
        if piece.iter().fold(false, |any, x| any | bad(*x)) {
            return piece.iter().position(|x| bad(*x)).map(|at| k * PIECE + at);
        }
    }
    None
}
