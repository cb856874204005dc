//! The exponential and its relatives.
//!
//! All of them write `x = k ln 2 + r` with `k` an integer and `|r| <= ln(2)/2` (Cody and Waite,
//! 1980; `fma` makes `x - k L` exact for the leading part `L` of `ln 2`), take a polynomial for
//! `e^r`, and put `k` into the exponent field. `k` is read off the low bits of
//! `x / ln 2 + 3 * 2^(fraction - 1)`, to which the exponent bias has been added as well, so that one
//! shift makes the factor `2^k`.

use std::f64::consts::{LN_2, LOG2_E};

use crate::arith::{Arith, Format, at_least, at_most, by_precision, polynomial};
use crate::coefficients::{EXPM1, LN2, TWICE_EXP};

/// `x` in powers of two.
pub(crate) struct Reduced<A: Arith> {
    /// The nearest integer to `x / ln 2`.
    pub(crate) k: A::Float,
    /// `2^(k - shift)`, for `k - shift` in the range of normal exponents, or 0 one below it.
    pub(crate) scale: A::Float,
    /// `x - k L` for the leading part `L` of `ln 2`: exact.
    pub(crate) head: A::Float,
}

/// Reduces `x`, which the caller has brought into the range of `2^(k - shift)`.
pub(crate) fn reduce<A: Arith>(a: &mut A, x: A::Float, shift: i64) -> Reduced<A> {
    let format = Format::of(a.precision());
    let ln2 = LN2.of(a.precision());
    let magic = a.float(format.magic + (format.bias - shift) as f64);
    let log2e = a.float(LOG2_E);
    let sum = a.fma(x, log2e, magic);
    let k = a.sub(sum, magic);
    let bits = a.bits(sum);
    let bits = a.int_shl(bits, format.fraction);
    let scale = a.float_from_bits(bits);
    let head = a.float(-ln2[0]);
    let head = a.fma(k, head, x);
    Reduced { k, scale, head }
}

/// `e^x`.
///
/// Within the bound wherever the result is at least `2^-125.5` (f32) or `2^-1021.5` (f64); smaller
/// results are 0. Overflows to infinity where the exact value does.
pub fn exp<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    twice_exp(a, x, 1)
}

/// `2^(1 - shift) e^x`, for `shift` of 1 or 2.
///
/// The polynomial is that of `2 e^r` and the factor `2^(k - 1)`: so the factor stays finite up to
/// the largest finite result.
pub(crate) fn twice_exp<A: Arith>(a: &mut A, x: A::Float, shift: i64) -> A::Float {
    let format = Format::of(a.precision());
    let x = at_most(a, x, (format.bias + shift) as f64 * LN_2 + 0.2);
    let x = at_least(a, x, (shift - format.bias) as f64 * LN_2);
    let Reduced { k, scale, head } = reduce(a, x, shift);
    let tail = a.float(-LN2.of(a.precision())[1]);
    let r = a.fma(k, tail, head);
    let two = a.float(2.0);
    let q = polynomial(a, r, TWICE_EXP.of(a.precision()));
    let q = a.fma(q, r, two);
    let p = a.fma(q, r, two);
    a.mul(p, scale)
}

/// `2^-shift (e^x - 1)` as `scale (head + small) + lead`, where all but `small` is exact.
struct Expm1<A: Arith> {
    scale: A::Float,
    head: A::Float,
    small: A::Float,
    lead: A::Float,
}

/// For `x` in the range of `2^(k - shift)`.
fn expm1_parts<A: Arith>(a: &mut A, x: A::Float, shift: i64) -> Expm1<A> {
    let Reduced { k, scale, head } = reduce(a, x, shift);
    let tail = a.float(-LN2.of(a.precision())[1]);
    let tail = a.mul(k, tail);
    let r = a.add(head, tail);
    let q = polynomial(a, r, EXPM1.of(a.precision()));
    let square = a.mul(r, r);
    let small = a.fma(square, q, tail);
    let one = a.float((-shift as f64).exp2());
    let lead = a.sub(scale, one);
    Expm1 { scale, head, small, lead }
}

/// `2^-shift (e^x - 1)`, best where `|k| > 1` and good everywhere.
pub(crate) fn scaled_expm1<A: Arith>(a: &mut A, x: A::Float, shift: i64) -> A::Float {
    let parts = expm1_parts(a, x, shift);
    let e = a.add(parts.head, parts.small);
    a.fma(parts.scale, e, parts.lead)
}

/// `2^-shift (e^x - 1)` and what its last rounding drops; best where `|k| = 1`, which is where the
/// other order of adding is worst.
pub(crate) fn scaled_expm1_pair<A: Arith>(a: &mut A, x: A::Float, shift: i64) -> (A::Float, A::Float) {
    let Expm1 { scale, head, small, lead } = expm1_parts(a, x, shift);
    let large = a.fma(scale, head, lead);
    let sum = a.fma(scale, small, large);
    let back = a.sub(large, sum);
    let lost = a.fma(scale, small, back);
    (sum, lost)
}

/// Below this, `e^x - 1` is -1.
pub(crate) fn saturated<A: Arith>(a: &A) -> f64 {
    by_precision(a, -30.0, -45.0)
}

/// `e^x - 1`, without cancellation near 0.
///
/// Within the bound everywhere: overflows to infinity where the exact value does, and keeps
/// subnormal numbers and the sign of zero.
pub fn expm1<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let bias = Format::of(a.precision()).bias;
    let low = saturated(a);
    let clamped = at_most(a, x, (bias + 1) as f64 * LN_2 + 0.2);
    let clamped = at_least(a, clamped, low);
    let (half, _) = scaled_expm1_pair(a, clamped, 1);
    let y = a.add(half, half);
    a.copysign(y, x)
}

/// `(e^x - 1) / x`, and 1 at 0: smooth and accurate through 0 (Higham, 2008, on the phi functions).
///
/// Within the bound everywhere, also where `e^x` overflows and the quotient does not. Goes to 0 as
/// `-1/x` and to infinity.
pub fn exprel<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let (numerator, denominator) = scaled_parts(a, x);
    let y = a.div(numerator, denominator);
    one_near_zero(a, x, y)
}

/// `x / (e^x - 1)`, and 1 at 0: the reciprocal of [`exprel`] at the cost of the same one division.
///
/// The rate `(v - u) / (exp((v - u) / s) - 1)` of Hodgkin and Huxley is `s * bernoulli((v - u) / s)`.
/// Within the bound as long as the result is normal.
pub fn bernoulli<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let (denominator, numerator) = scaled_parts(a, x);
    let y = a.div(numerator, denominator);
    one_near_zero(a, x, y)
}

/// `e^x - 1` and `x`, both times the same small power of 2.
///
/// It is so small that beyond the clamped `x` the quotients overflow and underflow; where it makes
/// `x` subnormal, they are 1.
fn scaled_parts<A: Arith>(a: &mut A, x: A::Float) -> (A::Float, A::Float) {
    let bias = Format::of(a.precision()).bias;
    let shift = by_precision(a, 40.0, 64.0) as i64;
    let low = saturated(a);
    let x = at_most(a, x, (bias + shift) as f64 * LN_2);
    let clamped = at_least(a, x, low);
    let expm1 = scaled_expm1(a, clamped, shift);
    let factor = a.float((-shift as f64).exp2());
    let x = a.mul(x, factor);
    (expm1, x)
}

/// 1 where `x` is 0 or so close that both quotients round to 1, else `y`.
fn one_near_zero<A: Arith>(a: &mut A, x: A::Float, y: A::Float) -> A::Float {
    let least = by_precision(a, -30.0, -60.0);
    let least = a.float(least.exp2());
    let size = a.abs(x);
    let near = a.lt(size, least);
    let one = a.float(1.0);
    a.select(near, one, y)
}

/// `1 / (1 + e^-x)`, the logistic function.
///
/// Within the bound where the result is at least `2^-126` (f32) or `2^-1022` (f64); loses bits
/// gradually in the last two binades below and is 0 further on.
pub fn sigmoid<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let x = a.neg(x);
    let e = exp(a, x);
    let one = a.float(1.0);
    let d = a.add(one, e);
    a.div(one, d)
}
