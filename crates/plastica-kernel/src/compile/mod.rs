//! Checked models to programs: where each variable is kept, and the tapes that change it.

mod neuron;
mod structure;
mod synapse;
mod traces;

use std::collections::HashMap;

use plastica_lang::model::{AssignOp, Builtin, Expr, ExprKind, Model, Role, Scope, Statement, Variable};
use plastica_lang::source::{Diagnostic, Span};

pub use neuron::{NeuronBinding, compile_neuron};
pub use synapse::{Side, SynapseBinding, compile_synapse};

use crate::algebra::{Dependence, own_names};
use crate::ir::{Kernel, Op, Place, PopulationProgram, Slot, Storage, View};
use crate::program::Arrays;
use crate::tape::{Scene, Tape, places};

/// Statements that run for every neuron of a population (an input).
///
/// `stream` numbers their random calls.
pub fn compile_statements(name: &str, statements: &[Statement], model: &Model, program: &PopulationProgram) -> Kernel {
    let scene = scene(model, places(&program.slots, &program.shared, Place::Own, Place::Shared));
    let mut stream = 0;
    let mut tape = Tape::new(&scene, &mut stream);
    for statement in statements {
        tape.statement(statement);
    }
    tape.finish(name)
}

/// Declares the variables and parameters of a model. `traces` are kept elsewhere; `varying` are parameters with a value for each element.
fn declare(model: &Model, varying: &[String], is_trace: &dyn Fn(&Variable) -> bool, dt_s: f64, arrays: &mut Arrays<'_>) -> HashMap<String, Place> {
    let mut own = HashMap::new();
    for v in &model.variables {
        if matches!(v.role, Role::Subexpression(_)) || is_trace(v) {
            continue;
        }
        let storage = if is_slow(model, v, dt_s) || is_time(model, v) { Storage::Wide } else { Storage::Real };
        let place = if v.flags.shared { arrays.add_shared(&v.name, v.first_value(), true) } else { arrays.add_slot(&v.name, storage, 0.0, true) };
        own.insert(v.name.clone(), place);
    }
    for p in &model.parameters {
        let place = if varying.contains(&p.name) { arrays.add_slot(&p.name, Storage::Real, p.value, true) } else { arrays.add_shared(&p.name, p.value, true) };
        own.insert(p.name.clone(), place);
    }
    own
}

/// Steps within which a variable must change by its own size to survive single precision (2^20).
const SLOW_STEPS: f64 = 1_048_576.0;

/// Would a variable stand still in single precision, because a time constant of its equation is over 2^20 steps?
fn is_slow(model: &Model, v: &Variable, dt_s: f64) -> bool {
    let Role::Differential(rhs) = &v.role else { return false };
    let mut names = Vec::new();
    gather_names(model, rhs, &mut names, 0);
    let second = plastica_lang::units::Dimension::SECOND;
    !v.flags.event_driven && model.parameters.iter().any(|p| p.dimension == second && names.contains(&p.name) && p.value.abs() > SLOW_STEPS * dt_s)
}

/// Is it a moment, such as `until = t + 400*ms`? After a day single precision knows the time of a run to some milliseconds only.
fn is_time(model: &Model, v: &Variable) -> bool {
    let second = plastica_lang::units::Dimension::SECOND;
    let lists = [&model.reset].into_iter().chain(model.on_pre.iter().chain(&model.on_post).map(|p| &p.statements));
    let mut lists = lists.chain(model.on_interval.iter().map(|i| &i.statements));
    let reads_time = |expr: &Expr| Dependence::new(model, &|kind| matches!(kind, ExprKind::Builtin(Builtin::T) | ExprKind::Name(Scope::Local, _))).holds(expr);
    let sets = |s: &Statement| s.scope == Scope::Own && s.name == v.name && s.op == AssignOp::Set && reads_time(&s.value);
    matches!(v.role, Role::Plain) && v.dimension == second && lists.any(|list| list.iter().any(sets))
}

fn gather_names(model: &Model, expr: &Expr, out: &mut Vec<String>, depth: u32) {
    let mut names = Vec::new();
    own_names(expr, &mut names);
    for name in names {
        if out.contains(&name) || depth > 64 {
            continue;
        }
        if let Some(Role::Subexpression(rhs)) = model.variables.iter().find(|v| v.name == name).map(|v| &v.role) {
            gather_names(model, rhs, out, depth + 1);
        }
        out.push(name);
    }
}

/// Tapes of the slow clocks, each with its period in steps.
///
/// # Errors
/// A period that is shorter than half a step.
fn intervals(model: &Model, scene: &Scene<'_>, stream: &mut u32, dt_s: f64) -> Result<Vec<(u64, Kernel)>, Faults> {
    let mut out = Vec::new();
    for interval in &model.on_interval {
        let mut tape = Tape::new(scene, stream);
        interval.statements.iter().for_each(|s| tape.statement(s));
        out.push((period(interval.every_s, interval.span, dt_s)?, tape.finish("on_interval")));
    }
    Ok(out)
}

/// A period in steps; 0 seconds mean every step.
fn period(every_s: f64, span: Span, dt_s: f64) -> Result<u64, Faults> {
    let steps = if every_s == 0.0 { 1.0 } else { (every_s / dt_s).round() };
    if steps < 1.0 {
        return Err(vec![
            Diagnostic::error("interval-too-short", span, format!("{every_s} s is shorter than half a step of {dt_s} s"))
                .help("use a longer interval, or every = \"dt\" for each step"),
        ]);
    }
    Ok(steps as u64)
}

/// Sub-expressions and traces of a model, as they are now.
fn views(model: &Model, scene: &Scene<'_>, stream: &mut u32) -> Vec<View> {
    let mut out = Vec::new();
    for v in model.variables.iter().filter(|v| matches!(v.role, Role::Subexpression(_)) || v.flags.event_driven) {
        let mut tape = Tape::new(scene, stream);
        let value = tape.own(&v.name);
        let (kernel, value) = tape.finish_value(&v.name, value);
        // What is drawn anew at each look has no value of its own, and a presynaptic variable may belong to another part.
        if !kernel.ops.iter().any(|op| matches!(op, Op::Random { .. } | Op::Load(Place::Pre(_)))) {
            out.push(View { name: v.name.clone(), kernel, value });
        }
    }
    out
}

fn scene(model: &Model, own: HashMap<String, Place>) -> Scene<'_> {
    Scene { model, own, pre: HashMap::new(), post: HashMap::new(), pre_model: None, post_model: None, traces: Vec::new(), around: HashMap::new() }
}

/// Is a place one that changes only when the user changes it?
fn constant_places(model: &Model, own: &HashMap<String, Place>) -> impl Fn(Place) -> bool + use<> {
    let changing: Vec<Place> = model.variables.iter().filter(|v| crate::algebra::is_state(v)).filter_map(|v| own.get(&v.name).copied()).collect();
    move |place| matches!(place, Place::Own(_) | Place::Shared(_)) && !changing.contains(&place)
}

/// What is said of the variables that are kept in double precision.
fn wide_note(model: &Model, slots: &[Slot]) -> Option<String> {
    let is_moment = |slot: &&Slot| model.variables.iter().any(|v| v.name == slot.name && is_time(model, v));
    let (moments, slow): (Vec<&Slot>, Vec<&Slot>) = slots.iter().filter(|s| s.storage == Storage::Wide).partition(is_moment);
    let notes = [(slow, "a time constant is over 2^20 steps"), (moments, "the time of a run is read")].into_iter().filter(|(list, _)| !list.is_empty());
    let notes: Vec<String> =
        notes.map(|(list, why)| format!("{} in double precision: {why}", list.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", "))).collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// The diagnostics of a fault that is ours to find late.
type Faults = Vec<Diagnostic>;
