//! `on pre after D { … }`: handlers that act later than the spike is at the synapse.

use crate::expressions::checker::Checker;
use crate::expressions::scope::Permits;
use crate::expressions::units::Unit;
use crate::models::events::Handling;
use crate::networks::connect::brief;
use bpc_syntax::ast::EventHandler;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;

/// The most steps that spikes are kept for a handler.
const LONGEST: f64 = 1e6;

impl Checker<'_> {
    /// How many steps later than the spike a handler acts. While nothing uses the model, and the step is not known, one that
    /// is late at all is by one step.
    pub(crate) fn steps_after(&mut self, handler: &EventHandler, handling: &Handling<'_>) -> Option<u64> {
        let Some(written) = &handler.after else { return Some(0) };
        let ms = Unit::named("ms");
        let value = self.top(written, &handling.scope.permitting(Permits::default()));
        if value.is_unknown() || !self.fits(&value, &ms, written.span, "how much later a handler acts", None) {
            return None;
        }
        if !handling.in_use {
            return Some(1);
        }
        let late = self.fixed(&value, written.span, "how much later a handler acts")?;
        let steps = late / self.dt;
        let (title, label, hint) = if steps < -1e-6 {
            let title = format!("a handler cannot act {} before the spike is there", ms.show(-late));
            (title, "negative", "a handler without `after` acts at once".to_owned())
        } else if steps > LONGEST {
            let title = format!("a handler that is {} steps late is too late", brief(steps));
            (title, "too late", format!("at most {LONGEST:e} steps"))
        } else if (steps - steps.round()).abs() > 1e-6 * steps.round().clamp(1.0, 1e3) {
            let title = format!("{} are {} steps of {}", ms.show(late), brief(steps), ms.show(self.dt));
            (title, "not whole", format!("the nearest that is: {}", ms.show(steps.round() * self.dt)))
        } else {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 1e6
            return Some(steps.round() as u64);
        };
        self.push(Diagnostic::error("E0524", title, written.span, label).hint(hint));
        None
    }

    /// Reports that a weight is transmitted with the spike alone.
    pub(crate) fn late_transmission(&mut self, at: Span, late: Span) {
        let title = "a weight is transmitted when the spike arrives, not later";
        let error = Diagnostic::error("E0525", title, at, "acts too late").also(late, "so much later");
        self.push(error.hint("put it into a handler without `after`; a longer `delay` makes all of them later"));
    }
}
