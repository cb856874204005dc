//! The descriptor: everything the runtime must know of a network that is not code.
//!
//! The compiler fills a [`NetworkDescriptor`] and encodes it into one constant byte string
//! (feature `std`); the runtime reads it in place through a [`DescriptorView`].
//!
//! *Encoding.* Little endian, no pointers, no padding:
//!
//! | bytes | what |
//! |-------|------|
//! | 8     | [`MAGIC`], then [`crate::ABI_VERSION`] (both u32) |
//! | 8     | length of the whole (u64) |
//! | 8     | name: offset and length in the strings (u32 each) |
//! | 4 + 4 | bytes of a real number, zero |
//! | 24    | dt (f64), size of the state block, size of the derived scalars (u64) |
//! | 24    | number of parameters, populations, states, inputs, projections, synapse states (u32) |
//! | 4     | number of words of the lists (u32) |
//! | 4     | zero |
//! | …     | the records of these six tables, each of the fixed size [`Record::SIZE`] |
//! | …     | the lists: words (u32) of explicit connections, see [`Pairs`] |
//! | …     | the strings (UTF-8), without separators |

use crate::LANES;

#[cfg(any(feature = "std", test))]
mod encode;
mod read;

#[cfg(any(feature = "std", test))]
pub use encode::NetworkDescriptor;
#[cfg(test)]
pub(crate) use encode::tests::example as example_of_everything;
pub use read::{DescriptorView, Iter, Record, Table};

/// A run-time scalar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter<'a> {
    /// `E.tau`
    pub name: &'a str,
    /// The unit that interfaces use.
    pub unit: &'a str,
    /// Value in that unit = internal value times this.
    pub factor: f64,
    /// Internal units; NaN for one that is computed from others by `derive`.
    pub default: f64,
    /// Whether it may be set.
    pub settable: bool,
    /// Whether zero is refused.
    pub nonzero: bool,
}

/// Neurons of one model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Population<'a> {
    /// `E`
    pub name: &'a str,
    /// How many neurons.
    pub size: u64,
    /// The size rounded up to [`crate::LANES`].
    pub padded: u64,
    /// How many steps of spikes are kept: the largest delay plus 1, at least 2.
    pub ring_slots: u32,
    /// Whether a spike changes states of its neuron in the step that makes it (short-term plasticity,
    /// traces): then none can be injected.
    pub spikes_change_states: bool,
}

/// The type of a state's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Element {
    /// `float`
    F32 = 0,
    /// `double`
    F64 = 1,
    /// `int32_t` (steps of refractoriness left)
    I32 = 2,
}

/// An array in the state block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State<'a> {
    /// `E.V`, `exc.g`
    pub name: &'a str,
    /// The coherent unit of its values.
    pub unit: &'a str,
    /// The population whose ranges own its elements.
    pub population: u32,
    /// Where it starts in the state block.
    pub offset: u64,
    /// How many elements it has, without padding.
    pub length: u64,
    /// What they are.
    pub element: Element,
    /// Whether it is the user's (shown, recorded, checked for NaN) or the compiler's own.
    pub public: bool,
    /// Whether [`crate::CoefficientsFunction`] reads it: once the application may have written it, that must run again.
    pub in_coefficients: bool,
}

/// An input that an application may feed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input<'a> {
    /// `E.I`
    pub name: &'a str,
    /// The coherent unit of its values.
    pub unit: &'a str,
    /// Whose it is.
    pub population: u32,
}

/// Which pairs are connected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Every pair.
    AllToAll,
    /// i to i.
    OneToOne,
    /// The pairs that [`Projection::pairs`] lists.
    Explicit,
    /// Bernoulli with this probability for each pair.
    FixedProbability(f64),
    /// This many sources for each target.
    FixedInDegree {
        /// How many.
        degree: u64,
        /// Whether one source may be drawn twice.
        with_replacement: bool,
    },
    /// This many targets for each source.
    FixedOutDegree {
        /// How many.
        degree: u64,
        /// Whether one target may be drawn twice.
        with_replacement: bool,
    },
    /// This many synapses in all.
    FixedTotal {
        /// How many.
        total: u64,
        /// Whether one pair may be drawn twice.
        with_replacement: bool,
    },
    /// Every pair independently with a probability that the network's function of synapses gives.
    Pairwise {
        /// About their mean, from which memory is estimated.
        mean: f64,
        /// Whether it depends on parameters, so that connections do.
        reads_parameters: bool,
    },
    /// A ring in which every neuron has this many nearest neighbours (even), each replaced with a
    /// probability (one population only).
    SmallWorld {
        /// How many.
        degree: u32,
        /// The probability.
        rewired: f64,
    },
    /// The same with undirected edges, each of which is two connections; all of them are rewired one after another.
    SmallWorldUndirected {
        /// How many nearest neighbours (even).
        degree: u32,
        /// The probability that an edge is rewired.
        rewired: f64,
    },
    /// Growth with preferential attachment, this many edges for each new neuron (one population
    /// only).
    ScaleFree {
        /// How many.
        edges: u32,
    },
    /// Growth in which a new neuron has the one or the other number of edges.
    ScaleFreeDual {
        /// How many edges with the probability.
        edges: u32,
        /// How many otherwise.
        otherwise: u32,
        /// The probability.
        probability: f64,
    },
    /// Growth in which an edge closes a triangle with a probability.
    ScaleFreeTriads {
        /// How many edges each new neuron has.
        edges: u32,
        /// The probability, for each edge but the first.
        triads: f64,
    },
    /// A connection from target to source for each connection of another projection.
    Transposed {
        /// Index of the projection, which is an earlier one, between the same populations the other way round, and has another
        /// rule.
        of: u32,
    },
    /// Between the synapses of another projection, for each of which a neuron stands, and their sources or targets. Neuron k stands
    /// for synapse k of the order by source, delay, target and ordinal.
    OfSynapses {
        /// Index of the projection, which is an earlier one.
        of: u32,
        /// Which neurons of it: those of one population, of which it may also be another one with as many neurons.
        end: End,
        /// Whether from the neurons that stand for synapses, or to them.
        from_synapses: bool,
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

/// Which pairs a degree or a total chooses among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidates {
    /// All.
    All,
    /// Those for which the network's function of synapses gives the probability 1, not 0.
    Where {
        /// Whether it depends on parameters, so that connections do.
        reads_parameters: bool,
    },
    /// Those for which it gives a number above 0, each in proportion to it.
    Proportional {
        /// Whether it depends on parameters, so that connections do.
        reads_parameters: bool,
    },
}

impl Candidates {
    /// Whether they are drawn in proportion to a number.
    pub const fn is_proportional(self) -> bool {
        matches!(self, Candidates::Proportional { .. })
    }

    /// Whether they depend on parameters.
    pub const fn reads_parameters(self) -> bool {
        matches!(
            self,
            Candidates::Where { reads_parameters: true } | Candidates::Proportional { reads_parameters: true }
        )
    }
}

impl Rule {
    /// Whether it is a graph whose nodes are the neurons of one population, or of one part of it.
    pub const fn is_graph(&self) -> bool {
        matches!(
            self,
            Rule::SmallWorld { .. }
                | Rule::SmallWorldUndirected { .. }
                | Rule::ScaleFree { .. }
                | Rule::ScaleFreeDual { .. }
                | Rule::ScaleFreeTriads { .. }
        )
    }

    /// Whether it can choose among neurons of a part.
    pub const fn has_parts(&self) -> bool {
        self.has_candidates() || self.is_graph()
    }

    /// Whether it can choose among the pairs for which a condition holds.
    pub const fn has_candidates(&self) -> bool {
        matches!(self, Rule::FixedInDegree { .. } | Rule::FixedOutDegree { .. } | Rule::FixedTotal { .. })
    }
}

/// Neurons of a population that follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neurons {
    /// The first.
    pub first: u32,
    /// How many.
    pub count: u32,
}

impl Neurons {
    /// All of so many.
    pub const fn all(count: u32) -> Neurons {
        Neurons { first: 0, count }
    }

    /// Which of them a neuron is, counted from 0.
    #[inline]
    pub const fn place(self, neuron: u32) -> Option<u32> {
        match neuron.checked_sub(self.first) {
            Some(place) if place < self.count => Some(place),
            _ => None,
        }
    }

    /// How many neurons are in both.
    pub const fn common(self, other: Neurons) -> u32 {
        let first = if self.first > other.first { self.first } else { other.first };
        let (a, b) = (self.first as u64 + self.count as u64, other.first as u64 + other.count as u64);
        (if a < b { a } else { b }).saturating_sub(first as u64) as u32
    }
}

/// Connections one by one, as words of 4 bytes: the start of every source's row and the end of the
/// last (sources + 1), the targets, and the number of each in the list that the user gave.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pairs<'a> {
    /// The words, little endian; empty for rules that are laws.
    pub words: &'a [u8],
}

impl Pairs<'_> {
    /// The word at an index; 0 beyond the end, which [`DescriptorView::read`] has excluded.
    #[inline]
    fn word(&self, index: u64) -> u32 {
        let bytes = usize::try_from(index).ok().and_then(|index| self.words.get(index.checked_mul(4)?..));
        bytes.and_then(|bytes| bytes.first_chunk()).map_or(0, |word| u32::from_le_bytes(*word))
    }

    /// Where the row of a source starts and ends.
    #[inline]
    pub fn row(&self, source: u32) -> (u32, u32) {
        (self.word(source.into()), self.word(u64::from(source) + 1))
    }

    /// The target of a connection, from `sources` neurons.
    #[inline]
    pub fn target(&self, sources: u32, connection: u32) -> u32 {
        self.word(u64::from(sources) + 1 + u64::from(connection))
    }

    /// The number of a connection of `count`.
    #[inline]
    pub fn number(&self, sources: u32, count: u32, connection: u32) -> u32 {
        self.word(u64::from(sources) + 1 + u64::from(count) + u64::from(connection))
    }

    /// How many connections there are.
    pub fn count(&self, sources: u32) -> u32 {
        self.word(sources.into())
    }

    /// Whether rows and targets fit populations of these sizes, and targets ascend in each row.
    fn fits(&self, sources: u64, targets: u64) -> bool {
        let (Ok(sources), words) = (u32::try_from(sources), self.words.len() as u64 / 4) else { return false };
        let count = self.count(sources);
        if words != u64::from(sources) + 1 + 2 * u64::from(count)
            || !self.words.len().is_multiple_of(4)
            || self.word(0) != 0
        {
            return false;
        }
        (0..sources).all(|source| {
            let (first, end) = self.row(source);
            let mut last = 0;
            first <= end
                && end <= count
                && (first..end).all(|connection| {
                    let target = self.target(sources, connection);
                    let ascends = target >= last && u64::from(target) < targets;
                    last = target;
                    ascends
                })
        })
    }
}

/// The most numbers of which synapses choose.
pub const MOST_CHOSEN: u32 = (1 << 14) - 1;

/// Which synapses of a matrix a projection has, if each chooses a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Those with this number.
    pub number: u32,
    /// Of the numbers below this, which is at most [`MOST_CHOSEN`].
    pub of: u32,
}

/// Connections between two populations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection<'a> {
    /// `exc`
    pub name: &'a str,
    /// Index of the source population.
    pub source: u32,
    /// Index of the target population.
    pub target: u32,
    /// Names the matrix together with the seed.
    pub stream: u32,
    /// Which pairs.
    pub rule: Rule,
    /// The neurons of the source population that the rule chooses among; all for rules without [`Rule::has_parts`].
    pub sources: Neurons,
    /// Those of the target population.
    pub targets: Neurons,
    /// The pairs, if the rule is explicit.
    pub pairs: Pairs<'a>,
    /// Whether a neuron may connect to itself (one population only).
    pub allow_self: bool,
    /// Whether what is decided of a pair (the lesser neuron first) is decided of both directions: of rules about single pairs,
    /// within one population.
    pub symmetric: bool,
    /// Which pairs the rule chooses among; all unless [`Rule::has_candidates`].
    pub candidates: Candidates,
    /// The least delay in steps, at least 1.
    pub min_delay: u32,
    /// The greatest delay in steps; equal to the least if all synapses have one.
    pub max_delay: u32,
    /// Whether each synapse has a weight of its own.
    pub weight_per_synapse: bool,
    /// Whether the synapses of each target are listed too (see [`crate::Topology`]).
    pub columns: bool,
    /// Whether the weight of each synapse may change; needs one for each.
    pub plastic: bool,
    /// Whether the weights of each neuron's synapses are scaled when they are made, so that they sum up to a value of the neuron: of those
    /// that arrive at a target, or those that leave a source. Needs a weight for each.
    pub normalised: Option<End>,
    /// Which synapses of the matrix are its own, if not all: those for which the network's function of synapses gives this number.
    pub chosen: Option<Chosen>,
    /// Indices of the states that get how many synapses each neuron has, of the source and of the target; before values of synapses are
    /// computed, which may read them.
    pub degrees: [Option<u32>; 2],
}

impl Projection<'_> {
    /// Whether its own rule depends on parameters, so that connections do.
    pub const fn reads_parameters(&self) -> bool {
        matches!(self.rule, Rule::Pairwise { reads_parameters: true, .. })
            || self.candidates.reads_parameters()
            || self.chosen.is_some()
    }
}

/// A state that each synapse of a projection has. The q-th entry of a projection is the q-th of
/// its [`crate::Topology::states`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SynapseState<'a> {
    /// `stdp.c`
    pub name: &'a str,
    /// The coherent unit of its values.
    pub unit: &'a str,
    /// Index of the projection.
    pub projection: u32,
    /// Whether it is the user's (shown, recorded, checked for NaN) or the compiler's own.
    pub public: bool,
    /// Index of the state (one for each synapse, in the order by source, delay, target and ordinal) that gets its first values.
    pub given_to: Option<u32>,
}

/// The first four bytes of an encoded descriptor: `BPCD`.
pub const MAGIC: u32 = u32::from_le_bytes(*b"BPCD");

impl Element {
    /// Bytes of one element.
    pub const fn bytes(self) -> u64 {
        match self {
            Element::F32 | Element::I32 => 4,
            Element::F64 => 8,
        }
    }

    /// The element with this number, if there is one.
    pub const fn from_code(code: u32) -> Option<Element> {
        match code {
            0 => Some(Element::F32),
            1 => Some(Element::F64),
            2 => Some(Element::I32),
            _ => None,
        }
    }
}

/// A population's size rounded up to whole [`LANES`]; at least one.
pub const fn padded(size: u64) -> u64 {
    let lines = size.div_ceil(LANES);
    if lines == 0 { LANES } else { lines.saturating_mul(LANES) }
}

impl Projection<'_> {
    /// How many different delays its synapses may have.
    pub const fn delays(&self) -> u64 {
        (self.max_delay as u64).saturating_sub(self.min_delay as u64) + 1
    }
}
