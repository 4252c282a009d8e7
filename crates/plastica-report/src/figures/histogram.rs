//! A histogram: how often values occur.

use crate::figure::Figure;
use crate::statistics::Histogram;
use crate::svg::{self, Area, Axis, Scale};
use std::fmt::Write;

/// A histogram with its axis.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramFigure {
    /// What is counted.
    pub axis: Axis,
    /// What one count is (`synapses`).
    pub counted: String,
    /// The counts.
    pub histogram: Histogram,
}

impl HistogramFigure {
    /// The drawing.
    pub fn figure(&self, caption: impl Into<String>) -> Figure {
        let Histogram { edges, counts, outside } = &self.histogram;
        let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        let (low, high) = (edges.first().copied().unwrap_or(0.0), edges.last().copied().unwrap_or(1.0));
        let letters = svg::longest(&Scale::between(0.0, most * 1.05, 0.0, 1.0).ticks(5.0));
        let area = Area::beside(letters, svg::HEIGHT);
        let x = Scale::between(low, high, area.left + 4.0, area.right - 4.0);
        let y = Scale::between(0.0, most * 1.05, area.bottom, area.top);
        let mut out = String::new();
        svg::vertical(&mut out, area, &y, &Axis::new(self.counted.clone(), ""));
        let last = counts.len().saturating_sub(1);
        for (at, count) in counts.iter().enumerate() {
            // Bins are placed by their number, so that bins without width, where all values are equal, are drawn too.
            let width = (area.right - area.left - 8.0) / (last + 1) as f64;
            let top = y.place(*count as f64).unwrap_or(area.bottom);
            let _ = write!(
                out,
                "<rect class=\"bin\" x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
                area.left + 4.0 + width * at as f64,
                (width - 1.0).max(0.5),
                area.bottom - top
            );
        }
        svg::horizontal(&mut out, area, &x, &self.axis);
        let total: u64 = counts.iter().sum();
        let beyond = if *outside > 0 { format!(" {outside} more lie outside.") } else { String::new() };
        let (fullest, _) = counts.iter().enumerate().max_by_key(|(_, c)| **c).unwrap_or((0, &0));
        let between = |i: usize| edges.get(i).map_or(String::new(), |e| svg::minus(*e));
        let alternative = format!(
            "Histogram of {total} {} over {}, from {} to {}. The fullest bin, from {} to {}, holds {}.{beyond}",
            self.counted,
            self.axis.text(),
            svg::minus(low),
            svg::minus(high),
            between(fullest),
            between(fullest + 1),
            counts.get(fullest).unwrap_or(&0)
        );
        Figure { caption: caption.into(), svg: svg::drawing(svg::HEIGHT, &alternative, &out), legend: Vec::new(), alternative, grid: None }
    }
}
