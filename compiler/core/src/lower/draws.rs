//! Random numbers of single synapses, at spikes and as noise: where they are drawn does not depend on how synapses are stored or
//! divided among threads.
//!
//! Before: `dynamics.random` in a `dynamics.deliver`, `dynamics.respond` or `dynamics.update_synapses`
//! After:  the words of the counter `[target, stream, source, ordinal]`, under a key of the step and the delay
//!
//! A counter has no room for the step: the key is made of it, once for a delay, by the same function. The delay is counted
//! from the projection's least. The ordinal tells synapses of one pair and one delay apart: they are neighbours.

use super::emitter::{Emitter, Val};
use super::expressions::Address;
use super::lanes::Lanes;

/// Sets keys that are made of steps apart from all counters of numbers that are drawn.
const KEY_OF_STEPS: u32 = 0x7379_6e61;
/// Predicate of `arith.cmpi`.
const EQUAL: i64 = 0;

/// The key of draws in a step, for synapses with a delay.
pub(super) fn key<'c>(lanes: &mut Lanes<'c>, seed: [Val<'c>; 2], step: Val<'c>, delay: Val<'c>) -> [Val<'c>; 2] {
    let e = lanes.emitter;
    let narrow = |v| e.op("arith.trunci", &[v], &[], e.integer(32));
    let high = e.same("arith.shrui", &[step, e.i64(32)]);
    let second = e.same("arith.xori", &[seed[1], e.i32(KEY_OF_STEPS)]);
    let counter = [narrow(step), narrow(high), narrow(delay), e.i32(0)];
    let [first, last, ..] = bpc_math::philox(lanes, counter, [seed[0], second]);
    [first, last]
}

/// What is carried along a list of synapses before its first: no pair, and its ordinal.
pub(super) fn nothing_before(e: Emitter<'_>) -> Vec<Val<'_>> {
    vec![e.i64(u64::MAX), e.i32(0)]
}

/// The pair (all of the list but one side, so that side is enough) and the ordinal of a synapse, from those of the one
/// before it; nothing if nothing is carried.
pub(super) fn ordinal<'c>(e: Emitter<'c>, pair: Val<'c>, before: &[Val<'c>]) -> Vec<Val<'c>> {
    let [last, ordinal] = before else { return vec![] };
    let same = e.compare(EQUAL, pair, *last);
    let next = e.same("arith.addi", &[*ordinal, e.i32(1)]);
    vec![pair, e.op("arith.select", &[same, next, e.i32(0)], &[], e.integer(32))]
}

/// The address of a synapse's draws.
pub(super) fn address<'c>(
    e: Emitter<'c>,
    key: [Val<'c>; 2],
    (source, target): (Val<'c>, Val<'c>),
    carried: &[Val<'c>],
) -> Address<'c> {
    let narrow = |v| e.op("arith.trunci", &[v], &[], e.integer(32));
    let ordinal = carried.get(1).copied().unwrap_or_else(|| e.i32(0));
    Address { index: narrow(target), low: narrow(source), high: ordinal, key }
}
