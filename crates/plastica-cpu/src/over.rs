//! Runs a tape over neurons, over a column of synapses, or over all of them.

use plastica_network::arrays::Delays;

use crate::compiled::Compiled;
use crate::frame::{Around, Frame, Index, Scalars};
use crate::places::Places;
use crate::rows::Rows;
use crate::tape::Axis;

/// Runs a side tape over neurons.
pub fn run_side(tape: &mut Compiled, neurons: &[u32]) {
    for part in neurons.chunks(tape.step()) {
        let index = Index::List(part.as_ptr());
        // SAFETY: row arrays have an element for each presynaptic neuron, column arrays one for each owned neuron.
        unsafe { tape.chunk(&Frame { n: part.len(), own: Index::One(0), pre: index, post: index }) };
    }
}

/// Runs a tape over the synapses of an owned postsynaptic neuron.
pub fn run_column(tape: &mut Compiled, rows: &Rows, target: usize, delay: u32, (own, pre): &mut (&mut Vec<u32>, &mut Vec<u32>)) {
    let (mut synapses, mut sources) = rows.column(target);
    match &rows.dendritic {
        Delays::Same(d) if *d == delay => {}
        Delays::Same(_) => return,
        Delays::Each(delays) => {
            let due = |s: &u32| delays[*s as usize] == delay;
            own.clear();
            pre.clear();
            own.extend(synapses.iter().copied().filter(due));
            pre.extend(synapses.iter().zip(sources).filter(|(s, _)| due(s)).map(|(_, p)| *p));
            (synapses, sources) = (own, pre);
        }
    }
    if synapses.is_empty() {
        return;
    }
    let frame = |k: usize, n: usize| Frame { n, own: Index::List(synapses[k..].as_ptr()), pre: Index::List(sources[k..].as_ptr()), post: Index::One(target) };
    // SAFETY: the synapses are those of a column, whose target is an owned neuron.
    unsafe {
        tape.line(&frame(0, 1));
        for k in (0..synapses.len()).step_by(tape.step()) {
            tape.chunk(&frame(k, tape.step().min(synapses.len() - k)));
        }
    }
}

/// Appends the synapses for which the value of a tape is not 0, ascending.
pub fn where_it_holds(tape: &mut Compiled, around: Around, rows: &mut Rows, places: &Places<'_>, shared: &mut [f64], out: &mut Vec<u32>) {
    let mut targets = Vec::new();
    each_chunk(tape, around, rows, places, shared, &mut targets, true, &mut |tape, frame, start| {
        if let Some(x) = tape.same_for_all() {
            if x != 0.0 {
                out.extend(start as u32..(start + frame.n) as u32);
            }
            return;
        }
        // SAFETY: the frame is the one of the chunk that has just run.
        unsafe { tape.holds(frame, start as u32, out) };
    });
}

/// Runs a tape over all synapses, or once if it touches none.
pub fn run_all(tape: &mut Compiled, around: Around, rows: &mut Rows, places: &Places<'_>, shared: &mut [f64], targets: &mut Vec<u32>) {
    each_chunk(tape, around, rows, places, shared, targets, false, &mut |_, _, _| {});
}

/// Runs a tape over all synapses, and something after each chunk; if it touches none, once, unless it must be asked for each.
#[allow(clippy::too_many_arguments)] // All of them are handed through.
fn each_chunk(
    tape: &mut Compiled,
    around: Around,
    rows: &mut Rows,
    places: &Places<'_>,
    shared: &mut [f64],
    targets: &mut Vec<u32>,
    asked: bool,
    after: &mut dyn FnMut(&Compiled, &Frame, usize),
) {
    tape.begin(around, Scalars { own: shared, pre: places.sides.pre_shared, post: places.sides.post_shared }, &|p| places.bind(p));
    let (uses_sources, uses_targets) = (tape.tape().uses(Axis::Pre), tape.tape().uses(Axis::Post));
    if uses_sources {
        rows.sources();
    }
    if asked || !tape.tape().body.is_empty() {
        let step = tape.step();
        for start in (0..rows.len()).step_by(step) {
            let n = step.min(rows.len() - start);
            let pre = if uses_sources { Index::List(rows.sources()[start..].as_ptr()) } else { Index::One(0) };
            let post = if uses_targets { Index::List(rows.targets.list(start..start + n, targets).as_ptr()) } else { Index::One(0) };
            // SAFETY: each synapse has an own element, a source and an owned target.
            let frame = Frame { n, own: Index::Run(start), pre, post };
            unsafe { tape.chunk(&frame) };
            after(tape, &frame, start);
        }
    }
    tape.end(shared);
}
