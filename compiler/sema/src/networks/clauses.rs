//! The clauses of `project` and `stimulate`, as they are written.

use crate::expressions::checker::Checker;
use crate::networks::connect::Written;
use bpc_syntax::ast::{self, Clause, ModelUse, Name};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeMap;

/// The clauses of a statement, each at most once but for rules of plasticity.
#[derive(Clone, Copy, Default)]
pub(crate) struct Clauses<'c> {
    pub connect: Option<Written<'c>>,
    pub weight: Option<(bool, &'c ast::Expr)>,
    pub delay: Option<(bool, &'c ast::Expr)>,
    pub post_delay: Option<(bool, &'c ast::Expr)>,
    pub event: Option<(&'c Name, Span)>,
    pub post_event: Option<(&'c Name, Span)>,
    pub synapse: Option<&'c ModelUse>,
    pub receptor: Option<&'c ModelUse>,
    pub method: Option<&'c ModelUse>,
    pub plasticity: &'c [Clause],
    pub into: Option<(&'c ast::Place, Span)>,
    pub poisson: Option<&'c ast::Expr>,
    pub normalise: Option<Normalise<'c>>,
}

/// `normalise incoming to 5 nS`, as it is written.
#[derive(Clone, Copy)]
pub(crate) struct Normalise<'c> {
    /// `incoming`, `outgoing`
    pub end: &'c Name,
    /// `to`
    pub to: &'c Name,
    /// What weights sum up to.
    pub value: &'c ast::Expr,
    /// The clause.
    pub span: Span,
}

impl<'c> Clauses<'c> {
    /// The rules of plasticity, in the order of the text.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &'c ModelUse> + use<'c> {
        self.plasticity
            .iter()
            .filter_map(|clause| if let Clause::Plasticity(used) = clause { Some(used) } else { None })
    }
}

/// Its word and its place.
fn clause(clause: &Clause) -> (&'static str, Span) {
    match clause {
        Clause::Connect { span, .. } => ("connect", *span),
        Clause::Weight { span, .. } => ("weight", *span),
        Clause::Delay { span, .. } => ("delay", *span),
        Clause::PostDelay { span, .. } => ("post_delay", *span),
        Clause::Event { span, .. } => ("event", *span),
        Clause::PostEvent { span, .. } => ("post_event", *span),
        Clause::Synapse(used) => ("synapse", used.span),
        Clause::Receptor(used) => ("receptor", used.span),
        Clause::Plasticity(used) => ("plasticity", used.span),
        Clause::Method(used) => ("method", used.span),
        Clause::Into { span, .. } => ("into", *span),
        Clause::Poisson { span, .. } => ("poisson", *span),
        Clause::Normalise { span, .. } => ("normalise", *span),
    }
}

impl Checker<'_> {
    /// Reads the clauses of a statement: those that are given twice, or belong to the other kind, are reported.
    pub(crate) fn clauses<'c>(&mut self, clauses: &'c [Clause], stimulate: bool) -> Clauses<'c> {
        let mut result = Clauses { plasticity: clauses, ..Clauses::default() };
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for one in clauses {
            let (word, span) = clause(one);
            let several = matches!(one, Clause::Plasticity(_));
            if let Some(first) = seen.insert(word, span).filter(|_| !several) {
                self.push(
                    Diagnostic::error("E0415", format!("`{word}` is given twice"), span, "again here")
                        .also(first, "first here"),
                );
                continue;
            }
            let wrong = match one {
                Clause::Poisson { .. } => !stimulate,
                Clause::Connect { .. }
                | Clause::Delay { .. }
                | Clause::PostDelay { .. }
                | Clause::Event { .. }
                | Clause::PostEvent { .. }
                | Clause::Normalise { .. } => stimulate,
                _ => false,
            };
            if wrong {
                let (statement, hint) = if stimulate {
                    ("stimulate", "every target has a source of its own, which acts in the step it fires in")
                } else {
                    ("project", "for Poisson sources write `stimulate E { poisson 1 kHz … }`")
                };
                self.push(
                    Diagnostic::error("E0415", format!("`{statement}` has no `{word}`"), span, "cannot stand here")
                        .hint(hint),
                );
                continue;
            }
            match one {
                Clause::Connect { rule, arguments, named, span } => {
                    result.connect = Some(Written { rule, arguments, named, span: *span });
                }
                Clause::Weight { random, value, .. } => result.weight = Some((*random, value)),
                Clause::Delay { random, value, .. } => result.delay = Some((*random, value)),
                Clause::PostDelay { random, value, .. } => result.post_delay = Some((*random, value)),
                Clause::Event { name, span } => result.event = Some((name, *span)),
                Clause::PostEvent { name, span } => result.post_event = Some((name, *span)),
                Clause::Synapse(used) => result.synapse = Some(used),
                Clause::Receptor(used) => result.receptor = Some(used),
                Clause::Method(used) => result.method = Some(used),
                Clause::Plasticity(_) => {}
                Clause::Into { input, span } => result.into = Some((input, *span)),
                Clause::Poisson { rate, .. } => result.poisson = Some(rate),
                Clause::Normalise { end, to, value, span } => {
                    result.normalise = Some(Normalise { end, to, value, span: *span });
                }
            }
        }
        result
    }
}
