//! Small multiples: panels of equal cells, side by side and below each other, with labels that never overlap.

use crate::svg::{Axis, WIDTH, escape};
use crate::words::wrapped;
use std::fmt::Write;

/// Width of a letter in user units, generously.
const LETTER: f64 = 7.4;
/// Height of a line of a title; room below a panel for its labels.
const LINE: f64 = 14.0;
const LABELS: f64 = 20.0;
const GAP: f64 = 16.0;
/// Cells smaller than this get more room, by fewer panels beside each other.
const SMALL: f64 = 13.0;

/// Where panels and cells lie.
pub(super) struct Panels {
    columns: usize,
    rows: usize,
    beside: usize,
    left: f64,
    /// Lines of each title, and the room above a panel for them.
    titles: Vec<Vec<String>>,
    title: f64,
    pub(super) cell: f64,
    /// Height of all panels with their labels and the label of the axis.
    pub(super) height: f64,
}

impl Panels {
    /// A place for panels of these titles, of some columns and rows, whose row labels have at most so many letters.
    pub(super) fn new(titles: &[String], columns: usize, rows: usize, letters: usize) -> Self {
        let (columns, rows, count) = (columns.max(1), rows.max(1), titles.len().max(1));
        let left = 34.0 + LETTER * letters as f64;
        let room = |beside: usize| ((WIDTH - 8.0 - left - GAP * (beside - 1) as f64) / beside as f64).max(40.0);
        let mut beside = match count {
            1..=3 => count,
            4 => 2,
            _ => 3,
        };
        while beside > 1 && room(beside) / (columns as f64) < SMALL {
            beside -= 1;
        }
        // Cells are squares; few columns do not make giants, and many rows do not make a tower.
        let cell = (room(beside) / columns as f64).min(44.0).min((300.0 / rows as f64).max(4.0));
        let letters = ((cell * columns as f64 + GAP) / LETTER) as usize;
        let titles: Vec<Vec<String>> = titles.iter().map(|t| wrapped(t, letters.max(6)).into_iter().take(3).collect()).collect();
        let title = 8.0 + LINE * titles.iter().map(Vec::len).max().unwrap_or(0) as f64;
        let height = count.div_ceil(beside) as f64 * (title + cell * rows as f64 + LABELS) + 22.0;
        Panels { columns, rows, beside, left, titles, title, cell, height }
    }

    /// The upper left corner of a cell; row 0 is at the top.
    pub(super) fn at(&self, panel: usize, column: usize, row: usize) -> (f64, f64) {
        let (across, down) = ((panel % self.beside) as f64, (panel / self.beside) as f64);
        let x = self.left + across * (self.cell * self.columns as f64 + GAP) + self.cell * column as f64;
        let y = self.title + down * (self.title + self.cell * self.rows as f64 + LABELS) + self.cell * row as f64;
        (x, y)
    }

    /// The right end of the panels.
    pub(super) fn right(&self) -> f64 {
        self.left + self.beside as f64 * self.cell * self.columns as f64 + GAP * (self.beside - 1) as f64
    }

    /// The left end of the panels.
    pub(super) fn left(&self) -> f64 {
        self.left
    }

    /// Frames, titles, labels of rows and columns, and of the two axes.
    pub(super) fn labels(&self, out: &mut String, columns: &[String], rows: &[String], x: &Axis, y: &Axis) {
        let (width, height) = (self.cell * self.columns as f64, self.cell * self.rows as f64);
        // Every so many labels are written that they keep apart.
        let widest = columns.iter().map(|c| c.chars().count()).max().unwrap_or(1) as f64 * LETTER + 5.0;
        let (across, down) = ((widest / self.cell).ceil().max(1.0) as usize, (14.0 / self.cell).ceil().max(1.0) as usize);
        for (panel, title) in self.titles.iter().enumerate() {
            let (left, top) = self.at(panel, 0, 0);
            let _ = write!(out, "<rect class=\"frame\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>");
            for (line, text) in title.iter().enumerate() {
                let y = top - 6.0 - LINE * (title.len() - 1 - line) as f64;
                let _ = write!(out, "<text x=\"{left:.1}\" y=\"{y:.1}\">{}</text>", escape(text));
            }
            for (column, label) in columns.iter().enumerate().step_by(across) {
                let (cell, _) = self.at(panel, column, 0);
                let (x, y) = (cell + self.cell / 2.0, top + height + 14.0);
                let _ = write!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>", escape(label));
            }
            if panel % self.beside == 0 {
                for (row, label) in rows.iter().enumerate().step_by(down) {
                    let (_, cell) = self.at(panel, 0, row);
                    let y = cell + self.cell / 2.0 + 4.0;
                    let _ = write!(out, "<text x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{}</text>", left - 6.0, escape(label));
                }
            }
        }
        let middle = (self.left + self.right()) / 2.0;
        let _ = write!(out, "<text class=\"label\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>", self.height - 6.0, escape(&x.text()));
        // The label along the rows is cut where the drawing ends; it stands whole in the words below.
        let (at, centre) = (14.0, (self.height - 22.0) / 2.0);
        let label = shortened(&y.text(), ((self.height - 22.0) / LETTER) as usize);
        let _ = write!(
            out,
            "<text class=\"label\" x=\"{at}\" y=\"{centre:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 {at} {centre:.1})\">{}</text>",
            escape(&label)
        );
    }
}

/// A text that ends in an ellipsis where it is too long.
fn shortened(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.into();
    }
    let kept: String = text.chars().take(letters.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
