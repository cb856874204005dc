//! Names between dots with indices behind them: values, places and paths.

use super::expressions::Tree;
use super::{Context, Fault, fail};
use crate::ast::{DataIndex, Expr, ExprKind, Index, Name, Part, Path, Place};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// An index; with `every` the time that one element holds, and what holds between two.
pub(crate) type IndexTree = (Tree, Option<(Tree, Option<Name>)>);

/// Names between dots, each with what stands in brackets behind it: a value, a place or a path.
#[derive(Debug)]
pub(crate) struct Located {
    /// Never empty.
    pub(super) parts: Vec<LocatedPart>,
    pub(super) span: Span,
}

/// One name of them, and how deep the expressions in its brackets are.
#[derive(Debug)]
pub(crate) struct LocatedPart {
    name: Name,
    brackets: Option<Brackets>,
    /// Behind an element of an array, which neurons.
    second: Option<Brackets>,
    pub(super) span: Span,
    depth: usize,
}

/// What stands in brackets, as it is read.
#[derive(Debug)]
pub(crate) enum BracketTrees {
    /// `[i, j]`
    At(Vec<IndexTree>),
    /// `[a..b]`
    Range(Tree, Tree),
}

impl BracketTrees {
    /// Without the depth of its expressions, which is the second value.
    fn taken(self) -> (Brackets, usize) {
        match self {
            BracketTrees::At(indices) => {
                let of =
                    |(index, every): &IndexTree| index.depth.max(every.as_ref().map_or(0, |(length, _)| length.depth));
                let depth = indices.iter().map(of).max().unwrap_or(0);
                (Brackets::At(data_indices(indices)), depth)
            }
            BracketTrees::Range(first, last) => {
                let depth = first.depth.max(last.depth);
                (Brackets::Range(first.expr, last.expr), depth)
            }
        }
    }
}

fn data_indices(indices: Vec<IndexTree>) -> Vec<DataIndex> {
    let indices = indices.into_iter().map(|(index, every)| {
        let (every, between) = every.map_or((None, None), |(length, between)| (Some(length.expr), between));
        DataIndex { index: index.expr, every, between }
    });
    indices.collect()
}

/// What stands in brackets.
#[derive(Debug)]
enum Brackets {
    At(Vec<DataIndex>),
    Range(Expr, Expr),
}

impl Context<'_> {
    /// `name`
    pub(crate) fn part(&self, name: Name) -> LocatedPart {
        let span = name.span;
        LocatedPart { name, brackets: None, second: None, span, depth: 0 }
    }

    /// `x[i]`, `W[i, j]`, `x[t every 1 ms]`, `area[k]`, `name[a..b]`, `x[3][a..b]`
    pub(crate) fn element(
        &self,
        name: Name,
        first: BracketTrees,
        second: Option<BracketTrees>,
        end: u32,
    ) -> LocatedPart {
        let span = self.span(name.span.start, end);
        let (brackets, depth) = first.taken();
        let (second, deep) = second.map(BracketTrees::taken).unzip();
        LocatedPart { name, brackets: Some(brackets), second, span, depth: depth.max(deep.unwrap_or(0)) }
    }

    /// One name more.
    pub(crate) fn located(&self, start: u32, before: Option<Located>, part: LocatedPart, end: u32) -> Located {
        let mut parts = before.map_or(Vec::new(), |b| b.parts);
        parts.push(part);
        Located { parts, span: self.span(start, end) }
    }

    /// A value: `x`, `E.size`, `V1.E.tau`, `W[i, j]`, `area[k].E.tau`.
    pub(crate) fn value<'s>(&self, located: Located) -> Result<Tree, Fault<'s>> {
        let span = located.span;
        let depth = located.parts.iter().map(|p| p.depth).max().unwrap_or(0);
        if located.parts.iter().all(|p| p.brackets.is_none()) {
            let mut names = located.parts.into_iter().map(|p| p.name);
            let first = names.next();
            let rest = names.reduce(|before, name| self.dotted(before, name));
            let kind = match (first, rest) {
                (Some(owner), Some(member)) => ExprKind::Member(owner, member),
                (Some(name), None) => ExprKind::Name(name.node),
                (None, _) => ExprKind::Error,
            };
            return Ok(Tree { expr: Expr { kind, span }, depth: 1 });
        }
        match <[LocatedPart; 1]>::try_from(located.parts) {
            Ok([LocatedPart { name, brackets: Some(Brackets::At(indices)), second: None, .. }]) => {
                self.node(span, depth, || ExprKind::Element(name, indices))
            }
            Ok(parts) => self.located_value(Located { parts: parts.into(), span }, depth),
            Err(parts) => self.located_value(Located { parts, span }, depth),
        }
    }

    /// `x[k](t - d)`
    pub(crate) fn call_element<'s>(
        &self,
        name: Name,
        indices: Vec<IndexTree>,
        arguments: Vec<Tree>,
        end: u32,
    ) -> Result<Tree, Fault<'s>> {
        let span = self.span(name.span.start, end);
        let (indices, below) = BracketTrees::At(indices).taken();
        let depth = arguments.iter().map(|a| a.depth).max().unwrap_or(0).max(below);
        let Brackets::At(indices) = indices else { return Ok(self.leaf(name.span.start, ExprKind::Error, end)) };
        let arguments = arguments.into_iter().map(|a| a.expr).collect();
        self.node(span, depth, || ExprKind::CallElement(name, indices, arguments))
    }

    /// `dendrite.V(t - 1 ms)`, the past of a state of a compartment.
    pub(crate) fn call_member<'s>(
        &self,
        owner: Located,
        name: Name,
        arguments: Vec<Tree>,
        end: u32,
    ) -> Result<Tree, Fault<'s>> {
        if let Some(part) = owner.parts.iter().find(|part| part.brackets.is_some()) {
            let title = "the past of an element of an array is not called by its name here";
            let error = Diagnostic::error("E0104", title, part.span, "an index here");
            return fail(error.hint(
                "give the past a name where the state is, in the compartment: `let late = V(t - 1 ms)`, and write \
                 `dendrite[3].late`",
            ));
        }
        let names = owner.parts.into_iter().map(|part| part.name).chain([name]);
        let Some(full) = names.reduce(|before, name| self.dotted(before, name)) else {
            return Ok(Tree { expr: Expr { kind: ExprKind::Error, span: owner.span }, depth: 1 });
        };
        self.call(full, arguments, end)
    }

    fn located_value<'s>(&self, located: Located, depth: usize) -> Result<Tree, Fault<'s>> {
        let span = located.span;
        let place = self.place(located)?;
        self.node(span, depth, || ExprKind::Located(Box::new(place)))
    }

    /// A population, an instance or a label: `E`, `V1.E`, `area[0..4].E`.
    pub(crate) fn place<'s>(&self, located: Located) -> Result<Place, Fault<'s>> {
        let mut parts = Vec::with_capacity(located.parts.len());
        for LocatedPart { name, brackets, second, span, .. } in located.parts {
            if second.is_some() {
                let error = Diagnostic::error("E0104", "several indices in brackets of their own", span, "two here");
                return fail(error.hint(
                    "behind a member, `record E.x[3][0..5]` chooses an element and then neurons; elsewhere one pair is \
                     enough: `W[i, j]`",
                ));
            }
            let index = match brackets {
                None => None,
                Some(Brackets::Range(first, last)) => Some(Index::Range(Box::new(first), Box::new(last))),
                Some(Brackets::At(indices)) => Some(Index::At(plain(indices)?)),
            };
            parts.push(Part { name, index, span });
        }
        Ok(Place { parts, span: located.span })
    }

    /// A place with a member behind it: `E.V`, `area[3].E.V[0..4]`, `E.soma.V`, `E.x[3][0..4]`.
    pub(crate) fn path<'s>(&self, mut located: Located) -> Result<Path, Fault<'s>> {
        let second = located.parts.last_mut().and_then(|last| last.second.take());
        let mut place = self.place(located)?;
        let span = place.span;
        if let [only] = place.parts.as_slice() {
            let hint = format!("say which of its variables: `{}.V`", crate::lexer::short(&only.name.node));
            return fail(
                Diagnostic::error("E0104", "a member is missing", span, "expected `.` behind this").hint(hint),
            );
        }
        if let Some(neurons) = second {
            let neurons = match neurons {
                Brackets::Range(first, last) => Index::Range(Box::new(first), Box::new(last)),
                Brackets::At(indices) => Index::At(plain(indices)?),
            };
            let range = neuron_range(Some(neurons), span)?;
            return Ok(Path { place, range, span });
        }
        let Some(last) = place.parts.last_mut() else {
            return fail(Diagnostic::error("E0104", "a member is missing", span, "expected a name"));
        };
        if matches!(&last.index, Some(Index::At(indices)) if indices.len() > 1) {
            // Neurons have one index, so this is an element of an array.
            return Ok(Path { place, range: None, span });
        }
        let range = neuron_range(last.index.take(), span)?;
        last.span = last.name.span;
        place.span = place.parts.iter().fold(span, |whole, part| Span { end: part.span.end, ..whole });
        Ok(Path { place, range, span })
    }
}

/// What the last brackets of a path choose.
fn neuron_range<'s>(index: Option<Index>, span: Span) -> Result<Option<(Expr, Option<Expr>)>, Fault<'s>> {
    Ok(match index {
        None => None,
        Some(Index::Range(first, last)) => Some((*first, Some(*last))),
        Some(Index::At(mut list)) => match (list.pop(), list.as_slice()) {
            (Some(only), []) => Some((only, None)),
            _ => {
                let title = "a state has one index";
                let error = Diagnostic::error("E0104", title, span, "several here");
                return fail(error.hint("write `[3]` or `[0..4]`"));
            }
        },
    })
}

/// Indices that are no times.
fn plain<'s>(indices: Vec<DataIndex>) -> Result<Vec<Expr>, Fault<'s>> {
    let mut list = Vec::with_capacity(indices.len());
    for DataIndex { index, every, .. } in indices {
        if let Some(every) = every {
            let error = Diagnostic::error("E0104", "only data has elements in time", every.span, "no time here");
            return fail(error.hint("write a whole number: `area[3]`"));
        }
        list.push(index);
    }
    Ok(list)
}
