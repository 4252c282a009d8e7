//! A raster: one small stroke for each spike, time to the right, neurons upwards.

use crate::figure::Figure;
use crate::statistics;
use crate::svg::{self, Area, Axis, Scale};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Strokes that a page can carry. Where there are more, neurons are left out, never single spikes.
const STROKES: usize = 12_000;

/// Spikes of a population in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Raster {
    /// Times of spikes, seconds, `[n_spikes]`.
    pub time_s: Vec<f64>,
    /// Which neuron fired, `[n_spikes]`.
    pub neuron: Vec<f64>,
    /// Beginning of what is drawn, seconds.
    pub from_s: f64,
    /// End of what is drawn, seconds.
    pub to_s: f64,
}

impl Raster {
    /// The drawing.
    pub fn figure(&self, caption: impl Into<String>) -> Figure {
        let inside: Vec<(f64, f64)> =
            self.time_s.iter().copied().zip(self.neuron.iter().copied()).filter(|(t, n)| *t >= self.from_s && *t <= self.to_s && n.is_finite()).collect();
        let firing: BTreeSet<u64> = inside.iter().map(|(_, n)| n.max(0.0) as u64).collect();
        let every = inside.len().div_ceil(STROKES).max(1);
        let kept: BTreeSet<u64> = firing.iter().copied().step_by(every).collect();
        let top = firing.last().copied().unwrap_or(0) as f64;
        let area = Area::beside(svg::longest(&Scale::between(-0.5, top + 0.5, 0.0, 1.0).ticks(5.0)), svg::HEIGHT);
        let x = Scale::between(self.from_s, self.to_s, area.left, area.right);
        let y = Scale::between(-0.5, top + 0.5, area.bottom - 2.0, area.top);
        let mut out = String::new();
        svg::horizontal(&mut out, area, &x, &Axis::new("time", "s"));
        svg::vertical(&mut out, area, &y, &Axis::new("neuron", ""));
        let stroke = ((area.bottom - area.top) / (top + 1.0) * 0.8).clamp(1.2, 8.0);
        let mut path = String::new();
        for (time, neuron) in inside.iter().filter(|(_, n)| kept.contains(&(n.max(0.0) as u64))) {
            if let (Some(px), Some(py)) = (x.place(*time), y.place(*neuron)) {
                let _ = write!(path, "M{px:.1} {:.1}v{stroke:.1}", py - stroke / 2.0);
            }
        }
        let _ = write!(out, "<path class=\"spikes\" d=\"{path}\"/>");
        let alternative = self.alternative(&inside, firing.len(), every);
        Figure { caption: caption.into(), svg: svg::drawing(svg::HEIGHT, &alternative, &out), legend: Vec::new(), alternative, grid: None }
    }

    fn alternative(&self, inside: &[(f64, f64)], firing: usize, every: usize) -> String {
        let (times, neurons): (Vec<f64>, Vec<f64>) = inside.iter().copied().unzip();
        let mut out = format!("Raster of {} spikes of {firing} neurons from {} to {} s.", inside.len(), svg::minus(self.from_s), svg::minus(self.to_s));
        if let Some(rate) = statistics::rate(inside.len(), firing, self.to_s - self.from_s) {
            let _ = write!(out, " The neurons that fire do so at {} Hz on average.", svg::minus(rate));
        }
        if let Some(cv) = statistics::irregularity(&times, &neurons) {
            let _ = write!(out, " The intervals between their spikes vary with a coefficient of {}.", svg::minus(cv));
        }
        if every > 1 {
            let _ = write!(out, " One neuron in {every} is drawn.");
        }
        out
    }
}
