//! A series on disk: one variable, sampled at an interval, as a Zarr group with its coordinates.

use crate::zarr::{self, Array, Element};
use crate::{RecordError, files};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Bytes of a chunk that is aimed at. A wide row is a chunk of its own, however long.
const CHUNK_BYTES: usize = 256 * 1024;
const CHUNK_ROWS_MAX: usize = 4096;

/// The type in which samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floating point.
    Single,
    /// 64-bit floating point.
    Double,
    /// 64-bit signed integers; samples are truncated.
    Integer,
}

/// What a series is: its variable, its unit, and whose values one row holds.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesSpec {
    /// Name of the variable, which names the array (`v`, `w`).
    pub variable: String,
    /// Unit of the values; empty for pure numbers.
    pub unit: String,
    /// `neuron` or `synapse`; not used where there are no labels.
    pub dimension: String,
    /// Coordinates along the dimension, each with one integer per value of a row: `neuron`, or `synapse`, `pre` and `post`.
    /// Empty for a single value over time, such as a population rate.
    pub labels: Vec<(String, Vec<i64>)>,
    /// Seconds between samples.
    pub interval_s: f64,
    /// Time of the first sample, seconds.
    pub first_s: f64,
    /// Type on disk.
    pub precision: Precision,
}

/// One series that is being written.
#[derive(Debug)]
pub struct Series {
    pub name: String,
    group: PathBuf,
    attributes: Value,
    time: Array,
    values: Array,
    labels: Vec<(Array, usize)>,
    /// Rows in closed chunks; those after them are in the two buffers.
    closed: usize,
    time_rows: Vec<f64>,
    value_rows: Vec<f64>,
    changed: bool,
}

impl Series {
    /// A new series without samples, with its coordinates.
    pub fn create(root: &Path, name: &str, spec: &SeriesSpec) -> Result<Self, RecordError> {
        let group = root.join(format!("{name}.zarr"));
        files::make_folder(&group)?;
        let (attributes, time, values, labels) = layout(name, spec)?;
        let mut series = Series {
            name: name.into(),
            group,
            attributes,
            time,
            values,
            labels: Vec::new(),
            closed: 0,
            time_rows: Vec::new(),
            value_rows: Vec::new(),
            changed: true,
        };
        for (array, numbers) in labels {
            let rows = numbers.len();
            if rows > 0 {
                array.write_chunk(&series.group, 0, &numbers)?;
            }
            series.labels.push((array, rows));
        }
        series.flush()?;
        Ok(series)
    }

    /// The series in `group`, cut before the first sample whose time is not before `until_s`.
    pub fn resume(group: &Path, name: &str, until_s: f64) -> Result<Self, RecordError> {
        let (attributes, arrays) = zarr::read_group(group)?;
        let (mut time, mut values, mut labels) = (None, None, Vec::new());
        for (array, rows) in arrays {
            match &array.name {
                n if n == "time" => time = Some((array, rows)),
                n if Some(n.as_str()) == attributes["variable"].as_str() => values = Some(array),
                _ => labels.push((array, rows)),
            }
        }
        let (Some((time, rows)), Some(values)) = (time, values) else {
            return Err(RecordError::format("Zarr", group)("a series without `time` or without its variable"));
        };
        let mut times = time.read(group, rows)?;
        let keep = times.iter().position(|t| !crate::store::is_before(*t, until_s)).unwrap_or(rows);
        let closed = keep - keep % time.chunk_rows;
        let mut value_rows = Vec::new();
        if keep > closed && values.width > 0 {
            value_rows = values.read_chunk(group, closed / values.chunk_rows)?;
            value_rows.truncate((keep - closed) * values.width);
        }
        let time_rows = times.drain(closed..keep).collect();
        let mut series = Series { name: name.into(), group: group.into(), attributes, time, values, labels, closed, time_rows, value_rows, changed: true };
        series.flush()?;
        // The chunks after the cut are out of sight now; removing them cannot be half-done in a way that a reader sees.
        for chunk in keep.div_ceil(series.time.chunk_rows)..rows.div_ceil(series.time.chunk_rows) {
            files::remove(&series.time.chunk_path(group, chunk))?;
            files::remove(&series.values.chunk_path(group, chunk))?;
        }
        Ok(series)
    }

    /// Whether the series on disk is what `spec` asks for.
    pub fn fits(&self, spec: &SeriesSpec) -> Result<bool, RecordError> {
        let (attributes, time, values, labels) = layout(&self.name, spec)?;
        let mut same = attributes == self.attributes && time == self.time && values == self.values && labels.len() == self.labels.len();
        for (array, numbers) in labels {
            let held = self.labels.iter().find(|(a, rows)| *a == array && *rows == numbers.len());
            same = same && held.is_some() && array.read(&self.group, numbers.len())? == numbers;
        }
        Ok(same)
    }

    /// Appends one sample of the whole row; a chunk that is full is written and leaves memory.
    pub fn sample(&mut self, time_s: f64, values: &[f64]) -> Result<(), RecordError> {
        if values.len() != self.values.width {
            let count = |n: usize| format!("{n} value{} per sample", if n == 1 { "" } else { "s" });
            return Err(RecordError::Shape { name: self.name.clone(), expected: count(self.values.width), found: count(values.len()) });
        }
        // A full chunk is only still here where writing it failed before, for instance on a full disk.
        self.close_full_chunk()?;
        self.time_rows.push(time_s);
        self.value_rows.extend(values);
        self.changed = true;
        self.close_full_chunk()
    }

    /// Writes what is in memory to disk, and then lets readers see it.
    pub fn flush(&mut self) -> Result<(), RecordError> {
        if !self.changed {
            return Ok(());
        }
        let chunk = self.closed / self.time.chunk_rows;
        if !self.time_rows.is_empty() {
            self.time.write_chunk(&self.group, chunk, &self.time_rows)?;
            self.values.write_chunk(&self.group, chunk, &self.value_rows)?;
        }
        let rows = self.closed + self.time_rows.len();
        let mut arrays = vec![(&self.values, rows), (&self.time, rows)];
        arrays.extend(self.labels.iter().map(|(array, rows)| (array, *rows)));
        zarr::write_group(&self.group, &self.attributes, &arrays)?;
        self.changed = false;
        Ok(())
    }

    fn close_full_chunk(&mut self) -> Result<(), RecordError> {
        if self.time_rows.len() == self.time.chunk_rows {
            self.flush()?;
            self.closed += self.time_rows.len();
            self.time_rows.clear();
            self.value_rows.clear();
        }
        Ok(())
    }
}

type Layout = (Value, Array, Array, Vec<(Array, Vec<f64>)>);

/// Attributes of the group, the arrays `time` and variable, and the labels with their numbers.
fn layout(name: &str, spec: &SeriesSpec) -> Result<Layout, RecordError> {
    files::check_name(&spec.variable)?;
    let width = spec.labels.first().map_or(1, |(_, numbers)| numbers.len());
    if let Some((label, numbers)) = spec.labels.iter().find(|(_, numbers)| numbers.len() != width) {
        return Err(RecordError::Shape {
            name: name.into(),
            expected: format!("{width} numbers for each label"),
            found: format!("{} for `{label}`", numbers.len()),
        });
    }
    let element = match spec.precision {
        Precision::Single => Element::Float32,
        Precision::Double => Element::Float64,
        Precision::Integer => Element::Int64,
    };
    let chunk_rows = (CHUNK_BYTES / (element.bytes() * width.max(1))).clamp(1, CHUNK_ROWS_MAX);
    let mut dimensions = vec!["time".to_string()];
    let mut labels = Vec::new();
    if !spec.labels.is_empty() {
        files::check_name(&spec.dimension)?;
        dimensions.push(spec.dimension.clone());
    }
    for (label, numbers) in &spec.labels {
        files::check_name(label)?;
        let array = Array {
            name: label.clone(),
            element: Element::Int64,
            dimensions: vec![spec.dimension.clone()],
            width: 1,
            chunk_rows: width.max(1),
            attributes: json!({"long_name": label}),
        };
        labels.push((array, numbers.iter().map(|n| *n as f64).collect()));
    }
    let names: Vec<&str> = ["time", &spec.variable].into_iter().chain(spec.labels.iter().map(|(l, _)| l.as_str())).collect();
    if let Some(twice) = names.iter().enumerate().find(|(i, n)| names[..*i].contains(n)) {
        return Err(RecordError::Differs { name: (*twice.1).into(), expected: "a name of its own".into(), found: "the same name".into() });
    }
    let mut attributes = json!({"long_name": spec.variable, "units": spec.unit});
    // Labels that are not the dimension itself (pre, post) are coordinates only where the variable says so.
    let further: Vec<&str> = spec.labels.iter().map(|(l, _)| l.as_str()).filter(|l| *l != spec.dimension).collect();
    if !further.is_empty() {
        attributes["coordinates"] = json!(further.join(" "));
    }
    let values = Array { name: spec.variable.clone(), element, dimensions, width, chunk_rows, attributes };
    let time = Array {
        name: "time".into(),
        element: Element::Float64,
        dimensions: vec!["time".into()],
        width: 1,
        chunk_rows,
        attributes: json!({"long_name": "time", "units": "s"}),
    };
    let attributes = json!({"variable": spec.variable, "interval_s": spec.interval_s, "first_s": spec.first_s});
    Ok((attributes, time, values, labels))
}
