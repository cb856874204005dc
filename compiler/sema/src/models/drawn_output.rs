//! What a receptor draws in its outputs: one number for each target neuron and step, for all its synapses, whether the output is
//! computed for the neuron or for each synapse. The neuron draws it in the step before.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::walk;
use crate::expressions::scope::Typed;
use crate::model::{Expr, Let};
use crate::models::events::substitute;
use crate::models::initial::written_out;
use crate::networks::network::Target;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;

impl Checker<'_> {
    /// An output with states of the target in place of draws.
    pub(crate) fn drawn_by_target(&mut self, value: Typed, lets: &[Let], target: &Target, span: Span) -> Typed {
        let mut drawn = Vec::new();
        walk(&value.expr, &mut |e| {
            if let Expr::Random(distribution, arguments, stream) = e {
                let arguments = arguments.iter().map(|argument| written_out(argument, lets)).collect();
                drawn.push((*stream, Expr::Random(*distribution, arguments, *stream)));
            }
        });
        if drawn.is_empty() {
            return value;
        }
        let mut places = Vec::new();
        for (stream, draw) in drawn {
            if !follows_from_parameters(&draw) {
                let title = "what a receptor draws follows from parameters";
                let error = Diagnostic::error("E0566", title, span, "something else decides on the distribution");
                self.push(error.hint("scale what is drawn: `g * normal(1, 0.1)`, not `normal(g, 0.1 * g)`"));
                return Typed::unknown();
            }
            let unit = self.drawn_units.get(&stream).cloned().unwrap_or_else(crate::expressions::units::Unit::none);
            places.push((stream, target.kept.drawn(stream, target.states.len(), &draw, &unit, span)));
        }
        let expr = substitute(&value.expr, &|e| match e {
            Expr::Random(_, _, stream) => {
                places.iter().find(|place| place.0 == *stream).map(|place| Expr::PostState(place.1))
            }
            _ => None,
        });
        Typed { expr, ..value }
    }
}

/// Whether a distribution is the same for all neurons and times.
fn follows_from_parameters(draw: &Expr) -> bool {
    let Expr::Random(_, arguments, _) = draw else { return false };
    let mut follows = true;
    let fixed = |e: &Expr| {
        matches!(
            e,
            Expr::Number(_)
                | Expr::Bool(_)
                | Expr::Parameter(_)
                | Expr::Unary(..)
                | Expr::Binary(..)
                | Expr::If(..)
                | Expr::Call(..)
        )
    };
    arguments.iter().for_each(|argument| walk(argument, &mut |e| follows &= fixed(e)));
    follows
}
