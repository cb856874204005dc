//! Where trajectories end: a neuron whose V runs away, and whose rule sets it anew when `V > c`, has none above c.
//!
//! Thresholds are tested at the ends of steps. Inside the step in which V reaches c, stages would follow equations beyond it,
//! where they mean nothing: into the exponential of an upstroke, from where what is coupled to V takes its share
//! (`w += a V dt / tau_w` of a V of 10⁷ mV). So no stage sees more of V than c, or than V at the start of the step if that is
//! more, as NEST's models of these neurons see V up to V_peak (`aeif_cond_alpha`). The new value of V itself is not bounded: it
//! passes c, and the rule acts.
//!
//! Methods that go by the Jacobian at one point meet the upstroke as a mode that grows faster than a step can tell: their
//! linear systems are singular near it, and turn V round behind that. In such a step all equations advance by exponential
//! Euler, whose other equations see V at the start of the step.
//!
//! Only a rule that forgets where V came from ends its trajectory: `theta -= 2 * pi` goes on with what lies beyond 2π.

use super::System;
use super::settings::{Integrator, Kind};
use crate::ir::{Change, Graph, Node, Op, Population, SpikeRule, State, Symbol, Type};
use std::collections::HashMap;

/// Above this growth of V by its own slope, over a step, linear systems are not relied on: those of `rosenbrock` are singular at 2, of
/// `implicit_euler` at 1, and the end of its step has no solution from 1/e on where V runs away as an exponential.
const MOST_GROWTH: f64 = 0.25;

/// The lowest threshold at which a rule ends a state's trajectory, if there is one.
fn lowest(graph: &mut Graph, population: &Population, state: &Symbol, leaf: Node) -> Option<Node> {
    let still = |s: &&State| matches!(s.change, Change::None);
    let standing: Vec<Symbol> = population.states.iter().filter(still).map(|s| s.name.clone()).collect();
    let mut lowest: Option<Node> = None;
    for rule in &population.rules {
        let threshold = above(graph, rule.condition, leaf).filter(|&c| graph.is_constant(c, &standing));
        if let Some(threshold) = threshold.filter(|_| ends(graph, rule, state, leaf)) {
            lowest = Some(lowest.map_or(threshold, |c| graph.node(Op::Min, &[c, threshold])));
        }
    }
    lowest
}

/// What a state is compared with, if the condition is that it is above that, or not below.
fn above(graph: &Graph, condition: Node, leaf: Node) -> Option<Node> {
    let (left, right) = match (graph.op(condition), graph.arguments(condition)) {
        (Op::Greater | Op::GreaterEqual, &[left, right]) => (left, right),
        (Op::Less | Op::LessEqual, &[left, right]) => (right, left),
        _ => return None,
    };
    (left == leaf).then_some(right)
}

/// Whether a rule gives a state a value that does not follow from the one it had.
fn ends(graph: &mut Graph, rule: &SpikeRule, state: &Symbol, leaf: Node) -> bool {
    let mut set: HashMap<Node, Node> = HashMap::new();
    for (name, value) in &rule.resets {
        let value = if rule.simultaneous { *value } else { graph.substitute(*value, &set) };
        let place = if name == state { leaf } else { graph.leaf(Op::Get(name.clone(), Type::Real)) };
        set.insert(place, value);
    }
    set.get(&leaf).is_some_and(|&value| !graph.order(&[value]).contains(&leaf))
}

impl System {
    /// Of each state whose trajectory ends at a threshold: where. A state whose equation is linear in it does not run away, and
    /// what goes on beyond the threshold until the end of the step is as it is with propagators.
    pub(super) fn find_ceilings(&self, graph: &mut Graph, population: &Population) -> Vec<Option<Node>> {
        let of = |i: usize| {
            let runs = !self.linear_in_itself(graph, i);
            runs.then(|| lowest(graph, population, &self.names[i], self.leaves[i])).flatten()
        };
        (0..self.len()).map(of).collect()
    }

    /// A state in a stage, as the equations see it there.
    pub(super) fn seen(&self, graph: &mut Graph, i: usize, value: Node) -> Node {
        match self.ceilings[i] {
            Some(ceiling) if value != self.leaves[i] => {
                let end = graph.node(Op::Max, &[ceiling, self.leaves[i]]);
                graph.node(Op::Min, &[value, end])
            }
            _ => value,
        }
    }

    /// All states in a stage, as the equations see them there.
    pub(super) fn all_seen(&self, graph: &mut Graph, values: &[Node]) -> HashMap<Node, Node> {
        let seen = |(i, &value): (usize, &Node)| (self.leaves[i], self.seen(graph, i, value));
        values.iter().enumerate().map(seen).collect()
    }

    /// The new values by a method that goes by the Jacobian at one point, but in steps in which a state runs into its threshold
    /// those of exponential Euler.
    pub(super) fn or_upstroke(&self, graph: &mut Graph, dt: f64, kind: Kind, values: Vec<Node>) -> Vec<Node> {
        if self.ceilings.iter().all(Option::is_none) {
            return values;
        }
        let there = self.over_the_step(graph);
        let one_by_one: Vec<Node> = (0..self.len()).map(|i| there.exponential_euler(graph, i, dt)).collect();
        let mut upstroke: Option<Node> = None;
        for (i, &alone) in one_by_one.iter().enumerate() {
            let Some(ceiling) = self.ceilings[i] else { continue };
            let end = graph.node(Op::Max, &[ceiling, self.leaves[i]]);
            let mut arrives = graph.node(Op::Greater, &[alone, end]);
            if !matches!(kind, Kind::ExponentialRosenbrock) {
                let slope = there.own_slope(graph, i).expect("equations without a slope are refused");
                let most = graph.constant(MOST_GROWTH / dt);
                let fast = graph.node(Op::Greater, &[slope, most]);
                arrives = graph.node(Op::Or, &[arrives, fast]);
            }
            upstroke = Some(upstroke.map_or(arrives, |other| graph.node(Op::Or, &[other, arrives])));
        }
        let Some(upstroke) = upstroke else { return values };
        values.into_iter().zip(one_by_one).map(|(value, other)| graph.select(upstroke, other, value)).collect()
    }

    /// What is said of the states whose trajectories end, if it makes a difference to the method.
    pub(super) fn told_of_ceilings(&self, graph: &Graph, integrator: &Integrator) -> String {
        let text: fn(&str, &str) -> String = match integrator.kind {
            Kind::Explicit(tableau) if tableau.stages.len() == 1 => return String::new(),
            Kind::Explicit(_) | Kind::Adaptive(_) | Kind::StratonovichHeun => {
                |state, end| format!("; stages see {state} up to {end}")
            }
            Kind::ImplicitEuler | Kind::Rosenbrock | Kind::ExponentialRosenbrock | Kind::Hines => {
                |state, end| format!("; exponential Euler in steps in which {state} runs into {end}")
            }
            Kind::Exact | Kind::ExponentialEuler | Kind::Milstein => return String::new(),
        };
        let told = |i: usize| Some(text(&self.names[i], &named(graph, self.ceilings[i]?)));
        (0..self.len()).filter_map(told).collect()
    }
}

/// A threshold by the name of its parameter, or what it is.
fn named(graph: &Graph, threshold: Node) -> String {
    match graph.op(threshold) {
        Op::Scalar(name, _) | Op::Get(name, _) => name.rsplit('.').next().unwrap_or(name).to_owned(),
        _ => "its threshold".to_owned(),
    }
}
