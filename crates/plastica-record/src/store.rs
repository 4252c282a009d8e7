//! The store: one folder per run, with its tables and series while they are being written.

use crate::series::{Series, SeriesSpec};
use crate::table::{Column, ColumnValues, Table};
use crate::{RecordError, files, read};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A table of this store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableId(usize);

/// A series of this store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesId(usize);

/// A run's folder, open for writing.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    tables: Vec<Table>,
    series: Vec<Series>,
}

impl Store {
    /// Makes the folder of a new run and writes `run.json` into it.
    ///
    /// # Errors
    /// [`RecordError::NotEmpty`] where the folder holds something; `Io` where it cannot be made or written. A folder
    /// that was made here and could not be written is removed again.
    pub fn create(folder: &Path, run: &Value) -> Result<Self, RecordError> {
        let existed = folder.exists();
        files::make_folder(folder)?;
        if existed && !files::is_empty(folder)? {
            return Err(RecordError::NotEmpty { path: folder.into() });
        }
        let store = Store { folder: folder.into(), tables: Vec::new(), series: Vec::new() };
        if let Err(error) = store.write_json("run.json", run) {
            if !existed {
                let _ = std::fs::remove_dir(folder);
            }
            return Err(error);
        }
        Ok(store)
    }

    /// Opens the folder of a run that was cut short, and drops what was recorded at `until_s` seconds or later.
    ///
    /// A checkpoint made at `until_s` has not yet taken the sample of that time, and its next spikes carry that time; so
    /// the resumed run appends exactly what is missing. Flush before each checkpoint, so that nothing is missing before it.
    /// Declare each table and series again, as for a new run.
    ///
    /// # Errors
    /// [`RecordError::NotARun`], `Io`, or `Format` where a recording cannot be read.
    pub fn resume(folder: &Path, until_s: f64) -> Result<Self, RecordError> {
        let run = read::Run::open(folder)?;
        files::remove_hidden(folder)?;
        let mut store = Store { folder: folder.into(), tables: Vec::new(), series: Vec::new() };
        for name in run.tables()? {
            store.tables.push(Table::resume(&folder.join(&name), &name, until_s)?);
        }
        for name in run.all_series()? {
            store.series.push(Series::resume(&folder.join(format!("{name}.zarr")), &name, until_s)?);
        }
        Ok(store)
    }

    /// The folder of the run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Declares a table: a folder of Parquet parts. In a resumed store, finds the table that is there.
    ///
    /// # Errors
    /// [`RecordError::BadName`]; `Differs` where a recording of the name has other columns; `Shape` without columns; `Io`.
    pub fn table(&mut self, name: &str, columns: &[Column]) -> Result<TableId, RecordError> {
        files::check_name(name)?;
        let twice = columns.iter().enumerate().find(|(i, c)| columns[..*i].iter().any(|b| b.name == c.name));
        if columns.is_empty() || twice.is_some() {
            let found = twice.map_or("none".into(), |(_, c)| format!("`{}` twice", c.name));
            return Err(RecordError::Shape { name: name.into(), expected: "columns with names of their own".into(), found });
        }
        if let Some(at) = self.tables.iter().position(|t| t.name == name) {
            let table = &self.tables[at];
            if table.columns != columns {
                return Err(RecordError::Differs { name: name.into(), expected: format!("{columns:?}"), found: format!("{:?}", table.columns) });
            }
            return Ok(TableId(at));
        }
        self.tables.push(Table::create(&self.folder, name, columns)?);
        Ok(TableId(self.tables.len() - 1))
    }

    /// Appends rows to a table: one [`ColumnValues`] for each column, all of one length.
    ///
    /// Rows with a column `time_s` should come in order of time; a resumed run is cut at the first row that is too late.
    ///
    /// # Errors
    /// [`RecordError::Shape`] where the values do not fit the columns; `Io` where a full part cannot be written.
    pub fn append(&mut self, table: TableId, values: &[ColumnValues]) -> Result<(), RecordError> {
        self.tables[table.0].append(values)
    }

    /// Declares a series: a Zarr group. In a resumed store, finds the series that is there.
    ///
    /// # Errors
    /// [`RecordError::BadName`]; `Shape` where labels differ in length; `Differs` where a series of the name is another; `Io`.
    pub fn series(&mut self, name: &str, spec: SeriesSpec) -> Result<SeriesId, RecordError> {
        files::check_name(name)?;
        if let Some(at) = self.series.iter().position(|s| s.name == name) {
            if !self.series[at].fits(&spec)? {
                return Err(RecordError::Differs {
                    name: name.into(),
                    expected: format!("`{}` with these labels", spec.variable),
                    found: "other metadata or labels".into(),
                });
            }
            return Ok(SeriesId(at));
        }
        self.series.push(Series::create(&self.folder, name, &spec)?);
        Ok(SeriesId(self.series.len() - 1))
    }

    /// Appends one sample to a series: `values` has one value per label, in their order.
    ///
    /// # Errors
    /// [`RecordError::Shape`] where the number of values is another; `Io` where a full chunk cannot be written.
    pub fn sample(&mut self, series: SeriesId, time_s: f64, values: &[f64]) -> Result<(), RecordError> {
        self.series[series.0].sample(time_s, values)
    }

    /// Writes all that is in memory to disk. What was recorded before is readable from then on, whatever happens.
    ///
    /// # Errors
    /// [`RecordError::Io`]; the recording stays in memory and the next flush tries again.
    pub fn flush(&mut self) -> Result<(), RecordError> {
        self.tables.iter_mut().try_for_each(Table::flush)?;
        self.series.iter_mut().try_for_each(Series::flush)
    }

    /// Writes a JSON file into the run's folder, whole or not at all. `name` ends in `.json`.
    ///
    /// # Errors
    /// [`RecordError::BadName`] or `Io`.
    pub fn write_json(&self, name: &str, value: &Value) -> Result<(), RecordError> {
        self.write_text(name, &format!("{value:#}\n"))
    }

    /// Writes a text file (`results.csv`, `report.html`) into the run's folder, whole or not at all.
    ///
    /// # Errors
    /// [`RecordError::BadName`] or `Io`.
    pub fn write_text(&self, name: &str, text: &str) -> Result<(), RecordError> {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "none"));
        files::check_name(stem)?;
        files::check_name(extension)?;
        files::write_whole(&self.folder.join(name), text.as_bytes())
    }

    /// Flushes and closes the store.
    ///
    /// # Errors
    /// As [`Store::flush`].
    pub fn finish(mut self) -> Result<(), RecordError> {
        self.flush()?;
        files::sync_folder(&self.folder)
    }
}

/// Whether a recorded time lies before the time of a checkpoint. Both come from a number of steps times `dt`, perhaps
/// multiplied in another order; the slack absorbs that rounding and is, even after a week, far smaller than a step.
pub fn is_before(time_s: f64, until_s: f64) -> bool {
    time_s < until_s - until_s.abs() * 1e-13
}
