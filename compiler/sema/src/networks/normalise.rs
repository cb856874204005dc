//! `normalise incoming to 5 nS`: weights that are scaled when they are made, so that those of each neuron's synapses sum up to a value.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::{evaluate, walk};
use crate::expressions::scope::{Permits, Scope, Typed};
use crate::model::{End, Expr};
use crate::models::synapse::weight_unit;
use crate::networks::clauses::{Clauses, Normalise};
use bpc_syntax::diagnostic::Diagnostic;

/// Which synapses of a neuron are meant, by the word that says so.
const ENDS: &[(&str, End)] = &[("incoming", End::Target), ("outgoing", End::Source)];

impl Checker<'_> {
    /// Reads the clause: of which neuron's synapses the weights are scaled, and what they sum up to. `pairs` knows both neurons.
    pub(crate) fn normalise(
        &mut self,
        clauses: &Clauses<'_>,
        (weight, random): (&Typed, bool),
        pairs: &Scope,
    ) -> Option<(End, Expr)> {
        let Normalise { end, to, value: written, span } = clauses.normalise?;
        let found = ENDS.iter().find(|known| known.0 == end.node).filter(|_| to.node == "to");
        let Some(&(word, end)) = found else {
            let (title, at) = match ENDS.iter().any(|known| known.0 == end.node) {
                true => (format!("`{}` says nothing of weights", to.node), to.span),
                false => (format!("`{}` synapses are not known", end.node), end.span),
            };
            let error = Diagnostic::error("E0555", title, at, "not expected here");
            self.push(error.hint("write `normalise incoming to 5 nS`, or `normalise outgoing to 5 nS`"));
            return None;
        };
        if weight.is_unknown() {
            return None;
        }
        if clauses.weight.is_none() {
            let error = Diagnostic::error("E0555", "there are no weights to normalise", span, "scales nothing");
            self.push(error.hint("say what they are in proportion to: `weight ~ uniform(0 nS, 1 nS)`"));
            return None;
        }
        let scope = pairs.permitting(Permits { pair: true, ..Permits::default() });
        let value = self.top(written, &scope);
        let unit = weight_unit(&weight.kind);
        if value.is_unknown()
            || !self.fits(
                &value,
                &unit,
                written.span,
                "a sum of weights",
                clauses.weight.map(|(_, weight)| weight.span),
            )
        {
            return None;
        }
        let mut other = false;
        walk(&value.expr, &mut |e| {
            let is_of_source = match e {
                Expr::SourceIndex | Expr::PreState(_) | Expr::NeuronDraw { of_source: true, .. } => true,
                Expr::Index | Expr::PostState(_) | Expr::NeuronDraw { of_source: false, .. } => false,
                _ => return,
            };
            other |= is_of_source != (end == End::Source);
        });
        if other {
            let (neuron, names) = match end {
                End::Target => ("target", "`j` and `target.…`"),
                End::Source => ("source", "`i` and `source.…`"),
            };
            let title = format!("the sum of the {word} weights is one value of each {neuron} neuron");
            let error = Diagnostic::error("E0555", title, written.span, "this differs from synapse to synapse");
            self.push(error.hint(format!("it may follow from {names}, and from parameters of the network")));
            return None;
        }
        // One weight of all synapses that is zero: no factor helps. Others are seen when they are made.
        let known = if random { None } else { evaluate(&weight.expr, &self.parameters) };
        if known == Some(0.0) {
            let written = clauses.weight.map_or(written.span, |weight| weight.1.span);
            let error = Diagnostic::error("E0556", "weights of zero sum up to zero", written, "this is 0");
            self.push(
                error.hint("no factor brings their sum to another value: give weights of which some are not zero"),
            );
            return None;
        }
        Some((end, value.expr))
    }
}
