//! `align-projections`: proves on which side the state of a projection may live.
//!
//! Before: `project E -> I { synapse Exponential { tau = 5 ms } receptor Conductance { E = 0 mV } }`
//! After:  the same with `alignment = "post"`: one `g` for each neuron of I, not for each synapse
//!
//! *post* holds when superposition does: the synapse's equations are linear in its own states
//! without a constant term and with coefficients that are the same for all synapses of a target
//! neuron, an event enters additively, and what the receptor makes of the states is linear too.
//! Then the sum over synapses obeys the equations of one synapse, whatever the delays. All linear
//! kinetics qualify, by proof and not by name. Otherwise the reason is written down.

use crate::Bug;
use crate::analysis::derivative::derivative;
use crate::ir::{Change, Graph, Network, Node, Op, Projection, Type};
use crate::passes::Pass;
use std::collections::HashMap;

/// The pass.
pub const PASS: Pass =
    Pass { name: "align-projections", summary: "prove where the states of projections may live", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    let Network { graph, projections, .. } = network;
    for projection in projections {
        match obstacle(graph, projection) {
            None => {
                projection.alignment = Some("post".into());
                projection.reason = None;
            }
            Some(reason) => {
                projection.alignment = Some("synapse".into());
                projection.reason = Some(reason);
            }
        }
    }
    Ok(())
}

/// Why the projection is not aligned with its targets; `None` if it is.
fn obstacle(graph: &mut Graph, projection: &Projection) -> Option<String> {
    let own: Vec<(String, Node)> = projection
        .states
        .iter()
        .map(|s| (s.name.to_string(), graph.leaf(Op::Get(s.name.clone(), Type::Real))))
        .collect();
    for state in &projection.states {
        if let Change::Equation(value) | Change::Advance(value, _) = state.change
            && let Some(reason) = nonlinear(graph, value, &own)
        {
            return Some(format!("the equation of {} {reason}", state.name));
        }
    }
    for event in &projection.events {
        if !event.additive {
            return Some(format!("what an event makes of {} is not a sum with its old value", event.state));
        }
        if own.iter().any(|(_, leaf)| depends(graph, event.value, *leaf)) {
            return Some(format!("what an event adds to {} depends on the synapse's state", event.state));
        }
        if graph.any(event.value, |op| matches!(op, Op::Post(_))) {
            return Some(format!("what an event adds to {} depends on the target neuron's state", event.state));
        }
    }
    for (input, value) in &projection.outputs {
        if let Some(reason) = nonlinear(graph, *value, &own) {
            return Some(format!("what is added to {input} {reason}"));
        }
    }
    None
}

/// Why an expression is not linear and homogeneous in the leaves; `None` if it is.
fn nonlinear(graph: &mut Graph, root: Node, leaves: &[(String, Node)]) -> Option<String> {
    if graph.any(root, |op| {
        matches!(op, Op::WeightValue | Op::SourceIndex | Op::Random(..) | Op::NeuronDraw { .. } | Op::Noise(_))
    }) {
        return Some("is not the same for all synapses of a neuron".into());
    }
    for (name, leaf) in leaves {
        let Ok(slope) = derivative(graph, root, *leaf) else {
            return Some(format!("has no derivative with respect to {name}"));
        };
        if let Some((other, _)) = leaves.iter().find(|(_, l)| depends(graph, slope, *l)) {
            return Some(format!("is not linear: its slope in {name} depends on {other}"));
        }
    }
    let zero = graph.constant(0.0);
    let nothing: HashMap<Node, Node> = leaves.iter().map(|(_, l)| (*l, zero)).collect();
    let rest = graph.substitute(root, &nothing);
    (rest != zero).then(|| "has a part that does not come from events".into())
}

fn depends(graph: &Graph, root: Node, leaf: Node) -> bool {
    graph.order(&[root]).contains(&leaf)
}
