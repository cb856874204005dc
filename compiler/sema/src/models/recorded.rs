//! What can be recorded of a neuron besides its states: inputs, and `let`s, also those of projections onto it.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::walk_through;
use crate::expressions::scope::Type;
use crate::expressions::units::Unit;
use crate::model::{Expr, Let, PopulationId, Projection, Recorded};
use crate::networks::network::Builder;
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
        let found = population.lets.iter().position(|l| l.name == name);
        // The input of an ion is what comes from outside; the `let` of this name is that and what channels carry.
        if let (None, Some(index)) = (found, population.inputs.iter().position(|i| i.name == name)) {
            let quantity = population.inputs[index].quantity.clone();
            return Ok(Some(Recorded { name, quantity, value: Expr::Input(index), start: true, of_input: true }));
        }
        let index = found.ok_or(())?;
        let kind = target.lets.iter().find(|l| l.0 == name).map_or(Type::Unknown, |l| l.1.kind.clone());
        let of_input = population.inputs.iter().any(|i| i.name == name);
        Ok(self.recorded_let(index, &population.lets, &kind, member).map(|one| Recorded { of_input, ..one }))
    }

    /// The `let` with this index of a projection, if there is one of this name and it can be recorded.
    pub(crate) fn recorded_of_projection(
        &mut self,
        builder: &Builder<'_>,
        projection: usize,
        member: &Name,
    ) -> Option<Recorded> {
        let lets = &builder.projections[projection].lets;
        let index = lets.iter().position(|l| l.name == member.node)?;
        let kind = builder.let_kinds[projection].get(index)?.clone();
        self.recorded_let(index, lets, &kind, member)
    }

    fn recorded_let(&mut self, index: usize, lets: &[Let], kind: &Type, member: &Name) -> Option<Recorded> {
        let name = member.node.clone();
        if self.records_noise(index, lets, member.span) {
            return None;
        }
        let unit = match kind {
            Type::Number(unit) => unit.clone(),
            Type::Zero => Unit::none(),
            Type::Truth => {
                let title = format!("`{name}` is a truth value, and numbers are recorded");
                let error = Diagnostic::error("E0516", title, member.span, "true or false");
                let error = error.also(lets[index].span, "declared here");
                self.push(error.hint(format!("record a number: `let {name}_number = if {name} then 1 else 0`")));
                return None;
            }
            // Its mistake is told where it is made.
            Type::Unknown => return None,
        };
        let (value, start) = (Expr::Let(index), is_of_the_start(index, lets));
        Some(Recorded { name, quantity: unit.quantity(), value, start, of_input: false })
    }
}

/// Whether the target neuron alone decides on a `let` of a projection: it reads no state of a synapse, no weight, and no source
/// neuron.
pub(crate) fn is_of_target(projection: &Projection, name: &str) -> bool {
    let receptor = projection.own_receptor.as_ref().map_or(0..0, |receptor| receptor.states.clone());
    let mut single = false;
    for one in projection.lets.iter().filter(|one| one.name == name) {
        walk_through(&one.value, &projection.lets, &mut |e| match e {
            Expr::State(index) => single |= !receptor.contains(index),
            Expr::Weight | Expr::PreState(_) => single = true,
            _ => {}
        });
    }
    !single
}

/// Whether a `let` depends on what is known at the start of a step and not at its end.
fn is_of_the_start(index: usize, lets: &[Let]) -> bool {
    let mut found = false;
    walk_through(&Expr::Let(index), lets, &mut |e| {
        found |= matches!(
            e,
            Expr::Input(_) | Expr::TimeIndex { .. } | Expr::TimeFraction(..) | Expr::Delayed(..) | Expr::Random(..)
        );
    });
    found
}
