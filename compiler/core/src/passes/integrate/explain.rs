//! Which integrator every equation gets, and why: for people.

use super::choice::{Choice, Way, Why};
use super::parts::{self, Part};
use super::settings::{self, Integrator, Kind, Settings};
use super::{Bug, System};
use crate::emit::MAP;
use crate::ir::{Change, Graph, Network, Node, Op, Population, Symbol};
use std::collections::BTreeSet;

/// What is said of one equation.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The state.
    pub state: Symbol,
    /// The integrator's name.
    pub method: &'static str,
    /// Its order and why it was taken, in words.
    pub reason: String,
}

/// What has equations.
#[derive(Clone, Debug, PartialEq)]
pub enum Whose {
    /// A population and its size.
    Population(Symbol, u64),
    /// The synapses of a projection, each by itself.
    Synapses(Symbol),
}

/// The choices for every population of a network that `integrate` is about to see, and for every projection whose single
/// synapses have equations.
///
/// # Errors
/// An integrator that is not known.
pub fn choices(network: &mut Network) -> Result<Vec<(Whose, Vec<Told>)>, Bug> {
    let Network { graph, populations, projections, .. } = network;
    let mut all = Vec::new();
    for population in populations {
        population.states.sort_by_key(|state| state.side.is_some());
        let mut told = Vec::new();
        for part in parts::of_population(graph, population) {
            told.extend(of_part(graph, &part, "neuron")?);
        }
        let place = |told: &Told| population.states.iter().position(|s| s.name == told.state);
        told.sort_by_key(place);
        told.extend(maps(population));
        all.push((Whose::Population(population.name.clone(), population.size), told));
    }
    for projection in projections {
        let mut told = Vec::new();
        for part in parts::of_synapses(graph, projection) {
            told.extend(of_part(graph, &part, "synapse")?);
        }
        if !told.is_empty() {
            told.iter_mut().for_each(|told| told.state = parts::as_written(&told.state));
            all.push((Whose::Synapses(projection.connection.name.clone()), told));
        }
    }
    Ok(all)
}

/// Equations that would be exact if their coefficients were the same for all neurons, or they were fewer: population and state.
///
/// # Errors
/// An integrator that is not known.
pub fn coupled_for_each(network: &mut Network) -> Result<Vec<(Symbol, Symbol)>, Bug> {
    let Network { graph, populations, .. } = network;
    let mut found = Vec::new();
    for population in populations {
        for part in parts::of_population(graph, population) {
            let choice = part.system.choice(graph, part.method.as_ref(), part.owner)?;
            if let Choice::Each { ways, named: false, .. } = choice {
                let list = part.system.too_many_for_each(graph, &ways);
                found.extend(list.into_iter().map(|i| (population.name.clone(), part.system.names[i].clone())));
            }
        }
    }
    Ok(found)
}

/// States whose next value is written.
fn maps(population: &Population) -> impl Iterator<Item = Told> {
    let given = population.states.iter().filter(|s| matches!(s.change, Change::Advance(..)));
    given.map(|s| {
        let reason = "no error; the value of the next step, as it is written".to_owned();
        Told { state: s.name.clone(), method: MAP, reason }
    })
}

fn of_part(graph: &mut Graph, part: &Part, each: &str) -> Result<Vec<Told>, Bug> {
    let system = &part.system;
    match system.choice(graph, part.method.as_ref(), part.owner)? {
        Choice::Together(integrator, why) => {
            let why = match why {
                Why::Named => "named by `method`".to_owned(),
                Why::NoRelaxation(i) => system.no_relaxation(graph, i),
                Why::Cable(count, first) => {
                    let first = &system.names[first];
                    format!("{count} equations are coupled with constant coefficients, of which {first} is one")
                }
            };
            if matches!(integrator.kind, Kind::Hines) {
                let mut held = system.clone();
                held.hold(graph);
                let reasons = held.splitting_reasons(graph);
                return Ok(told_of(system, |i| (settings::HINES, format!("{}; {why}", reasons[i]))));
            }
            let settings = Settings::of(integrator.kind, part.method.as_ref());
            let more = describe(system, integrator.kind, &settings);
            let all: Vec<usize> = (0..system.len()).collect();
            let reason = format!("{}{more}; {why}{}", order(integrator), system.standing(graph, &all));
            Ok(told_of(system, |_| (integrator.name, reason.clone())))
        }
        Choice::Each { ways, blocks, groups, named } => {
            let named = if named { ", named by `method`" } else { "" };
            Ok(told_of(system, |i| {
                let (method, text) = system.way(graph, i, ways[i], &blocks, &groups, each);
                let group = blocks.iter().chain(&groups).find(|group| group.contains(&i));
                let standing = match ways[i] {
                    Way::Frozen | Way::Middle => String::new(),
                    _ => system.standing(graph, group.map_or(&[i], |group| group)),
                };
                (method, format!("{text}{named}{standing}"))
            }))
        }
    }
}

fn told_of(system: &System, mut choose: impl FnMut(usize) -> (&'static str, String)) -> Vec<Told> {
    (0..system.len())
        .map(|i| {
            let (method, reason) = choose(i);
            Told { state: system.names[i].clone(), method, reason }
        })
        .collect()
}

fn order(integrator: &Integrator) -> String {
    match integrator.kind {
        Kind::Milstein => "strong order 1 (Itô)".into(),
        Kind::StratonovichHeun => "strong order 1 where noises commute (Stratonovich)".into(),
        _ => format!("order {}", integrator.order),
    }
}

fn describe(system: &System, kind: Kind, settings: &Settings<'_>) -> String {
    let n = system.len();
    match kind {
        Kind::Adaptive(_) => {
            format!(", sub-steps to a tolerance of {:e}, at most {}", settings.tolerance, settings.limit)
        }
        Kind::ImplicitEuler => format!(
            ", Newton's method to a tolerance of {:e}, at most {} iterations, system of {n} x {n}",
            settings.tolerance, settings.limit
        ),
        Kind::Rosenbrock => format!(", L-stable, system of {n} x {n}"),
        Kind::ExponentialRosenbrock => format!(", exponential of a Jacobian of {n} x {n}"),
        _ => String::new(),
    }
}

impl System {
    /// The method of an equation that goes its own way, its order and what it takes.
    fn way(
        &self,
        graph: &mut Graph,
        i: usize,
        way: Way,
        blocks: &[Vec<usize>],
        groups: &[Vec<usize>],
        each: &str,
    ) -> (&'static str, String) {
        let zero = graph.constant(0.0);
        let name = &self.names[i];
        let list = |members: &[usize]| {
            let names: Vec<&str> = members.iter().map(|&k| &*self.names[k]).collect();
            names.join(", ")
        };
        let others = || list(&self.jacobian[i].keys().copied().filter(|&j| j != i).collect::<Vec<_>>());
        let own = format!("coefficients of every {each}'s own");
        match way {
            Way::Shared => {
                let block = blocks.iter().find(|b| b.contains(&i)).map_or(&[][..], |block| block);
                if let [_, _, ..] = block {
                    let driven = block.iter().filter(|&&k| self.constant_part(graph, k, zero) != zero).count();
                    let size = block.len() + driven;
                    let list = list(block);
                    let text = format!("no error; linear and coupled: {list}; propagator exp(A dt) of {size} x {size}");
                    return ("exact", text);
                }
                let what = match self.entry(i, i, zero) {
                    Some(slope) if slope == zero => "constant over the step",
                    _ => "multiplied by exp(a dt)",
                };
                ("exact", format!("no error; linear in {name} with a coefficient that all {each}s share, {what}"))
            }
            Way::Lone => ("exact", format!("no error; linear in {name} with {own}, multiplied by exp(a dt) of each")),
            Way::Driven => {
                ("exact", format!("no error; linear in {name} with {own}, driven by what decays: {}", others()))
            }
            Way::Exponential => {
                let group = groups.iter().find(|group| group.contains(&i)).map_or(&[][..], |group| group);
                let (size, list) = (group.len(), list(group));
                let text =
                    format!("no error; linear and coupled with {own}: {list}; exponential of {size} x {size} of each");
                (settings::EXPONENTIAL, text)
            }
            Way::Middle => {
                let reads = self.reads(graph);
                let read: Vec<usize> = reads[i].iter().copied().filter(|&j| j != i).collect();
                let still = self.frozen(graph, i, &read);
                // What stands still beside that has the last word.
                let order = if still.contains("constant over the step") { 1 } else { 2 };
                let list = list(&read);
                ("exponential_euler", format!("order {order}; {still}; taken in the middle of the step: {list}"))
            }
            Way::Frozen => ("exponential_euler", format!("order 1; {}", self.frozen(graph, i, &[]))),
        }
    }

    /// Why an equation keeps the compiler from taking each by itself.
    fn no_relaxation(&self, graph: &Graph, i: usize) -> String {
        let name = &self.names[i];
        if self.linear_in_itself(graph, i) {
            format!("the equation of {name} does not relax by itself: {name} is not in it")
        } else {
            format!("the equation of {name} is not linear in {name}")
        }
    }

    /// What some of the equations read beside those of this system: to a synapse its neurons, to a neuron what has a method of
    /// its own, and to both what has no equation.
    fn standing(&self, graph: &Graph, members: &[usize]) -> String {
        let slopes: Vec<Node> = members.iter().map(|&i| self.slopes[i]).collect();
        let known = |name: &Symbol| self.names.contains(name) || self.own.contains(name);
        let all: BTreeSet<String> = graph
            .order(&slopes)
            .into_iter()
            .filter_map(|node| read(graph, node).filter(|(name, own)| !*own || !known(name)))
            .map(|(name, _)| shown(&name))
            .collect();
        let list: Vec<String> = all.into_iter().collect();
        if list.is_empty() { String::new() } else { format!("; constant over the step: {}", list.join(", ")) }
    }

    /// What exponential Euler takes as constant.
    fn frozen(&self, graph: &Graph, i: usize, but: &[usize]) -> String {
        let others: BTreeSet<String> = graph
            .order(&[self.slopes[i]])
            .into_iter()
            .filter(|node| *node != self.leaves[i] && !but.iter().any(|&j| self.leaves[j] == *node))
            .filter_map(|node| read(graph, node))
            .filter(|(name, own)| !*own || !self.own.contains(name))
            .map(|(name, _)| shown(&name))
            .collect();
        let name = &self.names[i];
        match others.into_iter().collect::<Vec<_>>() {
            _ if !self.linear_in_itself(graph, i) => {
                format!("not linear in {name}: its slope in {name} at the start of the step stands for it")
            }
            list if list.is_empty() => format!("linear in {name}"),
            list => format!("linear in {name}; constant over the step: {}", list.join(", ")),
        }
    }
}

/// What a leaf reads, and whether it is a state of those that have the equation.
fn read(graph: &Graph, node: Node) -> Option<(Symbol, bool)> {
    match graph.op(node) {
        Op::Get(name, _) => Some((name.clone(), true)),
        Op::Post(name) | Op::Pre(name) | Op::History(name, _) => Some((name.clone(), false)),
        _ => None,
    }
}

/// Of a history, what it keeps.
fn shown(name: &Symbol) -> String {
    name.strip_suffix(".history").unwrap_or(name).to_owned()
}
