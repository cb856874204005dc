//! What the generated parser stumbled over, in our words: never its token lists.

use lalrpop_util::ParseError;

use crate::diagnostic::Diagnostic;
use crate::foreign::foreign;
use crate::lexer::{Quantity, SpannedToken, Token, short};
use crate::source::{FileId, Span};
use crate::suggest::closest;
use crate::tree::Fault;
use crate::units_table::lookup;
use crate::words::{Level, Naming, WORDS, naming};

/// What surrounds a piece of the file that could not be parsed.
pub(crate) struct Place<'a, 's> {
    pub(crate) file: FileId,
    pub(crate) text: &'s str,
    /// All tokens of the file.
    pub(crate) tokens: &'a [SpannedToken<'s>],
    /// The first token behind the piece.
    pub(crate) end: usize,
}

impl<'s> Place<'_, 's> {
    pub(crate) fn span(&self, index: usize) -> Span {
        match self.tokens.get(index) {
            Some(&(start, _, end)) => Span { file: self.file, start, end },
            None => {
                let end = u32::try_from(self.text.trim_end().len()).unwrap_or(u32::MAX);
                Span { file: self.file, start: end, end }
            }
        }
    }

    pub(crate) fn token(&self, index: usize) -> Option<&Token<'s>> {
        self.tokens.get(index).map(|t| &t.1)
    }

    /// A token as a message quotes it.
    pub(crate) fn quoted(&self, index: usize) -> String {
        if index >= self.tokens.len() {
            return "the end of the file".to_owned();
        }
        format!("`{}`", self.source(index))
    }

    fn source(&self, index: usize) -> String {
        let span = self.span(index);
        short(&self.text[span.start as usize..span.end as usize])
    }

    /// Whether a token is the first on its line.
    pub(crate) fn starts_line(&self, index: usize) -> bool {
        let before = index.checked_sub(1).map_or(0, |last| self.span(last).end as usize);
        index == 0 || index >= self.tokens.len() || self.text[before..self.span(index).start as usize].contains('\n')
    }

    /// Turns a fault of the parser into a diagnostic.
    pub(crate) fn explain(&self, fault: Fault<'s>) -> Diagnostic {
        let (index, expected) = match fault {
            ParseError::User { error } => return *error,
            ParseError::UnrecognizedToken { token, expected } => (self.index(token.0), expected),
            ParseError::UnrecognizedEof { expected, .. } => (self.end, expected),
            ParseError::ExtraToken { token } => (self.index(token.0), Vec::new()),
            ParseError::InvalidToken { location } => (self.index(location), Vec::new()),
        };
        let expected = Expected::of(expected);
        if expected.has("'") && index > 0 && !matches!(self.token(index), Some(Token::Slash)) {
            return self.stray_name(index - 1);
        }
        if let (Some(Token::Ident(word @ ("elif" | "elseif" | "elsif"))), true) =
            (index.checked_sub(1).and_then(|last| self.token(last)), expected.has("+="))
        {
            let diagnostic = Diagnostic::error("E0104", format!("there is no `{word}`"), self.span(index - 1), "");
            return diagnostic.hint("write `else if c { … }`");
        }
        let (phrase, open) = expected.phrase();
        let found = self.quoted(index);
        let (title, label) = if phrase.is_empty() {
            (format!("unexpected {found}"), String::new())
        } else {
            (format!("expected {phrase}, found {found}"), format!("expected {phrase}"))
        };
        let (code, title, label, hint) = match self.special(index, &expected) {
            Some((code, Some(title), hint)) => (code, title, String::new(), Some(hint)),
            Some((code, None, hint)) => (code, format!("unexpected {found}"), label, Some(hint)),
            None => ("E0104", title, label, None),
        };
        // Something is missing at the end of a line: point there, not at the line below.
        let missing = index > 0 && !open && self.starts_line(index) && !label.is_empty();
        let mut diagnostic = if missing {
            let label = format!("{label} after this");
            Diagnostic::error(code, title, self.span(index - 1), label)
        } else {
            Diagnostic::error(code, title, self.span(index), label)
        };
        diagnostic.hint = hint;
        diagnostic
    }

    /// A name that starts no equation, where only an equation starts with a name.
    fn stray_name(&self, index: usize) -> Diagnostic {
        let name = self.source(index);
        let diagnostic = Diagnostic::error("E0104", format!("unexpected `{name}`"), self.span(index), "");
        match index.checked_sub(1).and_then(|last| self.token(last)) {
            Some(Token::Ident(last)) if lookup(&name).is_some() => {
                diagnostic.hint(format!("a unit follows a colon: `{} : {name}`", short(last)))
            }
            _ if let Some(instead) = foreign(&name) => diagnostic.hint(instead),
            _ if name == "event" => {
                diagnostic.hint("an event has a name: `event burst when … { }`; what makes spikes is `spike when`")
            }
            _ => diagnostic.hint(format!("an equation is written `{name}' = …`; names in a list need a comma")),
        }
    }

    /// `2 mV*W[i, j]` or `1 mV*A.V`: the name of a value, read as the last part of a unit.
    fn unit_or_name(&self, quantity: &Quantity, index: usize) -> (&'static str, Option<String>, String) {
        let text = |span: Span| &self.text[span.start as usize..span.end as usize];
        let unit = text(quantity.unit.span);
        let name = quantity.unit.factors.last().map_or("", |factor| text(factor.symbol.span));
        // The operator stands right before the name.
        let before = unit.rfind(name).map_or(unit, |at| &unit[..at]);
        let (before, operator) = before.split_at(before.len().saturating_sub(1));
        let whole = text(self.span(index - 1));
        let number = whole.strip_suffix(unit).map_or("", str::trim_end);
        let title = format!("`{}` was read as a unit, which `{}` cannot follow", short(unit), self.source(index));
        let hint = format!(
            "for the value `{name}` put spaces around the operator: `{} {} {operator} {name}{}…`",
            short(number),
            short(before),
            self.source(index)
        );
        ("E0104", Some(title), hint)
    }

    /// What is done here instead of what a name means to another simulator.
    fn foreign_at(&self, index: usize) -> Option<&'static str> {
        match self.token(index) {
            Some(Token::Ident(name)) => foreign(name),
            _ => None,
        }
    }

    /// Such a name, if the parentheses before a token are its own.
    fn called_before(&self, index: usize) -> Option<usize> {
        let open = (0..index).rev().find(|&at| self.token(at) == Some(&Token::LeftParen))?;
        open.checked_sub(1).filter(|&name| self.foreign_at(name).is_some())
    }

    /// Whether a number is what a token stands before.
    fn follows_number(&self, index: usize) -> bool {
        matches!(self.token(index + 1), Some(Token::Number(_) | Token::Quantity(_)))
    }

    /// Whether `np.exp` and the like stand before a token.
    fn in_namespace(&self, index: usize) -> bool {
        let before = |back: usize| index.checked_sub(back).and_then(|at| self.token(at));
        matches!(before(1), Some(Token::Ident(_)))
            && before(2) == Some(&Token::Dot)
            && matches!(before(3), Some(Token::Ident("np" | "numpy" | "math")))
    }

    /// Whether what stands before a token is `record … every …`.
    fn in_record_with_interval(&self, index: usize) -> bool {
        let before = || (0..index).rev().map_while(|at| self.token(at));
        let inside =
            || before().take_while(|token| !matches!(token, Token::Record | Token::LeftBrace | Token::RightBrace));
        before().nth(inside().count()) == Some(&Token::Record) && inside().any(|token| *token == Token::Every)
    }

    /// Whether the declaration that a token follows is a `const`.
    fn declares_constant(&self, index: usize) -> bool {
        let mut before = (0..index).rev().filter_map(|at| self.token(at).map(|token| (at, token)));
        before.find(|(at, _)| self.starts_line(*at)).is_some_and(|(_, token)| *token == Token::Const)
    }

    fn index(&self, start: u32) -> usize {
        self.tokens.partition_point(|t| t.0 < start)
    }

    /// Mistakes that deserve more than "expected this, found that": code, title, hint.
    fn special(&self, index: usize, expected: &Expected) -> Option<(&'static str, Option<String>, String)> {
        if expected.has("::") && expected.0.len() == 1 {
            return Some(("E0104", None, "say from where: `use module::Name`".to_owned()));
        }
        let found = self.token(index)?;
        let source = self.source(index);
        let before = index.checked_sub(1).and_then(|last| self.token(last));
        let plain = |hint: &str| Some(("E0104", None, hint.to_owned()));
        match (before, found) {
            (
                _,
                Token::Less
                | Token::LessEqual
                | Token::Greater
                | Token::GreaterEqual
                | Token::EqualEqual
                | Token::NotEqual,
            ) if expected.has("+") => {
                let title = "comparisons cannot be chained".to_owned();
                Some(("E0104", Some(title), "write `a < b and b < c`".to_owned()))
            }
            (Some(Token::Ident(name)), Token::Slash) if name.starts_with('d') && expected.has("'") => {
                let state = short(&name[1..]);
                plain(&format!("a derivative is written `{state}' = …`"))
            }
            (_, Token::Then) if expected.has("{") => {
                plain("what is done under a condition stands in braces: `if c { … } else { … }`")
            }
            (Some(Token::Quantity(quantity)), Token::LeftBracket | Token::Dot | Token::LeftParen)
                if quantity.unit.factors.len() > 1 =>
            {
                Some(self.unit_or_name(quantity, index))
            }
            (Some(Token::Star), Token::Star) => plain("a power is written `a^b`"),
            (Some(Token::Percent), _) if expected.expression() => {
                plain("`a % b` is the rest of a division; 5 percent are written `0.05`")
            }
            (_, Token::Plus) if expected.expression() => plain("there is no sign `+`: leave it out"),
            (_, Token::If) if expected.expression() => plain("put the `if` in parentheses"),
            (_, Token::If) if expected.has("when") && before == Some(&Token::Spike) => {
                plain("the condition of a spike follows `when`: `spike when V > -50 mV { … }`")
            }
            (Some(before), Token::If) if !self.starts_line(index) && ends_value(before) => {
                plain("a choice is written `if c then a else b`")
            }
            (Some(_), Token::Colon) if expected.has("{") => {
                plain("what belongs together stands in braces: `{` here, `}` at its end")
            }
            (Some(Token::Param | Token::Input | Token::State), Token::Colon) => {
                plain("each is declared by itself, with its name: `state V : mV = -65 mV`, `param tau : ms = 10 ms`")
            }
            (Some(_), Token::EqualEqual) if expected.has("=") => plain("an equation has one `=`; `==` compares"),
            (Some(Token::Refractory), Token::Equal) => plain("it is written without `=`: `refractory 2 ms`"),
            (Some(_), Token::Prime) if !expected.has("'") => {
                plain("`'` stands for a derivative, which only states have, by their equations: `V' = …`")
            }
            (Some(Token::Number(_)), Token::Comma) if expected.has(")") && self.follows_number(index) => {
                plain("decimals have a point: `1.5`")
            }
            (Some(Token::Ident(_)), Token::LeftParen)
                if expected.has("[") && expected.has(":") && expected.has("for") =>
            {
                plain("how many neurons a population has stands in brackets: `population E[100] : Cell`")
            }
            (Some(_), Token::LeftParen) if self.in_namespace(index) => plain("functions stand by themselves: `exp(x)`"),
            (Some(Token::Ident(name)), Token::Equal)
                if expected.expression() && naming(name) == Some(Naming::Setting) =>
            {
                plain(&format!("settings are written without `=`: `{name} …`"))
            }
            (_, Token::Comma) if expected.has("network") && self.declares_constant(index) => {
                plain("a `const` is one name: write another `const` for the next")
            }
            (_, Token::Delay) if expected.has("refractory") => plain(
                "delays are fixed when the network is created: `delay` and `delay ~` of a `project` say them, and no rule changes them",
            ),
            (_, Token::In) if expected.has("]") => plain(
                "arrays are made of networks, `instance area[k in 0..3] : Column`; a population has a size, `E[3]`, and its values may use the index `i` of a neuron",
            ),
            (_, Token::Comma) if expected.has("connect") => plain("clauses stand side by side, without commas"),
            (_, Token::Equal) if expected.has("==") => plain("to compare, write `==`"),
            (_, Token::Colon) if expected.has("=") => plain("a value is given with `=`"),
            (_, Token::LeftBrace) if expected.has("->") => {
                plain("a projection needs a source and a target: `project A -> B { … }`")
            }
            (_, Token::Number(_) | Token::Quantity(_))
                if expected.has("^") && expected.has("=") && !expected.has("+") =>
            {
                plain("a unit is written without a number; the value follows `=`")
            }
            (_, Token::LeftParen) if self.foreign_at(index + 1).is_some() => plain(self.foreign_at(index + 1)?),
            // `emit_spike()`
            (Some(Token::RightParen), _) if expected.has("=") && self.called_before(index).is_some() => {
                let title = format!("there is no `{}` here", self.source(self.called_before(index)?));
                Some(("E0104", Some(title), self.foreign_at(self.called_before(index)?)?.to_owned()))
            }
            (Some(Token::Dot), Token::Delay) => {
                let title = "delays are not recorded, as they do not change".to_owned();
                let hint = "record the weight or a state of its synapses: `connections.npz` then has their delays, as \
                            `exc_delay_ms`";
                Some(("E0104", Some(title), hint.to_owned()))
            }
            (_, Token::Comma) if self.in_record_with_interval(index) => {
                plain("an interval ends the list: write another `record` for what comes next")
            }
            _ if !self.starts_line(index)
                && expected.has("ident")
                && naming(&source) == Some(Naming::Reserved)
                && !expected.expression() =>
            {
                let title = format!("`{source}` is a word of the language, so it cannot be a name here");
                Some(("E0104", Some(title), format!("choose another name, such as `{source}_`")))
            }
            (_, Token::Ident(name)) => {
                let word = closest(name, WORDS.iter().map(|word| word.text).filter(|word| expected.has(word)))?;
                let clause = expected.has("connect");
                let title =
                    if clause { format!("unknown clause `{source}`") } else { format!("unknown word `{source}`") };
                Some((if clause { "E0107" } else { "E0108" }, Some(title), format!("did you mean `{word}`?")))
            }
            _ => None,
        }
    }
}

/// Whether a token can be the last of a value.
fn ends_value(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::Ident(_)
            | Token::Number(_)
            | Token::Quantity(_)
            | Token::True
            | Token::False
            | Token::RightParen
            | Token::RightBracket
    )
}

/// The terminals that the parser would have accepted.
struct Expected(Vec<String>);

impl Expected {
    /// What is worth telling: no words that may be names where a name may stand, and no `.` where
    /// something else goes on. A `'` is told of equations only: elsewhere it belongs to the name of a state.
    fn of(mut expected: Vec<String>) -> Expected {
        let has = |word: &str| expected.iter().any(|t| t.trim_matches('"') == word);
        let name = has("ident") && !has("param") && !has("neuron");
        let alone = expected.len() == 1;
        let of_name = ["=", ",", "+", "]"].into_iter().any(has);
        expected.retain(|t| {
            let t = t.trim_matches('"');
            !(name && naming(t) == Some(Naming::Open) || t == "." && !alone || t == "'" && of_name)
        });
        Expected(expected)
    }

    /// Whether a terminal, written as in the grammar but without quotes, is among them.
    fn has(&self, terminal: &str) -> bool {
        self.0.iter().any(|t| t.trim_matches('"') == terminal)
    }

    /// Whether an expression may start here.
    fn expression(&self) -> bool {
        self.has("quantity")
    }

    /// A short list for people, and whether it is as open as "a declaration".
    fn phrase(&self) -> (String, bool) {
        const EXPRESSION: &[&str] =
            &["ident", "number", "quantity", "bad", "(", "-", "not", "if", "true", "false", "poisson"];
        const OPERATORS: &[&str] =
            &["+", "-", "*", "/", "%", "^", "<", "<=", ">", ">=", "==", "!=", "crosses", "and", "or", ".", "(", "["];
        const UNIT_OPERATORS: &[&str] = &["*", "/", "^", "("];
        const COMPARISONS: &[&str] = &["<", "<=", ">", ">=", "==", "!=", "in"];
        // What marks a group, its words, its name.
        const GROUPS: &[(&str, &[&str], &str)] = &[
            ("quantity", EXPRESSION, "an expression"),
            ("+", OPERATORS, ""),
            ("*", UNIT_OPERATORS, ""),
            ("in", COMPARISONS, "`in` or a comparison"),
        ];
        // What marks the pieces of a file or of a body: a word that starts nothing else.
        const PIECES: &[(&str, Level)] = &[
            ("network", Level::Items),
            ("state", Level::Members),
            ("population", Level::NetworkMembers),
            ("record", Level::SimulationMembers),
            ("connect", Level::Clauses),
            ("refractory", Level::Statements),
        ];
        let mut rest: Vec<&str> = self.0.iter().map(|t| t.trim_matches('"')).filter(|t| *t != ";").collect();
        let mut groups: Vec<&str> = Vec::new();
        for &(_, words, name) in GROUPS.iter().filter(|group| self.has(group.0)) {
            rest.retain(|t| !words.contains(t));
            groups.extend((!name.is_empty()).then_some(name));
        }
        let mut open = false;
        for &(_, level) in PIECES.iter().filter(|piece| self.has(piece.0)) {
            // Pieces that start with a name: words that may be names are expected as such.
            let named = matches!(level, Level::Members | Level::SimulationMembers | Level::Statements);
            let is_name = |t: &str| t == "ident" || naming(t) == Some(Naming::Open);
            rest.retain(|t| !(level.starts_with(t) || named && is_name(t)));
            groups.push(level.called());
            open = true;
        }
        // `}` is part of the open groups' names.
        rest.retain(|t| !(open && *t == "}"));
        let mut parts: Vec<String> = rest
            .iter()
            .map(|t| match *t {
                "ident" => "a name".to_owned(),
                "number" => "a number".to_owned(),
                sign => format!("`{sign}`"),
            })
            .collect();
        parts.extend(groups.into_iter().map(str::to_owned));
        if parts.is_empty() && self.has("+") {
            parts.push("an operator".to_owned());
        }
        if parts.len() > 5 {
            return (String::new(), open);
        }
        let phrase = match parts.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) if last.contains(" or ") => format!("{}, {last}", others.join(", ")),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        };
        (phrase, open)
    }
}
