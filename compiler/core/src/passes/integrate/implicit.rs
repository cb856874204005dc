//! Methods for stiff equations: they solve linear systems with the Jacobian, and are L-stable: of linear equations, what decays
//! is damped at any step.

use super::adaptive::or_failed;
use super::elimination::Factors;
use super::settings::Settings;
use super::{Rows, System};
use crate::ir::{Graph, Node, Op};
use std::collections::{BTreeMap, HashMap};

/// A Rosenbrock method in the form that needs no product with the Jacobian (Hairer and Wanner 1996, section IV.7):
/// `(1/(γ h) - J) k_i = f(x + Σ a_ij k_j) + Σ (c_ij / h) k_j`, `x' = x + Σ m_i k_i`.
struct RosenbrockTableau {
    gamma: f64,
    /// The places of the stages; a stage with `None` takes the slopes of the one before.
    places: &'static [Option<&'static [f64]>],
    couplings: &'static [&'static [f64]],
    weights: &'static [f64],
}

/// RODAS3: order 3, stiffly accurate and L-stable, three evaluations of the equations (Sandu, Verwer, Blom, Spee,
/// Carmichael and Potra 1997, Atmospheric Environment 31:3459).
const RODAS3: RosenbrockTableau = RosenbrockTableau {
    gamma: 0.5,
    places: &[Some(&[]), None, Some(&[2.0, 0.0]), Some(&[2.0, 0.0, 1.0])],
    couplings: &[&[], &[4.0], &[1.0, -1.0], &[1.0, -1.0, -8.0 / 3.0]],
    weights: &[2.0, 0.0, 1.0, 1.0],
};

impl System {
    /// Backward Euler, `x' = x + h f(x')`, by Newton's method. One iteration solves linear equations exactly.
    pub(super) fn implicit_euler(
        &self,
        graph: &mut Graph,
        dt: f64,
        jacobian: &Rows,
        settings: &Settings<'_>,
    ) -> Vec<Node> {
        let n = self.len();
        let (h, one) = (graph.constant(dt), graph.constant(1.0));
        let linear = !jacobian.iter().flat_map(BTreeMap::values).any(|&entry| self.mentions_state(graph, entry));
        let states: Vec<Node> =
            if linear { self.leaves.clone() } else { (0_u32..).take(n).map(|i| graph.leaf(Op::Carried(i))).collect() };
        let there: HashMap<Node, Node> = self.leaves.iter().copied().zip(states.iter().copied()).collect();
        let jacobian = at(graph, jacobian, &there);
        let matrix = shifted(graph, &jacobian, 1.0, dt);
        let factors = Factors::of(graph, matrix);
        let slopes = self.slopes_at(graph, &states);
        let residual: Vec<Node> = (0..n)
            .map(|i| {
                let flow = graph.mul(h, slopes[i]);
                let back = graph.sub(self.leaves[i], states[i]);
                if linear { flow } else { graph.add(back, flow) }
            })
            .collect();
        let change = factors.solve(graph, &residual);
        let mut next: Vec<Node> = (0..n).map(|i| graph.add(states[i], change[i])).collect();
        if linear {
            return next;
        }
        let mut error = graph.constant(0.0);
        for i in 0..n {
            let size = graph.node(Op::Abs, &[next[i]]);
            error = self.add_square(graph, error, change[i], size, i, settings);
        }
        next.push(error);
        let latest = graph.leaf(Op::Carried(n as u32));
        let mut initial = self.leaves.clone();
        initial.push(graph.constant(2.0));
        let condition = graph.node(Op::Less, &[one, latest]);
        let results = graph.iterate(settings.limit, &initial, condition, &next);
        let converged = graph.node(Op::LessEqual, &[results[n], one]);
        results[..n].iter().map(|&value| or_failed(graph, converged, value)).collect()
    }

    /// One step of [`RODAS3`].
    pub(super) fn rosenbrock(&self, graph: &mut Graph, dt: f64, jacobian: &Rows) -> Vec<Node> {
        let n = self.len();
        let method = &RODAS3;
        let matrix = shifted(graph, jacobian, 1.0 / (method.gamma * dt), 1.0);
        let factors = Factors::of(graph, matrix);
        let mut stages: Vec<Vec<Node>> = Vec::new();
        let mut slopes = self.slopes.clone();
        for (place, couplings) in method.places.iter().zip(method.couplings) {
            if let Some(row) = place {
                let states: Vec<Node> = (0..n).map(|i| plus(graph, self.leaves[i], row, 1.0, &stages, i)).collect();
                slopes = self.slopes_at(graph, &states);
            }
            let right: Vec<Node> = (0..n).map(|i| plus(graph, slopes[i], couplings, dt, &stages, i)).collect();
            stages.push(factors.solve(graph, &right));
        }
        (0..n).map(|i| plus(graph, self.leaves[i], method.weights, 1.0, &stages, i)).collect()
    }

    /// Whether an expression depends on a state of the system.
    fn mentions_state(&self, graph: &Graph, node: Node) -> bool {
        graph.order(&[node]).iter().any(|n| self.leaves.contains(n))
    }
}

/// `diagonal - factor J`
pub(super) fn shifted(graph: &mut Graph, jacobian: &Rows, diagonal: f64, factor: f64) -> Rows {
    let (diagonal, factor) = (graph.constant(diagonal), graph.constant(factor));
    let zero = graph.constant(0.0);
    let row = |(i, row): (usize, &BTreeMap<usize, Node>)| {
        let mut shifted: BTreeMap<usize, Node> = BTreeMap::from([(i, diagonal)]);
        for (&j, &entry) in row {
            let entry = graph.mul(factor, entry);
            let start = if i == j { diagonal } else { zero };
            shifted.insert(j, graph.sub(start, entry));
        }
        shifted
    };
    jacobian.iter().enumerate().map(row).collect()
}

/// A matrix at other values of the states.
pub(super) fn at(graph: &mut Graph, matrix: &Rows, there: &HashMap<Node, Node>) -> Rows {
    let mut done = there.clone();
    let mut row = |row: &BTreeMap<usize, Node>| -> BTreeMap<usize, Node> {
        row.iter().map(|(&j, &entry)| (j, graph.substitute_with(entry, &mut done))).collect()
    };
    matrix.iter().map(&mut row).collect()
}

/// `start + Σ (weight / divisor) k`
fn plus(graph: &mut Graph, start: Node, weights: &[f64], divisor: f64, stages: &[Vec<Node>], i: usize) -> Node {
    let mut sum = start;
    for (weight, stage) in weights.iter().zip(stages) {
        let weight = graph.constant(weight / divisor);
        let term = graph.mul(weight, stage[i]);
        sum = graph.add(sum, term);
    }
    sum
}
