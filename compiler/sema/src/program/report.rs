//! Collects diagnostics: each mistake once, however many uses of a model run into it.

use bpc_syntax::diagnostic::{Diagnostic, Severity};
use bpc_syntax::source::Span;
use std::collections::BTreeSet;

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
        self.diagnostics
    }
}
