//! What an expression depends on, and how: linear forms in some of its names.

use std::collections::HashSet;

use plastica_lang::model::{BinaryOp, Builtin, Expr, ExprKind, Function, Model, Role, Scope, UnaryOp, ValueType, Variable};

/// An unknown of a linear form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// A variable of the model.
    Variable(String),
    /// A noise symbol.
    Noise(String),
}

/// c_1 x_1 + ... + c_n x_n + rest; `None` is zero.
#[derive(Clone, Debug)]
pub struct Linear {
    /// Coefficient of each unknown.
    pub coefficients: Vec<Option<Expr>>,
    /// What hangs on none of them.
    pub rest: Option<Expr>,
}

/// Sub-expressions of a model that hang on something.
pub struct Dependence<'a> {
    model: &'a Model,
    touched: HashSet<&'a str>,
    is: &'a dyn Fn(&ExprKind) -> bool,
}

impl<'a> Dependence<'a> {
    /// `is` says whether a leaf is one of the things in question.
    pub fn new(model: &'a Model, is: &'a dyn Fn(&ExprKind) -> bool) -> Self {
        let mut out = Dependence { model, touched: HashSet::new(), is };
        // Each round settles at least one more sub-expression, or ends.
        loop {
            let before = out.touched.len();
            for v in &model.variables {
                if let Role::Subexpression(rhs) = &v.role
                    && out.holds(rhs)
                {
                    out.touched.insert(&v.name);
                }
            }
            if out.touched.len() == before {
                return out;
            }
        }
    }

    /// Does the expression hang on it?
    pub fn holds(&self, expr: &Expr) -> bool {
        if (self.is)(&expr.kind) {
            return true;
        }
        match &expr.kind {
            ExprKind::Name(Scope::Own, n) => self.touched.contains(n.as_str()),
            ExprKind::Unary(_, a) => self.holds(a),
            ExprKind::Binary(_, a, b) => self.holds(a) || self.holds(b),
            ExprKind::Call(_, args) => args.iter().any(|a| self.holds(a)),
            ExprKind::If { condition, then, otherwise } => self.holds(condition) || self.holds(then) || self.holds(otherwise),
            _ => false,
        }
    }

    /// The linear form of an expression in `unknowns` (the things in question), or `None` if it is not linear in them.
    pub fn linear(&self, expr: &Expr, unknowns: &[Unknown]) -> Option<Linear> {
        self.walk(expr, unknowns, &mut 20_000)
    }

    fn walk(&self, expr: &Expr, unknowns: &[Unknown], budget: &mut u32) -> Option<Linear> {
        *budget = budget.checked_sub(1)?;
        let zero = || vec![None; unknowns.len()];
        if !self.holds(expr) {
            return Some(Linear { coefficients: zero(), rest: Some(expr.clone()) });
        }
        let unit = |k: usize| {
            let mut coefficients = zero();
            coefficients[k] = Some(number(1.0, expr));
            Some(Linear { coefficients, rest: None })
        };
        match &expr.kind {
            ExprKind::Name(Scope::Own, n) => {
                if let Some(k) = unknowns.iter().position(|u| matches!(u, Unknown::Variable(v) if v == n)) {
                    return unit(k);
                }
                let v = self.model.variables.iter().find(|v| v.name == *n)?;
                match &v.role {
                    Role::Subexpression(rhs) => self.walk(rhs, unknowns, budget),
                    _ => None,
                }
            }
            ExprKind::Noise(n) => unit(unknowns.iter().position(|u| matches!(u, Unknown::Noise(v) if v == n))?),
            ExprKind::Unary(UnaryOp::Neg, a) => Some(self.walk(a, unknowns, budget)?.map(negated)),
            ExprKind::Binary(op @ (BinaryOp::Add | BinaryOp::Sub), a, b) => {
                let (a, b) = (self.walk(a, unknowns, budget)?, self.walk(b, unknowns, budget)?);
                let join = |a: Option<Expr>, b: Option<Expr>| match (a, b) {
                    (a, None) => a,
                    (None, Some(b)) => Some(if *op == BinaryOp::Sub { negated(b) } else { b }),
                    (Some(a), Some(b)) => Some(joined(*op, a, b)),
                };
                Some(Linear { coefficients: a.coefficients.into_iter().zip(b.coefficients).map(|(a, b)| join(a, b)).collect(), rest: join(a.rest, b.rest) })
            }
            ExprKind::Binary(BinaryOp::Mul, a, b) => {
                let (form, factor, left) = match (self.holds(a), self.holds(b)) {
                    (true, false) => (self.walk(a, unknowns, budget)?, b, false),
                    (false, true) => (self.walk(b, unknowns, budget)?, a, true),
                    _ => return None,
                };
                Some(form.map(|e| if left { joined(BinaryOp::Mul, (**factor).clone(), e) } else { joined(BinaryOp::Mul, e, (**factor).clone()) }))
            }
            ExprKind::Binary(BinaryOp::Div, a, b) if !self.holds(b) => Some(self.walk(a, unknowns, budget)?.map(|e| joined(BinaryOp::Div, e, (**b).clone()))),
            ExprKind::If { condition, then, otherwise } if !self.holds(condition) => {
                let (a, b) = (self.walk(then, unknowns, budget)?, self.walk(otherwise, unknowns, budget)?);
                let join = |a: Option<Expr>, b: Option<Expr>| match (a, b) {
                    (None, None) => None,
                    (a, b) => {
                        let (a, b) = (a.unwrap_or_else(|| number(0.0, expr)), b.unwrap_or_else(|| number(0.0, expr)));
                        Some(Expr { kind: ExprKind::If { condition: condition.clone(), then: Box::new(a), otherwise: Box::new(b) }, ..expr.clone() })
                    }
                };
                Some(Linear { coefficients: a.coefficients.into_iter().zip(b.coefficients).map(|(a, b)| join(a, b)).collect(), rest: join(a.rest, b.rest) })
            }
            _ => None,
        }
    }
}

impl Linear {
    fn map(self, f: impl Fn(Expr) -> Expr) -> Linear {
        Linear { coefficients: self.coefficients.into_iter().map(|c| c.map(&f)).collect(), rest: self.rest.map(&f) }
    }
}

fn number(x: f64, like: &Expr) -> Expr {
    Expr { kind: ExprKind::Number(x), span: like.span, dimension: None, value_type: ValueType::Real }
}

fn negated(e: Expr) -> Expr {
    match e.kind {
        ExprKind::Number(x) => Expr { kind: ExprKind::Number(-x), ..e },
        _ => Expr { span: e.span, dimension: e.dimension, value_type: e.value_type, kind: ExprKind::Unary(UnaryOp::Neg, Box::new(e)) },
    }
}

fn joined(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr { span: a.span.to(b.span), dimension: None, value_type: ValueType::Real, kind: ExprKind::Binary(op, Box::new(a), Box::new(b)) }
}

/// Does a leaf change during a run by itself or through statements?
pub fn is_changing(model: &Model) -> impl Fn(&ExprKind) -> bool + '_ {
    move |kind| match kind {
        ExprKind::Name(Scope::Own, n) => model.variables.iter().any(|v| v.name == *n && is_state(v)),
        ExprKind::Name(..) | ExprKind::Noise(_) => true,
        ExprKind::Builtin(b) => !matches!(b, Builtin::Dt),
        ExprKind::Call(Function::Rand | Function::Randn | Function::Poisson, _) => true,
        _ => false,
    }
}

/// Does a leaf change within a step (time and fresh random numbers)?
pub fn is_changing_within_a_step(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::Builtin(Builtin::T) | ExprKind::Noise(_) | ExprKind::Call(Function::Rand | Function::Randn | Function::Poisson, _))
}

/// Is it a variable that equations or statements change?
pub fn is_state(v: &Variable) -> bool {
    match v.role {
        Role::Differential(_) => true,
        Role::Plain => !v.flags.constant && !v.flags.shared,
        Role::Subexpression(_) => false,
    }
}

/// All names of own variables and parameters in an expression.
pub fn own_names(expr: &Expr, out: &mut Vec<String>) {
    match &expr.kind {
        ExprKind::Name(Scope::Own, n) => out.push(n.clone()),
        ExprKind::Unary(_, a) => own_names(a, out),
        ExprKind::Binary(_, a, b) => {
            own_names(a, out);
            own_names(b, out);
        }
        ExprKind::Call(_, args) => args.iter().for_each(|a| own_names(a, out)),
        ExprKind::If { condition, then, otherwise } => {
            own_names(condition, out);
            own_names(then, out);
            own_names(otherwise, out);
        }
        _ => {}
    }
}
