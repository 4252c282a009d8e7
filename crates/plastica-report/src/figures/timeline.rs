//! The programme of a group as bars by kind of block: one row for each day, hours to the right.

use crate::figure::{Figure, Grid, Legend, Mark};
use crate::svg::{self, Area, Axis, Scale, minus};
use std::fmt::Write;

/// What a group lives through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The stretches, in order, as kind, beginning and length.
    pub bars: Vec<Bar>,
    /// Kinds that get the first colours, in this order, so that several timelines agree; others follow as they come.
    pub kinds: Vec<String>,
    /// Length of a row, seconds; 0 stands for a day.
    pub row_s: f64,
}

/// One stretch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    /// Kind or name of the block.
    pub kind: String,
    /// Beginning, seconds.
    pub from_s: f64,
    /// Length, seconds.
    pub length_s: f64,
}

/// Bars that are narrower than this are drawn together.
const NARROW: f64 = 1.5;
const ROW: f64 = 34.0;
const THICK: f64 = 24.0;
/// Rows that a page can carry.
const ROWS: usize = 40;

/// A part of a row: from, to, and seconds of each kind in it.
struct Piece {
    from: f64,
    to: f64,
    kinds: Vec<(usize, f64)>,
}

impl Timeline {
    /// The drawing. Stretches too short to be seen are drawn together: one bar, whose height is shared among the kinds by their time.
    pub fn figure(&self, caption: impl Into<String>) -> Figure {
        let kinds = self.kinds();
        let row_s = if self.row_s > 0.0 && self.row_s.is_finite() { self.row_s } else { 86_400.0 };
        let usable = || self.bars.iter().filter(|b| b.from_s.is_finite() && b.length_s.is_finite() && b.from_s >= 0.0 && b.length_s > 0.0);
        let end = usable().map(|b| b.from_s + b.length_s).fold(0.0, f64::max);
        let rows = ((end / row_s).ceil().max(1.0) as usize).min(ROWS);
        // A life shorter than a row needs no whole row.
        let shown = if end > 0.0 { end.min(row_s) } else { row_s };
        let (unit, scale) = if shown > 7200.0 {
            ("h", 3600.0)
        } else if shown > 120.0 {
            ("min", 60.0)
        } else {
            ("s", 1.0)
        };
        let height = ROW * rows as f64 + 56.0;
        let area = Area { left: 66.0, ..Area::beside(0, height) };
        let x = Scale::between(0.0, shown / scale, area.left, area.right - 6.0);
        let mut out = String::new();
        axis(&mut out, area, &x, shown / scale, &Axis::new(if rows > 1 { "time in the day" } else { "time" }, unit));
        let per_second = (area.right - 6.0 - area.left) / shown;
        for row in 0..rows {
            let top = area.top + ROW * row as f64 + (ROW - THICK) / 2.0;
            if rows > 1 {
                let _ = write!(out, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">day {}</text>", area.left - 8.0, top + THICK / 2.0 + 4.0, row + 1);
            }
            let from = row_s * row as f64;
            let in_row = usable().filter_map(|b| {
                // A stretch that crosses midnight is drawn in both rows.
                let (a, z) = (b.from_s.max(from) - from, (b.from_s + b.length_s).min(from + row_s) - from);
                (z > a).then(|| (kinds.iter().position(|k| *k == b.kind).unwrap_or(0), a, z))
            });
            for piece in pieces(in_row, NARROW / per_second) {
                draw(&mut out, &piece, area.left, per_second, top);
            }
        }
        let occurs = |kind: &str| self.bars.iter().any(|b| b.kind == kind);
        let legend = kinds
            .iter()
            .enumerate()
            .filter(|(_, kind)| occurs(kind))
            .map(|(at, kind)| Legend { name: kind.to_string(), mark: Mark::Kind(at), line: false })
            .collect();
        let grid = self.grid(&kinds);
        let mut alternative = format!("The programme as bars over {} {unit}, in {rows} rows.", minus(shown / scale));
        for row in &grid.rows {
            let _ = write!(alternative, " {}: {} times, {} min.", row[0], row[1], row[2]);
        }
        if end > row_s * ROWS as f64 {
            let _ = write!(alternative, " Only the first {ROWS} rows are drawn.");
        }
        Figure { caption: caption.into(), svg: svg::drawing(height, &alternative, &out), legend, alternative, grid: Some(grid) }
    }

    /// Kinds in the order of their colours.
    fn kinds(&self) -> Vec<&str> {
        let mut out: Vec<&str> = self.kinds.iter().map(String::as_str).collect();
        for bar in &self.bars {
            if !out.contains(&bar.kind.as_str()) {
                out.push(&bar.kind);
            }
        }
        out
    }

    fn grid(&self, kinds: &[&str]) -> Grid {
        let head = ["block", "times", "minutes"].map(String::from).to_vec();
        let of = |kind: &str| self.bars.iter().filter(|b| b.kind == kind).map(|b| b.length_s).collect::<Vec<_>>();
        let rows = kinds
            .iter()
            .filter(|kind| !of(kind).is_empty())
            .map(|kind| vec![kind.to_string(), of(kind).len().to_string(), minus(of(kind).iter().sum::<f64>() / 60.0)]);
        Grid { head, rows: rows.collect() }
    }
}

/// The axis below the rows; hours are marked in threes or sixes, as on a clock.
fn axis(out: &mut String, area: Area, x: &Scale, end: f64, axis: &Axis) {
    if axis.unit != "h" || end < 9.0 {
        return svg::horizontal(out, area, x, axis);
    }
    let step = 3.0 * (end / 24.0).ceil();
    for tick in (0..).map(|i| f64::from(i) * step).take_while(|t| *t <= end) {
        let Some(at) = x.place(tick) else { continue };
        let _ = write!(out, "<line class=\"grid\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{}\" y2=\"{}\"/>", area.top, area.bottom);
        let _ = write!(out, "<text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>", area.bottom + 16.0, minus(tick));
    }
    svg::horizontal_label(out, area, axis);
}

/// Bars of a row as (kind, from, to) in seconds; neighbours that are narrower than `narrow` become one piece.
fn pieces(bars: impl Iterator<Item = (usize, f64, f64)>, narrow: f64) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut joining = false;
    for (kind, from, to) in bars {
        let short = to - from < narrow;
        match out.last_mut() {
            Some(last) if short && joining && from - last.to < narrow => {
                last.to = to;
                match last.kinds.iter_mut().find(|(k, _)| *k == kind) {
                    Some((_, seconds)) => *seconds += to - from,
                    None => last.kinds.push((kind, to - from)),
                }
            }
            _ => out.push(Piece { from, to, kinds: vec![(kind, to - from)] }),
        }
        joining = short;
    }
    out
}

fn draw(out: &mut String, piece: &Piece, left: f64, per_second: f64, top: f64) {
    let (x, width) = (left + piece.from * per_second, ((piece.to - piece.from) * per_second).max(0.6));
    let all: f64 = piece.kinds.iter().map(|(_, seconds)| seconds).sum();
    let mut y = top;
    for (kind, seconds) in &piece.kinds {
        let tall = THICK * seconds / all;
        Mark::Kind(*kind).area(out, x, y, width, tall);
        y += tall;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bars: &[(usize, f64, f64)], expected: &[(f64, f64, usize)]) {
        let found: Vec<(f64, f64, usize)> = pieces(bars.iter().copied(), 10.0).iter().map(|p| (p.from, p.to, p.kinds.len())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn short_neighbours_are_joined_and_long_ones_are_not() {
        check(&[(0, 0.0, 100.0), (1, 100.0, 200.0)], &[(0.0, 100.0, 1), (100.0, 200.0, 1)]);
        check(&[(0, 0.0, 1.0), (1, 1.0, 2.0), (0, 2.0, 3.0), (2, 3.0, 50.0)], &[(0.0, 3.0, 2), (3.0, 50.0, 1)]);
        check(&[(0, 0.0, 50.0), (1, 50.0, 51.0), (1, 80.0, 81.0)], &[(0.0, 50.0, 1), (50.0, 51.0, 1), (80.0, 81.0, 1)]);
    }
}
