//! Draws in outputs of receptors: one number for each target neuron and step, for all its synapses.

use crate::spike_trains::Run;

const N: usize = 200;
const STEPS: usize = 300;

fn network() -> String {
    format!(
        "neuron Unit {{ state a : 1 = 1  a(t + dt) = a }}
neuron Cell {{ input I : mV  input K : mV  state V : mV = 1 mV  V' = (I + K) / 1e6 ms }}
/// Summed over synapses, as it reads the source
receptor Scaled {{
    param spread = 0.2
    weight w
    pre a : 1
    output I = w * a * normal(1, spread)
}}
/// Decided on by the target alone
receptor Alone {{
    post V : mV
    output K = (V / 1 mV) * uniform(1 mV, 3 mV) * bernoulli(0.25)
}}
network Net {{
    population A[4] : Unit
    population B[{N}] : Cell
    project p: A -> B {{ connect all_to_all  weight 0.25 mV  receptor Scaled }}
    project r: A -> B {{ connect all_to_all  weight 0.25 mV  receptor Scaled }}
    project o: A -> B {{ connect all_to_all  receptor Alone }}
}}
simulate Net {{ dt 0.1 ms  duration {} ms  seed 11  record p.I, r.I, o.K, B.V }}
",
        STEPS as f64 * 0.1
    )
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

#[test]
fn one_number_for_all_synapses_of_a_neuron_in_each_step() {
    let source = network();
    for precision in ["f64", "f32"] {
        let run = |threads| Run::of(&source, 0.1, &["--threads", threads, "--precision", precision]);
        let (run, other) = (run("1"), run("2"));
        for name in ["p.I", "r.I", "o.K", "B.V"] {
            assert!(run.values(name) == other.values(name), "{name} depends on threads, {precision}");
        }
        let (first, second, alone) = (run.values("p.I"), run.values("r.I"), run.values("o.K"));
        assert_eq!(first.len(), N * STEPS);
        let count = (N * STEPS) as f64;
        for drawn in [&first, &second] {
            // Had each of the four synapses a number of its own, the spread were half as large.
            let centre = mean(drawn.iter().copied());
            let spread = mean(drawn.iter().map(|x| (x - centre) * (x - centre))).sqrt();
            assert!((centre - 1.0).abs() < 5.0 * 0.2 / count.sqrt(), "{centre}");
            assert!((spread - 0.2).abs() < 5.0 * 0.2 / (2.0 * count).sqrt(), "{spread}");
            // Of one step to the next, and of one neuron to the next, also in the first step.
            for lag in [1, N] {
                let both = mean(drawn.iter().zip(&drawn[lag..]).map(|(a, b)| (a - 1.0) * (b - 1.0))) / 0.04;
                assert!(both.abs() < 5.0 / count.sqrt(), "{lag}: {both}");
            }
            let start = mean(drawn[..N].iter().map(|x| (x - 1.0) * (x - 1.0))).sqrt();
            assert!((start - 0.2).abs() < 0.05, "{start}");
        }
        let across = mean(first.iter().zip(&second).map(|(a, b)| (a - 1.0) * (b - 1.0))) / 0.04;
        assert!(across.abs() < 5.0 / count.sqrt(), "{across}");
        let open = alone.iter().filter(|k| **k != 0.0).count() as f64;
        assert!((open / count - 0.25).abs() < 5.0 * (0.25 * 0.75 / count).sqrt());
        let size = mean(alone.iter().copied().filter(|k| *k != 0.0));
        // What the target alone decides on flows once for each of its synapses, with the same number. V has hardly moved from 1 mV.
        assert!(alone.iter().all(|k| *k == 0.0 || (3.99..12.01).contains(k)));
        assert!((size - 8.0).abs() < 5.0 * 4.0 * 0.58 / open.sqrt() + 1e-3, "{size}");
    }
}
