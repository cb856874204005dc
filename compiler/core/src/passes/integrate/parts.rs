//! Which equations of a network advance together: those of neurons, those that synapses left at a neuron, and those of
//! single synapses with their weight. Of each of these, what synapses, receptors and rules have named a method for is apart. To
//! each part everything else stands still over the step.

use super::{System, settings};
use crate::ir::{Change, Graph, Method, Node, Op, Population, Projection, State, Symbol, Type};
use std::collections::{BTreeSet, HashMap};

/// Whose equations they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The neuron's own, sums over synapses and receptors included.
    Neuron,
    /// Synapses', wherever these are kept: at their source, their target or each by itself.
    Synapse,
}

/// Equations that advance together.
pub(super) struct Part {
    /// The equations; `states` are places among those of the population, or of the synapse with its weight behind them.
    pub system: System,
    /// How, if it was said.
    pub method: Option<Method>,
    /// Whose they are.
    pub owner: Owner,
}

impl Part {
    /// Why its method does not apply, if it does not.
    pub(super) fn refused(&self, graph: &mut Graph) -> Option<String> {
        let name = &self.method.as_ref()?.name;
        let text = self.system.refuses(graph, settings::find(name)?)?;
        Some(format!("`method {name}`: {text}"))
    }
}

/// What the weight is called among the states of a synapse; no state can have this name.
pub(super) const WEIGHT: &str = "the weight";

/// The parts of a population.
pub(super) fn of_population(graph: &mut Graph, population: &Population) -> Vec<Part> {
    let own = Part { system: System::none(), method: population.method.clone(), owner: Owner::Neuron };
    let mut parts = divided(graph, population, &|state| state.side.is_none(), own);
    // What synapses left at a neuron depends on its spikes, and sees its potential stand still over the step: its
    // integrator is its own.
    let bare = Population { states: population.states.clone(), ..Population::empty() };
    let left = Part { system: System::none(), method: None, owner: Owner::Synapse };
    parts.extend(divided(graph, &bare, &|state| state.side.is_some(), left));
    parts
}

/// The states that are chosen: those whose equation names no method, to be advanced as `rest` says, and of those that name one
/// each group that is coupled.
fn divided(graph: &mut Graph, population: &Population, chosen: &dyn Fn(&State) -> bool, rest: Part) -> Vec<Part> {
    let system = System::of(graph, population, &|state| chosen(state) && state.method.is_none());
    let mut parts = vec![Part { system, ..rest }];
    let named: BTreeSet<&Symbol> =
        population.states.iter().filter(|s| chosen(s)).filter_map(|s| s.method.as_ref()).collect();
    for name in named {
        let system = System::of(graph, population, &|state| chosen(state) && state.method.as_ref() == Some(name));
        for group in system.coupled_groups() {
            let method = Some(Method { name: name.to_string(), settings: vec![] });
            parts.push(Part { system: system.only(&group), method, owner: Owner::Synapse });
        }
    }
    parts.retain(|part| part.system.len() > 0);
    parts
}

/// The weight of a synapse, in its equations and as the state that it is to them.
pub(super) fn weight(graph: &mut Graph) -> (Node, Node) {
    (graph.leaf(Op::WeightValue), graph.leaf(Op::Get(WEIGHT.into(), Type::Real)))
}

/// The parts of a single synapse: as if each synapse were a neuron. The weight is the last state.
pub(super) fn of_synapses(graph: &mut Graph, projection: &Projection) -> Vec<Part> {
    let (value, state) = weight(graph);
    let inward = HashMap::from([(value, state)]);
    let mut synapse = Population { states: projection.states.clone(), ..Population::empty() };
    synapse.states.push(State {
        name: WEIGHT.into(),
        unit: "1".into(),
        init: value,
        internal: true,
        parameter: false,
        recorded: false,
        change: projection.weight_change.clone(),
        method: projection.weight_method.clone(),
        side: None,
    });
    for state in &mut synapse.states {
        if let Change::Equation(slope) = &mut state.change {
            *slope = graph.substitute(*slope, &inward);
        }
    }
    let rest = Part { system: System::none(), method: None, owner: Owner::Synapse };
    divided(graph, &synapse, &|_| true, rest)
}

/// A state of a single synapse, or its weight, as it is written.
pub(super) fn as_written(name: &Symbol) -> Symbol {
    if **name == *WEIGHT { "weight".into() } else { name.clone() }
}
