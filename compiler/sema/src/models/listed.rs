//! Lists of values: `rates[3] = [1 Hz, 2 Hz, 3 Hz]` where an array is declared or given, in neurons and networks.
//!
//! What goes in is what is written for a whole array, what comes out what that is for one of its elements: the element of a list, of
//! data or of another list with as many, or the expression itself, in which indices have their values.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Scope, Typed};
use crate::expressions::units::{Unit as Dimensions, is_count};
use crate::expressions::whole::{Extents, range};
use crate::model::Expr as Value;
use crate::models::elements::{
    Ranges, combinations, element_key, firsts, indices_are, indices_of_element, inside, many_indices,
};
use bpc_syntax::ast::{Binding, DataIndex, Expr, ExprKind, ModelUse, Name, UnaryOp, Unit};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeMap;

impl Checker<'_> {
    /// The declaration of an element of an array. Where something else gives its value, only the unit of what is declared
    /// matters, which may then have another number of elements. `None` if something is wrong.
    pub(crate) fn declared_element(
        &mut self,
        (binding, ranges): (&Binding, &Ranges),
        indices: &[u64],
        given: bool,
        scope: &Scope,
    ) -> Option<Binding> {
        let array = binding.name.node.as_str();
        let name = Name { node: element_key(array, indices), span: binding.name.span };
        let value = match &binding.value {
            None => None,
            Some(written) if given => Some(self.any_value(written, scope)),
            Some(written) => Some(self.value_of_element((array, ranges), written, indices, scope)?),
        };
        let listed = binding.value.as_ref().is_some_and(|written| matches!(written.kind, ExprKind::List(_)));
        let unit = binding.unit.as_ref().filter(|unit| listed && !is_count(unit));
        let value = value.map(|value| unit.map_or_else(|| value.clone(), |unit| in_unit(&value, unit)));
        Some(Binding { name, value, ..binding.clone() })
    }

    /// One of the values that are written for an array.
    fn any_value(&mut self, written: &Expr, scope: &Scope) -> Expr {
        match &written.kind {
            ExprKind::List(values) => match values.first() {
                Some(first) => self.any_value(first, scope),
                None => written.clone(),
            },
            ExprKind::Name(name) => match self.elements_of_name(name, scope) {
                Some((_, _, firsts)) => element(name, &firsts, written.span),
                None => written.clone(),
            },
            _ => written.clone(),
        }
    }

    /// What is written for an array, for the element with these indices; `None` if it is for another number of elements.
    pub(crate) fn value_of_element(
        &mut self,
        (array, ranges): (&str, &Ranges),
        written: &Expr,
        indices: &[u64],
        scope: &Scope,
    ) -> Option<Expr> {
        let places: Vec<u64> = indices.iter().zip(ranges).map(|(index, (first, _))| index - first).collect();
        match &written.kind {
            ExprKind::List(_) => self.element_of_lists((array, ranges), written, &places),
            ExprKind::Name(name) => match self.elements_of_name(name, scope) {
                None => Some(written.clone()),
                Some((title, lengths, first)) => {
                    if lengths != lengths_of(ranges) {
                        let (found, needed) = (times(&lengths), times(&lengths_of(ranges)));
                        let title = format!("{title} has {found} values, but `{array}` has {needed}");
                        self.error("E0542", title, written.span, "does not fit");
                        return None;
                    }
                    let indices: Vec<u64> = places.iter().zip(&first).map(|(place, first)| place + first).collect();
                    Some(element(name, &indices, written.span))
                }
            },
            _ => Some(written.clone()),
        }
    }

    /// Whether what is written stands for all elements of an array, each with a value of its own.
    pub(crate) fn is_listed(&mut self, written: &Expr, scope: &Scope) -> bool {
        match &written.kind {
            ExprKind::List(_) => true,
            ExprKind::Name(name) => self.elements_of_name(name, scope).is_some(),
            _ => false,
        }
    }

    /// What a name with elements is called, how many it has in each direction, and its first indices.
    fn elements_of_name(&mut self, name: &str, scope: &Scope) -> Option<(String, Vec<u64>, Vec<u64>)> {
        if let Some(ranges) = scope.lists.get(name) {
            return Some((format!("the list `{name}`"), lengths_of(ranges), firsts(ranges)));
        }
        if scope.hidden.contains_key(name) {
            return None;
        }
        let known = self.data_named(name, scope)??;
        let (rows, columns) = known.lengths();
        let lengths: Vec<u64> = std::iter::once(rows).chain(columns).map(|length| length as u64).collect();
        let firsts = vec![0; lengths.len()];
        Some((format!("`{name}`"), lengths, firsts))
    }

    /// An element of a list, or of a list of lists.
    fn element_of_lists(&mut self, (array, ranges): (&str, &Ranges), written: &Expr, places: &[u64]) -> Option<Expr> {
        let lengths = lengths_of(ranges);
        let mut at = written;
        for (place, length) in places.iter().zip(&lengths) {
            let ExprKind::List(values) = &at.kind else {
                let title = format!("`{array}` has {} values: a list of lists is needed", times(&lengths));
                self.error("E0542", title, at.span, "one value");
                return None;
            };
            if values.len() as u64 != *length {
                let title = format!("this list has {} elements, and `{array}` needs {length} here", values.len());
                let error = Diagnostic::error("E0542", title, at.span, "does not fit");
                self.push(error.hint(format!("`{array}` has {} values", times(&lengths))));
                return None;
            }
            at = values.get(usize::try_from(*place).ok()?)?;
        }
        if matches!(at.kind, ExprKind::List(_)) {
            let title = format!("`{array}` has {} values: this stands for one of them", times(&lengths));
            self.error("E0542", title, at.span, "a list in a list");
            return None;
        }
        Some(at.clone())
    }

    /// Arguments in which what is given for a whole array is given for each of its elements.
    pub(crate) fn listed_arguments(
        &mut self,
        written: &ModelUse,
        known: &BTreeMap<String, Ranges>,
        caller: &Scope,
    ) -> ModelUse {
        let mut arguments = Vec::with_capacity(written.arguments.len());
        for argument in &written.arguments {
            let name = &argument.name.node;
            let whole = known.get(name).zip(argument.value.as_ref());
            let Some((ranges, value)) = whole.filter(|(_, value)| self.is_listed(value, caller)) else {
                arguments.push(argument.clone());
                continue;
            };
            let again = written.arguments.iter().find(|other| indices_of_element(&other.name.node, name).is_some());
            if let Some(again) = again {
                let title = format!("`{}` is given twice", again.name.node);
                let error = Diagnostic::error("E0214", title, again.name.span, "given here as well");
                self.push(error.also(argument.name.span, "all of them are given here"));
            }
            for indices in combinations(ranges) {
                let Some(value) = self.value_of_element((name, ranges), value, &indices, caller) else { break };
                let name = Name { node: element_key(name, &indices), span: argument.name.span };
                arguments.push(Binding { name, value: Some(value), ..argument.clone() });
            }
        }
        ModelUse { arguments, ..written.clone() }
    }

    /// `rates[k]` of a list of the network.
    pub(crate) fn element_of_list(&mut self, name: &Name, places: &[DataIndex], span: Span, scope: &Scope) -> Typed {
        let lists = scope.lists.clone();
        let Some(ranges) = lists.get(&name.node) else { return Typed::unknown() };
        if let Some(every) = places.iter().find_map(|place| place.every.as_ref()) {
            let error = Diagnostic::error("E0466", "only data has elements in time", every.span, "no time here");
            self.push(error.hint("a list of a network is a few parameters; many numbers are `data`"));
            return Typed::unknown();
        }
        if places.len() != ranges.len() {
            self.push(many_indices(&name.node, ranges.len(), places.len(), span).hint(indices_are(ranges)));
            return Typed::unknown();
        }
        let mut values = Vec::with_capacity(places.len());
        for place in places {
            let value = self.expression(&place.index, scope);
            if value.is_unknown() || !self.fits(&value, &Dimensions::none(), place.index.span, "an index", None) {
                return Typed::unknown();
            }
            values.push(value);
        }
        self.element_at(name, (&values, ranges), &mut Vec::new(), span, scope)
    }

    /// The element with these indices: a choice for each one that is known at run time only. `before` are those in front.
    fn element_at(
        &mut self,
        name: &Name,
        (indices, ranges): (&[Typed], &[(u64, u64)]),
        before: &mut Vec<u64>,
        span: Span,
        scope: &Scope,
    ) -> Typed {
        let (Some((index, later)), Some((&(first, last), rest))) = (indices.split_first(), ranges.split_first()) else {
            let element = element_key(&name.node, before);
            let Some(local) = scope.locals.get(&element) else { return Typed::unknown() };
            local.used.set(true);
            return local.value.clone();
        };
        let known = range(&index.expr, Extents::default()).filter(|_| matches!(index.expr, Value::Number(_)));
        if let Value::Number(number) = index.expr {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked
            let found = known.filter(|_| number >= 0.0).map(|_| number as u64);
            let Some(value) = found.filter(|value| inside(&[*value], &[(first, last)])) else {
                let title = format!("`{}` has no index {number} here", name.node);
                let error = Diagnostic::error("E0487", title, span, format!("this is {number}"));
                self.push(error.hint(indices_are(&[(first, last)])));
                return Typed::unknown();
            };
            before.push(value);
            let element = self.element_at(name, (later, rest), before, span, scope);
            before.pop();
            return element;
        }
        let mut among = Vec::new();
        for value in first..last {
            before.push(value);
            among.push(self.element_at(name, (later, rest), before, span, scope));
            before.pop();
        }
        self.chosen_at(index, first, &among, span)
    }
}

/// `W[1, 2]`
fn element(name: &str, indices: &[u64], span: Span) -> Expr {
    let index = |index: &u64| {
        let kind = ExprKind::Number { text: index.to_string(), unit: None };
        DataIndex { index: Expr { kind, span }, every: None, between: None }
    };
    let name = Name { node: name.to_owned(), span };
    Expr { kind: ExprKind::Element(name, indices.iter().map(index).collect()), span }
}

/// In a list with a declared unit, a number without one is in that unit.
fn in_unit(written: &Expr, unit: &Unit) -> Expr {
    let kind = match &written.kind {
        ExprKind::Number { text, unit: None } => ExprKind::Number { text: text.clone(), unit: Some(unit.clone()) },
        ExprKind::Unary(UnaryOp::Negate, inner) => ExprKind::Unary(UnaryOp::Negate, Box::new(in_unit(inner, unit))),
        other => other.clone(),
    };
    Expr { kind, span: written.span }
}

/// How many elements there are in each direction.
fn lengths_of(ranges: &[(u64, u64)]) -> Vec<u64> {
    ranges.iter().map(|(first, last)| last - first).collect()
}

/// `2 x 3`
fn times(lengths: &[u64]) -> String {
    let texts: Vec<String> = lengths.iter().map(u64::to_string).collect();
    texts.join(" x ")
}
