//! Poisson sources whose events do not simply add up: means with a closed form, and the same draws as of events that do
//! (`cases/run/poisson_trains.bp`).

use crate::bpc::{bpc, case, run_json, text};
use crate::statistics::array;
use tempfile::TempDir;

fn run(network: &str, options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let out = text(folder.path());
    run_json(&[&["run", &case("poisson_trains.bp"), "--network", network, "--out", &out], options].concat());
    folder
}

fn trace(folder: &TempDir, name: &str) -> Vec<f64> {
    array(&folder.path().join("traces.npz"), name)
}

/// Mean over neurons and samples from `from` on, and its standard error with neurons for independent draws.
fn mean_of(values: &[f64], neurons: usize, from: usize) -> (f64, f64) {
    let samples = values.len() / neurons - from;
    let of = |neuron: usize| (0..samples).map(|k| values[(from + k) * neurons + neuron]).sum::<f64>() / samples as f64;
    let means: Vec<f64> = (0..neurons).map(of).collect();
    let mean = means.iter().sum::<f64>() / neurons as f64;
    let variance = means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (neurons - 1) as f64;
    (mean, (variance / neurons as f64).sqrt())
}

#[track_caller]
fn assert_mean((mean, error): (f64, f64), expected: f64, within: f64) {
    assert!(error > 0.0 && error < 0.01 * expected, "{mean}: {error} is no small error");
    assert!((mean - expected).abs() < 4.5 * error + within * expected, "{mean} +- {error}, expected {expected}");
}

#[test]
fn means_under_poisson_events_are_those_of_the_theory() {
    let folder = run("Means", &[]);
    // A share k of what is closed opens with each event, m = 0.05 of them in a step, and what is open closes by d in a step:
    // y = d (y + m k (1 - y)).
    let (decay, opened) = ((-0.01_f64).exp(), 0.05 * 0.1);
    let expected = decay * opened / (1.0 - decay * (1.0 - opened));
    assert_mean(mean_of(&trace(&folder, "S.y"), 1000, 10), expected, 0.002);
    // u' = -u / tau + U (1 - u) rate, x' = (1 - x) / tau - U x rate (Tsodyks, Pawelzik & Markram 1998), on average over events
    // that know nothing of u and x. A step of 0.1 ms of 50 or 100 ms is within the tolerance.
    let facilitated = 0.3 * 0.04 * 50.0;
    assert_mean(mean_of(&trace(&folder, "facilitated.u"), 1000, 50), facilitated / (1.0 + facilitated), 0.003);
    let depressed = 0.4 * 0.04 * 100.0;
    assert_mean(mean_of(&trace(&folder, "depressed.x"), 1000, 50), 1.0 / (1.0 + depressed), 0.003);
    // 200 Hz, of which 3 of 10 count, in a second less the first step
    let counts = trace(&folder, "D.n");
    assert_mean(mean_of(&counts, 1000, counts.len() / 1000 - 1), 200.0 * 0.3, 0.001);
    // The rate is 1 kHz (1 - y): y' = -y / tau + 0.05 * 1 kHz (1 - y)
    let rise = 0.05 * 20.0;
    assert_mean(mean_of(&trace(&folder, "F.y"), 1000, 20), rise / (1.0 + rise), 0.005);
}

#[test]
fn no_event_is_lost() {
    let (plain, apart) = (run("Plain", &[]), run("Apart", &["--threads", "3"]));
    let last = |folder: &TempDir, name: &str| {
        let all = trace(folder, name);
        all[all.len() - 100..].to_vec()
    };
    // The rate ends after 80 ms: then all have come.
    let weights = trace(&apart, "a.weight");
    for (neuron, (events, sum)) in last(&plain, "A.n").iter().zip(last(&apart, "A.n")).enumerate() {
        assert!(*events > 200.0, "{events}");
        assert_eq!((weights[neuron], sum), (1.0 + neuron as f64, events * (1.0 + neuron as f64)));
    }
    assert_eq!(last(&plain, "B.n"), last(&apart, "B.n"), "late handlers");
    let weights = trace(&apart, "c.weight");
    for (neuron, (events, sum)) in last(&plain, "C.n").iter().zip(last(&apart, "C.n")).enumerate() {
        assert_eq!(*events > 0.0, (20..50).contains(&neuron), "{neuron}");
        assert!((sum - events * weights[neuron]).abs() < 1e-9 * sum.max(1.0), "{neuron}: {sum}, {events} events");
    }
    assert_eq!(last(&plain, "D.n"), last(&apart, "D.n"), "the rate is told by the neuron");
    // On the way nothing comes before it is drawn, nor much later: a step, and those that wait; 5 ms more behind the late handler.
    for (name, later, most) in [("A.n", 1, 12.0), ("B.n", 51, 3.0), ("D.n", 1, 12.0)] {
        let (drawn, come) = (trace(&plain, name), trace(&apart, name));
        let mut waiting = 0.0;
        for at in later * 100..drawn.len() {
            let factor = if name == "A.n" { 1.0 + (at % 100) as f64 } else { 1.0 };
            let behind = drawn[at - later * 100] - come[at] / factor;
            assert!((0.0..=most).contains(&behind), "{name}: {behind} at {at}");
            waiting += behind;
        }
        let mean = waiting / (drawn.len() - later * 100) as f64;
        // Of a queue that serves one in a step, with m = 0.4 arriving: m^2 / (2 (1 - m)) wait on average, during 80 of 100 ms.
        if name == "A.n" {
            let expected = 0.8 * 0.4 * 0.4 / (2.0 * 0.6);
            assert!((mean / expected - 1.0).abs() < 0.1, "{mean} wait on average, expected {expected}");
        }
    }
}

#[test]
fn weights_of_sources_learn_and_are_scaled() {
    let folder = run("Periodic", &[]);
    let (weights, events) = (trace(&folder, "scaled.weight"), trace(&folder, "scaled.events"));
    let mut weight = vec![1.0; 50];
    assert_eq!(weights.len(), 50 * 1000);
    for step in 0..1000 {
        for (neuron, weight) in weight.iter_mut().enumerate() {
            let at = 50 * step + neuron;
            let before = if step == 0 { 0.0 } else { events[at - 50] };
            assert!(events[at] - before == 0.0 || events[at] - before == 1.0, "one in a step");
            *weight += 0.001 * (events[at] - before);
            if (step + 1) % 100 == 0 {
                *weight *= 0.5;
            }
            assert!((weights[at] - *weight).abs() < 1e-12, "{step} {neuron}");
        }
    }
    let total: f64 = events[events.len() - 50..].iter().sum();
    assert!((total - 1500.0).abs() < 4.5 * 1500.0_f64.sqrt(), "{total} events");
}

#[test]
fn rates_that_are_too_high_are_refused_or_end_the_run() {
    let output = bpc(&["run", &case("poisson_trains.bp"), "--network", "Rising"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("rising.source.waiting of neuron"), "{told}");
    // 0.5 events in a step are reached at 40 ms.
    let step: f64 = told.split("t = ").nth(1).and_then(|t| t.split(' ').next()).and_then(|t| t.parse().ok()).unwrap();
    assert!((40.0..70.0).contains(&step), "{told}");
    let output = bpc(&["run", &case("poisson_trains.bp"), "--network", "Means", "--set", "opening.rate=6kHz"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("at most 0.5, which is 5 kHz"), "{told}");
}

#[test]
fn events_that_add_up_stay_counts() {
    let output = bpc(&["run", &case("poisson_trains.bp"), "--network", "Plain", "--emit", "dynamics"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("rule \"poisson\"") && !text.contains(".source"), "{text}");
}
