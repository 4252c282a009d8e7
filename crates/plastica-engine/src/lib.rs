//! The one step loop: spikes under way, exchange between parts, checkpoints, the reference back end, the conformance suite.
//!
//! This room holds no arrays (a back end does) and touches no files.
#![forbid(unsafe_code)]

pub mod backend;
pub mod circuit;
pub mod simulation;
