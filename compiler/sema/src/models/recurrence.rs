//! Difference equations: `x(t + dt) = f(x)`, the value of a state one step later.

use crate::expressions::checker::Checker;
use crate::expressions::scope::Permits;
use crate::models::instance::Instance;
use crate::models::members::Members;
use bpc_syntax::ast::{self, BinaryOp, ExprKind};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeMap;

impl Checker<'_> {
    /// The difference equations of a neuron; after its differential equations.
    pub(crate) fn recurrences(&mut self, members: &Members<'_>, instance: &mut Instance) {
        let mut seen: BTreeMap<&str, Span> =
            members.equations.iter().map(|e| (e.state.node.as_str(), e.span)).collect();
        let Permits { delayed, neuron, .. } = instance.scope.permits;
        let scope =
            instance.scope.permitting(Permits { time: true, random: true, delayed, neuron, ..Permits::default() });
        for recurrence in &members.recurrences {
            let name = &recurrence.state;
            let one_step = matches!(recurrence.time.as_slice(), [time] if is_next_step(time));
            if !one_step || ["t", "dt"].iter().any(|taken| scope.locals.contains_key(*taken)) {
                let at = match recurrence.time.as_slice() {
                    [only] => only.span,
                    _ => recurrence.span,
                };
                let title = format!("`{}` can be given one step later only", name.node);
                let error = Diagnostic::error("E0510", title, at, "not `t + dt`");
                self.push(error.hint(format!(
                    "the value at the next step is `{0}(t + dt) = …`; a change with time is `{0}' = …`",
                    name.node
                )));
            }
            if let Some(first) = seen.insert(&name.node, recurrence.span) {
                let title = format!("`{}` has two equations", name.node);
                let error = Diagnostic::error("E0402", title, recurrence.span, "second equation");
                self.push(error.also(first, "first equation"));
            }
            let value = self.top(&recurrence.value, &scope);
            let Some(index) = instance.states.iter().position(|s| s.name == name.node) else {
                self.no_state(name, &scope, "a value of the next step", &value);
                continue;
            };
            let value = self.kept_of_state(&instance.states[index], value, recurrence.value.span);
            let known = scope.locals.get(&name.node).is_some_and(|l| !l.value.is_unknown());
            if known {
                let (unit, declared) = (&instance.units[index], instance.states[index].span);
                let what = format!("`{}(t + dt)`", name.node);
                self.fits(&value, unit, recurrence.value.span, &what, Some(declared));
            }
            instance.states[index].next = Some(value.expr);
        }
    }
}

/// Whether it is `t + dt`.
fn is_next_step(time: &ast::Expr) -> bool {
    let named = |expr: &ast::Expr, word: &str| matches!(&expr.kind, ExprKind::Name(name) if name == word);
    matches!(&time.kind, ExprKind::Binary(BinaryOp::Add, now, step) if named(now, "t") && named(step, "dt"))
}
