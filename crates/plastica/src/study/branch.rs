//! Another future from the same past: what if she had slept?
//!
//! The past of each subject is lived again, bit for bit, or taken from a checkpoint that was kept; at the moment of the branch its
//! circuit goes on under the second text. Both texts have the same populations, projections and models; programmes, states,
//! parameters and tasks may differ. The programme of the second text is a whole life, of which only what comes after the moment is lived.

use plastica_engine::simulation::{Quantity, Simulation};
use plastica_lang::source::Diagnostic;
use plastica_programme::Lives;
use plastica_programme::time::{DAY_US, Moment, print_duration};
use plastica_programme::timeline::Stretch;

use super::Study;
use super::life::Life;
use super::side_by_side::Watched;
use super::variant::Variant;
use crate::run::Failure;

/// The place in a timeline at which a moment lies: the first stretch that comes after it, and when that is.
///
/// # Errors
/// The moment lies within a stretch, or outside the life.
pub fn place(stretches: &[Stretch], moment: Moment, morning_us: i64, group: &str) -> Result<(usize, i64), Failure> {
    let us = match moment {
        Moment::After(us) => us,
        Moment::Day(day, clock) => {
            let Some(first) = stretches.iter().find(|s| s.day == day) else {
                let days = stretches.iter().map(|s| s.day).max().unwrap_or(0);
                let help = if days == 0 { "it has no days: write a time since the start, such as `36 h`".into() } else { format!("its days are 1 to {days}") };
                return Err(Failure::Folder(format!("the life of `{group}` has no day {day}; {help}")));
            };
            first.from_us + clock.map_or(0, |clock| (clock - morning_us).rem_euclid(DAY_US))
        }
    };
    // Where an injury takes no time several stretches begin at once; the first counts.
    if let Some(at) = stretches.iter().position(|s| s.from_us == us) {
        return Ok((at, us));
    }
    let before = stretches.iter().rev().find(|s| s.from_us < us);
    let (from, to) = before.map_or((0, 0), |s| (s.from_us, s.end_us()));
    let message = match us > to {
        true => format!("the life of `{group}` ends after {}", print_duration(to)),
        false => format!(
            "{} lies in the middle of `{}` of group `{group}`; the nearest borders of blocks are {} and {}",
            print_duration(us),
            before.map_or("", |s| &s.path),
            print_duration(from),
            print_duration(to)
        ),
    };
    Err(Failure::Folder(message))
}

/// Checks that the past that a group shares ends at a border of blocks, in its own life and in the other.
pub fn check_shared(lives: &Lives, diagnostics: &mut Vec<Diagnostic>) {
    for (group, from) in lives.groups.iter().filter_map(|g| Some((g, g.from.as_ref()?))) {
        for life in lives.groups.iter().filter(|g| g.name == group.name || g.name == from.group) {
            // A programme that cannot be unfolded has been reported.
            let Ok(stretches) = lives.unfold(life, false) else { continue };
            if let Err(Failure::Folder(message)) = place(&stretches, from.at, lives.study.morning_us, &life.name) {
                let fault = Diagnostic::error("bad-past", from.span, message);
                diagnostics.push(fault.help("begin at a border of blocks that both lives have, such as at = \"day 2\""));
            }
        }
    }
}

/// Checks that a moment is a border in the lives of all groups, in the past and in the future.
///
/// # Errors
/// As [`place`].
pub fn check(past: &Study, future: &Study, moment: Moment, exact: bool) -> Result<(), Failure> {
    for study in [past, future] {
        for group in &study.lives.groups {
            if let Some(from) = &group.from {
                let message = format!("the group `{}` shares the past of `{}`; a branch is of groups that have a past of their own", group.name, from.group);
                return Err(Failure::Folder(message));
            }
            let stretches = study.lives.unfold(group, exact).map_err(Failure::Text)?;
            place(&stretches, moment, study.lives.study.morning_us, &group.name)?;
        }
    }
    Ok(())
}

/// Lives until a place in the timeline.
///
/// # Errors
/// As [`Life::live`].
pub fn live_until(life: &mut Life<'_>, place: usize, watched: &Watched) -> Result<(), Failure> {
    while life.next < place {
        life.live(watched)?;
        if watched.stop() && life.next < place {
            return Err(Failure::Interrupted);
        }
    }
    Ok(())
}

impl Life<'_> {
    /// Takes over the past of another life.
    ///
    /// # Errors
    /// The circuits differ.
    pub fn inherit(&mut self, past: &mut Life<'_>, next: usize) -> Result<(), Failure> {
        let state = past.simulation.checkpoint();
        let differs = |e| Failure::Folder(format!("{e}: a branch keeps the populations, projections and models of its past"));
        self.simulation.restore(&state).map_err(differs)?;
        rewrite(&mut self.simulation, past.variant, self.variant);
        self.conditions.all_stale();
        for (at, modulator) in self.variant.lives.modulators.iter().enumerate() {
            if let Some(old) = past.variant.lives.modulators.iter().position(|m| m.name == modulator.name) {
                self.levels[at] = past.levels[old];
            }
        }
        for (at, (name, _)) in self.variant.tasks.iter().enumerate() {
            if let Some(old) = past.variant.tasks.iter().position(|(n, _)| n == name) {
                self.loops[at].task.remember(&past.loops[old].task.memory());
            }
        }
        self.diary.blocks = std::mem::take(&mut past.diary.blocks);
        self.next = next;
        Ok(())
    }
}

/// Constants that the second text changes take effect now.
fn rewrite(simulation: &mut Simulation, old: &Variant, new: &Variant) {
    let (old, new) = (&old.circuit.network, &new.circuit.network);
    let constants = |model: Option<&plastica_lang::model::Model>| -> Vec<(String, f64)> {
        model.map_or_else(Vec::new, |m| m.parameters.iter().map(|p| (p.name.clone(), p.value)).collect())
    };
    for (k, (a, b)) in old.populations.iter().zip(&new.populations).enumerate() {
        let before = constants(a.model());
        for (name, value) in constants(b.model()).into_iter().filter(|c| !before.contains(c) && !b.varying().contains(&c.0)) {
            simulation.write(&Quantity::Population(k, name), &[value]);
        }
    }
    for (k, (a, b)) in old.projections.iter().zip(&new.projections).enumerate() {
        let before = constants(Some(&a.model));
        for (name, value) in constants(Some(&b.model)).into_iter().filter(|c| !before.contains(c) && !b.varying().contains(&c.0)) {
            simulation.write(&Quantity::Projection(k, name), &[value]);
        }
    }
}
