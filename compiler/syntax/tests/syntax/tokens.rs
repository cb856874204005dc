//! Where a unit literal ends, and what else the lexer decides.

use std::collections::BTreeSet;

use bpc_syntax::lexer::lex;
use bpc_syntax::source::FileId;
use bpc_syntax::words::{Naming, WORDS};

/// The tokens of a text, each as the lexer shows it.
fn tokens(text: &str) -> String {
    let lexed = lex(FileId(0), text);
    let mut shown: Vec<String> = lexed.tokens.iter().map(|(_, token, _)| token.to_string()).collect();
    shown.extend(lexed.diagnostics.iter().map(|d| format!("{}: {}", d.code, d.title)));
    shown.join(" | ")
}

#[test]
fn units() {
    let table = [
        // One literal.
        ("60 mV", "Quantity 60 mV"),
        ("60mV", "Quantity 60 mV"),
        ("60\tmV", "Quantity 60 mV"),
        ("-60 mV", "Minus | Quantity 60 mV"),
        ("1 uF/cm^2", "Quantity 1 uF cm^-2"),
        ("0.32 mV^-1*ms^-1", "Quantity 0.32 mV^-1 ms^-1"),
        ("3 mV/ms^0.5", "Quantity 3 mV ms^(-1/2)"),
        ("3 mV*ms^(-1/2)", "Quantity 3 mV ms^(-1/2)"),
        ("3 mV*ms^-0.25", "Quantity 3 mV ms^(-1/4)"),
        ("1_000.5e-3 kΩ", "Quantity 1000.5e-3 kΩ"),
        ("1 µS", "Quantity 1 µS"),
        ("1 μm", "Quantity 1 μm"),
        ("2 m", "Quantity 2 m"),
        ("2 m/s/s", "Quantity 2 m s^-1 s^-1"),
        ("5 M", "Quantity 5 M"),
        ("1e3 Hz", "Quantity 1e3 Hz"),
        ("1 EV", "Quantity 1 EV"),
        // Where it ends.
        ("10 mV/tau", "Quantity 10 mV | Slash | Ident tau"),
        ("10 mV*x/ms", "Quantity 10 mV | Star | Ident x | Slash | Ident ms"),
        ("10 mV / ms", "Quantity 10 mV | Slash | Ident ms"),
        ("10 mV/ ms", "Quantity 10 mV | Slash | Ident ms"),
        ("10 mV /ms", "Quantity 10 mV | Slash | Ident ms"),
        ("0.32/ms", "Number 0.32 | Slash | Ident ms"),
        ("10 mV/(2 ms)", "Quantity 10 mV | Slash | LeftParen | Quantity 2 ms | RightParen"),
        ("10 mV/2", "Quantity 10 mV | Slash | Number 2"),
        ("2 mV^n", "Quantity 2 mV | Caret | Ident n"),
        ("2 mV^2*x", "Quantity 2 mV^2 | Star | Ident x"),
        ("2 mV^ 2", "Quantity 2 mV | Caret | Number 2"),
        ("5\nmV", "Number 5 | Ident mV"),
        ("5 /* a */ mV", "Number 5 | Ident mV"),
        // What is differentiated or assigned to is no unit.
        ("g = 0 m' = 1", "Ident g | Equal | Number 0 | Ident m | Prime | Equal | Number 1"),
        (
            "g = 0 m(t + dt) = 1",
            "Ident g | Equal | Number 0 | Ident m | LeftParen | Ident t | Plus | Ident dt | RightParen | Equal | Number 1",
        ),
        (
            "g = 0 m(t + 1) = 1",
            "Ident g | Equal | Quantity 0 m | LeftParen | Ident t | Plus | Number 1 | RightParen | Equal | Number 1",
        ),
        ("g = 0 m = 1", "Ident g | Equal | Number 0 | Ident m | Equal | Number 1"),
        ("g = 0 m += 1", "Ident g | Equal | Number 0 | Ident m | PlusEqual | Number 1"),
        ("3 mV == V", "Quantity 3 mV | EqualEqual | Ident V"),
        // Words behind a number.
        ("5 as", "Number 5 | As"),
        ("seed 42 dt 1 ms", "Ident seed | Number 42 | Ident dt | Quantity 1 ms"),
        ("20 msec", "Bad | E0109: unknown unit `msec`"),
        ("10 min", "Bad | E0109: unknown unit `min`"),
        ("3 mV ms", "Bad | E0109: two units in a row"),
        ("2x", "Bad | E0103: `2x` is neither a number nor a number with a unit"),
        ("0x1F", "Bad | E0103: `0x1F` is neither a number nor a number with a unit"),
        // Dots.
        ("0..4", "Number 0 | DotDot | Number 4"),
        ("18 Hz .. 26 Hz", "Quantity 18 Hz | DotDot | Quantity 26 Hz"),
        ("18 Hz^2..26 Hz", "Quantity 18 Hz^2 | DotDot | Quantity 26 Hz"),
        ("E.V", "Ident E | Dot | Ident V"),
        (".5", "Bad | E0103: a number cannot start with a dot"),
        ("5.", "Bad | E0103: a number cannot end with a dot"),
        ("5. mV", "Bad | Ident mV | E0103: a number cannot end with a dot"),
        ("1e999", "Bad | E0103: this number is too large"),
        ("1e-3", "Number 1e-3"),
        // Comments and characters.
        ("a /* b /* c */ d */ e // f", "Ident a | Ident e"),
        ("τ_m = 1", "Ident τ_m | Equal | Number 1"),
        ("a § b", "Ident a | Ident b | E0101: unexpected character `§`"),
        ("a\0b", "Ident a | Ident b | E0101: unexpected character `U+0000`"),
        ("/* a", "E0102: this comment is never closed"),
        ("x = \"abc", "Ident x | Equal | E0102: this string is never closed"),
        ("\u{feff}x", "Ident x"),
    ];
    for (text, expected) in table {
        assert_eq!(tokens(text), expected, "{text}");
    }
}

#[test]
fn every_word_is_a_token_of_its_own() {
    for word in WORDS {
        assert_eq!(tokens(word.text).starts_with("Ident"), word.naming == Naming::Setting, "{}", word.text);
        assert!(tokens(&format!("{}_", word.text)).starts_with("Ident"), "{}_", word.text);
    }
    for word in ["count", "rate", "unit", "spikes", "size", "xi", "t"] {
        assert!(tokens(word).starts_with("Ident"), "{word}");
    }
}

/// The table of words and the grammar say the same.
#[test]
fn words_are_those_of_the_grammar() {
    let grammar = include_str!("../../src/grammar.lalrpop");
    let (_, names) = grammar.split_once("\nWord: &'s str = {").expect("the rule of names");
    // `"word" => …` on a line of its own.
    let words = |text: &'static str| -> BTreeSet<&str> {
        let quoted = text.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => "));
        quoted.map(|(word, _)| word).filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic())).collect()
    };
    let (terminals, _) = grammar.split_once("\n// One parser").expect("the terminals");
    let table = |wanted: fn(Naming) -> bool| -> BTreeSet<&str> {
        WORDS.iter().filter(|word| wanted(word.naming)).map(|word| word.text).collect()
    };
    assert_eq!(words(terminals), table(|naming| naming != Naming::Setting));
    assert_eq!(words(names), table(|naming| naming == Naming::Open));
}
