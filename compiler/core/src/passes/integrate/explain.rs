//! Which integrator every equation gets, and why: for people.

use super::System;
use super::settings::{self, Integrator, Kind, Settings};
use crate::emit::MAP;
use crate::ir::{Change, Graph, Network, Node, Op, Population, Symbol};
use std::collections::BTreeSet;

/// The choice for one equation.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The state.
    pub state: Symbol,
    /// The integrator's name.
    pub method: &'static str,
    /// Its order and why it was taken, in words.
    pub reason: String,
}

/// The choices for every population of a network that `integrate` is about to see.
#[must_use]
pub fn choices(network: &mut Network) -> Vec<(Symbol, u64, Vec<Choice>)> {
    let Network { graph, populations, .. } = network;
    let mut of = |p: &Population| of_population(graph, p).into_iter().chain(maps(p)).collect();
    populations.iter().map(|p| (p.name.clone(), p.size, of(p))).collect()
}

/// States whose next value is written.
fn maps(population: &Population) -> impl Iterator<Item = Choice> {
    let given = population.states.iter().filter(|s| matches!(s.change, Change::Advance(..)));
    given.map(|s| {
        let reason = "no error; the value of the next step, as it is written".to_owned();
        Choice { state: s.name.clone(), method: MAP, reason }
    })
}

fn of_population(graph: &mut Graph, population: &Population) -> Vec<Choice> {
    let mut system = System::of(graph, population);
    let zero = graph.constant(0.0);
    let named = population.method.as_ref().and_then(|m| settings::find(&m.name));
    let exact = match named.map(|i| i.kind) {
        Some(Kind::ExponentialEuler) => vec![false; system.len()],
        _ => system.exact(graph),
    };
    let why = match (named, system.cable(graph, &exact)) {
        (Some(Integrator { kind: Kind::Hines, .. }), _) => Some("named by `method`".to_owned()),
        (None, Some(cable)) => {
            let first = &system.names[cable[0]];
            Some(format!("{} equations are coupled with constant coefficients, of which {first} is one", cable.len()))
        }
        _ => None,
    };
    if let Some(why) = why {
        system.hold(graph);
        let reasons = system.splitting_reasons(graph);
        return choices_for(&system, |i| (settings::HINES, format!("{}; {why}", reasons[i])));
    }
    let needs = system.needs_stages(graph, &exact, zero);
    let (together, why) = match (named, needs) {
        (None, Some(i)) => (settings::find("rk4"), system.no_relaxation(graph, i)),
        (Some(Integrator { kind: Kind::Exact | Kind::ExponentialEuler, .. }) | None, _) => (None, String::new()),
        (other, _) => (other, "named by `method`".into()),
    };
    if let Some(integrator) = together {
        let settings = Settings::of(integrator.kind, population.method.as_ref());
        let more = describe(&system, integrator.kind, &settings);
        let reason = format!("{}{more}; {why}", order(integrator));
        return choices_for(&system, |_| (integrator.name, reason.clone()));
    }
    let blocks = system.blocks(&exact);
    let named = if named.is_some() { ", named by `method`" } else { "" };
    choices_for(&system, |i| match blocks.iter().find(|b| b.contains(&i)) {
        Some(block) if block.len() == 1 => {
            let what = if system.entry(i, i, zero) == Some(zero) {
                "constant over the step"
            } else {
                "multiplied by exp(a dt)"
            };
            let name = &system.names[i];
            ("exact", format!("no error; linear in {name} with a coefficient that all neurons share, {what}{named}"))
        }
        Some(block) => {
            let driven = block.iter().filter(|&&k| system.constant_part(graph, k, zero) != zero).count();
            let size = block.len() + driven;
            let list: Vec<&str> = block.iter().map(|&k| &*system.names[k]).collect();
            let text = format!(
                "no error; linear and coupled: {}; propagator exp(A dt) of {size} x {size}{named}",
                list.join(", ")
            );
            ("exact", text)
        }
        None => ("exponential_euler", format!("order 1; {}{named}", system.frozen(graph, i))),
    })
}

fn choices_for(system: &System, mut choose: impl FnMut(usize) -> (&'static str, String)) -> Vec<Choice> {
    (0..system.len())
        .map(|i| {
            let (method, reason) = choose(i);
            Choice { state: system.names[i].clone(), method, reason }
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
    /// Why an equation keeps the compiler from taking each by itself.
    fn no_relaxation(&self, graph: &Graph, i: usize) -> String {
        let name = &self.names[i];
        if self.linear_in_itself(graph, i) {
            format!("the equation of {name} does not relax by itself: {name} is not in it")
        } else {
            format!("the equation of {name} is not linear in {name}")
        }
    }

    /// What exponential Euler takes as constant.
    fn frozen(&self, graph: &Graph, i: usize) -> String {
        let others: BTreeSet<&str> = graph
            .order(&[self.slopes[i]])
            .into_iter()
            .filter(|&node| node != self.leaves[i])
            .filter_map(|node: Node| match graph.op(node) {
                Op::Get(name, _) => Some(&**name),
                _ => None,
            })
            .collect();
        let name = &self.names[i];
        match others.into_iter().collect::<Vec<_>>()[..] {
            _ if !self.linear_in_itself(graph, i) => {
                format!("not linear in {name}: its slope in {name} at the start of the step stands for it")
            }
            [] => format!("linear in {name} with a coefficient of its own for every neuron"),
            ref list => format!("linear in {name}; constant over the step: {}", list.join(", ")),
        }
    }
}
