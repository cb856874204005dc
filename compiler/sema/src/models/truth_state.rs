//! States that are truth values: `state active : bool = false`.
//!
//! What goes in: a state of a neuron whose unit is written `bool`, and conditions that are assigned to it. What comes out: a number that
//! is 0 or 1 wherever neurons are not asked themselves, and a condition where they are. What may never happen: arithmetic with
//! it, or a change with time.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Type, Typed};
use crate::expressions::units::Unit;
use crate::model::{BinaryOp, Expr, State};
use bpc_syntax::ast::{self, AssignOp, Binding};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::rc::Rc;

/// Whether a state of this unit is a truth value.
pub(crate) fn is_truth(unit: &ast::Unit) -> bool {
    matches!(unit.factors.as_slice(), [only] if only.symbol.node == "bool" && only.exponent == (1, 1))
}

/// A state that is kept as 0 or 1, as a condition.
pub(crate) fn read_truth(state: Expr) -> Typed {
    let holds = Expr::Binary(BinaryOp::NotEqual, Rc::new(state), Rc::new(Expr::Number(0.0)));
    Typed { nodes: 3, height: 2, ..Typed::leaf(holds, Type::Truth) }
}

/// A condition as it is kept.
fn kept_truth(value: Typed) -> Typed {
    let expr = match value.expr {
        Expr::Bool(holds) => Expr::Number(f64::from(u8::from(holds))),
        condition => Expr::If(Rc::new(condition), Rc::new(Expr::Number(1.0)), Rc::new(Expr::Number(0.0))),
    };
    let kind = Type::Number(Unit::none());
    Typed { expr, kind, nodes: value.nodes + 3, height: value.height + 1 }
}

impl Checker<'_> {
    /// The initial value of a state that is declared as a truth value.
    pub(crate) fn truth_value(&mut self, binding: &Binding, value: Option<Typed>, of_neuron: bool) -> Option<Typed> {
        if !of_neuron {
            let title = format!("`{}` cannot be a truth value", binding.name.node);
            let error = Diagnostic::error("E0563", title, binding.span, "not a state of a neuron");
            self.push(error.hint("truth values are states of neurons and cells: here take a number, 0 or 1"));
            return Some(Typed::unknown());
        }
        let written = binding.value.as_ref()?;
        let value = value?;
        self.truth(&value, written.span, &format!("`{}`", binding.name.node)).then(|| kept_truth(value))
    }

    /// What is assigned to a state, as it is kept; of a truth value a condition.
    pub(crate) fn kept_of_state(&mut self, state: &State, value: Typed, span: Span) -> Typed {
        if !state.truth || value.is_unknown() {
            return value;
        }
        match self.truth(&value, span, &format!("`{}`", state.name)) {
            true => kept_truth(value),
            false => Typed::unknown(),
        }
    }

    /// Whether a state can be changed so; reports a change of a truth value by an amount.
    pub(crate) fn sets_truth(&mut self, state: &State, op: AssignOp, span: Span) -> bool {
        let fine = !state.truth || op == AssignOp::Set;
        if !fine {
            let title = format!("`{}` is a truth value, to which nothing is added", state.name);
            let error = Diagnostic::error("E0563", title, span, "not an assignment with `=`");
            self.push(error.hint(format!("write `{0} = …`, such as `{0} = not {0}`", state.name)));
        }
        fine
    }

    /// Reports an equation of a truth value.
    pub(crate) fn no_change_with_time(&mut self, equation: Span, declared: Span) {
        let title = "a truth value does not change continuously";
        let error = Diagnostic::error("E0563", title, equation, "an equation").also(declared, "a truth value");
        self.push(error.hint("it changes in blocks, `active = V > 0 mV`, or from step to step, `active(t + dt) = …`"));
    }
}
