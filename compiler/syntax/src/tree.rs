//! What the grammar's actions call: spans, docs, and trees whose depth is known before they exist.

use std::collections::HashMap;

use lalrpop_util::ParseError;

use crate::ast::{
    AGGREGATES, Binding, Bound, Clause, Component, Comprehension, Coupling, Data, DataSource, EachEquation, Equation,
    Expr, ExprKind, Extent, Function, Item, Measured, Member, MemberArray, Membrane, Model, ModelKind, ModelUse, Name,
    Network, NetworkMember, NeuronState, Population, Recurrence, RuleKind, Simulation, SimulationMember, Spanned,
    SpikeRule, Statement, Unit,
};
use crate::diagnostic::Diagnostic;
use crate::lexer::{Token, normal};
use crate::source::{FileId, Span};
use crate::suggest::closest;
use crate::words::{Level, Naming, naming};

mod expressions;
mod places;
mod units;

pub(crate) use expressions::{Tree, too_deep};
pub(crate) use places::{BracketTrees, IndexTree, Located, LocatedPart};

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

    /// The lists of a population that spikes at given times; only the word `spikes` announces them.
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
        list: Vec<(Binding, Option<Vec<Extent>>)>,
        make: fn(Binding) -> Member,
    ) -> Vec<Member> {
        let (bindings, extents): (Vec<Binding>, Vec<Option<Vec<Extent>>>) = list.into_iter().unzip();
        let shared = self.shared_bindings(start, bindings).into_iter().zip(extents);
        let member = |(binding, extents): (Binding, Option<Vec<Extent>>)| {
            let span = binding.span;
            match extents {
                None => make(binding),
                Some(extents) => Member::Array(MemberArray { member: Box::new(make(binding)), extents, span }),
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
        parameters: Option<Vec<(Binding, Vec<Extent>)>>,
        members: Vec<NetworkMember>,
        end: u32,
    ) -> Network {
        let (parameters, extents) = parameters.unwrap_or_default().into_iter().unzip();
        Network { doc: self.doc(start), name, parameters, extents, members, span: self.span(start, end) }
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

    /// `dendrite[3]`, `x[k + 1]` or `W[a,b]` as one name; names in an index have values where arrays are written out.
    pub(crate) fn indexed(&self, owner: Name, indices: &[String], end: u32) -> Name {
        let span = self.span(owner.span.start, end);
        Spanned { node: format!("{}[{}]", owner.node, indices.join(",")), span }
    }

    /// `soma.V` as one name.
    pub(crate) fn dotted(&self, owner: Name, member: Name) -> Name {
        Spanned { node: format!("{}.{}", owner.node, member.node), span: owner.span.to(member.span) }
    }

    /// `x'`, `x''`: the derivative of a state as a name.
    pub(crate) fn primed(&self, state: Name, (primes, end): (usize, u32)) -> Name {
        let span = self.span(state.span.start, end);
        let primes = "'".repeat(primes);
        // The derivative of an element is an element of the derivatives: `x[k]'` is `x'[k]`.
        let node = match state.node.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
            Some((array, index)) => format!("{array}{primes}[{index}]"),
            None => state.node + &primes,
        };
        Spanned { node, span }
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
