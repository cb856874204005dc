//! Equations of a higher order: `x'' = …` is the equation of a state `x'`, and `x' = x'` that of `x`.
//!
//! What goes in: the members of a model, in which `x'' = e` has been read as the equation of the state `x'`. What comes out: the
//! same with that state, if it is not declared, and with the equation of `x`; a name with primes is a name like others from
//! there on.

use crate::ast::{
    BinaryOp, Binding, Comprehension, EachEquation, Equation, Expr, ExprKind, Member, MemberArray, Name, Unit,
    UnitFactor,
};
use crate::source::Span;

/// Adds what equations of a higher order imply.
pub(crate) fn completed(mut members: Vec<Member>) -> Vec<Member> {
    let mut open: Vec<Implying> = members.iter().filter_map(of_higher_order).collect();
    // Of x''' first the equation of x', then that of x.
    while let Some(Implying { derivative, span, each }) = open.pop() {
        let Some(state) = integral(&derivative.node) else { continue };
        let state = Name { node: state, span: derivative.span };
        // Twice only if there are two equations, which is told of the derivative.
        let known = |m: &Member| equation_of(m).is_some_and(|(e, _)| e.state == state && e.span == span);
        if !members.iter().any(known) {
            let right = Expr { kind: ExprKind::Name(derivative.node.clone()), span: derivative.span };
            let equation = Member::Equation(Equation { state: state.clone(), derivative: right, span });
            members.push(match &each {
                Some(each) => Member::Each(EachEquation { equation: Box::new(equation), each: each.clone(), span }),
                None => equation,
            });
        }
        if integral(&state.node).is_some() {
            open.push(Implying { derivative: state, span, each });
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
        let declared = state_of(&members[at]).and_then(|binding| derivative_of(binding, &members));
        if let Some(declared) = declared {
            let declared = Member::State(declared);
            let derivative = match &members[at] {
                Member::Array(array) => Member::Array(MemberArray { member: Box::new(declared), ..array.clone() }),
                _ => declared,
            };
            members.insert(at + 1, derivative);
        }
        at += 1;
    }
    members
}

/// An equation of a derivative.
struct Implying {
    derivative: Name,
    span: Span,
    /// For which indices, if it is of elements of an array.
    each: Option<Comprehension>,
}

/// The state that a name with primes is the derivative of: `x` of `x'`, `x[k]` of `x'[k]`.
fn integral(derivative: &str) -> Option<String> {
    let (name, index) = base(derivative);
    name.strip_suffix('\'').map(|state| format!("{state}{index}"))
}

/// A name without its index in brackets, and that.
fn base(name: &str) -> (&str, &str) {
    if name.ends_with(']') { name.rfind('[').map_or((name, ""), |at| name.split_at(at)) } else { (name, "") }
}

/// An equation, and for which indices.
fn equation_of(member: &Member) -> Option<(&Equation, Option<&Comprehension>)> {
    match member {
        Member::Equation(equation) => Some((equation, None)),
        Member::Each(each) => equation_of(&each.equation).map(|(equation, _)| (equation, Some(&each.each))),
        _ => None,
    }
}

/// A state, or each of an array of them.
fn state_of(member: &Member) -> Option<&Binding> {
    match member {
        Member::State(binding) => Some(binding),
        Member::Array(array) => state_of(&array.member),
        _ => None,
    }
}

/// The state that an equation is of, if that is a derivative.
fn of_higher_order(member: &Member) -> Option<Implying> {
    let (equation, each) = equation_of(member)?;
    integral(&equation.state.node)?;
    Some(Implying { derivative: equation.state.clone(), span: equation.span, each: each.cloned() })
}

/// The derivative of a state as a state that starts at 0, if there is an equation of it and it is not declared.
fn derivative_of(state: &Binding, members: &[Member]) -> Option<Binding> {
    let node = format!("{}'", state.name.node);
    let name = Name { node, span: state.name.span };
    let has_equation = |m: &Member| equation_of(m).is_some_and(|(e, _)| base(&e.state.node).0 == name.node);
    let declared = |m: &Member| state_of(m).is_some_and(|b| b.name.node == name.node);
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
