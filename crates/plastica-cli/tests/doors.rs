//! The real binary in an empty folder: what it prints, what it leaves behind, and its exit code.
//!
//! Texts are compared with the files in `tests/golden/cli`; `PLASTICA_ACCEPT=1 cargo test -p plastica-cli` writes them anew.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of its own, empty, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let path = std::env::temp_dir().join(format!("plastica-doors-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst)));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.0).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plastica"));
    command.args(arguments).current_dir(&folder.0).env_remove("NO_COLOR").env("COLUMNS", "80").stdin(Stdio::null());
    command
}

fn plastica(folder: &Folder, arguments: &[&str]) -> Said {
    let output = command(folder, arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The text equals the golden file of this name.
fn check_golden(name: &str, text: &str) {
    let path = root().join("tests/golden/cli").join(name);
    if std::env::var_os("PLASTICA_ACCEPT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "tests/golden/cli/{name} differs; PLASTICA_ACCEPT=1 writes it anew");
}

/// Exit code and, if any, a golden file for standard output; nothing is left behind.
fn check_prints(arguments: &[&str], code: i32, golden: Option<&str>) -> Said {
    let folder = Folder::new();
    let said = plastica(&folder, arguments);
    assert_eq!(said.code, code, "{arguments:?}\n{}{}", said.out, said.err);
    assert!(!said.err.contains("panicked"), "{}", said.err);
    assert!(!said.out.contains('\u{1b}') && !said.err.contains('\u{1b}'), "no colours without a terminal");
    assert_eq!(folder.names(), Vec::<String>::new(), "nothing is left behind");
    if let Some(name) = golden {
        check_golden(name, &said.out);
    }
    said
}

#[test]
fn help_is_readable_at_80_columns() {
    for (arguments, golden) in [
        (vec!["--help"], "help.txt"),
        (vec!["run", "--help"], "help-run.txt"),
        (vec!["check", "--help"], "help-check.txt"),
        (vec!["atlas", "--help"], "help-atlas.txt"),
    ] {
        let said = check_prints(&arguments, 0, Some(golden));
        assert!(said.out.lines().all(|l| l.chars().count() <= 80), "{}", said.out);
    }
    check_prints(&["--version"], 0, None);
    let said = check_prints(&["man"], 0, None);
    assert!(said.out.contains(".TH plastica"), "{}", said.out);
    for shell in ["bash", "zsh", "fish"] {
        assert!(check_prints(&["completions", shell], 0, None).out.contains("plastica"));
    }
}

/// A rule that writes a variable which no neuron of the library has is explained all the same, with a warning.
#[test]
fn check_explains_a_rule_that_fits_no_neuron_of_the_library() {
    let folder = Folder::new();
    fs::write(folder.0.join("rule.toml"), "[synapse.mine]\nequations = \"w : 1\"\non_pre = \"I_mine_post += w*mV\"\n").unwrap();
    let said = plastica(&folder, &["check", "rule.toml"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("warning[no-receiver]: `I_mine_post` has no receiver"), "{}", said.err);
    assert!(said.out.contains("synapse mine, checked between given spikes"), "{}", said.out);
}

#[test]
fn the_library_is_listed_shown_and_checked() {
    // Not a golden text: whoever adds a model or an experiment changes it.
    let said = check_prints(&["list"], 0, None);
    assert!(said.out.lines().all(|l| l.chars().count() <= 80), "{}", said.out);
    for line in ["C4 Long-term potentiation strengthens synapses", "C9 Sleep consolidates", "Other experiments", "Neurons", "Synapses", "  ltp-ltd "] {
        assert!(said.out.lines().any(|l| l.starts_with(line)), "{line}: {}", said.out);
    }
    let json: serde_json::Value = serde_json::from_str(&check_prints(&["list", "--json"], 0, None).out).unwrap();
    assert!(json["synapses"].as_array().unwrap().iter().any(|s| s["name"] == "triplet_minimal"));
    let chosen = check_prints(&["list", "c9"], 0, None).out;
    assert!(chosen.contains("tagging") && !chosen.contains("ltp-ltd") && !chosen.contains("Neurons"), "{chosen}");
    let unknown = check_prints(&["list", "lif_exq"], 2, None);
    assert!(unknown.err.contains("did you mean `lif_exp`?"), "{}", unknown.err);
    check_prints(&["show", "triplet_minimal", "--kernels"], 0, Some("kernels-triplet_minimal.txt"));
    check_prints(&["check", "triplet_minimal"], 0, Some("check-triplet_minimal.txt"));
    check_prints(&["check", "graupner_brunel"], 0, Some("check-graupner_brunel.txt"));
    check_prints(&["check", "balanced-plastic"], 0, Some("check-balanced-plastic.txt"));
    let text = check_prints(&["show", "lif_exp"], 0, None).out;
    assert_eq!(text, fs::read_to_string(root().join("models/neurons/lif_exp.toml")).unwrap());
}

#[test]
fn every_model_and_experiment_of_the_library_passes_check() {
    let json: serde_json::Value = serde_json::from_str(&check_prints(&["list", "--json"], 0, None).out).unwrap();
    for kind in ["neurons", "synapses", "experiments"] {
        for entry in json[kind].as_array().unwrap() {
            let said = check_prints(&["check", entry["name"].as_str().unwrap()], 0, None);
            assert!(!said.err.contains("warning"), "{}", said.err);
        }
    }
}

#[test]
fn bad_input_is_code_2_with_the_place_and_leaves_no_folder() {
    let folder = root().join("tests/bad/experiments");
    let table = fs::read_to_string(folder.join("expected.csv")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().filter(|l| !l.starts_with('#')).skip(1).map(|l| l.split(',').collect()).collect();
    assert!(rows.len() >= 40);
    let mut faults = Vec::new();
    for row in &rows {
        let path = folder.join(row[0]);
        let said = check_prints(&["run", path.to_str().unwrap()], 2, None);
        let place = format!("{}:{}:", row[0], row[2]);
        if !said.err.contains(&format!("error[{}]", row[1])) || !said.err.contains(&place) || !said.err.contains("help:") {
            faults.push(format!("{row:?}\n{}", said.err));
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), rows.len(), faults.join("\n"));
    let named = fs::read_dir(&folder).unwrap().filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|e| e == "toml")).count();
    // One file is no text at all and has no line.
    assert_eq!(named, rows.len() + 1, "every file is in the table");
    let said = check_prints(&["run", folder.join("binary.toml").to_str().unwrap()], 2, None);
    assert!(said.err.contains("binary.toml") && said.err.contains("UTF-8"), "{}", said.err);
}

#[test]
fn what_does_not_exist_is_code_2_and_named() {
    let said = check_prints(&["run", "ltp-ldt"], 2, None);
    assert!(said.err.contains("did you mean `ltp-ltd`?"), "{}", said.err);
    for arguments in [
        vec!["run", "nowhere.toml"],
        vec!["check", "nothing"],
        vec!["show", "nothing"],
        vec!["report", "runs/x-1"],
        vec!["resume", "runs/x-1"],
        vec!["rum", "x"],
        vec![],
    ] {
        assert!(!check_prints(&arguments, 2, None).err.is_empty(), "{arguments:?}");
    }
}

/// A library of one small experiment, with two published numbers beside it.
fn small_library(folder: &Folder) {
    let text = r#"
[experiment]
doc = "The window of the timing of spikes."
claim = "C4, C5"
[pairing.window]
id = "E02"
targets = "../targets.csv"
dt = "1 ms"
measure = "w"
initial = { w = 1 }
vary = { timing = ["-10 ms", "10 ms"] }
name = "{timing/ms} ms"
curve = "window"
x = "timing/ms"
pre = ["0 ms"]
post = ["timing"]
repetitions = 60
interval = "1 s"
rules = [{ name = "rule", synapse = "triplet_minimal", parameters = { tau_y = "40 ms" } }]
summary = [{ of = "value", rule = "rule", protocol = "-10 ms", target = "change at -10 ms" }]
"#;
    fs::create_dir_all(folder.0.join("own/small-window")).unwrap();
    fs::write(folder.0.join("own/small-window/experiment.toml"), text).unwrap();
    let targets =
        "id,quantity,published,unit,low,high,kind,verification,calibrated\nE02,change at -10 ms,0.5,rel,0.4,0.6,quant,V,no\nE99,lost,1,rel,0,,quant,R,no\n";
    fs::write(folder.0.join("own/targets.csv"), targets).unwrap();
}

#[test]
fn an_atlas_is_one_table_one_object_and_one_page() {
    let folder = Folder::new();
    small_library(&folder);
    let said = plastica(&folder, &["atlas", "--path", "own", "--only", "small-window,E99", "--threads", "1"]);
    // What is not reproduced is a result.
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.lines().all(|l| l.chars().count() <= 80), "{}", said.out);
    let wanted =
        ["C4 Long-term potentiation strengthens", "small-window (C4, C5)", "-0.1561 not reproduced", "E99 lost", "no experiment yet", "runs/atlas-1/atlas.csv"];
    for wanted in wanted {
        assert!(said.out.contains(wanted), "{wanted}: {}", said.out);
    }
    assert!(said.err.contains("1/1 small-window"), "{}", said.err);
    assert!(folder.0.join("runs/atlas-1/report.html").is_file() && folder.0.join("runs/atlas-1/small-window/report.html").is_file());
    let again = plastica(&folder, &["atlas", "--path", "own", "--only", "small-window,E99", "--out", "runs/atlas-1", "--json"]);
    assert_eq!((again.code, again.err.as_str()), (0, ""));
    let json: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(json.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), ["experiment", "rows", "seconds", "seed", "version"]);
    assert_eq!(json["experiment"], "atlas");
    let verdicts: Vec<&str> = json["rows"].as_array().unwrap().iter().map(|r| r["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["shown only", "shown only", "not reproduced", "no experiment yet"]);
    assert!(!folder.0.join("runs/atlas-1/small-window-2").exists(), "what is finished is not run again");
    assert_eq!(plastica(&folder, &["resume", "runs/atlas-1", "--quiet"]).code, 0);
    let unknown = check_prints(&["atlas", "--only", "taging"], 2, None);
    assert!(unknown.err.contains("did you mean `tagging`?"), "{}", unknown.err);
}

#[test]
fn what_is_set_and_who_is_asked_for_must_be_there() {
    let check = |arguments: &[&str], help: &str| {
        let said = check_prints(&[&["run", "tagging"], arguments].concat(), 2, None);
        assert!(said.err.contains(help), "{arguments:?}: {}", said.err);
    };
    check(&["--set", "projection.strong_pathwai.parameters.h_0=2"], "did you mean `strong_pathway`?");
    check(&["--set", "neuron.fibre.parameters.kk=2"], "`kk`");
    check(&["--set", "without.protein.doc=x"], "did you mean `proteins`?");
    check(&["--subject", "wek:1"], "did you mean `weak`?");
    check(&["--subject", "weak:9"], "numbered from 1 to 5");
}

/// The small experiment of these tests.
const SMALL: &str = r#"
[experiment]
name = "small"
[simulation]
duration = "200 ms"
[population.E]
model = "lif_delta"
size = 20
[input.drive]
population = "E"
poisson = { rate = "12 kHz", weight = "0.1 mV", variable = "v" }
[projection.EE]
pre = "E"
post = "E"
synapse = "stdp_additive_delta"
connect = { rule = "probability", p = 0.5 }
delay = "1 ms"
[record.spikes]
spikes = "E"
[record.rate]
rate = "E"
bin = "30 ms"
[record.w]
projection = "EE"
variable = "w"
interval = "50 ms"
"#;

#[test]
fn a_run_prints_one_object_and_leaves_one_folder() {
    let folder = Folder::new();
    fs::write(folder.0.join("small.toml"), SMALL).unwrap();
    let said = plastica(&folder, &["run", "small.toml", "--json"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["experiment", "rows", "seconds", "seed", "version"]);
    let row = json["rows"][0].as_object().unwrap();
    let wanted = [
        "calibrated",
        "claim",
        "error",
        "high",
        "id",
        "kind",
        "low",
        "model",
        "n",
        "published",
        "quantity",
        "seconds",
        "simulated",
        "spread",
        "unit",
        "verdict",
        "verification",
    ];
    assert_eq!(row.keys().map(String::as_str).collect::<Vec<_>>(), wanted);
    let mut names: Vec<String> = fs::read_dir(folder.0.join("runs/small-1")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let expected = ["checkpoint.plastica", "experiment.toml", "rate.zarr", "report.html", "results.csv", "results.json", "run.json", "spikes", "w.zarr"];
    assert_eq!(names, expected);
    let page = fs::read_to_string(folder.0.join("runs/small-1/report.html")).unwrap();
    assert!(page.contains("<h1>small</h1>") && ["src=", "<link", "<script", "@import", "url("].iter().all(|outside| !page.contains(outside)), "self-contained");

    let quiet = plastica(&folder, &["run", "small.toml", "--quiet"]);
    assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (0, "", ""));
    assert!(folder.0.join("runs/small-2/report.html").is_file());
    let shown = plastica(&folder, &["run", "small.toml", "--seed", "2", "--threads", "1", "--out", "here"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(shown.out.contains("mean rate of E") && shown.out.contains("here/report.html"), "{}", shown.out);
    assert!(fs::read_to_string(folder.0.join("here/experiment.toml")).unwrap().contains("seed = 2"));

    let again = plastica(&folder, &["run", "small.toml", "--out", "here"]);
    assert_eq!(again.code, 2, "{}", again.err);
    assert!(again.err.contains("not empty"), "{}", again.err);
    let report = plastica(&folder, &["report", "here"]);
    assert_eq!((report.code, report.out.trim()), (0, "here/report.html"));
    let resumed = plastica(&folder, &["resume", "here"]);
    assert_eq!(resumed.code, 2);
    assert!(resumed.err.contains("complete"), "{}", resumed.err);
}

#[test]
fn the_same_seed_gives_the_same_spikes_on_any_number_of_threads() {
    let folder = Folder::new();
    fs::write(folder.0.join("small.toml"), SMALL).unwrap();
    let spikes = |out: &str, arguments: &[&str]| {
        let said = plastica(&folder, &[&["run", "small.toml", "--quiet", "--out", out], arguments].concat());
        assert_eq!(said.code, 0, "{}", said.err);
        fs::read(folder.0.join(out).join("spikes/part-00000.parquet")).unwrap()
    };
    let one = spikes("one", &["--threads", "1"]);
    assert_eq!(one, spikes("three", &["--threads", "3"]));
    assert_ne!(one, spikes("other", &["--seed", "9"]));
}

#[test]
fn a_value_that_is_not_finite_is_code_1_and_named() {
    let folder = Folder::new();
    let text = SMALL.replace("[input.drive]", "[input.burst]\npopulation = \"E\"\nwhen = \"start\"\ndo = \"v = v + 0*mV/int(t < 50*ms)\"\n[input.drive]");
    fs::write(folder.0.join("small.toml"), text).unwrap();
    let said = plastica(&folder, &["run", "small.toml", "--quiet"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("population `E`: `v` of element 0 is NaN") && said.err.contains("recorded is kept"), "{}", said.err);
    assert!(folder.0.join("runs/small-1/spikes").is_dir());
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let folder = Folder::new();
    for arguments in [vec!["show", "ltp-ltd"], vec!["list"], vec!["--help"]] {
        let mut child = command(&folder, &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let code = child.wait().unwrap().code();
        assert!(code != Some(101) && !err.contains("panicked"), "{arguments:?}: {code:?} {err}");
    }
}

/// Ctrl-C leaves a checkpoint, and the run that goes on from it gives what an unbroken one gives.
#[cfg(unix)]
#[test]
fn an_interrupted_run_goes_on() {
    let folder = Folder::new();
    fs::write(folder.0.join("small.toml"), SMALL.replace("200 ms", "20 s")).unwrap();
    let mut child = command(&folder, &["run", "small.toml", "--quiet", "--out", "broken"]).spawn().unwrap();
    let started = std::time::Instant::now();
    while !folder.0.join("broken/rate.zarr").exists() && started.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    std::thread::sleep(std::time::Duration::from_millis(100));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(folder.0.join("broken/checkpoint.plastica").is_file());
    let resumed = plastica(&folder, &["resume", "broken", "--quiet", "--threads", "3"]);
    assert_eq!(resumed.code, 0, "{}", resumed.err);
    assert_eq!(plastica(&folder, &["run", "small.toml", "--quiet", "--out", "whole"]).code, 0);
    for file in ["spikes/part-00000.parquet", "rate.zarr/rate/c/0", "w.zarr/w/c/0/0", "checkpoint.plastica"] {
        let read = |run: &str| fs::read(folder.0.join(run).join(file)).unwrap_or_default();
        if file == "checkpoint.plastica" {
            // Its header holds the seconds that the run took.
            assert_eq!(read("broken").len() / 64, read("whole").len() / 64);
        } else {
            assert_eq!(read("broken"), read("whole"), "{file}");
        }
    }
}
