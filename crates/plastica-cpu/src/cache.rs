//! A pass from IR to IR: what a presynaptic event reads of the postsynaptic neurons' traces, worked out once for each neuron.
//!
//! The decay of a trace since its last spike takes an exponential. Where the spikes of one step visit more synapses than there are neurons,
//! it is cheaper to take it once for each neuron and to gather the result. Nothing changes, because the same operations are done on the same
//! numbers; and the main tape writes none of the traces.

use plastica_kernel::ir::{Kernel, Op, Place, Value};
use plastica_kernel::passes::{drop_unused, operands};
use plastica_lang::model::Builtin;

/// A kernel in two parts.
pub struct Split {
    /// Stores the values that hang on the traces only, in column slots from `first` on.
    pub once: Kernel,
    /// The kernel with these values loaded.
    pub rest: Kernel,
    /// How many values there are.
    pub count: usize,
}

/// Splits a kernel, if that is worth it; `first` is the first free column slot.
pub fn split(kernel: &Kernel, first: u32) -> Option<Split> {
    let writes_traces = kernel.ops.iter().any(|op| matches!(op, Op::Store(Place::Column(_), _) | Op::Add(Place::Column(_), _) | Op::Mark(Place::Column(_))));
    if writes_traces {
        return None;
    }
    // Whether a value hangs on nothing but traces and scalars, whether on a trace at all, and whether it takes a function.
    let mut pure: Vec<bool> = Vec::new();
    let mut traced: Vec<bool> = Vec::new();
    let mut costly: Vec<bool> = Vec::new();
    for op in &kernel.ops {
        let all = |list: &[bool]| operands(op).iter().all(|v| list[*v as usize]);
        let any = |list: &[bool]| operands(op).iter().any(|v| list[*v as usize]);
        let trace = matches!(op, Op::Load(Place::Column(_)) | Op::Elapsed(Place::Column(_)));
        let scalar = matches!(
            op,
            Op::Const(_) | Op::Builtin(Builtin::T | Builtin::Dt | Builtin::N) | Op::Load(Place::Shared(_) | Place::PreShared(_) | Place::PostShared(_))
        );
        let function = matches!(op, Op::Unary(..) | Op::Binary(..) | Op::Call(..) | Op::Select(..));
        let next = (trace || scalar || function && all(&pure), trace || any(&traced), matches!(op, Op::Call(..)) || any(&costly));
        pure.push(next.0);
        traced.push(next.1);
        costly.push(next.2);
    }
    let worth = |v: Value| pure[v as usize] && traced[v as usize] && costly[v as usize];
    let mut border: Vec<Value> = Vec::new();
    for (k, op) in kernel.ops.iter().enumerate() {
        if !pure[k] {
            border.extend(operands(op).iter().filter(|v| worth(**v)));
        }
    }
    border.sort_unstable();
    border.dedup();
    let (true, Some(last)) = (!border.is_empty(), border.last()) else { return None };
    let number = |op: &Op| if matches!(op, Op::Store(..) | Op::Add(..) | Op::Mark(_)) { Op::Const(0.0) } else { op.clone() };
    let mut once = Kernel { ops: kernel.ops[..=*last as usize].iter().map(number).collect(), ..kernel.clone() };
    let mut rest = kernel.clone();
    for (k, v) in border.iter().enumerate() {
        let place = Place::Column(first + k as u32);
        once.ops.push(Op::Store(place, *v));
        rest.ops[*v as usize] = Op::Load(place);
    }
    drop_unused(&mut once, &mut []);
    drop_unused(&mut rest, &mut []);
    Some(Split { once, rest, count: border.len() })
}
