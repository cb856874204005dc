//! Names that have a meaning of their own at a place, such as `k`, `distance` and `source.x` in values of single synapses, and
//! that the network or the file has given to something else as well. Which of both is meant cannot be told, so
//! mentioning one there is an error; anywhere else the name means what was declared.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Local, Role, Scope};
use crate::program::modules::declared_name;
use bpc_syntax::ast::Item;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;

/// What a name means at a place where nothing is declared by it.
fn own_meaning(name: &str, scope: &Scope) -> Option<&'static str> {
    let permits = scope.permits;
    match name {
        "i" if permits.pair => Some("the index of the source neuron"),
        "j" if permits.pair => Some("the index of the target neuron"),
        "i" if permits.index => Some("the index of the neuron"),
        "k" if permits.number => Some("the number of the connection"),
        _ => scope.also.get(name).copied(),
    }
}

impl Checker<'_> {
    /// Reports a parameter or `let` of a network where its name means something else too. Indices of a `for` are declared by
    /// the statement itself and go before everything.
    pub(crate) fn one_meaning(&mut self, (name, span): (&str, Span), local: &Local, scope: &Scope) {
        let declared = scope.of_network && matches!(local.role, Role::Parameter | Role::Let);
        if !declared || scope.indices.contains_key(name) {
            return;
        }
        if let Some(own) = own_meaning(name, scope) {
            self.two_meanings((name, span), own, (&format!("{} of the network", local.role.describe()), local.span));
        }
    }

    /// Likewise a constant.
    pub(crate) fn one_meaning_of_constant(&mut self, (name, span): (&str, Span), item: &Item, scope: &Scope) {
        if let (Some(own), Some(declared)) = (own_meaning(name, scope), declared_name(item)) {
            self.two_meanings((name, span), own, ("a constant", declared.span));
        }
    }

    /// Likewise `source.x`, which is a coordinate and may be a parameter, and `source.tau`, which may be a member of a
    /// projection with this label.
    pub(crate) fn one_meaning_of_member(&mut self, (full, span): (&str, Span), local: &Local, scope: &Scope) {
        let Some((owner @ ("source" | "target"), _)) = full.split_once('.') else { return };
        let of_label = scope.members.get(full).filter(|_| scope.locals.contains_key(full));
        let own = format!("of the {owner} neuron");
        match (of_label, scope.also.get(full)) {
            (Some(label), _) => {
                self.two_meanings((full, span), &own, (&format!("of the projection `{owner}`"), label.span))
            }
            (None, Some(other)) => self.two_meanings((full, span), "a coordinate", (other, local.span)),
            (None, None) => {}
        }
    }

    fn two_meanings(&mut self, (name, span): (&str, Span), own: &str, (other, declared): (&str, Span)) {
        let title = format!("`{name}` has two meanings here: {own}, and {other}");
        let error = Diagnostic::error("E0580", title, span, "which of both?").also(declared, other.to_owned());
        self.push(error.hint("give what is declared another name"));
    }
}
