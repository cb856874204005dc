//! The part of the C interface that is about single synapses. The rules of [`super`] hold.

use core::ffi::c_char;

use bpc_runtime_abi::Network;

use super::{aggregated, array, array_mut, described, index_of};
use crate::error::Error;
use crate::instance::Instance;
use crate::record::{Recorder, Request};
use crate::synapses::{quantities, quantity};

/// See `projection_handle` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_projection_handle(network: *const Network, name: *const c_char) -> i32 {
    // SAFETY: by the module's contract.
    unsafe { described(network).map_or(-1, |view| index_of(name, view.projections.iter().map(|it| it.name))) }
}

/// See `projection_synapse_count` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_projection_synapse_count(net: *const Instance, projection: i32) -> u64 {
    // SAFETY: by the module's contract.
    let found = unsafe { net.as_ref() }.and_then(|net| net.synapses_of(projection).ok());
    found.map_or(0, |synapses| synapses.count())
}

/// See `get_synapses` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_get_synapses(
    net: *mut Instance,
    projection: i32,
    sources: *mut u32,
    targets: *mut u32,
    delays: *mut u32,
    count: u64,
) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    // SAFETY: by the module's contract.
    let places = unsafe { [array_mut(sources, count), array_mut(targets, count), array_mut(delays, count)] };
    let result = net.list_synapses(projection, places, count);
    net.note(result)
}

/// See `synapse_state_handle` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_synapse_state_handle(network: *const Network, name: *const c_char) -> i32 {
    // SAFETY: by the module's contract.
    let Some((view, name)) = (unsafe { described(network).zip(super::text(name)) }) else {
        return -1;
    };
    let found = quantities(&view).position(|it| it.is_some_and(|it| it.name.is(name)));
    found.and_then(|index| i32::try_from(index).ok()).unwrap_or(-1)
}

/// See `get_synapse_state` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_get_synapse_state(
    net: *mut Instance,
    synapse_state: i32,
    values: *mut f64,
    count: u64,
) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    // SAFETY: by the module's contract.
    let values = unsafe { array_mut(values, count) };
    let result = quantity(&net.view, synapse_state).and_then(|quantity| net.get_synapses(quantity, values));
    net.note(result)
}

/// See `set_synapse_state` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_set_synapse_state(
    net: *mut Instance,
    synapse_state: i32,
    values: *const f64,
    count: u64,
) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    // SAFETY: by the module's contract.
    let values = unsafe { array(values, count) }.unwrap_or(&[]);
    let result = quantity(&net.view, synapse_state).and_then(|quantity| net.set_synapses(quantity, values));
    net.note(result)
}

/// See `record_synapse_state` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_record_synapse_state(
    net: *mut Instance,
    synapse_state: i32,
    first: u64,
    last: u64,
    every: u64,
) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    let recorder = of_synapses(net, synapse_state, Ok(Request { first, last, every, aggregate: None }));
    net.add_recorder(recorder)
}

/// See `record_synapse_aggregate` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_record_synapse_aggregate(
    net: *mut Instance,
    synapse_state: i32,
    aggregate: i32,
    first: u64,
    last: u64,
    every: u64,
) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    let recorder = of_synapses(net, synapse_state, aggregated(aggregate, first, last, every));
    net.add_recorder(recorder)
}

fn of_synapses(net: &Instance, synapse_state: i32, request: Result<Request, Error>) -> Result<Recorder, Error> {
    let quantity = quantity(&net.view, synapse_state)?;
    Recorder::of_synapses(quantity, net.synapses_with(quantity)?, request?)
}
