//! A circuit of names, and reading of texts.

use plastica_lang::source::{Diagnostic, Sources, parse_toml};
use plastica_lang::units::{Dimension, unit};
use plastica_programme::Lives;
use plastica_programme::circuit::{Circuit, Owner};

/// Two populations, two projections, two inputs, and models that read `acceleration` and these modulators.
pub struct Fake(pub Vec<(&'static str, Dimension)>);

fn dimension(name: &str) -> Dimension {
    unit(name).unwrap().1
}

impl Circuit for Fake {
    fn populations(&self) -> Vec<String> {
        vec!["PM_E".into(), "M1_E".into()]
    }
    fn projections(&self) -> Vec<String> {
        vec!["PM_PM".into(), "PM_M1".into()]
    }
    fn inputs(&self) -> Vec<String> {
        vec!["kicks".into(), "noise".into()]
    }
    fn modulators(&self) -> Vec<(String, Dimension)> {
        self.0.iter().copied().chain([("acceleration", Dimension::NONE)]).map(|(n, d)| (n.to_string(), d)).collect()
    }
    fn parameters(&self, owner: Owner, _: &str) -> Option<Vec<(String, Dimension)>> {
        Some(match owner {
            Owner::Population => vec![("threshold_step".into(), dimension("mV")), ("gain".into(), Dimension::NONE)],
            Owner::Projection => vec![("g".into(), Dimension::NONE), ("eta".into(), dimension("hertz"))],
        })
    }
    fn values(&self, _: &str) -> Option<Vec<String>> {
        Some(vec!["v".into(), "group".into()])
    }
}

/// What was read.
pub struct Found {
    pub lives: Option<Lives>,
    pub diagnostics: Vec<Diagnostic>,
    pub sources: Sources,
}

impl Found {
    /// The diagnostics as a terminal shows them.
    pub fn shown(&self) -> String {
        plastica_lang::source::render(&self.sources, &self.diagnostics, false)
    }
}

/// Reads a file.
pub fn read(text: &str) -> Found {
    read_with(text, &Fake(Vec::new()))
}

/// Reads a file for a circuit.
pub fn read_with(text: &str, circuit: &Fake) -> Found {
    let mut sources = Sources::default();
    let id = sources.add("lives.toml", text);
    let mut diagnostics = Vec::new();
    let table = parse_toml(&sources, id, &mut diagnostics);
    let lives = Lives::parse(&table, circuit, &mut diagnostics);
    Found { lives, diagnostics, sources }
}

/// Reads a file without faults.
#[allow(dead_code, reason = "not all tests read good files")]
pub fn good(text: &str) -> Lives {
    let found = read(text);
    assert!(found.diagnostics.is_empty(), "{}", found.shown());
    found.lives.unwrap()
}

/// A study of two groups that is used by several tests.
#[allow(dead_code, reason = "not all tests use it")]
pub const STUDY: &str = r#"
[modulator.ACh]
initial = 0.2

[modulator.vigilance]
initial = 1

[modulator.openness]
value = "1/(1 + exp((age - 14)/3.5))"

[state.attend]
modulators = { ACh = 1, vigilance = { to = 0.3, tau = "18 s", from = 1 } }
inputs = { kicks = false }

[state.asleep]
modulators = { ACh = 0 }
freeze = ["PM_PM"]

[state.asleep.population.PM_E]
threshold_step = "9 mV"

[state.asleep.projection.PM_M1]
g = 0.1

[task.sequence]
kind = "sequence"

[block.practice]
kind = "practice"
task = "sequence"
state = "attend"
trials = 12

[block.imagery]
kind = "imagery"
task = "sequence"
state = "attend"
strength = 0.7

[block.test]
kind = "test"
task = "sequence"
duration = "90 s"

[block.rest]
kind = "rest"

[block.wake]
kind = "wake"
clock = "slow"

[block.nrem]
kind = "nrem"
state = "asleep"
sample = "30 s of 15 min"

[block.rem]
kind = "rem"
state = "asleep"

[block.cycle]
programme = "nrem 70 min, rem 20 min"
sample = "1 of 4"

[block.night]
programme = "5 x cycle, nrem 30 min"

[[group]]
name = "imagery"
subjects = 12
programme = """
2 x day 24 h (test, 4 x (15 x (imagery 15 s, rest 15 s), rest 5 min),
  wake until 23:00, night)"""

[[group]]
name = "child"
age = 8
programme = "60 x (practice 15 s, rest 15 s)"
"#;
