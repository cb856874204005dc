//! Names of a part of a cell as names of the whole: `m` in channel `Na` is `Na.m`.

use bpc_syntax::ast::{
    BinaryOp, Binding, Comprehension, DataIndex, Equation, Expr, ExprKind, IndexRange, Name, Over, Spanned, Table,
};
use bpc_syntax::source::Span;
use std::collections::BTreeSet;

/// What names mean in a compartment, a channel or an ion.
pub(super) struct Naming {
    /// What its own names start with: `soma.`, `soma.Na.`, or nothing.
    pub prefix: String,
    /// Its own names.
    pub own: BTreeSet<String>,
    /// Whether other names are those that its file declares, whatever the cell calls so.
    pub closed: bool,
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
        let whole = |e: &Expr| self.inside(e, bound);
        let part = |e: &Expr| Box::new(whole(e));
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
            ExprKind::Unary(op, x) => ExprKind::Unary(*op, part(x)),
            ExprKind::Binary(op, a, b) => ExprKind::Binary(*op, part(a), part(b)),
            ExprKind::Call(f, arguments) => ExprKind::Call(f.clone(), arguments.iter().map(whole).collect()),
            ExprKind::If(c, a, b) => ExprKind::If(part(c), part(a), part(b)),
            ExprKind::Crosses(a, b) => ExprKind::Crosses(part(a), part(b)),
            ExprKind::Table(table) => {
                let point = |(x, y): &(Expr, Expr)| (whole(x), whole(y));
                let points = table.points.iter().map(point).collect();
                let argument = whole(&table.argument);
                ExprKind::Table(Box::new(Table { argument, points, outside: table.outside.clone() }))
            }
            ExprKind::Element(data, indices) => {
                let index = |at: &DataIndex| DataIndex {
                    // With `every` it is the time, which has the same name everywhere.
                    index: if at.every.is_some() { at.index.clone() } else { whole(&at.index) },
                    every: at.every.as_ref().map(whole),
                    between: at.between.clone(),
                };
                // As of other names, with nothing before the dot it is what the file declares.
                let dot = if self.closed { "." } else { "" };
                let data = Spanned { node: format!("{dot}{}", data.node), span: data.span };
                ExprKind::Element(data, indices.iter().map(index).collect())
            }
            ExprKind::Over(over) => {
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
            ExprKind::List(values) => ExprKind::List(values.iter().map(whole).collect()),
            // Models have no networks inside them, and cells no arrays of states.
            ExprKind::Number { .. }
            | ExprKind::Bool(_)
            | ExprKind::Name(_)
            | ExprKind::Member(..)
            | ExprKind::Located(_)
            | ExprKind::CallElement(..)
            | ExprKind::Chosen(_)
            | ExprKind::Error => expr.kind.clone(),
        };
        Expr { kind, span: expr.span }
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
