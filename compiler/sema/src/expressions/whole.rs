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
    /// Not 0.
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
        _ => return whole(expr, extents).map(|whole| (whole.low, whole.high)),
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
    while b != 0.0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The values of an expression that is computed in the network's real numbers, if all are whole.
fn whole(expr: &Expr, extents: Extents<'_>) -> Option<Whole> {
    let of = |e: &Expr| whole(e, extents);
    let index = |extent| last(extent).map(|last| Whole::between(0.0, last));
    let found = match expr {
        Expr::Number(x) if x.fract() == 0.0 => Some(Whole { low: *x, high: *x, divisor: x.abs() }),
        Expr::Index => index(extents.index),
        Expr::SourceIndex => index(extents.source),
        Expr::PairIndex => index(extents.number),
        Expr::TimeIndex { last, .. } => Some(Whole::between(0.0, *last as f64)),
        Expr::Unary(UnaryOp::Negate, x) => of(x).map(Whole::negative),
        Expr::Binary(BinaryOp::Divide, ..) => {
            let Quotient { above, below, .. } = quotient(expr, extents)?;
            let by = below.abs();
            let (low, high) = hull(&[above.low / below, above.high / below])?;
            (above.divisor % by == 0.0).then_some(Whole { low, high, divisor: above.divisor / by })
        }
        Expr::Binary(BinaryOp::Subtract, a, b) => match &**b {
            // What is left without the rest of a division.
            Expr::Call(Function::Mod, arguments) if arguments.first() == Some(a) => match arguments.get(1) {
                Some(Expr::Number(by)) if by.fract() == 0.0 && *by >= 1.0 => of(a).map(|a| a.without_rest(*by)),
                _ => None,
            },
            _ => Some(of(a)?.add(of(b)?.negative())),
        },
        Expr::Binary(BinaryOp::Add, a, b) => Some(of(a)?.add(of(b)?)),
        Expr::Binary(BinaryOp::Multiply, a, b) => of(a)?.times(of(b)?),
        Expr::If(_, a, b) => Some(of(a)?.either(of(b)?)),
        Expr::Call(function, arguments) => call(*function, arguments, extents),
        Expr::Element(element) if element.data.values.iter().all(|value| value.fract() == 0.0) => {
            Some(Whole::between(element.data.low, element.data.high))
        }
        Expr::Random(Distribution::Bernoulli, ..) => Some(Whole::between(0.0, 1.0)),
        Expr::Random(Distribution::Binomial, arguments, _) => {
            let most = of(arguments.first()?)?.high;
            (most >= 0.0).then_some(Whole::between(0.0, most))
        }
        Expr::PreState(state) => of_neuron(extents.neurons?[0], *state),
        Expr::PostState(state) => of_neuron(extents.neurons?[1], *state),
        _ => None,
    };
    found.filter(|whole| whole.size() <= EXACT)
}

/// A parameter of a neuron, from what it is made of.
fn of_neuron(population: &Population, state: usize) -> Option<Whole> {
    let state = population.states.get(state).filter(|state| state.parameter)?;
    whole(&state.init, Extents { index: Some(population.size), ..Extents::default() })
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
        Function::Mod => match arguments.get(1) {
            Some(Expr::Number(by)) if by.fract() == 0.0 && *by >= 1.0 => of(0).map(|x| x.rest(*by)),
            _ => None,
        },
        Function::Floor | Function::Ceil | Function::Round | Function::Trunc => rounded(function, arguments, extents),
        _ => None,
    }
}

/// `floor(x)` and its like: of what is whole, of quotients, and of uniform draws.
fn rounded(function: Function, arguments: &[Expr], extents: Extents<'_>) -> Option<Whole> {
    let argument = arguments.first()?;
    let round = |x: f64| match function {
        Function::Floor => x.floor(),
        Function::Ceil => x.ceil(),
        Function::Trunc => x.trunc(),
        _ => x.round_ties_even(),
    };
    if let Some(whole) = whole(argument, extents) {
        return Some(whole);
    }
    if let Expr::Random(Distribution::Uniform, ends, _) = argument {
        let [Expr::Number(a), Expr::Number(b)] = ends.as_slice() else { return None };
        return Some(Whole::between(round(a.min(*b)), round(a.max(*b))));
    }
    let Quotient { above, below, error } = quotient(argument, extents)?;
    // Between a quotient that is not whole and the next whole number is at least 1 / below, to the next half of one half as much.
    let room = if function == Function::Round { EXACT / 2.0 } else { EXACT };
    let (low, high) = hull(&[round(above.low / below), round(above.high / below)])?;
    (error < room).then_some(Whole::between(low, high))
}

/// An expression as a quotient of whole numbers.
fn quotient(expr: &Expr, extents: Extents<'_>) -> Option<Quotient> {
    if !matches!(expr, Expr::Binary(BinaryOp::Divide, ..))
        && let Some(above) = whole(expr, extents)
    {
        return Some(Quotient { above, below: 1.0, error: 0.0 });
    }
    let found = match expr {
        Expr::Binary(BinaryOp::Divide, x, by) => match **by {
            Expr::Number(by) if by.fract() == 0.0 && by != 0.0 => divided(quotient(x, extents)?, by),
            _ => return None,
        },
        Expr::Binary(BinaryOp::Multiply, x, y) => match (&**x, &**y) {
            (Expr::Number(part), x) | (x, Expr::Number(part)) => divided(quotient(x, extents)?, part_of_one(*part)?),
            _ => return None,
        },
        Expr::Binary(op @ (BinaryOp::Add | BinaryOp::Subtract), a, b) => {
            let signed = |whole: Whole| if *op == BinaryOp::Subtract { whole.negative() } else { whole };
            match (whole(a, extents), whole(b, extents)) {
                (None, Some(b)) => moved(quotient(a, extents)?, signed(b))?,
                (Some(a), None) => {
                    let Quotient { above, below, error } = quotient(b, extents)?;
                    moved(Quotient { above: signed(above), below, error }, a)?
                }
                _ => return None,
            }
        }
        _ => return None,
    };
    (found.above.size() <= EXACT && found.below.abs() <= EXACT).then_some(found)
}

/// Of 1/2, 1/4, …, what it is a part of 1 by: products with these are exact.
fn part_of_one(part: f64) -> Option<f64> {
    let by = 1.0 / part;
    (by.fract() == 0.0 && by != 0.0 && by.abs() <= EXACT && (by.abs() as u64).is_power_of_two()).then_some(by)
}

/// A quotient divided by a whole number, which rounds once.
fn divided(Quotient { above, below, error }: Quotient, by: f64) -> Quotient {
    Quotient { above, below: below * by, error: error + above.size() }
}

/// A quotient and a whole number, whose sum rounds once.
fn moved(Quotient { above, below, error }: Quotient, by: Whole) -> Option<Quotient> {
    let by = by.times(Whole { low: below, high: below, divisor: below.abs() })?;
    let above = above.add(by);
    Some(Quotient { above, below, error: error + above.size() })
}
