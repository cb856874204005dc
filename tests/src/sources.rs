//! Where spikes and currents come from: Poisson and regular sources, given times, escape noise, the functions of
//! `std::inputs`, the Ornstein-Uhlenbeck process. Random ones against theory, with the rate of false alarms said.

use crate::bpc::{bpc, case, here, run_json, text};
use crate::reference::Table;
use crate::statistics::{Spikes, array};
use crate::support::validating;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const DT: f64 = 0.1;

#[track_caller]
fn run(file: &Path, options: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    run_json(&[&["run", &text(file), "--out", &text(folder.path())], options].concat());
    folder
}

fn mean_and_variance(x: &[f64]) -> (f64, f64) {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    (mean, x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / x.len() as f64)
}

/// A count that is binomial must be within 4 standard deviations: a false alarm in 16,000.
#[track_caller]
fn binomial(label: &str, found: usize, trials: f64, p: f64) {
    let (mean, deviation) = (trials * p, (trials * p * (1.0 - p)).sqrt());
    println!("{label}: {found}, expected {mean:.0} +- {deviation:.0}");
    assert!((found as f64 - mean).abs() < 4.0 * deviation, "{label}: {found}, not {mean} +- {deviation}");
}

#[test]
fn poisson_sources_are_independent_trials_in_each_step() {
    let folder = run(Path::new(&case("sources.bp")), &[]);
    let (n, steps, p) = (1000, 10_000, 20.0 * DT / 1000.0);
    let spikes = Spikes::read(folder.path(), "P");
    binomial("spikes", spikes.step.len(), f64::from(n * steps), p);
    let mut counts = vec![0.0; n as usize];
    spikes.neuron.iter().for_each(|&neuron| counts[neuron as usize] += 1.0);
    // of binomial counts: variance over mean is 1 - p, with a standard error of sqrt(2 / n)
    let (mean, variance) = mean_and_variance(&counts);
    let dispersion = variance / mean;
    assert!((dispersion - (1.0 - p)).abs() < 4.0 * (2.0 / f64::from(n)).sqrt(), "dispersion {dispersion}");
    // of each step: the number of spikes in it is binomial too, so neurons do not draw the same numbers
    let mut each = vec![0.0; steps as usize];
    spikes.step.iter().for_each(|&step| each[step as usize] += 1.0);
    let (mean, variance) = mean_and_variance(&each);
    let dispersion = variance / mean;
    assert!((dispersion - (1.0 - p)).abs() < 4.0 * (2.0 / f64::from(steps)).sqrt(), "by step: dispersion {dispersion}");
    // the first spike is a geometric number of steps away: within 300 steps with probability 1 - (1 - p)^300
    let mut first = vec![u64::MAX; n as usize];
    spikes.step.iter().zip(&spikes.neuron).for_each(|(&s, &n)| first[n as usize] = first[n as usize].min(s));
    let early = first.iter().filter(|&&step| step < 300).count();
    binomial("early spikes", early, f64::from(n), 1.0 - (1.0 - p).powi(300));
}

#[test]
fn poisson_sources_follow_their_input() {
    let folder = run(Path::new(&case("sources.bp")), &[]);
    let spikes = Spikes::read(folder.path(), "Q");
    let early = spikes.step.iter().filter(|&&step| step < 5000).count();
    binomial("before", early, 1000.0 * 5000.0, 5.0 * DT / 1000.0);
    binomial("after", spikes.step.len() - early, 1000.0 * 5000.0, 25.0 * DT / 1000.0);
    let others = Spikes::read(folder.path(), "P");
    // two sources draw other numbers: spikes of the same neuron in the same step are chance
    let mut pairs: Vec<(u64, u32)> = others.step.into_iter().zip(others.neuron).collect();
    pairs.sort_unstable();
    let together = spikes.step.iter().zip(&spikes.neuron).filter(|(s, n)| pairs.binary_search(&(**s, **n)).is_ok());
    let (together, expected) = (together.count() as f64, 1000.0 * 10_000.0 * 0.002 * 0.0015);
    assert!((together - expected).abs() < 5.0 * expected.sqrt(), "{together} common spikes, expected {expected}");
}

#[test]
fn regular_sources_count_whole_steps() {
    for precision in ["f64", "f32"] {
        let folder = run(Path::new(&case("sources.bp")), &["--precision", precision]);
        let spikes = Spikes::read(folder.path(), "R");
        for neuron in 0..10_u32 {
            let own = spikes.step.iter().zip(&spikes.neuron).filter(|(_, n)| **n == neuron);
            let found: Vec<u64> = own.map(|(step, _)| step + 1).collect();
            let first = 2 + 7 * u64::from(neuron);
            let wanted: Vec<u64> = (0..).map(|k| first + 25 * k).take_while(|&step| step <= 10_000).collect();
            assert_eq!(found, wanted, "{precision}, neuron {neuron}");
        }
    }
}

/// At a fixed potential: in every step that is not refractory a spike with probability 1 - exp(-rho dt).
#[test]
fn escape_noise_spikes_at_the_rate_of_its_hazard() {
    let folder = run(Path::new(&case("sources.bp")), &[]);
    let p = -(-0.1 * DT * (-1.0_f64).exp()).exp_m1();
    binomial("without refractoriness", Spikes::read(folder.path(), "E").step.len(), 1000.0 * 10_000.0, p);
    // With it: the chance of a spike in a step is p if there was none in the 40 steps before.
    let mut chance: Vec<f64> = Vec::new();
    for step in 0..10_000_usize {
        let refractory: f64 = chance[step.saturating_sub(40)..step].iter().sum();
        chance.push(p * (1.0 - refractory));
    }
    let expected: f64 = chance.iter().sum();
    // The variance of a renewal count, T s^2 / m^3, of intervals of 40 steps and a geometric number.
    let (mean, variance) = (40.0 + 1.0 / p, (1.0 - p) / (p * p));
    let error = (10_000.0 * variance / mean.powi(3) / 1000.0).sqrt();
    let found = Spikes::read(folder.path(), "H").step.len() as f64 / 1000.0;
    println!("with: {found:.3} spikes each, expected {expected:.3} +- {error:.3}");
    assert!((found - expected).abs() < 4.0 * error, "{found}, not {expected} +- {error}");
}

/// Lists as long as several parts of a population: the same spikes for any number of threads.
#[test]
fn given_spikes_come_at_their_times() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("times.bp");
    let steps = |i: u64| [1 + i % 7, 300 - i, 2000].map(|step| if i.is_multiple_of(50) { 0 } else { step });
    let list = |i: u64| {
        // Unsorted, and some lists empty.
        let times = steps(i).into_iter().filter(|&step| step > 0).rev();
        format!("[{}]", times.map(|step| format!("{} us", step * 100)).collect::<Vec<_>>().join(", "))
    };
    let lists = (0..200).map(list).collect::<Vec<_>>().join(", ");
    let network = format!(
        "network Net {{ population S[200] : spikes {{ {lists} }} }}\n\
         simulate Net {{ dt 0.1 ms  duration 300 ms  record S.spikes }}\n"
    );
    fs::write(&file, network).expect("written");
    let mut wanted: Vec<(u64, u32)> = (0..200_u32)
        .flat_map(|i| steps(u64::from(i)).into_iter().filter(|&step| step > 0).map(move |step| (step - 1, i)))
        .collect();
    wanted.sort_unstable();
    for threads in ["1", "3"] {
        let out = run(&file, &["--threads", threads]);
        let spikes = Spikes::read(out.path(), "S");
        let found: Vec<(u64, u32)> = spikes.step.into_iter().zip(spikes.neuron).collect();
        assert_eq!(found, wanted, "{threads} threads");
    }
}

/// A recording off the grid, from a file: the nearest steps, as they are computed here, and each once.
#[test]
fn times_of_a_recording_are_rounded() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut state = 1_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    // In microseconds, in no order, some of them before the first step ends, 13 of them in the same step.
    let mut recorded: Vec<(u64, u64)> = (0..2000).map(|_| (next(50), next(400_000))).collect();
    recorded.extend((0..13).map(|k| (7, 123_460 + 6 * k)));
    recorded.extend([(3, 0), (4, 49), (5, 51)]);
    let rows: String = recorded.iter().map(|(who, time)| format!("{who},{}\n", *time as f64 / 1000.0)).collect();
    fs::write(folder.path().join("recording.csv"), format!("neuron,time\n{rows}")).expect("written");
    let file = folder.path().join("net.bp");
    let network = |options: &str| {
        format!(
            "data who = file(\"recording.csv\", \"neuron\")\n\
             data moments : ms = file(\"recording.csv\", \"time\")\n\
             network Net {{ population S[50] : spikes {{ neurons = who, times = moments{options} }} }}\n\
             simulate Net {{ dt 0.1 ms  duration 401 ms  record S.spikes }}\n"
        )
    };
    fs::write(&file, network(", rounded = true, merged = true")).expect("written");
    // In whole numbers: 100 us to a step.
    let step = |time: u64| ((time + 50) / 100).max(1) - 1;
    // Halves in milliseconds are not exact in binary: either neighbour is the nearest.
    let (halves, clear): (Vec<_>, Vec<_>) = recorded.iter().partition(|(_, time)| time % 100 == 50);
    let mut wanted: Vec<(u64, u32)> = clear.iter().map(|(who, time)| (step(*time), *who as u32)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let out = run(&file, &[]);
    let spikes = Spikes::read(out.path(), "S");
    let found: Vec<(u64, u32)> = spikes.step.into_iter().zip(spikes.neuron).collect();
    assert!(found.is_sorted() && found.windows(2).all(|pair| pair[0] != pair[1]));
    assert!(wanted.iter().all(|spike| found.contains(spike)));
    let of_half = |&(step, neuron): &(u64, u32)| {
        halves.iter().any(|(who, time)| *who as u32 == neuron && (step + 1).abs_diff(*time / 100) <= 1)
    };
    assert!(found.iter().filter(|spike| !wanted.contains(spike)).all(of_half));
    assert!(found.len() < recorded.len() - 11, "{} of {}", found.len(), recorded.len());
    for (options, why) in [("", "not the end of a step"), (", rounded = true", "spikes twice in the step")] {
        fs::write(&file, network(options)).expect("written");
        let refused = bpc(&["check", &text(&file)]);
        let message = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && message.contains(why), "{message}");
    }
}

/// A list without times is a population that never spikes.
#[test]
fn empty_lists_are_silent() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("silent.bp");
    let network = "network Net { population S : spikes { [], [] } }\n\
                   simulate Net { dt 0.1 ms  duration 10 ms  record S.spikes  expect silent(S) == 1 }\n";
    fs::write(&file, network).expect("written");
    let output = bpc(&["run", &text(&file), "--quiet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Every input at the start of every step, with times counted in steps: on from the first step on.
#[test]
fn inputs_of_std_have_their_edges_in_whole_steps() {
    for (dt, precision, rounding) in
        [(0.1, "f64", 1e-13), (0.05, "f64", 1e-13), (0.01, "f64", 1e-13), (0.01, "f32", 1e-5)]
    {
        let options = ["--dt", &format!("{dt} ms"), "--precision", precision];
        let folder = run(Path::new(&case("inputs.bp")), &options);
        let steps = |time: f64| (time / dt).round() as i64;
        let check = |name: &str, tolerance: f64, wanted: &dyn Fn(i64, f64) -> f64| {
            let values: Vec<f64> = array(&folder.path().join("traces.npz"), name);
            assert_eq!(values.len() as i64, steps(12.0));
            for (k, value) in (0..).zip(values) {
                let wanted = wanted(k, k as f64 * dt);
                assert!((value - wanted).abs() <= tolerance, "{name}, dt {dt}, step {k}: {value}, not {wanted}");
            }
        };
        check("Step.x", 0.0, &|k, _| if k >= steps(1.7) { 3.0 } else { 0.0 });
        check("Pulse.x", 0.0, &|k, _| if (steps(0.3)..steps(4.7)).contains(&k) { 2.0 } else { 0.0 });
        check("Train.x", 0.0, &|k, _| {
            let since = k - steps(0.6);
            if since >= 0 && since % steps(1.1) < steps(0.3) { 1.0 } else { 0.0 }
        });
        check("Ramp.x", rounding, &|_, t| 4.0 * ((t - 2.0) / 5.0).clamp(0.0, 1.0));
        check("Sine.x", rounding, &|_, t| 2.0 * (std::f64::consts::TAU * 0.2 * t + std::f64::consts::FRAC_PI_4).sin());
    }
}

mod ornstein_uhlenbeck {
    use super::*;

    const CASE: &str = "11_ornstein_uhlenbeck";
    const N: usize = 10_000;

    fn run_at(dt: f64, seed: &str) -> TempDir {
        run(&here().join("cases/models/ornstein_uhlenbeck.bp"), &["--dt", &format!("{dt} ms"), "--seed", seed])
    }

    /// The copies at a time; samples are taken every 5 ms.
    fn copies(folder: &TempDir, state: &str, t: f64) -> Vec<f64> {
        let all: Vec<f64> = array(&folder.path().join("traces.npz"), state);
        let at = (t / 5.0).round() as usize - 1;
        all[at * N..(at + 1) * N].to_vec()
    }

    /// The rule of case.md: four standard errors.
    #[track_caller]
    fn moments(label: &str, x: &[f64], mean: f64, variance: f64) {
        let (m, v) = mean_and_variance(x);
        let n = x.len() as f64;
        println!("{label}: mean {m:.4} (theory {mean:.4}), variance {v:.4} (theory {variance:.4})");
        assert!((m - mean).abs() < 4.0 * (variance / n).sqrt(), "{label}: mean {m}, theory {mean}");
        assert!((v - variance).abs() < 4.0 * variance * (2.0 / n).sqrt(), "{label}: variance {v}, theory {variance}");
    }

    fn correlation(x: &[f64], y: &[f64]) -> f64 {
        let ((mx, vx), (my, vy)) = (mean_and_variance(x), mean_and_variance(y));
        let covariance = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / x.len() as f64;
        covariance / (vx * vy).sqrt()
    }

    #[test]
    fn the_exact_step_has_the_moments_of_theory() {
        let folder = run_at(1.0, "1");
        let theory = Table::csv(&format!("{CASE}/theory.csv"));
        let mut compared = 0;
        for row in theory.rows() {
            let t = row.number("t_ms");
            if t > 0.0 && t % 5.0 == 0.0 && t <= 150.0 {
                let x = copies(&folder, "A.I", t);
                moments(&format!("t {t}"), &x, row.number("mean"), row.number("variance"));
                compared += 1;
            }
        }
        assert!(compared >= 4, "{compared} times compared");
        // autocorrelation at a lag of 10 ms, after 100 ms
        let (early, late) = (copies(&folder, "A.I", 110.0), copies(&folder, "A.I", 120.0));
        let (found, rho) = (correlation(&early, &late), (-1.0_f64).exp());
        assert!((found - rho).abs() < 4.0 * (1.0 - rho * rho) / (N as f64).sqrt(), "correlation {found}");
        let (mean, variance) = mean_and_variance(&late);
        let fourth = late.iter().map(|x| (x - mean).powi(4)).sum::<f64>() / N as f64;
        let kurtosis = fourth / variance.powi(2);
        assert!((kurtosis - 3.0).abs() < 4.0 * (24.0 / N as f64).sqrt(), "kurtosis {kurtosis}");
    }

    #[test]
    fn euler_and_maruyama_has_the_moments_of_its_own_scheme() {
        let exact = Table::csv(&format!("{CASE}/euler_maruyama_exact_moments.csv"));
        for dt in exact.distinct("dt_ms") {
            let dt: f64 = dt.parse().expect("a number");
            if dt < 0.1 && !validating(&format!("Ornstein-Uhlenbeck noise by Euler-Maruyama at {dt} ms")) {
                continue; // nearly the theory, and long
            }
            let folder = run_at(dt, "2");
            for row in exact.rows().filter(|row| row.number("dt_ms") == dt) {
                let t = row.number("t_ms");
                if t % 5.0 == 0.0 && t <= 150.0 {
                    let label = format!("dt {dt}, t {t}");
                    moments(&label, &copies(&folder, "B.I", t), row.number("mean"), row.number("variance"));
                }
            }
        }
    }

    /// Two neurons over a long time: about T / 2 tau of their values are independent.
    #[test]
    fn two_neurons_are_uncorrelated_in_time() {
        let file = here().join("cases/models/ornstein_uhlenbeck.bp");
        let folder = run(&file, &["--set", "n=2", "--duration", "40 s", "--seed", "3"]);
        let all: Vec<f64> = array(&folder.path().join("traces.npz"), "A.I");
        let settled = &all[2 * 20..];
        let one: Vec<f64> = settled.iter().step_by(2).copied().collect();
        let other: Vec<f64> = settled.iter().skip(1).step_by(2).copied().collect();
        let (found, limit) = (correlation(&one, &other), 4.0 / (40_000.0_f64 / (2.0 * 10.0)).sqrt());
        println!("correlation {found:.4}, at most {limit:.4}");
        assert!(found.abs() < limit, "correlation {found}");
    }

    #[test]
    fn seeds_and_neurons_are_uncorrelated() {
        let (one, other) = (run_at(1.0, "1"), run_at(1.0, "2"));
        let (x, y) = (copies(&one, "A.I", 150.0), copies(&other, "A.I", 150.0));
        assert_ne!(x, y);
        let limit = 4.0 / (N as f64).sqrt();
        assert!(correlation(&x, &y).abs() < limit, "two seeds: {}", correlation(&x, &y));
        let neighbours = correlation(&x[..N - 1], &x[1..]);
        assert!(neighbours.abs() < limit, "neighbours: {neighbours}");
        let populations = correlation(&x, &copies(&one, "B.I", 150.0));
        assert!(populations.abs() < limit, "two populations: {populations}");
    }
}

/// Neurons with their synapses inside: the responses to single spikes in closed form.
mod synapses_inside {
    use super::*;

    const TAU_M: f64 = 10.0;
    const C: f64 = 250.0;

    fn cell(options: &[&str]) -> TempDir {
        run(&here().join("cases/models/iaf_psc.bp"), options)
    }

    /// A spike of a time is delivered at the start of the next step, which is that time.
    fn since(step: usize, spike: f64) -> Option<f64> {
        let t = (step + 1) as f64 * DT - spike;
        (t > 1e-9).then_some(t)
    }

    /// The potential by a current w exp(-t / tau).
    fn by_exponential(t: f64, w: f64, tau: f64) -> f64 {
        w / C * TAU_M * tau / (TAU_M - tau) * ((-t / TAU_M).exp() - (-t / tau).exp())
    }

    /// The potential by a current w (t / tau) exp(1 - t / tau).
    fn by_alpha(t: f64, w: f64, tau: f64) -> f64 {
        let b = 1.0 / tau - 1.0 / TAU_M;
        let grown = (-t / TAU_M).exp() / (b * b) - (-t / tau).exp() * (t / b + 1.0 / (b * b));
        w / C * std::f64::consts::E / tau * grown
    }

    #[track_caller]
    fn follows(folder: &TempDir, state: &str, wanted: impl Fn(usize) -> f64) {
        let values: Vec<f64> = array(&folder.path().join("traces.npz"), state);
        assert_eq!(values.len(), 400);
        for (step, value) in values.iter().enumerate() {
            let wanted = wanted(step);
            assert!((value - wanted).abs() < 1e-11, "{state}, step {step}: {value}, not {wanted}");
        }
    }

    #[test]
    fn responses_are_exact() {
        let folder = cell(&[]);
        let sum = |step: usize, kernel: fn(f64, f64, f64) -> f64| {
            let excited = since(step, 5.0).map_or(0.0, |t| kernel(t, 100.0, 2.0));
            excited + since(step, 12.0).map_or(0.0, |t| kernel(t, -200.0, 5.0))
        };
        follows(&folder, "Exp.V", |step| -70.0 + sum(step, by_exponential));
        follows(&folder, "Alp.V", |step| -70.0 + sum(step, by_alpha));
        follows(&folder, "Exp.ex", |step| since(step, 5.0).map_or(0.0, |t| 100.0 * (-t / 2.0).exp()));
        follows(&folder, "Alp.I_ex", |step| since(step, 5.0).map_or(0.0, |t| 50.0 * t * (1.0 - t / 2.0).exp()));
        follows(&folder, "Del.V", |step| -70.0 + since(step, 5.0).map_or(0.0, |t| 3.0 * (-t / TAU_M).exp()));
    }

    /// With equal time constants the usual formula divides by zero; its limit is w / C t exp(-t / tau).
    #[test]
    fn equal_time_constants_are_no_special_case() {
        let folder = cell(&["--set", "Exp.tau_ex=10 ms"]);
        follows(&folder, "Exp.V", |step| {
            let excited = since(step, 5.0).map_or(0.0, |t| 100.0 / C * t * (-t / TAU_M).exp());
            -70.0 + excited + since(step, 12.0).map_or(0.0, |t| by_exponential(t, -200.0, 5.0))
        });
    }

    /// Under a constant current: tau_m log(RI / (RI - 15 mV)) to the threshold, then 2 ms.
    #[test]
    fn intervals_under_a_constant_current_are_those_of_the_closed_form() {
        let folder = cell(&["--set", "I=500 pA", "--set", "w=0 pA", "--duration", "300 ms"]);
        let rise = 500.0 * TAU_M / C;
        let steps = (TAU_M * (rise / (rise - 15.0)).ln() / DT).ceil() as u64;
        let wanted: Vec<u64> = (0..).map(|k| steps + k * (steps + 20)).take_while(|&s| s <= 3000).collect();
        for population in ["Exp", "Alp"] {
            let found: Vec<u64> = Spikes::read(folder.path(), population).step.iter().map(|s| s + 1).collect();
            assert_eq!(found, wanted, "{population}");
        }
    }

    /// Against the same equations in small steps of another method, here.
    #[test]
    fn conductances_converge_to_their_equations() {
        let slope = |v: f64, ex: f64, inh: f64| (16.6667 * (-70.0 - v) + ex * -v + inh * (-85.0 - v)) / C;
        let exact = |until: f64| {
            let (h, mut v, mut t) = (1e-3, -70.0, 0.0);
            let at = |t: f64, from: f64, tau: f64, w: f64| if t < from { 0.0 } else { w * (-(t - from) / tau).exp() };
            while t < until - h / 2.0 {
                // Both spikes lie on this grid, so that no stage sees the other side of a jump but at its start.
                let g = |t: f64| (at(t, 5.0 - 1e-9, 2.0, 2.0), at(t, 12.0 - 1e-9, 2.0, 4.0));
                let (start, middle, end) = (g(t), g(t + h / 2.0), g(t + h - 2e-9));
                let k1 = slope(v, start.0, start.1);
                let k2 = slope(v + h / 2.0 * k1, middle.0, middle.1);
                let k3 = slope(v + h / 2.0 * k2, middle.0, middle.1);
                let k4 = slope(v + h * k3, end.0, end.1);
                v += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
                t += h;
            }
            v
        };
        let wanted = [10.0, 20.0, 40.0].map(exact);
        let error = |dt: f64| {
            let folder = cell(&["--dt", &format!("{dt} ms")]);
            let values: Vec<f64> = array(&folder.path().join("traces.npz"), "Con.V");
            let at = |t: f64| values[(t / dt).round() as usize - 1];
            [10.0, 20.0, 40.0].iter().zip(wanted).map(|(&t, v)| (at(t) - v).abs()).fold(0.0, f64::max)
        };
        let (coarse, fine) = (error(0.1), error(0.05));
        println!("off by {coarse:e}, half the step {fine:e}");
        assert!(coarse < 0.05 && (1.8..2.2).contains(&(coarse / fine)), "{coarse:e} and {fine:e}");
    }
}
