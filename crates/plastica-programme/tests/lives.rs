//! What good files mean: levels, timelines, counts, drawings.

mod common;

use common::{STUDY, good, read};
use plastica_programme::circuit::Owner;
use plastica_programme::count::{Counts, bars};
use plastica_programme::draw::show;
use plastica_programme::lesion::{Lesion, Lost};
use plastica_programme::modulator::Course;
use plastica_programme::state::{levels_after, levels_at_start};
use plastica_programme::time::{DAY_US, HOUR_US, MINUTE_US, SECOND_US};
use plastica_programme::timeline::{Mode, Stretch};
use plastica_programme::{BlockKind, Lives};

/// The first group's timeline.
fn unfold(lives: &Lives, exact: bool) -> Vec<Stretch> {
    lives.unfold(&lives.groups[0], exact).unwrap()
}

/// Blocks `a` and `b` with these lines, and this programme: each stretch as `path from+length clock`, in seconds.
fn check(lines: &str, programme: &str, expected: &[&str]) {
    let text = format!("[block.a]\nkind = \"rest\"\nduration = \"10 s\"\n{lines}\n[[group]]\nname = \"g\"\nprogramme = \"{programme}\"");
    let lives = good(&text);
    let mode = |mode| match mode {
        Mode::Slow => "slow".into(),
        Mode::Spikes { acceleration } => format!("x{acceleration}"),
    };
    let shown: Vec<String> = unfold(&lives, false).iter().map(|s| format!("{} {}+{} {}", s.path, s.from_s(), s.length_s(), mode(s.mode))).collect();
    assert_eq!(shown, expected, "{programme}");
}

#[test]
fn items_follow_one_another() {
    check("", "a, a 5 s", &["a 0+10 x1", "a 10+5 x1"]);
    check("", "2 x (a, a 1 s)", &["a 0+10 x1", "a 10+1 x1", "a 11+10 x1", "a 21+1 x1"]);
    check("[block.b]\nprogramme = \"a, a 1 ms\"", "b", &["b/a 0+10 x1", "b/a 10+0.001 x1"]);
    check("", "day 24 h (a until 23:00, a until 02:00, a until 07:00)", &["a 0+57600 x1", "a 57600+10800 x1", "a 68400+18000 x1"]);
    check("", "day 36 h (a 20 h, a until 19:00)", &["a 0+72000 x1", "a 72000+57600 x1"]);
    check("[study]\nmorning = \"08:30\"", "day 24 h (a until 08:30)", &["a 0+86400 x1"]);
}

#[test]
fn a_part_is_sampled() {
    let part = "sample = \"1 s of 4 s\"";
    check(part, "a", &["a 0+1 x4", "a 1+3 slow", "a 4+1 x4", "a 5+3 slow", "a 8+1 x2", "a 9+1 slow"]);
    check(part, "a 500 ms", &["a 0+0.5 x1"]);
    check("sample = \"2 s of 2 s\"", "a 3 s", &["a 0+2 x1", "a 2+1 x1"]);
}

#[test]
fn one_of_several_is_sampled() {
    let few = "sample = \"1 of 2\"";
    check(few, "3 x a 1 s", &["a 0+1 x2", "a 1+1 slow", "a 2+1 x1"]);
    check(few, "a 1 s, a 2 s", &["a 0+1 x1", "a 1+2 x1"]);
    check(few, "2 x (a 1 s, 2 x a 2 s)", &["a 0+1 x2", "a 1+2 x2", "a 3+2 slow", "a 5+1 slow", "a 6+2 x2", "a 8+2 slow"]);
    let both = "sample = \"1 s of 4 s\"\n[block.b]\nprogramme = \"a 4 s\"\nsample = \"1 of 2\"";
    check(both, "2 x b", &["b/a 0+1 x8", "b/a 1+3 slow", "b/a 4+4 slow"]);
    check("sample = \"1 of 3\"\n[block.b]\nprogramme = \"a 1 s, a 1 s\"", "2 x b", &["b/a 0+1 x3", "b/a 1+1 slow", "b/a 2+1 slow", "b/a 3+1 x1"]);
}

#[test]
fn an_injury_takes_no_time_and_lasts() {
    let lines = "[block.cut]\nkind = \"injury\"\nlasting.inputs = { noise = false }\n[block.cut.lasting.projection.PM_M1]\ng = 0\n[block.cut.lasting.lesion]\nneurons = { PM_E = 0.25 }";
    check(lines, "a, cut, a", &["a 0+10 x1", "cut 10+0 x1", "a 10+10 x1"]);
    let lives = good(&format!("{lines}\n[[group]]\nname = \"g\"\nprogramme = \"cut\""));
    let lasting = &lives.blocks[0].plain().unwrap().lasting;
    let lesion = Lesion { owner: Owner::Population, of: "PM_E".into(), which: Lost::Share(0.25) };
    assert_eq!(lives.blocks[0].plain().unwrap().lesions, [lesion]);
    assert_eq!((lasting.inputs.as_slice(), lasting.values[0].value), (&[("noise".to_string(), false)][..], 0.0));
    assert!(show(&lives, &lives.groups[0]).unwrap().contains("! injury"));
}

#[test]
fn stretches_know_where_they_are() {
    let lives = good(STUDY);
    let timeline = unfold(&lives, false);
    assert_eq!(timeline.last().unwrap().end_us(), 2 * DAY_US);
    assert!(timeline.windows(2).all(|w| w[0].end_us() == w[1].from_us));
    let imagery: Vec<&Stretch> = timeline.iter().filter(|s| &*s.path == "imagery").collect();
    assert_eq!((imagery.len(), imagery[60].day, imagery[60].nth, imagery[60].in_day), (120, 2, 61, 1));
    let asleep = timeline.iter().find(|s| &*s.path == "night/cycle/nrem").unwrap();
    // 70 min are four pieces of 15 min and one of 10, and the cycle stands for four.
    assert_eq!((asleep.mode, asleep.length_us), (Mode::Spikes { acceleration: 120.0 }, 30 * SECOND_US));
    assert_eq!(lives.state(asleep).unwrap().name, "asleep");
    let exact = unfold(&lives, true);
    assert!(exact.iter().all(|s| s.acceleration() == 1.0));
    assert!(exact.iter().all(|s| (s.mode == Mode::Slow) == (&*s.path == "wake")));
    assert_eq!(exact.last().unwrap().end_us(), 2 * DAY_US);
}

#[test]
fn counts_add_up() {
    let lives = good(STUDY);
    let counts = Counts::of(&lives, &unfold(&lives, false));
    assert_eq!((counts.days, counts.nights, counts.naps, counts.length_us), (2, 2, 0, 2 * DAY_US));
    assert_eq!(counts.kinds.iter().map(|(_, us)| us).sum::<i64>(), 2 * DAY_US);
    let of = |name: &str| counts.blocks.iter().find(|b| lives.blocks[b.block].name == name).copied().unwrap();
    assert_eq!((of("imagery").times, of("imagery").length_us, of("imagery").trials), (120, 30 * MINUTE_US, None));
    assert_eq!((of("rem").times, of("rem").length_us), (10, 200 * MINUTE_US));
    let child = Counts::of(&lives, &lives.unfold(&lives.groups[1], false).unwrap());
    assert_eq!(child.blocks[0].trials, Some(720));
    let exact = Counts::of(&lives, &unfold(&lives, true));
    assert_eq!((exact.accelerated.len(), exact.kinds.clone()), (0, counts.kinds.clone()));
    assert!(counts.spikes_us < exact.spikes_us);
}

#[test]
fn a_figure_has_one_bar_for_neighbours_of_a_kind() {
    let lives = good(STUDY);
    let bars = bars(&lives, &unfold(&lives, false));
    assert!(bars.windows(2).all(|w| w[0].0 != w[1].0 && w[0].1 + w[0].2 == w[1].1));
    assert_eq!(bars[0], (BlockKind::Test, 0.0, 90.0));
}

#[test]
fn the_terminal_shows_days_and_bars() {
    let lives = good(STUDY);
    let days = show(&lives, &lives.groups[0]).unwrap();
    assert!(days.lines().all(|l| l.chars().count() <= 80), "{days}");
    let row = days.lines().find(|l| l.starts_with("1-2 ")).unwrap_or_else(|| panic!("{days}"));
    assert!(row.starts_with("1-2     TII.") && row.ends_with("rn"), "{days}");
    for part in ["12 subjects, 25 years", "07:00 09:00", "2 nights, 0 naps", "rem 200", "nrem x 120"] {
        assert!(days.contains(part), "{part}\n{days}");
    }
    // Test and imagery of the first minutes share cells: what is in them is told below the row.
    assert!(days.lines().any(|l| l.trim_start().starts_with("07:00: test 1 min 30 s, imagery")), "{days}");
    let bar = show(&lives, &lives.groups[1]).unwrap();
    assert!(bar.contains("0 to 30 min") && bar.contains(&"P".repeat(72)) && bar.contains("720"), "{bar}");
    assert!(!bar.contains("nap"), "{bar}");
}

#[test]
fn days_that_look_alike_and_are_not_have_a_row_each() {
    let text = "[[group]]\nname = \"g\"\nprogramme = \"2 x day 24 h (test, wake until 07:00), day 24 h (test, imagery 2 min, wake until 07:00)\"";
    let lives = good(&format!("{STUDY}\n{text}"));
    let days = show(&lives, lives.groups.last().unwrap()).unwrap();
    let first = |label: &str| days.lines().find(|l| l.starts_with(label)).unwrap_or_else(|| panic!("{label}\n{days}")).to_string();
    assert_eq!(first("1-2     ")[8..], first("3       ")[8..], "both days begin with a test that hides the training");
    assert_eq!(days.matches("07:00: test 1 min 30 s, imagery 2 min\n").count(), 1, "{days}");
}

#[test]
fn levels_follow_states() {
    let lives = good(STUDY);
    let [attend, asleep] = &lives.states[..] else { panic!() };
    let start = levels_at_start(&lives.modulators, Some(attend), &[0.5, 0.6, 0.7], 14.0);
    assert_eq!(start, [1.0, 1.0, 0.5]);
    let later = levels_after(Some(attend), &start, 18.0);
    assert_eq!((later[0], later[2]), (1.0, 0.5));
    assert!((later[1] - (0.3 + 0.7 * (-1.0_f64).exp())).abs() < 1e-15);
    // A course can be cut anywhere.
    let cut = levels_after(Some(attend), &levels_after(Some(attend), &start, 7.0), 11.0);
    assert!((cut[1] - later[1]).abs() < 1e-15);
    assert_eq!(levels_at_start(&lives.modulators, Some(asleep), &later, 14.0), [0.0, 1.0, 0.5]);
    assert_eq!(levels_at_start(&lives.modulators, None, &later, 14.0)[0], 0.2);
    let goes_on = Course { from: None, to: 0.0, tau_s: Some(1.0) };
    assert_eq!((goes_on.begin(0.4), goes_on.after(0.4, 0.0)), (0.4, 0.4));
    assert_eq!(asleep.changes.values[0].value, 9.0 * 1e-3);
}

#[test]
fn a_factor_hangs_on_seed_subject_and_name() {
    let variation = "[variation.gain]\npopulation = \"PM_E\"\nparameter = \"gain\"\nfactor = { distribution = \"normal\", sd = 0.2, min = 0.3 }\n";
    let group = "[block.a]\nkind = \"rest\"\n[[group]]\nname = \"g\"\nprogramme = \"a 1 s\"";
    let alone = good(&format!("{variation}{group}"));
    let factors: Vec<f64> = (0..2000).map(|subject| alone.variations[0].draw(7, subject)).collect();
    let mean = factors.iter().sum::<f64>() / 2000.0;
    let sd = (factors.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2000.0).sqrt();
    assert!((mean - 1.0).abs() < 0.02 && (sd - 0.2).abs() < 0.015 && factors.iter().all(|x| *x >= 0.3), "{mean} {sd}");
    let other = variation.replace("gain]", "other]").replace("normal", "lognormal");
    let two = good(&format!("{other}{variation}{group}"));
    assert_eq!(two.variations[1].draw(7, 3), factors[3]);
    assert_ne!(two.variations[0].draw(7, 3), factors[3]);
    assert!((0..500).all(|subject| two.variations[0].draw(1, subject) > 0.0));
}

#[test]
fn a_file_without_lives_has_none() {
    let found = read("[population.E]\nsize = 3");
    assert!(found.lives.is_none() && found.diagnostics.is_empty());
}

#[test]
fn times_do_not_drift() {
    let lives = good("[block.a]\nkind = \"rest\"\n[[group]]\nname = \"g\"\nprogramme = \"100000 x (a 100 ms, a 200 ms)\"");
    let last = unfold(&lives, false).pop().unwrap();
    assert_eq!((last.nth, last.end_us()), (200_000, 30_000 * SECOND_US));
    assert!(last.end_us() > 8 * HOUR_US);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the samples: no time is lost, and what is simulated stands for all of it.
        #[test]
        fn samples_stand_for_the_whole(part in 1..40_i64, of in 1..60_i64, n in 1..6_u32, m in 1..6_u32, times in 1..12_u32, length in 1..100_i64) {
            let part = part.min(of);
            let text = format!(
                "[block.a]\nkind = \"nrem\"\nsample = \"{part} s of {of} s\"\n[block.b]\nprogramme = \"2 x c\"\nsample = \"1 of {n}\"\n\
                 [block.c]\nprogramme = \"a {length} s\"\nsample = \"1 of {m}\"\n[[group]]\nname = \"g\"\nprogramme = \"{times} x b\""
            );
            let lives = good(&text);
            let (sampled, exact) = (unfold(&lives, false), unfold(&lives, true));
            let whole = i64::from(times) * 2 * length * SECOND_US;
            prop_assert_eq!(sampled.iter().map(|s| s.length_us).sum::<i64>(), whole);
            prop_assert_eq!(exact.iter().map(|s| s.length_us).sum::<i64>(), whole);
            prop_assert_eq!(exact.len(), 2 * times as usize);
            prop_assert!(sampled.windows(2).all(|w| w[0].end_us() == w[1].from_us && w[0].length_us > 0));
            let stands_for: f64 = sampled.iter().filter(|s| s.mode != Mode::Slow).map(|s| s.length_s() * s.acceleration()).sum();
            prop_assert!((stands_for - whole as f64 / 1e6).abs() < 1e-6 * whole as f64 / 1e6, "{} {}", stands_for, whole);
        }

        /// A day with an `until` at its end is always filled, and one without it is told what is missing.
        #[test]
        fn days_are_filled(morning in 0..24_i64, first in 1..20_i64, second in 0..24_i64) {
            let text = |last: &str| format!(
                "[study]\nmorning = \"{morning:02}:00\"\n[block.a]\nkind = \"wake\"\n[[group]]\nname = \"g\"\nprogramme = \"2 x day 24 h (a {first} h{last})\""
            );
            let filled = good(&text(&format!(", a until {morning:02}:00")));
            prop_assert_eq!(unfold(&filled, false).last().unwrap().end_us(), 2 * DAY_US);
            let found = read(&text(&if second == 0 { String::new() } else { format!(", a {second} h") }));
            let expected = match first + second {
                24 => None,
                less if less < 24 => Some("day-not-filled"),
                _ => Some("day-overfull"),
            };
            prop_assert_eq!(found.diagnostics.first().map(|d| d.id), expected);
            prop_assert!(found.diagnostics.len() <= 1);
        }
    }
}
