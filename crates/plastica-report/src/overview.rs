//! The table that sums up many experiments: claims as headings, a line for each published number, links to the experiments.

use std::fmt::Write;

use crate::page::{accepted, published, signs, simulated, verdict};
use crate::svg::escape;
use crate::{Row, Verdict};

/// Lines under a heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    /// The heading.
    pub title: String,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// A result.
    Result {
        /// Name of the experiment; empty where there is none.
        experiment: String,
        /// Anchor of its part of the page; empty where there is none.
        anchor: String,
        /// The result.
        row: Box<Row>,
        /// How long the experiment took, in words.
        time: String,
    },
    /// A sentence over the whole width, with what it is about before it.
    Note {
        /// Name of the experiment.
        experiment: String,
        /// Its anchor; empty where there is none.
        anchor: String,
        /// The sentence.
        text: String,
    },
}

const HEADS: [&str; 7] = ["Quantity", "Experiment", "Published", "Accepted", "Plastica", "Verdict", "Run time"];

/// The table as HTML.
pub(crate) fn html(shelves: &[Shelf]) -> String {
    let mut out = String::from("<table><thead><tr>");
    for head in HEADS {
        let _ = write!(out, "<th scope=\"col\">{head}</th>");
    }
    out.push_str("</tr></thead>");
    for shelf in shelves {
        let _ = write!(out, "<tbody><tr><th class=\"shelf\" colspan=\"{}\" scope=\"rowgroup\">{}</th></tr>", HEADS.len(), escape(&shelf.title));
        for line in &shelf.lines {
            match line {
                Line::Result { experiment, anchor, row, time } => result(&mut out, &linked(experiment, anchor), row, time),
                Line::Note { experiment, anchor, text } => {
                    let _ = write!(out, "<tr><td colspan=\"{}\">{} {}</td></tr>", HEADS.len(), linked(experiment, anchor), escape(text));
                }
            }
        }
        out.push_str("</tbody>");
    }
    out.push_str("</table>");
    out
}

fn linked(name: &str, anchor: &str) -> String {
    if anchor.is_empty() { escape(name) } else { format!("<a href=\"#{}\">{}</a>", escape(anchor), escape(name)) }
}

fn result(out: &mut String, experiment: &str, row: &Row, time: &str) {
    let unit = if row.unit.is_empty() || row.unit == "-" { String::new() } else { format!(" · {}", row.unit) };
    let _ = write!(out, "<tr><td class=\"quantity\">{}<small>{}{}</small></td>", escape(&row.quantity), escape(&row.id), escape(&unit));
    let missing = matches!(row.verdict, Verdict::NoExperiment | Verdict::NotRun);
    let value = if missing { "–".into() } else { simulated(row) };
    let cells =
        [experiment.to_string(), escape(&signs(&published(row))), escape(&signs(&accepted(row))), escape(&signs(&value)), verdict(row.verdict), escape(time)];
    for (head, cell) in HEADS[1..].iter().zip(cells) {
        let _ = write!(out, "<td data-label=\"{head}\">{cell}</td>");
    }
    out.push_str("</tr>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Piece, Section, page};

    #[test]
    fn lines_are_linked_and_escaped() {
        let row = Row {
            id: "E99".into(),
            quantity: "a < b".into(),
            unit: "mV".into(),
            claim: "C9".into(),
            kind: "quant".into(),
            published: Some("-2".into()),
            error: None,
            verification: "V".into(),
            low: Some(-3.0),
            high: Some(-1.0),
            model: None,
            simulated: Some(-1.5),
            spread: Some(0.5),
            n: Some(4),
            calibrated: false,
            seconds: Some(1.0),
            verdict: Verdict::Reproduced,
        };
        let line = Line::Result { experiment: "own".into(), anchor: "own".into(), row: Box::new(row.clone()), time: "3 s".into() };
        let open = Line::Result {
            experiment: String::new(),
            anchor: String::new(),
            row: Box::new(Row { verdict: Verdict::NoExperiment, simulated: None, ..row }),
            time: String::new(),
        };
        let note = Line::Note { experiment: "own".into(), anchor: String::new(), text: "failed: 1 > 0".into() };
        let html =
            page("x", &[Section { title: String::new(), pieces: vec![Piece::Overview(vec![Shelf { title: "C9".into(), lines: vec![line, open, note] }])] }]);
        for wanted in [
            "<a href=\"#own\">own</a>",
            "a &lt; b<small>E99 · mV</small>",
            "−1.5 ± 0.5 (n = 4)",
            "−3 to −1",
            "no experiment yet",
            "own failed: 1 &gt; 0",
            "class=\"verdict yes\"",
        ] {
            assert!(html.contains(wanted), "{wanted}: {html}");
        }
    }
}
