//! The store as a caller sees it: what is written comes back, a cut run resumes to the same files, errors are values.

use plastica_record::read::{Run, parquet_columns};
use plastica_record::{Column, ColumnValues, Precision, RecordError, SeriesId, SeriesSpec, Store, TableId};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// More rows than one part holds, and more samples than one chunk holds.
const STEPS: usize = 1_100_000;
const DT: f64 = 1e-4;
/// A sample is taken every so many steps.
const EVERY: usize = 100;

/// A folder of this test's own, empty at first and removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("plastica-record-{}-{name}", std::process::id()));
        fs::remove_dir_all(&path).ok();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn spec(neurons: i64) -> SeriesSpec {
    SeriesSpec {
        variable: "v".into(),
        unit: "V".into(),
        dimension: "neuron".into(),
        labels: vec![("neuron".into(), (0..neurons).collect())],
        interval_s: DT * EVERY as f64,
        first_s: 0.0,
        precision: Precision::Double,
    }
}

fn declare(store: &mut Store) -> (TableId, SeriesId) {
    let spikes = store.table("spikes", &[Column::float("time_s"), Column::integer("neuron")]).unwrap();
    (spikes, store.series("v", spec(20)).unwrap())
}

/// Records the steps of a run that spikes in each step, flushing now and then.
fn record(store: &mut Store, steps: std::ops::Range<usize>, flush_every: usize) {
    let (spikes, v) = declare(store);
    for step in steps {
        let time = step as f64 * DT;
        if step % EVERY == 0 {
            store.sample(v, time, &[time; 20]).unwrap();
        }
        store.append(spikes, &[ColumnValues::Float(&[time]), ColumnValues::Integer(&[step as i64])]).unwrap();
        if step % flush_every == 0 {
            store.flush().unwrap();
        }
    }
}

fn every_file(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap().path();
            if entry.is_dir() {
                open.push(entry);
            } else {
                out.insert(entry.strip_prefix(folder).unwrap().to_path_buf(), fs::read(&entry).unwrap());
            }
        }
    }
    out
}

/// A run cut at `end` and resumed at `checkpoint` must leave the very files of an unbroken run.
fn check_resumed(unbroken: &BTreeMap<PathBuf, Vec<u8>>, end: usize, checkpoint: usize, by_time: bool) {
    let folder = Folder::new(&format!("cut-{end}-{checkpoint}"));
    let mut store = Store::create(&folder.0, &json!({"seed": 1})).unwrap();
    record(&mut store, 0..checkpoint, 300_000);
    store.sync().unwrap();
    let position = store.position();
    record(&mut store, checkpoint..end, 300_000);
    drop(store);
    fs::write(folder.0.join("spikes/.part-00009.parquet.partial"), b"half").unwrap();
    let resumed = if by_time { Store::resume(&folder.0, checkpoint as f64 * DT) } else { Store::resume_at(&folder.0, &position) };
    let mut store = resumed.unwrap();
    record(&mut store, checkpoint..STEPS, 500_000);
    store.finish().unwrap();
    let resumed = every_file(&folder.0);
    assert_eq!(resumed.keys().collect::<Vec<_>>(), unbroken.keys().collect::<Vec<_>>());
    for (path, bytes) in unbroken {
        let differs = resumed[path].iter().zip(bytes).position(|(a, b)| a != b);
        assert!(resumed[path] == *bytes, "{} differs at {differs:?} of {} and {}", path.display(), resumed[path].len(), bytes.len());
    }
}

#[test]
fn a_resumed_run_leaves_the_files_of_an_unbroken_one() {
    let folder = Folder::new("unbroken");
    let mut store = Store::create(&folder.0, &json!({"seed": 1})).unwrap();
    record(&mut store, 0..STEPS, usize::MAX);
    store.finish().unwrap();
    let unbroken = every_file(&folder.0);
    assert!(unbroken.contains_key(Path::new("spikes/part-00001.parquet")));
    assert!(unbroken.contains_key(Path::new("v.zarr/v/c/1/0")));
    check_resumed(&unbroken, 600_001, 500_000, true);
    check_resumed(&unbroken, 600_001, 500_000, false);
    check_resumed(&unbroken, STEPS, 1_048_576, true);
    check_resumed(&unbroken, STEPS, 1_048_576, false);
    check_resumed(&unbroken, STEPS, 163_800, true);
    check_resumed(&unbroken, STEPS, 163_800, false);
    check_resumed(&unbroken, 1_050_000, 0, true);
    check_resumed(&unbroken, 1_050_000, 0, false);
}

#[test]
fn a_recording_that_lost_rows_before_the_checkpoint_is_not_resumed() {
    let folder = Folder::new("shorter");
    let mut store = Store::create(&folder.0, &json!({})).unwrap();
    record(&mut store, 0..1000, usize::MAX);
    let position = store.position();
    assert_eq!(position, json!({"spikes": 1000, "v": 10}));
    drop(store);
    check_refused("`spikes` holds 1 rows, but the checkpoint was saved after 1000", Store::resume_at(&folder.0, &position).map(drop));
    Store::resume_at(&folder.0, &json!(null)).unwrap().finish().unwrap();
    assert_eq!(Run::open(&folder.0).unwrap().table("spikes").unwrap()[0].1.len(), 0);
}

#[test]
fn what_is_written_comes_back() {
    let folder = Folder::new("back");
    let mut store = Store::create(&folder.0, &json!({"seed": 1})).unwrap();
    record(&mut store, 0..1000, 100);
    store.write_json("results.json", &json!([1])).unwrap();
    store.finish().unwrap();
    let run = Run::open(&folder.0).unwrap();
    assert_eq!(run.json("run.json").unwrap(), json!({"seed": 1}));
    assert_eq!(run.json("results.json").unwrap(), json!([1]));
    assert_eq!((run.tables().unwrap(), run.all_series().unwrap()), (vec!["spikes".to_string()], vec!["v".to_string()]));
    let spikes = run.table("spikes").unwrap();
    assert_eq!(spikes[1].1, (0..1000).map(f64::from).collect::<Vec<_>>());
    assert_eq!(parquet_columns(&folder.0.join("spikes")).unwrap(), spikes);
    let v = run.series("v").unwrap();
    assert_eq!((v.unit.as_str(), v.dimension.as_str(), v.width, v.time_s.len()), ("V", "neuron", 20, 10));
    assert_eq!(v.labels, vec![("neuron".to_string(), (0..20).collect())]);
    assert_eq!(v.column(19), v.time_s);
    assert_eq!(v.last(), [9.0 * EVERY as f64 * DT; 20]);
}

#[test]
fn samples_that_are_flushed_are_readable_while_the_run_goes_on() {
    let folder = Folder::new("going");
    let mut store = Store::create(&folder.0, &json!({})).unwrap();
    let (_, v) = declare(&mut store);
    let rows = |folder: &Folder| Run::open(&folder.0).unwrap().series("v").unwrap().time_s.len();
    store.sample(v, 0.0, &[0.0; 20]).unwrap();
    assert_eq!(rows(&folder), 0);
    store.flush().unwrap();
    assert_eq!(rows(&folder), 1);
}

/// The message of what a careless use gives.
fn check_refused(expected: &str, found: Result<(), RecordError>) {
    let text = found.expect_err(expected).to_string();
    assert!(text.contains(expected), "`{text}` does not say `{expected}`");
}

#[test]
fn careless_uses_are_refused() {
    let folder = Folder::new("refused");
    let mut store = Store::create(&folder.0, &json!({})).unwrap();
    let (spikes, v) = declare(&mut store);
    let two = [Column::float("a"), Column::float("b")];
    check_refused("is not empty", Store::create(&folder.0, &json!({})).map(drop));
    check_refused("cannot name a recording", store.table("../up", &two).map(drop));
    check_refused("cannot name a recording", store.table("", &two).map(drop));
    check_refused("cannot name a recording", store.table("_hidden", &two).map(drop));
    check_refused("but was given none", store.table("none", &[]).map(drop));
    check_refused("`a` twice", store.table("twice", &[two[0].clone(), two[0].clone()]).map(drop));
    check_refused("is there already", store.table("spikes", &two).map(drop));
    check_refused("is there already", store.series("v", spec(21)).map(drop));
    check_refused("the same name", store.series("spikes", spec(1)).map(drop));
    check_refused("the same name", store.table("v", &two).map(drop));
    check_refused("takes 20 values per sample, but was given 1 value", store.sample(v, 0.0, &[1.0]));
    check_refused("but was given 1 x Float, 2 x Integer", store.append(spikes, &[ColumnValues::Float(&[0.0]), ColumnValues::Integer(&[1, 2])]));
    check_refused("but was given 1 x Integer, 1 x Float", store.append(spikes, &[ColumnValues::Integer(&[1]), ColumnValues::Float(&[0.0])]));
    check_refused("the same name", store.series("u", SeriesSpec { variable: "time".into(), ..spec(1) }).map(drop));
    let uneven = vec![("pre".to_string(), vec![1]), ("post".to_string(), vec![1, 2])];
    check_refused("2 for `post`", store.series("u", SeriesSpec { dimension: "synapse".into(), labels: uneven, ..spec(1) }).map(drop));
    let run = Run::open(&folder.0).unwrap();
    check_refused("no table `absent`", run.table("absent").map(drop));
    check_refused("no series `absent`", run.series("absent").map(drop));
    check_refused("no file `absent.json`", run.json("absent.json").map(drop));
    check_refused("holds no run", Run::open(&folder.0.join("v.zarr")).map(drop));
    check_refused("holds no run", Store::resume(&folder.0.join("absent"), 0.0).map(drop));
    // A file where a folder should be stands for every place where nothing can be made.
    check_refused("cannot create", Store::create(&folder.0.join("run.json/run"), &json!({})).map(drop));
    fs::remove_dir_all(folder.0.join("spikes")).unwrap();
    store.append(spikes, &[ColumnValues::Float(&[0.0]), ColumnValues::Integer(&[1])]).unwrap();
    check_refused("cannot create", store.flush());
}

#[test]
fn a_series_over_no_synapses_is_legal() {
    let folder = Folder::new("none");
    let mut store = Store::create(&folder.0, &json!({})).unwrap();
    let v = store.series("v", spec(0)).unwrap();
    store.sample(v, 0.0, &[]).unwrap();
    store.finish().unwrap();
    let mut store = Store::resume(&folder.0, 0.0).unwrap();
    let v = store.series("v", spec(0)).unwrap();
    store.sample(v, 0.0, &[]).unwrap();
    store.finish().unwrap();
    assert_eq!(Run::open(&folder.0).unwrap().series("v").unwrap().time_s, [0.0]);
}

#[test]
fn a_damaged_part_is_an_error_and_never_a_panic() {
    let folder = Folder::new("damaged");
    let mut store = Store::create(&folder.0, &json!({})).unwrap();
    record(&mut store, 0..50, 10);
    store.finish().unwrap();
    let part = folder.0.join("spikes/part-00000.parquet");
    let whole = fs::read(&part).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        fs::write(&part, &damaged).unwrap();
        // A flipped value in the data cannot be told from a right one; what counts is that nothing panics.
        let _ = parquet_columns(&part);
        fs::write(&part, &whole[..at]).unwrap();
        assert!(parquet_columns(&part).is_err(), "cut at {at}");
    }
}

#[test]
fn text_is_kept_and_left_out_of_the_numbers() {
    let folder = Folder::new("text");
    let mut store = Store::create(&folder.0, &json!({})).unwrap();
    let columns = [Column::text("group"), Column::integer("subject"), Column::float("errors")];
    let table = store.table("trials", &columns).unwrap();
    let groups = ["control".to_string(), "Übung".to_string()];
    store.append(table, &[ColumnValues::Text(&groups), ColumnValues::Integer(&[1, 2]), ColumnValues::Float(&[0.5, 0.25])]).unwrap();
    store.finish().unwrap();
    let read = Run::open(&folder.0).unwrap().table("trials").unwrap();
    assert_eq!(read, vec![("subject".to_string(), vec![1.0, 2.0]), ("errors".to_string(), vec![0.5, 0.25])]);
    // A resumed table is written again with its texts.
    let mut store = Store::resume_at(&folder.0, &json!({"trials": 1})).unwrap();
    let table = store.table("trials", &columns).unwrap();
    store.append(table, &[ColumnValues::Text(&groups[1..]), ColumnValues::Integer(&[2]), ColumnValues::Float(&[0.25])]).unwrap();
    store.finish().unwrap();
    assert_eq!(Run::open(&folder.0).unwrap().table("trials").unwrap(), read);
    let bytes = std::fs::read(folder.0.join("trials/part-00000.parquet")).unwrap();
    assert!(bytes.windows("Übung".len()).any(|w| w == "Übung".as_bytes()));
}
