//! What can be recorded of a neuron besides its states: inputs, and `let`s.

use crate::checker::Checker;
use crate::evaluate::walk_through;
use crate::model::{Expr, Let, PopulationId, Recorded};
use crate::network::Builder;
use crate::scope::Type;
use crate::units::Unit;
use bpc_syntax::ast::Name;
use bpc_syntax::diagnostic::Diagnostic;

impl Checker<'_> {
    /// The input or `let` of this name, if there is one; what cannot be recorded of these is reported and `None`.
    ///
    /// # Errors
    /// If the population has neither.
    pub(crate) fn recorded(
        &mut self,
        builder: &Builder<'_>,
        id: PopulationId,
        member: &Name,
    ) -> Result<Option<Recorded>, ()> {
        let (population, target) = (&builder.populations[id.0], &builder.targets[id.0]);
        let name = member.node.clone();
        if let Some(index) = population.inputs.iter().position(|i| i.name == name) {
            let quantity = population.inputs[index].quantity.clone();
            return Ok(Some(Recorded { name, quantity, value: Expr::Input(index), start: true }));
        }
        let index = population.lets.iter().position(|l| l.name == name).ok_or(())?;
        let unit = match target.lets.iter().find(|l| l.0 == name).map(|l| &l.1.kind) {
            Some(Type::Number(unit)) => unit.clone(),
            Some(Type::Zero) => Unit::none(),
            Some(Type::Truth) => {
                let title = format!("`{name}` is a truth value, and numbers are recorded");
                let error = Diagnostic::error("E0516", title, member.span, "true or false");
                let error = error.also(population.lets[index].span, "declared here");
                self.push(error.hint(format!("record a number: `let {name}_number = if {name} then 1 else 0`")));
                return Ok(None);
            }
            // Its mistake is told where it is made.
            _ => return Ok(None),
        };
        let (value, start) = (Expr::Let(index), is_of_the_start(index, &population.lets));
        Ok(Some(Recorded { name, quantity: unit.quantity(), value, start }))
    }
}

/// Whether a `let` depends on what is known at the start of a step and not at its end.
fn is_of_the_start(index: usize, lets: &[Let]) -> bool {
    let mut found = false;
    walk_through(&Expr::Let(index), lets, &mut |e| {
        found |= matches!(
            e,
            Expr::Input(_) | Expr::TimeIndex { .. } | Expr::TimeFraction(_) | Expr::Delayed(..) | Expr::Random(..)
        );
    });
    found
}
