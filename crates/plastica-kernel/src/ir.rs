//! The kernel IR: straight-line tapes over elements (neurons, or synapses of a row).
//!
//! A tape is in single-assignment form: operation `k` defines value `k`. Booleans are 0 and 1.
//! Whoever runs a tape (the interpreter here, a back end elsewhere) gives each [`Place`] a meaning.

use plastica_lang::model::{BinaryOp, Builtin, Function, UnaryOp};

/// Index of a value in a tape.
pub type Value = u32;

/// Where a value is read from or written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Per-element array of the program's own population or projection.
    Own(u32),
    /// Scalar of the program (parameter, shared variable, or derived by `setup`).
    Shared(u32),
    /// Array of a projection with one value for each presynaptic neuron: what all synapses of a row share.
    Row(u32),
    /// Array of a projection with one value for each postsynaptic neuron: what all synapses of a column share.
    Column(u32),
    /// Per-neuron array of the presynaptic population.
    Pre(u32),
    /// Scalar of the presynaptic population.
    PreShared(u32),
    /// Per-neuron array of the postsynaptic population.
    Post(u32),
    /// Scalar of the postsynaptic population.
    PostShared(u32),
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// A number.
    Const(f64),
    /// A quantity that the engine supplies.
    Builtin(Builtin),
    /// Reads a place.
    Load(Place),
    /// Seconds since this synapse's step slot was last marked: (now - slot) * dt, exact in whole steps.
    Elapsed(Place),
    /// Prefix operator.
    Unary(UnaryOp, Value),
    /// Infix operator.
    Binary(BinaryOp, Value, Value),
    /// Elementary function of one, two or three values (not `Rand`, `Randn`, `Poisson`).
    Call(Function, [Value; 3]),
    /// `condition ? then : otherwise`.
    Select(Value, Value, Value),
    /// A uniform number in [0, 1), a standard normal number, or a Poisson count; `stream` is the call's place in the text.
    Random {
        /// `Rand`, `Randn` or `Poisson`.
        function: Function,
        /// Mean of a Poisson count (ignored otherwise).
        mean: Value,
        /// The call's place in the text: distinct for each call of a program.
        stream: u32,
    },
    /// Writes a place (never `Pre`). Defines no useful value.
    Store(Place, Value),
    /// Adds to a place; on `Post` several synapses may meet, in row order, and a dendritic delay may hold it back.
    Add(Place, Value),
    /// Marks a step slot with the present step.
    Mark(Place),
}

/// A tape with a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kernel {
    /// For printing and for messages.
    pub name: String,
    /// In order of execution.
    pub ops: Vec<Op>,
    /// Elements must be done one after another (a synapse reads what another one of the row may have written).
    pub sequential: bool,
}

/// What an array of a program holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// Name of the variable or parameter, or a derived name such as `exp(a dt) v`.
    pub name: String,
    /// How it is stored.
    pub storage: Storage,
    /// First value, before initial formulas are applied.
    pub initial: f64,
    /// May be set by the user, recorded and restored (false: derived by `setup`).
    pub visible: bool,
}

/// How an array is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In the precision of the run.
    Real,
    /// Always in double precision (slow variables). A tape that stores to such a slot runs wholly in double precision.
    Wide,
    /// A step number, signed 64-bit. Its first value is `initial`: traces begin at step 0.
    Step,
}

/// A step of `setup`, run in `f64` by the interpreter when parameters change.
#[derive(Clone, Debug, PartialEq)]
pub enum Setup {
    /// A tape: over elements if it touches `Own`, else once.
    Kernel(Kernel),
    /// Propagator of dx/dt = A x + b: reads A (n*n, row-major), writes exp(A dt) (n*n) and its integral (n*n).
    Propagator {
        /// Number of variables.
        n: usize,
        /// Where A stands.
        a: Vec<Place>,
        /// Where exp(A dt) goes.
        exp: Vec<Place>,
        /// Where the integral of exp(A s) from 0 to dt goes.
        integral: Vec<Place>,
    },
}

/// A quantity that is not stored as such: a sub-expression, or the present value of a decaying trace.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Name in the text.
    pub name: String,
    /// Tape that computes it; it writes nothing.
    pub kernel: Kernel,
    /// Its value.
    pub value: Value,
}

/// A compiled neuron model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PopulationProgram {
    /// Model name.
    pub name: String,
    /// Per-neuron arrays.
    pub slots: Vec<Slot>,
    /// Scalars.
    pub shared: Vec<Slot>,
    /// Derived values; run at the start and after each change of a parameter.
    pub setup: Vec<Setup>,
    /// Advances the state by one step.
    pub integrate: Kernel,
    /// Stores 1 into `spiking` where the neuron crosses; the engine combines it with refractoriness.
    pub threshold: Option<Threshold>,
    /// Run for the neurons that spiked.
    pub reset: Kernel,
    /// Refractory rule.
    pub refractory: Refractory,
    /// Statements on slow clocks: period in steps, tape.
    pub on_interval: Vec<(u64, Kernel)>,
    /// Indices of slots that are `(input, unless refractory)`.
    pub gated_inputs: Vec<u32>,
    /// Sub-expressions, for recording.
    pub views: Vec<View>,
    /// Name of the method chosen, and why (for `plastica check`).
    pub method: String,
    /// See `method`.
    pub reason: String,
}

/// The spike condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// Tape whose value `condition` says who spikes.
    pub kernel: Kernel,
    /// See `kernel`.
    pub condition: Value,
}

/// How a neuron is held after a spike.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Refractory {
    /// Not at all.
    #[default]
    None,
    /// For a time in seconds: value `time` of the tape, evaluated at the start of each step
    /// (whole steps: the neuron is free again when steps since the last spike >= floor(time/dt + 0.001), as Brian counts).
    Time {
        /// Tape that computes the time.
        kernel: Kernel,
        /// Its value.
        time: Value,
    },
    /// While a condition holds, after a spike.
    While {
        /// Tape that computes the condition.
        kernel: Kernel,
        /// Its value.
        condition: Value,
    },
}

/// A compiled synapse model, bound to the neurons on both sides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectionProgram {
    /// Model name.
    pub name: String,
    /// Per-synapse arrays.
    pub slots: Vec<Slot>,
    /// Arrays with one value for each presynaptic neuron (hoisted traces that presynaptic spikes change).
    pub row_slots: Vec<Slot>,
    /// Arrays with one value for each postsynaptic neuron (hoisted traces that postsynaptic spikes change).
    pub column_slots: Vec<Slot>,
    /// Scalars.
    pub shared: Vec<Slot>,
    /// Derived values; run at the start and after each change of a parameter.
    pub setup: Vec<Setup>,
    /// Sub-expressions and event-driven variables, for recording.
    pub views: Vec<View>,
    /// What a presynaptic spike does, in the order of the text.
    pub on_pre: Vec<EventProgram>,
    /// What a postsynaptic spike does.
    pub on_post: Vec<EventProgram>,
    /// Dense terms, run at every step for all synapses, and the scalar ones.
    pub clocked: Option<Kernel>,
    /// Statements on slow clocks: period in steps, tape.
    pub on_interval: Vec<(u64, Kernel)>,
    /// Which synapses go on slow clocks, in the order of the text.
    pub prune: Vec<PruneProgram>,
    /// Which synapses come on slow clocks, in the order of the text.
    pub grow: Vec<GrowProgram>,
    /// Row slot that holds the number of synapses of each presynaptic neuron, if the text reads it. The engine keeps it.
    pub out_degree: Option<u32>,
    /// Column slot that holds the number of synapses of each postsynaptic neuron, if the text reads it. The engine keeps it.
    pub in_degree: Option<u32>,
    /// May a back end do the postsynaptic events of a synapse later, at its next presynaptic event (class a)?
    ///
    /// True only if the `on_post` tapes read and write nothing but `Own` slots, scalars, `Row` traces and `Column` traces
    /// (so that all they read can be rebuilt from spike times), and nothing else than the projection's own events,
    /// all with one axonal and one dendritic delay, touches those slots.
    pub deferrable: bool,
    /// Class of the postsynaptic events, for `plastica check`.
    pub class: String,
    /// Why this class.
    pub reason: String,
}

/// A tape that computes a value and writes nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    /// The tape.
    pub kernel: Kernel,
    /// Its value.
    pub value: Value,
}

/// A rule by which synapses are removed: see [`plastica_lang::model::Prune`].
#[derive(Clone, Debug, PartialEq)]
pub struct PruneProgram {
    /// Period in steps.
    pub every: u64,
    /// Over synapses: which may go.
    pub condition: Option<Computed>,
    /// Over presynaptic neurons (places `Row`, `Pre` and scalars): how many each loses.
    pub pre: Option<Computed>,
    /// Over postsynaptic neurons (places `Column`, `Post` and scalars): how many each loses.
    pub post: Option<Computed>,
}

/// A rule by which synapses are added: see [`plastica_lang::model::Grow`].
#[derive(Clone, Debug, PartialEq)]
pub struct GrowProgram {
    /// Period in steps.
    pub every: u64,
    /// Over presynaptic neurons: vacant elements.
    pub pre: Option<Computed>,
    /// Over postsynaptic neurons: vacant elements.
    pub post: Option<Computed>,
    /// Over pairs of neurons: probability of a synapse. `Own(0)` is their distance in metres.
    pub kernel: Option<Computed>,
    /// Does `kernel` read the distance?
    pub reads_distance: bool,
    /// How often an element meets another one.
    pub tries: u32,
    /// Over new synapses, after their first values; writes `Own` places only.
    pub first: Kernel,
}

/// What a spike does along one pathway.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventProgram {
    /// Name of the pathway.
    pub name: String,
    /// Delay of its own, in seconds, on top of the projection's.
    pub delay_s: f64,
    /// Over the synapses of the spike.
    pub kernel: Kernel,
    /// Same tape with every change of the synapse's own (non event-driven) variables left out: used while plasticity is frozen.
    pub frozen: Kernel,
    /// What it does to the traces that all synapses of the spiking neuron share: run once for that neuron, after `kernel`
    /// (which sees the values before). Over the neurons of the event's side, `Row` or `Column` places and scalars only.
    pub side: Option<Kernel>,
    /// `(after events)` increments of slots in the synapse, run after all events of the step.
    pub after: Option<Kernel>,
    /// `(after events)` increments of shared traces, run once for the spiking neuron after all events of the step.
    pub after_side: Option<Kernel>,
}
