//! Points with error bars and curves over a continuous axis: measurements, the model's curve, Plastica's values.

use crate::figure::{Figure, Grid, Legend, Mark};
use crate::svg::{self, Area, Axis, Scale};
use std::fmt::Write;

/// A chart with two axes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn, the first at the bottom.
    pub curves: Vec<Curve>,
}

/// One set of points.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Name in the legend.
    pub name: String,
    /// Whose values these are, and of which group.
    pub mark: Mark,
    /// Joined by a line, and not drawn as points.
    pub line: bool,
    /// The points, in the order of the line.
    pub points: Vec<Point>,
}

/// One value, with the half-length of its error bar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Along the horizontal axis.
    pub x: f64,
    /// Along the vertical axis.
    pub y: f64,
    /// Standard error or deviation, drawn both ways.
    pub error: Option<f64>,
}

/// More numbers than this are not listed below the figure.
const LISTED: usize = 120;

impl Chart {
    /// The drawing. Values that are not finite are left out.
    pub fn figure(&self, caption: impl Into<String>) -> Figure {
        let points = || self.curves.iter().flat_map(|c| &c.points);
        let ends = |p: &Point| [p.y - p.error.unwrap_or(0.0), p.y + p.error.unwrap_or(0.0)];
        let ticks = Scale::over(points().flat_map(ends), self.y.logarithmic, 0.0, 1.0).ticks(5.0);
        let area = Area::beside(svg::longest(&ticks), svg::HEIGHT);
        let x = Scale::over(points().map(|p| p.x), self.x.logarithmic, area.left, area.right);
        let y = Scale::over(points().flat_map(ends), self.y.logarithmic, area.bottom, area.top);
        let mut out = String::new();
        svg::horizontal(&mut out, area, &x, &self.x);
        svg::vertical(&mut out, area, &y, &self.y);
        svg::zero(&mut out, area, None, y.place(0.0));
        for curve in &self.curves {
            draw(&mut out, curve, &x, &y);
        }
        let alternative = self.alternative();
        let legend =
            if self.curves.len() > 1 { self.curves.iter().map(|c| Legend { name: c.name.clone(), mark: c.mark, line: c.line }).collect() } else { Vec::new() };
        let svg = svg::drawing(svg::HEIGHT, &alternative, &out);
        Figure { caption: caption.into(), svg, legend, alternative, grid: self.grid() }
    }

    fn alternative(&self) -> String {
        let mut out = format!("{} against {}.", self.y.text(), self.x.text());
        for curve in &self.curves {
            let _ = write!(out, " {}: {}", curve.name, if curve.line { "a line" } else { "points" });
            let lowest = curve.points.iter().filter(|p| p.y.is_finite()).min_by(|a, b| a.y.total_cmp(&b.y));
            let highest = curve.points.iter().filter(|p| p.y.is_finite()).max_by(|a, b| a.y.total_cmp(&b.y));
            if let (Some(low), Some(high), Some(first), Some(last)) = (lowest, highest, curve.points.first(), curve.points.last()) {
                let m = svg::minus;
                let _ = write!(
                    out,
                    " from {} at {} to {} at {}, lowest {} at {}, highest {} at {}.",
                    m(first.y),
                    m(first.x),
                    m(last.y),
                    m(last.x),
                    m(low.y),
                    m(low.x),
                    m(high.y),
                    m(high.x)
                );
            } else {
                out.push_str(" without values.");
            }
        }
        out
    }

    fn grid(&self) -> Option<Grid> {
        let shown: Vec<&Curve> = self.curves.iter().filter(|c| !c.line || c.points.len() <= 20).collect();
        let count: usize = shown.iter().map(|c| c.points.len()).sum();
        let rows =
            shown.iter().flat_map(|c| c.points.iter().map(|p| vec![c.name.clone(), svg::minus(p.x), svg::minus(p.y), p.error.map_or("–".into(), svg::minus)]));
        let head = vec!["what".into(), self.x.text(), self.y.text(), "error".into()];
        (1..=LISTED).contains(&count).then(|| Grid { head, rows: rows.collect() })
    }
}

fn draw(out: &mut String, curve: &Curve, x: &Scale, y: &Scale) {
    let mut path = String::new();
    for point in &curve.points {
        let (Some(px), Some(py)) = (x.place(point.x), y.place(point.y)) else {
            path.push(' ');
            continue;
        };
        if curve.line {
            // After a value that is missing the line begins anew.
            let _ = write!(path, "{}{px:.1} {py:.1}", if path.is_empty() || path.ends_with(' ') { 'M' } else { 'L' });
        } else if let Some((low, high)) = point.error.and_then(|e| Some((y.place(point.y - e)?, y.place(point.y + e)?))) {
            let class = curve.mark.class();
            let _ = write!(out, "<path class=\"bar {class}\" d=\"M{px:.1} {low:.1}V{high:.1}M{:.1} {low:.1}h6M{:.1} {high:.1}h6\"/>", px - 3.0, px - 3.0);
        }
    }
    if curve.line {
        let _ = write!(out, "<path {} d=\"{path}\"/>", curve.mark.stroke());
        return;
    }
    for point in &curve.points {
        if let (Some(px), Some(py)) = (x.place(point.x), y.place(point.y)) {
            curve.mark.draw(out, px, py);
        }
    }
}
