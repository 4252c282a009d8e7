//! Recordings back from disk, without an engine: what a report needs, and lists of connections.

use crate::{RecordError, files, parquet_file, table, zarr};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Named columns of equal length.
pub type Columns = Vec<(String, Vec<f64>)>;

/// One recorded variable with its coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Name of the variable.
    pub variable: String,
    /// Unit of the values; empty for pure numbers.
    pub unit: String,
    /// `neuron` or `synapse`; empty where a sample is a single value.
    pub dimension: String,
    /// Coordinates along the dimension, each `[width]`.
    pub labels: Vec<(String, Vec<i64>)>,
    /// Times of the samples, seconds, `[rows]`.
    pub time_s: Vec<f64>,
    /// Values per sample.
    pub width: usize,
    /// The samples, one after another, `[rows, width]`.
    pub values: Vec<f64>,
}

impl Series {
    /// The samples of one place along the dimension, `[rows]`; empty where there is no such place.
    pub fn column(&self, at: usize) -> Vec<f64> {
        if at < self.width { self.values.iter().skip(at).step_by(self.width).copied().collect() } else { Vec::new() }
    }

    /// The last sample, `[width]`; empty before the first.
    pub fn last(&self) -> &[f64] {
        &self.values[self.values.len() - self.width.min(self.values.len())..]
    }
}

/// The folder of a run, open for reading. The run may still be going.
#[derive(Clone, Debug)]
pub struct Run {
    folder: PathBuf,
}

impl Run {
    /// Opens a folder that holds a run.
    ///
    /// # Errors
    /// [`RecordError::NotARun`] where there is no `run.json`.
    pub fn open(folder: &Path) -> Result<Self, RecordError> {
        if folder.join("run.json").is_file() { Ok(Run { folder: folder.into() }) } else { Err(RecordError::NotARun { path: folder.into() }) }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A JSON file of the run, such as `run.json`.
    ///
    /// # Errors
    /// `NoSuch`, `Io`, or `Format` where it is not JSON.
    pub fn json(&self, name: &str) -> Result<Value, RecordError> {
        let path = self.folder.join(name);
        if !path.is_file() {
            return Err(RecordError::NoSuch { what: "file", name: name.into() });
        }
        let text = fs::read_to_string(&path).map_err(RecordError::io("read", &path))?;
        serde_json::from_str(&text).map_err(RecordError::format("JSON", &path))
    }

    /// Names of the tables, sorted.
    ///
    /// # Errors
    /// `Io` where the folder cannot be listed.
    pub fn tables(&self) -> Result<Vec<String>, RecordError> {
        let mut out = Vec::new();
        for path in files::entries(&self.folder)? {
            if path.is_dir() && !table::parts(&path)?.is_empty() {
                out.extend(path.file_name().map(|n| n.to_string_lossy().into_owned()));
            }
        }
        Ok(out)
    }

    /// Names of the series, sorted.
    ///
    /// # Errors
    /// `Io` where the folder cannot be listed.
    pub fn all_series(&self) -> Result<Vec<String>, RecordError> {
        let groups = files::entries(&self.folder)?.into_iter().filter(|p| p.join("zarr.json").is_file());
        Ok(groups.filter_map(|p| p.file_name()?.to_string_lossy().strip_suffix(".zarr").map(String::from)).collect())
    }

    /// The columns of numbers of a table, all its parts together; columns of text are left out.
    ///
    /// # Errors
    /// `NoSuch`, `Io`, or `Format` for a damaged part.
    pub fn table(&self, name: &str) -> Result<Columns, RecordError> {
        let folder = self.folder.join(name);
        let parts = if folder.is_dir() { table::parts(&folder)? } else { Vec::new() };
        let mut out: Columns = Vec::new();
        for part in &parts {
            let (columns, rows) = parquet_file::read_exact(part)?;
            let numbers: Columns = columns.iter().zip(&rows).filter_map(|(c, rows)| Some((c.name.clone(), rows.to_f64()?))).collect();
            if out.is_empty() {
                out = numbers.iter().map(|(name, _)| (name.clone(), Vec::new())).collect();
            }
            if numbers.iter().map(|(name, _)| name).ne(out.iter().map(|(name, _)| name)) {
                return Err(RecordError::format("Parquet", part)("its columns are not those of the first part"));
            }
            for ((_, values), (_, more)) in out.iter_mut().zip(numbers) {
                values.extend(more);
            }
        }
        if out.is_empty() { Err(RecordError::NoSuch { what: "table", name: name.into() }) } else { Ok(out) }
    }

    /// A series with its coordinates.
    ///
    /// # Errors
    /// `NoSuch`, `Io`, or `Format` for damaged arrays.
    pub fn series(&self, name: &str) -> Result<Series, RecordError> {
        let group = self.folder.join(format!("{name}.zarr"));
        if !group.is_dir() {
            return Err(RecordError::NoSuch { what: "series", name: name.into() });
        }
        let (attributes, arrays) = zarr::read_group(&group)?;
        let variable = attributes["variable"].as_str().unwrap_or_default().to_string();
        let mut out = Series { variable, unit: String::new(), dimension: String::new(), labels: Vec::new(), time_s: Vec::new(), width: 1, values: Vec::new() };
        for (array, rows) in &arrays {
            let values = array.read(&group, *rows)?;
            if array.name == out.variable {
                out.unit = array.attributes["units"].as_str().unwrap_or_default().into();
                out.dimension = array.dimensions.get(1).cloned().unwrap_or_default();
                out.width = array.width;
                out.values = values;
            } else if array.name == "time" {
                out.time_s = values;
            } else {
                out.labels.push((array.name.clone(), values.iter().map(|v| *v as i64).collect()));
            }
        }
        if out.values.len() != out.time_s.len() * out.width {
            return Err(RecordError::format("Zarr", &group)("`time` and the variable differ in length"));
        }
        Ok(out)
    }
}

/// The numeric columns of a Parquet file, in their order in the file; or of a folder of Parquet parts.
///
/// Integers up to 2^53 are exact. A missing value becomes NaN. Columns that are no plain numbers are left out.
///
/// # Errors
/// `Io` where the file cannot be opened, `Format` where it is damaged or compressed in a way that is not known here
/// (uncompressed and Snappy are).
pub fn parquet_columns(path: &Path) -> Result<Columns, RecordError> {
    if !path.is_dir() {
        return parquet_file::read_numbers(path);
    }
    let mut out: Columns = Vec::new();
    for part in table::parts(path)? {
        let columns = parquet_file::read_numbers(&part)?;
        if out.is_empty() {
            out = columns;
            continue;
        }
        if columns.iter().map(|(name, _)| name).ne(out.iter().map(|(name, _)| name)) {
            return Err(RecordError::format("Parquet", &part)("its columns are not those of the first part"));
        }
        for ((_, values), (_, more)) in out.iter_mut().zip(columns) {
            values.extend(more);
        }
    }
    Ok(out)
}
