//! The C interface: every function of [`bpc_runtime_abi::symbols::API`].
//!
//! All functions share these rules: `network` is a generated network's constant and outlives its
//! handles; `net` is null or a handle from `create` that was not destroyed and that no other
//! thread uses now; other pointers are null or as long as the argument beside them says.
//! Null where something is needed is an error, not a crash.

use core::ffi::{CStr, c_char, c_void};
use core::fmt::Write;
use core::slice::{from_raw_parts, from_raw_parts_mut};

use bpc_runtime_abi::descriptor::DescriptorView;
use bpc_runtime_abi::{ABI_VERSION, Aggregate, Network};

use crate::checkpoint;
use crate::error::{Error, Text};
use crate::instance::{Instance, view};
use crate::record::{Recorder, Request};
use crate::sys;

mod synapses;

pub use synapses::*;

const _: () = assert!(ABI_VERSION == 3, "the names below and the version text say 3");

/// An array from C; none if it is null.
///
/// # Safety
/// `start` is null or points to `length` elements that live and stay unchanged for `'a`.
unsafe fn array<'a, T>(start: *const T, length: u64) -> Option<&'a [T]> {
    let length = usize::try_from(length).ok()?;
    if start.is_null() || length > isize::MAX as usize / size_of::<T>() {
        return None;
    }
    // SAFETY: by this function's contract.
    Some(unsafe { from_raw_parts(start, length) })
}

/// The same to write into; empty if it is null.
///
/// # Safety
/// `start` is null or points to `length` elements that only the result is used for during `'a`.
unsafe fn array_mut<'a, T>(start: *mut T, length: u64) -> &'a mut [T] {
    match usize::try_from(length) {
        Ok(length) if !start.is_null() && length <= isize::MAX as usize / size_of::<T>() => {
            // SAFETY: by this function's contract.
            unsafe { from_raw_parts_mut(start, length) }
        }
        _ => &mut [],
    }
}

/// The description of a network, if it is sound.
///
/// # Safety
/// `network` is null or a network's constant.
unsafe fn described(network: *const Network) -> Option<DescriptorView<'static>> {
    // SAFETY: by this function's contract; constants outlive everything.
    view(unsafe { network.as_ref() }?).ok()
}

/// A text from C; none if it is null.
///
/// # Safety
/// `text` is null or ends in a zero, and lives and stays unchanged for `'a`.
unsafe fn text<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: by this function's contract, it is not null here.
    if text.is_null() { None } else { Some(unsafe { CStr::from_ptr(text) }.to_bytes()) }
}

/// The index of a name among names, or -1.
///
/// # Safety
/// `name` is null or ends in a zero.
unsafe fn index_of<'a>(name: *const c_char, mut names: impl Iterator<Item = &'a str>) -> i32 {
    // SAFETY: by this function's contract.
    let found = unsafe { text(name) }.and_then(|name| names.position(|it| it.as_bytes() == name));
    found.and_then(|index| i32::try_from(index).ok()).unwrap_or(-1)
}

/// See `version` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_version(_network: *const Network) -> *const c_char {
    concat!("bpc ", env!("CARGO_PKG_VERSION"), " abi 3\0").as_ptr().cast()
}

/// See `create` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_create(
    network: *const Network,
    seed: u64,
    parameters: *const f64,
    threads: u32,
    error: *mut c_char,
    error_size: usize,
) -> *mut Instance {
    // SAFETY: by the module's contract.
    let (network, message) = unsafe { (network.as_ref(), array_mut(error.cast::<u8>(), error_size as u64)) };
    let create = || {
        let network = network.ok_or(Error::Argument("there is no network"))?;
        let count = view(network)?.parameters.len() as u64;
        // SAFETY: by the module's contract, null or a value for each parameter.
        let given = unsafe { array(parameters, count) };
        let instance = Instance::new(network, seed, given, threads)?;
        let bytes = size_of::<Instance>();
        let place = sys::allocate_zeroed(bytes).cast::<Instance>();
        if place.is_null() {
            return Err(Error::Memory { bytes: bytes as u64, what: "a handle" });
        }
        // SAFETY: the place is as large as an instance and aligned to 16 bytes, which is enough.
        unsafe { place.write(instance) };
        Ok(place)
    };
    const { assert!(align_of::<Instance>() <= 16) };
    match create() {
        Ok(place) => {
            Text::new(message);
            place
        }
        Err(error) => {
            // A text that is too long is cut off.
            let _ = write!(Text::new(message), "{error}");
            core::ptr::null_mut()
        }
    }
}

/// See `destroy` in the table.
///
/// # Safety
/// See the module; the handle is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_destroy(net: *mut Instance) {
    if !net.is_null() {
        // SAFETY: written by create, and not used again.
        unsafe {
            net.drop_in_place();
            sys::release(net.cast());
        }
    }
}

/// See `last_error` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_last_error(net: *const Instance) -> *const c_char {
    // SAFETY: by the module's contract.
    match unsafe { net.as_ref() } {
        Some(net) => net.message(),
        None => c"there is no network".as_ptr(),
    }
}

/// See `parameter_count` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_parameter_count(network: *const Network) -> i32 {
    // SAFETY: by the module's contract.
    unsafe { described(network) }.map_or(0, |view| view.parameters.len() as i32)
}

/// See `parameter_name` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_parameter_name(
    network: *const Network,
    parameter: i32,
    name: *mut c_char,
    name_size: usize,
    unit: *mut c_char,
    unit_size: usize,
) -> i32 {
    // SAFETY: by the module's contract.
    let view = unsafe { described(network) };
    let found = view.zip(usize::try_from(parameter).ok());
    let Some(found) = found.and_then(|(view, index)| view.parameters.get(index)) else {
        return -1;
    };
    // SAFETY: by the module's contract.
    let (name, unit) = unsafe { (array_mut(name.cast(), name_size as u64), array_mut(unit.cast(), unit_size as u64)) };
    let named = Text::new(name).write_str(found.name);
    let united = Text::new(unit).write_str(found.unit);
    let fits = |text: &str, buffer: &[u8], result: core::fmt::Result| result.is_ok() && text.len() < buffer.len();
    if fits(found.name, name, named) && fits(found.unit, unit, united) { 0 } else { -2 }
}

/// See `parameter_handle` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_parameter_handle(network: *const Network, name: *const c_char) -> i32 {
    // SAFETY: by the module's contract.
    unsafe { described(network).map_or(-1, |view| index_of(name, view.parameters.iter().map(|it| it.name))) }
}

/// See `get_parameter` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_get_parameter(net: *const Instance, parameter: i32) -> f64 {
    // SAFETY: by the module's contract.
    unsafe { net.as_ref() }.and_then(|net| net.parameter(parameter)).unwrap_or(f64::NAN)
}

/// See `set_parameter` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_set_parameter(net: *mut Instance, parameter: i32, value: f64) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    let result = net.set_parameter(parameter, value);
    net.note(result)
}

/// See `step` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_step(net: *mut Instance, steps: u64) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    let result = net.step(steps);
    net.note(result)
}

/// See `run` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_run(net: *mut Instance, milliseconds: f64) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    let dt = net.view.dt;
    let steps = milliseconds / dt;
    let whole = (steps + 0.5) as u64;
    let result =
        if (steps - whole as f64).abs() <= 1e-6 { net.step(whole) } else { Err(Error::Time { milliseconds, dt }) };
    net.note(result)
}

/// See `step_count` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_step_count(net: *const Instance) -> u64 {
    // SAFETY: by the module's contract.
    unsafe { net.as_ref() }.map_or(0, |net| net.steps)
}

/// See `time` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_time(net: *const Instance) -> f64 {
    // SAFETY: by the module's contract.
    unsafe { net.as_ref() }.map_or(f64::NAN, |net| net.steps as f64 * net.view.dt)
}

/// See `population_count` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_population_count(network: *const Network) -> i32 {
    // SAFETY: by the module's contract.
    unsafe { described(network) }.map_or(0, |view| view.populations.len() as i32)
}

/// See `population_handle` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_population_handle(network: *const Network, name: *const c_char) -> i32 {
    // SAFETY: by the module's contract.
    unsafe { described(network).map_or(-1, |view| index_of(name, view.populations.iter().map(|it| it.name))) }
}

/// See `population_size` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_population_size(network: *const Network, population: i32) -> u64 {
    // SAFETY: by the module's contract.
    let found = unsafe { described(network) }.zip(usize::try_from(population).ok());
    found.and_then(|(view, index)| view.populations.get(index)).map_or(0, |it| it.size)
}

/// See `synapse_count` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_synapse_count(net: *const Instance) -> u64 {
    // SAFETY: by the module's contract.
    unsafe { net.as_ref() }.map_or(0, Instance::synapses)
}

/// See `state_handle` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_state_handle(network: *const Network, name: *const c_char) -> i32 {
    // SAFETY: by the module's contract.
    unsafe { described(network).map_or(-1, |view| index_of(name, view.states.iter().map(|it| it.name))) }
}

/// See `state` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_state(
    net: *mut Instance,
    state: i32,
    length: *mut u64,
    element: *mut i32,
) -> *mut c_void {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return core::ptr::null_mut();
    };
    let found = usize::try_from(state).ok().and_then(|index| net.view.states.get(index));
    let Some(found) = found else {
        net.note(Err(Error::Argument("there is no such state")));
        return core::ptr::null_mut();
    };
    // SAFETY: by the module's contract, null or one element each.
    unsafe {
        if let Some(length) = length.as_mut() {
            *length = found.length;
        }
        if let Some(element) = element.as_mut() {
            *element = found.element as i32;
        }
    }
    net.shared_state = true;
    net.shared_coefficients |= found.in_coefficients;
    net.state.pointer().wrapping_add(found.offset as usize).cast()
}

/// See `input_handle` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_input_handle(network: *const Network, name: *const c_char) -> i32 {
    // SAFETY: by the module's contract.
    unsafe { described(network).map_or(-1, |view| index_of(name, view.inputs.iter().map(|it| it.name))) }
}

/// See `set_input` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_set_input(net: *mut Instance, input: i32, values: *const f64, length: u64) -> i32 {
    // SAFETY: by the module's contract.
    let (Some(net), values) = (unsafe { (net.as_mut(), array(values, length)) }) else {
        return -1;
    };
    let result = if values.is_none() && length != 0 {
        Err(Error::Argument("there are no values"))
    } else {
        net.set_input(input, values)
    };
    net.note(result)
}

/// See `inject_spikes` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_inject_spikes(
    net: *mut Instance,
    population: i32,
    neurons: *const u32,
    count: u64,
) -> i32 {
    // SAFETY: by the module's contract.
    let (Some(net), neurons) = (unsafe { (net.as_mut(), array(neurons, count)) }) else {
        return -1;
    };
    let result = match neurons {
        None if count != 0 => Err(Error::Argument("there are no neurons")),
        neurons => net.inject(population, neurons.unwrap_or(&[])),
    };
    net.note(result)
}

/// See `take_spikes` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_take_spikes(
    net: *mut Instance,
    population: i32,
    steps: *mut u64,
    neurons: *mut u32,
    capacity: u64,
) -> i64 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    let index = usize::try_from(population).unwrap_or(usize::MAX);
    let Some(spikes) = net.spikes.populations.get_mut(index) else {
        return net.note(Err(Error::Argument("there is no such population"))).into();
    };
    if capacity == 0 {
        return spikes.waiting() as i64;
    }
    if steps.is_null() || neurons.is_null() {
        return net.note(Err(Error::Argument("there is no place for spikes"))).into();
    }
    // SAFETY: by the module's contract.
    let (steps, neurons) = unsafe { (array_mut(steps, capacity), array_mut(neurons, capacity)) };
    spikes.take(steps, neurons) as i64
}

/// See `keep_spikes` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_keep_spikes(net: *mut Instance, population: i32, keep: i32) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    let index = usize::try_from(population).unwrap_or(usize::MAX);
    let result = match net.spikes.populations.get_mut(index) {
        Some(spikes) => {
            spikes.keep(keep != 0);
            Ok(())
        }
        None => Err(Error::Argument("there is no such population")),
    };
    net.note(result)
}

/// See `spike_count` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_spike_count(net: *const Instance, population: i32) -> u64 {
    // SAFETY: by the module's contract.
    let found = unsafe { net.as_ref() }.zip(usize::try_from(population).ok());
    found.and_then(|(net, index)| net.spikes.populations.get(index)).map_or(0, |it| it.count)
}

/// See `spike_hash` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_spike_hash(net: *const Instance, hash: *mut u8) -> i32 {
    // SAFETY: by the module's contract; the hash has 16 bytes.
    match unsafe { (net.as_ref(), array_mut(hash, 16)) } {
        (Some(net), hash) if hash.len() == 16 => {
            hash.copy_from_slice(&net.spikes.hash.0.to_le_bytes());
            0
        }
        _ => -1,
    }
}

/// See `record` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_record(net: *mut Instance, state: i32, first: u64, last: u64, every: u64) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    let recorder = of_state(net, state, Ok(Request { first, last, every, aggregate: None }));
    net.add_recorder(recorder)
}

/// See `record_aggregate` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_record_aggregate(
    net: *mut Instance,
    state: i32,
    aggregate: i32,
    first: u64,
    last: u64,
    every: u64,
) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    let recorder = of_state(net, state, aggregated(aggregate, first, last, every));
    net.add_recorder(recorder)
}

/// See `record_spike_count` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_record_spike_count(
    net: *mut Instance,
    population: i32,
    first: u64,
    last: u64,
    every: u64,
) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    let index = usize::try_from(population).unwrap_or(usize::MAX);
    let recorder = match net.view.populations.get(index) {
        Some(found) => {
            let request = Request { first, last, every, aggregate: None };
            Recorder::of_spikes(&mut net.spikes, index, found.size, request)
        }
        None => Err(Error::Argument("there is no such population")),
    };
    net.add_recorder(recorder)
}

fn of_state(net: &Instance, state: i32, request: Result<Request, Error>) -> Result<Recorder, Error> {
    let found = usize::try_from(state).ok().and_then(|index| net.view.states.get(index));
    Recorder::new(found.ok_or(Error::Argument("there is no such state"))?, request?)
}

/// A request for one number of these elements.
fn aggregated(aggregate: i32, first: u64, last: u64, every: u64) -> Result<Request, Error> {
    let found = Aggregate::of(aggregate).ok_or(Error::Argument("there is no such aggregate"))?;
    Ok(Request { first, last, every, aggregate: Some(found) })
}

/// See `take_record` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_take_record(
    net: *mut Instance,
    recorder: i32,
    values: *mut f64,
    capacity: u64,
) -> i64 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    let index = usize::try_from(recorder).unwrap_or(usize::MAX);
    let Some(recorder) = net.recorders.get_mut(index) else {
        return net.note(Err(Error::Argument("there is no such recorder"))).into();
    };
    if capacity == 0 {
        return recorder.waiting() as i64;
    }
    if values.is_null() {
        return net.note(Err(Error::Argument("there is no place for values"))).into();
    }
    // SAFETY: by the module's contract.
    recorder.take(unsafe { array_mut(values, capacity) }) as i64
}

/// See `save_size` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_save_size(net: *const Instance) -> u64 {
    // SAFETY: by the module's contract.
    unsafe { net.as_ref() }.map_or(0, checkpoint::size)
}

/// See `save` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_save(net: *mut Instance, buffer: *mut c_void, size: u64) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    // SAFETY: by the module's contract.
    let result = checkpoint::save(net, unsafe { array_mut(buffer.cast(), size) });
    net.note(result)
}

/// See `load` in the table.
///
/// # Safety
/// See the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bpc_rt3_load(net: *mut Instance, buffer: *const c_void, size: u64) -> i32 {
    // SAFETY: by the module's contract.
    let Some(net) = (unsafe { net.as_mut() }) else {
        return -1;
    };
    // SAFETY: by the module's contract.
    let buffer = unsafe { array(buffer.cast::<u8>(), size) };
    let result =
        buffer.ok_or(Error::Argument("there is no checkpoint")).and_then(|buffer| checkpoint::load(net, buffer));
    net.note(result)
}
