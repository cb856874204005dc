//! Hyperbolic functions, from `e^x - 1` (Kahan's arrangement, as in fdlibm, 1993).

use std::f64::consts::LN_2;

use crate::arith::{Arith, Format, at_most, by_precision};
use crate::exp::{scaled_expm1, scaled_expm1_pair, twice_exp};

/// The hyperbolic sine. Within the bound everywhere; keeps subnormal numbers and the sign of zero.
pub fn sinh<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    // With E = e^|x| - 1: sinh |x| = (E + E / (E + 1)) / 2; E / 4 is finite where that is.
    let bias = Format::of(a.precision()).bias;
    let size = a.abs(x);
    let clamped = at_most(a, size, (bias + 2) as f64 * LN_2 + 0.2);
    let quarter = scaled_expm1(a, clamped, 2);
    let four = a.float(4.0);
    let one = a.float(1.0);
    let d = a.fma(four, quarter, one);
    let small = a.div(quarter, d);
    let half = a.add(quarter, small);
    let y = a.add(half, half);
    let least = by_precision(a, -20.0, -40.0);
    let least = a.float(least.exp2());
    let tiny = a.lt(size, least);
    let y = a.select(tiny, size, y);
    a.copysign(y, x)
}

/// The hyperbolic cosine. Within the bound everywhere.
pub fn cosh<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    // e^|x| / 2 is finite as long as the result is.
    let size = a.abs(x);
    let half = twice_exp(a, size, 2);
    let quarter = a.float(0.25);
    let small = a.div(quarter, half);
    a.add(half, small)
}

/// The hyperbolic tangent. Within the bound everywhere; keeps the sign of zero.
pub fn tanh<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    // With E = e^(2 |x|) - 1: tanh |x| = E / (E + 2), which is 1 from the limit on.
    let limit = by_precision(a, 20.0, 40.0);
    let size = a.abs(x);
    let twice = a.add(size, size);
    let twice = at_most(a, twice, limit);
    let (e, e_lost) = scaled_expm1_pair(a, twice, 0);
    let two = a.float(2.0);
    let d = a.add(e, two);
    let back = a.sub(d, two);
    let d_lost = a.sub(e, back);
    let d_lost = a.add(d_lost, e_lost);
    // The quotient, and what it lacks: one more step of the division.
    let one = a.float(1.0);
    let reciprocal = a.div(one, d);
    let q = a.mul(e, reciprocal);
    let minus_q = a.neg(q);
    let left = a.fma(minus_q, d, e);
    let left = a.add(left, e_lost);
    let left = a.fma(minus_q, d_lost, left);
    let y = a.fma(left, reciprocal, q);
    a.copysign(y, x)
}
