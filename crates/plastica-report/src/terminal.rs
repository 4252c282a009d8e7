//! The rows as a table of 80 columns for a terminal: plain text, no colours.

use crate::Row;
use crate::number::{number, or_dash};
use std::fmt::Write;

const QUANTITY: usize = 24;
const PUBLISHED: usize = 15;
const VERDICT: usize = 14;

/// The table, each line at most 80 columns wide. Long texts go on in further lines.
pub fn terminal(rows: &[Row]) -> String {
    let mut out = String::new();
    line(&mut out, ["", "quantity", "published", "model", "Plastica", "verdict"]);
    let _ = writeln!(out, "{}", "-".repeat(80));
    for row in rows {
        let published = row.published.as_deref().map_or("–".into(), |p| with_error(p, row.error));
        let quantity = if row.unit.is_empty() || row.unit == "-" { row.quantity.clone() } else { format!("{} ({})", row.quantity, row.unit) };
        let cells = [wrapped(&quantity, QUANTITY), wrapped(&format!("{published} [{}]", row.verification), PUBLISHED), wrapped(row.verdict.words(), VERDICT)];
        for at in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let cell = |c: usize| cells[c].get(at).map_or("", String::as_str);
            let first = |text: String| if at == 0 { text } else { String::new() };
            line(&mut out, [&first(row.id.chars().take(4).collect()), cell(0), cell(1), &first(or_dash(row.model)), &first(or_dash(row.simulated)), cell(2)]);
        }
    }
    out
}

/// A published value with its error: `0.53 ± 0.11`. A text that is a number is shortened as numbers are.
pub(crate) fn with_error(published: &str, error: Option<f64>) -> String {
    let published = published.trim().parse().map_or_else(|_| published.to_string(), number);
    error.map_or(published.clone(), |e| format!("{published} ± {}", number(e)))
}

fn line(out: &mut String, [id, quantity, published, model, simulated, verdict]: [&str; 6]) {
    let text = format!("{id:<4} {quantity:<QUANTITY$} {published:<PUBLISHED$} {model:>9} {simulated:>9}  {verdict}");
    let _ = writeln!(out, "{}", text.trim_end());
}

/// Words in lines of at most `width` columns; a word that is longer is cut.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(width) {
            let last = lines.len() - 1;
            let used = lines[last].chars().count();
            if used > 0 && used + 1 + piece.len() > width {
                lines.push(piece.iter().collect());
            } else {
                lines[last].push_str(if used > 0 { " " } else { "" });
                lines[last].extend(piece);
            }
        }
    }
    lines
}
