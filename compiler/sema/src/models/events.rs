//! What an event does: the statements of `on spike(w) { … }` as simultaneous updates of old values.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::walk;
use crate::expressions::scope::{Permits, Role, Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::model::{BinaryOp, Element, EventTarget, EventUpdate, Expr, Let, UnaryOp};
use crate::models::neuron::updated;
use bpc_syntax::ast::{EventHandler, Statement};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Nodes of an update once its lets and earlier statements are put in.
pub(crate) const LARGEST: u64 = 4000;

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
        let mut transmitted: Option<(Expr, Span)> = None;
        // Handlers that act at one time see what the earlier ones of them did.
        let mut moments: BTreeMap<u64, Vec<(EventUpdate, u64)>> = BTreeMap::new();
        for handler in handlers {
            let Some(after) = self.steps_after(handler, handling) else { continue };
            self.handler_updates(
                (handler, after),
                handling,
                scope.clone(),
                moments.entry(after).or_default(),
                &mut transmitted,
            );
        }
        let updates = moments.into_values().flatten().map(|(update, _)| finished(update)).collect();
        (updates, transmitted.map(|t| t.0))
    }

    /// The statements of one handler, after those before it.
    fn handler_updates(
        &mut self,
        (handler, after): (&EventHandler, u64),
        handling: &Handling<'_>,
        mut scope: Scope,
        updates: &mut Vec<(EventUpdate, u64)>,
        transmitted: &mut Option<(Expr, Span)>,
    ) {
        let Handling { targets, weight, .. } = handling;
        if let Some(name) = &handler.weight {
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
                Typed::leaf(handling.transmitted.clone().unwrap_or(Expr::Weight), (*weight).clone()),
                Role::Weight,
                name.span,
            );
        }
        for action in &handler.actions {
            let substituted = |expr: &Expr, updates: &[(EventUpdate, u64)]| {
                substitute(expr, &|e| {
                    let place = place_of(e)?;
                    updates.iter().find(|u| u.0.target == place).map(|u| u.0.value.clone())
                })
            };
            if let Statement::Transmit { value, span } = action {
                if let Some(late) = handler.after.as_ref().filter(|_| handling.transmits) {
                    self.late_transmission(*span, late.span);
                    continue;
                }
                if !handling.transmits {
                    let title = "`transmit` belongs into `on pre` of a plasticity rule";
                    self.error("E0404", title, *span, "means nothing here");
                    continue;
                }
                let typed = self.top(value, &scope);
                self.fits(&typed, &weight.unit(), value.span, "what is transmitted", None);
                if let Some((_, first)) = transmitted {
                    let error = Diagnostic::error("E0406", "a second `transmit`", *span, "second");
                    self.push(error.also(*first, "first"));
                }
                *transmitted = Some((substituted(&typed.expr, updates), *span));
                continue;
            }
            let (target, op, value, span) = match action {
                Statement::Transmit { .. } => continue,
                Statement::Assign { target, op, value, span } => (target, *op, value, *span),
                Statement::Refractory { span, .. } => {
                    self.error("E0404", "`refractory` belongs into a neuron's spike rule", *span, "means nothing here");
                    continue;
                }
            };
            let typed = self.top(value, &scope);
            let Some((place, unit)) = targets.get(&target.node) else {
                self.no_assignment(target, &scope, &typed, Some(handler.trigger));
                continue;
            };
            let declared = scope.locals.get(&target.node).map_or(target.span, |l| l.span);
            self.assigned(op, &typed, value, (target, unit), declared);
            // A later statement sees the earlier ones.
            let changed = |expr: &Expr| place_of(expr).and_then(|p| updates.iter().find(|u| u.0.target == p));
            let current = |expr: &Expr| changed(expr).map(|u| u.0.value.clone());
            let old = old_value(*place);
            let mut size = 1u64;
            for part in [&old, &typed.expr] {
                walk(part, &mut |e| size = size.saturating_add(changed(e).map_or(1, |u| u.1)));
            }
            if size > LARGEST {
                self.error("E0212", "the effect of this event is too large an expression", span, "too large");
                continue;
            }
            let value = updated(op, substitute(&old, &current), substitute(&typed.expr, &current));
            match updates.iter_mut().find(|u| u.0.target == *place) {
                Some(update) => {
                    update.0.value = value;
                    update.1 = size;
                }
                None => updates.push((EventUpdate { target: *place, value, increment: None, after, span }, size)),
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
        Expr::Binary(op, a, b) => Expr::Binary(*op, part(a), part(b)),
        Expr::If(a, b, c) => Expr::If(part(a), part(b), part(c)),
        Expr::Call(f, arguments) => Expr::Call(*f, arguments.iter().map(|a| substitute(a, by)).collect()),
        Expr::Random(d, arguments, stream) => {
            Expr::Random(*d, arguments.iter().map(|a| substitute(a, by)).collect(), *stream)
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
fn increment(value: &Expr, old: &Expr) -> Option<Expr> {
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
