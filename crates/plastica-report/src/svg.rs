//! The frame of a plot in SVG: scales, ticks, axis labels, and what all figures share.

use crate::number;
use std::fmt::Write;

/// Size of every figure in user units. Text of 12 units stays readable when a telephone shows it somewhat smaller.
pub const WIDTH: f64 = 420.0;
pub const HEIGHT: f64 = 280.0;
const LETTER: f64 = 6.8;
/// Width of a letter of a label, in a wide font.
const BOLD: f64 = 8.2;

/// One axis as the caller describes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// Label without the unit.
    pub label: String,
    /// Unit; empty for pure numbers.
    pub unit: String,
    /// Whether decades are equally long. Values that are not positive are then left out.
    pub logarithmic: bool,
}

impl Axis {
    /// A linear axis.
    pub fn new(label: impl Into<String>, unit: impl Into<String>) -> Self {
        Axis { label: label.into(), unit: unit.into(), logarithmic: false }
    }

    /// The label with its unit.
    pub fn text(&self) -> String {
        if self.unit.is_empty() || self.unit == "-" { self.label.clone() } else { format!("{} ({})", self.label, self.unit) }
    }
}

/// Where values lie on the paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
    from: f64,
    to: f64,
}

impl Scale {
    /// A scale over all finite values, with a margin; onto `from..to` in user units.
    pub fn over(values: impl Iterator<Item = f64>, logarithmic: bool, from: f64, to: f64) -> Self {
        let usable = values.filter(|v| v.is_finite() && (!logarithmic || *v > 0.0)).map(|v| if logarithmic { v.log10() } else { v });
        let (mut low, mut high) = usable.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // A single value gets a surrounding that is in proportion to it.
        let margin = if high > low { 0.05 * (high - low) } else { (0.1 * high.abs()).max(1e-12) };
        Scale { low: low - margin, high: high + margin, logarithmic, from, to }
    }

    /// A linear scale with fixed ends.
    pub fn between(low: f64, high: f64, from: f64, to: f64) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        Scale { low, high, logarithmic: false, from, to }
    }

    /// The place of a value on the paper; `None` where it has none.
    pub fn place(&self, value: f64) -> Option<f64> {
        let value = if self.logarithmic { value.log10() } else { value };
        let place = self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from);
        place.is_finite().then_some(place)
    }

    /// Round values inside the scale, about `count` of them.
    pub fn ticks(&self, count: f64) -> Vec<f64> {
        if self.logarithmic && self.high - self.low > 1.0 {
            return (self.low.ceil() as i32..=self.high.floor() as i32).map(|e| 10f64.powi(e)).collect();
        }
        let (low, high) = if self.logarithmic { (10f64.powf(self.low), 10f64.powf(self.high)) } else { (self.low, self.high) };
        let raw = (high - low) / count;
        let decade = 10f64.powf(raw.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].iter().map(|m| m * decade).find(|s| *s >= raw * 0.999).unwrap_or(raw);
        let first = (low / step).ceil() as i64;
        // Rounded to the step, so that a tick at nothing is 0 and not 1e-17.
        (0..50).map(|i| (first + i) as f64 * step).take_while(|t| *t <= high).collect()
    }
}

/// The four sides of the plotting area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Area {
    /// The area beside labels of at most `letters` letters.
    pub fn beside(letters: usize, height: f64) -> Self {
        Area { left: 30.0 + LETTER * letters as f64, right: WIDTH - 12.0, top: 10.0, bottom: height - 44.0 }
    }
}

/// Letters of the longest tick label.
pub fn longest(ticks: &[f64]) -> usize {
    ticks.iter().map(|t| number(*t).len()).max().unwrap_or(1)
}

/// The horizontal axis with ticks, grid lines and its label.
pub fn horizontal(out: &mut String, area: Area, scale: &Scale, axis: &Axis) {
    for tick in scale.ticks(6.0) {
        let Some(x) = scale.place(tick) else { continue };
        let _ = write!(out, "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{}\" y2=\"{}\"/>", area.top, area.bottom);
        let _ = write!(out, "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>", area.bottom + 16.0, minus(tick));
    }
    horizontal_label(out, area, axis);
}

/// The line and the label of a horizontal axis without ticks.
pub fn horizontal_label(out: &mut String, area: Area, axis: &Axis) {
    let _ = write!(out, "<line class=\"axis\" x1=\"{}\" x2=\"{}\" y1=\"{b}\" y2=\"{b}\"/>", area.left, area.right, b = area.bottom);
    // A label that is longer than the axis moves to the left, so that the drawing does not cut it.
    let text = axis.text();
    let half = BOLD * text.chars().count() as f64 / 2.0;
    let middle = ((area.left + area.right) / 2.0).min(WIDTH - half).max(WIDTH / 2.0);
    let _ = write!(out, "<text class=\"label\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>", area.bottom + 36.0, escape(&text));
}

/// The vertical axis with ticks, grid lines and its label.
pub fn vertical(out: &mut String, area: Area, scale: &Scale, axis: &Axis) {
    for tick in scale.ticks(5.0) {
        let Some(y) = scale.place(tick) else { continue };
        let _ = write!(out, "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>", area.left, area.right);
        let _ = write!(out, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>", area.left - 6.0, y + 4.0, minus(tick));
    }
    vertical_label(out, area, axis);
}

/// The line and the label of a vertical axis without ticks.
pub fn vertical_label(out: &mut String, area: Area, axis: &Axis) {
    let _ = write!(out, "<line class=\"axis\" x1=\"{l}\" x2=\"{l}\" y1=\"{}\" y2=\"{}\"/>", area.top, area.bottom, l = area.left);
    let (x, y) = (14.0, (area.top + area.bottom) / 2.0);
    let _ =
        write!(out, "<text class=\"label\" x=\"{x}\" y=\"{y:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 {x} {y:.1})\">{}</text>", escape(&axis.text()));
}

/// The line at zero, where zero is inside a horizontal or vertical scale.
pub fn zero(out: &mut String, area: Area, x: Option<f64>, y: Option<f64>) {
    if let Some(x) = x.filter(|x| *x > area.left && *x < area.right) {
        let _ = write!(out, "<line class=\"zero\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{}\" y2=\"{}\"/>", area.top, area.bottom);
    }
    if let Some(y) = y.filter(|y| *y > area.top && *y < area.bottom) {
        let _ = write!(out, "<line class=\"zero\" x1=\"{}\" x2=\"{}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>", area.left, area.right);
    }
}

/// A whole drawing with its text alternative.
pub fn drawing(height: f64, alternative: &str, content: &str) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\" xmlns=\"http://www.w3.org/2000/svg\">{content}</svg>", escape(alternative))
}

/// A number with a real minus sign.
pub fn minus(value: f64) -> String {
    number(value).replace('-', "−")
}

/// Text that is safe inside HTML and its attributes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
