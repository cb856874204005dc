//! `lower-step-to-loops`: step operations to the four functions of a network.
//!
//! Before: `dynamics.deliver`, `dynamics.update`, `dynamics.initialise`, `dynamics.derive`, …
//! After:  `<symbol>_derive`, `_init`, `_step` and `_synapses` ([`bpc_runtime_abi`] has their
//!         signatures) in func, scf, arith, vector and llvm
//!
//! Updates run over vectors as wide as the processor's, with no remainder: arrays are padded.
//! Deliveries are scalar loops over rows. Vectors are written out here because a membrane update
//! is seven times slower where a loop vectoriser gives up, and because it costs compile time to
//! ask it.

use super::arrays::Arrays;
use super::emitter::{Emitter, Val, with_lanes};
use super::expressions::{Address, BEFORE_THE_FIRST_STEP, Leaves, bits, emit};
use super::lanes::Lanes;
use super::layout::{Layout, padded};
use super::leaves::{DeriveLeaves, NeuronLeaves, Outer, SynapseLeaves};
use super::spike_times;
use crate::Bug;
use crate::ir::{Graph, Network, Node, Op, Precision, Symbol, Type, Update};
use bpc_runtime_abi::{Context as RuntimeContext, ExternalInput};
use melior::Context;
use melior::ir::attribute::{FlatSymbolRefAttribute, StringAttribute, TypeAttribute};
use melior::ir::r#type::FunctionType;
use melior::ir::{Attribute, Location, Module, Type as MlirType};
use std::collections::HashMap;
use std::mem::{offset_of, size_of};

/// Predicates of `arith.cmpi`.
const EQUAL: i64 = 0;
const NOT_EQUAL: i64 = 1;
const UNSIGNED_LESS: i64 = 6;

/// Lowers a network in step operations.
///
/// # Errors
/// A [`Bug`] if an operation has no meaning where it stands.
pub fn lower<'c>(
    context: &'c Context,
    network: &Network,
    layout: &Layout,
    symbol: &str,
    vector_bytes: u64,
) -> Result<Module<'c>, Bug> {
    let module = Module::new(Location::unknown(context));
    let arrays = Arrays::new(symbol, network);
    let lowering =
        Lowering { context, network, layout, symbol, arrays: &arrays, lanes: vector_bytes / layout.real_bytes };
    let top = Emitter::new(context, module.body());
    for (index, population) in network.populations.iter().enumerate() {
        if let Some(times) = &population.spike_times {
            spike_times::constants(top, &spike_times::names(symbol, index), times);
        }
    }
    let pointer = top.pointer();
    let (i32, i64) = (top.integer(32), top.integer(64));
    lowering.arrays.constants(top, network);
    lowering.external(top, "bpc_rt2_propagator", &[i32, pointer, top.f64(), pointer]);
    lowering.function(top, &format!("{symbol}_derive"), &[pointer], |e, v| lowering.derive(e, v[0]))?;
    lowering.function(top, &format!("{symbol}_init"), &[pointer, i32], |e, v| lowering.init(e, v[0], v[1]))?;
    lowering
        .function(top, &format!("{symbol}_step"), &[pointer, i64, i32], |e, v| lowering.step(e, v[0], v[1], v[2]))?;
    let arguments = [pointer, i32, i32, i32, i64, pointer, pointer, pointer];
    lowering.function(top, &format!("{symbol}_synapses"), &arguments, |e, v| lowering.synapses(e, v))?;
    Ok(module)
}

#[derive(Clone, Copy)]
pub(super) struct Lowering<'c, 'n> {
    pub(super) context: &'c Context,
    pub(super) network: &'n Network,
    pub(super) layout: &'n Layout,
    pub(super) symbol: &'n str,
    pub(super) arrays: &'n Arrays<'n>,
    pub(super) lanes: u64,
}

fn math_precision(precision: Precision) -> bpc_math::Precision {
    match precision {
        Precision::F32 => bpc_math::Precision::F32,
        Precision::F64 => bpc_math::Precision::F64,
    }
}

impl<'c> Lowering<'c, '_> {
    fn function(
        &self,
        top: Emitter<'c>,
        name: &str,
        arguments: &[MlirType<'c>],
        fill: impl FnOnce(Emitter<'c>, &[Val<'c>]) -> Result<(), Bug>,
    ) -> Result<(), Bug> {
        let location = Location::unknown(self.context);
        let typed: Vec<_> = arguments.iter().map(|&t| (t, location)).collect();
        let mut result = Ok(());
        let body = top.region(&typed, |e, values| {
            result = fill(e, values);
            e.sink("func.return", &[], &[]);
        });
        self.declare(top, name, arguments, vec![body], &[]);
        result
    }

    fn external(&self, top: Emitter<'c>, name: &str, arguments: &[MlirType<'c>]) {
        let private: Attribute = StringAttribute::new(self.context, "private").into();
        self.declare(top, name, arguments, vec![melior::ir::Region::new()], &[("sym_visibility", private)]);
    }

    fn declare(
        &self,
        top: Emitter<'c>,
        name: &str,
        arguments: &[MlirType<'c>],
        regions: Vec<melior::ir::Region<'c>>,
        more: &[(&str, Attribute<'c>)],
    ) {
        let ty = FunctionType::new(self.context, arguments, &[]).into();
        let mut attributes: Vec<(&str, Attribute)> = vec![
            ("sym_name", StringAttribute::new(self.context, name).into()),
            ("function_type", TypeAttribute::new(ty).into()),
        ];
        attributes.extend(more);
        top.many("func.func", &[], &attributes, &[], regions);
    }

    pub(super) fn scalar_lanes(&self, emitter: Emitter<'c>, precision: Precision) -> Lanes<'c> {
        Lanes { emitter, precision: math_precision(precision), lanes: 1 }
    }

    pub(super) fn context_field(&self, e: Emitter<'c>, context: Val<'c>, offset: usize) -> Val<'c> {
        e.field(context, offset, e.pointer())
    }

    pub(super) fn seed(&self, e: Emitter<'c>, context: Val<'c>) -> [Val<'c>; 2] {
        let seed = offset_of!(RuntimeContext, seed);
        [e.field(context, seed, e.integer(32)), e.field(context, seed + 4, e.integer(32))]
    }

    /// The part's range of a population: first and one past the last element, as i64.
    pub(super) fn range(
        &self,
        e: Emitter<'c>,
        context: Val<'c>,
        population: usize,
        part: Val<'c>,
    ) -> (Val<'c>, Val<'c>, Val<'c>) {
        let ranges = self.context_field(e, context, offset_of!(RuntimeContext, ranges));
        let parts = e.field(context, offset_of!(RuntimeContext, parts), e.integer(32));
        let one = e.i32(1);
        let row = e.same("arith.addi", &[parts, one]);
        let index = e.i32(u32::try_from(population).expect("few populations"));
        let start = e.same("arith.muli", &[row, index]);
        let at = e.same("arith.addi", &[start, part]);
        let at = e.op("arith.extui", &[at], &[], e.integer(64));
        let pointer = e.element_pointer(ranges, at, e.integer(32));
        let first = e.load(pointer, e.integer(32));
        let last = e.field(pointer, 4, e.integer(32));
        let wide = |v| e.op("arith.extui", &[v], &[], e.integer(64));
        (wide(first), wide(last), pointer)
    }

    fn derive(&self, e: Emitter<'c>, context: Val<'c>) -> Result<(), Bug> {
        let n = self.network;
        let parameters = self.context_field(e, context, offset_of!(RuntimeContext, parameters));
        let derived = self.context_field(e, context, offset_of!(RuntimeContext, derived));
        let mut graph = n.graph.clone();
        // Parameters that are computed from others are written out first, in order.
        let mut computed: HashMap<Node, Node> = HashMap::new();
        for p in &n.parameters {
            if let Some(value) = p.value {
                let value = graph.substitute(value, &computed);
                let leaf = graph.leaf(Op::Scalar(p.name.clone(), Type::Real));
                computed.insert(leaf, value);
            }
        }
        let mut roots = Vec::new();
        let mut stores = Vec::new();
        for (index, p) in (0_u64..).zip(&n.parameters) {
            if let Some(value) = p.value {
                let value = graph.substitute(value, &computed);
                roots.push(value);
                stores.push((value, e.offset(parameters, 8 * index), Type::Real, true));
            }
        }
        for (name, ty, value) in &n.derived {
            let value = graph.substitute(*value, &computed);
            let value = if *graph.op(value) == Op::Steps { graph.arguments(value)[0] } else { value };
            roots.push(value);
            stores.push((value, e.offset(derived, self.layout.derived[name].0), *ty, false));
        }
        let mut lanes = self.scalar_lanes(e, Precision::F64);
        let mut leaves = DeriveLeaves { layout: self.layout, parameters };
        let values = propagators(&graph, &roots, e, n.dt, &mut lanes, &mut leaves)?;
        for (node, pointer, ty, is_parameter) in stores {
            let value = values[&node];
            let stored = match ty {
                Type::Int => steps(e, value, n.dt),
                _ if is_parameter || n.real == Precision::F64 => value,
                Type::Real => e.op("arith.truncf", &[value], &[], MlirType::float32(self.context)),
                Type::Bool => e.op("arith.extui", &[value], &[], e.integer(8)),
            };
            e.store(stored, pointer);
        }
        Ok(())
    }

    fn init(&self, e: Emitter<'c>, context: Val<'c>, part: Val<'c>) -> Result<(), Bug> {
        let tag = e.i32(BEFORE_THE_FIRST_STEP);
        for (population, writes) in &self.network.initialise {
            let step = StepNumber { low: tag, high: tag, number: None, time: None };
            self.elementwise(e, context, part, population, writes, None, &step)?;
        }
        Ok(())
    }

    fn step(&self, e: Emitter<'c>, context: Val<'c>, step: Val<'c>, part: Val<'c>) -> Result<(), Bug> {
        self.edges(e, context, step, part)?;
        let number = self.step_number(e, step);
        for update in &self.network.updates {
            self.elementwise(e, context, part, &update.population, &update.writes, Some((step, update)), &number)?;
        }
        for (index, times) in
            self.network.populations.iter().enumerate().filter_map(|(i, p)| Some((i, p.spike_times.as_ref()?)))
        {
            let (first, last, _) = self.range(e, context, index, part);
            let (list, length) = self.spike_list(e, context, step, part, index, first);
            spike_times::append(
                e,
                &spike_times::names(self.symbol, index),
                times.len(),
                step,
                (first, last),
                list,
                length,
            );
        }
        self.at_spike(e, context, step, part)?;
        Ok(())
    }

    pub(super) fn step_number(&self, e: Emitter<'c>, step: Val<'c>) -> StepNumber<'c> {
        let low = e.op("arith.trunci", &[step], &[], e.integer(32));
        let distance = e.i64(32);
        let upper = e.same("arith.shrui", &[step, distance]);
        let high = e.op("arith.trunci", &[upper], &[], e.integer(32));
        let number = e.op("arith.uitofp", &[step], &[], e.f64());
        let dt = e.float(e.f64(), self.network.dt);
        let time = e.same("arith.mulf", &[number, dt]);
        StepNumber { low, high, time: Some(time), number: Some(step) }
    }

    /// The loop over a part's range of a population, a vector at a time.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn elementwise(
        &self,
        e: Emitter<'c>,
        context: Val<'c>,
        part: Val<'c>,
        population: &Symbol,
        writes: &[(Symbol, Node)],
        update: Option<(Val<'c>, &Update)>,
        step: &StepNumber<'c>,
    ) -> Result<(), Bug> {
        let graph = &self.network.graph;
        let index = *self.layout.populations.get(population).ok_or_else(|| Bug(format!("there is no {population}")))?;
        let size = self.network.populations[index].size;
        let (first, last, _) = self.range(e, context, index, part);
        let emit_root = update.and_then(|(_, u)| u.emit);
        let mut roots: Vec<Node> = writes.iter().map(|w| w.1).collect();
        roots.extend(emit_root);
        let outer = self.outside_loop(e, context, graph, &roots, step)?;
        let spikes = match (emit_root, update) {
            (Some(_), Some((number, _))) => Some(self.spike_list(e, context, number, part, index, first)),
            _ => None,
        };
        let zero = e.i32(0);
        let width = e.i64(self.lanes);
        let mut result = Ok(());
        let count = e.for_loop((first, last, width), &[zero], |inner, at, count| {
            match self.vector_of_neurons(inner, graph, &outer, at, writes, &roots, emit_root) {
                Ok(Some(condition)) => {
                    let list = spikes.as_ref().expect("an update that emits has a list").0;
                    vec![self.append_spikes(inner, condition, at, size, list, count[0])]
                }
                Ok(None) => vec![count[0]],
                Err(bug) => {
                    result = Err(bug);
                    vec![count[0]]
                }
            }
        });
        if let Some((_, length)) = spikes {
            e.store(count[0], length);
        }
        result
    }

    /// What a loop over neurons needs of the world outside of it.
    pub(super) fn outside_loop(
        &self,
        e: Emitter<'c>,
        context: Val<'c>,
        graph: &Graph,
        roots: &[Node],
        step: &StepNumber<'c>,
    ) -> Result<Outer<'c, '_>, Bug> {
        let real = self.network.real;
        let state = self.context_field(e, context, offset_of!(RuntimeContext, state));
        let derived = self.context_field(e, context, offset_of!(RuntimeContext, derived));
        let inputs = self.context_field(e, context, offset_of!(RuntimeContext, inputs));
        let lanes = Lanes { emitter: e, precision: math_precision(real), lanes: self.lanes };
        let mut scalars = HashMap::new();
        let mut external = HashMap::new();
        for node in graph.order(roots) {
            match graph.op(node) {
                Op::Scalar(name, ty) => {
                    let value = self.derived_scalar(e, derived, name, *ty)?;
                    scalars.insert(name.clone(), lanes.broadcast(value));
                }
                Op::External(name) => {
                    let feed = self.layout.feeds.get(name).ok_or_else(|| Bug(format!("there is no input {name}")))?;
                    let entry = feed * size_of::<ExternalInput>() as u64;
                    let at = e.offset(inputs, entry);
                    let values = e.field(at, offset_of!(ExternalInput, values), e.pointer());
                    let mask = e.field(at, offset_of!(ExternalInput, mask), e.integer(64));
                    external.insert(name.clone(), (values, mask));
                }
                _ => {}
            }
        }
        let time = match step.time {
            Some(time) if real == Precision::F32 => {
                Some(e.op("arith.truncf", &[time], &[], MlirType::float32(self.context)))
            }
            time => time,
        };
        Ok(Outer {
            layout: self.layout,
            arrays: self.arrays,
            step: step.number,
            state,
            scalars,
            external,
            time: time.map(|t| lanes.broadcast(t)),
            low: step.low,
            high: step.high,
            key: self.seed(e, context),
            dt: self.network.dt,
        })
    }

    pub(super) fn derived_scalar(
        &self,
        e: Emitter<'c>,
        derived: Val<'c>,
        name: &Symbol,
        ty: Type,
    ) -> Result<Val<'c>, Bug> {
        let (offset, _) =
            *self.layout.derived.get(name).ok_or_else(|| Bug(format!("{name} is not derived: run hoist-scalars")))?;
        let at = e.offset(derived, offset);
        Ok(match ty {
            Type::Real => e.load(at, self.scalar_lanes(e, self.network.real).real()),
            Type::Int => e.load(at, e.integer(32)),
            Type::Bool => {
                let byte = e.load(at, e.integer(8));
                e.op("arith.trunci", &[byte], &[], e.integer(1))
            }
        })
    }

    /// Where this step's spikes of a part go, and where their number goes.
    fn spike_list(
        &self,
        e: Emitter<'c>,
        context: Val<'c>,
        step: Val<'c>,
        part: Val<'c>,
        population: usize,
        first: Val<'c>,
    ) -> (Val<'c>, Val<'c>) {
        let slots = e.i64(self.ring_slots(population));
        let slot = e.same("arith.remui", &[step, slots]);
        let (ids, counts) = self.ring(e, context, population, slot);
        let list = e.element_pointer(ids, first, e.integer(32));
        let part = e.op("arith.extui", &[part], &[], e.integer(64));
        (list, e.element_pointer(counts, part, e.integer(32)))
    }

    pub(super) fn ring_slots(&self, population: usize) -> u64 {
        ring_slots(self.network, population)
    }

    /// Spike list and lengths of a slot of a population's ring.
    pub(super) fn ring(
        &self,
        e: Emitter<'c>,
        context: Val<'c>,
        population: usize,
        slot: Val<'c>,
    ) -> (Val<'c>, Val<'c>) {
        let spikes = self.context_field(e, context, offset_of!(RuntimeContext, spikes));
        let counts = self.context_field(e, context, offset_of!(RuntimeContext, counts));
        let ids = e.field(spikes, 8 * population, e.pointer());
        let lengths = e.field(counts, 8 * population, e.pointer());
        let stride = e.i64(padded(self.network.populations[population].size));
        let start = e.same("arith.muli", &[slot, stride]);
        let parts = e.field(context, offset_of!(RuntimeContext, parts), e.integer(32));
        let parts = e.op("arith.extui", &[parts], &[], e.integer(64));
        let row = e.same("arith.muli", &[slot, parts]);
        (e.element_pointer(ids, start, e.integer(32)), e.element_pointer(lengths, row, e.integer(32)))
    }

    /// The body of the loop: returns the condition of a spike, if there is one.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn vector_of_neurons(
        &self,
        e: Emitter<'c>,
        graph: &Graph,
        outer: &Outer<'c, '_>,
        at: Val<'c>,
        writes: &[(Symbol, Node)],
        roots: &[Node],
        condition: Option<Node>,
    ) -> Result<Option<Val<'c>>, Bug> {
        let mut lanes = Lanes { emitter: e, precision: math_precision(self.network.real), lanes: self.lanes };
        let mut leaves = NeuronLeaves { outer, at };
        let values = emit(graph, roots, &mut lanes, &mut leaves)?;
        for (buffer, node) in writes {
            outer.store(e, buffer, at, &lanes, values[node])?;
        }
        Ok(condition.map(|node| values[&node]))
    }

    /// Appends the neurons of a vector that spike to the list; spikes are rare.
    fn append_spikes(
        &self,
        e: Emitter<'c>,
        condition: Val<'c>,
        at: Val<'c>,
        size: u64,
        list: Val<'c>,
        count: Val<'c>,
    ) -> Val<'c> {
        let bits = if self.lanes == 1 { condition } else { bits(e, condition, self.lanes) };
        let wide = e.op("arith.extui", &[bits], &[], e.integer(64));
        let none = e.i64(0);
        let some = e.compare(NOT_EQUAL, wide, none);
        let first = e.op("arith.trunci", &[at], &[], e.integer(32));
        e.if_then(some, &[count], |e| {
            let end = e.while_loop(
                &[wide, count],
                |e, v| {
                    let none = e.i64(0);
                    e.compare(NOT_EQUAL, v[0], none)
                },
                |e, v| {
                    let lane = e.same("math.cttz", &[v[0]]);
                    let lane = e.op("arith.trunci", &[lane], &[], e.integer(32));
                    let neuron = e.same("arith.addi", &[first, lane]);
                    let index = e.op("arith.extui", &[v[1]], &[], e.integer(64));
                    let pointer = e.element_pointer(list, index, e.integer(32));
                    e.store(neuron, pointer);
                    // Padding computes like any neuron but does not count.
                    let limit = e.i32(u32::try_from(size).expect("sizes fit 32 bits"));
                    let real = e.compare(UNSIGNED_LESS, neuron, limit);
                    let one = e.op("arith.extui", &[real], &[], e.integer(32));
                    let more = e.same("arith.addi", &[v[1], one]);
                    let lowest = e.i64(1);
                    let less = e.same("arith.subi", &[v[0], lowest]);
                    let rest = e.same("arith.andi", &[v[0], less]);
                    vec![rest, more]
                },
            );
            vec![end[1]]
        })[0]
    }

    /// Weights, delays and states of the synapses of one source neuron, or the probabilities of its pairs, in f64.
    fn synapses(&self, e: Emitter<'c>, v: &[Val<'c>]) -> Result<(), Bug> {
        let (context, projection, kind, source, count) = (v[0], v[1], v[2], v[3], v[4]);
        let (targets, ordinals, out) = (v[5], v[6], v[7]);
        let parameters = self.context_field(e, context, offset_of!(RuntimeContext, parameters));
        let key = self.seed(e, context);
        let mut graph = self.network.graph.clone();
        let mut computed: HashMap<Node, Node> = HashMap::new();
        for p in &self.network.parameters {
            if let Some(value) = p.value {
                let value = graph.substitute(value, &computed);
                computed.insert(graph.leaf(Op::Scalar(p.name.clone(), Type::Real)), value);
            }
        }
        let mut result = Ok(());
        for group in self.alike(&mut graph, &computed)? {
            let (root, what) = (group.root, group.what);
            let number = |index: usize| e.i32(u32::try_from(index).expect("few connections"));
            let is = |index: usize| e.compare(EQUAL, projection, number(index));
            let mut any = is(group.members[0].0);
            let mut streams: Vec<Val> = group.members[0].1.iter().map(|&s| e.i32(s)).collect();
            for (index, own) in &group.members[1..] {
                let this = is(*index);
                any = e.same("arith.ori", &[any, this]);
                for (stream, &own) in streams.iter_mut().zip(own) {
                    *stream = e.op("arith.select", &[this, e.i32(own), *stream], &[], e.integer(32));
                }
            }
            let name = &self.network.connections[group.members[0].0].name;
            let mut own = self.network.synapse_states.iter().filter(|s| s.connection == *name);
            let wanted = match what {
                "weight" => Some(0),
                "delay" => Some(1),
                "probability" => Some(2),
                state => own.position(|s| *s.name == *state).and_then(|q| u32::try_from(q + 3).ok()),
            };
            let wanted = e.i32(wanted.ok_or_else(|| Bug(format!("there is no synapse state {what}")))?);
            let kind = e.compare(EQUAL, kind, wanted);
            let both = e.same("arith.andi", &[any, kind]);
            e.if_then(both, &[], |e| {
                // Probabilities draw nothing, and are asked for in whole vectors.
                let width = if what == "probability" { (self.lanes * self.layout.real_bytes / 8).max(1) } else { 1 };
                e.for_loop((e.i64(0), count, e.i64(width)), &[], |e, at, _| {
                    let load = |list, lanes| {
                        e.load(e.element_pointer(list, at, e.integer(32)), with_lanes(e.integer(32), lanes))
                    };
                    let (index, ordinal) = (load(targets, width), load(ordinals, 1));
                    let address = Address { index, low: source, high: ordinal, key };
                    let mut leaves = SynapseLeaves {
                        layout: self.layout,
                        arrays: self.arrays,
                        parameters,
                        address,
                        streams: &streams,
                    };
                    let mut lanes = Lanes { lanes: width, ..self.scalar_lanes(e, Precision::F64) };
                    match emit(&graph, &[root], &mut lanes, &mut leaves) {
                        Ok(values) => e.store(values[&root], e.element_pointer(out, at, e.f64())),
                        Err(bug) => result = Err(bug),
                    }
                    vec![]
                });
                vec![]
            });
        }
        result
    }

    /// The expressions of synapses, those together that differ in nothing but the streams of their
    /// draws: one piece of code then serves them all.
    fn alike(&self, graph: &mut Graph, computed: &HashMap<Node, Node>) -> Result<Vec<Alike<'_>>, Bug> {
        let mut groups: Vec<Alike> = Vec::new();
        for (name, what, value) in &self.network.synapses {
            let index = self.network.connections.iter().position(|c| c.name == *name);
            let index = index.ok_or_else(|| Bug(format!("there is no connection {name}")))?;
            let root = graph.substitute(*value, computed);
            let mut streams: Vec<u32> = Vec::new();
            let mut numbered: HashMap<Node, Node> = HashMap::new();
            for node in graph.order(&[root]) {
                let arguments: Vec<Node> = graph.arguments(node).iter().map(|a| numbered[a]).collect();
                let op = match graph.op(node) {
                    Op::Random(distribution, stream) => {
                        let number = streams.iter().position(|s| s == stream).unwrap_or(streams.len());
                        if number == streams.len() {
                            streams.push(*stream);
                        }
                        Op::Random(*distribution, u32::try_from(number).expect("few draws"))
                    }
                    other => other.clone(),
                };
                let unchanged = op == *graph.op(node) && arguments == graph.arguments(node);
                numbered.insert(node, if unchanged { node } else { graph.node(op, &arguments) });
            }
            let root = numbered[&root];
            match groups.iter_mut().find(|g| g.root == root && g.what == what) {
                Some(group) => group.members.push((index, streams)),
                None => groups.push(Alike { what, root, members: vec![(index, streams)] }),
            }
        }
        Ok(groups)
    }
}

/// Expressions of synapses that differ in streams alone.
struct Alike<'n> {
    /// `weight`, `delay` or `probability`
    what: &'n str,
    /// The expression, its draws numbered 0, 1, …
    root: Node,
    /// Connections, and the streams of these draws.
    members: Vec<(usize, Vec<u32>)>,
}

/// How many steps of spikes of a population are kept: the largest delay of its projections and
/// the step that is being written, at least 2.
#[must_use]
pub fn ring_slots(network: &Network, population: usize) -> u64 {
    let name = &network.populations[population].name;
    let delays =
        network.connections.iter().filter(|c| c.source.as_ref() == Some(name)).map(|c| c.max_delay.cast_unsigned());
    delays.max().unwrap_or(1) + 1
}

/// The step's number in two words, and the time at its start if it has one.
pub(super) struct StepNumber<'c> {
    low: Val<'c>,
    high: Val<'c>,
    number: Option<Val<'c>>,
    time: Option<Val<'c>>,
}

/// A time in ms as whole steps, rounded to nearest, at least 0.
fn steps<'c>(e: Emitter<'c>, time: Val<'c>, dt: f64) -> Val<'c> {
    let dt = e.float(e.f64(), dt);
    let exact = e.same("arith.divf", &[time, dt]);
    let rounded = e.same("math.roundeven", &[exact]);
    let (zero, most) = (e.float(e.f64(), 0.0), e.float(e.f64(), f64::from(i32::MAX)));
    let low = e.same("arith.maximumf", &[rounded, zero]);
    let high = e.same("arith.minimumf", &[low, most]);
    e.op("arith.fptosi", &[high], &[], e.integer(32))
}

/// Scalars of which some are elements of propagators: those are computed by the runtime first.
fn propagators<'c>(
    graph: &Graph,
    roots: &[Node],
    e: Emitter<'c>,
    dt: f64,
    lanes: &mut Lanes<'c>,
    leaves: &mut dyn Leaves<'c>,
) -> Result<HashMap<Node, Val<'c>>, Bug> {
    let elements: Vec<Node> =
        graph.order(roots).into_iter().filter(|&n| matches!(graph.op(n), Op::PropagatorElement(_))).collect();
    let mut graph = graph.clone();
    let mut matrices: HashMap<Vec<Node>, Val<'c>> = HashMap::new();
    let mut known: HashMap<Node, Node> = HashMap::new();
    let mut values: HashMap<Symbol, Val<'c>> = HashMap::new();
    for node in elements {
        let Op::PropagatorElement(element) = *graph.op(node) else { continue };
        let entries = graph.arguments(node).to_vec();
        let size = entries.len().isqrt();
        if !matrices.contains_key(&entries) {
            let emitted = emit(&graph, &entries, lanes, leaves)?;
            let bytes = e.i64(8 * entries.len() as u64);
            let reserve = || {
                let attributes = [("elem_type", TypeAttribute::new(e.integer(8)).into())];
                e.op("llvm.alloca", &[bytes], &attributes, e.pointer())
            };
            let (matrix, result) = (reserve(), reserve());
            for (index, entry) in (0_u64..).zip(&entries) {
                e.store(emitted[entry], e.offset(matrix, 8 * index));
            }
            let size = e.i32(u32::try_from(size).expect("a propagator is small"));
            let dt = e.float(e.f64(), dt);
            let callee = FlatSymbolRefAttribute::new(e.context, "bpc_rt2_propagator").into();
            e.sink("func.call", &[size, matrix, dt, result], &[("callee", callee)]);
            matrices.insert(entries.clone(), result);
        }
        let value = e.load(e.offset(matrices[&entries], 8 * u64::from(element)), e.f64());
        let name: Symbol = format!("propagator {}", values.len()).into();
        known.insert(node, graph.leaf(Op::Scalar(name.clone(), Type::Real)));
        values.insert(name, value);
    }
    let renamed: Vec<Node> = roots.iter().map(|&r| graph.substitute(r, &known)).collect();
    let mut leaves = Known { values: &values, others: leaves };
    let emitted = emit(&graph, &renamed, lanes, &mut leaves)?;
    Ok(roots.iter().zip(&renamed).map(|(root, new)| (*root, emitted[new])).collect())
}

struct Known<'c, 'v> {
    values: &'v HashMap<Symbol, Val<'c>>,
    others: &'v mut dyn Leaves<'c>,
}

impl<'c> Leaves<'c> for Known<'c, '_> {
    fn leaf(&mut self, lanes: &mut Lanes<'c>, op: &Op) -> Result<Val<'c>, Bug> {
        match op {
            Op::Scalar(name, _) if self.values.contains_key(name) => Ok(self.values[name]),
            other => self.others.leaf(lanes, other),
        }
    }

    fn address(&mut self, lanes: &mut Lanes<'c>) -> Result<Address<'c>, Bug> {
        self.others.address(lanes)
    }
}
