//! Checkpoints: the same bits come back, and every kind of damage has its own error.

use plastica_record::RecordError;
use plastica_record::checkpoint::{load, save};
use serde_json::json;
use std::fs;
use std::path::PathBuf;

fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("plastica-checkpoint-{}-{name}", std::process::id()))
}

fn arrays() -> Vec<(String, Vec<f64>)> {
    vec![("v".into(), vec![-0.0, 1.5, f64::NAN, f64::INFINITY, 5e-324]), ("empty".into(), vec![]), ("großes Ω".into(), vec![1.0])]
}

fn bits(arrays: &[(String, Vec<f64>)]) -> Vec<(String, Vec<u64>)> {
    arrays.iter().map(|(name, values)| (name.clone(), values.iter().map(|v| v.to_bits()).collect())).collect()
}

#[test]
fn the_same_bits_come_back() {
    let path = path("back");
    save(&path, &json!({"step": 1}), &[]).unwrap();
    save(&path, &json!({"step": 2, "model": ["a", null]}), &arrays()).unwrap();
    let (header, found) = load(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(header, json!({"step": 2, "model": ["a", null]}));
    assert_eq!(bits(&found), bits(&arrays()));
}

/// Changes the bytes of a good checkpoint, and says which error reading them gives.
fn check_damage(name: &str, expected: fn(&RecordError) -> bool, damage: impl Fn(&mut Vec<u8>)) {
    let path = path(name);
    save(&path, &json!({"step": 2}), &arrays()).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    damage(&mut bytes);
    fs::write(&path, bytes).unwrap();
    let found = load(&path);
    fs::remove_file(&path).unwrap();
    let error = found.expect_err(name);
    assert!(expected(&error), "{name}: {error}");
}

#[test]
fn each_damage_has_its_error() {
    check_damage("empty", |e| matches!(e, RecordError::NotACheckpoint { .. }), Vec::clear);
    check_damage("other", |e| matches!(e, RecordError::NotACheckpoint { .. }), |b| b[0] = b'p');
    check_damage("newer", |e| matches!(e, RecordError::NewerVersion { found: 2, known: 1, .. }), |b| b[8] = 2);
    check_damage("shorter", |e| matches!(e, RecordError::Truncated { .. }), |b| b.truncate(b.len() - 1));
    check_damage("header only", |e| matches!(e, RecordError::Truncated { .. }), |b| b.truncate(10));
    check_damage("longer", |e| matches!(e, RecordError::WrongChecksum { .. }), |b| b.push(0));
    check_damage("flipped", |e| matches!(e, RecordError::WrongChecksum { .. }), |b| b[30] ^= 1);
    check_damage("last", |e| matches!(e, RecordError::WrongChecksum { .. }), |b| *b.last_mut().unwrap() ^= 1);
}

#[test]
fn any_flipped_byte_is_found() {
    for at in 0..120 {
        check_damage(&format!("byte {at}"), |_| true, |b| b[at] ^= 0x80);
    }
}

#[test]
fn lengths_that_do_not_add_up_are_an_error_even_with_a_right_checksum() {
    check_damage(
        "huge",
        |e| matches!(e, RecordError::Format { .. }),
        |b| {
            // The number of values of the last array, of which one is there.
            let at = b.len() - 16;
            b[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
            let checksum = crc32fast::hash(&b[24..]);
            b[12..16].copy_from_slice(&checksum.to_le_bytes());
        },
    );
}

#[test]
fn a_checkpoint_that_cannot_be_written_leaves_the_old_one() {
    let folder = path("folder");
    fs::create_dir_all(&folder).unwrap();
    // A folder of the name stands for whatever hinders the rename.
    let error = save(&folder, &json!({}), &[]).unwrap_err();
    assert!(matches!(error, RecordError::Io { action: "rename", .. }), "{error}");
    let left: Vec<_> = fs::read_dir(std::env::temp_dir())
        .unwrap()
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().contains(&format!(".plastica-checkpoint-{}-folder", std::process::id())))
        .collect();
    fs::remove_dir(&folder).unwrap();
    assert!(left.is_empty());
}
