//! The elementary functions in `f32`.
//!
//! `exp`, `expm1`, `exprel`, `tanh`, `log`, `sin` and `cos` use `f32` polynomials (the angle is
//! reduced in `f64`); the others are those of [`super::double`] rounded to `f32`, at most 0.501 ulp.

use super::double;

/// 1.5 * 2^23.
const MAGIC: f32 = 12_582_912.0;
const TWO23: f32 = 8_388_608.0;

#[inline(always)]
fn power_of_two(k: u32) -> f32 {
    f32::from_bits(k.wrapping_add(127) << 23)
}

#[inline(always)]
fn nearest(t: f32) -> (f32, u32) {
    let shifted = t + MAGIC;
    (shifted - MAGIC, shifted.to_bits().wrapping_sub(MAGIC.to_bits()))
}

/// (k as float and bits, h, l) with x = k ln 2 + h - l.
#[inline(always)]
fn reduce(x: f32) -> (f32, u32, f32, f32) {
    const LN2_HIGH: f32 = 0.693_359_375;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let (kf, k) = nearest(x * core::f32::consts::LOG2_E);
    (kf, k, x - kf * LN2_HIGH, kf * LN2_LOW)
}

/// e^r - 1 - r for |r| <= 0.35.
#[inline(always)]
fn exp_tail(r: f32) -> f32 {
    let r2 = r * r;
    let a = (1.0 / 2.0) + r * (1.0 / 6.0);
    let b = (1.0 / 24.0) + r * (1.0 / 120.0);
    let c = (1.0 / 720.0) + r * (1.0 / 5040.0);
    r2 * (a + r2 * (b + r2 * c))
}

/// e^x. At most 1 ulp; subnormal results right to 1 of their units, inf above 88.72.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = if x > 89.0 { 89.0 } else { x };
    let x = if x < -105.0 { -105.0 } else { x };
    let (_, k, h, l) = reduce(x);
    let q = exp_tail(h - l);
    let s = 1.0 + h;
    let y = s + ((h - (s - 1.0)) + (q - l));
    let u = k.wrapping_add(254);
    let u1 = u >> 1;
    let u2 = u.wrapping_sub(u1);
    (y * f32::from_bits(u1 << 23)) * f32::from_bits(u2 << 23)
}

/// (high, low, scale) with e^x - 1 = (high + low) * scale; scale = 1 for |x| < 20.
#[inline(always)]
fn expm1_parts(x: f32) -> (f32, f32, f32) {
    let x = if x > 95.0 { 95.0 } else { x };
    let x = if x < -18.0 { -18.0 } else { x };
    let (kf, _, h, l) = reduce(x);
    let q = exp_tail(h - l);
    let k1 = if kf > 30.0 { 30.0 } else { kf };
    let s = power_of_two(nearest(k1).1);
    let scale = power_of_two(nearest(kf - k1).1);
    let s1 = s - 1.0;
    let e1 = if s < 1.0 { 0.0 } else { -1.0 - (s1 - s) };
    let b = s * h;
    let t = s1 + b;
    let bb = t - s1;
    let e = (s1 - (t - bb)) + (b - bb);
    let low = e + (e1 + s * (q - l));
    let sum = t + low;
    (sum, low - (sum - t), scale)
}

/// e^x - 1. At most 1 ulp.
#[inline(always)]
pub fn expm1(x: f32) -> f32 {
    let (t, _, scale) = expm1_parts(x);
    let y = t * scale;
    if x.abs() < 1e-8 { x } else { y }
}

/// (e^x - 1) / x, and 1 at 0. At most 1.6 ulp.
#[inline(always)]
pub fn exprel(x: f32) -> f32 {
    let (t, _, scale) = expm1_parts(x);
    let y = t / x * scale;
    let y = if x > 95.0 { f32::INFINITY } else { y };
    if x.abs() < 1e-8 { 1.0 } else { y }
}

/// Up to this magnitude [`exp_small`] and [`exprel_small`] may be taken: nothing is to be reduced.
pub const SMALL: f32 = 0.34;

/// [`exp`], bit for bit, of |x| <= [`SMALL`].
#[inline(always)]
pub fn exp_small(x: f32) -> f32 {
    let s = 1.0 + x;
    s + ((x - (s - 1.0)) + exp_tail(x))
}

/// [`exprel`], bit for bit, of |x| <= [`SMALL`].
#[inline(always)]
pub fn exprel_small(x: f32) -> f32 {
    let y = (x + exp_tail(x)) / x;
    if x.abs() < 1e-8 { 1.0 } else { y }
}

/// Hyperbolic tangent. At most 1.7 ulp.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let a = x.abs();
    let (t, e, _) = expm1_parts(-2.0 * a);
    let d = 2.0 + t;
    let q = -t / d;
    // The low parts of t and of 2 + t.
    let de = (t - (d - 2.0)) + e;
    let y = q - (e + q * de) / d;
    let y = y.copysign(x);
    if a < 2e-4 { x } else { y }
}

/// log(y) - offset ln 2 + 127 ln 2 for a normal y > 0.
#[inline(always)]
fn log_scaled(y: f32, offset: f32) -> f32 {
    const LN2_HIGH: f32 = f32::from_bits(0x3f31_7180);
    const LN2_LOW: f32 = f32::from_bits(0x3717_f7d1);
    const ROOT: u32 = 0x3f35_04f3;
    let bits = y.to_bits().wrapping_add(0x3f80_0000 - ROOT);
    let k = f32::from_bits((bits >> 23) | TWO23.to_bits()) - (TWO23 + offset);
    let f = f32::from_bits((bits & 0x007f_ffff).wrapping_add(ROOT)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (0.400_009_72 + w * 0.242_790_79);
    let odd = z * (0.666_666_6 + w * 0.284_987_87);
    let half = 0.5 * f * f;
    let base = k * LN2_HIGH;
    let h = base + f;
    let e = f - (h - base);
    h + (e - (half - (s * (half + (even + odd)) + k * LN2_LOW)))
}

/// Natural logarithm. At most 1 ulp; -inf at 0, NaN below.
#[inline(always)]
pub fn log(x: f32) -> f32 {
    let small = x < f32::MIN_POSITIVE;
    let y = if small { x * 33_554_432.0 } else { x };
    let r = log_scaled(y, if small { 127.0 + 25.0 } else { 127.0 });
    let r = if x == f32::INFINITY { x } else { r };
    let r = if x == 0.0 { f32::NEG_INFINITY } else { r };
    if x >= 0.0 { r } else { f32::NAN }
}

/// [`log`], bit for bit, of finite normal positive numbers.
#[inline(always)]
pub(crate) fn log_normal(x: f32) -> f32 {
    log_scaled(x, 127.0)
}

/// Sine and cosine of so many 2^32nd parts of a turn.
#[inline(always)]
pub(crate) fn turn(angle: u32) -> (f32, f32) {
    const PART: f32 = core::f32::consts::TAU / 4_294_967_296.0;
    let k = angle.wrapping_add(1 << 29) >> 30;
    let r = angle.wrapping_sub(k << 30).cast_signed() as f32 * PART;
    let (s, c) = (sin_kernel(r), cos_kernel(r));
    (by_quadrant(k, s, c), by_quadrant(k.wrapping_add(1), s, c))
}

#[inline(always)]
fn reduce_angle(x: f32) -> (f32, u32) {
    const P1: f64 = f64::from_bits(0x3ff9_21fb_5440_0000);
    const P2: f64 = f64::from_bits(0x3dd0_b461_1a62_6331);
    const BIG: f64 = 6_755_399_441_055_744.0;
    let x = f64::from(x);
    let shifted = x * core::f64::consts::FRAC_2_PI + BIG;
    let kf = shifted - BIG;
    let r = ((x - kf * P1) - kf * P2) as f32;
    let bound = 0.8f32.copysign(r);
    (if r.abs() > 0.8 { bound } else { r }, shifted.to_bits() as u32)
}

#[inline(always)]
fn sin_kernel(r: f32) -> f32 {
    let z = r * r;
    r + r * z * (-1.666_665_5e-1 + z * (8.332_161e-3 + z * -1.951_529_6e-4))
}

#[inline(always)]
fn cos_kernel(r: f32) -> f32 {
    let z = r * r;
    let half = 0.5 * z;
    let h = 1.0 - half;
    let p = z * z * (4.166_664_6e-2 + z * (-1.388_731_6e-3 + z * 2.443_315_7e-5));
    h + (((1.0 - h) - half) + p)
}

#[inline(always)]
fn by_quadrant(k: u32, a: f32, b: f32) -> f32 {
    let mask = 0u32.wrapping_sub(k & 1);
    let bits = (a.to_bits() & !mask) | (b.to_bits() & mask);
    f32::from_bits(bits ^ ((k & 2) << 30))
}

/// Sine. At most 1.5 ulp for |x| < 1e6; beyond only the absolute error is small (x below 1e9),
/// and later the value is only some number in [-1, 1].
#[inline(always)]
pub fn sin(x: f32) -> f32 {
    let (r, k) = reduce_angle(x);
    let y = by_quadrant(k, sin_kernel(r), cos_kernel(r));
    if x.abs() < 1e-4 { x } else { y }
}

/// Cosine; accuracy and range as [`sin`].
#[inline(always)]
pub fn cos(x: f32) -> f32 {
    let (r, k) = reduce_angle(x);
    by_quadrant(k.wrapping_add(1), sin_kernel(r), cos_kernel(r))
}

macro_rules! through_double {
    ($($(#[$attr:meta])* $name:ident($($arg:ident),+);)*) => {
        $($(#[$attr])*
        #[inline(always)]
        pub fn $name($($arg: f32),+) -> f32 {
            double::$name($(f64::from($arg)),+) as f32
        })*
    };
}

through_double! {
    /// log(1 + x).
    log1p(x);
    /// Decimal logarithm.
    log10(x);
    /// Tangent.
    tan(x);
    /// Hyperbolic sine.
    sinh(x);
    /// Hyperbolic cosine.
    cosh(x);
    /// Arc sine; NaN outside [-1, 1].
    asin(x);
    /// Arc cosine; NaN outside [-1, 1].
    acos(x);
    /// Arc tangent.
    atan(x);
    /// x^y with C99's special cases.
    pow(x, y);
    /// floor(x / y) as Python's `//` on the same values; x / y when y is 0.
    floor_div(x, y);
    /// Python's `%` on the same values, with the sign of y; NaN when y is 0.
    rem(x, y);
}

/// Square root, correctly rounded.
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    x.sqrt()
}

/// Nearest integer, halves to even; keeps the sign of zero.
#[inline(always)]
pub fn round(x: f32) -> f32 {
    let a = x.abs();
    let r = ((a + TWO23) - TWO23).copysign(x);
    if a < TWO23 { r } else { x }
}

/// Largest integer not above x.
#[inline(always)]
pub fn floor(x: f32) -> f32 {
    let r = round(x);
    let y = if r > x { r - 1.0 } else { r };
    if y == 0.0 { y.copysign(x) } else { y }
}

/// Smallest integer not below x.
#[inline(always)]
pub fn ceil(x: f32) -> f32 {
    -floor(-x)
}

/// Magnitude.
#[inline(always)]
pub fn abs(x: f32) -> f32 {
    x.abs()
}

/// -1, 0 or 1; NaN for NaN.
#[inline(always)]
pub fn sign(x: f32) -> f32 {
    let y = if x == 0.0 { 0.0 } else { x };
    let y = if x > 0.0 { 1.0 } else { y };
    if x < 0.0 { -1.0 } else { y }
}

/// The smaller; NaN if either is NaN.
#[inline(always)]
pub fn min(x: f32, y: f32) -> f32 {
    let m = if x < y { x } else { y };
    if x.is_nan() { x } else { m }
}

/// The larger; NaN if either is NaN.
#[inline(always)]
pub fn max(x: f32, y: f32) -> f32 {
    let m = if x > y { x } else { y };
    if x.is_nan() { x } else { m }
}
