//! The neurons of one population that a part owns: integration, threshold, reset.

use std::collections::VecDeque;
use std::ops::Range;

use plastica_engine::backend::{NEVER, PopulationSetup, Seeds, Step, is_free_after};
use plastica_kernel::ir::{Kernel, Place, PopulationProgram, Refractory, Value};
use plastica_kernel::passes::renamed;

use crate::array::{BLOCK, Kind, Values, kind};
use crate::compiled::{Compiled, Maker};
use crate::dispatch::Instructions;
use crate::frame::{Around, Bound, Bounds, Frame, Index, Kept, Scalars};
use crate::tape::{CHUNK, Mode};

/// How neurons are held after a spike.
enum Hold {
    Never,
    Time(Option<Compiled>),
    While(Option<Compiled>),
}

/// Neurons.
pub struct Population {
    /// Neurons of the whole population.
    pub size: usize,
    /// The ones that the part owns.
    pub owned: Range<usize>,
    /// Arrays.
    pub slots: Vec<Values>,
    /// Which slots the user may see.
    pub visible: Vec<bool>,
    /// Addresses of `slots`, by owned neuron.
    pub bounds: Bounds,
    /// The same for increments, which are lost where a neuron that is gated is not free.
    pub inputs: Bounds,
    /// Addresses of `published`, by neuron of the whole population; none for the others, which no synapse reads.
    pub published_bounds: Bounds,
    /// What synapses see of presynaptic neurons: values of the whole population, where they are published.
    pub published: Vec<Option<Values>>,
    /// Scalars.
    pub shared: Vec<f64>,
    /// Last spike of each owned neuron.
    pub last: Vec<i64>,
    /// 1 where an owned neuron is free.
    pub free: Vec<u8>,
    /// Which slots lose increments while the neuron is refractory.
    pub gated: Vec<bool>,
    /// Advances the state, and tests the threshold on the way if that is `joined`.
    integrate: Option<Compiled>,
    joined: bool,
    threshold: Option<Compiled>,
    reset: Option<Compiled>,
    hold: Hold,
    /// Neurons that are not free, by last spike, and the latest last spike of a free neuron; unless `free` or `last` have been written.
    held: VecDeque<(Step, u32)>,
    held_since: Option<Step>,
    /// Neurons whose condition holds, if nothing has changed since the integration of that step.
    crossed: Option<Step>,
    crossing: Vec<u32>,
    list: Vec<u32>,
    times: Vec<f64>,
    dt_s: f64,
}

impl Population {
    /// Takes what the engine gives.
    pub fn new(setup: PopulationSetup<'_>, real: Kind, seeds: Seeds, set: Instructions, dt_s: f64) -> Population {
        let program = setup.program;
        let kinds: Vec<Kind> = program.slots.iter().map(|s| kind(s.storage, real)).collect();
        let mut slots: Vec<Values> = program.slots.iter().zip(&kinds).map(|(slot, kind)| Values::new(*kind, setup.owned.len(), slot.initial)).collect();
        slots.iter_mut().zip(&setup.slots).for_each(|(values, initial)| values.write(0, initial));
        let mut published: Vec<Option<Values>> =
            kinds.iter().enumerate().map(|(k, kind)| setup.published.contains(&(k as u32)).then(|| Values::new(*kind, setup.size, 0.0))).collect();
        let maker = Maker { owner: setup.name, seeds, set, real, multapses: false, kind: &|place| kind_of(&kinds, place) };
        let (integrate, joined) = integration(program, &maker);
        let threshold = program.threshold.as_ref().and_then(|t| maker.make_condition(&t.kernel, t.condition, Mode::Neurons));
        let hold = match &program.refractory {
            Refractory::None => Hold::Never,
            Refractory::Time { kernel, time } => Hold::Time(maker.make(kernel, Some(*time), Mode::Neurons)),
            Refractory::While { kernel, condition } => Hold::While(maker.make(kernel, Some(*condition), Mode::Neurons)),
        };
        let gated: Vec<bool> = (0..slots.len()).map(|k| program.gated_inputs.contains(&(k as u32))).collect();
        // Whole blocks are read at the end.
        let mut free = Vec::with_capacity(setup.owned.len() + BLOCK);
        free.resize(setup.owned.len(), 1);
        let bounds = Bounds::plain(&mut slots);
        let gate = |(bound, gated): (&Bound, &bool)| Bound { gate: if *gated { free.as_ptr() } else { std::ptr::null() }, ..*bound };
        let inputs = bounds.iter().zip(&gated).map(gate).collect();
        let address = |v: &mut Option<Values>| v.as_mut().map_or(Bound::plain(Kind::Step, std::ptr::null_mut()), |v| Bound::plain(v.kind(), v.pointer()));
        let published_bounds = published.iter_mut().map(address).collect();
        let mut population = Population {
            reset: maker.make(&program.reset, None, Mode::NeuronList),
            gated,
            bounds,
            inputs,
            published_bounds,
            visible: program.slots.iter().map(|s| s.visible).collect(),
            last: vec![NEVER; setup.owned.len()],
            free,
            size: setup.size,
            owned: setup.owned,
            slots,
            published,
            shared: setup.shared,
            integrate,
            joined,
            threshold,
            hold,
            held: VecDeque::new(),
            held_since: None,
            crossed: None,
            crossing: Vec::new(),
            list: Vec::new(),
            times: Vec::new(),
            dt_s,
        };
        // Arrays of neurons never move, so that their addresses are taken once.
        let (bounds, scalars) = (&population.bounds, population.shared.as_mut_ptr());
        let hold = if let Hold::Time(tape) | Hold::While(tape) = &mut population.hold { tape.as_mut() } else { None };
        let tapes = [population.integrate.as_mut(), population.threshold.as_mut(), population.reset.as_mut(), hold];
        tapes.into_iter().flatten().for_each(|tape| tape.bind(&|p| bound_of(bounds, scalars, p)));
        population
    }

    /// Makes the kernel of an input ready.
    pub fn make_input(&self, name: &str, kernel: &Kernel, real: Kind, seeds: Seeds, set: Instructions) -> Option<Compiled> {
        let kinds: Vec<Kind> = self.slots.iter().map(Values::kind).collect();
        Maker { owner: name, seeds, set, real, multapses: false, kind: &|place| kind_of(&kinds, place) }.make(kernel, None, Mode::Neurons)
    }

    /// Forgets what has been worked out of the state: it is about to change.
    pub fn touch(&mut self) {
        self.crossed = None;
    }

    /// The same, and who is refractory.
    pub fn forget(&mut self) {
        self.touch();
        self.held_since = None;
    }

    /// Sets free whose last spike is not after `since`.
    ///
    /// From one step to the next these are the neurons of one step; otherwise all are looked at.
    fn set_free(&mut self, since: Step) {
        if self.held_since != Some(since - 1) {
            self.free.iter_mut().zip(&self.last).for_each(|(free, last)| *free = u8::from(*last <= since));
            let mut held: Vec<(Step, u32)> = self.last.iter().zip(0..).filter(|(last, _)| **last > since).map(|(last, k)| (*last, k)).collect();
            held.sort_unstable();
            self.held = held.into();
        }
        while let Some((_, neuron)) = self.held.pop_front_if(|(last, _)| *last <= since) {
            self.free[neuron as usize] = 1;
        }
        self.held_since = Some(since);
    }

    /// What tapes over the neurons read besides places.
    pub fn around(&self, now: Step) -> Around {
        Around {
            now,
            dt_s: self.dt_s,
            size: self.size,
            first: self.owned.start,
            free: self.free.as_ptr(),
            last: self.last.as_ptr(),
            multapse: std::ptr::null(),
            kept: Kept::NONE,
        }
    }

    /// Runs an input.
    pub fn input(&mut self, input: &mut Compiled, now: Step) {
        self.touch();
        let (around, scalars) = (self.around(now), self.shared.as_mut_ptr());
        input.begin(around, Scalars { own: &self.shared, pre: &[], post: &[] }, &|p| bound_of(&self.inputs, scalars, p));
        for start in (0..self.owned.len()).step_by(input.step()) {
            let frame = Frame::run(start, input.step().min(self.owned.len() - start));
            // SAFETY: the frame lies in the owned neurons, for which every array has an element.
            unsafe { input.chunk(&frame) };
        }
        input.end(&mut self.shared);
    }

    /// Works out who is refractory, then advances the state; tests the threshold on the way where that is the same.
    pub fn integrate(&mut self, now: Step) {
        self.touch();
        let (around, n) = (self.around(now), self.owned.len());
        let scalars = Scalars { own: &self.shared, pre: &[], post: &[] };
        let step = self.integrate.as_ref().map_or(CHUNK, Compiled::step);
        if let Hold::Time(Some(tape)) | Hold::While(Some(tape)) = &mut self.hold {
            tape.start(around, scalars);
        }
        let same = if let Hold::Time(Some(tape)) = &self.hold { tape.same_for_all() } else { None };
        if let Some(time) = same {
            self.set_free(latest_of_free(now, time, self.dt_s));
        }
        let free = self.free.as_mut_ptr();
        if let Some(tape) = &mut self.integrate {
            tape.start(around, Scalars { own: &self.shared, pre: &[], post: &[] });
        }
        self.crossing.clear();
        for start in (0..n).step_by(step) {
            let frame = Frame::run(start, step.min(n - start));
            let range = start..start + frame.n;
            // SAFETY: the frame lies in the owned neurons, for which every array has an element; `free` is changed between tapes only.
            unsafe {
                let free = std::slice::from_raw_parts_mut(free.add(start), frame.n);
                match &mut self.hold {
                    Hold::Time(Some(tape)) if same.is_none() => {
                        tape.chunk(&frame);
                        tape.results(&frame, &mut self.times);
                        let held = self.last[range].iter().zip(&self.times);
                        free.iter_mut().zip(held).for_each(|(free, (last, time))| *free = u8::from(is_free_after(*last, now, *time, self.dt_s)));
                    }
                    Hold::While(Some(tape)) => {
                        tape.chunk(&frame);
                        tape.results(&frame, &mut self.times);
                        free.iter_mut().zip(&self.times).for_each(|(free, holds)| *free |= u8::from(*holds == 0.0));
                    }
                    _ => {}
                }
                if let Some(tape) = &mut self.integrate {
                    tape.chunk(&frame);
                    if self.joined {
                        tape.holds(&frame, start as u32, &mut self.crossing);
                    }
                }
            }
        }
        if let Some(tape) = &self.integrate {
            tape.end(&mut self.shared);
        }
        self.crossed = self.joined.then_some(now);
    }

    /// Appends the owned neurons that spike, in the numbers of the whole population.
    pub fn threshold(&mut self, now: Step, spikes: &mut Vec<u32>) {
        if self.crossed != Some(now) {
            let (around, n) = (self.around(now), self.owned.len());
            let Some(tape) = &mut self.threshold else { return };
            self.crossing.clear();
            tape.start(around, Scalars { own: &self.shared, pre: &[], post: &[] });
            for start in (0..n).step_by(tape.step()) {
                let frame = Frame::run(start, tape.step().min(n - start));
                // SAFETY: the frame lies in the owned neurons, for which every array has an element.
                unsafe {
                    tape.chunk(&frame);
                    tape.holds(&frame, start as u32, &mut self.crossing);
                }
            }
            tape.end(&mut self.shared);
        }
        self.crossed = None;
        for neuron in &self.crossing {
            let k = *neuron as usize;
            if self.free[k] != 0 {
                self.last[k] = now;
                if !matches!(self.hold, Hold::Never) {
                    self.free[k] = 0;
                    if self.held_since.is_some() {
                        self.held.push_back((now, *neuron));
                    }
                }
                spikes.push((self.owned.start + k) as u32);
            }
        }
    }

    /// Runs the reset of neurons, in the numbers of the whole population.
    pub fn reset(&mut self, now: Step, spikes: &[u32]) {
        self.touch();
        let around = self.around(now);
        let Some(tape) = &mut self.reset else { return };
        self.list.clear();
        self.list.extend(spikes.iter().map(|s| *s - self.owned.start as u32));
        if self.list.is_empty() {
            return;
        }
        tape.start(around, Scalars { own: &self.shared, pre: &[], post: &[] });
        for part in self.list.chunks(tape.step()) {
            let frame = Frame { n: part.len(), own: Index::List(part.as_ptr()), pre: Index::One(0), post: Index::One(0) };
            // SAFETY: the list names owned neurons, for which every array has an element.
            unsafe { tape.chunk(&frame) };
        }
        tape.end(&mut self.shared);
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        self.slots.iter().chain(self.published.iter().flatten()).map(Values::bytes).sum::<usize>() + self.free.len() + 8 * self.last.len()
    }
}

/// The kernel that advances the state, made ready; with the threshold behind it if both can be one tape, so that the state is touched once.
fn integration(program: &PopulationProgram, maker: &Maker<'_>) -> (Option<Compiled>, bool) {
    let alone = maker.make(&program.integrate, None, Mode::Neurons);
    let Some(threshold) = &program.threshold else { return (alone, false) };
    let first = program.integrate.ops.len() as Value;
    let later = threshold.kernel.ops.iter().map(|op| renamed(op, |v| v + first));
    let kernel = Kernel {
        name: program.integrate.name.clone(),
        ops: program.integrate.ops.iter().cloned().chain(later).collect(),
        sequential: program.integrate.sequential || threshold.kernel.sequential,
    };
    let joined = maker.make_condition(&kernel, threshold.condition + first, Mode::Neurons);
    let apart = maker.make_condition(&threshold.kernel, threshold.condition, Mode::Neurons);
    let wide = |tape: &Option<Compiled>| tape.as_ref().map(|t| t.tape().wide);
    // A tape that changes scalars must end before the threshold reads them, and each computes in its own precision.
    let fits = |j: &Compiled| j.tape().finals.is_empty() && !j.tape().one_by_one && [&alone, &apart].into_iter().filter_map(wide).all(|w| w == j.tape().wide);
    match joined.filter(fits) {
        Some(joined) => (Some(joined), true),
        None => (alone, false),
    }
}

/// The latest last spike after which a neuron is free now: the condition is monotonous, and whole steps are few.
fn latest_of_free(now: Step, time_s: f64, dt_s: f64) -> Step {
    let steps = (time_s / dt_s).clamp(0.0, 1e15) as i64;
    // The count is the whole part of the quotient, or one more where rounding has made it too small.
    (steps - 1..=steps + 1).find(|s| is_free_after(now - s, now, time_s, dt_s)).map_or(NEVER, |s| now - s)
}

fn kind_of(kinds: &[Kind], place: Place) -> Kind {
    if let Place::Own(k) = place { kinds[k as usize] } else { Kind::Double }
}

fn bound_of(bounds: &[Bound], scalars: *mut f64, place: Place) -> Bound {
    match place {
        Place::Own(k) => bounds[k as usize],
        Place::Shared(k) => scalar(scalars, k),
        other => panic!("neurons-read-their-own-places: {other:?}"),
    }
}

/// The place of a scalar.
pub fn scalar(scalars: *mut f64, k: u32) -> Bound {
    Bound::plain(Kind::Double, scalars.wrapping_add(k as usize).cast())
}

/// An address so many elements further.
pub fn offset(pointer: *mut u8, kind: Kind, elements: isize) -> *mut u8 {
    pointer.wrapping_offset(elements * if kind == Kind::Single { 4 } else { 8 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bound_serves_all_neurons() {
        for time_s in [-1e-3, 0.0, 4e-5, 1e-4, 1.5e-4, 2e-4 - 1e-8, 3e-4, 2e-3, 5.04e-4, 0.1, 7.0, f64::NAN, f64::INFINITY] {
            let bound = latest_of_free(1000, time_s, 1e-4);
            for last in (0..=1000).chain([NEVER]) {
                let expected = is_free_after(last, 1000, time_s, 1e-4);
                assert_eq!(last <= bound, expected, "{time_s} s, last spike at {last}");
            }
        }
    }
}
