//! Integration methods, one file each, and the choice between them.
//!
//! A method writes, onto a tape, the state at t + dt from the state at t. It reads whether a neuron is refractory, and holds
//! the variables that are `(unless refractory)`; it knows nothing of thresholds and events.

mod euler;
mod exact;
mod exponential_euler;
mod heun;
mod runge_kutta;
mod stochastic;

use plastica_lang::model::{Builtin, Expr, ExprKind, Model, Role, Scope, Variable};
use plastica_lang::source::{Diagnostic, Span};

use crate::algebra::{Dependence, Linear, Unknown, is_changing, is_changing_within_a_step};
use crate::ir::{Op, Value};
use crate::program::Arrays;
use crate::tape::Tape;

/// The methods, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Matrix exponential of a linear system.
    Exact,
    /// Each variable is linear in itself.
    ExponentialEuler,
    /// Classical Runge-Kutta of order 4.
    Rk4,
    /// Heun's method of order 2.
    Heun,
    /// Forward Euler.
    Euler,
    /// Euler-Maruyama (Ito).
    EulerMaruyama,
    /// Stochastic Heun (Stratonovich).
    StochasticHeun,
}

impl Method {
    /// Its name in a model.
    pub fn name(self) -> &'static str {
        match self {
            Method::Exact => "exact",
            Method::ExponentialEuler => "exponential_euler",
            Method::Rk4 => "rk4",
            Method::Heun => "heun",
            Method::Euler => "euler",
            Method::EulerMaruyama => "euler_maruyama",
            Method::StochasticHeun => "stochastic_heun",
        }
    }

    fn named(name: &str) -> Option<Method> {
        use Method::{Euler, EulerMaruyama, Exact, ExponentialEuler, Heun, Rk4, StochasticHeun};
        [Exact, ExponentialEuler, Rk4, Heun, Euler, EulerMaruyama, StochasticHeun].into_iter().find(|m| m.name() == name)
    }
}

/// The differential equations that are advanced together.
pub struct System<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its differential variables that are not event-driven, with their right-hand sides.
    pub unknowns: Vec<(&'a Variable, &'a Expr)>,
}

/// A chosen method, and why.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The method.
    pub method: Method,
    /// One sentence for `plastica check`.
    pub reason: String,
}

impl<'a> System<'a> {
    /// The clock-driven differential equations of a model.
    pub fn of(model: &'a Model) -> System<'a> {
        let unknowns = model.variables.iter().filter(|v| !v.flags.event_driven).filter_map(|v| match &v.role {
            Role::Differential(rhs) => Some((v, rhs)),
            _ => None,
        });
        System { model, unknowns: unknowns.collect() }
    }

    /// The method that the model asks for, or the best one that fits.
    ///
    /// # Errors
    /// The model asks for a method that does not fit its equations.
    pub fn choose(&self) -> Result<Choice, Box<Diagnostic>> {
        let noise = self.noise();
        self.noise_is_a_factor(&noise)?;
        let exact = self.linear_system();
        let conditional = self.conditionally_linear();
        let Some((name, span)) = &self.model.method else {
            return Ok(match (&exact, &conditional) {
                _ if !noise.is_empty() => Choice { method: Method::EulerMaruyama, reason: format!("there is noise ({})", noise.join(", ")) },
                (Ok(_), _) => Choice { method: Method::Exact, reason: "linear with constant coefficients".into() },
                (Err((_, why)), Ok(_)) => Choice { method: Method::ExponentialEuler, reason: format!("each variable is linear in itself, but {why}") },
                (_, Err((_, why))) => Choice { method: Method::Rk4, reason: why.clone() },
            });
        };
        let method = Method::named(name).unwrap_or(Method::Euler);
        let refuse = |at: Span, why: String| {
            let refusal = Diagnostic::error("method-does-not-fit", *span, format!("the method `{name}` does not fit the equations"))
                .label("asked for here")
                .other(at, why)
                .help("leave `method` out: the best one that fits is chosen, and `plastica check` names it");
            Err(Box::new(refusal))
        };
        match (method, &exact, &conditional) {
            (Method::Exact, Err((at, why)), _) | (Method::ExponentialEuler, _, Err((at, why))) => refuse(*at, why.clone()),
            (Method::Exact | Method::ExponentialEuler | Method::Rk4 | Method::Heun, ..) if !noise.is_empty() => {
                refuse(self.unknowns[0].1.span, "there is noise in the equations".into())
            }
            (Method::Euler, ..) if !noise.is_empty() => Ok(Choice { method: Method::EulerMaruyama, reason: "asked for as `euler`, with noise".into() }),
            _ => Ok(Choice { method, reason: "asked for by the model".into() }),
        }
    }

    /// Writes one step onto a tape; the new values are set at its end.
    pub fn advance(&self, method: Method, tape: &mut Tape<'_>, arrays: &mut Arrays<'_>, gated: bool) {
        let gate = Gate { on: gated };
        let new = match method {
            Method::Exact => {
                let system = self.linear_system().expect("exact was chosen, so the system is linear");
                exact::step(self, &system, tape, arrays, &gate)
            }
            Method::ExponentialEuler => exponential_euler::step(self, &self.conditionally_linear().expect("each variable is linear in itself"), tape, &gate),
            Method::Rk4 => runge_kutta::step(self, tape, &gate),
            Method::Heun => heun::step(self, tape, &gate),
            Method::Euler => euler::step(self, tape, &gate),
            Method::EulerMaruyama => stochastic::euler_maruyama(self, tape, &gate),
            Method::StochasticHeun => stochastic::heun(self, tape, &gate),
        };
        tape.values.clear();
        tape.stage();
        for ((variable, _), value) in self.unknowns.iter().zip(new) {
            tape.set_own(&variable.name, value);
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.unknowns.iter().position(|(v, _)| v.name == name)
    }

    /// Noise symbols, in the order of their first appearance.
    fn noise(&self) -> Vec<String> {
        fn visit(expr: &Expr, model: &Model, out: &mut Vec<String>, depth: u32) {
            match &expr.kind {
                ExprKind::Noise(n) if !out.contains(n) => out.push(n.clone()),
                ExprKind::Name(Scope::Own, n) if depth < 64 => {
                    if let Some(Role::Subexpression(rhs)) = model.variables.iter().find(|v| v.name == *n).map(|v| &v.role) {
                        visit(rhs, model, out, depth + 1);
                    }
                }
                ExprKind::Unary(_, a) => visit(a, model, out, depth),
                ExprKind::Binary(_, a, b) => {
                    visit(a, model, out, depth);
                    visit(b, model, out, depth);
                }
                ExprKind::Call(_, args) => args.iter().for_each(|a| visit(a, model, out, depth)),
                ExprKind::If { condition, then, otherwise } => [condition, then, otherwise].iter().for_each(|e| visit(e, model, out, depth)),
                _ => {}
            }
        }
        let mut out = Vec::new();
        for (_, rhs) in &self.unknowns {
            visit(rhs, self.model, &mut out, 0);
        }
        out
    }

    /// White noise has a meaning only as a factor of a term.
    fn noise_is_a_factor(&self, noise: &[String]) -> Result<(), Box<Diagnostic>> {
        let is_noise = |kind: &ExprKind| matches!(kind, ExprKind::Noise(_));
        let dependence = Dependence::new(self.model, &is_noise);
        let unknowns: Vec<Unknown> = noise.iter().map(|n| Unknown::Noise(n.clone())).collect();
        match self.unknowns.iter().find(|(_, rhs)| dependence.linear(rhs, &unknowns).is_none()) {
            None => Ok(()),
            Some((v, rhs)) => {
                let fault = Diagnostic::error("noise-is-no-factor", rhs.span, format!("d{}/dt is not a sum of terms with `xi` as a factor", v.name))
                    .note("white noise has no value of its own; only its integral over a step has")
                    .help("write the noise as sigma*xi, added to the rest");
                Err(Box::new(fault))
            }
        }
    }

    /// dx/dt = A x + b with A constant during a run and b constant during a step, or where and why not.
    fn linear_system(&self) -> Result<Vec<Linear>, (Span, String)> {
        let unknown = |kind: &ExprKind| matches!(kind, ExprKind::Name(Scope::Own, n) if self.position(n).is_some());
        let dependence = Dependence::new(self.model, &unknown);
        let changing = is_changing(self.model);
        let changes = Dependence::new(self.model, &changing);
        let within = Dependence::new(self.model, &is_changing_within_a_step);
        let unknowns: Vec<Unknown> = self.unknowns.iter().map(|(v, _)| Unknown::Variable(v.name.clone())).collect();
        let mut rows = Vec::new();
        for (v, rhs) in &self.unknowns {
            let Some(row) = dependence.linear(rhs, &unknowns) else {
                return Err((rhs.span, format!("d{}/dt is not linear", v.name)));
            };
            if row.coefficients.iter().flatten().any(|c| changes.holds(c)) {
                return Err((rhs.span, format!("a coefficient of d{}/dt changes during a run", v.name)));
            }
            if row.rest.as_ref().is_some_and(|b| within.holds(b)) {
                return Err((rhs.span, format!("d{}/dt changes within a step", v.name)));
            }
            rows.push(row);
        }
        Ok(rows)
    }

    /// dx/dt = a x + b for each variable, where a and b may hang on the others, or where and why not.
    fn conditionally_linear(&self) -> Result<Vec<Linear>, (Span, String)> {
        let mut rows = Vec::new();
        for (v, rhs) in &self.unknowns {
            let is_itself = |kind: &ExprKind| matches!(kind, ExprKind::Name(Scope::Own, n) if *n == v.name);
            match Dependence::new(self.model, &is_itself).linear(rhs, &[Unknown::Variable(v.name.clone())]) {
                Some(row) => rows.push(row),
                None => return Err((rhs.span, format!("d{0}/dt is not linear in {0}", v.name))),
            }
        }
        Ok(rows)
    }

    /// Right-hand sides at the present values of the tape; 0 for what is held.
    fn rates(&self, tape: &mut Tape<'_>, gate: &Gate) -> Vec<Value> {
        self.unknowns
            .iter()
            .map(|(v, rhs)| {
                let rate = tape.expression(rhs);
                gate.rate(v, tape, rate)
            })
            .collect()
    }

    /// Lets the tape read other values of the unknowns (a stage of a method).
    fn stage(&self, tape: &mut Tape<'_>, values: &[Value]) {
        tape.stage();
        for ((v, _), value) in self.unknowns.iter().zip(values) {
            tape.values.insert(v.name.clone(), *value);
        }
    }

    fn present(&self, tape: &mut Tape<'_>) -> Vec<Value> {
        self.unknowns.iter().map(|(v, _)| tape.own(&v.name)).collect()
    }
}

/// Holds the variables of refractory neurons.
pub struct Gate {
    /// Are there refractory neurons at all?
    on: bool,
}

impl Gate {
    fn holds(&self, v: &Variable) -> bool {
        self.on && v.flags.unless_refractory
    }

    /// `new`, or `old` while refractory.
    fn value(&self, v: &Variable, tape: &mut Tape<'_>, new: Value, old: Value) -> Value {
        if !self.holds(v) {
            return new;
        }
        let free = tape.push(Op::Builtin(Builtin::NotRefractory));
        tape.push(Op::Select(free, new, old))
    }

    /// The rate, or 0 while refractory.
    fn rate(&self, v: &Variable, tape: &mut Tape<'_>, rate: Value) -> Value {
        if !self.holds(v) {
            return rate;
        }
        let zero = tape.constant(0.0);
        self.value(v, tape, rate, zero)
    }
}
