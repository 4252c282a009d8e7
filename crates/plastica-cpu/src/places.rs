//! The arrays that the tapes of a projection can touch: its own, and those of the neurons on both sides.

use plastica_engine::backend::Step;
use plastica_kernel::ir::Place;

use crate::frame::{Around, Bound};
use crate::population::{Population, scalar};

/// The neurons on both sides, as the synapses see them.
pub struct Sides<'a> {
    /// Arrays of the presynaptic neurons, by neuron of the whole population.
    pub pre: &'a [Bound],
    /// Arrays of the postsynaptic neurons, by owned neuron.
    pub post: &'a [Bound],
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
        let (pre, post) = (&populations[pre], &populations[post]);
        Sides { pre: &pre.published_bounds, post: &post.inputs, pre_shared: &pre.shared, post_shared: &post.shared, around: post.around(now) }
    }
}

/// Addresses of everything that the tapes of a projection can touch.
pub struct Places<'a> {
    /// By synapse.
    pub own: &'a [Bound],
    /// By presynaptic neuron.
    pub row: &'a [Bound],
    /// By owned postsynaptic neuron.
    pub column: &'a [Bound],
    /// Scalars.
    pub shared: *mut f64,
    /// The neurons.
    pub sides: &'a Sides<'a>,
    /// Arrays of the postsynaptic neurons, whose increments may travel on.
    pub post: &'a [Bound],
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
