//! Increments that are put under way when their source spikes: for a slot of the neurons of a population a ring of future inputs.
//!
//! All projections onto the population share it. It is no part of the state: the engine keeps the spikes, and sends them again when
//! something that the increments hang on has been written.

use plastica_engine::backend::{Sent, Step};

use crate::array::{Kind, Values};
use crate::frame::Bound;
use crate::population::{Population, offset};

/// One more than the longest delay.
pub const DELAYS: usize = 256;

/// What is under way to one slot of a population.
pub struct Ahead {
    /// The population.
    population: usize,
    /// Its slot.
    slot: u32,
    /// Row after row, one for each step, and one more for what should have arrived already.
    values: Values,
    /// Number of rows without that one, a power of two.
    rows: usize,
    /// Owned neurons.
    width: usize,
    /// Nothing arrives after this step.
    until: Step,
}

impl Ahead {
    /// An empty ring that reaches so many steps ahead.
    pub fn new(population: usize, slot: u32, kind: Kind, width: usize, reach: usize) -> Ahead {
        let rows = (reach + 1).next_power_of_two();
        Ahead { population, slot, values: Values::new(kind, (rows + 1) * width, 0.0), rows, width, until: Step::MIN }
    }

    /// Is it that of this slot?
    pub fn is_of(&self, population: usize, slot: u32) -> bool {
        (self.population, self.slot) == (population, slot)
    }

    /// Where increments of synapses go, by axonal delay: an array, and for each delay the place of its row there.
    pub fn bound(&mut self, sent: &Sent<'_>, now: Step, places: &mut [usize; DELAYS]) -> Bound {
        let first = sent.then + Step::from(sent.delay);
        for (arrival, place) in (first..).zip(places.iter_mut()) {
            let row = if arrival < now { self.rows } else { arrival as usize & (self.rows - 1) };
            *place = row * self.width;
        }
        self.until = self.until.max(first + self.rows as Step);
        Bound::plain(self.values.kind(), self.values.pointer())
    }

    /// The same for one delay: the address of its row.
    pub fn row(bound: Bound, place: usize) -> Bound {
        Bound::plain(bound.kind, offset(bound.pointer, bound.kind, place as isize))
    }

    /// Adds what arrives now.
    pub fn land(&mut self, populations: &mut [Population], now: Step) {
        if now > self.until {
            return;
        }
        let (post, k) = (&mut populations[self.population], self.slot as usize);
        post.touch();
        let gate = post.gated[k].then_some(post.free.as_slice());
        post.slots[k].add_from(0, &mut self.values, (now as usize & (self.rows - 1)) * self.width, self.width, gate);
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        self.values.bytes()
    }
}
