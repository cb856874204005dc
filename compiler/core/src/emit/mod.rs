//! Checked model to dynamics dialect.
//!
//! In: a [`Model`], every name resolved, units erased. Out: a [`Network`] of model operations, one
//! for each population and projection, nothing chosen yet: no alignment, no integrator. What the
//! dialect cannot express yet is refused here, at its place in the source.

use crate::ir::{
    Change, Connection, Distribution, Event, Graph, Input, Network, Node, Op, Parameter, Population, Precision,
    Projection, State, Symbol, Type,
};
use crate::{Bug, CompileError};
use bpc_sema::model::{self, BinaryOp, Delay, EventTarget, Expr, Function, Model, Rule, Source, UnaryOp};

/// Emits a model.
///
/// # Errors
/// [`CompileError::Unsupported`] with the place, or a [`Bug`].
pub fn emit(model: &Model, real: Precision) -> Result<Network, CompileError> {
    let mut emitter = Emitter { model, graph: Graph::default() };
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
    let populations = model.populations.iter().map(|p| emitter.population(p)).collect::<Result<_, _>>()?;
    let projections = (0..).zip(&model.projections).map(|(i, p)| emitter.projection(i, p)).collect::<Result<_, _>>()?;
    Ok(Network {
        name: model.network.as_str().into(),
        dt: model.simulation.dt,
        real,
        narrowed: false,
        parameters,
        populations,
        projections,
        buffers: vec![],
        feeds: vec![],
        connections: vec![],
        derived: vec![],
        initialise: vec![],
        synapse_states: vec![],
        synapses: vec![],
        edges: vec![],
        after_spike: vec![],
        updates: vec![],
        graph: emitter.graph,
    })
}

struct Emitter<'m> {
    model: &'m Model,
    graph: Graph,
}

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
    fn state(&self, index: usize) -> Option<&'m str> {
        match self {
            Scope::Network => None,
            Scope::Population(p) => p.states.get(index).map(|s| s.name.as_str()),
            Scope::Projection(p, ..) => p.states.get(index).map(|s| s.name.as_str()),
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

fn unresolved() -> CompileError {
    Bug("the model refers to something that does not exist".into()).into()
}

impl Emitter<'_> {
    fn population(&mut self, p: &model::Population) -> Result<Population, CompileError> {
        let scope = Scope::Population(p);
        let mut inputs = Vec::new();
        for input in &p.inputs {
            let external = self.graph.leaf(Op::External(input.name.as_str().into()));
            let sum = match &input.drive {
                Some(drive) => {
                    let drive = self.expression(drive, &scope)?;
                    self.graph.add(external, drive)
                }
                None => external,
            };
            inputs.push(Input { name: input.name.as_str().into(), unit: input.quantity.coherent.clone(), sum });
        }
        let mut population = Population {
            name: p.name.as_str().into(),
            size: p.size,
            states: p.states.iter().map(|s| self.state(s, &scope)).collect::<Result<_, _>>()?,
            inputs,
            threshold: None,
            resets: vec![],
            jumps: vec![],
            histories: vec![],
            refractory: None,
            method: p.method.map(|m| method(m).into()),
            spikes_change_states: false,
        };
        if let Some(rule) = &p.spike {
            population.threshold = Some(self.expression(&rule.condition, &scope)?);
            for (state, value) in &rule.updates {
                let name: Symbol = scope.state(*state).ok_or_else(unresolved)?.into();
                population.resets.push((name, self.expression(value, &scope)?));
            }
            if let Some(refractory) = &rule.refractory {
                let duration = self.expression(&refractory.duration, &Scope::Network)?;
                let hold: Option<Vec<Symbol>> =
                    refractory.hold.iter().map(|&s| scope.state(s).map(Into::into)).collect();
                population.refractory = Some((duration, hold.ok_or_else(unresolved)?));
            }
        }
        Ok(population)
    }

    fn state(&mut self, s: &model::State, scope: &Scope) -> Result<State, CompileError> {
        Ok(State {
            name: s.name.as_str().into(),
            unit: s.quantity.coherent.clone(),
            init: self.expression(&s.init, &Scope::Network)?,
            internal: false,
            change: match &s.derivative {
                Some(derivative) => Change::Equation(self.expression(derivative, scope)?),
                None => Change::None,
            },
            side: None,
        })
    }

    fn projection(&mut self, stream: i64, p: &model::Projection) -> Result<Projection, CompileError> {
        let target = &self.model.populations[p.target.0];
        let source = match p.source {
            Source::Population { population, .. } => Some(&self.model.populations[population.0]),
            Source::Poisson { .. } => None,
        };
        let scope = Scope::Projection(p, target, source);
        let (connection, delay, rate) = self.connection(stream, p, target)?;
        let mut events = Vec::new();
        for (updates, by_target) in [(&p.on_spike, false), (&p.on_post, true)] {
            for update in updates {
                let (state, post) = match update.target {
                    EventTarget::Own(s) => (scope.state(s).ok_or_else(unresolved)?, false),
                    EventTarget::Post(s) => (target.states.get(s).ok_or_else(unresolved)?.name.as_str(), true),
                    EventTarget::Weight => ("weight", false),
                };
                let weight = update.target == EventTarget::Weight;
                let (value, additive) = match &update.increment {
                    Some(increment) if !weight => (increment, true),
                    _ => (&update.value, false),
                };
                let value = self.expression(value, &scope)?;
                events.push(Event { state: state.into(), additive, post, weight, by_target, value });
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
        Ok(Projection {
            connection,
            alignment: None,
            reason: None,
            weight: self.expression(&p.weight, &Scope::Network)?,
            weight_change,
            weight_bounds,
            sums: vec![],
            delay,
            rate,
            states: p.states.iter().map(|s| self.state(s, &scope)).collect::<Result<_, _>>()?,
            events,
            outputs,
        })
    }

    fn connection(
        &mut self,
        stream: i64,
        p: &model::Projection,
        target: &model::Population,
    ) -> Result<(Connection, Option<Node>, Option<Node>), CompileError> {
        let mut connection = Connection {
            name: p.name.as_str().into(),
            source: None,
            target: target.name.as_str().into(),
            rule: "poisson".into(),
            amount: 0.0,
            min_delay: 0,
            max_delay: 0,
            stream,
            no_self: false,
            with_replacement: false,
            weight_per_synapse: p.weight_per_synapse,
            plastic: p.is_plastic(),
            columns: !p.on_post.is_empty(),
        };
        match &p.source {
            Source::Poisson { rate } => {
                if p.weight_per_synapse {
                    let text = "a weight that is drawn anew for every event of a Poisson source".into();
                    return Err(CompileError::Unsupported { text, span: p.span });
                }
                let rate = self.expression(rate, &Scope::Network)?;
                Ok((connection, None, Some(rate)))
            }
            Source::Population { population, connect, delay } => {
                connection.source = Some(self.model.populations[population.0].name.as_str().into());
                connection.no_self = !connect.allow_self && *population == p.target;
                (connection.rule, connection.amount, connection.with_replacement) = match connect.rule {
                    Rule::AllToAll => ("all_to_all".into(), 0.0, false),
                    Rule::OneToOne => ("one_to_one".into(), 0.0, false),
                    Rule::FixedProbability(p) => ("fixed_probability".into(), p, false),
                    Rule::FixedInDegree { degree, with_replacement } => {
                        ("fixed_in_degree".into(), degree as f64, with_replacement)
                    }
                    Rule::FixedOutDegree { degree, with_replacement } => {
                        ("fixed_out_degree".into(), degree as f64, with_replacement)
                    }
                };
                let steps = |n: u64| i64::try_from(n).map_err(|_| unresolved());
                let mut per_synapse = None;
                (connection.min_delay, connection.max_delay) = match delay {
                    Delay::None => (1, 1),
                    Delay::Uniform(n) => (steps(*n)?, steps(*n)?),
                    Delay::PerSynapse { value, max_steps } => {
                        per_synapse = Some(self.expression(value, &Scope::Network)?);
                        (1, steps(*max_steps)?)
                    }
                };
                // A coupling without events sees the source as it was a delay before the step: what
                // was written at the end of the step before is the present.
                if p.on_spike.is_empty() && !matches!(delay, Delay::None) {
                    connection.max_delay += 1;
                    match per_synapse {
                        None => connection.min_delay += 1,
                        Some(value) => {
                            let step = self.graph.constant(self.model.simulation.dt);
                            per_synapse = Some(self.graph.add(value, step));
                        }
                    }
                }
                Ok((connection, per_synapse, None))
            }
        }
    }

    fn expression(&mut self, e: &Expr, scope: &Scope) -> Result<Node, CompileError> {
        Ok(match e {
            Expr::Number(value) => self.graph.constant(*value),
            Expr::Bool(value) => self.graph.leaf(Op::Truth(*value)),
            Expr::Parameter(id) => {
                let name = self.model.parameters[id.0].name.as_str().into();
                self.graph.leaf(Op::Scalar(name, Type::Real))
            }
            Expr::State(index) => {
                let name = scope.state(*index).ok_or_else(unresolved)?.into();
                self.graph.leaf(Op::Get(name, Type::Real))
            }
            Expr::Input(index) => {
                let Scope::Population(p) = scope else { return Err(unresolved()) };
                let name = p.inputs.get(*index).ok_or_else(unresolved)?.name.as_str().into();
                self.graph.leaf(Op::Get(name, Type::Real))
            }
            Expr::Let(index) => {
                let value = scope.local(*index).ok_or_else(unresolved)?;
                self.expression(value, scope)?
            }
            Expr::PostState(index) => {
                let Scope::Projection(_, target, _) = scope else { return Err(unresolved()) };
                let name = target.states.get(*index).ok_or_else(unresolved)?.name.as_str().into();
                self.graph.leaf(Op::Post(name))
            }
            Expr::PreState(index) => {
                let Scope::Projection(_, _, Some(source)) = scope else { return Err(unresolved()) };
                let name = source.states.get(*index).ok_or_else(unresolved)?.name.as_str().into();
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
                self.graph.node(function(*f), &x)
            }
            Expr::If(c, x, y) => {
                let c = self.expression(c, scope)?;
                let (x, y) = (self.expression(x, scope)?, self.expression(y, scope)?);
                self.graph.select(c, x, y)
            }
            Expr::Noise(stream) => self.graph.leaf(Op::Noise(*stream)),
            Expr::Random(d, arguments, stream) => {
                let x = arguments.iter().map(|a| self.expression(a, scope)).collect::<Result<Vec<_>, _>>()?;
                let distribution = match d {
                    model::Distribution::Uniform => Distribution::Uniform,
                    model::Distribution::Normal => Distribution::Normal,
                    model::Distribution::Exponential => Distribution::Exponential,
                    model::Distribution::LogNormal => Distribution::LogNormal,
                };
                self.graph.node(Op::Random(distribution, *stream), &x)
            }
        })
    }
}

fn method(method: model::Method) -> &'static str {
    match method {
        model::Method::Exact => "exact",
        model::Method::ExponentialEuler => "exponential_euler",
        model::Method::Euler => "euler",
        model::Method::Midpoint => "midpoint",
        model::Method::Heun => "heun",
        model::Method::RungeKutta4 => "rk4",
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

fn function(f: Function) -> Op {
    match f {
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
