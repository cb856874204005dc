//! `merge-states`: states that came from projections and are provably equal are kept once for a neuron.
//!
//! Before: `project A -> A, B { synapse NMDA … }` has given population A two states, `A_to_A.s` and
//!         `A_to_B.s`, with one equation, one initial value and one jump at A's spikes, and a history of each
//! After:  A has `A_to_A.s` and its history; both projections read it, each as long ago as its delay says
//!
//! Proved is the greatest equivalence in which equal states start alike, have one integrator, change alike at each spike of the neuron
//! and have one equation, all that they read being equal: states of the source side (short-term plasticity,
//! saturating kinetics, traces of spikes that arrive) and traces of the target's spikes. As in
//! `merge-projections`, parameters that can be set apart are not equal. What is merged has the same bits as before.
//!
//! A state that is recorded by its name stays. Needs `move-to-sources`, and parameters without aliases
//! (`merge-projections`). Leaves one state and one history for what was equal.

use crate::Bug;
use crate::ir::{Age, Change, Graph, Network, Node, Op, Population, Projection, Side, State, Symbol, Type};
use crate::passes::Pass;
use crate::passes::keep_histories;
use crate::passes::merge_projections::{but_for_parameters, other_parameters, same_change, tells};
use crate::passes::move_to_sources::map_rest;
use std::collections::HashMap;

/// The pass.
pub const PASS: Pass = Pass { name: "merge-states", summary: "keep what is equal for several projections once", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    let Network { graph, populations, projections, .. } = network;
    for population in populations {
        let candidates = candidates(population);
        let classes = equivalence(graph, population, &candidates);
        let renamed = renamed(population, &candidates, &classes);
        for projection in projections.iter_mut() {
            let told = projection.reason.clone().filter(|reason| tells(reason));
            let apart = kept_apart(graph, population, &candidates, &classes, &renamed, projection);
            let about: Vec<String> = [told, shares(projection, &renamed), apart].into_iter().flatten().collect();
            if !about.is_empty() {
                projection.reason = Some(about.join("; "));
            }
        }
        if !renamed.is_empty() {
            keep_once(graph, population, projections, renamed);
        }
    }
    Ok(())
}

/// How a state behaves, in terms of classes: its own class, its equation, and its jumps.
type Behaviour = (usize, Change, Vec<AtSpike>);

/// What a spike, or a named event, of a neuron does to a state: when, of which kind, and the new value.
type AtSpike = (u64, Option<Symbol>, Node);

/// The states of a neuron that it has for projections, and that nothing but their equations and jumps changes.
fn candidates(population: &Population) -> Vec<usize> {
    let touched = |name: &Symbol| {
        population.rules.iter().any(|rule| {
            let paused = rule.refractory.iter().flat_map(|r| r.hold.iter().chain(r.clamp.iter().map(|c| &c.0)));
            rule.resets.iter().map(|r| &r.0).chain(paused).any(|state| state == name)
        })
    };
    let of_projection = |state: &State| matches!(state.side, Some(Side::Source | Side::Trace)) && !touched(&state.name);
    (0..population.states.len()).filter(|&i| of_projection(&population.states[i])).collect()
}

fn leaf(graph: &mut Graph, name: &Symbol) -> Node {
    graph.leaf(Op::Get(name.clone(), Type::Real))
}

fn change_with(graph: &mut Graph, change: &Change, replaced: &HashMap<Node, Node>) -> Change {
    match change {
        Change::None => Change::None,
        Change::Equation(value) => Change::Equation(graph.substitute(*value, replaced)),
        Change::Advance(value, method) => Change::Advance(graph.substitute(*value, replaced), method.clone()),
    }
}

/// What spikes of the neuron do to a state: when, and the new value.
fn jumps_with(
    graph: &mut Graph,
    population: &Population,
    state: &Symbol,
    replaced: &HashMap<Node, Node>,
) -> Vec<AtSpike> {
    let own = population.jumps.iter().filter(|jump| jump.state == *state);
    own.map(|jump| (jump.after, jump.event.clone(), graph.substitute(jump.value, replaced))).collect()
}

/// For each candidate the first one that is equal to it: states that start alike are divided until all of a
/// class change alike, whatever they read of other classes.
fn equivalence(graph: &mut Graph, population: &Population, candidates: &[usize]) -> Vec<usize> {
    let states: Vec<&State> = candidates.iter().map(|&i| &population.states[i]).collect();
    let leaves: Vec<Node> = states.iter().map(|s| leaf(graph, &s.name)).collect();
    let mut first: HashMap<(Node, Option<Side>, Option<Symbol>), usize> = HashMap::new();
    let mut classes: Vec<usize> = Vec::new();
    for (i, state) in states.iter().enumerate() {
        classes.push(*first.entry((state.init, state.side, state.method.clone())).or_insert(i));
    }
    loop {
        let replaced: HashMap<Node, Node> =
            leaves.iter().zip(&classes).map(|(&leaf, &class)| (leaf, leaves[class])).collect();
        let mut first: HashMap<Behaviour, usize> = HashMap::new();
        let mut divided = Vec::new();
        for (i, state) in states.iter().enumerate() {
            let change = change_with(graph, &state.change, &replaced);
            let jumps = jumps_with(graph, population, &state.name, &replaced);
            divided.push(*first.entry((classes[i], change, jumps)).or_insert(i));
        }
        if divided == classes {
            return classes;
        }
        classes = divided;
    }
}

/// Which states become which: of a class, what is not recorded becomes the first that is, or the first.
fn renamed(population: &Population, candidates: &[usize], classes: &[usize]) -> HashMap<Symbol, Symbol> {
    let state = |i: usize| &population.states[candidates[i]];
    let mut renamed = HashMap::new();
    for (i, &class) in classes.iter().enumerate().filter(|(i, _)| !state(*i).recorded) {
        let recorded = (0..classes.len()).find(|&j| classes[j] == class && state(j).recorded);
        let kept = recorded.unwrap_or(class);
        if kept != i {
            renamed.insert(state(i).name.clone(), state(kept).name.clone());
        }
    }
    renamed
}

/// Puts the states that are kept in the place of all that are equal to them, and histories likewise.
fn keep_once(
    graph: &mut Graph,
    population: &mut Population,
    projections: &mut [Projection],
    renamed: HashMap<Symbol, Symbol>,
) {
    population.states.retain(|state| !renamed.contains_key(&state.name));
    population.jumps.retain(|jump| !renamed.contains_key(&jump.state));
    let mut inside: HashMap<Node, Node> = HashMap::new();
    let mut outside: HashMap<Node, Node> = HashMap::new();
    for (old, new) in &renamed {
        let (from, to) = (leaf(graph, old), leaf(graph, new));
        inside.insert(from, to);
        outside.insert(graph.leaf(Op::Post(old.clone())), graph.leaf(Op::Post(new.clone())));
    }
    keep_histories::map(population, |node| graph.substitute(node, &inside));
    let mut kept: Vec<crate::ir::History> = Vec::new();
    for mut history in std::mem::take(&mut population.histories) {
        history.init = graph.substitute(history.init, &inside);
        let alike =
            |k: &&mut crate::ir::History| (k.value, k.init, k.event) == (history.value, history.init, history.event);
        match kept.iter_mut().find(alike) {
            Some(known) => {
                known.slots = known.slots.max(history.slots);
                for age in Age::ALL {
                    let from = graph.leaf(Op::History(history.name.clone(), age));
                    outside.insert(from, graph.leaf(Op::History(known.name.clone(), age)));
                }
            }
            None => kept.push(history),
        }
    }
    population.histories = kept;
    for projection in projections {
        projection.events.iter_mut().for_each(|e| e.value = graph.substitute(e.value, &outside));
        map_rest(projection, |node| graph.substitute(node, &outside));
    }
}

/// The projection that a state of a neuron came from, and what it is called there.
fn origin<'s>(state: &'s str, projection: &Projection) -> Option<&'s str> {
    state.strip_prefix(&*projection.connection.name)?.strip_prefix('.')
}

/// What is said of a projection whose states are another's.
fn shares(projection: &Projection, renamed: &HashMap<Symbol, Symbol>) -> Option<String> {
    let mut own: Vec<(&str, &Symbol)> =
        renamed.iter().filter_map(|(old, new)| Some((origin(old, projection)?, new))).collect();
    own.sort_unstable();
    let (names, kept): (Vec<&str>, Vec<&str>) = own.iter().map(|(name, new)| (*name, &***new)).unzip();
    (!own.is_empty()).then(|| format!("shares {}, kept as {}", names.join(", "), kept.join(", ")))
}

/// What is said of a projection of which a state could have been an earlier one's, but for what can be set apart
/// or is recorded.
fn kept_apart(
    graph: &mut Graph,
    population: &Population,
    candidates: &[usize],
    classes: &[usize],
    renamed: &HashMap<Symbol, Symbol>,
    projection: &Projection,
) -> Option<String> {
    for (i, &later) in candidates.iter().enumerate() {
        let later = &population.states[later];
        let Some(name) = origin(&later.name, projection).filter(|_| !renamed.contains_key(&later.name)) else {
            continue;
        };
        for (j, &earlier) in candidates[..i].iter().enumerate() {
            let earlier = &population.states[earlier];
            let Some(prefix) = earlier.name.strip_suffix(name).filter(|p| p.ends_with('.')) else { continue };
            if earlier.side != later.side || earlier.method != later.method || renamed.contains_key(&earlier.name) {
                continue;
            }
            if classes[i] == classes[j] {
                let other = prefix.trim_end_matches('.');
                return Some(format!("does not share {name} with {other}: both are recorded"));
            }
            let mut pairs = Vec::new();
            if alike_but_for_parameters(
                graph,
                population,
                (prefix, earlier),
                (&*projection.connection.name, later),
                &mut pairs,
            ) && !pairs.is_empty()
            {
                let other = prefix.trim_end_matches('.');
                return Some(format!("does not share {name} with {other}: {}", other_parameters(&pairs)));
            }
        }
    }
    None
}

/// Whether two states of one name in two projections are alike, but for the names of parameters.
fn alike_but_for_parameters(
    graph: &mut Graph,
    population: &Population,
    (prefix, earlier): (&str, &State),
    (projection, later): (&str, &State),
    pairs: &mut Vec<(Symbol, Symbol)>,
) -> bool {
    let mut replaced: HashMap<Node, Node> = HashMap::new();
    for state in &population.states {
        if let Some(name) = state.name.strip_prefix(projection).and_then(|n| n.strip_prefix('.')) {
            let from = leaf(graph, &state.name);
            replaced.insert(from, leaf(graph, &format!("{prefix}{name}").into()));
        }
    }
    let (change, init) = (change_with(graph, &later.change, &replaced), later.init);
    let nothing = HashMap::new();
    let (before, after) =
        (jumps_with(graph, population, &earlier.name, &nothing), jumps_with(graph, population, &later.name, &replaced));
    same_change(graph, &earlier.change, &change, pairs)
        && but_for_parameters(graph, earlier.init, init, pairs)
        && before.len() == after.len()
        && before
            .iter()
            .zip(&after)
            .all(|(x, y)| (x.0, &x.1) == (y.0, &y.1) && but_for_parameters(graph, x.2, y.2, pairs))
}
