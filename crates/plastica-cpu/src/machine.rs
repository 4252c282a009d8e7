//! A tape with all that it needs to run: registers, scalars, random streams and the addresses of its arrays.

use plastica_engine::backend::{Seeds, Step};
use plastica_kernel::ir::{Op, Place, Value};
use plastica_lang::evaluate;
use plastica_lang::model::{Builtin, Function};
use plastica_network::synapse_element;
use plastica_numerics::random::{PoissonTable, Stream, stream_id};

use crate::array::{BLOCK, Block, Kind, Lane};
use crate::chunk;
use crate::dispatch::Instructions;
use crate::meaning;
use crate::tape::{Axis, CHUNK, Tape};

/// Where the elements of a chunk stand on an axis.
#[derive(Clone, Copy, Debug)]
pub enum Index {
    /// One after another, from here on.
    Run(usize),
    /// At these places, one for each element.
    List(*const u32),
    /// All at the same place.
    One(usize),
}

impl Index {
    /// Place of an element.
    ///
    /// # Safety
    /// A list has more than `i` entries.
    #[inline(always)]
    pub unsafe fn at(self, i: usize) -> usize {
        match self {
            Index::Run(start) => start + i,
            // SAFETY: the caller says that the list is long enough.
            Index::List(list) => unsafe { *list.add(i) as usize },
            Index::One(place) => place,
        }
    }
}

/// The elements of a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// How many, at most [`CHUNK`].
    pub n: usize,
    /// On the axis of their own.
    pub own: Index,
    /// Presynaptic neurons, numbered in the whole population.
    pub pre: Index,
    /// Postsynaptic neurons, numbered among the owned ones.
    pub post: Index,
}

impl Frame {
    /// On any axis.
    #[inline(always)]
    pub fn on(&self, axis: Axis) -> Index {
        match axis {
            Axis::Own => self.own,
            Axis::Pre => self.pre,
            Axis::Post => self.post,
            Axis::Scalar => Index::One(0),
        }
    }

    /// Consecutive elements.
    pub fn run(start: usize, n: usize) -> Frame {
        Frame { n, own: Index::Run(start), pre: Index::One(0), post: Index::One(0) }
    }
}

/// Where increments with a delay of their own wait: one row of values for each step of a ring.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// First value of the first row.
    pub rows: *mut u8,
    /// Number of rows.
    pub count: usize,
    /// Values in a row.
    pub width: usize,
    /// Delay of each synapse in steps.
    pub delays: *const u32,
    /// Row of the present step.
    pub present: usize,
}

/// The array of a place.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// Type of its elements.
    pub kind: Kind,
    /// Address of the element at place 0 of the axis.
    pub pointer: *mut u8,
    /// Where increments go: the same, unless they travel on.
    pub sink: *mut u8,
    /// Where increments that find 0 here, at the place of the target, are lost (or null).
    pub gate: *const u8,
    /// Increments wait here first.
    pub waiting: Option<Waiting>,
}

impl Bound {
    /// An array that any increment reaches at once.
    pub fn plain(kind: Kind, pointer: *mut u8) -> Bound {
        Bound { kind, pointer, sink: pointer, gate: std::ptr::null(), waiting: None }
    }
}

/// What a tape reads besides places.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// Step.
    pub now: Step,
    /// Its length in seconds.
    pub dt_s: f64,
    /// Number of neurons of the population.
    pub size: usize,
    /// Number, in the whole population, of the neuron at place 0 of the neurons' axis.
    pub first: usize,
    /// 1 where a neuron is free.
    pub free: *const u8,
    /// Last spike of each neuron.
    pub last: *const i64,
    /// Which of several synapses of a pair, or null.
    pub multapse: *const u16,
    /// What was kept of the postsynaptic spikes.
    pub kept: Kept,
}

/// What was kept of the postsynaptic spikes of the elements of a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Place of each element's spike in the arrays of the history.
    pub entries: *const u32,
    /// Step of each spike in the history.
    pub steps: *const i64,
    /// Values of each spike in the history: array after array.
    pub values: *const u8,
    /// Distance between two of those arrays, in values.
    pub width: usize,
}

impl Kept {
    /// Nothing.
    pub const NONE: Kept = Kept { entries: std::ptr::null(), steps: std::ptr::null(), values: std::ptr::null(), width: 0 };
}

/// The scalars that a tape may read.
#[derive(Clone, Copy)]
pub struct Scalars<'a> {
    /// Own.
    pub own: &'a [f64],
    /// Of the presynaptic population.
    pub pre: &'a [f64],
    /// Of the postsynaptic population.
    pub post: &'a [f64],
}

/// A tape that computes with numbers of type `C`, ready to run.
pub struct Machine<C> {
    pub(crate) tape: Tape,
    pub(crate) registers: Vec<Block<C>>,
    pub(crate) scalars: Vec<C>,
    pub(crate) wide: Vec<f64>,
    pub(crate) streams: Vec<Stream>,
    pub(crate) tables: Vec<Option<PoissonTable>>,
    pub(crate) noise: Box<[f64; CHUNK]>,
    pub(crate) means: Box<[f64; CHUNK]>,
    pub(crate) bounds: Vec<Bound>,
    pub(crate) around: Around,
    set: Instructions,
}

// SAFETY: the addresses in `bounds` and `around` are set anew by `begin` at each call and are not used after it.
unsafe impl<C: Send> Send for Machine<C> {}

/// Registers beyond those of the tape: for operands that are scalars.
pub(crate) const SPARE: usize = 3;
/// Blocks of a register.
pub(crate) const BLOCKS: usize = CHUNK / BLOCK;

impl<C: Lane> Machine<C> {
    /// `owner` is the name that keys the random streams.
    pub fn new(tape: Tape, owner: &str, seeds: Seeds, set: Instructions) -> Self {
        let streams: Vec<Stream> = tape.streams.iter().map(|s| Stream::new(seeds.seed, seeds.subject, stream_id(owner, *s))).collect();
        Machine {
            registers: vec![[C::ZERO; BLOCK]; (tape.registers + SPARE) * BLOCKS],
            scalars: vec![C::ZERO; tape.values],
            wide: vec![0.0; tape.values],
            tables: streams.iter().map(|_| None).collect(),
            streams,
            noise: Box::new([0.0; CHUNK]),
            means: Box::new([0.0; CHUNK]),
            bounds: Vec::new(),
            around: Around {
                now: 0,
                dt_s: 0.0,
                size: 0,
                first: 0,
                free: std::ptr::null(),
                last: std::ptr::null(),
                multapse: std::ptr::null(),
                kept: Kept::NONE,
            },
            set,
            tape,
        }
    }

    /// Begins a call: takes the addresses of the arrays and computes what is the same for all elements.
    pub fn begin(&mut self, around: Around, scalars: Scalars<'_>, bind: &dyn Fn(Place) -> Bound) {
        self.around = around;
        self.bounds.clear();
        self.bounds.extend(self.tape.places.iter().map(|p| bind(*p)));
        for (v, op) in &self.tape.globals {
            let at = |v: &Value| self.wide[*v as usize];
            let x = match op {
                Op::Const(x) => *x,
                Op::Builtin(Builtin::T) => around.now as f64 * around.dt_s,
                Op::Builtin(Builtin::Dt) => around.dt_s,
                Op::Builtin(_) => around.size as f64,
                Op::Load(Place::Shared(k)) => scalars.own[*k as usize],
                Op::Load(Place::PreShared(k)) => scalars.pre[*k as usize],
                Op::Load(Place::PostShared(k)) => scalars.post[*k as usize],
                Op::Unary(o, a) => evaluate::unary(*o, at(a)),
                Op::Binary(o, a, b) => evaluate::binary(*o, at(a), at(b)),
                Op::Call(f, [a, b, c]) => evaluate::call(*f, [at(a), at(b), at(c)]),
                Op::Select(c, a, b) => {
                    if at(c) != 0.0 {
                        at(a)
                    } else {
                        at(b)
                    }
                }
                Op::Random { .. } => self.draw_once(op),
                other => panic!("scalars-are-computed-once: {other:?}"),
            };
            self.wide[*v as usize] = x;
            self.scalars[*v as usize] = C::from_f64(x);
        }
    }

    /// A random number that only scalars hang on has the key of the first element.
    fn draw_once(&self, op: &Op) -> f64 {
        let Op::Random { function, mean, stream } = op else { return 0.0 };
        let Some(k) = self.tape.streams.iter().position(|s| s == stream) else { return 0.0 };
        self.draw(*function, self.wide[*mean as usize], k, 0)
    }

    /// One random number for an element.
    pub(crate) fn draw(&self, function: Function, mean: f64, stream: usize, element: u64) -> f64 {
        let (stream, step) = (self.streams[stream], self.around.now as u64);
        match function {
            Function::Rand => stream.uniform(element, step, 0),
            Function::Randn => stream.normal(element, step, 0),
            _ => stream.poisson(mean, element, step, 0),
        }
    }

    /// Key of an element for random numbers.
    ///
    /// # Safety
    /// The frame has more than `i` elements, and its lists that many entries.
    pub(crate) unsafe fn element(&self, frame: &Frame, i: usize) -> u64 {
        let first = self.around.first;
        // SAFETY: the caller says that the lists are long enough, and `multapse` has an entry for each synapse.
        unsafe {
            use crate::tape::Mode;
            match self.tape.mode {
                Mode::Neurons | Mode::NeuronList => (frame.own.at(i) + first) as u64,
                Mode::PreSide => frame.pre.at(i) as u64,
                Mode::PostSide => (frame.post.at(i) + first) as u64,
                _ => {
                    let multapse = if self.around.multapse.is_null() { 0 } else { *self.around.multapse.add(frame.own.at(i)) };
                    synapse_element(frame.pre.at(i) as u32, (frame.post.at(i) + first) as u32, multapse)
                }
            }
        }
    }

    /// Computes what is the same for all elements of a row or column.
    ///
    /// # Safety
    /// The frame's places exist in the arrays that [`Machine::begin`] was given.
    pub unsafe fn line(&mut self, frame: &Frame) {
        for k in 0..self.tape.line.len() {
            let (v, op, place) = &self.tape.line[k];
            let at = |v: &Value| self.scalars[*v as usize];
            // SAFETY: a value of a line has one place on its axis, which the caller says exists.
            let x = unsafe {
                match op {
                    Op::Load(p) => chunk::value::<C>(&self.bounds[*place as usize], frame.on(self.tape.mode.axis(*p)).at(0)),
                    Op::Elapsed(p) => {
                        let marked = self.bounds[*place as usize].pointer.cast::<i64>().add(frame.on(self.tape.mode.axis(*p)).at(0));
                        chunk::seconds(self.around.now, *marked, self.around.dt_s)
                    }
                    Op::Builtin(Builtin::I) => C::from_f64(frame.on(self.tape.mode.index_axis()).at(0) as f64),
                    Op::Builtin(Builtin::J) => C::from_f64((frame.post.at(0) + self.around.first) as f64),
                    Op::Builtin(Builtin::LastSpike) => chunk::last_spike(*self.around.last.add(frame.post.at(0)), self.around.dt_s),
                    Op::Builtin(_) => C::truth(*self.around.free.add(frame.post.at(0)) != 0),
                    Op::Unary(o, a) => meaning::unary(*o, at(a)),
                    Op::Binary(o, a, b) => meaning::binary(*o, at(a), at(b)),
                    Op::Call(f, [a, b, c]) => meaning::call(*f, at(a), at(b), at(c)),
                    Op::Select(c, a, b) => meaning::select(at(c), at(a), at(b)),
                    other => panic!("lines-are-computed-once: {other:?}"),
                }
            };
            let v = *v as usize;
            self.scalars[v] = x;
            self.wide[v] = x.to_f64();
        }
    }

    /// Runs the body for a chunk.
    ///
    /// # Safety
    /// The frame's places exist in the arrays that [`Machine::begin`] was given, and nothing else holds references to them.
    pub unsafe fn chunk(&mut self, frame: &Frame) {
        // SAFETY: passed on to the caller; the processor has what `set` names.
        unsafe { self.set.run(self, frame) }
    }

    /// Ends a call: stores the scalars.
    pub fn end(&self, shared: &mut [f64]) {
        for (slot, v) in &self.tape.finals {
            shared[*slot as usize] = self.wide[*v as usize].flushed();
        }
    }
}
