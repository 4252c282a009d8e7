//! Chores of the repository. `tidy` holds the pages against the tree.
#![forbid(unsafe_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").to_path_buf()
}

/// Compares the table of rooms in `ARCHITECTURE.md` with the dependencies in every `Cargo.toml`.
///
/// Returns one sentence for each difference.
pub fn rooms(root: &Path) -> Vec<String> {
    let page = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap_or_default();
    let mut table: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let section = page.split("\n## ").find(|s| s.starts_with("Rooms\n")).unwrap_or_default();
    for line in section.lines().filter(|l| l.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if cells.len() < 4 {
            continue;
        }
        let name = cells[1].trim_matches('`').to_string();
        let allowed = if cells[3] == "nothing of ours" { BTreeSet::new() } else { cells[3].split(',').map(|c| full_name(c.trim())).collect() };
        table.insert(name, allowed);
    }
    let mut out = Vec::new();
    let mut found = BTreeSet::new();
    for dir in crate_dirs(root) {
        let Ok(text) = fs::read_to_string(dir.join("Cargo.toml")) else { continue };
        let name = dir.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        found.insert(name.clone());
        let Some(allowed) = table.get(&name) else {
            out.push(format!("{name} is not in the table of rooms"));
            continue;
        };
        for used in dependencies(&text) {
            if !allowed.contains(&used) {
                out.push(format!("{name} uses {used}, which the table of rooms does not allow"));
            }
        }
    }
    out.extend(table.keys().filter(|n| !found.contains(*n)).map(|n| format!("the room {n} does not exist")));
    out
}

/// Library files without a citation, or without an expected result.
pub fn uncited_models(root: &Path) -> Vec<String> {
    let mut out = Vec::new();
    for folder in ["models/neurons", "models/synapses"] {
        for path in files(&root.join(folder)) {
            let text = fs::read_to_string(&path).unwrap_or_default();
            for key in ["doc", "source", "expected"] {
                if !text.lines().any(|l| l.trim_start().starts_with(key) || l.trim_end().ends_with(&format!(".{key}]"))) {
                    out.push(format!("{} has no `{key}`", path.display()));
                }
            }
        }
    }
    out
}

/// Links between our Markdown pages that lead nowhere.
pub fn broken_links(root: &Path) -> Vec<String> {
    let mut pages: Vec<PathBuf> = files(root);
    pages.extend(files(&root.join("docs")));
    for sub in ["design", "reference", "explanation", "tutorial", "how-to"] {
        pages.extend(files(&root.join("docs").join(sub)));
    }
    let mut out = Vec::new();
    for page in pages.iter().filter(|p| p.extension().is_some_and(|e| e == "md")) {
        let text = fs::read_to_string(page).unwrap_or_default();
        for piece in text.split("](").skip(1) {
            let target = piece.split([')', '#']).next().unwrap_or("");
            if target.is_empty() || target.contains("://") {
                continue;
            }
            if !page.parent().unwrap_or(root).join(target).exists() {
                out.push(format!("{}: {target} does not exist", page.display()));
            }
        }
    }
    out
}

fn full_name(short: &str) -> String {
    if short == "plastica" { short.into() } else { format!("plastica-{short}") }
}

fn crate_dirs(root: &Path) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = fs::read_dir(root.join("crates")).map(|d| d.flatten().map(|e| e.path()).collect()).unwrap_or_default();
    dirs.push(root.join("xtask"));
    dirs.sort();
    dirs
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = fs::read_dir(dir).map(|d| d.flatten().map(|e| e.path()).filter(|p| p.is_file()).collect()).unwrap_or_default();
    out.sort();
    out
}

/// Our own crates under `[dependencies]` of a manifest (development dependencies are free).
fn dependencies(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut out = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if inside && line.starts_with("plastica") {
            out.push(line.split(['.', ' ', '=']).next().unwrap_or("").to_string());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_rooms_is_the_tree() {
        assert_eq!(rooms(&root()), Vec::<String>::new());
    }

    #[test]
    fn a_forbidden_arrow_is_seen() {
        assert_eq!(dependencies("[dependencies]\nplastica-lang.workspace = true\n[dev-dependencies]\nplastica-cpu.workspace = true\n"), ["plastica-lang"]);
    }

    #[test]
    fn every_library_model_has_its_citation() {
        assert_eq!(uncited_models(&root()), Vec::<String>::new());
    }

    #[test]
    fn links_lead_somewhere() {
        assert_eq!(broken_links(&root()), Vec::<String>::new());
    }
}
