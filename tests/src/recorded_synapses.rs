//! Records of `let`s of single synapses, of rules of plasticity and of source neurons, against what is computed here from
//! the states that are recorded beside them.

use crate::spike_trains::{Run, train};

const DT: f64 = 0.1;
const TIMES: [f64; 6] = [2.0, 5.0, 9.0, 9.4, 14.0, 17.0];

/// Three sources, four targets, two delays; `more` is recorded beside what is compared anyway.
fn network(more: &str) -> String {
    format!(
        "{}
data gains = [1, 2, 4, 3]
neuron Cell {{
    input I : mV
    state V : mV = -65 mV
    state fired : 1 = 0
    V' = (-65 mV - V + I) / 20 ms
    spike when V > -57 mV {{ V = -65 mV  fired += 1 }}
}}
/// One `g` for each source neuron
synapse Saturating {{
    weight w
    post V : mV
    pre x : 1
    state g : 1 = 0
    let I_syn = w * g * (0 mV - V)
    let of_source = 2 * x + g
    let timed = w * g * gains[t every 5 ms]
    g' = -g / 7 ms
    on spike {{ g += (1 - g) / 2 }}
    output I_syn
}}
/// One `g` for each synapse
synapse Floored {{
    state g : mV = 0 mV
    let tripled = 3 * g
    g' = -g / 7 ms
    on spike(w) {{ g = max(g + w * 1 mV, 0 mV) }}
    output I_syn = tripled
}}
plasticity Rule {{
    weight w
    state y : 1 = 0
    y' = -y / 15 ms
    let change = 0.1 * w * (1 + y)
    on pre {{ w += 0.001 * y  y += 1 }}
    on post {{ w *= 1.01 }}
}}
receptor Sum {{ input I_syn : mV  output I = I_syn }}
network Net {{
    population A[3] : Source
    population B[4] : Cell
    init A.left = 2 ms + 0.7 ms * i
    init B.V = -65 mV + 0.5 mV * i
    project p: A -> B {{ connect all_to_all  weight ~ 0.1 * (1 + i) + 0.02 * j  delay 0.3 ms  synapse Saturating  receptor Sum }}
    project q: A -> B {{ connect all_to_all  weight ~ 0.2 + 0.1 * j  plasticity Rule  synapse Floored  receptor Sum }}
}}
simulate Net {{ dt {DT} ms  duration 30 ms
    record A.x, B.V, B.fired, p.g, p.I, q.g, q.y, q.weight, q.I {more} }}
",
        train("Source", &TIMES, "state x : 1 = 1  x' = 0.1 ms^-1")
    )
}

const RECORDED: &str = ", p.I_syn, p.of_source, p.timed, q.tripled, q.change  record p.I_syn[5..8] every 1 ms";

#[test]
fn lets_of_single_synapses_are_what_sums_see() {
    for (options, tolerance) in
        [(&["--threads", "1"][..], 1e-12), (&["--threads", "4"], 1e-12), (&["--precision", "f32"], 2e-5)]
    {
        let run = Run::of(&network(RECORDED), DT, options);
        let [x, v, g, single, of_source, timed] =
            ["A.x", "B.V", "p.g", "p.I_syn", "p.of_source", "p.timed"].map(|name| run.values(name));
        let [of_synapse, tripled, y, weight, change] =
            ["q.g", "q.tripled", "q.y", "q.weight", "q.change"].map(|name| run.values(name));
        let (total, of_all) = (run.values("p.I"), run.values("q.I"));
        let part = run.values("p.I_syn[5..8]");
        let near = |found: f64, wanted: f64, what: &str| {
            assert!((found - wanted).abs() <= tolerance * (1.0 + wanted.abs()), "{what}: {found}, not {wanted}");
        };
        let mut seen = [0.0_f64; 2];
        for step in 3..300 {
            for i in 0..3 {
                for j in 0..4 {
                    let (k, what) = (12 * step + 4 * i + j, format!("step {step}, from {i} to {j}"));
                    let w = 0.1 * (1.0 + i as f64) + 0.02 * j as f64;
                    // What spikes move is as at the end of the step whose spikes arrive now; the source's own state, a delay
                    // before the start of the step; the target, at the start.
                    if step > 3 {
                        let before = 3 * (step - 3) + i;
                        near(single[k], w * g[before] * (0.0 - v[4 * (step - 1) + j]), &format!("I_syn, {what}"));
                        near(of_source[k], 2.0 * x[before - 3] + g[before], &format!("of_source, {what}"));
                        let gain = [1.0, 2.0, 4.0, 3.0][(step / 50).min(3)];
                        near(timed[k], w * g[before] * gain, &format!("timed, {what}"));
                    }
                    // What spikes have left in the step, which then decays.
                    near(tripled[k] * f64::exp(-DT / 7.0), 3.0 * of_synapse[k], &format!("tripled, {what}"));
                    // The rule's `y` is the source's: as spikes find it, its delay ago.
                    near(change[k], 0.1 * weight[k] * (1.0 + y[3 * (step - 1) + i]), &format!("change, {what}"));
                    seen = [seen[0].max(single[k]), seen[1].max(tripled[k])];
                }
            }
            for j in 0..4 {
                let sum = |values: &[f64]| (0..3).map(|i| values[12 * step + 4 * i + j]).sum::<f64>();
                near(total[4 * step + j], sum(&single), "the sum of I_syn");
                near(of_all[4 * step + j], sum(&tripled), "the sum of tripled");
            }
            if step % 10 == 9 {
                assert_eq!(part[3 * (step / 10)..][..3], single[12 * step + 5..][..3], "every millisecond");
            }
        }
        assert!(seen[0] > 10.0 && seen[1] > 1.0, "nothing flows: {seen:?}");
        assert!(run.values("B.fired").last().is_some_and(|fired| *fired > 0.0), "the target never spikes");
    }
}

/// What is recorded changes nothing else, to the last bit.
#[test]
fn nothing_else_changes() {
    for precision in ["f64", "f32"] {
        let options = ["--precision", precision];
        let (with, without) = (Run::of(&network(RECORDED), DT, &options), Run::of(&network(""), DT, &options));
        for name in ["A.x", "B.V", "p.g", "p.I", "q.g", "q.y", "q.weight", "q.I"] {
            assert!(with.values(name) == without.values(name), "{name} in {precision}");
        }
    }
}
