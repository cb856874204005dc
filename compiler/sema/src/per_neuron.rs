//! Parameters with a value for each neuron: `population E[n] : LIF { tau ~ normal(20 ms, 2 ms) }`.
//!
//! They are states without an equation: an array that is filled before the run, can be recorded,
//! and can be changed through the interface of states, but not with `--set`. Whatever is computed
//! from one before the run (a later parameter, an initial value) is computed from its expression:
//! draws are addressed, so the same expression gives the same values.

use crate::checker::Checker;
use crate::evaluate::{bounds, walk};
use crate::events::substitute;
use crate::instance::Instance;
use crate::model::{Expr, State};
use crate::network::Builder;
use crate::nonzero::denominators;
use crate::place::Reached;
use crate::scope::Typed;
use crate::units::Unit;
use bpc_syntax::ast::Binding;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeSet;

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
    span: Span,
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
        walk(&value.expr, &mut |e| varies |= matches!(e, Expr::Index | Expr::Random(..) | Expr::State(_)));
        varies.then(|| Varying {
            name: binding.name.node.clone(),
            unit: unit.clone(),
            value: resolved(&value.expr, first, before),
            doc: binding.doc.clone(),
            span,
        })
    }
}

/// An expression that is computed before the run, with per-neuron parameters written out.
fn resolved(expr: &Expr, first: usize, varying: &[Varying]) -> Expr {
    substitute(expr, &|leaf| match leaf {
        Expr::State(i) => i.checked_sub(first).and_then(|k| varying.get(k)).map(|v| v.value.clone()),
        _ => None,
    })
}

impl Instance {
    /// Adds per-neuron parameters behind the states, and lets initial values follow from them.
    pub(crate) fn add_varying(&mut self, varying: &[Varying]) {
        let first = self.states.len();
        for state in &mut self.states {
            state.init = resolved(&state.init, first, varying);
        }
        for one in varying {
            self.states.push(State {
                name: one.name.clone(),
                quantity: one.unit.quantity(),
                init: one.value.clone(),
                derivative: None,
                next: None,
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
        self.push(error.hint("only the parameters of a population's neurons can differ from neuron to neuron"));
    }

    /// `--set` of a parameter with a value for each neuron.
    pub(crate) fn no_setting_for_each(&mut self, name: &str, parameter: &Varying) {
        let Some(given) = self.overrides.iter_mut().find(|o| o.name == name) else { return };
        given.used = true;
        let at = given.name_span;
        let title = format!("`{name}` has a value for each neuron, so it cannot be set to one");
        let error = Diagnostic::error("E0211", title, at, "not a single value").also(parameter.span, "given here");
        self.push(error.hint("let it follow from a parameter of the network, and set that"));
    }

    /// `init` of a parameter.
    pub(crate) fn initialised_parameter(&mut self, path: &Reached<'_>, given: Span) {
        let (owner, name) = (&path.owner.node, &path.member.node);
        let title = format!("`{owner}.{name}` is a parameter, not a state that starts somewhere");
        let error = Diagnostic::error("E0445", title, path.span, "cannot be initialised").also(given, "given here");
        self.push(error.hint(format!("give it in the population: `{{ {name} ~ … }}`")));
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
            population.states.iter().filter_map(|s| s.derivative.as_ref().or(s.next.as_ref())).for_each(&mut visit);
            population.lets.iter().for_each(|l| visit(&l.value));
            population.inputs.iter().filter_map(|i| i.drive.as_ref()).for_each(&mut visit);
            for rule in &population.rules {
                visit(&rule.condition);
                rule.updates.iter().for_each(|u| visit(&u.1));
            }
            #[allow(clippy::cast_precision_loss)] // below 2^31
            let last = (population.size - 1) as f64;
            for state in population.states.iter().enumerate().filter(|(i, s)| s.parameter && divided.contains(i)) {
                let (_, state) = state;
                let Some((low, high)) = bounds(&state.init, &self.parameters, (last, last)) else { continue };
                if low > 0.0 || high < 0.0 {
                    continue;
                }
                let show = |x: f64| format!("{}", x * state.quantity.factor);
                let title = format!("`{}.{}` may be zero, but something is divided by it", population.name, state.name);
                let label = format!("between {} and {} {}", show(low), show(high), state.quantity.unit);
                let error = Diagnostic::error("E0449", title, state.span, label);
                self.push(error.hint("keep it away from zero: `max(normal(20 ms, 5 ms), 1 ms)`"));
            }
        }
    }
}
