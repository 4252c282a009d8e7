//! The one step loop: spikes under way, exchange between parts, checkpoints, the reference back end, the conformance suite.
//!
//! This room holds no arrays (a back end does) and touches no files.
#![forbid(unsafe_code)]

pub mod ahead;
pub mod backend;
mod checkpoint;
pub mod circuit;
pub mod closed_loop;
pub mod conformance;
mod drawn;
pub mod exchange;
mod growth;
pub mod in_place;
pub mod lesion;
mod modulator;
mod plan;
mod record;
pub mod reference;
pub mod simulation;
mod skip;
mod spikes;
mod step;
mod structure;
mod surroundings;
mod topology;
mod view;
