//! Expressions of the graph as operations on lanes.
//!
//! A product that is used once, in a sum, becomes a fused multiply-add: the compiler writes `fma`
//! here and contracts nothing elsewhere, so every target rounds alike.

use super::arrays::{self, Whole};
use super::emitter::{Emitter, Val};
use super::lanes::Lanes;
use super::random::{random, words};
use crate::Bug;
use crate::ir::functions::COMPARISONS;
use crate::ir::{Graph, Node, Op, Symbol};
use bpc_math::Arith;
use melior::ir::ValueLike;
use std::collections::{HashMap, HashSet};

/// Draws of initial values have the address of a step that never comes.
pub const BEFORE_THE_FIRST_STEP: u32 = u32::MAX;
/// Where leaves get their values.
pub trait Leaves<'c> {
    /// The value of a leaf, in `lanes`.
    ///
    /// # Errors
    /// If the leaf has no meaning where the expression stands.
    fn leaf(&mut self, lanes: &mut Lanes<'c>, op: &Op) -> Result<Val<'c>, Bug>;
    /// Where an array of data is, and its lengths.
    ///
    /// # Errors
    /// If there is none, or none can be read where the expression stands.
    fn array(&mut self, _: &mut Lanes<'c>, name: &Symbol) -> Result<(Val<'c>, Vec<u64>), Bug> {
        Err(Bug(format!("{name} cannot be read here")))
    }
    /// A leaf as an index, if it is a whole number by itself.
    ///
    /// # Errors
    /// See [`Leaves::leaf`].
    fn whole(&mut self, _: &mut Lanes<'c>, _: &Op) -> Result<Option<Whole<'c>>, Bug> {
        Ok(None)
    }
    /// A constant of the text, where it is not part of the code.
    fn constant(&mut self, _: &mut Lanes<'c>, _: u64) -> Option<Val<'c>> {
        None
    }
    /// The address of random draws: index (lane by lane), and three scalars of 32 bits.
    fn address(&mut self, lanes: &mut Lanes<'c>) -> Result<Address<'c>, Bug>;
    /// The step in ms, where times of each neuron are counted in steps.
    fn dt(&self) -> Option<f64> {
        None
    }
    /// The stream of a random draw, in `lanes`.
    fn stream(&mut self, lanes: &mut Lanes<'c>, stream: u32) -> Val<'c> {
        lanes.word(stream)
    }
}

/// The address of a random draw: its words are `[index, stream, low, high]` under the seed.
#[derive(Clone, Copy)]
pub struct Address<'c> {
    /// The neuron or target.
    pub index: Val<'c>,
    /// The low word of the step, or the source.
    pub low: Val<'c>,
    /// The high word of the step, or the ordinal.
    pub high: Val<'c>,
    /// The seed's words.
    pub key: [Val<'c>; 2],
}

/// Emits the expressions that the roots need.
///
/// # Errors
/// See [`Leaves::leaf`].
pub fn emit<'c>(
    graph: &Graph,
    roots: &[Node],
    lanes: &mut Lanes<'c>,
    leaves: &mut dyn Leaves<'c>,
) -> Result<HashMap<Node, Val<'c>>, Bug> {
    emit_counted(graph, roots, &Uses::of(graph, roots), lanes, leaves)
}

/// How often each expression is used: a product that has one use is fused with its sum.
#[derive(Debug)]
pub(super) struct Uses(HashMap<Node, usize>);

impl Uses {
    /// The uses in some expressions, each root used once more.
    pub(super) fn of(graph: &Graph, roots: &[Node]) -> Uses {
        let mut uses: HashMap<Node, usize> = HashMap::new();
        let arguments = graph.order(roots).into_iter().flat_map(|node| graph.arguments(node));
        arguments.chain(roots).for_each(|node| *uses.entry(*node).or_default() += 1);
        Uses(uses)
    }
}

/// Emits the expressions that the roots need, with uses counted in more than these.
///
/// # Errors
/// See [`Leaves::leaf`].
pub(super) fn emit_counted<'c>(
    graph: &Graph,
    roots: &[Node],
    uses: &Uses,
    lanes: &mut Lanes<'c>,
    leaves: &mut dyn Leaves<'c>,
) -> Result<HashMap<Node, Val<'c>>, Bug> {
    let mut values = HashMap::new();
    complete(&Emission::of(graph, roots, uses), lanes, leaves, &mut values)?;
    Ok(values)
}

/// Emits what the roots need besides values that are known. These stay as they are.
///
/// # Errors
/// See [`Leaves::leaf`].
pub(super) fn emit_besides<'c>(
    graph: &Graph,
    roots: &[Node],
    lanes: &mut Lanes<'c>,
    leaves: &mut dyn Leaves<'c>,
    values: &mut HashMap<Node, Val<'c>>,
) -> Result<(), Bug> {
    let mut emission = Emission::of(graph, roots, &Uses::of(graph, roots));
    emission.skipped.retain(|node| !values.contains_key(node));
    complete(&emission, lanes, leaves, values)
}

fn complete<'c>(
    emission: &Emission<'_>,
    lanes: &mut Lanes<'c>,
    leaves: &mut dyn Leaves<'c>,
    values: &mut HashMap<Node, Val<'c>>,
) -> Result<(), Bug> {
    let graph = emission.graph;
    for &node in emission.order.iter().filter(|n| !emission.inside.contains(n)) {
        match *graph.op(node) {
            _ if values.contains_key(&node) => {}
            Op::Iterate(_, limit) => emission.iterate(lanes, leaves, (node, limit), values)?,
            _ => emission.node(lanes, leaves, node, values)?,
        }
    }
    Ok(())
}

/// The expressions that some roots need, with what is known of all of them together.
pub(super) struct Emission<'g> {
    pub(super) graph: &'g Graph,
    pub(super) order: Vec<Node>,
    /// What has a value only inside an iteration.
    pub(super) inside: HashSet<Node>,
    /// Products that are computed together with a sum.
    skipped: HashSet<Node>,
}

impl<'g> Emission<'g> {
    fn of(graph: &'g Graph, roots: &[Node], uses: &Uses) -> Emission<'g> {
        let order = graph.order(roots);
        let fused = |node: Node| *graph.op(node) == Op::Mul && uses.0[&node] == 1;
        let mut skipped = HashSet::new();
        for &node in &order {
            if let Op::Add | Op::Sub = graph.op(node) {
                let a = graph.arguments(node);
                if let Some(&product) = a.iter().find(|&&x| fused(x)) {
                    skipped.insert(product);
                }
            }
        }
        let inside = graph.inside_iterations(&order);
        Emission { graph, order, inside, skipped }
    }

    /// Emits one expression whose arguments have their values.
    pub(super) fn node<'c>(
        &self,
        lanes: &mut Lanes<'c>,
        leaves: &mut dyn Leaves<'c>,
        node: Node,
        values: &mut HashMap<Node, Val<'c>>,
    ) -> Result<(), Bug> {
        if self.skipped.contains(&node) {
            return Ok(());
        }
        let graph = self.graph;
        let arguments = graph.arguments(node);
        let value = match graph.op(node) {
            op @ (Op::Add | Op::Sub) if arguments.iter().any(|a| self.skipped.contains(a)) => {
                fused_sum(graph, lanes, values, arguments, *op == Op::Sub)
            }
            Op::Div if *graph.op(arguments[1]) == Op::Exprel => {
                // x / exprel(y) needs one division, not two
                let y = values[&graph.arguments(arguments[1])[0]];
                let inverse = bpc_math::bernoulli(lanes, y);
                lanes.mul(values[&arguments[0]], inverse)
            }
            Op::Element(name) => arrays::load(graph, lanes, leaves, values, name, arguments)?,
            Op::Min => extreme(graph, lanes, values, arguments, Lanes::lt),
            Op::Max => extreme(graph, lanes, values, arguments, |lanes, a, b| lanes.lt(b, a)),
            op => {
                let x: Vec<Val> = arguments.iter().map(|a| values[a]).collect();
                operation(lanes, leaves, op, &x)?
            }
        };
        values.insert(node, value);
        Ok(())
    }
}

/// `p q + z`, `p q - z` or `z - p q` in one rounding.
fn fused_sum<'c>(
    graph: &Graph,
    lanes: &mut Lanes<'c>,
    values: &HashMap<Node, Val<'c>>,
    arguments: &[Node],
    subtract: bool,
) -> Val<'c> {
    let first = !values.contains_key(&arguments[0]);
    let (product, other) = if first { (arguments[0], arguments[1]) } else { (arguments[1], arguments[0]) };
    let factors = graph.arguments(product);
    let (mut p, q, mut z) = (values[&factors[0]], values[&factors[1]], values[&other]);
    if subtract && first {
        z = lanes.neg(z);
    } else if subtract {
        p = lanes.neg(p);
    }
    lanes.fma(p, q, z)
}

/// The one of two values that comes `before` the other, or NaN if one of them is NaN.
///
/// No comparison holds for NaN, so that the second is chosen if either is NaN. What needs a look of its own stands first: a
/// constant, which needs none; or what is the same for all neurons, of which it is taken out of the loop.
fn extreme<'c>(
    graph: &Graph,
    lanes: &mut Lanes<'c>,
    values: &HashMap<Node, Val<'c>>,
    arguments: &[Node],
    before: impl Fn(&mut Lanes<'c>, Val<'c>, Val<'c>) -> Val<'c>,
) -> Val<'c> {
    const UNORDERED: i64 = 14;
    let effort = |node: Node| match graph.op(node) {
        Op::Constant(bits) if !f64::from_bits(*bits).is_nan() => 0,
        Op::Scalar(..) => 1,
        _ => 2,
    };
    let [mut first, mut second] = [arguments[0], arguments[1]];
    if effort(second) < effort(first) {
        std::mem::swap(&mut first, &mut second);
    }
    let (a, b) = (values[&first], values[&second]);
    let chosen = before(lanes, a, b);
    let chosen = lanes.select(chosen, a, b);
    if effort(first) == 0 {
        return chosen;
    }
    let unknown = lanes.compare_reals(UNORDERED, a, a);
    lanes.select(unknown, a, chosen)
}

fn operation<'c>(l: &mut Lanes<'c>, leaves: &mut dyn Leaves<'c>, op: &Op, x: &[Val<'c>]) -> Result<Val<'c>, Bug> {
    Ok(match op {
        Op::Constant(bits) => match leaves.constant(l, *bits) {
            Some(value) => value,
            None => l.float(f64::from_bits(*bits)),
        },
        Op::Truth(truth) => l.emitter.int(l.integers(1), i64::from(*truth)),
        Op::Neg => l.neg(x[0]),
        Op::Not => l.mask_not(x[0]),
        Op::Add => l.add(x[0], x[1]),
        Op::Sub => l.sub(x[0], x[1]),
        Op::Mul => l.mul(x[0], x[1]),
        Op::Div => l.div(x[0], x[1]),
        Op::Pow => bpc_math::pow(l, x[0], x[1]),
        Op::And => l.mask_and(x[0], x[1]),
        Op::Or => l.mask_or(x[0], x[1]),
        Op::Select => l.select(x[0], x[1], x[2]),
        Op::Exp => bpc_math::exp(l, x[0]),
        Op::Expm1 => bpc_math::expm1(l, x[0]),
        Op::Log => bpc_math::log(l, x[0]),
        Op::Log1p => bpc_math::log1p(l, x[0]),
        Op::Sqrt => l.sqrt(x[0]),
        Op::Sin => bpc_math::sin(l, x[0]),
        Op::Cos => bpc_math::cos(l, x[0]),
        Op::Tan => bpc_math::tan(l, x[0]),
        Op::Sinh => bpc_math::sinh(l, x[0]),
        Op::Cosh => bpc_math::cosh(l, x[0]),
        Op::Tanh => bpc_math::tanh(l, x[0]),
        Op::Erf => bpc_math::erf(l, x[0]),
        Op::Exprel => bpc_math::exprel(l, x[0]),
        Op::Sigmoid => bpc_math::sigmoid(l, x[0]),
        Op::Abs => l.abs(x[0]),
        Op::Floor => l.emitter.same("math.floor", x),
        Op::Ceil => l.emitter.same("math.ceil", x),
        Op::Round => l.emitter.same("math.roundeven", x),
        Op::Log10 => bpc_math::log10(l, x[0]),
        Op::Log2 => bpc_math::log2(l, x[0]),
        Op::Atan => bpc_math::atan(l, x[0]),
        Op::Asin => bpc_math::asin(l, x[0]),
        Op::Acos => bpc_math::acos(l, x[0]),
        Op::Atan2 => bpc_math::atan2(l, x[0], x[1]),
        Op::Modulo => bpc_math::modulo(l, x[0], x[1]),
        Op::Random(distribution, stream) => random(l, leaves, *distribution, *stream, x)?,
        Op::Running => {
            let zero = l.emitter.int(l.integers(32), 0);
            l.emitter.compare(4, x[0], zero)
        }
        Op::CountDown => {
            let (zero, one) = (l.emitter.int(l.integers(32), 0), l.emitter.int(l.integers(32), 1));
            let less = l.emitter.same("arith.subi", &[x[0], one]);
            let running = l.emitter.compare(4, x[0], zero);
            let left = l.select(running, less, zero);
            l.select(x[1], x[2], left)
        }
        leaf @ (Op::Scalar(..)
        | Op::Get(..)
        | Op::Previous(_)
        | Op::Post(_)
        | Op::Pre(_)
        | Op::History(..)
        | Op::Delayed(..)
        | Op::Synapse(_)
        | Op::Read(..)
        | Op::External(_)
        | Op::WeightValue
        | Op::Time
        | Op::Index
        | Op::SourceIndex
        | Op::PairIndex
        | Op::TimeIndex { .. }
        | Op::TimeFraction(..)
        | Op::Due(_)) => leaves.leaf(l, leaf)?,
        Op::NeuronDraw { stream, of_source } => {
            // Addressed as an initial value, wherever it stands.
            let here = leaves.address(l)?;
            let index = if *of_source { l.broadcast(here.low) } else { here.index };
            let before = l.emitter.i32(BEFORE_THE_FIRST_STEP);
            let stream = leaves.stream(l, *stream);
            let w = words(l, Address { index, low: before, high: before, key: here.key }, stream, None);
            bpc_math::uniform(l, w[0], w[1])
        }
        Op::Noise(_) => return Err(Bug("noise is left in an equation: run integrate".into())),
        Op::Held(_) => return Err(Bug("`held` is left in an advance: run lower-to-step".into())),
        Op::Recovered => return Err(Bug("`recovered` is left in a rule: run lower-to-step".into())),
        Op::Carried(_) | Op::Iterate(..) => return Err(Bug("an iteration stands inside another one".into())),
        Op::Steps => match leaves.dt() {
            Some(dt) => whole_steps(l, x[0], dt),
            None => return Err(Bug("steps are computed with the parameters, or for each neuron".into())),
        },
        Op::PropagatorElement(_) => {
            return Err(Bug("propagators are computed with the parameters, not in a step".into()));
        }
        comparison => {
            let row = COMPARISONS.iter().find(|c| c.0 == *comparison);
            let predicate = row.ok_or_else(|| Bug(format!("{comparison:?} has no lowering")))?.1;
            l.compare_reals(predicate, x[0], x[1])
        }
    })
}

/// Times in ms as whole steps, rounded to nearest, at least 0 and at most 10^9.
fn whole_steps<'c>(l: &mut Lanes<'c>, time: Val<'c>, dt: f64) -> Val<'c> {
    let (dt, none, most) = (l.float(dt), l.float(0.0), l.float(1e9));
    let exact = l.div(time, dt);
    let rounded = l.emitter.same("math.roundeven", &[exact]);
    // A time that is no number is none.
    let above = l.lt(none, rounded);
    let low = l.select(above, rounded, none);
    let high = l.emitter.same("arith.minimumf", &[low, most]);
    l.emitter.op("arith.fptosi", &[high], &[], l.integers(32))
}

/// Whether a condition holds in any lane.
#[must_use]
pub fn any<'c>(e: Emitter<'c>, mask: Val<'c>, lanes: u64) -> Val<'c> {
    if lanes == 1 {
        return mask;
    }
    let bits = bits(e, mask, lanes);
    let zero = e.int(bits.r#type(), 0);
    e.compare(1, bits, zero)
}

/// A mask as an integer with one bit for each lane.
#[must_use]
pub fn bits<'c>(e: Emitter<'c>, mask: Val<'c>, lanes: u64) -> Val<'c> {
    e.op("llvm.bitcast", &[mask], &[], e.integer(u32::try_from(lanes).expect("few lanes")))
}
