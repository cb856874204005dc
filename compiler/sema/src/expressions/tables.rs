//! Functions by their points, `table(x, [(-80 mV, 0), (-60 mV, 0.1)])`, and `a crosses b`.
//!
//! A table becomes a tree of choices between straight lines: arithmetic that every pass knows, so
//! its derivative is the slope of the segment, and one on vectors costs a comparison and two
//! selections for each point. Hence the limit on their number.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Scope, Type, Typed};
use crate::model::{BinaryOp, Expr};
use bpc_syntax::ast::{self, Table};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;
use std::rc::Rc;

/// The most points of a table.
const MOST_POINTS: usize = 64;

/// What holds outside of the points.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Outside {
    /// The value of the nearest point.
    Clamped,
    /// The line of the nearest segment.
    Extrapolated,
}

pub(crate) const OUTSIDE: &[(&str, Outside)] =
    &[("clamped", Outside::Clamped), ("extrapolated", Outside::Extrapolated)];

impl Checker<'_> {
    /// `a crosses b`: a was below b at the end of the step before, and is not below b now.
    pub(crate) fn crosses(&mut self, left: &ast::Expr, right: &ast::Expr, span: Span, scope: &Scope) -> Typed {
        let (a, b) = (self.expression(left, scope), self.expression(right, scope));
        if !scope.permits.crossing {
            let error = Diagnostic::error("E0446", "`crosses` cannot stand here", span, "two moments are compared");
            self.push(error.hint("it belongs into the condition of `spike when` or `when`"));
            return Typed::unknown();
        }
        self.numeric(&a, left.span, "`crosses`");
        self.numeric(&b, right.span, "`crosses`");
        self.same(&a, &b, (left.span, right.span), "the two sides of `crosses`");
        let parts = [a.clone(), b.clone(), a, b];
        self.built(&parts, Type::Truth, span, |[a, b, ..]| {
            let (a, b) = (Rc::new(a), Rc::new(b));
            let start = |x: &Rc<Expr>| Rc::new(Expr::Start(x.clone()));
            let before = Expr::Binary(BinaryOp::Less, start(&a), start(&b));
            let now = Expr::Binary(BinaryOp::GreaterEqual, a, b);
            Expr::Binary(BinaryOp::And, Rc::new(before), Rc::new(now))
        })
    }

    /// `table(x, [(a, b), …])`
    pub(crate) fn table(&mut self, table: &Table, span: Span, scope: &Scope) -> Typed {
        let argument = self.expression(&table.argument, scope);
        let outside = self.outside(table.outside.as_ref());
        if table.points.len() < 2 || table.points.len() > MOST_POINTS {
            let title = format!("a table has 2 to {MOST_POINTS} points, not {}", table.points.len());
            self.error("E0447", title, span, "these points");
            return Typed::unknown();
        }
        let (mut horizontal, mut vertical) = (argument.clone(), None::<(Typed, Span)>);
        let mut points: Vec<(f64, f64)> = Vec::new();
        let mut fine = self.numeric(&argument, table.argument.span, "a table");
        for (number, (x, y)) in table.points.iter().enumerate() {
            let (px, py) = (self.expression(x, scope), self.expression(y, scope));
            let errors = self.report.errors();
            let what = "the argument and a point of the table";
            horizontal.kind = self.same(&horizontal, &px, (table.argument.span, x.span), what);
            let known = match vertical.take() {
                None => (py.clone(), y.span),
                Some((mut before, at)) => {
                    before.kind = self.same(&before, &py, (at, y.span), "two points of the table");
                    (before, at)
                }
            };
            vertical = Some(known);
            if [&px, &py].iter().any(|p| matches!(p.expr, Expr::Number(value) if value.is_nan())) {
                // An argument of a function that is checked without a call.
                fine = false;
                continue;
            }
            let at = self.fixed(&px, x.span, "a point of a table").zip(self.fixed(&py, y.span, "a point of a table"));
            let Some(at) = at.filter(|_| self.report.errors() == errors) else {
                fine = false;
                continue;
            };
            if let Some(last) = points.last()
                && fine
                && last.0 >= at.0
            {
                let error =
                    Diagnostic::error("E0447", "the points of a table must ascend", x.span, "not above the one before");
                self.push(error.also(table.points[number - 1].0.span, "the point before"));
                fine = false;
            }
            points.push(at);
        }
        let (Some(outside), true, Some((vertical, _))) = (outside, fine, vertical) else { return Typed::unknown() };
        let kind = vertical.kind;
        if let Expr::Number(x) = argument.expr {
            let value =
                crate::expressions::evaluate::evaluate(&lines(&Rc::new(Expr::Number(x)), &points, outside), &[]);
            return Typed::leaf(Expr::Number(value.unwrap_or(f64::NAN)), kind);
        }
        // The argument stands in it twice for every point.
        let count = points.len() as u64;
        let nodes = argument.nodes.saturating_mul(2).saturating_add(8).saturating_mul(count);
        let sized = Typed { nodes, height: argument.height + 10, ..argument };
        self.built(&[sized], kind, span, |[x]| lines(&Rc::new(x), &points, outside))
    }

    fn outside(&mut self, written: Option<&ast::Name>) -> Option<Outside> {
        let Some(name) = written else { return Some(Outside::Clamped) };
        let found = OUTSIDE.iter().find(|o| o.0 == name.node).map(|o| o.1);
        if found.is_none() {
            let title = format!("a table is `clamped` or `extrapolated`, not `{}`", name.node);
            let error = Diagnostic::error("E0447", title, name.span, "unknown");
            self.push(match closest(&name.node, OUTSIDE.iter().map(|o| o.0)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint("without a word it is `clamped`"),
            });
        }
        found
    }
}

/// The pieces of a table, each with the bound below which it holds.
fn lines(x: &Rc<Expr>, points: &[(f64, f64)], outside: Outside) -> Expr {
    let line = |k: usize| {
        let ((x0, y0), (x1, y1)) = (points[k], points[k + 1]);
        let from = Expr::Binary(BinaryOp::Subtract, x.clone(), Rc::new(Expr::Number(x0)));
        let slope = Rc::new(Expr::Number((y1 - y0) / (x1 - x0)));
        let rise = Expr::Binary(BinaryOp::Multiply, slope, Rc::new(from));
        Expr::Binary(BinaryOp::Add, Rc::new(Expr::Number(y0)), Rc::new(rise))
    };
    let last = points.len() - 1;
    let mut pieces: Vec<(f64, Expr)> = (0..last).map(|k| (points[k + 1].0, line(k))).collect();
    if outside == Outside::Clamped {
        pieces.insert(0, (points[0].0, Expr::Number(points[0].1)));
        pieces.push((f64::INFINITY, Expr::Number(points[last].1)));
    }
    choose(x, &pieces)
}

/// A balanced tree of choices.
fn choose(x: &Rc<Expr>, pieces: &[(f64, Expr)]) -> Expr {
    if let [(_, only)] = pieces {
        return only.clone();
    }
    let (left, right) = pieces.split_at(pieces.len() / 2);
    let bound = left.last().map_or(f64::INFINITY, |p| p.0);
    let below = Expr::Binary(BinaryOp::Less, x.clone(), Rc::new(Expr::Number(bound)));
    Expr::If(Rc::new(below), Rc::new(choose(x, left)), Rc::new(choose(x, right)))
}
