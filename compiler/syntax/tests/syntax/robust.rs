//! No text makes the parser panic, overflow the stack or take long.

use std::time::{Duration, Instant};

use bpc_syntax::render::{human, json, limit};
use bpc_syntax::source::SourceMap;
use bpc_syntax::{MAX_DEPTH, MAX_ERRORS, ast, parse};
use proptest::prelude::*;

use super::trees::COBA;

const CELL: &str = include_str!("cell.bp");

/// Parses and renders; returns the codes.
fn survive(text: &str) -> (ast::File, Vec<&'static str>) {
    let mut sources = SourceMap::default();
    let id = sources.add("any.bp", text);
    let (file, diagnostics) = parse(id, text);
    let codes = diagnostics.iter().map(|d| d.code).collect();
    for diagnostic in &diagnostics {
        assert!(!diagnostic.labels.is_empty() && !diagnostic.title.is_empty());
        for label in &diagnostic.labels {
            // Slicing panics if a span is not on character boundaries.
            let _ = sources.text(label.span);
        }
    }
    let shown = limit(diagnostics, 20);
    let _ = human(&shown, &sources, false);
    shown.iter().for_each(|d| drop(json(d, &sources)));
    (file, codes)
}

#[test]
fn depth() {
    let below = MAX_DEPTH - 1;
    let nest = |open: &str, close: &str, n: usize| format!("const x = {}1{}", open.repeat(n), close.repeat(n));
    for (open, close) in
        [("(", ")"), ("- ", ""), ("f(", ")"), ("1 ^ ", ""), ("1 + ", ""), ("if a then b else ", ""), ("not ", "")]
    {
        assert_eq!(survive(&nest(open, close, below)).1, [""; 0], "{open}");
        assert_eq!(survive(&nest(open, close, below + 2)).1, ["E0105"], "{open}");
    }
}

#[test]
fn pathological_texts_are_fast() {
    const N: usize = 100_000;
    let many = |head: &str, body: &str| format!("{head}{}", body.repeat(N));
    let texts = [
        many("const x = ", "("),
        format!("{}{}", many("const x = ", "("), ")".repeat(N)),
        many("const x = ", "-"),
        many("const x = ", "1^"),
        format!("{}1", many("const x = ", "1^")),
        format!("{}1", many("const x = ", "1+")),
        format!("{}1", many("const x = ", "if a then b else ")),
        many("const x = ", "if "),
        many("const x = 1 ", "m*"),
        many("const x = ", "9"),
        many("const x = f(", "1,"),
        many("", "{"),
        many("", "}"),
        many("", "/*"),
        many("", "'"),
        many("", "\""),
        many("", "1.."),
        many("", "§ "),
        many("", "aaa "),
        many("neuron A {", "aaa "),
        many("", "parm x = 3\n"),
        many("neuron A {", "parm x = \n"),
        many("", "neuron A {\n"),
        many("neuron A {\n", "V' = (1\n"),
        many("neuron A {\n", "spike when x {\n"),
        many("simulate A {\n", "dt 0.1 msec\n"),
        many("network A { project E -> E {", "weight weight 3 "),
        format!("const x = {}= 3", " ".repeat(1 << 20)),
        format!("const {} x", "x".repeat(1 << 20)),
    ];
    for text in texts {
        let start = Instant::now();
        let (_, codes) = survive(&text);
        let took = start.elapsed();
        let head: String = text.chars().take(40).collect();
        assert!(!codes.is_empty() && codes.len() <= 2 * MAX_ERRORS, "{head}: {}", codes.len());
        // Allows for a debug build on a busy machine; measured: below half a second in release.
        assert!(took < Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 3 }), "{head}: {took:?}");
    }
}

#[test]
fn one_broken_piece_costs_no_other() {
    for (text, wrong) in [(COBA, "    param = = 3"), (CELL, "    = = 3")] {
        let (whole, _) = survive(text);
        let lines: Vec<&str> = text.lines().collect();
        for broken in 0..lines.len() {
            let text: Vec<&str> =
                lines.iter().enumerate().map(|(at, line)| if at == broken { wrong } else { *line }).collect();
            // A line with a brace of the structure is more than one piece.
            if lines[broken].matches('{').count() != lines[broken].matches('}').count() {
                continue;
            }
            let (file, codes) = survive(&text.join("\n"));
            assert!(codes.len() == 1, "line {broken}: {codes:?}");
            assert!(file.items.len() + 1 >= whole.items.len(), "line {broken}");
        }
    }
}

/// Pieces of which near-valid text is made.
fn scraps() -> impl Strategy<Value = String> {
    let words = COBA
        .split_whitespace()
        .chain(CELL.split_whitespace())
        .chain(["{", "}", "(", ")", "'", ";", "..", "§", "/*", "\"", "1 mV/", "^(1/", "\n"]);
    let words: Vec<String> = words.map(str::to_owned).collect();
    prop::collection::vec(prop::sample::select(words), 0..60).prop_map(|list| list.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        survive(&text);
    }

    #[test]
    fn any_words(text in scraps()) {
        survive(&text);
    }

    #[test]
    fn a_piece_cut_out_or_moved(from in 0..COBA.len(), length in 0..60_usize, to in 0..COBA.len()) {
        let chars: Vec<char> = COBA.chars().collect();
        let cut: Vec<char> = chars.iter().copied().skip(from).take(length).collect();
        let mut rest: Vec<char> = chars.iter().enumerate().filter(|(at, _)| !(from..from + length).contains(at)).map(|(_, c)| *c).collect();
        survive(&rest.iter().collect::<String>());
        let to = to.min(rest.len());
        rest.splice(to..to, cut);
        survive(&rest.iter().collect::<String>());
    }
}
