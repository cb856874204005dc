//! From a written expression to a typed one: names are looked up, functions inlined, units checked
//! and erased, arithmetic on numbers carried out.

use crate::expressions::checker::{Checker, given_label};
use crate::expressions::evaluate::{binary, evaluate};
use crate::expressions::scope::{Scope, Type, Typed};
use crate::expressions::units::{Ratio, Unit};
use crate::expressions::whole::quotient_of_index;
use crate::model::{BinaryOp, Expr, UnaryOp};
use crate::models::elements::{element_key, firsts, indices_are};
use crate::networks::place::is_array;
use crate::program::modules::{describe, list};
use bpc_syntax::ast::{self, ExprKind, Item};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::foreign::foreign;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;
use bpc_syntax::units_table;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Nesting of calls and operators while checking.
const DEEPEST: u32 = 512;
/// Height of a checked expression, with the lets that it refers to: all that recurses over it needs as much stack.
pub(crate) const HIGHEST: u32 = 1024;
/// Nodes of a checked expression, as a tree.
pub(crate) const LARGEST: u64 = 100_000;

impl Checker<'_> {
    /// Checks an expression.
    pub(crate) fn expression(&mut self, expr: &ast::Expr, scope: &Scope) -> Typed {
        if self.depth >= DEEPEST {
            self.error("E0212", "this expression is nested too deeply", expr.span, "too deep");
            return Typed::unknown();
        }
        self.depth += 1;
        let typed = self.expression_kind(expr, scope);
        self.depth -= 1;
        typed
    }

    fn expression_kind(&mut self, expr: &ast::Expr, scope: &Scope) -> Typed {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Number { text, unit } => self.number(text, unit.as_ref(), span, scope),
            ExprKind::Bool(value) => Typed::leaf(Expr::Bool(*value), Type::Truth),
            ExprKind::Name(name) => self.name(name, span, scope),
            ExprKind::Member(owner, member) if owner.node.is_empty() => self.declared(&member.node, span, scope),
            ExprKind::Member(owner, member) => self.member(owner, member, scope),
            ExprKind::Located(place) => self.located(place, scope),
            ExprKind::Unary(op, operand) => self.unary(*op, operand, scope),
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, span, scope),
            ExprKind::Call(name, arguments) => self.call(name, arguments, span, scope),
            ExprKind::Element(name, places) => self.element(name, places, span, scope),
            ExprKind::If(condition, yes, no) => {
                let condition_value = self.expression(condition, scope);
                let (a, b) = (self.expression(yes, scope), self.expression(no, scope));
                self.truth(&condition_value, condition.span, "the condition of `if`");
                let kind = self.same(&a, &b, (yes.span, no.span), "the two branches of `if`");
                let parts = [&condition_value, &a, &b].map(Clone::clone);
                self.built(&parts, kind, span, |[c, a, b]| match c {
                    Expr::Bool(true) => a,
                    Expr::Bool(false) => b,
                    c => Expr::If(Rc::new(c), Rc::new(a), Rc::new(b)),
                })
            }
            ExprKind::Crosses(left, right) => self.crosses(left, right, span, scope),
            ExprKind::Table(table) => self.table(table, span, scope),
            ExprKind::Over(over) => self.over(over, span, scope),
            ExprKind::List(_) => {
                let error = Diagnostic::error("E0542", "a list is no value", span, "several values");
                self.push(error.hint("where an array is declared or given: `param tau[2] = [5 ms, 10 ms]`; a value for each neuron is an element of data, `data a = [0.1, 0.02]` and `{ a = a[i] }`"));
                Typed::unknown()
            }
            ExprKind::Chosen(chosen) => self.chosen_element(chosen, span, scope),
            ExprKind::CallElement(name, places, arguments) => {
                self.element(name, places, span, scope);
                arguments.iter().for_each(|argument| {
                    self.expression(argument, scope);
                });
                Typed::unknown()
            }
            ExprKind::Error => Typed::unknown(),
        }
    }

    /// Puts parts together, unless the whole gets too large.
    pub(crate) fn built<const N: usize>(
        &mut self,
        parts: &[Typed; N],
        kind: Type,
        span: Span,
        build: impl FnOnce([Expr; N]) -> Expr,
    ) -> Typed {
        let nodes = parts.iter().fold(1u64, |sum, p| sum.saturating_add(p.nodes));
        let height = 1 + parts.iter().map(|p| p.height).max().unwrap_or(0);
        if nodes > LARGEST || height > HIGHEST {
            self.error("E0212", "this expression is too large once its functions are inlined", span, "too large");
            return Typed::unknown();
        }
        let expr = build(parts.each_ref().map(|p| p.expr.clone()));
        match expr {
            Expr::Number(_) | Expr::Bool(_) => Typed::leaf(expr, kind),
            expr => Typed { expr, kind, nodes, height },
        }
    }

    /// A reference to the let number `index`, which is `height` nodes high.
    pub(crate) fn let_leaf(&mut self, index: usize, kind: Type, height: u32, span: Span) -> Typed {
        if height >= HIGHEST {
            self.error("E0212", "too many definitions lead from one to the next", span, "too deep");
            return Typed::unknown();
        }
        // It is evaluated once, so it counts as one node.
        Typed { expr: Expr::Let(index), kind, nodes: 1, height: height + 1 }
    }

    fn number(&mut self, text: &str, unit: Option<&ast::Unit>, span: Span, scope: &Scope) -> Typed {
        let (value, kind) = match unit {
            None => {
                let value = text.parse::<f64>().unwrap_or(f64::NAN);
                (value, if value == 0.0 { Type::Zero } else { Type::pure() })
            }
            Some(written) => {
                self.misleading(written, span, scope);
                let Some(unit) = self.unit(written, None) else { return Typed::unknown() };
                (unit.convert(text), Type::Number(unit))
            }
        };
        if !value.is_finite() {
            self.error("E0306", "this number is too large", span, "larger than about 1.8e308");
            return Typed::unknown();
        }
        Typed::leaf(Expr::Number(value), kind)
    }

    /// Reports `10 mV/m` where `m` is a name too: units would often agree with either.
    fn misleading(&mut self, unit: &ast::Unit, span: Span, scope: &Scope) {
        for factor in unit.factors.iter().skip(1) {
            let name = &factor.symbol.node;
            let local = scope.locals.get(name).map(|l| l.span);
            if let Some(declared) = local.or_else(|| self.program.scopes.get(&span.file)?.get(name).map(|v| v.span)) {
                let text = self.text(span);
                let symbol = factor.symbol.span;
                let sign = Span { start: symbol.start.saturating_sub(1), end: symbol.start, ..symbol };
                let operator = if self.text(sign) == "*" { "*" } else { "/" };
                let error = Diagnostic::error(
                    "E0311",
                    format!("`{name}` in `{text}` is a unit, and also declared here"),
                    factor.symbol.span,
                    "the unit, or the name?",
                );
                self.push(error.also(declared, "this name").hint(format!(
                    "for the value put spaces around the operator, ` {operator} {name}`; for the unit write it otherwise, as \
                     `ms` for `s` or `mV` for `V`, or rename what is declared"
                )));
            }
        }
    }

    fn name(&mut self, name: &str, span: Span, scope: &Scope) -> Typed {
        if let Some(local) = scope.indices.get(name).or_else(|| scope.locals.get(name)) {
            local.used.set(true);
            self.one_meaning((name, span), local, scope);
            return local.value.clone();
        }
        if let Some(reason) = scope.hidden.get(name) {
            self.error("E0210", format!("`{name}` cannot be used here"), span, reason.clone());
            return Typed::unknown();
        }
        if scope.data.contains_key(name) {
            let error = Diagnostic::error("E0465", format!("`{name}` is data, not one value"), span, "this is data");
            self.push(error.hint(format!("choose an element: `{name}[i]`")));
            return Typed::unknown();
        }
        if let Some(ranges) = scope.lists.get(name) {
            let error =
                Diagnostic::error("E0486", format!("`{name}` is a list: which of its values?"), span, "no index");
            self.push(error.hint(format!("write `{}`; {}", element_key(name, &firsts(ranges)), indices_are(ranges))));
            return Typed::unknown();
        }
        self.declared(name, span, scope)
    }

    /// What the file in which a name is written declares, or what it means everywhere.
    fn declared(&mut self, name: &str, span: Span, scope: &Scope) -> Typed {
        let declared = self.program.find(span.file, name).map(|(id, d)| (id, d.item.clone()));
        match declared {
            Some((id, item)) if matches!(&*item, Item::Constant(_)) => {
                self.one_meaning_of_constant((name, span), &item, scope);
                return self.constant(id, span);
            }
            Some((_, item)) if matches!(&*item, Item::Data(_)) => {
                let error =
                    Diagnostic::error("E0465", format!("`{name}` is data, not one value"), span, "this is data");
                self.push(error.hint(format!("choose an element: `{name}[i]`")));
                return Typed::unknown();
            }
            Some((_, item)) => {
                let error = Diagnostic::error(
                    "E0210",
                    format!("`{name}` is not a value"),
                    span,
                    format!("this is {}", describe(&item)),
                );
                self.push(match &*item {
                    Item::Function(_) => error.hint(format!("call it: `{name}(…)`")),
                    _ => error,
                });
                return Typed::unknown();
            }
            None if self.program.is_missing(span.file, name) => return Typed::unknown(),
            None => {}
        }
        let permits = scope.permits;
        let index = |expr| Typed::leaf(expr, Type::pure());
        match name {
            "pi" => Typed::number(std::f64::consts::PI, Unit::none()),
            "dt" => Typed::number(self.dt, Unit::named("ms")),
            "t" if permits.time => Typed::leaf(Expr::Time, Type::Number(Unit::named("ms"))),
            "xi" if permits.noise => {
                let stream = self.draws;
                self.draws += 1;
                let per_root_time =
                    Ratio::new(-1, 2).and_then(|half| Unit::none().times_power(&Unit::named("ms"), half));
                Typed::leaf(Expr::Noise(stream), Type::Number(per_root_time.unwrap_or_else(Unit::none)))
            }
            "i" if permits.pair => index(Expr::SourceIndex),
            "j" if permits.pair => index(Expr::Index),
            "i" if permits.index || permits.neuron => index(Expr::Index),
            "k" if permits.number => index(Expr::PairIndex),
            "t" => {
                self.error(
                    "E0210",
                    "the time `t` cannot be used here",
                    span,
                    "this does not change while the network runs",
                );
                Typed::unknown()
            }
            _ => {
                self.unknown_name(name, span, scope);
                Typed::unknown()
            }
        }
    }

    fn unknown_name(&mut self, name: &str, span: Span, scope: &Scope) {
        if self.report.is_full() {
            return;
        }
        let error = Diagnostic::error("E0201", format!("there is no `{name}` here"), span, "not declared");
        let prefix = format!("{name}.");
        if scope.starting(&prefix).next().is_some() {
            let error = Diagnostic::error("E0210", format!("`{name}` is not a value"), span, "has no value itself");
            let members = scope.starting(&prefix).take(12);
            self.push(error.hint(format!("it has {}", list(members.map(|m| format!("{name}.{m}"))))));
            return;
        }
        let declared = self.program.names(span.file, |item| matches!(item, Item::Constant(_)));
        let locals = scope.locals.keys().map(String::as_str).filter(|n| !n.contains('.'));
        let near = closest(name, locals.chain(declared));
        let error = match (name, near) {
            ("i", _) => error.hint("`i` and `j` are known where each neuron or each synapse has a value of its own (`init`, `weight ~`, `delay ~`, parameters); a model has it as a parameter: `param idx = 0`, and `{ idx = i }` where it is used"),
            ("j", _) => error.hint("`i` and `j` are known where each neuron or each synapse has a value of its own (`init`, `weight ~`, `delay ~`, parameters of synapses)"),
            ("k", _) => error.hint("`k` is the number of a connection that `connect pairs(…)` lists, in `weight ~` and `delay ~`"),
            ("xi", _) => error.hint("white noise stands in the equation of a state: `V' = … + sigma * xi`"),
            _ if name.ends_with('\'') => error.hint(format!(
                "a derivative has a value where the equation is of a higher order, `{name}' = …`; else give its right side a name with `let`"
            )),
            ("kernel", _) if scope.permits.pair => error.hint("an element of a kernel is known with `connect convolution(…)`"),
            _ if let Some(instead) = foreign(name) => error.hint(instead),
            (_, Some(near)) => error.hint(format!("did you mean `{near}`?")),
            (_, None) if units_table::lookup(name).is_some() => error.hint(format!(
                "`{name}` is a unit; a unit stands right after a number, without `*`: write `20 {name}` for `20*{name}`, `0.32 {name}^-1` for `0.32/{name}`, `1 {name}` for `{name}`"
            )),
            (_, None) => error,
        };
        self.push(error);
    }

    pub(crate) fn member(&mut self, owner: &ast::Name, member: &ast::Name, scope: &Scope) -> Typed {
        let full = format!("{}.{}", owner.node, member.node);
        let span = owner.span.to(member.span);
        if let Some(local) = scope.member(&full) {
            local.used.set(true);
            self.one_meaning_of_member((&full, span), local, scope);
            return local.value.clone();
        }
        if let Some(found) = self.data_named(&owner.node, scope) {
            let Some(known) = found else { return Typed::unknown() };
            if let Some(length) = known.member(&member.node) {
                return Typed::number(length as f64, Unit::none());
            }
            let title = format!("`{}` has no `{}`", owner.node, member.node);
            let error = Diagnostic::error("E0207", title, member.span, "not a member of it");
            self.push(error.hint(format!("it has {}", list(known.members()))));
            return Typed::unknown();
        }
        let elements: Vec<String> = scope.starting(&format!("{full}[")).map(|rest| format!("{full}[{rest}")).collect();
        if is_array(&elements, &full) {
            self.which_of_them(&full, span, &elements);
            return Typed::unknown();
        }
        if let Some(reason) = scope.reason(&full) {
            self.error("E0210", format!("`{full}` cannot be used here"), span, reason.clone());
            return Typed::unknown();
        }
        self.unknown_member(&full, (owner, span), scope);
        Typed::unknown()
    }

    /// A name with dots in it that means nothing: says how far it is known.
    fn unknown_member(&mut self, full: &str, (owner, span): (&ast::Name, Span), scope: &Scope) {
        let mut dots = full.rmatch_indices('.').map(|(at, _)| at);
        let Some(at) = dots.find(|&at| scope.starting(&full[..=at]).next().is_some()) else {
            let owners = scope.starting("").filter_map(|k| k.rsplit_once('.')).map(|(o, _)| o);
            let error =
                Diagnostic::error("E0201", format!("there is no `{}` here", owner.node), owner.span, "not declared");
            self.push(match closest(&owner.node, owners) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            });
            return;
        };
        let (known, rest) = (&full[..at], &full[at + 1..]);
        // Of `V1.X.tau`, it is `X` that is missing, unless that is a value.
        let first = rest.split_once('.').map_or(rest, |(first, _)| first);
        let missing = if scope.member(&format!("{known}.{first}")).is_some() { rest } else { first };
        let prefix = format!("{known}.");
        let whole = missing.contains('.') || missing == rest;
        let parts = scope.starting(&prefix).map(|m| if whole { m } else { m.split_once('.').map_or(m, |(m, _)| m) });
        let members: BTreeSet<&str> = parts.collect();
        let at = self.end_of(span, missing).unwrap_or(span);
        let error = Diagnostic::error("E0207", format!("`{known}` has no `{missing}`"), at, "not declared");
        self.push(match closest(missing, members.iter().copied()) {
            Some(near) => error.hint(format!("did you mean `{prefix}{near}`?")),
            None => error.hint(format!("it has {}", list(members.iter().take(12)))),
        });
    }

    /// Where a name stands at the end of a place.
    fn end_of(&self, span: Span, name: &str) -> Option<Span> {
        let length = u32::try_from(name.len()).ok()?;
        self.text(span).ends_with(name).then(|| Span { start: span.end - length, ..span })
    }

    fn unary(&mut self, op: UnaryOp, operand: &ast::Expr, scope: &Scope) -> Typed {
        let value = self.expression(operand, scope);
        let kind = match op {
            UnaryOp::Negate => {
                self.numeric(&value, operand.span, "`-`");
                value.kind.clone()
            }
            UnaryOp::Not => {
                self.truth(&value, operand.span, "`not`");
                Type::Truth
            }
        };
        self.built(&[value], kind, operand.span, |[x]| match (op, x) {
            (UnaryOp::Negate, Expr::Number(x)) => Expr::Number(-x),
            (UnaryOp::Not, Expr::Bool(x)) => Expr::Bool(!x),
            (op, x) => Expr::Unary(op, Rc::new(x)),
        })
    }

    fn binary(&mut self, op: BinaryOp, left: &ast::Expr, right: &ast::Expr, span: Span, scope: &Scope) -> Typed {
        let a = self.expression(left, scope);
        let b = self.expression(right, scope);
        let spans = (left.span, right.span);
        let kind = match op {
            BinaryOp::Add | BinaryOp::Subtract => {
                self.same(&a, &b, spans, &format!("the two sides of `{}`", symbol(op)))
            }
            BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual
            | BinaryOp::Equal
            | BinaryOp::NotEqual => {
                self.numeric(&a, left.span, "a comparison");
                self.numeric(&b, right.span, "a comparison");
                self.same(&a, &b, spans, &format!("the two sides of `{}`", symbol(op)));
                let equality = matches!(op, BinaryOp::Equal | BinaryOp::NotEqual);
                if equality && [&a, &b].into_iter().all(|side| quotient_of_index(&side.expr)) {
                    let title = "quotients of indices are compared, which are no whole numbers";
                    let warning = Diagnostic::warning("W0704", title, span, "1 / 10 is 0.1 here, not 0");
                    self.push(warning.hint("a division that leaves out the rest is `floor(i / 10)`"));
                }
                Type::Truth
            }
            BinaryOp::And | BinaryOp::Or => {
                let what = format!("`{}`", symbol(op));
                self.truth(&a, left.span, &what);
                self.truth(&b, right.span, &what);
                Type::Truth
            }
            BinaryOp::Multiply | BinaryOp::Divide => {
                let fine = self.numeric(&a, left.span, "arithmetic") & self.numeric(&b, right.span, "arithmetic");
                if op == BinaryOp::Divide && fine && self.is_zero(&b, right.span) {
                    return Typed::unknown();
                }
                if op == BinaryOp::Divide {
                    self.unit_below(left, right, span);
                }
                self.product(&a.kind, &b.kind, if op == BinaryOp::Divide { -1 } else { 1 }, span)
            }
            BinaryOp::Power => {
                let fine = self.numeric(&a, left.span, "arithmetic") & self.numeric(&b, right.span, "arithmetic");
                if fine { self.power(&a, &b, left.span, right.span) } else { Type::Unknown }
            }
        };
        self.built(&[a, b], kind, span, |[a, b]| match (&a, &b) {
            (Expr::Number(x), Expr::Number(y)) => {
                let value = binary(op, *x, *y);
                match op {
                    BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Power => {
                        Expr::Number(value)
                    }
                    _ => Expr::Bool(value != 0.0),
                }
            }
            _ => Expr::Binary(op, Rc::new(a), Rc::new(b)),
        })
    }

    pub(crate) fn product(&mut self, a: &Type, b: &Type, exponent: i64, span: Span) -> Type {
        match (a, b) {
            (Type::Number(a), Type::Number(b)) => match Ratio::new(exponent, 1).and_then(|e| a.times_power(b, e)) {
                Some(unit) => Type::Number(unit),
                None => {
                    self.error("E0310", "the exponents of the unit of this are too large", span, "too large");
                    Type::Unknown
                }
            },
            (Type::Zero, Type::Number(_) | Type::Zero) | (Type::Number(_), Type::Zero) => Type::Zero,
            _ => Type::Unknown,
        }
    }

    /// Warns of `1/3 mV^-1`: the unit belongs to the 3, and is turned round with it.
    fn unit_below(&mut self, above: &ast::Expr, below: &ast::Expr, span: Span) {
        let (ast::ExprKind::Number { text, unit: None }, ast::ExprKind::Number { text: other, unit: Some(unit) }) =
            (&above.kind, &below.kind)
        else {
            return;
        };
        let parenthesised = below.span.end > unit.span.end;
        if parenthesised || unit.factors.is_empty() || unit.factors.iter().any(|factor| factor.exponent.0 > 0) {
            return;
        }
        let written = |factor: &ast::UnitFactor| match factor.exponent {
            (-1, 1) => format!("{}^-1", factor.symbol.node),
            (n, 1) => format!("{}^{n}", factor.symbol.node),
            (n, d) => format!("{}^({n}/{d})", factor.symbol.node),
        };
        let unit = unit.factors.iter().map(written).collect::<Vec<_>>().join("*");
        let title = format!("`{text}/{other} {unit}` divides by the unit too");
        let warning = Diagnostic::warning("W0710", title, span, format!("this is {text} / ({other} {unit})"));
        self.push(warning.hint(format!(
            "a fraction with this unit is `{text}/{other} * 1 {unit}`; if the quotient is meant, put `({other} {unit})` in parentheses"
        )));
    }

    fn power(&mut self, base: &Typed, exponent: &Typed, base_span: Span, exponent_span: Span) -> Type {
        match &exponent.kind {
            Type::Unknown => return Type::Unknown,
            Type::Number(unit) if !unit.dimension.is_none() => {
                let error = Diagnostic::error(
                    "E0304",
                    format!("an exponent must be a pure number, not {}", unit.describe()),
                    exponent_span,
                    given_label(unit),
                );
                self.push(error.hint("divide it by a reference value of the same unit"));
                return Type::Unknown;
            }
            _ => {}
        }
        let unit = match &base.kind {
            Type::Number(unit) if !unit.dimension.is_none() => unit,
            other => return other.clone(),
        };
        let Expr::Number(value) = exponent.expr else {
            let error = Diagnostic::error(
                "E0304",
                format!("a base in {} needs an exponent that is a constant", unit.describe()),
                exponent_span,
                "this can change",
            );
            self.push(
                error.also(base_span, given_label(unit)).hint(
                    "divide the base by a reference value of the same unit; one that goes with the weight is declared with its unit: \
                     `param w_max : unit(w)`",
                ),
            );
            return Type::Unknown;
        };
        let Some(ratio) = Ratio::from_number(value) else {
            let error = Diagnostic::error(
                "E0304",
                format!("a base in {} needs an exponent that is a small fraction", unit.describe()),
                exponent_span,
                format!("this is {value}"),
            );
            self.push(error.also(base_span, given_label(unit)));
            return Type::Unknown;
        };
        match unit.power(ratio) {
            Some(unit) => Type::Number(unit),
            None => {
                self.error(
                    "E0310",
                    "the exponents of the unit of this are too large",
                    base_span.to(exponent_span),
                    "too large",
                );
                Type::Unknown
            }
        }
    }

    /// Whether a denominator is zero with the defaults; reports it if so.
    fn is_zero(&mut self, denominator: &Typed, span: Span) -> bool {
        if denominator.is_unknown() || evaluate(&denominator.expr, &self.parameters) != Some(0.0) {
            return false;
        }
        let mut zero = None;
        crate::expressions::evaluate::walk(&denominator.expr, &mut |e| {
            if let Expr::Parameter(id) = e
                && self.parameters[id.0].default == 0.0
            {
                zero = zero.or(Some(*id));
            }
        });
        let error = match zero {
            Some(id) => {
                let parameter = &self.parameters[id.0];
                Diagnostic::error(
                    "E0309",
                    format!("`{}` is zero, but something is divided by it", parameter.name),
                    parameter.span,
                    "zero",
                )
                .also(span, "divided by here")
            }
            None => Diagnostic::error("E0309", "division by zero", span, "this is zero"),
        };
        self.push(error);
        true
    }

    /// The common type of two values; reports it if there is none.
    pub(crate) fn same(&mut self, a: &Typed, b: &Typed, (left, right): (Span, Span), what: &str) -> Type {
        match (&a.kind, &b.kind) {
            (Type::Unknown, other) | (other, Type::Unknown) => match other {
                Type::Truth => Type::Truth,
                _ => Type::Unknown,
            },
            (Type::Truth, Type::Truth) => {
                if what.starts_with("the two sides") {
                    self.error("E0307", format!("{what} must be numbers"), left, "this is true or false");
                    return Type::Unknown;
                }
                Type::Truth
            }
            (Type::Truth, _) | (_, Type::Truth) => {
                let at = if matches!(a.kind, Type::Truth) { (left, right) } else { (right, left) };
                let error = Diagnostic::error(
                    "E0307",
                    format!("{what} are a number and a truth value"),
                    at.0,
                    "this is true or false",
                );
                self.push(error.also(at.1, "this is a number"));
                Type::Unknown
            }
            (Type::Zero, other) | (other, Type::Zero) => other.clone(),
            (Type::Number(x), Type::Number(y)) => {
                if x.dimension == y.dimension || y.dimension.is_open() {
                    return a.kind.clone();
                }
                if x.dimension.is_open() {
                    return b.kind.clone();
                }
                let title = if what.starts_with("the two sides") {
                    format!(
                        "{what} have different units: left side is {}, right side is {}",
                        x.describe(),
                        y.describe()
                    )
                } else {
                    format!("{what} have different units: {} and {}", x.describe(), y.describe())
                };
                self.push(Diagnostic::error("E0301", title, left, given_label(x)).also(right, given_label(y)));
                Type::Unknown
            }
        }
    }

    /// Whether it is a number; reports it if not.
    pub(crate) fn numeric(&mut self, value: &Typed, span: Span, what: &str) -> bool {
        if matches!(value.kind, Type::Truth) {
            self.error("E0307", format!("{what} needs a number, not a truth value"), span, "this is true or false");
        }
        !matches!(value.kind, Type::Truth)
    }

    /// Whether it is a truth value; reports it if not.
    pub(crate) fn truth(&mut self, value: &Typed, span: Span, what: &str) -> bool {
        let fine = matches!(value.kind, Type::Truth | Type::Unknown);
        if !fine {
            let error = Diagnostic::error(
                "E0307",
                format!("{what} needs a truth value, not a number"),
                span,
                "this is a number",
            );
            self.push(error.hint("compare it with something: `x > 0`"));
        }
        fine
    }
}

/// As it is written.
pub(crate) fn symbol(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Power => "^",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
    }
}
