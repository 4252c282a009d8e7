//! Is a program well formed? A tape that is not is our fault, so a failure panics with the invariant's name.

use crate::ir::{Computed, Kernel, Op, Place, PopulationProgram, ProjectionProgram, Refractory, Setup, Slot, Storage};
use crate::passes::operands;

#[derive(Clone, Copy)]
struct Sizes<'a> {
    own: &'a [Slot],
    row: &'a [Slot],
    column: &'a [Slot],
    shared: usize,
    pre: (usize, usize),
    post: (usize, usize),
}

/// Panics if a population program breaks an invariant.
pub fn population(program: &PopulationProgram) {
    let sizes = Sizes { own: &program.slots, row: &[], column: &[], shared: program.shared.len(), pre: (0, 0), post: (0, 0) };
    setups(&program.setup, &sizes);
    kernel(&program.integrate, &sizes);
    kernel(&program.reset, &sizes);
    if let Some(t) = &program.threshold {
        kernel(&t.kernel, &sizes);
        assert!((t.condition as usize) < t.kernel.ops.len(), "condition-is-a-value");
    }
    match &program.refractory {
        Refractory::None => {}
        Refractory::Time { kernel: k, time: v } | Refractory::While { kernel: k, condition: v } => {
            kernel(k, &sizes);
            assert!((*v as usize) < k.ops.len(), "refractory-is-a-value");
        }
    }
    program.on_interval.iter().for_each(|(_, k)| kernel(k, &sizes));
}

/// Panics if a projection program breaks an invariant.
pub fn projection(program: &ProjectionProgram, pre: &PopulationProgram, post: &PopulationProgram) {
    let sizes = Sizes {
        own: &program.slots,
        row: &program.row_slots,
        column: &program.column_slots,
        shared: program.shared.len(),
        pre: (pre.slots.len(), pre.shared.len()),
        post: (post.slots.len(), post.shared.len()),
    };
    setups(&program.setup, &sizes);
    for event in program.on_pre.iter().chain(&program.on_post) {
        kernel(&event.kernel, &sizes);
        kernel(&event.frozen, &sizes);
        for k in event.side.iter().chain(&event.after).chain(&event.after_side) {
            kernel(k, &sizes);
        }
    }
    for k in program.clocked.iter().chain(program.on_interval.iter().map(|(_, k)| k)).chain(program.grow.iter().map(|g| &g.first)) {
        kernel(k, &sizes);
    }
    for rule in &program.prune {
        rule.condition.iter().for_each(|c| computed(c, &sizes));
        [&rule.pre, &rule.post].into_iter().flatten().for_each(|c| computed(c, &Sizes { own: &[], ..sizes }));
    }
    let distance = [Slot { name: "distance".into(), storage: Storage::Real, initial: 0.0, visible: false }];
    for rule in &program.grow {
        [&rule.pre, &rule.post].into_iter().flatten().for_each(|c| computed(c, &Sizes { own: &[], ..sizes }));
        rule.kernel.iter().for_each(|c| computed(c, &Sizes { own: &distance, ..sizes }));
        let writes = |op: &Op| matches!(op, Op::Store(p, _) | Op::Add(p, _) | Op::Mark(p) if !matches!(p, Place::Own(_)));
        assert!(!rule.first.ops.iter().any(writes), "a-new-synapse-changes-only-itself");
    }
}

fn computed(computed: &Computed, sizes: &Sizes<'_>) {
    kernel(&computed.kernel, sizes);
    assert!((computed.value as usize) < computed.kernel.ops.len(), "computed-is-a-value");
    assert!(!computed.kernel.ops.iter().any(|op| matches!(op, Op::Store(..) | Op::Add(..) | Op::Mark(_))), "computing-writes-nothing");
}

fn setups(list: &[Setup], sizes: &Sizes<'_>) {
    for s in list {
        match s {
            Setup::Kernel(k) => kernel(k, sizes),
            Setup::Propagator { n, a, exp, integral } => {
                assert!([a.len(), exp.len(), integral.len()] == [n * n; 3], "propagator-is-square");
                a.iter().chain(exp).chain(integral).for_each(|p| place(*p, sizes));
            }
        }
    }
}

fn kernel(kernel: &Kernel, sizes: &Sizes<'_>) {
    for (k, op) in kernel.ops.iter().enumerate() {
        assert!(operands(op).iter().all(|v| (*v as usize) < k), "operands-come-before in {}", kernel.name);
        match op {
            Op::Load(p) => {
                place(*p, sizes);
                assert!(!is_step(*p, sizes), "step-slots-are-not-loaded in {}", kernel.name);
            }
            Op::Store(p, _) | Op::Add(p, _) => {
                place(*p, sizes);
                assert!(!matches!(p, Place::Pre(_) | Place::PreShared(_) | Place::PostShared(_)), "only-own-and-post-are-written in {}", kernel.name);
                assert!(!is_step(*p, sizes), "step-slots-are-not-stored in {}", kernel.name);
            }
            Op::Elapsed(p) | Op::Mark(p) => {
                place(*p, sizes);
                assert!(is_step(*p, sizes), "only-step-slots-are-marked in {}", kernel.name);
            }
            _ => {}
        }
    }
}

fn is_step(place: Place, sizes: &Sizes<'_>) -> bool {
    match place {
        Place::Own(k) => sizes.own[k as usize].storage == Storage::Step,
        Place::Row(k) => sizes.row[k as usize].storage == Storage::Step,
        Place::Column(k) => sizes.column[k as usize].storage == Storage::Step,
        _ => false,
    }
}

fn place(place: Place, sizes: &Sizes<'_>) {
    let fits = match place {
        Place::Own(k) => (k as usize) < sizes.own.len(),
        Place::Row(k) => (k as usize) < sizes.row.len(),
        Place::Column(k) => (k as usize) < sizes.column.len(),
        Place::Shared(k) => (k as usize) < sizes.shared,
        Place::Pre(k) => (k as usize) < sizes.pre.0,
        Place::PreShared(k) => (k as usize) < sizes.pre.1,
        Place::Post(k) => (k as usize) < sizes.post.0,
        Place::PostShared(k) => (k as usize) < sizes.post.1,
    };
    assert!(fits, "places-exist: {place:?}");
}
