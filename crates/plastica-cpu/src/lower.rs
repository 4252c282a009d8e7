//! From the kernel IR to a [`Tape`]: tells values that are the same for many elements from those that differ, and gives the latter registers.

use plastica_kernel::ir::{Kernel, Op, Place, Value};
use plastica_kernel::passes::operands;
use plastica_lang::model::{BinaryOp, Builtin};

use crate::array::Kind;
use crate::levels::{Level, is_wide, levels, one_by_one};
use crate::tape::{Axis, Instruction, Mode, Source, Tape};

/// What lowering must know besides the kernel.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// How the tape will be run.
    pub mode: Mode,
    /// May two synapses of a row have the same target?
    pub multapses: bool,
    /// Precision of the run.
    pub real: Kind,
    /// Is the value that is needed outside a condition, of which only matters where it holds?
    pub condition: bool,
    /// Compute in this precision, whatever the kernel reads.
    pub wide: Option<bool>,
    /// Type of the array of a place.
    pub kind: &'a dyn Fn(Place) -> Kind,
}

/// Makes a kernel ready for a mode; `keep` is a value that is needed outside.
pub fn lower(kernel: &Kernel, keep: Option<Value>, context: Context<'_>) -> Tape {
    let mode = context.mode;
    let mut levels = levels(kernel, mode);
    let one_by_one = one_by_one(kernel, context, &levels);
    let wide = context.wide.unwrap_or_else(|| context.real == Kind::Double || is_wide(kernel, context, &levels));
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
    writer.tape.condition = context.condition;
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
            condition: false,
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
        if let Op::Binary(BinaryOp::Add, x, y) = op
            && (self.product_plus(k, *x, sources[1]) || self.product_plus(k, *y, sources[0]))
        {
            return;
        }
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

    /// Makes one instruction of a product and the sum that alone reads it, if one follows the other: fewer registers go through memory.
    fn product_plus(&mut self, k: usize, product: Value, other: Source) -> bool {
        let (Some(Source::Register(to)), Some(Instruction::Binary(BinaryOp::Mul, r, a, b))) = (self.sources[product as usize], self.tape.body.last().copied())
        else {
            return false;
        };
        if r != to || other == Source::Register(to) || self.last_use[product as usize] != k {
            return false;
        }
        self.tape.body.pop();
        self.tape.body.push(Instruction::ProductPlus(to, [a, b, other]));
        // The sum takes the register over.
        self.sources[product as usize] = None;
        self.sources[k] = Some(Source::Register(to));
        self.release(k);
        true
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
