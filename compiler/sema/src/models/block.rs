//! Blocks of statements: what follows `spike when …`, `every …` and `on …`.
//!
//! A `let` keeps a value as it is where it stands. An `if` becomes changes under a condition: `if c { x += a }` is
//! `x += if c then a else 0`, and what all statements in a branch depend on is one value, kept where the `if` stands.
//! So below this nothing knows of branches.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Role, Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::model::{BinaryOp, Expr, UnaryOp};
use crate::models::events::increment;
use crate::program::modules::twice;
use bpc_syntax::ast::{self, AssignOp, Binding, Statement};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::rc::Rc;

/// Where in the branches of a block a statement stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Branch {
    /// What must hold; nothing outside of every `if`.
    pub condition: Option<Expr>,
    /// Which branch of which `if`, outermost first.
    pub path: Vec<(Span, usize)>,
}

impl Branch {
    /// Whether at most one of two places is reached.
    pub(crate) fn excludes(&self, other: &Branch) -> bool {
        let apart = |one: &(Span, usize)| other.path.iter().any(|two| one.0 == two.0 && one.1 != two.1);
        self.path.iter().any(apart)
    }

    /// A value if the place is reached, and another one if not.
    pub(crate) fn choose(&self, value: Expr, otherwise: Expr) -> Expr {
        match &self.condition {
            None => value,
            Some(condition) => Expr::If(Rc::new(condition.clone()), Rc::new(value), Rc::new(otherwise)),
        }
    }

    /// An assignment that changes nothing where the place is not reached. What adds something goes on adding, so that
    /// simultaneous events still add up.
    pub(crate) fn assignment(&self, op: AssignOp, value: Expr, old: &Expr) -> (AssignOp, Expr) {
        if self.condition.is_none() {
            return (op, value);
        }
        let added = if op == AssignOp::Set { increment(&value, old) } else { None };
        match (op, added) {
            (AssignOp::Set, Some(added)) => (AssignOp::Add, self.choose(added, Expr::Number(0.0))),
            (AssignOp::Set, None) => (op, self.choose(value, old.clone())),
            (AssignOp::Add | AssignOp::Subtract, _) => (op, self.choose(value, Expr::Number(0.0))),
            (AssignOp::Multiply, _) => (op, self.choose(value, Expr::Number(1.0))),
        }
    }
}

/// What a block is part of: how it keeps values, and what its statements do.
pub(crate) trait Block {
    /// What stands for a value from here on, whatever the statements behind it change.
    fn keep(&mut self, checker: &mut Checker<'_>, value: Typed, span: Span) -> Typed;

    /// Carries out an assignment, `transmit` or `refractory`.
    fn act(&mut self, checker: &mut Checker<'_>, statement: &Statement, scope: &Scope, branch: &Branch);
}

/// What is known where a block stands.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'s> {
    /// The unit of the weight, if there is one.
    pub weight: Option<&'s Unit>,
    /// Whether the model is used; what is never used is told where it is not.
    pub in_use: bool,
}

/// An `if`: its conditions with what follows each, what happens if none holds, and where it stands.
type Choice<'c> = (&'c [(ast::Expr, Vec<Statement>)], &'c [Statement], Span);

/// Whether a block has nothing but assignments, `transmit` and `refractory`.
pub(crate) fn is_plain(statements: &[Statement]) -> bool {
    !statements.iter().any(|one| matches!(one, Statement::Let(_) | Statement::If { .. }))
}

impl Checker<'_> {
    /// Goes through the statements of a block, or of a branch in it.
    pub(crate) fn statements(
        &mut self,
        block: &mut dyn Block,
        statements: &[Statement],
        mut scope: Scope,
        branch: &Branch,
        setting: Setting<'_>,
    ) {
        let mut own: Vec<&Binding> = Vec::new();
        for statement in statements {
            match statement {
                Statement::Let(binding) => {
                    self.local(block, binding, &mut scope, setting.weight);
                    own.push(binding);
                }
                Statement::If { branches, otherwise, span } => {
                    self.branches(block, (branches, otherwise, *span), &scope, branch, setting);
                }
                other => block.act(self, other, &scope, branch),
            }
        }
        if !setting.in_use {
            self.unused_locals(&own, &scope);
        }
    }

    /// `let name : unit = value` in a block.
    fn local(&mut self, block: &mut dyn Block, binding: &Binding, scope: &mut Scope, weight: Option<&Unit>) {
        let value = binding.value.as_ref().map_or_else(Typed::unknown, |written| self.top(written, scope));
        let Some(value) = self.local_value(binding, value, scope, weight) else { return };
        let kept = if value.is_unknown() { value } else { block.keep(self, value, binding.span) };
        scope.add(&binding.name.node, kept, Role::Local, binding.name.span);
    }

    /// The value of a `let` in a block or a function, with its declared unit; nothing if its name is taken.
    pub(crate) fn local_value(
        &mut self,
        binding: &Binding,
        mut value: Typed,
        scope: &mut Scope,
        weight: Option<&Unit>,
    ) -> Option<Typed> {
        let name = &binding.name;
        self.check_name(name);
        let unit = self.declared_unit(binding, Some(&value), weight);
        value.kind = match (&value.kind, unit) {
            (Type::Unknown, Some(unit)) if binding.unit.is_some() => Type::Number(unit),
            (Type::Unknown, _) | (_, None) => Type::Unknown,
            (Type::Truth, _) if binding.unit.is_none() => Type::Truth,
            (Type::Zero, _) if binding.unit.is_none() => Type::Zero,
            (_, Some(unit)) => Type::Number(unit),
        };
        if let Some(first) = scope.locals.get(&name.node).map(|local| local.span) {
            self.push(twice(name, first));
            return None;
        }
        scope.hidden.remove(&name.node);
        Some(value)
    }

    /// Warns of names that nothing mentions.
    pub(crate) fn unused_locals(&mut self, bindings: &[&Binding], scope: &Scope) {
        for binding in bindings {
            let name = &binding.name;
            let unused = scope.locals.get(&name.node).is_some_and(|l| l.span == name.span && !l.used.get());
            if unused && !name.node.starts_with('_') && !self.program.is_std(name.span.file) {
                let title = format!("`{}` is never used", name.node);
                let warning = Diagnostic::warning("W0703", title, name.span, "not used");
                self.push(warning.hint("remove it, or use it"));
            }
        }
    }

    /// The branches of an `if`: each under its condition, and under none of those before it.
    fn branches(
        &mut self,
        block: &mut dyn Block,
        (branches, otherwise, span): Choice<'_>,
        scope: &Scope,
        outer: &Branch,
        setting: Setting<'_>,
    ) {
        // What holds if none of the conditions so far does.
        let mut rest = outer.condition.clone();
        for (index, (written, body)) in branches.iter().enumerate() {
            let mut value = self.top(written, scope);
            self.truth(&value, written.span, "the condition of `if`");
            if !matches!(value.kind, Type::Truth) {
                value = Typed::leaf(Expr::Bool(true), Type::Truth);
            }
            let holds = block.keep(self, value, written.span);
            let mut path = outer.path.clone();
            path.push((span, index));
            let condition = Some(self.all_of(block, rest.clone(), holds.clone(), written.span));
            self.statements(block, body, scope.clone(), &Branch { condition, path }, setting);
            if index + 1 < branches.len() || !otherwise.is_empty() {
                let fails = Expr::Unary(UnaryOp::Not, Rc::new(holds.expr.clone()));
                let fails = Typed { expr: fails, nodes: holds.nodes + 1, height: holds.height + 1, ..holds };
                rest = Some(self.all_of(block, rest, fails, written.span));
            }
        }
        let mut path = outer.path.clone();
        path.push((span, branches.len()));
        self.statements(block, otherwise, scope.clone(), &Branch { condition: rest, path }, setting);
    }

    /// Keeps whether two conditions hold.
    fn all_of(&mut self, block: &mut dyn Block, first: Option<Expr>, second: Typed, span: Span) -> Expr {
        let both = match first {
            None => second,
            Some(first) => Typed {
                expr: Expr::Binary(BinaryOp::And, Rc::new(first), Rc::new(second.expr)),
                nodes: second.nodes + 2,
                height: second.height + 1,
                ..second
            },
        };
        block.keep(self, both, span).expr
    }
}
