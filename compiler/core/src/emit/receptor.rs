//! Receptors with states: they are states of the target neuron beside its own.
//!
//! A receptor of a projection `exc` with a state `r`, an input `g` and an output `I` becomes, in the target population, a
//! state `exc.r`, an internal input `exc.input.g`, which the synapses add to as other projections add to `I`, and a
//! summand of `I`. So its equations stand in the target's system of equations from the beginning.

use super::{Emitter, Scope, unresolved};
use crate::CompileError;
use crate::ir::{Change, Input, Node, Op, Population, Projection, Recorded, State, Symbol, Type};
use bpc_sema::model;
use std::collections::HashMap;

/// What the sum of an input of the receptor over the synapses is called in the target population.
pub(super) fn input(p: &model::Projection, index: usize) -> Option<Symbol> {
    let (name, ..) = p.own_receptor.as_ref()?.inputs.get(index)?;
    Some(format!("{}.input.{name}", p.name).into())
}

impl<'m> Emitter<'m> {
    /// Moves a receptor with states into the target population; what the projection keeps is what its synapses put out.
    pub(super) fn receptor(
        &mut self,
        p: &model::Projection,
        projection: &mut Projection,
        target: &mut Population,
    ) -> Result<(), CompileError> {
        let Some(receptor) = &p.own_receptor else { return Ok(()) };
        let own: Vec<State> = projection.states.drain(receptor.states.clone()).collect();
        let moved = |name: &Symbol| -> Symbol { format!("{}.{name}", p.name).into() };
        // What leaves are called inside the target, and what the synapses call the receptor's states from now on.
        let mut inside: HashMap<Node, Node> = HashMap::new();
        let mut outside: HashMap<Node, Node> = HashMap::new();
        for state in &own {
            let old = self.graph.leaf(Op::Get(state.name.clone(), Type::Real));
            inside.insert(old, self.graph.leaf(Op::Get(moved(&state.name), Type::Real)));
            outside.insert(old, self.graph.leaf(Op::Post(moved(&state.name))));
        }
        // A `let` that reads these is the receptor's.
        let mut theirs: Vec<Node> = inside.keys().copied().collect();
        for state in &target.states {
            let old = self.graph.leaf(Op::Post(state.name.clone()));
            inside.insert(old, self.graph.leaf(Op::Get(state.name.clone(), Type::Real)));
        }
        for state in own {
            let change = match state.change {
                Change::Equation(value) => Change::Equation(self.graph.substitute(value, &inside)),
                other => other,
            };
            target.states.push(State { name: moved(&state.name), change, ..state });
        }
        let kept = std::mem::take(&mut projection.kept);
        for (index, (input, value)) in std::mem::take(&mut projection.outputs).into_iter().enumerate() {
            let value = self.graph.substitute(value, &inside);
            let input = target.inputs.iter_mut().find(|i| i.name == input).ok_or_else(unresolved)?;
            input.sum = self.graph.add(input.sum, value);
            if let Some((_, name, unit)) = kept.iter().find(|kept| kept.0 == index) {
                target.recorded.push(Recorded { name: moved(name), unit: unit.clone(), value, start: true });
            }
        }
        let target_model = self.model.populations.get(p.target.0).ok_or_else(unresolved)?;
        for (index, (_, quantity, value)) in receptor.inputs.iter().enumerate() {
            let name = input(p, index).ok_or_else(unresolved)?;
            let value = self.expression(value, &Scope::Projection(p, target_model, self.source_of(p)))?;
            let (unit, sum) = (quantity.coherent.clone(), self.graph.constant(0.0));
            theirs.push(self.graph.leaf(Op::Get(name.clone(), Type::Real)));
            target.inputs.push(Input { name: name.clone(), unit, internal: true, sum });
            projection.outputs.push((name, value));
        }
        let recorded = std::mem::take(&mut projection.recorded);
        let of_receptor = |value: Node| self.graph.order(&[value]).iter().any(|node| theirs.contains(node));
        let (receptors, others): (Vec<_>, Vec<_>) = recorded.into_iter().partition(|r| of_receptor(r.value));
        projection.recorded = others;
        for recorded in receptors {
            let value = self.graph.substitute(recorded.value, &inside);
            target.recorded.push(Recorded { value, ..recorded });
        }
        for event in &mut projection.events {
            if !event.post && !event.weight && !projection.states.iter().any(|s| s.name == event.state) {
                (event.post, event.state) = (true, moved(&event.state));
            }
            event.value = self.graph.substitute(event.value, &outside);
        }
        Ok(())
    }

    /// The population that a projection comes from.
    pub(super) fn source_of(&self, p: &model::Projection) -> Option<&'m model::Population> {
        match p.source {
            model::Source::Population { population, .. } => self.model.populations.get(population.0),
            model::Source::Poisson { .. } => None,
        }
    }
}
