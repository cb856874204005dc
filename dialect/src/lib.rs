//! The MLIR `dynamics` dialect, declared once in `Dynamics.td`.
//!
//! From that file come the C++ classes with their traits and verifiers (registered by
//! [`register`]), and the typed builders of [`ops`].

#![allow(missing_docs)] // of the generated builders; each op's documentation is in its definition

use melior::dialect::{DialectHandle, DialectRegistry};

melior::dialect! {
    name: "dynamics",
    files: ["Dynamics.td"],
    include_directory_env_vars: ["DYNAMICS_DIALECT_DIRECTORY"],
}

/// Typed builders and accessors of every operation.
pub use dynamics as ops;

unsafe extern "C" {
    fn mlirGetDialectHandle__dynamics__() -> mlir_sys::MlirDialectHandle;
}

/// Adds the dialect to a registry.
pub fn register(registry: &DialectRegistry) {
    // SAFETY: the shim returns a handle that lives as long as the program.
    let handle = unsafe { DialectHandle::from_raw(mlirGetDialectHandle__dynamics__()) };
    handle.insert_dialect(registry);
}
