//! Two quantities of the same subjects, with their correlation over all and the straight line through all.

use crate::figure::{Figure, Grid, Legend, Mark};
use crate::statistics::{Correlation, mean, pearson};
use crate::svg::{self, Area, Axis, Scale, minus};
use std::fmt::Write;

/// A scatter of points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scatter {
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// The groups.
    pub clouds: Vec<Cloud>,
}

/// The points of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cloud {
    /// Its name.
    pub name: String,
    /// Each subject's two values.
    pub points: Vec<(f64, f64)>,
}

fn correlation(points: &[(f64, f64)]) -> Option<Correlation> {
    let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).unzip();
    pearson(&x, &y)
}

/// A correlation in words: `r = 0.43 (95 % interval 0.1 to 0.67), n = 30, p = 0.017`.
fn words(found: Option<Correlation>) -> String {
    let Some(c) = found else { return "no correlation can be computed".into() };
    let interval = c.low.zip(c.high).map_or(String::new(), |(l, h)| format!(" (95 % interval {} to {})", two(l), two(h)));
    let p = if c.p < 0.001 { "p < 0.001".into() } else { format!("p = {}", minus((c.p * 1000.0).round() / 1000.0)) };
    format!("r = {}{interval}, n = {}, {p}", two(c.r), c.n)
}

fn two(value: f64) -> String {
    minus((value * 100.0).round() / 100.0)
}

impl Scatter {
    /// The drawing.
    pub fn figure(&self, caption: impl Into<String>) -> Figure {
        let points: Vec<(f64, f64)> = self.clouds.iter().flat_map(|c| c.points.iter().copied()).collect();
        let of_y = || points.iter().map(|p| p.1);
        let ticks = Scale::over(of_y(), self.y.logarithmic, 0.0, 1.0).ticks(5.0);
        let mut area = Area::beside(svg::longest(&ticks), svg::HEIGHT);
        // One line above the plot for the correlation.
        area.top += 18.0;
        let x = Scale::over(points.iter().map(|p| p.0), self.x.logarithmic, area.left, area.right);
        let y = Scale::over(of_y(), self.y.logarithmic, area.bottom, area.top);
        let mut out = String::new();
        svg::horizontal(&mut out, area, &x, &self.x);
        svg::vertical(&mut out, area, &y, &self.y);
        svg::zero(&mut out, area, x.place(0.0), y.place(0.0));
        let found = words(correlation(&points));
        let _ = write!(out, "<text x=\"{:.1}\" y=\"16\">{}</text>", area.left, svg::escape(&found));
        if !self.x.logarithmic && !self.y.logarithmic {
            line(&mut out, &points, &x, &y);
        }
        for (at, cloud) in self.clouds.iter().enumerate() {
            for (px, py) in &cloud.points {
                if let (Some(px), Some(py)) = (x.place(*px), y.place(*py)) {
                    Mark::Group(at).draw(&mut out, px, py);
                }
            }
        }
        let legend = match self.clouds.len() {
            0 | 1 => Vec::new(),
            _ => self.clouds.iter().enumerate().map(|(at, c)| Legend { name: c.name.clone(), mark: Mark::Group(at), line: false }).collect(),
        };
        let alternative = format!("{} against {} of {} subjects; {found}.", self.y.text(), self.x.text(), points.len());
        let head = ["group", "subjects", "correlation"].map(String::from).to_vec();
        let rows = self.clouds.iter().map(|c| vec![c.name.clone(), c.points.len().to_string(), words(correlation(&c.points))]).collect();
        Figure { caption: caption.into(), svg: svg::drawing(svg::HEIGHT, &alternative, &out), legend, alternative, grid: Some(Grid { head, rows }) }
    }
}

/// The straight line of least squares over the extent of the points.
fn line(out: &mut String, points: &[(f64, f64)], x: &Scale, y: &Scale) {
    let finite: Vec<(f64, f64)> = points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let (xs, ys): (Vec<f64>, Vec<f64>) = finite.iter().copied().unzip();
    let (Some(of_x), Some(of_y)) = (mean(&xs), mean(&ys)) else { return };
    let slope = finite.iter().map(|(x, y)| (x - of_x) * (y - of_y)).sum::<f64>() / xs.iter().map(|x| (x - of_x).powi(2)).sum::<f64>();
    let (low, high) = xs.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let end = |at: f64| Some((x.place(at)?, y.place(of_y + slope * (at - of_x))?));
    if let (Some((a, b)), Some((c, d))) = (end(low), end(high)) {
        let _ = write!(out, "<path class=\"zero\" stroke-dasharray=\"5 4\" d=\"M{a:.1} {b:.1}L{c:.1} {d:.1}\"/>");
    }
}
