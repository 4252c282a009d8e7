//! Evaluates formulas for one element (neuron or synapse) after another.
//!
//! A random number is a function of the stream (owner and place of the call) and the element, never of where the element is stored.

use plastica_lang::evaluate::{Values, evaluate};
use plastica_lang::model::{Builtin, Expr, ExprKind, Function, Scope};
use plastica_numerics::elementary::Real;
use plastica_numerics::random::{Stream, stream_id};

use crate::network::InitialValue;

/// Which random numbers: those of an owner in a subject.
#[derive(Clone, Copy, Debug)]
pub struct Draws<'a> {
    /// Name of what the numbers are for, such as `population.E.v`.
    pub owner: &'a str,
    /// First place; the calls of a formula take the places from here on.
    pub place: u32,
    /// Seed of the run.
    pub seed: u64,
    /// Which subject.
    pub subject: u32,
}

impl Draws<'_> {
    /// The stream of a place.
    pub(crate) fn stream(&self, place: u32) -> Stream {
        Stream::new(self.seed, self.subject, stream_id(self.owner, self.place.wrapping_add(place)))
    }
}

/// Key of a synapse for random numbers: which pair, and which of its synapses.
///
/// The first synapse of a pair has the key `pre << 32 | post`, the others are spread over the 64-bit numbers.
pub fn synapse_element(pre: u32, post: u32, multapse: u16) -> u64 {
    ((u64::from(pre) << 32) | u64::from(post)) ^ u64::from(multapse).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Which element.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Here {
    /// Where its own values stand.
    pub index: usize,
    /// Neuron, or presynaptic neuron.
    pub pre: usize,
    /// Postsynaptic neuron.
    pub post: usize,
    /// Key for random numbers.
    pub element: u64,
    /// Entry of a column.
    pub entry: usize,
}

/// Values that a formula reads by name.
pub(crate) enum Quantity<'a> {
    /// One for all.
    Same(f64),
    /// By index (own names), presynaptic or postsynaptic neuron.
    Each(&'a [f64]),
    /// Distance between two neurons: for each axis, positions before and behind the synapse.
    Distance(Vec<(&'a [f64], &'a [f64])>),
}

/// All that a formula may read.
pub(crate) struct Surroundings<'a> {
    pub dt_s: f64,
    /// Number of neurons.
    pub n: f64,
    pub names: Vec<(Scope, &'a str, Quantity<'a>)>,
}

struct Element<'a, 'b> {
    around: &'b Surroundings<'a>,
    here: Here,
    streams: &'b [Stream],
}

impl Values for Element<'_, '_> {
    fn name(&mut self, scope: Scope, name: &str) -> f64 {
        // Later entries hide earlier ones: a value given twice is read as it was set last.
        let Some((_, _, quantity)) = self.around.names.iter().rev().find(|(s, n, _)| *s == scope && *n == name) else { return f64::NAN };
        match quantity {
            Quantity::Same(x) => *x,
            Quantity::Each(values) => {
                let at = match scope {
                    Scope::Pre => self.here.pre,
                    Scope::Post => self.here.post,
                    Scope::Own | Scope::Local => self.here.index,
                };
                values.get(at).copied().unwrap_or(f64::NAN)
            }
            Quantity::Distance(axes) => distance(axes, self.here.pre, self.here.post),
        }
    }

    fn builtin(&mut self, builtin: Builtin) -> f64 {
        match builtin {
            Builtin::T => 0.0,
            Builtin::Dt => self.around.dt_s,
            Builtin::I => self.here.pre as f64,
            Builtin::J => self.here.post as f64,
            Builtin::N => self.around.n,
            Builtin::LastSpike => f64::NEG_INFINITY,
            Builtin::NotRefractory => 1.0,
        }
    }

    fn random(&mut self, function: Function, mean: f64, place: u32) -> f64 {
        let Some(stream) = self.streams.get(place as usize) else { return f64::NAN };
        match function {
            Function::Rand => stream.uniform(self.here.element, 0, 0),
            Function::Randn => stream.normal(self.here.element, 0, 0),
            _ => stream.poisson(mean, self.here.element, 0, 0),
        }
    }
}

/// Distance in metres.
pub(crate) fn distance(axes: &[(&[f64], &[f64])], pre: usize, post: usize) -> f64 {
    let square = |(a, b): &(&[f64], &[f64])| {
        let d = b.get(post).copied().unwrap_or(f64::NAN) - a.get(pre).copied().unwrap_or(f64::NAN);
        d * d
    };
    Real::sqrt(axes.iter().map(square).fold(0.0, |sum, d| sum + d))
}

/// Values of elements, in the order in which `elements` names them.
pub(crate) fn values(value: &InitialValue, around: &Surroundings<'_>, draws: Draws<'_>, elements: impl Iterator<Item = Here>) -> Vec<f64> {
    match value {
        InitialValue::Constant(x) => elements.map(|_| *x).collect(),
        InitialValue::Column(column) => elements.map(|here| column.get(here.entry).copied().unwrap_or(f64::NAN)).collect(),
        InitialValue::Distribution(distribution) => {
            let stream = draws.stream(0);
            elements.map(|here| distribution.draw(&stream, here.element)).collect()
        }
        InitialValue::Formula(expr) => {
            let streams: Vec<Stream> = (0..random_calls(expr)).map(|place| draws.stream(place)).collect();
            elements.map(|here| evaluate(expr, &mut Element { around, here, streams: &streams })).collect()
        }
    }
}

fn random_calls(expr: &Expr) -> u32 {
    let mut count = 0;
    visit(expr, &mut |e| count += u32::from(matches!(e.kind, ExprKind::Call(Function::Rand | Function::Randn | Function::Poisson, _))));
    count
}

/// Calls `f` for an expression and all its parts, in the order of the text.
pub(crate) fn visit<'a>(expr: &'a Expr, f: &mut impl FnMut(&'a Expr)) {
    f(expr);
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::Name(..) | ExprKind::Builtin(_) | ExprKind::Noise(_) => {}
        ExprKind::Unary(_, a) => visit(a, f),
        ExprKind::Binary(_, a, b) => {
            visit(a, f);
            visit(b, f);
        }
        ExprKind::Call(_, arguments) => arguments.iter().for_each(|a| visit(a, f)),
        ExprKind::If { condition, then, otherwise } => {
            visit(condition, f);
            visit(then, f);
            visit(otherwise, f);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_synapses_differ() {
        let mut keys: Vec<u64> = (0..20).flat_map(|i| (0..20).flat_map(move |j| (0..5).map(move |m| synapse_element(i, j, m)))).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 2000);
        assert_eq!(synapse_element(1, 2, 0), (1 << 32) | 2);
    }
}
