//! Rules, handlers and couplings that read inputs of their neurons, and `let`s that depend on these: as the equations of the step
//! before have seen them, which is what is recorded.

use crate::spike_trains::{Run, train};

const DT: f64 = 0.1;
const TIMES: [f64; 6] = [2.0, 5.0, 9.0, 9.4, 14.0, 17.0];
/// In steps.
const DELAY: usize = 4;

fn network() -> String {
    format!(
        "{}
data level : mV = [1, 4, 2]
neuron Cell {{
    input I : mV
    input J : mV
    state V : mV = -1 mV
    let x = V + I / 2
    let timed = V * sin(t / 3 ms) + level[t every 10 ms]
    V' = (I + J - V) / 10 ms
    spike when V > 100 mV {{ V = 0 mV }}
}}
plasticity Rule {{
    weight w
    post I as driven : mV
    post x : mV
    post timed : mV
    pre z as z_source : 1
    state seen : 1 = 0
    on pre {{ w += 0.1 * driven / 1 mV + 0.01 * x / 1 mV + 0.02 * timed / 1 mV + 0.001 * z_source }}
    every dt {{ seen = x / 1 mV }}
}}
receptor Couple {{
    weight w
    pre z : 1
    output J = w * z * 0.1 mV
}}
network Net {{
    population A[3] : Source
    population B[70] : Cell
    init A.left = 2 ms + 0.7 ms * i
    drive A.K = 1 + i + t / 1 ms
    drive B.I = 0.1 mV * i + normal(0 mV, 2 mV)
    drive B.I = 3 mV * sin(t / 2 ms)
    project p: A -> B {{ connect all_to_all  weight 1  delay {DELAY} * dt  plasticity Rule }}
    project q: A -> B {{ connect all_to_all  weight 1  delay 0.3 ms  receptor Couple }}
}}
simulate Net {{ dt {DT} ms  duration 25 ms  seed 5
    record A.z, B.I, B.x, B.timed, p.weight, p.seen, q.J }}
",
        train("Source", &TIMES, "input K : 1  let z = 2 * K")
    )
}

#[test]
fn they_are_those_of_the_step_before() {
    for (options, tolerance) in
        [(&["--threads", "1"][..], 1e-12), (&["--threads", "2"], 1e-12), (&["--precision", "f32"], 2e-4)]
    {
        let run = Run::of(&network(), DT, options);
        let [z, input, x, timed, weight, seen, coupled] =
            ["A.z", "B.I", "B.x", "B.timed", "p.weight", "p.seen", "q.J"].map(|name| run.values(name));
        let near = |found: f64, wanted: f64, what: &str| {
            assert!(
                (found - wanted).abs() <= tolerance * (1.0 + wanted.abs()),
                "{what}, {options:?}: {found}, not {wanted}"
            );
        };
        let fired = |i: usize| -> Vec<usize> {
            TIMES.iter().map(|time| ((time + 0.7 * i as f64) / DT).round() as usize - 1).collect()
        };
        let of = |values: &[f64], width: usize, step: usize, neuron: usize| values[step * width + neuron];
        for i in 0..3 {
            for j in 0..70 {
                let mut w = 1.0;
                for step in 0..250 {
                    if let Some(&sent) = fired(i).iter().find(|sent| **sent + DELAY == step) {
                        w += 0.1 * of(&input, 70, step - 1, j) + 0.01 * of(&x, 70, step - 1, j);
                        w += 0.02 * of(&timed, 70, step - 1, j) + 0.001 * of(&z, 3, sent, i);
                    }
                    let synapse = 70 * i + j;
                    near(of(&weight, 210, step, synapse), w, &format!("weight from {i} to {j}, step {step}"));
                    let before = if step > 0 { of(&x, 70, step - 1, j) } else { 0.0 };
                    near(of(&seen, 210, step, synapse), before, &format!("x at {i}, {j}, step {step}"));
                }
            }
        }
        for step in 0..250 {
            let sum: f64 = (0..3).map(|i| if step >= 4 { of(&z, 3, step - 4, i) } else { 0.0 }).sum();
            near(of(&coupled, 70, step, 69), 0.1 * sum, &format!("J, step {step}"));
        }
    }
}

/// Their own names stay free, and nothing else changes.
#[test]
fn the_neuron_is_the_same() {
    let with = Run::of(&network(), DT, &[]);
    let without = network().replace(
        "    post I as driven : mV\n    post x : mV\n    post timed : mV\n",
        "    post V as driven : mV\n    post V as x : mV\n    post V as timed : mV\n",
    );
    let without = Run::of(&without, DT, &[]);
    for name in ["A.z", "B.I", "B.x"] {
        assert!(with.values(name) == without.values(name), "{name}");
    }
}
