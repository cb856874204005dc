//! The natural logarithm in plain + - * /, so that it has the same bits on every machine.
//!
//! The method is that of FreeBSD's `k_log.h`: `x = 2^k * (1 + f)` with `1 + f` in
//! `[sqrt(1/2), sqrt(2))`, `s = f / (2 + f)`, an even polynomial in `s`, error below 1 ULP.

const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// The upper half of sqrt(1/2).
const SQRT_HALF: u64 = 0x3fe6_a09e;
const COEFFICIENTS: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];

/// The logarithm of a positive, finite, normal number, to 1 ULP.
#[inline]
pub fn log(x: f64) -> f64 {
    let bits = x.to_bits();
    // Adding this carries into the exponent exactly when the mantissa is at least sqrt(1/2) * 2.
    let carried = bits.wrapping_add((0x3ff0_0000 - SQRT_HALF) << 32);
    // 2^52 + exponent, as a float: an exact conversion that vectorises.
    let k = f64::from_bits(carried >> 52 | 0x4330_0000_0000_0000) - (4_503_599_627_370_496.0 + 1023.0);
    let mantissa = (carried & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF << 32);
    let f = f64::from_bits(mantissa) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let [c1, c2, c3, c4, c5, c6, c7] = COEFFICIENTS;
    let even = w * (c2 + w * (c4 + w * c6));
    let odd = z * (c1 + w * (c3 + w * (c5 + w * c7)));
    let half_square = 0.5 * f * f;
    s * (half_square + (even + odd)) + k * LN2_LOW - half_square + f + k * LN2_HIGH
}

/// `log(1 - p)` for `0 < p < 1`, to a few ULP, however small `p` is.
pub fn log_of_complement(p: f64) -> f64 {
    // Kahan: the error of `1 - p` cancels in the quotient.
    let rounded = 1.0 - p;
    if rounded == 1.0 { -p } else { log(rounded) * (p / (1.0 - rounded)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ulps(found: f64, expected: f64) -> u64 {
        found.to_bits().abs_diff(expected.to_bits())
    }

    #[test]
    fn exact_cases() {
        assert_eq!(log(1.0), 0.0);
        assert_eq!(log(2.0), core::f64::consts::LN_2);
        assert_eq!(log(f64::from_bits(0x3ca0_0000_0000_0000)), -53.0 * core::f64::consts::LN_2);
        assert_eq!(log_of_complement(1e-300), -1e-300);
        assert_eq!(log_of_complement(0.5), -core::f64::consts::LN_2);
    }

    proptest! {
        #[test]
        fn agrees_with_libm(x in prop_oneof![1e-16f64..1.0, 0.5f64..2.0, 1e-300f64..1e300]) {
            prop_assert!(ulps(log(x), x.ln()) <= 2, "{} {} {}", x, log(x), x.ln());
        }

        #[test]
        fn complement_agrees_with_libm(exponent in -40f64..-1e-3) {
            let p = exponent.exp();
            let (found, expected) = (log_of_complement(p), (-p).ln_1p());
            prop_assert!(ulps(found, expected) <= 4, "{} {} {}", p, found, expected);
        }
    }
}
