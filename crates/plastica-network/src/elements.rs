//! Evaluates formulas for many elements (neurons or synapses), a block of them at a time.
//!
//! What operators and functions mean stands in `plastica_lang::evaluate`; here they are only applied along a block.
//! A random number is a function of the stream (owner and place of the call) and the element, never of where the element is stored.

use plastica_lang::evaluate::{binary, call, unary};
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
    /// At which step: 0 for what is drawn before the run.
    pub step: u64,
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
    /// By index (own names), by presynaptic or by postsynaptic neuron.
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

/// Elements evaluated side by side: few enough that what they need stays in the first-level cache.
pub(crate) const BLOCK: usize = 256;

/// A formula with the streams of its random calls.
pub(crate) struct Formula<'a> {
    expr: &'a Expr,
    around: &'a Surroundings<'a>,
    streams: Vec<Stream>,
    step: u64,
}

impl<'a> Formula<'a> {
    pub fn new(expr: &'a Expr, around: &'a Surroundings<'a>, draws: Draws<'_>) -> Self {
        Formula { expr, around, streams: (0..random_calls(expr)).map(|place| draws.stream(place)).collect(), step: draws.step }
    }

    /// One value for each element.
    pub fn values(&self, here: &[Here]) -> Vec<f64> {
        self.walk(self.expr, here, &mut 0)
    }

    fn walk(&self, expr: &Expr, here: &[Here], place: &mut usize) -> Vec<f64> {
        match &expr.kind {
            ExprKind::Number(x) => vec![*x; here.len()],
            ExprKind::Name(scope, name) => self.name(*scope, name, here),
            ExprKind::Builtin(builtin) => here.iter().map(|h| self.builtin(*builtin, *h)).collect(),
            ExprKind::Noise(_) => vec![f64::NAN; here.len()],
            ExprKind::Unary(op, a) => {
                let mut a = self.walk(a, here, place);
                a.iter_mut().for_each(|a| *a = unary(*op, *a));
                a
            }
            ExprKind::Binary(op, a, b) => {
                let mut a = self.walk(a, here, place);
                let b = self.walk(b, here, place);
                a.iter_mut().zip(b).for_each(|(a, b)| *a = binary(*op, *a, b));
                a
            }
            ExprKind::Call(function, arguments) => {
                let arguments: Vec<Vec<f64>> = arguments.iter().map(|a| self.walk(a, here, place)).collect();
                let argument = |k: usize, e: usize| arguments.get(k).map_or(0.0, |a| a[e]);
                if matches!(function, Function::Rand | Function::Randn | Function::Poisson) {
                    let stream = self.streams[*place];
                    *place += 1;
                    return here.iter().enumerate().map(|(e, h)| random(stream, *function, argument(0, e), h.element, self.step)).collect();
                }
                (0..here.len()).map(|e| call(*function, [argument(0, e), argument(1, e), argument(2, e)])).collect()
            }
            ExprKind::If { condition, then, otherwise } => {
                let condition = self.walk(condition, here, place);
                let mut then = self.walk(then, here, place);
                let otherwise = self.walk(otherwise, here, place);
                for ((then, otherwise), condition) in then.iter_mut().zip(otherwise).zip(condition) {
                    if condition == 0.0 {
                        *then = otherwise;
                    }
                }
                then
            }
        }
    }

    fn name(&self, scope: Scope, name: &str, here: &[Here]) -> Vec<f64> {
        // Later entries hide earlier ones: a value given twice is read as it was set last.
        let Some((_, _, quantity)) = self.around.names.iter().rev().find(|(s, n, _)| *s == scope && *n == name) else { return vec![f64::NAN; here.len()] };
        let at = |h: &Here| match scope {
            Scope::Pre => h.pre,
            Scope::Post => h.post,
            Scope::Own | Scope::Local => h.index,
        };
        match quantity {
            Quantity::Same(x) => vec![*x; here.len()],
            Quantity::Each(values) => here.iter().map(|h| values.get(at(h)).copied().unwrap_or(f64::NAN)).collect(),
            Quantity::Distance(axes) => here.iter().map(|h| distance(axes, h.pre, h.post)).collect(),
        }
    }

    fn builtin(&self, builtin: Builtin, here: Here) -> f64 {
        match builtin {
            Builtin::T => 0.0,
            Builtin::Dt => self.around.dt_s,
            Builtin::I => here.pre as f64,
            Builtin::J => here.post as f64,
            Builtin::N => self.around.n,
            Builtin::LastSpike => f64::NEG_INFINITY,
            Builtin::NotRefractory => 1.0,
        }
    }
}

fn random(stream: Stream, function: Function, mean: f64, element: u64, step: u64) -> f64 {
    match function {
        Function::Rand => stream.uniform(element, step, 0),
        Function::Randn => stream.normal(element, step, 0),
        _ => stream.poisson(mean, element, step, 0),
    }
}

/// Distance in metres of two neurons; for each axis, the positions on both sides.
pub fn distance(axes: &[(&[f64], &[f64])], pre: usize, post: usize) -> f64 {
    let square = |(a, b): &(&[f64], &[f64])| {
        let d = b.get(post).copied().unwrap_or(f64::NAN) - a.get(pre).copied().unwrap_or(f64::NAN);
        d * d
    };
    Real::sqrt(axes.iter().map(square).fold(0.0, |sum, d| sum + d))
}

/// Hands the value of each element to `f`, in the order in which `elements` names them.
pub(crate) fn each_value<E>(
    value: &InitialValue,
    around: &Surroundings<'_>,
    draws: Draws<'_>,
    elements: impl Iterator<Item = Here>,
    mut f: impl FnMut(Here, f64) -> Result<(), E>,
) -> Result<(), E> {
    match value {
        InitialValue::Constant(x) => elements.into_iter().try_for_each(|here| f(here, *x)),
        InitialValue::Column(column) => elements.into_iter().try_for_each(|here| f(here, column.get(here.entry).copied().unwrap_or(f64::NAN))),
        InitialValue::Distribution(distribution) => {
            let stream = draws.stream(0);
            if let Some(is_member) = distribution.members(&stream, around.n as usize) {
                return elements.into_iter().try_for_each(|here| f(here, f64::from(u8::from(is_member[here.pre]))));
            }
            elements.into_iter().try_for_each(|here| f(here, distribution.draw(&stream, here.element, draws.step)))
        }
        InitialValue::Formula(expr) => {
            let formula = Formula::new(expr, around, draws);
            let mut elements = elements;
            let mut block = Vec::with_capacity(BLOCK);
            loop {
                block.clear();
                block.extend(elements.by_ref().take(BLOCK));
                if block.is_empty() {
                    return Ok(());
                }
                block.iter().zip(formula.values(&block)).try_for_each(|(here, x)| f(*here, x))?;
            }
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
