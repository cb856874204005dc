//! `every T { … }` and `every T from T0 { … }`: what neurons and synapses do at the end of periods.

use crate::expressions::checker::Checker;
use crate::expressions::scope::Scope;
use crate::expressions::units::Unit;
use crate::model::{Period, Periodic};
use crate::models::events::{Handling, Targets};
use crate::models::members::Members;
use crate::networks::connect::brief;
use bpc_syntax::ast::{self, EventHandler, RuleKind, SpikeRule, Trigger};
use bpc_syntax::diagnostic::Diagnostic;

/// The most steps in a period.
const LONGEST: f64 = 1e15;

impl Checker<'_> {
    /// When `every T from T0` acts; in every step, if the step is not known yet because nothing uses the model.
    pub(crate) fn period(&mut self, rule: &SpikeRule, scope: &Scope, in_use: bool) -> Option<Period> {
        let every = self.steps_until(&rule.condition, scope, in_use, "a period");
        let start = match &rule.start {
            Some(start) => self.steps_until(start, scope, in_use, "a start"),
            None => Some(0),
        };
        let (every, start) = (every?, start?);
        // Where it is a multiple of the period, nothing is to be said but which.
        Some(Period { every, start: if start == every { 0 } else { start } })
    }

    /// A time in steps: of a period at least one, of its start also none; one, if the step is not known yet.
    fn steps_until(&mut self, written: &ast::Expr, scope: &Scope, in_use: bool, what: &str) -> Option<u64> {
        let value = self.top(written, &scope.permitting(crate::expressions::scope::Permits::default()));
        let ms = Unit::named("ms");
        if value.is_unknown() || !self.fits(&value, &ms, written.span, what, None) {
            return None;
        }
        if !in_use {
            // Parameters without a value are numbers only where the model is used.
            return Some(1);
        }
        let time = self.fixed(&value, written.span, what)?;
        let steps = time / self.dt;
        let is_start = what == "a start";
        let (title, label, hint) = if is_start && steps < 0.0 {
            let title = format!("{what} at {} is before the run", ms.show(time));
            (title, "negative", "it is the time at which it is done first".to_owned())
        } else if !is_start && steps < 1.0 - 1e-6 {
            let title = format!("{what} of {} is shorter than the step of {}", ms.show(time), ms.show(self.dt));
            (title, "too short", "shorten the step; what is done in every step is written `every dt`".to_owned())
        } else if steps > LONGEST {
            (format!("{what} of {} steps is too long", brief(steps)), "too long", format!("at most {LONGEST:e} steps"))
        } else if (steps - steps.round()).abs() > 1e-6 * steps.round().clamp(1.0, 1e3) {
            let title = format!("{what} of {} is {} steps of {}", ms.show(time), brief(steps), ms.show(self.dt));
            (title, "not whole", format!("the nearest that is: {}", ms.show(steps.round() * self.dt)))
        } else {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 1e15
            return Some(steps.round() as u64);
        };
        self.push(Diagnostic::error("E0527", title, written.span, label).hint(hint));
        None
    }

    /// What the synapses of a model do at the end of periods.
    pub(crate) fn periodic(
        &mut self,
        members: &Members<'_>,
        handling: &Handling<'_>,
        targets: &Targets,
    ) -> Vec<Periodic> {
        let mut all = Vec::new();
        for rule in members.spikes.iter().filter(|rule| rule.kind == RuleKind::Every) {
            let period = self.period(rule, handling.scope, handling.in_use);
            let actions = rule.actions.clone();
            let handler = EventHandler { trigger: Trigger::Post, weight: None, after: None, actions, span: rule.span };
            let here = Handling { targets, transmitted: None, transmits: false, ..*handling };
            let (updates, _) = self.event_updates(&[&handler], &here);
            all.extend(period.map(|period| Periodic { period, updates }));
        }
        all
    }
}
