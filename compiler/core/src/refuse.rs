//! What the equations do not allow, told at its place in the source.
//!
//! The front end cannot see these: they follow from what a pass has proved or is about to try.

use crate::CompileError;
use crate::ir::{Event, Network, Node, Op, Projection, Side, Symbol};
use crate::passes::integrate;
use bpc_sema::model::Model;

/// A check between two passes.
pub type Check = fn(&Model, &mut Network) -> Result<(), CompileError>;

/// Poisson sources whose kinetics are no sums, events that set a state which is held, and records of single synapses'
/// `let`s.
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
            return Err(CompileError::Unsupported { text, span });
        }
        if let Some(recorded) = projection.recorded.iter().find(|r| is_of_synapses(network, projection, r.value)) {
            let text = format!(
                "{} has a value for each synapse or source neuron, and such a `let` is not recorded: record the states that \
                 it is made of",
                recorded.name
            );
            return Err(CompileError::Unsupported { text, span });
        }
        let target = network.population(&projection.connection.target);
        let held = |state: &str| target.holds(state);
        if let Some(event) = projection.events.iter().find(|e| e.post && !e.additive && held(&e.state)) {
            let text = format!(
                "an event of {name} sets {}, which is held while the target is refractory: only what is added can wait",
                event.state
            );
            return Err(CompileError::Unsupported { text, span });
        }
    }
    Ok(())
}

/// Whether an expression reads what a single synapse or a source neuron has.
fn is_of_synapses(network: &Network, projection: &Projection, value: Node) -> bool {
    let side = |name: &Symbol| projection.states.iter().find(|s| s.name == *name).and_then(|s| s.side);
    network.graph.any(value, |op| match op {
        Op::Get(name, _) => matches!(side(name), Some(Side::Source | Side::Synapse)),
        Op::WeightValue | Op::Pre(_) | Op::SourceIndex | Op::PairIndex | Op::Random(..) => true,
        _ => false,
    })
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
