//! A study carried out: every subject of every group on all cores, saved as it goes, then rows, tables and the page.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use plastica_engine::backend::Seeds;
use plastica_engine::circuit::Circuit;
use plastica_engine::simulation::Simulation;
use plastica_kernel::passes::Passes;
use plastica_lang::source::{Diagnostic, Table, ValueKind};
use plastica_programme::group::{Group, SharedPast};
use plastica_programme::time::Moment;
use plastica_programme::timeline::Stretch;
use plastica_record::Store;

use super::diary::Diary;
use super::kept::{Kept, SUBJECTS};
use super::life::Life;
use super::parse::Words;
use super::row::Outcome;
use super::side_by_side::{Watched, side_by_side};
use super::variant::Variant;
use super::{Who, branch};
use crate::experiment::{Experiment, parse_experiment};
use crate::library::Library;
use crate::open::Opened;
use crate::run::{Engine, Failure, Observer, Row};

/// What is to be done, and where.
pub(crate) struct Task<'a> {
    pub opened: &'a mut Opened,
    pub library: &'a Library,
    pub experiment: &'a Experiment,
    pub engine: &'a Engine,
    pub folder: &'a Path,
    pub exact: bool,
    /// One subject alone: group and number.
    pub only: Option<(String, u32)>,
    /// Groups that are simulated; all if it is empty.
    pub groups: &'a [String],
    /// The past that the subjects have already, in a branch.
    pub past: Option<Past<'a>>,
    /// Real seconds that earlier parts of the run took.
    pub before_s: f64,
}

/// The past of a branch.
pub(crate) struct Past<'a> {
    pub opened: &'a mut Opened,
    pub experiment: &'a Experiment,
    /// Where the past was recorded.
    pub folder: &'a Path,
    /// When the branch begins.
    pub moment: Moment,
}

/// The variants of a study, and which group has which.
struct Variants {
    list: Vec<Variant>,
    of_group: Vec<usize>,
}

/// The tables under `without` of a file, by name.
pub(crate) fn overlays(table: &Table) -> Vec<(String, Table)> {
    let Some(ValueKind::Table(without)) = table.get("without").map(|v| &v.kind) else { return Vec::new() };
    let named = |(key, value): &(plastica_lang::source::Key, plastica_lang::source::Value)| match &value.kind {
        ValueKind::Table(body) => Some((key.name.clone(), body.clone())),
        _ => None,
    };
    without.entries.iter().filter_map(named).collect()
}

/// Keys of an overlay that say what it is, and change nothing.
pub(crate) const ABOUT: [&str; 2] = ["doc", "expect"];

fn variants(opened: &mut Opened, library: &Library, experiment: &Experiment) -> Result<Variants, Failure> {
    let mut out = Variants { list: Vec::new(), of_group: Vec::new() };
    let Some(study) = &experiment.study else { return Ok(out) };
    let mut known: Vec<&Vec<String>> = Vec::new();
    let overlays = overlays(&opened.table);
    for without in &study.without {
        if let Some(at) = known.iter().position(|k| *k == without) {
            out.of_group.push(at);
            continue;
        }
        let experiment = if without.is_empty() { experiment.clone() } else { laid_over(opened, library, without, &overlays)? };
        let (Some(network), Some(study)) = (experiment.network, experiment.study) else { continue };
        crate::run::memory::enough(&network)?;
        let circuit = Arc::new(Circuit::compile(network, Passes::default()).map_err(Failure::Text)?);
        out.of_group.push(out.list.len());
        out.list.push(Variant::new(circuit, study.lives, study.tasks, study.measures));
        known.push(without);
    }
    Ok(out)
}

/// The experiment of a group that has something laid over the file.
fn laid_over(opened: &mut Opened, library: &Library, without: &[String], overlays: &[(String, Table)]) -> Result<Experiment, Failure> {
    let original = opened.table.clone();
    for (_, over) in without.iter().filter_map(|name| overlays.iter().find(|(n, _)| n == name)) {
        crate::overlay::lay(&mut opened.table, over, &ABOUT);
    }
    let before = opened.diagnostics.len();
    let parsed = parse_experiment(opened, library);
    opened.table = original;
    let found = opened.diagnostics.split_off(before);
    parsed.ok_or(Failure::Text(found))
}

/// A subject to be simulated.
#[derive(Clone, Copy)]
struct Job {
    group: usize,
    number: u32,
    stretches_s: f64,
}

/// Carries a study out, from its checkpoints on where there are some. Gives the rows and the real seconds.
///
/// # Errors
/// As a run.
pub(crate) fn carry_out(mut task: Task<'_>, store: &mut Store, observer: &mut dyn Observer) -> Result<Vec<Row>, Failure> {
    let begin = Instant::now();
    let variants = variants(task.opened, task.library, task.experiment)?;
    let past = match &mut task.past {
        Some(past) => Some((self::variants(past.opened, task.library, past.experiment)?, past.experiment, past.folder, past.moment)),
        None => None,
    };
    let Some(study) = &task.experiment.study else { return Ok(Vec::new()) };
    std::fs::create_dir_all(task.folder.join(SUBJECTS)).map_err(|e| Failure::Folder(format!("cannot create {SUBJECTS}: {e}")))?;
    let groups = &study.lives.groups;
    let mut jobs = Vec::new();
    for number in 1..=groups.iter().map(|g| g.subjects).max().unwrap_or(0) {
        for (group, body) in groups.iter().enumerate().filter(|(_, g)| number <= g.subjects) {
            let other = task.only.as_ref().is_some_and(|(name, n)| *name != body.name || *n != number);
            if other || !(task.groups.is_empty() || task.groups.contains(&body.name)) {
                continue;
            }
            let variant = &variants.list[variants.of_group[group]];
            let stretches = variant.lives.unfold(&variant.lives.groups[group], task.exact).map_err(Failure::Text)?;
            jobs.push(Job { group, number, stretches_s: Life::spiking_s(&stretches) });
        }
    }
    if let (Some((group, number)), true) = (&task.only, jobs.is_empty()) {
        return Err(Failure::Folder(format!("there is no subject {number} of a group `{group}`")));
    }
    super::page::write_study(store, task.experiment, &variants.list[0], task.exact)?;
    observer.begin(&task.experiment.name, jobs.iter().map(|j| j.stretches_s).sum());
    if let Some(note) = goes_on(task.folder, &jobs.iter().map(|j| Kept::new(task.folder, &groups[j.group].name, j.number)).collect::<Vec<_>>()) {
        observer.note(&note);
    }
    let one = Subject { experiment: task.experiment, engine: task.engine, folder: task.folder, exact: task.exact, variants: &variants, past: past.as_ref() };
    let live = |job: &Job, watched: &Watched| {
        let variant = &variants.list[variants.of_group[job.group]];
        one.live(variant, job, watched)
    };
    let mut diaries = side_by_side(&jobs, task.engine.threads, observer, live).map_err(|e| match e {
        Failure::Interrupted => Failure::Checkpointed(task.folder.into()),
        other => other,
    })?;
    diaries.sort_by_key(|d| (groups.iter().position(|g| g.name == d.group), d.subject));
    let words = Words::new(study, &variants.list[0].circuit.network);
    let outcome = Outcome { diaries: &diaries, blocks: &words.blocks, seconds: task.before_s + begin.elapsed().as_secs_f64() };
    let rows = study.rows.iter().map(|row| row.row(&outcome)).collect();
    if let Some(grid) = super::row::contrasts(&study.rows, &outcome) {
        super::page::write_contrasts(store, &grid)?;
    }
    super::tables::write(store, study, &variants.list[0], &diaries)?;
    Ok(rows)
}

/// What of a study is there already; `None` at its beginning.
fn goes_on(folder: &Path, subjects: &[Kept]) -> Option<String> {
    let done = subjects.iter().filter(|k| k.is_done()).count();
    let begun = subjects.iter().filter(|k| !k.is_done() && k.checkpoint_path().exists()).count();
    let all = subjects.len();
    (done + begun > 0).then(|| format!("goes on in {}: {done} of {all} subjects are done, {begun} go on from a checkpoint", folder.display()))
}

struct Subject<'a> {
    experiment: &'a Experiment,
    engine: &'a Engine,
    folder: &'a Path,
    exact: bool,
    /// The variants of this study.
    variants: &'a Variants,
    /// Variants, text and folder of the past, and when it ends.
    past: Option<&'a (Variants, &'a Experiment, &'a Path, Moment)>,
}

impl Subject<'_> {
    /// One life, from its beginning, its checkpoint, or its end.
    fn live(&self, variant: &Variant, job: &Job, watched: &Watched) -> Result<Diary, Failure> {
        let group = &variant.lives.groups[job.group];
        let kept = Kept::new(self.folder, &group.name, job.number);
        if let Some(diary) = kept.diary()? {
            watched.done(job.stretches_s);
            return Ok(diary);
        }
        let settings = &self.experiment.settings;
        let mut life = self.born(variant, group, job)?;
        if kept.load(&kept.checkpoint_path(), &mut life)? {
            watched.done(Life::spiking_s(&life.stretches[..life.next]));
        } else if let Some(from) = &group.from {
            self.share(&mut life, group, from, &kept, job, watched)?;
        } else if let Some((variants, experiment, folder, moment)) = self.past {
            let own = branch::place(&life.stretches, *moment, variant.lives.study.morning_us, &group.name)?.0;
            let study = experiment.study.as_ref();
            let before = study
                .and_then(|s| s.lives.groups.iter().position(|g| g.name == group.name))
                .filter(|k| job.number <= variants.list[variants.of_group[*k]].lives.groups[*k].subjects);
            let Some(before) = before else {
                return Err(Failure::Folder(format!("subject {} of `{}` has no past in {}", job.number, group.name, folder.display())));
            };
            let old = &variants.list[variants.of_group[before]];
            let mut past = self.born(old, &old.lives.groups[before], &Job { group: before, ..*job })?;
            let until = branch::place(&past.stretches, *moment, old.lives.study.morning_us, &group.name)?.0;
            let earlier = Kept::new(folder, &group.name, job.number);
            // The latest of the kept mornings that is not too late.
            let days: Vec<(u32, usize)> = mornings(&past.stretches).into_iter().filter(|(_, at)| *at <= until).collect();
            for (day, _) in days.iter().rev() {
                if earlier.load(&earlier.day_path(*day), &mut past)? {
                    break;
                }
            }
            branch::live_until(&mut past, until, watched)?;
            life.inherit(&mut past, own)?;
            watched.done(Life::spiking_s(&life.stretches[..life.next]));
        }
        let mornings = if settings.keep_days { mornings(&life.stretches) } else { Vec::new() };
        let others = self.others(variant, group, &life.stretches)?;
        let mut saved = Instant::now();
        while life.next < life.stretches.len() {
            if let Some((day, _)) = mornings.iter().find(|m| m.1 == life.next) {
                kept.save(&kept.day_path(*day), &mut life)?;
            }
            let here = life.next;
            for (name, _) in others.iter().filter(|(_, at)| *at == here) {
                let other = Kept::new(self.folder, name, job.number);
                if !other.is_done() {
                    kept.save(&other.begin_path(), &mut life)?;
                }
            }
            life.live(watched).map_err(|e| match e {
                Failure::Run(message) => Failure::Run(format!("subject {} of `{}`, after {:.3} h: {message}", job.number, group.name, self.hours(&life))),
                other => other,
            })?;
            let stop = watched.stop() && life.next < life.stretches.len();
            if stop || saved.elapsed().as_secs_f64() > settings.checkpoint_s {
                kept.save(&kept.checkpoint_path(), &mut life)?;
                saved = Instant::now();
            }
            if stop {
                return Err(Failure::Interrupted);
            }
        }
        kept.finish(&life.diary)?;
        Ok(life.diary)
    }

    /// Gives a subject the past that it shares with one of another group: from the state that the other has left for it, or lived again,
    /// which is the same, bit for bit.
    fn share(&self, life: &mut Life<'_>, group: &Group, from: &SharedPast, kept: &Kept, job: &Job, watched: &Watched) -> Result<(), Failure> {
        let Some(source) = life.variant.lives.groups.iter().position(|g| g.name == from.group) else { return Ok(()) };
        let old = &self.variants.list[self.variants.of_group[source]];
        let mut past = self.born(old, &old.lives.groups[source], &Job { group: source, ..*job })?;
        let morning_us = life.variant.lives.study.morning_us;
        let own = branch::place(&life.stretches, from.at, morning_us, &group.name)?.0;
        let until = branch::place(&past.stretches, from.at, morning_us, &from.group)?.0;
        if kept.load(&kept.begin_path(), &mut past)? {
            watched.done(Life::spiking_s(&past.stretches[..past.next]));
        }
        branch::live_until(&mut past, until, watched)?;
        life.inherit(&mut past, own)
    }

    /// The groups that begin from the state of this one, each with the place in its life at which they do.
    fn others(&self, variant: &Variant, group: &Group, stretches: &[Stretch]) -> Result<Vec<(String, usize)>, Failure> {
        let mut out = Vec::new();
        for other in &variant.lives.groups {
            if let Some(from) = other.from.as_ref().filter(|from| from.group == group.name) {
                out.push((other.name.clone(), branch::place(stretches, from.at, variant.lives.study.morning_us, &group.name)?.0));
            }
        }
        Ok(out)
    }

    /// A subject at the beginning of its life.
    fn born<'v>(&self, variant: &'v Variant, group: &Group, job: &Job) -> Result<Life<'v>, Failure> {
        let seed = self.experiment.settings.seed;
        // Paired subjects are the same person in each group; others differ, and so do their circuits.
        // Who shares a past is the same person in any study.
        let origin = group.from.as_ref().and_then(|from| variant.lives.groups.iter().position(|g| g.name == from.group)).unwrap_or(job.group);
        let subject = if variant.lives.study.paired { job.number } else { job.number + (origin as u32) * 1_000_000 };
        let engine = Engine { threads: 1, seeds: Seeds { seed, subject }, ..*self.engine };
        let built = Simulation::build(variant.circuit.clone(), engine.seeds, 1, engine.backend(variant.dt_s()));
        let simulation = built.map_err(|e| Failure::Text(vec![*e.diagnostic]))?;
        Life::new(variant, simulation, Who { group, number: job.number, subject, seed, exact: self.exact })
    }

    fn hours(&self, life: &Life<'_>) -> f64 {
        life.simulation.now() as f64 * life.variant.dt_s() / 3600.0
    }
}

/// The days of a timeline, each with its first stretch.
fn mornings(stretches: &[Stretch]) -> Vec<(u32, usize)> {
    let mut out: Vec<(u32, usize)> = Vec::new();
    for (at, stretch) in stretches.iter().enumerate().filter(|(_, s)| s.day > 0) {
        if out.last().is_none_or(|last| last.0 != stretch.day) {
            out.push((stretch.day, at));
        }
    }
    out
}

/// The diaries in the folder of a run, in the order of its groups.
///
/// # Errors
/// A diary is damaged.
pub(crate) fn diaries(folder: &Path, groups: &[(String, u32)]) -> Result<Vec<Diary>, Failure> {
    let mut out = Vec::new();
    for (group, subjects) in groups {
        for number in 1..=*subjects {
            out.extend(Kept::new(folder, group, number).diary()?);
        }
    }
    Ok(out)
}

/// Faults that a file has only with one of its overlays, each ablation and the full size by itself.
pub(crate) fn check_overlays(opened: &mut Opened, library: &Library) -> Vec<Diagnostic> {
    let original = opened.table.clone();
    let full = match original.get("full").map(|v| &v.kind) {
        Some(ValueKind::Table(body)) => Some(("full".to_string(), body.clone())),
        _ => None,
    };
    let known = std::mem::take(&mut opened.diagnostics);
    let mut out: Vec<Diagnostic> = Vec::new();
    for (name, over) in overlays(&original).into_iter().chain(full) {
        crate::overlay::lay(&mut opened.table, &over, &ABOUT);
        let _ = parse_experiment(opened, library);
        opened.table = original.clone();
        for found in std::mem::take(&mut opened.diagnostics) {
            if found.is_error() && !out.iter().any(|d| (d.id, d.span) == (found.id, found.span)) {
                out.push(found.note(format!("in what is laid over the file as `{name}`")));
            }
        }
    }
    opened.diagnostics = known;
    out
}

/// Lays over a file what was asked for on the command line: ablations, then the full size.
///
/// # Errors
/// There is no such ablation, or no full size.
pub(crate) fn prepare(opened: &mut Opened, without: &[String], full: bool) -> Result<(), Failure> {
    let overlays = overlays(&opened.table);
    for name in without {
        let Some((_, over)) = overlays.iter().find(|(n, _)| n == name) else {
            let known: Vec<String> = overlays.iter().map(|o| o.0.clone()).collect();
            let span = opened.table.key("without").map_or(opened.table.span, |k| k.span);
            return Err(Failure::Text(vec![super::parse::unknown_overlay(name, &known, span)]));
        };
        crate::overlay::lay(&mut opened.table, over, &ABOUT);
    }
    match opened.table.get("full").map(|v| v.kind.clone()) {
        Some(ValueKind::Table(over)) if full => crate::overlay::lay(&mut opened.table, &over, &ABOUT),
        // Pairings say themselves what their full size is.
        None if full && opened.table.get("pairing").is_none() => {
            let fault = Diagnostic::error("no-full-size", opened.table.span, "this file has no full size");
            return Err(Failure::Text(vec![fault.help("run it without --full, or write [full] with what is laid over the file then")]));
        }
        _ => {}
    }
    Ok(())
}
