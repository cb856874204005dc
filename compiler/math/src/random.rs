//! Random numbers from counters.
//!
//! A number is a function of its address: of a key (the seed) and a counter (stream, index, step).
//! Nothing is drawn in sequence, so nothing depends on the order or the place of the drawing.

use crate::arith::{Arith, Format, Precision};
use crate::log::log;
use crate::trig::sin_cos_turns;

/// Four words for one counter and key: Philox 4x32 with 10 rounds (Salmon, Moraes, Dror and Shaw,
/// "Parallel random numbers: as easy as 1, 2, 3", 2011).
pub fn philox<A: Arith>(a: &mut A, counter: [A::Word; 4], key: [A::Word; 2]) -> [A::Word; 4] {
    let multiplier = [a.word(0xD251_1F53), a.word(0xCD9E_8D57)];
    // The fractions of the golden ratio and of the square root of 3.
    let weyl = [a.word(0x9E37_79B9), a.word(0xBB67_AE85)];
    let mut key = key;
    let mut c = counter;
    for round in 0..10 {
        if round != 0 {
            key = [a.word_add(key[0], weyl[0]), a.word_add(key[1], weyl[1])];
        }
        let (high0, low0) = a.word_mul_wide(multiplier[0], c[0]);
        let (high1, low1) = a.word_mul_wide(multiplier[1], c[2]);
        let left = a.word_xor(high1, c[1]);
        let left = a.word_xor(left, key[0]);
        let right = a.word_xor(high0, c[3]);
        let right = a.word_xor(right, key[1]);
        c = [left, low1, right, low0];
    }
    c
}

/// Uniform in (0, 1), neither end included.
///
/// f32 takes the top 23 bits of `high`, f64 these and the 29 next of `high` and `low`; each adds half of
/// its last bit. So the two precisions fall into the same of the `2^23` cells, and the results are
/// exact: odd multiples of `2^-24` or `2^-53`.
pub fn uniform<A: Arith>(a: &mut A, high: A::Word, low: A::Word) -> A::Float {
    let precision = a.precision();
    let format = Format::of(precision);
    let high = a.int_from_word(high);
    let cell = match precision {
        Precision::F32 => a.int_shr(high, 9),
        Precision::F64 => {
            let high = a.int_shl(high, 20);
            let low = a.int_from_word(low);
            let low = a.int_shr(low, 12);
            a.int_or(high, low)
        }
    };
    // In [1, 2), then less 1 but for half a cell.
    let one = a.int(format.one());
    let shifted = a.int_or(cell, one);
    let shifted = a.float_from_bits(shifted);
    let offset = a.float(1.0 - (-f64::from(format.fraction) - 1.0).exp2());
    a.sub(shifted, offset)
}

/// One of `0 .. n`, for `n > 0`: the high word of `w n`.
///
/// The chances differ from `1/n` by less than `2^-32`.
pub fn below<A: Arith>(a: &mut A, w: A::Word, n: A::Word) -> A::Word {
    a.word_mul_wide(w, n).0
}

/// Two independent numbers of the standard normal distribution (Box and Muller, 1958).
///
/// None exceeds 5.8 (f32) or 8.6 (f64) in size.
pub fn normal<A: Arith>(a: &mut A, w: [A::Word; 4]) -> (A::Float, A::Float) {
    let u = uniform(a, w[0], w[1]);
    let turn = uniform(a, w[2], w[3]);
    let log = log(a, u);
    let minus_two = a.float(-2.0);
    let square = a.mul(minus_two, log);
    let radius = a.sqrt(square);
    let (sin, cos) = sin_cos_turns(a, turn);
    (a.mul(radius, cos), a.mul(radius, sin))
}

/// A number of the exponential distribution of mean 1: `-log u`.
///
/// None exceeds `24 ln 2` (f32) or `53 ln 2` (f64).
pub fn exponential<A: Arith>(a: &mut A, high: A::Word, low: A::Word) -> A::Float {
    let u = uniform(a, high, low);
    let log = log(a, u);
    a.neg(log)
}
