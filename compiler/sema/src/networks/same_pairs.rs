//! `connect same_as(exc)`: the pairs of an earlier projection, whatever its rule.

use crate::expressions::checker::Checker;
use crate::expressions::scope::Scope;
use crate::model::{Connect, PopulationId, Source};
use crate::networks::along::Along;
use crate::networks::connect::{Pair, Written};
use crate::networks::network::{Builder, OwnerKind};
use crate::networks::subgroup::Neurons;
use bpc_syntax::ast::{ExprKind, Index, Name, Part, Place};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;

/// The rule's name.
pub(crate) const SAME_AS: &str = "same_as";

/// How a projection was connected, for those that are connected alike.
#[derive(Clone, Default)]
pub(crate) struct Wiring {
    /// Which neurons of source and target, if not all.
    pub parts: [Option<(u64, u64)>; 2],
    /// What is known of each connection.
    pub along: Along,
}

/// First neuron and one past the last of parts.
pub(crate) fn borders(parts: [Option<Neurons>; 2]) -> [Option<(u64, u64)>; 2] {
    parts.map(|part| part.map(|n| (n.first, n.last)))
}

impl Checker<'_> {
    /// The earlier projection between the same neurons that `same_as` names; what is wrong with it is reported.
    pub(crate) fn alike(
        &mut self,
        builder: &Builder<'_>,
        written: &Written<'_>,
        scope: &Scope,
        ends: [PopulationId; 2],
        pair: &Pair<'_>,
    ) -> Option<usize> {
        let [argument] = written.arguments else {
            let given = written.arguments.len();
            let title = format!("`{SAME_AS}` takes one label, not {given}");
            let error = Diagnostic::error("E0411", title, written.span, format!("{given} given"));
            self.push(error.hint("write `connect same_as(exc)`, where `exc` is the label of an earlier projection"));
            return None;
        };
        if let [first, ..] = written.named {
            let title = format!("`{SAME_AS}` has no argument `{}`", first.name.node);
            self.error("E0411", title, first.span, "not one of its arguments");
            return None;
        }
        let part = |name: &Name, index| Part { name: name.clone(), index, span: name.span };
        let name = match &argument.kind {
            ExprKind::Name(name) => Some(name.clone()),
            ExprKind::Member(owner, member) => Some(format!("{}.{}", owner.node, member.node)),
            ExprKind::Located(place) => self.places(place, scope).pop().map(|name| name.node),
            ExprKind::Element(name, indices) => {
                let at = Index::At(indices.iter().map(|index| index.index.clone()).collect());
                let place = Place { parts: vec![part(name, Some(at))], span: argument.span };
                self.places(&place, scope).pop().map(|name| name.node)
            }
            _ => {
                let title = format!("`{SAME_AS}` takes the label of a projection");
                self.error("E0517", title, argument.span, "no label");
                return None;
            }
        }?;
        let refuse = |checker: &mut Self, title: String, label: &str, hint: &str, also: Option<Span>| {
            let mut error = Diagnostic::error("E0517", title, argument.span, label);
            if let Some(also) = also {
                error = error.also(also, "declared here");
            }
            checker.push(error.hint(hint.to_owned()));
            None
        };
        let Some(owner) = builder.owners.get(&name).cloned() else {
            let hint = "label it, and write it before this one: `project exc: E -> I { connect … }`";
            return refuse(self, format!("there is no earlier projection `{name}`"), "not known here", hint, None);
        };
        if !matches!(owner.kind, OwnerKind::Projections) {
            let hint = "name the label of a projection: `project exc: E -> I { connect … }`";
            return refuse(self, format!("`{name}` is no projection"), "has no pairs", hint, Some(owner.span));
        }
        let between = |index: &usize| {
            let (projection, wiring) = (&builder.projections[*index], &builder.wirings[*index]);
            let Source::Population { population, .. } = projection.source else { return false };
            [population, projection.target] == ends && wiring.parts == borders(pair.parts)
        };
        match owner.projections.iter().copied().find(between) {
            Some(index) => Some(index),
            // Its own mistakes have been told.
            None if owner.projections.is_empty() && self.report.errors() > 0 => None,
            None => {
                let title = format!("`{name}` does not connect {} to {}", pair.shown(0), pair.shown(1));
                let hint = "the pairs are the same only between the same neurons of the same populations";
                refuse(self, title, "connects others", hint, Some(owner.span))
            }
        }
    }

    /// How the pairs of an earlier projection are connected.
    pub(crate) fn connected_alike(&self, builder: &Builder<'_>, index: usize) -> Option<Connect> {
        let Source::Population { connect, .. } = &builder.projections[index].source else { return None };
        Some(Connect { same_as: Some(connect.same_as.unwrap_or(index)), ..connect.clone() })
    }
}
