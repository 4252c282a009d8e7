//! `[block.NAME]`: one stretch of a life, or a block made of others by a programme of its own.

use plastica_lang::source::{Diagnostic, Key, Span, Table, Value, ValueKind, nearest};

use crate::BlockKind;
use crate::circuit::Circuit;
use crate::lesion::Lesion;
use crate::lexer::is_name;
use crate::programme::Programme;
use crate::sample::{Sample, read_sample};
use crate::state::{Changes, State};
use crate::tables::{did_you_mean, doc, named_tables};
use crate::time::{SECOND_US, duration_key};

/// A block by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Name.
    pub name: String,
    /// What it is, as written.
    pub doc: String,
    /// One block, or others.
    pub what: What,
    /// What of it is simulated with spikes.
    pub sample: Option<Sample>,
    /// Place of its name.
    pub span: Span,
}

/// One block, or others.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A block in which one thing goes on.
    Plain(Plain),
    /// A block made of others.
    Composite(Programme),
}

/// A block in which one thing goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    /// What goes on.
    pub kind: BlockKind,
    /// Name of the task.
    pub task: Option<String>,
    /// Place in the list of states.
    pub state: Option<usize>,
    /// Microseconds, where the programme does not say.
    pub duration_us: Option<i64>,
    /// The task ends after so many trials; the time stays.
    pub trials: Option<u32>,
    /// Of the drive that the real stimulus would give.
    pub strength: f64,
    /// Never with spikes.
    pub slow: bool,
    /// What an injury changes for good.
    pub lasting: Changes,
    /// Neurons and synapses that are lost when it begins (injuries).
    pub lesions: Vec<Lesion>,
}

/// The kinds and their names in the file.
pub const KINDS: [(&str, BlockKind); 10] = [
    ("practice", BlockKind::Practice),
    ("imagery", BlockKind::Imagery),
    ("exposure", BlockKind::Exposure),
    ("wake", BlockKind::Wake),
    ("rest", BlockKind::Rest),
    ("nrem", BlockKind::Nrem),
    ("rem", BlockKind::Rem),
    ("sleep", BlockKind::Sleep),
    ("injury", BlockKind::Injury),
    ("test", BlockKind::Test),
];

impl BlockKind {
    /// As in the file.
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// Does the subject sleep?
    pub fn is_sleep(self) -> bool {
        matches!(self, BlockKind::Nrem | BlockKind::Rem | BlockKind::Sleep)
    }
}

/// What blocks refer to.
pub(crate) struct Around<'a> {
    pub states: &'a [State],
    pub tasks: &'a [String],
    pub circuit: &'a dyn Circuit,
}

impl Block {
    /// Reads all `[block.*]`.
    pub(crate) fn parse_all(table: &Table, around: &Around<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Block> {
        named_tables(table, "block", diagnostics).into_iter().map(|(key, body)| block(key, body, around, diagnostics)).collect()
    }

    /// The block, if it is not made of others.
    pub fn plain(&self) -> Option<&Plain> {
        match &self.what {
            What::Plain(plain) => Some(plain),
            What::Composite(_) => None,
        }
    }

    /// The programme of a block that is made of others.
    pub fn programme(&self) -> Option<&Programme> {
        match &self.what {
            What::Plain(_) => None,
            What::Composite(programme) => Some(programme),
        }
    }
}

const PLAIN_KEYS: [&str; 10] = ["doc", "kind", "task", "state", "duration", "trials", "strength", "sample", "clock", "lasting"];

fn block(key: &Key, table: &Table, around: &Around<'_>, diagnostics: &mut Vec<Diagnostic>) -> Block {
    let what = format!("block `{}`", key.name);
    if !is_name(&key.name) {
        let fault = Diagnostic::error("bad-name", key.span, format!("programmes cannot name a block `{}`", key.name));
        diagnostics
            .push(fault.help("a name begins with a letter and is made of letters, digits, `-` and `_`; `x`, `day` and `until` are words of the language"));
    }
    let sample = table.text("sample", diagnostics).and_then(|text| read_sample(text, diagnostics));
    let what = if let Some(text) = table.text("programme", diagnostics) {
        table.known_keys(&format!("{what}, which has a programme,"), &["doc", "programme", "sample"], diagnostics);
        if let (Some(Sample::Part { .. }), Some(value)) = (sample, table.get("sample")) {
            let fault = Diagnostic::error("bad-sample", value.span, "a block made of others is sampled as a whole");
            diagnostics.push(fault.help("write \"1 of 4\" here, or give the inner blocks samples of their own"));
        }
        What::Composite(Programme::parse(text, diagnostics))
    } else {
        table.known_keys(&what, &[&PLAIN_KEYS[..], &["programme"]].concat(), diagnostics);
        What::Plain(read_plain(&what, key, table, around, diagnostics))
    };
    Block { name: key.name.clone(), doc: doc(table, diagnostics), what, sample, span: key.span }
}

fn read_plain(what: &str, key: &Key, table: &Table, around: &Around<'_>, diagnostics: &mut Vec<Diagnostic>) -> Plain {
    let read_kind = read_kind(what, key, table, diagnostics);
    let kind = read_kind.unwrap_or(BlockKind::Wake);
    let task = table.text("task", diagnostics);
    if let Some(task) = task
        && !around.tasks.contains(&task.text)
    {
        let help = match around.tasks.is_empty() {
            true => format!("write [task.{}] with its `kind`", task.text),
            false => did_you_mean(&task.text, "tasks", around.tasks.iter().map(String::as_str)),
        };
        diagnostics.push(Diagnostic::error("unknown-task", task.span, format!("there is no task `{}`", task.text)).label("unknown task").help(help));
    }
    if read_kind.is_some() {
        fits_kind(what, kind, key, table, diagnostics);
    }
    let state = table.text("state", diagnostics).and_then(|text| {
        let found = around.states.iter().position(|s| s.name == text.text);
        if found.is_none() {
            let names = || around.states.iter().map(|s| s.name.as_str());
            let help = if nearest(&text.text, names()).is_some() || names().next().is_some() {
                did_you_mean(&text.text, "states", names())
            } else {
                format!("write [state.{}] with modulators = {{ .. }}", text.text)
            };
            diagnostics.push(Diagnostic::error("unknown-state", text.span, format!("there is no state `{}`", text.text)).label("unknown state").help(help));
        }
        found
    });
    let strength = table.number("strength", diagnostics).unwrap_or(1.0);
    if strength < 0.0 {
        let span = table.get("strength").map_or(key.span, |v| v.span);
        let fault = Diagnostic::error("out-of-range", span, format!("`strength` of {what} must not be negative"));
        diagnostics.push(fault.help("write 1 for the drive of the real stimulus, 0.5 for half of it"));
    }
    let (lasting, lesions) = match table.table("lasting", diagnostics) {
        Some(inner) => {
            inner.known_keys("`lasting`", &["freeze", "release", "inputs", "population", "projection", "lesion"], diagnostics);
            (Changes::parse(inner, around.circuit, diagnostics), Lesion::parse_all(inner, around.circuit, diagnostics))
        }
        None => Default::default(),
    };
    Plain {
        kind,
        task: task.map(|t| t.text.clone()),
        state,
        // A length that could not be read was reported; that there is none is not said beside it.
        duration_us: duration_key(table, "duration", diagnostics).or((table.get("duration").is_some() || read_kind.is_none()).then_some(SECOND_US)),
        trials: table.integer("trials", 1, diagnostics).and_then(|n| small(n, "trials", table, diagnostics)),
        strength,
        slow: is_slow(table, diagnostics),
        lasting,
        lesions,
    }
}

fn read_kind(what: &str, key: &Key, table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<BlockKind> {
    if table.get("kind").is_none() {
        let word = nearest(&key.name, KINDS.iter().map(|(w, _)| *w)).unwrap_or("wake");
        let fault = Diagnostic::error("missing-key", key.span, format!("{what} has no `kind`"));
        diagnostics.push(fault.help(format!("add a line: kind = \"{word}\"; or programme = \"..\" for a block made of others")));
        return None;
    }
    let text = table.text("kind", diagnostics)?;
    let found = KINDS.iter().find(|(word, _)| *word == text.text).map(|(_, kind)| *kind);
    if found.is_none() {
        let help = did_you_mean(&text.text, "kinds", KINDS.iter().map(|(w, _)| *w));
        diagnostics.push(Diagnostic::error("unknown-kind", text.span, format!("there is no kind of block `{}`", text.text)).label("unknown kind").help(help));
    }
    found
}

/// Reports keys that a kind needs and those that mean nothing in it.
fn fits_kind(what: &str, kind: BlockKind, key: &Key, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let word = kind.word();
    let needs_task = matches!(kind, BlockKind::Practice | BlockKind::Imagery | BlockKind::Test);
    if needs_task && table.get("task").is_none() {
        let fault = Diagnostic::error("missing-key", key.span, format!("{what} has no `task`"));
        diagnostics.push(
            fault
                .note(format!("{word} is the doing of a task"))
                .help("add a line: task = \"NAME\", the name of a [task.NAME]; stimuli without a response are of the kind \"exposure\""),
        );
    }
    let refuse = |name: &str, because: String, help: &str, diagnostics: &mut Vec<Diagnostic>| {
        if let Some(key) = table.key(name) {
            diagnostics.push(Diagnostic::error("not-available", key.span, because).label(format!("no `{name}` here")).help(help));
        }
    };
    if matches!(kind, BlockKind::Wake | BlockKind::Injury) {
        refuse(
            "task",
            format!("{what} is {word} and has no task"),
            "choose another kind, such as \"practice\" or \"exposure\", or remove this line",
            diagnostics,
        );
    }
    if kind != BlockKind::Injury {
        refuse(
            "lasting",
            format!("{what} is {word}, and only an injury changes the circuit for good"),
            "write kind = \"injury\", or put these values into a state",
            diagnostics,
        );
    } else if table.get("lasting").is_none() {
        let fault = Diagnostic::error("missing-key", key.span, format!("{what} changes nothing"));
        diagnostics.push(
            fault.help(format!("write [block.{}.lasting.population.NAME] or [block.{0}.lasting.projection.NAME] with the parameters that change, or lasting.lesion = {{ neurons = {{ NAME = 0.4 }} }}", key.name)),
        );
    }
    if table.get("task").is_none() && !needs_task {
        refuse("trials", format!("{what} has no task, so it has no trials"), "add a line: task = \"NAME\", or remove this one", diagnostics);
        refuse("strength", format!("{what} has no task that drives anything"), "add a line: task = \"NAME\", or remove this one", diagnostics);
    }
}

fn is_slow(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let Some(text) = table.text("clock", diagnostics) else { return false };
    let slow = text.text == "slow";
    if !slow && text.text != "spikes" {
        let fault = Diagnostic::error("unknown-word", text.span, format!("`clock` cannot be `{}`", text.text));
        diagnostics.push(fault.help("write \"spikes\" (the default) or \"slow\""));
    }
    for key in ["task", "sample"].iter().filter_map(|k| table.key(k)).filter(|_| slow) {
        let fault = Diagnostic::error("not-available", key.span, format!("there are no spikes on the slow clock, so there is no `{}`", key.name));
        diagnostics.push(fault.other(text.span, "set here").help("remove one of the two lines"));
    }
    slow
}

/// Within the range of 32 bits.
fn small(n: i64, key: &str, table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<u32> {
    u32::try_from(n).ok().or_else(|| {
        let span = table.get(key).map_or(table.span, |v| v.span);
        diagnostics.push(Diagnostic::error("too-large", span, format!("`{key}` is {n}")).help(format!("write {} or less", u32::MAX)));
        None
    })
}

/// The names of `[task.*]`, whose tables are read by the tasks.
pub(crate) fn task_names(table: &Table) -> Vec<String> {
    match table.get("task") {
        Some(Value { kind: ValueKind::Table(tasks), .. }) => tasks.entries.iter().map(|(key, _)| key.name.clone()).collect(),
        _ => Vec::new(),
    }
}
