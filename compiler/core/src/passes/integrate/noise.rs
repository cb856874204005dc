//! White noise: split from the equations, and the methods that treat it.
//!
//! With every method but those named here `xi` is Itô's and enters after the step of the rest, `x += g sqrt(dt) N(0, 1)`
//! (Euler and Maruyama; Maruyama 1955): strong order 1/2, and 1 where `g` does not depend on states.
//!
//! - *milstein* (Milstein 1974): Itô, strong order 1. Drift by Euler's method. Several noises must commute
//!   (`Σ_j g_jk ∂g_il/∂x_j` is the same with k and l exchanged, for all i), otherwise the order would need their areas.
//! - *stratonovich_heun* (Rümelin 1982): `xi` is Stratonovich's; strong order 1 where noises commute, 1/2 elsewhere,
//!   and 2 where there is no noise.

use super::System;
use crate::analysis::derivative::{derivative, derivative_almost_everywhere};
use crate::ir::{Distribution, Graph, Node, Op};
use std::collections::HashMap;

/// Why the Milstein method does not apply.
pub(super) enum NoMilstein {
    /// The intensity of noise in the equation of this state has no derivative.
    NotDifferentiable(usize),
    /// Two noises in the equation of this state do not commute.
    DoNotCommute(usize),
}

impl System {
    /// The streams of all noises, each once.
    pub(super) fn streams(&self) -> Vec<u32> {
        let mut streams: Vec<u32> = self.noise.iter().flatten().map(|n| n.0).collect();
        streams.sort_unstable();
        streams.dedup();
        streams
    }

    /// The intensity of a stream in every equation.
    fn intensities(&self, graph: &mut Graph, stream: u32) -> Vec<Node> {
        let zero = graph.constant(0.0);
        let one = |noise: &Vec<(u32, Node)>| noise.iter().find(|n| n.0 == stream).map_or(zero, |n| n.1);
        self.noise.iter().map(one).collect()
    }

    /// A new value with the noise of the step.
    pub(super) fn with_noise(&self, graph: &mut Graph, i: usize, value: Node, dt: f64, exact: bool) -> Node {
        let mut sum = value;
        for &(stream, intensity) in &self.noise[i] {
            let (zero, one, step) = (graph.constant(0.0), graph.constant(1.0), graph.constant(dt));
            let draw = graph.node(Op::Random(Distribution::Normal, stream), &[zero, one]);
            // variance of a step: dt, or dt exprel(2 a dt) if the flow contracts within it
            let variance = match self.entry(i, i, zero) {
                Some(slope) if exact && graph.is_constant(intensity, &self.own) => {
                    let twice = graph.constant(2.0 * dt);
                    let exponent = graph.mul(twice, slope);
                    let mean = graph.node(Op::Exprel, &[exponent]);
                    graph.mul(step, mean)
                }
                _ => step,
            };
            let deviation = graph.node(Op::Sqrt, &[variance]);
            let scale = graph.mul(intensity, deviation);
            let kick = graph.mul(scale, draw);
            sum = graph.add(sum, kick);
        }
        sum
    }

    /// The steps of the Milstein method.
    pub(super) fn milstein(&self, graph: &mut Graph, dt: f64) -> Result<Vec<Node>, NoMilstein> {
        let n = self.len();
        let streams = self.streams();
        let (step, half) = (graph.constant(dt), graph.constant(0.5));
        let g: Vec<Vec<Node>> = streams.iter().map(|&s| self.intensities(graph, s)).collect();
        let increments: Vec<Node> = streams.iter().map(|&s| increment(graph, s, dt)).collect();
        let mut values = Vec::with_capacity(n);
        for i in 0..n {
            let drift = graph.mul(self.slopes[i], step);
            let mut sum = graph.add(self.leaves[i], drift);
            for (k, &increment) in increments.iter().enumerate() {
                let kick = graph.mul(g[k][i], increment);
                sum = graph.add(sum, kick);
            }
            for k in 0..streams.len() {
                for l in 0..=k {
                    let slope = self.along(graph, &g[k], g[l][i]).ok_or(NoMilstein::NotDifferentiable(i))?;
                    let other = self.along(graph, &g[l], g[k][i]).ok_or(NoMilstein::NotDifferentiable(i))?;
                    if slope != other {
                        return Err(NoMilstein::DoNotCommute(i));
                    }
                    let product = graph.mul(increments[k], increments[l]);
                    let area = if k == l {
                        let excess = graph.sub(product, step);
                        graph.mul(half, excess)
                    } else {
                        product
                    };
                    let correction = graph.mul(slope, area);
                    sum = graph.add(sum, correction);
                }
            }
            values.push(sum);
        }
        Ok(values)
    }

    /// The derivative of an expression along a direction in the space of states.
    fn along(&self, graph: &mut Graph, direction: &[Node], node: Node) -> Option<Node> {
        let mut sum = graph.constant(0.0);
        for (&component, &leaf) in direction.iter().zip(&self.leaves) {
            let slope = derivative_almost_everywhere(graph, node, leaf).ok()?;
            let product = graph.mul(component, slope);
            sum = graph.add(sum, product);
        }
        Some(sum)
    }

    /// The steps of the stochastic Heun method.
    pub(super) fn stratonovich_heun(&self, graph: &mut Graph, dt: f64) -> Vec<Node> {
        let n = self.len();
        let half = graph.constant(0.5);
        let first = self.kicks(graph, dt);
        let there: Vec<Node> = (0..n).map(|i| graph.add(self.leaves[i], first[i])).collect();
        let moved = self.all_seen(graph, &there);
        let second: Vec<Node> = first.iter().map(|&kick| graph.substitute(kick, &moved)).collect();
        (0..n)
            .map(|i| {
                let sum = graph.add(first[i], second[i]);
                let mean = graph.mul(half, sum);
                graph.add(self.leaves[i], mean)
            })
            .collect()
    }

    /// What drift and noise add to every state in a step, both as they are at its start.
    fn kicks(&self, graph: &mut Graph, dt: f64) -> Vec<Node> {
        let step = graph.constant(dt);
        (0..self.len())
            .map(|i| {
                let mut sum = graph.mul(self.slopes[i], step);
                for &(stream, intensity) in &self.noise[i] {
                    let increment = increment(graph, stream, dt);
                    let kick = graph.mul(intensity, increment);
                    sum = graph.add(sum, kick);
                }
                sum
            })
            .collect()
    }
}

/// The increment of a Wiener process over a step.
fn increment(graph: &mut Graph, stream: u32, dt: f64) -> Node {
    let (zero, one, deviation) = (graph.constant(0.0), graph.constant(1.0), graph.constant(dt.sqrt()));
    let draw = graph.node(Op::Random(Distribution::Normal, stream), &[zero, one]);
    graph.mul(deviation, draw)
}

/// A derivative as what remains without noise, and the intensity of each noise in it.
pub(super) fn split_noise(graph: &mut Graph, slope: Node) -> (Node, Vec<(u32, Node)>) {
    let zero = graph.constant(0.0);
    let mut leaves = Vec::new();
    for node in graph.order(&[slope]) {
        if let Op::Noise(stream) = *graph.op(node) {
            leaves.push((stream, node));
        }
    }
    let silence: HashMap<Node, Node> = leaves.iter().map(|&(_, leaf)| (leaf, zero)).collect();
    let mut noise = Vec::new();
    for (stream, leaf) in leaves {
        // Linearity in the noise is checked by `obstacle`; elsewhere noise is off.
        if let Ok(intensity) = derivative(graph, slope, leaf) {
            noise.push((stream, graph.substitute(intensity, &silence)));
        }
    }
    (graph.substitute(slope, &silence), noise)
}

/// Whether noise enters an expression otherwise than as a summand with a factor.
pub(super) fn nonlinear_in_noise(graph: &mut Graph, slope: Node) -> bool {
    let leaves: Vec<Node> =
        graph.order(&[slope]).into_iter().filter(|&n| matches!(graph.op(n), Op::Noise(_))).collect();
    leaves.into_iter().any(|leaf| match derivative(graph, slope, leaf) {
        Ok(intensity) => graph.any(intensity, |op| matches!(op, Op::Noise(_))),
        Err(_) => true,
    })
}
