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
//!
//! What is shared are the sums on the target side. Whatever decides how much an event adds to them
//! (short-term plasticity of the source, a weight that changes) stays with its projection: superposition
//! holds for the sum, whoever adds to it. A sum that is recorded, or what flows from it, is one projection's alone.

use crate::Bug;
use crate::ir::{Change, Graph, Network, Node, Op, Projection, Side, State, Symbol, Type};
use crate::passes::align_projections::of_synapses;
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
        if !adds_up(graph, projection) {
            continue;
        }
        let alike: Vec<usize> =
            (0..later).filter(|&i| same_kinetics(&before[i], projection) && adds_up(graph, &before[i])).collect();
        let recorded = recorded_sum(graph, projection);
        let free = |i: &usize| recorded.is_none() && recorded_sum(graph, &before[*i]).is_none();
        if let Some(index) = alike.iter().copied().find(free) {
            let first = &mut before[index];
            for (shared, own) in first.states.iter_mut().filter(|s| is_sum(s)).zip(sums(projection)) {
                shared.init = graph.add(shared.init, own.init);
            }
            merge(projection, &first.connection.name);
        } else if let Some(&index) = alike.first() {
            let first = &before[index];
            let state = recorded.or_else(|| recorded_sum(graph, first)).unwrap_or_default();
            projection.reason = Some(format!("not merged with {}: {state} is recorded", first.connection.name));
        } else {
            let apart = before.iter().find_map(|p| set_apart(graph, p, projection));
            if apart.is_some() || projection.alignment.as_deref() == Some("post") {
                projection.reason = apart;
            }
        }
    }
    Ok(())
}

/// How reasons begin that are about merging, here and in `merge-states`.
const ABOUT_MERGING: &[&str] = &["merged with ", "not merged with ", "shares ", "does not share "];

/// Whether the reason of a projection is about merging it.
pub(crate) fn tells(reason: &str) -> bool {
    ABOUT_MERGING.iter().any(|begin| reason.starts_with(begin))
}

fn is_sum(state: &State) -> bool {
    state.side == Some(Side::Target)
}

/// The states of a projection that are sums on the target side.
fn sums(projection: &Projection) -> impl Iterator<Item = &State> {
    projection.states.iter().filter(|s| is_sum(s))
}

/// What is recorded of the sums of a projection: one of them, or what is made of them.
fn recorded_sum(graph: &Graph, projection: &Projection) -> Option<String> {
    let of_states = sums(projection).filter(|s| s.recorded).map(|s| &s.name);
    let short = of_states.chain(projection.kept.iter().map(|kept| &kept.1));
    let full = short.map(|name| format!("{}.{name}", projection.connection.name));
    let lets = projection.recorded.iter().filter(|r| !of_synapses(graph, projection, r.value));
    full.chain(lets.map(|r| r.name.to_string())).next()
}

/// Whether all that flows into the target comes from such sums. A Poisson source that needs more is refused later.
fn adds_up(graph: &mut Graph, projection: &Projection) -> bool {
    let refused = projection.connection.source.is_none() && projection.alignment.as_deref() != Some("post");
    let zero = graph.constant(0.0);
    let leaves: Vec<Node> = sums(projection).map(|s| graph.leaf(Op::Get(s.name.clone(), Type::Real))).collect();
    let nothing: HashMap<Node, Node> = leaves.iter().map(|&leaf| (leaf, zero)).collect();
    let vanishes = |output: &(Symbol, Node)| graph.substitute(output.1, &nothing) == zero;
    !refused && !leaves.is_empty() && projection.outputs.iter().all(vanishes)
}

/// Why two projections with the same equations are not merged: parameters that are not the same.
fn set_apart(graph: &Graph, a: &Projection, b: &Projection) -> Option<String> {
    if a.connection.target != b.connection.target || sums(a).count() != sums(b).count() {
        return None;
    }
    let mut pairs = Vec::new();
    for (x, y) in sums(a).zip(sums(b)) {
        if x.name != y.name || x.method != y.method || !same_change(graph, &x.change, &y.change, &mut pairs) {
            return None;
        }
    }
    let outputs = a.outputs.len() == b.outputs.len()
        && a.outputs.iter().zip(&b.outputs).all(|(x, y)| x.0 == y.0 && but_for_parameters(graph, x.1, y.1, &mut pairs));
    let which = format!("not merged with {}: {}", a.connection.name, other_parameters(&pairs));
    (outputs && !pairs.is_empty()).then_some(which)
}

/// What is said of pairs of parameters that keep states apart.
pub(crate) fn other_parameters(pairs: &[(Symbol, Symbol)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(x, y)| format!("{y} is another parameter than {x}")).collect();
    pairs.join(", ")
}

/// Whether two states change alike but for the names of parameters, which are collected.
pub(crate) fn same_change(graph: &Graph, a: &Change, b: &Change, pairs: &mut Vec<(Symbol, Symbol)>) -> bool {
    match (a, b) {
        (Change::Equation(x), Change::Equation(y)) => but_for_parameters(graph, *x, *y, pairs),
        (x, y) => x == y,
    }
}

/// Whether two expressions are one but for the names of parameters, which are collected.
pub(crate) fn but_for_parameters(graph: &Graph, a: Node, b: Node, pairs: &mut Vec<(Symbol, Symbol)>) -> bool {
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
    let state = |s: &State| (s.name.clone(), s.change.clone(), s.method.clone());
    let states = |p: &Projection| -> Vec<(Symbol, Change, Option<Symbol>)> { sums(p).map(state).collect() };
    a.connection.target == b.connection.target && states(a) == states(b) && a.outputs == b.outputs
}

fn merge(projection: &mut Projection, into: &Symbol) {
    let shared: Vec<Symbol> = sums(projection).map(|s| s.name.clone()).collect();
    for event in &mut projection.events {
        if !event.post && !event.weight && shared.contains(&event.state) {
            event.state = format!("{into}.{}", event.state).into();
            event.post = true;
        }
    }
    projection.states.retain(|s| !is_sum(s));
    projection.outputs.clear();
    projection.reason = Some(format!("merged with {into}"));
}

/// A state of a projection as its target neuron knows it.
pub(crate) fn state_on_target(projection: &Symbol, state: &Symbol) -> Op {
    Op::Get(format!("{projection}.{state}").into(), Type::Real)
}
