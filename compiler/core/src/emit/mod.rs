//! Checked model to dynamics dialect.
//!
//! In: a [`Model`], every name resolved, units erased. Out: a [`Network`] of model operations, one
//! for each population and projection, nothing chosen yet: no alignment, no integrator. What the
//! dialect cannot express yet is refused here, at its place in the source.

mod arrays;
mod receptor;

use crate::ir::{
    Change, Clock, Connection, Distribution, Event, Graph, History, Input, Method, Network, Node, Op, Parameter,
    Period, Population, Precision, Projection, Recorded, Refractory, SpikeRule, State, Symbol, Type,
};
use crate::passes::move_to_sources::history_of;
use crate::{Bug, CompileError};
use arrays::Arrays;
use bpc_sema::model::{
    self, BinaryOp, Delay, End, EventTarget, Expr, Function, Growth, Model, RecordTarget, Rule, Source, UnaryOp,
};
use std::collections::HashMap;

/// Emits a model.
///
/// # Errors
/// [`CompileError::Unsupported`] with the place, or a [`Bug`].
pub fn emit(model: &Model, real: Precision) -> Result<Network, CompileError> {
    let mut emitter =
        Emitter { model, real, graph: Graph::default(), arrays: Arrays::default(), locals: HashMap::new() };
    let mut parameters = Vec::new();
    for p in &model.parameters {
        let value = if p.settable { None } else { Some(emitter.expression(&p.value, &Scope::Network)?) };
        parameters.push(Parameter {
            name: p.name.as_str().into(),
            default: p.default,
            unit: p.quantity.unit.clone(),
            factor: p.quantity.factor,
            nonzero: p.nonzero,
            value,
        });
    }
    let mut populations: Vec<Population> =
        model.populations.iter().map(|p| emitter.population(p)).collect::<Result<_, _>>()?;
    let mut projections: Vec<Projection> =
        (0..).zip(&model.projections).map(|(i, p)| emitter.projection(i, p)).collect::<Result<_, _>>()?;
    for (written, projection) in model.projections.iter().zip(&mut projections) {
        emitter.receptor(written, projection, &mut populations[written.target.0])?;
    }
    Ok(Network {
        name: model.network.as_str().into(),
        dt: model.simulation.dt,
        real,
        narrowed: false,
        data: emitter.arrays.data,
        pairs: emitter.arrays.pairs,
        parameters,
        populations,
        projections,
        buffers: vec![],
        feeds: vec![],
        connections: vec![],
        derived: vec![],
        initialise: vec![],
        coefficients: vec![],
        synapse_states: vec![],
        synapses: vec![],
        edges: vec![],
        after_spike: vec![],
        at_spike: vec![],
        updates: vec![],
        graph: emitter.graph,
    })
}

struct Emitter<'m> {
    model: &'m Model,
    real: Precision,
    graph: Graph,
    arrays: Arrays,
    /// Lets that are emitted, by their place in the model: one that others mention again and again is emitted once.
    locals: HashMap<*const Expr, Node>,
}

/// The method of a state whose next value the user has written.
pub(crate) const MAP: &str = "map";

/// What names mean where an expression stands.
enum Scope<'m> {
    /// Parameters only.
    Network,
    /// States, inputs and lets of a population.
    Population(&'m model::Population),
    /// States and lets of a projection, states of its target and of its source.
    Projection(&'m model::Projection, &'m model::Population, Option<&'m model::Population>),
}

impl<'m> Scope<'m> {
    fn state(&self, index: usize) -> Option<Symbol> {
        match self {
            Scope::Network => None,
            Scope::Population(p) => p.states.get(index).map(|s| state_symbol(p, s)),
            Scope::Projection(p, ..) => p.states.get(index).map(|s| s.name.as_str().into()),
        }
    }

    fn input(&self, index: usize) -> Option<Symbol> {
        match self {
            Scope::Network => None,
            Scope::Population(p) => p.inputs.get(index).map(|i| i.name.as_str().into()),
            Scope::Projection(p, ..) => receptor::input(p, index),
        }
    }

    /// The symbol of a state that is being declared.
    fn symbol(&self, state: &model::State) -> Symbol {
        match self {
            Scope::Population(p) => state_symbol(p, state),
            Scope::Network | Scope::Projection(..) => state.name.as_str().into(),
        }
    }

    fn local(&self, index: usize) -> Option<&'m Expr> {
        match self {
            Scope::Network => None,
            Scope::Population(p) => p.lets.get(index).map(|l| &l.value),
            Scope::Projection(p, ..) => p.lets.get(index).map(|l| &l.value),
        }
    }
}

/// The symbol of a state of a population. A state with a dot, `Na.m` of a cell, has its population
/// before it: among the states of a population, `exc.g` is one of the projection `exc`.
fn state_symbol(population: &model::Population, state: &model::State) -> Symbol {
    match state.name.contains('.') {
        true => format!("{}.{}", population.name, state.name).into(),
        false => state.name.as_str().into(),
    }
}

fn unresolved() -> CompileError {
    Bug("the model refers to something that does not exist".into()).into()
}

impl Emitter<'_> {
    fn population(&mut self, p: &model::Population) -> Result<Population, CompileError> {
        let scope = Scope::Population(p);
        let mut inputs = Vec::new();
        for input in p.inputs.iter().filter(|input| input.present) {
            let external = self.graph.leaf(Op::External(input.name.as_str().into()));
            let sum = match &input.drive {
                Some(drive) => {
                    let drive = self.expression(drive, &scope)?;
                    self.graph.add(external, drive)
                }
                None => external,
            };
            let (name, unit) = (input.name.as_str().into(), input.quantity.coherent.clone());
            inputs.push(Input { name, unit, internal: false, sum });
        }
        let mut population = Population {
            name: p.name.as_str().into(),
            size: p.size,
            states: p.states.iter().map(|s| self.state(s, &scope)).collect::<Result<_, _>>()?,
            inputs,
            rules: vec![],
            spike_times: None,
            jumps: vec![],
            histories: vec![],
            recorded: vec![],
            method: p.method.as_ref().map(|m| method(m, &p.states)),
            spikes_change_states: false,
        };
        for rule in &p.rules {
            let event = rule.event.as_ref().map(|event| format!("{}.{event}", p.name).into());
            population.rules.push(SpikeRule { event, ..self.rule(rule, &scope)? });
        }
        self.histories(p, &mut population)?;
        self.recorded(p, &mut population)?;
        if let Some(times) = &p.spike_times {
            let step = |&(step, neuron): &(u64, u32)| {
                i64::try_from(step).map(|step| (step, i64::from(neuron))).map_err(|_| unresolved())
            };
            population.spike_times = Some(times.iter().map(step).collect::<Result<_, _>>()?);
        }
        Ok(population)
    }

    /// The states that have a past of their own: what reads it keeps as many steps of it as it needs. The end of the step
    /// before the first has the initial value.
    fn histories(&mut self, p: &model::Population, population: &mut Population) -> Result<(), CompileError> {
        for (written, state) in p.states.iter().zip(population.states.clone()) {
            let Some(past) = &written.past else { continue };
            let past = self.expression(past, &Scope::Network)?;
            let (time, zero) = (self.graph.leaf(Op::Time), self.graph.constant(0.0));
            let before = self.graph.node(Op::Less, &[time, zero]);
            let init = self.graph.select(before, past, state.init);
            let name = history_of(population, &state.name);
            let value = self.graph.leaf(Op::Get(state.name, Type::Real));
            population.histories.push(History { name, value, init, slots: 2, event: false });
        }
        Ok(())
    }

    /// What is recorded of a population and is no state, each once.
    fn recorded(&mut self, p: &model::Population, population: &mut Population) -> Result<(), CompileError> {
        for record in self.model.simulation.kept() {
            let RecordTarget::PopulationValue { population: owner, value, .. } = record else { continue };
            if !self.model.populations.get(owner.0).is_some_and(|owner| std::ptr::eq(owner, p)) {
                continue;
            }
            let name: Symbol = value.symbol(&p.name).into();
            if population.recorded.iter().all(|known| known.name != name) {
                let (unit, start) = (value.quantity.coherent.clone(), value.start);
                let value = self.expression(&value.value, &Scope::Population(p))?;
                population.recorded.push(Recorded { name, unit, value, start });
            }
        }
        Ok(())
    }

    fn rule(&mut self, rule: &model::SpikeRule, scope: &Scope) -> Result<SpikeRule, CompileError> {
        let condition = match rule.recovery {
            true => self.graph.leaf(Op::Recovered),
            false => self.expression(&rule.condition, scope)?,
        };
        let mut values = |list: &[(usize, Expr)]| {
            list.iter()
                .map(|(state, value)| {
                    let name = scope.state(*state).ok_or_else(unresolved)?;
                    Ok((name, self.expression(value, scope)?))
                })
                .collect::<Result<Vec<_>, CompileError>>()
        };
        let resets = values(&rule.updates)?;
        let refractory = match &rule.refractory {
            None => None,
            Some(pause) => {
                let clamp = values(&pause.clamp)?;
                let duration = self.expression(&pause.duration, scope)?;
                let (conditional, mut behind) = (pause.conditional, pause.behind);
                // Where it does not matter, it stands behind all.
                let later = &resets[behind..];
                let reads = |op: &Op| matches!(op, Op::Get(name, _) if later.iter().any(|r| r.0 == *name));
                if conditional || !self.graph.any(duration, reads) {
                    behind = resets.len();
                }
                let hold: Option<Vec<Symbol>> = pause.hold.iter().map(|&s| scope.state(s)).collect();
                Some(Refractory { duration, behind, conditional, hold: hold.ok_or_else(unresolved)?, clamp })
            }
        };
        Ok(SpikeRule {
            condition,
            silent: !rule.spikes,
            event: None,
            simultaneous: rule.simultaneous,
            resets,
            refractory,
        })
    }

    fn state(&mut self, s: &model::State, scope: &Scope) -> Result<State, CompileError> {
        Ok(State {
            name: scope.symbol(s),
            unit: s.quantity.coherent.clone(),
            init: match scope {
                // Of a synapse, it may follow from parameters of its neurons.
                Scope::Projection(..) => self.expression(&s.init, scope)?,
                // Of a neuron that stands for a synapse, it is known with the connections.
                _ if matches!(s.init, Expr::OfSynapse(_)) => self.graph.constant(0.0),
                _ => self.expression(&s.init, &Scope::Network)?,
            },
            internal: false,
            parameter: s.parameter,
            recorded: false,
            change: match (&s.derivative, &s.next) {
                (Some(derivative), _) => Change::Equation(self.expression(derivative, scope)?),
                (None, Some(next)) => Change::Advance(self.expression(next, scope)?, MAP.into()),
                (None, None) => Change::None,
            },
            method: match &s.derivative {
                Some(_) => s.method.map(|method| method_name(method).into()),
                None => None,
            },
            side: None,
        })
    }

    fn projection(&mut self, stream: i64, p: &model::Projection) -> Result<Projection, CompileError> {
        let target = &self.model.populations[p.target.0];
        let scope = Scope::Projection(p, target, self.source_of(p));
        let (connection, delay, rate) = self.connection(stream, p, target, &scope)?;
        let probability = match &p.source {
            Source::Population { connect, .. } => connect.probability.as_ref(),
            Source::Poisson { .. } => None,
        };
        let probability = probability.map(|e| self.expression(e, &scope)).transpose()?;
        let total = p.normalise.as_ref().map(|(_, total)| self.expression(total, &scope)).transpose()?;
        let chosen = match &p.source {
            Source::Population { connect, .. } => connect.chosen.as_ref(),
            Source::Poisson { .. } => None,
        };
        let choice = chosen.map(|chosen| self.expression(&chosen.value, &scope)).transpose()?;
        let mut events = Vec::new();
        for (updates, by_target) in [(&p.on_spike, false), (&p.on_post, true)] {
            for update in updates {
                let (state, post) = match update.target {
                    EventTarget::Own(s) => (scope.state(s).ok_or_else(unresolved)?, false),
                    EventTarget::Post(s) => (state_symbol(target, target.states.get(s).ok_or_else(unresolved)?), true),
                    EventTarget::Weight => ("weight".into(), false),
                };
                let weight = update.target == EventTarget::Weight;
                let (value, additive) = match &update.increment {
                    Some(increment) if !weight => (increment, true),
                    _ => (&update.value, false),
                };
                let value = self.expression(value, &scope)?;
                let after = update.after;
                events.push(Event { state, additive, post, weight, by_target, after, period: None, value });
            }
        }
        for (place, when) in (0..).zip(&p.periodic) {
            for update in &when.updates {
                let (state, weight) = match update.target {
                    EventTarget::Own(s) => (scope.state(s).ok_or_else(unresolved)?, false),
                    EventTarget::Weight => ("weight".into(), true),
                    EventTarget::Post(_) => return Err(unresolved()),
                };
                let (value, period) =
                    (self.expression(&update.value, &scope)?, Some((self::period(&when.period), place)));
                let (post, by_target, after) = (false, false, 0);
                events.push(Event { state, additive: false, post, weight, by_target, after, period, value });
            }
        }
        let weight_change = match &p.weight_derivative {
            Some(derivative) => Change::Equation(self.expression(derivative, &scope)?),
            None => Change::None,
        };
        let weight_bounds = match &p.weight_bounds {
            Some((low, high)) => Some((self.expression(low, &scope)?, self.expression(high, &scope)?)),
            None => None,
        };
        let mut outputs = Vec::new();
        for (input, value) in &p.outputs {
            let name = target.inputs.get(*input).ok_or_else(unresolved)?.name.as_str();
            outputs.push((name.into(), self.expression(value, &scope)?));
        }
        let mut kept: Vec<(usize, Symbol, String)> = Vec::new();
        for record in self.model.simulation.kept() {
            if let RecordTarget::ProjectionOutput { projection, output, .. } = *record
                && self.model.projections.get(projection).is_some_and(|owner| std::ptr::eq(owner, p))
                && kept.iter().all(|known| known.0 != output)
            {
                let (name, quantity) = p.output_names.get(output).ok_or_else(unresolved)?;
                kept.push((output, name.as_str().into(), quantity.coherent.clone()));
            }
        }
        let mut recorded: Vec<Recorded> = Vec::new();
        for record in self.model.simulation.kept() {
            let RecordTarget::ProjectionLet { projection, value, .. } = record else { continue };
            let name: Symbol = value.symbol(&p.name).into();
            let own = self.model.projections.get(*projection).is_some_and(|owner| std::ptr::eq(owner, p));
            if own && recorded.iter().all(|known| known.name != name) {
                let (unit, start) = (value.quantity.coherent.clone(), value.start);
                recorded.push(Recorded { name, unit, value: self.expression(&value.value, &scope)?, start });
            }
        }
        let mut states: Vec<State> = p.states.iter().map(|s| self.state(s, &scope)).collect::<Result<_, _>>()?;
        for record in self.model.simulation.kept() {
            if let RecordTarget::ProjectionState { projection, state, .. } = *record
                && self.model.projections.get(projection).is_some_and(|owner| std::ptr::eq(owner, p))
                && let Some(state) = states.get_mut(state)
            {
                state.recorded = true;
            }
        }
        let mut given = Vec::new();
        for one in &p.given {
            let population = self.model.populations.get(one.population.0).ok_or_else(unresolved)?;
            let state = population.states.get(one.state).ok_or_else(unresolved)?;
            let name = format!("{}.{}", population.name, state.name);
            given.push((name.into(), self.expression(&one.value, &scope)?));
        }
        Ok(Projection {
            connection,
            alignment: None,
            reason: None,
            weight: self.expression(&p.weight, &scope)?,
            weight_change,
            weight_method: p.weight_method.map(|method| method_name(method).into()),
            weight_bounds,
            sums: vec![],
            delay,
            probability,
            total,
            choice,
            rate,
            states,
            events,
            outputs,
            kept,
            given,
            recorded,
        })
    }

    fn connection(
        &mut self,
        stream: i64,
        p: &model::Projection,
        target: &model::Population,
        scope: &Scope,
    ) -> Result<(Connection, Option<Node>, Option<Node>), CompileError> {
        let populations = &self.model.populations;
        let listened = |event: Option<model::PopulationId>| event.map(|e| populations[e.0].name.as_str().into());
        let mut connection = Connection {
            name: p.name.as_str().into(),
            source: None,
            target: target.name.as_str().into(),
            source_event: listened(p.event),
            target_event: listened(p.post_event),
            rule: "poisson".into(),
            amount: 0.0,
            neighbours: 0,
            min_delay: 0,
            max_delay: 0,
            delayed: false,
            post_delays: (1, 1),
            stream,
            no_self: false,
            with_replacement: false,
            weight_per_synapse: p.weight_per_synapse,
            edges: vec![],
            parts: None,
            pairs: None,
            transposes: None,
            synapses_of: None,
            degrees: [None, None],
            symmetric: false,
            proportional: false,
            chosen: None,
            normalised: p.normalise.as_ref().map(|(end, _)| {
                let name = if *end == End::Target { "incoming" } else { "outgoing" };
                name.to_owned()
            }),
            plastic: p.is_plastic(),
            columns: !p.on_post.is_empty(),
        };
        connection.post_delays = match p.post_delay {
            Delay::None => (1, 1),
            Delay::Uniform(steps) => (steps.cast_signed(), steps.cast_signed()),
            Delay::PerSynapse { max_steps, .. } => (1, max_steps.cast_signed()),
        };
        match &p.source {
            Source::Poisson { rate } => {
                let rate = self.expression(rate, &Scope::Network)?;
                Ok((connection, None, Some(rate)))
            }
            Source::Population { population, connect, delay } => {
                connection.source = Some(self.model.populations[population.0].name.as_str().into());
                connection.no_self = !connect.allow_self && *population == p.target;
                connection.symmetric = connect.symmetric;
                connection.proportional = connect.proportional;
                connection.chosen = match &connect.chosen {
                    Some(chosen) => {
                        let whole = |n: u64| i64::try_from(n).map_err(|_| unresolved());
                        Some([whole(chosen.number)?, whole(chosen.of)?])
                    }
                    None => None,
                };
                for (end, (state, population)) in p.degrees.into_iter().zip([*population, p.target]).enumerate() {
                    let Some(state) = state else { continue };
                    let population = populations.get(population.0).ok_or_else(unresolved)?;
                    let state = population.states.get(state).ok_or_else(unresolved)?;
                    connection.degrees[end] = Some(format!("{}.{}", population.name, state.name).into());
                }
                let whole = |n: u64| i64::try_from(n).map_err(|_| unresolved());
                if let Some(first) = connect.same_as {
                    connection.stream = whole(first as u64)?;
                }
                if let Some([(a, m), (b, n)]) = connect.parts {
                    connection.parts = Some([whole(a)?, whole(m)?, whole(b)?, whole(n)?]);
                }
                (connection.rule, connection.amount, connection.with_replacement) = match connect.rule {
                    Rule::AllToAll => ("all_to_all".into(), 0.0, false),
                    Rule::OneToOne => ("one_to_one".into(), 0.0, false),
                    Rule::Explicit { .. } => ("explicit".into(), 0.0, false),
                    Rule::FixedProbability(p) => ("fixed_probability".into(), p, false),
                    Rule::FixedInDegree { degree, with_replacement } => {
                        ("fixed_in_degree".into(), degree as f64, with_replacement)
                    }
                    Rule::FixedOutDegree { degree, with_replacement } => {
                        ("fixed_out_degree".into(), degree as f64, with_replacement)
                    }
                    Rule::FixedTotal { total, with_replacement } => {
                        ("fixed_total".into(), total as f64, with_replacement)
                    }
                    Rule::Transposed { of } => {
                        let of = self.model.projections.get(of).ok_or_else(unresolved)?;
                        connection.transposes = Some(of.name.as_str().into());
                        ("transposed".into(), 0.0, false)
                    }
                    Rule::OfSynapses { of, end, from_synapses } => {
                        let of = self.model.projections.get(of).ok_or_else(unresolved)?;
                        connection.synapses_of = Some(of.name.as_str().into());
                        let name = match (end, from_synapses) {
                            (End::Source, false) => "source_to_synapse",
                            (End::Source, true) => "synapse_to_source",
                            (End::Target, false) => "target_to_synapse",
                            (End::Target, true) => "synapse_to_target",
                        };
                        (name.into(), 0.0, false)
                    }
                    Rule::Pairwise { mean } => ("pairwise".into(), mean, false),
                    Rule::SmallWorld { degree, rewired, undirected } => {
                        connection.neighbours = whole(degree)?;
                        let name = if undirected { "small_world_undirected" } else { "small_world" };
                        (name.into(), rewired, false)
                    }
                    Rule::ScaleFree { edges, growth } => match growth {
                        Growth::Preference => ("scale_free".into(), edges as f64, false),
                        Growth::Triads { probability } => {
                            connection.edges = vec![whole(edges)?];
                            ("scale_free_triads".into(), probability, false)
                        }
                        Growth::Dual { otherwise, probability } => {
                            connection.edges = vec![whole(edges)?, whole(otherwise)?];
                            ("scale_free_dual".into(), probability, false)
                        }
                    },
                };
                if let Rule::Explicit { list } = connect.rule {
                    let pairs = self.model.pairs.get(list).ok_or_else(unresolved)?;
                    connection.pairs = Some(self.arrays.pairs(&p.name, pairs)?);
                    connection.amount = pairs.entries.len() as f64;
                }
                let mut per_synapse = None;
                connection.delayed = !matches!(delay, Delay::None);
                (connection.min_delay, connection.max_delay) = match delay {
                    Delay::None => (1, 1),
                    Delay::Uniform(n) => (whole(*n)?, whole(*n)?),
                    Delay::PerSynapse { value, max_steps } => {
                        per_synapse = Some(self.expression(value, scope)?);
                        (1, whole(*max_steps)?)
                    }
                };
                Ok((connection, per_synapse, None))
            }
        }
    }

    fn expression(&mut self, e: &Expr, scope: &Scope) -> Result<Node, CompileError> {
        Ok(match e {
            Expr::PairIndex => self.graph.leaf(Op::PairIndex),
            Expr::Element(element) => {
                let place = |p: &Expr| self.expression(&arrays::index(p, false), scope);
                let places = element.places.iter().map(place).collect::<Result<Vec<_>, _>>()?;
                let name = self.arrays.data(&element.data, self.real)?;
                arrays::counts_to_the_end(element, self.real)?;
                self.graph.node(Op::Element(name), &places)
            }
            Expr::Within(x, last) => {
                let x = self.expression(x, scope)?;
                let rounded = matches!(self.graph.op(x), Op::Floor | Op::Ceil | Op::Round);
                let whole = if rounded { x } else { self.graph.node(Op::Round, &[x]) };
                let (zero, last) = (self.graph.constant(0.0), self.graph.constant(f64::from(*last)));
                // What is no number is not above 0, and comes to it.
                let above = self.graph.node(Op::Greater, &[whole, zero]);
                let low = self.graph.select(above, whole, zero);
                self.graph.node(Op::Min, &[low, last])
            }
            Expr::TimeIndex { clock, every, ahead, last } => {
                let clock = Clock::from(*clock);
                self.graph.leaf(Op::TimeIndex { clock, every: *every, ahead: *ahead, last: *last })
            }
            Expr::Due(when) => self.graph.leaf(period(when).due()),
            Expr::TimeFraction(clock, every) => self.graph.leaf(Op::TimeFraction((*clock).into(), *every)),
            Expr::Number(value) => self.graph.constant(*value),
            Expr::Bool(value) => self.graph.leaf(Op::Truth(*value)),
            Expr::Parameter(id) => {
                let name = self.model.parameters[id.0].name.as_str().into();
                self.graph.leaf(Op::Scalar(name, Type::Real))
            }
            Expr::State(index) => {
                let name = scope.state(*index).ok_or_else(unresolved)?;
                self.graph.leaf(Op::Get(name, Type::Real))
            }
            Expr::Input(index) => {
                let name = scope.input(*index).ok_or_else(unresolved)?;
                self.graph.leaf(Op::Get(name, Type::Real))
            }
            Expr::Let(index) => {
                let value = scope.local(*index).ok_or_else(unresolved)?;
                let place = std::ptr::from_ref(value);
                if let Some(&known) = self.locals.get(&place) {
                    return Ok(known);
                }
                let node = self.expression(value, scope)?;
                self.locals.insert(place, node);
                node
            }
            Expr::PostState(index) => {
                let Scope::Projection(_, target, _) = scope else { return Err(unresolved()) };
                let name = state_symbol(target, target.states.get(*index).ok_or_else(unresolved)?);
                self.graph.leaf(Op::Post(name))
            }
            Expr::PreState(index) => {
                let Scope::Projection(_, _, Some(source)) = scope else { return Err(unresolved()) };
                let name = state_symbol(source, source.states.get(*index).ok_or_else(unresolved)?);
                self.graph.leaf(Op::Pre(name))
            }
            Expr::Weight => self.graph.leaf(Op::WeightValue),
            Expr::Time => self.graph.leaf(Op::Time),
            Expr::Index => self.graph.leaf(Op::Index),
            Expr::SourceIndex => self.graph.leaf(Op::SourceIndex),
            Expr::Unary(op, x) => {
                let x = self.expression(x, scope)?;
                self.graph.node(if *op == UnaryOp::Negate { Op::Neg } else { Op::Not }, &[x])
            }
            Expr::Binary(op, x, y) => {
                let (x, y) = (self.expression(x, scope)?, self.expression(y, scope)?);
                self.graph.node(binary(*op), &[x, y])
            }
            Expr::Call(f, arguments) => {
                let x = arguments.iter().map(|a| self.expression(a, scope)).collect::<Result<Vec<_>, _>>()?;
                self.call(*f, &x)
            }
            Expr::If(c, x, y) => {
                let c = self.expression(c, scope)?;
                let (x, y) = (self.expression(x, scope)?, self.expression(y, scope)?);
                self.graph.select(c, x, y)
            }
            Expr::OfSynapse(_) => return Err(unresolved()),
            Expr::Start(value) => {
                let value = self.expression(value, scope)?;
                let mut before = HashMap::new();
                for leaf in self.graph.order(&[value]) {
                    if let Op::Get(name, _) = self.graph.op(leaf).clone() {
                        before.insert(leaf, self.graph.leaf(Op::Previous(name)));
                    }
                }
                self.graph.substitute(value, &before)
            }
            Expr::NeuronDraw { stream, of_source } => {
                self.graph.leaf(Op::NeuronDraw { stream: *stream, of_source: *of_source })
            }
            Expr::Delayed(index, steps) => {
                let name = scope.state(*index).ok_or_else(unresolved)?;
                self.graph.leaf(Op::Delayed(name, *steps))
            }
            Expr::Noise(stream) => self.graph.leaf(Op::Noise(*stream)),
            Expr::Random(d, arguments, stream) => {
                let x = arguments.iter().map(|a| self.expression(a, scope)).collect::<Result<Vec<_>, _>>()?;
                let distribution = match d {
                    model::Distribution::Beta => return Ok(self.beta(&x, *stream)),
                    model::Distribution::TruncatedNormal => Distribution::TruncatedNormal,
                    model::Distribution::Uniform => Distribution::Uniform,
                    model::Distribution::Normal => Distribution::Normal,
                    model::Distribution::Exponential => Distribution::Exponential,
                    model::Distribution::LogNormal => Distribution::LogNormal,
                    model::Distribution::Poisson => Distribution::Count,
                    model::Distribution::Binomial => Distribution::Binomial,
                    model::Distribution::Bernoulli => Distribution::Bernoulli,
                    model::Distribution::Gamma => Distribution::Gamma,
                };
                self.graph.node(Op::Random(distribution, *stream), &x)
            }
        })
    }
}

fn period(written: &model::Period) -> Period {
    Period { every: written.every, start: written.start }
}

fn method(integrator: &model::Integrator, states: &[model::State]) -> Method {
    let settings = integrator.settings.iter().map(|setting| match *setting {
        model::IntegratorSetting::Tolerance(value) => ("tolerance".into(), None, value),
        model::IntegratorSetting::Limit(value) => ("limit".into(), None, f64::from(value)),
        model::IntegratorSetting::Scale(state, value) => {
            ("scale".into(), Some(states[state].name.as_str().into()), value)
        }
    });
    Method { name: method_name(integrator.method).into(), settings: settings.collect() }
}

fn method_name(method: model::Method) -> &'static str {
    match method {
        model::Method::Exact => "exact",
        model::Method::ExponentialEuler => "exponential_euler",
        model::Method::Euler => "euler",
        model::Method::Midpoint => "midpoint",
        model::Method::Heun => "heun",
        model::Method::RungeKutta4 => "rk4",
        model::Method::DormandPrince => "dormand_prince",
        model::Method::Fehlberg => "rkf45",
        model::Method::ImplicitEuler => "implicit_euler",
        model::Method::Rosenbrock => "rosenbrock",
        model::Method::ExponentialRosenbrock => "exponential_rosenbrock",
        model::Method::Hines => "hines",
        model::Method::Milstein => "milstein",
        model::Method::StratonovichHeun => "stratonovich_heun",
    }
}

fn binary(op: BinaryOp) -> Op {
    match op {
        BinaryOp::Add => Op::Add,
        BinaryOp::Subtract => Op::Sub,
        BinaryOp::Multiply => Op::Mul,
        BinaryOp::Divide => Op::Div,
        BinaryOp::Power => Op::Pow,
        BinaryOp::Less => Op::Less,
        BinaryOp::LessEqual => Op::LessEqual,
        BinaryOp::Greater => Op::Greater,
        BinaryOp::GreaterEqual => Op::GreaterEqual,
        BinaryOp::Equal => Op::Equal,
        BinaryOp::NotEqual => Op::NotEqual,
        BinaryOp::And => Op::And,
        BinaryOp::Or => Op::Or,
    }
}

impl Emitter<'_> {
    /// A number of the beta distribution: the share of one of two numbers of gamma distributions in their sum. Where both
    /// are too small to be told from 0, which of them is by far the larger one is drawn.
    fn beta(&mut self, shapes: &[Node], stream: u32) -> Node {
        let (zero, one) = (self.graph.constant(0.0), self.graph.constant(1.0));
        let g = &mut self.graph;
        let [a, b] =
            [0, 1].map(|k: u32| g.node(Op::Random(Distribution::Gamma, stream + k), &[shapes[k as usize], one]));
        let sum = g.add(a, b);
        let share = g.node(Op::Div, &[a, sum]);
        let all = g.add(shapes[0], shapes[1]);
        let chance = g.node(Op::Div, &[shapes[0], all]);
        let coin = g.node(Op::Random(Distribution::Bernoulli, stream + 2), &[chance]);
        let nothing = g.node(Op::Equal, &[sum, zero]);
        g.select(nothing, coin, share)
    }

    fn call(&mut self, f: Function, x: &[Node]) -> Node {
        let zero = self.graph.constant(0.0);
        match f {
            Function::Sign => {
                // What is neither below zero nor above is zero or NaN, and stays.
                let (one, minus) = (self.graph.constant(1.0), self.graph.constant(-1.0));
                let negative = self.graph.node(Op::Less, &[x[0], zero]);
                let positive = self.graph.node(Op::Greater, &[x[0], zero]);
                let below = self.graph.select(negative, minus, x[0]);
                self.graph.select(positive, one, below)
            }
            Function::Trunc => {
                let (down, up) = (self.graph.node(Op::Floor, x), self.graph.node(Op::Ceil, x));
                let negative = self.graph.node(Op::Less, &[x[0], zero]);
                self.graph.select(negative, up, down)
            }
            _ => self.graph.node(function(f), x),
        }
    }
}

fn function(f: Function) -> Op {
    match f {
        Function::Log10 => Op::Log10,
        Function::Log2 => Op::Log2,
        Function::Atan => Op::Atan,
        Function::Asin => Op::Asin,
        Function::Acos => Op::Acos,
        Function::Atan2 => Op::Atan2,
        Function::Mod => Op::Modulo,
        Function::Round => Op::Round,
        Function::Sign | Function::Trunc => unreachable!("put together from others"),
        Function::Exp => Op::Exp,
        Function::Expm1 => Op::Expm1,
        Function::Log => Op::Log,
        Function::Log1p => Op::Log1p,
        Function::Sqrt => Op::Sqrt,
        Function::Sin => Op::Sin,
        Function::Cos => Op::Cos,
        Function::Tan => Op::Tan,
        Function::Sinh => Op::Sinh,
        Function::Cosh => Op::Cosh,
        Function::Tanh => Op::Tanh,
        Function::Erf => Op::Erf,
        Function::Exprel => Op::Exprel,
        Function::Sigmoid => Op::Sigmoid,
        Function::Abs => Op::Abs,
        Function::Min => Op::Min,
        Function::Max => Op::Max,
        Function::Floor => Op::Floor,
        Function::Ceil => Op::Ceil,
    }
}
