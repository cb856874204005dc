//! `move-to-targets`: states of post-aligned projections become states of their target neurons.
//!
//! Before: projection `exc` has a state `g`, an equation and an output `I = g * (E - V)`
//! After:  population E has a state `exc.g` with that equation, its input I has the output as a
//!         summand, and an event of `exc` adds to `exc.g` of E
//!
//! Needs `align-projections`. Leaves post-aligned projections without states and outputs. From
//! here the receptor stands inside the membrane equation, so that the integrator sees it.

use crate::Bug;
use crate::ir::{Change, Network, Node, Op, State, Type};
use crate::passes::Pass;
use crate::passes::merge_projections::state_on_target;
use std::collections::HashMap;

/// The pass.
pub const PASS: Pass =
    Pass { name: "move-to-targets", summary: "make states of post-aligned projections states of their targets", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    let Network { graph, projections, populations, .. } = network;
    for projection in projections.iter_mut().filter(|p| p.alignment.as_deref() == Some("post")) {
        let name = projection.connection.name.clone();
        let target = populations
            .iter_mut()
            .find(|p| p.name == projection.connection.target)
            .ok_or_else(|| Bug(format!("{name} goes to an unknown population")))?;
        let mut renamed: HashMap<Node, Node> = HashMap::new();
        for state in &projection.states {
            let old = graph.leaf(Op::Get(state.name.clone(), Type::Real));
            let new = graph.leaf(state_on_target(&name, &state.name));
            renamed.insert(old, new);
        }
        for state in &target.states {
            let old = graph.leaf(Op::Post(state.name.clone()));
            let new = graph.leaf(Op::Get(state.name.clone(), Type::Real));
            renamed.insert(old, new);
        }
        let mut here = |node: Node| graph.substitute(node, &renamed);
        let outputs: Vec<_> = projection.outputs.drain(..).map(|(input, value)| (input, here(value))).collect();
        let states: Vec<State> = projection
            .states
            .drain(..)
            .map(|state| State {
                name: format!("{name}.{}", state.name).into(),
                change: match state.change {
                    Change::None => Change::None,
                    Change::Equation(value) => Change::Equation(here(value)),
                    Change::Advance(value, method) => Change::Advance(here(value), method),
                },
                ..state
            })
            .collect();
        for (name, value) in outputs {
            let input = target
                .inputs
                .iter_mut()
                .find(|i| i.name == name)
                .ok_or_else(|| Bug(format!("there is no input {name}")))?;
            input.sum = graph.add(input.sum, value);
        }
        target.states.extend(states);
        for event in projection.events.iter_mut().filter(|e| !e.post) {
            event.state = format!("{name}.{}", event.state).into();
            event.post = true;
        }
    }
    Ok(())
}
