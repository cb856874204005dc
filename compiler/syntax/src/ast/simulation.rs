//! Simulations: what runs, what is recorded, what is expected.

use super::{BinaryOp, Expr, ModelUse, Name, Path, Place};
use crate::source::Span;

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
    /// `record E.V[0..4], mean(E.V), rate(E) every 1 ms`
    Record {
        /// What is recorded.
        targets: Vec<Measured>,
        /// How often; every step if not said.
        every: Option<Expr>,
        /// The whole statement.
        span: Span,
    },
    /// `expect rate(E) in 18 Hz .. 26 Hz from 200 ms`
    Expect {
        /// What is measured: not [`Measured::Values`].
        measured: Measured,
        /// What it must satisfy.
        bound: Bound,
        /// Spikes before this time do not count.
        from: Option<Expr>,
        /// Nor do those after this one.
        to: Option<Expr>,
        /// The whole clause.
        span: Span,
    },
    /// `at 500 ms { E.tau = 25 ms }`
    Changes {
        /// When.
        time: Expr,
        /// What, in source order.
        changes: Vec<Change>,
        /// The whole block.
        span: Span,
    },
}

/// What a simulation records, or expects something of.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// `E.V[0..4]`: value by value.
    Values(Path),
    /// `mean(E.V[0..4])`: one number for all of them.
    Aggregate {
        /// What is made of the values: one of [`AGGREGATES`].
        name: Name,
        /// The values.
        path: Path,
        /// The whole.
        span: Span,
    },
    /// `rate(E[0..50])`: of spikes.
    Statistic {
        /// The statistic's name.
        name: Name,
        /// The population it is taken of.
        population: Place,
        /// The whole.
        span: Span,
    },
}

/// The names of what is made of many values of one moment.
pub const AGGREGATES: &[&str] = &["mean", "sum", "min", "max", "std", "variance"];

/// `E.tau = 25 ms` in a block of changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The parameter.
    pub target: Place,
    /// Its value from then on.
    pub value: Expr,
    /// The whole assignment.
    pub span: Span,
}

/// What an expected statistic must satisfy.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// `in low .. high`
    Range(Expr, Expr),
    /// `< x`, `>= x`, `== x`, …
    Compare(BinaryOp, Expr),
}
