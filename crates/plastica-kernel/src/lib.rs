//! Checked models to kernels: integration methods, lowering, and the meaning of the kernels.
//!
//! This room turns a checked model into tapes of operations and can run them, slowly and in `f64`. It knows no arrays and no time loop.
#![forbid(unsafe_code)]

mod algebra;
mod compile;
mod integrate;
pub mod interpret;
pub mod ir;
pub mod passes;
pub mod print;
mod program;
mod tape;
pub mod verify;

pub use compile::{NeuronBinding, Side, SynapseBinding, compile_neuron, compile_statements, compile_synapse};
pub use integrate::Method;
