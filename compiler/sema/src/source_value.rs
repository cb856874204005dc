//! What a synapse, receptor or plasticity rule reads of the source neuron with `pre x`: a state, or a `let` that
//! follows from states and parameters.

use crate::checker::{Checker, given_label};
use crate::expression::{HIGHEST, LARGEST};
use crate::model::{Expr, Let};
use crate::modules::its;
use crate::network::Target;
use crate::scope::{Type, Typed};
use crate::units::Unit;
use bpc_syntax::ast::PreState;
use bpc_syntax::diagnostic::Diagnostic;
use std::rc::Rc;

impl Checker<'_> {
    /// The value of `pre x` with a source population.
    pub(crate) fn source_value(&mut self, pre: &PreState, unit: &Unit, source: &Target) -> Typed {
        let name = &pre.state.node;
        let state = source.states.iter().position(|s| s.0 == *name);
        let found = match state {
            Some(place) => {
                let (_, unit, declared) = &source.states[place];
                Some((Typed::leaf(Expr::PreState(place), Type::Number(unit.clone())), *declared))
            }
            None => source.lets.iter().find(|l| l.0 == *name).map(|(_, value, declared)| (value.clone(), *declared)),
        };
        let Some((value, declared)) = found else {
            let title = format!("neuron `{}` has no state `{name}`", source.model);
            let error = Diagnostic::error("E0417", title, pre.binding.span, "needed here");
            let states = its("states", source.states.iter().map(|s| &s.0));
            let error = error.also(source.span, format!("the source is a `{}`", source.model));
            self.push(error.hint(states));
            return Typed::unknown();
        };
        let number = matches!(value.kind, Type::Number(_) | Type::Zero);
        let has = value.kind.unit();
        if !number || has.dimension != unit.dimension && !unit.dimension.is_open() && !value.kind.is_open() {
            if value.is_unknown() {
                return value;
            }
            let has_text = if number { format!("in {}", has.describe()) } else { value.kind.describe() };
            let unit_text = unit.describe();
            let title =
                format!("`{name}` of neuron `{}` is {has_text}, but this needs it in {unit_text}", source.model);
            let error = Diagnostic::error("E0417", title, pre.binding.span, given_label(unit));
            self.push(error.also(declared, if number { given_label(&has) } else { value.kind.describe() }));
            return Typed::unknown();
        }
        if state.is_some() {
            return Typed { kind: Type::Number(unit.clone()), ..value };
        }
        let mut view = FromSynapse { nodes: 0, height: 0 };
        let failure = match view.expression(&value.expr, &source.population_lets, 1) {
            Ok(expr) => {
                let kind = Type::Number(unit.clone());
                return Typed { expr, kind, nodes: view.nodes, height: view.height };
            }
            Err(failure) => failure,
        };
        let label = "not known between two steps";
        let error = match failure {
            Unseen::Large => {
                let title =
                    format!("`{name}` of neuron `{}` is too large once its `let`s are written out", source.model);
                Diagnostic::error("E0212", title, pre.binding.span, "too large").also(declared, "declared here")
            }
            Unseen::Momentary(what) => {
                let title = format!("`{name}` of neuron `{}` depends on {what}", source.model);
                let error = Diagnostic::error("E0511", title, pre.binding.span, label).also(declared, "declared here");
                error.hint("what others read of a neuron follows from its states and parameters; make it a state: `x(t + dt) = …`")
            }
        };
        self.push(error);
        Typed::unknown()
    }
}

/// Why synapses cannot see a `let`.
enum Unseen {
    /// It depends on what is not kept from one step to the next.
    Momentary(&'static str),
    /// It is too large.
    Large,
}

/// An expression of a neuron as its synapses see it, `let`s written out.
struct FromSynapse {
    nodes: u64,
    height: u32,
}

impl FromSynapse {
    fn expression(&mut self, expr: &Expr, lets: &[Let], height: u32) -> Result<Expr, Unseen> {
        self.nodes += 1;
        self.height = self.height.max(height);
        if self.nodes > LARGEST || height > HIGHEST {
            return Err(Unseen::Large);
        }
        let mut of = |e: &Expr| self.expression(e, lets, height + 1);
        Ok(match expr {
            Expr::State(place) => Expr::PreState(*place),
            Expr::Let(index) => {
                let inner = lets.get(*index).ok_or(Unseen::Momentary("a `let` that is not known"))?;
                self.expression(&inner.value, &lets[..*index], height + 1)?
            }
            Expr::Unary(op, x) => Expr::Unary(*op, Rc::new(of(x)?)),
            Expr::Binary(op, a, b) => Expr::Binary(*op, Rc::new(of(a)?), Rc::new(of(b)?)),
            Expr::If(c, a, b) => Expr::If(Rc::new(of(c)?), Rc::new(of(a)?), Rc::new(of(b)?)),
            Expr::Call(function, arguments) => {
                Expr::Call(*function, arguments.iter().map(of).collect::<Result<_, _>>()?)
            }
            Expr::Number(_) | Expr::Bool(_) | Expr::Parameter(_) => expr.clone(),
            Expr::Input(_) => return Err(Unseen::Momentary("an input")),
            Expr::Time | Expr::TimeIndex { .. } | Expr::TimeFraction(_) | Expr::Due(_) => {
                return Err(Unseen::Momentary("the time"));
            }
            Expr::Delayed(..) => return Err(Unseen::Momentary("a delayed variable")),
            Expr::Element(_) => return Err(Unseen::Momentary("an element of data")),
            Expr::Random(..) | Expr::Noise(_) => return Err(Unseen::Momentary("a random draw")),
            Expr::PostState(_)
            | Expr::PreState(_)
            | Expr::Weight
            | Expr::Index
            | Expr::SourceIndex
            | Expr::PairIndex
            | Expr::Start(_)
            | Expr::NeuronDraw { .. } => return Err(Unseen::Momentary("what only the neuron itself knows")),
        })
    }
}
