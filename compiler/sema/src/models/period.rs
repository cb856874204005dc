//! `every T { … }`: what neurons and synapses do at the end of periods.

use crate::expressions::checker::Checker;
use crate::expressions::scope::Scope;
use crate::expressions::units::Unit;
use crate::model::Periodic;
use crate::models::events::{Handling, Targets};
use crate::models::members::Members;
use crate::networks::connect::brief;
use bpc_syntax::ast::{self, EventHandler, RuleKind, Trigger};
use bpc_syntax::diagnostic::Diagnostic;

/// The most steps in a period.
const LONGEST: f64 = 1e15;

impl Checker<'_> {
    /// The steps of a period; one, if the step is not known yet because nothing uses the model.
    pub(crate) fn period(&mut self, written: &ast::Expr, scope: &Scope, in_use: bool) -> Option<u64> {
        let value = self.top(written, &scope.permitting(crate::expressions::scope::Permits::default()));
        let ms = Unit::named("ms");
        if value.is_unknown() || !self.fits(&value, &ms, written.span, "a period", None) {
            return None;
        }
        if !in_use {
            // Parameters without a value are numbers only where the model is used.
            return Some(1);
        }
        let period = self.fixed(&value, written.span, "a period")?;
        let steps = period / self.dt;
        let (title, label, hint) = if steps < 1.0 - 1e-6 {
            let title = format!("a period of {} is shorter than the step of {}", ms.show(period), ms.show(self.dt));
            (title, "too short", "shorten the step; what is done in every step is written `every dt`".to_owned())
        } else if steps > LONGEST {
            (
                format!("a period of {} steps is too long", brief(steps)),
                "too long",
                format!("at most {LONGEST:e} steps"),
            )
        } else if (steps - steps.round()).abs() > 1e-6 * steps.round().min(1e3) {
            let title = format!("a period of {} is {} steps of {}", ms.show(period), brief(steps), ms.show(self.dt));
            (title, "not whole", format!("the nearest that is: {}", ms.show(steps.round() * self.dt)))
        } else {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 1 to 1e15
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
            let every = self.period(&rule.condition, handling.scope, handling.in_use);
            let actions = rule.actions.clone();
            let handler = EventHandler { trigger: Trigger::Post, weight: None, after: None, actions, span: rule.span };
            let here = Handling { targets, transmitted: None, transmits: false, ..*handling };
            let (updates, _) = self.event_updates(&[&handler], &here);
            all.extend(every.map(|every| Periodic { every, updates }));
        }
        all
    }
}
