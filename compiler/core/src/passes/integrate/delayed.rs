//! Delayed variables within a step.
//!
//! A value of the past is known at the ends of steps. At a time inside a step it is interpolated between those at both
//! ends, which errs by the square of the step: methods of order 2 keep their order, those of a higher order have order 2
//! (A. Bellen & M. Zennaro 2003, Numerical Methods for Delay Differential Equations).

use super::System;
use crate::ir::{Graph, Node, Op};
use std::collections::{BTreeMap, HashMap};

/// Whether an expression has a delayed variable.
pub fn mentions(graph: &Graph, root: Node) -> bool {
    graph.any(root, |op| matches!(op, Op::Delayed(..)))
}

/// The expression when a part of the step is over, from 0 to 1: its delayed variables then.
pub fn at(graph: &mut Graph, root: Node, part: Node) -> Node {
    let mut then: HashMap<Node, Node> = HashMap::new();
    for node in graph.order(&[root]) {
        let Op::Delayed(state, steps) = graph.op(node).clone() else { continue };
        // The compiler's own reads at the end of the step have no later value.
        let Some(less) = steps.checked_sub(1) else { continue };
        let value = match graph.as_constant(part) {
            Some(0.0) => node,
            Some(1.0) => graph.leaf(Op::Delayed(state, less)),
            _ => {
                let end = graph.leaf(Op::Delayed(state, less));
                let change = graph.sub(end, node);
                let gone = graph.mul(part, change);
                graph.add(node, gone)
            }
        };
        then.insert(node, value);
    }
    graph.substitute(root, &then)
}

impl System {
    /// The same with delayed variables in the middle of the step: the mean over it, as far as it is known.
    pub(super) fn over_the_step(&self, graph: &mut Graph) -> System {
        self.when(graph, 0.5)
    }

    /// The same with delayed variables at the end of the step.
    pub(super) fn at_the_end(&self, graph: &mut Graph) -> System {
        self.when(graph, 1.0)
    }

    fn when(&self, graph: &mut Graph, part: f64) -> System {
        let part = graph.constant(part);
        let mut then = self.clone();
        then.slopes.iter_mut().for_each(|slope| *slope = at(graph, *slope, part));
        for entry in then.jacobian.iter_mut().flat_map(BTreeMap::values_mut).flatten() {
            *entry = at(graph, *entry, part);
        }
        then
    }
}
