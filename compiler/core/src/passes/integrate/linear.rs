//! Linear equations, whose step is known in closed form.
//!
//! 1. Coefficients that all neurons share: `exp(a dt)` of one equation, the propagator `exp(A dt)` of coupled ones
//!    (Rotter and Diesmann 1999), which is computed once.
//! 2. Coefficients of each neuron, one equation: `exp(a dt)` for each neuron.
//! 3. Coefficients of each neuron, an equation that is driven by others which decay to zero by themselves: a membrane with
//!    exponential currents. Its gain is the divided difference of two exponentials.
//!
//! Which equation is which is decided in [`choice`](super::choice).

use super::{System, settings};
use crate::ir::{Graph, Node, Op};
use std::collections::{BTreeMap, HashMap};

impl System {
    /// Which equations are linear with uniform coefficients, in such states only, and not too many of them together.
    pub(super) fn exact(&self, graph: &Graph) -> Vec<bool> {
        let mut exact = self.uniform(graph);
        let large = self.blocks(&exact).into_iter().filter(|b| b.len() > settings::MOST_EXACT);
        large.flatten().for_each(|i| exact[i] = false);
        exact
    }

    /// The same, however many they are.
    pub(super) fn uniform(&self, graph: &Graph) -> Vec<bool> {
        let uniform = |entry: &Option<Node>| entry.is_some_and(|n| graph.is_uniform(n));
        let mut linear: Vec<bool> = self.jacobian.iter().map(|row| row.values().all(uniform)).collect();
        self.without_dependents(&mut linear);
        linear
    }

    /// Leaves out the equations that read, also through others, what is left out.
    fn without_dependents(&self, chosen: &mut [bool]) {
        let mut readers: Vec<Vec<usize>> = vec![vec![]; self.len()];
        for (i, row) in self.jacobian.iter().enumerate() {
            row.keys().for_each(|&j| readers[j].push(i));
        }
        let mut open: Vec<usize> = (0..self.len()).filter(|&i| !chosen[i]).collect();
        while let Some(lost) = open.pop() {
            for &reader in &readers[lost] {
                if std::mem::replace(&mut chosen[reader], false) {
                    open.push(reader);
                }
            }
        }
    }

    /// Which equations are linear and coupled to no other, with coefficients of each neuron that do not change.
    pub(super) fn lone(&self, graph: &Graph, exact: &[bool]) -> Vec<bool> {
        let lone = |i: usize| {
            !exact[i]
                && self.jacobian[i]
                    .iter()
                    .all(|(&j, entry)| i == j && entry.is_some_and(|entry| graph.is_constant(entry, &self.own)))
        };
        (0..self.len()).map(lone).collect()
    }

    /// The exact equations in groups that are coupled.
    pub(super) fn blocks(&self, exact: &[bool]) -> Vec<Vec<usize>> {
        let mut group: Vec<usize> = (0..self.len()).collect();
        for i in (0..self.len()).filter(|&i| exact[i]) {
            for &j in self.jacobian[i].keys().filter(|&&j| exact[j]) {
                let (from, to) = (group[i].max(group[j]), group[i].min(group[j]));
                group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
            }
        }
        let mut blocks: Vec<Vec<usize>> = vec![vec![]; self.len()];
        for i in (0..self.len()).filter(|&i| exact[i]) {
            blocks[group[i]].push(i);
        }
        blocks.retain(|b| !b.is_empty());
        blocks
    }

    /// The part of an equation that remains when all its states are 0.
    pub(super) fn constant_part(&self, graph: &mut Graph, i: usize, zero: Node) -> Node {
        let nothing: HashMap<Node, Node> = self.leaves.iter().map(|&l| (l, zero)).collect();
        graph.substitute(self.slopes[i], &nothing)
    }

    /// The step of equations that are coupled, with one propagator for each set of states that may be held while others
    /// that read them go on.
    pub(super) fn advance_held(
        &self,
        graph: &mut Graph,
        block: &[usize],
        dt: f64,
        zero: Node,
        new: &mut [Option<Node>],
    ) {
        let stops = |i: usize| {
            self.jacobian[i].keys().find_map(|&j| self.held[j].clone().filter(|h| Some(h) != self.held[i].as_ref()))
        };
        let Some(name) = block.iter().find_map(|&i| stops(i)) else {
            return self.advance_exactly(graph, block, dt, zero, new);
        };
        let mut free = self.clone();
        free.held.iter_mut().filter(|held| held.as_ref() == Some(&name)).for_each(|held| *held = None);
        let mut standing = free.clone();
        for &i in block.iter().filter(|&&i| self.held[i].as_ref() == Some(&name)) {
            standing.slopes[i] = zero;
            standing.jacobian[i].clear();
        }
        let mut others = new.to_vec();
        free.advance_held(graph, block, dt, zero, new);
        standing.advance_held(graph, block, dt, zero, &mut others);
        let held = graph.leaf(Op::Held(name.clone()));
        // What is held itself is put back anyway.
        for &i in block.iter().filter(|&&i| self.held[i].as_ref() != Some(&name)) {
            if let (Some(moved), Some(stood)) = (new[i], others[i]) {
                new[i] = Some(graph.select(held, stood, moved));
            }
        }
    }

    pub(super) fn advance_exactly(
        &self,
        graph: &mut Graph,
        block: &[usize],
        dt: f64,
        zero: Node,
        new: &mut [Option<Node>],
    ) {
        self.advance_part(graph, block, dt, 1.0, zero, new);
    }

    /// The values of equations that are exact when a part of the step is over.
    pub(super) fn advance_part(
        &self,
        graph: &mut Graph,
        block: &[usize],
        dt: f64,
        part: f64,
        zero: Node,
        new: &mut [Option<Node>],
    ) {
        let constant: Vec<Node> = block.iter().map(|&i| self.constant_part(graph, i, zero)).collect();
        if let [i] = *block {
            let slope = self.entry(i, i, zero).unwrap_or(zero);
            new[i] = Some(decay(graph, self.leaves[i], slope, constant[0], part * dt));
            return;
        }
        // The constant parts become states of their own that do not change.
        let driven: Vec<usize> = (0..block.len()).filter(|&k| constant[k] != zero).collect();
        let size = block.len() + driven.len();
        let one = graph.constant(1.0);
        let mut matrix = vec![zero; size * size];
        for (row, &i) in block.iter().enumerate() {
            for (column, &j) in block.iter().enumerate() {
                matrix[row * size + column] = self.entry(i, j, zero).unwrap_or(zero);
            }
        }
        for (k, &row) in driven.iter().enumerate() {
            matrix[row * size + block.len() + k] = one;
        }
        if part != 1.0 {
            let part = graph.constant(part);
            matrix.iter_mut().for_each(|entry| *entry = graph.mul(part, *entry));
        }
        let reaches = reachable(&matrix, size, zero);
        for (row, &i) in block.iter().enumerate() {
            let mut sum = zero;
            for column in 0..size {
                if !reaches[row * size + column] {
                    continue;
                }
                let element = u32::try_from(row * size + column).expect("a propagator is small");
                let factor = graph.node(Op::PropagatorElement(element), &matrix);
                let value = if column < block.len() {
                    self.leaves[block[column]]
                } else {
                    constant[driven[column - block.len()]]
                };
                let term = graph.mul(factor, value);
                sum = graph.add(sum, term);
            }
            new[i] = Some(sum);
        }
    }

    /// Which equations are linear with coefficients that do not change, of each neuron by itself or not, in such states
    /// only.
    pub(super) fn constant(&self, graph: &Graph) -> Vec<bool> {
        let constant = |entry: &Option<Node>| entry.is_some_and(|n| graph.is_constant(n, &self.own));
        let mut linear: Vec<bool> = self.jacobian.iter().map(|row| row.values().all(constant)).collect();
        self.without_dependents(&mut linear);
        linear
    }

    /// Whether an equation reads, besides itself, only states that decay by themselves to zero: what drives it is then
    /// a sum of exponentials. `linear` are the equations with coefficients that do not change.
    pub(super) fn driven(&self, graph: &mut Graph, i: usize, linear: &[bool]) -> bool {
        let zero = graph.constant(0.0);
        let decays = |graph: &mut Graph, j: usize| {
            linear[j]
                && self.jacobian[j].keys().all(|&k| k == j)
                && self.constant_part(graph, j, zero) == zero
                && (self.held[j].is_none() || self.held[j] == self.held[i])
        };
        linear[i] && self.jacobian[i].keys().filter(|&&j| j != i).all(|&j| decays(graph, j))
    }

    /// The step of such an equation: `x' = a x + b + Σ c y` with `y' = d y` gains, beside its own decay,
    /// `c y (exp(a h) - exp(d h)) / (a - d)`, written with the larger exponent in front, so that neither equal nor very
    /// different rates harm it.
    pub(super) fn advance_driven(&self, graph: &mut Graph, i: usize, dt: f64) -> Node {
        let zero = graph.constant(0.0);
        let step = graph.constant(dt);
        let constant = self.constant_part(graph, i, zero);
        let own = self.entry(i, i, zero).unwrap_or(zero);
        let mut sum = decay(graph, self.leaves[i], own, constant, dt);
        for (&j, factor) in self.jacobian[i].iter().filter(|(j, _)| **j != i) {
            let rates = [own, self.entry(j, j, zero).unwrap_or(zero)];
            let [a, d] = rates.map(|rate| graph.mul(rate, step));
            let difference = graph.sub(a, d);
            let size = graph.node(Op::Abs, &[difference]);
            let gap = graph.sub(zero, size);
            // That of the slower of both, from two that are there anyway.
            let [a, d] = [a, d].map(|exponent| graph.node(Op::Exp, &[exponent]));
            let decayed = graph.node(Op::Max, &[a, d]);
            let mean = graph.node(Op::Exprel, &[gap]);
            let shape = graph.mul(decayed, mean);
            let weight = graph.mul(step, shape);
            let gain = graph.mul(factor.unwrap_or(zero), weight);
            let term = graph.mul(gain, self.leaves[j]);
            sum = graph.add(sum, term);
        }
        sum
    }

    /// The equations that some of these read, also through others, themselves included, in ascending order.
    pub(super) fn ancestors(&self, i: usize) -> Vec<usize> {
        let mut found = vec![false; self.len()];
        let mut open = vec![i];
        while let Some(next) = open.pop() {
            if !std::mem::replace(&mut found[next], true) {
                open.extend(self.jacobian[next].keys());
            }
        }
        (0..self.len()).filter(|&k| found[k]).collect()
    }

    /// Products of entries that differ from zero, in a product of two powers of the Jacobian.
    pub(super) fn products(&self) -> usize {
        let reached: Vec<Vec<usize>> = (0..self.len()).map(|i| self.ancestors(i)).collect();
        reached.iter().flatten().map(|&middle| reached[middle].len()).sum()
    }

    /// All equations in groups that read each other, in any direction.
    pub(super) fn coupled_groups(&self) -> Vec<Vec<usize>> {
        self.blocks(&vec![true; self.len()])
    }

    /// Some of the equations; to these the others stand still.
    pub(super) fn only(&self, members: &[usize]) -> System {
        let place: BTreeMap<usize, usize> = members.iter().copied().zip(0..).collect();
        let row = |i: &usize| self.jacobian[*i].iter().filter_map(|(j, e)| Some((*place.get(j)?, *e))).collect();
        System {
            states: members.iter().map(|&i| self.states[i]).collect(),
            names: members.iter().map(|&i| self.names[i].clone()).collect(),
            leaves: members.iter().map(|&i| self.leaves[i]).collect(),
            slopes: members.iter().map(|&i| self.slopes[i]).collect(),
            noise: members.iter().map(|&i| self.noise[i].clone()).collect(),
            jacobian: members.iter().map(row).collect(),
            own: self.own.clone(),
            held: members.iter().map(|&i| self.held[i].clone()).collect(),
            ceilings: members.iter().map(|&i| self.ceilings[i]).collect(),
        }
    }
}

/// x exp(a dt) + b dt exprel(a dt), which is exact for x' = a x + b.
fn decay(graph: &mut Graph, leaf: Node, slope: Node, constant: Node, dt: f64) -> Node {
    let dt = graph.constant(dt);
    let exponent = graph.mul(slope, dt);
    let factor = graph.node(Op::Exp, &[exponent]);
    let kept = graph.mul(leaf, factor);
    let mean = graph.node(Op::Exprel, &[exponent]);
    let weight = graph.mul(mean, dt);
    let gained = graph.mul(constant, weight);
    graph.add(kept, gained)
}

/// Which elements of the exponential of a matrix may differ from zero.
fn reachable(matrix: &[Node], size: usize, zero: Node) -> Vec<bool> {
    let mut reaches: Vec<bool> = matrix.iter().map(|&n| n != zero).collect();
    for i in 0..size {
        reaches[i * size + i] = true;
    }
    for middle in 0..size {
        for row in 0..size {
            for column in 0..size {
                reaches[row * size + column] |= reaches[row * size + middle] && reaches[middle * size + column];
            }
        }
    }
    reaches
}
