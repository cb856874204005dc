//! Arrays of members in neurons, written out: `state x[n] : mV` becomes the states `x[0]` to `x[n - 1]`,
//! `x[k]' = … for k in 0..n` as many equations, and a sum its terms.
//!
//! What goes in: a `neuron`, and at a use the values of its parameters of type `count`. What comes out: the same neuron
//! with single members whose names have numbers in brackets. It comes before everything else that is said of neurons.

use crate::expressions::checker::Checker;
use crate::models::instance::Use;
use crate::models::members::declaring;
use crate::models::written_out::{Arrays, Expanded, Of, has_loop};
use crate::networks::place::index_local;
use bpc_syntax::ast::{Binding, EachEquation, Extent, Member, MemberArray, Model, Name};
use bpc_syntax::diagnostic::Diagnostic;

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
            let Member::Array(MemberArray { member, extent, .. }) = member else { continue };
            let Some((_, binding)) = MemberKind::of(member) else { continue };
            let (first, last, at) = self.array_extent(&binding.name, extent, &arrays)?;
            if !self.write(last - first, at, &mut arrays) {
                return None;
            }
            arrays.known.insert(binding.name.node.clone(), (first, last));
        }
        let mut members = Vec::new();
        for member in &model.members {
            match member {
                Member::Parameter(binding) if arrays.counts.contains_key(&binding.name.node) => {}
                Member::Array(array) => self.array_elements(array, &mut arrays, &mut members),
                Member::Each(EachEquation { equation, each, .. }) => {
                    self.each_index(each, &mut arrays, &mut |checker, arrays| {
                        members.push(checker.without_indices(equation, arrays));
                    });
                }
                other => members.push(self.without_indices(other, &mut arrays)),
            }
        }
        if let Some(site) = site {
            self.whole_arguments(site, &arrays);
        }
        self.written_out(model, members, arrays, site, before)
    }

    /// All elements of an array.
    fn array_elements(&mut self, array: &MemberArray, arrays: &mut Arrays<'_>, members: &mut Vec<Member>) {
        let Some((kind, binding)) = MemberKind::of(&array.member) else { return };
        let Some(&(first, last)) = arrays.known.get(&binding.name.node) else { return };
        let index = match &array.extent {
            Extent::Named(range) => Some(&range.name),
            Extent::Count(_) => None,
        };
        if let Some(index) = index
            && let Some(own) = declaring(arrays.members, &index.node)
        {
            self.no_index(index, own);
            return;
        }
        for value in first..last {
            if let Some(index) = index {
                arrays.scope.indices.insert(index.node.clone(), index_local(value, index.span));
            }
            let element = self.binding_with_numbers(binding, arrays);
            let name = Name { node: format!("{}[{value}]", binding.name.node), span: binding.name.span };
            members.push(kind.member(Binding { name, ..element }));
        }
        index.into_iter().for_each(|index| {
            arrays.scope.indices.remove(&index.node);
        });
    }

    /// Reports arguments that give one value to a whole array, and those of elements that are not there.
    fn whole_arguments(&mut self, site: &Use<'_>, arrays: &Arrays<'_>) {
        for argument in &site.written.arguments {
            let name = &argument.name.node;
            let base = name.split_once('[').map_or(name.as_str(), |(base, _)| base);
            let Some(&(first, last)) = arrays.known.get(base) else { continue };
            if base == name {
                let title = format!("`{name}` is an array: which of them?");
                let error = Diagnostic::error("E0486", title, argument.name.span, "no index");
                self.push(error.hint(format!("write `{name}[{first}] = …`; its indices are {first} to {}", last - 1)));
                continue;
            }
            let index = name[base.len()..].trim_matches(['[', ']']);
            match index.parse::<u64>() {
                Ok(value) if (first..last).contains(&value) => {}
                Ok(value) => {
                    let title = format!("`{base}` has no element {value}");
                    let error = Diagnostic::error("E0487", title, argument.name.span, format!("this is {value}"));
                    self.push(error.hint(format!("its indices are {first} to {}", last - 1)));
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
