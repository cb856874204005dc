//! Connections from data: `connect pairs(sources, targets)` and `connect matrix(W)`.

use crate::expressions::checker::Checker;
use crate::expressions::scope::Scope;
use crate::model::{Connect, Pairs, Rule};
use crate::networks::connect::Pair;
use crate::networks::subgroup::Neurons;
use crate::program::data::Known;
use bpc_syntax::ast::{self, ExprKind, Name};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::rc::Rc;

/// Rules that take their connections from data, and what they take.
pub(crate) const EXPLICIT: &[(&str, &str, usize)] =
    &[("pairs", "pairs(sources, targets)", 2), ("matrix", "matrix(W)", 1)];

/// An argument that must be the name of data.
fn named(argument: &ast::Expr) -> Option<Name> {
    match &argument.kind {
        ExprKind::Name(name) => Some(Name { node: name.clone(), span: argument.span }),
        _ => None,
    }
}

impl Checker<'_> {
    /// The data whose nonzero elements a `connect matrix(W)` connects.
    pub(crate) fn connected(&mut self, rule: &Name, arguments: &[ast::Expr], scope: &Scope) -> Option<Rc<Known>> {
        let argument = arguments.first().filter(|_| rule.node == "matrix")?;
        self.data_named(&named(argument)?.node, scope)?
    }

    /// Reads one of the rules [`EXPLICIT`] for one pair of populations.
    pub(crate) fn explicit(
        &mut self,
        rule: &Name,
        arguments: &[ast::Expr],
        span: Span,
        scope: &Scope,
        pair: &Pair<'_>,
    ) -> Option<Connect> {
        let (_, usage, expected) = EXPLICIT.iter().find(|known| known.0 == rule.node)?;
        let names: Vec<Option<Name>> = arguments.iter().map(named).collect();
        let is_option = |name: &Option<Name>| name.as_ref().is_some_and(|name| name.node == "no_self");
        let allow_self = !names.iter().any(is_option);
        let names: Vec<Name> = names.into_iter().filter(|name| !is_option(name)).flatten().collect();
        if names.len() != *expected || arguments.len() != expected + usize::from(!allow_self) {
            let title = format!("`{}` takes the names of data and perhaps `no_self`", rule.node);
            let error = Diagnostic::error("E0411", title, span, "not these");
            self.push(error.hint(format!("write `connect {usage}`")));
            return None;
        }
        let known: Vec<Rc<Known>> = names.iter().map(|name| self.find_data(name, scope)).collect::<Option<_>>()?;
        let (mut entries, length) = match (known.as_slice(), names.as_slice()) {
            ([sources, targets], [first, second]) => {
                let sources = self.neurons((sources, first), pair.source, pair.parts[0])?;
                let targets = self.neurons((targets, second), pair.target, pair.parts[1])?;
                if sources.len() != targets.len() {
                    let title = format!("{} sources cannot be paired with {} targets", sources.len(), targets.len());
                    self.error("E0464", title, span, "not equally many");
                    return None;
                }
                let length = sources.len();
                let entries =
                    (0..).zip(sources).zip(targets).map(|((number, source), target)| (source, target, number));
                (entries.collect::<Vec<_>>(), length)
            }
            ([matrix], [name]) => {
                let [(a, m), (b, n)] = pair.extents();
                let within = |neuron: u32, first: u64, count: u64| (first..first + count).contains(&neuron.into());
                let mut block = self.nonzero(matrix, name, pair)?;
                block.retain(|&(source, target, _)| within(source, a, m) && within(target, b, n));
                (block, matrix.data.values.len())
            }
            _ => return None,
        };
        if !allow_self && pair.source.0 == pair.target.0 {
            entries.retain(|(source, target, _)| source != target);
        }
        // In the order in which every rule gives its connections; equal ones as they are listed.
        entries.sort_unstable();
        self.pairs.push(Rc::new(Pairs { entries, length: length as u64 }));
        Some(Connect::of(Rule::Explicit { list: self.pairs.len() - 1 }, true))
    }

    /// A vector of indices of neurons, of the part if there is one.
    pub(crate) fn neurons(
        &mut self,
        (known, name): (&Known, &Name),
        (population, size): (&str, Option<u64>),
        part: Option<Neurons>,
    ) -> Option<Vec<u32>> {
        let mut refuse = |title: String, label: &str| {
            let error = Diagnostic::error("E0464", title, name.span, label);
            self.push(error.also(known.span, "declared here"));
        };
        if known.lengths().1.is_some() || !known.unit.dimension.is_none() {
            refuse(format!("`{}` is no list of neurons", name.node), "not one dimension, or with a unit");
            return None;
        }
        let (first, last) = part.map_or((0.0, size? as f64), |n| (n.first as f64, n.last as f64));
        let shown = part.map_or(population.to_owned(), |n| format!("{population}[{}..{}]", n.first, n.last));
        let mut neurons = Vec::with_capacity(known.data.values.len());
        for (place, &value) in known.data.values.iter().enumerate() {
            if value.fract() != 0.0 || value < first || value >= last {
                let title = format!(
                    "element {place} of `{}` is {value}, but `{shown}` has neurons {first} to {}",
                    name.node,
                    last - 1.0
                );
                refuse(title, "no neuron");
                return None;
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a whole number below 2^31
            neurons.push(value as u32);
        }
        Some(neurons)
    }

    /// The places of a matrix where it is not zero, with the number of each among its values.
    fn nonzero(&mut self, known: &Known, name: &Name, pair: &Pair<'_>) -> Option<Vec<(u32, u32, u32)>> {
        let (rows, columns) = known.lengths();
        let Some(columns) = columns.filter(|_| !known.is_tensor()) else {
            let label = if known.is_tensor() { "more than two dimensions" } else { "one dimension" };
            let error = Diagnostic::error("E0464", format!("`{}` is no matrix", name.node), name.span, label);
            self.push(error.also(known.span, "declared here").hint(match known.is_tensor() {
                true => "kernels are connected by `convolution`",
                false => "lists of neurons are connected by `pairs`",
            }));
            return None;
        };
        let (sources, targets) = (pair.source.1?, pair.target.1?);
        if (rows as u64, columns as u64) != (sources, targets) {
            let title = format!(
                "`{}` is {rows} x {columns}, but `{}` has {sources} neurons and `{}` {targets}",
                name.node, pair.source.0, pair.target.0
            );
            let error = Diagnostic::error("E0464", title, name.span, "rows are sources, columns targets");
            self.push(error.also(known.span, "declared here"));
            return None;
        }
        let values = (0_u32..).zip(&known.data.values).filter(|(_, value)| **value != 0.0);
        #[allow(clippy::cast_possible_truncation)] // rows and columns are sizes of populations
        Some(match &known.sparse {
            Some(sparse) => {
                let place = |n: u32| sparse.places[n as usize];
                values.map(|(n, _)| (place(n).0, place(n).1, n)).collect()
            }
            None => values.map(|(n, _)| ((n as usize / columns) as u32, (n as usize % columns) as u32, n)).collect(),
        })
    }
}
