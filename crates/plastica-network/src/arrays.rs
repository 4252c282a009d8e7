//! Flat arrays of a built network part: what the engine takes.

/// A contiguous share of every population, owned by one worker (a thread or a rank).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which share.
    pub index: usize,
    /// Of how many.
    pub of: usize,
}

impl Part {
    /// The neurons of a population of `size` that this part owns.
    pub fn range(self, size: usize) -> std::ops::Range<usize> {
        size * self.index / self.of..size * (self.index + 1) / self.of
    }
}

/// Synapses of one projection whose targets this part owns.
///
/// Rows in order of source; within a row by axonal delay, then target, then which of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Synapses {
    /// Start of each source's row, `[n_pre + 1]`.
    pub row: Vec<usize>,
    /// Postsynaptic neuron, index in the whole population, `[n_synapses]`.
    pub post: Vec<u32>,
    /// Which of several synapses of the same pair, `[n_synapses]`, or empty when there are no multapses.
    pub multapse: Vec<u16>,
    /// Axonal delay in steps: one value, or `[n_synapses]`.
    pub axonal: Delays,
    /// Dendritic delay in steps: one value, or `[n_synapses]`.
    pub dendritic: Delays,
    /// Initial values by variable name, each `[n_synapses]`, SI units.
    pub values: Vec<(String, Vec<f64>)>,
    /// `(shared)` variables that were given a value, by name.
    pub shared: Vec<(String, f64)>,
    /// How many drawn, computed or listed delays (axonal and dendritic ones counted each) were no whole number of steps and moved to the nearest.
    pub rounded: usize,
}

/// Delays in steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delays {
    /// The same for all.
    Same(u32),
    /// One for each synapse.
    Each(Vec<u32>),
}

impl Default for Delays {
    fn default() -> Self {
        Delays::Same(0)
    }
}

impl Delays {
    /// Delay of a synapse.
    pub fn get(&self, synapse: usize) -> u32 {
        match self {
            Delays::Same(d) => *d,
            Delays::Each(d) => d[synapse],
        }
    }
}
