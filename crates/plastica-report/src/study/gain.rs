//! What was gained: between two selections, within and across bouts of practice, over a night, and by transition.
//!
//! Every gain is positive where the score improved, whichever way it improves. Laboratories disagree on how gains are to be computed, so
//! the classic form stands beside one from which fatigue is taken out; a report should show both.

use super::select::{Aggregate, Better, Value, Where};
use super::{Trials, Unfit};

/// The relative change of each subject that has both values: `(after - before) / |before|`, with the sign of improvement.
/// A subject whose value before is 0 is left out.
///
/// ```
/// use plastica_report::study::{Better, Value, gain};
/// let of = |value| vec![Value { group: "a".into(), subject: 1, value }];
/// assert_eq!(gain(&of(5.0), &of(6.0), Better::Higher)[0].value, 0.2);
/// assert_eq!(gain(&of(5.0), &of(4.0), Better::Lower)[0].value, 0.2);
/// ```
pub fn gain(before: &[Value], after: &[Value], better: Better) -> Vec<Value> {
    let same = |a: &Value, b: &Value| a.group == b.group && a.subject == b.subject;
    let each = before.iter().filter_map(|b| {
        let a = after.iter().find(|a| same(a, b))?;
        let value = better.sign() * (a.value - b.value) / b.value.abs();
        value.is_finite().then(|| Value { value, ..b.clone() })
    });
    each.collect()
}

/// Gains within and across bouts, of one subject, in units of the score. All sums are over the same bouts.
#[derive(Clone, Debug, PartialEq)]
pub struct Micro {
    /// Name of the group.
    pub group: String,
    /// Number of the subject.
    pub subject: u64,
    /// Last trial of each bout minus its first, `[bouts]`.
    pub online: Vec<f64>,
    /// First trial of each bout minus the last of the bout before, `[bouts - 1]`.
    pub offline: Vec<f64>,
    /// Each offline gain less what the bout before had lost: a loss within a bout counts as fatigue, which rest only gives back.
    /// `[bouts - 1]`. Our own definition.
    pub rested: Vec<f64>,
}

impl Micro {
    /// What the bouts gained in all: last trial of the last minus first of the first. It is the sum of online and offline gains.
    pub fn total(&self) -> f64 {
        self.online.iter().sum::<f64>() + self.offline.iter().sum::<f64>()
    }

    /// The share of the total that came across rests; `None` where nothing was gained.
    pub fn share(&self) -> Option<f64> {
        Some(self.offline.iter().sum::<f64>() / self.total()).filter(|s| s.is_finite())
    }
}

/// Micro-online and micro-offline gains: each occurrence (day, number) of the selected block is a bout, its trials are single sequences, and
/// the score is the speed of each. A subject without two bouts is left out; trials whose score is not a number are skipped.
///
/// # Errors
/// [`Unfit::NoScore`].
///
/// # Source
/// Bönstrup et al. (2019), Curr Biol 29:1346, for online and offline; fatigue as the rival explanation after Gupta and Rickard (2022),
/// npj Sci Learn, doi:10.1038/s41539-022-00140-z.
///
/// ```
/// use plastica_report::study::{Better, Place, Trials, Where, micro_gains};
/// let mut trials = Trials::new(["speed"]);
/// for (nth, trial, speed) in [(1.0, 1.0, 2.0), (1.0, 2.0, 1.5), (2.0, 1.0, 2.75), (2.0, 2.0, 2.5)] {
///     trials.push(Place { nth, trial, ..Place::default() }, &[speed]).unwrap();
/// }
/// let found = &micro_gains(&trials, "speed", &Where::default(), Better::Higher).unwrap()[0];
/// assert_eq!((&found.online[..], &found.offline[..], &found.rested[..]), (&[-0.5, -0.25][..], &[1.25][..], &[0.75][..]));
/// assert_eq!((found.total(), found.share()), (0.5, Some(2.5)));
/// ```
pub fn micro_gains(trials: &Trials, score: &str, which: &Where, better: Better) -> Result<Vec<Micro>, Unfit> {
    let firsts = trials.per_block(score, which, Aggregate::First(1))?;
    let lasts = trials.per_block(score, which, Aggregate::Last(1))?;
    // Both leave out the same bouts, those without any score, so they stand side by side.
    let bouts: Vec<(&super::Block, f64, f64)> = firsts.iter().zip(&lasts).map(|(f, l)| (f, better.sign() * f.value, better.sign() * l.value)).collect();
    let subjects = bouts.chunk_by(|a, b| a.0.group == b.0.group && a.0.subject == b.0.subject).filter(|bouts| bouts.len() > 1);
    let each = subjects.map(|bouts| {
        let online: Vec<f64> = bouts.iter().map(|(_, first, last)| last - first).collect();
        let offline: Vec<f64> = bouts.windows(2).map(|pair| pair[1].1 - pair[0].2).collect();
        let rested = offline.iter().zip(&online).map(|(offline, online)| offline + online.min(0.0)).collect();
        Micro { group: bouts[0].0.group.clone(), subject: bouts[0].0.subject, online, offline, rested }
    });
    Ok(each.collect())
}

/// The gain over a night (or a nap, or a day awake) by subject, computed in three ways; relative, as by [`gain`].
#[derive(Clone, Debug, PartialEq)]
pub struct Overnight {
    /// The classic one: the best n after against the last n before. The last trials are tired, and the best are chosen.
    pub classic: Vec<Value>,
    /// The same places on both sides: the first n after against the last n before. Nothing is chosen; fatigue stays.
    pub unselected: Vec<Value>,
    /// Fatigue taken out: the best n after against the best n before.
    pub controlled: Vec<Value>,
}

/// The gain from the trials `before` to those `after`; n is 3 in most laboratories. A control that waits for fatigue to pass (a test after
/// ten minutes of rest) is this function with that test as `before`.
///
/// # Errors
/// [`Unfit::NoScore`].
///
/// # Source
/// Walker et al. (2002), Neuron 35:205, for the classic form; the objections in Rickard et al. (2008), J Exp Psychol LMC 34:834, and
/// Pan and Rickard (2015), Psychol Bull 141:812.
///
/// ```
/// use plastica_report::study::{Better, Place, Span, Trials, Where, overnight_gain};
/// let mut trials = Trials::new(["speed"]);
/// for (day, trial, speed) in [(1.0, 1.0, 5.0), (1.0, 2.0, 4.0), (2.0, 1.0, 4.5), (2.0, 2.0, 6.0)] {
///     trials.push(Place { day, trial, ..Place::default() }, &[speed]).unwrap();
/// }
/// let on = |day| Where { day: Some(Span::only(day)), ..Where::default() };
/// let found = overnight_gain(&trials, "speed", [&on(1.0), &on(2.0)], 1, Better::Higher).unwrap();
/// assert_eq!([found.classic[0].value, found.unselected[0].value, found.controlled[0].value], [0.5, 0.125, 0.2]);
/// ```
pub fn overnight_gain(trials: &Trials, score: &str, [before, after]: [&Where; 2], n: usize, better: Better) -> Result<Overnight, Unfit> {
    let of = |which: &Where, how: Aggregate| trials.per_subject(score, which, how);
    let (last, best) = (of(before, Aggregate::Last(n))?, of(before, Aggregate::Best(n, better))?);
    let (first_after, best_after) = (of(after, Aggregate::First(n))?, of(after, Aggregate::Best(n, better))?);
    Ok(Overnight { classic: gain(&last, &best_after, better), unselected: gain(&last, &first_after, better), controlled: gain(&best, &best_after, better) })
}

/// The gains of each subject's slowest and fastest transition: one score for each transition (its time, where less is better), the worst and
/// the best told apart by the values before. A subject that lacks a value of a transition is left out.
///
/// The slowest of noisy values gains and the fastest loses where nothing changed at all (regression to the mean); with enough
/// trials on both sides this is small.
///
/// # Errors
/// [`Unfit::NoScore`].
///
/// # Source
/// Kuriyama et al. (2004), Learn Mem 11:705.
///
/// ```
/// use plastica_report::study::{Aggregate, Better, Place, Span, Trials, Where, transition_gains};
/// let mut trials = Trials::new(["1-2", "2-3"]);
/// trials.push(Place { day: 1.0, ..Place::default() }, &[0.4, 0.2]).unwrap();
/// trials.push(Place { day: 2.0, ..Place::default() }, &[0.3, 0.2]).unwrap();
/// let on = |day| Where { day: Some(Span::only(day)), ..Where::default() };
/// let [slowest, fastest] = transition_gains(&trials, &["1-2", "2-3"], [&on(1.0), &on(2.0)], Aggregate::Mean, Better::Lower).unwrap();
/// assert!((slowest[0].value - 0.25).abs() < 1e-12 && fastest[0].value == 0.0);
/// ```
pub fn transition_gains(trials: &Trials, transitions: &[&str], [before, after]: [&Where; 2], how: Aggregate, better: Better) -> Result<[Vec<Value>; 2], Unfit> {
    let mut columns = Vec::new();
    for score in transitions {
        columns.push((trials.per_subject(score, before, how)?, trials.per_subject(score, after, how)?));
    }
    let mut out = [Vec::new(), Vec::new()];
    for subject in columns.first().map_or(&[][..], |(before, _)| before) {
        let own = |values: &[Value]| values.iter().filter(|v| v.group == subject.group && v.subject == subject.subject).cloned().collect::<Vec<_>>();
        let mut each: Vec<(Vec<Value>, Vec<Value>)> = columns.iter().map(|(before, after)| (own(before), own(after))).collect();
        if each.iter().any(|(before, after)| before.is_empty() || after.is_empty()) {
            continue;
        }
        // From the worst to the best before.
        each.sort_by(|a, b| (better.sign() * a.0[0].value).total_cmp(&(better.sign() * b.0[0].value)));
        for (out, at) in out.iter_mut().zip([0, each.len() - 1]) {
            out.extend(gain(&each[at].0, &each[at].1, better));
        }
    }
    Ok(out)
}
