//! Passes from IR to IR, each with a name, a reason why it changes nothing, and a switch.

use plastica_lang::model::{BinaryOp, Builtin};

use crate::ir::{Kernel, Op, Place, Setup, Slot, Storage, Value};
use crate::program::Arrays;

/// Which passes run; all on, unless a test turns one off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passes {
    /// See [`hoist_constants`].
    pub hoist_constants: bool,
    /// Keeps a trace that all synapses of a row (or column) share once per neuron.
    pub hoist_traces: bool,
    /// Lets a back end do postsynaptic events later.
    pub defer: bool,
}

impl Default for Passes {
    fn default() -> Self {
        Passes { hoist_constants: true, hoist_traces: true, defer: true }
    }
}

/// The operands of an operation.
pub fn operands(op: &Op) -> Vec<Value> {
    match op {
        Op::Const(_) | Op::Builtin(_) | Op::Load(_) | Op::Elapsed(_) | Op::Mark(_) => Vec::new(),
        Op::Unary(_, a) | Op::Store(_, a) | Op::Add(_, a) => vec![*a],
        Op::Random { mean, .. } => vec![*mean],
        Op::Binary(_, a, b) => vec![*a, *b],
        Op::Call(_, [a, b, c]) | Op::Select(a, b, c) => vec![*a, *b, *c],
    }
}

/// The same operation with each operand replaced.
pub fn renamed(op: &Op, f: impl Fn(Value) -> Value) -> Op {
    match op {
        Op::Const(_) | Op::Builtin(_) | Op::Load(_) | Op::Elapsed(_) | Op::Mark(_) => op.clone(),
        Op::Unary(o, a) => Op::Unary(*o, f(*a)),
        Op::Store(p, a) => Op::Store(*p, f(*a)),
        Op::Add(p, a) => Op::Add(*p, f(*a)),
        Op::Random { function, mean, stream } => Op::Random { function: *function, mean: f(*mean), stream: *stream },
        Op::Binary(o, a, b) => Op::Binary(*o, f(*a), f(*b)),
        Op::Call(g, [a, b, c]) => Op::Call(*g, [f(*a), f(*b), f(*c)]),
        Op::Select(a, b, c) => Op::Select(f(*a), f(*b), f(*c)),
    }
}

/// Leaves out operations whose value nothing needs. `keep` are values needed outside; they are renumbered.
///
/// Nothing changes, because only `Store`, `Add` and `Mark` act, and random numbers are functions of their key.
pub fn drop_unused(kernel: &mut Kernel, keep: &mut [Value]) {
    let mut needed = vec![false; kernel.ops.len()];
    for k in keep.iter() {
        needed[*k as usize] = true;
    }
    for k in (0..kernel.ops.len()).rev() {
        let op = &kernel.ops[k];
        if matches!(op, Op::Store(..) | Op::Add(..) | Op::Mark(_)) {
            needed[k] = true;
        }
        if needed[k] {
            for v in operands(op) {
                needed[v as usize] = true;
            }
        }
    }
    let mut new = vec![0; kernel.ops.len()];
    let mut ops = Vec::new();
    for (k, op) in kernel.ops.iter().enumerate() {
        if needed[k] {
            new[k] = ops.len() as Value;
            ops.push(renamed(op, |v| new[v as usize]));
        }
    }
    kernel.ops = ops;
    for k in keep {
        *k = new[*k as usize];
    }
}

/// Turns division by what hangs on parameters only into multiplication by its reciprocal, which [`hoist_constants`] then computes once.
///
/// Nothing changes but the last bit: a division takes as long as several multiplications.
fn reciprocals(kernel: &mut Kernel, keep: &mut [Value], is_scalar: &[bool]) {
    let wanted = |op: &Op| matches!(op, Op::Binary(BinaryOp::Div, a, b) if is_scalar[*b as usize] && !is_scalar[*a as usize]);
    let mut new: Vec<Value> = Vec::with_capacity(kernel.ops.len());
    let mut ops = Vec::with_capacity(kernel.ops.len());
    for op in &kernel.ops {
        let renamed = renamed(op, |v| new[v as usize]);
        if let (true, Op::Binary(_, a, b)) = (wanted(op), &renamed) {
            let next = ops.len() as Value;
            ops.extend([Op::Const(1.0), Op::Binary(BinaryOp::Div, next, *b), Op::Binary(BinaryOp::Mul, *a, next + 1)]);
        } else {
            ops.push(renamed);
        }
        new.push(ops.len() as Value - 1);
    }
    kernel.ops = ops;
    keep.iter_mut().for_each(|k| *k = new[*k as usize]);
}

/// Computes once, in `setup`, what hangs on parameters only (`exp(-dt/tau)`), and lets the tape load it.
///
/// Nothing changes but the precision: `setup` runs in `f64`, and runs again whenever a parameter changes.
pub fn hoist_constants(kernel: &mut Kernel, keep: &mut [Value], arrays: &mut Arrays<'_>, constant: &dyn Fn(Place) -> bool) {
    #[derive(Clone, Copy, PartialEq, PartialOrd)]
    enum Kind {
        Number,
        Scalar,
        Element,
        Changing,
    }
    let kinds_of = |kernel: &Kernel| {
        let mut kinds: Vec<Kind> = Vec::with_capacity(kernel.ops.len());
        for op in &kernel.ops {
            let kind = match op {
                Op::Const(_) => Kind::Number,
                Op::Builtin(Builtin::Dt) => Kind::Scalar,
                Op::Load(p @ Place::Shared(_)) if constant(*p) => Kind::Scalar,
                Op::Load(p @ Place::Own(_)) if constant(*p) => Kind::Element,
                Op::Unary(..) | Op::Binary(..) | Op::Call(..) | Op::Select(..) => {
                    operands(op).iter().map(|v| kinds[*v as usize]).fold(Kind::Number, |a, b| if b > a { b } else { a })
                }
                _ => Kind::Changing,
            };
            kinds.push(kind);
        }
        kinds
    };
    let is_scalar: Vec<bool> = kinds_of(kernel).iter().map(|k| *k <= Kind::Scalar).collect();
    reciprocals(kernel, keep, &is_scalar);
    let kinds = kinds_of(kernel);
    // What a changing operation (or the outside) needs of the constant ones.
    let mut wanted: Vec<Value> = Vec::new();
    for (k, op) in kernel.ops.iter().enumerate() {
        if kinds[k] == Kind::Changing {
            wanted.extend(operands(op));
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    for v in wanted {
        let k = v as usize;
        let op = &kernel.ops[k];
        let worth = matches!(op, Op::Binary(..) | Op::Call(..)) && matches!(kinds[k], Kind::Scalar | Kind::Element);
        // An extra array for each neuron costs more than an addition.
        let cheap = kinds[k] == Kind::Element && matches!(op, Op::Binary(o, ..) if matches!(o, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul));
        if !worth || cheap {
            continue;
        }
        // Stores in between become numbers that nothing needs, so that values keep their places.
        let mut part = Kernel {
            ops: kernel.ops[..=k].iter().map(|o| if matches!(o, Op::Store(..) | Op::Add(..) | Op::Mark(_)) { Op::Const(0.0) } else { o.clone() }).collect(),
            ..Kernel::default()
        };
        let mut value = [v];
        drop_unused(&mut part, &mut value);
        let element = kinds[k] == Kind::Element;
        let same = arrays.setup.iter().find_map(|s| match s {
            // All but the store at the end is the same computation.
            Setup::Kernel(other) if other.ops.len() == part.ops.len() + 1 && other.ops[..part.ops.len()] == part.ops[..] => match other.ops.last() {
                Some(Op::Store(place, of)) if *of == value[0] => Some(*place),
                _ => None,
            },
            _ => None,
        });
        let place = same.unwrap_or_else(|| {
            let text = crate::print::formula(&part, value[0], &|p| name_of(p, arrays.slots, arrays.shared));
            let place = if element { arrays.add_slot(&text, Storage::Real, 0.0, false) } else { arrays.add_shared(&text, 0.0, false) };
            part.ops.push(Op::Store(place, value[0]));
            part.name = format!("setup {text}");
            arrays.setup.push(Setup::Kernel(part));
            place
        });
        kernel.ops[k] = Op::Load(place);
    }
    drop_unused(kernel, keep);
}

fn name_of(place: Place, slots: &[Slot], shared: &[Slot]) -> String {
    match place {
        Place::Own(k) => slots[k as usize].name.clone(),
        Place::Shared(k) => shared[k as usize].name.clone(),
        other => format!("{other:?}"),
    }
}
