//! A table of a neuron or a synapse to a checked model.

use std::collections::HashSet;

use super::expression::{Checker, check_expression, check_quantity, fits, unit};
use super::{Known, Names, builtin, check_statements, names_of, of_model};
use crate::model::{Expr, ExprKind, Flags, Interval, Model, ModelKind, Parameter, Pathway, Role, Scope, Statement, ValueType, Variable};
use crate::source::{Diagnostic, Key, Span, Table, Text, Value, ValueKind, nearest};
use crate::syntax::{Equation, parse_equations};
use crate::units::{self, Dimension};

const NEURON_KEYS: [&str; 11] =
    ["doc", "source", "equations", "threshold", "reset", "refractory", "method", "parameters", "initial", "parameter_sources", "expected"];
const SYNAPSE_KEYS: [&str; 11] =
    ["doc", "source", "equations", "on_pre", "on_post", "on_interval", "method", "parameters", "initial", "parameter_sources", "expected"];
const METHODS: [&str; 7] = ["exact", "exponential_euler", "rk4", "heun", "euler", "euler_maruyama", "stochastic_heun"];
const FLAGS: [&str; 8] = ["constant", "shared", "event-driven", "unless refractory", "input", "after events", "constant over dt", "summed"];

/// Checks the table of a model. `pre` and `post` are the neuron models on both sides of a synapse, where they are known.
///
/// Returns `None` only if an error was reported.
pub fn check_model(kind: ModelKind, name: &Key, table: &Table, pre: Option<&Model>, post: Option<&Model>, diagnostics: &mut Vec<Diagnostic>) -> Option<Model> {
    let before = diagnostics.iter().filter(|d| d.is_error()).count();
    let what = if kind == ModelKind::Neuron { "a neuron model" } else { "a synapse model" };
    table.known_keys(what, if kind == ModelKind::Neuron { &NEURON_KEYS } else { &SYNAPSE_KEYS }, diagnostics);
    let mut model = Model {
        name: name.name.clone(),
        kind,
        doc: table.text("doc", diagnostics).map_or(String::new(), |t| t.text.clone()),
        source: table.text("source", diagnostics).map_or(String::new(), |t| t.text.clone()),
        variables: Vec::new(),
        parameters: parameters(table, diagnostics),
        threshold: None,
        reset: Vec::new(),
        refractory: None,
        on_pre: Vec::new(),
        on_post: Vec::new(),
        on_interval: Vec::new(),
        method: method(table, diagnostics),
        span: name.span,
    };
    let equations = match table.text("equations", diagnostics) {
        Some(text) => parse_equations(text, diagnostics),
        None => Vec::new(),
    };
    declare(&mut model, &equations, diagnostics);
    right_hand_sides(&mut model, &equations, pre, post, diagnostics);
    cycles(&model, diagnostics);

    let names = ModelNames { model: &model, pre, post };
    let statements = |text: Option<&Text>, diagnostics: &mut Vec<Diagnostic>| text.map_or(Vec::new(), |t| check_statements(t, &names, diagnostics));
    let mut filled = Filled::default();
    if kind == ModelKind::Neuron {
        filled.threshold = table.text("threshold", diagnostics).and_then(|text| {
            let expr = check_expression(text, &names, None, diagnostics)?;
            Checker { names: &names, noise: false, diagnostics }.condition(&expr)?;
            Some(expr)
        });
        filled.reset = statements(table.text("reset", diagnostics), diagnostics);
        filled.refractory = table.text("refractory", diagnostics).and_then(|text| {
            let expr = check_expression(text, &names, None, diagnostics)?;
            if expr.value_type == ValueType::Boolean || fits(&expr, Some(Dimension::SECOND), diagnostics) { Some(expr) } else { None }
        });
        for key in ["reset", "refractory"] {
            if let (Some(found), None) = (table.key(key), table.get("threshold")) {
                diagnostics.push(
                    Diagnostic::error("missing-threshold", found.span, format!("a neuron with `{key}` needs a `threshold`"))
                        .help("add a line such as threshold = \"v > v_threshold\""),
                );
            }
        }
    } else {
        filled.on_pre = pathways(table, "on_pre", &names, diagnostics);
        filled.on_post = pathways(table, "on_post", &names, diagnostics);
        filled.on_interval = intervals(table, &names, diagnostics);
    }
    let Filled { threshold, reset, refractory, on_pre, on_post, on_interval } = filled;
    model.threshold = threshold;
    model.reset = reset;
    model.refractory = refractory;
    model.on_pre = on_pre;
    model.on_post = on_post;
    model.on_interval = on_interval;
    unused(&model, table, diagnostics);
    (diagnostics.iter().filter(|d| d.is_error()).count() == before).then_some(model)
}

#[derive(Default)]
struct Filled {
    threshold: Option<Expr>,
    reset: Vec<Statement>,
    refractory: Option<Expr>,
    on_pre: Vec<Pathway>,
    on_post: Vec<Pathway>,
    on_interval: Vec<Interval>,
}

/// Own variables and parameters, and in a synapse `X_pre` and `X_post`.
struct ModelNames<'a> {
    model: &'a Model,
    pre: Option<&'a Model>,
    post: Option<&'a Model>,
}

impl Names for ModelNames<'_> {
    fn find(&self, name: &str) -> Option<Known> {
        if let Some(known) = of_model(self.model, Scope::Own, name) {
            return Some(known);
        }
        if self.model.kind == ModelKind::Neuron || builtin(name).is_some() {
            return None;
        }
        let (scope, model, short) =
            if let Some(short) = name.strip_suffix("_pre") { (Scope::Pre, self.pre, short) } else { (Scope::Post, self.post, name.strip_suffix("_post")?) };
        if short.is_empty() {
            return None;
        }
        match model {
            Some(model) => {
                let known = of_model(model, scope, short)?;
                Some(Known { writable: known.writable && scope == Scope::Post, ..known })
            }
            None => Some(Known { scope, name: short.into(), dimension: None, value_type: ValueType::Real, writable: scope == Scope::Post }),
        }
    }

    fn all(&self) -> Vec<String> {
        let mut all = names_of(self.model);
        all.extend(self.pre.iter().flat_map(|m| names_of(m)).map(|n| n + "_pre"));
        all.extend(self.post.iter().flat_map(|m| names_of(m)).map(|n| n + "_post"));
        all
    }
}

fn method(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Option<(String, Span)> {
    let text = table.text("method", diagnostics)?;
    if METHODS.contains(&text.text.as_str()) {
        return Some((text.text.clone(), text.span));
    }
    let help = nearest(&text.text, METHODS).map_or_else(|| format!("methods: {}", METHODS.join(", ")), |n| format!("did you mean `{n}`?"));
    diagnostics.push(Diagnostic::error("unknown-method", text.span, format!("there is no integration method `{}`", text.text)).help(help));
    None
}

fn parameters(table: &Table, diagnostics: &mut Vec<Diagnostic>) -> Vec<Parameter> {
    let Some(table) = table.table("parameters", diagnostics) else { return Vec::new() };
    let mut out = Vec::new();
    for (key, value) in &table.entries {
        legal_name(&key.name, key.span, diagnostics);
        let (value, dimension) = check_quantity(value, None, diagnostics).unwrap_or((0.0, Dimension::NONE));
        out.push(Parameter { name: key.name.clone(), span: key.span, dimension, value });
    }
    out
}

/// Names that would hide what every reader takes for something else.
fn legal_name(name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) {
    let well_formed = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let reserved = builtin(name).is_some()
        || name == "xi"
        || name.starts_with("xi_")
        || matches!(name, "and" | "or" | "not" | "if" | "else" | "pi" | "True" | "False")
        || units::common().any(|u| u == name);
    if !well_formed {
        diagnostics
            .push(Diagnostic::error("bad-name", span, format!("`{name}` is no name")).help("names are letters, digits and `_`, and do not begin with a digit"));
    } else if reserved {
        diagnostics
            .push(Diagnostic::error("reserved-name", span, format!("`{name}` has a meaning of its own")).help(format!("use another name, such as `{name}_0`")));
    }
}

/// Names of variables; a parameter may end in `_pre` or `_post`, as in `C_pre`, and then hides the neuron's variable.
fn legal_variable(name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) {
    legal_name(name, span, diagnostics);
    if name.ends_with("_pre") || name.ends_with("_post") {
        diagnostics.push(
            Diagnostic::error("reserved-name", span, format!("`{name}` would mean a variable of the neuron on that side"))
                .help("leave out the ending `_pre` or `_post`"),
        );
    }
}

fn declare(model: &mut Model, equations: &[Equation], diagnostics: &mut Vec<Diagnostic>) {
    let mut seen: Vec<(String, Span)> = model.parameters.iter().map(|p| (p.name.clone(), p.span)).collect();
    for equation in equations {
        legal_variable(&equation.name, equation.name_span, diagnostics);
        if let Some((_, first)) = seen.iter().find(|(n, _)| *n == equation.name) {
            diagnostics.push(
                Diagnostic::error("declared-twice", equation.name_span, format!("`{}` is declared twice", equation.name))
                    .other(*first, "first here")
                    .help("rename or remove one"),
            );
        }
        seen.push((equation.name.clone(), equation.name_span));
        let (dimension, value_type) = unit(&equation.unit, diagnostics).unwrap_or((Dimension::NONE, ValueType::Real));
        let role = match (&equation.value, equation.differential) {
            (None, _) => Role::Plain,
            // Right-hand sides are filled in when all names are known.
            (Some(_), true) => Role::Differential(placeholder(equation.span)),
            (Some(_), false) => Role::Subexpression(placeholder(equation.span)),
        };
        let flags = flags(model.kind, equation, diagnostics);
        model.variables.push(Variable { name: equation.name.clone(), span: equation.name_span, dimension, value_type, role, flags });
    }
}

fn placeholder(span: Span) -> Expr {
    Expr { kind: ExprKind::Number(0.0), span, dimension: None, value_type: ValueType::Real }
}

fn flags(kind: ModelKind, equation: &Equation, diagnostics: &mut Vec<Diagnostic>) -> Flags {
    let mut flags = Flags::default();
    for (word, span) in &equation.flags {
        let wrong = |why: &str, help: &str| Diagnostic::error("wrong-flag", *span, format!("`({word})` {why}")).help(help.to_string());
        let plain = equation.value.is_none();
        match word.as_str() {
            "constant" | "constant over dt" if plain => flags.constant = true,
            "constant" | "constant over dt" => diagnostics.push(wrong("belongs to a variable without an equation", "remove the flag, or the equation")),
            "shared" if equation.differential => {
                diagnostics.push(wrong("cannot stand at a differential equation", "leave the flag out: every neuron or synapse then has its own value"))
            }
            "shared" => flags.shared = true,
            "event-driven" if equation.differential && kind == ModelKind::Synapse => flags.event_driven = true,
            "event-driven" => diagnostics.push(wrong("belongs to a differential equation of a synapse", "remove the flag")),
            "unless refractory" if kind == ModelKind::Neuron && (equation.differential || plain) => flags.unless_refractory = true,
            "unless refractory" => diagnostics.push(wrong("belongs to a differential equation or an input of a neuron", "remove the flag")),
            "input" if kind == ModelKind::Neuron && (equation.differential || plain) => flags.input = true,
            "input" => diagnostics.push(wrong("belongs to a variable of a neuron", "remove the flag")),
            "after events" if kind == ModelKind::Synapse && (equation.differential || plain) => flags.after_events = true,
            "after events" => diagnostics.push(wrong("belongs to a trace of a synapse", "remove the flag")),
            "summed" => diagnostics.push(wrong("is not supported", "add to a variable of the neuron in `on_pre` instead: I_post += w")),
            _ => {
                let help = nearest(word, FLAGS).map_or_else(|| format!("flags: {}", FLAGS[..6].join(", ")), |n| format!("did you mean `({n})`?"));
                diagnostics.push(Diagnostic::error("unknown-flag", *span, format!("there is no flag `({word})`")).help(help));
            }
        }
    }
    flags
}

fn right_hand_sides(model: &mut Model, equations: &[Equation], pre: Option<&Model>, post: Option<&Model>, diagnostics: &mut Vec<Diagnostic>) {
    let mut values = Vec::new();
    let names = ModelNames { model, pre, post };
    for (equation, variable) in equations.iter().zip(&model.variables) {
        let Some(node) = &equation.value else {
            values.push(None);
            continue;
        };
        let expr = Checker { names: &names, noise: equation.differential && !variable.flags.event_driven, diagnostics }.expression(node);
        values.push(expr.and_then(|expr| {
            if equation.differential {
                let wanted = variable.dimension.per(Dimension::SECOND);
                if let Some(found) = expr.dimension
                    && found != wanted
                {
                    let help = if found == variable.dimension {
                        "divide by a time constant: (...)/tau".to_string()
                    } else {
                        format!("multiply or divide by what turns {found} into {wanted}")
                    };
                    diagnostics.push(
                        Diagnostic::error("unit-mismatch", expr.span, format!("d{}/dt must be in {wanted}, but this is in {found}", equation.name))
                            .label(found.to_string())
                            .help(help),
                    );
                    return None;
                }
                Some(expr)
            } else {
                if (variable.value_type == ValueType::Boolean) != (expr.value_type == ValueType::Boolean) {
                    diagnostics.push(
                        Diagnostic::error("type-mismatch", expr.span, format!("`{}` is declared otherwise", equation.name))
                            .help("declare a condition as `: boolean`, or write int(...) around it"),
                    );
                    return None;
                }
                fits(&expr, Some(variable.dimension), diagnostics).then_some(expr)
            }
        }));
    }
    for (variable, value) in model.variables.iter_mut().zip(values) {
        match (&mut variable.role, value) {
            (Role::Differential(e) | Role::Subexpression(e), Some(value)) => *e = value,
            _ => {}
        }
    }
}

/// Sub-expressions must not lead back to themselves.
fn cycles(model: &Model, diagnostics: &mut Vec<Diagnostic>) {
    fn names(expr: &Expr, out: &mut Vec<String>) {
        match &expr.kind {
            ExprKind::Name(Scope::Own, n) => out.push(n.clone()),
            ExprKind::Unary(_, a) => names(a, out),
            ExprKind::Binary(_, a, b) => {
                names(a, out);
                names(b, out);
            }
            ExprKind::Call(_, args) => args.iter().for_each(|a| names(a, out)),
            ExprKind::If { condition, then, otherwise } => {
                names(condition, out);
                names(then, out);
                names(otherwise, out);
            }
            _ => {}
        }
    }
    // Repeatedly takes away what depends on nothing that is left; what stays is in a circle, or hangs on one.
    let mut left: Vec<(&Variable, Vec<String>)> = model
        .variables
        .iter()
        .filter_map(|v| match &v.role {
            Role::Subexpression(e) => {
                let mut found = Vec::new();
                names(e, &mut found);
                Some((v, found))
            }
            _ => None,
        })
        .collect();
    loop {
        let open: HashSet<String> = left.iter().map(|(v, _)| v.name.clone()).collect();
        let before = left.len();
        left.retain(|(_, needs)| needs.iter().any(|n| open.contains(n)));
        if left.len() == before {
            break;
        }
    }
    if let Some((first, needs)) = left.first() {
        let around: Vec<&str> = left.iter().map(|(v, _)| v.name.as_str()).collect();
        let mut d = Diagnostic::error("cyclic-subexpressions", first.span, format!("sub-expressions lead back to themselves: {}", around.join(", ")))
            .help("make one of them a differential equation, or a variable that statements change");
        for (v, _) in left.iter().skip(1).filter(|(v, _)| needs.contains(&v.name)) {
            d = d.other(v.span, "needed by it");
        }
        diagnostics.push(d);
    }
}

fn pathways(table: &Table, key: &str, names: &dyn Names, diagnostics: &mut Vec<Diagnostic>) -> Vec<Pathway> {
    let plain = key.trim_start_matches("on_");
    match table.get(key) {
        None => Vec::new(),
        Some(Value { kind: ValueKind::Text(text), span }) => {
            vec![Pathway { name: plain.into(), delay_s: 0.0, statements: check_statements(text, names, diagnostics), span: *span }]
        }
        Some(Value { kind: ValueKind::Table(ways), .. }) => {
            let mut out = Vec::new();
            for (name, way) in &ways.entries {
                match &way.kind {
                    ValueKind::Text(text) if name.name != "do" && name.name != "delay" => {
                        out.push(Pathway { name: name.name.clone(), delay_s: 0.0, statements: check_statements(text, names, diagnostics), span: name.span });
                    }
                    ValueKind::Table(way) => {
                        way.known_keys("a pathway", &["delay", "do"], diagnostics);
                        let delay_s = way.get("delay").map_or(0.0, |v| delay(v, diagnostics));
                        let statements = way.required_text("a pathway", "do", diagnostics).map_or(Vec::new(), |t| check_statements(t, names, diagnostics));
                        out.push(Pathway { name: name.name.clone(), delay_s, statements, span: name.span });
                    }
                    _ => diagnostics.push(
                        Diagnostic::error("wrong-type", way.span, format!("a pathway of `{key}` is a table"))
                            .help(format!("write {key}.NAME = {{ delay = \"1 ms\", do = \"...\" }}")),
                    ),
                }
            }
            out
        }
        Some(other) => {
            diagnostics.push(
                Diagnostic::error("wrong-type", other.span, format!("`{key}` must be text or a table of pathways, but this is {}", other.word()))
                    .help(format!("write {key} = \"w += 1\"")),
            );
            Vec::new()
        }
    }
}

fn delay(value: &Value, diagnostics: &mut Vec<Diagnostic>) -> f64 {
    match check_quantity(value, Some(Dimension::SECOND), diagnostics) {
        Some((d, _)) if d < 0.0 => {
            diagnostics.push(
                Diagnostic::error("negative-delay", value.span, "a delay cannot be negative").help("a spike arrives at once or later; write 0 ms or more"),
            );
            0.0
        }
        Some((d, _)) => d,
        None => 0.0,
    }
}

fn intervals(table: &Table, names: &dyn Names, diagnostics: &mut Vec<Diagnostic>) -> Vec<Interval> {
    let tables: Vec<&Value> = match table.get("on_interval") {
        None => return Vec::new(),
        Some(Value { kind: ValueKind::Array(list), .. }) => list.iter().collect(),
        Some(one) => vec![one],
    };
    let mut out = Vec::new();
    for value in tables {
        let ValueKind::Table(way) = &value.kind else {
            diagnostics
                .push(Diagnostic::error("wrong-type", value.span, "`on_interval` is a table").help("write on_interval = { every = \"1 s\", do = \"...\" }"));
            continue;
        };
        way.known_keys("`on_interval`", &["every", "do"], diagnostics);
        let every_s = match way.get("every") {
            Some(v) => match check_quantity(v, Some(Dimension::SECOND), diagnostics) {
                Some((s, _)) if s > 0.0 => s,
                Some(_) => {
                    diagnostics
                        .push(Diagnostic::error("out-of-range", v.span, "an interval must be longer than zero").help("write, for example, every = \"1 s\""));
                    continue;
                }
                None => continue,
            },
            None => {
                diagnostics.push(Diagnostic::error("missing-key", way.span, "`on_interval` has no `every`").help("add every = \"1 s\""));
                continue;
            }
        };
        let statements = way.required_text("`on_interval`", "do", diagnostics).map_or(Vec::new(), |t| check_statements(t, names, diagnostics));
        out.push(Interval { every_s, statements, span: value.span });
    }
    out
}

/// Warns of parameters that nothing reads.
fn unused(model: &Model, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
    let mut text = String::new();
    fn gather(value: &Value, text: &mut String) {
        match &value.kind {
            ValueKind::Text(t) => {
                text.push_str(&t.text);
                text.push('\n');
            }
            ValueKind::Table(t) => t.entries.iter().for_each(|(_, v)| gather(v, text)),
            ValueKind::Array(a) => a.iter().for_each(|v| gather(v, text)),
            _ => {}
        }
    }
    for (key, value) in &table.entries {
        if !matches!(key.name.as_str(), "doc" | "source" | "parameters" | "parameter_sources" | "expected") {
            gather(value, &mut text);
        }
    }
    let words: HashSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    for p in &model.parameters {
        if !words.contains(p.name.as_str()) {
            diagnostics.push(
                Diagnostic::warning("unused-parameter", p.span, format!("nothing reads the parameter `{}`", p.name))
                    .help("remove it, or look for a mistyped name in the equations"),
            );
        }
    }
}
