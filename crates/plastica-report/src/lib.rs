//! Reports: pure functions of what was recorded. Statistics, rows that hold a published number beside ours, tables for the
//! terminal, figures as SVG, and one HTML page that needs no network.
//!
//! Nothing here touches a file, a clock or the environment: the caller reads the recording and writes the page.
#![forbid(unsafe_code)]

pub mod fields;
mod figure;
pub mod figures;
mod number;
mod page;
mod recorded;
mod row;
pub mod statistics;
pub mod study;
mod svg;
mod words;

pub use figure::{Figure, Grid, Legend, Mark};
pub use number::number;
pub use page::{Piece, Section, page};
pub use recorded::{spikes, variable};
pub use row::{Row, Standing, Verdict, csv, verdict};
