//! The syntax tree: plain data, a span on every node, nothing resolved.
//!
//! Names are still text, units are still products of symbols, numbers are still as written.
//! Trees are bounded in depth by the parser ([`crate::MAX_DEPTH`]), so recursive visitors are safe.

use crate::source::Span;

/// A value together with the place it was written at.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub node: T,
    /// Where it stands.
    pub span: Span,
}

/// An identifier as written.
pub type Name = Spanned<String>;

/// One source file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// The `//!` lines at the top, joined by newlines.
    pub doc: String,
    /// Everything else, in source order.
    pub items: Vec<Item>,
}

/// A top-level declaration.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `use std::neurons::{LIF, HH as Squid}`
    Use(Use),
    /// `const N = 3`
    Constant(Binding),
    /// `data W : nS = file("weights.npz", "W")`
    Data(Data),
    /// `function f(x: mV, y) = x * y`
    Function(Function),
    /// `neuron`, `synapse`, `receptor`, `channel`, `ion` or `cell NAME { … }`
    Model(Model),
    /// `network NAME(p = 1) { … }`
    Network(Network),
    /// `simulate NETWORK { … }`
    Simulation(Simulation),
}

/// `use a::b::{C, D as E}`
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// The module: `std::neurons`, `super::cells`, `cells`.
    pub path: Vec<Name>,
    /// What is taken from it, each with its local name if renamed.
    pub names: Vec<(Name, Option<Name>)>,
    /// The whole declaration.
    pub span: Span,
}

/// `NAME [: unit] [= value]`: a constant, a parameter, a `let`, or a network parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// `///` lines above it.
    pub doc: String,
    /// What is declared.
    pub name: Name,
    /// The unit after `:`, if any.
    pub unit: Option<Unit>,
    /// The value after `=`, if any.
    pub value: Option<Expr>,
    /// Whether `~` stands in place of `=`: the value is drawn anew for every neuron.
    pub random: bool,
    /// The whole binding.
    pub span: Span,
}

/// `data NAME [: unit] = …`: numbers by index.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// `///` lines above it.
    pub doc: String,
    /// Its name.
    pub name: Name,
    /// The unit after `:`, if any.
    pub unit: Option<Unit>,
    /// Where the numbers are.
    pub source: DataSource,
    /// The whole declaration.
    pub span: Span,
}

/// Where the numbers of a [`Data`] are.
#[derive(Clone, Debug, PartialEq)]
pub enum DataSource {
    /// `file("weights.npz", "W")`
    File {
        /// The file's path, relative to the file it is written in.
        path: Name,
        /// Which array of it, if it has several.
        array: Option<Name>,
        /// The whole call.
        span: Span,
    },
    /// `[1, 2, 3]`
    Vector(Vec<Expr>),
    /// `[[1, 2], [3, 4]]`
    Matrix(Vec<Vec<Expr>>),
}

/// One index of an element of data.
#[derive(Clone, Debug, PartialEq)]
pub struct DataIndex {
    /// A whole number, or with `every` a time.
    pub index: Expr,
    /// `every 1 ms`: how long one element holds.
    pub every: Option<Expr>,
    /// `linear` behind it: what holds between two elements.
    pub between: Option<Name>,
}

/// `function f(x: mV, y) = …` (inlined where it is called)
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// `///` lines above it.
    pub doc: String,
    /// Its name.
    pub name: Name,
    /// Its arguments: `value` is never set.
    pub arguments: Vec<Binding>,
    /// The result.
    pub body: Expr,
    /// The whole declaration.
    pub span: Span,
}

/// Which kind of model a declaration makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModelKind {
    /// `neuron`: the unit of a population.
    Neuron,
    /// `synapse`: kinetics between a spike and its effect.
    Synapse,
    /// `receptor`: what a synapse does to its target.
    Receptor,
    /// `channel`: gates and the current through them, part of a cell.
    Channel,
    /// `ion`: a kind of ion and its concentration, part of a cell.
    Ion,
    /// `cell`: membrane, channels and ions, in one compartment or in several; the unit of a population.
    Cell,
    /// `plasticity`: how a synapse changes with the spikes on both sides.
    Plasticity,
}

/// `neuron LIF { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// `///` lines above it.
    pub doc: String,
    /// neuron, synapse, receptor, channel, ion or cell.
    pub kind: ModelKind,
    /// Its name.
    pub name: Name,
    /// Its declarations, in source order.
    pub members: Vec<Member>,
    /// The whole declaration.
    pub span: Span,
}

/// A declaration inside a model.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// `param tau : ms = 20 ms` (one node for each name of a comma list)
    Parameter(Binding),
    /// `input I : mV`: a sum of everything that targets it
    Input(Binding),
    /// `state V : mV = V_rest`; `state m, h : 1 = 0` makes one node each
    State(Binding),
    /// `post V : mV`: a state of the neuron that the receptor or synapse sits on
    Post(Binding),
    /// `pre V as V_source : mV`: a state of the source neuron
    Pre(PreState),
    /// `weight w : nS`: a name for the weight of the synapse
    Weight(Binding),
    /// `bound w in 0 .. w_max` (plasticity)
    Bound(Limits),
    /// `let u : mV = V - V_T`: an algebraic (inline) equation
    Let(Binding),
    /// `V' = …`
    Equation(Equation),
    /// `x(t + dt) = f(x)`
    Recurrence(Recurrence),
    /// `spike when V >= V_th { … }`, or `when V > 0 mV { … }`: the same without a spike
    Spike(SpikeRule),
    /// `on spike(w) { g += w }`, `on post(w) { … }` (synapses, receptors, plasticity)
    OnSpike(EventHandler),
    /// `output g` or `output I = g * (E - V)`
    Output(Binding),
    /// `method rk4`, `method dormand_prince { tolerance = 1e-8 }`: the integrator of a neuron's equations
    Method(ModelUse),
    /// `membrane V : mV = -65 mV { capacitance = C }`; in a channel `membrane V : mV`
    Membrane(Membrane),
    /// `gate m { alpha = … beta = … }` (channels)
    Gate(Gate),
    /// `scheme { C <-> O (a, b) }` (channels)
    Scheme(Scheme),
    /// `ion Ca { E : mV }` (channels): what the channel reads of an ion
    NeedsIon(NeedsIon),
    /// `channel Na : INa { … }`, `ion Ca : Calcium { … }` (cells)
    Component(Component),
    /// `compartment soma { … }` (cells)
    Compartment(Compartment),
    /// `couple soma <-> dendrite (g)` (cells): an axial conductance
    Couple(Transition),
}

/// `membrane V : mV = -65 mV { capacitance = C, area = p, current = … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Membrane {
    /// The potential: name, unit, initial value.
    pub potential: Binding,
    /// What stands in the braces; `value` is always set, `unit` never.
    pub settings: Vec<Binding>,
    /// The whole declaration.
    pub span: Span,
}

/// `gate m { alpha = … beta = … }` or `gate h { inf = … tau = … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// `///` lines above it.
    pub doc: String,
    /// The gate.
    pub name: Name,
    /// What stands in the braces; `value` is always set, `unit` never.
    pub entries: Vec<Binding>,
    /// The whole gate.
    pub span: Span,
}

/// `scheme { C <-> O (a, b)  O -> I (c) }`: occupancies that sum to 1
#[derive(Clone, Debug, PartialEq)]
pub struct Scheme {
    /// The transitions, in source order.
    pub transitions: Vec<Transition>,
    /// The whole scheme.
    pub span: Span,
}

/// `C <-> O (forward, backward)` or `C -> O (forward)`
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// What stands before the arrow.
    pub from: Name,
    /// What stands behind it.
    pub to: Name,
    /// Whether `<->` was written.
    pub reversible: bool,
    /// What stands in the parentheses.
    pub rates: Vec<Expr>,
    /// The whole transition.
    pub span: Span,
}

/// `ion Ca { E : mV, c : mM }`
#[derive(Clone, Debug, PartialEq)]
pub struct NeedsIon {
    /// The name of the ion inside the channel, and the parameter by which a cell binds it.
    pub name: Name,
    /// What is read of it: `value` is never set.
    pub reads: Vec<Binding>,
    /// The whole declaration.
    pub span: Span,
}

/// `channel Na : INa { g_max = 1 mS/cm^2 }`
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// `///` lines above it.
    pub doc: String,
    /// channel or ion.
    pub kind: ModelKind,
    /// Its name inside the cell.
    pub name: Name,
    /// Of which model.
    pub model: ModelUse,
    /// The whole declaration.
    pub span: Span,
}

/// `compartment soma { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Compartment {
    /// `///` lines above it.
    pub doc: String,
    /// Its name.
    pub name: Name,
    /// Its declarations, in source order.
    pub members: Vec<Member>,
    /// The whole compartment.
    pub span: Span,
}

/// `V' = expr`
#[derive(Clone, Debug, PartialEq)]
pub struct Equation {
    /// The state that changes.
    pub state: Name,
    /// Its derivative with respect to time.
    pub derivative: Expr,
    /// The whole equation.
    pub span: Span,
}

/// `x(t + dt) = expr`
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrence {
    /// The state that changes.
    pub state: Name,
    /// When it has the value, as it is written: `t + dt`.
    pub time: Vec<Expr>,
    /// Its value one step later.
    pub value: Expr,
    /// The whole.
    pub span: Span,
}

/// `spike when COND { statements }` or `when COND { statements }`
#[derive(Clone, Debug, PartialEq)]
pub struct SpikeRule {
    /// Whether it makes a spike.
    pub spikes: bool,
    /// The condition, tested after integration.
    pub condition: Expr,
    /// What happens where it holds.
    pub actions: Vec<Statement>,
    /// The whole rule.
    pub span: Span,
}

/// `pre V as V_source : mV`
#[derive(Clone, Debug, PartialEq)]
pub struct PreState {
    /// The state of the source neuron.
    pub state: Name,
    /// Its name here, with its unit; the same name if it has no other.
    pub binding: Binding,
}

/// `bound w in 0 .. w_max`
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// What is kept inside.
    pub name: Name,
    /// The least value.
    pub low: Expr,
    /// The greatest value.
    pub high: Expr,
    /// The whole member.
    pub span: Span,
}

/// What an event handler waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// `on spike`, `on pre`: a spike of the source neuron arrives.
    Pre,
    /// `on post`: the target neuron has spiked.
    Post,
}

/// `on spike(w) { … }`; the weight may be left out: `on spike { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct EventHandler {
    /// What it waits for.
    pub trigger: Trigger,
    /// The name the event's weight has inside.
    pub weight: Option<Name>,
    /// What happens.
    pub actions: Vec<Statement>,
    /// The whole handler.
    pub span: Span,
}

/// How a statement changes a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignOp {
    /// `=`
    Set,
    /// `+=`
    Add,
    /// `-=`
    Subtract,
    /// `*=`
    Multiply,
}

/// A statement inside a spike rule or an event handler.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `V = V_reset`, `w += b`
    Assign {
        /// The state.
        target: Name,
        /// How.
        op: AssignOp,
        /// With what.
        value: Expr,
        /// The whole statement.
        span: Span,
    },
    /// `transmit w * u * x`: the weight that the synapse gets (plasticity)
    Transmit {
        /// Instead of the weight.
        value: Expr,
        /// The whole statement.
        span: Span,
    },
    /// `refractory t_ref hold V, w clamp u = 0 mV`; without both, spikes alone are suppressed
    Refractory {
        /// For how long.
        duration: Expr,
        /// The states that stand still meanwhile.
        hold: Vec<Name>,
        /// The states that get a value in every step meanwhile.
        clamp: Vec<(Name, Expr)>,
        /// The whole statement.
        span: Span,
    },
}

/// `network NAME(n: count = 4000) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// `///` lines above it.
    pub doc: String,
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Binding>,
    /// Its declarations, in source order.
    pub members: Vec<NetworkMember>,
    /// The whole declaration.
    pub span: Span,
}

/// A declaration inside a network.
#[allow(clippy::large_enum_variant)] // a handful of them in a program
#[derive(Clone, Debug, PartialEq)]
pub enum NetworkMember {
    /// `let p = 80 / n`
    Let(Binding),
    /// `data W : nS = file("weights.npz", "W")`
    Data(Data),
    /// `population E[n * 4 / 5] : LIF { tau = 20 ms }`
    Population(Population),
    /// `instance V1 : Column(n = 400)`
    Instance(Instance),
    /// `init E.V, I.V ~ normal(-55 mV, 2 mV)`
    Init(Init),
    /// `drive E.I, I.I = 20 mV`
    Drive(Drive),
    /// `project exc: E -> E, I { … }`
    Project(Project),
    /// `stimulate ext: E, I { poisson 20 kHz  weight J  receptor Delta }`
    Stimulate(Stimulate),
}

/// A model chosen by name with arguments: `LIF { tau = 20 ms }`
#[derive(Clone, Debug, PartialEq)]
pub struct ModelUse {
    /// The model's name.
    pub name: Name,
    /// Its arguments; `value` is always set, `unit` never.
    pub arguments: Vec<Binding>,
    /// Name and arguments.
    pub span: Span,
}

/// `population E[3200] : LIF { … }`; without brackets the size is 1
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// `///` lines above it.
    pub doc: String,
    /// Its name.
    pub name: Name,
    /// How many neurons.
    pub size: Option<Expr>,
    /// Of which model.
    pub model: ModelUse,
    /// `method rk4` after it: the integrator, instead of the model's own or the compiler's choice.
    pub method: Option<ModelUse>,
    /// `at grid(rows = 30, columns = 30, spacing = 20 um)` after it: where its neurons are.
    pub geometry: Option<ModelUse>,
    /// `spikes { [10 ms, 20 ms], [] }` in place of a model: the times of each neuron's spikes.
    pub times: Option<Vec<Vec<Expr>>>,
    /// The whole declaration.
    pub span: Span,
}

/// `instance V1 : Column(n = 400)`, `instance area[k in 0..29] : Column(J = J0 * (1 + k))`: a network
/// inside a network, once or for each index.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// `///` lines above it.
    pub doc: String,
    /// Its name.
    pub name: Name,
    /// The indices of an array.
    pub extent: Option<Extent>,
    /// The network and its arguments.
    pub network: ModelUse,
    /// The whole declaration.
    pub span: Span,
}

/// The indices of an array of networks.
#[derive(Clone, Debug, PartialEq)]
pub enum Extent {
    /// `[29]`: from 0 to 28.
    Count(Expr),
    /// `[k in 0..29]`: likewise, with a name for the index in the arguments.
    Named(IndexRange),
}

/// `k in 0..29`: the end is not included.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexRange {
    /// The index.
    pub name: Name,
    /// Its first value.
    pub first: Expr,
    /// One past its last value.
    pub last: Expr,
}

/// `for a in 0..29, b in 0..29 where a != b`: the statement stands once for each combination.
#[derive(Clone, Debug, PartialEq)]
pub struct Comprehension {
    /// The indices, the last running fastest.
    pub indices: Vec<IndexRange>,
    /// Which combinations are meant.
    pub filter: Option<Expr>,
    /// From `for` to the end.
    pub span: Span,
}

/// `E`, `V1.E`, `area[3].E`, `area[0..4].E`: a population, an instance or a label, through instances.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The names between the dots; never empty.
    pub parts: Vec<Part>,
    /// The whole place.
    pub span: Span,
}

/// One name of a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The name.
    pub name: Name,
    /// What stands in brackets behind it.
    pub index: Option<Index>,
    /// Name and brackets.
    pub span: Span,
}

/// What stands in brackets.
#[derive(Clone, Debug, PartialEq)]
pub enum Index {
    /// `[3]`, `[a, b]`
    At(Vec<Expr>),
    /// `[0..4]`
    Range(Box<Expr>, Box<Expr>),
}

/// `E.V`, `E.spikes`, `exc.g`, `E.V[0..4]`, `area[3].E.V`, `V1.E.soma.Na.m`
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The population or labelled projection, and its state, input or `spikes`, which may have dots in it
    /// as well: which of the names still belong to the owner, only the network can say. At least two names;
    /// the last has no index here.
    pub place: Place,
    /// `[a..b]` or `[a]` (`end` is `None`).
    pub range: Option<(Expr, Option<Expr>)>,
    /// The whole path.
    pub span: Span,
}

/// `init E.V = e` or `init E.V ~ e` (`~`: the value is drawn anew for every element)
#[derive(Clone, Debug, PartialEq)]
pub struct Init {
    /// The states.
    pub targets: Vec<Path>,
    /// Whether `~` was written.
    pub random: bool,
    /// The value.
    pub value: Expr,
    /// `for k in 0..4` behind it.
    pub each: Option<Comprehension>,
    /// The whole statement.
    pub span: Span,
}

/// `drive E.I = 20 mV`: adds to an input in every step
#[derive(Clone, Debug, PartialEq)]
pub struct Drive {
    /// The inputs.
    pub targets: Vec<Path>,
    /// What is added.
    pub value: Expr,
    /// `for k in 0..4` behind it.
    pub each: Option<Comprehension>,
    /// The whole statement.
    pub span: Span,
}

/// `project LABEL: A, B -> C, D { clauses }`: one projection for each pair of source and target
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// `///` lines above it.
    pub doc: String,
    /// The label, by which parameters and states are reached.
    pub label: Option<Name>,
    /// The source populations.
    pub sources: Vec<Place>,
    /// The target populations.
    pub targets: Vec<Place>,
    /// `for a in 0..4, b in 0..4` before the braces.
    pub each: Option<Comprehension>,
    /// What stands in the braces.
    pub clauses: Vec<Clause>,
    /// The whole statement.
    pub span: Span,
}

/// `stimulate LABEL: A, B { poisson 20 kHz … }`: each neuron gets a source of its own
#[derive(Clone, Debug, PartialEq)]
pub struct Stimulate {
    /// `///` lines above it.
    pub doc: String,
    /// The label, by which parameters and states are reached.
    pub label: Option<Name>,
    /// The target populations.
    pub targets: Vec<Place>,
    /// `for k in 0..4` before the braces.
    pub each: Option<Comprehension>,
    /// What stands in the braces.
    pub clauses: Vec<Clause>,
    /// The whole statement.
    pub span: Span,
}

/// One clause of `project` or `stimulate`.
#[derive(Clone, Debug, PartialEq)]
pub enum Clause {
    /// `connect fixed_probability(0.02, no_self)`
    Connect {
        /// The rule's name.
        rule: Name,
        /// Its arguments, in order; options such as `no_self`, `with_replacement` are plain names among them.
        arguments: Vec<Expr>,
        /// Those with a name: `stride = 2`.
        named: Vec<Binding>,
        /// The whole clause.
        span: Span,
    },
    /// `weight 0.6 nS` or `weight ~ normal(87.8 pA, 8.78 pA)`
    Weight {
        /// Whether `~` was written: drawn anew for every synapse.
        random: bool,
        /// The value.
        value: Expr,
        /// The whole clause.
        span: Span,
    },
    /// `delay 1.5 ms` or `delay ~ uniform(1 ms, 3 ms)`
    Delay {
        /// Whether `~` was written: drawn anew for every synapse.
        random: bool,
        /// The value.
        value: Expr,
        /// The whole clause.
        span: Span,
    },
    /// `synapse Exponential { tau = 5 ms }`
    Synapse(ModelUse),
    /// `receptor Conductance { E = 0 mV }`
    Receptor(ModelUse),
    /// `plasticity PairSTDP { … }`
    Plasticity(ModelUse),
    /// `into I_dend`: the input that the receptor's output is added to
    Into {
        /// The input's name.
        input: Name,
        /// The whole clause.
        span: Span,
    },
    /// `poisson 20 kHz` (`stimulate` only)
    Poisson {
        /// The rate of each train.
        rate: Expr,
        /// The whole clause.
        span: Span,
    },
}

/// `simulate CobaLif(n = 8000) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    /// `///` lines above it.
    pub doc: String,
    /// The network and its arguments.
    pub network: ModelUse,
    /// The settings and requests, in source order.
    pub members: Vec<SimulationMember>,
    /// The whole block.
    pub span: Span,
}

/// A line of a `simulate` block.
#[allow(clippy::large_enum_variant)] // a handful of them in a program
#[derive(Clone, Debug, PartialEq)]
pub enum SimulationMember {
    /// `dt 0.1 ms`, `duration 1 s`, `seed 42`
    Setting {
        /// `dt`, `duration` or `seed`.
        name: Name,
        /// Its value.
        value: Expr,
        /// The whole setting.
        span: Span,
    },
    /// `record E.V[0..4], E.spikes every 1 ms`
    Record {
        /// What is recorded.
        targets: Vec<Path>,
        /// How often; every step if not said.
        every: Option<Expr>,
        /// The whole statement.
        span: Span,
    },
    /// `expect rate(E) in 18 Hz .. 26 Hz from 200 ms`
    Expect {
        /// The statistic's name.
        statistic: Name,
        /// The population it is taken of.
        population: Place,
        /// What it must satisfy.
        bound: Bound,
        /// Spikes before this time do not count.
        from: Option<Expr>,
        /// The whole clause.
        span: Span,
    },
}

/// What an expected statistic must satisfy.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// `in low .. high`
    Range(Expr, Expr),
    /// `< x`, `>= x`, `== x`, …
    Compare(BinaryOp, Expr),
}

/// A product of unit symbols: `mS/cm^2`, `1`, `mV*ms^-0.5`
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// The factors; a factor after `/` has its exponent negated already. Empty for `1`.
    pub factors: Vec<UnitFactor>,
    /// The whole unit.
    pub span: Span,
}

/// One factor of a unit.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitFactor {
    /// `mS`, `cm`, `count`, or `unit(w)`, which is spelt `"unit(w)"` here: the unit of the weight.
    pub symbol: Name,
    /// Numerator and denominator of the exponent; the denominator is positive.
    pub exponent: (i32, i32),
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `-60 mV`'s `60 mV`, `0.02`, `1e-3 S`
    Number {
        /// The number as written (decimal text, `_` removed).
        text: String,
        /// Its unit, if one follows.
        unit: Option<Unit>,
    },
    /// `true`, `false`
    Bool(bool),
    /// `V_rest`
    Name(String),
    /// `E.size`, `V1.E.size`; what stands behind the first dot is the second name. Models put together from
    /// others have an empty owner before what a file declares, so that nothing of the model hides it.
    Member(Name, Name),
    /// `area[k].E.tau`, `ff[0, 1].weight`: a member of something with an index in it
    Located(Box<Place>),
    /// `-x`, `not x`
    Unary(UnaryOp, Box<Expr>),
    /// `x + y`
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `exp(x)`
    Call(Name, Vec<Expr>),
    /// `W[i, j]`, `stimulus[t every 1 ms]`
    Element(Name, Vec<DataIndex>),
    /// `if c then a else b`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `V crosses 0 mV`: was below at the start of the step and is not below at its end
    Crosses(Box<Expr>, Box<Expr>),
    /// `table(x, [(0 mV, 0), (10 mV, 1)], extrapolated)`
    Table(Box<Table>),
    /// Stands where an expression could not be read; a diagnostic has been given.
    Error,
}

/// A function by its points, linear between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Where it is read.
    pub argument: Expr,
    /// The points, as written.
    pub points: Vec<(Expr, Expr)>,
    /// What holds outside of the points, if it is said: `clamped`, `extrapolated`.
    pub outside: Option<Name>,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-x`
    Negate,
    /// `not x`
    Not,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`, right-associative, binds tighter than unary minus on its left: `-x^2` is `-(x^2)`
    Power,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `and`
    And,
    /// `or`
    Or,
}
