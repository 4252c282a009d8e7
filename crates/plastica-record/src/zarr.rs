//! The small part of Zarr v3 that a series needs: float and integer arrays, regular chunks, uncompressed, little-endian.
//!
//! A group's `zarr.json` repeats the metadata of its arrays (consolidated), and is written last: readers that use it see
//! lengths of all arrays change in one step.

use crate::{RecordError, files};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Type of the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    Float32,
    Float64,
    Int64,
}

impl Element {
    pub fn name(self) -> &'static str {
        match self {
            Element::Float32 => "float32",
            Element::Float64 => "float64",
            Element::Int64 => "int64",
        }
    }

    pub fn bytes(self) -> usize {
        if self == Element::Float32 { 4 } else { 8 }
    }

    fn named(name: &str) -> Option<Self> {
        [Element::Float32, Element::Float64, Element::Int64].into_iter().find(|e| e.name() == name)
    }

    fn encode(self, values: &[f64], out: &mut Vec<u8>) {
        for value in values {
            match self {
                Element::Float32 => out.extend((*value as f32).to_le_bytes()),
                Element::Float64 => out.extend(value.to_le_bytes()),
                Element::Int64 => out.extend((*value as i64).to_le_bytes()),
            }
        }
    }

    fn decode(self, bytes: &[u8]) -> Vec<f64> {
        match self {
            Element::Float32 => bytes.as_chunks::<4>().0.iter().map(|b| f64::from(f32::from_le_bytes(*b))).collect(),
            Element::Float64 => bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect(),
            Element::Int64 => bytes.as_chunks::<8>().0.iter().map(|b| i64::from_le_bytes(*b) as f64).collect(),
        }
    }
}

/// One array of a group: one row for each step along its first dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    pub name: String,
    pub element: Element,
    pub dimensions: Vec<String>,
    /// Length along the second dimension; 1 for an array of one dimension.
    pub width: usize,
    pub chunk_rows: usize,
    pub attributes: Value,
}

impl Array {
    /// The array's metadata when it has `rows` rows.
    pub fn metadata(&self, rows: usize) -> Value {
        let flat = self.dimensions.len() == 1;
        let fill = if self.element == Element::Int64 { json!(0) } else { json!("NaN") };
        json!({
            "zarr_format": 3,
            "node_type": "array",
            "shape": if flat { vec![rows] } else { vec![rows, self.width] },
            "data_type": self.element.name(),
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": if flat { vec![self.chunk_rows] } else { vec![self.chunk_rows, self.width.max(1)] }}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
            "fill_value": fill,
            "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
            "dimension_names": self.dimensions,
            "attributes": self.attributes,
        })
    }

    /// The array and its number of rows, from metadata that this module wrote.
    pub fn from_metadata(name: &str, metadata: &Value) -> Option<(Self, usize)> {
        let length = |v: &Value| v.as_u64().and_then(|n| usize::try_from(n).ok());
        let shape: Vec<usize> = metadata["shape"].as_array()?.iter().map(length).collect::<Option<_>>()?;
        let dimensions: Vec<String> = metadata["dimension_names"].as_array()?.iter().map(|d| d.as_str().map(Into::into)).collect::<Option<_>>()?;
        let chunk_rows = length(&metadata["chunk_grid"]["configuration"]["chunk_shape"][0])?;
        let element = Element::named(metadata["data_type"].as_str()?)?;
        let width = shape.get(1).copied().unwrap_or(1);
        let understood = (1..=2).contains(&shape.len()) && shape.len() == dimensions.len() && chunk_rows > 0;
        understood.then(|| (Array { name: name.into(), element, dimensions, width, chunk_rows, attributes: metadata["attributes"].clone() }, shape[0]))
    }

    /// Writes one chunk; rows that are not there yet are filled up, since every chunk of a Zarr array has the same size.
    pub fn write_chunk(&self, group: &Path, chunk: usize, values: &[f64]) -> Result<(), RecordError> {
        if self.width == 0 {
            return Ok(());
        }
        let path = self.chunk_path(group, chunk);
        let size = self.chunk_rows * self.width;
        let mut bytes = Vec::with_capacity(size * self.element.bytes());
        self.element.encode(values, &mut bytes);
        // `NaN as i64` is 0, which is the fill value of integers.
        self.element.encode(&vec![f64::NAN; size - values.len()], &mut bytes);
        if let Some(folder) = path.parent() {
            files::make_folder(folder)?;
        }
        files::write_whole(&path, &bytes)
    }

    /// The first `rows` rows, one after another.
    pub fn read(&self, group: &Path, rows: usize) -> Result<Vec<f64>, RecordError> {
        let mut out = Vec::new();
        if self.width > 0 {
            for chunk in 0..rows.div_ceil(self.chunk_rows) {
                out.extend(self.read_chunk(group, chunk)?);
            }
        }
        out.truncate(rows.saturating_mul(self.width));
        Ok(out)
    }

    /// All values of one chunk, with its filling.
    pub fn read_chunk(&self, group: &Path, chunk: usize) -> Result<Vec<f64>, RecordError> {
        let path = self.chunk_path(group, chunk);
        let bytes = fs::read(&path).map_err(RecordError::io("read", &path))?;
        if Some(bytes.len()) != self.chunk_rows.checked_mul(self.width).and_then(|n| n.checked_mul(self.element.bytes())) {
            return Err(RecordError::format("Zarr", &path)("the chunk has the wrong size"));
        }
        Ok(self.element.decode(&bytes))
    }

    pub fn chunk_path(&self, group: &Path, chunk: usize) -> PathBuf {
        let path = group.join(&self.name).join("c").join(chunk.to_string());
        if self.dimensions.len() == 1 { path } else { path.join("0") }
    }
}

/// Writes the metadata of a group and its arrays, each with its number of rows; the group last.
pub fn write_group(group: &Path, attributes: &Value, arrays: &[(&Array, usize)]) -> Result<(), RecordError> {
    let mut all = serde_json::Map::new();
    for (array, rows) in arrays {
        let metadata = array.metadata(*rows);
        let folder = group.join(&array.name);
        files::make_folder(&folder)?;
        let (path, text) = (folder.join("zarr.json"), metadata.to_string());
        // The coordinates along the second dimension never change; reading a short file is cheaper than forcing it to the disk.
        if fs::read(&path).map_or(true, |held| held != text.as_bytes()) {
            files::write_whole(&path, text.as_bytes())?;
        }
        all.insert(array.name.clone(), metadata);
    }
    let metadata = json!({
        "zarr_format": 3,
        "node_type": "group",
        "attributes": attributes,
        "consolidated_metadata": {"kind": "inline", "must_understand": false, "metadata": all},
    });
    files::write_whole(&group.join("zarr.json"), metadata.to_string().as_bytes())
}

/// The attributes of a group and its arrays, each with its number of rows.
pub fn read_group(group: &Path) -> Result<(Value, Vec<(Array, usize)>), RecordError> {
    let path = group.join("zarr.json");
    let text = fs::read_to_string(&path).map_err(RecordError::io("read", &path))?;
    let metadata: Value = serde_json::from_str(&text).map_err(RecordError::format("Zarr", &path))?;
    let members = metadata["consolidated_metadata"]["metadata"].as_object().ok_or_else(|| RecordError::format("Zarr", &path)("no consolidated metadata"))?;
    let arrays = members.iter().map(|(name, m)| Array::from_metadata(name, m)).collect::<Option<Vec<_>>>();
    let arrays = arrays.ok_or_else(|| RecordError::format("Zarr", &path)("an array of a kind that Plastica does not write"))?;
    Ok((metadata["attributes"].clone(), arrays))
}
