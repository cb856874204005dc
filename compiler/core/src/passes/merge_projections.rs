//! `merge-projections`: projections onto one target with provably equal kinetics share one state.
//!
//! Before: `project A -> E { synapse Exponential { tau = tau_e } … }` and the same from B:
//!         two conductances for each neuron of E
//! After:  the events of B add to the conductance of A's projection
//!
//! Equality is of equations and of the parameters that they read, not of spelling: parameters
//! that are names for another parameter count as that one. Two parameters that can be set apart
//! are not equal even if they have one value now. Sources, rules, weights and delays may differ,
//! and so may initial values: what is shared starts with their sum.

use crate::Bug;
use crate::ir::{Change, Graph, Network, Node, Op, Projection, Symbol, Type};
use crate::passes::{Pass, map_expressions};
use std::collections::{HashMap, HashSet};

/// The pass.
pub const PASS: Pass =
    Pass { name: "merge-projections", summary: "let projections with equal kinetics share one state", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    resolve_aliases(network);
    for later in 1..network.projections.len() {
        let (graph, (before, rest)) = (&mut network.graph, network.projections.split_at_mut(later));
        let projection = &mut rest[0];
        if projection.alignment.as_deref() != Some("post") || projection.states.is_empty() {
            continue;
        }
        let first = before.iter_mut().find(|p| p.alignment == projection.alignment && same_kinetics(p, projection));
        if let Some(first) = first {
            for (shared, own) in first.states.iter_mut().zip(&projection.states) {
                shared.init = graph.add(shared.init, own.init);
            }
            merge(projection, &first.connection.name);
        } else {
            projection.reason = before.iter().find_map(|p| set_apart(graph, p, projection));
        }
    }
    Ok(())
}

/// Whether the reason of a projection is about merging it.
pub(crate) fn tells(reason: &str) -> bool {
    reason.starts_with("merged with ") || reason.starts_with("not merged with ")
}

/// Why two projections with the same equations are not merged: parameters that are not the same.
fn set_apart(graph: &Graph, a: &Projection, b: &Projection) -> Option<String> {
    if a.connection.target != b.connection.target || a.states.len() != b.states.len() || a.alignment != b.alignment {
        return None;
    }
    let mut pairs = Vec::new();
    for (x, y) in a.states.iter().zip(&b.states) {
        let same = match (&x.change, &y.change) {
            (Change::Equation(x), Change::Equation(y)) => but_for_parameters(graph, *x, *y, &mut pairs),
            (x, y) => x == y,
        };
        if x.name != y.name || !same {
            return None;
        }
    }
    let outputs = a.outputs.len() == b.outputs.len()
        && a.outputs.iter().zip(&b.outputs).all(|(x, y)| x.0 == y.0 && but_for_parameters(graph, x.1, y.1, &mut pairs));
    let pairs: Vec<String> = pairs.iter().map(|(x, y)| format!("{y} is another parameter than {x}")).collect();
    let which = format!("not merged with {}: {}", a.connection.name, pairs.join(", "));
    (outputs && !pairs.is_empty()).then_some(which)
}

/// Whether two expressions are one but for the names of parameters, which are collected.
fn but_for_parameters(graph: &Graph, a: Node, b: Node, pairs: &mut Vec<(Symbol, Symbol)>) -> bool {
    let mut seen = HashSet::new();
    let mut next = vec![(a, b)];
    while let Some((a, b)) = next.pop() {
        if a == b || !seen.insert((a, b)) {
            continue;
        }
        match (graph.op(a), graph.op(b)) {
            (Op::Scalar(x, _), Op::Scalar(y, _)) => {
                let pair = (x.clone(), y.clone());
                if !pairs.contains(&pair) {
                    pairs.push(pair);
                }
            }
            (x, y) if x == y && graph.arguments(a).len() == graph.arguments(b).len() => {
                // From the left, as they are written.
                next.extend(graph.arguments(a).iter().copied().zip(graph.arguments(b).iter().copied()).rev());
            }
            _ => return false,
        }
    }
    true
}

/// Reads through parameters that are only names for others.
fn resolve_aliases(network: &mut Network) {
    let mut alias: HashMap<Symbol, Symbol> = HashMap::new();
    for parameter in &network.parameters {
        if let Some(value) = parameter.value
            && let Op::Scalar(name, _) = network.graph.op(value)
        {
            let root = alias.get(name).unwrap_or(name).clone();
            alias.insert(parameter.name.clone(), root);
        }
    }
    map_expressions(network, |graph, node| match graph.op(node) {
        Op::Scalar(name, ty) => match alias.get(name) {
            Some(root) => {
                let op = Op::Scalar(root.clone(), *ty);
                graph.leaf(op)
            }
            None => node,
        },
        _ => node,
    });
}

fn same_kinetics(a: &Projection, b: &Projection) -> bool {
    let states = |p: &Projection| -> Vec<(Symbol, Change)> {
        p.states.iter().map(|s| (s.name.clone(), s.change.clone())).collect()
    };
    a.connection.target == b.connection.target && states(a) == states(b) && a.outputs == b.outputs
}

fn merge(projection: &mut Projection, into: &Symbol) {
    for event in &mut projection.events {
        if !event.post {
            event.state = format!("{into}.{}", event.state).into();
            event.post = true;
        }
    }
    projection.states.clear();
    projection.outputs.clear();
    projection.reason = Some(format!("merged with {into}"));
}

/// A state of a projection as its target neuron knows it.
pub(crate) fn state_on_target(projection: &Symbol, state: &Symbol) -> Op {
    Op::Get(format!("{projection}.{state}").into(), Type::Real)
}
