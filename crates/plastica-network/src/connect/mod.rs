//! Which pairs of neurons are connected: one file for each rule, one line for it in [`RULES`].
//!
//! Whether a synapse exists hangs on the seed, the subject, the projection's name and its two neurons, never on the part that
//! asks. So a rule draws with the number of a target (or of a source) as the key, and a part asks for the targets that it owns.

mod all_to_all;
mod distance;
mod fixed_indegree;
mod fixed_outdegree;
mod fixed_total;
mod list;
mod one_to_one;
mod pairs;
mod probability;
mod reading;
mod sample;

use plastica_lang::model::Expr;

use crate::network::NetworkError;

pub(crate) use pairs::{Building, Pairs};
pub(crate) use reading::{Ends, Reading};

/// A connection rule.
#[derive(Clone, Debug)]
pub enum Connect {
    /// Every pair.
    AllToAll,
    /// Neuron `i` to neuron `i`.
    OneToOne,
    /// Each pair with this probability.
    Probability(f64),
    /// Each pair with the probability that a formula gives for it.
    Formula(Expr),
    /// So many synapses onto each target.
    FixedIndegree(usize),
    /// So many synapses from each source.
    FixedOutdegree(usize),
    /// So many synapses, anywhere.
    FixedTotal(usize),
    /// The pairs of a list.
    List {
        /// Presynaptic neurons, `[n_entries]`.
        pre: Vec<u32>,
        /// Postsynaptic neurons, `[n_entries]`.
        post: Vec<u32>,
    },
}

/// How a rule is read.
pub(crate) struct Rule {
    pub name: &'static str,
    pub keys: &'static [&'static str],
    /// An example, for help.
    pub example: &'static str,
    pub read: fn(&mut Reading<'_>) -> Option<Connect>,
}

/// All rules.
pub(crate) const RULES: [Rule; 8] =
    [all_to_all::RULE, one_to_one::RULE, probability::RULE, distance::RULE, fixed_indegree::RULE, fixed_outdegree::RULE, fixed_total::RULE, list::RULE];

/// The names of the rules.
pub fn rules() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.name)
}

impl Connect {
    /// Number of synapses that is to be expected (an upper bound where that is not known).
    pub(crate) fn expected(&self, ends: &Ends) -> f64 {
        match self {
            Connect::AllToAll | Connect::Formula(_) => ends.pairs(),
            Connect::OneToOne => ends.n_pre as f64,
            Connect::Probability(p) => p * ends.pairs(),
            Connect::FixedIndegree(k) => *k as f64 * ends.n_post as f64,
            Connect::FixedOutdegree(k) => *k as f64 * ends.n_pre as f64,
            Connect::FixedTotal(n) => *n as f64,
            Connect::List { pre, .. } => pre.len() as f64,
        }
    }

    /// Are there neurons enough? A text has been judged when it was read; a network may have been changed since.
    pub(crate) fn possible(&self, ends: &Ends) -> bool {
        let enough = |wanted: f64, there: f64| wanted <= there || (ends.multapses && there > 0.0);
        match self {
            Connect::FixedIndegree(k) => enough(*k as f64, ends.sources() as f64),
            Connect::FixedOutdegree(k) => enough(*k as f64, ends.targets() as f64),
            Connect::FixedTotal(n) => enough(*n as f64, ends.pairs()),
            Connect::OneToOne => ends.n_pre == ends.n_post,
            Connect::List { pre, post } => pre.iter().all(|i| (*i as usize) < ends.n_pre) && post.iter().all(|j| (*j as usize) < ends.n_post),
            Connect::AllToAll | Connect::Probability(_) | Connect::Formula(_) => true,
        }
    }

    /// The pairs whose targets a part owns.
    ///
    /// # Errors
    /// A formula that gives no probability.
    pub(crate) fn pairs(&self, building: &Building<'_>) -> Result<Pairs, NetworkError> {
        match self {
            Connect::AllToAll => Ok(all_to_all::pairs(building)),
            Connect::OneToOne => Ok(one_to_one::pairs(building)),
            Connect::Probability(p) => Ok(probability::pairs(*p, building)),
            Connect::Formula(p) => distance::pairs(p, building),
            Connect::FixedIndegree(k) => Ok(fixed_indegree::pairs(*k, building)),
            Connect::FixedOutdegree(k) => Ok(fixed_outdegree::pairs(*k, building)),
            Connect::FixedTotal(n) => Ok(fixed_total::pairs(*n, building)),
            Connect::List { pre, post } => Ok(list::pairs(pre, post, building)),
        }
    }
}
