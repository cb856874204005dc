//! How a network is run, what is recorded of it, and what is expected.

use super::{Expr, ParameterId, PopulationId, Quantity};
use bpc_syntax::source::Span;

/// How a network is run.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// The step in ms.
    pub dt: f64,
    /// How many steps `bpc run` makes.
    pub steps: u64,
    /// The seed of every random number.
    pub seed: u64,
    /// What is recorded.
    pub records: Vec<Record>,
    /// What must hold after the run.
    pub expectations: Vec<Expectation>,
    /// What changes on the way, in the order of time.
    pub changes: Vec<Change>,
}

/// `at 500 ms { E.tau = 25 ms }`
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// How many steps are made before, 1 or more.
    pub step: u64,
    /// A parameter that can be set.
    pub parameter: ParameterId,
    /// Its value from then on, in internal units.
    pub value: f64,
    /// Where it is written.
    pub span: Span,
}

impl Simulation {
    /// What the compiled network has to keep: what is recorded, and what expectations are about.
    pub fn kept(&self) -> impl Iterator<Item = &RecordTarget> {
        let watched = self.expectations.iter().filter_map(|expectation| match &expectation.measured {
            Expected::Values(record) => Some(record),
            Expected::Spikes { .. } => None,
        });
        self.records.iter().chain(watched).map(|record| &record.target)
    }
}

/// `record E.V[0..4] every 1 ms`
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What.
    pub target: RecordTarget,
    /// The one number that is made of its elements, if they are not kept themselves.
    pub aggregate: Option<Aggregated>,
    /// Every how many steps (1: every step; the sample of step k is the state at its end).
    pub every: u64,
    /// As written: `E.V[0..4]`.
    pub name: String,
}

/// One number in place of many.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregated {
    /// How it is made.
    pub aggregate: Aggregate,
    /// Its unit.
    pub quantity: Quantity,
}

/// How one number is made of the elements of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// Their standard deviation, that of a population (divided by n).
    Std,
    /// Its square.
    Variance,
}

/// Something that can be recorded.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordTarget {
    /// How many spikes the neurons `first..last` of a population have had since the sample before.
    SpikeCount {
        /// The population.
        population: PopulationId,
        /// The first neuron.
        first: u64,
        /// One past the last neuron.
        last: u64,
        /// Whether it is told as a rate, divided by neurons and time.
        rate: bool,
    },
    /// Spikes of the neurons `first..last` of a population.
    Spikes {
        /// The population.
        population: PopulationId,
        /// The first neuron.
        first: u64,
        /// One past the last neuron.
        last: u64,
    },
    /// Elements `first..last` of a state of a population.
    PopulationState {
        /// The population.
        population: PopulationId,
        /// Which state.
        state: usize,
        /// The first neuron.
        first: u64,
        /// One past the last neuron.
        last: u64,
    },
    /// Elements `first..last` of an input or a `let` of a population.
    PopulationValue {
        /// The population.
        population: PopulationId,
        /// Which.
        value: Recorded,
        /// The first neuron.
        first: u64,
        /// One past the last neuron.
        last: u64,
    },
    /// Elements `first..last` of a state of a projection.
    ProjectionState {
        /// Index into [`Model::projections`].
        projection: usize,
        /// Which state.
        state: usize,
        /// The first element.
        first: u64,
        /// One past the last element.
        last: u64,
    },
    /// Elements `first..last` of a `let` of a projection that its target neurons have.
    ProjectionLet {
        /// Index into [`Model::projections`].
        projection: usize,
        /// Which.
        value: Recorded,
        /// The first neuron.
        first: u64,
        /// One past the last neuron.
        last: u64,
    },
    /// What an output of a projection's receptor adds to the target neurons `first..last`.
    ProjectionOutput {
        /// Index into [`Model::projections`].
        projection: usize,
        /// Index into [`Projection::outputs`].
        output: usize,
        /// The first neuron.
        first: u64,
        /// One past the last neuron.
        last: u64,
    },
    /// Elements `first..last` of the weights of a projection.
    Weight {
        /// Index into [`Model::projections`].
        projection: usize,
        /// The first element.
        first: u64,
        /// One past the last element.
        last: u64,
    },
}

/// A value of neurons that is no state, kept to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Its name inside the population.
    pub name: String,
    /// Its unit.
    pub quantity: Quantity,
    /// [`Expr::Input`] or [`Expr::Let`].
    pub value: Expr,
    /// Whether it is the value that equations see, at the start of the step: what depends on an input, on data over time or on
    /// a delayed variable. Otherwise it is that at the end of the step.
    pub start: bool,
    /// Whether an input has its name.
    pub of_input: bool,
}

impl Recorded {
    /// What the compiled network calls it, among states of the population of this name. An input has its own name
    /// already, to be set by.
    #[must_use]
    pub fn symbol(&self, population: &str) -> String {
        let recorded = if self.of_input { ".recorded" } else { "" };
        format!("{population}.{}{recorded}", self.name)
    }
}

/// `expect rate(E) in 18 Hz .. 26 Hz`
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What is measured.
    pub measured: Expected,
    /// The least value that passes (internal units: rates in kHz), and whether it passes itself.
    pub low: Option<(f64, bool)>,
    /// The greatest value that passes, and whether it passes itself.
    pub high: Option<(f64, bool)>,
    /// Spikes of earlier steps do not count.
    pub from_step: u64,
    /// Nor do those of this step and later ones.
    pub to_step: Option<u64>,
    /// As written.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// What an expectation is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// A population's spikes.
    Spikes {
        /// What is measured.
        statistic: Statistic,
        /// Of whom.
        population: PopulationId,
        /// From which neuron up to, not including, which, if not of all.
        neurons: Option<(u64, u64)>,
    },
    /// Values of every step, of which one number is made (the record has an aggregate): of [`Aggregate::Min`] the least of these
    /// numbers, of [`Aggregate::Max`] the greatest, of others their mean.
    Values(Record),
}

/// What can be expected of a population's spikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// Spikes per neuron and time.
    Rate,
    /// Number of spikes.
    SpikeCount,
    /// Mean over neurons with at least four spikes of sd/mean of their inter-spike intervals.
    CvIsi,
    /// Sd/mean of the spike count in 2 ms bins.
    Synchrony,
    /// The share of neurons that never spike.
    Silent,
}
