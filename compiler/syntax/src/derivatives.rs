//! Equations of a higher order: `x'' = …` is the equation of a state `x'`, and `x' = x'` that of `x`.
//!
//! What goes in: the members of a model, in which `x'' = e` has been read as the equation of the state `x'`. What comes out: the
//! same with that state, if it is not declared, and with the equation of `x`; a name with primes is a name like others from
//! there on.

use crate::ast::{BinaryOp, Binding, Equation, Expr, ExprKind, Member, Name, Unit, UnitFactor};
use crate::source::Span;

/// Adds what equations of a higher order imply.
pub(crate) fn completed(mut members: Vec<Member>) -> Vec<Member> {
    let mut open: Vec<(Name, Span)> = members.iter().filter_map(of_higher_order).collect();
    // Of x''' first the equation of x', then that of x.
    while let Some((derivative, span)) = open.pop() {
        let Some(state) = derivative.node.strip_suffix('\'') else { continue };
        let state = Name { node: state.to_owned(), span: derivative.span };
        // Twice only if there are two equations, which is told of the derivative.
        if !members.iter().any(|m| matches!(m, Member::Equation(e) if e.state == state && e.span == span)) {
            let right = Expr { kind: ExprKind::Name(derivative.node.clone()), span: derivative.span };
            members.push(Member::Equation(Equation { state: state.clone(), derivative: right, span }));
        }
        if state.node.ends_with('\'') {
            open.push((state, span));
        }
    }
    for member in &mut members {
        if let Member::Compartment(compartment) = member {
            compartment.members = completed(std::mem::take(&mut compartment.members));
        }
    }
    // From the state itself on, so that each derivative follows a declaration.
    let mut at = 0;
    while at < members.len() {
        if let Member::State(binding) = &members[at]
            && let Some(declared) = derivative_of(binding, &members)
        {
            members.insert(at + 1, Member::State(declared));
        }
        at += 1;
    }
    members
}

/// The state that an equation is of, if that is a derivative.
fn of_higher_order(member: &Member) -> Option<(Name, Span)> {
    match member {
        Member::Equation(equation) if equation.state.node.ends_with('\'') => {
            Some((equation.state.clone(), equation.span))
        }
        _ => None,
    }
}

/// The derivative of a state as a state that starts at 0, if there is an equation of it and it is not declared.
fn derivative_of(state: &Binding, members: &[Member]) -> Option<Binding> {
    let node = format!("{}'", state.name.node);
    let name = Name { node, span: state.name.span };
    let has_equation = |m: &Member| matches!(m, Member::Equation(e) if e.state.node == name.node);
    let declared = |m: &Member| matches!(m, Member::State(b) if b.name.node == name.node);
    if !members.iter().any(has_equation) || members.iter().any(declared) {
        return None;
    }
    let ms = |exponent| {
        let symbol = Name { node: "ms".to_owned(), span: name.span };
        UnitFactor { symbol, exponent: (exponent, 1) }
    };
    let unit = state.unit.as_ref().map(|unit| {
        let factors = unit.factors.iter().cloned().chain([ms(-1)]).collect();
        Unit { factors, span: unit.span }
    });
    // Without a unit, none of the value that has one.
    let value = state.value.as_ref().filter(|_| unit.is_none()).map(|value| {
        let span = value.span;
        let ms = Some(Unit { factors: vec![ms(1)], span });
        let one = Expr { kind: ExprKind::Number { text: "1".to_owned(), unit: ms }, span };
        let binary = |op, a, b| Expr { kind: ExprKind::Binary(op, Box::new(a), Box::new(b)), span };
        let nothing = binary(BinaryOp::Subtract, value.clone(), value.clone());
        binary(BinaryOp::Divide, nothing, one)
    });
    let doc = format!("The change of `{}` with time", state.name.node);
    Some(Binding { doc, name, unit, value, random: false, span: state.span })
}
