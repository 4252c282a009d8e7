//! The language manual: every block of model code in `tests/spec/*.md` gives exactly the diagnostics that it says it gives.
//!
//! `# error: [name]` or `# warning: [name]` at the end of a line names a diagnostic of that line; a line may have several.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plastica_lang::check::check_file;
use plastica_lang::source::{Sources, render};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn pages() -> Vec<(String, String)> {
    let mut pages: Vec<PathBuf> = std::fs::read_dir(root().join("tests/spec")).unwrap().map(|e| e.unwrap().path()).collect();
    pages.sort();
    pages.into_iter().map(|p| (p.file_name().unwrap().to_str().unwrap().to_string(), std::fs::read_to_string(p).unwrap())).collect()
}

/// The blocks of a page: line of the fence, text.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (k, line) in page.lines().enumerate() {
        match line {
            "```toml" => {
                inside = true;
                out.push((k + 1, String::new()));
            }
            "```" => inside = false,
            _ if inside => {
                let block = &mut out.last_mut().unwrap().1;
                block.push_str(line);
                block.push('\n');
            }
            _ => {}
        }
    }
    out
}

/// What a block says about itself: severity, name and line, sorted.
fn promised(block: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (k, line) in block.lines().enumerate() {
        for mark in ["# error: [", "# warning: ["] {
            for part in line.split(mark).skip(1) {
                let name = part.split(']').next().unwrap();
                out.push((k + 1, format!("{}{name}", &mark[2..mark.len() - 1])));
            }
        }
    }
    out.sort();
    out
}

fn check(page: &str, line: usize, block: &str) -> Result<usize, String> {
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let id = sources.add(format!("{page} (block at line {line})"), block);
    let models = check_file(&sources, id, &mut diagnostics);
    let mut found: Vec<(usize, String)> =
        diagnostics.iter().map(|d| (sources.line(d.span).0, format!("{}: {}", if d.is_error() { "error" } else { "warning" }, d.id))).collect();
    found.sort();
    let promised = promised(block);
    if found != promised || models.is_empty() != diagnostics.iter().any(|d| d.is_error()) {
        return Err(format!("{page}, block at line {line}: promised {promised:?}, found {found:?}\n{}", render(&sources, &diagnostics, false)));
    }
    Ok(promised.len())
}

#[test]
fn every_block_does_what_it_says() {
    let (mut faults, mut good, mut bad) = (Vec::new(), 0, 0);
    for (name, page) in pages() {
        let blocks = blocks(&page);
        assert!(!blocks.is_empty(), "{name} has no example");
        for (line, block) in blocks {
            match check(&name, line, &block) {
                Ok(0) => good += 1,
                Ok(_) => bad += 1,
                Err(fault) => faults.push(fault),
            }
        }
    }
    assert!(faults.is_empty(), "{} blocks:\n{}", faults.len(), faults.join("\n\n"));
    assert!(good > 20 && bad > 20, "{good} {bad}");
}

#[test]
fn every_diagnostic_is_in_the_manual() {
    let (_, page) = pages().into_iter().find(|(name, _)| name == "diagnostics.md").unwrap();
    let listed: BTreeSet<String> = page.lines().filter_map(|l| l.strip_prefix("| `")).map(|l| l.split('`').next().unwrap().to_string()).collect();
    let mut used = BTreeSet::new();
    let mut folders = vec![root().join("crates/plastica-lang/src")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for call in ["Diagnostic::error(", "Diagnostic::warning("] {
                for part in code.split(call).skip(1) {
                    used.extend(part.trim_start().strip_prefix('"').map(|p| p.split('"').next().unwrap().to_string()));
                }
            }
        }
    }
    // The checker of units renames one diagnostic.
    assert!(used.contains("unknown-unit") && used.len() > 25, "{used:?}");
    assert_eq!(listed, used);
}

#[test]
fn the_manual_links_to_every_page() {
    let index = std::fs::read_to_string(root().join("docs/reference/language.md")).unwrap();
    for (name, page) in pages() {
        assert!(index.contains(&format!("(../../tests/spec/{name})")), "docs/reference/language.md has no link to {name}");
        for link in page.split("](").skip(1).map(|l| l.split(')').next().unwrap()).filter(|l| l.ends_with(".md")) {
            assert!(root().join("tests/spec").join(link).exists(), "{name} links to {link}, which is not there");
        }
    }
}
