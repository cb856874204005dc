//! What an event does: the statements of `on spike(w) { … }` as simultaneous updates of old values.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::walk;
use crate::expressions::scope::{Permits, Role, Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::model::{BinaryOp, Element, EventTarget, EventUpdate, Expr, Let, UnaryOp};
use crate::models::block::{Block, Branch, Setting};
use crate::models::neuron::updated;
use crate::models::synapse::weight_unit;
use bpc_syntax::ast::{self, AssignOp, EventHandler, Statement};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Nodes of an update once its lets and earlier statements are put in.
pub(crate) const LARGEST: u64 = 4000;

/// Above all numbers of lets.
const KEPT: usize = usize::MAX / 2;

/// What a handler may change: names, places and units.
pub(crate) type Targets = BTreeMap<String, (EventTarget, Unit)>;

/// The surroundings of a handler.
pub(crate) struct Handling<'h> {
    /// The names of the model.
    pub scope: &'h Scope,
    /// The lets of the projection so far.
    pub lets: &'h [Let],
    /// What it may change.
    pub targets: &'h Targets,
    /// The type of the weight.
    pub weight: &'h Type,
    /// What the event carries, if that is not the weight of the synapse.
    pub transmitted: Option<Expr>,
    /// Whether `transmit` may stand here.
    pub transmits: bool,
    /// Whether the model is used, so that all its parameters have values.
    pub in_use: bool,
}

impl Checker<'_> {
    /// The updates of a model's handlers of one kind, one after another in the order of the text, and what they
    /// transmit to the synapse.
    pub(crate) fn event_updates(
        &mut self,
        handlers: &[&EventHandler],
        handling: &Handling<'_>,
    ) -> (Vec<EventUpdate>, Option<Expr>) {
        let permits = Permits { time: true, random: true, ..Permits::default() };
        let mut scope = handling.scope.permitting(permits);
        inline_lets(&mut scope, handling.lets);
        let mut transmitted = Transmission::default();
        // Handlers that act at one time see what the earlier ones of them did.
        let mut moments: BTreeMap<u64, Updates> = BTreeMap::new();
        for handler in handlers {
            let Some(after) = self.steps_after(handler, handling) else { continue };
            let updates = moments.entry(after).or_default();
            let transmitted = &mut transmitted;
            let mut block = Handler { handler, handling, after, updates, transmitted, kept: Vec::new() };
            let scope = self.scope_of_handler(handler, handling, scope.clone());
            let unit = weight_unit(handling.weight);
            let setting = Setting { weight: Some(&unit), in_use: handling.in_use };
            self.statements(&mut block, &handler.actions, scope, &Branch::default(), setting);
        }
        let updates = moments.into_values().flatten().map(|(update, _)| finished(update)).collect();
        (updates, transmitted.value)
    }

    /// The names that the statements of a handler know: the weight of the event has one.
    fn scope_of_handler(&mut self, handler: &EventHandler, handling: &Handling<'_>, mut scope: Scope) -> Scope {
        let Some(name) = &handler.weight else { return scope };
        self.check_name(name);
        if let (Some(late), Some(_)) = (&handler.after, &handling.transmitted) {
            self.late_transmission(name.span, late.span);
        }
        if let Some(local) = scope.locals.get(&name.node).filter(|l| l.role != Role::Weight) {
            let span = local.span;
            let error = Diagnostic::error(
                "E0202",
                format!("`{}` is declared twice", name.node),
                name.span,
                "the weight of the event",
            );
            self.push(error.also(span, "first declared here"));
        }
        scope.add(
            &name.node,
            Typed::leaf(handling.transmitted.clone().unwrap_or(Expr::Weight), handling.weight.clone()),
            Role::Weight,
            name.span,
        );
        scope
    }
}

/// Updates of equally late handlers so far, each with the number of its nodes.
type Updates = Vec<(EventUpdate, u64)>;

/// What handlers transmit so far.
#[derive(Default)]
struct Transmission {
    /// In terms of the values before the event; 0 where none of the places is reached.
    value: Option<Expr>,
    /// Where it stands.
    places: Vec<(Branch, Span)>,
}

/// The statements of one handler, after those before it.
struct Handler<'h> {
    handler: &'h EventHandler,
    handling: &'h Handling<'h>,
    after: u64,
    updates: &'h mut Updates,
    transmitted: &'h mut Transmission,
    /// Values that statements have kept, in terms of those before the event, with the number of their nodes. Number k is
    /// mentioned as `Expr::Let(KEPT + k)` until it is resolved.
    kept: Vec<(Expr, u64)>,
}

impl Block for Handler<'_> {
    fn keep(&mut self, checker: &mut Checker<'_>, value: Typed, span: Span) -> Typed {
        if matches!(value.expr, Expr::Number(_) | Expr::Bool(_) | Expr::Let(_)) {
            return value;
        }
        let nodes = self.nodes(&[&value.expr]);
        if nodes > LARGEST {
            checker.error("E0212", "this value is too large an expression", span, "too large");
            return Typed::unknown();
        }
        self.kept.push((self.resolved(&value.expr), nodes));
        Typed { expr: Expr::Let(KEPT + self.kept.len() - 1), nodes, ..value }
    }

    fn act(&mut self, checker: &mut Checker<'_>, statement: &Statement, scope: &Scope, branch: &Branch) {
        match statement {
            Statement::Let(_) | Statement::If { .. } => {}
            Statement::For { span, .. } => {
                let error = Diagnostic::error("E0404", "`for` belongs into the rules of neurons", *span, "not here");
                checker.push(error.hint("a synapse has no arrays: write the statements one by one"));
            }
            Statement::Transmit { value, span } => self.transmit(checker, value, *span, scope, branch),
            Statement::Assign { target, op, value, span } => {
                self.assign(checker, (target, *op, value, *span), scope, branch);
            }
            Statement::Refractory { span, .. } => {
                let title = "`refractory` belongs into a neuron's spike rule";
                checker.error("E0404", title, *span, "means nothing here");
            }
        }
    }
}

impl Handler<'_> {
    /// What a leaf has become: a kept value, or what the statements so far have made of a state.
    fn now(&self, leaf: &Expr) -> Option<(&Expr, u64)> {
        if let Expr::Let(index) = leaf {
            return self.kept.get(index.checked_sub(KEPT)?).map(|kept| (&kept.0, kept.1));
        }
        let place = place_of(leaf)?;
        self.updates.iter().find(|u| u.0.target == place).map(|u| (&u.0.value, u.1))
    }

    fn resolved(&self, expr: &Expr) -> Expr {
        substitute(expr, &|leaf| self.now(leaf).map(|now| now.0.clone()))
    }

    /// The number of nodes of an expression over these parts, once they are resolved.
    fn nodes(&self, parts: &[&Expr]) -> u64 {
        let mut nodes = 1u64;
        for part in parts {
            walk(part, &mut |e| nodes = nodes.saturating_add(self.now(e).map_or(1, |now| now.1)));
        }
        nodes
    }

    fn transmit(&mut self, checker: &mut Checker<'_>, value: &ast::Expr, span: Span, scope: &Scope, branch: &Branch) {
        let transmits = self.handling.transmits;
        if let Some(late) = self.handler.after.as_ref().filter(|_| transmits) {
            checker.late_transmission(span, late.span);
            return;
        }
        if !transmits {
            let title = "`transmit` belongs into `on pre` of a plasticity rule";
            checker.error("E0404", title, span, "means nothing here");
            return;
        }
        let typed = checker.top(value, scope);
        checker.fits(&typed, &self.handling.weight.unit(), value.span, "what is transmitted", None);
        if let Some((_, first)) = self.transmitted.places.iter().find(|place| !place.0.excludes(branch)) {
            let error = Diagnostic::error("E0406", "a second `transmit`", span, "second");
            checker.push(error.also(*first, "first"));
        }
        let before = self.transmitted.value.take().unwrap_or(Expr::Number(0.0));
        let condition = branch.condition.as_ref().map(|condition| self.resolved(condition));
        let here = Branch { condition, ..branch.clone() };
        self.transmitted.value = Some(here.choose(self.resolved(&typed.expr), before));
        self.transmitted.places.push((here, span));
    }

    fn assign(
        &mut self,
        checker: &mut Checker<'_>,
        (target, op, value, span): (&ast::Name, AssignOp, &ast::Expr, Span),
        scope: &Scope,
        branch: &Branch,
    ) {
        let typed = checker.top(value, scope);
        let Some((place, unit)) = self.handling.targets.get(&target.node).cloned() else {
            checker.no_assignment(target, scope, &typed, Some(self.handler.trigger));
            return;
        };
        let declared = scope.locals.get(&target.node).map_or(target.span, |l| l.span);
        checker.assigned(op, &typed, value, (target, &unit), declared);
        // A later statement sees the earlier ones.
        let old = old_value(place);
        let (op, change) = branch.assignment(op, typed.expr, &old);
        let size = self.nodes(&[&old, &change]);
        if size > LARGEST {
            checker.error("E0212", "the effect of this event is too large an expression", span, "too large");
            return;
        }
        let value = updated(op, self.resolved(&old), self.resolved(&change));
        match self.updates.iter_mut().find(|u| u.0.target == place) {
            Some(update) => {
                update.0.value = value;
                update.1 = size;
            }
            None => {
                let update = EventUpdate { target: place, value, increment: None, after: self.after, span };
                self.updates.push((update, size));
            }
        }
    }
}

/// An update with what it adds, if it adds something.
pub(crate) fn finished(mut update: EventUpdate) -> EventUpdate {
    update.increment = increment(&update.value, &old_value(update.target));
    update
}

/// The value before the event of what it may change.
pub(crate) fn old_value(target: EventTarget) -> Expr {
    match target {
        EventTarget::Own(i) => Expr::State(i),
        EventTarget::Post(i) => Expr::PostState(i),
        EventTarget::Weight => Expr::Weight,
    }
}

/// What a leaf stands for, if an event may change it.
pub(crate) fn place_of(expr: &Expr) -> Option<EventTarget> {
    match expr {
        Expr::State(i) => Some(EventTarget::Own(*i)),
        Expr::PostState(i) => Some(EventTarget::Post(*i)),
        Expr::Weight => Some(EventTarget::Weight),
        _ => None,
    }
}

/// Replaces lets by what they stand for, so that what an update reads can be seen.
fn inline_lets(scope: &mut Scope, lets: &[Let]) {
    let mut done: Vec<(Expr, u64)> = Vec::new();
    for one in lets {
        let mut nodes = 0u64;
        walk(&one.value, &mut |e| {
            let size = if let Expr::Let(i) = e { done.get(*i).map_or(1, |d| d.1) } else { 1 };
            nodes = nodes.saturating_add(size);
        });
        let expr = if nodes > LARGEST {
            Expr::Number(f64::NAN)
        } else {
            substitute(&one.value, &|e| if let Expr::Let(i) = e { done.get(*i).map(|d| d.0.clone()) } else { None })
        };
        done.push((expr, nodes));
    }
    for (name, local) in &mut scope.locals {
        if let Expr::Let(i) = local.value.expr
            && let Some((expr, nodes)) = done.get(i)
        {
            if *nodes > LARGEST {
                scope.hidden.insert(name.clone(), "it is too large to be used in an event".to_owned());
            }
            local.value.expr = expr.clone();
            local.value.nodes = *nodes;
        }
    }
    let hidden: Vec<String> = scope.hidden.keys().cloned().collect();
    scope.locals.retain(|name, local| !(hidden.contains(name) && local.role == Role::Let));
}

/// The expression with some of its leaves replaced.
pub(crate) fn substitute(expr: &Expr, by: &dyn Fn(&Expr) -> Option<Expr>) -> Expr {
    let part = |e: &Rc<Expr>| Rc::new(substitute(e, by));
    match expr {
        Expr::Unary(op, x) => Expr::Unary(*op, part(x)),
        Expr::Start(x) => Expr::Start(part(x)),
        Expr::Within(x, last) => Expr::Within(part(x), *last),
        Expr::OfSynapse(x) => by(expr).unwrap_or_else(|| Expr::OfSynapse(part(x))),
        Expr::Binary(op, a, b) => Expr::Binary(*op, part(a), part(b)),
        Expr::If(a, b, c) => Expr::If(part(a), part(b), part(c)),
        Expr::Call(f, arguments) => Expr::Call(*f, arguments.iter().map(|a| substitute(a, by)).collect()),
        Expr::Random(d, arguments, stream) => {
            by(expr).unwrap_or_else(|| Expr::Random(*d, arguments.iter().map(|a| substitute(a, by)).collect(), *stream))
        }
        Expr::Element(element) => Expr::Element(Rc::new(Element {
            places: element.places.iter().map(|place| substitute(place, by)).collect(),
            ..Element::clone(element)
        })),
        leaf => by(leaf).unwrap_or_else(|| leaf.clone()),
    }
}

pub(crate) fn reads(expr: &Expr, leaf: &Expr) -> bool {
    let mut found = false;
    walk(expr, &mut |e| found |= e == leaf);
    found
}

/// What is added to `old`, if `value` is written as `old` plus something that does not read it.
pub(crate) fn increment(value: &Expr, old: &Expr) -> Option<Expr> {
    let Expr::Binary(op @ (BinaryOp::Add | BinaryOp::Subtract), a, b) = value else {
        return None;
    };
    let free = |e: &Expr| !reads(e, old);
    let join = |a: Expr, b: &Rc<Expr>| Expr::Binary(*op, Rc::new(a), b.clone());
    if **a == *old && free(b) {
        return Some(match (op, &**b) {
            (BinaryOp::Add, b) => b.clone(),
            (_, Expr::Number(x)) => Expr::Number(-x),
            (_, b) => Expr::Unary(UnaryOp::Negate, Rc::new(b.clone())),
        });
    }
    if free(b) {
        return increment(a, old).map(|inner| join(inner, b));
    }
    if *op == BinaryOp::Add && free(a) {
        return if **b == *old {
            Some((**a).clone())
        } else {
            increment(b, old).map(|inner| Expr::Binary(*op, a.clone(), Rc::new(inner)))
        };
    }
    None
}
