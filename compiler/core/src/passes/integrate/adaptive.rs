//! Embedded Runge-Kutta pairs with error control: every neuron makes sub-steps of its own until the end of the step.
//!
//! An iteration carries the states, the time that is left, the next sub-step, and (if the last stage of the pair is the
//! first of the next step) the slopes. A sub-step whose error is within the tolerance is taken, otherwise it is tried
//! again, shorter. The error is the Euclidean norm over the states of `e / (tolerance (max(|x|, |x'|) + scale))`, so
//! that no state errs by more than its share. The first sub-step that is tried is the whole step: nothing is kept from
//! one step to the next.
//!
//! The factor of the step size is `0.9 error^(-1/5)` within 0.2 to 5 (Hairer, Norsett and Wanner 1993, section II.4).

use super::runge_kutta::Embedded;
use super::settings::Settings;
use super::{System, delayed};
use crate::ir::{Graph, Node, Op};
use std::collections::HashMap;

/// The most sub-steps of a step, those that are tried in vain included, where no limit is given.
pub const LIMIT: u32 = 10_000;
/// A sub-step below this part of the step comes before a singularity, not before the end.
const LEAST_PART: f64 = 1e-9;
const SAFETY: f64 = 0.9;
const LEAST_FACTOR: f64 = 0.2;
const GREATEST_FACTOR: f64 = 5.0;

impl System {
    /// The new values, or the mark of a failure (see [`failed`]) where the end of the step was not reached.
    pub(super) fn adaptive(&self, graph: &mut Graph, dt: f64, pair: &Embedded, settings: &Settings<'_>) -> Vec<Node> {
        let n = self.len();
        let carried: Vec<Node> = (0_u32..).take(n + 2).map(|i| graph.leaf(Op::Carried(i))).collect();
        let (states, left, proposed) = (&carried[..n], carried[n], carried[n + 1]);
        let (zero, whole) = (graph.constant(0.0), graph.constant(dt));
        let last = graph.node(Op::LessEqual, &[left, proposed]);
        let h = graph.select(last, left, proposed);

        let mut initial = self.leaves.clone();
        initial.extend([whole, whole]);
        let mut slopes: Vec<Vec<Node>> = Vec::new();
        if pair.first_same_as_last {
            initial.extend(&self.slopes);
            slopes.push((0_u32..).take(n).map(|i| graph.leaf(Op::Carried(i + n as u32 + 2))).collect());
        } else {
            let part = self.part(graph, dt, left, h, &[]);
            slopes.push(self.slopes_then(graph, part, states));
        }
        let mut place = states.to_vec();
        for row in &pair.tableau.stages[1..] {
            place = (0..n).map(|i| from(graph, states[i], h, row, &slopes, i)).collect();
            let part = self.part(graph, dt, left, h, row);
            slopes.push(self.slopes_then(graph, part, &place));
        }
        let new: Vec<Node> = if pair.first_same_as_last {
            place
        } else {
            (0..n).map(|i| from(graph, states[i], h, pair.tableau.weights, &slopes, i)).collect()
        };

        let mut error = zero;
        for i in 0..n {
            let sum = weighted(graph, pair.errors, &slopes, i);
            let estimate = graph.mul(h, sum);
            let (before, after) = (graph.node(Op::Abs, &[states[i]]), graph.node(Op::Abs, &[new[i]]));
            let size = graph.node(Op::Max, &[before, after]);
            error = self.add_square(graph, error, estimate, size, i, settings);
        }
        let one = graph.constant(1.0);
        // false for NaN: a stage that overflows is a reason for a shorter sub-step
        let accepted = graph.node(Op::LessEqual, &[error, one]);
        let factor = step_factor(graph, error);
        let none_left = graph.sub(left, h);
        let rest = graph.select(last, zero, none_left);

        let mut next: Vec<Node> = (0..n).map(|i| graph.select(accepted, new[i], states[i])).collect();
        next.push(graph.select(accepted, rest, left));
        next.push(graph.mul(h, factor));
        if pair.first_same_as_last {
            let (first, end) = (slopes[0].clone(), slopes[slopes.len() - 1].clone());
            next.extend(end.iter().zip(&first).map(|(&e, &f)| graph.select(accepted, e, f)));
        }
        let least = graph.constant(dt * LEAST_PART);
        let unfinished = graph.node(Op::Less, &[zero, left]);
        let regular = graph.node(Op::Less, &[least, proposed]);
        // Before a threshold that ends the trajectory sub-steps may be as short as the upstroke is steep.
        let bounded = self.ceilings.iter().any(Option::is_some);
        let condition = if bounded { unfinished } else { graph.node(Op::And, &[unfinished, regular]) };
        let results = graph.iterate(settings.limit, &initial, condition, &next);
        let reached = graph.node(Op::LessEqual, &[results[n], zero]);
        results[..n].iter().map(|&value| or_failed(graph, reached, value)).collect()
    }

    /// What part of the step lies before a stage of the next sub-step; where nothing needs it, none.
    fn part(&self, graph: &mut Graph, dt: f64, left: Node, h: Node, row: &[f64]) -> Node {
        if !self.slopes.iter().any(|&s| delayed::mentions(graph, s)) {
            return graph.constant(0.0);
        }
        let (whole, stage) = (graph.constant(dt), graph.constant(row.iter().sum()));
        let gone = graph.sub(whole, left);
        let ahead = graph.mul(stage, h);
        let time = graph.add(gone, ahead);
        graph.div(time, whole)
    }

    /// The slopes in a stage with these states, when a part of the step is over.
    fn slopes_then(&self, graph: &mut Graph, part: Node, states: &[Node]) -> Vec<Node> {
        let there = self.all_seen(graph, states);
        let slopes = self.slopes.iter().map(|&s| {
            let then = delayed::at(graph, s, part);
            graph.substitute(then, &there)
        });
        slopes.collect()
    }

    /// The slopes of all states at other values of them.
    pub(super) fn slopes_at(&self, graph: &mut Graph, states: &[Node]) -> Vec<Node> {
        let there: HashMap<Node, Node> = self.leaves.iter().copied().zip(states.iter().copied()).collect();
        graph.substitute_all(&self.slopes, &there)
    }

    /// A sum plus the square of a state's error in units of what is tolerated.
    pub(super) fn add_square(
        &self,
        graph: &mut Graph,
        sum: Node,
        error: Node,
        size: Node,
        i: usize,
        settings: &Settings<'_>,
    ) -> Node {
        let (tolerance, scale) = (graph.constant(settings.tolerance), graph.constant(settings.scale(&self.names[i])));
        let size = graph.add(size, scale);
        let tolerated = graph.mul(tolerance, size);
        let part = graph.div(error, tolerated);
        let square = graph.mul(part, part);
        graph.add(sum, square)
    }
}

fn weighted(graph: &mut Graph, weights: &[f64], slopes: &[Vec<Node>], i: usize) -> Node {
    let mut sum = graph.constant(0.0);
    for (weight, stage) in weights.iter().zip(slopes) {
        let weight = graph.constant(*weight);
        let term = graph.mul(weight, stage[i]);
        sum = graph.add(sum, term);
    }
    sum
}

/// A state plus h times a weighted sum of its slopes.
fn from(graph: &mut Graph, state: Node, h: Node, weights: &[f64], slopes: &[Vec<Node>], i: usize) -> Node {
    let sum = weighted(graph, weights, slopes, i);
    let change = graph.mul(h, sum);
    graph.add(state, change)
}

/// By what the next sub-step differs, from the square of the error in units of what is tolerated.
fn step_factor(graph: &mut Graph, square: Node) -> Node {
    let bound = |factor: f64| (SAFETY / factor).powi(10);
    let (least, greatest) = (graph.constant(bound(GREATEST_FACTOR)), graph.constant(bound(LEAST_FACTOR)));
    let (safety, exponent, shrink) = (graph.constant(SAFETY), graph.constant(-0.1), graph.constant(LEAST_FACTOR));
    let seen = graph.node(Op::Max, &[square, least]);
    let power = graph.node(Op::Pow, &[seen, exponent]);
    let factor = graph.mul(safety, power);
    // false for NaN
    let moderate = graph.node(Op::Less, &[square, greatest]);
    graph.select(moderate, factor, shrink)
}

/// The NaN that says that an iteration did not come to its end. The runtime tells it from others by
/// its bits ([`bpc_runtime_abi::NOT_REACHED`]).
fn failed(graph: &mut Graph) -> Node {
    graph.constant(f64::from_bits(bpc_runtime_abi::NOT_REACHED))
}

/// A value, or the mark of a failure.
pub(super) fn or_failed(graph: &mut Graph, reached: Node, value: Node) -> Node {
    let mark = failed(graph);
    graph.select(reached, value, mark)
}
