//! Initial values that follow from those of other states of the neuron.
//!
//! What goes in: initial values in terms of states and `let`s, of a neuron's own text, of gates that start at their steady
//! state, and of a network's `init`. What comes out: initial values in terms of parameters, indices and draws. Nothing has
//! arrived at the start: inputs are 0, as is the time.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::walk;
use crate::expressions::expression::LARGEST;
use crate::expressions::scope::Permits;
use crate::model::{Expr, Let, Population, State};
use crate::models::events::substitute;
use crate::models::instance::{Instance, mentioned};
use crate::models::members::Members;
use bpc_syntax::ast::Binding;
use bpc_syntax::diagnostic::Diagnostic;
use std::collections::BTreeSet;

/// Whether the initial value of a state mentions other states, inputs or lets of the neuron, which are all known only behind
/// its body. Its unit must be written.
pub(crate) fn starts_late(binding: &Binding, members: &Members<'_>) -> bool {
    let mut late = false;
    let own = |name: &str| {
        let mut all = members.states.iter().chain(&members.inputs).chain(&members.lets);
        all.any(|member| member.name.node == name)
    };
    if let Some(value) = &binding.value {
        mentioned(value, &mut |name, _| late |= own(name));
    }
    late && binding.unit.is_some()
}

impl Checker<'_> {
    /// Reads the initial values that mention other members of a neuron.
    pub(crate) fn late_starts(&mut self, members: &Members<'_>, instance: &mut Instance) {
        let late: Vec<usize> =
            (0..members.states.len()).filter(|&index| starts_late(members.states[index], members)).collect();
        if late.is_empty() {
            return;
        }
        let mut scope = instance.scope.permitting(Permits { index: true, ..Permits::default() });
        for input in &members.inputs {
            scope.locals.remove(&input.name.node);
            scope.hide(&input.name.node, "nothing has arrived when a neuron starts");
        }
        for index in late {
            let binding = members.states[index];
            let Some(written) = &binding.value else { continue };
            let value = self.top(written, &scope);
            let value = self.kept_of_state(&instance.states[index], value, written.span);
            if !instance.states[index].truth {
                self.declared_unit(binding, Some(&value), None);
            }
            if !value.is_unknown() {
                instance.states[index].init = value.expr;
            }
        }
    }

    /// Reports a state whose initial value follows from itself.
    pub(crate) fn initial_circle(&mut self, states: &[State], lets: &[Let]) {
        let Some(state) = circular(states, lets) else { return };
        let (name, span) = (&state.name, state.span);
        if self.report.has_error_within(span) {
            return;
        }
        let title = format!("the initial value of `{name}` follows from itself");
        let error = Diagnostic::error("E0403", title, span, "also through other states");
        self.push(error.hint("give one of them a value that reads parameters only"));
    }

    /// Writes out initial values that read other states: those have their own initial values there, whatever `init` has made
    /// of them.
    pub(crate) fn resolve_initial_values(&mut self, population: &mut Population) {
        let reads = |expr: &Expr| {
            let mut found = false;
            walk(expr, &mut |e| {
                found |= matches!(e, Expr::State(_) | Expr::Delayed(..) | Expr::Let(_) | Expr::Input(_) | Expr::Time);
            });
            found
        };
        let mut open: Vec<usize> =
            (0..population.states.len()).filter(|&i| reads(&population.states[i].init)).collect();
        if open.is_empty() {
            return;
        }
        self.initial_circle(&population.states, &population.lets);
        let large = open.iter().find(|&&i| written_out_nodes(&population.states[i].init, &population.lets) > LARGEST);
        if let Some(&state) = large {
            let span = population.states[state].span;
            self.error("E0212", "the initial value of this is too large an expression", span, "too large");
            return;
        }
        for &index in &open {
            population.states[index].init = written_out(&population.states[index].init, &population.lets);
        }
        while !open.is_empty() {
            let settled = |i: usize| !open.contains(&i);
            let ready = |i: &usize| states_read(&population.states[*i].init, &[]).into_iter().all(settled);
            let Some(next) = open.iter().position(ready) else { return };
            let index = open.remove(next);
            population.states[index].init = substitute(&population.states[index].init, &|e| match e {
                Expr::State(i) => population.states.get(*i).map(|s| s.init.clone()),
                Expr::Delayed(i, steps) => population.states.get(*i).map(|s| s.before(*steps as f64 * self.dt)),
                Expr::Input(_) | Expr::Time => Some(Expr::Number(0.0)),
                Expr::TimeIndex { clock, every, ahead, last } => {
                    Some(Expr::Number((clock.steps(0) / every + ahead).min(*last) as f64))
                }
                Expr::TimeFraction(clock, every) => Some(Expr::Number((clock.steps(0) % every) as f64 / *every as f64)),
                Expr::Due(_) => Some(Expr::Bool(false)),
                _ => None,
            });
        }
    }
}

/// A state whose initial value leads back to it.
pub(crate) fn circular<'s>(states: &'s [State], lets: &[Let]) -> Option<&'s State> {
    let needs: Vec<BTreeSet<usize>> = states.iter().map(|s| states_read(&s.init, lets)).collect();
    let mut done = vec![false; states.len()];
    // Each pass settles those whose needs are settled; what remains is a loop, or behind one.
    while let Some(next) = (0..states.len()).find(|&i| !done[i] && needs[i].iter().all(|&n| done[n])) {
        done[next] = true;
    }
    // Going from need to need, the first that comes again is in a loop.
    let mut at = (0..states.len()).find(|&i| !done[i])?;
    let mut seen = BTreeSet::new();
    while seen.insert(at) {
        at = needs[at].iter().copied().find(|&n| !done[n])?;
    }
    states.get(at)
}

/// The states that an expression reads, also through lets.
fn states_read(expr: &Expr, lets: &[Let]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![expr];
    let mut seen = BTreeSet::new();
    while let Some(expr) = open.pop() {
        walk(expr, &mut |e| match e {
            Expr::State(i) | Expr::Delayed(i, _) => {
                found.insert(*i);
            }
            Expr::Let(i) if seen.insert(*i) => open.extend(lets.get(*i).map(|l| &l.value)),
            _ => {}
        });
    }
    found
}

/// The number of nodes once lets are written out.
pub(crate) fn written_out_nodes(expr: &Expr, lets: &[Let]) -> u64 {
    let mut sizes: Vec<u64> = Vec::new();
    let count = |expr: &Expr, sizes: &[u64]| {
        let mut nodes = 0u64;
        walk(expr, &mut |e| {
            let size = if let Expr::Let(i) = e { sizes.get(*i).copied().unwrap_or(1) } else { 1 };
            nodes = nodes.saturating_add(size);
        });
        nodes
    };
    for one in lets {
        sizes.push(count(&one.value, &sizes));
    }
    count(expr, &sizes)
}

/// An expression with its lets written out.
pub(crate) fn written_out(expr: &Expr, lets: &[Let]) -> Expr {
    substitute(expr, &|e| match e {
        // A let needs earlier ones only.
        Expr::Let(i) => lets.get(*i).map(|l| written_out(&l.value, &lets[..*i])),
        _ => None,
    })
}
