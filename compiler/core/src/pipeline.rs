//! The pipeline: one list, each entry with its reason.

use crate::passes::{
    Pass, align_projections, hoist_coefficients, hoist_scalars, integrate, keep_histories, lower_to_step,
    merge_projections, merge_states, move_to_sources, move_to_targets, recognise_exprel, split_updates,
};
use crate::refuse::{self, Check};

/// A step of the pipeline.
pub enum Stage {
    /// A pass on the dynamics dialect, and why it stands where it does.
    Pass(&'static Pass, &'static str),
    /// A stop point with a name of [`crate::STAGES`].
    Level(&'static str),
    /// What the user must be told before the pipeline goes on.
    Check(Check),
}

/// From the emitted network to step operations. After it come the lowering to loops and MLIR's
/// own conversions ([`crate::lower`]).
pub const PIPELINE: &[Stage] = &[
    Stage::Level("dynamics"),
    Stage::Pass(&recognise_exprel::PASS, "before integrators copy equations: each rate function is rewritten once"),
    Stage::Pass(&align_projections::PASS, "on the user's equations, where linearity can still be seen"),
    Stage::Pass(&merge_projections::PASS, "after alignment, which is what makes sharing exact; before states move"),
    Stage::Level("aligned"),
    Stage::Check(refuse::unaligned),
    Stage::Pass(&move_to_targets::PASS, "so that receptors stand inside the equations that the integrator sees"),
    Stage::Pass(&move_to_sources::PASS, "after it: what targets can sum needs nothing on the source side"),
    Stage::Pass(&merge_states::PASS, "once states are their neurons', and before each gets an integrator"),
    Stage::Check(refuse::method),
    Stage::Pass(&integrate::PASS, "last of the model level: everything that an equation depends on is now in it"),
    Stage::Pass(&keep_histories::PASS, "after integration, whose stages look at both ends of a step of the past"),
    Stage::Level("model"),
    Stage::Pass(&lower_to_step::PASS, "from here the order of a step is explicit"),
    Stage::Pass(&hoist_scalars::PASS, "after everything that makes expressions; before scalars get addresses"),
    Stage::Pass(
        &hoist_coefficients::PASS,
        "after it, in the type of updates: what is left differs from neuron to neuron",
    ),
    Stage::Pass(&split_updates::PASS, "last, on what each neuron computes and nothing else"),
    Stage::Level("step"),
];

/// The passes of the pipeline in order.
pub fn passes() -> impl Iterator<Item = &'static Pass> {
    PIPELINE.iter().filter_map(|stage| match stage {
        Stage::Pass(pass, _) => Some(*pass),
        Stage::Level(_) | Stage::Check(_) => None,
    })
}
