//! Kernels as text, for `plastica show --kernels` and the golden tests.

use std::fmt::Write;

use plastica_lang::model::{BinaryOp, Builtin, Function, UnaryOp};

use crate::ir::{Computed, EventProgram, Kernel, Op, Place, PopulationProgram, ProjectionProgram, Refractory, Setup, Slot, Storage, Value};

/// Names of places, for printing.
#[derive(Clone, Copy)]
pub struct PlaceNames<'a> {
    /// Own slots.
    pub slots: &'a [Slot],
    /// Own slots of presynaptic neurons.
    pub row: &'a [Slot],
    /// Own slots of postsynaptic neurons.
    pub column: &'a [Slot],
    /// Own scalars.
    pub shared: &'a [Slot],
    /// Presynaptic program, if any.
    pub pre: Option<&'a PopulationProgram>,
    /// Postsynaptic program, if any.
    pub post: Option<&'a PopulationProgram>,
}

impl PlaceNames<'_> {
    /// Name of a place.
    pub fn name(&self, place: Place) -> String {
        let at = |list: Option<&[Slot]>, k: u32, ending: &str| list.and_then(|l| l.get(k as usize)).map_or(format!("?{k}"), |s| format!("{}{ending}", s.name));
        match place {
            Place::Own(k) => at(Some(self.slots), k, ""),
            Place::Row(k) => at(Some(self.row), k, "[row]"),
            Place::Column(k) => at(Some(self.column), k, "[column]"),
            Place::Shared(k) => at(Some(self.shared), k, ""),
            Place::Pre(k) => at(self.pre.map(|p| p.slots.as_slice()), k, "_pre"),
            Place::PreShared(k) => at(self.pre.map(|p| p.shared.as_slice()), k, "_pre"),
            Place::Post(k) => at(self.post.map(|p| p.slots.as_slice()), k, "_post"),
            Place::PostShared(k) => at(self.post.map(|p| p.shared.as_slice()), k, "_post"),
        }
    }
}

/// A tape, one operation a line.
pub fn kernel(kernel: &Kernel, names: &PlaceNames<'_>) -> String {
    let mut out = format!("kernel {}{}\n", kernel.name, if kernel.sequential { " (one after another)" } else { "" });
    for (k, op) in kernel.ops.iter().enumerate() {
        let line = match op {
            Op::Const(x) => format!("%{k} = {x:?}"),
            Op::Builtin(b) => format!("%{k} = {}", builtin(*b)),
            Op::Load(p) => format!("%{k} = load {}", names.name(*p)),
            Op::Elapsed(p) => format!("%{k} = elapsed {}", names.name(*p)),
            Op::Unary(o, a) => format!("%{k} = {} %{a}", unary(*o)),
            Op::Binary(o, a, b) => format!("%{k} = %{a} {} %{b}", binary(*o)),
            Op::Call(f, v) => format!("%{k} = {}({})", function(*f), v[..arity(*f)].iter().map(|v| format!("%{v}")).collect::<Vec<_>>().join(", ")),
            Op::Select(c, a, b) => format!("%{k} = %{a} if %{c} else %{b}"),
            Op::Random { function: f, mean, stream } => {
                format!("%{k} = {}({}) stream {stream}", function(*f), if *f == Function::Poisson { format!("%{mean}") } else { String::new() })
            }
            Op::Store(p, v) => format!("store {} = %{v}", names.name(*p)),
            Op::Add(p, v) => format!("add {} += %{v}", names.name(*p)),
            Op::Mark(p) => format!("mark {}", names.name(*p)),
        };
        let _ = writeln!(out, "  {line}");
    }
    out
}

/// A value as one formula.
pub fn formula(kernel: &Kernel, value: Value, name: &dyn Fn(Place) -> String) -> String {
    nested(kernel, value, name, 0)
}

/// Beyond this depth a formula shows dots: it may share parts, and grow without end when they are written out.
const DEEPEST: u32 = 8;

fn nested(kernel: &Kernel, value: Value, name: &dyn Fn(Place) -> String, depth: u32) -> String {
    if depth > DEEPEST {
        return "...".into();
    }
    let of = |v: &Value| nested(kernel, *v, name, depth + 1);
    match &kernel.ops[value as usize] {
        Op::Const(x) => format!("{x:?}"),
        Op::Builtin(b) => builtin(*b).into(),
        Op::Load(p) => name(*p),
        Op::Elapsed(p) => format!("elapsed({})", name(*p)),
        Op::Unary(o, a) => format!("{}{}", unary(*o), of(a)),
        Op::Binary(o, a, b) => format!("({} {} {})", of(a), binary(*o), of(b)),
        Op::Call(f, v) => format!("{}({})", function(*f), v[..arity(*f)].iter().map(of).collect::<Vec<_>>().join(", ")),
        Op::Select(c, a, b) => format!("({} if {} else {})", of(a), of(c), of(b)),
        Op::Random { function: f, .. } => format!("{}()", function(*f)),
        Op::Store(..) | Op::Add(..) | Op::Mark(_) => String::new(),
    }
}

fn slots(out: &mut String, title: &str, slots: &[Slot]) {
    for s in slots {
        let storage = match s.storage {
            Storage::Real => "",
            Storage::Wide => " (double)",
            Storage::Step => " (step)",
        };
        let _ = writeln!(out, "{title} {}{storage}{}", s.name, if s.visible { format!(" = {:?}", s.initial) } else { " (derived)".into() });
    }
}

fn setup(out: &mut String, list: &[Setup], names: &PlaceNames<'_>) {
    for s in list {
        match s {
            Setup::Kernel(k) => out.push_str(&kernel(k, names)),
            Setup::Propagator { n, a, .. } => {
                let _ = writeln!(out, "propagator of {n} variables from {}", a.iter().map(|p| names.name(*p)).collect::<Vec<_>>().join(", "));
            }
        }
    }
}

/// A compiled neuron model.
pub fn population(program: &PopulationProgram) -> String {
    let names = PlaceNames { slots: &program.slots, row: &[], column: &[], shared: &program.shared, pre: None, post: None };
    let mut out = format!("population program {}\nmethod {}: {}\n", program.name, program.method, program.reason);
    slots(&mut out, "array", &program.slots);
    slots(&mut out, "scalar", &program.shared);
    setup(&mut out, &program.setup, &names);
    out.push_str(&kernel(&program.integrate, &names));
    if let Some(t) = &program.threshold {
        out.push_str(&kernel(&t.kernel, &names));
        let _ = writeln!(out, "  spike if %{}", t.condition);
    }
    match &program.refractory {
        Refractory::None => {}
        Refractory::Time { kernel: k, time } => {
            out.push_str(&kernel(k, &names));
            let _ = writeln!(out, "  refractory for %{time}");
        }
        Refractory::While { kernel: k, condition } => {
            out.push_str(&kernel(k, &names));
            let _ = writeln!(out, "  refractory while %{condition}");
        }
    }
    if !program.reset.ops.is_empty() {
        out.push_str(&kernel(&program.reset, &names));
    }
    intervals(&mut out, &program.on_interval, &names);
    out
}

/// A compiled synapse model.
pub fn projection(program: &ProjectionProgram, pre: &PopulationProgram, post: &PopulationProgram) -> String {
    let names =
        PlaceNames { slots: &program.slots, row: &program.row_slots, column: &program.column_slots, shared: &program.shared, pre: Some(pre), post: Some(post) };
    let mut out = format!("projection program {}\n{}: {}\n", program.name, program.class, program.reason);
    slots(&mut out, "array", &program.slots);
    slots(&mut out, "row", &program.row_slots);
    slots(&mut out, "column", &program.column_slots);
    slots(&mut out, "scalar", &program.shared);
    setup(&mut out, &program.setup, &names);
    let mut events = |title: &str, list: &[EventProgram]| {
        for e in list {
            let _ = writeln!(out, "{title} {}{}", e.name, if e.delay_s > 0.0 { format!(" after {} s", e.delay_s) } else { String::new() });
            out.push_str(&kernel(&e.kernel, &names));
            for k in e.side.iter().chain(&e.after).chain(&e.after_side) {
                out.push_str(&kernel(k, &names));
            }
        }
    };
    events("on_pre", &program.on_pre);
    events("on_post", &program.on_post);
    if let Some(k) = &program.clocked {
        out.push_str(&kernel(k, &names));
    }
    intervals(&mut out, &program.on_interval, &names);
    let mut computed = |title: String, what: Option<&Computed>| {
        if let Some(what) = what {
            let _ = write!(out, "{title}\n{}  is %{}\n", kernel(&what.kernel, &names), what.value);
        }
    };
    for rule in &program.prune {
        computed(format!("prune every {} steps where", rule.every), rule.condition.as_ref());
        computed(format!("prune every {} steps, of each presynaptic neuron", rule.every), rule.pre.as_ref());
        computed(format!("prune every {} steps, of each postsynaptic neuron", rule.every), rule.post.as_ref());
    }
    for rule in &program.grow {
        computed(format!("grow every {} steps, of each presynaptic neuron", rule.every), rule.pre.as_ref());
        computed(format!("grow every {} steps, of each postsynaptic neuron", rule.every), rule.post.as_ref());
    }
    let distance = [Slot { name: "distance".into(), storage: Storage::Real, initial: 0.0, visible: false }];
    for rule in &program.grow {
        if let Some(what) = &rule.kernel {
            let pairs = PlaceNames { slots: &distance, ..names };
            let _ = write!(out, "grow every {} steps with probability\n{}  is %{}\n", rule.every, kernel(&what.kernel, &pairs), what.value);
        }
        if !rule.first.ops.is_empty() {
            out.push_str(&kernel(&rule.first, &names));
        }
    }
    out
}

fn intervals(out: &mut String, list: &[(u64, Kernel)], names: &PlaceNames<'_>) {
    for (every, k) in list {
        let _ = writeln!(out, "every {every} steps");
        out.push_str(&kernel(k, names));
    }
}

fn builtin(b: Builtin) -> &'static str {
    match b {
        Builtin::T => "t",
        Builtin::Dt => "dt",
        Builtin::I => "i",
        Builtin::J => "j",
        Builtin::N => "N",
        Builtin::LastSpike => "lastspike",
        Builtin::NotRefractory => "not_refractory",
    }
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "-",
        UnaryOp::Not => "not ",
    }
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::FloorDiv => "//",
        BinaryOp::Mod => "%",
        BinaryOp::Pow => "**",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
    }
}

fn function(f: Function) -> String {
    format!("{f:?}").to_lowercase()
}

fn arity(f: Function) -> usize {
    match f {
        Function::Rand | Function::Randn => 0,
        Function::Min | Function::Max => 2,
        Function::Clip => 3,
        _ => 1,
    }
}
