//! Single values by group beside what was published: one dot for each subject or study, a box over the middle half.

use crate::figure::{Figure, Grid, Legend, Mark};
use crate::statistics::quantile;
use crate::svg::{self, Area, Axis, Scale, minus};
use std::fmt::Write;

/// Groups below each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strips {
    /// What all values measure.
    pub axis: Axis,
    /// The groups, from the top.
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

/// Height of the box and the dots of a strip, and of what is published above them.
const OWN: f64 = 26.0;
const KNOWN: f64 = 14.0;
/// Dots that a strip can carry; of more, every so many are drawn, and the box is of all.
const DOTS: usize = 400;

impl Strip {
    fn is_known(&self) -> bool {
        self.published.is_some() || self.interval.is_some()
    }

    /// Lower quartile, median, upper quartile.
    fn quartiles(&self) -> Option<[f64; 3]> {
        let finite: Vec<f64> = self.values.iter().copied().filter(|v| v.is_finite()).collect();
        Some([quantile(&finite, 0.25)?, quantile(&finite, 0.5)?, quantile(&finite, 0.75)?])
    }
}

impl Strips {
    /// The drawing.
    pub fn figure(&self, caption: impl Into<String>) -> Figure {
        let all = self.strips.iter().flat_map(|s| s.values.iter().copied().chain(s.published).chain(s.interval.into_iter().flat_map(|(l, h)| [l, h])));
        let names: Vec<Vec<String>> = self.strips.iter().map(|s| super::forest::lines(&s.name)).collect();
        let letters = names.iter().flatten().map(|l| l.chars().count()).max().unwrap_or(0);
        let row = OWN + if self.strips.iter().any(Strip::is_known) { KNOWN } else { 0.0 } + 8.0;
        let height = row * self.strips.len() as f64 + 62.0;
        let area = Area { left: 16.0 + 7.6 * letters as f64, ..Area::beside(0, height) };
        let x = Scale::over(all, self.axis.logarithmic, area.left, area.right);
        let mut out = String::new();
        svg::horizontal(&mut out, area, &x, &self.axis);
        svg::zero(&mut out, area, x.place(0.0), None);
        for (at, strip) in self.strips.iter().enumerate() {
            let top = area.top + row * at as f64 + 4.0;
            draw(&mut out, strip, Mark::Group(at), top, row - 8.0, &x);
            for (line, text) in names[at].iter().enumerate() {
                let y = top + row / 2.0 + 14.0 * (line as f64 - (names[at].len() - 1) as f64 / 2.0);
                let _ = write!(out, "<text x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{}</text>", area.left - 8.0, svg::escape(text));
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
        let mut out = format!("{} of {} groups: dots are single values, the box spans the middle half with the median.", self.axis.text(), self.strips.len());
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

/// From the top: the published value on its interval, then the box and the dots.
fn draw(out: &mut String, strip: &Strip, mark: Mark, top: f64, height: f64, x: &Scale) {
    let own = if strip.is_known() { top + KNOWN } else { top };
    let tall = (height - (own - top)).min(OWN);
    if let Some((low, high)) = strip.interval.and_then(|(l, h)| Some((x.place(l)?, x.place(h)?))) {
        let (left, wide) = (low.min(high), (low - high).abs());
        let _ = write!(out, "<rect class=\"accepted\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{:.1}\"/>", KNOWN - 4.0);
    }
    if let Some(place) = strip.published.and_then(|p| x.place(p)) {
        Mark::Published(0).draw(out, place, top + (KNOWN - 4.0) / 2.0);
    }
    let class = mark.class();
    for (at, value) in strip.values.iter().enumerate().step_by(strip.values.len().div_ceil(DOTS).max(1)) {
        // The golden section spreads neighbours far apart, the same way in each drawing.
        let aside = ((at as f64 + 1.0) * 0.618_033_988_749_895).fract() * (tall - 8.0) + 4.0;
        if let Some(place) = x.place(*value) {
            let _ = write!(out, "<circle class=\"dot {class}\" cx=\"{place:.1}\" cy=\"{:.1}\" r=\"2.6\"/>", own + aside);
        }
    }
    if let Some([low, middle, high]) = strip.quartiles().and_then(|q| Some([x.place(q[0])?, x.place(q[1])?, x.place(q[2])?])) {
        let _ = write!(
            out,
            "<path class=\"box\" d=\"M{low:.1} {own:.1}v{tall:.1}H{high:.1}v-{tall:.1}z\"/><path class=\"box\" style=\"stroke-width:2.6\" d=\"M{middle:.1} {own:.1}v{tall:.1}\"/>"
        );
    }
}
