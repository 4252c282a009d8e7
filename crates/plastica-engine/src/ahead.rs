//! Which projections may put increments under way as soon as their source has spiked, instead of running an event for each delay.
//!
//! With a delay for each synapse, a spike reaches the synapses of its row in some forty steps, a few of them in each. Where the statement
//! only adds to the neuron what does not change while the spike is under way, a back end can work through the row once
//! ([`crate::backend::Backend::send`]). What arrives in a step is then summed for each target first, in the order of the spikes, and the
//! sum is added: so it is in every back end, also in one that runs the events when they are due.

use plastica_kernel::ir::{EventProgram, Kernel, Op, Place};
use plastica_lang::model::Builtin;
use plastica_network::network::InitialValue;

use crate::circuit::Circuit;

/// Longest delay of synapse and pathway together, in steps: a back end keeps what is under way for each of them.
pub const LONGEST: u64 = 255;

/// Does the text allow it for a projection? Whether it is done hangs on the delays that are drawn, too.
pub fn may_be_sent(circuit: &Circuit, projection: usize) -> bool {
    let (network, program) = (&circuit.network, &circuit.projections[projection]);
    let (ends, constant) = (&network.projections[projection], |value: &InitialValue| matches!(value, InitialValue::Constant(_)));
    let no_dendrite = matches!(ends.dendritic.value, InitialValue::Constant(delay_s) if delay_s == 0.0);
    if constant(&ends.axonal.value) || !no_dendrite || program.on_pre.is_empty() {
        return false;
    }
    let only_pre = program.on_post.is_empty() && program.clocked.is_none() && program.on_interval.is_empty();
    only_pre && program.on_pre.iter().all(only_adds_what_stays) && added(&program.on_pre).iter().all(|slot| nobody_looks(circuit, ends.post, *slot))
}

/// Slots of the postsynaptic neurons that events add to.
fn added(events: &[EventProgram]) -> Vec<u32> {
    let ops = events.iter().flat_map(|event| &event.kernel.ops);
    ops.filter_map(|op| if let Op::Add(Place::Post(slot), _) = op { Some(*slot) } else { None }).collect()
}

/// Does an event nothing but add to neurons what hangs on values of the synapse and on scalars alone? It writes neither.
fn only_adds_what_stays(event: &EventProgram) -> bool {
    let stays = |op: &Op| match op {
        Op::Load(place) => matches!(place, Place::Own(_) | Place::Shared(_)),
        Op::Add(place, _) => matches!(place, Place::Post(_)),
        Op::Builtin(builtin) => matches!(builtin, Builtin::Dt),
        Op::Const(_) | Op::Unary(..) | Op::Binary(..) | Op::Call(..) | Op::Select(..) => true,
        Op::Elapsed(_) | Op::Random { .. } | Op::Store(..) | Op::Mark(_) => false,
    };
    let alone = event.side.is_none() && event.after.is_none() && event.after_side.is_none();
    alone && event.kernel.ops.iter().all(stays) && event.frozen.ops == event.kernel.ops
}

/// Does no event of synapses read or set this slot, so that it shows nowhere in which order events add to it?
fn nobody_looks(circuit: &Circuit, population: usize, slot: u32) -> bool {
    let looks = |kernel: &Kernel| kernel.ops.iter().any(|op| matches!(op, Op::Load(p) | Op::Store(p, _) if *p == Place::Post(slot)));
    let ends = circuit.network.projections.iter().zip(&circuit.projections).filter(|(ends, _)| ends.post == population);
    let events = ends.flat_map(|(_, program)| program.on_pre.iter().chain(&program.on_post));
    let mut kernels = events.flat_map(|e| [&e.kernel, &e.frozen].into_iter().chain(&e.side).chain(&e.after).chain(&e.after_side));
    !kernels.any(looks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{CIRCUITS, circuit};
    use plastica_kernel::passes::Passes;

    #[test]
    fn circuits_of_which_something_is_sent_ahead() {
        let check = |name: &str, expected: &[bool]| {
            let text = CIRCUITS.iter().find(|(n, _)| *n == name).map_or("", |(_, text)| text);
            let circuit = circuit(text, Passes::default());
            let found: Vec<bool> = (0..circuit.projections.len()).map(|k| may_be_sent(&circuit, k)).collect();
            assert_eq!(found, expected, "{name}");
        };
        check("ahead", &[true; 4]);
        // It is plastic, and delays differ in the dendrite too.
        check("delays", &[false]);
        // One delay for all.
        check("no-delay", &[false]);
        // The statement reads the neuron that it adds to.
        check("nonlinear", &[false]);
    }
}
