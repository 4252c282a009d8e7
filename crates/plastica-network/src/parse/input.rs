//! `[input.NAME]`: what acts on all neurons of a population in every step.
//!
//! - `do = "statements"`, at the start of the step or, with `when = "deliver"`, with the arriving spikes
//! - `poisson = { rate, weight, variable }`: so many events a second, each adds the weight; with the arriving spikes
//! - `current = { variable, value }`: the variable has this value; at the start of the step
//! - `timed = { variable, every, values }`: the variable takes the values of a list, one after another (`timed.rs`)
//!
//! The first three become statements. A `rate`, `weight` or `value` may be a formula of `t`, `i` and what the neuron has.

use plastica_lang::check::{Known, Names, NeuronNames, check_statements, check_value};
use plastica_lang::evaluate::{Nothing, evaluate};
use plastica_lang::model::{AssignOp, BinaryOp, Builtin, Expr, ExprKind, Function, Model, Scope, Statement, ValueType};
use plastica_lang::source::{Diagnostic, Key, Table};
use plastica_lang::units::Dimension;

use super::{Named, Parser, did_you_mean};
use crate::elements::visit;
use crate::network::{Input, Phase};

impl Parser<'_> {
    /// Reads an input; `None` if there were errors in it.
    pub(super) fn input(&mut self, key: &Key, table: &Table, populations: &[Named<'_>], before: &[Input]) -> Option<Input> {
        let what = format!("input `{}`", key.name);
        table.known_keys(&what, &["doc", "population", "do", "when", "poisson", "current", "timed"], self.diagnostics);
        table.text("doc", self.diagnostics);
        let population = self.find(table, &what, "population", populations);
        let ways: Vec<&Key> = ["do", "poisson", "current", "timed"].iter().filter_map(|k| table.key(k)).collect();
        match ways.as_slice() {
            [] => self
                .diagnostics
                .push(Diagnostic::error("missing-key", key.span, format!("{what} does nothing")).help("add `do`, `poisson`, `current` or `timed`")),
            [_] => {}
            [one, other, ..] => {
                self.diagnostics.push(
                    Diagnostic::error("given-twice", other.span, format!("{what} has both `{}` and `{}`", one.name, other.name))
                        .help("make two inputs of them"),
                );
                return None;
            }
        }
        if let (Some(when), None) = (table.key("when"), table.key("do")) {
            self.diagnostics.push(
                Diagnostic::error("unknown-key", when.span, "`when` belongs to `do`".to_string())
                    .help("remove it: `poisson` acts with the arriving spikes, `current` and `timed` at the start of the step"),
            );
        }
        let (index, found) = population?;
        let found = found?;
        let Some(model) = found.model() else {
            let place = table.get("population").map_or(key.span, |v| v.span);
            let fault = Diagnostic::error("not-a-neuron", place, format!("{what}: the population `{}` is a list of spikes and takes no input", found.name));
            self.diagnostics.push(fault.help("name a population with a neuron model"));
            return None;
        };
        let mut timed = None;
        let (statements, phase) = match ways.first()?.name.as_str() {
            "do" => self.statements(table, model)?,
            "poisson" => {
                let body = table.table("poisson", self.diagnostics)?;
                (vec![self.poisson(body, model)?], Phase::Deliver)
            }
            "timed" => {
                let body = table.table("timed", self.diagnostics)?;
                timed = Some(self.timed(body, model, found.size)?);
                (Vec::new(), Phase::Start)
            }
            _ => {
                let body = table.table("current", self.diagnostics)?;
                (vec![self.current(body, model)?], Phase::Start)
            }
        };
        let input = Input { name: key.name.clone(), population: index, phase, statements, timed, span: key.span };
        self.no_two_assign(&input, before).then_some(input)
    }

    fn statements(&mut self, table: &Table, model: &Model) -> Option<(Vec<Statement>, Phase)> {
        let phase = match table.text("when", self.diagnostics) {
            None => Phase::Start,
            Some(t) if t.text == "start" => Phase::Start,
            Some(t) if t.text == "deliver" => Phase::Deliver,
            Some(t) => {
                self.diagnostics
                    .push(Diagnostic::error("unknown-word", t.span, format!("`when` cannot be `{}`", t.text)).help("write \"start\" or \"deliver\""));
                return None;
            }
        };
        let text = table.text("do", self.diagnostics)?;
        let errors = |diagnostics: &[Diagnostic]| diagnostics.iter().filter(|d| d.is_error()).count();
        let before = errors(self.diagnostics);
        let statements = check_statements(text, &NeuronNames(model), self.diagnostics);
        if statements.is_empty() && errors(self.diagnostics) == before {
            self.diagnostics.push(Diagnostic::error("empty", text.span, "there is no statement here").help("write one, such as \"v += 1*mV\""));
        }
        (errors(self.diagnostics) == before).then_some((statements, phase))
    }

    /// `variable += weight*poisson(rate*dt)`
    fn poisson(&mut self, table: &Table, model: &Model) -> Option<Statement> {
        table.known_keys("a Poisson input", &["rate", "weight", "variable"], self.diagnostics);
        let hertz = Dimension::NONE.per(Dimension::SECOND);
        let variable = self.variable(table, "a Poisson input", model);
        let rate = self.formula(table, "a Poisson input", "rate", "\"20 kHz\"", Some(hertz), model);
        let dimension = variable.as_ref().map(|v| v.dimension).unwrap_or_default();
        let weight = self.formula(table, "a Poisson input", "weight", "\"0.1 mV\"", dimension, model);
        let (variable, rate, weight) = (variable?, rate?, weight?);
        if let Some(x) = constant(&rate)
            && !(x >= 0.0 && x.is_finite())
        {
            self.diagnostics.push(Diagnostic::error("out-of-range", rate.span, format!("a rate of {x} Hz is not possible")).help("write 0 or a positive rate"));
            return None;
        }
        let span = table.span;
        let made = |kind, dimension| Expr { kind, span, dimension, value_type: ValueType::Real };
        let dt = made(ExprKind::Builtin(Builtin::Dt), Some(Dimension::SECOND));
        let mean = made(ExprKind::Binary(BinaryOp::Mul, Box::new(rate), Box::new(dt)), Some(Dimension::NONE));
        let events = made(ExprKind::Call(Function::Poisson, vec![mean]), Some(Dimension::NONE));
        let value = made(ExprKind::Binary(BinaryOp::Mul, Box::new(weight), Box::new(events)), variable.dimension);
        Some(Statement { scope: Scope::Own, name: variable.name, op: AssignOp::Add, value, span })
    }

    /// `variable = value`
    fn current(&mut self, table: &Table, model: &Model) -> Option<Statement> {
        table.known_keys("a current", &["variable", "value"], self.diagnostics);
        let variable = self.variable(table, "a current", model);
        let dimension = variable.as_ref().map(|v| v.dimension).unwrap_or_default();
        let value = self.formula(table, "a current", "value", "\"100*pA*int(t >= 50*ms)\"", dimension, model);
        let variable = variable?;
        Some(Statement { scope: Scope::Own, name: variable.name, op: AssignOp::Set, value: value?, span: table.span })
    }

    /// The variable that an input changes.
    pub(super) fn variable(&mut self, table: &Table, what: &str, model: &Model) -> Option<Known> {
        let name = table.required_text(what, "variable", self.diagnostics)?;
        let names = NeuronNames(model);
        let known = names.find(&name.text);
        if let Some(known) = &known
            && known.writable
            && known.value_type == ValueType::Real
        {
            return Some(known.clone());
        }
        let variables =
            model.variables.iter().filter(|v| names.find(&v.name).is_some_and(|k| k.writable && k.value_type == ValueType::Real)).map(|v| v.name.as_str());
        let help = did_you_mean(&name.text, "variables that an input may change", variables);
        let (id, message) = match known {
            None => ("unknown-variable", format!("the model `{}` has no variable `{}`", model.name, name.text)),
            Some(_) => ("not-writable", format!("`{}` of the model `{}` is no variable that an input can change", name.text, model.name)),
        };
        self.diagnostics.push(Diagnostic::error(id, name.span, message).label("cannot be changed").help(help));
        None
    }

    fn formula(&mut self, table: &Table, what: &str, key: &str, example: &str, dimension: Option<Dimension>, model: &Model) -> Option<Expr> {
        let Some(value) = table.get(key) else {
            self.diagnostics.push(Diagnostic::error("missing-key", table.span, format!("{what} has no `{key}`")).help(format!("add {key} = {example}")));
            return None;
        };
        let expr = check_value(value, &NeuronNames(model), dimension, self.diagnostics)?;
        if expr.value_type == ValueType::Boolean {
            self.diagnostics.push(
                Diagnostic::error("type-mismatch", expr.span, format!("`{key}` must be a number"))
                    .label("a condition")
                    .help("write int(...) to make it 1 or 0"),
            );
            return None;
        }
        if let Some(x) = constant(&expr)
            && !x.is_finite()
        {
            self.diagnostics.push(Diagnostic::error("not-finite", expr.span, format!("`{key}` would be {x}")).help("check for a division by zero"));
            return None;
        }
        Some(expr)
    }

    /// Two inputs that assign to the same variable: the later one would silently win.
    fn no_two_assign(&mut self, input: &Input, before: &[Input]) -> bool {
        let sets = |i: &Input| {
            let assigned = i.statements.iter().filter(|s| s.op == AssignOp::Set && s.scope == Scope::Own).map(|s| s.name.clone());
            assigned.chain(i.timed.iter().map(|t| t.variable.clone())).collect::<Vec<_>>()
        };
        for other in before.iter().filter(|o| o.population == input.population && o.phase == input.phase) {
            if let Some(name) = sets(input).into_iter().find(|name| sets(other).contains(name)) {
                self.diagnostics.push(
                    Diagnostic::error("assigned-twice", input.span, format!("the inputs `{}` and `{}` both assign to `{name}`", other.name, input.name))
                        .other(other.span, "first assigned here")
                        .help(format!("make the second one add to it: do = \"{name} += ...\"")),
                );
                return false;
            }
        }
        true
    }
}

/// The value of an expression without names and random numbers.
fn constant(expr: &Expr) -> Option<f64> {
    let mut constant = true;
    visit(expr, &mut |e| {
        constant &= !matches!(
            e.kind,
            ExprKind::Name(..) | ExprKind::Builtin(_) | ExprKind::Noise(_) | ExprKind::Call(Function::Rand | Function::Randn | Function::Poisson, _)
        )
    });
    constant.then(|| evaluate(expr, &mut Nothing))
}
