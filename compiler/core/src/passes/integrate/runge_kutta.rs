//! Explicit Runge-Kutta methods with a fixed number of stages, and the tableaux of all of them.

use super::{System, delayed};
use crate::ir::{Graph, Node};

/// An explicit Runge-Kutta method: rows of stages, and the weights of their slopes.
pub struct Tableau {
    /// As it is named.
    pub name: &'static str,
    /// The row of each stage.
    pub stages: &'static [&'static [f64]],
    /// Of the slopes, in the new value.
    pub weights: &'static [f64],
}

/// Those that take one step.
pub const TABLEAUX: &[Tableau] = &[
    Tableau { name: "euler", stages: &[&[]], weights: &[1.0] },
    Tableau { name: "midpoint", stages: &[&[], &[0.5]], weights: &[0.0, 1.0] },
    Tableau { name: "heun", stages: &[&[], &[1.0]], weights: &[0.5, 0.5] },
    Tableau {
        name: "rk4",
        stages: &[&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
        weights: &[1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
    },
];

/// A pair of methods with the same stages; the difference of their results estimates the error.
pub struct Embedded {
    /// The method that is followed.
    pub tableau: Tableau,
    /// Its weights minus those of the other method.
    pub errors: &'static [f64],
    /// Whether the last stage stands at the new value, so that its slope is the next step's first.
    pub first_same_as_last: bool,
}

/// Dormand and Prince (1980), order 5(4); the fifth-order result is followed.
pub const DORMAND_PRINCE: Embedded = Embedded {
    tableau: Tableau {
        name: "dormand_prince",
        stages: &[
            &[],
            &[1.0 / 5.0],
            &[3.0 / 40.0, 9.0 / 40.0],
            &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
            &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
            &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
            &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
        ],
        weights: &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0, 0.0],
    },
    errors: &[71.0 / 57600.0, 0.0, -71.0 / 16695.0, 71.0 / 1920.0, -17253.0 / 339_200.0, 22.0 / 525.0, -1.0 / 40.0],
    first_same_as_last: true,
};

/// Fehlberg (1969), order 4(5); the fifth-order result is followed.
pub const FEHLBERG: Embedded = Embedded {
    tableau: Tableau {
        name: "rkf45",
        stages: &[
            &[],
            &[1.0 / 4.0],
            &[3.0 / 32.0, 9.0 / 32.0],
            &[1932.0 / 2197.0, -7200.0 / 2197.0, 7296.0 / 2197.0],
            &[439.0 / 216.0, -8.0, 3680.0 / 513.0, -845.0 / 4104.0],
            &[-8.0 / 27.0, 2.0, -3544.0 / 2565.0, 1859.0 / 4104.0, -11.0 / 40.0],
        ],
        weights: &[16.0 / 135.0, 0.0, 6656.0 / 12825.0, 28561.0 / 56430.0, -9.0 / 50.0, 2.0 / 55.0],
    },
    errors: &[1.0 / 360.0, 0.0, -128.0 / 4275.0, -2197.0 / 75240.0, 1.0 / 50.0, 2.0 / 55.0],
    first_same_as_last: false,
};

impl System {
    /// The new values after one step.
    pub(super) fn runge_kutta(&self, graph: &mut Graph, dt: f64, tableau: &Tableau) -> Vec<Node> {
        let mut slopes: Vec<Vec<Node>> = Vec::new();
        for row in tableau.stages {
            let states: Vec<Node> = (0..self.len()).map(|i| self.moved(graph, i, row, &slopes, dt)).collect();
            let there = self.all_seen(graph, &states);
            let part = graph.constant(row.iter().sum());
            let stage = self.slopes.iter().map(|&s| {
                let then = delayed::at(graph, s, part);
                graph.substitute(then, &there)
            });
            slopes.push(stage.collect());
        }
        (0..self.len()).map(|i| self.moved(graph, i, tableau.weights, &slopes, dt)).collect()
    }

    /// A state plus dt times a weighted sum of its slopes.
    fn moved(&self, graph: &mut Graph, i: usize, weights: &[f64], slopes: &[Vec<Node>], dt: f64) -> Node {
        let mut sum = graph.constant(0.0);
        for (weight, stage) in weights.iter().zip(slopes) {
            let weight = graph.constant(weight * dt);
            let term = graph.mul(weight, stage[i]);
            sum = graph.add(sum, term);
        }
        graph.add(self.leaves[i], sum)
    }
}
