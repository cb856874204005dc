//! Text to tokens. Knows the one subtle thing of the language: where a unit literal ends.
//!
//! A unit follows a number on the same line, after optional blanks, as one run without blanks:
//! `-60 mV`, `1 uF/cm^2`, `3 mV^-1*ms^-1`. The run goes on after `/` or `*` only if another unit
//! symbol stands directly behind it, so `10 mV/tau` divides by `tau`. An identifier that is
//! differentiated or assigned to (`m' = …`, `m = …`) is never a unit.

use std::collections::HashMap;
use std::fmt;

use logos::Logos;

use crate::ast::{Name, Spanned, Unit, UnitFactor};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use crate::units_table::lookup;
use crate::words::naming;

/// A number with its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The number as written, `_` removed.
    pub number: String,
    /// Its unit.
    pub unit: Unit,
}

/// A token. A variant without its own comment is the word or the sign beside it.
#[derive(Logos, Clone, Debug, PartialEq)]
#[logos(skip r"[ \t\r\n\x0c]+")]
#[allow(missing_docs)]
pub enum Token<'s> {
    #[token("use")]
    Use,
    #[token("const")]
    Const,
    #[token("data")]
    Data,
    #[token("function")]
    Function,
    #[token("neuron")]
    Neuron,
    #[token("synapse")]
    Synapse,
    #[token("receptor")]
    Receptor,
    #[token("channel")]
    Channel,
    #[token("ion")]
    Ion,
    #[token("cell")]
    Cell,
    #[token("network")]
    Network,
    #[token("instance")]
    Instance,
    #[token("history")]
    History,
    #[token("for")]
    For,
    #[token("where")]
    Where,
    #[token("population")]
    Population,
    #[token("init")]
    Init,
    #[token("drive")]
    Drive,
    #[token("project")]
    Project,
    #[token("stimulate")]
    Stimulate,
    #[token("simulate")]
    Simulate,
    #[token("record")]
    Record,
    #[token("expect")]
    Expect,
    #[token("param")]
    Param,
    #[token("input")]
    Input,
    #[token("state")]
    State,
    #[token("post")]
    Post,
    #[token("pre")]
    Pre,
    #[token("plasticity")]
    Plasticity,
    #[token("transmit")]
    Transmit,
    #[token("bound")]
    Bound,
    #[token("let")]
    Let,
    #[token("spike")]
    Spike,
    #[token("when")]
    When,
    #[token("on")]
    On,
    #[token("output")]
    Output,
    #[token("refractory")]
    Refractory,
    #[token("hold")]
    Hold,
    #[token("clamp")]
    Clamp,
    #[token("crosses")]
    Crosses,
    #[token("method")]
    Method,
    #[token("at")]
    At,
    #[token("membrane")]
    Membrane,
    #[token("gate")]
    Gate,
    #[token("scheme")]
    Scheme,
    #[token("compartment")]
    Compartment,
    #[token("couple")]
    Couple,
    #[token("connect")]
    Connect,
    #[token("weight")]
    Weight,
    #[token("delay")]
    Delay,
    #[token("post_delay")]
    PostDelay,
    #[token("event")]
    Event,
    #[token("post_event")]
    PostEvent,
    #[token("normalise")]
    Normalise,
    #[token("after")]
    After,
    #[token("return")]
    Return,
    #[token("into")]
    Into,
    #[token("poisson")]
    Poisson,
    #[token("every")]
    Every,
    #[token("while")]
    While,
    #[token("from")]
    From,
    #[token("as")]
    As,
    #[token("if")]
    If,
    #[token("then")]
    Then,
    #[token("else")]
    Else,
    #[token("true")]
    True,
    #[token("false")]
    False,
    #[token("and")]
    And,
    #[token("or")]
    Or,
    #[token("not")]
    Not,
    #[token("in")]
    In,

    #[token("{")]
    LeftBrace,
    #[token("}")]
    RightBrace,
    #[token("(")]
    LeftParen,
    #[token(")")]
    RightParen,
    #[token("[")]
    LeftBracket,
    #[token("]")]
    RightBracket,
    #[token(",")]
    Comma,
    #[token(";")]
    Semicolon,
    #[token("::")]
    DoubleColon,
    #[token(":")]
    Colon,
    #[token("..")]
    DotDot,
    #[token(".")]
    Dot,
    #[token("'")]
    Prime,
    #[token("~")]
    Tilde,
    #[token("->")]
    Arrow,
    #[token("<->")]
    DoubleArrow,
    #[token("+=")]
    PlusEqual,
    #[token("-=")]
    MinusEqual,
    #[token("*=")]
    StarEqual,
    #[token("==")]
    EqualEqual,
    #[token("!=")]
    NotEqual,
    #[token("<=")]
    LessEqual,
    #[token(">=")]
    GreaterEqual,
    #[token("<")]
    Less,
    #[token(">")]
    Greater,
    #[token("=")]
    Equal,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("^")]
    Caret,

    /// A name: Latin and Greek letters, digits, `_`.
    #[regex(
        "[A-Za-z_\u{370}-\u{373}\u{376}\u{377}\u{37b}-\u{37d}\u{386}\u{388}-\u{38a}\u{38c}\u{38e}-\u{3a1}\u{3a3}-\u{3f5}\u{3f7}-\u{3ff}\u{b5}\u{2126}][A-Za-z0-9_\u{370}-\u{373}\u{376}\u{377}\u{37b}-\u{37d}\u{386}\u{388}-\u{38a}\u{38c}\u{38e}-\u{3a1}\u{3a3}-\u{3f5}\u{3f7}-\u{3ff}\u{b5}\u{2126}]*"
    )]
    Ident(&'s str),
    /// A number without a unit, as written.
    #[regex(r"[0-9][0-9_]*(\.[0-9][0-9_]*)?([eE][+-]?[0-9]+)?")]
    Number(&'s str),
    /// The name of a file or of an array in it, with its quotes.
    #[regex("\"[^\"\n]*\"")]
    Text(&'s str),
    /// A number with its unit.
    Quantity(Box<Quantity>),
    /// An expression that could not be read; a diagnostic has been given.
    #[regex(r"\.[0-9][0-9_]*([eE][+-]?[0-9]+)?")]
    Bad,

    /// The start of a comment; [`lex`] never returns it.
    #[token("//")]
    LineComment,
    /// The start of a comment; [`lex`] never returns it.
    #[token("/*")]
    BlockComment,

    /// Says what to parse: [`lex`] never returns it, the parser puts it in front.
    WantFile,
    /// Likewise.
    WantMember,
    /// Likewise.
    WantNetworkMember,
    /// Likewise.
    WantSimulationMember,
    /// Likewise.
    WantClause,
    /// Likewise.
    WantStatement,
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Ident(name) => write!(f, "Ident {name}"),
            Token::Number(text) => write!(f, "Number {text}"),
            Token::Text(text) => write!(f, "Text {text}"),
            Token::Quantity(quantity) => {
                write!(f, "Quantity {}", quantity.number)?;
                for factor in &quantity.unit.factors {
                    let (p, q) = factor.exponent;
                    write!(f, " {}", factor.symbol.node)?;
                    match (p, q) {
                        (1, 1) => {}
                        (p, 1) => write!(f, "^{p}")?,
                        (p, q) => write!(f, "^({p}/{q})")?,
                    }
                }
                Ok(())
            }
            other => write!(f, "{other:?}"),
        }
    }
}

/// A token and the bytes it covers.
pub type SpannedToken<'s> = (u32, Token<'s>, u32);

/// What the lexer makes of a text.
#[derive(Clone, Debug, Default)]
pub struct Lexed<'s> {
    /// The tokens, without comments.
    pub tokens: Vec<SpannedToken<'s>>,
    /// For a token's first byte: the `///` lines directly before it.
    pub docs: HashMap<u32, String>,
    /// The `//!` lines.
    pub file_doc: String,
    /// What was wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Splits a text into tokens. The text must be shorter than 4 GiB.
#[must_use]
pub fn lex(file: FileId, text: &str) -> Lexed<'_> {
    let mut lexer = Scanner { file, text, out: Lexed::default(), doc: None };
    let mut tokens = Token::lexer(text);
    if text.starts_with('\u{feff}') {
        tokens.bump('\u{feff}'.len_utf8());
    }
    while let Some(token) = tokens.next() {
        let range = tokens.span();
        let (token, length) = match token {
            Ok(Token::LineComment) => (None, lexer.line_comment(range.start)),
            Ok(Token::BlockComment) => (None, lexer.block_comment(range.start)),
            Ok(Token::Number(_)) => {
                let (token, length) = lexer.number(range.start, range.end);
                (Some(token), length)
            }
            Ok(Token::Bad) => (Some(lexer.leading_dot(range.start, range.end)), range.len()),
            Ok(token) => (Some(token), range.len()),
            Err(()) => (None, lexer.unexpected(range.start)),
        };
        let end = range.start + length;
        tokens.bump(end.saturating_sub(range.end));
        if let Some(token) = token {
            if let Some(doc) = lexer.doc.take() {
                lexer.out.docs.insert(offset(range.start), doc);
            }
            lexer.out.tokens.push((offset(range.start), token, offset(end)));
        }
    }
    let tokens = &mut lexer.out.tokens;
    for at in 0..tokens.len() {
        let word = match tokens[at].1 {
            Token::For => "for",
            Token::Where => "where",
            _ => continue,
        };
        // Before an equation these words are names: `for' = …`, `where(t + dt) = …`.
        if starts_equation(&tokens[at + 1..]) {
            tokens[at].1 = Token::Ident(word);
        }
    }
    lexer.out
}

/// Whether tokens are those behind the name that an equation begins with.
fn starts_equation(tokens: &[SpannedToken<'_>]) -> bool {
    let is = |at: usize, wanted: Token<'_>| tokens.get(at).is_some_and(|token| token.1 == wanted);
    let next = [Token::LeftParen, Token::Ident("t"), Token::Plus, Token::Ident("dt"), Token::RightParen, Token::Equal];
    is(0, Token::Prime) || next.into_iter().enumerate().all(|(at, wanted)| is(at, wanted))
}

fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

/// What the lexer carries along.
struct Scanner<'s> {
    file: FileId,
    text: &'s str,
    out: Lexed<'s>,
    /// The `///` lines since the last token.
    doc: Option<String>,
}

impl<'s> Scanner<'s> {
    fn span(&self, start: usize, end: usize) -> Span {
        Span { file: self.file, start: offset(start), end: offset(end) }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.out.diagnostics.len() < crate::MAX_ERRORS {
            self.out.diagnostics.push(diagnostic);
        }
    }

    /// `// …`, `/// …`, `//! …`; returns its length.
    fn line_comment(&mut self, start: usize) -> usize {
        let line = self.text[start..].split('\n').next().unwrap_or("");
        let append = |doc: &mut String, text: &str| {
            doc.push_str(text.strip_prefix(' ').unwrap_or(text).trim_end());
        };
        if let Some(text) = line.strip_prefix("//!") {
            if !self.out.file_doc.is_empty() {
                self.out.file_doc.push('\n');
            }
            append(&mut self.out.file_doc, text);
        } else if let Some(text) = line.strip_prefix("///").filter(|text| !text.starts_with('/')) {
            match &mut self.doc {
                Some(doc) => {
                    doc.push('\n');
                    append(doc, text);
                }
                none => append(none.insert(String::new()), text),
            }
        }
        line.len()
    }

    /// `/* … */`, nested; returns its length.
    fn block_comment(&mut self, start: usize) -> usize {
        let bytes = &self.text.as_bytes()[start..];
        let (mut depth, mut at) = (0_usize, 0);
        while at < bytes.len() {
            match (bytes[at], bytes.get(at + 1)) {
                (b'/', Some(b'*')) => (depth, at) = (depth + 1, at + 2),
                (b'*', Some(b'/')) => (depth, at) = (depth - 1, at + 2),
                _ => at += 1,
            }
            if depth == 0 {
                return at;
            }
        }
        let unclosed =
            Diagnostic::error("E0102", "this comment is never closed", self.span(start, start + 2), "opened here")
                .hint("close it with `*/`; every `/*` inside it needs its own `*/`");
        self.report(unclosed);
        bytes.len()
    }

    /// Something that starts no token; returns its length.
    fn unexpected(&mut self, start: usize) -> usize {
        let rest = &self.text[start..];
        let first = rest.chars().next().unwrap_or(' ');
        let (length, hint) = match first {
            '"' => {
                // A closed one is a token.
                let line = rest.split('\n').next().unwrap_or("");
                let label = "opened here";
                let open =
                    Diagnostic::error("E0102", "this string is never closed", self.span(start, start + 1), label)
                        .hint("strings are for the names of files, and end on the line they start on");
                self.report(open);
                return line.trim_end().len().max(1);
            }
            '#' => (rest.split('\n').next().unwrap_or("").trim_end().len(), Some("comments start with `//`")),
            '&' if rest.starts_with("&&") => (2, Some("write `and`")),
            '|' if rest.starts_with("||") => (2, Some("write `or`")),
            '&' => (1, Some("write `and`")),
            '|' => (1, Some("write `or`")),
            '!' => (1, Some("write `not`")),
            '?' => (1, Some("a choice is written `if c then a else b`")),
            '\u{b0}' | '\u{2103}' => (first.len_utf8(), Some(crate::unit_words::CELSIUS)),
            '\u{b7}' | '\u{d7}' => (first.len_utf8(), Some("write `*`")),
            '\u{2212}' | '\u{2013}' => (first.len_utf8(), Some("write `-`")),
            '\u{b2}' => (first.len_utf8(), Some("write `^2`")),
            '\u{b3}' => (first.len_utf8(), Some("write `^3`")),
            '\u{a0}' => (first.len_utf8(), Some("this is a no-break space: replace it by an ordinary one")),
            c if c.is_alphabetic() => {
                (first.len_utf8(), Some("names are made of Latin and Greek letters, digits and `_`"))
            }
            _ => {
                // A run of the same sign is one mistake.
                let run = rest.chars().take_while(|&c| c == first).count();
                (run * first.len_utf8(), None)
            }
        };
        let title = format!("unexpected character `{}`", shown(first));
        let mut diagnostic =
            Diagnostic::error("E0101", title, self.span(start, start + length), "not part of the language");
        diagnostic.hint = hint.map(str::to_owned);
        self.report(diagnostic);
        length
    }

    /// `.5`
    fn leading_dot(&mut self, start: usize, end: usize) -> Token<'s> {
        let text = &self.text[start..end];
        let diagnostic = Diagnostic::error("E0103", "a number cannot start with a dot", self.span(start, end), "")
            .hint(format!("write `0{}`", short(text)));
        self.report(diagnostic);
        Token::Bad
    }

    /// The number at `start..end` and the unit behind it, if any; returns the token and its length.
    fn number(&mut self, start: usize, end: usize) -> (Token<'s>, usize) {
        let text = &self.text[start..end];
        let rest = &self.text[end..];
        let mut after = rest.bytes();
        if after.next() == Some(b'.') && after.next().is_none_or(|b| b != b'.' && !b.is_ascii_digit()) {
            let diagnostic =
                Diagnostic::error("E0103", "a number cannot end with a dot", self.span(start, end + 1), "")
                    .hint(format!("write `{}.0`", short(text)));
            self.report(diagnostic);
            return (Token::Bad, end + 1 - start);
        }
        let plain: String = text.chars().filter(|&c| c != '_').collect();
        if plain.parse::<f64>().is_ok_and(f64::is_infinite) {
            let label = "more than 1.8e308";
            let diagnostic = Diagnostic::error("E0103", "this number is too large", self.span(start, end), label);
            self.report(diagnostic);
            return (Token::Bad, end - start);
        }
        if let Some((unit, unit_end)) = self.unit(end) {
            if let Some(second) = self.stray_word(unit_end).filter(|word| lookup(&self.text[word.clone()]).is_some()) {
                let span = self.span(second.start, second.end);
                let first = &self.text[unit.span.start as usize..unit.span.end as usize];
                let hint = format!(
                    "a unit is one run without blanks: `{0}*{1}` or `{0}/{1}`",
                    short(first),
                    short(self.slice(span))
                );
                self.report(Diagnostic::error("E0109", "two units in a row", span, "a second unit").hint(hint));
                return (Token::Bad, second.end - start);
            }
            return (Token::Quantity(Box::new(Quantity { number: plain, unit })), unit_end - start);
        }
        if let Some(word) = self.stray_word(end).filter(|word| word.start > end) {
            let span = self.span(word.start, word.end);
            let unknown = self.slice(span);
            let hint = match crate::unit_words::proposal(&short(text), unknown) {
                Some(proposal) => proposal,
                None if let Some(instead) = crate::foreign::foreign(unknown) => instead.to_owned(),
                None if matches!(unknown, "min" | "mins" | "minute" | "minutes" | "h" | "hour" | "hours") => {
                    "write seconds: `s`".to_owned()
                }
                None => {
                    "units are SI symbols with prefixes, such as `ms`, `mV`, `uF/cm^2`; a product needs `*`".to_owned()
                }
            };
            let title = format!("unknown unit `{}`", short(unknown));
            self.report(Diagnostic::error("E0109", title, span, "").hint(hint));
            return (Token::Bad, word.end - start);
        }
        let glued = &rest[..word_length(rest)];
        if !glued.is_empty() && !assigned(&rest[glued.len()..]) {
            let title = format!(
                "`{}` is neither a number nor a number with a unit",
                short(&self.text[start..end + glued.len()])
            );
            let hint = match crate::unit_words::proposal(&short(text), glued) {
                Some(proposal) => proposal,
                None => format!("write `{} * {}` for a product", short(text), short(glued)),
            };
            let span = self.span(start, end + glued.len());
            self.report(Diagnostic::error("E0103", title, span, "").hint(hint));
            return (Token::Bad, span.end as usize - start);
        }
        (Token::Number(text), end - start)
    }

    /// The unit literal behind a number that ends at `end`, and where it ends.
    fn unit(&self, end: usize) -> Option<(Unit, usize)> {
        let rest = &self.text[end..];
        let start = end + rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let (mut at, mut sign) = (start, 1);
        let mut factors: Vec<UnitFactor> = Vec::new();
        loop {
            let length = word_length(&self.text[at..]);
            let symbol = &self.text[at..at + length];
            if lookup(symbol).is_none() {
                break;
            }
            let name: Name = Spanned { node: symbol.to_owned(), span: self.span(at, at + length) };
            at += length;
            let (mut p, mut q) = (1, 1);
            if let Some((exponent, length)) = self.text[at..].strip_prefix('^').and_then(unit_exponent) {
                (p, q) = exponent;
                at += 1 + length;
            }
            factors.push(UnitFactor { symbol: name, exponent: (sign * p, q) });
            let follows = |text: &str| lookup(&text[..word_length(text)]).is_some();
            sign = match self.text.as_bytes().get(at) {
                Some(b'/') if follows(&self.text[at + 1..]) => -1,
                Some(b'*') if follows(&self.text[at + 1..]) => 1,
                _ => break,
            };
            at += 1;
        }
        if factors.is_empty() || assigned(&self.text[at..]) {
            return None;
        }
        Some((Unit { factors, span: self.span(start, at) }, at))
    }
    fn slice(&self, span: Span) -> &'s str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// The word behind a number or a unit on the same line, if nothing may stand there: no word of
    /// the language, no setting (`seed 42 dt 0.1 ms`), nothing that is assigned to.
    fn stray_word(&self, at: usize) -> Option<std::ops::Range<usize>> {
        let rest = &self.text[at..];
        let start = at + rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let end = start + word_length(&self.text[start..]);
        let word = &self.text[start..end];
        let after = &self.text[end..];
        let value_follows = after.trim_start_matches([' ', '\t']).starts_with(|c: char| c.is_ascii_digit());
        let allowed = word.is_empty() || naming(word).is_some();
        (!allowed && !value_follows && !assigned(after)).then_some(start..end)
    }
}

/// Whether what comes next makes the name before it a variable: `m' =`, `m(t + dt) =`, `m = 0`, `soma.V += 1 mV`,
/// `m[k]' =`, `m[a, b]' =`.
fn assigned(rest: &str) -> bool {
    let mut rest = rest;
    loop {
        let member = rest.strip_prefix('.').filter(|member| word_length(member) > 0);
        let element = rest.strip_prefix('[').and_then(|inside| inside.split_once(']'));
        let index =
            |text: &str| text.chars().all(|c| c.is_alphanumeric() || ['_', '+', '-', ',', ' ', '\t'].contains(&c));
        rest = match (member, element) {
            (Some(member), _) => &member[word_length(member)..],
            (_, Some((inside, after))) if index(inside) => after,
            _ => break,
        };
    }
    let mut rest = rest.trim_start_matches([' ', '\t']);
    if let Some((time, after)) = rest.strip_prefix('(').and_then(|inside| inside.split_once(')'))
        && time.split_once('+').is_some_and(|(now, step)| now.trim() == "t" && step.trim() == "dt")
    {
        rest = after.trim_start_matches([' ', '\t']);
    }
    let operator = ["'", "=", "+=", "-=", "*="].iter().any(|sign| rest.starts_with(sign));
    operator && !rest.starts_with("==")
}

/// The exponent behind `^` in a unit: `2`, `-1`, `0.5`, `-0.5`, `(1/2)`; and its length.
fn unit_exponent(text: &str) -> Option<((i32, i32), usize)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let length = if text.starts_with('(') {
        text.bytes().take(32).position(|b| b == b')')? + 1
    } else {
        let sign = usize::from(text.starts_with('-'));
        let whole = sign + digits(&text[sign..]);
        let fraction = text[whole..].strip_prefix('.').map_or(0, digits);
        if fraction > 0 { whole + 1 + fraction } else { whole }
    };
    Some((rational(&text[..length])?, length))
}

/// `2`, `-1`, `0.5`, `(1/2)` as a reduced fraction; `None` if it is none, or beyond 99.
#[must_use]
pub fn rational(text: &str) -> Option<(i32, i32)> {
    let inner = text.strip_prefix('(').map_or(Some(text), |t| t.strip_suffix(')'))?;
    let (p, q): (i32, i32) = if let Some((p, q)) = inner.split_once('/') {
        (p.trim().parse().ok()?, q.trim().parse().ok()?)
    } else if let Some((whole, fraction)) = inner.split_once('.') {
        let digits = u32::try_from(fraction.len()).ok().filter(|&digits| digits <= 4)?;
        (format!("{whole}{fraction}").parse().ok()?, 10_i32.pow(digits))
    } else {
        (inner.parse().ok()?, 1)
    };
    let (mut a, mut b) = (p.unsigned_abs(), q.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let divisor = i32::try_from(a).ok().filter(|_| q > 0)?;
    let (p, q) = (p / divisor, q / divisor);
    (p.abs() <= 99 && q <= 99).then_some((p, q))
}

/// How many bytes of `text` look like an identifier.
fn word_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || is_greek(c);
    text.find(|c| !word(c)).unwrap_or(text.len())
}

/// The letters that names may hold besides the Latin ones.
fn is_greek(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{373}' | '\u{376}' | '\u{377}' | '\u{37b}'..='\u{37d}' | '\u{386}'
        | '\u{388}'..='\u{38a}' | '\u{38c}' | '\u{38e}'..='\u{3a1}' | '\u{3a3}'..='\u{3f5}'
        | '\u{3f7}'..='\u{3ff}' | '\u{b5}' | '\u{2126}')
}

/// A name as it is compared: the micro sign and the ohm sign are the Greek letters they look like.
#[must_use]
pub fn normal(name: &str) -> String {
    name.replace('\u{b5}', "\u{3bc}").replace('\u{2126}', "\u{3a9}")
}

/// A character fit to be shown in a message.
pub(crate) fn shown(c: char) -> String {
    let hidden = c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{a0}');
    if hidden { format!("U+{:04X}", u32::from(c)) } else { c.to_string() }
}

/// Source text fit to be quoted in a message: not too long, nothing invisible.
pub(crate) fn short(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut quoted: String = text.chars().take(LONGEST).map(shown).collect();
    if text.chars().nth(LONGEST).is_some() {
        quoted.push('\u{2026}');
    }
    quoted
}
