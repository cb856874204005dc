//! Parts of populations: the same as conditions on the index, bit for bit, and synapse by synapse as counted by hand.

use crate::bpc::{bpc, case, run_json, text};
use crate::statistics::{Spikes, array};
use std::collections::BTreeMap;
use tempfile::TempDir;

fn run(network: &str, options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let out = text(folder.path());
    run_json(&[&["run", &case("subgroups.bp"), "--network", network, "--out", &out], options].concat());
    folder
}

#[test]
fn a_part_is_a_condition_on_the_index() {
    for precision in ["f64", "f32"] {
        let options = ["--precision", precision];
        let (parts, conditions) = (run("Parts", &options), run("Conditions", &options));
        for population in ["E", "I"] {
            let spikes = Spikes::read(parts.path(), population);
            assert!(spikes.step.len() > 10, "{population} hardly spikes");
            assert_eq!(spikes, Spikes::read(conditions.path(), population), "{precision}, {population}");
            let name = format!("{population}.V");
            let trace = |folder: &TempDir| -> Vec<u64> {
                array::<f64>(&folder.path().join("traces.npz"), &name).into_iter().map(f64::to_bits).collect()
            };
            assert!(trace(&parts) == trace(&conditions), "{precision}: other traces of {population}");
        }
    }
}

#[test]
fn threads_make_no_difference_to_parts() {
    let (one, three) = (run("Parts", &["--threads", "1"]), run("Parts", &["--threads", "3"]));
    for population in ["E", "I"] {
        assert_eq!(Spikes::read(one.path(), population), Spikes::read(three.path(), population));
    }
}

/// Towards the resting potential of -65 mV by exp(-dt / tau) in the first step, and what the drive of 30 mV adds.
#[test]
fn what_is_said_of_a_part_of_an_instance_goes_first() {
    let folder = run("Nested", &[]);
    let wanted = [
        [-61.0, -61.0, -55.0, -55.0, -55.0, -60.0],
        [-61.0, -61.0, -55.0, -55.0, -55.0, -60.0],
        [-61.0, -61.0, -61.0, -61.0, -60.0, -52.0],
    ];
    for (area, wanted) in wanted.iter().enumerate() {
        let trace: Vec<f64> = array(&folder.path().join("traces.npz"), &format!("area[{area}].E.V"));
        let decay = (-0.1_f64 / 20.0).exp();
        for (neuron, start) in wanted.iter().enumerate() {
            let rest = if (area, neuron) == (0, 1) { -35.0 } else { -65.0 };
            let wanted = rest + (start - rest) * decay;
            assert!((trace[neuron] - wanted).abs() < 1e-9, "area {area}, neuron {neuron}: {} {wanted}", trace[neuron]);
        }
    }
}

#[test]
fn expectations_are_of_the_neurons_they_name() {
    let folder = run("Nested", &[]);
    for (area, neuron) in [(0, 1), (1, 5)] {
        let spikes = Spikes::read(folder.path(), &format!("area[{area}].E"));
        assert_eq!(spikes.neuron, [neuron], "area {area}");
    }
    let output = bpc(&["run", &case("subgroups.bp"), "--network", "Nested"]);
    let shown = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !shown.contains("FAIL"), "{shown}");
    assert_eq!(shown.matches("ok  ").count(), 4, "{shown}");
}

/// What arrives: (step, target) and how much.
fn arrivals(folder: &TempDir, name: &str, targets: usize) -> BTreeMap<(usize, usize), f64> {
    let trace: Vec<f64> = array(&folder.path().join("traces.npz"), name);
    let rows: Vec<&[f64]> = trace.chunks(targets).collect();
    let mut found = BTreeMap::new();
    for (step, pair) in rows.windows(2).enumerate() {
        for (target, (before, after)) in pair[0].iter().zip(pair[1]).enumerate() {
            if after != before {
                found.insert((step + 1, target), after - before);
            }
        }
    }
    found
}

/// Source i spikes in step 30 i, which arrives in the next.
#[test]
fn indices_of_parts_are_those_of_their_populations() {
    let folder = run("Seen", &[]);
    let weight = |i: usize, j: usize| 1.0 + i as f64 + 100.0 * j as f64;
    let all = (3..8).flat_map(|i| (4..6).map(move |j| ((30 * i + 1, j), weight(i, j))));
    assert_eq!(arrivals(&folder, "T.V", 10), all.collect());
    let pairs = (0..7).map(|n| (12 + n, 2 + n)).map(|(i, j)| ((30 * i + 1, j), weight(i, j)));
    assert_eq!(arrivals(&folder, "U.V", 10), pairs.collect());
    let several = [5, 6, 7, 8, 17].map(|i| ((30 * i + 1, 19), 1.0));
    assert_eq!(arrivals(&folder, "W.V", 20), several.into_iter().collect());
}
