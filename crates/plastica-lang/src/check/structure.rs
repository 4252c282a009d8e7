//! `prune` and `grow`: which synapses go and come on a slow clock.
//!
//! How many elements a neuron has is an expression of that neuron alone, because it is worked out once for each neuron;
//! whether two neurons connect is one of both and of their distance. Whether the neurons have positions is the network's business.

use super::events::period;
use super::expression::{Checker, check_value};
use super::model::around;
use super::{Known, Names, check_statements, of_model};
use crate::model::{Builtin, DISTANCE, Expr, ExprKind, Grow, IN_DEGREE, Model, OUT_DEGREE, Prune, Scope, ValueType};
use crate::source::{Diagnostic, Table, Value, ValueKind};
use crate::units::Dimension;

/// How often an element that is still vacant meets another one, unless the text says otherwise.
const TRIES: u32 = 20;

/// `prune`: one table, or a list of them.
pub(super) fn prunes(table: &Table, model: &Model, names: &dyn Names, diagnostics: &mut Vec<Diagnostic>) -> Vec<Prune> {
    let mut out = Vec::new();
    for (value, rule) in rules(table, "prune", "where = \"w < 0.1\"", diagnostics) {
        rule.known_keys("`prune`", &["every", "where", "pre", "post"], diagnostics);
        let every_s = period("prune", rule, diagnostics);
        let condition = rule.get("where").and_then(|value| {
            let expr = check_value(value, names, None, diagnostics)?;
            Checker { names, noise: false, diagnostics }.condition(&expr)?;
            Some(expr)
        });
        let [pre, post] = elements(rule, model, names, diagnostics);
        if !["where", "pre", "post"].iter().any(|key| rule.get(key).is_some()) {
            let fault = Diagnostic::error("missing-key", rule.span, "`prune` does not say which synapses go");
            diagnostics.push(fault.help("add where = \"w < 0.1\", or the number that a neuron loses, such as post = \"in_degree - 10\""));
        }
        out.extend(every_s.map(|every_s| Prune { every_s, condition, pre, post, span: value.span }));
    }
    out
}

/// `grow`: one table, or a list of them.
pub(super) fn grows(table: &Table, model: &Model, names: &dyn Names, diagnostics: &mut Vec<Diagnostic>) -> Vec<Grow> {
    let mut out = Vec::new();
    for (value, rule) in rules(table, "grow", "post = 0.1", diagnostics) {
        rule.known_keys("`grow`", &["every", "pre", "post", "kernel", "tries", "do"], diagnostics);
        let every_s = period("grow", rule, diagnostics);
        let [pre, post] = elements(rule, model, names, diagnostics);
        if !["pre", "post"].iter().any(|key| rule.get(key).is_some()) {
            let fault = Diagnostic::error("missing-key", rule.span, "`grow` does not say how many synapses come");
            diagnostics.push(fault.help("add the number of vacant elements of a neuron, such as post = \"floor(z_post) - in_degree\" or post = 0.1"));
        }
        let both = SideNames { model, names, side: None };
        let kernel = rule.get("kernel").and_then(|value| check_value(value, &both, Some(Dimension::NONE), diagnostics));
        let tries = rule.get("tries").map_or(Some(TRIES), |_| rule.integer("tries", 1, diagnostics).map(|n| u32::try_from(n).unwrap_or(u32::MAX)));
        let statements = rule.text("do", diagnostics).map_or(Vec::new(), |text| check_statements(text, &InSynapse(names), diagnostics));
        if let (Some(every_s), Some(tries)) = (every_s, tries) {
            out.push(Grow { every_s, pre, post, kernel, tries, statements, span: value.span });
        }
    }
    out
}

/// The tables of a key.
fn rules<'t>(table: &'t Table, key: &str, example: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<(&'t Value, &'t Table)> {
    let values: Vec<&Value> = match table.get(key) {
        None => return Vec::new(),
        Some(Value { kind: ValueKind::Array(list), .. }) => list.iter().collect(),
        Some(one) => vec![one],
    };
    let mut out = Vec::new();
    for value in values {
        match &value.kind {
            ValueKind::Table(rule) => out.push((value, rule)),
            _ => diagnostics.push(
                Diagnostic::error("wrong-type", value.span, format!("`{key}` is a table")).help(format!("write {key} = {{ every = \"1 s\", {example} }}")),
            ),
        }
    }
    out
}

/// The numbers `pre` and `post` of a rule.
fn elements(rule: &Table, model: &Model, names: &dyn Names, diagnostics: &mut Vec<Diagnostic>) -> [Option<Expr>; 2] {
    [("pre", Scope::Pre), ("post", Scope::Post)].map(|(key, side)| {
        let names = SideNames { model, names, side: Some(side) };
        let expr = check_value(rule.get(key)?, &names, Some(Dimension::NONE), diagnostics)?;
        let mut other = None;
        expr.visit(&mut |e| {
            let wrong = match e.kind {
                ExprKind::Builtin(Builtin::I) => side == Scope::Post,
                ExprKind::Builtin(Builtin::J | Builtin::LastSpike | Builtin::NotRefractory) => side == Scope::Pre,
                _ => false,
            };
            if wrong {
                other = Some(e.span);
            }
        });
        if let Some(span) = other {
            let fault = Diagnostic::error("not-available", span, format!("`{key}` is worked out for each {} alone", neuron(side)));
            diagnostics.push(fault.label("belongs to the other side").help("read variables of that neuron, parameters and modulators"));
            return None;
        }
        if expr.value_type == ValueType::Boolean {
            let fault = Diagnostic::error("type-mismatch", expr.span, format!("`{key}` is a number of elements, but this is a condition"));
            diagnostics.push(fault.label("true or false").help("write int(...) to make it 1 or 0"));
            return None;
        }
        Some(expr)
    })
}

fn neuron(side: Scope) -> &'static str {
    if side == Scope::Pre { "presynaptic neuron" } else { "postsynaptic neuron" }
}

/// What can be read where there is no synapse: of one side, or of both and their distance.
struct SideNames<'a> {
    model: &'a Model,
    names: &'a dyn Names,
    side: Option<Scope>,
}

impl SideNames<'_> {
    /// Why a known name has no value here.
    fn why_not(&self, known: &Known) -> Option<(&'static str, String)> {
        let of_side = |side: Scope| self.side.is_none_or(|s| s == side);
        match known.scope {
            Scope::Pre if !of_side(Scope::Pre) => Some(("this number is worked out for each postsynaptic neuron alone", "read a `_post` variable".into())),
            Scope::Post if !of_side(Scope::Post) => Some(("this number is worked out for each presynaptic neuron alone", "read a `_pre` variable".into())),
            Scope::Local if known.name == OUT_DEGREE && !of_side(Scope::Pre) => {
                Some(("it counts the synapses of the presynaptic neuron", format!("write `{IN_DEGREE}`, or use it under `pre`")))
            }
            Scope::Local if known.name == IN_DEGREE && !of_side(Scope::Post) => {
                Some(("it counts the synapses of the postsynaptic neuron", format!("write `{OUT_DEGREE}`, or use it under `post`")))
            }
            Scope::Own => {
                let variable = self.model.variables.iter().find(|v| v.name == known.name)?;
                (!variable.flags.shared).then(|| {
                    let help = "read variables of the neurons (`..._pre`, `..._post`), parameters, modulators and (shared) variables";
                    ("it belongs to a synapse, and there is none yet, or several", help.into())
                })
            }
            _ => None,
        }
    }
}

impl Names for SideNames<'_> {
    fn find(&self, name: &str) -> Option<Known> {
        if name == DISTANCE && self.side.is_none() && of_model(self.model, Scope::Own, name).is_none() {
            return Some(around(DISTANCE, Dimension::METRE));
        }
        self.names.find(name)
    }

    fn all(&self) -> Vec<String> {
        let distance = self.side.is_none().then(|| DISTANCE.to_string());
        self.names.all().into_iter().chain(distance).collect()
    }

    fn refuses(&self, name: &str) -> Option<(&'static str, String)> {
        self.names.refuses(name).or_else(|| self.why_not(&self.names.find(name)?))
    }

    fn unknown(&self, name: &str) -> String {
        self.names.unknown(name)
    }
}

/// Names of statements that set up a new synapse: they change nothing but the synapse.
struct InSynapse<'a>(&'a dyn Names);

impl Names for InSynapse<'_> {
    fn find(&self, name: &str) -> Option<Known> {
        self.0.find(name).map(|known| Known { writable: known.writable && known.scope == Scope::Own, ..known })
    }

    fn all(&self) -> Vec<String> {
        self.0.all()
    }

    fn refuses(&self, name: &str) -> Option<(&'static str, String)> {
        self.0.refuses(name)
    }

    fn unknown(&self, name: &str) -> String {
        self.0.unknown(name)
    }
}
