//! A safe wrapper of the few functions of `coba_lif.h` that this program needs.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{self, NonNull};

unsafe extern "C" {
    fn coba_lif_create(
        seed: u64,
        parameters: *const f64,
        threads: u32,
        error: *mut c_char,
        error_size: usize,
    ) -> *mut c_void;
    fn coba_lif_destroy(net: *mut c_void);
    fn coba_lif_last_error(net: *const c_void) -> *const c_char;
    fn coba_lif_parameter_handle(name: *const c_char) -> i32;
    fn coba_lif_get_parameter(net: *const c_void, parameter: i32) -> f64;
    fn coba_lif_set_parameter(net: *mut c_void, parameter: i32, value: f64) -> i32;
    fn coba_lif_step(net: *mut c_void, steps: u64) -> i32;
    fn coba_lif_run(net: *mut c_void, milliseconds: f64) -> i32;
    fn coba_lif_time(net: *const c_void) -> f64;
    fn coba_lif_population_handle(name: *const c_char) -> i32;
    fn coba_lif_population_size(population: i32) -> u64;
    fn coba_lif_spike_count(net: *const c_void, population: i32) -> u64;
    fn coba_lif_spike_hash(net: *const c_void, hash: *mut u8) -> i32;
    fn coba_lif_keep_spikes(net: *mut c_void, population: i32, keep: i32) -> i32;
    fn coba_lif_inject_spikes(net: *mut c_void, population: i32, neurons: *const u32, count: u64) -> i32;
    fn coba_lif_state_handle(name: *const c_char) -> i32;
    fn coba_lif_state(net: *mut c_void, state: i32, length: *mut u64, element: *mut i32) -> *mut c_void;
}

/// The network of `coba_lif.bp`.
pub struct Network(NonNull<c_void>);

// SAFETY: a handle is tied to no thread; it only must not be used by two at once, and every method
// that writes takes `&mut`.
unsafe impl Send for Network {}

/// A population of it.
#[derive(Clone, Copy)]
pub struct Population(i32);

impl Network {
    /// Builds it with its default parameters.
    pub fn new(seed: u64, threads: u32) -> Result<Network, String> {
        let mut error = [0u8; 256];
        // SAFETY: no parameters means defaults; the error is written within its length.
        let net = unsafe { coba_lif_create(seed, ptr::null(), threads, error.as_mut_ptr().cast(), error.len()) };
        NonNull::new(net)
            .map(Network)
            .ok_or_else(|| CStr::from_bytes_until_nul(&error).unwrap_or_default().to_string_lossy().into_owned())
    }

    /// A parameter such as `E.tau`, in its declared unit.
    pub fn parameter(&self, name: &str) -> Result<f64, String> {
        let handle = handle(coba_lif_parameter_handle, name)?;
        // SAFETY: the network is live, as in every method.
        Ok(unsafe { coba_lif_get_parameter(self.0.as_ptr(), handle) })
    }

    /// Changes a parameter from the next step on.
    pub fn set_parameter(&mut self, name: &str, value: f64) -> Result<(), String> {
        let handle = handle(coba_lif_parameter_handle, name)?;
        // SAFETY: the network is live.
        self.check(unsafe { coba_lif_set_parameter(self.0.as_ptr(), handle, value) })
    }

    /// Makes steps.
    pub fn step(&mut self, steps: u64) -> Result<(), String> {
        // SAFETY: the network is live.
        self.check(unsafe { coba_lif_step(self.0.as_ptr(), steps) })
    }

    /// Runs for some time, a whole number of steps.
    pub fn run(&mut self, milliseconds: f64) -> Result<(), String> {
        // SAFETY: the network is live.
        self.check(unsafe { coba_lif_run(self.0.as_ptr(), milliseconds) })
    }

    /// Simulated time in ms.
    pub fn time(&self) -> f64 {
        // SAFETY: the network is live.
        unsafe { coba_lif_time(self.0.as_ptr()) }
    }

    /// A population by name.
    pub fn population(&self, name: &str) -> Result<Population, String> {
        handle(coba_lif_population_handle, name).map(Population)
    }

    /// How many neurons it has.
    pub fn size(&self, population: Population) -> u64 {
        // SAFETY: takes no pointer.
        unsafe { coba_lif_population_size(population.0) }
    }

    /// Its spikes since creation.
    pub fn spike_count(&self, population: Population) -> u64 {
        // SAFETY: the network is live.
        unsafe { coba_lif_spike_count(self.0.as_ptr(), population.0) }
    }

    /// The hash of all spikes since creation, in hexadecimal.
    pub fn spike_hash(&self) -> String {
        let mut hash = [0u8; 16];
        // SAFETY: the function writes exactly 16 bytes.
        unsafe { coba_lif_spike_hash(self.0.as_ptr(), hash.as_mut_ptr()) };
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether spikes are kept until somebody takes them.
    pub fn keep_spikes(&mut self, population: Population, keep: bool) -> Result<(), String> {
        // SAFETY: the network is live.
        self.check(unsafe { coba_lif_keep_spikes(self.0.as_ptr(), population.0, keep.into()) })
    }

    /// Lets these neurons spike now.
    pub fn inject_spikes(&mut self, population: Population, neurons: &[u32]) -> Result<(), String> {
        // SAFETY: the slice is as long as said.
        self.check(unsafe {
            coba_lif_inject_spikes(self.0.as_ptr(), population.0, neurons.as_ptr(), neurons.len() as u64)
        })
    }

    /// The values of a state such as `E.V`, in place.
    pub fn state(&mut self, name: &str) -> Result<&mut [f32], String> {
        let handle = handle(coba_lif_state_handle, name)?;
        let (mut length, mut element) = (0, 0);
        // SAFETY: both numbers are written.
        let values = unsafe { coba_lif_state(self.0.as_ptr(), handle, &mut length, &mut element) };
        if values.is_null() || element != 0 {
            return Err(format!("{name} is no state of floats"));
        }
        // SAFETY: the network has `length` floats there, which nobody else sees while `self` is
        // borrowed.
        Ok(unsafe { std::slice::from_raw_parts_mut(values.cast(), length as usize) })
    }

    fn check(&self, code: i32) -> Result<(), String> {
        if code >= 0 {
            return Ok(());
        }
        // SAFETY: the network is live, and its text valid until the next call.
        let text = unsafe { CStr::from_ptr(coba_lif_last_error(self.0.as_ptr())) };
        Err(text.to_string_lossy().into_owned())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // SAFETY: made by `coba_lif_create`, used no more.
        unsafe { coba_lif_destroy(self.0.as_ptr()) };
    }
}

/// Calls one of the `…_handle` functions.
fn handle(find: unsafe extern "C" fn(*const c_char) -> i32, name: &str) -> Result<i32, String> {
    let text = CString::new(name).map_err(|error| error.to_string())?;
    // SAFETY: the text ends with zero.
    let handle = unsafe { find(text.as_ptr()) };
    if handle >= 0 { Ok(handle) } else { Err(format!("the network has no {name}")) }
}
