//! What operators and functions mean, in the precision of a tape: `plastica_lang::evaluate` for any [`Lane`].

use plastica_lang::model::{BinaryOp, Function, UnaryOp};

use crate::array::Lane;

/// Prefix operators.
#[inline(always)]
pub fn unary<C: Lane>(op: UnaryOp, a: C) -> C {
    match op {
        UnaryOp::Neg => -a,
        UnaryOp::Not => C::truth(a == C::ZERO),
    }
}

/// Infix operators.
#[inline(always)]
pub fn binary<C: Lane>(op: BinaryOp, a: C, b: C) -> C {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::FloorDiv => a.floor_div(b),
        BinaryOp::Mod => a.rem(b),
        BinaryOp::Pow => a.pow(b),
        BinaryOp::Lt => C::truth(a < b),
        BinaryOp::Le => C::truth(a <= b),
        BinaryOp::Gt => C::truth(a > b),
        BinaryOp::Ge => C::truth(a >= b),
        BinaryOp::Eq => C::truth(a == b),
        BinaryOp::Ne => C::truth(a != b),
        BinaryOp::And => C::truth((a != C::ZERO) & (b != C::ZERO)),
        BinaryOp::Or => C::truth((a != C::ZERO) | (b != C::ZERO)),
    }
}

/// Functions without randomness.
#[inline(always)]
pub fn call<C: Lane>(function: Function, a: C, b: C, c: C) -> C {
    match function {
        Function::Exp => a.exp(),
        Function::Log => a.log(),
        Function::Log10 => a.log10(),
        Function::Expm1 => a.expm1(),
        Function::Log1p => a.log1p(),
        Function::Exprel => a.exprel(),
        Function::Sqrt => a.sqrt(),
        Function::Abs => a.abs(),
        Function::Sign => a.sign(),
        Function::Floor => a.floor(),
        Function::Ceil => a.ceil(),
        Function::Round => a.round(),
        Function::Sin => a.sin(),
        Function::Cos => a.cos(),
        Function::Tan => a.tan(),
        Function::Sinh => a.sinh(),
        Function::Cosh => a.cosh(),
        Function::Tanh => a.tanh(),
        Function::Arcsin => a.asin(),
        Function::Arccos => a.acos(),
        Function::Arctan => a.atan(),
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
            let down = a.floor();
            let up = -(-a).floor();
            if a < C::ZERO { up } else { down }
        }
        Function::Rand | Function::Randn | Function::Poisson => C::ZERO,
    }
}

/// Choice.
#[inline(always)]
pub fn select<C: Lane>(condition: C, then: C, otherwise: C) -> C {
    if condition != C::ZERO { then } else { otherwise }
}
