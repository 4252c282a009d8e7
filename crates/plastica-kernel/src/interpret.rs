//! The meaning of the IR: one element at a time, in `f64`, slow and obvious. Every back end must agree with it.

use plastica_lang::evaluate;
use plastica_lang::model::{Builtin, Function};

use crate::ir::{Kernel, Op, Place, Setup, Value};

/// What the places of a tape mean for one element at a time.
pub trait Memory {
    /// Value of a place.
    fn load(&self, place: Place, element: usize) -> f64;
    /// Sets a place.
    fn store(&mut self, place: Place, element: usize, value: f64);
    /// Adds to a place.
    fn add(&mut self, place: Place, element: usize, value: f64);
    /// Value of an engine quantity.
    fn builtin(&self, builtin: Builtin, element: usize) -> f64;
    /// Seconds since a step slot was marked.
    fn elapsed(&self, place: Place, element: usize) -> f64;
    /// Marks a step slot with the present step.
    fn mark(&mut self, place: Place, element: usize);
    /// A random number.
    fn random(&self, function: Function, mean: f64, stream: u32, element: usize) -> f64;
}

/// Runs a tape for one element; `values` receives the value of each operation.
pub fn run(kernel: &Kernel, element: usize, memory: &mut impl Memory, values: &mut Vec<f64>) {
    values.clear();
    for op in &kernel.ops {
        let at = |v: &Value| values[*v as usize];
        let value = match op {
            Op::Const(x) => *x,
            Op::Builtin(b) => memory.builtin(*b, element),
            Op::Load(p) => memory.load(*p, element),
            Op::Elapsed(p) => memory.elapsed(*p, element),
            Op::Unary(o, a) => evaluate::unary(*o, at(a)),
            Op::Binary(o, a, b) => evaluate::binary(*o, at(a), at(b)),
            Op::Call(f, [a, b, c]) => evaluate::call(*f, [at(a), at(b), at(c)]),
            Op::Select(c, a, b) => {
                if at(c) != 0.0 {
                    at(a)
                } else {
                    at(b)
                }
            }
            Op::Random { function, mean, stream } => memory.random(*function, at(mean), *stream, element),
            Op::Store(p, v) => {
                let v = at(v);
                memory.store(*p, element, v);
                v
            }
            Op::Add(p, v) => {
                let v = at(v);
                memory.add(*p, element, v);
                v
            }
            Op::Mark(p) => {
                memory.mark(*p, element);
                0.0
            }
        };
        values.push(value);
    }
}

/// Runs the derivations of a program: `slots[k]` has a value for each element, `shared[k]` is a scalar.
pub fn run_setup(setup: &[Setup], slots: &mut [Vec<f64>], shared: &mut [f64], dt_s: f64) {
    let mut arrays = Arrays { slots, shared, dt_s };
    let elements = arrays.slots.first().map_or(0, Vec::len);
    let mut values = Vec::new();
    for step in setup {
        match step {
            Setup::Kernel(kernel) => {
                let per_element = kernel.ops.iter().any(|op| matches!(op, Op::Load(Place::Own(_)) | Op::Store(Place::Own(_), _)));
                for element in 0..if per_element { elements } else { 1 } {
                    run(kernel, element, &mut arrays, &mut values);
                }
            }
            Setup::Propagator { n, a, exp, integral } => {
                let per_element = a.iter().chain(exp).any(|p| matches!(p, Place::Own(_)));
                for element in 0..if per_element { elements } else { 1 } {
                    let matrix: Vec<f64> = a.iter().map(|p| arrays.load(*p, element)).collect();
                    let (e, i) = plastica_numerics::linear::propagator(*n, &matrix, dt_s);
                    for (place, value) in exp.iter().zip(e).chain(integral.iter().zip(i)) {
                        arrays.store(*place, element, value);
                    }
                }
            }
        }
    }
}

struct Arrays<'a> {
    slots: &'a mut [Vec<f64>],
    shared: &'a mut [f64],
    dt_s: f64,
}

impl Memory for Arrays<'_> {
    fn load(&self, place: Place, element: usize) -> f64 {
        match place {
            Place::Own(k) => self.slots[k as usize][element],
            Place::Shared(k) => self.shared[k as usize],
            _ => panic!("setup reads its own arrays only"),
        }
    }

    fn store(&mut self, place: Place, element: usize, value: f64) {
        match place {
            Place::Own(k) => self.slots[k as usize][element] = value,
            Place::Shared(k) => self.shared[k as usize] = value,
            _ => panic!("setup writes its own arrays only"),
        }
    }

    fn add(&mut self, _: Place, _: usize, _: f64) {
        panic!("setup only stores");
    }

    fn builtin(&self, builtin: Builtin, _: usize) -> f64 {
        match builtin {
            Builtin::Dt => self.dt_s,
            _ => panic!("setup knows no time and no index"),
        }
    }

    fn elapsed(&self, _: Place, _: usize) -> f64 {
        panic!("setup knows no time");
    }

    fn mark(&mut self, _: Place, _: usize) {
        panic!("setup knows no time");
    }

    fn random(&self, _: Function, _: f64, _: u32, _: usize) -> f64 {
        panic!("setup draws no numbers");
    }
}
