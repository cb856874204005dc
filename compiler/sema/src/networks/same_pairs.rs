//! `connect same_as(exc)`: the pairs of an earlier projection, whatever its rule; with `reversed` from its targets to its sources.

use crate::expressions::checker::Checker;
use crate::expressions::scope::Scope;
use crate::model::{Connect, Pairs, PopulationId, Rule, Source};
use crate::networks::along::Along;
use crate::networks::connect::{Pair, Written};
use crate::networks::network::{Builder, OwnerKind};
use crate::networks::subgroup::Neurons;
use bpc_syntax::ast::{Expr, ExprKind};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::rc::Rc;

/// The rule's name.
pub(crate) const SAME_AS: &str = "same_as";
/// Its option: the other way round.
const REVERSED: &str = "reversed";

/// An earlier projection whose pairs another has.
#[derive(Clone, Copy)]
pub(crate) struct Alike {
    /// Index of the projection.
    pub index: usize,
    /// Whether its targets are the sources here.
    pub reversed: bool,
    /// Whether all projections are meant whose synapses choose among them, of which this is one.
    pub whole: bool,
}

/// How a projection was connected, for those that are connected alike.
#[derive(Clone, Default)]
pub(crate) struct Wiring {
    /// Which neurons of source and target, if not all.
    pub parts: [Option<(u64, u64)>; 2],
    /// What is known of each connection.
    pub along: Along,
}

impl Wiring {
    /// The same from the targets to the sources.
    fn reversed(&self) -> Wiring {
        let [sources, targets] = self.parts;
        Wiring { parts: [targets, sources], along: self.along.reversed() }
    }
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
    ) -> Option<Alike> {
        let is_option = |argument: &Expr| matches!(&argument.kind, ExprKind::Name(name) if name == REVERSED);
        let (argument, reversed) = match written.arguments {
            [argument] => (argument, false),
            [argument, option] if is_option(option) => (argument, true),
            [_, other] => {
                let title = format!("`{SAME_AS}` takes one label, and perhaps `{REVERSED}`");
                let error = Diagnostic::error("E0411", title, other.span, "not an option of it");
                self.push(error.hint("its options and all that is drawn are those of the projection that is named"));
                return None;
            }
            _ => {
                let given = written.arguments.len();
                let title = format!("`{SAME_AS}` takes one label, not {given}");
                let error = Diagnostic::error("E0411", title, written.span, format!("{given} given"));
                self.push(
                    error.hint("write `connect same_as(exc)`, where `exc` is the label of an earlier projection"),
                );
                return None;
            }
        };
        if let [first, ..] = written.named {
            let title = format!("`{SAME_AS}` has no argument `{}`", first.name.node);
            self.error("E0411", title, first.span, "not one of its arguments");
            return None;
        }
        let name = self.label_for(SAME_AS, "E0517", argument, scope)?;
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
        let between = |index: usize, reversed: bool| {
            let (projection, wiring) = (&builder.projections[index], &builder.wirings[index]);
            let Source::Population { population, .. } = projection.source else { return false };
            let (mut ends, mut parts) = (ends, borders(pair.parts));
            if reversed {
                ends.reverse();
                parts.reverse();
            }
            [population, projection.target] == ends && wiring.parts == parts
        };
        let mut found = owner.projections.iter().copied().filter(|&index| between(index, reversed));
        match found.next() {
            Some(index) => Some(Alike { index, reversed, whole: found.next().is_some() }),
            // Its own mistakes have been told.
            None if owner.projections.is_empty() && self.report.errors() > 0 => None,
            None => {
                let [from, to] = if reversed { [1, 0] } else { [0, 1] }.map(|end| pair.shown(end));
                let title = format!("`{name}` does not connect {from} to {to}");
                let other_way = owner.projections.iter().any(|&index| between(index, !reversed));
                let hint = match (reversed, other_way) {
                    (false, true) => "it connects them the other way round: `same_as(…, reversed)`",
                    (true, true) => "it connects them this way round: leave out `reversed`",
                    (false, false) => "the pairs are the same only between the same neurons of the same populations",
                    (true, false) => {
                        "the pairs are the same only between the same neurons, from its targets to its sources"
                    }
                };
                refuse(self, title, "connects others", hint, Some(owner.span))
            }
        }
    }

    /// How the pairs of an earlier projection are connected, or these the other way round.
    pub(crate) fn connected_alike(&mut self, builder: &Builder<'_>, alike: Alike, at: Span) -> Option<Connect> {
        let Alike { index, reversed, whole } = alike;
        let Source::Population { connect, .. } = &builder.projections[index].source else { return None };
        let first = connect.same_as.unwrap_or(index);
        let chosen = connect.chosen.clone().filter(|_| !whole);
        let same = Connect { same_as: Some(first), chosen, ..connect.clone() };
        if reversed && same.chosen.is_some() {
            let title = "synapses that have chosen what they go into cannot be turned round one element at a time";
            let error = Diagnostic::error("E0558", title, at, "one of several elements");
            self.push(error.hint("name the label without an index: all of them the other way round"));
            return None;
        }
        if !reversed {
            return Some(same);
        }
        match connect.rule {
            Rule::AllToAll | Rule::OneToOne => Some(same),
            Rule::Transposed { of } => {
                self.connected_alike(builder, Alike { index: of, reversed: false, whole: true }, at)
            }
            Rule::Explicit { list } => {
                let list = self.reversed_list(list)?;
                Some(Connect { same_as: None, ..Connect::of(Rule::Explicit { list }, true) })
            }
            _ => Some(Connect::of(Rule::Transposed { of: first }, true)),
        }
    }

    /// A list with the connections of another the other way round, and their numbers.
    fn reversed_list(&mut self, list: usize) -> Option<usize> {
        let pairs = self.pairs.get(list)?;
        let mut entries: Vec<_> =
            pairs.entries.iter().map(|&(source, target, number)| (target, source, number)).collect();
        entries.sort_unstable();
        let reversed = Pairs { entries, length: pairs.length };
        self.pairs.push(Rc::new(reversed));
        Some(self.pairs.len() - 1)
    }

    /// How a projection is wired that has the pairs of an earlier one.
    pub(crate) fn wired_alike(&self, builder: &Builder<'_>, alike: Alike) -> Wiring {
        let wiring = &builder.wirings[alike.index];
        if alike.reversed { wiring.reversed() } else { wiring.clone() }
    }
}
