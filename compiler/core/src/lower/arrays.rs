//! Data as private constants of the object, and elements of them as loads.
//!
//! Before: `dynamics.element @data.W [%row, %column]`
//! After:  one load where all lanes read the same element, a vector load where they read
//!         consecutive ones, and a load for each lane otherwise
//!
//! Indices of real neurons are proven to exist. Padding computes like any neuron, so arrays are
//! padded too, and indices that are computed lane by lane are cut to the array.

use super::emitter::{Emitter, Val, element, with_lanes};
use super::expressions::Leaves;
use super::lanes::Lanes;
use crate::Bug;
use crate::ir::{Clock, Data, Graph, Network, Node, Op, Period, Precision, Symbol, dense};
use bpc_runtime_abi::LANES;
use melior::ir::attribute::{DenseI64ArrayAttribute, StringAttribute, TypeAttribute};
use melior::ir::{Attribute, Region, Type as MlirType};
use std::collections::{BTreeSet, HashMap};

/// The arrays of a network.
pub(super) struct Arrays<'n> {
    /// What names start with.
    symbol: &'n str,
    data: &'n [Data],
}

/// An index, in each lane.
pub enum Whole<'c> {
    /// The same in all: an i64.
    Same(Val<'c>),
    /// One more in each: the i64 of the first.
    Consecutive(Val<'c>),
    /// Any: an i32 in each.
    Each(Val<'c>),
}

impl<'n> Arrays<'n> {
    pub(super) fn new(symbol: &'n str, network: &'n Network) -> Arrays<'n> {
        Arrays { symbol, data: &network.data }
    }

    fn name(&self, number: usize, precision: bpc_math::Precision) -> String {
        let element = if precision == bpc_math::Precision::F32 { "f32" } else { "f64" };
        format!("{}_data_{number}_{element}", self.symbol)
    }

    /// Where an array is, and its lengths.
    pub(super) fn address<'c>(&self, lanes: &Lanes<'c>, name: &Symbol) -> Result<(Val<'c>, Vec<u64>), Bug> {
        let number = self.data.iter().position(|data| data.name == *name);
        let number = number.ok_or_else(|| Bug(format!("there is no data {name}")))?;
        let e = lanes.emitter;
        let pointer = e.address_of(&self.name(number, lanes.precision));
        Ok((pointer, self.data[number].shape.clone()))
    }

    /// The constants that the functions of a network read.
    pub(super) fn constants(&self, top: Emitter<'_>, network: &Network) {
        let mut used: BTreeSet<(usize, bool)> = BTreeSet::new();
        let mut look = |roots: &[Node], single: bool| {
            for node in network.graph.order(roots) {
                if let Op::Element(name) = network.graph.op(node) {
                    used.extend(self.data.iter().position(|data| data.name == *name).map(|number| (number, single)));
                }
            }
        };
        let synapses: Vec<Node> = network.synapses.iter().map(|synapses| synapses.2).collect();
        look(&synapses, false);
        let computed = network.parameters.iter().filter_map(|parameter| parameter.value);
        let scalars: Vec<Node> = computed.chain(network.derived.iter().map(|derived| derived.2)).collect();
        look(&scalars, false);
        let lists = network
            .initialise
            .iter()
            .chain(&network.coefficients)
            .chain(&network.at_spike)
            .map(|(_, writes)| writes)
            .chain(network.after_spike.iter().map(|after| &after.writes))
            .flatten();
        let mut roots: Vec<Node> = lists.map(|write| write.1).collect();
        roots.extend(network.edges.iter().flat_map(|edge| &edge.sinks).map(|sink| sink.1));
        for update in &network.updates {
            roots.extend(update.writes.iter().map(|write| write.1));
            roots.extend(update.emit.iter().map(|e| e.1));
            roots.extend(update.records.iter().map(|record| record.1));
        }
        look(&roots, network.real == Precision::F32);
        for (number, single) in used {
            self.constant(top, number, single);
        }
    }

    fn constant(&self, top: Emitter<'_>, number: usize, single: bool) {
        let values = &self.data[number].values;
        let padded = values.iter().copied().chain(std::iter::repeat_n(0.0, LANES as usize));
        let count = values.len() as u64 + LANES;
        let (precision, element, value) = if single {
            let narrow: Vec<f32> = padded.map(|value| value as f32).collect();
            (bpc_math::Precision::F32, "f32", dense::singles(top.context, &[count], &narrow))
        } else {
            let wide: Vec<f64> = padded.collect();
            (bpc_math::Precision::F64, "f64", dense::reals(top.context, &[count], &wide))
        };
        let parse = |text: &str| Attribute::parse(top.context, text).expect("an attribute of the llvm dialect");
        let shape = |text: String| MlirType::parse(top.context, &text).expect("a type of the llvm dialect");
        let attributes = [
            ("sym_name", StringAttribute::new(top.context, &self.name(number, precision)).into()),
            ("global_type", TypeAttribute::new(shape(format!("!llvm.array<{count} x {element}>"))).into()),
            ("value", value),
            ("linkage", parse("#llvm.linkage<internal>")),
            ("constant", Attribute::unit(top.context)),
            ("addr_space", parse("0 : i32")),
            ("alignment", parse("64 : i64")),
        ];
        top.many("llvm.mlir.global", &[], &attributes, &[], vec![Region::new()]);
    }
}

/// Emits an element.
pub(super) fn load<'c>(
    graph: &Graph,
    lanes: &mut Lanes<'c>,
    leaves: &mut dyn Leaves<'c>,
    values: &HashMap<Node, Val<'c>>,
    name: &Symbol,
    arguments: &[Node],
) -> Result<Val<'c>, Bug> {
    let (pointer, shape) = leaves.array(lanes, name)?;
    let mut place: Option<(Whole, u64)> = None;
    for (argument, &length) in arguments.iter().zip(&shape) {
        let index = match graph.op(*argument) {
            Op::Constant(bits) => Whole::Same(lanes.emitter.i64(f64::from_bits(*bits) as u64)),
            op => match leaves.whole(lanes, op)? {
                Some(index) => index,
                None => Whole::Each(lanes.emitter.op("arith.fptosi", &[values[argument]], &[], lanes.integers(32))),
            },
        };
        place = Some(match place {
            None => (index, length),
            Some((row, rows)) => (flat(lanes, (row, rows), (index, length)), rows * length),
        });
    }
    let (place, length) = place.ok_or_else(|| Bug(format!("{name} has no dimension")))?;
    let e = lanes.emitter;
    let scalar = element(lanes.real());
    Ok(match place {
        Whole::Same(at) => {
            let value = e.load(e.element_pointer(pointer, at, scalar), scalar);
            lanes.broadcast(value)
        }
        Whole::Consecutive(at) => e.load(e.element_pointer(pointer, at, scalar), lanes.real()),
        each @ Whole::Each(_) => {
            let at = cut(lanes, each, length);
            let values: Vec<Val> = (0..lanes.lanes)
                .map(|lane| {
                    let index = extract(lanes, at, lane);
                    let index = e.op("arith.extui", &[index], &[], e.integer(64));
                    e.load(e.element_pointer(pointer, index, scalar), scalar)
                })
                .collect();
            if lanes.lanes == 1 { values[0] } else { e.op("vector.from_elements", &values, &[], lanes.real()) }
        }
    })
}

/// The number of an element by rows.
fn flat<'c>(lanes: &Lanes<'c>, (row, rows): (Whole<'c>, u64), (column, columns): (Whole<'c>, u64)) -> Whole<'c> {
    let e = lanes.emitter;
    let wide = |row, column| {
        let start = e.same("arith.muli", &[row, e.i64(columns)]);
        e.same("arith.addi", &[start, column])
    };
    match (row, column) {
        (Whole::Same(row), Whole::Same(column)) => Whole::Same(wide(row, column)),
        (Whole::Same(row), Whole::Consecutive(column)) => Whole::Consecutive(wide(row, column)),
        (row, column) => {
            let (row, column) = (cut(lanes, row, rows), cut(lanes, column, columns));
            // Arrays have fewer than 2^31 elements.
            let width = e.int(lanes.integers(32), columns.cast_signed());
            let start = e.same("arith.muli", &[row, width]);
            Whole::Each(e.same("arith.addi", &[start, column]))
        }
    }
}

/// An index in each lane, below a length.
fn cut<'c>(lanes: &Lanes<'c>, index: Whole<'c>, length: u64) -> Val<'c> {
    let e = lanes.emitter;
    let ty = lanes.integers(32);
    let narrow = |wide| {
        let narrow = e.op("arith.trunci", &[wide], &[], e.integer(32));
        lanes.broadcast(narrow)
    };
    let each = match index {
        Whole::Each(each) => each,
        Whole::Same(same) => narrow(same),
        Whole::Consecutive(first) => {
            let numbers = e.lane_numbers(ty, u32::try_from(lanes.lanes).expect("few lanes"));
            e.same("arith.addi", &[narrow(first), numbers])
        }
    };
    let (zero, last) = (e.int(ty, 0), e.int(ty, length.cast_signed() - 1));
    let above = e.same("arith.maxsi", &[each, zero]);
    e.same("arith.minsi", &[above, last])
}

/// The number in one lane of a vector of i32, which is itself if there is one lane.
pub(super) fn extract<'c>(lanes: &Lanes<'c>, vector: Val<'c>, lane: u64) -> Val<'c> {
    if lanes.lanes == 1 {
        return vector;
    }
    let e = lanes.emitter;
    let place = DenseI64ArrayAttribute::new(e.context, &[lane.cast_signed()]).into();
    e.op("vector.extract", &[vector], &[("static_position", place)], with_lanes(e.integer(32), 1))
}

/// What a clock shows in a step.
fn clock_steps<'c>(e: Emitter<'c>, step: Val<'c>, clock: Clock) -> Val<'c> {
    let signed =
        |value, by: i64| if by == 0 { value } else { e.same("arith.addi", &[value, e.int(e.integer(64), by)]) };
    let Clock { shift, cycle, offset } = clock;
    let (steps, below) = if cycle == 0 {
        (signed(step, shift + offset), shift + offset)
    } else {
        // A shift by whole cycles changes nothing, so what is divided is never below 0.
        let ahead = signed(step, shift.rem_euclid(cycle.cast_signed()));
        (signed(e.same("arith.remui", &[ahead, e.i64(cycle)]), offset), offset)
    };
    if below < 0 { e.same("arith.maxsi", &[steps, e.i64(0)]) } else { steps }
}

/// The index of a time table in a step.
pub(super) fn time_index<'c>(
    e: Emitter<'c>,
    step: Val<'c>,
    clock: Clock,
    (every, ahead, last): (u64, u64, u64),
) -> Val<'c> {
    let whole = e.same("arith.divui", &[clock_steps(e, step, clock), e.i64(every)]);
    let moved = e.same("arith.addi", &[whole, e.i64(ahead)]);
    e.same("arith.minui", &[moved, e.i64(last)])
}

/// Whether a step ends where a period does: its number, counted from 1, is the start or a multiple of periods later.
pub(super) fn due<'c>(lanes: &Lanes<'c>, step: Val<'c>, period: Period) -> Val<'c> {
    const EQUAL: i64 = 0;
    const UNSIGNED_AT_LEAST: i64 = 9;
    let e = lanes.emitter;
    let end = e.same("arith.addi", &[step, e.i64(1)]);
    let since = e.same("arith.subi", &[end, e.i64(period.start)]);
    let rest = e.same("arith.remui", &[if period.start == 0 { end } else { since }, e.i64(period.every)]);
    let mut due = e.compare(EQUAL, rest, e.i64(0));
    if period.start > 0 {
        let begun = e.compare(UNSIGNED_AT_LEAST, end, e.i64(period.start));
        due = e.same("arith.andi", &[due, begun]);
    }
    lanes.broadcast(due)
}

/// How far a clock is in a step from one multiple of `every` to the next.
pub(super) fn time_fraction<'c>(lanes: &Lanes<'c>, step: Val<'c>, clock: Clock, every: u64) -> Val<'c> {
    let e = lanes.emitter;
    let rest = e.same("arith.remui", &[clock_steps(e, step, clock), e.i64(every)]);
    let rest = e.op("arith.uitofp", &[rest], &[], e.f64());
    let fraction = e.same("arith.divf", &[rest, e.float(e.f64(), every as f64)]);
    let fraction = match lanes.precision {
        bpc_math::Precision::F32 => e.op("arith.truncf", &[fraction], &[], element(lanes.real())),
        bpc_math::Precision::F64 => fraction,
    };
    lanes.broadcast(fraction)
}
