//! `sample = "30 s of 15 min"` and `sample = "1 of 4"`: what of a block is simulated with spikes. What they do to a life is said in
//! `timeline.rs`.

use plastica_lang::source::{Diagnostic, Text};

use crate::lexer::{Cursor, Token};
use crate::programme::MOST_TIMES;
use crate::time::read_duration;

/// What of a block is simulated with spikes; the rest passes on the slow clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// The first part of each piece, microseconds.
    Part {
        /// With spikes.
        spikes_us: i64,
        /// Of so much.
        of_us: i64,
    },
    /// The first of each so many occurrences.
    OneOf(u32),
}

/// `30 s of 15 min` or `1 of 4`.
pub(crate) fn read_sample(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Sample> {
    let bad = |message: String| {
        Diagnostic::error("bad-sample", text.span, message)
            .help("write \"30 s of 15 min\" for the first part of each piece, or \"1 of 4\" for one of each four")
    };
    let mut cursor = Cursor::new(text);
    let out = if let (Some(Token::Number(one)), Some(Token::Word(of))) = (cursor.peek().cloned(), cursor.ahead(1).cloned())
        && of == "of"
    {
        cursor.skip();
        cursor.skip();
        let Some(Token::Number(number)) = cursor.peek().cloned() else {
            diagnostics.push(bad(format!("a whole number was expected after `of`, but here is {}", cursor.shown())));
            return None;
        };
        cursor.skip();
        match number.parse::<u32>() {
            Ok(n) if one == "1" && (1..=MOST_TIMES).contains(&n) => Sample::OneOf(n),
            _ => {
                diagnostics.push(bad(format!("`{one} of {number}` is no sample: it is always 1 of so many")));
                return None;
            }
        }
    } else {
        let spikes_us = read_duration(&mut cursor, diagnostics)?;
        if !cursor.take_word("of") {
            diagnostics.push(bad(format!("`of` was expected, but here is {}", cursor.shown())));
            return None;
        }
        let of_us = read_duration(&mut cursor, diagnostics)?;
        if spikes_us > of_us {
            diagnostics.push(bad("the part is longer than the whole".into()));
            return None;
        }
        Sample::Part { spikes_us, of_us }
    };
    if cursor.peek().is_some() {
        diagnostics.push(bad(format!("{} stands after the sample", cursor.shown())));
        return None;
    }
    Some(out)
}
