//! What the compiler and the runtime agree on: layouts, signatures, the descriptor of a network.
//!
//! A generated network consists of four functions, or five, and a constant descriptor, gathered in a
//! [`Network`]. The runtime owns all memory and hands it to the functions in a [`Context`]. The
//! functions keep no state of their own: a step is a function of the state block, the parameters
//! and the step number.
//!
//! *Parts.* Targets are owned by ranges: part `p` of `parts` owns neurons
//! `ranges[population * (parts + 1) + p] .. ranges[… + p + 1]` of every population, in padded
//! indices, always multiples of [`LANES`]. A thread works on one part. What it writes is its own;
//! what it reads of others was written in an earlier step, so one barrier a step is enough.
//!
//! *Order of a step* `k` for a part: deliver the spikes due (for each delay `d`, slot
//! `(k - d) mod slots`), integrate, test the threshold, reset, write the spikes found to slot
//! `k mod slots`. A spike detected at the end of step `k` is delivered at the start of step `k+d`.
//! The slot read is `(k + slots - d) mod slots`, also for `k < d`: spikes injected before the first
//! step are in slot `slots - 1`.
#![no_std]

#[cfg(any(feature = "std", test))]
extern crate std;

pub mod descriptor;
pub mod symbols;

#[cfg(test)]
mod layout_test;

/// Changes whenever a layout, an encoding or a signature here changes, for a network and a runtime of different versions can
/// come together where several libraries are linked; create refuses another one. The test `the_version_says_what_the_layout_is`
/// sees to it.
pub const ABI_VERSION: u32 = 3;

/// The f64 that stands in a state whose integrator did not reach the end of the step: a quiet NaN that no arithmetic makes.
/// Rounded to f32 it keeps its mark.
pub const NOT_REACHED: u64 = 0x7ffd_0000_0000_0000;

/// Arrays are padded to this many elements, and ranges of parts are multiples of it, so that
/// generated loops need no remainder and no two threads share a cache line.
pub const LANES: u64 = 64;

/// What a generated function works on. All pointers are valid for the whole call.
#[repr(C)]
pub struct Context {
    /// The state block: every state at the offset that the descriptor gives; 64-byte aligned.
    pub state: *mut u8,
    /// The parameters in internal units, in the descriptor's order.
    pub parameters: *const f64,
    /// Scalars that `derive` computes from the parameters (propagators, steps of refractoriness).
    pub derived: *mut u8,
    /// Ranges of parts: `[population * (parts + 1) + part]`.
    pub ranges: *const u32,
    /// For each population its ring of spike lists: `[slot * padded + ranges[part] + n]` is the
    /// index of the n-th neuron of the part that spiked, ascending.
    pub spikes: *const *mut u32,
    /// For each population the lengths of these lists: `[slot * parts + part]`.
    pub counts: *const *mut u32,
    /// Connections: `[projection * parts + part]`.
    pub topologies: *const Topology,
    /// External input: one for each input of the descriptor.
    pub inputs: *const ExternalInput,
    /// The key of every random number.
    pub seed: u64,
    /// How many parts there are.
    pub parts: u32,
    /// Always zero.
    pub reserved: u32,
}

/// The connections of one projection to the targets of one part, in compressed sparse rows.
///
/// A row belongs to a source neuron and a delay: with `D = max_delay - min_delay + 1`, the
/// synapses of source `s` and delay `min_delay + d` are
/// `row_starts[s * D + d] .. row_starts[s * D + d + 1]`, by ascending target.
#[repr(C)]
pub struct Topology {
    /// `sources * D + 1` numbers.
    pub row_starts: *const u32,
    /// Target neurons.
    pub targets: *const u32,
    /// One weight for each synapse in the network's precision (not null even if there is no
    /// synapse); null if the weight is one scalar. Generated code writes them only if the
    /// projection is plastic.
    pub weights: *mut u8,
    /// For each state of the projection's synapses, in the descriptor's order, an array with one
    /// element for each synapse in the network's precision; null if there are no such states.
    pub states: *const *mut u8,
    /// The synapses of target `t` of the part's range (padding included), which starts at `first`,
    /// are entries `column_starts[t - first] .. column_starts[t - first + 1]` of the two arrays
    /// below, by ascending row, and in the row's order within it. Null, like these, unless the
    /// projection has columns.
    pub column_starts: *const u32,
    /// Where the synapse is in `targets`, `weights` and the arrays of states.
    pub column_synapses: *const u32,
    /// In which row the synapse is: `s * D + d`, as above.
    pub column_rows: *const u32,
}

/// What the application feeds into an input. Element `i` is `values[i & mask]`: with nothing fed,
/// `mask` is 0 and `values` a line of zeros, so that generated loops need no branch.
#[repr(C)]
pub struct ExternalInput {
    /// Values in the network's precision; 64-byte aligned.
    pub values: *const u8,
    /// All ones if there is a value for every neuron (padded), 0 if not.
    pub mask: u64,
}

/// Computes all derived scalars from the parameters. Called at creation and after a change.
pub type DeriveFunction = unsafe extern "C" fn(context: *const Context);
/// Fills the initial states of one part (padding included).
pub type InitFunction = unsafe extern "C" fn(context: *const Context, part: u32);
/// Computes what steps read that follows from arrays which no step changes, and from parameters, for one part (padding
/// included). Called before the first step that comes after creation, after a parameter or such an array has changed, or after
/// a checkpoint was loaded.
pub type CoefficientsFunction = unsafe extern "C" fn(context: *const Context, part: u32);
/// Makes step number `step` for one part.
pub type StepFunction = unsafe extern "C" fn(context: *const Context, step: u64, part: u32);
/// Computes weights (`kind` 0) or delays in ms (`kind` 1) of `count` synapses of one source, or the
/// probabilities that it is connected to `count` targets (`kind` 2; `count` is then a multiple of
/// [`LANES`], and targets may be repeated), or
/// initial values of the projection's q-th synapse state (`kind` 3 + q). Where weights are normalised, one more kind, behind those of the
/// states, is what the weights of each synapse's neuron sum up to. Where synapses choose a number, one more kind, behind these, is this number. `ordinals[n]` tells the synapses of one pair apart (0, 1, …); of
/// explicit pairs it is the number of the connection in its list. Called after [`InitFunction`] of all parts: weights, delays and
/// initial values may follow from parameters of neurons.
pub type SynapseFunction = unsafe extern "C" fn(
    context: *const Context,
    projection: u32,
    kind: u32,
    source: u32,
    count: u64,
    targets: *const u32,
    ordinals: *const u32,
    values: *mut f64,
);

/// A generated network: the constant that it exports as `<name>_network`.
#[repr(C)]
pub struct Network {
    /// [`ABI_VERSION`] of the compiler.
    pub abi_version: u32,
    /// Always zero.
    pub reserved: u32,
    /// The encoded [`descriptor::NetworkDescriptor`].
    pub descriptor: *const u8,
    /// Its length in bytes.
    pub descriptor_length: u64,
    /// See [`DeriveFunction`].
    pub derive: DeriveFunction,
    /// See [`InitFunction`].
    pub init: InitFunction,
    /// See [`StepFunction`].
    pub step: StepFunction,
    /// See [`SynapseFunction`].
    pub synapses: SynapseFunction,
    /// See [`CoefficientsFunction`]; null if steps read nothing of that kind.
    pub coefficients: Option<CoefficientsFunction>,
}

// SAFETY: a `Network` is constant data and function pointers; nothing in it is ever written.
unsafe impl Sync for Network {}

/// The last word of the Philox counter of every random number that the runtime draws: what it is
/// drawn for. Generated code uses none of these (all have the top 16 bits `0xB9C0`, or a retry
/// number in bits 8 to 15).
pub mod purpose {
    /// Gaps of independent pairs: counter (source, block << 16 | draw / 2, stream, this).
    pub const BERNOULLI: u32 = 0xB9C0_0001;
    /// Sources of a target: counter (target, draw / 4, stream, this | retry << 8).
    pub const IN_DEGREE: u32 = 0xB9C0_0002;
    /// Targets of a source: counter (source, draw / 4, stream, this | retry << 8).
    pub const OUT_DEGREE: u32 = 0xB9C0_0003;
    /// Sources of a target where the total is fixed: as [`IN_DEGREE`].
    pub const FIXED_TOTAL: u32 = 0xB9C0_0004;
    /// Coins at a node of the tree that divides a total: counter (node, coin / 128, stream, this |
    /// round << 8).
    pub const TOTAL_SPLIT: u32 = 0xB9C0_0005;
    /// Whether a synapse of a total finds a free cell of its target: counter (target, synapse / 4,
    /// stream, this | retry << 8). Of a total among the pairs of a condition, which of these: counter (0, draw / 4, stream, this | retry
    /// << 8).
    pub const TOTAL_FREE: u32 = 0xB9C0_0006;
    /// Pairs with a probability of their own: counter (source, target / 2, stream, this).
    pub const PAIRWISE: u32 = 0xB9C0_0007;
    /// Whether an edge of a ring is rewired: counter (source, edge / 2, stream, this).
    pub const SMALL_WORLD_EDGE: u32 = 0xB9C0_0008;
    /// Where it goes then: counter (source, draw / 4, stream, this | retry << 8). Of undirected edges the draws of a neuron's
    /// edges alternate.
    pub const SMALL_WORLD_TARGET: u32 = 0xB9C0_0009;
    /// Whom a new neuron joins: counter (neuron, draw / 4, stream, this | retry << 8).
    pub const SCALE_FREE: u32 = 0xB9C0_000A;
    /// Which way a new neuron grows: counter (neuron, edge / 2, stream, this); edge 0 decides how many edges it has, the
    /// others whether they close triangles.
    pub const SCALE_FREE_CHOICE: u32 = 0xB9C0_000B;
    /// With whom an edge closes a triangle: counter (neuron, edge / 4, stream, this | retry << 8).
    pub const SCALE_FREE_TRIAD: u32 = 0xB9C0_000C;
    /// Sources that a target draws in proportion to a number of each pair: counter (target, source, stream, this), or with
    /// replacement (target, draw, stream, this).
    pub const PROPORTIONAL_SOURCE: u32 = 0xB9C0_000D;
    /// Targets that a source draws so: counter (source, target, stream, this), or with replacement (source, draw, stream, this).
    pub const PROPORTIONAL_TARGET: u32 = 0xB9C0_000E;
    /// The targets of a total drawn so, with replacement: counter (0, draw, stream, this).
    pub const PROPORTIONAL_TOTAL: u32 = 0xB9C0_000F;
}

/// One number in place of the elements of a recorded sample. The numbers are those of the C interface.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// Their mean.
    Mean = 0,
    /// Their sum.
    Sum = 1,
    /// The least.
    Min = 2,
    /// The greatest.
    Max = 3,
    /// The standard deviation of a population (divided by n).
    Std = 4,
    /// Its square.
    Variance = 5,
}

impl Aggregate {
    /// The one with a number, if there is such.
    #[must_use]
    pub fn of(number: i32) -> Option<Aggregate> {
        use Aggregate::{Max, Mean, Min, Std, Sum, Variance};
        [Mean, Sum, Min, Max, Std, Variance].get(usize::try_from(number).ok()?).copied()
    }
}
