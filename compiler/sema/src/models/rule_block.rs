//! What a rule of a neuron does: the statements of `spike when …`, `when …` and `every …`.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::{walk, walk_through};
use crate::expressions::expression::HIGHEST;
use crate::expressions::scope::{Role, Scope, Typed};
use crate::model::{Expr, Let, Refractory};
use crate::models::block::{Block, Branch, is_plain};
use crate::models::events::substitute;
use crate::models::instance::Instance;
use crate::models::neuron::updated;
use bpc_syntax::ast::{self, AssignOp, Name, RuleKind, Statement};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeMap;

/// The statements of one rule.
///
/// A block of assignments alone stays as it is written: each reads what the earlier ones have made. In any other one all
/// that is computed follows from the values before the block. What a statement has made is then a let without a name
/// behind those of the neuron, so that nothing is written out twice, however often it is mentioned.
pub(crate) struct RuleBlock<'r> {
    rule: &'r ast::SpikeRule,
    /// The neuron. Its first `own` lets are those that it declares.
    pub instance: &'r mut Instance,
    own: usize,
    /// How high the expressions of all lets are, with the lets that these refer to.
    heights: Vec<u32>,
    /// Whether it has become too high, which has been told.
    lost: bool,
    /// Whether there are assignments alone.
    pub plain: bool,
    /// New values of states.
    pub updates: Vec<(usize, Expr)>,
    /// The refractory time, and the places that make it.
    pub refractory: Option<(Refractory, Vec<(Branch, Span)>)>,
    /// Lets of the neuron as the states are now, if these have changed.
    renewed: BTreeMap<usize, Expr>,
}

impl<'r> RuleBlock<'r> {
    /// Before the first statement.
    pub fn new(rule: &'r ast::SpikeRule, instance: &'r mut Instance) -> RuleBlock<'r> {
        let own = instance.lets.len();
        let mut heights = vec![0; own];
        for local in instance.scope.locals.values() {
            if let Expr::Let(index) = local.value.expr
                && let Some(height) = heights.get_mut(index)
            {
                *height = local.value.height;
            }
        }
        RuleBlock {
            rule,
            instance,
            own,
            heights,
            lost: false,
            plain: is_plain(&rule.actions),
            updates: Vec::new(),
            refractory: None,
            renewed: BTreeMap::new(),
        }
    }

    /// A let without a name.
    fn kept(&mut self, checker: &mut Checker<'_>, value: Typed, span: Span) -> Typed {
        if self.lost {
            return Typed::unknown();
        }
        let place = checker.let_leaf(self.instance.lets.len(), value.kind, value.height, span);
        self.lost = value.height >= HIGHEST;
        self.instance.lets.push(Let { name: String::new(), value: value.expr, span });
        self.heights.push(value.height);
        place
    }

    /// What an expression is as the states are now, in terms of the values before the block.
    fn now(&mut self, value: &Typed) -> Typed {
        let mut lets = Vec::new();
        walk(&value.expr, &mut |e| {
            if let Expr::Let(index) = e {
                lets.push(*index);
            }
        });
        let own = self.own;
        lets.into_iter().filter(|index| *index < own).for_each(|index| self.renew(index));
        let (updates, renewed) = (&self.updates, &self.renewed);
        let changed = |leaf: &Expr| match leaf {
            Expr::State(index) => updates.iter().find(|u| u.0 == *index).map(|u| u.1.clone()),
            Expr::Let(index) => renewed.get(index).cloned(),
            _ => None,
        };
        let expr = substitute(&value.expr, &changed);
        let height = self.height(&expr);
        Typed { expr, height, ..value.clone() }
    }

    /// The height of an expression, with the lets that it refers to.
    fn height(&self, expr: &Expr) -> u32 {
        let below = match expr {
            Expr::Let(index) => self.heights.get(*index).copied().unwrap_or(0),
            Expr::Unary(_, x) | Expr::Start(x) | Expr::OfSynapse(x) | Expr::Within(x, _) => self.height(x),
            Expr::Binary(_, a, b) => self.height(a).max(self.height(b)),
            Expr::If(a, b, c) => self.height(a).max(self.height(b)).max(self.height(c)),
            Expr::Call(_, parts) | Expr::Random(_, parts, _) => {
                parts.iter().map(|part| self.height(part)).max().unwrap_or(0)
            }
            Expr::Element(element) => element.places.iter().map(|place| self.height(place)).max().unwrap_or(0),
            _ => 0,
        };
        below.saturating_add(1)
    }

    /// Sees to it that a let of the neuron is as the states are now.
    fn renew(&mut self, index: usize) {
        if self.renewed.contains_key(&index) {
            return;
        }
        let value = self.instance.lets[index].value.clone();
        let mut stale = false;
        walk_through(&value, &self.instance.lets, &mut |e| {
            stale |= matches!(e, Expr::State(state) if self.updates.iter().any(|u| u.0 == *state));
        });
        if !stale {
            return;
        }
        let span = self.instance.lets[index].span;
        let value = self.now(&Typed { expr: value, ..Typed::unknown() });
        let place = Expr::Let(self.instance.lets.len());
        self.instance.lets.push(Let { name: String::new(), value: value.expr, span });
        self.heights.push(value.height);
        self.renewed.insert(index, place);
    }

    fn assign(
        &mut self,
        checker: &mut Checker<'_>,
        (target, op, written, span): (&Name, AssignOp, &ast::Expr, Span),
        scope: &Scope,
        branch: &Branch,
    ) {
        let typed = checker.top(written, scope);
        let Some(index) = self.instance.states.iter().position(|s| s.name == target.node) else {
            checker.no_assignment(target, scope, &typed, None);
            return;
        };
        if !checker.sets_truth(&self.instance.states[index], op, span) {
            return;
        }
        let typed = checker.kept_of_state(&self.instance.states[index], typed, written.span);
        let known = scope.locals.get(&target.node).is_none_or(|l| !l.value.is_unknown());
        if known {
            let (unit, declared) = (&self.instance.units[index], self.instance.states[index].span);
            checker.assigned(op, &typed, written, (target, unit), declared);
        }
        if self.plain {
            self.updates.push((index, updated(op, Expr::State(index), typed.expr)));
            return;
        }
        let old = Expr::State(index);
        let (op, change) = branch.assignment(op, typed.expr.clone(), &old);
        let value = Typed { expr: updated(op, old, change), ..typed };
        let value = self.now(&value);
        let value = self.kept(checker, value, span);
        self.renewed.clear();
        match self.updates.iter_mut().find(|u| u.0 == index) {
            Some(update) => update.1 = value.expr,
            None => self.updates.push((index, value.expr)),
        }
    }

    fn refractory(
        &mut self,
        checker: &mut Checker<'_>,
        (statement, span): (&Statement, Span),
        scope: &Scope,
        branch: &Branch,
    ) {
        let Statement::Refractory { duration, conditional, hold, clamp, .. } = statement else { return };
        let places = self.refractory.as_ref().map_or(&[][..], |known| &known.1);
        if let Some((_, first)) = places.iter().find(|place| !place.0.excludes(branch)) {
            let error = Diagnostic::error("E0423", "two refractory periods", span, "second");
            checker.push(error.also(*first, "first").hint("leave one of them out"));
            return;
        }
        if branch.condition.is_some() && !self.may_depend(checker, *conditional, span) {
            return;
        }
        // In each step of the refractory time it is no longer known what the block has kept.
        let later = without_locals(scope);
        let held = checker.held(hold, self.instance, scope);
        let clamp = checker.clamped(clamp, &held, self.instance, &later);
        let (conditional, behind) = (*conditional, self.updates.len());
        let value = checker.refractory_duration(duration, conditional, if conditional { &later } else { scope });
        if self.plain || conditional {
            let pause = Refractory { duration: value.expr, conditional, behind, hold: held, clamp };
            self.refractory = Some((pause, vec![(branch.clone(), span)]));
            return;
        }
        let value = self.now(&value);
        let value = self.kept(checker, value, span);
        let (before, mut places) = match self.refractory.take() {
            None => (Expr::Number(0.0), Vec::new()),
            Some((before, places)) => {
                if (&before.hold, &before.clamp) != (&held, &clamp) {
                    let title = "two refractory periods that stop different states";
                    let error = Diagnostic::error("E0528", title, span, "second");
                    let error = places.first().map_or(error.clone(), |first| error.also(first.1, "first"));
                    checker.push(error.hint("let both `hold` and `clamp` the same, or write two rules"));
                }
                (before.duration, places)
            }
        };
        places.push((branch.clone(), span));
        let duration = branch.choose(value.expr, before);
        self.refractory = Some((Refractory { duration, conditional, behind: 0, hold: held, clamp }, places));
    }

    /// Whether a refractory time may stand in a branch: a rule without a spike would end one that goes on.
    fn may_depend(&self, checker: &mut Checker<'_>, conditional: bool, span: Span) -> bool {
        let (title, hint) = match (self.rule.kind, conditional) {
            (RuleKind::Spike, false) => return true,
            (RuleKind::Spike, true) => {
                ("`refractory while` cannot depend on an `if`", "put the condition into it: `refractory while c and …`")
            }
            (RuleKind::When | RuleKind::Every | RuleKind::Recovery, _) => (
                "a refractory time in an `if` stands in `spike when` only",
                "make a rule of it: `when c and d { refractory … }`",
            ),
        };
        checker.push(Diagnostic::error("E0528", title, span, "depends on an `if`").hint(hint));
        false
    }
}

impl Block for RuleBlock<'_> {
    fn keep(&mut self, checker: &mut Checker<'_>, value: Typed, span: Span) -> Typed {
        if matches!(value.expr, Expr::Number(_) | Expr::Bool(_) | Expr::Parameter(_)) {
            return value;
        }
        let value = self.now(&value);
        match value.expr {
            Expr::Let(index) if index >= self.own => value,
            _ => self.kept(checker, value, span),
        }
    }

    fn act(&mut self, checker: &mut Checker<'_>, statement: &Statement, scope: &Scope, branch: &Branch) {
        match statement {
            // Blocks are written out before this.
            Statement::Let(_) | Statement::If { .. } | Statement::For { .. } => {}
            Statement::Assign { target, op, value, span } => {
                self.assign(checker, (target, *op, value, *span), scope, branch);
            }
            Statement::Transmit { span, .. } => {
                let error = Diagnostic::error("E0404", "a neuron transmits no weight", *span, "means nothing here");
                checker.push(error.hint("`transmit` stands in `on pre` of a plasticity rule"));
            }
            Statement::Refractory { span, .. } if self.rule.kind == RuleKind::Recovery => {
                let title = "a refractory time cannot begin where one ends";
                let error =
                    Diagnostic::error("E0565", title, *span, "begins here").also(self.rule.span, "at the end of one");
                checker.push(error.hint("make the first one longer, or let a state say when: `when resting > 0 { resting = 0  refractory 2 ms }`"));
            }
            Statement::Refractory { span, .. } => self.refractory(checker, (statement, *span), scope, branch),
        }
    }
}

/// The names of the neuron alone.
fn without_locals(scope: &Scope) -> Scope {
    let mut scope = scope.clone();
    let locals: Vec<String> =
        scope.locals.iter().filter(|(_, local)| local.role == Role::Local).map(|(name, _)| name.clone()).collect();
    for name in locals {
        scope.locals.remove(&name);
        scope.hide(&name, "a `let` of the block has a value when the rule acts, not in the steps behind it");
    }
    scope
}
