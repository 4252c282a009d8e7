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
    /// Which synapses are removed, and when.
    pub prune: Vec<Prune>,
    /// Which synapses are added, and when.
    pub grow: Vec<Grow>,
    /// Integration method asked for (`exact`, `exponential_euler`, `rk4`, `heun`, `euler`, `euler_maruyama`, `stochastic_heun`).
    pub method: Option<(String, Span)>,
    /// Where the model was written.
    pub span: Span,
}

impl Model {
    /// Calls `f` for every expression of the text and all its parts.
    pub fn visit<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        for variable in &self.variables {
            if let Role::Differential(expr) | Role::Subexpression(expr) = &variable.role {
                expr.visit(f);
            }
        }
        self.threshold.iter().chain(&self.refractory).for_each(|expr| expr.visit(f));
        let lists = self.on_pre.iter().chain(&self.on_post).map(|p| &p.statements).chain(self.on_interval.iter().map(|i| &i.statements));
        let lists = lists.chain(self.grow.iter().map(|g| &g.statements)).chain([&self.reset]);
        lists.flatten().for_each(|statement| statement.value.visit(f));
        let pruned = self.prune.iter().flat_map(|p| p.condition.iter().chain(&p.pre).chain(&p.post));
        pruned.chain(self.grow.iter().flat_map(|g| g.pre.iter().chain(&g.post).chain(&g.kernel))).for_each(|expr| expr.visit(f));
    }

    /// Does any expression of the text read a value of its surroundings, such as [`IN_DEGREE`]?
    pub fn reads_around(&self, name: &str) -> bool {
        let mut reads = false;
        self.visit(&mut |e| reads |= matches!(&e.kind, ExprKind::Name(Scope::Local, n) if n == name));
        reads
    }
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

/// A rule by which synapses are removed on a slow clock.
///
/// Of the synapses for which `condition` holds (all without it) those go that `pre` and `post` ask for, chosen at random, or all without either.
#[derive(Clone, Debug)]
pub struct Prune {
    /// Period in seconds; 0: every step.
    pub every_s: f64,
    /// Which synapses may go.
    pub condition: Option<Expr>,
    /// How many synapses each presynaptic neuron loses.
    pub pre: Option<Expr>,
    /// How many synapses each postsynaptic neuron loses.
    pub post: Option<Expr>,
    /// Place in the text.
    pub span: Span,
}

/// A rule by which synapses are added on a slow clock: vacant elements of both sides meet at random.
#[derive(Clone, Debug)]
pub struct Grow {
    /// Period in seconds; 0: every step.
    pub every_s: f64,
    /// Vacant elements of each presynaptic neuron; without it any presynaptic neuron is met.
    pub pre: Option<Expr>,
    /// Vacant elements of each postsynaptic neuron; without it any postsynaptic neuron is met.
    pub post: Option<Expr>,
    /// Probability with which two neurons that have met connect; 1 without it.
    pub kernel: Option<Expr>,
    /// How often in an interval an element that is still vacant meets another one.
    pub tries: u32,
    /// Run once for each new synapse, after its initial values were set.
    pub statements: Vec<Statement>,
    /// Place in the text.
    pub span: Span,
}

/// Number of synapses of the presynaptic neuron in the projection, by this name a value of the surroundings ([`Scope::Local`]).
pub const OUT_DEGREE: &str = "out_degree";
/// Number of synapses of the postsynaptic neuron in the projection.
pub const IN_DEGREE: &str = "in_degree";
/// Distance between two neurons that may connect, metres.
pub const DISTANCE: &str = "distance";

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

impl Expr {
    /// Calls `f` for the expression and all its parts, in the order of the text.
    pub fn visit<'a>(&'a self, f: &mut dyn FnMut(&'a Expr)) {
        f(self);
        match &self.kind {
            ExprKind::Number(_) | ExprKind::Name(..) | ExprKind::Builtin(_) | ExprKind::Noise(_) => {}
            ExprKind::Unary(_, a) => a.visit(f),
            ExprKind::Binary(_, a, b) => [a, b].iter().for_each(|e| e.visit(f)),
            ExprKind::Call(_, arguments) => arguments.iter().for_each(|e| e.visit(f)),
            ExprKind::If { condition, then, otherwise } => [condition, then, otherwise].iter().for_each(|e| e.visit(f)),
        }
    }
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
