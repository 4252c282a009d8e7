//! The kinds of figures, one file each.

mod chart;
mod forest;
mod histogram;
mod raster;
mod trace;

pub use crate::svg::Axis;
pub use chart::{Chart, Curve, Point};
pub use forest::{Forest, ForestRow, forest_of};
pub use histogram::HistogramFigure;
pub use raster::Raster;
pub use trace::trace;
