//! `integrate`: chooses an integrator for every equation and writes out one step of it.
//!
//! Before: `g' = -g / tau`, `V' = (V_rest - V + I) / tau` with `I` the sum of its receptors
//! After:  `g` becomes `g * exp(-dt/tau)` (exact), `V` becomes `V + V' dt exprel(a dt)` where `a`
//!         is the slope of `V'` in `V` (exponential Euler)
//!
//! For each population, with inputs written out:
//! 1. *exact*: equations that are linear with uniform coefficients in states of the same kind.
//!    One alone is multiplied by `exp(a dt)`; coupled ones by the propagator `exp(A dt)` (Rotter
//!    and Diesmann 1999), computed numerically, so equal time constants are no special case.
//! 2. *exponential_euler*: equations that are linear in their own state and relax in it, others
//!    frozen over the step (Hodgkin-Huxley gates and membranes with conductances).
//! 3. *rk4*: if any equation of the population is neither, all of them take the classical
//!    fourth-order Runge-Kutta step, inputs frozen over the step.
//!
//! A population may name its method instead: one of these, or *euler*, *midpoint*, *heun*. What
//! the equations do not allow ([`obstacle`]) is told to the user before this pass runs.
//!
//! White noise (`xi`, Itô) enters after the step of the rest: `x += g sqrt(dt) N(0, 1)` (Euler and
//! Maruyama), or with the exact variance `g² (exp(2 a dt) - 1) / 2 a` where the equation is exact,
//! alone, and `g` uniform (Ornstein and Uhlenbeck 1930; Gillespie 1996).
//!
//! All values read are those at the start of the step, after delivery.

use crate::Bug;
use crate::analysis::derivative::derivative;
use crate::ir::{Change, Distribution, Graph, Network, Node, Op, Population, Projection, State, Symbol, Type};
use crate::passes::Pass;
use std::collections::HashMap;

/// The pass.
pub const PASS: Pass =
    Pass { name: "integrate", summary: "choose an integrator for every equation and write out its step", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    let dt = network.dt;
    let Network { graph, populations, projections, .. } = network;
    for projection in projections {
        synapses(graph, projection, dt)?;
    }
    for population in populations {
        // What synapses left at a neuron depends on its spikes, and sees its potential stand still over
        // the step: its integrator is its own.
        let all = std::mem::take(&mut population.states);
        let (left, own): (Vec<State>, Vec<State>) = all.into_iter().partition(|s| s.side.is_some());
        population.states = own;
        let method = population.method.clone();
        neurons(graph, population, dt, method.as_deref())?;
        let mut synapses = Population { states: left, ..Population::empty() };
        neurons(graph, &mut synapses, dt, None)?;
        population.states.append(&mut synapses.states);
    }
    Ok(())
}

fn neurons(graph: &mut Graph, population: &mut Population, dt: f64, method: Option<&str>) -> Result<(), Bug> {
    let system = System::of(graph, population);
    for (index, value, method) in system.advance(graph, dt, method)? {
        population.states[index].change = Change::Advance(value, method.into());
    }
    Ok(())
}

/// What the weight is called among the states of a synapse; no state can have this name.
const WEIGHT: &str = "the weight";

/// Integrates the states of synapses, and their weight: as if each synapse were a neuron, to which
/// everything else stands still over the step.
fn synapses(graph: &mut Graph, projection: &mut Projection, dt: f64) -> Result<(), Bug> {
    let (value, state) = (graph.leaf(Op::WeightValue), graph.leaf(Op::Get(WEIGHT.into(), Type::Real)));
    let (inward, outward) = (HashMap::from([(value, state)]), HashMap::from([(state, value)]));
    let mut synapse = Population { states: projection.states.clone(), ..Population::empty() };
    synapse.states.push(State {
        name: WEIGHT.into(),
        unit: "1".into(),
        init: value,
        internal: true,
        change: projection.weight_change.clone(),
        side: None,
    });
    for state in &mut synapse.states {
        if let Change::Equation(slope) = &mut state.change {
            *slope = graph.substitute(*slope, &inward);
        }
    }
    let system = System::of(graph, &synapse);
    for (index, value, method) in system.advance(graph, dt, None)? {
        let change = Change::Advance(graph.substitute(value, &outward), method.into());
        match projection.states.get_mut(index) {
            Some(state) => state.change = change,
            None => projection.weight_change = change,
        }
    }
    Ok(())
}

/// A population whose equations do not allow the method that it names, and why.
pub fn obstacle(network: &mut Network) -> Option<(Symbol, String)> {
    let Network { graph, populations, .. } = network;
    populations.iter().find_map(|population| {
        for state in &population.states {
            if let Change::Equation(slope) = state.change
                && nonlinear_in_noise(graph, slope)
            {
                let text = format!("noise that does not enter the equation of {} linearly", state.name);
                return Some((population.name.clone(), text));
            }
        }
        let system = System::of(graph, population);
        let zero = graph.constant(0.0);
        let exact = system.exact(graph, zero);
        let state = |i: usize| &population.states[system.states[i]].name;
        let text = match population.method.as_deref()? {
            "exact" => {
                let i = exact.iter().position(|e| !e)?;
                format!("`method exact`: the equation of {} is not linear with constant coefficients", state(i))
            }
            "exponential_euler" => {
                let i = (0..system.len()).find(|&i| !system.linear_in_itself(graph, i))?;
                format!("`method exponential_euler`: the equation of {0} is not linear in {0}", state(i))
            }
            _ => return None,
        };
        Some((population.name.clone(), text))
    })
}

/// An explicit Runge-Kutta method: rows of stages, and the weights of their slopes.
struct Tableau {
    name: &'static str,
    stages: &'static [&'static [f64]],
    weights: &'static [f64],
}

const TABLEAUX: &[Tableau] = &[
    Tableau { name: "euler", stages: &[&[]], weights: &[1.0] },
    Tableau { name: "midpoint", stages: &[&[], &[0.5]], weights: &[0.0, 1.0] },
    Tableau { name: "heun", stages: &[&[], &[1.0]], weights: &[0.5, 0.5] },
    Tableau {
        name: "rk4",
        stages: &[&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
        weights: &[1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
    },
];

/// The equations of one population.
struct System {
    /// Which states of the population have an equation.
    states: Vec<usize>,
    /// Their leaves.
    leaves: Vec<Node>,
    /// Their derivatives, inputs written out, without noise.
    slopes: Vec<Node>,
    /// The noise in each: stream and intensity.
    noise: Vec<Vec<(u32, Node)>>,
    /// The Jacobian, row by row; `None` where a derivative does not exist.
    jacobian: Vec<Vec<Option<Node>>>,
}

impl System {
    fn of(graph: &mut Graph, population: &Population) -> System {
        let mut inputs: HashMap<Node, Node> = HashMap::new();
        for input in &population.inputs {
            let leaf = graph.leaf(Op::Get(input.name.clone(), Type::Real));
            inputs.insert(leaf, input.sum);
        }
        let mut system = System { states: vec![], leaves: vec![], slopes: vec![], noise: vec![], jacobian: vec![] };
        for (index, state) in population.states.iter().enumerate() {
            if let Change::Equation(value) = state.change {
                system.states.push(index);
                system.leaves.push(graph.leaf(Op::Get(state.name.clone(), Type::Real)));
                let slope = graph.substitute(value, &inputs);
                let (drift, noise) = split_noise(graph, slope);
                system.slopes.push(drift);
                system.noise.push(noise);
            }
        }
        for i in 0..system.slopes.len() {
            let row = system.leaves.iter().map(|&leaf| derivative(graph, system.slopes[i], leaf).ok()).collect();
            system.jacobian.push(row);
        }
        system
    }

    fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether a state relaxes by itself while the others stand still: what exponential Euler
    /// needs to be better than Euler. `x' = y`, `y' = f(x)` does not.
    fn relaxes(&self, graph: &Graph, i: usize, zero: Node) -> bool {
        self.linear_in_itself(graph, i) && self.jacobian[i][i] != Some(zero)
    }

    fn linear_in_itself(&self, graph: &Graph, i: usize) -> bool {
        self.jacobian[i][i].is_some_and(|slope| !graph.order(&[slope]).contains(&self.leaves[i]))
    }

    /// The new value and the method of every equation: index into the population's states first.
    fn advance(
        &self,
        graph: &mut Graph,
        dt: f64,
        method: Option<&str>,
    ) -> Result<Vec<(usize, Node, &'static str)>, Bug> {
        let zero = graph.constant(0.0);
        let exact = match method {
            Some("exponential_euler") => vec![false; self.len()],
            _ => self.exact(graph, zero),
        };
        let explicit = match method {
            None => (0..self.len()).any(|i| !exact[i] && !self.relaxes(graph, i, zero)).then_some("rk4"),
            Some("exact" | "exponential_euler") => None,
            other => other,
        };
        if let Some(name) = explicit {
            let tableau = TABLEAUX.iter().find(|t| t.name == name);
            let tableau = tableau.ok_or_else(|| Bug(format!("there is no integrator {name}")))?;
            let values = self.runge_kutta(graph, dt, tableau);
            return Ok((0..self.len())
                .map(|i| (self.states[i], self.with_noise(graph, i, values[i], dt, false), tableau.name))
                .collect());
        }
        let mut new: Vec<Option<Node>> = vec![None; self.len()];
        let mut alone = vec![false; self.len()];
        for block in self.blocks(&exact, zero) {
            self.advance_exactly(graph, &block, dt, zero, &mut new);
            if let [i] = block[..] {
                alone[i] = true;
            }
        }
        Ok((0..self.len())
            .map(|i| {
                let (value, name) = match new[i] {
                    Some(value) => (value, "exact"),
                    None => (self.exponential_euler(graph, i, dt), "exponential_euler"),
                };
                (self.states[i], self.with_noise(graph, i, value, dt, alone[i]), name)
            })
            .collect())
    }

    /// Which equations are linear with uniform coefficients, in such states only.
    fn exact(&self, graph: &Graph, zero: Node) -> Vec<bool> {
        let uniform = |entry: &Option<Node>| entry.is_some_and(|n| graph.is_uniform(n));
        let mut exact: Vec<bool> = self.jacobian.iter().map(|row| row.iter().all(uniform)).collect();
        loop {
            let depends_on_other = |i: usize| (0..self.len()).any(|j| !exact[j] && self.jacobian[i][j] != Some(zero));
            let Some(lost) = (0..self.len()).find(|&i| exact[i] && depends_on_other(i)) else { return exact };
            exact[lost] = false;
        }
    }

    /// The exact equations in groups that are coupled.
    fn blocks(&self, exact: &[bool], zero: Node) -> Vec<Vec<usize>> {
        let mut group: Vec<usize> = (0..self.len()).collect();
        for i in (0..self.len()).filter(|&i| exact[i]) {
            for j in (0..self.len()).filter(|&j| exact[j] && self.jacobian[i][j] != Some(zero)) {
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
    fn constant_part(&self, graph: &mut Graph, i: usize, zero: Node) -> Node {
        let nothing: HashMap<Node, Node> = self.leaves.iter().map(|&l| (l, zero)).collect();
        graph.substitute(self.slopes[i], &nothing)
    }

    fn advance_exactly(&self, graph: &mut Graph, block: &[usize], dt: f64, zero: Node, new: &mut [Option<Node>]) {
        let constant: Vec<Node> = block.iter().map(|&i| self.constant_part(graph, i, zero)).collect();
        if let [i] = *block {
            let slope = self.jacobian[i][i].unwrap_or(zero);
            new[i] = Some(decay(graph, self.leaves[i], slope, constant[0], dt));
            return;
        }
        // The constant parts become states of their own that do not change.
        let driven: Vec<usize> = (0..block.len()).filter(|&k| constant[k] != zero).collect();
        let size = block.len() + driven.len();
        let one = graph.constant(1.0);
        let mut matrix = vec![zero; size * size];
        for (row, &i) in block.iter().enumerate() {
            for (column, &j) in block.iter().enumerate() {
                matrix[row * size + column] = self.jacobian[i][j].unwrap_or(zero);
            }
        }
        for (k, &row) in driven.iter().enumerate() {
            matrix[row * size + block.len() + k] = one;
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

    /// x + x' dt exprel(a dt), a the slope of x' in x.
    fn exponential_euler(&self, graph: &mut Graph, i: usize, dt: f64) -> Node {
        let dt = graph.constant(dt);
        let slope = self.jacobian[i][i].expect("an equation linear in itself has a slope");
        let exponent = graph.mul(slope, dt);
        let mean = graph.node(Op::Exprel, &[exponent]);
        let step = graph.mul(self.slopes[i], dt);
        let change = graph.mul(step, mean);
        graph.add(self.leaves[i], change)
    }

    /// A new value with the noise of the step.
    fn with_noise(&self, graph: &mut Graph, i: usize, value: Node, dt: f64, exact: bool) -> Node {
        let mut sum = value;
        for &(stream, intensity) in &self.noise[i] {
            let (zero, one, step) = (graph.constant(0.0), graph.constant(1.0), graph.constant(dt));
            let draw = graph.node(Op::Random(Distribution::Normal, stream), &[zero, one]);
            // variance of a step: dt, or dt exprel(2 a dt) if the flow contracts within it
            let variance = match self.jacobian[i][i] {
                Some(slope) if exact && graph.is_uniform(intensity) => {
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

    fn runge_kutta(&self, graph: &mut Graph, dt: f64, tableau: &Tableau) -> Vec<Node> {
        let mut slopes: Vec<Vec<Node>> = Vec::new();
        for row in tableau.stages {
            let there: HashMap<Node, Node> =
                (0..self.len()).map(|i| (self.leaves[i], self.moved(graph, i, row, &slopes, dt))).collect();
            slopes.push(self.slopes.iter().map(|&s| graph.substitute(s, &there)).collect());
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

/// A derivative as what remains without noise, and the intensity of each noise in it.
fn split_noise(graph: &mut Graph, slope: Node) -> (Node, Vec<(u32, Node)>) {
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
fn nonlinear_in_noise(graph: &mut Graph, slope: Node) -> bool {
    let leaves: Vec<Node> =
        graph.order(&[slope]).into_iter().filter(|&n| matches!(graph.op(n), Op::Noise(_))).collect();
    leaves.into_iter().any(|leaf| match derivative(graph, slope, leaf) {
        Ok(intensity) => graph.any(intensity, |op| matches!(op, Op::Noise(_))),
        Err(_) => true,
    })
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
