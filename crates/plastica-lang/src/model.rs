//! The checked model: what `check` makes of a neuron or synapse text, and what `compile` reads.
//!
//! Every number is in SI base units. Names are resolved but kept as names; spans still point at the text.

use crate::source::Span;
use crate::units::Dimension;

/// What a model describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelKind {
    /// A neuron: state, threshold, reset.
    Neuron,
    /// A synapse: state and what a spike does to it.
    Synapse,
}

/// A neuron or synapse model whose names and units have been checked.
#[derive(Clone, Debug)]
pub struct Model {
    /// Name by which populations and projections refer to it.
    pub name: String,
    /// Neuron or synapse.
    pub kind: ModelKind,
    /// One-paragraph description, as written.
    pub doc: String,
    /// Citation, as written (may be empty for models of a user).
    pub source: String,
    /// Variables in the order of the text.
    pub variables: Vec<Variable>,
    /// Named constants with their defaults; a population or projection may override them.
    pub parameters: Vec<Parameter>,
    /// Spike condition (neurons).
    pub threshold: Option<Expr>,
    /// Statements run for a neuron that has spiked, at the end of the step.
    pub reset: Vec<Statement>,
    /// How long, or while what holds, a neuron stays refractory.
    pub refractory: Option<Expr>,
    /// What a presynaptic spike does; one unnamed pathway or several named ones.
    pub on_pre: Vec<Pathway>,
    /// What a postsynaptic spike does.
    pub on_post: Vec<Pathway>,
    /// Statements on a slow clock, of a neuron or a synapse.
    pub on_interval: Vec<Interval>,
    /// Integration method asked for (`exact`, `exponential_euler`, `rk4`, `heun`, `euler`, `euler_maruyama`, `stochastic_heun`).
    pub method: Option<(String, Span)>,
    /// Where the model was written.
    pub span: Span,
}

/// A declared variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Name in the text.
    pub name: String,
    /// Place of its declaration.
    pub span: Span,
    /// Physical dimension.
    pub dimension: Dimension,
    /// Real, integer or boolean.
    pub value_type: ValueType,
    /// How its value comes about.
    pub role: Role,
    /// Words in the brackets after the unit.
    pub flags: Flags,
}

impl Variable {
    /// Its value before anything gives it one: 0, but 1 for the modulator `acceleration`, by which a programme tells rules how much
    /// faster they must be: where no programme says otherwise, nothing is accelerated.
    pub fn first_value(&self) -> f64 {
        f64::from(u8::from(self.flags.modulator && self.name == "acceleration"))
    }
}

/// How a variable gets its value.
#[derive(Clone, Debug)]
pub enum Role {
    /// `dx/dt = rhs : unit`
    Differential(Expr),
    /// `x = rhs : unit`
    Subexpression(Expr),
    /// `x : unit`, changed by statements only.
    Plain,
}

/// The words that may follow a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Never changes during a run, may differ between elements.
    pub constant: bool,
    /// One value for the whole population or projection.
    pub shared: bool,
    /// Advanced in closed form when an event needs it.
    pub event_driven: bool,
    /// Does not change while the neuron is refractory.
    pub unless_refractory: bool,
    /// Increments that arrive while the neuron is refractory are lost.
    pub input: bool,
    /// Incremented after all events of the step.
    pub after_events: bool,
    /// A shared value that only the programme of a life sets (`shared` is set, too).
    pub modulator: bool,
}

/// A named constant with a default.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Name in the text.
    pub name: String,
    /// Place of its definition.
    pub span: Span,
    /// Physical dimension of the default.
    pub dimension: Dimension,
    /// Default value in SI units.
    pub value: f64,
}

/// Statements that run when a spike arrives.
#[derive(Clone, Debug)]
pub struct Pathway {
    /// `pre` or `post` for a plain statement list, else the name in the text.
    pub name: String,
    /// Delay of its own in seconds, added to the projection's.
    pub delay_s: f64,
    /// In the order of the text.
    pub statements: Vec<Statement>,
    /// Place in the text.
    pub span: Span,
}

/// Statements that run on a slow clock.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Period in seconds; 0: every step (`every = "dt"`).
    pub every_s: f64,
    /// In the order of the text.
    pub statements: Vec<Statement>,
    /// Place in the text.
    pub span: Span,
}

/// One assignment.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Whose variable is written.
    pub scope: Scope,
    /// Its name, without `_pre` or `_post`.
    pub name: String,
    /// `=`, `+=`, `-=`, `*=`, `/=`.
    pub op: AssignOp,
    /// Right-hand side.
    pub value: Expr,
    /// Place in the text.
    pub span: Span,
}

/// Whose variable a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The model's own.
    Own,
    /// The presynaptic neuron's.
    Pre,
    /// The postsynaptic neuron's.
    Post,
    /// A name that a statement list defines for itself.
    Local,
}

/// How a statement changes its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignOp {
    /// `=`
    Set,
    /// `+=`
    Add,
    /// `-=`
    Sub,
    /// `*=`
    Mul,
    /// `/=`
    Div,
}

/// Type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// A real number with a dimension.
    Real,
    /// A whole number.
    Integer,
    /// True or false; 1 or 0 in arrays.
    Boolean,
}

/// A checked expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
    /// Its dimension; `None` where it hangs on a `_pre`/`_post` variable of a neuron that is not known yet.
    pub dimension: Option<Dimension>,
    /// Its type.
    pub value_type: ValueType,
}

/// Kinds of expression.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A number in SI units (booleans as 1 and 0).
    Number(f64),
    /// A variable or parameter.
    Name(Scope, String),
    /// A quantity that the engine supplies.
    Builtin(Builtin),
    /// White noise, `xi` or `xi_name`; dimension second^-1/2.
    Noise(String),
    /// Prefix operator.
    Unary(UnaryOp, Box<Expr>),
    /// Infix operator.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// Function call; the arity has been checked.
    Call(Function, Vec<Expr>),
    /// `a if c else b` (and `where(c, a, b)`).
    If {
        /// Condition.
        condition: Box<Expr>,
        /// Value where it holds.
        then: Box<Expr>,
        /// Value elsewhere.
        otherwise: Box<Expr>,
    },
}

/// Quantities that the engine supplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Builtin {
    /// Time at the start of the step, seconds.
    T,
    /// Step, seconds.
    Dt,
    /// Index of the neuron, or of the presynaptic neuron.
    I,
    /// Index of the postsynaptic neuron.
    J,
    /// Number of neurons of the population.
    N,
    /// Time of the neuron's last spike, seconds; minus infinity before the first.
    LastSpike,
    /// 1 unless the neuron is refractory (in a synapse: of the postsynaptic neuron when written `not_refractory_post`).
    NotRefractory,
}

/// Prefix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-x`
    Neg,
    /// `not x`
    Not,
}

/// Infix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    And,
    Or,
}

/// Functions of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Function {
    Exp,
    Log,
    Log10,
    Expm1,
    Log1p,
    Exprel,
    Sqrt,
    Abs,
    Sign,
    Floor,
    Ceil,
    Round,
    Sin,
    Cos,
    Tan,
    Sinh,
    Cosh,
    Tanh,
    Arcsin,
    Arccos,
    Arctan,
    Min,
    Max,
    Clip,
    Int,
    Rand,
    Randn,
    Poisson,
}
