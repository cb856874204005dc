//! Partial derivatives of expressions: one row for each operation.
//!
//! `integrate` uses them to see how an equation depends on a state; gradients use the same rows.

use crate::ir::{Graph, Node, Op};
use std::collections::HashMap;

/// The derivative of `root` with respect to the leaf `variable`, or the operation that has none.
///
/// A choice by a comparison of the variable has one where it is continuous at its bound, as between
/// two segments of a table: that of the branch.
///
/// # Errors
/// The operation without a rule (a random draw, a rounding, a comparison of the variable).
pub fn derivative(graph: &mut Graph, root: Node, variable: Node) -> Result<Node, Op> {
    chain(graph, root, variable, |_| false)
}

/// The same with 0 for what is constant but for jumps: comparisons, and roundings to whole numbers. What solves equations
/// with it may; what concludes from a derivative of 0 that an expression does not depend on the variable may not.
///
/// # Errors
/// As [`derivative`], for fewer operations.
pub fn derivative_almost_everywhere(graph: &mut Graph, root: Node, variable: Node) -> Result<Node, Op> {
    chain(graph, root, variable, |op| {
        matches!(
            op,
            Op::Less
                | Op::LessEqual
                | Op::Greater
                | Op::GreaterEqual
                | Op::Equal
                | Op::NotEqual
                | Op::And
                | Op::Or
                | Op::Not
                | Op::Floor
                | Op::Ceil
                | Op::Round
        )
    })
}

fn chain(graph: &mut Graph, root: Node, variable: Node, flat: fn(&Op) -> bool) -> Result<Node, Op> {
    let zero = graph.constant(0.0);
    let one = graph.constant(1.0);
    let mut slope: HashMap<Node, Result<Node, Op>> = HashMap::new();
    for node in graph.order(&[root]) {
        let arguments = graph.arguments(node).to_vec();
        let mut slopes: Vec<Result<Node, Op>> = arguments.iter().map(|a| slope[a].clone()).collect();
        if *graph.op(node) == Op::Select && slopes[0].is_err() && is_continuous(graph, &arguments) {
            slopes[0] = Ok(zero);
        }
        let value = match slopes.into_iter().collect::<Result<Vec<Node>, Op>>() {
            _ if node == variable => Ok(one),
            _ if flat(graph.op(node)) => Ok(zero),
            Ok(slopes) if slopes.iter().all(|&s| s == zero) => Ok(zero),
            // The rest of a division jumps, and moves with both between the jumps.
            Ok(slopes) if *graph.op(node) == Op::Modulo && flat(&Op::Floor) => {
                let quotient = graph.div(arguments[0], arguments[1]);
                let whole = graph.node(Op::Floor, &[quotient]);
                let taken = graph.mul(whole, slopes[1]);
                Ok(graph.sub(slopes[0], taken))
            }
            Ok(slopes) => rule(graph, node, &arguments, &slopes),
            Err(op) => Err(op),
        };
        slope.insert(node, value);
    }
    slope[&root].clone()
}

/// Whether both branches of a choice have one value where its comparison with a constant is an
/// equality. Otherwise a jump would be overlooked by who takes a constant slope for linearity.
fn is_continuous(graph: &mut Graph, choice: &[Node]) -> bool {
    if !matches!(graph.op(choice[0]), Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual) {
        return false;
    }
    let &[left, right] = graph.arguments(choice[0]) else { return false };
    let (value, bound) = if graph.as_constant(right).is_some() { (left, right) } else { (right, left) };
    if graph.as_constant(bound).is_none() {
        return false;
    }
    let there = HashMap::from([(value, bound)]);
    let [yes, no] = [choice[1], choice[2]].map(|branch| graph.substitute(branch, &there));
    match (graph.as_constant(yes), graph.as_constant(no)) {
        // Points are reached from both sides with a rounding error of the numbers that lead there.
        (Some(yes), Some(no)) => {
            let numbers = graph.order(&choice[1..]).into_iter().filter_map(|n| graph.as_constant(n));
            (yes - no).abs() <= 1e-12 * numbers.map(f64::abs).fold(0.0, f64::max)
        }
        _ => yes == no,
    }
}

/// The chain rule of one operation: `x` are its arguments, `d` their derivatives.
fn rule(g: &mut Graph, node: Node, x: &[Node], d: &[Node]) -> Result<Node, Op> {
    let op = g.op(node).clone();
    let outer = match op {
        Op::Neg => return Ok(g.neg(d[0])),
        Op::Add => return Ok(g.add(d[0], d[1])),
        Op::Sub => return Ok(g.sub(d[0], d[1])),
        Op::Mul => {
            let (left, right) = (g.mul(d[0], x[1]), g.mul(x[0], d[1]));
            return Ok(g.add(left, right));
        }
        Op::Div => {
            // (x / y)' = (x' - (x / y) y') / y
            let shrink = g.mul(node, d[1]);
            let top = g.sub(d[0], shrink);
            return Ok(g.div(top, x[1]));
        }
        Op::Select => return Ok(g.select(x[0], d[1], d[2])),
        Op::Min | Op::Max => {
            let order = if op == Op::Min { Op::Less } else { Op::Greater };
            let first = g.node(order, x);
            return Ok(g.select(first, d[0], d[1]));
        }
        Op::Pow => {
            // (x^y)' = x^y (y' log x + y x' / x); the logarithm only where the exponent varies
            let one = g.constant(1.0);
            let lower = g.sub(x[1], one);
            let power = g.node(Op::Pow, &[x[0], lower]);
            let scaled = g.mul(x[1], power);
            let base = g.mul(scaled, d[0]);
            let log = g.node(Op::Log, &[x[0]]);
            let grow = g.mul(node, log);
            let exponent = g.mul(grow, d[1]);
            return Ok(g.add(base, exponent));
        }
        Op::Exp => node,
        Op::Expm1 => g.node(Op::Exp, x),
        Op::Log => {
            let one = g.constant(1.0);
            g.div(one, x[0])
        }
        Op::Log10 | Op::Log2 => {
            let base = g.constant(if op == Op::Log2 { std::f64::consts::LN_2 } else { std::f64::consts::LN_10 });
            let one = g.constant(1.0);
            let scaled = g.mul(base, x[0]);
            g.div(one, scaled)
        }
        Op::Atan => {
            let one = g.constant(1.0);
            let square = g.mul(x[0], x[0]);
            let sum = g.add(one, square);
            g.div(one, sum)
        }
        Op::Asin | Op::Acos => {
            let one = g.constant(if op == Op::Asin { 1.0 } else { -1.0 });
            let unit = g.constant(1.0);
            let square = g.mul(x[0], x[0]);
            let rest = g.sub(unit, square);
            let root = g.node(Op::Sqrt, &[rest]);
            g.div(one, root)
        }
        Op::Atan2 => {
            // of y and x: (x y' - y x') / (x^2 + y^2)
            let (left, right) = (g.mul(x[1], d[0]), g.mul(x[0], d[1]));
            let top = g.sub(left, right);
            let (a, b) = (g.mul(x[1], x[1]), g.mul(x[0], x[0]));
            let square = g.add(a, b);
            return Ok(g.div(top, square));
        }
        Op::Log1p => {
            let one = g.constant(1.0);
            let shifted = g.add(one, x[0]);
            g.div(one, shifted)
        }
        Op::Sqrt => {
            let half = g.constant(0.5);
            g.div(half, node)
        }
        Op::Sin => g.node(Op::Cos, x),
        Op::Cos => {
            let sine = g.node(Op::Sin, x);
            g.neg(sine)
        }
        Op::Tan => {
            let one = g.constant(1.0);
            let square = g.mul(node, node);
            g.add(one, square)
        }
        Op::Sinh => g.node(Op::Cosh, x),
        Op::Cosh => g.node(Op::Sinh, x),
        Op::Tanh => {
            let one = g.constant(1.0);
            let square = g.mul(node, node);
            g.sub(one, square)
        }
        Op::Sigmoid => {
            let one = g.constant(1.0);
            let rest = g.sub(one, node);
            g.mul(node, rest)
        }
        Op::Erf => {
            let scale = g.constant(std::f64::consts::FRAC_2_SQRT_PI);
            let square = g.mul(x[0], x[0]);
            let negative = g.neg(square);
            let bell = g.node(Op::Exp, &[negative]);
            g.mul(scale, bell)
        }
        Op::Exprel => {
            // exprel'(x) = (exp(x) - exprel(x)) / x; near 0 its series 1/2 + x/3
            let exp = g.node(Op::Exp, x);
            let top = g.sub(exp, node);
            let far = g.div(top, x[0]);
            let (half, third) = (g.constant(0.5), g.constant(1.0 / 3.0));
            let linear = g.mul(third, x[0]);
            let near = g.add(half, linear);
            let size = g.node(Op::Abs, x);
            let small = g.constant(1e-4);
            let is_near = g.node(Op::Less, &[size, small]);
            g.select(is_near, near, far)
        }
        Op::Abs => {
            let (zero, one) = (g.constant(0.0), g.constant(1.0));
            let negative = g.node(Op::Less, &[x[0], zero]);
            let minus = g.neg(one);
            g.select(negative, minus, one)
        }
        other => return Err(other),
    };
    Ok(g.mul(outer, d[0]))
}
