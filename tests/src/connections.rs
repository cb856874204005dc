//! Connections as the whole program builds them: `cases/run/space.bp` shows every synapse in the
//! traces of the targets, and the examples whose point is their connections do what their papers say.
//!
//! The laws of the rules are tested beside the runtime, `runtime/src/tests/rules.rs`.

use crate::bpc::{bpc, case, example, run_json, text};
use crate::statistics::array;
use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::path::Path;

/// A trace of `space.bp`: samples by targets.
fn trace(network: &str, name: &str, targets: usize, more: &[&str]) -> Vec<Vec<f64>> {
    let folder = tempfile::tempdir().expect("a folder");
    let out = text(folder.path());
    run_json(&[&["run", &case("space.bp"), "--network", network, "--out", &out], more].concat());
    let values: Vec<f64> = array(&folder.path().join("traces.npz"), name);
    values.chunks(targets).map(<[f64]>::to_vec).collect()
}

/// What arrives: (step, target) and how much.
fn arrivals(trace: &[Vec<f64>]) -> BTreeMap<(usize, usize), f64> {
    let mut found = BTreeMap::new();
    for (step, pair) in trace.windows(2).enumerate() {
        for (target, (before, after)) in pair[0].iter().zip(&pair[1]).enumerate() {
            let jump = after - before;
            if jump != 0.0 {
                found.insert((step + 1, target), jump);
            }
        }
    }
    found
}

/// The shorter way round.
fn round(a: usize, b: usize, places: usize) -> usize {
    a.abs_diff(b).min(places - a.abs_diff(b))
}

fn same(found: &BTreeMap<(usize, usize), f64>, expected: &BTreeMap<(usize, usize), f64>) {
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (at, value) in expected {
        assert!((found[at] - value).abs() < 1e-9 * value.abs().max(1.0), "{at:?}: {} {value}", found[at]);
    }
}

#[test]
fn weights_and_delays_follow_the_distance_on_a_torus() {
    // 4 rows, 6 columns, 20 um apart, 0.1 ms + distance / (0.1 mm/ms), in steps of 0.1 ms.
    let mut expected = BTreeMap::new();
    for i in 0..24 {
        for j in 0..24 {
            let (across, along) = (round(i % 6, j % 6, 6), round(i / 6, j / 6, 4));
            let distance = 20.0 * ((across * across + along * along) as f64).sqrt();
            let delay = ((0.1 + distance / 100.0) / 0.1).round() as usize;
            *expected.entry((30 * i + delay, j)).or_insert(0.0) += 1.0 + distance;
        }
    }
    same(&arrivals(&trace("Lattice", "T.V", 24, &[])), &expected);
}

#[test]
fn conditions_know_positions_and_indices_in_three_dimensions() {
    // 2 rows, 4 columns, 3 layers, 10 um apart; only to greater x, all of a pair in the next step.
    let place = |i: usize| [i % 4, i / 4 % 2, i / 8].map(|it| 10.0 * it as f64);
    let mut expected = BTreeMap::new();
    for i in 0..24 {
        for j in 0..24 {
            let (a, b) = (place(i), place(j));
            if b[0] > a[0] {
                let squares: f64 = (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum();
                expected.insert((30 * i + 1, j), 1.0 + squares.sqrt());
            }
        }
    }
    assert_eq!(expected.len(), 6 * 6 * 6);
    same(&arrivals(&trace("Lattice", "H.V", 24, &[])), &expected);
}

#[test]
fn pairs_at_each_distance_are_connected_with_its_probability() {
    // Binomial counts at each of the 65 distances on a torus of 20 by 20: 400 sources, one a step.
    // A right program with another seed fails once in 150,000 times.
    let found = arrivals(&trace("Profile", "T.V", 400, &[]));
    let mut bins: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for i in 0..400 {
        for j in 0..400 {
            let (across, along) = (round(i % 20, j % 20, 20), round(i / 20, j / 20, 20));
            let bin = bins.entry(across * across + along * along).or_default();
            bin.0 += 1.0;
            bin.1 += f64::from(u8::from(found.contains_key(&(i + 1, j))));
        }
    }
    assert!(found.values().all(|&weight| weight == 1.0));
    let (mut sum, mut freedom) = (0.0, 0.0);
    let (mut far, mut far_expected) = (0.0, 0.0);
    for (square, (pairs, connected)) in bins {
        let p = 0.8 * (-(square as f64) * 400.0 / (2.0 * 3600.0)).exp();
        if pairs * p < 20.0 {
            (far, far_expected) = (far + connected, far_expected + pairs * p);
            continue;
        }
        sum += (connected - pairs * p).powi(2) / (pairs * p * (1.0 - p));
        freedom += 1.0;
    }
    sum += (far - far_expected).powi(2) / far_expected;
    freedom += 1.0;
    // Wilson and Hilferty's normal deviate of a chi-square.
    let part: f64 = 2.0 / (9.0 * freedom);
    let deviate = ((sum / freedom).cbrt() - (1.0 - part)) / part.sqrt();
    assert!(freedom > 30.0 && deviate.abs() < 4.5, "{sum} {freedom}");
}

#[test]
fn drawn_positions_are_uniform_and_the_same_everywhere() {
    let [x, y] = ["P.x", "P.y"].map(|name| trace("Scattered", name, 300, &[]).swap_remove(0));
    let mut expected = BTreeMap::new();
    for i in 0..300 {
        for j in 0..300 {
            let distance = f64::hypot(x[i] - x[j], y[i] - y[j]);
            if i != j && distance < 200.0 {
                expected.insert((i + 1, j), 1.0 + distance);
            }
        }
    }
    assert!(expected.len() > 10_000);
    same(&arrivals(&trace("Scattered", "P.V", 300, &[])), &expected);
    // 15 boxes of 20 neurons: a right program with another seed fails once in 150,000 times.
    let mut boxes = [0.0; 15];
    for (x, y) in x.iter().zip(&y) {
        assert!((0.0..900.0).contains(x) && (0.0..400.0).contains(y));
        boxes[(x / 180.0) as usize + 5 * (y / 133.4) as usize] += 1.0;
    }
    let sum: f64 = boxes.iter().map(|n| (n - 20.0f64).powi(2) / 20.0).sum();
    assert!((14.0 - 12.0..14.0 + 34.0).contains(&sum), "{sum}");
}

#[test]
fn one_matrix_for_any_number_of_threads_and_width_of_vectors() {
    for network in ["Lattice", "Profile", "Numbers", "Scattered"] {
        let (name, targets) = match network {
            "Lattice" => ("H.V", 24),
            "Profile" => ("T.V", 400),
            "Numbers" => ("T.V", 70),
            _ => ("P.V", 300),
        };
        let one = trace(network, name, targets, &["--threads", "1"]);
        for more in [["--threads", "3"], ["--cpu", "x86-64"]] {
            assert_eq!(trace(network, name, targets, &more), one, "{network} {more:?}");
        }
    }
    let numbers = trace("Numbers", "T.V", 70, &[]);
    assert_eq!(numbers.last().map(|last| last.iter().sum::<f64>()), Some(777.0));
}

#[test]
fn a_probability_beyond_one_names_the_pair() {
    // All pairs but one are fine, and there are too many to try them all before the run.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("one.bp");
    let source = "use std::neurons::LIF\nuse std::receptors::Delta\n\
        network One {\n population E[3000] : LIF\n \
        project E -> E { connect probability(if i == 2011 and j == 1234 then 1.5 else 0)  weight 1 mV  receptor Delta }\n}\n\
        simulate One { dt 0.1 ms  duration 1 ms }\n";
    std::fs::write(&path, source).expect("written");
    let output = bpc(&["run", &text(&path), "--quiet"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("neuron 2011 connects to neuron 1234 is 1.5"), "{said}");
}

/// Where the spikes of a window are on the ring (their circular mean) and how close together: the
/// length of the mean of their directions.
fn bump(folder: &Path, window: std::ops::Range<f64>) -> (f64, f64) {
    let times: Vec<f64> = array(&folder.join("spikes.npz"), "E_time_ms");
    let neurons: Vec<u32> = array(&folder.join("spikes.npz"), "E_neuron");
    let (mut x, mut y, mut count) = (0.0, 0.0, 0.0);
    for (_, neuron) in times.iter().zip(neurons).filter(|(t, _)| window.contains(t)) {
        let angle = TAU * f64::from(neuron) / 512.0;
        (x, y, count) = (x + angle.cos(), y + angle.sin(), count + 1.0);
    }
    (y.atan2(x).rem_euclid(TAU), f64::hypot(x, y) / count)
}

#[test]
fn the_ring_attractor_remembers_its_cue() {
    for cue in [1.0, 3.0, 5.5] {
        let folder = tempfile::tempdir().expect("a folder");
        let set = format!("cue={cue} rad");
        run_json(&["run", &example("ring_attractor.bp"), "--set", &set, "--out", &text(folder.path())]);
        // The cue ends at 350 ms; the bump is there 1.5 s later, within its own width of 0.25.
        for window in [350.0..700.0, 1500.0..2000.0] {
            let (place, closeness) = bump(folder.path(), window.clone());
            assert!((place - cue).abs() < 0.1, "{cue}: at {place} in {window:?}");
            assert!(closeness > 0.8, "{cue}: {closeness} in {window:?}");
        }
    }
}
