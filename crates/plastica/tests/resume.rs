//! A run that is cut into pieces, each on another number of threads, leaves what an unbroken run leaves, byte for byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plastica::library::Library;
use plastica::open::open;
use plastica::run::{Failure, How, NoObserver, Observer, Texts, resume, run};
use plastica_record::checkpoint;

const TEXT: &str = r#"
[experiment]
name = "pieces"
[simulation]
duration = "1 s"
seed = 3
PRECISION
[population.E]
model = "lif_exp"
size = 60
initial = { v = "-60*mV + 10*mV*rand()" }
[population.source]
model = "poisson"
size = 40
[projection.in]
pre = "source"
post = "E"
synapse = "triplet_minimal_current"
connect = { rule = "probability", p = 0.5 }
delay = { distribution = "uniform", low = "0.5 ms", high = "3 ms" }
[projection.EE]
pre = "E"
post = "E"
synapse = "vogels_current"
connect = { rule = "fixed_indegree", k = 10 }
axonal_delay = "0.5 ms"
dendritic_delay = "1.3 ms"
[synapse.turning]
equations = "w : amp"
on_pre = "I_syn_post += w"
prune = { every = "20 ms", where = "rand() < 0.2" }
grow = { every = "30 ms", post = 1.5, do = "w = 5*pA*in_degree" }
[projection.turning]
pre = "E"
post = "E"
synapse = "turning"
connect = { rule = "fixed_indegree", k = 6 }
delay = { distribution = "uniform", low = "0.5 ms", high = "3 ms" }
initial = { w = "10*pA*rand()" }
[change.wound]
at = "800 ms"
lesion = { neurons = { E = 0.1 }, synapses = { EE = 0.3 } }
[record.turning]
projection = "turning"
variable = "w"
interval = "10 ms"
every = 7
[record.number]
projection = "turning"
count = "synapses"
interval = "10 ms"
[record.pruned]
projection = "EE"
count = "pruned"
interval = "100 ms"
[input.drive]
population = "E"
current = { variable = "I_ext", value = "150*pA + 50*pA*randn()" }
[change.freeze]
at = "300 ms"
freeze = "in"
[change.release]
at = "500.3 ms"
release = "in"
population = "E"
parameters = { v_th = "-51 mV" }
[record.spikes]
spikes = "E"
[record.rate]
rate = "E"
bin = "7 ms"
[record.v]
population = "E"
variable = "v"
interval = "1.7 ms"
neurons = "0:60:7"
[record.w]
projection = "in"
variable = "w"
interval = "30 ms"
[record.changes]
projection = "EE"
variable = "w"
interval = "change"
every = 50
"#;

/// Stops when it has been told of progress so many times.
struct StopAfter(u32);

impl Observer for StopAfter {
    fn begin(&mut self, _: &str, _: f64) {}
    fn progress(&mut self, _: f64) {
        self.0 = self.0.saturating_sub(1);
    }
    fn stop(&mut self) -> bool {
        self.0 == 0
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut left = vec![folder.to_path_buf()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                out.insert(path.strip_prefix(folder).unwrap().display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    out
}

fn check(precision: &str, stops: &[u32]) {
    let folder = std::env::temp_dir().join(format!("plastica-pieces-{}-{precision}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("pieces.toml");
    fs::write(&path, TEXT.replace("PRECISION", &format!("precision = \"{precision}\""))).unwrap();
    let library = Library::default();
    let begin = |out: PathBuf, threads: usize, observer: &mut dyn Observer| {
        let mut opened = open(&library, path.to_str().unwrap()).unwrap();
        let how = How { threads: Some(threads), out: Some(out), ..How::default() };
        let outcome = run(&mut opened, &library, &how, observer);
        if let Err(Failure::Text(diagnostics)) = &outcome {
            panic!("{}", plastica::render(&opened.sources, diagnostics, false));
        }
        outcome
    };
    let (whole, broken) = (folder.join("whole"), folder.join("broken"));
    let results = begin(whole.clone(), 1, &mut NoObserver).unwrap();
    assert!(results.rows[0].simulated.unwrap() > 1.0, "the circuit is alive: {:?}", results.rows[0]);
    let mut outcome = begin(broken.clone(), 2, &mut StopAfter(stops[0]));
    let mut pieces = 1;
    let (saved, mut older) = (broken.join("checkpoint.plastica"), Vec::new());
    for (k, stop) in stops[1..].iter().chain(&[u32::MAX]).enumerate() {
        match outcome {
            Err(Failure::Checkpointed(_)) => pieces += 1,
            other => panic!("{other:?}"),
        }
        // Once the run goes on from an older checkpoint than its recordings reach, as after a kill between two checkpoints.
        match k {
            0 => older = fs::read(&saved).unwrap(),
            1 => fs::write(&saved, &older).unwrap(),
            _ => {}
        }
        outcome = resume(&broken, Some(1 + k % 3), &mut Texts::default(), &mut StopAfter(*stop));
    }
    let resumed = outcome.unwrap();
    assert_eq!(pieces, stops.len() + 1);
    let values = |rows: &[plastica::run::Row]| rows.iter().map(|r| r.simulated).collect::<Vec<_>>();
    assert_eq!(values(&resumed.rows), values(&results.rows));
    let (a, b) = (files(&whole), files(&broken));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in &a {
        // These hold the real seconds that a run took.
        if !["checkpoint.plastica", "results.json", "results.csv", "report.html"].contains(&name.as_str()) {
            assert!(bytes == &b[name], "{name} differs");
        }
    }
    let state = |run: &Path| checkpoint::load(&run.join("checkpoint.plastica")).unwrap().1;
    assert!(state(&whole) == state(&broken), "the states at the end differ");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn pieces_equal_the_whole_in_single_precision() {
    check("single", &[2, 1, 3, 1, 1]);
}

#[test]
fn pieces_equal_the_whole_in_double_precision() {
    check("double", &[3, 2, 2]);
}
