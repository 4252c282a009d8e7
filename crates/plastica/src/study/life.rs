//! One subject's life: the only place where a stretch of a programme becomes calls on an engine.
//!
//! | at | is done |
//! | --- | --- |
//! | the start of a stretch | measures before a block, lasting changes of an injury, state, modulators, the task begins |
//! | each step with spikes | moving modulators (every [`MODULATION_S`]), the task sees the last step and acts, the engine steps, rates are counted |
//! | the slow clock | the engine skips, modulators go on in closed form |
//! | the end of a stretch | the task ends, rates and trials go to the diary, measures after a block |

use plastica_engine::simulation::{NoSink, Simulation};
use plastica_numerics::random::{Stream, stream_id};
use plastica_programme::block::Plain;
use plastica_programme::state::{State, levels_after, levels_at_start};
use plastica_programme::tasks::Setting;
use plastica_programme::timeline::{Mode, Stretch};

use super::bound::Bound;
use super::closed_loop::ClosedLoop;
use super::conditions::Conditions;
use super::diary::{Diary, Entry, Trial};
use super::side_by_side::Watched;
use super::variant::Variant;
use crate::experiment::lesion_of;
use crate::run::Failure;

/// How often moving modulators are set anew, simulated seconds.
pub const MODULATION_S: f64 = 0.05;
/// Steps between two looks at whether to stop.
const LOOK: i64 = 2000;

/// A subject in the middle of its life, between two stretches.
pub struct Life<'v> {
    pub variant: &'v Variant,
    pub simulation: Simulation,
    pub conditions: Conditions,
    /// One for each task of the file.
    pub loops: Vec<ClosedLoop>,
    pub measures: Vec<Bound>,
    /// Levels of the modulators, in the order of the file.
    pub levels: Vec<f64>,
    pub stretches: Vec<Stretch>,
    /// The stretch that comes next.
    pub next: usize,
    pub diary: Diary,
    seed: u64,
    subject: u32,
    age: f64,
}

/// Where a life goes from one stretch to another.
struct Border<'a> {
    before: Option<&'a Stretch>,
    after: Option<&'a Stretch>,
}

impl Border<'_> {
    /// The blocks that end here, the inner ones first.
    fn ending(&self) -> Vec<usize> {
        let after = self.after.map_or(&[][..], |s| &s.inside[..]);
        let inside = self.before.map_or(&[][..], |s| &s.inside[..]);
        inside.iter().rev().filter(|b| !after.contains(b)).map(|b| b.0).collect()
    }

    /// The blocks that begin here, the outer ones first.
    fn beginning(&self) -> Vec<usize> {
        Border { before: self.after, after: self.before }.ending().into_iter().rev().collect()
    }
}

impl<'v> Life<'v> {
    /// A subject that is about to live.
    ///
    /// # Errors
    /// Groups or variables of tasks and measures that the drawn circuit does not have.
    pub fn new(variant: &'v Variant, mut simulation: Simulation, who: super::Who<'_>) -> Result<Life<'v>, Failure> {
        let lives = &variant.lives;
        let factors = variant.factors(who.seed, who.subject);
        let conditions = Conditions::new(&mut simulation, &factors, &variant.named);
        let mut loops = Vec::with_capacity(variant.tasks.len());
        for (name, task) in &variant.tasks {
            loops.push(ClosedLoop::bind(task.copy(), &mut simulation).map_err(|e| Failure::Run(format!("task `{name}`: {e}")))?);
        }
        let mut measures = Vec::with_capacity(variant.measures.len());
        for measure in &variant.measures {
            measures.push(Bound::new(measure, &mut simulation).map_err(Failure::Run)?);
        }
        let age = who.group.age;
        let levels = lives.modulators.iter().map(|m| m.at_rest(age)).collect();
        let stretches = lives.unfold(who.group, who.exact).map_err(Failure::Text)?;
        let diary = Diary { group: who.group.name.clone(), subject: who.number, blocks: Vec::new() };
        let (seed, subject) = (who.seed, who.subject);
        Ok(Life { variant, simulation, conditions, loops, measures, levels, stretches, next: 0, diary, seed, subject, age })
    }

    /// Simulated seconds of the whole life that cost real time: those with spikes.
    pub fn spiking_s(stretches: &[Stretch]) -> f64 {
        stretches.iter().filter(|s| matches!(s.mode, Mode::Spikes { .. })).map(Stretch::length_s).sum()
    }

    /// Lives through the next stretch.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] in the middle of a stretch: the life is then good for nothing more; else what the engine reports.
    pub fn live(&mut self, watched: &Watched) -> Result<(), Failure> {
        let stretch = self.stretches[self.next].clone();
        let before = self.next.checked_sub(1).map(|k| self.stretches[k].clone());
        let lives = &self.variant.lives;
        let block = &lives.blocks[stretch.block];
        let Some(plain) = block.plain() else { unreachable!("a stretch lies in a block that is not made of others") };
        let state = lives.state(&stretch);
        let mut entry = Entry {
            block: block.name.clone(),
            path: stretch.path.to_string(),
            day: stretch.day,
            nth: stretch.nth,
            in_day: stretch.in_day,
            from_s: stretch.from_s(),
            length_s: stretch.length_s(),
            ..Entry::default()
        };
        let border = Border { before: before.as_ref(), after: Some(&stretch) };
        for block in border.beginning() {
            let name = &lives.blocks[block].name;
            for bound in self.measures.iter_mut().filter(|b| b.begins(name)) {
                entry.before.extend(bound.before(&mut self.simulation));
            }
        }
        self.conditions.lasting(&self.variant.asked(&plain.lasting));
        for lesion in plain.lesions.iter().filter_map(|lesion| lesion_of(lesion, &self.variant.circuit.network)) {
            self.simulation.lesion(&lesion).map_err(|e| Failure::Run(e.to_string()))?;
        }
        let asked = state.map(|s| self.variant.asked(&s.changes)).unwrap_or_default();
        self.conditions.go(&asked, &mut self.simulation);
        self.levels = levels_at_start(&lives.modulators, state, &self.levels, self.age);
        self.set_levels(None);
        self.simulation.set_modulator(plastica_programme::modulator::ACCELERATION, stretch.acceleration());
        let dt_s = self.variant.dt_s();
        // Times are rounded where they stand, so that errors do not add up.
        let steps = (stretch.end_us() as f64 / 1e6 / dt_s).round() as i64 - self.simulation.now();
        let steps = steps.max(0);
        match stretch.mode {
            Mode::Slow => {
                self.simulation.skip(steps as u64).map_err(|e| Failure::Run(e.to_string()))?;
                self.levels = levels_after(state, &self.levels, steps as f64 * dt_s);
            }
            Mode::Spikes { acceleration } => {
                entry.acceleration = acceleration;
                let counts = self.simulation.spike_counts();
                self.spikes(plain, state, steps, &mut entry, watched)?;
                let sizes = self.simulation.circuit().network.populations.iter().map(|p| p.size as f64);
                let spikes = self.simulation.spike_counts().into_iter().zip(counts).map(|(now, before)| (now - before) as f64);
                entry.rates = spikes.zip(sizes).map(|(n, size)| if steps > 0 { n / (size * steps as f64 * dt_s) } else { 0.0 }).collect();
            }
        }
        let after = self.stretches.get(self.next + 1).cloned();
        for block in (Border { before: Some(&stretch), after: after.as_ref() }).ending() {
            let name = &lives.blocks[block].name;
            for bound in self.measures.iter_mut().filter(|b| b.measure.after.contains(name)) {
                entry.after.extend(bound.after(&mut self.simulation));
            }
        }
        self.diary.blocks.push(entry);
        self.next += 1;
        Ok(())
    }

    fn spikes(&mut self, plain: &Plain, state: Option<&State>, steps: i64, entry: &mut Entry, watched: &Watched) -> Result<(), Failure> {
        let dt_s = self.variant.dt_s();
        let failed = |e: plastica_engine::simulation::RunError| Failure::Run(e.to_string());
        let place = plain.task.as_ref().and_then(|name| self.variant.tasks.iter().position(|(n, _)| n == name));
        let moving: Vec<usize> = state.map_or(Vec::new(), |s| s.modulators.iter().filter(|m| m.1.tau_s.is_some()).map(|m| m.0).collect());
        let every = if moving.is_empty() { steps.max(1) } else { ((MODULATION_S / dt_s).round() as i64).max(1) };
        if let Some(place) = place {
            let stream = Stream::new(self.seed, self.subject, stream_id(&format!("task.{}", self.variant.tasks[place].0), 0));
            let sizes = self.loops[place].sizes();
            let setting = Setting { kind: plain.kind, strength: plain.strength, trials: plain.trials, dt_s, stream, sizes };
            self.loops[place].begin(setting, &self.simulation);
        }
        let counting = self.measures.iter().any(Bound::is_counting);
        let mut done = 0;
        let mut told = 0;
        while done < steps {
            let chunk = (every - done % every).min(steps - done).min(LOOK);
            if place.is_none() && !counting {
                self.simulation.advance(chunk as u64, &mut NoSink).map_err(failed)?;
            } else {
                for _ in 0..chunk {
                    if let Some(place) = place {
                        self.act(place);
                    }
                    self.simulation.advance(1, &mut NoSink).map_err(failed)?;
                    if let Some(place) = place {
                        self.loops[place].look(&self.simulation);
                    }
                    self.measures.iter_mut().for_each(|m| m.count(&self.simulation, dt_s));
                }
            }
            done += chunk;
            if !moving.is_empty() {
                self.levels = levels_after(state, &self.levels, chunk as f64 * dt_s);
                self.set_levels(Some(&moving));
            }
            if done - told >= LOOK || done == steps {
                watched.done((done - told) as f64 * dt_s);
                told = done;
                if watched.stop() && done < steps {
                    return Err(Failure::Interrupted);
                }
            }
        }
        self.simulation.scan().map_err(failed)?;
        if let Some(place) = place {
            entry.task.clone_from(&self.variant.tasks[place].0);
            let trials = self.loops[place].end(&mut self.simulation);
            if let Some(answers) = self.loops[place].task.answers() {
                self.measures.iter_mut().for_each(|m| m.answered(&entry.task, answers));
            }
            entry.trials = trials
                .into_iter()
                .map(|t| Trial {
                    from_s: t.from as f64 * dt_s,
                    length_s: (t.to - t.from) as f64 * dt_s,
                    scores: t.scores.into_iter().map(|s| s.is_finite().then_some(s)).collect(),
                })
                .collect();
        }
        Ok(())
    }

    /// Before a step: the task at this place sees the last one and acts.
    fn act(&mut self, place: usize) {
        let (levels, modulators) = (&mut self.levels, &self.variant.lives.modulators);
        let mut pulsed = false;
        self.loops[place].step(&mut self.simulation, |name, increment| {
            if let Some(at) = modulators.iter().position(|m| m.name == name) {
                levels[at] += increment;
                pulsed = true;
            }
        });
        if pulsed {
            self.set_levels(None);
        }
    }

    /// Tells the engine the levels of all modulators, or of some.
    fn set_levels(&mut self, only: Option<&[usize]>) {
        for (at, (modulator, level)) in self.variant.lives.modulators.iter().zip(&self.levels).enumerate() {
            if only.is_none_or(|only| only.contains(&at)) {
                self.simulation.set_modulator(&modulator.name, *level);
            }
        }
    }
}
