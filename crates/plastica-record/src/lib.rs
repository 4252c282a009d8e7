//! The store on disk: what a run keeps, written as the run goes, and read again without an engine.
//!
//! One folder per run. `run.json` says what was run; `NAME.zarr` is a Zarr v3 group that xarray opens (a series: one
//! variable sampled at an interval); `NAME/part-00000.parquet` and its siblings are a table that pandas opens (spikes,
//! weights on change). Memory stays bounded, and whatever was flushed is readable after the process is killed.
//!
//! This room knows no simulator: it takes names, units and numbers. It has no clock; the caller decides when to flush.
//!
//! ```
//! use plastica_record::{Column, ColumnValues, Store, read::Run};
//! let dir = std::env::temp_dir().join(format!("plastica-doc-{}", std::process::id()));
//! let mut store = Store::create(&dir, &serde_json::json!({"seed": 1}))?;
//! let spikes = store.table("spikes_E", &[Column::float("time_s"), Column::integer("neuron")])?;
//! store.append(spikes, &[ColumnValues::Float(&[0.0012]), ColumnValues::Integer(&[7])])?;
//! store.finish()?;
//! let run = Run::open(&dir)?;
//! assert_eq!(run.table("spikes_E")?[1], ("neuron".to_string(), vec![7.0]));
//! # std::fs::remove_dir_all(&dir).ok();
//! # Ok::<(), plastica_record::RecordError>(())
//! ```
#![forbid(unsafe_code)]

pub mod checkpoint;
mod error;
mod files;
mod parquet_file;
pub mod read;
mod series;
mod store;
mod table;
mod zarr;

pub use error::RecordError;
pub use files::write_whole;
pub use series::{Precision, SeriesSpec};
pub use store::{SeriesId, Store, TableId};
pub use table::{Column, ColumnKind, ColumnValues};
