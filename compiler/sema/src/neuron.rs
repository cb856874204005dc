//! Neurons: what a population consists of.

use crate::checker::Checker;
use crate::instance::{Instance, Use};
use crate::members::Members;
use crate::model::{BinaryOp, Expr, Method, Refractory, SpikeRule};
use crate::scope::{Permits, Role, Scope, Type, Typed};
use crate::units::Unit;
use bpc_syntax::ast::{self, AssignOp, Model, Statement};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::FileId;
use bpc_syntax::suggest::closest;
use std::rc::Rc;

/// A checked neuron.
pub(crate) struct Neuron {
    /// States, inputs, lets.
    pub instance: Instance,
    /// When it spikes.
    pub spike: Option<SpikeRule>,
    /// The integrator that it names.
    pub method: Option<Method>,
}

/// The integrators that can be named.
const METHODS: &[(&str, Method)] = &[
    ("exact", Method::Exact),
    ("exponential_euler", Method::ExponentialEuler),
    ("euler", Method::Euler),
    ("midpoint", Method::Midpoint),
    ("heun", Method::Heun),
    ("rk4", Method::RungeKutta4),
];

impl Checker<'_> {
    /// Checks a neuron for one use, or at its definition.
    pub(crate) fn neuron(&mut self, model: &Model, file: FileId, site: Option<&mut Use<'_>>) -> Neuron {
        let members = Members::of(model);
        let definition = site.is_none();
        if definition {
            self.check_members(model);
            self.check_neuron_parts(model, &members);
        }
        let parameters = self.model_parameters(model, &members, file, site, None);
        let mut instance = self.body(&members, parameters, None, 0);
        instance.lets = self.lets(&members.lets, &mut instance.scope, 0, None);
        self.equations(&members, &mut instance);
        let spike = members.spikes.first().map(|rule| self.spike_rule(rule, &instance));
        if definition {
            self.unused_parameters(&members.parameters, &instance.scope);
        }
        let method = members.methods.first().and_then(|name| self.method(name));
        if let [first, second, ..] = members.methods[..] {
            let error = Diagnostic::error("E0425", "two integrators", second.span, "second");
            self.push(error.also(first.span, "first").hint("leave one of them out"));
        }
        Neuron { instance, spike, method }
    }

    /// The integrator of a name.
    pub(crate) fn method(&mut self, name: &ast::Name) -> Option<Method> {
        let found = METHODS.iter().find(|m| m.0 == name.node).map(|m| m.1);
        if found.is_none() {
            let names: Vec<&str> = METHODS.iter().map(|m| m.0).collect();
            let error = Diagnostic::error(
                "E0425",
                format!("there is no integrator `{}`", name.node),
                name.span,
                "not an integrator",
            );
            self.push(match closest(&name.node, names.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("the integrators are {}", names.join(", "))),
            });
        }
        found
    }

    fn check_neuron_parts(&mut self, model: &Model, members: &Members<'_>) {
        if members.states.is_empty() {
            self.push(
                Diagnostic::error(
                    "E0405",
                    format!("neuron `{}` has no state", model.name.node),
                    model.name.span,
                    "nothing to integrate",
                )
                .hint("declare one: `state V : mV = -65 mV` and its equation `V' = …`"),
            );
        }
        if let [first, second, ..] = members.spikes.as_slice() {
            self.push(
                Diagnostic::error("E0406", "a second spike rule is not supported yet", second.span, "second rule")
                    .also(first.span, "first rule")
                    .hint("join the conditions with `or`"),
            );
        }
    }

    fn spike_rule(&mut self, rule: &ast::SpikeRule, instance: &Instance) -> SpikeRule {
        let scope = instance.scope.permitting(Permits { time: true, ..Permits::default() });
        let condition = self.top(&rule.condition, &scope);
        self.truth(&condition, rule.condition.span, "`spike when`");
        let mut updates = Vec::new();
        let mut refractory: Option<(Refractory, bpc_syntax::source::Span)> = None;
        for action in &rule.actions {
            match action {
                Statement::Assign { target, op, value, .. } => {
                    let typed = self.top(value, &scope);
                    let Some(index) = instance.states.iter().position(|s| s.name == target.node) else {
                        self.no_assignment(target, &scope, &typed);
                        continue;
                    };
                    let known = scope.locals.get(&target.node).is_none_or(|l| !l.value.is_unknown());
                    if known {
                        self.assigned(
                            *op,
                            &typed,
                            value,
                            (target, &instance.units[index]),
                            instance.states[index].span,
                        );
                    }
                    updates.push((index, updated(*op, Expr::State(index), typed.expr)));
                }
                Statement::Transmit { span, .. } => {
                    let error = Diagnostic::error("E0404", "a neuron transmits no weight", *span, "means nothing here");
                    self.push(error.hint("`transmit` stands in `on pre` of a plasticity rule"));
                }
                Statement::Refractory { duration, hold, span } => {
                    if let Some((_, first)) = &refractory {
                        let error = Diagnostic::error("E0423", "two refractory periods", *span, "second");
                        let error = error.also(*first, "first");
                        self.push(error.hint("leave one of them out"));
                        continue;
                    }
                    let held = self.held(hold, instance, &scope);
                    let duration = self.refractory_duration(duration, instance);
                    refractory = Some((Refractory { duration, hold: held }, *span));
                }
            }
        }
        SpikeRule { condition: condition.expr, updates, refractory: refractory.map(|r| r.0), span: rule.span }
    }

    fn refractory_duration(&mut self, duration: &ast::Expr, instance: &Instance) -> Expr {
        let mut scope = Scope::of_file(instance.scope.file);
        for (name, local) in &instance.scope.locals {
            if local.role == crate::scope::Role::Parameter {
                scope.locals.insert(name.clone(), local.clone());
            } else {
                scope.hide(name, "the refractory period is the same for all neurons: it can use parameters only");
            }
        }
        let value = self.top(duration, &scope);
        if matches!(value.kind, Type::Zero) {
            return value.expr;
        }
        let ms = Unit::named("ms");
        if self.fits(&value, &ms, duration.span, "the refractory period", None)
            && crate::evaluate::evaluate(&value.expr, &self.parameters).is_some_and(|v| v < 0.0)
        {
            let place = match value.expr {
                Expr::Parameter(id) => self.parameters[id.0].span,
                _ => duration.span,
            };
            let error = Diagnostic::error("E0422", "the refractory period is negative", place, "negative");
            self.push(if place == duration.span { error } else { error.also(duration.span, "used here") });
        }
        value.expr
    }

    fn held(&mut self, hold: &[ast::Name], instance: &Instance, scope: &Scope) -> Vec<usize> {
        let mut held = Vec::new();
        for name in hold {
            match instance.states.iter().position(|s| s.name == name.node) {
                Some(index) if held.contains(&index) => {
                    self.error("E0202", format!("`{}` is held twice", name.node), name.span, "held again here");
                }
                Some(index) => held.push(index),
                None => self.no_state(name, scope, "`hold`", &Typed::unknown()),
            }
        }
        held
    }

    /// An assignment to something that is not a state.
    pub(crate) fn no_assignment(&mut self, target: &ast::Name, scope: &Scope, value: &Typed) {
        match scope.locals.get(&target.node) {
            Some(local) => {
                let title = format!("`{}` cannot be assigned to", target.node);
                let error = Diagnostic::error("E0419", title, target.span, "cannot be changed here")
                    .also(local.span, format!("declared here as {}", local.role.describe()));
                self.push(error.hint(match local.role {
                    Role::Post => "what spikes of a neuron do to itself stands in its `spike when`",
                    Role::Pre => "a synapse does not change its source neuron",
                    _ => "only states change at a spike",
                }));
            }
            None => self.no_state(target, scope, "an assignment", value),
        }
    }

    /// Whether an assigned value has the unit it needs.
    pub(crate) fn assigned(
        &mut self,
        op: AssignOp,
        value: &Typed,
        written: &ast::Expr,
        (target, unit): (&ast::Name, &Unit),
        declared: bpc_syntax::source::Span,
    ) {
        if op == AssignOp::Multiply {
            self.fits(value, &Unit::none(), written.span, &format!("the factor of `{}`", target.node), None);
        } else {
            self.fits(value, unit, written.span, &format!("`{}`", target.node), Some(declared));
        }
    }
}

/// The new value of a state.
pub(crate) fn updated(op: AssignOp, old: Expr, value: Expr) -> Expr {
    let binary = |op| Expr::Binary(op, Rc::new(old), Rc::new(value.clone()));
    match op {
        AssignOp::Set => value,
        AssignOp::Add => binary(BinaryOp::Add),
        AssignOp::Subtract => binary(BinaryOp::Subtract),
        AssignOp::Multiply => binary(BinaryOp::Multiply),
    }
}
