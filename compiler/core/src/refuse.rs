//! What the equations do not allow, told at its place in the source.
//!
//! The front end cannot see these: they follow from what a pass has proved or is about to try.

use crate::CompileError;
use crate::ir::Network;
use crate::passes::integrate;
use bpc_sema::model::Model;

/// A check between two passes.
pub type Check = fn(&Model, &mut Network) -> Result<(), CompileError>;

/// Projections whose state cannot live on the target side: not built yet.
///
/// # Errors
/// [`CompileError::Unsupported`] at the projection, with the proof's reason.
pub fn unaligned(model: &Model, network: &mut Network) -> Result<(), CompileError> {
    let Some(projection) = network.projections.iter().find(|p| p.alignment.as_deref() != Some("post")) else {
        return Ok(());
    };
    let name = &projection.connection.name;
    let reason = projection.reason.as_deref().unwrap_or("its state cannot live on the target side");
    let span = model.projections.iter().find(|p| *p.name == **name).map(|p| p.span).unwrap_or_default();
    let what = if projection.states.is_empty() { "this effect of an event" } else { "a state for every synapse" };
    Err(CompileError::Unsupported { text: format!("{name} needs {what}, which is not built yet: {reason}"), span })
}

/// Integrators that a population's equations do not allow, and noise that is no summand.
///
/// # Errors
/// [`CompileError::Unsupported`] at the population.
pub fn method(model: &Model, network: &mut Network) -> Result<(), CompileError> {
    let Some((name, text)) = integrate::obstacle(network) else { return Ok(()) };
    let span = model.populations.iter().find(|p| *p.name == *name).map(|p| p.span).unwrap_or_default();
    Err(CompileError::Unsupported { text: format!("population {name} cannot be integrated so: {text}"), span })
}
