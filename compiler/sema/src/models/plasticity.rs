//! Several rules of plasticity at one synapse: they act one after another, in the order of the text.
//!
//! Each rule is checked by itself. Then what a spike does is put together: a later rule reads the weight as the
//! earlier ones left it, kept between the bounds of all. Rates of change (`w' = …`) add up, bounds are the
//! narrowest, and one rule may say what the synapse gets (`transmit`). Whether the order matters is told.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::walk;
use crate::model::{BinaryOp, EventTarget, EventUpdate, Expr, Function, Method, RuleOrder};
use crate::models::events::{LARGEST, finished, old_value, place_of, reads, substitute};
use crate::models::synapse::Kinetics;
use bpc_syntax::ast::ModelUse;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What one rule does to a synapse.
pub(crate) struct Rule {
    /// Its name where it is used.
    pub name: String,
    /// Where it is used.
    pub span: Span,
    /// What a spike of the source does.
    pub on_spike: Vec<EventUpdate>,
    /// What a spike of the target does.
    pub on_post: Vec<EventUpdate>,
    /// What the synapse gets.
    pub transmitted: Option<Expr>,
    /// `w' = …`
    pub derivative: Option<Expr>,
    /// The integrator that the rule names, if it has such an equation.
    pub method: Option<Method>,
    /// `bound w in low .. high`
    pub bounds: Option<(Expr, Expr)>,
}

/// A kind of spike that rules respond to.
struct Spike {
    name: &'static str,
    updates: fn(&Rule) -> &[EventUpdate],
    /// Whether the synapse gets something.
    transmits: bool,
}

const SPIKES: [Spike; 2] = [
    Spike { name: "a spike of the source", updates: |rule| &rule.on_spike, transmits: true },
    Spike { name: "a spike of the target", updates: |rule| &rule.on_post, transmits: false },
];

impl Checker<'_> {
    /// Whether the rules of a projection can be told apart by their names.
    pub(crate) fn rules_differ(&mut self, rules: &[&ModelUse]) -> bool {
        let mut differ = true;
        for (index, rule) in rules.iter().enumerate() {
            let name = &rule.name.node;
            if let Some(first) = rules[..index].iter().find(|r| r.name.node == *name) {
                differ = false;
                let title = format!("the rule `{name}` is given twice");
                let error = Diagnostic::error("E0521", title, rule.span, "again here").also(first.span, "first here");
                self.push(error.hint(format!(
                    "its states have names such as `{name}.x`: import it under a second name, `use … as …`"
                )));
            }
        }
        differ
    }

    /// Puts the rules of a projection together.
    pub(crate) fn compose_rules(&mut self, kinetics: &mut Kinetics) {
        let rules = std::mem::take(&mut kinetics.rules);
        let mut transmitting = rules.iter().filter(|rule| rule.transmitted.is_some());
        let first = transmitting.next();
        kinetics.transmitter = first.map(|rule| (rule.name.clone(), rule.span));
        if let (Some(first), Some(second)) = (first, transmitting.next()) {
            let title = format!("`{}` and `{}` both say what the synapse gets", first.name, second.name);
            let error = Diagnostic::error("E0520", title, second.span, "has a `transmit`");
            self.push(
                error
                    .also(first.span, "so has this")
                    .hint("write one rule with both kinds of states and one `transmit`"),
            );
        }
        let all = |get: fn(&Rule) -> Option<Expr>, join: &dyn Fn(Expr, Expr) -> Expr| {
            rules.iter().filter_map(get).reduce(join)
        };
        let call = |function| move |a, b| Expr::Call(function, vec![a, b]);
        let sum = |a, b| Expr::Binary(BinaryOp::Add, Rc::new(a), Rc::new(b));
        kinetics.weight_derivative = all(|rule| rule.derivative.clone(), &sum);
        let mut changing = rules.iter().filter(|rule| rule.derivative.is_some());
        let first = changing.next();
        kinetics.weight_method = first.and_then(|rule| rule.method);
        if let Some(first) = first
            && let Some(other) = changing.find(|rule| rule.method != first.method)
        {
            let title = format!("`{}` and `{}` integrate the weight in two ways", first.name, other.name);
            let error = Diagnostic::error("E0572", title, other.span, "has another `method`, or none");
            let error = error.also(first.span, "their rates of change add up, and are integrated as one");
            self.push(error.hint("give all rules with `w' = …` the same `method`, or none of them"));
        }
        let low = all(|rule| rule.bounds.as_ref().map(|b| b.0.clone()), &call(Function::Max));
        let high = all(|rule| rule.bounds.as_ref().map(|b| b.1.clone()), &call(Function::Min));
        kinetics.weight_bounds = low.zip(high);
        for moment in moments(&rules) {
            let (updates, transmitted) = self.one_after_another(&rules, &moment, kinetics.weight_bounds.as_ref());
            kinetics.transmitted = kinetics.transmitted.take().or(transmitted);
            if moment.spike.transmits { &mut kinetics.on_spike } else { &mut kinetics.on_post }.extend(updates);
        }
        kinetics.rule_order = order(&rules, kinetics.weight_bounds.is_some());
    }

    /// What all rules do at one time, and what is transmitted at it, in terms of the values before it.
    fn one_after_another(
        &mut self,
        rules: &[Rule],
        moment: &Moment,
        bounds: Option<&(Expr, Expr)>,
    ) -> (Vec<EventUpdate>, Option<Expr>) {
        let mut all: Vec<(EventUpdate, u64)> = Vec::new();
        let mut transmitted = None;
        for (index, rule) in rules.iter().enumerate() {
            let before = all.clone();
            let changed = |e: &Expr| place_of(e).and_then(|place| before.iter().find(|u| u.0.target == place));
            let then = |e: &Expr| substitute(e, &|leaf| changed(leaf).map(|u| u.0.value.clone()));
            for update in moment.updates(rule) {
                let mut size = 0u64;
                walk(&update.value, &mut |e| size = size.saturating_add(changed(e).map_or(1, |u| u.1)));
                if size > LARGEST {
                    self.error("E0212", "the effect of these rules is too large an expression", rule.span, "too large");
                    continue;
                }
                let update = EventUpdate { value: then(&update.value), ..update.clone() };
                match all.iter_mut().find(|u| u.0.target == update.target) {
                    Some(known) => *known = (update, size),
                    None => all.push((update, size)),
                }
            }
            if let Some(value) = moment.transmitted(rule) {
                transmitted = Some(then(value));
            }
            // What later rules find is kept between the bounds; what the last one leaves is bounded anyway.
            let read_later =
                rules[index + 1..].iter().any(|later| moment.values(later).any(|e| reads(e, &Expr::Weight)));
            let weight = all.iter_mut().find(|u| u.0.target == EventTarget::Weight);
            let changes = moment.updates(rule).any(|u| u.target == EventTarget::Weight);
            if let (Some((weight, size)), Some((low, high)), true) = (weight, bounds, changes && read_later) {
                let above = Expr::Call(Function::Max, vec![weight.value.clone(), low.clone()]);
                weight.value = Expr::Call(Function::Min, vec![above, high.clone()]);
                for bound in [low, high] {
                    walk(bound, &mut |_| *size = size.saturating_add(1));
                }
            }
        }
        (all.into_iter().map(|(update, _)| finished(update)).collect(), transmitted)
    }
}

/// A time at which rules act: a spike, or so many steps after it.
struct Moment {
    spike: &'static Spike,
    after: u64,
}

/// All times at which one of the rules does something, those of the source's spikes first.
fn moments(rules: &[Rule]) -> Vec<Moment> {
    let of_spike = |spike: &'static Spike| {
        let late = rules.iter().flat_map(|rule| (spike.updates)(rule)).map(|update| update.after);
        let all: BTreeSet<u64> = late.chain([0]).collect();
        all.into_iter().map(move |after| Moment { spike, after })
    };
    SPIKES.iter().flat_map(of_spike).collect()
}

impl Moment {
    /// What a rule changes.
    fn updates<'r>(&self, rule: &'r Rule) -> impl Iterator<Item = &'r EventUpdate> + use<'r> {
        let after = self.after;
        (self.spike.updates)(rule).iter().filter(move |update| update.after == after)
    }

    /// What a rule transmits.
    fn transmitted<'r>(&self, rule: &'r Rule) -> Option<&'r Expr> {
        rule.transmitted.as_ref().filter(|_| self.spike.transmits && self.after == 0)
    }

    /// All that a rule computes.
    fn values<'r>(&self, rule: &'r Rule) -> impl Iterator<Item = &'r Expr> + use<'r> {
        self.updates(rule).map(|u| &u.value).chain(self.transmitted(rule))
    }

    /// For messages.
    fn name(&self) -> String {
        match self.after {
            0 => self.spike.name.to_owned(),
            after => format!("{} {after} steps before", self.spike.name),
        }
    }
}

/// For each time at which rules act, whether it matters which of two acts first.
fn order(rules: &[Rule], bounded: bool) -> Vec<RuleOrder> {
    let mut lines = Vec::new();
    for moment in moments(rules) {
        let active: Vec<&Rule> = rules.iter().filter(|rule| moment.values(rule).next().is_some()).collect();
        let mut free = true;
        for (index, later) in active.iter().enumerate() {
            for earlier in &active[..index] {
                let Some(why) = matters(&moment, earlier, later, bounded) else { continue };
                free = false;
                let (name, first, second) = (moment.name(), &earlier.name, &later.name);
                let text = format!("at {name} {first} acts before {second}, as written, which matters: {why}");
                lines.push(RuleOrder { text, places: vec![earlier.span, later.span], matters: true });
            }
        }
        if free && active.len() > 1 {
            let names: Vec<&str> = active.iter().map(|rule| rule.name.as_str()).collect();
            let (name, names) = (moment.name(), names.join(", "));
            let text =
                format!("at {name} it does not matter in which order {names} act: none reads what another changes");
            lines.push(RuleOrder { text, places: active.iter().map(|rule| rule.span).collect(), matters: false });
        }
    }
    lines
}

/// Why two rules give another result in the other order, rounding apart; `None` if they do not.
fn matters(moment: &Moment, earlier: &Rule, later: &Rule, bounded: bool) -> Option<String> {
    let what = |place: EventTarget| match place {
        EventTarget::Weight => "the weight",
        EventTarget::Own(_) | EventTarget::Post(_) => "a state of the target neuron",
    };
    for (one, other) in [(earlier, later), (later, earlier)] {
        for update in moment.updates(one) {
            let (place, old) = (update.target, old_value(update.target));
            // What a rule adds to the place itself counts as what it reads; the old value in the sum does not.
            let read = moment.updates(other).any(|u| match u.increment.as_ref().or_else(|| factor(u)) {
                Some(amount) => reads(amount, &old),
                None => reads(&u.value, &old),
            });
            let read = read || moment.transmitted(other).is_some_and(|e| reads(e, &old));
            if read {
                return Some(format!("{} reads {}, which {} changes", other.name, what(place), one.name));
            }
            let Some(same) = moment.updates(other).find(|u| u.target == place) else { continue };
            let both = |way: &dyn Fn(&EventUpdate) -> bool| way(update) && way(same);
            if !both(&|u| u.increment.is_some()) && !both(&|u| factor(u).is_some()) {
                return Some(format!("both change {}, and not by adding to it", what(place)));
            }
            if bounded && place == EventTarget::Weight {
                return Some("both change the weight, which is kept between bounds after each".into());
            }
        }
    }
    None
}

/// By what an update multiplies the old value, if it does nothing else and reads no old value for that.
fn factor(update: &EventUpdate) -> Option<&Expr> {
    let old = old_value(update.target);
    let Expr::Binary(BinaryOp::Multiply, a, b) = &update.value else { return None };
    let (one, other) = if **a == old { (a, b) } else { (b, a) };
    (**one == old && !reads(other, &old)).then_some(&**other)
}
