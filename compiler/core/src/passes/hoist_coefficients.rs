//! `hoist-coefficients`: what follows from parameters of each neuron alone is computed once for each neuron, not in every
//! step.
//!
//! Before: `neuron Cell { param tau : ms = 10 ms  state V : mV = 0 mV  V' = -V / tau }` as
//!         `population E[100] : Cell { tau ~ normal(20 ms, 2 ms) }` has in its update
//!         `write @E.V, read(@E.V) * exp(-0.1 / read(@E.tau))`
//! After:  `coefficients @E { write @E.coefficient.0, exp(-0.1 / read(@E.tau)) }`, and in the update
//!         `write @E.V, read(@E.V) * read(@E.coefficient.0)`
//!
//! The runtime computes coefficients before the first step, and again where something that they follow from has changed:
//! a parameter that is set, an array that the application writes, a checkpoint that is loaded.
//!
//! A coefficient is an array that each step loads, so it must save more than a load takes: [`cost`] is the table. What is
//! cheap is computed in the step from what is not. No bit changes: what is rounded together (a product that is used once, in
//! a sum; the rate functions' quotient) stays together. Needs `hoist-scalars`.

use crate::Bug;
use crate::ir::{Buffer, Graph, Network, Node, Op, Sink, Symbol, Type, Update, varies};
use crate::passes::Pass;
use std::collections::{HashMap, HashSet};

/// The pass.
pub const PASS: Pass = Pass {
    name: "hoist-coefficients",
    summary: "compute what follows from parameters of each neuron once, when one changes",
    run,
};

/// What a load of a vector costs, in additions of vectors, where arrays do not fit into the nearest cache: a coefficient must
/// save as much.
const LOAD: u32 = 8;

/// Coefficients of more operations than this are left in the step, as their machine code would take too long to make.
const MOST: usize = 6000;

/// What an operation costs, in additions.
fn cost(op: &Op) -> u32 {
    match op {
        Op::Div | Op::Sqrt | Op::Modulo => LOAD,
        Op::Exp
        | Op::Expm1
        | Op::Log
        | Op::Log1p
        | Op::Log2
        | Op::Log10
        | Op::Exprel
        | Op::Sigmoid
        | Op::Sin
        | Op::Cos
        | Op::Tan
        | Op::Sinh
        | Op::Cosh
        | Op::Tanh
        | Op::Atan
        | Op::Asin
        | Op::Acos
        | Op::Atan2
        | Op::Erf
        | Op::NeuronDraw { .. } => 2 * LOAD,
        Op::Pow | Op::Iterate(..) => 4 * LOAD,
        // Leaves are loads themselves, or broadcast before the loop.
        op if is_leaf(op) => 0,
        _ => 1,
    }
}

fn is_leaf(op: &Op) -> bool {
    matches!(op, Op::Constant(_) | Op::Truth(_) | Op::Scalar(..) | Op::Read(..) | Op::Index)
}

fn run(network: &mut Network) -> Result<(), Bug> {
    let written = written(network);
    let Network { graph, buffers, updates, coefficients, .. } = network;
    let kept = buffers.iter().filter(|b| b.slots == 1 && !written.contains(&b.name)).map(|b| b.name.clone()).collect();
    for update in updates {
        let found = Hoist::new(graph, update, &kept).coefficients();
        if found.is_empty() {
            continue;
        }
        let before = coefficients.iter().filter(|c| c.0 == update.population).map(|c| c.1.len()).sum::<usize>();
        let mut writes = Vec::new();
        let mut read = HashMap::new();
        for (number, node) in (before..).zip(found) {
            let name: Symbol = format!("{}.coefficient.{number}", update.population).into();
            read.insert(node, graph.leaf(Op::Read(name.clone(), Type::Real)));
            buffers.push(Buffer::internal(name.clone(), update.population.clone()));
            writes.push((name, node));
        }
        for (_, value) in update.writes.iter_mut().chain(&mut update.emit).chain(&mut update.records) {
            *value = graph.substitute_with(*value, &mut read);
        }
        coefficients.push((update.population.clone(), writes));
    }
    Ok(())
}

/// The buffers that steps write.
fn written(network: &Network) -> HashSet<Symbol> {
    let updates = network.updates.iter().flat_map(|u| u.writes.iter().chain(&u.records)).map(|w| &w.0);
    let spikes = network.after_spike.iter().flat_map(|a| &a.writes);
    let spikes = spikes.chain(network.at_spike.iter().flat_map(|a| &a.1)).map(|w| &w.0);
    let along = network.edges.iter().flat_map(|e| &e.sinks).filter_map(|(sink, _)| match sink {
        Sink::Accumulate(buffer) | Sink::Write(buffer) => Some(buffer),
        Sink::Synapse(_) | Sink::Weight => None,
    });
    updates.chain(spikes).chain(along).cloned().collect()
}

/// Which expressions do not change while the network runs, of some with their arguments before them. `kept`: the buffers that
/// no step writes.
fn constant(graph: &Graph, order: &[Node], kept: &HashSet<Symbol>) -> HashSet<Node> {
    let mut constant = HashSet::new();
    // What changes from turn to turn of an iteration, and with nothing else: its results are constant.
    let mut in_turn = HashSet::new();
    for &node in order {
        let own = match graph.op(node) {
            Op::Read(name, _) => kept.contains(name),
            Op::Index | Op::Carried(_) => true,
            Op::NeuronDraw { of_source, .. } => !of_source,
            op => !varies(op),
        };
        let mut arguments = graph.arguments(node).iter();
        if !own || !arguments.clone().all(|a| constant.contains(a) || in_turn.contains(a)) {
            continue;
        }
        let carried = match graph.op(node) {
            Op::Carried(_) => true,
            Op::Iterate(..) => false,
            _ => arguments.any(|a| in_turn.contains(a)),
        };
        if carried {
            in_turn.insert(node);
        } else {
            constant.insert(node);
        }
    }
    constant
}

/// An update in which coefficients are looked for.
struct Hoist<'g> {
    graph: &'g Graph,
    /// What the update is for, besides records.
    roots: Vec<Node>,
    records: Vec<Node>,
    /// All expressions of the update, each after its arguments.
    order: Vec<Node>,
    /// What does not change while the network runs.
    constant: HashSet<Node>,
    /// What is rounded with what uses it, or is an index.
    bound: HashSet<Node>,
}

impl<'g> Hoist<'g> {
    /// `kept`: the buffers that no step writes.
    fn new(graph: &'g Graph, update: &Update, kept: &HashSet<Symbol>) -> Hoist<'g> {
        let roots: Vec<Node> = update.writes.iter().chain(&update.emit).map(|w| w.1).collect();
        let records: Vec<Node> = update.records.iter().map(|w| w.1).collect();
        let order = graph.order(&[&roots[..], &records].concat());
        let constant = constant(graph, &order, kept);
        let mut bound = Piece::of(graph, &roots, &HashSet::new()).fused;
        for &node in &order {
            let arguments = graph.arguments(node);
            match graph.op(node) {
                Op::Div if *graph.op(arguments[1]) == Op::Exprel && !constant.contains(&node) => {
                    bound.insert(arguments[1]);
                }
                // Indices of data are whole numbers, not reals.
                Op::Element(_) => bound.extend(graph.order(arguments)),
                _ => {}
            }
        }
        Hoist { graph, roots, records, order, constant, bound }
    }

    fn may_be_one(&self, node: Node) -> bool {
        let real = self.graph.ty(node) == Type::Real && !is_leaf(self.graph.op(node));
        real && self.constant.contains(&node) && !self.bound.contains(&node)
    }

    /// What becomes a coefficient, each behind those that it is made of.
    fn coefficients(&self) -> Vec<Node> {
        let mut chosen: HashSet<Node> = HashSet::new();
        for node in self.outermost() {
            let saved: u32 =
                Piece::of(self.graph, &[node], &chosen).order.iter().map(|n| cost(self.graph.op(*n))).sum();
            if saved >= LOAD {
                chosen.insert(node);
            }
        }
        // A product may be used by several of them, or by one and by the step. Where one use is left it would be fused with its
        // sum, which it was not: then it is a coefficient too, and fused with nothing.
        while !chosen.is_empty() {
            let torn = self.torn(&chosen);
            if torn.is_empty() {
                break;
            }
            if !torn.iter().all(|n| self.may_be_one(*n)) {
                return vec![];
            }
            chosen.extend(torn);
        }
        let list: Vec<Node> = self.order.iter().copied().filter(|n| chosen.contains(n)).collect();
        // They are one piece of machine code.
        if Piece::of(self.graph, &list, &HashSet::new()).order.len() > MOST { vec![] } else { list }
    }

    /// What does not change and is used by what does, as large as possible; each behind those that it is made of.
    fn outermost(&self) -> Vec<Node> {
        let mut found = HashSet::new();
        let mut seen = HashSet::new();
        let mut open = self.roots.clone();
        while let Some(node) = open.pop() {
            if !seen.insert(node) {
                continue;
            }
            if self.may_be_one(node) {
                found.insert(node);
            } else {
                open.extend(self.graph.arguments(node));
            }
        }
        self.order.iter().copied().filter(|n| found.contains(n)).collect()
    }

    /// The products that are fused with a sum once these are coefficients, and are not before.
    fn torn(&self, chosen: &HashSet<Node>) -> Vec<Node> {
        let of = |roots: &[Node], cut: &HashSet<Node>| Piece::of(self.graph, roots, cut);
        let (none, list) = (HashSet::new(), chosen.iter().copied().collect::<Vec<_>>());
        let (before, after) = (of(&self.roots, &none), of(&self.roots, chosen));
        // Records take from the step what it has computed, and compute the rest.
        let apart = |step: &Piece, cut: &HashSet<Node>| {
            let known: HashSet<Node> = step.order.iter().copied().filter(|n| !step.fused.contains(n)).collect();
            of(&self.records, cut).fused.into_iter().filter(|n| !known.contains(n)).collect::<HashSet<_>>()
        };
        let recorded = apart(&before, &none);
        let in_records = apart(&after, chosen).into_iter().filter(|n| !recorded.contains(n));
        let in_steps = after.fused.into_iter().chain(of(&list, &none).fused).filter(|n| !before.fused.contains(n));
        in_steps.chain(in_records).collect()
    }
}

/// Expressions that are computed together.
struct Piece {
    /// Each after its arguments.
    order: Vec<Node>,
    /// Products that are rounded with their sums, as the lowering does it.
    fused: HashSet<Node>,
}

impl Piece {
    /// What some expressions need, apart from what is there already.
    fn of(graph: &Graph, roots: &[Node], there: &HashSet<Node>) -> Piece {
        let mut order = Vec::new();
        let mut seen = HashSet::new();
        let mut open: Vec<(Node, bool)> = roots.iter().rev().map(|&r| (r, false)).collect();
        while let Some((node, ready)) = open.pop() {
            if ready {
                order.push(node);
            } else if !there.contains(&node) && seen.insert(node) {
                open.push((node, true));
                open.extend(graph.arguments(node).iter().rev().map(|&a| (a, false)));
            }
        }
        let mut uses: HashMap<Node, usize> = HashMap::new();
        let arguments = order.iter().flat_map(|&node| graph.arguments(node));
        arguments.chain(roots).for_each(|&node| *uses.entry(node).or_default() += 1);
        let fuses = |node: &&Node| *graph.op(**node) == Op::Mul && uses[*node] == 1 && !there.contains(*node);
        let sums = order.iter().filter(|n| matches!(graph.op(**n), Op::Add | Op::Sub));
        let fused = sums.filter_map(|&sum| graph.arguments(sum).iter().find(fuses).copied()).collect();
        Piece { order, fused }
    }
}
