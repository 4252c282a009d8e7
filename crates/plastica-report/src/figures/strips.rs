//! Single values by group beside what was published: one dot for each subject or study, a box over the middle half.

use crate::figure::{Figure, Grid, Legend, Mark};
use crate::statistics::quantile;
use crate::svg::{self, Area, Axis, Scale, minus};
use crate::words::wrapped;
use std::fmt::Write;

/// Groups beside each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strips {
    /// What all values measure.
    pub y: Axis,
    /// The groups, from the left.
    pub strips: Vec<Strip>,
}

/// The values of a group or contrast.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strip {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<f64>,
    /// Published value.
    pub published: Option<f64>,
    /// Lower and upper end of what is published or accepted.
    pub interval: Option<(f64, f64)>,
}

/// Dots that a strip can carry; of more, every so many are drawn, and the box is of all.
const DOTS: usize = 400;

impl Strip {
    /// Lower quartile, median, upper quartile.
    fn quartiles(&self) -> Option<[f64; 3]> {
        let finite: Vec<f64> = self.values.iter().copied().filter(|v| v.is_finite()).collect();
        Some([quantile(&finite, 0.25)?, quantile(&finite, 0.5)?, quantile(&finite, 0.75)?])
    }
}

impl Strips {
    /// The drawing.
    pub fn figure(&self, caption: impl Into<String>) -> Figure {
        let all = || self.strips.iter().flat_map(|s| s.values.iter().copied().chain(s.published).chain(s.interval.into_iter().flat_map(|(l, h)| [l, h])));
        let ticks = Scale::over(all(), self.y.logarithmic, 0.0, 1.0).ticks(5.0);
        let mut area = Area::beside(svg::longest(&ticks), svg::HEIGHT);
        let step = (area.right - area.left) / self.strips.len().max(1) as f64;
        let names: Vec<Vec<String>> = self.strips.iter().map(|s| wrapped(&s.name, ((step - 4.0) / 7.2).max(1.0) as usize)).collect();
        let lines = names.iter().map(Vec::len).max().unwrap_or(1) as f64;
        let height = svg::HEIGHT - 24.0 + 14.0 * lines;
        area.bottom = height - 12.0 - 14.0 * lines;
        let y = Scale::over(all(), self.y.logarithmic, area.bottom, area.top);
        let mut out = String::new();
        svg::vertical(&mut out, area, &y, &self.y);
        svg::zero(&mut out, area, None, y.place(0.0));
        let _ = write!(out, "<line class=\"axis\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{b:.1}\" y2=\"{b:.1}\"/>", area.left, area.right, b = area.bottom);
        for (at, strip) in self.strips.iter().enumerate() {
            let centre = area.left + step * (at as f64 + 0.5);
            draw(&mut out, strip, Mark::Group(at), centre, (step * 0.8).min(80.0), &y);
            for (line, text) in names[at].iter().enumerate() {
                let down = area.bottom + 16.0 + 14.0 * line as f64;
                let _ = write!(out, "<text x=\"{centre:.1}\" y=\"{down:.1}\" text-anchor=\"middle\">{}</text>", svg::escape(text));
            }
        }
        let mut legend = Vec::new();
        if self.strips.iter().any(|s| s.published.is_some()) {
            legend.push(Legend { name: "published".into(), mark: Mark::Published(0), line: false });
        }
        if self.strips.iter().any(|s| s.interval.is_some()) {
            legend.push(Legend { name: "published or accepted interval".into(), mark: Mark::Shade, line: false });
        }
        let alternative = self.alternative();
        let svg = svg::drawing(height, &alternative, &out);
        Figure { caption: caption.into(), svg, legend, alternative, grid: Some(self.grid()) }
    }

    fn alternative(&self) -> String {
        let mut out = format!("{} of {} groups: dots are single values, the box spans the middle half with the median.", self.y.text(), self.strips.len());
        for strip in &self.strips {
            if let (Some([_, median, _]), Some((low, high))) = (strip.quartiles(), strip.interval) {
                let place = if median < low {
                    "below"
                } else if median > high {
                    "above"
                } else {
                    "inside"
                };
                let _ = write!(out, " {}: the median {} lies {place} the interval.", strip.name, minus(median));
            }
        }
        out
    }

    fn grid(&self) -> Grid {
        let head = ["group", "values", "median", "middle half", "published", "interval"].map(String::from).to_vec();
        let dash = || String::from("–");
        let rows = self.strips.iter().map(|s| {
            let quartiles = s.quartiles();
            vec![
                s.name.clone(),
                s.values.len().to_string(),
                quartiles.map_or_else(dash, |q| minus(q[1])),
                quartiles.map_or_else(dash, |q| format!("{} to {}", minus(q[0]), minus(q[2]))),
                s.published.map_or_else(dash, minus),
                s.interval.map_or_else(dash, |(l, h)| format!("{} to {}", minus(l), minus(h))),
            ]
        });
        Grid { head, rows: rows.collect() }
    }
}

/// From the left: the published value on its interval, the box, the dots.
fn draw(out: &mut String, strip: &Strip, mark: Mark, centre: f64, width: f64, y: &Scale) {
    let known = strip.published.is_some() || strip.interval.is_some();
    // Without anything published the box and the dots have the whole width.
    let (left, share) = (centre - width / 2.0, if known { 0.3 } else { 0.0 });
    let own = left + width * share;
    let wide = width - width * share;
    if let Some((low, high)) = strip.interval.and_then(|(l, h)| Some((y.place(l)?, y.place(h)?))) {
        let (top, tall) = (low.min(high), (low - high).abs());
        let _ = write!(out, "<rect class=\"accepted\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{tall:.1}\"/>", width * share - 4.0);
    }
    if let Some(place) = strip.published.and_then(|p| y.place(p)) {
        Mark::Published(0).draw(out, left + (width * share - 4.0) / 2.0, place);
    }
    let class = mark.class();
    for (at, value) in strip.values.iter().enumerate().step_by(strip.values.len().div_ceil(DOTS).max(1)) {
        // The golden section spreads neighbours far apart, the same way in each drawing.
        let aside = ((at as f64 + 1.0) * 0.618_033_988_749_895).fract() * (wide - 8.0) + 4.0;
        if let Some(place) = y.place(*value) {
            let _ = write!(out, "<circle class=\"dot {class}\" cx=\"{:.1}\" cy=\"{place:.1}\" r=\"2.6\"/>", own + aside);
        }
    }
    if let Some([low, middle, high]) = strip.quartiles().and_then(|q| Some([y.place(q[0])?, y.place(q[1])?, y.place(q[2])?])) {
        let _ = write!(
            out,
            "<path class=\"box\" d=\"M{own:.1} {low:.1}h{wide:.1}V{high:.1}h-{wide:.1}z\"/><path class=\"box\" style=\"stroke-width:2.6\" d=\"M{own:.1} {middle:.1}h{wide:.1}\"/>"
        );
    }
}
