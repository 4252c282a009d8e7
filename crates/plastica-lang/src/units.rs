//! Physical dimensions and the names of units: SI base and derived units with prefixes, named as Brian2 names them.
//!
//! Source: BIPM, The International System of Units (SI), 9th edition (2019), Tables 2, 4 and 7.

use std::fmt;

/// Powers of metre, kilogram, second, ampere, kelvin, mole, candela.
///
/// Powers are kept in twelfths, so that square roots (noise) and cube roots stay exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dimension([i16; 7]);

const PARTS: i16 = 12;

impl Dimension {
    /// A pure number.
    pub const NONE: Dimension = Dimension([0; 7]);
    /// Time.
    pub const SECOND: Dimension = Dimension([0, 0, PARTS, 0, 0, 0, 0]);
    /// Length.
    pub const METRE: Dimension = Dimension([PARTS, 0, 0, 0, 0, 0, 0]);

    const fn whole(p: [i16; 7]) -> Dimension {
        let mut out = [0; 7];
        let mut k = 0;
        while k < 7 {
            out[k] = p[k] * PARTS;
            k += 1;
        }
        Dimension(out)
    }

    /// Is it a pure number?
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Dimension of a product.
    pub fn times(self, other: Dimension) -> Dimension {
        self.zip(other, 1)
    }

    /// Dimension of a quotient.
    pub fn per(self, other: Dimension) -> Dimension {
        self.zip(other, -1)
    }

    fn zip(self, other: Dimension, sign: i16) -> Dimension {
        let mut out = self.0;
        for (a, b) in out.iter_mut().zip(other.0) {
            *a = a.saturating_add(b.saturating_mul(sign));
        }
        Dimension(out)
    }

    /// Dimension of a power; `None` when the power is no multiple of a twelfth or is too large.
    pub fn power(self, exponent: f64) -> Option<Dimension> {
        let mut out = [0; 7];
        for (o, p) in out.iter_mut().zip(self.0) {
            let value = f64::from(p) * exponent;
            if (value - value.round()).abs() > 1e-9 || value.abs() > 10_000.0 {
                return None;
            }
            *o = value.round() as i16;
        }
        Some(Dimension(out))
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return f.write_str("1 (a pure number)");
        }
        if let Some((name, ..)) = NAMED.iter().find(|(.., d)| d == self) {
            return f.write_str(name);
        }
        // A named unit over or times seconds reads better than seven base units.
        for (name, .., d) in NAMED {
            if d.per(Dimension::SECOND) == *self {
                return write!(f, "{name}/second");
            }
            if d.times(Dimension::SECOND) == *self {
                return write!(f, "{name}*second");
            }
            if Dimension::NONE.per(*d) == *self {
                return write!(f, "1/{name}");
            }
        }
        const BASE: [&str; 7] = ["metre", "kilogram", "second", "amp", "kelvin", "mole", "candela"];
        let part = |wanted: fn(i16) -> bool| -> String {
            let mut names = Vec::new();
            for (p, name) in self.0.iter().zip(BASE) {
                if wanted(*p) {
                    let p = p.abs();
                    names.push(match (p % PARTS, p / PARTS) {
                        (0, 1) => name.to_string(),
                        (0, n) => format!("{name}**{n}"),
                        (_, _) => format!("{name}**{}", f64::from(p) / f64::from(PARTS)),
                    });
                }
            }
            names.join("*")
        };
        let (above, below) = (part(|p| p > 0), part(|p| p < 0));
        match (above.is_empty(), below.is_empty()) {
            (false, true) => f.write_str(&above),
            (true, _) => write!(f, "1/({below})"),
            (false, false) if below.contains('*') => write!(f, "{above}/({below})"),
            (false, false) => write!(f, "{above}/{below}"),
        }
    }
}

/// Name, short form, factor to SI, dimension.
type Named = (&'static str, &'static str, f64, Dimension);

const fn dimension(m: i16, kg: i16, s: i16, a: i16) -> Dimension {
    Dimension::whole([m, kg, s, a, 0, 0, 0])
}

/// Units that take prefixes. The kilogram stands as `gram` with the factor 1e-3.
const NAMED: &[Named] = &[
    ("metre", "m", 1.0, dimension(1, 0, 0, 0)),
    ("kilogram", "kg", 1.0, dimension(0, 1, 0, 0)),
    ("second", "s", 1.0, dimension(0, 0, 1, 0)),
    ("amp", "A", 1.0, dimension(0, 0, 0, 1)),
    ("kelvin", "K", 1.0, Dimension::whole([0, 0, 0, 0, 1, 0, 0])),
    ("mole", "mol", 1.0, Dimension::whole([0, 0, 0, 0, 0, 1, 0])),
    ("candela", "cd", 1.0, Dimension::whole([0, 0, 0, 0, 0, 0, 1])),
    ("hertz", "Hz", 1.0, dimension(0, 0, -1, 0)),
    ("volt", "V", 1.0, dimension(2, 1, -3, -1)),
    ("siemens", "S", 1.0, dimension(-2, -1, 3, 2)),
    ("ohm", "ohm", 1.0, dimension(2, 1, -3, -2)),
    ("farad", "F", 1.0, dimension(-2, -1, 4, 2)),
    ("coulomb", "C", 1.0, dimension(0, 0, 1, 1)),
    ("newton", "N", 1.0, dimension(1, 1, -2, 0)),
    ("joule", "J", 1.0, dimension(2, 1, -2, 0)),
    ("watt", "W", 1.0, dimension(2, 1, -3, 0)),
    ("pascal", "Pa", 1.0, dimension(-1, 1, -2, 0)),
    ("weber", "Wb", 1.0, dimension(2, 1, -2, -1)),
    ("tesla", "T", 1.0, dimension(0, 1, -2, -1)),
    ("henry", "H", 1.0, dimension(2, 1, -2, -2)),
    ("gram", "g", 1e-3, dimension(0, 1, 0, 0)),
    ("molar", "M", 1e3, Dimension::whole([-3, 0, 0, 0, 0, 1, 0])),
    ("liter", "l", 1e-3, dimension(3, 0, 0, 0)),
    ("meter", "m", 1.0, dimension(1, 0, 0, 0)),
    ("ampere", "A", 1.0, dimension(0, 0, 0, 1)),
    ("gramme", "g", 1e-3, dimension(0, 1, 0, 0)),
    ("litre", "l", 1e-3, dimension(3, 0, 0, 0)),
    ("radian", "rad", 1.0, Dimension::NONE),
    ("katal", "kat", 1.0, Dimension::whole([0, 0, -1, 0, 0, 1, 0])),
    ("kilogramme", "kg", 1.0, dimension(0, 1, 0, 0)),
    ("steradian", "sr", 1.0, Dimension::NONE),
    ("lumen", "lm", 1.0, Dimension::whole([0, 0, 0, 0, 0, 0, 1])),
    ("lux", "lx", 1.0, Dimension::whole([-2, 0, 0, 0, 0, 0, 1])),
    ("becquerel", "Bq", 1.0, dimension(0, 0, -1, 0)),
    ("gray", "Gy", 1.0, dimension(2, 0, -2, 0)),
    ("sievert", "Sv", 1.0, dimension(2, 0, -2, 0)),
];

/// Prefixes of the SI, with the power of ten.
const PREFIXES: [(&str, i32); 20] = [
    ("da", 1),
    ("y", -24),
    ("z", -21),
    ("a", -18),
    ("f", -15),
    ("p", -12),
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("c", -2),
    ("d", -1),
    ("h", 2),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
    ("Z", 21),
    ("Y", 24),
];

/// Short forms without a prefix that Brian2 leaves out, because models use the letters for themselves.
const NOT_ALONE: [&str; 13] = ["m", "s", "A", "K", "V", "S", "F", "C", "N", "J", "W", "T", "H"];

/// Factor to SI base units and dimension of a unit's name, e.g. `mV`, `nsiemens`, `Mohm`, `second`.
///
/// ```
/// let (factor, dimension) = plastica_lang::units::unit("mV").unwrap();
/// assert_eq!((factor, dimension.to_string().as_str()), (1e-3, "volt"));
/// assert!(plastica_lang::units::unit("furlong").is_none());
/// ```
pub fn unit(name: &str) -> Option<(f64, Dimension)> {
    // Squares and cubes, as in `uF/cm2`.
    let power = match name.as_bytes().last() {
        Some(b'2') => 2,
        Some(b'3') => 3,
        _ => return plain_unit(name),
    };
    let (factor, dimension) = plain_unit(&name[..name.len() - 1])?;
    // Every factor is a power of ten; its power is read as a decimal, so that it is the nearest number.
    let ten = format!("1e{}", factor.log10().round() as i32 * power);
    Some((ten.parse().unwrap_or(1.0), dimension.power(f64::from(power))?))
}

fn plain_unit(name: &str) -> Option<(f64, Dimension)> {
    for (long, short, factor, dimension) in NAMED {
        if name == *long {
            return Some((*factor, *dimension));
        }
        if name == *short && !NOT_ALONE.contains(short) && *short != "g" && *short != "l" && *short != "M" {
            return Some((*factor, *dimension));
        }
        for (prefix, power) in PREFIXES {
            let Some(rest) = name.strip_prefix(prefix) else { continue };
            if !rest.is_empty() && (rest == *long || rest == *short) && !long.starts_with("kilogram") && *long != "radian" {
                // 1e-3 * 1e-3 is not 1e-6 in binary; read the decimal instead, so that `mg` is exactly 1e-6.
                let power = power
                    + if *factor == 1e-3 {
                        -3
                    } else if *factor == 1e3 {
                        3
                    } else {
                        0
                    };
                return Some((format!("1e{power}").parse().unwrap_or(1.0), *dimension));
            }
        }
    }
    None
}

/// As [`unit`], and also the bare letters `s`, `m`, `V`, `A` and so on, which can only be units right after a number: `1 s`.
pub fn unit_after_number(name: &str) -> Option<(f64, Dimension)> {
    unit(name).or_else(|| NAMED.iter().find(|(_, short, ..)| *short == name).map(|(.., factor, dimension)| (*factor, *dimension)))
}

/// Unit names worth offering for a mistyped one.
pub fn common() -> impl Iterator<Item = &'static str> {
    [
        "volt", "mV", "uV", "second", "ms", "us", "amp", "mA", "uA", "nA", "pA", "siemens", "mS", "uS", "nS", "pS", "farad", "uF", "nF", "pF", "ohm", "Mohm",
        "kohm", "Gohm", "hertz", "Hz", "kHz", "metre", "meter", "mm", "um", "cm", "kelvin", "mole", "mmolar", "mM", "coulomb", "joule", "watt", "boolean",
        "integer",
    ]
    .into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, factor: f64, shown: &str) {
        let (f, d) = unit(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!((f, d.to_string().as_str()), (factor, shown), "{name}");
    }

    #[test]
    fn names_and_prefixes_are_read() {
        check("mV", 1e-3, "volt");
        check("mvolt", 1e-3, "volt");
        check("second", 1.0, "second");
        check("ms", 1e-3, "second");
        check("nS", 1e-9, "siemens");
        check("Mohm", 1e6, "ohm");
        check("um", 1e-6, "metre");
        check("kilogram", 1.0, "kilogram");
        check("kgram", 1.0, "kilogram");
        check("ug", 1e-9, "kilogram");
        check("pF", 1e-12, "farad");
        check("kHz", 1e3, "hertz");
        check("namp", 1e-9, "amp");
        check("mmolar", 1.0, "molar");
        check("cm2", 1e-4, "metre**2");
        check("um3", 1e-18, "liter");
        check("mlux", 1e-3, "lux");
    }

    #[test]
    fn letters_that_models_use_are_not_units() {
        for name in ["m", "s", "A", "V", "g", "N", "", "w", "kkV", "k", "m2", "w2", "cm4", "2"] {
            assert!(unit(name).is_none(), "{name}");
        }
    }

    #[test]
    fn derived_dimensions_have_readable_names() {
        let volt = unit("volt").unwrap().1;
        let second = Dimension::SECOND;
        assert_eq!(volt.per(second).to_string(), "volt/second");
        assert_eq!(second.power(-0.5).unwrap().to_string(), "1/(second**0.5)");
        assert_eq!(volt.per(unit("ohm").unwrap().1).to_string(), "amp");
    }
}
