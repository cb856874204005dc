//! Receptors whose outputs mention the weight beside what the synapse offers: such a part is summed over the synapses
//! in every step, the other stays one state of the target.

use crate::spike_trains::{Run, train};

const TIMES: [f64; 5] = [3.0, 4.5, 11.0, 11.4, 20.0];
const TAU: f64 = 7.0;

/// Three neurons onto four; what flows into each input is kept as a state, as it is in the step.
fn network(weight: &str, plasticity: &str, synapse: &str) -> String {
    format!(
        "use std::synapses::Exponential
{}
neuron Meter {{
    input I : mV  input total : mV  input both : mV  input gated : mV
    state V : mV = 0 mV
    state g_sum : mV = 0 mV  state w_sum : mV = 0 mV  state mixed : mV = 0 mV  state product : mV = 0 mV
    g_sum(t + dt) = I
    w_sum(t + dt) = total
    mixed(t + dt) = both
    product(t + dt) = gated
}}
receptor R {{
    weight w
    input g : unit(w)
    pre x : 1
    post V : mV
    output I = g
    output total = w
    output both = 2 * w + g
    output gated = (g * V + w * x * (V + 65 mV)) / 1 mV
}}
plasticity Grow {{ weight w  on spike(w) {{ w += 0.25 mV }} }}
synapse AtSynapse {{
    param tau = {TAU} ms
    state g : unit(w) = 0
    g' = -g / tau
    on spike(w) {{ g = max(g + w, 0 mV) }}
    output g
}}
network Net {{
    population A[3] : Source
    population B[4] : Meter
    init A.left = 3 ms + 0.3 ms * i
    init B.V = -80 mV + 30 mV * i
    project p: A -> B {{ connect all_to_all  weight {weight}  {plasticity}  synapse {synapse}  receptor R }}
}}
simulate Net {{ dt 0.1 ms  duration 30 ms  seed 3
    record RECORDEDA.x, B.g_sum, B.w_sum, B.mixed, B.product }}
",
        train("Source", &TIMES, "state x : 1 = 1  x' = 0.1 ms^-1")
    )
}

/// Compares every step with sums that are written out here.
#[track_caller]
fn compare(weight: &str, plasticity: &str, synapse: &str) {
    let recorded = if plasticity.is_empty() { "" } else { "p.weight, " };
    let run = Run::of(&network(weight, plasticity, synapse).replace("RECORDED", recorded), 0.1, &[]);
    let w = if plasticity.is_empty() { vec![] } else { run.values("p.weight") };
    let [x, g_sum, w_sum, mixed, product] =
        ["A.x", "B.g_sum", "B.w_sum", "B.mixed", "B.product"].map(|name| run.values(name));
    // In the order of synapses: by source, then by target.
    let weight_at = |step: usize, i: usize, j: usize| {
        if w.is_empty() { 0.5 + 0.25 * i as f64 + 0.125 * j as f64 } else { w[12 * step + 4 * i + j] }
    };
    let near = |found: f64, wanted: f64, what: &str| {
        assert!((found - wanted).abs() < 1e-9 * (1.0 + wanted.abs()), "{what}: {found}, not {wanted}");
    };
    let mut greatest: f64 = 0.0;
    for step in 1..300 {
        for j in 0..4 {
            let v = -80.0 + 30.0 * j as f64;
            let mut g = 0.0;
            for i in 0..3 {
                for time in TIMES.map(|t| t + 0.3 * i as f64) {
                    let arrival = (time / 0.1).round() as usize;
                    if arrival <= step {
                        // A rule acts when a spike arrives, after the synapse got the weight.
                        let sent = weight_at(arrival - 1, i, j);
                        g += sent * f64::exp(-0.1 * (step - arrival) as f64 / TAU);
                    }
                }
            }
            // Weights as the spikes of the step have left them, states of the source at the end of the step before.
            let sum: f64 = (0..3).map(|i| weight_at(step, i, j)).sum();
            let rated: f64 = (0..3).map(|i| weight_at(step, i, j) * x[3 * (step - 1) + i]).sum();
            let at = 4 * step + j;
            near(g_sum[at], g, &format!("g, step {step}, neuron {j}"));
            near(w_sum[at], sum, &format!("w, step {step}, neuron {j}"));
            near(mixed[at], 2.0 * sum + g, &format!("2 w + g, step {step}, neuron {j}"));
            near(product[at], g * v + rated * (v + 65.0), &format!("gated, step {step}, neuron {j}"));
            greatest = greatest.max(g);
        }
    }
    assert!(greatest > 1.0, "nothing arrives: {greatest}");
}

#[test]
fn an_output_may_have_the_weight_beside_a_sum() {
    let of_pair = "~ (0.5 + 0.25 * i + 0.125 * j) * 1 mV";
    compare(of_pair, "", "Exponential { tau = 7 ms }");
    compare(of_pair, "", "AtSynapse");
    for synapse in ["Exponential { tau = 7 ms }", "AtSynapse"] {
        compare("~ uniform(0.5 mV, 2 mV)", "plasticity Grow", synapse);
    }
}
