//! `target.in_degree` and `source.out_degree` in values of synapses: what `cases/run/degrees.bp` records, counted again.

use crate::bpc::{case, run_json, text};
use crate::statistics::array;
use tempfile::TempDir;

/// Source, target and delay in steps of every synapse.
fn synapses(folder: &TempDir, projection: &str) -> Vec<(usize, usize, u32)> {
    let of = |what: &str| array::<u32>(&folder.path().join("connections.npz"), &format!("{projection}_{what}"));
    let (sources, targets, delays) = (of("source"), of("target"), of("delay_steps"));
    (0..sources.len()).map(|k| (sources[k] as usize, targets[k] as usize, delays[k])).collect()
}

/// How many synapses each source and each target has.
fn degrees(found: &[(usize, usize, u32)]) -> [Vec<f64>; 2] {
    let mut counts = [vec![0.0; 100], vec![0.0; 100]];
    for &(source, target, _) in found {
        counts[0][source] += 1.0;
        counts[1][target] += 1.0;
    }
    counts
}

/// A value by the out-degree of the source and the in-degree of the target.
type OfDegrees = fn(f64, f64) -> f64;

#[test]
fn values_of_synapses_know_degrees() {
    for (threads, seed) in [("1", "1"), ("1", "2"), ("4", "3")] {
        let folder = tempfile::tempdir().expect("a folder");
        let out = text(folder.path());
        run_json(&["run", &case("degrees.bp"), "--out", &out, "--threads", threads, "--seed", seed]);
        let trace = |name: &str| array::<f64>(&folder.path().join("traces.npz"), name);
        // Ten samples, all of them the same: the first.
        let first = |name: &str, count: usize| trace(name)[..count].to_vec();
        let expected: [(&str, OfDegrees); 8] = [
            ("mean.weight", |_, incoming| 1.0 / incoming),
            ("both.weight", |outgoing, incoming| 1000.0 * outgoing + incoming),
            ("both.share", |_, incoming| 2.0 * incoming),
            ("within.weight", |outgoing, incoming| 1000.0 * outgoing + incoming),
            ("listed.weight", |outgoing, incoming| outgoing + incoming),
            ("back.weight", |outgoing, incoming| 1000.0 * outgoing + incoming),
            ("kinetics.tau", |_, incoming| incoming),
            ("own.weight", |_, _| f64::NAN),
        ];
        for (name, value) in expected {
            let projection = name.split('.').next().expect("a name");
            let found = synapses(&folder, projection);
            let [outgoing, incoming] = degrees(&found);
            assert!(!found.is_empty() && incoming.iter().any(|d| *d > 0.0));
            for (k, (given, &(i, j, delay))) in first(name, found.len()).iter().zip(&found).enumerate() {
                let expected = if projection == "own" { 100.0 + j as f64 } else { value(outgoing[i], incoming[j]) };
                assert_eq!(*given, expected, "{name} of synapse {k}");
                if projection == "both" {
                    assert_eq!(f64::from(delay), outgoing[i].min(12.0), "delay of synapse {k}");
                }
            }
        }
        // Means have weights that sum to one.
        let (found, weights) = (synapses(&folder, "mean"), trace("mean.weight"));
        let mut sums = [0.0; 100];
        for (&(_, j, _), weight) in found.iter().zip(weights) {
            sums[j] += weight;
        }
        assert!(sums.iter().all(|sum| *sum == 0.0 || (sum - 1.0_f64).abs() < 1e-12), "{sums:?}");
    }
}
