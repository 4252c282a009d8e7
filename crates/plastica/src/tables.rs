//! Reads tables of numbers that an experiment names: CSV files with a header line and `#` comments.
//! The network crate does no I/O and asks for them through its `Files` trait.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::library::Library;

/// Columns of numbers by name.
pub type Columns = plastica_network::NamedColumns;

/// Files beside an experiment, on disk or embedded, or held in memory.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// Folder on disk, if the experiment was read from there.
    pub disk: Option<PathBuf>,
    /// Folder inside the library, if it is embedded.
    pub embedded: Option<String>,
    /// Tables that were never written: they go before files of the same name.
    pub given: Arc<HashMap<String, Columns>>,
}

/// A path inside the library: `..` goes up one folder.
fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

impl Folder {
    /// The text of a file named relative to this folder.
    ///
    /// # Errors
    /// A sentence with the path and the cause.
    pub fn text(&self, path: &str) -> Result<String, String> {
        if let Some(folder) = &self.embedded {
            let full = joined(folder, path);
            return Library::embedded_text(&full).map(str::to_string).ok_or_else(|| format!("the library has no file `{full}`"));
        }
        let full = self.disk.as_deref().unwrap_or(Path::new(".")).join(path);
        let bytes = std::fs::read(&full).map_err(|e| format!("cannot read {}: {e}", full.display()))?;
        String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8 text", full.display()))
    }

    /// The records of a CSV file: header, then rows of text.
    ///
    /// # Errors
    /// A sentence with the path and the cause.
    pub fn records(&self, path: &str) -> Result<(Vec<String>, Vec<Vec<String>>), String> {
        let text = self.text(path)?;
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header: Vec<String> = reader.headers().map_err(|e| format!("{path}: {e}"))?.iter().map(str::to_string).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| format!("{path}: {e}"))?;
            rows.push(record.iter().map(str::to_string).collect());
        }
        Ok((header, rows))
    }

    /// The columns of a CSV file of numbers.
    ///
    /// # Errors
    /// A sentence that names the row and the column that is not a number.
    pub fn columns(&self, path: &str) -> Result<Columns, String> {
        if let Some(columns) = self.given.get(path) {
            return Ok(columns.clone());
        }
        if path.ends_with(".parquet") {
            return self.parquet_columns(path);
        }
        let (header, rows) = self.records(path)?;
        let mut columns: Vec<(String, Vec<f64>)> = header.iter().map(|h| (h.clone(), Vec::with_capacity(rows.len()))).collect();
        for (r, row) in rows.iter().enumerate() {
            for (c, cell) in row.iter().enumerate() {
                let value: f64 = cell.parse().map_err(|_| format!("{path}: row {}, column `{}`: `{cell}` is not a number", r + 1, header[c]))?;
                columns[c].1.push(value);
            }
        }
        Ok(shared(columns))
    }

    /// The bytes of a file named relative to this folder.
    ///
    /// # Errors
    /// A sentence with the path and the cause.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        if let Some(columns) = self.given.get(path) {
            return Ok(as_csv(columns).into_bytes());
        }
        if self.embedded.is_some() {
            return self.text(path).map(String::into_bytes);
        }
        let full = self.disk.as_deref().unwrap_or(Path::new(".")).join(path);
        std::fs::read(&full).map_err(|e| format!("cannot read {}: {e}", full.display()))
    }

    fn parquet_columns(&self, path: &str) -> Result<Columns, String> {
        let full = self.disk.as_deref().unwrap_or(Path::new(".")).join(path);
        plastica_record::read::parquet_columns(&full).map(shared).map_err(|e| format!("{}: {e}", full.display()))
    }
}

/// Columns that many may hold at once.
fn shared(columns: Vec<(String, Vec<f64>)>) -> Columns {
    columns.into_iter().map(|(name, values)| (name, Arc::new(values))).collect()
}

/// Columns as a CSV file that reads back to the same numbers.
fn as_csv(columns: &Columns) -> String {
    let line = |cells: Vec<String>| cells.join(",") + "\n";
    let mut out = line(columns.iter().map(|(name, _)| name.clone()).collect());
    for row in 0..columns.first().map_or(0, |(_, values)| values.len()) {
        out.push_str(&line(columns.iter().map(|(_, values)| values.get(row).copied().unwrap_or(f64::NAN).to_string()).collect()));
    }
    out
}

impl plastica_network::Files for Folder {
    fn columns(&self, path: &str) -> Result<Columns, String> {
        Folder::columns(self, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_in_memory_goes_before_files_and_is_the_same_as_a_file() {
        let columns = shared(vec![("pre".to_string(), vec![0.0, 2.0]), ("w".to_string(), vec![0.1 + 0.2, -1e-300])]);
        let folder = Folder { given: Arc::new(HashMap::from([("a.csv".to_string(), columns.clone())])), ..Folder::default() };
        assert_eq!(folder.columns("a.csv"), Ok(columns.clone()));
        let disk = std::env::temp_dir().join(format!("plastica-tables-{}", std::process::id()));
        std::fs::create_dir_all(&disk).unwrap();
        std::fs::write(disk.join("a.csv"), folder.bytes("a.csv").unwrap()).unwrap();
        assert_eq!(Folder { disk: Some(disk.clone()), ..Folder::default() }.columns("a.csv"), Ok(columns));
        std::fs::remove_dir_all(disk).unwrap();
    }
}
