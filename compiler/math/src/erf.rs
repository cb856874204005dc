//! The error function.

use crate::arith::{Arith, at_most, by_precision, polynomial};
use crate::coefficients::{ERF, ERFC};
use crate::exp::exp;

/// The error function. Within the bound everywhere; keeps subnormal numbers and the sign of zero.
///
/// `x + x P(x^2)` up to 1; beyond, `1 - e^-Q(x)` with `Q = -log(1 - erf)` (the form that Juffa uses),
/// of which only the leading bits matter as the exponential becomes small. Both are computed.
pub fn erf<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let size = a.abs(x);
    let z = a.mul(size, size);
    let p = polynomial(a, z, ERF.of(a.precision()));
    let small = a.fma(size, p, size);

    // From here on erf rounds to 1.
    let last = by_precision(a, 3.95, 5.95);
    let clamped = at_most(a, size, last);
    let two = a.float(2.0);
    let t = a.sub(clamped, two);
    let q = polynomial(a, t, ERFC.of(a.precision()));
    let q = a.neg(q);
    let e = exp(a, q);
    let one = a.float(1.0);
    let large = a.sub(one, e);

    let is_large = a.lt(one, size);
    let y = a.select(is_large, large, small);
    a.copysign(y, x)
}
