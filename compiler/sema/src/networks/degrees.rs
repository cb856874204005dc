//! How many synapses of a projection its neurons have: `target.in_degree` and `source.out_degree` in values of synapses.
//!
//! What goes in: the clauses of a statement. What comes out: for each degree that they mention a parameter of the population with a
//! value for each neuron, which the runtime counts once the pairs are drawn, before it computes values of synapses.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Role, Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::model::{Expr, PopulationId, State};
use crate::models::instance::mentioned;
use crate::networks::clauses::Clauses;
use crate::networks::network::Builder;
use bpc_syntax::source::Span;
use std::rc::Rc;

/// What has a degree, and what it is called.
const DEGREES: [(&str, &str); 2] = [("source", "out_degree"), ("target", "in_degree")];

/// Whether a parameter of a neuron is the number of its synapses in some projection, which that knows under another name.
pub(crate) fn is_counted(parameter: &str) -> bool {
    DEGREES.iter().any(|(_, word)| parameter.strip_suffix(word).is_some_and(|start| start.ends_with('.')))
}

impl Checker<'_> {
    /// The states of source and target in which the runtime counts the synapses of a projection, where its values mention that.
    pub(crate) fn degrees(
        &mut self,
        builder: &mut Builder<'_>,
        clauses: &Clauses<'_>,
        ends: [PopulationId; 2],
        (projection, span): (&str, Span),
    ) -> [Option<usize>; 2] {
        let values = [clauses.weight, clauses.delay, clauses.post_delay].into_iter().flatten().map(|value| value.1);
        let values = values.chain(clauses.normalise.map(|normalise| normalise.value));
        let models = clauses.rules().chain(clauses.synapse).chain(clauses.receptor);
        let arguments = models.flat_map(|used| &used.arguments).filter_map(|argument| argument.value.as_ref());
        let mut wanted = [false; 2];
        for value in values.chain(arguments) {
            mentioned(value, &mut |name, member| {
                for (wanted, degree) in wanted.iter_mut().zip(DEGREES) {
                    *wanted |= (name, member) == (degree.0, Some(degree.1));
                }
            });
        }
        let mut states = [None; 2];
        for (end, (_, word)) in DEGREES.into_iter().enumerate().filter(|(end, _)| wanted[*end]) {
            let (population, target) = (&mut builder.populations[ends[end].0], &mut builder.targets[ends[end].0]);
            // A parameter of this name is the neuron's own.
            if target.parameters.iter().any(|own| own.0 == word) || target.states.iter().any(|own| own.0 == word) {
                continue;
            }
            let name = format!("{projection}.{word}");
            states[end] = Some(population.states.len());
            population.states.push(State {
                name: name.clone(),
                quantity: Unit::none().quantity(),
                init: Expr::OfSynapse(Rc::new(Expr::Number(0.0))),
                derivative: None,
                next: None,
                past: None,
                method: None,
                truth: false,
                parameter: true,
                doc: "How many synapses the neuron has.".to_owned(),
                span,
            });
            target.states.push((name, Unit::none(), span));
        }
        states
    }

    /// Makes degrees known to values of synapses; to rules, why they are not.
    pub(crate) fn add_degrees(degrees: [Option<usize>; 2], (values, rules): (&mut Scope, &mut Scope), span: Span) {
        let leaves: [fn(usize) -> Expr; 2] = [Expr::PreState, Expr::PostState];
        for ((degree, leaf), (end, word)) in degrees.into_iter().zip(leaves).zip(DEGREES) {
            let name = format!("{end}.{word}");
            if let Some(state) = degree {
                values.add(&name, Typed::leaf(leaf(state), Type::Number(Unit::none())), Role::Member, span);
            }
            if !rules.locals.contains_key(&name) {
                rules.hide(
                    &name,
                    "synapses are counted when they are made; weights, delays and parameters of models know it",
                );
            }
        }
    }
}
