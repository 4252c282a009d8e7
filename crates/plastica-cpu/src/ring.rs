//! Increments under way in the dendrites of a projection: for each slot of the postsynaptic neurons a ring of steps.

use plastica_engine::backend::{Pending, Step};
use plastica_network::arrays::Delays;

use crate::array::{Kind, Values};
use crate::frame::{Bound, Waiting};
use crate::population::{Population, offset};

/// The rings of a projection.
pub struct Ring {
    /// Slots of the postsynaptic population, and their values: row after row, one for each step.
    lanes: Vec<(u32, Values)>,
    /// The slots that would be kept if there were delays.
    slots: Vec<(u32, Kind)>,
    /// Number of rows: the longest delay and the present step.
    count: usize,
    /// Owned neurons.
    width: usize,
    /// Delay, if it is the same for all.
    same: Option<u32>,
    /// Which rows hold anything.
    used: Vec<bool>,
    /// For each slot, where increments with delays of their own wait: kept here while tapes run.
    waiting: Vec<Waiting>,
}

// SAFETY: the addresses in `waiting` are set anew by `bound` at each call and are not used after it.
unsafe impl Send for Ring {}

impl Ring {
    /// `slots` are those that presynaptic spikes add to, with the types of their arrays.
    pub fn new(slots: &[(u32, Kind)], dendritic: &Delays, width: usize) -> Ring {
        let (longest, same) = match dendritic {
            Delays::Same(d) => (*d, Some(*d)),
            Delays::Each(d) => (d.iter().copied().max().unwrap_or(0), None),
        };
        let count = longest as usize + 1;
        let waiting = if longest == 0 { &[] } else { slots };
        Ring {
            slots: slots.to_vec(),
            lanes: waiting.iter().map(|(slot, kind)| (*slot, Values::new(*kind, count * width, 0.0))).collect(),
            count,
            width,
            same,
            used: vec![false; count],
            waiting: Vec::new(),
        }
    }

    fn row(&self, step: Step) -> usize {
        step.rem_euclid(self.count as i64) as usize
    }

    /// Where an increment of a slot goes that a presynaptic spike makes now, if not straight to the neuron.
    pub fn bound(&mut self, slot: u32, direct: Bound, delays: &Delays, now: Step) -> Bound {
        let (present, width, count, same) = (self.row(now), self.width, self.count, self.same);
        let lanes = self.lanes.len();
        let Some((lane, (_, values))) = self.lanes.iter_mut().enumerate().find(|(_, (s, _))| *s == slot) else { return direct };
        let (kind, rows) = (values.kind(), values.pointer());
        match (same, delays) {
            (Some(delay), _) => {
                let row = (present + delay as usize) % count;
                self.used[row] = true;
                Bound { sink: offset(rows, kind, (row * width) as isize), gate: std::ptr::null(), ..direct }
            }
            (None, Delays::Each(delays)) => {
                self.used.fill(true);
                let waiting = Waiting { rows, count, width, delays: delays.as_ptr(), present };
                self.waiting.resize(lanes, waiting);
                self.waiting[lane] = waiting;
                Bound { waiting: &raw const self.waiting[lane], ..direct }
            }
            (None, Delays::Same(_)) => direct,
        }
    }

    /// Adds what arrives now.
    pub fn arrive(&mut self, post: &mut Population, now: Step) {
        if self.lanes.is_empty() {
            return;
        }
        let row = self.row(now);
        if !std::mem::take(&mut self.used[row]) {
            return;
        }
        post.touch();
        for (slot, waiting) in &mut self.lanes {
            let k = *slot as usize;
            let gate = post.gated[k].then_some(post.free.as_slice());
            post.slots[k].add_from(0, waiting, row * self.width, self.width, gate);
        }
    }

    /// What is under way, by step, slot, neuron.
    pub fn pending(&self, now: Step, first: usize) -> Vec<Pending> {
        let mut lanes: Vec<&(u32, Values)> = self.lanes.iter().collect();
        lanes.sort_by_key(|(slot, _)| *slot);
        let mut list = Vec::new();
        for step in now..now + self.count as i64 {
            let row = self.row(step);
            for (slot, values) in &lanes {
                let present = values.read(row * self.width, self.width);
                list.extend(present.iter().enumerate().filter(|(_, x)| **x != 0.0).map(|(j, x)| Pending {
                    step,
                    slot: *slot,
                    neuron: (first + j) as u32,
                    value: *x,
                }));
            }
        }
        list
    }

    /// Replaces what is under way.
    pub fn set_pending(&mut self, pending: &[Pending], first: usize) {
        for (_, values) in &mut self.lanes {
            *values = Values::new(values.kind(), values.len(), 0.0);
        }
        self.used.fill(false);
        for p in pending {
            let row = self.row(p.step);
            if let Some((_, values)) = self.lanes.iter_mut().find(|(s, _)| *s == p.slot) {
                values.set(row * self.width + p.neuron as usize - first, p.value);
                self.used[row] = true;
            }
        }
    }

    /// Makes room for longer delays; what is under way stays under way.
    pub fn reach(&mut self, dendritic: &Delays, now: Step) {
        let Delays::Each(delays) = dendritic else { return };
        if delays.iter().all(|d| (*d as usize) < self.count) {
            return;
        }
        let pending = self.pending(now, 0);
        *self = Ring::new(&self.slots, dendritic, self.width);
        self.set_pending(&pending, 0);
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        self.lanes.iter().map(|(_, v)| v.bytes()).sum()
    }
}
