//! What each connection of a projection has besides its neurons: the number, element or kernel weight by which its rule
//! made it, and the delay of its target's spikes.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Role, Scope, Typed};
use crate::expressions::units::Unit;
use crate::model::{Delay, Element, Expr, POST_DELAY, State};
use crate::models::synapse::Kinetics;
use crate::networks::connect::Written;
use crate::networks::project::Statement;
use crate::program::data::Known;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::rc::Rc;

/// What is known of each connection where its values are said.
#[derive(Clone, Default)]
pub(crate) struct Along {
    /// The matrix whose nonzero elements are connected.
    pub connected: Option<Rc<Known>>,
    /// Whether each has a number in the lists that were given.
    pub number: bool,
    /// The kernel whose elements are connected, and where it is named.
    pub kernel: Option<(Rc<Known>, Span)>,
    /// Whether the connections are taken from columns to rows.
    pub reversed: bool,
    /// Whether the connections could not be made out, which has been reported: they may have anything.
    pub lost: bool,
}

impl Along {
    /// Of connections that could not be made out.
    pub(crate) fn lost() -> Along {
        Along { number: true, lost: true, ..Along::default() }
    }

    /// The same connections the other way round.
    pub(crate) fn reversed(&self) -> Along {
        Along { reversed: !self.reversed, ..self.clone() }
    }

    /// Row and column of the element that makes a connection.
    fn indices(&self) -> [Expr; 2] {
        if self.reversed { [Expr::Index, Expr::SourceIndex] } else { [Expr::SourceIndex, Expr::Index] }
    }

    /// Whether this is the element that makes a connection, so that it is not zero.
    pub(crate) fn connects(&self, element: &Element) -> bool {
        let by_number = element.places == [Expr::PairIndex];
        let by_pair = element.places == self.indices();
        let of_matrix = |known: &Rc<Known>| {
            Rc::ptr_eq(&known.data, &element.data) && if known.sparse.is_some() { by_number } else { by_pair }
        };
        let of_kernel = |(known, _): &(Rc<Known>, Span)| by_number && Rc::ptr_eq(&known.flat(), &element.data);
        self.connected.as_ref().is_some_and(of_matrix) || self.kernel.as_ref().is_some_and(of_kernel)
    }
}

impl Checker<'_> {
    /// What `post_delay` means to the synapses: spikes of the target do something, and a delay of each is one of its
    /// values.
    pub(crate) fn post_delay(&mut self, statement: &Statement<'_>, delay: Delay, kinetics: &mut Kinetics) {
        let Some((_, written)) = statement.clauses.post_delay else { return };
        if kinetics.on_post.is_empty() {
            if !kinetics.is_lost() {
                let title = "nothing here happens at spikes of the target, so they need no delay";
                let error = Diagnostic::error("E0522", title, written.span, "delays nothing");
                self.push(
                    error.hint("`post_delay` is for models with `on post`; the spikes of the source take `delay`"),
                );
            }
            return;
        }
        let Delay::PerSynapse { value, .. } = delay else { return };
        if let Some(other) = kinetics.states.iter().find(|s| s.name == POST_DELAY) {
            let title = format!("a state is called `{POST_DELAY}`, as the delays of the synapses are");
            let error = Diagnostic::error("E0522", title, other.span, "this state");
            self.push(error.also(written.span, "a delay of each synapse").hint("give the state another name"));
        }
        let unit = Unit::named("ms");
        kinetics.states.push(State {
            name: POST_DELAY.to_owned(),
            quantity: unit.quantity(),
            init: value,
            past: None,
            derivative: None,
            method: None,
            next: None,
            truth: false,
            parameter: true,
            doc: "How long a spike of the target takes to the synapse.".to_owned(),
            span: written.span,
        });
        kinetics.units.push(unit);
    }

    /// What is known of each connection: connections that come from data have a number, or an element of the matrix
    /// that lists them, or of a kernel.
    pub(crate) fn known_along(&mut self, statement: &Statement<'_>, scope: &Scope) -> Along {
        let Some(Written { rule, arguments, .. }) = statement.clauses.connect else { return Along::default() };
        Along {
            connected: self.connected(rule, arguments, scope),
            number: rule.node == "pairs",
            kernel: self.kernel_of(rule, arguments, scope),
            reversed: false,
            lost: false,
        }
    }

    /// The scope of what each connection has.
    pub(crate) fn along(&mut self, known: &Along, scope: &Scope, random: bool) -> Scope {
        let mut scope = scope.clone();
        scope.connected = known.connected.clone().map(|matrix| (matrix, known.indices()));
        scope.permits.number = known.number;
        scope.lost = known.lost;
        if known.lost && !scope.locals.contains_key("kernel") && self.program.find(scope.file, "kernel").is_none() {
            scope.add("kernel", Typed::unknown(), Role::Member, Span::default());
        }
        if let Some((kernel, named)) = &known.kernel {
            self.add_kernel((kernel, *named), random, &mut scope);
        }
        scope
    }
}
