//! Names and dimensions of expressions.

use super::{Known, Names, NoNames, builtin};
use crate::model::{BinaryOp, Expr, ExprKind, Function, Scope, UnaryOp, ValueType};
use crate::source::{Diagnostic, Span, Text, Value, ValueKind, nearest};
use crate::syntax::{Node, NodeKind, parse_expression};
use crate::units::{self, Dimension};

/// The functions: name, function, number of arguments, rule of dimensions.
const FUNCTIONS: [(&str, Function, usize, Rule); 28] = [
    ("exp", Function::Exp, 1, Rule::Pure),
    ("log", Function::Log, 1, Rule::Pure),
    ("log10", Function::Log10, 1, Rule::Pure),
    ("expm1", Function::Expm1, 1, Rule::Pure),
    ("log1p", Function::Log1p, 1, Rule::Pure),
    ("exprel", Function::Exprel, 1, Rule::Pure),
    ("sqrt", Function::Sqrt, 1, Rule::Root),
    ("abs", Function::Abs, 1, Rule::Same),
    ("sign", Function::Sign, 1, Rule::Sign),
    ("floor", Function::Floor, 1, Rule::Pure),
    ("ceil", Function::Ceil, 1, Rule::Pure),
    ("round", Function::Round, 1, Rule::Pure),
    ("sin", Function::Sin, 1, Rule::Pure),
    ("cos", Function::Cos, 1, Rule::Pure),
    ("tan", Function::Tan, 1, Rule::Pure),
    ("sinh", Function::Sinh, 1, Rule::Pure),
    ("cosh", Function::Cosh, 1, Rule::Pure),
    ("tanh", Function::Tanh, 1, Rule::Pure),
    ("arcsin", Function::Arcsin, 1, Rule::Pure),
    ("arccos", Function::Arccos, 1, Rule::Pure),
    ("arctan", Function::Arctan, 1, Rule::Pure),
    ("min", Function::Min, 2, Rule::Same),
    ("max", Function::Max, 2, Rule::Same),
    ("clip", Function::Clip, 3, Rule::Same),
    ("int", Function::Int, 1, Rule::Integer),
    ("rand", Function::Rand, 0, Rule::Pure),
    ("randn", Function::Randn, 0, Rule::Pure),
    ("poisson", Function::Poisson, 1, Rule::Pure),
];

/// Is this the name of a function?
pub(super) fn is_function(name: &str) -> bool {
    name == "where" || FUNCTIONS.iter().any(|f| f.0 == name)
}

#[derive(Clone, Copy, PartialEq)]
enum Rule {
    /// Pure numbers in, a pure number out.
    Pure,
    /// All alike; the result like them.
    Same,
    /// Anything; the result has half the powers.
    Root,
    /// Anything; a pure number out.
    Sign,
    /// A pure number or a condition in, a whole number out.
    Integer,
}

/// Checks the text of an expression.
pub fn check_expression(text: &Text, names: &dyn Names, expected: Option<Dimension>, diagnostics: &mut Vec<Diagnostic>) -> Option<Expr> {
    let node = parse_expression(text, diagnostics);
    let expr = Checker { names, noise: false, diagnostics }.expression(&node)?;
    fits(&expr, expected, diagnostics).then_some(expr)
}

/// Checks a number, or a text with an expression.
pub fn check_value(value: &Value, names: &dyn Names, expected: Option<Dimension>, diagnostics: &mut Vec<Diagnostic>) -> Option<Expr> {
    let number =
        |x: f64, value_type| Expr { kind: ExprKind::Number(x), span: value.span, dimension: if x == 0.0 { None } else { Some(Dimension::NONE) }, value_type };
    let expr = match &value.kind {
        ValueKind::Text(text) => return check_expression(text, names, expected, diagnostics),
        ValueKind::Integer(i) => number(*i as f64, ValueType::Integer),
        ValueKind::Float(f) => number(*f, ValueType::Real),
        ValueKind::Boolean(b) => number(f64::from(u8::from(*b)), ValueType::Boolean),
        ValueKind::Faulty => return None,
        _ => {
            diagnostics.push(
                Diagnostic::error("wrong-type", value.span, format!("a number or a text such as \"10 ms\" was expected, but this is {}", value.word()))
                    .help("write a number, or a quantity in quotes"),
            );
            return None;
        }
    };
    fits(&expr, expected, diagnostics).then_some(expr)
}

/// A constant with a unit, such as `"10 ms"`: value in SI units, dimension.
pub fn check_quantity(value: &Value, expected: Option<Dimension>, diagnostics: &mut Vec<Diagnostic>) -> Option<(f64, Dimension)> {
    let expr = check_value(value, &NoNames, expected, diagnostics)?;
    if let Some(span) = random_in(&expr) {
        diagnostics.push(Diagnostic::error("not-constant", span, "a constant is expected here").label("this changes").help("write a number with its unit"));
        return None;
    }
    let result = crate::evaluate::evaluate(&expr, &mut crate::evaluate::Nothing);
    if !result.is_finite() {
        diagnostics.push(Diagnostic::error("not-finite", expr.span, format!("this is {result}")).help("write a finite number"));
        return None;
    }
    Some((result, expr.dimension.or(expected).unwrap_or(Dimension::NONE)))
}

fn random_in(expr: &Expr) -> Option<Span> {
    match &expr.kind {
        ExprKind::Call(Function::Rand | Function::Randn | Function::Poisson, _) | ExprKind::Builtin(_) | ExprKind::Noise(_) => Some(expr.span),
        ExprKind::Number(_) | ExprKind::Name(..) => None,
        ExprKind::Unary(_, a) => random_in(a),
        ExprKind::Binary(_, a, b) => random_in(a).or_else(|| random_in(b)),
        ExprKind::Call(_, args) => args.iter().find_map(random_in),
        ExprKind::If { condition, then, otherwise } => random_in(condition).or_else(|| random_in(then)).or_else(|| random_in(otherwise)),
    }
}

/// Reports an expression that has not the dimension asked for.
pub(super) fn fits(expr: &Expr, expected: Option<Dimension>, diagnostics: &mut Vec<Diagnostic>) -> bool {
    match (expr.dimension, expected) {
        (Some(found), Some(wanted)) if found != wanted => {
            let help = if found.is_none() { format!("give it a unit of {wanted}") } else { format!("multiply or divide by what turns {found} into {wanted}") };
            diagnostics.push(
                Diagnostic::error("unit-mismatch", expr.span, format!("this must be in {wanted}, but it is in {found}")).label(found.to_string()).help(help),
            );
            false
        }
        _ => true,
    }
}

/// Checks trees.
pub(super) struct Checker<'a> {
    /// What names mean.
    pub names: &'a dyn Names,
    /// May `xi` stand here?
    pub noise: bool,
    /// What was found wrong.
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    /// A checked expression, or `None` after a fault that has been reported.
    pub fn expression(&mut self, node: &Node) -> Option<Expr> {
        let span = node.span;
        let made = |kind, dimension, value_type| Some(Expr { kind, span, dimension, value_type });
        match &node.kind {
            NodeKind::Wrong => None,
            // Zero is zero in any unit.
            NodeKind::Number(x) => made(
                ExprKind::Number(*x),
                if *x == 0.0 { None } else { Some(Dimension::NONE) },
                if x.fract() == 0.0 { ValueType::Integer } else { ValueType::Real },
            ),
            NodeKind::Boolean(b) => made(ExprKind::Number(f64::from(u8::from(*b))), Some(Dimension::NONE), ValueType::Boolean),
            NodeKind::Name(name) => self.name(name, span),
            NodeKind::Unit(name) => {
                let (factor, dimension) = units::unit_after_number(name)?;
                made(ExprKind::Number(factor), Some(dimension), ValueType::Real)
            }
            NodeKind::Unary(op, a) => {
                let a = self.expression(a)?;
                match op {
                    UnaryOp::Neg => self.numeric(&a)?,
                    UnaryOp::Not => self.condition(&a)?,
                }
                let (dimension, value_type) = (a.dimension, a.value_type);
                // `-60 mV` is one constant, so that later stages see it as such.
                made(ExprKind::Unary(*op, Box::new(a)), dimension, value_type)
            }
            NodeKind::Binary(op, a, b) => {
                let (a, b) = (self.expression(a), self.expression(b));
                self.binary(*op, a?, b?, span)
            }
            NodeKind::Call(name, arguments) => self.call(name, arguments, span),
            NodeKind::If(condition, then, otherwise) => {
                let (condition, then, otherwise) = (self.expression(condition), self.expression(then), self.expression(otherwise));
                let (condition, then, otherwise) = (condition?, then?, otherwise?);
                self.condition(&condition)?;
                let dimension = self.alike(&then, &otherwise, "choose between")?;
                let value_type = if then.value_type == otherwise.value_type { then.value_type } else { ValueType::Real };
                made(ExprKind::If { condition: Box::new(condition), then: Box::new(then), otherwise: Box::new(otherwise) }, dimension, value_type)
            }
        }
    }

    fn name(&mut self, name: &str, span: Span) -> Option<Expr> {
        let made = |kind, dimension, value_type| Some(Expr { kind, span, dimension, value_type });
        if let Some((why, help)) = self.names.refuses(name) {
            self.diagnostics.push(Diagnostic::error("not-available", span, format!("`{name}` cannot stand here: {why}")).label("not available").help(help));
            return None;
        }
        if let Some(Known { scope, name, dimension, value_type, .. }) = self.names.find(name) {
            return made(ExprKind::Name(scope, name), dimension, value_type);
        }
        if let Some((b, dimension, value_type)) = builtin(name) {
            return made(ExprKind::Builtin(b), Some(dimension), value_type);
        }
        if name == "xi" || name.starts_with("xi_") {
            if !self.noise {
                self.diagnostics.push(
                    Diagnostic::error(
                        "noise-elsewhere",
                        span,
                        format!("`{name}` is white noise and stands only in the right-hand side of a differential equation"),
                    )
                    .help("use randn() for a random number in a statement"),
                );
                return None;
            }
            return made(ExprKind::Noise(name.into()), Dimension::SECOND.power(-0.5), ValueType::Real);
        }
        let constant = match name {
            "pi" => Some(std::f64::consts::PI),
            "e" => Some(std::f64::consts::E),
            _ => None,
        };
        if let Some(x) = constant {
            return made(ExprKind::Number(x), Some(Dimension::NONE), ValueType::Real);
        }
        if let Some((factor, dimension)) = units::unit(name) {
            return made(ExprKind::Number(factor), Some(dimension), ValueType::Real);
        }
        let mut all = self.names.all();
        all.extend(units::common().chain(["dt", "lastspike", "not_refractory", "xi", "pi"]).map(str::to_string));
        let help = match nearest(name, all.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => self.names.unknown(name),
        };
        self.diagnostics.push(Diagnostic::error("unknown-name", span, format!("`{name}` is not known here")).label("unknown name").help(help));
        None
    }

    fn numeric(&mut self, a: &Expr) -> Option<()> {
        if a.value_type != ValueType::Boolean {
            return Some(());
        }
        self.diagnostics.push(
            Diagnostic::error("type-mismatch", a.span, "a number is needed here, but this is a condition")
                .label("true or false")
                .help("write int(...) to make it 1 or 0"),
        );
        None
    }

    /// Reports what is not true or false.
    pub fn condition(&mut self, a: &Expr) -> Option<()> {
        if a.value_type == ValueType::Boolean {
            return Some(());
        }
        self.diagnostics.push(
            Diagnostic::error("type-mismatch", a.span, "a condition is needed here, but this is a number")
                .label("a number")
                .help("compare it, for example `v > v_threshold`"),
        );
        None
    }

    fn alike(&mut self, a: &Expr, b: &Expr, verb: &str) -> Option<Option<Dimension>> {
        match (a.dimension, b.dimension) {
            (Some(x), Some(y)) if x != y => {
                self.diagnostics.push(
                    Diagnostic::error("unit-mismatch", b.span, format!("cannot {verb} {x} and {y}"))
                        .label(y.to_string())
                        .other(a.span, x.to_string())
                        .help(format!("bring both to {x}")),
                );
                None
            }
            (x, y) => Some(x.or(y)),
        }
    }

    fn binary(&mut self, op: BinaryOp, a: Expr, b: Expr, span: Span) -> Option<Expr> {
        use BinaryOp::{Add, And, Div, Eq, FloorDiv, Ge, Gt, Le, Lt, Mod, Mul, Ne, Or, Pow, Sub};
        let integer = a.value_type == ValueType::Integer && b.value_type == ValueType::Integer;
        let number = if integer { ValueType::Integer } else { ValueType::Real };
        let (dimension, value_type) = match op {
            And | Or => {
                let (x, y) = (self.condition(&a), self.condition(&b));
                (x.and(y).map(|()| Some(Dimension::NONE))?, ValueType::Boolean)
            }
            Eq | Ne if a.value_type == ValueType::Boolean && b.value_type == ValueType::Boolean => (Some(Dimension::NONE), ValueType::Boolean),
            _ => {
                let (x, y) = (self.numeric(&a), self.numeric(&b));
                x.and(y)?;
                match op {
                    Add => (self.alike(&a, &b, "add")?, number),
                    Sub => (self.alike(&a, &b, "subtract")?, number),
                    Mod => (self.alike(&a, &b, "take the remainder of")?, number),
                    Lt | Le | Gt | Ge | Eq | Ne => {
                        self.alike(&a, &b, "compare")?;
                        (Some(Dimension::NONE), ValueType::Boolean)
                    }
                    // Anything times a variable that is not bound yet has a unit that is not known.
                    Mul => (factor(&a).zip(factor(&b)).map(|(x, y)| x.times(y)), number),
                    Div => (factor(&a).zip(factor(&b)).map(|(x, y)| x.per(y)), ValueType::Real),
                    FloorDiv => (factor(&a).zip(factor(&b)).map(|(x, y)| x.per(y)), number),
                    _ => {
                        debug_assert!(op == Pow);
                        (self.power(&a, &b)?, ValueType::Real)
                    }
                }
            }
        };
        Some(Expr { kind: ExprKind::Binary(op, Box::new(a), Box::new(b)), span, dimension, value_type })
    }

    fn power(&mut self, a: &Expr, b: &Expr) -> Option<Option<Dimension>> {
        if let Some(d) = b.dimension
            && !d.is_none()
        {
            self.diagnostics.push(
                Diagnostic::error("unit-mismatch", b.span, format!("an exponent must be a pure number, but this is in {d}"))
                    .label(d.to_string())
                    .help("divide it by a quantity of the same unit"),
            );
            return None;
        }
        let Some(base) = a.dimension else { return Some(None) };
        if base.is_none() {
            return Some(Some(base));
        }
        let Some(exponent) = constant(b) else {
            self.diagnostics.push(
                Diagnostic::error("unit-mismatch", b.span, format!("{base} can only be raised to a constant power"))
                    .label("not a constant")
                    .help("write the exponent as a number, or divide the base by a quantity of the same unit"),
            );
            return None;
        };
        let power = base.power(exponent);
        if power.is_none() {
            self.diagnostics
                .push(Diagnostic::error("unit-mismatch", b.span, format!("{base} cannot be raised to {exponent}")).help("use a whole power or a simple root"));
        }
        power.map(Some)
    }

    fn call(&mut self, name: &str, arguments: &[Node], span: Span) -> Option<Expr> {
        let checked: Vec<Option<Expr>> = arguments.iter().map(|a| self.expression(a)).collect();
        if name == "where" && arguments.len() == 3 {
            let mut checked = checked.into_iter();
            let (condition, then, otherwise) = (checked.next()??, checked.next()??, checked.next()??);
            self.condition(&condition)?;
            let dimension = self.alike(&then, &otherwise, "choose between")?;
            let value_type = then.value_type;
            return Some(Expr {
                kind: ExprKind::If { condition: Box::new(condition), then: Box::new(then), otherwise: Box::new(otherwise) },
                span,
                dimension,
                value_type,
            });
        }
        let Some((_, function, arity, rule)) = FUNCTIONS.iter().find(|f| f.0 == name) else {
            let help = match nearest(name, FUNCTIONS.iter().map(|f| f.0).chain(["where"])) {
                Some(near) => format!("did you mean `{near}`?"),
                None if self.names.find(name).is_some() => format!("`{name}` is a variable; write `*` to multiply"),
                None => format!("functions: {}", FUNCTIONS.map(|f| f.0).join(", ")),
            };
            self.diagnostics.push(Diagnostic::error("unknown-function", span, format!("there is no function `{name}`")).label("unknown function").help(help));
            return None;
        };
        if arguments.len() != *arity {
            self.diagnostics.push(
                Diagnostic::error(
                    "wrong-arity",
                    span,
                    format!(
                        "`{name}` takes {arity} argument{}, but {} {} given",
                        if *arity == 1 { "" } else { "s" },
                        arguments.len(),
                        if arguments.len() == 1 { "is" } else { "are" }
                    ),
                )
                .help(format!("write {name}({})", ["x", "low", "high"][..*arity].join(", "))),
            );
            return None;
        }
        let arguments: Vec<Expr> = checked.into_iter().collect::<Option<_>>()?;
        let mut dimension = Some(Dimension::NONE);
        let mut value_type = ValueType::Real;
        match rule {
            Rule::Integer => {
                self.pure(&arguments[0], name)?;
                value_type = ValueType::Integer;
            }
            Rule::Pure => {
                for a in &arguments {
                    self.numeric(a)?;
                    self.pure(a, name)?;
                }
            }
            Rule::Same => {
                dimension = arguments[0].dimension;
                self.numeric(&arguments[0])?;
                for b in &arguments[1..] {
                    self.numeric(b)?;
                    let first = Expr { dimension, ..arguments[0].clone() };
                    dimension = self.alike(&first, b, "compare")?;
                }
                if arguments.iter().all(|a| a.value_type == ValueType::Integer) {
                    value_type = ValueType::Integer;
                }
            }
            Rule::Root => {
                self.numeric(&arguments[0])?;
                dimension = match arguments[0].dimension {
                    Some(d) => Some(d.power(0.5)?),
                    None => None,
                };
            }
            Rule::Sign => self.numeric(&arguments[0])?,
        }
        Some(Expr { kind: ExprKind::Call(*function, arguments), span, dimension, value_type })
    }

    fn pure(&mut self, a: &Expr, function: &str) -> Option<()> {
        match a.dimension {
            Some(d) if !d.is_none() => {
                self.diagnostics.push(
                    Diagnostic::error("unit-mismatch", a.span, format!("`{function}` takes a pure number, but this is in {d}"))
                        .label(d.to_string())
                        .help(format!("divide it by a quantity in {d}")),
                );
                None
            }
            _ => Some(()),
        }
    }
}

/// Dimension of a factor: a zero that stands alone is zero in any unit, but `0 mV` is a voltage.
fn factor(expr: &Expr) -> Option<Dimension> {
    if matches!(expr.kind, ExprKind::Number(_)) { expr.dimension.or(Some(Dimension::NONE)) } else { expr.dimension }
}

/// Value of an expression of numbers.
fn constant(expr: &Expr) -> Option<f64> {
    fn only_numbers(expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Number(_) => true,
            ExprKind::Unary(_, a) => only_numbers(a),
            ExprKind::Binary(_, a, b) => only_numbers(a) && only_numbers(b),
            _ => false,
        }
    }
    only_numbers(expr).then(|| crate::evaluate::evaluate(expr, &mut crate::evaluate::Nothing))
}

/// Checks the tree of a unit, such as `amp/metre**2`: dimension and type.
pub(super) fn unit(node: &Node, diagnostics: &mut Vec<Diagnostic>) -> Option<(Dimension, ValueType)> {
    match &node.kind {
        NodeKind::Name(n) if n == "boolean" => return Some((Dimension::NONE, ValueType::Boolean)),
        NodeKind::Name(n) if n == "integer" => return Some((Dimension::NONE, ValueType::Integer)),
        _ => {}
    }
    struct UnitNames;
    impl Names for UnitNames {
        fn find(&self, name: &str) -> Option<Known> {
            let (_, dimension) = units::unit(name)?;
            Some(Known { scope: Scope::Own, name: name.into(), dimension: Some(dimension), value_type: ValueType::Real, writable: false })
        }
        fn all(&self) -> Vec<String> {
            units::common().map(str::to_string).collect()
        }
    }
    let mut found = Vec::new();
    let expr = Checker { names: &UnitNames, noise: false, diagnostics: &mut found }.expression(node);
    for d in found {
        diagnostics.push(if d.id == "unknown-name" {
            Diagnostic {
                id: "unknown-unit",
                message: d.message.replace("not known here", "not a unit"),
                help: d.help.map(|h| if h.starts_with("declare") { "units are named as in SI: volt, mV, amp, nS, second, Hz, 1 ...".into() } else { h }),
                ..d
            }
        } else {
            d
        });
    }
    match (expr, &node.kind) {
        (Some(expr), _) => expr.dimension.map(|d| (d, ValueType::Real)),
        // Go on with the unit that was probably meant, so that one typing error is one diagnostic.
        (None, NodeKind::Name(name)) => nearest(name, units::common()).and_then(units::unit).map(|(_, d)| (d, ValueType::Real)),
        (None, _) => None,
    }
}
