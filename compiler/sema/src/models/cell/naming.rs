//! Names of a part of a cell as names of the whole: `m` in channel `Na` is `Na.m`.

use crate::expressions::delayed::delay_of;
use bpc_syntax::ast::{
    BinaryOp, Binding, Comprehension, DataIndex, Equation, Expr, ExprKind, IndexRange, Name, Over, Spanned, Unit,
    UnitFactor,
};
use bpc_syntax::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// What names mean in a compartment, a channel or an ion.
pub(super) struct Naming {
    /// What its own names start with: `soma.`, `soma.Na.`, or nothing.
    pub prefix: String,
    /// Its own names.
    pub own: BTreeSet<String>,
    /// Whether other names are those that its file declares, whatever the cell calls so.
    pub closed: bool,
    /// Of names that only stand for a state of the surroundings, this state's name in the whole cell: a past is that of a state.
    /// Nothing where the surroundings are not known.
    pub read: BTreeMap<String, Option<String>>,
}

impl Naming {
    /// The name in the whole cell.
    pub fn full(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Likewise, with its place.
    pub fn name(&self, name: &Name) -> Name {
        Spanned { node: self.full(&name.node), span: name.span }
    }

    /// A declaration of the part.
    pub fn binding(&self, binding: &Binding) -> Binding {
        let value = binding.value.as_ref().map(|v| self.expression(v));
        Binding { name: self.name(&binding.name), value, ..binding.clone() }
    }

    /// An equation of the part.
    pub fn equation(&self, equation: &Equation) -> Equation {
        let derivative = self.expression(&equation.derivative);
        Equation { state: self.name(&equation.state), derivative, span: equation.span }
    }

    /// An expression of the part. As deep as the expression, which the parser bounds.
    pub fn expression(&self, expr: &Expr) -> Expr {
        self.inside(expr, &BTreeSet::new())
    }

    /// Likewise, where `bound` are the names of indices.
    fn inside(&self, expr: &Expr, bound: &BTreeSet<String>) -> Expr {
        let mut part = |e: &Expr| self.inside(e, bound);
        let kind = match &expr.kind {
            ExprKind::Name(name) if bound.contains(name) => expr.kind.clone(),
            ExprKind::Name(name) if self.own.contains(name) => ExprKind::Name(self.full(name)),
            ExprKind::Name(name) if self.closed => {
                let place = |node: String| Spanned { node, span: expr.span };
                ExprKind::Member(place(String::new()), place(name.clone()))
            }
            ExprKind::Member(owner, member) if self.own.contains(&owner.node) => {
                ExprKind::Member(self.name(owner), member.clone())
            }
            ExprKind::Element(data, indices) => {
                let mut index = |at: &DataIndex| match at.every {
                    // The time, which has the same name everywhere.
                    Some(_) => DataIndex { index: at.index.clone(), ..at.with_parts(&mut part) },
                    None => at.with_parts(&mut part),
                };
                // As of other names, with nothing before the dot it is what the file declares.
                let dot = if self.closed { "." } else { "" };
                let data = Spanned { node: format!("{dot}{}", data.node), span: data.span };
                ExprKind::Element(data, indices.iter().map(&mut index).collect())
            }
            ExprKind::Call(name, arguments) if self.own.contains(&name.node) && !bound.contains(&name.node) => {
                // `t` has the same name everywhere, and a name without a past may be that of a function.
                let Some(delay) = delay_of(arguments) else { return expr.with_parts(&mut part) };
                let delay = part(delay);
                let time = Expr { kind: ExprKind::Name("t".to_owned()), span: arguments[0].span };
                let (span, own) = (arguments[0].span, || self.full(&name.node));
                let full = match self.read.get(&name.node) {
                    // What can be checked without the state: the delay is a time, and the value is one like the present.
                    Some(None) => {
                        let ms = Unit {
                            factors: vec![UnitFactor {
                                symbol: Spanned { node: "ms".to_owned(), span },
                                exponent: (1, 1),
                            }],
                            span,
                        };
                        let zero = Expr { kind: ExprKind::Number { text: "0".to_owned(), unit: Some(ms) }, span };
                        let present = || Box::new(named(own(), name.span));
                        let positive = binary(BinaryOp::Greater, delay, zero, span);
                        let kind = ExprKind::If(Box::new(positive), present(), present());
                        return Expr { kind, span: expr.span };
                    }
                    Some(Some(state)) => state.clone(),
                    None => own(),
                };
                let state = Spanned { node: full, span: name.span };
                ExprKind::Call(state, vec![binary(BinaryOp::Subtract, time, delay, span)])
            }
            ExprKind::Over(over) => self.over(over, bound),
            // Models have no networks inside them, and cells no arrays of states.
            ExprKind::Located(_) | ExprKind::CallElement(..) => expr.kind.clone(),
            _ => return expr.with_parts(&mut part),
        };
        Expr { kind, span: expr.span }
    }

    /// A sum and the like, in which each index is known from its range on.
    fn over(&self, over: &Over, bound: &BTreeSet<String>) -> ExprKind {
        let mut bound = bound.clone();
        let each = over.each.as_ref().map(|each| {
            let mut range = |range: &IndexRange| {
                let (first, last) = (self.inside(&range.first, &bound), self.inside(&range.last, &bound));
                bound.insert(range.name.node.clone());
                IndexRange { name: range.name.clone(), first, last }
            };
            let indices = each.indices.iter().map(&mut range).collect();
            let filter = each.filter.as_ref().map(|filter| self.inside(filter, &bound));
            Comprehension { indices, filter, span: each.span }
        });
        let terms = over.terms.iter().map(|term| self.inside(term, &bound)).collect();
        ExprKind::Over(Box::new(Over { function: over.function.clone(), terms, each }))
    }
}

/// Longer sums are made of shorter ones.
const DEEPEST_SUM: usize = 64;

/// A name of the whole cell as an expression.
pub(super) fn named(full: impl Into<String>, span: Span) -> Expr {
    Expr { kind: ExprKind::Name(full.into()), span }
}

/// A plain number.
pub(super) fn number(text: &str, span: Span) -> Expr {
    Expr { kind: ExprKind::Number { text: text.to_owned(), unit: None }, span }
}

/// `a op b`
pub(super) fn binary(op: BinaryOp, a: Expr, b: Expr, span: Span) -> Expr {
    Expr { kind: ExprKind::Binary(op, Box::new(a), Box::new(b)), span }
}

/// The sum of the terms from the left; 0 if there are none.
pub(super) fn sum(terms: impl IntoIterator<Item = Expr>, span: Span) -> Expr {
    let mut parts: Vec<Expr> = terms.into_iter().collect();
    let add = |a, b| binary(BinaryOp::Add, a, b, span);
    // Of very many terms, a tree that is not as deep.
    while parts.len() > DEEPEST_SUM {
        let mut pieces = Vec::with_capacity(parts.len() / DEEPEST_SUM + 1);
        let mut rest = parts.into_iter().peekable();
        while rest.peek().is_some() {
            pieces.extend(rest.by_ref().take(DEEPEST_SUM).reduce(add));
        }
        parts = pieces;
    }
    parts.into_iter().reduce(add).unwrap_or_else(|| number("0", span))
}
