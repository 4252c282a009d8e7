//! Populations, projections and inputs: from text to a checked network, and to flat arrays from a seed.
//!
//! This room does no I/O: tables that a text names come through the `Files` trait.
#![forbid(unsafe_code)]

pub mod arrays;
pub mod build;
mod connect;
mod distribution;
mod elements;
pub mod network;
mod parse;
mod settings;
mod synapses;

pub use connect::{Connect, rules};
pub use distribution::{Distribution, DistributionKind, Outside};
pub use elements::{distance, synapse_element};
pub use parse::{Files, Library, NamedColumns, parse_network};
