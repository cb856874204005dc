//! Words of other simulators and languages, with what is done here instead.

use crate::words::Level;

/// Words that mean something elsewhere, wherever they stand.
const ANYWHERE: &[(&str, &str)] = &[
    ("inf", "there is no infinity: leave the bound out, or compare with a large number"),
    ("lastspike", "keep the time of the last spike in a state: `state last : ms = -1 s`, and at the spike `last = t`"),
    ("not_refractory", "what stands still in refractory time is said at the spike: `refractory 2 ms hold V`"),
    ("unless", "what stands still in refractory time is said at the spike: `refractory 2 ms hold V`"),
    ("before_t0", "the values of a state before the run are `history x = …`, a function of `t`"),
    (
        "kernel",
        "what a spike leaves behind is a state of a synapse with the kernel's equation: `g' = -g / tau` and `on spike(w) { g += w }`, or \
         of second order `g'' = …` and `on spike(w) { g' += w / tau }`",
    ),
    (
        "convolve",
        "the convolution of a kernel with spikes is the state of a synapse: give it the kernel's equation, and at `on spike(w)` what the \
         kernel is at 0; `std::synapses::Exponential` and `Alpha` are such, and a receptor turns their output into a current",
    ),
    ("integrate_odes", "equations `x' = …` are integrated in every step by themselves; `method` says how"),
    ("emit_spike", "a neuron spikes where `spike when …` is true; in its braces stands what happens then"),
    ("True", "write `true`"),
    ("False", "write `false`"),
    ("None", "there is nothing like `None`: write a number with its unit"),
    ("np", "functions stand by themselves: `exp(x)`"),
    ("numpy", "functions stand by themselves: `exp(x)`"),
];

/// A word that starts a piece of a file elsewhere.
struct Start {
    word: &'static str,
    levels: &'static [Level],
    /// The word that starts it here, if the rest is written alike.
    means: Option<&'static str>,
    instead: &'static str,
}

const fn start(levels: &'static [Level], word: &'static str, instead: &'static str) -> Start {
    Start { word, levels, means: None, instead }
}

const PARAMETER: &str = "each parameter is declared by itself: `param tau : ms = 10 ms`";
const MODULES: &str = "models of the standard library are made known by `use std::neurons::LIF`, those of a file beside this one \
                       by `use file::Model`";
const MODEL: &str = "a model is declared with its kind: `neuron Cell { … }`, `synapse Exponential { … }`";
const RUN: &str = "a run is `simulate Net { dt 0.1 ms  duration 1 s }`";
const FUNCTION: &str = "a function is declared outside of models: `function f(x) = x^2`";
const SPIKE: &str = "condition and reset stand together: `spike when V > -50 mV { V = -65 mV }`";
const EQUATION: &str = "equations stand by themselves: `V' = …`";
const CONDITION: &str = "what is done where a condition holds is `when c { … }`, and `spike when c { … }` if it is a spike; a \
                         value is chosen by `if c then a else b`";
const HANDLER: &str = "what a spike does that arrives is said in a synapse: `on spike(w) { g += w }`";
const BLOCK: &str = "what belongs together stands in braces, so the end of a block is `}`";

const EVERY: &[Level] = &Level::ALL;
const ITEMS: &[Level] = &[Level::Items];
const MEMBERS: &[Level] = &[Level::Members];

/// What starts pieces elsewhere.
const STARTS: &[Start] = &[
    Start { word: "parameter", levels: MEMBERS, means: Some("param"), instead: PARAMETER },
    start(MEMBERS, "parameters", PARAMETER),
    start(MEMBERS, "internals", "what follows from parameters is `let a = exp(-dt / tau)`"),
    Start { word: "inline", levels: MEMBERS, means: Some("let"), instead: "an abbreviation is `let I = g * V`" },
    start(MEMBERS, "equations", EQUATION),
    start(MEMBERS, "eqs", EQUATION),
    start(MEMBERS, "threshold", SPIKE),
    start(MEMBERS, "reset", SPIKE),
    start(MEMBERS, "if", CONDITION),
    start(MEMBERS, "onCondition", CONDITION),
    start(MEMBERS, "onReceive", HANDLER),
    start(
        MEMBERS,
        "update",
        "every step integrates the equations; what is done besides is `every 1 ms { … }` or `when c { … }`",
    ),
    start(MEMBERS, "def", FUNCTION),
    start(MEMBERS, "function", FUNCTION),
    start(MEMBERS, "const", "`const` stands outside of models; here a fixed value is `let a = 3`"),
    start(ITEMS, "def", FUNCTION),
    start(ITEMS, "import", MODULES),
    start(ITEMS, "from", MODULES),
    start(ITEMS, "model", MODEL),
    start(ITEMS, "class", MODEL),
    start(ITEMS, "run", RUN),
    start(EVERY, "end", BLOCK),
];

/// What is done here instead of what a word of another simulator does.
#[must_use]
pub fn foreign(word: &str) -> Option<&'static str> {
    if word.starts_with("xi_") {
        return Some(
            "every `xi` that is written is noise of its own: write `xi`; what two equations share is `let n = xi`",
        );
    }
    ANYWHERE.iter().find(|one| one.0 == word).map(|one| one.1)
}

/// The same of a word with which a piece of a file starts, and the word that starts it here, if the rest is written alike.
pub(crate) fn foreign_start(level: Level, word: &str) -> Option<(&'static str, Option<&'static str>)> {
    let own = STARTS.iter().find(|one| one.word == word && one.levels.contains(&level));
    own.map(|one| (one.instead, one.means)).or_else(|| foreign(word).map(|instead| (instead, None)))
}

/// What to write where a word is taken for the type of a value, as in other languages.
#[must_use]
pub fn foreign_type(word: &str) -> Option<&'static str> {
    match word {
        "float" | "real" | "double" | "number" | "scalar" => {
            Some("a plain number has the unit `1`: `param a : 1 = 0.5`")
        }
        "int" | "integer" => Some("numbers have the unit `1`; a whole one that decides on a size is a `count`"),
        "boolean" => Some("what is true or false is a `bool`: `state active : bool = false`"),
        _ => None,
    }
}
