//! Writes tapes: expressions and statements to operations, each value computed once.
//!
//! A tape is written under a [`Scene`]: what the names of the text stand for. Values of state variables may be
//! replaced for a while (the stages of a Runge-Kutta step), with `Tape::values`.

use std::collections::HashMap;

use plastica_lang::evaluate;
use plastica_lang::model::{AssignOp, BinaryOp, Builtin, Expr, ExprKind, Function, Model, Role, Scope, Statement, UnaryOp};

use crate::ir::{Kernel, Op, Place, Slot, Storage, Value};

/// What the names of a text stand for.
pub struct Scene<'a> {
    /// The model, for its sub-expressions.
    pub model: &'a Model,
    /// Place of each own variable and parameter.
    pub own: HashMap<String, Place>,
    /// Place of each variable and parameter of the presynaptic neuron.
    pub pre: HashMap<String, Place>,
    /// Place of each variable and parameter of the postsynaptic neuron.
    pub post: HashMap<String, Place>,
    /// The presynaptic neuron's model, for its sub-expressions.
    pub pre_model: Option<&'a Model>,
    /// The postsynaptic neuron's model, for its sub-expressions.
    pub post_model: Option<&'a Model>,
    /// Event-driven variables, with how they decay.
    pub traces: Vec<Trace>,
    /// Places of what the surroundings of a synapse have: its neurons' numbers of synapses, the distance of a pair.
    pub around: HashMap<String, Place>,
}

/// An event-driven variable: dx/dt = a x + b between its events.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Name.
    pub name: String,
    /// Where its value after its last event is kept.
    pub place: Place,
    /// Where the step of that event is kept.
    pub last: Place,
    /// Coefficient a, per second.
    pub rate: Expr,
    /// Constant b, if there is one.
    pub constant: Option<Expr>,
}

/// Names of slots and scalars to places.
pub fn places(slots: &[Slot], shared: &[Slot], own: fn(u32) -> Place, scalar: fn(u32) -> Place) -> HashMap<String, Place> {
    let visible = |(k, s): (usize, &Slot), place: fn(u32) -> Place| (s.visible && s.storage != Storage::Step).then(|| (s.name.clone(), place(k as u32)));
    let slots = slots.iter().enumerate().filter_map(|s| visible(s, own));
    slots.chain(shared.iter().enumerate().filter_map(|s| visible(s, scalar))).collect()
}

/// A tape being written.
pub struct Tape<'a> {
    scene: &'a Scene<'a>,
    ops: Vec<Op>,
    /// Present value of own variables, where it is known.
    pub values: HashMap<String, Value>,
    /// Replaces `t`.
    pub time: Option<Value>,
    locals: HashMap<String, Value>,
    subexpressions: HashMap<String, Value>,
    loads: HashMap<Place, Value>,
    elapsed: HashMap<Place, Value>,
    stores: Vec<(Place, Value)>,
    marks: Vec<Place>,
    noise: HashMap<String, Value>,
    next_stream: &'a mut u32,
}

impl<'a> Tape<'a> {
    /// Begins a tape. `next_stream` numbers the random calls of the whole program.
    pub fn new(scene: &'a Scene<'a>, next_stream: &'a mut u32) -> Self {
        Tape {
            scene,
            ops: Vec::new(),
            values: HashMap::new(),
            time: None,
            locals: HashMap::new(),
            subexpressions: HashMap::new(),
            loads: HashMap::new(),
            elapsed: HashMap::new(),
            stores: Vec::new(),
            marks: Vec::new(),
            noise: HashMap::new(),
            next_stream,
        }
    }

    /// Ends the tape: stores are written once, at the end, and what nothing needs is left out.
    pub fn finish(self, name: &str) -> Kernel {
        self.finish_where(name, |_| true)
    }

    /// As [`Tape::finish`], but writes only to the places that `written` allows.
    pub fn finish_where(mut self, name: &str, written: impl Fn(Place) -> bool) -> Kernel {
        for (place, value) in std::mem::take(&mut self.stores) {
            if written(place) {
                self.ops.push(Op::Store(place, value));
            }
        }
        for place in std::mem::take(&mut self.marks) {
            if written(place) {
                self.ops.push(Op::Mark(place));
            }
        }
        let mut kernel = Kernel { name: name.into(), ops: self.ops, sequential: false };
        crate::passes::drop_unused(&mut kernel, &mut []);
        kernel.sequential = reads_what_it_writes(&kernel);
        kernel
    }

    /// Ends a tape that computes values and keeps these; returns where they now are.
    pub fn finish_value(self, name: &str, value: Value) -> (Kernel, Value) {
        let mut kernel = Kernel { name: name.into(), ops: self.ops, sequential: false };
        let mut keep = [value];
        crate::passes::drop_unused(&mut kernel, &mut keep);
        (kernel, keep[0])
    }

    /// Adds an operation, or finds the same one.
    pub fn push(&mut self, op: Op) -> Value {
        if let Some(x) = self.fold(&op) {
            return self.constant(x);
        }
        let pure = matches!(op, Op::Const(_) | Op::Builtin(_) | Op::Unary(..) | Op::Binary(..) | Op::Call(..) | Op::Select(..));
        if pure {
            let first = self.ops.len().saturating_sub(512);
            if let Some(k) = self.ops[first..].iter().position(|o| *o == op) {
                return (first + k) as Value;
            }
        }
        self.ops.push(op);
        (self.ops.len() - 1) as Value
    }

    /// A number.
    pub fn constant(&mut self, x: f64) -> Value {
        let op = Op::Const(x);
        match self.ops.iter().position(|o| matches!(o, Op::Const(y) if y.to_bits() == x.to_bits())) {
            Some(k) => k as Value,
            None => {
                self.ops.push(op);
                (self.ops.len() - 1) as Value
            }
        }
    }

    fn known(&self, v: Value) -> Option<f64> {
        match self.ops[v as usize] {
            Op::Const(x) => Some(x),
            _ => None,
        }
    }

    /// Value of an operation on numbers.
    fn fold(&self, op: &Op) -> Option<f64> {
        match op {
            Op::Unary(op, a) => Some(evaluate::unary(*op, self.known(*a)?)),
            Op::Binary(op, a, b) => Some(evaluate::binary(*op, self.known(*a)?, self.known(*b)?)),
            Op::Call(f, [a, b, c]) => Some(evaluate::call(*f, [self.known(*a)?, self.known(*b)?, self.known(*c)?])),
            _ => None,
        }
    }

    /// An infix operation; `x * 1` and the like are left out.
    pub fn binary(&mut self, op: BinaryOp, a: Value, b: Value) -> Value {
        match (op, self.known(a), self.known(b)) {
            (BinaryOp::Mul, Some(1.0), _) => return b,
            (BinaryOp::Mul | BinaryOp::Div | BinaryOp::Pow, _, Some(1.0)) => return a,
            (BinaryOp::Sub, _, Some(0.0)) => return a,
            (BinaryOp::Pow, _, Some(2.0)) => return self.push(Op::Binary(BinaryOp::Mul, a, a)),
            (BinaryOp::Pow, _, Some(3.0)) => {
                let square = self.push(Op::Binary(BinaryOp::Mul, a, a));
                return self.push(Op::Binary(BinaryOp::Mul, square, a));
            }
            (BinaryOp::Pow, _, Some(4.0)) => {
                let square = self.push(Op::Binary(BinaryOp::Mul, a, a));
                return self.push(Op::Binary(BinaryOp::Mul, square, square));
            }
            _ => {}
        }
        self.push(Op::Binary(op, a, b))
    }

    /// Sum.
    pub fn add(&mut self, a: Value, b: Value) -> Value {
        self.binary(BinaryOp::Add, a, b)
    }

    /// Product.
    pub fn mul(&mut self, a: Value, b: Value) -> Value {
        self.binary(BinaryOp::Mul, a, b)
    }

    /// Function of one value.
    pub fn call(&mut self, function: Function, a: Value) -> Value {
        self.push(Op::Call(function, [a; 3]))
    }

    /// The step in seconds.
    pub fn dt(&mut self) -> Value {
        self.push(Op::Builtin(Builtin::Dt))
    }

    /// Value of a place now.
    pub fn load(&mut self, place: Place) -> Value {
        if let Some(v) = self.loads.get(&place) {
            return *v;
        }
        self.ops.push(Op::Load(place));
        let v = (self.ops.len() - 1) as Value;
        self.loads.insert(place, v);
        v
    }

    /// Writes an own place at the end of the tape, and lets later reads see the value at once.
    pub fn store(&mut self, place: Place, value: Value) {
        if matches!(place, Place::Post(_)) {
            self.ops.push(Op::Store(place, value));
            self.loads.remove(&place);
            return;
        }
        self.loads.insert(place, value);
        match self.stores.iter_mut().find(|(p, _)| *p == place) {
            Some((_, v)) => *v = value,
            None => self.stores.push((place, value)),
        }
    }

    /// Forgets values that hang on replaced variables.
    pub fn stage(&mut self) {
        self.subexpressions.clear();
    }

    /// Lets `t` mean the middle of the step.
    pub fn middle_of_step(&mut self) {
        let half = self.constant(0.5);
        self.shift_time(half);
    }

    /// Lets `t` mean the end of the step.
    pub fn end_of_step(&mut self) {
        let one = self.constant(1.0);
        self.shift_time(one);
    }

    fn shift_time(&mut self, part: Value) {
        let (t, dt) = (self.push(Op::Builtin(Builtin::T)), self.dt());
        let ahead = self.mul(part, dt);
        self.time = Some(self.add(t, ahead));
    }

    /// An expression on a tape of its own.
    pub fn apart(&mut self, expr: &Expr) -> (Kernel, Value) {
        let mut tape = Tape::new(self.scene, self.next_stream);
        let value = tape.expression(expr);
        tape.finish_value("", value)
    }

    /// Present value of an own variable or parameter.
    pub fn own(&mut self, name: &str) -> Value {
        if let Some(v) = self.values.get(name) {
            return *v;
        }
        if let Some(v) = self.subexpressions.get(name) {
            return *v;
        }
        let scene = self.scene;
        if let Some(variable) = scene.model.variables.iter().find(|v| v.name == name)
            && let Role::Subexpression(rhs) = &variable.role
        {
            let v = self.expression(rhs);
            self.subexpressions.insert(name.into(), v);
            return v;
        }
        if let Some(trace) = scene.traces.iter().find(|t| t.name == name) {
            let v = self.trace(trace);
            self.values.insert(name.into(), v);
            return v;
        }
        let place = *scene.own.get(name).unwrap_or_else(|| panic!("checked name `{name}` has a place"));
        self.load(place)
    }

    /// Value of a variable, parameter or sub-expression of the neuron on one side.
    fn neuron(&mut self, scope: Scope, name: &str) -> Value {
        let scene = self.scene;
        let (places, model) = if scope == Scope::Pre { (&scene.pre, scene.pre_model) } else { (&scene.post, scene.post_model) };
        if let Some(place) = places.get(name) {
            return self.load(*place);
        }
        let rhs = model.and_then(|m| m.variables.iter().find(|v| v.name == name)).and_then(|v| match &v.role {
            Role::Subexpression(rhs) => Some(moved(rhs, scope)),
            _ => None,
        });
        let rhs = rhs.unwrap_or_else(|| panic!("checked name `{name}` of a neuron has a place"));
        self.expression(&rhs)
    }

    /// Value of an event-driven variable now: its exact solution since its last event.
    fn trace(&mut self, trace: &Trace) -> Value {
        let x = self.load(trace.place);
        let elapsed = match self.elapsed.get(&trace.last) {
            Some(v) => *v,
            None => {
                self.ops.push(Op::Elapsed(trace.last));
                let v = (self.ops.len() - 1) as Value;
                self.elapsed.insert(trace.last, v);
                v
            }
        };
        let rate = self.expression(&trace.rate);
        let exponent = self.mul(rate, elapsed);
        let factor = self.call(Function::Exp, exponent);
        let decayed = self.mul(x, factor);
        match &trace.constant {
            None => decayed,
            Some(b) => {
                let b = self.expression(b);
                let relative = self.call(Function::Exprel, exponent);
                let grown = self.mul(elapsed, relative);
                let gained = self.mul(b, grown);
                self.add(decayed, gained)
            }
        }
    }

    /// Sets an own variable.
    pub fn set_own(&mut self, name: &str, value: Value) {
        self.subexpressions.clear();
        let scene = self.scene;
        if let Some(trace) = scene.traces.iter().find(|t| t.name == name) {
            self.values.insert(name.into(), value);
            let (place, last) = (trace.place, trace.last);
            match self.stores.iter_mut().find(|(p, _)| *p == place) {
                Some((_, v)) => *v = value,
                None => self.stores.push((place, value)),
            }
            if !self.marks.contains(&last) {
                self.marks.push(last);
            }
            return;
        }
        let place = scene.own[name];
        self.values.remove(name);
        self.store(place, value);
    }

    /// Writes an expression.
    pub fn expression(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            ExprKind::Number(x) => self.constant(*x),
            ExprKind::Name(Scope::Own, name) => self.own(name),
            ExprKind::Name(Scope::Local, name) => match self.locals.get(name) {
                Some(value) => *value,
                None => self.load(self.scene.around[name]),
            },
            ExprKind::Name(scope @ (Scope::Pre | Scope::Post), name) => self.neuron(*scope, name),
            ExprKind::Builtin(Builtin::T) if self.time.is_some() => self.time.unwrap_or_default(),
            ExprKind::Builtin(b) => self.push(Op::Builtin(*b)),
            ExprKind::Noise(name) => self.white_noise(name),
            ExprKind::Unary(op, a) => {
                let a = self.expression(a);
                self.push(Op::Unary(*op, a))
            }
            ExprKind::Binary(op, a, b) => {
                let a = self.expression(a);
                let b = self.expression(b);
                self.binary(*op, a, b)
            }
            ExprKind::Call(function, arguments) => {
                let values: Vec<Value> = arguments.iter().map(|a| self.expression(a)).collect();
                if matches!(function, Function::Rand | Function::Randn | Function::Poisson) {
                    let mean = match values.first() {
                        Some(v) => *v,
                        None => self.constant(0.0),
                    };
                    return self.random(*function, mean);
                }
                let last = *values.last().unwrap_or(&0);
                let at = |k: usize| *values.get(k).unwrap_or(&last);
                self.push(Op::Call(*function, [at(0), at(1), at(2)]))
            }
            ExprKind::If { condition, then, otherwise } => {
                let condition = self.expression(condition);
                let then = self.expression(then);
                let otherwise = self.expression(otherwise);
                self.push(Op::Select(condition, then, otherwise))
            }
        }
    }

    /// A fresh random number, with a stream of its own.
    pub fn random(&mut self, function: Function, mean: Value) -> Value {
        let stream = *self.next_stream;
        *self.next_stream += 1;
        self.push(Op::Random { function, mean, stream })
    }

    /// A standard normal number for a noise symbol, the same wherever the symbol stands in the step.
    pub fn white_noise(&mut self, name: &str) -> Value {
        if let Some(v) = self.noise.get(name) {
            return *v;
        }
        let zero = self.constant(0.0);
        let v = self.random(Function::Randn, zero);
        self.noise.insert(name.into(), v);
        v
    }

    /// Writes a statement.
    pub fn statement(&mut self, statement: &Statement) {
        let value = self.expression(&statement.value);
        let changed = |tape: &mut Self, old: Value| match statement.op {
            AssignOp::Set => value,
            AssignOp::Add => tape.add(old, value),
            AssignOp::Sub => tape.binary(BinaryOp::Sub, old, value),
            AssignOp::Mul => tape.mul(old, value),
            AssignOp::Div => tape.binary(BinaryOp::Div, old, value),
        };
        match statement.scope {
            Scope::Local => {
                let old = self.locals.get(&statement.name).copied().unwrap_or(value);
                let new = changed(self, old);
                self.locals.insert(statement.name.clone(), new);
            }
            Scope::Own => {
                let old = if statement.op == AssignOp::Set { value } else { self.own(&statement.name) };
                let new = changed(self, old);
                self.set_own(&statement.name, new);
            }
            Scope::Post => {
                let place = self.scene.post[&statement.name];
                match statement.op {
                    AssignOp::Add => {
                        self.ops.push(Op::Add(place, value));
                        self.loads.remove(&place);
                    }
                    AssignOp::Sub => {
                        let negative = self.push(Op::Unary(UnaryOp::Neg, value));
                        self.ops.push(Op::Add(place, negative));
                        self.loads.remove(&place);
                    }
                    AssignOp::Set => self.store(place, value),
                    AssignOp::Mul | AssignOp::Div => {
                        let old = self.load(place);
                        let new = changed(self, old);
                        self.store(place, new);
                    }
                }
                self.subexpressions.clear();
            }
            Scope::Pre => panic!("check lets no statement write to the presynaptic neuron"),
        }
    }
}

/// An expression of a neuron as a synapse sees it.
fn moved(expr: &Expr, scope: Scope) -> Expr {
    let of = |e: &Expr| Box::new(moved(e, scope));
    let kind = match &expr.kind {
        ExprKind::Name(Scope::Own, n) => ExprKind::Name(scope, n.clone()),
        ExprKind::Unary(o, a) => ExprKind::Unary(*o, of(a)),
        ExprKind::Binary(o, a, b) => ExprKind::Binary(*o, of(a), of(b)),
        ExprKind::Call(f, args) => ExprKind::Call(*f, args.iter().map(|a| moved(a, scope)).collect()),
        ExprKind::If { condition, then, otherwise } => ExprKind::If { condition: of(condition), then: of(then), otherwise: of(otherwise) },
        other => other.clone(),
    };
    Expr { kind, ..expr.clone() }
}

/// Does a synapse read of its target what another synapse of the same spike may have changed?
fn reads_what_it_writes(kernel: &Kernel) -> bool {
    kernel.ops.iter().any(|op| match op {
        Op::Store(p @ Place::Post(_), _) | Op::Add(p @ Place::Post(_), _) => kernel.ops.iter().any(|o| matches!(o, Op::Load(q) if q == p)),
        _ => false,
    })
}
