//! Statistics against scipy and statsmodels (`tests/reference/statistics`), and what they say of samples that do not allow them.

use plastica_report::statistics::*;
use std::collections::BTreeMap;

const A: [f64; 8] = [5.1, 6.2, 7.3, 6.0, 8.4, 5.9, 7.7, 6.6];
const B: [f64; 8] = [4.0, 4.5, 5.0, 3.9, 6.1, 4.8, 5.5, 6.3];
const C: [f64; 8] = [3.0, 4.2, 4.4, 5.2, 5.3, 4.9, 3.3, 4.1];
const D: [f64; 8] = [1.0, 2.0, 2.0, 3.0, 5.0, 5.0, 6.0, 8.0];
const E: [f64; 8] = [2.0, 3.0, 3.0, 4.0, 6.0, 7.0, 9.0, 9.0];

fn expected() -> BTreeMap<&'static str, f64> {
    let text = include_str!("../../../tests/reference/statistics/expected.csv");
    text.lines().skip(2).map(|line| line.rsplit_once(',').map(|(name, value)| (name, value.parse().unwrap())).unwrap()).collect()
}

/// Relative to the size of the number, so that small probabilities are held as closely as large ones.
fn check(name: &str, found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-8 * expected.abs() + 1e-300, "{name}: {found} is not {expected}");
}

#[test]
fn all_numbers_are_those_of_scipy() {
    let whole = |form: &str, a: Test| [(form.to_string() + " p", a.p)];
    let mut found: BTreeMap<String, f64> = BTreeMap::new();
    for name in expected().keys() {
        let words: Vec<&str> = name.split(' ').collect();
        let at = |i: usize| words[i].parse::<f64>().unwrap();
        let size = |i: usize| words[i].parse::<u32>().unwrap();
        let value = match words[..] {
            ["student", ..] => student_two_sided(at(1), at(2)),
            ["quantile", ..] => student_quantile(at(1), at(2)),
            ["f", ..] => f_tail(at(1), at(2), at(3)),
            ["normal", ..] => normal_tail(at(1)),
            ["holm", ..] => holm(&[0.01, 0.04, 0.03, 0.005, 0.9])[size(1) as usize],
            ["power", "independent", ..] => power(Design::Independent, at(2), size(3), 0.05).unwrap(),
            ["power", "paired", ..] => power(Design::Paired, at(2), size(3), 0.05).unwrap(),
            _ => continue,
        };
        found.insert(name.to_string(), value);
    }
    let table: Vec<Vec<f64>> = (0..8).map(|s| vec![A[s], B[s], C[s]]).collect();
    let (one, repeated) = (anova(&[&A, &B, &C]).unwrap(), repeated_anova(&table).unwrap());
    let (welch, paired, r, interval) = (welch(&A, &B).unwrap(), paired_t(&A, &B).unwrap(), pearson(&A, &B).unwrap(), mean_interval(&A, 0.95).unwrap());
    found.extend(whole("welch", welch).into_iter().chain(whole("paired", paired)));
    found.extend(whole("mann", mann_whitney(&A, &B).unwrap()).into_iter().chain(whole("mann ties", mann_whitney(&D, &E).unwrap())));
    found.extend(whole("wilcoxon", wilcoxon(&A, &B).unwrap()).into_iter().chain(whole("wilcoxon ties", wilcoxon(&D, &E).unwrap())));
    let single = [
        ("welch t", welch.statistic),
        ("welch df", welch.freedom.unwrap()),
        ("paired t", paired.statistic),
        ("anova f", one.f),
        ("anova p", one.p),
        ("repeated f", repeated.f),
        ("repeated p", repeated.p),
        ("repeated epsilon", repeated.corrected.unwrap().0),
        ("repeated corrected", repeated.corrected.unwrap().1),
        ("mann u", mann_whitney(&A, &B).unwrap().statistic),
        ("mann ties u", mann_whitney(&D, &E).unwrap().statistic),
        ("wilcoxon w", wilcoxon(&A, &B).unwrap().statistic),
        ("wilcoxon ties w", wilcoxon(&D, &E).unwrap().statistic),
        ("pearson r", r.r),
        ("pearson p", r.p),
        ("pearson low", r.low.unwrap()),
        ("pearson high", r.high.unwrap()),
        ("spearman r", spearman(&D, &E).unwrap().r),
        ("spearman p", spearman(&D, &E).unwrap().p),
        ("hedges", hedges_g(&A, &B).unwrap()),
        ("interval low", interval.low),
        ("interval high", interval.high),
        ("quartile", quantile(&A, 0.25).unwrap()),
    ];
    found.extend(single.map(|(name, value)| (name.to_string(), value)));
    for (name, value) in expected() {
        check(name, *found.get(name).unwrap_or_else(|| panic!("{name} is not computed")), value);
    }
}

#[test]
fn samples_that_allow_nothing_give_nothing() {
    for values in [&[][..], &[1.0], &[2.0, 2.0, 2.0], &[f64::NAN, 1.0, 2.0]] {
        assert!(welch(values, values).is_none() && paired_t(values, values).is_none() && d_z(values, values).is_none(), "{values:?}");
        assert!(hedges_g(values, values).is_none() && paired_g(values, values).is_none(), "{values:?}");
        assert!(anova(&[values, values]).is_none() && pearson(values, values).is_none() && spearman(values, values).is_none(), "{values:?}");
        assert!(wilcoxon(values, values).is_none() && fit(values, values, Form::Power).is_none(), "{values:?}");
    }
    assert!(paired_t(&A, &B[1..]).is_none() && repeated_anova(&[vec![1.0, 2.0], vec![1.0]]).is_none());
    assert!(mann_whitney(&A, &[]).is_none() && reaches(&[1.0, 1.0], &[0.0, 2.0], 1.0).is_none());
    assert_eq!(mann_whitney(&[1.0, 1.0], &[1.0]).unwrap().p, 1.0);
    assert!(power(Design::Paired, 0.5, 1, 0.05).is_none() && power(Design::Paired, 0.5, 9, 2.0).is_none());
    assert!(subjects_for(Design::Independent, 0.0, 0.8, 0.05).is_none());
    assert!(Bootstrap::default().paired(&[&A, &B[1..]], |s| d_z(&s[0], &s[1])).is_none());
}

#[test]
fn probabilities_have_ends() {
    assert_eq!(
        [student_two_sided(f64::INFINITY, 3.0), student_two_sided(0.0, f64::INFINITY), f_tail(0.0, 1.0, 1.0), f_tail(f64::INFINITY, 1.0, 1.0)],
        [0.0, 1.0, 1.0, 0.0]
    );
    for odd in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        assert!(f_tail(1.0, odd, 2.0).is_nan() && f_tail(1.0, 2.0, odd).is_nan(), "{odd}");
        assert!(student_quantile(odd, 2.0).is_nan() && (odd > 0.0 || student_two_sided(1.0, odd).is_nan()), "{odd}");
    }
}

#[test]
fn a_bootstrap_is_a_function_of_its_seed_and_keeps_pairs_together() {
    let of = |seed| Bootstrap { seed, ..Default::default() }.paired(&[&A, &B], |s| d_z(&s[0], &s[1])).unwrap();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
    // A difference that is the same for everybody has no spread when subjects are drawn, and has one when groups are.
    let shifted = A.map(|a| a + 1.0);
    let difference = |s: &[Vec<f64>]| Some(mean(&s[0])? - mean(&s[1])?);
    let (together, apart) =
        (Bootstrap::default().paired(&[&shifted, &A], difference).unwrap(), Bootstrap::default().independent(&[&shifted, &A], difference).unwrap());
    assert!(together.high - together.low < 1e-9 && apart.high - apart.low > 0.5, "{together:?} {apart:?}");
}

/// The interval must hold the truth about as often as it says. The mean of 40 exponential numbers is skewed, so the percentile interval
/// holds it in about 93 %; the tolerance is four standard errors of 400 trials, and a 50 % interval must fail.
#[test]
fn a_bootstrap_interval_holds_the_truth_as_often_as_it_says() {
    let stream = plastica_numerics::random::Stream::new(11, 0, 0);
    let held = |level: f64| {
        let holds = |trial: &u64| {
            let sample: Vec<f64> = (0..40).map(|i| -(1.0 - stream.uniform(i, *trial, 0)).ln()).collect();
            let found = Bootstrap { seed: *trial, rounds: 400, level }.independent(&[&sample], |s| mean(&s[0])).unwrap();
            found.low <= 1.0 && 1.0 <= found.high
        };
        (0..400).filter(holds).count() as f64 / 400.0
    };
    assert!((held(0.95) - 0.93).abs() < 0.05, "{}", held(0.95));
    assert!((held(0.5) - 0.93).abs() > 0.05);
}

#[test]
fn fits_find_the_curve_that_made_the_points() {
    let x: Vec<f64> = (1..=20).map(f64::from).collect();
    for (form, shape) in [(Form::Exponential, 4.0), (Form::Power, 0.7)] {
        let truth = Fit { form, plateau: 30.0, amplitude: -12.0, shape, explained: 1.0 };
        let found = fit(&x, &x.iter().map(|x| truth.at(*x)).collect::<Vec<_>>(), form).unwrap();
        assert!((found.shape - shape).abs() < 1e-4 && (found.plateau - 30.0).abs() < 1e-2 && found.explained > 0.999_999, "{found:?}");
    }
}

#[test]
fn a_curve_reaches_a_value_once_and_never_before_it_begins() {
    let check = |y: &[f64], value: f64, expected: Option<f64>| assert_eq!(reaches(&[1.0, 2.0, 3.0, 4.0], y, value), expected, "{y:?} {value}");
    check(&[1.0, 2.0, 3.0, 4.0], 2.5, Some(2.5));
    check(&[1.0, 2.0, 3.0, 4.0], 1.0, Some(1.0));
    check(&[1.0, 2.0, 3.0, 4.0], 4.0, Some(4.0));
    check(&[1.0, 2.0, 3.0, 4.0], 0.5, None);
    check(&[1.0, 2.0, 3.0, 4.0], 4.5, None);
    check(&[4.0, 3.0, 2.0, 1.0], 2.5, Some(2.5));
    // A dip is levelled: 3, 1 become 2, 2.
    check(&[0.0, 3.0, 1.0, 4.0], 3.0, Some(3.5));
}

#[test]
fn power_answers_the_question_of_how_many() {
    for (effect, wanted) in [(0.3, 0.8), (0.8, 0.9), (2.5, 0.8)] {
        let n = subjects_for(Design::Independent, effect, wanted, 0.05).unwrap();
        assert!(power(Design::Independent, effect, n, 0.05).unwrap() >= wanted);
        assert!(n == 2 || power(Design::Independent, effect, n - 1, 0.05).unwrap() < wanted);
    }
    assert_eq!(power(Design::Paired, 500.0, 10, 0.05), Some(1.0));
}

/// Drawn from normal subjects whose two values correlate by 0.6 and differ by one standard deviation. The mean of 20 000 studies of five
/// subjects has a standard error of 0.004; the tolerance of 0.03 leaves room for the approximation. Uncorrected, or corrected with n - 1
/// degrees of freedom, the mean is off by more.
#[test]
fn a_paired_effect_is_hardly_biased_in_small_studies() {
    let stream = plastica_numerics::random::Stream::new(5, 0, 0);
    let n = 5u64;
    let study = |trial: u64| {
        let own = |i: u64, draw: u32| stream.normal(i, trial, draw);
        let value = |i: u64, draw: u32| 0.6_f64.sqrt() * own(i, 0) + 0.4_f64.sqrt() * own(i, draw);
        let a: Vec<f64> = (0..n).map(|i| 1.0 + value(i, 1)).collect();
        (a, (0..n).map(|i| value(i, 2)).collect::<Vec<f64>>())
    };
    type Effect = dyn Fn(&[f64], &[f64]) -> Option<f64>;
    let mean_of = |f: &Effect| {
        mean(
            &(0..20_000)
                .filter_map(|t| {
                    let (a, b) = study(t);
                    f(&a, &b)
                })
                .collect::<Vec<_>>(),
        )
        .unwrap()
    };
    let corrected = mean_of(&paired_g);
    assert!((corrected - 1.0).abs() < 0.03, "{corrected}");
    let raw = |a: &[f64], b: &[f64]| {
        let pooled = ((standard_deviation(a)?.powi(2) + standard_deviation(b)?.powi(2)) / 2.0).sqrt();
        Some((mean(a)? - mean(b)?) / pooled)
    };
    let raw = mean_of(&raw);
    let with_pairs_only = raw * (1.0 - 3.0 / (4.0 * 4.0 - 1.0));
    assert!((raw - 1.0).abs() > 0.05 && (with_pairs_only - 1.0).abs() > 0.05, "{raw} {with_pairs_only}");
}
