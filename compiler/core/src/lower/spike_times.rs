//! Spikes that are known before the run: two constant arrays, searched by the number of the step.
//!
//! `steps` ascends and ends with a number that no step has; `neurons` stands beside it. A part
//! finds its first entry by bisection and appends its own neurons, so a step costs the logarithm
//! of the list and the spikes in it, and keeps nothing between steps.

use super::emitter::{Emitter, Val};

/// Predicates of `arith.cmpi`.
const EQUAL: i64 = 0;
const UNSIGNED_LESS: i64 = 6;
const UNSIGNED_GREATER_EQUAL: i64 = 9;

/// The names of the two arrays of a population.
pub(super) fn names(symbol: &str, population: usize) -> [String; 2] {
    [format!("{symbol}_spike_steps_{population}"), format!("{symbol}_spike_neurons_{population}")]
}

/// The two arrays.
pub(super) fn constants(top: Emitter<'_>, names: &[String; 2], times: &[(i64, i64)]) {
    let lists: [Vec<i64>; 2] = [times.iter().map(|t| t.0).collect(), times.iter().map(|t| t.1).collect()];
    for (name, mut values) in names.iter().zip(lists) {
        values.push(-1);
        top.constant_array(name, &values);
    }
}

/// Appends the neurons in `first..last` that spike in a step to a list, and stores their number.
pub(super) fn append<'c>(
    e: Emitter<'c>,
    names: &[String; 2],
    count: usize,
    step: Val<'c>,
    (first, last): (Val<'c>, Val<'c>),
    list: Val<'c>,
    length: Val<'c>,
) {
    let [steps, neurons] = names.each_ref().map(|name| e.address_of(name));
    let entry = |e: Emitter<'c>, array, at| e.load(e.element_pointer(array, at, e.integer(64)), e.integer(64));
    // The first entry of this step, or of a later one.
    let found = e.while_loop(
        &[e.i64(0), e.i64(count as u64)],
        |e, v| e.compare(UNSIGNED_LESS, v[0], v[1]),
        |e, v| {
            let (one, sum) = (e.i64(1), e.same("arith.addi", &[v[0], v[1]]));
            let middle = e.same("arith.shrui", &[sum, one]);
            let before = e.compare(UNSIGNED_LESS, entry(e, steps, middle), step);
            let above = e.same("arith.addi", &[middle, one]);
            let pick = |yes, no| e.op("arith.select", &[before, yes, no], &[], e.integer(64));
            vec![pick(above, v[0]), pick(v[1], middle)]
        },
    );
    let end = e.while_loop(
        &[found[0], e.i32(0)],
        |e, v| e.compare(EQUAL, entry(e, steps, v[0]), step),
        |e, v| {
            let neuron = entry(e, neurons, v[0]);
            let index = e.op("arith.extui", &[v[1]], &[], e.integer(64));
            let narrow = e.op("arith.trunci", &[neuron], &[], e.integer(32));
            let from = e.compare(UNSIGNED_GREATER_EQUAL, neuron, first);
            let to = e.compare(UNSIGNED_LESS, neuron, last);
            let own = e.same("arith.andi", &[from, to]);
            e.if_then(own, &[], |e| {
                e.store(narrow, e.element_pointer(list, index, e.integer(32)));
                vec![]
            });
            let more = e.op("arith.extui", &[own], &[], e.integer(32));
            vec![e.same("arith.addi", &[v[0], e.i64(1)]), e.same("arith.addi", &[v[1], more])]
        },
    );
    e.store(end[1], length);
}
