//! The part of `[measure.NAME]` with `probe = "TASK"`: receptive fields and maps, from what each cell answered to each stimulus.
//!
//! What the answers say is computed in `plastica_report::fields`; here stand the keys, and how a task's counts become a reading.

use plastica_lang::source::{Diagnostic, Key, Table};
use plastica_programme::tasks::{Answers, Task};
use plastica_report::fields::Fields;
use plastica_report::statistics::{mean, median};

use crate::experiment::did_you_mean;

/// What is read from the answers of a probe.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Name of the task.
    pub task: String,
    /// Population of its cells.
    pub population: String,
    what: What,
    share: f64,
    least: f64,
    together: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Answer,
    Best,
    Field,
    Several,
}

const WORDS: [(&str, What); 4] = [("answer", What::Answer), ("best", What::Best), ("field", What::Field), ("several", What::Several)];

/// Keys that only such a measure has.
pub const KEYS: [&str; 5] = ["probe", "read", "share", "least", "together"];

impl Field {
    /// Reads the keys of a measure of a probe; `key` is the measure's name.
    pub fn parse(key: &Key, table: &Table, tasks: &[(String, Box<dyn Task>)], diagnostics: &mut Vec<Diagnostic>) -> Option<Field> {
        let what = format!("measure `{}`", key.name);
        for key in ["population", "projection", "variable", "rate", "from", "before", "change"].into_iter().filter_map(|word| table.key(word)) {
            let fault = Diagnostic::error("unknown-key", key.span, format!("{what} is read from a probe and has no `{}`", key.name));
            diagnostics.push(fault.help("its rows are the stimuli of the probe, its columns groups `to` of the cells, and it is read `after` blocks"));
        }
        let name = table.text("probe", diagnostics)?;
        let probes: Vec<String> = tasks.iter().filter(|(_, task)| task.probed().is_some()).map(|(name, _)| name.clone()).collect();
        let Some(population) = tasks.iter().find(|(n, _)| *n == name.text).and_then(|(_, task)| task.probed()) else {
            let fault = Diagnostic::error("unknown-task", name.span, format!("there is no task `{}` of kind \"probe\"", name.text));
            diagnostics.push(fault.help(did_you_mean(&name.text, "probes", &probes)));
            return None;
        };
        let word = table.required_text(&what, "read", diagnostics)?;
        let Some((_, found)) = WORDS.iter().find(|(w, _)| *w == word.text) else {
            let known: Vec<String> = WORDS.iter().map(|w| w.0.to_string()).collect();
            let fault = Diagnostic::error("unknown-word", word.span, format!("`{}` cannot be read from a probe", word.text));
            diagnostics.push(fault.help(did_you_mean(&word.text, "readings", &known)));
            return None;
        };
        let mut number = |word: &str, unless_said: f64, good: std::ops::RangeInclusive<f64>| {
            let Some(value) = table.get(word) else { return unless_said };
            let x = table.number(word, diagnostics).unwrap_or(unless_said);
            if !good.contains(&x) {
                let fault = Diagnostic::error("out-of-range", value.span, format!("`{word}` must be {} to {}, but this is {x}", good.start(), good.end()));
                diagnostics.push(fault.help(format!("leave it out for {unless_said}")));
            }
            x
        };
        let (share, least) = (number("share", 0.5, 0.0..=1.0), number("least", 0.5, 0.0..=1e6));
        let together = if table.get("together").is_some() { table.integer("together", 1, diagnostics)? as usize } else { 1 };
        Some(Field { task: name.text.clone(), population: population.to_string(), what: *found, share, least, together })
    }

    /// What is kept of a task's answers until the measure is read: spikes per pulse, `[stimulus][cell]`, then the number of cells.
    pub fn kept(answers: &Answers) -> Vec<f64> {
        let cells = answers.cells();
        let rows = answers.spikes.iter().zip(&answers.pulses);
        let mut out: Vec<f64> = rows.flat_map(|(row, n)| row.iter().map(move |spikes| if *n > 0 { *spikes as f64 / f64::from(*n) } else { 0.0 })).collect();
        out.push(cells as f64);
        out
    }

    /// The matrix, row by row, from what was kept; `groups` are the cells of each column.
    pub fn matrix(&self, kept: &[f64], groups: &[Vec<u32>]) -> Vec<f64> {
        let Some((cells, answers)) = kept.split_last() else { return Vec::new() };
        let fields = Fields { answers, cells: *cells as usize, share: self.share, least: self.least };
        let by_stimulus = |of: &dyn Fn(usize, &[u32]) -> f64| (0..fields.stimuli()).flat_map(|s| groups.iter().map(move |g| of(s, g))).collect();
        match self.what {
            What::Answer => by_stimulus(&|s, g| fields.mean(s, g)),
            What::Best => by_stimulus(&|s, g| fields.best(s, g)),
            What::Field => groups.iter().map(|g| median(&fields.widths(g)).unwrap_or(f64::NAN)).collect(),
            What::Several => groups.iter().map(|g| fields.several(g, self.together)).collect(),
        }
    }

    /// Mean of picked cells of the matrix.
    pub fn mean(matrix: &[f64], columns: usize, pick: &[(usize, usize)]) -> f64 {
        let values: Vec<f64> = pick.iter().map(|(row, column)| matrix.get(row * columns + column).copied().unwrap_or(f64::NAN)).collect();
        mean(&values).unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three stimuli, given twice, twice and never; two columns of two cells.
    fn check(what: What, expected: &[f64]) {
        let answers = Answers { spikes: vec![vec![4, 2, 0, 0], vec![2, 2, 6, 0], vec![0; 4]], pulses: vec![2, 2, 0] };
        let field = Field { task: "t".into(), population: "P".into(), what, share: 0.5, least: 0.5, together: 1 };
        let found = field.matrix(&Field::kept(&answers), &[vec![0, 1], vec![2, 3]]);
        assert_eq!(found, expected, "{what:?}");
        assert_eq!(field.matrix(&[], &[vec![0]]), Vec::<f64>::new());
    }

    #[test]
    fn counts_become_a_matrix() {
        check(What::Answer, &[1.5, 0.0, 1.0, 1.5, 0.0, 0.0]);
        check(What::Best, &[1.5, 0.0, 0.5, 1.0, 0.0, 0.0]);
        check(What::Field, &[2.0, 1.0]);
        check(What::Several, &[1.0, 0.0]);
        assert_eq!(Field::mean(&[1.0, 2.0, 3.0, 4.0], 2, &[(0, 1), (1, 1)]), 3.0);
        assert!(Field::mean(&[1.0], 1, &[(7, 0)]).is_nan());
    }
}
