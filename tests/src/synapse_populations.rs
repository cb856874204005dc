//! Populations that stand for the synapses of a projection: what `cases/run/synapse_populations.bp` builds and records, against
//! the lists of synapses, direct projections, and a simulation written out here.

use crate::bpc::{case, run_json, text};
use crate::statistics::{Spikes, array};
use tempfile::TempDir;

fn run(network: &str, options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let out = text(folder.path());
    run_json(&[&["run", &case("synapse_populations.bp"), "--network", network, "--out", &out], options].concat());
    folder
}

/// Source, target and delay in steps of every synapse, in the order of the file.
fn synapses(folder: &TempDir, projection: &str) -> Vec<(u32, u32, u32)> {
    let of = |what: &str| array::<u32>(&folder.path().join("connections.npz"), &format!("{projection}_{what}"));
    let (sources, targets, delays) = (of("source"), of("target"), of("delay_steps"));
    (0..sources.len()).map(|k| (sources[k], targets[k], delays[k])).collect()
}

fn trace(folder: &TempDir, name: &str) -> Vec<f64> {
    array(&folder.path().join("traces.npz"), name)
}

/// Source and target as numbers, by target and source.
fn pairs(found: &[(u32, u32, u32)]) -> Vec<(u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = found.iter().map(|it| (it.0, it.1)).collect();
    pairs.sort_unstable();
    pairs
}

#[test]
fn a_relay_at_each_synapse_is_the_direct_projection_a_step_later() {
    for threads in ["1", "3"] {
        let folder = run("Relayed", &["--threads", threads]);
        let (direct, relayed) = (Spikes::read(folder.path(), "B"), Spikes::read(folder.path(), "C"));
        assert!(direct.step.len() > 1000, "{}", direct.step.len());
        assert_eq!(direct, relayed, "{threads} threads");
    }
}

#[test]
fn short_term_plasticity_at_neurons_is_that_of_synapses() {
    let folder = run("Depressed", &[]);
    let (direct, through) = (trace(&folder, "B.V"), trace(&folder, "C.V"));
    assert!(direct.iter().any(|v| *v > 5.0));
    // Between spikes both relax by the same exponentials, over one step more or less on either side of a spike.
    for (k, (a, b)) in direct.iter().zip(&through).enumerate() {
        assert!((a - b).abs() < 1e-9, "sample {k}: {a} and {b}");
    }
    let spikes = Spikes::read(folder.path(), "B");
    assert!(spikes.step.len() > 20, "{}", spikes.step.len());
    assert_eq!(spikes, Spikes::read(folder.path(), "C"));
}

#[test]
fn neurons_are_joined_with_the_ends_of_their_synapses() {
    for threads in ["1", "4"] {
        let folder = run("Ends", &["--threads", threads]);
        let exc = synapses(&folder, "exc");
        assert!(exc.len() == 150 && exc.iter().any(|it| it.2 > 12) && exc.iter().any(|it| it.2 < 18));
        let count = exc.len() as u32;
        let ordered = |mut list: Vec<(u32, u32)>| {
            list.sort_unstable();
            list
        };
        let from = ordered((0..count).map(|k| (exc[k as usize].0, k)).collect());
        let to = ordered((0..count).map(|k| (exc[k as usize].1, k)).collect());
        let back = |list: &[(u32, u32)]| ordered(list.iter().map(|it| (it.1, it.0)).collect());
        assert_eq!(pairs(&synapses(&folder, "a")), from);
        assert_eq!(pairs(&synapses(&folder, "b")), to);
        assert_eq!(pairs(&synapses(&folder, "c")), back(&from));
        assert_eq!(pairs(&synapses(&folder, "d")), back(&to));
        assert_eq!(pairs(&synapses(&folder, "e")), to);
        let halves: Vec<(u32, u32)> = to.iter().map(|it| (it.0 / 2, it.1)).collect();
        assert_eq!(pairs(&synapses(&folder, "f")), ordered(halves));
        assert_eq!(pairs(&synapses(&folder, "g")), back(&to));
        // Values of synapses are those of the neuron at the end that it has been given.
        for (name, neurons) in [("a", 0), ("c", 0), ("b", 1), ("d", 1), ("e", 1), ("f", 1), ("g", 1)] {
            let weights = trace(&folder, &format!("{name}.weight"));
            let own = synapses(&folder, name);
            assert_eq!(weights.len(), own.len());
            for (weight, &(i, j, _)) in weights.iter().zip(&own) {
                let k = if matches!(name, "a" | "b" | "e" | "f") { j } else { i };
                let synapse = exc[k as usize];
                assert_eq!(*weight, f64::from(if neurons == 0 { synapse.0 } else { synapse.1 }), "{name}");
            }
        }
    }
}

#[test]
fn parameters_of_neurons_are_values_of_their_synapses() {
    let (folder, again) = (run("Ends", &[]), run("Ends", &["--threads", "5"]));
    let exc = synapses(&folder, "exc");
    let x = |name: &str| trace(&folder, &format!("X.{name}"));
    let preferred = trace(&folder, "S.preferred");
    let (from, to, twice, drawn) = (x("of_source"), x("of_target"), x("twice"), x("drawn"));
    for (k, &(i, j, _)) in exc.iter().enumerate() {
        assert_eq!((from[k], to[k]), (f64::from(i), f64::from(j)));
        assert_eq!(x("preferred")[k], preferred[i as usize]);
        assert_eq!(twice[k], 2.0 * drawn[k]);
        assert_eq!(x("begin")[k], drawn[k] + to[k]);
        assert_eq!(x("seen")[k], 1000.0 * from[k] + to[k]);
    }
    // Positions are random: a distance of at most a diagonal, the same for all synapses of a pair; draws are each synapse's own.
    let far = x("far");
    assert!(far.iter().all(|d| (0.0..1415.0).contains(d)) && far.iter().any(|d| *d > 500.0));
    let mut seen: Vec<u64> = drawn.iter().map(|d| d.to_bits()).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), exc.len());
    for k in 0..exc.len() {
        for l in 0..k {
            if (exc[k].0, exc[k].1) == (exc[l].0, exc[l].1) {
                assert_eq!(far[k], far[l]);
            }
            // `drawn` is the target's place, from 0 to 1, and a number from 0 to 1.
            if exc[k].1 == exc[l].1 {
                assert!((drawn[k] - drawn[l]).abs() < 1.0);
            }
        }
    }
    for name in ["of_source", "drawn", "far", "begin"] {
        assert_eq!(x(name), trace(&again, &format!("X.{name}")), "{name}: threads");
    }
    // Of a list: numbers and elements, in the order by source and target.
    let own = |name: &str| trace(&folder, &format!("L.{name}"));
    assert_eq!(own("of_source"), [0.0, 3.0, 3.0, 3.0, 5.0, 9.0]);
    assert_eq!(own("of_target"), [1.0, 2.0, 7.0, 7.0, 2.0, 0.0]);
    assert_eq!(own("number"), [1.0, 3.0, 2.0, 4.0, 0.0, 5.0]);
    assert_eq!(own("strong"), [2.0, 4.0, 3.0, 5.0, 1.0, 6.0]);
    assert_eq!(own("drawn"), [3.0, 6.0, 21.0, 21.0, 6.0, 0.0]);
    // Neurons for the synapses between sources and neurons for synapses
    assert_eq!(trace(&folder, "M.of_source"), own("of_source"));
    assert_eq!(trace(&folder, "M.of_target"), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(trace(&folder, "M.strong"), own("strong"));
}

#[test]
fn synapses_of_every_rule_that_can_be_counted_have_neurons() {
    for seed in ["1", "8"] {
        let folder = run("Counted", &["--seed", seed]);
        for number in 0..20 {
            let found = synapses(&folder, &format!("r{number}"));
            assert!(!found.is_empty());
            let of = |k: usize| [found[k].0, found[k].1].map(f64::from);
            let expected: Vec<f64> = (0..found.len()).map(|k| of(k)[0]).collect();
            assert_eq!(trace(&folder, &format!("C{number}.of_source")), expected, "r{number}");
            let expected: Vec<f64> = (0..found.len()).map(|k| of(k)[1]).collect();
            assert_eq!(trace(&folder, &format!("C{number}.of_target")), expected, "r{number}");
        }
    }
}

/// A tripartite network step by step: what every synapse, astrocyte and neuron does, in the order of a step.
struct Reference {
    spikes: Vec<(u64, u32)>,
    answers: Vec<(u64, u32)>,
    /// Every millisecond, as they are recorded.
    u: Vec<f64>,
    x: Vec<f64>,
    gamma: Vec<f64>,
    calcium: Vec<f64>,
    potentials: Vec<f64>,
}

/// `astrocyte` says to which one a synapse belongs, `uptake` how much of what is released reaches it.
fn reference(exc: &[(u32, u32)], astrocytes: usize, uptake: f64, astrocyte: &dyn Fn(usize) -> usize) -> Reference {
    const NEURONS: usize = 40;
    let dt = 0.1;
    let per_second = 1e-3;
    let (mut v, input): (Vec<f64>, Vec<f64>) = (0..NEURONS).map(|i| (0.45 * i as f64, 19.0 + 0.1 * i as f64)).unzip();
    let count = exc.len();
    let (mut u, mut x, mut released, mut gamma) =
        (vec![0.0; count], vec![1.0; count], vec![0.0; count], vec![0.0; count]);
    let (mut calcium, mut glio) = (vec![0.0; astrocytes], vec![0.0; astrocytes]);
    let mut fired: Vec<Vec<usize>> = vec![];
    let mut sent: Vec<usize> = vec![];
    let (mut spikes, mut answers) = (vec![], vec![]);
    let [mut us, mut xs, mut gammas, mut calciums, mut potentials] = [(); 5].map(|()| vec![]);
    for step in 0..4000_usize {
        // Deliver: source spikes at the synapses, what these have released at targets and astrocytes.
        let mut arrived = vec![false; count];
        for (k, &(i, _)) in exc.iter().enumerate() {
            let delay = 10 + (3 * i as usize + k) % 4;
            arrived[k] = step.checked_sub(delay).is_some_and(|then| fired[then].contains(&(i as usize)));
        }
        for &k in &sent {
            v[exc[k].1 as usize] += 1.5 * released[k];
            calcium[astrocyte(k)] += uptake * released[k];
        }
        // Gather and integrate, from the values at the start.
        for k in 0..count {
            let rate = 30.0 * per_second * glio[astrocyte(k)] * (1.0 - gamma[k]) - 0.5 * per_second * gamma[k];
            u[k] += dt * (-3.33 * per_second * u[k]);
            x[k] += dt * (2.0 * per_second * (1.0 - x[k]));
            gamma[k] += dt * rate;
        }
        for i in 0..NEURONS {
            v[i] += dt * ((input[i] - v[i]) / 20.0);
        }
        for a in 0..astrocytes {
            calcium[a] += dt * (-calcium[a] / 200.0);
            glio[a] += dt * (-glio[a] / 100.0);
        }
        // Thresholds and resets
        sent.clear();
        for k in (0..count).filter(|&k| arrived[k]) {
            let share = 0.6 * (1.0 - gamma[k]) + 0.1 * gamma[k];
            u[k] += share * (1.0 - u[k]);
            released[k] = u[k] * x[k];
            x[k] -= released[k];
            sent.push(k);
        }
        let mut now = vec![];
        for (i, potential) in v.iter_mut().enumerate() {
            if *potential >= 20.0 {
                *potential = 0.0;
                now.push(i);
                spikes.push((step as u64, i as u32));
            }
        }
        fired.push(now);
        for a in 0..astrocytes {
            if calcium[a] > 1.0 {
                calcium[a] = 0.0;
                glio[a] += 0.5;
                answers.push((step as u64, a as u32));
            }
        }
        if (step + 1) % 10 == 0 {
            us.extend(&u);
            xs.extend(&x);
            gammas.extend(&gamma);
            calciums.extend(&calcium);
            potentials.extend(&v);
        }
    }
    Reference { spikes, answers, u: us, x: xs, gamma: gammas, calcium: calciums, potentials }
}

/// A number for each synapse of the astrocyte that it belongs to.
type Belongs = fn(usize, u32) -> usize;

#[test]
fn tripartite_networks_are_those_written_out() {
    let networks: [(&str, usize, f64, Belongs); 3] = [
        ("Shared", 8, 0.2, |_, target| target as usize / 5),
        ("Private", 320, 4.0, |number, _| number),
        ("Nearest", 40, 0.5, |_, target| target as usize),
    ];
    for (network, astrocytes, uptake, belongs) in networks {
        let folder = run(network, &[]);
        let exc = pairs(&synapses(&folder, "exc"));
        assert_eq!(exc.len(), 320);
        let astrocyte = |k: usize| belongs(k, exc[k].1);
        let expected = reference(&exc, astrocytes, uptake, &astrocyte);
        assert!(expected.spikes.len() > 200 && expected.answers.len() > 20, "{network}: something happens");
        for (population, expected) in [("E", &expected.spikes), ("Astro.answer", &expected.answers)] {
            let found = Spikes::read(folder.path(), population);
            let found: Vec<(u64, u32)> = found.step.into_iter().zip(found.neuron).collect();
            assert_eq!(&found, expected, "{network}: {population}");
        }
        let traces = [
            ("Cleft.u", &expected.u),
            ("Cleft.x", &expected.x),
            ("Cleft.Gamma", &expected.gamma),
            ("Astro.Ca", &expected.calcium),
            ("E.V", &expected.potentials),
        ];
        for (name, expected) in traces {
            let found = trace(&folder, name);
            assert_eq!(found.len(), expected.len(), "{network}: {name}");
            for (k, (a, b)) in found.iter().zip(expected).enumerate() {
                assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{network}: {name} {k}: {a}, not {b}");
            }
        }
        assert!(
            trace(&folder, "Cleft.Gamma").iter().any(|gamma| *gamma > 0.01),
            "{network}: transmitter reaches synapses"
        );
    }
}
