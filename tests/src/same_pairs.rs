//! Projections with the pairs of another, rules among parts of populations, and spikes of some neurons: what
//! `cases/run/same_pairs.bp` builds and records.

use crate::bpc::{case, run_json, text};
use crate::statistics::{Spikes, array};
use std::collections::{BTreeMap, BTreeSet};
use tempfile::TempDir;

fn run(network: &str, options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let out = text(folder.path());
    run_json(&[&["run", &case("same_pairs.bp"), "--network", network, "--out", &out], options].concat());
    folder
}

/// Source, target, delay in steps and weight of every synapse, in the order of the file.
fn synapses(folder: &TempDir, projection: &str) -> Vec<(u32, u32, u32, f64)> {
    let of = |what: &str| array::<u32>(&folder.path().join("connections.npz"), &format!("{projection}_{what}"));
    let weights: Vec<f64> = array(&folder.path().join("traces.npz"), &format!("{projection}.weight"));
    let (sources, targets, delays) = (of("source"), of("target"), of("delay_steps"));
    assert_eq!(weights.len(), sources.len(), "{projection}: one sample of each synapse");
    (0..sources.len()).map(|k| (sources[k], targets[k], delays[k], weights[k])).collect()
}

/// Pairs with how many synapses each has.
fn pairs(folder: &TempDir, projection: &str) -> BTreeMap<(u32, u32), usize> {
    let mut found = BTreeMap::new();
    for (source, target, ..) in synapses(folder, projection) {
        *found.entry((source, target)).or_default() += 1;
    }
    found
}

#[test]
fn two_projections_have_the_same_pairs() {
    for seed in ["1", "2"] {
        let folder = run("Twice", &["--seed", seed]);
        let twins = [
            ("bernoulli", "bernoulli2"),
            ("degree", "degree2"),
            ("near", "near2"),
            ("free", "free2"),
            ("free", "free3"),
            ("listed", "listed2"),
            ("block", "block2"),
            ("both_I_to_I", "both2"),
        ];
        for (first, second) in twins {
            let found = pairs(&folder, first);
            assert!(!found.is_empty(), "{first}");
            assert_eq!(found, pairs(&folder, second), "{first} and {second}");
        }
        // What each has of its own.
        let delays: BTreeSet<u32> = synapses(&folder, "bernoulli2").iter().map(|it| it.2).collect();
        assert!(delays.len() > 5 && delays.iter().all(|steps| (10..=20).contains(steps)), "{delays:?}");
        assert!(synapses(&folder, "bernoulli").iter().all(|it| (it.2, it.3) == (1, 0.1)));
        let weights: BTreeSet<u64> = synapses(&folder, "degree2").iter().map(|it| it.3.to_bits()).collect();
        assert_eq!(weights.len(), 7 * 40, "a draw for each synapse");
        assert!(synapses(&folder, "degree2").iter().all(|it| it.2 == 30));
    }
    let other = run("Twice", &["--seed", "2"]);
    assert_ne!(pairs(&run("Twice", &["--seed", "1"]), "bernoulli"), pairs(&other, "bernoulli"));
}

#[test]
fn numbers_of_lists_mean_the_same_in_both() {
    // sources 5 0 3 3 3 9, targets 2 1 7 2 7 0; weights 1 to 6 and delays of 10 to 15 steps in this order.
    let folder = run("Twice", &[]);
    let mut expected: Vec<(u32, u32, u32, f64)> = [(5, 2), (0, 1), (3, 7), (3, 2), (3, 7), (9, 0)]
        .iter()
        .zip(0u32..)
        .map(|(&(source, target), k)| (source, target, 10 + k, f64::from(k + 1)))
        .collect();
    // By source, delay, target, as they are recorded.
    expected.sort_by_key(|it| (it.0, it.2, it.1));
    assert_eq!(synapses(&folder, "listed2"), expected);
    let elements = [(0, 1, 2.0), (0, 2, 3.0), (1, 0, 4.0), (2, 0, 7.0), (2, 1, 8.0)];
    let block: Vec<_> = elements.iter().map(|&(source, target, weight)| (source, target, 1, weight)).collect();
    assert_eq!(synapses(&folder, "block"), block);
    let doubled: Vec<_> = block.iter().map(|it| (it.0, it.1, 1, 2.0 * it.3)).collect();
    assert_eq!(synapses(&folder, "block2"), doubled);
}

#[test]
fn arrays_of_networks_and_projections_can_be_named() {
    let folder = run("Areas", &[]);
    for (first, second) in [("ff[0,1]", "slow[0,1]"), ("ff[1,0]", "slow[1,0]"), ("area[1].inner", "second")] {
        assert_eq!(pairs(&folder, first), pairs(&folder, second), "{first}");
    }
    assert_ne!(pairs(&folder, "ff[0,1]"), pairs(&folder, "ff[1,0]"));
}

#[test]
fn degrees_totals_and_graphs_stay_within_their_parts() {
    let folder = run("Parts", &[]);
    let found = |name: &str| pairs(&folder, name);
    let degrees = |pairs: &BTreeMap<(u32, u32), usize>, of_targets: bool| {
        let mut degrees: BTreeMap<u32, usize> = BTreeMap::new();
        for (pair, count) in pairs {
            assert!((0..20).contains(&pair.0) && (10..40).contains(&pair.1) && pair.0 != pair.1, "{pair:?}");
            *degrees.entry(if of_targets { pair.1 } else { pair.0 }).or_default() += count;
        }
        degrees
    };
    assert_eq!(degrees(&found("degree"), true), (10..40).map(|target| (target, 5)).collect());
    assert_eq!(degrees(&found("out"), false), (0..20).map(|source| (source, 5)).collect());
    let total = found("total");
    assert_eq!((degrees(&total, true).values().sum::<usize>(), total.len()), (77, 77), "no pair twice");
    let world = found("world");
    assert_eq!(world.len(), 23 * 4);
    assert!(world.keys().all(|&(a, b)| (7..30).contains(&a) && (7..30).contains(&b) && world.contains_key(&(b, a))));
    let dual = found("dual");
    assert!(dual.keys().all(|&(a, b)| (7..57).contains(&a) && (7..57).contains(&b) && dual.contains_key(&(b, a))));
    for neuron in 12..57 {
        let earlier = dual.keys().filter(|pair| pair.0 == neuron && pair.1 < neuron).count();
        assert!(earlier == 1 || earlier == 4, "{neuron} joins {earlier}");
    }
    // In the lists all sources are below 10 and all targets below 8.
    assert_eq!(synapses(&folder, "listed").iter().map(|it| it.3).sum::<f64>(), 21.0);
    // Rows 1 and 2, columns 0 and 1 of the matrix.
    assert_eq!(synapses(&folder, "block"), [(1, 0, 1, 4.0), (2, 0, 1, 7.0), (2, 1, 1, 8.0)]);
    let threads = run("Parts", &["--threads", "3"]);
    for name in ["degree", "out", "total", "world", "dual", "listed", "block"] {
        assert_eq!(synapses(&folder, name), synapses(&threads, name), "{name}");
    }
}

#[test]
fn spikes_of_the_neurons_that_are_named_are_kept() {
    let folder = run("Few", &[]);
    let few = Spikes::read(folder.path(), "E");
    let neurons: BTreeSet<u32> = few.neuron.iter().copied().collect();
    assert_eq!(neurons, [2, 3, 4, 7].into());
    // Nothing but the choice: each is there once, in the order of time.
    assert!(few.step.windows(2).all(|it| it[0] <= it[1]));
    let once: BTreeSet<(u64, u32)> = few.step.iter().copied().zip(few.neuron.iter().copied()).collect();
    assert_eq!(once.len(), few.step.len());
    let all = Spikes::read(folder.path(), "F");
    assert_eq!(all.neuron.iter().copied().collect::<BTreeSet<_>>(), (0..4).collect());
}
