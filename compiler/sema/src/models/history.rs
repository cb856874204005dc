//! The past of states: `history x = …`, their values before the run.
//!
//! What goes in: an expression of parameters, the neuron's index and the time `t`, which is 0 or less in it. What comes out:
//! [`State::past`], and the initial value of a state to which none is given: that of its history at 0. What may never happen: a
//! history that reads what has none, or data over time, which begin at 0.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::walk;
use crate::expressions::scope::Permits;
use crate::model::{Expr, State};
use crate::models::events::substitute;
use crate::models::instance::Instance;
use crate::models::members::Members;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeMap;

impl State {
    /// Its value so many ms before the start, at least one step: by its history, or else its initial value.
    pub(crate) fn before(&self, ms: f64) -> Expr {
        self.past.as_ref().map_or_else(|| self.init.clone(), |past| at(past, -ms))
    }
}

impl Checker<'_> {
    /// The histories of a neuron's states, before its initial values are completed.
    pub(crate) fn histories(&mut self, members: &Members<'_>, instance: &mut Instance) {
        if members.histories.is_empty() {
            return;
        }
        let mut scope = instance.scope.permitting(Permits { index: true, time: true, ..Permits::default() });
        for binding in members.states.iter().chain(&members.inputs).chain(&members.lets) {
            scope.locals.remove(&binding.name.node);
            scope.hide(&binding.name.node, "a history can use parameters, `i` and `t` only");
        }
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for history in &members.histories {
            let name = &history.state;
            if let Some(first) = seen.insert(&name.node, history.span) {
                let title = format!("`{}` has two histories", name.node);
                let error = Diagnostic::error("E0421", title, history.span, "second history");
                self.push(error.also(first, "first history"));
            }
            let value = self.top(&history.value, &scope);
            let Some(index) = instance.states.iter().position(|s| s.name == name.node) else {
                self.no_state(name, &instance.scope, "a history", &value);
                continue;
            };
            let value = self.kept_of_state(&instance.states[index], value, history.value.span);
            let declared = instance.states[index].span;
            let known = instance.scope.locals.get(&name.node).is_some_and(|l| !l.value.is_unknown());
            if known {
                let what = format!("the history of `{}`", name.node);
                self.fits(&value, &instance.units[index], history.value.span, &what, Some(declared));
            }
            let mut since_start = false;
            walk(&value.expr, &mut |e| since_start |= matches!(e, Expr::TimeIndex { .. } | Expr::TimeFraction(..)));
            if since_start {
                let title = "a history cannot read data over time";
                let error = Diagnostic::error("E0560", title, history.value.span, "data over time begin at 0");
                self.push(error.hint("`table(t, [(-10 ms, 0), …])` is a function of the time by points"));
                continue;
            }
            if members.states[index].value.is_none() {
                instance.states[index].init = at(&value.expr, 0.0);
            }
            instance.states[index].past = Some(value.expr);
        }
    }
}

/// A history at a time in ms.
fn at(past: &Expr, time: f64) -> Expr {
    substitute(past, &|e| matches!(e, Expr::Time).then_some(Expr::Number(time)))
}
