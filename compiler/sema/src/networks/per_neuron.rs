//! Parameters with a value for each neuron: `population E[n] : LIF { tau ~ normal(20 ms, 2 ms) }`.
//!
//! or for each synapse: `synapse Exponential { tau ~ normal(5 ms, 0.5 ms) }`.
//!
//! They are states without an equation: an array that is filled before the run, can be recorded,
//! and can be changed through the interface of states, but not with `--set`. Whatever is computed
//! from one before the run (a later parameter, an initial value) is computed from its expression:
//! draws are addressed, so the same expression gives the same values.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::{Last, bounds, walk};
use crate::expressions::nonzero::{denominators, never_zero};
use crate::expressions::scope::Typed;
use crate::expressions::units::Unit;
use crate::model::{Element, Expr, Population, Rule, Source, State};
use crate::models::events::substitute;
use crate::models::instance::Instance;
use crate::networks::geometry::of_source;
use crate::networks::network::Builder;
use crate::networks::place::Reached;
use crate::networks::standing::without_marks;
use bpc_syntax::ast::Binding;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A parameter with a value for each neuron.
pub(crate) struct Varying {
    /// Its name.
    pub name: String,
    /// Its unit.
    unit: Unit,
    /// Its value, over parameters, the index and random draws.
    value: Expr,
    /// Its documentation.
    doc: String,
    /// Where it got its value.
    pub span: Span,
}

impl Varying {
    /// The parameter, if its value is not the same for all neurons. `first` is the number of the
    /// model's own states, behind which `before` stand.
    pub(crate) fn of(
        value: &Typed,
        binding: &Binding,
        unit: &Unit,
        span: Span,
        first: usize,
        before: &[Varying],
    ) -> Option<Varying> {
        let mut varies = false;
        walk(&value.expr, &mut |e| {
            varies |= matches!(
                e,
                Expr::Index
                    | Expr::SourceIndex
                    | Expr::PairIndex
                    | Expr::NeuronDraw { .. }
                    | Expr::Random(..)
                    | Expr::State(_)
                    | Expr::PreState(_)
                    | Expr::PostState(_)
            );
        });
        varies.then(|| Varying {
            name: binding.name.node.clone(),
            unit: unit.clone(),
            value: resolved(&value.expr, first, before),
            doc: binding.doc.clone(),
            span,
        })
    }
}

impl Varying {
    /// The same of a neuron that stands for a synapse: its value is the synapse's.
    pub(crate) fn of_synapse(self) -> Varying {
        let value = Expr::OfSynapse(Rc::new(without_marks(&self.value)));
        Varying { value, ..self }
    }
}

/// An expression that is computed before the run, with per-neuron parameters written out.
fn resolved(expr: &Expr, first: usize, varying: &[Varying]) -> Expr {
    substitute(expr, &|leaf| match leaf {
        Expr::State(i) => i.checked_sub(first).and_then(|k| varying.get(k)).map(|v| v.value.clone()),
        _ => None,
    })
}

/// A value of a synapse with the parameters of its neurons written out, for what can be told of it before the run: their
/// draws are other ones here.
pub(crate) fn with_neurons(expr: &Expr, source: &Population, target: &Population) -> Expr {
    let value = |population: &Population, state: usize| {
        population.states.get(state).filter(|s| s.parameter).map(|s| s.init.clone())
    };
    substitute(expr, &|leaf| match leaf {
        Expr::PreState(state) => value(source, *state).map(|value| of_source(&value)),
        Expr::PostState(state) => value(target, *state),
        _ => None,
    })
}

impl Instance {
    /// Adds parameters with a value for each neuron (or synapse) behind the states, and lets initial values follow from
    /// them. `before` states stand before the model's own.
    pub(crate) fn add_varying(&mut self, before: usize, varying: &[Varying]) {
        let first = before + self.states.len();
        for state in &mut self.states {
            state.init = resolved(&state.init, first, varying);
            state.past = state.past.as_ref().map(|past| resolved(past, first, varying));
        }
        for one in varying {
            self.states.push(State {
                name: one.name.clone(),
                quantity: one.unit.quantity(),
                init: one.value.clone(),
                past: None,
                derivative: None,
                method: None,
                next: None,
                truth: false,
                parameter: true,
                doc: one.doc.clone(),
                span: one.span,
            });
            self.units.push(one.unit.clone());
        }
    }
}

impl Checker<'_> {
    /// `~` where there are no neurons to draw for.
    pub(crate) fn no_value_for_each(&mut self, at: Span) {
        let error = Diagnostic::error("E0445", "this has one value, so it cannot be drawn", at, "one value is needed");
        self.push(error.hint(
            "parameters of a population differ from neuron to neuron, those of models in a `project` from synapse to synapse",
        ));
    }

    /// `--set` of a parameter with a value for each neuron.
    pub(crate) fn no_setting_for_each(&mut self, name: &str, declared: Span) {
        let Some(given) = self.overrides.iter_mut().find(|o| o.name == name) else { return };
        given.used = true;
        let at = given.name_span;
        let title = format!("`{name}` has many values, so it cannot be set to one");
        let error = Diagnostic::error("E0211", title, at, "not a single value").also(declared, "given here");
        self.push(error.hint("let it follow from a parameter of the network, and set that"));
    }

    /// `init` of a parameter.
    pub(crate) fn initialised_parameter(&mut self, path: &Reached<'_>, given: Span) {
        let (owner, name) = (&path.owner.node, &path.member.node);
        let title = format!("`{owner}.{name}` is a parameter, not a state that starts somewhere");
        let error = Diagnostic::error("E0445", title, path.span, "cannot be initialised").also(given, "given here");
        self.push(error.hint(format!("give it where the model is used: `{{ {name} ~ … }}`")));
    }

    /// Reports per-neuron parameters that something divides by and that can be zero.
    pub(crate) fn divisors(&mut self, builder: &Builder<'_>) {
        for population in &builder.populations {
            let mut divided = BTreeSet::new();
            let mut visit = |e: &Expr| {
                denominators(e, &population.lets, &mut |leaf| {
                    if let Expr::State(i) = leaf {
                        divided.insert(*i);
                    }
                });
            };
            population
                .states
                .iter()
                .flat_map(|s| s.past.iter().chain(&s.derivative).chain(&s.next))
                .for_each(&mut visit);
            population.lets.iter().for_each(|l| visit(&l.value));
            population.inputs.iter().filter_map(|i| i.drive.as_ref()).for_each(&mut visit);
            for rule in &population.rules {
                visit(&rule.condition);
                rule.updates.iter().for_each(|u| visit(&u.1));
            }
            let last = Last::of(population.size, population.size);
            let owner = (population.name.as_str(), population.states.as_slice());
            self.nonzero_values(owner, &divided, last, &|e| e.clone(), &|_| false);
        }
        for (projection, wiring) in builder.projections.iter().zip(&builder.wirings) {
            let mut divided = BTreeSet::new();
            let mut visit = |e: &Expr| {
                denominators(e, &projection.lets, &mut |leaf| {
                    if let Expr::State(i) = leaf {
                        divided.insert(*i);
                    }
                });
            };
            projection.states.iter().filter_map(|s| s.derivative.as_ref()).for_each(&mut visit);
            projection.lets.iter().for_each(|l| visit(&l.value));
            projection.on_spike.iter().chain(&projection.on_post).for_each(|u| visit(&u.value));
            projection.weight_derivative.iter().for_each(&mut visit);
            projection.weight_bounds.iter().flat_map(|(low, high)| [low, high]).for_each(&mut visit);
            projection.outputs.iter().for_each(|o| visit(&o.1));
            let target = &builder.populations[projection.target.0];
            let Source::Population { population, connect, .. } = &projection.source else { continue };
            let source = &builder.populations[population.0];
            let last = Last::of(source.size, target.size).listed(self.listed(&connect.rule));
            let written_out = |e: &Expr| with_neurons(e, source, target);
            let owner = (projection.name.as_str(), projection.states.as_slice());
            self.nonzero_values(owner, &divided, last, &written_out, &|element| wiring.along.connects(element));
        }
    }

    /// How many connections a rule lists, if it does.
    pub(crate) fn listed(&self, rule: &Rule) -> Option<u64> {
        match rule {
            Rule::Explicit { list } => self.pairs.get(*list).map(|pairs| pairs.length),
            _ => None,
        }
    }

    /// Reports parameters with many values of which one may be zero, of those that something is divided by.
    fn nonzero_values(
        &mut self,
        (owner, states): (&str, &[State]),
        divided: &BTreeSet<usize>,
        last: Last,
        written_out: &dyn Fn(&Expr) -> Expr,
        connects: &dyn Fn(&Element) -> bool,
    ) {
        for (_, state) in states.iter().enumerate().filter(|(i, s)| s.parameter && divided.contains(i)) {
            let value = written_out(&state.init);
            let Some((low, high)) = bounds(&value, &self.parameters, last) else { continue };
            if never_zero(&value, &self.parameters, last, connects) {
                continue;
            }
            let show = |x: f64| format!("{}", x * state.quantity.factor);
            let title = format!("`{owner}.{}` may be zero, but something is divided by it", state.name);
            let label = format!("between {} and {} {}", show(low), show(high), state.quantity.unit);
            let error = Diagnostic::error("E0449", title, state.span, label);
            self.push(error.hint("keep it away from zero: `max(normal(20 ms, 5 ms), 1 ms)`"));
        }
    }
}
