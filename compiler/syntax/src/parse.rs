//! The only door: text in, tree and diagnostics out.

use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::explain::Place;
use crate::grammar::StartParser;
use crate::lexer::{SpannedToken, Token, lex};
use crate::recover::Recovery;
use crate::source::{FileId, Span};
use crate::tree::{Context, Fault, Node};
use crate::{MAX_BYTES, MAX_DEPTH};

/// Reads one file: what could be understood of it, and what was wrong, in source order.
#[must_use]
pub fn parse(file: FileId, text: &str) -> (ast::File, Vec<Diagnostic>) {
    if text.len() > MAX_BYTES {
        let title = format!("this file has {} bytes; {MAX_BYTES} are the most that can be read", text.len());
        let start = Span { file, start: 0, end: 0 };
        return (ast::File::default(), vec![Diagnostic::error("E0110", title, start, "")]);
    }
    let lexed = lex(file, text);
    let cx = Context { file, docs: &lexed.docs };
    let mut diagnostics = lexed.diagnostics;
    let whole = if shallow(&lexed.tokens) { Some(run(&cx, Token::WantFile, &lexed.tokens)) } else { None };
    let items = match whole {
        Some(Ok(Node::Items(items))) => items,
        whole => {
            let reported = diagnostics.iter().map(|d| d.labels[0].span.start).collect();
            let mut recovery =
                Recovery { cx: &cx, text, tokens: &lexed.tokens, reported, out: Vec::new(), unclosed: 0 };
            let items = recovery.file();
            diagnostics.append(&mut recovery.out);
            if let (Some(Err(fault)), true) = (whole, diagnostics.is_empty()) {
                let place = Place { file, text, tokens: &lexed.tokens, end: lexed.tokens.len() };
                diagnostics.push(place.explain(fault));
            }
            diagnostics.sort_by_key(|d| d.labels[0].span.start);
            items
        }
    };
    (ast::File { doc: lexed.file_doc, items }, diagnostics)
}

/// Runs the generated parser on a piece of the file.
pub(crate) fn run<'s>(cx: &Context<'_>, want: Token<'s>, tokens: &[SpannedToken<'s>]) -> Result<Node, Fault<'s>> {
    let start = tokens.first().map_or(0, |t| t.0);
    let first = (start, want, start);
    StartParser::new().parse(cx, std::iter::once(first).chain(tokens.iter().cloned()))
}

/// Whether no more than [`MAX_DEPTH`] brackets are open anywhere.
fn shallow(tokens: &[SpannedToken<'_>]) -> bool {
    let mut depth = 0_usize;
    tokens.iter().all(|(_, token, _)| {
        match token {
            Token::LeftBrace | Token::LeftParen | Token::LeftBracket => depth += 1,
            Token::RightBrace | Token::RightParen | Token::RightBracket => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth <= MAX_DEPTH
    })
}
