//! Durations (`15 s`, `1 h 30 min`) and times of day (`23:00`), read and printed.
//!
//! Times are whole microseconds, so that a life of weeks adds up exactly and nothing drifts: 2^63 of them are 292,000 years.

use plastica_lang::source::{Diagnostic, Table, Text, Value, ValueKind, nearest};

use crate::lexer::{Cursor, Token};

/// Microseconds of a second.
pub const SECOND_US: i64 = 1_000_000;
/// Microseconds of a minute.
pub const MINUTE_US: i64 = 60 * SECOND_US;
/// Microseconds of an hour.
pub const HOUR_US: i64 = 60 * MINUTE_US;
/// Microseconds of 24 hours.
pub const DAY_US: i64 = 24 * HOUR_US;
/// Microseconds of a year of 365.25 days.
pub const YEAR_US: i64 = 365 * DAY_US + 6 * HOUR_US;
/// Longest duration and longest life: about 317 years, so that no sum of two overflows.
pub const LONGEST_US: i64 = 10_000_000_000 * SECOND_US;

/// Units of time, the short form of each first; the printer uses those of [`PRINTED`].
const UNITS: [(&str, i64); 18] = [
    ("us", 1),
    ("ms", 1_000),
    ("s", SECOND_US),
    ("second", SECOND_US),
    ("seconds", SECOND_US),
    ("min", MINUTE_US),
    ("minute", MINUTE_US),
    ("minutes", MINUTE_US),
    ("h", HOUR_US),
    ("hour", HOUR_US),
    ("hours", HOUR_US),
    ("d", DAY_US),
    ("days", DAY_US),
    ("week", 7 * DAY_US),
    ("weeks", 7 * DAY_US),
    ("year", YEAR_US),
    ("years", YEAR_US),
    ("sec", SECOND_US),
];
const PRINTED: [(&str, i64); 6] = [("d", DAY_US), ("h", HOUR_US), ("min", MINUTE_US), ("s", SECOND_US), ("ms", 1_000), ("us", 1)];

/// Seconds of a time in microseconds.
pub fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}

/// A duration as programmes write it: `1 h 30 min`. Days are printed as hours up to 48 h, as protocols do.
pub fn print_duration(us: i64) -> String {
    let mut rest = us.max(0);
    let mut parts = Vec::new();
    for (unit, size) in PRINTED {
        if unit == "d" && us <= 2 * DAY_US {
            continue;
        }
        if rest >= size {
            parts.push(format!("{} {unit}", rest / size));
            rest %= size;
        }
    }
    if parts.is_empty() { "0 s".into() } else { parts.join(" ") }
}

/// A time of day, from microseconds since midnight: `23:00`.
pub fn print_clock(us: i64) -> String {
    let us = us.rem_euclid(DAY_US);
    let (hours, minutes, rest) = (us / HOUR_US, us / MINUTE_US % 60, us % MINUTE_US);
    if rest == 0 { format!("{hours:02}:{minutes:02}") } else { format!("{hours:02}:{minutes:02}:{:02}", rest / SECOND_US) }
}

/// Does a duration begin here?
pub(crate) fn is_duration(cursor: &Cursor<'_>) -> bool {
    matches!(cursor.peek(), Some(Token::Number(_))) && !matches!(cursor.ahead(1), Some(Token::Word(w)) if w == "x")
}

/// Reads numbers with units of time, as far as they go; the cursor stands at the first number.
pub(crate) fn read_duration(cursor: &mut Cursor<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<i64> {
    let start = cursor.mark();
    let mut total = 0.0;
    loop {
        let mark = cursor.mark();
        let Some(Token::Number(number)) = cursor.peek().cloned() else {
            let fault = Diagnostic::error("bad-duration", cursor.here(), format!("a duration was expected, but here is {}", cursor.shown()));
            diagnostics.push(fault.help("write a number and a unit of time, such as 15 s, 70 min or 24 h"));
            return None;
        };
        cursor.skip();
        let Some(Token::Word(unit)) = cursor.peek().cloned() else {
            let fault = Diagnostic::error("bad-duration", cursor.since(mark), format!("`{number}` has no unit of time")).label("no unit");
            diagnostics.push(fault.help(format!("write `{number} s`, `{number} min` or `{number} h`")));
            return None;
        };
        let Some((_, size)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let help = match nearest(&unit, UNITS.iter().map(|(name, _)| *name)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "units of time: us, ms, s, min, h, d".into(),
            };
            diagnostics.push(Diagnostic::error("bad-duration", cursor.here(), format!("`{unit}` is no unit of time")).label("unknown unit").help(help));
            cursor.skip();
            return None;
        };
        cursor.skip();
        let Ok(x) = number.parse::<f64>() else {
            let fault = Diagnostic::error("bad-duration", cursor.since(mark), format!("`{number}` is no number"));
            diagnostics.push(fault.help("write it with one decimal point, such as 7.5 min"));
            return None;
        };
        total += x * *size as f64;
        if !is_duration(cursor) {
            break;
        }
    }
    if !(0.5..=LONGEST_US as f64).contains(&total) {
        let message = if total < 0.5 { "this takes no time" } else { "this is longer than 300 years" };
        diagnostics.push(Diagnostic::error("out-of-range", cursor.since(start), message).help("write a duration such as 15 s, 70 min or 24 h"));
        return None;
    }
    Some(total.round() as i64)
}

/// Reads a time of day, `HH:MM`, as microseconds since midnight; 24:00 is midnight at the end of a day.
pub(crate) fn read_clock(cursor: &mut Cursor<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<i64> {
    let mark = cursor.mark();
    if let (Some(Token::Number(h)), Some(Token::Colon), Some(Token::Number(m))) = (cursor.peek().cloned(), cursor.ahead(1), cursor.ahead(2).cloned()) {
        for _ in 0..3 {
            cursor.skip();
        }
        if let (Ok(hours), Ok(minutes)) = (h.parse::<i64>(), m.parse::<i64>())
            && h.len() <= 2
            && m.len() == 2
            && minutes < 60
            && hours * 60 + minutes <= 24 * 60
        {
            return Some(hours * HOUR_US + minutes * MINUTE_US);
        }
        let fault = Diagnostic::error("bad-clock", cursor.since(mark), format!("there is no time of day {h}:{m}"));
        diagnostics.push(fault.help("write hours and minutes from 00:00 to 24:00, such as 23:00"));
        return None;
    }
    let fault = Diagnostic::error("bad-clock", cursor.here(), format!("a time of day was expected, but here is {}", cursor.shown()));
    diagnostics.push(fault.help("write hours and minutes, such as 23:00"));
    None
}

/// Reports what stands after the end of a value.
fn ends(cursor: &Cursor<'_>, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<()> {
    if cursor.peek().is_none() {
        return Some(());
    }
    diagnostics.push(Diagnostic::error("unexpected", cursor.here(), format!("{} stands after {what}", cursor.shown())).help("remove it"));
    None
}

/// The value of a key that is a duration.
pub(crate) fn duration_value(key: &str, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<i64> {
    let ValueKind::Text(text) = &value.kind else {
        if value.kind != ValueKind::Faulty {
            let fault = Diagnostic::error("wrong-type", value.span, format!("`{key}` must be a duration, but this is {}", value.word()));
            diagnostics.push(fault.label(value.word()).help(format!("write a number and a unit in quotes: {key} = \"15 s\"")));
        }
        return None;
    };
    let mut cursor = Cursor::new(text);
    let us = read_duration(&mut cursor, diagnostics)?;
    ends(&cursor, "the duration", diagnostics).map(|()| us)
}

/// A key that is a duration, if it is there.
pub(crate) fn duration_key(table: &Table, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<i64> {
    duration_value(key, table.get(key)?, diagnostics)
}

/// A text that is a time of day, since midnight.
pub(crate) fn clock_text(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<i64> {
    let mut cursor = Cursor::new(text);
    let us = read_clock(&mut cursor, diagnostics)?;
    ends(&cursor, "the time of day", diagnostics).map(|()| us)
}

/// A moment of a life, as `--at` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// So long after the start, microseconds: `36 h`.
    After(i64),
    /// The beginning of a day, or a time of day on it, microseconds since midnight: `day 3`, `day 3 22:00`.
    Day(u32, Option<i64>),
}

/// Reads a moment; faults are reported at their place in the text.
pub fn read_moment(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Moment> {
    let mut cursor = Cursor::new(text);
    let moment = if cursor.take_word("day") {
        let number = match cursor.peek() {
            Some(Token::Number(n)) => n.parse::<u32>().ok().filter(|n| *n > 0),
            _ => None,
        };
        let Some(number) = number else {
            let fault = Diagnostic::error("bad-moment", cursor.here(), "the number of a day was expected");
            diagnostics.push(fault.help("write \"day 3\", \"day 3 22:00\" or a time since the start, such as \"36 h\""));
            return None;
        };
        cursor.skip();
        let clock = if cursor.peek().is_some() { Some(read_clock(&mut cursor, diagnostics)?) } else { None };
        Moment::Day(number, clock)
    } else {
        Moment::After(read_duration(&mut cursor, diagnostics)?)
    };
    ends(&cursor, "the moment", diagnostics).map(|()| moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plastica_lang::source::Span;

    fn check(text: &str, expected: Option<i64>) {
        let made = Text::made(text, Span::default());
        let value = Value { kind: ValueKind::Text(made), span: Span::default() };
        let mut diagnostics = Vec::new();
        assert_eq!(duration_value("duration", &value, &mut diagnostics), expected, "{text}");
        assert_eq!(diagnostics.len(), usize::from(expected.is_none()), "{text}: {diagnostics:?}");
    }

    #[test]
    fn durations_are_exact() {
        check("15 s", Some(15 * SECOND_US));
        check("0.1 ms", Some(100));
        check("7.5min", Some(450 * SECOND_US));
        check("1 h 30 min", Some(90 * MINUTE_US));
        check("3 weeks", Some(21 * DAY_US));
        for bad in ["", "15", "s", "15 parsecs", "0 s", "1.2.3 s", "15 s of", "4000000 weeks", "-3 s"] {
            check(bad, None);
        }
    }

    #[test]
    fn what_is_printed_is_read_again() {
        for us in [1, 999, 1_000, 15 * SECOND_US, 90 * MINUTE_US, DAY_US, 2 * DAY_US, 40 * DAY_US + 1, 61 * SECOND_US + 5] {
            check(&print_duration(us), Some(us));
        }
        assert_eq!(print_duration(DAY_US), "24 h");
        assert_eq!(
            (print_clock(23 * HOUR_US), print_clock(DAY_US + HOUR_US), print_clock(61 * SECOND_US)),
            ("23:00".into(), "01:00".into(), "00:01:01".into())
        );
    }

    #[test]
    fn clocks_have_hours_and_minutes() {
        let read = |text: &str| clock_text(&Text::made(text, Span::default()), &mut Vec::new());
        assert_eq!((read("07:00"), read("7:05"), read("24:00")), (Some(7 * HOUR_US), Some(7 * HOUR_US + 5 * MINUTE_US), Some(DAY_US)));
        assert_eq!([read("24:01"), read("12:60"), read("7"), read("07:00 x"), read("7:5")], [None; 5]);
    }
}
