//! The standard library: files of the language itself, embedded.
//!
//! Nothing is interpreted here: path and text, as `bpc_sema::FileLoader` takes them. The folder is
//! the module: `neurons/lif.bp` is part of `std::neurons`.

/// All files: path below `std`, text.
pub const FILES: &[(&str, &str)] = &[
    ("neurons/hh.bp", include_str!("neurons/hh.bp")),
    ("neurons/lif.bp", include_str!("neurons/lif.bp")),
    ("neurons/traub_miles.bp", include_str!("neurons/traub_miles.bp")),
    ("receptors/conductance.bp", include_str!("receptors/conductance.bp")),
    ("receptors/current.bp", include_str!("receptors/current.bp")),
    ("receptors/delta.bp", include_str!("receptors/delta.bp")),
    ("synapses/alpha.bp", include_str!("synapses/alpha.bp")),
    ("synapses/dual_exponential.bp", include_str!("synapses/dual_exponential.bp")),
    ("synapses/exponential.bp", include_str!("synapses/exponential.bp")),
];
