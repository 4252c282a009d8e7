//! The elementary functions against mpmath (`reference/elementary.csv`), their special values,
//! and the `f32` functions against the `f64` ones.

use plastica_numerics::elementary::{Real, double, single};
use std::collections::BTreeMap;

/// The bounds of the documentation, in ulp.
const BOUNDS: [(&str, f64); 16] = [
    ("exp", 0.7),
    ("expm1", 1.0),
    ("exprel", 1.5),
    ("log", 0.8),
    ("log1p", 0.9),
    ("log10", 0.6),
    ("sin", 0.9),
    ("cos", 0.9),
    ("tan", 2.0),
    ("sinh", 1.2),
    ("cosh", 1.3),
    ("tanh", 0.8),
    ("asin", 1.0),
    ("acos", 1.0),
    ("atan", 1.0),
    ("pow", 1.0),
];

fn call(name: &str, x: f64, y: f64) -> f64 {
    match name {
        "exp" => double::exp(x),
        "expm1" => double::expm1(x),
        "exprel" => double::exprel(x),
        "log" => double::log(x),
        "log1p" => double::log1p(x),
        "log10" => double::log10(x),
        "sin" => double::sin(x),
        "cos" => double::cos(x),
        "tan" => double::tan(x),
        "sinh" => double::sinh(x),
        "cosh" => double::cosh(x),
        "tanh" => double::tanh(x),
        "asin" => double::asin(x),
        "acos" => double::acos(x),
        "atan" => double::atan(x),
        "pow" => double::pow(x, y),
        _ => panic!("unknown function {name}"),
    }
}

fn ulp(x: f64) -> f64 {
    let a = x.abs();
    f64::from_bits(a.to_bits() + 1) - a
}

/// `PLASTICA_ELEMENTARY_TABLE` names another table of the same form, for a longer check.
#[test]
fn within_the_stated_ulp_of_mpmath() {
    let text = match std::env::var("PLASTICA_ELEMENTARY_TABLE") {
        Ok(path) => std::fs::read_to_string(path).unwrap(),
        Err(_) => include_str!("../reference/elementary.csv").to_string(),
    };
    let mut worst: BTreeMap<&str, (f64, f64, f64, usize)> = BTreeMap::new();
    for row in text.lines() {
        let cells: Vec<&str> = row.split(',').collect();
        let number = |i: usize| f64::from_bits(u64::from_str_radix(cells[i], 16).unwrap());
        let (x, y, near, rest) = (number(1), number(2), number(3), cells[4].parse::<f64>().unwrap());
        let error = ((call(cells[0], x, y) - near) / ulp(near) - rest).abs();
        let entry = worst.entry(cells[0]).or_insert((0.0, x, y, 0));
        entry.3 += 1;
        // A NaN counts as the worst.
        if error.is_nan() || error > entry.0 {
            *entry = (if error.is_nan() { f64::INFINITY } else { error }, x, y, entry.3);
        }
    }
    let mut failed = false;
    for (name, bound) in BOUNDS {
        let (error, x, y, count) = worst[name];
        println!("{name:8} {error:.3} ulp of {bound} at {x:e} {y:e} ({count} points)");
        assert!(count >= 150, "{name} has {count} points");
        failed |= error > bound;
    }
    assert!(!failed, "{worst:#?}");
}

/// The bits of all results over the table, hashed: equal on every platform and build.
#[test]
fn the_same_bits_everywhere() {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for row in include_str!("../reference/elementary.csv").lines() {
        let cells: Vec<&str> = row.split(',').collect();
        let number = |i: usize| f64::from_bits(u64::from_str_radix(cells[i], 16).unwrap());
        let bits = call(cells[0], number(1), number(2)).to_bits();
        hash = (hash ^ bits).wrapping_mul(0x0000_0100_0000_01b3);
        let x = number(1) as f32;
        if x.is_finite() && x > 0.0 {
            for f in [single::exp, single::expm1, single::exprel, single::tanh, single::log, single::sin, single::cos] {
                hash = (hash ^ u64::from(f(x).to_bits())).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
    assert_eq!(hash, 0x0deb_8cf6_2f3e_521d, "{hash:#018x}");
}

fn same(name: &str, got: f64, want: f64) {
    let equal = got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan());
    assert!(equal, "{name}: {got:e} instead of {want:e}");
}

#[test]
fn special_values() {
    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;
    let table: &[(&str, f64, f64)] = &[
        ("exp", 0.0, 1.0),
        ("exp", -0.0, 1.0),
        ("exp", INF, INF),
        ("exp", -INF, 0.0),
        ("exp", NAN, NAN),
        ("exp", 710.0, INF),
        ("exp", 1e300, INF),
        ("exp", -1e300, 0.0),
        ("exp", -746.0, 0.0),
        ("exp", -745.0, 5e-324),
        ("exp", 1.0, core::f64::consts::E),
        ("expm1", 0.0, 0.0),
        ("expm1", -0.0, -0.0),
        ("expm1", INF, INF),
        ("expm1", -INF, -1.0),
        ("expm1", NAN, NAN),
        ("expm1", 5e-324, 5e-324),
        ("expm1", -1e-300, -1e-300),
        ("expm1", 710.0, INF),
        ("exprel", 0.0, 1.0),
        ("exprel", -0.0, 1.0),
        ("exprel", 5e-324, 1.0),
        ("exprel", INF, INF),
        ("exprel", -INF, 0.0),
        ("exprel", NAN, NAN),
        ("exprel", 719.0, INF),
        ("log", 0.0, -INF),
        ("log", -0.0, -INF),
        ("log", 1.0, 0.0),
        ("log", -1.0, NAN),
        ("log", -INF, NAN),
        ("log", INF, INF),
        ("log", NAN, NAN),
        ("log", 5e-324, -744.4400719213812),
        ("log1p", 0.0, 0.0),
        ("log1p", -0.0, -0.0),
        ("log1p", -1.0, -INF),
        ("log1p", -2.0, NAN),
        ("log1p", INF, INF),
        ("log1p", NAN, NAN),
        ("log1p", 1e-300, 1e-300),
        ("log10", 0.0, -INF),
        ("log10", INF, INF),
        ("log10", -3.0, NAN),
        ("log10", NAN, NAN),
        ("sin", 0.0, 0.0),
        ("sin", -0.0, -0.0),
        ("sin", INF, NAN),
        ("sin", -INF, NAN),
        ("sin", NAN, NAN),
        ("cos", 0.0, 1.0),
        ("cos", INF, NAN),
        ("cos", NAN, NAN),
        ("tan", -0.0, -0.0),
        ("tan", INF, NAN),
        ("sinh", -0.0, -0.0),
        ("sinh", INF, INF),
        ("sinh", -INF, -INF),
        ("sinh", -711.0, -INF),
        ("cosh", 0.0, 1.0),
        ("cosh", -INF, INF),
        ("cosh", NAN, NAN),
        ("tanh", 0.0, 0.0),
        ("tanh", -0.0, -0.0),
        ("tanh", INF, 1.0),
        ("tanh", -INF, -1.0),
        ("tanh", 30.0, 1.0),
        ("tanh", NAN, NAN),
        ("asin", 1.0, core::f64::consts::FRAC_PI_2),
        ("asin", -1.0, -core::f64::consts::FRAC_PI_2),
        ("asin", -0.0, -0.0),
        ("asin", 1.5, NAN),
        ("asin", INF, NAN),
        ("acos", 1.0, 0.0),
        ("acos", -1.0, core::f64::consts::PI),
        ("acos", 0.0, core::f64::consts::FRAC_PI_2),
        ("acos", -1.5, NAN),
        ("atan", INF, core::f64::consts::FRAC_PI_2),
        ("atan", -INF, -core::f64::consts::FRAC_PI_2),
        ("atan", -0.0, -0.0),
        ("atan", NAN, NAN),
    ];
    for &(name, x, want) in table {
        same(&format!("{name}({x})"), call(name, x, 0.0), want);
    }
    for k in -300..=300 {
        let x: f64 = format!("1e{k}").parse().unwrap();
        if (0..=22).contains(&k) {
            same("log10", double::log10(x), f64::from(k));
        }
        assert!((double::log10(x) - f64::from(k)).abs() < 1e-13);
    }
}

#[test]
fn special_values_of_pow() {
    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;
    let table: &[(f64, f64, f64)] = &[
        (2.0, 10.0, 1024.0),
        (2.0, -1074.0, 5e-324),
        (2.0, 1024.0, INF),
        (-2.0, 3.0, -8.0),
        (-2.0, 2.0, 4.0),
        (-2.0, 0.5, NAN),
        (3.0, 2.0, 9.0),
        (10.0, 5.0, 1e5),
        (9.0, 0.5, 3.0),
        (0.0, 2.0, 0.0),
        (-0.0, 3.0, -0.0),
        (-0.0, 2.0, 0.0),
        (0.0, -1.0, INF),
        (-0.0, -3.0, -INF),
        (-0.0, -2.0, INF),
        (0.0, 0.0, 1.0),
        (NAN, 0.0, 1.0),
        (1.0, NAN, 1.0),
        (NAN, 1.0, NAN),
        (2.0, NAN, NAN),
        (-1.0, INF, 1.0),
        (-1.0, -INF, 1.0),
        (2.0, INF, INF),
        (2.0, -INF, 0.0),
        (0.5, INF, 0.0),
        (0.5, -INF, INF),
        (-0.5, INF, 0.0),
        (INF, 2.0, INF),
        (INF, -1e-9, 0.0),
        (-INF, 3.0, -INF),
        (-INF, 2.0, INF),
        (-INF, 0.5, INF),
        (-INF, -3.0, -0.0),
        (0.0, INF, 0.0),
        (0.0, -INF, INF),
        (1.0 + f64::EPSILON, 1e300, INF),
        (1.0 - f64::EPSILON, 1e300, 0.0),
        (-1.0, 1e300, 1.0),
        (-1.0, 9_007_199_254_740_991.0, -1.0),
        (-1.0, 4_503_599_627_370_497.0, -1.0),
        (5e-324, 1.0, 5e-324),
        (f64::MAX, 1.0, f64::MAX),
    ];
    for &(x, y, want) in table {
        same(&format!("pow({x}, {y})"), double::pow(x, y), want);
    }
}

#[test]
fn sine_and_cosine_stay_bounded_for_every_finite_angle() {
    let mut x = 1e5;
    while x < f64::INFINITY {
        for v in [double::sin(x), double::cos(x), double::sin(-x), double::cos(-x)] {
            assert!(v.abs() <= 1.0, "{x:e}: {v}");
        }
        if x < 1e38 {
            assert!(single::sin(x as f32).abs() <= 1.0 && single::cos(x as f32).abs() <= 1.0);
        }
        x *= 1.37;
    }
    assert!(double::sin(f64::MAX).abs() <= 1.0);
}

#[test]
fn roundings_and_remainders() {
    for (x, floor, ceil, round) in [
        (0.5, 0.0, 1.0, 0.0),
        (-0.5, -1.0, -0.0, -0.0),
        (1.5, 1.0, 2.0, 2.0),
        (2.5, 2.0, 3.0, 2.0),
        (-2.5, -3.0, -2.0, -2.0),
        (0.49999999999999994, 0.0, 1.0, 0.0),
        (-0.0, -0.0, -0.0, -0.0),
        (0.0, 0.0, 0.0, 0.0),
        (4503599627370495.5, 4503599627370495.0, 4503599627370496.0, 4503599627370496.0),
        (1e300, 1e300, 1e300, 1e300),
        (f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY),
        (f64::NAN, f64::NAN, f64::NAN, f64::NAN),
    ] {
        same("floor", double::floor(x), floor);
        same("ceil", double::ceil(x), ceil);
        same("round", double::round(x), round);
        same("floor", double::floor(x), x.floor());
        same("ceil", double::ceil(x), x.ceil());
        same("round", double::round(x), x.round_ties_even());
        let s = x as f32;
        same("floor", single::floor(s).into(), s.floor().into());
        same("ceil", single::ceil(s).into(), s.ceil().into());
        same("round", single::round(s).into(), s.round_ties_even().into());
    }
    // CPython 3.12.
    for (x, y, quotient, remainder) in [
        (7.0, 3.0, 2.0, 1.0),
        (-7.0, 3.0, -3.0, 2.0),
        (7.0, -3.0, -3.0, -2.0),
        (-7.0, -3.0, 2.0, -1.0),
        (1.0, 0.1, 9.0, 0.09999999999999995),
        (-1e-20, 3.0, -1.0, 3.0),
        (6.0, -3.0, -2.0, -0.0),
        (0.5, f64::INFINITY, 0.0, 0.5),
        (-0.5, f64::INFINITY, -1.0, f64::INFINITY),
        (1.0, 0.0, f64::INFINITY, f64::NAN),
    ] {
        same("floor_div", double::floor_div(x, y), quotient);
        same("rem", double::rem(x, y), remainder);
    }
    same("sign", double::sign(-3.0), -1.0);
    same("sign", double::sign(-0.0), 0.0);
    same("sign", double::sign(f64::NAN), f64::NAN);
    same("min", double::min(1.0, f64::NAN), f64::NAN);
    same("max", double::max(f64::NAN, 1.0), f64::NAN);
    same("max", double::max(2.0, 1.0), 2.0);
}

/// Every 997th f32 against the f64 functions.
#[test]
fn single_precision_within_two_ulp() {
    type Pair = (&'static str, fn(f32) -> f32, fn(f64) -> f64, f64, f64, f64);
    let cases: [Pair; 14] = [
        ("exp", single::exp, double::exp, -87.3, 88.7, 1.0),
        ("expm1", single::expm1, double::expm1, -90.0, 88.7, 1.0),
        ("exprel", single::exprel, double::exprel, -90.0, 92.0, 1.6),
        ("tanh", single::tanh, double::tanh, -20.0, 20.0, 1.7),
        ("log", single::log, double::log, 0.0, 3e38, 1.0),
        ("sin", single::sin, double::sin, -1e6, 1e6, 1.5),
        ("cos", single::cos, double::cos, -1e6, 1e6, 1.5),
        ("log1p", single::log1p, double::log1p, -0.9999, 3e38, 0.501),
        ("log10", single::log10, double::log10, 0.0, 3e38, 0.501),
        ("tan", single::tan, double::tan, -1e5, 1e5, 0.501),
        ("sinh", single::sinh, double::sinh, -88.0, 88.0, 0.501),
        ("cosh", single::cosh, double::cosh, -88.0, 88.0, 0.501),
        ("asin", single::asin, double::asin, -1.0, 1.0, 0.501),
        ("atan", single::atan, double::atan, -1e30, 1e30, 0.501),
    ];
    let mut failed = false;
    for (name, f, g, low, high, bound) in cases {
        let (mut worst, mut at, mut bits) = (0.0, 0.0, 0u32);
        while let Some(next) = bits.checked_add(997) {
            let x = f32::from_bits(bits);
            bits = next;
            let wide = f64::from(x);
            if !(wide >= low && wide <= high) {
                continue;
            }
            let want = g(wide);
            if want == 0.0 || want.abs() < 1.2e-38 || !want.is_finite() {
                continue;
            }
            let near = (want.abs() as f32).to_bits();
            let unit = f64::from(f32::from_bits(near + 1)) - f64::from(f32::from_bits(near));
            let error = (f64::from(f(x)) - want).abs() / unit;
            if error.is_nan() || error > worst {
                (worst, at) = (if error.is_nan() { f64::INFINITY } else { error }, x);
            }
        }
        println!("{name:8} {worst:.3} ulp of {bound} at {at:e}");
        failed |= worst > bound;
    }
    assert!(!failed);
}

#[test]
fn special_values_in_single_precision() {
    const INF: f32 = f32::INFINITY;
    let check = |name: &str, got: f32, want: f32| same(name, got.into(), want.into());
    check("exp", single::exp(0.0), 1.0);
    check("exp", single::exp(INF), INF);
    check("exp", single::exp(-INF), 0.0);
    check("exp", single::exp(89.0), INF);
    check("exp", single::exp(-103.0), 1e-45);
    check("exp", single::exp(f32::NAN), f32::NAN);
    check("expm1", single::expm1(-0.0), -0.0);
    check("expm1", single::expm1(-INF), -1.0);
    check("expm1", single::expm1(INF), INF);
    check("exprel", single::exprel(0.0), 1.0);
    check("exprel", single::exprel(-INF), 0.0);
    check("exprel", single::exprel(INF), INF);
    check("tanh", single::tanh(-INF), -1.0);
    check("tanh", single::tanh(-0.0), -0.0);
    check("tanh", single::tanh(f32::NAN), f32::NAN);
    check("log", single::log(0.0), -INF);
    check("log", single::log(-1.0), f32::NAN);
    check("log", single::log(INF), INF);
    check("log", single::log(1.0), 0.0);
    check("log", single::log(1e-45), -103.27893);
    check("sin", single::sin(-0.0), -0.0);
    check("sin", single::sin(INF), f32::NAN);
    check("cos", single::cos(0.0), 1.0);
    check("pow", single::pow(-2.0, 3.0), -8.0);
}

#[test]
fn the_trait_gives_the_same_numbers() {
    fn gate<R: Real>(v: R) -> R {
        R::ONE / (R::ONE + (-(v - R::from_f64(-40.0)) / R::from_f64(5.0)).exp())
    }
    let x = gate(-35.0f64);
    assert_eq!(x, 1.0 / (1.0 + double::exp(-1.0)));
    assert!((gate(-35.0f32).to_f64() - x).abs() < 1e-7);
}

/// No function whose value depends on the platform, no fused multiply-add.
#[test]
fn sources_call_no_platform_mathematics() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            seen += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            for (i, line) in text.lines().enumerate() {
                if line.trim_start().starts_with("//") {
                    continue;
                }
                for word in [
                    "mul_add",
                    ".exp(",
                    ".exp_m1(",
                    ".exp2(",
                    ".ln(",
                    ".ln_1p(",
                    ".log10(",
                    ".log2(",
                    ".powf(",
                    ".powi(",
                    ".sin(",
                    ".cos(",
                    ".tan(",
                    ".sin_cos(",
                    ".tanh(",
                    ".sinh(",
                    ".cosh(",
                    ".asin(",
                    ".acos(",
                    ".atan(",
                    ".atan2(",
                    ".cbrt(",
                    ".hypot(",
                ] {
                    assert!(!line.contains(word), "{}:{}: {word}", path.display(), i + 1);
                }
            }
        }
    }
    assert!(seen >= 6);
}

/// The short ways for small arguments give the bits of the long ones: ends of the range, zeros, subnormals and a walk over all exponents.
#[test]
fn small_arguments_by_the_short_way() {
    let bits = |x: f32| x.to_bits();
    for magnitude in (0..=single::SMALL.to_bits()).step_by(997).chain([single::SMALL.to_bits(), 1, 0x0080_0000, 0x007f_ffff]) {
        for x in [f32::from_bits(magnitude), -f32::from_bits(magnitude)] {
            assert_eq!(bits(single::exp_small(x)), bits(single::exp(x)), "exp({x:e})");
            assert_eq!(bits(single::exprel_small(x)), bits(single::exprel(x)), "exprel({x:e})");
        }
    }
}
