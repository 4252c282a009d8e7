//! `[variation.NAME]`: what differs between subjects, a factor on a parameter.
//!
//! A factor is a function of seed, subject and name of the variation; how many others there are changes nothing.
//! Only `normal` and `lognormal` are known here: the distributions of single neurons are the network room's.

use plastica_lang::source::{Diagnostic, Key, Span, Table};
use plastica_lang::units::Dimension;
use plastica_numerics::elementary::Real;
use plastica_numerics::random::{Stream, stream_id};

use crate::circuit::{Circuit, Noun, Owner, exists, parameter};
use crate::tables::{did_you_mean, doc, named_tables, quantity};

/// A factor that each subject draws for itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Variation {
    /// Name.
    pub name: String,
    /// What it is, as written.
    pub doc: String,
    /// Of a population or of a projection.
    pub owner: Owner,
    /// Its name.
    pub of: String,
    /// The parameter that is multiplied.
    pub parameter: String,
    /// Where the factor comes from.
    pub factor: Factor,
    /// Place of its name.
    pub span: Span,
}

/// A distribution of factors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor {
    /// Its logarithm is normal.
    pub lognormal: bool,
    /// Mean of the factor.
    pub mean: f64,
    /// Standard deviation of the factor.
    pub sd: f64,
    /// Least; smaller ones are drawn again.
    pub min: Option<f64>,
    /// Greatest; larger ones are drawn again.
    pub max: Option<f64>,
}

/// With the least probability of the bounds that is accepted, a thousandth, this many draws miss with probability below 1e-43.
const MOST_DRAWS: u64 = 100_000;
/// Draws by which bounds are judged.
const TRIED: u64 = 4_000;

impl Factor {
    /// Draws, again and again until a value lies within the bounds.
    fn draw(&self, stream: Stream) -> f64 {
        let within = |x: &f64| self.min.is_none_or(|low| *x >= low) && self.max.is_none_or(|high| *x <= high);
        let found = (0..MOST_DRAWS).map(|attempt| self.one(stream, attempt)).find(within);
        found.unwrap_or_else(|| self.min.or(self.max).unwrap_or(self.mean))
    }

    fn one(&self, stream: Stream, attempt: u64) -> f64 {
        let z = stream.normal(0, attempt, 0);
        if !self.lognormal {
            return self.mean + self.sd * z;
        }
        let ratio = self.sd / self.mean;
        let variance = Real::log1p(ratio * ratio);
        Real::exp(Real::log(self.mean) - variance / 2.0 + Real::sqrt(variance) * z)
    }

    /// Do enough values lie within the bounds?
    fn is_possible(&self) -> bool {
        let stream = Stream::new(0, 0, stream_id("bounds of a variation", 0));
        let within = |x: f64| self.min.is_none_or(|low| x >= low) && self.max.is_none_or(|high| x <= high);
        (0..TRIED).filter(|attempt| within(self.one(stream, *attempt))).count() >= TRIED as usize / 1000
    }
}

impl Variation {
    /// The factor of a subject.
    pub fn draw(&self, seed: u64, subject: u32) -> f64 {
        self.factor.draw(Stream::new(seed, subject, stream_id(&format!("variation.{}", self.name), 0)))
    }

    /// Reads all `[variation.*]`.
    pub(crate) fn parse_all(table: &Table, circuit: &dyn Circuit, diagnostics: &mut Vec<Diagnostic>) -> Vec<Variation> {
        named_tables(table, "variation", diagnostics).into_iter().filter_map(|(key, body)| variation(key, body, circuit, diagnostics)).collect()
    }
}

fn variation(key: &Key, table: &Table, circuit: &dyn Circuit, diagnostics: &mut Vec<Diagnostic>) -> Option<Variation> {
    let what = format!("variation `{}`", key.name);
    table.known_keys(&what, &["doc", "population", "projection", "parameter", "factor"], diagnostics);
    let owner = match (table.key("population"), table.key("projection")) {
        (Some(_), Some(second)) => {
            let fault = Diagnostic::error("given-twice", second.span, format!("{what} has both a population and a projection"));
            diagnostics.push(fault.help("write one [variation.NAME] for each"));
            None
        }
        (Some(_), None) => Some(Owner::Population),
        (None, Some(_)) => Some(Owner::Projection),
        (None, None) => {
            let fault = Diagnostic::error("missing-key", key.span, format!("{what} does not say whose parameter differs"));
            diagnostics.push(fault.help("add a line: population = \"..\" or projection = \"..\""));
            None
        }
    };
    let of = owner.and_then(|owner| table.text(owner.word(), diagnostics));
    let of = of.zip(owner).filter(|(text, owner)| exists(circuit, Noun::Owner(*owner), &text.text, text.span, diagnostics));
    let name = table.required_text(&what, "parameter", diagnostics);
    if let (Some((of, owner)), Some(name)) = (of, name) {
        parameter(circuit, owner, &of.text, &Key { name: name.text.clone(), span: name.span }, diagnostics);
    }
    let factor = match table.table("factor", diagnostics) {
        Some(inner) => read_factor(&what, inner, diagnostics),
        None if table.get("factor").is_none() => {
            let fault = Diagnostic::error("missing-key", key.span, format!("{what} has no `factor`"));
            diagnostics.push(fault.help("add a line: factor = { distribution = \"normal\", mean = 1, sd = 0.2, min = 0.3 }"));
            None
        }
        None => None,
    };
    let (of, owner) = of?;
    let (of, parameter) = (of.text.clone(), name?.text.clone());
    Some(Variation { name: key.name.clone(), doc: doc(table, diagnostics), owner, of, parameter, factor: factor?, span: key.span })
}

fn read_factor(what: &str, table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Factor> {
    let what = format!("the factor of {what}");
    table.known_keys(&what, &["distribution", "mean", "sd", "min", "max"], diagnostics);
    let word = table.required_text(&what, "distribution", diagnostics)?;
    let lognormal = match word.text.as_str() {
        "normal" => false,
        "lognormal" => true,
        other => {
            let fault = Diagnostic::error("unknown-distribution", word.span, format!("a factor cannot come from `{other}`")).label("unknown distribution");
            diagnostics.push(fault.help(did_you_mean(other, "distributions", ["normal", "lognormal"])));
            return None;
        }
    };
    let mut number = |key: &str| table.get(key).map(|v| quantity(key, v, Dimension::NONE, diagnostics));
    let (mean, sd, min, max) = (number("mean"), number("sd"), number("min"), number("max"));
    let Some(sd) = sd else {
        let fault = Diagnostic::error("missing-key", table.span, format!("{what} has no `sd`"));
        diagnostics.push(fault.help("add sd = 0.2, the standard deviation"));
        return None;
    };
    let bound = |read: Option<Option<f64>>| match read {
        Some(x) => x.map(Some),
        None => Some(None),
    };
    let factor = Factor { lognormal, mean: mean.unwrap_or(Some(1.0))?, sd: sd?, min: bound(min)?, max: bound(max)? };
    if factor.sd < 0.0 || (lognormal && factor.mean <= 0.0) {
        let fault = Diagnostic::error("out-of-range", table.span, format!("{what} needs `sd` of at least 0, and a lognormal one a positive `mean`"));
        diagnostics.push(fault.help("check the signs"));
        return None;
    }
    if !factor.is_possible() {
        let fault = Diagnostic::error("empty-interval", table.span, format!("{what} hardly ever lies between its bounds"));
        diagnostics.push(fault.note("values beyond the bounds are drawn again").help("widen `min` and `max`, or move `mean`"));
        return None;
    }
    Some(factor)
}
