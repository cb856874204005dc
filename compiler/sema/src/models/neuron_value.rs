//! What a synapse, receptor or plasticity rule reads of its neurons with `pre x` and `post x`: a state, a `let` that
//! follows from states and parameters, or an input, or a `let` that follows from it, as of the step before. An argument of that
//! name says what it is called in the neuron.

use crate::expressions::checker::{Checker, given_label};
use crate::expressions::expression::{HIGHEST, LARGEST};
use crate::expressions::scope::{Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::model::{Expr, Let, PopulationId, State};
use crate::networks::network::{Builder, Target};
use crate::networks::place::is_array;
use crate::program::modules::{its, list};
use bpc_syntax::ast::{Binding, DataIndex, ExprKind, Index, ModelUse, Part};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::cell::RefCell;
use std::rc::Rc;

/// Where the name of a kept value ends; no name that is written does.
const BEFORE: &str = "(t - dt)";

/// Whether a state of a neuron is one that synapses read an input by.
pub(crate) fn is_kept(state: &str) -> bool {
    state.ends_with(BEFORE)
}

/// What is known within a step only and read by synapses: each is a state, which has what the equations of the step before have seen.
#[derive(Default)]
pub(crate) struct Kept(RefCell<Vec<State>>);

impl Kept {
    /// Which state of a neuron with so many others the value of this name is.
    fn place(&self, name: &str, others: usize, value: &Typed, span: Span) -> usize {
        let mut kept = self.0.borrow_mut();
        let name = format!("{name}{BEFORE}");
        if let Some(place) = kept.iter().position(|state| state.name == name) {
            return others + place;
        }
        let doc = "What the equations of the step before have seen.";
        kept.push(state(name, &value.kind.unit(), (Expr::Number(0.0), value.expr.clone()), doc, span));
        others + kept.len() - 1
    }

    /// Which state of a neuron with so many others is drawn in every step, for the next one; the first one too.
    pub(crate) fn drawn(&self, stream: u32, others: usize, draw: &Expr, unit: &Unit, span: Span) -> usize {
        let mut kept = self.0.borrow_mut();
        let name = format!("draw {stream}{BEFORE}");
        kept.push(state(name, unit, (draw.clone(), draw.clone()), "Drawn for an output of a receptor.", span));
        others + kept.len() - 1
    }
}

fn state(name: String, unit: &Unit, (init, next): (Expr, Expr), doc: &str, span: Span) -> State {
    State {
        name,
        quantity: unit.quantity(),
        init,
        past: None,
        derivative: None,
        method: None,
        next: Some(next),
        truth: false,
        parameter: false,
        doc: doc.to_owned(),
        span,
    }
}

impl Builder<'_> {
    /// Gives a population the states that its synapses have asked for.
    pub(crate) fn keep_read_values(&mut self, id: PopulationId) {
        let target = &mut self.targets[id.0];
        for state in target.kept.0.take() {
            let unit = Unit::of(&state.quantity).unwrap_or_else(Unit::none);
            target.states.push((state.name.clone(), unit, state.span));
            self.populations[id.0].states.push(state);
        }
    }
}

/// Whose value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The source neuron's.
    Source,
    /// The target neuron's.
    Target,
}

/// A name of a neuron that a model mentions.
pub(crate) struct Wanted<'w> {
    /// What the model calls it.
    pub member: &'w str,
    /// What it is called in the neuron.
    pub name: String,
    /// Where that is said: in the model, or in an argument.
    pub span: Span,
    /// The unit that the model needs.
    pub unit: &'w Unit,
    /// The compartment of the target in which it is looked for first.
    pub compartment: Option<&'w str>,
}

impl Checker<'_> {
    /// What a member `pre` or `post` of a model is called in the neuron, and where that is said: an argument of its name
    /// goes before the model's word for it.
    pub(crate) fn called(
        &mut self,
        binding: &Binding,
        in_model: &str,
        written: Option<&ModelUse>,
        (neuron, caller): (&Target, &Scope),
    ) -> Option<(String, Span)> {
        let member = &binding.name.node;
        let Some(argument) = written.and_then(|w| w.arguments.iter().find(|a| a.name.node == *member)) else {
            return Some((in_model.to_owned(), binding.span));
        };
        let value = argument.value.as_ref();
        let path = value.filter(|_| !argument.random).and_then(|value| match &value.kind {
            ExprKind::Name(name) => Some(name.clone()),
            ExprKind::Member(owner, name) if !owner.node.is_empty() => Some(format!("{}.{}", owner.node, name.node)),
            _ => None,
        });
        // With an index, `x[0]`, it is an element.
        if let Some(ExprKind::Element(array, indices)) = value.filter(|_| !argument.random).map(|value| &value.kind)
            && let [DataIndex { index, every: None, .. }] = indices.as_slice()
        {
            let span = argument.span;
            let index = Some(Index::At(vec![index.clone()]));
            let names = self.members_at(&[Part { name: array.clone(), index, span }], &neuron.names(), caller);
            return names.into_iter().next().map(|name| (name, span));
        }
        // With indices, `d[0].V`, it is that of one compartment.
        if let Some(ExprKind::Located(place)) = value.filter(|_| !argument.random).map(|value| &value.kind) {
            let names = self.members_at(&place.parts, &neuron.names(), caller);
            if let [_, second, ..] = names.as_slice() {
                let title = format!("`{member}` is one state of the neuron");
                let error =
                    Diagnostic::error("E0523", title, place.span, "several here").also(binding.span, "read here");
                self.push(error.hint(format!("name one of them, such as `{second}`")));
                return None;
            }
            return names.into_iter().next().map(|name| (name, place.span));
        }
        let span = value.map_or(argument.span, |value| value.span);
        let names = neuron.names();
        if let Some(path) = path.as_ref().filter(|path| is_array(&names, path)) {
            self.which_of_them(path, span, &names);
            return None;
        }
        if path.is_none() {
            let title = format!("`{member}` is read of a neuron, so its argument names a state of it");
            let error = Diagnostic::error("E0523", title, span, "no name of a state");
            let error = error.also(binding.span, "read here");
            self.push(error.hint(format!("where the state is called `u`: `{member} = u`")));
        }
        path.map(|path| (path, span))
    }

    /// The value of `pre x` or `post x`, and which state it is, if it is one.
    pub(crate) fn neuron_value(&mut self, wanted: &Wanted<'_>, side: Side, neuron: &Target) -> (Typed, Option<usize>) {
        let Wanted { member: _, name, span, unit, compartment } = wanted;
        let (word, leaf): (_, fn(usize) -> Expr) = match side {
            Side::Source => ("source", Expr::PreState),
            Side::Target => ("target", Expr::PostState),
        };
        // In `soma.Ca` it is also what `soma` has.
        let around = compartment.iter().flat_map(|&whole: &&str| {
            let dots = whole.rmatch_indices('.').map(|(at, _)| &whole[..at]);
            std::iter::once(whole).chain(dots)
        });
        let inside: Vec<String> = around.map(|place| format!("{place}.{name}")).collect();
        let names: Vec<&String> = inside.iter().chain([name]).collect();
        let state = names.iter().find_map(|name| neuron.states.iter().position(|s| s.0 == **name));
        let found = match state {
            Some(place) => {
                let (_, unit, declared) = &neuron.states[place];
                Some((name, Typed::leaf(leaf(place), Type::Number(unit.clone())), *declared))
            }
            None => names.iter().find_map(|&name| {
                let found = neuron.lets.iter().find(|l| l.0 == *name);
                let found = found.map(|(_, value, declared)| (name, value.clone(), *declared));
                found.or_else(|| {
                    let place = neuron.inputs.iter().position(|input| input.0 == *name)?;
                    let (_, unit, declared) = &neuron.inputs[place];
                    Some((name, Typed::leaf(Expr::Input(place), Type::Number(unit.clone())), *declared))
                })
            }),
        };
        // Only what noise is in is no value.
        let noisy = neuron.population_lets.iter().find(|one| found.is_none() && names.contains(&&one.name));
        if let Some(noisy) = noisy {
            let title = format!("`{name}` of neuron `{}` depends on noise", neuron.model);
            let error = Diagnostic::error("E0511", title, *span, "white noise has no value at a moment");
            let error = error.also(noisy.span, "declared here");
            self.push(error.hint("read the state that the noise drives"));
            return (Typed::unknown(), None);
        }
        let Some((found, value, declared)) = found else {
            let title = format!("neuron `{}` has no state `{name}`", neuron.model);
            let error = Diagnostic::error("E0417", title, *span, "needed here");
            let states = its("states", neuron.states.iter().map(|s| &s.0).filter(|state| !is_kept(state)));
            let error = error.also(neuron.span, format!("the {word} is a `{}`", neuron.model));
            let inside = neuron.states.iter().filter_map(|s| s.0.rsplit_once('.'));
            let places: Vec<&str> = inside.filter(|(_, state)| state == name).map(|(p, _)| p).collect();
            self.push(match places.as_slice() {
                [first, ..] if side == Side::Target => {
                    error.hint(format!("{} have it: write `into {first}` in the `project`", list(&places)))
                }
                // Where nothing says otherwise, it is called as the model calls it.
                _ if neuron.states.is_empty() => error.hint(states),
                _ => error
                    .hint(format!("{states}; where it has another name there, say so: `{{ {} = … }}`", wanted.member)),
            });
            return (Typed::unknown(), None);
        };
        let number = matches!(value.kind, Type::Number(_) | Type::Zero);
        let has = value.kind.unit();
        if !number || has.dimension != unit.dimension && !unit.dimension.is_open() && !value.kind.is_open() {
            if value.is_unknown() {
                return (value, state);
            }
            let has_text = if number { format!("in {}", has.describe()) } else { value.kind.describe() };
            let unit_text = unit.describe();
            let title =
                format!("`{name}` of neuron `{}` is {has_text}, but this needs it in {unit_text}", neuron.model);
            let error = Diagnostic::error("E0417", title, *span, given_label(unit));
            self.push(error.also(declared, if number { given_label(&has) } else { value.kind.describe() }));
            return (Typed::unknown(), state);
        }
        if state.is_some() {
            return (Typed { kind: Type::Number((*unit).clone()), ..value }, state);
        }
        let kept = format!("{found}{BEFORE}");
        if let Some(place) = neuron.states.iter().position(|state| state.0 == kept) {
            return (Typed::leaf(leaf(place), Type::Number((*unit).clone())), None);
        }
        let mut view = FromSynapse { nodes: 0, height: 0, leaf };
        let failure = match view.expression(&value.expr, &neuron.population_lets, 1) {
            Ok(expr) => {
                let kind = Type::Number((*unit).clone());
                return (Typed { expr, kind, nodes: view.nodes, height: view.height }, None);
            }
            Err(Unseen::Momentary) => {
                let place = neuron.kept.place(found, neuron.states.len(), &value, declared);
                return (Typed::leaf(leaf(place), Type::Number((*unit).clone())), None);
            }
            Err(failure) => failure,
        };
        let label = "not known between two steps";
        let error = match failure {
            Unseen::Large => {
                let title =
                    format!("`{name}` of neuron `{}` is too large once its `let`s are written out", neuron.model);
                Diagnostic::error("E0212", title, *span, "too large").also(declared, "declared here")
            }
            Unseen::Never(what) => {
                let title = format!("`{name}` of neuron `{}` depends on {what}", neuron.model);
                let error = Diagnostic::error("E0511", title, *span, label).also(declared, "declared here");
                error.hint("what others read of a neuron is a number that it has; make it a state: `x(t + dt) = …`")
            }
            // Kept, above.
            Unseen::Momentary => return (Typed::unknown(), None),
        };
        self.push(error);
        (Typed::unknown(), None)
    }
}

/// Why synapses cannot see a `let`.
enum Unseen {
    /// It depends on what is known within a step only.
    Momentary,
    /// It depends on what cannot be kept from one step to the next.
    Never(&'static str),
    /// It is too large.
    Large,
}

/// An expression of a neuron as its synapses see it, `let`s written out.
struct FromSynapse {
    nodes: u64,
    height: u32,
    /// What a state of the neuron is to them.
    leaf: fn(usize) -> Expr,
}

impl FromSynapse {
    fn expression(&mut self, expr: &Expr, lets: &[Let], height: u32) -> Result<Expr, Unseen> {
        self.nodes += 1;
        self.height = self.height.max(height);
        if self.nodes > LARGEST || height > HIGHEST {
            return Err(Unseen::Large);
        }
        let mut of = |e: &Expr| self.expression(e, lets, height + 1);
        Ok(match expr {
            Expr::State(place) => (self.leaf)(*place),
            Expr::Let(index) => {
                let inner = lets.get(*index).ok_or(Unseen::Never("a `let` that is not known"))?;
                self.expression(&inner.value, &lets[..*index], height + 1)?
            }
            Expr::Unary(op, x) => Expr::Unary(*op, Rc::new(of(x)?)),
            Expr::Binary(op, a, b) => Expr::Binary(*op, Rc::new(of(a)?), Rc::new(of(b)?)),
            Expr::If(c, a, b) => Expr::If(Rc::new(of(c)?), Rc::new(of(a)?), Rc::new(of(b)?)),
            Expr::Call(function, arguments) => {
                Expr::Call(*function, arguments.iter().map(of).collect::<Result<_, _>>()?)
            }
            Expr::Number(_) | Expr::Bool(_) | Expr::Parameter(_) => expr.clone(),
            Expr::Input(_)
            | Expr::Time
            | Expr::TimeIndex { .. }
            | Expr::TimeFraction(..)
            | Expr::Due(_)
            | Expr::Delayed(..)
            | Expr::Element(_)
            | Expr::Within(..)
            | Expr::Random(..) => return Err(Unseen::Momentary),
            Expr::Noise(_) => return Err(Unseen::Never("noise")),
            Expr::PostState(_)
            | Expr::PreState(_)
            | Expr::Weight
            | Expr::Index
            | Expr::SourceIndex
            | Expr::PairIndex
            | Expr::Start(_)
            | Expr::OfSynapse(_)
            | Expr::NeuronDraw { .. } => return Err(Unseen::Never("what only the neuron itself knows")),
        })
    }
}
