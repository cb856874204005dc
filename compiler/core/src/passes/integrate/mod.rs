//! `integrate`: chooses an integrator for every equation and writes out one step of it.
//!
//! Before: `g' = -g / tau`, `V' = (V_rest - V + I) / tau` with `I` the sum of its receptors
//! After:  `g` becomes `g * exp(-dt/tau)` (exact), `V` becomes `V + V' dt exprel(a dt)` where `a`
//!         is the slope of `V'` in `V` (exponential Euler)
//!
//! For each part of the network ([`parts`]: the own equations of neurons, with inputs written out; what synapses left at a neuron;
//! single synapses with their weight) one decision is made ([`choice`]), which the pass follows and `explain` tells:
//! 1. *exact*: equations that are linear with uniform coefficients in states of the same kind.
//!    One alone is multiplied by `exp(a dt)`; coupled ones by the propagator `exp(A dt)` (Rotter
//!    and Diesmann 1999), computed numerically, so equal time constants are no special case.
//!    With coefficients of each neuron (per-neuron parameters) an equation is exact if it is coupled
//!    to no other, or driven by what decays to zero by itself ([`linear`]); a few that are coupled otherwise take the
//!    exponential of a matrix of each neuron.
//! 2. *exponential_euler*: equations that are linear in their own state and relax in it, others
//!    frozen over the step (Hodgkin-Huxley gates and membranes with conductances). Those of synapses that read nothing but
//!    states with a closed form take these in the middle of the step, which has order 2 (saturating kinetics).
//! 3. *rk4*: if any equation of the population is neither, all of them take the classical
//!    fourth-order Runge-Kutta step, inputs frozen over the step.
//!
//! 4. *hines*: if three or more equations are coupled with constant coefficients and are not exact, the compartments of
//!    a cell, all of the population are split into what is coupled and what is not ([`splitting`]).
//!
//! A population may name its method instead, and so may synapses, receptors and rules for their own equations; [`settings::INTEGRATORS`] has them all. What the equations do not allow
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
//! Where a rule sets a state anew at a threshold, no stage sees it beyond ([`ceilings`]).
//!
//! All values read are those at the start of the step, after delivery. What an equation reads beside its states is
//! constant over the step, in all stages of all methods: the time, inputs, states without an equation.

mod adaptive;
mod ceilings;
mod choice;
mod delayed;
mod elimination;
pub mod explain;
mod exponential;
mod implicit;
mod linear;
mod noise;
mod parts;
pub mod runge_kutta;
pub mod settings;
mod splitting;

use crate::Bug;
use crate::analysis::derivative::{derivative, derivative_almost_everywhere};
use crate::ir::{Change, Graph, Method, Network, Node, Op, Population, Projection, State, Symbol, Type};
use crate::passes::Pass;
use choice::Choice;
use noise::{NoMilstein, nonlinear_in_noise, split_noise};
use parts::{Owner, Part};
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
        // Those that synapses left stand behind the others.
        population.states.sort_by_key(|state| state.side.is_some());
        let parts = parts::of_population(graph, population);
        maps(graph, population);
        for Part { system, method, owner } in parts {
            for (index, value, method) in system.advance(graph, dt, method.as_ref(), owner)? {
                population.states[index].change = Change::Advance(value, method.into());
            }
        }
    }
    Ok(())
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

/// Integrates the states of single synapses, and their weight.
fn synapses(graph: &mut Graph, projection: &mut Projection, dt: f64) -> Result<(), Bug> {
    let (value, state) = parts::weight(graph);
    let outward = HashMap::from([(state, value)]);
    for Part { system, method, owner } in parts::of_synapses(graph, projection) {
        for (index, value, method) in system.advance(graph, dt, method.as_ref(), owner)? {
            let change = Change::Advance(graph.substitute(value, &outward), method.into());
            match projection.states.get_mut(index) {
                Some(state) => state.change = change,
                None => projection.weight_change = change,
            }
        }
    }
    Ok(())
}

/// Why a population, or the synapses of a projection, cannot be integrated as written.
pub struct Obstacle {
    /// The population or the projection.
    pub owner: Symbol,
    /// The state whose equation is in the way, if it is not the method.
    pub state: Option<Symbol>,
    /// The reason.
    pub text: String,
    /// What to do, where the reason does not say so.
    pub hint: Option<&'static str>,
}

/// A population or a projection whose equations do not allow the method that it names, and why.
pub fn obstacle(network: &mut Network) -> Option<Obstacle> {
    const OTHER: &str = "leave `method` out, and the compiler takes one that fits: `bpc check --explain` tells which";
    for (owner, written) in network.populations.iter().filter_map(|p| Some((p.name.clone(), p.method.as_ref()?))) {
        if let Some(text) = settings::too_fine(network, written) {
            return Some(Obstacle { owner, state: None, text, hint: None });
        }
    }
    let method = |owner: &Symbol, text| Obstacle { owner: owner.clone(), state: None, text, hint: Some(OTHER) };
    let Network { graph, populations, projections, .. } = network;
    for population in populations.iter() {
        let changes = population.states.iter().map(|state| (&*state.name, &state.change));
        if let Some(found) = noise_inside(graph, &population.name, changes) {
            return Some(found);
        }
        for part in parts::of_population(graph, population) {
            if let Some(text) = part.refused(graph) {
                let first = &part.system.names[0];
                let of = |p: &&Projection| first.strip_prefix(&*p.connection.name).is_some_and(|n| n.starts_with('.'));
                let named = projections.iter().filter(|_| part.owner == Owner::Synapse).find(of);
                return Some(method(named.map_or(&population.name, |p| &p.connection.name), text));
            }
        }
    }
    projections.iter().find_map(|projection| {
        let states = projection.states.iter().map(|state| (&*state.name, &state.change));
        let name = &projection.connection.name;
        let changes = states.chain([("the weight", &projection.weight_change)]);
        if let Some(found) = noise_inside(graph, name, changes) {
            return Some(found);
        }
        let mut parts = parts::of_synapses(graph, projection).into_iter();
        Some(method(name, parts.find_map(|part| part.refused(graph))?))
    })
}

/// An equation that noise enters, but not as a summand.
fn noise_inside<'s>(
    graph: &mut Graph,
    owner: &Symbol,
    changes: impl Iterator<Item = (&'s str, &'s Change)>,
) -> Option<Obstacle> {
    const SUMMAND: &str =
        "noise is a summand of an equation: `V' = … + sigma * xi`, where `sigma` may depend on states";
    for (name, change) in changes {
        if let Change::Equation(slope) = change
            && nonlinear_in_noise(graph, *slope)
        {
            let text = format!("noise that does not enter the equation of {name} linearly");
            return Some(Obstacle { owner: owner.clone(), state: Some(name.into()), text, hint: Some(SUMMAND) });
        }
    }
    None
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
    /// Of those whose trajectories end at a threshold: where ([`ceilings`]).
    ceilings: Vec<Option<Node>>,
}

impl System {
    fn none() -> System {
        System {
            states: vec![],
            names: vec![],
            leaves: vec![],
            slopes: vec![],
            noise: vec![],
            jacobian: vec![],
            own: vec![],
            held: vec![],
            ceilings: vec![],
        }
    }

    /// The equations of the states that are chosen.
    fn of(graph: &mut Graph, population: &Population, chosen: &dyn Fn(&State) -> bool) -> System {
        let mut inputs: HashMap<Node, Node> = HashMap::new();
        for input in &population.inputs {
            let leaf = graph.leaf(Op::Get(input.name.clone(), Type::Real));
            inputs.insert(leaf, input.sum);
        }
        let own = population.states.iter().filter(|s| s.parameter).map(|s| s.name.clone()).collect();
        let mut system = System { own, ..System::none() };
        for (index, state) in population.states.iter().enumerate() {
            if let Change::Equation(value) = state.change
                && chosen(state)
            {
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
        system.ceilings = system.find_ceilings(graph, population);
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
                let i = self.without_closed_form(graph)?;
                let uniform = self.uniform(graph);
                let block = self.blocks(&uniform).into_iter().find(|b| b.contains(&i));
                Some(match block {
                    Some(block) => format!(
                        "{} equations are coupled with {}, and a propagator takes at most {} together; take `hines` or `rosenbrock`",
                        block.len() - 1,
                        self.names[i],
                        settings::MOST_EXACT
                    ),
                    None if self.constant(graph)[i] => format!(
                        "the equation of {} is coupled with too many others, with coefficients that differ from neuron to neuron",
                        self.names[i]
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

    /// The new value and the method of every equation: index into the states first.
    fn advance(
        &self,
        graph: &mut Graph,
        dt: f64,
        method: Option<&Method>,
        owner: Owner,
    ) -> Result<Vec<(usize, Node, &'static str)>, Bug> {
        let values = match self.choice(graph, method, owner)? {
            Choice::Together(integrator, _) => {
                let values = self.together(graph, dt, integrator, method)?;
                values.into_iter().map(|value| (value, integrator.name)).collect()
            }
            Choice::Each { ways, blocks, groups, .. } => self.each(graph, dt, &ways, &blocks, &groups)?,
        };
        Ok(self.states.iter().zip(values).map(|(&index, (value, name))| (index, value, name)).collect())
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
        let values = match integrator.kind {
            Kind::ImplicitEuler | Kind::Rosenbrock | Kind::ExponentialRosenbrock | Kind::Hines => {
                self.or_upstroke(graph, dt, integrator.kind, values)
            }
            _ => values,
        };
        Ok((0..self.len()).map(|i| self.with_noise(graph, i, values[i], dt, false)).collect())
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

    /// The same with what it reads in the middle of the step, as far as that is known.
    fn exponential_midpoint(&self, graph: &mut Graph, i: usize, dt: f64, middle: &[Option<Node>]) -> Node {
        let there: HashMap<Node, Node> =
            (0..self.len()).filter(|&j| j != i).filter_map(|j| Some((self.leaves[j], middle[j]?))).collect();
        let slope = self.own_slope(graph, i).expect("equations without a slope are refused");
        let [slope, flow] = [slope, self.slopes[i]].map(|node| graph.substitute(node, &there));
        let (leaf, step) = (self.leaves[i], graph.constant(dt));
        let exponent = graph.mul(slope, step);
        let mean = graph.node(Op::Exprel, &[exponent]);
        let step = graph.mul(flow, step);
        let change = graph.mul(step, mean);
        graph.add(leaf, change)
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
