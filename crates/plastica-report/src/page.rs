//! The page: one HTML file with everything in it, readable without network, on a telephone and on paper.

use crate::figure::{Figure, Grid};
use crate::number::or_dash;
use crate::svg::escape;
use crate::words::with_error;
use crate::{Row, Verdict};
use std::fmt::Write;

/// Stands below the first table of results.
const KEY: &str =
    "Published values stand with their standard error; Plastica’s with the standard deviation over n. “Checked” says where the published number was read.";

/// A part of the page with a heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// The heading; empty for none.
    pub title: String,
    /// What stands below it.
    pub pieces: Vec<Piece>,
}

/// One piece of a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// A paragraph of plain text.
    Text(String),
    /// Results beside published numbers, with a line above the table.
    Rows(String, Vec<Row>),
    /// Any other table, with a line above it.
    Table(String, Grid),
    /// A figure.
    Figure(Figure),
}

/// The whole page. All text is plain and is escaped here.
///
/// ```
/// use plastica_report::{Piece, Section, page};
/// let html = page("A <run>", &[Section { title: "Result".into(), pieces: vec![Piece::Text("1 < 2".into())] }]);
/// assert!(html.contains("<h1>A &lt;run&gt;</h1>") && html.contains("<p>1 &lt; 2</p>"));
/// ```
pub fn page(title: &str, sections: &[Section]) -> String {
    let mut out = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
    );
    let _ =
        write!(out, "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n", escape(title), include_str!("page.css"), escape(title));
    let mut explained = false;
    for section in sections {
        out.push_str("<section>\n");
        if !section.title.is_empty() {
            let _ = writeln!(out, "<h2>{}</h2>", escape(&section.title));
        }
        for piece in &section.pieces {
            let html = match piece {
                Piece::Text(text) => format!("<p>{}</p>", escape(text)),
                Piece::Rows(caption, rows) => results(caption, rows),
                Piece::Table(caption, grid) => captioned(caption, &grid.html()),
                Piece::Figure(figure) => figure.html(),
            };
            let _ = writeln!(out, "{html}");
            if matches!(piece, Piece::Rows(..)) && !explained {
                explained = true;
                let _ = writeln!(out, "<p class=\"key\">{KEY}</p>");
            }
        }
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn captioned(caption: &str, table: &str) -> String {
    table.replacen("<table>", &format!("<table><caption>{}</caption>", escape(caption)), 1)
}

fn results(caption: &str, rows: &[Row]) -> String {
    let heads = ["Quantity", "Published", "Checked", "Accepted", "Paper's model", "Plastica", "Verdict"];
    let mut out = format!("<table><caption>{}</caption><thead><tr>", escape(caption));
    for head in heads {
        let _ = write!(out, "<th scope=\"col\">{head}</th>");
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        let unit = if row.unit.is_empty() || row.unit == "-" { String::new() } else { format!(" · {}", row.unit) };
        let _ = write!(out, "<tr><td class=\"quantity\">{}<small>{}{}</small></td>", escape(&row.quantity), escape(&row.id), escape(&unit));
        let published = row.published.as_deref().map_or("–".into(), |p| with_error(p, row.error));
        let accepted = match (row.low, row.high) {
            (None, None) => "–".into(),
            (low, high) if low == high => or_dash(low),
            (low, high) => format!("{} to {}", low.map_or("any".into(), crate::number), high.map_or("any".into(), crate::number)),
        };
        // The spread of a single value is no spread.
        let several = row.n.filter(|n| *n > 1);
        let spread = row.spread.filter(|_| several.is_some()).map_or(String::new(), |s| format!(" ± {}", crate::number(s)));
        let simulated = format!("{}{spread}{}", or_dash(row.simulated), several.map_or(String::new(), |n| format!(" (n = {n})")));
        let cells = [published, mark(&row.verification), accepted, or_dash(row.model), simulated];
        for (head, cell) in heads[1..].iter().zip(cells) {
            let class = if *head == "Published" || *head == "Checked" { "" } else { " class=\"number\"" };
            let _ = write!(out, "<td{class} data-label=\"{head}\">{}</td>", escape(&signs(&cell)));
        }
        let class = match row.verdict {
            Verdict::Reproduced => "yes",
            Verdict::NotReproduced => "no",
            _ => "other",
        };
        let _ = write!(out, "<td data-label=\"Verdict\"><span class=\"verdict {class}\">{}</span></td></tr>", row.verdict.words());
    }
    out.push_str("</tbody></table>");
    out
}

/// Real minus signs before digits; hyphens between letters stay.
fn signs(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let negative = c == '-' && !before.is_alphabetic() && text[at + 1..].starts_with(|n: char| n.is_ascii_digit());
        out.push(if negative { '−' } else { c });
        before = c;
    }
    out
}

/// The verification mark in words. An unknown mark is shown as it is.
fn mark(verification: &str) -> String {
    let meaning = match verification.trim() {
        "V" => "seen",
        "C" => "computed",
        "S" => "secondary source",
        "R" => "recalled, not re-checked",
        "D" => "our own choice",
        other => return other.into(),
    };
    format!("{} ({meaning})", verification.trim())
}
