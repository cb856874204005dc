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

/// Poisson sources whose kinetics are no sums, events that set a state which is held, and records of `let`s of single
/// synapses of which only a sum is known.
///
/// # Errors
/// [`CompileError::Unsupported`] at the projection, with the proof's reason.
pub fn unaligned(model: &Model, network: &mut Network) -> Result<(), CompileError> {
    for projection in &network.projections {
        let name = &projection.connection.name;
        let span = model.projections.iter().find(|p| *p.name == **name).map(|p| p.span).unwrap_or_default();
        let reads = |e: &Event| network.graph.any(e.value, |op| matches!(op, Op::Post(_)));
        let draws = |e: &Event| network.graph.any(e.value, |op| matches!(op, Op::Random(..)));
        let drawn = projection.events.iter().any(draws);
        let plain = projection.alignment.as_deref() == Some("post")
            && !drawn
            && projection.events.iter().all(|e| e.additive && !reads(e));
        if projection.connection.source.is_none() && !plain {
            let reason = match &projection.reason {
                _ if drawn => "each draws a number of its own",
                Some(reason) => reason,
                None => "what they add depends on the target neuron's state",
            };
            let text = format!(
                "{name} is a Poisson source, of which several events may fall into one step: {reason}. Make the \
                 source a population"
            );
            return Err(CompileError::Unsupported { text, span, hint: None });
        }
        if let Some(text) = unknown_of_synapses(&network.graph, projection) {
            return Err(CompileError::Unsupported { text, span, hint: None });
        }
        let target = network.population(&projection.connection.target);
        let held = |state: &str| target.holds(state);
        if let Some(event) = projection.events.iter().find(|e| e.post && !e.additive && held(&e.state)) {
            let text = format!(
                "an event of {name} sets {}, which is held while the target is refractory: only what is added can wait",
                event.state
            );
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

/// Integrators that a population's equations do not allow, and noise that is no summand.
///
/// # Errors
/// [`CompileError::Unsupported`] at the `method`, or at the state whose equation has the noise; both may stand in a model.
pub fn method(model: &Model, network: &mut Network) -> Result<(), CompileError> {
    let Some(Obstacle { population, state, text, hint }) = integrate::obstacle(network) else { return Ok(()) };
    let found = model.populations.iter().find(|p| *p.name == *population);
    let place = found.and_then(|p| match &state {
        Some(state) => p.states.iter().find(|s| *s.name == **state).map(|s| s.span),
        None => p.method.as_ref().map(|method| method.span),
    });
    let span = place.or(found.map(|p| p.span)).unwrap_or_default();
    let text = format!("population {population} cannot be integrated so: {text}");
    Err(CompileError::Unsupported { text, span, hint })
}
