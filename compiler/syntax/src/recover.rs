//! Reads what can be read of a broken file.
//!
//! The file is cut at the words that start a declaration, a member, a clause or a statement, and
//! each piece is parsed alone. A piece that fails is one diagnostic; if it has a body, its head and
//! the parts of its body are tried one by one. Nothing here knows the grammar beyond those words.

use std::ops::Range;

use crate::ast::{Clause, Item, Member, NetworkMember, SimulationMember, Statement};
use crate::derivatives::completed;
use crate::diagnostic::Diagnostic;
use crate::explain::Place;
use crate::lexer::{SpannedToken, Token};
use crate::parse::run;
use crate::source::Span;
use crate::suggest::closest;
use crate::tree::{Context, Node, too_deep};
use crate::words::{Level, Naming, naming};
use crate::{MAX_DEPTH, MAX_ERRORS};

impl Level {
    /// The marker that tells the parser what to expect.
    fn want<'s>(self) -> Token<'s> {
        match self {
            Level::Items => Token::WantFile,
            Level::Members => Token::WantMember,
            Level::NetworkMembers => Token::WantNetworkMember,
            Level::SimulationMembers => Token::WantSimulationMember,
            Level::Clauses => Token::WantClause,
            Level::Statements => Token::WantStatement,
        }
    }

    /// The body of the declaration that `word` starts.
    fn inside(self, word: &Token<'_>) -> Option<Level> {
        match (self, word) {
            (Level::Items, Token::Neuron | Token::Synapse | Token::Receptor | Token::Plasticity) => {
                Some(Level::Members)
            }
            (Level::Items, Token::Channel | Token::Ion | Token::Cell) => Some(Level::Members),
            (Level::Members, Token::Compartment) => Some(Level::Members),
            (Level::Items, Token::Network) => Some(Level::NetworkMembers),
            (Level::Items, Token::Simulate) => Some(Level::SimulationMembers),
            (Level::Members, Token::Spike | Token::When | Token::Event | Token::Every | Token::On) => {
                Some(Level::Statements)
            }
            (Level::NetworkMembers, Token::Project | Token::Stimulate) => Some(Level::Clauses),
            _ => None,
        }
    }
}

/// The tokens of a broken file, and what was found wrong with them.
pub(crate) struct Recovery<'a, 's> {
    pub(crate) cx: &'a Context<'a>,
    pub(crate) text: &'s str,
    pub(crate) tokens: &'a [SpannedToken<'s>],
    /// Where the lexer has complained already, in order.
    pub(crate) reported: Vec<u32>,
    pub(crate) out: Vec<Diagnostic>,
    /// How many braces were told to be never closed.
    pub(crate) unclosed: usize,
}

impl<'s> Recovery<'_, 's> {
    /// All declarations that could be read.
    pub(crate) fn file(&mut self) -> Vec<Item> {
        match self.pieces(Level::Items, 0..self.tokens.len()) {
            Node::Items(items) => items,
            _ => Vec::new(),
        }
    }

    fn place(&self, end: usize) -> Place<'_, 's> {
        Place { file: self.cx.file, text: self.text, tokens: self.tokens, end }
    }

    fn token(&self, index: usize) -> Option<&Token<'s>> {
        self.tokens.get(index).map(|t| &t.1)
    }

    /// A token's text.
    fn word(&self, index: usize) -> &'s str {
        self.tokens.get(index).map_or("", |&(start, _, end)| &self.text[start as usize..end as usize])
    }

    /// Parses the pieces of a range one by one.
    fn pieces(&mut self, level: Level, range: Range<usize>) -> Node {
        let mut nodes = empty(level);
        let mut at = range.start;
        let mut lost = false;
        while at < range.end && self.out.len() < MAX_ERRORS {
            let end = self.piece_end(level, at, range.end);
            match self.piece(level, at..end, lost) {
                Some(node) => {
                    lost = false;
                    append(&mut nodes, node);
                }
                None => lost = true,
            }
            at = end;
        }
        nodes
    }

    /// Where the piece that starts at `start` ends.
    fn piece_end(&self, level: Level, start: usize, end: usize) -> usize {
        let (mut braces, mut parens) = (0_usize, 0_usize);
        // What stands in a compartment starts with the same words as what stands beside it.
        let nested = match level {
            Level::Members => self.token(start) == Some(&Token::Compartment),
            // The statements of its branches likewise.
            Level::Statements => matches!(self.token(start), Some(Token::If | Token::For)),
            _ => false,
        };
        for at in start..end {
            if at > start && !(nested && braces > 0) && self.starts_piece(level, at, braces, parens) {
                return at;
            }
            match self.token(at) {
                Some(Token::LeftBrace) => braces += 1,
                // One too many: a piece of its own.
                Some(Token::RightBrace) if braces == 0 && at > start => return at,
                Some(Token::RightBrace) => {
                    braces = braces.saturating_sub(1);
                    parens = 0;
                    if braces == 0 && self.token(at + 1) != Some(&Token::Else) {
                        let more = matches!(self.token(at + 1), Some(Token::Semicolon)) && at + 1 < end;
                        return at + 1 + usize::from(more);
                    }
                }
                Some(Token::LeftParen | Token::LeftBracket) => parens += 1,
                Some(Token::RightParen | Token::RightBracket) => parens = parens.saturating_sub(1),
                Some(Token::Semicolon) if braces == 0 => return at + 1,
                _ => {}
            }
        }
        end
    }

    /// Whether `x(t + dt) =` starts at a token.
    fn is_recurrence(&self, at: usize) -> bool {
        let ident = |at, word| matches!(self.token(at), Some(Token::Ident(found)) if *found == word);
        self.token(at + 1) == Some(&Token::LeftParen)
            && ident(at + 2, "t")
            && self.token(at + 3) == Some(&Token::Plus)
            && ident(at + 4, "dt")
            && self.token(at + 5) == Some(&Token::RightParen)
            && self.token(at + 6) == Some(&Token::Equal)
    }

    /// Whether a token is the state of an equation, and not a derivative that an expression reads.
    fn is_derivative(&self, at: usize) -> bool {
        let primes = (at + 1..).take_while(|&place| self.token(place) == Some(&Token::Prime)).count();
        let line = self.place(0).starts_line(at);
        primes > 0 && (line || self.token(at + 1 + primes) == Some(&Token::Equal))
    }

    /// Whether a piece starts at a token, with that many brackets open.
    fn starts_piece(&self, level: Level, at: usize, braces: usize, parens: usize) -> bool {
        let Some(token) = self.token(at) else { return false };
        if self.in_path(at) {
            return false;
        }
        let name = matches!(token, Token::Ident(_));
        // `if` may also begin an expression, and `let` a statement.
        let expression = *token == Token::If
            && at > 0
            && !matches!(self.token(at - 1), Some(Token::RightBrace | Token::LeftBrace | Token::Semicolon))
            && !self.ends_expression(at - 1);
        // `for` may also stand in a sum.
        if *token == Token::For && (parens > 0 || !self.place(0).starts_line(at)) {
            return false;
        }
        if expression || braces > 0 && level == Level::Members && *token == Token::Let {
            return false;
        }
        if braces > 0 {
            return !name && level.starts_with(self.word(at)) && self.starts_within(level, at);
        }
        let line = self.place(0).starts_line(at);
        // `param a' = 3` is a mistake of its own.
        let declared = !line && level.starts_with(self.word(at - 1));
        if level == Level::Members && name && !declared && (self.is_derivative(at) || self.is_recurrence(at)) {
            return true;
        }
        if *token == Token::When && at > 1 && self.token(at - 2) == Some(&Token::Event) {
            return false;
        }
        if level.starts_with(self.word(at)) && !name {
            // `onReceive(spike)`
            if parens > 0 && !line {
                return false;
            }
            // `on spike`; `param input` is a mistake of its own.
            let name_expected = self.token(at - 1) == Some(&Token::Comma) || level.starts_with(self.word(at - 1));
            return line || !name_expected;
        }
        if !self.ends_expression(at - 1) {
            return false;
        }
        if !name {
            // A word of another level, on a line of its own.
            return line && Level::ALL.iter().any(|other| other.starts_with(self.word(at)));
        }
        let next = self.token(at + 1);
        let assigned = matches!(next, Some(Token::Equal | Token::PlusEqual | Token::MinusEqual | Token::StarEqual));
        let known = level.starts_with(self.word(at)) || level == Level::Statements && assigned;
        let slip = || closest(self.word(at), level.words()).is_some();
        known || line && parens == 0 || (line || level != Level::Items) && slip()
    }

    /// Whether a token is a word of a path, as `plasticity` in `std::plasticity::Depression`.
    fn in_path(&self, at: usize) -> bool {
        let colons = Some(&Token::DoubleColon);
        self.token(at + 1) == colons || at > 0 && self.token(at - 1) == colons
    }

    /// Whether a piece starts within another at one of its words: a `}` is missing before it.
    fn starts_within(&self, level: Level, at: usize) -> bool {
        let line = self.place(0).starts_line(at);
        if level == Level::Items && matches!(self.token(at), Some(Token::Const | Token::Function)) {
            // By mistake also in models, indented.
            return self.text[..self.tokens[at].0 as usize].ends_with('\n');
        }
        let inner = [Token::Synapse, Token::Receptor, Token::Plasticity, Token::Channel, Token::Ion, Token::Data];
        if level == Level::Items && self.token(at).is_some_and(|token| inner.contains(token)) {
            // These also start clauses and members, which are indented.
            let start = self.tokens[at].0 as usize;
            let body = self.token(at) == Some(&Token::Data) || self.token(at + 2) == Some(&Token::LeftBrace);
            return self.text[..start].ends_with('\n') && body;
        }
        line && self.token(at - 1) != Some(&Token::On)
    }

    /// Whether a token can be the last of an expression or a unit.
    fn ends_expression(&self, at: usize) -> bool {
        matches!(
            self.token(at),
            Some(
                Token::Ident(_)
                    | Token::Number(_)
                    | Token::Quantity(_)
                    | Token::Bad
                    | Token::True
                    | Token::False
                    | Token::RightParen
                    | Token::RightBracket
            )
        )
    }

    /// Parses one piece, or what can be parsed of it; `None` if nothing was recognised at all.
    fn piece(&mut self, level: Level, range: Range<usize>, lost: bool) -> Option<Node> {
        let mut tokens = self.tokens[range.clone()].to_vec();
        if let Brackets::TooDeep(at) = self.brackets(range.clone()) {
            let span = self.place(0).span(at);
            self.out.push(too_deep(span));
            return Some(empty(level));
        }
        let fault = match run(self.cx, level.want(), &tokens) {
            Ok(node) => return Some(node),
            Err(fault) => fault,
        };
        if !level.starts_with(self.word(range.start)) {
            match self.misspelt(level, range.clone(), lost) {
                Misspelt::As(word) => tokens[0].1 = word,
                Misspelt::No => {}
                Misspelt::Lost => return None,
            }
            if let Ok(node) = run(self.cx, level.want(), &tokens) {
                return Some(node);
            }
        }
        let corrected = self.token(range.start) != Some(&tokens[0].1);
        let inside = level.inside(&tokens[0].1);
        if let Some(node) = inside.and_then(|inside| self.parts(level, inside, &tokens, range.clone())) {
            return Some(node);
        }
        if !corrected {
            let diagnostic = match self.brackets(range.clone()) {
                Brackets::Open(open) => self.unclosed(open, range.end),
                _ => self.place(range.end).explain(fault),
            };
            self.report(range, diagnostic);
        }
        Some(empty(level))
    }

    /// Reads a declaration with a body: the head with an empty body, then the parts of the body.
    fn parts(&mut self, level: Level, inside: Level, tokens: &[SpannedToken<'s>], range: Range<usize>) -> Option<Node> {
        let open = range.clone().find(|&at| self.token(at) == Some(&Token::LeftBrace))?;
        let (end, closed) = match self.token(range.end - 1) {
            Some(Token::RightBrace) => (range.end - 1, true),
            Some(Token::Semicolon) if self.token(range.end - 2) == Some(&Token::RightBrace) => (range.end - 2, true),
            _ => (range.end, false),
        };
        let unclosed = self.open_brace(range.clone());
        let end = if closed && unclosed.is_none() { end } else { range.end };
        let mut head = tokens[..=open - range.start].to_vec();
        let brace = head[open - range.start].2;
        head.push((brace, Token::RightBrace, brace));
        let mut node = match run(self.cx, level.want(), &head) {
            Ok(node) => node,
            Err(fault) => {
                let diagnostic = self.place(open + 1).explain(fault);
                self.report(range.start..open + 1, diagnostic);
                empty(level)
            }
        };
        let before = self.unclosed;
        let body = self.pieces(inside, open + 1..end);
        if let (Some(at), true) = (unclosed, self.unclosed == before) {
            let diagnostic = self.unclosed(at, range.end);
            self.out.push(diagnostic);
        }
        fill(&mut node, body);
        Some(node)
    }

    /// A piece starts with none of the words that it should start with.
    fn misspelt(&mut self, level: Level, range: Range<usize>, lost: bool) -> Misspelt<'s> {
        let start = range.start;
        let next = self.token(start + 1).filter(|_| range.len() > 1);
        let name = matches!(self.token(start), Some(Token::Ident(_)));
        let word = self.word(start);
        // Equations and assignments start with a name.
        let own = match level {
            Level::Members => matches!(next, Some(Token::Prime)) || self.is_recurrence(start),
            Level::Statements => {
                matches!(next, Some(Token::Equal | Token::PlusEqual | Token::MinusEqual | Token::StarEqual))
            }
            _ => false,
        };
        if own {
            return Misspelt::No;
        }
        let span = self.place(0).span(start);
        let alone = range.len() == 1 && word != "end";
        if let Some((instead, means)) = crate::foreign::foreign_start(level, word).filter(|_| !alone) {
            let title = format!("there is no `{}` here", crate::lexer::short(word));
            self.report(range, Diagnostic::error("E0104", title, span, "").hint(instead));
            return Misspelt::As(means.map_or(Token::Bad, keyword));
        }
        if name {
            if let Some(meant) = closest(word, level.words()) {
                let (code, what) = match level {
                    Level::SimulationMembers => ("E0107", "setting"),
                    Level::Clauses => ("E0107", "clause"),
                    _ => ("E0108", "declaration"),
                };
                let title = format!("unknown {what} `{}`", crate::lexer::short(word));
                let diagnostic = Diagnostic::error(code, title, span, "").hint(format!("did you mean `{meant}`?"));
                self.report(range, diagnostic);
                return level.words().find(|w| *w == meant).map_or(Misspelt::No, |w| Misspelt::As(keyword(w)));
            }
            let hint = match (level, next) {
                (Level::Members, Some(Token::Equal)) => Some(format!(
                    "a differential equation is `{word}' = …`, an abbreviation `let {word} = …`, a parameter `param {word} = …`"
                )),
                (Level::Members, Some(Token::Colon)) => {
                    Some(format!("declare it: `state {word} : …` or `param {word} : …`"))
                }
                (Level::Members, Some(Token::Slash)) if word.starts_with('d') => {
                    Some(format!("a derivative is written `{}' = …`", &word[1..]))
                }
                (Level::NetworkMembers, Some(Token::Equal)) => {
                    Some(format!("a name for a value is `let {word} = …`; neurons are `population {word}[100] : Cell`"))
                }
                (Level::NetworkMembers, Some(Token::Arrow)) => {
                    Some(format!("a projection is written `project {word} -> … {{ … }}`"))
                }
                (Level::Items, Some(Token::Equal)) => Some(format!("a fixed value is `const {word} = …`")),
                (Level::Statements, Some(Token::Prime)) => Some("an equation stands outside of events".to_owned()),
                _ => None,
            };
            if let Some(hint) = hint {
                let title = format!("expected {}, found `{}`", level.called(), crate::lexer::short(word));
                self.report(range, Diagnostic::error("E0104", title, span, "").hint(hint));
                return Misspelt::As(Token::Bad);
            }
        }
        // Settings and assignments are told by the parser.
        if name && matches!(level, Level::SimulationMembers | Level::Statements) && !lost {
            return Misspelt::No;
        }
        if !lost {
            let found = self.place(0).quoted(start);
            let stray = self.token(start) == Some(&Token::RightBrace);
            if stray && level != Level::Items {
                // Some brace before it was told to be never closed.
                return Misspelt::Lost;
            }
            let title = format!("expected {}, found {found}", level.called());
            let mut diagnostic = Diagnostic::error("E0104", title, span, format!("expected {}", level.called()));
            if stray {
                diagnostic.title = "unexpected `}`".to_owned();
                diagnostic.labels[0].text = "nothing is open here".to_owned();
            } else if level == Level::Items && start > 0 && self.token(start - 1) == Some(&Token::RightBrace) {
                diagnostic.hint = Some("is there a `}` too many before it?".to_owned());
            } else if matches!(self.token(start), Some(Token::Text(_))) {
                diagnostic.hint = Some("comments start with `//`; `///` says what the declaration below is".to_owned());
            } else if name || level != Level::Items {
                diagnostic.hint = Some(format!("one of {}", listed(level)));
            }
            self.report(range, diagnostic);
        }
        Misspelt::Lost
    }

    /// The innermost `{` that is still open at the end of a range, whatever its parentheses do.
    fn open_brace(&self, range: Range<usize>) -> Option<usize> {
        let mut open = Vec::new();
        for at in range {
            match self.token(at) {
                Some(Token::LeftBrace) => open.push(at),
                Some(Token::RightBrace) => drop(open.pop()),
                _ => {}
            }
        }
        open.pop()
    }

    /// What is open at the end of a range.
    fn brackets(&self, range: Range<usize>) -> Brackets {
        let mut open: Vec<usize> = Vec::new();
        for at in range {
            match self.token(at) {
                Some(Token::LeftBrace | Token::LeftParen | Token::LeftBracket) => {
                    open.push(at);
                    if open.len() > MAX_DEPTH {
                        return Brackets::TooDeep(at);
                    }
                }
                Some(Token::RightBrace) => {
                    // An unclosed `(` before a `}` stays the culprit.
                    match open.iter().rposition(|&o| self.token(o) == Some(&Token::LeftBrace)) {
                        Some(last) if last + 1 == open.len() => open.truncate(last),
                        Some(last) => return Brackets::Open(open[last + 1]),
                        None => {}
                    }
                }
                Some(Token::RightParen) if open.last().is_some_and(|&o| self.token(o) == Some(&Token::LeftParen)) => {
                    open.pop();
                }
                Some(Token::RightBracket)
                    if open.last().is_some_and(|&o| self.token(o) == Some(&Token::LeftBracket)) =>
                {
                    open.pop();
                }
                _ => {}
            }
        }
        open.last().map_or(Brackets::Closed, |&at| Brackets::Open(at))
    }

    fn unclosed(&mut self, open: usize, end: usize) -> Diagnostic {
        self.unclosed += usize::from(self.token(open) == Some(&Token::LeftBrace));
        let place = self.place(end);
        let title = format!("this {} is never closed", place.quoted(open));
        let diagnostic = Diagnostic::error("E0104", title, place.span(open), "opened here");
        if let Some(comment) = self.comment_that_closes(open, end) {
            let hint = "a whole-number quotient is `floor(a / b)`";
            return diagnostic.also(comment, "from here on the line is a comment").hint(hint);
        }
        let before = if end < self.tokens.len() { "it should be closed before this" } else { "the file ends here" };
        diagnostic.also(place.span(end), before)
    }

    /// The comment behind a value that has what closes the brace in it: `//` may have been meant as an operator.
    fn comment_that_closes(&self, open: usize, end: usize) -> Option<Span> {
        let place = self.place(end);
        (open..end).find_map(|at| {
            let value = matches!(
                self.token(at),
                Some(Token::Ident(_) | Token::Number(_) | Token::Quantity(_) | Token::RightParen | Token::RightBracket)
            );
            let start = place.span(at).end;
            let behind = &place.text[start as usize..place.span(at + 1).start as usize];
            let line = behind.lines().next().unwrap_or("");
            let comment = line.trim_start();
            let is_operator = value
                && comment.strip_prefix("//").is_some_and(|text| !text.starts_with(['/', '!']))
                && comment.contains(['}', ')', ']']);
            let from = start + u32::try_from(line.len() - comment.len()).ok()?;
            is_operator.then(|| Span { start: from, end: from + 2, ..place.span(at) })
        })
    }

    /// Tells a mistake, unless the lexer has found one in the same piece already.
    fn report(&mut self, range: Range<usize>, diagnostic: Diagnostic) {
        let start = self.tokens.get(range.start).map_or(0, |t| t.0);
        let end = self.tokens.get(range.end).map_or(u32::MAX, |t| t.0);
        let first = self.reported.partition_point(|&at| at < start);
        if self.reported.get(first).is_none_or(|&at| at >= end) {
            self.out.push(diagnostic);
        }
    }
}

/// How brackets stand at the end of a piece.
enum Brackets {
    Closed,
    /// The token that opened the one to tell about.
    Open(usize),
    /// The token that opened one too many.
    TooDeep(usize),
}

/// What to make of the first word of a piece.
enum Misspelt<'s> {
    /// Nothing is wrong with it.
    No,
    /// It was told; go on as if this stood there.
    As(Token<'s>),
    /// It was told; nothing can be made of the piece.
    Lost,
}

/// "`a`, `b` or `c`"
fn listed(level: Level) -> String {
    let quoted: Vec<String> = level.words().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        Some((last, _)) => last.clone(),
        None => String::new(),
    }
}

/// The token of a word.
fn keyword(word: &'static str) -> Token<'static> {
    if naming(word) == Some(Naming::Setting) {
        return Token::Ident(word);
    }
    <Token<'_> as logos::Logos>::lexer(word).next().and_then(Result::ok).unwrap_or(Token::Bad)
}

fn empty(level: Level) -> Node {
    match level {
        Level::Items => Node::Items(Vec::new()),
        Level::Members => Node::Members(Vec::new()),
        Level::NetworkMembers => Node::NetworkMembers(Vec::new()),
        Level::SimulationMembers => Node::SimulationMembers(Vec::new()),
        Level::Clauses => Node::Clauses(Vec::new()),
        Level::Statements => Node::Statements(Vec::new()),
    }
}

/// Puts the pieces of `more` behind those of `nodes`.
fn append(nodes: &mut Node, more: Node) {
    match (nodes, more) {
        (Node::Items(list), Node::Items(more)) => list.extend::<Vec<Item>>(more),
        (Node::Members(list), Node::Members(more)) => list.extend::<Vec<Member>>(more),
        (Node::NetworkMembers(list), Node::NetworkMembers(more)) => list.extend::<Vec<NetworkMember>>(more),
        (Node::SimulationMembers(list), Node::SimulationMembers(more)) => list.extend::<Vec<SimulationMember>>(more),
        (Node::Clauses(list), Node::Clauses(more)) => list.extend::<Vec<Clause>>(more),
        (Node::Statements(list), Node::Statements(more)) => list.extend::<Vec<Statement>>(more),
        _ => {}
    }
}

/// Puts a body into the declaration it belongs to.
fn fill(head: &mut Node, body: Node) {
    match (head, body) {
        (Node::Items(items), body) => match (items.last_mut(), body) {
            (Some(Item::Model(model)), Node::Members(members)) => model.members = completed(members),
            (Some(Item::Network(network)), Node::NetworkMembers(members)) => network.members = members,
            (Some(Item::Simulation(simulation)), Node::SimulationMembers(members)) => simulation.members = members,
            _ => {}
        },
        (Node::Members(members), Node::Statements(statements)) => match members.last_mut() {
            Some(Member::Spike(rule)) => rule.actions = statements,
            Some(Member::OnSpike(handler)) => handler.actions = statements,
            _ => {}
        },
        (Node::Members(members), Node::Members(inside)) => {
            if let Some(Member::Compartment(compartment)) = members.last_mut() {
                compartment.members = inside;
            }
        }
        (Node::NetworkMembers(members), Node::Clauses(clauses)) => match members.last_mut() {
            Some(NetworkMember::Project(project)) => project.clauses = clauses,
            Some(NetworkMember::Stimulate(stimulate)) => stimulate.clauses = clauses,
            _ => {}
        },
        _ => {}
    }
}
