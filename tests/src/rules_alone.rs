//! Projections with a rule of plasticity and nothing else, what a rule reads of both of its neurons under other names, and
//! records of no synapses.

use crate::bpc::{run_json, text};
use crate::statistics::{Spikes, array};
use std::path::Path;
use tempfile::TempDir;

const SOURCE: &str = "
neuron Cell {
    param pace = 10 ms
    state F = 0
    state V : mV = 0 mV
    V' = (20 mV - V) / pace
    spike when V > 10 mV { V = 0 mV }
}
plasticity Counting {
    weight w
    on pre { w += 1 }
    on post { w += 0.25 }
}
plasticity Waiting {
    weight w
    on pre after 2 ms { w += 1 }
    every 5 ms { w *= 0.5 }
}
plasticity Difference {
    weight w
    post F as F_post
    pre F as F_source
    w' = (F_post - F_source) / 1 ms
}
network Net {
    population A : Cell
    population B[5] : Cell { pace = 5 ms + 1 ms * i }
    init A.F = 5
    init B.F = i
    project counted: A -> B { connect all_to_all  weight 1  plasticity Counting }
    project both: A -> B { connect all_to_all  weight 1  delay 2 ms  plasticity Counting  plasticity Waiting }
    project differing: A -> B { connect all_to_all  weight 2  plasticity Difference }
    project empty: A -> B { connect fixed_probability(0)  weight 1  plasticity Counting }
}
simulate Net {
    dt 0.1 ms
    duration 40 ms
    record A.spikes, B.spikes
    record counted.weight, both.weight, differing.weight
    record empty.weight every 1 ms
}
";

fn run(options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("net.bp");
    std::fs::write(&file, SOURCE).expect("a file");
    let (file, out) = (text(&file), text(folder.path()));
    let mut args = vec!["run", &file, "--out", &out];
    args.extend(options);
    run_json(&args);
    folder
}

/// The steps at whose ends a neuron has spiked.
fn steps_of(folder: &Path, population: &str, neuron: u32) -> Vec<u64> {
    let spikes = Spikes::read(folder, population);
    spikes.step.iter().zip(&spikes.neuron).filter(|(_, n)| **n == neuron).map(|(step, _)| *step).collect()
}

const WAYS: [(&[&str], f64); 3] = [(&[], 1e-12), (&["--threads", "2"], 1e-12), (&["--precision", "f32"], 1e-5)];

/// The weights of the last sample, one for each target.
fn last(folder: &Path, name: &str) -> Vec<f64> {
    let all: Vec<f64> = array(&folder.join("traces.npz"), name);
    assert_eq!(all.len(), 400 * 5, "{name}");
    all[399 * 5..].to_vec()
}

#[test]
fn weights_change_without_anything_that_is_transmitted() {
    for (options, tolerance) in WAYS {
        let run = run(options);
        let folder = run.path();
        let source = steps_of(folder, "A", 0);
        assert!(source.len() > 3);
        for (target, (counted, both)) in
            last(folder, "counted.weight").iter().zip(last(folder, "both.weight")).enumerate()
        {
            let own = steps_of(folder, "B", u32::try_from(target).expect("few"));
            assert!(own.len() > 3);
            // Spikes act in the step after they are detected, those of the target too.
            let (mut simple, mut waiting) = (1.0, 1.0);
            for step in 0..400_u64 {
                let arrived = |delay: u64| source.iter().any(|at| at + delay == step);
                let fired = own.iter().any(|at| at + 1 == step);
                simple += f64::from(u8::from(arrived(1))) + 0.25 * f64::from(u8::from(fired));
                waiting += f64::from(u8::from(arrived(20))) + 0.25 * f64::from(u8::from(fired));
                waiting += f64::from(u8::from(arrived(40)));
                if step % 50 == 49 {
                    waiting *= 0.5;
                }
            }
            assert!((counted - simple).abs() < tolerance * simple, "{counted}, not {simple}");
            assert!((both - waiting).abs() < tolerance * waiting, "{both}, not {waiting}");
        }
    }
}

/// w' is constant: it grows by F of the target less F of the source.
#[test]
fn a_rule_reads_one_name_of_both_neurons() {
    for (options, tolerance) in WAYS {
        let run = run(options);
        let found: Vec<f64> = array(&run.path().join("traces.npz"), "differing.weight");
        for (sample, row) in (1..=400).zip(found.chunks(5)) {
            for (target, weight) in (0..5).zip(row) {
                let wanted = 2.0 + (f64::from(target) - 5.0) * 0.1 * f64::from(sample);
                assert!((weight - wanted).abs() < 200.0 * tolerance, "{weight}, not {wanted}");
            }
        }
    }
}

/// A rule that makes no synapses leaves nothing to record, at as many times as others.
#[test]
fn of_no_synapses_an_empty_array_is_written() {
    let run = run(&[]);
    let file = run.path().join("traces.npz");
    let (values, times): (Vec<f64>, Vec<f64>) = (array(&file, "empty.weight"), array(&file, "empty.weight_time_ms"));
    assert!(values.is_empty() && times.len() == 40 && times[39] == 40.0, "{times:?}");
}
