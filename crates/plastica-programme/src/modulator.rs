//! `[modulator.NAME]`: a named signal that rules may read, and the courses that states give it.
//!
//! A modulator has a value where no state names it: a number (`initial`), or a formula of the subject's age (`value`).
//! How it moves within a stretch is a pure function of time, so that a stretch can be cut anywhere.

use plastica_lang::check::{Known, Names, check_value};
use plastica_lang::evaluate::{Values, evaluate};
use plastica_lang::model::{Builtin, Expr, ExprKind, Function, Scope, ValueType};
use plastica_lang::source::{Diagnostic, Key, Span, Table};
use plastica_lang::units::Dimension;
use plastica_numerics::elementary::Real;

use crate::circuit::Circuit;
use crate::tables::{did_you_mean, doc, named_tables, quantity};

/// The modulator that the programme itself sets: the factor of the stretch that is going on, else 1.
pub const ACCELERATION: &str = "acceleration";

/// A named signal.
#[derive(Clone, Debug)]
pub struct Modulator {
    /// Name.
    pub name: String,
    /// What it is, as written.
    pub doc: String,
    /// Dimension that the models give it; a pure number where none reads it.
    pub dimension: Dimension,
    /// Its value where no state names it.
    pub rest: Rest,
    /// Place of its name.
    pub span: Span,
}

/// Value of a modulator where no state names it.
#[derive(Clone, Debug)]
pub enum Rest {
    /// SI units.
    Number(f64),
    /// A formula of `age` in years, SI units.
    OfAge(Expr),
}

/// Where a state takes a modulator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// Value at the start; `None` goes on from where it is. Used only where there is a time constant.
    pub from: Option<f64>,
    /// Value that it goes to, SI units.
    pub to: f64,
    /// Time constant in seconds; `None` is at once.
    pub tau_s: Option<f64>,
}

impl Course {
    /// Value at the start of a stretch, given the value before it.
    pub fn begin(&self, before: f64) -> f64 {
        if self.tau_s.is_none() { self.to } else { self.from.unwrap_or(before) }
    }

    /// Value after a time, given the value at its beginning. Without a time constant it stays: what a task adds lasts to the
    /// end of the block.
    pub fn after(&self, start: f64, time_s: f64) -> f64 {
        match self.tau_s {
            Some(tau) => self.to + (start - self.to) * Real::exp(-time_s / tau),
            None => start,
        }
    }
}

impl Modulator {
    /// Value where no state names it, at an age in years.
    pub fn at_rest(&self, age: f64) -> f64 {
        match &self.rest {
            Rest::Number(x) => *x,
            Rest::OfAge(expr) => evaluate(expr, &mut Age(age)),
        }
    }

    /// Reads all `[modulator.*]`; a warning for those that models declare and the file does not.
    pub(crate) fn parse_all(table: &Table, circuit: &dyn Circuit, diagnostics: &mut Vec<Diagnostic>) -> Vec<Modulator> {
        let declared = circuit.modulators();
        let mut out = Vec::new();
        for (key, body) in named_tables(table, "modulator", diagnostics) {
            let dimension = declared.iter().find(|(n, _)| *n == key.name).map_or(Dimension::NONE, |(_, d)| *d);
            out.extend(modulator(key, body, dimension, diagnostics));
        }
        let given = table.get("modulator").map(|v| &v.kind);
        for (name, dimension) in declared {
            let has_table = matches!(given, Some(plastica_lang::source::ValueKind::Table(t)) if t.get(&name).is_some());
            if name != ACCELERATION && !has_table {
                let fault = Diagnostic::warning(
                    "modulator-without-table",
                    table.span,
                    format!("models read the modulator `{name}`, which this file does not have: it is 0"),
                );
                diagnostics.push(fault.help(format!("write [modulator.{name}] with a line: initial = 0")));
                out.push(Modulator { name, doc: String::new(), dimension, rest: Rest::Number(0.0), span: table.span });
            }
        }
        out
    }
}

/// Values of all modulators of a text where no state names them, at an age in years: for a circuit that lives through nothing yet.
/// Empty if the text says nothing about lives.
pub fn at_rest(table: &Table, circuit: &dyn Circuit, age: f64, diagnostics: &mut Vec<Diagnostic>) -> Vec<(String, f64)> {
    if !crate::Lives::are_in(table) {
        return Vec::new();
    }
    let own = Modulator::parse_all(table, circuit, diagnostics);
    own.iter().map(|m| (m.name.clone(), m.at_rest(age))).chain([(ACCELERATION.into(), 1.0)]).collect()
}

fn modulator(key: &Key, table: &Table, dimension: Dimension, diagnostics: &mut Vec<Diagnostic>) -> Option<Modulator> {
    let what = format!("modulator `{}`", key.name);
    if key.name == ACCELERATION {
        let fault = Diagnostic::error("reserved-name", key.span, "`acceleration` is set by the programme").label("reserved");
        diagnostics.push(fault.note("it is the factor of a sampled stretch, else 1").help("leave this table out, or choose another name"));
        return None;
    }
    table.known_keys(&what, &["doc", "initial", "value"], diagnostics);
    let rest = match (table.get("initial"), table.get("value")) {
        (Some(_), Some(second)) => {
            let fault = Diagnostic::error("given-twice", second.span, format!("{what} has both `initial` and `value`"));
            diagnostics.push(fault.help("leave one of them: a number as `initial`, or a formula of `age` as `value`"));
            None
        }
        (None, Some(value)) => {
            let before = diagnostics.len();
            let expr = check_value(value, &AgeName, Some(dimension), diagnostics);
            if let Some(expr) = &expr {
                changing(expr, diagnostics);
            }
            expr.filter(|_| diagnostics.len() == before).map(Rest::OfAge)
        }
        (Some(value), None) => quantity("initial", value, dimension, diagnostics).map(Rest::Number),
        (None, None) => Some(Rest::Number(0.0)),
    };
    // A modulator with faults is known by name all the same, so that its states are not blamed.
    let rest = rest.unwrap_or(Rest::Number(0.0));
    Some(Modulator { name: key.name.clone(), doc: doc(table, diagnostics), dimension, rest, span: key.span })
}

/// Reports what is not the same at all times of an age.
fn changing(expr: &Expr, diagnostics: &mut Vec<Diagnostic>) {
    match &expr.kind {
        ExprKind::Builtin(_) | ExprKind::Noise(_) | ExprKind::Call(Function::Rand | Function::Randn | Function::Poisson, _) => {
            let fault = Diagnostic::error("not-constant", expr.span, "the value of a modulator is a formula of `age` only").label("this changes");
            diagnostics.push(fault.help("use `age`, numbers and functions; what changes within a life is said by states"));
        }
        ExprKind::Number(_) | ExprKind::Name(..) => {}
        ExprKind::Unary(_, a) => changing(a, diagnostics),
        ExprKind::Binary(_, a, b) => [a, b].into_iter().for_each(|e| changing(e, diagnostics)),
        ExprKind::Call(_, arguments) => arguments.iter().for_each(|e| changing(e, diagnostics)),
        ExprKind::If { condition, then, otherwise } => [condition, then, otherwise].into_iter().for_each(|e| changing(e, diagnostics)),
    }
}

/// Place of a modulator in the list; reports a name that is none.
pub(crate) fn find(modulators: &[Modulator], key: &Key, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    if key.name == ACCELERATION {
        let fault = Diagnostic::error("reserved-name", key.span, "`acceleration` is set by the programme").label("reserved");
        diagnostics.push(fault.help("leave it out: it is the factor of a sampled stretch, else 1"));
        return None;
    }
    let found = modulators.iter().position(|m| m.name == key.name);
    if found.is_none() {
        let names = || modulators.iter().map(|m| m.name.as_str());
        let help = match plastica_lang::source::nearest(&key.name, names()) {
            Some(_) => did_you_mean(&key.name, "modulators", names()),
            None => format!("write [modulator.{}] with a line: initial = 0", key.name),
        };
        diagnostics
            .push(Diagnostic::error("unknown-modulator", key.span, format!("there is no modulator `{}`", key.name)).label("unknown modulator").help(help));
    }
    found
}

/// Knows `age`.
struct AgeName;

impl Names for AgeName {
    fn find(&self, name: &str) -> Option<Known> {
        (name == "age").then(|| Known { scope: Scope::Own, name: name.into(), dimension: Some(Dimension::NONE), value_type: ValueType::Real, writable: false })
    }

    fn all(&self) -> Vec<String> {
        vec!["age".into()]
    }

    fn unknown(&self, _: &str) -> String {
        "a modulator's value is a formula of `age` in years, such as \"1/(1 + exp((age - 14)/3.5))\"".into()
    }
}

/// An age in years.
struct Age(f64);

impl Values for Age {
    fn name(&mut self, _: Scope, _: &str) -> f64 {
        self.0
    }
    fn builtin(&mut self, _: Builtin) -> f64 {
        f64::NAN
    }
    fn random(&mut self, _: Function, _: f64, _: u32) -> f64 {
        f64::NAN
    }
}
