//! The documentation shows everything that can be written: each word, rule, option, function and method in an example. That the
//! examples are models is a test of the compiler as a whole.

use crate::expressions::functions::{CLIP, DISTRIBUTIONS, FUNCTIONS, RESERVED};
use crate::expressions::tables::OUTSIDE;
use crate::models::cell::{check::SETTINGS, gates::ENTRIES};
use crate::models::integrator::METHODS;
use crate::networks::connect::{NAMED, OPTIONS, RULES, UNDIRECTED};
use crate::networks::convolution::MAPS;
use crate::networks::degrees::DEGREES;
use crate::networks::geometry::SHAPES;
use crate::networks::measured::STATISTICS;
use crate::networks::normalise::ENDS;
use crate::networks::pairs::EXPLICIT;
use crate::networks::same_pairs::SAME_AS;
use crate::networks::standing::OF_SYNAPSES;
use bpc_syntax::ast::AGGREGATES;
use bpc_syntax::lexer::lex;
use bpc_syntax::source::FileId;
use bpc_syntax::words::WORDS;
use std::collections::BTreeSet;

/// What is known by a text in a `match` and not in a table.
const ELSEWHERE: &[&str] = &[
    "sum",
    "product",
    "spikes",
    "all",
    "held",
    "linear",
    "merged",
    "rounded",
    "tolerance",
    "limit",
    "distance",
    "kernel",
    "reversed",
    "source",
    "target",
    "size",
    "count",
    "bool",
    "super",
    "file",
    "table",
];

/// The `bp` blocks of the documentation.
fn blocks() -> Vec<String> {
    let documents = [include_str!("../../../docs/language.md"), include_str!("../../../README.md")];
    let fenced = documents.iter().flat_map(|text| text.split("\n```bp\n").skip(1));
    fenced.map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned() + "\n").collect()
}

/// The words of a text: no comments, and no text in quotes.
fn words(text: &str) -> Vec<&str> {
    lex(FileId(0), text).tokens.iter().map(|&(start, _, end)| &text[start as usize..end as usize]).collect()
}

/// All words and names, and what has a name in the brackets of one: `layers` in `grid(layers = 3)`.
fn vocabulary() -> (BTreeSet<&'static str>, BTreeSet<(&'static str, &'static str)>) {
    let mut words: BTreeSet<&str> = WORDS.iter().map(|word| word.text).collect();
    words.extend(RULES.iter().map(|rule| rule.0));
    words.extend(EXPLICIT.iter().map(|rule| rule.0));
    words.extend(MAPS.iter().map(|map| map.name));
    words.extend(OF_SYNAPSES.iter().map(|rule| rule.0));
    words.extend(DEGREES.iter().map(|degree| degree.1));
    words.extend(SHAPES.iter().map(|shape| shape.0));
    words.extend(STATISTICS.iter().map(|statistic| statistic.0));
    words.extend(METHODS.iter().map(|method| method.name));
    words.extend(ENDS.iter().map(|end| end.0));
    words.extend(OUTSIDE.iter().map(|outside| outside.0));
    words.extend(ENTRIES.iter().chain(&SETTINGS).chain(RESERVED).chain(OPTIONS).chain(ELSEWHERE));
    words.extend([CLIP, SAME_AS, UNDIRECTED]);
    let mut pairs = BTreeSet::new();
    pairs.extend(NAMED.iter().flat_map(|(rule, options)| options.iter().map(|option| (*rule, *option))));
    pairs.extend(MAPS.iter().flat_map(|map| map.named.iter().map(|option| (map.name, *option))));
    let needed_and_possible = SHAPES
        .iter()
        .flat_map(|(shape, needed, possible)| needed.iter().chain(*possible).map(|setting| (*shape, *setting)));
    pairs.extend(needed_and_possible);
    (words, pairs)
}

/// The brackets behind every use of a name, and what stands in them.
fn bracketed<'w, 't>(words: &'w [&'t str], name: &'w str) -> impl Iterator<Item = &'t str> {
    let mut inside = Vec::new();
    for at in (0..words.len()).filter(|&at| words[at] == name && words.get(at + 1) == Some(&"(")) {
        let mut depth = 0;
        for &word in &words[at + 1..] {
            depth += i32::from(word == "(") - i32::from(word == ")");
            inside.push(word);
            if depth == 0 {
                break;
            }
        }
    }
    inside.into_iter()
}

#[test]
fn everything_that_can_be_written_is_in_an_example() {
    let blocks = blocks();
    assert!(blocks.len() > 90, "{} blocks", blocks.len());
    let examples: Vec<&str> = blocks.iter().flat_map(|block| words(block)).collect();
    let found: BTreeSet<&str> = examples.iter().copied().collect();
    let (words, pairs) = vocabulary();
    let mut missing: Vec<String> = words.difference(&found).map(|word| (*word).to_owned()).collect();
    let functions =
        FUNCTIONS.iter().map(|f| f.0).chain(DISTRIBUTIONS.iter().map(|d| d.0)).chain(AGGREGATES.iter().copied());
    for name in functions.filter(|name| *name != "%") {
        if bracketed(&examples, name).next().is_none() {
            missing.push(format!("{name}(…)"));
        }
    }
    for (name, option) in pairs {
        if !bracketed(&examples, name).any(|word| word == option) {
            missing.push(format!("{name}({option} = …)"));
        }
    }
    assert!(missing.is_empty(), "no example in the documentation has {missing:?}");
}
