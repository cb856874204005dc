//! Chains of two in synapses whose coefficients are each synapse's own: `y' = a y` by itself, and `x' = b x + c y + d`.
//!
//! ```text
//! x = x exp(b dt) + c y ∫ exp(b (dt - t) + a t) dt + d dt exprel(b dt)
//! ∫ … = (exp(a dt) - exp(b dt)) / (a - b) = dt exp(max(a, b) dt) exprel(-|a - b| dt)
//! ```
//!
//! which has no error and no hole at a = b, and of which no part overflows where both decay. Where coefficients are shared, such
//! chains have a propagator; with coefficients of each neuron they take exponential Euler.

use super::{System, decay};
use crate::ir::{Graph, Node, Op};

impl System {
    /// The new value of a state that one other drives, which decays by itself; `None` if it is not of this form.
    pub(super) fn driven(&self, graph: &mut Graph, i: usize, dt: f64) -> Option<Node> {
        let zero = graph.constant(0.0);
        let constant = |row: usize, column: usize| {
            let entry = (*self.jacobian[row].get(&column)?)?;
            graph.is_constant(entry, &self.own).then_some(entry)
        };
        let own = constant(i, i)?;
        let j = self.jacobian[i].keys().copied().find(|&j| j != i)?;
        let by = constant(i, j)?;
        let other = constant(j, j)?;
        let two_in_a_chain = self.jacobian[i].len() == 2 && self.jacobian[j].len() == 1;
        let noisy = !self.noise[i].is_empty() || !self.noise[j].is_empty();
        if !two_in_a_chain || noisy || self.constant_part(graph, j, zero) != zero {
            return None;
        }
        let rest = self.constant_part(graph, i, zero);
        let alone = decay(graph, self.leaves[i], own, rest, dt);
        let dt = graph.constant(dt);
        let slowest = graph.node(Op::Max, &[own, other]);
        let fastest = graph.node(Op::Min, &[own, other]);
        let exponent = graph.mul(slowest, dt);
        let kept = graph.node(Op::Exp, &[exponent]);
        let difference = graph.sub(fastest, slowest);
        let exponent = graph.mul(difference, dt);
        let mean = graph.node(Op::Exprel, &[exponent]);
        let mut gained = self.leaves[j];
        for factor in [by, dt, kept, mean] {
            gained = graph.mul(gained, factor);
        }
        Some(graph.add(alone, gained))
    }
}
