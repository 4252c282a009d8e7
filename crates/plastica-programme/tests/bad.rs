//! Bad texts: each gives a diagnostic with a place and a repair, and never a panic.

mod common;

use common::{Fake, STUDY, read, read_with};
use plastica_lang::units::unit;

/// The diagnostics of a file are these, each in a line that contains `place`, and with a help.
fn check(text: &str, expected: &[(&str, &str)]) {
    let found = read(text);
    let ids: Vec<&str> = found.diagnostics.iter().map(|d| d.id).collect();
    assert_eq!(ids, expected.iter().map(|(id, _)| *id).collect::<Vec<_>>(), "{text}\n{}", found.shown());
    for (diagnostic, (_, place)) in found.diagnostics.iter().zip(expected) {
        let (line, _) = found.sources.line(diagnostic.span);
        let at = text.lines().nth(line - 1).unwrap_or("");
        assert!(at.contains(place), "the line is `{at}`, not `{place}`\n{}", found.shown());
        assert!(diagnostic.help.as_ref().is_some_and(|h| !h.is_empty()), "{}", found.shown());
    }
    assert_eq!(found.lives.is_none(), found.diagnostics.iter().any(|d| d.is_error()));
}

/// The study with one piece of its text exchanged.
fn check_study(from: &str, to: &str, expected: &[(&str, &str)]) {
    assert!(STUDY.contains(from), "the study has no `{from}`");
    check(&STUDY.replacen(from, to, 1), expected);
}

/// A programme of blocks `a` (10 s) and `night`; the places are exact.
fn check_programme(programme: &str, expected: &[(&str, &str)]) {
    let text = format!(
        "[block.a]\nkind = \"rest\"\nduration = \"10 s\"\n[block.b]\nkind = \"wake\"\n[block.night]\nprogramme = \"2 x a\"\n[[group]]\nname = \"g\"\nprogramme = '{programme}'"
    );
    let found = read(&text);
    let at = |span: plastica_lang::source::Span| &text[span.start as usize..span.end as usize];
    let shown: Vec<(&str, &str)> = found.diagnostics.iter().map(|d| (d.id, at(d.span))).collect();
    assert_eq!(shown, expected, "{programme}\n{}", found.shown());
    assert!(found.lives.is_none() && found.diagnostics.iter().all(|d| d.help.is_some()));
}

#[test]
fn the_study_is_good() {
    check(STUDY, &[]);
}

#[test]
fn modulators() {
    check_study("initial = 0.2", "initail = 0.2", &[("unknown-key", "initail")]);
    check_study("initial = 0.2", "initial = \"2 mV\"", &[("unit-mismatch", "2 mV")]);
    check_study("initial = 0.2", "initial = 0.2\nvalue = \"age\"", &[("given-twice", "value")]);
    check_study("(age - 14)", "(aeg - 14)", &[("unknown-name", "aeg")]);
    check_study("(age - 14)", "(t/second - 14)", &[("not-constant", "t/second")]);
    check_study("(age - 14)", "(rand() - 14)", &[("not-constant", "rand")]);
    check_study("1/(1 + exp((age - 14)/3.5))", "1/(age - 25)", &[("not-finite", "openness")]);
    check_study(
        "[modulator.ACh]",
        "[modulator.acceleration]",
        &[("reserved-name", "acceleration"), ("unknown-modulator", "ACh = 1"), ("unknown-modulator", "ACh = 0")],
    );
    check_study("ACh = 1", "acceleration = 1", &[("reserved-name", "acceleration")]);
    check_study(
        "[modulator.ACh]\n",
        "[modulator]\nACh = 1\n[unused]\n",
        &[("wrong-type", "ACh = 1"), ("unknown-modulator", "ACh = 1"), ("unknown-modulator", "ACh = 0")],
    );
}

#[test]
fn a_modulator_has_the_dimension_of_the_models() {
    let volt = Fake(vec![("ACh", unit("volt").unwrap().1), ("DA", unit("volt").unwrap().1)]);
    let found = read_with(STUDY, &volt);
    let ids: Vec<&str> = found.diagnostics.iter().map(|d| d.id).collect();
    assert_eq!(ids, ["unit-mismatch", "modulator-without-table", "unit-mismatch"], "{}", found.shown());
}

#[test]
fn states() {
    check_study("freeze =", "freze =", &[("unknown-key", "freze")]);
    check_study("ACh = 1", "AHc = 1", &[("unknown-modulator", "AHc")]);
    check_study("ACh = 1", "ACh = true", &[("wrong-type", "true")]);
    check_study("to = 0.3, ", "", &[("missing-key", "vigilance")]);
    check_study("tau = \"18 s\", ", "", &[("missing-key", "from = 1")]);
    check_study("tau = \"18 s\"", "tau = 18", &[("wrong-type", "tau = 18")]);
    check_study("tau = \"18 s\"", "tua = \"18 s\", tau = \"1 s\"", &[("unknown-key", "tua")]);
    check_study("[\"PM_PM\"]", "[\"PM_MP\"]", &[("unknown-projection", "PM_MP")]);
    check_study("[\"PM_PM\"]", "[3]", &[("wrong-type", "[3]")]);
    check_study("freeze = [\"PM_PM\"]", "freeze = \"PM_PM\"\nrelease = \"PM_PM\"", &[("given-twice", "release")]);
    check_study("kicks = false", "kick = false", &[("unknown-input", "kick")]);
    check_study("kicks = false", "kicks = 0", &[("wrong-type", "kicks = 0")]);
    check_study("population.PM_E", "population.PM_I", &[("unknown-population", "PM_I")]);
    check_study("threshold_step", "threshold_stp", &[("unknown-parameter", "threshold_stp")]);
    check_study("\"9 mV\"", "\"9 ms\"", &[("unit-mismatch", "9 ms")]);
    check_study("\"9 mV\"", "9", &[("unit-mismatch", "= 9")]);
    check_study("g = 0.1", "g = \"rand()\"", &[("not-constant", "rand")]);
}

#[test]
fn blocks() {
    check_study("kind = \"practice\"\n", "", &[("missing-key", "practice")]);
    check_study("kind = \"practice\"", "kind = \"practise\"", &[("unknown-kind", "practise")]);
    check_study("kind = \"practice\"", "kind = 3", &[("wrong-type", "3")]);
    check_study("kind = \"practice\"\ntask = \"sequence\"", "kind = \"practice\"", &[("missing-key", "practice")]);
    check_study("task = \"sequence\"", "task = \"sequense\"", &[("unknown-task", "sequense")]);
    check_study("state = \"attend\"", "state = \"atend\"", &[("unknown-state", "atend")]);
    check_study("trials = 12", "trials = 0", &[("out-of-range", "trials = 0")]);
    check_study("trials = 12", "trials = 5000000000", &[("too-large", "trials")]);
    check_study("strength = 0.7", "strength = -1", &[("out-of-range", "-1")]);
    check_study("duration = \"90 s\"", "duration = \"90\"", &[("bad-duration", "90")]);
    check_study("duration = \"90 s\"", "duration = \"90 sek\"", &[("bad-duration", "90 sek")]);
    check_study("duration = \"90 s\"\n", "", &[("missing-duration", "2 x day")]);
    check_study("clock = \"slow\"", "clock = \"sloe\"", &[("unknown-word", "sloe")]);
    check_study("kind = \"rem\"", "kind = \"rem\"\nclock = \"slow\"\nsample = \"1 of 2\"", &[("not-available", "sample")]);
    check_study("kind = \"rest\"", "kind = \"rest\"\ntrials = 3", &[("not-available", "trials")]);
    check_study("kind = \"wake\"", "kind = \"wake\"\ntask = \"sequence\"", &[("not-available", "task"), ("not-available", "task")]);
    check_study("kind = \"rest\"", "kind = \"rest\"\nlasting = {}", &[("not-available", "lasting")]);
    check_study("kind = \"rest\"", "kind = \"injury\"", &[("missing-key", "block.rest")]);
    check_study("kind = \"rest\"", "kind = \"injury\"\nlasting.population.PM_E.gian = 0", &[("unknown-parameter", "gian")]);
    let check_lesion =
        |lesion: &str, expected: &[(&str, &str)]| check_study("kind = \"rest\"", &format!("kind = \"injury\"\nlasting.lesion = {lesion}"), expected);
    check_lesion("{ neurons = { PM_E = 0.4, M1_E = \"group\" }, synapses = { PM_PM = 1 } }", &[]);
    check_lesion("{ neurons = { PM_E = 1.4 } }", &[("out-of-range", "1.4")]);
    check_lesion("{ neurons = { PM_E = \"grop\" } }", &[("unknown-variable", "grop")]);
    check_lesion("{ neurons = { PM_I = 0.4 } }", &[("unknown-population", "PM_I")]);
    check_lesion("{ synapses = { PM_PM = \"group\" } }", &[("wrong-type", "group")]);
    check_lesion("{ neuron = { PM_E = 0.4 } }", &[("unknown-key", "neuron")]);
    check_study("[block.rest]", "[block.until]\nkind = \"rest\"\n[block.rest]", &[("bad-name", "until")]);
    check_study("[block.rest]", "[block.3x]\nkind = \"rest\"\n[block.rest]", &[("bad-name", "3x")]);
    check_study("\n[block.rest]\nkind = \"rest\"", "", &[("unknown-block", "2 x day"), ("unknown-block", "2 x day"), ("unknown-block", "60 x")]);
}

#[test]
fn samples() {
    let bad = |sample: &str, id: &str| check_study("\"30 s of 15 min\"", sample, &[(id, "sample")]);
    for sample in ["\"30 s\"", "\"2 of 4\"", "\"1 of 0\"", "\"1 of x\"", "\"30 s of 15 s\"", "\"30 s of 15 min each\"", "\"1 of 1.5\""] {
        bad(sample, "bad-sample");
    }
    bad("\"30 s of\"", "bad-duration");
    bad("\"\"", "bad-duration");
    bad("4", "wrong-type");
    check_study("sample = \"1 of 4\"", "sample = \"1 s of 4 s\"", &[("bad-sample", "1 s of 4 s")]);
}

#[test]
fn blocks_made_of_others() {
    check_study("programme = \"5 x cycle", "kind = \"sleep\"\nprogramme = \"5 x cycle", &[("unknown-key", "kind")]);
    check_study("5 x cycle", "5 x cyclee", &[("unknown-block", "cyclee")]);
    check_study("nrem 70 min,", "nrem 70 min, night,", &[("cyclic-blocks", "night"), ("cyclic-blocks", "cycle")]);
    check_study("nrem 70 min,", "nrem 70 min, cycle,", &[("cyclic-blocks", "cycle")]);
    check_study("nrem 70 min,", "nrem,", &[("missing-duration", "nrem,")]);
    check_study("5 x cycle", "5 x cycle 90 min", &[("given-twice", "90 min")]);
    let deep: String = (0..40).map(|i| format!("[block.b{}]\nprogramme = \"b{i}, b{i}\"\n", i + 1)).collect();
    let found = read(&format!("[block.b0]\nkind = \"rest\"\nduration = \"1 s\"\n{deep}[[group]]\nname = \"g\"\nprogramme = \"b40\""));
    let said: Vec<(&str, &str)> = found.diagnostics.iter().map(|d| (d.id, d.message.as_str())).collect();
    assert_eq!(said, [("too-deep", "block `b17` is made of blocks that nest more than 16 deep")], "{}", found.shown());
}

#[test]
fn programmes() {
    check_programme("", &[("empty-programme", "''")]);
    check_programme("a a", &[("unexpected", "a")]);
    check_programme("a, , a", &[("unexpected", ",")]);
    check_programme("(a, a", &[("unclosed", "(")]);
    check_programme("a)", &[("unexpected", ")")]);
    check_programme("a, ()", &[("empty-programme", "(")]);
    check_programme("3 a", &[("unexpected", "3")]);
    check_programme("3 x", &[("unexpected", "")]);
    check_programme("0 x a", &[("out-of-range", "0")]);
    check_programme("1.5 x a", &[("out-of-range", "1.5")]);
    check_programme("99999999999999999999 x a", &[("out-of-range", "99999999999999999999")]);
    check_programme("a 15", &[("bad-duration", "15")]);
    check_programme("a 15 parsecs", &[("bad-duration", "parsecs")]);
    check_programme("a until 25:00", &[("bad-clock", "25:00")]);
    check_programme("a + a", &[("unexpected", "+")]);
    check_programme("day (a)", &[("bad-duration", "day")]);
    check_programme("day 24 h a", &[("unexpected", "a")]);
    check_programme("aa", &[("unknown-block", "aa")]);
    check_programme("test 3 s", &[("unknown-block", "test 3 s")]);
    check_programme("b", &[("missing-duration", "b")]);
    check_programme("night 8 h", &[("given-twice", "night 8 h")]);
    check_programme("a until 23:00", &[("until-outside-day", "a until 23:00")]);
}

#[test]
fn days() {
    check_programme("day 24 h (a, b 23 h)", &[("day-not-filled", "day 24 h (a, b 23 h)")]);
    check_programme("day 24 h (a, b 24 h)", &[("day-overfull", "day 24 h (a, b 24 h)")]);
    check_programme("day 24 h (b until 23:00, a until 22:00, b until 07:00)", &[("until-past", "a until 22:00")]);
    check_programme("day 24 h (b until 23:00, day 8 h (b 8 h))", &[("nested-day", "day 8 h (b 8 h)")]);
    // Each day says its own fault once, however often it is lived.
    check_programme("5 x day 24 h (b 23 h), 2 x day 1 h (b 2 h)", &[("day-not-filled", "day 24 h (b 23 h)"), ("day-overfull", "day 1 h (b 2 h)")]);
    let found = read(&STUDY.replacen("wake until 23:00", "wake until 22:00", 1));
    let fault = &found.diagnostics[0];
    assert_eq!((fault.message.as_str(), fault.label.as_str()), ("this day of 24 h is not filled: it lacks 1 h", "ends at 06:00"), "{}", found.shown());
}

#[test]
fn lives_that_are_too_long() {
    check_programme("1000000 x 2 x a", &[("too-long", "a")]);
    check_programme("1000 x 1000000 x 1000000 x night", &[("too-long", "a")]);
    check_programme("400 x b 1 year", &[("too-long", "b 1 year")]);
}

#[test]
fn groups_and_studies() {
    check_study("name = \"child\"", "name = \"imagery\"", &[("given-twice", "imagery")]);
    check_study("name = \"child\"\n", "", &[("missing-key", "[[group]]")]);
    check_study("name = \"child\"", "name = \"a child\"", &[("bad-name", "a child")]);
    check_study("subjects = 12", "subjects = 0", &[("out-of-range", "subjects")]);
    check_study("subjects = 12", "subjects = 1000000", &[("too-large", "subjects")]);
    check_study("age = 8", "age = -8", &[("out-of-range", "-8")]);
    check_study("age = 8", "aeg = 8", &[("unknown-key", "aeg")]);
    check("[group]\nname = \"g\"\nprogramme = \"a\"", &[("wrong-type", "[group]")]);
    check("[block.a]\nkind = \"rest\"", &[("nothing-to-run", "")]);
    check_study("[modulator.ACh]", "[study]\nmorning = \"7\"\n[modulator.ACh]", &[("bad-clock", "morning")]);
    check_study("[modulator.ACh]", "[study]\npaired = 1\n[modulator.ACh]", &[("wrong-type", "paired")]);
}

#[test]
fn variations() {
    let check = |lines: &str, expected: &[(&str, &str)]| check_study("[modulator.ACh]", &format!("[variation.v]\n{lines}\n[modulator.ACh]"), expected);
    let whose = "population = \"PM_E\"\nparameter = \"gain\"\n";
    let factor = "factor = { distribution = \"normal\", sd = 0.2 }";
    check(&format!("{whose}{factor}"), &[]);
    check(factor, &[("missing-key", "variation.v"), ("missing-key", "variation.v")]);
    check(&format!("{whose}projection = \"PM_PM\"\n{factor}"), &[("given-twice", "projection")]);
    check(&format!("{}{factor}", whose.replace("gain", "gian")), &[("unknown-parameter", "gian")]);
    check(&format!("{}{factor}", whose.replace("PM_E", "PM")), &[("unknown-population", "PM")]);
    check(whose, &[("missing-key", "variation.v")]);
    check(&format!("{whose}factor = 3"), &[("wrong-type", "3")]);
    let with = |from: &str, to: &str, id: &str| check(&format!("{whose}{}", factor.replace(from, to)), &[(id, "factor")]);
    with("normal", "gamma", "unknown-distribution");
    with(", sd = 0.2", "", "missing-key");
    with("sd = 0.2", "sd = -0.2", "out-of-range");
    with("sd = 0.2", "sd = 0.2, min = 9", "empty-interval");
    with("sd = 0.2", "sd = 0.2, outside = \"clip\"", "unknown-key");
    with("sd = 0.2", "sd = \"2 mV\"", "unit-mismatch");
}

#[test]
fn the_deepest_nesting_is_unfolded() {
    let inner = |i: u32| format!("{}b{i}{}", "(".repeat(31), ")".repeat(31));
    let blocks: String = (0..16).map(|i| format!("[block.b{}]\nprogramme = \"{}\"\nsample = \"1 of 2\"\n", i + 1, inner(i))).collect();
    check(&format!("[block.b0]\nkind = \"rest\"\nduration = \"1 s\"\n{blocks}[[group]]\nname = \"g\"\nprogramme = \"{}\"", inner(16)), &[]);
}

mod mutations {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is done to a piece of the study: no panic, and each diagnostic has a repair.
        #[test]
        fn no_file_makes_it_fall(start in 0..STUDY.len(), length in 0..12_usize, with in "[a-z0-9 (),:x.\"=\\[\\]{}\n]{0,6}") {
            let end = (start + length).min(STUDY.len());
            let text = format!("{}{with}{}", &STUDY[..start], &STUDY[end..]);
            let found = read(&text);
            prop_assert!(found.diagnostics.iter().all(|d| d.help.is_some()), "{}", found.shown());
            prop_assert!(found.lives.is_some() || !found.diagnostics.is_empty() || !text.contains("[block"));
        }
    }
}
