//! `hoist-scalars`: what is the same for all neurons is computed once, in f64, when a parameter
//! changes.
//!
//! Before: `write @E.g, read(@E.g) * exp(-dt / scalar(@exc.tau))`
//! After:  `derive { define @scalar0, exp(-dt / scalar(@exc.tau)) }` and
//!         `write @E.g, read(@E.g) * scalar(@scalar0)`
//!
//! Divisions by something uniform become products with its reciprocal, but for those of whole numbers and those that
//! `floor`, `ceil` or `round` is taken of: 49 times the reciprocal of 49 is below 1. The value in the step is
//! the f64 result rounded once to the network's real type, in which updates are from here on.

use crate::Bug;
use crate::ir::{Graph, Network, Node, Op, Symbol, Type, varies};
use crate::passes::Pass;
use bpc_sema::program::stack;
use std::collections::HashMap;

/// The pass.
pub const PASS: Pass =
    Pass { name: "hoist-scalars", summary: "compute what all neurons share once, when a parameter changes", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    let mut hoist = Hoist { done: HashMap::new(), uniform: HashMap::new(), defined: Vec::new() };
    let Network { graph, initialise, edges, after_spike, at_spike, updates, .. } = network;
    let before = initialise.iter_mut().map(|i| &mut i.1).chain(after_spike.iter_mut().map(|a| &mut a.writes));
    for (_, value) in before.chain(at_spike.iter_mut().map(|a| &mut a.1)).flatten() {
        *value = hoist.rewrite(graph, *value);
    }
    for (_, value) in edges.iter_mut().flat_map(|e| &mut e.sinks) {
        *value = hoist.rewrite(graph, *value);
    }
    for update in updates.iter_mut() {
        for (_, value) in &mut update.writes {
            *value = hoist.rewrite(graph, *value);
        }
        for (_, condition) in &mut update.emit {
            *condition = hoist.rewrite(graph, *condition);
        }
    }
    // What is recorded defines no scalars but parameters, for a product that it shared with others' scalars would be
    // used twice, and no longer be fused with a sum.
    let mut known = HashMap::new();
    for (_, value) in updates.iter_mut().flat_map(|update| &mut update.records) {
        *value = hoist.beside(graph, *value, &mut known);
    }
    network.derived.extend(hoist.defined);
    network.narrowed = true;
    Ok(())
}

struct Hoist {
    done: HashMap<Node, Node>,
    /// Whether a value is the same for all neurons: asked of every expression, and most are made of others.
    uniform: HashMap<Node, bool>,
    defined: Vec<(Symbol, Type, Node)>,
}

impl Hoist {
    fn rewrite(&mut self, g: &mut Graph, node: Node) -> Node {
        if let Some(&new) = self.done.get(&node) {
            return new;
        }
        let new =
            stack::deeper(|| if self.is_uniform(g, node) { self.uniform(g, node) } else { self.varying(g, node) });
        self.done.insert(node, new);
        new
    }

    /// As [`Graph::is_uniform`], each expression looked at once.
    fn is_uniform(&mut self, g: &Graph, root: Node) -> bool {
        let mut open = vec![(root, false)];
        while let Some((node, ready)) = open.pop() {
            if self.uniform.contains_key(&node) {
                continue;
            }
            if ready {
                let uniform = !varies(g.op(node)) && g.arguments(node).iter().all(|a| self.uniform[a]);
                self.uniform.insert(node, uniform);
            } else {
                open.push((node, true));
                open.extend(g.arguments(node).iter().map(|&a| (a, false)));
            }
        }
        self.uniform[&root]
    }

    /// A uniform expression: a constant as it stands, anything else by name.
    fn uniform(&mut self, g: &mut Graph, node: Node) -> Node {
        if matches!(g.op(node), Op::Constant(_) | Op::Truth(_)) {
            return node;
        }
        let ty = g.ty(node);
        let name: Symbol = match g.op(node) {
            Op::Scalar(parameter, _) => format!("{parameter}.value").into(),
            _ => format!("scalar{}", self.defined.len()).into(),
        };
        self.defined.push((name.clone(), ty, node));
        g.leaf(Op::Scalar(name, ty))
    }

    /// An expression beside those of the step: what these have in common with it is theirs, parameters are derived
    /// scalars, and all else stays as it is.
    fn beside(&mut self, g: &mut Graph, node: Node, known: &mut HashMap<Node, Node>) -> Node {
        if let Some(&new) = self.done.get(&node).or_else(|| known.get(&node)) {
            return new;
        }
        let new = if matches!(g.op(node), Op::Scalar(..)) {
            self.rewrite(g, node)
        } else {
            let arguments = g.arguments(node).to_vec();
            let beside = |&a: &Node| stack::deeper(|| self.beside(g, a, known));
            let arguments: Vec<Node> = arguments.iter().map(beside).collect();
            g.node(g.op(node).clone(), &arguments)
        };
        known.insert(node, new);
        new
    }

    fn varying(&mut self, g: &mut Graph, node: Node) -> Node {
        let op = g.op(node).clone();
        let arguments = g.arguments(node).to_vec();
        if matches!(op, Op::Floor | Op::Ceil | Op::Round) {
            let argument = self.exact(g, arguments[0]);
            return g.node(op, &[argument]);
        }
        if op == Op::Div && is_whole(g, arguments[0]) {
            return self.exact(g, node);
        }
        if op == Op::Div && self.is_uniform(g, arguments[1]) {
            let one = g.constant(1.0);
            let reciprocal = g.div(one, arguments[1]);
            let product = g.mul(arguments[0], reciprocal);
            return self.rewrite(g, product);
        }
        let (op, arguments) = self.gather(g, op, arguments);
        let arguments: Vec<Node> = arguments.iter().map(|&a| self.rewrite(g, a)).collect();
        g.node(op, &arguments)
    }

    /// As [`Hoist::rewrite`], but quotients stay quotients, and products are made of what they were made of.
    fn exact(&mut self, g: &mut Graph, node: Node) -> Node {
        let op = g.op(node).clone();
        if self.is_uniform(g, node) || !matches!(op, Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Neg) {
            return self.rewrite(g, node);
        }
        let arguments = g.arguments(node).to_vec();
        let arguments: Vec<Node> = arguments.iter().map(|&a| stack::deeper(|| self.exact(g, a))).collect();
        g.node(op, &arguments)
    }

    /// `u * (v * x)` and `(x * u) * v` with uniform `u`, `v` as `(u * v) * x`, so that one product is left.
    fn gather(&mut self, g: &mut Graph, op: Op, arguments: Vec<Node>) -> (Op, Vec<Node>) {
        if op != Op::Mul {
            return (op, arguments);
        }
        for (outer, inner) in [(0, 1), (1, 0)] {
            let (u, product) = (arguments[outer], arguments[inner]);
            if !self.is_uniform(g, u) || self.is_uniform(g, product) {
                continue;
            }
            let (rest, other) = match g.op(product) {
                Op::Mul => {
                    let (a, b) = (g.arguments(product)[0], g.arguments(product)[1]);
                    if self.is_uniform(g, a) {
                        (b, a)
                    } else if self.is_uniform(g, b) {
                        (a, b)
                    } else {
                        continue;
                    }
                }
                Op::Div => {
                    let (a, b) = (g.arguments(product)[0], g.arguments(product)[1]);
                    if !self.is_uniform(g, b) || is_whole(g, a) {
                        continue;
                    }
                    let one = g.constant(1.0);
                    (a, g.div(one, b))
                }
                _ => continue,
            };
            let factor = g.mul(u, other);
            return self.gather(g, Op::Mul, vec![factor, rest]);
        }
        (Op::Mul, arguments)
    }
}

/// Whether a value is made of indices, as far as arithmetic shows it.
fn is_whole(g: &Graph, node: Node) -> bool {
    match g.op(node) {
        Op::Index | Op::SourceIndex | Op::PairIndex => true,
        Op::Add | Op::Sub | Op::Mul | Op::Neg => {
            let constant = |a: Node| matches!(g.op(a), Op::Constant(bits) if f64::from_bits(*bits).fract() == 0.0);
            let arguments = g.arguments(node);
            arguments.iter().any(|&a| !constant(a))
                && arguments.iter().all(|&a| constant(a) || stack::deeper(|| is_whole(g, a)))
        }
        _ => false,
    }
}
