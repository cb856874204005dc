//! Values of expressions that depend on parameters alone, and bounds of those with random draws.

use crate::model::{BinaryOp, Distribution, Expr, Function, Let, Parameter, UnaryOp};

/// The value with every parameter at its default; truth values are 0 and 1. `None` if it depends
/// on anything that is known only at run time.
#[must_use]
pub fn evaluate(expr: &Expr, parameters: &[Parameter]) -> Option<f64> {
    evaluate_at(expr, parameters, None)
}

/// The same for a pair of source and target, whose indices may be mentioned.
#[must_use]
pub fn evaluate_at(expr: &Expr, parameters: &[Parameter], pair: Option<(f64, f64)>) -> Option<f64> {
    let value = |e: &Expr| evaluate_at(e, parameters, pair);
    Some(match expr {
        Expr::Number(x) => *x,
        Expr::Bool(b) => truth(*b),
        Expr::Parameter(id) => parameters.get(id.0)?.default,
        Expr::Start(x) => value(x)?,
        Expr::Within(x, last) => within(value(x)?, *last),
        Expr::Unary(UnaryOp::Negate, x) => -value(x)?,
        Expr::Unary(UnaryOp::Not, x) => truth(value(x)? == 0.0),
        Expr::Binary(op, a, b) => binary(*op, value(a)?, value(b)?),
        Expr::If(c, a, b) => {
            if value(c)? == 0.0 {
                value(b)?
            } else {
                value(a)?
            }
        }
        Expr::Call(f, arguments) => {
            let first = value(arguments.first()?)?;
            match arguments.get(1) {
                Some(second) => call(*f, first, value(second)?),
                None => call(*f, first, first),
            }
        }
        Expr::SourceIndex => pair?.0,
        Expr::Index => pair?.1,
        Expr::Element(element) => {
            let mut place = 0;
            for (index, &length) in element.places.iter().zip(&element.data.shape) {
                #[allow(clippy::cast_precision_loss)] // a length is at most 2^25
                let index = value(index).filter(|x| x.fract() == 0.0 && (0.0..length as f64).contains(x))?;
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a whole number below the length
                let index = index as usize;
                place = place * length + index;
            }
            *element.data.values.get(place)?
        }
        Expr::NeuronDraw { stream, of_source } => stand_in(if *of_source { pair?.0 } else { pair?.1 }, *stream),
        Expr::State(_)
        | Expr::Input(_)
        | Expr::Let(_)
        | Expr::PostState(_)
        | Expr::PreState(_)
        | Expr::Weight
        | Expr::Time
        | Expr::Random(..)
        | Expr::PairIndex
        | Expr::TimeIndex { .. }
        | Expr::TimeFraction(..)
        | Expr::Due(_)
        | Expr::Delayed(..)
        | Expr::OfSynapse(_)
        | Expr::Noise(_) => return None,
    })
}

/// Whether it is a number that nothing can change.
#[must_use]
pub fn is_fixed(expr: &Expr) -> bool {
    let mut fixed = true;
    walk(expr, &mut |e| {
        fixed &= matches!(
            e,
            Expr::Number(_) | Expr::Bool(_) | Expr::Unary(..) | Expr::Binary(..) | Expr::Call(..) | Expr::If(..)
        );
    });
    fixed
}

/// Visits every node.
pub fn walk(expr: &Expr, visit: &mut dyn FnMut(&Expr)) {
    visit(expr);
    match expr {
        Expr::Unary(_, x) | Expr::Start(x) | Expr::OfSynapse(x) | Expr::Within(x, _) => walk(x, visit),
        Expr::Binary(_, a, b) => {
            walk(a, visit);
            walk(b, visit);
        }
        Expr::If(a, b, c) => {
            walk(a, visit);
            walk(b, visit);
            walk(c, visit);
        }
        Expr::Call(_, arguments) | Expr::Random(_, arguments, _) => arguments.iter().for_each(|a| walk(a, visit)),
        Expr::Element(element) => element.places.iter().for_each(|place| walk(place, visit)),
        Expr::Number(_)
        | Expr::Bool(_)
        | Expr::PairIndex
        | Expr::TimeIndex { .. }
        | Expr::TimeFraction(..)
        | Expr::Due(_)
        | Expr::Parameter(_)
        | Expr::State(_)
        | Expr::Input(_)
        | Expr::Let(_)
        | Expr::PostState(_)
        | Expr::PreState(_)
        | Expr::Weight
        | Expr::Time
        | Expr::Index
        | Expr::SourceIndex
        | Expr::NeuronDraw { .. }
        | Expr::Delayed(..)
        | Expr::Noise(_) => {}
    }
}

/// Visits every node, and those of the lets that it refers to, directly or through others: each let once.
pub fn walk_through(expr: &Expr, lets: &[Let], visit: &mut dyn FnMut(&Expr)) {
    let mut seen = vec![false; lets.len()];
    let mut next = vec![expr];
    while let Some(expr) = next.pop() {
        walk(expr, &mut |e| {
            if let Expr::Let(index) = e
                && let Some(one) = lets.get(*index)
                && !std::mem::replace(&mut seen[*index], true)
            {
                next.push(&one.value);
            }
            visit(e);
        });
    }
}

/// A number between 0 and 1 in place of one that is drawn when the network is created (SplitMix64,
/// G. L. Steele, D. Lea & C. H. Flood 2014).
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // an index; 53 bits
fn stand_in(index: f64, stream: u32) -> f64 {
    let mut z = ((index as u64) << 32 | u64::from(stream)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ z >> 31) >> 11) as f64 / (1u64 << 53) as f64
}

fn truth(b: bool) -> f64 {
    if b { 1.0 } else { 0.0 }
}

/// One operator.
#[must_use]
#[allow(clippy::float_cmp)] // `==` of the language
pub fn binary(op: BinaryOp, a: f64, b: f64) -> f64 {
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Subtract => a - b,
        BinaryOp::Multiply => a * b,
        BinaryOp::Divide => a / b,
        BinaryOp::Power => a.powf(b),
        BinaryOp::Less => truth(a < b),
        BinaryOp::LessEqual => truth(a <= b),
        BinaryOp::Greater => truth(a > b),
        BinaryOp::GreaterEqual => truth(a >= b),
        BinaryOp::Equal => truth(a == b),
        BinaryOp::NotEqual => truth(a != b),
        BinaryOp::And => truth(a != 0.0 && b != 0.0),
        BinaryOp::Or => truth(a != 0.0 || b != 0.0),
    }
}

pub(crate) fn call(f: Function, x: f64, y: f64) -> f64 {
    match f {
        Function::Exp => x.exp(),
        Function::Expm1 => x.exp_m1(),
        Function::Log => x.ln(),
        Function::Log1p => x.ln_1p(),
        Function::Sqrt => x.sqrt(),
        Function::Sin => x.sin(),
        Function::Cos => x.cos(),
        Function::Tan => x.tan(),
        Function::Sinh => x.sinh(),
        Function::Cosh => x.cosh(),
        Function::Tanh => x.tanh(),
        Function::Erf => erf(x),
        Function::Exprel => {
            if x == 0.0 {
                1.0
            } else {
                x.exp_m1() / x
            }
        }
        Function::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Function::Abs => x.abs(),
        Function::Min if x < y || x.is_nan() => x,
        Function::Max if x > y || x.is_nan() => x,
        Function::Min | Function::Max => y,
        Function::Floor => x.floor(),
        Function::Ceil => x.ceil(),
        Function::Log10 => x.log10(),
        Function::Log2 => x.log2(),
        Function::Atan => x.atan(),
        Function::Asin => x.asin(),
        Function::Acos => x.acos(),
        Function::Atan2 => x.atan2(y),
        Function::Mod => modulo(x, y),
        Function::Round => x.round_ties_even(),
        Function::Trunc => x.trunc(),
        Function::Sign if x == 0.0 || x.is_nan() => x,
        Function::Sign => 1_f64.copysign(x),
    }
}

/// [`Expr::Within`] of a number.
#[must_use]
pub(crate) fn within(x: f64, last: u32) -> f64 {
    x.round_ties_even().max(0.0).min(f64::from(last))
}

/// What is left of a division downwards, with the sign of the divisor.
pub(crate) fn modulo(x: f64, y: f64) -> f64 {
    let rest = x % y;
    if rest != 0.0 && (rest < 0.0) != (y < 0.0) { rest + y } else { rest.abs().copysign(y) }
}

/// The error function: its series near zero, the continued fraction of its complement elsewhere.
fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let size = x.abs();
    if size < 2.5 {
        let mut term = x;
        let mut sum = x;
        for n in 1..100 {
            let n = f64::from(n);
            term *= -x * x / n;
            sum += term / (2.0 * n + 1.0);
        }
        return sum * std::f64::consts::FRAC_2_SQRT_PI;
    }
    let mut fraction = size;
    for n in (1..60).rev() {
        fraction = size + f64::from(n) / 2.0 / fraction;
    }
    let complement = (-size * size).exp() / (fraction * std::f64::consts::PI.sqrt());
    x.signum() * (1.0 - complement)
}

/// The least interval that holds these values, if they are finite. What has no value at an end, such as `log` below zero, says
/// nothing of what is between.
pub(crate) fn hull(values: &[f64]) -> Option<(f64, f64)> {
    if values.iter().any(|value| value.is_nan()) {
        return None;
    }
    hull_of_known(values)
}

/// The same, of those of them that have a value.
fn hull_of_known(values: &[f64]) -> Option<(f64, f64)> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (low.is_finite() && high.is_finite()).then_some((low, high))
}

/// The largest indices that an expression may meet.
#[derive(Clone, Copy, Debug)]
pub struct Last {
    /// Of the source neuron.
    pub source: f64,
    /// Of the target neuron, or of the neuron where there is one.
    pub target: f64,
    /// The number of a connection that is listed; `None` if none is.
    pub number: Option<f64>,
}

impl Last {
    /// Of so many sources and targets, each at least 1.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // below 2^31
    pub fn of(sources: u64, targets: u64) -> Last {
        Last { source: (sources.max(1) - 1) as f64, target: (targets.max(1) - 1) as f64, number: None }
    }

    /// With connections that are listed, so many of them.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // at most 2^25
    pub fn listed(self, length: Option<u64>) -> Last {
        Last { number: length.map(|length| (length.max(1) - 1) as f64), ..self }
    }
}

/// An interval that holds every value (of unbounded distributions: all but about one draw in 1e8).
///
/// `uniform(a, b)` gives `a..b`, `normal(m, s)` gives `m - 6 s .. m + 6 s`, `exponential(m)` gives
/// `0 .. 20 m`, `lognormal(mu, sigma)` gives `exp(mu - 6 sigma) .. exp(mu + 6 sigma)`, `poisson(m)` gives
/// `0 .. m + 6 sqrt(m) + 10`, `gamma(k, s)` gives `0 .. (k + 6 sqrt(k) + 20) s`.
#[must_use]
pub fn bounds(expr: &Expr, parameters: &[Parameter], last: Last) -> Option<(f64, f64)> {
    interval(expr, parameters, last, hull)
}

/// The same, of the values that there are: where an expression has none, it is for the caller to see to it.
#[must_use]
pub(crate) fn bounds_of_known(expr: &Expr, parameters: &[Parameter], last: Last) -> Option<(f64, f64)> {
    interval(expr, parameters, last, hull_of_known)
}

/// Makes an interval of the values at ends.
type Hull = fn(&[f64]) -> Option<(f64, f64)>;

fn interval(expr: &Expr, parameters: &[Parameter], last: Last, hull: Hull) -> Option<(f64, f64)> {
    let of = |e: &Expr| interval(e, parameters, last, hull);
    if let Some(value) = evaluate(expr, parameters) {
        return value.is_finite().then_some((value, value));
    }
    match expr {
        Expr::NeuronDraw { .. } => Some((0.0, 1.0)),
        Expr::SourceIndex => Some((0.0, last.source)),
        Expr::Index => Some((0.0, last.target)),
        Expr::PairIndex => last.number.map(|number| (0.0, number)),
        Expr::Within(_, last) => Some((0.0, f64::from(*last))),
        Expr::Element(element) => Some((element.data.low, element.data.high)),
        Expr::Binary(BinaryOp::Power, x, k) => {
            let ((low, high), k) = (of(x)?, evaluate(k, parameters)?);
            let even = k % 2.0 == 0.0;
            if k <= 0.0 || (low < 0.0 && !even) {
                return None;
            }
            let least = if low <= 0.0 { 0.0 } else { low };
            hull(&[least.powf(k), low.abs().powf(k), high.abs().powf(k)])
        }
        Expr::Unary(UnaryOp::Negate, x) => of(x).map(|(low, high)| (-high, -low)),
        Expr::Binary(op, a, b) => {
            let ((a, b), (c, d)) = (of(a)?, of(b)?);
            match op {
                BinaryOp::Add => hull(&[a + c, b + d]),
                BinaryOp::Subtract => hull(&[a - d, b - c]),
                BinaryOp::Multiply => hull(&[a * c, a * d, b * c, b * d]),
                BinaryOp::Divide if c > 0.0 || d < 0.0 => hull(&[a / c, a / d, b / c, b / d]),
                _ => None,
            }
        }
        Expr::If(_, a, b) => {
            let ((a, b), (c, d)) = (of(a)?, of(b)?);
            hull(&[a, b, c, d])
        }
        Expr::Call(f, arguments) => {
            let (low, high) = of(arguments.first()?)?;
            match f {
                Function::Min | Function::Max => {
                    let (c, d) = of(arguments.get(1)?)?;
                    hull(&[call(*f, low, c), call(*f, high, d)])
                }
                Function::Abs if low <= 0.0 && high >= 0.0 => hull(&[0.0, -low, high]),
                Function::Sin | Function::Cos => Some((-1.0, 1.0)),
                Function::Tan => None,
                Function::Cosh => hull(&[1.0, low.cosh(), high.cosh()]),
                Function::Atan2 => Some((-std::f64::consts::PI, std::f64::consts::PI)),
                Function::Mod => {
                    let (c, d) = of(arguments.get(1)?)?;
                    if c <= 0.0 && d >= 0.0 { None } else { hull(&[0.0, c, d]) }
                }
                _ => hull(&[call(*f, low, low), call(*f, high, high)]), // monotone
            }
        }
        Expr::Random(distribution, arguments, _) => {
            let (low, high) = of(arguments.first()?)?;
            let second = || of(arguments.get(1)?);
            match distribution {
                Distribution::Uniform => {
                    let (c, d) = second()?;
                    hull(&[low, high, c, d])
                }
                Distribution::Normal => {
                    let (c, d) = second()?;
                    let spread = 6.0 * c.abs().max(d.abs());
                    hull(&[low - spread, high + spread])
                }
                Distribution::Exponential => hull(&[0.0, 20.0 * low, 20.0 * high]),
                Distribution::LogNormal => {
                    let (c, d) = second()?;
                    let spread = 6.0 * c.abs().max(d.abs());
                    hull(&[(low - spread).exp(), (high + spread).exp()])
                }
                Distribution::Poisson => Some((0.0, high.max(0.0) + 6.0 * high.max(0.0).sqrt() + 10.0)),
                Distribution::Binomial => Some((0.0, high.max(0.0))),
                Distribution::Bernoulli | Distribution::Beta => Some((0.0, 1.0)),
                Distribution::TruncatedNormal => hull(&[of(arguments.get(2)?)?.0, of(arguments.get(3)?)?.1]),
                Distribution::Gamma => {
                    let (c, d) = second()?;
                    let most = high.max(0.0) + 6.0 * high.max(0.0).sqrt() + 20.0;
                    hull(&[0.0, c * most, d * most])
                }
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_value_at_an_end_has_no_bounds() {
        assert_eq!(hull(&[1.0, -2.0, 3.0]), Some((-2.0, 3.0)));
        assert_eq!(hull(&[f64::NAN, 3.0]), None);
        assert_eq!(hull(&[1.0, f64::INFINITY]), None);
        let drawn = |low| {
            let ends = vec![Expr::Number(low), Expr::Number(4.0)];
            Expr::Call(Function::Sqrt, vec![Expr::Random(Distribution::Uniform, ends, 0)])
        };
        assert_eq!(bounds(&drawn(1.0), &[], Last::of(1, 1)), Some((1.0, 2.0)));
        assert_eq!(bounds(&drawn(-1.0), &[], Last::of(1, 1)), None);
        assert_eq!(bounds_of_known(&drawn(-1.0), &[], Last::of(1, 1)), Some((2.0, 2.0)));
    }

    #[test]
    fn error_function() {
        // Abramowitz & Stegun, table 7.1, and mpmath for the tails.
        for (x, value) in [
            (0.0, 0.0),
            (0.5, 0.520_499_877_813_046_5),
            (1.0, 0.842_700_792_949_714_9),
            (2.0, 0.995_322_265_018_952_7),
            (3.0, 0.999_977_909_503_001_4),
        ] {
            assert!((erf(x) - value).abs() < 1e-14, "{x}");
            assert!((erf(-x) + value).abs() < 1e-14, "-{x}");
        }
    }
}
