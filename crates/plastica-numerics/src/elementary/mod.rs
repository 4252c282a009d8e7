//! Elementary functions over `f32` and `f64`, the same bits on every machine.
//!
//! [`double`] and [`single`] hold the functions; [`Real`] offers them to generic code. All of
//! them take and return plain numbers (angles in radians) and never panic. Those used in
//! simulation loops (`exp`, `expm1`, `exprel`, `log`, `log1p`, `log10`, `tanh`, `sin`, `cos`,
//! `tan`, `sinh`, `cosh`, `pow`, `atan`, `asin`, `acos`, the roundings) hold no branches, tables
//! or calls, so that a loop over a slice is compiled to vector instructions. `rem` and
//! `floor_div` use the (exact) hardware-independent `%` and are scalar.

// Coefficients are given with the digits of their sources.
#[allow(clippy::excessive_precision)]
pub mod double;
#[allow(clippy::excessive_precision)]
pub mod single;
pub(crate) mod twofold;

use core::fmt::{Debug, Display};
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

macro_rules! real {
    (
        unary { $($(#[$uattr:meta])* $unary:ident;)* }
        binary { $($(#[$battr:meta])* $binary:ident;)* }
    ) => {
        /// A floating-point number with the crate's elementary functions: `f32` or `f64`.
        pub trait Real:
            Copy
            + Send
            + Sync
            + 'static
            + Default
            + Debug
            + Display
            + PartialEq
            + PartialOrd
            + Add<Output = Self>
            + Sub<Output = Self>
            + Mul<Output = Self>
            + Div<Output = Self>
            + Neg<Output = Self>
            + AddAssign
            + SubAssign
            + MulAssign
            + DivAssign
        {
            /// The number 0.
            const ZERO: Self;
            /// The number 1.
            const ONE: Self;
            /// The value nearest to `x` (ties to even).
            fn from_f64(x: f64) -> Self;
            /// The same value as a `f64` (exact).
            fn to_f64(self) -> f64;
            $($(#[$uattr])* fn $unary(self) -> Self;)*
            $($(#[$battr])* fn $binary(self, other: Self) -> Self;)*
        }

        impl Real for f64 {
            const ZERO: f64 = 0.0;
            const ONE: f64 = 1.0;
            #[inline(always)]
            fn from_f64(x: f64) -> f64 {
                x
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self
            }
            $(#[inline(always)]
            fn $unary(self) -> f64 {
                double::$unary(self)
            })*
            $(#[inline(always)]
            fn $binary(self, other: f64) -> f64 {
                double::$binary(self, other)
            })*
        }

        impl Real for f32 {
            const ZERO: f32 = 0.0;
            const ONE: f32 = 1.0;
            #[inline(always)]
            fn from_f64(x: f64) -> f32 {
                x as f32
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            $(#[inline(always)]
            fn $unary(self) -> f32 {
                single::$unary(self)
            })*
            $(#[inline(always)]
            fn $binary(self, other: f32) -> f32 {
                single::$binary(self, other)
            })*
        }
    };
}

real! {
    unary {
        /// e^x.
        exp;
        /// e^x - 1 without cancellation near 0.
        expm1;
        /// (e^x - 1) / x, and 1 at 0.
        exprel;
        /// Natural logarithm; -inf at 0, NaN below.
        log;
        /// log(1 + x) without cancellation near 0.
        log1p;
        /// Decimal logarithm.
        log10;
        /// Sine of an angle in radians.
        sin;
        /// Cosine of an angle in radians.
        cos;
        /// Tangent of an angle in radians.
        tan;
        /// Hyperbolic sine.
        sinh;
        /// Hyperbolic cosine.
        cosh;
        /// Hyperbolic tangent.
        tanh;
        /// Arc sine in radians, NaN outside [-1, 1].
        asin;
        /// Arc cosine in radians, NaN outside [-1, 1].
        acos;
        /// Arc tangent in radians.
        atan;
        /// Square root (correctly rounded).
        sqrt;
        /// Largest integer not above x.
        floor;
        /// Smallest integer not below x.
        ceil;
        /// Nearest integer, halves to even (as NumPy's `round`).
        round;
        /// Magnitude.
        abs;
        /// -1, 0 or 1 (0 for both zeros, NaN for NaN), as NumPy's `sign`.
        sign;
    }
    binary {
        /// self^other with C99's special cases.
        pow;
        /// floor(self / other) as Python's `//`; self / other when `other` is 0.
        floor_div;
        /// Python's `%`: the remainder with the sign of the divisor; NaN when `other` is 0.
        rem;
        /// The smaller; NaN if either is NaN (as NumPy's `minimum`).
        min;
        /// The larger; NaN if either is NaN (as NumPy's `maximum`).
        max;
    }
}
