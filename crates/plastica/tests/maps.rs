//! Maps of a study: what a probe says about receptive fields, correlations over subjects, and what is said about faulty texts.

use plastica::experiment::parse_experiment;
use plastica::library::Library;
use plastica::open::open;
use plastica::run::{How, NoObserver, run};

/// Three stimuli and four cells: one answers to the first, one to the second, one to the second and third alike, one to nothing.
/// A fifth population fires at random, otherwise in each subject.
const STUDY: &str = r#"
[experiment]
name = "small-map"
[simulation]
dt = "1 ms"
[neuron.relay]
equations = """
drive : 1
number : 1 (constant)
"""
threshold = "drive > 0"
[neuron.cell]
equations = """
v : volt
half : 1 (constant)
"""
threshold = "v > 15*mV"
reset = "v = 0*mV"
[neuron.noise]
equations = "x : 1"
threshold = "rand() < 0.2"
[synapse.strong]
equations = "w : volt"
on_pre = "v_post += w"
initial = { w = "20 mV" }
[population.stimulus]
model = "relay"
size = 3
parameters = { number = "i" }
[population.E]
model = "cell"
size = 4
parameters = { half = "int(i > 1)" }
[population.chance]
model = "noise"
size = 5
[projection.map]
pre = "stimulus"
post = "E"
synapse = "strong"
connect = { pairs = [[0, 0], [1, 1], [1, 2], [2, 2]] }
[task.tones]
kind = "probe"
pulse = { population = "stimulus", value = "number", variable = "drive", intensities = [1], length = "4 ms" }
cells = { population = "E" }
window = "20 ms"
interval = "50 ms"
repeats = 2
[block.map]
kind = "test"
task = "tones"
duration = "1 s"
[measure.answer]
probe = "tones"
read = "answer"
pick = [[2, 1]]
after = ["map"]
[measure.best]
probe = "tones"
read = "best"
after = ["map"]
[measure.second]
probe = "tones"
read = "best"
to = { value = "half" }
pick = [[2, 1], [2, 2]]
after = ["map"]
[measure.field]
probe = "tones"
read = "field"
to = { value = "half" }
after = ["map"]
[measure.several]
probe = "tones"
read = "several"
together = 1
after = ["map"]
[[group]]
name = "all"
age = "28 d"
subjects = 4
programme = "map"
[[row]]
id = "X"
quantity = "together"
of = "correlation"
group = "all"
block = "map"
score = "rate of chance"
with = { a = {} }
value = "a"
against = "2*a + 1"
[[row]]
id = "X"
quantity = "against each other"
of = "correlation"
group = "all"
block = "map"
score = "rate of chance"
with = { a = {} }
value = "a"
against = "-a"
"#;

struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("plastica-maps-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn write(&self, text: &str) -> String {
        let path = self.0.join("study.toml");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn fields_are_read_from_a_probe() {
    let folder = Folder::new("fields");
    let mut opened = open(&Library::default(), &folder.write(STUDY)).unwrap();
    let how = How { out: Some(folder.0.join("out")), ..How::default() };
    let results = run(&mut opened, &Library::default(), &how, &mut NoObserver).unwrap();
    let diary: plastica::study::Diary = serde_json::from_str(&std::fs::read_to_string(folder.0.join("out/subjects/all-1.json")).unwrap()).unwrap();
    let read = |name: &str| -> Vec<f64> {
        let entry = diary.blocks.last().unwrap();
        entry.after.iter().find(|(n, _)| n == name).unwrap().1.numbers().collect()
    };
    // Two of the four cells fire at every second of the four steps of the second stimulus: a reset follows what is delivered.
    assert_eq!(read("answer"), [1.0]);
    assert_eq!(read("best"), [1.0, 1.5, 0.5]);
    assert_eq!(read("second"), [0.75]);
    assert_eq!(read("field"), [1.0, 2.0]);
    assert_eq!(read("several"), [1.0 / 3.0]);
    let found: Vec<f64> = results.rows.iter().map(|row| row.simulated.unwrap()).collect();
    assert!((found[0] - 1.0).abs() < 1e-9 && (found[1] + 1.0).abs() < 1e-9, "{found:?}");
}

#[test]
fn faults_are_named() {
    let folder = Folder::new("faults");
    let check = |old: &str, new: &str, id: &str| {
        assert!(STUDY.contains(old), "{old}");
        let mut opened = open(&Library::default(), &folder.write(&STUDY.replacen(old, new, 1))).unwrap();
        let _ = parse_experiment(&mut opened, &Library::default());
        let found: Vec<String> = opened.diagnostics.iter().map(|d| d.id.to_string()).collect();
        assert!(found.iter().any(|f| f == id), "{new}: {found:?}");
    };
    check("probe = \"tones\"", "probe = \"tone\"", "unknown-task");
    check("read = \"answer\"", "read = \"answers\"", "unknown-word");
    check("read = \"answer\"", "share = 0.5", "missing-key");
    check("read = \"answer\"", "read = \"answer\"\nshare = 2", "out-of-range");
    check("read = \"answer\"", "read = \"answer\"\nvariable = \"v\"", "unknown-key");
    check("probe = \"tones\"\n", "population = \"E\"\nvariable = \"v\"\n", "unknown-key");
    check("together = 1", "together = 0", "out-of-range");
    check("value = \"a\"\nagainst = \"2*a + 1\"", "value = \"a\"", "missing-key");
    check("against = \"2*a + 1\"", "against = \"b\"", "unknown-name");
    check("age = \"28 d\"", "age = \"28 dd\"", "bad-duration");
    check("age = \"28 d\"", "age = \"200 years\"", "out-of-range");
}
