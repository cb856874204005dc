//! Places with indices to names, and the combinations of a `for`: `area[k].E` with `k` = 3 is `area[3].E`.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::{evaluate, is_fixed};
use crate::expressions::over::MOST_TRIED;
use crate::expressions::scope::{Local, Role, Scope, Type, Typed};
use crate::expressions::units::Unit;
use crate::model::Expr;
use crate::models::elements::{element_key, firsts, indices_are, indices_of_element, many_indices, ranges_among};
use crate::networks::network::{Builder, OwnerKind};
use crate::networks::subgroup::Neurons;
use bpc_syntax::ast::{Comprehension, Expr as Written, Index, IndexRange, Name, Part, Path, Place};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;
use std::collections::BTreeMap;

/// Instances and combinations of one network: what is written once and stands many times.
const MOST_COPIES: u64 = 50_000;
/// Combinations of indices that are tried for one network, in all its copies.
const MOST_TRIED_IN_ALL: u64 = 10 * MOST_TRIED;

/// What brackets behind a name choose from.
#[derive(Clone, Copy, Debug)]
pub enum Array {
    /// Networks with indices from the first up to, not including, the last.
    Networks(u64, u64),
    /// Projections of a labelled statement with `for` over this many indices.
    Projections(usize),
}

/// A path of which is known what its owner is.
pub(crate) struct Reached<'p> {
    /// The population or label, by its name in the network at hand.
    pub owner: Name,
    /// What of it: `V`, `spikes`, `soma.Na.m`.
    pub member: Name,
    /// Which neurons of the population, as in `E[0..50].V`, if not all.
    pub neurons: Option<Neurons>,
    /// `[a..b]` or `[a]` behind the last name, as written.
    pub range: &'p Option<(Written, Option<Written>)>,
    /// The whole path.
    pub span: Span,
}

/// Calls `found` with every expression in the brackets of a place.
pub(crate) fn indices(place: &Place, found: &mut dyn FnMut(&Written)) {
    place.for_each_part(found);
}

/// Calls `found` with every expression that says how often a statement stands.
pub(crate) fn of_comprehension(each: Option<&Comprehension>, found: &mut dyn FnMut(&Written)) {
    each.into_iter().for_each(|each| each.for_each_part(found));
}

/// The local value of an index.
pub(crate) fn index_local(value: u64, span: Span) -> Local {
    #[allow(clippy::cast_precision_loss)] // below 2^31
    let value = Typed::number(value as f64, Unit::none());
    Local { value, role: Role::Index, span, used: std::rc::Rc::default() }
}

/// Whether elements of an array have this name: `x[3]`, not `dendrite[3].V`.
pub(crate) fn is_array(names: &[String], key: &str) -> bool {
    names.iter().any(|name| indices_of_element(name, key).is_some())
}

/// Whether a scope knows members of elements of this name.
fn has_elements(scope: &Scope, key: &str) -> bool {
    scope.starting(&format!("{key}[")).next().is_some()
}

/// `3` and `5` as `[3,5]`.
fn brackets<'v>(values: impl IntoIterator<Item = &'v u64>) -> String {
    let texts: Vec<String> = values.into_iter().map(u64::to_string).collect();
    format!("[{}]", texts.join(","))
}

impl Checker<'_> {
    /// The names that a place means: several if it has a range in it, none if something is wrong with it.
    pub(crate) fn places(&mut self, place: &Place, scope: &Scope) -> Vec<Name> {
        let mut texts = vec![String::new()];
        for part in &place.parts {
            let mut next = Vec::new();
            for text in texts {
                let dot = if text.is_empty() { "" } else { "." };
                match self.chosen(&format!("{text}{dot}{}", part.name.node), part, scope) {
                    Some(found) => next.extend(found),
                    None => return Vec::new(),
                }
            }
            texts = next;
        }
        texts.into_iter().map(|node| Name { node, span: place.span }).collect()
    }

    /// One part of a place: `key` with what its brackets choose.
    fn chosen(&mut self, key: &str, part: &Part, scope: &Scope) -> Option<Vec<String>> {
        let array = scope.arrays.get(key).copied();
        match (&part.index, array) {
            (None, Some(Array::Networks(first, last))) => {
                let title = format!("`{key}` is an array of networks: which of them?");
                let error = Diagnostic::error("E0486", title, part.span, "no index");
                self.push(error.hint(format!("write `{key}[{first}]` for one, `{key}[{first}..{last}]` for all")));
                None
            }
            (None, _) => Some(vec![key.to_owned()]),
            (Some(Index::At(written)), Some(array)) => {
                let expected = if let Array::Projections(count) = array { count } else { 1 };
                if written.len() != expected {
                    let (plural, given) = (if expected == 1 { "" } else { "es" }, written.len());
                    let title = format!("`{key}` has {expected} index{plural}, not {given}");
                    self.error("E0486", title, part.span, format!("{given} here"));
                    return None;
                }
                let mut values = Vec::new();
                for index in written {
                    let value = self.whole_expression(index, scope, "an index")?;
                    if let Array::Networks(first, last) = array
                        && !(first..last).contains(&value)
                    {
                        self.out_of_range(key, (first, last), value, index.span);
                        return None;
                    }
                    values.push(value);
                }
                Some(vec![format!("{key}{}", brackets(&values))])
            }
            (Some(Index::Range(from, to)), Some(Array::Networks(first, last))) => {
                let low = self.whole_expression(from, scope, "an index")?;
                let high = self.whole_expression(to, scope, "an index")?;
                if low >= high {
                    self.error("E0488", "this range is empty", from.span.to(to.span), "nothing in it");
                    return None;
                }
                if low < first || high > last {
                    let wrong = if low < first { (low, from.span) } else { (high - 1, to.span) };
                    self.out_of_range(key, (first, last), wrong.0, wrong.1);
                    return None;
                }
                Some((low..high).map(|value| format!("{key}[{value}]")).collect())
            }
            (Some(Index::At(written)), None) if written.len() > 1 && has_elements(scope, key) => {
                let mut values = Vec::with_capacity(written.len());
                for index in written {
                    values.push(self.whole_expression(index, scope, "an index")?);
                }
                let found = element_key(key, &values);
                if !scope.locals.contains_key(&found) && !scope.members.contains_key(&found) {
                    let title = format!("there is no `{found}` here");
                    self.error("E0487", title, part.span, "no such element");
                    return None;
                }
                Some(vec![found])
            }
            (Some(Index::At(written)), None) if written.len() == 1 && has_elements(scope, key) => {
                let value = self.whole_expression(&written[0], scope, "an index")?;
                let found = format!("{key}[{value}]");
                let is_value = scope.locals.contains_key(&found) || scope.members.contains_key(&found);
                if !is_value && scope.starting(&format!("{found}.")).next().is_none() {
                    self.no_compartment(key, value, written[0].span);
                    return None;
                }
                Some(vec![found])
            }
            (Some(_), other) => {
                self.no_array(key, part, scope, other.is_some());
                None
            }
        }
    }

    fn no_compartment(&mut self, key: &str, value: u64, span: Span) {
        let title = format!("`{key}` has no element {value}");
        self.error("E0487", title, span, format!("this is {value}"));
    }

    /// An element that an array among a neuron's members does not have.
    fn no_element(&mut self, key: &str, values: &[u64], span: Span, names: &[String]) {
        match (ranges_among(names, key), values) {
            (None, [value, ..]) => self.no_compartment(key, *value, span),
            (Some(ranges), values) => {
                let texts: Vec<String> = values.iter().map(u64::to_string).collect();
                let element = texts.join(", ");
                let title = format!("`{key}` has no element {element}");
                let error = Diagnostic::error("E0487", title, span, format!("this is {element}"));
                self.push(error.hint(indices_are(&ranges)));
            }
            (None, []) => {}
        }
    }

    /// An array among a neuron's members, where one of them is needed.
    pub(crate) fn which_of_them(&mut self, key: &str, span: Span, names: &[String]) {
        let error = Diagnostic::error("E0486", format!("`{key}` is an array: which of them?"), span, "no index");
        let ranges = ranges_among(names, key).unwrap_or_default();
        let one = element_key(key, &firsts(&ranges));
        self.push(error.hint(match ranges.as_slice() {
            [(first, last)] => {
                format!("write `{one}` for one, `{key}[{first}..{last}]` for all where several can stand")
            }
            _ => format!("write `{one}` for one"),
        }));
    }

    /// How many parts of a place name a population, if it starts with one.
    fn population_parts(&mut self, place: &Place, builder: &Builder<'_>, scope: &Scope) -> Option<usize> {
        let mut text = String::new();
        for (before, part) in place.parts.iter().enumerate() {
            let dot = if text.is_empty() { "" } else { "." };
            let key = format!("{text}{dot}{}", part.name.node);
            if builder.owner(&key).is_some_and(|o| matches!(o.kind, OwnerKind::Population(_))) {
                return Some(before + 1);
            }
            text = match (&part.index, scope.arrays.contains_key(&key)) {
                (None, false) => key,
                (Some(_), true) => self.chosen(&key, part, scope)?.into_iter().next()?,
                _ => return None,
            };
        }
        None
    }

    /// The members that the parts behind a population name: `dendrite[3].V`, and all of `dendrite[0..5].V`; `x[3]`, and all of
    /// `x[0..5]`. `names` are those of all members. None if something is wrong with them.
    pub(crate) fn members_at(&mut self, parts: &[Part], names: &[String], scope: &Scope) -> Vec<String> {
        let mut texts = vec![String::new()];
        for part in parts {
            let mut next = Vec::new();
            for text in texts {
                let dot = if text.is_empty() { "" } else { "." };
                let key = format!("{text}{dot}{}", part.name.node);
                let Some(index) = &part.index else {
                    if is_array(names, &key) {
                        self.which_of_them(&key, part.span, names);
                        return vec![];
                    }
                    next.push(key);
                    continue;
                };
                let (chosen, span): (Vec<Vec<u64>>, Span) = match index {
                    Index::At(list) => {
                        let mut values = Vec::with_capacity(list.len());
                        for index in list {
                            let Some(value) = self.whole_expression(index, scope, "an index") else { return vec![] };
                            values.push(value);
                        }
                        (vec![values], list.first().map_or(part.span, |first| first.span))
                    }
                    Index::Range(from, to) => {
                        let low = self.whole_expression(from, scope, "an index");
                        let high = self.whole_expression(to, scope, "an index");
                        let (Some(low), Some(high)) = (low, high) else { return vec![] };
                        if low >= high {
                            let span = from.span.to(to.span);
                            self.error("E0488", "this range is empty", span, "nothing in it");
                            return vec![];
                        }
                        ((low..high).map(|value| vec![value]).collect(), from.span.to(to.span))
                    }
                };
                let there = |start: &str| names.iter().any(|s| s.starts_with(start));
                if !there(&format!("{key}[")) {
                    let title = match names.contains(&key) {
                        true => format!("`{key}` is no array"),
                        false => format!("`{key}` is no array of compartments"),
                    };
                    self.error("E0486", title, part.span, "an index here");
                    return vec![];
                }
                let dimensions = ranges_among(names, &key).map_or(1, |ranges| ranges.len());
                for values in chosen {
                    if values.len() != dimensions {
                        self.push(many_indices(&key, dimensions, values.len(), part.span));
                        return vec![];
                    }
                    let element = element_key(&key, &values);
                    if !there(&format!("{element}.")) && !names.contains(&element) {
                        self.no_element(&key, &values, span, names);
                        return vec![];
                    }
                    next.push(element);
                }
            }
            texts = next;
        }
        texts
    }

    /// A path into an array, of compartments or of members; `None` if it is none. Behind the name of an array of members the
    /// first brackets choose elements: neurons stand in the next.
    fn reached_inside<'p>(&mut self, path: &'p Path, builder: &Builder<'_>, scope: &Scope) -> Option<Vec<Reached<'p>>> {
        let Path { place, range, span } = path;
        let count = self.population_parts(place, builder, scope)?;
        let (owner, inside) = place.parts.split_at(count);
        let (last, end) = (inside.last()?, owner.last()?);
        let first = inside.first()?;
        let owner = Place { parts: owner.to_vec(), span: Span { end: end.span.end, ..place.span } };
        let indexed = inside.iter().any(|p| p.index.is_some());
        let errors = self.report.errors();
        let reached = self.without_neurons(&owner, builder, scope);
        let population = |name: &Name| builder.owner(&name.node).and_then(|o| o.population());
        let places = reached.as_ref().map_or_else(Vec::new, |(owner, _)| self.places(owner, scope));
        let array = || {
            let names: Vec<&str> = inside.iter().map(|p| p.name.node.as_str()).collect();
            let target = places.iter().find_map(population)?;
            is_array(&builder.targets[target.0].names(), &names.join(".")).then_some(())
        };
        if !indexed && array().is_none() {
            // What is wrong with it is told of it as a path without indices.
            return (self.report.errors() > errors).then(Vec::new);
        }
        let Some((_, neurons)) = reached else { return Some(vec![]) };
        let mut inside = inside.to_vec();
        let mut rest = range;
        if let (false, Some((from, to)), Some(last)) = (last.index.is_some(), range, inside.last_mut())
            && array().is_some()
        {
            last.index = Some(match to {
                None => Index::At(vec![from.clone()]),
                Some(to) => Index::Range(Box::new(from.clone()), Box::new(to.clone())),
            });
            rest = &None;
        }
        let mut found = Vec::new();
        for name in places {
            let Some(population) = population(&name) else { continue };
            for member in self.members_at(&inside, &builder.targets[population.0].names(), scope) {
                let member = Name { node: member, span: first.span.to(last.span) };
                found.push(Reached { owner: name.clone(), member, neurons, range: rest, span: *span });
            }
        }
        Some(found)
    }

    fn out_of_range(&mut self, key: &str, (first, last): (u64, u64), value: u64, span: Span) {
        let title = format!("`{key}` has no element {value}");
        let error = Diagnostic::error("E0487", title, span, format!("this is {value}"));
        self.push(error.hint(format!("its indices are {first} to {}", last - 1)));
    }

    fn no_array(&mut self, key: &str, part: &Part, scope: &Scope, projections: bool) {
        if projections {
            let title = format!("a range of the projections `{key}` cannot be chosen");
            self.error("E0486", title, part.span, "a range");
            return;
        }
        let known = scope.locals.contains_key(key) || scope.starting(&format!("{key}.")).next().is_some();
        let span = part.span;
        self.push(if known {
            Diagnostic::error("E0486", format!("`{key}` is no array of networks"), span, "an index here")
                .hint("an index chooses of an array of networks, or neurons of a population: `E[0..4].V`")
        } else {
            let error = Diagnostic::error("E0201", format!("there is no `{key}` here"), part.name.span, "not declared");
            match closest(key, scope.arrays.keys().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("an array of networks is declared so: `instance {key}[4] : …`")),
            }
        });
    }

    /// What a path means: the longest start of it that has members, and the rest. Several if it has a range of
    /// networks in it, none if something is wrong with it.
    pub(crate) fn reached<'p>(&mut self, path: &'p Path, builder: &Builder<'_>, scope: &Scope) -> Vec<Reached<'p>> {
        if let Some(found) = self.reached_inside(path, builder, scope) {
            return found;
        }
        let Path { place, range, span } = path;
        let Some((place, neurons)) = self.without_neurons(place, builder, scope) else { return Vec::new() };
        let Some((last, before)) = place.parts.split_last() else { return Vec::new() };
        let Some(end) = before.last() else { return Vec::new() };
        let owner = Place { parts: before.to_vec(), span: Span { end: end.span.end, ..place.span } };
        // An index belongs to the owner.
        let indexed = before.iter().rposition(|p| p.index.is_some()).map_or(1, |at| at + 1);
        let places = self.places(&owner, scope);
        let parts = |place: &Name| {
            // Where each part ends in the name; indices are numbers, without dots.
            let dots = place.node.match_indices('.').map(|(at, _)| at);
            let ends: Vec<usize> = dots.chain([place.node.len()]).collect();
            let known = (indexed..=before.len()).rev().find_map(|count| {
                let end = *ends.get(count - 1)?;
                builder.owner(&place.node[..end]).map(|owner| (count, owner))
            });
            let count = match known {
                // What a network does not have is told of the network.
                Some((count, owner)) if matches!(owner.kind, OwnerKind::Network { .. }) => {
                    (count + 1).min(before.len())
                }
                Some((count, _)) => count,
                None => indexed,
            };
            let end = ends.get(count - 1).copied().unwrap_or(place.node.len());
            let whole = |from: Span, to: Span| Span { end: to.end, ..from };
            let names = before[count..].iter().chain([last]).map(|p| p.name.node.as_str());
            let first = before.get(count).unwrap_or(last);
            Reached {
                owner: Name { node: place.node[..end].to_owned(), span: whole(place.span, before[count - 1].span) },
                member: Name {
                    node: names.collect::<Vec<_>>().join("."),
                    span: whole(first.name.span, last.name.span),
                },
                neurons,
                range,
                span: *span,
            }
        };
        places.iter().map(parts).collect()
    }

    /// A member of something with an index: `area[k].E.tau`, `ff[0, 1].weight`.
    pub(crate) fn located(&mut self, place: &Place, scope: &Scope) -> Typed {
        let Some((last, before)) = place.parts.split_last() else { return Typed::unknown() };
        if let Some(value) = self.element_of_neuron(place, scope) {
            return value;
        }
        let Some(end) = before.last().filter(|_| last.index.is_none()) else {
            if scope.arrays.contains_key(&last.name.node) && before.is_empty() {
                self.array_as_value(place.span);
            } else if !self.value_of_neuron(place, scope) {
                let title = format!("`{}` is one value, not a list", last.name.node);
                let error = Diagnostic::error("E0486", title, last.span, "an index here");
                self.push(error.hint("elements belong to `data` of this network or this file: `W[i, j]`"));
            }
            return Typed::unknown();
        };
        let owner = Place { parts: before.to_vec(), span: Span { end: end.span.end, ..place.span } };
        match self.places(&owner, scope).as_slice() {
            [] => Typed::unknown(),
            [only] => self.member(only, &last.name, scope),
            _ => {
                let title = format!("`{}` is several values", self.text(place.span));
                self.error("E0486", title, owner.span, "a range cannot stand in a value");
                Typed::unknown()
            }
        }
    }

    /// `E.x[3]` or `source.tau[k]`, if it ends with an element of an array among a neuron's members.
    fn element_of_neuron(&mut self, place: &Place, scope: &Scope) -> Option<Typed> {
        let (last, before) = place.parts.split_last()?;
        let (Some(Index::At(list)), Some(end)) = (&last.index, before.last()) else { return None };
        let owner = Place { parts: before.to_vec(), span: Span { end: end.span.end, ..place.span } };
        let whole = before.iter().all(|part| part.index.is_none());
        let texts: Vec<&str> = before.iter().map(|part| part.name.node.as_str()).collect();
        let start = format!("{}.{}[", texts.join("."), last.name.node);
        let known = |name: &String| name.starts_with(&start);
        let there = scope.locals.keys().chain(scope.members.keys()).chain(scope.hidden.keys()).any(known);
        if whole && !there {
            return None;
        }
        let names =
            if whole { vec![Name { node: texts.join("."), span: owner.span }] } else { self.places(&owner, scope) };
        let [only] = names.as_slice() else { return None };
        let start = format!("{}.", only.node);
        let all = scope.locals.keys().chain(scope.members.keys()).chain(scope.hidden.keys());
        let all: Vec<String> = all.filter_map(|name| name.strip_prefix(&start).map(str::to_owned)).collect();
        if !is_array(&all, &last.name.node) {
            return None;
        }
        let dimensions = ranges_among(&all, &last.name.node).map_or(1, |ranges| ranges.len());
        if list.len() != dimensions {
            self.push(many_indices(&last.name.node, dimensions, list.len(), last.span));
            return Some(Typed::unknown());
        }
        let mut values = Vec::with_capacity(dimensions);
        for index in list {
            let Some(value) = self.whole_expression(index, scope, "an index") else { return Some(Typed::unknown()) };
            values.push(value);
        }
        let member = Name { node: element_key(&last.name.node, &values), span: last.span };
        if !all.contains(&member.node) {
            self.no_element(&last.name.node, &values, list[0].span, &all);
            return Some(Typed::unknown());
        }
        Some(self.member(only, &member, scope))
    }

    /// `area[k]` or `ff[0, 1]` where a value is needed.
    pub(crate) fn array_as_value(&mut self, span: Span) {
        let error =
            Diagnostic::error("E0210", format!("`{}` is not a value", self.text(span)), span, "has no value itself");
        self.push(error.hint("name a member behind it: `area[0].E.size`"));
    }

    /// Whether there is room for so many copies more of what is written once; reports it if not.
    pub(crate) fn room(&mut self, count: u64, span: Span) -> bool {
        let fine = self.copies.saturating_add(count) <= MOST_COPIES;
        if !fine {
            self.overfull = true;
            let title = format!("this network has more than {MOST_COPIES} instances and repeated statements");
            self.error("E0489", title, span, "too many");
        }
        fine
    }

    /// The values of an index.
    pub(crate) fn index_values(&mut self, range: &IndexRange, scope: &Scope) -> Option<(u64, u64)> {
        self.check_index(&range.name, scope);
        let first = self.whole_expression(&range.first, scope, "an index");
        let last = self.whole_expression(&range.last, scope, "an index");
        let (first, last) = (first?, last?);
        if first > last {
            let span = range.first.span.to(range.last.span);
            let error =
                Diagnostic::error("E0488", "this range ends before it starts", span, format!("{first} to {last}"));
            self.push(error.hint("the end is not included: `0..4` is 0, 1, 2, 3"));
            return None;
        }
        Some((first, last))
    }

    /// The name of an index must not mean anything else.
    fn check_index(&mut self, name: &Name, scope: &Scope) {
        self.check_name(name);
        let local = scope.indices.get(&name.node).or_else(|| scope.locals.get(&name.node)).map(|l| l.span);
        let data = || scope.data.get(&name.node).map(|known| known.as_ref().map_or(name.span, |k| k.span));
        let taken = local.or_else(data);
        let error = || {
            let title = format!("`{}` cannot be the name of an index", name.node);
            Diagnostic::error("E0491", title, name.span, "means something else already")
        };
        match (name.node.as_str(), taken) {
            ("i" | "j", _) => self.push(error().hint("`i` and `j` are indices of neurons: take another letter")),
            (_, Some(first)) => self.push(error().also(first, "declared here")),
            _ => {}
        }
    }

    /// Does something for each combination of a `for`, or once without one. The indices are in the
    /// scope meanwhile, and given as in `[3,5]`.
    pub(crate) fn combinations(
        &mut self,
        builder: &mut Builder<'_>,
        each: Option<&Comprehension>,
        work: &mut dyn FnMut(&mut Self, &mut Builder<'_>, &str),
    ) {
        match each {
            None => work(self, builder, ""),
            Some(each) => {
                let limit = self.tried.saturating_add(MOST_TRIED);
                self.combine(builder, each, limit, &mut Vec::new(), work);
                builder.scope.indices.clear();
            }
        }
    }

    /// The combinations that start with these values, of which no more are tried when `tried` has come to the limit; `false`
    /// if something is wrong.
    fn combine(
        &mut self,
        builder: &mut Builder<'_>,
        each: &Comprehension,
        limit: u64,
        values: &mut Vec<u64>,
        work: &mut dyn FnMut(&mut Self, &mut Builder<'_>, &str),
    ) -> bool {
        let Some(range) = each.indices.get(values.len()) else {
            return match self.passes(each.filter.as_ref(), &builder.scope) {
                None => false,
                Some(false) => true,
                Some(true) => {
                    let fine = self.room(1, each.span);
                    if fine {
                        self.copies += 1;
                        work(self, builder, &brackets(values.iter()));
                    }
                    fine
                }
            };
        };
        builder.scope.indices.remove(&range.name.node);
        for later in &each.indices[values.len()..] {
            // A range may use the indices before it.
            builder.scope.indices.remove(&later.name.node);
        }
        if let Some(first) = each.indices[..values.len()].iter().find(|r| r.name.node == range.name.node) {
            let title = format!("index `{}` is declared twice", range.name.node);
            self.push(
                Diagnostic::error("E0491", title, range.name.span, "again here").also(first.name.span, "first here"),
            );
            return false;
        }
        let Some((first, last)) = self.index_values(range, &builder.scope) else { return false };
        // More than can be written out are more than can be tried.
        if last - first > MOST_COPIES && !self.room(last - first, each.span) {
            return false;
        }
        for value in first..last {
            self.tried += 1;
            if self.tried > limit {
                self.too_many_tried(each.span);
                return false;
            }
            if self.tried > MOST_TRIED_IN_ALL {
                self.overfull = true;
                let title =
                    format!("the copies of a network have tried more than {MOST_TRIED_IN_ALL} combinations of indices");
                let error = Diagnostic::error("E0540", title, each.span, "too many with this");
                self.push(error.hint("let ranges leave out what `where` does: `for a in 0..n, b in a..n`"));
                return false;
            }
            builder.scope.indices.insert(range.name.node.clone(), index_local(value, range.name.span));
            values.push(value);
            let fine = self.combine(builder, each, limit, values, work);
            values.pop();
            if !fine {
                return false;
            }
        }
        true
    }

    /// Whether a combination is meant.
    pub(crate) fn passes(&mut self, filter: Option<&Written>, scope: &Scope) -> Option<bool> {
        filter.map_or(Some(true), |filter| self.decided(filter, scope, "`where`"))
    }

    /// Whether a condition holds that is known before the run.
    pub(crate) fn decided(&mut self, filter: &Written, scope: &Scope, word: &str) -> Option<bool> {
        let value = self.top(filter, scope);
        if !self.truth(&value, filter.span, word) || matches!(value.kind, Type::Unknown) {
            return None;
        }
        let known = match &value.expr {
            Expr::Bool(known) => Some(*known),
            other if is_fixed(other) => evaluate(other, &self.parameters).map(|x| x != 0.0),
            _ => None,
        };
        if known.is_none() {
            let title = format!("{word} must be known before the run");
            let error = Diagnostic::error("E0210", title, filter.span, "this can change at run time");
            self.push(error.hint("use the indices, constants and parameters of the network here"));
        }
        known
    }

    /// The scope of an element of an array of networks.
    pub(crate) fn with_index(&self, scope: &Scope, name: Option<&Name>, value: u64) -> Scope {
        let mut scope = scope.clone();
        if let Some(name) = name {
            scope.indices = BTreeMap::from([(name.node.clone(), index_local(value, name.span))]);
        }
        scope
    }
}
