//! The form in which a kernel is run: what is the same for all elements is a scalar, the rest are operations on registers,
//! each of which holds one value for every element of a chunk.

use plastica_kernel::ir::{Op, Place, Value};
use plastica_lang::model::{BinaryOp, Function, UnaryOp};

/// Most elements of a chunk: few enough that the registers of a tape stay in the first-level cache.
pub const CHUNK: usize = 1024;

/// Which of the numbers of an element counts the elements of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The neuron, or the synapse.
    Own,
    /// The presynaptic neuron of a synapse.
    Pre,
    /// The postsynaptic neuron of a synapse.
    Post,
    /// None: a scalar.
    Scalar,
}

/// Over which elements a kernel is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All owned neurons of a population.
    Neurons,
    /// Some neurons of a population.
    NeuronList,
    /// Consecutive synapses of one presynaptic neuron.
    Row,
    /// Synapses of one postsynaptic neuron.
    Column,
    /// Consecutive synapses of any neurons.
    All,
    /// Some presynaptic neurons of a projection.
    PreSide,
    /// Some postsynaptic neurons of a projection.
    PostSide,
    /// All owned postsynaptic neurons of a projection.
    Columns,
    /// Any synapses of one presynaptic neuron, each at the time of a postsynaptic spike of its own: see `defer`.
    Deferred,
}

impl Mode {
    /// Is this a kernel of a population?
    pub fn of_neurons(self) -> bool {
        matches!(self, Mode::Neurons | Mode::NeuronList)
    }

    /// Do the elements stand side by side in the arrays of their own?
    pub fn consecutive(self) -> bool {
        matches!(self, Mode::Neurons | Mode::Row | Mode::All)
    }

    /// The axis on which all elements of a run have the same place.
    pub fn fixed_axis(self) -> Option<Axis> {
        match self {
            Mode::Row => Some(Axis::Pre),
            Mode::Column | Mode::Deferred => Some(Axis::Post),
            _ => None,
        }
    }

    /// The axis of a place.
    pub fn axis(self, place: Place) -> Axis {
        match place {
            Place::Own(_) => Axis::Own,
            Place::Row(_) | Place::Pre(_) => Axis::Pre,
            Place::Column(_) | Place::Post(_) => Axis::Post,
            Place::Shared(_) | Place::PreShared(_) | Place::PostShared(_) => Axis::Scalar,
        }
    }

    /// The axis of the neuron whose last spike and refractoriness a kernel reads.
    pub fn neuron_axis(self) -> Axis {
        if self.of_neurons() { Axis::Own } else { Axis::Post }
    }

    /// The axis of the index `i`.
    pub fn index_axis(self) -> Axis {
        match self {
            Mode::Neurons | Mode::NeuronList => Axis::Own,
            Mode::PostSide | Mode::Columns => Axis::Post,
            _ => Axis::Pre,
        }
    }
}

/// An operand of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A register.
    Register(u16),
    /// A value that is the same for all elements.
    Scalar(Value),
    /// The values of an own array, where they stand.
    View(u16),
}

/// One operation on a chunk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Instruction {
    /// Reads a place (its number in [`Tape::places`]).
    Load(u16, u16),
    /// Seconds since a step slot was marked.
    Elapsed(u16, u16),
    /// Number of the neuron on an axis.
    Index(u16, Axis),
    /// Time of the last spike in seconds.
    LastSpike(u16),
    /// 1 where the neuron is free.
    NotRefractory(u16),
    /// A random number of the stream with this number in [`Tape::streams`].
    Random(u16, Function, Source, u16),
    /// Prefix operator.
    Unary(UnaryOp, u16, Source),
    /// Infix operator.
    Binary(BinaryOp, u16, Source, Source),
    /// The product of the first two operands, rounded, plus the third.
    ProductPlus(u16, [Source; 3]),
    /// Function.
    Call(Function, u16, [Source; 3]),
    /// `condition ? then : otherwise`.
    Select(u16, [Source; 3]),
    /// What was kept of this value at the time of the postsynaptic spike ([`Mode::Deferred`]).
    Kept(u16, u16),
    /// Writes a place.
    Store(u16, Source),
    /// Adds to a place.
    Add(u16, Source),
    /// Marks a step slot.
    Mark(u16),
}

/// A kernel made ready for one mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Tape {
    /// How it is run.
    pub mode: Mode,
    /// Elements are done one after another.
    pub one_by_one: bool,
    /// Computes in double precision whatever the precision of the run.
    pub wide: bool,
    /// What is the same for all elements of a call, computed once in `f64`.
    pub globals: Vec<(Value, Op)>,
    /// What is the same for all elements of a row (or column), with the number of its place.
    pub line: Vec<(Value, Op, u16)>,
    /// What is done for each chunk.
    pub body: Vec<Instruction>,
    /// Scalars that are stored at the end of a call.
    pub finals: Vec<(u32, Value)>,
    /// The places that are used.
    pub places: Vec<Place>,
    /// The streams of the random numbers.
    pub streams: Vec<u32>,
    /// Values that are kept of a postsynaptic spike ([`Mode::Deferred`]); in that mode they are the ones of `line` that `body` needs.
    pub kept: Vec<Value>,
    /// Number of registers.
    pub registers: usize,
    /// Number of values of the kernel.
    pub values: usize,
    /// The value that is asked for.
    pub result: Option<Source>,
    /// Is it asked for only where it is not 0?
    pub condition: bool,
}

impl Tape {
    /// Does an instruction need the numbers of the neurons on an axis?
    pub fn uses(&self, axis: Axis) -> bool {
        let place = |p: u16| self.mode.axis(self.places[p as usize]) == axis;
        let synapse = !self.streams.is_empty() && !self.mode.of_neurons();
        synapse
            || self.body.iter().any(|i| match i {
                Instruction::Load(_, p) | Instruction::Elapsed(_, p) | Instruction::Store(p, _) | Instruction::Add(p, _) | Instruction::Mark(p) => place(*p),
                Instruction::Index(_, a) => *a == axis,
                Instruction::LastSpike(_) | Instruction::NotRefractory(_) => self.mode.neuron_axis() == axis,
                _ => false,
            })
    }
}
