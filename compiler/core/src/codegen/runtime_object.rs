//! The runtime as embedded objects; `build.rs` makes them.

/// Which build of the runtime goes with a network: the one for the least processor that the
/// network's own code asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// Any x86-64 processor.
    #[default]
    Baseline,
    /// Processors with AVX2, FMA and BMI (`x86-64-v3`).
    V3,
}

/// A relocatable object that defines every `bpc_rt3_…` function and needs libc and libm only.
#[must_use]
pub fn bytes(variant: Variant) -> &'static [u8] {
    match variant {
        Variant::Baseline => include_bytes!(concat!(env!("OUT_DIR"), "/runtime_baseline.o")),
        Variant::V3 => include_bytes!(concat!(env!("OUT_DIR"), "/runtime_v3.o")),
    }
}
