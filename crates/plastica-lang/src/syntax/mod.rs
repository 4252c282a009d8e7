//! The syntax of equations, expressions and statements: text to trees with places. No meaning yet.

mod lexer;
mod parser;

use crate::model::{AssignOp, BinaryOp, UnaryOp};
use crate::source::{Diagnostic, Span, Text};

/// An expression as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands.
    pub span: Span,
    depth: u32,
    bracketed: bool,
}

/// Kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// A number.
    Number(f64),
    /// A name: variable, parameter, unit or constant.
    Name(String),
    /// A unit right after a number.
    Unit(String),
    /// `True` or `False`.
    Boolean(bool),
    /// Prefix operator.
    Unary(UnaryOp, Box<Node>),
    /// Infix operator; `10 ms` is a product.
    Binary(BinaryOp, Box<Node>, Box<Node>),
    /// Call of a function by name.
    Call(String, Vec<Node>),
    /// `a if c else b`: condition, then, otherwise.
    If(Box<Node>, Box<Node>, Box<Node>),
    /// Something unreadable, already reported.
    Wrong,
}

/// One line of equations.
#[derive(Clone, Debug, PartialEq)]
pub struct Equation {
    /// Name of the variable.
    pub name: String,
    /// Place of the name.
    pub name_span: Span,
    /// `dx/dt = ...`?
    pub differential: bool,
    /// Right-hand side, if there is one.
    pub value: Option<Node>,
    /// Unit.
    pub unit: Node,
    /// Words in the brackets.
    pub flags: Vec<(String, Span)>,
    /// The whole line.
    pub span: Span,
}

/// One assignment as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Target.
    pub name: String,
    /// Place of the target.
    pub name_span: Span,
    /// How it changes.
    pub op: AssignOp,
    /// Right-hand side.
    pub value: Node,
    /// The whole statement.
    pub span: Span,
}

/// Reads an expression; all of the text must be one.
pub fn parse_expression(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Node {
    parser::Parser::new(text, diagnostics).whole_expression()
}

/// Reads lines of equations.
pub fn parse_equations(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Vec<Equation> {
    parser::Parser::new(text, diagnostics).equations()
}

/// Reads statements separated by line ends or semicolons.
pub fn parse_statements(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Vec<Assignment> {
    parser::Parser::new(text, diagnostics).statements()
}
