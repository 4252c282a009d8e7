//! The part of the page that shows a study: timelines, figures, rates. Made from `study.json` and the diaries, without an engine.

use std::path::Path;

use plastica_programme::count::bars;
use plastica_record::Store;
use plastica_record::read::Run;
use plastica_report::figures::{Axis, Bar, Learning, LearningGroup, Matrices, Timeline};
use plastica_report::{Grid, Piece, Section, number};
use serde::{Deserialize, Serialize};

use super::carry_out::diaries;
use super::diary::Diary;
use super::parse::{Figure, FigureKind, Study, Words};
use super::select::{Score, Select};
use super::variant::Variant;
use crate::experiment::Experiment;
use crate::run::Failure;

/// The file that says what a study is.
const FILE: &str = "study.json";

/// The file of the comparisons of groups.
const CONTRASTS: &str = "contrasts.json";

/// Keeps the comparisons of groups, for the page.
///
/// # Errors
/// The file cannot be written.
pub fn write_contrasts(store: &Store, grid: &Grid) -> Result<(), Failure> {
    Ok(store.write_json(CONTRASTS, &serde_json::to_value(grid).unwrap_or_default())?)
}

/// What a page must know of a study besides its diaries.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct About {
    doc: String,
    exact: bool,
    groups: Vec<AboutGroup>,
    populations: Vec<String>,
    blocks: Vec<(String, Vec<String>)>,
    figures: Vec<Figure>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct AboutGroup {
    name: String,
    doc: String,
    subjects: u32,
    age: f64,
    programme: String,
    without: Vec<String>,
    /// Kind, start and length in seconds.
    bars: Vec<(String, f64, f64)>,
    /// Minutes simulated with spikes, and of the whole life.
    minutes: (f64, f64),
    /// Block and factor of each acceleration.
    accelerations: Vec<(String, f64)>,
}

/// Writes what the page must know.
///
/// # Errors
/// The file cannot be written.
pub fn write_study(store: &Store, experiment: &Experiment, variant: &Variant, exact: bool) -> Result<(), Failure> {
    let Some(study) = &experiment.study else { return Ok(()) };
    let mut groups = Vec::new();
    for (group, without) in study.lives.groups.iter().zip(&study.without) {
        let timeline = study.lives.unfold(group, exact).map_err(Failure::Text)?;
        groups.push(AboutGroup {
            name: group.name.clone(),
            doc: group.doc.clone(),
            subjects: group.subjects,
            age: group.age,
            programme: group.programme.to_string(),
            without: without.clone(),
            bars: bars(&study.lives, &timeline).into_iter().map(|(kind, from, length)| (kind.word().to_string(), from, length)).collect(),
            minutes: minutes(&timeline),
            accelerations: accelerations(study, &timeline),
        });
    }
    let network = &variant.circuit.network;
    let about = About {
        doc: study.lives.study.doc.clone(),
        exact,
        groups,
        populations: network.populations.iter().map(|p| p.name.clone()).collect(),
        blocks: Words::new(study, network).blocks,
        figures: study.figures.clone(),
    };
    Ok(store.write_json(FILE, &serde_json::to_value(&about).unwrap_or_default())?)
}

fn minutes(timeline: &[plastica_programme::timeline::Stretch]) -> (f64, f64) {
    let whole: f64 = timeline.iter().map(|s| s.length_s()).sum();
    (super::life::Life::spiking_s(timeline) / 60.0, whole / 60.0)
}

/// Blocks that were sampled, with the largest factor of each.
fn accelerations(study: &Study, timeline: &[plastica_programme::timeline::Stretch]) -> Vec<(String, f64)> {
    let mut out: Vec<(String, f64)> = Vec::new();
    for stretch in timeline.iter().filter(|s| s.acceleration() > 1.0) {
        let name = &study.lives.blocks[stretch.block].name;
        match out.iter_mut().find(|(n, _)| n == name) {
            Some(found) => found.1 = found.1.max(stretch.acceleration()),
            None => out.push((name.clone(), stretch.acceleration())),
        }
    }
    out
}

/// The sections of the page of a run; none if the run is no study.
///
/// # Errors
/// A file is damaged.
pub(crate) fn report_sections(run: &Run) -> Result<Vec<Section>, Failure> {
    if !Path::new(run.folder()).join(FILE).exists() {
        return Ok(Vec::new());
    }
    let about: About =
        serde_json::from_value(run.json(FILE)?).map_err(|e| Failure::Folder(format!("{} is damaged: {e}", run.folder().join(FILE).display())))?;
    let groups: Vec<(String, u32)> = about.groups.iter().map(|g| (g.name.clone(), g.subjects)).collect();
    let diaries = diaries(run.folder(), &groups)?;
    let mut sections = Vec::new();
    if run.folder().join(CONTRASTS).exists() {
        let damaged = |e: serde_json::Error| Failure::Folder(format!("{} is damaged: {e}", run.folder().join(CONTRASTS).display()));
        let grid: Grid = serde_json::from_value(run.json(CONTRASTS)?).map_err(damaged)?;
        let text = "Effects are in standard deviations between subjects, with bootstrap intervals over the subjects at hand.".to_string();
        sections.push(Section { title: "Comparisons of groups".into(), pieces: vec![Piece::Table(text, grid)] });
    }
    for figure in &about.figures {
        sections.push(about.figure(figure, &diaries));
    }
    sections.push(about.programmes());
    sections.push(about.rates(&diaries));
    Ok(sections)
}

impl About {
    fn scores(&self, block: &str) -> &[String] {
        self.blocks.iter().find(|b| b.0 == block).map_or(&[], |b| &b.1)
    }

    fn figure(&self, figure: &Figure, diaries: &[Diary]) -> Section {
        let mut pieces = Vec::new();
        if !figure.doc.is_empty() {
            pieces.push(Piece::Text(figure.doc.clone()));
        }
        match figure.kind {
            FigureKind::Matrix => {
                let groups: Vec<(String, Matrices)> = figure.choices.iter().filter_map(|c| Some((c.group.clone(), self.matrix(figure, c, diaries)?))).collect();
                // One scale for all groups, so that a colour means the same in each.
                let all: Vec<f64> = groups.iter().flat_map(|(_, m)| m.panels.iter().flat_map(|(_, rows)| rows.iter().flatten().copied())).collect();
                pieces.extend(groups.into_iter().map(|(group, m)| Piece::Figure(Matrices { also: all.clone(), ..m }.figure(group))));
            }
            _ => pieces.push(Piece::Figure(self.curves(figure, diaries))),
        }
        Section { title: figure.title.clone(), pieces }
    }

    /// A score against days, occurrences or trials.
    fn curves(&self, figure: &Figure, diaries: &[Diary]) -> plastica_report::Figure {
        let mut groups = Vec::new();
        for choice in &figure.choices {
            let own: Vec<Vec<(f64, f64)>> = diaries.iter().filter(|d| d.group == choice.group).map(|d| self.points(figure.kind, choice, d)).collect();
            let mut x: Vec<f64> = own.iter().flatten().map(|p| p.0).collect();
            x.sort_by(f64::total_cmp);
            x.dedup();
            let at = |points: &Vec<(f64, f64)>| x.iter().map(|x| points.iter().find(|p| p.0 == *x).map_or(f64::NAN, |p| p.1)).collect();
            let subjects = own.iter().map(at).collect();
            groups.push(LearningGroup { name: choice.group.clone(), x, subjects });
        }
        let x = match figure.kind {
            FigureKind::Days => Axis::new("day", ""),
            FigureKind::Trials => Axis::new("trial", ""),
            _ => Axis::new(figure.choices.first().map_or(String::new(), |c| format!("{} (occurrence)", c.block)), ""),
        };
        Learning { x, y: Axis::new(figure.label.clone(), figure.unit.clone()), groups, nights: Vec::new() }.figure(figure.title.clone())
    }

    fn points(&self, kind: FigureKind, choice: &Select, diary: &Diary) -> Vec<(f64, f64)> {
        let scores = self.scores(&choice.block);
        let mut out: Vec<(f64, Vec<f64>)> = Vec::new();
        let mut trials = 0.0;
        for entry in choice.entries(diary) {
            let values = choice.of_entry(entry, scores);
            match kind {
                FigureKind::Trials => {
                    for value in values {
                        trials += 1.0;
                        out.push((trials, vec![value]));
                    }
                }
                _ => {
                    let x = f64::from(if kind == FigureKind::Days { entry.day } else { entry.nth });
                    match out.last_mut() {
                        Some(last) if last.0 == x => last.1.extend(values),
                        _ => out.push((x, values)),
                    }
                }
            }
        }
        out.into_iter().map(|(x, values)| (x, choice.statistic.of(&values))).collect()
    }

    /// The mean over subjects of a matrix, a panel for each day.
    fn matrix(&self, figure: &Figure, choice: &Select, diaries: &[Diary]) -> Option<Matrices> {
        let Score::Measure(name, before) = &choice.score else { return None };
        let mut panels: Vec<(u32, Vec<f64>, f64, usize)> = Vec::new();
        for diary in diaries.iter().filter(|d| d.group == choice.group) {
            for entry in choice.entries(diary) {
                let list = if *before { &entry.before } else { &entry.after };
                let Some((_, reading)) = list.iter().find(|(n, _)| n == name) else { continue };
                let key = if entry.day > 0 { entry.day } else { entry.nth };
                match panels.iter_mut().find(|p| p.0 == key) {
                    Some(panel) if panel.1.len() == reading.values.len() => {
                        panel.1.iter_mut().zip(reading.numbers()).for_each(|(sum, x)| *sum += x);
                        panel.2 += 1.0;
                    }
                    Some(_) => {}
                    None => panels.push((key, reading.numbers().collect(), 1.0, reading.columns)),
                }
            }
        }
        panels.sort_by_key(|p| p.0);
        let columns = panels.first()?.3.max(1);
        let rows = panels.first()?.1.len() / columns;
        let names = |n: usize| (1..=n).map(|k| k.to_string()).collect::<Vec<_>>();
        let panels = panels.into_iter().map(|(key, sums, n, columns)| {
            let values: Vec<Vec<f64>> = sums.chunks(columns.max(1)).map(|row| row.iter().map(|x| x / n).collect()).collect();
            (format!("day {key}"), values)
        });
        Some(Matrices {
            x: Axis::new("to", ""),
            y: Axis::new("from", ""),
            value: Axis::new(figure.label.clone(), figure.unit.clone()),
            columns: names(columns),
            rows: names(rows),
            panels: panels.collect(),
            also: Vec::new(),
        })
    }

    /// What each group lived through, and how much of it was simulated with spikes.
    fn programmes(&self) -> Section {
        let mut pieces = Vec::new();
        if !self.doc.is_empty() {
            pieces.push(Piece::Text(self.doc.clone()));
        }
        // The same kinds everywhere, so that colours mean the same in all timelines.
        let mut kinds: Vec<String> = self.groups.iter().flat_map(|g| g.bars.iter().map(|b| b.0.clone())).collect();
        kinds.sort();
        kinds.dedup();
        for group in &self.groups {
            let mut text = format!("{}: {} subjects of {} years. {}", group.name, group.subjects, number(group.age), group.doc);
            if !group.without.is_empty() {
                text += &format!(" Without: {}.", group.without.join(", "));
            }
            text += &format!(" Programme: {}.", group.programme);
            let (spikes, all) = group.minutes;
            text += &format!(" Simulated with spikes: {} of {} minutes.", number(spikes), number(all));
            let factors: Vec<String> = group.accelerations.iter().map(|(block, factor)| format!("{block} by {}", number(*factor))).collect();
            text += &match factors.is_empty() {
                true => " Nothing is accelerated.".to_string(),
                false => format!(" Plasticity is accelerated in the sampled blocks: {}.", factors.join(", ")),
            };
            pieces.push(Piece::Text(text));
            let bars = group.bars.iter().map(|(kind, from_s, length_s)| Bar { kind: kind.clone(), from_s: *from_s, length_s: *length_s }).collect();
            let whole: f64 = group.bars.iter().map(|b| b.2).sum();
            let day = 86_400.0;
            pieces
                .push(Piece::Figure(Timeline { bars, kinds: kinds.clone(), row_s: if whole > day { day } else { whole.max(1.0) } }.figure(group.name.clone())));
        }
        Section { title: "Programmes".into(), pieces }
    }

    /// Mean rates by block and population, over groups and subjects.
    fn rates(&self, diaries: &[Diary]) -> Section {
        let mut head = vec!["block".to_string()];
        head.extend(self.populations.iter().map(|p| format!("{p} (Hz)")));
        let mut rows = Vec::new();
        for (block, _) in &self.blocks {
            let entries: Vec<_> = diaries.iter().flat_map(|d| &d.blocks).filter(|e| e.block == *block && !e.rates.is_empty()).collect();
            let time: f64 = entries.iter().map(|e| e.length_s).sum();
            if entries.is_empty() || time == 0.0 {
                continue;
            }
            let mean = |k: usize| entries.iter().map(|e| e.rates[k] * e.length_s).sum::<f64>() / time;
            let mut row = vec![block.clone()];
            row.extend((0..self.populations.len()).map(|k| number(mean(k))));
            rows.push(row);
        }
        Section { title: "Rates".into(), pieces: vec![Piece::Table("Mean rate of each population, over all subjects.".into(), Grid { head, rows })] }
    }
}
