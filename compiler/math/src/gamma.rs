//! Numbers of the gamma distribution.

use crate::arith::Arith;
use crate::exp::exp;
use crate::log::{log, log1p};
use crate::random::{normal, uniform};

/// An attempt at a number of the gamma distribution of this shape, at least 1, and of scale 1: whether it is accepted
/// (more than 19 of 20 are), and the number (G. Marsaglia & W. W. Tsang, "A simple method for generating gamma variables", ACM
/// Trans. Math. Software 26, 2000).
pub fn gamma_attempt<A: Arith>(a: &mut A, shape: A::Float, w: [A::Word; 4], more: [A::Word; 2]) -> (A::Mask, A::Float) {
    let (one, zero, half) = (a.float(1.0), a.float(0.0), a.float(0.5));
    let third = a.float(1.0 / 3.0);
    let d = a.sub(shape, third);
    let nine = a.float(9.0);
    let ninefold = a.mul(nine, d);
    let root = a.sqrt(ninefold);
    let x = normal(a, w).0;
    let u = uniform(a, more[0], more[1]);
    // The cube of 1 + t, less 1
    let t = a.div(x, root);
    let three = a.float(3.0);
    let inner = a.add(t, three);
    let inner = a.fma(t, inner, three);
    let cube = a.mul(t, inner);
    let v = a.add(one, cube);
    let positive = a.lt(zero, v);
    // log u < x^2 / 2 + d (log v - (v - 1))
    let l = log1p(a, cube);
    let bent = a.sub(l, cube);
    let square = a.mul(x, x);
    let halved = a.mul(half, square);
    let right = a.fma(d, bent, halved);
    let left = log(a, u);
    let fits = a.lt(left, right);
    let fits = a.mask_and(positive, fits);
    (fits, a.mul(d, v))
}

/// By what a number of the gamma distribution of the shape plus 1 is multiplied to have this shape: `u^(1 / shape)`.
pub fn gamma_boost<A: Arith>(a: &mut A, shape: A::Float, w: [A::Word; 2]) -> A::Float {
    let u = uniform(a, w[0], w[1]);
    let l = log(a, u);
    let exponent = a.div(l, shape);
    exp(a, exponent)
}
