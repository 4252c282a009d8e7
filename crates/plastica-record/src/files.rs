//! Files that appear whole or not at all. This is the only place where the room writes.

use crate::RecordError;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes `bytes` to a hidden neighbour, forces it to the disk, and renames it to `path`.
///
/// A reader sees the old content or the new, never a mixture, also when the process is killed or the machine loses
/// power. When anything fails, the hidden file is removed and `path` is as it was.
///
/// # Errors
/// [`RecordError::Io`] with the action that failed.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), RecordError> {
    let hidden = hidden_neighbour(path);
    let written = File::create(&hidden)
        .map_err(RecordError::io("create", path))
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_data()).map_err(RecordError::io("write", path)));
    let renamed = written.and_then(|()| fs::rename(&hidden, path).map_err(RecordError::io("rename", path)));
    if renamed.is_err() {
        // The first error is the one worth telling; a leftover hidden file is invisible to every reader.
        let _ = fs::remove_file(&hidden);
    }
    renamed
}

/// Forces a rename to the disk by syncing the folder; needed where losing the newest version would lose a whole run.
pub fn sync_folder(path: &Path) -> Result<(), RecordError> {
    // Windows cannot open a folder as a file, and its rename is journalled.
    if cfg!(unix) { File::open(path).and_then(|f| f.sync_all()).map_err(RecordError::io("write", path)) } else { Ok(()) }
}

/// Makes a folder and its parents.
pub fn make_folder(path: &Path) -> Result<(), RecordError> {
    fs::create_dir_all(path).map_err(RecordError::io("create", path))
}

/// Removes a file; one that is not there is no error.
pub fn remove(path: &Path) -> Result<(), RecordError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(RecordError::io("remove", path)(e)),
        _ => Ok(()),
    }
}

/// The visible entries of a folder, sorted by name.
pub fn entries(path: &Path) -> Result<Vec<PathBuf>, RecordError> {
    let mut out = Vec::new();
    for entry in fs::read_dir(path).map_err(RecordError::io("list", path))? {
        let entry = entry.map_err(RecordError::io("list", path))?.path();
        if entry.file_name().is_some_and(|n| !n.to_string_lossy().starts_with('.')) {
            out.push(entry);
        }
    }
    out.sort();
    Ok(out)
}

/// Refuses names that are no safe file names, or that pandas would skip (a leading `.` or `_`).
pub fn check_name(name: &str) -> Result<(), RecordError> {
    let fits = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if fits && name.len() <= 100 { Ok(()) } else { Err(RecordError::BadName { name: name.into() }) }
}

// Readers of Parquet folders skip names that begin with a dot, so a half-written part is invisible to them too.
fn hidden_neighbour(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".partial");
    path.with_file_name(name)
}

/// Whether a folder holds nothing at all, hidden files included.
pub fn is_empty(path: &Path) -> Result<bool, RecordError> {
    Ok(fs::read_dir(path).map_err(RecordError::io("list", path))?.next().is_none())
}

/// Removes the hidden files that a killed run left half-written, in the folder and below.
pub fn remove_hidden(path: &Path) -> Result<(), RecordError> {
    for entry in fs::read_dir(path).map_err(RecordError::io("list", path))? {
        let entry = entry.map_err(RecordError::io("list", path))?.path();
        let name = entry.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if entry.is_dir() {
            remove_hidden(&entry)?;
        } else if name.starts_with('.') && name.ends_with(".partial") {
            remove(&entry)?;
        }
    }
    Ok(())
}
