//! The passes on the dynamics dialect, one a file. Their order is [`crate::pipeline`]'s.

pub mod align_projections;
mod arrivals;
pub mod hoist_coefficients;
pub mod hoist_scalars;
pub mod integrate;
pub mod keep_histories;
pub mod lower_to_step;
pub mod merge_projections;
pub mod merge_states;
pub mod move_to_sources;
pub mod move_to_targets;
mod neuron_update;
pub mod recognise_exprel;
mod recovery;
pub mod split_updates;

use crate::Bug;
use crate::ir::{Change, Graph, Network, Node};
use std::collections::HashMap;

/// A pass: its name is its flag, its dump and its test folder.
#[derive(Clone, Copy)]
pub struct Pass {
    /// Kebab case.
    pub name: &'static str,
    /// One line for `bpc opt --list`.
    pub summary: &'static str,
    /// The work.
    pub run: fn(&mut Network) -> Result<(), Bug>,
}

/// Rewrites every expression of a network, node by node from the leaves up.
pub(crate) fn map_expressions(network: &mut Network, rule: impl Fn(&mut Graph, Node) -> Node) {
    let mut done: HashMap<Node, Node> = HashMap::new();
    let Network {
        graph,
        parameters,
        populations,
        projections,
        derived,
        initialise,
        coefficients,
        synapses,
        edges,
        after_spike,
        at_spike,
        updates,
        ..
    } = network;
    let mut map = |node: &mut Node| {
        for inner in graph.order(&[*node]) {
            if done.contains_key(&inner) {
                continue;
            }
            let arguments: Vec<Node> = graph.arguments(inner).iter().map(|a| done[a]).collect();
            let rebuilt = if arguments == graph.arguments(inner) {
                inner
            } else {
                graph.node(graph.op(inner).clone(), &arguments)
            };
            let new = rule(graph, rebuilt);
            done.insert(inner, new);
        }
        *node = done[node];
    };
    parameters.iter_mut().filter_map(|p| p.value.as_mut()).for_each(&mut map);
    let mut states = Vec::new();
    for p in populations {
        states.extend(p.states.iter_mut());
        p.inputs.iter_mut().for_each(|i| map(&mut i.sum));
        for rule in &mut p.rules {
            map(&mut rule.condition);
            rule.resets.iter_mut().for_each(|r| map(&mut r.1));
            if let Some(pause) = &mut rule.refractory {
                map(&mut pause.duration);
                pause.clamp.iter_mut().for_each(|c| map(&mut c.1));
            }
        }
        p.jumps.iter_mut().for_each(|j| map(&mut j.value));
        for history in &mut p.histories {
            map(&mut history.value);
            map(&mut history.init);
        }
        p.recorded.iter_mut().for_each(|r| map(&mut r.value));
    }
    for p in projections {
        states.extend(p.states.iter_mut());
        map(&mut p.weight);
        p.delay.iter_mut().chain(&mut p.probability).chain(&mut p.total).chain(&mut p.choice).for_each(&mut map);
        p.rate.iter_mut().for_each(&mut map);
        p.events.iter_mut().for_each(|e| map(&mut e.value));
        p.outputs.iter_mut().chain(&mut p.sums).chain(&mut p.given).for_each(|o| map(&mut o.1));
        p.recorded.iter_mut().for_each(|r| map(&mut r.value));
        if let Change::Equation(value) | Change::Advance(value, _) = &mut p.weight_change {
            map(value);
        }
        if let Some((low, high)) = &mut p.weight_bounds {
            map(low);
            map(high);
        }
    }
    for state in states {
        map(&mut state.init);
        match &mut state.change {
            Change::None => {}
            Change::Equation(value) | Change::Advance(value, _) => map(value),
        }
    }
    derived.iter_mut().for_each(|d| map(&mut d.2));
    initialise.iter_mut().chain(coefficients).chain(at_spike).flat_map(|i| &mut i.1).for_each(|w| map(&mut w.1));
    after_spike.iter_mut().flat_map(|a| &mut a.writes).for_each(|w| map(&mut w.1));
    edges.iter_mut().flat_map(|e| &mut e.sinks).for_each(|s| map(&mut s.1));
    synapses.iter_mut().for_each(|s| map(&mut s.2));
    for update in updates {
        update.writes.iter_mut().for_each(|w| map(&mut w.1));
        update.records.iter_mut().for_each(|r| map(&mut r.1));
        update.emit.iter_mut().for_each(|e| map(&mut e.1));
    }
}
