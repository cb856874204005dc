//! `move-to-sources`: what is the same for all synapses of a source neuron becomes that neuron's.
//!
//! Before: projection `tm` has states `u`, `x` on the source side, and an event adds `w * u * x` to
//!         `tm.g` of the target
//! After:  the source population has states `tm.u`, `tm.x` with their equations, its spikes make them
//!         jump, and it keeps a history `tm.event0` of `u * x` at its spikes, which the event multiplies
//!         by the weight
//!
//! Whatever else reads the source neuron (sums over synapses, spikes of the target, equations of
//! synapses) reads a history too, as long ago as the delay of the synapse says: the value at the end of
//! a step, jumps included, is what a spike of that step finds where it arrives. What is read in every step, where a delay is
//! said, is a step earlier: the source as it was a delay before the start of the step. States of the synapse that spikes of the
//! source change come with these; if none do, all that there is of the source is as old as what is read in every step.
//!
//! Needs `move-to-targets`. Leaves projections with states of synapses only.

use crate::Bug;
use crate::ir::{
    Age, Change, Graph, History, Jump, Network, Node, Op, Population, Projection, Side, State, Symbol, Type,
};
use crate::passes::Pass;
use std::collections::HashMap;

/// The pass.
pub const PASS: Pass =
    Pass { name: "move-to-sources", summary: "make what a source neuron's synapses share that neuron's", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    let Network { graph, projections, populations, .. } = network;
    for projection in projections.iter_mut() {
        let Some(source) = projection.connection.source.clone() else { continue };
        let source = populations
            .iter_mut()
            .find(|p| p.name == source)
            .ok_or_else(|| Bug(format!("{} comes from an unknown population", projection.connection.name)))?;
        let ages = Ages::of(projection);
        states(graph, projection, source);
        readers(graph, projection, source, ages);
    }
    Ok(())
}

/// Applies a rule to everything in a projection that is neither an event nor on the target side.
pub(crate) fn map_rest(projection: &mut Projection, mut rule: impl FnMut(Node) -> Node) {
    for state in &mut projection.states {
        if let Change::Equation(value) | Change::Advance(value, _) = &mut state.change {
            *value = rule(*value);
        }
    }
    if let Change::Equation(value) | Change::Advance(value, _) = &mut projection.weight_change {
        *value = rule(*value);
    }
    if let Some((low, high)) = &mut projection.weight_bounds {
        (*low, *high) = (rule(*low), rule(*high));
    }
    projection.sums.iter_mut().for_each(|s| s.1 = rule(s.1));
    projection.recorded.iter_mut().for_each(|r| r.value = rule(r.value));
}

/// Moves states and what the source's spikes do to them.
fn states(graph: &mut Graph, projection: &mut Projection, source: &mut Population) {
    let name = projection.connection.name.clone();
    let (moved, kept): (Vec<State>, Vec<State>) =
        std::mem::take(&mut projection.states).into_iter().partition(|s| s.side == Some(Side::Source));
    projection.states = kept;
    if moved.is_empty() {
        return;
    }
    // Inside the source population, and as the synapses see it.
    let mut inside: HashMap<Node, Node> = HashMap::new();
    let mut outside: HashMap<Node, Node> = HashMap::new();
    for state in &moved {
        let full: Symbol = format!("{name}.{}", state.name).into();
        let old = graph.leaf(Op::Get(state.name.clone(), Type::Real));
        inside.insert(old, graph.leaf(Op::Get(full.clone(), Type::Real)));
        outside.insert(old, graph.leaf(Op::Pre(full)));
    }
    for state in &source.states {
        let old = graph.leaf(Op::Pre(state.name.clone()));
        inside.insert(old, graph.leaf(Op::Get(state.name.clone(), Type::Real)));
    }
    if !projection.connection.weight_per_synapse {
        inside.insert(graph.leaf(Op::WeightValue), projection.weight);
    }
    let is_moved = |state: &Symbol| moved.iter().any(|m| m.name == *state);
    let (jumps, events): (Vec<_>, Vec<_>) =
        std::mem::take(&mut projection.events).into_iter().partition(|e| !e.post && !e.weight && is_moved(&e.state));
    for event in jumps {
        let state: Symbol = format!("{name}.{}", event.state).into();
        let mut value = graph.substitute(event.value, &inside);
        if event.additive {
            let old = graph.leaf(Op::Get(state.clone(), Type::Real));
            value = graph.add(old, value);
        }
        let event = projection.connection.source_event.clone();
        source.jumps.push(Jump { state, value, after: 0, event });
    }
    projection.events = events;
    for state in moved {
        source.states.push(State {
            name: format!("{name}.{}", state.name).into(),
            change: match state.change {
                Change::None => Change::None,
                Change::Equation(value) => Change::Equation(graph.substitute(value, &inside)),
                Change::Advance(value, method) => Change::Advance(graph.substitute(value, &inside), method),
            },
            ..state
        });
    }
    // Events that arrive read what the source was before its spike; all else, later handlers too, what it is after.
    let mut count = 0;
    for event in &mut projection.events {
        if event.by_target || event.period.is_some() || event.after > 0 {
            event.value = graph.substitute(event.value, &outside);
            continue;
        }
        for part in parts_of_source(graph, event.value, &outside) {
            let history: Symbol = format!("{name}.event{count}").into();
            let value = graph.substitute(part, &inside);
            let init = graph.constant(0.0);
            let known = source.histories.iter().find(|h| h.event && h.value == value).map(|h| h.name.clone());
            let name = known.clone().unwrap_or_else(|| history.clone());
            let leaf = graph.leaf(Op::History(name, Age::AtSpike));
            if known.is_none() {
                source.histories.push(History { name: history, value, init, slots: 2, event: true });
                count += 1;
            }
            event.value = graph.substitute(event.value, &HashMap::from([(part, leaf)]));
        }
    }
    map_rest(projection, |node| graph.substitute(node, &outside));
}

/// The largest subexpressions of an event that read states on the source side and parameters only, and are numbers: a history keeps
/// no truth values, so of a condition it keeps what is compared.
fn parts_of_source(graph: &Graph, root: Node, own: &HashMap<Node, Node>) -> Vec<Node> {
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let order = graph.order(&[node]);
        if !order.iter().any(|n| own.contains_key(n)) {
            continue;
        }
        let leaf = |n: &Node| graph.arguments(*n).is_empty();
        let uniform = |n: &Node| own.contains_key(n) || graph.is_uniform(*n);
        // What is drawn is each synapse's own.
        let draws = graph.any(node, |op| matches!(op, Op::Random(..)));
        let number = graph.ty(node) == Type::Real;
        if number && !draws && order.iter().filter(|n| leaf(n)).all(uniform) {
            if !found.contains(&node) {
                found.push(node);
            }
        } else {
            open.extend(graph.arguments(node));
        }
    }
    found
}

/// As of when synapses read their source.
#[derive(Clone, Copy)]
struct Ages {
    /// Its own states, in every step.
    continuous: Age,
    /// States that were the synapses'.
    moved: Age,
}

impl Ages {
    /// Of a projection whose states have not moved yet.
    fn of(projection: &Projection) -> Ages {
        let continuous = if projection.connection.delayed { Age::BeforeStep } else { Age::AtSpike };
        let moved = if projection.has_source_events() { Age::AtSpike } else { continuous };
        Ages { continuous, moved }
    }
}

/// Makes histories of everything that synapses read of their source.
fn readers(graph: &mut Graph, projection: &mut Projection, source: &mut Population, ages: Ages) {
    let prefix = format!("{}.", projection.connection.name);
    let age_of = |state: &Symbol, age: Age| if state.starts_with(&prefix) { ages.moved } else { age };
    let max_delay = projection.connection.max_delay;
    let mut map = |node: Node, age: Age| {
        let renamed = kept(graph, node, source, max_delay, &|state| age_of(state, age));
        graph.substitute(node, &renamed)
    };
    for event in &mut projection.events {
        let age = if event.period.is_some() { ages.continuous } else { Age::AtSpike };
        event.value = map(event.value, age);
    }
    map_rest(projection, |node| map(node, ages.continuous));
}

/// What stands for each state of the source in an expression: an element of its history, which is kept as long as it takes.
fn kept(
    graph: &mut Graph,
    root: Node,
    source: &mut Population,
    max_delay: i64,
    age_of: &dyn Fn(&Symbol) -> Age,
) -> HashMap<Node, Node> {
    let slots = |age: Age| u64::try_from(max_delay).unwrap_or(1) + 1 + age.steps();
    let mut renamed: HashMap<Node, Node> = HashMap::new();
    for node in graph.order(&[root]) {
        match graph.op(node).clone() {
            Op::Pre(state) => {
                let age = age_of(&state);
                let name = history_of(source, &state);
                renamed.insert(node, graph.leaf(Op::History(name.clone(), age)));
                if !source.histories.iter().any(|h| h.name == name) {
                    let value = graph.leaf(Op::Get(state.clone(), Type::Real));
                    let init = source.states.iter().find(|s| s.name == state).map(|s| s.init);
                    let init = init.unwrap_or_else(|| graph.constant(0.0));
                    let slots = slots(age);
                    source.histories.push(History { name: name.clone(), value, init, slots, event: false });
                }
                keep(source, &name, slots(age));
            }
            Op::History(name, age) => keep(source, &name, slots(age)),
            _ => {}
        }
    }
    renamed
}

/// What the history of a state is called.
pub(crate) fn history_of(source: &Population, state: &Symbol) -> Symbol {
    if state.contains('.') {
        format!("{state}.history").into()
    } else {
        format!("{}.{state}.history", source.name).into()
    }
}

fn keep(source: &mut Population, history: &Symbol, slots: u64) {
    if let Some(history) = source.histories.iter_mut().find(|h| h.name == *history) {
        history.slots = history.slots.max(slots);
    }
}
