//! Matrices in colour, one panel for each day or group: which element drives which finger, which element leads to which.

use super::panels::Panels;
use crate::figure::{Figure, Grid};
use crate::number;
use crate::svg::{self, Axis, Scale, minus};
use std::fmt::Write;

/// Matrices with the same rows, columns and colours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matrices {
    /// What columns are (`to`, `finger`).
    pub x: Axis,
    /// What rows are (`from`, `element`).
    pub y: Axis,
    /// What the colour is.
    pub value: Axis,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Names of the rows, from the top.
    pub rows: Vec<String>,
    /// Title and values `[rows][columns]` of each panel; what is not a number stays empty.
    pub panels: Vec<(String, Vec<Vec<f64>>)>,
    /// Values that the colours span besides its own, so that several figures can share a scale.
    pub also: Vec<f64>,
}

/// Cividis, whose lightness rises evenly and which all kinds of colour vision see alike (Nuñez et al. 2018, PLoS One 13:e0199239).
const RISING: [[f64; 3]; 5] = [[0.0, 34.0, 78.0], [67.0, 78.0, 108.0], [125.0, 124.0, 120.0], [188.0, 175.0, 111.0], [254.0, 232.0, 56.0]];
/// Blue for what is below zero, vermilion for what is above.
const AROUND: [[f64; 3]; 5] = [[0.0, 84.0, 140.0], [110.0, 170.0, 215.0], [245.0, 245.0, 245.0], [240.0, 160.0, 110.0], [190.0, 70.0, 0.0]];

/// The colours of a range of values.
struct Colours {
    low: f64,
    high: f64,
    stops: [[f64; 3]; 5],
}

impl Colours {
    fn over(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values.filter(|v| v.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low > high {
            return Colours { low: 0.0, high: 1.0, stops: RISING };
        }
        if low < 0.0 && high > 0.0 {
            let most = high.max(-low);
            return Colours { low: -most, high: most, stops: AROUND };
        }
        // A matrix of one value gets the middle of the range.
        let margin = if high > low { 0.0 } else { (0.1 * high.abs()).max(1e-12) };
        Colours { low: low - margin, high: high + margin, stops: RISING }
    }

    /// Red, green and blue, 0 to 255.
    fn of(&self, value: f64) -> [f64; 3] {
        // Halves first, so that the largest numbers do not overflow.
        let part = (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0);
        let place = (part.clamp(0.0, 1.0) * 4.0).min(3.999);
        let (stop, rest) = (place.floor() as usize, place.fract());
        std::array::from_fn(|i| self.stops[stop][i] + rest * (self.stops[stop + 1][i] - self.stops[stop][i]))
    }
}

fn fill([r, g, b]: [f64; 3]) -> String {
    format!("rgb({r:.0},{g:.0},{b:.0})")
}

impl Matrices {
    /// The drawing. The colours stay the same in a dark page, so that a number has one colour.
    pub fn figure(&self, caption: impl Into<String>) -> Figure {
        let letters = self.rows.iter().map(|r| r.chars().count()).max().unwrap_or(0);
        let titles: Vec<String> = self.panels.iter().map(|(title, _)| title.clone()).collect();
        let panels = Panels::new(&titles, self.columns.len(), self.rows.len(), letters);
        let colours = Colours::over(self.panels.iter().flat_map(|(_, m)| m.iter().flatten().copied()).chain(self.also.iter().copied()));
        let mut out = String::new();
        for (panel, (_, values)) in self.panels.iter().enumerate() {
            for (row, line) in values.iter().take(self.rows.len()).enumerate() {
                for (column, value) in line.iter().take(self.columns.len()).enumerate().filter(|(_, v)| v.is_finite()) {
                    self.cell(&mut out, panels.at(panel, column, row), panels.cell, *value, &colours);
                }
            }
        }
        panels.labels(&mut out, &self.columns, &self.rows, &self.x, &self.y);
        self.bar(&mut out, &panels, &colours);
        let alternative = self.alternative();
        let svg = svg::drawing(panels.height + 58.0, &alternative, &out);
        Figure { caption: caption.into(), svg, legend: Vec::new(), alternative, grid: self.grid() }
    }

    fn cell(&self, out: &mut String, (x, y): (f64, f64), size: f64, value: f64, colours: &Colours) {
        let colour = colours.of(value);
        // A hair wider than the cell, so that no seam shows between two.
        let s = size + 0.3;
        let _ = write!(out, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{s:.1}\" height=\"{s:.1}\" fill=\"{}\"/>", fill(colour));
        let text = if value.abs() < 1000.0 && value.abs() >= 0.01 || value == 0.0 { short(value) } else { number(value) };
        if text.chars().count() as f64 * 6.8 + 4.0 <= size {
            // Black or white, whichever is farther from the colour's lightness.
            let light = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2];
            let ink = if light > 130.0 { "#000" } else { "#fff" };
            let (x, y) = (x + size / 2.0, y + size / 2.0 + 4.0);
            let _ = write!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\" style=\"fill:{ink};font-size:11px\">{text}</text>");
        }
    }

    /// The scale of colours below the panels.
    fn bar(&self, out: &mut String, panels: &Panels, colours: &Colours) {
        let (left, width, top) = (panels.left(), (svg::WIDTH - panels.left() - 30.0).min(260.0), panels.height + 6.0);
        const STEPS: usize = 52;
        for step in 0..STEPS {
            let part = (step as f64 + 0.5) / STEPS as f64;
            let value = colours.low * (1.0 - part) + colours.high * part;
            let x = left + width * step as f64 / STEPS as f64;
            let w = width / STEPS as f64 + 0.3;
            let _ = write!(out, "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{w:.2}\" height=\"10\" fill=\"{}\"/>", fill(colours.of(value)));
        }
        let scale = Scale::between(colours.low, colours.high, left, left + width);
        for tick in scale.ticks(5.5) {
            let Some(x) = scale.place(tick) else { continue };
            let _ = write!(out, "<path class=\"axis\" d=\"M{x:.1} {:.1}v4\"/>", top + 10.0);
            let _ = write!(out, "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>", top + 25.0, minus(tick));
        }
        let _ = write!(
            out,
            "<text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            left + width / 2.0,
            top + 42.0,
            svg::escape(&self.value.text())
        );
    }

    fn alternative(&self) -> String {
        let mut out = format!("{} as colour, {} by {}, in {} panels.", self.value.text(), self.y.text(), self.x.text(), self.panels.len());
        for (title, values) in &self.panels {
            let all = values.iter().enumerate().flat_map(|(r, line)| line.iter().enumerate().map(move |(c, v)| (r, c, *v)));
            let largest = all.filter(|(_, _, v)| v.is_finite()).max_by(|a, b| a.2.total_cmp(&b.2));
            let name = |of: &[String], at: usize| of.get(at).cloned().unwrap_or_default();
            let _ = match largest {
                Some((r, c, v)) => write!(out, " {title}: largest {} at {} and {}.", minus(v), name(&self.rows, r), name(&self.columns, c)),
                None => write!(out, " {title}: without values."),
            };
        }
        out
    }

    fn grid(&self) -> Option<Grid> {
        let mut head = vec!["panel".into(), self.y.text()];
        head.extend(self.columns.iter().cloned());
        let lines = self.panels.iter().flat_map(|(title, values)| values.iter().zip(&self.rows).map(move |(line, row)| (title, row, line)));
        let rows: Vec<Vec<String>> =
            lines.map(|(title, row, line)| [title.clone(), row.clone()].into_iter().chain(line.iter().map(|v| minus(*v))).collect()).collect();
        (rows.len() * self.columns.len() <= 200 && !rows.is_empty()).then_some(Grid { head, rows })
    }
}

/// Two digits after the point at most, for a cell.
fn short(value: f64) -> String {
    let digits = if value.abs() < 10.0 { 2 } else { 0 };
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    text.replace('-', "−")
}
