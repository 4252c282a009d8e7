//! Looking at values where they lie, without a copy, and changing them there.
//!
//! That is possible where the values of a variable lie in one piece and in public order: in a circuit of one part, for what is stored
//! as such. What is worked out (traces that decay in closed form, sub-expressions) or kept once for many is read and written as
//! copies, see [`Simulation::read`].

use plastica_kernel::ir::{Op, Place, Setup, Storage};

use crate::backend::{Array, PopulationId, ProjectionId};
use crate::record::Found;
use crate::simulation::{Quantity, Simulation};

/// Values where a back end keeps them.
#[derive(Debug)]
pub enum InPlace<'a> {
    /// Single precision.
    Single(&'a mut [f32]),
    /// Double precision.
    Double(&'a mut [f64]),
}

impl Simulation {
    /// The values of a variable where they lie, in public order: one for each neuron or synapse. What waits is done first, and what was
    /// worked out from the values is forgotten if they are to be written.
    ///
    /// `None` where they do not lie in one piece, where synapses may come and go (their memory moves then), or, for `writing`, where
    /// other values follow from them.
    pub fn in_place(&mut self, what: &Quantity, writing: bool) -> Option<InPlace<'_>> {
        let Found::Slot(slot) = self.find(what)? else { return None };
        let (array, setup) = match what {
            Quantity::Population(p, _) => (Array::Neurons(PopulationId(*p), slot), &self.plan.circuit.populations[*p].setup),
            Quantity::Projection(p, _) => (Array::Synapses(ProjectionId(*p), slot), &self.plan.circuit.projections[*p].setup),
        };
        if let Quantity::Projection(p, _) = what
            && self.can_rewire(*p)
        {
            return None;
        }
        if writing && setup.iter().any(|setup| follows(setup, slot)) {
            return None;
        }
        let [worker] = &mut self.workers[..] else { return None };
        worker.backend.in_place(array, worker.now, writing)
    }
}

impl Simulation {
    /// Is a quantity kept in single precision, when state is? What is worked out, shared by all, or too slow for it is not.
    pub fn is_narrow(&self, what: &Quantity) -> bool {
        let Some(Found::Slot(slot)) = self.find(what) else { return false };
        let slots = match what {
            Quantity::Population(p, _) => &self.plan.circuit.populations[*p].slots,
            Quantity::Projection(p, _) => &self.plan.circuit.projections[*p].slots,
        };
        slots[slot as usize].storage == Storage::Real
    }
}

/// Is something worked out from a slot when the circuit is built?
pub(crate) fn follows(setup: &Setup, slot: u32) -> bool {
    match setup {
        Setup::Kernel(kernel) => kernel.ops.contains(&Op::Load(Place::Own(slot))),
        Setup::Propagator { a, .. } => a.contains(&Place::Own(slot)),
    }
}
