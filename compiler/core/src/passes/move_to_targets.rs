//! `move-to-targets`: what targets can sum becomes theirs.
//!
//! Before: projection `exc` has a state `g`, an equation and an output `I = g * (E - V)`
//! After:  population E has a state `exc.g` with that equation, its input I has the output as a
//!         summand, and an event of `exc` adds to `exc.g` of E
//!
//! Before: projection `nmda` has a state `s` on the source side and an output `I = w * s * (E - V)`
//! After:  population E has a sum `nmda.sum0` that every synapse adds `w * s` to in every step, and its
//!         input I has `nmda.sum0 * (E - V)` as a summand
//!
//! States that are the target neuron's alone (*trace*) move too; what its spikes do to them becomes a
//! jump at the start of the next step (or as much later as the projection's delay of them says), after the spikes that
//! arrive then (the source's spike comes first).
//!
//! What a receptor with states gets (an internal input of the population) is written out in its equations.
//!
//! What an output adds to a neuron is kept for recorders (`dynamics.recorded` of the population), if it is asked for, and
//! so is what follows from sums and traces alone; what single synapses have to be recorded stays with the projection.
//!
//! Needs `align-projections`. Leaves projections without outputs. From here the receptor stands
//! inside the membrane equation, so that the integrator sees it.

use crate::Bug;
use crate::analysis::derivative::derivative;
use crate::ir::{
    Change, Graph, Input, Jump, Network, Node, Op, Population, Projection, Recorded, Side, State, Symbol, Type,
};
use crate::passes::align_projections::of_synapses;
use crate::passes::merge_projections::state_on_target;
use crate::passes::{Pass, keep_histories};
use std::collections::HashMap;

/// The pass.
pub const PASS: Pass = Pass { name: "move-to-targets", summary: "make what targets can sum states of theirs", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    let Network { graph, projections, populations, .. } = network;
    for projection in projections.iter_mut().filter(|p| p.alignment.is_some()) {
        let name = projection.connection.name.clone();
        let target = populations
            .iter_mut()
            .find(|p| p.name == projection.connection.target)
            .ok_or_else(|| Bug(format!("{name} goes to an unknown population")))?;
        outputs(graph, projection, target)?;
        states(graph, projection, target);
    }
    for population in populations.iter_mut() {
        receptors(graph, population);
    }
    Ok(())
}

/// Writes out what receptors with states get wherever it is read.
fn receptors(graph: &mut Graph, population: &mut Population) {
    let (internal, inputs): (Vec<_>, Vec<_>) =
        std::mem::take(&mut population.inputs).into_iter().partition(|i| i.internal);
    population.inputs = inputs;
    if internal.is_empty() {
        return;
    }
    let sum = |input: Input| (graph.leaf(Op::Get(input.name, Type::Real)), input.sum);
    let sums: HashMap<Node, Node> = internal.into_iter().map(sum).collect();
    keep_histories::map(population, |node| graph.substitute(node, &sums));
}

fn on_target_side(state: &State) -> bool {
    matches!(state.side, None | Some(Side::Target | Side::Trace))
}

/// What leaves of a projection are called inside its target.
fn inside_target(graph: &mut Graph, projection: &Projection, target: &Population) -> HashMap<Node, Node> {
    let name = &projection.connection.name;
    let mut renamed: HashMap<Node, Node> = HashMap::new();
    for state in projection.states.iter().filter(|s| on_target_side(s)) {
        let old = graph.leaf(Op::Get(state.name.clone(), Type::Real));
        let new = graph.leaf(state_on_target(name, &state.name));
        renamed.insert(old, new);
    }
    for state in &target.states {
        let old = graph.leaf(Op::Post(state.name.clone()));
        let new = graph.leaf(Op::Get(state.name.clone(), Type::Real));
        renamed.insert(old, new);
    }
    renamed
}

/// Splits every output into what is linear in states of the target and what is summed over synapses.
fn outputs(graph: &mut Graph, projection: &mut Projection, target: &mut Population) -> Result<(), Bug> {
    let renamed = inside_target(graph, projection, target);
    let zero = graph.constant(0.0);
    let sums: Vec<Node> = projection
        .states
        .iter()
        .filter(|s| matches!(s.side, None | Some(Side::Target)))
        .map(|s| graph.leaf(Op::Get(s.name.clone(), Type::Real)))
        .collect();
    let nothing: HashMap<Node, Node> = sums.iter().map(|&leaf| (leaf, zero)).collect();
    let recorded = std::mem::take(&mut projection.recorded);
    let (single, recorded) = recorded.into_iter().partition::<Vec<_>, _>(|r| of_synapses(graph, projection, r.value));
    projection.recorded = single;
    for recorded in recorded {
        let value = graph.substitute(recorded.value, &renamed);
        target.recorded.push(Recorded { value, ..recorded });
    }
    let kept = std::mem::take(&mut projection.kept);
    for (index, (input, value)) in std::mem::take(&mut projection.outputs).into_iter().enumerate() {
        let rest = graph.substitute(value, &nothing);
        let own = if rest == zero { value } else { linear_part(graph, projection, value, &sums)? };
        let mut flows = if sums.is_empty() { zero } else { graph.substitute(own, &renamed) };
        if rest != zero {
            let outer = summed(graph, projection, target, rest);
            let outer = graph.substitute(outer, &renamed);
            flows = graph.add(flows, outer);
        }
        let input = target
            .inputs
            .iter_mut()
            .find(|i| i.name == input)
            .ok_or_else(|| Bug(format!("there is no input {input}")))?;
        input.sum = graph.add(input.sum, flows);
        if let Some((_, name, unit)) = kept.iter().find(|kept| kept.0 == index) {
            let name: Symbol = format!("{}.{name}", projection.connection.name).into();
            target.recorded.push(Recorded { name, unit: unit.clone(), value: flows, start: true });
        }
    }
    Ok(())
}

/// The part of an output that is made of sums on the target side: each times its slope, which `align-projections` has
/// proved to read nothing of a single synapse. A difference from the rest would still name what the rest reads.
fn linear_part(graph: &mut Graph, projection: &Projection, value: Node, sums: &[Node]) -> Result<Node, Bug> {
    let mut total = graph.constant(0.0);
    for &leaf in sums {
        let slope = derivative(graph, value, leaf)
            .map_err(|op| Bug(format!("an output of {} has no slope in a sum: {op:?}", projection.connection.name)))?;
        let part = graph.mul(slope, leaf);
        total = graph.add(total, part);
    }
    Ok(total)
}

/// Makes sums over synapses of the parts of an output that do not read the target, if the output is
/// linear in them, otherwise one of the whole; what the output is in terms of the sums.
fn summed(graph: &mut Graph, projection: &mut Projection, target: &mut Population, rest: Node) -> Node {
    let parts = parts_of_synapse(graph, projection, rest);
    let leaves: Vec<Node> = (0..parts.len()).map(|k| sum_leaf(graph, projection, k)).collect();
    let replaced: HashMap<Node, Node> = parts.iter().copied().zip(leaves.iter().copied()).collect();
    let outer = graph.substitute(rest, &replaced);
    let zero = graph.constant(0.0);
    let nothing: HashMap<Node, Node> = leaves.iter().map(|&leaf| (leaf, zero)).collect();
    let linear = !parts.is_empty()
        && graph.substitute(outer, &nothing) == zero
        && leaves.iter().all(|&leaf| {
            derivative(graph, outer, leaf).is_ok_and(|slope| !leaves.iter().any(|l| graph.order(&[slope]).contains(l)))
        });
    let parts = if linear { parts } else { vec![rest] };
    let leaves: Vec<Node> = (0..parts.len()).map(|k| sum_leaf(graph, projection, k)).collect();
    let known = projection.sums.len();
    for (&part, &leaf) in parts.iter().zip(&leaves) {
        let Op::Get(name, _) = graph.op(leaf).clone() else { continue };
        projection.sums.push((name.clone(), part));
        target.states.push(State {
            name,
            unit: "1".into(),
            init: zero,
            internal: true,
            parameter: false,
            recorded: false,
            change: Change::None,
            method: None,
            side: None,
        });
    }
    debug_assert!(projection.sums.len() > known);
    let replaced: HashMap<Node, Node> = parts.into_iter().zip(leaves).collect();
    graph.substitute(rest, &replaced)
}

fn sum_leaf(graph: &mut Graph, projection: &Projection, more: usize) -> Node {
    let name = format!("{}.sum{}", projection.connection.name, projection.sums.len() + more);
    graph.leaf(Op::Get(name.into(), Type::Real))
}

/// The largest subexpressions that read the synapse and not the target neuron.
fn parts_of_synapse(graph: &Graph, projection: &Projection, root: Node) -> Vec<Node> {
    let own = |op: &Op| match op {
        Op::Get(name, _) => projection.states.iter().any(|s| s.name == *name && !on_target_side(s)),
        Op::WeightValue | Op::Pre(_) => true,
        _ => false,
    };
    let of_target = |op: &Op| match op {
        Op::Get(name, _) => projection.states.iter().any(|s| s.name == *name && on_target_side(s)),
        Op::Post(_) | Op::Time => true,
        _ => false,
    };
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        if !graph.any(node, own) {
            continue;
        }
        if graph.any(node, of_target) {
            open.extend(graph.arguments(node));
        } else if !found.contains(&node) {
            found.push(node);
        }
    }
    found
}

fn states(graph: &mut Graph, projection: &mut Projection, target: &mut Population) {
    let name = projection.connection.name.clone();
    let renamed = inside_target(graph, projection, target);
    let mut kept = Vec::new();
    let mut moved: Vec<(Symbol, bool)> = Vec::new();
    for state in std::mem::take(&mut projection.states) {
        if !on_target_side(&state) {
            kept.push(state);
            continue;
        }
        let mut here = |node: Node| graph.substitute(node, &renamed);
        moved.push((state.name.clone(), state.side == Some(Side::Trace)));
        target.states.push(State {
            name: format!("{name}.{}", state.name).into(),
            change: match state.change {
                Change::None => Change::None,
                Change::Equation(value) => Change::Equation(here(value)),
                Change::Advance(value, method) => Change::Advance(here(value), method),
            },
            side: state.side.filter(|side| *side == Side::Trace),
            ..state
        });
    }
    projection.states = kept;
    let side = |state: &Symbol| moved.iter().find(|m| m.0 == *state).map(|m| m.1);
    // A trace exists where the delay of the target's spikes is the same for all synapses.
    let after = projection.connection.post_delays.1.cast_unsigned();
    let mut events = Vec::new();
    for mut event in std::mem::take(&mut projection.events) {
        match side(&event.state).filter(|_| !event.post && !event.weight) {
            None => events.push(event),
            Some(false) => {
                event.state = format!("{name}.{}", event.state).into();
                event.post = true;
                events.push(event);
            }
            Some(true) => {
                let state: Symbol = format!("{name}.{}", event.state).into();
                let mut value = graph.substitute(event.value, &renamed);
                if event.additive {
                    let old = graph.leaf(Op::Get(state.clone(), Type::Real));
                    value = graph.add(old, value);
                }
                let event = projection.connection.target_event.clone();
                target.jumps.push(Jump { state, value, after, event });
            }
        }
    }
    // What remains at the synapse reads the target's states from outside.
    let mut outside: HashMap<Node, Node> = HashMap::new();
    for (state, _) in &moved {
        let old = graph.leaf(Op::Get(state.clone(), Type::Real));
        let new = graph.leaf(Op::Post(format!("{name}.{state}").into()));
        outside.insert(old, new);
    }
    events.iter_mut().for_each(|e| e.value = graph.substitute(e.value, &outside));
    projection.events = events;
    super::move_to_sources::map_rest(projection, |node| graph.substitute(node, &outside));
}
