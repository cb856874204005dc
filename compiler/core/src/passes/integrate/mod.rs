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
//!    With coefficients of each neuron (per-neuron parameters) an equation is exact if it is coupled
//!    to no other.
//! 2. *exponential_euler*: equations that are linear in their own state and relax in it, others
//!    frozen over the step (Hodgkin-Huxley gates and membranes with conductances).
//! 3. *rk4*: if any equation of the population is neither, all of them take the classical
//!    fourth-order Runge-Kutta step, inputs frozen over the step.
//!
//! 4. *hines*: if three or more equations are coupled with constant coefficients and are not exact, the compartments of
//!    a cell, all of the population are split into what is coupled and what is not ([`splitting`]).
//!
//! A population may name its method instead; [`settings::INTEGRATORS`] has them all. What the equations do not allow
//! ([`obstacle`]) is told to the user before this pass runs.
//!
//! States whose next value the user has written (`x(t + dt) = …`, advanced by the method `map`) keep it; inputs are
//! written out in it. To equations they stand still over the step.
//!
//! White noise (`xi`) enters after the step of the rest, or as [`noise`] says.
//!
//! A delayed variable is taken at the time of the stage, between its values at both ends of the step
//! ([`delayed`]); methods without stages take the mean of both.
//!
//! All values read are those at the start of the step, after delivery. What an equation reads beside its states is
//! constant over the step, in all stages of all methods: the time, inputs, states without an equation.

mod adaptive;
mod delayed;
mod elimination;
pub mod explain;
mod exponential;
mod implicit;
mod noise;
pub mod runge_kutta;
pub mod settings;
mod splitting;

use crate::Bug;
use crate::analysis::derivative::{derivative, derivative_almost_everywhere};
use crate::ir::{Change, Graph, Method, Network, Node, Op, Population, Projection, State, Symbol, Type};
use crate::passes::Pass;
use noise::{NoMilstein, nonlinear_in_noise, split_noise};
use settings::{Integrator, Kind, Settings};
use std::collections::{BTreeMap, HashMap};

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
        let method = population.method.clone().or_else(|| chosen(graph, population));
        maps(graph, population);
        neurons(graph, population, dt, method.as_ref())?;
        let mut synapses = Population { states: left, ..Population::empty() };
        neurons(graph, &mut synapses, dt, None)?;
        population.states.append(&mut synapses.states);
    }
    Ok(())
}

/// The method that the compiler takes for all equations of a population that names none, if it does not look at each.
fn chosen(graph: &mut Graph, population: &Population) -> Option<Method> {
    let system = System::of(graph, population);
    let exact = system.exact(graph);
    system.cable(graph, &exact)?;
    Some(Method { name: settings::HINES.into(), settings: vec![] })
}

/// Writes out the inputs in values of the next step that the user has given.
fn maps(graph: &mut Graph, population: &mut Population) {
    let leaf = |graph: &mut Graph, name: &Symbol| graph.leaf(Op::Get(name.clone(), Type::Real));
    let inputs: HashMap<Node, Node> = population.inputs.iter().map(|i| (leaf(graph, &i.name), i.sum)).collect();
    for state in &mut population.states {
        if let Change::Advance(value, _) = &mut state.change {
            *value = graph.substitute(*value, &inputs);
        }
    }
}

fn neurons(graph: &mut Graph, population: &mut Population, dt: f64, method: Option<&Method>) -> Result<(), Bug> {
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
        parameter: false,
        recorded: false,
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

/// Why a population cannot be integrated as it is written.
pub struct Obstacle {
    /// Which.
    pub population: Symbol,
    /// The state whose equation is in the way, if it is not the method.
    pub state: Option<Symbol>,
    /// The reason.
    pub text: String,
    /// What to do, where the reason does not say so.
    pub hint: Option<&'static str>,
}

/// A population whose equations do not allow the method that it names, and why.
pub fn obstacle(network: &mut Network) -> Option<Obstacle> {
    const OTHER: &str = "leave `method` out, and the compiler takes one that fits: `bpc check --explain` tells which";
    const SUMMAND: &str =
        "noise is a summand of an equation: `V' = … + sigma * xi`, where `sigma` may depend on states";
    let method = |population, text, hint| Obstacle { population, state: None, text, hint };
    for (population, written) in network.populations.iter().filter_map(|p| Some((p.name.clone(), p.method.as_ref()?))) {
        if let Some(text) = settings::too_fine(network, written) {
            return Some(method(population, text, None));
        }
    }
    let Network { graph, populations, .. } = network;
    populations.iter().find_map(|population| {
        for state in &population.states {
            if let Change::Equation(slope) = state.change
                && nonlinear_in_noise(graph, slope)
            {
                let text = format!("noise that does not enter the equation of {} linearly", state.name);
                let state = Some(state.name.clone());
                return Some(Obstacle { population: population.name.clone(), state, text, hint: Some(SUMMAND) });
            }
        }
        let name = &population.method.as_ref()?.name;
        let integrator = settings::find(name)?;
        let text = System::of(graph, population).refuses(graph, integrator)?;
        Some(method(population.name.clone(), format!("`method {name}`: {text}"), Some(OTHER)))
    })
}

/// Equations that would be exact if their coefficients were the same for all neurons, by population.
pub fn coupled_for_each(network: &mut Network) -> Vec<(Symbol, Symbol)> {
    let Network { graph, populations, .. } = network;
    let mut found = Vec::new();
    for population in populations {
        let system = System::of(graph, population);
        let exact = system.exact(graph);
        let lone = system.lone(graph, &exact);
        let constant = |row: &BTreeMap<usize, Option<Node>>| {
            row.values().all(|e| e.is_some_and(|e| graph.is_constant(e, &system.own)))
        };
        for i in (0..system.len()).filter(|&i| !exact[i] && !lone[i] && constant(&system.jacobian[i])) {
            found.push((population.name.clone(), population.states[system.states[i]].name.clone()));
        }
    }
    found
}

/// A square matrix, row by row, without what is zero.
type Rows = Vec<BTreeMap<usize, Node>>;

/// The equations of one population.
#[derive(Clone)]
struct System {
    /// Which states of the population have an equation.
    states: Vec<usize>,
    /// Their names.
    names: Vec<Symbol>,
    /// Their leaves.
    leaves: Vec<Node>,
    /// Their derivatives, inputs written out, without noise.
    slopes: Vec<Node>,
    /// The noise in each: stream and intensity.
    noise: Vec<Vec<(u32, Node)>>,
    /// The Jacobian, row by row, without what is zero; `None` where a derivative does not exist.
    jacobian: Vec<BTreeMap<usize, Option<Node>>>,
    /// Parameters with a value for each neuron.
    own: Vec<Symbol>,
    /// Of those that are held or clamped in some refractory times: the first state for which these are the same.
    held: Vec<Option<Symbol>>,
}

impl System {
    fn of(graph: &mut Graph, population: &Population) -> System {
        let mut inputs: HashMap<Node, Node> = HashMap::new();
        for input in &population.inputs {
            let leaf = graph.leaf(Op::Get(input.name.clone(), Type::Real));
            inputs.insert(leaf, input.sum);
        }
        let own = population.states.iter().filter(|s| s.parameter).map(|s| s.name.clone()).collect();
        let mut system = System {
            states: vec![],
            names: vec![],
            leaves: vec![],
            slopes: vec![],
            noise: vec![],
            jacobian: vec![],
            own,
            held: vec![],
        };
        for (index, state) in population.states.iter().enumerate() {
            if let Change::Equation(value) = state.change {
                system.states.push(index);
                system.names.push(state.name.clone());
                system.leaves.push(graph.leaf(Op::Get(state.name.clone(), Type::Real)));
                let slope = graph.substitute(value, &inputs);
                let (drift, noise) = split_noise(graph, slope);
                system.slopes.push(drift);
                system.noise.push(noise);
            }
        }
        system.held = held_together(population, &system.names);
        let zero = graph.constant(0.0);
        let read = system.reads(graph);
        for (i, read) in read.into_iter().enumerate() {
            let entries = read.into_iter().map(|j| (j, derivative(graph, system.slopes[i], system.leaves[j]).ok()));
            system.jacobian.push(entries.filter(|(_, entry)| *entry != Some(zero)).collect());
        }
        system
    }

    /// Which states each equation mentions.
    fn reads(&self, graph: &Graph) -> Vec<Vec<usize>> {
        let place: HashMap<Node, usize> = self.leaves.iter().copied().zip(0..).collect();
        let of = |&slope: &Node| {
            let mut read: Vec<usize> = graph.order(&[slope]).iter().filter_map(|n| place.get(n).copied()).collect();
            read.sort_unstable();
            read
        };
        self.slopes.iter().map(of).collect()
    }

    /// An entry of the Jacobian; `None` where it does not exist.
    fn entry(&self, i: usize, j: usize, zero: Node) -> Option<Node> {
        self.jacobian[i].get(&j).copied().unwrap_or(Some(zero))
    }

    /// Lets the states that a refractory neuron holds stand still in all stages of a step, not only at its end.
    fn hold(&mut self, graph: &mut Graph) {
        let zero = graph.constant(0.0);
        for i in 0..self.len() {
            let Some(name) = self.held[i].clone() else { continue };
            let held = graph.leaf(Op::Held(name.clone()));
            self.slopes[i] = graph.select(held, zero, self.slopes[i]);
            for entry in self.jacobian[i].values_mut() {
                *entry = entry.map(|slope| graph.select(held, zero, slope));
            }
            for (_, intensity) in &mut self.noise[i] {
                *intensity = graph.select(held, zero, *intensity);
            }
        }
    }

    /// Whether an equation reads a state that is held while it goes on itself. If none does, it is enough to put back what
    /// is held at the end of a step.
    fn reads_held(&self, i: usize) -> bool {
        self.jacobian[i].keys().any(|&j| self.held[j].is_some() && self.held[j] != self.held[i])
    }

    fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether a state relaxes by itself while the others stand still: what exponential Euler
    /// needs to be better than Euler. `x' = y`, `y' = f(x)` does not.
    fn relaxes(&self, graph: &Graph, i: usize, zero: Node) -> bool {
        self.linear_in_itself(graph, i) && self.entry(i, i, zero) != Some(zero)
    }

    fn linear_in_itself(&self, graph: &Graph, i: usize) -> bool {
        match self.jacobian[i].get(&i) {
            None => true,
            Some(slope) => slope.is_some_and(|slope| !graph.order(&[slope]).contains(&self.leaves[i])),
        }
    }

    /// Why a named integrator does not apply.
    fn refuses(&self, graph: &mut Graph, integrator: &Integrator) -> Option<String> {
        if let Some(most) = integrator.most_states
            && self.len() > most
        {
            return Some(format!("there are {} equations, those of synapses included; it takes {most}", self.len()));
        }
        let noisy = self.noise.iter().position(|n| !n.is_empty());
        match integrator.kind {
            Kind::Exact => {
                let exact = self.exact(graph);
                let lone = self.lone(graph, &exact);
                let i = (0..self.len()).find(|&i| !exact[i] && !lone[i])?;
                let uniform = self.uniform(graph);
                let block = self.blocks(&uniform).into_iter().find(|b| b.contains(&i));
                Some(match block {
                    Some(block) => format!(
                        "{} equations are coupled with {}, and a propagator takes at most {} together; take `hines` or `rosenbrock`",
                        block.len() - 1,
                        self.names[i],
                        settings::MOST_EXACT
                    ),
                    None => format!("the equation of {} is not linear with constant coefficients", self.names[i]),
                })
            }
            Kind::ExponentialEuler => {
                let i = (0..self.len()).find(|&i| self.own_slope(graph, i).is_none())?;
                Some(format!(
                    "it needs the derivative of the equation of {0} with respect to {0}, which does not exist",
                    self.names[i]
                ))
            }
            Kind::Explicit(_) => None,
            Kind::Adaptive(_) => {
                let i = noisy?;
                Some(format!("the equation of {} has noise (`xi`), which no sub-steps can resolve", self.names[i]))
            }
            Kind::ImplicitEuler | Kind::Rosenbrock | Kind::ExponentialRosenbrock => match self.full_jacobian(graph) {
                Ok(rows) => splitting::too_many(elimination::operations(&rows, settings::MOST_PRODUCTS)),
                Err((i, j)) => {
                    let (of, by) = (&self.names[i], &self.names[j]);
                    Some(format!(
                        "it needs the derivative of the equation of {of} with respect to {by}, which does not exist"
                    ))
                }
            },
            Kind::Hines => self.splitting_obstacle(graph),
            Kind::Milstein | Kind::StratonovichHeun if noisy.is_none() => {
                Some("no equation has noise (`xi`), which it is made for".into())
            }
            Kind::Milstein => match self.milstein(graph, 1.0).err()? {
                NoMilstein::NotDifferentiable(i) => {
                    Some(format!("the factor of the noise in the equation of {} has no derivative", self.names[i]))
                }
                NoMilstein::DoNotCommute(i) => Some(format!(
                    "two noises (`xi`) in the equation of {} cannot be shown to commute, and without that it is no better than `euler`",
                    self.names[i]
                )),
            },
            Kind::StratonovichHeun => None,
        }
    }

    /// The Jacobian, or the equation and the state where it does not exist. Where an equation jumps or has a corner,
    /// the slope of either side counts.
    fn full_jacobian(&self, graph: &mut Graph) -> Result<Rows, (usize, usize)> {
        let zero = graph.constant(0.0);
        let mut rows = Rows::new();
        for (i, read) in self.reads(graph).into_iter().enumerate() {
            let mut row = BTreeMap::new();
            for j in read {
                let entry = derivative_almost_everywhere(graph, self.slopes[i], self.leaves[j]).map_err(|_| (i, j))?;
                if entry != zero {
                    row.insert(j, entry);
                }
            }
            rows.push(row);
        }
        Ok(rows)
    }

    /// The equation that keeps the others from their own integrators, if the compiler chooses.
    fn needs_stages(&self, graph: &Graph, exact: &[bool], zero: Node) -> Option<usize> {
        let lone = self.lone(graph, exact);
        (0..self.len()).find(|&i| !exact[i] && !lone[i] && !self.relaxes(graph, i, zero))
    }

    /// The new value and the method of every equation: index into the population's states first.
    fn advance(
        &self,
        graph: &mut Graph,
        dt: f64,
        method: Option<&Method>,
    ) -> Result<Vec<(usize, Node, &'static str)>, Bug> {
        let zero = graph.constant(0.0);
        let find = |name: &str| settings::find(name).ok_or_else(|| Bug(format!("there is no integrator {name}")));
        let named = method.map(|m| find(&m.name)).transpose()?;
        let exact = match named.map(|i| i.kind) {
            Some(Kind::ExponentialEuler) => vec![false; self.len()],
            _ => self.exact(graph),
        };
        let lone = match named.map(|i| i.kind) {
            Some(Kind::ExponentialEuler) => vec![false; self.len()],
            _ => self.lone(graph, &exact),
        };
        let together = match named {
            None => self.needs_stages(graph, &exact, zero).map(|_| find("rk4")).transpose()?,
            Some(Integrator { kind: Kind::Exact | Kind::ExponentialEuler, .. }) => None,
            other => other,
        };
        if let Some(integrator) = together {
            let values = self.together(graph, dt, integrator, method)?;
            let name = integrator.name;
            return Ok((0..self.len()).map(|i| (self.states[i], values[i], name)).collect());
        }
        let whole = self.over_the_step(graph);
        let mut new: Vec<Option<Node>> = vec![None; self.len()];
        let mut alone = vec![false; self.len()];
        for block in self.blocks(&exact) {
            whole.advance_held(graph, &block, dt, zero, &mut new);
            if let [i] = block[..] {
                alone[i] = true;
            }
        }
        for i in (0..self.len()).filter(|&i| lone[i]) {
            whole.advance_exactly(graph, &[i], dt, zero, &mut new);
            alone[i] = true;
        }
        Ok((0..self.len())
            .map(|i| {
                let (value, name) = match new[i] {
                    Some(value) => (value, "exact"),
                    None => (whole.exponential_euler(graph, i, dt), "exponential_euler"),
                };
                (self.states[i], self.with_noise(graph, i, value, dt, alone[i]), name)
            })
            .collect())
    }

    /// The new values by a method that takes all equations.
    fn together(
        &self,
        graph: &mut Graph,
        dt: f64,
        integrator: &Integrator,
        method: Option<&Method>,
    ) -> Result<Vec<Node>, Bug> {
        let settings = Settings::of(integrator.kind, method);
        let explicit = matches!(integrator.kind, Kind::Explicit(_));
        if self.held.iter().any(Option::is_some) && (!explicit || (0..self.len()).any(|i| self.reads_held(i))) {
            let mut standing = self.clone();
            standing.hold(graph);
            standing.held.fill(None);
            return standing.together(graph, dt, integrator, method);
        }
        let full = |graph: &mut Graph| {
            let missing = |(i, j): (usize, usize)| {
                Bug(format!("the derivative of {} by {} does not exist", self.names[i], self.names[j]))
            };
            self.full_jacobian(graph).map_err(missing)
        };
        let values = match integrator.kind {
            Kind::Exact | Kind::ExponentialEuler => {
                return Err(Bug(format!("{} takes equations one by one", integrator.name)));
            }
            Kind::Explicit(tableau) => self.runge_kutta(graph, dt, tableau),
            Kind::Adaptive(pair) => self.adaptive(graph, dt, pair, &settings),
            Kind::ImplicitEuler => {
                let jacobian = full(graph)?;
                self.at_the_end(graph).implicit_euler(graph, dt, &jacobian, &settings)
            }
            Kind::Rosenbrock => {
                let jacobian = full(graph)?;
                self.over_the_step(graph).rosenbrock(graph, dt, &jacobian)
            }
            Kind::ExponentialRosenbrock => {
                let jacobian = full(graph)?;
                self.over_the_step(graph).exponential_rosenbrock(graph, dt, &jacobian)
            }
            Kind::Hines => self.over_the_step(graph).hines(graph, dt).map_err(Bug)?,
            Kind::Milstein => {
                return self.milstein(graph, dt).map_err(|_| Bug("noise that milstein cannot take".into()));
            }
            Kind::StratonovichHeun => return Ok(self.stratonovich_heun(graph, dt)),
        };
        Ok((0..self.len()).map(|i| self.with_noise(graph, i, values[i], dt, false)).collect())
    }

    /// Which equations are linear with uniform coefficients, in such states only, and not too many of them together.
    fn exact(&self, graph: &Graph) -> Vec<bool> {
        let mut exact = self.uniform(graph);
        let large = self.blocks(&exact).into_iter().filter(|b| b.len() > settings::MOST_EXACT);
        large.flatten().for_each(|i| exact[i] = false);
        exact
    }

    /// The same, however many they are.
    fn uniform(&self, graph: &Graph) -> Vec<bool> {
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

    /// Which equations are linear and coupled to no other, with coefficients of each neuron that do
    /// not change. Coupled ones would need a propagator for every neuron; they take exponential Euler.
    fn lone(&self, graph: &Graph, exact: &[bool]) -> Vec<bool> {
        let lone = |i: usize| {
            !exact[i]
                && self.jacobian[i]
                    .iter()
                    .all(|(&j, entry)| i == j && entry.is_some_and(|entry| graph.is_constant(entry, &self.own)))
        };
        (0..self.len()).map(lone).collect()
    }

    /// The exact equations in groups that are coupled.
    fn blocks(&self, exact: &[bool]) -> Vec<Vec<usize>> {
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
    fn constant_part(&self, graph: &mut Graph, i: usize, zero: Node) -> Node {
        let nothing: HashMap<Node, Node> = self.leaves.iter().map(|&l| (l, zero)).collect();
        graph.substitute(self.slopes[i], &nothing)
    }

    /// The step of equations that are coupled, with one propagator for each set of states that may be held while others
    /// that read them go on.
    fn advance_held(&self, graph: &mut Graph, block: &[usize], dt: f64, zero: Node, new: &mut [Option<Node>]) {
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

    fn advance_exactly(&self, graph: &mut Graph, block: &[usize], dt: f64, zero: Node, new: &mut [Option<Node>]) {
        let constant: Vec<Node> = block.iter().map(|&i| self.constant_part(graph, i, zero)).collect();
        if let [i] = *block {
            let slope = self.entry(i, i, zero).unwrap_or(zero);
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
                matrix[row * size + column] = self.entry(i, j, zero).unwrap_or(zero);
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

    /// The slope of an equation in its own state; at a corner or a jump that of the side where the state is.
    fn own_slope(&self, graph: &mut Graph, i: usize) -> Option<Node> {
        let zero = graph.constant(0.0);
        self.entry(i, i, zero).or_else(|| derivative_almost_everywhere(graph, self.slopes[i], self.leaves[i]).ok())
    }

    /// x + x' dt exprel(a dt), a the slope of x' in x at the start of the step: exact in x if x' is linear in x.
    fn exponential_euler(&self, graph: &mut Graph, i: usize, dt: f64) -> Node {
        let dt = graph.constant(dt);
        let slope = self.own_slope(graph, i).expect("equations without a slope are refused");
        let exponent = graph.mul(slope, dt);
        let mean = graph.node(Op::Exprel, &[exponent]);
        let step = graph.mul(self.slopes[i], dt);
        let change = graph.mul(step, mean);
        graph.add(self.leaves[i], change)
    }
}

/// For each of some states, if some refractory time holds or clamps it: the first one that the same of them stop.
fn held_together(population: &Population, names: &[Symbol]) -> Vec<Option<Symbol>> {
    let pauses: Vec<_> = population.rules.iter().filter_map(|r| r.refractory.as_ref()).collect();
    let mut first: HashMap<Vec<bool>, Symbol> = HashMap::new();
    let held = |name: &Symbol| {
        let by: Vec<bool> = pauses.iter().map(|pause| pause.stops(name)).collect();
        by.contains(&true).then(|| first.entry(by).or_insert_with(|| name.clone()).clone())
    };
    names.iter().map(held).collect()
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
