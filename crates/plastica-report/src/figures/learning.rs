//! Curves of learning by group: the mean with its 95 % confidence band, single subjects as thin lines, nights shaded.

use crate::figure::{Figure, Grid, Legend, Mark};
use crate::statistics::{Estimate, mean, mean_interval};
use crate::study::Block;
use crate::svg::{self, Area, Axis, Scale, minus};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Curves of learning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Learning {
    /// The horizontal axis: day, session, trial.
    pub x: Axis,
    /// The score.
    pub y: Axis,
    /// The groups.
    pub groups: Vec<LearningGroup>,
    /// Nights, from and to, in units of x.
    pub nights: Vec<(f64, f64)>,
}

/// The curves of a group's subjects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearningGroup {
    /// Its name.
    pub name: String,
    /// Where it was measured, ascending, `[n]`.
    pub x: Vec<f64>,
    /// What was measured, `[subjects][n]`; what is missing is not a number.
    pub subjects: Vec<Vec<f64>>,
}

/// The mean of some subjects, its interval where there are two or more, and how many they were.
type Summary = (f64, Option<Estimate>, usize);

impl LearningGroup {
    /// The curves of a group from the values of its blocks; `place` says where along x a block lies (its day, its number). A subject's
    /// blocks at the same place are averaged, and a place where it has none stays empty.
    ///
    /// ```
    /// use plastica_report::figures::LearningGroup;
    /// use plastica_report::study::Block;
    /// let block = |subject, day, value| Block { group: "imagery".into(), subject, day, block: "test".into(), nth: 1.0, value };
    /// let found = LearningGroup::from_blocks("imagery", &[block(1, 1.0, 9.0), block(1, 2.0, 5.0), block(1, 2.0, 7.0), block(2, 1.0, 8.0)], |b| b.day);
    /// assert_eq!((&found.x[..], &found.subjects[0][..], found.subjects[1][0]), (&[1.0, 2.0][..], &[9.0, 6.0][..], 8.0));
    /// assert!(found.subjects[1][1].is_nan());
    /// ```
    pub fn from_blocks(group: &str, blocks: &[Block], place: impl Fn(&Block) -> f64) -> Self {
        let own: Vec<(u64, f64, f64)> = blocks.iter().filter(|b| b.group == group).map(|b| (b.subject, place(b), b.value)).collect();
        let mut x: Vec<f64> = own.iter().map(|b| b.1).filter(|x| x.is_finite()).collect();
        x.sort_by(f64::total_cmp);
        x.dedup();
        let subjects: BTreeSet<u64> = own.iter().map(|b| b.0).collect();
        let at = |subject: u64, x: f64| {
            let values: Vec<f64> = own.iter().filter(|b| b.0 == subject && b.1 == x).map(|b| b.2).collect();
            mean(&values).unwrap_or(f64::NAN)
        };
        let subjects = subjects.into_iter().map(|subject| x.iter().map(|x| at(subject, *x)).collect()).collect();
        LearningGroup { name: group.into(), x, subjects }
    }

    fn summary(&self) -> Vec<Option<Summary>> {
        let at = |i: usize| -> Vec<f64> { self.subjects.iter().filter_map(|s| s.get(i).copied().filter(|v| v.is_finite())).collect() };
        let one = |i| {
            let values = at(i);
            Some((mean(&values)?, mean_interval(&values, 0.95), values.len()))
        };
        (0..self.x.len()).map(one).collect()
    }
}

impl Learning {
    /// The drawing.
    pub fn figure(&self, caption: impl Into<String>) -> Figure {
        let summaries: Vec<_> = self.groups.iter().map(LearningGroup::summary).collect();
        let ends = summaries.iter().flatten().flatten().filter_map(|(_, interval, _)| *interval).flat_map(|e| [e.low, e.high]);
        let values: Vec<f64> = self.groups.iter().flat_map(|g| g.subjects.iter().flatten().copied()).chain(ends).collect();
        let ticks = Scale::over(values.iter().copied(), self.y.logarithmic, 0.0, 1.0).ticks(5.0);
        let area = Area::beside(svg::longest(&ticks), svg::HEIGHT);
        let nights = self.nights.iter().flat_map(|n| [n.0, n.1]);
        let x = Scale::over(self.groups.iter().flat_map(|g| g.x.iter().copied()).chain(nights), self.x.logarithmic, area.left, area.right);
        let y = Scale::over(values.iter().copied(), self.y.logarithmic, area.bottom, area.top);
        let mut out = String::new();
        for (from, to) in &self.nights {
            if let (Some(from), Some(to)) = (x.place(*from), x.place(*to)) {
                Mark::Shade.area(&mut out, from, area.top, (to - from).max(0.0), area.bottom - area.top);
            }
        }
        svg::horizontal(&mut out, area, &x, &self.x);
        svg::vertical(&mut out, area, &y, &self.y);
        svg::zero(&mut out, area, None, y.place(0.0));
        for (at, (group, summary)) in self.groups.iter().zip(&summaries).enumerate() {
            below(&mut out, Mark::Group(at), group, summary, &x, &y);
        }
        // Means lie above all bands and subjects, so that no group hides another's.
        for (at, (group, summary)) in self.groups.iter().zip(&summaries).enumerate() {
            let mark = Mark::Group(at);
            let points = group.x.iter().zip(summary).map(|(px, s)| Some((x.place(*px)?, y.place(s.as_ref()?.0)?)));
            let points: Vec<Option<(f64, f64)>> = points.collect();
            let _ = write!(out, "<path {} d=\"{}\"/>", mark.stroke(), path(&points));
            if group.x.len() <= 40 {
                points.iter().flatten().for_each(|(px, py)| mark.draw(&mut out, *px, *py));
            }
        }
        let mut legend: Vec<Legend> =
            self.groups.iter().enumerate().map(|(at, g)| Legend { name: g.name.clone(), mark: Mark::Group(at), line: true }).collect();
        if !self.nights.is_empty() {
            legend.push(Legend { name: "night".into(), mark: Mark::Shade, line: false });
        }
        let alternative = self.alternative(&summaries);
        let svg = svg::drawing(svg::HEIGHT, &alternative, &out);
        Figure { caption: caption.into(), svg, legend, alternative, grid: self.grid(&summaries) }
    }

    fn alternative(&self, summaries: &[Vec<Option<Summary>>]) -> String {
        let mut out = format!("{} against {}, mean of each group with its 95 % confidence band; thin lines are single subjects.", self.y.text(), self.x.text());
        for (group, summary) in self.groups.iter().zip(summaries) {
            let known = || group.x.iter().zip(summary).filter_map(|(x, s)| s.map(|s| (x, s)));
            let _ = match (known().next(), known().next_back()) {
                (Some((x, first)), Some((to, last))) => write!(
                    out,
                    " {} ({} subjects): from {} at {} to {} at {}.",
                    group.name,
                    group.subjects.len(),
                    minus(first.0),
                    minus(*x),
                    minus(last.0),
                    minus(*to)
                ),
                _ => write!(out, " {}: without values.", group.name),
            };
        }
        out
    }

    fn grid(&self, summaries: &[Vec<Option<Summary>>]) -> Option<Grid> {
        let head = vec!["group".into(), self.x.text(), self.y.text(), "95 % interval".into(), "subjects".into()];
        let mut rows = Vec::new();
        for (group, summary) in self.groups.iter().zip(summaries) {
            for (x, (value, interval, n)) in group.x.iter().zip(summary).filter_map(|(x, s)| s.map(|s| (x, s))) {
                let interval = interval.map_or("–".into(), |e| format!("{} to {}", minus(e.low), minus(e.high)));
                rows.push(vec![group.name.clone(), minus(*x), minus(value), interval, n.to_string()]);
            }
        }
        (1..=120).contains(&rows.len()).then_some(Grid { head, rows })
    }
}

/// The band and the single subjects.
fn below(out: &mut String, mark: Mark, group: &LearningGroup, summary: &[Option<Summary>], x: &Scale, y: &Scale) {
    let class = mark.class();
    let edges: Vec<Option<(f64, f64, f64)>> = group
        .x
        .iter()
        .zip(summary)
        .map(|(px, s)| {
            let interval = s.as_ref()?.1?;
            Some((x.place(*px)?, y.place(interval.low)?, y.place(interval.high)?))
        })
        .collect();
    // Where an interval is missing the band ends and begins anew.
    for run in edges.split(|e| e.is_none()).filter(|run| run.len() > 1) {
        let there = run.iter().flatten().map(|(px, low, _)| format!("{px:.1} {low:.1}"));
        let back = run.iter().rev().flatten().map(|(px, _, high)| format!("{px:.1} {high:.1}"));
        let _ = write!(out, "<path class=\"band {class}\" d=\"M{}z\"/>", there.chain(back).collect::<Vec<_>>().join("L"));
    }
    for subject in &group.subjects {
        let points: Vec<Option<(f64, f64)>> = group.x.iter().zip(subject).map(|(px, v)| Some((x.place(*px)?, y.place(*v)?))).collect();
        let _ = write!(out, "<path class=\"thin {class}\" d=\"{}\"/>", path(&points));
    }
}

/// A line through points, which begins anew after one that is missing.
fn path(points: &[Option<(f64, f64)>]) -> String {
    let mut out = String::new();
    for run in points.split(|p| p.is_none()) {
        for (at, (x, y)) in run.iter().flatten().enumerate() {
            let _ = write!(out, "{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' });
        }
    }
    out
}
