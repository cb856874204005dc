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
pub use expression::{Distribution, Graph, Node, Op, Symbol, Type};
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
    /// `dynamics.synapses`: connection, `weight`, `delay` or `probability`, value
    pub synapses: Vec<(Symbol, String, Node)>,
    /// `dynamics.deliver`: connection and what is accumulated
    pub deliver: Vec<(Symbol, Vec<(Symbol, Node)>)>,
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
    /// The integrator that was asked for.
    pub method: Option<Method>,
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
    pub resets: Vec<(Symbol, Node)>,
    pub refractory: Option<Refractory>,
}

/// A `dynamics.refractory` with its `dynamics.clamp`s.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields are those of the ops
pub struct Refractory {
    /// In ms.
    pub duration: Node,
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
    pub change: Change,
}

/// How a state changes by itself.
#[derive(Clone, Debug, PartialEq)]
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
    pub rule: String,
    pub amount: f64,
    /// Neighbours on the ring of a small world; 0 for other rules.
    pub neighbours: i64,
    pub min_delay: i64,
    pub max_delay: i64,
    pub stream: i64,
    pub no_self: bool,
    pub with_replacement: bool,
    pub weight_per_synapse: bool,
    /// The list of connections, if the rule is explicit.
    pub pairs: Option<Symbol>,
}

/// A `dynamics.projection`.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Projection {
    pub connection: Connection,
    pub alignment: Option<String>,
    pub reason: Option<String>,
    pub weight: Node,
    pub delay: Option<Node>,
    /// Of the rule `pairwise`: the probability of each pair.
    pub probability: Option<Node>,
    pub rate: Option<Node>,
    pub states: Vec<State>,
    pub events: Vec<Event>,
    /// Input of the target and what is added to it.
    pub outputs: Vec<(Symbol, Node)>,
}

/// A `dynamics.event`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Event {
    pub state: Symbol,
    pub additive: bool,
    pub post: bool,
    pub value: Node,
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
    pub emit: Option<Node>,
}

impl Network {
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
