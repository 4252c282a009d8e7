//! Sums and products of `f64` with their rounding errors, and a small double-double type.
//!
//! Sources: Dekker (1971) for the product, Knuth for the sum; the splitting clears the low 27
//! bits of the significand, so the error term of a product is exact to about 2^-105 of it.

use core::ops::{Add, Mul};

/// a + b and its rounding error, for any order of magnitudes.
#[inline(always)]
pub(crate) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let bb = s - a;
    (s, (a - (s - bb)) + (b - bb))
}

/// a + b and its rounding error, for |a| >= |b| or a = 0.
#[inline(always)]
pub(crate) fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    (s, b - (s - a))
}

#[inline(always)]
fn split(a: f64) -> (f64, f64) {
    let high = f64::from_bits(a.to_bits() & 0xffff_ffff_f800_0000);
    (high, a - high)
}

/// a * b and its rounding error.
#[inline(always)]
pub(crate) fn two_prod(a: f64, b: f64) -> (f64, f64) {
    let p = a * b;
    let (ah, al) = split(a);
    let (bh, bl) = split(b);
    (p, ((ah * bh - p) + ah * bl + al * bh) + al * bl)
}

/// An unevaluated sum of two `f64`: about 105 significant bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Twofold {
    pub(crate) high: f64,
    pub(crate) low: f64,
}

impl Twofold {
    pub(crate) const ZERO: Twofold = Twofold { high: 0.0, low: 0.0 };
    pub(crate) const ONE: Twofold = Twofold { high: 1.0, low: 0.0 };

    pub(crate) fn new(x: f64) -> Twofold {
        Twofold { high: x, low: 0.0 }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.high == 0.0
    }

    /// self / d for a `f64` d.
    pub(crate) fn over(self, d: f64) -> Twofold {
        let q = self.high / d;
        let (p, e) = two_prod(q, d);
        let (high, low) = fast_two_sum(q, (((self.high - p) - e) + self.low) / d);
        Twofold { high, low }
    }

    pub(crate) fn value(self) -> f64 {
        self.high + self.low
    }
}

impl Add for Twofold {
    type Output = Twofold;
    fn add(self, other: Twofold) -> Twofold {
        let (s, e) = two_sum(self.high, other.high);
        let (t, f) = two_sum(self.low, other.low);
        let (s, e) = fast_two_sum(s, e + t);
        let (high, low) = fast_two_sum(s, e + f);
        Twofold { high, low }
    }
}

impl Mul for Twofold {
    type Output = Twofold;
    fn mul(self, other: Twofold) -> Twofold {
        let (p, e) = two_prod(self.high, other.high);
        let (high, low) = fast_two_sum(p, e + (self.high * other.low + self.low * other.high));
        Twofold { high, low }
    }
}
