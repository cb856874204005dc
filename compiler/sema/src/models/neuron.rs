//! Neurons: what a population consists of.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Permits, Role, Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::model::{BinaryOp, Expr, Integrator, Let, SpikeRule};
use crate::models::arrays::has_arrays;
use crate::models::block::{Branch, Setting};
use crate::models::instance::{Instance, Use};
use crate::models::members::{Members, rule_word};
use crate::models::rule_block::RuleBlock;
use crate::models::written_out::Expanded;
use bpc_syntax::ast::{self, AssignOp, Model, RuleKind, Statement};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::FileId;
use std::rc::Rc;

/// A checked neuron.
pub(crate) struct Neuron {
    /// States, inputs, lets.
    pub instance: Instance,
    /// When it spikes, and events without a spike.
    pub rules: Vec<SpikeRule>,
    /// The integrator that it names.
    pub method: Option<Integrator>,
    /// Parameters that have decided on its structure: numbers that cannot change.
    pub counts: Vec<(String, u64)>,
}

impl Checker<'_> {
    /// Checks a neuron for one use, or at its definition.
    /// Nothing if its arrays could not be written out.
    pub(crate) fn neuron(&mut self, model: &Model, file: FileId, mut site: Option<&mut Use<'_>>) -> Option<Neuron> {
        if site.is_none() {
            self.check_members(model);
        }
        if !has_arrays(model) {
            return Some(self.neuron_of(model, &Members::of(model), file, site));
        }
        if self.report.has_error_within(model.span) {
            return None;
        }
        let Expanded { model, arguments, counts } = self.neuron_written_out(model, site.as_deref())?;
        let mut inner = site.as_mut().zip(arguments.as_ref()).map(|(site, written)| site.with(written));
        let neuron = self.neuron_of(&model, &Members::of(&model), file, inner.as_mut());
        Some(Neuron { counts, ..neuron })
    }

    /// A neuron, or the members that a cell comes to.
    pub(crate) fn neuron_of(
        &mut self,
        model: &Model,
        members: &Members<'_>,
        file: FileId,
        mut site: Option<&mut Use<'_>>,
    ) -> Neuron {
        let definition = site.is_none();
        if definition {
            self.check_neuron_parts(model, members);
        }
        let parameters = self.model_parameters(model, members, file, site.as_deref_mut(), None);
        let mut instance = self.body(members, parameters, None, 0);
        instance.scope.permits.delayed = Some(!definition);
        instance.scope.permits.neuron = true;
        instance.scope.permits.noise = true;
        instance.lets = self.lets(members, &mut instance.scope, 0, None);
        instance.scope.permits.noise = false;
        self.equations(members, &mut instance);
        instance.hide_noise();
        self.histories(members, &mut instance);
        self.late_starts(members, &mut instance);
        if definition && members.components.is_none() {
            self.initial_circle(&instance.states, &instance.lets);
        }
        self.recurrences(members, &mut instance);
        let rules = members.spikes.iter().map(|rule| self.spike_rule(rule, &mut instance)).collect();
        self.recoveries(members);
        // Last, so that nothing above takes them for states that can change.
        if let Some(varying) = site.and_then(|s| s.varying.as_deref()) {
            instance.add_varying(0, varying);
        }
        if definition {
            let own = |b: &&&ast::Binding| members.components.is_none_or(|c| !c.contains_key(&b.name.node));
            self.unused_parameters(
                &members.parameters.iter().filter(own).copied().collect::<Vec<_>>(),
                &instance.scope,
            );
        }
        let method = members.methods.first().and_then(|written| self.integrator(written, file, &instance));
        if let [first, second, ..] = members.methods[..] {
            let error = Diagnostic::error("E0425", "two integrators", second.span, "second");
            self.push(error.also(first.span, "first").hint("leave one of them out"));
        }
        Neuron { instance, rules, method, counts: Vec::new() }
    }

    fn check_neuron_parts(&mut self, model: &Model, members: &Members<'_>) {
        if members.states.is_empty() && members.spikes.is_empty() {
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
    }

    fn spike_rule(&mut self, rule: &ast::SpikeRule, instance: &mut Instance) -> SpikeRule {
        let mut scope =
            instance.scope.permitting(Permits { time: true, random: true, neuron: true, ..Permits::default() });
        let condition = match rule.kind {
            RuleKind::Every => {
                let in_use = instance.scope.permits.delayed == Some(true);
                self.period(rule, &instance.scope, in_use).map_or(Expr::Bool(false), Expr::Due)
            }
            RuleKind::Recovery => Expr::Bool(true),
            RuleKind::Spike | RuleKind::When => {
                scope.permits.crossing = true;
                let condition = self.top(&rule.condition, &scope);
                scope.permits.crossing = false;
                self.truth(&condition, rule.condition.span, &format!("`{}`", rule_word(rule)));
                self.starts(&condition.expr, rule.condition.span, &instance.lets);
                condition.expr
            }
        };
        let mut block = RuleBlock::new(rule, instance);
        let setting = Setting { weight: None, in_use: block.instance.scope.permits.delayed == Some(true) };
        self.statements(&mut block, &rule.actions, scope, &Branch::default(), setting);
        let RuleBlock { updates, refractory, plain, .. } = block;
        let refractory = refractory.map(|r| r.0);
        let event = rule.name.as_ref().map(|name| name.node.clone());
        let (spikes, recovery) = (rule.kind == RuleKind::Spike, rule.kind == RuleKind::Recovery);
        SpikeRule { spikes, recovery, event, condition, updates, simultaneous: !plain, refractory, span: rule.span }
    }

    /// What is done at the end of refractory time needs some.
    fn recoveries(&mut self, members: &Members<'_>) {
        let of = |kind| members.spikes.iter().filter(move |rule| rule.kind == kind);
        if members.spikes.iter().any(|rule| rule.kind != RuleKind::Recovery && has_refractory(&rule.actions)) {
            return;
        }
        for rule in of(RuleKind::Recovery) {
            let title = "there is no refractory time that could end";
            let error = Diagnostic::error("E0565", title, rule.span, "never done");
            self.push(
                error
                    .hint("say how long it is where it begins: `spike when V > V_th { V = V_reset  refractory 2 ms }`"),
            );
        }
    }

    /// What crosses must be known at the end of the step before.
    fn starts(&mut self, condition: &Expr, at: bpc_syntax::source::Span, lets: &[Let]) {
        let mut unknown = None;
        crate::expressions::evaluate::walk(condition, &mut |e| {
            if let Expr::Start(inner) = e {
                unknown = unknown.or_else(|| momentary(inner, lets));
            }
        });
        if let Some(what) = unknown {
            let title = format!("what crosses depends on {what}");
            let error = Diagnostic::error("E0446", title, at, "its value in the step before is not kept");
            self.push(error.hint("let a state cross a value that follows from states and parameters"));
        }
    }

    /// The states that get a value in refractory time.
    pub(crate) fn clamped(
        &mut self,
        clamp: &[(ast::Name, ast::Expr)],
        held: &[usize],
        instance: &Instance,
        scope: &Scope,
    ) -> Vec<(usize, Expr)> {
        let mut clamped: Vec<(usize, Expr)> = Vec::new();
        let scope = scope.permitting(Permits { time: true, neuron: true, ..Permits::default() });
        for (name, value) in clamp {
            let typed = self.top(value, &scope);
            let Some(index) = instance.states.iter().position(|s| s.name == name.node) else {
                self.no_state(name, &scope, "`clamp`", &typed);
                continue;
            };
            let twice = clamped.iter().any(|c| c.0 == index);
            if twice || held.contains(&index) {
                let what = if twice { "is clamped twice" } else { "is held and clamped" };
                let error =
                    Diagnostic::error("E0450", format!("`{}` {what}", name.node), name.span, "clamped here as well");
                self.push(error.hint("a state stands still (`hold`) or gets a value (`clamp`)"));
                continue;
            }
            let typed = self.kept_of_state(&instance.states[index], typed, value.span);
            self.assigned(AssignOp::Set, &typed, value, (name, &instance.units[index]), instance.states[index].span);
            clamped.push((index, typed.expr));
        }
        clamped
    }

    /// How long a refractory time is, or the condition that prolongs it; `scope` is that of the rule.
    pub(crate) fn refractory_duration(&mut self, duration: &ast::Expr, conditional: bool, scope: &Scope) -> Typed {
        let value = self.top(duration, scope);
        if conditional {
            self.truth(&value, duration.span, "`refractory while`");
            return value;
        }
        if let Type::Truth = value.kind {
            let title = "`refractory` needs a time, not a truth value";
            let error = Diagnostic::error("E0307", title, duration.span, "this is true or false");
            self.push(error.hint("a condition is written `refractory while …`"));
            return value;
        }
        if matches!(value.kind, Type::Zero) {
            return value;
        }
        let ms = Unit::named("ms");
        if self.fits(&value, &ms, duration.span, "the refractory period", None)
            && crate::expressions::evaluate::evaluate(&value.expr, &self.parameters).is_some_and(|v| v < 0.0)
        {
            let place = match value.expr {
                Expr::Parameter(id) => self.parameters[id.0].span,
                _ => duration.span,
            };
            let error = Diagnostic::error("E0422", "the refractory period is negative", place, "negative");
            self.push(if place == duration.span { error } else { error.also(duration.span, "used here") });
        }
        value
    }

    pub(crate) fn held(&mut self, hold: &[ast::Name], instance: &Instance, scope: &Scope) -> Vec<usize> {
        let mut held = Vec::new();
        if let [all] = hold
            && all.node == "all"
            && instance.states.iter().all(|s| s.name != "all")
        {
            return (0..instance.states.len()).collect();
        }
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
    pub(crate) fn no_assignment(
        &mut self,
        target: &ast::Name,
        scope: &Scope,
        value: &Typed,
        trigger: Option<ast::Trigger>,
    ) {
        match scope.locals.get(&target.node) {
            Some(local) => {
                let title = format!("`{}` cannot be assigned to", target.node);
                let error = Diagnostic::error("E0419", title, target.span, "cannot be changed here")
                    .also(local.span, format!("declared here as {}", local.role.describe()));
                self.push(error.hint(unchangeable(local.role, trigger)));
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

/// What to do instead of assigning to what a block cannot change: of a neuron, or of a synapse at such spikes.
fn unchangeable(role: Role, trigger: Option<ast::Trigger>) -> &'static str {
    match (role, trigger) {
        (Role::Post, Some(ast::Trigger::Post)) => {
            "what a neuron does to itself stands in its own `spike when` or `every`"
        }
        (Role::Post, _) => {
            "it is a parameter, an input or a `let` of the target's neurons, and events change states: declare it there as a `state`"
        }
        (Role::Pre, _) => "a synapse does not change its source neuron",
        (Role::Weight, _) => "weights change in a `plasticity` rule; a synapse or receptor changes its own states",
        (Role::Parameter, _) => "only states change at a spike: declare it as a `state` with this initial value",
        (Role::Local, _) => "a `let` keeps its value: give the new one a name of its own",
        (Role::Let, _) => "it follows from other values: change the states that it is made of",
        _ => "only states change at a spike",
    }
}

/// Whether a refractory time is among these statements.
fn has_refractory(statements: &[Statement]) -> bool {
    statements.iter().any(|statement| match statement {
        Statement::Refractory { .. } => true,
        Statement::For { body, .. } => has_refractory(body),
        Statement::If { branches, otherwise, .. } => {
            branches.iter().any(|branch| has_refractory(&branch.1)) || has_refractory(otherwise)
        }
        Statement::Assign { .. } | Statement::Let(_) | Statement::Transmit { .. } => false,
    })
}

/// What an expression depends on that is not kept from one step to the next.
fn momentary(expr: &Expr, lets: &[Let]) -> Option<&'static str> {
    let mut found = None;
    crate::expressions::evaluate::walk_through(expr, lets, &mut |e| {
        found = found.or(match e {
            Expr::Input(_) => Some("an input"),
            Expr::Time => Some("the time"),
            Expr::Random(..) => Some("a random draw"),
            _ => None,
        });
    });
    found
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
