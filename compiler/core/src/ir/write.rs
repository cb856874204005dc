//! Data to dialect: a [`Network`] as a `dynamics.network`.

use super::dense;
use super::functions::{COMPARISONS, PLAIN};
use super::{
    Age, Change, Clock, Connection, Distribution, EDGES, Edge, Graph, Network, Node, Op, Period, Population, Precision,
    Projection, Recorded, SIDES, Sink, SpikeRule, State, Type,
};
use melior::Context;
use melior::ir::RegionLike;
use melior::ir::attribute::{
    ArrayAttribute, DenseI64ArrayAttribute, FlatSymbolRefAttribute, FloatAttribute, IntegerAttribute, StringAttribute,
    TypeAttribute,
};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationBuilder;
use melior::ir::r#type::IntegerType;
use melior::ir::{Attribute, Block, Identifier, Location, Module, Operation, Region, Type as MlirType, Value};
use std::collections::{HashMap, HashSet};

/// From so many states on, what they become stands in one region, where what they share stands once.
const MANY_STATES: usize = 24;

/// Writes a module that holds one network.
///
/// # Panics
/// If an operation cannot be built, which would be a bug of this file: all operations, operands
/// and attributes are its own choice. What the model says wrongly is found by the verifier.
#[must_use]
pub fn write<'c>(context: &'c Context, network: &Network) -> Module<'c> {
    let writer = Writer { context, location: Location::unknown(context), network };
    let module = Module::new(writer.location);
    module.body().append_operation(writer.network());
    module
}

struct Writer<'c, 'n> {
    context: &'c Context,
    location: Location<'c>,
    network: &'n Network,
}

type Named<'c> = (Identifier<'c>, Attribute<'c>);

impl<'c> Writer<'c, '_> {
    fn network(&self) -> Operation<'c> {
        let n = self.network;
        let body = Block::new(&[]);
        for data in &n.data {
            let values = dense::reals(self.context, &data.shape, &data.values);
            let attributes = [self.symbol_name(&data.name), self.attribute("values", values)];
            body.append_operation(self.op("dynamics.data", &attributes, vec![]));
        }
        for pairs in &n.pairs {
            let shape = [pairs.entries.len() as u64 / 3, 3];
            let entries = dense::integers(self.context, &shape, &pairs.entries);
            let attributes = [self.symbol_name(&pairs.name), self.attribute("entries", entries)];
            body.append_operation(self.op("dynamics.pairs", &attributes, vec![]));
        }
        for p in &n.parameters {
            let mut attributes = vec![
                self.symbol_name(&p.name),
                self.float("default_value", p.default),
                self.string("unit", &p.unit),
                self.float("factor", p.factor),
            ];
            attributes.extend(p.nonzero.then(|| self.flag("nonzero")));
            let region = match p.value {
                Some(value) => self.region(value, Precision::F64),
                None => Region::new(),
            };
            body.append_operation(self.op("dynamics.parameter", &attributes, vec![region]));
        }
        for population in &n.populations {
            body.append_operation(self.population(population));
        }
        for projection in &n.projections {
            body.append_operation(self.projection(projection));
        }
        self.step_level(&body);
        let mut attributes = vec![
            self.symbol_name(&n.name),
            self.float("dt", n.dt),
            self.attribute("real", TypeAttribute::new(self.real(n.real)).into()),
        ];
        attributes.extend(n.narrowed.then(|| self.flag("narrowed")));
        self.op("dynamics.network", &attributes, vec![self.region_of(body)])
    }

    fn population(&self, p: &Population) -> Operation<'c> {
        let body = Block::new(&[]);
        let real = self.network.region_real();
        for state in &p.states {
            body.append_operation(self.state(state));
        }
        for input in &p.inputs {
            let mut attributes = vec![self.symbol_name(&input.name), self.string("unit", &input.unit)];
            attributes.extend(input.internal.then(|| self.flag("internal")));
            body.append_operation(self.op("dynamics.input", &attributes, vec![self.region(input.sum, real)]));
        }
        for (name, state, value) in p.method.iter().flat_map(|m| &m.settings) {
            let mut attributes = vec![self.string("name", name), self.float("value", *value)];
            attributes.extend(state.as_ref().map(|s| self.reference("state", s)));
            body.append_operation(self.op("dynamics.setting", &attributes, vec![]));
        }
        if !self.advances(&body, &p.states) {
            self.changes(&body, &p.states);
        }
        for rule in &p.rules {
            self.rule(&body, rule, real);
        }
        for jump in &p.jumps {
            let mut attributes = vec![self.reference("state", &jump.state)];
            attributes.extend((jump.after > 0).then(|| self.flag("after")));
            attributes.extend((jump.after > 1).then(|| self.integer("delay", 64, jump.after.cast_signed())));
            attributes.extend(jump.event.as_ref().map(|event| self.reference("event", event)));
            body.append_operation(self.op("dynamics.jump", &attributes, vec![self.region(jump.value, real)]));
        }
        for history in &p.histories {
            let slots = i64::try_from(history.slots).unwrap_or(i64::MAX);
            let mut attributes = vec![self.symbol_name(&history.name), self.integer("slots", 64, slots)];
            attributes.extend(history.event.then(|| self.flag("event")));
            let regions = vec![self.region(history.init, real), self.region(history.value, real)];
            body.append_operation(self.op("dynamics.history", &attributes, regions));
        }
        for recorded in &p.recorded {
            body.append_operation(self.recorded(recorded));
        }
        if let Some(times) = &p.spike_times {
            let list = |values: Vec<i64>| DenseI64ArrayAttribute::new(self.context, &values).into();
            let attributes = [
                self.attribute("steps", list(times.iter().map(|t| t.0).collect())),
                self.attribute("neurons", list(times.iter().map(|t| t.1).collect())),
            ];
            body.append_operation(self.op("dynamics.spike_times", &attributes, vec![]));
        }
        let mut attributes =
            vec![self.symbol_name(&p.name), self.integer("size", 64, i64::try_from(p.size).unwrap_or(i64::MAX))];
        attributes.extend(p.method.as_ref().map(|m| self.string("method", &m.name)));
        attributes.extend(p.spikes_change_states.then(|| self.flag("spikes_change_states")));
        self.op("dynamics.population", &attributes, vec![self.region_of(body)])
    }

    /// A threshold, what it resets, and the refractory time after it.
    fn rule(&self, body: &Block<'c>, rule: &SpikeRule, real: Precision) {
        let of_state = |name: &str, state: &str, value: Node| {
            self.op(name, &[self.reference("state", state)], vec![self.region(value, real)])
        };
        let mut kind: Vec<Named<'c>> = rule.silent.then(|| self.flag("silent")).into_iter().collect();
        kind.extend(rule.simultaneous.then(|| self.flag("simultaneous")));
        kind.extend(rule.event.as_ref().map(|event| self.reference("event", event)));
        body.append_operation(self.op("dynamics.threshold", &kind, vec![self.region(rule.condition, real)]));
        let resets = |list: &[(crate::ir::Symbol, Node)]| {
            for (state, value) in list {
                body.append_operation(of_state("dynamics.reset", state, *value));
            }
        };
        let Some(pause) = &rule.refractory else { return resets(&rule.resets) };
        let (before, after) = rule.resets.split_at(pause.behind.min(rule.resets.len()));
        resets(before);
        let hold: Vec<Attribute> =
            pause.hold.iter().map(|s| FlatSymbolRefAttribute::new(self.context, s).into()).collect();
        let mut attributes = vec![self.attribute("hold", ArrayAttribute::new(self.context, &hold).into())];
        attributes.extend(pause.conditional.then(|| self.flag("conditional")));
        let duration = vec![self.region(pause.duration, Precision::F64)];
        body.append_operation(self.op("dynamics.refractory", &attributes, duration));
        for (state, value) in &pause.clamp {
            body.append_operation(of_state("dynamics.clamp", state, *value));
        }
        resets(after);
    }

    fn state(&self, state: &State) -> Operation<'c> {
        let mut attributes = vec![self.symbol_name(&state.name), self.string("unit", &state.unit)];
        attributes.extend(state.internal.then(|| self.flag("internal")));
        attributes.extend(state.parameter.then(|| self.flag("parameter")));
        let side = state.side.and_then(|side| SIDES.iter().find(|s| s.0 == side));
        attributes.extend(side.map(|(_, name)| self.string("side", name)));
        attributes.extend(state.recorded.then(|| self.flag("recorded")));
        self.op("dynamics.state", &attributes, vec![self.region(state.init, self.network.region_real())])
    }

    /// One operation for many states that advance, if nothing else changes states.
    fn advances(&self, body: &Block<'c>, states: &[State]) -> bool {
        let mut next = Vec::new();
        for state in states {
            match &state.change {
                Change::None => {}
                Change::Equation(_) => return false,
                Change::Advance(value, method) => next.push((&state.name, *value, method)),
            }
        }
        if next.len() < MANY_STATES {
            return false;
        }
        let block = Block::new(&[]);
        let roots: Vec<Node> = next.iter().map(|n| n.1).collect();
        let values = self.expressions(&block, &roots, self.network.region_real());
        for (state, value, method) in next {
            let attributes = [self.reference("state", state), self.string("method", method)];
            block.append_operation(self.sink("dynamics.next", &attributes, values[&value]));
        }
        body.append_operation(self.op("dynamics.advances", &[], vec![self.region_of(block)]));
        true
    }

    fn changes(&self, body: &Block<'c>, states: &[State]) {
        for state in states {
            let region = |value| vec![self.region(value, self.network.region_real())];
            match &state.change {
                Change::None => {}
                Change::Equation(value) => {
                    let mut attributes = vec![self.reference("state", &state.name)];
                    attributes.extend(state.method.as_ref().map(|method| self.string("method", method)));
                    body.append_operation(self.op("dynamics.equation", &attributes, region(*value)));
                }
                Change::Advance(value, method) => {
                    let attributes = [self.reference("state", &state.name), self.string("method", method)];
                    body.append_operation(self.op("dynamics.advance", &attributes, region(*value)));
                }
            }
        }
    }

    fn projection(&self, p: &Projection) -> Operation<'c> {
        let body = Block::new(&[]);
        let real = self.network.region_real();
        let weights = if p.connection.weight_per_synapse { Precision::F64 } else { real };
        body.append_operation(self.op("dynamics.weight", &[], vec![self.region(p.weight, weights)]));
        if let Some(delay) = p.delay {
            body.append_operation(self.op("dynamics.delay", &[], vec![self.region(delay, Precision::F64)]));
        }
        if let Some(probability) = p.probability {
            let region = vec![self.region(probability, Precision::F64)];
            body.append_operation(self.op("dynamics.probability", &[], region));
        }
        if let Some(total) = p.total {
            let region = vec![self.region(total, Precision::F64)];
            body.append_operation(self.op("dynamics.total", &[], region));
        }
        if let Some(choice) = p.choice {
            let region = vec![self.region(choice, Precision::F64)];
            body.append_operation(self.op("dynamics.choice", &[], region));
        }
        if let Some(rate) = p.rate {
            body.append_operation(self.op("dynamics.rate", &[], vec![self.region(rate, real)]));
        }
        for state in &p.states {
            body.append_operation(self.state(state));
        }
        self.changes(&body, &p.states);
        for event in &p.events {
            let mut attributes = vec![self.reference("state", &event.state)];
            attributes.extend(event.additive.then(|| self.flag("additive")));
            attributes.extend(event.post.then(|| self.flag("post")));
            attributes.extend(event.weight.then(|| self.flag("weight")));
            attributes.extend(event.by_target.then(|| self.flag("by_target")));
            attributes.extend((event.after > 0).then(|| self.integer("after", 64, event.after.cast_signed())));
            if let Some((period, place)) = event.period {
                attributes.extend(self.period(period));
                attributes.push(self.integer("place", 64, place.cast_signed()));
            }
            body.append_operation(self.op("dynamics.event", &attributes, vec![self.region(event.value, real)]));
        }
        for (index, (input, value)) in p.outputs.iter().enumerate() {
            let mut attributes = vec![self.reference("input", input)];
            if let Some((_, name, unit)) = p.kept.iter().find(|kept| kept.0 == index) {
                attributes.extend([self.string("recorded", name), self.string("unit", unit)]);
            }
            body.append_operation(self.op("dynamics.output", &attributes, vec![self.region(*value, real)]));
        }
        for recorded in &p.recorded {
            body.append_operation(self.recorded(recorded));
        }
        for (state, value) in &p.given {
            let attributes = [self.symbol_name(state)];
            body.append_operation(self.op("dynamics.given", &attributes, vec![self.region(*value, real)]));
        }
        for (state, value) in &p.sums {
            let attributes = [self.reference("state", state)];
            body.append_operation(self.op("dynamics.sum", &attributes, vec![self.region(*value, real)]));
        }
        match &p.weight_change {
            Change::None => {}
            Change::Equation(value) => {
                let attributes: Vec<_> = p.weight_method.iter().map(|method| self.string("method", method)).collect();
                let region = vec![self.region(*value, real)];
                body.append_operation(self.op("dynamics.weight_equation", &attributes, region));
            }
            Change::Advance(value, method) => {
                let attributes = [self.string("method", method)];
                let region = vec![self.region(*value, real)];
                body.append_operation(self.op("dynamics.weight_advance", &attributes, region));
            }
        }
        if let Some((low, high)) = p.weight_bounds {
            let regions = vec![self.region(low, real), self.region(high, real)];
            body.append_operation(self.op("dynamics.weight_bounds", &[], regions));
        }
        let mut attributes = self.connection_attributes(&p.connection);
        attributes.extend(p.connection.delayed.then(|| self.flag("delayed")));
        attributes.extend(p.alignment.as_ref().map(|a| self.string("alignment", a)));
        attributes.extend(p.reason.as_ref().map(|r| self.string("reason", r)));
        self.op("dynamics.projection", &attributes, vec![self.region_of(body)])
    }

    fn clock(&self, clock: Clock) -> Vec<Named<'c>> {
        let Clock { shift, cycle, offset } = clock;
        let parts = [("shift", shift), ("cycle", cycle.cast_signed()), ("offset", offset)];
        parts.into_iter().filter(|part| part.1 != 0).map(|(name, value)| self.integer(name, 64, value)).collect()
    }

    fn period(&self, period: Period) -> Vec<Named<'c>> {
        let start = (period.start > 0).then(|| self.integer("start", 64, period.start.cast_signed()));
        std::iter::once(self.integer("every", 64, period.every.cast_signed())).chain(start).collect()
    }

    fn recorded(&self, recorded: &Recorded) -> Operation<'c> {
        let mut attributes = vec![self.symbol_name(&recorded.name), self.string("unit", &recorded.unit)];
        attributes.extend(recorded.start.then(|| self.flag("start")));
        self.op("dynamics.recorded", &attributes, vec![self.region(recorded.value, self.network.region_real())])
    }

    fn connection_attributes(&self, c: &Connection) -> Vec<Named<'c>> {
        let mut attributes = vec![self.symbol_name(&c.name)];
        attributes.extend(c.source.as_ref().map(|s| self.reference("source", s)));
        attributes.extend([
            self.reference("target", &c.target),
            self.string("rule", &c.rule),
            self.float("amount", c.amount),
            self.integer("min_delay", 64, c.min_delay),
            self.integer("max_delay", 64, c.max_delay),
            self.integer("stream", 64, c.stream),
        ]);
        attributes.extend(c.source_event.as_ref().map(|e| self.reference("source_event", e)));
        attributes.extend(c.target_event.as_ref().map(|e| self.reference("target_event", e)));
        if c.post_delays != (1, 1) {
            attributes.push(self.integer("min_post_delay", 64, c.post_delays.0));
            attributes.push(self.integer("max_post_delay", 64, c.post_delays.1));
        }
        attributes.extend((c.neighbours != 0).then(|| self.integer("neighbours", 64, c.neighbours)));
        let list = |key, values: &[i64]| {
            let array = DenseI64ArrayAttribute::new(self.context, values);
            self.attribute(key, array.into())
        };
        attributes.extend((!c.edges.is_empty()).then(|| list("edges", &c.edges)));
        attributes.extend(c.parts.as_ref().map(|parts| list("parts", parts)));
        attributes.extend(c.no_self.then(|| self.flag("no_self")));
        attributes.extend(c.with_replacement.then(|| self.flag("with_replacement")));
        attributes.extend(c.pairs.as_ref().map(|p| self.reference("pairs", p)));
        attributes.extend(c.transposes.as_ref().map(|of| self.reference("transposes", of)));
        attributes.extend(c.synapses_of.as_ref().map(|of| self.reference("synapses_of", of)));
        for (key, buffer) in ["source_degrees", "target_degrees"].into_iter().zip(&c.degrees) {
            attributes.extend(buffer.as_ref().map(|buffer| self.reference(key, buffer)));
        }
        attributes.extend(c.symmetric.then(|| self.flag("symmetric")));
        attributes.extend(c.proportional.then(|| self.flag("proportional")));
        attributes.extend(c.chosen.as_ref().map(|chosen| list("chosen", chosen)));
        attributes.extend(c.normalised.as_ref().map(|end| self.string("normalised", end)));
        attributes.extend(c.weight_per_synapse.then(|| self.flag("weight_per_synapse")));
        attributes.extend(c.plastic.then(|| self.flag("plastic")));
        attributes.extend(c.columns.then(|| self.flag("columns")));
        attributes
    }

    fn step_level(&self, body: &Block<'c>) {
        let n = self.network;
        for b in &n.buffers {
            let mut attributes = vec![
                self.symbol_name(&b.name),
                self.reference("population", &b.population),
                self.attribute("element", TypeAttribute::new(self.ty(b.element, n.real)).into()),
                self.string("unit", &b.unit),
            ];
            attributes.extend(b.internal.then(|| self.flag("internal")));
            if b.slots > 1 {
                attributes.push(self.integer("slots", 64, i64::try_from(b.slots).unwrap_or(i64::MAX)));
            }
            body.append_operation(self.op("dynamics.buffer", &attributes, vec![]));
        }
        for f in &n.feeds {
            let attributes =
                [self.symbol_name(&f.name), self.reference("population", &f.population), self.string("unit", &f.unit)];
            body.append_operation(self.op("dynamics.feed", &attributes, vec![]));
        }
        for c in &n.connections {
            body.append_operation(self.op("dynamics.connection", &self.connection_attributes(c), vec![]));
        }
        for s in &n.synapse_states {
            let mut attributes = vec![
                self.symbol_name(&s.name),
                self.reference("connection", &s.connection),
                self.string("unit", &s.unit),
            ];
            attributes.extend(s.internal.then(|| self.flag("internal")));
            attributes.extend(s.given_to.as_ref().map(|to| self.reference("given_to", to)));
            body.append_operation(self.op("dynamics.synapse_state", &attributes, vec![]));
        }
        if !n.derived.is_empty() {
            let roots: Vec<Node> = n.derived.iter().map(|d| d.2).collect();
            let block = Block::new(&[]);
            let values = self.expressions(&block, &roots, Precision::F64);
            for (name, ty, node) in &n.derived {
                let attributes = [
                    self.symbol_name(name),
                    self.attribute("element", TypeAttribute::new(self.ty(*ty, n.real)).into()),
                ];
                block.append_operation(self.sink("dynamics.define", &attributes, values[node]));
            }
            body.append_operation(self.op("dynamics.derive", &[], vec![self.region_of(block)]));
        }
        for (population, writes) in &n.initialise {
            let block = self.sinks("dynamics.write", writes);
            let attributes = [self.reference("population", population)];
            body.append_operation(self.op("dynamics.initialise", &attributes, vec![self.region_of(block)]));
        }
        for (population, writes) in &n.coefficients {
            let block = self.sinks("dynamics.write", writes);
            let attributes = [self.reference("population", population)];
            body.append_operation(self.op("dynamics.coefficients", &attributes, vec![self.region_of(block)]));
        }
        for (projection, what, value) in &n.synapses {
            let attributes = [self.reference("projection", projection), self.string("value", what)];
            body.append_operation(self.op("dynamics.synapses", &attributes, vec![self.region(*value, Precision::F64)]));
        }
        for edge in &n.edges {
            body.append_operation(self.edge(edge));
        }
        for after in &n.after_spike {
            let block = self.sinks("dynamics.write", &after.writes);
            let mut attributes = vec![self.reference("population", &after.population)];
            attributes.extend((after.delay > 1).then(|| self.integer("delay", 64, after.delay.cast_signed())));
            body.append_operation(self.op("dynamics.after_spike", &attributes, vec![self.region_of(block)]));
        }
        for (population, writes) in &n.at_spike {
            let block = self.sinks("dynamics.write", writes);
            let attributes = [self.reference("population", population)];
            body.append_operation(self.op("dynamics.at_spike", &attributes, vec![self.region_of(block)]));
        }
        for update in &n.updates {
            let mut roots: Vec<Node> = update.writes.iter().map(|w| w.1).collect();
            roots.extend(update.emit.iter().map(|e| e.1));
            roots.extend(update.records.iter().map(|r| r.1));
            let block = Block::new(&[]);
            let values = self.expressions(&block, &roots, n.region_real());
            for (buffer, node) in &update.writes {
                block.append_operation(self.sink("dynamics.write", &[self.reference("buffer", buffer)], values[node]));
            }
            for (of, condition) in &update.emit {
                let named = (*of != update.population).then(|| self.reference("events", of));
                let attributes: Vec<Named<'c>> = named.into_iter().collect();
                block.append_operation(self.sink("dynamics.emit", &attributes, values[condition]));
            }
            for (buffer, node) in &update.records {
                block.append_operation(self.sink("dynamics.record", &[self.reference("buffer", buffer)], values[node]));
            }
            let attributes = [self.reference("population", &update.population)];
            body.append_operation(self.op("dynamics.update", &attributes, vec![self.region_of(block)]));
        }
    }

    fn edge(&self, edge: &Edge) -> Operation<'c> {
        let block = Block::new(&[]);
        let roots: Vec<Node> = edge.sinks.iter().map(|s| s.1).collect();
        let values = self.expressions(&block, &roots, self.network.region_real());
        for (sink, node) in &edge.sinks {
            let (op, attributes) = match sink {
                Sink::Accumulate(buffer) => ("dynamics.accumulate", vec![self.reference("buffer", buffer)]),
                Sink::Write(buffer) => ("dynamics.write", vec![self.reference("buffer", buffer)]),
                Sink::Synapse(state) => ("dynamics.write_synapse", vec![self.reference("buffer", state)]),
                Sink::Weight => ("dynamics.write_weight", vec![]),
            };
            block.append_operation(self.sink(op, &attributes, values[node]));
        }
        let name = EDGES.iter().find(|e| e.0 == edge.kind).map_or("dynamics.deliver", |e| e.1);
        let mut attributes = vec![self.reference("connection", &edge.connection)];
        attributes.extend((edge.after > 0).then(|| self.integer("after", 64, edge.after.cast_signed())));
        self.op(name, &attributes, vec![self.region_of(block)])
    }

    fn sinks(&self, name: &str, sinks: &[(super::Symbol, Node)]) -> Block<'c> {
        let block = Block::new(&[]);
        let roots: Vec<Node> = sinks.iter().map(|s| s.1).collect();
        let values = self.expressions(&block, &roots, self.network.region_real());
        for (buffer, node) in sinks {
            block.append_operation(self.sink(name, &[self.reference("buffer", buffer)], values[node]));
        }
        block
    }

    fn sink(&self, name: &str, attributes: &[Named<'c>], value: Value<'c, '_>) -> Operation<'c> {
        OperationBuilder::new(name, self.location)
            .add_attributes(attributes)
            .add_operands(&[value])
            .build()
            .expect("sinks are well formed")
    }

    /// A region of one block that yields an expression.
    fn region(&self, root: Node, real: Precision) -> Region<'c> {
        let block = Block::new(&[]);
        let values = self.expressions(&block, &[root], real);
        block.append_operation(self.sink("dynamics.yield", &[], values[&root]));
        self.region_of(block)
    }

    fn region_of(&self, block: Block<'c>) -> Region<'c> {
        let region = Region::new();
        region.append_block(block);
        region
    }

    fn expressions<'a>(&self, block: &'a Block<'c>, roots: &[Node], real: Precision) -> HashMap<Node, Value<'c, 'a>> {
        let graph = &self.network.graph;
        let order = graph.order(roots);
        let inside = graph.inside_iterations(&order);
        let mut values: HashMap<Node, Value<'c, 'a>> = HashMap::new();
        for &node in order.iter().filter(|n| !inside.contains(n)) {
            if values.contains_key(&node) {
                continue;
            }
            if let Op::Iterate(..) = graph.op(node) {
                self.iteration(block, node, &mut values, &order, &inside, real);
                continue;
            }
            let value = self.expression(block, graph, node, &values, real);
            values.insert(node, value);
        }
        values
    }

    /// One operation for all results of an iteration that `order` has.
    fn iteration<'a>(
        &self,
        block: &'a Block<'c>,
        node: Node,
        values: &mut HashMap<Node, Value<'c, 'a>>,
        order: &[Node],
        inside: &HashSet<Node>,
        real: Precision,
    ) {
        let graph = &self.network.graph;
        let Op::Iterate(_, limit) = *graph.op(node) else { return };
        let arguments = graph.arguments(node);
        let parts = Graph::iteration(arguments);
        let ty = self.real(real);
        let body = Block::new(&vec![(ty, self.location); parts.initial.len()]);
        let mut roots = vec![parts.condition];
        roots.extend(parts.next);
        {
            let mut known: HashMap<Node, Value<'c, '_>> = values.iter().map(|(n, v)| (*n, *v)).collect();
            for inner in graph.order(&roots).into_iter().filter(|n| inside.contains(n)) {
                let value = match *graph.op(inner) {
                    Op::Carried(number) => {
                        body.argument(number as usize).expect("an iteration carries what its region uses").into()
                    }
                    _ => self.expression(&body, graph, inner, &known, real),
                };
                known.insert(inner, value);
            }
            let operands: Vec<Value> = roots.iter().map(|r| known[r]).collect();
            let end = OperationBuilder::new("dynamics.continue", self.location).add_operands(&operands);
            body.append_operation(end.build().expect("an iteration is well formed"));
        }
        let initial: Vec<Value> = parts.initial.iter().map(|n| values[n]).collect();
        let operation = OperationBuilder::new("dynamics.iterate", self.location)
            .add_attributes(&[self.integer("limit", 32, i64::from(limit))])
            .add_operands(&initial)
            .add_results(&vec![ty; initial.len()])
            .add_regions_vec(vec![self.region_of(body)])
            .build()
            .expect("an iteration is well formed");
        let operation = block.append_operation(operation);
        for &other in order {
            if let Op::Iterate(result, most) = *graph.op(other)
                && most == limit
                && graph.arguments(other) == arguments
            {
                values.insert(other, operation.result(result as usize).expect("a result for each value").into());
            }
        }
    }

    fn expression<'a>(
        &self,
        block: &'a Block<'c>,
        graph: &Graph,
        node: Node,
        values: &HashMap<Node, Value<'c, 'a>>,
        real: Precision,
    ) -> Value<'c, 'a> {
        let operands: Vec<Value> = graph.arguments(node).iter().map(|a| values[a]).collect();
        let ty = self.ty(graph.ty(node), real);
        let name = |n: &str| self.reference("name", n);
        let plain = |op: &str, attributes: &[Named<'c>]| (op.to_string(), attributes.to_vec(), operands.clone());
        let (op, attributes, operands) = match graph.op(node) {
            Op::Constant(bits) => {
                let value = FloatAttribute::new(self.context, ty, f64::from_bits(*bits));
                plain("arith.constant", &[self.attribute("value", value.into())])
            }
            Op::Truth(truth) => plain("arith.constant", &[self.integer("value", 1, i64::from(*truth))]),
            Op::Scalar(s, _) => plain("dynamics.scalar", &[name(s)]),
            Op::Get(s, _) => plain("dynamics.get", &[name(s)]),
            Op::Previous(s) => plain("dynamics.previous", &[name(s)]),
            Op::Post(s) => plain("dynamics.post", &[name(s)]),
            Op::Pre(s) => plain("dynamics.pre", &[name(s)]),
            Op::History(s, Age::AtSpike) => plain("dynamics.past", &[name(s)]),
            Op::History(s, Age::BeforeStep) => plain("dynamics.past", &[name(s), self.flag("earlier")]),
            Op::Delayed(s, steps) => {
                plain("dynamics.delayed", &[name(s), self.integer("steps", 64, steps.cast_signed())])
            }
            Op::Synapse(s) => plain("dynamics.synapse", &[name(s)]),
            Op::Read(s, _) => plain("dynamics.read", &[name(s)]),
            Op::External(s) => plain("dynamics.external", &[name(s)]),
            Op::WeightValue => plain("dynamics.weight_value", &[]),
            Op::Time => plain("dynamics.time", &[]),
            Op::Index => plain("dynamics.index", &[]),
            Op::SourceIndex => plain("dynamics.source_index", &[]),
            Op::Held(s) => plain("dynamics.held", &[name(s)]),
            Op::Recovered => plain("dynamics.recovered", &[]),
            Op::NeuronDraw { stream, of_source } => {
                let mut attributes = vec![self.integer("stream", 32, i64::from(*stream))];
                attributes.extend(of_source.then(|| self.flag("source")));
                plain("dynamics.neuron_draw", &attributes)
            }
            Op::PairIndex => plain("dynamics.pair_index", &[]),
            Op::Element(s) => plain("dynamics.element", &[name(s)]),
            Op::TimeIndex { clock, every, ahead, last } => {
                let whole = |name, value: &u64| self.integer(name, 64, value.cast_signed());
                let mut attributes = vec![whole("every", every), whole("ahead", ahead), whole("last", last)];
                attributes.extend(self.clock(*clock));
                plain("dynamics.time_index", &attributes)
            }
            Op::Due(period) => plain("dynamics.due", &self.period(*period)),
            Op::TimeFraction(clock, every) => {
                let mut attributes = vec![self.integer("every", 64, every.cast_signed())];
                attributes.extend(self.clock(*clock));
                plain("dynamics.time_fraction", &attributes)
            }
            Op::Noise(stream) => plain("dynamics.noise", &[self.integer("stream", 32, i64::from(*stream))]),
            Op::Random(distribution, stream) => plain(
                "dynamics.random",
                &[
                    self.string("distribution", distribution_name(*distribution)),
                    self.integer("stream", 32, i64::from(*stream)),
                ],
            ),
            Op::PropagatorElement(element) => {
                let elements = DenseI64ArrayAttribute::new(self.context, &[i64::from(*element)]);
                plain("dynamics.propagator", &[self.attribute("elements", elements.into())])
            }
            Op::Not => {
                let one = block.append_operation(self.truth(true)).result(0).expect("a constant has a result").into();
                ("arith.xori".into(), vec![], vec![operands[0], one])
            }
            op => match (PLAIN.iter().find(|p| p.0 == *op), COMPARISONS.iter().find(|c| c.0 == *op)) {
                (Some((_, name)), _) => plain(name, &[]),
                (_, Some((_, predicate))) => plain("arith.cmpf", &[self.integer("predicate", 64, *predicate)]),
                _ => unreachable!("every operation of the graph has a row or an arm here"),
            },
        };
        let operation = OperationBuilder::new(&op, self.location)
            .add_attributes(&attributes)
            .add_operands(&operands)
            .add_results(&[ty])
            .build()
            .expect("value operations are well formed");
        block.append_operation(operation).result(0).expect("a value operation has a result").into()
    }

    fn truth(&self, value: bool) -> Operation<'c> {
        OperationBuilder::new("arith.constant", self.location)
            .add_attributes(&[self.integer("value", 1, i64::from(value))])
            .add_results(&[IntegerType::new(self.context, 1).into()])
            .build()
            .expect("a constant is well formed")
    }

    fn op(&self, name: &str, attributes: &[Named<'c>], regions: Vec<Region<'c>>) -> Operation<'c> {
        OperationBuilder::new(name, self.location)
            .add_attributes(attributes)
            .add_regions_vec(regions)
            .build()
            .expect("operations of the dialect are well formed")
    }

    fn real(&self, real: Precision) -> MlirType<'c> {
        match real {
            Precision::F32 => MlirType::float32(self.context),
            Precision::F64 => MlirType::float64(self.context),
        }
    }

    fn ty(&self, ty: Type, real: Precision) -> MlirType<'c> {
        match ty {
            Type::Real => self.real(real),
            Type::Bool => IntegerType::new(self.context, 1).into(),
            Type::Int => IntegerType::new(self.context, 32).into(),
        }
    }

    fn attribute(&self, name: &str, value: Attribute<'c>) -> Named<'c> {
        (Identifier::new(self.context, name), value)
    }

    fn symbol_name(&self, name: &str) -> Named<'c> {
        self.string("sym_name", name)
    }

    fn string(&self, name: &str, value: &str) -> Named<'c> {
        self.attribute(name, StringAttribute::new(self.context, value).into())
    }

    fn reference(&self, name: &str, symbol: &str) -> Named<'c> {
        self.attribute(name, FlatSymbolRefAttribute::new(self.context, symbol).into())
    }

    fn float(&self, name: &str, value: f64) -> Named<'c> {
        self.attribute(name, FloatAttribute::new(self.context, MlirType::float64(self.context), value).into())
    }

    fn integer(&self, name: &str, bits: u32, value: i64) -> Named<'c> {
        self.attribute(name, IntegerAttribute::new(IntegerType::new(self.context, bits).into(), value).into())
    }

    fn flag(&self, name: &str) -> Named<'c> {
        self.attribute(name, Attribute::unit(self.context))
    }
}

/// The name of a distribution in `dynamics.random`.
#[must_use]
pub fn distribution_name(distribution: Distribution) -> &'static str {
    match distribution {
        Distribution::Uniform => "uniform",
        Distribution::Normal => "normal",
        Distribution::Exponential => "exponential",
        Distribution::LogNormal => "lognormal",
        Distribution::Poisson => "poisson",
        Distribution::Count => "count",
        Distribution::Binomial => "binomial",
        Distribution::Bernoulli => "bernoulli",
        Distribution::Gamma => "gamma",
        Distribution::TruncatedNormal => "truncated_normal",
    }
}
