//! Of `lower-to-step`: what is done where refractory times end.
//!
//! Whether refractory time ends is known behind the resets of a step: a condition may prolong it, and another rule may begin one.

use crate::ir::{Graph, Node, Op, Population, SpikeRule, Type};
use crate::passes::neuron_update::Pause;
use std::collections::HashMap;

/// Whether a rule is one for the end of refractory time.
pub(super) fn is_recovery(g: &Graph, rule: &SpikeRule) -> bool {
    matches!(g.op(rule.condition), Op::Recovered)
}

/// What the end of refractory time does: where a counter was running and none is any more. States that were held are free.
pub(super) fn recover(
    g: &mut Graph,
    population: &Population,
    pauses: &[Pause],
    counters: &[Node],
    after: &mut HashMap<Node, Node>,
) {
    let any = |g: &mut Graph, list: Vec<Node>| list.into_iter().reduce(|all, one| g.node(Op::Or, &[all, one]));
    let before = any(g, pauses.iter().map(|pause| pause.running).collect());
    let left: Vec<Node> = counters.iter().map(|&next| g.node(Op::Running, &[next])).collect();
    // Without a refractory time there is no end of one.
    let (Some(before), Some(left)) = (before, any(g, left)) else { return };
    let free = g.node(Op::Not, &[left]);
    let ends = g.node(Op::And, &[before, free]);
    for rule in &population.rules {
        if !is_recovery(g, rule) {
            continue;
        }
        let mut inside = after.clone();
        for (state, value) in &rule.resets {
            let value = g.substitute(*value, if rule.simultaneous { &*after } else { &inside });
            inside.insert(g.leaf(Op::Get(state.clone(), Type::Real)), value);
        }
        for state in population.states.iter().filter(|state| rule.resets.iter().any(|reset| reset.0 == state.name)) {
            let leaf = g.leaf(Op::Get(state.name.clone(), Type::Real));
            let value = g.select(ends, inside[&leaf], after[&leaf]);
            after.insert(leaf, value);
        }
    }
}
