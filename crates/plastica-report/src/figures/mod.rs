//! The kinds of figures, one file each.

mod chart;
mod forest;
mod histogram;
mod learning;
mod matrix;
mod panels;
mod raster;
mod region;
mod scatter;
mod strips;
mod timeline;
mod trace;

pub use crate::svg::Axis;
pub use chart::{Chart, Curve, Point};
pub use forest::{Forest, ForestRow, forest_of};
pub use histogram::HistogramFigure;
pub use learning::{Learning, LearningGroup};
pub use matrix::Matrices;
pub use raster::Raster;
pub use region::Regions;
pub use scatter::{Cloud, Scatter};
pub use strips::{Strip, Strips};
pub use timeline::{Bar, Timeline};
pub use trace::trace;
