//! Delayed variables: `x(t - d)` in the equations of a neuron.

use crate::expressions::checker::Checker;
use crate::expressions::over::each_part;
use crate::expressions::scope::{Local, Permits, Role, Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::model::{BinaryOp, Expr};
use crate::models::instance::mentioned;
use crate::models::members::Members;
use crate::networks::connect::brief;
use bpc_syntax::ast::{self, ExprKind, Item, NetworkMember};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, Span};
use std::collections::BTreeSet;

/// The most steps that are kept of a variable.
const LONGEST: f64 = 1e7;

impl Checker<'_> {
    /// A call of a state.
    pub(crate) fn delayed(
        &mut self,
        name: &ast::Name,
        local: &Local,
        arguments: &[ast::Expr],
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let state = &name.node;
        let Some(delay) = delay_of(arguments).filter(|_| !scope.locals.contains_key("t")) else {
            let title = format!("`{state}` is a state, and this is no delayed value of it");
            let error = Diagnostic::error("E0492", title, span, "not of the form `t - …`");
            self.push(error.hint(format!(
                "its value 10 ms ago is `{state}(t - 10 ms)`, its present value `{state}`; to multiply write `{state} * (…)`"
            )));
            return Typed::unknown();
        };
        local.used.set(true);
        let (Expr::State(index), Some(in_use)) = (&local.value.expr, scope.permits.delayed) else {
            if !local.value.is_unknown() {
                let title = format!("the delayed value of `{state}` cannot be used here");
                let error = Diagnostic::error("E0492", title, span, "not in an equation or a `let` of a neuron");
                self.push(error.hint(match local.role {
                    Role::Pre => {
                        "a connection's `delay d` is how old what it reads of its source neuron is: give it one, and write \
                         the name alone"
                            .to_owned()
                    }
                    Role::Post => format!(
                        "synapses read the present of their target neuron, and its spikes later, by `post_delay`; a past value \
                         is a state of the neuron: `past(t + dt) = {state}(t - …)`, and here `post past`"
                    ),
                    Role::State => {
                        "in a neuron, give it a name with `let`; what synapses keep has no past: what has to wait takes the \
                         `delay` or `post_delay` of the projection"
                            .to_owned()
                    }
                    _ => "give it a name in the neuron with `let`; along a connection write `delay …`".to_owned(),
                }));
            }
            return Typed::unknown();
        };
        match self.delay_steps(delay, scope, in_use) {
            Some(steps) => Typed::leaf(Expr::Delayed(*index, steps), local.value.kind.clone()),
            None => Typed::unknown(),
        }
    }

    fn delay_steps(&mut self, written: &ast::Expr, scope: &Scope, in_use: bool) -> Option<u64> {
        let value = self.expression(written, &scope.permitting(Permits::default()));
        let ms = Unit::named("ms");
        if value.is_unknown() || !self.fits(&value, &ms, written.span, "a delay", None) {
            return None;
        }
        let delay = self.fixed(&value, written.span, "a delay")?;
        if !in_use {
            return Some(1);
        }
        let steps = delay / self.dt;
        let (title, label, hint) = if steps < 1.0 - 1e-6 {
            let title = format!("a delay of {} is shorter than the step of {}", ms.show(delay), ms.show(self.dt));
            (title, "too short", "shorten the step, or use the present value".to_owned())
        } else if steps > LONGEST {
            (format!("a delay of {} steps is too long", brief(steps)), "too long", format!("at most {LONGEST} steps"))
        } else if (steps - steps.round()).abs() > 1e-6 * steps.round() {
            let title = format!("a delay of {} is {} steps of {}", ms.show(delay), brief(steps), ms.show(self.dt));
            (title, "not whole", format!("the nearest that is: {}", ms.show(steps.round() * self.dt)))
        } else {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 1 to 1e7
            return Some(steps.round() as u64);
        };
        self.push(Diagnostic::error("E0493", title, written.span, label).hint(hint));
        None
    }

    /// A parameter of a model that is a delay or a period, or that one follows from: a number.
    pub(crate) fn delay_parameter(&mut self, name: &str, value: &Typed, unit: &Unit, span: Span) -> Typed {
        if let Some((given, _)) = self.overridden(name, unit, span) {
            return Typed::number(given, unit.clone());
        }
        if matches!(value.kind, Type::Zero) {
            return Typed::number(0.0, unit.clone());
        }
        match self.fixed(value, span, "a parameter that is a delay or a period") {
            Some(number) => Typed::number(number, unit.clone()),
            None => Typed::unknown(),
        }
    }

    /// Adds the names that a network gives to parameters of its models that are delays or periods, and what they follow
    /// from.
    pub(crate) fn delays(&mut self, network: &ast::Network, file: FileId, names: &mut BTreeSet<String>) {
        let mut open = Vec::new();
        let members = network.members_of_all_branches();
        for &member in &members {
            let uses: Vec<&ast::ModelUse> = match member {
                NetworkMember::Population(population) => vec![&population.model],
                NetworkMember::Project(project) => project.clauses.iter().filter_map(model_of).collect(),
                _ => continue,
            };
            for used in uses {
                let found = self.program.find(file, &used.name.node).map(|(_, d)| d.item.clone());
                let Some(item) = found else { continue };
                let Item::Model(model) = &*item else { continue };
                let delays = parameters(&Members::of(model), Vec::new());
                for argument in used.arguments.iter().filter(|a| delays.contains(base(&a.name.node))) {
                    argument.value.iter().for_each(|value| mentioned(value, &mut |name, _| open.push(name.to_owned())));
                }
            }
        }
        let lets = members.iter().filter_map(|m| if let NetworkMember::Let(b) = m { Some(b) } else { None });
        let bindings: Vec<&ast::Binding> = network.parameters.iter().chain(lets).collect();
        while let Some(name) = open.pop() {
            if names.insert(name.clone()) {
                for value in bindings.iter().filter(|b| b.name.node == name).filter_map(|b| b.value.as_ref()) {
                    mentioned(value, &mut |inner, _| open.push(inner.to_owned()));
                }
            }
        }
    }
}

/// The name of an array, of a name with an index.
fn base(name: &str) -> &str {
    name.split_once('[').map_or(name, |(base, _)| base)
}

/// The model with states that a clause of a projection names.
fn model_of(clause: &ast::Clause) -> Option<&ast::ModelUse> {
    match clause {
        ast::Clause::Synapse(used) | ast::Clause::Plasticity(used) => Some(used),
        _ => None,
    }
}

/// The `d` of the arguments `t - d`.
pub(crate) fn delay_of(arguments: &[ast::Expr]) -> Option<&ast::Expr> {
    let [argument] = arguments else { return None };
    let ExprKind::Binary(BinaryOp::Subtract, time, delay) = &argument.kind else { return None };
    matches!(&time.kind, ExprKind::Name(name) if name == "t").then_some(delay)
}

/// The parameters of a model that are delays of its variables or handlers, or periods, and those that their values follow from: the
/// model is made for their values. `open` are others that are known to be.
pub(crate) fn parameters(members: &Members<'_>, mut open: Vec<String>) -> BTreeSet<String> {
    let mut look = |expr: &ast::Expr| {
        calls(expr, &mut |name, arguments| {
            if members.states.iter().any(|s| s.name.node == *name)
                && let Some(delay) = delay_of(arguments)
            {
                mentioned(delay, &mut |name, _| open.push(name.to_owned()));
            }
        });
    };
    members.equations.iter().for_each(|e| look(&e.derivative));
    members.recurrences.iter().for_each(|r| look(&r.value));
    members.lets.iter().filter_map(|l| l.value.as_ref()).for_each(&mut look);
    for rule in members.spikes.iter().filter(|r| r.kind == ast::RuleKind::Every) {
        for time in std::iter::once(&rule.condition).chain(&rule.start) {
            mentioned(time, &mut |name, _| open.push(name.to_owned()));
        }
    }
    let handlers = members.handlers.iter().chain(&members.post_handlers);
    for late in handlers.filter_map(|handler| handler.after.as_ref()) {
        mentioned(late, &mut |name, _| open.push(name.to_owned()));
    }
    let mut names = BTreeSet::new();
    while let Some(name) = open.pop() {
        let Some(binding) = members.parameters.iter().find(|p| p.name.node == name) else { continue };
        if names.insert(name) {
            binding.value.iter().for_each(|value| mentioned(value, &mut |inner, _| open.push(inner.to_owned())));
        }
    }
    names
}

/// Calls `found` with every call in an expression.
fn calls(expr: &ast::Expr, found: &mut dyn FnMut(&str, &[ast::Expr])) {
    each_part(expr, &mut |part| {
        if let ExprKind::Call(name, arguments) | ExprKind::CallElement(name, _, arguments) = &part.kind {
            found(&name.node, arguments);
        }
    });
}
