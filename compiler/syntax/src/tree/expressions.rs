//! Expressions, whose depth is known before they exist.

use super::{Context, Fault, fail};
use crate::MAX_DEPTH;
use crate::ast::{BinaryOp, Comprehension, Expr, ExprKind, Name, Over, Table, UnaryOp};
use crate::diagnostic::Diagnostic;
use crate::lexer::Quantity;
use crate::source::Span;

/// An expression and how deep it is: checked at every step, so that no tree is ever too deep to drop.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) expr: Expr,
    pub(super) depth: usize,
}

impl Context<'_> {
    pub(crate) fn leaf(&self, start: u32, kind: ExprKind, end: u32) -> Tree {
        Tree { expr: Expr { kind, span: self.span(start, end) }, depth: 1 }
    }

    pub(crate) fn number(&self, start: u32, text: &str, end: u32) -> Tree {
        let text = text.chars().filter(|&c| c != '_').collect();
        self.leaf(start, ExprKind::Number { text, unit: None }, end)
    }

    pub(crate) fn quantity(&self, start: u32, quantity: Quantity, end: u32) -> Tree {
        self.leaf(start, ExprKind::Number { text: quantity.number, unit: Some(quantity.unit) }, end)
    }

    /// `[1, 2]`: the values of an array.
    pub(crate) fn list(&self, start: u32, values: Vec<Expr>, end: u32) -> Expr {
        Expr { kind: ExprKind::List(values), span: self.span(start, end) }
    }

    /// `(x)`: the same tree, with the parentheses in its span.
    pub(crate) fn grouped(&self, start: u32, mut inner: Tree, end: u32) -> Tree {
        inner.expr.span = self.span(start, end);
        inner
    }

    pub(crate) fn unary<'s>(&self, start: u32, op: UnaryOp, a: Tree) -> Result<Tree, Fault<'s>> {
        let span = self.span(start, a.expr.span.end);
        self.node(span, a.depth, || ExprKind::Unary(op, Box::new(a.expr)))
    }

    pub(crate) fn binary<'s>(&self, op: BinaryOp, a: Tree, b: Tree) -> Result<Tree, Fault<'s>> {
        let span = a.expr.span.to(b.expr.span);
        self.node(span, a.depth.max(b.depth), || ExprKind::Binary(op, Box::new(a.expr), Box::new(b.expr)))
    }

    pub(crate) fn choice<'s>(&self, start: u32, c: Tree, a: Tree, b: Tree, end: u32) -> Result<Tree, Fault<'s>> {
        let depth = c.depth.max(a.depth).max(b.depth);
        let span = self.span(start, end);
        self.node(span, depth, || ExprKind::If(Box::new(c.expr), Box::new(a.expr), Box::new(b.expr)))
    }

    pub(crate) fn call<'s>(&self, name: Name, arguments: Vec<Tree>, end: u32) -> Result<Tree, Fault<'s>> {
        let depth = arguments.iter().map(|a| a.depth).max().unwrap_or(0);
        let span = self.span(name.span.start, end);
        self.node(span, depth, || ExprKind::Call(name, arguments.into_iter().map(|a| a.expr).collect()))
    }

    /// `sum(x[k] for k in 0..n)`
    pub(crate) fn over<'s>(
        &self,
        function: Name,
        term: Tree,
        each: Comprehension,
        end: u32,
    ) -> Result<Tree, Fault<'s>> {
        let span = self.span(function.span.start, end);
        if !["sum", "product", "min", "max"].contains(&function.node.as_str()) {
            let title = format!("`{}` takes no `for`", crate::lexer::short(&function.node));
            let error = Diagnostic::error("E0104", title, each.span, "goes with `sum`, `product`, `min` and `max`");
            return fail(error.hint("`sum(x[k] for k in 0..4)` is x[0] + x[1] + x[2] + x[3]"));
        }
        self.node(span, term.depth, || {
            ExprKind::Over(Box::new(Over { function, terms: vec![term.expr], each: Some(each) }))
        })
    }

    /// `a % b`, a call of the function of that name
    pub(crate) fn remainder<'s>(&self, a: Tree, start: u32, end: u32, b: Tree) -> Result<Tree, Fault<'s>> {
        let (depth, last) = (a.depth.max(b.depth), b.expr.span.end);
        let name = self.symbol(start, "%", end);
        let span = self.span(a.expr.span.start, last);
        self.node(span, depth, || ExprKind::Call(name, vec![a.expr, b.expr]))
    }

    pub(crate) fn crosses<'s>(&self, a: Tree, b: Tree) -> Result<Tree, Fault<'s>> {
        let span = a.expr.span.to(b.expr.span);
        self.node(span, a.depth.max(b.depth), || ExprKind::Crosses(Box::new(a.expr), Box::new(b.expr)))
    }

    /// `table(x, [(a, b), …], clamped)`; no other function takes a list.
    pub(crate) fn table<'s>(
        &self,
        name: Name,
        mut arguments: Vec<Tree>,
        points: Vec<(Tree, Tree)>,
        outside: Option<Name>,
        end: u32,
    ) -> Result<Tree, Fault<'s>> {
        let span = self.span(name.span.start, end);
        let (Some(argument), true, true) = (arguments.pop(), arguments.is_empty(), name.node == "table") else {
            let title = format!("`{}` takes no list", crate::lexer::short(&name.node));
            return fail(
                Diagnostic::error("E0104", title, name.span, "expected `table`")
                    .hint("a function by its points is written `table(x, [(0 mV, 0), (10 mV, 1)])`"),
            );
        };
        let depth = points.iter().map(|p| p.0.depth.max(p.1.depth)).fold(argument.depth, usize::max);
        let points = points.into_iter().map(|(x, y)| (x.expr, y.expr)).collect();
        self.node(span, depth, || ExprKind::Table(Box::new(Table { argument: argument.expr, points, outside })))
    }

    /// A node above trees of at most `below` levels, unless that is too deep.
    pub(super) fn node<'s>(
        &self,
        span: Span,
        below: usize,
        kind: impl FnOnce() -> ExprKind,
    ) -> Result<Tree, Fault<'s>> {
        if below < MAX_DEPTH {
            return Ok(Tree { expr: Expr { kind: kind(), span }, depth: below + 1 });
        }
        fail(too_deep(span))
    }
}

/// An expression deeper than [`MAX_DEPTH`].
pub(crate) fn too_deep(span: Span) -> Diagnostic {
    let label = format!("more than {MAX_DEPTH} operators or parentheses inside one another");
    Diagnostic::error("E0105", "this is nested too deeply", span, label)
        .hint("name parts of it with `let`; a long sum counts one level for each term")
}
