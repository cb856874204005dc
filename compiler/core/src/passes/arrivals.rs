//! What events do to states of their target while something else needs the value before them.
//!
//! States that are held while refractory, that a condition compares with their value before the step, or that a gathered sum reads
//! cannot be changed by an event at once. If all events of a state add to it, what they add is summed up in `E.V.arrivals`. If one of them
//! sets it, `E.V.arrivals` is the value that the events of the step have made, and `E.V.changed` is 1 if there was one. The
//! update of the population takes either in, unless the state stands still.

use crate::ir::{Buffer, Graph, Network, Node, Op, Population, Projection, Symbol, Type};
use std::collections::HashMap;

/// The states of a population whose events wait for the update of their neuron.
pub(super) struct Waiting {
    /// Those to which is only added.
    added: Vec<Symbol>,
    /// Those that some event sets.
    set: Vec<Symbol>,
}

impl Waiting {
    /// The states of a population whose events wait.
    pub(super) fn of(graph: &Graph, population: &Population, projections: &[Projection]) -> Waiting {
        let before = |state: &Symbol| {
            population.rules.iter().any(|r| graph.any(r.condition, |op| matches!(op, Op::Previous(s) if s == state)))
        };
        let arriving: Vec<&Projection> = projections
            .iter()
            .filter(|p| p.connection.target == population.name && p.connection.source.is_some())
            .collect();
        let reached = |state: &Symbol| arriving.iter().any(|p| p.events.iter().any(|e| e.state == *state));
        let adds_up = |state: &Symbol| arriving.iter().flat_map(|p| &p.events).all(|e| e.state != *state || e.additive);
        let summed = |state: &Symbol| {
            let read = |op: &Op| matches!(op, Op::Post(read) if read == state);
            adds_up(state) && arriving.iter().flat_map(|p| &p.sums).any(|(_, value)| graph.any(*value, read))
        };
        let names = population.states.iter().map(|s| &s.name);
        let waits = names.filter(|s| reached(s) && (population.holds(s) || before(s) || summed(s))).cloned();
        let (added, set) = waits.partition(adds_up);
        Waiting { added, set }
    }

    /// Whether events only add to a state, and wait.
    pub(super) fn is_added(&self, state: &str) -> bool {
        self.added.iter().any(|s| **s == *state)
    }

    /// Whether some event sets a state, and all of them wait.
    pub(super) fn is_set(&self, state: &str) -> bool {
        self.set.iter().any(|s| **s == *state)
    }

    /// Declares the buffers of a state.
    pub(super) fn declare(&self, network: &mut Network, population: &Population, state: &Symbol, unit: &str) {
        let mut add = |name: Symbol, unit: &str| {
            let (unit, population) = (unit.into(), population.name.clone());
            network.buffers.push(Buffer { name, population, element: Type::Real, unit, internal: true, slots: 1 });
        };
        if self.is_added(state) || self.is_set(state) {
            add(arrivals(population, state), unit);
        }
        if self.is_set(state) {
            add(changed(population, state), "1");
        }
    }

    /// The value of a state with what has arrived, from the one that is stored, in the update of its neuron.
    pub(super) fn taken_in(&self, graph: &mut Graph, population: &Population, state: &str, stored: Node) -> Node {
        let read = |graph: &mut Graph, name: Symbol| graph.leaf(Op::Read(name, Type::Real));
        if self.is_added(state) {
            let arrived = read(graph, arrivals(population, state));
            return graph.add(stored, arrived);
        }
        if self.is_set(state) {
            let arrived = read(graph, arrivals(population, state));
            let flag = read(graph, changed(population, state));
            return one_of(graph, flag, arrived, stored);
        }
        stored
    }

    /// What the update of a neuron writes, so that nothing has arrived for the next step.
    pub(super) fn emptied(&self, population: &Population, state: &str) -> Option<Symbol> {
        if self.is_added(state) {
            return Some(arrivals(population, state));
        }
        self.is_set(state).then(|| changed(population, state))
    }

    /// What events read of the target's states that some event sets: what the earlier ones have made of them.
    pub(super) fn seen_by_events(&self, graph: &mut Graph, target: &Population) -> HashMap<Node, Node> {
        let mut seen = HashMap::new();
        for state in &self.set {
            let stored = graph.leaf(Op::Post(buffer(target, state)));
            let arrived = graph.leaf(Op::Post(arrivals(target, state)));
            let flag = graph.leaf(Op::Post(changed(target, state)));
            let value = one_of(graph, flag, arrived, stored);
            seen.insert(graph.leaf(Op::Post(state.clone())), value);
        }
        seen
    }
}

fn one_of(graph: &mut Graph, flag: Node, arrived: Node, stored: Node) -> Node {
    let zero = graph.constant(0.0);
    let changed = graph.node(Op::Greater, &[flag, zero]);
    graph.select(changed, arrived, stored)
}

/// The buffer of a state: states that came from a projection keep their name.
pub(super) fn buffer(population: &Population, state: &str) -> Symbol {
    if state.contains('.') { state.into() } else { format!("{}.{state}", population.name).into() }
}

/// Where what events make of a state is kept.
pub(super) fn arrivals(population: &Population, state: &str) -> Symbol {
    format!("{}.arrivals", buffer(population, state)).into()
}

/// Whether there was an event, of states that some event sets.
pub(super) fn changed(population: &Population, state: &str) -> Symbol {
    format!("{}.changed", buffer(population, state)).into()
}
