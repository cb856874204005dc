//! `after refractory { … }`: what is done where refractory time ends, against a simulation that is written out here.

use crate::spike_trains::Run;

const DT: f64 = 0.125;
const STEPS: usize = 400;
const N: usize = 130;

fn network(neuron: &str, records: &str) -> String {
    format!(
        "{neuron}
network Net {{ population E[{N}] : Cell {{ a = 0.0625 + i / 512 }} }}
simulate Net {{ dt {DT} ms  duration {} ms  record {records}, E.spikes }}
",
        STEPS as f64 * DT
    )
}

/// Both precisions and numbers of threads, and how each rounds.
type Manner = (&'static [&'static str], fn(f64) -> f64);
const MANNERS: [Manner; 3] =
    [(&["--threads", "1"], |x| x), (&["--threads", "2"], |x| x), (&["--precision", "f32"], |x| f64::from(x as f32))];

/// Spikes as step and neuron.
fn spikes(run: &Run) -> Vec<(usize, usize)> {
    let steps = run.spike_times("E").into_iter().map(|time| (time / DT).round() as usize - 1);
    steps.zip(run.neurons("E")).collect()
}

/// Two refractory times: one as long as a state says, which holds V, and one that a `when` begins anew and prolongs.
#[test]
fn it_acts_once_all_refractory_times_are_over() {
    let source = network(
        "neuron Cell {
    param a = 0.1, decay = 0.875
    state V : 1 = 0
    state u : 1 = 0
    state ends : 1 = 0
    state order : 1 = 0
    V(t + dt) = V + a
    u(t + dt) = decay * u
    after refractory { ends += 1  V = u / 2 }
    spike when V > 2 { V = 0  u += 1  order = 1  refractory (3 + 2 * u) * dt hold V }
    when u > 1.25 { order = 7  refractory 9 * dt }
    every 7 * dt { u += 0.25 }
    after refractory { let twice = 2 * V  if ends > 3 { V = twice + 0.125 }  order = 10 * order + 2 }
}",
        "E.V, E.u, E.ends, E.order",
    );
    for (options, round) in MANNERS {
        let run = Run::of(&source, DT, options);
        let found = ["E.V", "E.u", "E.ends", "E.order"].map(|name| run.values(name));
        let mut wanted_spikes = Vec::new();
        let (mut acted, mut prolonged) = (0, 0);
        for neuron in 0..N {
            let a = round(0.0625 + neuron as f64 / 512.0);
            let (mut v, mut u, mut ends, mut order) = (0.0, 0.0, 0.0, 0.0);
            let (mut first, mut second) = (0_u32, 0_u32);
            for step in 0..STEPS {
                let (mut new_v, mut new_u) = (if first > 0 { v } else { round(v + a) }, round(0.875 * u));
                let fires = new_v > 2.0 && first == 0 && second == 0;
                let high = new_u > 1.25;
                let (mut next_first, next_second) =
                    (first.saturating_sub(1), if high { 9 } else { second.saturating_sub(1) });
                if fires {
                    new_v = 0.0;
                    new_u = round(new_u + 1.0);
                    order = 1.0;
                    next_first = round(round(3.0 + 2.0 * new_u) * DT / DT).round() as u32;
                    wanted_spikes.push((step, neuron));
                }
                if high {
                    order = 7.0;
                }
                if (step + 1) % 7 == 0 {
                    new_u = round(new_u + 0.25);
                }
                if (first > 0 || second > 0) && next_first == 0 {
                    if next_second == 0 {
                        acted += 1;
                        ends += 1.0;
                        new_v = new_u / 2.0;
                        if ends > 3.0 {
                            new_v = round(2.0 * new_v + 0.125);
                        }
                        order = 10.0 * order + 2.0;
                    } else {
                        prolonged += 1;
                    }
                }
                (v, u, first, second) = (new_v, new_u, next_first, next_second);
                for (found, wanted) in found.iter().zip([v, u, ends, order]) {
                    assert_eq!(found[step * N + neuron], wanted, "step {step}, neuron {neuron}, {options:?}");
                }
            }
        }
        wanted_spikes.sort_unstable();
        assert_eq!(spikes(&run), wanted_spikes, "{options:?}");
        assert!(acted > 500 && prolonged > 100, "{acted}, {prolonged}");
    }
}

/// How long `refractory while` lasts is known behind the resets of a step.
#[test]
fn it_acts_where_a_condition_no_longer_holds() {
    let source = network(
        "neuron Cell {
    param a = 0.1
    state V : 1 = 0
    state u : 1 = 0
    V(t + dt) = V + a
    u(t + dt) = 0.875 * u
    spike when V > 2 { V = 0  u = 1  refractory while u > 0.25 hold V }
    when u < 0.75 and u > 0.5 { u = 0.5 }
    after refractory { V = -1  u = 4 }
}",
        "E.V, E.u",
    );
    for (options, round) in MANNERS {
        let run = Run::of(&source, DT, options);
        let found = ["E.V", "E.u"].map(|name| run.values(name));
        let mut acted = 0;
        for neuron in 0..N {
            let a = round(0.0625 + neuron as f64 / 512.0);
            let (mut v, mut u, mut running) = (0.0, 0.0, false);
            for step in 0..STEPS {
                let (mut new_v, mut new_u) = (if running { v } else { round(v + a) }, round(0.875 * u));
                let fires = new_v > 2.0 && !running;
                let low = new_u < 0.75 && new_u > 0.5;
                if fires {
                    (new_v, new_u) = (0.0, 1.0);
                }
                if low {
                    new_u = 0.5;
                }
                let goes_on = (running || fires) && new_u > 0.25;
                if running && !goes_on {
                    (new_v, new_u) = (-1.0, 4.0);
                    acted += 1;
                }
                (v, u, running) = (new_v, new_u, goes_on);
                for (found, wanted) in found.iter().zip([v, u]) {
                    assert_eq!(found[step * N + neuron], wanted, "step {step}, neuron {neuron}, {options:?}");
                }
            }
        }
        assert!(acted > 500, "{acted}");
    }
}

/// Without a refractory time there is no end of one: a time of no steps.
#[test]
fn no_refractory_time_has_no_end() {
    let source = network(
        "neuron Cell {
    param a = 0.1
    state V, ends : 1 = 0
    V(t + dt) = V + a
    spike when V > 2 { V = 0  refractory 0 ms }
    after refractory { ends += 1 }
}",
        "E.ends",
    );
    let run = Run::of(&source, DT, &[]);
    assert!(run.spike_times("E").len() > 100 && run.values("E.ends").iter().all(|ends| *ends == 0.0));
}
