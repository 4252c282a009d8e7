//! `{ distribution = "normal", mean = "..", sd = "..", min = "..", max = "..", outside = "clip" | "redraw" }`.
//!
//! | distribution | keys |
//! | --- | --- |
//! | `normal` | `mean`, `sd` |
//! | `lognormal` | `mean`, `sd` of the values themselves; or `median` and `sigma`, the standard deviation of the logarithm |
//! | `uniform` | `low`, `high` |
//! | `exponential` | `mean` |
//! | `members` | `count`: 1 for exactly so many neurons of the population, 0 for the others |
//!
//! Values beyond `min` and `max` are drawn again unless `outside = "clip"`.

use plastica_lang::check::check_quantity;
use plastica_lang::source::{Diagnostic, Span, Table, ValueKind, nearest};
use plastica_lang::units::Dimension;
use plastica_numerics::elementary::Real;

use crate::distribution::{Distribution, DistributionKind, Outside};

const KINDS: [&str; 5] = ["normal", "lognormal", "uniform", "exponential", "members"];

/// Reads a distribution of values of a dimension. `neurons` is the size of the population whose values they are, if they are a population's.
pub(crate) fn parse_distribution(
    table: &Table,
    span: Span,
    dimension: Dimension,
    neurons: Option<usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Distribution> {
    let name = table.text("distribution", diagnostics)?;
    if name.text == "members" {
        return members(table, span, dimension, neurons, diagnostics);
    }
    let keys: &[&str] = match name.text.as_str() {
        "normal" => &["mean", "sd"],
        "lognormal" => &["mean", "sd", "median", "sigma"],
        "uniform" => &["low", "high"],
        "exponential" => &["mean"],
        _ => {
            let help = match nearest(&name.text, KINDS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("distributions: {}", KINDS.join(", ")),
            };
            diagnostics.push(
                Diagnostic::error("unknown-distribution", name.span, format!("there is no distribution `{}`", name.text))
                    .label("unknown distribution")
                    .help(help),
            );
            return None;
        }
    };
    let what = format!("the distribution `{}`", name.text);
    let known: Vec<&str> = ["distribution", "min", "max", "outside"].into_iter().chain(keys.iter().copied()).collect();
    table.known_keys(&what, &known, diagnostics);
    let mut read = Reader { table, what: &what, span, diagnostics };
    let kind = match name.text.as_str() {
        "normal" => {
            let (mean, sd) = (read.needed("mean", dimension), read.not_negative("sd", dimension));
            DistributionKind::Normal { mean: mean?, sd: sd? }
        }
        "uniform" => {
            let (low, high) = (read.needed("low", dimension), read.needed("high", dimension));
            let (low, high) = (low?, high?);
            if low > high {
                read.diagnostics.push(
                    Diagnostic::error("empty-interval", span, format!("`low` ({low}) is greater than `high` ({high}), in SI units")).help("exchange them"),
                );
                return None;
            }
            DistributionKind::Uniform { low, high }
        }
        "exponential" => DistributionKind::Exponential { mean: read.not_negative("mean", dimension)? },
        _ if table.get("median").is_some() || table.get("sigma").is_some() => {
            let (median, sigma) = (read.positive("median", dimension), read.not_negative("sigma", Dimension::NONE));
            for key in ["mean", "sd"] {
                if let Some(key) = table.key(key) {
                    read.diagnostics.push(
                        Diagnostic::error("given-twice", key.span, format!("`{}` beside `median` and `sigma`", key.name))
                            .help("give `mean` and `sd`, or `median` and `sigma`"),
                    );
                }
            }
            DistributionKind::Lognormal { mu: Real::log(median?), sigma: sigma? }
        }
        _ => {
            let (mean, sd) = (read.positive("mean", dimension), read.not_negative("sd", dimension));
            let (mean, ratio) = (mean?, sd? / mean?);
            let variance = Real::log1p(ratio * ratio);
            DistributionKind::Lognormal { mu: Real::log(mean) - variance / 2.0, sigma: Real::sqrt(variance) }
        }
    };
    let (low, high) = (read.optional("min", dimension), read.optional("max", dimension));
    let outside = match table.text("outside", diagnostics) {
        None => Outside::Redraw,
        Some(t) if t.text == "redraw" => Outside::Redraw,
        Some(t) if t.text == "clip" => Outside::Clip,
        Some(t) => {
            diagnostics.push(Diagnostic::error("unknown-word", t.span, format!("`outside` cannot be `{}`", t.text)).help("write \"clip\" or \"redraw\""));
            return None;
        }
    };
    let distribution = Distribution { kind, low, high, outside, span };
    distribution.check(diagnostics).then_some(distribution)
}

/// `{ distribution = "members", count = 40 }`.
fn members(table: &Table, span: Span, dimension: Dimension, neurons: Option<usize>, diagnostics: &mut Vec<Diagnostic>) -> Option<Distribution> {
    table.known_keys("the distribution `members`", &["distribution", "count"], diagnostics);
    let mut fault = |id, span, message: String, help: &str| {
        diagnostics.push(Diagnostic::error(id, span, message).help(help.to_string()));
        None
    };
    let Some(neurons) = neurons else {
        return fault(
            "not-available",
            span,
            "only neurons of a population can be members".into(),
            "choose synapses by a formula, or give the neurons a variable and read it as `..._pre` or `..._post`",
        );
    };
    if dimension != Dimension::NONE {
        return fault(
            "unit-mismatch",
            span,
            format!("members have the value 1, the others 0, but this is in {dimension}"),
            "use a variable that is a pure number",
        );
    }
    let Some(value) = table.get("count") else {
        return fault("missing-key", span, "the distribution `members` has no `count`".into(), "add count = 40, for example");
    };
    match value.kind {
        ValueKind::Integer(count) if count >= 0 && count as usize <= neurons => {
            Some(Distribution { kind: DistributionKind::Members { count: count as usize }, low: None, high: None, outside: Outside::Clip, span })
        }
        ValueKind::Integer(count) => fault(
            "out-of-range",
            value.span,
            format!("`count` is {count}, but there are {neurons} neurons"),
            "write a number from 0 to the size of the population",
        ),
        _ => fault("wrong-type", value.span, format!("`count` must be a whole number, but this is {}", value.word()), "write count = 40, for example"),
    }
}

struct Reader<'a> {
    table: &'a Table,
    what: &'a str,
    span: Span,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn optional(&mut self, key: &str, dimension: Dimension) -> Option<f64> {
        check_quantity(self.table.get(key)?, Some(dimension), self.diagnostics).map(|(x, _)| x)
    }

    fn needed(&mut self, key: &str, dimension: Dimension) -> Option<f64> {
        if self.table.get(key).is_none() {
            self.diagnostics.push(Diagnostic::error("missing-key", self.span, format!("{} has no `{key}`", self.what)).help(format!("add {key} = \"...\"")));
        }
        self.optional(key, dimension)
    }

    fn not_negative(&mut self, key: &str, dimension: Dimension) -> Option<f64> {
        let x = self.needed(key, dimension)?;
        self.judge(key, x >= 0.0, "must not be negative").then_some(x)
    }

    fn positive(&mut self, key: &str, dimension: Dimension) -> Option<f64> {
        let x = self.needed(key, dimension)?;
        self.judge(key, x > 0.0, "must be greater than 0").then_some(x)
    }

    fn judge(&mut self, key: &str, good: bool, rule: &str) -> bool {
        if !good {
            let span = self.table.get(key).map_or(self.span, |v| v.span);
            self.diagnostics.push(Diagnostic::error("out-of-range", span, format!("`{key}` of {} {rule}", self.what)).help("check its sign"));
        }
        good
    }
}
