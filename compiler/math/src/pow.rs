//! Powers.
//!
//! `x^y = e^(y log |x|)`, with the logarithm and the product as sums of two numbers, since an error of
//! `y log x` is a relative error of the result. The logarithm is the series in
//! `s = (m - 1) / (m + 1)`, its first two terms in twice the precision (as in fdlibm, Ng, 1993; sums
//! and products of pairs after Dekker, 1971, products by `fma`).

use std::f64::consts::LN_2;

use crate::arith::{Arith, Format, at_least, at_most, polynomial};
use crate::coefficients::{ATANH, EXPM1, LN2, LN2_SHORT, TWO_THIRDS};
use crate::exp;
use crate::log::{Split, split};

/// The sum of two numbers, the second below an ULP or so of the first.
struct Pair<A: Arith> {
    head: A::Float,
    tail: A::Float,
}

/// `x + y`, for `|x| >= |y|` or `x = 0`.
fn fast_sum<A: Arith>(a: &mut A, x: A::Float, y: A::Float) -> Pair<A> {
    let head = a.add(x, y);
    let back = a.sub(head, x);
    let tail = a.sub(y, back);
    Pair { head, tail }
}

/// `x * y`.
fn product<A: Arith>(a: &mut A, x: A::Float, y: A::Float) -> Pair<A> {
    let head = a.mul(x, y);
    let minus = a.neg(head);
    let tail = a.fma(x, y, minus);
    Pair { head, tail }
}

/// `log x`, for positive finite `x`.
fn log_pair<A: Arith>(a: &mut A, x: A::Float) -> Pair<A> {
    let precision = a.precision();
    let Split { e, m } = split(a, x);

    // s = (m - 1) / (m + 1), and what the quotient lacks.
    let one = a.float(1.0);
    let above = a.sub(m, one);
    let below = fast_sum(a, one, m);
    let reciprocal = a.div(one, below.head);
    let s = a.mul(above, reciprocal);
    let minus_s = a.neg(s);
    let left = a.fma(minus_s, below.head, above);
    let left = a.fma(minus_s, below.tail, left);
    let s_tail = a.mul(left, reciprocal);

    // z = s^2 and s^3.
    let z = product(a, s, s);
    let twice = a.add(s, s);
    let z_tail = a.fma(twice, s_tail, z.tail);
    let cube = product(a, z.head, s);
    let cube_tail = a.fma(z.head, s_tail, cube.tail);
    let cube_tail = a.fma(z_tail, s, cube_tail);

    // 2 s + s^3 (2/3 + z R(z))
    let r = polynomial(a, z.head, ATANH.of(precision));
    let r = a.mul(z.head, r);
    let third = TWO_THIRDS.of(precision);
    let first = a.float(third[0]);
    let second = a.float(third[1]);
    let c = fast_sum(a, first, r);
    let c_tail = a.add(c.tail, second);
    let term = product(a, cube.head, c.head);
    let term_tail = a.fma(cube.head, c_tail, term.tail);
    let term_tail = a.fma(cube_tail, c.head, term_tail);
    let log_m = fast_sum(a, twice, term.head);
    let two = a.float(2.0);
    let tail = a.fma(two, s_tail, term_tail);
    let log_m_tail = a.add(log_m.tail, tail);

    // e ln 2, of which the first product is exact.
    let ln2 = LN2_SHORT.of(precision);
    let head = a.float(ln2[0]);
    let tail = a.float(ln2[1]);
    let head = a.mul(e, head);
    let sum = fast_sum(a, head, log_m.head);
    let low = a.fma(e, tail, log_m_tail);
    let low = a.add(sum.tail, low);
    fast_sum(a, sum.head, low)
}

/// `e^(x.head + x.tail)`, rounding subnormal results once more.
fn exp_pair<A: Arith>(a: &mut A, x: Pair<A>) -> A::Float {
    let precision = a.precision();
    let format = Format::of(precision);
    // Beyond these the result is infinite or 0, whatever the tail.
    let highest = (format.bias + 1) as f64 * LN_2 + 0.5;
    let lowest = -((format.bias + i64::from(format.fraction) + 1) as f64 * LN_2 + 0.5);
    let limit = a.float(-lowest);
    let size = a.abs(x.head);
    let inside = a.lt(size, limit);
    let zero = a.float(0.0);
    let tail = a.select(inside, x.tail, zero);
    let x = at_most(a, x.head, highest);
    let x = at_least(a, x, lowest);

    // The shift keeps the factor normal for every k that can occur; it is undone in two steps,
    // of which the first cannot leave the range.
    let half = exp::reduce(a, x, 0);
    let minus_ln2 = a.float(-LN2.of(precision)[1]);
    let tail = a.fma(half.k, minus_ln2, tail);
    let r = fast_sum(a, half.head, tail);
    let q = polynomial(a, r.head, EXPM1.of(precision));
    let square = a.mul(r.head, r.head);
    let rest = a.fma(square, q, r.tail);
    let sum = a.add(r.head, rest);
    let one = a.float(1.0);
    let y = a.add(one, sum);

    // 2^k in two factors, since k ranges over more than the exponent field.
    let magic = a.float(format.magic + 2.0 * format.bias as f64);
    let both = a.add(half.k, magic);
    let both = a.bits(both);
    let first = a.int_shr(both, 1);
    let second = a.int_sub(both, first);
    let first = a.int_shl(first, format.fraction);
    let first = a.float_from_bits(first);
    let second = a.int_shl(second, format.fraction);
    let second = a.float_from_bits(second);
    let y = a.mul(y, first);
    a.mul(y, second)
}

/// Whether `size`, not negative, is an integer or infinite.
fn is_integer<A: Arith>(a: &mut A, size: A::Float) -> A::Mask {
    let all = a.float(f64::from(Format::of(a.precision()).fraction).exp2());
    let sum = a.add(size, all);
    let nearest = a.sub(sum, all);
    let equal = a.eq(nearest, size);
    let large = a.le(all, size);
    a.mask_or(equal, large)
}

/// `x^y`, with the special cases of C99 (Annex F.9.4.4).
///
/// Within the bound everywhere, subnormal results in ULPs of theirs. Of negative `x`: the power of
/// `-x` with the sign of `(-1)^y` for integral `y`, NaN for other finite `y`. 1 if `x` is 1 or `y` is 0,
/// even if the other is NaN, and if `x` is -1 and `y` infinite. For a constant integral `y`,
/// [`powi`] is the cheaper way.
pub fn pow<A: Arith>(a: &mut A, x: A::Float, y: A::Float) -> A::Float {
    let zero = a.float(0.0);
    let one = a.float(1.0);
    let infinity = a.float(f64::INFINITY);
    let pole = a.neg(infinity);
    let nan = a.float(f64::NAN);
    let size = a.abs(x);
    let y_size = a.abs(y);

    let log = log_pair(a, size);
    let is_zero = a.eq(size, zero);
    let finite = a.lt(size, infinity);
    let head = a.select(is_zero, pole, log.head);
    // Infinity and NaN go through as they are.
    let head = a.select(finite, head, size);
    let total = product(a, y, head);
    let tail = a.fma(y, log.tail, total.tail);
    let sum = fast_sum(a, total.head, tail);
    // Infinite products have no tail.
    let product_size = a.abs(total.head);
    let product_finite = a.lt(product_size, infinity);
    let head = a.select(product_finite, sum.head, total.head);
    let power = exp_pair(a, Pair { head, tail: sum.tail });

    // (-1)^y
    let integral = is_integer(a, y_size);
    let half = a.float(0.5);
    let half = a.mul(half, y_size);
    let half_integral = is_integer(a, half);
    let half_broken = a.mask_not(half_integral);
    let odd = a.mask_and(integral, half_broken);
    let signed = a.copysign(power, x);
    let result = a.select(odd, signed, power);

    let negative = a.lt(x, zero);
    let broken = a.mask_not(integral);
    let undefined = a.mask_and(negative, broken);
    let undefined = a.mask_and(undefined, finite);
    let result = a.select(undefined, nan, result);

    let is_one = a.eq(x, one);
    let y_zero = a.eq(y, zero);
    let always = a.mask_or(is_one, y_zero);
    let size_one = a.eq(size, one);
    let y_infinite = a.eq(y_size, infinity);
    let turning = a.mask_and(size_one, y_infinite);
    let always = a.mask_or(always, turning);
    a.select(always, one, result)
}

/// `x^n` for a constant `n`, by squaring; negative powers are reciprocals.
///
/// Exact in its special cases (`x^0` is 1, `x^1` is `x`) and rounded once for `x^2`. Otherwise each of
/// the at most `2 log2 |n|` products adds half an ULP times the power that is still to come: in all
/// less than `|n|` ULP. A negative power of an `x` whose positive power overflows is 0.
pub fn powi<A: Arith>(a: &mut A, x: A::Float, n: i32) -> A::Float {
    let one = a.float(1.0);
    let mut result = None;
    let mut square = x;
    let mut left = n.unsigned_abs();
    while left != 0 {
        if left & 1 == 1 {
            result = Some(result.map_or(square, |r| a.mul(r, square)));
        }
        left >>= 1;
        if left != 0 {
            square = a.mul(square, square);
        }
    }
    let power = result.unwrap_or(one);
    if n < 0 { a.div(one, power) } else { power }
}
