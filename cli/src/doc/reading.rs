//! From syntax trees to [`Module`]s.
//!
//! Everything that a file says appears. What has a form of its own is claimed, by its span, in [`member`] (models),
//! [`network`] and [`module`]; the tokens that nothing claims are shown as the source text that they are. So a new kind
//! of declaration or member is documented before anyone teaches this file about it; a better form for it is
//! an arm in one of these three.

use crate::doc::formula::{self, Math};
use crate::doc::page::{Cell, Entry, Formula, Formulas, Module, Section, Table};
use crate::doc::symbol;
use bpc_syntax::ast::{
    Binding, Expr, ExprKind, Extent, Item, Member, MemberArray, Model, Name, Network, NetworkMember, Place, RuleKind,
    Statement, UnaryOp, Unit,
};
use bpc_syntax::lexer::{self, SpannedToken, Token};
use bpc_syntax::source::{FileId, Span};
use std::collections::HashMap;

/// A text, its tokens and the `///` lines before them.
struct Text<'s> {
    text: &'s str,
    tokens: Vec<SpannedToken<'s>>,
    docs: HashMap<u32, String>,
}

/// Words and signs that say nothing once what they introduce has been shown.
fn is_silent(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::Param
            | Token::State
            | Token::Input
            | Token::Post
            | Token::Let
            | Token::Output
            | Token::Const
            | Token::Comma
            | Token::Semicolon
    )
}

/// A piece, if anything in it tells something.
fn closed(piece: Option<(u32, Option<u32>)>, span: Span) -> Option<Span> {
    let (start, end) = piece?;
    Some(Span { start, end: end?, ..span })
}

impl<'s> Text<'s> {
    fn new(text: &'s str) -> Self {
        let lexed = lexer::lex(FileId(0), text);
        Text { text, tokens: lexed.tokens, docs: lexed.docs }
    }

    fn slice(&self, span: Span) -> &'s str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The tokens of a span.
    fn tokens(&self, span: Span) -> &[SpannedToken<'s>] {
        let first = self.tokens.partition_point(|t| t.0 < span.start);
        let last = self.tokens.partition_point(|t| t.0 < span.end);
        &self.tokens[first..last.max(first)]
    }

    /// The first words of a declaration.
    fn words(&self, span: Span) -> impl Iterator<Item = &'s str> {
        self.tokens(span).iter().map(|t| &self.text[t.0 as usize..t.2 as usize])
    }

    /// What stands between the outermost braces of a declaration.
    fn body(&self, span: Span) -> Span {
        let tokens = self.tokens(span);
        let open = tokens.iter().find(|t| t.1 == Token::LeftBrace).map_or(span.end, |t| t.2);
        let close = tokens.iter().rfind(|t| t.1 == Token::RightBrace).map_or(span.end, |t| t.0);
        Span { start: open, end: close.max(open), ..span }
    }

    /// The pieces of a span that nothing claims, each with the `///` lines before it.
    fn unclaimed(&self, span: Span, claimed: &[Span]) -> Vec<Span> {
        let mut pieces: Vec<Span> = Vec::new();
        // Where the piece begins, and where its last telling token ends: the word before something claimed goes with that.
        let mut open: Option<(u32, Option<u32>)> = None;
        for (start, token, end) in self.tokens(span) {
            if claimed.iter().any(|c| c.start <= *start && *start < c.end) {
                pieces.extend(closed(open.take(), span));
                continue;
            }
            let separator = matches!(token, Token::Comma | Token::Semicolon);
            match &mut open {
                None if separator => {}
                None => open = Some((*start, (!is_silent(token)).then_some(*end))),
                Some((begin, None)) if is_silent(token) => *begin = *start,
                Some(_) if is_silent(token) => {}
                Some((_, last)) => *last = Some(*end),
            }
        }
        pieces.extend(closed(open, span));
        pieces
    }

    /// A piece as it was written, with the comment that documents it, from the left margin.
    fn shown(&self, span: Span) -> String {
        let column = self.text[..span.start as usize].rsplit('\n').next().map_or(0, str::len);
        let doc = self.docs.get(&span.start).map(|doc| doc.lines().map(|l| format!("/// {l}\n")).collect::<String>());
        let lines: Vec<&str> = self.slice(span).trim_end().lines().collect();
        let margin = |line: &&str| line.len() - line.trim_start().len();
        let least = lines.iter().skip(1).filter(|l| !l.trim().is_empty()).map(margin).min().unwrap_or(0).min(column);
        let rest = lines.iter().skip(1).map(|line| line.get(least.min(margin(line))..).unwrap_or(line).trim_end());
        let lines: Vec<&str> = lines.first().copied().into_iter().chain(rest).collect();
        doc.unwrap_or_default() + &lines.join("\n")
    }

    fn formula(&self, math: Math, span: Span) -> Formula {
        Formula { math, source: self.slice(span).to_owned(), note: String::new() }
    }

    fn value(&self, expr: &Expr) -> Formula {
        self.formula(formula::of(expr, self.text), expr.span)
    }

    fn unit(&self, unit: &Unit) -> Formula {
        self.formula(formula::unit(unit), unit.span)
    }
}

/// The documentation of one file. `path` is that of its module, if it can be imported from everywhere; then
/// what stands at the top of the file stands with every declaration, otherwise with the module.
pub fn module(title: &str, path: Option<&str>, source: &str) -> Module {
    let (tree, _) = bpc_syntax::parse(FileId(0), source);
    let text = Text::new(source);
    let mut entries = Vec::new();
    let (mut constants, mut functions, mut simulations) = (Vec::new(), Vec::new(), Vec::new());
    let mut claimed = Vec::new();
    for item in &tree.items {
        let span = match item {
            Item::Use(used) => used.span,
            Item::Constant(binding) => {
                constants.push(binding_row(&text, binding));
                binding.span
            }
            Item::Function(function) => {
                let arguments = function.arguments.iter().map(|a| symbol::name(&a.name.node)).collect();
                let left = formula::application(&function.name.node, arguments);
                let mut whole = vec![formula::relation(left, "=", formula::of(&function.body, source))];
                for (index, binding) in function.lets.iter().enumerate() {
                    whole.push(Math::Text(if index == 0 { ", where " } else { ", " }.into()));
                    whole.push(definition(&text, binding).math);
                }
                let math = if whole.len() == 1 { whole.swap_remove(0) } else { Math::Row(whole) };
                let mut line = text.formula(math, function.span);
                let said = |a: &Binding| {
                    let unit = a.unit.as_ref().map(|unit| format!("{} in {}", a.name.node, text.slice(unit.span)));
                    let value = a.value.as_ref().map(|v| text.slice(v.span));
                    match (unit, value) {
                        (Some(unit), Some(value)) => Some(format!("{unit}, {value} if not given")),
                        (None, Some(value)) => Some(format!("{} is {value} if not given", a.name.node)),
                        (unit, None) => unit,
                    }
                };
                let units = function.arguments.iter().filter_map(said).collect::<Vec<_>>().join(", ");
                line.note = noted(&function.doc, &units);
                functions.push(line);
                function.span
            }
            Item::Model(one) => {
                entries.push((one.span.start, model(&text, one)));
                one.span
            }
            Item::Network(one) => {
                entries.push((one.span.start, network(&text, one)));
                one.span
            }
            Item::Simulation(one) => {
                simulations.push(text.shown(one.span));
                one.span
            }
            #[allow(unreachable_patterns)] // kinds that have no form of their own
            _ => continue,
        };
        claimed.push(span);
    }
    let whole = Span { file: FileId(0), start: 0, end: source.len() as u32 };
    for piece in text.unclaimed(whole, &claimed) {
        entries.extend(declarations(&text, piece).into_iter().map(|span| (span.start, other(&text, span))));
    }
    entries.sort_by_key(|(start, _)| *start);
    let mut entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
    let mut sections = Vec::new();
    push_table(&mut sections, "Constants", &["Name", "Value", "Unit", "Meaning"], constants);
    push_formulas(&mut sections, "Functions", functions);
    let header = tree.doc.trim_end();
    match path {
        // A file of functions alone: there is no declaration that they could stand with.
        Some(_) if entries.is_empty() => {
            if !header.is_empty() {
                sections.insert(0, Section::Prose("", header.to_owned()));
            }
            Module { title: title.to_owned(), sections, entries }
        }
        Some(path) => {
            for entry in &mut entries {
                entry.path = Some(format!("{path}::{}", entry.name));
                entry.sections.extend(sections.iter().cloned());
                if !header.is_empty() {
                    entry.sections.push(Section::Prose("Source", header.to_owned()));
                }
            }
            Module { title: title.to_owned(), sections: Vec::new(), entries }
        }
        None => {
            if !header.is_empty() {
                sections.insert(0, Section::Prose("", header.to_owned()));
            }
            if !simulations.is_empty() {
                sections.push(Section::Code("Simulations", simulations.join("\n\n")));
            }
            Module { title: title.to_owned(), sections, entries }
        }
    }
}

/// The declarations in a piece that nothing claims: each ends with its closing brace.
fn declarations(text: &Text<'_>, piece: Span) -> Vec<Span> {
    let (mut spans, mut depth, mut start) = (Vec::new(), 0usize, None);
    for (from, token, to) in text.tokens(piece) {
        let begin = *start.get_or_insert(*from);
        match token {
            Token::LeftBrace => depth += 1,
            Token::RightBrace => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    spans.push(Span { start: begin, end: *to, ..piece });
                    start = None;
                }
            }
            _ => {}
        }
    }
    spans.extend(start.map(|start| Span { start, ..piece }));
    spans
}

/// A declaration of a kind that has no form of its own.
fn other(text: &Text<'_>, span: Span) -> Entry {
    let mut words = text.words(span);
    let kind = words.next().unwrap_or_default().to_owned();
    let name = words.next().unwrap_or_default().to_owned();
    let shown = text.shown(span);
    let doc = text.docs.get(&span.start).cloned().unwrap_or_default();
    Entry {
        kind,
        name,
        path: None,
        doc,
        sections: vec![Section::Code("Declaration", shown)],
        source: text.slice(span).into(),
    }
}

/// What the members of a model add up to.
#[derive(Default)]
struct Parts {
    equations: Vec<Formula>,
    lets: Vec<Formula>,
    rules: Vec<Formulas>,
    outputs: Vec<Formula>,
    parameters: Vec<Vec<Cell>>,
    states: Vec<Vec<Cell>>,
    inputs: Vec<Vec<Cell>>,
    posts: Vec<Vec<Cell>>,
}

fn model(text: &Text<'_>, model: &Model) -> Entry {
    let mut parts = Parts::default();
    let claimed: Vec<Span> = model.members.iter().filter_map(|one| member(text, one, &mut parts)).collect();
    let mut sections = Vec::new();
    push_formulas(&mut sections, "Equations", parts.equations);
    push_formulas(&mut sections, "Where", parts.lets);
    sections.extend(parts.rules.into_iter().map(Section::Formulas));
    push_formulas(&mut sections, "Output", parts.outputs);
    let rest: Vec<String> =
        text.unclaimed(text.body(model.span), &claimed).into_iter().map(|span| text.shown(span)).collect();
    if !rest.is_empty() {
        sections.push(Section::Code("Further declarations", rest.join("\n")));
    }
    push_table(&mut sections, "Parameters", &["Name", "Default", "Unit", "Meaning"], parts.parameters);
    push_table(&mut sections, "States", &["Name", "Initial value", "Unit", "Meaning"], parts.states);
    push_table(&mut sections, "Inputs", &["Name", "Unit", "Meaning"], parts.inputs);
    push_table(&mut sections, "Taken from the target neuron", &["Name", "Unit", "Meaning"], parts.posts);
    entry(text, model.span, &model.name.node, &model.doc, sections)
}

fn entry(text: &Text<'_>, span: Span, name: &str, doc: &str, sections: Vec<Section>) -> Entry {
    let kind = text.words(span).next().unwrap_or_default().to_owned();
    Entry { kind, name: name.to_owned(), path: None, doc: doc.to_owned(), sections, source: text.slice(span).into() }
}

/// Takes up a member of a model, and says which part of the text that was; `None` for what is shown as source text.
fn member(text: &Text<'_>, member: &Member, parts: &mut Parts) -> Option<Span> {
    let without_value = |b: &Binding| {
        let mut row = binding_row(text, b);
        row.remove(1);
        row
    };
    Some(match member {
        Member::Parameter(b) => {
            parts.parameters.push(binding_row(text, b));
            b.span
        }
        Member::State(b) => {
            parts.states.push(binding_row(text, b));
            b.span
        }
        Member::Input(b) => {
            parts.inputs.push(without_value(b));
            b.span
        }
        Member::Post(p) => {
            parts.posts.push(without_value(&p.binding));
            p.binding.span
        }
        Member::Let(b) => {
            parts.lets.push(definition(text, b));
            b.span
        }
        Member::Equation(e) => {
            let math =
                formula::relation(formula::derivative(&e.state.node), "=", formula::of(&e.derivative, text.text));
            parts.equations.push(text.formula(math, e.span));
            e.span
        }
        Member::Recurrence(r) => {
            let next = Expr { kind: ExprKind::Call(r.state.clone(), r.time.clone()), span: r.state.span };
            let math = formula::relation(formula::of(&next, text.text), "=", formula::of(&r.value, text.text));
            parts.equations.push(text.formula(math, r.span));
            r.span
        }
        Member::History(h) => {
            let time = Expr { kind: ExprKind::Name("t".to_owned()), span: h.state.span };
            let past = Expr { kind: ExprKind::Call(h.state.clone(), vec![time]), span: h.state.span };
            let math = formula::relation(formula::of(&past, text.text), "=", formula::of(&h.value, text.text));
            parts.equations.push(text.formula(math, h.span));
            h.span
        }
        Member::Spike(rule) => {
            parts.rules.push(Formulas {
                title: {
                    let begins = |w: &&str| ["spike", "when", "every", "after", "refractory"].contains(w);
                    let words: Vec<&str> = text.words(rule.span).take(2).take_while(begins).collect();
                    match &rule.name {
                        Some(event) => format!("Event `{}` when", event.node),
                        None => capitalised(&words.join(" ")),
                    }
                },
                condition: (rule.kind != RuleKind::Recovery).then(|| match &rule.start {
                    None => text.value(&rule.condition),
                    Some(start) => {
                        let [every, from] = [&rule.condition, start].map(|time| formula::of(time, text.text));
                        text.formula(formula::relation(every, "from", from), rule.condition.span.to(start.span))
                    }
                }),
                lines: actions(text, &rule.actions, text.body(rule.span)),
            });
            rule.span
        }
        Member::OnSpike(handler) => {
            let head = Span { end: text.body(handler.span).start, ..handler.span };
            let title = text.slice(head).trim_end_matches('{').trim().to_owned();
            let lines = actions(text, &handler.actions, text.body(handler.span));
            parts.rules.push(Formulas { title: capitalised(&title), condition: None, lines });
            handler.span
        }
        Member::Output(b) => {
            parts.outputs.push(definition(text, b));
            b.span
        }
        Member::Array(array) => {
            of_array(text, array, parts)?;
            array.span
        }
        Member::Each(each) => {
            let before = parts.equations.len();
            self::member(text, &each.equation, parts)?;
            for line in &mut parts.equations[before..] {
                line.note = text.slice(each.each.span).to_owned();
            }
            each.span
        }
        _ => return None,
    })
}

/// A name with its indices as they are written, and the ranges that these go over, if they have names.
fn indexed(text: &Text<'_>, name: &Name, extents: &[Extent]) -> (Name, Option<String>) {
    let index = |extent: &Extent| match extent {
        Extent::Count(count) => text.slice(count.span).to_owned(),
        Extent::Named(range) => range.name.node.clone(),
    };
    let range = |extent: &Extent| match extent {
        Extent::Count(_) => None,
        Extent::Named(range) => Some(text.slice(Span { start: range.name.span.start, ..range.last.span })),
    };
    if extents.is_empty() {
        return (name.clone(), None);
    }
    let indices: Vec<String> = extents.iter().map(index).collect();
    let ranges: Vec<&str> = extents.iter().filter_map(range).collect();
    let name = Name { node: format!("{}[{}]", name.node, indices.join(", ")), span: name.span };
    (name, (!ranges.is_empty()).then(|| format!("for {}", ranges.join(", "))))
}

/// An array of members: what each element is, with its index as it is written.
fn of_array(text: &Text<'_>, array: &MemberArray, parts: &mut Parts) -> Option<()> {
    let element = |binding: &Binding| {
        let (name, _) = indexed(text, &binding.name, &array.extents);
        Binding { name, ..binding.clone() }
    };
    let own = about_name(&array.member)?;
    let for_range = indexed(text, own, &array.extents).1;
    match &*array.member {
        Member::Parameter(b) => parts.parameters.push(ranged(binding_row(text, &element(b)), for_range)),
        Member::State(b) => parts.states.push(ranged(binding_row(text, &element(b)), for_range)),
        Member::Input(b) => {
            let mut row = ranged(binding_row(text, &element(b)), for_range);
            row.remove(1);
            parts.inputs.push(row);
        }
        Member::Let(b) => {
            let line = definition(text, &element(b));
            let note = noted(&for_range.unwrap_or_default(), &line.note);
            parts.lets.push(Formula { note, ..line });
        }
        _ => return None,
    }
    Some(())
}

/// The name of what an array is of.
fn about_name(member: &Member) -> Option<&Name> {
    match member {
        Member::Parameter(b) | Member::State(b) | Member::Input(b) | Member::Let(b) => Some(&b.name),
        _ => None,
    }
}

/// A row whose meaning begins with the indices that it stands for.
fn ranged(mut row: Vec<Cell>, range: Option<String>) -> Vec<Cell> {
    if let (Some(range), Some(Cell::Prose(meaning))) = (range, row.last_mut()) {
        *meaning = noted(&range, meaning);
    }
    row
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The statements of a rule; those that have no form of their own as they are written.
fn actions(text: &Text<'_>, statements: &[Statement], body: Span) -> Vec<Formula> {
    let mut lines = Vec::new();
    let mut claimed = Vec::new();
    for statement in statements {
        let own = lines_of(text, statement, 0);
        claimed.extend((!own.is_empty()).then(|| statement_span(statement)));
        lines.extend(own);
    }
    for piece in text.unclaimed(body, &claimed) {
        lines.push((piece.start, text.formula(Math::Text(text.shown(piece)), piece)));
    }
    lines.sort_by_key(|(start, _)| *start);
    lines.into_iter().map(|(_, line)| line).collect()
}

/// The lines of a statement that stands so many branches deep, each with its place; none if it has no form of its own.
fn lines_of(text: &Text<'_>, statement: &Statement, depth: usize) -> Vec<(u32, Formula)> {
    let indented = |math: Math| match depth {
        0 => math,
        _ => Math::Row(vec![Math::Text("\u{2003}".repeat(depth)), math]),
    };
    let line = |math: Math, span: Span| (span.start, text.formula(indented(math), span));
    let inside = |statements: &[Statement]| -> Vec<(u32, Formula)> {
        let all = statements.iter().flat_map(|one| {
            let own = lines_of(text, one, depth + 1);
            if own.is_empty() { vec![as_written(text, one, depth + 1)] } else { own }
        });
        all.collect()
    };
    match statement {
        Statement::Assign { target, op, value, span, .. } => {
            vec![line(formula::assignment(&target.node, *op, value, text.text), *span)]
        }
        Statement::Let(binding) => vec![line(definition(text, binding).math, binding.span)],
        Statement::Refractory { duration, hold, span, .. } if is_plain(text, duration, hold, *span) => {
            vec![line(refractory(text, duration, hold), *span)]
        }
        Statement::For { each, body, .. } => {
            let mut lines = vec![line(Math::Text(format!("{}:", text.slice(each.span))), each.span)];
            lines.extend(inside(body));
            lines
        }
        Statement::If { branches, otherwise, .. } => {
            let mut lines = Vec::new();
            for (index, (condition, body)) in branches.iter().enumerate() {
                let word = if index == 0 { "if " } else { "otherwise, if " };
                let head = vec![Math::Text(word.into()), formula::of(condition, text.text), Math::Text(":".into())];
                lines.push(line(Math::Row(head), condition.span));
                lines.extend(inside(body));
            }
            if let Some(first) = otherwise.first() {
                let start = statement_span(first).start;
                lines.push((
                    start,
                    text.formula(
                        indented(Math::Text("otherwise:".into())),
                        Span { end: start, ..statement_span(first) },
                    ),
                ));
                lines.extend(inside(otherwise));
            }
            lines
        }
        #[allow(unreachable_patterns)] // statements that have no form of their own
        _ => vec![],
    }
}

/// A statement in a branch that has no form of its own.
fn as_written(text: &Text<'_>, statement: &Statement, depth: usize) -> (u32, Formula) {
    let span = statement_span(statement);
    (span.start, text.formula(Math::Text("\u{2003}".repeat(depth) + &text.shown(span)), span))
}

fn statement_span(statement: &Statement) -> Span {
    match statement {
        Statement::Let(binding) => binding.span,
        Statement::Assign { span, .. }
        | Statement::If { span, .. }
        | Statement::For { span, .. }
        | Statement::Transmit { span, .. }
        | Statement::Refractory { span, .. } => *span,
    }
}

/// Whether `refractory` says nothing but how long and what is held.
fn is_plain(text: &Text<'_>, duration: &Expr, hold: &[bpc_syntax::ast::Name], span: Span) -> bool {
    let said = |at: u32| {
        (duration.span.start..duration.span.end).contains(&at) || hold.iter().any(|name| name.span.start == at)
    };
    text.tokens(span)
        .iter()
        .all(|(start, token, _)| said(*start) || matches!(token, Token::Refractory | Token::Hold | Token::Comma))
}

/// `no further spike for t_ref; V is held`
fn refractory(text: &Text<'_>, duration: &Expr, hold: &[bpc_syntax::ast::Name]) -> Math {
    let mut row = vec![Math::Text("no further spike for ".into()), formula::of(duration, text.text)];
    for (i, state) in hold.iter().enumerate() {
        row.push(Math::Text(if i == 0 { "; " } else { ", " }.into()));
        row.push(symbol::name(&state.node));
    }
    match hold.len() {
        0 => {}
        1 => row.push(Math::Text(" is held".into())),
        _ => row.push(Math::Text(" are held".into())),
    }
    Math::Row(row)
}

/// `name = value`, or the name alone.
fn definition(text: &Text<'_>, binding: &Binding) -> Formula {
    let name = symbol::name(&binding.name.node);
    let math = match &binding.value {
        Some(value) => formula::relation(name, "=", formula::of(value, text.text)),
        None => name,
    };
    let unit = binding.unit.as_ref().map(|u| symbol::unit_text(text.slice(u.span))).unwrap_or_default();
    Formula { note: noted(&unit, &binding.doc), ..text.formula(math, binding.span) }
}

/// Two remarks on one formula.
fn noted(first: &str, second: &str) -> String {
    [first, second].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Name, value, unit, meaning. A value in the declared unit is written without it.
fn binding_row(text: &Text<'_>, binding: &Binding) -> Vec<Cell> {
    let literal = binding.value.as_ref().and_then(literal_unit);
    let unit = binding.unit.as_ref().or(literal);
    let same = |a: &Unit, b: &Unit| text.slice(a.span) == text.slice(b.span);
    let value = match (&binding.value, literal, unit) {
        (None, ..) => Cell::Empty,
        (Some(value), Some(literal), Some(unit)) if same(literal, unit) => Cell::Value(bare(text, value)),
        (Some(value), ..) => Cell::Value(text.value(value)),
    };
    let unit = unit.map_or(Cell::Empty, |unit| Cell::Unit(text.unit(unit)));
    vec![Cell::Name(binding.name.node.clone()), value, unit, Cell::Prose(binding.doc.clone())]
}

/// The unit of `20 ms` and of `-60 mV`.
fn literal_unit(expr: &Expr) -> Option<&Unit> {
    match &expr.kind {
        ExprKind::Number { unit, .. } => unit.as_ref(),
        ExprKind::Unary(UnaryOp::Negate, inner) => literal_unit(inner),
        _ => None,
    }
}

/// `20 ms` without its unit.
fn bare(text: &Text<'_>, value: &Expr) -> Formula {
    fn strip(expr: &Expr) -> Expr {
        let kind = match &expr.kind {
            ExprKind::Number { text, .. } => ExprKind::Number { text: text.clone(), unit: None },
            ExprKind::Unary(op, inner) => ExprKind::Unary(*op, Box::new(strip(inner))),
            other => other.clone(),
        };
        Expr { kind, span: expr.span }
    }
    let source = match literal_unit(value) {
        Some(unit) => text.slice(Span { end: unit.span.start, ..value.span }).trim().to_owned(),
        None => text.slice(value.span).to_owned(),
    };
    Formula { math: formula::of(&strip(value), text.text), source, note: String::new() }
}

fn network(text: &Text<'_>, network: &Network) -> Entry {
    let mut claimed: Vec<Span> = Vec::new();
    let (mut lets, mut populations, mut projections) = (Vec::new(), Vec::new(), Vec::new());
    let mut conditional = Vec::new();
    for one in &network.members {
        match one {
            NetworkMember::Let(b) => {
                lets.push(definition(text, b));
                claimed.push(b.span);
            }
            NetworkMember::Population(p) => {
                let end = p.method.as_ref().map_or(p.model.span.end, |m| m.span.end);
                let of = Span { end, ..p.model.span };
                populations.push(vec![
                    Cell::Code(p.name.node.clone()),
                    match (&p.size, &p.synapses_of) {
                        (Some(size), _) => Cell::Value(text.value(size)),
                        (None, Some(of)) => Cell::Code(format!("for {}", text.shown(of.span))),
                        (None, None) => Cell::Code("1".into()),
                    },
                    Cell::Code(text.shown(of)),
                    Cell::Prose(p.doc.clone()),
                ]);
                claimed.push(p.span);
            }
            NetworkMember::Project(p) => {
                let places = |places: &[Place]| {
                    Cell::Code(places.iter().map(|place| text.shown(place.span)).collect::<Vec<_>>().join(", "))
                };
                let clauses = text.tokens(text.body(p.span));
                let inner = match (clauses.first(), clauses.last()) {
                    (Some(first), Some(last)) => Span { start: first.0, end: last.2, ..p.span },
                    _ => Span { end: p.span.start, ..p.span },
                };
                projections.push(vec![
                    p.label.as_ref().map_or(Cell::Empty, |label| Cell::Code(label.node.clone())),
                    places(&p.sources),
                    places(&p.targets),
                    Cell::Code(text.shown(inner)),
                    Cell::Prose(p.doc.clone()),
                ]);
                claimed.push(p.span);
            }
            NetworkMember::If(branches) => {
                conditional.push(text.shown(branches.span));
                claimed.push(branches.span);
            }
            _ => {}
        }
    }
    let mut sections = Vec::new();
    let row = |(parameter, extents): (&Binding, &Vec<Extent>)| {
        let (name, ranges) = indexed(text, &parameter.name, extents);
        ranged(binding_row(text, &Binding { name, ..parameter.clone() }), ranges)
    };
    let parameters = network.parameters.iter().zip(&network.extents).map(row).collect();
    push_table(&mut sections, "Parameters", &["Name", "Default", "Unit", "Meaning"], parameters);
    push_formulas(&mut sections, "Where", lets);
    push_table(&mut sections, "Populations", &["Name", "Neurons", "Model", "Meaning"], populations);
    push_table(&mut sections, "Projections", &["Label", "From", "To", "How", "Meaning"], projections);
    if !conditional.is_empty() {
        sections.push(Section::Code("Parts under a condition", conditional.join("\n")));
    }
    let rest: Vec<String> =
        text.unclaimed(text.body(network.span), &claimed).into_iter().map(|span| text.shown(span)).collect();
    if !rest.is_empty() {
        sections.push(Section::Code("Inputs and initial values", rest.join("\n")));
    }
    entry(text, network.span, &network.name.node, &network.doc, sections)
}

/// A table, unless it is empty; without the last column if nothing stands in it.
fn push_table(
    sections: &mut Vec<Section>,
    title: &'static str,
    columns: &'static [&'static str],
    mut rows: Vec<Vec<Cell>>,
) {
    if rows.is_empty() {
        return;
    }
    let said = |row: &Vec<Cell>| !matches!(row.last(), Some(Cell::Prose(text)) if text.is_empty());
    let keep = if rows.iter().any(said) { columns.len() } else { columns.len() - 1 };
    rows.iter_mut().for_each(|row| row.truncate(keep));
    sections.push(Section::Table(Table { title, columns: &columns[..keep], rows }));
}

fn push_formulas(sections: &mut Vec<Section>, title: &str, lines: Vec<Formula>) {
    if !lines.is_empty() {
        sections.push(Section::Formulas(Formulas { title: title.to_owned(), condition: None, lines }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(entry: &Entry, wanted: &str) -> Vec<String> {
        let code = |s: &Section| match s {
            Section::Code(title, text) if *title == wanted => Some(text.clone()),
            _ => None,
        };
        entry.sections.iter().filter_map(code).collect()
    }

    /// What has no form of its own is shown as it is written: a method, and whatever else nobody claims.
    #[test]
    fn nothing_is_dropped() {
        let source = "neuron A {\n    param a = 1, b = 2; state V : mV = 0 mV\n\n    /// Opens\n    method rk4\n    let c = a\n}\n";
        let made = module("a.bp", None, source);
        assert_eq!(code(&made.entries[0], "Further declarations"), ["/// Opens\nmethod rk4"]);
        let text = Text::new(source);
        let body = text.body(Span { file: FileId(0), start: 0, end: source.len() as u32 });
        let shown: Vec<String> = text.unclaimed(body, &[]).into_iter().map(|span| text.shown(span)).collect();
        assert_eq!(shown, ["param a = 1, b = 2; state V : mV = 0 mV\n\n/// Opens\nmethod rk4\nlet c = a"]);
    }

    #[test]
    fn kinds_that_nobody_knows_are_entries() {
        let source = "const x = 1\n/// Sodium\ngadget Na : Ion {\n    thing { y }\n}\ngadget K { }\nneuron N { state V : mV = 0 mV }\n";
        let text = Text::new(source);
        let whole = Span { file: FileId(0), start: 0, end: source.len() as u32 };
        let constant = Span { end: 11, ..whole };
        let pieces = text.unclaimed(whole, &[constant]);
        let found: Vec<Entry> =
            pieces.iter().flat_map(|p| declarations(&text, *p)).map(|span| other(&text, span)).collect();
        let names: Vec<(&str, &str)> = found.iter().map(|e| (e.kind.as_str(), e.name.as_str())).collect();
        assert_eq!(names, [("gadget", "Na"), ("gadget", "K"), ("neuron", "N")]);
        assert_eq!(found[0].doc, "Sodium");
        assert_eq!(code(&found[0], "Declaration"), ["/// Sodium\ngadget Na : Ion {\n    thing { y }\n}"]);
    }
}
