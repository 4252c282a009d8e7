//! Numbers as a reader wants them: four significant digits, no trailing noise.

/// A number with four significant digits at most; very small and very large ones with an exponent.
///
/// ```
/// use plastica_report::number;
/// assert_eq!([number(0.5330001), number(-0.29), number(12345.6), number(0.0000123), number(3.0)], ["0.533", "-0.29", "12346", "1.23e-5", "3"]);
/// ```
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "not a number".into()
        } else if value > 0.0 {
            "infinite".into()
        } else {
            "-infinite".into()
        };
    }
    let size = value.abs();
    if size == 0.0 {
        return "0".into();
    }
    if !(1e-3..1e6).contains(&size) {
        let text = format!("{value:.3e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{exponent}", trimmed(digits));
    }
    let before = size.log10().floor() as i32;
    trimmed(&format!("{value:.*}", usize::try_from(3 - before).unwrap_or(0))).to_string()
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

/// A number that may be missing: an en dash stands for nothing.
pub(crate) fn or_dash(value: Option<f64>) -> String {
    value.map_or("–".into(), number)
}
