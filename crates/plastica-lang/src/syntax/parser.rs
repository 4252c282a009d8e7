//! Tokens to trees, by operator precedence (Pratt 1973), as Python orders the operators.
//!
//! After a fault the parser goes on at the next line, so that all faults are seen at once.

use super::lexer::{Token, tokens};
use super::{Assignment, Equation, Node, NodeKind};
use crate::model::{AssignOp, BinaryOp, UnaryOp};
use crate::source::{Diagnostic, Span, Text};
use crate::units;

/// Deepest nesting of an expression; a longer sum is better split into sub-expressions.
const DEEPEST: u32 = 256;

pub(super) struct Parser<'a> {
    tokens: Vec<(Token, Span)>,
    at: usize,
    depth: u32,
    /// How many diagnostics there were at the beginning of the line.
    before: usize,
    /// In a unit, `volt (constant)` is no call and `1 (shared)` no product.
    in_unit: bool,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a Text, diagnostics: &'a mut Vec<Diagnostic>) -> Self {
        let tokens = tokens(text, diagnostics);
        Parser { tokens, at: 0, depth: 0, before: diagnostics.len(), in_unit: false, diagnostics }
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn span(&self) -> Span {
        self.tokens[self.at].1
    }

    fn last_span(&self) -> Span {
        self.tokens[self.at.saturating_sub(1)].1
    }

    fn next(&mut self) -> (Token, Span) {
        let token = self.tokens[self.at].clone();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(s) if *s == symbol)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(n) if n == word)
    }

    fn accept(&mut self, symbol: &str) -> bool {
        let is = self.is(symbol);
        if is {
            self.next();
        }
        is
    }

    fn at_break(&self) -> bool {
        matches!(self.peek(), Token::Break | Token::End)
    }

    fn shown(&self) -> String {
        match self.peek() {
            Token::Number(n) => format!("{n}"),
            Token::Name(n) => format!("`{n}`"),
            Token::Symbol(s) => format!("`{s}`"),
            Token::Break => "the end of the line".into(),
            Token::End => "the end of the text".into(),
        }
    }

    fn expected(&mut self, what: &str, help: &str) {
        let message = format!("expected {what}, found {}", self.shown());
        // What is missing at the end of a line is missing right behind its last word.
        let span = if self.at_break() && self.at > 0 { Span { start: self.last_span().end, ..self.last_span() } } else { self.span() };
        self.diagnostics.push(Diagnostic::error("syntax", span, message).label(format!("expected {what}")).help(help));
    }

    fn skip_line(&mut self) {
        while !self.at_break() {
            self.next();
        }
    }

    pub(super) fn whole_expression(&mut self) -> Node {
        while matches!(self.peek(), Token::Break) {
            self.next();
        }
        let node = self.expression();
        while matches!(self.peek(), Token::Break) {
            self.next();
        }
        if !matches!(self.peek(), Token::End) && self.diagnostics.len() == self.before {
            self.expected("the end of the expression", "only one expression can stand here");
        }
        node
    }

    pub(super) fn statements(&mut self) -> Vec<Assignment> {
        let mut out = Vec::new();
        loop {
            match self.peek() {
                Token::End => return out,
                Token::Break => {
                    self.next();
                }
                _ => {
                    self.before = self.diagnostics.len();
                    if let Some(statement) = self.statement() {
                        out.push(statement);
                    }
                    self.end_of_line();
                }
            }
        }
    }

    fn statement(&mut self) -> Option<Assignment> {
        let (token, name_span) = self.next();
        let Token::Name(name) = token else {
            self.diagnostics.push(
                Diagnostic::error("syntax", name_span, "a statement begins with the name of a variable").label("not a name").help("write, for example, w += 1"),
            );
            self.skip_line();
            return None;
        };
        let op = match self.peek() {
            Token::Symbol("=") => AssignOp::Set,
            Token::Symbol("+=") => AssignOp::Add,
            Token::Symbol("-=") => AssignOp::Sub,
            Token::Symbol("*=") => AssignOp::Mul,
            Token::Symbol("/=") => AssignOp::Div,
            _ => {
                self.expected("`=`, `+=`, `-=`, `*=` or `/=`", "write, for example, w += 1");
                self.skip_line();
                return None;
            }
        };
        self.next();
        let value = self.expression();
        let span = name_span.to(self.last_span());
        Some(Assignment { name, name_span, op, value, span })
    }

    fn end_of_line(&mut self) {
        if !self.at_break() {
            // A fault of this line has been reported; what follows it would only be noise.
            let reported = self.diagnostics.len() > self.before;
            if !reported {
                self.expected("an operator or the end of the line", "separate statements by `;` or a new line");
            }
            self.skip_line();
        }
    }

    pub(super) fn equations(&mut self) -> Vec<Equation> {
        let mut out = Vec::new();
        loop {
            match self.peek() {
                Token::End => return out,
                Token::Break => {
                    self.next();
                }
                _ => {
                    self.before = self.diagnostics.len();
                    if let Some(equation) = self.equation() {
                        out.push(equation);
                    }
                    self.end_of_line();
                }
            }
        }
    }

    fn equation(&mut self) -> Option<Equation> {
        const FORMS: &str = "an equation is `dx/dt = ... : unit`, `x = ... : unit` or `x : unit`";
        let (token, start) = self.next();
        let Token::Name(mut name) = token else {
            self.diagnostics.push(Diagnostic::error("syntax", start, "an equation begins with the name of a variable").label("not a name").help(FORMS));
            self.skip_line();
            return None;
        };
        let mut name_span = start;
        let mut differential = false;
        if self.is("/") {
            self.next();
            if !self.is_word("dt") || !name.starts_with('d') || name.len() < 2 {
                self.expected("`dt`", FORMS);
                self.skip_line();
                return Some(faulty(name, start, false, true, start));
            }
            self.next();
            name.remove(0);
            name_span.start += 1;
            differential = true;
        }
        let mut value = None;
        if self.accept("=") {
            value = Some(self.expression());
        } else if differential || !self.is(":") {
            self.expected(if differential { "`=`" } else { "`=` or `:`" }, FORMS);
            self.skip_line();
            return Some(faulty(name, name_span, differential, differential, start));
        }
        if !self.accept(":") {
            if value.as_ref().is_none_or(|v| v.kind != NodeKind::Wrong) {
                self.expected("`:` and a unit", "end the line with `: 1` for a pure number, or with a unit such as `: volt`");
            }
            self.skip_line();
            return Some(faulty(name, name_span, differential, value.is_some(), start));
        }
        self.in_unit = true;
        let unit = self.expression();
        self.in_unit = false;
        let flags = self.flags();
        Some(Equation { name, name_span, differential, value, unit, flags, span: start.to(self.last_span()) })
    }

    fn flags(&mut self) -> Vec<(String, Span)> {
        let mut flags = Vec::new();
        if !self.accept("(") {
            return flags;
        }
        let mut words = String::new();
        let mut span: Option<Span> = None;
        loop {
            match self.peek().clone() {
                Token::Symbol(")") | Token::Symbol(",") => {
                    let last = self.is(")");
                    let here = self.next().1;
                    flags.push((std::mem::take(&mut words), span.take().unwrap_or(here)));
                    if last {
                        return flags;
                    }
                }
                Token::Break | Token::End => {
                    self.expected("`)`", "close the bracket of the flags");
                    return flags;
                }
                Token::Name(word) => {
                    if !words.is_empty() && !words.ends_with('-') {
                        words.push(' ');
                    }
                    words.push_str(&word);
                    let here = self.next().1;
                    span = Some(span.map_or(here, |s| s.to(here)));
                }
                other => {
                    if let Token::Symbol(s) = other {
                        words.push_str(s);
                    }
                    let here = self.next().1;
                    span = Some(span.map_or(here, |s| s.to(here)));
                }
            }
        }
    }

    fn expression(&mut self) -> Node {
        let value = self.binary(0);
        if value.kind == NodeKind::Wrong || !self.is_word("if") {
            return value;
        }
        self.next();
        let condition = self.binary(0);
        if !self.is_word("else") {
            if condition.kind != NodeKind::Wrong {
                self.expected("`else`", "write `a if condition else b`");
            }
            return self.wrong();
        }
        self.next();
        let otherwise = self.deeper(Self::expression);
        let span = value.span.to(otherwise.span);
        let depth = 1 + value.depth.max(condition.depth).max(otherwise.depth);
        self.node(NodeKind::If(Box::new(condition), Box::new(value), Box::new(otherwise)), span, depth)
    }

    fn wrong(&mut self) -> Node {
        Node { kind: NodeKind::Wrong, span: self.span(), depth: 0, bracketed: false }
    }

    fn node(&mut self, kind: NodeKind, span: Span, depth: u32) -> Node {
        if depth > DEEPEST {
            self.too_deep(span);
            self.skip_line();
            return Node { kind: NodeKind::Wrong, span, depth: 0, bracketed: false };
        }
        Node { kind, span, depth, bracketed: false }
    }

    fn too_deep(&mut self, span: Span) {
        self.diagnostics.push(
            Diagnostic::error("too-deep", span, format!("this expression is nested more than {DEEPEST} deep"))
                .help("split it into sub-expressions, `x = ... : unit`"),
        );
    }

    fn deeper(&mut self, parse: fn(&mut Self) -> Node) -> Node {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.too_deep(self.span());
            self.skip_line();
            self.depth -= 1;
            return self.wrong();
        }
        let node = parse(self);
        self.depth -= 1;
        node
    }

    /// The infix operator that comes next, with its left and right binding powers.
    fn infix(&mut self) -> Option<(BinaryOp, u8, u8)> {
        use BinaryOp::{Add, And, Div, Eq, FloorDiv, Ge, Gt, Le, Lt, Mod, Mul, Ne, Or, Pow, Sub};
        let op = match self.peek() {
            Token::Name(n) if n == "or" => (Or, 1, 2),
            Token::Name(n) if n == "and" => (And, 3, 4),
            Token::Symbol(s) => match *s {
                "<" => (Lt, 6, 7),
                "<=" => (Le, 6, 7),
                ">" => (Gt, 6, 7),
                ">=" => (Ge, 6, 7),
                "==" => (Eq, 6, 7),
                "!=" => (Ne, 6, 7),
                "+" => (Add, 8, 9),
                "-" => (Sub, 8, 9),
                "*" => (Mul, 10, 11),
                "/" => (Div, 10, 11),
                "//" => (FloorDiv, 10, 11),
                "%" => (Mod, 10, 11),
                "**" => (Pow, 15, 13),
                wrong @ ("^" | "&&" | "||") => {
                    let help = match wrong {
                        "^" => "a power is written `**`",
                        "&&" => "write `and`",
                        _ => "write `or`",
                    };
                    let op = match wrong {
                        "^" => (Pow, 15, 13),
                        "&&" => (And, 3, 4),
                        _ => (Or, 1, 2),
                    };
                    // The operator is looked at once for each level of binding, and reported once.
                    let span = self.span();
                    if self.diagnostics.last().is_none_or(|d| d.span != span) {
                        self.diagnostics.push(Diagnostic::error("syntax", span, format!("`{wrong}` is no operator here")).help(help));
                    }
                    op
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(op)
    }

    fn binary(&mut self, least: u8) -> Node {
        let mut left = self.deeper(Self::prefix);
        loop {
            if left.kind == NodeKind::Wrong {
                return left;
            }
            let Some((op, left_power, right_power)) = self.infix() else { return left };
            if left_power < least {
                return left;
            }
            let comparison = (6, 7) == (left_power, right_power);
            if comparison && matches!(left.kind, NodeKind::Binary(o, ..) if is_comparison(o)) && !left.bracketed {
                self.diagnostics.push(Diagnostic::error("syntax", self.span(), "comparisons cannot be chained").help("write `a < b and b < c`"));
                self.skip_line();
                return self.wrong();
            }
            self.next();
            self.depth += 1;
            let right = if self.depth > DEEPEST {
                self.too_deep(self.span());
                self.skip_line();
                self.wrong()
            } else {
                self.binary(right_power)
            };
            self.depth -= 1;
            if right.kind == NodeKind::Wrong {
                return right;
            }
            let span = left.span.to(right.span);
            let depth = 1 + left.depth.max(right.depth);
            left = self.node(NodeKind::Binary(op, Box::new(left), Box::new(right)), span, depth);
        }
    }

    fn prefix(&mut self) -> Node {
        let (token, span) = self.next();
        match token {
            Token::Number(value) => {
                let number = Node { kind: NodeKind::Number(value), span, depth: 0, bracketed: false };
                self.juxtaposed(number)
            }
            Token::Name(name) if name == "not" => {
                let of = self.binary_deeper(5);
                self.unary(UnaryOp::Not, span, of)
            }
            Token::Name(name) if matches!(name.as_str(), "True" | "true") => Node { kind: NodeKind::Boolean(true), span, depth: 0, bracketed: false },
            Token::Name(name) if matches!(name.as_str(), "False" | "false") => Node { kind: NodeKind::Boolean(false), span, depth: 0, bracketed: false },
            Token::Name(name) if matches!(name.as_str(), "if" | "else" | "and" | "or") => {
                self.diagnostics.push(
                    Diagnostic::error("syntax", span, format!("expected a value, found `{name}`"))
                        .label("expected a value")
                        .help("write `a if condition else b`, `a and b`, `a or b`"),
                );
                self.wrong()
            }
            Token::Name(name) if self.is("(") && !self.in_unit => self.call(name, span),
            Token::Name(name) => Node { kind: NodeKind::Name(name), span, depth: 0, bracketed: false },
            Token::Symbol("-") => {
                let of = self.binary_deeper(12);
                self.unary(UnaryOp::Neg, span, of)
            }
            Token::Symbol("+") => self.binary_deeper(12),
            Token::Symbol("!") => {
                self.diagnostics.push(Diagnostic::error("syntax", span, "`!` is no operator here").help("write `not`"));
                self.binary_deeper(5)
            }
            Token::Symbol("(") => {
                let was = std::mem::replace(&mut self.in_unit, false);
                let inner = self.deeper(Self::expression);
                self.in_unit = was;
                if inner.kind == NodeKind::Wrong {
                    return inner;
                }
                if !self.is(")") {
                    self.expected("`)`", "close the bracket");
                    return self.wrong();
                }
                let end = self.next().1;
                Node { span: span.to(end), bracketed: true, ..inner }
            }
            _ => {
                if self.at > 0 && !matches!(token, Token::End) {
                    self.at -= 1;
                }
                self.expected("a value", "a number, a name, a function call or an expression in brackets can stand here");
                self.wrong()
            }
        }
    }

    fn binary_deeper(&mut self, least: u8) -> Node {
        self.depth += 1;
        let node = if self.depth > DEEPEST {
            self.too_deep(self.span());
            self.skip_line();
            self.wrong()
        } else {
            self.binary(least)
        };
        self.depth -= 1;
        node
    }

    fn unary(&mut self, op: UnaryOp, start: Span, of: Node) -> Node {
        if of.kind == NodeKind::Wrong {
            return of;
        }
        let (span, depth) = (start.to(of.span), of.depth + 1);
        self.node(NodeKind::Unary(op, Box::new(of)), span, depth)
    }

    /// `10 ms`: a number and a unit side by side are their product, and bind tighter than any operator but a power of the unit.
    fn juxtaposed(&mut self, number: Node) -> Node {
        let Token::Name(name) = self.peek().clone() else { return number };
        if self.in_unit || matches!(name.as_str(), "if" | "else" | "and" | "or" | "not") {
            return number;
        }
        let span = self.span();
        if units::unit_after_number(&name).is_none() {
            let near = crate::source::nearest(&name, units::common());
            let help = near.map_or_else(
                || format!("write `*` between them if `{name}` is a variable"),
                |n| format!("did you mean the unit `{n}`? If `{name}` is a variable, write `*` before it"),
            );
            self.diagnostics
                .push(Diagnostic::error("unknown-unit", span, format!("`{name}` is not a unit")).label("after a number a unit was expected").help(help));
            return self.wrong();
        }
        self.next();
        let unit = Node { kind: NodeKind::Unit(name), span, depth: 0, bracketed: false };
        let unit = if self.is("**") {
            self.next();
            let exponent = self.binary_deeper(13);
            if exponent.kind == NodeKind::Wrong {
                return exponent;
            }
            let (span, depth) = (unit.span.to(exponent.span), 1 + exponent.depth);
            self.node(NodeKind::Binary(BinaryOp::Pow, Box::new(unit), Box::new(exponent)), span, depth)
        } else {
            unit
        };
        let (span, depth) = (number.span.to(unit.span), 1 + unit.depth);
        self.node(NodeKind::Binary(BinaryOp::Mul, Box::new(number), Box::new(unit)), span, depth)
    }

    fn call(&mut self, name: String, start: Span) -> Node {
        self.next();
        let mut arguments = Vec::new();
        let mut depth = 0;
        if !self.is(")") {
            loop {
                let argument = self.deeper(Self::expression);
                if argument.kind == NodeKind::Wrong {
                    return argument;
                }
                depth = depth.max(argument.depth);
                arguments.push(argument);
                if !self.accept(",") {
                    break;
                }
            }
        }
        if !self.is(")") {
            self.expected("`,` or `)`", "close the bracket of the call");
            return self.wrong();
        }
        let end = self.next().1;
        self.node(NodeKind::Call(name, arguments), start.to(end), depth + 1)
    }
}

/// An equation with a fault that has been reported: it still declares its name, so that others may use it.
fn faulty(name: String, name_span: Span, differential: bool, value: bool, span: Span) -> Equation {
    let wrong = Node { kind: NodeKind::Wrong, span, depth: 0, bracketed: false };
    Equation { name, name_span, differential, value: value.then(|| wrong.clone()), unit: wrong, flags: Vec::new(), span }
}

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
    matches!(op, Lt | Le | Gt | Ge | Eq | Ne)
}

#[cfg(test)]
mod tests {
    use super::super::{parse_equations, parse_expression, parse_statements};
    use super::*;

    fn shown(node: &Node) -> String {
        match &node.kind {
            NodeKind::Number(n) => format!("{n}"),
            NodeKind::Name(n) | NodeKind::Unit(n) => n.clone(),
            NodeKind::Boolean(b) => format!("{b}"),
            NodeKind::Unary(op, a) => format!("({op:?} {})", shown(a)),
            NodeKind::Binary(op, a, b) => format!("({} {op:?} {})", shown(a), shown(b)),
            NodeKind::Call(f, a) => format!("{f}({})", a.iter().map(shown).collect::<Vec<_>>().join(", ")),
            NodeKind::If(c, a, b) => format!("(if {} then {} else {})", shown(c), shown(a), shown(b)),
            NodeKind::Wrong => "?".into(),
        }
    }

    fn check(text: &str, expected: &str) {
        let mut diagnostics = Vec::new();
        let node = parse_expression(&Text::made(text, Span::default()), &mut diagnostics);
        assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
        assert_eq!(shown(&node), expected, "{text}");
    }

    fn check_faults(text: &str, faults: usize) {
        let mut diagnostics = Vec::new();
        parse_statements(&Text::made(text, Span::default()), &mut diagnostics);
        assert_eq!(diagnostics.len(), faults, "{text}: {diagnostics:#?}");
    }

    #[test]
    fn operators_bind_as_in_python() {
        check("a + b*c", "(a Add (b Mul c))");
        check("-a**2", "(Neg (a Pow 2))");
        check("a**-b", "(a Pow (Neg b))");
        check("a**b**c", "(a Pow (b Pow c))");
        check("a - b - c", "((a Sub b) Sub c)");
        check("not a < b and c", "((Not (a Lt b)) And c)");
        check("x if v > 0 else y", "(if (v Gt 0) then x else y)");
        check("f(a, -b)", "f(a, (Neg b))");
        check("(a < b) == c", "((a Lt b) Eq c)");
    }

    #[test]
    fn a_number_and_a_unit_bind_tightly() {
        check("2 mV/ms", "((2 Mul mV) Div ms)");
        check("1/2 ms", "(1 Div (2 Mul ms))");
        check("3 um**2", "(3 Mul (um Pow 2))");
        check("-60 mV", "(Neg (60 Mul mV))");
    }

    #[test]
    fn every_faulty_statement_is_reported_once() {
        check_faults("w = ; x += 1; y ? 3; z = (1 + 2", 3 + 1);
        check_faults("a = b < c < d", 1);
        check_faults("a = 1 2", 1);
        check_faults("a = x && y", 1);
    }

    #[test]
    fn equations_have_units_and_flags() {
        let mut diagnostics = Vec::new();
        let text =
            "dv/dt = (v_rest - v)/tau : volt (unless refractory) # decay\n\nI = g*(v -\n E) : amp/(metre**2)\nw : 1 (constant, shared)\n x : 1 (event-driven)";
        let equations = parse_equations(&Text::made(text, Span::default()), &mut diagnostics);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        assert_eq!(equations.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["v", "I", "w", "x"]);
        assert!(equations[0].differential && !equations[1].differential);
        assert_eq!(equations[0].flags[0].0, "unless refractory");
        assert_eq!(equations[2].flags.len(), 2);
        assert_eq!(equations[3].flags[0].0, "event-driven");
    }

    #[test]
    fn depth_is_bounded() {
        for text in [
            "(".repeat(100_000),
            "-".repeat(100_000),
            format!("1{}", "+1".repeat(100_000)),
            format!("1{}", "**1".repeat(100_000)),
            "not ".repeat(50_000),
            "f(".repeat(50_000),
        ] {
            let mut diagnostics = Vec::new();
            parse_expression(&Text::made(text, Span::default()), &mut diagnostics);
            assert!(!diagnostics.is_empty());
        }
    }
}
