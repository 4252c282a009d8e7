//! Studies: the same lives whatever interrupts them, in any company, and in another future.

use std::path::{Path, PathBuf};

use plastica::experiment::Length;
use plastica::library::Library;
use plastica::open::open;
use plastica::run::{Branch, Failure, How, NoObserver, Observer, Over, Results, Texts, branch, resume, run};
use plastica::study::Diary;

/// A circuit that learns a little, two groups, two days.
const STUDY: &str = r#"
[experiment]
name = "small-study"
[simulation]
dt = "1 ms"
[neuron.cell]
equations = """
dv/dt = (-v + b + I + drive)/(20*ms) + 0.05*mV*sqrt(1/ms)*xi : volt (unless refractory)
dI/dt = -I/(5*ms) : volt
drive : volt
s1 : 1 (constant)
s2 : 1 (constant)
"""
threshold = "v > 15*mV"
reset = "v = 0*mV"
refractory = "2 ms"
parameters = { b = "11 mV" }
[synapse.chain]
equations = """
w : 1
dx/dt = -x/(20*ms) : 1 (event-driven)
dy/dt = -y/(20*ms) : 1 (event-driven)
ACh : 1 (modulator)
acceleration : 1 (modulator)
"""
on_pre = "I_post += w*3*mV; x += 1; w = clip(w - eta*acceleration*ACh*y, 0, 3)"
on_post = "w = clip(w + eta*acceleration*ACh*x, 0, 3); y += 1"
on_interval = { every = "60 s", do = "w -= 1e-3*(w - 1)" }
parameters = { eta = 0.001 }
[population.cells]
model = "cell"
size = 40
parameters = { s1 = { distribution = "members", count = 10 }, s2 = { distribution = "members", count = 10 } }
[projection.chain]
pre = "cells"
post = "cells"
synapse = "chain"
connect = { rule = "probability", p = 0.3 }
delay = "2 ms"
initial = { w = 1 }
[modulator.ACh]
initial = 0.3
[state.attend]
modulators = { ACh = { to = 0.3, tau = "18 s", from = 1 } }
[state.attend.population.cells]
b = "12 mV"
[task.choose]
kind = "discrimination"
stimulus = { population = "cells", members = ["s1", "s2"], variable = "drive", amount = "15 mV", length = "200 ms" }
responses = { population = "cells", members = ["s1", "s2"] }
mapping = [1, 2]
[block.test]
kind = "test"
task = "choose"
state = "attend"
duration = "10 s"
[block.practice]
kind = "practice"
task = "choose"
state = "attend"
[block.wake]
kind = "wake"
clock = "slow"
[block.nrem]
kind = "nrem"
sample = "2 s of 60 min"
[block.night]
programme = "2 x (nrem 3 h, wake 1 h)"
[variation.eta]
projection = "chain"
parameter = "eta"
factor = { distribution = "normal", mean = 1, sd = 0.2, min = 0.3 }
[study]
morning = "07:00"
[[group]]
name = "physical"
subjects = 2
programme = "2 x day 24 h (test, practice 10 s, test, wake until 23:00, night)"
[[group]]
name = "control"
subjects = 2
programme = "2 x day 24 h (test, wake until 23:00, night)"
"#;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("plastica-study-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The page of the manual about studies: its lines belong to this study.
fn manual() -> String {
    let page = include_str!("../../../docs/reference/study.md");
    let blocks = page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    // The tables of `[study]` are in the circuit's text already.
    blocks.collect::<Vec<_>>().join("\n").replace("[study]\ntargets = \"targets.csv\"\n", "")
}

fn go(text: &str, folder: &Folder, out: &str, how: How) -> Result<Results, Failure> {
    let path = folder.write(&format!("{out}.toml"), text);
    let mut opened = open(&Library::default(), path.to_str().unwrap()).unwrap();
    let how = How { out: Some(folder.0.join(out)), ..how };
    let result = run(&mut opened, &Library::default(), &how, &mut NoObserver);
    if let Err(Failure::Text(found)) = &result {
        panic!("{}", plastica::render(&opened.sources, found, false));
    }
    result
}

fn diary(run: &Path, subject: &str) -> Diary {
    serde_json::from_str(&std::fs::read_to_string(run.join("subjects").join(format!("{subject}.json"))).unwrap()).unwrap()
}

const SUBJECTS: [&str; 4] = ["physical-1", "physical-2", "control-1", "control-2"];

#[test]
fn a_life_is_the_same_alone_on_any_threads_and_after_interruptions() {
    let folder = Folder::new("same");
    let whole = go(STUDY, &folder, "whole", How { threads: Some(2), ..How::default() }).unwrap().folder;
    let one = go(STUDY, &folder, "one", How { threads: Some(1), ..How::default() }).unwrap().folder;
    let alone = go(STUDY, &folder, "alone", How { subject: Some(("physical".into(), 2)), ..How::default() }).unwrap().folder;
    assert_eq!(diary(&alone, "physical-2"), diary(&whole, "physical-2"));
    SUBJECTS.iter().for_each(|s| assert_eq!(diary(&one, s), diary(&whole, s)));

    /// Stops after some questions, again and again.
    struct Impatient(u32);
    impl Observer for Impatient {
        fn begin(&mut self, _: &str, _: f64) {}
        fn progress(&mut self, _: f64) {}
        fn stop(&mut self) -> bool {
            self.0 = self.0.saturating_sub(1);
            self.0 == 0
        }
    }
    let path = folder.write("cut.toml", STUDY);
    let mut opened = open(&Library::default(), path.to_str().unwrap()).unwrap();
    let out = folder.0.join("cut");
    let how = How { out: Some(out.clone()), threads: Some(1), ..How::default() };
    let mut result = run(&mut opened, &Library::default(), &how, &mut Impatient(1));
    for patience in 1..40 {
        match result {
            Ok(_) => break,
            Err(Failure::Checkpointed(_)) => result = resume(&out, Some(1), &mut Default::default(), &mut Impatient(patience)),
            Err(e) => panic!("{e}"),
        }
    }
    result.unwrap();
    SUBJECTS.iter().for_each(|s| assert_eq!(diary(&out, s), diary(&whole, s), "{s}"));
}

#[test]
fn subjects_differ_and_pairs_share_a_circuit() {
    let folder = Folder::new("pairs");
    let run = go(STUDY, &folder, "run", How::default()).unwrap().folder;
    let first = |s: &str| diary(&run, s).blocks[0].clone();
    // The first test is the same life in both groups: the same person; another person has another one.
    assert_eq!(first("physical-1"), first("control-1"));
    assert_ne!(first("physical-1").rates, first("physical-2").rates);
    let apart = go(&STUDY.replace("morning", "paired = false\nmorning"), &folder, "apart", How::default()).unwrap().folder;
    assert_ne!(diary(&apart, "physical-1").blocks[0].rates, diary(&apart, "control-1").blocks[0].rates);
}

#[test]
fn accelerations_are_declared_and_can_be_left_out() {
    let folder = Folder::new("exact");
    let short =
        STUDY.replace("3 h, wake 1 h", "10 s, wake 1 h").replace("2 s of 60 min", "2 s of 5 s").replace("24 h (", "18 h 10 s (").replace("2 x day", "1 x day");
    let short = short.replace("2 x (nrem 10 s", "2 x (nrem 5 s");
    let sampled = go(&short, &folder, "sampled", How::default()).unwrap().folder;
    let exact = go(&short, &folder, "exact", How { exact: true, ..How::default() }).unwrap().folder;
    let factors = |run: &Path| diary(run, "control-1").blocks.iter().map(|b| b.acceleration).fold(0.0, f64::max);
    assert_eq!((factors(&sampled), factors(&exact)), (2.5, 1.0));
    let page = std::fs::read_to_string(sampled.join("report.html")).unwrap();
    assert!(page.contains("accelerated in the sampled blocks: nrem by 2.5"), "the factor stands in the report");
}

#[test]
fn a_branch_has_the_same_past_and_another_future() {
    let folder = Folder::new("branch");
    for (name, text) in [("lived", STUDY.to_string()), ("kept", format!("{STUDY}\n[checkpoint]\ndays = true\n"))] {
        let past = go(&text, &folder, name, How::default()).unwrap().folder;
        let branched = |with: &str, out: &str| {
            let with = folder.write("other.toml", with);
            let what = Branch {
                past: past.clone(),
                at: "day 2".into(),
                with: Over::read(&with).unwrap(),
                out: Some(folder.0.join(format!("{name}-{out}"))),
                threads: None,
            };
            branch(&what, &mut None, &mut NoObserver).unwrap().folder
        };
        // Nothing changed: the same future, bit for bit.
        let same = branched("[experiment]\ndoc = \"the same\"\n", "same");
        SUBJECTS.iter().for_each(|s| assert_eq!(diary(&same, s), diary(&past, s), "{name} {s}"));
        let other = branched("[projection.chain.parameters]\neta = 0.01\n", "other");
        let (a, b) = (diary(&past, "physical-1"), diary(&other, "physical-1"));
        let morning = a.blocks.iter().position(|e| e.day == 2).unwrap();
        assert_eq!(a.blocks[..morning], b.blocks[..morning]);
        assert_ne!(a.blocks[morning..], b.blocks[morning..]);
    }
}

#[test]
fn a_branch_that_was_interrupted_goes_on() {
    let folder = Folder::new("branch-cut");
    let past = go(STUDY, &folder, "past", How::default()).unwrap().folder;
    let with = Over::read(&folder.write("other.toml", "[projection.chain.parameters]\neta = 0.01\n")).unwrap();
    let what = |out: &str| Branch { past: past.clone(), at: "day 2".into(), with: with.clone(), out: Some(folder.0.join(out)), threads: Some(1) };
    let whole = branch(&what("whole"), &mut None, &mut NoObserver).unwrap().folder;

    /// Stops after some questions, and hears what is there already.
    #[derive(Default)]
    struct Impatient(u32, Vec<String>);
    impl Observer for Impatient {
        fn begin(&mut self, _: &str, _: f64) {}
        fn progress(&mut self, _: f64) {}
        fn note(&mut self, line: &str) {
            self.1.push(line.into());
        }
        fn stop(&mut self) -> bool {
            self.0 = self.0.saturating_sub(1);
            self.0 == 0
        }
    }
    let cut = what("cut");
    let out = cut.out.clone().unwrap();
    let mut observer = Impatient(1, Vec::new());
    let mut result = branch(&cut, &mut None, &mut observer);
    assert!(matches!(result, Err(Failure::Checkpointed(_))), "{result:?}");
    assert!(observer.1.is_empty(), "at its beginning there is nothing to go on with");
    for patience in 1..40 {
        if result.is_ok() {
            break;
        }
        observer.0 = patience;
        result = resume(&out, Some(1), &mut Default::default(), &mut observer);
    }
    result.unwrap();
    SUBJECTS.iter().for_each(|s| assert_eq!(diary(&out, s), diary(&whole, s), "{s}"));
    assert!(observer.1.iter().any(|line| line.contains("of 4 subjects are done")), "{:?}", observer.1);
    // Without its past it cannot go on, and says so.
    std::fs::remove_file(out.join("results.json")).unwrap();
    std::fs::rename(&past, folder.0.join("moved")).unwrap();
    match resume(&out, Some(1), &mut Default::default(), &mut NoObserver) {
        Err(Failure::Folder(message)) => assert!(message.contains("no longer in"), "{message}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn arms_may_share_a_past() {
    const LATE: &str = "day 24 h (test, wake until 23:00, night), day 24 h (test, practice 10 s, test, wake until 23:00, night)";
    let folder = Folder::new("arms");
    let group = |name: &str, more: &str| format!("[[group]]\nname = \"{name}\"\nsubjects = 2\nprogramme = \"{LATE}\"\n{more}");
    let shared = "from = \"control\"\nat = \"day 2\"\n";
    let text = format!("{STUDY}{}{}", group("late", shared), group("whole", ""));
    // Who has a past in common lives as one who has lived it.
    for (out, threads) in [("one", 1), ("two", 2)] {
        let run = go(&text, &folder, out, How { threads: Some(threads), ..How::default() }).unwrap().folder;
        for n in 1..=2 {
            assert_eq!(diary(&run, &format!("late-{n}")).blocks, diary(&run, &format!("whole-{n}")).blocks, "{out} {n}");
        }
        assert!(!run.join("subjects/late-1-begin.plastica").exists(), "the state that was left for it is used up");
    }
    let alone = go(&text, &folder, "alone", How { subject: Some(("late".into(), 2)), ..How::default() }).unwrap().folder;
    assert_eq!(diary(&alone, "late-2").blocks, diary(&folder.0.join("one"), "whole-2").blocks);
    // The same person too where the others are not.
    let apart = go(&text.replace("morning", "paired = false\nmorning"), &folder, "apart", How::default()).unwrap().folder;
    let first_day = |s: &str| diary(&apart, s).blocks.into_iter().filter(|e| e.day == 1).collect::<Vec<_>>();
    assert_eq!(first_day("late-1"), first_day("control-1"));
    assert_ne!(first_day("late-1"), first_day("whole-1"));
    // What changes with it acts from the moment on.
    let other = format!("{text}without = [\"learning\"]\n[without.learning.projection.chain.parameters]\neta = 0\n")
        .replace("name = \"whole\"", &format!("name = \"whole\"\n{shared}"));
    let other = go(&other, &folder, "other", How::default()).unwrap().folder;
    let (a, b) = (diary(&other, "late-1"), diary(&other, "whole-1"));
    let morning = a.blocks.iter().position(|e| e.day == 2).unwrap();
    assert_eq!(a.blocks[..morning], b.blocks[..morning]);
    assert_ne!(a.blocks[morning..], b.blocks[morning..]);
}

#[test]
fn a_past_that_cannot_be_shared_is_refused() {
    let folder = Folder::new("pasts");
    let check = |from: &str, at: &str, expected: &str| {
        let text =
            format!("{STUDY}[[group]]\nname = \"late\"\nfrom = \"{from}\"\nat = \"{at}\"\nprogramme = \"2 x day 24 h (test, wake until 23:00, night)\"\n");
        let path = folder.write("study.toml", &text);
        let mut opened = open(&Library::default(), path.to_str().unwrap()).unwrap();
        let _ = plastica::explain::explain(&mut opened, &Library::default(), Length::Told);
        let said = plastica::render(&opened.sources, &opened.diagnostics, false);
        assert!(said.contains(expected), "{from} {at}: {said}");
    };
    check("controll", "day 2", "did you mean `control`?");
    check("late", "day 2", "cannot begin from itself");
    check("control", "day 9", "has no day 9");
    check("control", "30 h", "nearest borders");
    check("control", "someday", "error");
}

#[test]
fn a_moment_within_a_block_is_no_place_to_branch() {
    let folder = Folder::new("moment");
    let past = go(STUDY, &folder, "past", How { subject: Some(("physical".into(), 1)), ..How::default() }).unwrap().folder;
    let with = folder.write("other.toml", "");
    for (at, said) in [("30 h", "nearest borders"), ("day 7", "has no day 7"), ("90 h", "ends after 48 h"), ("someday", "")] {
        let what = Branch { past: past.clone(), at: at.into(), with: Over::read(&with).unwrap(), out: Some(folder.0.join("never")), threads: None };
        match branch(&what, &mut None, &mut NoObserver) {
            Err(Failure::Folder(message)) => assert!(message.contains(said), "{at}: {message}"),
            Err(Failure::Text(_)) => assert_eq!(said, "", "{at}"),
            other => panic!("{at}: {other:?}"),
        }
    }
}

#[test]
fn the_manual_of_studies_is_true() {
    let folder = Folder::new("manual");
    folder.write("targets.csv", "id,quantity,published,unit,low,high,kind,verification,calibrated\nE27,overnight speed gain,20,percent,,,quant,V,yes\n");
    let text = format!("{}\n{}", STUDY.replace("morning = ", "targets = \"targets.csv\"\nmorning = "), manual()).replace("I_post += w\"", "I_post += w*3*mV\"");
    let results = go(&text, &folder, "run", How::default()).unwrap();
    let rows: Vec<(String, bool, Option<f64>)> = results.rows.iter().map(|r| (r.quantity.clone(), r.calibrated, r.simulated)).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|r| r.2.is_some()), "{rows:?}");
    assert!(rows[0].1 && results.rows[0].verdict == plastica::run::Verdict::Calibrated);
    let night = diary(&results.folder, "physical-1").blocks.iter().flat_map(|b| b.after.clone()).find(|(n, _)| n == "weights.mean");
    assert!(night.is_some());
    // An ablation is another run of the same file.
    let without = go(&text, &folder, "without", How { without: vec!["learning".into()], ..How::default() }).unwrap();
    assert_ne!(without.rows[0].simulated, results.rows[0].simulated);
    let set = go(&text, &folder, "set", How { set: vec!["projection.chain.initial.w=0.5".into()], ..How::default() }).unwrap();
    assert_ne!(set.rows[1].simulated, results.rows[1].simulated);
}

#[test]
fn correlations_are_over_subjects_and_may_be_of_ranks() {
    let folder = Folder::new("correlation");
    let row = |quantity: &str, value: &str, more: &str| {
        format!(
            "\n[[row]]\nid = \"E27\"\nquantity = \"{quantity}\"\nof = \"correlation\"\n{more}\ngroup = \"physical\"\nblock = \"test\"\nscore = \"chain\"\nwith = {{ a = {{ day = 1 }}, b = {{ day = 2 }} }}\nvalue = \"{value}\"\nagainst = \"b\"\n"
        )
    };
    let rows = row("itself", "2*b", "") + &row("turned", "-exp(500*(b - 1))", "rank = true") + &row("bent", "exp(500*(b - 1))", "");
    let measure = "[measure.chain]\nprojection = \"chain\"\nvariable = \"w\"\nafter = [\"test\"]\n";
    let text = format!("{}\n{measure}\n{rows}", STUDY.replace("subjects = 2", "subjects = 4"));
    let results = go(&text, &folder, "run", How::default()).unwrap();
    let found: Vec<f64> = results.rows.iter().map(|r| r.simulated.unwrap()).collect();
    assert!((found[0] - 1.0).abs() < 1e-9 && (found[1] + 1.0).abs() < 1e-9, "{found:?}");
    // A curve is no line, though it rises.
    assert!(found[2] > 0.0 && found[2] < 1.0 - 1e-6, "{found:?}");
    assert!(results.rows.iter().all(|r| r.n == Some(4)));
}

#[test]
fn audits_sweeps_and_calibrations_are_runs_of_the_same_file() {
    let folder = Folder::new("again");
    folder.write("targets.csv", "id,quantity,published,unit,low,high,kind,verification,calibrated\nE27,overnight speed gain,20,percent,,,quant,V,yes\n");
    let text = format!("{}\n{}", STUDY.replace("morning = ", "targets = \"targets.csv\"\nmorning = "), manual()).replace("I_post += w\"", "I_post += w*3*mV\"");
    // Short days, so that the exact run is short too.
    let text = text.replace("3 h, wake 1 h", "5 s, wake 1 h").replace("2 s of 60 min", "2 s of 5 s").replace("24 h (", "18 h 10 s (");
    let path = folder.write("study.toml", &text);
    let what = path.to_str().unwrap();
    let library = Library::default();
    let how = |out: &str| How { out: Some(folder.0.join(out)), ..How::default() };
    let mut texts = Texts::default();
    let mut open = || plastica::open::open(&library, what).map_err(|e| Failure::Folder(e.to_string()));
    let (root, rows) = plastica::run::audit(&mut open, &library, 2, &how("audit"), &mut texts, &mut NoObserver).unwrap();
    assert_eq!(rows.len(), 3);
    assert!(root.join("audit.csv").exists() && root.join("exact/report.html").exists());
    let factor = |run: &str| diary(&root.join(run), "control-1").blocks.iter().map(|b| b.acceleration).fold(0.0, f64::max);
    assert_eq!((factor("accelerated"), factor("exact")), (2.5, 1.0));
    let root = plastica::run::sweep(&mut open, "rates", &library, &how("sweep"), &mut texts, &mut NoObserver).unwrap();
    let table = std::fs::read_to_string(root.join("sweep.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 2 * 2 * 3, "{table}");
    let (_, found) = plastica::run::calibrate(&mut open, &library, &how("calibration"), &mut texts, &mut NoObserver).unwrap();
    assert_eq!((found[0].name.as_str(), found[0].runs), ("eta", 8));
    assert!((0.1..=1.0).contains(&found[0].value) && found[0].reached.is_some());
    assert!(found[0].ends.iter().all(|end| end.is_finite()));
    let table = std::fs::read_to_string(folder.0.join("calibration/calibration.csv")).unwrap();
    assert!(table.lines().nth(1).is_some_and(|line| line.ends_with(plastica::VERSION)), "{table}");
    assert!(plastica::run::sweep(&mut open, "none", &library, &how("none"), &mut texts, &mut NoObserver).is_err());
}

#[test]
fn the_faults_of_an_ablation_are_found_by_the_check() {
    let folder = Folder::new("overlay");
    let path = folder.write(
        "study.toml",
        &format!("{STUDY}\n[without.learning.projection.chain.parameters]\neta = \"1 mV\"\n[without.wrong.state.attend]\nmodulator = 1\n"),
    );
    let mut opened = open(&Library::default(), path.to_str().unwrap()).unwrap();
    assert!(plastica::explain::explain(&mut opened, &Library::default(), Length::Told).is_none());
    let said = plastica::render(&opened.sources, &opened.diagnostics, false);
    for part in ["laid over the file as `learning`", "laid over the file as `wrong`", "did you mean `modulators`?"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn a_calibration_needs_its_row_and_is_not_taken_over_from_a_base() {
    let folder = Folder::new("unfit");
    folder.write("targets.csv", "id,quantity,published,unit,low,high,kind,verification,calibrated\nE27,overnight speed gain,20,percent,,,quant,V,yes\n");
    let text = format!("{}\n{}", STUDY.replace("morning = ", "targets = \"targets.csv\"\nmorning = "), manual()).replace("I_post += w\"", "I_post += w*3*mV\"");
    let said = |text: &str| {
        let path = folder.write("study/experiment.toml", text);
        let mut opened = open(&Library::default(), path.to_str().unwrap()).unwrap();
        let _ = plastica::explain::explain(&mut opened, &Library::default(), Length::Told);
        plastica::render(&opened.sources, &opened.diagnostics, false)
    };
    for name in ["study", "other"] {
        std::fs::create_dir_all(folder.0.join(name)).unwrap();
    }
    let text = text.replace("\"targets.csv\"", "\"../targets.csv\"");
    assert!(!said(&text).contains("error"), "{}", said(&text));
    let wrong = said(&text.replace("wanted = 1.78", "wanted = 1.78\n[calibration.other]\nset = \"projection.chain.initial.w\"\nfrom = 0\nto = 1\nid = \"E21\"\nquantity = \"physical vs nobody\"\nwanted = 1"));
    assert!(wrong.contains("error[unknown-row]") && wrong.contains("did you mean `physical vs none`?"), "{wrong}");
    // A study on top of it has other rows, so the calibrations stay where they are.
    said(&text);
    let own = "[experiment]\nbase = \"study\"\n[[group]]\nname = \"alone\"\nsubjects = 1\nprogramme = \"test\"\n";
    let path = folder.write("other/experiment.toml", own);
    let mut opened = open(&Library::default(), path.to_str().unwrap()).unwrap();
    let _ = plastica::explain::explain(&mut opened, &Library::default(), Length::Told);
    let said = plastica::render(&opened.sources, &opened.diagnostics, false);
    assert!(!said.contains("unknown-row"), "{said}");
}
