//! [`Arith`] on the host's own numbers, for constant folding and for tests.

use crate::arith::{Arith, Precision};

/// Computes in `f32`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scalar32;

/// Computes in `f64`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scalar64;

impl Arith for Scalar32 {
    type Float = f32;
    type Int = i32;
    type Word = u32;
    type Mask = bool;

    fn precision(&self) -> Precision {
        Precision::F32
    }

    fn float(&mut self, c: f64) -> f32 {
        c as f32
    }

    fn int(&mut self, c: i64) -> i32 {
        c as i32
    }

    fn word(&mut self, c: u32) -> u32 {
        c
    }

    fn add(&mut self, x: f32, y: f32) -> f32 {
        x + y
    }

    fn sub(&mut self, x: f32, y: f32) -> f32 {
        x - y
    }

    fn mul(&mut self, x: f32, y: f32) -> f32 {
        x * y
    }

    fn div(&mut self, x: f32, y: f32) -> f32 {
        x / y
    }

    fn neg(&mut self, x: f32) -> f32 {
        -x
    }

    fn abs(&mut self, x: f32) -> f32 {
        x.abs()
    }

    fn copysign(&mut self, x: f32, y: f32) -> f32 {
        x.copysign(y)
    }

    fn floor(&mut self, x: f32) -> f32 {
        x.floor()
    }

    fn sqrt(&mut self, x: f32) -> f32 {
        x.sqrt()
    }

    fn fma(&mut self, x: f32, y: f32, z: f32) -> f32 {
        x.mul_add(y, z)
    }

    fn lt(&mut self, x: f32, y: f32) -> bool {
        x < y
    }

    fn le(&mut self, x: f32, y: f32) -> bool {
        x <= y
    }

    fn eq(&mut self, x: f32, y: f32) -> bool {
        x == y
    }

    fn mask_and(&mut self, p: bool, q: bool) -> bool {
        p & q
    }

    fn mask_or(&mut self, p: bool, q: bool) -> bool {
        p | q
    }

    fn mask_not(&mut self, p: bool) -> bool {
        !p
    }

    fn select(&mut self, p: bool, x: f32, y: f32) -> f32 {
        if p { x } else { y }
    }

    fn bits(&mut self, x: f32) -> i32 {
        x.to_bits().cast_signed()
    }

    fn float_from_bits(&mut self, i: i32) -> f32 {
        f32::from_bits(i.cast_unsigned())
    }

    fn int_add(&mut self, i: i32, j: i32) -> i32 {
        i.wrapping_add(j)
    }

    fn int_sub(&mut self, i: i32, j: i32) -> i32 {
        i.wrapping_sub(j)
    }

    fn int_and(&mut self, i: i32, j: i32) -> i32 {
        i & j
    }

    fn int_or(&mut self, i: i32, j: i32) -> i32 {
        i | j
    }

    fn int_xor(&mut self, i: i32, j: i32) -> i32 {
        i ^ j
    }

    fn int_shl(&mut self, i: i32, n: u32) -> i32 {
        i << n
    }

    fn int_shr(&mut self, i: i32, n: u32) -> i32 {
        (i.cast_unsigned() >> n).cast_signed()
    }

    fn int_eq(&mut self, i: i32, j: i32) -> bool {
        i == j
    }

    fn word_add(&mut self, v: u32, w: u32) -> u32 {
        v.wrapping_add(w)
    }

    fn word_xor(&mut self, v: u32, w: u32) -> u32 {
        v ^ w
    }

    fn word_mul_wide(&mut self, v: u32, w: u32) -> (u32, u32) {
        let wide = u64::from(v) * u64::from(w);
        ((wide >> 32) as u32, wide as u32)
    }

    fn int_from_word(&mut self, w: u32) -> i32 {
        w.cast_signed()
    }
}

impl Arith for Scalar64 {
    type Float = f64;
    type Int = i64;
    type Word = u32;
    type Mask = bool;

    fn precision(&self) -> Precision {
        Precision::F64
    }

    fn float(&mut self, c: f64) -> f64 {
        c
    }

    fn int(&mut self, c: i64) -> i64 {
        c
    }

    fn word(&mut self, c: u32) -> u32 {
        c
    }

    fn add(&mut self, x: f64, y: f64) -> f64 {
        x + y
    }

    fn sub(&mut self, x: f64, y: f64) -> f64 {
        x - y
    }

    fn mul(&mut self, x: f64, y: f64) -> f64 {
        x * y
    }

    fn div(&mut self, x: f64, y: f64) -> f64 {
        x / y
    }

    fn neg(&mut self, x: f64) -> f64 {
        -x
    }

    fn abs(&mut self, x: f64) -> f64 {
        x.abs()
    }

    fn copysign(&mut self, x: f64, y: f64) -> f64 {
        x.copysign(y)
    }

    fn floor(&mut self, x: f64) -> f64 {
        x.floor()
    }

    fn sqrt(&mut self, x: f64) -> f64 {
        x.sqrt()
    }

    fn fma(&mut self, x: f64, y: f64, z: f64) -> f64 {
        x.mul_add(y, z)
    }

    fn lt(&mut self, x: f64, y: f64) -> bool {
        x < y
    }

    fn le(&mut self, x: f64, y: f64) -> bool {
        x <= y
    }

    fn eq(&mut self, x: f64, y: f64) -> bool {
        x == y
    }

    fn mask_and(&mut self, p: bool, q: bool) -> bool {
        p & q
    }

    fn mask_or(&mut self, p: bool, q: bool) -> bool {
        p | q
    }

    fn mask_not(&mut self, p: bool) -> bool {
        !p
    }

    fn select(&mut self, p: bool, x: f64, y: f64) -> f64 {
        if p { x } else { y }
    }

    fn bits(&mut self, x: f64) -> i64 {
        x.to_bits().cast_signed()
    }

    fn float_from_bits(&mut self, i: i64) -> f64 {
        f64::from_bits(i.cast_unsigned())
    }

    fn int_add(&mut self, i: i64, j: i64) -> i64 {
        i.wrapping_add(j)
    }

    fn int_sub(&mut self, i: i64, j: i64) -> i64 {
        i.wrapping_sub(j)
    }

    fn int_and(&mut self, i: i64, j: i64) -> i64 {
        i & j
    }

    fn int_or(&mut self, i: i64, j: i64) -> i64 {
        i | j
    }

    fn int_xor(&mut self, i: i64, j: i64) -> i64 {
        i ^ j
    }

    fn int_shl(&mut self, i: i64, n: u32) -> i64 {
        i << n
    }

    fn int_shr(&mut self, i: i64, n: u32) -> i64 {
        (i.cast_unsigned() >> n).cast_signed()
    }

    fn int_eq(&mut self, i: i64, j: i64) -> bool {
        i == j
    }

    fn word_add(&mut self, v: u32, w: u32) -> u32 {
        v.wrapping_add(w)
    }

    fn word_xor(&mut self, v: u32, w: u32) -> u32 {
        v ^ w
    }

    fn word_mul_wide(&mut self, v: u32, w: u32) -> (u32, u32) {
        let wide = u64::from(v) * u64::from(w);
        ((wide >> 32) as u32, wide as u32)
    }

    fn int_from_word(&mut self, w: u32) -> i64 {
        i64::from(w)
    }
}

/// The functions of this crate on `f32`.
pub mod f32 {
    use super::Scalar32;

    /// [`crate::exp`]
    pub fn exp(x: f32) -> f32 {
        crate::exp(&mut Scalar32, x)
    }

    /// [`crate::expm1`]
    pub fn expm1(x: f32) -> f32 {
        crate::expm1(&mut Scalar32, x)
    }

    /// [`crate::exprel`]
    pub fn exprel(x: f32) -> f32 {
        crate::exprel(&mut Scalar32, x)
    }

    /// [`crate::bernoulli`]
    pub fn bernoulli(x: f32) -> f32 {
        crate::bernoulli(&mut Scalar32, x)
    }

    /// [`crate::sigmoid`]
    pub fn sigmoid(x: f32) -> f32 {
        crate::sigmoid(&mut Scalar32, x)
    }

    /// [`crate::log`]
    pub fn log(x: f32) -> f32 {
        crate::log(&mut Scalar32, x)
    }

    /// [`crate::log1p`]
    pub fn log1p(x: f32) -> f32 {
        crate::log1p(&mut Scalar32, x)
    }

    /// [`crate::sinh`]
    pub fn sinh(x: f32) -> f32 {
        crate::sinh(&mut Scalar32, x)
    }

    /// [`crate::cosh`]
    pub fn cosh(x: f32) -> f32 {
        crate::cosh(&mut Scalar32, x)
    }

    /// [`crate::tanh`]
    pub fn tanh(x: f32) -> f32 {
        crate::tanh(&mut Scalar32, x)
    }

    /// [`crate::sin`]
    pub fn sin(x: f32) -> f32 {
        crate::sin(&mut Scalar32, x)
    }

    /// [`crate::cos`]
    pub fn cos(x: f32) -> f32 {
        crate::cos(&mut Scalar32, x)
    }

    /// [`crate::tan`]
    pub fn tan(x: f32) -> f32 {
        crate::tan(&mut Scalar32, x)
    }

    /// [`crate::log10`]
    pub fn log10(x: f32) -> f32 {
        crate::log10(&mut Scalar32, x)
    }

    /// [`crate::log2`]
    pub fn log2(x: f32) -> f32 {
        crate::log2(&mut Scalar32, x)
    }

    /// [`crate::atan`]
    pub fn atan(x: f32) -> f32 {
        crate::atan(&mut Scalar32, x)
    }

    /// [`crate::asin`]
    pub fn asin(x: f32) -> f32 {
        crate::asin(&mut Scalar32, x)
    }

    /// [`crate::acos`]
    pub fn acos(x: f32) -> f32 {
        crate::acos(&mut Scalar32, x)
    }

    /// [`crate::atan2`]
    pub fn atan2(y: f32, x: f32) -> f32 {
        crate::atan2(&mut Scalar32, y, x)
    }

    /// [`crate::modulo`]
    pub fn modulo(x: f32, y: f32) -> f32 {
        crate::modulo(&mut Scalar32, x, y)
    }

    /// [`crate::erf`]
    pub fn erf(x: f32) -> f32 {
        crate::erf(&mut Scalar32, x)
    }

    /// [`crate::pow`]
    pub fn pow(x: f32, y: f32) -> f32 {
        crate::pow(&mut Scalar32, x, y)
    }

    /// [`crate::powi`]
    pub fn powi(x: f32, n: i32) -> f32 {
        crate::powi(&mut Scalar32, x, n)
    }
}

/// The functions of this crate on `f64`.
pub mod f64 {
    use super::Scalar64;

    /// [`crate::exp`]
    pub fn exp(x: f64) -> f64 {
        crate::exp(&mut Scalar64, x)
    }

    /// [`crate::expm1`]
    pub fn expm1(x: f64) -> f64 {
        crate::expm1(&mut Scalar64, x)
    }

    /// [`crate::exprel`]
    pub fn exprel(x: f64) -> f64 {
        crate::exprel(&mut Scalar64, x)
    }

    /// [`crate::bernoulli`]
    pub fn bernoulli(x: f64) -> f64 {
        crate::bernoulli(&mut Scalar64, x)
    }

    /// [`crate::sigmoid`]
    pub fn sigmoid(x: f64) -> f64 {
        crate::sigmoid(&mut Scalar64, x)
    }

    /// [`crate::log`]
    pub fn log(x: f64) -> f64 {
        crate::log(&mut Scalar64, x)
    }

    /// [`crate::log1p`]
    pub fn log1p(x: f64) -> f64 {
        crate::log1p(&mut Scalar64, x)
    }

    /// [`crate::sinh`]
    pub fn sinh(x: f64) -> f64 {
        crate::sinh(&mut Scalar64, x)
    }

    /// [`crate::cosh`]
    pub fn cosh(x: f64) -> f64 {
        crate::cosh(&mut Scalar64, x)
    }

    /// [`crate::tanh`]
    pub fn tanh(x: f64) -> f64 {
        crate::tanh(&mut Scalar64, x)
    }

    /// [`crate::sin`]
    pub fn sin(x: f64) -> f64 {
        crate::sin(&mut Scalar64, x)
    }

    /// [`crate::cos`]
    pub fn cos(x: f64) -> f64 {
        crate::cos(&mut Scalar64, x)
    }

    /// [`crate::tan`]
    pub fn tan(x: f64) -> f64 {
        crate::tan(&mut Scalar64, x)
    }

    /// [`crate::log10`]
    pub fn log10(x: f64) -> f64 {
        crate::log10(&mut Scalar64, x)
    }

    /// [`crate::log2`]
    pub fn log2(x: f64) -> f64 {
        crate::log2(&mut Scalar64, x)
    }

    /// [`crate::atan`]
    pub fn atan(x: f64) -> f64 {
        crate::atan(&mut Scalar64, x)
    }

    /// [`crate::asin`]
    pub fn asin(x: f64) -> f64 {
        crate::asin(&mut Scalar64, x)
    }

    /// [`crate::acos`]
    pub fn acos(x: f64) -> f64 {
        crate::acos(&mut Scalar64, x)
    }

    /// [`crate::atan2`]
    pub fn atan2(y: f64, x: f64) -> f64 {
        crate::atan2(&mut Scalar64, y, x)
    }

    /// [`crate::modulo`]
    pub fn modulo(x: f64, y: f64) -> f64 {
        crate::modulo(&mut Scalar64, x, y)
    }

    /// [`crate::erf`]
    pub fn erf(x: f64) -> f64 {
        crate::erf(&mut Scalar64, x)
    }

    /// [`crate::pow`]
    pub fn pow(x: f64, y: f64) -> f64 {
        crate::pow(&mut Scalar64, x, y)
    }

    /// [`crate::powi`]
    pub fn powi(x: f64, n: i32) -> f64 {
        crate::powi(&mut Scalar64, x, n)
    }
}
