//! Running a compiled network in this process.
//!
//! A [`Session`] owns the loaded code (just-in-time linked, or a shared library), an [`Instance`]
//! one network in it. Both go through the C interface that every application uses
//! ([`bpc_runtime_abi::symbols::API`]). Indices are checked by the runtime, whose texts these
//! functions pass on; lengths that it cannot check are checked here.

use crate::Compiled;
use crate::codegen::jit::Jit;
use crate::codegen::runtime_object;
use bpc_runtime_abi::ABI_VERSION;
pub use bpc_runtime_abi::Aggregate;
use bpc_runtime_abi::descriptor::Element;
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{self, NonNull};

/// The handle type of the C interface.
type Handle = *mut c_void;

/// Declares [`Interface`]: one function pointer for each function of the C interface used here.
macro_rules! interface {
    ($($name:ident($($argument:ty),*) $(-> $result:ty)?;)*) => {
        struct Interface { $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)* }

        impl Interface {
            /// Looks every function up as `<symbol>_<name>`.
            fn load(symbol: &str, find: impl Fn(&str) -> Result<NonNull<c_void>, String>) -> Result<Interface, String> {
                Ok(Interface { $($name: {
                    let address = find(&format!("{symbol}_{}", stringify!($name)))?;
                    // SAFETY: the symbol is a function with the signature that
                    // `bpc_runtime_abi::symbols::API` gives for this name, the same as here.
                    unsafe {
                        std::mem::transmute::<NonNull<c_void>, unsafe extern "C" fn($($argument),*) $(-> $result)?>(address)
                    }
                },)* })
            }
        }
    };
}

interface! {
    version() -> *const c_char;
    create(u64, *const f64, u32, *mut c_char, usize) -> Handle;
    destroy(Handle);
    last_error(Handle) -> *const c_char;
    parameter_handle(*const c_char) -> i32;
    get_parameter(Handle, i32) -> f64;
    set_parameter(Handle, i32, f64) -> i32;
    step(Handle, u64) -> i32;
    step_count(Handle) -> u64;
    synapse_count(Handle) -> u64;
    population_handle(*const c_char) -> i32;
    spike_count(Handle, i32) -> u64;
    spike_hash(Handle, *mut u8) -> i32;
    take_spikes(Handle, i32, *mut u64, *mut u32, u64) -> i64;
    keep_spikes(Handle, i32, i32) -> i32;
    state_handle(*const c_char) -> i32;
    state(Handle, i32, *mut u64, *mut i32) -> *mut c_void;
    record(Handle, i32, u64, u64, u64) -> i32;
    record_aggregate(Handle, i32, i32, u64, u64, u64) -> i32;
    record_spike_count(Handle, i32, u64, u64, u64) -> i32;
    take_record(Handle, i32, *mut f64, u64) -> i64;
    projection_handle(*const c_char) -> i32;
    projection_synapse_count(Handle, i32) -> u64;
    get_synapses(Handle, i32, *mut u32, *mut u32, *mut u32, u64) -> i32;
    synapse_state_handle(*const c_char) -> i32;
    get_synapse_state(Handle, i32, *mut f64, u64) -> i32;
    set_synapse_state(Handle, i32, *const f64, u64) -> i32;
    record_synapse_state(Handle, i32, u64, u64, u64) -> i32;
    record_synapse_aggregate(Handle, i32, i32, u64, u64, u64) -> i32;
    input_handle(*const c_char) -> i32;
    set_input(Handle, i32, *const f64, u64) -> i32;
    inject_spikes(Handle, i32, *const u32, u64) -> i32;
    save_size(Handle) -> u64;
    save(Handle, *mut c_void, u64) -> i32;
    load(Handle, *const c_void, u64) -> i32;
}

/// What keeps the code mapped; never looked at again.
#[allow(dead_code, reason = "held for its Drop")]
enum Code {
    Jit(Jit),
    Library(libloading::Library),
}

/// Loaded code of one network.
pub struct Session {
    interface: Interface,
    // Last: the pointers in `interface` lead into it.
    _code: Code,
}

impl Session {
    /// Links the network's object and the runtime into this process.
    ///
    /// # Errors
    /// The text says why.
    pub fn just_in_time(compiled: &Compiled) -> Result<Session, String> {
        let runtime = runtime_object::bytes(compiled.runtime);
        let jit = Jit::link(&[(&compiled.symbol, &compiled.object), ("bpc runtime", runtime)])?;
        let interface = Interface::load(&compiled.symbol, |name| jit.symbol(name))?;
        Session { interface, _code: Code::Jit(jit) }.checked()
    }

    /// Opens a shared library made by `bpc compile --kind shared`.
    ///
    /// # Errors
    /// The text says why.
    pub fn open(library: &std::path::Path, symbol: &str) -> Result<Session, String> {
        // A bare name would be searched for in the system's folders.
        let path = std::path::absolute(library).map_err(|error| format!("{}: {error}", library.display()))?;
        // SAFETY: a library of ours has no constructors that could do harm; the user says that it
        // is one, and `checked` asks it for its version.
        let opened = unsafe { libloading::Library::new(path) }.map_err(|error| explain(&error))?;
        let interface = Interface::load(symbol, |name| {
            // SAFETY: only the address is taken, as an untyped pointer; the library outlives it.
            let found = unsafe { opened.get::<*mut c_void>(name).map(|symbol| symbol.try_as_raw_ptr()) };
            let address = found.map_err(|error| explain(&error))?.unwrap_or(ptr::null_mut());
            NonNull::new(address).ok_or_else(|| format!("{name} is null"))
        })
        .map_err(|error| format!("{} is no library of the network `{symbol}`: {error}", library.display()))?;
        Session { interface, _code: Code::Library(opened) }.checked()
    }

    /// Refuses code for another runtime interface.
    fn checked(self) -> Result<Session, String> {
        // SAFETY: takes nothing, returns a constant text.
        let version = unsafe { text((self.interface.version)()) };
        if version.ends_with(&format!("abi {ABI_VERSION}")) {
            Ok(self)
        } else {
            Err(format!("the code is from `{version}`, but this program needs abi {ABI_VERSION}"))
        }
    }

    /// Builds an instance.
    ///
    /// # Errors
    /// The runtime's own text: memory, threads.
    pub fn create(&self, seed: u64, threads: u32) -> Result<Instance<'_>, String> {
        let mut error = [0u8; 1024];
        // SAFETY: no parameters means defaults; the error is written within the length given.
        let net =
            unsafe { (self.interface.create)(seed, ptr::null(), threads, error.as_mut_ptr().cast(), error.len()) };
        NonNull::new(net).map(|net| Instance { session: self, net }).ok_or_else(|| {
            let text = CStr::from_bytes_until_nul(&error).unwrap_or_default();
            text.to_string_lossy().into_owned()
        })
    }
}

/// Which neurons the synapses of a projection join.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synapses {
    /// From which neuron.
    pub sources: Vec<u32>,
    /// To which neuron.
    pub targets: Vec<u32>,
    /// In steps.
    pub delays: Vec<u32>,
}

/// One network in memory.
pub struct Instance<'s> {
    session: &'s Session,
    /// Made by `create` of this session, destroyed on drop.
    net: NonNull<c_void>,
}

impl Instance<'_> {
    /// Sets a parameter in its declared unit, from the next step on.
    ///
    /// # Errors
    /// No such parameter, or a value that it cannot have.
    pub fn set_parameter(&mut self, name: &str, value: f64) -> Result<(), String> {
        let handle = self.parameter(name)?;
        // SAFETY: `net` is live, as everywhere in this implementation.
        let code = unsafe { (self.session.interface.set_parameter)(self.net(), handle, value) };
        self.check(code.into()).map(drop)
    }

    /// A parameter in its declared unit.
    ///
    /// # Errors
    /// No such parameter.
    pub fn get_parameter(&self, name: &str) -> Result<f64, String> {
        let handle = self.parameter(name)?;
        // SAFETY: `net` is live.
        Ok(unsafe { (self.session.interface.get_parameter)(self.net(), handle) })
    }

    /// Makes steps; an error text names population, neuron, variable, time and last finite value.
    /// Numbers are looked at from time to time, with no steps at once.
    ///
    /// # Errors
    /// A state is no longer finite.
    pub fn step(&mut self, steps: u64) -> Result<(), String> {
        // SAFETY: `net` is live, and `&mut` keeps every other use of it away.
        let code = unsafe { (self.session.interface.step)(self.net(), steps) };
        self.check(code.into()).map(drop)
    }

    /// Steps made since creation.
    #[must_use]
    pub fn step_count(&self) -> u64 {
        // SAFETY: `net` is live.
        unsafe { (self.session.interface.step_count)(self.net()) }
    }

    /// Synapses of the network.
    #[must_use]
    pub fn synapse_count(&self) -> u64 {
        // SAFETY: `net` is live.
        unsafe { (self.session.interface.synapse_count)(self.net()) }
    }

    /// The handle of a population.
    #[must_use]
    pub fn population_handle(&self, name: &str) -> Option<i32> {
        self.handle(self.session.interface.population_handle, name)
    }

    /// Spikes of a population since creation.
    #[must_use]
    pub fn spike_count(&self, population: i32) -> u64 {
        // SAFETY: `net` is live; a bad handle gives 0.
        unsafe { (self.session.interface.spike_count)(self.net(), population) }
    }

    /// The hash of all spikes since creation.
    #[must_use]
    pub fn spike_hash(&self) -> [u8; 16] {
        let mut hash = [0; 16];
        // SAFETY: `net` is live, and the function writes exactly 16 bytes.
        unsafe { (self.session.interface.spike_hash)(self.net(), hash.as_mut_ptr()) };
        hash
    }

    /// All spikes (step, neuron) kept since the last call, oldest first.
    ///
    /// # Errors
    /// No such population.
    pub fn take_spikes(&mut self, population: i32) -> Result<Vec<(u64, u32)>, String> {
        let take = self.session.interface.take_spikes;
        // SAFETY: with capacity 0 nothing is written.
        let count = self.check(unsafe { take(self.net(), population, ptr::null_mut(), ptr::null_mut(), 0) })?;
        if count == 0 {
            return Ok(Vec::new());
        }
        let (mut steps, mut neurons) = (vec![0; count], vec![0; count]);
        // SAFETY: both arrays have room for `count`.
        let code = unsafe { take(self.net(), population, steps.as_mut_ptr(), neurons.as_mut_ptr(), count as u64) };
        let taken = self.check(code)?;
        Ok(steps.into_iter().zip(neurons).take(taken).collect())
    }

    /// Whether spikes are kept for [`Instance::take_spikes`].
    ///
    /// # Errors
    /// No such population.
    pub fn keep_spikes(&mut self, population: i32, keep: bool) -> Result<(), String> {
        // SAFETY: `net` is live.
        let code = unsafe { (self.session.interface.keep_spikes)(self.net(), population, keep.into()) };
        self.check(code.into()).map(drop)
    }

    /// Records elements of a state such as `E.V`, or of a state or the weight of synapses such as
    /// `stdp.weight` in the order of [`Instance::synapses`]; returns a handle for `take_record`.
    ///
    /// # Errors
    /// No such state or elements.
    pub fn record(&mut self, state: &str, first: u64, last: u64, every: u64) -> Result<i32, String> {
        let interface = &self.session.interface;
        let (record, handle) = match self.handle(interface.synapse_state_handle, state) {
            Some(handle) => (interface.record_synapse_state, handle),
            None => (interface.record, self.state_handle(state)?),
        };
        // SAFETY: `net` is live.
        let recorder = unsafe { record(self.net(), handle, first, last, every) };
        self.check(recorder.into()).map(|_| recorder)
    }

    /// As [`Instance::record`], but a sample is one number that is made of these elements.
    ///
    /// # Errors
    /// No such state or elements.
    pub fn record_aggregate(
        &mut self,
        state: &str,
        aggregate: Aggregate,
        first: u64,
        last: u64,
        every: u64,
    ) -> Result<i32, String> {
        let interface = &self.session.interface;
        let (record, handle) = match self.handle(interface.synapse_state_handle, state) {
            Some(handle) => (interface.record_synapse_aggregate, handle),
            None => (interface.record_aggregate, self.state_handle(state)?),
        };
        // SAFETY: `net` is live.
        let recorder = unsafe { record(self.net(), handle, aggregate as i32, first, last, every) };
        self.check(recorder.into()).map(|_| recorder)
    }

    /// Records how many spikes neurons of a population have had since the sample before.
    ///
    /// # Errors
    /// No such population or neurons.
    pub fn record_spike_count(&mut self, population: i32, first: u64, last: u64, every: u64) -> Result<i32, String> {
        // SAFETY: `net` is live.
        let recorder =
            unsafe { (self.session.interface.record_spike_count)(self.net(), population, first, last, every) };
        self.check(recorder.into()).map(|_| recorder)
    }

    /// All values recorded since the last call, oldest sample first.
    ///
    /// # Errors
    /// No such recorder.
    pub fn take_record(&mut self, recorder: i32) -> Result<Vec<f64>, String> {
        let take = self.session.interface.take_record;
        // SAFETY: with capacity 0 nothing is written.
        let count = self.check(unsafe { take(self.net(), recorder, ptr::null_mut(), 0) })?;
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut values = vec![0.0; count];
        // SAFETY: there is room for `count`.
        let taken = self.check(unsafe { take(self.net(), recorder, values.as_mut_ptr(), count as u64) })?;
        values.truncate(taken);
        Ok(values)
    }

    /// A copy of a state as f64.
    ///
    /// # Errors
    /// No such state.
    pub fn state(&self, name: &str) -> Result<Vec<f64>, String> {
        /// # Safety
        /// `first` leads to `length` values of `T`.
        unsafe fn copy<T: Copy + Into<f64>>(first: *mut c_void, length: usize) -> Vec<f64> {
            // SAFETY: the caller's promise.
            unsafe { std::slice::from_raw_parts(first.cast::<T>(), length) }.iter().map(|&value| value.into()).collect()
        }
        let (first, length, element) = self.elements(name)?;
        // SAFETY: the runtime says that there are `length` values of the type that it named, and
        // nothing changes them while `self` is borrowed.
        unsafe {
            match element {
                _ if element == Element::F32 as i32 => Ok(copy::<f32>(first, length)),
                _ if element == Element::F64 as i32 => Ok(copy::<f64>(first, length)),
                _ if element == Element::I32 as i32 => Ok(copy::<i32>(first, length)),
                _ => Err(format!("`{name}` has elements of the unknown type {element}")),
            }
        }
    }

    /// Sets a state, or a parameter with a value for each neuron, from the next step on.
    ///
    /// # Errors
    /// No such state, or not one value for each neuron; counters of steps cannot be set.
    pub fn set_state(&mut self, name: &str, values: &[f64]) -> Result<(), String> {
        let (first, length, element) = self.elements(name)?;
        if values.len() != length {
            return Err(format!("`{name}` has {length} elements, not {}", values.len()));
        }
        for (index, &value) in values.iter().enumerate() {
            // SAFETY: the runtime says that there are `length` values of the type that it named, and `self` is borrowed alone.
            unsafe {
                match element {
                    _ if element == Element::F32 as i32 => *first.cast::<f32>().add(index) = value as f32,
                    _ if element == Element::F64 as i32 => *first.cast::<f64>().add(index) = value,
                    _ => return Err(format!("`{name}` counts steps")),
                }
            }
        }
        Ok(())
    }

    /// Where the elements of a state are, how many, and of which type.
    fn elements(&self, name: &str) -> Result<(*mut c_void, usize, i32), String> {
        let handle = self.state_handle(name)?;
        let (mut length, mut element) = (0, 0);
        // SAFETY: `net` is live; both numbers are written.
        let first = unsafe { (self.session.interface.state)(self.net(), handle, &raw mut length, &raw mut element) };
        if first.is_null() {
            return Err(self.last_error());
        }
        Ok((first, usize::try_from(length).map_err(|error| error.to_string())?, element))
    }

    /// The handle of a projection.
    #[must_use]
    pub fn projection_handle(&self, name: &str) -> Option<i32> {
        self.handle(self.session.interface.projection_handle, name)
    }

    /// Synapses of a projection; 0 for a bad handle.
    #[must_use]
    pub fn projection_synapse_count(&self, projection: i32) -> u64 {
        // SAFETY: `net` is live; a bad handle gives 0.
        unsafe { (self.session.interface.projection_synapse_count)(self.net(), projection) }
    }

    /// The synapses of a projection by source, then delay, then target: the order of all their
    /// values, for any number of threads.
    ///
    /// # Errors
    /// No such projection.
    pub fn synapses(&self, projection: i32) -> Result<Synapses, String> {
        let count = self.projection_synapse_count(projection);
        let length = usize::try_from(count).map_err(|error| error.to_string())?;
        let mut synapses = Synapses { sources: vec![0; length], targets: vec![0; length], delays: vec![0; length] };
        let Synapses { sources, targets, delays } = &mut synapses;
        let [sources, targets, delays] = [sources, targets, delays].map(|list| list.as_mut_ptr());
        // SAFETY: each of the lists has room for `count`.
        let code =
            unsafe { (self.session.interface.get_synapses)(self.net(), projection, sources, targets, delays, count) };
        self.check(code.into()).map(|_| synapses)
    }

    /// Whether this is a state, or the weight, of each synapse of a projection: `stdp.weight`.
    #[must_use]
    pub fn is_of_synapses(&self, state: &str) -> bool {
        self.handle(self.session.interface.synapse_state_handle, state).is_some()
    }

    /// A state or the weight of each synapse, such as `stdp.weight`, in the order of
    /// [`Instance::synapses`] and in the coherent unit.
    ///
    /// # Errors
    /// No such state.
    pub fn synapse_state(&self, state: &str) -> Result<Vec<f64>, String> {
        let handle = self.synapse_state_handle(state)?;
        let projection = state.rsplit_once('.').and_then(|(projection, _)| self.projection_handle(projection));
        let count = projection.map_or(0, |projection| self.projection_synapse_count(projection));
        let mut values = vec![0.0; usize::try_from(count).map_err(|error| error.to_string())?];
        let get = self.session.interface.get_synapse_state;
        // SAFETY: there is room for `count`.
        let code = unsafe { get(self.net(), handle, values.as_mut_ptr(), count) };
        self.check(code.into()).map(|_| values)
    }

    /// Sets a state or the weight of each synapse, in the same order and unit.
    ///
    /// # Errors
    /// No such state; weights without plasticity; not one finite value for each synapse.
    pub fn set_synapse_state(&mut self, state: &str, values: &[f64]) -> Result<(), String> {
        let handle = self.synapse_state_handle(state)?;
        let set = self.session.interface.set_synapse_state;
        // SAFETY: the slice is what it says; the runtime copies it.
        let code = unsafe { set(self.net(), handle, values.as_ptr(), values.len() as u64) };
        self.check(code.into()).map(drop)
    }

    /// Adds these values to an input in every following step; none end it.
    ///
    /// # Errors
    /// No such input, or not one value for each neuron.
    pub fn set_input(&mut self, input: &str, values: &[f64]) -> Result<(), String> {
        let handle =
            self.handle(self.session.interface.input_handle, input).ok_or_else(|| format!("no input `{input}`"))?;
        let first = if values.is_empty() { ptr::null() } else { values.as_ptr() };
        // SAFETY: `first` leads to as many values as said; the runtime copies them.
        let code = unsafe { (self.session.interface.set_input)(self.net(), handle, first, values.len() as u64) };
        self.check(code.into()).map(drop)
    }

    /// Lets these neurons spike now.
    ///
    /// # Errors
    /// No such population or neuron.
    pub fn inject_spikes(&mut self, population: i32, neurons: &[u32]) -> Result<(), String> {
        let inject = self.session.interface.inject_spikes;
        // SAFETY: the slice is what it says.
        let code = unsafe { inject(self.net(), population, neurons.as_ptr(), neurons.len() as u64) };
        self.check(code.into()).map(drop)
    }

    /// The whole state, for [`Instance::load`].
    ///
    /// # Errors
    /// The runtime's text.
    pub fn save(&mut self) -> Result<Vec<u8>, String> {
        // SAFETY: `net` is live.
        let size = unsafe { (self.session.interface.save_size)(self.net()) };
        let mut saved = vec![0; usize::try_from(size).map_err(|error| error.to_string())?];
        // SAFETY: there is room for `size` bytes.
        let code = unsafe { (self.session.interface.save)(self.net(), saved.as_mut_ptr().cast(), size) };
        self.check(code.into()).map(|_| saved)
    }

    /// Goes back to a saved state.
    ///
    /// # Errors
    /// It was not saved from this network; nothing has changed.
    pub fn load(&mut self, saved: &[u8]) -> Result<(), String> {
        // SAFETY: the slice is what it says; the runtime checks its contents.
        let code = unsafe { (self.session.interface.load)(self.net(), saved.as_ptr().cast(), saved.len() as u64) };
        self.check(code.into()).map(drop)
    }

    fn net(&self) -> Handle {
        self.net.as_ptr()
    }

    fn parameter(&self, name: &str) -> Result<i32, String> {
        self.handle(self.session.interface.parameter_handle, name).ok_or_else(|| format!("no parameter `{name}`"))
    }

    fn state_handle(&self, name: &str) -> Result<i32, String> {
        self.handle(self.session.interface.state_handle, name).ok_or_else(|| format!("no state `{name}`"))
    }

    fn synapse_state_handle(&self, name: &str) -> Result<i32, String> {
        let found = self.handle(self.session.interface.synapse_state_handle, name);
        found.ok_or_else(|| format!("no state of synapses `{name}`"))
    }

    fn handle(&self, find: unsafe extern "C" fn(*const c_char) -> i32, name: &str) -> Option<i32> {
        let name = CString::new(name).ok()?;
        // SAFETY: one of the `…_handle` functions, which read a text that ends with zero.
        let handle = unsafe { find(name.as_ptr()) };
        (handle >= 0).then_some(handle)
    }

    /// A negative result is a failure that `last_error` explains.
    fn check(&self, code: i64) -> Result<usize, String> {
        usize::try_from(code).map_err(|_| self.last_error())
    }

    fn last_error(&self) -> String {
        // SAFETY: `net` is live; the text is valid until the next call and copied now.
        unsafe { text((self.session.interface.last_error)(self.net())) }
    }
}

impl Drop for Instance<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `create`, and nobody can use it any longer.
        unsafe { (self.session.interface.destroy)(self.net()) };
    }
}

/// The innermost text: libloading keeps what the system said behind its own.
fn explain(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), explain)
}

/// A copy of a C text; null is empty.
///
/// # Safety
/// `text` is null or ends with zero.
unsafe fn text(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
