//! A table on disk: a folder of Parquet parts, each of a fixed number of rows but for the last.
//!
//! The rows of the last part are kept in memory and written again at each flush, so the parts do not depend on when the
//! caller flushed, and a resumed run makes the same files as an unbroken one.

use crate::files::{self, Unsynced};
use crate::store::Cut;
use crate::{RecordError, parquet_file};
use std::path::{Path, PathBuf};

/// Rows in a full part: about 16 MiB of memory for a table of two columns.
pub const PART_ROWS: usize = 1 << 20;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// 64-bit floating point.
    Float,
    /// 64-bit signed integer.
    Integer,
    /// Text, UTF-8.
    Text,
}

/// A column of a table. The name carries the unit where there is one (`time_s`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name in the file.
    pub name: String,
    /// Type in the file.
    pub kind: ColumnKind,
}

impl Column {
    /// A column of `f64`.
    pub fn float(name: impl Into<String>) -> Self {
        Column { name: name.into(), kind: ColumnKind::Float }
    }

    /// A column of `i64`.
    pub fn integer(name: impl Into<String>) -> Self {
        Column { name: name.into(), kind: ColumnKind::Integer }
    }

    /// A column of text.
    pub fn text(name: impl Into<String>) -> Self {
        Column { name: name.into(), kind: ColumnKind::Text }
    }
}

/// Values for one column, in the order of the rows.
#[derive(Clone, Copy, Debug)]
pub enum ColumnValues<'a> {
    /// For a [`ColumnKind::Float`] column.
    Float(&'a [f64]),
    /// For a [`ColumnKind::Integer`] column.
    Integer(&'a [i64]),
    /// For a [`ColumnKind::Text`] column.
    Text(&'a [String]),
}

/// The rows of one column that are not in a closed part yet.
#[derive(Clone, Debug, PartialEq)]
pub enum Buffer {
    Float(Vec<f64>),
    Integer(Vec<i64>),
    Text(Vec<String>),
}

impl Buffer {
    pub fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Float => Buffer::Float(Vec::new()),
            ColumnKind::Integer => Buffer::Integer(Vec::new()),
            ColumnKind::Text => Buffer::Text(Vec::new()),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Buffer::Float(v) => v.len(),
            Buffer::Integer(v) => v.len(),
            Buffer::Text(v) => v.len(),
        }
    }

    pub fn truncate(&mut self, rows: usize) {
        match self {
            Buffer::Float(v) => v.truncate(rows),
            Buffer::Integer(v) => v.truncate(rows),
            Buffer::Text(v) => v.truncate(rows),
        }
    }

    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// The numbers of a column; `None` for text.
    pub fn to_f64(&self) -> Option<Vec<f64>> {
        match self {
            Buffer::Float(v) => Some(v.clone()),
            Buffer::Integer(v) => Some(v.iter().map(|x| *x as f64).collect()),
            Buffer::Text(_) => None,
        }
    }

    fn extend(&mut self, values: &ColumnValues, from: usize, to: usize) {
        match (self, values) {
            (Buffer::Float(b), ColumnValues::Float(v)) => b.extend(&v[from..to]),
            (Buffer::Integer(b), ColumnValues::Integer(v)) => b.extend(&v[from..to]),
            (Buffer::Text(b), ColumnValues::Text(v)) => b.extend_from_slice(&v[from..to]),
            _ => unreachable!("kinds are compared in Table::append"),
        }
    }
}

impl ColumnValues<'_> {
    fn len(&self) -> usize {
        match self {
            ColumnValues::Float(v) => v.len(),
            ColumnValues::Integer(v) => v.len(),
            ColumnValues::Text(v) => v.len(),
        }
    }

    fn kind(&self) -> ColumnKind {
        match self {
            ColumnValues::Float(_) => ColumnKind::Float,
            ColumnValues::Integer(_) => ColumnKind::Integer,
            ColumnValues::Text(_) => ColumnKind::Text,
        }
    }
}

/// One table that is being written.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    folder: PathBuf,
    part: usize,
    rows: Vec<Buffer>,
    part_rows: usize,
    changed: bool,
    unsynced: Unsynced,
}

impl Table {
    /// A new table, with one empty part, so that it can be read before anything happened.
    pub fn create(root: &Path, name: &str, columns: &[Column]) -> Result<Self, RecordError> {
        let folder = root.join(name);
        files::make_folder(&folder)?;
        let rows = columns.iter().map(|c| Buffer::new(c.kind)).collect();
        let mut table =
            Table { name: name.into(), columns: columns.to_vec(), folder, part: 0, rows, part_rows: PART_ROWS, changed: true, unsynced: Unsynced::default() };
        table.flush()?;
        Ok(table)
    }

    /// The table in `folder`, without the rows that the cut takes away.
    ///
    /// By time, a table without the column `time_s` is kept whole.
    pub fn resume(folder: &Path, name: &str, cut: Cut) -> Result<Self, RecordError> {
        let parts = parts(folder)?;
        let mut table: Option<Table> = None;
        for (index, path) in parts.iter().enumerate() {
            if let Some(t) = &table
                && t.rows[0].len() < t.part_rows
            {
                files::remove(path)?;
                continue;
            }
            let (columns, mut rows) = parquet_file::read_exact(path)?;
            let held = rows.first().map_or(0, Buffer::len);
            let time = columns.iter().zip(&rows).find_map(|(column, rows)| match rows {
                Buffer::Float(times) if column.name == "time_s" => Some(times.as_slice()),
                _ => None,
            });
            let keep = cut.keep(time, index * PART_ROWS, held);
            rows.iter_mut().for_each(|r| r.truncate(keep));
            table = Some(Table {
                name: name.into(),
                columns,
                folder: folder.into(),
                part: index,
                rows,
                part_rows: PART_ROWS,
                changed: keep < held,
                unsynced: Unsynced::default(),
            });
        }
        let mut table = table.ok_or_else(|| RecordError::NoSuch { what: "table", name: name.into() })?;
        cut.check(name, table.count())?;
        table.flush()?;
        Ok(table)
    }

    /// Appends rows; a part that is full is written and leaves memory.
    pub fn append(&mut self, values: &[ColumnValues]) -> Result<(), RecordError> {
        let count = values.first().map_or(0, ColumnValues::len);
        let fits = values.iter().map(ColumnValues::kind).eq(self.columns.iter().map(|c| c.kind));
        if !fits || values.iter().any(|v| v.len() != count) {
            let declared: Vec<ColumnKind> = self.columns.iter().map(|c| c.kind).collect();
            let found = values.iter().map(|v| format!("{} x {:?}", v.len(), v.kind())).collect::<Vec<_>>().join(", ");
            return Err(RecordError::Shape { name: self.name.clone(), expected: format!("columns of one length of the kinds {declared:?}"), found });
        }
        let mut from = 0;
        while from < count {
            if self.rows[0].len() == self.part_rows {
                self.flush()?;
                self.rows.iter_mut().for_each(Buffer::clear);
                self.part += 1;
            }
            let to = count.min(from + self.part_rows - self.rows[0].len());
            for (buffer, values) in self.rows.iter_mut().zip(values) {
                buffer.extend(values, from, to);
            }
            self.changed = true;
            from = to;
        }
        Ok(())
    }

    /// Rows so far.
    pub fn count(&self) -> usize {
        self.part * self.part_rows + self.rows[0].len()
    }

    /// Writes the rows of the last part to disk.
    pub fn flush(&mut self) -> Result<(), RecordError> {
        if self.changed {
            let path = self.folder.join(format!("part-{:05}.parquet", self.part));
            let bytes = parquet_file::encode(&self.columns, &self.rows).map_err(RecordError::format("Parquet", &path))?;
            self.unsynced.write(&path, &bytes)?;
            self.changed = false;
        }
        Ok(())
    }

    /// Forces to the disk what was flushed.
    pub fn sync(&mut self) -> Result<(), RecordError> {
        self.unsynced.sync()
    }
}

/// The parts of a table, in order; empty where the folder is no table.
pub fn parts(folder: &Path) -> Result<Vec<PathBuf>, RecordError> {
    let is_part = |p: &PathBuf| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("part-")) && p.extension().is_some_and(|e| e == "parquet");
    Ok(files::entries(folder)?.into_iter().filter(is_part).collect())
}
