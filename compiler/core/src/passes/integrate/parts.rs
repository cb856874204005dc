//! Which equations of a network advance together: those of neurons, those that synapses left at a neuron, and those of
//! single synapses with their weight. To each of these parts everything else stands still over the step.

use super::{System, settings};
use crate::ir::{Change, Graph, Method, Node, Op, Population, Projection, State, Symbol, Type};
use std::collections::HashMap;

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
    let own = System::of(graph, population, &|state| state.side.is_none());
    // What synapses left at a neuron depends on its spikes, and sees its potential stand still over the step: its
    // integrator is its own.
    let bare = Population { states: population.states.clone(), ..Population::empty() };
    let left = System::of(graph, &bare, &|state| state.side.is_some());
    let parts = [
        Part { system: own, method: population.method.clone(), owner: Owner::Neuron },
        Part { system: left, method: None, owner: Owner::Synapse },
    ];
    parts.into_iter().filter(|part| part.system.len() > 0).collect()
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
        side: None,
    });
    for state in &mut synapse.states {
        if let Change::Equation(slope) = &mut state.change {
            *slope = graph.substitute(*slope, &inward);
        }
    }
    let system = System::of(graph, &synapse, &|_| true);
    let part = Part { system, method: None, owner: Owner::Synapse };
    Some(part).into_iter().filter(|part| part.system.len() > 0).collect()
}

/// A state of a single synapse, or its weight, as it is written.
pub(super) fn as_written(name: &Symbol) -> Symbol {
    if **name == *WEIGHT { "weight".into() } else { name.clone() }
}
