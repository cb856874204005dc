//! The operations that every function of this crate is made of.

/// Which of the two floating-point formats an [`Arith`] computes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
}

/// Plain arithmetic on one number, or lane by lane on a vector of them.
///
/// An implementation that computes (such as [`Scalar64`](crate::Scalar64)) returns results; one
/// that compiles returns handles on the operations it has emitted. Each operation is exact or
/// rounds once, to nearest even; products and sums are never contracted except by [`fma`]. Two
/// implementations that keep to this agree in every bit.
///
/// Integers wrap around. Shift distances are constants below the width.
///
/// [`fma`]: Arith::fma
pub trait Arith {
    /// A number of [`precision`](Arith::precision).
    type Float: Copy;
    /// An integer as wide as `Float`.
    type Int: Copy;
    /// An unsigned integer of 32 bits, whatever the precision.
    type Word: Copy;
    /// A truth value.
    type Mask: Copy;

    /// The format of `Float`.
    fn precision(&self) -> Precision;

    /// The constant `c`, rounded to the precision.
    fn float(&mut self, c: f64) -> Self::Float;
    /// The constant `c`, of which `Int` keeps the low bits.
    fn int(&mut self, c: i64) -> Self::Int;
    /// The constant `c`.
    fn word(&mut self, c: u32) -> Self::Word;

    /// `x + y`
    fn add(&mut self, x: Self::Float, y: Self::Float) -> Self::Float;
    /// `x - y`
    fn sub(&mut self, x: Self::Float, y: Self::Float) -> Self::Float;
    /// `x * y`
    fn mul(&mut self, x: Self::Float, y: Self::Float) -> Self::Float;
    /// `x / y`
    fn div(&mut self, x: Self::Float, y: Self::Float) -> Self::Float;
    /// `-x`, of zeros and NaN too.
    fn neg(&mut self, x: Self::Float) -> Self::Float;
    /// `x` without its sign.
    fn abs(&mut self, x: Self::Float) -> Self::Float;
    /// The magnitude of `x` with the sign of `y`.
    fn copysign(&mut self, x: Self::Float, y: Self::Float) -> Self::Float;
    /// The greatest whole number that is not above `x`.
    fn floor(&mut self, x: Self::Float) -> Self::Float;
    /// The square root.
    fn sqrt(&mut self, x: Self::Float) -> Self::Float;
    /// `x * y + z`, rounded once.
    fn fma(&mut self, x: Self::Float, y: Self::Float, z: Self::Float) -> Self::Float;

    /// `x < y`; false of NaN.
    fn lt(&mut self, x: Self::Float, y: Self::Float) -> Self::Mask;
    /// `x <= y`; false of NaN.
    fn le(&mut self, x: Self::Float, y: Self::Float) -> Self::Mask;
    /// `x == y`; false of NaN, true of zeros of either sign.
    fn eq(&mut self, x: Self::Float, y: Self::Float) -> Self::Mask;
    /// Both.
    fn mask_and(&mut self, p: Self::Mask, q: Self::Mask) -> Self::Mask;
    /// At least one.
    fn mask_or(&mut self, p: Self::Mask, q: Self::Mask) -> Self::Mask;
    /// Not.
    fn mask_not(&mut self, p: Self::Mask) -> Self::Mask;
    /// `x` where `p` holds, `y` elsewhere; neither is looked at otherwise.
    fn select(&mut self, p: Self::Mask, x: Self::Float, y: Self::Float) -> Self::Float;

    /// The bits of `x`.
    fn bits(&mut self, x: Self::Float) -> Self::Int;
    /// The number of these bits.
    fn float_from_bits(&mut self, i: Self::Int) -> Self::Float;
    /// `i + j`
    fn int_add(&mut self, i: Self::Int, j: Self::Int) -> Self::Int;
    /// `i - j`
    fn int_sub(&mut self, i: Self::Int, j: Self::Int) -> Self::Int;
    /// Bitwise and.
    fn int_and(&mut self, i: Self::Int, j: Self::Int) -> Self::Int;
    /// Bitwise or.
    fn int_or(&mut self, i: Self::Int, j: Self::Int) -> Self::Int;
    /// Bitwise exclusive or.
    fn int_xor(&mut self, i: Self::Int, j: Self::Int) -> Self::Int;
    /// `i << n`
    fn int_shl(&mut self, i: Self::Int, n: u32) -> Self::Int;
    /// `i >> n`, filled with zeros.
    fn int_shr(&mut self, i: Self::Int, n: u32) -> Self::Int;
    /// `i == j`
    fn int_eq(&mut self, i: Self::Int, j: Self::Int) -> Self::Mask;

    /// `v + w`
    fn word_add(&mut self, v: Self::Word, w: Self::Word) -> Self::Word;
    /// Bitwise exclusive or.
    fn word_xor(&mut self, v: Self::Word, w: Self::Word) -> Self::Word;
    /// The high and the low word of `v * w`, unsigned.
    fn word_mul_wide(&mut self, v: Self::Word, w: Self::Word) -> (Self::Word, Self::Word);
    /// The word as an integer, extended with zeros where `Int` is wider.
    fn int_from_word(&mut self, w: Self::Word) -> Self::Int;
}

/// The layout of a format, and what follows from it.
#[derive(Clone, Copy)]
pub(crate) struct Format {
    /// Bits of the fraction field.
    pub(crate) fraction: u32,
    /// The exponent field of 1.
    pub(crate) bias: i64,
    /// Adding this to `x` rounds `x` to an integer, which then stands in the low bits.
    /// Good for `|x| < 2^(fraction - 1)`.
    pub(crate) magic: f64,
    /// The bits of `magic`.
    pub(crate) magic_bits: i64,
    /// The sign bit.
    pub(crate) sign: i64,
}

impl Format {
    pub(crate) fn of(precision: Precision) -> Format {
        let (fraction, bias, width) = match precision {
            Precision::F32 => (23, 127, 32),
            Precision::F64 => (52, 1023, 64),
        };
        Format {
            fraction,
            bias,
            magic: 1.5 * (1_i64 << fraction) as f64,
            magic_bits: ((bias + i64::from(fraction)) << fraction) | (1 << (fraction - 1)),
            sign: 1_i64 << (width - 1),
        }
    }

    /// The bits of 1.
    pub(crate) fn one(self) -> i64 {
        self.bias << self.fraction
    }
}

/// `c[0] + c[1] x + c[2] x^2 + ..`, by Horner's rule.
pub(crate) fn polynomial<A: Arith>(a: &mut A, x: A::Float, c: &[f64]) -> A::Float {
    let (&last, rest) = c.split_last().expect("a polynomial has a coefficient");
    let mut sum = a.float(last);
    for &c in rest.iter().rev() {
        let c = a.float(c);
        sum = a.fma(sum, x, c);
    }
    sum
}

/// The smaller of `x` and `c`; NaN stays.
pub(crate) fn at_most<A: Arith>(a: &mut A, x: A::Float, c: f64) -> A::Float {
    let c = a.float(c);
    let over = a.lt(c, x);
    a.select(over, c, x)
}

/// The larger of `x` and `c`; NaN stays.
pub(crate) fn at_least<A: Arith>(a: &mut A, x: A::Float, c: f64) -> A::Float {
    let c = a.float(c);
    let under = a.lt(x, c);
    a.select(under, c, x)
}

/// `m` as the precision has it: one of two constants.
pub(crate) fn by_precision<A: Arith>(a: &A, f32: f64, f64: f64) -> f64 {
    match a.precision() {
        Precision::F32 => f32,
        Precision::F64 => f64,
    }
}
