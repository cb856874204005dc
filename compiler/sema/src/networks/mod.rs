//! Networks: populations and their positions, projections with their rules, networks inside networks, `simulate`.

pub(crate) mod along;
pub(crate) mod changes;
pub(crate) mod clauses;
pub(crate) mod composition;
pub(crate) mod connect;
pub(crate) mod convolution;
pub(crate) mod degrees;
pub(crate) mod geometry;
pub(crate) mod lists;
pub(crate) mod named_events;
pub(crate) mod network;
pub(crate) mod pairs;
pub(crate) mod pairwise;
pub(crate) mod per_neuron;
pub mod place;
pub(crate) mod project;
pub(crate) mod same_pairs;
pub(crate) mod simulation;
pub(crate) mod standing;
pub(crate) mod structural;
pub(crate) mod subgroup;
pub mod trains;
pub(crate) mod typical;
pub(crate) mod values;
