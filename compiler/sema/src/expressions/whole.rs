//! Which whole numbers an index can be: what is proven of it without running, so that every element that is looked up exists.
//!
//! Indices may be computed in f32. All that is proven here is computed there without an error that could be seen: whole numbers up
//! to 2^24 are exact, and quotients stay on their side of the whole numbers.

use crate::expressions::evaluate::hull;
use crate::model::{BinaryOp, Distribution, Expr, Function, Population, UnaryOp};

/// Whole numbers up to here are exact in f32, in which indices may be computed.
const EXACT: f64 = 16_777_216.0;

/// How far indices go at a place.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extents<'p> {
    /// `i` of a neuron, `j` of a synapse.
    pub index: Option<u64>,
    /// `i` of a synapse.
    pub source: Option<u64>,
    /// `k` of a synapse.
    pub number: Option<u64>,
    /// Source and target of a synapse, where their parameters still are what they were made of: before the run.
    pub neurons: Option<[&'p Population; 2]>,
}

/// Whole numbers that an expression can be.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Whole {
    /// The least.
    low: f64,
    /// The greatest.
    high: f64,
    /// All are multiples of it; 0 if all are 0.
    divisor: f64,
}

/// A quotient of whole numbers: `above / below`.
#[derive(Clone, Copy)]
struct Quotient {
    above: Whole,
    /// Not 0; 1 if all values are whole.
    below: f64,
    /// How far off it may be as it is computed, in units of 2^-24 / `below`.
    error: f64,
}

/// The least and the greatest value of an index, if all its values are whole numbers that are exact.
pub(crate) fn range(expr: &Expr, extents: Extents<'_>) -> Option<(f64, f64)> {
    // By itself, an index is an integer of 32 bits.
    let by_itself = match expr {
        Expr::Index => last(extents.index),
        Expr::SourceIndex => last(extents.source),
        Expr::PairIndex => last(extents.number),
        Expr::TimeIndex { last, .. } => Some(*last as f64),
        Expr::Within(_, last) => Some(f64::from(*last)),
        _ => return whole(expr, extents).map(|found| (found.low, found.high)),
    };
    by_itself.map(|last| (0.0, last))
}

fn last(extent: Option<u64>) -> Option<f64> {
    extent.map(|size| (size.max(1) - 1) as f64)
}

impl Whole {
    fn between(low: f64, high: f64) -> Whole {
        Whole { low, high, divisor: 1.0 }
    }

    fn size(self) -> f64 {
        self.low.abs().max(self.high.abs())
    }

    fn either(self, other: Whole) -> Whole {
        Whole {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            divisor: common(self.divisor, other.divisor),
        }
    }

    fn add(self, other: Whole) -> Whole {
        Whole { low: self.low + other.low, high: self.high + other.high, divisor: common(self.divisor, other.divisor) }
    }

    fn negative(self) -> Whole {
        Whole { low: -self.high, high: -self.low, ..self }
    }

    fn times(self, other: Whole) -> Option<Whole> {
        let ((a, b), (c, d)) = ((self.low, self.high), (other.low, other.high));
        let (low, high) = hull(&[a * c, a * d, b * c, b * d])?;
        Some(Whole { low, high, divisor: self.divisor * other.divisor })
    }

    /// What `%` leaves of it after division by a whole number above 0.
    fn rest(self, by: f64) -> Whole {
        match self.low >= 0.0 && self.high < by {
            true => self,
            false => Whole { low: 0.0, high: by - 1.0, divisor: common(self.divisor, by) },
        }
    }

    /// What is left of it without that rest.
    fn without_rest(self, by: f64) -> Whole {
        Whole { low: (self.low / by).floor() * by, high: (self.high / by).floor() * by, divisor: by }
    }
}

/// The greatest common divisor of whole numbers, 0 of two zeros.
fn common(a: f64, b: f64) -> f64 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b > 0.0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The values of an expression that is computed in the network's real numbers, if all are whole.
fn whole(expr: &Expr, extents: Extents<'_>) -> Option<Whole> {
    value(expr, extents)?.whole()
}

/// The values of an expression, if they are whole or quotients of whole numbers. Every part is looked at once.
fn value(expr: &Expr, extents: Extents<'_>) -> Option<Quotient> {
    let of = |e: &Expr| value(e, extents);
    let index = |extent| last(extent).map(|last| Whole::between(0.0, last));
    let found = match expr {
        Expr::Binary(BinaryOp::Divide, x, by) => match **by {
            Expr::Number(by) if by.fract() == 0.0 && by != 0.0 => of(x)?.divided(by),
            _ => None,
        },
        Expr::Binary(BinaryOp::Multiply, x, y) => match (&**x, &**y) {
            (Expr::Number(part), x) | (x, Expr::Number(part)) if part.fract() != 0.0 => {
                of(x)?.divided(part_of_one(*part)?)
            }
            (x, y) => of(x)?.whole()?.times(of(y)?.whole()?).map(Quotient::from),
        },
        Expr::Binary(BinaryOp::Subtract, a, b) => match &**b {
            // What is left without the rest of a division.
            Expr::Call(Function::Mod, arguments) if arguments.first() == Some(a) => {
                let by = divisor(arguments)?;
                of(a)?.whole().map(|a| a.without_rest(by).into())
            }
            _ => of(a)?.add(of(b)?.negative()),
        },
        Expr::Binary(BinaryOp::Add, a, b) => of(a)?.add(of(b)?),
        Expr::Number(x) if x.fract() == 0.0 => Some(Whole { low: *x, high: *x, divisor: x.abs() }.into()),
        Expr::Index => index(extents.index).map(Quotient::from),
        Expr::SourceIndex => index(extents.source).map(Quotient::from),
        Expr::PairIndex => index(extents.number).map(Quotient::from),
        Expr::TimeIndex { last, .. } => Some(Whole::between(0.0, *last as f64).into()),
        Expr::Within(_, last) => Some(Whole::between(0.0, f64::from(*last)).into()),
        Expr::Unary(UnaryOp::Negate, x) => of(x)?.whole().map(|x| x.negative().into()),
        Expr::If(_, a, b) => Some(of(a)?.whole()?.either(of(b)?.whole()?).into()),
        Expr::Call(function, arguments) => call(*function, arguments, extents).map(Quotient::from),
        Expr::Element(element) if element.data.values.iter().all(|value| value.fract() == 0.0) => {
            Some(Whole::between(element.data.low, element.data.high).into())
        }
        Expr::Random(Distribution::Bernoulli, ..) => Some(Whole::between(0.0, 1.0).into()),
        Expr::Random(Distribution::Binomial, arguments, _) => {
            let most = whole(arguments.first()?, extents)?.high;
            (most >= 0.0).then_some(Whole::between(0.0, most).into())
        }
        Expr::PreState(state) => of_neuron(extents.neurons?[0], *state).map(Quotient::from),
        Expr::PostState(state) => of_neuron(extents.neurons?[1], *state).map(Quotient::from),
        _ => None,
    };
    found.filter(|found| found.above.size() <= EXACT && found.below.abs() <= EXACT)
}

impl From<Whole> for Quotient {
    fn from(above: Whole) -> Quotient {
        Quotient { above, below: 1.0, error: 0.0 }
    }
}

impl Quotient {
    /// Itself, if all its values are whole.
    fn whole(self) -> Option<Whole> {
        (self.below.to_bits() == 1.0_f64.to_bits()).then_some(self.above)
    }

    /// Divided by a whole number, which rounds once, if it does not give whole numbers.
    fn divided(self, by: f64) -> Option<Quotient> {
        let (above, below) = (self.above, self.below * by);
        if above.divisor % below.abs() == 0.0 {
            let (low, high) = hull(&[above.low / below, above.high / below])?;
            return Some(Whole { low, high, divisor: above.divisor / below.abs() }.into());
        }
        Some(Quotient { above, below, error: self.error + above.size() })
    }

    /// A sum of which at most one is not whole, which rounds once.
    fn add(self, other: Quotient) -> Option<Quotient> {
        let (part, whole) = match (self.whole(), other.whole()) {
            (Some(a), Some(b)) => return Some(a.add(b).into()),
            (None, Some(b)) => (self, b),
            (Some(a), None) => (other, a),
            (None, None) => return None,
        };
        let by = Whole { low: part.below, high: part.below, divisor: part.below.abs() };
        let above = part.above.add(whole.times(by)?);
        Some(Quotient { above, error: part.error + above.size(), ..part })
    }

    fn negative(self) -> Quotient {
        Quotient { above: self.above.negative(), ..self }
    }

    /// After a function that gives whole numbers.
    fn rounded(self, function: Function) -> Option<Whole> {
        if let Some(whole) = self.whole() {
            return Some(whole);
        }
        let Quotient { above, below, error } = self;
        // Between a quotient that is not whole and the next whole number is at least 1 / below, to the next half of one half as much.
        let room = if function == Function::Round { EXACT / 2.0 } else { EXACT };
        let (low, high) = hull(&[round(function, above.low / below), round(function, above.high / below)])?;
        (error < room).then_some(Whole::between(low, high))
    }
}

/// A parameter of a neuron, from what it is made of.
fn of_neuron(population: &Population, state: usize) -> Option<Whole> {
    let state = population.states.get(state).filter(|state| state.parameter)?;
    whole(&state.init, Extents { index: Some(population.size), ..Extents::default() })
}

/// The whole number above 0 of which `mod` takes the rest.
fn divisor(arguments: &[Expr]) -> Option<f64> {
    match arguments.get(1) {
        Some(Expr::Number(by)) if by.fract() == 0.0 && *by >= 1.0 => Some(*by),
        _ => None,
    }
}

fn call(function: Function, arguments: &[Expr], extents: Extents<'_>) -> Option<Whole> {
    let of = |n: usize| whole(arguments.get(n)?, extents);
    match function {
        Function::Min | Function::Max => {
            let (a, b) = (of(0)?, of(1)?);
            let choose = if function == Function::Min { f64::min } else { f64::max };
            Some(Whole { low: choose(a.low, b.low), high: choose(a.high, b.high), ..a.either(b) })
        }
        Function::Abs => {
            let x = of(0)?;
            let low = if x.low <= 0.0 && x.high >= 0.0 { 0.0 } else { x.low.abs().min(x.high.abs()) };
            Some(Whole { low, high: x.size(), ..x })
        }
        Function::Mod => divisor(arguments).and_then(|by| of(0).map(|x| x.rest(by))),
        Function::Floor | Function::Ceil | Function::Round | Function::Trunc => match arguments.first()? {
            Expr::Random(Distribution::Uniform, ends, _) => {
                let [Expr::Number(a), Expr::Number(b)] = ends.as_slice() else { return None };
                let (low, high) = (round(function, a.min(*b)), round(function, a.max(*b)));
                // From 0 on, the product of the upper end and a number that is drawn below 1 is below that end as it is computed, in f32
                // and in f64: half a unit in its last place is less than what is missing.
                let below = *a == 0.0 && *b >= 1.0 && matches!(function, Function::Floor | Function::Trunc);
                Some(Whole::between(low, if below { b.ceil() - 1.0 } else { high }))
            }
            argument => value(argument, extents)?.rounded(function),
        },
        _ => None,
    }
}

fn round(function: Function, x: f64) -> f64 {
    match function {
        Function::Floor => x.floor(),
        Function::Ceil => x.ceil(),
        Function::Trunc => x.trunc(),
        _ => x.round_ties_even(),
    }
}

/// Of 1/2, 1/4, …, what it is a part of 1 by: products with these are exact.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a whole number up to 2^24
fn part_of_one(part: f64) -> Option<f64> {
    let by = 1.0 / part;
    (by.fract() == 0.0 && by.abs() <= EXACT && (by.abs() as u64).is_power_of_two()).then_some(by)
}

/// Whether an expression is what an index, with whole numbers added or multiplied, gives divided by a whole number above 1.
pub(crate) fn quotient_of_index(expr: &Expr) -> bool {
    let Expr::Binary(BinaryOp::Divide, dividend, divisor) = expr else { return false };
    let parts =
        matches!(**divisor, Expr::Number(n) if n > 1.0 && n.fract() == 0.0) || matches!(**divisor, Expr::Parameter(_));
    parts && made_of_index(dividend) == Some(true)
}

/// Whether an index is in an expression of indices and whole numbers; none if there is anything else.
fn made_of_index(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::Index | Expr::SourceIndex | Expr::PairIndex => Some(true),
        Expr::Number(n) => (n.fract() == 0.0).then_some(false),
        Expr::Binary(BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply, a, b) => {
            Some(made_of_index(a)? | made_of_index(b)?)
        }
        _ => None,
    }
}
