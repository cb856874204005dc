//! Circular functions.
//!
//! `x = k pi/2 + r` with `|r| <= pi/4`, subtracting `k` times three parts of `pi/2` (Cody and Waite,
//! 1980); `fma` makes the first step exact and lets each further one round only what is left. Then
//! the sine and cosine of `r` by polynomials, of which the low bits of `k` choose.
//!
//! The bounds hold for `|x| <= TRIG_RANGE`. Beyond it the results are in [-1, 1] (of `tan`, in
//! [-1.1, 1.1] or beyond 0.9 in size) but need not be near: an argument so large says nothing about its
//! place in the turn unless it is exact. NaN at infinity.

use std::f64::consts::{FRAC_2_PI, PI};

use crate::arith::{Arith, Format, at_least, at_most, polynomial};
use crate::coefficients::{COS, HALF_PI, SIN};

/// Up to which `|x|` the bounds of `sin`, `cos` and `tan` hold: f32, f64.
pub const TRIG_RANGE: (f64, f64) = (1e5, 1e9);

/// An angle less a multiple of a quarter turn.
struct Reduced<A: Arith> {
    /// The angle left.
    r: A::Float,
    /// Its sine, but perhaps for the sign of zero.
    sin: A::Float,
    cos: A::Float,
    /// Holds how many quarter turns were taken off in its low bits.
    quarters: A::Int,
}

fn sin_cos_near_zero<A: Arith>(a: &mut A, r: A::Float) -> (A::Float, A::Float) {
    let z = a.mul(r, r);
    let s = polynomial(a, z, SIN.of(a.precision()));
    let cube = a.mul(z, r);
    let sin = a.fma(cube, s, r);
    let c = polynomial(a, z, COS.of(a.precision()));
    let half = a.float(-0.5);
    let c = a.fma(z, c, half);
    let one = a.float(1.0);
    let cos = a.fma(z, c, one);
    (sin, cos)
}

fn reduce<A: Arith>(a: &mut A, x: A::Float) -> Reduced<A> {
    let magic = a.float(Format::of(a.precision()).magic);
    let per_quarter = a.float(FRAC_2_PI);
    let sum = a.fma(x, per_quarter, magic);
    let k = a.sub(sum, magic);
    let mut r = x;
    for part in HALF_PI.of(a.precision()) {
        let part = a.float(-part);
        r = a.fma(k, part, r);
    }
    // Changes nothing unless x is out of range.
    let r = at_most(a, r, 0.8);
    let r = at_least(a, r, -0.8);
    let quarters = a.bits(sum);
    let (sin, cos) = sin_cos_near_zero(a, r);
    Reduced { r, sin, cos, quarters }
}

/// `odd` after an odd number of quarter turns, else `even`; negated after two or three.
fn turned<A: Arith>(a: &mut A, quarters: A::Int, even: A::Float, odd: A::Float) -> A::Float {
    let is_even = is_even(a, quarters);
    let y = a.select(is_even, even, odd);
    let format = Format::of(a.precision());
    let sign = a.int(format.sign);
    let second = a.int_shl(quarters, format.sign.trailing_zeros() - 1);
    let second = a.int_and(second, sign);
    let y = a.bits(y);
    let y = a.int_xor(y, second);
    a.float_from_bits(y)
}

fn is_even<A: Arith>(a: &mut A, i: A::Int) -> A::Mask {
    let one = a.int(1);
    let zero = a.int(0);
    let low = a.int_and(i, one);
    a.int_eq(low, zero)
}

/// The sine, of radians. Keeps the sign of zero.
pub fn sin<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let Reduced { r, sin, cos, quarters } = reduce(a, x);
    let sin = a.copysign(sin, r);
    turned(a, quarters, sin, cos)
}

/// The cosine, of radians.
pub fn cos<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let Reduced { sin, cos, quarters, .. } = reduce(a, x);
    let one = a.int(1);
    let quarters = a.int_add(quarters, one);
    turned(a, quarters, sin, cos)
}

/// The tangent, of radians.
pub fn tan<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let Reduced { r, sin, cos, quarters } = reduce(a, x);
    let sin = a.copysign(sin, r);
    let is_even = is_even(a, quarters);
    let minus = a.neg(cos);
    let above = a.select(is_even, sin, minus);
    let below = a.select(is_even, cos, sin);
    a.div(above, below)
}

/// The sine and cosine of `2 pi u`, for `u` from 0 to 1 as [`uniform`](crate::uniform) draws it.
///
/// The reduction to an eighth of a turn is exact, since it is of `u`.
pub(crate) fn sin_cos_turns<A: Arith>(a: &mut A, u: A::Float) -> (A::Float, A::Float) {
    let magic = a.float(Format::of(a.precision()).magic);
    let four = a.float(4.0);
    let sum = a.fma(u, four, magic);
    let k = a.sub(sum, magic);
    let minus_quarter = a.float(-0.25);
    let turns = a.fma(k, minus_quarter, u);
    let turn = a.float(2.0 * PI);
    let r = a.mul(turns, turn);
    let (sin, cos) = sin_cos_near_zero(a, r);
    let quarters = a.bits(sum);
    let y = turned(a, quarters, sin, cos);
    let one = a.int(1);
    let quarters = a.int_add(quarters, one);
    let x = turned(a, quarters, sin, cos);
    (y, x)
}
