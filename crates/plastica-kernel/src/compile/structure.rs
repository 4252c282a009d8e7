//! The tapes of `prune` and `grow`.
//!
//! How many elements a neuron has, and whether two neurons connect, is worked out by the engine with the interpreter: once for a neuron
//! or a pair and interval. Only the condition of `prune`, which is asked of every synapse, is a back end's work.

use plastica_lang::model::{DISTANCE, Expr, ExprKind, Model, Scope};

use super::{Faults, period};
use crate::ir::{Computed, GrowProgram, Place, PruneProgram};
use crate::tape::{Scene, Tape};

/// All rules of a model, in the order of the text.
///
/// # Errors
/// A period that is shorter than half a step.
pub(super) fn rules(model: &Model, scene: &Scene<'_>, stream: &mut u32, dt_s: f64) -> Result<(Vec<PruneProgram>, Vec<GrowProgram>), Faults> {
    let mut prune = Vec::new();
    for rule in &model.prune {
        prune.push(PruneProgram {
            every: period(rule.every_s, rule.span, dt_s)?,
            condition: computed("prune where", rule.condition.as_ref(), scene, stream),
            pre: computed("prune pre", rule.pre.as_ref(), scene, stream),
            post: computed("prune post", rule.post.as_ref(), scene, stream),
        });
    }
    let mut around = scene.around.clone();
    around.insert(DISTANCE.into(), Place::Own(0));
    let of_pairs = Scene { around, traces: scene.traces.clone(), own: scene.own.clone(), pre: scene.pre.clone(), post: scene.post.clone(), ..*scene };
    let mut grow = Vec::new();
    for rule in &model.grow {
        let (pre, post) = (computed("grow pre", rule.pre.as_ref(), scene, stream), computed("grow post", rule.post.as_ref(), scene, stream));
        let kernel = computed("grow kernel", rule.kernel.as_ref(), &of_pairs, stream);
        let mut reads_distance = false;
        rule.kernel.iter().for_each(|e| e.visit(&mut |e| reads_distance |= matches!(&e.kind, ExprKind::Name(Scope::Local, n) if n == DISTANCE)));
        let mut tape = Tape::new(scene, stream);
        rule.statements.iter().for_each(|s| tape.statement(s));
        let first = tape.finish("grow do");
        grow.push(GrowProgram { every: period(rule.every_s, rule.span, dt_s)?, pre, post, kernel, reads_distance, tries: rule.tries, first });
    }
    Ok((prune, grow))
}

fn computed(name: &str, expr: Option<&Expr>, scene: &Scene<'_>, stream: &mut u32) -> Option<Computed> {
    let mut tape = Tape::new(scene, stream);
    let value = tape.expression(expr?);
    let (kernel, value) = tape.finish_value(name, value);
    Some(Computed { kernel, value })
}
