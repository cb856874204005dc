//! The checked model: one network with one `simulate` block, every name resolved, every size known.
//!
//! What goes in: syntax trees. What comes out: a [`Model`] that needs no further check. What may
//! never happen: a reference that does not exist, two quantities of different dimension added, a
//! size that is not a whole number, a delay below one step.
//!
//! Units are erased: every number is in the coherent system of physiology (ms, mV, pA, and so
//! nS, pF, GOhm, kHz; um, um^2; mM), in which a literal such as `-60 mV` or `5 ms` is exactly the
//! number that was written. What the user wrote stays in [`Quantity`] for messages and interfaces.

mod simulation;

pub use simulation::{
    Aggregate, Aggregated, Change, Expectation, Expected, Record, RecordTarget, Recorded, Simulation, Statistic,
};

use bpc_syntax::source::Span;
use std::rc::Rc;

/// One network, instantiated for one `simulate` block.
#[derive(Clone, Debug)]
pub struct Model {
    /// The network's name.
    pub network: String,
    /// Run-time scalars. An expression of one refers only to earlier ones.
    pub parameters: Vec<Parameter>,
    /// The populations, in source order.
    pub populations: Vec<Population>,
    /// Projections and stimuli, in source order, one for each pair of source and target.
    pub projections: Vec<Projection>,
    /// Lists of connections that [`Rule::Explicit`] refers to.
    pub pairs: Vec<Rc<Pairs>>,
    /// How it is run and what is asked of it.
    pub simulation: Simulation,
}

/// Numbers by index, known before the run.
#[derive(Debug)]
pub struct Data {
    /// Its name, for messages.
    pub name: String,
    /// One or two lengths, none of them zero.
    pub shape: Vec<usize>,
    /// The numbers by rows, in internal units, all finite.
    pub values: Vec<f64>,
    /// The least of them.
    pub low: f64,
    /// The greatest of them.
    pub high: f64,
    /// Where it is declared.
    pub span: Span,
}

impl PartialEq for Data {
    /// Whether it is the same declaration.
    fn eq(&self, other: &Data) -> bool {
        std::ptr::eq(self, other)
    }
}

/// An element of data, at indices that are proven to exist: whole numbers, row before column.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// Of which data.
    pub data: Rc<Data>,
    /// One index for each dimension.
    pub places: Vec<Expr>,
    /// Where it is written.
    pub span: Span,
}

/// Connections one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    /// Source, target and the number in the list that was given: ascending.
    pub entries: Vec<(u32, u32, u32)>,
    /// Numbers are below this.
    pub length: u64,
}

/// Index into [`Model::parameters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParameterId(pub usize);

/// Index into [`Model::populations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PopulationId(pub usize);

/// The unit of a value as the user knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// As declared or written: `mV`, `mS/cm^2`, `1`.
    pub unit: String,
    /// Value in `unit` = internal value times this.
    pub factor: f64,
    /// The coherent unit of the internal value: `mV`, `nS/um^2`, `1`.
    pub coherent: String,
}

/// A scalar that may change while the network runs.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// `J` (of the network), `E.tau` (of a population), `exc.tau`, `exc.weight` (of a labelled
    /// projection; unlabelled ones are called `E_to_I` after source and target).
    pub name: String,
    /// Its unit.
    pub quantity: Quantity,
    /// Its value: a number (then it can be set), or an expression of earlier parameters.
    pub value: Expr,
    /// The value with every parameter at its default (or at what `--set` gave), internal units.
    pub default: f64,
    /// Whether it can be set at run time: its value is a plain number.
    pub settable: bool,
    /// Whether something divides by it: zero is refused when it is set.
    pub nonzero: bool,
    /// The documentation comment.
    pub doc: String,
    /// Where it got its value.
    pub span: Span,
}

/// A state variable: one number for each neuron (or for each unit of a synapse's alignment).
#[derive(Clone, Debug)]
pub struct State {
    /// Its name inside its owner.
    pub name: String,
    /// Its unit.
    pub quantity: Quantity,
    /// Its initial value: parameters, [`Expr::Index`], random draws.
    pub init: Expr,
    /// `history x = …`: its value at the times [`Expr::Time`] before 0, if it was not the initial value all the time;
    /// parameters, [`Expr::Index`].
    pub past: Option<Expr>,
    /// `x' = …`, if it has an equation. Refers to states, inputs, lets, parameters.
    pub derivative: Option<Expr>,
    /// The integrator of this equation, if the synapse, the rule or the receptor that has it names one.
    pub method: Option<Method>,
    /// `x(t + dt) = …`, if it has such a value at the next step; then it has no derivative.
    pub next: Option<Expr>,
    /// Whether it is a truth value: 0 or 1.
    pub truth: bool,
    /// Whether it is a parameter with a value for each neuron (or synapse): the initial value stays.
    pub parameter: bool,
    /// The documentation comment.
    pub doc: String,
    /// Where it is declared.
    pub span: Span,
}

/// A sum of everything that targets it, made anew in every step.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub quantity: Quantity,
    /// The sum of all `drive` statements for it (parameters, states, [`Expr::Time`]).
    pub drive: Option<Expr>,
    /// Whether it is there at all: that of an ion into which nothing flows from outside of the cell is not.
    pub present: bool,
    /// Where it is declared.
    pub span: Span,
}

/// Neurons of one model.
#[derive(Clone, Debug)]
pub struct Population {
    /// Its name.
    pub name: String,
    /// The model's name, for messages.
    pub model: String,
    /// How many neurons; at least 1.
    pub size: u64,
    /// Its states.
    pub states: Vec<State>,
    /// Its inputs.
    pub inputs: Vec<Input>,
    /// Algebraic equations, each over states, inputs, parameters and earlier lets.
    pub lets: Vec<Let>,
    /// When it spikes and what follows, and events without a spike, in the order of the text.
    pub rules: Vec<SpikeRule>,
    /// The steps at whose end its neurons spike, and which, ascending; `None` if its rules say so.
    pub spike_times: Option<Vec<(u64, u32)>>,
    /// The integrator, if one is named; otherwise the compiler chooses.
    pub method: Option<Integrator>,
    /// If each neuron stands for a synapse of a projection: the sizes of that projection's source and target.
    pub stands_for: Option<[u64; 2]>,
    /// If its spikes are a named event of another population's neurons: which population. Then it has nothing else.
    pub events_of: Option<PopulationId>,
    /// Where it is declared.
    pub span: Span,
}

/// An integrator as it is written: `method dormand_prince { tolerance = 1e-8 }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Integrator {
    /// Which.
    pub method: Method,
    /// Its settings, each at most once.
    pub settings: Vec<IntegratorSetting>,
    /// Where it is written.
    pub span: Span,
}

/// A setting of an integrator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum IntegratorSetting {
    /// Relative tolerance, 1e-13 to 0.1.
    Tolerance(f64),
    /// The most sub-steps or iterations in a step, at least 1.
    Limit(u32),
    /// At what size the error of a state is measured as absolute: index into the population's states, and the size in
    /// internal units, above 0.
    Scale(usize, f64),
}

/// An integrator that the user can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The propagator of a linear system; refused for others.
    Exact,
    /// Each equation exactly in its own state, the others frozen over the step.
    ExponentialEuler,
    /// Forward Euler, first order.
    Euler,
    /// The midpoint rule, second order.
    Midpoint,
    /// Heun's rule (the explicit trapezoid), second order.
    Heun,
    /// The classical Runge-Kutta method, fourth order.
    RungeKutta4,
    /// Sub-steps under error control, order 5(4) (Dormand and Prince 1980).
    DormandPrince,
    /// Sub-steps under error control, order 4(5) (Fehlberg 1969).
    Fehlberg,
    /// Backward Euler by Newton's method, first order, for stiff equations.
    ImplicitEuler,
    /// A Rosenbrock method, third order, for stiff equations.
    Rosenbrock,
    /// The exponential of the Jacobian, second order.
    ExponentialRosenbrock,
    /// Coupled potentials by one linear system, all else by exponential Euler, in a symmetric order.
    Hines,
    /// Noise after Itô to strong order 1.
    Milstein,
    /// Noise after Stratonovich, by a predictor and a corrector.
    StratonovichHeun,
}

/// `let u = V - V_T`
#[derive(Clone, Debug)]
pub struct Let {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Expr,
    /// Where it is declared.
    pub span: Span,
}

/// `spike when …` or `when …`
#[derive(Clone, Debug)]
pub struct SpikeRule {
    /// Whether the neuron spikes where the condition holds (once a step, whatever rules hold).
    pub spikes: bool,
    /// Whether it acts at the end of refractory time, behind all other rules, instead of where the condition holds; then it has
    /// no refractory time of its own.
    pub recovery: bool,
    /// The event that it makes, if that has a name. The population `E.burst` has those of `burst` in `E` for spikes.
    pub event: Option<String>,
    /// Tested after integration, on the new states.
    pub condition: Expr,
    /// New values of states, applied in order (a later one sees the earlier ones).
    pub updates: Vec<(usize, Expr)>,
    /// Whether updates and the refractory time, unless it is a condition, read the values before all updates instead; then
    /// each state is updated once.
    pub simultaneous: bool,
    /// How long it cannot spike again.
    pub refractory: Option<Refractory>,
    /// Where it is declared.
    pub span: Span,
}

/// A time without spikes, in which some states may stand still.
#[derive(Clone, Debug)]
pub struct Refractory {
    /// In ms, rounded to whole steps; or the condition that prolongs it, tested at the end of every step.
    pub duration: Expr,
    /// Whether it is a condition.
    pub conditional: bool,
    /// How many of the rule's updates come before it in the text, so that a duration sees them.
    pub behind: usize,
    /// The states that are held: neither integrated nor changed by events.
    pub hold: Vec<usize>,
    /// The states that get a value in every step in place of integration, over the values at its start.
    pub clamp: Vec<(usize, Expr)>,
}

/// Where events come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The spikes of a population, through connections.
    Population {
        /// The population.
        population: PopulationId,
        /// Which pairs are connected.
        connect: Connect,
        /// How long a spike takes.
        delay: Delay,
    },
    /// A Poisson train of its own for every target neuron, delivered in the step it is drawn in.
    Poisson {
        /// The rate in kHz: parameters, time.
        rate: Expr,
    },
}

/// Which pairs are connected.
#[derive(Clone, Debug, PartialEq)]
pub struct Connect {
    /// The rule.
    pub rule: Rule,
    /// Whether a neuron may connect to itself (where source and target are one population).
    pub allow_self: bool,
    /// First neuron and number of neurons, of source and target, that degrees, totals and graphs choose among, if not all.
    pub parts: Option<[(u64, u64); 2]>,
    /// The projection (index into [`Model::projections`]) whose random numbers are used, so that the pairs are the same.
    pub same_as: Option<usize>,
    /// Whether what is decided of a pair, the lesser index first, is decided of both directions: of probabilities and conditions,
    /// within one population.
    pub symmetric: bool,
    /// Whether degrees and totals are drawn in proportion to `probability`.
    pub proportional: bool,
    /// Which synapses of the matrix are the projection's, if not all.
    pub chosen: Option<Chosen>,
    /// Of degrees and totals: 1 for the pairs that they choose among, 0 for others, if not all, or what they draw in proportion to.
    /// Of [`Rule::Pairwise`]: the probability,
    /// over [`Expr::SourceIndex`], [`Expr::Index`], numbers, and the parameters of the
    /// network and of both neurons.
    pub probability: Option<Expr>,
}

impl Connect {
    /// A rule among all neurons.
    #[must_use]
    pub fn of(rule: Rule, allow_self: bool) -> Connect {
        Connect {
            rule,
            allow_self,
            parts: None,
            same_as: None,
            symmetric: false,
            proportional: false,
            chosen: None,
            probability: None,
        }
    }
}

/// Synapses of a matrix that choose, by a number of each, in which of several projections they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// The number of each synapse, as a value of the synapses of the whole matrix: a whole number below `of`.
    pub value: Expr,
    /// Those with this number are meant.
    pub number: u64,
    /// How many numbers there are.
    pub of: u64,
}

/// A connection rule; all numbers are known at compile time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Every pair.
    AllToAll,
    /// Neuron i to neuron i; sizes are equal.
    OneToOne,
    /// These pairs.
    Explicit {
        /// Index into [`Model::pairs`].
        list: usize,
    },
    /// Every pair independently with this probability (Bernoulli, exactly).
    FixedProbability(f64),
    /// Every target draws this many sources.
    FixedInDegree {
        /// How many.
        degree: u64,
        /// Whether one source may be drawn twice.
        with_replacement: bool,
    },
    /// Every source draws this many targets.
    FixedOutDegree {
        /// How many.
        degree: u64,
        /// Whether one target may be drawn twice.
        with_replacement: bool,
    },
    /// So many synapses in all.
    FixedTotal {
        /// How many.
        total: u64,
        /// Whether one pair may be drawn twice.
        with_replacement: bool,
    },
    /// Every pair independently with a probability of its own ([`Connect::probability`]).
    Pairwise {
        /// About their mean, from which memory is estimated.
        mean: f64,
    },
    /// From target to source for each connection of an earlier projection, which has another rule than this and [`Rule::Explicit`].
    Transposed {
        /// Index into [`Model::projections`].
        of: usize,
    },
    /// Between the neurons that stand for the synapses of an earlier projection, in the order by source, delay, target and number,
    /// and the sources or targets of these, or neurons of another population with the same indices.
    OfSynapses {
        /// Index into [`Model::projections`].
        of: usize,
        /// Which end of each synapse.
        end: End,
        /// Whether from the neurons that stand for synapses, or to them.
        from_synapses: bool,
    },
    /// A ring with so many nearest neighbours for each neuron, rewired (Watts & Strogatz 1998).
    SmallWorld {
        /// How many, an even number.
        degree: u64,
        /// The probability that an edge is rewired.
        rewired: f64,
        /// Whether edges go both ways.
        undirected: bool,
    },
    /// Growth with preferential attachment (Barabási & Albert 1999).
    ScaleFree {
        /// How many others each new neuron joins.
        edges: u64,
        /// What else decides whom it joins.
        growth: Growth,
    },
}

/// One of the two neurons of a synapse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// From which it is.
    Source,
    /// To which it is.
    Target,
}

/// What decides on the edges of new neurons besides preference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Growth {
    /// Nothing.
    Preference,
    /// An edge closes a triangle with a probability (Holme & Kim 2002).
    Triads {
        /// Of each edge but the first.
        probability: f64,
    },
    /// A new neuron may have another number of edges (Moshiri 2018).
    Dual {
        /// How many.
        otherwise: u64,
        /// The probability of the first number.
        probability: f64,
    },
}

impl Rule {
    /// The most edges of a new neuron, if it is a graph that grows.
    #[must_use]
    pub fn most_edges(&self) -> Option<u64> {
        match *self {
            Rule::ScaleFree { edges, growth: Growth::Dual { otherwise, .. } } => Some(edges.max(otherwise)),
            Rule::ScaleFree { edges, .. } => Some(edges),
            _ => None,
        }
    }
}

/// How long events take. A spike detected at the end of step k arrives at the start of step k+d.
#[derive(Clone, Debug)]
pub enum Delay {
    /// None said: events take one step, continuous couplings no time.
    None,
    /// The same whole number of steps (at least 1) for every synapse.
    Uniform(u64),
    /// Drawn for every synapse: an expression in ms with random draws, rounded to whole steps;
    /// below one step it is one step.
    PerSynapse {
        /// In ms.
        value: Expr,
        /// The largest delay in steps; longer draws are cut to it.
        max_steps: u64,
    },
}

/// What a delay that is below zero, and not by chance, is in the model: the runtime refuses it. In ms, and a number in
/// single precision too.
pub const BELOW_ZERO: f64 = -3e38;

/// The name of the state of a projection that has the delays of spikes of the target, in ms, if each synapse has one.
pub const POST_DELAY: &str = "post_delay";

/// Everything between a source of events and the neurons that they reach.
#[derive(Clone, Debug)]
pub struct Projection {
    /// The label (made unique), by which parameters and states are reached.
    pub name: String,
    /// Where its events come from.
    pub source: Source,
    /// Whom they reach.
    pub target: PopulationId,
    /// The population whose spikes are the source's event that its synapses receive, if it is no spike.
    pub event: Option<PopulationId>,
    /// The same of the target.
    pub post_event: Option<PopulationId>,
    /// The synapse's and receptor's names, for messages.
    pub synapse: Option<String>,
    /// See `synapse`.
    pub receptor: Option<String>,
    /// The weight: parameters, and random draws if `weight_per_synapse`.
    pub weight: Expr,
    /// The weight's unit.
    pub weight_quantity: Quantity,
    /// Whether every synapse has a weight of its own (it was written with `~`).
    pub weight_per_synapse: bool,
    /// Whether the weights are scaled when they are made: of the synapses of which end of a projection, and what they sum up to, which
    /// is one value for all synapses of a neuron.
    pub normalise: Option<(End, Expr)>,
    /// How long a spike of the target takes to the synapse; none said: one step. If every synapse has one of its own,
    /// the state [`POST_DELAY`] has it.
    pub post_delay: Delay,
    /// The synapse's states, and parameters with a value for each synapse.
    pub states: Vec<State>,
    /// Algebraic equations of synapse and receptor.
    pub lets: Vec<Let>,
    /// What an event does. Updates that are equally late see the values before all of them.
    pub on_spike: Vec<EventUpdate>,
    /// What a spike of the target neuron does.
    pub on_post: Vec<EventUpdate>,
    /// What is done at the end of periods, in the order of the text.
    pub periodic: Vec<Periodic>,
    /// `w' = …`
    pub weight_derivative: Option<Expr>,
    /// The integrator of this equation, if a rule names one.
    pub weight_method: Option<Method>,
    /// Between which values the weight is kept.
    pub weight_bounds: Option<(Expr, Expr)>,
    /// Of several rules of plasticity, in which order they act and whether that matters, a line for each fact.
    pub rule_order: Vec<RuleOrder>,
    /// What flows continuously: an input of the target and what is added to it (over own states,
    /// lets, parameters and [`Expr::PostState`]).
    pub outputs: Vec<(usize, Expr)>,
    /// As `outputs`: what the receptor calls it, and its unit.
    pub output_names: Vec<(String, Quantity)>,
    /// The receptor, if it has states.
    pub own_receptor: Option<OwnReceptor>,
    /// States (parameters) of source and target that get how many of its synapses each neuron has, before values of synapses are computed.
    pub degrees: [Option<usize>; 2],
    /// First values of states of the neurons that stand for its synapses.
    pub given: Vec<Given>,
    /// Where it is declared.
    pub span: Span,
}

/// What is said of the order of rules of plasticity at one synapse.
#[derive(Clone, Debug)]
pub struct RuleOrder {
    /// When which act, and whether that matters.
    pub text: String,
    /// Where the rules are used, in their order.
    pub places: Vec<Span>,
    /// Whether it matters.
    pub matters: bool,
}

/// What a neuron that stands for a synapse begins with, so far as it depends on that synapse.
#[derive(Clone, Debug)]
pub struct Given {
    /// The neurons.
    pub population: PopulationId,
    /// Which of their states.
    pub state: usize,
    /// Its value, as that of a weight.
    pub value: Expr,
}

/// A receptor with states: it is one for each target neuron, driven by the sums of what its synapses put out. Its lets,
/// equations and outputs are over its states, these sums, parameters and states of the target neuron.
#[derive(Clone, Debug)]
pub struct OwnReceptor {
    /// Which of [`Projection::states`] are the receptor's.
    pub states: std::ops::Range<usize>,
    /// What [`Expr::Input`] means in it: the receptor's name for it, its unit, and of what the sum over the synapses is taken.
    pub inputs: Vec<(String, Quantity, Expr)>,
}

/// Steps at whose end something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// How many steps it has, at least 1.
    pub every: u64,
    /// The number of the step, counted from 1, at whose end it is done first; 0 if that is the first multiple of `every`.
    pub start: u64,
}

/// A count of steps that follows from the number of the step: `t`, `t - 100 ms`, `t % 2 s`. Below 0 it is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clock {
    /// What is added to the number of the step.
    pub shift: i64,
    /// After so many steps it begins anew; 0 if it does not.
    pub cycle: u64,
    /// What is added then.
    pub offset: i64,
}

impl Clock {
    /// What it shows before a step.
    #[must_use]
    pub fn steps(self, step: u64) -> u64 {
        let shifted = i128::from(step) + i128::from(self.shift);
        let within = if self.cycle == 0 { shifted } else { shifted.rem_euclid(i128::from(self.cycle)) };
        u64::try_from((within + i128::from(self.offset)).max(0)).unwrap_or(u64::MAX)
    }
}

/// What every synapse does at the end of a period.
#[derive(Clone, Debug)]
pub struct Periodic {
    /// When.
    pub period: Period,
    /// New values of own states and the weight, over those after the continuous changes of the step.
    pub updates: Vec<EventUpdate>,
}

/// `g += w`, `V += w`
#[derive(Clone, Debug)]
pub struct EventUpdate {
    /// The state that changes.
    pub target: EventTarget,
    /// Its new value, over the old states and [`Expr::Weight`].
    pub value: Expr,
    /// If the new value is old value plus something: that something (no reference to the state).
    pub increment: Option<Expr>,
    /// So many steps later than the spike is at the synapse.
    pub after: u64,
    /// Where it is written.
    pub span: Span,
}

/// A state that an event changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventTarget {
    /// A state of the projection.
    Own(usize),
    /// A state of the target neuron.
    Post(usize),
    /// The weight of the synapse.
    Weight,
}

/// An expression whose value is a number (or a truth value, for comparisons and logic).
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number in internal units.
    Number(f64),
    /// A truth value.
    Bool(bool),
    /// A run-time scalar.
    Parameter(ParameterId),
    /// A state of the owner (the population, or the projection inside a projection).
    State(usize),
    /// An input of the population; of [`OwnReceptor`], the sum of one of its inputs over the synapses of the target neuron.
    Input(usize),
    /// An algebraic equation of the owner.
    Let(usize),
    /// Inside a projection: a state of the target neuron.
    PostState(usize),
    /// Inside a projection: a state of the source neuron.
    PreState(usize),
    /// Inside a projection: the weight of the synapse.
    Weight,
    /// The time at the start of the step, in ms.
    Time,
    /// The index of the neuron (or, in weights and delays, of the target neuron).
    Index,
    /// In weights and delays: the index of the source neuron.
    SourceIndex,
    /// In weights and delays of [`Rule::Explicit`]: the number of the pair in its list.
    PairIndex,
    /// An element of data.
    Element(Rc<Element>),
    /// The nearest whole number, but at least 0 and at most `last`; 0 of what is no number: an index that is known at run time only.
    Within(Rc<Expr>, u32),
    /// The steps of a clock divided by `every`, plus `ahead`, or `last` if that is less: an index.
    TimeIndex {
        /// What counts the steps.
        clock: Clock,
        /// Steps from one element to the next.
        every: u64,
        /// 0, or 1 for the next element.
        ahead: u64,
        /// The last index, which holds ever after.
        last: u64,
    },
    /// Whether the step ends where one of these periods does.
    Due(Period),
    /// How far a clock is from one multiple of so many steps to the next: 0 or more, below 1.
    TimeFraction(Clock, u64),
    /// One operand.
    Unary(UnaryOp, Rc<Expr>),
    /// Two operands.
    Binary(BinaryOp, Rc<Expr>, Rc<Expr>),
    /// An elementary function.
    Call(Function, Vec<Expr>),
    /// `if c then a else b`: both sides are evaluated.
    If(Rc<Expr>, Rc<Expr>, Rc<Expr>),
    /// A random draw; each place in the source that draws has a stream of its own.
    Random(Distribution, Vec<Expr>, u32),
    /// In a condition: the value at the end of the step before, after its resets.
    Start(Rc<Expr>),
    /// A number between 0 and 1 that belongs to a neuron, always the same: of the neuron ([`Expr::Index`])
    /// or of the source neuron. Random positions are made of it.
    NeuronDraw {
        /// Tells those of one neuron apart.
        stream: u32,
        /// Whether it is the source's.
        of_source: bool,
    },
    /// A state of the population so many steps (at least 1) before the start of the step; before the first
    /// step its initial value.
    Delayed(usize, u64),
    /// In initial values of a neuron that stands for a synapse: a value of this synapse, as that of a weight. The run gets it by
    /// [`Projection::given`].
    OfSynapse(Rc<Expr>),
    /// White noise in an equation (Itô), in ms^-1/2; each `xi` in the source has a stream of its own.
    Noise(u32),
}

pub use bpc_syntax::ast::{BinaryOp, UnaryOp};

/// The elementary functions of the language. Arguments and results are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each is its own name
pub enum Function {
    Exp,
    Expm1,
    Log,
    Log1p,
    Sqrt,
    Sin,
    Cos,
    Tan,
    Sinh,
    Cosh,
    Tanh,
    Erf,
    /// (exp(x) - 1) / x, continued by 1 at 0
    Exprel,
    /// 1 / (1 + exp(-x))
    Sigmoid,
    Abs,
    Min,
    Max,
    Floor,
    Ceil,
    Log10,
    Log2,
    Atan,
    Asin,
    Acos,
    /// The angle of the point (x, y), from y and x
    Atan2,
    /// What is left of a division downwards
    Mod,
    /// To the nearest whole number, halves to the even one
    Round,
    Trunc,
    /// -1, 0 or 1
    Sign,
}

/// A distribution of random draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// `uniform(low, high)`
    Uniform,
    /// `normal(mean, standard_deviation)`
    Normal,
    /// `exponential(mean)`
    Exponential,
    /// `lognormal(mu, sigma)` of the underlying normal
    LogNormal,
    /// `poisson(mean)`
    Poisson,
    /// `binomial(n, p)`
    Binomial,
    /// `bernoulli(p)`
    Bernoulli,
    /// `gamma(shape, scale)`
    Gamma,
    /// `beta(a, b)`, which has three streams of draws
    Beta,
    /// `truncated_normal(mean, standard_deviation, low, high)`
    TruncatedNormal,
}

impl Model {
    /// How many neurons there are. Those of an event are those of its population.
    #[must_use]
    pub fn neurons(&self) -> u64 {
        self.populations.iter().filter(|p| p.events_of.is_none()).map(|p| p.size).sum()
    }
}

impl Projection {
    /// Whether the weight of each synapse changes while the network runs.
    #[must_use]
    pub fn is_plastic(&self) -> bool {
        let changed = |u: &EventUpdate| u.target == EventTarget::Weight;
        self.weight_derivative.is_some() || {
            let periodic = self.periodic.iter().flat_map(|p| &p.updates);
            self.on_spike.iter().chain(&self.on_post).chain(periodic).any(changed)
        }
    }
}
