//! Models: neurons, synapses, receptors, plasticity, cells, channels and ions, and what stands in them.

use super::{Binding, Comprehension, Expr, Extent, ModelUse, Name, Part};
use crate::source::Span;

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
    /// `post V : mV`, `post V as V_target : mV`: a state of the neuron that the receptor or synapse sits on
    Post(NeuronState),
    /// `pre V as V_source : mV`: a state of the source neuron
    Pre(NeuronState),
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
    /// `history x = cos(t / 10 ms)`
    History(History),
    /// `spike when V >= V_th { … }`, `when V > 0 mV { … }`: the same without a spike, `event burst when … { … }`: that
    /// with a name, or `every 10 ms { … }`
    Spike(SpikeRule),
    /// `on spike(w) { g += w }`, `on post(w) { … }` (synapses, receptors, plasticity)
    OnSpike(EventHandler),
    /// `output g` or `output I = g * (E - V)`
    Output(Binding),
    /// `method rk4`, `method dormand_prince { tolerance = 1e-8 }`: the integrator of a neuron's equations;
    /// `method rk4`: that of a synapse's, a receptor's or a rule's
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
    Couple(Coupling),
    /// `state x[8] : mV = 0 mV`, `param tau[k in 0..n] = 10 ms * (1 + k)` (neurons): an array of members
    Array(MemberArray),
    /// `x[k]' = … for k in 0..n` (neurons): an equation for each combination of indices
    Each(EachEquation),
}

/// `state x[k in 0..n] : mV = 1 mV * k`, `param W[n, m] = 0`
#[derive(Clone, Debug, PartialEq)]
pub struct MemberArray {
    /// What each element is: a parameter, an input, a state or a `let`.
    pub member: Box<Member>,
    /// The indices: one for each dimension, at least one.
    pub extents: Vec<Extent>,
    /// The whole declaration.
    pub span: Span,
}

/// `x[k]' = … for k in 0..n`, `x[k](t + dt) = … for k in 0..n`
#[derive(Clone, Debug, PartialEq)]
pub struct EachEquation {
    /// The equation, with indices in it.
    pub equation: Box<Member>,
    /// For which indices.
    pub each: Comprehension,
    /// The whole.
    pub span: Span,
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

/// `couple soma <-> dendrite[0] (g)`, `couple dendrite[k] <-> dendrite[k + 1] (g) for k in 0..19`
#[derive(Clone, Debug, PartialEq)]
pub struct Coupling {
    /// One compartment.
    pub from: Part,
    /// The other.
    pub to: Part,
    /// Whether `<->` was written.
    pub reversible: bool,
    /// What stands in the parentheses.
    pub conductances: Vec<Expr>,
    /// `for k in 0..19` behind it.
    pub each: Option<Comprehension>,
    /// The whole coupling.
    pub span: Span,
}

/// `compartment soma { … }`, `compartment dendrite[k in 0..20] { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Compartment {
    /// `///` lines above it.
    pub doc: String,
    /// Its name.
    pub name: Name,
    /// The indices of an array.
    pub extent: Option<Extent>,
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

/// `history x = expr`: the values of a state before the run
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The state.
    pub state: Name,
    /// Its value at the time `t`, 0 or before.
    pub value: Expr,
    /// The whole.
    pub span: Span,
}

/// What the statements of a [`SpikeRule`] wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// `spike when`: a condition, and they come with a spike.
    Spike,
    /// `when`, `event NAME when`: a condition.
    When,
    /// `every`: the end of a period.
    Every,
    /// `after refractory`: the end of refractory time.
    Recovery,
}

/// `spike when COND { statements }`, `when COND { statements }`, `event NAME when COND { statements }` or
/// `every TIME from TIME { statements }`, or `after refractory { statements }`
#[derive(Clone, Debug, PartialEq)]
pub struct SpikeRule {
    /// What the statements wait for.
    pub kind: RuleKind,
    /// Of `event NAME when`: the event, which projections may listen to.
    pub name: Option<Name>,
    /// The condition, tested after integration; of `every`, the period; of `after refractory`, `true`.
    pub condition: Expr,
    /// Of `every T from T0`, when it acts first.
    pub start: Option<Expr>,
    /// What happens where it holds.
    pub actions: Vec<Statement>,
    /// The whole rule.
    pub span: Span,
}

/// A state of one of a synapse's neurons: `pre V as V_source : mV`.
#[derive(Clone, Debug, PartialEq)]
pub struct NeuronState {
    /// The state of the neuron.
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

/// `on spike(w) { … }`; the weight may be left out: `on spike { … }`; `on pre after 10 ms { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct EventHandler {
    /// What it waits for.
    pub trigger: Trigger,
    /// The name the event's weight has inside.
    pub weight: Option<Name>,
    /// How much later than the spike it acts.
    pub after: Option<Expr>,
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
    /// `let y : mV = V - E_L`: a name for a value, as it is where the statement stands
    Let(Binding),
    /// `if c { … } else if d { … } else { … }`
    If {
        /// The conditions, each with what happens if it is the first that holds.
        branches: Vec<(Expr, Vec<Statement>)>,
        /// What happens if none holds.
        otherwise: Vec<Statement>,
        /// The whole statement.
        span: Span,
    },
    /// `for k in 0..n { … }` (neurons and cells): the statements once for each combination of indices
    For {
        /// Over which indices.
        each: Comprehension,
        /// What happens for each.
        body: Vec<Statement>,
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
        /// For how long; of `refractory while`, the condition that prolongs it.
        duration: Expr,
        /// Whether it is a condition.
        conditional: bool,
        /// The states that stand still meanwhile.
        hold: Vec<Name>,
        /// The states that get a value in every step meanwhile.
        clamp: Vec<(Name, Expr)>,
        /// The whole statement.
        span: Span,
    },
}
