//! The standard library: files of the language itself, embedded.
//!
//! Nothing is interpreted here: path and text, as `bpc_sema::FileLoader` takes them. The folder is
//! the module: `neurons/lif.bp` is part of `std::neurons`.

/// All files: path below `std`, text.
pub const FILES: &[(&str, &str)] = &[
    ("connectivity/profiles.bp", include_str!("connectivity/profiles.bp")),
    ("neurons/adaptive_qif.bp", include_str!("neurons/adaptive_qif.bp")),
    ("neurons/adex_if.bp", include_str!("neurons/adex_if.bp")),
    ("neurons/alif.bp", include_str!("neurons/alif.bp")),
    ("neurons/exp_if.bp", include_str!("neurons/exp_if.bp")),
    ("neurons/fitzhugh_nagumo.bp", include_str!("neurons/fitzhugh_nagumo.bp")),
    ("neurons/gif.bp", include_str!("neurons/gif.bp")),
    ("neurons/hh.bp", include_str!("neurons/hh.bp")),
    ("neurons/hindmarsh_rose.bp", include_str!("neurons/hindmarsh_rose.bp")),
    ("neurons/if.bp", include_str!("neurons/if.bp")),
    ("neurons/izhikevich.bp", include_str!("neurons/izhikevich.bp")),
    ("neurons/leaky_readout.bp", include_str!("neurons/leaky_readout.bp")),
    ("neurons/lif.bp", include_str!("neurons/lif.bp")),
    ("neurons/morris_lecar.bp", include_str!("neurons/morris_lecar.bp")),
    ("neurons/qif.bp", include_str!("neurons/qif.bp")),
    ("neurons/traub_miles.bp", include_str!("neurons/traub_miles.bp")),
    ("neurons/wang_buzsaki.bp", include_str!("neurons/wang_buzsaki.bp")),
    ("rates/fitzhugh_nagumo.bp", include_str!("rates/fitzhugh_nagumo.bp")),
    ("rates/jansen_rit.bp", include_str!("rates/jansen_rit.bp")),
    ("rates/kuramoto.bp", include_str!("rates/kuramoto.bp")),
    ("rates/qif.bp", include_str!("rates/qif.bp")),
    ("rates/stuart_landau.bp", include_str!("rates/stuart_landau.bp")),
    ("rates/threshold_linear.bp", include_str!("rates/threshold_linear.bp")),
    ("rates/wilson_cowan.bp", include_str!("rates/wilson_cowan.bp")),
    ("rates/wong_wang.bp", include_str!("rates/wong_wang.bp")),
    ("receptors/conductance.bp", include_str!("receptors/conductance.bp")),
    ("receptors/current.bp", include_str!("receptors/current.bp")),
    ("receptors/delta.bp", include_str!("receptors/delta.bp")),
    ("synapses/alpha.bp", include_str!("synapses/alpha.bp")),
    ("synapses/dual_exponential.bp", include_str!("synapses/dual_exponential.bp")),
    ("synapses/exponential.bp", include_str!("synapses/exponential.bp")),
];
