//! Competition within one step, as `docs/language.md` has it: of the neurons beyond the threshold those with the largest potentials spike.

use crate::spike_trains::Run;

const DT: f64 = 0.125;
const N: usize = 70;
const STEPS: usize = 160;

fn network(winners: usize) -> String {
    format!(
        "neuron Competing {{
    param a = 0.1, place = 0, winners = {winners}
    input ahead : 1
    state V : 1 = 0
    V(t + dt) = V + a
    spike when V > 2 and ahead < winners {{ V = 0 }}
    when V > 2 and ahead >= winners {{ V -= 0.5 }}
}}
receptor Ahead {{
    pre V as V_other : 1
    post V : 1
    pre place as other : 1
    post place : 1
    output ahead = if V_other > V or V_other == V and other < place then 1 else 0
}}
network Net {{
    population E[{N}] : Competing {{ a = 0.0625 + (i * 37 % {N}) / 1024, place = i }}
    init E.V = (i * 11 % 16) / 16
    project E -> E {{ connect all_to_all(no_self)  receptor Ahead }}
}}
simulate Net {{ dt {DT} ms  duration {} ms  record E.V, E.spikes }}
",
        STEPS as f64 * DT
    )
}

#[test]
fn the_first_of_those_beyond_the_threshold_spike() {
    for winners in [1, 3] {
        let source = network(winners);
        for options in [&["--threads", "1"][..], &["--threads", "2"], &["--precision", "f32"]] {
            let run = Run::of(&source, DT, options);
            let found = run.values("E.V");
            let a: Vec<f64> = (0..N).map(|i| 0.0625 + (i * 37 % N) as f64 / 1024.0).collect();
            let mut v: Vec<f64> = (0..N).map(|i| (i * 11 % 16) as f64 / 16.0).collect();
            let mut spikes = Vec::new();
            let mut refused = 0;
            for step in 0..STEPS {
                // As they stand at the start of the step, from the largest on; of equal ones the first.
                let mut order: Vec<usize> = (0..N).collect();
                order.sort_by(|i, j| v[*j].total_cmp(&v[*i]).then(i.cmp(j)));
                for (ahead, neuron) in order.into_iter().enumerate() {
                    v[neuron] += a[neuron];
                    if v[neuron] > 2.0 && ahead < winners {
                        v[neuron] = 0.0;
                        spikes.push((step, neuron));
                    } else if v[neuron] > 2.0 {
                        v[neuron] -= 0.5;
                        refused += 1;
                    }
                }
                assert_eq!(found[step * N..][..N], v, "step {step}, {options:?}");
            }
            spikes.sort_unstable();
            let steps = run.spike_times("E").into_iter().map(|time| (time / DT).round() as usize - 1);
            assert_eq!(steps.zip(run.neurons("E")).collect::<Vec<_>>(), spikes, "{options:?}");
            let most = (0..STEPS).map(|step| spikes.iter().filter(|s| s.0 == step).count()).max();
            assert!(most == Some(winners) && refused > 100, "{most:?}, {refused}");
        }
    }
}
