//! What can go wrong with files: one enum, fields rather than finished advice, each with the path it is about.

use std::io;
use std::path::{Path, PathBuf};

/// An error of the store, of a checkpoint or of a file that is read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The operating system refused: no space, no permission, no such folder.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried: `write`, `read`, `create`, `rename`, `remove`, `list`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A new run may not be written into a folder that holds something.
    #[error("{path} is not empty: a run is never written over another")]
    NotEmpty {
        /// The folder that was asked for.
        path: PathBuf,
    },
    /// A folder that should hold a run does not.
    #[error("{path} holds no run: it has no run.json")]
    NotARun {
        /// The folder that was asked for.
        path: PathBuf,
    },
    /// A name that would not be safe as a file name everywhere.
    #[error("`{name}` cannot name a recording: use letters, digits, `_` and `-`, beginning with a letter or a digit")]
    BadName {
        /// The name that was given.
        name: String,
    },
    /// The run has no recording of this name.
    #[error("the run has no {what} `{name}`")]
    NoSuch {
        /// `table`, `series` or `file`.
        what: &'static str,
        /// The name that was asked for.
        name: String,
    },
    /// A recording of this name was declared before, or is on disk with another shape.
    #[error("the recording `{name}` is there already with {found}, and not {expected}")]
    Differs {
        /// The recording.
        name: String,
        /// What was asked for now.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Values do not fit the declared columns or labels.
    #[error("`{name}` takes {expected}, but was given {found}")]
    Shape {
        /// The recording.
        name: String,
        /// What was declared.
        expected: String,
        /// What came.
        found: String,
    },
    /// A file of a known kind whose content cannot be understood.
    #[error("{path} is not readable as {format}: {reason}")]
    Format {
        /// The file.
        path: PathBuf,
        /// `Parquet`, `Zarr` or `JSON`.
        format: &'static str,
        /// What the reader found.
        reason: String,
    },
    /// The file does not begin as a checkpoint does.
    #[error("{path} is not a checkpoint of Plastica")]
    NotACheckpoint {
        /// The file.
        path: PathBuf,
    },
    /// The checkpoint is shorter than its own header says.
    #[error("the checkpoint {path} is truncated: {found} bytes of {expected}")]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes that the header promises.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// The content of the checkpoint was changed or damaged.
    #[error("the checkpoint {path} is damaged: its checksum is {found:08x} and should be {expected:08x}")]
    WrongChecksum {
        /// The file.
        path: PathBuf,
        /// The checksum that was stored.
        expected: u32,
        /// The checksum of what is there.
        found: u32,
    },
    /// The checkpoint was written by a later version of the format.
    #[error("the checkpoint {path} has format {found}, and this program knows formats up to {known}")]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: u32,
        /// The newest format that is understood.
        known: u32,
    },
}

impl RecordError {
    /// An `Io` error with its place; made for `map_err`.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RecordError {
        let path = path.to_path_buf();
        move |source| RecordError::Io { action, path, source }
    }

    /// A `Format` error from anything that can be shown.
    pub(crate) fn format<E: std::fmt::Display>(format: &'static str, path: &Path) -> impl FnOnce(E) -> RecordError {
        let path = path.to_path_buf();
        move |reason| RecordError::Format { path, format, reason: reason.to_string() }
    }
}
