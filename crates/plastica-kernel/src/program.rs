//! The arrays of a program while it is compiled.

use crate::ir::{Place, Setup, Slot, Storage};

/// Slots, scalars and derivations that methods and passes may add to.
pub struct Arrays<'a> {
    /// Per-element slots.
    pub slots: &'a mut Vec<Slot>,
    /// Scalars.
    pub shared: &'a mut Vec<Slot>,
    /// Derivations.
    pub setup: &'a mut Vec<Setup>,
}

impl Arrays<'_> {
    /// Adds an array with a value for each element.
    pub fn add_slot(&mut self, name: &str, storage: Storage, initial: f64, visible: bool) -> Place {
        self.slots.push(Slot { name: name.into(), storage, initial, visible });
        Place::Own(self.slots.len() as u32 - 1)
    }

    /// Adds a scalar.
    pub fn add_shared(&mut self, name: &str, initial: f64, visible: bool) -> Place {
        self.shared.push(Slot { name: name.into(), storage: Storage::Real, initial, visible });
        Place::Shared(self.shared.len() as u32 - 1)
    }
}
