//! The matrix exponential, for exact integration of linear equations.
//!
//! `exp(A t)` by scaling and squaring of a Taylor polynomial. Squaring what is close to the
//! identity would lose a digit each time; so `exp(A t) - 1` is carried
//! (`expm1(2 x) = 2 expm1(x) + expm1(x)^2`) until some diagonal element has decayed to a half,
//! from where on that would lose digits, and plain squaring does not. Only + - * /: the same bits
//! on every machine.

use core::slice::{from_raw_parts, from_raw_parts_mut};

/// The largest matrix: states of one linear model, and the constant.
pub const LARGEST: usize = 32;

/// Terms of the Taylor polynomial; with a norm of at most 1/8 the remainder is below 2^-60.
const TERMS: u32 = 14;

type Square = [f64; LARGEST * LARGEST];

/// `out = exp(matrix * dt)`, all `n * n`, row after row. Returns -1 (and writes nothing) if `n`
/// is 0 or more than [`LARGEST`].
///
/// # Safety
/// `matrix` and `out` point to `n * n` numbers each; they may be the same.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_propagator(n: u32, matrix: *const f64, dt: f64, out: *mut f64) -> i32 {
    let n = n as usize;
    if n == 0 || n > LARGEST || matrix.is_null() || out.is_null() {
        return -1;
    }
    let mut scaled = [0.0; LARGEST * LARGEST];
    // SAFETY: by this function's contract; the borrow ends before `out` is written.
    let matrix = unsafe { from_raw_parts(matrix, n * n) };
    for (to, from) in scaled.iter_mut().zip(matrix) {
        *to = from * dt;
    }
    let result = exponential(n, scaled);
    // SAFETY: by this function's contract.
    let out = unsafe { from_raw_parts_mut(out, n * n) };
    out.copy_from_slice(&result[..n * n]);
    0
}

fn exponential(n: usize, mut x: Square) -> Square {
    let mut norm: f64 = 0.0;
    for row in x[..n * n].chunks_exact(n) {
        norm = norm.max(row.iter().map(|it| it.abs()).sum());
    }
    let mut halvings = 0;
    while norm > 0.125 && halvings < 1100 {
        norm *= 0.5;
        halvings += 1;
    }
    // Exact: a power of two. In two factors, as 2^-1100 is no number.
    let (first, second) = (halvings / 2, halvings - halvings / 2);
    for value in &mut x {
        *value = *value * power_of_half(first) * power_of_half(second);
    }
    // Horner: e = x (1 + x/2 (1 + x/3 (…))), the sum without its leading 1.
    let mut minus_one = x.map(|it| it / f64::from(TERMS));
    for term in (1..TERMS).rev() {
        let mut next = product(n, &x, &minus_one);
        for (value, x) in next.iter_mut().zip(&x) {
            *value = (*value + x) / f64::from(term);
        }
        minus_one = next;
    }
    let mut doublings = 0;
    while doublings < halvings && diagonal(n, &mut minus_one).all(|it| *it > -0.5) {
        let square = product(n, &minus_one, &minus_one);
        for (value, square) in minus_one.iter_mut().zip(&square) {
            *value = 2.0 * *value + square;
        }
        doublings += 1;
    }
    let mut result = minus_one;
    for value in diagonal(n, &mut result) {
        *value += 1.0;
    }
    for _ in doublings..halvings {
        result = product(n, &result, &result);
    }
    result
}

fn diagonal(n: usize, square: &mut Square) -> impl Iterator<Item = &mut f64> {
    square.iter_mut().step_by(n + 1).take(n)
}

fn power_of_half(exponent: u32) -> f64 {
    f64::from_bits(u64::from(1023u32.saturating_sub(exponent)) << 52)
}

fn product(n: usize, left: &Square, right: &Square) -> Square {
    let mut out = [0.0; LARGEST * LARGEST];
    for row in 0..n {
        for column in 0..n {
            let mut sum = 0.0;
            for k in 0..n {
                sum += left[row * n + k] * right[k * n + column];
            }
            out[row * n + column] = sum;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use proptest::prelude::*;

    use super::*;

    fn propagator(n: usize, matrix: &[f64], dt: f64) -> Vec<f64> {
        let mut out = vec![0.0; n * n];
        // SAFETY: both have n * n numbers.
        let code = unsafe { bpc_rt3_propagator(n as u32, matrix.as_ptr(), dt, out.as_mut_ptr()) };
        assert_eq!(code, 0);
        out
    }

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 1.5e-15 * expected.abs()
    }

    #[test]
    fn refuses_wrong_sizes() {
        let mut out = [7.0];
        // SAFETY: nothing is read or written.
        unsafe {
            assert_eq!(bpc_rt3_propagator(0, out.as_ptr(), 1.0, out.as_mut_ptr()), -1);
            assert_eq!(bpc_rt3_propagator(33, out.as_ptr(), 1.0, out.as_mut_ptr()), -1);
        }
        assert_eq!(out, [7.0]);
    }

    #[test]
    fn zero_gives_the_identity() {
        assert_eq!(propagator(2, &[0.0; 4], 0.1), [1.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn equal_time_constants() {
        // x' = -x / tau + y, y' = -y / tau: exp(-t/tau) [1 t; 0 1].
        for (tau, t) in [(5.0, 0.1), (20.0, 1.0), (0.5, 0.025)] {
            let found = propagator(2, &[-1.0 / tau, 1.0, 0.0, -1.0 / tau], t);
            let decay = (-t / tau).exp();
            assert!(close(found[0], decay) && close(found[1], t * decay), "{found:?}");
            assert!(found[2] == 0.0 && found[0] == found[3]);
        }
    }

    #[test]
    fn rotation() {
        let found = propagator(2, &[0.0, -1.0, 1.0, 0.0], 0.7);
        assert!((found[0] - 0.7f64.cos()).abs() < 3e-16 && (found[2] - 0.7f64.sin()).abs() < 3e-16);
    }

    #[test]
    fn not_finite_stays_not_finite() {
        assert!(propagator(1, &[f64::NAN], 1.0)[0].is_nan());
        assert!(!propagator(1, &[f64::INFINITY], 1.0)[0].is_finite());
        assert_eq!(propagator(1, &[-1e6], 1.0)[0], 0.0);
    }

    proptest! {
        #[test]
        fn scalar(rate in -3.0f64..1.0) {
            prop_assert!(close(propagator(1, &[rate], 1.0)[0], rate.exp()));
        }

        #[test]
        fn cascade(a in 0.5f64..100.0, b in 0.5f64..100.0, dt in 0.01f64..1.0) {
            prop_assume!((a - b).abs() > 0.05 * a);
            let found = propagator(2, &[-1.0 / a, 1.0, 0.0, -1.0 / b], dt);
            // (e^(-t/a) - e^(-t/b)) / (1/b - 1/a), without cancellation.
            let difference = 1.0 / b - 1.0 / a;
            let expected = (-dt / a).exp() * -(-dt * difference).exp_m1() / difference;
            prop_assert!((found[1] - expected).abs() <= 4e-15 * expected.abs());
        }
    }
}
