//! Elementary functions, counter-based random numbers and the matrix exponential, each giving
//! the same bits on every machine.
//!
//! Everything here is built from operations that IEEE 754 rounds correctly (`+ - * /`, `sqrt`,
//! comparisons) and from integer arithmetic. No function of the platform's mathematics library is
//! called and no fused multiply-add is used, so a result does not depend on the processor, the
//! operating system or the width of the vector instructions that the compiler chose.
//!
//! * [`elementary`]: `exp`, `log`, `tanh`, … for `f32` and `f64`, and the trait
//!   [`elementary::Real`] over both.
//! * [`random`]: Philox4x32-10 streams: uniform, normal and Poisson numbers addressed by
//!   (seed, subject, stream, element, step, draw).
//! * [`linear`]: the exact propagator of a linear system of differential equations.
//!
//! **Beware of method syntax on concrete floats**: `x.exp()` with `x: f64` calls the standard
//! library, because inherent methods win over trait methods. Write
//! [`elementary::double::exp`]`(x)` or `Real::exp(x)`; inside code generic over `R: Real` the
//! method syntax is safe.

#![forbid(unsafe_code)]

pub mod elementary;
pub mod linear;
pub mod random;
