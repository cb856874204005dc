//! Sums, products and extremes over indices: `sum(x[k] for k in 0..n)`.
//!
//! What goes in: an expression with `for` behind it, whose ranges are known before the run. What comes out: its terms,
//! written out and joined from the left, the first index first. So the order of addition is that of the text, and
//! nothing below this knows of sums. Without a term a sum is 0 and a product 1; an extreme of nothing is a mistake.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::{binary, call, walk};
use crate::expressions::expression::{HIGHEST, LARGEST};
use crate::expressions::functions;
use crate::expressions::scope::{Local, Role, Scope, Type, Typed};
use crate::expressions::units::is_count;
use crate::model::{BinaryOp, Expr, Function};
use crate::models::instance::mentioned;
use crate::models::members::Members;
use crate::networks::place::{index_local, of_comprehension};
use bpc_syntax::ast::{self, Comprehension, ExprKind, Item, Name, Over, Statement};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, Span};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What one expression, or one model with arrays, is written out to: terms, elements, equations and statements.
pub(crate) const MOST_TERMS: u64 = 20_000;
/// Combinations of indices that are tried, those that `where` leaves out included.
pub(crate) const MOST_TRIED: u64 = 200_000;

/// Values of the indices of a `for`, in their order.
pub(crate) type Combination = Vec<u64>;

impl Checker<'_> {
    /// `sum(… for k in a..b)`, or what it has been written out to.
    pub(crate) fn over(&mut self, over: &Over, span: Span, scope: &Scope) -> Typed {
        let Some(each) = &over.each else {
            let terms: Vec<Typed> = over.terms.iter().map(|term| self.expression(term, scope)).collect();
            return self.joined(&over.function, &terms, over.terms.first().map_or(span, |term| term.span), span);
        };
        let [term] = over.terms.as_slice() else { return Typed::unknown() };
        if self.terms > MOST_TERMS {
            // Which has been told.
            return Typed::unknown();
        }
        // Ranges are expressions of their own, but count as parts of the one that is being written out.
        let (inlined, outermost, written) = (self.inlined, self.outermost, self.terms);
        let open = self.is_open(each, scope);
        let known = !open && self.is_known(each, scope);
        let combinations = if known { self.index_combinations(each, scope) } else { None };
        (self.inlined, self.outermost, self.terms) = (inlined, outermost, written);
        let mut inside = scope.clone();
        if open {
            // An argument of a function, which has a value in each call.
            for range in &each.indices {
                let index = Local { value: Typed::unknown(), ..index_local(0, range.name.span) };
                inside.indices.insert(range.name.node.clone(), index);
            }
            let value = self.expression(term, &inside);
            let kind = if over.function.node == "product" { Type::Unknown } else { value.kind };
            return Typed { kind, ..Typed::unknown() };
        }
        let Some((combinations, cost)) = combinations else { return Typed::unknown() };
        self.terms += cost;
        if self.terms > MOST_TERMS {
            let place = self.outermost;
            self.too_many_terms("this expression comes", place, "too many");
            return Typed::unknown();
        }
        let mut terms = Vec::with_capacity(combinations.len());
        let mut nodes = 0;
        for values in &combinations {
            for (range, value) in each.indices.iter().zip(values) {
                inside.indices.insert(range.name.node.clone(), index_local(*value, range.name.span));
            }
            let value = self.expression(term, &inside);
            if value.is_unknown() {
                return value;
            }
            nodes += value.nodes;
            terms.push(value);
            if nodes > LARGEST {
                self.error("E0212", "this sum is too large once its terms are written out", span, "too large");
                return Typed::unknown();
            }
        }
        self.joined(&over.function, &terms, term.span, span)
    }

    /// More is to be written out than makes sense.
    pub(crate) fn too_many_terms(&mut self, what: &str, span: Span, label: &str) {
        let title = format!("{what} to more than {MOST_TERMS} terms once its sums and arrays are written out");
        let error = Diagnostic::error("E0540", title, span, label);
        self.push(error.hint(
            "each has code of its own: what many things have in common is a population, and a sum over it a projection",
        ));
    }

    /// A `for` has more combinations than can be tried.
    pub(crate) fn too_many_tried(&mut self, span: Span) {
        let title = format!("more than {MOST_TRIED} combinations of indices are to be tried");
        let error = Diagnostic::error("E0540", title, span, "too many");
        self.push(error.hint("let ranges leave out what `where` does: `for a in 0..n, b in a..n`"));
    }

    /// Terms as one value, from the left.
    fn joined(&mut self, function: &Name, terms: &[Typed], at: Span, span: Span) -> Typed {
        let (operation, extreme) = match function.node.as_str() {
            "sum" => (Some(BinaryOp::Add), Function::Min),
            "product" => (Some(BinaryOp::Multiply), Function::Min),
            "min" => (None, Function::Min),
            _ => (None, Function::Max),
        };
        let Some((first, rest)) = terms.split_first() else {
            return match operation {
                Some(BinaryOp::Add) => Typed::leaf(Expr::Number(0.0), Type::Zero),
                Some(_) => Typed::leaf(Expr::Number(1.0), Type::pure()),
                None => {
                    let title = format!("`{}` of nothing has no value", function.node);
                    self.error("E0488", title, span, "an empty range");
                    Typed::unknown()
                }
            };
        };
        if terms.iter().any(Typed::is_unknown) {
            return Typed::unknown();
        }
        let what = format!("a term of `{}`", function.node);
        if !terms.iter().all(|term| self.numeric(term, at, &what)) {
            return Typed::unknown();
        }
        let fixed = terms.iter().all(|term| matches!(term.expr, Expr::Number(_)));
        let tallest = terms.iter().map(|term| term.height).max().unwrap_or(0);
        if !fixed && u64::from(tallest) + rest.len() as u64 > u64::from(HIGHEST) {
            let title = format!("`{}` of {} terms is too long for one", function.node, terms.len());
            let error = Diagnostic::error("E0540", title, span, "each term follows from the one before");
            self.push(error.hint(
                "make it a sum of sums: `sum(sum(x[20 * a + b] for b in 0..20) for a in 0..20)` has 400 terms, 40 in a row",
            ));
            return Typed::unknown();
        }
        let mut whole = first.clone();
        for term in rest {
            let what = format!("the terms of `{}`", function.node);
            let kind = match operation {
                Some(BinaryOp::Multiply) => self.product(&whole.kind, &term.kind, 1, span),
                _ => self.same(&whole, term, (at, at), &what),
            };
            whole = self.built(&[whole, term.clone()], kind, span, |[a, b]| match (operation, &a, &b) {
                (Some(op), Expr::Number(x), Expr::Number(y)) => Expr::Number(binary(op, *x, *y)),
                (None, Expr::Number(x), Expr::Number(y)) => Expr::Number(call(extreme, *x, *y)),
                (Some(op), ..) => Expr::Binary(op, Rc::new(a), Rc::new(b)),
                (None, ..) => Expr::Call(extreme, vec![a, b]),
            });
            if whole.is_unknown() {
                break;
            }
        }
        whole
    }

    /// Whether a range follows from an argument that has no value yet.
    fn is_open(&mut self, each: &Comprehension, scope: &Scope) -> bool {
        let mut open = false;
        of_comprehension(Some(each), &mut |expr| open |= self.without_value(expr, scope));
        open
    }

    /// Whether an expression names what has no value yet, or follows from it: an argument of a function that is being declared, a
    /// parameter without a default of a network that is checked by itself. What is named is used.
    pub(crate) fn without_value(&self, expr: &ast::Expr, scope: &Scope) -> bool {
        let mut open = false;
        mentioned(expr, &mut |name, _| {
            let local = scope.indices.get(name).or_else(|| scope.locals.get(name));
            if let Some(local) = local.filter(|local| self.is_unset(&local.value.expr)) {
                local.used.set(true);
                open = true;
            }
        });
        open
    }

    fn is_unset(&self, value: &Expr) -> bool {
        let mut unset = false;
        walk(value, &mut |part| {
            unset |= match part {
                Expr::Number(number) => number.is_nan(),
                Expr::Parameter(index) => self.parameters.get(index.0).is_some_and(|p| self.is_unset(&p.value)),
                _ => false,
            };
        });
        unset
    }

    /// Reports a range that follows from a parameter which can be set while the network runs.
    fn is_known(&mut self, each: &Comprehension, scope: &Scope) -> bool {
        let mut changes = None;
        of_comprehension(Some(each), &mut |expr| {
            mentioned(expr, &mut |name, _| {
                let local = scope.locals.get(name).filter(|_| !scope.indices.contains_key(name));
                let set =
                    local.is_some_and(|l| l.role == Role::Parameter && matches!(l.value.expr, Expr::Parameter(_)));
                if set && changes.is_none() {
                    changes = Some((name.to_owned(), expr.span));
                }
            });
        });
        let Some((name, span)) = changes else { return true };
        let title = "how many terms there are must be known before the run";
        let error = Diagnostic::error("E0210", title, span, format!("`{name}` can change at run time"));
        self.push(error.hint(format!("declare it as a whole number: `{name} : count = …`")));
        false
    }

    /// The combinations of indices of a `for`, the last index fastest, and as how many terms they count: those that `where`
    /// leaves out have been tried as well. `None` if something is wrong with it.
    pub(crate) fn index_combinations(
        &mut self,
        each: &Comprehension,
        scope: &Scope,
    ) -> Option<(Vec<Combination>, u64)> {
        let (mut found, mut tried) = (Vec::new(), 0);
        self.combined(each, &mut Vec::new(), &mut scope.clone(), &mut found, &mut tried)?;
        let cost = (found.len() as u64).max(tried * MOST_TERMS / MOST_TRIED);
        Some((found, cost))
    }

    fn combined(
        &mut self,
        each: &Comprehension,
        values: &mut Combination,
        scope: &mut Scope,
        found: &mut Vec<Combination>,
        tried: &mut u64,
    ) -> Option<()> {
        let Some(range) = each.indices.get(values.len()) else {
            if self.passes(each.filter.as_ref(), scope)? {
                found.push(values.clone());
            }
            return Some(());
        };
        if let Some(first) = each.indices[..values.len()].iter().find(|r| r.name.node == range.name.node) {
            let title = format!("index `{}` is declared twice", range.name.node);
            let error = Diagnostic::error("E0491", title, range.name.span, "again here");
            self.push(error.also(first.name.span, "first here"));
            return None;
        }
        let errors = self.report.errors();
        let (first, last) = self.index_values(range, scope)?;
        if self.report.errors() > errors {
            return None;
        }
        for value in first..last {
            *tried += 1;
            if *tried > MOST_TRIED {
                self.too_many_tried(each.span);
                return None;
            }
            if found.len() as u64 > MOST_TERMS {
                self.too_many_terms("this comes", each.span, "too many combinations");
                return None;
            }
            scope.indices.insert(range.name.node.clone(), index_local(value, range.name.span));
            values.push(value);
            let fine = self.combined(each, values, scope, found, tried);
            values.pop();
            scope.indices.remove(&range.name.node);
            fine?;
        }
        Some(())
    }

    /// The parameters of a model, of type `count`, that decide how many terms its sums have: numbers before the run.
    pub(crate) fn counts_in_ranges(&self, members: &Members<'_>, file: FileId) -> Vec<String> {
        let counts = || members.parameters.iter().filter(|b| b.unit.as_ref().is_some_and(is_count));
        if counts().next().is_none() {
            return Vec::new();
        }
        let mut names = Vec::new();
        let mut look = |expr: &ast::Expr| self.names_in_ranges(expr, file, &mut names);
        let bindings = [&members.parameters, &members.states, &members.lets, &members.outputs];
        bindings.into_iter().flatten().filter_map(|b| b.value.as_ref()).for_each(&mut look);
        members.components.into_iter().flat_map(|given| given.values()).flatten().for_each(&mut look);
        members.equations.iter().for_each(|e| look(&e.derivative));
        members.recurrences.iter().for_each(|r| look(&r.value));
        members.bounds.iter().for_each(|b| [&b.low, &b.high].into_iter().for_each(&mut look));
        for rule in &members.spikes {
            look(&rule.condition);
            of_statements(&rule.actions, &mut look);
        }
        for handler in members.handlers.iter().chain(&members.post_handlers) {
            of_statements(&handler.actions, &mut look);
        }
        names.retain(|name| counts().any(|b| b.name.node == *name));
        names
    }

    /// Adds what decides on the ranges of sums in an expression of a file, also of sums in functions that it calls.
    fn names_in_ranges(&self, expr: &ast::Expr, file: FileId, names: &mut Vec<String>) {
        each_part(expr, &mut |part| match &part.kind {
            ExprKind::Over(over) => of_comprehension(over.each.as_ref(), &mut |range| {
                mentioned(range, &mut |name, _| names.push(name.to_owned()));
            }),
            ExprKind::Call(function, arguments) if self.goes_over(&function.node, file, &mut BTreeSet::new()) => {
                for argument in arguments {
                    mentioned(argument, &mut |name, _| names.push(name.to_owned()));
                }
            }
            _ => {}
        });
    }

    /// Whether a function, or one that it calls, has a sum in it.
    fn goes_over(&self, name: &str, file: FileId, seen: &mut BTreeSet<(FileId, String)>) -> bool {
        if functions::function(name).is_some() && !functions::is_open(name) {
            return false;
        }
        let Some((_, declared)) = self.program.find(file, name) else { return false };
        let Item::Function(function) = &*declared.item else { return false };
        if !seen.insert((declared.file, name.to_owned())) {
            return false;
        }
        let mut found = false;
        let mut look = |expr: &ast::Expr| {
            each_part(expr, &mut |part| match &part.kind {
                ExprKind::Over(_) => found = true,
                ExprKind::Call(inner, _) => found |= self.goes_over(&inner.node, declared.file, seen),
                _ => {}
            });
        };
        function.lets.iter().filter_map(|binding| binding.value.as_ref()).for_each(&mut look);
        look(&function.body);
        found
    }
}

/// Calls `found` with an expression and every one in it. As deep as the expression, which the parser bounds.
pub(crate) fn each_part(expr: &ast::Expr, found: &mut dyn FnMut(&ast::Expr)) {
    found(expr);
    expr.for_each_part(&mut |part| each_part(part, found));
}

/// Calls `found` with every expression of some statements.
pub(crate) fn of_statements(statements: &[Statement], found: &mut dyn FnMut(&ast::Expr)) {
    for statement in statements {
        match statement {
            Statement::Assign { value, .. } | Statement::Transmit { value, .. } => found(value),
            Statement::Let(binding) => binding.value.iter().for_each(&mut *found),
            Statement::If { branches, otherwise, .. } => {
                for (condition, inside) in branches {
                    found(condition);
                    of_statements(inside, found);
                }
                of_statements(otherwise, found);
            }
            Statement::For { each, body, .. } => {
                of_comprehension(Some(each), found);
                of_statements(body, found);
            }
            Statement::Refractory { duration, clamp, .. } => {
                found(duration);
                clamp.iter().for_each(|(_, value)| found(value));
            }
        }
    }
}
