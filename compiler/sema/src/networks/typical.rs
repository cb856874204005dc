//! What values of pairs are like before anything is drawn: numbers in place of draws, for estimates.

use crate::model::{BinaryOp, Distribution, Expr, Function, Population};
use crate::models::events::substitute;
use crate::networks::geometry::of_source;
use std::f64::consts::TAU;
use std::rc::Rc;

/// What sets the second number of a draw apart from the first.
const SECOND: u32 = 1 << 31;

/// A value of a pair with the parameters of its neurons written out, and numbers from 0 to 1 in place of what is drawn: of
/// about the same distribution, but not the values of the run.
pub(crate) fn typical(expr: &Expr, source: &Population, target: &Population) -> Expr {
    let value = |population: &Population, state: usize| {
        let init = &population.states.get(state).filter(|s| s.parameter)?.init;
        Some(without_draws(&anywhere(init, population.stands_for)))
    };
    let written_out = substitute(expr, &|leaf| match leaf {
        Expr::PreState(state) => value(source, *state).map(|value| of_source(&value)),
        Expr::PostState(state) => value(target, *state),
        _ => None,
    });
    without_draws(&written_out)
}

/// A value of the synapse that a neuron stands for, as it would be between some neurons: which, the number of the neuron decides.
fn anywhere(init: &Expr, sizes: Option<[u64; 2]>) -> Expr {
    let (Expr::OfSynapse(value), Some(sizes)) = (init, sizes) else { return init.clone() };
    // Multiples of the golden ratio and of the root of 2 spread evenly.
    let spread = |ratio: f64, size: u64| {
        let share = call(Function::Mod, &[times(Expr::Index, number(ratio)), number(1.0)]);
        #[allow(clippy::cast_precision_loss)] // below 2^31
        call(Function::Floor, &[times(share, number(size as f64))])
    };
    substitute(value, &|leaf| match leaf {
        Expr::SourceIndex => Some(spread(0.618_033_988_749_894_9, sizes[0])),
        Expr::Index => Some(spread(std::f64::consts::SQRT_2, sizes[1])),
        Expr::NeuronDraw { stream, .. } => Some(Expr::NeuronDraw { stream: *stream, of_source: false }),
        _ => None,
    })
}

fn number(value: f64) -> Expr {
    Expr::Number(value)
}

fn pair(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr::Binary(op, Rc::new(a), Rc::new(b))
}

fn add(a: Expr, b: Expr) -> Expr {
    pair(BinaryOp::Add, a, b)
}

fn times(a: Expr, b: Expr) -> Expr {
    pair(BinaryOp::Multiply, a, b)
}

fn call(function: Function, arguments: &[Expr]) -> Expr {
    Expr::Call(function, arguments.to_vec())
}

/// The same expression, draws replaced.
fn without_draws(expr: &Expr) -> Expr {
    let part = |e: &Rc<Expr>| Rc::new(without_draws(e));
    match expr {
        Expr::Random(distribution, arguments, stream) => {
            let arguments: Vec<Expr> = arguments.iter().map(without_draws).collect();
            drawn(*distribution, &arguments, *stream).unwrap_or_else(|| expr.clone())
        }
        Expr::Unary(op, x) => Expr::Unary(*op, part(x)),
        Expr::Binary(op, a, b) => Expr::Binary(*op, part(a), part(b)),
        Expr::If(c, a, b) => Expr::If(part(c), part(a), part(b)),
        Expr::Call(f, arguments) => Expr::Call(*f, arguments.iter().map(without_draws).collect()),
        other => other.clone(),
    }
}

/// A number of about this distribution, from two that are uniform from 0 to 1. Counts and waiting times are taken for normal
/// where that is near enough for an estimate.
fn drawn(distribution: Distribution, arguments: &[Expr], stream: u32) -> Option<Expr> {
    let uniform = |stream| Expr::NeuronDraw { stream, of_source: false };
    let first = || arguments.first().cloned();
    let second = || arguments.get(1).cloned();
    let size = |x: Expr| call(Function::Sqrt, &[call(Function::Max, &[x, number(0.0)])]);
    let logarithm = || call(Function::Log, &[call(Function::Max, &[uniform(stream), number(1e-300)])]);
    // Box and Muller (1958).
    let normal = |mean: Expr, deviation: Expr| {
        let length = call(Function::Sqrt, &[times(number(-2.0), logarithm())]);
        let angle = times(number(TAU), uniform(stream ^ SECOND));
        add(mean, times(deviation, times(length, call(Function::Cos, &[angle]))))
    };
    let count = |x: Expr| call(Function::Max, &[call(Function::Round, &[x]), number(0.0)]);
    Some(match distribution {
        Distribution::Uniform => {
            let (low, high) = (first()?, second()?);
            add(low.clone(), times(pair(BinaryOp::Subtract, high, low), uniform(stream)))
        }
        Distribution::Normal => normal(first()?, second()?),
        Distribution::LogNormal => call(Function::Exp, &[normal(first()?, second()?)]),
        Distribution::Exponential => times(first()?, Expr::Unary(crate::model::UnaryOp::Negate, Rc::new(logarithm()))),
        Distribution::Bernoulli => {
            let happens = pair(BinaryOp::Less, uniform(stream), first()?);
            Expr::If(Rc::new(happens), Rc::new(number(1.0)), Rc::new(number(0.0)))
        }
        Distribution::Poisson => count(normal(first()?, size(first()?))),
        Distribution::Binomial => {
            let (n, p) = (first()?, second()?);
            let mean = times(n.clone(), p.clone());
            let variance = times(mean.clone(), pair(BinaryOp::Subtract, number(1.0), p));
            call(Function::Min, &[count(normal(mean, size(variance))), n])
        }
        Distribution::Gamma => {
            let (shape, scale) = (first()?, second()?);
            let deviation = times(size(shape.clone()), scale.clone());
            call(Function::Max, &[normal(times(shape, scale), deviation), number(0.0)])
        }
        Distribution::Beta => {
            let (a, b) = (first()?, second()?);
            let all = add(a.clone(), b.clone());
            let mean = pair(BinaryOp::Divide, a, all.clone());
            let other = pair(BinaryOp::Subtract, number(1.0), mean.clone());
            let variance = pair(BinaryOp::Divide, times(mean.clone(), other), add(all, number(1.0)));
            let value = call(Function::Max, &[normal(mean, size(variance)), number(0.0)]);
            call(Function::Min, &[value, number(1.0)])
        }
        Distribution::TruncatedNormal => {
            let value = call(Function::Max, &[normal(first()?, second()?), arguments.get(2)?.clone()]);
            call(Function::Min, &[value, arguments.get(3)?.clone()])
        }
    })
}
