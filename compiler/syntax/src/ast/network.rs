//! Networks: populations, projections, inputs, and networks inside networks.

use super::{Binding, Data, Expr, Name};
use crate::source::Span;

/// `network NAME(n: count = 4000) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// `///` lines above it.
    pub doc: String,
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Binding>,
    /// As `parameters`: the indices of those that are lists, nothing of the others.
    pub extents: Vec<Vec<Extent>>,
    /// Its declarations, in source order.
    pub members: Vec<NetworkMember>,
    /// The whole declaration.
    pub span: Span,
}

impl Network {
    /// Its members, those of every branch in the place of its `if`.
    #[must_use]
    pub fn members_of_all_branches(&self) -> Vec<&NetworkMember> {
        fn add<'m>(member: &'m NetworkMember, all: &mut Vec<&'m NetworkMember>) {
            match member {
                NetworkMember::If(conditional) => conditional.members().for_each(|member| add(member, all)),
                _ => all.push(member),
            }
        }
        let mut all = Vec::new();
        self.members.iter().for_each(|member| add(member, &mut all));
        all
    }
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
    /// `if with_inhibition { … } else { … }`
    If(Conditional),
}

/// `if n > 100 { … } else if n > 10 { … } else { … }`: the first branch whose condition holds is a part of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditional {
    /// Conditions and what stands behind them.
    pub branches: Vec<(Expr, Vec<NetworkMember>)>,
    /// What stands behind the last `else`.
    pub otherwise: Vec<NetworkMember>,
    /// The whole statement.
    pub span: Span,
}

impl Conditional {
    /// What stands in all branches.
    pub fn members(&self) -> impl Iterator<Item = &NetworkMember> {
        self.branches.iter().flat_map(|branch| &branch.1).chain(&self.otherwise)
    }
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

/// `population E[3200] : LIF { … }`; without brackets the size is 1. `population Cleft for exc : Release { … }` has a neuron for each
/// synapse of `exc`
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// `///` lines above it.
    pub doc: String,
    /// Its name.
    pub name: Name,
    /// How many neurons.
    pub size: Option<Expr>,
    /// The projection for each of whose synapses there is a neuron, in place of a size.
    pub synapses_of: Option<Place>,
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

/// The indices of an array of networks or of compartments.
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
    /// `post_delay 1.5 ms`: how long a spike of the target takes to the synapse
    PostDelay {
        /// Whether `~` was written: drawn anew for every synapse.
        random: bool,
        /// The value.
        value: Expr,
        /// The whole clause.
        span: Span,
    },
    /// `event burst`: the event of the source that its synapses receive in place of spikes
    Event {
        /// Its name in the source.
        name: Name,
        /// The whole clause.
        span: Span,
    },
    /// `post_event burst`: the same of the target
    PostEvent {
        /// Its name in the target.
        name: Name,
        /// The whole clause.
        span: Span,
    },
    /// `synapse Exponential { tau = 5 ms }`
    Synapse(ModelUse),
    /// `receptor Conductance { E = 0 mV }`
    Receptor(ModelUse),
    /// `plasticity PairSTDP { … }`
    Plasticity(ModelUse),
    /// `method rk4`: the integrator of all equations of the synapses, instead of their models' own
    Method(ModelUse),
    /// `into I_dend`, `into dendrite[3].I`: the input that the receptor's output is added to
    Into {
        /// The input, or the compartment that has it.
        input: Place,
        /// The whole clause.
        span: Span,
    },
    /// `normalise incoming to 5 nS`: weights are scaled when they are made
    Normalise {
        /// `incoming` or `outgoing`: of which neuron's synapses.
        end: Name,
        /// `to`
        to: Name,
        /// What they sum up to.
        value: Expr,
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
