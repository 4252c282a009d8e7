//! What operators and functions mean, in `f64`; and the value of an expression when its names have values.
//!
//! Elementary functions come from `plastica-numerics`, so that every machine gives the same bits.

use plastica_numerics::elementary::Real;

use crate::model::{BinaryOp, Builtin, Expr, ExprKind, Function, Scope, UnaryOp};

/// Where an expression finds values.
pub trait Values {
    /// Value of a variable or parameter.
    fn name(&mut self, scope: Scope, name: &str) -> f64;
    /// Value of an engine quantity.
    fn builtin(&mut self, builtin: Builtin) -> f64;
    /// A random number; `place` counts the random calls of the expression from 0.
    fn random(&mut self, function: Function, mean: f64, place: u32) -> f64;
}

/// Gives no values: for expressions of numbers only (anything else is not a number).
pub struct Nothing;

impl Values for Nothing {
    fn name(&mut self, _: Scope, _: &str) -> f64 {
        f64::NAN
    }
    fn builtin(&mut self, _: Builtin) -> f64 {
        f64::NAN
    }
    fn random(&mut self, _: Function, _: f64, _: u32) -> f64 {
        f64::NAN
    }
}

/// Value of an expression.
pub fn evaluate(expr: &Expr, values: &mut dyn Values) -> f64 {
    walk(expr, values, &mut 0)
}

fn walk(expr: &Expr, values: &mut dyn Values, place: &mut u32) -> f64 {
    match &expr.kind {
        ExprKind::Number(x) => *x,
        ExprKind::Name(scope, name) => values.name(*scope, name),
        ExprKind::Builtin(b) => values.builtin(*b),
        ExprKind::Noise(_) => f64::NAN,
        ExprKind::Unary(op, a) => unary(*op, walk(a, values, place)),
        ExprKind::Binary(op, a, b) => {
            let a = walk(a, values, place);
            binary(*op, a, walk(b, values, place))
        }
        ExprKind::Call(function, arguments) => {
            let mut x = [0.0; 3];
            for (x, a) in x.iter_mut().zip(arguments) {
                *x = walk(a, values, place);
            }
            if matches!(function, Function::Rand | Function::Randn | Function::Poisson) {
                *place += 1;
                values.random(*function, x[0], *place - 1)
            } else {
                call(*function, x)
            }
        }
        ExprKind::If { condition, then, otherwise } => {
            let condition = walk(condition, values, place);
            let (then, otherwise) = (walk(then, values, place), walk(otherwise, values, place));
            if condition != 0.0 { then } else { otherwise }
        }
    }
}

/// Prefix operators.
pub fn unary(op: UnaryOp, a: f64) -> f64 {
    match op {
        UnaryOp::Neg => -a,
        UnaryOp::Not => truth(a == 0.0),
    }
}

/// Infix operators; conditions are 1 and 0. Remainder and whole division as in Python (towards minus infinity).
pub fn binary(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::FloorDiv => Real::floor_div(a, b),
        BinaryOp::Mod => Real::rem(a, b),
        BinaryOp::Pow => Real::pow(a, b),
        BinaryOp::Lt => truth(a < b),
        BinaryOp::Le => truth(a <= b),
        BinaryOp::Gt => truth(a > b),
        BinaryOp::Ge => truth(a >= b),
        BinaryOp::Eq => truth(a == b),
        BinaryOp::Ne => truth(a != b),
        BinaryOp::And => truth(a != 0.0 && b != 0.0),
        BinaryOp::Or => truth(a != 0.0 || b != 0.0),
    }
}

/// Functions without randomness.
pub fn call(function: Function, [a, b, c]: [f64; 3]) -> f64 {
    match function {
        Function::Exp => Real::exp(a),
        Function::Log => Real::log(a),
        Function::Log10 => Real::log10(a),
        Function::Expm1 => Real::expm1(a),
        Function::Log1p => Real::log1p(a),
        Function::Exprel => Real::exprel(a),
        Function::Sqrt => Real::sqrt(a),
        Function::Abs => Real::abs(a),
        Function::Sign => Real::sign(a),
        Function::Floor => Real::floor(a),
        Function::Ceil => Real::ceil(a),
        Function::Round => Real::round(a),
        Function::Sin => Real::sin(a),
        Function::Cos => Real::cos(a),
        Function::Tan => Real::tan(a),
        Function::Sinh => Real::sinh(a),
        Function::Cosh => Real::cosh(a),
        Function::Tanh => Real::tanh(a),
        Function::Arcsin => Real::asin(a),
        Function::Arccos => Real::acos(a),
        Function::Arctan => Real::atan(a),
        Function::Min => {
            if b < a {
                b
            } else {
                a
            }
        }
        Function::Max => {
            if b > a {
                b
            } else {
                a
            }
        }
        Function::Clip => {
            let low = if a < b { b } else { a };
            if low > c { c } else { low }
        }
        Function::Int => {
            if a < 0.0 {
                -Real::floor(-a)
            } else {
                Real::floor(a)
            }
        }
        Function::Rand | Function::Randn | Function::Poisson => f64::NAN,
    }
}

fn truth(b: bool) -> f64 {
    f64::from(u8::from(b))
}
