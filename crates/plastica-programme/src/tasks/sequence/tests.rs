//! The sequence task before scripted subjects.

use super::super::Setting;
use super::super::fake::{Log, check_exchanged, good, run, setting};
use super::*;

const TEXT: &str = r#"
kind = "sequence"
elements = { population = "PM_E", members = ["s1", "s2", "s3", "s4", "s5"] }
fingers = { population = "M1_E", value = "finger" }
sequence = [4, 1, 3, 2, 5]
cue = { population = "cue", each = true, variable = "drive", amount = 2, length = "12 ms" }
finger_drive = { population = "M1_E", value = "finger", variable = "explicit", amount = "0.8 mV", self_paced = "4 mV" }
report = { population = "M1_E", value = "finger", variable = "error", delay = "70 ms", length = "10 ms" }
reward = { modulator = "DA", expectation_tau = "60 s", imagery_gain = 0.3 }
jitter = 0
pace = "own"
"#;
const FINGERS: [usize; 5] = [3, 0, 2, 1, 4];
const SIZES: [&[usize]; 2] = [&[40; 5], &[30; 5]];

/// A subject: elements follow their cue after 10 ms, columns their element after 5 ms.
#[derive(Clone)]
struct Subject {
    /// Element k + 1 follows element k after so many steps; 0: never.
    primed: i64,
    /// Column of each element.
    columns: [usize; 5],
    /// So many cues of element 2 are missed.
    deaf: usize,
    /// Element that follows element 1.
    after_1: usize,
}

const NOVICE: Subject = Subject { primed: 0, columns: FINGERS, deaf: 0, after_1: 2 };
const EXPERT: Subject = Subject { primed: 200, ..NOVICE };

impl Subject {
    fn run(&self, task: &mut dyn Task, kind: BlockKind, from: i64, steps: i64, trials: Option<u32>) -> Log {
        let mut events: Vec<(i64, usize, usize)> = Vec::new();
        let (mut was, mut deaf) = ([0.0; 5], self.deaf);
        let setting = Setting { trials, ..setting(kind, &SIZES) };
        run(task, setting, from, steps, |now, values| {
            for e in 0..5 {
                let cued = values[0][e] > 0.0 && was[e] == 0.0;
                was[e] = values[0][e];
                let fired = events.iter().any(|&(at, read, g)| read == 0 && g == e && (now - 100..now + 20).contains(&at));
                if cued && e == 2 && deaf > 0 {
                    deaf -= 1;
                } else if cued && !fired {
                    events.push((now + 10, 0, e));
                }
            }
            let mut spikes = vec![vec![0; 5], vec![0; 5]];
            let due: Vec<(i64, usize, usize)> = events.iter().copied().filter(|e| e.0 == now).collect();
            for (_, read, g) in due {
                spikes[read][g] = 24;
                if read == 0 {
                    events.push((now + 5, 1, self.columns[g]));
                    if self.primed > 0 {
                        events.push((now + self.primed, 0, if g == 1 { self.after_1 } else { (g + 1) % 5 }));
                    }
                }
            }
            spikes
        })
    }
}

fn check(subject: &Subject, kind: BlockKind, steps: i64, expected: &[(&str, f64)]) -> Log {
    let mut task = good(TEXT);
    let log = subject.run(&mut *task, kind, 1000, steps, None);
    assert!(log.trials.len() >= 2, "{} trials", log.trials.len());
    for (name, value) in expected {
        // The second trial is the first that follows another one.
        let found = log.scores(&*task, name)[1];
        assert!((found - value).abs() < 1e-9, "{name}: {found}, not {value}");
    }
    log
}

#[test]
fn a_novice_presses_at_the_pace_of_the_cues() {
    // Cues 350 ms after each element, elements 10 ms after cues, seen a step later: an interval of 361 ms.
    let expected = [("correct", 1.0), ("errors", 0.0), ("presses", 5.0), ("self_paced", 0.0), ("interval_mean", 0.361), ("interval_sd", 0.0)];
    let log = check(&NOVICE, BlockKind::Practice, 8000, &expected);
    // The first cue comes after `start`, and lasts 12 ms.
    assert_eq!(log.set[0], (1200, 0, 0, 2.0));
    assert!(log.set.contains(&(1212, 0, 0, 0.0)) && log.set.contains(&(1200, 1, 3, 0.8e-3)));
}

#[test]
fn an_expert_goes_ahead_of_the_cues() {
    let expected =
        [("correct", 1.0), ("self_paced", 1.0), ("interval_mean", 0.2), ("interval_cv", 0.0), ("transition_1", 0.2), ("transition_5", 0.2), ("duration", 0.8)];
    let log = check(&EXPERT, BlockKind::Practice, 6000, &expected);
    assert_eq!(log.set.iter().filter(|s| s.1 == 0 && s.3 > 0.0).count(), 1, "only the first element of all was cued");
    assert!(log.set.iter().any(|s| (s.1, s.3) == (1, 4e-3)), "the intended finger is driven once when an element comes by itself");
}

#[test]
fn a_wrong_finger_is_an_error_and_is_reported() {
    let wrong = Subject { columns: [3, 0, 4, 1, 4], ..NOVICE };
    let log = check(&wrong, BlockKind::Practice, 8000, &[("correct", 0.0), ("errors", 1.0), ("wrong_presses", 1.0), ("off_target", 0.25)]);
    let reports: Vec<_> = log.set.iter().filter(|s| s.1 == 2 && s.3 != 0.0).collect();
    // Two right presses, then the wrong one: finger 2 was meant, 4 was pressed.
    assert_eq!(reports[..4].iter().map(|s| (s.2, s.3)).collect::<Vec<_>>(), [(3, 1.0), (0, 1.0), (2, 1.0), (4, -1.0)]);
    // Cue at 1200, element at 1210, press at 1215, seen at 1216, reported 70 ms later.
    assert_eq!(reports[0].0, 1286);
}

#[test]
fn a_skipped_element_is_out_of_turn() {
    let skips = Subject { after_1: 3, ..EXPERT };
    let mut task = good(TEXT);
    let log = skips.run(&mut *task, BlockKind::Practice, 0, 5000, Some(1));
    assert_eq!((log.trials.len(), log.scores(&*task, "correct")[0]), (1, 0.0));
    assert!(log.scores(&*task, "order_errors")[0] >= 1.0);
}

#[test]
fn a_missed_element_is_cued_again() {
    let mut task = good(TEXT);
    let log = Subject { deaf: 2, ..NOVICE }.run(&mut *task, BlockKind::Practice, 0, 5000, Some(1));
    let cues: Vec<i64> = log.set.iter().filter(|s| (s.1, s.2) == (0, 2) && s.3 > 0.0).map(|s| s.0).collect();
    assert_eq!(cues.windows(2).map(|c| c[1] - c[0]).collect::<Vec<_>>(), [400, 400]);
    let transition = log.scores(&*task, "transition_3")[0];
    assert!((transition - (0.361 + 0.8)).abs() < 1e-9, "{transition}");
}

#[test]
fn a_trial_without_progress_is_given_up() {
    let mut task = good(TEXT);
    let log = Subject { deaf: 1000, ..NOVICE }.run(&mut *task, BlockKind::Practice, 0, 9000, Some(2));
    assert_eq!(log.scores(&*task, "timed_out"), [1.0, 1.0]);
    assert_eq!(log.scores(&*task, "errors"), [3.0, 3.0]);
    // Two elements, then 2.5 s of silence.
    assert_eq!(log.trials[0].to, 200 + 11 + 361 + 2500);
}

#[test]
fn imagery_moves_nothing_and_learns_a_little_from_itself() {
    let wrong = Subject { columns: [3, 0, 4, 1, 4], ..EXPERT };
    let log = check(&wrong, BlockKind::Imagery, 6000, &[("correct", 1.0), ("presses", 5.0), ("interval_mean", 0.2), ("wrong_presses", 0.0)]);
    let reports: Vec<(usize, f64)> = log.set.iter().filter(|s| s.1 == 2 && s.3 != 0.0).map(|s| (s.2, s.3)).take(4).collect();
    assert_eq!(reports, [(3, 0.2), (0, 0.2), (2, 0.2), (4, -0.2)]);
    assert!((log.pulses[0].1 - 0.3).abs() < 1e-12, "{:?}", log.pulses);
}

#[test]
fn reward_is_what_was_not_expected() {
    let log = check(&EXPERT, BlockKind::Practice, 120_000, &[]);
    assert_eq!(log.pulses.len(), log.trials.len());
    let (first, last) = (log.pulses[0].1, log.pulses[log.pulses.len() - 1].1);
    assert_eq!(first, 1.0);
    assert!((last - (-2.0f64).exp()).abs() < 0.02, "after two time constants: {last}");
    assert!(check(&EXPERT, BlockKind::Test, 6000, &[]).pulses.is_empty());
}

#[test]
fn exposure_gives_cues_and_nothing_else() {
    let log = check(&NOVICE, BlockKind::Exposure, 8000, &[("presses", 0.0)]);
    assert!(log.set.iter().all(|s| s.1 == 0) && log.pulses.is_empty());
    let mut task = good(TEXT);
    let log = NOVICE.run(&mut *task, BlockKind::Rest, 0, 3000, None);
    assert!(log.set.is_empty() && log.trials.is_empty());
}

#[test]
fn a_very_fast_subject_ends_a_trial_by_beginning_the_next() {
    let fast = Subject { primed: 50, ..NOVICE };
    check(&fast, BlockKind::Practice, 3000, &[("correct", 1.0), ("interval_mean", 0.05), ("transition_1", 0.05)]);
    let mut task = good(TEXT);
    let log = fast.run(&mut *task, BlockKind::Practice, 0, 5000, Some(1));
    assert_eq!((log.trials.len(), task.is_done()), (1, true));
    // The last press of all is still reported.
    assert_eq!(log.set.iter().filter(|s| s.1 == 2 && s.3 != 0.0).count(), 5);
}

#[test]
fn a_metronome_starts_the_trials() {
    let mut task = good(&TEXT.replace("\"own\"", "\"2 s\""));
    let log = NOVICE.run(&mut *task, BlockKind::Practice, 0, 9000, None);
    assert_eq!(log.trials.iter().map(|t| t.from).collect::<Vec<_>>(), [200, 2200, 4200, 6200]);
    assert!(log.scores(&*task, "transition_1").iter().all(|x| x.is_nan()));
    assert!(log.scores(&*task, "correct").iter().all(|x| *x == 1.0));
}

#[test]
fn cues_follow_the_running_interval_and_a_test_leaves_it_alone() {
    let mut task = good(TEXT);
    EXPERT.run(&mut *task, BlockKind::Practice, 0, 60_000, None);
    let memory = task.memory();
    assert!((memory[0] - 0.2).abs() < 1e-3 && memory[1] > 0.5, "{memory:?}");
    let log = NOVICE.run(&mut *task, BlockKind::Test, 60_000, 8000, None);
    let interval = log.scores(&*task, "interval_mean")[1];
    // 1.15 x 200 ms + 20 ms until the cue, then 11 ms.
    assert!((interval - 0.261).abs() < 2e-3, "{interval}");
    assert_eq!(task.memory(), memory);
    let mut other = good(TEXT);
    other.remember(&memory);
    assert_eq!(other.memory(), memory);
}

#[test]
fn jitter_hangs_on_the_stream_only() {
    let text = TEXT.replace("jitter = 0", "jitter = 0.3");
    let once = |seed| {
        let mut task = good(&text);
        let mut block = setting(BlockKind::Practice, &SIZES);
        block.stream = plastica_numerics::random::Stream::new(seed, 0, 1);
        let log = run(&mut *task, block, 0, 4000, |_, values| vec![(0..5).map(|e| if values[0][e] > 0.0 { 24 } else { 0 }).collect(), vec![0; 5]]);
        log.set
    };
    assert_eq!(once(1), once(1));
    assert_ne!(once(1), once(2));
}

#[test]
fn graded_errors_are_the_target_less_the_activity() {
    let mut task = good(&TEXT.replace("length = \"10 ms\"", "length = \"10 ms\", graded = true"));
    let log = NOVICE.run(&mut *task, BlockKind::Practice, 0, 1000, None);
    let first = log.set.iter().find(|s| s.1 == 2).unwrap();
    // 24 of 30 cells of the intended column fired.
    assert_eq!(first.2, 3);
    assert!((first.3 - 0.2).abs() < 1e-12, "{first:?}");
    let mut task = good(&TEXT.replace("length = \"10 ms\"", "length = \"10 ms\", graded = true, sensitivity = 0.5"));
    let log = NOVICE.run(&mut *task, BlockKind::Practice, 0, 1000, None);
    assert!(log.set.iter().any(|s| s.1 == 2 && (s.3 - 0.6).abs() < 1e-12));
}

/// The same task, taken on by presses.
fn by_presses() -> String {
    TEXT.replace("elements = { population = \"PM_E\", members = [\"s1\", \"s2\", \"s3\", \"s4\", \"s5\"] }", "advance = \"presses\"").replace(
        "jitter = 0",
        "jitter = 0\nprepare = { population = \"M1_E\", value = \"finger\", variable = \"ready\", amount = \"2 mV\", delay = \"60 ms\" }",
    )
}

/// Columns that press `after` steps from the cue of their element; `again` steps later the same column presses once more.
fn presses(kind: BlockKind, fingers: [usize; 5], after: i64, again: Option<i64>) -> (Log, Box<dyn Task>) {
    let mut task = good(&by_presses());
    let (mut was, mut events) = ([0.0; 5], Vec::new());
    let log = run(&mut *task, setting(kind, &SIZES[1..]), 0, 6000, |now, values| {
        for e in 0..5 {
            if values[0][e] > 0.0 && was[e] == 0.0 {
                events.push((now + after, fingers[e]));
                events.extend(again.map(|again| (now + after + again, (fingers[e] + 1) % 5)));
            }
            was[e] = values[0][e];
        }
        let mut spikes = vec![vec![0; 5]];
        events.iter().filter(|e| e.0 == now).for_each(|e| spikes[0][e.1] = 24);
        spikes
    });
    (log, task)
}

#[test]
fn presses_take_a_trial_on_whatever_was_pressed() {
    let (log, task) = presses(BlockKind::Practice, FINGERS, 15, None);
    assert!(log.trials.len() >= 3);
    assert_eq!((log.scores(&*task, "correct")[1], log.scores(&*task, "presses")[1]), (1.0, 5.0));
    // Cue 350 ms after each press, press 15 ms later, seen a step later.
    assert!((log.scores(&*task, "interval_mean")[1] - 0.366).abs() < 1e-9);
    assert!((log.scores(&*task, "transition_1")[1] - 0.366).abs() < 1e-9);
    let (log, task) = presses(BlockKind::Practice, [3, 0, 4, 1, 4], 15, None);
    assert_eq!((log.scores(&*task, "correct")[1], log.scores(&*task, "wrong_presses")[1]), (0.0, 1.0));
    let reports: Vec<_> = log.set.iter().filter(|s| s.1 == 3 && s.3 != 0.0).map(|s| (s.2, s.3)).take(4).collect();
    assert_eq!(reports, [(3, 1.0), (0, 1.0), (2, 1.0), (4, -1.0)]);
}

#[test]
fn the_next_finger_is_ready_after_each_press() {
    let (log, _) = presses(BlockKind::Practice, FINGERS, 15, None);
    let ready: Vec<(i64, usize, f64)> = log.set.iter().filter(|s| s.1 == 2).map(|s| (s.0, s.2, s.3)).collect();
    // The first from the beginning; it is over with the press at step 216, and the second begins 60 ms later.
    assert!(ready.contains(&(216, 3, 0.0)));
    assert_eq!(ready.iter().filter(|r| r.2 > 0.0).take(2).collect::<Vec<_>>(), [&(200, 3, 2e-3), &(276, 0, 2e-3)]);
}

#[test]
fn a_press_too_soon_is_one_too_many() {
    let (log, task) = presses(BlockKind::Practice, FINGERS, 15, Some(30));
    assert_eq!((log.scores(&*task, "correct")[1], log.scores(&*task, "presses")[1]), (0.0, 10.0));
    assert!((log.scores(&*task, "interval_mean")[1] - 0.366).abs() < 1e-9, "a double press is not twice as fast");
}

#[test]
fn imagery_by_presses_reports_weakly_and_exposure_only_cues() {
    let (log, task) = presses(BlockKind::Imagery, FINGERS, 15, None);
    assert_eq!(log.scores(&*task, "correct")[1], 1.0);
    assert!(log.set.iter().any(|s| s.1 == 3 && s.3 == 0.2));
    let (log, task) = presses(BlockKind::Exposure, FINGERS, 15, None);
    assert!(log.set.iter().all(|s| s.1 == 0 || s.1 == 1), "nothing is prepared or reported");
    let cued: Vec<usize> = log.set.iter().filter(|s| s.1 == 0 && s.3 > 0.0).map(|s| s.2).take(6).collect();
    assert_eq!(cued, [0, 1, 2, 3, 4, 0]);
    assert!(log.scores(&*task, "presses").iter().all(|x| *x == 0.0));
}

#[test]
fn subjects_differ_in_their_pace() {
    let text = by_presses().replace("jitter = 0\n", "jitter = 0\nbetween = 0.2\n");
    let first_cues = |subject| {
        let mut task = good(&text);
        let block = Setting { stream: plastica_numerics::random::Stream::new(7, subject, 1), ..setting(BlockKind::Exposure, &SIZES[1..]) };
        let log = run(&mut *task, block, 0, 3000, |_, _| vec![vec![0; 5]]);
        log.set.iter().filter(|s| s.1 == 0 && s.3 > 0.0).map(|s| s.0).take(2).collect::<Vec<_>>()
    };
    assert_eq!(first_cues(1), first_cues(1));
    assert_ne!(first_cues(1), first_cues(2));
}

#[test]
fn bad_texts_are_reported_where_they_are_bad() {
    let check = |old: &str, new: &str, id: &str| check_exchanged(TEXT.trim_start(), old, new, id);
    check("\"sequence\"", "\"sequense\"", "unknown-task-kind");
    check("kind = \"sequence\"", "", "missing-key");
    check("jitter = 0", "jiter = 0", "unknown-key");
    check("jitter = 0", "jitter = 1.5", "out-of-range");
    check("jitter = 0", "jitter = \"10 ms\"", "unit-mismatch");
    check("jitter = 0", "re_cue = \"0 ms\"", "out-of-range");
    check("jitter = 0", "re_cue = 400", "unit-mismatch");
    check("jitter = 0", "use_running = 1", "wrong-type");
    check("sequence = [4, 1, 3, 2, 5]", "sequence = [4, 1, 3, 2, 0]", "wrong-type");
    check("sequence = [4, 1, 3, 2, 5]", "sequence = [4]", "wrong-length");
    check("sequence = [4, 1, 3, 2, 5]", "sequence = []", "wrong-length");
    check("\"s4\", \"s5\"]", "\"s4\"]", "too-few-groups");
    check("[\"s1\", \"s2\", \"s3\", \"s4\", \"s5\"]", "[\"s1\", 2, \"s3\", \"s4\", \"s5\"]", "wrong-type");
    check("population = \"cue\", each = true", "population = \"cue\"", "too-few-groups");
    check("population = \"cue\", each = true", "population = \"cue\", each = true, value = \"k\"", "given-twice");
    check("population = \"cue\", each = true", "each = true", "missing-key");
    check("variable = \"drive\", amount = 2", "variable = \"drive\"", "missing-key");
    check("variable = \"drive\", ", "", "missing-key");
    check("self_paced = \"4 mV\"", "self_paced = \"4 pA\"", "unit-mismatch");
    check("modulator = \"DA\", ", "", "missing-key");
    check("pace = \"own\"", "pace = \"owm\"", "unknown-word");
    check("pace = \"own\"", "pace = \"2 mV\"", "unit-mismatch");
    check("pace = \"own\"", "start = \"-1 s\"", "out-of-range");
    check("pace = \"own\"", "advance = \"keys\"", "unknown-word");
    check("pace = \"own\"", "between = -1", "out-of-range");
    check("imagery_gain = 0.3", "imagery_gian = 0.3", "unknown-key");
}
