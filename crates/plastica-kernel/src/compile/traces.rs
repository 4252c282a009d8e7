//! Which event-driven traces can be hoisted: kept once per presynaptic (or postsynaptic) neuron instead of in each synapse.
//!
//! Proof. All synapses of a row get their presynaptic events at the same steps if the axonal delay is one for all. If a trace
//! begins alike in all of them, decays alike, and is changed only by those events, by amounts that hang on nothing but such
//! traces and scalars, then it is alike in all of them at all times, and one copy will do. The same holds for columns and
//! postsynaptic events.

use std::collections::HashMap;

use plastica_lang::model::{Builtin, Expr, ExprKind, Function, Model, Pathway, Role, Scope, Variable};

use super::SynapseBinding;

/// Where an event-driven variable is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In each synapse.
    Synapse,
    /// Once per presynaptic neuron.
    Row,
    /// Once per postsynaptic neuron.
    Column,
}

/// The home of each event-driven variable.
pub fn homes(model: &Model, binding: &SynapseBinding, allowed: bool) -> HashMap<String, Home> {
    let mut homes: HashMap<String, Home> = HashMap::new();
    for v in model.variables.iter().filter(|v| v.flags.event_driven) {
        let pre = written_in(&model.on_pre, &v.name);
        let post = written_in(&model.on_post, &v.name);
        let elsewhere = model.on_interval.iter().any(|i| i.statements.iter().any(|s| s.scope == Scope::Own && s.name == v.name))
            || model.grow.iter().any(|g| g.statements.iter().any(|s| s.scope == Scope::Own && s.name == v.name));
        let given = binding.individual.contains(&v.name);
        let home = match (pre, post) {
            _ if !allowed || elsewhere || given => Home::Synapse,
            (true, false) if binding.one_axonal_delay => Home::Row,
            (false, true) if binding.one_dendritic_delay => Home::Column,
            _ => Home::Synapse,
        };
        homes.insert(v.name.clone(), home);
    }
    // Takes away what hangs on something that is not alike, until nothing changes.
    loop {
        let mut moved = Vec::new();
        for v in model.variables.iter().filter(|v| v.flags.event_driven) {
            let home = homes[&v.name];
            let pathways = match home {
                Home::Synapse => continue,
                Home::Row => &model.on_pre,
                Home::Column => &model.on_post,
            };
            let alike = Alike { model, binding, homes: &homes, home };
            let Role::Differential(rhs) = &v.role else { continue };
            if !alike.holds(rhs, &[], 0) || !pathways.iter().all(|p| alike.statements(p, v)) {
                moved.push(v.name.clone());
            }
        }
        if moved.is_empty() {
            return homes;
        }
        for name in moved {
            homes.insert(name, Home::Synapse);
        }
    }
}

fn written_in(pathways: &[Pathway], name: &str) -> bool {
    pathways.iter().any(|p| p.statements.iter().any(|s| s.scope == Scope::Own && s.name == name))
}

struct Alike<'a> {
    model: &'a Model,
    binding: &'a SynapseBinding,
    homes: &'a HashMap<String, Home>,
    home: Home,
}

impl Alike<'_> {
    /// Are all values that a pathway gives to a variable the same for the synapses of one neuron?
    fn statements(&self, pathway: &Pathway, v: &Variable) -> bool {
        let mut locals: Vec<(&str, bool)> = Vec::new();
        for s in &pathway.statements {
            let value = self.holds(&s.value, &locals, 0);
            match s.scope {
                Scope::Local => {
                    // An assignment by parts hangs on what was there before, too.
                    let before = s.op == plastica_lang::model::AssignOp::Set || locals.iter().rev().find(|(n, _)| *n == s.name).is_none_or(|(_, a)| *a);
                    locals.push((&s.name, value && before));
                }
                Scope::Own if s.name == v.name && !value => return false,
                _ => {}
            }
        }
        true
    }

    fn holds(&self, expr: &Expr, locals: &[(&str, bool)], depth: u32) -> bool {
        if depth > 64 {
            return false;
        }
        match &expr.kind {
            ExprKind::Number(_) | ExprKind::Builtin(Builtin::T | Builtin::Dt) => true,
            ExprKind::Builtin(_) | ExprKind::Noise(_) => false,
            ExprKind::Name(Scope::Own, name) => match self.model.variables.iter().find(|v| v.name == *name) {
                None => !self.binding.varying.contains(name),
                Some(v) => match &v.role {
                    Role::Subexpression(rhs) => self.holds(rhs, &[], depth + 1),
                    _ if v.flags.event_driven => self.homes[name] == self.home,
                    _ => v.flags.shared,
                },
            },
            ExprKind::Name(Scope::Local, name) => locals.iter().rev().find(|(n, _)| n == name).is_some_and(|(_, a)| *a),
            ExprKind::Name(..) => false,
            ExprKind::Unary(_, a) => self.holds(a, locals, depth),
            ExprKind::Binary(_, a, b) => self.holds(a, locals, depth) && self.holds(b, locals, depth),
            ExprKind::Call(Function::Rand | Function::Randn | Function::Poisson, _) => false,
            ExprKind::Call(_, args) => args.iter().all(|a| self.holds(a, locals, depth)),
            ExprKind::If { condition, then, otherwise } => [condition, then, otherwise].iter().all(|e| self.holds(e, locals, depth)),
        }
    }
}
