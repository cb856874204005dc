//! Random draws on lanes.
//!
//! A draw is a function of its address. What needs several uniform numbers, one attempt after another, has a number
//! for each in the high half of the address's last word. Lanes that have their number are frozen by a select: the loop
//! goes on until no lane needs it, and no lane sees how long the others take.

use super::emitter::Val;
use super::expressions::{Address, Leaves, any};
use super::lanes::Lanes;
use crate::Bug;
use crate::ir::Distribution;
use bpc_math::{Arith, Chopped, LARGEST_COUNT, MOST_ATTEMPTS, REJECTED_FROM};
use melior::ir::ValueLike;

/// Sets generated draws apart from those of the runtime's connectivity under one seed.
const KEY_OF_GENERATED_DRAWS: u32 = 0x6479_6e61;
/// Poisson means above this are drawn as a sum of that many independent ones.
const POISSON_CHUNK: f64 = 16.0;
/// A Poisson mean above this, or one that is no number, gives NaN: it would take for ever.
const POISSON_MOST: f64 = 1e6;
/// A tail of the Poisson distribution below this is beyond a random word's resolution.
const POISSON_TAIL: f64 = 1e-9;

/// Predicate of `arith.cmpi`.
const SIGNED_LESS: i64 = 2;

/// The random words of an address: of its draw number `chunk`, if it needs several.
pub(super) fn words<'c>(
    l: &mut Lanes<'c>,
    address: Address<'c>,
    stream: Val<'c>,
    chunk: Option<Val<'c>>,
) -> [Val<'c>; 4] {
    let low = l.broadcast(address.low);
    let high = match chunk {
        Some(chunk) => {
            let distance = l.emitter.i32(16);
            let shifted = l.emitter.same("arith.shli", &[chunk, distance]);
            l.emitter.same("arith.xori", &[address.high, shifted])
        }
        None => address.high,
    };
    let high = l.broadcast(high);
    let tag = l.emitter.i32(KEY_OF_GENERATED_DRAWS);
    let second = l.emitter.same("arith.xori", &[address.key[1], tag]);
    let key = [l.broadcast(address.key[0]), l.broadcast(second)];
    bpc_math::philox(l, [address.index, stream, low, high], key)
}

/// A draw from a distribution.
///
/// # Errors
/// If nothing can be drawn where the expression stands.
pub(super) fn random<'c>(
    l: &mut Lanes<'c>,
    leaves: &mut dyn Leaves<'c>,
    distribution: Distribution,
    stream: u32,
    x: &[Val<'c>],
) -> Result<Val<'c>, Bug> {
    let address = leaves.address(l)?;
    let stream = leaves.stream(l, stream);
    let draw = Draw { address, stream };
    match distribution {
        Distribution::Poisson => return Ok(poisson(l, address, stream, x[0])),
        Distribution::Count => return Ok(draw.count(l, x[0])),
        Distribution::Binomial => return Ok(draw.binomial(l, x[0], x[1])),
        Distribution::Gamma => return Ok(draw.gamma(l, x[0], x[1])),
        Distribution::TruncatedNormal => return Ok(draw.truncated_normal(l, [x[0], x[1], x[2], x[3]])),
        _ => {}
    }
    let w = words(l, address, stream, None);
    Ok(match distribution {
        Distribution::Uniform => {
            let u = bpc_math::uniform(l, w[0], w[1]);
            let width = l.sub(x[1], x[0]);
            l.fma(width, u, x[0])
        }
        Distribution::Normal => {
            let z = bpc_math::normal(l, w).0;
            l.fma(x[1], z, x[0])
        }
        Distribution::Exponential => {
            let z = bpc_math::exponential(l, w[0], w[1]);
            l.mul(x[0], z)
        }
        Distribution::LogNormal => {
            let z = bpc_math::normal(l, w).0;
            let exponent = l.fma(x[1], z, x[0]);
            bpc_math::exp(l, exponent)
        }
        Distribution::Bernoulli => {
            let u = bpc_math::uniform(l, w[0], w[1]);
            let hit = l.lt(u, x[0]);
            let (one, zero) = (l.float(1.0), l.float(0.0));
            // Of a probability that is NaN, NaN.
            let miss = l.mul(x[0], zero);
            l.select(hit, one, miss)
        }
        Distribution::Poisson
        | Distribution::Count
        | Distribution::Binomial
        | Distribution::Gamma
        | Distribution::TruncatedNormal => {
            unreachable!("drawn above")
        }
    })
}

/// Poisson counts by inversion of the distribution function, in chunks of a bounded mean so that
/// `exp(-mean)` does not underflow. A sum of independent Poisson counts is a Poisson count.
fn poisson<'c>(l: &mut Lanes<'c>, address: Address<'c>, stream: Val<'c>, mean: Val<'c>) -> Val<'c> {
    let e = l.emitter;
    let i32_type = e.integer(32);
    let (most, none) = (l.float(POISSON_MOST), l.float(0.0));
    let drawn = l.le(mean, most);
    let mean = l.select(drawn, mean, none);
    let largest = if l.lanes == 1 {
        mean
    } else {
        let kind = melior::ir::Attribute::parse(e.context, "#vector.kind<maximumf>").expect("an attribute of vector");
        e.op("vector.reduction", &[mean], &[("kind", kind)], super::emitter::element(mean.r#type()))
    };
    let scalar = Lanes { lanes: 1, ..*l };
    let per_chunk = e.float(scalar.real(), 1.0 / POISSON_CHUNK);
    let ratio = e.same("arith.mulf", &[largest, per_chunk]);
    let above = e.same("math.ceil", &[ratio]);
    let (one, most) = (e.float(scalar.real(), 1.0), e.float(scalar.real(), 65535.0));
    let at_least_one = e.same("arith.maximumf", &[above, one]);
    let chunks = e.same("arith.minimumf", &[at_least_one, most]);
    let count = e.op("arith.fptosi", &[chunks], &[], i32_type);
    let chunks = l.broadcast(chunks);
    let part = l.div(mean, chunks);
    let negative = l.neg(part);
    let nothing = bpc_math::exp(l, negative);
    let zero = l.float(0.0);
    let (precision, lanes) = (l.precision, l.lanes);
    let total = e.for_loop((e.i32(0), count, e.i32(1)), &[zero], |inner, chunk, total| {
        let mut l = Lanes { emitter: inner, precision, lanes };
        let w = words(&mut l, address, stream, Some(chunk));
        let u = bpc_math::uniform(&mut l, w[0], w[1]);
        let start = inner.float(scalar.real(), 0.0);
        let beyond = l.lt(nothing, u);
        // carried: trial number, its probability, distribution function, counts, who goes on
        let carried = [start, nothing, nothing, total[0], beyond];
        let end = inner.while_loop(
            &carried,
            |inner, v| any(inner, v[4], lanes),
            |inner, v| {
                let mut l = Lanes { emitter: inner, precision, lanes };
                let one = inner.float(scalar.real(), 1.0);
                let trial = inner.same("arith.addf", &[v[0], one]);
                let number = l.broadcast(trial);
                let grown = l.mul(v[1], part);
                let probability = l.div(grown, number);
                let sum = l.add(v[2], probability);
                let (add_one, add_none, tail) = (l.float(1.0), l.float(0.0), l.float(POISSON_TAIL));
                let step = l.select(v[4], add_one, add_none);
                let counts = l.add(v[3], step);
                let below = l.lt(sum, u);
                let early = l.lt(number, part);
                let likely = l.lt(tail, probability);
                let possible = l.mask_or(early, likely);
                let on = l.mask_and(below, possible);
                let goes_on = l.mask_and(v[4], on);
                vec![trial, probability, sum, counts, goes_on]
            },
        );
        vec![end[3]]
    })[0];
    let nan = l.div(zero, zero);
    l.select(drawn, total, nan)
}

/// Where a draw gets its words.
#[derive(Clone, Copy)]
struct Draw<'c> {
    address: Address<'c>,
    stream: Val<'c>,
}

impl<'c> Draw<'c> {
    /// Numbers by rejection: attempts from number 0 on, for the lanes that need one, until each is accepted. The attempt
    /// gives whether it is accepted and the number, from two groups of words.
    fn accepted(
        self,
        l: &mut Lanes<'c>,
        needed: Val<'c>,
        start: Val<'c>,
        attempt: impl Fn(&mut Lanes<'c>, &mut dyn FnMut(&mut Lanes<'c>, i64) -> [Val<'c>; 4]) -> (Val<'c>, Val<'c>),
    ) -> Val<'c> {
        let e = l.emitter;
        let (precision, lanes) = (l.precision, l.lanes);
        let most = 2 * i64::from(MOST_ATTEMPTS);
        let end = e.while_loop(
            &[start, needed, e.i32(0)],
            |e, v| {
                let some = any(e, v[1], lanes);
                let limit = e.int(e.integer(32), most);
                let left = e.compare(SIGNED_LESS, v[2], limit);
                e.same("arith.andi", &[some, left])
            },
            |e, v| {
                let mut l = Lanes { emitter: e, precision, lanes };
                let mut words = |l: &mut Lanes<'c>, group: i64| {
                    let group = l.emitter.int(l.emitter.integer(32), group);
                    let chunk = l.emitter.same("arith.addi", &[v[2], group]);
                    words(l, self.address, self.stream, Some(chunk))
                };
                let (accepted, number) = attempt(&mut l, &mut words);
                let value = l.select(v[1], number, v[0]);
                let others = l.mask_not(accepted);
                let needed = l.mask_and(v[1], others);
                let next = e.same("arith.addi", &[v[2], e.i32(2)]);
                vec![value, needed, next]
            },
        );
        end[0]
    }

    /// Counts by inversion, for the lanes that need one: from the probability of 0 on, term by term.
    fn inverted(
        self,
        l: &mut Lanes<'c>,
        needed: Val<'c>,
        (nothing, mean): (Val<'c>, Val<'c>),
        next: impl Fn(&mut Lanes<'c>, &Chopped<Lanes<'c>>) -> Chopped<Lanes<'c>>,
    ) -> Val<'c> {
        let w = words(l, self.address, self.stream, None);
        let u = bpc_math::uniform(l, w[0], w[1]);
        let (precision, lanes) = (l.precision, l.lanes);
        let start = Chopped { count: l.float(0.0), probability: nothing, sum: nothing };
        let beyond = bpc_math::chop_down(l, &start, u, mean);
        let goes_on = l.mask_and(needed, beyond);
        let end = l.emitter.while_loop(
            &[start.count, start.probability, start.sum, goes_on],
            |e, v| any(e, v[3], lanes),
            |e, v| {
                let mut l = Lanes { emitter: e, precision, lanes };
                let term = next(&mut l, &Chopped { count: v[0], probability: v[1], sum: v[2] });
                let below = bpc_math::chop_down(&mut l, &term, u, mean);
                let [count, probability, sum] = [(term.count, v[0]), (term.probability, v[1]), (term.sum, v[2])]
                    .map(|(new, old)| l.select(v[3], new, old));
                let goes_on = l.mask_and(v[3], below);
                vec![count, probability, sum, goes_on]
            },
        );
        end[0]
    }

    /// A Poisson count: 0 of a mean below 0, and NaN of one that is too large or no number.
    fn count(self, l: &mut Lanes<'c>, mean: Val<'c>) -> Val<'c> {
        let (bound, most, zero) = (l.float(REJECTED_FROM), l.float(LARGEST_COUNT), l.float(0.0));
        let possible = l.le(mean, most);
        let small = l.lt(mean, bound);
        let reached = l.le(bound, mean);
        let large = l.mask_and(reached, possible);
        let part = l.select(small, mean, zero);
        let negative = l.neg(part);
        let nothing = bpc_math::exp(l, negative);
        let few = self.inverted(l, small, (nothing, part), |l, at| bpc_math::poisson_chop(l, at, part));
        let safe = l.select(large, mean, bound);
        let count = self.accepted(l, large, few, |l, words| {
            let w = words(l, 0);
            bpc_math::poisson_attempt(l, safe, w)
        });
        or_nan(l, possible, count)
    }

    /// A binomial count: of a number that is rounded to a whole one and a chance that is kept between 0 and 1. NaN of a
    /// number that is too large, or if one of them is no number.
    fn binomial(self, l: &mut Lanes<'c>, n: Val<'c>, p: Val<'c>) -> Val<'c> {
        let (bound, most) = (l.float(REJECTED_FROM), l.float(LARGEST_COUNT));
        let (zero, one, half) = (l.float(0.0), l.float(1.0), l.float(0.5));
        let number = l.eq(p, p);
        let fits = l.le(n, most);
        let possible = l.mask_and(number, fits);
        let n = l.emitter.same("math.roundeven", &[n]);
        let above = l.lt(zero, n);
        let n = l.select(above, n, zero);
        let n = l.select(possible, n, zero);
        let above = l.lt(zero, p);
        let p = l.select(above, p, zero);
        let below = l.lt(p, one);
        let p = l.select(below, p, one);
        // The rarer of the two outcomes is counted.
        let rest = l.sub(one, p);
        let turned = l.lt(half, p);
        let rare = l.select(turned, rest, p);
        let mean = l.mul(n, rare);
        let small = l.lt(mean, bound);
        let large = l.mask_not(small);
        let part = l.select(small, rare, zero);
        let minus = l.neg(part);
        let log = bpc_math::log1p(l, minus);
        let exponent = l.mul(n, log);
        let nothing = bpc_math::exp(l, exponent);
        let other = l.sub(one, part);
        let odds = l.div(part, other);
        let expected = l.mul(n, part);
        let few = self.inverted(l, small, (nothing, expected), |l, at| bpc_math::binomial_chop(l, at, n, odds));
        let (thousand, tenth) = (l.float(1000.0), l.float(0.1));
        let (safe_n, safe_p) = (l.select(large, n, thousand), l.select(large, rare, tenth));
        let count = self.accepted(l, large, few, |l, words| {
            let w = words(l, 0);
            bpc_math::binomial_attempt(l, safe_n, safe_p, w)
        });
        // Rounding of the distribution function cannot lead beyond the last.
        let beyond = l.lt(n, count);
        let count = l.select(beyond, n, count);
        let others = l.sub(n, count);
        let count = l.select(turned, others, count);
        or_nan(l, possible, count)
    }

    /// A number of the gamma distribution: NaN of a shape that is not above 0, or infinite.
    fn gamma(self, l: &mut Lanes<'c>, shape: Val<'c>, scale: Val<'c>) -> Val<'c> {
        let (zero, one, infinity) = (l.float(0.0), l.float(1.0), l.float(f64::INFINITY));
        let above = l.lt(zero, shape);
        let finite = l.lt(shape, infinity);
        let possible = l.mask_and(above, finite);
        let safe = l.select(possible, shape, one);
        let small = l.lt(safe, one);
        let more = l.add(safe, one);
        let base = l.select(small, more, safe);
        let number = self.accepted(l, possible, one, |l, words| {
            let (w, more) = (words(l, 0), words(l, 1));
            bpc_math::gamma_attempt(l, base, w, [more[0], more[1]])
        });
        // Words that no attempt takes.
        let w = {
            let group = l.emitter.i32(1);
            words(l, self.address, self.stream, Some(group))
        };
        let boost = bpc_math::gamma_boost(l, safe, [w[2], w[3]]);
        let boosted = l.mul(number, boost);
        let number = l.select(small, boosted, number);
        let number = l.mul(number, scale);
        or_nan(l, possible, number)
    }

    /// A number of the normal distribution between two bounds: NaN where the lower is not below the upper, the mean, or the
    /// bound next to it, of a standard deviation of 0.
    ///
    /// An attempt is a normal number, where the bounds leave at least half of them or so: on both sides of the mean and some
    /// way apart. Elsewhere it is a uniform number between the bounds, accepted by its density over the largest there; of
    /// a tail only the part is tried that is not beyond a share of exp(-40).
    fn truncated_normal(self, l: &mut Lanes<'c>, [mean, deviation, low, high]: [Val<'c>; 4]) -> Val<'c> {
        const WIDEST: f64 = 9.0;
        const TAIL: f64 = 40.0;
        let (zero, one, half) = (l.float(0.0), l.float(1.0), l.float(0.5));
        let (wide, widest, tail) = (l.float(2.5), l.float(WIDEST), l.float(TAIL));
        let spread = l.lt(zero, deviation);
        let ordered = l.lt(low, high);
        let number = l.eq(mean, mean);
        let possible = l.mask_and(ordered, number);
        let drawn = l.mask_and(possible, spread);
        let unit = l.select(drawn, deviation, one);
        let from = l.sub(low, mean);
        let from = l.div(from, unit);
        let to = l.sub(high, mean);
        let to = l.div(to, unit);
        let (from, to) = (l.select(drawn, from, zero), l.select(drawn, to, one));
        // Where both are above the mean, or both below, the one next to it is where the density is largest.
        let peak = {
            let above = l.lt(zero, from);
            let below = l.lt(to, zero);
            let other = l.select(below, to, zero);
            l.select(above, from, other)
        };
        let centred = l.eq(peak, zero);
        let least = l.neg(peak);
        let negative = l.lt(peak, zero);
        let distance = l.select(negative, least, peak);
        let distance_or_one = l.select(centred, one, distance);
        let reach = l.div(tail, distance_or_one);
        let short = l.lt(reach, widest);
        let reach = l.select(short, reach, widest);
        let reach = l.select(centred, widest, reach);
        let (lowest, highest) = (l.sub(peak, reach), l.add(peak, reach));
        let inside = l.lt(lowest, from);
        let first = l.select(inside, from, lowest);
        let inside = l.lt(to, highest);
        let last = l.select(inside, to, highest);
        let width = l.sub(last, first);
        let apart = l.le(wide, width);
        let plain = l.mask_and(centred, apart);
        let square = l.mul(peak, peak);
        let z = self.accepted(l, drawn, peak, |l, words| {
            let (w, more) = (words(l, 0), words(l, 1));
            let normal = bpc_math::normal(l, w).0;
            let above = l.le(from, normal);
            let below = l.le(normal, to);
            let between = l.mask_and(above, below);
            let place = bpc_math::uniform(l, more[0], more[1]);
            let uniform = l.fma(width, place, first);
            // log u < (peak^2 - x^2) / 2
            let chance = bpc_math::uniform(l, more[2], more[3]);
            let left = bpc_math::log(l, chance);
            let own = l.mul(uniform, uniform);
            let difference = l.sub(square, own);
            let right = l.mul(half, difference);
            let likely = l.lt(left, right);
            let value = l.select(plain, normal, uniform);
            let no = l.mask_not(plain);
            let (by_normal, by_uniform) = (l.mask_and(plain, between), l.mask_and(no, likely));
            (l.mask_or(by_normal, by_uniform), value)
        });
        let z = l.select(drawn, z, zero);
        let value = l.fma(deviation, z, mean);
        let inside = l.le(low, value);
        let value = l.select(inside, value, low);
        let inside = l.le(value, high);
        let value = l.select(inside, value, high);
        or_nan(l, possible, value)
    }
}

/// The value where it is possible, NaN elsewhere.
fn or_nan<'c>(l: &mut Lanes<'c>, possible: Val<'c>, value: Val<'c>) -> Val<'c> {
    let nan = l.float(f64::NAN);
    l.select(possible, value, nan)
}
