//! Which values of a kernel are the same for many elements, and what that asks of the way in which it is run.

use plastica_kernel::ir::{Kernel, Op, Place, Value};
use plastica_kernel::passes::operands;
use plastica_lang::model::{BinaryOp, Builtin};

use crate::array::Kind;
use crate::lower::Context;
use crate::tape::{Axis, Mode};

/// For how many elements a value is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For all of a call.
    Call,
    /// For all of a row or column.
    Line,
    /// For none but itself.
    Element,
}

/// Must the elements be done one after another, each reading scalars and lines anew?
///
/// So it is where an element reads what an element before it may have written: a scalar, a value of the row or column, or a value of
/// a neuron that two elements of the run share. The order of sums is kept too: such a value may be added to in one place of the tape only.
pub fn one_by_one(kernel: &Kernel, context: Context<'_>, levels: &[Level]) -> bool {
    let mode = context.mode;
    let shows = |place: Place| {
        let writes = kernel.ops.iter().filter(|op| matches!(op, Op::Store(p, _) | Op::Add(p, _) if *p == place)).count();
        writes > 1 || kernel.ops.iter().any(|op| matches!(op, Op::Load(p) | Op::Elapsed(p) if *p == place))
    };
    kernel.ops.iter().any(|op| {
        let (Op::Store(p, _) | Op::Add(p, _) | Op::Mark(p)) = op else { return false };
        let met = match mode {
            Mode::All | Mode::Column | Mode::Deferred => true,
            Mode::Row => context.multapses,
            _ => false,
        };
        match (mode.axis(*p), op) {
            (Axis::Scalar, Op::Store(_, v)) if matches!(mode, Mode::Neurons | Mode::All) => levels[*v as usize] > Level::Call,
            (Axis::Scalar, _) => true,
            (Axis::Own, _) => false,
            (axis, _) if mode.fixed_axis() == Some(axis) => shows(*p),
            _ => met && shows(*p),
        }
    })
}

/// The random numbers that only scalars hang on: drawn once for the population, not for each neuron.
fn drawn_once(kernel: &Kernel) -> Vec<bool> {
    let slice = |start: &dyn Fn(&Op) -> bool| {
        let mut needed = vec![false; kernel.ops.len()];
        for (k, op) in kernel.ops.iter().enumerate().rev() {
            if start(op) || needed[k] {
                needed[k] = true;
                operands(op).iter().for_each(|v| needed[*v as usize] = true);
            }
        }
        needed
    };
    let scalars = slice(&|op| matches!(op, Op::Store(Place::Shared(_), _)));
    scalars.iter().zip(&kernel.ops).map(|(s, op)| *s && matches!(op, Op::Random { .. })).collect()
}

/// The level of each value.
pub fn levels(kernel: &Kernel, mode: Mode) -> Vec<Level> {
    let once = drawn_once(kernel);
    let at = |axis: Axis| match axis {
        Axis::Scalar => Level::Call,
        axis if mode.fixed_axis() == Some(axis) => Level::Line,
        _ => Level::Element,
    };
    let mut levels: Vec<Level> = Vec::with_capacity(kernel.ops.len());
    for (k, op) in kernel.ops.iter().enumerate() {
        let highest = operands(op).iter().map(|v| levels[*v as usize]).max().unwrap_or(Level::Call);
        levels.push(match op {
            Op::Const(_) | Op::Builtin(Builtin::T | Builtin::Dt | Builtin::N) => Level::Call,
            Op::Builtin(Builtin::I) => at(mode.index_axis()),
            Op::Builtin(Builtin::J) => at(Axis::Post),
            Op::Builtin(Builtin::LastSpike | Builtin::NotRefractory) => at(mode.neuron_axis()),
            Op::Load(p) | Op::Elapsed(p) => at(mode.axis(*p)),
            Op::Random { .. } if once[k] && matches!(mode, Mode::Neurons | Mode::All) => highest,
            Op::Random { .. } | Op::Mark(_) => Level::Element,
            Op::Unary(..) | Op::Binary(..) | Op::Call(..) | Op::Select(..) | Op::Store(..) | Op::Add(..) => highest,
        });
    }
    levels
}

/// Does single precision not do? So it is with slow variables, and where the time of a long run meets values of elements.
pub fn is_wide(kernel: &Kernel, context: Context<'_>, levels: &[Level]) -> bool {
    let mut time_like = vec![false; kernel.ops.len()];
    kernel.ops.iter().enumerate().any(|(k, op)| {
        let read = |v: &Value| time_like[*v as usize];
        let meets = levels[k] > Level::Call && !matches!(op, Op::Store(..) | Op::Add(..)) && operands(op).iter().any(read);
        let passes_on = matches!(op, Op::Binary(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div, a, b) if read(a) || read(b));
        time_like[k] = matches!(op, Op::Builtin(Builtin::T)) || passes_on;
        match op {
            // Scalars are in double precision anyway.
            Op::Load(p) | Op::Store(p, _) | Op::Add(p, _) => (context.mode.axis(*p) != Axis::Scalar && (context.kind)(*p) == Kind::Double) || meets,
            Op::Builtin(Builtin::LastSpike) => true,
            _ => meets,
        }
    })
}
