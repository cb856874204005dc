//! What the equations do not allow, told at its place in the source.
//!
//! The front end cannot see these: they follow from what a pass has proved or is about to try.

use crate::CompileError;
use crate::ir::{Event, Graph, Network, Op, Projection, Recorded, Side};
use crate::passes::align_projections::of_synapses;
use crate::passes::integrate::{self, Obstacle};
use bpc_sema::model::Model;

/// A check between two passes.
pub type Check = fn(&Model, &mut Network) -> Result<(), CompileError>;

/// Which Poisson sources have events that do not simply add up, by their projections: each needs spikes of its own.
pub fn sources_apart(network: &Network) -> Vec<String> {
    let apart = |projection: &&Projection| {
        let reads = |e: &Event| network.graph.any(e.value, |op| matches!(op, Op::Post(_) | Op::Random(..)));
        let plain = projection.alignment.as_deref() == Some("post")
            && projection.events.iter().all(|e| e.additive && !reads(e));
        projection.connection.source.is_none() && !plain
    };
    network.projections.iter().filter(apart).map(|projection| projection.connection.name.to_string()).collect()
}

/// Records of `let`s of single synapses of which only a sum is known.
///
/// # Errors
/// [`CompileError::Unsupported`] at the projection, with the proof's reason.
pub fn unaligned(model: &Model, network: &mut Network) -> Result<(), CompileError> {
    for projection in &network.projections {
        let name = &projection.connection.name;
        let span = model.projections.iter().find(|p| *p.name == **name).map(|p| p.span).unwrap_or_default();
        if let Some(text) = unknown_of_synapses(&network.graph, projection) {
            return Err(CompileError::Unsupported { text, span, hint: None });
        }
    }
    Ok(())
}

/// Why a `let` that is recorded has no value: of single synapses, where nothing is known of them.
fn unknown_of_synapses(graph: &Graph, projection: &Projection) -> Option<String> {
    let sum = |op: &Op| match op {
        Op::Get(name, _) => projection.states.iter().find(|s| s.name == *name && s.side == Some(Side::Target)),
        _ => None,
    };
    let single = projection.recorded.iter().filter(|recorded| of_synapses(graph, projection, recorded.value));
    single.into_iter().find_map(|Recorded { name, value, .. }| {
        if projection.connection.source.is_none() {
            return Some(format!("{name} has a value for each event of a Poisson source, of which none is recorded"));
        }
        let sum = graph.order(&[*value]).into_iter().find_map(|node| sum(graph.op(node)))?;
        Some(format!(
            "{name} reads {} of single synapses, of which only the sum at the target neuron is known: record the sum ({}.{}), or \
             a `let` without the weight and without what the source neuron has",
            sum.name, projection.connection.name, sum.name
        ))
    })
}

/// Integrators that the equations of a population or of a projection's synapses do not allow, and noise that is no summand.
///
/// # Errors
/// [`CompileError::Unsupported`] at the `method`, or at the state whose equation has the noise; both may stand in a model. What
/// synapses are refused is told at their projection.
pub fn method(model: &Model, network: &mut Network) -> Result<(), CompileError> {
    let Some(Obstacle { owner, state, text, hint }) = integrate::obstacle(network) else { return Ok(()) };
    let population = model.populations.iter().find(|p| *p.name == *owner);
    let place = population.and_then(|p| match &state {
        Some(state) => p.states.iter().find(|s| *s.name == **state).map(|s| s.span),
        None => p.method.as_ref().map(|method| method.span),
    });
    let projection = || model.projections.iter().find(|p| *p.name == *owner).map(|p| p.span);
    let span = place.or(population.map(|p| p.span)).or_else(projection).unwrap_or_default();
    let kind = if population.is_some() { "population" } else { "projection" };
    Err(CompileError::Unsupported { text: format!("{kind} {owner} cannot be integrated so: {text}"), span, hint })
}
