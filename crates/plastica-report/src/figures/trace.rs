//! A recorded variable over time: a chart whose lines are thinned without losing peaks.

use super::chart::{Chart, Curve, Point};
use crate::figure::Mark;
use crate::svg::Axis;
use plastica_record::read::Series;

/// Stretches of time into which a line is thinned: about one for each place that a screen can show.
const STRETCHES: usize = 400;

/// The chart of some places of a series (up to four can be told apart), by their position along the dimension.
pub fn trace(series: &Series, places: &[usize], label: impl Into<String>) -> Chart {
    let label_of = |at: usize| match series.labels.iter().find(|(name, _)| *name == series.dimension).or(series.labels.first()) {
        Some((_, numbers)) => format!("{} {}", series.dimension, numbers.get(at).copied().unwrap_or(at as i64)),
        None => series.variable.clone(),
    };
    let curve = |(group, at): (usize, &usize)| {
        let points: Vec<Point> = series.time_s.iter().zip(series.column(*at)).map(|(x, y)| Point { x: *x, y, error: None }).collect();
        let mark = if group % 2 == 0 { Mark::Plastica(group) } else { Mark::Model(group) };
        Curve { name: label_of(*at), mark, line: true, points: thinned(&points) }
    };
    Chart { x: Axis::new("time", "s"), y: Axis::new(label, series.unit.clone()), curves: places.iter().enumerate().map(curve).collect() }
}

/// Keeps the lowest and the highest point of each stretch, in the order in which they came.
fn thinned(points: &[Point]) -> Vec<Point> {
    if points.len() <= 2 * STRETCHES {
        return points.to_vec();
    }
    let mut out = Vec::new();
    for stretch in points.chunks(points.len().div_ceil(STRETCHES)) {
        let order = |a: &(usize, &Point), b: &(usize, &Point)| a.1.y.total_cmp(&b.1.y);
        let low = stretch.iter().enumerate().min_by(order).map_or(0, |(i, _)| i);
        let high = stretch.iter().enumerate().max_by(order).map_or(0, |(i, _)| i);
        out.push(stretch[low.min(high)]);
        if low != high {
            out.push(stretch[low.max(high)]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_peak_survives() {
        let mut points: Vec<Point> = (0..100_000).map(|i| Point { x: f64::from(i), y: 0.0, error: None }).collect();
        points[77_777].y = 1.0;
        let thin = thinned(&points);
        assert!(thin.len() <= 2 * STRETCHES, "{}", thin.len());
        assert!(thin.contains(&points[77_777]));
        assert!(thin.is_sorted_by(|a, b| a.x < b.x));
    }
}
