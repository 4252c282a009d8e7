//! Checkpoints: one file with a header and named arrays of `f64`, written whole and verified when read.
//!
//! Layout, little-endian: 8 bytes `PLASTICA`, `u32` format, `u32` checksum (CRC-32 of all that follows), `u64` length of
//! what follows, then `u32` length of the header and the header as JSON, `u32` number of arrays, and for each array `u32`
//! length of its name, the name, `u64` number of values, the values. What the numbers mean is the engine's business.

use crate::{RecordError, files};
use serde_json::Value;
use std::fs;
use std::path::Path;

const MAGIC: &[u8; 8] = b"PLASTICA";
const FORMAT: u32 = 1;
const PREFIX: usize = 24;

/// Named arrays, in the order in which they were given.
pub type Arrays = Vec<(String, Vec<f64>)>;

/// Writes a checkpoint; a file that is there is replaced in one step, so that one good checkpoint always exists.
///
/// # Errors
/// [`RecordError::Io`]: the old file is then untouched.
pub fn save(path: &Path, header: &Value, arrays: &[(String, Vec<f64>)]) -> Result<(), RecordError> {
    let header = header.to_string();
    let size: usize = arrays.iter().map(|(name, values)| 12 + name.len() + 8 * values.len()).sum();
    let mut bytes = Vec::with_capacity(PREFIX + 8 + header.len() + size);
    bytes.resize(PREFIX, 0);
    put_text(&mut bytes, &header);
    bytes.extend((arrays.len() as u32).to_le_bytes());
    for (name, values) in arrays {
        put_text(&mut bytes, name);
        bytes.extend((values.len() as u64).to_le_bytes());
        for value in values {
            bytes.extend(value.to_le_bytes());
        }
    }
    let body = (bytes.len() - PREFIX) as u64;
    let checksum = crc32fast::hash(&bytes[PREFIX..]);
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..12].copy_from_slice(&FORMAT.to_le_bytes());
    bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
    bytes[16..24].copy_from_slice(&body.to_le_bytes());
    files::write_whole(path, &bytes)?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => files::sync_folder(folder),
        _ => Ok(()),
    }
}

/// Reads and verifies a checkpoint: its header, and its arrays in the order in which they were saved.
///
/// # Errors
/// `NotACheckpoint`, `NewerVersion`, `Truncated`, `WrongChecksum`, or `Io`; `Format` where a checkpoint with a right
/// checksum does not hold what it should.
pub fn load(path: &Path) -> Result<(Value, Arrays), RecordError> {
    let bytes = fs::read(path).map_err(RecordError::io("read", path))?;
    if bytes.len() < 8 || &bytes[..8] != MAGIC {
        return Err(RecordError::NotACheckpoint { path: path.into() });
    }
    let found = bytes.len() as u64;
    if bytes.len() < PREFIX {
        return Err(RecordError::Truncated { path: path.into(), expected: PREFIX as u64, found });
    }
    let format = u32_at(&bytes, 8);
    if format > FORMAT {
        return Err(RecordError::NewerVersion { path: path.into(), found: format, known: FORMAT });
    }
    let expected = u64_at(&bytes, 16).saturating_add(PREFIX as u64);
    if found < expected {
        return Err(RecordError::Truncated { path: path.into(), expected, found });
    }
    let (stored, computed) = (u32_at(&bytes, 12), crc32fast::hash(&bytes[PREFIX..]));
    if stored != computed {
        return Err(RecordError::WrongChecksum { path: path.into(), expected: stored, found: computed });
    }
    let mut rest = Rest { bytes: &bytes[PREFIX..] };
    rest.content().ok_or_else(|| RecordError::format("checkpoint", path)("its lengths do not add up"))
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.as_bytes());
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

/// What is not read yet. Each method takes from the front, or gives `None` where too little is left.
struct Rest<'a> {
    bytes: &'a [u8],
}

impl<'a> Rest<'a> {
    fn content(&mut self) -> Option<(Value, Arrays)> {
        let header = serde_json::from_str(self.text()?).ok()?;
        let count = u32_at(self.take(4)?, 0);
        let mut arrays = Vec::new();
        for _ in 0..count {
            let name = self.text()?.to_string();
            let length = usize::try_from(u64_at(self.take(8)?, 0)).ok()?;
            let values = self.take(length.checked_mul(8)?)?;
            arrays.push((name, values.as_chunks::<8>().0.iter().map(|v| f64::from_le_bytes(*v)).collect()));
        }
        self.bytes.is_empty().then_some((header, arrays))
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = u32_at(self.take(4)?, 0) as usize;
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(front)
    }
}
