//! The page: one HTML file with everything in it, readable without network, on a telephone and on paper.

use crate::figure::{Figure, Grid};
use crate::number::or_dash;
use crate::overview::{self, Shelf};
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
    /// Results of many experiments in one table.
    Overview(Vec<Shelf>),
}

/// The whole page. All text is plain and is escaped here.
///
/// ```
/// use plastica_report::{Piece, Section, page};
/// let html = page("A <run>", &[Section { title: "Result".into(), pieces: vec![Piece::Text("1 < 2".into())] }]);
/// assert!(html.contains("<h1>A &lt;run&gt;</h1>") && html.contains("<p>1 &lt; 2</p>"));
/// ```
pub fn page(title: &str, sections: &[Section]) -> String {
    let mut out = opening(title);
    let mut explained = false;
    for section in sections {
        write_section(&mut out, section, 2, &mut explained);
    }
    out.push_str(CLOSING);
    out
}

/// A part of a page that several pages were made into.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// What links within the page name it by: letters, digits and `-`.
    pub anchor: String,
    /// The heading.
    pub title: String,
    /// Text and address of a link below the heading; empty for none.
    pub link: (String, String),
    /// What stands in it, under smaller headings.
    pub sections: Vec<Section>,
}

/// A page of several parts, after sections that sum them up. All text is plain and is escaped here.
///
/// ```
/// use plastica_report::{Part, Section, book};
/// let part = Part { anchor: "a".into(), title: "First".into(), link: ("its page".into(), "a/report.html".into()), ..Part::default() };
/// let html = book("All", &[Section::default()], &[part]);
/// assert!(html.contains("<h2 id=\"a\">First</h2>") && html.contains("<a href=\"a/report.html\">its page</a>"));
/// ```
pub fn book(title: &str, front: &[Section], parts: &[Part]) -> String {
    let mut out = opening(title);
    let mut explained = false;
    for section in front {
        write_section(&mut out, section, 2, &mut explained);
    }
    for part in parts {
        let _ = writeln!(out, "<section class=\"part\">\n<h2 id=\"{}\">{}</h2>", escape(&part.anchor), escape(&part.title));
        if !part.link.1.is_empty() {
            let _ = writeln!(out, "<p><a href=\"{}\">{}</a></p>", escape(&part.link.1), escape(&part.link.0));
        }
        for section in &part.sections {
            write_section(&mut out, section, 3, &mut explained);
        }
        out.push_str("</section>\n");
    }
    out.push_str(CLOSING);
    out
}

const CLOSING: &str = "</main>\n</body>\n</html>\n";

fn opening(title: &str) -> String {
    let mut out = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
    );
    let _ =
        write!(out, "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n", escape(title), include_str!("page.css"), escape(title));
    out
}

/// `level`: of the heading. `explained`: has the table of results been explained on this page?
fn write_section(out: &mut String, section: &Section, level: u8, explained: &mut bool) {
    out.push_str("<section>\n");
    if !section.title.is_empty() {
        let _ = writeln!(out, "<h{level}>{}</h{level}>", escape(&section.title));
    }
    for piece in &section.pieces {
        let html = match piece {
            Piece::Text(text) => format!("<p>{}</p>", escape(text)),
            Piece::Rows(caption, rows) => results(caption, rows),
            Piece::Table(caption, grid) => captioned(caption, &grid.html()),
            Piece::Figure(figure) => figure.html(),
            Piece::Overview(shelves) => overview::html(shelves),
        };
        let _ = writeln!(out, "{html}");
        if matches!(piece, Piece::Rows(..)) && !*explained {
            *explained = true;
            let _ = writeln!(out, "<p class=\"key\">{KEY}</p>");
        }
    }
    out.push_str("</section>\n");
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
        let cells = [published(row), mark(&row.verification), accepted(row), or_dash(row.model), simulated(row)];
        for (head, cell) in heads[1..].iter().zip(cells) {
            let class = if *head == "Published" || *head == "Checked" { "" } else { " class=\"number\"" };
            let _ = write!(out, "<td{class} data-label=\"{head}\">{}</td>", escape(&signs(&cell)));
        }
        let _ = write!(out, "<td data-label=\"Verdict\">{}</td></tr>", verdict(row.verdict));
    }
    out.push_str("</tbody></table>");
    out
}

/// The published value with its standard error.
pub(crate) fn published(row: &Row) -> String {
    row.published.as_deref().map_or("–".into(), |p| with_error(p, row.error))
}

/// The accepted interval.
pub(crate) fn accepted(row: &Row) -> String {
    match (row.low, row.high) {
        (None, None) => "–".into(),
        (low, high) if low == high => or_dash(low),
        (Some(low), None) => format!("at least {}", crate::number(low)),
        (None, Some(high)) => format!("at most {}", crate::number(high)),
        (Some(low), Some(high)) => format!("{} to {}", crate::number(low), crate::number(high)),
    }
}

/// Plastica's value with its spread. The spread of a single value is no spread.
pub(crate) fn simulated(row: &Row) -> String {
    let several = row.n.filter(|n| *n > 1);
    let spread = row.spread.filter(|_| several.is_some()).map_or(String::new(), |s| format!(" ± {}", crate::number(s)));
    format!("{}{spread}{}", or_dash(row.simulated), several.map_or(String::new(), |n| format!(" (n = {n})")))
}

/// The verdict in its frame.
pub(crate) fn verdict(verdict: Verdict) -> String {
    let class = match verdict {
        Verdict::Reproduced => "yes",
        Verdict::NotReproduced => "no",
        _ => "other",
    };
    format!("<span class=\"verdict {class}\">{}</span>", verdict.words())
}

/// Real minus signs before digits; hyphens between letters and in ranges such as 10-20 stay.
pub(crate) fn signs(text: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let negative = c == '-' && !before.is_alphanumeric() && text[at + 1..].starts_with(|n: char| n.is_ascii_digit());
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
