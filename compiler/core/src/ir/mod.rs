//! The dynamics dialect as plain data, for passes to read and rewrite.
//!
//! A pass is MLIR in, MLIR out. In between, [`read`] raises a `dynamics.network` to a
//! [`Network`] whose expressions are nodes of one [`Graph`], and [`write`](write::write) puts it
//! back. Passes are then short functions on data, and what they must prove about equations is
//! algebra on a graph instead of a walk over regions.

pub mod dense;
pub mod expression;
pub mod functions;
pub mod read;
pub mod write;

pub use crate::Precision;
pub use expression::{Age, Distribution, Graph, Node, Op, Symbol, Type, varies};
use std::rc::Rc;

/// A `dynamics.network`.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its name.
    pub name: Symbol,
    /// The step in ms.
    pub dt: f64,
    /// The type of real numbers in states and updates.
    pub real: Precision,
    /// Whether the regions of updates are in that type already; until `hoist-scalars` all
    /// equations are in f64, so that no constant is rounded before it is combined.
    pub narrowed: bool,
    /// All expressions.
    pub graph: Graph,
    /// `dynamics.data`
    pub data: Vec<Data>,
    /// `dynamics.pairs`
    pub pairs: Vec<Pairs>,
    /// `dynamics.parameter`
    pub parameters: Vec<Parameter>,
    /// `dynamics.population`
    pub populations: Vec<Population>,
    /// `dynamics.projection`
    pub projections: Vec<Projection>,
    /// `dynamics.buffer`
    pub buffers: Vec<Buffer>,
    /// `dynamics.feed`
    pub feeds: Vec<Feed>,
    /// `dynamics.connection`
    pub connections: Vec<Connection>,
    /// `dynamics.derive`: name, type and value, in order
    pub derived: Vec<(Symbol, Type, Node)>,
    /// `dynamics.initialise`: population and writes
    pub initialise: Vec<(Symbol, Vec<(Symbol, Node)>)>,
    /// `dynamics.coefficients`: population and writes
    pub coefficients: Vec<(Symbol, Vec<(Symbol, Node)>)>,
    /// `dynamics.synapse_state`
    pub synapse_states: Vec<SynapseState>,
    /// `dynamics.synapses`: connection, `weight`, `delay`, `probability`, `total`, `choice` or a synapse state, value
    pub synapses: Vec<(Symbol, String, Node)>,
    /// `dynamics.deliver`, `respond`, `gather`, `update_synapses`, in the order of the step
    pub edges: Vec<Edge>,
    /// `dynamics.after_spike`
    pub after_spike: Vec<AfterSpike>,
    /// `dynamics.at_spike`: population and writes
    pub at_spike: Vec<(Symbol, Vec<(Symbol, Node)>)>,
    /// `dynamics.update`
    pub updates: Vec<Update>,
}

/// A `dynamics.parameter`.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Parameter {
    pub name: Symbol,
    pub default: f64,
    pub unit: String,
    pub factor: f64,
    pub nonzero: bool,
    /// Set if it is computed from others.
    pub value: Option<Node>,
}

/// A `dynamics.data`.
#[derive(Clone, Debug)]
pub struct Data {
    /// Its name.
    pub name: Symbol,
    /// One or two lengths.
    pub shape: Vec<u64>,
    /// The numbers by rows.
    pub values: Rc<[f64]>,
}

/// A `dynamics.pairs`.
#[derive(Clone, Debug)]
pub struct Pairs {
    /// Its name.
    pub name: Symbol,
    /// Source, target and number of each connection, one after the other, ascending.
    pub entries: Rc<[i32]>,
}

/// A `dynamics.population`.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Population {
    pub name: Symbol,
    pub size: u64,
    pub states: Vec<State>,
    pub inputs: Vec<Input>,
    /// Spikes and other events, in order.
    pub rules: Vec<SpikeRule>,
    /// Steps and neurons that spike at their ends, ascending, if they are known.
    pub spike_times: Option<Vec<(i64, i64)>>,
    /// What a spike of the neuron itself does to states that came from projections.
    pub jumps: Vec<Jump>,
    /// Values of past steps that synapses read.
    pub histories: Vec<History>,
    /// Values that are kept for recorders.
    pub recorded: Vec<Recorded>,
    /// The integrator that was asked for.
    pub method: Option<Method>,
    /// Whether its update makes a spike change states, which an injected spike could not.
    pub spikes_change_states: bool,
}

/// An integrator and its settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// `dynamics.setting`: name, state if it is of one, value.
    pub settings: Vec<(String, Option<Symbol>, f64)>,
}

/// A `dynamics.threshold` with what follows it.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields are those of the ops
pub struct SpikeRule {
    pub condition: Node,
    /// Whether it makes no spike.
    pub silent: bool,
    /// The population that lists the neurons where it holds, if it is a named event.
    pub event: Option<Symbol>,
    /// Whether resets and the refractory time read the values before all resets, not those that earlier ones have made.
    pub simultaneous: bool,
    pub resets: Vec<(Symbol, Node)>,
    pub refractory: Option<Refractory>,
}

/// A `dynamics.refractory` with its `dynamics.clamp`s.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields are those of the ops
pub struct Refractory {
    /// In ms, behind so many resets of the rule; or the condition that prolongs it.
    pub duration: Node,
    pub behind: usize,
    /// Whether it is a condition, tested at the end of a step.
    pub conditional: bool,
    pub hold: Vec<Symbol>,
    pub clamp: Vec<(Symbol, Node)>,
}

/// A `dynamics.state` with its equation or advance.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields are those of the op
pub struct State {
    pub name: Symbol,
    pub unit: String,
    pub init: Node,
    pub internal: bool,
    /// Whether it is a parameter with a value for each neuron.
    pub parameter: bool,
    /// Whether it is asked for by its name, so that it must not become part of another.
    pub recorded: bool,
    pub change: Change,
    /// The integrator that its equation has, if its synapse, its rule or its receptor names one.
    pub method: Option<Symbol>,
    /// In a projection, once it is aligned: whose state it is.
    pub side: Option<Side>,
}

/// Whose a state of a projection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// One for each source neuron: it depends on that neuron's spikes alone.
    Source,
    /// One for each target neuron, a sum over its synapses (superposition).
    Target,
    /// One for each target neuron: it depends on that neuron alone.
    Trace,
    /// One for each synapse.
    Synapse,
}

/// The names of sides in the dialect.
pub const SIDES: &[(Side, &str)] =
    &[(Side::Source, "source"), (Side::Target, "target"), (Side::Trace, "trace"), (Side::Synapse, "synapse")];

/// A `dynamics.jump`.
#[derive(Clone, Debug, PartialEq)]
pub struct Jump {
    /// The state that changes.
    pub state: Symbol,
    /// Its new value, over the integrated values before any reset.
    pub value: Node,
    /// At the start of which step after that of the spike it acts, when arriving spikes have been delivered; 0 if it acts in
    /// the step of the spike.
    pub after: u64,
    /// The named event that makes it, if it is no spike.
    pub event: Option<Symbol>,
}

/// A `dynamics.history`.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Its name.
    pub name: Symbol,
    /// The value at the end of a step, jumps included; of an event, before them.
    pub value: Node,
    /// Its value before the first step.
    pub init: Node,
    /// How many steps are kept.
    pub slots: u64,
    /// Whether it is only read for spikes.
    pub event: bool,
}

/// A `dynamics.recorded`.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The name of its buffer.
    pub name: Symbol,
    /// Its unit.
    pub unit: String,
    /// The value.
    pub value: Node,
    /// Whether it is the value at the start of the step, over states and inputs; otherwise that at its end, over
    /// states.
    pub start: bool,
}

/// How a state changes by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// It stays.
    None,
    /// `dynamics.equation`
    Equation(Node),
    /// `dynamics.advance`: the new value and the method
    Advance(Node, String),
}

/// A `dynamics.input`.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Input {
    pub name: Symbol,
    pub unit: String,
    /// Whether it is what one projection sums up for its receptor's states.
    pub internal: bool,
    pub sum: Node,
}

/// What `dynamics.projection` and `dynamics.connection` say about who is connected.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Connection {
    pub name: Symbol,
    /// `None` for a Poisson source.
    pub source: Option<Symbol>,
    pub target: Symbol,
    /// The named event of the source that its synapses respond to in place of spikes: the population that lists it.
    pub source_event: Option<Symbol>,
    /// The same of the target.
    pub target_event: Option<Symbol>,
    pub rule: String,
    pub amount: f64,
    /// Neighbours on the ring of a small world; 0 for other rules.
    pub neighbours: i64,
    pub min_delay: i64,
    pub max_delay: i64,
    /// Whether a delay is said. What is read of the source in every step is then that old at the start of the step, which is a step
    /// earlier than what a spike carries; if none is said, both are the end of the step before.
    pub delayed: bool,
    /// The least and the greatest number of steps from a spike of the target to what it does here, 1 and 1 if nothing is
    /// said. Where they differ, the state [`POST_DELAY`] of each synapse has its own, in ms.
    pub post_delays: (i64, i64),
    pub stream: i64,
    pub no_self: bool,
    pub with_replacement: bool,
    pub weight_per_synapse: bool,
    /// The numbers of edges of graphs that grow in more than one way.
    pub edges: Vec<i64>,
    /// First and count of the neurons of source and target that the rule chooses among, if not all.
    pub parts: Option<[i64; 4]>,
    /// The list of connections, if the rule is explicit.
    pub pairs: Option<Symbol>,
    /// The projection whose connections are taken from target to source, if the rule is transposed.
    pub transposes: Option<Symbol>,
    /// The projection whose synapses are joined with their neurons, if the rule does that.
    pub synapses_of: Option<Symbol>,
    /// The buffers that get how many synapses each neuron has, of the source and of the target.
    pub degrees: [Option<Symbol>; 2],
    /// Whether what is decided of a pair is decided of both directions.
    pub symmetric: bool,
    /// Whether degrees and totals are drawn in proportion to what [`Projection::probability`] says.
    pub proportional: bool,
    /// Which weights are scaled when they are made, so that they sum up to [`Projection::total`]: `incoming` at each target, or
    /// `outgoing` from each source.
    pub normalised: Option<String>,
    /// Of all synapses those are its own that choose the first of these numbers ([`Projection::choice`]), of those below the second.
    pub chosen: Option<[i64; 2]>,
    /// Whether the weights change while the network runs.
    pub plastic: bool,
    /// Whether synapses are asked for by target too.
    pub columns: bool,
}

/// The state of a projection with the delay of spikes of the target, in ms, where each synapse has one of its own.
pub const POST_DELAY: &str = "post_delay";

/// What [`Network::synapses`] calls what normalised weights sum up to.
pub const TOTAL: &str = "total";
/// What it calls the number that each synapse chooses.
pub const CHOICE: &str = "choice";

/// A `dynamics.projection`.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Projection {
    pub connection: Connection,
    pub alignment: Option<String>,
    pub reason: Option<String>,
    pub weight: Node,
    /// How the weight changes by itself.
    pub weight_change: Change,
    /// The integrator of its equation, if a rule names one.
    pub weight_method: Option<Symbol>,
    /// Between which values the weight is kept.
    pub weight_bounds: Option<(Node, Node)>,
    pub delay: Option<Node>,
    /// Of the rule `pairwise`: the probability of each pair. Of degrees and totals: 1 for the pairs to choose among, 0 for others,
    /// or what they draw in proportion to.
    pub probability: Option<Node>,
    /// What the weights of a neuron sum up to, if they are normalised.
    pub total: Option<Node>,
    /// The number that each synapse of the whole matrix chooses, if not all are its own.
    pub choice: Option<Node>,
    pub rate: Option<Node>,
    pub states: Vec<State>,
    pub events: Vec<Event>,
    /// Input of the target and what is added to it.
    pub outputs: Vec<(Symbol, Node)>,
    /// Which outputs are kept for recorders: index, name behind the projection's, unit.
    pub kept: Vec<(usize, Symbol, String)>,
    /// What else is kept for recorders of its target neurons.
    /// Of the neurons that stand for the synapses: a state, by its buffer, and its first value.
    pub given: Vec<(Symbol, Node)>,
    pub recorded: Vec<Recorded>,
    /// State of the target and what every synapse adds to it in every step, made anew.
    pub sums: Vec<(Symbol, Node)>,
}

impl Projection {
    /// Whether spikes of the source, or its events, do something at the synapse.
    pub(crate) fn has_source_events(&self) -> bool {
        self.events.iter().any(|e| !e.by_target && e.period.is_none())
    }
}

/// A `dynamics.event`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Event {
    pub state: Symbol,
    pub additive: bool,
    pub post: bool,
    /// Whether it is the weight that changes.
    pub weight: bool,
    /// Whether a spike of the target does it.
    pub by_target: bool,
    /// So many steps later than the spike is at the synapse.
    pub after: u64,
    /// If it is done at the end of periods instead: which, and the place of the group whose values it is computed with.
    pub period: Option<(Period, u64)>,
    pub value: Node,
}

/// A count of steps that follows from the number of the step; below 0 it is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Clock {
    /// What is added to the number of the step.
    pub shift: i64,
    /// After so many steps it begins anew; 0 if it does not.
    pub cycle: u64,
    /// What is added then.
    pub offset: i64,
}

impl From<bpc_sema::model::Clock> for Clock {
    fn from(clock: bpc_sema::model::Clock) -> Clock {
        let bpc_sema::model::Clock { shift, cycle, offset } = clock;
        Clock { shift, cycle, offset }
    }
}

/// Steps at whose end something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// How many steps it has, at least 1.
    pub every: u64,
    /// The number of the step, counted from 1, at whose end it is done first; 0 if that is the first multiple of `every`.
    pub start: u64,
}

impl Period {
    /// Whether a step ends so.
    #[must_use]
    pub fn due(self) -> Op {
        if self.every == 1 && self.start <= 1 { Op::Truth(true) } else { Op::Due(self) }
    }
}

/// A `dynamics.synapse_state`: an array with one element for each synapse.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // the fields are those of the op
pub struct SynapseState {
    pub name: Symbol,
    pub connection: Symbol,
    pub unit: String,
    pub internal: bool,
    pub given_to: Option<Symbol>,
}

/// When something is done along connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// For the synapses of source neurons whose spikes are due.
    Deliver,
    /// For the synapses of target neurons that spiked at the end of the step before.
    Respond,
    /// For every synapse, after all events: sums of continuous couplings.
    Gather,
    /// For every synapse, after the sums.
    Update,
}

/// The names of edges in the dialect.
pub const EDGES: &[(EdgeKind, &str)] = &[
    (EdgeKind::Deliver, "dynamics.deliver"),
    (EdgeKind::Respond, "dynamics.respond"),
    (EdgeKind::Gather, "dynamics.gather"),
    (EdgeKind::Update, "dynamics.update_synapses"),
];

/// What is done along a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// When.
    pub kind: EdgeKind,
    /// Along which.
    pub connection: Symbol,
    /// Of spikes: so many steps later than the delays of the connection say.
    pub after: u64,
    /// What becomes of the values.
    pub sinks: Vec<(Sink, Node)>,
}

/// What becomes of a value that is computed for a synapse.
#[derive(Clone, Debug, PartialEq)]
pub enum Sink {
    /// It is added to the target's element of a buffer.
    Accumulate(Symbol),
    /// It is the target's element of a buffer from now on.
    Write(Symbol),
    /// It is a state of the synapse from now on.
    Synapse(Symbol),
    /// It is the weight of the synapse from now on.
    Weight,
}

/// A `dynamics.after_spike`.
#[derive(Clone, Debug, PartialEq)]
pub struct AfterSpike {
    /// Whose spikes.
    pub population: Symbol,
    /// So many steps after that of the spike, at least 1.
    pub delay: u64,
    /// What it does to its neuron.
    pub writes: Vec<(Symbol, Node)>,
}

/// A `dynamics.buffer`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Buffer {
    pub name: Symbol,
    pub population: Symbol,
    pub element: Type,
    pub unit: String,
    pub internal: bool,
    /// How many steps are kept.
    pub slots: u64,
}

impl Buffer {
    /// What a pass keeps for itself: a pure number of each neuron.
    #[must_use]
    pub fn internal(name: Symbol, population: Symbol) -> Buffer {
        Buffer { name, population, element: Type::Real, unit: "1".into(), internal: true, slots: 1 }
    }
}

/// A `dynamics.feed`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Feed {
    pub name: Symbol,
    pub population: Symbol,
    pub unit: String,
}

/// A `dynamics.update`.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Update {
    pub population: Symbol,
    pub writes: Vec<(Symbol, Node)>,
    /// `dynamics.record`: what is written for recorders.
    pub records: Vec<(Symbol, Node)>,
    /// Populations, its own for spikes, and where its neurons are listed among theirs.
    pub emit: Vec<(Symbol, Node)>,
}

impl Connection {
    /// The population whose spikes, or events, its synapses receive.
    #[must_use]
    pub fn received(&self) -> Option<&Symbol> {
        self.source_event.as_ref().or(self.source.as_ref())
    }

    /// The population whose spikes, or events, its synapses respond to.
    #[must_use]
    pub fn responded(&self) -> &Symbol {
        self.target_event.as_ref().unwrap_or(&self.target)
    }
}

impl Network {
    /// The population whose named event another one lists, if it does.
    #[must_use]
    pub fn events_of(&self, name: &str) -> Option<&Population> {
        self.populations.iter().find(|p| p.rules.iter().any(|rule| rule.event.as_deref() == Some(name)))
    }

    /// The type of real numbers in regions of neurons, as things stand.
    #[must_use]
    pub fn region_real(&self) -> Precision {
        if self.narrowed { self.real } else { Precision::F64 }
    }

    /// The population of this name.
    ///
    /// # Panics
    /// If there is none: names were resolved by the front end or verified by the dialect's reader.
    #[must_use]
    pub fn population(&self, name: &str) -> &Population {
        self.populations.iter().find(|p| &*p.name == name).expect("populations are resolved")
    }
}
