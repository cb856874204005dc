//! The library that is linked with every generated network.
//!
//! It owns the memory of a network, realises its connections, makes its steps on one or more
//! threads, collects spikes, records, saves and restores. The hot loops are generated code; see
//! [`bpc_runtime_abi`] for the contract between the two.
//!
//! *Invariants.*
//! - No dependency but libc and libm; no global state; several networks may live at once.
//! - Results do not depend on the number of threads, bit for bit.
//! - Every failure is an error with a text; nothing aborts, panics or prints.
//! - A handle is used by one caller at a time; different handles by any number of callers.
#![no_std]
// `bpc_embedded` is set by the compiler's build script, not by Cargo.
#![allow(unexpected_cfgs)]

#[cfg(test)]
extern crate std;

pub mod api;
pub mod connectivity;
pub mod error;
pub mod hash;
pub mod logarithm;
pub mod philox;
pub mod propagator;

mod aggregate;
mod checkpoint;
mod finite;
mod instance;
mod layout;
mod memory;
mod number;
mod record;
mod spikes;
mod synapses;
mod sys;
#[cfg(test)]
mod tests;
mod threads;

/// Unreachable in practice: nothing here panics on any input. The object that is linked into
/// generated networks needs one nevertheless.
#[cfg(bpc_embedded)]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    sys::stop()
}
