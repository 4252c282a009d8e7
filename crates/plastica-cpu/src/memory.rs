//! How values come from arrays into registers, and back.

use plastica_engine::backend::{NEVER, Step};

use crate::array::{BLOCK, Block, Kind, Lane};
use crate::frame::{Bound, Frame, Index};
use crate::tape::Axis;

/// Seconds from a marked step to another.
#[inline(always)]
pub fn seconds<C: Lane>(now: Step, marked: i64, dt_s: f64) -> C {
    C::from_f64((now - marked) as f64 * dt_s)
}

/// Time of a last spike.
#[inline(always)]
pub fn last_spike<C: Lane>(step: Step, dt_s: f64) -> C {
    C::from_f64(if step <= NEVER { f64::NEG_INFINITY } else { step as f64 * dt_s })
}

/// A value of an array.
///
/// # Safety
/// The array has an element at that place.
#[inline(always)]
pub unsafe fn value<C: Lane>(bound: &Bound, at: usize) -> C {
    // SAFETY: the caller says that the element exists; `kind` is the array's.
    unsafe {
        match bound.kind {
            Kind::Single => C::from_f64(f64::from(*bound.pointer.cast::<f32>().add(at))),
            Kind::Double => C::from_f64(*bound.pointer.cast::<f64>().add(at)),
            Kind::Step => C::ZERO,
        }
    }
}

/// Reads from an array.
///
/// # Safety
/// The array has the places of `index`, and a spare block at its end.
#[inline(always)]
pub unsafe fn load<T: Copy, C: Lane>(to: &mut [Block<C>], from: *const T, index: Index, n: usize, f: impl Fn(T) -> C) {
    // SAFETY: the caller's promise.
    unsafe {
        match index {
            Index::Run(start) => {
                let from = std::slice::from_raw_parts(from.add(start), n);
                for (to, x) in to.as_flattened_mut().iter_mut().zip(from) {
                    *to = f(*x);
                }
            }
            Index::List(list) => {
                let list = std::slice::from_raw_parts(list, n);
                for (to, at) in to.as_flattened_mut().iter_mut().zip(list) {
                    *to = f(*from.add(*at as usize));
                }
            }
            Index::One(at) => to.fill([f(*from.add(at)); BLOCK]),
        }
    }
}

/// Writes to an array.
///
/// # Safety
/// The array has the places of `index`.
#[inline(always)]
pub unsafe fn store<T: Copy, C: Lane>(from: &[Block<C>], to: *mut T, index: Index, n: usize, f: impl Fn(C) -> T) {
    let from = &from.as_flattened()[..n];
    // SAFETY: the caller's promise.
    unsafe {
        match index {
            Index::Run(start) => {
                let to = std::slice::from_raw_parts_mut(to.add(start), n);
                for (to, x) in to.iter_mut().zip(from) {
                    *to = f(*x);
                }
            }
            Index::List(list) => {
                // Converted a block at a time, then written one by one.
                for (from, list) in from.chunks(BLOCK).zip(std::slice::from_raw_parts(list, n).chunks(BLOCK)) {
                    if let (Ok(from), Ok(list)) = (<&Block<C>>::try_from(from), <&[u32; BLOCK]>::try_from(list)) {
                        let block = from.map(&f);
                        for l in 0..BLOCK {
                            *to.add(list[l] as usize) = block[l];
                        }
                    } else {
                        for (x, at) in from.iter().zip(list) {
                            *to.add(*at as usize) = f(*x);
                        }
                    }
                }
            }
            Index::One(at) => {
                for x in from {
                    *to.add(at) = f(*x);
                }
            }
        }
    }
}

/// Adds to an array, element after element: several may have the same target.
///
/// # Safety
/// The array has the places of the frame's axis, and is of `T`.
#[inline(always)]
pub unsafe fn add<C: Lane, T: Copy>(from: &[Block<C>], bound: &Bound, frame: &Frame, axis: Axis, n: usize, f: impl Fn(T, C) -> T) {
    let index = frame.on(axis);
    let to = bound.sink.cast::<T>();
    let from = &from.as_flattened()[..n];
    // SAFETY: the caller's promise; rows of a ring are as wide as the array.
    unsafe {
        if let Some(waiting) = bound.waiting.as_ref() {
            for (i, x) in from.iter().enumerate() {
                let (at, delay) = (index.at(i), *waiting.delays.add(frame.own.at(i)) as usize);
                if delay > 0 {
                    let row = (waiting.present + delay) % waiting.count;
                    let to = waiting.rows.cast::<T>().add(row * waiting.width + at);
                    *to = f(*to, *x);
                } else if bound.gate.is_null() || *bound.gate.add(at) != 0 {
                    *to.add(at) = f(*to.add(at), *x);
                }
            }
        } else if !bound.gate.is_null() {
            for (i, x) in from.iter().enumerate() {
                let at = index.at(i);
                if *bound.gate.add(at) != 0 {
                    *to.add(at) = f(*to.add(at), *x);
                }
            }
        } else if let Index::List(list) = index {
            for (i, x) in from.iter().enumerate() {
                let to = to.add(*list.add(i) as usize);
                *to = f(*to, *x);
            }
        } else {
            for (i, x) in from.iter().enumerate() {
                let to = to.add(index.at(i));
                *to = f(*to, *x);
            }
        }
    }
}
