//! Named results below each other: published value with its error, the model's value, Plastica's with its spread.

use crate::Row;
use crate::figure::{Figure, Grid, Legend, Mark};
use crate::svg::{self, Area, Axis, Scale};
use crate::words::wrapped;
use std::fmt::Write;

const LINE: f64 = 30.0;
/// Room for a letter of a name, in a wide font.
const LETTER: f64 = 7.6;
/// Letters of a line of a name that fit beside the plot; a name that is cut stands whole among the numbers.
const NAME: usize = 24;

/// A figure with one line for each result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forest {
    /// What all values measure.
    pub axis: Axis,
    /// The results, from top to bottom.
    pub rows: Vec<ForestRow>,
}

/// One result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForestRow {
    /// Its name.
    pub name: String,
    /// Published value.
    pub published: Option<f64>,
    /// Its standard error.
    pub error: Option<f64>,
    /// What the paper's model gives.
    pub model: Option<f64>,
    /// What Plastica gives.
    pub simulated: Option<f64>,
    /// Its spread.
    pub spread: Option<f64>,
}

/// The figure of those rows whose published value is a number; they should have one unit.
pub fn forest_of(rows: &[Row], axis: Axis) -> Forest {
    let parsed = |row: &Row| row.published.as_deref().and_then(|p| p.trim().parse().ok());
    let lines = rows.iter().filter(|r| parsed(r).is_some() || r.simulated.is_some());
    let rows = lines
        .map(|r| ForestRow { name: r.quantity.clone(), published: parsed(r), error: r.error, model: r.model, simulated: r.simulated, spread: r.spread })
        .collect();
    Forest { axis, rows }
}

impl Forest {
    /// The drawing.
    pub fn figure(&self, caption: impl Into<String>) -> Figure {
        let letters = self.rows.iter().flat_map(|r| lines(&r.name)).map(|l| l.chars().count()).max().unwrap_or(0);
        let height = LINE * self.rows.len() as f64 + 62.0;
        let area = Area { left: 16.0 + LETTER * letters as f64, ..Area::beside(0, height) };
        let ends = |value: Option<f64>, error: Option<f64>| value.into_iter().flat_map(move |v| [v - error.unwrap_or(0.0), v + error.unwrap_or(0.0)]);
        let values = self.rows.iter().flat_map(|r| ends(r.published, r.error).chain(ends(r.simulated, r.spread)).chain(r.model));
        let x = Scale::over(values, self.axis.logarithmic, area.left, area.right);
        let mut out = String::new();
        svg::horizontal(&mut out, area, &x, &self.axis);
        svg::zero(&mut out, area, x.place(0.0), None);
        for (at, row) in self.rows.iter().enumerate() {
            let y = area.top + LINE * (at as f64 + 0.5) + 4.0;
            let name = lines(&row.name);
            for (line, text) in name.iter().enumerate() {
                let down = 13.0 * (line as f64 - (name.len() - 1) as f64 / 2.0);
                let _ = write!(out, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>", area.left - 8.0, y + 4.0 + down, svg::escape(text));
            }
            for (mark, value, error) in
                [(Mark::Published(0), row.published, row.error), (Mark::Model(3), row.model, None), (Mark::Plastica(0), row.simulated, row.spread)]
            {
                let Some((value, place)) = value.and_then(|v| Some((v, x.place(v)?))) else { continue };
                if let Some((low, high)) = error.and_then(|e| Some((x.place(value - e)?, x.place(value + e)?))) {
                    let _ = write!(
                        out,
                        "<path class=\"bar {}\" d=\"M{low:.1} {y:.1}H{high:.1}M{low:.1} {t:.1}v6M{high:.1} {t:.1}v6\"/>",
                        mark.class(),
                        t = y - 3.0
                    );
                }
                mark.draw(&mut out, place, y);
            }
        }
        let legend = [("published", Mark::Published(0)), ("the paper's model", Mark::Model(3)), ("Plastica", Mark::Plastica(0))];
        let shown =
            [self.rows.iter().any(|r| r.published.is_some()), self.rows.iter().any(|r| r.model.is_some()), self.rows.iter().any(|r| r.simulated.is_some())];
        let legend =
            legend.into_iter().zip(shown).filter(|(_, shown)| *shown).map(|((name, mark), _)| Legend { name: name.into(), mark, line: false }).collect();
        let alternative = self.alternative();
        Figure { caption: caption.into(), svg: svg::drawing(height, &alternative, &out), legend, alternative, grid: Some(self.grid()) }
    }

    fn alternative(&self) -> String {
        let inside = self.rows.iter().filter(|r| r.distance().is_some_and(|d| d <= 2.0)).count();
        let known = self.rows.iter().filter(|r| r.distance().is_some()).count();
        let compared = if known > 0 {
            format!(" {inside} of the {known} that have an error lie within two standard errors of the published value.")
        } else {
            String::new()
        };
        format!("{} of {} results, one below the other.{compared}", self.axis.text(), self.rows.len())
    }

    fn grid(&self) -> Grid {
        let head = ["result", "published", "error", "model", "Plastica", "spread"].map(String::from).to_vec();
        let cell = |v: Option<f64>| v.map_or("–".into(), svg::minus);
        let rows = self.rows.iter().map(|r| vec![r.name.clone(), cell(r.published), cell(r.error), cell(r.model), cell(r.simulated), cell(r.spread)]);
        Grid { head, rows: rows.collect() }
    }
}

impl ForestRow {
    fn distance(&self) -> Option<f64> {
        let error = self.error.filter(|e| *e > 0.0)?;
        Some((self.simulated? - self.published?).abs() / error)
    }
}

/// A name in at most two lines of [`NAME`] letters; what does not fit ends in an ellipsis.
pub(super) fn lines(name: &str) -> Vec<String> {
    let mut lines = wrapped(name, NAME);
    if lines.len() > 2 {
        lines.truncate(2);
        let kept: String = lines[1].chars().take(NAME - 1).collect();
        lines[1] = format!("{}…", kept.trim_end());
    }
    lines
}
