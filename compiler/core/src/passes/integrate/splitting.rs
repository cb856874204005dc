//! `hines`: cells of many compartments, whose potentials are coupled by currents along the cell.
//!
//! Potentials that are coupled advance together, by one linear system whose matrix has the structure of the tree of
//! compartments (Hines 1984); every other equation advances by itself, by exponential Euler, while what it reads stands
//! still. Hines puts gates and potentials at times that are half a step apart. Here all are at the same times, and the
//! flows are put together in a symmetric order instead (Strang 1968): half a step of the potentials, a step of the
//! gates, half a step of the potentials. That has order 2 as well, in all states.
//!
//! Equations that read each other cannot share a place in that order. They are put into layers, each of equations that
//! do not read each other: the first layer makes the whole step, the others half of it before and half of it behind.
//!
//! What is coupled linearly makes its part of a step by `x' = x + h M⁻¹ (γ f + (1 - γ) M⁻¹ f)`, `M = 1 - γ h J`,
//! γ = 1 - 1/√2: for linear equations the L-stable method of order 2 of Alexander (1977), and, with the Jacobian at
//! the start, a Rosenbrock method of that order for others. One matrix and one evaluation of the equations are enough.

use super::elimination::{Factors, operations};
use super::implicit::{at, shifted};
use super::settings::MOST_PRODUCTS;
use super::{Rows, System};
use crate::analysis::derivative::derivative_almost_everywhere;
use crate::ir::{Graph, Node, Op};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Couplings of fewer equations do not make the compiler choose this method by itself.
const LEAST_COUPLED: usize = 3;

/// Equations that advance together.
enum Group {
    /// All that are linear with uniform coefficients, by their propagators.
    Exact(Vec<usize>),
    /// Those that are coupled linearly.
    Coupled(Vec<usize>),
    /// One by itself.
    Single(usize),
}

impl Group {
    fn members(&self) -> &[usize] {
        match self {
            Group::Exact(list) | Group::Coupled(list) => list,
            Group::Single(i) => std::slice::from_ref(i),
        }
    }
}

impl System {
    /// The equations that are coupled in both directions, also through others, by terms of each other that are linear
    /// in both: potentials with a conductance between them. With `constant`, by coefficients that no state changes.
    fn coupled(&self, graph: &Graph, without: &[bool], constant: bool) -> Vec<Vec<usize>> {
        let edge = |i: usize, j: usize| {
            let Some(Some(entry)) = self.jacobian[i].get(&j) else { return false };
            let nodes = graph.order(&[*entry]);
            let states =
                |n: &Node| if constant { self.leaves.contains(n) } else { [i, j].map(|k| self.leaves[k]).contains(n) };
            i != j && !without[j] && !nodes.iter().any(states)
        };
        let edges: Vec<Vec<usize>> =
            (0..self.len())
                .map(|i| {
                    if without[i] { vec![] } else { self.jacobian[i].keys().copied().filter(|&j| edge(i, j)).collect() }
                })
                .collect();
        let mut groups = components(&edges);
        groups.retain(|g| g.len() > 1);
        groups
    }

    /// The equations that make the compiler choose `hines`: a cell of several compartments, which each by itself would be
    /// stable only as long as the step resolves the currents between them.
    pub(super) fn cable(&self, graph: &mut Graph, exact: &[bool]) -> Option<Vec<usize>> {
        let mut groups = self.coupled(graph, exact, true);
        groups.retain(|g| g.len() >= LEAST_COUPLED);
        let longest = groups.into_iter().max_by_key(Vec::len)?;
        self.splitting_obstacle(graph).is_none().then_some(longest)
    }

    /// Why the method does not apply, if it does not.
    pub(super) fn splitting_obstacle(&self, graph: &mut Graph) -> Option<String> {
        let missing = |i: usize, j: usize| {
            let (of, by) = (&self.names[i], &self.names[j]);
            Some(format!("it needs the derivative of the equation of {of} with respect to {by}, which does not exist"))
        };
        if let Some(i) = (0..self.len()).find(|&i| self.own_slope(graph, i).is_none()) {
            return missing(i, i);
        }
        let exact = self.exact(graph);
        let mut products = 0;
        for block in self.coupled(graph, &exact, false) {
            match self.among(graph, &block) {
                Ok(rows) => products += operations(&rows, MOST_PRODUCTS),
                Err((i, j)) => return missing(i, j),
            }
        }
        too_many(products)
    }

    /// The Jacobian of some equations in their own states.
    fn among(&self, graph: &mut Graph, block: &[usize]) -> Result<Rows, (usize, usize)> {
        let place: HashMap<usize, usize> = block.iter().copied().zip(0..).collect();
        let zero = graph.constant(0.0);
        let mut rows = Rows::new();
        for &i in block {
            let mut row = BTreeMap::new();
            for (&j, entry) in &self.jacobian[i] {
                let Some(&column) = place.get(&j) else { continue };
                let slope = match entry {
                    Some(slope) => *slope,
                    None => derivative_almost_everywhere(graph, self.slopes[i], self.leaves[j]).map_err(|_| (i, j))?,
                };
                if slope != zero {
                    row.insert(column, slope);
                }
            }
            rows.push(row);
        }
        Ok(rows)
    }

    /// What advances when: the first layer makes a whole step.
    fn layers(&self, graph: &mut Graph) -> Vec<Vec<Group>> {
        let exact = self.exact(graph);
        let mut groups: Vec<Group> = self.coupled(graph, &exact, false).into_iter().map(Group::Coupled).collect();
        let coupled: BTreeSet<usize> = groups.iter().flat_map(Group::members).copied().collect();
        let single = |i: &usize| !exact[*i] && !coupled.contains(i);
        groups.extend((0..self.len()).filter(single).map(Group::Single));
        let linear: Vec<usize> = (0..self.len()).filter(|&i| exact[i]).collect();
        let exact = (!linear.is_empty()).then_some(Group::Exact(linear));
        // Which groups read each other.
        let mut group_of = vec![usize::MAX; self.len()];
        for (index, group) in groups.iter().enumerate() {
            group.members().iter().for_each(|&i| group_of[i] = index);
        }
        let mut meets: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); groups.len()];
        // Groups that read what is exact, which is in the first layer.
        let mut behind = vec![false; groups.len()];
        for (i, row) in self.jacobian.iter().enumerate().filter(|(i, _)| group_of[*i] != usize::MAX) {
            for &j in row.keys() {
                let (reader, read) = (group_of[i], group_of[j]);
                if read == usize::MAX {
                    behind[reader] = true;
                } else if read != reader {
                    meets[reader].insert(read);
                    meets[read].insert(reader);
                }
            }
        }
        // Those that meet fewest come first: gates, which then make one whole step. A linear system costs little twice.
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.sort_by_key(|&g| (meets[g].len(), matches!(groups[g], Group::Coupled(_))));
        let mut layer_of = vec![usize::MAX; groups.len()];
        for &g in &order {
            let taken: BTreeSet<usize> = meets[g].iter().map(|&other| layer_of[other]).collect();
            let least = usize::from(behind[g]);
            layer_of[g] = (least..).find(|layer| !taken.contains(layer)).unwrap_or(least);
        }
        let count = layer_of.iter().map(|l| l + 1).max().unwrap_or(0).max(1);
        let mut layers: Vec<Vec<Group>> = (0..count).map(|_| Vec::new()).collect();
        layers[0].extend(exact);
        for (group, layer) in groups.into_iter().zip(layer_of) {
            layers[layer].push(group);
        }
        layers.retain(|layer| !layer.is_empty());
        layers
    }

    /// One step.
    pub(super) fn hines(&self, graph: &mut Graph, dt: f64) -> Result<Vec<Node>, String> {
        let layers = self.layers(graph);
        let outer = (1..layers.len()).rev().chain([0]).chain(1..layers.len());
        let mut states = self.leaves.clone();
        for index in outer {
            let part = if index == 0 { dt } else { dt / 2.0 };
            let there: HashMap<Node, Node> = self.leaves.iter().copied().zip(states.iter().copied()).collect();
            let mut done = there.clone();
            let mut next = states.clone();
            for group in &layers[index] {
                match group {
                    Group::Exact(list) => self.exactly(graph, list, dt, &mut next),
                    Group::Single(i) => {
                        let slope = self.own_slope(graph, *i).ok_or("an equation without a slope")?;
                        let [flow, slope] = [self.slopes[*i], slope].map(|n| graph.substitute_with(n, &mut done));
                        next[*i] = relaxed(graph, states[*i], flow, slope, part);
                    }
                    Group::Coupled(block) => {
                        let rows = self.among(graph, block).map_err(|_| "coupled equations without slopes")?;
                        let rows = at(graph, &rows, &there);
                        let flow: Vec<Node> =
                            block.iter().map(|&i| graph.substitute_with(self.slopes[i], &mut done)).collect();
                        let change = linearly_implicit(graph, &rows, &flow, part);
                        for (&i, change) in block.iter().zip(change) {
                            next[i] = graph.add(states[i], change);
                        }
                    }
                }
            }
            states = next;
        }
        Ok(states)
    }

    /// Steps of the equations that have propagators. They read nothing but their own states, which have not moved.
    fn exactly(&self, graph: &mut Graph, list: &[usize], dt: f64, next: &mut [Node]) {
        let zero = graph.constant(0.0);
        let mut exact = vec![false; self.len()];
        list.iter().for_each(|&i| exact[i] = true);
        let mut new = vec![None; self.len()];
        for block in self.blocks(&exact) {
            self.advance_exactly(graph, &block, dt, zero, &mut new);
        }
        for (next, new) in next.iter_mut().zip(new) {
            *next = new.unwrap_or(*next);
        }
    }

    /// For people: how each equation advances.
    pub(super) fn splitting_reasons(&self, graph: &mut Graph) -> Vec<String> {
        let mut reasons = vec![String::new(); self.len()];
        for (index, layer) in self.layers(graph).iter().enumerate() {
            let when = if index == 0 { "a whole step" } else { "half a step before and behind the others" };
            for group in layer {
                let how = match group {
                    Group::Exact(_) => "exactly".to_owned(),
                    Group::Single(_) => "by exponential Euler".to_owned(),
                    Group::Coupled(list) => {
                        format!("linearly implicit, L-stable, {} coupled equations together", list.len())
                    }
                };
                group.members().iter().for_each(|&i| reasons[i] = format!("order 2; {how}, {when}"));
            }
        }
        reasons
    }
}

/// Why a linear system is refused, if it takes too many products.
pub(super) fn too_many(products: usize) -> Option<String> {
    (products > MOST_PRODUCTS).then(|| {
        format!(
            "its linear systems take more than {MOST_PRODUCTS} products in every step and for every neuron: too many equations read each other directly"
        )
    })
}

/// `x + f h exprel(a h)`
fn relaxed(graph: &mut Graph, state: Node, flow: Node, slope: Node, h: f64) -> Node {
    let h = graph.constant(h);
    let exponent = graph.mul(slope, h);
    let mean = graph.node(Op::Exprel, &[exponent]);
    let step = graph.mul(flow, h);
    let change = graph.mul(step, mean);
    graph.add(state, change)
}

/// `h M⁻¹ (γ f + (1 - γ) M⁻¹ f)` with `M = γ h N`, `N = 1/(γ h) - J`: `N⁻¹ (f + (1 - γ) / (γ² h) N⁻¹ f)`.
fn linearly_implicit(graph: &mut Graph, jacobian: &Rows, flow: &[Node], h: f64) -> Vec<Node> {
    let gamma = 1.0 - std::f64::consts::FRAC_1_SQRT_2;
    let matrix = shifted(graph, jacobian, 1.0 / (gamma * h), 1.0);
    let factors = Factors::of(graph, matrix);
    let first = factors.solve(graph, flow);
    let weight = graph.constant((1.0 - gamma) / (gamma * gamma * h));
    let right: Vec<Node> = flow
        .iter()
        .zip(&first)
        .map(|(&flow, &first)| {
            let more = graph.mul(weight, first);
            graph.add(flow, more)
        })
        .collect();
    factors.solve(graph, &right)
}

/// The strongly connected components of a graph, each ascending, by their least members (Kosaraju's algorithm).
fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut back: Vec<Vec<usize>> = vec![vec![]; edges.len()];
    for (from, list) in edges.iter().enumerate() {
        list.iter().for_each(|&to| back[to].push(from));
    }
    let visit = |start: usize, edges: &[Vec<usize>], seen: &mut [bool], left: &mut Vec<usize>| {
        let mut open = vec![(start, 0)];
        if std::mem::replace(&mut seen[start], true) {
            return;
        }
        while let Some((at, next)) = open.pop() {
            match edges[at].get(next) {
                None => left.push(at),
                Some(&to) => {
                    open.push((at, next + 1));
                    if !std::mem::replace(&mut seen[to], true) {
                        open.push((to, 0));
                    }
                }
            }
        }
    };
    let (mut seen, mut finished) = (vec![false; edges.len()], Vec::new());
    (0..edges.len()).for_each(|i| visit(i, edges, &mut seen, &mut finished));
    let mut seen = vec![false; edges.len()];
    let mut found = Vec::new();
    for &start in finished.iter().rev() {
        let mut one = Vec::new();
        visit(start, &back, &mut seen, &mut one);
        if !one.is_empty() {
            one.sort_unstable();
            found.push(one);
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn components_are_what_leads_back() {
        let edges = [vec![1], vec![2], vec![0, 3], vec![4], vec![3], vec![]];
        assert_eq!(super::components(&edges), [vec![0, 1, 2], vec![3, 4], vec![5]]);
    }
}
