//! The model language: text to checked models.
//!
//! This room knows texts, spans, diagnostics, units, syntax and meaning of single models. It does no I/O,
//! spawns no threads and knows no simulator, so that an editor can run it at every keystroke.
#![forbid(unsafe_code)]

pub mod check;
pub mod evaluate;
pub mod model;
pub mod source;
pub mod syntax;
pub mod units;
