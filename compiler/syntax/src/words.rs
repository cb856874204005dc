//! The words of the language, in one table: what a word starts, and whether it may also be a name.
//!
//! The lexer asks what is a word, error recovery where a piece of a broken file starts, and messages
//! what could have been meant. A test compares the table with the grammar.

/// What the pieces of a file or of a body are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The declarations of a file.
    Items,
    /// The members of a model.
    Members,
    /// The members of a network.
    NetworkMembers,
    /// The members of a `simulate` block.
    SimulationMembers,
    /// The clauses of a projection or a stimulus.
    Clauses,
    /// The statements of an event.
    Statements,
}

/// Whether a word may be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// It is a word of the language everywhere.
    Reserved,
    /// It may be a name where it starts nothing: `param gate = 3`.
    Open,
    /// To the lexer it is a name; it means something only where it starts a setting: `dt 0.1 ms`.
    Setting,
}

/// A word of the language.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// The word.
    pub text: &'static str,
    /// Whether it may be a name.
    pub naming: Naming,
    /// What it starts.
    pub starts: &'static [Level],
}

use Level::{Clauses, Items, Members, NetworkMembers, SimulationMembers, Statements};
use Naming::{Open, Reserved, Setting};

/// All words, in the order in which messages list them.
pub const WORDS: &[Word] = &[
    word("use", Reserved, &[Items]),
    word("const", Reserved, &[Items]),
    word("connect", Reserved, &[Clauses]),
    word("param", Reserved, &[Members]),
    word("input", Reserved, &[Members]),
    word("state", Reserved, &[Members]),
    word("post", Reserved, &[Members]),
    word("pre", Open, &[Members]),
    word("weight", Reserved, &[Members, Clauses]),
    word("delay", Reserved, &[Clauses]),
    word("post_delay", Open, &[Clauses]),
    word("post_event", Open, &[Clauses]),
    word("normalise", Open, &[Clauses]),
    word("bound", Open, &[Members]),
    word("let", Reserved, &[Members, NetworkMembers, Statements]),
    word("spike", Reserved, &[Members]),
    word("when", Reserved, &[Members]),
    word("event", Open, &[Members, Clauses]),
    word("every", Reserved, &[Members]),
    word("history", Open, &[Members]),
    word("on", Reserved, &[Members]),
    word("output", Reserved, &[Members]),
    word("method", Reserved, &[Members, Clauses]),
    word("membrane", Open, &[Members]),
    word("gate", Open, &[Members]),
    word("scheme", Open, &[Members]),
    word("data", Open, &[Items, NetworkMembers]),
    word("function", Reserved, &[Items]),
    word("neuron", Reserved, &[Items]),
    word("synapse", Reserved, &[Items, Clauses]),
    word("receptor", Reserved, &[Items, Clauses]),
    word("plasticity", Open, &[Items, Clauses]),
    word("into", Reserved, &[Clauses]),
    word("poisson", Reserved, &[Clauses]),
    word("network", Reserved, &[Items]),
    word("simulate", Reserved, &[Items]),
    word("channel", Open, &[Items, Members]),
    word("ion", Open, &[Items, Members]),
    word("cell", Open, &[Items]),
    word("compartment", Open, &[Members]),
    word("couple", Open, &[Members]),
    word("population", Reserved, &[NetworkMembers]),
    word("instance", Open, &[NetworkMembers]),
    word("init", Reserved, &[NetworkMembers]),
    word("drive", Reserved, &[NetworkMembers]),
    word("project", Reserved, &[NetworkMembers]),
    word("stimulate", Reserved, &[NetworkMembers]),
    word("record", Reserved, &[SimulationMembers]),
    word("expect", Reserved, &[SimulationMembers]),
    word("dt", Setting, &[SimulationMembers]),
    word("duration", Setting, &[SimulationMembers]),
    word("seed", Setting, &[SimulationMembers]),
    word("refractory", Reserved, &[Statements]),
    word("transmit", Open, &[Statements]),
    word("hold", Reserved, &[]),
    word("clamp", Reserved, &[]),
    word("crosses", Reserved, &[]),
    word("while", Reserved, &[]),
    word("at", Reserved, &[SimulationMembers]),
    word("from", Reserved, &[]),
    word("as", Reserved, &[]),
    word("for", Open, &[Statements]),
    word("after", Open, &[Members]),
    word("return", Open, &[]),
    word("where", Open, &[]),
    word("if", Reserved, &[NetworkMembers, Statements]),
    word("then", Reserved, &[]),
    word("else", Reserved, &[]),
    word("true", Reserved, &[]),
    word("false", Reserved, &[]),
    word("and", Reserved, &[]),
    word("or", Reserved, &[]),
    word("not", Reserved, &[]),
    word("in", Reserved, &[]),
];

const fn word(text: &'static str, naming: Naming, starts: &'static [Level]) -> Word {
    Word { text, naming, starts }
}

/// How a word may be used; `None` for a text that is no word of the language.
#[must_use]
pub fn naming(text: &str) -> Option<Naming> {
    find(text).map(|word| word.naming)
}

fn find(text: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.text == text)
}

impl Level {
    /// All of them.
    pub const ALL: [Level; 6] = [Items, Members, NetworkMembers, SimulationMembers, Clauses, Statements];

    /// The words that start a piece.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        WORDS.iter().filter(move |word| word.starts.contains(&self)).map(|word| word.text)
    }

    /// Whether a piece starts with `text`.
    #[must_use]
    pub fn starts_with(self, text: &str) -> bool {
        find(text).is_some_and(|word| word.starts.contains(&self))
    }

    /// What a piece is called where one is missing.
    #[must_use]
    pub fn called(self) -> &'static str {
        match self {
            Items => "a declaration",
            Members | NetworkMembers => "a declaration or `}`",
            SimulationMembers => "a setting, `record`, `expect`, `at` or `}`",
            Clauses => "a clause or `}`",
            Statements => "a statement or `}`",
        }
    }
}
