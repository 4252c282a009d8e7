//! The arrays that the tapes of a projection can touch: its own, and those of the neurons on both sides.

use plastica_engine::backend::Step;
use plastica_kernel::ir::Place;

use crate::array::Values;
use crate::frame::{Around, Bound};
use crate::population::{Population, scalar};

/// The neurons on both sides, as the synapses see them.
pub struct Sides<'a> {
    /// Arrays of the presynaptic neurons, by neuron of the whole population.
    pub pre: Vec<Bound>,
    /// Arrays of the postsynaptic neurons, by owned neuron.
    pub post: Vec<Bound>,
    /// Scalars of the presynaptic population.
    pub pre_shared: &'a [f64],
    /// Scalars of the postsynaptic population.
    pub post_shared: &'a [f64],
    /// What else the tapes read.
    pub around: Around,
}

impl<'a> Sides<'a> {
    /// Of two populations of a list.
    pub fn new(populations: &'a mut [Population], pre: usize, post: usize, now: Step) -> Sides<'a> {
        let pre_bounds = populations[pre].published_bounds();
        let mut bounds = populations[post].bounds();
        let around = populations[post].around(now);
        for (bound, _) in bounds.iter_mut().zip(&populations[post].gated).filter(|(_, gated)| **gated) {
            bound.gate = around.free;
        }
        Sides { pre: pre_bounds, post: bounds, pre_shared: &populations[pre].shared, post_shared: &populations[post].shared, around }
    }
}

/// Addresses of everything that the tapes of a projection can touch.
pub struct Places<'a> {
    /// By synapse.
    pub own: Vec<Bound>,
    /// By presynaptic neuron.
    pub row: Vec<Bound>,
    /// By owned postsynaptic neuron.
    pub column: Vec<Bound>,
    /// Scalars.
    pub shared: *mut f64,
    /// The neurons.
    pub sides: &'a Sides<'a>,
    /// Arrays of the postsynaptic neurons, whose increments may travel on.
    pub post: Vec<Bound>,
}

impl Places<'_> {
    /// The array of a place.
    pub fn bind(&self, place: Place) -> Bound {
        match place {
            Place::Own(k) => self.own[k as usize],
            Place::Row(k) => self.row[k as usize],
            Place::Column(k) => self.column[k as usize],
            Place::Pre(k) => self.sides.pre[k as usize],
            Place::Post(k) => self.post[k as usize],
            Place::Shared(k) => scalar(self.shared, k),
            Place::PreShared(k) => scalar(self.sides.pre_shared.as_ptr().cast_mut(), k),
            Place::PostShared(k) => scalar(self.sides.post_shared.as_ptr().cast_mut(), k),
        }
    }
}

/// Arrays that every increment reaches at once.
pub fn plain(values: &mut [Values]) -> Vec<Bound> {
    values.iter_mut().map(|v| Bound::plain(v.kind(), v.pointer())).collect()
}
