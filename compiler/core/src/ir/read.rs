//! Dialect to data: a `dynamics.network` as a [`Network`].

use super::dense;
use super::expression::{Age, Graph, Node, Op, Symbol, Type};
use super::functions::{COMPARISONS, PLAIN};
use super::{
    AfterSpike, Buffer, Change, Clock, Connection, Data, Distribution, EDGES, Edge, Event, Feed, History, Input, Jump,
    Method, Network, Pairs, Parameter, Period, Population, Precision, Projection, Recorded, Refractory, SIDES, Sink,
    SpikeRule, State, SynapseState, Update,
};
use crate::Bug;
use melior::ir::RegionLike;
use melior::ir::attribute::{
    ArrayAttribute, DenseI64ArrayAttribute, FlatSymbolRefAttribute, FloatAttribute, IntegerAttribute, StringAttribute,
    TypeAttribute,
};
use melior::ir::block::BlockLike;
use melior::ir::operation::{OperationLike, OperationRef};
use melior::ir::{Attribute, BlockRef, Module, Type as MlirType, TypeLike, Value, ValueLike};
use std::collections::HashMap;

/// Reads the one network of a module.
///
/// # Errors
/// If there is none or more than one, or something in it does not belong there.
pub fn read(module: &Module) -> Result<Network, Bug> {
    let networks: Vec<OperationRef> =
        operations(module.body()).into_iter().filter(|o| name(*o) == "dynamics.network").collect();
    match networks[..] {
        [network] => Reader::default().network(network),
        _ => Err(Bug(format!("a module must hold one dynamics.network, this one has {}", networks.len()))),
    }
}

#[derive(Default)]
struct Reader {
    graph: Graph,
}

fn operations<'c, 'a>(block: BlockRef<'c, 'a>) -> Vec<OperationRef<'c, 'a>> {
    let mut list = Vec::new();
    let mut next = block.first_operation();
    while let Some(operation) = next {
        list.push(operation);
        next = operation.next_in_block();
    }
    list
}

fn name(operation: OperationRef) -> String {
    operation.name().as_string_ref().as_str().unwrap_or_default().to_string()
}

fn bad(operation: OperationRef, what: &str) -> Bug {
    Bug(format!("{} {what}", name(operation)))
}

fn attribute<'c>(operation: OperationRef<'c, '_>, key: &str) -> Result<Attribute<'c>, Bug> {
    operation.attribute(key).map_err(|_| bad(operation, &format!("has no attribute {key}")))
}

fn symbol(operation: OperationRef, key: &str) -> Result<Symbol, Bug> {
    let a = attribute(operation, key)?;
    if let Ok(s) = FlatSymbolRefAttribute::try_from(a) {
        return Ok(s.value().into());
    }
    Ok(string(operation, key)?.as_str().into())
}

fn string(operation: OperationRef, key: &str) -> Result<String, Bug> {
    let a = StringAttribute::try_from(attribute(operation, key)?);
    Ok(a.map_err(|_| bad(operation, &format!("has a {key} that is no text")))?.value().to_string())
}

fn float(operation: OperationRef, key: &str) -> Result<f64, Bug> {
    let a = FloatAttribute::try_from(attribute(operation, key)?);
    Ok(a.map_err(|_| bad(operation, &format!("has a {key} that is no number")))?.value())
}

fn integer(operation: OperationRef, key: &str) -> Result<i64, Bug> {
    let a = IntegerAttribute::try_from(attribute(operation, key)?);
    Ok(a.map_err(|_| bad(operation, &format!("has a {key} that is no whole number")))?.value())
}

/// Of an operation that reads one.
fn clock(operation: OperationRef) -> Result<Clock, Bug> {
    let given = |key| if operation.has_attribute(key) { integer(operation, key) } else { Ok(0) };
    let cycle = u64::try_from(given("cycle")?).map_err(|_| bad(operation, "has a negative cycle"))?;
    Ok(Clock { shift: given("shift")?, cycle, offset: given("offset")? })
}

/// Of an operation that has one.
fn period(operation: OperationRef) -> Result<Period, Bug> {
    let start = if operation.has_attribute("start") { whole(operation, "start")? } else { 0 };
    Ok(Period { every: whole(operation, "every")?, start })
}

fn whole(operation: OperationRef, key: &str) -> Result<u64, Bug> {
    u64::try_from(integer(operation, key)?).map_err(|_| bad(operation, &format!("has a negative {key}")))
}

fn body<'c, 'a>(operation: OperationRef<'c, 'a>) -> Result<Option<BlockRef<'c, 'a>>, Bug> {
    Ok(operation.region(0).map_err(|_| bad(operation, "has no region"))?.first_block())
}

fn ty(t: MlirType) -> Type {
    if t.is_integer() {
        let text = t.to_string();
        if text == "i1" { Type::Bool } else { Type::Int }
    } else {
        Type::Real
    }
}

fn type_attribute<'c>(operation: OperationRef<'c, '_>, key: &str) -> Result<MlirType<'c>, Bug> {
    let a = TypeAttribute::try_from(attribute(operation, key)?);
    Ok(a.map_err(|_| bad(operation, &format!("has a {key} that is no type")))?.value())
}

impl Reader {
    fn network(mut self, operation: OperationRef) -> Result<Network, Bug> {
        let real =
            if type_attribute(operation, "real")?.to_string() == "f32" { Precision::F32 } else { Precision::F64 };
        let mut network = Network {
            name: symbol(operation, "sym_name")?,
            dt: float(operation, "dt")?,
            real,
            narrowed: operation.has_attribute("narrowed"),
            graph: Graph::default(),
            data: vec![],
            pairs: vec![],
            parameters: vec![],
            populations: vec![],
            projections: vec![],
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
        };
        for inner in body(operation)?.map(operations).unwrap_or_default() {
            self.member(inner, &mut network)?;
        }
        network.graph = self.graph;
        Ok(network)
    }

    fn member(&mut self, operation: OperationRef, network: &mut Network) -> Result<(), Bug> {
        match name(operation).as_str() {
            "dynamics.data" => {
                let read = dense::read::<f64>(attribute(operation, "values")?, "f64");
                let (shape, values) = read.ok_or_else(|| bad(operation, "has values that are no dense f64"))?;
                network.data.push(Data { name: symbol(operation, "sym_name")?, shape, values: values.into() });
            }
            "dynamics.pairs" => {
                let read = dense::read::<i32>(attribute(operation, "entries")?, "i32");
                let (_, entries) = read.ok_or_else(|| bad(operation, "has entries that are no dense i32"))?;
                network.pairs.push(Pairs { name: symbol(operation, "sym_name")?, entries: entries.into() });
            }
            "dynamics.parameter" => network.parameters.push(Parameter {
                name: symbol(operation, "sym_name")?,
                default: float(operation, "default_value")?,
                unit: string(operation, "unit")?,
                factor: float(operation, "factor")?,
                nonzero: operation.has_attribute("nonzero"),
                value: match body(operation)? {
                    Some(block) => Some(self.yielded(block)?),
                    None => None,
                },
            }),
            "dynamics.population" => {
                let population = self.population(operation)?;
                network.populations.push(population);
            }
            "dynamics.projection" => {
                let projection = self.projection(operation)?;
                network.projections.push(projection);
            }
            "dynamics.buffer" => network.buffers.push(Buffer {
                name: symbol(operation, "sym_name")?,
                population: symbol(operation, "population")?,
                element: ty(type_attribute(operation, "element")?),
                unit: string(operation, "unit")?,
                internal: operation.has_attribute("internal"),
                slots: match operation.has_attribute("slots") {
                    true => count(operation, "slots")?,
                    false => 1,
                },
            }),
            "dynamics.synapse_state" => network.synapse_states.push(SynapseState {
                name: symbol(operation, "sym_name")?,
                connection: symbol(operation, "connection")?,
                unit: string(operation, "unit")?,
                internal: operation.has_attribute("internal"),
                given_to: reference(operation, "given_to")?,
            }),
            "dynamics.after_spike" => {
                let writes = self.named_sinks(operation)?;
                let delay = if operation.has_attribute("delay") { count(operation, "delay")? } else { 1 };
                network.after_spike.push(AfterSpike { population: symbol(operation, "population")?, delay, writes });
            }
            "dynamics.at_spike" => {
                let writes = self.named_sinks(operation)?;
                network.at_spike.push((symbol(operation, "population")?, writes));
            }
            "dynamics.feed" => network.feeds.push(Feed {
                name: symbol(operation, "sym_name")?,
                population: symbol(operation, "population")?,
                unit: string(operation, "unit")?,
            }),
            "dynamics.connection" => network.connections.push(connection(operation)?),
            "dynamics.derive" => {
                for (sink, node) in self.sinks(operation)? {
                    let element = ty(type_attribute(sink, "element")?);
                    network.derived.push((symbol(sink, "sym_name")?, element, node));
                }
            }
            "dynamics.initialise" => {
                let writes = self.named_sinks(operation)?;
                network.initialise.push((symbol(operation, "population")?, writes));
            }
            "dynamics.coefficients" => {
                let writes = self.named_sinks(operation)?;
                network.coefficients.push((symbol(operation, "population")?, writes));
            }
            "dynamics.synapses" => {
                let block = body(operation)?.ok_or_else(|| bad(operation, "is empty"))?;
                let value = self.yielded(block)?;
                network.synapses.push((symbol(operation, "projection")?, string(operation, "value")?, value));
            }
            "dynamics.update" => {
                let population = symbol(operation, "population")?;
                let mut update = Update { population, writes: vec![], records: vec![], emit: vec![] };
                for (sink, node) in self.sinks(operation)? {
                    match name(sink).as_str() {
                        "dynamics.emit" => {
                            let of = reference(sink, "events")?.unwrap_or_else(|| update.population.clone());
                            update.emit.push((of, node));
                        }
                        "dynamics.record" => update.records.push((symbol(sink, "buffer")?, node)),
                        _ => update.writes.push((symbol(sink, "buffer")?, node)),
                    }
                }
                network.updates.push(update);
            }
            other => {
                let Some((kind, _)) = EDGES.iter().find(|e| e.1 == other) else {
                    return Err(Bug(format!("{other} does not belong in a network")));
                };
                let mut sinks = Vec::new();
                for (sink, node) in self.sinks(operation)? {
                    let what = match name(sink).as_str() {
                        "dynamics.accumulate" => Sink::Accumulate(symbol(sink, "buffer")?),
                        "dynamics.write" => Sink::Write(symbol(sink, "buffer")?),
                        "dynamics.write_synapse" => Sink::Synapse(symbol(sink, "buffer")?),
                        "dynamics.write_weight" => Sink::Weight,
                        _ => return Err(bad(sink, "does not belong along connections")),
                    };
                    sinks.push((what, node));
                }
                let connection = symbol(operation, "connection")?;
                network.edges.push(Edge { kind: *kind, connection, after: steps_after(operation)?, sinks });
            }
        }
        Ok(())
    }

    fn population(&mut self, operation: OperationRef) -> Result<Population, Bug> {
        let mut population = Population {
            name: symbol(operation, "sym_name")?,
            size: u64::try_from(integer(operation, "size")?).map_err(|_| bad(operation, "has a negative size"))?,
            states: vec![],
            inputs: vec![],
            rules: vec![],
            spike_times: None,
            jumps: vec![],
            histories: vec![],
            recorded: vec![],
            method: operation
                .has_attribute("method")
                .then(|| Ok(Method { name: string(operation, "method")?, settings: vec![] }))
                .transpose()?,
            spikes_change_states: operation.has_attribute("spikes_change_states"),
        };
        for inner in body(operation)?.map(operations).unwrap_or_default() {
            if name(inner) == "dynamics.setting" {
                let state = inner.has_attribute("state").then(|| symbol(inner, "state")).transpose()?;
                let setting = (string(inner, "name")?, state, float(inner, "value")?);
                let method = population.method.as_mut();
                method
                    .ok_or_else(|| bad(inner, "belongs to no integrator: the population names none"))?
                    .settings
                    .push(setting);
                continue;
            }
            if name(inner) == "dynamics.advances" {
                for (next, value) in self.sinks(inner)? {
                    change(next, value, &mut population.states)?;
                }
                continue;
            }
            if name(inner) == "dynamics.spike_times" {
                population.spike_times = Some(spike_times(inner)?);
                continue;
            }
            let value = self.only_value(inner)?;
            match name(inner).as_str() {
                "dynamics.state" => population.states.push(state(inner, value)?),
                "dynamics.input" => population.inputs.push(Input {
                    name: symbol(inner, "sym_name")?,
                    unit: string(inner, "unit")?,
                    internal: inner.has_attribute("internal"),
                    sum: value,
                }),
                "dynamics.equation" | "dynamics.advance" => change(inner, value, &mut population.states)?,
                "dynamics.threshold" => population.rules.push(SpikeRule {
                    condition: value,
                    silent: inner.has_attribute("silent"),
                    event: reference(inner, "event")?,
                    simultaneous: inner.has_attribute("simultaneous"),
                    resets: vec![],
                    refractory: None,
                }),
                "dynamics.reset" => {
                    last_rule(&mut population, inner)?.resets.push((symbol(inner, "state")?, value));
                }
                "dynamics.clamp" => {
                    let pause = last_rule(&mut population, inner)?.refractory.as_mut();
                    let pause = pause.ok_or_else(|| bad(inner, "belongs to no refractory time"))?;
                    pause.clamp.push((symbol(inner, "state")?, value));
                }
                "dynamics.jump" => population.jumps.push(Jump {
                    state: symbol(inner, "state")?,
                    value,
                    after: match (inner.has_attribute("after"), inner.has_attribute("delay")) {
                        (false, _) => 0,
                        (true, false) => 1,
                        (true, true) => count(inner, "delay")?,
                    },
                    event: reference(inner, "event")?,
                }),
                "dynamics.history" => population.histories.push(History {
                    name: symbol(inner, "sym_name")?,
                    init: value,
                    value: self.second_value(inner)?,
                    slots: count(inner, "slots")?,
                    event: inner.has_attribute("event"),
                }),
                "dynamics.recorded" => population.recorded.push(recorded(inner, value)?),
                "dynamics.refractory" => {
                    let list =
                        ArrayAttribute::try_from(attribute(inner, "hold")?).map_err(|_| bad(inner, "has no list"))?;
                    let mut hold = Vec::new();
                    for i in 0..list.len() {
                        let element = list.element(i).map_err(|_| bad(inner, "has a short list"))?;
                        let s = FlatSymbolRefAttribute::try_from(element)
                            .map_err(|_| bad(inner, "holds something else"))?;
                        hold.push(s.value().into());
                    }
                    let rule = last_rule(&mut population, inner)?;
                    let (behind, conditional) = (rule.resets.len(), inner.has_attribute("conditional"));
                    rule.refractory = Some(Refractory { duration: value, behind, conditional, hold, clamp: vec![] });
                }
                other => return Err(Bug(format!("{other} does not belong in a population"))),
            }
        }
        Ok(population)
    }

    fn projection(&mut self, operation: OperationRef) -> Result<Projection, Bug> {
        let one = self.graph.constant(1.0);
        let optional = |key: &str| operation.has_attribute(key).then(|| string(operation, key)).transpose();
        let mut projection = Projection {
            connection: connection(operation)?,
            alignment: optional("alignment")?,
            reason: optional("reason")?,
            weight: one,
            weight_change: Change::None,
            weight_method: None,
            weight_bounds: None,
            sums: vec![],
            delay: None,
            probability: None,
            total: None,
            choice: None,
            rate: None,
            states: vec![],
            events: vec![],
            outputs: vec![],
            kept: vec![],
            given: vec![],
            recorded: vec![],
        };
        for inner in body(operation)?.map(operations).unwrap_or_default() {
            let value = self.only_value(inner)?;
            match name(inner).as_str() {
                "dynamics.weight" => projection.weight = value,
                "dynamics.delay" => projection.delay = Some(value),
                "dynamics.probability" => projection.probability = Some(value),
                "dynamics.total" => projection.total = Some(value),
                "dynamics.choice" => projection.choice = Some(value),
                "dynamics.rate" => projection.rate = Some(value),
                "dynamics.state" => projection.states.push(state(inner, value)?),
                "dynamics.equation" | "dynamics.advance" => change(inner, value, &mut projection.states)?,
                "dynamics.event" => projection.events.push(Event {
                    state: symbol(inner, "state")?,
                    additive: inner.has_attribute("additive"),
                    post: inner.has_attribute("post"),
                    weight: inner.has_attribute("weight"),
                    by_target: inner.has_attribute("by_target"),
                    after: steps_after(inner)?,
                    period: match inner.has_attribute("every") {
                        true => Some((period(inner)?, whole(inner, "place")?)),
                        false => None,
                    },
                    value,
                }),
                "dynamics.recorded" => projection.recorded.push(recorded(inner, value)?),
                "dynamics.given" => projection.given.push((symbol(inner, "sym_name")?, value)),
                "dynamics.sum" => projection.sums.push((symbol(inner, "state")?, value)),
                "dynamics.weight_equation" => {
                    projection.weight_change = Change::Equation(value);
                    projection.weight_method = method(inner)?;
                }
                "dynamics.weight_advance" => {
                    projection.weight_change = Change::Advance(value, string(inner, "method")?);
                }
                "dynamics.weight_bounds" => projection.weight_bounds = Some((value, self.second_value(inner)?)),
                "dynamics.output" => {
                    if inner.has_attribute("recorded") {
                        let (name, unit) = (string(inner, "recorded")?, string(inner, "unit")?);
                        projection.kept.push((projection.outputs.len(), name.as_str().into(), unit));
                    }
                    projection.outputs.push((symbol(inner, "input")?, value));
                }
                other => return Err(Bug(format!("{other} does not belong in a projection"))),
            }
        }
        Ok(projection)
    }

    fn only_value(&mut self, operation: OperationRef) -> Result<Node, Bug> {
        let block = body(operation)?.ok_or_else(|| bad(operation, "is empty"))?;
        self.yielded(block)
    }

    fn second_value(&mut self, operation: OperationRef) -> Result<Node, Bug> {
        let region = operation.region(1).map_err(|_| bad(operation, "has no second region"))?;
        self.yielded(region.first_block().ok_or_else(|| bad(operation, "is empty"))?)
    }

    fn yielded(&mut self, block: BlockRef) -> Result<Node, Bug> {
        let list = operations(block);
        let last = *list.last().ok_or_else(|| Bug("a region is empty".into()))?;
        if name(last) != "dynamics.yield" {
            return Err(bad(last, "ends a region that must end with dynamics.yield"));
        }
        let values = self.expressions(&list[..list.len() - 1])?;
        operand(last, 0, &values)
    }

    /// The operations without results of a region, each with its operand.
    fn sinks<'c, 'a>(&mut self, operation: OperationRef<'c, 'a>) -> Result<Vec<(OperationRef<'c, 'a>, Node)>, Bug> {
        let list = body(operation)?.map(operations).unwrap_or_default();
        let (values, sinks): (Vec<_>, Vec<_>) = list.into_iter().partition(|o| o.result_count() > 0);
        let values = self.expressions(&values)?;
        sinks.into_iter().map(|s| Ok((s, operand(s, 0, &values)?))).collect()
    }

    fn named_sinks(&mut self, operation: OperationRef) -> Result<Vec<(Symbol, Node)>, Bug> {
        self.sinks(operation)?.into_iter().map(|(s, node)| Ok((symbol(s, "buffer")?, node))).collect()
    }

    fn expressions<'c, 'a>(&mut self, list: &[OperationRef<'c, 'a>]) -> Result<HashMap<usize, Node>, Bug> {
        self.expressions_among(list, HashMap::new())
    }

    /// The same where some values are known.
    fn expressions_among<'c, 'a>(
        &mut self,
        list: &[OperationRef<'c, 'a>],
        mut values: HashMap<usize, Node>,
    ) -> Result<HashMap<usize, Node>, Bug> {
        for &operation in list {
            let arguments: Vec<Node> =
                (0..operation.operand_count()).map(|i| operand(operation, i, &values)).collect::<Result<_, _>>()?;
            if name(operation) == "dynamics.propagator" {
                let elements = DenseI64ArrayAttribute::try_from(attribute(operation, "elements")?)
                    .map_err(|_| bad(operation, "has no elements"))?;
                for i in 0..operation.result_count() {
                    let element = elements.element(i).map_err(|_| bad(operation, "has too few elements"))?;
                    let element = u32::try_from(element).map_err(|_| bad(operation, "has a negative element"))?;
                    let node = self.graph.node(Op::PropagatorElement(element), &arguments);
                    values.insert(key(operation.result(i).map_err(|_| bad(operation, "lacks a result"))?.into()), node);
                }
                continue;
            }
            if name(operation) == "dynamics.iterate" {
                for (result, node) in (0..).zip(self.iteration(operation, &arguments, &values)?) {
                    let value = operation.result(result).map_err(|_| bad(operation, "lacks a result"))?;
                    values.insert(key(value.into()), node);
                }
                continue;
            }
            let node = self.expression(operation, &arguments)?;
            values.insert(key(operation.result(0).map_err(|_| bad(operation, "has no result"))?.into()), node);
        }
        Ok(values)
    }

    /// The results of an iteration.
    fn iteration(
        &mut self,
        operation: OperationRef,
        initial: &[Node],
        values: &HashMap<usize, Node>,
    ) -> Result<Vec<Node>, Bug> {
        let block = body(operation)?.ok_or_else(|| bad(operation, "is empty"))?;
        let mut values = values.clone();
        for index in 0..initial.len() {
            let argument = block.argument(index).map_err(|_| bad(operation, "has too few arguments"))?;
            let number = u32::try_from(index).map_err(|_| bad(operation, "has too many values"))?;
            values.insert(key(argument.into()), self.graph.leaf(Op::Carried(number)));
        }
        let list = operations(block);
        let end = *list.last().ok_or_else(|| bad(operation, "is empty"))?;
        let values = self.expressions_among(&list[..list.len() - 1], values)?;
        let next: Vec<Node> = (0..=initial.len()).map(|i| operand(end, i, &values)).collect::<Result<_, _>>()?;
        let limit = u32::try_from(integer(operation, "limit")?).map_err(|_| bad(operation, "has no limit"))?;
        Ok(self.graph.iterate(limit, initial, next[0], &next[1..]))
    }

    fn expression(&mut self, operation: OperationRef, arguments: &[Node]) -> Result<Node, Bug> {
        let result = operation.result(0).map_err(|_| bad(operation, "has no result"))?;
        let ty = ty(result.r#type());
        let op = match name(operation).as_str() {
            "arith.constant" => {
                let value = attribute(operation, "value")?;
                if let Ok(f) = FloatAttribute::try_from(value) {
                    return Ok(self.graph.constant(f.value()));
                }
                if ty != Type::Bool {
                    return Err(bad(operation, "is a whole number, which no region computes with"));
                }
                Op::Truth(integer(operation, "value")? != 0)
            }
            "dynamics.scalar" => Op::Scalar(symbol(operation, "name")?, ty),
            "dynamics.get" => Op::Get(symbol(operation, "name")?, ty),
            "dynamics.previous" => Op::Previous(symbol(operation, "name")?),
            "dynamics.post" => Op::Post(symbol(operation, "name")?),
            "dynamics.pre" => Op::Pre(symbol(operation, "name")?),
            "dynamics.past" => {
                let age = if operation.has_attribute("earlier") { Age::BeforeStep } else { Age::AtSpike };
                Op::History(symbol(operation, "name")?, age)
            }
            "dynamics.delayed" => Op::Delayed(symbol(operation, "name")?, count(operation, "steps")?),
            "dynamics.synapse" => Op::Synapse(symbol(operation, "name")?),
            "dynamics.read" => Op::Read(symbol(operation, "name")?, ty),
            "dynamics.external" => Op::External(symbol(operation, "name")?),
            "dynamics.weight_value" => Op::WeightValue,
            "dynamics.time" => Op::Time,
            "dynamics.index" => Op::Index,
            "dynamics.source_index" => Op::SourceIndex,
            "dynamics.held" => Op::Held(symbol(operation, "name")?),
            "dynamics.recovered" => Op::Recovered,
            "dynamics.neuron_draw" => {
                let stream = integer(operation, "stream")? as u32;
                Op::NeuronDraw { stream, of_source: operation.has_attribute("source") }
            }
            "dynamics.pair_index" => Op::PairIndex,
            "dynamics.element" => Op::Element(symbol(operation, "name")?),
            "dynamics.time_index" => Op::TimeIndex {
                clock: clock(operation)?,
                every: whole(operation, "every")?,
                ahead: whole(operation, "ahead")?,
                last: whole(operation, "last")?,
            },
            "dynamics.due" => Op::Due(period(operation)?),
            "dynamics.time_fraction" => Op::TimeFraction(clock(operation)?, whole(operation, "every")?),
            "dynamics.noise" => Op::Noise(integer(operation, "stream")? as u32),
            "dynamics.random" => {
                let distribution = match string(operation, "distribution")?.as_str() {
                    "uniform" => Distribution::Uniform,
                    "normal" => Distribution::Normal,
                    "exponential" => Distribution::Exponential,
                    "lognormal" => Distribution::LogNormal,
                    "binomial" => Distribution::Binomial,
                    "bernoulli" => Distribution::Bernoulli,
                    "gamma" => Distribution::Gamma,
                    "truncated_normal" => Distribution::TruncatedNormal,
                    "count" => Distribution::Count,
                    _ => Distribution::Poisson,
                };
                // all 32 bits name a stream; MLIR reads them as signed
                Op::Random(distribution, integer(operation, "stream")? as u32)
            }
            "arith.cmpf" => {
                let predicate = integer(operation, "predicate")?;
                let row = COMPARISONS.iter().find(|c| c.1 == predicate);
                row.ok_or_else(|| bad(operation, "has a predicate that is not supported"))?.0.clone()
            }
            "arith.xori" => {
                if *self.graph.op(arguments[1]) != Op::Truth(true) {
                    return Err(bad(operation, "is only known as a negation, with `true` on the right"));
                }
                return Ok(self.graph.node(Op::Not, &arguments[..1]));
            }
            other => {
                let row = PLAIN.iter().find(|p| p.1 == other);
                row.ok_or_else(|| bad(operation, "is not supported in a region of the dynamics dialect"))?.0.clone()
            }
        };
        Ok(self.graph.node(op, arguments))
    }
}

/// A value's identity while the module stands.
fn key(value: Value) -> usize {
    value.to_raw().ptr as usize
}

fn operand(operation: OperationRef, index: usize, values: &HashMap<usize, Node>) -> Result<Node, Bug> {
    let value = operation.operand(index).map_err(|_| bad(operation, "has too few operands"))?;
    values.get(&key(value)).copied().ok_or_else(|| bad(operation, "uses a value from outside its region"))
}

fn state(operation: OperationRef, init: Node) -> Result<State, Bug> {
    Ok(State {
        name: symbol(operation, "sym_name")?,
        unit: string(operation, "unit")?,
        init,
        internal: operation.has_attribute("internal"),
        parameter: operation.has_attribute("parameter"),
        recorded: operation.has_attribute("recorded"),
        change: Change::None,
        method: None,
        side: match operation.has_attribute("side") {
            true => {
                let side = string(operation, "side")?;
                let row = SIDES.iter().find(|s| s.1 == side);
                Some(row.ok_or_else(|| bad(operation, "has an unknown side"))?.0)
            }
            false => None,
        },
    })
}

fn recorded(operation: OperationRef, value: Node) -> Result<Recorded, Bug> {
    let (name, unit) = (symbol(operation, "sym_name")?, string(operation, "unit")?);
    Ok(Recorded { name, unit, value, start: operation.has_attribute("start") })
}

/// How many steps later than a spike something is done.
fn steps_after(operation: OperationRef) -> Result<u64, Bug> {
    if operation.has_attribute("after") { count(operation, "after") } else { Ok(0) }
}

/// The symbol that an attribute refers to, if there is such an attribute.
fn reference(operation: OperationRef, key: &str) -> Result<Option<Symbol>, Bug> {
    operation.has_attribute(key).then(|| symbol(operation, key)).transpose()
}

/// The rule that an operation belongs to.
fn last_rule<'p>(population: &'p mut Population, operation: OperationRef) -> Result<&'p mut SpikeRule, Bug> {
    population.rules.last_mut().ok_or_else(|| bad(operation, "comes before any threshold"))
}

fn spike_times(operation: OperationRef) -> Result<Vec<(i64, i64)>, Bug> {
    Ok(whole_numbers(operation, "steps")?.into_iter().zip(whole_numbers(operation, "neurons")?).collect())
}

fn whole_numbers(operation: OperationRef, key: &str) -> Result<Vec<i64>, Bug> {
    let array = DenseI64ArrayAttribute::try_from(attribute(operation, key)?);
    let array = array.map_err(|_| bad(operation, &format!("has {key} that are no list")))?;
    (0..array.len()).map(|i| array.element(i).map_err(|_| bad(operation, "has a short list"))).collect()
}

/// A whole number that is not negative.
fn count(operation: OperationRef, key: &str) -> Result<u64, Bug> {
    u64::try_from(integer(operation, key)?).map_err(|_| bad(operation, &format!("has a negative {key}")))
}

/// The integrator that an equation names.
fn method(operation: OperationRef) -> Result<Option<Symbol>, Bug> {
    operation.has_attribute("method").then(|| Ok(string(operation, "method")?.into())).transpose()
}

fn change(operation: OperationRef, value: Node, states: &mut [State]) -> Result<(), Bug> {
    let of = symbol(operation, "state")?;
    let state =
        states.iter_mut().find(|s| s.name == of).ok_or_else(|| bad(operation, "is of a state that comes later"))?;
    state.change = match name(operation).as_str() {
        "dynamics.equation" => {
            state.method = method(operation)?;
            Change::Equation(value)
        }
        _ => Change::Advance(value, string(operation, "method")?),
    };
    Ok(())
}

fn connection(operation: OperationRef) -> Result<Connection, Bug> {
    Ok(Connection {
        name: symbol(operation, "sym_name")?,
        source: reference(operation, "source")?,
        target: symbol(operation, "target")?,
        source_event: reference(operation, "source_event")?,
        target_event: reference(operation, "target_event")?,
        rule: string(operation, "rule")?,
        amount: float(operation, "amount")?,
        neighbours: if operation.has_attribute("neighbours") { integer(operation, "neighbours")? } else { 0 },
        min_delay: integer(operation, "min_delay")?,
        max_delay: integer(operation, "max_delay")?,
        post_delays: {
            let steps = |key| if operation.has_attribute(key) { integer(operation, key) } else { Ok(1) };
            (steps("min_post_delay")?, steps("max_post_delay")?)
        },
        stream: integer(operation, "stream")?,
        no_self: operation.has_attribute("no_self"),
        with_replacement: operation.has_attribute("with_replacement"),
        weight_per_synapse: operation.has_attribute("weight_per_synapse"),
        edges: if operation.has_attribute("edges") { whole_numbers(operation, "edges")? } else { vec![] },
        parts: match operation.has_attribute("parts") {
            true => {
                let parts = whole_numbers(operation, "parts")?.try_into();
                Some(parts.map_err(|_| bad(operation, "has not four numbers of parts"))?)
            }
            false => None,
        },
        pairs: reference(operation, "pairs")?,
        transposes: reference(operation, "transposes")?,
        synapses_of: reference(operation, "synapses_of")?,
        degrees: [reference(operation, "source_degrees")?, reference(operation, "target_degrees")?],
        symmetric: operation.has_attribute("symmetric"),
        delayed: operation.has_attribute("delayed"),
        proportional: operation.has_attribute("proportional"),
        normalised: match operation.has_attribute("normalised") {
            true => Some(string(operation, "normalised")?),
            false => None,
        },
        chosen: match operation.has_attribute("chosen") {
            true => {
                let chosen = whole_numbers(operation, "chosen")?.try_into();
                Some(chosen.map_err(|_| bad(operation, "has not two numbers of chosen synapses"))?)
            }
            false => None,
        },
        plastic: operation.has_attribute("plastic"),
        columns: operation.has_attribute("columns"),
    })
}
