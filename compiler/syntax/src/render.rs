//! Diagnostics as a person reads them (rustc's layout) and as a program reads them (JSON).

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::{FileId, SourceFile, SourceMap, Span};

/// The code of the summary that [`limit`] appends.
const SUMMARY: &str = "E0100";

/// Lines longer than this are cut to the neighbourhood of the label.
const LONGEST_LINE: usize = 500;

/// How much of a long line is shown on either side of a label's start.
const NEIGHBOURHOOD: usize = 60;

/// More lines than this between two labels are not handed to the renderer.
const LONGEST_REGION: usize = 64 * 1024;

/// Keeps the first `max` diagnostics (errors before warnings) and says how many there were more.
#[must_use]
pub fn limit(mut diagnostics: Vec<Diagnostic>, max: usize) -> Vec<Diagnostic> {
    if diagnostics.len() > max {
        diagnostics.sort_by_key(|d| d.severity == Severity::Warning);
        let rest = diagnostics.split_off(max);
        let severity = rest.first().map_or(Severity::Warning, |d| d.severity);
        let title = format!("\u{2026} and {} more", rest.len());
        diagnostics.push(Diagnostic { code: SUMMARY, severity, title, labels: Vec::new(), hint: None });
    }
    diagnostics
}

/// The diagnostics as text, one after the other, with an empty line between them.
#[must_use]
pub fn human(diagnostics: &[Diagnostic], sources: &SourceMap, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        if diagnostic.code == SUMMARY {
            out.push_str(&diagnostic.title);
        } else {
            out.push_str(&renderer.render(&[report(diagnostic, sources)]));
        }
        out.push('\n');
    }
    out
}

/// A diagnostic as one object.
#[must_use]
pub fn json(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let labels: Vec<Value> = diagnostic
        .labels
        .iter()
        .filter_map(|label| {
            let (file, span) = locate(label, sources)?;
            let (start_line, start_column) = sources.line_column(span);
            let (end_line, end_column) = sources.line_column(Span { start: span.end, ..span });
            Some(json!({
                "file": file.name,
                "start_line": start_line,
                "start_column": start_column,
                "end_line": end_line,
                "end_column": end_column,
                "start_byte": span.start,
                "end_byte": span.end,
                "text": label.text,
            }))
        })
        .collect();
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    json!({
        "code": diagnostic.code,
        "severity": severity,
        "title": diagnostic.title,
        "hint": diagnostic.hint,
        "labels": labels,
    })
}

/// The file of a label, and its span cut to what the file holds.
fn locate<'a>(label: &Label, sources: &'a SourceMap) -> Option<(&'a SourceFile, Span)> {
    let (_, file) = sources.iter().find(|(id, _)| *id == label.span.file)?;
    let floor = |byte: u32| file.text.floor_char_boundary(byte as usize);
    let (start, end) = (floor(label.span.start), floor(label.span.end.max(label.span.start)));
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Some((file, Span { file: label.span.file, start: byte(start), end: byte(end) }))
}

/// A label on its way to the renderer.
struct Place<'a> {
    span: Span,
    text: &'a str,
    kind: AnnotationKind,
}

impl<'a> Place<'a> {
    /// The annotation, for a source that starts at byte `base` and has `length` bytes.
    fn annotation(&self, base: usize, length: usize) -> Annotation<'a> {
        let start = (self.span.start as usize - base).min(length);
        let end = (self.span.end as usize - base).clamp(start, length);
        let annotation = self.kind.span(start..end);
        if self.text.is_empty() { annotation } else { annotation.label(self.text) }
    }
}

fn report<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(diagnostic.title.as_str()).id(diagnostic.code));
    let mut places: Vec<(FileId, &SourceFile, Vec<Place<'_>>)> = Vec::new();
    for (index, label) in diagnostic.labels.iter().enumerate() {
        let Some((file, span)) = locate(label, sources) else { continue };
        let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let place = Place { span, text: &label.text, kind };
        match places.iter_mut().find(|(id, ..)| *id == span.file) {
            Some((.., list)) => list.push(place),
            None => places.push((span.file, file, vec![place])),
        }
    }
    for (_, file, list) in places {
        group = quote(group, file, &list);
    }
    match &diagnostic.hint {
        Some(hint) => group.element(Level::HELP.message(hint.as_str())),
        None => group,
    }
}

/// Adds the lines of one file that the labels stand on.
fn quote<'a>(mut group: Group<'a>, file: &'a SourceFile, list: &[Place<'a>]) -> Group<'a> {
    let text = file.text.as_str();
    let start = list.iter().map(|p| p.span.start).min().unwrap_or(0) as usize;
    let end = list.iter().map(|p| p.span.end).max().unwrap_or(0) as usize;
    let (start, end) = (line_start(text, start), line_end(text, end));
    let region = &text[start..end];
    if region.len() <= LONGEST_REGION && region.split('\n').all(|line| line.len() <= LONGEST_LINE) {
        let annotations = list.iter().map(|place| place.annotation(start, region.len()));
        let snippet = Snippet::source(region).line_start(line_number(text, start)).path(file.name.as_str());
        return group.element(snippet.annotations(annotations));
    }
    for place in list {
        let at = place.span.start as usize;
        let (first, last) = (line_start(text, at), line_end(text, at));
        let from = first.max(text.floor_char_boundary(at.saturating_sub(NEIGHBOURHOOD)));
        let to = last.min(text.floor_char_boundary(at + NEIGHBOURHOOD));
        let line = line_number(text, at);
        let column = text[first..at].chars().count() + 1;
        let snippet = Snippet::<Annotation<'_>>::source(&text[from..to]).line_start(line);
        group = group
            .element(Origin::path(file.name.as_str()).line(line).char_column(column))
            .element(snippet.annotation(place.annotation(from, to - from)));
    }
    group
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |newline| at + newline)
}

fn line_number(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|&&b| b == b'\n').count() + 1
}
