//! The default back end: kernels run as tapes of vector operations over chunks of neurons or synapses.
//!
//! `lower` turns a kernel into a tape, `machine` holds what a tape needs to run, `chunk` runs it, `draw` draws its random numbers, and `dispatch`
//! chooses the vector instructions. `population` and `projection` hold the arrays and say over which elements a tape runs; `rows` knows which synapses
//! there are, `ring` what is under way in dendrites, `ahead` what was put under way when its source spiked.
//! What makes it fast beyond that is in `fused` (the commonest shapes in one loop),
//! `cache` (traces worked out once for each neuron), `held` (increments that refractory neurons lose), `native` (stretches of tapes as machine code) and `defer` (postsynaptic events at the next visit of the row). No loop over time, no threads and no model names are here.
//! The idea is that of vectorised interpreters: one dispatch for each operation and chunk, not for each element.

mod ahead;
mod array;
mod backend;
mod cache;
mod chunk;
mod compiled;
mod defer;
mod dispatch;
mod draw;
mod frame;
mod fused;
mod held;
mod levels;
mod lower;
mod machine;
mod meaning;
mod memory;
#[cfg(target_arch = "x86_64")]
mod native;
mod over;
mod places;
mod population;
mod projection;
mod ring;
mod rows;
mod tape;
mod visit;
mod waiting;

pub use backend::{CpuBackend, Precision, Settings, backend};
pub use dispatch::Instructions;
