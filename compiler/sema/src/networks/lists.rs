//! Parameters of networks that are lists: `network Area(rates[3] : Hz = [1 Hz, 2 Hz, 3 Hz])` has the parameters `rates[0]` to
//! `rates[2]`, each with a value of its own, which `--set` and `at` know by these names.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Scope, Type};
use crate::models::elements::{Ranges, array_of, combinations, element_key};
use crate::networks::network::Builder;
use crate::networks::place::index_local;
use bpc_syntax::ast::{Binding, Extent, ModelUse, Name, Network};
use bpc_syntax::diagnostic::Diagnostic;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Elements of a list: each is a parameter of the network.
const MOST_ELEMENTS: u64 = 10_000;

impl Checker<'_> {
    /// A parameter for each element of a list.
    pub(crate) fn network_list(
        &mut self,
        builder: &mut Builder<'_>,
        (network, binding): (&Network, &Binding),
        extents: &[Extent],
        arguments: Option<(&ModelUse, &Scope)>,
        fixed: bool,
    ) {
        let name = &binding.name;
        let Some(ranges) = self.list_ranges(name, extents, &builder.scope) else {
            builder.scope.hide(&name.node, "its indices are not known");
            return;
        };
        let given = arguments.map(|(written, caller)| {
            let own = |argument: &&Binding| array_of(&argument.name.node) == name.node;
            let own =
                ModelUse { arguments: written.arguments.iter().filter(own).cloned().collect(), ..written.clone() };
            let known = BTreeMap::from([(name.node.clone(), ranges.clone())]);
            let listed = self.listed_arguments(&own, &known, caller);
            self.whole_arguments(&listed, &known);
            let each = listed.arguments.into_iter().rev().map(|argument| (argument.name.node.clone(), argument));
            let each: BTreeMap<String, Binding> = each.collect();
            (written, each, caller)
        });
        for indices in combinations(&ranges) {
            for (extent, value) in extents.iter().zip(&indices) {
                if let Extent::Named(range) = extent {
                    let index = index_local(*value, range.name.span);
                    builder.scope.indices.insert(range.name.node.clone(), index);
                }
            }
            let key = element_key(&name.node, &indices);
            let own = given.as_ref().and_then(|(_, each, _)| each.get(&key)).cloned();
            // For the others it would be the same.
            let element = self.declared_element((binding, &ranges), &indices, own.is_some(), &builder.scope);
            let Some(element) = element else { break };
            let given = given.as_ref().map(|(written, _, caller)| {
                let arguments = own.into_iter().collect();
                (ModelUse { name: written.name.clone(), arguments, span: written.span }, *caller)
            });
            let given = given.as_ref().map(|(written, caller)| (written, *caller));
            self.network_parameter(builder, (network, &element), given, fixed);
        }
        builder.scope.indices.clear();
        self.one_unit(builder, binding, &ranges);
        Rc::make_mut(&mut builder.scope.lists).insert(name.node.clone(), ranges);
    }

    /// The indices of a list, of which there are not too many.
    fn list_ranges(&mut self, name: &Name, extents: &[Extent], scope: &Scope) -> Option<Ranges> {
        let mut ranges = Ranges::with_capacity(extents.len());
        for (place, extent) in extents.iter().enumerate() {
            let (first, last, at) = match extent {
                Extent::Count(count) => {
                    (0, self.whole_expression(count, scope, &format!("the size of `{}`", name.node))?, count.span)
                }
                Extent::Named(range) => {
                    let (first, last) = self.index_values(range, scope)?;
                    let before = extents[..place].iter().filter_map(|extent| match extent {
                        Extent::Named(before) => Some(&before.name),
                        Extent::Count(_) => None,
                    });
                    if let Some(twice) = before.into_iter().find(|before| before.node == range.name.node) {
                        let title = format!("index `{}` is declared twice", twice.node);
                        let error = Diagnostic::error("E0491", title, range.name.span, "again here");
                        self.push(error.also(twice.span, "first here"));
                        return None;
                    }
                    (first, last, range.first.span.to(range.last.span))
                }
            };
            if first == last {
                self.error("E0488", format!("the list `{}` is empty", name.node), at, "no value");
                return None;
            }
            ranges.push((first, last));
            let count = ranges.iter().fold(1_u64, |count, (first, last)| count.saturating_mul(last - first));
            if count > MOST_ELEMENTS {
                let title = format!("the list `{}` has more than {MOST_ELEMENTS} values", name.node);
                let error = Diagnostic::error("E0542", title, at, "too many");
                self.push(error.hint("each is a parameter of the network: many numbers are `data`"));
                return None;
            }
        }
        Some(ranges)
    }

    /// Sees to it that all values of a list are of the unit of the first.
    fn one_unit(&mut self, builder: &Builder<'_>, binding: &Binding, ranges: &Ranges) {
        let name = &binding.name.node;
        let keys = combinations(ranges).into_iter().map(|indices| element_key(name, &indices));
        let values = keys.filter_map(|key| builder.scope.locals.get(&key));
        let mut unit = None;
        for local in values.cloned() {
            match (&local.value.kind, &unit) {
                (Type::Number(first), None) => unit = Some(first.clone()),
                (_, Some(unit)) => {
                    let what = format!("a value of `{name}`");
                    if !self.fits(&local.value, unit, binding.span, &what, None) {
                        return;
                    }
                }
                _ => {}
            }
        }
    }
}
