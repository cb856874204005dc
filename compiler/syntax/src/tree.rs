//! What the grammar's actions call: spans, docs, and trees whose depth is known before they exist.

use std::collections::HashMap;

use lalrpop_util::ParseError;

use crate::MAX_DEPTH;
use crate::ast::{
    AGGREGATES, BinaryOp, Binding, Bound, Clause, Component, Comprehension, Coupling, Data, DataIndex, DataSource,
    EachEquation, Equation, Expr, ExprKind, Extent, Function, Index, Item, Measured, Member, MemberArray, Membrane,
    Model, ModelKind, ModelUse, Name, Network, NetworkMember, NeuronState, Over, Part, Path, Place, Population,
    Recurrence, RuleKind, Simulation, SimulationMember, Spanned, SpikeRule, Statement, Table, UnaryOp, Unit,
    UnitFactor,
};
use crate::diagnostic::Diagnostic;
use crate::lexer::{Quantity, Token, normal, rational};
use crate::source::{FileId, Span};
use crate::suggest::closest;
use crate::words::{Level, Naming, naming};

/// How the generated parser fails.
pub(crate) type Fault<'s> = ParseError<u32, Token<'s>, Box<Diagnostic>>;

/// What one run of the generated parser gives.
#[derive(Debug)]
pub(crate) enum Node {
    Items(Vec<Item>),
    Members(Vec<Member>),
    NetworkMembers(Vec<NetworkMember>),
    SimulationMembers(Vec<SimulationMember>),
    Clauses(Vec<Clause>),
    Statements(Vec<Statement>),
}

/// What happens to states in refractory time.
#[derive(Debug)]
pub(crate) enum Pause {
    Hold(Vec<Name>),
    Clamp(Vec<(Name, Expr)>),
}

/// An expression and how deep it is: checked at every step, so that no tree is ever too deep to drop.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) expr: Expr,
    depth: usize,
}

/// An index; with `every` the time that one element holds, and what holds between two.
pub(crate) type IndexTree = (Tree, Option<(Tree, Option<Name>)>);

/// Names between dots, each with what stands in brackets behind it: a value, a place or a path.
#[derive(Debug)]
pub(crate) struct Located {
    /// Never empty.
    parts: Vec<LocatedPart>,
    span: Span,
}

/// One name of them, and how deep the expressions in its brackets are.
#[derive(Debug)]
pub(crate) struct LocatedPart {
    name: Name,
    brackets: Option<Brackets>,
    /// Behind an element of an array, which neurons.
    second: Option<Brackets>,
    span: Span,
    depth: usize,
}

/// What stands in brackets, as it is read.
#[derive(Debug)]
pub(crate) enum BracketTrees {
    /// `[i, j]`
    At(Vec<IndexTree>),
    /// `[a..b]`
    Range(Tree, Tree),
}

impl BracketTrees {
    /// Without the depth of its expressions, which is the second value.
    fn taken(self) -> (Brackets, usize) {
        match self {
            BracketTrees::At(indices) => {
                let of =
                    |(index, every): &IndexTree| index.depth.max(every.as_ref().map_or(0, |(length, _)| length.depth));
                let depth = indices.iter().map(of).max().unwrap_or(0);
                (Brackets::At(data_indices(indices)), depth)
            }
            BracketTrees::Range(first, last) => {
                let depth = first.depth.max(last.depth);
                (Brackets::Range(first.expr, last.expr), depth)
            }
        }
    }
}

fn data_indices(indices: Vec<IndexTree>) -> Vec<DataIndex> {
    let indices = indices.into_iter().map(|(index, every)| {
        let (every, between) = every.map_or((None, None), |(length, between)| (Some(length.expr), between));
        DataIndex { index: index.expr, every, between }
    });
    indices.collect()
}

/// What stands in brackets.
#[derive(Debug)]
enum Brackets {
    At(Vec<DataIndex>),
    Range(Expr, Expr),
}

/// What the actions know besides the tokens.
#[derive(Debug)]
pub(crate) struct Context<'c> {
    pub(crate) file: FileId,
    pub(crate) docs: &'c HashMap<u32, String>,
}

fn fail<'s, T>(diagnostic: Diagnostic) -> Result<T, Fault<'s>> {
    Err(ParseError::User { error: Box::new(diagnostic) })
}

impl Context<'_> {
    pub(crate) fn span(&self, start: u32, end: u32) -> Span {
        Span { file: self.file, start, end }
    }

    // ---- declarations ----

    /// The `///` lines before the token at `start`.
    pub(crate) fn doc(&self, start: u32) -> String {
        self.docs.get(&start).cloned().unwrap_or_default()
    }

    /// A binding whose doc may also stand before the keyword at `start`.
    pub(crate) fn documented(&self, start: u32, mut binding: Binding) -> Binding {
        if binding.doc.is_empty() {
            binding.doc = self.doc(start);
        }
        binding
    }

    pub(crate) fn binding(&self, start: u32, name: Name, unit: Option<Unit>, value: Option<Expr>, end: u32) -> Binding {
        Binding { doc: self.doc(start), name, unit, value, random: false, span: self.span(start, end) }
    }

    /// `tau ~ normal(20 ms, 2 ms)`
    pub(crate) fn drawn(&self, start: u32, name: Name, value: Expr, end: u32) -> Binding {
        Binding { random: true, ..self.binding(start, name, None, Some(value), end) }
    }

    pub(crate) fn refractory(
        &self,
        start: u32,
        conditional: bool,
        duration: Expr,
        pauses: Vec<Pause>,
        end: u32,
    ) -> Statement {
        let (mut hold, mut clamp) = (Vec::new(), Vec::new());
        for pause in pauses {
            match pause {
                Pause::Hold(names) => hold.extend(names),
                Pause::Clamp(values) => clamp.extend(values),
            }
        }
        Statement::Refractory { duration, conditional, hold, clamp, span: self.span(start, end) }
    }

    /// The lists of a population that spikes at given times; only the word `spikes` announces them.
    /// `connect rule(a, b, name = c)`
    pub(crate) fn connect(
        &self,
        start: u32,
        rule: Name,
        written: Option<Vec<Result<Expr, Binding>>>,
        end: u32,
    ) -> Clause {
        let (mut arguments, mut named) = (Vec::new(), Vec::new());
        for argument in written.into_iter().flatten() {
            match argument {
                Ok(expr) => arguments.push(expr),
                Err(binding) => named.push(binding),
            }
        }
        Clause::Connect { rule, arguments, named, span: self.span(start, end) }
    }

    pub(crate) fn time_lists<'s>(
        &self,
        start: u32,
        name: Name,
        times: Vec<Vec<Expr>>,
        end: u32,
    ) -> Result<(Name, Vec<Vec<Expr>>, Span), Fault<'s>> {
        if name.node == "spikes" {
            return Ok((name, times, self.span(start, end)));
        }
        let title = format!("`{}` takes no lists", crate::lexer::short(&name.node));
        fail(Diagnostic::error("E0104", title, name.span, "expected `spikes`").hint(
            "a population that spikes at given times is written `population S : spikes { [1 ms, 5 ms], [2 ms] }`",
        ))
    }

    pub(crate) fn spike_times(
        &self,
        start: u32,
        name: Name,
        size: Option<Expr>,
        (word, times, written): (Name, Vec<Vec<Expr>>, Span),
        end: u32,
    ) -> Population {
        let model = ModelUse { name: word, arguments: Vec::new(), span: written };
        let span = self.span(start, end);
        Population {
            doc: self.doc(start),
            name,
            size,
            synapses_of: None,
            model,
            method: None,
            geometry: None,
            times: Some(times),
            span,
        }
    }

    /// One member for each name; names without unit and value take those of the next that has some:
    /// `state m, h : 1 = 0`.
    pub(crate) fn shared(
        &self,
        start: u32,
        list: Vec<(Binding, Option<Extent>)>,
        make: fn(Binding) -> Member,
    ) -> Vec<Member> {
        let (bindings, extents): (Vec<Binding>, Vec<Option<Extent>>) = list.into_iter().unzip();
        let shared = self.shared_bindings(start, bindings).into_iter().zip(extents);
        let member = |(binding, extent): (Binding, Option<Extent>)| {
            let span = binding.span;
            match extent {
                None => make(binding),
                Some(extent) => Member::Array(MemberArray { member: Box::new(make(binding)), extent, span }),
            }
        };
        shared.map(member).collect()
    }

    /// `x' = …`, `x[k]' = … for k in 0..n`
    pub(crate) fn equation(
        &self,
        start: u32,
        state: Name,
        derivative: Expr,
        end: u32,
        each: Option<Comprehension>,
    ) -> Vec<Member> {
        vec![each_of(Member::Equation(Equation { state, derivative, span: self.span(start, end) }), each)]
    }

    /// `x(t + dt) = …`, `x[k](t + dt) = … for k in 0..n`
    pub(crate) fn recurrence(
        &self,
        start: u32,
        (state, time): (Name, Vec<Expr>),
        value: Expr,
        end: u32,
        each: Option<Comprehension>,
    ) -> Vec<Member> {
        vec![each_of(Member::Recurrence(Recurrence { state, time, value, span: self.span(start, end) }), each)]
    }

    fn shared_bindings(&self, start: u32, list: Vec<Binding>) -> Vec<Binding> {
        let mut shared = Vec::with_capacity(list.len());
        let mut pattern: Option<Binding> = None;
        for binding in list.into_iter().rev() {
            let mut binding = self.documented(start, binding);
            if binding.unit.is_none() && binding.value.is_none() {
                if let Some(pattern) = &pattern {
                    binding.unit.clone_from(&pattern.unit);
                    binding.value.clone_from(&pattern.value);
                    binding.span = binding.span.to(pattern.span);
                }
            } else {
                pattern = Some(binding.clone());
            }
            shared.push(binding);
        }
        shared.reverse();
        shared
    }

    pub(crate) fn data(&self, start: u32, name: Name, unit: Option<Unit>, source: DataSource, end: u32) -> Data {
        Data { doc: self.doc(start), name, unit, source, span: self.span(start, end) }
    }

    /// Data whose doc may also stand before the keyword at `start`.
    pub(crate) fn documented_data(&self, start: u32, mut data: Data) -> Data {
        if data.doc.is_empty() {
            data.doc = self.doc(start);
        }
        data
    }

    /// A string without its quotes.
    pub(crate) fn text(&self, start: u32, text: &str, end: u32) -> Name {
        Spanned { node: text.trim_matches('"').to_owned(), span: self.span(start, end) }
    }

    /// `file("path")`, `file("path", "array")`
    pub(crate) fn file<'s>(
        &self,
        start: u32,
        word: Name,
        arguments: Vec<Name>,
        end: u32,
    ) -> Result<DataSource, Fault<'s>> {
        let span = self.span(start, end);
        let count = arguments.len();
        let mut arguments = arguments.into_iter();
        if let ("file", 1..=2, Some(path)) = (word.node.as_str(), count, arguments.next()) {
            return Ok(DataSource::File { path, array: arguments.next(), span });
        }
        let (title, at) = if word.node == "file" {
            (format!("`file` takes the name of a file and of an array in it, not {count} strings"), span)
        } else {
            (format!("data cannot come from `{}`", crate::lexer::short(&word.node)), word.span)
        };
        fail(
            Diagnostic::error("E0104", title, at, "expected a file or a list")
                .hint("write `file(\"weights.npz\", \"W\")` or `[1, 2, 3]`"),
        )
    }

    /// One member for each `pre`.
    pub(crate) fn shared_pre(&self, start: u32, list: Vec<NeuronState>) -> Vec<Member> {
        let documented = |state: NeuronState| NeuronState { binding: self.documented(start, state.binding), ..state };
        list.into_iter().map(|state| Member::Pre(documented(state))).collect()
    }

    /// As [`Context::shared`], of states of the target neuron.
    pub(crate) fn shared_post(&self, start: u32, list: Vec<NeuronState>) -> Vec<Member> {
        let (states, bindings): (Vec<Name>, Vec<Binding>) =
            list.into_iter().map(|one| (one.state, one.binding)).unzip();
        let shared = states.into_iter().zip(self.shared_bindings(start, bindings));
        shared.map(|(state, binding)| Member::Post(NeuronState { state, binding })).collect()
    }

    pub(crate) fn neuron_state(
        &self,
        start: u32,
        state: Name,
        other: Option<Name>,
        unit: Option<Unit>,
        end: u32,
    ) -> NeuronState {
        let name = other.unwrap_or_else(|| state.clone());
        NeuronState { state, binding: self.binding(start, name, unit, None, end) }
    }

    pub(crate) fn function(
        &self,
        start: u32,
        (name, arguments, unit): (Name, Vec<Binding>, Option<Unit>),
        (lets, body): (Vec<Binding>, Expr),
        end: u32,
    ) -> Function {
        Function { doc: self.doc(start), name, arguments, unit, lets, body, span: self.span(start, end) }
    }

    pub(crate) fn model(&self, start: u32, kind: ModelKind, name: Name, members: Vec<Member>, end: u32) -> Model {
        let members = crate::derivatives::completed(members);
        Model { doc: self.doc(start), kind, name, members, span: self.span(start, end) }
    }

    pub(crate) fn network(
        &self,
        start: u32,
        name: Name,
        parameters: Option<Vec<Binding>>,
        members: Vec<NetworkMember>,
        end: u32,
    ) -> Network {
        let parameters = parameters.unwrap_or_default();
        Network { doc: self.doc(start), name, parameters, members, span: self.span(start, end) }
    }

    pub(crate) fn simulation(
        &self,
        start: u32,
        network: ModelUse,
        members: Vec<SimulationMember>,
        end: u32,
    ) -> Simulation {
        Simulation { doc: self.doc(start), network, members, span: self.span(start, end) }
    }

    pub(crate) fn expectation(
        &self,
        start: u32,
        measured: Measured,
        bound: Bound,
        window: Option<(Expr, Option<Expr>)>,
        end: u32,
    ) -> SimulationMember {
        let (from, to) = window.map_or((None, None), |(from, to)| (Some(from), to));
        SimulationMember::Expect { measured, bound, from, to, span: self.span(start, end) }
    }

    /// `mean(E.V)`, `rate(E)`
    pub(crate) fn measured<'s>(&self, start: u32, name: Name, of: Located, end: u32) -> Result<Measured, Fault<'s>> {
        let span = self.span(start, end);
        if AGGREGATES.contains(&name.node.as_str()) {
            return Ok(Measured::Aggregate { path: self.path(of)?, name, span });
        }
        Ok(Measured::Statistic { population: self.place(of)?, name, span })
    }

    /// `after refractory { … }`
    pub(crate) fn recovery(&self, start: u32, actions: Vec<Statement>, end: u32) -> Member {
        let span = self.span(start, end);
        let condition = Expr { kind: ExprKind::Bool(true), span };
        Member::Spike(SpikeRule { kind: RuleKind::Recovery, name: None, condition, start: None, actions, span })
    }

    /// The name of a setting, if there is such a one.
    pub(crate) fn setting<'s>(&self, name: Name) -> Result<Name, Fault<'s>> {
        if naming(&name.node) == Some(Naming::Setting) {
            return Ok(name);
        }
        let hint = match closest(&name.node, Level::SimulationMembers.words()) {
            Some(word) => format!("did you mean `{word}`?"),
            None => "the settings are `dt`, `duration` and `seed`".to_owned(),
        };
        let title = format!("unknown setting `{}`", crate::lexer::short(&name.node));
        fail(Diagnostic::error("E0107", title, name.span, "").hint(hint))
    }

    pub(crate) fn membrane(
        &self,
        start: u32,
        potential: Binding,
        settings: Option<Vec<Binding>>,
        end: u32,
    ) -> Membrane {
        let potential = self.documented(start, potential);
        Membrane { potential, settings: settings.unwrap_or_default(), span: self.span(start, end) }
    }

    pub(crate) fn component(&self, start: u32, kind: ModelKind, name: Name, model: ModelUse, end: u32) -> Member {
        Member::Component(Component { doc: self.doc(start), kind, name, model, span: self.span(start, end) })
    }

    /// `couple soma <-> dendrite[k] (g) for k in 0..3`
    pub(crate) fn coupling<'s>(
        &self,
        start: u32,
        (from, to): (LocatedPart, LocatedPart),
        reversible: bool,
        conductances: Vec<Expr>,
        each: Option<Comprehension>,
        end: u32,
    ) -> Result<Vec<Member>, Fault<'s>> {
        let end_of = |part: LocatedPart| {
            let span = part.span;
            self.place(Located { parts: vec![part], span }).map(|mut place| place.parts.remove(0))
        };
        let (from, to) = (end_of(from)?, end_of(to)?);
        let span = self.span(start, end);
        Ok(vec![Member::Couple(Coupling { from, to, reversible, conductances, each, span })])
    }

    /// The text of an index, `3` or `k+1`.
    pub(crate) fn index<'s>(&self, before: &str, (first, number, last): (u32, &str, u32)) -> Result<String, Fault<'s>> {
        match number.parse::<u32>() {
            Ok(index) => Ok(format!("{}{index}", normal(before))),
            Err(_) => fail(
                Diagnostic::error("E0104", "an index is a whole number", self.span(first, last), "no such index")
                    .hint("write `dendrite[3].V`"),
            ),
        }
    }

    /// `dendrite[3]` or `x[k + 1]` as one name; names in an index have values where arrays are written out.
    pub(crate) fn indexed(&self, owner: Name, index: String, end: u32) -> Name {
        let span = self.span(owner.span.start, end);
        Spanned { node: format!("{}[{index}]", owner.node), span }
    }

    /// `soma.V` as one name.
    pub(crate) fn dotted(&self, owner: Name, member: Name) -> Name {
        Spanned { node: format!("{}.{}", owner.node, member.node), span: owner.span.to(member.span) }
    }

    /// `x'`, `x''`: the derivative of a state as a name.
    pub(crate) fn primed(&self, state: Name, (primes, end): (usize, u32)) -> Name {
        let span = self.span(state.span.start, end);
        Spanned { node: state.node + &"'".repeat(primes), span }
    }

    // ---- units in type position ----

    pub(crate) fn symbol(&self, start: u32, text: &str, end: u32) -> Name {
        Spanned { node: normal(text), span: self.span(start, end) }
    }

    /// `1`: a factor-free unit.
    pub(crate) fn one<'s>(&self, start: u32, text: &str, end: u32) -> Result<Vec<UnitFactor>, Fault<'s>> {
        if text == "1" {
            return Ok(Vec::new());
        }
        let span = self.span(start, end);
        fail(
            Diagnostic::error("E0104", format!("`{}` is no unit", crate::lexer::short(text)), span, "expected a unit")
                .hint("write `1` for a plain number, `count` for a whole one, `mV` or `mS/cm^2` for a quantity"),
        )
    }

    pub(crate) fn inverse(&self, factor: UnitFactor) -> UnitFactor {
        let (p, q) = factor.exponent;
        UnitFactor { exponent: (-p, q), ..factor }
    }

    /// `unit(w)`
    pub(crate) fn unit_of<'s>(&self, start: u32, name: &str, argument: &str, end: u32) -> Result<Name, Fault<'s>> {
        if name == "unit" {
            return Ok(self.symbol(start, &format!("unit({argument})"), end));
        }
        let title = format!("`{}` is no unit", crate::lexer::short(name));
        fail(
            Diagnostic::error("E0104", title, self.span(start, end), "expected a unit")
                .hint("the unit of an event's weight is written `unit(w)`"),
        )
    }

    pub(crate) fn exponent<'s>(
        &self,
        start: u32,
        minus: bool,
        p: &str,
        q: &str,
        end: u32,
    ) -> Result<(i32, i32), Fault<'s>> {
        let text = if q == "1" { p.to_owned() } else { format!("({p}/{q})") };
        match rational(&text) {
            Some((p, q)) => Ok((if minus { -p } else { p }, q)),
            None => fail(
                Diagnostic::error("E0103", "this is no exponent of a unit", self.span(start, end), "")
                    .hint("write a whole number or a fraction up to 99: `^2`, `^-1`, `^0.5`, `^(1/3)`"),
            ),
        }
    }

    // ---- expressions ----

    pub(crate) fn leaf(&self, start: u32, kind: ExprKind, end: u32) -> Tree {
        Tree { expr: Expr { kind, span: self.span(start, end) }, depth: 1 }
    }

    pub(crate) fn number(&self, start: u32, text: &str, end: u32) -> Tree {
        let text = text.chars().filter(|&c| c != '_').collect();
        self.leaf(start, ExprKind::Number { text, unit: None }, end)
    }

    pub(crate) fn quantity(&self, start: u32, quantity: Quantity, end: u32) -> Tree {
        self.leaf(start, ExprKind::Number { text: quantity.number, unit: Some(quantity.unit) }, end)
    }

    /// `name`
    pub(crate) fn part(&self, name: Name) -> LocatedPart {
        let span = name.span;
        LocatedPart { name, brackets: None, second: None, span, depth: 0 }
    }

    /// `x[i]`, `W[i, j]`, `x[t every 1 ms]`, `area[k]`, `name[a..b]`, `x[3][a..b]`
    pub(crate) fn element(
        &self,
        name: Name,
        first: BracketTrees,
        second: Option<BracketTrees>,
        end: u32,
    ) -> LocatedPart {
        let span = self.span(name.span.start, end);
        let (brackets, depth) = first.taken();
        let (second, deep) = second.map(BracketTrees::taken).unzip();
        LocatedPart { name, brackets: Some(brackets), second, span, depth: depth.max(deep.unwrap_or(0)) }
    }

    /// One name more.
    pub(crate) fn located(&self, start: u32, before: Option<Located>, part: LocatedPart, end: u32) -> Located {
        let mut parts = before.map_or(Vec::new(), |b| b.parts);
        parts.push(part);
        Located { parts, span: self.span(start, end) }
    }

    /// A value: `x`, `E.size`, `V1.E.tau`, `W[i, j]`, `area[k].E.tau`.
    pub(crate) fn value<'s>(&self, located: Located) -> Result<Tree, Fault<'s>> {
        let span = located.span;
        let depth = located.parts.iter().map(|p| p.depth).max().unwrap_or(0);
        if located.parts.iter().all(|p| p.brackets.is_none()) {
            let mut names = located.parts.into_iter().map(|p| p.name);
            let first = names.next();
            let rest = names.reduce(|before, name| self.dotted(before, name));
            let kind = match (first, rest) {
                (Some(owner), Some(member)) => ExprKind::Member(owner, member),
                (Some(name), None) => ExprKind::Name(name.node),
                (None, _) => ExprKind::Error,
            };
            return Ok(Tree { expr: Expr { kind, span }, depth: 1 });
        }
        match <[LocatedPart; 1]>::try_from(located.parts) {
            Ok([LocatedPart { name, brackets: Some(Brackets::At(indices)), second: None, .. }]) => {
                self.node(span, depth, || ExprKind::Element(name, indices))
            }
            Ok(parts) => self.located_value(Located { parts: parts.into(), span }, depth),
            Err(parts) => self.located_value(Located { parts, span }, depth),
        }
    }

    fn located_value<'s>(&self, located: Located, depth: usize) -> Result<Tree, Fault<'s>> {
        let span = located.span;
        let place = self.place(located)?;
        self.node(span, depth, || ExprKind::Located(Box::new(place)))
    }

    /// A population, an instance or a label: `E`, `V1.E`, `area[0..4].E`.
    pub(crate) fn place<'s>(&self, located: Located) -> Result<Place, Fault<'s>> {
        let mut parts = Vec::with_capacity(located.parts.len());
        for LocatedPart { name, brackets, second, span, .. } in located.parts {
            if second.is_some() {
                let error = Diagnostic::error("E0104", "several indices in brackets of their own", span, "two here");
                return fail(error.hint(
                    "behind a member, `record E.x[3][0..5]` chooses an element and then neurons; elsewhere one pair is \
                     enough: `W[i, j]`",
                ));
            }
            let index = match brackets {
                None => None,
                Some(Brackets::Range(first, last)) => Some(Index::Range(Box::new(first), Box::new(last))),
                Some(Brackets::At(indices)) => Some(Index::At(plain(indices)?)),
            };
            parts.push(Part { name, index, span });
        }
        Ok(Place { parts, span: located.span })
    }

    /// A place with a member behind it: `E.V`, `area[3].E.V[0..4]`, `E.soma.V`, `E.x[3][0..4]`.
    pub(crate) fn path<'s>(&self, mut located: Located) -> Result<Path, Fault<'s>> {
        let second = located.parts.last_mut().and_then(|last| last.second.take());
        let mut place = self.place(located)?;
        let span = place.span;
        if let [only] = place.parts.as_slice() {
            let hint = format!("say which of its variables: `{}.V`", crate::lexer::short(&only.name.node));
            return fail(
                Diagnostic::error("E0104", "a member is missing", span, "expected `.` behind this").hint(hint),
            );
        }
        if let Some(neurons) = second {
            let neurons = match neurons {
                Brackets::Range(first, last) => Index::Range(Box::new(first), Box::new(last)),
                Brackets::At(indices) => Index::At(plain(indices)?),
            };
            let range = neuron_range(Some(neurons), span)?;
            return Ok(Path { place, range, span });
        }
        let Some(last) = place.parts.last_mut() else {
            return fail(Diagnostic::error("E0104", "a member is missing", span, "expected a name"));
        };
        let range = neuron_range(last.index.take(), span)?;
        last.span = last.name.span;
        place.span = place.parts.iter().fold(span, |whole, part| Span { end: part.span.end, ..whole });
        Ok(Path { place, range, span })
    }

    /// `(x)`: the same tree, with the parentheses in its span.
    pub(crate) fn grouped(&self, start: u32, mut inner: Tree, end: u32) -> Tree {
        inner.expr.span = self.span(start, end);
        inner
    }

    pub(crate) fn unary<'s>(&self, start: u32, op: UnaryOp, a: Tree) -> Result<Tree, Fault<'s>> {
        let span = self.span(start, a.expr.span.end);
        self.node(span, a.depth, || ExprKind::Unary(op, Box::new(a.expr)))
    }

    pub(crate) fn binary<'s>(&self, op: BinaryOp, a: Tree, b: Tree) -> Result<Tree, Fault<'s>> {
        let span = a.expr.span.to(b.expr.span);
        self.node(span, a.depth.max(b.depth), || ExprKind::Binary(op, Box::new(a.expr), Box::new(b.expr)))
    }

    pub(crate) fn choice<'s>(&self, start: u32, c: Tree, a: Tree, b: Tree, end: u32) -> Result<Tree, Fault<'s>> {
        let depth = c.depth.max(a.depth).max(b.depth);
        let span = self.span(start, end);
        self.node(span, depth, || ExprKind::If(Box::new(c.expr), Box::new(a.expr), Box::new(b.expr)))
    }

    pub(crate) fn call<'s>(&self, name: Name, arguments: Vec<Tree>, end: u32) -> Result<Tree, Fault<'s>> {
        let depth = arguments.iter().map(|a| a.depth).max().unwrap_or(0);
        let span = self.span(name.span.start, end);
        self.node(span, depth, || ExprKind::Call(name, arguments.into_iter().map(|a| a.expr).collect()))
    }

    /// `x[k](t - d)`
    pub(crate) fn call_element<'s>(
        &self,
        name: Name,
        indices: Vec<IndexTree>,
        arguments: Vec<Tree>,
        end: u32,
    ) -> Result<Tree, Fault<'s>> {
        let span = self.span(name.span.start, end);
        let (indices, below) = BracketTrees::At(indices).taken();
        let depth = arguments.iter().map(|a| a.depth).max().unwrap_or(0).max(below);
        let Brackets::At(indices) = indices else { return Ok(self.leaf(name.span.start, ExprKind::Error, end)) };
        let arguments = arguments.into_iter().map(|a| a.expr).collect();
        self.node(span, depth, || ExprKind::CallElement(name, indices, arguments))
    }

    /// `sum(x[k] for k in 0..n)`
    pub(crate) fn over<'s>(
        &self,
        function: Name,
        term: Tree,
        each: Comprehension,
        end: u32,
    ) -> Result<Tree, Fault<'s>> {
        let span = self.span(function.span.start, end);
        if !["sum", "product", "min", "max"].contains(&function.node.as_str()) {
            let title = format!("`{}` takes no `for`", crate::lexer::short(&function.node));
            let error = Diagnostic::error("E0104", title, each.span, "goes with `sum`, `product`, `min` and `max`");
            return fail(error.hint("`sum(x[k] for k in 0..4)` is x[0] + x[1] + x[2] + x[3]"));
        }
        self.node(span, term.depth, || {
            ExprKind::Over(Box::new(Over { function, terms: vec![term.expr], each: Some(each) }))
        })
    }

    /// `a % b`, a call of the function of that name
    pub(crate) fn remainder<'s>(&self, a: Tree, start: u32, end: u32, b: Tree) -> Result<Tree, Fault<'s>> {
        let (depth, last) = (a.depth.max(b.depth), b.expr.span.end);
        let name = self.symbol(start, "%", end);
        let span = self.span(a.expr.span.start, last);
        self.node(span, depth, || ExprKind::Call(name, vec![a.expr, b.expr]))
    }

    pub(crate) fn crosses<'s>(&self, a: Tree, b: Tree) -> Result<Tree, Fault<'s>> {
        let span = a.expr.span.to(b.expr.span);
        self.node(span, a.depth.max(b.depth), || ExprKind::Crosses(Box::new(a.expr), Box::new(b.expr)))
    }

    /// `table(x, [(a, b), …], clamped)`; no other function takes a list.
    pub(crate) fn table<'s>(
        &self,
        name: Name,
        mut arguments: Vec<Tree>,
        points: Vec<(Tree, Tree)>,
        outside: Option<Name>,
        end: u32,
    ) -> Result<Tree, Fault<'s>> {
        let span = self.span(name.span.start, end);
        let (Some(argument), true, true) = (arguments.pop(), arguments.is_empty(), name.node == "table") else {
            let title = format!("`{}` takes no list", crate::lexer::short(&name.node));
            return fail(
                Diagnostic::error("E0104", title, name.span, "expected `table`")
                    .hint("a function by its points is written `table(x, [(0 mV, 0), (10 mV, 1)])`"),
            );
        };
        let depth = points.iter().map(|p| p.0.depth.max(p.1.depth)).fold(argument.depth, usize::max);
        let points = points.into_iter().map(|(x, y)| (x.expr, y.expr)).collect();
        self.node(span, depth, || ExprKind::Table(Box::new(Table { argument: argument.expr, points, outside })))
    }

    /// A node above trees of at most `below` levels, unless that is too deep.
    fn node<'s>(&self, span: Span, below: usize, kind: impl FnOnce() -> ExprKind) -> Result<Tree, Fault<'s>> {
        if below < MAX_DEPTH {
            return Ok(Tree { expr: Expr { kind: kind(), span }, depth: below + 1 });
        }
        fail(too_deep(span))
    }
}

/// An equation, for each combination of indices if there are some.
fn each_of(equation: Member, each: Option<Comprehension>) -> Member {
    let Some(each) = each else { return equation };
    let span = match &equation {
        Member::Equation(one) => one.span.to(each.span),
        Member::Recurrence(one) => one.span.to(each.span),
        _ => each.span,
    };
    Member::Each(EachEquation { equation: Box::new(equation), each, span })
}

/// What the last brackets of a path choose.
fn neuron_range<'s>(index: Option<Index>, span: Span) -> Result<Option<(Expr, Option<Expr>)>, Fault<'s>> {
    Ok(match index {
        None => None,
        Some(Index::Range(first, last)) => Some((*first, Some(*last))),
        Some(Index::At(mut list)) => match (list.pop(), list.as_slice()) {
            (Some(only), []) => Some((only, None)),
            _ => {
                let title = "a state has one index";
                let error = Diagnostic::error("E0104", title, span, "several here");
                return fail(error.hint("write `[3]` or `[0..4]`"));
            }
        },
    })
}

/// Indices that are no times.
fn plain<'s>(indices: Vec<DataIndex>) -> Result<Vec<Expr>, Fault<'s>> {
    let mut list = Vec::with_capacity(indices.len());
    for DataIndex { index, every, .. } in indices {
        if let Some(every) = every {
            let error = Diagnostic::error("E0104", "only data has elements in time", every.span, "no time here");
            return fail(error.hint("write a whole number: `area[3]`"));
        }
        list.push(index);
    }
    Ok(list)
}

/// An expression deeper than [`MAX_DEPTH`].
pub(crate) fn too_deep(span: Span) -> Diagnostic {
    let label = format!("more than {MAX_DEPTH} operators or parentheses inside one another");
    Diagnostic::error("E0105", "this is nested too deeply", span, label)
        .hint("name parts of it with `let`; a long sum counts one level for each term")
}
