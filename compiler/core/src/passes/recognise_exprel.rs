//! `recognise-exprel`: writes `x / (exp(x) - 1)` through `exprel`, which has no hole at 0.
//!
//! Before: `let alpha = 0.32 ms^-1 * ((13 mV - u) / 1 mV) / (exp((13 mV - u) / 4 mV) - 1)`
//! After:  the quotient is `4 / exprel((13 mV - u) / 4 mV)` times what stood before it
//!
//! Rate functions of this form are 0/0 at one membrane potential, where they have a limit. The
//! rule is `c x / (exp(x / s) - 1) = c s / exprel(x / s)`, and the same with `1 - exp(-x)`.

use crate::Bug;
use crate::ir::{Graph, Network, Node, Op};
use crate::passes::{Pass, map_expressions};

/// The pass.
pub const PASS: Pass = Pass { name: "recognise-exprel", summary: "write x / (exp(x) - 1) through exprel", run };

fn run(network: &mut Network) -> Result<(), Bug> {
    map_expressions(network, rewrite);
    Ok(())
}

/// One node, its arguments already rewritten.
fn rewrite(g: &mut Graph, node: Node) -> Node {
    if *g.op(node) != Op::Div {
        return node;
    }
    let (top, bottom) = (g.arguments(node)[0], g.arguments(node)[1]);
    let one = g.constant(1.0);
    if *g.op(bottom) != Op::Sub {
        return node;
    }
    let (a, b) = (g.arguments(bottom)[0], g.arguments(bottom)[1]);
    // exp(x) - 1 = x exprel(x), and 1 - exp(x) = -x exprel(x)
    let (exp, sign) = match () {
        () if b == one && *g.op(a) == Op::Exp => (a, 1.0),
        () if a == one && *g.op(b) == Op::Exp => (b, -1.0),
        () => return node,
    };
    let x = g.arguments(exp)[0];
    let Some(ratio) = constant_ratio(g, top, x) else { return node };
    let scale = g.node(Op::Mul, &[ratio, one]);
    let signed = if sign < 0.0 { g.neg(scale) } else { scale };
    let exprel = g.node(Op::Exprel, &[x]);
    g.div(signed, exprel)
}

/// `top / x` as an expression without the variable part, if the two are proportional.
fn constant_ratio(g: &mut Graph, top: Node, x: Node) -> Option<Node> {
    let (top_core, top_factor) = factor(g, top);
    let (x_core, x_factor) = factor(g, x);
    let ratio = g.div(top_factor, x_factor);
    if top_core == x_core {
        return Some(ratio);
    }
    // a - b against b - a
    if *g.op(top_core) == Op::Sub && *g.op(x_core) == Op::Sub {
        let (t, s) = (g.arguments(top_core).to_vec(), g.arguments(x_core).to_vec());
        if t[0] == s[1] && t[1] == s[0] {
            return Some(g.neg(ratio));
        }
    }
    None
}

/// Splits an expression into a core and a uniform factor.
fn factor(g: &mut Graph, node: Node) -> (Node, Node) {
    let one = g.constant(1.0);
    let arguments = g.arguments(node).to_vec();
    match g.op(node) {
        Op::Neg => {
            let (core, f) = factor(g, arguments[0]);
            (core, g.neg(f))
        }
        Op::Mul if g.is_uniform(arguments[0]) => {
            let (core, f) = factor(g, arguments[1]);
            (core, g.mul(arguments[0], f))
        }
        Op::Mul if g.is_uniform(arguments[1]) => {
            let (core, f) = factor(g, arguments[0]);
            (core, g.mul(arguments[1], f))
        }
        Op::Div if g.is_uniform(arguments[1]) => {
            let (core, f) = factor(g, arguments[0]);
            (core, g.div(f, arguments[1]))
        }
        _ => (node, one),
    }
}
