//! Expressions as a hash-consed graph.
//!
//! The regions of the dialect are raised into one [`Graph`], rewritten there, and written back.
//! Equal expressions are one node, so sharing and common subexpressions need no pass of their own,
//! and "provably equal" is equality of two numbers. Constants are folded with [`bpc_math`]'s
//! functions, the ones that the generated code uses.

use super::{Clock, Period};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A name inside a network: a parameter, a state, a buffer.
pub type Symbol = Rc<str>;

/// A node of a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node(u32);

/// The type of a node's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// A real number of the network's precision (f64 in `derive`, weights and delays).
    Real,
    /// A truth value.
    Bool,
    /// A counter of steps.
    Int,
}

/// A distribution of random draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each is its own name
pub enum Distribution {
    Uniform,
    Normal,
    Exponential,
    LogNormal,
    /// The events of a Poisson source in a step.
    Poisson,
    /// A Poisson count, whose mean may differ from neuron to neuron.
    Count,
    Binomial,
    Bernoulli,
    Gamma,
    TruncatedNormal,
}

/// As of when an element of a history is, for a synapse that is so many steps long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Age {
    /// The end of the step of which a spike arrives now: what a spike carries.
    AtSpike,
    /// A step earlier: at the start of the step, as old as the delay says.
    BeforeStep,
}

impl Age {
    /// All of them.
    pub const ALL: [Age; 2] = [Age::AtSpike, Age::BeforeStep];

    /// How many steps more than the delay of the synapse.
    #[must_use]
    pub fn steps(self) -> u64 {
        match self {
            Age::AtSpike => 0,
            Age::BeforeStep => 1,
        }
    }
}

/// What a node computes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the arithmetic ones are their own names
pub enum Op {
    /// A real constant, by its bits.
    Constant(u64),
    /// A truth value.
    Truth(bool),
    /// A parameter or derived scalar.
    Scalar(Symbol, Type),
    /// A state or input of the owner.
    Get(Symbol, Type),
    /// A state of the owner at the end of the step before.
    Previous(Symbol),
    /// A state of the target neuron.
    Post(Symbol),
    /// A state of the source neuron, as long ago as the delay says.
    Pre(Symbol),
    /// An element of a history: of the source neuron, as long ago as the delay says, or a step earlier.
    History(Symbol, Age),
    /// A state of the owner, later an element of its history, so many steps before the start of the step.
    Delayed(Symbol, u64),
    /// A state of the synapse.
    Synapse(Symbol),
    /// An element of a buffer before the update.
    Read(Symbol, Type),
    /// What the application feeds into an input.
    External(Symbol),
    /// The weight of the event.
    WeightValue,
    /// The time at the start of the step in ms.
    Time,
    /// The index of the (target) neuron.
    Index,
    /// The index of the source neuron.
    SourceIndex,
    /// The number of the connection in its list.
    PairIndex,
    /// An element of data; the arguments are its indices.
    Element(Symbol),
    /// The steps of a clock divided by `every`, plus `ahead`, at most `last`.
    TimeIndex {
        clock: Clock,
        every: u64,
        ahead: u64,
        last: u64,
    },
    /// The rest of that division, divided by `every`.
    TimeFraction(Clock, u64),
    /// Whether the step ends with a multiple of so many steps.
    Due(Period),
    /// A random draw with its stream.
    Random(Distribution, u32),
    /// A number between 0 and 1 that belongs to a neuron: the (target) neuron or the source.
    NeuronDraw {
        /// Its stream.
        stream: u32,
        /// Whether it is the source's.
        of_source: bool,
    },
    /// White noise with its stream, in an equation.
    Noise(u32),
    /// Whether the neuron is refractory so that this state stands still, in an advance.
    Held(Symbol),
    /// Whether refractory time ends with the step, all resets of other rules done: the whole condition of a rule.
    Recovered,
    Neg,
    Not,
    Add,
    Sub,
    Mul,
    Div,
    Pow,
    Min,
    Max,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
    /// Condition, value if true, value if false.
    Select,
    Exp,
    Expm1,
    Log,
    Log1p,
    Sqrt,
    Sin,
    Cos,
    Tan,
    Sinh,
    Cosh,
    Tanh,
    Erf,
    Exprel,
    Sigmoid,
    Abs,
    Floor,
    Ceil,
    Log10,
    Log2,
    Atan,
    Asin,
    Acos,
    Atan2,
    Modulo,
    /// To the nearest whole number, halves to the even one.
    Round,
    /// A time in ms as whole steps.
    Steps,
    /// Whether a counter is above zero.
    Running,
    /// Counter, restart, from.
    CountDown,
    /// An element (row * size + column) of exp(A dt); the arguments are A by rows.
    PropagatorElement(u32),
    /// The value number so and so of the iteration that the expression stands in.
    Carried(u32),
    /// A result of an iteration, and the most iterations. Its arguments are the initial values, the
    /// condition, and the next values, both in terms of [`Op::Carried`] (see [`Graph::iteration`]).
    Iterate(u32, u32),
}

/// The parts of an iteration.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)] // the fields are those of the op
pub struct Iteration<'g> {
    pub initial: &'g [Node],
    pub condition: Node,
    pub next: &'g [Node],
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Entry {
    op: Op,
    arguments: Vec<Node>,
}

/// All expressions of a network.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    entries: Vec<Entry>,
    known: HashMap<Entry, Node>,
}

impl Graph {
    /// What a node computes.
    #[must_use]
    pub fn op(&self, node: Node) -> &Op {
        &self.entries[node.0 as usize].op
    }

    /// From what.
    #[must_use]
    pub fn arguments(&self, node: Node) -> &[Node] {
        &self.entries[node.0 as usize].arguments
    }

    /// The type of its value.
    #[must_use]
    pub fn ty(&self, node: Node) -> Type {
        match self.op(node) {
            Op::Scalar(_, ty) | Op::Get(_, ty) | Op::Read(_, ty) => *ty,
            Op::Truth(_)
            | Op::Not
            | Op::Less
            | Op::LessEqual
            | Op::Greater
            | Op::GreaterEqual
            | Op::Equal
            | Op::NotEqual
            | Op::And
            | Op::Or
            | Op::Held(_)
            | Op::Recovered
            | Op::Due(_)
            | Op::Running => Type::Bool,
            Op::Steps | Op::CountDown | Op::TimeIndex { .. } => Type::Int,
            Op::Select => self.ty(self.arguments(node)[1]),
            _ => Type::Real,
        }
    }

    /// The node's constant, if it is one.
    #[must_use]
    pub fn as_constant(&self, node: Node) -> Option<f64> {
        match self.op(node) {
            Op::Constant(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    /// A real constant; there is one zero.
    pub fn constant(&mut self, value: f64) -> Node {
        let value = if value == 0.0 { 0.0 } else { value };
        self.intern(Op::Constant(value.to_bits()), vec![])
    }

    /// A node without arguments.
    pub fn leaf(&mut self, op: Op) -> Node {
        self.intern(op, vec![])
    }

    /// A node, simplified: constants are folded, neutral elements vanish, a negation moves out of
    /// products and into constants, and a division by a scalar stays a division.
    pub fn node(&mut self, op: Op, arguments: &[Node]) -> Node {
        if let Some(simple) = self.simplify(&op, arguments) {
            return simple;
        }
        self.intern(op, arguments.to_vec())
    }

    /// `a + b`
    pub fn add(&mut self, a: Node, b: Node) -> Node {
        self.node(Op::Add, &[a, b])
    }

    /// `a - b`
    pub fn sub(&mut self, a: Node, b: Node) -> Node {
        self.node(Op::Sub, &[a, b])
    }

    /// `a * b`
    pub fn mul(&mut self, a: Node, b: Node) -> Node {
        self.node(Op::Mul, &[a, b])
    }

    /// `a / b`
    pub fn div(&mut self, a: Node, b: Node) -> Node {
        self.node(Op::Div, &[a, b])
    }

    /// `-a`
    pub fn neg(&mut self, a: Node) -> Node {
        self.node(Op::Neg, &[a])
    }

    /// `if c then a else b`
    pub fn select(&mut self, c: Node, a: Node, b: Node) -> Node {
        self.node(Op::Select, &[c, a, b])
    }

    fn intern(&mut self, op: Op, arguments: Vec<Node>) -> Node {
        let entry = Entry { op, arguments };
        if let Some(&node) = self.known.get(&entry) {
            return node;
        }
        let node = Node(u32::try_from(self.entries.len()).expect("fewer than 2^32 expressions"));
        self.entries.push(entry.clone());
        self.known.insert(entry, node);
        node
    }

    fn simplify(&mut self, op: &Op, arguments: &[Node]) -> Option<Node> {
        let constants: Option<Vec<f64>> = arguments.iter().map(|&a| self.as_constant(a)).collect();
        if let Some(values) = constants
            && let Some(folded) = fold(op, &values)
        {
            return Some(match folded {
                Folded::Real(value) => self.constant(value),
                Folded::Truth(value) => self.leaf(Op::Truth(value)),
            });
        }
        let constant = |i: usize| self.as_constant(arguments[i]);
        match op {
            Op::Add if constant(0) == Some(0.0) => Some(arguments[1]),
            Op::Add | Op::Sub if constant(1) == Some(0.0) => Some(arguments[0]),
            Op::Sub if constant(0) == Some(0.0) => Some(self.neg(arguments[1])),
            Op::Mul if constant(0) == Some(1.0) => Some(arguments[1]),
            Op::Mul | Op::Div if constant(1) == Some(1.0) => Some(arguments[0]),
            Op::Mul if constant(0) == Some(0.0) => Some(arguments[0]),
            Op::Mul if constant(1) == Some(0.0) => Some(arguments[1]),
            Op::Div if constant(0) == Some(0.0) => Some(arguments[0]),
            Op::Mul | Op::Div if *self.op(arguments[0]) == Op::Neg => {
                let inner = self.arguments(arguments[0])[0];
                let positive = self.node(op.clone(), &[inner, arguments[1]]);
                Some(self.neg(positive))
            }
            Op::Mul if *self.op(arguments[1]) == Op::Neg => {
                let inner = self.arguments(arguments[1])[0];
                let positive = self.mul(arguments[0], inner);
                Some(self.neg(positive))
            }
            Op::Mul if constant(1).is_some() && constant(0).is_none() => Some(self.mul(arguments[1], arguments[0])),
            Op::Neg if *self.op(arguments[0]) == Op::Neg => Some(self.arguments(arguments[0])[0]),
            Op::Neg if *self.op(arguments[0]) == Op::Sub => {
                let (a, b) = (self.arguments(arguments[0])[0], self.arguments(arguments[0])[1]);
                Some(self.sub(b, a))
            }
            Op::Add if *self.op(arguments[1]) == Op::Neg => {
                let b = self.arguments(arguments[1])[0];
                Some(self.sub(arguments[0], b))
            }
            Op::Sub if *self.op(arguments[1]) == Op::Neg => {
                let b = self.arguments(arguments[1])[0];
                Some(self.add(arguments[0], b))
            }
            Op::Select if arguments[1] == arguments[2] => Some(arguments[1]),
            Op::Select => match self.op(arguments[0]) {
                Op::Truth(true) => Some(arguments[1]),
                Op::Truth(false) => Some(arguments[2]),
                _ => None,
            },
            Op::And | Op::Or => {
                let neutral = *op == Op::And;
                let truth = |n: Node| if let Op::Truth(v) = self.op(n) { Some(*v) } else { None };
                match (truth(arguments[0]), truth(arguments[1])) {
                    (Some(v), _) => Some(if v == neutral { arguments[1] } else { arguments[0] }),
                    (_, Some(v)) => Some(if v == neutral { arguments[0] } else { arguments[1] }),
                    _ => None,
                }
            }
            Op::Not => match *self.op(arguments[0]) {
                Op::Truth(v) => Some(self.leaf(Op::Truth(!v))),
                Op::Not => Some(self.arguments(arguments[0])[0]),
                _ => None,
            },
            Op::Pow => match constant(1) {
                Some(0.5) => Some(self.node(Op::Sqrt, &[arguments[0]])),
                Some(p) if p.fract() == 0.0 && (0.0..=64.0).contains(&p) => {
                    Some(self.integer_power(arguments[0], p as u32))
                }
                Some(p) if p.fract() == 0.0 && (-64.0..0.0).contains(&p) => {
                    let positive = self.integer_power(arguments[0], -p as u32);
                    let one = self.constant(1.0);
                    Some(self.div(one, positive))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// `base^exponent` by repeated squaring.
    fn integer_power(&mut self, base: Node, exponent: u32) -> Node {
        match exponent {
            0 => self.constant(1.0),
            1 => base,
            _ => {
                let half = self.integer_power(base, exponent / 2);
                let square = self.mul(half, half);
                if exponent.is_multiple_of(2) { square } else { self.mul(square, base) }
            }
        }
    }

    /// The expression with some leaves or subexpressions replaced.
    pub fn substitute(&mut self, root: Node, replacement: &HashMap<Node, Node>) -> Node {
        self.substitute_with(root, &mut replacement.clone())
    }

    /// Several expressions with the same replaced, in one go: what they share is looked at once.
    pub fn substitute_all(&mut self, roots: &[Node], replacement: &HashMap<Node, Node>) -> Vec<Node> {
        let mut done = replacement.clone();
        roots.iter().map(|&root| self.substitute_with(root, &mut done)).collect()
    }

    /// The expression with everything in `done` replaced; what comes of the rest is added there. Expressions may be
    /// deeper than a stack is.
    pub fn substitute_with(&mut self, root: Node, done: &mut HashMap<Node, Node>) -> Node {
        let mut open = vec![(root, false)];
        while let Some((node, ready)) = open.pop() {
            if done.contains_key(&node) {
                continue;
            }
            if !ready {
                open.push((node, true));
                open.extend(self.arguments(node).iter().rev().filter(|a| !done.contains_key(a)).map(|&a| (a, false)));
                continue;
            }
            let old = self.arguments(node).to_vec();
            let new: Vec<Node> = old.iter().map(|a| done[a]).collect();
            let result = if new == old { node } else { self.node(self.op(node).clone(), &new) };
            done.insert(node, result);
        }
        done[&root]
    }

    /// All nodes that the roots need, each after its arguments.
    #[must_use]
    pub fn order(&self, roots: &[Node]) -> Vec<Node> {
        let mut seen = vec![false; self.entries.len()];
        let mut order = Vec::new();
        let mut stack: Vec<(Node, bool)> = roots.iter().rev().map(|&r| (r, false)).collect();
        while let Some((node, ready)) = stack.pop() {
            if ready {
                order.push(node);
            } else if !std::mem::replace(&mut seen[node.0 as usize], true) {
                stack.push((node, true));
                stack.extend(self.arguments(node).iter().rev().filter(|a| !seen[a.0 as usize]).map(|&a| (a, false)));
            }
        }
        order
    }

    /// The parts of an iteration, from the arguments of any of its results.
    #[must_use]
    pub fn iteration(arguments: &[Node]) -> Iteration<'_> {
        let count = arguments.len() / 2;
        Iteration { initial: &arguments[..count], condition: arguments[count], next: &arguments[count + 1..] }
    }

    /// The results of an iteration from `initial`: while `condition` holds, and at most `limit` times, the values
    /// become `next`. Both are in terms of [`Op::Carried`] with the values' numbers.
    pub fn iterate(&mut self, limit: u32, initial: &[Node], condition: Node, next: &[Node]) -> Vec<Node> {
        let arguments = [initial, &[condition], next].concat();
        (0_u32..).take(initial.len()).map(|result| self.node(Op::Iterate(result, limit), &arguments)).collect()
    }

    /// Which of `order` (see [`Graph::order`]) have a value only inside an iteration: those that depend on what it
    /// carries. All others are the same in every iteration.
    #[must_use]
    pub fn inside_iterations(&self, order: &[Node]) -> HashSet<Node> {
        let mut inside = HashSet::new();
        for &node in order {
            let depends = match self.op(node) {
                Op::Carried(_) => true,
                Op::Iterate(..) => false,
                _ => self.arguments(node).iter().any(|a| inside.contains(a)),
            };
            if depends {
                inside.insert(node);
            }
        }
        inside
    }

    /// Whether any node below `root` satisfies the predicate.
    pub fn any(&self, root: Node, mut predicate: impl FnMut(&Op) -> bool) -> bool {
        self.order(&[root]).into_iter().any(|n| predicate(self.op(n)))
    }

    /// Whether the value is the same for all neurons and changes only with the parameters.
    #[must_use]
    pub fn is_uniform(&self, root: Node) -> bool {
        !self.any(root, varies)
    }

    /// Whether the value changes only with the parameters, those of each neuron (`own`) included.
    #[must_use]
    pub fn is_constant(&self, root: Node, own: &[Symbol]) -> bool {
        !self.any(root, |op| match op {
            Op::Get(name, _) => !own.contains(name),
            Op::Index => false,
            op => varies(op),
        })
    }
}

/// Whether the value of an operation without arguments, or of a draw, is not the same for all neurons and times.
pub fn varies(op: &Op) -> bool {
    matches!(
        op,
        Op::Get(..)
            | Op::Previous(_)
            | Op::Post(_)
            | Op::Read(..)
            | Op::External(_)
            | Op::WeightValue
            | Op::Time
            | Op::Index
            | Op::SourceIndex
            | Op::Random(..)
            | Op::Noise(_)
            | Op::NeuronDraw { .. }
            | Op::Pre(_)
            | Op::History(..)
            | Op::Delayed(..)
            | Op::Synapse(_)
            | Op::PairIndex
            | Op::TimeIndex { .. }
            | Op::TimeFraction(..)
            | Op::Due(_)
            | Op::Held(_)
            | Op::Recovered
            | Op::Carried(_)
    )
}

enum Folded {
    Real(f64),
    Truth(bool),
}

/// The value of an operation on constants; `None` for those that are not folded.
fn fold(op: &Op, v: &[f64]) -> Option<Folded> {
    use bpc_math::scalar::f64 as math;
    Some(Folded::Real(match op {
        Op::Neg => -v[0],
        Op::Add => v[0] + v[1],
        Op::Sub => v[0] - v[1],
        Op::Mul => v[0] * v[1],
        Op::Div => v[0] / v[1],
        Op::Pow => math::pow(v[0], v[1]),
        Op::Exp => math::exp(v[0]),
        Op::Expm1 => math::expm1(v[0]),
        Op::Log => math::log(v[0]),
        Op::Log1p => math::log1p(v[0]),
        Op::Sqrt => v[0].sqrt(),
        Op::Sin => math::sin(v[0]),
        Op::Cos => math::cos(v[0]),
        Op::Tan => math::tan(v[0]),
        Op::Sinh => math::sinh(v[0]),
        Op::Cosh => math::cosh(v[0]),
        Op::Tanh => math::tanh(v[0]),
        Op::Erf => math::erf(v[0]),
        Op::Exprel => math::exprel(v[0]),
        Op::Sigmoid => math::sigmoid(v[0]),
        Op::Abs => v[0].abs(),
        Op::Floor => v[0].floor(),
        Op::Ceil => v[0].ceil(),
        Op::Log10 => math::log10(v[0]),
        Op::Log2 => math::log2(v[0]),
        Op::Atan => math::atan(v[0]),
        Op::Asin => math::asin(v[0]),
        Op::Acos => math::acos(v[0]),
        Op::Atan2 => math::atan2(v[0], v[1]),
        Op::Modulo => math::modulo(v[0], v[1]),
        Op::Round => v[0].round_ties_even(),
        Op::Min if v[0] < v[1] || v[0].is_nan() => v[0],
        Op::Max if v[0] > v[1] || v[0].is_nan() => v[0],
        Op::Min | Op::Max => v[1],
        Op::Less => return Some(Folded::Truth(v[0] < v[1])),
        Op::LessEqual => return Some(Folded::Truth(v[0] <= v[1])),
        Op::Greater => return Some(Folded::Truth(v[0] > v[1])),
        Op::GreaterEqual => return Some(Folded::Truth(v[0] >= v[1])),
        Op::Equal => return Some(Folded::Truth(v[0] == v[1])),
        Op::NotEqual => return Some(Folded::Truth(v[0] != v[1])),
        _ => return None,
    }))
}
