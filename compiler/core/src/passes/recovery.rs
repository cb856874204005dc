//! Of `lower-to-step`: how refractory times are counted, and what is done where they end.
//!
//! Whether refractory time ends is known behind the resets of a step: a condition may prolong it, and another rule may begin one.

use crate::Bug;
use crate::ir::{Graph, Node, Op, Population, SpikeRule, Type};
use crate::passes::lower_to_step::Pause;
use std::collections::HashMap;

/// Whether a rule is one for the end of refractory time.
pub(super) fn is_recovery(g: &Graph, rule: &SpikeRule) -> bool {
    matches!(g.op(rule.condition), Op::Recovered)
}

/// The counters of refractory times behind the step.
pub(super) fn counters(
    g: &mut Graph,
    dt: f64,
    pauses: &[Pause],
    (conditions, durations): (&[Node], &HashMap<usize, Node>),
    after: &HashMap<Node, Node>,
) -> Result<Vec<Node>, Bug> {
    let mut counters = Vec::new();
    for pause in pauses {
        let condition = conditions[pause.rule];
        counters.push(if pause.refractory.conditional {
            // One step more, as long as the condition holds at the end of the step.
            let holds = g.substitute(pause.refractory.duration, after);
            let begun = g.node(Op::Or, &[pause.running, condition]);
            let goes_on = g.node(Op::And, &[begun, holds]);
            let step = g.constant(dt);
            let one = g.node(Op::Steps, &[step]);
            g.node(Op::CountDown, &[pause.left, goes_on, one])
        } else {
            let duration = durations.get(&pause.rule).ok_or_else(|| Bug("a refractory time has no length".into()))?;
            let steps = g.node(Op::Steps, &[*duration]);
            g.node(Op::CountDown, &[pause.left, condition, steps])
        });
    }
    Ok(counters)
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
