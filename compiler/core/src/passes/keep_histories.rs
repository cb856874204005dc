//! `keep-histories`: what a neuron's own equations read of its past is kept.
//!
//! Before: the advance of `x` in population `E` reads `dynamics.delayed @x steps 10`
//! After:  the population has a history `E.x.history` of the last 12 steps or more, and the advance reads
//!         `dynamics.delayed @E.x.history steps 10`
//!
//! What synapses read of the neuron (`move-to-sources`) is the same history, with the slots that both need.

use crate::Bug;
use crate::ir::{Change, History, Network, Node, Op, Population, Type};
use crate::passes::Pass;
use crate::passes::move_to_sources::history_of;
use std::collections::HashMap;

/// The pass.
pub const PASS: Pass =
    Pass { name: "keep-histories", summary: "keep what a neuron's own equations read of its past", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    let Network { graph, populations, .. } = network;
    for population in populations {
        let mut roots: Vec<Node> = Vec::new();
        map(population, |node| {
            roots.push(node);
            node
        });
        let mut renamed: HashMap<Node, Node> = HashMap::new();
        for node in graph.order(&roots) {
            let Op::Delayed(state, steps) = graph.op(node).clone() else { continue };
            let Some(known) = population.states.iter().find(|s| s.name == state) else {
                return Err(Bug(format!("{} has no state {state}", population.name)));
            };
            let name = history_of(population, &state);
            // One for each step back, the value at the start of the step, and the one that the step writes.
            let slots = steps + 2;
            match population.histories.iter_mut().find(|h| h.name == name) {
                Some(history) => history.slots = history.slots.max(slots),
                None => {
                    let (value, init) = (graph.leaf(Op::Get(state, Type::Real)), known.init);
                    population.histories.push(History { name: name.clone(), value, init, slots, event: false });
                }
            }
            renamed.insert(node, graph.leaf(Op::Delayed(name, steps)));
        }
        // What states that advance together have in common is looked at once.
        map(population, |node| graph.substitute_with(node, &mut renamed));
    }
    Ok(())
}

/// Applies a rule to every expression that may read the past.
pub(crate) fn map(population: &mut Population, mut rule: impl FnMut(Node) -> Node) {
    for state in &mut population.states {
        if let Change::Equation(value) | Change::Advance(value, _) = &mut state.change {
            *value = rule(*value);
        }
    }
    population.inputs.iter_mut().for_each(|i| i.sum = rule(i.sum));
    for spikes in &mut population.rules {
        spikes.condition = rule(spikes.condition);
        spikes.resets.iter_mut().for_each(|r| r.1 = rule(r.1));
        if let Some(pause) = &mut spikes.refractory {
            pause.duration = rule(pause.duration);
            pause.clamp.iter_mut().for_each(|c| c.1 = rule(c.1));
        }
    }
    population.jumps.iter_mut().for_each(|j| j.value = rule(j.value));
    population.histories.iter_mut().for_each(|h| h.value = rule(h.value));
    population.recorded.iter_mut().for_each(|r| r.value = rule(r.value));
}
