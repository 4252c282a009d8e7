//! A tape with all that it needs to run: registers, scalars, random streams and the addresses of its arrays.

use plastica_engine::backend::Seeds;
use plastica_kernel::ir::{Op, Place, Value};
use plastica_lang::evaluate;
use plastica_lang::model::{Builtin, Function};
use plastica_network::synapse_element;
use plastica_numerics::random::{PoissonTable, Stream, stream_id};

use crate::array::{BLOCK, Block, Lane, Values};
use crate::chunk;
use crate::dispatch::Instructions;
use crate::frame::{Around, Bound, Frame, Kept, Scalars};
use crate::meaning;
use crate::memory;
#[cfg(target_arch = "x86_64")]
use crate::native::{self, Native};
use crate::tape::{CHUNK, Tape};

/// A tape that computes with numbers of type `C`, ready to run.
pub struct Machine<C> {
    pub(crate) tape: Tape,
    pub(crate) registers: Vec<Block<C>>,
    pub(crate) scalars: Vec<C>,
    pub(crate) wide: Vec<f64>,
    /// The scalars that are read for what is the same for all elements.
    reads: Vec<(Value, Place)>,
    /// Is some of that another in each step?
    differs_by_step: bool,
    pub(crate) streams: Vec<Stream>,
    pub(crate) tables: Vec<Option<PoissonTable>>,
    pub(crate) noise: Box<[f64; CHUNK]>,
    pub(crate) means: Box<[f64; CHUNK]>,
    pub(crate) elements: Box<[u64; CHUNK]>,
    pub(crate) bounds: Vec<Bound>,
    other_bounds: Vec<Bound>,
    pub(crate) around: Around,
    pub(crate) set: Instructions,
    /// Stretches as machine code.
    #[cfg(target_arch = "x86_64")]
    pub(crate) native: Option<Native>,
}

// SAFETY: the addresses in `bounds` and `around` are set anew by `begin` at each call and are not used after it, or belong to arrays of the
// population that owns the machine and travels with it.
unsafe impl<C: Send> Send for Machine<C> {}

/// Registers beyond those of the tape: for operands that are scalars.
pub(crate) const SPARE: usize = 3;
/// Blocks of a register.
pub(crate) const BLOCKS: usize = CHUNK / BLOCK;

impl<C: Lane> Machine<C> {
    /// `owner` is the name that keys the random streams.
    pub fn new(mut tape: Tape, owner: &str, seeds: Seeds, set: Instructions) -> Self {
        let streams: Vec<Stream> = tape.streams.iter().map(|s| Stream::new(seeds.seed, seeds.subject, stream_id(owner, *s))).collect();
        let (mut scalars, mut wide) = (vec![C::ZERO; tape.values], vec![0.0; tape.values]);
        // What is written in the text is the same for all calls.
        for (v, x) in tape.globals.iter().filter_map(|(v, op)| if let Op::Const(x) = op { Some((*v as usize, *x)) } else { None }) {
            (wide[v], scalars[v]) = (x, C::from_f64(x));
        }
        tape.globals.retain(|(_, op)| !matches!(op, Op::Const(_)));
        let reads = tape.globals.iter().filter_map(|(v, op)| if let Op::Load(place) = op { Some((*v, *place)) } else { None }).collect();
        Machine {
            reads,
            differs_by_step: tape.globals.iter().any(|(_, op)| matches!(op, Op::Builtin(Builtin::T) | Op::Random { .. })),
            #[cfg(target_arch = "x86_64")]
            native: native::made::<C>(&tape, set == Instructions::Avx512),
            registers: vec![[C::ZERO; BLOCK]; (tape.registers + SPARE) * BLOCKS],
            scalars,
            wide,
            tables: streams.iter().map(|_| None).collect(),
            streams,
            noise: Box::new([0.0; CHUNK]),
            means: Box::new([0.0; CHUNK]),
            elements: Box::new([0; CHUNK]),
            bounds: Vec::new(),
            other_bounds: Vec::new(),
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
        self.bind(bind);
        self.start(around, scalars);
    }

    /// Takes the addresses of the arrays. They hold until they are taken anew, so that arrays which never move need this once.
    pub fn bind(&mut self, bind: &dyn Fn(Place) -> Bound) {
        self.bounds.clear();
        self.bounds.extend(self.tape.places.iter().map(|p| bind(*p)));
        #[cfg(target_arch = "x86_64")]
        if let Some(native) = &mut self.native {
            native.begin(&self.bounds);
        }
    }

    /// Begins a call with the addresses that were taken before: computes what is the same for all elements, if what it hangs on has changed.
    pub fn start(&mut self, around: Around, scalars: Scalars<'_>) {
        let read = |place: &Place| match place {
            Place::PreShared(k) => scalars.pre[*k as usize],
            Place::PostShared(k) => scalars.post[*k as usize],
            Place::Shared(k) => scalars.own[*k as usize],
            other => panic!("scalars-are-read: {other:?}"),
        };
        let same = |(v, place): &(Value, Place)| read(place).to_bits() == self.wide[*v as usize].to_bits();
        let still = (around.size, around.dt_s.to_bits()) == (self.around.size, self.around.dt_s.to_bits());
        self.around = around;
        if still && !self.differs_by_step && self.reads.iter().all(same) {
            return;
        }
        for (v, op) in &self.tape.globals {
            let at = |v: &Value| self.wide[*v as usize];
            let x = match op {
                Op::Builtin(Builtin::T) => around.now as f64 * around.dt_s,
                Op::Builtin(Builtin::Dt) => around.dt_s,
                Op::Builtin(_) => around.size as f64,
                Op::Load(place) => read(place),
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
            Function::Rand => stream.rand(element, step, 0),
            Function::Randn => f64::from(stream.randn(element, step, 0)),
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
                    Op::Load(p) => memory::value::<C>(&self.bounds[*place as usize], frame.on(self.tape.mode.axis(*p)).at(0)),
                    Op::Elapsed(p) => {
                        let marked = self.bounds[*place as usize].pointer.cast::<i64>().add(frame.on(self.tape.mode.axis(*p)).at(0));
                        memory::seconds(self.around.now, *marked, self.around.dt_s)
                    }
                    Op::Builtin(Builtin::I) => C::from_f64(frame.on(self.tape.mode.index_axis()).at(0) as f64),
                    Op::Builtin(Builtin::J) => C::from_f64((frame.post.at(0) + self.around.first) as f64),
                    Op::Builtin(Builtin::LastSpike) => memory::last_spike(*self.around.last.add(frame.post.at(0)), self.around.dt_s),
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
        unsafe { chunk::run(self, frame) }
    }

    /// Puts the addresses aside, and takes those that were put aside before.
    pub fn swap(&mut self) {
        std::mem::swap(&mut self.bounds, &mut self.other_bounds);
    }

    /// Keeps the values of the line that the body needs later ([`crate::tape::Mode::Deferred`]): in `values`, at `entry` of arrays of `width`.
    pub fn keep(&self, values: &mut Values, entry: usize, width: usize) {
        let to = values.pointer().cast::<C>();
        for (k, v) in self.tape.kept.iter().enumerate() {
            assert!(k * width + entry < values.len() && values.kind() == C::KIND, "kept-values-have-a-place");
            // SAFETY: tested just now.
            unsafe { *to.add(k * width + entry) = self.scalars[*v as usize] };
        }
    }

    /// Ends a call: stores the scalars.
    pub fn end(&self, shared: &mut [f64]) {
        for (slot, v) in &self.tape.finals {
            shared[*slot as usize] = self.wide[*v as usize].flushed();
        }
    }
}
