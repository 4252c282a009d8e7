//! Text to tokens. Line ends inside brackets and after a backslash do not count; `#` begins a comment.

use crate::source::{Diagnostic, Span, Text};

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A number.
    Number(f64),
    /// A name or a word.
    Name(String),
    /// An operator or a bracket.
    Symbol(&'static str),
    /// End of a line or a semicolon.
    Break,
    /// End of the text.
    End,
}

/// Longest first.
const SYMBOLS: [&str; 26] =
    ["**", "//", "<=", ">=", "==", "!=", "+=", "-=", "*=", "/=", "&&", "||", "+", "-", "*", "/", "%", "<", ">", "=", "(", ")", ",", ":", "^", "!"];

/// All tokens with their places; unreadable characters are reported and left out.
pub(super) fn tokens(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Vec<(Token, Span)> {
    let s = text.text.as_str();
    let bytes = s.as_bytes();
    let mut out = Vec::new();
    let (mut at, mut open) = (0, 0usize);
    while at < bytes.len() {
        let start = at;
        let b = bytes[at];
        if b == b'\n' || b == b';' {
            at += 1;
            if open == 0 || b == b';' || begins_line(&s[at..]) {
                open = 0;
                out.push((Token::Break, text.place(start, at)));
            }
        } else if b.is_ascii_whitespace() {
            at += 1;
        } else if b == b'#' {
            while at < bytes.len() && bytes[at] != b'\n' {
                at += 1;
            }
        } else if b == b'\\' && s[at + 1..].trim_start_matches([' ', '\t', '\r']).starts_with('\n') {
            at += s[at..].find('\n').unwrap_or(0) + 1;
        } else if b.is_ascii_digit() || b == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
            at = number_end(bytes, at);
            let span = text.place(start, at);
            let value = s[start..at].parse().unwrap_or(f64::INFINITY);
            if !value.is_finite() {
                diagnostics.push(Diagnostic::error("not-finite", span, "this number is too large").help("the largest number is about 1.8e308"));
            }
            out.push((Token::Number(if value.is_finite() { value } else { 0.0 }), span));
        } else if b.is_ascii_alphabetic() || b == b'_' {
            while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                at += 1;
            }
            out.push((Token::Name(s[start..at].to_string()), text.place(start, at)));
        } else if let Some(symbol) = SYMBOLS.iter().find(|y| s[at..].starts_with(**y)) {
            at += symbol.len();
            match *symbol {
                "(" => open += 1,
                ")" => open = open.saturating_sub(1),
                _ => {}
            }
            out.push((Token::Symbol(symbol), text.place(start, at)));
        } else {
            let c = s[at..].chars().next().unwrap_or(' ');
            at += c.len_utf8();
            let help = match c {
                'µ' | 'μ' => "write u for micro, as in `us`".to_string(),
                'Ω' => "write `ohm`".to_string(),
                '·' | '×' => "write `*`".to_string(),
                '−' | '–' => "write a plain minus, `-`".to_string(),
                '&' => "write `and`".to_string(),
                '|' => "write `or`".to_string(),
                '[' | ']' | '{' | '}' => "use round brackets".to_string(),
                _ => "names are letters, digits and `_`".to_string(),
            };
            // Goes on with what was meant.
            if let Some(symbol) = meant(c) {
                match symbol {
                    "(" => open += 1,
                    ")" => open = open.saturating_sub(1),
                    _ => {}
                }
                out.push((Token::Symbol(symbol), text.place(start, at)));
            }
            diagnostics.push(Diagnostic::error("unknown-character", text.place(start, at), format!("`{c}` has no meaning here")).help(help));
        }
    }
    out.push((Token::End, text.place(bytes.len(), bytes.len())));
    out
}

/// The symbol that a character was meant as.
fn meant(c: char) -> Option<&'static str> {
    Some(match c {
        '[' | '{' => "(",
        ']' | '}' => ")",
        '·' | '×' => "*",
        '−' | '–' => "-",
        _ => return None,
    })
}

/// Does this begin an equation or a statement? Then the line before has ended, even if a bracket was left open there.
fn begins_line(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t', '\r']);
    let name = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let after = rest[name..].trim_start_matches([' ', '\t']);
    let after = after.strip_prefix("/dt").map_or(after, |a| a.trim_start_matches([' ', '\t']));
    let assigns = ["=", ":", "+=", "-=", "*=", "/="].iter().any(|op| after.starts_with(op)) && !after.starts_with("==");
    name > 0 && !rest.starts_with(|c: char| c.is_ascii_digit()) && assigns
}

fn number_end(bytes: &[u8], mut at: usize) -> usize {
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    at = digits(at);
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1);
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
            at = digits(at + 1 + sign);
        }
    }
    at
}
