//! A synapse model, bound to the neurons on both sides, to a projection program.

use std::collections::HashMap;

use plastica_lang::model::{ExprKind, IN_DEGREE, Model, OUT_DEGREE, Pathway, Role, Scope, Statement};
use plastica_lang::source::Diagnostic;

use super::traces::{Home, homes};
use super::{Faults, constant_places, declare, wide_note};
use crate::algebra::{Dependence, Unknown, is_changing};
use crate::integrate::System;
use crate::ir::{EventProgram, Kernel, Op, Place, PopulationProgram, ProjectionProgram, Slot, Storage};
use crate::passes::{Passes, hoist_constants};
use crate::program::Arrays;
use crate::tape::{Scene, Tape, Trace, places};
use crate::verify;

/// What a projection says of its model.
#[derive(Clone, Debug, Default)]
pub struct SynapseBinding {
    /// Parameters that differ between synapses.
    pub varying: Vec<String>,
    /// Variables with a first value that differs between synapses.
    pub individual: Vec<String>,
    /// Is the axonal delay one for all synapses?
    pub one_axonal_delay: bool,
    /// Is the dendritic delay one for all synapses?
    pub one_dendritic_delay: bool,
    /// Step in seconds.
    pub dt_s: f64,
}

/// The neurons on one side of a projection: model and program; nothing for a list of spikes.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The model, if there is one.
    pub model: Option<&'a Model>,
    /// The program (empty for a list of spikes).
    pub program: &'a PopulationProgram,
}

/// Compiles a synapse model.
///
/// # Errors
/// A method that does not fit the equations, or an event-driven equation that is not linear.
pub fn compile_synapse(model: &Model, binding: &SynapseBinding, pre: Side<'_>, post: Side<'_>, passes: Passes) -> Result<ProjectionProgram, Faults> {
    let mut program = ProjectionProgram { name: model.name.clone(), ..ProjectionProgram::default() };
    // A new synapse finds the traces of its neurons as they are, which only traces that are kept there can give it: where synapses
    // grow, where a trace is kept is part of the meaning and no mere pass.
    let homes = homes(model, binding, passes.hoist_traces || !model.grow.is_empty());
    let mut arrays = Arrays { slots: &mut program.slots, shared: &mut program.shared, setup: &mut program.setup };
    let own = declare(model, &binding.varying, &|v| v.flags.event_driven, binding.dt_s, &mut arrays);
    let is_constant = constant_places(model, &own);
    let mut faults = Faults::new();
    let mut traces = Vec::new();
    for v in model.variables.iter().filter(|v| v.flags.event_driven) {
        let home = homes[&v.name];
        let slots: &mut Vec<Slot> = match home {
            Home::Synapse => arrays.slots,
            Home::Row => &mut program.row_slots,
            Home::Column => &mut program.column_slots,
        };
        let place = |k: u32| match home {
            Home::Synapse => Place::Own(k),
            Home::Row => Place::Row(k),
            Home::Column => Place::Column(k),
        };
        let at = slots.len() as u32;
        slots.push(Slot { name: v.name.clone(), storage: Storage::Real, initial: 0.0, visible: true });
        slots.push(Slot { name: format!("last event of {}", v.name), storage: Storage::Step, initial: 0.0, visible: false });
        match decay(model, &v.name) {
            Ok((rate, constant)) => {
                traces.push(Trace { name: v.name.clone(), place: place(at), last: place(at + 1), rate, constant });
            }
            Err(d) => faults.push(*d),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut around = HashMap::new();
    if model.reads_around(OUT_DEGREE) {
        program.out_degree = Some(program.row_slots.len() as u32);
        around.insert(OUT_DEGREE.into(), Place::Row(program.row_slots.len() as u32));
        program.row_slots.push(counted(OUT_DEGREE));
    }
    if model.reads_around(IN_DEGREE) {
        program.in_degree = Some(program.column_slots.len() as u32);
        around.insert(IN_DEGREE.into(), Place::Column(program.column_slots.len() as u32));
        program.column_slots.push(counted(IN_DEGREE));
    }
    let scene = Scene {
        model,
        own,
        around,
        pre: places(&pre.program.slots, &pre.program.shared, Place::Pre, Place::PreShared),
        post: places(&post.program.slots, &post.program.shared, Place::Post, Place::PostShared),
        pre_model: pre.model,
        post_model: post.model,
        traces,
    };
    let mut stream = 0;

    program.on_pre = model.on_pre.iter().map(|p| event(p, &scene, Home::Row, &homes, &mut stream)).collect();
    program.on_post = model.on_post.iter().map(|p| event(p, &scene, Home::Column, &homes, &mut stream)).collect();
    let system = System::of(model);
    let mut method = None;
    if !system.unknowns.is_empty() {
        match system.choose() {
            Ok(choice) => {
                let mut tape = Tape::new(&scene, &mut stream);
                system.advance(choice.method, &mut tape, &mut arrays, false);
                program.clocked = Some(tape.finish("clocked"));
                method = Some(choice);
            }
            Err(d) => return Err(vec![*d]),
        }
    }
    program.on_interval = super::intervals(model, &scene, &mut stream, binding.dt_s)?;
    program.views = super::views(model, &scene, &mut stream);
    (program.prune, program.grow) = super::structure::rules(model, &scene, &mut stream, binding.dt_s)?;
    if passes.hoist_constants {
        let mut hoist = |kernel: &mut Kernel| hoist_constants(kernel, &mut [], &mut arrays, &is_constant);
        for e in program.on_pre.iter_mut().chain(&mut program.on_post) {
            hoist(&mut e.kernel);
            hoist(&mut e.frozen);
            [&mut e.side, &mut e.after, &mut e.after_side].into_iter().flatten().for_each(&mut hoist);
        }
        program.clocked.iter_mut().for_each(&mut hoist);
        program.on_interval.iter_mut().for_each(|(_, k)| hoist(k));
        for condition in program.prune.iter_mut().filter_map(|p| p.condition.as_mut()) {
            let mut keep = [condition.value];
            hoist_constants(&mut condition.kernel, &mut keep, &mut arrays, &is_constant);
            condition.value = keep[0];
        }
    }
    classify(&mut program, model, binding, passes, method.as_ref().map(|c| (c.method.name(), c.reason.as_str())));
    verify::projection(&program, pre.program, post.program);
    Ok(program)
}

/// An array that the engine keeps.
fn counted(name: &str) -> Slot {
    Slot { name: name.into(), storage: Storage::Real, initial: 0.0, visible: false }
}

/// Coefficient and constant of dx/dt = a x + b of an event-driven variable.
fn decay(model: &Model, name: &str) -> Result<(plastica_lang::model::Expr, Option<plastica_lang::model::Expr>), Box<Diagnostic>> {
    let variable = model.variables.iter().find(|v| v.name == name);
    let Some(Role::Differential(rhs)) = variable.map(|v| &v.role) else { panic!("an event-driven variable has a differential equation") };
    let is_itself = |kind: &ExprKind| matches!(kind, ExprKind::Name(Scope::Own, n) if n == name);
    let changing = is_changing(model);
    let linear = Dependence::new(model, &is_itself).linear(rhs, &[Unknown::Variable(name.into())]);
    let changes = Dependence::new(model, &changing);
    let wrong = |why: String| {
        Box::new(
            Diagnostic::error("not-event-driven", rhs.span, why)
                .note("between events, an event-driven variable follows its exact solution, which is known for dx/dt = a*x + b with constant a and b only")
                .help("leave `(event-driven)` out: the equation is then advanced at every step"),
        )
    };
    let Some(linear) = linear else { return Err(wrong(format!("d{name}/dt is not linear in {name}"))) };
    let mut coefficients = linear.coefficients;
    let rate = coefficients.pop().flatten();
    if rate.iter().chain(&linear.rest).any(|e| changes.holds(e)) {
        return Err(wrong(format!("d{name}/dt hangs on something that changes during a run")));
    }
    let zero =
        || plastica_lang::model::Expr { kind: ExprKind::Number(0.0), span: rhs.span, dimension: None, value_type: plastica_lang::model::ValueType::Real };
    Ok((rate.unwrap_or_else(zero), linear.rest))
}

/// The tapes of a pathway. `side` is the home of traces that this side's neurons share.
fn event(pathway: &Pathway, scene: &Scene<'_>, side: Home, homes: &HashMap<String, Home>, stream: &mut u32) -> EventProgram {
    let waits = |s: &Statement| s.scope == Scope::Own && scene.model.variables.iter().any(|v| v.name == s.name && v.flags.after_events);
    let is_trace = |s: &Statement| s.scope == Scope::Own && homes.contains_key(&s.name);
    let is_hoisted = |s: &Statement| s.scope == Scope::Own && homes.get(&s.name) == Some(&side);
    let in_synapse = |place: Place| !matches!(place, Place::Row(_) | Place::Column(_));
    // Each tape draws the same random numbers as the others for the same call, so that a frozen run differs in nothing else.
    let first = *stream;
    let mut last = first;
    let mut tape_of = |name: String, wanted: &dyn Fn(&Statement) -> bool, written: &dyn Fn(Place) -> bool| {
        let mut next = first;
        let mut tape = Tape::new(scene, &mut next);
        for s in &pathway.statements {
            if wanted(s) || s.scope == Scope::Local {
                tape.statement(s);
            }
        }
        let kernel = tape.finish_where(&name, written);
        last = last.max(next);
        kernel
    };
    let some = |kernel: Kernel| kernel.ops.iter().any(|op| matches!(op, Op::Store(..) | Op::Add(..) | Op::Mark(_))).then_some(kernel);
    let name = &pathway.name;
    let out = EventProgram {
        name: name.clone(),
        delay_s: pathway.delay_s,
        kernel: tape_of(name.clone(), &|s| !waits(s), &in_synapse),
        frozen: tape_of(format!("{name} (frozen)"), &|s| !waits(s) && (s.scope != Scope::Own || is_trace(s)), &in_synapse),
        side: some(tape_of(format!("{name} (neuron)"), &|s| is_hoisted(s) && !waits(s), &|p| !in_synapse(p))),
        after: some(tape_of(format!("{name} (after events)"), &|s| waits(s), &in_synapse)),
        after_side: some(tape_of(format!("{name} (neuron, after events)"), &|s| waits(s) && is_hoisted(s), &|p| !in_synapse(p))),
    };
    *stream = last;
    out
}

/// Class of the postsynaptic events, and the sentences of `plastica check`.
fn classify(program: &mut ProjectionProgram, model: &Model, binding: &SynapseBinding, passes: Passes, method: Option<(&str, &str)>) {
    let mut reasons = Vec::new();
    let hoisted = |slots: &[Slot]| slots.iter().filter(|s| s.visible).map(|s| s.name.clone()).collect::<Vec<_>>().join(", ");
    let obstacle = obstacle(program, binding);
    let postsynaptic = program.on_post.iter().any(|e| !e.kernel.ops.is_empty() || e.after.is_some());
    program.deferrable = passes.defer && postsynaptic && obstacle.is_none() && program.clocked.is_none();
    program.class = match (postsynaptic, program.clocked.is_some()) {
        (_, true) => "c (clocked)".into(),
        (true, false) if program.deferrable => "a (deferred to the next presynaptic spike)".into(),
        (true, false) => "b (at once, through the transposed index)".into(),
        (false, false) => "no postsynaptic events".into(),
    };
    if let Some((method, why)) = method {
        let dense: Vec<&str> = System::of(model).unknowns.iter().map(|(v, _)| v.name.as_str()).collect();
        reasons.push(format!("{} advanced at every step by {method}: {why}", dense.join(", ")));
    }
    match (&obstacle, program.deferrable) {
        (Some(why), _) if postsynaptic => reasons.push(why.clone()),
        (_, true) => reasons.push("all that on_post reads can be rebuilt from spike times".into()),
        _ => {}
    }
    for (slots, whose) in [(&program.row_slots, "presynaptic"), (&program.column_slots, "postsynaptic")] {
        if slots.iter().any(|s| s.visible) {
            reasons.push(format!("{} kept once per {whose} neuron", hoisted(slots)));
        }
    }
    reasons.extend(wide_note(model, &program.slots));
    program.reason = if reasons.is_empty() { "only presynaptic spikes act".into() } else { reasons.join("; ") };
}

/// Why postsynaptic events cannot wait, if so.
fn obstacle(program: &ProjectionProgram, binding: &SynapseBinding) -> Option<String> {
    if !binding.one_axonal_delay || !binding.one_dendritic_delay {
        return Some("delays differ between synapses".into());
    }
    for event in &program.on_post {
        if event.after.is_some() {
            return Some(format!("{} changes a trace in the synapse after the events of the step", event.name));
        }
        for op in event.kernel.ops.iter().chain(&event.frozen.ops) {
            let why = match op {
                Op::Load(Place::Pre(_) | Place::PreShared(_)) => "reads a variable of the presynaptic neuron",
                Op::Load(Place::Post(_) | Place::PostShared(_)) => "reads a variable of the postsynaptic neuron",
                Op::Store(Place::Post(_), _) | Op::Add(Place::Post(_), _) => "changes a variable of the postsynaptic neuron",
                Op::Random { .. } => "draws a random number",
                Op::Builtin(plastica_lang::model::Builtin::LastSpike | plastica_lang::model::Builtin::NotRefractory) => {
                    "reads the state of the postsynaptic neuron"
                }
                _ => continue,
            };
            return Some(format!("{} {why}", event.name));
        }
    }
    None
}
