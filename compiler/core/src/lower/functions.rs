//! `lower-step-to-loops`: step operations to the functions of a network.
//!
//! Before: `dynamics.deliver`, `dynamics.update`, `dynamics.initialise`, `dynamics.derive`, …
//! After:  `<symbol>_derive`, `_init`, `_step` and `_synapses`, and `_coefficients` if there are some
//!         ([`bpc_runtime_abi`] has their signatures) in func, scf, arith, vector and llvm
//!
//! Updates run over vectors as wide as the processor's, with no remainder: arrays are padded.
//! Deliveries are scalar loops over rows. Vectors are written out here because a membrane update
//! is seven times slower where a loop vectoriser gives up, and because it costs compile time to
//! ask it.

use super::arrays::Arrays;
use super::emitter::{Emitter, Val};
use super::expressions::{BEFORE_THE_FIRST_STEP, bits, emit, emit_besides};
use super::lanes::Lanes;
use super::layout::{Layout, padded};
use super::leaves::{NeuronLeaves, Outer};
use super::spike_times;
use super::tables::{Numbers, Operations, Side, Slot};
use crate::Bug;
use crate::ir::{Connection, EdgeKind, Graph, Network, Node, Op, Precision, Symbol, Type};
use bpc_runtime_abi::{Context as RuntimeContext, ExternalInput};
use melior::Context;
use melior::ir::attribute::{StringAttribute, TypeAttribute};
use melior::ir::r#type::FunctionType;
use melior::ir::{Attribute, Location, Module, Type as MlirType};
use std::collections::HashMap;
use std::mem::{offset_of, size_of};

/// Predicates of `arith.cmpi`.
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
    let top = Emitter::new(context, module.body());
    let lanes = vector_bytes / layout.real_bytes;
    let numbers = Numbers::Constants;
    let lowering = Lowering { context, top, network, layout, symbol, arrays: &arrays, lanes, numbers };
    for (index, population) in network.populations.iter().enumerate() {
        if let Some(times) = &population.spike_times {
            spike_times::constants(top, &spike_times::names(symbol, index), times);
        }
    }
    let pointer = top.pointer();
    let (i32, i64) = (top.integer(32), top.integer(64));
    lowering.arrays.constants(top, network);
    lowering.external(top, "bpc_rt3_propagator", &[i32, pointer, top.f64(), pointer]);
    lowering.function(top, &format!("{symbol}_derive"), &[pointer], |e, v| lowering.derive(e, v[0]))?;
    lowering.function(top, &format!("{symbol}_init"), &[pointer, i32], |e, v| {
        lowering.before_steps(e, "init", &network.initialise, v[0], v[1])
    })?;
    if !network.coefficients.is_empty() {
        lowering.function(top, &format!("{symbol}_coefficients"), &[pointer, i32], |e, v| {
            lowering.before_steps(e, "coefficients", &network.coefficients, v[0], v[1])
        })?;
    }
    lowering
        .function(top, &format!("{symbol}_step"), &[pointer, i64, i32], |e, v| lowering.step(e, v[0], v[1], v[2]))?;
    let arguments = [pointer, i32, i32, i32, i64, pointer, pointer, pointer];
    lowering.function(top, &format!("{symbol}_synapses"), &arguments, |e, v| lowering.synapses(e, v))?;
    Ok(module)
}

#[derive(Clone, Copy)]
pub(super) struct Lowering<'c, 'n> {
    pub(super) context: &'c Context,
    /// Where functions stand.
    pub(super) top: Emitter<'c>,
    pub(super) network: &'n Network,
    pub(super) layout: &'n Layout,
    pub(super) symbol: &'n str,
    pub(super) arrays: &'n Arrays<'n>,
    pub(super) lanes: u64,
    /// Where the numbers of the operation at hand come from.
    pub(super) numbers: Numbers<'c, 'n>,
}

/// A population, and how the operation at hand sees it.
pub(super) type Seen = (Side, usize);

/// Arrays, and what is written to them.
type Writes<'n> = &'n [(Symbol, Node)];

/// What changes the arrays of a population: a list of arrays and values, all read before any is written.
struct Elementwise<'n> {
    population: &'n Symbol,
    writes: Writes<'n>,
    /// What is written for recorders, besides.
    records: Writes<'n>,
    /// Populations, and where its neurons are listed among their spikes.
    emit: &'n [(Symbol, Node)],
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
        (side, population): Seen,
        part: Val<'c>,
    ) -> (Val<'c>, Val<'c>, Val<'c>) {
        let ranges = self.context_field(e, context, offset_of!(RuntimeContext, ranges));
        let parts = e.field(context, offset_of!(RuntimeContext, parts), e.integer(32));
        let one = e.i32(1);
        let row = e.same("arith.addi", &[parts, one]);
        let population = u32::try_from(population).expect("few populations");
        let index = self.numbers.narrow(e, Slot::Of(side, "population"), population);
        let start = e.same("arith.muli", &[row, index]);
        let at = e.same("arith.addi", &[start, part]);
        let at = e.op("arith.extui", &[at], &[], e.integer(64));
        let pointer = e.element_pointer(ranges, at, e.integer(32));
        let first = e.load(pointer, e.integer(32));
        let last = e.field(pointer, 4, e.integer(32));
        let wide = |v| e.op("arith.extui", &[v], &[], e.integer(64));
        (wide(first), wide(last), pointer)
    }

    /// What is computed for each neuron before steps are made.
    fn before_steps(
        &self,
        e: Emitter<'c>,
        what: &'static str,
        lists: &[(Symbol, Vec<(Symbol, Node)>)],
        context: Val<'c>,
        part: Val<'c>,
    ) -> Result<(), Bug> {
        let each = |(population, writes)| Elementwise { population, writes, records: &[], emit: &[] };
        let items: Vec<Elementwise> = lists.iter().map(|(p, writes)| each((p, writes))).collect();
        let operations = Operations {
            what,
            items: &items,
            arguments: &[context, part],
            // A population's arrays are its own, so their order means nothing.
            touches: &|_| vec![],
        };
        self.share(e, &operations, &|lowering, e, v, item| {
            let tag = e.i32(BEFORE_THE_FIRST_STEP);
            let step = StepNumber { low: tag, high: tag, number: None, time: None };
            lowering.elementwise(e, (v[0], v[1]), item, &step)
        })
    }

    fn step(&self, e: Emitter<'c>, context: Val<'c>, step: Val<'c>, part: Val<'c>) -> Result<(), Bug> {
        self.edges(e, context, step, part)?;
        let updates = self.network.updates.iter();
        let items: Vec<Elementwise> = updates
            .map(|u| Elementwise { population: &u.population, writes: &u.writes, records: &u.records, emit: &u.emit })
            .collect();
        let operations = Operations {
            what: "update",
            items: &items,
            arguments: &[context, step, part],
            touches: &|u| vec![u.population],
        };
        self.share(e, &operations, &|lowering, e, v, item| {
            lowering.elementwise(e, (v[0], v[2]), item, &lowering.step_number(e, v[1]))
        })?;
        for (index, population) in self.network.populations.iter().enumerate() {
            if let Some(times) = &population.spike_times {
                let own = (Side::Target, index);
                let (first, last, _) = self.range(e, context, own, part);
                let (list, length) = self.spike_list(e, context, step, part, own, first);
                let names = spike_times::names(self.symbol, index);
                spike_times::append(e, &names, times.len(), step, (first, last), list, length);
            }
        }
        self.at_spike(e, context, step, part)
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

    /// The time at the start of a step in ms, in the precision of states.
    pub(super) fn time(&self, e: Emitter<'c>, step: Val<'c>) -> Option<Val<'c>> {
        self.step_number(e, step).time.map(|time| self.as_real(e, time))
    }

    /// An f64 in the precision of states.
    fn as_real(&self, e: Emitter<'c>, value: Val<'c>) -> Val<'c> {
        match self.network.real {
            Precision::F32 => e.op("arith.truncf", &[value], &[], MlirType::float32(self.context)),
            Precision::F64 => value,
        }
    }

    /// The loop over a part's range of a population, a vector at a time.
    fn elementwise(
        &self,
        e: Emitter<'c>,
        (context, part): (Val<'c>, Val<'c>),
        item: &Elementwise<'_>,
        step: &StepNumber<'c>,
    ) -> Result<(), Bug> {
        let Elementwise { population, writes, records, emit } = item;
        let graph = &self.network.graph;
        let index = self.index_of(population)?;
        let own = (Side::Target, index);
        let (first, last, _) = self.range(e, context, own, part);
        let mut roots: Vec<Node> = writes.iter().map(|w| w.1).collect();
        roots.extend(emit.iter().map(|e| e.1));
        let recorded = records.iter().map(|r| r.1);
        let outer =
            self.outside_loop(e, context, graph, &roots.iter().copied().chain(recorded).collect::<Vec<_>>(), step)?;
        // Where the neurons that spike are listed, and those of each named event.
        let mut lists = Vec::new();
        if let Some(number) = step.number {
            for (place, (of, _)) in emit.iter().enumerate() {
                let seen = if of == *population { own } else { (Side::Event(place), self.index_of(of)?) };
                lists.push(self.spike_list(e, context, number, part, seen, first));
            }
        }
        let size = u32::try_from(self.network.populations[index].size).expect("sizes fit 32 bits");
        let size = (!lists.is_empty()).then(|| self.numbers.narrow(e, Slot::Own("size"), size));
        let zero = e.i32(0);
        let width = e.i64(self.lanes);
        let mut result = Ok(());
        let conditions: Vec<Node> = emit.iter().map(|e| e.1).collect();
        // A loop that lists nothing carries a count all the same.
        let counts = e.for_loop((first, last, width), &vec![zero; lists.len().max(1)], |inner, at, counts| {
            match (self.vector_of_neurons(inner, &outer, at, (writes, records), &roots, &conditions), size) {
                (Ok(holds), Some(size)) => {
                    let each = holds.into_iter().zip(&lists).zip(counts);
                    each.map(|((holds, list), count)| self.append_spikes(inner, holds, at, size, list.0, *count))
                        .collect()
                }
                (Ok(_), None) => counts.to_vec(),
                (Err(bug), _) => {
                    result = Err(bug);
                    counts.to_vec()
                }
            }
        });
        for (count, (_, length)) in counts.into_iter().zip(&lists) {
            e.store(count, *length);
        }
        result
    }

    /// The index of a population.
    pub(super) fn index_of(&self, population: &Symbol) -> Result<usize, Bug> {
        let index = self.layout.populations.get(population).copied();
        index.ok_or_else(|| Bug(format!("there is no population {population}")))
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
                    let at = self.numbers.offset(e, inputs, Slot::Feed(name.clone()), entry);
                    let values = e.field(at, offset_of!(ExternalInput, values), e.pointer());
                    let mask = e.field(at, offset_of!(ExternalInput, mask), e.integer(64));
                    external.insert(name.clone(), (values, mask));
                }
                _ => {}
            }
        }
        let time = step.time.map(|time| self.as_real(e, time));
        Ok(Outer {
            layout: self.layout,
            arrays: self.arrays,
            numbers: self.numbers,
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
        let at = self.numbers.offset(e, derived, Slot::Scalar(name.clone()), offset);
        Ok(match ty {
            Type::Real => e.load(at, self.scalar_lanes(e, self.network.real).real()),
            Type::Int => e.load(at, e.integer(32)),
            Type::Bool => {
                let byte = e.load(at, e.integer(8));
                e.op("arith.trunci", &[byte], &[], e.integer(1))
            }
        })
    }

    /// Where the spikes of a step are or go, those of a part, and where their number is.
    pub(super) fn spike_list(
        &self,
        e: Emitter<'c>,
        context: Val<'c>,
        step: Val<'c>,
        part: Val<'c>,
        population: Seen,
        first: Val<'c>,
    ) -> (Val<'c>, Val<'c>) {
        let slots = self.ring_slots(e, population);
        let slot = e.same("arith.remui", &[step, slots]);
        let (ids, counts) = self.ring(e, context, population, slot);
        let list = e.element_pointer(ids, first, e.integer(32));
        let part = e.op("arith.extui", &[part], &[], e.integer(64));
        (list, e.element_pointer(counts, part, e.integer(32)))
    }

    /// How many steps of spikes of a population are kept, as i64.
    pub(super) fn ring_slots(&self, e: Emitter<'c>, (side, population): Seen) -> Val<'c> {
        self.numbers.wide(e, Slot::Of(side, "slots"), ring_slots(self.network, population))
    }

    /// Spike list and lengths of a slot of a population's ring.
    pub(super) fn ring(
        &self,
        e: Emitter<'c>,
        context: Val<'c>,
        (side, population): Seen,
        slot: Val<'c>,
    ) -> (Val<'c>, Val<'c>) {
        let spikes = self.context_field(e, context, offset_of!(RuntimeContext, spikes));
        let counts = self.context_field(e, context, offset_of!(RuntimeContext, counts));
        let entry = |array| self.numbers.offset(e, array, Slot::Of(side, "ring"), 8 * population as u64);
        let ids = e.load(entry(spikes), e.pointer());
        let lengths = e.load(entry(counts), e.pointer());
        let size = padded(self.network.populations[population].size);
        let stride = self.numbers.wide(e, Slot::Of(side, "padded"), size);
        let start = e.same("arith.muli", &[slot, stride]);
        let parts = e.field(context, offset_of!(RuntimeContext, parts), e.integer(32));
        let parts = e.op("arith.extui", &[parts], &[], e.integer(64));
        let row = e.same("arith.muli", &[slot, parts]);
        (e.element_pointer(ids, start, e.integer(32)), e.element_pointer(lengths, row, e.integer(32)))
    }

    /// The body of the loop: returns whether each of the conditions holds.
    pub(super) fn vector_of_neurons(
        &self,
        e: Emitter<'c>,
        outer: &Outer<'c, '_>,
        at: Val<'c>,
        (writes, records): (Writes<'_>, Writes<'_>),
        roots: &[Node],
        conditions: &[Node],
    ) -> Result<Vec<Val<'c>>, Bug> {
        let mut lanes = Lanes { emitter: e, precision: math_precision(self.network.real), lanes: self.lanes };
        let mut leaves = NeuronLeaves { outer, at, time: outer.time };
        let graph = &self.network.graph;
        // Before the first step a value that depends on the time is a history, which is of many times.
        let (past, writes): (Vec<_>, Vec<_>) =
            writes.iter().partition(|write| outer.step.is_none() && graph.any(write.1, |op| matches!(op, Op::Time)));
        let roots: Vec<Node> = roots.iter().copied().filter(|root| past.iter().all(|p| p.1 != *root)).collect();
        let mut values = emit(graph, &roots, &mut lanes, &mut leaves)?;
        // Apart, so that what is recorded changes nothing of the step.
        let recorded: Vec<Node> = records.iter().map(|r| r.1).collect();
        emit_besides(graph, &recorded, &mut lanes, &mut leaves, &mut values)?;
        for (buffer, node) in writes.into_iter().chain(records) {
            outer.store(e, buffer, at, &lanes, values[node])?;
        }
        for (history, node) in past {
            outer.store_past(e, history, at, &lanes, |inner, time| {
                let mut lanes = Lanes { emitter: inner, precision: lanes.precision, lanes: lanes.lanes };
                let time = Some(lanes.broadcast(self.as_real(inner, time)));
                let values = emit(graph, &[*node], &mut lanes, &mut NeuronLeaves { outer, at, time })?;
                Ok(values[node])
            })?;
        }
        Ok(conditions.iter().map(|node| values[node]).collect())
    }

    /// Appends the neurons of a vector that spike to the list; spikes are rare.
    fn append_spikes(
        &self,
        e: Emitter<'c>,
        condition: Val<'c>,
        at: Val<'c>,
        size: Val<'c>,
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
                    let real = e.compare(UNSIGNED_LESS, neuron, size);
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
}

/// How many steps of spikes of a population are kept: the largest delay of its projections, of its spikes to synapses
/// that it has and to what they do to itself, and the step that is being written, at least 2.
#[must_use]
pub fn ring_slots(network: &Network, population: usize) -> u64 {
    let name = &network.populations[population].name;
    // The runtime wants a source to keep its spikes for the delay, though it be an event that is delivered.
    let sends = |c: &Connection| c.source.as_ref() == Some(name) || c.received() == Some(name);
    // The most steps that a handler is later.
    let late = |c: &Connection, kind| {
        let own = network.edges.iter().filter(|edge| edge.kind == kind && edge.connection == c.name);
        own.map(|edge| edge.after).max().unwrap_or(0)
    };
    let delays = network
        .connections
        .iter()
        .filter(|c| sends(c))
        .map(|c| c.max_delay.cast_unsigned() + late(c, EdgeKind::Deliver));
    let back = network
        .connections
        .iter()
        .filter(|c| c.target == *name || c.responded() == name)
        .map(|c| c.post_delays.1.cast_unsigned() + late(c, EdgeKind::Respond));
    let after = network.after_spike.iter().filter(|a| a.population == *name).map(|a| a.delay);
    delays.chain(back).chain(after).max().unwrap_or(1) + 1
}

/// The step's number in two words, and the time at its start if it has one.
pub(super) struct StepNumber<'c> {
    low: Val<'c>,
    high: Val<'c>,
    number: Option<Val<'c>>,
    time: Option<Val<'c>>,
}
