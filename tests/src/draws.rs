//! Random numbers at spikes: draws of single synapses, and of neurons in their resets. Moments are compared with
//! theory within four standard errors; the same for any number of threads.

use crate::bpc::{case, run_json, text};
use crate::statistics::array;

/// What a run of the case has recorded.
struct Recorded(tempfile::TempDir);

impl Recorded {
    fn new(options: &[&str]) -> Recorded {
        Recorded::of("draws.bp", options)
    }

    fn of(file: &str, options: &[&str]) -> Recorded {
        let folder = tempfile::tempdir().expect("a folder");
        run_json(&[&["run", &case(file), "--out", &text(folder.path())], options].concat());
        Recorded(folder)
    }

    /// All samples of a state.
    fn all(&self, name: &str) -> Vec<f64> {
        array(&self.0.path().join("traces.npz"), name)
    }

    /// The last sample of each of `count` elements.
    fn last(&self, name: &str, count: usize) -> Vec<f64> {
        let mut all = self.all(name);
        all.split_off(all.len() - count)
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Fails unless mean and variance are those of a distribution with this mean, variance and kurtosis (fourth central
/// moment over squared variance), each within four standard errors.
#[track_caller]
fn moments(what: &str, values: &[f64], wanted: f64, variance: f64, kurtosis: f64) {
    let n = values.len() as f64;
    let found = mean(values);
    let error = (variance / n).sqrt();
    assert!(
        (found - wanted).abs() < 4.0 * error,
        "{what}: mean {found}, not {wanted} with a standard error of {error}"
    );
    let squares = values.iter().map(|x| (x - found) * (x - found)).sum::<f64>() / (n - 1.0);
    let error = variance * ((kurtosis - 1.0) / n).sqrt();
    let off = (squares - variance).abs();
    assert!(off < 4.0 * error, "{what}: variance {squares}, not {variance} with a standard error of {error}");
}

/// Spikes of the case's clocks that have arrived at the end.
const SPIKES: f64 = 99.0;

/// A sum of so many independent numbers of kurtosis k has kurtosis 3 + (k - 3) / count.
#[test]
fn every_synapse_draws_at_every_spike() {
    let run = Recorded::new(&[]);
    let (p, synapses) = (0.3, 20.0);
    let count = SPIKES * synapses;
    moments("released", &run.last("Target.released", 500), count * p, count * p * (1.0 - p), 3.0);
    moments("normal", &run.last("Target.drawn", 500), count * 2.0, count * 9.0, 3.0);
    // mu = -0.5, sigma = 1: mean 1, variance e - 1.
    let e = std::f64::consts::E;
    let fourth = e.powi(6) - 4.0 * e.powi(3) + 6.0 * e - 3.0;
    let kurtosis = 3.0 + (fourth / (e - 1.0).powi(2) - 3.0) / count;
    moments("log-normal", &run.last("Target.scaled", 500), count, count * (e - 1.0), kurtosis);
    moments("exponential", &run.last("Target.waited", 500), count * 5.0, count * 25.0, 3.0 + 6.0 / count);
}

/// A draw in two statements' common state is one number; in two places of the text they are two.
#[test]
fn one_place_draws_one_number() {
    let run = Recorded::new(&[]);
    let [released, kept] = ["Sorted.released", "Sorted.kept"].map(|name| run.last(name, 500));
    assert!(
        released.iter().zip(&kept).all(|(released, kept)| released + kept == SPIKES * 20.0),
        "what is not released"
    );
    let [released, other] = ["Target.released", "Target.released_too"].map(|name| run.last(name, 500));
    assert!(released.iter().zip(&other).any(|(a, b)| a != b));
    // Independent: the variance of the difference is the sum of the variances.
    let difference: Vec<f64> = released.iter().zip(&other).map(|(a, b)| a - b).collect();
    moments("difference", &difference, 0.0, 2.0 * SPIKES * 20.0 * 0.3 * 0.7, 3.0);
}

/// Several synapses of one pair draw for themselves: 50 from one neuron to each of 500, at each of the spikes.
#[test]
fn synapses_of_one_pair_are_independent() {
    let run = Recorded::new(&[]);
    let count = SPIKES * 50.0;
    moments("one delay", &run.last("Many.released", 500), count * 0.5, count * 0.25, 3.0);
    // Delays of 1 to 10 steps: all have arrived too.
    moments("drawn delays", &run.last("Spread.released", 500), count * 0.5, count * 0.25, 3.0);
}

/// One vesicle for a synapse, released with probability p, replaced with probability q before the next spike: it is
/// there in q / (1 - (1 - p)(1 - q)) of all spikes.
#[test]
fn a_vesicle_is_a_markov_chain() {
    let (p, q) = (0.4, 0.25);
    let share = q / (1.0 - (1.0 - p) * (1.0 - q));
    let run = Recorded::new(&[]);
    let rate = p * share;
    // One spike, late in a chain of many: 500 independent ones.
    let arrived = run.all("Vesicles.arrived");
    let (before, last) = (&arrived[arrived.len() - 1000..arrived.len() - 500], &arrived[arrived.len() - 500..]);
    let released: Vec<f64> = last.iter().zip(before).map(|(last, before)| last - before).collect();
    assert!(released.iter().all(|r| *r == 0.0 || *r == 1.0), "one vesicle");
    let variance = rate * (1.0 - rate);
    moments("releases", &released, rate, variance, (1.0 - 3.0 * variance) / variance);
    // All spikes: the chain begins full and forgets that by 0.45 a spike.
    let (mut there, mut sum) = (1.0, 0.0);
    for _ in 0..99 {
        sum += p * there;
        there = there * (1.0 - p) * (1.0 - q) + q;
    }
    let error = mean(last) - sum;
    assert!(error.abs() < 4.0 * (99.0 * variance / 500.0).sqrt(), "mean of all {}, not {sum}", mean(last));
}

/// Potentiation by chance at spikes of the target: each of 10000 weights takes 99 steps with probability 0.2.
#[test]
fn weights_draw_at_spikes_of_the_target() {
    let run = Recorded::new(&[]);
    let weights = run.last("learns.weight", 10_000);
    moments("weights", &weights, 1.0 + 99.0 * 0.2, 99.0 * 0.16, 3.0 + (1.0 / 0.16 - 6.0) / 99.0);
    let first = weights[0];
    assert!(weights.iter().any(|w| *w != first));
}

/// A reset by chance: uniform between 0 and 1, for every neuron and spike.
#[test]
fn resets_draw() {
    let run = Recorded::new(&[]);
    moments("resets", &run.last("Reset.V", 2000), 0.5, 1.0 / 12.0, 1.8);
    moments("jumps", &run.last("Reset.sum", 2000), 100.0 * 3.0, 100.0 * 4.0, 3.0);
}

/// Noise of each synapse, in its weight and in a state of its own: Ornstein-Uhlenbeck processes without covariance
/// within a row or a column.
#[test]
fn noise_is_of_each_synapse() {
    let variance = 0.16 * 5.0 / 2.0;
    for options in [&[][..], &["--precision", "f32", "--threads", "3"]] {
        let run = Recorded::of("synaptic_noise.bp", options);
        for (name, mean) in [("drifts.weight", 2.0), ("shaken.g", 0.0)] {
            let values = run.last(name, 10_000);
            moments(name, &values, mean, variance, 3.0);
            let sum_of = |place: &dyn Fn(usize) -> usize| {
                let mut sums = vec![0.0; 100];
                values.iter().enumerate().for_each(|(i, value)| sums[place(i)] += value);
                sums
            };
            moments("rows", &sum_of(&|i| i / 100), 100.0 * mean, 100.0 * variance, 3.0);
            moments("columns", &sum_of(&|i| i % 100), 100.0 * mean, 100.0 * variance, 3.0);
        }
    }
    let one = Recorded::of("synaptic_noise.bp", &[]).last("drifts.weight", 10_000);
    assert_eq!(one, Recorded::of("synaptic_noise.bp", &["--threads", "2"]).last("drifts.weight", 10_000));
}

/// Learning that begins at 50 ms: in the 500 steps from then on, and at the three spikes that arrive after it.
#[test]
fn synapses_know_the_time() {
    let run = Recorded::of("synaptic_noise.bp", &[]);
    assert!(run.last("late.weight", 100).iter().all(|w| (w - 500.0 * 0.1 * 0.001).abs() < 1e-14));
    assert!(run.last("steps.weight", 100).iter().all(|w| *w == 3.0));
}

#[test]
fn draws_do_not_depend_on_threads_but_on_the_seed() {
    let names =
        ["Target.released", "Target.drawn", "Spread.released", "Vesicles.arrived", "learns.weight", "Reset.sum"];
    let runs = ["1", "2", "3"].map(|threads| Recorded::new(&["--threads", threads]));
    let other = Recorded::new(&["--seed", "8"]);
    for name in names {
        let values = runs.each_ref().map(|run| run.all(name));
        assert!(values[0] == values[1] && values[0] == values[2], "{name} depends on the threads");
        assert!(values[0] != other.all(name), "{name} does not depend on the seed");
    }
    // In single precision the words are the same: the same synapses release.
    let single = Recorded::new(&["--precision", "f32"]);
    assert_eq!(single.all("Vesicles.arrived"), runs[0].all("Vesicles.arrived"));
}
