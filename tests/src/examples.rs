//! Networks of `examples/` say of themselves what their papers found; here it is measured in their spikes and weights.

use crate::bpc::{example, run_json, text};
use crate::statistics::{Spikes, array};
use std::path::Path;

/// Runs an example and keeps what it records.
fn run(folder: &Path, file: &str, options: &[&str]) {
    run_json(&[&["run", &example(file), "--out", &text(folder)], options].concat());
}

/// Spikes of a population in each of equal windows, as a rate in Hz.
fn rates(folder: &Path, population: &str, neurons: f64, window_ms: f64, duration_ms: f64) -> Vec<f64> {
    let times: Vec<f64> = array(&folder.join("spikes.npz"), &format!("{population}_time_ms"));
    let mut rates = vec![0.0; (duration_ms / window_ms).round() as usize];
    for time in times {
        // A spike at the very end belongs to the last window.
        let window = ((time / window_ms) as usize).min(rates.len() - 1);
        rates[window] += 1000.0 / window_ms / neurons;
    }
    rates
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn the_stronger_input_wins_the_decision_and_is_remembered() {
    // At this coherence hardly a choice is wrong (Wang 2002).
    for (coherence, winner, loser) in [("coherence=0.512", "A", "B"), ("coherence=-0.512", "B", "A")] {
        let folder = tempfile::tempdir().expect("a folder");
        run(folder.path(), "wang_2002.bp", &["--set", coherence, "--seed", "3"]);
        let [winner, loser] = [winner, loser].map(|name| rates(folder.path(), name, 240.0, 100.0, 2000.0));
        // Before the stimulus they do not differ, both at the low spontaneous rate.
        assert!(winner[0] < 6.0 && loser[0] < 6.0, "{winner:?} {loser:?}");
        // From 0.8 s to its end one has won; the winner goes on for as long as the trial lasts.
        assert!(mean(&winner[8..11]) > 20.0 && mean(&loser[8..11]) < 5.0, "{winner:?} {loser:?}");
        assert!(mean(&winner[13..]) > 10.0 && mean(&loser[13..]) < 4.0, "{winner:?} {loser:?}");
    }
}

#[test]
fn no_stimulus_no_decision() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), "wang_2002.bp", &["--set", "mu=0 Hz", "--duration", "1s"]);
    for name in ["A", "B"] {
        let rates = rates(folder.path(), name, 240.0, 100.0, 1000.0);
        assert!(rates.iter().all(|rate| *rate < 10.0), "{name}: {rates:?}");
    }
}

#[test]
fn additive_plasticity_makes_weights_bimodal() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), "song_2000.bp", &["--seed", "2"]);
    let weights: Vec<f64> = array(&folder.path().join("traces.npz"), "exc.weight");
    assert_eq!(weights.len(), 1000);
    let mut tenths = [0_u32; 10];
    for weight in weights {
        assert!((0.0..=0.015).contains(&weight), "{weight}");
        tenths[((weight / 0.0015) as usize).min(9)] += 1;
    }
    // They began with about 100 in each tenth.
    let middle = f64::from(tenths[3..7].iter().sum::<u32>()) / 4.0;
    assert!(middle < 75.0, "{tenths:?}");
    assert!(f64::from(tenths[0]) > 2.0 * middle && f64::from(tenths[9]) > 1.4 * middle, "{tenths:?}");
    // The rate falls, then stays.
    let rates = rates(folder.path(), "Neuron", 1.0, 20_000.0, 160_000.0);
    assert!(rates[0] > 1.3 * rates[7], "{rates:?}");
    assert!((mean(&rates[4..6]) / mean(&rates[6..8]) - 1.0).abs() < 0.15, "{rates:?}");
}

#[test]
fn synapses_remember_what_neurons_do_not_show() {
    let folder = tempfile::tempdir().expect("a folder");
    for cued in [true, false] {
        let cue = if cued { "cue=0.15" } else { "cue=0" };
        run(folder.path(), "mongillo_2008.bp", &["--set", cue, "--seed", "4"]);
        let [a, b] = ["A", "B"].map(|name| rates(folder.path(), name, 400.0, 50.0, 2000.0));
        // Between cue and recall A is as silent as it was before, whether it was cued or not.
        assert!(mean(&a[20..30]) < 2.0 && mean(&a[0..10]) < 2.0, "{cue}: {a:?}");
        // While the input lasts that recalls, a quarter or more of A fires within 50 ms: a population spike.
        let highest = |rates: &[f64]| rates[30..36].iter().copied().fold(0.0, f64::max);
        assert_eq!(highest(&a) > 5.0, cued, "{cue}: {a:?}");
        assert!(highest(&b) < 3.0, "{cue}: {b:?}");
    }
}

/// Random numbers for [`izhikevich_again`], of another generator than those of the program (xorshift, Marsaglia 2003).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Box and Muller (1958)
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// The scheme of Izhikevich (2003), written once more: rates of both populations from 200 ms to 2 s.
fn izhikevich_again(seed: u64) -> [f64; 2] {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let excitatory = |j: usize| j < 800;
    let parameters: Vec<[f64; 4]> = (0..1000)
        .map(|j| (excitatory(j), random.uniform()))
        .map(|(excitatory, r)| match excitatory {
            true => [0.02, 0.2, -65.0 + 15.0 * r * r, 8.0 - 6.0 * r * r],
            false => [0.02 + 0.08 * r, 0.25 - 0.05 * r, -65.0, 2.0],
        })
        .collect();
    // Row by source.
    let weight = |j: usize, r: f64| if excitatory(j) { 0.5 * r } else { -r };
    let weights: Vec<f64> = (0..1_000_000).map(|k| weight(k / 1000, random.uniform())).collect();
    let mut states: Vec<[f64; 2]> = parameters.iter().map(|p| [-65.0, p[1] * -65.0]).collect();
    let mut counts = [0.0; 2];
    for step in 0..2000 {
        let mut input: Vec<f64> = (0..1000).map(|j| random.normal() * if excitatory(j) { 5.0 } else { 2.0 }).collect();
        for j in 0..1000 {
            if states[j][0] >= 30.0 {
                states[j] = [parameters[j][2], states[j][1] + parameters[j][3]];
                input.iter_mut().zip(&weights[j * 1000..]).for_each(|(input, weight)| *input += weight);
                if step >= 200 {
                    counts[usize::from(!excitatory(j))] += 1.0;
                }
            }
        }
        for ((state, input), [a, b, ..]) in states.iter_mut().zip(input).zip(&parameters) {
            let [v, u] = state;
            for _ in 0..2 {
                *v += 0.5 * (0.04 * *v * *v + 5.0 * *v + 140.0 - *u + input);
            }
            *u += a * (b * *v - *u);
        }
    }
    [counts[0] / 800.0 / 1.8, counts[1] / 200.0 / 1.8]
}

#[test]
fn a_thousand_simple_neurons_fire_as_those_of_the_paper() {
    let (mut ours, mut again) = ([0.0; 2], [0.0; 2]);
    let seeds = 4;
    for seed in 1..=seeds {
        let folder = tempfile::tempdir().expect("a folder");
        run(folder.path(), "izhikevich_2003.bp", &["--seed", &seed.to_string()]);
        for (index, (name, size)) in [("E", 800), ("I", 200)].into_iter().enumerate() {
            ours[index] += Spikes::read(folder.path(), name).measure(size, 200..2000, 1.0)[0] / seeds as f64;
            again[index] += izhikevich_again(seed)[index] / seeds as f64;
        }
    }
    // Rates of one run vary by 2 % (E) and 3 % (I).
    for (ours, again) in ours.iter().zip(&again) {
        assert!((ours / again - 1.0).abs() < 0.06, "{ours} Hz, and written again {again} Hz");
    }
}

/// The power of a signal at whole numbers of Hz up to 80, over windows of a second (in ms) with a Hann taper.
fn spectrum(signal: &[f64]) -> Vec<f64> {
    let mut power = vec![0.0; 81];
    for window in signal.windows(1000).step_by(500) {
        let middle = mean(window);
        let tapered = window.iter().enumerate().map(|(t, x)| {
            let phase = std::f64::consts::TAU * t as f64 / 1000.0;
            ((x - middle) * (1.0 - phase.cos()), phase)
        });
        let tapered: Vec<(f64, f64)> = tapered.collect();
        for (frequency, power) in power.iter_mut().enumerate() {
            let part =
                |f: fn(f64) -> f64| tapered.iter().map(|(x, phase)| x * f(frequency as f64 * phase)).sum::<f64>();
            *power += part(f64::cos).powi(2) + part(f64::sin).powi(2);
        }
    }
    power
}

/// Izhikevich (2003): rhythms at about 10 Hz (alpha) and about 40 Hz (gamma); here the peaks of 20 s are at 8 and 32 Hz.
#[test]
fn a_thousand_simple_neurons_have_two_rhythms() {
    let mut power = vec![0.0; 81];
    for seed in ["1", "2", "3", "4"] {
        let folder = tempfile::tempdir().expect("a folder");
        run(folder.path(), "izhikevich_2003.bp", &["--seed", seed, "--duration", "5 s"]);
        let mut counts = vec![0.0; 5000];
        for population in ["E", "I"] {
            let steps = Spikes::read(folder.path(), population).step;
            steps.iter().for_each(|step| counts[*step as usize] += 1.0);
        }
        power.iter_mut().zip(spectrum(&counts[200..])).for_each(|(sum, one)| *sum += one);
    }
    let highest =
        |band: std::ops::RangeInclusive<usize>| band.max_by(|a, b| power[*a].total_cmp(&power[*b])).unwrap_or(0);
    let (alpha, gamma) = (highest(4..=15), highest(20..=60));
    let between = mean(&power[12..=14]);
    println!(
        "peaks at {alpha} Hz and {gamma} Hz, {} and {} times what is between",
        power[alpha] / between,
        power[gamma] / between
    );
    assert!((6..=12).contains(&alpha) && (25..=45).contains(&gamma), "{alpha} Hz, {gamma} Hz");
    assert!(power[alpha] > 3.0 * between && mean(&power[29..=35]) > 2.0 * between, "{power:?}");
    assert!(mean(&power[60..=70]) < 0.5 * between, "{power:?}");
}
