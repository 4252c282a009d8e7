//! What can be opened by name.

use plastica::library::Library;
use plastica::open::{Kind, open};

#[test]
fn a_folder_is_opened_by_its_experiment() {
    let folder = std::env::temp_dir().join(format!("plastica-open-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.to_str().unwrap();
    let error = open(&Library::default(), path).unwrap_err().to_string();
    assert!(error.contains("a folder without an `experiment.toml`"), "{error}");
    std::fs::write(folder.join("experiment.toml"), "[experiment]\ndoc = \"Nothing.\"\n").unwrap();
    let opened = open(&Library::default(), path).unwrap();
    assert_eq!((opened.kind, Some(opened.name.as_str())), (Kind::Experiment, folder.file_name().and_then(|n| n.to_str())));
    std::fs::remove_dir_all(&folder).unwrap();
}
