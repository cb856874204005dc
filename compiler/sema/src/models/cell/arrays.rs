//! Arrays of compartments, written out: `compartment dendrite[k in 0..20] { … }` becomes the compartments
//! `dendrite[0]` to `dendrite[19]`, in which `k` is a number, and a `couple … for k in …` as many couplings.
//!
//! This comes before everything else that is said of cells, which knows single compartments only.

use super::check::declaring;
use crate::expressions::checker::Checker;
use crate::expressions::scope::{Role, Scope, Typed};
use crate::expressions::units::{Unit, is_count};
use crate::models::instance::Use;
use crate::models::members::about;
use crate::networks::place::index_local;
use crate::program::modules::twice;
use bpc_syntax::ast::{
    Binding, Compartment, Component, Comprehension, Coupling, DataIndex, Equation, Expr, ExprKind, Extent, Index,
    Member, Membrane, Model, ModelUse, Name, Part, Place, Recurrence, SpikeRule, Statement, Table,
};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeMap;

/// Compartments and couplings of a cell: each costs code of its own.
const MOST_PARTS: u64 = 1000;

/// A cell without arrays.
pub(super) struct Expanded {
    /// Its members.
    pub model: Model,
    /// What a use of it gives to the parameters that are left.
    pub arguments: Option<ModelUse>,
    /// The others, which have become numbers.
    pub counts: Vec<(String, u64)>,
}

/// What is known while a cell is written out.
struct Arrays {
    /// First and last index (the last not included) of each array.
    known: BTreeMap<String, (u64, u64)>,
    /// Parameters of type `count`, which are numbers here.
    counts: BTreeMap<String, u64>,
    /// What indices and sizes may use; the indices at hand are in it.
    scope: Scope,
}

/// Whether anything of a cell is written with indices.
pub(super) fn has_arrays(model: &Model) -> bool {
    model.members.iter().any(|member| match member {
        Member::Compartment(c) => c.extent.is_some(),
        Member::Couple(c) => c.each.is_some() || c.from.index.is_some() || c.to.index.is_some(),
        _ => false,
    })
}

impl Checker<'_> {
    /// The cell with one compartment for each element of its arrays; `None` if something is wrong with them.
    pub(super) fn expanded(&mut self, model: &Model, site: Option<&Use<'_>>) -> Option<Expanded> {
        let before = self.report.errors();
        let mut arrays =
            Arrays { known: BTreeMap::new(), counts: BTreeMap::new(), scope: Scope::of_file(model.span.file) };
        for member in &model.members {
            let Member::Parameter(binding) = member else { continue };
            let name = &binding.name.node;
            if !binding.unit.as_ref().is_some_and(is_count) {
                arrays
                    .scope
                    .hide(name, "the number of compartments uses constants, and parameters of the type `count`");
                continue;
            }
            let value = self.count(binding, site, &arrays.scope)?;
            arrays.counts.insert(name.clone(), value);
            #[allow(clippy::cast_precision_loss)] // below 2^31
            arrays.scope.add(name, Typed::number(value as f64, Unit::none()), Role::Parameter, binding.name.span);
        }
        let mut parts = 0;
        for member in &model.members {
            let Member::Compartment(Compartment { name, extent: Some(extent), span, .. }) = member else { continue };
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
            parts += last - first;
            if parts > MOST_PARTS {
                self.too_many_parts(at);
                return None;
            }
            let others =
                model.members.iter().filter_map(|m| if let Member::Compartment(c) = m { Some(c) } else { None });
            if let Some(other) = others.take_while(|c| c.span != *span).find(|c| c.name.node == name.node) {
                self.push(twice(name, other.name.span));
                return None;
            }
            arrays.known.insert(name.node.clone(), (first, last));
        }
        let mut members = Vec::new();
        let mut couplings = 0;
        for member in &model.members {
            match member {
                Member::Parameter(binding) if arrays.counts.contains_key(&binding.name.node) => {}
                Member::Compartment(compartment) => self.each_compartment(compartment, &mut arrays, &mut members),
                Member::Couple(coupling) => {
                    self.couplings(coupling, coupling.each.as_ref(), 0, &mut arrays, &mut couplings, &mut members)?;
                }
                other => members.push(self.without_indices(other, &arrays)),
            }
        }
        let arguments = site.map(|site| {
            let own = |a: &&Binding| !arrays.counts.contains_key(&a.name.node);
            ModelUse { arguments: site.written.arguments.iter().filter(own).cloned().collect(), ..site.written.clone() }
        });
        let model = Model { members, doc: String::new(), name: model.name.clone(), ..*model };
        let counts = arrays.counts.into_iter().collect();
        (self.report.errors() == before).then_some(Expanded { model, arguments, counts })
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

    fn too_many_parts(&mut self, span: Span) {
        let title = format!("this cell has more than {MOST_PARTS} compartments or couplings");
        let error = Diagnostic::error("E0537", title, span, "too many");
        self.push(error.hint(
            "each has code of its own: take longer compartments, where they are short against the length constant",
        ));
    }

    /// A compartment, or all elements of an array of them.
    fn each_compartment(&mut self, compartment: &Compartment, arrays: &mut Arrays, members: &mut Vec<Member>) {
        let index = match &compartment.extent {
            Some(Extent::Named(range)) => Some(&range.name),
            _ => None,
        };
        if let Some(index) = index
            && let Some(own) = declaring(&compartment.members, &index.node)
        {
            let title = format!("`{}` cannot be the name of an index", index.node);
            let error = Diagnostic::error("E0491", title, index.span, "means something else already");
            self.push(error.also(about(own).1, "declared here"));
            return;
        }
        let add = |checker: &mut Self, arrays: &Arrays, name: Name| {
            let members = compartment.members.iter().map(|m| checker.without_indices(m, arrays)).collect();
            Member::Compartment(Compartment {
                doc: compartment.doc.clone(),
                name,
                extent: None,
                members,
                span: compartment.span,
            })
        };
        let Some(&(first, last)) = arrays.known.get(&compartment.name.node).filter(|_| compartment.extent.is_some())
        else {
            members.push(add(self, arrays, compartment.name.clone()));
            return;
        };
        for value in first..last {
            if let Some(index) = index {
                arrays.scope.indices.insert(index.node.clone(), index_local(value, index.span));
            }
            let node = format!("{}[{value}]", compartment.name.node);
            members.push(add(self, arrays, Name { node, span: compartment.name.span }));
        }
        arrays.scope.indices.clear();
    }

    /// A coupling for each combination of indices from number `depth` on.
    fn couplings(
        &mut self,
        coupling: &Coupling,
        each: Option<&Comprehension>,
        depth: usize,
        arrays: &mut Arrays,
        count: &mut u64,
        members: &mut Vec<Member>,
    ) -> Option<()> {
        if let Some(range) = each.and_then(|each| each.indices.get(depth)) {
            let before = &each.map_or(&[][..], |each| &each.indices)[..depth];
            if let Some(first) = before.iter().find(|r| r.name.node == range.name.node) {
                let title = format!("index `{}` is declared twice", range.name.node);
                let error = Diagnostic::error("E0491", title, range.name.span, "again here");
                self.push(error.also(first.name.span, "first here"));
                return None;
            }
            arrays.scope.indices.remove(&range.name.node);
            let (first, last) = self.index_values(range, &arrays.scope)?;
            for value in first..last {
                arrays.scope.indices.insert(range.name.node.clone(), index_local(value, range.name.span));
                self.couplings(coupling, each, depth + 1, arrays, count, members)?;
            }
            arrays.scope.indices.remove(&range.name.node);
            return Some(());
        }
        *count += 1;
        // Those that `where` leaves out are tried as well.
        if *count > MOST_PARTS * 1000 || members.len() as u64 > 4 * MOST_PARTS {
            self.too_many_parts(coupling.span);
            return None;
        }
        if !self.passes(each.and_then(|each| each.filter.as_ref()), &arrays.scope)? {
            return Some(());
        }
        let (from, to) = (self.end_of_coupling(&coupling.from, arrays)?, self.end_of_coupling(&coupling.to, arrays)?);
        let conductances = coupling.conductances.iter().map(|g| self.with_numbers(g, arrays)).collect();
        let one = Coupling { from, to, reversible: coupling.reversible, conductances, each: None, span: coupling.span };
        members.push(Member::Couple(one));
        Some(())
    }

    /// One end of a coupling.
    fn end_of_coupling(&mut self, part: &Part, arrays: &Arrays) -> Option<Part> {
        let name = Name { node: self.element_name(part, arrays)?, span: part.span };
        Some(Part { name, index: None, span: part.span })
    }

    /// The compartment that a name with or without an index means.
    fn element_name(&mut self, part: &Part, arrays: &Arrays) -> Option<String> {
        let name = &part.name.node;
        let array = arrays.known.get(name).copied();
        match (&part.index, array) {
            (None, None) => Some(name.clone()),
            (None, Some((first, last))) => {
                let title = format!("`{name}` is an array of compartments: which of them?");
                let error = Diagnostic::error("E0486", title, part.span, "no index");
                self.push(error.hint(format!("write `{name}[{first}]`; its indices are {first} to {}", last - 1)));
                None
            }
            (Some(Index::At(list)), Some((first, last))) if list.len() == 1 => {
                let value = self.whole_expression(&list[0], &arrays.scope, "an index")?;
                if (first..last).contains(&value) {
                    return Some(format!("{name}[{value}]"));
                }
                let title = format!("`{name}` has no element {value}");
                let error = Diagnostic::error("E0487", title, list[0].span, format!("this is {value}"));
                self.push(error.hint(format!("its indices are {first} to {}", last - 1)));
                None
            }
            (Some(_), Some(_)) => {
                let title = format!("one compartment of `{name}` is needed here");
                let error = Diagnostic::error("E0486", title, part.span, "not one index");
                self.push(error.hint(format!("write `{name}[k]`, and `for k in 0..4` behind a coupling")));
                None
            }
            (Some(_), None) => {
                let error = Diagnostic::error(
                    "E0486",
                    format!("`{name}` is no array of compartments"),
                    part.span,
                    "an index here",
                );
                self.push(error.hint(format!("an array is declared so: `compartment {name}[20] {{ … }}`")));
                None
            }
        }
    }

    /// A member in which indices are numbers, and elements of arrays are names.
    fn without_indices(&mut self, member: &Member, arrays: &Arrays) -> Member {
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
            Member::Equation(e) => {
                Member::Equation(Equation { derivative: self.with_numbers(&e.derivative, arrays), ..e.clone() })
            }
            Member::Recurrence(r) => {
                Member::Recurrence(Recurrence { value: self.with_numbers(&r.value, arrays), ..r.clone() })
            }
            Member::Spike(rule) => Member::Spike(SpikeRule {
                condition: self.with_numbers(&rule.condition, arrays),
                start: rule.start.as_ref().map(|start| self.with_numbers(start, arrays)),
                actions: self.block_with_numbers(&rule.actions, arrays),
                ..rule.clone()
            }),
            other => other.clone(),
        }
    }

    fn binding_with_numbers(&mut self, binding: &Binding, arrays: &Arrays) -> Binding {
        let value = binding.value.as_ref().map(|v| self.with_numbers(v, arrays));
        Binding { value, ..binding.clone() }
    }

    fn block_with_numbers(&mut self, statements: &[Statement], arrays: &Arrays) -> Vec<Statement> {
        statements.iter().map(|statement| self.statement_with_numbers(statement, arrays)).collect()
    }

    fn statement_with_numbers(&mut self, statement: &Statement, arrays: &Arrays) -> Statement {
        match statement {
            Statement::Assign { target, op, value, span } => Statement::Assign {
                target: self.name_with_numbers(target, arrays),
                op: *op,
                value: self.with_numbers(value, arrays),
                span: *span,
            },
            Statement::Let(binding) => Statement::Let(self.binding_with_numbers(binding, arrays)),
            Statement::If { branches, otherwise, span } => {
                let branch = |(condition, body): &(Expr, Vec<Statement>)| {
                    (self.with_numbers(condition, arrays), self.block_with_numbers(body, arrays))
                };
                Statement::If {
                    branches: branches.iter().map(branch).collect(),
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
                hold: hold.iter().map(|name| self.name_with_numbers(name, arrays)).collect(),
                clamp: clamp
                    .iter()
                    .map(|(name, value)| (self.name_with_numbers(name, arrays), self.with_numbers(value, arrays)))
                    .collect(),
                span: *span,
            },
        }
    }

    /// `d[k + 1].V` with the index as a number, `d[4].V`. What is no element is reported.
    fn name_with_numbers(&mut self, name: &Name, arrays: &Arrays) -> Name {
        let Some((array, rest)) = name.node.split_once('[') else { return name.clone() };
        let (Some((index, rest)), Some(&(first, last))) = (rest.split_once(']'), arrays.known.get(array)) else {
            return name.clone();
        };
        let end = index.find(['+', '-']).unwrap_or(index.len());
        let (word, offset) = index.split_at(end);
        // Without a word it is a number already.
        let start = arrays.number(word).and_then(|value| value.parse::<i64>().ok());
        let value = match (word.parse(), start, offset) {
            (Ok(number), ..) => Some(number),
            (_, Some(start), "") => Some(start),
            (_, Some(start), offset) => offset.parse().ok().map(|offset: i64| start + offset),
            (_, None, _) => None,
        };
        match value {
            Some(value) if u64::try_from(value).is_ok_and(|value| (first..last).contains(&value)) => {
                Name { node: format!("{array}[{value}]{rest}"), span: name.span }
            }
            Some(value) => {
                let title = format!("`{array}` has no element {value}");
                let error = Diagnostic::error("E0487", title, name.span, format!("`{index}` is {value}"));
                self.push(error.hint(format!("its indices are {first} to {}", last - 1)));
                name.clone()
            }
            None => {
                let title = format!("the value of `{word}` is not known here");
                let error = Diagnostic::error("E0486", title, name.span, "an index");
                self.push(error.hint(
                    "an index is a number, the index of the array around it, or a parameter of the type `count`",
                ));
                name.clone()
            }
        }
    }

    /// An expression in which indices and counts are numbers, and elements of arrays are names. As deep as the
    /// expression, which the parser bounds.
    fn with_numbers(&mut self, expr: &Expr, arrays: &Arrays) -> Expr {
        let mut part = |e: &Expr| self.with_numbers(e, arrays);
        let kind = match &expr.kind {
            ExprKind::Name(name) => match arrays.number(name) {
                Some(text) => ExprKind::Number { text, unit: None },
                None => expr.kind.clone(),
            },
            ExprKind::Member(owner, _) if arrays.known.contains_key(&owner.node) => {
                let owner = Part { name: owner.clone(), index: None, span: owner.span };
                self.element_name(&owner, arrays);
                ExprKind::Error
            }
            ExprKind::Located(place) => match self.member_of_element(place, arrays) {
                Some(kind) => kind,
                None => ExprKind::Error,
            },
            ExprKind::Unary(op, x) => ExprKind::Unary(*op, Box::new(part(x))),
            ExprKind::Binary(op, a, b) => ExprKind::Binary(*op, Box::new(part(a)), Box::new(part(b))),
            ExprKind::Call(f, arguments) => ExprKind::Call(f.clone(), arguments.iter().map(part).collect()),
            ExprKind::If(c, a, b) => ExprKind::If(Box::new(part(c)), Box::new(part(a)), Box::new(part(b))),
            ExprKind::Crosses(a, b) => ExprKind::Crosses(Box::new(part(a)), Box::new(part(b))),
            ExprKind::Table(table) => {
                let argument = part(&table.argument);
                let points = table.points.iter().map(|(x, y)| (part(x), part(y))).collect();
                ExprKind::Table(Box::new(Table { argument, points, outside: table.outside.clone() }))
            }
            ExprKind::Element(data, indices) => {
                let index = |at: &DataIndex| DataIndex {
                    index: part(&at.index),
                    every: at.every.as_ref().map(&mut part),
                    between: at.between.clone(),
                };
                ExprKind::Element(data.clone(), indices.iter().map(index).collect())
            }
            ExprKind::Number { .. } | ExprKind::Bool(_) | ExprKind::Member(..) | ExprKind::Error => expr.kind.clone(),
        };
        Expr { kind, span: expr.span }
    }

    /// `dendrite[k + 1].Na.m` as a name of the whole cell; `None` if something is wrong with it.
    fn member_of_element(&mut self, place: &Place, arrays: &Arrays) -> Option<ExprKind> {
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

impl Arrays {
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
