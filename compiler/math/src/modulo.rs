//! Rests of divisions.

use crate::arith::Arith;

/// What is left of `x` if as many whole `y` as fit, downwards, are taken away: from 0 to `y`, with the sign of `y` (and `y` itself
/// only where what is exact lies closer to it than the next number).
///
/// Correctly rounded while the quotient is below `2^23` (f32) or `2^52` (f64) in size; beyond, a number of that range. NaN
/// where `y` is 0 or `x` is infinite.
pub fn modulo<A: Arith>(a: &mut A, x: A::Float, y: A::Float) -> A::Float {
    let zero = a.float(0.0);
    let quotient = a.div(x, y);
    let whole = a.floor(quotient);
    let minus = a.neg(whole);
    // Exact, but the quotient may have been rounded to a whole number that is one too many.
    let rest = a.fma(minus, y, x);
    let negative = a.lt(y, zero);
    let before = a.lt(rest, zero);
    let after = a.lt(zero, rest);
    let over = either(a, negative, after, before);
    let corrected = a.add(rest, y);
    let rest = a.select(over, corrected, rest);
    // Of a quotient without room for its last bits, nothing is left.
    let size = a.abs(y);
    let left = a.abs(rest);
    let fits = a.le(left, size);
    let number = a.eq(rest, rest);
    let beyond = a.mask_not(fits);
    let beyond = a.mask_and(beyond, number);
    let rest = a.select(beyond, zero, rest);
    a.copysign(rest, y)
}

/// The first where `p` holds, else the second.
fn either<A: Arith>(a: &mut A, p: A::Mask, first: A::Mask, second: A::Mask) -> A::Mask {
    let not = a.mask_not(p);
    let (yes, no) = (a.mask_and(p, first), a.mask_and(not, second));
    a.mask_or(yes, no)
}
