//! Collects diagnostics: each mistake once, however many uses of a model run into it.

use bpc_syntax::diagnostic::{Diagnostic, Severity};
use bpc_syntax::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Codes that say that something is missing.
const ABSENT: &[&str] = &[
    "E0201", "E0203", "E0204", "E0206", "E0207", "E0213", "E0401", "E0405", "E0415", "E0416", "E0417", "E0433",
    "E0502", "E0602",
];

/// More diagnostics than this are of no use to anyone.
const MOST: usize = 1000;

/// The diagnostics of a compilation.
#[derive(Debug, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    /// Parameters that networks use though their models do not, by the places of their names.
    used: BTreeSet<Span>,
    /// Of parameters that are never used: the place of their model's first parameter.
    models: BTreeMap<Span, Span>,
}

impl Report {
    /// Adds one, unless the same was said of the same place.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let span = |d: &Diagnostic| d.labels.first().map(|l| l.span);
        let same =
            |d: &Diagnostic| d.code == diagnostic.code && span(d) == span(&diagnostic) && d.title == diagnostic.title;
        if self.diagnostics.len() < MOST && !self.diagnostics.iter().any(same) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether nothing more is kept, so that no hint needs to be thought of.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.diagnostics.len() >= MOST
    }

    /// Something uses a parameter, of which its model has been warned.
    pub fn used(&mut self, declared: Span) {
        self.used.insert(declared);
    }

    /// A parameter that is never used, of the model whose first parameter stands at a place: those of one model are told together.
    pub fn unused_of(&mut self, declared: Span, first: Span) {
        self.models.insert(declared, first);
    }

    /// Whether something is wrong with what stands at a place.
    #[must_use]
    pub fn has_error_within(&self, place: Span) -> bool {
        let within = |at: Span| at.file == place.file && place.start <= at.start && at.end <= place.end;
        let errors = self.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        errors.filter_map(|d| d.labels.first()).any(|label| within(label.span))
    }

    /// How many errors there are.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == Severity::Error).count()
    }

    /// All of them, in the order of the text: by file, then by place. After a
    /// mistake of syntax nothing is called missing, and with errors there are no warnings of unused names.
    #[must_use]
    pub fn finish(mut self) -> Vec<Diagnostic> {
        if self.diagnostics.iter().any(|d| d.code.starts_with("E01")) {
            // What could not be read may well be declared.
            self.diagnostics.retain(|d| !ABSENT.contains(&d.code));
        }
        if self.errors() > 0 {
            // What an error keeps from being reached looks unused.
            self.diagnostics.retain(|d| !["W0702", "W0703"].contains(&d.code));
        }
        let used = |d: &Diagnostic| d.labels.first().is_some_and(|label| self.used.contains(&label.span));
        self.diagnostics.retain(|d| d.code != "W0703" || !used(d));
        self.diagnostics.sort_by_key(|d| d.labels.first().map(|l| l.span));
        self.join_unused();
        self.diagnostics
    }

    /// Tells unused parameters of one model together, and unused imports of one file, at the first of them.
    fn join_unused(&mut self) {
        let models = &self.models;
        let group = |d: &Diagnostic| {
            let at = d.labels.first()?.span;
            match d.code {
                "W0702" => Some((d.code, Span { start: 0, end: 0, ..at })),
                "W0703" => Some((d.code, *models.get(&at)?)),
                _ => None,
            }
        };
        let mut first: BTreeMap<(&str, Span), usize> = BTreeMap::new();
        let mut more: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let mut kept: Vec<Diagnostic> = Vec::new();
        for diagnostic in std::mem::take(&mut self.diagnostics) {
            let known = group(&diagnostic).map(|key| *first.entry(key).or_insert(kept.len()));
            match known {
                Some(place) if place < kept.len() => more.entry(place).or_default().push(quoted(&diagnostic.title)),
                _ => kept.push(diagnostic),
            }
        }
        for (place, names) in more {
            let diagnostic = &mut kept[place];
            let names = std::iter::once(quoted(&diagnostic.title)).chain(names).collect::<Vec<_>>().join(", ");
            (diagnostic.title, diagnostic.hint) = match diagnostic.code {
                "W0702" => (format!("imported but never used: {names}"), Some("remove them".to_owned())),
                _ => (format!("parameters that are never used: {names}"), Some("remove them, or use them".to_owned())),
            };
        }
        self.diagnostics = kept;
    }
}

/// The name in a title, in its backquotes.
fn quoted(title: &str) -> String {
    title.split('`').nth(1).map_or_else(String::new, |name| format!("`{name}`"))
}
