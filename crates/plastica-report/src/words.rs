//! Texts of cells: a published value with its error, and lines of a given width.

use crate::number::number;

/// A published value with its error: `0.53 ± 0.11`. A text that is a number is shortened as numbers are.
pub(crate) fn with_error(published: &str, error: Option<f64>) -> String {
    let published = published.trim().parse().map_or_else(|_| published.to_string(), number);
    error.map_or(published.clone(), |e| format!("{published} ± {}", number(e)))
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
