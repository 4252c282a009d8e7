//! What a projection must give to the `prune` and `grow` rules of its model: positions, and values for synapses that no list names;
//! and `degrees`, the variables of neurons in which their synapses are counted.

use plastica_lang::model::{DISTANCE, Expr, ExprKind, Model, Role, Scope, ValueType, Variable};
use plastica_lang::source::{Diagnostic, Table, nearest};

use super::Parser;
use super::names::same_axes;
use crate::network::{DelaySpec, InitialValue, Population};

impl Parser<'_> {
    /// Reports rules that this projection cannot follow. `given` are values by name, `delays` the delays by key.
    pub(super) fn structure(&mut self, model: &Model, (pre, post): (&Population, &Population), given: &[(&str, &InitialValue)], delays: &[(&str, &DelaySpec)]) {
        let numbers = model.prune.iter().flat_map(|p| p.pre.iter().chain(&p.post)).chain(model.grow.iter().flat_map(|g| g.pre.iter().chain(&g.post)));
        for expr in numbers.chain(model.grow.iter().filter_map(|g| g.kernel.as_ref())) {
            self.no_synapse_yet(expr, model, given);
        }
        for kernel in model.grow.iter().filter_map(|g| g.kernel.as_ref()) {
            let mut found = None;
            kernel.visit(&mut |e| {
                if matches!(&e.kind, ExprKind::Name(Scope::Local, name) if name == DISTANCE) {
                    found = found.or(Some(e.span));
                }
            });
            if let Some(span) = found
                && !same_axes(pre, post)
            {
                let message = format!("`{}` and `{}` have no positions on the same axes, so that there is no distance", pre.name, post.name);
                let help = "give both populations positions, such as positions = { grid = [10, 10], spacing = \"50 um\" }";
                self.diagnostics.push(Diagnostic::error("no-distance", span, message).other(pre.span, "presynaptic").help(help));
            }
        }
        let Some(rule) = model.grow.first() else { return };
        let columns = given.iter().filter(|(_, value)| matches!(value, InitialValue::Column(_))).map(|(name, _)| *name);
        for name in columns.chain(delays.iter().filter(|(_, d)| matches!(d.value, InitialValue::Column(_))).map(|(name, _)| *name)) {
            let message = format!("`{name}` comes from a list of synapses, which has no value for those that grow");
            let help = format!("give `{name}` as a number, a formula or a distribution");
            self.diagnostics.push(Diagnostic::error("no-value", rule.span, message).help(help));
        }
    }

    /// `degrees = { pre = "boutons_bound", post = "spines_bound" }`.
    pub(super) fn degrees(&mut self, table: &Table, ends: [&Population; 2]) -> [Option<String>; 2] {
        let Some(degrees) = table.table("degrees", self.diagnostics) else { return [None, None] };
        degrees.known_keys("`degrees`", &["pre", "post"], self.diagnostics);
        let mut read = |key: &str, population: &Population| {
            let name = degrees.text(key, self.diagnostics)?;
            let variables = population.model().map_or(&[][..], |m| &m.variables);
            let counts = |v: &&Variable| matches!(v.role, Role::Plain) && v.value_type != ValueType::Boolean && !v.flags.constant && !v.flags.shared;
            if variables.iter().filter(counts).any(|v| v.name == name.text && v.dimension.is_none()) {
                return Some(name.text.clone());
            }
            let message = format!("the neurons of `{}` have no variable `{}` that could hold a number of synapses", population.name, name.text);
            let known: Vec<&str> = variables.iter().filter(counts).map(|v| v.name.as_str()).collect();
            let help = match nearest(&name.text, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("declare it in the equations of the neuron: {} : 1", name.text),
            };
            self.diagnostics.push(Diagnostic::error("unknown-variable", name.span, message).label("no such variable").help(help));
            None
        };
        [read("pre", ends[0]), read("post", ends[1])]
    }

    /// Reports a parameter with a value for each synapse, where there is none.
    fn no_synapse_yet(&mut self, expr: &Expr, model: &Model, given: &[(&str, &InitialValue)]) {
        expr.visit(&mut |e| {
            let ExprKind::Name(Scope::Own, name) = &e.kind else { return };
            let differs = given.iter().any(|(n, value)| n == name && !matches!(value, InitialValue::Constant(_)));
            if differs && model.parameters.iter().any(|p| p.name == *name) {
                let message = format!("`{name}` differs between the synapses of this projection, and there is none yet, or several");
                self.diagnostics.push(Diagnostic::error("not-available", e.span, message).help("give the parameter one value for all synapses"));
            }
        });
    }
}
