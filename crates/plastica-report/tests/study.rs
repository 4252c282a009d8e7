//! Trials of an invented study, from the table to gains.

use plastica_report::statistics::{Bootstrap, Design, welch};
use plastica_report::study::*;

/// Two groups of two subjects, two days of two bouts of three trials. Speed rises by 1 a bout and falls by 0.25 a trial; the second subject is
/// 10 faster, the second group twice as fast. The lines come in no order.
fn trials() -> Trials {
    let mut out = Trials::new(["speed", "seconds"]);
    let mut lines = Vec::new();
    for (group, factor) in [("practice", 1.0), ("rest", 2.0)] {
        for subject in [1, 2] {
            for bout in 0..4 {
                for trial in 0..3 {
                    let speed = factor * (10.0 * subject as f64 + f64::from(bout) - 0.25 * f64::from(trial));
                    let (day, nth) = (f64::from(bout / 2) + 1.0, f64::from(bout) + 1.0);
                    lines.push((Place { group: group.into(), subject, day, block: "bout".into(), nth, trial: f64::from(trial) + 1.0 }, [speed, 1.0 / speed]));
                }
            }
        }
    }
    for (place, scores) in lines.into_iter().rev() {
        out.push(place, &scores).unwrap();
    }
    out
}

fn of(group: &str) -> Where {
    Where { group: Some(group.into()), ..Where::default() }
}

fn on(day: f64) -> Where {
    Where { day: Some(Span::only(day)), ..of("practice") }
}

fn check(name: &str, found: &[f64], expected: &[f64]) {
    let same = found.len() == expected.len() && found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-12);
    assert!(same, "{name}: {found:?} is not {expected:?}");
}

#[test]
fn each_aggregate_is_its_definition() {
    let scores = [3.0, f64::NAN, 1.0, 2.0, 6.0];
    let check = |how: Aggregate, expected: Option<f64>| assert_eq!(how.of(&scores), expected, "{how:?}");
    check(Aggregate::Mean, Some(3.0));
    check(Aggregate::Median, Some(2.5));
    check(Aggregate::First(2), Some(2.0));
    check(Aggregate::Last(1), Some(6.0));
    check(Aggregate::Best(2, Better::Higher), Some(4.5));
    check(Aggregate::Best(2, Better::Lower), Some(1.5));
    check(Aggregate::Best(5, Better::Lower), None);
    check(Aggregate::First(5), None);
    check(Aggregate::Last(5), None);
    check(Aggregate::Sum, Some(12.0));
    check(Aggregate::Deviation, Some((14.0_f64 / 3.0).sqrt()));
    check(Aggregate::Variation, Some((14.0_f64 / 3.0).sqrt() / 3.0));
    check(Aggregate::Count, Some(4.0));
    assert_eq!(Aggregate::Mean.of(&[f64::NAN]), None);
}

#[test]
fn selections_are_in_the_order_of_time_and_of_subjects() {
    let trials = trials();
    let value = |which: &Where, how| values(&trials.per_subject("speed", which, how).unwrap());
    check("first of day 1", &value(&on(1.0), Aggregate::First(1)), &[10.0, 20.0]);
    check("last of day 2", &value(&on(2.0), Aggregate::Last(1)), &[12.5, 22.5]);
    let third = Where { nth: Some(Span::only(3.0)), trial: Some(Span { from: 2.0, to: 3.0 }), ..of("rest") };
    check("third bout without its first trial", &value(&third, Aggregate::Mean), &[2.0 * 11.625, 2.0 * 21.625]);
    check("a block that nobody has", &value(&Where { block: Some("test".into()), ..Where::default() }, Aggregate::Count), &[]);
    let blocks = trials.per_block("speed", &of("practice"), Aggregate::First(1)).unwrap();
    check("blocks", &blocks.iter().map(|b| b.value).collect::<Vec<_>>(), &[10.0, 11.0, 12.0, 13.0, 20.0, 21.0, 22.0, 23.0]);
    check("their days", &blocks[..4].iter().map(|b| b.day).collect::<Vec<_>>(), &[1.0, 1.0, 2.0, 2.0]);
}

#[test]
fn blocks_that_share_a_number_stay_apart() {
    let mut trials = Trials::new(["s"]);
    for (block, trial, score) in [("b", 1.0, 1.0), ("a", 1.0, 10.0), ("b", 2.0, 3.0), ("a", 2.0, 30.0)] {
        trials.push(Place { block: block.into(), trial, ..Place::default() }, &[score]).unwrap();
    }
    let found = trials.per_block("s", &Where::default(), Aggregate::Last(1)).unwrap();
    assert_eq!(found.iter().map(|b| (b.block.as_str(), b.value)).collect::<Vec<_>>(), [("a", 30.0), ("b", 3.0)]);
}

#[test]
fn pairs_are_the_same_subject_in_two_groups() {
    let trials = trials();
    let day = |group| trials.per_subject("speed", &of(group), Aggregate::First(1)).unwrap();
    let (practice, rest) = paired(&day("practice"), &day("rest"));
    check("practice", &practice, &[10.0, 20.0]);
    check("rest", &rest, &[20.0, 40.0]);
    assert!(gain(&day("practice"), &day("rest"), Better::Higher).is_empty(), "a gain is within a subject of one group");
}

#[test]
fn bouts_that_tire_gain_across_rests_only() {
    let found = micro_gains(&trials(), "speed", &of("practice"), Better::Higher).unwrap();
    assert_eq!(found.iter().map(|m| m.subject).collect::<Vec<_>>(), [1, 2]);
    check("online", &found[0].online, &[-0.5; 4]);
    check("offline", &found[0].offline, &[1.5; 3]);
    check("rested", &found[0].rested, &[1.0; 3]);
    check("total", &[found[0].total(), found[0].share().unwrap()], &[2.5, 1.8]);
    let time = micro_gains(&trials(), "seconds", &of("practice"), Better::Lower).unwrap();
    assert!(time[0].online.iter().all(|o| *o < 0.0) && time[0].total() > 0.0, "less time is better");
    assert!(micro_gains(&trials(), "speed", &Where { nth: Some(Span::only(1.0)), ..Where::default() }, Better::Higher).unwrap().is_empty());
}

#[test]
fn the_classic_gain_over_a_night_contains_fatigue() {
    let found = overnight_gain(&trials(), "speed", [&on(1.0), &on(2.0)], 1, Better::Higher).unwrap();
    check("classic", &values(&found.classic), &[2.5 / 10.5, 2.5 / 20.5]);
    check("unselected", &values(&found.unselected), &[1.5 / 10.5, 1.5 / 20.5]);
    check("controlled", &values(&found.controlled), &[2.0 / 11.0, 2.0 / 21.0]);
}

#[test]
fn transitions_are_told_apart_by_the_values_before() {
    let mut trials = Trials::new(["a", "b", "c"]);
    for (subject, day, scores) in [(1, 1.0, [0.3, 0.1, 0.2]), (1, 2.0, [0.15, 0.1, 0.1]), (2, 1.0, [0.1, 0.4, 0.2]), (2, 2.0, [0.2, 0.3, 0.2])] {
        trials.push(Place { subject, day, ..Place::default() }, &scores).unwrap();
    }
    trials.push(Place { subject: 3, day: 1.0, ..Place::default() }, &[0.1, 0.1, 0.1]).unwrap();
    let on = |day| Where { day: Some(Span::only(day)), ..Where::default() };
    let [slowest, fastest] = transition_gains(&trials, &["a", "b", "c"], [&on(1.0), &on(2.0)], Aggregate::Mean, Better::Lower).unwrap();
    check("slowest", &values(&slowest), &[0.5, 0.25]);
    check("fastest", &values(&fastest), &[0.0, -1.0]);
}

#[test]
fn what_does_not_fit_is_said() {
    let message = trials().per_subject("sped", &Where::default(), Aggregate::Mean).unwrap_err().to_string();
    assert_eq!(message, "there is no score `sped`; the trials have speed, seconds");
    assert_eq!(Trials::new(["a"]).push(Place::default(), &[]).unwrap_err().to_string(), "a trial has 0 values and not 1");
    let zero = vec![Value { group: String::new(), subject: 1, value: 0.0 }];
    assert!(gain(&zero, &zero, Better::Higher).is_empty());
}

fn group(name: &str, values: &[f64]) -> Vec<Value> {
    values.iter().zip(1..).map(|(value, subject)| Value { group: name.into(), subject, value: *value }).collect()
}

#[test]
fn a_contrast_pairs_subjects_or_does_not() {
    let (a, b) = (group("a", &[5.0, 7.0, 9.0, 6.0, 8.0]), group("b", &[4.0, 5.0, 6.0, 5.5]));
    let apart = contrast(&a, &b, Design::Independent, &Bootstrap::default()).unwrap();
    let together = contrast(&a, &b, Design::Paired, &Bootstrap::default()).unwrap();
    assert_eq!((apart.n, together.n, apart.d_z), ([5, 4], [4, 4], None));
    assert_eq!(apart.t, welch(&values(&a), &values(&b)));
    assert!(together.d_z.unwrap() > together.effect.value && apart.effect.low < apart.effect.value && apart.effect.value < apart.effect.high);
    let n = together.subjects_for(0.8, 0.05).unwrap();
    assert!(together.power(n, 0.05).unwrap() >= 0.8 && together.power(n - 1, 0.05).unwrap() < 0.8);
    let table = contrasts_table(&[("apart".into(), apart), ("together".into(), together)]);
    assert_eq!([&table.rows[0][1], &table.rows[1][1]], ["5 and 4", "4 pairs"]);
    assert!(table.rows.iter().all(|row| row.len() == table.head.len()));
    assert!(contrast(&a[..1], &b[..1], Design::Paired, &Bootstrap::default()).is_none());
}

#[test]
fn many_studies_take_subjects_in_the_order_of_their_numbers() {
    let (mut a, b) = (group("a", &[2.0, 4.0, 1.0, 5.0, 9.0]), group("b", &[1.0, 3.0, 1.0, 3.0, 9.0]));
    let expected = studies(&a, &b, 2, Design::Paired);
    a.reverse();
    assert_eq!(studies(&a, &b, 2, Design::Paired), expected);
    assert_eq!(expected.len(), 2);
    // A factor of 1 - 3/(4·1 - 1) = 0 leaves nothing of two pairs: the correction says that they cannot tell.
    check("two pairs", &expected, &[0.0, 0.0]);
    assert_eq!(studies(&a, &b, 6, Design::Paired).len(), 0);
}
