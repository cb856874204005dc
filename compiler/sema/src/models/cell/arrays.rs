//! Arrays of compartments, written out: `compartment dendrite[k in 0..20] { … }` becomes the compartments
//! `dendrite[0]` to `dendrite[19]`, in which `k` is a number, and a `couple … for k in …` as many couplings.
//!
//! This comes before everything else that is said of cells, which knows single compartments only.

use crate::expressions::checker::Checker;
use crate::models::instance::Use;
use crate::models::members::declaring;
use crate::models::written_out::{Arrays, Expanded, Of, has_loop};
use crate::networks::place::index_local;
use crate::program::modules::twice;
use bpc_syntax::ast::{Compartment, Comprehension, Coupling, Extent, Member, Model, Name, Part};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;

/// Compartments and couplings of a cell: each costs code of its own.
const MOST_PARTS: u64 = 1000;

/// Whether anything of a cell is written with indices.
pub(super) fn has_arrays(model: &Model) -> bool {
    model.members.iter().any(|member| match member {
        Member::Compartment(c) => c.extent.is_some(),
        Member::Spike(rule) => has_loop(&rule.actions),
        Member::Couple(c) => c.each.is_some() || c.from.index.is_some() || c.to.index.is_some(),
        _ => false,
    })
}

impl Checker<'_> {
    /// The cell with one compartment for each element of its arrays; `None` if something is wrong with them.
    pub(super) fn expanded(&mut self, model: &Model, site: Option<&Use<'_>>) -> Option<Expanded> {
        let before = self.report.errors();
        let hidden = "the number of compartments uses constants, and parameters of the type `count`";
        let mut arrays = self.counts(model, site, Of::Compartments, hidden)?;
        let mut parts = 0;
        for member in &model.members {
            let Member::Compartment(Compartment { name, extent: Some(extent), span, .. }) = member else { continue };
            let (first, last, at) = self.array_extent(name, extent, &arrays)?;
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
            arrays.known.insert(name.node.clone(), vec![(first, last)]);
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
                other => members.push(self.without_indices(other, &mut arrays)),
            }
        }
        self.written_out(model, members, arrays, site.map(|site| site.written), before)
    }

    fn too_many_parts(&mut self, span: Span) {
        let title = format!("this cell has more than {MOST_PARTS} compartments or couplings");
        let error = Diagnostic::error("E0537", title, span, "too many");
        self.push(error.hint(
            "each has code of its own: take longer compartments, where they are short against the length constant",
        ));
    }

    /// A compartment, or all elements of an array of them.
    fn each_compartment(&mut self, compartment: &Compartment, arrays: &mut Arrays<'_>, members: &mut Vec<Member>) {
        let index = match &compartment.extent {
            Some(Extent::Named(range)) => Some(&range.name),
            _ => None,
        };
        if let Some(index) = index
            && let Some(own) = declaring(&compartment.members, &index.node)
        {
            self.no_index(index, own);
            return;
        }
        let add = |checker: &mut Self, arrays: &mut Arrays<'_>, name: Name| {
            let members = compartment.members.iter().map(|m| checker.without_indices(m, arrays)).collect();
            Member::Compartment(Compartment {
                doc: compartment.doc.clone(),
                name,
                extent: None,
                members,
                span: compartment.span,
            })
        };
        let of = arrays.known.get(&compartment.name.node).filter(|_| compartment.extent.is_some());
        let Some(&[(first, last)]) = of.map(Vec::as_slice) else {
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
        arrays: &mut Arrays<'_>,
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
    fn end_of_coupling(&mut self, part: &Part, arrays: &Arrays<'_>) -> Option<Part> {
        let name = Name { node: self.element_name(part, arrays)?, span: part.span };
        Some(Part { name, index: None, span: part.span })
    }
}
