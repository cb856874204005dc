//! The table of syntax errors: stable codes, and what `bpc explain CODE` says about each.

/// One kind of diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The stable code, such as `E0104`; never reused for something else.
    pub code: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Markdown: what it means, an example that fails, one that works.
    pub explanation: &'static str,
}

/// Everything the lexer and the parser can complain about, in order.
pub const CODES: &[Code] = &[
    Code {
        code: "E0100",
        title: "more diagnostics than are shown",
        explanation: "\
Only the first diagnostics are shown; the last line says how many there were more. Mend these first:
one mistake can cause others.
",
    },
    Code {
        code: "E0101",
        title: "unexpected character",
        explanation: "\
A character that starts nothing in the language. Names are made of Latin and Greek letters, digits
and `_`; comments start with `//`; `and`, `or`, `not` are words; strings are for the names of files.

Fails:
```bp
const both = a && b
```
Works:
```bp
const both = a and b
```
",
    },
    Code {
        code: "E0102",
        title: "unterminated comment or string",
        explanation: "\
A `/*` without its `*/`, or a quote without its partner. Comments nest, so every `/*` inside a
comment needs a `*/` too. Strings, the names of files, end on the line they start on.

Fails:
```bp
const x = 1 /* one
```
Works:
```bp
const x = 1 /* one */
```
",
    },
    Code {
        code: "E0103",
        title: "malformed number",
        explanation: "\
Numbers are written `1`, `0.5`, `1_000`, `1.5e-3`: with digits on both sides of the dot, below
1.8e308. The exponent of a unit is a whole number or a fraction up to 99: `^2`, `^-1`, `^0.5`,
`^(1/3)`.

Fails:
```bp
const x = .5
```
Works:
```bp
const x = 0.5
```
",
    },
    Code {
        code: "E0104",
        title: "unexpected token",
        explanation: "\
The text does not follow the grammar here. The message says what could stand in this place. Common
causes: a `}` or `)` that is missing, `V = …` where an equation `V' = …` or an abbreviation `let V =
…` was meant, a word of the language used as a name, a chain of comparisons (`a < b < c` is written
`a < b and b < c`).

Fails:
```bp
neuron A {
    state V : mV = 
}
```
Works:
```bp
neuron A {
    state V : mV = -65 mV
}
```
",
    },
    Code {
        code: "E0105",
        title: "nested too deeply",
        explanation: "\
Brackets and operators may stand inside one another up to 256 levels. Each term of a sum or product
counts one level, so a sum of more than 256 terms has to be split with `let`.

Fails:
```bp
const x = - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
- - - - - 1
```
Works:
```bp
const x = ((1))
```
",
    },
    Code {
        code: "E0106",
        title: "not UTF-8, or a forbidden character",
        explanation: "\
Source files are UTF-8 text without control characters and without characters that turn the
direction of writing: those could make a program look other than it is. Save the file as UTF-8 and
remove the character.
",
    },
    Code {
        code: "E0107",
        title: "unknown clause or setting",
        explanation: "\
A `project` or `stimulate` block holds the clauses `connect`, `weight`, `delay`, `synapse`,
`receptor`, `into` and `poisson`; a `simulate` block holds the settings `dt`, `duration` and `seed`,
and `record` and `expect`.

Fails:
```bp
simulate N {
    duraton 1 s
}
```
Works:
```bp
simulate N {
    duration 1 s
}
```
",
    },
    Code {
        code: "E0108",
        title: "unknown declaration",
        explanation: "\
A declaration starts with a word of the language, and this is none, though it is near one.

Fails:
```bp
nuron LIF {
    state V : mV = 0 mV
}
```
Works:
```bp
neuron LIF {
    state V : mV = 0 mV
}
```
",
    },
    Code {
        code: "E0109",
        title: "malformed unit",
        explanation: "\
A word behind a number, on the same line, is its unit: an SI symbol with or without a prefix (`ms`,
`mV`, `uF`, `kHz`), or such symbols joined by `*` and `/`, with exponents, without blanks: `1
uF/cm^2`, `0.3 mV^-1*ms^-1`. A product with a name needs `*`.

Fails:
```bp
const tau = 20 msec
```
Works:
```bp
const tau = 20 ms
```
",
    },
    Code {
        code: "E0110",
        title: "file too large",
        explanation: "\
A source file has at most 256 MiB.
",
    },
];
