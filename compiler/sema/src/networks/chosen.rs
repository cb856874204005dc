//! `into dendrite[floor(uniform(0, 8))]`: each synapse chooses its compartment, or its element of an array of inputs, by an expression of its
//! own.
//!
//! What goes in is one statement; what comes out is a projection for each element of the array, all with the pairs that the rule draws
//! once, each with those synapses that have chosen its element. The expression is one for all of them, with the same random numbers, so
//! that each synapse is in exactly one. Every index is proven to be one of the array before the run.

use crate::expressions::checker::Checker;
use crate::expressions::functions::DISTRIBUTIONS;
use crate::expressions::scope::{Permits, Scope};
use crate::expressions::units::Unit;
use crate::expressions::whole::{Extents, range};
use crate::model::{BinaryOp, Chosen, Connect, Expr};
use crate::models::instance::mentioned;
use crate::networks::clauses::Clauses;
use crate::networks::connect::Pair;
use bpc_syntax::ast::{self, Clause, ExprKind, Index, IndexRange, Place};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::ops::Range;
use std::rc::Rc;

/// The most elements of such an array: what the runtime has room for.
const MOST: u64 = (1 << 14) - 1;

/// An array of which each synapse chooses an element.
pub(crate) struct Choosing<'w> {
    /// Which, as it is written.
    pub written: &'w ast::Expr,
    /// The indices of its elements.
    pub elements: Range<u64>,
    /// The one at hand.
    pub at: u64,
    /// The index of the first of the projections, whose random numbers all of them have.
    pub first: usize,
    /// Which synapses there are in all, once that is read, with the same draws for all elements; nothing in it if something is wrong with it.
    pub whole: Option<Option<Connect>>,
    /// What is written, likewise.
    pub value: Option<Option<Expr>>,
}

/// Whether something is drawn in an expression.
fn draws(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(name, arguments) => {
            DISTRIBUTIONS.iter().any(|known| known.0 == name.node) || arguments.iter().any(draws)
        }
        ExprKind::Unary(_, x) => draws(x),
        ExprKind::Binary(_, a, b) => draws(a) || draws(b),
        ExprKind::If(a, b, c) => draws(a) || draws(b) || draws(c),
        ExprKind::Element(_, places) => places.iter().any(|place| draws(&place.index)),
        _ => false,
    }
}

/// The indices of an array, by the names of its elements or of what these have.
fn elements(names: &[String], key: &str) -> Option<Range<u64>> {
    let index = |name: &String| {
        let (index, _) = name.strip_prefix(key)?.strip_prefix('[')?.split_once(']')?;
        index.parse::<u64>().ok()
    };
    let found = names.iter().filter_map(index);
    found.fold(None, |range: Option<Range<u64>>, index| match range {
        None => Some(index..index + 1),
        Some(range) => Some(range.start.min(index)..range.end.max(index + 1)),
    })
}

/// A place with a number in one of its brackets.
pub(crate) fn place_at(place: &Place, part: usize, number: u64) -> Place {
    let mut place = place.clone();
    if let Some(Index::At(list)) = place.parts.get_mut(part).and_then(|part| part.index.as_mut())
        && let [index] = &mut list[..]
    {
        index.kind = ExprKind::Number { text: number.to_string(), unit: None };
    }
    place
}

fn array_of<'w>(place: &'w Place, part: usize, names: &[String]) -> Option<(usize, Choosing<'w>)> {
    let before = &place.parts[..=part];
    if before[..part].iter().any(|part| part.index.is_some()) {
        return None;
    }
    let key: Vec<&str> = before.iter().map(|part| part.name.node.as_str()).collect();
    let elements = elements(names, &key.join("."))?;
    let Some(Index::At(list)) = &before[part].index else { return None };
    let at = elements.start;
    Some((part, Choosing { written: list.first()?, elements, at, first: 0, whole: None, value: None }))
}

impl Checker<'_> {
    /// The place of those brackets of `into` in whose index synapses differ; `each` are the indices of a `for` around it.
    fn chosen_part(&self, place: &Place, scope: &Scope, each: &[IndexRange]) -> Option<usize> {
        place.parts.iter().position(|part| match &part.index {
            Some(Index::At(list)) => matches!(&list[..], [index] if self.differs(index, scope, each)),
            _ => false,
        })
    }

    /// Whether the synapses of a statement choose what they go into.
    pub(crate) fn chooses(&self, project: &ast::Project, scope: &Scope) -> bool {
        let each = project.each.as_ref().map_or(&[][..], |each| &each.indices);
        let chosen = |clause: &Clause| match clause {
            Clause::Into { input, .. } => self.chosen_part(input, scope, each).is_some(),
            _ => false,
        };
        project.clauses.iter().any(chosen)
    }

    /// Whether an expression may have another value for each synapse.
    fn differs(&self, index: &ast::Expr, scope: &Scope, each: &[IndexRange]) -> bool {
        let mut found = draws(index);
        mentioned(index, &mut |name, member| {
            let of_pairs = ["i", "j", "k", "distance"].contains(&name);
            found |= match member {
                Some(_) => name == "source" || name == "target",
                // What is called so elsewhere is one value.
                None if of_pairs => {
                    !(scope.indices.contains_key(name)
                        || each.iter().any(|range| range.name.node == name)
                        || scope.locals.contains_key(name)
                        || self.program.find(scope.file, name).is_some())
                }
                None => false,
            };
        });
        found
    }

    /// What of the array is chosen: in which brackets, and the choice. `None` if nothing is, an error if it is no array.
    pub(crate) fn element_chosen_by_each<'w>(
        &self,
        clauses: &Clauses<'w>,
        scope: &Scope,
        names: &[String],
    ) -> Option<Result<(usize, Choosing<'w>), Diagnostic>> {
        let (place, _) = clauses.into?;
        let part = self.chosen_part(place, scope, &[])?;
        let found = array_of(place, part, names);
        if let Some((_, Choosing { elements, written, .. })) = &found
            && elements.end - elements.start > MOST
        {
            let title = format!("synapses choose among at most {MOST} elements");
            let label = format!("{} here", elements.end - elements.start);
            return Some(Err(Diagnostic::error("E0558", title, written.span, label)));
        }
        Some(found.ok_or_else(|| {
            let title = format!(
                "`{}` is no array of the target, of which synapses could choose an element",
                place.parts[part].name.node
            );
            let error = Diagnostic::error("E0558", title, place.parts[part].span, "an index of each synapse");
            error.hint(
                "arrays are made of compartments or of inputs: `compartment dendrite[8] { … }`, `input I[4] : nA`",
            )
        }))
    }

    /// Whether a Poisson source says what it acts on; reports it if each neuron should choose that.
    pub(crate) fn source_chooses(&mut self, clauses: &Clauses<'_>, scope: &Scope) -> bool {
        let chosen = clauses.into.and_then(|(place, _)| Some(&place.parts[self.chosen_part(place, scope, &[])?]));
        if let Some(part) = chosen {
            let title = "the Poisson sources of a statement act on one compartment";
            let error = Diagnostic::error("E0558", title, part.span, "an index of each synapse");
            self.push(error.hint("repeat the statement for parts of the population, `stimulate E[0..10] { … }`, or make the sources a population"));
        }
        chosen.is_some()
    }

    /// The connections of one element: those of the whole whose synapses choose it. `counted` is what of the statement is about all synapses of
    /// a neuron.
    pub(crate) fn of_element(
        &mut self,
        connect: Connect,
        choosing: &mut Choosing<'_>,
        scope: &Scope,
        pair: &Pair<'_>,
        counted: Option<(&str, Span)>,
    ) -> Option<Connect> {
        if choosing.value.is_none() {
            let value = self.choice(&connect, choosing, scope, pair, counted);
            choosing.value = Some(value);
        }
        let value = choosing.value.clone().flatten()?;
        let first = choosing.elements.start;
        let (number, of) = (choosing.at - first, choosing.elements.end - first);
        let same_as = connect.same_as.or((number > 0).then_some(choosing.first));
        Some(Connect { same_as, chosen: Some(Chosen { value, number, of }), ..connect })
    }

    /// What each synapse chooses, counted from the first element; `None` if something is wrong with it.
    fn choice(
        &mut self,
        connect: &Connect,
        choosing: &Choosing<'_>,
        scope: &Scope,
        pair: &Pair<'_>,
        counted: Option<(&str, Span)>,
    ) -> Option<Expr> {
        let span = choosing.written.span;
        if connect.chosen.is_some() {
            let title = "these synapses have chosen already what they go into";
            let error = Diagnostic::error("E0558", title, span, "another choice");
            self.push(error.hint("the pairs are those of one element of another choice: name its element in `into`"));
            return None;
        }
        if let Some((what, place)) = counted {
            let title = format!("{what} is about all synapses of a neuron, but here each element has some of them");
            let error = Diagnostic::error("E0558", title, place, "of a projection for each element");
            self.push(error.also(span, "each synapse chooses here"));
            return None;
        }
        let permits = Permits { random: true, pair: true, number: scope.permits.number, ..Permits::default() };
        let value = self.top(choosing.written, &scope.permitting(permits));
        if value.is_unknown() || !self.fits(&value, &Unit::none(), span, "an index", None) {
            return None;
        }
        let [source, target] = [&pair.source, &pair.target].map(|end| end.1);
        let number = self.listed(&connect.rule);
        let found = range(&value.expr, Extents { index: target, source, number, neurons: pair.populations });
        #[allow(clippy::cast_precision_loss)] // at most some thousands
        let (first, last) = (choosing.elements.start as f64, (choosing.elements.end - 1) as f64);
        match found {
            Some((low, high)) if low >= first && high <= last => {}
            Some((low, high)) => {
                let title =
                    format!("an index goes from {low} to {high}, but must be a whole number from {first} to {last}");
                let error = Diagnostic::error("E0558", title, span, "beyond the array for some synapses");
                self.push(error.hint(format!("limit it: `min(…, {last})`, `… % {}`", last + 1.0)));
                return None;
            }
            None => {
                let title = format!("it is not sure that this is a whole number from {first} to {last}");
                let error = Diagnostic::error("E0558", title, span, "an index of each synapse");
                self.push(
                    error.hint("round it, and limit it: `min(floor(distance / (100 um)), 7)`, `floor(uniform(0, 8))`"),
                );
                return None;
            }
        }
        if first == 0.0 {
            return Some(value.expr);
        }
        Some(Expr::Binary(BinaryOp::Subtract, Rc::new(value.expr), Rc::new(Expr::Number(first))))
    }
}
