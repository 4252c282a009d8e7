//! Plastica: simulates how a nervous system learns, from rules written as equations.
//!
//! This crate is the facade: it opens files, finds models by name, picks a back end, runs experiments and writes their results.
//! It holds no science of its own: models are text, their meaning lives in the rooms below.
//!
//! - [`library`]: the models and experiments that come with Plastica, and folders of the user
//! - [`open`]: from a name or a path to text and diagnostics
//! - [`experiment`]: the experiment file
//! - [`pairing`]: pairing protocols at single synapses, held against published numbers
//! - [`explain`]: how models will be computed, and why
//! - [`run`]: carrying an experiment out
//! - [`overlay`]: one text laid over another
//! - [`targets`]: published numbers
//! - [`claims`] and [`tested`]: the claims, and which experiment tests which
//! - [`atlas`]: every experiment of the library, one after another, in one table
//! - [`study`]: groups of subjects that live through programmes
//! - [`bench`]: measuring how fast a circuit runs
#![forbid(unsafe_code)]

pub mod atlas;
pub mod bench;
pub mod claims;
pub mod experiment;
pub mod explain;
pub mod library;
pub mod open;
pub mod overlay;
pub mod pairing;
pub mod resolve;
pub mod run;
pub mod study;
pub mod tables;
pub mod targets;
pub mod tested;

pub use plastica_lang::source::{Diagnostic, Sources, nearest, render};

/// Version of Plastica.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
