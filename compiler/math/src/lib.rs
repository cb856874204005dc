//! Elementary functions and random numbers as sequences of plain arithmetic.
//!
//! Each function is written once over [`Arith`]: sums, products, quotients, square roots, `fma`,
//! comparisons, selections and integer operations on the bits. No branch, no table in memory, no
//! library call. The compiler implements [`Arith`] by emitting these operations, on single numbers or
//! vectors, for any target; [`Scalar32`] and [`Scalar64`] compute. All of them give the same bits.
//!
//! [`BOUNDS`] states how far each function is from the exact value; the tests assert it.

#![warn(missing_docs)]

mod arith;
mod coefficients;
mod counts;
mod erf;
mod exp;
mod gamma;
mod hyperbolic;
mod inverse;
mod log;
mod modulo;
mod pow;
mod random;
pub mod scalar;
mod trig;

pub use arith::{Arith, Precision};
pub use counts::{
    Chopped, LARGEST_COUNT, MOST_ATTEMPTS, REJECTED_FROM, binomial_attempt, binomial_chop, chop_down, poisson_attempt,
    poisson_chop,
};
pub use erf::erf;
pub use exp::{bernoulli, exp, expm1, exprel, sigmoid};
pub use gamma::{gamma_attempt, gamma_boost};
pub use hyperbolic::{cosh, sinh, tanh};
pub use inverse::{acos, asin, atan, atan2};
pub use log::{log, log1p, log2, log10};
pub use modulo::modulo;
pub use pow::{pow, powi};
pub use random::{below, exponential, normal, philox, uniform};
pub use scalar::{Scalar32, Scalar64};
pub use trig::{TRIG_RANGE, cos, sin, tan};

/// By how many units in the last place of the result a function may be wrong: its name, f32, f64.
///
/// The unit is the distance between the two numbers of the format around the exact value; a correctly
/// rounded result is within 0.5. What happens outside a function's range is said at the function.
pub const BOUNDS: &[(&str, f64, f64)] = &[
    ("exp", 1.0, 1.0),
    ("expm1", 1.5, 1.5),
    ("exprel", 2.0, 2.0),
    ("bernoulli", 2.25, 2.25),
    ("sigmoid", 2.5, 2.5),
    ("log", 1.0, 1.0),
    ("log1p", 1.0, 1.0),
    ("sinh", 2.5, 2.5),
    ("cosh", 1.5, 1.5),
    ("tanh", 1.25, 1.25),
    ("sin", 1.75, 1.75),
    ("cos", 1.75, 1.75),
    ("tan", 3.5, 3.5),
    ("pow", 1.0, 1.0),
    ("erf", 1.25, 1.25),
    ("log10", 2.0, 2.0),
    ("log2", 1.75, 1.75),
    ("atan", 2.25, 1.75),
    ("asin", 2.25, 2.25),
    ("acos", 2.25, 2.25),
    ("atan2", 2.75, 2.75),
    ("modulo", 0.5, 0.5),
];
