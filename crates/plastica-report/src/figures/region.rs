//! Where in a sweep of two constants a pattern holds: one cell for each pair of values, one panel for each pattern or target.

use super::panels::Panels;
use crate::figure::{Figure, Grid, Legend, Mark};
use crate::svg::{self, Axis, minus};
use std::fmt::Write;

/// A sweep over two constants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regions {
    /// The constant of the columns.
    pub x: Axis,
    /// The constant of the rows.
    pub y: Axis,
    /// Its values, ascending, to the right.
    pub columns: Vec<f64>,
    /// Its values, ascending, upwards.
    pub rows: Vec<f64>,
    /// Title of each panel, and whether the pattern holds, `[rows][columns]`; `None` where it was not run.
    pub panels: Vec<(String, Vec<Vec<Option<bool>>>)>,
    /// The cell that the experiment uses, column and row; it gets a ring.
    pub used: Option<(usize, usize)>,
}

impl Regions {
    /// The drawing: a filled cell where the pattern holds, a cross where it does not, nothing where it was not run.
    pub fn figure(&self, caption: impl Into<String>) -> Figure {
        let (columns, rows): (Vec<String>, Vec<String>) =
            (self.columns.iter().map(|v| minus(*v)).collect(), self.rows.iter().rev().map(|v| minus(*v)).collect());
        let letters = rows.iter().map(|r| r.chars().count()).max().unwrap_or(0);
        let titles: Vec<String> = self.panels.iter().map(|(title, cells)| format!("{title}: {}", share(cells))).collect();
        let panels = Panels::new(&titles, columns.len(), rows.len(), letters);
        let mut out = String::new();
        for (panel, (_, cells)) in self.panels.iter().enumerate() {
            for (row, line) in cells.iter().take(rows.len()).enumerate() {
                for (column, holds) in line.iter().take(columns.len()).enumerate() {
                    let (x, y) = panels.at(panel, column, rows.len() - 1 - row);
                    cell(&mut out, *holds, x, y, panels.cell);
                }
            }
            if let Some((column, row)) = self.used.filter(|(c, r)| *c < columns.len() && *r < rows.len()) {
                let (x, y) = panels.at(panel, column, rows.len() - 1 - row);
                let s = panels.cell;
                let _ = write!(out, "<rect class=\"ring\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{s:.1}\" height=\"{s:.1}\"/>");
            }
        }
        panels.labels(&mut out, &columns, &rows, &self.x, &self.y);
        let mut legend = vec![
            Legend { name: "the pattern holds".into(), mark: Mark::Kind(0), line: false },
            Legend { name: "it does not".into(), mark: Mark::Cross, line: false },
        ];
        if self.used.is_some() {
            legend.push(Legend { name: "in use".into(), mark: Mark::Ring, line: false });
        }
        let alternative = self.alternative();
        let svg = svg::drawing(panels.height, &alternative, &out);
        Figure { caption: caption.into(), svg, legend, alternative, grid: self.grid() }
    }

    fn alternative(&self) -> String {
        let mut out = format!("Where a pattern holds, {} against {}: a filled cell where it does, a cross where it does not.", self.y.text(), self.x.text());
        for (title, cells) in &self.panels {
            let _ = write!(out, " {title}: in {} cells.", share(cells));
        }
        if let Some((column, row)) = self.used.and_then(|(c, r)| Some((self.columns.get(c)?, self.rows.get(r)?))) {
            let _ = write!(out, " The ring is what the experiment uses: {} and {}.", minus(*column), minus(*row));
        }
        out
    }

    fn grid(&self) -> Option<Grid> {
        let mut head = vec!["panel".into(), self.y.text()];
        head.extend(self.columns.iter().map(|c| minus(*c)));
        let word = |holds: &Option<bool>| match holds {
            Some(true) => "holds",
            Some(false) => "does not",
            None => "–",
        };
        let lines = self.panels.iter().flat_map(|(title, cells)| cells.iter().zip(&self.rows).map(move |(line, row)| (title, row, line)));
        let rows: Vec<Vec<String>> =
            lines.map(|(title, row, line)| [title.clone(), minus(*row)].into_iter().chain(line.iter().map(|h| word(h).into())).collect()).collect();
        (rows.len() * self.columns.len() <= 200 && !rows.is_empty()).then_some(Grid { head, rows })
    }
}

fn cell(out: &mut String, holds: Option<bool>, x: f64, y: f64, size: f64) {
    let _ = match holds {
        Some(true) => write!(out, "<rect class=\"area k0\" x=\"{:.1}\" y=\"{:.1}\" width=\"{s:.1}\" height=\"{s:.1}\"/>", x + 0.5, y + 0.5, s = size - 1.0),
        Some(false) => {
            let (inset, leg) = (0.36 * size, 0.28 * size);
            write!(out, "<path class=\"cross\" d=\"M{:.1} {:.1}l{leg:.1} {leg:.1}m0 -{leg:.1}l-{leg:.1} {leg:.1}\"/>", x + inset, y + inset)
        }
        None => Ok(()),
    };
}

/// In how many of the cells that were run the pattern holds.
fn share(cells: &[Vec<Option<bool>>]) -> String {
    let run = || cells.iter().flatten().flatten();
    format!("{} of {}", run().filter(|h| **h).count(), run().count())
}
