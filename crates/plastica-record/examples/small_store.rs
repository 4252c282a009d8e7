//! Writes a small run into the folder given, for the tests that open a store in pandas and xarray.
//!
//! `small_store DIR` finishes the run. `small_store DIR endless` records and flushes until it is killed.

use plastica_record::{Column, ColumnValues, Precision, RecordError, SeriesSpec, Store};
use std::path::Path;

const NEURONS: i64 = 5;
const SAMPLES: usize = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.first().ok_or("give a folder")?;
    Ok(write(Path::new(folder), arguments.get(1).is_some_and(|a| a == "endless"))?)
}

fn write(folder: &Path, endless: bool) -> Result<(), RecordError> {
    let mut store = Store::create(folder, &serde_json::json!({"experiment": {"name": "small"}, "version": env!("CARGO_PKG_VERSION"), "seed": 42}))?;
    let spikes = store.table("spikes_E", &[Column::float("time_s"), Column::integer("neuron")])?;
    store.table("silent", &[Column::float("time_s"), Column::integer("neuron")])?;
    let weights = store.table("weights_EE", &[Column::float("time_s"), Column::integer("pre"), Column::integer("post"), Column::float("value")])?;
    let spec = |variable: &str, unit: &str, dimension: &str, labels, precision| SeriesSpec {
        variable: variable.into(),
        unit: unit.into(),
        dimension: dimension.into(),
        labels,
        interval_s: 0.001,
        first_s: 0.0,
        precision,
    };
    let v = store.series("E_v", spec("v", "V", "neuron", vec![("neuron".into(), (0..NEURONS).map(|n| 10 * n).collect())], Precision::Double))?;
    let w = store.series("EE_w", spec("w", "", "synapse", vec![("pre".into(), vec![0, 0, 3]), ("post".into(), vec![1, 2, 4])], Precision::Single))?;
    let rate = store.series("E_rate", spec("rate", "Hz", "", Vec::new(), Precision::Double))?;
    let count = store.series("E_count", spec("count", "", "", Vec::new(), Precision::Integer))?;
    for step in 0..if endless { usize::MAX } else { SAMPLES } {
        let time = step as f64 * 0.001;
        let values: Vec<f64> = (0..NEURONS).map(|n| -0.07 + 0.001 * n as f64 + 1e-6 * step as f64).collect();
        store.sample(v, time, &values)?;
        store.sample(w, time, &[0.1, 0.5, 0.9])?;
        store.sample(rate, time, &[5.0 + time])?;
        store.sample(count, time, &[step as f64])?;
        store.append(spikes, &[ColumnValues::Float(&[time]), ColumnValues::Integer(&[step as i64 % NEURONS])])?;
        if step % 100 == 0 {
            store.append(
                weights,
                &[ColumnValues::Float(&[time]), ColumnValues::Integer(&[0]), ColumnValues::Integer(&[1]), ColumnValues::Float(&[0.1 + 1e-5 * step as f64])],
            )?;
        }
        if endless && step % 500 == 0 {
            store.flush()?;
        }
    }
    store.finish()
}
