//! Marks the parameters that something divides by, and tells values that are never zero.

use crate::expressions::evaluate::{Last, bounds, walk};
use crate::model::{BinaryOp, Delay, Element, Expr, Function, Let, Model, Parameter, Source, UnaryOp};
use std::collections::BTreeSet;

/// Sets [`crate::model::Parameter::nonzero`] wherever a parameter is a factor of a denominator,
/// directly or through lets and other parameters.
pub(crate) fn mark(model: &mut Model) {
    let mut found = BTreeSet::new();
    for population in &model.populations {
        let lets = &population.lets;
        let mut visit = |e: &Expr| denominators(e, lets, &mut |leaf| note(leaf, &mut found));
        for state in &population.states {
            visit(&state.init);
            state.past.iter().chain(&state.derivative).chain(&state.next).for_each(&mut visit);
        }
        population.inputs.iter().filter_map(|i| i.drive.as_ref()).for_each(&mut visit);
        lets.iter().for_each(|l| visit(&l.value));
        for rule in &population.rules {
            visit(&rule.condition);
            rule.updates.iter().for_each(|u| visit(&u.1));
            if let Some(refractory) = &rule.refractory {
                visit(&refractory.duration);
                refractory.clamp.iter().for_each(|c| visit(&c.1));
            }
        }
    }
    for projection in &model.projections {
        let lets = &projection.lets;
        let mut visit = |e: &Expr| denominators(e, lets, &mut |leaf| note(leaf, &mut found));
        visit(&projection.weight);
        projection.normalise.iter().for_each(|(_, total)| visit(total));
        match &projection.source {
            Source::Poisson { rate } => visit(rate),
            Source::Population { connect, delay, .. } => {
                connect.probability.iter().for_each(&mut visit);
                connect.chosen.iter().for_each(|chosen| visit(&chosen.value));
                if let Delay::PerSynapse { value, .. } = delay {
                    visit(value);
                }
            }
        }
        for state in &projection.states {
            visit(&state.init);
            state.derivative.iter().for_each(&mut visit);
        }
        lets.iter().for_each(|l| visit(&l.value));
        let periodic = projection.periodic.iter().flat_map(|p| &p.updates);
        projection.on_spike.iter().chain(&projection.on_post).chain(periodic).for_each(|u| visit(&u.value));
        projection.weight_derivative.iter().for_each(&mut visit);
        projection.weight_bounds.iter().for_each(|(low, high)| {
            visit(low);
            visit(high);
        });
        projection.outputs.iter().for_each(|o| visit(&o.1));
    }
    for index in (0..model.parameters.len()).rev() {
        let value = model.parameters[index].value.clone();
        denominators(&value, &[], &mut |leaf| note(leaf, &mut found));
        if found.contains(&index) {
            factors(&value, &[], &mut |leaf| note(leaf, &mut found));
            model.parameters[index].nonzero = true;
        }
    }
}

fn note(leaf: &Expr, found: &mut BTreeSet<usize>) {
    if let Expr::Parameter(id) = leaf {
        found.insert(id.0);
    }
}

/// Calls `found` with every leaf that is a factor of a denominator, directly or through lets.
pub(crate) fn denominators(expr: &Expr, lets: &[Let], found: &mut dyn FnMut(&Expr)) {
    walk(expr, &mut |e| {
        if let Expr::Binary(BinaryOp::Divide, _, below) = e {
            factors(below, lets, found);
        }
    });
}

fn factors(expr: &Expr, lets: &[Let], found: &mut dyn FnMut(&Expr)) {
    let mut seen = vec![false; lets.len()];
    let mut next = vec![expr];
    while let Some(expr) = next.pop() {
        match expr {
            Expr::Parameter(_) | Expr::State(_) => found(expr),
            Expr::Binary(BinaryOp::Multiply, a, b) => next.extend([b.as_ref(), a]),
            Expr::Binary(BinaryOp::Divide | BinaryOp::Power, a, _) | Expr::Unary(UnaryOp::Negate, a) => next.push(a),
            Expr::Let(i) if seen.get(*i) == Some(&false) => {
                seen[*i] = true;
                next.push(&lets[*i].value);
            }
            _ => {}
        }
    }
}

/// Whether no value of an expression is zero, as far as bounds and data show it. `connects` says of an element whether it is the
/// one that makes the connection: what is zero makes none.
pub(crate) fn never_zero(
    expr: &Expr,
    parameters: &[Parameter],
    last: Last,
    connects: &dyn Fn(&Element) -> bool,
) -> bool {
    let of = |e: &Expr| never_zero(e, parameters, last, connects);
    if bounds(expr, parameters, last).is_some_and(|(low, high)| low > 0.0 || high < 0.0) {
        return true;
    }
    match expr {
        Expr::Element(element) => connects(element) || element.data.values.iter().all(|value| *value != 0.0),
        Expr::Unary(UnaryOp::Negate, x) => of(x),
        Expr::Binary(BinaryOp::Multiply, a, b) => of(a) && of(b),
        Expr::Binary(BinaryOp::Divide, a, _) => of(a),
        Expr::If(_, a, b) => of(a) && of(b),
        Expr::Call(Function::Abs, arguments) => arguments.iter().all(of),
        _ => false,
    }
}
