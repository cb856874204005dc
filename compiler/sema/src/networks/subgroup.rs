//! Parts of a population: `E[0..50]`, and `E[3]` for one neuron.
//!
//! A part has no indices of its own: `i` and `j` stay those of the whole population. So whatever is said of a part is
//! said of the population with a condition on the index.

use crate::expressions::checker::Checker;
use crate::expressions::expression::HIGHEST;
use crate::expressions::scope::{Scope, Type, Typed};
use crate::model::{BinaryOp, Connect, Expr, PopulationId, Rule};
use crate::networks::connect::Pair;
use crate::networks::network::{Builder, OwnerKind};
use bpc_syntax::ast::{self, Index, Name, Place};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::borrow::Cow;
use std::rc::Rc;

/// Neurons of a population that follow one another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neurons {
    /// The first.
    pub first: u64,
    /// One past the last; above `first`.
    pub last: u64,
    /// Where the range is written.
    pub span: Span,
}

/// A population that a statement names, or a part of it.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    /// The population.
    pub name: Name,
    /// Which of its neurons, if not all.
    pub neurons: Option<Neurons>,
}

/// A whole number as a value.
#[allow(clippy::cast_precision_loss)] // below 2^31
fn number(value: u64) -> Rc<Expr> {
    Rc::new(Expr::Number(value as f64))
}

fn both(a: Option<Expr>, b: Option<Expr>) -> Option<Expr> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Expr::Binary(BinaryOp::And, Rc::new(a), Rc::new(b))),
        (one, other) => one.or(other),
    }
}

impl Neurons {
    /// How many.
    pub(crate) fn count(&self) -> u64 {
        self.last - self.first
    }

    /// Whether the neuron with this index is one of them; `None` if all of so many are.
    pub(crate) fn condition(&self, index: &Expr, size: Option<u64>) -> Option<Expr> {
        let compared = |op, bound| Expr::Binary(op, Rc::new(index.clone()), number(bound));
        let above = (self.first > 0).then(|| compared(BinaryOp::GreaterEqual, self.first));
        let below = (Some(self.last) != size).then(|| compared(BinaryOp::Less, self.last));
        both(above, below)
    }

    /// Whether some neurons are in both.
    fn meets(&self, other: &Neurons) -> bool {
        self.first < other.last && other.first < self.last
    }
}

/// `value` for these neurons, `otherwise` for the others; all neurons if no part is chosen.
pub(crate) fn limited(neurons: Option<Neurons>, size: Option<u64>, value: Expr, otherwise: Expr) -> Expr {
    match neurons.and_then(|n| n.condition(&Expr::Index, size)) {
        Some(condition) => Expr::If(Rc::new(condition), Rc::new(value), Rc::new(otherwise)),
        None => value,
    }
}

/// What a statement gives to all neurons of a population, or to some.
pub(crate) struct Piece {
    /// How deep inside other networks the statement stands.
    pub depth: usize,
    /// Where.
    pub span: Span,
    /// To whom, if not to all.
    pub neurons: Option<Neurons>,
    /// What.
    pub value: Typed,
}

/// Where a state starts: as its model says, and what statements say in its place.
pub(crate) struct Start {
    /// The model's value.
    model: Expr,
    /// Statements, of the innermost network first.
    pieces: Vec<Piece>,
    /// The value after so many of them.
    known: (Typed, usize),
}

impl Start {
    /// As the model says.
    pub(crate) fn new(model: Expr) -> Start {
        let known = (Typed::leaf(model.clone(), Type::Unknown), 0);
        Start { model, pieces: Vec::new(), known }
    }

    /// Where else in the same network these neurons get a value. A part may differ from what all were given before.
    pub(crate) fn clash(&self, depth: usize, neurons: Option<Neurons>) -> Option<Span> {
        let clashes = |piece: &&Piece| match (piece.neurons, neurons) {
            (Some(before), Some(now)) => before.meets(&now),
            (None, Some(_)) => false,
            (_, None) => true,
        };
        self.pieces.iter().filter(|p| p.depth == depth).find(clashes).map(|p| p.span)
    }

    /// Adds what a statement says. What a network says of its instances goes before what they say themselves.
    pub(crate) fn add(&mut self, piece: Piece) {
        let place = self.pieces.partition_point(|p| p.depth >= piece.depth);
        self.pieces.insert(place, piece);
        if place < self.known.1 {
            self.known = (Typed::leaf(self.model.clone(), Type::Unknown), 0);
        }
    }
}

impl Pair<'_> {
    /// Whether only a part of the source or of the target is meant.
    pub(crate) fn is_part(&self) -> bool {
        self.parts.iter().any(Option::is_some)
    }

    /// First neuron and number of neurons that are meant, of source and target.
    pub(crate) fn extents(&self) -> [(u64, u64); 2] {
        let of = |neurons: Option<Neurons>, size: Option<u64>| {
            neurons.map_or((0, size.unwrap_or(1)), |n| (n.first, n.count()))
        };
        [of(self.parts[0], self.source.1), of(self.parts[1], self.target.1)]
    }

    /// How many neurons are meant, of source and target, as far as that is known.
    pub(crate) fn counts(&self) -> [Option<u64>; 2] {
        let of = |neurons: Option<Neurons>, size: Option<u64>| neurons.map(|n| n.count()).or(size);
        [of(self.parts[0], self.source.1), of(self.parts[1], self.target.1)]
    }

    /// Source or target as it is written: `E[0..50]`.
    pub(crate) fn shown(&self, end: usize) -> String {
        let name = if end == 0 { self.source.0 } else { self.target.0 };
        match self.parts[end] {
            Some(n) => format!("`{name}[{}..{}]`", n.first, n.last),
            None => format!("`{name}`"),
        }
    }

    /// How many neurons are meant on both sides, and could be connected to themselves.
    pub(crate) fn common(&self) -> u64 {
        let [(a, m), (b, n)] = self.extents();
        if self.is_recurrent() { (a + m).min(b + n).saturating_sub(a.max(b)) } else { 0 }
    }

    /// The share of all pairs that are between the parts.
    #[allow(clippy::cast_precision_loss)] // an estimate
    pub(crate) fn share(&self) -> f64 {
        let [(_, sources), (_, targets)] = self.extents();
        let part = |count: u64, size: Option<u64>| count as f64 / size.unwrap_or(count).max(1) as f64;
        part(sources, self.source.1) * part(targets, self.target.1)
    }

    /// The probability of a pair, 0 unless it is between the parts.
    pub(crate) fn limited(&self, probability: Expr) -> Expr {
        let of = |neurons: Option<Neurons>, index, size| neurons.and_then(|n| n.condition(&index, size));
        let source = of(self.parts[0], Expr::SourceIndex, self.source.1);
        let target = of(self.parts[1], Expr::Index, self.target.1);
        match both(source, target) {
            Some(condition) => Expr::If(Rc::new(condition), Rc::new(probability), Rc::new(Expr::Number(0.0))),
            None => probability,
        }
    }
}

impl Checker<'_> {
    /// The last brackets of a place, if they choose neurons of a population, and the place without them. `None` if
    /// something is wrong with it.
    pub(crate) fn without_neurons<'p>(
        &mut self,
        place: &'p Place,
        builder: &Builder<'_>,
        scope: &Scope,
    ) -> Option<(Cow<'p, Place>, Option<Neurons>)> {
        let found = place.parts.iter().rposition(|p| p.index.is_some());
        let Some((at, index)) = found.and_then(|at| Some((at, place.parts[at].index.as_ref()?))) else {
            return Some((Cow::Borrowed(place), None));
        };
        let mut name = place.parts[at].name.node.clone();
        if let Some(before) = at.checked_sub(1).map(|last| &place.parts[last]) {
            let span = Span { end: before.span.end, ..place.span };
            let outer = self.places(&Place { parts: place.parts[..at].to_vec(), span }, scope);
            name = format!("{}.{name}", outer.first()?.node);
        }
        let population = |name: &str| matches!(builder.owner(name).map(|o| &o.kind), Some(OwnerKind::Population(_)));
        if !population(&name) {
            return Some((Cow::Borrowed(place), None));
        }
        let neurons = self.range_of_neurons(index, &place.parts[at], scope)?;
        let mut whole = place.clone();
        whole.parts[at].index = None;
        Some((Cow::Owned(whole), Some(neurons)))
    }

    fn range_of_neurons(&mut self, index: &Index, part: &ast::Part, scope: &Scope) -> Option<Neurons> {
        let (first, last, span) = match index {
            Index::At(list) => {
                let [one] = list.as_slice() else {
                    let title = format!("`{}` has one index, not {}", part.name.node, list.len());
                    self.error("E0486", title, part.span, format!("{} here", list.len()));
                    return None;
                };
                let first = self.whole_expression(one, scope, "an index")?;
                (first, first + 1, one.span)
            }
            Index::Range(from, to) => {
                let first = self.whole_expression(from, scope, "an index");
                let last = self.whole_expression(to, scope, "an index");
                (first?, last?, from.span.to(to.span))
            }
        };
        if first >= last {
            let error = Diagnostic::error("E0505", "this range is empty", span, format!("{first} to {last}"));
            self.push(error.hint("elements count from 0, and the end is not included"));
            return None;
        }
        Some(Neurons { first, last, span })
    }

    /// The populations that a place means, or parts of them.
    pub(crate) fn chosen_populations(&mut self, place: &Place, builder: &Builder<'_>, scope: &Scope) -> Vec<Chosen> {
        let Some((place, neurons)) = self.without_neurons(place, builder, scope) else { return Vec::new() };
        self.places(&place, scope).into_iter().map(|name| Chosen { name, neurons }).collect()
    }

    /// Whether a population has these neurons; reports it if not.
    pub(crate) fn has_neurons(&mut self, builder: &Builder<'_>, id: PopulationId, neurons: Option<Neurons>) -> bool {
        let target = &builder.targets[id.0];
        let (Some(Neurons { last, span, .. }), Some(size)) = (neurons, target.size) else { return true };
        if last > size {
            let name = builder.local(&builder.populations[id.0].name);
            let title = format!("`{name}` has {size} neurons, so {} is out of range", self.text(span));
            let error = Diagnostic::error("E0505", title, span, "out of range").also(target.span, "declared here");
            self.push(error.hint(format!("neurons count from 0, and the end is not included: `[0..{size}]`")));
        }
        last <= size
    }

    /// A value for some neurons, `otherwise` for the others.
    pub(crate) fn for_neurons(
        &mut self,
        (neurons, size): (Option<Neurons>, Option<u64>),
        value: Typed,
        otherwise: Typed,
        span: Span,
    ) -> Typed {
        if neurons.is_none() || value.is_unknown() {
            return value;
        }
        if otherwise.height >= HIGHEST {
            let title = "too many parts of one population are given values one by one";
            let error = Diagnostic::error("E0212", title, span, format!("more than about {HIGHEST}"));
            self.push(error.hint("give the whole population an expression of `i`, or elements of data: `x[i]`"));
            return Typed::unknown();
        }
        let kind = value.kind.clone();
        self.built(&[value, otherwise], kind, span, |[value, otherwise]: [Expr; 2]| {
            limited(neurons, size, value, otherwise)
        })
    }

    /// The initial value of a state of so many neurons.
    pub(crate) fn started(&mut self, start: &mut Start, size: Option<u64>) -> Expr {
        let (whole, count) = &mut start.known;
        for Piece { neurons, value, span, .. } in &start.pieces[*count..] {
            let before = std::mem::replace(whole, Typed::unknown());
            *whole = self.for_neurons((*neurons, size), value.clone(), before, *span);
        }
        *count = start.pieces.len();
        whole.expr.clone()
    }

    /// Reports `E.theta[i]`, if that is a value of a neuron, which nothing reads so.
    pub(crate) fn value_of_neuron(&mut self, place: &Place, scope: &Scope) -> bool {
        let names: Vec<&str> = place.parts.iter().map(|p| p.name.node.as_str()).collect();
        let Some((member, owner)) = names.split_last() else { return false };
        let owner = owner.join(".");
        let full = format!("{owner}.{member}");
        if scope.member(&full).is_some() || scope.member(&format!("{owner}.size")).is_none() {
            return false;
        }
        let title = format!("`{}` of a neuron of `{owner}` cannot be read here", self.text(place.span));
        let error = Diagnostic::error("E0533", title, place.span, "a state or parameter of a neuron");
        self.push(error.hint(match scope.permits.pair {
            true => {
                "the parameters of a connection's neurons are `source.tau` and `target.tau`, known in `probability(…)`, \
                 `where(…)`, weights, delays, initial values and parameters of synapses"
            }
            false => "drives and initial values of a population know what its own neurons have, without an index",
        }));
        true
    }

    /// Reports neurons that are chosen before the state that is recorded.
    pub(crate) fn part_of_record(&mut self, neurons: Neurons) {
        let title = "`record` chooses elements behind the state";
        let error = Diagnostic::error("E0532", title, neurons.span, "behind the population");
        self.push(error.hint("write `E.V[0..4]`, `E.spikes[0..4]`"));
    }

    /// Rules between parts of populations, but for expressions of pairs.
    pub(crate) fn connect_parts(
        &mut self,
        (rule, span): (&Name, Span),
        probability: Option<&ast::Expr>,
        scope: &Scope,
        pair: &Pair<'_>,
        allow_self: bool,
    ) -> Option<Connect> {
        let made = |probability: Expr, mean: f64| {
            Some(Connect { probability: Some(probability), ..Connect::of(Rule::Pairwise { mean }, allow_self) })
        };
        match (rule.node.as_str(), probability) {
            ("all_to_all", _) => made(pair.limited(Expr::Number(1.0)), pair.share()),
            ("fixed_probability", Some(written)) => {
                let p = self.probability(written, scope)?;
                made(pair.limited(Expr::Number(p)), p * pair.share())
            }
            ("one_to_one", _) => {
                let [(a, sources), (c, targets)] = pair.extents();
                if sources != targets {
                    let title =
                        format!("`one_to_one` needs equally many, but these are {sources} and {targets} neurons");
                    self.error("E0412", title, span, "sizes differ");
                    return None;
                }
                // The n-th of the sources to the n-th of the targets: i - a = j - c.
                let less = |index: Expr, first: u64| match first {
                    0 => Rc::new(index),
                    _ => Rc::new(Expr::Binary(BinaryOp::Subtract, Rc::new(index), number(first))),
                };
                let same = Expr::Binary(BinaryOp::Equal, less(Expr::SourceIndex, a), less(Expr::Index, c));
                let [yes, no] = [1.0, 0.0].map(|x| Rc::new(Expr::Number(x)));
                #[allow(clippy::cast_precision_loss)] // an estimate
                let mean = pair.share() / sources.max(1) as f64;
                made(pair.limited(Expr::If(Rc::new(same), yes, no)), mean)
            }
            _ => None,
        }
    }
}
