//! From the kernel IR to a [`Tape`]: tells values that are the same for many elements from those that differ, and gives the latter registers.

use plastica_kernel::ir::{Kernel, Op, Place, Value};
use plastica_kernel::passes::operands;
use plastica_lang::model::{BinaryOp, Builtin};

use crate::array::Kind;
use crate::tape::{Axis, Instruction, Mode, Source, Tape};

/// For how many elements a value is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For all of a call.
    Call,
    /// For all of a row or column.
    Line,
    /// For none but itself.
    Element,
}

/// What lowering must know besides the kernel.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// How the tape will be run.
    pub mode: Mode,
    /// May two synapses of a row have the same target?
    pub multapses: bool,
    /// Precision of the run.
    pub real: Kind,
    /// Type of the array of a place.
    pub kind: &'a dyn Fn(Place) -> Kind,
}

/// Must the elements be done one after another, each reading scalars and lines anew?
///
/// So it is where an element reads what an element before it may have written: a scalar, a value of the row or column, or a value of
/// a neuron that two elements of the run share. The order of sums is kept too: such a value may be added to in one place of the tape only.
fn one_by_one(kernel: &Kernel, context: Context<'_>, levels: &[Level]) -> bool {
    let mode = context.mode;
    let shows = |place: Place| {
        let writes = kernel.ops.iter().filter(|op| matches!(op, Op::Store(p, _) | Op::Add(p, _) if *p == place)).count();
        writes > 1 || kernel.ops.iter().any(|op| matches!(op, Op::Load(p) | Op::Elapsed(p) if *p == place))
    };
    kernel.ops.iter().any(|op| {
        let (Op::Store(p, _) | Op::Add(p, _) | Op::Mark(p)) = op else { return false };
        let met = match mode {
            Mode::All | Mode::Column | Mode::Deferred => true,
            Mode::Row => context.multapses,
            _ => false,
        };
        match (mode.axis(*p), op) {
            (Axis::Scalar, Op::Store(_, v)) if matches!(mode, Mode::Neurons | Mode::All) => levels[*v as usize] > Level::Call,
            (Axis::Scalar, _) => true,
            (Axis::Own, _) => false,
            (axis, _) if mode.fixed_axis() == Some(axis) => shows(*p),
            _ => met && shows(*p),
        }
    })
}

/// The random numbers that only scalars hang on: drawn once for the population, not for each neuron.
fn drawn_once(kernel: &Kernel) -> Vec<bool> {
    let slice = |start: &dyn Fn(&Op) -> bool| {
        let mut needed = vec![false; kernel.ops.len()];
        for (k, op) in kernel.ops.iter().enumerate().rev() {
            if start(op) || needed[k] {
                needed[k] = true;
                operands(op).iter().for_each(|v| needed[*v as usize] = true);
            }
        }
        needed
    };
    let scalars = slice(&|op| matches!(op, Op::Store(Place::Shared(_), _)));
    scalars.iter().zip(&kernel.ops).map(|(s, op)| *s && matches!(op, Op::Random { .. })).collect()
}

fn levels(kernel: &Kernel, mode: Mode) -> Vec<Level> {
    let once = drawn_once(kernel);
    let at = |axis: Axis| match axis {
        Axis::Scalar => Level::Call,
        axis if mode.fixed_axis() == Some(axis) => Level::Line,
        _ => Level::Element,
    };
    let mut levels: Vec<Level> = Vec::with_capacity(kernel.ops.len());
    for (k, op) in kernel.ops.iter().enumerate() {
        let highest = operands(op).iter().map(|v| levels[*v as usize]).max().unwrap_or(Level::Call);
        levels.push(match op {
            Op::Const(_) | Op::Builtin(Builtin::T | Builtin::Dt | Builtin::N) => Level::Call,
            Op::Builtin(Builtin::I) => at(mode.index_axis()),
            Op::Builtin(Builtin::J) => at(Axis::Post),
            Op::Builtin(Builtin::LastSpike | Builtin::NotRefractory) => at(mode.neuron_axis()),
            Op::Load(p) | Op::Elapsed(p) => at(mode.axis(*p)),
            Op::Random { .. } if once[k] && matches!(mode, Mode::Neurons | Mode::All) => highest,
            Op::Random { .. } | Op::Mark(_) => Level::Element,
            Op::Unary(..) | Op::Binary(..) | Op::Call(..) | Op::Select(..) | Op::Store(..) | Op::Add(..) => highest,
        });
    }
    levels
}

/// Does single precision not do? So it is with slow variables, and where the time of a long run meets values of elements.
fn is_wide(kernel: &Kernel, context: Context<'_>, levels: &[Level]) -> bool {
    let mut time_like = vec![false; kernel.ops.len()];
    kernel.ops.iter().enumerate().any(|(k, op)| {
        let read = |v: &Value| time_like[*v as usize];
        let meets = levels[k] > Level::Call && !matches!(op, Op::Store(..) | Op::Add(..)) && operands(op).iter().any(read);
        let passes_on = matches!(op, Op::Binary(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div, a, b) if read(a) || read(b));
        time_like[k] = matches!(op, Op::Builtin(Builtin::T)) || passes_on;
        match op {
            // Scalars are in double precision anyway.
            Op::Load(p) | Op::Store(p, _) | Op::Add(p, _) => (context.mode.axis(*p) != Axis::Scalar && (context.kind)(*p) == Kind::Double) || meets,
            Op::Builtin(Builtin::LastSpike) => true,
            _ => meets,
        }
    })
}

/// Makes a kernel ready for a mode; `keep` is a value that is needed outside.
pub fn lower(kernel: &Kernel, keep: Option<Value>, context: Context<'_>) -> Tape {
    let mode = context.mode;
    let mut levels = levels(kernel, mode);
    let one_by_one = one_by_one(kernel, context, &levels);
    let wide = context.real == Kind::Double || is_wide(kernel, context, &levels);
    if one_by_one {
        levels.iter_mut().zip(&kernel.ops).for_each(|(level, op)| {
            if !matches!(op, Op::Const(_) | Op::Builtin(Builtin::T | Builtin::Dt | Builtin::N)) {
                *level = Level::Element;
            }
        });
    }
    let mut writer = Writer::new(kernel, keep, context, &levels, if wide { Kind::Double } else { Kind::Single });
    writer.tape.wide = wide;
    writer.tape.one_by_one = one_by_one;
    for k in 0..kernel.ops.len() {
        writer.operation(k);
    }
    writer.tape.result = keep.map(|v| writer.source(v));
    writer.tape
}

struct Writer<'a> {
    kernel: &'a Kernel,
    context: Context<'a>,
    levels: &'a [Level],
    compute: Kind,
    /// Last operation that reads each value.
    last_use: Vec<usize>,
    sources: Vec<Option<Source>>,
    free: Vec<u16>,
    tape: Tape,
}

impl<'a> Writer<'a> {
    fn new(kernel: &'a Kernel, keep: Option<Value>, context: Context<'a>, levels: &'a [Level], compute: Kind) -> Self {
        let mut last_use: Vec<usize> = (0..kernel.ops.len()).collect();
        for (k, op) in kernel.ops.iter().enumerate() {
            operands(op).iter().for_each(|v| last_use[*v as usize] = k);
        }
        if let Some(v) = keep {
            last_use[v as usize] = usize::MAX;
        }
        let tape = Tape {
            mode: context.mode,
            one_by_one: false,
            wide: false,
            globals: Vec::new(),
            line: Vec::new(),
            body: Vec::new(),
            finals: Vec::new(),
            places: Vec::new(),
            streams: Vec::new(),
            kept: Vec::new(),
            registers: 0,
            values: kernel.ops.len(),
            result: None,
        };
        Writer { kernel, context, levels, compute, last_use, sources: vec![None; kernel.ops.len()], free: Vec::new(), tape }
    }

    fn place(&mut self, place: Place) -> u16 {
        let at = self.tape.places.iter().position(|p| *p == place).unwrap_or_else(|| {
            self.tape.places.push(place);
            self.tape.places.len() - 1
        });
        at as u16
    }

    fn source(&mut self, v: Value) -> Source {
        if let Some(source) = self.sources[v as usize] {
            return source;
        }
        if self.levels[v as usize] == Level::Line && self.context.mode == Mode::Deferred {
            self.tape.kept.push(v);
            let to = self.register();
            self.tape.body.push(Instruction::Kept(to, self.tape.kept.len() as u16 - 1));
            self.sources[v as usize] = Some(Source::Register(to));
            return Source::Register(to);
        }
        Source::Scalar(v)
    }

    fn register(&mut self) -> u16 {
        self.free.pop().unwrap_or_else(|| {
            self.tape.registers += 1;
            self.tape.registers as u16 - 1
        })
    }

    /// Can the values of a load be used where they stand until operation `last`? Not if the array has another type, or changes before.
    fn can_view(&self, k: usize, place: Place) -> bool {
        let here = self.context.mode.consecutive() && !self.tape.one_by_one && matches!(place, Place::Own(_)) && (self.context.kind)(place) == self.compute;
        let last = self.last_use[k].min(self.kernel.ops.len() - 1);
        let changed = |op: &Op| matches!(op, Op::Store(p, _) | Op::Add(p, _) if *p == place);
        here && self.last_use[k] != usize::MAX && !self.kernel.ops[k..=last].iter().any(changed)
    }

    fn operation(&mut self, k: usize) {
        let op = &self.kernel.ops[k];
        let writes = matches!(op, Op::Store(..) | Op::Add(..) | Op::Mark(_));
        if !writes && self.levels[k] == Level::Call {
            self.tape.globals.push((k as Value, op.clone()));
            return;
        }
        if !writes && self.levels[k] == Level::Line {
            let place = if let Op::Load(p) | Op::Elapsed(p) = op { self.place(*p) } else { u16::MAX };
            self.tape.line.push((k as Value, op.clone(), place));
            return;
        }
        if let Op::Store(Place::Shared(slot), v) = op
            && !self.tape.one_by_one
        {
            self.tape.finals.push((*slot, *v));
            return;
        }
        if let Op::Load(p) = op
            && self.can_view(k, *p)
        {
            let place = self.place(*p);
            self.sources[k] = Some(Source::View(place));
            return;
        }
        let sources: Vec<Source> = operands(op).iter().map(|v| self.source(*v)).collect();
        let to = if writes { 0 } else { self.register() };
        let instruction = match op {
            Op::Const(_) | Op::Builtin(Builtin::T | Builtin::Dt | Builtin::N) => return,
            Op::Builtin(Builtin::I) => Instruction::Index(to, self.context.mode.index_axis()),
            Op::Builtin(Builtin::J) => Instruction::Index(to, Axis::Post),
            Op::Builtin(Builtin::LastSpike) => Instruction::LastSpike(to),
            Op::Builtin(Builtin::NotRefractory) => Instruction::NotRefractory(to),
            Op::Load(p) => Instruction::Load(to, self.place(*p)),
            Op::Elapsed(p) => Instruction::Elapsed(to, self.place(*p)),
            Op::Unary(o, _) => Instruction::Unary(*o, to, sources[0]),
            Op::Binary(o, ..) => Instruction::Binary(*o, to, sources[0], sources[1]),
            Op::Call(f, _) => Instruction::Call(*f, to, [sources[0], sources[1], sources[2]]),
            Op::Select(..) => Instruction::Select(to, [sources[0], sources[1], sources[2]]),
            Op::Random { function, stream, .. } => Instruction::Random(to, *function, sources[0], self.stream(*stream)),
            Op::Store(p, _) => Instruction::Store(self.place(*p), sources[0]),
            Op::Add(p, _) => Instruction::Add(self.place(*p), sources[0]),
            Op::Mark(p) => Instruction::Mark(self.place(*p)),
        };
        self.tape.body.push(instruction);
        if !writes {
            self.sources[k] = Some(Source::Register(to));
        }
        self.release(k);
    }

    fn stream(&mut self, stream: u32) -> u16 {
        self.tape.streams.push(stream);
        self.tape.streams.len() as u16 - 1
    }

    /// Gives back the registers of values that operation `k` was the last to read (its own, if nothing reads it).
    fn release(&mut self, k: usize) {
        let mut done = operands(&self.kernel.ops[k]);
        done.push(k as Value);
        done.sort_unstable();
        done.dedup();
        for v in done {
            if self.last_use[v as usize] == k
                && let Some(Source::Register(r)) = self.sources[v as usize]
            {
                self.free.push(r);
            }
        }
    }
}
