//! Arrays of members in neurons, written out: `state x[n] : mV` becomes the states `x[0]` to `x[n - 1]`,
//! `x[k]' = … for k in 0..n` as many equations, and a sum its terms.
//!
//! What goes in: a `neuron`, and at a use the values of its parameters of type `count`. What comes out: the same neuron
//! with single members whose names have numbers in brackets, `W[1,2]` of a matrix. It comes before everything else that is said of neurons.

use crate::expressions::checker::Checker;
use crate::expressions::over::MOST_TERMS;
use crate::models::elements::{Ranges, array_of, combinations, element_key, firsts, indices_are, inside, many_indices};
use crate::models::instance::Use;
use crate::models::members::declaring;
use crate::models::written_out::{Arrays, Expanded, Of, has_loop};
use crate::networks::place::index_local;
use bpc_syntax::ast::{Binding, EachEquation, Extent, IndexRange, Member, MemberArray, Model, ModelUse, Name};
use bpc_syntax::diagnostic::Diagnostic;
use std::collections::{BTreeMap, BTreeSet};

/// Whether anything of a neuron is written with indices.
pub(crate) fn has_arrays(model: &Model) -> bool {
    model.members.iter().any(|member| match member {
        Member::Array(_) | Member::Each(_) => true,
        Member::Spike(rule) => has_loop(&rule.actions),
        _ => false,
    })
}

impl MemberKind {
    fn of(member: &Member) -> Option<(MemberKind, &Binding)> {
        Some(match member {
            Member::Parameter(b) => (MemberKind::Parameter, b),
            Member::Input(b) => (MemberKind::Input, b),
            Member::State(b) => (MemberKind::State, b),
            Member::Let(b) => (MemberKind::Let, b),
            _ => return None,
        })
    }

    fn member(self, binding: Binding) -> Member {
        match self {
            MemberKind::Parameter => Member::Parameter(binding),
            MemberKind::Input => Member::Input(binding),
            MemberKind::State => Member::State(binding),
            MemberKind::Let => Member::Let(binding),
        }
    }
}

/// What the elements of an array are.
#[derive(Clone, Copy)]
enum MemberKind {
    Parameter,
    Input,
    State,
    Let,
}

impl Checker<'_> {
    /// The neuron without arrays; `None` if something is wrong with them, or if a size is known at each use only.
    pub(crate) fn neuron_written_out(&mut self, model: &Model, site: Option<&Use<'_>>) -> Option<Expanded> {
        let before = self.report.errors();
        let hidden = "sizes, ranges and indices are made of constants, indices, and parameters of the type `count`";
        let mut arrays = self.counts(model, site, Of::Members, hidden)?;
        for member in &model.members {
            let Member::Array(MemberArray { member, extents, .. }) = member else { continue };
            let Some((_, binding)) = MemberKind::of(member) else { continue };
            let mut ranges = Vec::with_capacity(extents.len());
            let mut count: u64 = 1;
            for extent in extents {
                let (first, last, at) = self.array_extent(&binding.name, extent, &arrays)?;
                count = count.saturating_mul(last - first);
                if count > MOST_TERMS {
                    // Whatever else there is.
                    self.write(count, at, &mut arrays);
                    return None;
                }
                ranges.push((first, last));
            }
            if !self.write(count, binding.span, &mut arrays) {
                return None;
            }
            arrays.known.insert(binding.name.node.clone(), ranges);
        }
        let written = site.map(|site| self.listed_arguments(site.written, &arrays.known, site.caller));
        let given = written.iter().flat_map(|written| &written.arguments).map(|a| a.name.node.as_str()).collect();
        let mut members = Vec::new();
        for member in &model.members {
            match member {
                Member::Parameter(binding) if arrays.counts.contains_key(&binding.name.node) => {}
                Member::Array(array) => self.array_elements(array, &given, &mut arrays, &mut members),
                Member::Each(EachEquation { equation, each, .. }) => {
                    self.each_index(each, &mut arrays, &mut |checker, arrays| {
                        members.push(checker.without_indices(equation, arrays));
                    });
                }
                other => members.push(self.without_indices(other, &mut arrays)),
            }
        }
        if let Some(written) = &written {
            self.whole_arguments(written, &arrays.known);
        }
        self.written_out(model, members, arrays, written.as_ref(), before)
    }

    /// All elements of an array.
    fn array_elements(
        &mut self,
        array: &MemberArray,
        given: &BTreeSet<&str>,
        arrays: &mut Arrays<'_>,
        members: &mut Vec<Member>,
    ) {
        let Some((kind, binding)) = MemberKind::of(&array.member) else { return };
        let Some(ranges) = arrays.known.get(&binding.name.node).cloned() else { return };
        let index = |extent| match extent {
            &Extent::Named(IndexRange { ref name, .. }) => Some(name),
            Extent::Count(_) => None,
        };
        let indices: Vec<Option<&Name>> = array.extents.iter().map(index).collect();
        for (place, index) in indices.iter().enumerate() {
            let Some(index) = index else { continue };
            if let Some(own) = declaring(arrays.members, &index.node) {
                self.no_index(index, own);
                return;
            }
            if let Some(first) = indices[..place].iter().flatten().find(|first| first.node == index.node) {
                let title = format!("index `{}` is declared twice", index.node);
                let error = Diagnostic::error("E0491", title, index.span, "again here");
                self.push(error.also(first.span, "first here"));
                return;
            }
        }
        for values in combinations(&ranges) {
            for (index, value) in indices.iter().zip(&values) {
                if let Some(index) = index {
                    arrays.scope.indices.insert(index.node.clone(), index_local(*value, index.span));
                }
            }
            let given = given.contains(element_key(&binding.name.node, &values).as_str());
            // For the others it would be the same.
            let Some(element) = self.declared_element((binding, &ranges), &values, given, &arrays.scope) else { break };
            members.push(kind.member(self.binding_with_numbers(&element, arrays)));
        }
        for index in indices.into_iter().flatten() {
            arrays.scope.indices.remove(&index.node);
        }
    }

    /// Reports arguments that give one value to a whole array, and those of elements that are not there.
    pub(crate) fn whole_arguments(&mut self, written: &ModelUse, known: &BTreeMap<String, Ranges>) {
        for argument in &written.arguments {
            let name = &argument.name.node;
            let base = array_of(name);
            let Some(ranges) = known.get(base) else { continue };
            if base == name {
                let title = format!("`{name}` is an array: which of them?");
                let error = Diagnostic::error("E0486", title, argument.name.span, "no index");
                let first = element_key(name, &firsts(ranges));
                self.push(
                    error.hint(format!("write `{first} = …` for one, a list or data for all; {}", indices_are(ranges))),
                );
                continue;
            }
            let index = name[base.len()..].trim_matches(['[', ']']);
            let values: Result<Vec<u64>, _> = index.split(',').map(str::parse).collect();
            match values {
                Ok(values) if values.len() != ranges.len() => {
                    let error = many_indices(base, ranges.len(), values.len(), argument.name.span);
                    self.push(error.hint(indices_are(ranges)));
                }
                Ok(values) if inside(&values, ranges) => {}
                Ok(_) => {
                    let title = format!("`{base}` has no element {index}");
                    let error = Diagnostic::error("E0487", title, argument.name.span, format!("this is {index}"));
                    self.push(error.hint(indices_are(ranges)));
                }
                Err(_) => {
                    let title = format!("the value of `{index}` is not known here");
                    let error = Diagnostic::error("E0486", title, argument.name.span, "an index");
                    self.push(error.hint("here an index is a plain number: `tau[0] = 5 ms, tau[1] = 10 ms`"));
                }
            }
        }
    }
}
