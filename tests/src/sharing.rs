//! What is kept once for several projections does what each of them would do with its own.

use crate::bpc::{bpc, text};
use crate::spike_trains::Run;

/// Networks whose projections may share, because they read the parameters of the network (`shared`), or may not,
/// because each has its own with the same values.
fn network(shared: bool, records: &str) -> String {
    let one = |text: &str| if shared { text.to_owned() } else { String::new() };
    let nmda = one("{ a = a, tau_rise = tau_rise, tau_decay = tau_decay }");
    let release = one("{ U = U, tau_rec = tau_rec, tau_facil = tau_facil }");
    let minus = one(", tau_minus = tau_minus, tau_plus = tau_plus");
    let tail = one("{ tau = tau }");
    format!(
        "use std::plasticity::{{TsodyksMarkram, PairSTDP}}
use std::synapses::{{Exponential, NMDA}}
use std::receptors::{{Conductance, MagnesiumBlock}}
neuron Cell {{
    param C = 0.5 nF, g_L = 25 nS, E_L = -70 mV, t_ref = 2 ms
    input I : pA
    state V : mV = E_L
    V' = (g_L * (E_L - V) + I) / C
    spike when V > -50 mV {{ V = -55 mV  refractory t_ref hold V }}
}}
network Net(
    a: ms^-1 = 0.5 ms^-1, tau_rise = 2 ms, tau_decay = 100 ms, U = 0.5, tau_rec = 800 ms, tau_facil = 20 ms,
    tau = 5 ms, tau_minus = 20 ms, tau_plus = 20 ms, E_e = 0 mV
) {{
    population A[40] : Cell
    population B[30] : Cell
    init A.V, B.V ~ uniform(-70 mV, -50 mV)
    drive A.I, B.I = 650 pA
    project slow: A -> A {{
        connect fixed_probability(0.3)  weight 0.1 nS  delay 0.5 ms  synapse NMDA {nmda}  receptor MagnesiumBlock
    }}
    project slow_far: A -> B {{
        connect fixed_probability(0.3)  weight 0.2 nS  delay ~ uniform(0.5 ms, 4 ms)  synapse NMDA {nmda}
        receptor MagnesiumBlock
    }}
    project released: A -> B {{
        connect fixed_probability(0.3)  weight 0.9 nS  delay 1 ms  plasticity TsodyksMarkram {release}
        synapse Exponential {tail}  receptor Conductance {{ E = E_e }}
    }}
    project released_far: A -> A {{
        connect fixed_probability(0.3)  weight ~ uniform(0 nS, 1 nS)  delay ~ uniform(1 ms, 3 ms)
        plasticity TsodyksMarkram {release}  synapse Exponential {tail}  receptor Conductance {{ E = E_e }}
    }}
    project plain: B -> A {{
        connect fixed_probability(0.3)  weight 0.3 nS  synapse Exponential {tail}  receptor Conductance {{ E = E_e }}
    }}
    project learns: A -> B {{
        connect fixed_probability(0.3)  weight ~ uniform(0 nS, 1 nS)  delay 1.5 ms
        plasticity PairSTDP {{ w_max = 1 nS, A_plus = 0.05, A_minus = 0.05{minus} }}
        synapse Exponential {tail}  receptor Conductance {{ E = E_e }}
    }}
    project learns_too: B -> B {{
        connect fixed_probability(0.3)  weight ~ uniform(0 nS, 1 nS)
        plasticity PairSTDP {{ w_max = 1 nS, A_plus = 0.05, A_minus = 0.05{minus} }}
        synapse Exponential {tail}  receptor Conductance {{ E = E_e }}
    }}
}}
simulate Net {{ dt 0.1 ms  duration 60 ms  seed 3  record A.spikes, B.spikes, A.V, B.V  {records} }}
"
    )
}

fn plan(source: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    std::fs::write(&file, source).expect("written");
    let output = bpc(&["explain-plan", &text(&file)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn states(run: &Run) -> [Vec<f64>; 4] {
    [run.values("A.V"), run.values("B.V"), run.spike_times("A"), run.spike_times("B")]
}

/// Where sums are shared, additions have another order: rounding differs, by less than 1e-9 mV over 60 ms.
#[test]
fn shared_states_give_what_states_of_each_projection_give() {
    let (shared, apart) = (network(true, ""), network(false, ""));
    let told = plan(&shared);
    for expected in [
        "shares s, x, kept as slow.s, slow.x",
        "shares u, x, kept as released.u, released.x",
        "merged with released; shares y, kept as learns.y",
    ] {
        assert!(told.contains(expected), "{expected} is missing:\n{told}");
    }
    assert!(!plan(&apart).contains("shares ") && !plan(&apart).contains("   merged with "), "each has its own");
    let (shared, apart) = (states(&Run::of(&shared, 0.1, &[])), states(&Run::of(&apart, 0.1, &[])));
    assert!(shared[2].len() > 100, "there are spikes: {}", shared[2].len());
    assert_eq!(shared[2..], apart[2..], "spikes are in the same steps");
    let largest = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    for population in 0..2 {
        let error = largest(&shared[population], &apart[population]);
        assert!(error < 1e-9, "potentials differ by {error:e} mV");
    }
}

/// What only the source has is shared without any difference: the same operations on the same numbers.
#[test]
fn shared_states_of_the_source_have_the_same_bits() {
    let only_sources = |shared| network(shared, "record released.g, released_far.g, plain.g, learns.g, learns_too.g");
    let told = plan(&only_sources(true));
    assert!(told.contains("shares u, x, kept as released.u, released.x"), "{told}");
    assert!(!told.contains("   merged with "), "what is recorded is a projection's own:\n{told}");
    let [shared, apart] = [true, false].map(|shared| states(&Run::of(&only_sources(shared), 0.1, &[])));
    assert_eq!(shared, apart);
}

/// A record means its projection's state, whatever could be shared; recording changes nothing beyond rounding.
#[test]
fn records_have_the_states_of_their_projection() {
    let records = "record released.g, released_far.g, plain.g, slow_far.s, slow.s, released_far.u, learns_too.y";
    let names = ["released.g", "released_far.g", "plain.g", "slow_far.s", "slow.s", "released_far.u", "learns_too.y"];
    let [shared, apart] = [true, false].map(|shared| Run::of(&network(shared, records), 0.1, &[]));
    for name in names {
        let (shared, apart) = (shared.values(name), apart.values(name));
        assert!(shared.iter().any(|x| *x != 0.0) && shared.len() == apart.len(), "{name}");
        let error = shared.iter().zip(&apart).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(error < 1e-9, "{name} differs by {error:e}");
    }
}
