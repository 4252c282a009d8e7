//! The elementary functions in `f64`.
//!
//! Reductions and several polynomials follow Sun's FDLIBM (1993); the exponential family uses the
//! Taylor polynomial on |r| <= ln 2 / 2, and sums whose rounding would show are compensated. The
//! bounds quoted are in units in the last place (ulp) and are asserted by `tests/elementary.rs`
//! against tables computed with mpmath (`reference/elementary.py`).

use super::twofold::{fast_two_sum, two_prod, two_sum};

/// 1.5 * 2^52: adding and subtracting it rounds to an integer and leaves it in the low bits.
const MAGIC: f64 = 6_755_399_441_055_744.0;
const TWO52: f64 = 4_503_599_627_370_496.0;
const LOG2_E: f64 = core::f64::consts::LOG2_E;
/// ln 2 = LN2_HIGH + LN2_LOW; LN2_HIGH has 32 significant bits.
const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
const PI_2_HIGH: f64 = f64::from_bits(0x3ff9_21fb_5444_2d18);
const PI_2_LOW: f64 = f64::from_bits(0x3c91_a626_3314_5c07);
const PI_4: f64 = f64::from_bits(0x3fe9_21fb_5444_2d18);

/// The number 2^k for -1022 <= k <= 1023, k in two's complement.
#[inline(always)]
fn power_of_two(k: u64) -> f64 {
    f64::from_bits(k.wrapping_add(1023) << 52)
}

/// The nearest integer to |t| < 2^51 as a float and in two's complement.
#[inline(always)]
fn nearest(t: f64) -> (f64, u64) {
    let shifted = t + MAGIC;
    (shifted - MAGIC, shifted.to_bits().wrapping_sub(MAGIC.to_bits()))
}

/// e^r - 1 - r for |r| <= 0.35.
#[inline(always)]
fn exp_tail(r: f64) -> f64 {
    const C: [f64; 12] = [
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5040.0,
        1.0 / 40320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
    ];
    let r2 = r * r;
    let r4 = r2 * r2;
    let a = (C[0] + r * C[1]) + r2 * (C[2] + r * C[3]);
    let b = (C[4] + r * C[5]) + r2 * (C[6] + r * C[7]);
    let c = (C[8] + r * C[9]) + r2 * (C[10] + r * C[11]);
    r2 * (a + r4 * (b + r4 * c))
}

/// e^(high + low) for |low| a rounding error of high.
#[inline(always)]
fn exp_twofold(high: f64, low: f64) -> f64 {
    let x = if high > 710.0 { 710.0 } else { high };
    let x = if x < -746.0 { -746.0 } else { x };
    let low = if x == high { low } else { 0.0 };
    let (kf, k) = nearest(x * LOG2_E);
    let h = x - kf * LN2_HIGH;
    let l = kf * LN2_LOW - low;
    let q = exp_tail(h - l);
    let (s, e) = fast_two_sum(1.0, h);
    let y = s + (e + (q - l));
    // 2^k in two halves, so that overflow and gradual underflow come out right.
    let u = k.wrapping_add(2046);
    let u1 = u >> 1;
    let u2 = u.wrapping_sub(u1);
    (y * f64::from_bits(u1 << 52)) * f64::from_bits(u2 << 52)
}

/// e^x. At most 0.7 ulp; below -708.4 the subnormal result is right to 1 of its units; 0 below
/// -745.2, inf above 709.8.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    exp_twofold(x, 0.0)
}

/// (high, low, scale) with e^x - 1 = (high + low) * scale; scale = 1 for |x| < 44.
#[inline(always)]
fn expm1_parts(x: f64) -> (f64, f64, f64) {
    let x = if x > 720.0 { 720.0 } else { x };
    let x = if x < -40.0 { -40.0 } else { x };
    let (kf, _) = nearest(x * LOG2_E);
    let h = x - kf * LN2_HIGH;
    let l = kf * LN2_LOW;
    let q = exp_tail(h - l);
    let k1 = if kf > 64.0 { 64.0 } else { kf };
    let s = power_of_two(nearest(k1).1);
    let scale = power_of_two(nearest(kf - k1).1);
    let (s1, e1) = two_sum(s, -1.0);
    let (t, e) = two_sum(s1, s * h);
    let (t, e) = fast_two_sum(t, e + (e1 + s * (q - l)));
    (t, e, scale)
}

/// e^x - 1. At most 1 ulp.
#[inline(always)]
pub fn expm1(x: f64) -> f64 {
    let (t, _, scale) = expm1_parts(x);
    let y = t * scale;
    if x.abs() < 1e-17 { x } else { y }
}

/// (e^x - 1) / x, and 1 at 0. At most 1.5 ulp; finite up to 716.3.
#[inline(always)]
pub fn exprel(x: f64) -> f64 {
    let (t, _, scale) = expm1_parts(x);
    let y = t / x * scale;
    let y = if x > 720.0 { f64::INFINITY } else { y };
    if x.abs() < 1e-17 { 1.0 } else { y }
}

/// Hyperbolic tangent. At most 0.8 ulp.
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    let a = x.abs();
    // tanh a = -t / (2 + t), t = e^(-2a) - 1, the quotient corrected by its remainder.
    let (t, e, _) = expm1_parts(-2.0 * a);
    let (d, de) = fast_two_sum(2.0, t);
    let de = de + e;
    let inverse = 1.0 / d;
    let q = -t * inverse;
    let (p, pe) = two_prod(q, d);
    let y = q + (((-t - p) - pe) - (e + q * de)) * inverse;
    let y = y.copysign(x);
    if a < 3e-9 { x } else { y }
}

/// Hyperbolic sine. At most 1.2 ulp.
#[inline(always)]
pub fn sinh(x: f64) -> f64 {
    let (t, e, scale) = expm1_parts(x.abs());
    // (t + t / (1 + t)) / 2 = t - t^2 / 2 / (1 + t), whichever cancels less.
    let near = t < 1.0;
    let base = if near { t } else { 0.5 * t };
    let low = if near { e } else { 0.5 * e };
    let part = if near { -0.5 * t * t } else { 0.5 * t };
    let y = (base + (low + part / (t + 1.0))) * scale;
    let y = y.copysign(x);
    if x.abs() < 3e-9 { x } else { y }
}

/// Hyperbolic cosine. At most 1.3 ulp.
#[inline(always)]
pub fn cosh(x: f64) -> f64 {
    let (t, _, scale) = expm1_parts(x.abs());
    let e = 1.0 + t;
    (0.5 * e + 0.5 / e) * scale
}

/// (k, f) with x = 2^k (1 + f) and 1 + f in [sqrt(1/2), sqrt(2)), for positive finite x.
#[inline(always)]
fn decompose(x: f64) -> (f64, f64) {
    let small = x < f64::MIN_POSITIVE;
    let y = if small { x * 18_014_398_509_481_984.0 } else { x };
    let offset = if small { 1023.0 + 54.0 } else { 1023.0 };
    const ROOT: u64 = 0x3fe6_a09e_0000_0000;
    let bits = y.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - ROOT);
    let k = f64::from_bits((bits >> 52) | TWO52.to_bits()) - (TWO52 + offset);
    let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff).wrapping_add(ROOT));
    (k, m - 1.0)
}

/// k ln 2 + log(1 + f) + c for f in [sqrt(1/2) - 1, sqrt(2) - 1] and a small c.
#[inline(always)]
fn log_sum(k: f64, f: f64, c: f64) -> f64 {
    const L: [f64; 7] = [
        6.666_666_666_666_735_130e-01,
        3.999_999_999_940_941_908e-01,
        2.857_142_874_366_239_149e-01,
        2.222_219_843_214_978_396e-01,
        1.818_357_216_161_805_012e-01,
        1.531_383_769_920_937_332e-01,
        1.479_819_860_511_658_591e-01,
    ];
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (L[1] + w * (L[3] + w * L[5]));
    let odd = z * (L[0] + w * (L[2] + w * (L[4] + w * L[6])));
    let half = 0.5 * f * f;
    let (h, e) = fast_two_sum(k * LN2_HIGH, f);
    h + (e - (half - (s * (half + (even + odd)) + (k * LN2_LOW + c))))
}

#[inline(always)]
fn log_special(x: f64, y: f64) -> f64 {
    let y = if x == f64::INFINITY { x } else { y };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    // NaN also for NaN.
    if x >= 0.0 { y } else { f64::NAN }
}

/// Natural logarithm. At most 0.8 ulp; -inf at 0, NaN below.
#[inline(always)]
pub fn log(x: f64) -> f64 {
    let (k, f) = decompose(x);
    log_special(x, log_sum(k, f, 0.0))
}

/// log(1 + x). At most 0.9 ulp; -inf at -1, NaN below.
#[inline(always)]
pub fn log1p(x: f64) -> f64 {
    let u = 1.0 + x;
    let c = if x > 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) };
    let (k, f) = decompose(u);
    let near = k == 0.0;
    let f = if near { x } else { f };
    let c = if near { 0.0 } else { c / u };
    let y = log_special(u, log_sum(k, f, c));
    if x.abs() < 1e-17 { x } else { y }
}

/// The logarithm of a positive finite number as an unevaluated sum, to about 2^-64 of it.
#[inline(always)]
fn log_twofold(x: f64) -> (f64, f64) {
    let (k, f) = decompose(x);
    // log(1 + f) = 2 artanh s = s (2 + z (2/3 + 2/5 z + ...)), s = f / (2 + f), z = s^2.
    let (d, de) = fast_two_sum(2.0, f);
    let inverse = 1.0 / d;
    let s = f * inverse;
    let (p, pe) = two_prod(s, d);
    let se = (((f - p) - pe) - s * de) * inverse;
    let (z, ze) = two_prod(s, s);
    let ze = ze + 2.0 * s * se;
    let z2 = z * z;
    let z4 = z2 * z2;
    let t0 = (2.0 / 5.0 + z * (2.0 / 7.0)) + z2 * (2.0 / 9.0 + z * (2.0 / 11.0));
    let t1 = (2.0 / 13.0 + z * (2.0 / 15.0)) + z2 * (2.0 / 17.0 + z * (2.0 / 19.0));
    let t2 = (2.0 / 21.0 + z * (2.0 / 23.0)) + z2 * (2.0 / 25.0 + z * (2.0 / 27.0));
    let t = t0 + z4 * (t1 + z4 * t2);
    const TWO_THIRDS_LOW: f64 = f64::from_bits(0x3c85_5555_5555_5555);
    let (c, ce) = fast_two_sum(2.0 / 3.0, z * t);
    let ce = ce + (TWO_THIRDS_LOW + ze * t);
    let (w, we) = two_prod(z, c);
    let we = we + (z * ce + ze * c);
    let (g, ge) = fast_two_sum(2.0, w);
    let ge = ge + we;
    let (h, he) = two_prod(s, g);
    let he = he + (s * ge + se * g);
    let (a, ae) = two_sum(k * LN2_HIGH, h);
    fast_two_sum(a, ae + (he + k * LN2_LOW))
}

/// Decimal logarithm. At most 0.6 ulp; exact at powers of ten.
#[inline(always)]
pub fn log10(x: f64) -> f64 {
    const HIGH: f64 = core::f64::consts::LOG10_E;
    const LOW: f64 = f64::from_bits(0x3c69_5355_baaa_fad3);
    let (h, l) = log_twofold(x);
    let (p, e) = two_prod(h, HIGH);
    log_special(x, p + (e + (h * LOW + l * HIGH)))
}

/// x^y. At most 1 ulp where the result is a normal number; C99's special cases.
#[inline(always)]
pub fn pow(x: f64, y: f64) -> f64 {
    const BIG: f64 = 36_893_488_147_419_103_232.0; // 2^65
    let a = x.abs();
    let (h, l) = log_twofold(a);
    let b = if y > BIG { BIG } else { y };
    let b = if b < -BIG { -BIG } else { b };
    let (p, e) = two_prod(b, h);
    let r = exp_twofold(p, e + b * l);
    let ay = y.abs();
    // Zero and infinite bases.
    let up = if y > 0.0 { f64::INFINITY } else { 0.0 };
    let down = if y > 0.0 { 0.0 } else { f64::INFINITY };
    let r = if a == f64::INFINITY { up } else { r };
    let r = if a == 0.0 { down } else { r };
    // Negative bases.
    let whole = round(y) == y;
    let half = 0.5 * y;
    let even = (round(half) == half) | (ay >= 9_007_199_254_740_992.0);
    let odd = whole & !even;
    let negative = x.is_sign_negative();
    let r = if negative & odd { -r } else { r };
    let r = if (x < 0.0) & !whole & (a < f64::INFINITY) { f64::NAN } else { r };
    let r = if (a == 1.0) & (ay == f64::INFINITY) { 1.0 } else { r };
    let r = if x.is_nan() | y.is_nan() { f64::NAN } else { r };
    if (x == 1.0) | (y == 0.0) { 1.0 } else { r }
}

/// (r, its low part, quadrant bits) with x = k pi/2 + r.
#[inline(always)]
fn reduce_angle(x: f64) -> (f64, f64, u64) {
    // pi/2 in parts of 33 bits: the products with |k| < 2^20 are exact.
    const P1: f64 = f64::from_bits(0x3ff9_21fb_5440_0000);
    const P2: f64 = f64::from_bits(0x3dd0_b461_1a60_0000);
    const P3: f64 = f64::from_bits(0x3ba3_198a_2e00_0000);
    const P4: f64 = f64::from_bits(0x397b_839a_2520_49c1);
    let (kf, k) = nearest(x * core::f64::consts::FRAC_2_PI);
    let w = x - kf * P1;
    let (a, ae) = two_sum(w, -(kf * P2));
    let (b, be) = two_sum(a, -(kf * P3));
    let (r, e) = two_sum(b, (ae + be) - kf * P4);
    let outside = r.abs() > 0.8;
    let bound = 0.8f64.copysign(r);
    (if outside { bound } else { r }, if outside { 0.0 } else { e }, k)
}

/// sin(r + e) for |r| < 0.8.
#[inline(always)]
fn sin_kernel(r: f64, e: f64) -> f64 {
    const S: [f64; 6] = [
        -1.666_666_666_666_663_243_48e-01,
        8.333_333_333_322_489_461_24e-03,
        -1.984_126_982_985_794_931_34e-04,
        2.755_731_370_707_006_767_89e-06,
        -2.505_076_025_340_686_341_95e-08,
        1.589_690_995_211_550_102_21e-10,
    ];
    let z = r * r;
    let w = z * z;
    let v = z * r;
    let p = S[1] + z * (S[2] + z * S[3]) + z * w * (S[4] + z * S[5]);
    r - ((z * (0.5 * e - v * p) - e) - v * S[0])
}

/// cos(r + e) for |r| < 0.8.
#[inline(always)]
fn cos_kernel(r: f64, e: f64) -> f64 {
    const C: [f64; 6] = [
        4.166_666_666_666_660_190_37e-02,
        -1.388_888_888_887_410_957_49e-03,
        2.480_158_728_947_672_941_78e-05,
        -2.755_731_435_139_066_330_35e-07,
        2.087_572_321_298_174_827_90e-09,
        -1.135_964_755_778_819_482_65e-11,
    ];
    let z = r * r;
    let w = z * z;
    let p = z * (C[0] + z * (C[1] + z * C[2])) + w * w * (C[3] + z * (C[4] + z * C[5]));
    let half = 0.5 * z;
    let h = 1.0 - half;
    h + (((1.0 - h) - half) + (z * p - r * e))
}

/// `a` where the lowest bit of k is 0, else `b`; negated where bit 1 is set.
#[inline(always)]
fn by_quadrant(k: u64, a: f64, b: f64) -> f64 {
    let mask = 0u64.wrapping_sub(k & 1);
    let bits = (a.to_bits() & !mask) | (b.to_bits() & mask);
    f64::from_bits(bits ^ ((k & 2) << 62))
}

/// Sine. At most 0.9 ulp for |x| < 1.6e6; beyond, the error grows to that of an input changed
/// by a few of its ulp, and for |x| > 1e15 the value is only some number in [-1, 1].
#[inline(always)]
pub fn sin(x: f64) -> f64 {
    let (r, e, k) = reduce_angle(x);
    let y = by_quadrant(k, sin_kernel(r, e), cos_kernel(r, e));
    if x.abs() < 7e-9 { x } else { y }
}

/// Cosine; accuracy and range as [`sin`].
#[inline(always)]
pub fn cos(x: f64) -> f64 {
    let (r, e, k) = reduce_angle(x);
    by_quadrant(k.wrapping_add(1), sin_kernel(r, e), cos_kernel(r, e))
}

/// Tangent. At most 2 ulp for |x| < 1.6e6; beyond as [`sin`].
#[inline(always)]
pub fn tan(x: f64) -> f64 {
    let (r, e, k) = reduce_angle(x);
    let s = sin_kernel(r, e);
    let c = cos_kernel(r, e);
    let mask = 0u64.wrapping_sub(k & 1);
    let (sb, cb) = (s.to_bits(), c.to_bits());
    let top = f64::from_bits((sb & !mask) | (cb & mask));
    let bottom = f64::from_bits(((cb & !mask) | (sb & mask)) ^ ((k & 1) << 63));
    let y = top / bottom;
    if x.abs() < 7e-9 { x } else { y }
}

/// sin(2 pi u) and cos(2 pi u) for u in [0, 1] (u a multiple of 2^-53).
#[inline(always)]
pub(crate) fn turn(u: f64) -> (f64, f64) {
    let t = 4.0 * u;
    let (kf, k) = nearest(t);
    let r = (t - kf) * core::f64::consts::FRAC_PI_2;
    let s = sin_kernel(r, 0.0);
    let c = cos_kernel(r, 0.0);
    (by_quadrant(k, s, c), by_quadrant(k.wrapping_add(1), s, c))
}

/// (arcsin(t) - t) / t for z = t^2 <= 1/4.
#[inline(always)]
fn arc_ratio(z: f64) -> f64 {
    const P: [f64; 6] = [
        1.666_666_666_666_666_574_15e-01,
        -3.255_658_186_224_009_154_05e-01,
        2.012_125_321_348_629_258_81e-01,
        -4.005_553_450_067_941_140_27e-02,
        7.915_349_942_898_145_321_76e-04,
        3.479_331_075_960_211_675_70e-05,
    ];
    const Q: [f64; 4] = [-2.403_394_911_734_414_218_78, 2.020_945_760_233_505_694_71, -6.882_839_716_054_532_930_30e-01, 7.703_815_055_590_193_527_91e-02];
    let p = z * (P[0] + z * (P[1] + z * (P[2] + z * (P[3] + z * (P[4] + z * P[5])))));
    let q = 1.0 + z * (Q[0] + z * (Q[1] + z * (Q[2] + z * Q[3])));
    p / q
}

/// sqrt(z) as a number of few bits and the rest.
#[inline(always)]
fn root_parts(z: f64) -> (f64, f64, f64) {
    let s = z.sqrt();
    let h = f64::from_bits(s.to_bits() & 0xffff_ffff_0000_0000);
    let c = (z - h * h) / (s + h);
    (s, h, if s == 0.0 { 0.0 } else { c })
}

/// Arc sine. At most 1 ulp; NaN outside [-1, 1].
#[inline(always)]
pub fn asin(x: f64) -> f64 {
    let a = x.abs();
    let inner = a < 0.5;
    let z = if inner { x * x } else { 0.5 * (1.0 - a) };
    let q = arc_ratio(z);
    let (s, h, c) = root_parts(z);
    let far = PI_4 - ((2.0 * s * q - (PI_2_LOW - 2.0 * c)) - (PI_4 - 2.0 * h));
    let y = (if inner { a + a * q } else { far }).copysign(x);
    if a < 7e-9 { x } else { y }
}

/// Arc cosine. At most 1 ulp; NaN outside [-1, 1].
#[inline(always)]
pub fn acos(x: f64) -> f64 {
    let a = x.abs();
    let inner = a < 0.5;
    let z = if inner { x * x } else { 0.5 * (1.0 - a) };
    let q = arc_ratio(z);
    let (s, h, c) = root_parts(z);
    let middle = PI_2_HIGH - (x - (PI_2_LOW - x * q));
    let left = 2.0 * (PI_2_HIGH - (s + (q * s - PI_2_LOW)));
    let right = 2.0 * (h + (q * s + c));
    let outer = if x < 0.0 { left } else { right };
    if inner { middle } else { outer }
}

/// Arc tangent. At most 1 ulp.
#[inline(always)]
pub fn atan(x: f64) -> f64 {
    const T: [f64; 11] = [
        3.333_333_333_333_293_180_27e-01,
        -1.999_999_999_987_648_324_76e-01,
        1.428_571_427_250_346_637_11e-01,
        -1.111_111_040_546_235_578_80e-01,
        9.090_887_133_436_506_561_96e-02,
        -7.691_876_205_044_829_994_95e-02,
        6.661_073_137_387_531_206_69e-02,
        -5.833_570_133_790_573_486_45e-02,
        4.976_877_994_615_932_360_17e-02,
        -3.653_157_274_421_691_552_70e-02,
        1.628_582_011_536_578_236_23e-02,
    ];
    let a = x.abs();
    let (top, bottom, high, low) = (a, 1.0, 0.0, 0.0);
    // (top / bottom, offset) by range: at least 7/16, 11/16, 19/16, 39/16.
    let in1 = a >= 0.4375;
    let in2 = a >= 0.6875;
    let in3 = a >= 1.1875;
    let in4 = a >= 2.4375;
    let top = if in1 { 2.0 * a - 1.0 } else { top };
    let bottom = if in1 { 2.0 + a } else { bottom };
    let high = if in1 { f64::from_bits(0x3fdd_ac67_0561_bb4f) } else { high };
    let low = if in1 { f64::from_bits(0x3c7a_2b7f_222f_65e2) } else { low };
    let top = if in2 { a - 1.0 } else { top };
    let bottom = if in2 { a + 1.0 } else { bottom };
    let high = if in2 { PI_4 } else { high };
    let low = if in2 { f64::from_bits(0x3c81_a626_3314_5c07) } else { low };
    let top = if in3 { a - 1.5 } else { top };
    let bottom = if in3 { 1.0 + 1.5 * a } else { bottom };
    let high = if in3 { f64::from_bits(0x3fef_730b_d281_f69b) } else { high };
    let low = if in3 { f64::from_bits(0x3c70_0788_7af0_cbbd) } else { low };
    let top = if in4 { -1.0 } else { top };
    let bottom = if in4 { a } else { bottom };
    let high = if in4 { PI_2_HIGH } else { high };
    let low = if in4 { PI_2_LOW } else { low };
    let t = top / bottom;
    let z = t * t;
    let w = z * z;
    let odd = z * (T[0] + w * (T[2] + w * (T[4] + w * (T[6] + w * (T[8] + w * T[10])))));
    let even = w * (T[1] + w * (T[3] + w * (T[5] + w * (T[7] + w * T[9]))));
    let y = high - ((t * (odd + even) - low) - t);
    let y = y.copysign(x);
    if a < 7e-9 { x } else { y }
}

/// Square root, correctly rounded.
#[inline(always)]
pub fn sqrt(x: f64) -> f64 {
    x.sqrt()
}

/// Nearest integer, halves to even; keeps the sign of zero.
#[inline(always)]
pub fn round(x: f64) -> f64 {
    let a = x.abs();
    let r = ((a + TWO52) - TWO52).copysign(x);
    if a < TWO52 { r } else { x }
}

/// Largest integer not above x.
#[inline(always)]
pub fn floor(x: f64) -> f64 {
    let r = round(x);
    let y = if r > x { r - 1.0 } else { r };
    if y == 0.0 { y.copysign(x) } else { y }
}

/// Smallest integer not below x.
#[inline(always)]
pub fn ceil(x: f64) -> f64 {
    -floor(-x)
}

/// Magnitude.
#[inline(always)]
pub fn abs(x: f64) -> f64 {
    x.abs()
}

/// -1, 0 or 1; NaN for NaN.
#[inline(always)]
pub fn sign(x: f64) -> f64 {
    let y = if x == 0.0 { 0.0 } else { x };
    let y = if x > 0.0 { 1.0 } else { y };
    if x < 0.0 { -1.0 } else { y }
}

/// (quotient, remainder) of Python's `divmod`; x / y and NaN for y = 0 (as NumPy).
fn div_mod(x: f64, y: f64) -> (f64, f64) {
    if y == 0.0 {
        return (x / y, f64::NAN);
    }
    // `%` is exact in IEEE arithmetic, so it is the same number everywhere.
    let mut remainder = x % y;
    let mut quotient = (x - remainder) / y;
    if remainder == 0.0 {
        remainder = 0.0f64.copysign(y);
    } else if (y < 0.0) != (remainder < 0.0) {
        remainder += y;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0f64.copysign(x / y), remainder);
    }
    let whole = floor(quotient);
    (if quotient - whole > 0.5 { whole + 1.0 } else { whole }, remainder)
}

/// floor(x / y) as Python's `//`; x / y when y is 0.
#[inline]
pub fn floor_div(x: f64, y: f64) -> f64 {
    div_mod(x, y).0
}

/// Python's `%`: x - y floor(x / y), with the sign of y; NaN when y is 0.
#[inline]
pub fn rem(x: f64, y: f64) -> f64 {
    div_mod(x, y).1
}

/// The smaller; NaN if either is NaN.
#[inline(always)]
pub fn min(x: f64, y: f64) -> f64 {
    let m = if x < y { x } else { y };
    if x.is_nan() { x } else { m }
}

/// The larger; NaN if either is NaN.
#[inline(always)]
pub fn max(x: f64, y: f64) -> f64 {
    let m = if x > y { x } else { y };
    if x.is_nan() { x } else { m }
}
