//! `split-updates`: an update of very many operations becomes several.
//!
//! Before: one `update` of a neuron with hundreds of compartments
//! After:  updates of the same population one after another, in the order in which the values were computed anyway; what a
//!         later one needs of an earlier one is kept in internal buffers (`E.between.0`)
//!
//! The time that machine code takes grows with the square of the length of a straight piece of it. Where the
//! same shape of operations recurs, as it does from compartment to compartment, the cuts are between recurrences,
//! so that the pieces have the same code and share it (`lower/tables.rs`).
//!
//! No bit changes: what is rounded together (a product that is used once, in a sum; the rate functions' quotient) is
//! computed in one piece, and states keep the values of the step's start until no piece reads them any more.
//! Shorter updates stay as they are, as do those with iterations. Needs `hoist-scalars`.

use crate::Bug;
use crate::ir::{Buffer, Graph, Network, Node, Op, Symbol, Type, Update};
use crate::passes::Pass;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The pass.
pub const PASS: Pass =
    Pass { name: "split-updates", summary: "make several updates of one with very many operations", run };

/// Updates with more operations are split.
const MOST: usize = 6000;
/// How long a piece is where nothing recurs.
const PIECE: usize = 1500;
/// How long a recurring piece is at least.
const LEAST_PERIOD: usize = 48;
/// How often something recurs at least.
const LEAST_RECURRENCES: usize = 8;
/// How far down operations are compared.
const DEPTH: usize = 5;

fn run(network: &mut Network) -> Result<(), Bug> {
    let updates = std::mem::take(&mut network.updates);
    for update in updates {
        let roots: Vec<Node> = roots(&update).collect();
        let order = network.graph.order(&roots);
        let iterates = order.iter().any(|&n| matches!(network.graph.op(n), Op::Iterate(..)));
        if order.len() <= MOST || iterates {
            network.updates.push(update);
        } else {
            let pieces = Pieces::new(&network.graph, &update, order);
            pieces.split(network, update);
        }
    }
    Ok(())
}

/// What an update is for, besides records.
fn roots(update: &Update) -> impl Iterator<Item = Node> {
    update.writes.iter().chain(&update.emit).map(|of| of.1)
}

/// Which operations of an update are computed in which piece.
struct Pieces {
    /// The piece of each operation that has one; leaves, and what is computed wherever it is used, have none.
    of: HashMap<Node, usize>,
    /// The operations that have a piece, in order.
    order: Vec<Node>,
    /// How many pieces there are.
    count: usize,
}

impl Pieces {
    fn new(graph: &Graph, update: &Update, order: Vec<Node>) -> Pieces {
        let everywhere = everywhere(graph, update, &order);
        let order: Vec<Node> = order.into_iter().filter(|n| !everywhere.contains(n)).collect();
        let cuts = cuts(&shapes(graph, &order));
        let mut of = HashMap::new();
        let mut piece = 0;
        for (place, &node) in order.iter().enumerate() {
            if cuts.contains(&place) {
                piece += 1;
            }
            of.insert(node, piece);
        }
        // A counter is no real number, which is what is kept between pieces.
        let roots = update.writes.iter().map(|w| w.1);
        for root in roots.filter(|r| graph.ty(*r) == Type::Int) {
            of.remove(&root);
        }
        Pieces { of, order, count: piece + 1 }
    }

    /// What others than its own piece need of an operation, is kept.
    fn kept(&self, graph: &Graph, update: &Update) -> HashSet<Node> {
        let last = self.count - 1;
        let mut kept = HashSet::new();
        let mut open: Vec<(Node, usize)> = Vec::new();
        for &node in &self.order {
            if let Some(&piece) = self.of.get(&node) {
                open.extend(graph.arguments(node).iter().map(|&a| (a, piece)));
            }
        }
        open.extend(roots(update).map(|root| (root, last)));
        for node in graph.order(&update.records.iter().map(|r| r.1).collect::<Vec<_>>()) {
            open.push((node, last));
        }
        let mut seen: HashSet<(Node, usize)> = HashSet::new();
        while let Some((node, reader)) = open.pop() {
            if !seen.insert((node, reader)) {
                continue;
            }
            match self.of.get(&node) {
                Some(&piece) if piece != reader => {
                    kept.insert(node);
                }
                Some(_) => {}
                None => open.extend(graph.arguments(node).iter().map(|&a| (a, reader))),
            }
        }
        kept
    }

    fn split(&self, network: &mut Network, update: Update) {
        let Network { graph, buffers, updates, .. } = network;
        let kept = self.kept(graph, &update);
        let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
        let mut done: HashMap<Node, Node> = HashMap::new();
        let mut number = 0;
        for piece in 0..self.count {
            let mut writes = Vec::new();
            let mut reads = Vec::new();
            for &node in self.order.iter().filter(|n| self.of.get(n) == Some(&piece) && kept.contains(n)) {
                let name: Symbol = format!("{}.between.{number}", update.population).into();
                number += 1;
                let truth = graph.ty(node) == Type::Bool;
                let value = graph.substitute_with(node, &mut done);
                let value = if truth { graph.select(value, one, zero) } else { value };
                let read = graph.leaf(Op::Read(name.clone(), Type::Real));
                let read = if truth { graph.node(Op::NotEqual, &[read, zero]) } else { read };
                reads.push((node, read));
                buffers.push(Buffer::internal(name.clone(), update.population.clone()));
                writes.push((name, value));
            }
            // An update reads before it writes: only later ones find what it has kept.
            done.extend(reads);
            if !writes.is_empty() {
                let population = update.population.clone();
                updates.push(Update { population, writes, records: vec![], emit: vec![] });
            }
        }
        let mut rewrite = |node: Node| graph.substitute_with(node, &mut done);
        let writes: Vec<(Symbol, Node)> = update.writes.into_iter().map(|(to, value)| (to, rewrite(value))).collect();
        let records: Vec<(Symbol, Node)> = update.records.into_iter().map(|(to, value)| (to, rewrite(value))).collect();
        let emit = update.emit.into_iter().map(|(of, condition)| (of, rewrite(condition))).collect();
        let population = update.population;
        let last = Update { population: population.clone(), writes, records, emit };
        updates.push(last);
    }
}

/// What has no piece: leaves, what is rounded together with its user, and indices of data.
fn everywhere(graph: &Graph, update: &Update, order: &[Node]) -> HashSet<Node> {
    let mut uses: HashMap<Node, usize> = HashMap::new();
    let arguments = order.iter().flat_map(|&n| graph.arguments(n).iter().copied());
    arguments.chain(roots(update)).for_each(|n| *uses.entry(n).or_default() += 1);
    let mut everywhere: HashSet<Node> = HashSet::new();
    for &node in order {
        let arguments = graph.arguments(node);
        let leaf = arguments.is_empty() && !matches!(graph.op(node), Op::Random(..) | Op::NeuronDraw { .. });
        let fused = *graph.op(node) == Op::Mul && uses[&node] == 1;
        if leaf || fused || *graph.op(node) == Op::Exprel {
            everywhere.insert(node);
        }
        if let Op::Element(_) = graph.op(node) {
            everywhere.extend(graph.order(arguments));
        }
    }
    everywhere
}

/// What operations look like, names and numbers aside.
fn shapes(graph: &Graph, order: &[Node]) -> Vec<u64> {
    let mut known: HashMap<(Node, usize), u64> = HashMap::new();
    order.iter().map(|&node| shape(graph, node, DEPTH, &mut known)).collect()
}

fn shape(graph: &Graph, node: Node, depth: usize, known: &mut HashMap<(Node, usize), u64>) -> u64 {
    if let Some(&shape) = known.get(&(node, depth)) {
        return shape;
    }
    let mut hasher = DefaultHasher::new();
    std::mem::discriminant(graph.op(node)).hash(&mut hasher);
    if depth > 0 {
        for &argument in graph.arguments(node) {
            shape(graph, argument, depth - 1, known).hash(&mut hasher);
        }
    }
    let shape = hasher.finish();
    known.insert((node, depth), shape);
    shape
}

/// Where pieces begin, besides the first: between recurrences of a shape where one recurs at even distances, and else
/// after so many operations.
fn cuts(shapes: &[u64]) -> HashSet<usize> {
    let mut cuts = HashSet::new();
    let whole = 0..shapes.len();
    let mut open = vec![whole];
    while let Some(range) = open.pop() {
        if range.len() <= PIECE {
            continue;
        }
        match recurrence(shapes, range.clone()) {
            Some(places) => {
                let (first, last) = (places[0], places[places.len() - 1]);
                cuts.extend(places);
                open.push(range.start..first);
                open.push(last..range.end);
            }
            None => cuts.extend(range.clone().step_by(PIECE)),
        }
    }
    cuts.remove(&0);
    cuts
}

/// The places behind the shape that recurs at one distance for the longest stretch.
fn recurrence(shapes: &[u64], range: std::ops::Range<usize>) -> Option<Vec<usize>> {
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    for place in range.clone() {
        places.entry(shapes[place]).or_default().push(place);
    }
    let mut best: Option<(usize, Vec<usize>)> = None;
    let mut order: Vec<Vec<usize>> = places.into_values().filter(|p| p.len() > LEAST_RECURRENCES).collect();
    order.sort();
    for places in order {
        for stretch in stretches(&places) {
            let covered = stretch[stretch.len() - 1] - stretch[0];
            if best.as_ref().is_none_or(|(most, _)| covered > *most) {
                best = Some((covered, stretch.iter().map(|place| place + 1).collect()));
            }
        }
    }
    best.map(|(_, places)| places)
}

/// The longest runs of places at even distances, each as long as a recurring piece may be.
fn stretches(places: &[usize]) -> Vec<&[usize]> {
    let mut found = Vec::new();
    let mut start = 0;
    for end in 1..=places.len() {
        let even = end < places.len()
            && end - start >= 2
            && places[end] - places[end - 1] == places[start + 1] - places[start];
        if even || end - start < 2 && end < places.len() {
            continue;
        }
        let period = places[start + 1] - places[start];
        if end - start > LEAST_RECURRENCES && (LEAST_PERIOD..=PIECE).contains(&period) {
            found.push(&places[start..end]);
        }
        start = end - 1;
    }
    found
}
