//! Which experiments an atlas runs, and which published numbers it lists: all, or those of some names, numbers and claims.

use plastica_report::{Row, Verdict};

use crate::claims::Claims;
use crate::experiment::did_you_mean;
use crate::library::Library;
use crate::targets::{Simulated, Targets};
use crate::tested::{Tested, experiments};

/// What was chosen.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// Experiments, in the order of claims and numbers.
    pub experiments: Vec<Tested>,
    /// Rows of the table of targets that no experiment of the library is held against.
    pub open: Vec<Row>,
    /// Claims and numbers.
    pub claims: Claims,
    targets: Targets,
}

impl Chosen {
    /// Chooses. `only`: names of experiments, numbers (`E09`) and claims (`C9`), in any case; all if empty.
    ///
    /// # Errors
    /// A sentence: a word chooses nothing, or the table of targets cannot be read.
    pub fn new(library: &Library, only: &[String]) -> Result<Chosen, String> {
        let claims = Claims::read();
        let targets = Targets::of_library(library)?;
        let (mut all, without_rows): (Vec<Tested>, Vec<Tested>) = experiments(library).into_iter().partition(|t| !t.rows.is_empty());
        all.sort_by_cached_key(|t| (t.claims.first().map_or(usize::MAX, |code| claims.place(code)), t.ids(), t.name.clone()));
        let is_open = |id: &str, quantity: &str| !all.iter().any(|t| t.rows.iter().any(|a| a.id == id && a.target.as_deref() == Some(quantity)));
        let row = |(id, quantity, _): &(String, String, _)| row(&targets, &claims, id, quantity, "", Verdict::NoExperiment);
        let mut open: Vec<Row> = targets.rows.iter().filter(|(id, quantity, _)| is_open(id, quantity)).filter_map(row).collect();
        if !only.is_empty() {
            let is = |word: &String, name: &str| word.eq_ignore_ascii_case(name);
            let test = |word: &String, t: &Tested| is(word, &t.name) || t.claims.iter().any(|c| is(word, c)) || t.rows.iter().any(|r| is(word, &r.id));
            let bears = |word: &String, row: &Row| is(word, &row.id) || crate::claims::codes(&row.claim).iter().any(|c| is(word, c));
            for word in only {
                if !all.iter().any(|t| test(word, t)) && !open.iter().any(|row| bears(word, row)) {
                    if without_rows.iter().any(|t| is(word, &t.name)) {
                        return Err(format!(
                            "the experiment `{word}` is held against no number, so that the atlas has nothing to show of it; `plastica run {word}` runs it"
                        ));
                    }
                    let names = all.iter().map(|t| t.name.clone());
                    let known: Vec<String> =
                        names.chain(claims.topics.iter().map(|t| t.id.clone())).chain(claims.list.iter().map(|c| c.code.clone())).collect();
                    let help = did_you_mean(word, "names, numbers and claims", &known);
                    return Err(format!("the atlas has no experiment, number or claim `{word}`; {help}"));
                }
            }
            all.retain(|t| only.iter().any(|word| test(word, t)));
            open.retain(|r| only.iter().any(|word| bears(word, r)));
        }
        Ok(Chosen { experiments: all, open, claims, targets })
    }

    /// The rows of the table of targets that an experiment would give.
    pub fn promised(&self, tested: &Tested) -> Vec<Row> {
        let claim = tested.claims.join(", ");
        let row = |(id, quantity)| row(&self.targets, &self.claims, id, quantity, &claim, Verdict::NotRun);
        let mut asked: Vec<(&str, &str)> = tested.rows.iter().filter_map(|a| Some((a.id.as_str(), a.target.as_deref()?))).collect();
        let mut seen = std::collections::HashSet::new();
        asked.retain(|pair| seen.insert(*pair));
        asked.into_iter().filter_map(row).collect()
    }
}

/// A row of the table of targets without a simulated value.
fn row(targets: &Targets, claims: &Claims, id: &str, quantity: &str, claim: &str, verdict: Verdict) -> Option<Row> {
    let found = Simulated { id: id.into(), quantity: quantity.into(), claim: claims.of_row("", claim, id), ..Simulated::default() };
    targets.find(id, quantity).map(|target| target.row(found, verdict))
}
