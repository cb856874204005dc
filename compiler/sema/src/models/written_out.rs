//! What is written with indices, written out: `x[k + 1]` with `k` = 3 is the name `x[4]`, a sum its terms, and the statements
//! of a `for` stand once for each index. It is the same for arrays of compartments in cells and of members in neurons; what
//! comes out knows no indices, and everything else that is said of models is said of that.

use crate::expressions::checker::Checker;
use crate::expressions::over::MOST_TERMS;
use crate::expressions::scope::{Role, Scope, Typed};
use crate::expressions::units::{Unit, is_count};
use crate::models::elements::{Ranges, combinations, element_key, firsts, indices_are, many_indices};
use crate::models::instance::{Use, mentioned};
use crate::models::members::{about, declaring};
use crate::networks::place::index_local;
use bpc_syntax::ast::{
    Binding, Chosen, Component, Comprehension, DataIndex, Equation, Expr, ExprKind, Extent, Index, Member, Membrane,
    Model, ModelUse, Name, Over, Part, Place, Recurrence, SpikeRule, Statement,
};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeMap;

/// A model without arrays.
pub(crate) struct Expanded {
    /// Its members.
    pub model: Model,
    /// What a use of it gives to the parameters that are left.
    pub arguments: Option<ModelUse>,
    /// The others, which have become numbers.
    pub counts: Vec<(String, u64)>,
}

/// What the elements of arrays are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// Compartments of a cell, which have members.
    Compartments,
    /// Parameters, inputs, states and `let`s of a neuron.
    Members,
}

/// What is known while a model is written out.
pub(crate) struct Arrays<'m> {
    /// What has elements.
    pub of: Of,
    /// All members of the model, as written.
    pub members: &'m [Member],
    /// The indices of each array.
    pub known: BTreeMap<String, Ranges>,
    /// Parameters of type `count`, which are numbers here.
    pub counts: BTreeMap<String, u64>,
    /// What indices and sizes may use; the indices at hand are in it.
    pub scope: Scope,
    /// How much has been written out: elements, equations, statements and terms.
    pub written: u64,
    /// Parts of expressions that have been written out.
    pub nodes: u64,
}

/// Parts of expressions of a model, as many as fit into memory well.
const MOST_NODES: u64 = 4_000_000;

impl Of {
    /// One element, for messages.
    fn what(self) -> &'static str {
        match self {
            Of::Compartments => "array of compartments",
            Of::Members => "array",
        }
    }
}

/// Whether a block has a `for` in it.
pub(crate) fn has_loop(statements: &[Statement]) -> bool {
    statements.iter().any(|statement| match statement {
        Statement::For { .. } => true,
        Statement::If { branches, otherwise, .. } => {
            branches.iter().any(|(_, body)| has_loop(body)) || has_loop(otherwise)
        }
        _ => false,
    })
}

impl Checker<'_> {
    /// The parameters of a model that are numbers where it is written out. `hidden` says why its other members are none.
    pub(crate) fn counts<'m>(
        &mut self,
        model: &'m Model,
        site: Option<&Use<'_>>,
        of: Of,
        hidden: &str,
    ) -> Option<Arrays<'m>> {
        let mut arrays = Arrays {
            of,
            members: &model.members,
            known: BTreeMap::new(),
            counts: BTreeMap::new(),
            scope: Scope::of_file(model.span.file),
            written: 0,
            nodes: 0,
        };
        for member in &model.members {
            let binding = match member {
                Member::Parameter(binding) if binding.unit.as_ref().is_some_and(is_count) => binding,
                Member::Compartment(_) | Member::Component(_) | Member::Membrane(_) => continue,
                Member::Parameter(_) => {
                    about(member).2.iter().for_each(|name| arrays.scope.hide(&name.node, hidden));
                    continue;
                }
                _ if of == Of::Members => {
                    about(member).2.iter().for_each(|name| arrays.scope.hide(&name.node, hidden));
                    continue;
                }
                _ => continue,
            };
            let name = &binding.name.node;
            let value = self.count(binding, site, &arrays.scope)?;
            arrays.counts.insert(name.clone(), value);
            #[allow(clippy::cast_precision_loss)] // below 2^31
            arrays.scope.add(name, Typed::number(value as f64, Unit::none()), Role::Parameter, binding.name.span);
        }
        Some(arrays)
    }

    /// The value of a parameter that decides on a size.
    fn count(&mut self, binding: &Binding, site: Option<&Use<'_>>, scope: &Scope) -> Option<u64> {
        let name = &binding.name.node;
        let what = format!("parameter `{name}`");
        if let Some(site) = site {
            let full = format!("{}.{name}", site.prefix);
            if let Some((given, at)) = self.overridden(&full, &Unit::none(), binding.span) {
                return self.whole(given, at, &what);
            }
            if let Some(argument) = site.written.arguments.iter().find(|a| a.name.node == *name) {
                if argument.random {
                    self.no_value_for_each(argument.span);
                    return None;
                }
                return self.whole_expression(argument.value.as_ref()?, site.caller, &what);
            }
        }
        match (&binding.value, site) {
            (Some(value), _) => self.whole_expression(value, scope, &what),
            (None, Some(site)) => {
                let title = format!("`{}` needs a value for `{name}`", site.written.name.node);
                let error = Diagnostic::error("E0213", title, site.written.span, format!("`{name}` is missing"));
                self.push(error.also(binding.span, "it has no default"));
                None
            }
            // How many there are is known at each use only.
            (None, None) => None,
        }
    }

    /// First and last index of an array, of which there is at least one.
    pub(crate) fn array_extent(
        &mut self,
        name: &Name,
        extent: &Extent,
        arrays: &Arrays<'_>,
    ) -> Option<(u64, u64, Span)> {
        let (first, last, at) = match extent {
            Extent::Count(count) => {
                let what = format!("the size of `{}`", name.node);
                (0, self.whole_expression(count, &arrays.scope, &what)?, count.span)
            }
            Extent::Named(range) => {
                let (first, last) = self.index_values(range, &arrays.scope)?;
                (first, last, range.first.span.to(range.last.span))
            }
        };
        if first == last {
            self.error("E0488", format!("the array `{}` is empty", name.node), at, "no element");
            return None;
        }
        Some((first, last, at))
    }

    /// A model of these members; `None` if there have been errors since there were `before`.
    pub(crate) fn written_out(
        &mut self,
        model: &Model,
        members: Vec<Member>,
        arrays: Arrays<'_>,
        written: Option<&ModelUse>,
        before: usize,
    ) -> Option<Expanded> {
        let arguments = written.map(|written| {
            let own = |a: &&Binding| !arrays.counts.contains_key(&a.name.node);
            ModelUse { arguments: written.arguments.iter().filter(own).cloned().collect(), ..written.clone() }
        });
        let model = Model { members, doc: String::new(), name: model.name.clone(), ..*model };
        let counts = arrays.counts.into_iter().collect();
        (self.report.errors() == before).then_some(Expanded { model, arguments, counts })
    }

    /// Counts what is written out; reports it if that is too much.
    pub(crate) fn write(&mut self, count: u64, span: Span, arrays: &mut Arrays<'_>) -> bool {
        let before = arrays.written;
        arrays.written += count;
        if before <= MOST_TERMS && arrays.written > MOST_TERMS {
            self.too_many_terms("this model comes", span, "too many with this");
        }
        arrays.written <= MOST_TERMS
    }

    /// Does something for each combination of the indices of a `for`, which are numbers meanwhile.
    pub(crate) fn each_index<'m>(
        &mut self,
        each: &Comprehension,
        arrays: &mut Arrays<'m>,
        work: &mut dyn FnMut(&mut Self, &mut Arrays<'m>),
    ) {
        for range in &each.indices {
            if let Some(own) = within(arrays.members, &range.name.node) {
                self.no_index(&range.name, own);
                return;
            }
        }
        if arrays.written > MOST_TERMS {
            // Which has been told.
            return;
        }
        let Some((combinations, cost)) = self.index_combinations(each, &arrays.scope) else {
            // What is wrong has been told, and may take long to find once more.
            arrays.written += MOST_TERMS / 8;
            return;
        };
        if !self.write(cost, each.span, arrays) {
            return;
        }
        for values in combinations {
            for (range, value) in each.indices.iter().zip(values) {
                arrays.scope.indices.insert(range.name.node.clone(), index_local(value, range.name.span));
            }
            work(self, arrays);
        }
        for range in &each.indices {
            arrays.scope.indices.remove(&range.name.node);
        }
    }

    /// Reports an index with the name of a member.
    pub(crate) fn no_index(&mut self, index: &Name, own: &Member) {
        let title = format!("`{}` cannot be the name of an index", index.node);
        let error = Diagnostic::error("E0491", title, index.span, "means something else already");
        self.push(error.also(about(own).1, "declared here"));
    }

    /// The element that a name with or without an index means.
    pub(crate) fn element_name(&mut self, part: &Part, arrays: &Arrays<'_>) -> Option<String> {
        let name = &part.name.node;
        match (&part.index, arrays.known.get(name)) {
            (None, None) => Some(name.clone()),
            (None, Some(ranges)) => {
                let title = format!("`{name}` is an {}: which of them?", arrays.of.what());
                let error = Diagnostic::error("E0486", title, part.span, "no index");
                let first = element_key(name, &firsts(ranges));
                self.push(error.hint(format!("write `{first}`; {}", indices_are(ranges))));
                None
            }
            (Some(Index::At(list)), Some(ranges)) if !list.is_empty() && list.len() != ranges.len() => {
                self.push(many_indices(name, ranges.len(), list.len(), part.span).hint(indices_are(ranges)));
                None
            }
            (Some(Index::At(list)), Some(ranges)) if !list.is_empty() => {
                let mut values = Vec::with_capacity(list.len());
                for (index, (first, last)) in list.iter().zip(ranges) {
                    let value = self.whole_expression(index, &arrays.scope, "an index")?;
                    if !(*first..*last).contains(&value) {
                        let title = format!("`{name}` has no element {value}");
                        let title = if list.len() == 1 { title } else { format!("`{name}` has no index {value} here") };
                        let error = Diagnostic::error("E0487", title, index.span, format!("this is {value}"));
                        self.push(error.hint(indices_are(ranges)));
                        return None;
                    }
                    values.push(value);
                }
                Some(element_key(name, &values))
            }
            (Some(_), Some(_)) => {
                let (title, hint) = match arrays.of {
                    Of::Compartments => (
                        format!("one compartment of `{name}` is needed here"),
                        format!("write `{name}[k]`, and `for k in 0..4` behind a coupling"),
                    ),
                    Of::Members => (
                        format!("one element of `{name}` is needed here"),
                        format!("all of them are added up by `sum({name}[k] for k in 0..4)`"),
                    ),
                };
                self.push(Diagnostic::error("E0486", title, part.span, "not one index").hint(hint));
                None
            }
            (Some(_), None) => {
                let title = format!("`{name}` is no {}", arrays.of.what());
                let error = Diagnostic::error("E0486", title, part.span, "an index here");
                self.push(error.hint(match arrays.of {
                    Of::Compartments => format!("an array is declared so: `compartment {name}[20] {{ … }}`"),
                    Of::Members => format!("an array is declared so: `state {name}[8] : mV = 0 mV`"),
                }));
                None
            }
        }
    }

    /// A member in which indices are numbers, and elements of arrays are names.
    pub(crate) fn without_indices(&mut self, member: &Member, arrays: &mut Arrays<'_>) -> Member {
        let mut binding = |b: &Binding| self.binding_with_numbers(b, arrays);
        match member {
            Member::Parameter(b) => Member::Parameter(binding(b)),
            Member::Input(b) => Member::Input(binding(b)),
            Member::State(b) => Member::State(binding(b)),
            Member::Let(b) => Member::Let(binding(b)),
            Member::Membrane(m) => Member::Membrane(Membrane {
                potential: binding(&m.potential),
                settings: m.settings.iter().map(binding).collect(),
                span: m.span,
            }),
            Member::Component(c) => {
                let arguments = c.model.arguments.iter().map(binding).collect();
                Member::Component(Component { model: ModelUse { arguments, ..c.model.clone() }, ..c.clone() })
            }
            Member::Equation(e) => Member::Equation(Equation {
                state: self.name_with_numbers(&e.state, arrays),
                derivative: self.with_numbers(&e.derivative, arrays),
                span: e.span,
            }),
            Member::Recurrence(r) => Member::Recurrence(Recurrence {
                state: self.name_with_numbers(&r.state, arrays),
                value: self.with_numbers(&r.value, arrays),
                ..r.clone()
            }),
            Member::Spike(rule) => Member::Spike(SpikeRule {
                condition: self.with_numbers(&rule.condition, arrays),
                start: rule.start.as_ref().map(|start| self.with_numbers(start, arrays)),
                actions: self.block_with_numbers(&rule.actions, arrays),
                ..rule.clone()
            }),
            other => other.clone(),
        }
    }

    pub(crate) fn binding_with_numbers(&mut self, binding: &Binding, arrays: &mut Arrays<'_>) -> Binding {
        let value = binding.value.as_ref().map(|v| self.with_numbers(v, arrays));
        Binding { value, ..binding.clone() }
    }

    fn block_with_numbers(&mut self, statements: &[Statement], arrays: &mut Arrays<'_>) -> Vec<Statement> {
        let mut written = Vec::with_capacity(statements.len());
        for statement in statements {
            match statement {
                Statement::For { each, body, span } => self.each_index(each, arrays, &mut |checker, arrays| {
                    let body = checker.block_with_numbers(body, arrays);
                    // A name of the body is known for one index.
                    if body.iter().any(|one| matches!(one, Statement::Let(_))) {
                        written.push(Statement::If { branches: Vec::new(), otherwise: body, span: *span });
                    } else {
                        written.extend(body);
                    }
                }),
                other => written.push(self.statement_with_numbers(other, arrays)),
            }
        }
        written
    }

    fn statement_with_numbers(&mut self, statement: &Statement, arrays: &mut Arrays<'_>) -> Statement {
        match statement {
            Statement::Assign { target, op, value, span } => Statement::Assign {
                target: self.name_with_numbers(target, arrays),
                op: *op,
                value: self.with_numbers(value, arrays),
                span: *span,
            },
            Statement::Let(binding) => Statement::Let(self.binding_with_numbers(binding, arrays)),
            Statement::If { branches, otherwise, span } => {
                let mut branch = |(condition, body): &(Expr, Vec<Statement>)| {
                    (self.with_numbers(condition, arrays), self.block_with_numbers(body, arrays))
                };
                Statement::If {
                    branches: branches.iter().map(&mut branch).collect(),
                    otherwise: self.block_with_numbers(otherwise, arrays),
                    span: *span,
                }
            }
            Statement::Transmit { value, span } => {
                Statement::Transmit { value: self.with_numbers(value, arrays), span: *span }
            }
            Statement::Refractory { conditional, duration, hold, clamp, span } => Statement::Refractory {
                conditional: *conditional,
                duration: self.with_numbers(duration, arrays),
                hold: hold.iter().flat_map(|name| self.all_with_numbers(name, arrays)).collect(),
                clamp: clamp
                    .iter()
                    .flat_map(|(name, value)| {
                        let value = self.with_numbers(value, arrays);
                        self.all_with_numbers(name, arrays).into_iter().map(move |name| (name, value.clone()))
                    })
                    .collect(),
                span: *span,
            },
            // Taken apart by the block around it.
            Statement::For { .. } => statement.clone(),
        }
    }

    /// The states that a name behind `hold` or `clamp` means: an array without an index is all of its elements.
    fn all_with_numbers(&mut self, name: &Name, arrays: &mut Arrays<'_>) -> Vec<Name> {
        match arrays.known.get(&name.node) {
            Some(ranges) if arrays.of == Of::Members => {
                let element = |values: Vec<u64>| Name { node: element_key(&name.node, &values), span: name.span };
                combinations(ranges).into_iter().map(element).collect()
            }
            _ => vec![self.name_with_numbers(name, arrays)],
        }
    }

    /// `d[k + 1].V` with the index as a number, `d[4].V`. What is no element is reported.
    fn name_with_numbers(&mut self, name: &Name, arrays: &mut Arrays<'_>) -> Name {
        let of_members = arrays.of == Of::Members;
        let part =
            |node: &str, index| Part { name: Name { node: node.to_owned(), span: name.span }, index, span: name.span };
        let Some((array, rest)) = name.node.split_once('[') else {
            if of_members && arrays.known.contains_key(&name.node) {
                self.element_name(&part(&name.node, None), arrays);
            }
            return name.clone();
        };
        let (Some((written, rest)), Some(ranges)) = (rest.split_once(']'), arrays.known.get(array)) else {
            if of_members {
                self.element_name(&part(array, Some(Index::At(Vec::new()))), arrays);
            }
            return name.clone();
        };
        let indices: Vec<&str> = written.split(',').collect();
        if indices.len() != ranges.len() {
            self.push(many_indices(array, ranges.len(), indices.len(), name.span).hint(indices_are(ranges)));
            return name.clone();
        }
        let mut values = Vec::with_capacity(indices.len());
        for (index, (first, last)) in indices.into_iter().zip(ranges) {
            match arrays.short_index(index) {
                Ok(value) if u64::try_from(value).is_ok_and(|value| (*first..*last).contains(&value)) => {
                    values.push(value.unsigned_abs());
                }
                Ok(value) => {
                    let title = format!("`{array}` has no element {value}");
                    let error = Diagnostic::error("E0487", title, name.span, format!("`{index}` is {value}"));
                    self.push(error.hint(indices_are(ranges)));
                    return name.clone();
                }
                Err(word) => {
                    let title = format!("the value of `{word}` is not known here");
                    let error = Diagnostic::error("E0486", title, name.span, "an index");
                    self.push(error.hint(match of_members && declaring(arrays.members, word).is_some() {
                        true => format!(
                            "where it is known at run time only, each element is asked: `for a in {first}..{last} {{ if a == {word} {{ \
                             {array}[a] = … }} }}`"
                        ),
                        false => "an index is a number, the index of the array around it, or a parameter of the type `count`"
                            .to_owned(),
                    }));
                    return name.clone();
                }
            }
        }
        Name { node: format!("{}{rest}", element_key(array, &values)), span: name.span }
    }

    /// An expression in which indices and counts are numbers, and elements of arrays are names. As deep as the
    /// expression, which the parser bounds.
    pub(crate) fn with_numbers(&mut self, expr: &Expr, arrays: &mut Arrays<'_>) -> Expr {
        arrays.nodes += 1;
        if arrays.nodes >= MOST_NODES {
            if arrays.nodes == MOST_NODES {
                let title = "this model is too large once its sums and arrays are written out";
                self.error("E0540", title, expr.span, "too large with this");
            }
            return Expr { kind: ExprKind::Error, span: expr.span };
        }
        if let Some(kind) = self.written_kind(expr, arrays) {
            return Expr { kind, span: expr.span };
        }
        expr.with_parts(&mut |part| self.with_numbers(part, arrays))
    }

    /// What has indices or counts itself; nothing if it is made of parts, or of what stays as it is.
    fn written_kind(&mut self, expr: &Expr, arrays: &mut Arrays<'_>) -> Option<ExprKind> {
        Some(match &expr.kind {
            ExprKind::Name(name) => match arrays.number(name) {
                Some(text) => ExprKind::Number { text, unit: None },
                None if arrays.of == Of::Members && arrays.known.contains_key(name) => {
                    let name = Name { node: name.clone(), span: expr.span };
                    self.element_name(&Part { name, index: None, span: expr.span }, arrays);
                    ExprKind::Error
                }
                // What an equation of a higher order implies.
                None if arrays.of == Of::Members && name.contains('[') => {
                    ExprKind::Name(self.name_with_numbers(&Name { node: name.clone(), span: expr.span }, arrays).node)
                }
                None => expr.kind.clone(),
            },
            ExprKind::Element(name, indices) if self.is_member(name, arrays) => {
                if let Some(chosen) = self.chosen_at_run_time(name, indices, expr.span, arrays) {
                    return Some(chosen);
                }
                match self.element_of_array(name, indices, expr.span, arrays) {
                    Some(name) => ExprKind::Name(name),
                    None => ExprKind::Error,
                }
            }
            ExprKind::CallElement(name, indices, arguments) => {
                let element = self.element_of_array(name, indices, name.span, arrays);
                let arguments: Vec<Expr> = arguments.iter().map(|a| self.with_numbers(a, arrays)).collect();
                match element {
                    Some(node) => ExprKind::Call(Name { node, span: name.span }, arguments),
                    None => ExprKind::Error,
                }
            }
            ExprKind::Over(over) => self.terms(over, arrays),
            ExprKind::Member(owner, _) if arrays.known.contains_key(&owner.node) => {
                let owner = Part { name: owner.clone(), index: None, span: owner.span };
                self.element_name(&owner, arrays);
                ExprKind::Error
            }
            ExprKind::Located(place) => match self.member_of_element(place, arrays) {
                Some(kind) => kind,
                None => ExprKind::Error,
            },
            _ => return None,
        })
    }

    /// Whether a name belongs to the neuron, so that an index behind it is not one of data.
    fn is_member(&self, name: &Name, arrays: &Arrays<'_>) -> bool {
        arrays.of == Of::Members && declaring(arrays.members, &name.node).is_some()
    }

    /// `x[k + 1]` as a name.
    fn element_of_array(
        &mut self,
        name: &Name,
        indices: &[DataIndex],
        span: Span,
        arrays: &Arrays<'_>,
    ) -> Option<String> {
        if let Some(every) = indices.iter().find_map(|index| index.every.as_ref()) {
            let error = Diagnostic::error("E0486", "only data has elements in time", every.span, "no time here");
            self.push(error.hint(format!("write a whole number: `{}[3]`", name.node)));
            return None;
        }
        let at = indices.iter().map(|index| index.index.clone()).collect();
        self.element_name(&Part { name: name.clone(), index: Some(Index::At(at)), span }, arrays)
    }

    /// `x[k]` where something decides on `k` that is known at run time only: a choice among the elements. Nothing where all
    /// indices are known, or none of this makes sense.
    fn chosen_at_run_time(
        &mut self,
        name: &Name,
        indices: &[DataIndex],
        span: Span,
        arrays: &mut Arrays<'_>,
    ) -> Option<ExprKind> {
        let ranges = arrays.known.get(&name.node).filter(|ranges| ranges.len() == indices.len())?.clone();
        let open: Vec<bool> = indices.iter().map(|index| self.is_open_index(&index.index, arrays)).collect();
        if !open.contains(&true) || indices.iter().any(|index| index.every.is_some()) {
            return None;
        }
        let mut known = Vec::with_capacity(ranges.len());
        for ((index, open), range) in indices.iter().zip(&open).zip(&ranges) {
            if *open {
                let index = self.with_numbers(&index.index, arrays);
                known.push((Some(index), *range));
                continue;
            }
            let Some(value) = self.whole_expression(&index.index, &arrays.scope, "an index") else {
                return Some(ExprKind::Error);
            };
            if !(range.0..range.1).contains(&value) {
                let title = format!("`{}` has no index {value} here", name.node);
                let error = Diagnostic::error("E0487", title, index.index.span, format!("this is {value}"));
                self.push(error.hint(indices_are(&ranges)));
                return Some(ExprKind::Error);
            }
            known.push((None, (value, value + 1)));
        }
        let count = known.iter().fold(1_u64, |count, (_, (first, last))| count.saturating_mul(last - first));
        arrays.nodes = arrays.nodes.saturating_add(2 * count);
        if !self.write(count, span, arrays) {
            return Some(ExprKind::Error);
        }
        Some(choice(&name.node, &known, &mut Vec::new(), span).kind)
    }

    /// Whether what decides on an index is no number where arrays are written out: a state, an input, a `let`, the time.
    fn is_open_index(&self, index: &Expr, arrays: &Arrays<'_>) -> bool {
        let mut open = false;
        mentioned(index, &mut |name, _| {
            let known = arrays.scope.indices.contains_key(name)
                || arrays.counts.contains_key(name)
                || ["pi", "dt"].contains(&name)
                || self.program.find(arrays.scope.file, name).is_some();
            open |= !known || declaring(arrays.members, name).is_some() && !arrays.counts.contains_key(name);
        });
        open
    }

    /// A sum with its terms, `sum(x[0], x[1], …)`.
    fn terms(&mut self, over: &Over, arrays: &mut Arrays<'_>) -> ExprKind {
        let mut terms = Vec::new();
        match &over.each {
            None => terms = over.terms.iter().map(|term| self.with_numbers(term, arrays)).collect(),
            Some(each) => {
                let errors = self.report.errors();
                self.each_index(each, arrays, &mut |checker, arrays| {
                    terms.extend(over.terms.iter().map(|term| checker.with_numbers(term, arrays)));
                });
                if self.report.errors() > errors {
                    return ExprKind::Error;
                }
            }
        }
        ExprKind::Over(Box::new(Over { function: over.function.clone(), terms, each: None }))
    }

    /// `dendrite[k + 1].Na.m` as a name of the whole cell; `None` if something is wrong with it.
    fn member_of_element(&mut self, place: &Place, arrays: &Arrays<'_>) -> Option<ExprKind> {
        let (first, rest) = place.parts.split_first()?;
        if let Some(later) = rest.iter().find(|part| part.index.is_some()) {
            let title = format!("`{}` has no elements", later.name.node);
            self.error("E0486", title, later.span, "an index here");
            return None;
        }
        let owner = Name { node: self.element_name(first, arrays)?, span: first.span };
        let names: Vec<&str> = rest.iter().map(|part| part.name.node.as_str()).collect();
        let (begin, end) = (rest.first()?.span, rest.last()?.span);
        Some(ExprKind::Member(owner, Name { node: names.join("."), span: begin.to(end) }))
    }
}

impl Arrays<'_> {
    /// The value of an index as it stands in a name: `3`, `k`, `k+1`. Otherwise the word in it that has none.
    fn short_index<'i>(&self, index: &'i str) -> Result<i64, &'i str> {
        let (word, offset) = index.split_at(index.find(['+', '-']).unwrap_or(index.len()));
        if let Ok(number) = word.parse() {
            return Ok(number);
        }
        let start: i64 = self.number(word).and_then(|value| value.parse().ok()).ok_or(word)?;
        let offset: i64 = if offset.is_empty() { 0 } else { offset.parse().map_err(|_| word)? };
        start.checked_add(offset).ok_or(word)
    }

    /// The value of an index or a count.
    fn number(&self, name: &str) -> Option<String> {
        if let Some(index) = self.scope.indices.get(name)
            && let crate::model::Expr::Number(value) = index.value.expr
        {
            index.used.set(true);
            return Some(format!("{value}"));
        }
        self.counts.get(name).map(u64::to_string)
    }
}

/// The element with these indices: a choice for each one that is known at run time only. `before` are those in front.
fn choice(array: &str, indices: &[(Option<Expr>, (u64, u64))], before: &mut Vec<u64>, span: Span) -> Expr {
    let Some(((open, (first, last)), rest)) = indices.split_first() else {
        return Expr { kind: ExprKind::Name(element_key(array, before)), span };
    };
    let mut among = Vec::new();
    for value in *first..*last {
        before.push(value);
        among.push(choice(array, rest, before, span));
        before.pop();
    }
    match (open, among.len()) {
        (Some(index), _) => {
            let chosen = Chosen { index: index.clone(), first: *first, among };
            Expr { kind: ExprKind::Chosen(Box::new(chosen)), span }
        }
        (None, 1) => among.remove(0),
        // A known index is one number.
        (None, _) => Expr { kind: ExprKind::Error, span },
    }
}

/// The member that declares a name, also inside a compartment.
fn within<'m>(members: &'m [Member], name: &str) -> Option<&'m Member> {
    declaring(members, name).or_else(|| {
        members.iter().find_map(|member| match member {
            Member::Compartment(inner) => within(&inner.members, name),
            _ => None,
        })
    })
}
