//! What is done along connections: spikes are delivered and responded to, sums gathered, synapses
//! advanced; loops over rows (a source neuron and a delay) or columns (a target neuron).
//!
//! What a row or a column shares is read once, outside of the loop over its synapses.

use super::arrays::{self, Whole};
use super::draws;
use super::emitter::{Emitter, Val};
use super::expressions::{Address, Leaves, emit};
use super::functions::{Lowering, Seen, ring_slots};
use super::lanes::Lanes;
use super::tables::{Operations, Side, Slot};
use crate::Bug;
use crate::ir::{AfterSpike, Age, Connection, Edge, EdgeKind, Graph, Node, Op, POST_DELAY, Sink, Symbol};
use bpc_runtime_abi::{Context as RuntimeContext, Topology};
use std::collections::HashMap;
use std::mem::{offset_of, size_of};

/// A predicate of `arith.cmpi`.
const EQUAL: i64 = 0;

impl<'c> Lowering<'c, '_> {
    /// Everything along connections, in the order of a step.
    pub(super) fn edges(&self, e: Emitter<'c>, context: Val<'c>, step: Val<'c>, part: Val<'c>) -> Result<(), Bug> {
        let at = [context, step, part];
        self.along(e, &at, EdgeKind::Deliver, "deliver", &|lowering, along| lowering.deliver(along))?;
        self.along(e, &at, EdgeKind::Respond, "respond", &|lowering, along| lowering.respond(along))?;
        self.after_spike(e, context, step, part)?;
        self.along(e, &at, EdgeKind::Gather, "gather", &|lowering, along| lowering.gather(along))?;
        self.along(e, &at, EdgeKind::Update, "advance", &|_, along| {
            along.every_row(along.e, &mut |along, e, row| along.row(e, row))
        })
    }

    /// All edges of a kind.
    fn along(
        &self,
        e: Emitter<'c>,
        arguments: &[Val<'c>; 3],
        kind: EdgeKind,
        what: &'static str,
        work: &dyn Fn(&Lowering<'c, '_>, Along<'c, '_>) -> Result<(), Bug>,
    ) -> Result<(), Bug> {
        let items: Vec<&Edge> = self.network.edges.iter().filter(|edge| edge.kind == kind).collect();
        let operations = Operations { what, items: &items, arguments, touches: &|edge| self.touched(edge) };
        self.share(e, &operations, &|lowering, e, v, edge| {
            work(lowering, Along::new(lowering, e, (v[0], v[1], v[2]), edge)?)
        })
    }

    /// The arrays of target neurons that an edge reads or writes, and its connection for those of its synapses.
    fn touched<'n>(&'n self, edge: &'n Edge) -> Vec<&'n Symbol> {
        let graph = &self.network.graph;
        let mut touched = vec![&edge.connection];
        for (sink, root) in &edge.sinks {
            if let Sink::Accumulate(buffer) | Sink::Write(buffer) = sink {
                touched.push(buffer);
            }
            for node in graph.order(&[*root]) {
                if let Op::Post(buffer) = graph.op(node) {
                    touched.push(buffer);
                }
            }
        }
        touched
    }

    /// Sums over all synapses of every target, made anew.
    fn gather(&self, along: Along<'c, '_>) -> Result<(), Bug> {
        let e = along.e;
        let (first, last, _) = self.range(e, along.context, along.target, along.part);
        let mut lanes = self.scalar_lanes(e, self.network.real);
        let zero = bpc_math::Arith::float(&mut lanes, 0.0);
        e.for_loop((first, last, e.i64(1)), &[], |e, at, _| {
            for (sink, _) in &along.edge.sinks {
                if let Sink::Accumulate(buffer) = sink
                    && let Ok(base) = along.base(e, buffer)
                {
                    e.store(zero, e.element_pointer(base, at, lanes.real()));
                }
            }
            vec![]
        });
        if along.is_one_sum() {
            return along.one_sum(e, first, last);
        }
        along.every_row(e, &mut |along, e, row| along.row(e, row))
    }

    /// Delivers the spikes that are due to the targets of a part.
    fn deliver(&self, along: Along<'c, '_>) -> Result<(), Bug> {
        let e = along.e;
        let parts = e.field(along.context, offset_of!(RuntimeContext, parts), e.integer(32));
        let mut result = Ok(());
        let (zero, one) = (e.i64(0), e.i64(1));
        e.for_loop((zero, along.delays(e), one), &[], |e, delay, _| {
            let slot = along.ring_slot(e, delay);
            let (ids, lengths) = self.ring(e, along.context, along.source, slot);
            let histories = along.history_slots(e, delay);
            let key = along.key_of_draws(e, delay);
            e.for_loop((e.i32(0), parts, e.i32(1)), &[], |e, from, _| {
                let (first, _, _) = self.range(e, along.context, along.source, from);
                let from = e.op("arith.extui", &[from], &[], e.integer(64));
                let length = e.load(e.element_pointer(lengths, from, e.integer(32)), e.integer(32));
                let length = e.op("arith.extui", &[length], &[], e.integer(64));
                let list = e.element_pointer(ids, first, e.integer(32));
                e.for_loop((e.i64(0), length, e.i64(1)), &[], |e, n, _| {
                    let neuron = e.load(e.element_pointer(list, n, e.integer(32)), e.integer(32));
                    let neuron = e.op("arith.extui", &[neuron], &[], e.integer(64));
                    let row = Row { source: neuron, delay, histories: &histories, key };
                    result = result.clone().and(along.row(e, row));
                    vec![]
                });
                vec![]
            });
            vec![]
        });
        result
    }

    /// What spikes of the target do to the synapses of their neurons: those that are so many steps old as the delay of
    /// these spikes says, which is one for all synapses or each synapse's own.
    fn respond(&self, along: Along<'c, '_>) -> Result<(), Bug> {
        let e = along.e;
        let (least, most) = along.connection.post_delays;
        let steps = |name, count: i64| self.numbers.wide(e, Slot::Own(name), count.cast_unsigned());
        if least == most {
            return self.respond_to(&along, e, steps("post_delay", least), None);
        }
        let state: Symbol = format!("{}.{POST_DELAY}", along.connection.name).into();
        let own = OwnDelay { array: along.array(&state)?, most: steps("last_post_delay", most) };
        let end = e.same("arith.addi", &[own.most, e.i64(1)]);
        let mut result = Ok(());
        e.for_loop((e.i64(1), end, e.i64(1)), &[], |e, back, _| {
            result = self.respond_to(&along, e, back, Some(&own));
            vec![]
        });
        result
    }

    /// What spikes of the target that are `back` steps old, and as much older as the handler is later, do to the synapses of
    /// their neurons, or to those of which `back` is the delay.
    fn respond_to(
        &self,
        along: &Along<'c, '_>,
        e: Emitter<'c>,
        back: Val<'c>,
        own: Option<&OwnDelay<'c>>,
    ) -> Result<(), Bug> {
        let (first, _, _) = self.range(e, along.context, along.target, along.part);
        let column = |offset| e.field(along.rows.topology, offset, e.pointer());
        let starts = column(offset_of!(Topology, column_starts));
        let synapses = column(offset_of!(Topology, column_synapses));
        let rows = column(offset_of!(Topology, column_rows));
        let mut result = Ok(());
        let age = match along.edge.after {
            0 => back,
            after => e.same("arith.addi", &[back, self.numbers.wide(e, Slot::Own("after"), after)]),
        };
        self.spikes_before(e, along.context, (along.step, age), along.part, along.target, |e, neuron| {
            let local = e.same("arith.subi", &[neuron, first]);
            let wide = |v| e.op("arith.extui", &[v], &[], e.integer(64));
            let start = e.element_pointer(starts, local, e.integer(32));
            let begin = wide(e.load(start, e.integer(32)));
            let end = wide(e.field(start, 4, e.integer(32)));
            let before = if along.draws { draws::nothing_before(e) } else { vec![] };
            e.for_loop((begin, end, e.i64(1)), &before, |e, at, before| {
                let wide = |v| e.op("arith.extui", &[v], &[], e.integer(64));
                let synapse = wide(e.load(e.element_pointer(synapses, at, e.integer(32)), e.integer(32)));
                let row = wide(e.load(e.element_pointer(rows, at, e.integer(32)), e.integer(32)));
                let delays = along.delays(e);
                let source = e.same("arith.divui", &[row, delays]);
                let delay = e.same("arith.remui", &[row, delays]);
                let next = draws::ordinal(e, row, before);
                let mut act = |e: Emitter<'c>| {
                    let slots = along.history_slots(e, delay);
                    let values = along.history_values(e, &slots, source);
                    let address =
                        along.key_of_draws(e, delay).map(|key| draws::address(e, key, (source, neuron), &next));
                    result = result.clone().and(along.synapse(e, synapse, neuron, &values, address));
                };
                match own {
                    None => act(e),
                    Some(own) => {
                        let due = self.is_due(e, own, synapse, back);
                        e.if_then(due, &[], |e| {
                            act(e);
                            vec![]
                        });
                    }
                }
                next
            });
        });
        result
    }

    /// Whether a synapse's own delay is so many steps: rounded to the nearest, halves upwards, and kept between 1 and the
    /// most.
    fn is_due(&self, e: Emitter<'c>, own: &OwnDelay<'c>, synapse: Val<'c>, back: Val<'c>) -> Val<'c> {
        let real = self.scalar_lanes(e, self.network.real).real();
        let delay = e.load(e.element_pointer(own.array, synapse, real), real);
        let steps = e.same("arith.divf", &[delay, e.float(real, self.network.dt)]);
        let steps = e.same("math.floor", &[e.same("arith.addf", &[steps, e.float(real, 0.5)])]);
        let steps = e.same("arith.maximumf", &[steps, e.float(real, 1.0)]);
        let most = e.op("arith.uitofp", &[own.most], &[], real);
        let steps = e.same("arith.minimumf", &[steps, most]);
        e.compare(EQUAL, e.op("arith.fptoui", &[steps], &[], e.integer(64)), back)
    }

    /// What spikes do to their neurons once arriving spikes have been delivered.
    fn after_spike(&self, e: Emitter<'c>, context: Val<'c>, step: Val<'c>, part: Val<'c>) -> Result<(), Bug> {
        let items = &self.network.after_spike;
        let operations =
            Operations { what: "after_spike", items, arguments: &[context, step, part], touches: &|_| vec![] };
        self.share(e, &operations, &|lowering, e, v, AfterSpike { population, delay, writes }| {
            let back = lowering.numbers.wide(e, Slot::Own("delay"), *delay);
            lowering.change_spiking(e, v[0], (v[1], v[1], back), v[2], (population, writes))
        })
    }

    /// What the given spikes of this step do to their neurons.
    pub(super) fn at_spike(&self, e: Emitter<'c>, context: Val<'c>, step: Val<'c>, part: Val<'c>) -> Result<(), Bug> {
        let items = &self.network.at_spike;
        let operations =
            Operations { what: "at_spike", items, arguments: &[context, step, part], touches: &|_| vec![] };
        self.share(e, &operations, &|lowering, e, v, (population, writes)| {
            lowering.change_spiking(e, v[0], (v[1], v[1], e.i64(0)), v[2], (population, writes))
        })
    }

    /// What the spikes of the step `back` steps before `last` do to their neurons in step number `step`.
    fn change_spiking(
        &self,
        e: Emitter<'c>,
        context: Val<'c>,
        (step, last, back): (Val<'c>, Val<'c>, Val<'c>),
        part: Val<'c>,
        (population, writes): (&Symbol, &[(Symbol, Node)]),
    ) -> Result<(), Bug> {
        let index = self.index_of(population)?;
        let scalar = Lowering { lanes: 1, ..*self };
        let roots: Vec<Node> = writes.iter().map(|w| w.1).collect();
        let number = self.step_number(e, step);
        let outer = scalar.outside_loop(e, context, &self.network.graph, &roots, &number)?;
        let mut result = Ok(());
        self.spikes_before(e, context, (last, back), part, (Side::Target, index), |e, neuron| {
            let made = scalar.vector_of_neurons(e, &outer, neuron, (writes, &[]), &roots, &[]);
            result = result.clone().and(made.map(|_| ()));
        });
        result
    }

    /// Loops over the neurons of a part that spiked at the end of the step `back` steps before.
    fn spikes_before(
        &self,
        e: Emitter<'c>,
        context: Val<'c>,
        (step, back): (Val<'c>, Val<'c>),
        part: Val<'c>,
        population: Seen,
        mut each: impl FnMut(Emitter<'c>, Val<'c>),
    ) {
        let slots = self.ring_slots(e, population);
        let back = e.same("arith.subi", &[slots, back]);
        let ahead = e.same("arith.addi", &[step, back]);
        let (first, _, _) = self.range(e, context, population, part);
        let (list, length) = self.spike_list(e, context, ahead, part, population, first);
        let length = e.op("arith.extui", &[e.load(length, e.integer(32))], &[], e.integer(64));
        e.for_loop((e.i64(0), length, e.i64(1)), &[], |e, n, _| {
            let neuron = e.load(e.element_pointer(list, n, e.integer(32)), e.integer(32));
            let neuron = e.op("arith.extui", &[neuron], &[], e.integer(64));
            each(e, neuron);
            vec![]
        });
    }

    fn rows(&self, e: Emitter<'c>, context: Val<'c>, part: Val<'c>, index: usize) -> Rows<'c> {
        let topologies = self.context_field(e, context, offset_of!(RuntimeContext, topologies));
        let parts = e.field(context, offset_of!(RuntimeContext, parts), e.integer(32));
        let index = u32::try_from(index).expect("few connections");
        let number = self.numbers.narrow(e, Slot::Own("connection"), index);
        let row = e.same("arith.muli", &[parts, number]);
        let at = e.same("arith.addi", &[row, part]);
        let at = e.op("arith.extui", &[at], &[], e.integer(64));
        let bytes = e.i64(size_of::<Topology>() as u64);
        let offset = e.same("arith.muli", &[at, bytes]);
        let topology = e.element_pointer(topologies, offset, e.integer(8));
        Rows {
            topology,
            starts: e.field(topology, offset_of!(Topology, row_starts), e.pointer()),
            targets: e.field(topology, offset_of!(Topology, targets), e.pointer()),
            weights: e.field(topology, offset_of!(Topology, weights), e.pointer()),
        }
    }
}

struct Rows<'c> {
    topology: Val<'c>,
    starts: Val<'c>,
    targets: Val<'c>,
    weights: Val<'c>,
}

/// A history, and as of when it is read.
type Past = (Symbol, Age);

/// The synapses of a source neuron with one delay.
struct Row<'c, 'h> {
    source: Val<'c>,
    delay: Val<'c>,
    /// Where the slots of histories for this delay are.
    histories: &'h [(Past, Val<'c>)],
    /// The key of draws, if there are any.
    key: Option<[Val<'c>; 2]>,
}

/// The delays of spikes of the target, where each synapse has one.
struct OwnDelay<'c> {
    /// One for each synapse, in ms.
    array: Val<'c>,
    /// The greatest, in steps.
    most: Val<'c>,
}

/// One edge of the network, with everything that does not change from synapse to synapse.
struct Along<'c, 'n> {
    lowering: &'n Lowering<'c, 'n>,
    e: Emitter<'c>,
    context: Val<'c>,
    step: Val<'c>,
    part: Val<'c>,
    edge: &'n Edge,
    connection: &'n Connection,
    source: Seen,
    target: Seen,
    /// How many different delays there are.
    delays: u64,
    rows: Rows<'c>,
    state: Val<'c>,
    scalars: HashMap<Symbol, Val<'c>>,
    /// Arrays of the states of synapses.
    synapse_states: HashMap<Symbol, Val<'c>>,
    histories: Vec<Past>,
    roots: Vec<Node>,
    /// Whether random numbers are drawn for each synapse: at spikes, or as noise.
    draws: bool,
    /// The time at the start of the step in ms, if it is read.
    time: Option<Val<'c>>,
}

impl<'c, 'n> Along<'c, 'n> {
    fn new(
        lowering: &'n Lowering<'c, 'n>,
        e: Emitter<'c>,
        (context, step, part): (Val<'c>, Val<'c>, Val<'c>),
        edge: &'n Edge,
    ) -> Result<Along<'c, 'n>, Bug> {
        let network = lowering.network;
        let index = network.connections.iter().position(|c| c.name == edge.connection);
        let index = index.ok_or_else(|| Bug(format!("there is no connection {}", edge.connection)))?;
        let connection = &network.connections[index];
        // Populations of named events have the neurons, and so the ranges, of the one whose events they are.
        let source = connection.received().ok_or_else(|| Bug(format!("{} has no source", connection.name)))?;
        let source = lowering.index_of(source)?;
        let target = if edge.kind == EdgeKind::Respond { connection.responded() } else { &connection.target };
        let target = lowering.index_of(target)?;
        let roots: Vec<Node> = edge.sinks.iter().map(|s| s.1).collect();
        let reads_time = roots.iter().any(|root| network.graph.any(*root, |op| *op == Op::Time));
        let derived = lowering.context_field(e, context, offset_of!(RuntimeContext, derived));
        let state = lowering.context_field(e, context, offset_of!(RuntimeContext, state));
        let mut scalars = HashMap::new();
        let mut histories = Vec::new();
        for node in network.graph.order(&roots) {
            match network.graph.op(node) {
                Op::Scalar(name, ty) => {
                    scalars.insert(name.clone(), lowering.derived_scalar(e, derived, name, *ty)?);
                }
                Op::History(name, age) => histories.push((name.clone(), *age)),
                _ => {}
            }
        }
        let rows = lowering.rows(e, context, part, index);
        let own = network.synapse_states.iter().filter(|s| s.connection == connection.name);
        let mut synapse_states = HashMap::new();
        let mut arrays = None;
        for (number, own) in own.enumerate() {
            let arrays =
                *arrays.get_or_insert_with(|| e.field(rows.topology, offset_of!(Topology, states), e.pointer()));
            synapse_states.insert(own.name.clone(), e.field(arrays, 8 * number, e.pointer()));
        }
        let delays =
            u64::try_from(connection.max_delay - connection.min_delay + 1).map_err(|_| Bug("delays".into()))?;
        Ok(Along {
            lowering,
            e,
            context,
            step,
            part,
            edge,
            connection,
            source: (Side::Source, source),
            target: (Side::Target, target),
            delays,
            rows,
            state,
            scalars,
            synapse_states,
            histories,
            draws: roots.iter().any(|root| network.graph.any(*root, |op| matches!(op, Op::Random(..)))),
            time: if reads_time { lowering.time(e, step) } else { None },
            roots,
        })
    }

    /// How many different delays there are, as i64.
    fn delays(&self, e: Emitter<'c>) -> Val<'c> {
        self.lowering.numbers.wide(e, Slot::Own("delays"), self.delays)
    }

    /// How many neurons the source has, as i64.
    fn sources(&self, e: Emitter<'c>) -> Val<'c> {
        let size = self.lowering.network.populations[self.source.1].size;
        self.lowering.numbers.wide(e, Slot::Of(Side::Source, "size"), size)
    }

    /// The slot of the source's spikes that are due: (step - delay, and less what the handler is later) modulo the length of the ring. Slots of
    /// steps before the first are empty.
    fn ring_slot(&self, e: Emitter<'c>, delay: Val<'c>) -> Val<'c> {
        let length = ring_slots(self.lowering.network, self.source.1);
        let slots = self.lowering.ring_slots(e, self.source);
        let least = self.connection.min_delay.cast_unsigned() + self.edge.after;
        self.slot_at(e, delay, Slot::Own("shift"), (least, length, slots))
    }

    /// The slot of a ring for `least` steps and `delay` more.
    fn slot_at(
        &self,
        e: Emitter<'c>,
        delay: Val<'c>,
        shift: Slot,
        (least, length, slots): (u64, u64, Val<'c>),
    ) -> Val<'c> {
        let shift = self.lowering.numbers.wide(e, shift, length.wrapping_sub(least));
        let ahead = e.same("arith.addi", &[self.step, shift]);
        let back = e.same("arith.subi", &[ahead, delay]);
        e.same("arith.remui", &[back, slots])
    }

    fn base(&self, e: Emitter<'c>, buffer: &Symbol) -> Result<Val<'c>, Bug> {
        let array = self.lowering.layout.buffers.get(buffer);
        let array = array.ok_or_else(|| Bug(format!("there is no buffer {buffer}")))?;
        Ok(self.lowering.numbers.offset(e, self.state, Slot::Array(buffer.clone()), array.offset))
    }

    /// The key of draws of this step for synapses with a delay.
    fn key_of_draws(&self, e: Emitter<'c>, delay: Val<'c>) -> Option<[Val<'c>; 2]> {
        let mut lanes = self.lowering.scalar_lanes(e, self.lowering.network.real);
        self.draws.then(|| draws::key(&mut lanes, self.lowering.seed(e, self.context), self.step, delay))
    }

    /// Where the slots of histories for a delay are.
    fn history_slots(&self, e: Emitter<'c>, delay: Val<'c>) -> Vec<(Past, Val<'c>)> {
        let (layout, numbers) = (self.lowering.layout, self.lowering.numbers);
        let mut found = Vec::new();
        for (name, age) in &self.histories {
            if let Some(array) = layout.buffers.get(name) {
                let slots = numbers.wide(e, Slot::Kept(name.clone()), array.slots);
                let least = self.connection.min_delay.cast_unsigned() + age.steps();
                let slot = self.slot_at(e, delay, Slot::Shift(name.clone(), *age), (least, array.slots, slots));
                let stride = numbers.wide(e, Slot::Stride(name.clone()), array.slot_bytes);
                let bytes = e.same("arith.muli", &[slot, stride]);
                let base = numbers.offset(e, self.state, Slot::Array(name.clone()), array.offset);
                found.push(((name.clone(), *age), e.element_pointer(base, bytes, e.integer(8))));
            }
        }
        found
    }

    fn history_values(&self, e: Emitter<'c>, slots: &[(Past, Val<'c>)], source: Val<'c>) -> HashMap<Past, Val<'c>> {
        let real = self.lowering.scalar_lanes(e, self.lowering.network.real).real();
        let load =
            |(past, base): &(Past, Val<'c>)| (past.clone(), e.load(e.element_pointer(*base, source, real), real));
        slots.iter().map(load).collect()
    }

    /// Visits all rows, by delay and source.
    fn every_row(
        &self,
        e: Emitter<'c>,
        visit: &mut dyn FnMut(&Self, Emitter<'c>, Row<'c, '_>) -> Result<(), Bug>,
    ) -> Result<(), Bug> {
        let mut result = Ok(());
        e.for_loop((e.i64(0), self.delays(e), e.i64(1)), &[], |e, delay, _| {
            let histories = self.history_slots(e, delay);
            let key = self.key_of_draws(e, delay);
            e.for_loop((e.i64(0), self.sources(e), e.i64(1)), &[], |e, source, _| {
                result = result.clone().and(visit(self, e, Row { source, delay, histories: &histories, key }));
                vec![]
            });
            vec![]
        });
        result
    }

    /// The loop over the synapses of a row.
    fn row(&self, e: Emitter<'c>, row: Row<'c, '_>) -> Result<(), Bug> {
        let values = self.history_values(e, row.histories, row.source);
        let count = self.delays(e);
        let index = e.same("arith.muli", &[row.source, count]);
        let index = e.same("arith.addi", &[index, row.delay]);
        let wide = |v| e.op("arith.extui", &[v], &[], e.integer(64));
        let start = e.element_pointer(self.rows.starts, index, e.integer(32));
        let begin = wide(e.load(start, e.integer(32)));
        let end = wide(e.field(start, 4, e.integer(32)));
        let mut result = Ok(());
        let before = if row.key.is_some() { draws::nothing_before(e) } else { vec![] };
        e.for_loop((begin, end, e.i64(1)), &before, |e, synapse, before| {
            let target = e.load(e.element_pointer(self.rows.targets, synapse, e.integer(32)), e.integer(32));
            let target = e.op("arith.extui", &[target], &[], e.integer(64));
            let next = draws::ordinal(e, target, before);
            let address = row.key.map(|key| draws::address(e, key, (row.source, target), &next));
            result = self.synapse(e, synapse, target, &values, address);
            next
        });
        result
    }

    /// The work for one synapse: all reads, then all writes.
    fn synapse(
        &self,
        e: Emitter<'c>,
        synapse: Val<'c>,
        target: Val<'c>,
        histories: &HashMap<Past, Val<'c>>,
        address: Option<Address<'c>>,
    ) -> Result<(), Bug> {
        let graph = &self.lowering.network.graph;
        let mut lanes = self.lowering.scalar_lanes(e, self.lowering.network.real);
        let mut leaves = EdgeLeaves { along: self, synapse, target, histories, address };
        let values = emit(graph, &self.roots, &mut lanes, &mut leaves)?;
        for (sink, node) in &self.edge.sinks {
            let value = values[node];
            match sink {
                Sink::Accumulate(buffer) => {
                    let pointer = e.element_pointer(self.base(e, buffer)?, target, lanes.real());
                    let old = e.load(pointer, lanes.real());
                    let new = e.same("arith.addf", &[old, value]);
                    e.store(new, pointer);
                }
                Sink::Write(buffer) => {
                    e.store(value, e.element_pointer(self.base(e, buffer)?, target, lanes.real()));
                }
                Sink::Synapse(name) => {
                    e.store(value, e.element_pointer(self.array(name)?, synapse, lanes.real()));
                }
                Sink::Weight => {
                    e.store(value, e.element_pointer(self.rows.weights, synapse, lanes.real()));
                }
            }
        }
        Ok(())
    }

    fn array(&self, state: &Symbol) -> Result<Val<'c>, Bug> {
        self.synapse_states.get(state).copied().ok_or_else(|| Bug(format!("there is no synapse state {state}")))
    }

    /// Whether every synapse of a source adds the same to every target: then one sum serves all.
    fn is_one_sum(&self) -> bool {
        let graph = &self.lowering.network.graph;
        let own = |graph: &Graph, root: Node| {
            graph.any(root, |op| matches!(op, Op::Post(_) | Op::Synapse(_) | Op::WeightValue | Op::Random(..)))
        };
        self.connection.rule == "all_to_all"
            && self.delays == 1
            && self.edge.sinks.iter().all(|(sink, node)| matches!(sink, Sink::Accumulate(_)) && !own(graph, *node))
    }

    /// The sum over all sources, once for a part, for each of its targets; without itself if a
    /// neuron is not connected to itself.
    fn one_sum(&self, e: Emitter<'c>, first: Val<'c>, last: Val<'c>) -> Result<(), Bug> {
        let graph = &self.lowering.network.graph;
        let real = self.lowering.scalar_lanes(e, self.lowering.network.real).real();
        let slots = self.history_slots(e, e.i64(0));
        let mut result = Ok(());
        let of_source = |e: Emitter<'c>, source: Val<'c>| -> Result<Vec<Val<'c>>, Bug> {
            let histories = self.history_values(e, &slots, source);
            let mut lanes = self.lowering.scalar_lanes(e, self.lowering.network.real);
            let mut leaves =
                EdgeLeaves { along: self, synapse: source, target: source, histories: &histories, address: None };
            let values = emit(graph, &self.roots, &mut lanes, &mut leaves)?;
            Ok(self.roots.iter().map(|root| values[root]).collect())
        };
        let zero = e.float(real, 0.0);
        let zeros = vec![zero; self.roots.len()];
        let sums =
            e.for_loop((e.i64(0), self.sources(e), e.i64(1)), &zeros, |e, source, sums| match of_source(e, source) {
                Ok(values) => {
                    sums.iter().zip(values).map(|(sum, value)| e.same("arith.addf", &[*sum, value])).collect()
                }
                Err(bug) => {
                    result = Err(bug);
                    sums.to_vec()
                }
            });
        let mut bases = Vec::new();
        for (sink, _) in &self.edge.sinks {
            if let Sink::Accumulate(buffer) = sink {
                bases.push(self.base(e, buffer)?);
            }
        }
        // Padding has no source of its own.
        let size = self.lowering.network.populations[self.target.1].size;
        let end = self.lowering.numbers.wide(e, Slot::Of(Side::Target, "size"), size);
        let last = e.same("arith.minui", &[last, end]);
        e.for_loop((first, last, e.i64(1)), &[], |e, target, _| {
            let own = match (self.connection.no_self, of_source(e, target)) {
                (false, _) => vec![],
                (true, Ok(values)) => values,
                (true, Err(bug)) => {
                    result = Err(bug);
                    vec![]
                }
            };
            for (k, (&base, &sum)) in bases.iter().zip(&sums).enumerate() {
                let value = match own.get(k) {
                    Some(&own) => e.same("arith.subf", &[sum, own]),
                    None => sum,
                };
                e.store(value, e.element_pointer(base, target, real));
            }
            vec![]
        });
        result
    }
}

/// Where the leaves of an expression along a connection get their values.
struct EdgeLeaves<'c, 'a, 'n> {
    along: &'a Along<'c, 'n>,
    synapse: Val<'c>,
    target: Val<'c>,
    histories: &'a HashMap<Past, Val<'c>>,
    /// Of its draws.
    address: Option<Address<'c>>,
}

impl<'c> Leaves<'c> for EdgeLeaves<'c, '_, '_> {
    fn leaf(&mut self, lanes: &mut Lanes<'c>, op: &Op) -> Result<Val<'c>, Bug> {
        let e = lanes.emitter;
        let element = |base, index| e.load(e.element_pointer(base, index, lanes.real()), lanes.real());
        match op {
            Op::Scalar(name, _) => Ok(self.along.scalars[name]),
            Op::WeightValue => Ok(element(self.along.rows.weights, self.synapse)),
            Op::Synapse(name) => Ok(element(self.along.array(name)?, self.synapse)),
            Op::Due(period) => Ok(arrays::due(lanes, self.along.step, *period)),
            Op::TimeIndex { clock, every, ahead, last } => {
                let index = arrays::time_index(e, self.along.step, *clock, (*every, *ahead, *last));
                Ok(e.op("arith.trunci", &[index], &[], e.integer(32)))
            }
            Op::TimeFraction(clock, every) => Ok(arrays::time_fraction(lanes, self.along.step, *clock, *every)),
            Op::Time => self.along.time.ok_or_else(|| Bug("the time of a step is not read".into())),
            Op::Post(buffer) => Ok(element(self.along.base(e, buffer)?, self.target)),
            Op::History(name, age) => {
                let value = self.histories.get(&(name.clone(), *age));
                value.copied().ok_or_else(|| Bug(format!("there is no history {name}")))
            }
            other => Err(Bug(format!("{other:?} has no meaning along a connection"))),
        }
    }

    fn array(&mut self, lanes: &mut Lanes<'c>, name: &Symbol) -> Result<(Val<'c>, Vec<u64>), Bug> {
        self.along.lowering.arrays.address(lanes, name)
    }

    fn whole(&mut self, lanes: &mut Lanes<'c>, op: &Op) -> Result<Option<Whole<'c>>, Bug> {
        Ok(match op {
            Op::TimeIndex { clock, every, ahead, last } => {
                Some(Whole::Same(arrays::time_index(lanes.emitter, self.along.step, *clock, (*every, *ahead, *last))))
            }
            _ => None,
        })
    }

    fn address(&mut self, _: &mut Lanes<'c>) -> Result<Address<'c>, Bug> {
        self.address.ok_or_else(|| Bug("sums over all synapses at once draw no random numbers".into()))
    }

    fn stream(&mut self, lanes: &mut Lanes<'c>, stream: u32) -> Val<'c> {
        self.along.lowering.numbers.narrow(lanes.emitter, Slot::Stream(stream), stream)
    }
}
