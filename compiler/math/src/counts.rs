//! Poisson and binomial counts.
//!
//! Small means are drawn by inversion: a uniform number is compared with the distribution function, term by term
//! ("chop-down"). Larger ones by transformed rejection (W. Hörmann, "The transformed rejection method for generating
//! Poisson random variables", Insurance: Mathematics and Economics 12, 1993, and "The generation of binomial random
//! variates", J. Statistical Computation and Simulation 46, 1993): an attempt takes two uniform numbers and is accepted
//! with a chance of about 0.9. Attempts are numbered, so that each has its own address. What is here is one term or one
//! attempt; who calls it has the loop.
//!
//! The laws are those of the exact distributions up to rounding in the test of acceptance and to the resolution of
//! the uniform numbers, `2^-53` (f64) or `2^-24` (f32).

use crate::arith::{Arith, by_precision, polynomial};
use crate::log::{log, log1p};
use crate::random::uniform;

/// Means from here on are drawn by rejection.
pub const REJECTED_FROM: f64 = 10.0;
/// The largest mean of a Poisson count, and the largest number of a binomial one: counts are exact in f32 too.
pub const LARGEST_COUNT: f64 = 1e7;
/// After so many attempts the last one is taken. The chance that one draw comes to that is below `1e-1000`.
pub const MOST_ATTEMPTS: u32 = 1000;

/// `log k! - ((k + 1/2) log(k + 1) - (k + 1) + log(2 pi) / 2)` for k from 0; beyond, Stirling's series.
const STIRLING: [f64; 10] = [
    0.08106146679532726,
    0.0413406959554093,
    0.02767792568499834,
    0.020790672103765093,
    0.016644691189821193,
    0.013876128823070748,
    0.01189670994589177,
    0.010411265261972096,
    0.009255462182712733,
    0.00833056343336287,
];

/// What Stirling's approximation of `log k!` at `next = k + 1` lacks.
fn stirling<A: Arith>(a: &mut A, k: A::Float, next: A::Float) -> A::Float {
    let one = a.float(1.0);
    let inverse = a.div(one, next);
    let square = a.mul(inverse, inverse);
    let series = polynomial(a, square, &[1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0]);
    let mut value = a.mul(inverse, series);
    for (number, &known) in STIRLING.iter().enumerate() {
        let (number, known) = (a.float(number as f64), a.float(known));
        let is_it = a.eq(k, number);
        value = a.select(is_it, known, value);
    }
    value
}

/// The logarithm of the probability of `k` under the Poisson law of this mean, but for `log(2 pi mean) / 2`.
///
/// With `x` the relative distance of `k + 1` from the mean, it is `mean (x - (1 + x) log(1 + x))` and small terms, so that
/// nothing large cancels (after C. Loader, 2000).
fn poisson_log<A: Arith>(a: &mut A, k: A::Float, mean: A::Float) -> A::Float {
    let one = a.float(1.0);
    let next = a.add(k, one);
    let distance = a.sub(next, mean);
    let x = a.div(distance, mean);
    let l = log1p(a, x);
    let grown = a.add(one, x);
    let minus = a.neg(l);
    let inner = a.fma(minus, grown, x);
    let half = a.float(0.5);
    let small = a.mul(half, l);
    let lack = stirling(a, k, next);
    let small = a.sub(small, lack);
    a.fma(mean, inner, small)
}

/// A count by inversion, as far as it has come.
pub struct Chopped<A: Arith> {
    /// The count so far.
    pub count: A::Float,
    /// Its probability.
    pub probability: A::Float,
    /// The distribution function there.
    pub sum: A::Float,
}

/// Whether a count goes on: the distribution function is below the uniform number, and what is left of it is more than
/// its rounding errors.
pub fn chop_down<A: Arith>(a: &mut A, at: &Chopped<A>, u: A::Float, mean: A::Float) -> A::Mask {
    let tail = by_precision(a, -32.0, -64.0);
    let tail = a.float(tail.exp2());
    let below = a.lt(at.sum, u);
    let early = a.lt(at.count, mean);
    let likely = a.lt(tail, at.probability);
    let possible = a.mask_or(early, likely);
    a.mask_and(below, possible)
}

fn chopped<A: Arith>(a: &mut A, at: &Chopped<A>, probability: A::Float, count: A::Float) -> Chopped<A> {
    Chopped { count, probability, sum: a.add(at.sum, probability) }
}

/// The next term of a Poisson count, whose first is 0 with probability and sum `e^-mean`.
pub fn poisson_chop<A: Arith>(a: &mut A, at: &Chopped<A>, mean: A::Float) -> Chopped<A> {
    let one = a.float(1.0);
    let count = a.add(at.count, one);
    let grown = a.mul(at.probability, mean);
    let probability = a.div(grown, count);
    chopped(a, at, probability, count)
}

/// The next term of a binomial count of `n` with the odds `p / (1 - p)`, whose first is 0 with probability and sum
/// `(1 - p)^n`.
pub fn binomial_chop<A: Arith>(a: &mut A, at: &Chopped<A>, n: A::Float, odds: A::Float) -> Chopped<A> {
    let one = a.float(1.0);
    let count = a.add(at.count, one);
    let left = a.sub(n, at.count);
    let ways = a.mul(left, odds);
    let grown = a.mul(at.probability, ways);
    let probability = a.div(grown, count);
    chopped(a, at, probability, count)
}

/// Two uniform numbers as the hat needs them: the first less 1/2, its distance from its ends, and the second.
fn centred<A: Arith>(a: &mut A, w: [A::Word; 4]) -> (A::Float, A::Float, A::Float) {
    let u = uniform(a, w[0], w[1]);
    let v = uniform(a, w[2], w[3]);
    let half = a.float(0.5);
    let u = a.sub(u, half);
    let size = a.abs(u);
    (u, a.sub(half, size), v)
}

/// `floor((2 a / s + b) u + c)`
fn transformed<A: Arith>(
    a: &mut A,
    (u, ends): (A::Float, A::Float),
    (slope, width, centre): (A::Float, A::Float, A::Float),
) -> A::Float {
    let twice = a.add(slope, slope);
    let steep = a.div(twice, ends);
    let factor = a.add(steep, width);
    let place = a.fma(factor, u, centre);
    a.floor(place)
}

/// An attempt at a Poisson count of a mean of at least [`REJECTED_FROM`]: whether it is accepted, and the count.
pub fn poisson_attempt<A: Arith>(a: &mut A, mean: A::Float, w: [A::Word; 4]) -> (A::Mask, A::Float) {
    let (u, ends, v) = centred(a, w);
    let root = a.sqrt(mean);
    let (b0, b1) = (a.float(0.931), a.float(2.53));
    let width = a.fma(b1, root, b0);
    let (a0, a1) = (a.float(-0.059), a.float(0.02483));
    let slope = a.fma(a1, width, a0);
    let shift = a.float(0.43);
    let centre = a.add(mean, shift);
    let k = transformed(a, (u, ends), (slope, width, centre));
    let by = |a: &mut A, c: [f64; 3]| {
        let (base, factor, less) = (a.float(c[0]), a.float(c[1]), a.float(c[2]));
        let below = a.sub(width, less);
        let part = a.div(factor, below);
        a.add(base, part)
    };
    let quick = by(a, [0.9277, -3.6224, 2.0]);
    let inverse = by(a, [1.1239, 1.1328, 3.4]);
    // log(v inverse / (slope / ends^2 + width) sqrt(2 pi mean)) <= log of the probability without that root
    let square = a.mul(ends, ends);
    let steep = a.div(slope, square);
    let hat = a.add(steep, width);
    let height = a.mul(v, inverse);
    let relative = a.div(height, hat);
    let turn = a.float((2.0 * std::f64::consts::PI).sqrt());
    let scale = a.mul(turn, root);
    let relative = a.mul(relative, scale);
    let left = log(a, relative);
    let right = poisson_log(a, k, mean);
    let zero = a.float(0.0);
    let counts = a.le(zero, k);
    (accepted(a, (ends, v), quick, (left, right), counts), k)
}

/// Whether an attempt is accepted: inside the squeeze, or by the exact test.
fn accepted<A: Arith>(
    a: &mut A,
    (ends, v): (A::Float, A::Float),
    quick: A::Float,
    (left, right): (A::Float, A::Float),
    counts: A::Mask,
) -> A::Mask {
    let middle = a.float(0.07);
    let inner = a.le(middle, ends);
    let low = a.le(v, quick);
    let at_once = a.mask_and(inner, low);
    let fits = a.le(left, right);
    let fits = a.mask_and(counts, fits);
    a.mask_or(at_once, fits)
}

/// An attempt at a binomial count of `n` with a chance `p` up to 1/2, of a mean of at least [`REJECTED_FROM`]: whether it
/// is accepted, and the count.
pub fn binomial_attempt<A: Arith>(a: &mut A, n: A::Float, p: A::Float, w: [A::Word; 4]) -> (A::Mask, A::Float) {
    let (u, ends, v) = centred(a, w);
    let (one, zero, half) = (a.float(1.0), a.float(0.0), a.float(0.5));
    let q = a.sub(one, p);
    let mean = a.mul(n, p);
    let rest = a.mul(n, q);
    let variance = a.mul(mean, q);
    let spread = a.sqrt(variance);
    let (b0, b1) = (a.float(1.15), a.float(2.53));
    let width = a.fma(b1, spread, b0);
    let (a0, a1, a2) = (a.float(-0.0873), a.float(0.0248), a.float(0.01));
    let slope = a.fma(a1, width, a0);
    let slope = a.fma(a2, p, slope);
    let centre = a.add(mean, half);
    let k = transformed(a, (u, ends), (slope, width, centre));
    let (quick, fall) = (a.float(0.92), a.float(-4.2));
    let part = a.div(fall, width);
    let quick = a.add(quick, part);
    let (base, factor) = (a.float(2.83), a.float(5.1));
    let part = a.div(factor, width);
    let part = a.add(base, part);
    let scale = a.mul(part, spread);
    // log(v scale / (slope / ends^2 + width)) <= log of the probability of k less that of the mode
    let square = a.mul(ends, ends);
    let steep = a.div(slope, square);
    let hat = a.add(steep, width);
    let height = a.mul(v, scale);
    let relative = a.div(height, hat);
    let left = log(a, relative);
    let more = a.add(n, one);
    let mode = a.mul(more, p);
    let mode = a.floor(mode);
    // The binomial probability is, but for a factor, that of k under one Poisson law times that of n - k under another.
    let likelihood = |a: &mut A, k: A::Float| {
        let others = a.sub(n, k);
        let (first, second) = (poisson_log(a, k, mean), poisson_log(a, others, rest));
        a.add(first, second)
    };
    let (here, most) = (likelihood(a, k), likelihood(a, mode));
    let right = a.sub(here, most);
    let (above, below) = (a.le(zero, k), a.le(k, n));
    let counts = a.mask_and(above, below);
    (accepted(a, (ends, v), quick, (left, right), counts), k)
}
