//! Inverse circular functions.

use crate::arith::{Arith, polynomial};
use crate::coefficients::{ASIN, ATAN, HALF_PI};

/// `u + u z P(z)` with `z = u^2`, and a small number `plus`.
fn odd<A: Arith>(a: &mut A, u: A::Float, p: &[f64], plus: A::Float) -> A::Float {
    let z = a.mul(u, u);
    let p = polynomial(a, z, p);
    let zp = a.mul(z, p);
    let low = a.fma(zp, u, plus);
    a.add(u, low)
}

/// The arctangent, between `-pi/2` and `pi/2`. Within the bound everywhere; keeps subnormal numbers and the sign of
/// zero.
///
/// Up to `tan(pi/8)` by a polynomial; beyond, by the difference from `pi/4` or `pi/2` (Cody and Waite, 1980).
pub fn atan<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let half_pi = HALF_PI.of(a.precision());
    let size = a.abs(x);
    let (one, zero) = (a.float(1.0), a.float(0.0));
    let (first, second) = (a.float(std::f64::consts::SQRT_2 - 1.0), a.float(std::f64::consts::SQRT_2 + 1.0));
    let is_near = a.le(size, first);
    let is_far = a.lt(second, size);
    // x, (x - 1) / (x + 1) or -1 / x
    let (less, more, minus) = (a.sub(size, one), a.add(size, one), a.float(-1.0));
    let above = a.select(is_far, minus, less);
    let below = a.select(is_far, size, more);
    let ratio = a.div(above, below);
    let u = a.select(is_near, size, ratio);
    let mut base = Vec::new();
    for part in &half_pi[..2] {
        let (half, quarter) = (a.float(*part), a.float(part / 2.0));
        let beyond = a.select(is_far, half, quarter);
        base.push(a.select(is_near, zero, beyond));
    }
    let z = a.mul(u, u);
    let p = polynomial(a, z, ATAN.of(a.precision()));
    let zp = a.mul(z, p);
    let low = a.fma(zp, u, base[1]);
    // base + u loses what u has below the last bit of the base.
    let sum = a.add(base[0], u);
    let back = a.sub(base[0], sum);
    let lost = a.add(back, u);
    let low = a.add(low, lost);
    let y = a.add(sum, low);
    a.copysign(y, x)
}

/// The angle of the point `(x, y)`, from `-pi` to `pi`; 0 at the origin. Within the bound where the quotient of the
/// sizes is a normal number; NaN if both are infinite.
pub fn atan2<A: Arith>(a: &mut A, y: A::Float, x: A::Float) -> A::Float {
    let half_pi = HALF_PI.of(a.precision());
    let (rise, run) = (a.abs(y), a.abs(x));
    let zero = a.float(0.0);
    let ratio = a.div(rise, run);
    let angle = atan(a, ratio);
    let flat = a.eq(rise, zero);
    let angle = a.select(flat, zero, angle);
    let (half, low) = (a.float(2.0 * half_pi[0]), a.float(2.0 * half_pi[1]));
    let rest = a.sub(low, angle);
    let back = a.add(half, rest);
    let behind = a.lt(x, zero);
    let angle = a.select(behind, back, angle);
    a.copysign(angle, y)
}

/// What arcsine and arccosine need: `asin` of the size up to 1/2, or of `sqrt((1 - size) / 2)`.
struct Folded<A: Arith> {
    is_small: A::Mask,
    angle: A::Float,
}

fn folded<A: Arith>(a: &mut A, size: A::Float) -> Folded<A> {
    let (one, half, zero) = (a.float(1.0), a.float(0.5), a.float(0.0));
    let is_small = a.le(size, half);
    let rest = a.sub(one, size);
    let square = a.mul(half, rest);
    let root = a.sqrt(square);
    let v = a.select(is_small, size, root);
    // What the root lacks: its square is exactly known.
    let minus = a.neg(root);
    let left = a.fma(minus, root, square);
    let twice = a.add(root, root);
    let lack = a.div(left, twice);
    let none = a.le(square, zero);
    let lack = a.select(none, zero, lack);
    let lack = a.select(is_small, zero, lack);
    let angle = odd(a, v, ASIN.of(a.precision()), lack);
    Folded { is_small, angle }
}

/// The arcsine, between `-pi/2` and `pi/2`. Within the bound from -1 to 1, NaN beyond; keeps subnormal numbers and the
/// sign of zero.
pub fn asin<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let half_pi = HALF_PI.of(a.precision());
    let size = a.abs(x);
    let Folded { is_small, angle } = folded(a, size);
    let (head, tail) = (a.float(half_pi[0]), a.float(half_pi[1]));
    let minus_two = a.float(-2.0);
    let rest = a.fma(minus_two, angle, tail);
    let large = a.add(head, rest);
    let y = a.select(is_small, angle, large);
    a.copysign(y, x)
}

/// The arccosine, between 0 and `pi`. Within the bound from -1 to 1, NaN beyond.
pub fn acos<A: Arith>(a: &mut A, x: A::Float) -> A::Float {
    let half_pi = HALF_PI.of(a.precision());
    let size = a.abs(x);
    let Folded { is_small, angle } = folded(a, size);
    let (head, tail, zero) = (a.float(half_pi[0]), a.float(half_pi[1]), a.float(0.0));
    let is_negative = a.lt(x, zero);
    // pi/2 - asin x
    let minus = a.neg(angle);
    let signed = a.select(is_negative, angle, minus);
    let middle = a.add(tail, signed);
    let middle = a.add(head, middle);
    // 2 asin sqrt((1 - |x|) / 2), or pi less that
    let twice = a.add(angle, angle);
    let (whole, low) = (a.float(2.0 * half_pi[0]), a.float(2.0 * half_pi[1]));
    let rest = a.sub(low, twice);
    let back = a.add(whole, rest);
    let outer = a.select(is_negative, back, twice);
    a.select(is_small, middle, outer)
}
