//! Logarithms.

use crate::arith::{Arith, Format, Precision, polynomial};
use crate::coefficients::{LN2, LOG, LOG2_E, LOG10_E};

/// A positive number as `2^e m` with `m` between `sqrt(1/2)` and `sqrt(2)`.
pub(crate) struct Split<A: Arith> {
    /// The exponent.
    pub(crate) e: A::Float,
    /// The significand.
    pub(crate) m: A::Float,
}

/// Splits `x`; anything at all where `x` is not positive and finite.
///
/// With `root` the bits of `sqrt(1/2)`, subtracting `root` from the bits of `x` leaves `e` in the
/// exponent field and `m`, less `root`, in the fraction.
pub(crate) fn split<A: Arith>(a: &mut A, x: A::Float) -> Split<A> {
    let format = Format::of(a.precision());
    let n = format.fraction;
    let root = match a.precision() {
        Precision::F32 => i64::from(std::f32::consts::FRAC_1_SQRT_2.to_bits()),
        Precision::F64 => std::f64::consts::FRAC_1_SQRT_2.to_bits().cast_signed(),
    };
    // Subnormal numbers are scaled up first.
    let least = a.float((1.0 - format.bias as f64).exp2());
    let up = a.float(f64::from(n).exp2());
    let scaled = a.mul(x, up);
    let subnormal = a.lt(x, least);
    let x = a.select(subnormal, scaled, x);
    let plain = a.float(format.magic + format.bias as f64);
    let lowered = a.float(format.magic + format.bias as f64 + f64::from(n));
    let offset = a.select(subnormal, lowered, plain);

    let bits = a.bits(x);
    let shift = a.int(format.one() - root);
    let bits = a.int_add(bits, shift);
    let e = a.int_shr(bits, n);
    let magic = a.int(format.magic_bits);
    let e = a.int_or(e, magic);
    let e = a.float_from_bits(e);
    let e = a.sub(e, offset);
    let fraction = a.int((1 << n) - 1);
    let m = a.int_and(bits, fraction);
    let root = a.int(root);
    let m = a.int_add(m, root);
    let m = a.float_from_bits(m);
    Split { e, m }
}

/// The natural logarithm of `x > 0`, finite, plus the small number `plus`.
///
/// With `f = m - 1`: f32 takes `f - f^2/2 + f^3 P(f)`; f64 takes the series in `s = f / (2 + f)` as
/// fdlibm arranges it (Ng, 1993), `f - s (f - R(s^2))`, whose rounding errors are all in small terms.
fn log_positive<A: Arith>(a: &mut A, x: A::Float, plus: Option<A::Float>) -> A::Float {
    let precision = a.precision();
    let ln2 = LN2.of(precision);
    let Split { e, m } = split(a, x);
    let one = a.float(1.0);
    let f = a.sub(m, one);
    let tail = a.float(ln2[1]);
    let mut low = a.mul(e, tail);
    if let Some(plus) = plus {
        low = a.add(low, plus);
    }
    let p = match precision {
        Precision::F32 => {
            let p = polynomial(a, f, LOG.of(precision));
            let square = a.mul(f, f);
            let half = a.float(-0.5);
            let p = a.fma(f, p, half);
            a.fma(square, p, low)
        }
        Precision::F64 => {
            let two = a.float(2.0);
            let d = a.add(two, f);
            let s = a.div(f, d);
            let z = a.mul(s, s);
            let p = polynomial(a, z, LOG.of(precision));
            // log(1+f) = f - f^2/2 + s (f^2/2 + z P(z)), from 2 s = f - s f.
            let half = a.float(0.5);
            let half = a.mul(half, f);
            let square = a.mul(half, f);
            let inner = a.fma(z, p, square);
            let low = a.fma(s, inner, low);
            a.sub(low, square)
        }
    };
    // e ln2 + f is rounded once; what the rounding drops is put back.
    let head = a.float(ln2[0]);
    let big = a.fma(e, head, f);
    let back = a.neg(big);
    let back = a.fma(e, head, back);
    let lost = a.add(back, f);
    let low = a.add(p, lost);
    a.add(big, low)
}

/// `y` where `x` is positive and finite; else what the logarithm of `x` is.
fn outside<A: Arith>(a: &mut A, x: A::Float, y: A::Float) -> A::Float {
    let infinity = a.float(f64::INFINITY);
    let zero = a.float(0.0);
    let nan = a.float(f64::NAN);
    let pole = a.neg(infinity);
    let finite = a.lt(x, infinity);
    let y = a.select(finite, y, x);
    let negative = a.lt(x, zero);
    let y = a.select(negative, nan, y);
    let at_zero = a.eq(x, zero);
    a.select(at_zero, pole, y)
}

/// The natural logarithm.
///
/// Within the bound everywhere, of subnormal numbers too. `-inf` at 0, NaN below.
pub fn log<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let y = log_positive(a, x, None);
    outside(a, x, y)
}

/// `l c` for a constant in parts: the product, and what it lacks.
fn scaled<A: Arith>(a: &mut A, l: A::Float, c: &[f64]) -> (A::Float, A::Float) {
    let (head, tail) = (a.float(c[0]), a.float(c[1]));
    let product = a.mul(l, head);
    let minus = a.neg(product);
    let lost = a.fma(l, head, minus);
    (product, a.fma(l, tail, lost))
}

/// The logarithm to the base 10. `-inf` at 0, NaN below.
pub fn log10<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let l = log_positive(a, x, None);
    let (product, low) = scaled(a, l, LOG10_E.of(a.precision()));
    let y = a.add(product, low);
    outside(a, x, y)
}

/// The logarithm to the base 2, exact of powers of two. `-inf` at 0, NaN below.
pub fn log2<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let Split { e, m } = split(a, x);
    let l = log_positive(a, m, None);
    let (product, low) = scaled(a, l, LOG2_E.of(a.precision()));
    let sum = a.add(e, product);
    let back = a.sub(e, sum);
    let lost = a.add(back, product);
    let low = a.add(low, lost);
    let y = a.add(sum, low);
    outside(a, x, y)
}

/// `log(1 + x)`, without cancellation near 0.
///
/// Within the bound everywhere; `-inf` at -1, NaN below; keeps subnormal numbers and the sign of
/// zero.
pub fn log1p<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    // What the sum u = 1 + x loses, divided by u, is what the logarithm lacks.
    let one = a.float(1.0);
    let u = a.add(one, x);
    let lost = two_sum_error(a, one, x, u);
    let lost = a.div(lost, u);
    let y = log_positive(a, u, Some(lost));
    let y = outside(a, u, y);
    a.copysign(y, x)
}

/// `x + y - sum`, exactly, for `sum = x + y` rounded (Knuth's two-sum).
pub(crate) fn two_sum_error<A: Arith>(a: &mut A, x: A::Float, y: A::Float, sum: A::Float) -> A::Float {
    let x_part = a.sub(sum, y);
    let y_part = a.sub(sum, x_part);
    let x_lost = a.sub(x, x_part);
    let y_lost = a.sub(y, y_part);
    a.add(x_lost, y_lost)
}
