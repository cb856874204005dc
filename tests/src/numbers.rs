//! What a pass must not change: the numbers.

use crate::bpc::{run_json, text};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Two sources onto one target, whose time constants and reversal potentials are `TAU` and `E`.
const NETWORK: &str = "
use std::neurons::LIF
use std::synapses::Exponential
use std::receptors::Conductance

network Two(tau_a: ms = 5 ms, tau_b: ms = 5 ms, E_a: mV = 0 mV, E_b: mV = 0 mV) {
    population A[200] : LIF { tau = 20 ms, V_rest = -60 mV, V_th = -50 mV, V_reset = -60 mV, t_ref = 5 ms }
    population B[100] : LIF { tau = 20 ms, V_rest = -60 mV, V_th = -50 mV, V_reset = -60 mV, t_ref = 5 ms }
    init A.V, B.V ~ normal(-55 mV, 2 mV)
    drive A.I, B.I = 12 mV
    project a: A -> B { connect fixed_probability(0.1) weight 0.03 synapse Exponential { tau = tau_a } receptor Conductance { E = E_a } }
    project b: B -> B { connect fixed_probability(0.2) weight 0.02 delay 1.5 ms synapse Exponential { tau = TAU } receptor Conductance { E = REVERSAL } }
}
simulate Two { dt 0.1 ms  duration 200 ms  seed 3  record A.spikes, B.spikes }
";

/// Both with initial conductances, which a shared one must not lose.
const INITIAL: &str = "
use std::neurons::LIF
use std::receptors::Current

synapse Charged {
    param tau : ms = 5 ms
    state g : unit(w) = 3 mV
    g' = -g / tau
    on spike(w) { g += w }
    output g
}
network Two(tau_a: ms = 50 ms, tau_b: ms = 50 ms) {
    population E[10] : LIF { V_rest = -60 mV, V_th = -58 mV, V_reset = -60 mV }
    project a: E -> E { connect one_to_one weight 0.1 mV synapse Charged { tau = tau_a } receptor Current }
    project b: E -> E { connect one_to_one weight 0.1 mV synapse Charged { tau = TAU } receptor Current }
}
simulate Two { dt 0.1 ms  duration 100 ms  seed 1  record E.spikes }
";

/// The spikes of a network, and whether its projection `b` shares the state of `a`.
fn spikes(folder: &Path, network: &str, shared: bool) -> Value {
    let (tau, reversal) = if shared { ("tau_a", "E_a") } else { ("tau_b", "E_b") };
    let path = folder.join(format!("{tau}.bp"));
    fs::write(&path, network.replace("TAU", tau).replace("REVERSAL", reversal)).expect("written");
    let plan = crate::bpc::bpc(&["explain-plan", &text(&path)]);
    let merged = String::from_utf8_lossy(&plan.stdout).contains("merged:   merged with a\n");
    assert_eq!(merged, shared, "{}", String::from_utf8_lossy(&plan.stdout));
    run_json(&["run", &text(&path)])["spikes"].clone()
}

#[test]
fn sharing_a_state_does_not_change_the_spikes() {
    for network in [NETWORK, INITIAL] {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = spikes(folder.path(), network, true);
        let apart = spikes(folder.path(), network, false);
        for (population, count) in apart.as_object().expect("counts") {
            let (apart, shared) = (count.as_f64().expect("a number"), shared[population].as_f64().expect("a number"));
            assert!(apart > 10.0, "{population} is silent: {apart} spikes");
            // Sums are rounded in another order; in 200 ms that moves few spikes, if any.
            assert!((apart - shared).abs() <= 0.01 * apart, "{population}: {apart} spikes apart, {shared} shared");
        }
    }
}
