//! Making an atlas: its folder, the runs in it, and what is left of it when it is interrupted.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Atlas, Chosen, Entry, Fate, How, page};
use crate::library::Library;
use crate::open::{Opened, opened};
use crate::run::folder::{EXPERIMENT, choose};
use crate::run::{self, Failure, Observer, Results, Texts};
use crate::tested::Tested;

/// The file that says what an atlas is.
const FILE: &str = "atlas.json";
/// The table of all rows.
const TABLE: &str = "atlas.csv";

/// Runs the experiments that are chosen and not finished yet, and writes the table and the page.
///
/// # Errors
/// The choice or the folder is no good, or the observer asked to stop: [`Failure::Checkpointed`], after the table of what there is was written.
pub fn atlas(library: &Library, how: &How, observer: &mut dyn Observer) -> Result<Atlas, Failure> {
    let chosen = Chosen::new(library, &how.only).map_err(Failure::Folder)?;
    let root = choose(how.out.as_deref(), "atlas")?;
    begin(&root, library, how)?;
    let mut stopped = false;
    let mut entries = Vec::new();
    let n = chosen.experiments.len();
    for (k, tested) in chosen.experiments.iter().enumerate() {
        let mut counted = Counted { observer: &mut *observer, before: format!("{}/{n}", k + 1) };
        let (fate, rows) = match stopped {
            true => (Fate::Waiting, chosen.promised(tested)),
            false => match one(&root, library, tested, how, &mut counted) {
                Ok(results) => done(&root, results),
                Err(Left::Stopped) => {
                    stopped = true;
                    (Fate::Waiting, chosen.promised(tested))
                }
                Err(Left::Failed(message)) => (Fate::Failed(message), chosen.promised(tested)),
            },
        };
        let entry = Entry { tested: tested.clone(), fate, rows };
        if !stopped {
            observer.note(&format!("{}/{n} {}", k + 1, said(&entry)));
        }
        entries.push(entry);
    }
    let atlas =
        Atlas { folder: root.clone(), seed: how.seed.or_else(|| shared_seed(&entries)), full: how.full, entries, open: chosen.open, claims: chosen.claims };
    plastica_record::write_whole(&root.join(TABLE), plastica_report::csv(&atlas.rows()).as_bytes())?;
    page::write(&atlas)?;
    if stopped { Err(Failure::Checkpointed(root)) } else { Ok(atlas) }
}

/// Goes on with an atlas that was interrupted.
///
/// # Errors
/// As [`atlas`].
pub fn resume(folder: &Path, threads: Option<usize>, observer: &mut dyn Observer) -> Result<Atlas, Failure> {
    let about = about(folder).ok_or_else(|| Failure::Folder(format!("{} is no folder of an atlas", folder.display())))?;
    let words = |key: &str| about[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect::<Vec<_>>();
    let library = Library { paths: words("paths").into_iter().map(PathBuf::from).collect() };
    let full = about["full"].as_bool().unwrap_or(false);
    let how = How { full, only: words("only"), out: Some(folder.into()), threads, seed: about["seed"].as_u64() };
    atlas(&library, &how, observer)
}

/// Is this the folder of an atlas?
pub fn is_atlas(folder: &Path) -> bool {
    about(folder).is_some()
}

fn about(folder: &Path) -> Option<Value> {
    serde_json::from_str(&std::fs::read_to_string(folder.join(FILE)).ok()?).ok()
}

/// Makes the folder, or checks that what it holds is the same atlas.
fn begin(root: &Path, library: &Library, how: &How) -> Result<(), Failure> {
    let now = json!({ "version": crate::VERSION, "seed": how.seed, "full": how.full, "only": how.only, "paths": library.paths });
    if let Some(before) = about(root) {
        let differs = ["version", "seed", "full"].into_iter().find(|key| before[key] != now[key]);
        if let Some(key) = differs {
            return Err(Failure::Folder(format!(
                "{} holds an atlas with another {key} ({}, here {}); name another folder with --out",
                root.display(),
                before[key],
                now[key]
            )));
        }
    } else if std::fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::Folder(format!("{} is not empty, and holds no atlas; name another folder with --out", root.display())));
    }
    std::fs::create_dir_all(root).map_err(|e| Failure::Folder(format!("cannot create the folder {}: {e}", root.display())))?;
    Ok(plastica_record::write_whole(&root.join(FILE), format!("{now:#}\n").as_bytes())?)
}

/// Why there are no results of an experiment.
enum Left {
    Stopped,
    Failed(String),
}

/// The results of one experiment: what its folder holds, or a run from its checkpoint or its beginning on.
fn one(root: &Path, library: &Library, tested: &Tested, how: &How, observer: &mut dyn Observer) -> Result<Results, Left> {
    let open = || library.experiment_named(&tested.name).map(|found| opened(library, found, tested.name.clone()));
    let gone = || Left::Failed("its text cannot be read any more".into());
    let mut own = run::How { threads: how.threads, seed: how.seed, full: how.full && tested.has_full, ..run::How::default() };
    let mut text = open().ok_or_else(gone)?;
    let wanted = run::resolved_text(&mut text, library, &own).map_err(|e| left(e, &text))?;
    for k in 1_u32.. {
        let folder = root.join(if k == 1 { tested.name.clone() } else { format!("{}-{k}", tested.name) });
        if !folder.exists() {
            own.out = Some(folder);
            let mut text = open().ok_or_else(gone)?;
            return run::run(&mut text, library, &own, observer).map_err(|e| left(e, &text));
        }
        if !is_same(&folder, &wanted, own.full) {
            continue;
        }
        if let Some(results) = Results::read(&folder).map_err(|e| left(e, &text))? {
            return Ok(results);
        }
        let mut texts = Texts::default();
        return run::resume(&folder, how.threads, &mut texts, observer).map_err(|e| left(e, &text));
    }
    Err(gone())
}

/// Does a folder hold a run of this very text and size?
fn is_same(folder: &Path, wanted: &str, full: bool) -> bool {
    let about = std::fs::read_to_string(folder.join("run.json")).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
    about.is_some_and(|about| about["full"] == full) && std::fs::read_to_string(folder.join(EXPERIMENT)).is_ok_and(|text| text == wanted)
}

/// A failure in one line.
fn left(failure: Failure, text: &Opened) -> Left {
    match failure {
        Failure::Interrupted | Failure::Checkpointed(_) => Left::Stopped,
        Failure::Text(diagnostics) => {
            let errors: Vec<_> = diagnostics.iter().filter(|d| d.is_error()).collect();
            let Some(first) = errors.first() else { return Left::Failed("the experiment has errors".into()) };
            let (line, _) = text.sources.line(first.span);
            let more = if errors.len() > 1 { format!(", and {} more", errors.len() - 1) } else { String::new() };
            Left::Failed(format!("{}:{line}: {}{more}", text.sources.name(first.span.source), first.message))
        }
        other => Left::Failed(other.to_string().replace('\n', " ")),
    }
}

fn done(root: &Path, results: Results) -> (Fate, Vec<plastica_report::Row>) {
    let folder = results.folder.strip_prefix(root).unwrap_or(&results.folder).display().to_string();
    (Fate::Done { folder, seed: results.seed, seconds: results.seconds, faults: results.faults }, results.rows)
}

/// The seed of all experiments that were run, if they have one seed.
fn shared_seed(entries: &[Entry]) -> Option<u64> {
    let mut seeds = entries.iter().filter_map(|e| if let Fate::Done { seed, .. } = e.fate { Some(seed) } else { None });
    let first = seeds.next()?;
    seeds.all(|seed| seed == first).then_some(first)
}

/// What became of an experiment, in a line.
fn said(entry: &Entry) -> String {
    match &entry.fate {
        Fate::Done { seconds, .. } => {
            let counts = super::Counts::of(entry.asked());
            format!("{}: {} rows; {}; {}", entry.tested.name, counts.rows, counts.words(), super::time(*seconds))
        }
        Fate::Failed(message) => format!("{}: failed: {message}", entry.tested.name),
        Fate::Waiting => format!("{}: not run", entry.tested.name),
    }
}

/// Says which experiment of how many is under way.
struct Counted<'o> {
    observer: &'o mut dyn Observer,
    before: String,
}

impl Observer for Counted<'_> {
    fn begin(&mut self, what: &str, seconds: f64) {
        self.observer.begin(&format!("{} {what}", self.before), seconds);
    }
    fn progress(&mut self, seconds: f64) {
        self.observer.progress(seconds);
    }
    fn stop(&mut self) -> bool {
        self.observer.stop()
    }
    fn note(&mut self, line: &str) {
        self.observer.note(line);
    }
}
